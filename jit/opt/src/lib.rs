//! The optimiser: a fixed, named list of passes over [`tjit_ir::Trace`].
//!
//! Every pass but the last takes a valid trace and gives a valid trace that computes the same and leaves at the same
//! places, or earlier at a place from which the interpreter does the same. The last, `ownership`, makes reference counts
//! explicit; it always runs, and after it the trace is for the code generator only.
//!
//! ```text
//! fold ► cse ► guards ► licm ► ranges ► fold ► strengthen ► ranges ► cse ► guards ► sink ► dce ► ownership
//! ```
//!
//! A pass is one file with one implementation of [`Pass`]. Each can be switched off: `Options::parse("-licm,-ranges")`.
//!
//! # What the passes count on
//!
//! * A loop's body begins with `poll`, whose snapshot is the state at the loop's start, in terms of parameters and
//!   constants. Without it nothing that can leave is put into the preheader.
//! * An exit of the preheader leaves at the loop's header, before the loop has done anything. Whoever resumes there must
//!   not enter the same trace again at once.
//! * An exit boxes each value once, also when several slots mention it: `sink` replaces boxes by what is in them, and two
//!   locals with one object must get one object.
//! * The class of an instance of a leaf class never changes; that of another may change in opaque calls.
//! * Helpers that neither write, allocate, release nor run Python code give the same for the same operands and memory, and
//!   may be called earlier if they do not exit either: once per entry instead of once per iteration.
//! * What `releases` says about memory is the table's word: dropping an object does not change other memory that a trace
//!   has loaded from. Helpers for which it may (finalisers) are opaque.

mod cse;
mod dce;
mod fold;
mod guards;
mod licm;
mod memory;
mod options;
mod ownership;
mod ranges;
mod rewrite;
mod sink;
mod strengthen;

pub use options::{Options, UnknownPass};

use tjit_ir::Trace;

/// One step of optimisation.
pub trait Pass: Sync {
    /// Its name in options and reports.
    fn name(&self) -> &'static str;

    /// One line on what it does.
    fn doc(&self) -> &'static str;

    /// Does it.
    fn run(&self, trace: Trace) -> Trace;
}

/// The passes in their order. A pass that is worth repeating is there more than once.
const PASSES: &[&dyn Pass] = &[
    &fold::FoldPass,
    &cse::CsePass,
    &guards::GuardsPass,
    &licm::LicmPass,
    &ranges::RangesPass,
    &fold::FoldPass,
    &strengthen::StrengthenPass,
    &ranges::RangesPass,
    &cse::CsePass,
    &guards::GuardsPass,
    &sink::SinkPass,
    &dce::DcePass,
    &ownership::OwnershipPass,
];

/// Every pass once, in the order in which they first run.
pub fn all_passes() -> Vec<&'static dyn Pass> {
    let mut passes: Vec<&'static dyn Pass> = Vec::new();
    for &pass in PASSES {
        if passes.iter().all(|known| known.name() != pass.name()) {
            passes.push(pass);
        }
    }
    passes
}

/// The passes that can be switched off: all but `ownership`.
pub fn optional_passes() -> Vec<&'static dyn Pass> {
    let mut passes = all_passes();
    passes.retain(|pass| pass.name() != ownership::NAME);
    passes
}

/// What a pass did to a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PassReport {
    /// The pass.
    pub name: &'static str,
    /// Instructions in preheader and body before it.
    pub ops_before: usize,
    /// Instructions after it.
    pub ops_after: usize,
    /// Instructions that can leave, before it.
    pub guards_before: usize,
    /// Instructions that can leave, after it.
    pub guards_after: usize,
}

/// Runs every pass that the options leave switched on, then `ownership`. The reports are in the order of the passes.
///
/// # Panics
/// With [`Options::verify`], when a pass breaks the trace: the message names the pass and what is wrong.
pub fn optimize(trace: Trace, options: &Options) -> (Trace, Vec<PassReport>) {
    let mut reports = Vec::with_capacity(PASSES.len());
    let mut trace = trace;
    for &pass in PASSES {
        if !options.runs(pass.name()) {
            continue;
        }
        let (ops_before, guards_before) = size(&trace);
        trace = pass.run(trace);
        if options.verify {
            verify(&trace, pass.name());
        }
        let (ops_after, guards_after) = size(&trace);
        reports.push(PassReport { name: pass.name(), ops_before, ops_after, guards_before, guards_after });
    }
    (trace, reports)
}

fn size(trace: &Trace) -> (usize, usize) {
    (trace.preheader.len() + trace.body.len(), trace.exit_count())
}

fn verify(trace: &Trace, pass: &str) {
    let counts = if pass == ownership::NAME { Trace::verify_ownership } else { |_: &Trace| Ok(()) };
    if let Err(error) = trace.verify().and_then(|()| counts(trace)) {
        panic!("after the pass '{pass}': {error}\n{trace}");
    }
}
