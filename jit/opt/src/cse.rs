//! Common subexpressions, loads included.
//!
//! An instruction that computes what an earlier one did is replaced by it. A checked operation that comes again cannot
//! fail again, and an unchecked one gives what the checked one gave, so both share one entry. A load is replaced by an
//! earlier load of the same location, or by what was stored there, if nothing between may have changed it; a store of
//! what the location holds already goes.
//!
//! Merging may let a borrowed reference live across an operation that releases; the ownership pass then counts it.
//!
//! ```text
//!   list_set %1, %2, %3        list_set %1, %2, %3
//!   %5 = list_get %1, %2       guard_class %3, class0
//!   guard_class %5, class0
//! ```

use rustc_hash::FxHashMap;
use tjit_ir::{Args, Imm, Op, Trace, ValueId};

use crate::Pass;
use crate::fold::unchecked;
use crate::memory::{Location, Memory};
use crate::rewrite::{Forward, Step, forward};

/// The pass.
pub(crate) struct CsePass;

impl Pass for CsePass {
    fn name(&self) -> &'static str {
        "cse"
    }

    fn doc(&self) -> &'static str {
        "common subexpressions, load and store forwarding"
    }

    fn run(&self, trace: Trace) -> Trace {
        forward(trace, &mut Walk::default())
    }
}

#[derive(Default)]
struct Walk {
    values: FxHashMap<(Op, Args, Imm), ValueId>,
    memory: Memory,
}

impl Forward for Walk {
    fn enter_body(&mut self, trace: &Trace) {
        // What the preheader loaded is only known in every iteration if no iteration changes it.
        for &value in &trace.body {
            self.memory.clobber(trace, trace.inst(value));
        }
    }

    fn visit(&mut self, trace: &mut Trace, value: ValueId, _out: &mut Vec<ValueId>) -> Step {
        let inst = trace.inst(value);
        let effects = trace.inst_effects(inst);
        if let Some(location) = Location::read_by(trace, inst) {
            if let Some(known) = self.memory.get(&location) {
                return Step::Replace(known);
            }
            self.memory.set(location, value);
            return Step::Keep;
        }
        if let Some((location, stored)) = Location::stored_by(inst) {
            if self.memory.get(&location) == Some(stored) {
                return Step::Remove;
            }
            self.memory.clobber(trace, inst);
            self.memory.set(location, stored);
            return Step::Keep;
        }
        // Classes of objects can change in opaque calls; the guards pass knows which.
        if !effects.repeatable() || matches!(inst.op, Op::Poll | Op::Leave | Op::GuardClass) {
            self.memory.clobber(trace, inst);
            return Step::Keep;
        }
        let mut args = inst.args.clone();
        if is_commutative(inst.op) {
            args.sort_unstable();
        }
        let known = *self.values.entry((unchecked(inst.op), args, inst.imm)).or_insert(value);
        if known == value {
            Step::Keep
        } else if inst.op.info().result == tjit_ir::Ty::Unit && inst.op != Op::Call {
            Step::Remove
        } else {
            Step::Replace(known)
        }
    }
}

/// Whether the operands may be exchanged. Floats are left out: of two nans, the first one's payload comes out.
fn is_commutative(op: Op) -> bool {
    matches!(
        unchecked(op),
        Op::Add
            | Op::Mul
            | Op::And
            | Op::Or
            | Op::Xor
            | Op::MinInt
            | Op::MaxInt
            | Op::EqInt
            | Op::NeInt
            | Op::EqFloat
            | Op::NeFloat
            | Op::AndBool
            | Op::OrBool
            | Op::XorBool
            | Op::SameRef
    )
}
