//! The VM's own operators, by the number that a BINARY_OP instruction carries.

use rustpython_vm::{AsObject, PyObject, PyResult, VirtualMachine};

/// Number of `a[b]` among the binary operators.
pub const SUBSCRIPT: u32 = 26;
/// In-place operators are the plain ones plus this.
pub const IN_PLACE: u32 = 13;

/// The plain operator for an in-place one: the same for objects that cannot change.
pub fn plain(operator: u32) -> u32 {
    if (IN_PLACE..SUBSCRIPT).contains(&operator) { operator - IN_PLACE } else { operator }
}

/// Applies an operator, a plain one or one in place.
///
/// # Errors
/// What the operator raises.
pub fn any(operator: u32, a: &PyObject, b: &PyObject, vm: &VirtualMachine) -> PyResult {
    if !(IN_PLACE..SUBSCRIPT).contains(&operator) {
        return binary(operator, a, b, vm);
    }
    match operator - IN_PLACE {
        0 => vm._iadd(a, b),
        1 => vm._iand(a, b),
        2 => vm._ifloordiv(a, b),
        3 => vm._ilshift(a, b),
        4 => vm._imatmul(a, b),
        5 => vm._imul(a, b),
        6 => vm._imod(a, b),
        7 => vm._ior(a, b),
        8 => vm._ipow(a, b, vm.ctx.none.as_object()),
        9 => vm._irshift(a, b),
        10 => vm._isub(a, b),
        11 => vm._itruediv(a, b),
        _ => vm._ixor(a, b),
    }
}

/// Applies a plain operator.
///
/// # Errors
/// What the operator raises.
pub fn binary(operator: u32, a: &PyObject, b: &PyObject, vm: &VirtualMachine) -> PyResult {
    match operator {
        0 => vm._add(a, b),
        1 => vm._and(a, b),
        2 => vm._floordiv(a, b),
        3 => vm._lshift(a, b),
        4 => vm._matmul(a, b),
        5 => vm._mul(a, b),
        6 => vm._mod(a, b),
        7 => vm._or(a, b),
        8 => vm._pow(a, b, vm.ctx.none.as_object()),
        9 => vm._rshift(a, b),
        10 => vm._sub(a, b),
        11 => vm._truediv(a, b),
        12 => vm._xor(a, b),
        SUBSCRIPT => a.get_item(b, vm),
        _ => Err(vm.new_system_error(format!("no binary operator has the number {operator}"))),
    }
}
