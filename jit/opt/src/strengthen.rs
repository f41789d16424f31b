//! Guard strengthening: two bounds checks stand for any number on the same sequence.
//!
//! Indices that differ by constants are in bounds if the smallest is not negative and the largest is below the length.
//! The first check of such a group bounds its own index from both sides; the next that lacks only the one side becomes
//! that of the smallest or of the largest index of the group, and what is implied then goes. If it is known that the
//! smallest index is not negative, one check is enough. Where a check that was made later would have failed, the trace
//! now leaves earlier, and the interpreter comes to the same point.
//!
//! ```text
//!   %5 = in_bounds %i, %n                %4 = add_ovf %i, 2 -> s1
//!   guard_true %5 -> s1                  %5 = in_bounds %4, %n
//!   %7 = add_ovf %i, 1 -> s2        ──►  guard_true %5 -> s1
//!   %8 = in_bounds %7, %n                %7 = add_ovf %i, 1 -> s2
//!   guard_true %8 -> s2                  %10 = add_ovf %i, 2 -> s3
//!   %10 = add_ovf %i, 2 -> s3
//!   %11 = in_bounds %10, %n
//!   guard_true %11 -> s3                                           (%i is known not to be negative)
//! ```

use rustc_hash::FxHashMap;
use tjit_ir::{Inst, Op, Trace, ValueId};

use crate::Pass;
use crate::fold::plus_constant;
use crate::ranges::Ranges;
use crate::rewrite::{Forward, Step, forward, plain};

/// The pass.
pub(crate) struct StrengthenPass;

impl Pass for StrengthenPass {
    fn name(&self) -> &'static str {
        "strengthen"
    }

    fn doc(&self) -> &'static str {
        "lets two bounds checks stand for several"
    }

    fn run(&self, trace: Trace) -> Trace {
        let groups = Groups::of(&trace);
        if groups.checks.is_empty() {
            return trace;
        }
        forward(trace, &mut Walk { groups, ranges: Ranges::new() })
    }
}

/// What all indices of a group are compared with, and what they are a constant away from.
type Key = (ValueId, ValueId);

/// The bounds checks of a group, by the constants of their indices.
struct Group {
    smallest: i64,
    largest: i64,
    count: usize,
    /// From this constant on, indices are known not to be negative.
    from: i128,
    /// Up to this constant, indices are known to be below the length.
    to: i128,
}

struct Groups {
    groups: FxHashMap<Key, Group>,
    /// By guard.
    checks: FxHashMap<ValueId, Key>,
}

impl Groups {
    /// Finds the groups of the body with more than one check.
    fn of(trace: &Trace) -> Groups {
        let mut groups: FxHashMap<Key, Group> = FxHashMap::default();
        let mut checks = FxHashMap::default();
        for &guard in &trace.body {
            let Some((key, offset)) = check(trace, guard) else { continue };
            let new = Group { smallest: offset, largest: offset, count: 0, from: i128::MAX, to: i128::MIN };
            let group = groups.entry(key).or_insert(new);
            group.smallest = group.smallest.min(offset);
            group.largest = group.largest.max(offset);
            group.count += 1;
            checks.insert(guard, key);
        }
        checks.retain(|_, key| groups[key].count > 1);
        Groups { groups, checks }
    }
}

/// The group of a guard that is a bounds check, and the constant of its index.
fn check(trace: &Trace, guard: ValueId) -> Option<(Key, i64)> {
    let inst = trace.inst(guard);
    if inst.op != Op::GuardTrue {
        return None;
    }
    let condition = trace.inst(inst.args[0]);
    if condition.op != Op::InBounds || trace.inst(condition.args[0]).op.is_const() {
        return None;
    }
    let (base, offset) = plus_constant(trace, condition.args[0]).unwrap_or((condition.args[0], 0));
    Some(((base, condition.args[1]), offset))
}

struct Walk {
    groups: Groups,
    ranges: Ranges,
}

impl Forward for Walk {
    fn visit(&mut self, trace: &mut Trace, value: ValueId, out: &mut Vec<ValueId>) -> Step {
        let step = self.guard(trace, value, out);
        if matches!(step, Step::Keep) {
            self.ranges.step(trace, value);
        }
        step
    }
}

impl Walk {
    fn guard(&mut self, trace: &mut Trace, guard: ValueId, out: &mut Vec<ValueId>) -> Step {
        let Some(&key) = self.groups.checks.get(&guard) else { return Step::Keep };
        let Some((_, offset)) = check(trace, guard) else { return Step::Keep };
        let Some(group) = self.groups.groups.get_mut(&key) else { return Step::Keep };
        let known_from = -i128::from(self.ranges.get(trace, key.0).lo);
        group.from = group.from.min(known_from);
        let wanted = match (group.from <= offset.into(), group.to >= offset.into()) {
            (true, true) => return Step::Remove,
            (true, false) => group.largest,
            (false, true) => group.smallest,
            (false, false) => offset,
        };
        group.from = group.from.min(wanted.into());
        group.to = group.to.max(wanted.into());
        if wanted != offset {
            let index = self.index(trace, guard, key.0, wanted, out);
            let condition = trace.define(plain(Op::InBounds, &[index, key.1]));
            out.push(condition);
            trace.insts[guard.index()].args[0] = condition;
        }
        Step::Keep
    }

    /// `base + offset`, checked like the guard.
    fn index(&self, trace: &mut Trace, guard: ValueId, base: ValueId, offset: i64, out: &mut Vec<ValueId>) -> ValueId {
        if offset == 0 {
            return base;
        }
        let args = [base, trace.const_int(offset)];
        let snapshot = trace.inst(guard).snapshot;
        let index = trace.define(Inst { snapshot, ..plain(Op::AddOvf, &args) });
        out.push(index);
        index
    }
}
