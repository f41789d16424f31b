//! A compiled trace with everything that its exits need.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{PyObjectRef, builtins::PyStrInterned};
use tjit_codegen::Compiled;
use tjit_events::Reason;
use tjit_ir::{Imm, Op, SnapshotId, Trace, TraceId, ValueId};

use crate::decode::{CodeKey, Decoded};
use crate::helpers::{failing, natives};
use crate::state::HeaderState;

/// Making so many callers' frames takes as long as leaving does.
const CALLERS_PER_EXIT: u64 = 4;

/// What becomes of an exit that is taken often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitState {
    /// It is counted; with this [heat](ExitRecord::heat) a bridge is recorded.
    Counting(u64),
    /// A bridge has been recorded, and will be attached when there is code for it.
    Promised,
    /// A bridge is attached.
    Bridged(TraceId),
    /// No bridge will be recorded.
    Dead,
}

/// Bridges that go on from each other's exits, each for another class or object at one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The instruction: code and unit.
    pub place: (CodeKey, u32),
    /// How many there are in front of this one.
    pub bridges: u32,
}

/// How an instruction is recorded whose helper has asked for it to be done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// As always: it raises now, or does not any more, or has another callee.
    AsForeseen,
    /// As one with operands of any kind: the helper would ask again.
    AsAny,
}

/// Counters of an exit.
#[derive(Debug)]
pub struct ExitRecord {
    /// Times it was taken to the interpreter.
    pub count: Cell<u64>,
    /// Callers of the trace that had to leave with it, all together.
    pub callers: Cell<u64>,
    /// What becomes of it.
    pub state: Cell<ExitState>,
    /// Recordings from it that were aborted.
    pub aborts: Cell<u32>,
}

impl ExitRecord {
    /// How often it was taken, and more when callers had to leave with it.
    pub fn heat(&self) -> u64 {
        self.count.get() + self.callers.get() / CALLERS_PER_EXIT
    }
}

/// What is known of the entries of a function's trace by native code.
#[derive(Debug, Default)]
pub struct CallbackRecord {
    /// How many there were.
    pub entries: Cell<u64>,
    /// How many of the last ones have left by an exit.
    pub left: Cell<u64>,
    /// Calls that are the interpreter's, because too many have left.
    pub pause: Cell<u64>,
    /// How many those were the last time.
    pub paused: Cell<u64>,
}

/// What is known of a loop's region: the traces that can be reached from its root without leaving compiled code.
#[derive(Debug, Default)]
pub struct RegionRecord {
    /// Time in compiled code that was entered here, since the region was compiled.
    pub time: Cell<Duration>,
    /// Time in compiled code at which it is worth looking again whether to compile it.
    pub look_at: Cell<Duration>,
    /// How many traces are in the code that is entered.
    pub traces: Cell<usize>,
    /// How many traces could be reached when it was last looked at.
    pub seen: Cell<usize>,
}

/// A compiled trace.
pub struct Native {
    /// Its identity.
    pub id: TraceId,
    /// The optimised trace: snapshots and pool.
    pub trace: Arc<Trace>,
    /// Its machine code.
    pub compiled: Arc<Compiled>,
    /// The code objects that the pool numbers.
    pub codes: Vec<Rc<Decoded>>,
    /// The header state with which it is entered; bridges have none.
    pub state: Option<Rc<HeaderState>>,
    /// The loop whose preheader's results its exits carry, if they do.
    pub carrier: Option<TraceId>,
    /// The header of its root trace.
    pub root: (Rc<Decoded>, u32),
    /// Values that may be no object: those of locals that are unbound on some paths.
    pub unsure: FxHashSet<ValueId>,
    /// Interned names by address.
    pub names: FxHashMap<u64, &'static PyStrInterned>,
    /// One record for each exit.
    pub exits: Vec<ExitRecord>,
    /// Times it was entered from the interpreter.
    pub entries: Cell<u64>,
    /// What is known of its entries by native code.
    pub callbacks: CallbackRecord,
    /// Time in compiled code after these entries.
    pub spent: Cell<Duration>,
    /// Back edges that were taken after these entries, in this trace or those that it led to.
    pub back_edges: Cell<u64>,
    /// Of a trace that belongs to a function: the generation. See [`crate::functions`].
    pub function: Option<u32>,
    /// Whether it is a bridge for another type of an operand.
    pub for_type: bool,
    /// How many ends of traces that leave it goes on from, one after the other.
    pub leaves: u32,
    /// Of a bridge: the bridges for one instruction that it goes on from.
    pub chain: Option<Chain>,
    /// Whether it is a step trace, or belongs to one.
    pub is_step: bool,
    /// Of its entries, those after which its function returned in compiled code.
    pub returns: Cell<u64>,
    /// Time in compiled code after its entries from the interpreter.
    pub running: Cell<Duration>,
    /// Time that leaving it has taken since then.
    pub leaving: Cell<Duration>,
    /// Time that generating its code took, and optimising.
    pub compiling: Duration,
    /// Of a loop: its region.
    pub region: RegionRecord,
    /// Keeps alive what the pool names by address.
    pub _keep: Vec<PyObjectRef>,
}

