//! Husks: numbers, lists, short tuples, instances and generators that have died in compiled code and are kept, empty, to be
//! used again.
//!
//! Making one in the VM takes memory for the object and for its contents and tells the collector of it, all under locks;
//! most of those that compiled code makes are soon given up again. A husk stays what it was to the collector: an object
//! that somebody refers to. Lists keep room for some elements; tuples are kept by length, full of `None`; instances by class,
//! with a dict that has the keys of their attributes.
//!
//! The collector takes what it finds alive for long-lived, and looks at it no more: what is made of such a husk, it would
//! not find when it dies in a cycle. So no husk is used that was there when the collector last ran.

mod generators;
mod numbers;
mod pool;

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use rustpython_vm::gc_state::gc_state;
use rustpython_vm::{AsObject, Py, PyObject, PyObjectRef, VirtualMachine, builtins::PyDict};

use self::pool::Pool;
use crate::objects::{Objects, address};

/// Of small objects of one kind, at most.
const MANY: usize = 1 << 16;
/// Of objects of one kind that may hold much memory, at most.
const FEW: usize = 1 << 10;
/// Elements of a tuple that is kept, at most.
const MAX_TUPLE: usize = 8;
/// Room in a list that is kept, at most.
const MAX_ROOM: usize = 256;

/// Attributes of an instance that is kept, at most.
const MAX_ATTRIBUTES: usize = 6;
/// Classes whose instances are kept, at most; a power of two.
const CLASSES: usize = 64;
/// Objects inside one another that die and are kept, at most.
const MAX_DEPTH: u32 = 16;

struct Husks {
    lists: Pool<FEW>,
    tuples: [Pool<MANY>; MAX_TUPLE + 1],
    /// By class, each in its place.
    instances: Vec<Instances>,
    /// By function, each in its place.
    generators: Vec<Option<generators::Generators>>,
    /// How many objects the collector took for long-lived when it was last asked.
    long_lived: usize,
}

/// Instances of one class.
#[derive(Default)]
struct Instances {
    class: u64,
    /// The dict with the keys of their attributes, by its address.
    template: u64,
    keys: Keys,
    kept: Pool<MANY>,
}

/// The keys of a dict, by their addresses.
#[derive(Clone, Copy, Default)]
struct Keys {
    keys: [u64; MAX_ATTRIBUTES],
    count: usize,
}

