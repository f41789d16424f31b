//! The VM's operators on operands of any kind. They may run any code.

use rustpython_vm::{
    PyObjectRef, PyPayload, TryFromObject,
    builtins::{PySet, PySlice, PyStr, PyTuple},
    protocol::{PyIter, PyIterReturn},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, comparison, host, object, owned, payload, redo, visible};
use crate::exits::Activation;
use crate::operators;

helpers! {
    /// `a ∘ b`, with the operator's number.
    binary(Ref, Ref, Int) -> Ref, Effects::OPAQUE, Owned;
    /// A comparison, with the operator's number.
    compare(Ref, Ref, Int) -> Ref, Effects::OPAQUE, Owned;
    /// `b in a` (0) or `b not in a` (1).
    contains(Ref, Ref, Int) -> Bool, Effects::OPAQUE, None;
    /// `a[b] = c`.
    set_item(Ref, Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// `del a[b]`.
    delete_item(Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// `-a` (0) or `~a` (1).
    unary(Ref, Int) -> Ref, Effects::OPAQUE, Owned;
    /// `bool(a)` (1) or `not a` (0).
    truth(Ref, Int) -> Bool, Effects::OPAQUE, None;
    /// `format(a, b)`.
    format(Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `a[b:c]`.
    slice(Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `a[b:c] = d`.
    set_slice(Ref, Ref, Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// A dict of the keys and values that alternate in a tuple.
    build_map(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// A set of the elements of a tuple.
    build_set(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Adds `b` to the set `a`.
    add(Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// Adds what an iterable gives to a list, for `[*a]`.
    extend(Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// Adds what an iterable gives to a set, for `{*a}`.
    update(Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// The elements of a builtin container, text or range as a tuple, which must have so many.
    unpack(Ref, Int) -> Ref, Effects { exits: true, reads: Mem::all(), ..Effects::ALLOC }, Owned;
    /// The elements of a native iterator, which has to have so many, as a tuple.
    unpack_any(Ref, Int) -> Ref, Effects::OPAQUE, Owned;
}

fn range(ctx: *mut Context, start: u64, stop: u64) -> PyObjectRef {
    let slice = PySlice { start: Some(object(start).to_owned()), stop: object(stop).to_owned(), step: None };
    slice.into_ref(&host(ctx).ctx).into()
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn binary(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u64 {
        visible(ctx, || operators::any(operator as u32, object(a), object(b), host(ctx))).map_or(0, owned)
    }

    pub extern "C" fn compare(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u64 {
        let run = || object(a).to_owned().rich_compare(object(b).to_owned(), comparison(operator), host(ctx));
        visible(ctx, run).map_or(0, owned)
    }

    pub extern "C" fn contains(ctx: *mut Context, container: u64, needle: u64, not: i64) -> u8 {
        let found = visible(ctx, || host(ctx)._contains(object(container), object(needle)));
        found.map_or(0, |found| u8::from(found != (not != 0)))
    }

    pub extern "C" fn set_item(ctx: *mut Context, container: u64, key: u64, value: u64) {
        visible(ctx, || object(container).set_item(object(key), object(value).to_owned(), host(ctx)));
    }

    pub extern "C" fn delete_item(ctx: *mut Context, container: u64, key: u64) {
        visible(ctx, || object(container).del_item(object(key), host(ctx)));
    }

    pub extern "C" fn unary(ctx: *mut Context, a: u64, operator: i64) -> u64 {
        let (a, vm) = (object(a), host(ctx));
        visible(ctx, || if operator == 0 { vm._neg(a) } else { vm._invert(a) }).map_or(0, owned)
    }

    pub extern "C" fn truth(ctx: *mut Context, a: u64, wanted: i64) -> u8 {
        let is = visible(ctx, || object(a).to_owned().try_to_bool(host(ctx)));
        is.map_or(0, |is| u8::from(is == (wanted != 0)))
    }

    pub extern "C" fn format(ctx: *mut Context, a: u64, spec: u64) -> u64 {
        let vm = host(ctx);
        let Ok(spec) = object(spec).to_owned().downcast::<PyStr>() else { return 0 };
        visible(ctx, || vm.format(object(a), spec).map(Into::into)).map_or(0, owned)
    }

    pub extern "C" fn slice(ctx: *mut Context, container: u64, start: u64, stop: u64) -> u64 {
        let part = range(ctx, start, stop);
        visible(ctx, || object(container).get_item(&*part, host(ctx))).map_or(0, owned)
    }

    pub extern "C" fn set_slice(ctx: *mut Context, container: u64, start: u64, stop: u64, value: u64) {
        let part = range(ctx, start, stop);
        visible(ctx, || object(container).set_item(&*part, object(value).to_owned(), host(ctx)));
    }

    pub extern "C" fn build_map(ctx: *mut Context, parts: u64) -> u64 {
        let vm = host(ctx);
        let fill = || -> rustpython_vm::PyResult<PyObjectRef> {
            let dict = Activation::of(ctx).objects.new_dict(vm);
            for pair in payload::<PyTuple>(parts).map_or(&[][..], |parts| parts.as_slice()).chunks_exact(2) {
                dict.set_item(&*pair[0], pair[1].clone(), vm)?;
            }
            Ok(dict.into())
        };
        visible(ctx, fill).map_or(0, owned)
    }

    pub extern "C" fn build_set(ctx: *mut Context, parts: u64) -> u64 {
        let vm = host(ctx);
        let fill = || -> rustpython_vm::PyResult<PyObjectRef> {
            let set = Activation::of(ctx).objects.new_set(vm);
            for element in payload::<PyTuple>(parts).map_or(&[][..], |parts| parts.as_slice()) {
                set.add(element.clone(), vm)?;
            }
            Ok(set.into())
        };
        visible(ctx, fill).map_or(0, owned)
    }

    pub extern "C" fn add(ctx: *mut Context, set: u64, element: u64) {
        let add = || payload::<PySet>(set).map_or(Ok(()), |set| set.add(object(element).to_owned(), host(ctx)));
        visible(ctx, add);
    }

    pub extern "C" fn extend(ctx: *mut Context, list: u64, iterable: u64) {
        let (vm, iterable) = (host(ctx), object(iterable));
        let class = iterable.class();
        let is_iterable =
            class.slots.iter.load().is_some() || class.get_attr(vm.ctx.intern_str("__getitem__")).is_some();
        let extend = || match is_iterable {
            true => vm.call_method(object(list), "extend", (iterable.to_owned(),)).map(drop),
            false => Err(vm.new_type_error(format!("Value after * must be an iterable, not {}", class.name()))),
        };
        visible(ctx, extend);
    }

    pub extern "C" fn update(ctx: *mut Context, set: u64, iterable: u64) {
        let vm = host(ctx);
        let update = || -> rustpython_vm::PyResult<()> {
            let iterator = PyIter::try_from_object(vm, object(iterable).to_owned())?;
            while let PyIterReturn::Return(element) = iterator.next(vm)? {
                payload::<PySet>(set).map_or(Ok(()), |set| set.add(element, vm))?;
            }
            Ok(())
        };
        visible(ctx, update);
    }

    pub extern "C" fn unpack_any(ctx: *mut Context, iterator: u64, count: i64) -> u64 {
        let vm = host(ctx);
        let take = || {
            let iterator = PyIter::new(object(iterator));
            let mut elements = Vec::with_capacity(count as usize);
            while let PyIterReturn::Return(element) = iterator.next(vm)? {
                if elements.len() == count as usize {
                    return Err(vm.new_value_error(format!("too many values to unpack (expected {count})")));
                }
                elements.push(element);
            }
            if elements.len() < count as usize {
                let text = format!("not enough values to unpack (expected {count}, got {})", elements.len());
                return Err(vm.new_value_error(text));
            }
            Ok(vm.ctx.new_tuple(elements).into())
        };
        visible(ctx, take).map_or(0, owned)
    }

    pub extern "C" fn unpack(ctx: *mut Context, iterable: u64, count: i64) -> u64 {
        let vm = host(ctx);
        let elements: rustpython_vm::PyResult<Vec<PyObjectRef>> = object(iterable).to_owned().try_to_value(vm);
        match elements {
            Ok(elements) if elements.len() == count as usize => owned(vm.ctx.new_tuple(elements).into()),
            // The interpreter knows what to say.
            _ => {
                redo(ctx);
                0
            }
        }
    }
}
