//! Rules for ints: arithmetic, bits, comparisons. Ints here are exact: a checked operation has left when its result does
//! not fit, and an unchecked one is known to fit, so a defining `add` may be read as a mathematical one.

use tjit_ir::{Op, Trace, ValueId};

use super::{Fold, binary_def, unary_def};

const ADDS: &[Op] = &[Op::Add, Op::AddOvf];
const SUBS: &[Op] = &[Op::Sub, Op::SubOvf];

/// The unchecked operation that computes the same where the checked one does not leave; `op` itself if it is unchecked.
pub(crate) fn unchecked(op: Op) -> Op {
    match op {
        Op::AddOvf => Op::Add,
        Op::SubOvf => Op::Sub,
        Op::MulOvf => Op::Mul,
        Op::NegOvf => Op::Neg,
        Op::AbsOvf => Op::Abs,
        Op::ShlOvf => Op::Shl,
        Op::FloorDivOvf => Op::FloorDiv,
        Op::ModOvf => Op::Mod,
        _ => op,
    }
}

fn is_checked(op: Op) -> bool {
    unchecked(op) != op
}

/// The operation of the family of `like` (checked or not).
fn same_check(like: Op, checked: Op) -> Op {
    if is_checked(like) { checked } else { unchecked(checked) }
}

/// One int operand.
pub(super) fn unary(trace: &Trace, op: Op, a: ValueId) -> Option<Fold> {
    match op {
        Op::NegOvf | Op::Neg | Op::AbsOvf | Op::Abs => {
            let negates = matches!(op, Op::Neg | Op::NegOvf);
            let inner = unary_def(trace, a, Op::Neg).or_else(|| unary_def(trace, a, Op::NegOvf));
            if let Some(inner) = inner {
                return Some(if negates { Fold::Value(inner) } else { Fold::inst(Op::Abs, &[inner]) });
            }
            if negates && let Some((x, y)) = binary_def(trace, a, &[Op::Sub, Op::SubOvf]) {
                return Some(Fold::inst(same_check(op, Op::SubOvf), &[y, x]));
            }
            let is_abs = matches!(trace.inst(a).op, Op::Abs | Op::AbsOvf);
            (!negates && is_abs).then_some(Fold::Value(a))
        }
        Op::Not => unary_def(trace, a, Op::Not).map(Fold::Value),
        _ => None,
    }
}

/// Two int operands, an int result.
pub(super) fn binary(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    if !matches!(
        unchecked(op),
        Op::Add
            | Op::Sub
            | Op::Mul
            | Op::FloorDiv
            | Op::Mod
            | Op::And
            | Op::Or
            | Op::Xor
            | Op::Shl
            | Op::Shr
            | Op::MinInt
            | Op::MaxInt
    ) {
        return None;
    }
    match (trace.as_int(a), trace.as_int(b)) {
        (Some(_), Some(_)) => None,
        (Some(x), None) => constant_left(op, x, a, b),
        (None, Some(y)) => constant_right(trace, op, a, y),
        (None, None) => unknowns(trace, op, a, b),
    }
}

fn constant_left(op: Op, x: i64, a: ValueId, b: ValueId) -> Option<Fold> {
    match unchecked(op) {
        Op::Add | Op::Mul | Op::And | Op::Or | Op::Xor | Op::MinInt | Op::MaxInt => Some(Fold::inst(op, &[b, a])),
        Op::Sub if x == 0 => Some(Fold::inst(same_check(op, Op::NegOvf), &[b])),
        Op::Sub if x == -1 => Some(Fold::inst(Op::Not, &[b])),
        Op::Shr if x == 0 || x == -1 => Some(Fold::Value(a)),
        Op::FloorDiv | Op::Mod if x == 0 && !is_checked(op) => Some(Fold::Value(a)),
        _ => None,
    }
}

