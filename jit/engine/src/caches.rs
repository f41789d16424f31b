//! The caches of `functools.lru_cache`.
//!
//! The VM's keeps a dict in the order of use: what is used is taken out and put in again, and the first one goes when there are
//! too many. The places of keys that come back are used again, so that the VM never makes the dict anew, and the first key is
//! behind all that were ever taken out: a call took time in proportion to the calls before it. So here, the entries of such a
//! dict are moved together now and then.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustpython_vm::function::FuncArgs;
use rustpython_vm::{PyObject, PyResult, VirtualMachine, builtins::PyDict};

use crate::engine;
use crate::objects::Objects;

type Call = fn(&PyObject, FuncArgs, &VirtualMachine) -> PyResult;

/// How the VM calls one.
static NATIVE: OnceLock<Call> = OnceLock::new();
/// Calls so far.
static CALLS: AtomicU32 = AtomicU32::new(0);
/// One in so many calls looks at its dict.
const EVERY: u32 = 64;
/// Entries of removed keys that may be in it, besides one for so many keys.
const HOLES: usize = 64;

/// A callable is seen. If it is such a cache, all are looked after from now on.
pub(crate) fn see(callable: &PyObject) {
    let class = callable.class();
    let is_cache = class.heaptype_ext.is_none() && &*class.name() == "_lru_cache_wrapper";
    if !is_cache || NATIVE.get().is_some() {
        return;
    }
    if let Some(native) = class.slots.call.load()
        && NATIVE.set(native).is_ok()
    {
        class.slots.call.store(Some(call));
    }
}

fn call(cache: &PyObject, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
    let native = NATIVE.get().expect("it is kept before it is replaced");
    let result = native(cache, args, vm);
    if CALLS.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY) && !engine::must_leave(vm) {
        engine::with_objects(|objects| tidy(cache, objects, vm));
    }
    result
}

/// Moves together the entries of the dicts that belong to a cache.
fn tidy(cache: &PyObject, objects: &Objects, vm: &VirtualMachine) {
    for part in cache.gc_get_referents() {
        if let Some(dict) = part.downcast_ref_if_exact::<PyDict>(vm) {
            let table = objects.layout.dict.table(&objects.layout.dict_growth, dict);
            if table.holes() > HOLES + table.used() / HOLES {
                table.close_holes();
            }
        }
    }
}
