//! The recorder: watches the interpreter execute and writes down what it does as a trace.
//!
//! Before each instruction the VM calls [`Recorder::step`]. The recorder knows from the instruction before where this one
//! must be; if it is somewhere else, an exception was raised or an event was lost, and the recording is aborted. It looks
//! at the operands that the interpreter has on its stack to see which case of the instruction is about to happen, and
//! emits guards for that case and the operations that compute it. It never computes a result itself: the interpreter
//! does, and the next step sees it.
//!
//! ```text
//!   step(unit) ── position ──► header? ──► close the loop, link to a compiled one, or go on
//!                    │
//!                    └──► translate the instruction: operands ─ guards ─ operations ─► shadow frame
//! ```
//!
//! | file | what |
//! |---|---|
//! | `sym` | shadow frames |
//! | `emit` | operations, snapshots, boxing, numbers |
//! | `translate` | the big match over opcodes: stack, locals, jumps |
//! | `iterate` | iterators: made, stepped |
//! | `drivers` | builtins that step a generator to its end |
//! | `exceptions` | raising and catching |
//! | `functions` | functions and cells that the trace makes |
//! | `generators` | generators: made, resumed, left |
//! | `arith` | operators and comparisons |
//! | `attributes` | attributes of instances, classes and modules; new instances |
//! | `calls` | calls: inlined, builtin, residual |
//! | `compiled` | calls of compiled functions, and returning from one |
//! | `sequences` | lists, tuples, `in`, formatting: through helpers |
//! | `text` | strings |
//! | `protocols` | operators and calls that Python classes answer |
//! | `dicts`, `sets` | dicts and sets |
//! | `resuming` | `next()` and `send()` |
//! | `steps` | what ends a step of a generator |
//! | `slices` | slices made, read, stored and deleted; unpacking with a star |
//! | `builtin` | operators on sets, bytearrays …, items of bytes, arrays, deques |
//! | `opaque` | instructions without a translation: the VM's operator is called |
//! | `names` | globals, builtins, module-level names |
//! | `natives` | calls of natives that run no Python code |
//! | `close` | header arrival: matching and closing |
//! | `joins` | arriving where paths meet: cutting a recording, linking to what is there |

mod arith;
mod attributes;
mod builtin;
mod calls;
mod close;
mod compiled;
mod dicts;
mod drivers;
mod emit;
mod exceptions;
mod functions;
mod generators;
mod iterate;
mod joins;
mod names;
mod natives;
mod opaque;
mod protocols;
mod resuming;
mod sequences;
mod sets;
mod slices;
mod steps;
mod sym;
mod text;
mod translate;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{Py, PyObjectRef, VirtualMachine, builtins::PyCode, builtins::PyStrInterned};
use tjit_events::Reason;
use tjit_ir::{Slot, SnapshotId, Trace, TraceId, Ty, ValueId, Virtual, VirtualId};
use tjit_vm::frames::Frame;
use tjit_vm::monitor::Monitor;

use crate::decode::{self, CodeKey, Decoded};
use crate::functions::Functions;
use crate::known::Known;
use crate::objects::Objects;
use crate::pool::{PoolBuilder, add_code};
use crate::state::{HeaderState, SlotState};

pub use close::Headers;
pub use compiled::Blame;
pub use joins::{JoinPlace, JoinState, Joined, Known as KnownJoin};
pub use sym::{Shadow, Sym, SymVirtual};

/// Where a recording begins.
pub enum Start {
    /// At a header, in a state.
    Loop {
        /// Code unit of the header's site.
        header: u32,
        /// The state chosen for it.
        state: HeaderState,
    },
    /// At an exit.
    Bridge {
        /// The trace and the index of its exit.
        from: (TraceId, usize),
        /// The root trace's header: its code and code unit.
        root: (Rc<Decoded>, u32),
        /// The parameters that hold what the root's preheader computed, by the root's order; see [`Trace::carried`].
        /// `None` when the exit does not hand it over.
        carried: Option<Vec<ValueId>>,
        /// Whether the exit was taken because an operand was of another type.
        for_type: bool,
    },
    /// Where paths meet, as the continuation of another recording.
    Join {
        /// As for a bridge.
        root: (Rc<Decoded>, u32),
        /// The place.
        place: JoinPlace,
        /// The form in which everything arrives.
        state: Rc<JoinState>,
    },
}

