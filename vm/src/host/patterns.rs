//! Classes derived from builtin ones in `case` patterns: `case Name(x)` with `class Name(str)` binds the object itself, as
//! `case str(x)` does. The VM knows that of the builtin classes only; here it is inherited, as in CPython.

use rustpython_vm::builtins::PyType;
use rustpython_vm::function::{Callee, FuncArgs};
use rustpython_vm::types::PyTypeFlags;
use rustpython_vm::{AsObject, PyResult, VirtualMachine};

use crate::instrument::patch::{self, Native, Wrapper};

/// Sees to it for classes that are made from now on by `class` statements.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that this is written for.
pub(super) fn install(vm: &VirtualMachine) -> PyResult<()> {
    patch::functions(vm, vm.builtins.as_object(), &[("__build_class__", made as Wrapper)])
}

fn made(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    let class = native(vm, args, callee)?;
    if let Some(class) = class.downcast_ref::<PyType>()
        && class.heaptype_ext.is_some()
        && class.mro.read().iter().any(|base| base.slots.flags.has_feature(PyTypeFlags::_MATCH_SELF))
    {
        let inherited = PyTypeFlags::from_iter([PyTypeFlags::_MATCH_SELF]);
        class.slots.flags.replace_masked(inherited, inherited);
    }
    Ok(class)
}
