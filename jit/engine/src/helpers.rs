//! Native helpers that compiled code calls.
//!
//! A helper gets the native context first. It reports trouble through [`Context::exception`]: [`REDO`] asks to leave and
//! let the interpreter do the instruction again, which is always right for a helper without side effects; any other
//! pointer is an exception that the interpreter raises at the instruction.

use std::ffi::c_void;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyBytes, PyDict, PyFloat, PyRange, PyStr, PyTuple},
    common::{float_ops, wtf8::CodePoint},
    function::{Callee, FuncArgs},
    gc_state::gc_state,
    protocol::{PyIter, PyIterReturn},
    types::{PyComparisonOp, PyTypeFlags},
};
use tjit_codegen::{Context, NameCell};
use tjit_ir::{Effects, HelperInfo, Mem, Ownership, Ty, VIRTUAL_KINDS};

use crate::engine::is_due;
use crate::exits::Activation;
use crate::objects::Objects;

/// In [`Context::exception`]: no exception, but leave and redo the instruction.
pub const REDO: *mut c_void = std::ptr::dangling_mut::<u8>().cast();

/// A helper as the recorder knows it.
#[derive(Clone, Debug)]
pub struct Helper {
    /// Name for dumps.
    pub name: &'static str,
    /// Address of its code.
    pub addr: u64,
    args: &'static [Ty],
    result: Ty,
    effects: Effects,
    ownership: Ownership,
}

impl Helper {
    /// Its entry in a pool.
    pub fn info(&self) -> HelperInfo {
        HelperInfo {
            name: self.name.to_owned(),
            addr: self.addr,
            args: self.args.to_vec(),
            result: self.result,
            effects: self.effects,
            ownership: self.ownership,
            trace: None,
        }
    }
}

/// Reads mutable state outside the trace, may ask for a redo, makes an object, and runs no Python code.
const LEAF: Effects = Effects { reads: Mem::all(), exits: true, allocates: true, ..Effects::PURE };
/// Pure, but may ask for a redo.
const CHECKED: Effects = Effects::GUARD;