/// Why a recording was given up.
#[derive(Debug)]
pub struct Abort {
    /// The reason.
    pub reason: Reason,
    /// What varies: the opcode, the type, the callee.
    pub detail: Option<String>,
}

impl Abort {
    /// An abort without detail.
    pub fn new(reason: Reason) -> Abort {
        Abort { reason, detail: None }
    }

    /// An abort with detail.
    pub fn with(reason: Reason, detail: impl Into<String>) -> Abort {
        Abort { reason, detail: Some(detail.into()) }
    }
}

/// Result of a translation.
pub type Res<T = ()> = Result<T, Abort>;

/// Where a join was reached.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// First unit of the instruction where it goes on.
    pub unit: u32,
    /// That instruction, which is about to be executed and goes on with [`Recorder::record`]. `None` at the header of a
    /// loop, whose site comes first.
    pub op: Option<decode::Op>,
}

/// What a step has led to.
pub enum Flow {
    /// The recording goes on.
    Continue,
    /// The trace is complete.
    Done,
    /// A join was reached: the recording ends here if it can.
    Join(Arrival),
    /// The header of a loop inside was reached that ought to be compiled first.
    InnerFirst(Rc<Decoded>, u32),
    /// The header where the recording began was reached in another state: what differs.
    StateChanged(Vec<usize>),
}

/// What has to happen before the next instruction is translated.
enum Pending {
    Nothing,
    /// A callee's frame is expected.
    Enter(calls::Entry),
    /// The callee is about to return this.
    Return(Sym),
    /// An iterator is stepped; where it goes on tells whether there was another element. `outcomes` is what was foreseen
    /// of the iterators at its bottom.
    Step(Vec<bool>),
    /// A compiled function is called.
    Called(compiled::Waiting),
    /// A generator is resumed, and gets this as the value of its `yield`.
    Resume(usize, Sym),
    /// A generator yields, and this is what becomes of it: nothing, when another iterator beside it is at its end.
    Yield(Option<Sym>),
    /// A generator returns this.
    End(Sym),
    /// A `__next__` raises StopIteration.
    Stop,
    /// A generator has yielded what ends the call of the builtin that steps it, with this result.
    Found(Sym),
    /// An iterator of any kind is stepped; events from frames that it makes are not ours.
    StepOpaque(ValueId),
    /// An exception is on its way to a handler.
    Raising(exceptions::Raised),
    /// A residual call is under way; events from frames that it makes are not ours.
    Residual,
}

/// What does not change while the process runs.
pub struct World {
    /// Offsets and classes.
    pub objects: Objects,
    /// The functions that have traces.
    pub functions: Functions,
    /// The builtin functions that have translations.
    pub known: Known,
    /// Operations in one recording, at most.
    pub trace_limit: usize,
    /// Depth of inlining, at most.
    pub inline_depth: usize,
    /// Dicts that those of new instances are copied from, by their keys.
    pub templates: RefCell<FxHashMap<Vec<u64>, PyObjectRef>>,
    /// Pairs of code and globals, by their addresses: what functions are made from that do not exist.
    pub bodies: RefCell<FxHashMap<(u64, u64), PyObjectRef>>,
    /// Where slots of instances are, by class, name and version of the class.
    pub slots: RefCell<FxHashMap<(usize, usize, u32), Option<u32>>>,
    /// The versions of classes that recordings have seen last, and how often they were others before.
    pub versions: RefCell<FxHashMap<usize, (u32, u32)>>,
    /// Functions that ask for the frames of their callers.
    pub lookers: RefCell<FxHashSet<CodeKey>>,
    /// Instructions that raise what their handlers cannot handle in a trace, by code and unit.
    pub leaves: RefCell<FxHashSet<(CodeKey, u32)>>,
    /// Whether recordings from exits end at joins.
    pub merges: bool,
    /// Whether guards leave that have not failed.
    pub stress: bool,
}

