//! Counts of references, and the elements of exact lists and tuples, as memory: without the VM's locks and atomics.
//!
//! Only for what runs on the one thread that there is: compiled code and its helpers, see `engine::must_leave`.

use std::ptr::NonNull;

use rustpython_vm::{PyObject, PyObjectRef, builtins::PyList};

use crate::helpers::object;
use crate::objects::{Objects, address};

impl Objects {
    fn at(&self, object: u64, offset: usize) -> *mut u64 {
        (object as *mut u8).wrapping_add(offset).cast()
    }

    /// Adds a reference to a live object.
    pub fn share(&self, object: u64) {
        let count = self.at(object, self.layout.count);
        // SAFETY: callers pass live objects; nobody else counts meanwhile.
        unsafe {
            if *count & self.layout.immortal_bit == 0 {
                *count += 1;
            }
        }
    }

    /// Drops a reference unless it is one of the last so many. True: it is, and is still there.
    fn is_one_of_last(&self, object: u64, many: usize) -> bool {
        let count = self.at(object, self.layout.count);
        // SAFETY: as in `share`.
        unsafe {
            if *count & self.layout.immortal_bit != 0 {
                return false;
            }
            if *count & self.layout.count_mask > many as u64 {
                *count -= 1;
                return false;
            }
        }
        true
    }

    /// Drops a reference. With the last one, the object dies, and Python code may run.
    pub fn give_up(&self, object: u64) {
        if self.is_one_of_last(object, 1) {
            self.drop_ref(owned(object));
        }
    }

    /// Whether an object has one reference and no mark.
    pub fn is_unshared(&self, object: &PyObject) -> bool {
        // SAFETY: the object is alive.
        unsafe { *self.at(address(object), self.layout.count) == 1 }
    }

    /// The elements of an object with the layout of a list or tuple, as addresses. They may not be used after anything
    /// that may change it.
    pub fn addresses<'a>(&self, sequence: &'a PyObject) -> &'a [u64] {
        let (data, len) = self.elements_at(sequence);
        // SAFETY: the sequence has this many elements there.
        unsafe {
            let data = *self.at(address(sequence), data) as *const u64;
            std::slice::from_raw_parts(data, *self.at(address(sequence), len) as usize)
        }
    }

    /// The elements of a tuple, also of a class derived from tuple in Python.
    pub fn tuple_elements<'a>(&self, tuple: &'a PyObject) -> impl ExactSizeIterator<Item = &'a PyObject> + use<'a> {
        // SAFETY: the tuple has this many elements there.
        let elements = unsafe {
            let data = *self.at(address(tuple), self.layout.tuple_data) as *const u64;
            std::slice::from_raw_parts(data, *self.at(address(tuple), self.layout.tuple_len) as usize)
        };
        elements.iter().map(|&element| object(element))
    }

    /// The memory of an object with the layout of a list.
    pub fn memory<'a>(&'a self, list: &'a PyObject) -> Memory<'a> {
        Memory { objects: self, list }
    }
}

/// The reference that an address stands for.
fn owned(object: u64) -> PyObjectRef {
    // SAFETY: callers give up one reference; an address of an object is not null.
    unsafe { PyObjectRef::from_raw(NonNull::new_unchecked(object as *mut PyObject)) }
}

/// An exact list that is changed in place.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    objects: &'a Objects,
    list: &'a PyObject,
}

