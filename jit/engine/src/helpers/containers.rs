//! Helpers for lists, tuples, slices and text, and for operators on containers that may run Python code.
//!
//! Those that look into elements (`contains`, `compare_deep`) first make sure that only exact builtin objects are there,
//! whose comparison runs no Python code; else they ask for a redo.

use rustpython_vm::{
    PyObject, PyObjectRef,
    builtins::{PyByteArray, PyBytes, PyList, PyStr, PyStrInterned, PyTuple},
    types::{PyComparisonOp, PyTypeFlags},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{
    CHECKED, Helper, at, equality, found_or_redo, host, object, or_redo, owned, payload, redo, tracked, visible,
};
use crate::attributes;
use crate::elements::Memory;
use crate::exits::Activation;

const ADDS: Effects = Effects {
    writes: Mem::SHAPE.union(Mem::OBJECT).union(Mem::KEYS),
    allocates: true,
    releases: true,
    ..Effects::PURE
};
const GROWS: Effects = Effects { reads: Mem::LIST, writes: Mem::LIST, ..Effects::PURE };
const COPIES: Effects = Effects { reads: Mem::LIST, ..Effects::ALLOC };
const CHANGES: Effects = Effects {
    writes: Mem::LIST.union(Mem::DICT).union(Mem::OBJECT).union(Mem::SHAPE).union(Mem::KEYS).union(Mem::OTHER),
    releases: true,
    allocates: true,
    ..LOOKS
};
const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// Whether `match` takes an object for a sequence (1) or for a mapping (0).
    is_collection(Ref, Int) -> Bool, Effects { reads: Mem::OTHER, ..Effects::PURE }, None;
    /// An empty list.
    list_0() -> Ref, Effects::ALLOC, Owned;
    /// A list of one element.
    list_1(Ref) -> Ref, Effects::ALLOC, Owned;
    /// A list of two elements.
    list_2(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A list of three elements.
    list_3(Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A list of the elements of an exact tuple.
    list_of_tuple(Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of the elements of an exact list.
    tuple_of_list(Ref) -> Ref, COPIES, Owned;
    /// `list.copy`.
    list_copy(Ref) -> Ref, COPIES, Owned;
    /// `list.pop`: list, index. The list's reference becomes the result's.
    list_pop(Ref, Int) -> Ref, Effects { exits: true, releases: true, ..GROWS }, Owned;
    /// `list.insert`: list, index, value.
    list_insert(Ref, Int, Ref) -> Unit, GROWS, None;
    /// `list.extend` by an exact list or tuple.
    list_extend(Ref, Ref) -> Unit, GROWS, None;
    /// `list.reverse`.
    list_reverse(Ref) -> Unit, GROWS, None;
    /// `a + b` of exact lists.
    list_join(Ref, Ref) -> Ref, COPIES, Owned;
    /// `a * b` of an exact list.
    list_repeat(Ref, Int) -> Ref, Effects { exits: true, ..COPIES }, Owned;
    /// `list.clear`.
    list_clear(Ref) -> Unit, Effects::write(Mem::LIST), None;
    /// An operator on builtin objects that are plain inside: a, b, operator. Those in place give a.
    binary_inside(Ref, Ref, Int) -> Ref, CHANGES, Owned;
    /// `a[b]` of a builtin sequence by an int.
    item(Ref, Int) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
    /// `a[b]` of exact bytes or an exact bytearray.
    byte(Ref, Int) -> Int, LOOKS, None;
    /// `a[b] = c` of an exact bytearray.
    set_byte(Ref, Int, Int) -> Unit, Effects { writes: Mem::OTHER, ..LOOKS }, None;
    /// `a[b] = c` of a builtin container that compares nothing: container, index, value.
    set_item(Ref, Int, Ref) -> Unit, Effects { writes: Mem::OTHER, releases: true, ..LOOKS }, None;
    /// Whether a local of the entered frame is bound.
    local_bound(Int) -> Bool, Effects::read(Mem::FRAME), None;
    /// What is called next looks at the entered frame.
    looked_at() -> Unit, Effects::write(Mem::OTHER), None;
    /// Unbinds a local of the entered frame.
    local_clear(Int) -> Unit, Effects::write(Mem::FRAME), None;
    /// `b in a`: container, needle.
    contains(Ref, Ref) -> Bool, LOOKS, None;
    /// A comparison of exact lists or tuples: a, b, operator.
    compare_deep(Ref, Ref, Int) -> Bool, LOOKS, None;
    /// `str(a)` (1), `repr(a)` (2) of an object of a leaf class.
    convert(Ref, Int) -> Ref, CHECKED_ALLOC, Owned;
    /// The exact strs of an exact tuple as one.
    join(Ref) -> Ref, CHECKED_ALLOC, Owned;
    /// `-a` of a number.
    negative(Ref) -> Ref, CHECKED_ALLOC, Owned;
    /// Function (0) or receiver (1) of a bound method.
    bound_part(Ref, Int) -> Ref, Effects { allocates: true, ..Effects::PURE }, Owned;
    /// How often a class was registered with an abstract base class.
    classes_registered() -> Int, Effects::read(Mem::OTHER), None;
    /// Calls anything: callable, tuple of arguments, tuple of the last ones' names.
    opaque_many(Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// What `a.b` calls: a function or descriptor in the class of `a`, which has no such attribute of its own.
    method_function(Ref, Ref) -> Ref, Effects { exits: true, allocates: true, ..Effects::read(Mem::all()) }, Owned;
    /// `a.b` of anything.
    opaque_get_attr(Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `a.b = c` of anything.
    opaque_set_attr(Ref, Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// `del a.b` of anything.
    opaque_delete_attr(Ref, Ref) -> Unit, Effects::OPAQUE, None;
    /// Adds a key that is not there to an instance's dict: dict, name, value.
    add_attr(Ref, Ref, Ref) -> Unit, ADDS, None;
}

const CHECKED_ALLOC: Effects = Effects { allocates: true, ..CHECKED };

/// Whether comparing the objects runs no Python code; asks for a redo if not.
fn comparable(ctx: *mut Context, objects: [&PyObject; 2]) -> bool {
    let look = Activation::of(ctx).objects;
    let plain = objects.iter().all(|object| look.is_plain(object));
    if !plain {
        redo(ctx);
    }
    plain
}

fn bool_or_redo(ctx: *mut Context, result: rustpython_vm::PyResult<bool>) -> u8 {
    found_or_redo(ctx, result.ok().map(u8::from))
}

fn new_list(ctx: *mut Context, elements: &[u64]) -> u64 {
    let activation = Activation::of(ctx);
    tracked(ctx, activation.objects.new_list(elements.iter().copied(), activation.vm))
}

/// The elements of an exact list or tuple, as addresses.
fn addresses<'a>(ctx: *mut Context, sequence: u64) -> &'a [u64] {
    Activation::of(ctx).objects.addresses(object(sequence))
}

/// An exact list.
fn memory<'a>(ctx: *mut Context, list: u64) -> Memory<'a> {
    Activation::of(ctx).objects.memory(object(list))
}

pub(super) fn elements(address: u64) -> Vec<PyObjectRef> {
    match payload::<PyList>(address) {
        Some(list) => list.borrow_vec().to_vec(),
        None => payload::<PyTuple>(address).map_or_else(Vec::new, |tuple| tuple.as_slice().to_vec()),
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    of_each_count! {
        list_0(;;) => new_list;
        list_1(; a;) => new_list;
        list_2(; a, b;) => new_list;
        list_3(; a, b, c;) => new_list;
    }

    pub extern "C" fn list_of_tuple(ctx: *mut Context, tuple: u64) -> u64 {
        new_list(ctx, addresses(ctx, tuple))
    }

    pub extern "C" fn tuple_of_list(ctx: *mut Context, list: u64) -> u64 {
        let activation = Activation::of(ctx);
        tracked(ctx, activation.objects.new_tuple(addresses(ctx, list), activation.vm))
    }

    pub extern "C" fn list_copy(ctx: *mut Context, list: u64) -> u64 {
        new_list(ctx, addresses(ctx, list))
    }

    pub extern "C" fn list_pop(ctx: *mut Context, list: u64, index: i64) -> u64 {
        let list = memory(ctx, list);
        let at = at(index, list.len()).filter(|&at| at < list.len());
        found_or_redo(ctx, at.map(|at| list.remove(at)))
    }

    pub extern "C" fn list_insert(ctx: *mut Context, list: u64, index: i64, value: u64) {
        let list = memory(ctx, list);
        let len = list.len() as i64;
        let at = if index < 0 { index.saturating_add(len).max(0) } else { index.min(len) };
        Activation::of(ctx).objects.share(value);
        list.insert(at as usize, value);
    }

    pub extern "C" fn list_extend(ctx: *mut Context, list: u64, other: u64) {
        memory(ctx, list).extend(addresses(ctx, other));
    }

    pub extern "C" fn list_reverse(ctx: *mut Context, list: u64) {
        memory(ctx, list).reverse();
    }

    pub extern "C" fn list_clear(_ctx: *mut Context, list: u64) {
        if let Some(list) = payload::<PyList>(list) {
            let removed = std::mem::take(&mut *list.borrow_vec_mut());
            removed.into_iter().rev().for_each(drop);
        }
    }

    pub extern "C" fn list_join(ctx: *mut Context, a: u64, b: u64) -> u64 {
        let (a, b) = (addresses(ctx, a), addresses(ctx, b));
        let activation = Activation::of(ctx);
        let both = (0..a.len() + b.len()).map(|n| if n < a.len() { a[n] } else { b[n - a.len()] });
        tracked(ctx, activation.objects.new_list(both, activation.vm))
    }

    pub extern "C" fn list_repeat(ctx: *mut Context, list: u64, times: i64) -> u64 {
        let (elements, activation) = (addresses(ctx, list), Activation::of(ctx));
        let times = usize::try_from(times).unwrap_or(0);
        // What does not fit in memory the interpreter finds out.
        let Some(count) = elements.len().checked_mul(times).filter(|&count| count < 1 << 28) else {
            redo(ctx);
            return 0;
        };
        let repeated = (0..count).map(|n| if elements.len() == 1 { elements[0] } else { elements[n % elements.len()] });
        tracked(ctx, activation.objects.new_list(repeated, activation.vm))
    }

    pub extern "C" fn binary_inside(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u64 {
        let (vm, objects) = (host(ctx), Activation::of(ctx).objects);
        let (a, b) = (object(a), object(b));
        if !objects.is_plain_inside(a, vm) || !objects.is_plain_inside(b, vm) {
            redo(ctx);
            return 0;
        }
        or_redo(ctx, crate::operators::any(operator as u32, a, b, vm))
    }

    pub extern "C" fn item(ctx: *mut Context, container: u64, index: i64) -> u64 {
        let vm = host(ctx);
        let index: PyObjectRef = vm.ctx.new_int(index).into();
        or_redo(ctx, object(container).get_item(&*index, vm))
    }

    pub extern "C" fn byte(ctx: *mut Context, container: u64, index: i64) -> i64 {
        let byte = |bytes: &[u8]| bytes.get(at(index, bytes.len())?).copied();
        let found = match payload::<PyBytes>(container) {
            Some(bytes) => byte(bytes.as_bytes()),
            None => payload::<PyByteArray>(container).and_then(|array| byte(&array.borrow_buf())),
        };
        found_or_redo(ctx, found.map(i64::from))
    }

    pub extern "C" fn set_byte(ctx: *mut Context, container: u64, index: i64, value: i64) {
        let set = payload::<PyByteArray>(container).and_then(|array| {
            let mut bytes = array.borrow_buf_mut();
            let at = at(index, bytes.len())?;
            *bytes.get_mut(at)? = u8::try_from(value).ok()?;
            Some(())
        });
        if set.is_none() {
            redo(ctx);
        }
    }

    pub extern "C" fn set_item(ctx: *mut Context, container: u64, index: i64, value: u64) {
        let vm = host(ctx);
        let index: PyObjectRef = vm.ctx.new_int(index).into();
        if object(container).set_item(&*index, object(value).to_owned(), vm).is_err() {
            redo(ctx);
        }
    }

    pub extern "C" fn local_bound(ctx: *mut Context, local: i64) -> u8 {
        u8::from(Activation::of(ctx).frame.local(local as usize).is_some())
    }

    pub extern "C" fn classes_registered(_ctx: *mut Context) -> i64 {
        tjit_vm::bases::registered() as i64
    }

    pub extern "C" fn looked_at(_ctx: *mut Context) {
        crate::exits::expect_look();
    }

    pub extern "C" fn is_collection(_ctx: *mut Context, of: u64, is_sequence: i64) -> u8 {
        let flag = if is_sequence == 0 { PyTypeFlags::MAPPING } else { PyTypeFlags::SEQUENCE };
        u8::from(object(of).class().has_patma_collection_flag(flag))
    }

    pub extern "C" fn local_clear(ctx: *mut Context, local: i64) {
        drop(Activation::of(ctx).frame.replace_local(local as usize, None));
    }

    pub extern "C" fn contains(ctx: *mut Context, container: u64, needle: u64) -> u8 {
        let (container, needle) = (object(container), object(needle));
        if !comparable(ctx, [container, needle]) {
            return 0;
        }
        bool_or_redo(ctx, host(ctx)._contains(container, needle))
    }

    pub extern "C" fn compare_deep(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u8 {
        let (a, b) = (object(a), object(b));
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let operator = super::super::comparison(operator);
        // (What is the same list may have elements that are not equal to themselves; the VM takes them for equal, too.)
        match (operator, equality::are_equal(objects, a, b, 0, vm)) {
            (PyComparisonOp::Eq, Some(equal)) => return u8::from(equal),
            (PyComparisonOp::Ne, Some(equal)) => return u8::from(!equal),
            _ => {}
        }
        if !comparable(ctx, [a, b]) {
            return 0;
        }
        bool_or_redo(ctx, a.rich_compare_bool(b, operator, vm))
    }

    pub extern "C" fn convert(ctx: *mut Context, value: u64, kind: i64) -> u64 {
        let (vm, value) = (host(ctx), object(value));
        or_redo(ctx, if kind == 1 { value.str(vm).map(Into::into) } else { value.repr(vm).map(Into::into) })
    }

    pub extern "C" fn join(ctx: *mut Context, parts: u64) -> u64 {
        super::super::text::join(ctx, &[], addresses(ctx, parts))
    }

    pub extern "C" fn negative(ctx: *mut Context, value: u64) -> u64 {
        or_redo(ctx, host(ctx)._neg(object(value)))
    }

    pub extern "C" fn bound_part(ctx: *mut Context, method: u64, part: i64) -> u64 {
        owned(Activation::of(ctx).objects.bound_part(object(method), part as usize))
    }

    pub extern "C" fn opaque_many(ctx: *mut Context, callable: u64, args: u64, names: u64) -> u64 {
        let (args, names) = (elements(args), elements(names));
        let positional = args.len() - names.len();
        let vm = host(ctx);
        let names = (!names.is_empty()).then_some(&names[..]);
        visible(ctx, || object(callable).vectorcall(args, positional, names, vm)).map_or(0, owned)
    }

    pub extern "C" fn method_function(ctx: *mut Context, receiver: u64, name: u64) -> u64 {
        // SAFETY: the name is one of the code's, which are interned: such a str is of this type.
        let name: &'static PyStrInterned = unsafe { &*(name as *const PyStrInterned) };
        found_or_redo(ctx, attributes::method_function(object(receiver), name, host(ctx)).map(owned))
    }

    pub extern "C" fn opaque_get_attr(ctx: *mut Context, object_: u64, name: u64) -> u64 {
        let Some(name) = payload::<PyStr>(name) else { return 0 };
        visible(ctx, || object(object_).get_attr(name, host(ctx))).map_or(0, owned)
    }

    pub extern "C" fn opaque_set_attr(ctx: *mut Context, object_: u64, name: u64, value: u64) {
        let value = object(value).to_owned();
        let Some(name) = payload::<PyStr>(name) else { return };
        visible(ctx, || object(object_).set_attr(name, value, host(ctx)));
    }

    pub extern "C" fn opaque_delete_attr(ctx: *mut Context, object_: u64, name: u64) {
        let Some(name) = payload::<PyStr>(name) else { return };
        visible(ctx, || object(object_).del_attr(name, host(ctx)));
    }

    pub extern "C" fn add_attr(ctx: *mut Context, dict: u64, name: u64, value: u64) {
        if let Some(dict) = payload::<rustpython_vm::builtins::PyDict>(dict) {
            // An interned str as the key of an exact dict: neither hashing nor comparing can fail.
            let _ = dict.set_item(object(name), object(value).to_owned(), host(ctx));
        }
    }
}
