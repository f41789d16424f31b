//! The collector of cycles, while compiled code runs.
//!
//! The VM asks at its own instructions whether a collection is due. Compiled code has none, so that what allocates lets it
//! leave at the next back edge ([`tjit_codegen::Context::leave_at_poll`]), and this module collects there. By itself the VM
//! collects the youngest generation only: what has survived that once is garbage until the end. So the older ones are
//! collected too: the middle one after as many collections of the youngest as the second threshold says, or twice as many as
//! before when hardly anything was found the last time; all when twice as much has survived as the last time.

use rustpython_vm::VirtualMachine;
use rustpython_vm::gc_state::gc_state;

use super::ENGINE;

/// Objects that have survived everything, at least, before all of them are looked at again.
const MANY: usize = 100_000;

/// Of so many objects that are looked at in the middle generation, one at least is garbage, or it is looked at less often.
const FEW: usize = 100;
/// So many times half as often, at most.
const MOST_PATIENT: u32 = 4;

/// What was done about the older generations.
#[derive(Default)]
pub(super) struct Collector {
    /// Collections of the youngest, by the VM too, when the middle one was last collected.
    young: usize,
    /// How many times the number of collections of the youngest that come before one of the middle generation is doubled.
    patience: u32,
    /// Objects that had survived everything when that was last collected.
    long_lived: usize,
}

impl Collector {
    /// The generation that is to be collected now, together with the younger ones. `None`: none is.
    fn next(&mut self, vm: &VirtualMachine) -> Option<usize> {
        let collector = &vm.state.gc;
        let (first, second, _) = collector.get_threshold();
        if first == 0 || !collector.is_enabled() {
            return None;
        }
        let (young, _, long_lived) = gc_state().get_count();
        let collections = collector.get_stats()[0].collections;
        if second == 0 || collections < self.young + ((second as usize) << self.patience) {
            return (young >= first as usize).then_some(0);
        }
        self.young = collections;
        Some(if long_lived > MANY && long_lived / 2 > self.long_lived { 2 } else { 1 })
    }
}

/// Collects what is due. Called where the interpreter could: finalisers run.
pub(super) fn collect(vm: &VirtualMachine) {
    let next = ENGINE.with(|engine| engine.try_borrow_mut().ok()?.as_mut()?.collector.next(vm));
    let Some(generation) = next else { return };
    let found = vm.state.gc.collect(generation);
    ENGINE.with(|engine| {
        let Ok(mut engine) = engine.try_borrow_mut() else { return };
        let Some(collector) = engine.as_mut().map(|engine| &mut engine.collector) else { return };
        if generation > 0 {
            let is_little = found.collected * FEW < found.candidates;
            collector.patience = if is_little { (collector.patience + 1).min(MOST_PATIENT) } else { 0 };
        }
        if generation == 2 {
            collector.long_lived = gc_state().get_count().2;
        }
    });
}
