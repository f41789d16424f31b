//! Takes the sites out of what is to be marshalled: of code, of the code nested in it, and of code in containers.
//!
//! Values without such code are left alone, which is nearly all that is ever marshalled but compiled modules. If there is
//! any, all containers are made anew; lists and dicts may contain themselves, so the new ones are known before they are
//! filled.

use super::{Body, Literal, head, object, site_map};
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyPayload, PyResult, VirtualMachine,
    builtins::{PyCode, PyDict, PyFrozenSet, PyList, PySet, PyTuple},
};
use std::collections::{HashMap, HashSet};

/// Containers in containers beyond this are left to `marshal`, which refuses them.
const MAX_DEPTH: usize = 2000;

/// `value` with originals for all code in it; `None` if there is nothing to be done.
///
/// # Errors
/// What comparing the members of a set raises.
pub(super) fn without_sites(value: &PyObject, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
    if !(Search { vm, seen: HashSet::new() }).finds(value, 0) {
        return Ok(None);
    }
    Copy { vm, made: HashMap::new() }.copy(value, 0).map(Some)
}

/// What a container contains.
fn members(value: &PyObject, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
    if let Some(tuple) = value.downcast_ref_if_exact::<PyTuple>(vm) {
        Some(tuple.as_slice().to_vec())
    } else if let Some(list) = value.downcast_ref_if_exact::<PyList>(vm) {
        Some(list.borrow_vec().to_vec())
    } else if let Some(dict) = value.downcast_ref_if_exact::<PyDict>(vm) {
        Some(dict.into_iter().flat_map(|(key, value)| [key, value]).collect())
    } else if let Some(set) = value.downcast_ref_if_exact::<PySet>(vm) {
        Some(set.elements())
    } else {
        value.downcast_ref_if_exact::<PyFrozenSet>(vm).map(|set| set.elements())
    }
}

/// The constants of the original of `code`.
fn constants(code: &Py<PyCode>) -> Vec<PyObjectRef> {
    let count = site_map(code).map_or(code.code.constants.len(), |map| map.constants);
    code.code.constants.iter().take(count).map(|constant| object(constant).to_owned()).collect()
}

struct Search<'a> {
    vm: &'a VirtualMachine,
    seen: HashSet<usize>,
}

impl Search<'_> {
    fn finds(&mut self, value: &PyObject, depth: usize) -> bool {
        let inside = match value.downcast_ref::<PyCode>() {
            Some(code) if site_map(code).is_some() => return true,
            Some(code) => Some(constants(code)),
            None => members(value, self.vm),
        };
        let Some(inside) = inside else { return false };
        depth < MAX_DEPTH
            && self.seen.insert(value.get_id())
            && inside.iter().any(|member| self.finds(member, depth + 1))
    }
}

struct Copy<'a> {
    vm: &'a VirtualMachine,
    /// The copies, by the identity of what they are copies of.
    made: HashMap<usize, PyObjectRef>,
}

impl Copy<'_> {
    fn copy(&mut self, value: &PyObject, depth: usize) -> PyResult {
        let id = value.get_id();
        if let Some(known) = self.made.get(&id) {
            return Ok(known.clone());
        }
        if depth == MAX_DEPTH {
            return Ok(value.to_owned());
        }
        let vm = self.vm;
        let new: PyObjectRef = if let Some(code) = value.downcast_ref::<PyCode>() {
            let constants = self.copy_all(constants(code), depth)?.into_iter().map(Literal::from).collect();
            vm.ctx
                .new_code(match site_map(code) {
                    Some(map) => map.original_with(code, constants),
                    None => Body::of(&code.code, constants).in_place_of(head(code)),
                })
                .into()
        } else if let Some(list) = value.downcast_ref_if_exact::<PyList>(vm) {
            let new = vm.ctx.new_list(Vec::new());
            self.made.insert(id, new.clone().into());
            let items = list.borrow_vec().to_vec();
            *new.borrow_vec_mut() = self.copy_all(items, depth)?;
            new.into()
        } else if let Some(dict) = value.downcast_ref_if_exact::<PyDict>(vm) {
            let new = vm.ctx.new_dict();
            self.made.insert(id, new.clone().into());
            for (key, value) in dict {
                let (key, value) = (self.copy(&key, depth + 1)?, self.copy(&value, depth + 1)?);
                new.set_item(&*key, value, vm)?;
            }
            new.into()
        } else if let Some(items) = members(value, vm) {
            let items = self.copy_all(items, depth)?;
            if value.downcast_ref::<PyTuple>().is_some() {
                vm.ctx.new_tuple(items).into()
            } else if value.downcast_ref::<PyFrozenSet>().is_some() {
                PyFrozenSet::from_iter(vm, items)?.into_ref(&vm.ctx).into()
            } else {
                let set = PySet::default();
                items.into_iter().try_for_each(|item| set.add(item, vm))?;
                set.into_ref(&vm.ctx).into()
            }
        } else {
            return Ok(value.to_owned());
        };
        self.made.insert(id, new.clone());
        Ok(new)
    }

    fn copy_all(&mut self, items: Vec<PyObjectRef>, depth: usize) -> PyResult<Vec<PyObjectRef>> {
        items.iter().map(|item| self.copy(item, depth + 1)).collect()
    }
}
