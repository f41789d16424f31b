//! The intermediate representation of traces.
//!
//! This crate knows nothing of the VM and has no unsafe code. Objects, classes, code and helpers are entries of a
//! [`Pool`], whose addresses are opaque numbers here.

mod entity;
pub mod eval;
mod lex;
mod ops;
mod parse;
mod print;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod types;
mod verify;

pub use entity::{ClassId, CodeId, HelperId, RefId, SnapshotId, TraceId, ValueId, VirtualId};
pub use ops::{ALL_OPS, ImmKind, Op, OpInfo, Ownership};
pub use parse::ParseError;
pub use trace::{
    Args, ClassInfo, End, FrameState, HelperInfo, Imm, Inst, Place, Pool, RefInfo, Slot, Snapshot, Trace,
    VIRTUAL_KINDS, Virtual, VirtualKind,
};
pub use types::{Effects, Mem, Ty};
pub use verify::VerifyError;
