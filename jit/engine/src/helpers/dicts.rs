//! Helpers for dicts whose keys are plain, and for the iterators of builtin containers.
//!
//! A key is plain when hashing it and comparing it with its like runs no Python code, see `Objects::is_key`. A dict may
//! have a key of another kind with the same hash; then the interpreter does it.

use rustpython_vm::{
    AsObject, Py, PyObject, PyPayload, VirtualMachine,
    builtins::{PyDict, PyStr, PyTuple},
    common::hash::hash_tuple,
    types::PyComparisonOp,
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use tjit_vm::layout::{Found, Table};

use super::steps::Entries;
use super::{Helper, found_or_redo, host, object, or_redo, owned, payload, redo, tracked};
use crate::exits::Activation;
use crate::objects::{KEY_DEPTH, Objects, Scalar, address};

const READS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };
const MAKES: Effects = Effects { allocates: true, ..READS };
/// The dict may be that of an instance or of a module.
const CHANGES: Effects = Effects {
    writes: Mem::DICT.union(Mem::OBJECT).union(Mem::SHAPE).union(Mem::KEYS).union(Mem::OTHER),
    releases: true,
    exits: true,
    ..Effects::PURE
};

/// What is known of the keys stays.
pub(super) const REPLACES: Effects = Effects { writes: Mem::DICT.union(Mem::OBJECT).union(Mem::OTHER), ..CHANGES };

helpers! {
    /// `{}`.
    dict_new() -> Ref, Effects::ALLOC, Owned;
    /// The entry of a key in a dict; -1 when it is not there.
    dict_find(Ref, Ref) -> Int, Effects { reads: Mem::KEYS, ..READS }, None;
    /// The value of a key in a dict: dict, key, entry.
    dict_value(Ref, Ref, Int) -> Ref, MAKES, Owned;
    /// `a[b] = c` of a dict that has the key: dict, key, entry, value.
    dict_replace(Ref, Ref, Int, Ref) -> Unit, REPLACES, None;
    /// `a[b] = c` of an exact dict.
    dict_set(Ref, Ref, Ref) -> Unit, CHANGES, None;
    /// `a[b] += 1` of what is a dict inside, from 0 where it has no such key.
    dict_count(Ref, Ref) -> Unit, CHANGES, None;
    /// `del a[b]` of an exact dict that has the key.
    dict_del(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.pop(b)` of an exact dict that has the key.
    dict_pop(Ref, Ref) -> Ref, CHANGES, Owned;
    /// `a.pop(b, c)` of an exact dict.
    dict_pop_or(Ref, Ref, Ref) -> Ref, CHANGES, Owned;
    /// `a.setdefault(b, c)` of an exact dict.
    dict_set_default(Ref, Ref, Ref) -> Ref, CHANGES, Owned;
    /// `a.update(b)` of exact dicts.
    dict_update(Ref, Ref) -> Unit, CHANGES, None;
    /// The same of keywords, when `b` has none that `a` has.
    dict_merge(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.copy()` of an exact dict.
    dict_copy(Ref) -> Ref, MAKES, Owned;
    /// How many keys an exact dict has.
    dict_length(Ref) -> Int, Effects::read(Mem::all()), None;
    /// Whether an exact dict has the strings in a tuple for its keys, in entries without gaps.
    has_names(Ref, Ref) -> Bool, Effects::read(Mem::all()), None;
    /// `hash(a)` of a plain key.
    hash_of(Ref) -> Int, READS, None;
    /// What a defaultdict calls for a key that it does not have.
    default_factory(Ref) -> Ref, MAKES, Owned;
    /// `iter(a)` of a builtin container.
    iterator(Ref) -> Ref, MAKES, Owned;
    /// Whether an iterator of a builtin container is at its end.
    at_end(Ref) -> Bool, READS, None;
}

/// Whether two keys of the same hash are equal. `None`: that may take Python code.
pub fn same(objects: &Objects, key: &PyObject, other: &PyObject, vm: &VirtualMachine) -> Option<bool> {
    if other.is(key) {
        return Some(true);
    }
    let (class, classes) = (objects.class(key), &objects.classes);
    if class == objects.class(other) {
        if class == classes.str {
            return Some(key.downcast_ref::<PyStr>()?.as_wtf8() == other.downcast_ref::<PyStr>()?.as_wtf8());
        }
        if let (Some(Scalar::Int(key)), Some(Scalar::Int(other))) = (objects.scalar(key), objects.scalar(other)) {
            return Some(key == other);
        }
        if class == classes.tuple || objects.is_tuple_by_value(key) {
            return same_elements(objects, objects.tuple_elements(key), other, vm);
        }
    }
    let are = |property: fn(&Objects, &PyObject) -> bool| property(objects, key) && property(objects, other);
    if !are(Objects::is_known_key) && !are(Objects::is_plain) {
        return None;
    }
    let is_itself_only =
        |key: &PyObject| objects.is_equal_to_itself_only(key) || objects.hashes_by_attribute(key.class());
    if is_itself_only(key) || is_itself_only(other) {
        return Some(false);
    }
    key.rich_compare_bool(other, PyComparisonOp::Eq, vm).ok()
}

/// The same of the elements of a key and a tuple.
pub fn same_elements<'a>(
    objects: &Objects,
    elements: impl ExactSizeIterator<Item = &'a PyObject>,
    tuple: &PyObject,
    vm: &VirtualMachine,
) -> Option<bool> {
    let others = objects.tuple_elements(tuple);
    if elements.len() != others.len() {
        return Some(false);
    }
    for (element, other) in elements.zip(others) {
        if !same(objects, element, other, vm)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The hash of a key. `None`: it is not plain.
pub fn hash(objects: &Objects, key: &PyObject, vm: &VirtualMachine) -> Option<i64> {
    hash_inside(objects, key, vm, KEY_DEPTH)
}

/// The hash of a small int: itself, as -1 stands for an error. `None`: it is not small.
pub fn hash_of_int(int: i64) -> Option<i64> {
    (int.unsigned_abs() < (1 << 61) - 1).then_some(if int == -1 { -2 } else { int })
}

/// The hash of a key that is inside of so many fewer than [`KEY_DEPTH`] tuples, made as `tuple` makes it. `None`: not plain.
fn hash_inside(objects: &Objects, key: &PyObject, vm: &VirtualMachine, depth: usize) -> Option<i64> {
    match objects.scalar(key) {
        Some(Scalar::Int(value)) if let Some(hash) = hash_of_int(value) => return Some(hash),
        _ if objects.classes.is_leaf(objects.class(key)) => return key.hash(vm).ok(),
        _ => {}
    }
    if !objects.is_tuple_by_value(key) {
        if objects.is_equal_to_itself_only(key) {
            return key.hash(vm).ok();
        }
        let attribute = objects.hashed_as(key, vm)?;
        return hash_inside(objects, &attribute, vm, depth.checked_sub(1)?);
    }
    if let Some(hash) = objects.noted_hash(key) {
        return Some(hash);
    }
    let depth = depth.checked_sub(1)?;
    let mut hashes = objects.tuple_elements(key).map(|element| hash_inside(objects, element, vm, depth).ok_or(()));
    let hash = hash_tuple(&mut hashes).ok()?;
    objects.note_hash(key, hash, vm);
    Some(hash)
}

/// Where a plain key is in a dict. Keys that are not plain are not compared.
pub fn search(objects: &Objects, dict: &Py<PyDict>, key: &PyObject, vm: &VirtualMachine) -> Found {
    let Some(hash) = hash(objects, key, vm) else { return Found::Unsure };
    objects.layout.dict.find(dict, hash, |other| same(objects, key, other, vm))
}

/// The table of a dict.
pub fn table<'a>(objects: &'a Objects, dict: &Py<PyDict>) -> Table<'a> {
    objects.layout.dict.table(&objects.layout.dict_growth, dict)
}

