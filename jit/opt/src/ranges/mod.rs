//! Ranges of ints: removes overflow checks, comparisons and bounds checks that cannot fail.
//!
//! Walking forward, every int has an interval: from constants, lengths, masks, remainders, and from the guards that were
//! passed. A checked operation whose exact result fits becomes unchecked, and a comparison that is decided a constant.
//! Loops over ranges and sequences get the rest from `induction.rs`, which bounds their counters.
//!
//! ```text
//!   %3 = and %1, 255                 %3 = and %1, 255
//!   %4 = mul_ovf %3, 16 -> s1   ──►  %4 = mul %3, 16
//!   %5 = lt_int %4, 4096
//!   guard_true %5 -> s1
//! ```

mod facts;
mod induction;
mod interval;

use tjit_ir::{Op, Trace, Ty, ValueId};

pub(crate) use facts::Ranges;
use induction::Induction;
use interval::{Interval, results};

use crate::Pass;
use crate::fold::unchecked;
use crate::rewrite::{Forward, Step, become_op, forward};

/// The pass.
pub(crate) struct RangesPass;

impl Pass for RangesPass {
    fn name(&self) -> &'static str {
        "ranges"
    }

    fn doc(&self) -> &'static str {
        "int ranges: removes overflow checks, comparisons and bounds checks that cannot fail"
    }

    fn run(&self, trace: Trace) -> Trace {
        let induction = Induction::of(&trace);
        forward(trace, &mut Walk { ranges: Ranges::new(), induction })
    }
}

struct Walk {
    ranges: Ranges,
    induction: Induction,
}

impl Forward for Walk {
    fn visit(&mut self, trace: &mut Trace, value: ValueId, out: &mut Vec<ValueId>) -> Step {
        self.use_known_ints(trace, value, out);
        let inst = trace.inst(value).clone();
        match inst.op {
            Op::GuardTrue | Op::GuardFalse => {
                let wanted = inst.op == Op::GuardTrue;
                match self.ranges.decide(trace, inst.args[0]) {
                    Some(known) if known == wanted => {
                        rely(trace, inst.args[0], out);
                        return Step::Remove;
                    }
                    Some(_) => return Step::Leave,
                    None => self.induction.bound(trace, &mut self.ranges, value, out),
                }
            }
            _ if trace.ty(value) == Ty::Bool => {
                if let Some(known) = self.ranges.decide(trace, value) {
                    rely(trace, value, out);
                    return Step::Replace(trace.const_bool(known));
                }
            }
            _ if trace.ty(value) == Ty::Int => {
                if let Some(step) = self.arithmetic(trace, value, out) {
                    return step;
                }
            }
            _ => {}
        }
        self.ranges.step(trace, value);
        Step::Keep
    }
}

/// Operations of which an int was computed that are looked at, one behind the other.
const CHAIN: usize = 8;

/// A condition was decided from where its operands lie.
fn rely(trace: &mut Trace, condition: ValueId, out: &mut Vec<ValueId>) {
    for operand in trace.inst(condition).args.clone() {
        rely_on(trace, operand, out);
    }
}

/// Something was decided from where an int lies. It may lie there because a check was passed on the way to it: that it fits
/// into 64 bits. That check must not go because nobody uses the int any more.
fn rely_on(trace: &mut Trace, operand: ValueId, out: &mut Vec<ValueId>) {
    if trace.ty(operand) == Ty::Int && is_checked(trace, operand, CHAIN) {
        let inst = crate::rewrite::plain(Op::Rely, &[operand]);
        out.push(trace.define(inst));
    }
}

/// Whether an int is computed by way of what may leave.
fn is_checked(trace: &Trace, value: ValueId, depth: usize) -> bool {
    let inst = trace.inst(value);
    if inst.op.is_const() || inst.op.is_param() {
        return false;
    }
    let is_computed = |&arg: &ValueId| trace.ty(arg) == Ty::Int && is_checked(trace, arg, depth - 1);
    inst.snapshot.is_some() || depth == 0 || inst.args.iter().any(is_computed)
}

impl Walk {
    /// Puts constants for operands that can have one value only.
    fn use_known_ints(&self, trace: &mut Trace, value: ValueId, out: &mut Vec<ValueId>) {
        for index in 0..trace.inst(value).args.len() {
            let arg = trace.inst(value).args[index];
            if trace.ty(arg) == Ty::Int
                && !trace.inst(arg).op.is_const()
                && let Some(single) = self.ranges.get(trace, arg).single()
            {
                rely_on(trace, arg, out);
                let constant = trace.const_int(single);
                trace.insts[value.index()].args[index] = constant;
            }
        }
    }

    fn arithmetic(&mut self, trace: &mut Trace, value: ValueId, out: &mut Vec<ValueId>) -> Option<Step> {
        let inst = trace.inst(value).clone();
        if inst.op == Op::FloatToInt {
            return self.round_trip(trace, inst.args[0]);
        }
        if inst.args.is_empty() || inst.args.iter().any(|&arg| trace.ty(arg) != Ty::Int) {
            return None;
        }
        let args: Vec<Interval> = inst.args.iter().map(|&arg| self.ranges.get(trace, arg)).collect();
        let exact = results(inst.op, &args);
        if unchecked(inst.op) != inst.op {
            if exact.fitting().is_none() {
                return Some(Step::Leave);
            }
            if facts::is_defined(unchecked(inst.op), &args) || self.induction.is_safe(trace, value) {
                become_op(trace, value, unchecked(inst.op), &inst.args);
            }
        }
        if trace.inst(value).snapshot.is_none()
            && let Some(single) = exact.fitting().and_then(Interval::single)
        {
            rely(trace, value, out);
            return Some(Step::Replace(trace.const_int(single)));
        }
        let same = inst.args[identity(inst.op, &args)?];
        rely(trace, value, out);
        Some(Step::Replace(same))
    }

    /// `int(float(x))` is `x` up to 2^53.
    fn round_trip(&self, trace: &Trace, float: ValueId) -> Option<Step> {
        const EXACT: i64 = 1 << 53;
        let inst = trace.inst(float);
        if inst.op != Op::IntToFloat {
            return None;
        }
        let Interval { lo, hi } = self.ranges.get(trace, inst.args[0]);
        (lo >= -EXACT && hi <= EXACT).then(|| Step::Replace(inst.args[0]))
    }
}

/// The operand that an operation yields unchanged, for operands in these intervals.
fn identity(op: Op, args: &[Interval]) -> Option<usize> {
    match (unchecked(op), args) {
        (Op::And, &[a, b]) => {
            let keeps = |value: Interval, mask: Interval| {
                mask.single().is_some_and(|mask| mask >= 0 && mask.leading_zeros() + mask.trailing_ones() == 64)
                    && value.lo >= 0
                    && value.hi <= mask.lo
            };
            if keeps(a, b) { Some(0) } else { keeps(b, a).then_some(1) }
        }
        (Op::Mod, &[a, b]) => (a.lo >= 0 && a.hi < b.lo).then_some(0),
        (Op::Abs, &[a]) => (a.lo >= 0).then_some(0),
        (Op::MinInt, &[a, b]) if a.hi <= b.lo => Some(0),
        (Op::MinInt, &[a, b]) if b.hi <= a.lo => Some(1),
        (Op::MaxInt, &[a, b]) if a.lo >= b.hi => Some(0),
        (Op::MaxInt, &[a, b]) if b.lo >= a.hi => Some(1),
        _ => None,
    }
}
