//! Leaving compiled code: values are boxed, virtual objects made, and the interpreter's frames written.

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseException, PyBaseExceptionRef, PyCode, PyGenerator, PyStr, PyStrInterned, PyTuple, PyType},
    function::{FuncArgs, KwArgs},
    types::PyTypeFlags,
};
use tjit_codegen::Context;
use tjit_ir::{Slot, Snapshot, Trace, Ty, ValueId, VirtualId, VirtualKind};
use tjit_vm::callers::{Missing, Shown};
use tjit_vm::frames::Frame;
use tjit_vm::resume::{Continuation, Install, Raiser, Replay};

use crate::decode::{Decoded, Op};
use crate::helpers::REDO;
use crate::native::Native;
use crate::objects::{Objects, Scalar};
use crate::state::generator;

/// What helpers find behind [`Context::host`]: the running activation of compiled code.
pub struct Activation<'a> {
    /// The VM.
    pub vm: &'a VirtualMachine,
    /// The frame that entered.
    pub frame: Frame,
    /// Offsets and classes.
    pub objects: &'a Objects,
    /// [`Context::depth`] while the entered frame itself runs.
    pub depth: i64,
    /// The compiled functions that have left, innermost first: exits with their values. The last one is not here.
    pub unwound: RefCell<Vec<(u64, Vec<u64>)>>,
}

impl Activation<'_> {
    /// The activation of a context.
    pub fn of<'a>(ctx: *mut Context) -> &'a Activation<'a> {
        // SAFETY: the engine points `host` at the activation before entering and keeps it until compiled code returns;
        // helpers only run in between.
        unsafe { &*(*ctx).host.cast::<Activation<'a>>() }
    }

    /// Whether the code that is running is that of the entered frame: functions that it has called have no frame.
    fn is_in_entered(&self, ctx: *mut Context) -> bool {
        // SAFETY: the context is this activation's.
        unsafe { (*ctx).depth == self.depth }
    }
}

/// Makes objects of an exit's values.
struct Maker<'a> {
    trace: &'a Trace,
    ids: &'a [ValueId],
    values: &'a [u64],
    boxes: FxHashMap<ValueId, PyObjectRef>,
    virtuals: FxHashMap<VirtualId, PyObjectRef>,
    objects: &'a Objects,
    vm: &'a VirtualMachine,
}

impl<'a> Maker<'a> {
    fn raw(&self, value: ValueId) -> u64 {
        match self.ids.iter().position(|&id| id == value) {
            Some(index) => self.values[index],
            None => unreachable!("snapshots name constants and exit values only"),
        }
    }

    /// The scalar that a value is, when it travels unboxed.
    fn scalar(&self, value: ValueId) -> Option<Scalar> {
        let trace = self.trace;
        Some(match trace.ty(value) {
            Ty::Int => Scalar::Int(trace.as_int(value).unwrap_or_else(|| self.raw(value) as i64)),
            Ty::Float => Scalar::Float(trace.as_float(value).unwrap_or_else(|| f64::from_bits(self.raw(value)))),
            Ty::Bool => Scalar::Bool(trace.as_bool(value).unwrap_or_else(|| self.raw(value) & 1 != 0)),
            Ty::Ref | Ty::Unit => return None,
        })
    }

    fn value(&mut self, value: ValueId) -> PyObjectRef {
        if let Some(object) = self.boxes.get(&value) {
            return object.clone();
        }
        let ctx = &self.vm.ctx;
        let object: PyObjectRef = match self.scalar(value) {
            Some(Scalar::Int(int)) => ctx.new_int(int).into(),
            Some(Scalar::Float(float)) => ctx.new_float(float).into(),
            Some(Scalar::Bool(bool)) => ctx.new_bool(bool).into(),
            None => {
                let address = match self.trace.as_ref(value) {
                    Some(constant) => self.trace.pool.refs[constant.index()].addr,
                    None => self.raw(value),
                };
                // SAFETY: the exit's values own a reference each, and the pool keeps constants alive.
                return unsafe { self.objects.clone_ref(address) };
            }
        };
        self.boxes.insert(value, object.clone());
        object
    }