/// Puts a plain key and a value into a dict. False, and nothing was done: the VM has to.
pub fn put(ctx: *mut Context, dict: &Py<PyDict>, key: u64, value: u64) -> bool {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    let Some(hash) = hash(objects, object(key), vm) else { return false };
    let table = table(objects, dict);
    match table.find(hash, |other| same(objects, object(key), other, vm)) {
        Found::Unsure => false,
        Found::At(index) => {
            drop(objects.layout.dict.replace(dict, index, object(value).to_owned()));
            true
        }
        Found::Absent => put_new(objects, dict, hash, key, value, vm),
    }
}

/// Adds one to a value, or puts it there. False, with nothing changed: the VM has to do it.
fn count(ctx: *mut Context, dict: &Py<PyDict>, key: u64) -> bool {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    let Some(hash) = hash(objects, object(key), vm) else { return false };
    match table(objects, dict).find(hash, |other| same(objects, object(key), other, vm)) {
        Found::Unsure => false,
        Found::At(index) => {
            let entries = &objects.layout.dict;
            let Some(Scalar::Int(old)) = objects.scalar(entries.value_at(dict, index)) else { return false };
            let Some(sum) = old.checked_add(1) else { return false };
            drop(entries.replace(dict, index, objects.new_int(sum, vm)));
            true
        }
        Found::Absent => {
            let one = objects.new_int(1, vm);
            put_new(objects, dict, hash, key, address(&one), vm)
        }
    }
}

