//! Compiled functions that native code calls: they run without a frame of the interpreter, as if compiled code had called
//! them. When they leave by an exit, the interpreter makes the frame, and goes on in it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use rustpython_vm::builtins::PyTuple;
use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine};
use tjit_codegen::{Context, RETURNED};
use tjit_vm::frames::Frame;
use tjit_vm::options::JitMode;
use tjit_vm::resume;

use super::entering::{leave, levels};
use super::{ENGINE, Engine, functions, must_leave};
use crate::clock;
use crate::decode::CodeKey;
use crate::exits::{self, Activation};
use crate::native::{CallbackRecord, Native};
use crate::recorder::World;
use crate::state::HeaderState;

/// So many calls are made by the interpreter once, which serves signals and the collector.
const SERVED_EVERY: u32 = 1 << 10;
/// One call of so many is timed, for all, unless it is made further in by another one, whose time it is a part of.
const TIMED_EVERY: u32 = 1 << 5;

/// Entries after which it is seen whether they were worth it.
const JUDGED_EVERY: u64 = 1 << 8;
/// One in so many may leave: making a frame for a function that is under way costs much more than a call.
const MAY_LEAVE: u64 = 4;
/// Calls that the interpreter makes after too many have left; each time twice as many.
const PAUSE: u64 = 1 << 12;

/// A call that can be made without a frame.
struct Entry {
    native: Rc<Native>,
    state: Rc<HeaderState>,
    context: Box<Context>,
    world: Rc<World>,
    /// The frame below.
    caller: Frame,
    is_timed: bool,
}

/// Runs a call of a function as compiled code. `Err`, with the arguments: the interpreter has to.
pub(super) fn run(
    function: &PyObject,
    arguments: Vec<PyObjectRef>,
    vm: &VirtualMachine,
) -> Result<PyResult, Vec<PyObjectRef>> {
    let entry = ENGINE.with(|engine| engine.try_borrow_mut().ok()?.as_mut()?.callback(function, &arguments, vm));
    match entry {
        Some(entry) => Ok(call(entry, function, arguments, vm)),
        None => Err(arguments),
    }
}

/// The cells of a function's closure.
fn cells(closure: Option<&PyObject>) -> &[PyObjectRef] {
    closure.and_then(|closure| closure.downcast_ref::<PyTuple>()).map_or(&[], |cells| cells.as_slice())
}

impl Engine {
    fn callback(&mut self, function: &PyObject, arguments: &[PyObjectRef], vm: &VirtualMachine) -> Option<Entry> {
        let (code, globals, closure) = self.world.objects.function(function);
        let header = self.headers.by_site.get(self.headers.entries.get(&CodeKey::at(code))?)?;
        let takes = &header.code.code.code;
        if header.blacklisted
            || header.versions.is_empty()
            || self.recorder.is_some()
            || self.ended
            || takes.arg_count as usize != arguments.len()
            // Its cells are made by instructions in front of the entry.
            || !takes.cellvars.is_empty()
            || resume::is_replaying()
            || must_leave(vm)
        {
            return None;
        }
        let cells = cells(closure);
        let values = &mut self.values;
        let mut fits = |(native, state): &&(Rc<Native>, Rc<HeaderState>)| {
            native.function.is_some()
                && state.scope.globals == globals
                && state.read_call(arguments, cells, &self.world.objects, values).is_some()
        };
        let (native, state) = header.versions.iter().find(|version| fits(version))?;
        if self.options.jit != JitMode::Stress && native.callbacks.is_paused() {
            return None;
        }
        let (native, state) = (native.clone(), state.clone());
        self.callbacks = self.callbacks.wrapping_add(1);
        // One frame is the function's.
        let depth = functions::depth_left(&self.world, vm) - 1;
        if depth < functions::MIN_DEPTH || self.callbacks.is_multiple_of(SERVED_EVERY) {
            return None;
        }
        let caller = Frame::current(self.world.objects.layout.frame)?;
        let values = std::mem::take(&mut self.values);
        let context = self.context(&values, depth);
        self.values = values;
        let is_timed = self.callbacks.is_multiple_of(TIMED_EVERY) && self.callbacks_under_way == 0;
        self.callbacks_under_way += 1;
        Some(Entry { native, state, context, world: self.world.clone(), caller, is_timed })
    }
}

impl CallbackRecord {
    /// Whether the interpreter makes the next call. Counts an entry otherwise.
    fn is_paused(&self) -> bool {
        if let Some(left) = self.pause.get().checked_sub(1) {
            self.pause.set(left);
            return true;
        }
        self.entries.set(self.entries.get() + 1);
        if self.entries.get().is_multiple_of(JUDGED_EVERY) && self.left.take() * MAY_LEAVE > JUDGED_EVERY {
            self.paused.set((2 * self.paused.get()).max(PAUSE));
            self.pause.set(self.paused.get());
        }
        false
    }
}

fn call(entry: Entry, function: &PyObject, arguments: Vec<PyObjectRef>, vm: &VirtualMachine) -> PyResult {
    let Entry { native, state, mut context, world, caller, is_timed } = entry;
    let objects = &world.objects;
    let activation = Activation {
        vm,
        frame: caller,
        function: Some(function),
        objects,
        depth: context.depth + 1,
        hidden: None,
        unwound: RefCell::default(),
    };
    context.frame_slots = std::ptr::null_mut();
    context.host = std::ptr::from_ref(&activation).cast_mut().cast();
    state.take_call(arguments, cells(objects.function(function).2));
    let pointer: *mut Context = &raw mut *context;
    let began = is_timed.then(Instant::now);
    // SAFETY: the context is valid and holds the parameters that the header state has read from these very arguments; the
    // trace belongs to a function, so it uses no frame; only this thread runs Python code.
    let id = unsafe { native.compiled.enter(pointer) };
    let elapsed = began.map(|began| began.elapsed() * TIMED_EVERY);
    let raised = exits::take_exception(pointer);
    let ended = if id == RETURNED {
        let ty = native.function.and_then(|generation| world.functions.result(native.root.0.key(), generation));
        Ok(exits::returned(ty.expect("only functions are called, which have returned"), context.result, objects, vm))
    } else {
        native.callbacks.left.set(native.callbacks.left.get() + 1);
        Err(leave(levels(id, &activation, &context), raised, (caller, None), false, &world, vm))
    };
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            engine.contexts.push(context);
            engine.callbacks_under_way -= 1;
            if let Some(elapsed) = elapsed {
                clock::count(elapsed);
                engine.ran(&native, elapsed);
            }
        }
    });
    match ended {
        Ok(result) => Ok(result),
        Err(left) => match left? {
            Some(install) => resume::replay(function, install, super::switch_entry, vm),
            None => Err(vm.new_system_error("a function has been left without a frame")),
        },
    }
}
