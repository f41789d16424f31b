//! Husks: numbers, strs, lists, short tuples, dicts, sets, bound methods, instances and generators that have died in compiled code and are
//! kept, empty, to be used again.
//!
//! Making one in the VM takes memory for the object and for its contents and tells the collector of it, all under locks;
//! most of those that compiled code makes are soon given up again. A husk stays what it was to the collector: an object
//! that somebody refers to. Lists keep room for some elements; tuples are kept by length, full of `None`; instances by class,
//! with a dict that has the keys of their attributes, or with empty slots.
//!
//! The collector takes what it has found alive twice for long-lived, and seldom looks at it again: what is made of such a
//! husk, it would find late when it dies in a cycle. So no husk is used that was there when it last did so.

mod generators;
mod instances;
mod numbers;
mod pool;
mod tables;
mod texts;

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use rustpython_vm::gc_state::gc_state;
use rustpython_vm::{PyObject, PyObjectRef, PyPayload, VirtualMachine, builtins::PyBoundMethod};

use self::pool::Pool;
use crate::objects::Objects;

/// Of small objects of one kind, at most.
const MANY: usize = 1 << 16;
/// Of objects of one kind that may hold much memory, at most.
const FEW: usize = 1 << 10;
/// Elements of a tuple that is kept, at most.
const MAX_TUPLE: usize = 8;
/// Room in a list that is kept, at most.
const MAX_ROOM: usize = 256;

/// Objects inside one another that die and are kept, at most.
const MAX_DEPTH: u32 = 16;

struct Husks {
    lists: Pool<FEW>,
    tuples: [Pool<MANY>; MAX_TUPLE + 1],
    dicts: Pool<MANY>,
    sets: Pool<MANY>,
    methods: Pool<MANY>,
    /// By class, each in its place.
    instances: Vec<Option<instances::Instances>>,
    /// By function, each in its place.
    generators: Vec<Option<generators::Generators>>,
    /// How many objects the collector took for long-lived when it was last asked.
    long_lived: usize,
}

thread_local! {
    /// Not dropped with the thread: the VM may have gone before.
    static HUSKS: RefCell<ManuallyDrop<Husks>> = const {
        RefCell::new(ManuallyDrop::new(Husks {
            lists: Pool::EMPTY,
            tuples: [const { Pool::EMPTY }; MAX_TUPLE + 1],
            dicts: Pool::EMPTY,
            sets: Pool::EMPTY,
            methods: Pool::EMPTY,
            instances: Vec::new(),
            generators: Vec::new(),
            long_lived: 0,
        }))
    };
}

impl Objects {
    /// Drops the last reference to an object.
    pub fn release(&self, object: PyObjectRef) {
        if let Some(object) = self.release_number(object) {
            self.release_inside(object, 0);
        }
    }

    /// Drops a reference that may be the last one.
    pub fn drop_ref(&self, object: PyObjectRef) {
        let Some(object) = self.release_number(object) else { return };
        let class = self.class(&object);
        if class == self.classes.str {
            self.release_text(object);
        } else if class == self.classes.tuple && self.is_unshared(&object) && self.has_only_leaves(&object) {
            self.release_tuple(object);
        }
    }

    fn release_inside(&self, object: PyObjectRef, depth: u32) {
        if depth == MAX_DEPTH || !self.is_unshared(&object) {
            return;
        }
        let class = self.class(&object);
        let classes = &self.classes;
        if class == classes.str {
            self.release_text(object);
        } else if class == classes.list {
            self.release_list(object);
        } else if class == classes.tuple {
            self.release_tuple(object);
        } else if class == classes.dict {
            self.release_dict(object, depth);
        } else if class == classes.set {
            self.release_set(object, depth);
        } else if class == classes.method {
            self.release_method(object);
        } else if class == classes.generator || class == classes.coroutine {
            self.release_generator(object);
        } else {
            self.release_instance(object, class, depth);
        }
    }

    /// Whether nothing inside a tuple has anything inside of it that dies with it.
    fn has_only_leaves(&self, tuple: &PyObject) -> bool {
        self.tuple_elements(tuple).all(|element| self.classes.is_leaf(self.class(element)))
    }

    fn release_list(&self, list: PyObjectRef) {
        let memory = self.memory(&list);
        memory.drain();
        // What has died may have looked for all lists there are.
        if memory.capacity() <= MAX_ROOM && memory.len() == 0 && self.is_unshared(&list) {
            keep(|husks| husks.lists.put(list));
        }
    }

