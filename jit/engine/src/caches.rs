//! Calls of what `functools.lru_cache` has made.
//!
//! A result that is there is looked up by our own code, which knows dicts, as long as the cache has no limit and the arguments
//! are plain. Others are the VM's business. It keeps those with a limit in a dict in the order of use: what is used is taken out
//! and put in again, and the first one goes when there are too many. The places of keys that come back are used again, so that
//! the VM never makes that dict anew, and the first key is behind all that were ever taken out: a call took time in proportion
//! to the calls before it. So the entries are moved together now and then.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustpython_vm::common::hash::hash_tuple;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyDict, PyTuple},
};
use tjit_vm::layout::{CacheLayout, Found};

use crate::engine;
use crate::helpers::dicts::{hash, put_new, same, same_elements, table};
use crate::objects::{Objects, address};

type Call = fn(&PyObject, FuncArgs, &VirtualMachine) -> PyResult;

/// How the VM calls one.
static NATIVE: OnceLock<Call> = OnceLock::new();
/// Calls that the VM has made.
static CALLS: AtomicU32 = AtomicU32::new(0);
/// One in so many of them looks at its dict.
const EVERY: u32 = 64;
/// Entries of removed keys that may be in it, besides one for so many keys.
const HOLES: usize = 64;

/// A callable is seen. If it is such a cache, all are called in another way from now on.
pub(crate) fn see(callable: &PyObject, objects: &Objects, vm: &VirtualMachine) {
    if NATIVE.get().is_some() || objects.caches.of(callable, vm).is_none() {
        return;
    }
    let slots = &callable.class().slots;
    if let Some(native) = slots.call.load()
        && NATIVE.set(native).is_ok()
    {
        slots.call.store(Some(call));
    }
}

/// What comes of looking for a result.
enum Looked {
    There(PyObjectRef),
    /// With the hash of the arguments and what is to be called.
    Missing(i64, PyObjectRef),
}

fn call(cache: &PyObject, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
    let native = NATIVE.get().expect("it is kept before it is replaced");
    let world = engine::world().filter(|_| !engine::must_leave(vm));
    let known = world.as_ref().and_then(|world| Some((&world.objects, world.objects.caches.seen()?)));
    let Some((objects, layout)) = known else { return native(cache, args, vm) };
    if !layout.is_simple(cache) || !args.kwargs.is_empty() {
        if CALLS.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY) {
            tidy(cache, layout, objects, vm);
        }
        return native(cache, args, vm);
    }
    match look(cache, layout, &args.args, objects, vm) {
        Some(Looked::There(result)) => Ok(result),
        Some(Looked::Missing(hash, function)) => {
            // The key keeps the arguments alive meanwhile, as in the VM.
            let key = vm.ctx.new_tuple(args.args.clone());
            let result = function.call(args, vm)?;
            // Another thread may have been started.
            let hash = (!engine::must_leave(vm)).then_some(hash);
            keep(&layout.dict(cache).to_owned(), hash, key.as_object(), &result, objects, vm)?;
            Ok(result)
        }
        None => native(cache, args, vm),
    }
}

/// Looks for the result for some arguments, and counts the call. `None`, and nothing was done: they are not plain.
fn look(
    cache: &PyObject,
    layout: &CacheLayout,
    args: &[PyObjectRef],
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Looked> {
    let dict = layout.dict(cache).downcast_ref_if_exact::<PyDict>(vm)?;
    let hash = hash_tuple(args.iter().map(|arg| hash(objects, arg, vm).ok_or(()))).ok()?;
    let is = |key: &PyObject| {
        let key = key.downcast_ref_if_exact::<PyTuple>(vm)?.as_object();
        same_elements(objects, args.iter().map(|arg| &**arg), key, vm)
    };
    let looked = match table(objects, dict).find(hash, is) {
        Found::At(index) => Looked::There(objects.layout.dict.value_at(dict, index).to_owned()),
        Found::Absent => Looked::Missing(hash, layout.function(cache).to_owned()),
        Found::Unsure => return None,
    };
    layout.count(cache, matches!(looked, Looked::There(_)));
    Some(looked)
}

/// Keeps the result for a key, unless a call further in, or another thread, has done so. Without a hash the VM does it.
fn keep(
    dict: &PyObject,
    hash: Option<i64>,
    key: &PyObject,
    result: &PyObject,
    objects: &Objects,
    vm: &VirtualMachine,
) -> PyResult<()> {
    let Some(dict) = dict.downcast_ref_if_exact::<PyDict>(vm) else { return Ok(()) };
    if let Some(hash) = hash {
        let table = table(objects, dict);
        match table.find(hash, |other| same(objects, key, other, vm)) {
            Found::At(_) => return Ok(()),
            Found::Absent if put_new(objects, dict, hash, address(key), address(result), vm) => return Ok(()),
            Found::Absent | Found::Unsure => {}
        }
    }
    if dict.contains_key(key, vm) { Ok(()) } else { dict.set_item(key, result.to_owned(), vm) }
}

/// Moves together the entries of a cache's dict.
fn tidy(cache: &PyObject, layout: &CacheLayout, objects: &Objects, vm: &VirtualMachine) {
    if let Some(dict) = layout.dict(cache).downcast_ref_if_exact::<PyDict>(vm) {
        let table = table(objects, dict);
        if table.holes() > HOLES + table.used() / HOLES {
            table.close_holes();
        }
    }
}