    fn slot(&mut self, slot: Slot) -> PyResult<Option<PyObjectRef>> {
        Ok(match slot {
            Slot::Kept | Slot::Empty => None,
            Slot::Value(value) => Some(self.value(value)),
            Slot::Virtual(id) => Some(self.virtual_object(id)?),
        })
    }

    /// What a frame that is only looked at holds. An object that does not exist yet is left out: nobody can have a
    /// reference to it.
    fn shown(&mut self, slot: Slot) -> Option<PyObjectRef> {
        match slot {
            Slot::Kept | Slot::Empty => None,
            Slot::Virtual(id) => self.existing(id),
            Slot::Value(value) => Some(self.value(value)),
        }
    }

    /// A virtual object that exists nevertheless: a generator that was taken apart. It looks as if it ran.
    fn existing(&mut self, id: VirtualId) -> Option<PyObjectRef> {
        let object = &self.trace.virtuals[id.index()];
        match (object.kind, object.fields.first()) {
            (VirtualKind::Generator, Some(&Slot::Value(maker))) => {
                Some(self.value(maker)).filter(|maker| maker.class().is(self.vm.ctx.types.generator_type))
            }
            _ => None,
        }
    }

    fn virtual_object(&mut self, id: VirtualId) -> PyResult {
        if let Some(object) = self.virtuals.get(&id) {
            return Ok(object.clone());
        }
        let object = &self.trace.virtuals[id.index()];
        let kind = object.kind;
        let mut parts = Vec::with_capacity(object.fields.len());
        for &field in &object.fields {
            parts.push(self.slot(field)?.unwrap_or_else(|| self.objects.nothing.clone()));
        }
        let made = make(kind, parts, self.objects, self.vm)?;
        self.virtuals.insert(id, made.clone());
        Ok(made)
    }
}

/// Makes an object from its parts.
pub fn make(kind: VirtualKind, parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let types = &vm.ctx.types;
    let ints = |n: usize| match objects.scalar(&parts[n]) {
        Some(Scalar::Int(value)) => value,
        _ => 0,
    };
    match kind {
        VirtualKind::RangeIter => {
            // A fresh range iterator, then its four words: cheaper than computing a stop that may not fit.
            let zero: PyObjectRef = vm.ctx.new_int(0).into();
            let iterator: PyObjectRef = types.range_type.as_object().call((zero,), vm)?.get_iter(vm)?.into();
            for (n, offset) in objects.layout.range_iter.into_iter().enumerate() {
                objects.set_word(&iterator, offset, ints(n) as u64);
            }
            Ok(iterator)
        }
        VirtualKind::ListIter | VirtualKind::TupleIter => {
            let position = ints(1);
            let iterator: PyObjectRef = parts[0].get_iter(vm)?.into();
            objects.set_word(&iterator, objects.layout.sequence_iter[1], position as u64);
            Ok(iterator)
        }
        VirtualKind::StrIter => {
            let (position, offset) = (ints(1), ints(2));
            let iterator: PyObjectRef = parts[0].get_iter(vm)?.into();
            objects.set_word(&iterator, objects.layout.str_iter[1], position as u64);
            objects.set_word(&iterator, objects.layout.str_iter[2], offset as u64);
            Ok(iterator)
        }
        VirtualKind::ReversedListIter | VirtualKind::ReversedTupleIter => {
            let position = ints(1);
            let reversed = vm.builtins.get_attr("reversed", vm)?;
            if position < 0 {
                // Behind the last element: as good as the iterator of an empty list.
                return reversed.call((vm.ctx.new_list(Vec::new()),), vm);
            }
            let iterator = reversed.call((parts[0].clone(),), vm)?;
            objects.set_word(&iterator, objects.layout.sequence_iter[1], position as u64);
            Ok(iterator)
        }
        VirtualKind::Enumerate => types.enumerate_type.as_object().call((parts[0].clone(), parts[1].clone()), vm),
        VirtualKind::Zip => types.zip_type.as_object().call(parts, vm),
        VirtualKind::Range => types.range_type.as_object().call(parts, vm),
        VirtualKind::Tuple => Ok(vm.ctx.new_tuple(parts).into()),
        VirtualKind::BoundMethod => vm.call_method(&parts[0], "__get__", (parts[1].clone(),)),
        VirtualKind::Instance => instance(parts, vm),
        VirtualKind::Slice => types.slice_type.as_object().call(parts, vm),
        VirtualKind::Function => make_function(parts, objects, vm),
        VirtualKind::Cell => {
            let contents = parts.into_iter().filter(|contents| !contents.is(&objects.nothing)).collect::<Vec<_>>();
            types.cell_type.as_object().call(contents, vm)
        }
        VirtualKind::Generator => make_generator(parts, objects, vm),
        VirtualKind::Continuation => Ok(Continuation::object(parts[0].clone(), parts[1].clone(), &vm.ctx)),
    }
}

