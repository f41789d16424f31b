//! What most passes share: walking a trace forward once, replacing values as they go.
//!
//! A pass that walks forward sees every instruction with its operands already replaced, decides about it with a [`Step`],
//! and may emit further instructions before it. Snapshots, virtual objects and the end are rewritten when the walk is
//! over: a replacement is an equal value that was there before, so it is right wherever the replaced one was.

use smallvec::SmallVec;
use tjit_ir::{End, Imm, Inst, Op, Slot, SnapshotId, Trace, ValueId};

/// What a forward pass decided about an instruction.
pub(crate) enum Step {
    /// It stays, perhaps changed in place.
    Keep,
    /// Its value is that of another one, so it goes.
    Replace(ValueId),
    /// It is not needed: a guard that always holds, or a store that changes nothing.
    Remove,
    /// It always leaves: the trace ends here.
    Leave,
}

/// A pass that walks forward once.
pub(crate) trait Forward {
    /// Called between the preheader and the body.
    fn enter_body(&mut self, _trace: &Trace) {}

    /// Decides about an instruction, whose operands are already replaced. Instructions pushed to `out` (and defined in
    /// the trace) come before it.
    fn visit(&mut self, trace: &mut Trace, value: ValueId, out: &mut Vec<ValueId>) -> Step;
}

/// Walks the trace with a pass.
pub(crate) fn forward(mut trace: Trace, pass: &mut impl Forward) -> Trace {
    let mut replaced = Replacements::default();
    let preheader = std::mem::take(&mut trace.preheader);
    let body = std::mem::take(&mut trace.body);
    let (preheader, left) = walk(&mut trace, preheader, pass, &mut replaced);
    if left {
        trace.body = preheader;
        trace.end = End::Leave;
    } else {
        trace.preheader = preheader;
        pass.enter_body(&trace);
        let (mut body, left) = walk(&mut trace, body, pass, &mut replaced);
        if left {
            // What is no loop any more has no preheader.
            body.splice(0..0, std::mem::take(&mut trace.preheader));
            trace.end = End::Leave;
        }
        trace.body = body;
    }
    replaced.apply(&mut trace);
    trace
}

fn walk(
    trace: &mut Trace,
    list: Vec<ValueId>,
    pass: &mut impl Forward,
    replaced: &mut Replacements,
) -> (Vec<ValueId>, bool) {
    let mut out = Vec::with_capacity(list.len());
    for value in list {
        for arg in &mut trace.insts[value.index()].args {
            *arg = replaced.get(*arg);
        }
        match pass.visit(trace, value, &mut out) {
            Step::Keep => out.push(value),
            Step::Replace(by) => replaced.set(value, replaced.get(by)),
            Step::Remove => {}
            Step::Leave => {
                // The old instruction stays in the table: snapshots that nothing uses any more may mention it.
                let snapshot = trace.inst(value).snapshot;
                out.push(trace.define(Inst { snapshot, ..plain(Op::Leave, &[]) }));
                return (out, true);
            }
        }
    }
    (out, false)
}

/// Which value stands for which, by index of the replaced one.
#[derive(Default)]
pub(crate) struct Replacements {
    by: Vec<Option<ValueId>>,
}

impl Replacements {
    /// The value that stands for `value`, which may be itself.
    pub(crate) fn get(&self, mut value: ValueId) -> ValueId {
        while let Some(&Some(by)) = self.by.get(value.index()) {
            value = by;
        }
        value
    }

    /// Lets `by`, which must not be replaced itself, stand for `value`.
    pub(crate) fn set(&mut self, value: ValueId, by: ValueId) {
        if self.by.len() <= value.index() {
            self.by.resize(value.index() + 1, None);
        }
        self.by[value.index()] = Some(by);
    }

    /// Rewrites every mention outside the instructions' operands.
    fn apply(&self, trace: &mut Trace) {
        if self.by.is_empty() {
            return;
        }
        let mut rewrite = |value: ValueId| self.get(value);
        map_snapshot_values(trace, &mut rewrite);
        match &mut trace.end {
            End::Loop(args) | End::Jump(_, args) => args.iter_mut().for_each(|arg| *arg = self.get(*arg)),
            End::Return(value) => *value = self.get(*value),
            End::Leave => {}
        }
    }
}

/// Rewrites every value that a snapshot or virtual object mentions.
pub(crate) fn map_snapshot_values(trace: &mut Trace, rewrite: &mut impl FnMut(ValueId) -> ValueId) {
    for frame in trace.snapshots.iter_mut().flat_map(|snapshot| &mut snapshot.frames) {
        if let Some(function) = &mut frame.function {
            *function = rewrite(*function);
        }
    }
    map_slots(trace, &mut |slot| {
        if let Slot::Value(value) = slot {
            *value = rewrite(*value);
        }
    });
}

/// Rewrites every slot of snapshots and virtual objects.
pub(crate) fn map_slots(trace: &mut Trace, rewrite: &mut impl FnMut(&mut Slot)) {
    for frame in trace.snapshots.iter_mut().flat_map(|snapshot| &mut snapshot.frames) {
        frame.locals.iter_mut().for_each(&mut *rewrite);
        frame.stack.iter_mut().for_each(&mut *rewrite);
        frame.names.iter_mut().for_each(|(_, slot)| rewrite(slot));
    }
    for object in &mut trace.virtuals {
        object.fields.iter_mut().for_each(&mut *rewrite);
    }
}

/// An instruction without immediate and snapshot.
pub(crate) fn plain(op: Op, args: &[ValueId]) -> Inst {
    Inst { op, args: SmallVec::from_slice(args), imm: Imm::None, snapshot: None }
}

/// Changes an instruction's operation and operands in place; the snapshot stays when the new one can leave.
pub(crate) fn become_op(trace: &mut Trace, value: ValueId, op: Op, args: &[ValueId]) {
    let inst = &mut trace.insts[value.index()];
    inst.op = op;
    inst.args = SmallVec::from_slice(args);
    if !op.info().effects.exits {
        inst.snapshot = None;
    }
}

/// The snapshot that describes the state at a loop's start, with the current parameters: that of the `poll` with which
/// the recorder begins a loop's body. None when the trace is no loop or begins otherwise; then nothing that can leave
/// may be put into the preheader.
pub(crate) fn entry_snapshot(trace: &Trace) -> Option<SnapshotId> {
    let first = trace.inst(*trace.body.first()?);
    let snapshot = first.snapshot.filter(|_| matches!(trace.end, End::Loop(_)) && first.op == Op::Poll)?;
    let known_at_entry = |value: &ValueId| {
        let op = trace.inst(*value).op;
        op.is_param() || op.is_const()
    };
    trace.snapshot_values(snapshot).iter().all(known_at_entry).then_some(snapshot)
}