/// Versions of a class that recordings rely on, at most. A class that changes more often is one that the program keeps
/// its state in.
const MAX_CLASS_VERSIONS: u32 = 12;

impl World {
    /// Whether a class, given by its address, has changed so often that no trace should rely on its version.
    fn is_volatile(&self, class: usize, version: u32) -> bool {
        let mut versions = self.versions.borrow_mut();
        let (seen, changes) = versions.entry(class).or_insert((version, 0));
        if *seen != version {
            (*seen, *changes) = (version, *changes + 1);
        }
        *changes >= MAX_CLASS_VERSIONS
    }

    /// The pair of a code object and globals, given by their addresses. The same for the same.
    fn body(&self, code: u64, globals: u64, vm: &VirtualMachine) -> PyObjectRef {
        let mut bodies = self.bodies.borrow_mut();
        let body = bodies.entry((code, globals)).or_insert_with(|| {
            // SAFETY: the pool of the trace keeps both alive.
            let parts = [code, globals].map(|part| unsafe { self.objects.clone_ref(part) });
            vm.ctx.new_tuple(parts.to_vec()).into()
        });
        body.clone()
    }

    /// A dict with these keys, each bound to None: what the dicts of new instances are copied from. Keys are given by
    /// address, and are interned.
    fn template(&self, names: &[u64]) -> PyObjectRef {
        let mut templates = self.templates.borrow_mut();
        let template = templates.entry(names.to_vec()).or_insert_with(|| {
            rustpython_vm::vm::thread::with_current_vm(|vm| {
                let dict = vm.ctx.new_dict();
                for &name in names {
                    // SAFETY: the pool of the trace keeps the name alive.
                    let name = unsafe { self.objects.clone_ref(name) };
                    let _ = dict.set_item(&*name, vm.ctx.none(), vm);
                }
                dict.into()
            })
        });
        template.clone()
    }
}

/// A name in the globals of the outermost frame that the trace holds in a value.
struct NameSym {
    name: &'static PyStrInterned,
    /// `Kept` while only the dict has it.
    sym: Sym,
}

/// A recording under way.
pub struct Recorder {
    /// The trace so far.
    pub trace: Trace,
    /// What its pool names.
    pub pool: PoolBuilder,
    /// The watched frames, outermost first.
    pub frames: Vec<Shadow>,
    /// Where it began.
    pub start: Start,
    /// When it began.
    pub began: Instant,
    /// Header states and code of the trace's frames, by pool order.
    pub codes: Vec<Rc<Decoded>>,
    /// Interned names that the pool has, by address.
    pub interned: FxHashMap<u64, &'static PyStrInterned>,
    /// The forms in which a root trace has passed joins.
    pub joins_passed: Vec<(JoinPlace, JoinState)>,
    /// Recordings that were cut, in order: each ends in a jump to the next one, the last to this.
    #[allow(clippy::vec_box, reason = "a recorder is large, and moves between here and the engine")]
    pub waiting: Vec<Box<Recorder>>,
    /// Calls that stay calls.
    pub not_inlined: Vec<calls::NotInlined>,
    /// For traces of a function: its generation. See [`crate::functions`].
    pub function: Option<u32>,
    /// For step traces, and what belongs to them.
    pub is_step: bool,
    /// What has to be done about a function before this can be recorded.
    pub blame: Option<Blame>,
    world: Rc<World>,
    monitor: Option<Monitor>,
    virtuals: Vec<SymVirtual>,
    virtual_ids: FxHashMap<(usize, Virtual), VirtualId>,
    /// What the virtual objects are in the snapshot that is being taken.
    captured: FxHashMap<usize, VirtualId>,
    /// How often the recording has passed each header: inner loops are only unrolled when they are short.
    passed: FxHashMap<(CodeKey, u32), u32>,
    names: Vec<NameSym>,
    pending: Pending,
    /// Instructions translated.
    steps: u32,
    /// A local of the frame that is about to return may be finalised.
    finalises: bool,
    /// A parameter, and the address of an object that it is not.
    not_that: Option<(ValueId, u64)>,
    /// An exception is being handled.
    caught: Option<exceptions::Caught>,
    /// The last instruction, and how long the body was before it.
    last: Option<(decode::Op, usize)>,
    /// The recording has found out what the next one has to know.
    pub is_again: bool,
    /// The next instruction is a join although no paths of its own code meet there.
    join_next: bool,
    pre: Option<SnapshotId>,
    decode: fn(&Py<PyCode>) -> Rc<Decoded>,
}

