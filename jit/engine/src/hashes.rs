//! Hashes of tuples.
//!
//! CPython notes the hash of a tuple in the tuple; the VM goes through all that is inside each time it is asked. Here, a tuple
//! that is hashed the second time has its hash noted in a table, in the place for its address. That it is the same tuple still,
//! and not another one at the same address, is told by a mark in its head (`tjit_vm::layout::MarkLayout`), which a new object
//! does not have.
//!
//! Only what cannot change has a mark: tuples of numbers, texts and such tuples. Tuples of classes that are made in Python (named
//! ones) may be among them, as long as none of those classes changes.

use std::cell::{Cell, RefCell};

use rustpython_vm::{AsObject, Py, PyObject, PyRef, VirtualMachine, builtins::PyType};

use crate::attributes::version_of;
use crate::objects::{Objects, address};

/// Places of the table, a power of two.
const PLACES: usize = 1 << 16;
/// Classes made in Python whose tuples have marks, at most.
const MAX_CLASSES: usize = 8;

/// What is known.
#[derive(Default, Debug)]
pub struct Hashes {
    /// An address and a hash in each place. Empty until a tuple is hashed again.
    table: RefCell<Vec<(u64, i64)>>,
    /// Classes made in Python, with their versions.
    classes: RefCell<Vec<(PyRef<PyType>, u32)>>,
    /// One of them has changed: nothing is looked up any more.
    is_over: Cell<bool>,
}

impl Hashes {
    fn is_valid(&self) -> bool {
        let is_same = |(class, version): &(PyRef<PyType>, u32)| tjit_vm::tallies::version(class) == *version;
        if !self.is_over.get() && !self.classes.borrow().iter().all(is_same) {
            self.is_over.set(true);
        }
        !self.is_over.get()
    }

    fn get(&self, tuple: u64) -> Option<i64> {
        let (of, hash) = *self.table.borrow().get(place(tuple))?;
        (of == tuple).then_some(hash)
    }

    fn set(&self, tuple: u64, hash: i64) {
        let mut table = self.table.borrow_mut();
        if table.is_empty() {
            *table = vec![(0, 0); PLACES];
        }
        table[place(tuple)] = (tuple, hash);
    }

    fn forget(&self, tuple: u64) {
        if self.get(tuple).is_some() {
            self.table.borrow_mut()[place(tuple)] = (0, 0);
        }
    }

    /// Whether a class is known, or is from now on.
    fn has(&self, class: &Py<PyType>, vm: &VirtualMachine) -> bool {
        let mut classes = self.classes.borrow_mut();
        if classes.iter().any(|(known, _)| known.is(class)) {
            return true;
        }
        let version = version_of(class, vm);
        let has_room = classes.len() < MAX_CLASSES && version != 0;
        if has_room {
            classes.push((class.to_owned(), version));
        }
        has_room
    }
}

/// Where the hash of the tuple at an address is noted. Objects are aligned; neighbours are as far apart as they are large.
fn place(tuple: u64) -> usize {
    ((tuple >> 4) ^ (tuple >> 18)) as usize % PLACES
}

impl Objects {
    /// The hash of a tuple, if it was noted.
    pub fn noted_hash(&self, tuple: &PyObject) -> Option<i64> {
        if !self.layout.mark.is_set(tuple) || !self.hashes.is_valid() {
            return None;
        }
        self.hashes.get(address(tuple))
    }

    /// Notes the hash of a tuple, or that it has been asked for.
    pub fn note_hash(&self, tuple: &PyObject, hash: i64, vm: &VirtualMachine) {
        let (mark, class) = (&self.layout.mark, self.class(tuple));
        if mark.is_set(tuple) {
            if self.hashes.is_valid() {
                self.hashes.set(address(tuple), hash);
            }
            return;
        }
        let mut elements = self.tuple_elements(tuple);
        if elements.all(|element| self.classes.is_leaf(self.class(element)) || mark.is_set(element))
            && (class == self.classes.tuple || self.hashes.has(tuple.class(), vm))
        {
            // What is noted for this address is another tuple's, which has died.
            self.hashes.forget(address(tuple));
            mark.set(tuple);
        }
    }
}
