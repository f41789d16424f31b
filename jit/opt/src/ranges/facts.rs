//! What is known of ints at a point of a trace: an interval for each, and which are below which.

use rustc_hash::FxHashMap;
use tjit_ir::{Inst, Op, Trace, Ty, ValueId};

use super::interval::{Interval, results};
use crate::fold::plus_constant;

/// Facts about ints.
pub(crate) struct Ranges {
    intervals: FxHashMap<ValueId, Interval>,
    /// For two values, the largest `d` for which `first + d < second` is known.
    below: FxHashMap<(ValueId, ValueId), i64>,
}

/// How often a fact about `x + c` is handed on to `x`.
const DEPTH: usize = 4;

impl Ranges {
    /// Nothing is known but constants.
    pub(crate) fn new() -> Ranges {
        Ranges { intervals: FxHashMap::default(), below: FxHashMap::default() }
    }

    /// Where a value lies.
    pub(crate) fn get(&self, trace: &Trace, value: ValueId) -> Interval {
        if let Some(constant) = trace.as_int(value) {
            return Interval::only(constant);
        }
        self.get_sum(trace, value, DEPTH)
    }

    fn get_sum(&self, trace: &Trace, value: ValueId, depth: usize) -> Interval {
        let own = self.intervals.get(&value).copied().unwrap_or(Interval::FULL);
        // What was learnt of x after x + c was computed is known of the sum, too.
        let shifted = plus_constant(trace, value).filter(|_| depth > 0).and_then(|(x, c)| {
            let sum = results(Op::Add, &[self.get_sum(trace, x, depth - 1), Interval::only(c)]);
            sum.fitting()?.meet(own)
        });
        shifted.unwrap_or(own)
    }

    /// Narrows what is known of a value, which is not constant.
    fn narrow(&mut self, trace: &Trace, value: ValueId, to: Interval, depth: usize) {
        if trace.inst(value).op.is_const() {
            return;
        }
        // An empty intersection means that this point is never reached.
        let Some(narrowed) = self.get(trace, value).meet(to) else { return };
        self.intervals.insert(value, narrowed);
        if depth > 0
            && let Some((x, c)) = plus_constant(trace, value)
            && let Some(shifted) = results(Op::Sub, &[narrowed, Interval::only(c)]).fitting()
        {
            self.narrow(trace, x, shifted, depth - 1);
        }
    }

    /// Sets what is known of a value.
    pub(crate) fn define(&mut self, value: ValueId, interval: Interval) {
        self.intervals.insert(value, interval);
    }

    /// Notes `a + gap < b`, where `gap` is 0 or -1.
    fn learn_less(&mut self, trace: &Trace, a: ValueId, b: ValueId, gap: i64) {
        let (of_a, of_b) = (self.get(trace, a), self.get(trace, b));
        self.narrow(trace, a, Interval { lo: i64::MIN, hi: of_b.hi.saturating_sub(1 + gap) }, DEPTH);
        self.narrow(trace, b, Interval { lo: of_a.lo.saturating_add(1 + gap), hi: i64::MAX }, DEPTH);
        let ((base_a, offset_a), (base_b, offset_b)) = (parts(trace, a), parts(trace, b));
        if let Some(distance) = offset_a.checked_add(gap).and_then(|sum| sum.checked_sub(offset_b)) {
            let known = self.below.entry((base_a, base_b)).or_insert(distance);
            *known = (*known).max(distance);
        }
    }

    /// Whether `a + gap < b` is known.
    fn is_less(&self, trace: &Trace, a: ValueId, b: ValueId, gap: i64) -> bool {
        let (of_a, of_b) = (self.get(trace, a), self.get(trace, b));
        if i128::from(of_a.hi) + i128::from(gap) < i128::from(of_b.lo) {
            return true;
        }
        let ((base_a, offset_a), (base_b, offset_b)) = (parts(trace, a), parts(trace, b));
        let distance = offset_a.checked_add(gap).and_then(|sum| sum.checked_sub(offset_b));
        let known = if base_a == base_b { Some(-1) } else { self.below.get(&(base_a, base_b)).copied() };
        matches!((distance, known), (Some(distance), Some(known)) if distance <= known)
    }

    /// Whether `0 <= index < len` is known.
    pub(crate) fn in_bounds(&self, trace: &Trace, index: ValueId, len: ValueId) -> bool {
        self.get(trace, index).lo >= 0 && self.is_less(trace, index, len, 0)
    }

    /// Whether an unchecked operation is known to be defined.
    pub(crate) fn is_defined(&self, trace: &Trace, inst: &Inst) -> bool {
        let args: Vec<Interval> = inst.args.iter().map(|&arg| self.get(trace, arg)).collect();
        is_defined(inst.op, &args)
    }

