//! The generator of random traces.
//!
//! It works as a recorder would: it carries the value that each unboxed value has in the first iteration with the inputs
//! of the trace's own seed (a *hint*), guards what holds, and mostly leaves out what would leave.

mod snapshots;

use rustc_hash::FxHashMap;

use super::inputs::scalar_input;
use super::{Options, Rng};
use crate::entity::{ClassId, CodeId, HelperId, RefId, SnapshotId, TraceId, ValueId};
use crate::eval::{Scalar, Value, fold};
use crate::ops::{Op, Ownership};
use crate::trace::{ClassInfo, End, HelperInfo, Imm, Inst, RefInfo, Slot, Trace};
use crate::types::{Effects, Mem, Ty};

/// Classes of the pool, in order, and whether they are leaves.
const CLASSES: &[(&str, bool)] =
    &[("int", true), ("float", true), ("list", false), ("tuple", false), ("cell", false), ("bool", true)];
const INT: ClassId = ClassId(0);
const FLOAT: ClassId = ClassId(1);
const LIST: ClassId = ClassId(2);
const TUPLE: ClassId = ClassId(3);
const CELL: ClassId = ClassId(4);
/// Refs of the pool, in order: two constants and two names.
const REFS: &[&str] = &["None", "True", "x", "y"];

const INT_BINARY: &[Op] = &[Op::And, Op::Or, Op::Xor, Op::MinInt, Op::MaxInt];
const INT_CHECKED: &[Op] = &[Op::AddOvf, Op::SubOvf, Op::MulOvf, Op::ShlOvf, Op::FloorDivOvf, Op::ModOvf];
const INT_COMPARE: &[Op] = &[Op::EqInt, Op::NeInt, Op::LtInt, Op::LeInt, Op::GtInt, Op::GeInt];
const INT_PROVED: &[Op] = &[Op::Add, Op::Sub, Op::Mul];
const FLOAT_BINARY: &[Op] = &[Op::AddFloat, Op::SubFloat, Op::MulFloat];
const FLOAT_COMPARE: &[Op] = &[Op::EqFloat, Op::NeFloat, Op::LtFloat, Op::LeFloat, Op::GtFloat, Op::GeFloat];
const FLOAT_UNARY: &[Op] = &[Op::NegFloat, Op::AbsFloat, Op::FloorFloat, Op::CeilFloat, Op::TruncFloat];

struct Generator {
    rng: Rng,
    options: Options,
    trace: Trace,
    /// Values that instructions may use now, constants excluded.
    values: Vec<ValueId>,
    /// Exact classes that were guarded or are known.
    classes: FxHashMap<ValueId, ClassId>,
    hints: FxHashMap<ValueId, Value>,
    helpers: FxHashMap<&'static str, HelperId>,
    /// The header's snapshot while the preheader is made.
    header: Option<SnapshotId>,
    /// The last snapshot, while nothing has changed since that an exit could not undo.
    shared: Option<SnapshotId>,
    unit: u32,
}

/// A trace that passes [`Trace::verify`] and is defined for all inputs. Equal seeds and options give equal traces.
pub fn random_trace(seed: u64, options: &Options) -> Trace {
    let mut generator = Generator {
        rng: Rng::new(seed),
        options: *options,
        trace: Trace::new(TraceId(1)),
        values: Vec::new(),
        classes: FxHashMap::default(),
        hints: FxHashMap::default(),
        helpers: FxHashMap::default(),
        header: None,
        shared: None,
        unit: 0,
    };
    generator.pool();
    generator.build(seed);
    generator.trace
}

