//! Stepping native iterators that step others: `zip`, `enumerate`, `map`, and some of `itertools`. Whoever steps one, natives
//! included, comes by our functions first. The classes have one slot for that, which [`install`] and [`install_one`] take over.

use std::sync::OnceLock;

use rustpython_vm::{Py, PyObject, PyResult, VirtualMachine, builtins::PyType, protocol::PyIterReturn};

/// Steps an iterator, if it can.
pub type Step = fn(&PyObject, &VirtualMachine) -> Option<PyResult<PyIterReturn>>;

type Slot = fn(&PyObject, &VirtualMachine) -> PyResult<PyIterReturn>;

/// Number of classes that are there from the beginning.
const FIRST: usize = 3;
/// Number of classes.
const CLASSES: usize = 5;

static INSTALLED: [OnceLock<(Slot, Step)>; CLASSES] = [const { OnceLock::new() }; CLASSES];

/// Has these functions asked first when something steps a `zip`, an `enumerate`, a `map`, or an object of a class that is
/// derived from theirs. A second call changes nothing.
pub fn install(vm: &VirtualMachine, steps: [Step; FIRST]) {
    let types = &vm.ctx.types;
    let slots: [(&Py<PyType>, Slot); FIRST] =
        [(types.zip_type, step::<0>), (types.enumerate_type, step::<1>), (types.map_type, step::<2>)];
    for ((installed, (class, slot)), step) in INSTALLED.iter().zip(slots).zip(steps) {
        take_over(installed, class, slot, step);
    }
}

/// The same of a class of `itertools`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// `chain`
    Chain = FIRST as isize,
    /// `islice`
    Slice,
}

/// Has a function asked first when something steps an object of this class. A second call changes nothing.
pub fn install_one(which: Class, class: &Py<PyType>, step: Step) {
    let slot: Slot = match which {
        Class::Chain => self::step::<{ Class::Chain as usize }>,
        Class::Slice => self::step::<{ Class::Slice as usize }>,
    };
    take_over(&INSTALLED[which as usize], class, slot, step);
}

fn take_over(installed: &OnceLock<(Slot, Step)>, class: &Py<PyType>, slot: Slot, step: Step) {
    if let Some(original) = class.slots.iternext.load()
        && installed.set((original, step)).is_ok()
    {
        class.slots.iternext.store(Some(slot));
    }
}

/// The function in a slot.
fn step<const CLASS: usize>(object: &PyObject, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let (original, step) = INSTALLED[CLASS].get().expect("it was set before the slot");
    step(object, vm).unwrap_or_else(|| original(object, vm))
}
