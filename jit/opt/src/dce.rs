//! Dead code.
//!
//! An instruction whose value nobody mentions goes when it has no effect. So does checked arithmetic: its check is there
//! to make the result exact, and Python's ints have no overflow that a program could see. Operations that would raise
//! (division by zero, negative shifts, unbound names, `int(nan)`) stay. In a preheader checked arithmetic stays as well: its
//! check may be what makes unchecked arithmetic in the body right, and so does what a `rely` mentions.

use tjit_ir::{Inst, Op, Slot, Snapshot, SnapshotId, Trace, ValueId, Virtual, VirtualId};

use crate::Pass;
use crate::rewrite::map_slots;

/// The pass.
pub(crate) struct DcePass;

impl Pass for DcePass {
    fn name(&self) -> &'static str {
        "dce"
    }

    fn doc(&self) -> &'static str {
        "removes what nobody uses"
    }

    fn run(&self, mut trace: Trace) -> Trace {
        let mut live = vec![false; trace.insts.len()];
        for &arg in trace.end_args() {
            live[arg.index()] = true;
        }
        let mut body = std::mem::take(&mut trace.body);
        let mut preheader = std::mem::take(&mut trace.preheader);
        for (list, is_body) in [(&mut body, true), (&mut preheader, false)] {
            list.reverse();
            list.retain(|&value| keep(&trace, value, is_body, &mut live));
            list.reverse();
        }
        trace.body = body;
        trace.preheader = preheader;
        drop_unused_snapshots(&mut trace);
        trace
    }
}

/// Whether an instruction stays; if so, what it mentions is live.
fn keep(trace: &Trace, value: ValueId, is_body: bool, live: &mut [bool]) -> bool {
    let inst = trace.inst(value);
    let removable = trace.effects(value).removable() || inst.op == Op::UnboxInt;
    if !live[value.index()] && (removable || is_body && only_checks_itself(trace, inst)) {
        return false;
    }
    for &arg in &inst.args {
        live[arg.index()] = true;
    }
    if let Some(snapshot) = inst.snapshot {
        for mentioned in trace.snapshot_values(snapshot) {
            live[mentioned.index()] = true;
        }
    }
    true
}

/// Whether the instruction leaves only because its own result would not fit in 64 bits.
fn only_checks_itself(trace: &Trace, inst: &Inst) -> bool {
    match inst.op {
        Op::AddOvf | Op::SubOvf | Op::MulOvf | Op::NegOvf | Op::AbsOvf => true,
        Op::ShlOvf => trace.as_int(inst.args[1]).is_some_and(|amount| (0..64).contains(&amount)),
        _ => false,
    }
}

/// Drops the snapshots of instructions that are gone, and the virtual objects that only those mentioned. The others are
/// numbered anew, in the same order.
fn drop_unused_snapshots(trace: &mut Trace) {
    let mut used = vec![false; trace.snapshots.len()];
    for value in trace.preheader.iter().chain(&trace.body) {
        if let Some(snapshot) = trace.inst(*value).snapshot {
            used[snapshot.index()] = true;
        }
    }
    let numbers = renumber(&mut trace.snapshots, &used);
    for inst in &mut trace.insts {
        // A dead instruction keeps none.
        inst.snapshot = inst.snapshot.and_then(|old| numbers[old.index()]).map(SnapshotId::from_index);
    }

    let mut used = vec![false; trace.virtuals.len()];
    for slot in trace.snapshots.iter().flat_map(Snapshot::slots) {
        if let Slot::Virtual(object) = slot {
            used[object.index()] = true;
        }
    }
    // Fields name virtual objects of lower numbers only.
    for index in (0..used.len()).rev().filter(|&index| used[index]).collect::<Vec<_>>() {
        mark_fields(&trace.virtuals, index, &mut used);
    }
    let numbers = renumber(&mut trace.virtuals, &used);
    map_slots(trace, &mut |slot| {
        if let Slot::Virtual(object) = slot
            && let Some(number) = numbers[object.index()]
        {
            *object = VirtualId::from_index(number);
        }
    });
}

fn mark_fields(virtuals: &[Virtual], object: usize, used: &mut [bool]) {
    for &field in &virtuals[object].fields {
        if let Slot::Virtual(inner) = field
            && !std::mem::replace(&mut used[inner.index()], true)
        {
            mark_fields(virtuals, inner.index(), used);
        }
    }
}

/// Keeps what is used of a table; yields the new numbers.
fn renumber<T>(table: &mut Vec<T>, used: &[bool]) -> Vec<Option<usize>> {
    let mut next = 0;
    let numbers: Vec<Option<usize>> = used
        .iter()
        .map(|&used| {
            next += usize::from(used);
            used.then(|| next - 1)
        })
        .collect();
    let mut index = 0;
    table.retain(|_| {
        index += 1;
        used[index - 1]
    });
    numbers
}
