//! The embedded VM: what the JIT needs of RustPython beyond its public API, and the host that runs scripts.

pub mod async_generators;
pub mod bases;
pub mod callbacks;
pub mod callers;
pub mod feeder;
pub mod frames;
pub mod garbage;
pub mod generators;
pub mod host;
pub mod imports;
pub mod instrument;
pub mod iterators;
pub mod layout;
pub mod monitor;
pub mod options;
pub mod ordering;
pub mod renames;
pub mod resume;
pub mod site;
pub mod stack;
pub mod sums;
pub mod tallies;
