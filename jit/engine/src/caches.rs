//! Calls of what `functools.lru_cache` has made.
//!
//! A result that is there is looked up by our own code, which knows dicts, as long as the arguments are plain: from compiled code
//! without a call. Others are the VM's business. It keeps those with a limit in a dict in the order of use: what is used is taken
//! out and put in again, and the first one goes when there are too many. We move its entry behind the others. The places of keys
//! that come back are used again, so that the VM never makes that dict anew, and the first key is behind all that were ever
//! taken out: a call took time in proportion to the calls before it. So the entries are moved together now and then.

use rustpython_vm::common::hash::hash_tuple;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyDict, PyTuple},
};
use std::sync::OnceLock;
use tjit_vm::layout::{CacheLayout, Found};

use crate::engine;
use crate::helpers::dicts::{hash, put_new, same, same_elements, table};
use crate::objects::{Objects, address};

type Call = fn(&PyObject, FuncArgs, &VirtualMachine) -> PyResult;

/// How the VM calls one.
static NATIVE: OnceLock<Call> = OnceLock::new();
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
    let looked = if args.kwargs.is_empty() { look(cache, layout, refs(&args.args), objects, vm) } else { None };
    match looked {
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
        None => {
            tidy(cache, layout, objects, vm);
            native(cache, args, vm)
        }
    }
}

/// The result of a call of such a cache, if there is one. `None`, and nothing was done: whatever it is has to be called.
pub(crate) fn found<'a>(
    callable: &PyObject,
    args: impl ExactSizeIterator<Item = &'a PyObject> + Clone,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<PyObjectRef> {
    let layout = objects.caches.seen_of(objects.class(callable))?;
    if engine::must_leave(vm) {
        return None;
    }
    let dict = layout.dict(callable).downcast_ref_if_exact::<PyDict>(vm)?;
    match find(callable, layout, dict, args, objects, vm)?.1 {
        Found::At(index) => take(callable, layout, dict, index, objects),
        Found::Absent | Found::Unsure => None,
    }
}

fn refs(args: &[PyObjectRef]) -> impl ExactSizeIterator<Item = &PyObject> + Clone {
    args.iter().map(|arg| &**arg)
}

/// Looks for the result for some arguments, and counts the call. `None`, and nothing was done: they are not plain, or it is for
/// the VM to keep the result.
fn look<'a>(
    cache: &PyObject,
    layout: &CacheLayout,
    args: impl ExactSizeIterator<Item = &'a PyObject> + Clone,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Looked> {
    let dict = layout.dict(cache).downcast_ref_if_exact::<PyDict>(vm)?;
    match find(cache, layout, dict, args, objects, vm)? {
        (_, Found::At(index)) => take(cache, layout, dict, index, objects).map(Looked::There),
        (hash, Found::Absent) if !layout.is_limited(cache) => {
            layout.count(cache, false);
            Some(Looked::Missing(hash, layout.function(cache).to_owned()))
        }
        _ => None,
    }
}

/// The hash of some arguments, and where they are in the cache's dict. `None`: they are not plain, or the key that the VM would
/// put in the place of the one that is there is not as good as that.
fn find<'a>(
    cache: &PyObject,
    layout: &CacheLayout,
    dict: &Py<PyDict>,
    args: impl ExactSizeIterator<Item = &'a PyObject> + Clone,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<(i64, Found)> {
    if !layout.is_by_value(cache) {
        return None;
    }
    let hash = hash_tuple(args.clone().map(|arg| hash(objects, arg, vm).ok_or(()))).ok()?;
    let is = |key: &PyObject| {
        let key = key.downcast_ref_if_exact::<PyTuple>(vm)?.as_object();
        same_elements(objects, args.clone(), key, vm)
    };
    let found = table(objects, dict).find(hash, is);
    if let Found::At(index) = found
        && layout.is_limited(cache)
        && !are_alike(objects, args, objects.tuple_elements(objects.layout.dict.key_at(dict, index)?))
    {
        return None;
    }
    Some((hash, found))
}

/// Whether nobody can tell which of these and those, which are equal, is kept.
fn are_alike<'a, 'b>(
    objects: &Objects,
    these: impl Iterator<Item = &'a PyObject>,
    those: impl Iterator<Item = &'b PyObject>,
) -> bool {
    let is_leaf = |object: &PyObject| objects.classes.is_leaf(objects.class(object));
    let is_tuple = |object: &PyObject| objects.class(object) == objects.classes.tuple;
    these.zip(those).all(|(this, that)| {
        this.is(that)
            || is_leaf(this) && is_leaf(that)
            || is_tuple(this)
                && is_tuple(that)
                && objects
                    .tuple_elements(this)
                    .zip(objects.tuple_elements(that))
                    .all(|(this, that)| this.is(that) || is_leaf(this) && is_leaf(that))
    })
}

/// The result in an entry of the cache's dict, which is used now; counts the call. `None`, and nothing was done: the VM has to.
fn take(
    cache: &PyObject,
    layout: &CacheLayout,
    dict: &Py<PyDict>,
    index: usize,
    objects: &Objects,
) -> Option<PyObjectRef> {
    let value = objects.layout.dict.value_at(dict, index);
    let result = if layout.is_limited(cache) { layout.result(value)? } else { value };
    if layout.is_limited(cache) && !table(objects, dict).move_to_end(index) {
        return None;
    }
    layout.count(cache, true);
    objects.share(address(result));
    // SAFETY: the reference that was just added.
    Some(unsafe { objects.own_ref(address(result)) })
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
