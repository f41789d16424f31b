//! Resuming generators: what natives (`list`, `sum`, `next`, `zip` …) do when they step one, by way of our function.
//!
//! The class of generators has one slot for that, which [`install`] takes over. The VM's own function stays reachable as
//! [`resume_interpreted`]. (`for` in interpreted code comes by here unless it was specialised, `yield from` does not.)
//!
//! And what one looks like that was just made: [`Fresh`].

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use rustpython_compiler_core::bytecode::{Instruction, Opcode, adaptive_counter_bits, adaptive_counter_triggers};
use rustpython_vm::frame::FrameObject;
use rustpython_vm::object::SIZEOF_PYOBJECT_HEAD;
use rustpython_vm::{
    AsObject, Py, PyObject, PyRef, PyResult, VirtualMachine,
    builtins::{PyFunction, PyGenerator},
    protocol::PyIterReturn,
};

use crate::frames::{Frame, object_of};
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
    let address = std::ptr::from_ref(&*generator.as_coro().frame());
    // SAFETY: the generator, which is alive, keeps its frame. That there is no other reference to it is what tells that
    // nobody can look at it later; so this one is not counted, and not dropped either.
    let frame = ManuallyDrop::new(unsafe { PyRef::from_raw(address) });
    vm.resume_gen_frame(&frame, None, |_| run())
}

/// What generators of one function look like when they have just been made: all words of the generator, of its frame's object
/// and of the function, but for those that point to the generator itself or to its frame. One that has ended and looks
/// like that again has nothing that a new one would not have: no name of its own, no exception, nothing that was noted down
/// about its frame.
pub struct Fresh {
    generator: Box<[Word]>,
    frame: Box<[Word]>,
    function: Box<[u64]>,
}

/// A word as it is in all that were made so far.
struct Word {
    value: u64,
    /// The bits of all bytes that were the same in each. The others are between fields, and hold anything.
    same: u64,
    /// Which of the own addresses it is, if it is one; then the value is 0.
    own: usize,
}

/// In place of the number of an own address: it is none.
const NOT_OWN: usize = 4;
/// The own addresses of a generator, see [`Seen`], and 0.
type Own = [u64; NOT_OWN + 1];

impl Word {
    fn new(word: u64, own: &Own) -> Word {
        match own[..NOT_OWN].iter().position(|&address| address == word) {
            Some(number) => Word { value: 0, same: u64::MAX, own: number },
            None => Word { value: word, same: u64::MAX, own: NOT_OWN },
        }
    }

    /// The bits in which a word is not what is expected.
    fn differs(&self, word: u64, own: &Own) -> u64 {
        word ^ self.value ^ own[self.own]
    }

    fn refine(&mut self, word: u64, own: &Own) {
        let differs = self.differs(word, own);
        for byte in [0_u64, 8, 16, 24, 32, 40, 48, 56].map(|shift| 0xff << shift) {
            if differs & byte != 0 {
                self.same &= !byte;
            }
        }
    }
}

impl Fresh {
    /// Of a generator that its function has just made.
    pub fn of(generator: &Py<PyGenerator>, function: &Py<PyFunction>, layout: &Layout) -> Option<Fresh> {
        let seen = Seen::of(generator, layout)?;
        Some(Fresh {
            generator: payload(generator).map(|word| Word::new(word, &seen.own)).collect(),
            frame: payload(seen.object).map(|word| Word::new(word, &seen.own)).collect(),
            function: payload(function).collect(),
        })
    }

    /// The function has made another one.
    pub fn refine(&mut self, generator: &Py<PyGenerator>, layout: &Layout) {
        if let Some(seen) = Seen::of(generator, layout) {
            let words = payload(generator).chain(payload(seen.object));
            let known = self.generator.iter_mut().chain(&mut self.frame);
            known.zip(words).for_each(|(known, word)| known.refine(word, &seen.own));
        }
    }

    /// Makes a generator that has ended one that has just been made, but for its arguments and for saying that it has ended.
    /// `None`: it has not ended, or there is more to it.
    pub fn restore(&self, generator: &Py<PyGenerator>, layout: &Layout) -> Option<Frame> {
        let coroutine = generator.as_coro();
        let seen = Seen::of(generator, layout).filter(|_| coroutine.closed() && !coroutine.running())?;
        let is_plain = |object: &PyObject| object.weak_count().unwrap_or(0) == 0 && !object.gc_finalized();
        if seen.frame.stack_depth() != 0 || !is_plain(generator.as_object()) || !is_plain(seen.object.as_object()) {
            return None;
        }
        seen.frame.set_next_unit(0);
        coroutine.closed.store(false);
        let is_fresh = seen.fit(&self.generator, payload(generator)) && seen.fit(&self.frame, payload(seen.object));
        coroutine.closed.store(true);
        is_fresh.then_some(seen.frame)
    }

    /// Whether the function, which these are generators of, still is as it was.
    pub fn is_of(&self, function: &Py<PyFunction>) -> bool {
        payload(function).eq(self.function.iter().copied())
    }
}

/// A generator's frame that only the generator refers to.
struct Seen<'a> {
    object: &'a Py<FrameObject>,
    frame: Frame,
    /// The addresses of the generator, its frame's object, its frame and the frame's locals.
    own: Own,
}

impl<'a> Seen<'a> {
    fn of(generator: &'a Py<PyGenerator>, layout: &Layout) -> Option<Seen<'a>> {
        let address = std::ptr::from_ref(generator) as u64;
        let object = object_of(generator, layout)?;
        let frame = Frame::of_object(object, layout.frame);
        let own = [address, std::ptr::from_ref(object) as u64, frame.address() as u64, frame.locals() as u64, 0];
        Some(Seen { object, frame, own })
    }

    fn fit(&self, known: &[Word], words: impl Iterator<Item = u64>) -> bool {
        known.iter().zip(words).all(|(known, word)| known.differs(word, &self.own) & known.same == 0)
    }
}

/// The words of an object behind its head.
fn payload<T>(object: &Py<T>) -> impl Iterator<Item = u64> {
    let first = std::ptr::from_ref(object).cast::<u8>().wrapping_add(SIZEOF_PYOBJECT_HEAD).cast::<u64>();
    // SAFETY: behind the head there is a T. It is read as plain words, without claiming anything about what is in it.
    (0..size_of::<T>() / size_of::<u64>()).map(move |n| unsafe { first.add(n).read_volatile() })
}
