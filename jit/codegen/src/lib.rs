//! Compiles a [`tjit_ir::Trace`] to native code through Cranelift.
//!
//! ```text
//!   enter(ctx) ──► trampoline: loads ctx.values[0..] as typed parameters
//!                      │ call
//!                      ▼
//!   fn(ctx, params…) -> exit id          (tail-call convention; see passing.rs)
//!     entry: preheader
//!     body:  ◄─────────────────┐ block parameters for the loop's changing values
//!       guard ──fails──► stub: exit number ──► tail: own the borrowed references
//!       …                                        │ slot set?  ──► tail call into the bridge with the exit's values
//!       end ───────────────────┘                 └ else spill the values to ctx.values, return the exit id
//! ```
//!
//! The crate knows nothing of the VM: where things are in objects, and which native functions help, comes in through a
//! [`Layout`]. Code is written to fresh pages that are then made executable, never both at once; a bridge is attached by
//! storing its address in the exit's slot, so no code is ever patched. Machine code is freed when its [`Compiled`] goes.
//!
//! Compiled code is not thread-safe: reference counts are changed without atomics, and a [`Context`] has one user.

mod compiled;
mod compiler;
mod context;
mod layout;
mod lower;
mod memory;
mod passing;
mod perf;

pub use compiled::{Compiled, Exit, NameCell, Region};
pub use compiler::{CompileError, Compiler, Env, Limits, Options, Target};
pub use context::{CallRecord, Context, DESCENTS, MAX_VALUES, RETURNED};
pub use layout::{AttributeLayout, DictLayout, Helpers, IntLayout, Layout, ObjectLayout, SequenceLayout, SmallInts};
pub use perf::append_perf_map;
