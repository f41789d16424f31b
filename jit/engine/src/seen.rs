//! Layouts that are found out when the first instance is seen.

use std::cell::OnceCell;

use rustpython_vm::{AsObject, Py, PyObject, VirtualMachine, builtins::PyType, types::PyTypeFlags};
use tjit_vm::layout::LayoutError;

use crate::objects::address;

/// What is known of the instances of a builtin class, once one was seen: the class is only there when its module is.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    name: &'static str,
    discover: fn(&PyObject, &VirtualMachine) -> Result<T, LayoutError>,
    found: OnceCell<Option<(u64, T)>>,
}

impl<T> Seen<T> {
    /// For a class of this name, with what finds it out from the class.
    pub fn new(name: &'static str, discover: fn(&PyObject, &VirtualMachine) -> Result<T, LayoutError>) -> Seen<T> {
        Seen { name, discover, found: OnceCell::new() }
    }

    /// What is known, if an object is an exact instance.
    pub fn of(&self, object: &PyObject, vm: &VirtualMachine) -> Option<&T> {
        self.of_class(object.class(), vm)
    }

    /// What is known of instances of a class.
    pub fn of_class(&self, class: &Py<PyType>, vm: &VirtualMachine) -> Option<&T> {
        // (Attributes of some of the VM's own classes can be set. What there is inside is the same then.)
        if class.slots.flags.has_feature(PyTypeFlags::HEAPTYPE) || &*class.name() != self.name {
            return None;
        }
        let class = class.as_object();
        let discover = || (self.discover)(class, vm).ok().map(|layout| (address(class), layout));
        let (of, layout) = self.found.get_or_init(discover).as_ref()?;
        (*of == address(class)).then_some(layout)
    }

    /// What is known, if the class at an address is the one of which an instance was seen.
    pub fn seen_of(&self, class: u64) -> Option<&T> {
        self.found.get()?.as_ref().filter(|(of, _)| *of == class).map(|(_, layout)| layout)
    }

    /// What is known, once an instance was seen.
    pub fn seen(&self) -> Option<&T> {
        self.found.get()?.as_ref().map(|(_, layout)| layout)
    }
}
