//! Resuming generators: what natives (`list`, `sum`, `next`, `zip` …) do when they step one, by way of our function.
//!
//! The class of generators has one slot for that, which [`install`] takes over. The VM's own function stays reachable as
//! [`resume_interpreted`]. (`for` in interpreted code comes by here unless it was specialised, `yield from` does not.)

use std::sync::OnceLock;

use rustpython_compiler_core::bytecode::{Instruction, Opcode, adaptive_counter_bits, adaptive_counter_triggers};
use rustpython_vm::{AsObject, Py, PyObject, PyResult, VirtualMachine, builtins::PyGenerator, protocol::PyIterReturn};

use crate::frames::Frame;
use crate::layout::Layout;

/// Resumes a generator, if it can.
pub type Resume = fn(&Py<PyGenerator>, &VirtualMachine) -> Option<PyResult<PyIterReturn>>;

struct Installed {
    original: fn(&PyObject, &VirtualMachine) -> PyResult<PyIterReturn>,
    resume: Resume,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Has `resume` asked first when a native steps a generator. False if the class is not as expected, or it was done before.
pub fn install(vm: &VirtualMachine, resume: Resume) -> bool {
    let slot = &vm.ctx.types.generator_type.slots.iternext;
    let Some(original) = slot.load() else { return false };
    if adaptive_counter_triggers(adaptive_counter_bits(0, NEVER)) {
        return false;
    }
    let is_first = INSTALLED.set(Installed { original, resume }).is_ok();
    if is_first {
        slot.store(Some(step));
    }
    is_first
}

/// The function in the slot.
fn step(object: &PyObject, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let installed = INSTALLED.get().expect("it has put this function into the slot");
    let resumed = object.downcast_ref::<PyGenerator>().and_then(|generator| (installed.resume)(generator, vm));
    resumed.unwrap_or_else(|| (installed.original)(object, vm))
}

/// Resumes a generator as the VM does.
///
/// # Errors
/// What the generator raises.
///
/// # Panics
/// Before [`install`].
pub fn resume_interpreted(generator: &Py<PyGenerator>, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let installed = INSTALLED.get().expect("the slot has been taken over");
    (installed.original)(generator.as_object(), vm)
}

/// If a frame stands at a FOR_ITER that the VM has specialised for generators, makes it a plain one for good, which steps
/// what it iterates over as natives do: by way of our function.
pub fn generalise_for(frame: Frame) {
    let code = &frame.code().code.instructions;
    let Some(unit) = (frame.next_unit() as usize).checked_sub(1) else { return };
    if matches!(code.read_op(unit), Instruction::ForIterGen) {
        // SAFETY: the unit is that of a form of FOR_ITER, whose argument and cache all forms share. The counter is one that
        // never comes to where the VM specialises.
        unsafe {
            code.write_adaptive_counter(unit + 1, adaptive_counter_bits(0, NEVER));
            code.replace_op(unit, Opcode::ForIter.as_instruction());
        }
    }
}

/// The backoff of an adaptive counter that never triggers.
const NEVER: u16 = 15;

/// Marks a generator as running, for as long as this lives: who resumes it meanwhile is told so.
pub struct Running<'a> {
    generator: &'a Py<PyGenerator>,
    flag: usize,
}

impl<'a> Running<'a> {
    /// The generator must not be running.
    #[inline]
    pub fn mark(generator: &'a Py<PyGenerator>, layout: &Layout) -> Self {
        let running = Running { generator, flag: layout.generator.running };
        running.set(1);
        running
    }

    #[inline]
    fn set(&self, value: u8) {
        // SAFETY: the offset was found inside a generator at start-up, as that of the flag; only this thread runs Python
        // code, so that nobody else looks at it meanwhile.
        unsafe { std::ptr::from_ref(self.generator).cast::<u8>().cast_mut().add(self.flag).write_volatile(value) };
    }
}

impl Drop for Running<'_> {
    #[inline]
    fn drop(&mut self) {
        self.set(0);
    }
}

/// Does something while the frame of a generator is the one that runs: on the chain of frames, and counted.
///
/// # Errors
/// When there is no room for another frame, without having called `run`; otherwise what `run` gives.
pub fn in_frame<T>(generator: &Py<PyGenerator>, vm: &VirtualMachine, run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let frame = generator.as_coro().frame();
    vm.resume_gen_frame(&frame, None, |_| run())
}