/// Puts a value under a key that is not there. False, with nothing changed: the VM has to do it.
pub fn put_new(objects: &Objects, dict: &Py<PyDict>, hash: i64, key: u64, value: u64, vm: &VirtualMachine) -> bool {
    if address(dict.as_object()) != objects.builtins {
        objects.share(key);
        objects.share(value);
        if table(objects, dict).add(hash, key, value) {
            return true;
        }
        objects.give_up(key);
        objects.give_up(value);
    }
    // No other key has this hash, so that none is compared.
    dict.set_item(object(key), object(value).to_owned(), vm).is_ok()
}

fn find(ctx: *mut Context, dict: &Py<PyDict>, key: u64) -> Found {
    search(Activation::of(ctx).objects, dict, object(key), host(ctx))
}

/// The entry in which a key was found, if it is there still: a finaliser may have run in between. `is` tells the key from
/// others, `find` looks for it again.
pub fn still(
    objects: &Objects,
    dict: &Py<PyDict>,
    entry: i64,
    is: impl FnOnce(&PyObject) -> Option<bool>,
    find: impl FnOnce() -> Found,
) -> Option<usize> {
    let index = usize::try_from(entry).ok()?;
    if objects.layout.dict.key_at(dict, index).and_then(is) == Some(true) {
        return Some(index);
    }
    if let Found::At(index) = find() { Some(index) } else { None }
}

