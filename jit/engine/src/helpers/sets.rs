//! Helpers for exact sets and frozensets whose elements are plain, as far as they are compared with others.
//!
//! Operators make new sets in the VM's order. A comparison that might take Python code ends them before anything has changed.

use rustpython_vm::{
    PyObject, PyObjectRef, PyPayload, VirtualMachine,
    builtins::{PyFrozenSet, PySet},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use tjit_vm::layout::{Found, Table};

use super::dicts::{hash, same};
use super::{Helper, found_or_redo, host, object, payload, redo, tracked};
use crate::exits::Activation;
use crate::objects::{Objects, address};

const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };
const MAKES: Effects = Effects { allocates: true, ..LOOKS };
const CHANGES: Effects = Effects { writes: Mem::OTHER, releases: true, ..LOOKS };

helpers! {
    /// A set (0) or frozenset (1) of the elements of an exact list or tuple.
    set_of_sequence(Ref, Int) -> Ref, MAKES, Owned;
    /// A set of the keys of an exact dict, set or frozenset.
    set_of_table(Ref) -> Ref, MAKES, Owned;
    /// A list of the keys of an exact dict, set or frozenset.
    list_of_table(Ref) -> Ref, MAKES, Owned;
    /// `a & b`, `a | b`, `a - b`, `a ^ b`: a, b, operator. Of the kind of a.
    set_operator(Ref, Ref, Int) -> Ref, MAKES, Owned;
    /// A comparison: a, b, operator.
    set_compare(Ref, Ref, Int) -> Bool, LOOKS, None;
    /// Whether two have no element in common.
    set_disjoint(Ref, Ref) -> Bool, LOOKS, None;
    /// `a.update(b)`, where b is an exact set, frozenset, dict, list or tuple.
    set_update(Ref, Ref) -> Unit, CHANGES, None;
    /// How many elements there are.
    set_length(Ref) -> Int, Effects::read(Mem::OTHER), None;
    /// `b in a`.
    set_has(Ref, Ref) -> Bool, LOOKS, None;
    /// `a.add(b)`.
    set_add(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.discard(b)`.
    set_discard(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.remove(b)` of an element that is there.
    set_remove(Ref, Ref) -> Unit, CHANGES, None;
}

impl Objects {
    /// The table of an exact set or frozenset.
    pub fn set_table<'a>(&'a self, set: &PyObject) -> Table<'a> {
        self.layout.set.table(&self.layout.set_growth, set)
    }

    /// The table of an exact set, frozenset or dict.
    pub fn table_of<'a>(&'a self, container: &PyObject) -> Option<Table<'a>> {
        let (class, classes) = (self.class(container), &self.classes);
        if class == classes.dict {
            Some(super::dicts::table(self, container.downcast_ref()?))
        } else {
            [classes.set, classes.frozenset].contains(&class).then(|| self.set_table(container))
        }
    }
}

/// The elements of something that is added to a set, with their hashes; borrowed.
fn hashed<'a>(objects: &'a Objects, iterable: &'a PyObject, vm: &VirtualMachine) -> Option<Vec<(i64, &'a PyObject)>> {
    if let Some(table) = objects.table_of(iterable) {
        return Some(table.pairs().map(|pair| (pair.hash, pair.key)).collect());
    }
    let elements = objects.addresses(iterable).iter().map(|&element| object(element));
    elements
        .map(|element| {
            // (No list has a hash, nor has a tuple with one in it.)
            hash(objects, element, vm).map(|hash| (hash, element))
        })
        .collect()
}

fn locate(objects: &Objects, table: Table<'_>, (hash, element): (i64, &PyObject), vm: &VirtualMachine) -> Found {
    table.find(hash, |other| same(objects, element, other, vm))
}

/// Adds an element that is not there.
fn add(objects: &Objects, set: &PyObject, (hash, element): (i64, &PyObject), vm: &VirtualMachine) -> Option<()> {
    let address = address(element);
    objects.share(address);
    if objects.set_table(set).add(hash, address, address) {
        return Some(());
    }
    objects.give_up(address);
    set.downcast_ref::<PySet>()?.add(element.to_owned(), vm).ok()
}

