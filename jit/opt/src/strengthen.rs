//! Guard strengthening.
use tjit_ir::Trace;

use crate::Pass;

/// The pass.
pub(crate) struct StrengthenPass;

impl Pass for StrengthenPass {
    fn name(&self) -> &'static str {
        "strengthen"
    }

    fn doc(&self) -> &'static str {
        "lets one strong guard stand for several weaker ones"
    }

    fn run(&self, trace: Trace) -> Trace {
        trace
    }
}
