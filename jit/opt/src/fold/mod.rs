//! Folding: constants and algebra.
//!
//! One rule at a time turns an instruction into a value that exists, into a cheaper instruction, or into the knowledge
//! that its condition always or never holds; rules are tried until none applies. A guard that always holds disappears;
//! where one never holds the trace leaves, and what follows is dropped.
//!
//! Python's semantics are kept to the bit: no float rule loses a zero's sign, rounds differently or touches a nan, and
//! `floordiv` and `mod` round down.
//!
//! ```text
//!   %4 = mul_ovf %1, 8          %4 = mul_ovf %1, 8
//!   %5 = mod_ovf %4, 8    ──►   %5 = and %4, 7
//!   %6 = sub_ovf %5, %5         0
//! ```

mod float;
mod int;
mod logic;

pub(crate) use int::{plus_constant, unchecked};
pub(crate) use logic::same_object;

use smallvec::SmallVec;
use tjit_ir::eval::{self, Scalar, Value};
use tjit_ir::{Args, Imm, Inst, Op, Trace, ValueId};

use crate::Pass;
use crate::rewrite::{Forward, Step, become_op, forward};

/// What a rule makes of an instruction.
pub(crate) enum Fold {
    /// It is this value, of the same type.
    Value(ValueId),
    /// It is this instruction. The operation may leave only if the old one may.
    Inst(Op, Args),
    /// The guard always holds.
    Holds,
    /// The condition never holds: the trace is always left here.
    Never,
}

impl Fold {
    fn inst(op: Op, args: &[ValueId]) -> Fold {
        Fold::Inst(op, SmallVec::from_slice(args))
    }

    fn int(trace: &mut Trace, value: i64) -> Fold {
        Fold::Value(trace.const_int(value))
    }

    fn bool(trace: &mut Trace, value: bool) -> Fold {
        Fold::Value(trace.const_bool(value))
    }
}

/// The pass.
pub(crate) struct FoldPass;

impl Pass for FoldPass {
    fn name(&self) -> &'static str {
        "fold"
    }

    fn doc(&self) -> &'static str {
        "constant folding and algebraic rules"
    }

    fn run(&self, trace: Trace) -> Trace {
        forward(trace, &mut Walk)
    }
}

struct Walk;

impl Forward for Walk {
    fn visit(&mut self, trace: &mut Trace, value: ValueId, _out: &mut Vec<ValueId>) -> Step {
        simplify(trace, value)
    }
}

/// Applies rules to an instruction, in place, until none applies.
pub(crate) fn simplify(trace: &mut Trace, value: ValueId) -> Step {
    // Every rule makes the instruction simpler; the bound is a belt against two rules that undo each other.
    for _ in 0..16 {
        let inst = trace.inst(value).clone();
        match rule(trace, &inst) {
            None => break,
            Some(Fold::Value(by)) => return Step::Replace(by),
            Some(Fold::Inst(op, args)) => become_op(trace, value, op, &args),
            Some(Fold::Holds) => return Step::Remove,
            Some(Fold::Never) => return Step::Leave,
        }
    }
    Step::Keep
}

fn rule(trace: &mut Trace, inst: &Inst) -> Option<Fold> {
    if !matches!(inst.imm, Imm::None) {
        return logic::identity(trace, inst);
    }
    if let Some(known) = constants(trace, inst) {
        return Some(known);
    }
    match *inst.args.as_slice() {
        [a] => int::unary(trace, inst.op, a)
            .or_else(|| float::unary(trace, inst.op, a))
            .or_else(|| logic::unary(trace, inst.op, a)),
        [a, b] => int::binary(trace, inst.op, a, b)
            .or_else(|| int::compare(trace, inst.op, a, b))
            .or_else(|| float::binary(trace, inst.op, a, b))
            .or_else(|| float::compare(trace, inst.op, a, b))
            .or_else(|| logic::binary(trace, inst.op, a, b)),
        [condition, a, b] => logic::select(trace, inst.op, condition, a, b),
        _ => None,
    }
}

/// An operation on constants, executed. Nans are left to the machine, whose sign and payload for them are its own; and
/// an unchecked operation whose promise is broken sits behind a guard that fails.
fn constants(trace: &mut Trace, inst: &Inst) -> Option<Fold> {
    let mut args: SmallVec<[Value; 3]> = SmallVec::new();
    for &arg in &inst.args {
        let known = trace.as_int(arg).map(Value::Int);
        let known = known.or_else(|| trace.as_float(arg).map(Value::Float));
        args.push(known.or_else(|| trace.as_bool(arg).map(Value::Bool))?);
    }
    match eval::fold(inst.op, &args)? {
        Scalar::Value(Value::Int(value)) => Some(Fold::int(trace, value)),
        Scalar::Value(Value::Bool(value)) => Some(Fold::bool(trace, value)),
        Scalar::Value(Value::Float(value)) if !value.is_nan() => Some(Fold::Value(trace.const_float(value))),
        Scalar::Leaves => Some(Fold::Never),
        Scalar::Value(_) | Scalar::Undefined | Scalar::Traps => None,
    }
}

/// The definition of a value, when it is this operation with one operand.
fn unary_def(trace: &Trace, value: ValueId, op: Op) -> Option<ValueId> {
    let inst = trace.inst(value);
    (inst.op == op).then(|| inst.args[0])
}

/// The definition of a value, when it is one of these operations with two operands.
fn binary_def(trace: &Trace, value: ValueId, ops: &[Op]) -> Option<(ValueId, ValueId)> {
    let inst = trace.inst(value);
    ops.contains(&inst.op).then(|| (inst.args[0], inst.args[1]))
}