/// Adds an element if it is not there. `None`: that may take Python code to find out.
fn unite(objects: &Objects, set: &PyObject, element: (i64, &PyObject), vm: &VirtualMachine) -> Option<()> {
    match locate(objects, objects.set_table(set), element, vm) {
        Found::At(_) => Some(()),
        Found::Absent => add(objects, set, element, vm),
        Found::Unsure => None,
    }
}

fn new_set(objects: &Objects, frozen: bool, vm: &VirtualMachine) -> PyObjectRef {
    if frozen { PyFrozenSet::default().into_ref(&vm.ctx).into() } else { objects.new_set(vm).into() }
}

/// `&`, `|`, `-` and `^`.
fn operate(objects: &Objects, [a, b]: [&PyObject; 2], operator: i64, vm: &VirtualMachine) -> Option<PyObjectRef> {
    let result = new_set(objects, objects.class(a) == objects.classes.frozenset, vm);
    let (left, right) = (objects.set_table(a), objects.set_table(b));
    // Those of one that are (or are not) in the other. They differ from each other.
    let filter = |from: Table<'_>, other: Table<'_>, wanted: bool| -> Option<()> {
        for pair in from.pairs() {
            let element = (pair.hash, pair.key);
            let found = match locate(objects, other, element, vm) {
                Found::At(_) => true,
                Found::Absent => false,
                Found::Unsure => return None,
            };
            if found == wanted {
                add(objects, &result, element, vm)?;
            }
        }
        Some(())
    };
    match operator {
        1 if left.used() < right.used() => filter(left, right, true)?,
        1 => filter(right, left, true)?,
        7 => {
            left.pairs().try_for_each(|pair| add(objects, &result, (pair.hash, pair.key), vm))?;
            filter(right, left, false)?;
        }
        10 => filter(left, right, false)?,
        _ => {
            filter(left, right, false)?;
            filter(right, left, false)?;
        }
    }
    Some(result)
}

/// Whether all (or none, if not `wanted`) of one are in the other.
fn all(objects: &Objects, [few, many]: [Table<'_>; 2], wanted: bool, vm: &VirtualMachine) -> Option<bool> {
    for pair in few.pairs() {
        match locate(objects, many, (pair.hash, pair.key), vm) {
            Found::At(_) if !wanted => return Some(false),
            Found::Absent if wanted => return Some(false),
            Found::Unsure => return None,
            _ => {}
        }
    }
    Some(true)
}

fn compare(objects: &Objects, a: &PyObject, b: &PyObject, operator: i64, vm: &VirtualMachine) -> Option<bool> {
    let (a, b) = (objects.set_table(a), objects.set_table(b));
    let (x, y) = (a.used(), b.used());
    let inside = |a, b| all(objects, [a, b], true, vm);
    match operator {
        0 if x >= y => Some(false),
        1 if x > y => Some(false),
        0 | 1 => inside(a, b),
        2 if x != y => Some(false),
        2 => inside(a, b),
        3 if x != y => Some(true),
        3 => inside(a, b).map(|same| !same),
        4 if x <= y => Some(false),
        5 if x < y => Some(false),
        _ => inside(b, a),
    }
}

fn answer(ctx: *mut Context, answer: Option<bool>) -> u8 {
    found_or_redo(ctx, answer.map(u8::from))
}

fn made(ctx: *mut Context, made: Option<PyObjectRef>) -> u64 {
    found_or_redo(ctx, made.map(|made| tracked(ctx, made)))
}

/// An element of an operation on a set, with its hash.
fn element<'a>(ctx: *mut Context, element: u64) -> Option<(i64, &'a PyObject)> {
    let objects = Activation::of(ctx).objects;
    hash(objects, object(element), host(ctx)).map(|hash| (hash, object(element)))
}

