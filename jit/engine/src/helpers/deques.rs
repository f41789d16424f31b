//! Helpers for exact deques, which the trace knows inside once it has seen one.

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use tjit_vm::layout::{DequeLayout, End};

use super::{Helper, at, found_or_redo, host, object, or_redo, redo};
use crate::exits::Activation;
use crate::objects::Objects;

const CHANGES: Effects =
    Effects { reads: Mem::OTHER, writes: Mem::OTHER, releases: true, exits: true, ..Effects::PURE };

helpers! {
    /// Adds an element in front (0) or behind (1): deque, element, end. The deque has no limit.
    deque_push(Ref, Ref, Int) -> Unit, CHANGES, None;
    /// Takes the first (0) or last (1) element out: deque, end.
    deque_pop(Ref, Int) -> Ref, CHANGES, Owned;
    /// `a[b]`.
    deque_item(Ref, Int) -> Ref, Effects { reads: Mem::OTHER, exits: true, allocates: true, ..Effects::PURE }, Owned;
    /// `len(a)`.
    deque_length(Ref) -> Int, Effects { exits: true, ..Effects::read(Mem::OTHER) }, None;
}

impl Objects {
    /// What is known of deques, if an object is one.
    pub fn deque(&self, object: &PyObject, vm: &VirtualMachine) -> Option<&DequeLayout> {
        self.deques.of(object, vm)
    }
}

fn layout<'a>(ctx: *mut Context) -> Option<&'a DequeLayout> {
    Activation::of(ctx).objects.deques.seen()
}

fn end(number: i64) -> End {
    if number == 0 { End::Left } else { End::Right }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn deque_push(ctx: *mut Context, deque: u64, element: u64, at: i64) {
        let (objects, vm, holder) = (Activation::of(ctx).objects, host(ctx), object(deque));
        let Some(layout) = layout(ctx).filter(|layout| !layout.is_limited(holder)) else { return redo(ctx) };
        objects.share(element);
        if !layout.push(holder, end(at), element) {
            // There is no room.
            objects.give_up(element);
            let element: PyObjectRef = object(element).to_owned();
            let done = vm.call_method(holder, if at == 0 { "appendleft" } else { "append" }, (element,));
            or_redo(ctx, done);
        }
    }

    pub extern "C" fn deque_pop(ctx: *mut Context, deque: u64, at: i64) -> u64 {
        let popped = layout(ctx).and_then(|layout| layout.pop(object(deque), end(at)));
        found_or_redo(ctx, popped)
    }

    pub extern "C" fn deque_item(ctx: *mut Context, deque: u64, index: i64) -> u64 {
        let (deque, objects) = (object(deque), Activation::of(ctx).objects);
        let found = layout(ctx).and_then(|layout| layout.element(deque, at(index, layout.len(deque))?));
        found.into_iter().for_each(|element| objects.share(element));
        found_or_redo(ctx, found)
    }

    pub extern "C" fn deque_length(ctx: *mut Context, deque: u64) -> i64 {
        found_or_redo(ctx, layout(ctx).map(|layout| layout.len(object(deque)) as i64))
    }
}
