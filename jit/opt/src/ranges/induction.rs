//! Counters of loops over ranges and sequences: where they lie, and what follows for arithmetic on them.
//!
//! A parameter that the loop-entry snapshot uses as the position of an iterator is never negative. So the loop's
//! `position < length` may be strengthened to `in_bounds`, which costs the same and bounds the counter from both sides.
//!
//! An expression that is linear in such a counter, with invariant coefficients, is largest or smallest at the ends of
//! the counter's range. It is evaluated there once, checked, in the preheader; if that does not leave, no overflow can
//! happen in the loop, whose own operation becomes unchecked:
//!
//! ```text
//! body:                              preheader:
//!   poll -> s0                         %9 = ge_int %len, 0
//!   %5 = lt_int %i, %len               guard_true %9 -> s0
//!   guard_true %5 -> s1                %11 = sub_ovf %len, 1 -> s0
//!   %7 = mul_ovf %i, %step -> s1  ──►  %12 = mul_ovf %11, %step -> s0
//!                                    body:
//!                                      poll -> s0
//!                                      %13 = in_bounds %i, %len
//!                                      guard_true %13 -> s1
//!                                      %7 = mul %i, %step
//! ```

use rustc_hash::{FxHashMap, FxHashSet};
use tjit_ir::{Inst, Op, Slot, SnapshotId, Trace, ValueId, VirtualKind};

use super::Ranges;
use crate::fold::{simplify, unchecked};
use crate::rewrite::{Step, entry_snapshot, plain};

/// At most about so many instructions are added to a preheader.
const BUDGET: usize = 32;

/// An end of a counter's range.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Extreme {
    First,
    Last,
}

/// Counters of a loop.
#[derive(Default)]
pub(super) struct Induction {
    /// Where instructions that are added to the preheader leave to; None if none may be added.
    entry: Option<SnapshotId>,
    /// Parameters that are positions of iterators.
    positions: FxHashSet<ValueId>,
    /// Counters that lie between 0 and an invariant limit, from here on.
    limits: FxHashMap<ValueId, ValueId>,
    /// Expressions that are already evaluated in the preheader.
    evaluated: FxHashMap<(ValueId, Extreme), ValueId>,
}

impl Induction {
    /// Finds the positions.
    pub(super) fn of(trace: &Trace) -> Induction {
        let Some(entry) = entry_snapshot(trace) else { return Induction::default() };
        let mut positions = FxHashSet::default();
        for slot in trace.snapshot(entry).slots() {
            find_positions(trace, slot, &mut positions);
        }
        Induction { entry: Some(entry), positions, ..Induction::default() }
    }

    /// Looks at a guard that is about to be passed: strengthens it if it bounds a position, and takes note of the bound.
    pub(super) fn bound(&mut self, trace: &mut Trace, ranges: &mut Ranges, guard: ValueId, out: &mut Vec<ValueId>) {
        let condition = trace.inst(guard).args[0];
        let Some((counter, limit)) = below(trace.inst(condition), trace.inst(guard).op == Op::GuardTrue) else {
            return;
        };
        if !trace.inst(counter).op.is_param() {
            return;
        }
        let strengthens = self.positions.contains(&counter) && trace.inst(condition).op != Op::InBounds;
        if strengthens && self.is_length(trace, ranges, limit) {
            let in_bounds = trace.define(plain(Op::InBounds, &[counter, limit]));
            out.push(in_bounds);
            let guard = &mut trace.insts[guard.index()];
            guard.op = Op::GuardTrue;
            guard.args[0] = in_bounds;
        }
        let bounded = trace.inst(trace.inst(guard).args[0]).op == Op::InBounds || ranges.get(trace, counter).lo >= 0;
        if bounded && is_invariant(trace, limit) {
            self.limits.entry(counter).or_insert(limit);
        }
    }

    /// Whether a limit is known not to be negative, if necessary after adding a guard to the preheader.
    fn is_length(&self, trace: &mut Trace, ranges: &mut Ranges, limit: ValueId) -> bool {
        if ranges.get(trace, limit).lo >= 0 {
            return true;
        }
        let Some(entry) = self.entry.filter(|_| is_invariant(trace, limit) && trace.as_int(limit).is_none()) else {
            return false;
        };
        let zero = trace.const_int(0);
        let not_negative = trace.define(plain(Op::GeInt, &[limit, zero]));
        let guard = trace.define(Inst { snapshot: Some(entry), ..plain(Op::GuardTrue, &[not_negative]) });
        for value in [not_negative, guard] {
            trace.preheader.push(value);
            ranges.step(trace, value);
        }
        true
    }

