//! What an import statement gives when there is nothing left to import.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, PyModule, PyStr, PyTuple},
};

use crate::instrument::patch;

const IMPORT: &str = "__import__";

/// `builtins.__import__`, if it is the VM's own.
#[must_use]
pub fn usual_import(vm: &VirtualMachine) -> Option<PyObjectRef> {
    let import = vm.builtins.dict().get_item_opt(IMPORT, vm).ok()??;
    (patch::is_native(&import, IMPORT, vm) || import.is(&vm.import_func)).then_some(import)
}

/// What `import name`, or `from name import …` with these names (a tuple or `None`), gives in code whose builtins are the
/// usual ones, if that takes no more than looking into `sys.modules`. `None` when it may take Python code: the module, or
/// one of the names, is not there yet, it is being imported at the moment, or `__import__` is not `usual` any more.
#[must_use]
pub fn imported(name: &Py<PyStr>, names: &PyObject, usual: &PyObject, vm: &VirtualMachine) -> Option<PyObjectRef> {
    let import = vm.builtins.dict().get_item_opt(IMPORT, vm).ok()??;
    if !import.is(usual) {
        return None;
    }
    let modules = vm.sys_module.dict().get_item_opt("modules", vm).ok()??;
    let modules = modules.downcast_ref_if_exact::<PyDict>(vm)?;
    let found = modules.get_item_opt(name.as_object(), vm).ok()??;
    let dict = dict_of(&found, vm)?;
    let spec = dict.get_item_opt("__spec__", vm).ok()??;
    // While it is being imported, its spec says so.
    if !vm.is_none(&spec)
        && let Some(is_being) = spec.dict()?.get_item_opt("_initializing", vm).ok()?
        && !is_being.is(&vm.ctx.false_value)
    {
        return None;
    }
    let names = names.downcast_ref::<PyTuple>().map_or(&[][..], |names| names.as_slice());
    if names.is_empty() {
        let name = name.to_str()?;
        let top = name.split('.').next().filter(|top| top.len() < name.len());
        return match top {
            Some(top) => modules.get_item_opt(top, vm).ok()?.filter(|top| dict_of(top, vm).is_some()),
            None => Some(found),
        };
    }
    let is_package = dict.get_item_opt("__path__", vm).ok()?.is_some();
    let has = |name: &PyObjectRef| {
        name.downcast_ref_if_exact::<PyStr>(vm).is_some_and(|name| matches!(dict.get_item_opt(name, vm), Ok(Some(_))))
    };
    (!is_package || names.iter().all(has)).then_some(found)
}

/// The dict of a plain module.
fn dict_of(module: &PyObject, vm: &VirtualMachine) -> Option<rustpython_vm::builtins::PyDictRef> {
    module.downcast_ref_if_exact::<PyModule>(vm)?;
    module.dict()
}
