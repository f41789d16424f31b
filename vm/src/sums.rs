//! `sum` of builtin containers: small ints and floats are added without an object for each partial sum.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyTuple},
    function::{Callee, FuncArgs},
    protocol::PyIterReturn,
};

use crate::instrument::patch::{self, Native, Wrapper};

/// Puts it in the place of the VM's.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    patch::functions(vm, vm.builtins.as_object(), &[("sum", sum as Wrapper)])
}

/// A number that is no object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An int, or a bool.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Number {
    /// What an object is as one. `None`: no exact int that fits, no bool and no exact float.
    #[must_use]
    pub fn of(object: &PyObject, vm: &VirtualMachine) -> Option<Number> {
        if let Some(int) = object.downcast_ref_if_exact::<PyInt>(vm) {
            return i64::try_from(int.as_bigint()).ok().map(Number::Int);
        }
        if object.class().is(vm.ctx.types.bool_type) {
            return Some(Number::Int(object.is(&vm.ctx.true_value).into()));
        }
        object.downcast_ref_if_exact::<PyFloat>(vm).map(|float| Number::Float(float.to_f64()))
    }

    /// As a float. `None`: it would be rounded.
    #[must_use]
    pub fn exact_float(self) -> Option<f64> {
        match self {
            Number::Int(int) => (int.unsigned_abs() < 1 << 53).then_some(int as f64),
            Number::Float(float) => Some(float),
        }
    }

    /// The sum of two. `None`: it does not fit, or the VM rounds in another way.
    #[must_use]
    pub fn plus(self, other: Number) -> Option<Number> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a.checked_add(b).map(Number::Int),
            (a, b) => Some(Number::Float(a.exact_float()? + b.exact_float()?)),
        }
    }

    /// As an object.
    #[must_use]
    pub fn object(self, vm: &VirtualMachine) -> PyObjectRef {
        match self {
            Number::Int(int) => vm.ctx.new_int(int).into(),
            Number::Float(float) => vm.ctx.new_float(float).into(),
        }
    }
}

fn sum(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    let types = &vm.ctx.types;
    // Their iterators run no Python code.
    let known = [
        types.list_type,
        types.tuple_type,
        types.range_type,
        types.set_type,
        types.frozenset_type,
        types.dict_type,
        types.dict_keys_type,
        types.dict_values_type,
    ];
    let small = |bytes: &[u8]| Ok(vm.ctx.new_int(bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>()).into());
    let is_known = |iterable: &PyObject| known.iter().any(|class| iterable.class().is(*class));
    let [iterable] = &args.args[..] else { return native(vm, args, callee) };
    if !args.kwargs.is_empty() {
        return native(vm, args, callee);
    }
    if let Some(bytes) = iterable.downcast_ref_if_exact::<PyBytes>(vm) {
        return small(bytes.as_bytes());
    }
    if let Some(bytes) = iterable.downcast_ref_if_exact::<PyByteArray>(vm) {
        return small(&bytes.borrow_buf());
    }
    if !is_known(iterable) {
        return native(vm, args, callee);
    }
    let mut sum = Number::Int(0);
    let (added, of) =
        match (iterable.downcast_ref_if_exact::<PyList>(vm), iterable.downcast_ref_if_exact::<PyTuple>(vm)) {
            (Some(list), _) => add_up(&list.borrow_vec(), &mut sum, vm),
            (_, Some(tuple)) => add_up(tuple.as_slice(), &mut sum, vm),
            _ => (0, usize::MAX),
        };
    if added == of {
        return Ok(sum.object(vm));
    }
    let iterator = iterable.get_iter(vm)?;
    for _ in 0..added {
        iterator.next(vm)?;
    }
    while let PyIterReturn::Return(element) = iterator.next(vm)? {
        if let Some(more) = Number::of(&element, vm).and_then(|element| sum.plus(element)) {
            sum = more;
            continue;
        }
        // From here on as the VM does it.
        let mut sum = vm._add(&sum.object(vm), &element)?;
        while let PyIterReturn::Return(element) = iterator.next(vm)? {
            sum = vm._add(&sum, &element)?;
        }
        return Ok(sum);
    }
    Ok(sum.object(vm))
}

/// Adds elements as long as they are small. Gives how many of how many those are.
fn add_up(elements: &[PyObjectRef], sum: &mut Number, vm: &VirtualMachine) -> (usize, usize) {
    for (index, element) in elements.iter().enumerate() {
        match Number::of(element, vm).and_then(|element| sum.plus(element)) {
            Some(more) => *sum = more,
            None => return (index, elements.len()),
        }
    }
    (elements.len(), elements.len())
}
