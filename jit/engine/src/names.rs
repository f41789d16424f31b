//! Where names are in dicts: what helpers remember for compiled code, and the stamps that it relies on.
//!
//! That a builtin name is not shadowed by a global one is seen from the stamp of the globals' keys, which the VM takes
//! away when a key is added. A helper that misses it cannot have the VM give a new one, as that runs a Python function:
//! it notes the dict, and [`give_stamps`] does it when a site is passed next.

use std::cell::{Cell, RefCell};

use rustpython_vm::{AsObject, Py, PyRef, VirtualMachine, builtins::PyDict};
use tjit_codegen::NameCell;
use tjit_vm::layout::DictLayout;

use crate::exits::Activation;
use crate::helpers::{object, payload};

thread_local! {
    static ANY: Cell<bool> = const { Cell::new(false) };
    static WITHOUT_STAMP: RefCell<Vec<PyRef<PyDict>>> = const { RefCell::new(Vec::new()) };
}

/// Sets a cell to where a name is: in the second dict and, when that is another one, not in the first.
pub fn remember(activation: &Activation<'_>, first: u64, second: u64, name: u64, cell: &NameCell) {
    let (Some(in_first), Some(in_second)) = (payload::<PyDict>(first), payload::<PyDict>(second)) else { return };
    if !cell.is_worth_setting() {
        return;
    }
    let layout = activation.objects.layout.dict;
    let Some(index) = layout.index_of(in_second, object(name), activation.vm) else { return };
    if first == second {
        return cell.set(index, None);
    }
    // Only an exact dict ever has a stamp.
    match layout.stamp(in_first) {
        0 => wants_stamp(in_first),
        stamp => cell.set(index, Some(stamp)),
    }
}

/// Notes that a dict should get a stamp.
pub fn wants_stamp(dict: &Py<PyDict>) {
    ANY.set(true);
    WITHOUT_STAMP.with_borrow_mut(|list| {
        if !list.iter().any(|known| known.is(dict)) {
            list.push(dict.to_owned());
        }
    });
}

/// Gives the dicts that were noted their stamps. The frames of the program must be in order, and the engine at rest.
pub fn give_stamps(layout: DictLayout, vm: &VirtualMachine) {
    if ANY.get() {
        ANY.set(false);
        for dict in WITHOUT_STAMP.take() {
            layout.stamped(&dict, vm);
        }
    }
}

/// Whether [`give_stamps`] has something to do.
pub fn wait_for_stamps() -> bool {
    ANY.get()
}