impl Native {
    /// What an exit at a call asks for that has not raised: its instruction is to be done again. `None`: it is none of a
    /// helper's.
    pub fn redo(&self, exit: usize) -> Option<Redo> {
        let inst = self.trace.inst(self.compiled.exits()[exit].inst);
        let (Op::Call, Imm::Helper(id)) = (inst.op, inst.imm) else { return None };
        let helper = &self.trace.pool.helpers[id.index()];
        if helper.trace.is_some() || helper.effects.opaque {
            return None;
        }
        if failing::may_raise(helper.addr) || helper.addr == natives::receiver().addr {
            return Some(Redo::AsForeseen);
        }
        // Where that was tried, there is no way to do it with any operands.
        (!self.begins_with_redo(inst.snapshot)).then_some(Redo::AsAny)
    }

    /// Whether the trace begins with an instruction that is done again, and an exit with this snapshot stands there, too.
    fn begins_with_redo(&self, snapshot: Option<SnapshotId>) -> bool {
        let Some(&first) = self.trace.body.first() else { return false };
        let first = self.trace.inst(first);
        let place = |snapshot: SnapshotId| self.trace.snapshot(snapshot).place();
        matches!(first.imm, Imm::Helper(id) if self.trace.pool.helpers[id.index()].addr == failing::redone().addr)
            && first.snapshot.map(place) == snapshot.map(place)
    }

    /// Why an exit is taken.
    pub fn exit_kind(&self, exit: usize) -> Reason {
        kind(&self.trace, &self.codes, self.compiled.exits()[exit].inst)
    }
}

/// Why an instruction leaves its trace.
pub fn kind(trace: &Trace, codes: &[Rc<Decoded>], inst: ValueId) -> Reason {
    use rustpython_compiler_core::bytecode::Opcode;
    let instruction = trace.inst(inst);
    let condition = instruction.args.first().map(|&arg| trace.inst(arg).op);
    let in_for = instruction.snapshot.is_some_and(|snapshot| {
        let place = trace.snapshot(snapshot).place();
        codes[place.code.index()].instruction_at(place.unit).is_some_and(|op| op.opcode == Opcode::ForIter)
    });
    match (instruction.op, condition) {
        (Op::GuardTrue | Op::GuardFalse, _) if in_for => Reason::IteratorExhausted,
        (Op::GuardTrue | Op::GuardFalse, Some(Op::InBounds)) => Reason::IndexBounds,
        (Op::GuardMore, _) => Reason::IteratorExhausted,
        (Op::GuardTrue, _) => Reason::GuardTrue,
        (Op::GuardFalse, _) => Reason::GuardFalse,
        (Op::GuardClass, _) => Reason::GuardClass,
        (Op::GuardIs | Op::GuardIsNot, _) => Reason::GuardIdentity,
        (Op::Poll | Op::Descend, _) => Reason::Fuel,
        (Op::Leave, _) => Reason::Leave,
        (Op::UnboxInt, _) => Reason::NotASmallInt,
        (Op::FloatToInt, _) => Reason::NotAnInt64,
        (Op::FloorDivOvf | Op::ModOvf, _) => Reason::DivisionByZero,
        (Op::CellGet | Op::FrameGet, _) => Reason::Unbound,
        (Op::Call, _) => Reason::Raised,
        _ => Reason::Overflow,
    }
}
