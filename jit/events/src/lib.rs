//! What the JIT did and why: the event log, the reasons, and the summary that is computed from them.
//!
//! ```text
//! engine ──emit──► Log ──► FILE (JSON lines) ──read_log──► SavedLog ─┐
//!                   └────► collector ───────────────────────────────┴─► Summary ──► text, JSON
//! ```
//!
//! Everything that people read about a run is computed from its events, whether they come from the process itself or
//! from a saved file. The crate knows neither the VM nor the IR: traces and exits are numbers here, and places are
//! [`SourceSpan`]s. `docs/event-log.md` documents the format, `docs/reasons.md` every [`Reason`].

mod counts;
mod event;
mod excerpt;
mod log;
mod reader;
mod reason;
mod render;
mod span;
mod summary;
mod text;

pub use counts::ReasonCounts;
pub use event::{
    Blacklisted, BridgeAttached, Event, ExitHot, ExitRef, ExitTotals, JitOff, JitOn, Link, LoopRefused, Machine,
    NotInlined, PassReport, RegionCompiled, Run, Times, Totals, TraceAborted, TraceCompiled, TraceKind, TraceStarted,
    TraceTotals, VERSION,
};
pub use excerpt::Sources;
pub use log::Log;
pub use reader::{LogError, SavedLog, parse_log, read_log};
pub use reason::{Group, Reason, UnknownReason, reasons_manual};
pub use render::Look;
pub use span::SourceSpan;
pub use summary::{
    BlockRow, BridgeRow, Counts, ExitRow, GivenUp, GuardRow, JitOffSpell, LoopRow, Missed, RegionRow, Stopped, Summary,
};