macro_rules! helpers {
    ($( $(#[$doc:meta])* $name:ident ( $($arg:ident),* ) -> $result:ident, $effects:expr, $ownership:ident; )*) => {
        $( $(#[$doc])*
        pub fn $name() -> Helper {
            Helper {
                name: stringify!($name),
                addr: native::$name as *const () as u64,
                args: &[$(Ty::$arg),*],
                result: Ty::$result,
                effects: $effects,
                ownership: Ownership::$ownership,
            }
        } )*
    };
}

/// Helpers of one family, which differ in how many arguments they take: the first ones, those that there are more or less of,
/// the last ones, and the function that gets those in the middle as a slice.
macro_rules! of_each_count {
    ($( $name:ident ( $($first:ident),* ; $($arg:ident),* ; $($last:ident),* ) => $make:ident; )*) => {
        $( pub extern "C" fn $name(
            ctx: *mut Context $(, $first: u64)* $(, $arg: u64)* $(, $last: u64)*
        ) -> u64 {
            $make(ctx, $($first,)* &[$($arg),*] $(, $last)*)
        } )*
    };
}

pub mod arrays;
pub mod awaiting;
pub mod classes;
pub mod closures;
pub mod complexes;
pub mod containers;
pub mod deques;
pub mod dicts;
pub mod equality;
pub mod failing;
pub mod formats;
pub mod gathering;
pub mod generators;
pub mod heap;
pub mod imports;
pub mod instances;
pub mod math;
pub mod natives;
pub mod opaque;
pub mod ordering;
pub mod pairs;
pub mod randoms;
pub mod searching;
pub mod sets;
pub mod slices;
pub mod steps;
pub mod text;
pub mod words;

pub use instances::instance;

helpers! {
    /// `a // b` of floats, b not zero.
    floordiv_float(Float, Float) -> Float, Effects::PURE, None;
    /// `a % b` of floats, b not zero.
    mod_float(Float, Float) -> Float, Effects::PURE, None;
    /// `a ** b` of floats.
    pow_float(Float, Float) -> Float, CHECKED, None;
    /// `a ** b` of ints, b not negative.
    pow_int(Int, Int) -> Int, CHECKED, None;
    /// `a / b` of ints, b not zero, rounded once.
    truediv_int(Int, Int) -> Float, CHECKED, None;
    /// `math.gcd(a, b)`.
    gcd(Int, Int) -> Int, CHECKED, None;
    /// `math.isqrt(a)`.
    isqrt(Int) -> Int, CHECKED, None;
    /// `round(a)` of a float, ties to even.
    round_float(Float) -> Int, CHECKED, None;
    /// A binary operator on objects of leaf classes: a, b, operator.
    binary(Ref, Ref, Int) -> Ref, LEAF, Owned;
    /// A comparison of objects of leaf classes: a, b, operator.
    compare(Ref, Ref, Int) -> Bool, CHECKED, None;
    /// Truth of an object of a leaf class.
    truth(Ref) -> Bool, CHECKED, None;
    /// `len` of a builtin container.
    length(Ref) -> Int, Effects { exits: true, ..Effects::read(Mem::all()) }, None;
    /// `list.append`: list, value.
    list_append(Ref, Ref) -> Unit, Effects { writes: Mem::LIST, ..Effects::PURE }, None;
    /// A tuple of no elements.
    tuple_0() -> Ref, Effects::ALLOC, Owned;
    /// A tuple of one element.
    tuple_1(Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of two elements.
    tuple_2(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of three elements.
    tuple_3(Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of four elements.
    tuple_4(Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of five elements.
    tuple_5(Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of six elements.
    tuple_6(Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of seven elements.
    tuple_7(Ref, Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A tuple of eight elements.
    tuple_8(Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// The elements of two tuples as one.
    tuple_join(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A virtual object after all: the kind's number, a tuple of its parts.
    make_virtual(Int, Ref) -> Ref, Effects { exits: true, ..Effects::ALLOC }, Owned;
    /// Start (0), stop (1) or step (2) of an exact range.
    range_part(Ref, Int) -> Int, CHECKED, None;
    /// Length of an exact str, in bytes of its encoding.
    str_bytes(Ref) -> Int, Effects::PURE, None;
    /// The character at an offset in bytes that is below the length.
    str_char(Ref, Int) -> Ref, Effects::ALLOC, Owned;
    /// How many bytes the character at an offset takes.
    str_width(Ref, Int) -> Int, Effects::PURE, None;
    /// Calls a builtin that runs no Python code, without arguments.
    leaf_0(Ref) -> Ref, LEAF, Owned;
    /// Calls a builtin that runs no Python code.
    leaf_1(Ref, Ref) -> Ref, LEAF, Owned;
    /// Calls a builtin that runs no Python code.
    leaf_2(Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// Calls a builtin that runs no Python code.
    leaf_3(Ref, Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// Calls anything, without arguments.
    opaque_0(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Calls anything.
    opaque_1(Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Calls anything.
    opaque_2(Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Calls anything.
    opaque_3(Ref, Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Calls anything.
    opaque_4(Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
}

/// The helper that makes a tuple of up to eight elements.
pub fn tuple(length: usize) -> Helper {
    [tuple_0, tuple_1, tuple_2, tuple_3, tuple_4, tuple_5, tuple_6, tuple_7, tuple_8][length]()
}

/// Addresses of the helpers that the code generator calls by itself.
pub fn for_codegen() -> tjit_codegen::Helpers {
    tjit_codegen::Helpers {
        release: native::release as *const () as u64,
        box_int: native::box_int as *const () as u64,
        box_float: native::box_float as *const () as u64,
        name_is: native::name_is as *const () as u64,
        name_get: native::name_get as *const () as u64,
        name_set: native::name_set as *const () as u64,
        unwound: crate::exits::unwound as *const () as u64,
    }
}

/// Raises an exception from a helper.
fn raise(ctx: *mut Context, exception: PyBaseExceptionRef) {
    let object: PyObjectRef = exception.into();
    // SAFETY: every helper is called with the context of the running activation.
    unsafe { (*ctx).exception = object.into_raw().as_ptr().cast() };
}

fn redo(ctx: *mut Context) {
    // SAFETY: as in `raise`.
    unsafe { (*ctx).exception = REDO };
}

/// The VM of the running activation.
fn host<'a>(ctx: *mut Context) -> &'a VirtualMachine {
    Activation::of(ctx).vm
}

fn owned(object: PyObjectRef) -> u64 {
    object.into_raw().as_ptr() as u64
}

/// A new object that the collector goes through. When there are so many that it is due, compiled code is left at the next back
/// edge: the interpreter runs the collector.
fn tracked(ctx: *mut Context, object: PyObjectRef) -> u64 {
    let collector = &host(ctx).state.gc;
    let (threshold, ..) = collector.get_threshold();
    if threshold > 0 && is_due(gc_state().get_count().0, threshold) && collector.is_enabled() {
        // SAFETY: compiled code has passed its context.
        unsafe { (*ctx).leave_at_poll() };
    }
    owned(object)
}

pub(crate) fn object<'a>(address: u64) -> &'a PyObject {
    // SAFETY: compiled code passes references that are alive during the call.
    unsafe { &*(address as *const PyObject) }
}

pub(crate) fn payload<'a, T: rustpython_vm::PyPayload>(address: u64) -> Option<&'a rustpython_vm::Py<T>> {
    object(address).downcast_ref::<T>()
}

/// What a name is bound to in a dict, borrowed from the dict; 0 when it is not there.
fn lookup(ctx: *mut Context, dict: u64, name: u64) -> u64 {
    match payload::<PyDict>(dict).map(|dict| dict.get_item_opt(object(name), host(ctx))) {
        Some(Ok(Some(value))) => crate::objects::address(&value),
        _ => 0,
    }
}

fn or_raise(ctx: *mut Context, result: PyResult) -> u64 {
    match result {
        Ok(value) => owned(value),
        Err(exception) => {
            raise(ctx, exception);
            0
        }
    }
}

/// An index counted from the front; `None` when it is in front of that.
fn at(index: i64, count: usize) -> Option<usize> {
    usize::try_from(if index < 0 { index.checked_add(count as i64)? } else { index }).ok()
}

/// What a helper has found; if it has found nothing, the instruction is done again.
fn found_or_redo<T: Default>(ctx: *mut Context, found: Option<T>) -> T {
    found.unwrap_or_else(|| {
        redo(ctx);
        T::default()
    })
}

fn or_redo(ctx: *mut Context, result: PyResult) -> u64 {
    found_or_redo(ctx, result.ok().map(owned))
}

/// Calls what runs no Python code.
fn leaf(ctx: *mut Context, function: u64, args: &[u64]) -> u64 {
    or_raise(ctx, call(ctx, function, args))
}

fn new_tuple(ctx: *mut Context, elements: &[u64]) -> u64 {
    let activation = Activation::of(ctx);
    tracked(ctx, activation.objects.new_tuple(elements, activation.vm))
}

/// What is in an object of the class `bytes` itself.
fn bytes<'a>(ctx: *mut Context, address: u64) -> Option<&'a [u8]> {
    let objects = Activation::of(ctx).objects;
    let exact = Some(address).filter(|&address| objects.class(object(address)) == objects.classes.bytes)?;
    payload::<PyBytes>(exact).map(|bytes| bytes.as_bytes())
}

/// The character of a str at an offset of its encoding.
/// A str of one character.
fn character(point: CodePoint, vm: &VirtualMachine) -> PyObjectRef {
    match u8::try_from(point.to_u32()) {
        Ok(byte) => vm.ctx.latin1_char(byte).into(),
        Err(_) => vm.ctx.new_str(point).into(),
    }
}

fn code_point(string: u64, offset: i64) -> Option<CodePoint> {
    payload::<PyStr>(string)?.as_wtf8().get(offset as usize..)?.code_points().next()
}

fn call(ctx: *mut Context, callable: u64, args: &[u64]) -> PyResult {
    let Activation { objects, vm, .. } = Activation::of(ctx);
    let args: Vec<PyObjectRef> = args
        .iter()
        .map(|&arg| {
            objects.share(arg);
            // SAFETY: the reference that was just added.
            unsafe { objects.own_ref(arg) }
        })
        .collect();
    call_with(object(callable), args, objects, vm)
}

/// Calls something with these arguments.
fn call_with(callable: &PyObject, args: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    if let [iterator] = &args[..]
        && let Some(list) = all_of(callable, iterator, vm)
    {
        return list;
    }
    // The VM would look up how to call it, and announce the call to whoever traces.
    if let Some((definition, is_method)) = objects.definition(callable, args.first().map(|first| &**first), vm) {
        let callee = Callee::named(definition.name).with_instance_arg(is_method);
        return (definition.func)(vm, FuncArgs { args, ..FuncArgs::default() }, callee);
    }
    let count = args.len();
    callable.vectorcall(args, count, None, vm)
}

/// `list(a)` of an iterator that is native, and so has nobody asked for its length. (The VM would lock the new list for each
/// element.) `None`: another call.
fn all_of(callable: &PyObject, iterator: &PyObject, vm: &VirtualMachine) -> Option<PyResult> {
    let class = iterator.class();
    let is_native = !class.slots.flags.has_feature(PyTypeFlags::HEAPTYPE) && class.slots.iternext.load().is_some();
    if !callable.is(vm.ctx.types.list_type) || !is_native {
        return None;
    }
    let (iterator, mut elements) = (PyIter::new(iterator), Vec::new());
    loop {
        match iterator.next(vm) {
            Ok(PyIterReturn::Return(element)) => elements.push(element),
            Ok(PyIterReturn::StopIteration(_)) => return Some(Ok(vm.ctx.new_list(elements).into())),
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Runs something that may run Python code, with the entered frame written.
fn visible<T>(ctx: *mut Context, run: impl FnOnce() -> PyResult<T>) -> Option<T> {
    crate::exits::sync(ctx);
    let result = crate::clock::away(run);
    crate::exits::unsync(ctx);
    match result {
        Ok(value) => Some(value),
        Err(exception) => {
            raise(ctx, exception);
            None
        }
    }
}

fn opaque(ctx: *mut Context, callable: u64, args: &[u64]) -> u64 {
    let Activation { objects, vm, .. } = Activation::of(ctx);
    if let Some(result) = crate::caches::found(object(callable), args.iter().map(|&arg| object(arg)), objects, vm) {
        return owned(result);
    }
    visible(ctx, || call(ctx, callable, args)).map_or(0, owned)
}

/// The comparison that a number stands for.
fn comparison(number: i64) -> PyComparisonOp {
    match number {
        0 => PyComparisonOp::Lt,
        1 => PyComparisonOp::Le,
        2 => PyComparisonOp::Eq,
        3 => PyComparisonOp::Ne,
        4 => PyComparisonOp::Gt,
        _ => PyComparisonOp::Ge,
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    of_each_count! {
        tuple_0(;;) => new_tuple;
        tuple_1(; a;) => new_tuple;
        tuple_2(; a, b;) => new_tuple;
        tuple_3(; a, b, c;) => new_tuple;
        tuple_4(; a, b, c, d;) => new_tuple;
        tuple_5(; a, b, c, d, e;) => new_tuple;
        tuple_6(; a, b, c, d, e, f;) => new_tuple;
        tuple_7(; a, b, c, d, e, f, g;) => new_tuple;
        tuple_8(; a, b, c, d, e, f, g, h;) => new_tuple;
        leaf_0(f;;) => leaf;
        leaf_1(f; a;) => leaf;
        leaf_2(f; a, b;) => leaf;
        leaf_3(f; a, b, c;) => leaf;
        opaque_0(f;;) => opaque;
        opaque_1(f; a;) => opaque;
        opaque_2(f; a, b;) => opaque;
        opaque_3(f; a, b, c;) => opaque;
        opaque_4(f; a, b, c, d;) => opaque;
    }

    pub extern "C" fn release(ctx: *mut Context, address: u64) {
        let objects = Activation::of(ctx).objects;
        // SAFETY: compiled code gives up one reference.
        objects.release(unsafe { objects.own_ref(address) });
    }

    pub extern "C" fn box_int(ctx: *mut Context, value: i64) -> u64 {
        owned(Activation::of(ctx).objects.new_int(value, host(ctx)))
    }

    pub extern "C" fn box_float(ctx: *mut Context, value: f64) -> u64 {
        owned(Activation::of(ctx).objects.new_float(value, host(ctx)))
    }

    pub extern "C" fn name_is(
        ctx: *mut Context,
        first: u64,
        second: u64,
        name: u64,
        wanted: u64,
        cell: &NameCell,
    ) -> u8 {
        if first != second {
            match lookup(ctx, first, name) {
                0 => {}
                bound => return u8::from(bound == wanted),
            }
        }
        let bound = lookup(ctx, second, name);
        if bound == wanted {
            crate::names::remember(Activation::of(ctx), first, second, name, cell);
        }
        u8::from(bound == wanted)
    }

    pub extern "C" fn name_get(ctx: *mut Context, dict: u64, name: u64, cell: &NameCell) -> u64 {
        crate::names::remember(Activation::of(ctx), dict, dict, name, cell);
        lookup(ctx, dict, name)
    }

    pub extern "C" fn name_set(ctx: *mut Context, dict: u64, name: u64, value: u64, cell: &NameCell) {
        // SAFETY: compiled code gives the reference up.
        let value = unsafe { PyObjectRef::from_raw(std::ptr::NonNull::new_unchecked(value as *mut PyObject)) };
        if let Some(exact) = payload::<PyDict>(dict) {
            // An interned str as the key of an exact dict: neither hashing nor comparing can fail.
            let _ = exact.set_item(object(name), value, host(ctx));
        }
        crate::names::remember(Activation::of(ctx), dict, dict, name, cell);
    }

    pub extern "C" fn floordiv_float(_ctx: *mut Context, a: f64, b: f64) -> f64 {
        float_ops::floordiv(a, b).unwrap_or(f64::NAN)
    }

    pub extern "C" fn mod_float(_ctx: *mut Context, a: f64, b: f64) -> f64 {
        float_ops::mod_(a, b).unwrap_or(f64::NAN)
    }

    pub extern "C" fn pow_float(ctx: *mut Context, a: f64, b: f64) -> f64 {
        let result = a.powf(b);
        // Errors, complex results and the odd cases of infinities and nans are the interpreter's.
        if !result.is_finite() || !a.is_finite() || !b.is_finite() || (a == 0.0 && b < 0.0) {
            redo(ctx);
        }
        result
    }

    pub extern "C" fn pow_int(ctx: *mut Context, a: i64, b: i64) -> i64 {
        match u32::try_from(b).ok().and_then(|b| a.checked_pow(b)) {
            Some(result) => result,
            None => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn truediv_int(ctx: *mut Context, a: i64, b: i64) -> f64 {
        const EXACT: u64 = 1 << 53;
        if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
            // Adding 0.0 makes 0.0 of -0.0, as the VM has it.
            return a as f64 / b as f64 + 0.0;
        }
        let vm = host(ctx);
        let (a, b): (PyObjectRef, PyObjectRef) = (vm.ctx.new_int(a).into(), vm.ctx.new_int(b).into());
        let result = vm._truediv(&a, &b).ok();
        match result.and_then(|result| result.downcast_ref::<PyFloat>().map(|float| float.to_f64())) {
            Some(result) => result,
            None => {
                redo(ctx);
                0.0
            }
        }
    }

    pub extern "C" fn gcd(ctx: *mut Context, a: i64, b: i64) -> i64 {
        let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
        if a != 0 && b != 0 {
            // Stein's binary algorithm: shifts and subtractions instead of divisions.
            let shift = (a | b).trailing_zeros();
            a >>= a.trailing_zeros();
            while b != 0 {
                b >>= b.trailing_zeros();
                if a > b {
                    std::mem::swap(&mut a, &mut b);
                }
                b -= a;
            }
            a <<= shift;
        } else {
            a |= b;
        }
        i64::try_from(a).unwrap_or_else(|_| {
            redo(ctx);
            0
        })
    }

    pub extern "C" fn isqrt(ctx: *mut Context, a: i64) -> i64 {
        if a < 0 {
            redo(ctx);
            return 0;
        }
        a.isqrt()
    }

    pub extern "C" fn round_float(ctx: *mut Context, a: f64) -> i64 {
        // Within an epsilon of the middle of two ints the VM takes the even one.
        let fraction = a.fract();
        let rounded = if (fraction.abs() - 0.5).abs() < f64::EPSILON {
            if a.trunc() % 2.0 == 0.0 { a - fraction } else { a + fraction }
        } else {
            a.round()
        };
        // 2^63 is a float; the largest float below it fits.
        if rounded >= -(2f64.powi(63)) && rounded < 2f64.powi(63) {
            rounded as i64
        } else {
            redo(ctx);
            0
        }
    }

    pub extern "C" fn binary(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u64 {
        if let [Some(a), Some(b)] = [a, b].map(|operand| bytes(ctx, operand))
            && crate::operators::plain(operator as u32) == 0
        {
            return owned(host(ctx).ctx.new_bytes([a, b].concat()).into());
        }
        or_raise(ctx, crate::operators::binary(operator as u32, object(a), object(b), host(ctx)))
    }

    pub extern "C" fn compare(ctx: *mut Context, a: u64, b: u64, operator: i64) -> u8 {
        if let [Some(a), Some(b)] = [a, b].map(|operand| bytes(ctx, operand)) {
            return u8::from(comparison(operator).eval_ord(a.cmp(b)));
        }
        object(a).rich_compare_bool(object(b), comparison(operator), host(ctx)).map_or_else(
            |_| {
                redo(ctx);
                0
            },
            u8::from,
        )
    }

    pub extern "C" fn truth(ctx: *mut Context, a: u64) -> u8 {
        object(a).to_owned().try_to_bool(host(ctx)).map_or_else(
            |_| {
                redo(ctx);
                0
            },
            u8::from,
        )
    }

    pub extern "C" fn length(ctx: *mut Context, a: u64) -> i64 {
        object(a).length(host(ctx)).map_or_else(
            |_| {
                redo(ctx);
                0
            },
            |length| length as i64,
        )
    }

    pub extern "C" fn list_append(ctx: *mut Context, list: u64, value: u64) {
        let objects = Activation::of(ctx).objects;
        objects.share(value);
        objects.memory(object(list)).push(value);
    }

    pub extern "C" fn tuple_join(ctx: *mut Context, a: u64, b: u64) -> u64 {
        let objects = Activation::of(ctx).objects;
        let elements = [objects.addresses(object(a)), objects.addresses(object(b))].concat();
        new_tuple(ctx, &elements)
    }

    pub extern "C" fn make_virtual(ctx: *mut Context, kind: i64, parts: u64) -> u64 {
        let kind = usize::try_from(kind).ok().and_then(|kind| VIRTUAL_KINDS.get(kind));
        let (Some(&(kind, _)), Some(parts)) = (kind, payload::<PyTuple>(parts)) else {
            redo(ctx);
            return 0;
        };
        let parts = parts.as_slice().to_vec();
        let made = crate::exits::make(kind, parts, Activation::of(ctx).objects, host(ctx));
        or_redo(ctx, made)
    }

    pub extern "C" fn range_part(ctx: *mut Context, range: u64, part: i64) -> i64 {
        let part = payload::<PyRange>(range).and_then(|range| {
            let part = [&range.start, &range.stop, &range.step][part as usize];
            i64::try_from(part.as_bigint()).ok()
        });
        part.unwrap_or_else(|| {
            redo(ctx);
            0
        })
    }

    pub extern "C" fn str_bytes(_ctx: *mut Context, string: u64) -> i64 {
        payload::<PyStr>(string).map_or(0, |string| string.byte_len() as i64)
    }

    pub extern "C" fn str_char(ctx: *mut Context, string: u64, offset: i64) -> u64 {
        let vm = host(ctx);
        owned(match code_point(string, offset) {
            Some(point) => character(point, vm),
            None => vm.ctx.empty_str.to_owned().into(),
        })
    }

    pub extern "C" fn str_width(_ctx: *mut Context, string: u64, offset: i64) -> i64 {
        code_point(string, offset).map_or(1, |point| point.len_wtf8() as i64)
    }
}
