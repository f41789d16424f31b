//! A bit in the head of an object that the VM does not use, and that no new object has: there, a *mark* can be made.
//!
//! The head has a byte of flags for the collector: the lowest says that it knows the object, the fourth would be for objects
//! that do not change. The next byte is the object's generation.

use std::sync::atomic::{AtomicU8, Ordering};

use rustpython_vm::gc_state::gc_state;
use rustpython_vm::object::SIZEOF_PYOBJECT_HEAD;
use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine};

use super::{Result, fail};

/// Says that the collector knows the object.
const TRACKED: u8 = 1 << 0;
/// The generations of an object that is new, and of one that the collector does not know.
const GENERATIONS: (u8, u8) = (0, u8::MAX);
/// The mark.
const MARK: u8 = 1 << 3;
/// Objects that are made while looking for one in the memory of another, at most.
const TRIES: usize = 100;

/// Where the byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkLayout {
    flags: usize,
}

impl MarkLayout {
    /// Finds the byte and checks that the VM leaves the mark alone while the object lives, and takes it away afterwards.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<MarkLayout> {
        let tuple = || -> PyObjectRef { vm.ctx.new_tuple(vec![vm.ctx.new_int(1_i64 << 40).into()]).into() };
        let head = |object: &PyObject| {
            // SAFETY: every object has a whole head, made of plain words.
            unsafe { std::ptr::from_ref(object).cast::<[u8; SIZEOF_PYOBJECT_HEAD]>().read_volatile() }
        };
        let mut found: Vec<usize> = (0..SIZEOF_PYOBJECT_HEAD - 1).collect();
        for object in [tuple(), tuple(), tuple()] {
            let known = head(&object);
            // SAFETY: every new tuple is tracked. This one dies without.
            unsafe { gc_state().untrack_object((&*object).into()) };
            let unknown = head(&object);
            let change = |n: usize| (known[n], unknown[n]);
            found.retain(|&n| (change(n), change(n + 1)) == ((TRACKED, 0), GENERATIONS));
        }
        let [flags] = found[..] else {
            return fail(format!("the collector's flags could be in {} places", found.len()));
        };
        let layout = MarkLayout { flags };
        let object = tuple();
        let place = std::ptr::from_ref::<PyObject>(&object);
        layout.set(&object);
        if !layout.is_set(&object) || head(&object)[flags] != TRACKED | MARK {
            return fail("an object cannot be marked");
        }
        drop(object);
        let mut others = Vec::new();
        while others.len() < TRIES {
            let other = tuple();
            if layout.is_set(&other) {
                return fail("a new object has the mark of one before");
            }
            if std::ptr::eq::<PyObject>(&*other, place) {
                break;
            }
            others.push(other);
        }
        Ok(layout)
    }

    /// Where the byte is in the head.
    pub(super) fn offset(&self) -> usize {
        self.flags
    }

    fn flags<'a>(&self, object: &'a PyObject) -> &'a AtomicU8 {
        let place = std::ptr::from_ref(object).cast::<u8>().wrapping_add(self.flags);
        // SAFETY: the byte was found in the head, which every object has; the VM changes it atomically.
        unsafe { &*place.cast::<AtomicU8>() }
    }

    /// Whether an object has the mark.
    #[must_use]
    pub fn is_set(&self, object: &PyObject) -> bool {
        self.flags(object).load(Ordering::Relaxed) & MARK != 0
    }

    /// Marks an object.
    pub fn set(&self, object: &PyObject) {
        self.flags(object).fetch_or(MARK, Ordering::Relaxed);
    }

    /// Takes the mark away.
    pub fn clear(&self, object: &PyObject) {
        if self.is_set(object) {
            self.flags(object).fetch_and(!MARK, Ordering::Relaxed);
        }
    }
}
