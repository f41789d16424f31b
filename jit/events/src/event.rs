//! The events: the lines of the log, version 1.
//!
//! In a log, an event is one line: a JSON object whose `"event"` says which it is. The first is `run`; the last, when the
//! process came to its end, is `totals`. Event names, reasons and kinds are in kebab case, fields in snake case. Times
//! are microseconds; `at_micros` counts from the beginning of the log. Traces are numbers that are unique in the process,
//! exits are numbers within their trace.
//!
//! A field that is new in a version of tjit must have a default, so that older logs can be read; anything else needs a
//! new [`VERSION`]. `docs/event-log.md` has an example of each line, and a test that reads them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{Reason, SourceSpan};

/// Version of the format, in the `run` line.
pub const VERSION: u32 = 1;

macro_rules! events {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal; )*) => {
        /// One line of the event log.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(tag = "event")]
        pub enum Event {
            $( $(#[$doc])* #[serde(rename = $name)] $variant($variant), )*
        }

        impl Event {
            /// The names of all events, in the order of the documentation.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name of the event, as in its line.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $name, )* }
            }
        }

        $( impl From<$variant> for Event {
            fn from(event: $variant) -> Self {
                Self::$variant(event)
            }
        } )*
    };
}

events! {
    /// The header of the log.
    Run = "run";
    /// A recording began.
    TraceStarted = "trace-started";
    /// A recording gave no trace.
    TraceAborted = "trace-aborted";
    /// A recording became native code.
    TraceCompiled = "trace-compiled";
    /// A call in a recording was left as a call.
    NotInlined = "not-inlined";
    /// An exit was taken so often that a bridge is wanted.
    ExitHot = "exit-hot";
    /// A bridge was attached to its exit.
    BridgeAttached = "bridge-attached";
    /// A trace ends with a jump into another.
    Link = "link";
    /// A loop's traces were compiled into one function.
    RegionCompiled = "region-compiled";
    /// A header or exit is not recorded again, for a while or for good.
    Blacklisted = "blacklisted";
    /// A hot header or exit was not recorded or compiled, because of a limit.
    LoopRefused = "loop-refused";
    /// The JIT was switched off.
    JitOff = "jit-off";
    /// The JIT was switched on again.
    JitOn = "jit-on";
    /// What the run came to.
    Totals = "totals";
}

/// The machine and system of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system, as Rust names it: `linux`.
    pub os: String,
    /// Processor architecture, as Rust names it: `x86_64`.
    pub arch: String,
    /// The processor's own name, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Processors that the process may use; 0 when unknown.
    pub cores: u32,
}

impl Machine {
    /// The machine that this process runs on.
    pub fn current() -> Self {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        Self {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            cpu,
            cores: std::thread::available_parallelism().map_or(0, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
        }
    }
}

/// `run`: the header of the log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// Version of the format: [`VERSION`].
    pub version: u32,
    /// Version of tjit.
    pub tjit: String,
    /// `sys.argv` of the program: the script (or the name of the module, or `-c`) and its arguments.
    pub argv: Vec<String>,
    /// Working directory at the beginning, to which relative files in places refer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// JIT options in effect, by name, without dashes.
    pub options: BTreeMap<String, String>,
    /// The machine.
    pub machine: Machine,
    /// When the run began, in milliseconds since 1970 (UTC).
    pub unix_millis: u64,
}

impl Run {
    /// The header of a run that begins now on this machine.
    pub fn now(tjit: impl Into<String>, argv: Vec<String>, options: BTreeMap<String, String>) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            version: VERSION,
            tjit: tjit.into(),
            argv,
            directory: std::env::current_dir().ok().map(|directory| directory.display().to_string()),
            options,
            machine: Machine::current(),
            unix_millis: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a trace begins at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceKind {
    /// A loop's header: a root trace.
    Loop,
    /// An exit: a bridge.
    Bridge,
    /// A place where paths meet: a join trace.
    Join,
    /// A function's entry: a root trace.
    Function,
}

impl TraceKind {
    /// Whether the interpreter enters such traces.
    #[must_use]
    pub fn is_root(self) -> bool {
        matches!(self, Self::Loop | Self::Function)
    }
}

impl fmt::Display for TraceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Loop => "loop",
            Self::Bridge => "bridge",
            Self::Join => "join",
            Self::Function => "function",
        })
    }
}