impl Recorder {
    fn empty(
        id: TraceId,
        start: Start,
        world: Rc<World>,
        monitor: Option<Monitor>,
        decode: fn(&Py<PyCode>) -> Rc<Decoded>,
    ) -> Recorder {
        Recorder {
            trace: Trace::new(id),
            pool: PoolBuilder::default(),
            frames: Vec::new(),
            start,
            began: Instant::now(),
            codes: Vec::new(),
            interned: FxHashMap::default(),
            joins_passed: Vec::new(),
            waiting: Vec::new(),
            not_inlined: Vec::new(),
            function: None,
            is_step: false,
            blame: None,
            world,
            monitor,
            virtuals: Vec::new(),
            virtual_ids: FxHashMap::default(),
            captured: FxHashMap::default(),
            passed: FxHashMap::default(),
            names: Vec::new(),
            pending: Pending::Nothing,
            steps: 0,
            finalises: false,
            not_that: None,
            caught: None,
            last: None,
            is_again: false,
            join_next: false,
            pre: None,
            decode,
        }
    }

    /// Begins at a header or at a function's entry: the frame is in `state` and about to execute the instruction after the
    /// site.
    pub fn at_header(
        id: TraceId,
        frame: Frame,
        code: Rc<Decoded>,
        (site, after): (u32, u32),
        state: HeaderState,
        world: Rc<World>,
        monitor: Monitor,
        decode: fn(&Py<PyCode>) -> Rc<Decoded>,
    ) -> Recorder {
        let start = Start::Loop { header: site, state: state.clone() };
        let mut recorder = Recorder::empty(id, start, world, Some(monitor), decode);
        let mut apart = Vec::new();
        let locals = state.locals.iter().map(|slot| recorder.param_slot(slot, &mut apart)).collect();
        let stack = state.stack.iter().map(|slot| recorder.param_slot(slot, &mut apart)).collect();
        recorder.names = state
            .names
            .iter()
            .map(|name| NameSym { name: name.name, sym: recorder.param_slot(&name.state, &mut apart) })
            .collect::<Vec<_>>();
        if code.header(site).is_none() {
            recorder.function = Some(recorder.world.functions.generation(code.key()));
            recorder.push_frame(code, frame, locals, stack, after, None);
            return recorder;
        }
        recorder.push_frame(code, frame, locals, stack, after, None);
        // The first instruction of every loop: the only place whose snapshot describes the state at the header, which
        // is what hoisted guards leave with.
        recorder.capture(after);
        recorder.emit_unit(tjit_ir::Op::Poll, &[], tjit_ir::Imm::None);
        recorder.pre = None;
        recorder
    }

