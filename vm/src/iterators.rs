//! Stepping native iterators that step others: `zip`, `enumerate`, `map`. Whoever steps one, natives included, comes by our
//! functions first. The classes have one slot for that, which [`install`] takes over.

use std::sync::OnceLock;

use rustpython_vm::{Py, PyObject, PyResult, VirtualMachine, builtins::PyType, protocol::PyIterReturn};

/// Steps an iterator, if it can.
pub type Step = fn(&PyObject, &VirtualMachine) -> Option<PyResult<PyIterReturn>>;

type Slot = fn(&PyObject, &VirtualMachine) -> PyResult<PyIterReturn>;

/// Number of classes.
const CLASSES: usize = 3;

static INSTALLED: [OnceLock<(Slot, Step)>; CLASSES] = [const { OnceLock::new() }; CLASSES];

/// Has these functions asked first when something steps a `zip`, an `enumerate`, a `map`, or an object of a class that is
/// derived from theirs. A second call changes nothing.
pub fn install(vm: &VirtualMachine, steps: [Step; CLASSES]) {
    let types = &vm.ctx.types;
    let slots: [(&Py<PyType>, Slot); CLASSES] =
        [(types.zip_type, step::<0>), (types.enumerate_type, step::<1>), (types.map_type, step::<2>)];
    for ((installed, (class, slot)), step) in INSTALLED.iter().zip(slots).zip(steps) {
        if let Some(original) = class.slots.iternext.load()
            && installed.set((original, step)).is_ok()
        {
            class.slots.iternext.store(Some(slot));
        }
    }
}

/// The function in a slot.
fn step<const CLASS: usize>(object: &PyObject, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let (original, step) = INSTALLED[CLASS].get().expect("it was set before the slot");
    step(object, vm).unwrap_or_else(|| original(object, vm))
}