/// An exit, by its trace and its number there. Prints as `t3:5`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ExitRef {
    /// The trace.
    pub trace: u32,
    /// The exit's number in the trace.
    pub exit: u32,
}

impl fmt::Display for ExitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}:{}", self.trace, self.exit)
    }
}

/// `trace-started`: a recording began. Exactly one `trace-compiled` or `trace-aborted` with its number follows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceStarted {
    /// When.
    pub at_micros: u64,
    /// Number of the trace-to-be, never used again when the recording is aborted.
    pub trace: u32,
    /// What it begins at.
    pub kind: TraceKind,
    /// The loop's header, or the exit's place.
    pub place: SourceSpan,
    /// The exit at which a bridge begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ExitRef>,
}

/// `trace-aborted`: a recording gave no trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceAborted {
    /// When.
    pub at_micros: u64,
    /// The trace that was being recorded.
    pub trace: u32,
    /// Why.
    pub reason: Reason,
    /// What varies within the reason: the opcode, the type, the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The instruction at which the recording stopped.
    pub place: SourceSpan,
    /// Name of that bytecode instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytecode: Option<String>,
    /// Time spent recording.
    #[serde(default)]
    pub recording_micros: u64,
}

/// What one optimiser pass did to a trace.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PassReport {
    /// Name of the pass, as in the option that switches it off.
    pub pass: String,
    /// Operations before.
    pub ops_before: u32,
    /// Operations after.
    pub ops_after: u32,
    /// Time.
    pub micros: u64,
    /// What the pass counted, by the pass's own names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}

/// `trace-compiled`: a recording became native code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceCompiled {
    /// When.
    pub at_micros: u64,
    /// The trace.
    pub trace: u32,
    /// What it begins at.
    pub kind: TraceKind,
    /// The loop's header, or the exit's place.
    pub place: SourceSpan,
    /// The header state that it is entered with, for people: `k: int, term: float`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Operations as recorded.
    pub ops_before: u32,
    /// Operations as compiled.
    pub ops_after: u32,
    /// Guards as compiled.
    pub guards: u32,
    /// Operations of the body that may allocate: boxes, and calls that make objects.
    #[serde(default)]
    pub allocations: u32,
    /// Size of the native code.
    pub code_bytes: u64,
    /// Time spent recording.
    pub recording_micros: u64,
    /// Time in the optimiser.
    pub optimising_micros: u64,
    /// Time in the code generator.
    pub codegen_micros: u64,
    /// The optimiser's passes, in the order they ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<PassReport>,
}

/// `not-inlined`: a call in a recording was left as a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotInlined {
    /// When.
    pub at_micros: u64,
    /// The trace that was being recorded.
    pub trace: u32,
    /// Why.
    pub reason: Reason,
    /// Name of the callee.
    pub callee: String,
    /// The call.
    pub place: SourceSpan,
}

/// `exit-hot`: an exit was taken so often that a bridge is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExitHot {
    /// When.
    pub at_micros: u64,
    /// The exit.
    pub from: ExitRef,
    /// Why it is taken.
    pub kind: Reason,
    /// Where the interpreter goes on.
    pub place: SourceSpan,
    /// How often it was taken so far.
    pub count: u64,
}

/// `bridge-attached`: from now on the exit goes to a bridge instead of to the interpreter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BridgeAttached {
    /// When.
    pub at_micros: u64,
    /// The exit.
    pub from: ExitRef,
    /// The bridge.
    pub to: u32,
}

/// `region-compiled`: a loop's root trace and the traces that it leads to were compiled once more, as one function.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegionCompiled {
    /// When.
    pub at_micros: u64,
    /// The root trace, in whose place the region is entered from now on.
    pub trace: u32,
    /// The loop's header.
    pub place: SourceSpan,
    /// How many traces are in it.
    pub traces: u32,
    /// Which ones, the root first.
    #[serde(default)]
    pub members: Vec<u32>,
    /// How many of them are bridges.
    #[serde(default)]
    pub bridges: u32,
    /// Places where paths meet at which some of them begin.
    #[serde(default)]
    pub joins: u32,
    /// Join traces among them: a place has one for each form in which values arrive there.
    #[serde(default)]
    pub versions: u32,
    /// Guards that became conditional moves between both arms.
    #[serde(default)]
    pub selects: u32,
    /// Basic blocks of its code, those of exits included.
    #[serde(default)]
    pub blocks: u32,
    /// Size of its code in bytes.
    pub code_bytes: u64,
    /// Time to generate the code.
    pub codegen_micros: u64,
}