    /// Begins at an exit, after the interpreter's frames have been rebuilt.
    ///
    /// `exit` is the trace that was left, with the exit's values and snapshot; `frames` are the real frames, outermost
    /// first, with their code. `carries` says whether the exit hands over the trace's carried values.
    pub fn at_exit(
        id: TraceId,
        start: Start,
        exit: (&Trace, &[ValueId], SnapshotId, ValueId),
        frames: Vec<(Frame, Rc<Decoded>)>,
        carries: bool,
        globals_names: impl Fn(u64) -> Option<&'static PyStrInterned>,
        world: Rc<World>,
        monitor: Monitor,
        decode: fn(&Py<PyCode>) -> Rc<Decoded>,
    ) -> Recorder {
        let (from, values, snapshot, guard) = exit;
        let mut recorder = Recorder::empty(id, start, world, Some(monitor), decode);
        let map: FxHashMap<ValueId, ValueId> =
            values.iter().map(|&value| (value, recorder.trace.add_param(from.ty(value), None))).collect();
        if let Start::Bridge { carried, .. } = &mut recorder.start {
            let all = || from.carried.iter().map(|value| map.get(value).copied()).collect::<Option<Vec<_>>>();
            *carried = if carries { all() } else { None };
        }
        let mut import = Import { from, map, virtuals: FxHashMap::default() };
        if !recorder.world.stress {
            recorder.assume_left(from, guard, &mut import);
        }
        let snapshot = from.snapshot(snapshot);
        for (state, (frame, code)) in snapshot.frames.iter().zip(frames) {
            let locals = state.locals.iter().map(|&slot| recorder.import(slot, &mut import)).collect::<Vec<_>>();
            let stack = state.stack.iter().map(|&slot| recorder.import(slot, &mut import)).collect::<Vec<_>>();
            let function = state.function.map(|value| recorder.import_value(value, &mut import));
            for &(name, slot) in &state.names {
                if let Some(name) = globals_names(from.pool.refs[name.index()].addr) {
                    let sym = recorder.import(slot, &mut import);
                    recorder.names.push(NameSym { name, sym });
                }
            }
            let innermost = recorder.frames.len() + 1 == snapshot.frames.len();
            let unit = state.place.unit;
            let next = if innermost { unit } else { code.instruction_at(unit).map_or(unit, |op| op.end) };
            recorder.push_frame(code, frame, locals, stack, next, function);
            if let Some(shadow) = recorder.frames.last_mut() {
                shadow.call = unit;
                shadow.pops = shadow.code.instruction_at(unit).map_or(0, decode::Op::call_takes);
            }
            recorder.find_generator();
        }
        recorder
    }

    /// What is known because a guard has failed. (Under stress, guards leave that have not failed.)
    fn assume_left(&mut self, from: &Trace, guard: ValueId, import: &mut Import<'_>) {
        let inst = from.inst(guard);
        let Some(&param) = inst.args.first().and_then(|arg| import.map.get(arg)) else { return };
        let known = match (inst.op, inst.imm) {
            (tjit_ir::Op::GuardTrue, _) => self.trace.const_bool(false),
            (tjit_ir::Op::GuardFalse, _) => self.trace.const_bool(true),
            (tjit_ir::Op::GuardIsNot, tjit_ir::Imm::Ref(object)) if from.pool.refs[object.index()].immortal => {
                let info = &from.pool.refs[object.index()];
                // SAFETY: the object is immortal.
                let object = unsafe { self.world.objects.clone_ref(info.addr) };
                let constant = self.constant(&object);
                let id = self.trace.as_ref(constant).expect("a constant");
                self.emit_unit(tjit_ir::Op::AssumeIs, &[param], tjit_ir::Imm::Ref(id));
                constant
            }
            (tjit_ir::Op::GuardIs, tjit_ir::Imm::Ref(object)) => {
                self.not_that = Some((param, from.pool.refs[object.index()].addr));
                return;
            }
            _ => return,
        };
        import.map.insert(inst.args[0], known);
    }

    /// What a slot holds at the beginning, by a state. `apart` collects what is taken apart.
    fn param_slot(&mut self, slot: &SlotState, apart: &mut Vec<Sym>) -> Sym {
        match slot {
            SlotState::Kept => Sym::Kept,
            SlotState::Empty => Sym::Empty,
            SlotState::Int => Sym::Val(self.trace.add_param(Ty::Int, None)),
            SlotState::Float => Sym::Val(self.trace.add_param(Ty::Float, None)),
            SlotState::Bool => Sym::Val(self.trace.add_param(Ty::Bool, None)),
            SlotState::Ref | SlotState::Boxed => Sym::Val(self.trace.add_param(Ty::Ref, None)),
            SlotState::Object(address) => {
                // SAFETY: who chose the state has seen to it that the object lives as long as the state.
                let object = unsafe { self.world.objects.clone_ref(*address) };
                Sym::Val(self.constant(&object))
            }
            SlotState::Number(number) => Sym::Val(self.trace.const_int(*number)),
            SlotState::Virtual(kind, fields) => {
                let object = self.new_virtual(*kind, Vec::new());
                apart.push(object);
                let fields = fields.iter().map(|field| self.param_slot(field, apart)).collect();
                if let Sym::Virt(index) = object {
                    self.virtuals[index].fields = fields;
                }
                object
            }
            SlotState::Same(number) => apart[*number],
        }
    }

