//! Leaving compiled code: values are boxed, virtual objects made, and the interpreter's frames written.

mod make;
mod raised;
mod visible;

pub use make::{make, plain_arguments};
pub use visible::{expect_look, reveal, sync, unsync};

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseException, PyBaseExceptionRef, PyList, PyStrInterned},
};
use tjit_codegen::Context;
use tjit_ir::{FrameState, Slot, Trace, Ty, ValueId, VirtualId, VirtualKind};
use tjit_vm::feeder::Feeder;
use tjit_vm::frames::Frame;
use tjit_vm::resume::{Install, Raiser, Replay};

use crate::decode::{Decoded, Op};
use crate::engine::Hidden;
use crate::helpers::REDO;
use crate::native::Native;
use crate::objects::{Objects, Scalar};
use crate::state::generator;
use make::{Maker, function_from};

/// What helpers find behind [`Context::host`]: the running activation of compiled code.
pub struct Activation<'a> {
    /// The VM.
    pub vm: &'a VirtualMachine,
    /// The frame that entered; of a function that has none, its caller's.
    pub frame: Frame,
    /// The function that was entered without a frame.
    pub function: Option<&'a PyObject>,
    /// Offsets and classes.
    pub objects: &'a Objects,
    /// [`Context::depth`] while the entered frame itself runs.
    pub depth: i64,
    /// For a step whose frame is not on the chain of frames.
    pub hidden: Option<Hidden>,
    /// The compiled functions that have left, innermost first. The last one is not here.
    pub unwound: RefCell<Vec<Level>>,
}

impl Activation<'_> {
    /// The activation of a context.
    pub fn of<'a>(ctx: *mut Context) -> &'a Activation<'a> {
        // SAFETY: the engine points `host` at the activation before entering and keeps it until compiled code returns;
        // helpers only run in between.
        unsafe { &*(*ctx).host.cast::<Activation<'a>>() }
    }
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

/// Makes the frame of a generator that waits in a `yield from` go on with the value of that, at the unit where it stands,
/// when it is resumed. `then` is called then.
pub fn suspend_with(frame: Frame, value: PyObjectRef, then: Option<Install>) {
    let unit = frame.next_unit();
    let mut stack: Vec<_> = (0..frame.stack_depth()).map(|n| frame.take_stack(n)).collect();
    frame.clear_stack();
    stack.push(Some(value));
    let locals = (0..frame.local_count()).map(|_| Local::Keep).collect();
    Contents { locals, stack, unit }.suspend(frame, then);
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

/// An exit that was taken, or that code under way would take.
pub struct Level {
    /// The trace that it belongs to.
    pub native: Rc<Native>,
    /// Index of the exit.
    pub exit: usize,
    /// Its values. Of an exit that was taken: one owned reference each.
    pub values: Vec<u64>,
}

impl Level {
    /// The exit with an id. `values` gives the first values of a number of them.
    pub fn new<'a>(id: u64, values: impl FnOnce(usize) -> &'a [u64]) -> Option<Level> {
        let (native, exit) = crate::engine::exit_owner(id)?;
        let values = values(native.compiled.exits()[exit].values.len()).to_vec();
        Some(Level { native, exit, values })
    }

    /// The exit of compiled code that has left, before anything else has run.
    pub fn taken(id: u64, context: &Context) -> Level {
        let level =
            Level::new(id, |count| &context.values[..count]).expect("compiled code leaves by ids that it was given");
        for &index in &*level.native.compiled.exits()[level.exit].borrowed {
            // SAFETY: what an exit has borrowed is alive until something else runs.
            std::mem::forget(unsafe { &*(level.values[index] as *const PyObject) }.to_owned());
        }
        level
    }

    fn ids(&self) -> &[ValueId] {
        &self.native.compiled.exits()[self.exit].values
    }

    fn frames(&self) -> &[FrameState] {
        &self.native.trace.snapshot(self.native.compiled.exits()[self.exit].snapshot).frames
    }

    fn code(&self, state: &FrameState) -> &Decoded {
        &self.native.codes[state.place.code.index()]
    }
}

