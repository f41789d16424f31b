//! Locals that are bound on some of the paths that meet at a join, and unbound on others.
//!
//! A function's variables become bound one after the other, and loops meet their headers with each combination of those that
//! are: code for each would be one more explosion. So such a local travels as a reference that may be the object
//! [`nothing`](crate::objects::Objects::nothing). That is tested where the local is read; exits write an unbound local for it.

use rustc_hash::FxHashSet;
use tjit_ir::{Ty, ValueId};

use super::sym::Sym;
use super::{Recorder, Res};
use crate::state::SlotState;

/// The values of a recording that may be no object.
#[derive(Default)]
pub struct Unsure {
    /// All of them: what bridges have to know.
    pub values: FxHashSet<ValueId>,
    /// Those of which the recording has tested that they are objects.
    bound: FxHashSet<ValueId>,
}

impl Recorder {
    /// Whether what a slot holds may be no object.
    pub(super) fn is_unsure(&self, sym: Sym) -> bool {
        matches!(sym, Sym::Val(value) if self.unsure.values.contains(&value) && !self.unsure.bound.contains(&value))
    }

    /// Guards that a local of a frame is bound, or that it is not: as it is now. The current snapshot is that of an instruction
    /// which has not changed anything yet.
    pub(super) fn settle_local(&mut self, frame: usize, index: usize) -> Res {
        let Some(&sym) = self.frames[frame].locals.get(index) else { return Ok(()) };
        let (true, Sym::Val(value)) = (self.is_unsure(sym), sym) else { return Ok(()) };
        let nothing = self.world.objects.nothing.clone();
        if self.frames[frame].frame.local(index).is_some() {
            let constant = self.constant(&nothing);
            self.guard_is_not(value, constant);
            self.unsure.bound.insert(value);
        } else {
            self.guard_is(value, &nothing);
            self.frames[frame].locals[index] = Sym::Empty;
            self.give_up(sym)?;
        }
        Ok(())
    }

    /// Settles all locals of a frame that are unsure.
    pub(super) fn settle_locals(&mut self, frame: usize) -> Res {
        (0..self.frames[frame].locals.len()).try_for_each(|index| self.settle_local(frame, index))
    }
}

impl SlotState {
    /// The state of a local that arrives at a join in different forms: `others` are those in which it has arrived before.
    /// It is unsure when it is bound in one of them only. That costs nothing for objects; numbers have to be boxed for it,
    /// which is done when there are `many` forms already.
    pub(super) fn among<'a>(&'a self, others: impl Iterator<Item = &'a SlotState>, many: bool) -> SlotState {
        let is_bound = |slot: &SlotState| slot.ty().is_some();
        let (mut differs, mut has_number) = (false, false);
        for slot in others.chain([self]) {
            if !is_bound(slot) && *slot != SlotState::Empty {
                return self.clone();
            }
            differs |= is_bound(slot) != is_bound(self) || *slot == SlotState::Unsure;
            has_number |= slot.ty().is_some_and(|ty| ty != Ty::Ref);
        }
        if differs && (many || !has_number) { SlotState::Unsure } else { self.clone() }
    }
}