    /// Whether a condition is decided.
    pub(crate) fn decide(&self, trace: &Trace, condition: ValueId) -> Option<bool> {
        if let Some(known) = trace.as_bool(condition) {
            return Some(known);
        }
        let inst = trace.inst(condition);
        let &[a, b] = inst.args.as_slice() else { return None };
        let less = |a, b, gap| self.is_less(trace, a, b, gap);
        let (yes, no) = match inst.op {
            Op::LtInt => (less(a, b, 0), less(b, a, -1)),
            Op::LeInt => (less(a, b, -1), less(b, a, 0)),
            Op::GtInt => (less(b, a, 0), less(a, b, -1)),
            Op::GeInt => (less(b, a, -1), less(a, b, 0)),
            Op::EqInt => (false, less(a, b, 0) || less(b, a, 0)),
            Op::NeInt => (less(a, b, 0) || less(b, a, 0), false),
            Op::InBounds => (self.in_bounds(trace, a, b), self.get(trace, a).hi < 0 || less(b, a, -1)),
            _ => return None,
        };
        match (yes, no) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    /// Takes note that a condition holds, or does not.
    pub(crate) fn learn(&mut self, trace: &Trace, condition: ValueId, truth: bool) {
        let inst = trace.inst(condition);
        match (inst.op, truth) {
            (Op::NotBool, _) => return self.learn(trace, inst.args[0], !truth),
            (Op::AndBool, true) | (Op::OrBool, false) => {
                self.learn(trace, inst.args[0], truth);
                return self.learn(trace, inst.args[1], truth);
            }
            _ => {}
        }
        let &[a, b] = inst.args.as_slice() else { return };
        match (inst.op, truth) {
            (Op::LtInt, true) | (Op::GeInt, false) => self.learn_less(trace, a, b, 0),
            (Op::LeInt, true) | (Op::GtInt, false) => self.learn_less(trace, a, b, -1),
            (Op::GtInt, true) | (Op::LeInt, false) => self.learn_less(trace, b, a, 0),
            (Op::GeInt, true) | (Op::LtInt, false) => self.learn_less(trace, b, a, -1),
            (Op::EqInt, true) | (Op::NeInt, false) => {
                self.learn_less(trace, a, b, -1);
                self.learn_less(trace, b, a, -1);
            }
            (Op::NeInt, true) | (Op::EqInt, false) => {
                self.exclude(trace, a, b);
                self.exclude(trace, b, a);
            }
            (Op::InBounds, true) => {
                self.narrow(trace, a, Interval { lo: 0, hi: i64::MAX }, DEPTH);
                self.learn_less(trace, a, b, 0);
            }
            (Op::InBounds, false) if self.get(trace, a).lo >= 0 => self.learn_less(trace, b, a, -1),
            _ => {}
        }
    }

    /// Notes `a != b`.
    fn exclude(&mut self, trace: &Trace, a: ValueId, b: ValueId) {
        let Some(excluded) = self.get(trace, b).single() else { return };
        let Interval { lo, hi } = self.get(trace, a);
        if lo == excluded && lo < hi {
            self.narrow(trace, a, Interval { lo: lo + 1, hi }, DEPTH);
        } else if hi == excluded && lo < hi {
            self.narrow(trace, a, Interval { lo, hi: hi - 1 }, DEPTH);
        }
    }

    /// Takes note of an instruction that was executed and did not leave.
    pub(crate) fn step(&mut self, trace: &Trace, value: ValueId) {
        let inst = trace.inst(value);
        match inst.op {
            Op::GuardTrue | Op::GuardFalse => self.learn(trace, inst.args[0], inst.op == Op::GuardTrue),
            Op::ListLen | Op::TupleLen => self.define(value, Interval::LENGTH),
            Op::SelectInt => {
                let either = self.get(trace, inst.args[1]).join(self.get(trace, inst.args[2]));
                self.define(value, either);
            }
            Op::BoolToInt => self.define(value, Interval { lo: 0, hi: 1 }),
            op if trace.ty(value) == Ty::Int && inst.args.iter().all(|&arg| trace.ty(arg) == Ty::Int) => {
                let args: Vec<Interval> = inst.args.iter().map(|&arg| self.get(trace, arg)).collect();
                if let Some(interval) = results(op, &args).fitting() {
                    self.define(value, interval);
                }
            }
            _ => {}
        }
    }
}

/// Whether an unchecked operation on ints is defined for all operands in these intervals.
pub(super) fn is_defined(op: Op, args: &[Interval]) -> bool {
    match (op, args) {
        (Op::FloorDiv | Op::Mod, &[_, b]) => !b.contains(0) && !b.contains(-1),
        (Op::Shl, &[_, b]) => b.lo >= 0 && b.hi < 64 && results(op, args).fits(),
        (Op::Shr | Op::InBounds, &[_, b]) => b.lo >= 0,
        _ => results(op, args).fits(),
    }
}

/// A value as another one plus a constant; itself plus 0 if it is nothing else.
fn parts(trace: &Trace, value: ValueId) -> (ValueId, i64) {
    plus_constant(trace, value).unwrap_or((value, 0))
}
