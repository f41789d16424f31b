//! Helpers that go through the elements of an exact list or tuple: searching, sorting, adding up.
//!
//! Elements are compared as they come; at one that may take Python code to compare, the interpreter does it all.

use std::cmp::Ordering;

use rustpython_vm::VirtualMachine;
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::{ordering::Keys, sums::Number};

use super::dicts::same;
use super::{Helper, found_or_redo, host, object, owned, redo};
use crate::exits::Activation;
use crate::objects::{Objects, Scalar};

const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// `b in a`.
    sequence_has(Ref, Ref) -> Bool, LOOKS, None;
    /// `a.index(b)` of an element that is there.
    sequence_index(Ref, Ref) -> Int, LOOKS, None;
    /// `a.count(b)`.
    sequence_count(Ref, Ref) -> Int, LOOKS, None;
    /// `a.remove(b)` of an element that is there.
    list_remove(Ref, Ref) -> Unit, Effects { writes: Mem::LIST, releases: true, ..LOOKS }, None;
    /// `a.sort()` of ints, of floats or of strs.
    list_sort(Ref) -> Unit, Effects { writes: Mem::LIST, ..LOOKS }, None;
    /// The smallest (0) or largest (1) of a sequence that has some, of ints, of floats or of strs.
    sequence_extreme(Ref, Int) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
    /// `sum(a)` of ints, bools and floats.
    sequence_sum(Ref) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
}

/// The first index from one on where an element equals another. `Err`: that may take Python code to find out.
fn find(ctx: *mut Context, elements: &[u64], needle: u64, from: usize) -> Result<Option<usize>, ()> {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    let number = match objects.scalar(object(needle)) {
        Some(Scalar::Int(number)) => Some(number),
        _ => None,
    };
    for (index, &element) in elements.iter().enumerate().skip(from) {
        let equal = match (number, objects.scalar(object(element))) {
            _ if element == needle => true,
            (Some(number), Some(Scalar::Int(other))) => number == other,
            _ => same(objects, object(needle), object(element), vm).ok_or(())?,
        };
        if equal {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// What elements are ordered by. `None`: there are none, or comparing them may take Python code.
pub fn keys<'a>(elements: &'a [u64], vm: &VirtualMachine) -> Option<Keys<'a>> {
    Keys::of(elements.iter().map(|&element| object(element)), vm)
}

fn total(objects: &Objects, elements: &[u64]) -> Option<Number> {
    elements.iter().try_fold(Number::Int(0), |sum, &element| {
        sum.plus(match objects.scalar(object(element))? {
            Scalar::Int(int) => Number::Int(int),
            Scalar::Float(float) => Number::Float(float),
            Scalar::Bool(bool) => Number::Int(bool.into()),
        })
    })
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    fn elements<'a>(ctx: *mut Context, sequence: u64) -> &'a [u64] {
        Activation::of(ctx).objects.addresses(object(sequence))
    }

    pub extern "C" fn sequence_has(ctx: *mut Context, sequence: u64, needle: u64) -> u8 {
        let found = find(ctx, elements(ctx, sequence), needle, 0).ok();
        found_or_redo(ctx, found.map(|found| u8::from(found.is_some())))
    }

    pub extern "C" fn sequence_index(ctx: *mut Context, sequence: u64, needle: u64) -> i64 {
        let found = find(ctx, elements(ctx, sequence), needle, 0).ok().flatten();
        found_or_redo(ctx, found.map(|index| index as i64))
    }

    pub extern "C" fn sequence_count(ctx: *mut Context, sequence: u64, needle: u64) -> i64 {
        let elements = elements(ctx, sequence);
        let (mut count, mut from) = (0, 0);
        loop {
            match find(ctx, elements, needle, from) {
                Ok(Some(index)) => (count, from) = (count + 1, index + 1),
                Ok(None) => return count,
                Err(()) => {
                    redo(ctx);
                    return 0;
                }
            }
        }
    }

    pub extern "C" fn list_remove(ctx: *mut Context, list: u64, needle: u64) {
        match find(ctx, elements(ctx, list), needle, 0) {
            Ok(Some(index)) => {
                let objects = Activation::of(ctx).objects;
                objects.give_up(objects.memory(object(list)).remove(index));
            }
            _ => redo(ctx),
        }
    }

    pub extern "C" fn list_sort(ctx: *mut Context, list: u64) {
        let elements = elements(ctx, list);
        match keys(elements, host(ctx)) {
            Some(keys) => {
                let sorted: Vec<u64> = keys.order(false).into_iter().map(|number| elements[number]).collect();
                Activation::of(ctx).objects.memory(object(list)).permute(&sorted);
            }
            None if elements.is_empty() => {}
            None => redo(ctx),
        }
    }

    pub extern "C" fn sequence_extreme(ctx: *mut Context, sequence: u64, largest: i64) -> u64 {
        let elements = elements(ctx, sequence);
        let is = if largest != 0 { Ordering::Greater } else { Ordering::Less };
        let best = keys(elements, host(ctx)).map(|keys| elements[keys.extreme(is)]);
        best.into_iter().for_each(|best| Activation::of(ctx).objects.share(best));
        found_or_redo(ctx, best)
    }

    pub extern "C" fn sequence_sum(ctx: *mut Context, sequence: u64) -> u64 {
        let sum = total(Activation::of(ctx).objects, elements(ctx, sequence));
        found_or_redo(ctx, sum.map(|sum| owned(sum.object(host(ctx)))))
    }
}