impl Memory<'_> {
    fn field(self, offset: usize) -> *mut u64 {
        self.objects.at(address(self.list), offset)
    }

    /// How many elements it has.
    pub fn len(self) -> usize {
        // SAFETY: an exact list has the field.
        unsafe { *self.field(self.objects.layout.list_len) as usize }
    }

    fn data(self) -> *mut u64 {
        // SAFETY: as above.
        unsafe { *self.field(self.objects.layout.list_data) as *mut u64 }
    }

    /// How many elements it has room for.
    pub fn capacity(self) -> usize {
        // SAFETY: as above.
        unsafe { *self.field(self.objects.layout.list.capacity) as usize }
    }

    fn set_len(self, len: usize) {
        // SAFETY: as above; callers have filled so many places.
        unsafe { *self.field(self.objects.layout.list_len) = len as u64 };
    }

    /// Counts a change, as the VM does when it borrows the elements.
    fn count_change(self) {
        let changes = self.field(self.objects.layout.list.changes).cast::<u32>();
        // SAFETY: as above.
        unsafe { *changes = (*changes).wrapping_add(1) };
    }

    /// Makes room for so many more.
    fn reserve(self, more: usize) {
        if self.capacity() - self.len() < more
            && let Some(list) = self.list.downcast_ref::<PyList>()
        {
            list.borrow_vec_mut().reserve(more);
        }
    }

    /// Adds an element at the end. Takes the reference.
    pub fn push(self, element: u64) {
        self.reserve(1);
        self.count_change();
        let len = self.len();
        // SAFETY: there is room for one more.
        unsafe { *self.data().add(len) = element };
        self.set_len(len + 1);
    }

    /// Adds elements at the end, each with a reference more. They may be the list's own.
    pub fn extend(self, elements: &[u64]) {
        let (len, more) = (self.len(), elements.len());
        let own = std::ptr::eq(elements.as_ptr(), self.data());
        self.reserve(more);
        self.count_change();
        let from = if own { self.data().cast_const() } else { elements.as_ptr() };
        for n in 0..more {
            // SAFETY: there is room for so many more, and `from` has so many.
            unsafe {
                self.objects.share(*from.add(n));
                *self.data().add(len + n) = *from.add(n);
            }
        }
        self.set_len(len + more);
    }

    /// Puts an element at an index that is at most the length. Takes the reference.
    pub fn insert(self, index: usize, element: u64) {
        self.reserve(1);
        self.count_change();
        let len = self.len();
        // SAFETY: there is room for one more; what is behind the index moves up.
        unsafe {
            let place = self.data().add(index);
            std::ptr::copy(place, place.add(1), len - index);
            *place = element;
        }
        self.set_len(len + 1);
    }

    /// Takes the element at an index that is below the length out. Gives its reference.
    pub fn remove(self, index: usize) -> u64 {
        self.count_change();
        let len = self.len();
        self.set_len(len - 1);
        // SAFETY: the element is there; what is behind it moves down.
        unsafe {
            let place = self.data().add(index);
            let removed = *place;
            std::ptr::copy(place.add(1), place, len - index - 1);
            removed
        }
    }

    /// Gives the elements another order. `order` has the same elements.
    pub fn permute(self, order: &[u64]) {
        self.count_change();
        // SAFETY: as in `reverse`.
        unsafe { std::slice::from_raw_parts_mut(self.data(), self.len()) }.copy_from_slice(order);
    }

    /// Turns the elements around.
    pub fn reverse(self) {
        self.count_change();
        // SAFETY: the list has this many elements there, and nobody else looks at them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.data(), self.len()) }.reverse();
    }

    /// Puts others in the place of some elements: each with a reference more, from a sequence that is not this list. Those
    /// that it had die from the last to the first, as the VM has it.
    pub fn replace(self, range: std::ops::Range<usize>, elements: impl ExactSizeIterator<Item = u64>) {
        let (count, more, len) = (range.len(), elements.len(), self.len());
        self.reserve(more.saturating_sub(count));
        self.count_change();
        let mut last = Vec::new();
        let mut elements = elements;
        // SAFETY: the range is inside the list, and there is room for the elements.
        let place = unsafe { self.data().add(range.start) };
        for n in 0..count {
            // SAFETY: as above.
            let old = unsafe { *place.add(n) };
            if n < more
                && let Some(new) = elements.next()
            {
                self.objects.share(new);
                // SAFETY: as above.
                unsafe { *place.add(n) = new };
            }
            // Nothing may die before the list is whole again.
            if self.objects.is_one_of_last(old, count) {
                last.push(old);
            }
        }
        if more != count {
            // SAFETY: as above; what is behind the range moves.
            unsafe { std::ptr::copy(place.add(count), place.add(more), len - range.end) };
            for (n, new) in elements.enumerate() {
                self.objects.share(new);
                // SAFETY: as above.
                unsafe { *place.add(count + n) = new };
            }
            self.set_len(len - count + more);
        }
        for old in last.into_iter().rev() {
            self.objects.give_up(old);
        }
    }

    /// Takes all elements out, and drops them from the first to the last. The room stays.
    pub fn drain(self) {
        let (data, len) = (self.data(), self.len());
        self.set_len(0);
        for n in 0..len {
            // SAFETY: nobody but the caller can reach the list, so that its memory stays as it is.
            self.objects.give_up(unsafe { *data.add(n) });
        }
    }

    /// Fills an empty list that nobody else has seen, with a reference more of each.
    pub fn fill(self, elements: impl ExactSizeIterator<Item = u64>) {
        let count = elements.len();
        self.reserve(count);
        let data = self.data();
        for (n, element) in elements.enumerate().take(count) {
            self.objects.share(element);
            // SAFETY: there is room for as many as the iterator says that it has.
            unsafe { *data.add(n) = element };
        }
        self.set_len(count);
    }
}
