//! The intermediate representation of traces.
//!
//! This crate knows nothing of the VM and has no unsafe code. Objects, classes, code and helpers are entries of a
//! [`Pool`], whose addresses are opaque numbers here.
//!
//! | what | where |
//! |---|---|
//! | the table of operations | [`Op`], [`OpInfo`] |
//! | a trace with its side tables | [`Trace`] |
//! | text form: `to_string()`, `{:#}` without addresses | [`Trace::parse`] |
//! | what must hold between passes | [`Trace::verify`], and after the ownership pass [`Trace::verify_ownership`] |
//! | execution on an abstract heap, the oracle of tests | [`Trace::evaluate`], [`eval`] |
//! | random traces and inputs (feature `testing`) | `testing` |
//!
//! ```
//! use tjit_ir::Trace;
//! use tjit_ir::eval::{Config, Heap, Outcome, TableHost, Value, World};
//!
//! let text = "
//!     trace t1
//!     params %0: int
//!         %1 = mul_ovf %0, %0
//!         jump t2(%1)
//! ";
//! let trace = Trace::parse(text).unwrap();
//! trace.verify().unwrap();
//! let mut world = World { heap: &mut Heap::new(), host: &mut TableHost::new(), objects: &[] };
//! let run = trace.evaluate(&[Value::Int(7)], &mut world, Config::default()).unwrap();
//! assert!(matches!(run.outcome, Outcome::Jump(_, args) if args == [Value::Int(49)]));
//! ```

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