/// Makes an instance: of the class that comes first, with the attributes that follow as names and values.
fn instance(parts: Vec<PyObjectRef>, vm: &VirtualMachine) -> PyResult {
    let mut parts = parts.into_iter();
    let class = parts.next().and_then(|class| class.downcast::<PyType>().ok());
    let Some(class) = class else { return Err(vm.new_system_error("an instance without a class")) };
    let dict = class.slots.flags.has_feature(PyTypeFlags::HAS_DICT).then(|| vm.ctx.new_dict());
    let made = vm.ctx.new_base_object(class.clone(), dict.clone());
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let slot = name
            .downcast_ref::<PyStr>()
            .and_then(|name| class.get_attr(vm.ctx.intern_str(name.as_wtf8().as_str().unwrap_or_default())))
            .filter(|found| found.class().is(vm.ctx.types.member_descriptor_type));
        match (slot, &dict) {
            (Some(slot), _) => drop(vm.call_method(&slot, "__set__", (made.clone(), value))?),
            (None, Some(dict)) => dict.set_item(&*name, value, vm)?,
            (None, None) => return Err(vm.new_system_error("an attribute of an instance without a dict")),
        }
    }
    Ok(made)
}

/// Makes a function from its parts.
fn make_function(parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let mut parts = parts.into_iter().map(|part| if part.is(&objects.nothing) { vm.ctx.none() } else { part });
    let (Some(code), Some(globals), Some(defaults), Some(keyword_defaults), Some(closure)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(vm.new_system_error("a function of too few parts"));
    };
    new_function(code, globals, [("argdefs", defaults), ("kwdefaults", keyword_defaults), ("closure", closure)], vm)
}

/// A function whose name is that of its code.
fn new_function<const N: usize>(
    code: PyObjectRef,
    globals: PyObjectRef,
    rest: [(&str, PyObjectRef); N],
    vm: &VirtualMachine,
) -> PyResult {
    let rest: KwArgs = rest.into_iter().map(|(name, part)| (name.to_owned(), part)).collect();
    vm.ctx.types.function_type.as_object().call(FuncArgs::new(vec![code, globals], rest), vm)
}

/// The function of a frame: what the trace has for it, or made from a body, a pair of code and globals, and from its cells,
/// which are the last of the frame's locals.
fn function_from(
    of: PyObjectRef,
    local: impl Fn(usize) -> Option<PyObjectRef>,
    vm: &VirtualMachine,
) -> PyResult<PyObjectRef> {
    let Some([code, globals]) = of.downcast_ref::<PyTuple>().map(|body| body.as_slice()) else { return Ok(of) };
    let shape = code.downcast_ref::<PyCode>().map_or((0, 0), |code| (code.localspluskinds.len(), code.freevars.len()));
    // The generator may run: then its frame, which is written later, has the cells.
    let cell = |index: usize| match local(index) {
        Some(cell) => Ok(cell),
        None => vm.ctx.types.cell_type.as_object().call((), vm),
    };
    let cells = (shape.0 - shape.1..shape.0).map(cell).collect::<PyResult<Vec<_>>>()?;
    let closure = if cells.is_empty() { vm.ctx.none() } else { vm.ctx.new_tuple(cells).into() };
    new_function(code.clone(), globals.clone(), [("closure", closure)], vm)
}

