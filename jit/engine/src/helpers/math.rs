//! Functions of `math`, and `round` to so many digits, on unboxed numbers.
//!
//! Those that are not single operations call what the VM's own module calls, so that the results are the same to the last
//! bit. What would raise asks for a redo: then the VM raises it.

use rustpython_vm::common::float_ops;
use tjit_codegen::Context;
use tjit_ir::{Effects, Ownership, Ty};

use super::{CHECKED, Helper, redo};
use crate::objects::Scalar;

/// A function of `math` that is a helper.
pub struct Function {
    name: &'static str,
    /// What it takes. An int is made a float where one is wanted.
    pub takes: &'static [Ty],
    /// The helper.
    pub helper: fn() -> Helper,
    /// Whether it has a result for these numbers.
    pub has_result: fn(&[Scalar]) -> bool,
}

/// The function of this name for so many arguments.
pub fn function(name: &str, count: usize) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.takes.len() == count)
}

/// The name of a function that is in the table, in any form.
pub fn known_name(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().map(|function| function.name).find(|known| *known == name)
}

/// What a helper takes: a number of one kind.
trait Takes {
    fn of(scalar: Scalar) -> Self;
}

impl Takes for f64 {
    fn of(scalar: Scalar) -> f64 {
        match scalar {
            Scalar::Int(is) => is as f64,
            Scalar::Float(is) => is,
            Scalar::Bool(is) => f64::from(u8::from(is)),
        }
    }
}

impl Takes for i64 {
    fn of(scalar: Scalar) -> i64 {
        match scalar {
            Scalar::Int(is) => is,
            Scalar::Float(is) => is as i64,
            Scalar::Bool(is) => i64::from(is),
        }
    }
}

macro_rules! native_type {
    (Float) => {
        f64
    };
    (Int) => {
        i64
    };
    (Bool) => {
        u8
    };
}

macro_rules! functions {
    ($( $name:literal as $helper:ident ( $($arg:ident: $ty:ident),* ) -> $result:ident, $effects:expr, $compute:expr; )*) => {
        /// Name, operands, result, effects and meaning; `None` where Python raises or the result is too large.
        const FUNCTIONS: &[Function] = &[$( Function {
            name: $name,
            takes: &[$(Ty::$ty),*],
            helper: || Helper {
                name: concat!("math_", stringify!($helper)),
                addr: native::$helper as *const () as u64,
                args: &[$(Ty::$ty),*],
                result: Ty::$result,
                effects: $effects,
                ownership: Ownership::None,
            },
            has_result: |scalars| {
                let mut scalars = scalars.iter().copied();
                $( let Some($arg) = scalars.next().map(<native_type!($ty)>::of) else { return false }; )*
                let result: Option<native_type!($result)> = $compute;
                result.is_some()
            },
        } ),*];

        mod native {
            use super::*;

            $( pub extern "C" fn $helper(ctx: *mut Context, $($arg: native_type!($ty)),*) -> native_type!($result) {
                let result: Option<native_type!($result)> = $compute;
                result.unwrap_or_else(|| {
                    redo(ctx);
                    Default::default()
                })
            } )*
        }
    };
}

