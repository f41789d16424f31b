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
//! | `begin`, `step` | how a recording begins; each of its steps |
//! | `world` | what all recordings share |
//! | `translate` | the big match over opcodes: stack, locals, jumps |
//! | `iterate` | iterators: made, stepped |
//! | `drivers` | builtins that step a generator to its end |
//! | `exceptions` | raising and catching |
//! | `thrown` | exceptions as virtual objects |
//! | `functions` | functions and cells that the trace makes |
//! | `generators` | generators: made, resumed, left |
//! | `arith`, `compare`, `tuples` | operators on numbers; comparisons, identity, truth; tuples compared |
//! | `subscripts` | `a[b]`, `a[b] = c`, `b in a`: which translation is for the container |
//! | `attributes`, `stores` | attributes of instances, classes and modules: read, set |
//! | `instances` | guards of classes; new instances |
//! | `calls`, `arguments` | calls: inlined, residual; what the callee's locals are |
//! | `builtins` | calls of builtin functions and methods that become operations |
//! | `compiled` | calls of compiled functions, and returning from one |
//! | `sequences` | lists, tuples, `in`: through helpers |
//! | `text`, `formats` | strings; those made from values |
//! | `protocols` | operators and calls that Python classes answer |
//! | `dicts`, `sets` | dicts and sets |
//! | `virtual_dicts` | dicts that are not made |
//! | `awaiting` | `await` |
//! | `resuming` | `next()` and `send()` |
//! | `steps` | what ends a step of a generator |
//! | `slices` | slices made, read, stored and deleted; unpacking with a star |
//! | `containers` | operators on sets, bytearrays …, items of bytes, arrays, deques |
//! | `opaque` | instructions without a translation: the VM's operator is called |
//! | `imports` | import statements |
//! | `names` | globals, builtins, module-level names |
//! | `natives` | calls of natives that run no Python code |
//! | `keyed` | what is ordered by keys that natives give |
//! | `matching` | the instructions of `match` |
//! | `close` | header arrival: matching and closing |
//! | `unsure` | locals that are bound on some of the paths that meet |
//! | `joins` | arriving where paths meet: cutting a recording, linking to what is there |

mod arguments;
mod arith;
mod attributes;
mod awaiting;
mod begin;
mod builtins;
mod calls;
mod close;
mod compare;
mod compiled;
mod complexes;
mod containers;
mod dicts;
mod drivers;
mod emit;
mod exceptions;
mod feeding;
mod formats;
mod functions;
mod gathering;
mod generators;
mod imports;
mod instances;
mod iterate;
mod joins;
mod keyed;
mod matching;
mod names;
mod natives;
mod opaque;
mod protocols;
mod reflection;
mod resuming;
mod sequences;
mod sets;
mod slices;
mod step;
mod steps;
mod stores;
mod subscripts;
mod sym;
mod text;
pub(crate) mod thrown;
mod translate;
mod tuples;
mod unsure;
mod virtual_dicts;
mod world;
mod wrapped;

use std::rc::Rc;
use std::time::Instant;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{Py, VirtualMachine, builtins::PyCode, builtins::PyStrInterned};
use tjit_events::Reason;
use tjit_ir::{SnapshotId, Trace, TraceId, ValueId, Virtual, VirtualId};
use tjit_vm::frames::Frame;
use tjit_vm::monitor::Monitor;

use crate::decode::{self, CodeKey, Decoded};
use crate::native::Chain;
use crate::pool::{PoolBuilder, add_code};
use crate::state::HeaderState;

pub use close::Headers;
pub use compiled::Blame;
pub use exceptions::CallEnd;
pub use joins::{JoinPlace, JoinState, Joined, Known as KnownJoin};
pub use sym::{Shadow, Sym, SymVirtual};
pub use unsure::Unsure;
pub use world::World;

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
    /// It is the header of a loop, though the bytecode has none there.
    pub loops: bool,
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
    /// An asynchronous generator has been asked for a value: what has come of it.
    Asked(ValueId),
    /// An exception is on its way to a handler.
    Raising(exceptions::Raised),
    /// A residual call is under way; events from frames that it makes are not ours.
    Residual,
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
    /// Classes of instances that the header's state takes apart and the loop needs whole.
    pub whole: Vec<u64>,
    world: Rc<World>,
    monitor: Option<Monitor>,
    virtuals: Vec<SymVirtual>,
    virtual_ids: FxHashMap<(usize, Virtual), VirtualId>,
    /// What the virtual objects are in the snapshot that is being taken.
    captured: FxHashMap<usize, VirtualId>,
    /// How often the recording has passed each header: inner loops are only unrolled when they are short.
    passed: FxHashMap<(CodeKey, u32), u32>,
    names: Vec<NameSym>,
    /// Locals that may be unbound.
    pub unsure: Unsure,
    /// How many ends of traces that leave it goes on from, one after the other.
    pub leaves: u32,
    /// Of a bridge: the bridges for one instruction that it goes on from.
    pub chain: Option<Chain>,
    /// Functions that exist and were taken apart.
    functions: FxHashSet<ValueId>,
    /// The first instruction is to take objects of any class.
    pub takes_any: bool,
    pending: Pending,
    /// Instructions translated.
    steps: u32,
    /// A local of the frame that is about to return may be finalised.
    finalises: bool,
    /// A parameter, and the address of an object that it is not.
    not_that: Option<(ValueId, u64)>,
    /// An exception is being handled.
    caught: Option<exceptions::Caught>,
    /// How the call ended at whose exit the recording begins.
    pub ended: Option<CallEnd>,
    /// The last instruction, and how long the body was before it.
    last: Option<(decode::Op, usize)>,
    /// The recording has been given up for this reason, but events stay on until this frame reports or is left.
    pub given_up: Option<(Abort, Frame)>,
    /// The recording has found out what the next one has to know.
    pub is_again: bool,
    /// A function of keys has just been entered.
    is_fed: bool,
    /// Before the generator is resumed that is about to be, its object may be asked for its length.
    is_sized: bool,
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
            whole: Vec::new(),
            world,
            monitor,
            virtuals: Vec::new(),
            virtual_ids: FxHashMap::default(),
            captured: FxHashMap::default(),
            passed: FxHashMap::default(),
            names: Vec::new(),
            unsure: Unsure::default(),
            leaves: 0,
            chain: None,
            functions: FxHashSet::default(),
            takes_any: false,
            pending: Pending::Nothing,
            steps: 0,
            finalises: false,
            not_that: None,
            caught: None,
            ended: None,
            last: None,
            given_up: None,
            is_again: false,
            is_fed: false,
            is_sized: false,
            join_next: false,
            pre: None,
            decode,
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

    /// The watched frame that the frame which reports may have interrupted. While there is one, events have to stay on.
    pub fn interrupted(&self, reporting: Frame) -> Option<Frame> {
        let expected = self.top_ref().frame;
        self.monitor.as_ref().filter(|_| reporting != expected)?.interrupted()
    }

    /// Switches all events off.
    pub fn stop(&mut self, vm: &VirtualMachine) {
        if let Some(monitor) = self.monitor.take() {
            // An error can only mean that the program has taken the tool over, which ends the events as well.
            let _ = monitor.stop(vm);
        }
    }
}
