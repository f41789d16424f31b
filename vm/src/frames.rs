//! A running interpreter frame, as the recorder and the exits see it: fast locals, value stack, position.

use std::ptr::NonNull;
use std::sync::atomic::Ordering;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef,
    builtins::{PyCode, PyDict},
    frame::{FrameObject, InterpreterFrame, current_thread_iframe},
};

use crate::generators::Resumable;
use crate::instrument;
use crate::layout::{FrameLayout, GeneratorLayout, Layout, STACK_TAG, is_inside};

/// A frame of the current thread that is on its chain of running frames, or that of a generator.
///
/// Values are plain pointers: a fast local is null (unbound) or owns one reference; a stack entry is null or owns one
/// reference, unless its low bit says that it is borrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    pointer: NonNull<InterpreterFrame>,
    layout: FrameLayout,
}

/// The object of a generator's frame, if it still has one, and nobody else refers to that.
#[inline]
pub(crate) fn object_of<'a>(generator: Resumable<'a>, layout: &Layout) -> Option<&'a Py<FrameObject>> {
    // SAFETY: the offset was found at start-up; what is there is null or a frame's object that the generator keeps.
    let object = unsafe {
        let place = generator.part().add(layout.generator.frame);
        place.cast::<*const Py<FrameObject>>().read().as_ref()
    };
    object.filter(|object| object.as_object().strong_count() == 1)
}

impl Frame {
    /// The frame that this thread is running. `None` outside Python code.
    pub fn current(layout: FrameLayout) -> Option<Frame> {
        NonNull::new(current_thread_iframe().cast_mut()).map(|pointer| Frame { pointer, layout })
    }

    /// The frame that a frame object stands for, which nobody runs and which the caller keeps alive.
    pub fn of_object(object: &Py<FrameObject>, layout: FrameLayout) -> Frame {
        Frame { pointer: NonNull::from(object.iframe()), layout }
    }

    /// The frame of a generator that is suspended or has not been started, and that nobody else refers to. `None` for
    /// others.
    #[inline]
    pub fn of_generator(generator: Resumable<'_>, layout: &Layout) -> Option<Frame> {
        if generator.is_closed() || generator.is_running() {
            return None;
        }
        let GeneratorLayout { frame, inside, .. } = layout.generator;
        // SAFETY: the offsets were found at start-up. A generator that has not ended keeps its frame; the count is that
        // of a live object.
        let (count, pointer) = unsafe {
            let object = generator.part().add(frame).cast::<*mut u8>().read();
            let count = object.cast_const().add(layout.count).cast::<u64>().read() & layout.count_mask;
            (count, NonNull::new(object.add(inside).cast())?)
        };
        // One is the generator's. Whoever has another can look at the frame.
        (count == 1).then_some(Frame { pointer, layout: layout.frame })
    }

    /// The frame of a generator that has ended, if it still has one, and nobody else refers to that.
    #[inline]
    pub fn of_ended(generator: Resumable<'_>, layout: &Layout) -> Option<Frame> {
        if !generator.is_closed() || generator.is_running() {
            return None;
        }
        object_of(generator, layout).map(|object| Frame::of_object(object, layout.frame))
    }

    /// The frame that runs this one.
    pub fn caller(self) -> Option<Frame> {
        NonNull::new(self.inner().previous().cast_mut()).map(|pointer| Frame { pointer, layout: self.layout })
    }

    #[inline]
    fn inner(&self) -> &InterpreterFrame {
        // SAFETY: the frame runs further out on this thread's stack than whoever holds a `Frame`, which is only made
        // from the chain of running frames, or is that of a generator that is alive, and is not kept beyond a return to
        // the interpreter.
        unsafe { self.pointer.as_ref() }
    }

    /// Its code object.
    #[inline]
    pub fn code(&self) -> &Py<PyCode> {
        self.inner().code()
    }

    /// Its global names.
    #[inline]
    pub fn globals(&self) -> &Py<PyDict> {
        self.inner().globals()
    }

    /// Its builtins: a dict, unless somebody replaced it.
    pub fn builtins(&self) -> &PyObject {
        self.inner().builtins()
    }

    /// The function that it is a call of; `None` for modules and classes.
    pub fn function(&self) -> Option<&PyObject> {
        self.inner().func_obj()
    }

    /// Whether its local names live in the globals dict, as at module level.
    pub fn locals_are_globals(&self) -> bool {
        match self.inner().locals.get() {
            Some(mapping) => mapping.obj().is(self.globals()),
            None => false,
        }
    }

