//! A trace: instructions in one table, their order in lists, snapshots and virtual objects in side tables.
//!
//! ```text
//!            params (typed: what the interpreter's frame, a bridge or another loop hands over)
//!               │
//!        ┌──────▼──────┐
//!        │  preheader  │  loop-invariant code; runs on every entry
//!        └──────┬──────┘
//!        ┌──────▼──────┐
//!    ┌──►│    body     ├──► exits (guards, checked arithmetic, raising calls), each with a snapshot
//!    │   └──────┬──────┘
//!    └──────────┤ End::Loop(next values of the params)
//!               ├──────────► End::Jump(another trace, its params)
//!               ├──────────► End::Return(result): to the compiled code that called, or out of the entered frame
//!               └──────────► End::Leave: the last instruction was `leave`
//! ```
//!
//! In a loop, a parameter stands for its value in the current iteration; `End::Loop` gives the values for the next one.
//! A preheader instruction may only depend on constants and on parameters that `End::Loop` hands on unchanged.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::entity::{ClassId, CodeId, HelperId, RefId, SnapshotId, TraceId, ValueId, VirtualId};
use crate::ops::{Op, Ownership};
use crate::types::{Effects, Ty};

/// The immediate of an instruction. Its kind is fixed by the operation's row in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Imm {
    /// None.
    None,
    /// An integer.
    Int(i64),
    /// A float, by bits.
    Float(u64),
    /// A constant object.
    Ref(RefId),
    /// A class.
    Class(ClassId),
    /// A helper.
    Helper(HelperId),
    /// An index.
    Index(u32),
}

/// Operands of an instruction.
pub type Args = SmallVec<[ValueId; 3]>;

/// One instruction. Its result, if any, is the value of the same index.
#[derive(Clone, PartialEq, Debug)]
pub struct Inst {
    /// What it does.
    pub op: Op,
    /// Its operands.
    pub args: Args,
    /// Its immediate.
    pub imm: Imm,
    /// Where it leaves to. Present exactly when its effects say `exits`.
    pub snapshot: Option<SnapshotId>,
}

/// A place in Python code: which code object, and which code unit in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// The code object.
    pub code: CodeId,
    /// Index of the code unit.
    pub unit: u32,
}

/// What a local or a stack entry holds in a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slot {
    /// Still in the frame's memory, where the trace has not touched it.
    Kept,
    /// Nothing: an unbound local, or the null below a callable.
    Empty,
    /// A value; unboxed ones are boxed on the way out.
    Value(ValueId),
    /// An object that is only made on the way out.
    Virtual(VirtualId),
}

/// The kinds of objects that a trace need not make.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VirtualKind {
    /// `range` iterator: next value's index, start, step, length (all ints).
    RangeIter,
    /// List iterator: list, position.
    ListIter,
    /// Tuple iterator: tuple, position.
    TupleIter,
    /// String iterator: string, position, offset of the next character in the encoded string.
    StrIter,
    /// Reversed list iterator: list, position.
    ReversedListIter,
    /// Reversed tuple iterator: tuple, position.
    ReversedTupleIter,
    /// `enumerate`: underlying iterator, next count.
    Enumerate,
    /// `zip`: the underlying iterators.
    Zip,
    /// `map` over one iterator: the function, the iterator.
    Map,
    /// A `range` object: start, stop, step.
    Range,
    /// A tuple: its elements.
    Tuple,
    /// A dict of texts: for each entry its key and its value, in their order.
    Dict,
    /// A complex number: its real and its imaginary part, floats.
    Complex,
    /// A new str: a str that it is equal to.
    Text,
    /// A slice: start, stop, step.
    Slice,
    /// A bound method: function, receiver.
    BoundMethod,
    /// An instance of a Python class: the class, then for each attribute its name and its value, in the order in which
    /// they were set.
    Instance,
    /// An exception: the class; its arguments as a tuple, or the exception itself when it exists, or nothing, where nobody
    /// asks; its traceback (nothing: it has not been raised); then for each attribute its name and its value.
    Exception,
    /// An entry of a traceback: the next one, which may be empty; the code unit of the instruction; the code; the depth of
    /// the frame in the trace, or the function of a frame that has been left, with its locals, of which some may be empty.
    Traceback,
    /// What a handler keeps on the stack: the exception that was handled before it (or None), and the one that it handles.
    Handled,
    /// A Python function: code, globals, then defaults, keyword defaults and closure, which may be empty.
    Function,
    /// A cell: what is in it, which may be empty.
    Cell,
    /// A generator: the generator object whose frame is empty meanwhile, or the function that makes it; its code and
    /// globals; the code unit where it goes on (negative: it runs, or has ended); its locals, then its value stack, of
    /// which some may be empty.
    Generator,
    /// A coroutine: as a generator.
    Coroutine,
    /// What an asynchronous generator has been asked for a value by: the generator.
    Asked,
    /// What goes on with a call of a builtin that has been left: the builtin, and what it has gathered.
    Continuation,
    /// What stands for the function of keys in a call of a builtin: a number that tells what that makes of the keys, the
    /// function, the list of the keys that there are already, and that of the elements.
    Feeder,
}