    fn import(&mut self, slot: Slot, import: &mut Import<'_>) -> Sym {
        match slot {
            Slot::Kept => Sym::Kept,
            Slot::Empty => Sym::Empty,
            Slot::Value(value) => Sym::Val(self.import_value(value, import)),
            Slot::Virtual(id) => {
                if let Some(&sym) = import.virtuals.get(&id) {
                    return sym;
                }
                let object = &import.from.virtuals[id.index()];
                let (kind, fields) = (object.kind, object.fields.clone());
                let fields = fields.into_iter().map(|field| self.import(field, import)).collect();
                let sym = self.new_virtual(kind, fields);
                import.virtuals.insert(id, sym);
                sym
            }
        }
    }

    fn import_value(&mut self, value: ValueId, import: &mut Import<'_>) -> ValueId {
        if let Some(&mapped) = import.map.get(&value) {
            return mapped;
        }
        let from = import.from;
        if let Some(constant) = from.as_int(value) {
            self.trace.const_int(constant)
        } else if let Some(constant) = from.as_float(value) {
            self.trace.const_float(constant)
        } else if let Some(constant) = from.as_bool(value) {
            self.trace.const_bool(constant)
        } else {
            let constant = from.as_ref(value).expect("an exit's value is a parameter of its bridge or a constant");
            let info = &from.pool.refs[constant.index()];
            // SAFETY: the trace that was left keeps the objects of its pool alive, and it is alive.
            let object: PyObjectRef = unsafe { self.world.objects.clone_ref(info.addr) };
            let label = info.label.clone();
            let id = self.pool.reference(&mut self.trace.pool, &object, || label);
            self.trace.const_ref(id)
        }
    }

    fn push_frame(
        &mut self,
        code: Rc<Decoded>,
        frame: Frame,
        locals: Vec<Sym>,
        stack: Vec<Sym>,
        next: u32,
        function: Option<ValueId>,
    ) {
        let id = add_code(&mut self.trace.pool, code.code.obj_name.to_string());
        self.codes.push(code.clone());
        let generator = None;
        self.frames.push(Shadow { code, id, frame, locals, stack, next, call: next, pops: 0, function, generator });
    }

    /// The frame whose instruction is translated.
    fn top(&mut self) -> &mut Shadow {
        self.frames.last_mut().expect("a recording has a frame")
    }

    fn top_ref(&self) -> &Shadow {
        self.frames.last().expect("a recording has a frame")
    }

    /// The innermost position, for the log: code and code unit.
    pub fn place(&self) -> (Rc<Decoded>, u32) {
        let top = self.top_ref();
        (top.code.clone(), top.next)
    }

    /// Switches events on for everything that is being watched.
    ///
    /// # Errors
    /// An abort when the VM refuses.
    pub fn watch_all(&mut self, vm: &VirtualMachine) -> Res {
        for n in 0..self.frames.len() {
            let code = self.frames[n].code.clone();
            self.watch(&code.code, vm)?;
        }
        Ok(())
    }

    fn watch(&mut self, code: &Py<PyCode>, vm: &VirtualMachine) -> Res {
        match self.monitor.as_mut().map(|monitor| monitor.watch(code, vm)) {
            Some(Ok(())) => Ok(()),
            _ => Err(Abort::new(Reason::UserTracingActive)),
        }
    }

    /// Switches all events off.
    pub fn stop(&mut self, vm: &VirtualMachine) {
        if let Some(monitor) = self.monitor.take() {
            // An error can only mean that the program has taken the tool over, which ends the events as well.
            let _ = monitor.stop(vm);
        }
    }