fn constant_right(trace: &mut Trace, op: Op, a: ValueId, y: i64) -> Option<Fold> {
    match unchecked(op) {
        Op::Add if y == 0 => Some(Fold::Value(a)),
        Op::Add => {
            let (x, c) = plus_constant(trace, a)?;
            let sum = c.checked_add(y)?;
            Some(Fold::inst(op, &[x, trace.const_int(sum)]))
        }
        Op::Sub => {
            let negated = y.checked_neg()?;
            Some(Fold::inst(same_check(op, Op::AddOvf), &[a, trace.const_int(negated)]))
        }
        Op::Mul => match y {
            0 => Some(Fold::int(trace, 0)),
            1 => Some(Fold::Value(a)),
            -1 => Some(Fold::inst(same_check(op, Op::NegOvf), &[a])),
            2 => Some(Fold::inst(same_check(op, Op::AddOvf), &[a, a])),
            _ => None,
        },
        Op::FloorDiv => match y {
            0 => is_checked(op).then_some(Fold::Never),
            1 => Some(Fold::Value(a)),
            -1 => is_checked(op).then(|| Fold::inst(Op::NegOvf, &[a])),
            _ if y > 0 && y.count_ones() == 1 => {
                Some(Fold::inst(Op::Shr, &[a, trace.const_int(i64::from(y.trailing_zeros()))]))
            }
            _ => is_checked(op).then(|| Fold::inst(Op::FloorDiv, &[a, trace.const_int(y)])),
        },
        Op::Mod => match y {
            0 => is_checked(op).then_some(Fold::Never),
            1 | -1 => Some(Fold::int(trace, 0)),
            _ if y > 0 && y.count_ones() == 1 => Some(Fold::inst(Op::And, &[a, trace.const_int(y - 1)])),
            _ => is_checked(op).then(|| Fold::inst(Op::Mod, &[a, trace.const_int(y)])),
        },
        Op::And => match y {
            0 => Some(Fold::int(trace, 0)),
            -1 => Some(Fold::Value(a)),
            _ => {
                let (x, c) = binary_def(trace, a, &[Op::And])?;
                let mask = trace.as_int(c)? & y;
                Some(Fold::inst(Op::And, &[x, trace.const_int(mask)]))
            }
        },
        Op::Or => match y {
            0 => Some(Fold::Value(a)),
            -1 => Some(Fold::int(trace, -1)),
            _ => None,
        },
        Op::Xor => match y {
            0 => Some(Fold::Value(a)),
            -1 => Some(Fold::inst(Op::Not, &[a])),
            _ => None,
        },
        Op::Shl => match y {
            0 => Some(Fold::Value(a)),
            1 => Some(Fold::inst(same_check(op, Op::AddOvf), &[a, a])),
            ..0 | 64.. => is_checked(op).then_some(Fold::Never),
            _ => None,
        },
        Op::Shr if y == 0 => Some(Fold::Value(a)),
        Op::Shr if y > 0 => {
            let (x, c) = binary_def(trace, a, &[Op::Shr])?;
            let shift = trace.as_int(c).filter(|&c| c >= 0)?.saturating_add(y).min(63);
            Some(Fold::inst(Op::Shr, &[x, trace.const_int(shift)]))
        }
        Op::MinInt if y == i64::MIN => Some(Fold::int(trace, y)),
        Op::MaxInt if y == i64::MAX => Some(Fold::int(trace, y)),
        Op::MinInt if y == i64::MAX => Some(Fold::Value(a)),
        Op::MaxInt if y == i64::MIN => Some(Fold::Value(a)),
        _ => None,
    }
}