    /// Whether it runs, or one that it has called.
    pub fn is_running(self) -> bool {
        Frame::running(self.layout).any(|frame| frame == self)
    }

    /// The frames that run, innermost first.
    pub fn running(layout: FrameLayout) -> impl Iterator<Item = Frame> {
        std::iter::successors(Frame::current(layout), |frame| frame.caller())
    }

    /// Index of the code unit that is executed next.
    #[inline]
    pub fn next_unit(&self) -> u32 {
        self.inner().lasti.load(Ordering::Relaxed)
    }

    /// Sets the code unit that is executed next. From a site, the interpreter still steps over one cache unit, so pass
    /// one less there.
    #[inline]
    pub fn set_next_unit(&self, unit: u32) {
        self.inner().lasti.store(unit, Ordering::Relaxed);
    }

    #[inline]
    fn field<T>(&self, offset: usize) -> *mut T {
        // SAFETY: the offset was found inside the frame at start-up, so the pointer stays within it.
        unsafe { self.pointer.as_ptr().cast::<u8>().add(offset).cast::<T>() }
    }

    /// Whether somebody else refers to its frame object: a traceback, say, which shows the frame after it has returned.
    pub fn is_shared(&self) -> bool {
        // SAFETY: the field is inside the live frame; it is null or the address of an object that the frame keeps.
        let object = unsafe { self.field::<*const PyObject>(self.layout.object).read().as_ref() };
        object.is_some_and(|object| {
            // (That of a generator is referred to by the generator only.)
            let is_called = is_inside(self.pointer.as_ptr(), object) && !instrument::suspends(self.code());
            object.strong_count() > if is_called { self.layout.own_references } else { 1 }
        })
    }

    /// Number of fast locals.
    #[inline]
    pub fn local_count(&self) -> usize {
        // SAFETY: the field is inside the live frame.
        unsafe { self.field::<u32>(self.layout.locals).read() as usize }
    }

    /// Depth of the value stack.
    #[inline]
    pub fn stack_depth(&self) -> usize {
        // SAFETY: the field is inside the live frame.
        unsafe { self.field::<u32>(self.layout.stack_top).read() as usize }
    }

    /// The first fast local.
    #[inline]
    pub fn locals(&self) -> *mut u64 {
        // SAFETY: the field is inside the live frame.
        unsafe { self.field::<*mut u64>(self.layout.data).read() }
    }

    /// The address of the frame, which tells it from other frames that are alive.
    pub fn address(&self) -> usize {
        self.pointer.as_ptr() as usize
    }

    /// What a fast local holds, untagged. Null when unbound.
    ///
    /// # Panics
    /// When there is no such local.
    #[inline]
    pub fn local(&self, index: usize) -> Option<&PyObject> {
        assert!(index < self.local_count(), "frame has {} locals, not {index}", self.local_count());
        // SAFETY: the slot exists, and holds null or a pointer to an object that the slot keeps alive.
        unsafe { (self.locals().add(index).read() as *const PyObject).as_ref() }
    }

    /// An entry of the value stack, counted from the bottom, untagged. Null below some callables.
    ///
    /// # Panics
    /// When the stack is not that deep.
    #[inline]
    pub fn stack(&self, index: usize) -> Option<&PyObject> {
        assert!(index < self.stack_depth(), "value stack has {} entries, not {index}", self.stack_depth());
        // SAFETY: the slot exists, and what it holds, tag removed, is null or an object that is alive at least as long
        // as the entry.
        unsafe { ((self.locals().add(self.local_count() + index).read() & !STACK_TAG) as *const PyObject).as_ref() }
    }

    /// Whether an entry of the value stack has a reference of its own.
    pub fn owns_stack(&self, index: usize) -> bool {
        assert!(index < self.stack_depth(), "value stack has {} entries, not {index}", self.stack_depth());
        // SAFETY: the slot exists.
        unsafe { self.locals().add(self.local_count() + index).read() & STACK_TAG == 0 }
    }

    /// Takes the reference out of a fast local, leaving it unbound.
    pub fn take_local(&self, index: usize) -> Option<PyObjectRef> {
        assert!(index < self.local_count(), "frame has {} locals, not {index}", self.local_count());
        // SAFETY: the slot owns the reference that it gives away here.
        unsafe {
            let slot = self.locals().add(index);
            let pointer = NonNull::new(slot.replace(0) as *mut PyObject)?;
            Some(PyObjectRef::from_raw(pointer))
        }
    }

