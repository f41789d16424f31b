//! The collector's lists: of each generation, its objects are linked to each other by two words in their heads, and the
//! collector's state has the first of them and how many they are.
//!
//! ```text
//! head   ┌ … ┬ flags:u8 generation:u8 owner:u16 scratch:u32 ┬ … previous, next … ┐
//! state  ┌ … ┬ lock, first ┬ lock, first ┬ lock, first ┬ … ┬ objects ┬ objects ┬ objects ┬ … ┐
//! ```
//!
//! The scratch number is the collector's while it collects, and nobody's otherwise.

use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize};

use rustpython_vm::gc_state::{GcState, current_owner, gc_state};
use rustpython_vm::object::SIZEOF_PYOBJECT_HEAD;
use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine};

use super::mark::MarkLayout;
use super::{Result, WORD, address, fail, only_word, words};

/// How many generations there are.
pub const GENERATIONS: usize = 3;
/// The owner of objects that no interpreter owns.
const NOBODY: u16 = 0;

/// Byte offsets in the heads of objects and in the collector's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationsLayout {
    generation: usize,
    owner: usize,
    scratch: usize,
    previous: usize,
    next: usize,
    /// In the state: the first object of the youngest generation; those of the others follow.
    first: usize,
    /// From one to the next.
    stride: usize,
    /// In the state: the number of objects in the youngest generation; those of the others follow.
    counts: usize,
}