    /// Whether a checked operation cannot overflow because it is linear in a bounded counter; puts its evaluation at the
    /// ends of the range into the preheader.
    pub(super) fn is_safe(&mut self, trace: &mut Trace, value: ValueId) -> bool {
        let Some(entry) = self.entry.filter(|_| self.evaluated.len() < BUDGET) else { return false };
        if self.limits.is_empty() || !matches!(trace.inst(value).op, Op::AddOvf | Op::SubOvf | Op::MulOvf | Op::NegOvf)
        {
            return false;
        }
        let mut counter = None;
        if self.degree(trace, value, &mut counter, 8) != Some(1) {
            return false;
        }
        let Some(limit) = counter.and_then(|counter| self.limits.get(&counter).copied()) else { return false };
        let mut added = Vec::new();
        for extreme in [Extreme::First, Extreme::Last] {
            if self.evaluate(trace, value, extreme, limit, entry, &mut added).is_none() {
                // It always overflows there. What was added is in no list.
                self.evaluated.retain(|_, known| !added.contains(known));
                return false;
            }
        }
        trace.preheader.append(&mut added);
        true
    }

    /// The degree of an expression as a polynomial in one bounded counter; None when it is none, or not linear.
    fn degree(&self, trace: &Trace, value: ValueId, counter: &mut Option<ValueId>, depth: usize) -> Option<u32> {
        if is_invariant(trace, value) {
            return Some(0);
        }
        if self.limits.contains_key(&value) {
            return (*counter.get_or_insert(value) == value).then_some(1);
        }
        let inst = trace.inst(value);
        let mut degrees = inst.args.iter().map(|&arg| self.degree(trace, arg, counter, depth.checked_sub(1)?));
        let degree = match unchecked(inst.op) {
            Op::Neg => degrees.next()??,
            Op::Add | Op::Sub => degrees.next()??.max(degrees.next()??),
            Op::Mul => degrees.next()?? + degrees.next()??,
            _ => return None,
        };
        (degree <= 1).then_some(degree)
    }

    /// The value of a linear expression at an end of the counter's range; None when it overflows always.
    fn evaluate(
        &mut self,
        trace: &mut Trace,
        value: ValueId,
        extreme: Extreme,
        limit: ValueId,
        entry: SnapshotId,
        added: &mut Vec<ValueId>,
    ) -> Option<ValueId> {
        if is_invariant(trace, value) {
            return Some(value);
        }
        if let Some(&known) = self.evaluated.get(&(value, extreme)) {
            return Some(known);
        }
        let is_counter = self.limits.contains_key(&value);
        let mut inst = if is_counter {
            let one = trace.const_int(1);
            match extreme {
                Extreme::First => return Some(trace.const_int(0)),
                Extreme::Last => plain(Op::SubOvf, &[limit, one]),
            }
        } else {
            let Inst { op, args, .. } = trace.inst(value).clone();
            let mut inst = plain(checked(op)?, &[]);
            for arg in args {
                inst.args.push(self.evaluate(trace, arg, extreme, limit, entry, added)?);
            }
            inst
        };
        inst.snapshot = Some(entry);
        let copy = trace.define(inst);
        let result = match simplify(trace, copy) {
            Step::Replace(simple) => simple,
            Step::Keep => {
                added.push(copy);
                copy
            }
            Step::Remove | Step::Leave => return None,
        };
        self.evaluated.insert((value, extreme), result);
        Some(result)
    }
}

/// Finds the positions of iterators in a slot of the loop-entry snapshot.
fn find_positions(trace: &Trace, slot: Slot, positions: &mut FxHashSet<ValueId>) {
    let Slot::Virtual(object) = slot else { return };
    let object = &trace.virtuals[object.index()];
    let position = match object.kind {
        VirtualKind::RangeIter => object.fields.first(),
        VirtualKind::ListIter | VirtualKind::TupleIter | VirtualKind::StrIter => object.fields.get(1),
        _ => None,
    };
    if let Some(&Slot::Value(value)) = position
        && trace.inst(value).op == Op::ParamInt
    {
        positions.insert(value);
    }
    for &field in &object.fields {
        find_positions(trace, field, positions);
    }
}

/// `a` and `b` for a comparison whose outcome means `a < b`.
fn below(comparison: &Inst, outcome: bool) -> Option<(ValueId, ValueId)> {
    let &[a, b] = comparison.args.as_slice() else { return None };
    match (comparison.op, outcome) {
        (Op::LtInt | Op::InBounds, true) | (Op::GeInt, false) => Some((a, b)),
        (Op::GtInt, true) | (Op::LeInt, false) => Some((b, a)),
        _ => None,
    }
}

/// Whether a value can be used in the preheader.
fn is_invariant(trace: &Trace, value: ValueId) -> bool {
    trace.inst(value).op.is_const() || trace.is_invariant_param(value) || trace.preheader.contains(&value)
}

fn checked(op: Op) -> Option<Op> {
    Some(match unchecked(op) {
        Op::Add => Op::AddOvf,
        Op::Sub => Op::SubOvf,
        Op::Mul => Op::MulOvf,
        Op::Neg => Op::NegOvf,
        _ => return None,
    })
}
