//! Instances of Python classes seen as their attributes: what a header's state takes apart, and what an exit puts together
//! again.
//!
//! While an instance is apart, it exists, but holds nothing that its attributes refer to: numbers stay where they were and
//! are out of date, other values are moved out. Nobody can tell, as only the trace has a reference to it.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyStr, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use smallvec::SmallVec;
use tjit_vm::tallies;

use crate::objects::{Objects, address};

/// Attributes of an instance that is taken apart, at most.
pub const MAX_ATTRIBUTES: usize = 8;

/// The attributes that an instance has: names, by their addresses, and values.
pub type Attributes<'a> = SmallVec<[(u64, &'a PyObject); MAX_ATTRIBUTES]>;

/// Where the slots of classes without dicts are: name, and how many bytes in front of an instance; by class and version.
#[derive(Clone, Debug, Default)]
pub struct SlotTables(RefCell<FxHashMap<u64, (u32, SlotTable)>>);

/// The slots of a class: name, and how many bytes in front of an instance.
pub type SlotTable = Rc<[(&'static PyStrInterned, u32)]>;

impl Objects {
    /// Whether instances of a class are nothing but their attributes, which are found and set in the default way. Only then
    /// may [`Objects::attributes`] be asked.
    pub fn is_attributes_only(&self, class: &Py<PyType>, vm: &VirtualMachine) -> bool {
        let object_type = vm.ctx.types.object_type;
        if class.is(object_type)
            || class.slots.del.load().is_some()
            || !sets_plainly(class, vm)
            || !has_plain_attributes(class, vm)
            || !is_python_only(class, vm)
        {
            return false;
        }
        let has_dict = class.slots.flags.has_feature(PyTypeFlags::HAS_DICT);
        if has_dict { class.slots.member_count == 0 } else { self.slot_table(class, vm).is_some() }
    }

    /// The slots of a class whose instances have no dict. `None`: they could not be found.
    fn slot_table(&self, class: &Py<PyType>, vm: &VirtualMachine) -> Option<SlotTable> {
        let version = version_of(class, vm);
        if let Some(table) = self.known_slots(class) {
            return Some(table);
        }
        let mut table: Vec<(&'static PyStrInterned, u32)> = Vec::new();
        let bases: Vec<PyRef<PyType>> = class.mro.read().iter().map(|base| base.to_owned()).collect();
        let entries = bases.iter().flat_map(|base| base.attributes.entries());
        for (name, _) in entries.filter(|(_, value)| value.class().is(vm.ctx.types.member_descriptor_type)) {
            let name = vm.ctx.intern_str(name.downcast_ref::<PyStr>()?.to_str()?);
            if table.iter().any(|(known, _)| std::ptr::eq(*known, name)) {
                return None;
            }
            table.push((name, self.layout.instance.slot(class, name, vm)?));
        }
        let is_plain = version != 0 && table.len() <= MAX_ATTRIBUTES && table.len() == class.slots.member_count;
        let table: SlotTable = table.into();
        is_plain.then(|| {
            self.slot_tables.0.borrow_mut().insert(address(class.as_object()), (version, table.clone()));
            table
        })
    }

    /// The slots of a class for which they have been looked up since it was last changed.
    pub fn known_slots(&self, class: &Py<PyType>) -> Option<SlotTable> {
        let version = tallies::version(class);
        let tables = self.slot_tables.0.borrow();
        tables.get(&address(class.as_object())).filter(|(known, _)| *known == version).map(|(_, table)| table.clone())
    }

    /// The slots of the class of an instance that is apart. They are where they were, though the class may have changed since.
    fn slots_apart(&self, class: &Py<PyType>) -> Option<SlotTable> {
        self.slot_tables.0.borrow().get(&address(class.as_object())).map(|(_, table)| table.clone())
    }

    /// The attributes of an instance of a class that [`Objects::is_attributes_only`], in order. `None`: there are too many of
    /// them, or somebody else refers to its dict, or a weak reference to it.
    pub fn attributes<'a>(&self, instance: &'a PyObject) -> Option<Attributes<'a>> {
        let class = instance.class();
        if class.slots.del.load().is_some() || instance.weak_count().unwrap_or(0) != 0 {
            return None;
        }
        let mut found = Attributes::new();
        if class.slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            let dict = self.own_dict(instance)?;
            let layout = &self.layout.dict;
            if layout.count(dict) > MAX_ATTRIBUTES {
                return None;
            }
            for index in 0..layout.count(dict) {
                let name = layout.key_at(dict, index).filter(|name| self.class(name) == self.classes.str)?;
                found.push((address(name), layout.value_at(dict, index)));
            }
            return Some(found);
        }
        for &(name, offset) in self.known_slots(class)?.iter() {
            // SAFETY: the table has places of references in front of instances of this class, or of null.
            if let Some(value) = unsafe { slot_place(instance, offset).read().as_ref() } {
                found.push((address(name.as_object()), value));
            }
        }
        Some(found)
    }

    /// Moves the value of an attribute out of an instance: the `index`th of [`Objects::attributes`], with this name.
    pub fn take_attribute(&self, instance: &PyObject, index: usize, name: u64) -> Option<PyObjectRef> {
        if instance.class().slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            // SAFETY: `None` lives for ever.
            let none = unsafe { self.clone_ref(self.none) };
            return self.own_dict(instance).map(|dict| self.layout.dict.replace(dict, index, none));
        }
        let table = self.known_slots(instance.class())?;
        let (_, offset) = table.iter().find(|(known, _)| address(known.as_object()) == name)?;
        // SAFETY: the place of a slot of this instance, which only the caller refers to.
        unsafe { swap_slot(instance, *offset, None) }
    }

    /// Gives an instance that was apart the attributes that it has now.
    pub fn put_together(
        &self,
        instance: &PyObject,
        attributes: impl Iterator<Item = (PyObjectRef, PyObjectRef)>,
        vm: &VirtualMachine,
    ) -> PyResult<()> {
        let mut attributes: SmallVec<[(PyObjectRef, PyObjectRef); MAX_ATTRIBUTES]> = attributes.collect();
        if !instance.class().slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            let Some(table) = self.slots_apart(instance.class()) else {
                return Err(vm.new_system_error("the slots of a class are not known any more"));
            };
            for &(name, offset) in table.iter() {
                let index = attributes.iter().position(|(known, _)| known.is(name.as_object()));
                let value = index.map(|index| attributes.swap_remove(index).1);
                // SAFETY: the place of a slot of this instance, which only the caller refers to.
                drop(unsafe { swap_slot(instance, offset, value) });
            }
            return Ok(());
        }
        let Some(dict) = instance.dict() else { return Err(vm.new_system_error("an instance has lost its dict")) };
        let layout = &self.layout.dict;
        let is = |(index, name): (usize, &PyObjectRef)| layout.key_at(&dict, index).is_some_and(|key| key.is(name));
        if layout.count(&dict) == attributes.len() && attributes.iter().map(|(name, _)| name).enumerate().all(is) {
            for (index, (_, value)) in attributes.into_iter().enumerate() {
                drop(layout.replace(&dict, index, value));
            }
            return Ok(());
        }
        vm.call_method(dict.as_object(), "clear", ())?;
        attributes.into_iter().try_for_each(|(name, value)| dict.set_item(&*name, value, vm))
    }
}