    /// Puts a reference into a fast local and returns what was there.
    #[must_use = "dropping the old value may run Python code"]
    pub fn replace_local(&self, index: usize, value: Option<PyObjectRef>) -> Option<PyObjectRef> {
        let old = self.take_local(index);
        // SAFETY: the slot exists (checked above) and is empty now.
        unsafe { self.locals().add(index).write(value.map_or(0, |value| value.into_raw().as_ptr() as u64)) };
        old
    }

    /// Takes an entry of the value stack, counted from the bottom, leaving null; a borrowed one is counted first.
    pub fn take_stack(&self, index: usize) -> Option<PyObjectRef> {
        assert!(index < self.stack_depth(), "value stack has {} entries, not {index}", self.stack_depth());
        // SAFETY: the slot exists; an owned entry's reference moves out, a borrowed one is alive and gets its own.
        unsafe {
            let slot = self.locals().add(self.local_count() + index);
            let bits = slot.replace(0);
            let pointer = NonNull::new((bits & !STACK_TAG) as *mut PyObject)?;
            if bits & STACK_TAG != 0 { Some(pointer.as_ref().to_owned()) } else { Some(PyObjectRef::from_raw(pointer)) }
        }
    }

    /// Puts a reference into an entry of the value stack, and returns what was there.
    #[must_use = "dropping the old value may run Python code"]
    pub fn replace_stack(&self, index: usize, value: PyObjectRef) -> Option<PyObjectRef> {
        let old = self.take_stack(index);
        // SAFETY: the entry exists (checked above) and is empty now.
        unsafe { self.locals().add(self.local_count() + index).write(value.into_raw().as_ptr() as u64) };
        old
    }

    /// Takes all entries of the value stack.
    #[must_use = "dropping what was there may run Python code"]
    pub fn take_whole_stack(&self) -> Vec<PyObjectRef> {
        let taken = (0..self.stack_depth()).filter_map(|index| self.take_stack(index)).collect();
        self.clear_stack();
        taken
    }

    /// Writes the whole value stack, each entry owned. What is there must have been taken before.
    ///
    /// # Panics
    /// When the code's stack is not that deep.
    pub fn set_stack(&self, entries: Vec<Option<PyObjectRef>>) {
        let depth = entries.len();
        assert!(depth <= self.code().max_stackdepth as usize, "value stack overflow: {depth} entries");
        for (index, entry) in entries.into_iter().enumerate() {
            let bits = entry.map_or(0, |value| value.into_raw().as_ptr() as u64);
            // SAFETY: the frame's data has room for the code's maximal stack after its locals.
            unsafe { self.locals().add(self.local_count() + index).write(bits) };
        }
        // SAFETY: the field is inside the live frame, and that many entries have just been written.
        unsafe { self.field::<u32>(self.layout.stack_top).write(depth as u32) };
    }

    /// Puts an entry on the value stack.
    ///
    /// # Panics
    /// When the code's stack is not that deep.
    pub fn push_stack(&self, value: PyObjectRef) {
        let depth = self.stack_depth();
        assert!(depth < self.code().max_stackdepth as usize, "value stack overflow: {depth} entries");
        // SAFETY: the frame's data has room for the code's maximal stack after its locals.
        unsafe { self.locals().add(self.local_count() + depth).write(value.into_raw().as_ptr() as u64) };
        self.set_stack_depth(depth + 1);
    }

    /// Takes the topmost entry of the value stack.
    ///
    /// # Panics
    /// When the stack is empty.
    #[must_use = "dropping what was there may run Python code"]
    pub fn pop_stack(&self) -> Option<PyObjectRef> {
        let depth = self.stack_depth() - 1;
        let value = self.take_stack(depth);
        self.set_stack_depth(depth);
        value
    }

    /// Makes the value stack so deep. Its entries have been written.
    #[inline]
    pub fn set_stack_depth(&self, depth: usize) {
        // SAFETY: the field is inside the live frame.
        unsafe { self.field::<u32>(self.layout.stack_top).write(depth as u32) };
    }

    /// Empties the memory of a value stack whose entries have been taken, also that above them.
    pub fn clear_stack_memory(&self) {
        let room = self.code().max_stackdepth as usize;
        // SAFETY: the frame's data has room for the code's maximal stack after its locals; nothing there is owned.
        unsafe { self.locals().add(self.local_count()).write_bytes(0, room) };
    }

    /// Empties the value stack's count without touching entries, which must all have been taken.
    #[inline]
    pub fn clear_stack(&self) {
        // SAFETY: as in `set_stack`, with no entry.
        unsafe { self.field::<u32>(self.layout.stack_top).write(0) };
    }
}