impl GenerationsLayout {
    /// Finds every offset and checks it. Runs no Python code.
    pub(super) fn discover(mark: MarkLayout, vm: &VirtualMachine) -> Result<GenerationsLayout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        // SAFETY: every object has a whole head.
        let look = |object: &PyObject| unsafe { words(object, head) };
        let tuple = |n: i64| -> PyObjectRef { vm.ctx.new_tuple(vec![vm.ctx.new_int(n).into()]).into() };
        let [a, b, c, d] = [tuple(1), tuple(2), tuple(3), tuple(4)];
        let samples = |of_b: &PyObject, of_c: &PyObject| [(look(&b), address(of_b)), (look(&c), address(of_c))];
        let next = only_word("the next object of a generation", &samples(&a, &b), 0..head)?;
        let previous = only_word("the one before in a generation", &samples(&c, &d), 0..head)?;
        let flags = mark.offset();
        let state = state_words();
        let length = state.len();
        let first = only_word("the first object of a generation", &[(state, address(&d))], 0..length)?;
        let counts = only_words("how many objects a generation has", &count_words(), length)?;
        let layout = GenerationsLayout {
            generation: flags + 1,
            owner: flags + 2,
            scratch: flags + 4,
            previous,
            next,
            first,
            // A lock of one word is beside each.
            stride: 2 * WORD,
            counts,
        };
        if [next / WORD, previous / WORD].contains(&(flags / WORD)) || !flags.is_multiple_of(WORD) {
            return fail("the collector's flags are not in a word of their own");
        }
        layout.check(&d)?;
        Ok(layout)
    }

    /// Whether what is found there agrees with what the VM says.
    fn check(&self, newest: &PyObject) -> Result<()> {
        if self.generation(newest) != 0 || self.owner(newest) != current_owner() {
            return fail("a new object has another generation or owner");
        }
        for generation in 0..GENERATIONS {
            let listed = gc_state().get_objects(Some(generation as i32), current_owner());
            let count = || self.count(generation).load(Relaxed);
            let Some(first) = listed.first() else {
                if self.first(generation).is_some() && count() == 0 {
                    return fail("a generation without objects has a first one");
                }
                continue;
            };
            if self.first(generation) != Some(NonNull::from(&**first)) {
                return fail("the first object of a generation is another one");
            }
            let known = NonNull::from(&**first);
            // SAFETY: the object is alive: it is in what was listed.
            if usize::from(self.generation(unsafe { known.as_ref() })) != generation {
                return fail("an object is not in its generation");
            }
        }
        Ok(())
    }

    fn head<T>(&self, object: &PyObject, offset: usize) -> &T {
        let place = std::ptr::from_ref(object).cast::<u8>().wrapping_add(offset);
        // SAFETY: only called with atomics that fit where these offsets were found, in the head that every object has.
        unsafe { &*place.cast::<T>() }
    }

    fn state<T>(&self, offset: usize) -> &'static T {
        let place = std::ptr::from_ref(gc_state()).cast::<u8>().wrapping_add(offset);
        // SAFETY: only called with atomics that fit where these offsets were found, in a state that lives for ever.
        unsafe { &*place.cast::<T>() }
    }

    fn count(&self, generation: usize) -> &'static AtomicUsize {
        self.state(self.counts + generation * WORD)
    }

    fn first_word(&self, generation: usize) -> &'static AtomicPtr<PyObject> {
        self.state(self.first + generation * self.stride)
    }

    /// The first object of a generation.
    #[must_use]
    pub fn first(&self, generation: usize) -> Option<NonNull<PyObject>> {
        NonNull::new(self.first_word(generation).load(Relaxed))
    }

    /// The object after this one in its generation.
    #[must_use]
    pub fn next(&self, object: &PyObject) -> Option<NonNull<PyObject>> {
        NonNull::new(self.head::<AtomicPtr<PyObject>>(object, self.next).load(Relaxed))
    }

    /// The generation of an object; what is larger than 2 is none.
    #[must_use]
    pub fn generation(&self, object: &PyObject) -> u8 {
        self.head::<AtomicU8>(object, self.generation).load(Relaxed)
    }

    fn owner(&self, object: &PyObject) -> u16 {
        self.head::<AtomicU16>(object, self.owner).load(Relaxed)
    }

    /// Whether this interpreter may collect the object.
    #[must_use]
    pub fn is_ours(&self, object: &PyObject, owner: u16) -> bool {
        let of = self.owner(object);
        of == owner || of == NOBODY
    }

    /// The scratch number of an object.
    #[must_use]
    pub fn scratch(&self, object: &PyObject) -> u32 {
        self.head::<AtomicU32>(object, self.scratch).load(Relaxed)
    }

    /// Sets the scratch number of an object.
    pub fn set_scratch(&self, object: &PyObject, number: u32) {
        self.head::<AtomicU32>(object, self.scratch).store(number, Relaxed);
    }

    /// Moves all objects of the generations up to `last`, which are these in the order of the lists, into the next one.
    ///
    /// # Safety
    /// `objects` are the objects of these lists, the generations' ends at `ends`; nothing else looks at the lists meanwhile.
    pub unsafe fn promote(&self, last: usize, objects: &[NonNull<PyObject>], ends: &[usize]) {
        let target = last + 1;
        for object in objects {
            // SAFETY: by the caller's promise the objects are alive.
            let object = unsafe { object.as_ref() };
            self.head::<AtomicU8>(object, self.generation).store(target as u8, Relaxed);
        }
        let mut start = 0;
        for (generation, &end) in ends.iter().enumerate() {
            if let [first, ..] = objects[start..end] {
                let foremost = self.first_word(target).swap(first.as_ptr(), Relaxed);
                // SAFETY: as above; `foremost` is in the target's list.
                let (tail, foremost) = unsafe { (objects[end - 1].as_ref(), foremost.as_ref()) };
                if let Some(foremost) = foremost {
                    let before = self.head::<AtomicPtr<PyObject>>(foremost, self.previous);
                    before.store(objects[end - 1].as_ptr(), Relaxed);
                    let after = self.head::<AtomicPtr<PyObject>>(tail, self.next);
                    after.store(std::ptr::from_ref(foremost).cast_mut(), Relaxed);
                }
                self.first_word(generation).store(std::ptr::null_mut(), Relaxed);
            }
            self.count(generation).store(0, Relaxed);
            start = end;
        }
        self.count(target).fetch_add(objects.len(), Relaxed);
    }
}

/// The words of the collector's state.
fn state_words() -> Vec<u64> {
    let state = std::ptr::from_ref(gc_state()).cast::<u64>();
    // SAFETY: the state is that large; it is read as plain words, volatile because others may change it.
    (0..size_of::<GcState>() / WORD).map(|n| unsafe { state.add(n).read_volatile() }).collect()
}

/// The state's words, and the numbers of objects at the same time.
fn count_words() -> (Vec<u64>, [u64; GENERATIONS]) {
    let (young, middle, old) = gc_state().get_count();
    (state_words(), [young, middle, old].map(|count| count as u64))
}

/// Offset of the only place where these words follow each other.
fn only_words(what: &str, (words, values): &(Vec<u64>, [u64; GENERATIONS]), length: usize) -> Result<usize> {
    let found: Vec<usize> = (0..=length - GENERATIONS).filter(|&n| words[n..n + GENERATIONS] == *values).collect();
    match found[..] {
        [n] => Ok(n * WORD),
        _ => fail(format!("{what} could be in {} places", found.len())),
    }
}
