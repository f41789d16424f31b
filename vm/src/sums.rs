//! `sum` of builtin containers: small ints and floats are added without an object for each partial sum.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyFloat, PyInt, PyList, PyTuple},
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

/// What has been added up so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sum {
    /// Ints only.
    Int(i64),
    /// A float was among them.
    Float(f64),
}

impl Sum {
    /// Nothing yet.
    pub const ZERO: Sum = Sum::Int(0);

    /// The sum with one more int. `None`: it does not fit, or is rounded in another way.
    #[must_use]
    pub fn plus_int(self, int: i64) -> Option<Sum> {
        match self {
            Sum::Int(sum) => sum.checked_add(int).map(Sum::Int),
            Sum::Float(sum) => exact(int).map(|int| Sum::Float(sum + int)),
        }
    }

    /// The sum with one more float. `None`: the ints so far are rounded in another way.
    #[must_use]
    pub fn plus_float(self, float: f64) -> Option<Sum> {
        let sum = match self {
            Sum::Int(sum) => exact(sum)?,
            Sum::Float(sum) => sum,
        };
        Some(Sum::Float(sum + float))
    }

    /// The sum with one more element. `None`: it is no small int, bool or float, or the sum is none.
    fn plus(self, element: &PyObject, vm: &VirtualMachine) -> Option<Sum> {
        if let Some(int) = element.downcast_ref_if_exact::<PyInt>(vm) {
            return self.plus_int(i64::try_from(int.as_bigint()).ok()?);
        }
        if element.class().is(vm.ctx.types.bool_type) {
            return self.plus_int(element.is(&vm.ctx.true_value).into());
        }
        self.plus_float(element.downcast_ref_if_exact::<PyFloat>(vm)?.to_f64())
    }

    /// As an object.
    #[must_use]
    pub fn object(self, vm: &VirtualMachine) -> PyObjectRef {
        match self {
            Sum::Int(sum) => vm.ctx.new_int(sum).into(),
            Sum::Float(sum) => vm.ctx.new_float(sum).into(),
        }
    }
}

/// An int that is a float without being rounded.
pub(crate) fn exact(int: i64) -> Option<f64> {
    (int.unsigned_abs() < 1 << 53).then_some(int as f64)
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
    let is_known = |iterable: &PyObject| known.iter().any(|class| iterable.class().is(*class));
    let [iterable] = &args.args[..] else { return native(vm, args, callee) };
    if !args.kwargs.is_empty() || !is_known(iterable) {
        return native(vm, args, callee);
    }
    let mut sum = Sum::ZERO;
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
        if let Some(more) = sum.plus(&element, vm) {
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
fn add_up(elements: &[PyObjectRef], sum: &mut Sum, vm: &VirtualMachine) -> (usize, usize) {
    for (index, element) in elements.iter().enumerate() {
        match sum.plus(element, vm) {
            Some(more) => *sum = more,
            None => return (index, elements.len()),
        }
    }
    (elements.len(), elements.len())
}