impl VirtualKind {
    /// Whether it has a frame that is resumed.
    pub fn is_resumable(self) -> bool {
        matches!(self, VirtualKind::Generator | VirtualKind::Coroutine)
    }
}

/// Every virtual kind with its name in the text form.
pub const VIRTUAL_KINDS: &[(VirtualKind, &str)] = &[
    (VirtualKind::RangeIter, "range_iter"),
    (VirtualKind::ListIter, "list_iter"),
    (VirtualKind::TupleIter, "tuple_iter"),
    (VirtualKind::StrIter, "str_iter"),
    (VirtualKind::ReversedListIter, "reversed_list_iter"),
    (VirtualKind::ReversedTupleIter, "reversed_tuple_iter"),
    (VirtualKind::Enumerate, "enumerate"),
    (VirtualKind::Zip, "zip"),
    (VirtualKind::Map, "map"),
    (VirtualKind::Range, "range"),
    (VirtualKind::Tuple, "tuple"),
    (VirtualKind::Dict, "dict"),
    (VirtualKind::Complex, "complex"),
    (VirtualKind::Text, "text"),
    (VirtualKind::Slice, "slice"),
    (VirtualKind::BoundMethod, "bound_method"),
    (VirtualKind::Instance, "instance"),
    (VirtualKind::Exception, "exception"),
    (VirtualKind::Traceback, "traceback"),
    (VirtualKind::Handled, "handled"),
    (VirtualKind::Function, "function"),
    (VirtualKind::Cell, "cell"),
    (VirtualKind::Generator, "generator"),
    (VirtualKind::Coroutine, "coroutine"),
    (VirtualKind::Asked, "asked"),
    (VirtualKind::Continuation, "continuation"),
    (VirtualKind::Feeder, "feeder"),
];

/// A virtual object: what to make, and from what. A field may be virtual again, of a lower id.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Virtual {
    /// What it is.
    pub kind: VirtualKind,
    /// Its parts, in the order that the kind documents.
    pub fields: Vec<Slot>,
}

/// The state of one Python frame in a snapshot.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FrameState {
    /// The instruction to continue at; in a frame that is inside a call, the call instruction.
    pub place: Place,
    /// The function object, for an inlined frame.
    pub function: Option<ValueId>,
    /// Fast locals, by number. Shorter than the frame's when the rest is kept.
    pub locals: Vec<Slot>,
    /// The value stack, bottom first.
    pub stack: Vec<Slot>,
    /// Module-level names that the trace holds in values: the name and what to store in the globals dict on the way out.
    pub names: Vec<(RefId, Slot)>,
}