/// Makes a generator, or writes the frame of one that was taken apart.
fn make_generator(mut parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let slots = parts.split_off(generator::SLOTS);
    let maker = &parts[generator::MAKER];
    let made = if maker.class().is(vm.ctx.types.generator_type) {
        maker.clone()
    } else {
        let code = parts[generator::CODE].downcast_ref::<PyCode>();
        let locals = code.map_or(0, |code| code.code.localspluskinds.len());
        let local = |index: usize| slots.get(index).filter(|_| index < locals).cloned();
        let function = function_from(maker.clone(), local, vm)?;
        tjit_vm::resume::call_with_fillers(&function, vm)?
    };
    let unit = match objects.scalar(&parts[generator::UNIT]) {
        Some(Scalar::Int(unit)) => unit,
        _ => generator::ENDED,
    };
    if unit == generator::ENDED
        && let Some(ended) = made.downcast_ref::<PyGenerator>()
    {
        ended.as_coro().closed.store(true);
    }
    if let (Ok(unit), Some(frame)) = (u32::try_from(unit), objects.generator_frame(&made)) {
        let mut slots = slots.into_iter().map(|slot| (!slot.is(&objects.nothing)).then_some(slot));
        let old: Vec<_> = (0..frame.local_count()).map(|n| frame.replace_local(n, slots.next().flatten())).collect();
        let stack = frame.take_whole_stack();
        frame.set_stack(slots.collect());
        frame.set_next_unit(unit);
        drop((old, stack));
    }
    Ok(made)
}

/// A frame's contents, ready to be written.
struct Contents {
    locals: Vec<Local>,
    stack: Vec<Option<PyObjectRef>>,
    unit: u32,
}

enum Local {
    Keep,
    Set(Option<PyObjectRef>),
}

impl Contents {
    /// Writes a frame that has nothing of its own on its stack, and makes it go on at the unit when its site answers true.
    fn write(self, frame: Frame) -> Vec<PyObjectRef> {
        let mut dropped = Vec::new();
        for (n, local) in self.locals.into_iter().enumerate() {
            if let Local::Set(value) = local {
                dropped.extend(frame.replace_local(n, value));
            }
        }
        frame.set_stack(self.stack);
        // The site's jump steps over one cache unit.
        frame.set_next_unit(self.unit - 1);
        dropped
    }

    /// What writes the frame when its entry site is reached. `then` is called afterwards.
    fn install(self, then: Option<Install>) -> Install {
        Box::new(move |frame, vm| {
            drop(self.write(frame));
            if let Some(then) = then {
                then(frame, vm);
            }
        })
    }

    /// Writes the frame of a generator, so that it goes on at the unit when it is resumed. `then` is called then.
    fn suspend(self, frame: Frame, then: Option<Install>) {
        let mut dropped = frame.take_whole_stack();
        for (n, local) in self.locals.into_iter().enumerate() {
            if let Local::Set(value) = local {
                dropped.extend(frame.replace_local(n, value));
            }
        }
        let (stack, unit) = (self.stack, self.unit);
        let install: Install = Box::new(move |frame, vm| {
            crate::engine::switch_entry(frame.code(), false);
            // What was sent to it, None.
            drop(frame.take_whole_stack());
            frame.set_stack(stack);
            frame.set_next_unit(unit - 1);
            if let Some(then) = then {
                then(frame, vm);
            }
        });
        // The first RESUME comes before the entry site, and takes events out of the code that are not wanted any more:
        // while the site's jump has one, it cannot be redirected.
        let start = crate::engine::first_resume(frame.code()).expect("every generator has a RESUME");
        crate::engine::switch_entry(frame.code(), true);
        tjit_vm::resume::suspend(frame, start, install);
        drop(dropped);
    }
}

