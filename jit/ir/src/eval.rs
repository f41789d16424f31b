//! The reference evaluator: executes a trace on an abstract heap, one instruction after the other. It is the oracle for the
//! optimiser and the code generator.
//!
//! ```text
//! Trace ─┐
//! args  ─┼─► Trace::evaluate ──► Run { outcome: Exit | Jump | OutOfSteps, iterations, steps }
//! World ─┘   (heap, host, the pool's objects)
//! ```
//!
//! * Operations behave as `ops.rs` says. Where an operation is only defined because a pass has proved something (`add`,
//!   `shl`, `in_bounds`…) and the proof does not hold, its result is *undefined*: it may flow through pure operations, but
//!   using it in a guard, a store, a call or a snapshot is an error. What would crash compiled code is an error at once.
//! * `poll` takes one from the fuel and goes on; with no fuel left it leaves.
//! * With [`Config::counting`], reference counts are kept as the trace says, after the ownership pass has made them
//!   explicit. At an exit each slot takes a count and each held reference gives one, so that [`Heap::check`] with the roots
//!   of the outcome finds every leak and double drop. Without it nothing dies.

mod heap;
mod host;
mod machine;
mod observe;
mod scalar;

pub use heap::{Heap, HeapError, Obj, Object, Value};
pub use host::{Host, HostHelper, Raised, TableHost};
pub use observe::Observer;
pub use scalar::{Scalar, fold};

use crate::entity::{RefId, SnapshotId, TraceId, ValueId};
use crate::trace::Place;
use crate::types::Ty;

/// What a trace runs in.
pub struct World<'a> {
    /// The objects.
    pub heap: &'a mut Heap,
    /// Helpers and frame memory.
    pub host: &'a mut dyn Host,
    /// The object of each entry of the pool's refs, in order.
    pub objects: &'a [Obj],
}

/// Limits and modes of an evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Polls that pass before one leaves.
    pub fuel: u64,
    /// Instructions after which the evaluation stops.
    pub steps: u64,
    /// Whether reference counts are kept; for traces that went through the ownership pass.
    pub counting: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config { fuel: 1_000, steps: 1_000_000, counting: false }
    }
}

/// What a slot holds after an exit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotValue {
    /// Still what the frame's memory holds.
    Kept,
    /// Nothing.
    Empty,
    /// An object; one count of it belongs to the slot.
    Object(Obj),
}

/// A frame after an exit.
#[derive(Clone, PartialEq, Debug)]
pub struct FrameValue {
    /// Where to go on.
    pub place: Place,
    /// The function object of an inlined frame, with a count.
    pub function: Option<Obj>,
    /// Fast locals.
    pub locals: Vec<SlotValue>,
    /// The value stack, bottom first.
    pub stack: Vec<SlotValue>,
    /// Module-level names and their values.
    pub names: Vec<(RefId, SlotValue)>,
}

impl FrameValue {
    /// The objects of all slots, as often as they are mentioned.
    pub fn objects(&self) -> impl Iterator<Item = Obj> + '_ {
        let names = self.names.iter().map(|name| name.1);
        let slots = self.locals.iter().copied().chain(self.stack.iter().copied()).chain(names);
        let object = |slot| match slot {
            SlotValue::Object(object) => Some(object),
            SlotValue::Kept | SlotValue::Empty => None,
        };
        self.function.into_iter().chain(slots.filter_map(object))
    }
}

/// An exit that was taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Exit {
    /// The instruction.
    pub at: ValueId,
    /// Its snapshot.
    pub snapshot: SnapshotId,
    /// The exception of the helper that made it leave.
    pub raised: Option<Raised>,
    /// The values of [`exit_values`](crate::Trace::exit_values), in that order. Without counts of their own.
    pub values: Vec<Value>,
    /// The frames, with every slot made into an object.
    pub frames: Vec<FrameValue>,
}

/// How an evaluation ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// By an exit.
    Exit(Exit),
    /// By its end, to another trace, with one count for each reference among the arguments.
    Jump(TraceId, Vec<Value>),
    /// By its end, with the result of its function, and one count if that is a reference.
    Return(Value),
    /// It had executed as many instructions as it may.
    OutOfSteps,
}

impl Outcome {
    /// The objects that the outcome owns a count of, as often as it does: what [`Heap::check`] wants.
    pub fn roots(&self) -> Vec<Obj> {
        match self {
            Outcome::Exit(exit) => exit.frames.iter().flat_map(FrameValue::objects).collect(),
            Outcome::Jump(_, args) => args
                .iter()
                .filter_map(|arg| match arg {
                    Value::Ref(object) => Some(*object),
                    _ => None,
                })
                .collect(),
            Outcome::Return(Value::Ref(object)) => vec![*object],
            Outcome::Return(_) | Outcome::OutOfSteps => Vec::new(),
        }
    }
}

/// An evaluation that ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// How often the back edge was taken.
    pub iterations: u64,
    /// Instructions executed.
    pub steps: u64,
}

/// A fault of the trace: compiled code would crash, corrupt memory or compute garbage.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("trace {trace}, {place}: {fault}")]
pub struct EvalError {
    /// The trace.
    pub trace: TraceId,
    /// The instruction's line of the text form, or the part of the trace.
    pub place: String,
    /// What went wrong.
    pub fault: Fault,
}

/// What can be wrong with an evaluation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// A dead object was used.
    #[error(transparent)]
    Heap(#[from] HeapError),
    /// The operation is on what only the VM has.
    #[error("{} needs the VM", .0.name())]
    NeedsVm(crate::Op),
    /// An operand is an object of a class that the operation is not for.
    #[error("needs an object of class {expected}, not {found}")]
    WrongClass {
        /// The class that the operation is for.
        expected: &'static str,
        /// The object's class.
        found: String,
    },
    /// An index is out of range.
    #[error("index {index} is not in 0..{length}")]
    OutOfRange {
        /// The index.
        index: i64,
        /// The sequence's length.
        length: usize,
    },
    /// The result of an operation whose proof does not hold was used.
    #[error("uses the result of `{0}`, whose proof does not hold for its operands")]
    Undefined(String),
    /// The operation must not be executed with these operands.
    #[error("traps with operands {0}")]
    Traps(String),
    /// A helper raised and has no exit for that.
    #[error("the helper raised {0}, but its effects do not say `exits`")]
    NoExit(String),
    /// A value has another type than the trace says.
    #[error("{0} is not of type {1}")]
    WrongType(String, Ty),
    /// The trace was entered with another number of arguments.
    #[error("entered with {0} arguments for {1} parameters")]
    WrongArguments(usize, usize),
}