/// Everything the interpreter needs to go on from a point of the trace. Outermost frame first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Snapshot {
    /// The frames. Never empty: the first is the frame that entered the trace.
    pub frames: Vec<FrameState>,
}

impl Snapshot {
    /// The innermost frame's place: the source position of whatever leaves by this snapshot.
    pub fn place(&self) -> Place {
        self.frames.last().expect("a snapshot has a frame").place
    }

    /// Every slot, frame by frame: locals, stack, names.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.frames.iter().flat_map(|frame| {
            let names = frame.names.iter().map(|&(_, slot)| slot);
            let function = frame.function.map(Slot::Value);
            frame.locals.iter().copied().chain(frame.stack.iter().copied()).chain(names).chain(function)
        })
    }
}

/// How a trace ends.
#[derive(Clone, PartialEq, Debug)]
pub enum End {
    /// Back to the start of the body with these values for the parameters.
    Loop(Vec<ValueId>),
    /// To the entry of another trace with these values for its parameters.
    Jump(TraceId, Vec<ValueId>),
    /// The function that the trace belongs to returns this. A reference is handed over.
    Return(ValueId),
    /// Nowhere: the last instruction of the body is `leave`.
    Leave,
}

/// A constant object.
#[derive(Clone, PartialEq, Debug)]
pub struct RefInfo {
    /// Name for dumps.
    pub label: String,
    /// Address of the object; the engine keeps it alive as long as the trace.
    pub addr: u64,
    /// It lives for ever and its references are not counted.
    pub immortal: bool,
}

/// What is known of a class.
#[derive(Clone, PartialEq, Debug)]
pub struct ClassInfo {
    /// Name for dumps.
    pub name: String,
    /// Address of the type object.
    pub addr: u64,
    /// Dropping the last reference to an exact instance can never run Python code, nor be observed by any.
    pub leaf: bool,
}

/// What is known of a native helper. Helpers use the platform's C calling convention and take the trace's context as
/// a hidden first argument; a bool travels as an 8-bit 0 or 1.
#[derive(Clone, PartialEq, Debug)]
pub struct HelperInfo {
    /// Name for dumps.
    pub name: String,
    /// Address of its code.
    pub addr: u64,
    /// Types of the operands.
    pub args: Vec<Ty>,
    /// Type of the result.
    pub result: Ty,
    /// Effects. With `exits`, the helper may report an exception through the context.
    pub effects: Effects,
    /// Ownership of the result.
    pub ownership: Ownership,
    /// The trace that it is, when a compiled function is called rather than a helper. It uses the calling convention of
    /// traces, `addr` is that of the word with the address of its code, and it takes its operands. Its snapshot is that of
    /// the call under way: when the callee leaves compiled code, so does the caller.
    pub trace: Option<TraceId>,
}

/// The things outside the trace that it names.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pool {
    /// Constant objects.
    pub refs: Vec<RefInfo>,
    /// Classes.
    pub classes: Vec<ClassInfo>,
    /// Code objects, by label.
    pub codes: Vec<String>,
    /// Helpers.
    pub helpers: Vec<HelperInfo>,
}

/// A recorded or optimised trace.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// Its identity.
    pub id: TraceId,
    /// Instruction table. Order here means nothing; constants and parameters are in no list.
    pub insts: Vec<Inst>,
    /// Parameters, in order.
    pub params: Vec<ValueId>,
    /// Class of each parameter that is known (and was checked by whoever enters) to be an exact instance of it.
    pub param_classes: Vec<Option<ClassId>>,
    /// Loop-invariant instructions, run on every entry.
    pub preheader: Vec<ValueId>,
    /// The other instructions, in order.
    pub body: Vec<ValueId>,
    /// How it ends.
    pub end: End,
    /// Snapshots.
    pub snapshots: Vec<Snapshot>,
    /// Virtual objects.
    pub virtuals: Vec<Virtual>,
    /// Outside names.
    pub pool: Pool,
    /// For each exiting instruction, the references that the trace owns there and must hand over or drop. Filled by the
    /// ownership pass; empty before it.
    pub held: FxHashMap<ValueId, Vec<ValueId>>,
    /// What every exit of the body hands over besides its snapshot's values, so that a bridge can go on in the body of its
    /// root without running the preheader again. In a loop: results of the preheader, and invariant parameters that it
    /// used. In a bridge: the parameters that brought them. Set after optimisation; empty when nothing can be carried.
    pub carried: Vec<ValueId>,
    /// For a loop: its body can be entered without running the preheader, with the results of the preheader
    /// ([`Trace::hoisted`]) handed over besides the parameters. Set after optimisation.
    pub direct: bool,
    /// For a trace that ends in another: its end's operands are the other's parameters and then its hoisted values, and
    /// the other's body is entered without its preheader.
    pub enters_body: bool,
    consts: FxHashMap<(Op, Imm), ValueId>,
}

