//! Helpers for dicts whose keys are plain, and for the iterators of builtin containers.
//!
//! A key is plain when hashing it and comparing it with its like runs no Python code, see `Objects::is_plain`. A dict may
//! have a key of another kind with the same hash; then the interpreter does it.

use rustpython_vm::{AsObject, Py, builtins::PyDict, protocol::PyIterReturn, types::PyComparisonOp};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use tjit_vm::layout::Found;

use super::{Helper, host, object, or_redo, owned, payload, redo};
use crate::exits::Activation;

const READS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };
const MAKES: Effects = Effects { allocates: true, ..READS };
/// The dict may be that of an instance or of a module.
const CHANGES: Effects = Effects {
    writes: Mem::DICT.union(Mem::OBJECT).union(Mem::SHAPE).union(Mem::OTHER),
    releases: true,
    exits: true,
    ..Effects::PURE
};

helpers! {
    /// `{}`.
    dict_new() -> Ref, Effects::ALLOC, Owned;
    /// `a[b]` of an exact dict that has the key.
    dict_get(Ref, Ref) -> Ref, READS, Owned;
    /// `a.get(b, c)` of an exact dict.
    dict_get_or(Ref, Ref, Ref) -> Ref, READS, Owned;
    /// `a[b] = c` of an exact dict.
    dict_set(Ref, Ref, Ref) -> Unit, CHANGES, None;
    /// `b in a` of an exact dict.
    has_key(Ref, Ref) -> Bool, READS, None;
    /// `iter(a)` of a builtin container.
    iterator(Ref) -> Ref, MAKES, Owned;
    /// The next element of an iterator of a builtin container that has one.
    next_element(Ref) -> Ref, Effects { writes: Mem::OTHER, ..MAKES }, Owned;
    /// Whether an iterator of a builtin container is at its end.
    at_end(Ref) -> Bool, READS, None;
}

/// Where a plain key is in an exact dict. Keys that are not plain are not compared.
fn find(ctx: *mut Context, dict: &Py<PyDict>, key: u64) -> Found {
    let (vm, key, objects) = (host(ctx), object(key), Activation::of(ctx).objects);
    let Ok(hash) = key.hash(vm) else { return Found::Unsure };
    objects.layout.dict.find(dict, hash, |other| {
        if other.is(key) {
            return Some(true);
        }
        if objects.is_plain(other) { key.rich_compare_bool(other, PyComparisonOp::Eq, vm).ok() } else { None }
    })
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn dict_new(ctx: *mut Context) -> u64 {
        owned(host(ctx).ctx.new_dict().into())
    }

    pub extern "C" fn dict_get(ctx: *mut Context, dict: u64, key: u64) -> u64 {
        if let Some(dict) = payload::<PyDict>(dict)
            && let Found::At(index) = find(ctx, dict, key)
        {
            return owned(Activation::of(ctx).objects.layout.dict.value_at(dict, index));
        }
        redo(ctx);
        0
    }

    pub extern "C" fn dict_get_or(ctx: *mut Context, dict: u64, key: u64, default: u64) -> u64 {
        match payload::<PyDict>(dict).map(|dict| (dict, find(ctx, dict, key))) {
            Some((dict, Found::At(index))) => owned(Activation::of(ctx).objects.layout.dict.value_at(dict, index)),
            Some((_, Found::Absent)) => owned(object(default).to_owned()),
            _ => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn dict_set(ctx: *mut Context, dict: u64, key: u64, value: u64) {
        let value = object(value).to_owned();
        match payload::<PyDict>(dict).map(|dict| (dict, find(ctx, dict, key))) {
            Some((dict, Found::At(index))) => {
                drop(Activation::of(ctx).objects.layout.dict.replace(dict, index, value));
            }
            // No other key has this hash, so that none is compared.
            Some((dict, Found::Absent)) if dict.set_item(object(key), value, host(ctx)).is_ok() => {}
            _ => redo(ctx),
        }
    }

    pub extern "C" fn has_key(ctx: *mut Context, dict: u64, key: u64) -> u8 {
        match payload::<PyDict>(dict).map(|dict| find(ctx, dict, key)) {
            Some(Found::At(_)) => 1,
            Some(Found::Absent) => 0,
            _ => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn iterator(ctx: *mut Context, container: u64) -> u64 {
        or_redo(ctx, object(container).to_owned().get_iter(host(ctx)).map(Into::into))
    }

    pub extern "C" fn next_element(ctx: *mut Context, iterator: u64) -> u64 {
        let next = rustpython_vm::protocol::PyIter::new(object(iterator)).next(host(ctx));
        match next {
            Ok(PyIterReturn::Return(element)) => owned(element),
            // At its end it stays there, and what it raises it raises again.
            _ => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn at_end(ctx: *mut Context, iterator: u64) -> u8 {
        match object(iterator).to_owned().length_hint(1, host(ctx)) {
            Ok(left) => u8::from(left == 0),
            Err(_) => {
                redo(ctx);
                0
            }
        }
    }
}