fn unknowns(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    match unchecked(op) {
        Op::Sub | Op::Xor if a == b => Some(Fold::int(trace, 0)),
        Op::And | Op::Or | Op::MinInt | Op::MaxInt if a == b => Some(Fold::Value(a)),
        Op::Sub => {
            // (x + y) - y and (x + y) - x: exact, so the other term.
            let (x, y) = binary_def(trace, a, ADDS)?;
            if y == b { Some(Fold::Value(x)) } else { (x == b).then_some(Fold::Value(y)) }
        }
        Op::Add => {
            // (x - y) + y: exact, so x.
            let undone = |sum: ValueId, other: ValueId| binary_def(trace, sum, SUBS).filter(|&(_, y)| y == other);
            undone(a, b).or_else(|| undone(b, a)).map(|(x, _)| Fold::Value(x))
        }
        _ => None,
    }
}

/// `x` and `c` for a value defined as `x + c`.
pub(crate) fn plus_constant(trace: &Trace, value: ValueId) -> Option<(ValueId, i64)> {
    let (x, c) = binary_def(trace, value, ADDS)?;
    Some((x, trace.as_int(c)?))
}

/// The comparison with its operands exchanged.
pub(crate) fn swapped(op: Op) -> Option<Op> {
    Some(match op {
        Op::EqInt | Op::NeInt | Op::EqFloat | Op::NeFloat => op,
        Op::LtInt => Op::GtInt,
        Op::GtInt => Op::LtInt,
        Op::LeInt => Op::GeInt,
        Op::GeInt => Op::LeInt,
        Op::LtFloat => Op::GtFloat,
        Op::GtFloat => Op::LtFloat,
        Op::LeFloat => Op::GeFloat,
        Op::GeFloat => Op::LeFloat,
        _ => return None,
    })
}

/// Whether an int comparison holds.
fn holds(op: Op, a: i64, b: i64) -> Option<bool> {
    Some(match op {
        Op::EqInt => a == b,
        Op::NeInt => a != b,
        Op::LtInt => a < b,
        Op::LeInt => a <= b,
        Op::GtInt => a > b,
        Op::GeInt => a >= b,
        Op::InBounds => 0 <= a && a < b,
        _ => return None,
    })
}

/// Two int operands, a bool result.
pub(super) fn compare(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    let same = holds(op, 0, 0)?;
    if a == b {
        return Some(Fold::bool(trace, same));
    }
    match (trace.as_int(a), trace.as_int(b)) {
        (Some(_), Some(_)) => None,
        (Some(x), None) if op == Op::InBounds => (x < 0).then(|| Fold::bool(trace, false)),
        (None, Some(y)) if op == Op::InBounds => (y <= 0).then(|| Fold::bool(trace, false)),
        (Some(_), None) => Some(Fold::inst(swapped(op)?, &[b, a])),
        (None, Some(y)) => compare_constant(trace, op, a, y),
        (None, None) => None,
    }
}

fn compare_constant(trace: &mut Trace, op: Op, a: ValueId, y: i64) -> Option<Fold> {
    if let Some(bit) = unary_def(trace, a, Op::BoolToInt) {
        let (zero, one) = (holds(op, 0, y)?, holds(op, 1, y)?);
        return Some(match (zero, one) {
            (false, true) => Fold::Value(bit),
            (true, false) => Fold::inst(Op::NotBool, &[bit]),
            (always, _) => Fold::bool(trace, always),
        });
    }
    if y == 0
        && let Some((x, z)) = binary_def(trace, a, SUBS)
    {
        return Some(Fold::inst(op, &[x, z]));
    }
    if let Some((x, z)) = binary_def(trace, a, ADDS)
        && x == z
    {
        // 2x compared with an even number is x compared with its half; an odd number it never equals.
        return match op {
            _ if y & 1 == 0 => Some(Fold::inst(op, &[x, trace.const_int(y / 2)])),
            Op::EqInt | Op::NeInt => Some(Fold::bool(trace, op == Op::NeInt)),
            _ => None,
        };
    }
    let (x, c) = plus_constant(trace, a)?;
    let moved = y.checked_sub(c)?;
    Some(Fold::inst(op, &[x, trace.const_int(moved)]))
}
