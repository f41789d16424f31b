//! Classes that are given another name.

use rustpython_vm::{PyObject, PyResult, VirtualMachine, builtins::PyType};

use crate::instrument::patch;

/// What can be set of a class that its version does not tell in the VM itself.
pub const NAMES: [&str; 2] = ["__name__", "__qualname__"];

/// Sees to it that a class has another version when it has another name, so that compiled code may rely on a name.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    NAMES.iter().try_for_each(|name| patch::setter(vm, vm.ctx.types.type_type, name, renamed))
}

fn renamed(class: &PyObject) {
    if let Some(class) = class.downcast_ref::<PyType>() {
        class.modified();
    }
}
