//! How control flows through a code object, as far as the recorder asks: where paths meet, and whether they part again.
//!
//! Only forward edges count: what comes after a jump back is another iteration, which ends a trace at its header. Edges to
//! exception handlers do not count; the ends of handlers do, which jump back to where the others go on.

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_compiler_core::bytecode::Opcode;

use crate::decode::Op;

/// Where paths meet and part.
#[derive(Debug, Default)]
pub struct Flow {
    /// First units of the instructions that more than one other leads to.
    joins: FxHashSet<u32>,
    /// First units of the instructions from which a conditional jump can be reached, that instruction included.
    parting: FxHashSet<u32>,
    /// In how many places the function is left.
    returns: usize,
    /// Instructions that go one of two ways.
    branches: usize,
}

/// Whether an instruction goes one of two ways.
fn is_conditional(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::PopJumpIfFalse
            | Opcode::PopJumpIfTrue
            | Opcode::PopJumpIfNone
            | Opcode::PopJumpIfNotNone
            | Opcode::ForIter
            | Opcode::Send
    )
}

fn falls_through(opcode: Opcode) -> bool {
    !matches!(
        opcode,
        Opcode::JumpForward
            | Opcode::JumpBackward
            | Opcode::JumpBackwardNoInterrupt
            | Opcode::ReturnValue
            | Opcode::RaiseVarargs
            | Opcode::Reraise
    )
}

/// Where an instruction leads to, exceptions aside.
pub fn successors(op: Op) -> impl Iterator<Item = u32> {
    let forward = is_conditional(op.opcode) || op.opcode == Opcode::JumpForward;
    let backward = matches!(op.opcode, Opcode::JumpBackward | Opcode::JumpBackwardNoInterrupt);
    let jump = if forward { Some(op.end + op.arg) } else { backward.then(|| op.end - op.arg) };
    falls_through(op.opcode).then_some(op.end).into_iter().chain(jump)
}

impl Flow {
    /// The flow between a code object's instructions, which come in order and without those of sites. `behind` takes the
    /// first unit of a site to the one after it, and others to themselves.
    pub fn of<'a>(ops: impl DoubleEndedIterator<Item = &'a Op> + Clone, behind: impl Fn(u32) -> u32) -> Flow {
        let mut flow = Flow::default();
        let mut edges: FxHashMap<u32, usize> = FxHashMap::default();
        let sends: FxHashSet<u32> = ops.clone().filter(|op| op.opcode == Opcode::Send).map(|op| op.start).collect();
        for op in ops.clone() {
            if falls_through(op.opcode) {
                *edges.entry(behind(op.end)).or_default() += 1;
            }
            if op.opcode == Opcode::JumpBackwardNoInterrupt && !sends.contains(&(op.end - op.arg)) {
                *edges.entry(behind(op.end - op.arg)).or_default() += 1;
            }
            if is_conditional(op.opcode) || op.opcode == Opcode::JumpForward {
                *edges.entry(behind(op.end + op.arg)).or_default() += 1;
            }
            flow.returns += usize::from(op.opcode == Opcode::ReturnValue);
            flow.branches += usize::from(is_conditional(op.opcode));
        }
        flow.joins = edges.into_iter().filter(|&(_, count)| count > 1).map(|(unit, _)| unit).collect();
        for op in ops.rev() {
            let jumps = is_conditional(op.opcode);
            let on = falls_through(op.opcode) && flow.parting.contains(&behind(op.end))
                || op.opcode == Opcode::JumpForward && flow.parting.contains(&behind(op.end + op.arg));
            if jumps || on {
                flow.parting.insert(op.start);
            }
        }
        flow
    }

    /// Whether paths meet before the instruction that begins at a unit.
    pub fn is_join(&self, unit: u32) -> bool {
        self.joins.contains(&unit)
    }

    /// Whether paths part at or after the instruction that begins at a unit, in this iteration of its innermost loop.
    pub fn parts_after(&self, unit: u32) -> bool {
        self.parting.contains(&unit)
    }

    /// How many instructions go one of two ways.
    pub fn branches(&self) -> usize {
        self.branches
    }

    /// Whether the function returns in more than one place.
    pub fn has_several_returns(&self) -> bool {
        self.returns > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Instructions of one unit each; a jump's argument counts from its end.
    fn flow(code: &[(Opcode, u32)]) -> Flow {
        let ops: Vec<Op> = code
            .iter()
            .enumerate()
            .map(|(n, &(opcode, arg))| Op { opcode, arg, start: n as u32, unit: n as u32, end: n as u32 + 1 })
            .collect();
        Flow::of(ops.iter(), |unit| unit)
    }

    #[test]
    fn an_if_joins_behind_its_arms() {
        use Opcode::*;
        // if …: a  else: b; c
        let flow = flow(&[(PopJumpIfFalse, 2), (Nop, 0), (JumpForward, 1), (Nop, 0), (Nop, 0), (ReturnValue, 0)]);
        assert_eq!((0..6).filter(|&unit| flow.is_join(unit)).collect::<Vec<_>>(), [4]);
        assert!(flow.parts_after(0) && !flow.parts_after(1) && !flow.parts_after(4));
        assert!(!flow.has_several_returns());
    }

    #[test]
    fn paths_that_part_later_are_seen_through_jumps() {
        use Opcode::*;
        let flow = flow(&[(JumpForward, 1), (ReturnValue, 0), (Nop, 0), (PopJumpIfTrue, 0), (ReturnValue, 0)]);
        assert!(flow.parts_after(0) && flow.parts_after(2) && !flow.parts_after(4));
        assert!(flow.has_several_returns());
    }
}
