//! Loop-invariant code: moves to the preheader what computes, or checks, the same in every iteration.
//!
//! An instruction moves when it is repeatable, its operands are invariant (constants, parameters handed on unchanged,
//! preheader values), and nothing in the body changes the memory that it reads. Guards move as well, even from behind
//! instructions with side effects: their condition will not change, and to leave at the loop's start instead is right.
//! What can leave needs a snapshot of the loop's start: the one of the `poll` that begins the body. Without a `poll`,
//! only what cannot leave moves.
//!
//! Operations that rely on an earlier guard move only if that guard did:
//!
//! * unboxing and sequence operations, when the class of the operand is known in the preheader;
//! * `list_get` and `tuple_get`, when the index is proved to be in bounds there;
//! * unchecked arithmetic, when the preheader proves that it is defined;
//! * helpers that take references, when each one's class is known. A helper that may raise stays: it must raise in its
//!   own place.
//!
//! ```text
//! body:                            preheader:
//!   poll -> s0                       guard_class %1, class0 -> s0
//!   guard_class %1, class0 -> s1     %4 = list_len %1
//!   %4 = list_len %1             ──► body:
//!   %5 = in_bounds %2, %4            poll -> s0
//!   guard_true %5 -> s1              %5 = in_bounds %2, %4
//!                                    guard_true %5 -> s1
//! ```

use rustc_hash::FxHashSet;
use tjit_ir::{Effects, Imm, Inst, Op, SnapshotId, Trace, Ty, ValueId};

use crate::Pass;
use crate::memory::{Location, Memory};
use crate::ranges::Ranges;
use crate::rewrite::entry_snapshot;

/// The pass.
pub(crate) struct LicmPass;

impl Pass for LicmPass {
    fn name(&self) -> &'static str {
        "licm"
    }

    fn doc(&self) -> &'static str {
        "moves loop-invariant code, guards included, to the preheader"
    }

    fn run(&self, mut trace: Trace) -> Trace {
        if !matches!(trace.end, tjit_ir::End::Loop(_)) {
            return trace;
        }
        let mut hoist = Hoist::new(&trace);
        for value in std::mem::take(&mut trace.body) {
            if hoist.may_move(&trace, value) {
                if trace.inst(value).snapshot.is_some() {
                    trace.insts[value.index()].snapshot = hoist.entry;
                }
                hoist.note(&trace, value);
                trace.preheader.push(value);
            } else {
                trace.body.push(value);
            }
        }
        trace
    }
}

struct Hoist {
    /// Where hoisted guards leave to.
    entry: Option<SnapshotId>,
    invariant: FxHashSet<ValueId>,
    /// References whose class is known in the preheader.
    classed: FxHashSet<ValueId>,
    /// Conditions that hold in the preheader.
    holds: FxHashSet<ValueId>,
    /// What is known of ints in the preheader.
    ranges: Ranges,
    /// The body's instructions that write memory or run Python code.
    writers: Vec<ValueId>,
    /// The body runs Python code, so that classes other than leaves can change.
    opaque: bool,
}

impl Hoist {
    fn new(trace: &Trace) -> Hoist {
        let writers: Vec<ValueId> = trace
            .body
            .iter()
            .copied()
            .filter(|&value| {
                let Effects { writes, opaque, .. } = trace.effects(value);
                opaque || !writes.is_empty()
            })
            .collect();
        let mut hoist = Hoist {
            entry: entry_snapshot(trace),
            invariant: trace.params.iter().copied().filter(|&param| trace.is_invariant_param(param)).collect(),
            classed: FxHashSet::default(),
            holds: FxHashSet::default(),
            ranges: Ranges::new(),
            opaque: writers.iter().any(|&value| trace.effects(value).opaque),
            writers,
        };
        for (&param, class) in trace.params.iter().zip(&trace.param_classes) {
            if class.is_some_and(|class| hoist.class_stays(trace, class)) {
                hoist.classed.insert(param);
            }
        }
        for &value in &trace.preheader {
            hoist.note(trace, value);
        }
        hoist
    }

