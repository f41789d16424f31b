//! Tuples of two ints that are looked for in dicts and sets, without making them.

use rustpython_vm::{Py, PyObject, builtins::PyDict, common::hash::hash_tuple};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::layout::{Found, Table};

use super::dicts::{REPLACES, hash_of_int, still, table};
use super::{Helper, found_or_redo, object, owned, payload, redo};
use crate::exits::Activation;
use crate::objects::{Objects, Scalar};

const READS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// `(b, c) in a` of an exact set or frozenset.
    set_has_pair(Ref, Int, Int) -> Bool, READS, None;
    /// The entry of a pair in a dict; -1 when it is not there.
    dict_find_pair(Ref, Int, Int) -> Int, Effects { reads: Mem::KEYS, ..READS }, None;
    /// The value of a pair in a dict: dict, pair, entry.
    dict_value_pair(Ref, Int, Int, Int) -> Ref, Effects { allocates: true, ..READS }, Owned;
    /// `a[b, c] = d` of a dict that has the pair: dict, pair, entry, value.
    dict_replace_pair(Ref, Int, Int, Int, Ref) -> Unit, REPLACES, None;
}

/// Ints up to it are floats without being rounded.
const EXACT: u64 = 1 << 53;

/// The hash of a pair, made as `tuple` makes it. `None`: a number is too large.
fn hash(pair: [i64; 2]) -> Option<i64> {
    hash_tuple(pair.into_iter().map(|number| hash_of_int(number).ok_or(()))).ok()
}

/// Whether a key of the same hash is equal to a pair. `None`: that may take Python code.
fn is_equal(objects: &Objects, pair: [i64; 2], other: &PyObject) -> Option<bool> {
    if !objects.is_tuple_by_value(other) {
        return objects.is_key(other).then_some(false);
    }
    let mut elements = objects.tuple_elements(other);
    for number in pair {
        let Some(element) = elements.next() else { return Some(false) };
        let is = match objects.scalar(element) {
            Some(Scalar::Int(int)) => int == number,
            Some(Scalar::Bool(bool)) => i64::from(bool) == number,
            Some(Scalar::Float(_)) if number.unsigned_abs() > EXACT => return None,
            Some(Scalar::Float(float)) => float == number as f64,
            None if objects.is_key(element) => false,
            None => return None,
        };
        if !is {
            return Some(false);
        }
    }
    Some(elements.next().is_none())
}

fn find(objects: &Objects, table: Table<'_>, pair: [i64; 2]) -> Found {
    hash(pair).map_or(Found::Unsure, |hash| table.find(hash, |other| is_equal(objects, pair, other)))
}

fn still_there(objects: &Objects, dict: &Py<PyDict>, pair: [i64; 2], entry: i64) -> Option<usize> {
    let find = || find(objects, table(objects, dict), pair);
    still(objects, dict, entry, |found| is_equal(objects, pair, found), find)
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn set_has_pair(ctx: *mut Context, set: u64, a: i64, b: i64) -> u8 {
        let objects = Activation::of(ctx).objects;
        let found = match find(objects, objects.set_table(object(set)), [a, b]) {
            Found::At(_) => Some(1),
            Found::Absent => Some(0),
            Found::Unsure => None,
        };
        found_or_redo(ctx, found)
    }

    pub extern "C" fn dict_find_pair(ctx: *mut Context, dict: u64, a: i64, b: i64) -> i64 {
        let objects = Activation::of(ctx).objects;
        let found = match payload::<PyDict>(dict).map(|dict| find(objects, table(objects, dict), [a, b])) {
            Some(Found::At(index)) => Some(index as i64),
            Some(Found::Absent) => Some(-1),
            _ => None,
        };
        found_or_redo(ctx, found)
    }

    pub extern "C" fn dict_value_pair(ctx: *mut Context, dict: u64, a: i64, b: i64, entry: i64) -> u64 {
        let objects = Activation::of(ctx).objects;
        let value = payload::<PyDict>(dict).and_then(|dict| {
            let index = still_there(objects, dict, [a, b], entry)?;
            Some(owned(objects.layout.dict.value_at(dict, index).to_owned()))
        });
        found_or_redo(ctx, value)
    }

    pub extern "C" fn dict_replace_pair(ctx: *mut Context, dict: u64, a: i64, b: i64, entry: i64, value: u64) {
        let objects = Activation::of(ctx).objects;
        match payload::<PyDict>(dict).map(|dict| (dict, still_there(objects, dict, [a, b], entry))) {
            Some((dict, Some(index))) => drop(objects.layout.dict.replace(dict, index, object(value).to_owned())),
            _ => redo(ctx),
        }
    }
}