/// A frame inside the one that is written next.
enum Inner {
    /// Of a call of a function that was inlined.
    Call(PyObjectRef, Install),
    /// Of a call of a compiled function, which is on the caller's stack.
    Compiled(Install),
    /// Of a generator that is resumed, with what is called when it has been.
    Generator(Contents, Option<Install>),
}

/// An exit that was taken.
pub struct Level {
    /// The trace that was left.
    pub native: Rc<Native>,
    /// Index of the exit.
    pub exit: usize,
    /// Its values: one owned reference each.
    pub values: Vec<u64>,
}

/// What leaving does.
pub struct Leaving {
    /// The exits, innermost first: more than one when compiled functions have called each other.
    pub levels: Vec<Level>,
    /// The exception that a call raised.
    pub raised: Option<PyBaseExceptionRef>,
    /// Called in the innermost frame once all frames stand: where a bridge's recording begins.
    pub then: Option<Install>,
}

/// Takes the exception out of a context. `None` when there is none, or only a request to redo.
pub fn take_exception(ctx: *mut Context) -> Option<PyBaseExceptionRef> {
    // SAFETY: the context is the engine's own.
    let pointer = std::mem::replace(unsafe { &mut (*ctx).exception }, std::ptr::null_mut::<c_void>());
    if pointer.is_null() || pointer == REDO {
        return None;
    }
    // SAFETY: helpers store one owned reference to an exception.
    let object = unsafe { PyObjectRef::from_raw(std::ptr::NonNull::new_unchecked(pointer.cast::<PyObject>())) };
    object.downcast::<PyBaseException>().ok()
}

/// Called by compiled code: a compiled function that it has called has left by an exit, and it is about to leave too.
pub extern "C" fn unwound(ctx: *mut Context, id: u64) {
    let Some((native, exit)) = crate::engine::exit_owner(id) else { unreachable!("exits have ids of the engine") };
    let count = native.compiled.exits()[exit].values.len();
    // SAFETY: compiled code passes its own context.
    let values = unsafe { (&(*ctx).values)[..count].to_vec() };
    Activation::of(ctx).unwound.borrow_mut().push((id, values));
}