/// What leaving does.
pub struct Leaving {
    /// The exits, innermost first: more than one when compiled functions have called each other.
    pub levels: Vec<Level>,
    /// The exception that a call raised.
    pub raised: Option<PyBaseExceptionRef>,
    /// Called in the innermost frame once all frames stand: where a bridge's recording begins.
    pub then: Option<Install>,
    /// The entered frame is a generator's, and is to go on when the interpreter resumes it.
    pub suspends: bool,
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
    // SAFETY: compiled code passes its own context.
    let level = Level::taken(id, unsafe { &*ctx });
    Activation::of(ctx).unwound.borrow_mut().push(level);
}

/// Rebuilds the interpreter's state at an exit. Afterwards the entered frame goes on when its site answers true. Where no
/// frame was entered, what is given writes that of the function once there is one.
///
/// # Errors
/// What making a virtual object raises (out of memory, in practice).
pub fn leave(
    leaving: Leaving,
    entered: Option<Frame>,
    objects: &Objects,
    vm: &VirtualMachine,
) -> PyResult<Option<Install>> {
    let mut then = leaving.then;
    let mut raised = leaving.raised;
    // From the inside out: each outer frame stands at an instruction that makes or resumes the next inner one.
    let mut inner: Option<Inner> = None;
    let mut outermost = None;
    for (number, level) in leaving.levels.iter().enumerate() {
        let native = &*level.native;
        let mut maker = Maker::new(level, objects, vm);
        let handles = native.trace.virtuals.iter().any(|object| object.kind == VirtualKind::Handled);
        let waiting = raised::Waiting::default();
        let is_entered = number + 1 == leaving.levels.len();
        for (depth, state) in level.frames().iter().enumerate().rev() {
            let mut stack = Vec::with_capacity(state.stack.len());
            for &slot in &state.stack {
                // What a call has taken from the stack: its replay object takes anything, but `*` wants a sequence.
                let filler = || vm.ctx.empty_tuple.clone().into();
                stack.push(if slot == Slot::Kept { Some(filler()) } else { maker.slot(slot)? });
            }
            let code = level.code(state);
            let entries = code.instruction_at(state.place.unit).map_or(0, Op::call_entries);
            let at = stack.len().saturating_sub(entries);
            let feeder_in = |object: &PyObject| {
                let mapped = objects.map_parts(object).and_then(|(function, _)| Feeder::of(function));
                Feeder::of(object).or(mapped).map(|feeder| feeder.to_owned())
            };
            let feeder = stack[at..].iter().flatten().find_map(|object| feeder_in(object));
            // The receiver of `list.sort` is empty while that asks for keys.
            if let (Some(feeder), Some(Some(sorted))) = (&feeder, stack.get(at + 1))
                && let Some(list) = sorted.downcast_ref::<PyList>()
            {
                feeder.put_back(list);
            }
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
                Some(Inner::Call(function, install)) if let Some(feeder) = feeder => {
                    feeder.go_on_with(Replay::object(function, None, install, crate::engine::switch_entry, &vm.ctx));
                    None
                }
                Some(Inner::Call(function, install)) => {
                    let stays =
                        code.instruction_at(state.place.unit).is_some_and(|op| op.opcode == Opcode::WithExceptStart);
                    let there = if stays || state.stack[at] == Slot::Kept { None } else { stack[at].take() };
                    Some((function, there, install))
                }
                Some(Inner::Compiled(install)) => match stack[at].take() {
                    Some(function) => Some((function, None, install)),
                    None => return Err(vm.new_system_error("a call under way without its function")),
                },
                None => {
                    // An instruction that has nothing to ask raises once more when it is done again.
                    if let Some(exception) = raised.take().filter(|_| entries > 0) {
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
                let op = code.instruction_at(state.place.unit);
                if op.is_some_and(Op::is_call) {
                    stack[at + 1] = None;
                }
                if op.is_some_and(|op| op.opcode == Opcode::CallFunctionEx) {
                    // No keywords: a filler is no mapping.
                    stack[at + 3] = None;
                }
            }
            let entered = entered.filter(|_| is_entered && depth == 0);
            let mut locals = Vec::with_capacity(state.locals.len());
            for (n, &slot) in state.locals.iter().enumerate() {
                locals.push(match slot {
                    Slot::Kept => Local::Keep,
                    // A box whose value is the same is kept: it keeps its identity, and nothing is allocated.
                    Slot::Value(value)
                        if entered.is_some_and(|frame| holds(frame, n, maker.scalar(value), objects)) =>
                    {
                        Local::Keep
                    }
                    slot => Local::Set(maker.slot(slot)?),
                });
            }
            for &(name, slot) in &state.names {
                let value = maker.slot(slot)?;
                let Some(frame) = entered else { unreachable!("only entered frames have names") };
                store_name(frame, &native.names, native.trace.pool.refs[name.index()].addr, value, objects, vm);
            }
            let contents = Contents { locals, stack, unit: state.place.unit };
            waiting.borrow_mut().append(&mut maker.entries);
            let handled = std::mem::take(&mut maker.handled).pop();
            let stands =
                move |waiting: &raised::Waiting, vm: &VirtualMachine| raised::stands(waiting, depth, handled, vm);
            if entered.is_some() {
                outermost = Some((contents, waiting.clone(), stands));
                continue;
            }
            let innermost = number == 0 && depth + 1 == level.frames().len();
            let mut then = if innermost { then.take() } else { None };
            if handles {
                let (waiting, after) = (waiting.clone(), then.take());
                then = Some(Box::new(move |frame, vm| {
                    stands(&waiting, vm);
                    if let Some(after) = after {
                        after(frame, vm);
                    }
                }));
            }
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
    let mut dropped = None;
    match outermost.zip(entered) {
        Some(((contents, waiting, stands), frame)) if leaving.suspends => {
            let then: Install = Box::new(move |frame, vm| {
                stands(&waiting, vm);
                if let Some(then) = then {
                    then(frame, vm);
                }
            });
            contents.suspend(frame, Some(then));
        }
        Some(((contents, waiting, stands), frame)) => {
            dropped = Some(contents.write(frame));
            stands(&waiting, vm);
            if let Some(then) = then {
                then(frame, vm);
            }
        }
        None => {}
    }
    // The exits' own references, now that the frames hold theirs.
    for level in &leaving.levels {
        for (&id, &value) in level.ids().iter().zip(&level.values) {
            if level.native.trace.ty(id) == Ty::Ref {
                // SAFETY: an exit hands over one reference with each of its values.
                drop(unsafe { objects.own_ref(value) });
            }
        }
    }
    drop(dropped);
    Ok(match inner {
        Some(Inner::Compiled(install)) => Some(install),
        _ => None,
    })
}

/// What compiled code has returned, as an object.
pub fn returned(ty: Ty, bits: u64, objects: &Objects, vm: &VirtualMachine) -> PyObjectRef {
    match ty {
        Ty::Int => vm.ctx.new_int(bits as i64).into(),
        Ty::Float => vm.ctx.new_float(f64::from_bits(bits)).into(),
        Ty::Bool => vm.ctx.new_bool(bits & 1 != 0).into(),
        // SAFETY: the end of a trace hands over one reference.
        Ty::Ref | Ty::Unit => unsafe { objects.own_ref(bits) },
    }
}

/// Makes the entered frame return a result: it goes on at an instruction that returns the only entry of its stack. The
/// frame's slots are empty.
pub fn return_from(frame: Frame, code: &Decoded, result: PyObjectRef) {
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
        (kind, Some(&Slot::Value(unit))) if kind.is_resumable() => {
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