impl Trace {
    /// An empty trace.
    pub fn new(id: TraceId) -> Self {
        Trace {
            id,
            insts: Vec::new(),
            params: Vec::new(),
            param_classes: Vec::new(),
            preheader: Vec::new(),
            body: Vec::new(),
            end: End::Leave,
            snapshots: Vec::new(),
            virtuals: Vec::new(),
            pool: Pool::default(),
            held: FxHashMap::default(),
            carried: Vec::new(),
            direct: false,
            enters_body: false,
            consts: FxHashMap::default(),
        }
    }

    /// An empty trace with the same identity and pool: what a pass that rebuilds a trace starts from.
    pub fn emptied(&self) -> Self {
        Trace { pool: self.pool.clone(), enters_body: self.enters_body, ..Trace::new(self.id) }
    }

    /// The instruction that defines a value.
    pub fn inst(&self, value: ValueId) -> &Inst {
        &self.insts[value.index()]
    }

    /// Type of a value.
    pub fn ty(&self, value: ValueId) -> Ty {
        let inst = self.inst(value);
        match inst.imm {
            Imm::Helper(helper) if inst.op == Op::Call => self.helper(helper).result,
            _ => inst.op.info().result,
        }
    }

    /// Effects of an instruction.
    pub fn effects(&self, value: ValueId) -> Effects {
        self.inst_effects(self.inst(value))
    }

    /// Effects of an instruction that need not be in the table yet.
    pub fn inst_effects(&self, inst: &Inst) -> Effects {
        match inst.imm {
            Imm::Helper(helper) if inst.op == Op::Call => self.helper(helper).effects,
            _ => inst.op.info().effects,
        }
    }

    /// Who owns the reference that a value is.
    pub fn ownership(&self, value: ValueId) -> Ownership {
        let inst = self.inst(value);
        match inst.imm {
            Imm::Helper(helper) if inst.op == Op::Call => self.helper(helper).ownership,
            _ => inst.op.info().ownership,
        }
    }

    /// Whether an instruction takes over the count of an operand.
    pub fn takes(&self, inst: &Inst, operand: usize) -> bool {
        match inst.imm {
            Imm::Helper(helper) if inst.op == Op::Call => self.helper(helper).trace.is_some(),
            _ => inst.op.info().takes & 1 << operand != 0,
        }
    }

    /// A helper's description.
    pub fn helper(&self, helper: HelperId) -> &HelperInfo {
        &self.pool.helpers[helper.index()]
    }

    /// Adds an instruction to the table, and to no list.
    pub fn define(&mut self, inst: Inst) -> ValueId {
        let value = ValueId::from_index(self.insts.len());
        self.insts.push(inst);
        value
    }

    /// Adds an instruction to the end of the body.
    pub fn push(&mut self, inst: Inst) -> ValueId {
        let value = self.define(inst);
        self.body.push(value);
        value
    }

