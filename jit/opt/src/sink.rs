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

use tjit_ir::{Op, Trace, ValueId};

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
        for value in trace.schedule() {
            for &arg in &trace.inst(value).args {
                needed[arg.index()] = true;
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
            .map(|(inst, needed)| {
                let is_box = matches!(inst.op, Op::BoxInt | Op::BoxFloat | Op::BoxBool);
                (is_box && !needed).then(|| inst.args[0])
            })
            .collect();
        map_snapshot_values(&mut trace, &mut |value| sunk[value.index()].unwrap_or(value));
        for list in [&mut trace.preheader, &mut trace.body] {
            list.retain(|value| sunk[value.index()].is_none());
        }
        trace
    }
}
