//! Dead code.
//!
//! An instruction whose value nobody mentions goes when it has no effect. So does checked arithmetic: its check is there
//! to make the result exact, and Python's ints have no overflow that a program could see. Operations that would raise
//! (division by zero, negative shifts, unbound names, `int(nan)`) stay. In a preheader checked arithmetic stays as well: its
//! check may be what makes unchecked arithmetic in the body right.

use tjit_ir::{Op, Trace, ValueId};

use crate::Pass;

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
        trace
    }
}

/// Whether an instruction stays; if so, what it mentions is live.
fn keep(trace: &Trace, value: ValueId, is_body: bool, live: &mut [bool]) -> bool {
    let inst = trace.inst(value);
    let removable = trace.effects(value).removable() || inst.op == Op::UnboxInt;
    if !live[value.index()] && (removable || is_body && only_checks_itself(inst.op)) {
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

/// Whether the operation leaves only because its own result would not fit in 64 bits.
fn only_checks_itself(op: Op) -> bool {
    matches!(op, Op::AddOvf | Op::SubOvf | Op::MulOvf | Op::NegOvf | Op::AbsOvf)
}