fn still_there(ctx: *mut Context, dict: &Py<PyDict>, key: u64, entry: i64) -> Option<usize> {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    still(objects, dict, entry, |found| same(objects, object(key), found, vm), || find(ctx, dict, key))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn dict_new(ctx: *mut Context) -> u64 {
        tracked(ctx, Activation::of(ctx).objects.new_dict(host(ctx)).into())
    }

    pub extern "C" fn hash_of(ctx: *mut Context, key: u64) -> i64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        found_or_redo(ctx, hash(objects, object(key), vm))
    }

    pub extern "C" fn has_names(ctx: *mut Context, dict: u64, names: u64) -> u8 {
        let (Some(dict), Some(names)) = (payload::<PyDict>(dict), payload::<PyTuple>(names)) else { return 0 };
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let layout = &objects.layout.dict;
        let mut pairs = names.iter().enumerate();
        let all = dict.__len__() == names.len()
            && pairs.all(|(index, name)| {
                layout.key_at(dict, index).is_some_and(|key| same(objects, name, key, vm) == Some(true))
            });
        u8::from(all)
    }

    pub extern "C" fn dict_find(ctx: *mut Context, dict: u64, key: u64) -> i64 {
        match payload::<PyDict>(dict).map(|dict| find(ctx, dict, key)) {
            Some(Found::At(index)) => index as i64,
            Some(Found::Absent) => -1,
            _ => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn dict_value(ctx: *mut Context, dict: u64, key: u64, entry: i64) -> u64 {
        if let Some(dict) = payload::<PyDict>(dict)
            && let Some(index) = still_there(ctx, dict, key, entry)
        {
            return owned(Activation::of(ctx).objects.layout.dict.value_at(dict, index).to_owned());
        }
        redo(ctx);
        0
    }

    pub extern "C" fn dict_replace(ctx: *mut Context, dict: u64, key: u64, entry: i64, value: u64) {
        match payload::<PyDict>(dict).map(|dict| (dict, still_there(ctx, dict, key, entry))) {
            Some((dict, Some(index))) => {
                let value = object(value).to_owned();
                drop(Activation::of(ctx).objects.layout.dict.replace(dict, index, value));
            }
            _ => redo(ctx),
        }
    }

    pub extern "C" fn dict_set(ctx: *mut Context, dict: u64, key: u64, value: u64) {
        if !payload::<PyDict>(dict).is_some_and(|dict| put(ctx, dict, key, value)) {
            redo(ctx);
        }
    }

    pub extern "C" fn dict_count(ctx: *mut Context, dict: u64, key: u64) {
        if !payload::<PyDict>(dict).is_some_and(|dict| count(ctx, dict, key)) {
            redo(ctx);
        }
    }

    pub extern "C" fn dict_del(ctx: *mut Context, dict: u64, key: u64) {
        match payload::<PyDict>(dict).map(|dict| (dict, find(ctx, dict, key))) {
            Some((dict, Found::At(_))) if dict.del_item(object(key), host(ctx)).is_ok() => {}
            _ => redo(ctx),
        }
    }

    pub extern "C" fn dict_pop(ctx: *mut Context, dict: u64, key: u64) -> u64 {
        if let Some(dict) = payload::<PyDict>(dict)
            && let Found::At(index) = find(ctx, dict, key)
        {
            let value = Activation::of(ctx).objects.layout.dict.value_at(dict, index).to_owned();
            if dict.del_item(object(key), host(ctx)).is_ok() {
                return owned(value);
            }
        }
        redo(ctx);
        0
    }

    pub extern "C" fn dict_pop_or(ctx: *mut Context, dict: u64, key: u64, default: u64) -> u64 {
        match payload::<PyDict>(dict).map(|dict| find(ctx, dict, key)) {
            Some(Found::Absent) => owned(object(default).to_owned()),
            _ => dict_pop(ctx, dict, key),
        }
    }

    pub extern "C" fn dict_set_default(ctx: *mut Context, dict: u64, key: u64, default: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        if let (Some(dict), Some(hash)) = (payload::<PyDict>(dict), hash(objects, object(key), vm)) {
            match table(objects, dict).find(hash, |other| same(objects, object(key), other, vm)) {
                Found::At(index) => return owned(objects.layout.dict.value_at(dict, index).to_owned()),
                Found::Absent if put_new(objects, dict, hash, key, default, vm) => {
                    objects.share(default);
                    return default;
                }
                _ => {}
            }
        }
        redo(ctx);
        0
    }

    pub extern "C" fn dict_update(ctx: *mut Context, dict: u64, other: u64) {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let (Some(to), Some(from)) = (payload::<PyDict>(dict), payload::<PyDict>(other)) else { return redo(ctx) };
        let (to_table, from_table) = (table(objects, to), table(objects, from));
        if to_table.place() == from_table.place() {
            return;
        }
        // All are looked for before the first is put in.
        let known = |key: &PyObject, hash: i64| {
            let is_known = || to_table.find(hash, |other| same(objects, key, other, vm)) != Found::Unsure;
            objects.is_key(key) && (to_table.used() == 0 || is_known())
        };
        if !from_table.pairs().all(|pair| known(pair.key, pair.hash)) {
            return redo(ctx);
        }
        // What is replaced may run Python code when it dies, which may change either.
        let pairs: Vec<_> =
            from_table.pairs().map(|pair| (pair.hash, pair.key.to_owned(), pair.value.to_owned())).collect();
        for (hash, key, value) in pairs {
            match to_table.find(hash, |other| same(objects, &key, other, vm)) {
                Found::At(index) => drop(objects.layout.dict.replace(to, index, value)),
                Found::Absent => {
                    put_new(objects, to, hash, address(&key), address(&value), vm);
                }
                Found::Unsure => {
                    let _ = to.set_item(&*key, value, vm);
                }
            }
        }
    }

    pub extern "C" fn dict_merge(ctx: *mut Context, dict: u64, other: u64) {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let (Some(to), Some(from)) = (payload::<PyDict>(dict), payload::<PyDict>(other)) else { return redo(ctx) };
        let (to_table, from_table) = (table(objects, to), table(objects, from));
        let is_new = |key: &PyObject, hash: i64| {
            key.downcast_ref::<PyStr>().is_some()
                && to_table.find(hash, |other| same(objects, key, other, vm)) == Found::Absent
        };
        if to_table.used() > 0 && !from_table.pairs().all(|pair| is_new(pair.key, pair.hash)) {
            return redo(ctx);
        }
        dict_update(ctx, dict, other);
    }

    pub extern "C" fn dict_copy(ctx: *mut Context, dict: u64) -> u64 {
        let vm = host(ctx);
        let copy = payload::<PyDict>(dict).map(|dict| tracked(ctx, dict.copy().into_ref(&vm.ctx).into()));
        found_or_redo(ctx, copy)
    }

    pub extern "C" fn dict_length(ctx: *mut Context, dict: u64) -> i64 {
        let objects = Activation::of(ctx).objects;
        payload::<PyDict>(dict).map_or(0, |dict| table(objects, dict).used() as i64)
    }

    pub extern "C" fn default_factory(ctx: *mut Context, dict: u64) -> u64 {
        or_redo(ctx, object(dict).get_attr("default_factory", host(ctx)))
    }

    pub extern "C" fn iterator(ctx: *mut Context, container: u64) -> u64 {
        or_redo(ctx, object(container).to_owned().get_iter(host(ctx)).map(Into::into))
    }

    pub extern "C" fn at_end(ctx: *mut Context, iterator: u64) -> u8 {
        let (objects, it) = (Activation::of(ctx).objects, object(iterator));
        let at_end = match objects.entries_of(it) {
            Some(Entries::Elements) => objects.layout.set_entries.is_at_end(it),
            Some(_) => objects.layout.dict_entries.is_at_end(it),
            None => objects.has_more(it).map(|more| !more),
        };
        if let Some(at_end) = at_end {
            return u8::from(at_end);
        }
        let left = it.to_owned().length_hint(1, host(ctx)).ok();
        found_or_redo(ctx, left.map(|left| u8::from(left == 0)))
    }
}