    /// Adds a parameter.
    pub fn add_param(&mut self, ty: Ty, class: Option<ClassId>) -> ValueId {
        let index = u32::try_from(self.params.len()).expect("parameter count exceeds u32");
        let value = self.define(Inst { op: Op::param(ty), args: Args::new(), imm: Imm::Index(index), snapshot: None });
        self.params.push(value);
        self.param_classes.push(class);
        value
    }

    fn constant(&mut self, op: Op, imm: Imm) -> ValueId {
        if let Some(&value) = self.consts.get(&(op, imm)) {
            return value;
        }
        let value = self.define(Inst { op, args: Args::new(), imm, snapshot: None });
        self.consts.insert((op, imm), value);
        value
    }

    /// The constant int.
    pub fn const_int(&mut self, value: i64) -> ValueId {
        self.constant(Op::ConstInt, Imm::Int(value))
    }

    /// The constant float. Equal bits are one constant.
    pub fn const_float(&mut self, value: f64) -> ValueId {
        self.constant(Op::ConstFloat, Imm::Float(value.to_bits()))
    }

    /// The constant bool.
    pub fn const_bool(&mut self, value: bool) -> ValueId {
        self.constant(Op::ConstBool, Imm::Int(i64::from(value)))
    }

    /// The constant object.
    pub fn const_ref(&mut self, value: RefId) -> ValueId {
        self.constant(Op::ConstRef, Imm::Ref(value))
    }

    /// The int that a value is known to be, if it is a constant.
    pub fn as_int(&self, value: ValueId) -> Option<i64> {
        match *self.inst(value) {
            Inst { op: Op::ConstInt, imm: Imm::Int(constant), .. } => Some(constant),
            _ => None,
        }
    }