    fn release_tuple(&self, tuple: PyObjectRef) {
        let count = self.length(&tuple);
        if !(1..=MAX_TUPLE).contains(&count) {
            return;
        }
        self.layout.mark.clear(&tuple);
        let mut elements = [0; MAX_TUPLE];
        for (element, place) in elements.iter_mut().zip(self.places(&tuple)) {
            *element = std::mem::replace(place, self.none);
        }
        for &element in &elements[..count] {
            self.give_up(element);
        }
        if self.is_unshared(&tuple) {
            keep(|husks| husks.tuples[count].put(tuple));
        }
    }

    fn release_method(&self, method: PyObjectRef) {
        let is_alone = || self.is_unshared(&method) && method.weak_count().unwrap_or(0) == 0;
        if !is_alone() || !HUSKS.with_borrow_mut(|husks| husks.methods.has_room()) {
            return;
        }
        for offset in self.layout.bound_method {
            let part = self.word(&method, offset);
            self.set_word(&method, offset, self.none);
            self.give_up(part);
        }
        // What has died may have found it among all objects there are.
        if is_alone() && self.layout.bound_method.iter().all(|&offset| self.word(&method, offset) == self.none) {
            keep(|husks| husks.methods.put(method));
        }
    }

    /// A function that is bound to an object, each with a reference more.
    pub fn new_method(&self, function: u64, receiver: u64, vm: &VirtualMachine) -> PyObjectRef {
        let parts = [function, receiver];
        let Some(method) = take(|husks| husks.methods.take()) else {
            // SAFETY: the caller's objects are alive.
            let [function, receiver] = parts.map(|part| unsafe { self.clone_ref(part) });
            return PyBoundMethod::new(receiver, function).into_ref(&vm.ctx).into();
        };
        for (offset, part) in self.layout.bound_method.into_iter().zip(parts) {
            self.share(part);
            self.set_word(&method, offset, part);
        }
        method
    }

    /// A list of these elements, each with a reference more.
    pub fn new_list(&self, elements: impl ExactSizeIterator<Item = u64>, vm: &VirtualMachine) -> PyObjectRef {
        let list = take(|husks| husks.lists.take());
        let list = list.unwrap_or_else(|| vm.ctx.new_list(Vec::with_capacity(elements.len())).into());
        self.memory(&list).fill(elements);
        list
    }

    /// A tuple of these elements, each with a reference more.
    pub fn new_tuple(&self, elements: &[u64], vm: &VirtualMachine) -> PyObjectRef {
        let tuple = match elements.len() {
            count @ 1..=MAX_TUPLE => take(|husks| husks.tuples[count].take()),
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

    /// A tuple of these elements.
    pub fn new_tuple_of(&self, elements: Vec<PyObjectRef>, vm: &VirtualMachine) -> PyObjectRef {
        let tuple = match elements.len() {
            count @ 1..=MAX_TUPLE => take(|husks| husks.tuples[count].take()),
            _ => None,
        };
        let Some(tuple) = tuple else { return vm.ctx.new_tuple(elements).into() };
        for (place, element) in self.places(&tuple).iter_mut().zip(elements) {
            *place = element.into_raw().as_ptr() as u64;
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

impl Husks {
    /// Takes out all husks if the collector has taken more for long-lived since they were last asked for.
    #[inline]
    fn outdated(&mut self) -> Option<Vec<PyObjectRef>> {
        let (_, _, long_lived) = gc_state().get_count();
        let before = std::mem::replace(&mut self.long_lived, long_lived);
        (self.long_lived > before).then(|| self.empty())
    }

    /// Takes out all husks.
    #[cold]
    fn empty(&mut self) -> Vec<PyObjectRef> {
        let instances = self.instances.iter_mut().flatten().flat_map(|known| known.kept.empty());
        let generators = self.generators.iter_mut().flatten().flat_map(|known| known.kept.empty());
        let tuples = self.tuples.iter_mut().flat_map(Pool::empty);
        self.lists
            .empty()
            .chain(self.dicts.empty())
            .chain(self.sets.empty())
            .chain(self.methods.empty())
            .chain(tuples)
            .chain(instances)
            .chain(generators)
            .collect()
    }
}

/// Gives all husks up: for who looks at all objects that there are.
pub fn give_up() {
    let _all = HUSKS.with_borrow_mut(|husks| husks.empty());
}

/// Takes a husk of a kind.
#[inline]
fn take(kind: impl FnOnce(&mut Husks) -> Option<PyObjectRef>) -> Option<PyObjectRef> {
    let (husk, _outdated) = HUSKS.with_borrow_mut(|husks| {
        let outdated = husks.outdated();
        (kind(husks), outdated)
    });
    husk
}

/// Keeps an object. What is given back is too much.
fn keep(put: impl FnOnce(&mut Husks) -> Option<PyObjectRef>) {
    let _surplus = HUSKS.with_borrow_mut(|husks| {
        let outdated = husks.outdated();
        (put(husks), outdated)
    });
}