impl Generator {
    fn pool(&mut self) {
        let pool = &mut self.trace.pool;
        pool.refs = REFS.iter().map(|&label| RefInfo { label: label.to_owned(), addr: 0, immortal: false }).collect();
        let class = |&(name, leaf): &(&str, bool)| ClassInfo { name: name.to_owned(), addr: 0, leaf };
        pool.classes = CLASSES.iter().map(class).collect();
        pool.codes = vec!["main".to_owned(), "inner".to_owned()];
        if !self.options.calls {
            return;
        }
        let write = |mem| Effects { writes: mem, ..Effects::PURE };
        let mut helper = |name: &'static str, args: &[Ty], result: Ty, effects: Effects, ownership: Ownership| {
            self.helpers.insert(name, HelperId::from_index(pool.helpers.len()));
            let (name, args) = (name.to_owned(), args.to_vec());
            pool.helpers.push(HelperInfo { name, addr: 0, args, result, effects, ownership, trace: None });
        };
        helper("mix_int", &[Ty::Int, Ty::Int], Ty::Int, Effects::PURE, Ownership::None);
        helper("mix_float", &[Ty::Float, Ty::Float], Ty::Float, Effects::PURE, Ownership::None);
        helper("is_odd", &[Ty::Int], Ty::Bool, Effects::PURE, Ownership::None);
        helper("check_int", &[Ty::Int], Ty::Int, Effects::GUARD, Ownership::None);
        helper("note_int", &[Ty::Int], Ty::Unit, write(Mem::OTHER), Ownership::None);
        if self.options.refs {
            let note = Effects { reads: Mem::all(), ..write(Mem::OTHER) };
            helper("note_ref", &[Ty::Ref], Ty::Unit, note, Ownership::None);
            helper("push", &[Ty::Ref, Ty::Ref], Ty::Unit, write(Mem::LIST), Ownership::None);
            helper("pop", &[Ty::Ref], Ty::Unit, Effects::write(Mem::LIST), Ownership::None);
            helper("make_list", &[Ty::Ref], Ty::Ref, Effects::ALLOC, Ownership::Owned);
            helper("scramble", &[Ty::Ref, Ty::Int], Ty::Ref, Effects::OPAQUE, Ownership::Owned);
        }
    }

    fn build(&mut self, seed: u64) {
        let is_loop = self.options.only_loops || self.rng.percent(75);
        let count = 2 + self.rng.below(self.options.params.max(3) - 1);
        for index in 0..count {
            let (ty, class) = match self.rng.below(if self.options.refs { 9 } else { 5 }) {
                _ if index == 0 => (Ty::Int, None),
                0 | 1 => (Ty::Int, None),
                2 | 3 => (Ty::Float, None),
                4 => (Ty::Bool, None),
                5 | 6 => (Ty::Ref, Some(LIST)),
                7 => (Ty::Ref, Some(self.rng.pick(&[TUPLE, CELL, INT, FLOAT]))),
                _ => (Ty::Ref, None),
            };
            let param = self.trace.add_param(ty, class);
            self.classes.extend(class.map(|class| (param, class)));
            self.hints.extend(scalar_input(seed, index, ty).map(|hint| (param, hint)));
        }
        let params = self.trace.params.clone();
        let invariant: Vec<bool> = (0..count).map(|index| index > 0 && self.rng.percent(40)).collect();
        let locals = params.iter().map(|&param| Slot::Value(param)).collect();
        let header = self.place_snapshot(vec![self.frame(CodeId(0), 0, locals)]);

        if is_loop && self.options.preheader {
            self.values = params.iter().zip(&invariant).filter(|pair| *pair.1).map(|pair| *pair.0).collect();
            self.header = Some(header);
            for _ in 0..self.rng.below(8) {
                self.pure_step();
            }
            self.header = None;
            self.trace.preheader = std::mem::take(&mut self.trace.body);
        }
        self.values.extend(params.iter().zip(&invariant).filter(|pair| !*pair.1).map(|pair| *pair.0));
        self.values
            .extend(self.trace.params.iter().filter(|param| !self.values.contains(param)).copied().collect::<Vec<_>>());

        if is_loop {
            self.push(Op::Poll, &[], Imm::None, Some(header));
            let bound = self.trace.const_int(9 + seed as i64 % 5);
            let more = self.emit(Op::LtInt, &[params[0], bound], Imm::None);
            self.guard(more);
        }
        while self.trace.body.len() < self.options.size {
            self.step();
        }
        if !is_loop {
            self.other_end();
            return;
        }
        let one = self.trace.const_int(1);
        let mut next = vec![self.emit(Op::AddOvf, &[params[0], one], Imm::None)];
        for (&param, &invariant) in params.iter().zip(&invariant).skip(1) {
            let (ty, class) = (self.trace.ty(param), self.classes.get(&param).copied());
            let fits = |value: &ValueId| {
                self.trace.ty(*value) == ty && (class.is_none() || self.classes.get(value) == class.as_ref())
            };
            let others: Vec<ValueId> = self.values.iter().copied().filter(fits).collect();
            next.push(if invariant || others.is_empty() { param } else { self.rng.pick(&others) });
        }
        self.trace.end = End::Loop(next);
    }

    fn other_end(&mut self) {
        if self.rng.percent(50) {
            let args: Vec<ValueId> = (0..1 + self.rng.below(4)).map(|_| self.rng.pick(&self.values)).collect();
            self.trace.end = End::Jump(TraceId(2), args);
        } else {
            let snapshot = self.snapshot();
            self.push(Op::Leave, &[], Imm::None, Some(snapshot));
        }
    }

    // Instructions.

    fn push(&mut self, op: Op, args: &[ValueId], imm: Imm, snapshot: Option<SnapshotId>) -> ValueId {
        let value = self.trace.push(Inst { op, args: args.into(), imm, snapshot });
        let effects = self.trace.effects(value);
        if effects.opaque || !effects.writes.is_empty() {
            self.shared = None;
        }
        if self.trace.ty(value) != Ty::Unit {
            self.values.push(value);
        }
        value
    }

    /// Adds an instruction, with a snapshot if it needs one, and its hint.
    fn emit(&mut self, op: Op, args: &[ValueId], imm: Imm) -> ValueId {
        let exits = match imm {
            Imm::Helper(helper) => self.trace.helper(helper).effects.exits,
            _ => op.info().effects.exits,
        };
        let snapshot = if exits { Some(self.snapshot()) } else { None };
        let value = self.push(op, args, imm, snapshot);
        if let Some(Scalar::Value(hint)) = self.fold(op, args) {
            self.hints.insert(value, hint);
        }
        value
    }

    fn hint(&self, value: ValueId) -> Option<Value> {
        let constant = self.trace.as_int(value).map(Value::Int);
        let constant = constant.or_else(|| self.trace.as_float(value).map(Value::Float));
        let constant = constant.or_else(|| self.trace.as_bool(value).map(Value::Bool));
        constant.or_else(|| self.hints.get(&value).copied())
    }

    fn fold(&self, op: Op, args: &[ValueId]) -> Option<Scalar> {
        let hints: Option<Vec<Value>> = args.iter().map(|&arg| self.hint(arg)).collect();
        fold(op, &hints?)
    }

    /// Guards a condition in the direction that holds.
    fn guard(&mut self, cond: ValueId) {
        let holds = match self.hint(cond) {
            Some(Value::Bool(hint)) => hint != self.rng.percent(2),
            _ => self.rng.percent(50),
        };
        self.guard_that(cond, holds);
    }

    fn guard_that(&mut self, cond: ValueId, holds: bool) {
        self.emit(if holds { Op::GuardTrue } else { Op::GuardFalse }, &[cond], Imm::None);
        self.hints.insert(cond, Value::Bool(holds));
    }

    // Operands.

    fn of_type(&mut self, ty: Ty) -> Option<ValueId> {
        let fitting: Vec<ValueId> = self.values.iter().copied().filter(|&value| self.trace.ty(value) == ty).collect();
        if fitting.is_empty() { None } else { Some(self.rng.pick(&fitting)) }
    }

    fn of_class(&mut self, class: ClassId) -> Option<ValueId> {
        let known = |value: &ValueId| self.classes.get(value) == Some(&class);
        let fitting: Vec<ValueId> = self.values.iter().copied().filter(known).collect();
        if fitting.is_empty() { None } else { Some(self.rng.pick(&fitting)) }
    }

    fn int(&mut self) -> ValueId {
        match if self.rng.percent(75) { self.of_type(Ty::Int) } else { None } {
            Some(value) => value,
            None => {
                let constant = self.rng.int();
                self.trace.const_int(constant)
            }
        }
    }

    fn float(&mut self) -> ValueId {
        match if self.rng.percent(75) { self.of_type(Ty::Float) } else { None } {
            Some(value) => value,
            None => {
                let constant = self.rng.float();
                self.trace.const_float(constant)
            }
        }
    }

    fn bool(&mut self) -> ValueId {
        match if self.rng.percent(95) { self.of_type(Ty::Bool) } else { None } {
            Some(value) => value,
            None => {
                let constant = self.rng.percent(50);
                self.trace.const_bool(constant)
            }
        }
    }

    fn object(&mut self) -> ValueId {
        match if self.rng.percent(85) { self.of_type(Ty::Ref) } else { None } {
            Some(value) => value,
            None => {
                let constant = RefId(self.rng.below(2) as u32);
                self.trace.const_ref(constant)
            }
        }
    }

    /// An int in 0..65536.
    fn small(&mut self) -> ValueId {
        let value = self.int();
        let mask = self.trace.const_int(0xffff);
        self.emit(Op::And, &[value, mask], Imm::None)
    }

    // Steps: each adds one instruction, or a few that belong together.

    fn step(&mut self) {
        match self.rng.below(100) {
            0..60 => self.pure_step(),
            60..68 => {
                let cond = self.bool();
                // Without a hint it would be a coin toss.
                if self.hint(cond).is_some() || self.rng.percent(15) {
                    self.guard(cond);
                }
            }
            68..90 if self.options.refs => self.object_step(),
            90..100 if self.options.calls => self.call_step(),
            _ => self.pure_step(),
        }
    }

    /// A step that depends on nothing but unboxed values.
    fn pure_step(&mut self) {
        let (op, args) = match self.rng.below(20) {
            0..5 => (self.rng.pick(INT_CHECKED), vec![self.int(), self.int()]),
            5 => (self.rng.pick(&[Op::NegOvf, Op::AbsOvf]), vec![self.int()]),
            6 => (self.rng.pick(INT_BINARY), vec![self.int(), self.int()]),
            7 => (self.rng.pick(INT_PROVED), vec![self.small(), self.small()]),
            8 => {
                let divisor = self.rng.pick(&[1, 2, 3, 7, 10, 64, -2, -3, i64::MAX, i64::MIN]);
                (self.rng.pick(&[Op::FloorDiv, Op::Mod]), vec![self.int(), self.trace.const_int(divisor)])
            }
            9 => {
                let amount = self.rng.below(70) as i64;
                match self.rng.below(4) {
                    0 => (Op::Shl, vec![self.small(), self.trace.const_int(amount % 47)]),
                    1 => (self.rng.pick(&[Op::Neg, Op::Abs]), vec![self.small()]),
                    2 => (Op::Not, vec![self.int()]),
                    _ => (Op::Shr, vec![self.int(), self.trace.const_int(amount)]),
                }
            }
            10 | 11 => (self.rng.pick(INT_COMPARE), vec![self.int(), self.int()]),
            12 => (Op::InBounds, vec![self.int(), self.small()]),
            13 | 14 => (self.rng.pick(FLOAT_BINARY), vec![self.float(), self.float()]),
            15 => (self.rng.pick(FLOAT_COMPARE), vec![self.float(), self.float()]),
            16 => (self.rng.pick(FLOAT_UNARY), vec![self.float()]),
            17 => return self.partial_float(),
            18 => match self.rng.below(4) {
                0 => (Op::IntToFloat, vec![self.int()]),
                1 => (Op::FloatToInt, vec![self.float()]),
                2 => (Op::BoolToInt, vec![self.bool()]),
                _ => (Op::NotBool, vec![self.bool()]),
            },
            _ => match self.rng.below(3) {
                0 => (self.rng.pick(&[Op::AndBool, Op::OrBool, Op::XorBool]), vec![self.bool(), self.bool()]),
                1 => (Op::SelectInt, vec![self.bool(), self.int(), self.int()]),
                _ => (Op::SelectFloat, vec![self.bool(), self.float(), self.float()]),
            },
        };
        if self.fold(op, &args) == Some(Scalar::Leaves) && self.rng.percent(97) {
            return;
        }
        self.emit(op, &args, Imm::None);
    }

    /// Division or square root behind the guard that it needs.
    fn partial_float(&mut self) {
        let (a, b) = (self.float(), self.float());
        let zero = self.trace.const_float(0.0);
        let (test, operand) = if self.rng.percent(70) { (Op::NeFloat, b) } else { (Op::GeFloat, a) };
        let cond = self.emit(test, &[operand, zero], Imm::None);
        if self.hint(cond) == Some(Value::Bool(false)) {
            return;
        }
        self.guard_that(cond, true);
        if test == Op::NeFloat {
            self.emit(Op::DivFloat, &[a, b], Imm::None);
        } else {
            self.emit(Op::SqrtFloat, &[a], Imm::None);
        }
    }

    fn guard_class(&mut self, object: ValueId, class: ClassId) {
        if self.classes.get(&object) != Some(&class) || self.rng.percent(10) {
            self.emit(Op::GuardClass, &[object], Imm::Class(class));
            self.classes.insert(object, class);
        }
    }

    fn boxed(&mut self) -> ValueId {
        let (op, unboxed, class) = match self.rng.below(3) {
            0 => (Op::BoxFloat, self.float(), FLOAT),
            _ => (Op::BoxInt, self.int(), INT),
        };
        let object = self.emit(op, &[unboxed], Imm::None);
        self.classes.insert(object, class);
        object
    }

    fn object_step(&mut self) {
        match self.rng.below(12) {
            0 | 1 => {
                self.boxed();
            }
            2 => {
                let cond = self.bool();
                let object = self.emit(Op::BoxBool, &[cond], Imm::None);
                if self.rng.percent(30) {
                    self.emit(Op::UnboxBool, &[object], Imm::None);
                }
            }
            3 | 4 => self.unbox(),
            5..9 => self.sequence(),
            9 => {
                let Some(cell) = self.of_class(CELL) else { return };
                if self.rng.percent(50) {
                    self.emit(Op::CellGet, &[cell], Imm::None);
                } else {
                    let new = self.object();
                    self.emit(Op::CellSet, &[cell, new], Imm::None);
                }
            }
            10 => {
                let local = Imm::Index(self.rng.below(4) as u32);
                if self.rng.percent(60) {
                    self.emit(Op::FrameGet, &[], local);
                } else {
                    let new = self.object();
                    self.emit(Op::FrameSet, &[new], local);
                }
            }
            _ => {
                let object = self.object();
                let none = Imm::Ref(RefId(0));
                match self.rng.below(3) {
                    0 => self.emit(Op::GuardIsNot, &[object], none),
                    // Only for objects that no pass may make twice.
                    _ => match self.of_class(LIST).zip(self.of_class(LIST)) {
                        Some((a, b)) => self.emit(Op::SameRef, &[a, b], Imm::None),
                        None => return,
                    },
                };
            }
        }
    }

    fn unbox(&mut self) {
        let object = self.object();
        let class = match self.classes.get(&object) {
            Some(&class) if class == INT || class == FLOAT => class,
            Some(_) => return,
            None if self.trace.inst(object).op.is_const() || self.trace.inst(object).op == Op::BoxBool => return,
            None if self.rng.percent(60) => return,
            None => self.rng.pick(&[INT, INT, FLOAT]),
        };
        self.guard_class(object, class);
        self.emit(if class == INT { Op::UnboxInt } else { Op::UnboxFloat }, &[object], Imm::None);
    }

    /// A guarded access to a list or tuple.
    fn sequence(&mut self) {
        let is_list = self.rng.percent(70);
        let (length, get) = if is_list { (Op::ListLen, Op::ListGet) } else { (Op::TupleLen, Op::TupleGet) };
        let Some(sequence) = self.of_class(if is_list { LIST } else { TUPLE }) else { return };
        let length = self.emit(length, &[sequence], Imm::None);
        let index = if self.rng.percent(20) {
            self.trace.params[0]
        } else {
            let constant = self.rng.below(2) as i64;
            self.trace.const_int(constant)
        };
        let cond = self.emit(Op::InBounds, &[index, length], Imm::None);
        self.guard_that(cond, true);
        if is_list && self.rng.percent(40) {
            let new = if self.rng.percent(60) { self.boxed() } else { self.object() };
            self.emit(Op::ListSet, &[sequence, index, new], Imm::None);
        }
        if self.rng.percent(80) {
            let element = self.emit(get, &[sequence, index], Imm::None);
            if self.rng.percent(30) {
                self.guard_class(element, INT);
                self.emit(Op::UnboxInt, &[element], Imm::None);
            }
        }
    }

    fn call_step(&mut self) {
        let mut names: Vec<&'static str> = self.helpers.keys().copied().collect();
        names.sort_unstable();
        let name = self.rng.pick(&names);
        let list = self.of_class(LIST);
        let args = match (name, list) {
            ("mix_int", _) => vec![self.int(), self.int()],
            ("mix_float", _) => vec![self.float(), self.float()],
            ("is_odd" | "check_int" | "note_int", _) => vec![self.int()],
            ("note_ref" | "make_list", _) => vec![self.object()],
            ("push", Some(list)) => {
                // A list in itself would make its text endless to follow for no gain.
                let new = self.boxed();
                vec![list, new]
            }
            ("pop", Some(list)) => vec![list],
            ("scramble", Some(list)) => vec![list, self.int()],
            _ => return,
        };
        let result = self.emit(Op::Call, &args, Imm::Helper(self.helpers[name]));
        if name == "make_list" {
            self.classes.insert(result, LIST);
        }
    }
}