    fn class_stays(&self, trace: &Trace, class: tjit_ir::ClassId) -> bool {
        !self.opaque || trace.pool.classes[class.index()].leaf
    }

    fn is_invariant(&self, trace: &Trace, value: ValueId) -> bool {
        self.invariant.contains(&value) || trace.inst(value).op.is_const()
    }

    /// Takes note of an instruction that is now the preheader's last.
    fn note(&mut self, trace: &Trace, value: ValueId) {
        let inst = trace.inst(value);
        self.invariant.insert(value);
        match (inst.op, inst.imm) {
            (Op::GuardClass, Imm::Class(_)) => drop(self.classed.insert(inst.args[0])),
            (Op::GuardTrue, _) => drop(self.holds.insert(inst.args[0])),
            _ => {}
        }
        self.ranges.step(trace, value);
    }

    fn may_move(&self, trace: &Trace, value: ValueId) -> bool {
        let inst = trace.inst(value);
        let effects = trace.inst_effects(inst);
        effects.repeatable()
            && !matches!(inst.op, Op::Poll | Op::Leave)
            && (!effects.exits || self.entry.is_some())
            && inst.args.iter().all(|&arg| self.is_invariant(trace, arg))
            && self.is_unchanged(trace, inst)
            && self.is_safe(trace, inst)
    }

    /// Whether no instruction of the body changes what this one loads.
    fn is_unchanged(&self, trace: &Trace, inst: &Inst) -> bool {
        match Location::read_by(trace, inst) {
            None => true,
            Some(location) => self.writers.iter().all(|&writer| !Memory::changes(trace, trace.inst(writer), &location)),
        }
    }

    /// Whether what the operation relies on is established in the preheader.
    fn is_safe(&self, trace: &Trace, inst: &Inst) -> bool {
        let class_known = |index: usize| self.classed.contains(&inst.args[index]);
        match (inst.op, inst.imm) {
            (Op::UnboxInt | Op::UnboxFloat | Op::UnboxBool | Op::ListLen | Op::TupleLen, _) => class_known(0),
            (Op::ListGet | Op::TupleGet, _) => class_known(0) && self.is_in_bounds(trace, inst),
            (Op::CellGet, _) => {
                let cell = trace.inst(inst.args[0]).op;
                cell.is_const() || cell.is_param() || class_known(0)
            }
            (
                Op::Add
                | Op::Sub
                | Op::Mul
                | Op::Neg
                | Op::Abs
                | Op::Shl
                | Op::Shr
                | Op::FloorDiv
                | Op::Mod
                | Op::InBounds,
                _,
            ) => self.ranges.is_defined(trace, inst),
            (Op::GuardClass, Imm::Class(class)) => self.class_stays(trace, class),
            (Op::Call, _) => {
                !trace.inst_effects(inst).exits
                    && inst.args.iter().all(|&arg| {
                        trace.ty(arg) != Ty::Ref || trace.inst(arg).op.is_const() || self.classed.contains(&arg)
                    })
            }
            _ => true,
        }
    }

    /// Whether the preheader proves that an element is there.
    fn is_in_bounds(&self, trace: &Trace, get: &Inst) -> bool {
        let (sequence, index) = (get.args[0], get.args[1]);
        let len_op = if get.op == Op::ListGet { Op::ListLen } else { Op::TupleLen };
        trace.preheader.iter().any(|&len| {
            let inst = trace.inst(len);
            inst.op == len_op && inst.args[0] == sequence && self.ranges.in_bounds(trace, index, len)
        }) || self.holds.iter().any(|&condition| {
            let inst = trace.inst(condition);
            let of_length = || {
                let len = trace.inst(inst.args[1]);
                len.op == len_op && len.args[0] == sequence
            };
            inst.op == Op::InBounds && inst.args[0] == index && of_length()
        })
    }
}
