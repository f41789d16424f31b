//! The collector of cycles, while compiled code runs.
//!
//! The VM asks at its own instructions whether a collection is due. Compiled code has none, so that what allocates lets it
//! leave at the next back edge ([`tjit_codegen::Context::leave_at_poll`]), and this module collects there. By itself the VM collects the
//! youngest generation only: what has survived that once is garbage until the end. So the older ones are collected as
//! CPython did it up to 3.13: the middle one after as many collections of the youngest as the second threshold says, all
//! when that has happened as often as the same number, and a quarter more has survived than the last time.

use rustpython_vm::VirtualMachine;
use rustpython_vm::gc_state::gc_state;

use super::ENGINE;

/// Of what has survived everything, the part that has to be new before everything is looked at again.
const PENDING_SHARE: usize = 4;

/// How often the generations were collected.
#[derive(Default)]
pub(super) struct Collector {
    young: u32,
    middle: u32,
    /// Objects that had survived everything when that was last collected.
    long_lived: usize,
}

impl Collector {
    /// The generation that is to be collected now, together with the younger ones. `None`: none is.
    pub(super) fn next(&mut self, vm: &VirtualMachine) -> Option<usize> {
        let collector = &vm.state.gc;
        let (first, second, _) = collector.get_threshold();
        let (young, _, long_lived) = gc_state().get_count();
        if first == 0 || young < first as usize || !collector.is_enabled() {
            return None;
        }
        self.young += 1;
        if second == 0 || self.young <= second {
            return Some(0);
        }
        self.young = 0;
        self.middle += 1;
        if self.middle <= second || long_lived < self.long_lived + self.long_lived / PENDING_SHARE {
            return Some(1);
        }
        self.middle = 0;
        Some(2)
    }
}

/// Collects what is due. Called where the interpreter could: finalisers run.
pub(super) fn collect(vm: &VirtualMachine) {
    let next = || ENGINE.with(|engine| engine.try_borrow_mut().ok()?.as_mut()?.collector.next(vm));
    let Some(generation) = next() else { return };
    vm.state.gc.collect(generation);
    if generation == 2 {
        ENGINE.with(|engine| {
            if let Ok(mut engine) = engine.try_borrow_mut()
                && let Some(engine) = engine.as_mut()
            {
                engine.collector.long_lived = gc_state().get_count().2;
            }
        });
    }
}
