//! Helpers for slices of builtin sequences.

use rustpython_vm::{
    PyObjectRef, PyPayload,
    builtins::{PySlice, PyStr},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::text::new_text;
use super::{Helper, LEAF, bytes, host, object, or_redo, owned, payload, redo, tracked};
use crate::exits::Activation;

const CHANGES: Effects =
    Effects { reads: Mem::all(), writes: Mem::LIST.union(Mem::OTHER), releases: true, exits: true, ..Effects::PURE };

helpers! {
    /// `slice(a, b, c)` of ints and None.
    slice_new(Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// `a[b:c:d]` of a builtin sequence; b, c and d are ints or None.
    slice_get(Ref, Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// `a[b:c]` of an exact list, tuple, str or bytes.
    slice_between(Ref, Int, Int) -> Ref, LEAF, Owned;
    /// The elements of an exact list or tuple from one index to another, as a list.
    list_between(Ref, Int, Int) -> Ref, LEAF, Owned;
    /// `a[b:c:d]` of an exact list, tuple, str or bytes, where d is not 0. What is beyond an end stands for that end.
    slice_by(Ref, Int, Int, Int) -> Ref, LEAF, Owned;
    /// `a[b:c] = d`, where d is an exact list or tuple, from its first to its last element (0) or the other way (1), and the
    /// last number says from where: list, b, c, d, way, from.
    slice_put(Ref, Int, Int, Ref, Int, Int) -> Unit, CHANGES, None;
    /// `a[b] = c`, where b is a slice: container, slice, value.
    slice_set(Ref, Ref, Ref) -> Unit, CHANGES, None;
    /// `del a[b]` of an exact list.
    item_delete(Ref, Ref) -> Unit, CHANGES, None;
}

/// The part of a sequence of so many elements that a slice means. `None`: all of it.
fn part(start: i64, stop: i64, count: usize) -> Option<std::ops::Range<usize>> {
    let count = count as i64;
    let clamp = |bound: i64| (if bound < 0 { bound.saturating_add(count) } else { bound }).clamp(0, count);
    let (start, stop) = (clamp(start), clamp(stop));
    if (start, stop) == (0, count) { None } else { Some(start as usize..stop.max(start) as usize) }
}

/// The first index of a slice with a step, and how many there are.
fn steps(start: i64, stop: i64, step: i64, count: usize) -> (i64, usize) {
    let count = count as i64;
    let (low, high) = if step < 0 { (-1, count - 1) } else { (0, count) };
    let clamp = |bound: i64| (if bound < 0 { bound.saturating_add(count) } else { bound }).clamp(low, high);
    let (start, stop) = (clamp(start), clamp(stop));
    let distance = if step < 0 { start - stop } else { stop - start };
    (start, if distance <= 0 { 0 } else { (distance as u64).div_ceil(step.unsigned_abs()) as usize })
}

fn new_slice(ctx: *mut Context, parts: [PyObjectRef; 3]) -> PyObjectRef {
    let [start, stop, step] = parts;
    PySlice { start: Some(start), stop, step: Some(step) }.into_ref(&host(ctx).ctx).into()
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn slice_new(ctx: *mut Context, start: u64, stop: u64, step: u64) -> u64 {
        owned(new_slice(ctx, [start, stop, step].map(|part| object(part).to_owned())))
    }

    pub extern "C" fn slice_get(ctx: *mut Context, container: u64, start: u64, stop: u64, step: u64) -> u64 {
        let slice = new_slice(ctx, [start, stop, step].map(|part| object(part).to_owned()));
        or_redo(ctx, object(container).get_item(&*slice, host(ctx)))
    }

    pub extern "C" fn slice_between(ctx: *mut Context, container: u64, start: i64, stop: i64) -> u64 {
        let (context, activation) = (&host(ctx).ctx, Activation::of(ctx));
        let (objects, class) = (activation.objects, activation.objects.class(object(container)));
        if class == objects.classes.list {
            let elements = objects.addresses(object(container));
            let part = part(start, stop, elements.len()).unwrap_or(0..elements.len());
            return tracked(ctx, objects.new_list(elements[part].iter().copied(), activation.vm));
        }
        // What all of an immutable sequence is, the VM decides.
        if class == objects.classes.tuple
            && let elements = objects.addresses(object(container))
            && let Some(part) = part(start, stop, elements.len())
        {
            return tracked(ctx, objects.new_tuple(&elements[part], activation.vm));
        }
        if let Some(text) = payload::<PyStr>(container)
            && text.byte_len() == text.char_len()
            && let Some(part) = part(start, stop, text.byte_len())
        {
            return owned(new_text(ctx, text.as_wtf8().as_bytes()[part].to_vec(), true));
        }
        if let Some(whole) = bytes(ctx, container)
            && let Some(part) = part(start, stop, whole.len())
        {
            return owned(context.new_bytes(whole[part].to_vec()).into());
        }
        let parts = [context.new_int(start).into(), context.new_int(stop).into(), context.none()];
        or_redo(ctx, object(container).get_item(&*new_slice(ctx, parts), host(ctx)))
    }

    pub extern "C" fn slice_by(ctx: *mut Context, container: u64, start: i64, stop: i64, step: i64) -> u64 {
        let (context, activation) = (&host(ctx).ctx, Activation::of(ctx));
        let (objects, class) = (activation.objects, activation.objects.class(object(container)));
        if [objects.classes.list, objects.classes.tuple].contains(&class) {
            let elements = objects.addresses(object(container));
            let (first, count) = steps(start, stop, step, elements.len());
            let mut index = first;
            let part = (0..count).map(|_| {
                let element = elements[index as usize];
                index = index.wrapping_add(step);
                element
            });
            if class == objects.classes.list {
                return tracked(ctx, objects.new_list(part, activation.vm));
            }
            return tracked(ctx, objects.new_tuple(&part.collect::<Vec<u64>>(), activation.vm));
        }
        if let Some(text) = payload::<PyStr>(container)
            && text.byte_len() == text.char_len()
        {
            let bytes = text.as_wtf8().as_bytes();
            let (first, count) = steps(start, stop, step, bytes.len());
            let part = (0..count as i64).map(|n| bytes[(first + n * step) as usize]);
            return owned(new_text(ctx, part.collect(), true));
        }
        let parts = [start, stop, step].map(|part| context.new_int(part).into());
        or_redo(ctx, object(container).get_item(&*new_slice(ctx, parts), host(ctx)))
    }

    pub extern "C" fn list_between(ctx: *mut Context, sequence: u64, start: i64, stop: i64) -> u64 {
        let activation = Activation::of(ctx);
        let elements = activation.objects.addresses(object(sequence));
        let part = part(start, stop, elements.len()).unwrap_or(0..elements.len());
        tracked(ctx, activation.objects.new_list(elements[part].iter().copied(), activation.vm))
    }

    pub extern "C" fn slice_put(ctx: *mut Context, list: u64, start: i64, stop: i64, source: u64, way: i64, from: i64) {
        let objects = Activation::of(ctx).objects;
        let memory = objects.memory(object(list));
        let own =
            (list == source).then(|| objects.new_list(objects.addresses(object(source)).iter().copied(), host(ctx)));
        let source = own.as_deref().unwrap_or(object(source));
        let elements = objects.addresses(source);
        let range = part(start, stop, memory.len()).unwrap_or(0..memory.len());
        if way == 0 {
            let from = usize::try_from(from).map_or(0, |from| from.min(elements.len()));
            memory.replace(range, elements[from..].iter().copied());
        } else {
            // Backwards, the position is the index of the next element; when the sequence has shrunk below it, the iterator
            // is at its end.
            let count = usize::try_from(from).map_or(0, |from| if from < elements.len() { from + 1 } else { 0 });
            memory.replace(range, elements[..count].iter().rev().copied());
        }
    }

    pub extern "C" fn slice_set(ctx: *mut Context, container: u64, slice: u64, value: u64) {
        if object(container).set_item(object(slice), object(value).to_owned(), host(ctx)).is_err() {
            redo(ctx);
        }
    }

    pub extern "C" fn item_delete(ctx: *mut Context, list: u64, key: u64) {
        if object(list).del_item(object(key), host(ctx)).is_err() {
            redo(ctx);
        }
    }
}
