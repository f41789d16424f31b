//! The collector of cycles, while compiled code runs.
//!
//! The VM asks at its own instructions whether a collection is due. Compiled code has none, so that what allocates lets it
//! leave at the next back edge ([`tjit_codegen::Context::leave_at_poll`]), and this module collects there. By itself the VM
//! collects the youngest generation only: what has survived that once is garbage until the end. So the older ones are
//! collected too: the middle one when as many objects are in it as the two thresholds say together, or twice as many as before
//! when hardly anything was found the last time; all when twice as much has survived as the last time.
//!
//! Whether there is garbage at all among the younger ones, [`tjit_vm::garbage`] looks at first: mostly there is none, or such
//! as dies silently.

use rustpython_vm::gc_state::{GcDebugFlags, gc_state};
use rustpython_vm::{PyObjectRef, VirtualMachine};
use tjit_vm::garbage::{Survey, take_to_pieces};
use tjit_vm::layout::GenerationsLayout;

use super::{ENGINE, must_leave};

/// Objects that have survived everything, at least, before all of them are looked at again.
const MANY: usize = 100_000;

/// Of so many objects that are looked at in the middle generation, one at least is garbage, or it is looked at less often.
const FEW: usize = 100;
/// Objects in the middle generation, at most, before it is looked at again, unless many more have survived everything.
const MOST: usize = 400_000;

/// What was done about the older generations.
pub(super) struct Collector {
    layout: GenerationsLayout,
    /// Objects in the middle generation, at least, before it is looked at again; 0: as many as the thresholds say.
    limit: usize,
    /// Objects that had survived everything when that was last collected.
    long_lived: usize,
    survey: Survey,
    /// Collections that go by without asking whether there is garbage, for as many as were the last time: there was.
    unasked: u32,
    passed_by: u32,
}

/// Collections, at most, that go by without asking whether there is garbage.
const UNASKED: u32 = 16;

/// Whether so many objects are to be collected at this threshold: a little before the VM has its own collector scheduled,
/// which clears the VM's table of attributes each time.
pub(crate) fn is_due(objects: usize, threshold: u32) -> bool {
    objects >= (threshold - threshold / 8) as usize
}

impl Collector {
    /// Nothing was collected yet.
    pub(super) fn new(layout: GenerationsLayout) -> Self {
        Collector { layout, limit: 0, long_lived: 0, survey: Survey::default(), unasked: 0, passed_by: 0 }
    }

    /// The generation that is to be collected now, together with the younger ones. `None`: none is.
    fn next(&self, vm: &VirtualMachine) -> Option<usize> {
        let collector = &vm.state.gc;
        let (first, second, _) = collector.get_threshold();
        let (young, middle, long_lived) = gc_state().get_count();
        if first == 0 || !collector.is_enabled() || !is_due(young, first) {
            return None;
        }
        if second == 0 || middle < self.limit.max(first as usize * second as usize) {
            return Some(0);
        }
        Some(if long_lived > MANY && long_lived / 2 > self.long_lived { 2 } else { 1 })
    }

    /// The objects of the generations up to this one are in the next one, if those that are garbage die silently. Says how many
    /// objects there were, and gives the garbage.
    fn promote(&mut self, generation: usize, vm: &VirtualMachine) -> Option<(usize, Vec<PyObjectRef>)> {
        if generation == 2 || must_leave(vm) || vm.state.gc.get_debug() != GcDebugFlags::empty() {
            return None;
        }
        if self.passed_by < self.unasked {
            self.passed_by += 1;
            return None;
        }
        self.passed_by = 0;
        let layout = &self.layout;
        // SAFETY: this is the only thread that runs Python code, and it is between two instructions.
        let promoted = unsafe { self.survey.promote(generation, layout, vm) };
        self.unasked = if promoted.is_some() { 0 } else { (2 * self.unasked).clamp(1, UNASKED) };
        promoted
    }

    /// A generation was collected: how many of how many objects were garbage.
    fn note(&mut self, generation: usize, garbage: usize, of: usize) {
        let (_, _, long_lived) = gc_state().get_count();
        if generation > 0 {
            let is_little = garbage * FEW < of;
            self.limit = if is_little { (2 * of).min(MOST.max(long_lived / 2)) } else { 0 };
        }
        if generation == 2 {
            self.long_lived = long_lived;
        }
    }
}

/// Collects what is due. Called where the interpreter could: finalisers run.
pub(super) fn collect(vm: &VirtualMachine) {
    let mut garbage = Vec::new();
    let due = ENGINE.with(|engine| {
        let mut engine = engine.try_borrow_mut().ok()?;
        let collector = &mut engine.as_mut()?.collector;
        let generation = collector.next(vm)?;
        match collector.promote(generation, vm) {
            Some((objects, found)) => {
                collector.note(generation, found.len(), objects);
                garbage = found;
                None
            }
            None => Some(generation),
        }
    });
    if !garbage.is_empty() {
        // SAFETY: it was found to be referred to by nothing but itself, and nothing has run since.
        unsafe { take_to_pieces(garbage) };
    }
    let Some(generation) = due else { return };
    let found = vm.state.gc.collect(generation);
    ENGINE.with(|engine| {
        let Ok(mut engine) = engine.try_borrow_mut() else { return };
        let Some(engine) = engine.as_mut() else { return };
        engine.collector.note(generation, found.collected, found.candidates);
    });
}
