//! Instances of Python classes that have died in compiled code, to be used again by their class.

use smallvec::SmallVec;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef,
    builtins::{PyDict, PyType},
};

use super::{HUSKS, MANY, Pool, keep, take};
use crate::attributes::{SlotTable, slot_place, swap_slot};
use crate::objects::{Objects, address};

/// Attributes in the dict of an instance that is kept, at most.
const MAX_ATTRIBUTES: usize = 6;
/// Classes whose instances are kept, at most; a power of two.
const CLASSES: usize = 64;

/// Instances of one class.
pub(super) struct Instances {
    class: u64,
    attributes: Attributes,
    pub(super) kept: Pool<MANY>,
}

/// Values of attributes.
type Values = SmallVec<[PyObjectRef; MAX_ATTRIBUTES]>;

/// Where the attributes of a class's instances are.
enum Attributes {
    /// In a dict that begins as this one, by its address, with these keys.
    Dict { template: u64, keys: Keys },
    /// In slots, as of this version of the class.
    Slots { version: u32, table: SlotTable },
}

/// The keys of a dict, by their addresses.
struct Keys {
    keys: [u64; MAX_ATTRIBUTES],
    count: usize,
}

impl Objects {
    pub(super) fn release_instance(&self, instance: PyObjectRef, class: u64, depth: u32) {
        let values = HUSKS.with_borrow_mut(|husks| {
            let known = husks.instances.get_mut(place(class))?.as_mut().filter(|known| known.class == class)?;
            if !known.kept.has_room()
                || instance.class().slots.del.load().is_some()
                || instance.weak_count().unwrap_or(0) != 0
            {
                return None;
            }
            self.take_values(&instance, &known.attributes)
        });
        let Some(values) = values else { return };
        for value in values {
            if let Some(value) = self.release_number(value) {
                self.release_inside(value, depth + 1);
            }
        }
        // What has died may have found the instance among all objects there are.
        if !self.is_unshared(&instance) {
            return;
        }
        keep(|husks| match &mut husks.instances[place(class)] {
            Some(known) if known.class == class && self.is_empty(&instance, &known.attributes) => {
                known.kept.put(instance)
            }
            _ => Some(instance),
        });
    }

    /// Takes what an instance has out of its attributes, in the order in which the VM lets go of it. `None`: they are
    /// elsewhere.
    fn take_values(&self, instance: &PyObject, attributes: &Attributes) -> Option<Values> {
        match attributes {
            Attributes::Dict { keys, .. } => {
                let layout = &self.layout.dict;
                let dict = self.own_dict(instance).filter(|dict| keys.fit(dict, self))?;
                // SAFETY: `None` lives for ever.
                let none = || unsafe { self.clone_ref(self.none) };
                Some((0..keys.count).map(|index| layout.replace(dict, index, none())).collect())
            }
            Attributes::Slots { version, table } => {
                if version_now(instance.class()) != *version {
                    return None;
                }
                // SAFETY: the place of a slot of instances of this version of the class; nobody else refers to this one.
                Some(table.iter().filter_map(|&(_, offset)| unsafe { swap_slot(instance, offset, None) }).collect())
            }
        }
    }

    /// Whether an instance has its attributes where they are expected; and of those in slots, none is set.
    fn is_empty(&self, instance: &PyObject, attributes: &Attributes) -> bool {
        match attributes {
            Attributes::Dict { keys, .. } => self.own_dict(instance).is_some_and(|dict| keys.fit(dict, self)),
            Attributes::Slots { version, table } => {
                version_now(instance.class()) == *version
                    // SAFETY: the places of slots of instances of this version of the class.
                    && table.iter().all(|&(_, offset)| unsafe { slot_place(instance, offset).read().is_null() })
            }
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
        let instance = take_of(
            class,
            |attributes| matches!(attributes, Attributes::Dict { template: known, .. } if *known == address(template.as_object())),
        )?;
        let dict: *const Py<PyDict> = self.own_dict(&instance)?;
        // SAFETY: the instance, which the caller gets, keeps its dict alive.
        Some((instance, unsafe { &*dict }))
    }

    /// An instance of a class whose instances have no dict, with empty slots. `None`: there is none to be used again.
    pub fn slotted_husk(&self, class: &Py<PyType>) -> Option<PyObjectRef> {
        let now = version_now(class);
        take_of(
            address(class.as_object()),
            |attributes| matches!(attributes, Attributes::Slots { version, .. } if *version == now),
        )
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
        expect(class, Attributes::Dict { template: address(template.as_object()), keys });
    }

    /// Instances of a class whose instances have no dict are worth keeping.
    pub fn expect_slotted(&self, class: &Py<PyType>) {
        let Some(table) = self.known_slots(class) else { return };
        let mut sorted = table.to_vec();
        // They die in the order in which the VM lets go of them.
        sorted.sort_by_key(|&(_, offset)| offset);
        let attributes = Attributes::Slots { version: version_now(class), table: sorted.into() };
        expect(address(class.as_object()), attributes);
    }
}

impl Attributes {
    /// Whether what is known of the same class still holds.
    fn is_same(&self, other: &Attributes) -> bool {
        match (self, other) {
            (Attributes::Dict { template: a, .. }, Attributes::Dict { template: b, .. }) => a == b,
            (Attributes::Slots { version: a, .. }, Attributes::Slots { version: b, .. }) => a == b,
            _ => false,
        }
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

/// Notes where the attributes of a class's instances are. Those that were kept before are given up if it was elsewhere.
fn expect(class: u64, attributes: Attributes) {
    let _surplus = HUSKS.with_borrow_mut(|husks| {
        husks.instances.resize_with(CLASSES, || None);
        let known = &mut husks.instances[place(class)];
        let is_known =
            known.as_ref().is_some_and(|known| known.class == class && known.attributes.is_same(&attributes));
        (!is_known).then(|| known.replace(Instances { class, attributes, kept: Pool::EMPTY }))
    });
}

/// Takes an instance of a class whose attributes are as they should be.
fn take_of(class: u64, is_right: impl FnOnce(&Attributes) -> bool) -> Option<PyObjectRef> {
    take(|husks| {
        let known = husks.instances.get_mut(place(class))?.as_mut()?;
        (known.class == class && is_right(&known.attributes)).then(|| known.kept.take())?
    })
}

/// The version that a class has. 0: it has changed, and nobody has asked for the version since.
fn version_now(class: &Py<PyType>) -> u32 {
    tjit_vm::tallies::version(class)
}

/// Where the instances of a class are.
fn place(class: u64) -> usize {
    (class >> 6) as usize % CLASSES
}
