//! The functions of heapq and bisect on exact lists of plain elements.
//!
//! All comparisons come first, so that an element that is not plain leaves the list as it was, and the interpreter does
//! the call.

use std::cmp::Ordering;

use rustpython_vm::{
    PyObject, PyObjectRef,
    builtins::{PyList, PyStr},
    types::PyComparisonOp,
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, host, object, owned, payload, redo};
use crate::exits::Activation;
use crate::known::Ordered;
use crate::objects::{Objects, Scalar};

const CHANGES: Effects =
    Effects { reads: Mem::all(), writes: Mem::LIST, exits: true, allocates: true, releases: true, ..Effects::PURE };
const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// `heappush(list, item)`.
    heap_push(Ref, Ref) -> Unit, CHANGES, None;
    /// `heappop(list)` of a list that is not empty.
    heap_pop(Ref) -> Ref, CHANGES, Owned;
    /// `heapreplace(list, item)` of a list that is not empty.
    heap_replace(Ref, Ref) -> Ref, CHANGES, Owned;
    /// `heappushpop(list, item)`.
    heap_push_pop(Ref, Ref) -> Ref, CHANGES, Owned;
    /// `bisect_left(list, item)`.
    bisect_left(Ref, Ref) -> Int, LOOKS, None;
    /// `bisect_right(list, item)`.
    bisect_right(Ref, Ref) -> Int, LOOKS, None;
    /// `insort_left(list, item)`.
    insort_left(Ref, Ref) -> Unit, CHANGES, None;
    /// `insort_right(list, item)`.
    insort_right(Ref, Ref) -> Unit, CHANGES, None;
}

/// The helper for a function.
pub fn ordered(function: Ordered) -> Helper {
    match function {
        Ordered::HeapPush => heap_push(),
        Ordered::HeapPop => heap_pop(),
        Ordered::HeapReplace => heap_replace(),
        Ordered::HeapPushPop => heap_push_pop(),
        Ordered::BisectLeft => bisect_left(),
        Ordered::BisectRight => bisect_right(),
        Ordered::InsortLeft => insort_left(),
        Ordered::InsortRight => insort_right(),
    }
}

/// Whether one plain object is less than another. `None`: they are not plain, or cannot be compared.
fn less(ctx: *mut Context, a: &PyObject, b: &PyObject) -> Option<bool> {
    let objects = Activation::of(ctx).objects;
    match (objects.scalar(a), objects.scalar(b)) {
        (Some(Scalar::Int(a)), Some(Scalar::Int(b))) => return Some(a < b),
        (Some(Scalar::Float(a)), Some(Scalar::Float(b))) => return Some(a < b),
        _ => {}
    }
    let tuple = objects.classes.tuple;
    if objects.class(a) == tuple && objects.class(b) == tuple {
        // The first elements that differ decide, as long as they are numbers or text; else the VM compares.
        for (x, y) in objects.tuple_elements(a).zip(objects.tuple_elements(b)) {
            let order = match (objects.scalar(x), objects.scalar(y)) {
                (Some(Scalar::Int(x)), Some(Scalar::Int(y))) => Some(x.cmp(&y)),
                (Some(Scalar::Float(x)), Some(Scalar::Float(y))) => x.partial_cmp(&y),
                (None, None) => text_order(objects, x, y),
                _ => None,
            };
            match order {
                Some(Ordering::Equal) => {}
                Some(order) => return Some(order.is_lt()),
                None => break,
            }
        }
    }
    if !objects.is_plain(a) || !objects.is_plain(b) {
        return None;
    }
    a.rich_compare_bool(b, PyComparisonOp::Lt, host(ctx)).ok()
}

/// The order of two exact strs, which is that of their code points.
fn text_order(objects: &Objects, a: &PyObject, b: &PyObject) -> Option<Ordering> {
    let text = |object: &PyObject| objects.class(object) == objects.classes.str;
    let (Some(x), Some(y)) = (a.downcast_ref::<PyStr>(), b.downcast_ref::<PyStr>()) else { return None };
    (text(a) && text(b)).then(|| x.as_wtf8().as_bytes().cmp(y.as_wtf8().as_bytes()))
}

/// Where an item comes to rest that rises from the end of a path to the root. `path` has positions from the root down, the
/// last of them free; the elements above are looked up.
fn rest(ctx: *mut Context, elements: &[PyObjectRef], above: &[usize], item: &PyObject) -> Option<usize> {
    let mut at = above.len();
    while at > 0 && less(ctx, item, &elements[above[at - 1]])? {
        at -= 1;
    }
    Some(at)
}

