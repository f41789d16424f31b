//! Guard strengthening: two bounds checks stand for any number on the same sequence.
//!
//! Indices that differ by constants are in bounds if the smallest is not negative and the largest is below the length.
//! So the first two checks of such a group become those of the smallest and of the largest index, and the others go; if
//! it is known that the smallest index is not negative, one check is enough. Where a check that was made later would have
//! failed, the trace now leaves earlier, and the interpreter comes to the same point.
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

/// The bounds checks of a group.
struct Group {
    smallest: i64,
    largest: i64,
    /// Checks that are still to come.
    left: usize,
    /// Which ends of the group have been checked.
    checked: (bool, bool),
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
            let new = Group { smallest: offset, largest: offset, left: 0, checked: (false, false) };
            let group = groups.entry(key).or_insert(new);
            group.smallest = group.smallest.min(offset);
            group.largest = group.largest.max(offset);
            group.left += 1;
            checks.insert(guard, key);
        }
        checks.retain(|_, key| groups[key].left > 1);
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
        group.left -= 1;
        let lowest = i128::from(self.ranges.get(trace, key.0).lo) + i128::from(group.smallest);
        group.checked.0 |= lowest >= 0;
        let wanted = match group.checked {
            (true, true) => return Step::Remove,
            (true, false) => group.largest,
            // If one check follows at most, there is nothing to win.
            (false, false) if group.left == 1 => return self.give_up(key),
            // The end that this check is at, else the smallest.
            (false, false) if offset == group.largest => offset,
            (false, _) => group.smallest,
        };
        group.checked.0 |= wanted == group.smallest;
        group.checked.1 |= wanted == group.largest;
        if wanted != offset {
            let index = self.index(trace, guard, key.0, wanted, out);
            let condition = trace.define(plain(Op::InBounds, &[index, key.1]));
            out.push(condition);
            trace.insts[guard.index()].args[0] = condition;
        }
        Step::Keep
    }

    /// Leaves the rest of a group as it is.
    fn give_up(&mut self, key: Key) -> Step {
        self.groups.checks.retain(|_, of| *of != key);
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
