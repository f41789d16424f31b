//! Husks: lists and short tuples that have died in compiled code and are kept, empty, to be used again.
//!
//! Making one in the VM takes memory for the object and for its elements and tells the collector of it, all under locks;
//! most of those that compiled code makes are soon given up again. A husk stays what it was to the collector: an object
//! that somebody refers to. Lists keep room for some elements; tuples are kept by length, full of `None`.

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine};

use crate::objects::Objects;

/// Of a kind, at most.
const KEPT: usize = 64;
/// Elements of a tuple that is kept, at most.
const MAX_TUPLE: usize = 8;
/// Room in a list that is kept, at most.
const MAX_ROOM: usize = 256;

struct Husks {
    lists: Vec<PyObjectRef>,
    tuples: [Vec<PyObjectRef>; MAX_TUPLE + 1],
}

thread_local! {
    /// Not dropped with the thread: the VM may have gone before.
    static HUSKS: RefCell<ManuallyDrop<Husks>> = const {
        RefCell::new(ManuallyDrop::new(Husks { lists: Vec::new(), tuples: [const { Vec::new() }; MAX_TUPLE + 1] }))
    };
}

impl Objects {
    /// Drops the last reference to an object.
    pub fn release(&self, object: PyObjectRef) {
        let class = self.class(&object);
        let is_list = class == self.classes.list;
        if !(is_list || class == self.classes.tuple) || !self.is_unshared(&object) {
            return;
        }
        if is_list {
            let memory = self.memory(&object);
            memory.drain();
            // What has died may have looked for all lists there are.
            if memory.capacity() <= MAX_ROOM && memory.len() == 0 && self.is_unshared(&object) {
                keep(|husks| &mut husks.lists, object);
            }
            return;
        }
        let count = self.length(&object);
        if !(1..=MAX_TUPLE).contains(&count) {
            return;
        }
        let mut elements = [0; MAX_TUPLE];
        for (element, place) in elements.iter_mut().zip(self.places(&object)) {
            *element = std::mem::replace(place, self.none);
        }
        for &element in &elements[..count] {
            self.give_up(element);
        }
        if self.is_unshared(&object) {
            keep(|husks| &mut husks.tuples[count], object);
        }
    }

    /// A list of these elements, each with a reference more.
    pub fn new_list(&self, elements: impl ExactSizeIterator<Item = u64>, vm: &VirtualMachine) -> PyObjectRef {
        let list = HUSKS.with_borrow_mut(|husks| husks.lists.pop());
        let list = list.unwrap_or_else(|| vm.ctx.new_list(Vec::with_capacity(elements.len())).into());
        self.memory(&list).fill(elements);
        list
    }

    /// A tuple of these elements, each with a reference more.
    pub fn new_tuple(&self, elements: &[u64], vm: &VirtualMachine) -> PyObjectRef {
        let tuple = match elements.len() {
            count @ 1..=MAX_TUPLE => HUSKS.with_borrow_mut(|husks| husks.tuples[count].pop()),
            _ => None,
        };
        let Some(tuple) = tuple else {
            let elements = elements.iter().map(|&element| {
                // SAFETY: the caller's elements are alive.
                unsafe { self.clone_ref(element) }
            });
            return vm.ctx.new_tuple(elements.collect()).into();
        };
        for (place, &element) in self.places(&tuple).iter_mut().zip(elements) {
            self.share(element);
            *place = element;
        }
        tuple
    }

    /// The places of a tuple that nobody else refers to.
    #[allow(clippy::mut_from_ref, reason = "the memory behind an object is not its own")]
    fn places(&self, tuple: &PyObject) -> &mut [u64] {
        let elements = self.addresses(tuple);
        // SAFETY: callers have the only reference to the tuple, and nobody looks at its elements meanwhile.
        unsafe { std::slice::from_raw_parts_mut(elements.as_ptr().cast_mut(), elements.len()) }
    }
}

/// Keeps an object, unless there are enough.
fn keep(kind: impl FnOnce(&mut Husks) -> &mut Vec<PyObjectRef>, object: PyObjectRef) {
    let _surplus = HUSKS.with_borrow_mut(|husks| {
        let kept = kind(husks);
        if kept.len() < KEPT {
            kept.push(object);
            None
        } else {
            Some(object)
        }
    });
}