/// Puts an item in the root's place and restores the order. Gives the old root; `None` with nothing changed.
fn replace_root(ctx: *mut Context, elements: &mut [PyObjectRef], item: PyObjectRef) -> Option<PyObjectRef> {
    // The smaller children, down to a leaf: each moves up by one.
    let mut path = Vec::new();
    let mut child = 1;
    while child < elements.len() {
        let right = child + 1;
        if right < elements.len() && !less(ctx, &elements[child], &elements[right])? {
            child = right;
        }
        path.push(child);
        child = 2 * child + 1;
    }
    let at = rest(ctx, elements, &path, &item)?;
    let mut hole = 0;
    for &next in &path[..at] {
        elements.swap(hole, next);
        hole = next;
    }
    Some(std::mem::replace(&mut elements[hole], item))
}

fn search(ctx: *mut Context, elements: &[PyObjectRef], item: &PyObject, left: bool) -> Option<usize> {
    let (mut low, mut high) = (0, elements.len());
    while low < high {
        let middle = low.midpoint(high);
        let behind = if left { less(ctx, &elements[middle], item)? } else { !less(ctx, item, &elements[middle])? };
        if behind {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}

fn or_again<T>(ctx: *mut Context, result: Option<T>) -> Option<T> {
    if result.is_none() {
        redo(ctx);
    }
    result
}

fn insort(ctx: *mut Context, list: u64, item: u64, left: bool) {
    let done = payload::<PyList>(list).and_then(|list| {
        let mut elements = list.borrow_vec_mut();
        let at = search(ctx, &elements, object(item), left)?;
        elements.insert(at, object(item).to_owned());
        Some(())
    });
    or_again(ctx, done);
}

fn bisect(ctx: *mut Context, list: u64, item: u64, left: bool) -> i64 {
    let at = payload::<PyList>(list).and_then(|list| search(ctx, &list.borrow_vec(), object(item), left));
    or_again(ctx, at).map_or(0, |at| at as i64)
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn heap_push(ctx: *mut Context, list: u64, item: u64) {
        let done = payload::<PyList>(list).and_then(|list| {
            let mut elements = list.borrow_vec_mut();
            let mut path = Vec::new();
            let mut at = elements.len();
            while at > 0 {
                at = (at - 1) / 2;
                path.push(at);
            }
            path.reverse();
            let rest = rest(ctx, &elements, &path, object(item))?;
            let mut hole = elements.len();
            elements.push(object(item).to_owned());
            for &above in path[rest..].iter().rev() {
                elements.swap(hole, above);
                hole = above;
            }
            Some(())
        });
        or_again(ctx, done);
    }

    pub extern "C" fn heap_pop(ctx: *mut Context, list: u64) -> u64 {
        let popped = payload::<PyList>(list).and_then(|list| {
            let mut elements = list.borrow_vec_mut();
            let last = elements.pop()?;
            if elements.is_empty() {
                return Some(last);
            }
            let again = last.clone();
            let popped = replace_root(ctx, &mut elements, last);
            if popped.is_none() {
                elements.push(again);
            }
            popped
        });
        or_again(ctx, popped).map_or(0, owned)
    }

    pub extern "C" fn heap_replace(ctx: *mut Context, list: u64, item: u64) -> u64 {
        let popped = payload::<PyList>(list).and_then(|list| {
            let mut elements = list.borrow_vec_mut();
            if elements.is_empty() { None } else { replace_root(ctx, &mut elements, object(item).to_owned()) }
        });
        or_again(ctx, popped).map_or(0, owned)
    }

    pub extern "C" fn heap_push_pop(ctx: *mut Context, list: u64, item: u64) -> u64 {
        let popped = payload::<PyList>(list).and_then(|list| {
            let mut elements = list.borrow_vec_mut();
            let smaller = match elements.first() {
                Some(first) => less(ctx, first, object(item))?,
                None => false,
            };
            let item = object(item).to_owned();
            if smaller { replace_root(ctx, &mut elements, item) } else { Some(item) }
        });
        or_again(ctx, popped).map_or(0, owned)
    }

    pub extern "C" fn bisect_left(ctx: *mut Context, list: u64, item: u64) -> i64 {
        bisect(ctx, list, item, true)
    }

    pub extern "C" fn bisect_right(ctx: *mut Context, list: u64, item: u64) -> i64 {
        bisect(ctx, list, item, false)
    }

    pub extern "C" fn insort_left(ctx: *mut Context, list: u64, item: u64) {
        insort(ctx, list, item, true);
    }

    pub extern "C" fn insort_right(ctx: *mut Context, list: u64, item: u64) {
        insort(ctx, list, item, false);
    }
}