thread_local! {
    /// Not dropped with the thread: the VM may have gone before.
    static HUSKS: RefCell<ManuallyDrop<Husks>> = const {
        RefCell::new(ManuallyDrop::new(Husks {
            lists: Pool::EMPTY,
            tuples: [const { Pool::EMPTY }; MAX_TUPLE + 1],
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
        drop(self.release_number(object));
    }

    fn release_inside(&self, object: PyObjectRef, depth: u32) {
        if depth == MAX_DEPTH || !self.is_unshared(&object) {
            return;
        }
        let class = self.class(&object);
        let is_list = class == self.classes.list;
        if class == self.classes.generator {
            return self.release_generator(object);
        }
        if !is_list && class != self.classes.tuple {
            return self.release_instance(object, class, depth);
        }
        if is_list {
            let memory = self.memory(&object);
            memory.drain();
            // What has died may have looked for all lists there are.
            if memory.capacity() <= MAX_ROOM && memory.len() == 0 && self.is_unshared(&object) {
                keep(|husks| husks.lists.put(object));
            }
            return;
        }
        let count = self.length(&object);
        if !(1..=MAX_TUPLE).contains(&count) {
            return;
        }
        self.layout.mark.clear(&object);
        let mut elements = [0; MAX_TUPLE];
        for (element, place) in elements.iter_mut().zip(self.places(&object)) {
            *element = std::mem::replace(place, self.none);
        }
        for &element in &elements[..count] {
            self.give_up(element);
        }
        if self.is_unshared(&object) {
            keep(|husks| husks.tuples[count].put(object));
        }
    }

    fn release_instance(&self, instance: PyObjectRef, class: u64, depth: u32) {
        let keys = HUSKS.with_borrow_mut(|husks| {
            let known = husks.instances.get_mut(place(class)).filter(|known| known.class == class)?;
            known.kept.has_room().then_some(known.keys)
        });
        let Some(keys) = keys else { return };
        let layout = &self.layout.dict;
        let is_plain = instance.class().slots.del.load().is_none() && instance.weak_count().unwrap_or(0) == 0;
        let Some(dict) = self.own_dict(&instance).filter(|dict| is_plain && keys.fit(dict, self)) else { return };
        let values: [Option<PyObjectRef>; MAX_ATTRIBUTES] = std::array::from_fn(|index| {
            // SAFETY: `None` lives for ever.
            (index < keys.count).then(|| layout.replace(dict, index, unsafe { self.clone_ref(self.none) }))
        });
        for value in values.into_iter().flatten() {
            self.release_inside(value, depth + 1);
        }
        // What has died may have found the instance among all objects there are.
        if self.is_unshared(&instance) && self.own_dict(&instance).is_some_and(|dict| keys.fit(dict, self)) {
            keep(|husks| husks.instances[place(class)].kept.put(instance));
        }
    }

    /// The dict of an instance, if nobody else refers to it.
    pub fn own_dict<'a>(&self, instance: &'a PyObject) -> Option<&'a Py<PyDict>> {
        let place = (address(instance) as *const u8).wrapping_offset(self.layout.instance.dict);
        // SAFETY: callers pass instances of classes whose instances have a dict; its pointer is there, or null.
        let dict = unsafe { place.cast::<*const PyObject>().read().as_ref() }?;
        dict.downcast_ref::<PyDict>().filter(|_| self.is_unshared(dict) && self.class(dict) == self.classes.dict)
    }

    /// An instance of a class with the attributes of a template, which all are None. `None`: there is none to be used again.
    pub fn instance_husk(&self, class: u64, template: &Py<PyDict>) -> Option<(PyObjectRef, &Py<PyDict>)> {
        let instance = take(|husks| {
            let known = husks.instances.get_mut(place(class))?;
            if known.class == class && known.template == address(template.as_object()) {
                known.kept.take()
            } else {
                None
            }
        })?;
        let dict: *const Py<PyDict> = self.own_dict(&instance)?;
        // SAFETY: the instance, which the caller gets, keeps its dict alive.
        Some((instance, unsafe { &*dict }))
    }

    /// Instances of a class with the attributes of a template are worth keeping.
    pub fn expect_instances(&self, class: u64, template: &Py<PyDict>) {
        let layout = &self.layout.dict;
        let mut keys = Keys { keys: [0; MAX_ATTRIBUTES], count: layout.count(template) };
        if keys.count > MAX_ATTRIBUTES {
            return;
        }
        for (index, key) in keys.keys[..keys.count].iter_mut().enumerate() {
            let Some(found) = layout.key_at(template, index) else { return };
            *key = address(found);
        }
        let template = address(template.as_object());
        let _surplus = HUSKS.with_borrow_mut(|husks| {
            husks.instances.resize_with(CLASSES, Instances::default);
            let known = &mut husks.instances[place(class)];
            let is_known = known.class == class && known.template == template;
            (!is_known).then(|| std::mem::replace(known, Instances { class, template, keys, kept: Pool::EMPTY }))
        });
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

impl Keys {
    /// Whether a dict has these keys and no others.
    fn fit(&self, dict: &Py<PyDict>, objects: &Objects) -> bool {
        let layout = &objects.layout.dict;
        let is = |(index, &key): (usize, &u64)| layout.key_at(dict, index).is_some_and(|found| address(found) == key);
        layout.count(dict) == self.count && self.keys[..self.count].iter().enumerate().all(is)
    }
}

impl Husks {
    /// Takes out all husks if the collector has run since they were last asked for.
    #[inline]
    fn outdated(&mut self) -> Vec<PyObjectRef> {
        let (_, middle, old) = gc_state().get_count();
        let before = std::mem::replace(&mut self.long_lived, middle + old);
        if self.long_lived <= before { Vec::new() } else { self.empty() }
    }

    /// Takes out all husks.
    fn empty(&mut self) -> Vec<PyObjectRef> {
        let instances = self.instances.iter_mut().flat_map(|known| known.kept.empty());
        let generators = self.generators.iter_mut().flatten().flat_map(|known| known.kept.empty());
        let tuples = self.tuples.iter_mut().flat_map(Pool::empty);
        self.lists.empty().chain(tuples).chain(instances).chain(generators).collect()
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

/// Where the instances of a class are.
fn place(class: u64) -> usize {
    (class >> 6) as usize % CLASSES
}

/// Keeps an object. What is given back is too much.
fn keep(put: impl FnOnce(&mut Husks) -> Option<PyObjectRef>) {
    let _surplus = HUSKS.with_borrow_mut(|husks| {
        let outdated = husks.outdated();
        (put(husks), outdated)
    });
}
