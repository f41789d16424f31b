//! Boxes that only exits need.
//!
//! A boxed int, float or bool that nothing but snapshots mention is not made: the snapshots mention the unboxed value,
//! and the exit boxes it. (Boxes that are only unboxed again are dead after `fold`.)
//!
//! ```text
//!   %4 = box_float %3
//!   guard_true %5 -> s1         guard_true %5 -> s1
//!   s1 = [… locals(%4)]         s1 = [… locals(%3)]
//! ```

use tjit_ir::{Op, SnapshotId, Trace, ValueId};

use crate::Pass;
use crate::rewrite::map_snapshot_values;

/// The pass.
pub(crate) struct SinkPass;

impl Pass for SinkPass {
    fn name(&self) -> &'static str {
        "sink"
    }

    fn doc(&self) -> &'static str {
        "leaves the making of boxes that only exits need to the exits"
    }

    fn run(&self, mut trace: Trace) -> Trace {
        let mut needed = vec![false; trace.insts.len()];
        let mut uses = vec![0u32; trace.insts.len()];
        for value in trace.schedule() {
            let inst = trace.inst(value);
            // Nobody notices when a box of a number dies.
            if inst.op == Op::KeepAlive && is_box(trace.inst(inst.args[0]).op) {
                continue;
            }
            for &arg in &inst.args {
                needed[arg.index()] = true;
                uses[arg.index()] += 1;
            }
        }
        for &arg in trace.end_args() {
            needed[arg.index()] = true;
        }
        for frame in trace.snapshots.iter().flat_map(|snapshot| &snapshot.frames) {
            if let Some(function) = frame.function {
                needed[function.index()] = true;
            }
        }
        let sunk: Vec<Option<ValueId>> = trace
            .insts
            .iter()
            .zip(&needed)
            .map(|(inst, needed)| (is_box(inst.op) && !needed).then(|| inst.args[0]))
            .collect();
        let mut mentioned = vec![false; trace.insts.len()];
        for snapshot in 0..trace.snapshots.len() {
            for value in trace.snapshot_values(SnapshotId::from_index(snapshot)) {
                mentioned[value.index()] = true;
            }
        }
        for &arg in trace.end_args() {
            mentioned[arg.index()] = true;
        }
        // A float that is boxed only to be put into a list or an attribute.
        for value in trace.schedule().collect::<Vec<_>>() {
            let inst = trace.inst(value);
            let in_place = match inst.op {
                Op::ListSet => Some((2, Op::ListSetFloat)),
                Op::EntrySet => Some((1, Op::EntrySetFloat)),
                Op::SlotSet => Some((1, Op::SlotSetFloat)),
                _ => None,
            };
            if let Some((operand, op)) = in_place {
                let stored = inst.args[operand];
                let boxed = trace.inst(stored);
                if boxed.op == Op::BoxFloat && uses[stored.index()] == 1 && !mentioned[stored.index()] {
                    let float = boxed.args[0];
                    let inst = &mut trace.insts[value.index()];
                    inst.op = op;
                    inst.args[operand] = float;
                    needed[stored.index()] = false;
                }
            }
        }
        map_snapshot_values(&mut trace, &mut |value| sunk[value.index()].unwrap_or(value));
        let insts = &trace.insts;
        for list in [&mut trace.preheader, &mut trace.body] {
            list.retain(|value| {
                let inst = &insts[value.index()];
                let keeps_box = inst.op == Op::KeepAlive && is_box(insts[inst.args[0].index()].op);
                let unused_box = is_box(inst.op) && !needed[value.index()];
                !keeps_box && !unused_box
            });
        }
        trace
    }
}

fn is_box(op: Op) -> bool {
    matches!(op, Op::BoxInt | Op::BoxFloat | Op::BoxBool)
}