/// Rebuilds the interpreter's state at an exit. Afterwards the entered frame goes on when its site answers true.
///
/// # Errors
/// What making a virtual object raises (out of memory, in practice).
pub fn leave(leaving: Leaving, frame: Frame, objects: &Objects, vm: &VirtualMachine) -> PyResult<()> {
    let mut then = leaving.then;
    let mut raised = leaving.raised;
    // From the inside out: each outer frame stands at an instruction that makes or resumes the next inner one.
    let mut inner: Option<Inner> = None;
    let mut outermost = None;
    for (number, level) in leaving.levels.iter().enumerate() {
        let native = &*level.native;
        let exit = &native.compiled.exits()[level.exit];
        let mut maker = Maker {
            trace: &native.trace,
            ids: &exit.values,
            values: &level.values,
            boxes: FxHashMap::default(),
            virtuals: FxHashMap::default(),
            objects,
            vm,
        };
        let snapshot: &Snapshot = native.trace.snapshot(exit.snapshot);
        let is_entered = number + 1 == leaving.levels.len();
        for (depth, state) in snapshot.frames.iter().enumerate().rev() {
            let mut stack = Vec::with_capacity(state.stack.len());
            for &slot in &state.stack {
                // What a call has taken from the stack: its replay object takes anything, but `*` wants a sequence.
                let filler = || vm.ctx.empty_tuple.clone().into();
                stack.push(if slot == Slot::Kept { Some(filler()) } else { maker.slot(slot)? });
            }
            let code = &native.codes[state.place.code.index()];
            let entries = code.instruction_at(state.place.unit).map_or(0, Op::call_entries);
            let at = stack.len().saturating_sub(entries);
            let call = match inner.take() {
                Some(Inner::Generator(contents, then)) => {
                    let running = state.stack.iter().rev().find_map(|&slot| running_in(&native.trace, slot));
                    let generator = running.map(|id| maker.virtual_object(id)).transpose()?;
                    match generator.as_ref().and_then(|generator| objects.generator_frame(generator)) {
                        Some(frame) => contents.suspend(frame, then),
                        None => return Err(vm.new_system_error("a generator has no frame to go on with")),
                    }
                    None
                }
                // An instance whose `__init__` runs is here: it is what comes of the call. An iterator whose `__next__`
                // runs comes back when it is asked.
                Some(Inner::Call(function, install)) => {
                    let there = if state.stack[at] == Slot::Kept { None } else { stack[at].take() };
                    Some((function, there, install))
                }
                Some(Inner::Compiled(install)) => match stack[at].take() {
                    Some(function) => Some((function, None, install)),
                    None => return Err(vm.new_system_error("a call under way without its function")),
                },
                None => {
                    if let Some(exception) = raised.take() {
                        stack[at] = Some(Raiser::object(exception, &vm.ctx));
                    }
                    None
                }
            };
            if let Some((function, there, install)) = call {
                let switch = crate::engine::switch_entry;
                stack[at] = Some(match there {
                    Some(iterator)
                        if code.instruction_at(state.place.unit).is_some_and(|op| op.opcode == Opcode::ForIter) =>
                    {
                        let layout = objects.layout.frame;
                        let put_back = Box::new(move |_: &VirtualMachine| {
                            let frame = Frame::current(layout)?;
                            frame.replace_stack(frame.stack_depth().checked_sub(1)?, iterator)
                        });
                        Replay::iterator_object(function, put_back, install, switch, &vm.ctx)
                    }
                    result => Replay::object(function, result, install, switch, &vm.ctx),
                });
                if code.instruction_at(state.place.unit).is_some_and(Op::is_call) {
                    stack[at + 1] = None;
                }
            }
            let in_entered = is_entered && depth == 0;
            let mut locals = Vec::with_capacity(state.locals.len());
            for (n, &slot) in state.locals.iter().enumerate() {
                locals.push(match slot {
                    Slot::Kept => Local::Keep,
                    // A box whose value is the same is kept: it keeps its identity, and nothing is allocated.
                    Slot::Value(value) if in_entered && holds(frame, n, maker.scalar(value), objects) => Local::Keep,
                    slot => Local::Set(maker.slot(slot)?),
                });
            }
            for &(name, slot) in &state.names {
                let value = maker.slot(slot)?;
                store_name(frame, &native.names, native.trace.pool.refs[name.index()].addr, value, objects, vm);
            }
            let contents = Contents { locals, stack, unit: state.place.unit };
            if in_entered {
                outermost = Some(contents);
                continue;
            }
            let innermost = number == 0 && depth + 1 == snapshot.frames.len();
            let then = if innermost { then.take() } else { None };
            inner = Some(match state.function {
                None if depth > 0 => Inner::Generator(contents, then),
                Some(function) if depth > 0 => {
                    let local = |index: usize| match contents.locals.get(index) {
                        Some(Local::Set(Some(object))) => Some(object.clone()),
                        _ => None,
                    };
                    let function = function_from(maker.value(function), local, vm)?;
                    Inner::Call(function, contents.install(then))
                }
                _ => Inner::Compiled(contents.install(then)),
            });
        }
    }
    let dropped = outermost.map(|contents| contents.write(frame));
    if let Some(then) = then {
        then(frame, vm);
    }
    // The exits' own references, now that the frames hold theirs.
    for Level { native, exit, values } in &leaving.levels {
        for (&id, &value) in native.compiled.exits()[*exit].values.iter().zip(values) {
            if native.trace.ty(id) == Ty::Ref {
                // SAFETY: an exit hands over one reference with each of its values.
                drop(unsafe { objects.own_ref(value) });
            }
        }
    }
    drop(dropped);
    Ok(())
}