/// `link`: a trace ends with a jump into another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// When.
    pub at_micros: u64,
    /// The trace that jumps.
    pub from: u32,
    /// The trace that it enters.
    pub to: u32,
    /// The header at which it enters.
    pub place: SourceSpan,
}

/// `blacklisted`: a header or exit is not recorded again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blacklisted {
    /// When.
    pub at_micros: u64,
    /// The header, or the exit's place.
    pub place: SourceSpan,
    /// The exit, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ExitRef>,
    /// Why its last recording was aborted.
    pub reason: Reason,
    /// How often recording it was tried.
    pub times: u32,
    /// After how many more passes it is tried again; never when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// `loop-refused`: a hot header or exit was not recorded or compiled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoopRefused {
    /// When.
    pub at_micros: u64,
    /// The header, or the exit's place.
    pub place: SourceSpan,
    /// The exit, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ExitRef>,
    /// Why.
    pub reason: Reason,
    /// What varies within the reason: the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// `jit-off`: from now on everything runs in the interpreter, until `jit-on` if ever.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JitOff {
    /// When.
    pub at_micros: u64,
    /// Why.
    pub reason: Reason,
    /// What varies within the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// `jit-on`: the reason of the last `jit-off` is gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JitOn {
    /// When.
    pub at_micros: u64,
}

/// Where the time went. The first four do not overlap: their sum is the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Times {
    /// In the interpreter, without recording; includes start-up, what native library code takes when called from it, and
    /// opaque calls by compiled code.
    pub interpreter_micros: u64,
    /// In the interpreter while recording.
    pub recording_micros: u64,
    /// In the optimiser and the code generator.
    pub compiling_micros: u64,
    /// In compiled code; includes what it calls, but for opaque calls.
    pub compiled_micros: u64,
    /// In the code generator on other threads, while the program went on: no part of the run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beside_micros: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(micros: &u64) -> bool {
    *micros == 0
}

impl Times {
    /// The run.
    pub fn total_micros(&self) -> u64 {
        self.interpreter_micros + self.recording_micros + self.compiling_micros + self.compiled_micros
    }
}

/// What a trace came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceTotals {
    /// The trace.
    pub trace: u32,
    /// How often it was entered: by the interpreter, by links, by calls and, for a bridge, through its exit. An arm that its
    /// region computes beside the other one is not entered any more.
    pub entries: u64,
    /// Time in compiled code for entries by the interpreter, when it was measured; all that followed by links and
    /// bridges counts here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiled_micros: Option<u64>,
    /// Time in this trace's own code and what it calls, by samples: its part of all the time in compiled code. Left out
    /// where it was never seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_micros: Option<u64>,
}

/// What an exit came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExitTotals {
    /// The exit.
    pub from: ExitRef,
    /// Why it is taken.
    pub kind: Reason,
    /// Where the interpreter goes on.
    pub place: SourceSpan,
    /// How often it was taken to the interpreter; the times it went to its bridge are the bridge's entries.
    pub count: u64,
}

/// `totals`: what the run came to. The last line.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Where the time went.
    pub times: Times,
    /// Root traces compiled.
    pub traces: u32,
    /// Bridges compiled.
    pub bridges: u32,
    /// Size of all native code.
    pub code_bytes: u64,
    /// How often the interpreter entered compiled code.
    pub entries: u64,
    /// Per trace, in order of their numbers.
    pub per_trace: Vec<TraceTotals>,
    /// Per exit that was ever taken.
    pub exits: Vec<ExitTotals>,
}

impl Event {
    /// The reason in the event; none in those that have many (`totals`) or need none.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::TraceAborted(event) => Some(event.reason),
            Self::NotInlined(event) => Some(event.reason),
            Self::ExitHot(event) => Some(event.kind),
            Self::Blacklisted(event) => Some(event.reason),
            Self::LoopRefused(event) => Some(event.reason),
            Self::JitOff(event) => Some(event.reason),
            Self::Run(_)
            | Self::TraceStarted(_)
            | Self::TraceCompiled(_)
            | Self::BridgeAttached(_)
            | Self::Link(_)
            | Self::RegionCompiled(_)
            | Self::JitOn(_)
            | Self::Totals(_) => None,
        }
    }
}
