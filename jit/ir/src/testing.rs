//! Random traces for the tests of the optimiser and the code generator (feature `testing`).
//!
//! ```text
//! random_trace(seed, &options) ─► Trace ──(a pass, or compiled)──► Trace'
//!                                   │                                │
//! random_inputs(seed, &trace)  ──► run(…).text          ==         run(…).text
//! ```
//!
//! Traces pass [`verify`](crate::Trace::verify) and are defined for all inputs: every access is guarded, and operations that
//! need a proof get operands for which it holds. They are not through the ownership pass. The inputs of a trace's own seed are
//! those with which it was, so to speak, recorded: they mostly get through the first iteration; other seeds leave earlier.
//! Equal seeds give equal traces on every machine, so a failing seed is a test case.

mod generate;
mod inputs;
mod rng;

pub use generate::random_trace;
pub use inputs::{Inputs, Report, note, random_inputs, run, scalar_helper};
pub use rng::Rng;

/// What random traces are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Instructions of the body, roughly.
    pub size: usize,
    /// Parameters, at most.
    pub params: usize,
    /// Whether there are references: boxes, lists, tuples, cells, locals in frame memory.
    pub refs: bool,
    /// Whether there are calls of helpers.
    pub calls: bool,
    /// Whether snapshots have virtual objects and inlined frames.
    pub rich_snapshots: bool,
    /// Whether loops may have a preheader.
    pub preheader: bool,
    /// Whether every trace is a loop; else some jump or leave.
    pub only_loops: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            size: 40,
            params: 6,
            refs: true,
            calls: true,
            rich_snapshots: true,
            preheader: false,
            only_loops: false,
        }
    }
}

impl Options {
    /// Only ints, floats and bools, and no calls: what a code generator can run without a heap.
    pub fn scalars() -> Self {
        Options { refs: false, calls: false, ..Options::default() }
    }
}
