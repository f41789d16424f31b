//! Rules for floats. A rule is here only if it keeps every bit of every result, the sign of zeros and the payload of
//! nans included; so there is no `x + 0.0 → x`, no reassociation, and nothing folds to a nan.

use tjit_ir::{Op, Trace, ValueId};

use super::{Fold, unary_def};

/// 2^53: up to here every int is a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// One float operand.
pub(super) fn unary(trace: &Trace, op: Op, a: ValueId) -> Option<Fold> {
    let inner = |op| unary_def(trace, a, op);
    let made_by = trace.inst(a).op;
    match op {
        Op::NegFloat => inner(Op::NegFloat).map(Fold::Value),
        Op::AbsFloat if made_by == Op::AbsFloat => Some(Fold::Value(a)),
        Op::AbsFloat => inner(Op::NegFloat).map(|x| Fold::inst(Op::AbsFloat, &[x])),
        Op::FloorFloat | Op::CeilFloat | Op::TruncFloat => {
            let integral = matches!(made_by, Op::FloorFloat | Op::CeilFloat | Op::TruncFloat | Op::IntToFloat);
            integral.then_some(Fold::Value(a))
        }
        Op::FloatToInt => inner(Op::TruncFloat).map(|x| Fold::inst(Op::FloatToInt, &[x])),
        _ => None,
    }
}

/// Two float operands, a float result.
pub(super) fn binary(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    if !matches!(op, Op::AddFloat | Op::SubFloat | Op::MulFloat | Op::DivFloat) {
        return None;
    }
    match (trace.as_float(a), trace.as_float(b)) {
        (Some(_), Some(_)) => None,
        // With one operand a constant that is no nan, at most the other one is a nan: the order cannot matter.
        (Some(x), None) if matches!(op, Op::AddFloat | Op::MulFloat) && !x.is_nan() => Some(Fold::inst(op, &[b, a])),
        (None, Some(y)) => constant_right(trace, op, a, y),
        _ => None,
    }
}

fn constant_right(trace: &mut Trace, op: Op, a: ValueId, y: f64) -> Option<Fold> {
    let negative_zero = y == 0.0 && y.is_sign_negative();
    match op {
        Op::AddFloat if negative_zero => Some(Fold::Value(a)),
        Op::SubFloat if y == 0.0 && !negative_zero => Some(Fold::Value(a)),
        Op::MulFloat | Op::DivFloat if y == 1.0 => Some(Fold::Value(a)),
        Op::MulFloat if y == 2.0 => Some(Fold::inst(Op::AddFloat, &[a, a])),
        Op::DivFloat => {
            // A power of two whose reciprocal is a normal float: both compute the same real number and round it once.
            let reciprocal = 1.0 / y;
            let power_of_two = y.is_normal() && y.to_bits() << 12 == 0;
            (power_of_two && reciprocal.is_normal())
                .then(|| Fold::inst(Op::MulFloat, &[a, trace.const_float(reciprocal)]))
        }
        _ => None,
    }
}

/// The comparison of ints for one of floats.
fn of_ints(op: Op) -> Option<Op> {
    Some(match op {
        Op::EqFloat => Op::EqInt,
        Op::NeFloat => Op::NeInt,
        Op::LtFloat => Op::LtInt,
        Op::LeFloat => Op::LeInt,
        Op::GtFloat => Op::GtInt,
        Op::GeFloat => Op::GeInt,
        _ => return None,
    })
}

/// Two float operands, a bool result.
pub(super) fn compare(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    let of_ints = of_ints(op)?;
    match (trace.as_float(a), trace.as_float(b)) {
        (Some(_), Some(_)) => None,
        (Some(_), None) => Some(Fold::inst(super::int::swapped(op)?, &[b, a])),
        (None, Some(y)) if y.is_nan() => Some(Fold::bool(trace, op == Op::NeFloat)),
        (None, Some(y)) => {
            // Conversion is monotone and exact below 2^53, so comparing with an integral constant there may be done
            // before it.
            let int = unary_def(trace, a, Op::IntToFloat)?;
            (y.trunc() == y && y.abs() < EXACT).then(|| Fold::inst(of_ints, &[int, trace.const_int(y as i64)]))
        }
        (None, None) => None,
    }
}