/// Makes the entered frame return what compiled code has returned: it goes on at an instruction that returns the only
/// entry of its stack. The frame's slots are empty.
pub fn return_from(frame: Frame, code: &Decoded, ty: Ty, bits: u64, objects: &Objects, vm: &VirtualMachine) {
    let result: PyObjectRef = match ty {
        Ty::Int => vm.ctx.new_int(bits as i64).into(),
        Ty::Float => vm.ctx.new_float(f64::from_bits(bits)).into(),
        Ty::Bool => vm.ctx.new_bool(bits & 1 != 0).into(),
        // SAFETY: the end of a trace hands over one reference.
        Ty::Ref | Ty::Unit => unsafe { objects.own_ref(bits) },
    };
    let unit = code.first(Opcode::ReturnValue).expect("a function that has returned has an instruction for it");
    frame.set_stack(vec![Some(result)]);
    // As in `Contents::write`.
    frame.set_next_unit(unit - 1);
}

/// The generator that runs among a virtual object and its parts.
fn running_in(trace: &Trace, slot: Slot) -> Option<VirtualId> {
    let Slot::Virtual(id) = slot else { return None };
    let object = &trace.virtuals[id.index()];
    match (object.kind, object.fields.get(generator::UNIT)) {
        (VirtualKind::Generator, Some(&Slot::Value(unit))) => {
            (trace.as_int(unit) == Some(generator::RUNNING)).then_some(id)
        }
        _ => object.fields.iter().find_map(|&field| running_in(trace, field)),
    }
}

/// Whether a local holds a box of this value already.
fn holds(frame: Frame, local: usize, value: Option<Scalar>, objects: &Objects) -> bool {
    let (Some(value), Some(object)) = (value, frame.local(local)) else { return false };
    match (value, objects.scalar(object)) {
        (Scalar::Float(a), Some(Scalar::Float(b))) => a.to_bits() == b.to_bits(),
        (a, Some(b)) => a == b,
        _ => false,
    }
}

fn store_name(
    frame: Frame,
    names: &FxHashMap<u64, &'static PyStrInterned>,
    name: u64,
    value: Option<PyObjectRef>,
    objects: &Objects,
    vm: &VirtualMachine,
) {
    let (Some(name), Some(value)) = (names.get(&name), value) else { return };
    let old = crate::state::global(frame.globals(), name, vm);
    let same = match (old.as_deref().and_then(|old| objects.scalar(old)), objects.scalar(&value)) {
        (Some(Scalar::Float(a)), Some(Scalar::Float(b))) => a.to_bits() == b.to_bits(),
        (a, b) => a.is_some() && a == b,
    };
    if !same {
        // A str key of an exact dict: nothing can fail but the allocation.
        let _ = frame.globals().set_item(name.as_object(), value, vm);
    }
}

thread_local! {
    /// Opaque calls under way from inlined frames, outermost first.
    static CALLS: RefCell<Vec<InlinedCall>> = const { RefCell::new(Vec::new()) };
}

/// An opaque call from an inlined frame. The frames between the entered one and what is called do not exist.
struct InlinedCall {
    ctx: *mut Context,
    missing: isize,
    /// The frames, once somebody has looked.
    shown: Option<Vec<Shown>>,
}

/// Makes the frames that do not exist, as somebody is about to look at the callers of a frame.
pub fn reveal(vm: &VirtualMachine) {
    let calls = CALLS.with_borrow(|calls| {
        calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.shown.is_none())
            .map(|(n, call)| (n, call.ctx))
            .collect::<Vec<_>>()
    });
    for (number, ctx) in calls {
        // What cannot be shown stays unseen.
        let shown = show(ctx, vm).unwrap_or_default();
        CALLS.with_borrow_mut(|calls| {
            if let Some(call) = calls.get_mut(number) {
                call.shown = Some(shown);
            }
        });
    }
}