    /// The float that a value is known to be, if it is a constant.
    pub fn as_float(&self, value: ValueId) -> Option<f64> {
        match *self.inst(value) {
            Inst { op: Op::ConstFloat, imm: Imm::Float(bits), .. } => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// The bool that a value is known to be, if it is a constant.
    pub fn as_bool(&self, value: ValueId) -> Option<bool> {
        match *self.inst(value) {
            Inst { op: Op::ConstBool, imm: Imm::Int(constant), .. } => Some(constant != 0),
            _ => None,
        }
    }

    /// The value that an instruction, when it does not leave, shows to be an immortal object.
    pub fn shown_immortal(&self, inst: &Inst) -> Option<ValueId> {
        match *inst {
            Inst { op: Op::GuardIs | Op::AssumeIs, imm: Imm::Ref(object), .. }
                if self.pool.refs[object.index()].immortal =>
            {
                Some(inst.args[0])
            }
            _ => None,
        }
    }

    /// Whether references to a value are never counted: it is a constant that is immortal.
    pub fn is_immortal(&self, value: ValueId) -> bool {
        self.as_ref(value).is_some_and(|object| self.pool.refs[object.index()].immortal)
    }

    /// The object that a value is known to be, if it is a constant.
    pub fn as_ref(&self, value: ValueId) -> Option<RefId> {
        match *self.inst(value) {
            Inst { op: Op::ConstRef, imm: Imm::Ref(constant), .. } => Some(constant),
            _ => None,
        }
    }

    /// Adds a snapshot; an equal last one is used again.
    pub fn add_snapshot(&mut self, snapshot: Snapshot) -> SnapshotId {
        if self.snapshots.last() != Some(&snapshot) {
            self.snapshots.push(snapshot);
        }
        SnapshotId::from_index(self.snapshots.len() - 1)
    }

    /// Adds a virtual object. Its fields may only name virtual objects added before.
    pub fn add_virtual(&mut self, object: Virtual) -> VirtualId {
        self.virtuals.push(object);
        VirtualId::from_index(self.virtuals.len() - 1)
    }

    /// A snapshot.
    pub fn snapshot(&self, snapshot: SnapshotId) -> &Snapshot {
        &self.snapshots[snapshot.index()]
    }

    /// The values that a snapshot mentions, directly or through virtual objects; each once, in order of first mention,
    /// constants included.
    pub fn snapshot_values(&self, snapshot: SnapshotId) -> Vec<ValueId> {
        let mut values = Vec::new();
        let mut seen = vec![false; self.insts.len()];
        for slot in self.snapshot(snapshot).slots() {
            self.visit_slot(slot, &mut |value| {
                if !std::mem::replace(&mut seen[value.index()], true) {
                    values.push(value);
                }
            });
        }
        values
    }

    fn visit_slot(&self, slot: Slot, visit: &mut impl FnMut(ValueId)) {
        match slot {
            Slot::Kept | Slot::Empty => {}
            Slot::Value(value) => visit(value),
            Slot::Virtual(object) => {
                for &field in &self.virtuals[object.index()].fields {
                    self.visit_slot(field, visit);
                }
            }
        }
    }

    /// The values that leave with an exit, in the order in which they are spilled and handed to a bridge: those that the
    /// snapshot mentions, then those that are only held; no constants.
    pub fn exit_values(&self, exit: ValueId) -> Vec<ValueId> {
        let snapshot = self.inst(exit).snapshot.expect("an exiting instruction has a snapshot");
        let mut values = self.snapshot_values(snapshot);
        values.retain(|&value| !self.inst(value).op.is_const());
        let held = self.held.get(&exit).map_or(&[][..], Vec::as_slice);
        let carried = if self.is_in_preheader(exit) { &[][..] } else { &self.carried };
        // A reference that the trace has given up by now cannot be carried on: a bridge from here starts anew.
        let carried = carried.iter().filter(|value| self.ty(**value) != Ty::Ref || held.contains(value));
        for &value in held.iter().chain(carried) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// Whether an instruction is in the preheader.
    pub fn is_in_preheader(&self, inst: ValueId) -> bool {
        self.preheader.contains(&inst)
    }

    /// The carried values that the preheader defines: what the body can be entered with instead of running it.
    pub fn hoisted(&self) -> impl Iterator<Item = ValueId> + '_ {
        self.carried.iter().copied().filter(|&value| !self.inst(value).op.is_param())
    }

    /// Results of the preheader that the body, its snapshots or the loop's end use.
    pub fn used_of_preheader(&self) -> Vec<ValueId> {
        let mut used = vec![false; self.insts.len()];
        for &value in &self.body {
            let inst = self.inst(value);
            inst.args.iter().for_each(|arg| used[arg.index()] = true);
            if let Some(snapshot) = inst.snapshot {
                self.snapshot_values(snapshot).iter().for_each(|value| used[value.index()] = true);
            }
            self.held.get(&value).into_iter().flatten().for_each(|value| used[value.index()] = true);
        }
        self.end_args().iter().for_each(|arg| used[arg.index()] = true);
        self.preheader.iter().copied().filter(|value| used[value.index()] && self.ty(*value) != Ty::Unit).collect()
    }

    /// Instructions in the order of execution: preheader, then body.
    pub fn schedule(&self) -> impl DoubleEndedIterator<Item = ValueId> + '_ {
        self.preheader.iter().chain(&self.body).copied()
    }

    /// The operands of the end.
    pub fn end_args(&self) -> &[ValueId] {
        match &self.end {
            End::Loop(args) | End::Jump(_, args) => args,
            End::Return(value) => std::slice::from_ref(value),
            End::Leave => &[],
        }
    }

    /// Whether a parameter is handed on unchanged by the loop's end. False for every parameter of a trace that is no loop.
    pub fn is_invariant_param(&self, value: ValueId) -> bool {
        match (&self.end, self.inst(value)) {
            (End::Loop(args), Inst { op, imm: Imm::Index(index), .. }) if op.is_param() => {
                args.get(*index as usize) == Some(&value)
            }
            _ => false,
        }
    }

    /// Number of guards and other instructions that can leave.
    pub fn exit_count(&self) -> usize {
        self.schedule().filter(|&value| self.inst(value).snapshot.is_some()).count()
    }
}
