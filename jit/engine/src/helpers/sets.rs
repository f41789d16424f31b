//! Helpers for exact sets whose elements are plain, as far as the one that is looked for is compared with them.

use rustpython_vm::{
    PyPayload,
    builtins::{PySet, PyTuple},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use tjit_vm::layout::Found;

use super::dicts::{hash, same};
use super::{Helper, host, object, owned, payload, redo};
use crate::exits::Activation;

const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };
const CHANGES: Effects = Effects { writes: Mem::OTHER, releases: true, ..LOOKS };

helpers! {
    /// A set of the elements of an exact tuple.
    set_of_tuple(Ref) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
    /// `b in a`.
    set_has(Ref, Ref) -> Bool, LOOKS, None;
    /// `a.add(b)`.
    set_add(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.discard(b)`.
    set_discard(Ref, Ref) -> Unit, CHANGES, None;
    /// `a.remove(b)` of an element that is there.
    set_remove(Ref, Ref) -> Unit, CHANGES, None;
}

fn find(ctx: *mut Context, set: u64, element: u64) -> Found {
    let (element, objects, vm) = (object(element), Activation::of(ctx).objects, host(ctx));
    let Some(hash) = hash(objects, element, vm) else { return Found::Unsure };
    objects.layout.set.find(object(set), hash, |other| same(objects, element, other, vm))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn set_of_tuple(ctx: *mut Context, elements: u64) -> u64 {
        let set = PySet::default().into_ref(&host(ctx).ctx);
        let objects = Activation::of(ctx).objects;
        for element in payload::<PyTuple>(elements).map(|elements| elements.as_slice()).unwrap_or_default() {
            if !objects.is_plain(element) || set.add(element.clone(), host(ctx)).is_err() {
                redo(ctx);
                return 0;
            }
        }
        owned(set.into())
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

    pub extern "C" fn set_add(ctx: *mut Context, set: u64, element: u64) {
        match (find(ctx, set, element), payload::<PySet>(set)) {
            (Found::At(_), Some(_)) => {}
            (Found::Absent, Some(set)) if set.add(object(element).to_owned(), host(ctx)).is_ok() => {}
            _ => redo(ctx),
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
