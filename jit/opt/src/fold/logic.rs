//! Rules for bools, selections, references and guards.

use tjit_ir::{ClassId, Imm, Inst, Op, RefId, Trace, ValueId};

use super::{Fold, binary_def, unary_def};

/// The comparison that holds exactly when this one does not. Orderings of floats have none, because of nan.
fn inverse(op: Op) -> Option<Op> {
    Some(match op {
        Op::EqInt => Op::NeInt,
        Op::NeInt => Op::EqInt,
        Op::LtInt => Op::GeInt,
        Op::LeInt => Op::GtInt,
        Op::GtInt => Op::LeInt,
        Op::GeInt => Op::LtInt,
        Op::EqFloat => Op::NeFloat,
        Op::NeFloat => Op::EqFloat,
        _ => return None,
    })
}

/// One operand.
pub(super) fn unary(trace: &Trace, op: Op, a: ValueId) -> Option<Fold> {
    match op {
        Op::NotBool => {
            if let Some(inner) = unary_def(trace, a, Op::NotBool) {
                return Some(Fold::Value(inner));
            }
            let inst = trace.inst(a);
            Some(Fold::Inst(inverse(inst.op)?, inst.args.clone()))
        }
        Op::GuardTrue | Op::GuardFalse => {
            let wanted = op == Op::GuardTrue;
            if let Some(known) = trace.as_bool(a) {
                return Some(if known == wanted { Fold::Holds } else { Fold::Never });
            }
            let inner = unary_def(trace, a, Op::NotBool)?;
            Some(Fold::inst(if wanted { Op::GuardFalse } else { Op::GuardTrue }, &[inner]))
        }
        Op::UnboxInt => unary_def(trace, a, Op::BoxInt).map(Fold::Value),
        Op::UnboxFloat => unary_def(trace, a, Op::BoxFloat).map(Fold::Value),
        Op::UnboxBool => unary_def(trace, a, Op::BoxBool).map(Fold::Value),
        _ => None,
    }
}

/// Two operands.
pub(super) fn binary(trace: &mut Trace, op: Op, a: ValueId, b: ValueId) -> Option<Fold> {
    match op {
        Op::SameRef => {
            let known = if a == b { true } else { same_object(trace, trace.as_ref(a)?, trace.as_ref(b)?)? };
            Some(Fold::bool(trace, known))
        }
        Op::AndBool | Op::OrBool | Op::XorBool => match (trace.as_bool(a), trace.as_bool(b)) {
            (Some(_), None) => Some(Fold::inst(op, &[b, a])),
            (_, Some(y)) => Some(match (op, y) {
                (Op::AndBool, true) | (Op::OrBool | Op::XorBool, false) => Fold::Value(a),
                (Op::AndBool, false) | (Op::OrBool, true) => Fold::Value(b),
                _ => Fold::inst(Op::NotBool, &[a]),
            }),
            (None, None) if a == b => Some(if op == Op::XorBool { Fold::bool(trace, false) } else { Fold::Value(a) }),
            (None, None) => None,
        },
        _ => None,
    }
}

/// `condition ? a : b`.
pub(super) fn select(trace: &Trace, op: Op, condition: ValueId, a: ValueId, b: ValueId) -> Option<Fold> {
    if !matches!(op, Op::SelectInt | Op::SelectFloat) {
        return None;
    }
    if a == b {
        return Some(Fold::Value(a));
    }
    if let Some(known) = trace.as_bool(condition) {
        return Some(Fold::Value(if known { a } else { b }));
    }
    if let Some(inner) = unary_def(trace, condition, Op::NotBool) {
        return Some(Fold::inst(op, &[inner, b, a]));
    }
    if op != Op::SelectInt {
        return None;
    }
    if (trace.as_int(a), trace.as_int(b)) == (Some(1), Some(0)) {
        return Some(Fold::inst(Op::BoolToInt, &[condition]));
    }
    let (less, x, y) = match binary_def(trace, condition, &[Op::LtInt, Op::LeInt]) {
        Some((x, y)) => (true, x, y),
        None => {
            let (x, y) = binary_def(trace, condition, &[Op::GtInt, Op::GeInt])?;
            (false, x, y)
        }
    };
    match ((a, b) == (x, y), (a, b) == (y, x)) {
        (true, _) => Some(Fold::inst(if less { Op::MinInt } else { Op::MaxInt }, &[x, y])),
        (_, true) => Some(Fold::inst(if less { Op::MaxInt } else { Op::MinInt }, &[x, y])),
        _ => None,
    }
}

/// Operations whose immediate decides: guards on identity and class.
pub(super) fn identity(trace: &Trace, inst: &Inst) -> Option<Fold> {
    let object = *inst.args.first()?;
    let holds = match (inst.op, inst.imm) {
        (Op::GuardIs, Imm::Ref(wanted)) => same_object(trace, trace.as_ref(object)?, wanted)?,
        (Op::GuardIsNot, Imm::Ref(other)) => !same_object(trace, trace.as_ref(object)?, other)?,
        (Op::GuardClass, Imm::Class(class)) => is_box_of(trace, object, class).then_some(true)?,
        _ => return None,
    };
    Some(if holds { Fold::Holds } else { Fold::Never })
}

/// Whether two constants are one object; None when the pool does not tell.
pub(crate) fn same_object(trace: &Trace, a: RefId, b: RefId) -> Option<bool> {
    let addr = |id: RefId| trace.pool.refs[id.index()].addr;
    if a == b {
        Some(true)
    } else if addr(a) != addr(b) {
        Some(false)
    } else {
        (addr(a) != 0).then_some(true)
    }
}

/// Whether a value is the result of a boxing operation that makes exact instances of the class.
fn is_box_of(trace: &Trace, value: ValueId, class: ClassId) -> bool {
    let made = match trace.inst(value).op {
        Op::BoxInt => "int",
        Op::BoxFloat => "float",
        Op::BoxBool => "bool",
        _ => return false,
    };
    // A Python class that merely has such a name is never a leaf.
    let info = &trace.pool.classes[class.index()];
    info.leaf && info.name == made
}
