//! `==` of builtin containers: what is in them is compared here as long as that takes no Python code.

use rustpython_vm::{
    Py, PyObject, VirtualMachine,
    builtins::{PyDict, PyStr},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::layout::Found;

use super::{Helper, dicts, found_or_redo, host, object, payload};
use crate::exits::Activation;
use crate::objects::{Objects, Scalar};

const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// `a == b` of exact dicts.
    dict_equal(Ref, Ref) -> Bool, LOOKS, None;
}

/// Containers inside one another that are compared here, at most.
const MAX_DEPTH: u32 = 8;
/// Ints of which each is a float.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// Whether two elements of containers are equal: the same, or equal by value. `None`: only the VM can tell.
pub(super) fn are_equal(
    objects: &Objects,
    a: &PyObject,
    b: &PyObject,
    depth: u32,
    vm: &VirtualMachine,
) -> Option<bool> {
    if std::ptr::eq(a, b) {
        return Some(true);
    }
    if let (Some(x), Some(y)) = (objects.scalar(a), objects.scalar(b)) {
        return are_equal_numbers(x, y);
    }
    let classes = &objects.classes;
    let class = objects.class(a);
    if class != objects.class(b) {
        // (An int that is larger than a word is no scalar.)
        let differs = |class| class != classes.int && classes.is_leaf(class);
        return (differs(class) && differs(objects.class(b))).then_some(false);
    }
    if class == classes.str {
        return Some(a.downcast_ref::<PyStr>()?.as_wtf8() == b.downcast_ref::<PyStr>()?.as_wtf8());
    }
    if depth == MAX_DEPTH {
        return None;
    }
    if class == classes.list || class == classes.tuple {
        return are_equal_sequences(objects, objects.addresses(a), objects.addresses(b), depth + 1, vm);
    }
    if class == classes.dict {
        return are_equal_dicts(objects, a.downcast_ref()?, b.downcast_ref()?, depth + 1, vm);
    }
    None
}

/// The same for the elements of two lists or tuples.
pub(super) fn are_equal_sequences(
    objects: &Objects,
    a: &[u64],
    b: &[u64],
    depth: u32,
    vm: &VirtualMachine,
) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    for (&x, &y) in a.iter().zip(b) {
        if !are_equal(objects, object(x), object(y), depth, vm)? {
            return Some(false);
        }
    }
    Some(true)
}

fn are_equal_dicts(objects: &Objects, a: &Py<PyDict>, b: &Py<PyDict>, depth: u32, vm: &VirtualMachine) -> Option<bool> {
    let (table, other) = (dicts::table(objects, a), dicts::table(objects, b));
    if table.used() != other.used() {
        return Some(false);
    }
    for pair in table.pairs() {
        match other.find(pair.hash, |key| dicts::same(objects, pair.key, key, vm)) {
            Found::At(index) => {
                if !are_equal(objects, pair.value, objects.layout.dict.value_at(b, index), depth, vm)? {
                    return Some(false);
                }
            }
            Found::Absent => return Some(false),
            Found::Unsure => return None,
        }
    }
    Some(true)
}

fn are_equal_numbers(x: Scalar, y: Scalar) -> Option<bool> {
    let int = |scalar| match scalar {
        Scalar::Int(int) => Some(int),
        Scalar::Bool(bool) => Some(i64::from(bool)),
        Scalar::Float(_) => None,
    };
    match (x, y) {
        (Scalar::Float(x), Scalar::Float(y)) => Some(x == y),
        (Scalar::Float(float), other) | (other, Scalar::Float(float)) => {
            int(other).filter(|int| int.unsigned_abs() < EXACT).map(|int| int as f64 == float)
        }
        (x, y) => Some(int(x)? == int(y)?),
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn dict_equal(ctx: *mut Context, a: u64, b: u64) -> u8 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let dicts = payload::<PyDict>(a).zip(payload::<PyDict>(b));
        let equal = dicts.and_then(|(a, b)| are_equal_dicts(objects, a, b, 0, vm));
        found_or_redo(ctx, equal.map(u8::from))
    }
}
