//! Helpers for complex numbers.

use num_complex::Complex64;
use rustpython_vm::builtins::PyComplex;
use tjit_codegen::Context;
use tjit_ir::{Effects, Ownership, Ty};

use super::{CHECKED, Helper, found_or_redo, host, owned, payload};

helpers! {
    /// The real (0) or imaginary (1) part of an exact complex number.
    complex_part(Ref, Int) -> Float, Effects::PURE, None;
    /// A complex number.
    complex_of(Float, Float) -> Ref, Effects::ALLOC, Owned;
    /// The absolute value of a complex number; too large ones are the VM's.
    complex_abs(Float, Float) -> Float, CHECKED, None;
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn complex_part(_ctx: *mut Context, number: u64, part: i64) -> f64 {
        let value = payload::<PyComplex>(number).map(|number| number.to_complex()).unwrap_or_default();
        if part == 0 { value.re } else { value.im }
    }

    pub extern "C" fn complex_of(ctx: *mut Context, re: f64, im: f64) -> u64 {
        owned(host(ctx).ctx.new_complex(Complex64::new(re, im)).into())
    }

    pub extern "C" fn complex_abs(ctx: *mut Context, re: f64, im: f64) -> f64 {
        let length = re.hypot(im);
        let is_too_large = length.is_infinite() && re.is_finite() && im.is_finite();
        found_or_redo(ctx, (!is_too_large).then_some(length))
    }
}
