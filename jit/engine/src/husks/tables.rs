//! Dicts and sets that have died in compiled code, to be used again: empty, with the smallest table.

use rustpython_vm::{
    PyObjectRef, PyPayload, PyRef, VirtualMachine,
    builtins::{PyDict, PySet},
};

use tjit_vm::layout::{Table, Taken};

use super::{HUSKS, keep, take};
use crate::objects::Objects;

impl Objects {
    pub(super) fn release_dict(&self, object: PyObjectRef, depth: u32) {
        let Some(dict) = object.downcast_ref::<PyDict>() else { return };
        if HUSKS.with_borrow_mut(|husks| husks.dicts.has_room()) {
            let table = self.layout.dict.table(&self.layout.dict_growth, dict);
            if self.empty_table(table, depth) && self.is_unshared(&object) && table.used() == 0 {
                keep(|husks| husks.dicts.put(object));
            }
        }
    }

    pub(super) fn release_set(&self, object: PyObjectRef, depth: u32) {
        let is_alone = || self.is_unshared(&object) && object.weak_count().unwrap_or(0) == 0;
        if is_alone() && HUSKS.with_borrow_mut(|husks| husks.sets.has_room()) {
            let table = self.set_table(&object);
            if self.empty_table(table, depth) && is_alone() && table.used() == 0 {
                keep(|husks| husks.sets.put(object));
            }
        }
    }

    /// Lets go of what is in a small table. False: it is not one. (What dies may put something in again, if it has found whose
    /// table it is among all objects there are.)
    fn empty_table(&self, table: Table<'_>, depth: u32) -> bool {
        if table.is_unused() {
            return true;
        }
        let Some(taken) = table.take_all() else { return false };
        for Taken { key, value } in taken.into_iter().flatten() {
            for object in [Some(key), value].into_iter().flatten() {
                if let Some(object) = self.release_number(object) {
                    self.release_inside(object, depth + 1);
                }
            }
        }
        true
    }

    /// An empty dict.
    pub fn new_dict(&self, vm: &VirtualMachine) -> PyRef<PyDict> {
        let husk = take(|husks| husks.dicts.take()).and_then(|dict| dict.downcast().ok());
        husk.unwrap_or_else(|| vm.ctx.new_dict())
    }

    /// An empty set.
    pub fn new_set(&self, vm: &VirtualMachine) -> PyRef<PySet> {
        let husk = take(|husks| husks.sets.take()).and_then(|set| set.downcast().ok());
        husk.unwrap_or_else(|| PySet::default().into_ref(&vm.ctx))
    }
}