    /// One event: the interpreter is about to execute the instruction at `unit` of the current frame.
    ///
    /// # Errors
    /// The reason for which the recording is given up.
    pub fn step(&mut self, frame: Frame, unit: u32, headers: &dyn Headers, vm: &VirtualMachine) -> Res<Flow> {
        let flow = self.step_on(frame, unit, headers, vm);
        self.settle_flow(flow)
    }

    fn step_on(&mut self, frame: Frame, unit: u32, headers: &dyn Headers, vm: &VirtualMachine) -> Res<Flow> {
        if frame != self.top_ref().frame || self.reaches(self.top_ref().next, unit).is_none() {
            match self.raised_unforeseen(frame, unit)? {
                Some(Flow::Continue) | None => {}
                Some(flow) => return Ok(flow),
            }
        }
        if let Pending::Raising(raised) = self.pending {
            self.pending = Pending::Nothing;
            self.catch(raised, frame)?;
        }
        if !self.find_frame(frame, vm)? {
            return Ok(Flow::Continue);
        }
        if self.top_ref().code.site_around(unit) == Some(self.top_ref().next) {
            // Still in the units of the site where the recording began, or of one that has been dealt with.
            return Ok(Flow::Continue);
        }
        if self.top_ref().is_before_start(unit) {
            return Ok(Flow::Continue);
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Called(call) if self.reaches(self.top_ref().next, unit).is_some() => {
                self.finish_called(call, frame, vm)?;
            }
            Pending::Step(outcomes) => {
                let more = self.reaches(self.top_ref().next, unit).is_some();
                self.finish_step(more, outcomes)?;
            }
            Pending::StepOpaque(found) => {
                let more = self.reaches(self.top_ref().next, unit).is_some();
                self.settle_step(more, found)?;
            }
            _ => {}
        }
        let Some(header) = self.reaches(self.top_ref().next, unit) else {
            let reason =
                if vm.current_exception().is_some() { Reason::ExceptionInRecording } else { Reason::LostPosition };
            return Err(Abort::with(reason, format!("expected code unit {}, not {unit}", self.top_ref().next)));
        };
        self.settle_caught()?;
        if let Some(header) = header {
            if self.caught.is_some() {
                return Err(Abort::with(Reason::ExceptionInRecording, "a loop in a handler"));
            }
            self.top().next = header;
            match self.arrive(header, headers, vm)? {
                Some(flow) => return Ok(flow),
                None => {
                    let code = self.top_ref().code.code.clone();
                    self.watch(&code, vm)?;
                }
            }
        }
        let site = self.top_ref().code.site_around(unit);
        if let Some(after) = site {
            self.top().next = after;
            return Ok(Flow::Continue);
        }
        if self.frames.len() == 1 && self.left_the_loop(&self.top_ref().code, unit) {
            return Err(Abort::new(Reason::LeftTheLoop));
        }
        let depth = frame.stack_depth();
        if self.top_ref().stack.len() != depth {
            let detail = format!("stack has {depth} entries, expected {}", self.top_ref().stack.len());
            return Err(Abort::with(Reason::LostPosition, detail));
        }
        if self.trace.insts.len() > self.world.trace_limit {
            return Err(Abort::with(Reason::TraceTooLong, format!("{} operations", self.trace.insts.len())));
        }
        let Some(op) = self.top_ref().code.op(unit) else { return Err(Abort::new(Reason::LostPosition)) };
        if self.must_not_end(op) {
            return Err(Abort::with(Reason::ExceptionInRecording, "a return while an exception is handled"));
        }
        if self.world.merges && self.caught.is_none() && self.is_at_join(op.start) {
            if !matches!(self.start, Start::Loop { .. }) {
                return Ok(Flow::Join(Arrival { unit: op.start, op: Some(op) }));
            }
            let place = self.join_place(op.start);
            if let Some(state) = self.join_state(None) {
                self.joins_passed.push((place, state));
            }
        }
        self.record(op, vm)
    }

