//! Resuming generators: what natives (`list`, `sum`, `next`, `zip` …) do when they step one, by way of our function.
//!
//! The class of generators has one slot for that, which [`install`] takes over, and generators and coroutines have a method.
//! (`for` in interpreted code comes by here unless it was specialised, `yield from` and `await` do not.)
//!
//! (Asynchronous generators are asked for values: see [`async_generators`](crate::async_generators).)
//!
//! And what one looks like that was just made: [`Fresh`].

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use rustpython_compiler_core::bytecode::{Instruction, Opcode, adaptive_counter_bits, adaptive_counter_triggers};
use rustpython_vm::frame::FrameObject;
use rustpython_vm::object::SIZEOF_PYOBJECT_HEAD;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyAsyncGen, PyCode, PyCoroutine, PyFunction, PyGenerator},
    function::{Callee, FuncArgs},
    protocol::PyIterReturn,
};

use crate::async_generators::unwrapped;
use crate::frames::{Frame, object_of};
use crate::instrument::patch::{self, Native};
use crate::layout::Layout;

/// What has a frame that is resumed.
#[derive(Clone, Copy)]
pub enum Resumable<'a> {
    /// Of a function with `yield`.
    Generator(&'a Py<PyGenerator>),
    /// Of an `async` function.
    Coroutine(&'a Py<PyCoroutine>),
    /// Of an `async` function with `yield`.
    Async(&'a Py<PyAsyncGen>),
}

/// What all three have.
macro_rules! coroutine {
    ($resumable:expr) => {
        match $resumable {
            Resumable::Generator(generator) => generator.as_coro(),
            Resumable::Coroutine(coroutine) => coroutine.as_coro(),
            Resumable::Async(generator) => generator.as_coro(),
        }
    };
}

impl<'a> Resumable<'a> {
    /// An object as what it is. `None`: nothing that is resumed.
    #[inline]
    pub fn of(object: &'a PyObject) -> Option<Resumable<'a>> {
        if let Some(generator) = object.downcast_ref() {
            return Some(Resumable::Generator(generator));
        }
        let coroutine = object.downcast_ref().map(Resumable::Coroutine);
        coroutine.or_else(|| object.downcast_ref().map(Resumable::Async))
    }

    /// The object that it is.
    pub fn object(self) -> &'a PyObject {
        match self {
            Resumable::Generator(generator) => generator.as_object(),
            Resumable::Coroutine(coroutine) => coroutine.as_object(),
            Resumable::Async(generator) => generator.as_object(),
        }
    }

    /// Whether it has ended.
    #[inline]
    pub fn is_closed(self) -> bool {
        coroutine!(self).closed()
    }

    /// Lets it have ended, or not. Its frame stays as it is.
    #[inline]
    pub fn set_closed(self, closed: bool) {
        coroutine!(self).closed.store(closed);
    }

    /// Whether it is being resumed.
    #[inline]
    pub fn is_running(self) -> bool {
        coroutine!(self).running()
    }

    /// The object of its frame.
    ///
    /// # Panics
    /// If it has none any more.
    pub fn frame(self) -> PyRef<FrameObject> {
        coroutine!(self).frame()
    }

    /// Its code.
    pub fn code(self) -> PyRef<PyCode> {
        coroutine!(self).code()
    }

    /// Resumes it, as the VM does.
    ///
    /// # Errors
    /// What it raises.
    pub fn send(self, value: PyObjectRef, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
        coroutine!(self).send(self.object(), value, vm)
    }

    /// The part of it that all three have. See [`GeneratorLayout`](crate::layout::GeneratorLayout).
    #[inline]
    pub(crate) fn part(self) -> *const u8 {
        std::ptr::from_ref(coroutine!(self)).cast()
    }

    /// The words of the object behind its head.
    fn payload(self) -> impl Iterator<Item = u64> {
        let size = match self {
            Resumable::Generator(_) => size_of::<PyGenerator>(),
            Resumable::Coroutine(_) => size_of::<PyCoroutine>(),
            Resumable::Async(_) => size_of::<PyAsyncGen>(),
        };
        // SAFETY: an object of this class has a payload of this size behind its head.
        unsafe { words_behind_head(self.object(), size) }
    }

    /// For whoever knows that the object lives long enough.
    ///
    /// # Safety
    /// The object outlives all uses of the result.
    #[inline]
    pub unsafe fn detach<'b>(self) -> Resumable<'b> {
        // SAFETY: both are the same but for the lifetime, which the caller answers for.
        unsafe { std::mem::transmute::<Resumable<'a>, Resumable<'b>>(self) }
    }
}

/// What has come of resuming something.
pub enum Resumed {
    /// It waits, and yields this.
    Yields(PyObjectRef),
    /// An asynchronous generator gives a value.
    Gives(PyObjectRef),
    /// It has ended, and returns this, or None.
    Ends(Option<PyObjectRef>),
}

impl Resumed {
    /// From what the VM says.
    pub fn of(answer: PyIterReturn, vm: &VirtualMachine) -> Resumed {
        match answer {
            PyIterReturn::Return(yielded) => unwrapped(yielded, vm),
            PyIterReturn::StopIteration(value) => Resumed::Ends(value),
        }
    }
}

impl From<Resumed> for PyIterReturn {
    /// What steps a generator or a coroutine is told.
    fn from(resumed: Resumed) -> Self {
        match resumed {
            Resumed::Yields(value) | Resumed::Gives(value) => PyIterReturn::Return(value),
            Resumed::Ends(value) => PyIterReturn::StopIteration(value),
        }
    }
}

/// Resumes what a native has been asked to resume, with a value that is not None or without one, if it can.
pub type Resume = fn(Resumable<'_>, Option<PyObjectRef>, &VirtualMachine) -> Option<PyResult<Resumed>>;

struct Installed {
    original: fn(&PyObject, &VirtualMachine) -> PyResult<PyIterReturn>,
    resume: Resume,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Has `resume` asked first when a native steps a generator, and when `send` of one or of a coroutine is called.
///
/// # Errors
/// `RuntimeError` if the classes are not as expected, or it was done before.
pub fn install(vm: &VirtualMachine, resume: Resume) -> PyResult<()> {
    let unknown = || vm.new_runtime_error("the JIT does not know this VM: how it resumes generators");
    let types = &vm.ctx.types;
    let slot = &types.generator_type.slots.iternext;
    let original = slot.load().ok_or_else(unknown)?;
    if adaptive_counter_triggers(adaptive_counter_bits(0, NEVER)) {
        return Err(unknown());
    }
    INSTALLED.set(Installed { original, resume }).map_err(|_| unknown())?;
    slot.store(Some(step));
    patch::methods(vm, types.generator_type, &[("send", send)])?;
    patch::methods(vm, types.coroutine_type, &[("send", send)])
}

/// The function in the slot.
fn step(object: &PyObject, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let installed = INSTALLED.get().expect("it has put this function into the slot");
    let resumed = Resumable::of(object).and_then(|generator| (installed.resume)(generator, None, vm));
    resumed.map_or_else(|| (installed.original)(object, vm), |resumed| resumed.map(PyIterReturn::from))
}

/// `generator.send(value)`, `coroutine.send(value)`.
fn send(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    let installed = INSTALLED.get().expect("it has put this function into the class");
    let resumed = match &args.args[..] {
        [object, value] if args.kwargs.is_empty() => Resumable::of(object).and_then(|generator| {
            let value = (!vm.is_none(value)).then(|| value.clone());
            (installed.resume)(generator, value, vm)
        }),
        _ => None,
    };
    match resumed {
        Some(Ok(Resumed::Yields(value) | Resumed::Gives(value))) => Ok(value),
        Some(Ok(Resumed::Ends(value))) => Err(vm.new_stop_iteration(value)),
        Some(Err(exception)) => Err(exception),
        None => native(vm, args, callee),
    }
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
    generator: Resumable<'a>,
    flag: usize,
}

impl<'a> Running<'a> {
    /// The generator must not be running.
    #[inline]
    pub fn mark(generator: Resumable<'a>, layout: &Layout) -> Self {
        let running = Running { generator, flag: layout.generator.running };
        running.set(1);
        running
    }

    #[inline]
    fn set(&self, value: u8) {
        // SAFETY: the offset was found inside a generator at start-up, as that of the flag; only this thread runs Python
        // code, so that nobody else looks at it meanwhile.
        unsafe { self.generator.part().cast_mut().add(self.flag).write_volatile(value) };
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
pub fn in_frame<T>(generator: Resumable<'_>, vm: &VirtualMachine, run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let address = std::ptr::from_ref(&*generator.frame());
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
    pub fn of(generator: Resumable<'_>, function: &Py<PyFunction>, layout: &Layout) -> Option<Fresh> {
        let seen = Seen::of(generator, layout)?;
        Some(Fresh {
            generator: generator.payload().map(|word| Word::new(word, &seen.own)).collect(),
            frame: payload(seen.object).map(|word| Word::new(word, &seen.own)).collect(),
            function: payload(function).collect(),
        })
    }

    /// The function has made another one.
    pub fn refine(&mut self, generator: Resumable<'_>, layout: &Layout) {
        if let Some(seen) = Seen::of(generator, layout) {
            let words = generator.payload().chain(payload(seen.object));
            let known = self.generator.iter_mut().chain(&mut self.frame);
            known.zip(words).for_each(|(known, word)| known.refine(word, &seen.own));
        }
    }

    /// Makes a generator that has ended one that has just been made, but for its arguments and for saying that it has ended.
    /// `None`: it has not ended, or there is more to it.
    pub fn restore(&self, generator: Resumable<'_>, layout: &Layout) -> Option<Frame> {
        let seen = Seen::of(generator, layout).filter(|_| generator.is_closed() && !generator.is_running())?;
        let is_plain = |object: &PyObject| object.weak_count().unwrap_or(0) == 0 && !object.gc_finalized();
        if seen.frame.stack_depth() != 0 || !is_plain(generator.object()) || !is_plain(seen.object.as_object()) {
            return None;
        }
        seen.frame.set_next_unit(0);
        generator.set_closed(false);
        let is_fresh = seen.fit(&self.generator, generator.payload()) && seen.fit(&self.frame, payload(seen.object));
        generator.set_closed(true);
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
    fn of(generator: Resumable<'a>, layout: &Layout) -> Option<Seen<'a>> {
        let address = std::ptr::from_ref(generator.object()) as u64;
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
    // SAFETY: behind the head there is a T.
    unsafe { words_behind_head(std::ptr::from_ref(object).cast(), size_of::<T>()) }
}

/// The words of an object behind its head.
///
/// # Safety
/// The object has a payload of this size, and outlives the iterator.
unsafe fn words_behind_head(object: *const PyObject, size: usize) -> impl Iterator<Item = u64> {
    let first = object.cast::<u8>().wrapping_add(SIZEOF_PYOBJECT_HEAD).cast::<u64>();
    // SAFETY: they are inside the object. They are read as plain words, without claiming anything about what is in them.
    (0..size / size_of::<u64>()).map(move |n| unsafe { first.add(n).read_volatile() })
}