/// Whether instances of a class find their attributes the default way.
pub fn has_plain_attributes(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let get = |class: &Py<PyType>| class.slots.getattro.load().map(|get| get as usize);
    get(class) == get(vm.ctx.types.object_type)
}

/// Whether attributes of a class's instances are set as `object` does.
pub fn sets_plainly(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let set = |class: &Py<PyType>| class.slots.setattro.load().map(|set| set as usize);
    set(class) == set(vm.ctx.types.object_type)
}

/// Whether a class and all its bases but `object` were made by Python code: the instances have nothing but attributes.
pub fn is_python_only(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    // (Not all of the VM's own classes say that they cannot be changed: cells do not.)
    let is_python = |class: &Py<PyType>| class.is(vm.ctx.types.object_type) || class.heaptype_ext.is_some();
    class.mro.read().iter().all(|base| is_python(base))
}

/// The version of a class, which the VM may have to give first. 0: it has none.
pub fn version_of(class: &Py<PyType>, vm: &VirtualMachine) -> u32 {
    use std::sync::atomic::Ordering::Acquire;
    if class.tp_version_tag.load(Acquire) == 0 {
        // A look-up has it given.
        let _ = class.get_attr(vm.ctx.intern_str("__class__"));
    }
    // (What relies on the version of a class with tallies goes by its cell from now on.)
    let _ = tallies::cell(class);
    tallies::version(class)
}

/// Where a slot of an instance is.
pub fn slot_place(instance: &PyObject, offset: u32) -> *mut *mut PyObject {
    let instance = std::ptr::from_ref(instance).cast_mut().cast::<u8>();
    instance.wrapping_sub(offset as usize).cast()
}

/// Puts a value, or nothing, into a slot. Gives what was there.
///
/// # Safety
/// `offset` is that of a slot of the instance, which nobody else uses meanwhile.
pub unsafe fn swap_slot(instance: &PyObject, offset: u32, value: Option<PyObjectRef>) -> Option<PyObjectRef> {
    let value = value.map_or(std::ptr::null_mut(), |value| value.into_raw().as_ptr());
    // SAFETY: as the caller says; a slot owns what it refers to, or is null.
    unsafe {
        let old = slot_place(instance, offset).replace(value);
        std::ptr::NonNull::new(old).map(|old| PyObjectRef::from_raw(old))
    }
}

/// Whether loading a method leaves a function and its receiver on the interpreter's stack, rather than one object and null.
pub fn loads_function(object: &PyObject, name: &'static PyStrInterned, vm: &VirtualMachine) -> bool {
    let class = object.class();
    has_plain_attributes(class, vm)
        && class
            .get_attr(name)
            .is_some_and(|found| found.class().slots.flags.has_feature(PyTypeFlags::METHOD_DESCRIPTOR))
}

/// That function, if the object has no such attribute of its own.
pub fn method_function(object: &PyObject, name: &'static PyStrInterned, vm: &VirtualMachine) -> Option<PyObjectRef> {
    let is_own = || object.dict().is_some_and(|dict| dict.contains_key(name, vm));
    if loads_function(object, name, vm) && !is_own() { object.class().get_attr(name) } else { None }
}

/// Whether a class has the very attribute under a name that another has.
pub fn leaves_to(class: &Py<PyType>, base: &Py<PyType>, name: &'static str, vm: &VirtualMachine) -> bool {
    let name = vm.ctx.intern_str(name);
    class.get_attr(name).zip(base.get_attr(name)).is_some_and(|(own, theirs)| own.is(&theirs))
}

/// Whether a name is the same as another: the very object mostly, but `setattr` and `**` take what they are given.
pub fn is_named(name: &PyObject, other: &PyObject) -> bool {
    name.is(other)
        || match (name.downcast_ref::<PyStr>(), other.downcast_ref::<PyStr>()) {
            (Some(name), Some(other)) => name.as_wtf8() == other.as_wtf8(),
            _ => false,
        }
}