functions! {
    "acos" as acos(x: Float) -> Float, CHECKED, pymath::math::acos(x).ok();
    "acosh" as acosh(x: Float) -> Float, CHECKED, pymath::math::acosh(x).ok();
    "asin" as asin(x: Float) -> Float, CHECKED, pymath::math::asin(x).ok();
    "asinh" as asinh(x: Float) -> Float, CHECKED, pymath::math::asinh(x).ok();
    "atan" as atan(x: Float) -> Float, CHECKED, pymath::math::atan(x).ok();
    "atan2" as atan2(y: Float, x: Float) -> Float, CHECKED, pymath::math::atan2(y, x).ok();
    "atanh" as atanh(x: Float) -> Float, CHECKED, pymath::math::atanh(x).ok();
    "cbrt" as cbrt(x: Float) -> Float, CHECKED, pymath::math::cbrt(x).ok();
    "comb" as comb(n: Int, k: Int) -> Int, CHECKED, choices(n, k);
    "copysign" as copysign(x: Float, y: Float) -> Float, Effects::PURE, Some(x.copysign(y));
    "cos" as cos(x: Float) -> Float, CHECKED, pymath::math::cos(x).ok();
    "cosh" as cosh(x: Float) -> Float, CHECKED, pymath::math::cosh(x).ok();
    "erf" as erf(x: Float) -> Float, CHECKED, pymath::math::erf(x).ok();
    "erfc" as erfc(x: Float) -> Float, CHECKED, pymath::math::erfc(x).ok();
    "exp" as exp(x: Float) -> Float, CHECKED, pymath::math::exp(x).ok();
    "exp2" as exp2(x: Float) -> Float, CHECKED, pymath::math::exp2(x).ok();
    "expm1" as expm1(x: Float) -> Float, CHECKED, pymath::math::expm1(x).ok();
    "factorial" as factorial(n: Int) -> Int, CHECKED, arrangements(n, n);
    "fmod" as fmod(x: Float, y: Float) -> Float, CHECKED, pymath::math::fmod(x, y).ok();
    "gamma" as gamma(x: Float) -> Float, CHECKED, pymath::math::gamma(x).ok();
    "hypot" as hypot_2(x: Float, y: Float) -> Float, Effects::PURE, Some(pymath::math::hypot(&[x, y]));
    "hypot" as hypot_3(x: Float, y: Float, z: Float) -> Float, Effects::PURE, Some(pymath::math::hypot(&[x, y, z]));
    "isclose" as isclose(a: Float, b: Float) -> Bool, CHECKED, pymath::math::isclose(a, b, None, None).ok().map(u8::from);
    "lcm" as lcm(a: Int, b: Int) -> Int, CHECKED, common_multiple(a, b);
    "ldexp" as ldexp(x: Float, i: Int) -> Float, CHECKED, i32::try_from(i).ok().and_then(|i| pymath::math::ldexp(x, i).ok());
    "lgamma" as lgamma(x: Float) -> Float, CHECKED, pymath::math::lgamma(x).ok();
    "log" as log(x: Float) -> Float, CHECKED, pymath::math::log(x, None).ok();
    "log" as log_base(x: Float, base: Float) -> Float, CHECKED, logarithm(x, base);
    "log10" as log10(x: Float) -> Float, CHECKED, pymath::math::log10(x).ok();
    "log1p" as log1p(x: Float) -> Float, CHECKED, pymath::math::log1p(x).ok();
    "log2" as log2(x: Float) -> Float, CHECKED, pymath::math::log2(x).ok();
    "perm" as perm(n: Int, k: Int) -> Int, CHECKED, arrangements(n, k);
    "pow" as pow(x: Float, y: Float) -> Float, CHECKED, pymath::math::pow(x, y).ok();
    "remainder" as remainder(x: Float, y: Float) -> Float, CHECKED, pymath::math::remainder(x, y).ok();
    "sin" as sin(x: Float) -> Float, CHECKED, pymath::math::sin(x).ok();
    "sinh" as sinh(x: Float) -> Float, CHECKED, pymath::math::sinh(x).ok();
    "tan" as tan(x: Float) -> Float, CHECKED, pymath::math::tan(x).ok();
    "tanh" as tanh(x: Float) -> Float, CHECKED, pymath::math::tanh(x).ok();
    "round" as round_digits(x: Float, digits: Int) -> Float, CHECKED, rounded(x, digits);
}

/// `math.log(x, base)`: the VM looks at the base first.
fn logarithm(x: f64, base: f64) -> Option<f64> {
    if base <= 0.0 || base == 1.0 { None } else { pymath::math::log(x, Some(base)).ok() }
}

/// In how many ways `k` of `n` can be chosen.
fn choices(n: i64, k: i64) -> Option<i64> {
    if n < 0 || k < 0 {
        return None;
    }
    if k > n {
        return Some(0);
    }
    let k = k.min(n - k);
    let mut count = 1_i128;
    for taken in 0..k {
        count = count * i128::from(n - taken) / i128::from(taken + 1);
        // (It only grows up to here, as `k` is at most half of `n`.)
        i64::try_from(count).ok()?;
    }
    i64::try_from(count).ok()
}

/// In how many orders `k` of `n` can be taken.
fn arrangements(n: i64, k: i64) -> Option<i64> {
    if n < 0 || k < 0 {
        return None;
    }
    if k > n {
        return Some(0);
    }
    (0..k).try_fold(1_i64, |count, taken| count.checked_mul(n - taken))
}

/// The least common multiple.
fn common_multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a.unsigned_abs(), b.unsigned_abs());
    while y != 0 {
        (x, y) = (y, x % y);
    }
    if x == 0 {
        return Some(0);
    }
    (a.unsigned_abs() / x).checked_mul(b.unsigned_abs()).and_then(|multiple| i64::try_from(multiple).ok())
}

/// Powers of ten that are floats, exactly, as far as they are used here.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The integer next to `|x| * 10 ** digits`, of the exact value. `None` where that takes more than 53 bits, or where the
/// value lies exactly in the middle of two.
pub fn scaled(x: f64, digits: usize) -> Option<u64> {
    let power = *POWERS.get(digits)?;
    let product = x.abs() * power;
    // (Not so for nan, either.)
    if !(product < (1_u64 << 52) as f64) {
        return None;
    }
    // What was lost in rounding the product: it is less than any other distance to the middle, so it only matters there.
    let lost = x.abs().mul_add(power, -product);
    let whole = product.floor();
    let beyond = product - whole - 0.5;
    if beyond == 0.0 && lost == 0.0 {
        return None;
    }
    let up = beyond > 0.0 || (beyond == 0.0 && lost > 0.0);
    Some(whole as u64 + u64::from(up))
}

/// `round(x, digits)`.
fn rounded(x: f64, digits: i64) -> Option<f64> {
    let quick = usize::try_from(digits).ok().and_then(|digits| Some((scaled(x, digits)?, POWERS[digits])));
    match quick {
        // Both are floats, and the nearest float to their quotient is what the decimal number is read as.
        Some((whole, power)) => Some((whole as f64 / power).copysign(x)),
        None => {
            let digits = i32::try_from(digits.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).ok()?;
            float_ops::round_float_digits(x, digits)
        }
    }
}