    /// Records the instruction that is about to be executed.
    ///
    /// # Errors
    /// As [`Recorder::step`].
    pub fn record(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        self.pre = None;
        self.join_next = false;
        self.last = Some((op, self.trace.body.len()));
        self.top().next = op.end;
        let mut flow = self.translate(op, vm);
        if matches!(flow, Ok(Flow::Continue)) && matches!(self.pending, Pending::Nothing | Pending::Residual) {
            flow = self.raises_again_next().map(|()| Flow::Continue);
        }
        // A bridge for another type of an operand: behind the instruction, the type does not matter any more.
        let is_plain = matches!(self.pending, Pending::Nothing);
        self.join_next |= self.steps == 0 && is_plain && matches!(self.start, Start::Bridge { for_type: true, .. });
        self.steps += 1;
        flow
    }

    /// Brings the shadow frames in line with the frame that reports. False when it is none of ours.
    fn find_frame(&mut self, frame: Frame, vm: &VirtualMachine) -> Res<bool> {
        if frame == self.top_ref().frame {
            return match self.pending {
                Pending::Enter(_) => Err(Abort::with(Reason::LostPosition, "a call did not enter its function")),
                Pending::Return(_) | Pending::Yield(_) | Pending::End(_) | Pending::Found(_) | Pending::Stop => {
                    Err(Abort::with(Reason::LostPosition, "a return did not leave its frame"))
                }
                Pending::Resume(..) => Err(Abort::with(Reason::LostPosition, "a generator was not resumed")),
                _ => Ok(true),
            };
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Enter(entry) if frame.caller() == Some(self.top_ref().frame) => {
                self.enter(entry, frame, vm)?;
                Ok(true)
            }
            Pending::Return(result) if self.is_caller(frame) => {
                if let Some(callee) = self.frames.pop() {
                    self.return_to_caller(result, &callee.code, callee.locals)?;
                }
                Ok(true)
            }
            Pending::Resume(generator, sent) if frame.caller() == Some(self.top_ref().frame) => {
                self.enter_generator(generator, sent, frame)?;
                Ok(true)
            }
            pending @ (Pending::Yield(_) | Pending::End(_) | Pending::Found(_) | Pending::Stop)
                if self.is_caller(frame) =>
            {
                self.leave_generator(pending)?;
                Ok(true)
            }
            _ if self.frames.iter().any(|shadow| shadow.frame == frame) => {
                Err(Abort::with(Reason::ExceptionInRecording, "an exception left a frame"))
            }
            pending @ (Pending::Residual | Pending::Step(_) | Pending::StepOpaque(_)) => {
                self.pending = pending;
                Ok(false)
            }
            Pending::Called(mut call) => {
                call.count()?;
                self.pending = Pending::Called(call);
                Ok(false)
            }
            // The generators that wait for the one whose step is about to begin.
            Pending::Nothing if self.is_step && self.last.is_none() => Ok(false),
            _ => Err(Abort::with(Reason::LostPosition, "another frame reported")),
        }
    }

    /// Whether a frame is the one around the innermost.
    fn is_caller(&self, frame: Frame) -> bool {
        self.frames.len() > 1 && frame == self.frames[self.frames.len() - 2].frame
    }

    /// Whether the interpreter comes from `from` to `unit` without an event in between; if so, whether it passes the site
    /// of a loop header.
    fn reaches(&self, from: u32, unit: u32) -> Option<Option<u32>> {
        let code = &self.top_ref().code;
        let mut at = from;
        let mut header = None;
        loop {
            if let Some(info) = code.site(at) {
                if code.header(at).is_some() {
                    header = Some(at);
                }
                if (at..info.after).contains(&unit) {
                    return Some(header);
                }
                at = info.after;
                continue;
            }
            match code.instruction_at(at) {
                Some(op) if (op.start..op.end).contains(&unit) => return Some(header),
                Some(op) if translate::may_be_silent(op.opcode) => at = op.end,
                _ => return None,
            }
        }
    }
}

struct Import<'a> {
    from: &'a Trace,
    map: FxHashMap<ValueId, ValueId>,
    virtuals: FxHashMap<VirtualId, Sym>,
}
