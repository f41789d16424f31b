//! The operations on unboxed values, executed: Python's arithmetic to the letter. The constant folder asks here too, so
//! that folding and evaluation cannot differ.

use super::Value;
use crate::ops::Op;

/// What an operation on unboxed values does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar {
    /// Yields a value.
    Value(Value),
    /// Leaves the trace.
    Leaves,
    /// Yields something that nothing may depend on: what a pass has proved before it emitted the operation does not hold.
    /// Harmless while the result is not used, as after hoisting.
    Undefined,
    /// Must not be executed: the hardware would trap.
    Traps,
}

/// Executes an operation that only looks at unboxed operands. None for every other operation (of references, memory,
/// guards, calls), and when the operands' types are not the table's.
pub fn fold(op: Op, args: &[Value]) -> Option<Scalar> {
    match *args {
        [Value::Int(a), Value::Int(b)] => int_int(op, a, b),
        [Value::Int(a)] => int(op, a),
        [Value::Float(a), Value::Float(b)] => float_float(op, a, b),
        [Value::Float(a)] => float(op, a),
        [Value::Bool(a), Value::Bool(b)] => {
            let result = match op {
                Op::AndBool => a && b,
                Op::OrBool => a || b,
                Op::XorBool => a != b,
                _ => return None,
            };
            Some(Scalar::Value(Value::Bool(result)))
        }
        [Value::Bool(a)] => match op {
            Op::NotBool => Some(Scalar::Value(Value::Bool(!a))),
            Op::BoolToInt => Some(Scalar::Value(Value::Int(i64::from(a)))),
            _ => None,
        },
        [Value::Bool(cond), a @ Value::Int(_), b @ Value::Int(_)] if op == Op::SelectInt => {
            Some(Scalar::Value(if cond { a } else { b }))
        }
        [Value::Bool(cond), a @ Value::Float(_), b @ Value::Float(_)] if op == Op::SelectFloat => {
            Some(Scalar::Value(if cond { a } else { b }))
        }
        _ => None,
    }
}

/// A checked result: leaves when there is none.
fn exact(result: Option<i64>) -> Scalar {
    result.map_or(Scalar::Leaves, |value| Scalar::Value(Value::Int(value)))
}

/// A result that a pass has proved to exist.
fn proved(result: Option<i64>) -> Scalar {
    result.map_or(Scalar::Undefined, |value| Scalar::Value(Value::Int(value)))
}

/// Python's `a // b`; none when `b` is 0 or the result does not fit.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact_and_negative = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
    Some(if inexact_and_negative { quotient - 1 } else { quotient })
}

/// Python's `a % b`; none when `b` is 0.
fn floor_mod(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
}

fn shift_left(a: i64, b: i64) -> Option<i64> {
    if !(0..64).contains(&b) {
        return None;
    }
    let shifted = a << b;
    (shifted >> b == a).then_some(shifted)
}

fn int_int(op: Op, a: i64, b: i64) -> Option<Scalar> {
    let plain = |value: i64| Scalar::Value(Value::Int(value));
    let test = |value: bool| Scalar::Value(Value::Bool(value));
    Some(match op {
        Op::AddOvf => exact(a.checked_add(b)),
        Op::SubOvf => exact(a.checked_sub(b)),
        Op::MulOvf => exact(a.checked_mul(b)),
        Op::ShlOvf => exact(shift_left(a, b)),
        Op::FloorDivOvf => exact(floor_div(a, b)),
        Op::ModOvf => exact(floor_mod(a, b)),
        Op::Add => proved(a.checked_add(b)),
        Op::Sub => proved(a.checked_sub(b)),
        Op::Mul => proved(a.checked_mul(b)),
        Op::FloorDiv | Op::Mod if matches!(b, 0 | -1) => Scalar::Traps,
        Op::FloorDiv => proved(floor_div(a, b)),
        Op::Mod => proved(floor_mod(a, b)),
        Op::And => plain(a & b),
        Op::Or => plain(a | b),
        Op::Xor => plain(a ^ b),
        Op::Shl => proved(shift_left(a, b)),
        Op::Shr if b < 0 => Scalar::Undefined,
        Op::Shr => plain(a >> b.min(63)),
        Op::MinInt => plain(a.min(b)),
        Op::MaxInt => plain(a.max(b)),
        Op::EqInt => test(a == b),
        Op::NeInt => test(a != b),
        Op::LtInt => test(a < b),
        Op::LeInt => test(a <= b),
        Op::GtInt => test(a > b),
        Op::GeInt => test(a >= b),
        Op::InBounds if b < 0 => Scalar::Undefined,
        Op::InBounds => test(0 <= a && a < b),
        _ => return None,
    })
}

fn int(op: Op, a: i64) -> Option<Scalar> {
    Some(match op {
        Op::NegOvf => exact(a.checked_neg()),
        Op::AbsOvf => exact(a.checked_abs()),
        Op::Neg => proved(a.checked_neg()),
        Op::Abs => proved(a.checked_abs()),
        Op::Not => Scalar::Value(Value::Int(!a)),
        Op::IntToFloat => Scalar::Value(Value::Float(a as f64)),
        _ => return None,
    })
}

fn float_float(op: Op, a: f64, b: f64) -> Option<Scalar> {
    let plain = |value: f64| Scalar::Value(Value::Float(value));
    let test = |value: bool| Scalar::Value(Value::Bool(value));
    Some(match op {
        Op::AddFloat => plain(a + b),
        Op::SubFloat => plain(a - b),
        Op::MulFloat => plain(a * b),
        Op::DivFloat => plain(a / b),
        Op::EqFloat => test(a == b),
        Op::NeFloat => test(a != b),
        Op::LtFloat => test(a < b),
        Op::LeFloat => test(a <= b),
        Op::GtFloat => test(a > b),
        Op::GeFloat => test(a >= b),
        _ => return None,
    })
}

fn float(op: Op, a: f64) -> Option<Scalar> {
    let value = match op {
        Op::NegFloat => -a,
        Op::AbsFloat => a.abs(),
        Op::SqrtFloat => a.sqrt(),
        Op::FloorFloat => a.floor(),
        Op::CeilFloat => a.ceil(),
        Op::TruncFloat => a.trunc(),
        Op::FloatToInt => {
            // 2^63 is exact as a float; everything of smaller magnitude fits after truncation, and so does -2^63.
            let limit = 9_223_372_036_854_775_808.0;
            return Some(exact((a >= -limit && a < limit).then_some(a as i64)));
        }
        _ => return None,
    };
    Some(Scalar::Value(Value::Float(value)))
}