fn show(ctx: *mut Context, vm: &VirtualMachine) -> PyResult<Vec<Shown>> {
    let activation = Activation::of(ctx);
    // SAFETY: the context is that of an activation that is in the middle of a call.
    let (id, values) = unsafe { ((*ctx).sync_exit, &(*ctx).values) };
    let Some((native, index)) = crate::engine::exit_owner(id) else { return Ok(Vec::new()) };
    let objects = activation.objects;
    let exit = &native.compiled.exits()[index];
    let mut maker = Maker {
        trace: &native.trace,
        ids: &exit.values,
        values: &values[..exit.values.len()],
        boxes: FxHashMap::default(),
        virtuals: FxHashMap::default(),
        objects,
        vm,
    };
    let mut missing = Vec::new();
    for state in native.trace.snapshot(exit.snapshot).frames.iter().skip(1) {
        let code = &native.codes[state.place.code.index()];
        let locals: Vec<_> = state.locals.iter().map(|&slot| maker.shown(slot)).collect();
        let function = match state.function {
            Some(function) => function_from(maker.value(function), |index| locals.get(index).cloned().flatten(), vm)?,
            None => activation.frame.function().map_or_else(|| vm.ctx.none(), ToOwned::to_owned),
        };
        let unit = code.instruction_at(state.place.unit).map_or(state.place.unit, |op| op.start + 1);
        missing.push(Missing { function, code: code.code.clone(), unit, locals });
    }
    tjit_vm::callers::link(missing, activation.frame, objects.layout.frame, vm)
}

/// Before an opaque call: writes the entered frame, so that whatever looks at it sees the truth.
pub fn sync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    if !activation.is_in_entered(ctx) {
        return;
    }
    // SAFETY: the context is the running activation's.
    let (id, values) = unsafe { ((*ctx).sync_exit, &(*ctx).values) };
    let Some((native, index)) = crate::engine::exit_owner(id) else { return };
    crate::engine::with_objects(|objects| {
        let exit = &native.compiled.exits()[index];
        let mut maker = Maker {
            trace: &native.trace,
            ids: &exit.values,
            values: &values[..exit.values.len()],
            boxes: FxHashMap::default(),
            virtuals: FxHashMap::default(),
            objects,
            vm: activation.vm,
        };
        let frame = activation.frame;
        let frames = &native.trace.snapshot(exit.snapshot).frames;
        let state = &frames[0];
        if frames.len() > 1 {
            let missing = frames.len() as isize - 1;
            tjit_vm::callers::recurse(activation.vm, missing);
            CALLS.with_borrow_mut(|calls| calls.push(InlinedCall { ctx, missing, shown: None }));
        }
        for (n, &slot) in state.locals.iter().enumerate() {
            match slot {
                Slot::Kept => continue,
                Slot::Value(value) if holds(frame, n, maker.scalar(value), objects) => continue,
                slot => drop(frame.replace_local(n, maker.shown(slot))),
            }
        }
        let code = &native.codes[state.place.code.index()];
        let end = code.instruction_at(state.place.unit).map_or(state.place.unit, |op| op.start + 1);
        frame.set_next_unit(end);
    });
}

/// After an opaque call: takes the references out of the frame again, which the trace owns itself.
pub fn unsync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    // SAFETY: the context is the running activation's.
    let id = unsafe { (*ctx).sync_exit };
    if activation.is_in_entered(ctx)
        && let Some((native, index)) = crate::engine::exit_owner(id)
    {
        let exit = &native.compiled.exits()[index];
        let frames = &native.trace.snapshot(exit.snapshot).frames;
        if frames.len() > 1
            && let Some(call) = CALLS.with_borrow_mut(Vec::pop)
        {
            tjit_vm::callers::recurse(activation.vm, -call.missing);
            drop(call);
        }
        for (n, &slot) in frames[0].locals.iter().enumerate() {
            let is_owned = match slot {
                Slot::Value(value) => native.trace.ty(value) == Ty::Ref,
                Slot::Virtual(_) => true,
                Slot::Kept | Slot::Empty => false,
            };
            if is_owned {
                drop(activation.frame.take_local(n));
            }
        }
    }
    // Threads or tracers that the call has started are served by leaving at the next poll.
    if crate::engine::must_leave(activation.vm) {
        // SAFETY: as above.
        unsafe { (*ctx).fuel = 0 };
    }
}