fn find(ctx: *mut Context, set: u64, sought: u64) -> Found {
    let objects = Activation::of(ctx).objects;
    element(ctx, sought)
        .map_or(Found::Unsure, |element| locate(objects, objects.set_table(object(set)), element, host(ctx)))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn set_of_sequence(ctx: *mut Context, elements: u64, frozen: i64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        // The empty frozenset is one object.
        let elements = hashed(objects, object(elements), vm).filter(|found| frozen == 0 || !found.is_empty());
        let set = elements.and_then(|elements| {
            let set = new_set(objects, frozen != 0, vm);
            elements.into_iter().try_for_each(|element| unite(objects, &set, element, vm)).map(|()| set)
        });
        made(ctx, set)
    }

    pub extern "C" fn set_of_table(ctx: *mut Context, container: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let set = objects.table_of(object(container)).and_then(|table| {
            let set = new_set(objects, false, vm);
            table.pairs().try_for_each(|pair| add(objects, &set, (pair.hash, pair.key), vm)).map(|()| set)
        });
        made(ctx, set)
    }

    pub extern "C" fn list_of_table(ctx: *mut Context, container: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let keys =
            objects.table_of(object(container)).map(|table| table.pairs().map(|pair| address(pair.key)).collect());
        made(ctx, keys.map(|keys: Vec<u64>| objects.new_list(keys.into_iter(), vm)))
    }

    pub extern "C" fn set_operator(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u64 {
        made(ctx, operate(Activation::of(ctx).objects, [object(a), object(b)], operator, host(ctx)))
    }

    pub extern "C" fn set_compare(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u8 {
        answer(ctx, compare(Activation::of(ctx).objects, object(a), object(b), operator, host(ctx)))
    }

    pub extern "C" fn set_disjoint(ctx: *mut Context, a: u64, b: u64) -> u8 {
        let objects = Activation::of(ctx).objects;
        let (a, b) = (objects.set_table(object(a)), objects.set_table(object(b)));
        let [few, many] = if a.used() < b.used() { [a, b] } else { [b, a] };
        answer(ctx, all(objects, [few, many], false, host(ctx)))
    }

    pub extern "C" fn set_update(ctx: *mut Context, set: u64, more: u64) {
        let (objects, vm, set) = (Activation::of(ctx).objects, host(ctx), object(set));
        let known = |element: &(i64, &PyObject)| {
            objects.is_key(element.1) && locate(objects, objects.set_table(set), *element, vm) != Found::Unsure
        };
        match hashed(objects, object(more), vm).filter(|elements| elements.iter().all(known)) {
            Some(elements) => {
                for element in elements {
                    // All are plain, so that nothing can be unsure from here on.
                    let _ = unite(objects, set, element, vm);
                }
            }
            None => redo(ctx),
        }
    }

    pub extern "C" fn set_length(ctx: *mut Context, set: u64) -> i64 {
        Activation::of(ctx).objects.set_table(object(set)).used() as i64
    }

    pub extern "C" fn set_has(ctx: *mut Context, set: u64, element: u64) -> u8 {
        match find(ctx, set, element) {
            Found::At(_) => 1,
            Found::Absent => 0,
            Found::Unsure => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn set_add(ctx: *mut Context, set: u64, new: u64) {
        let objects = Activation::of(ctx).objects;
        if element(ctx, new).and_then(|element| unite(objects, object(set), element, host(ctx))).is_none() {
            redo(ctx);
        }
    }

    pub extern "C" fn set_discard(ctx: *mut Context, set: u64, element: u64) {
        if find(ctx, set, element) != Found::Absent {
            set_remove(ctx, set, element);
        }
    }

    pub extern "C" fn set_remove(ctx: *mut Context, set: u64, element: u64) {
        match (find(ctx, set, element), payload::<PySet>(set)) {
            (Found::At(_), Some(set)) if set.discard(object(element).to_owned(), host(ctx)).is_ok() => {}
            _ => redo(ctx),
        }
    }
}
