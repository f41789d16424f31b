//! The verifier: what must hold of a trace between any two passes. [`Trace::verify_ownership`], after the ownership
//! pass, checks counts as well and is in `verify/ownership.rs`.
//!
//! Checked are: the lists (each value once, constants and parameters in none), arity, types, kinds and ranges of
//! immediates, definition before use, what a preheader may depend on, that snapshots are where the effects say `exits` and
//! name only values that exist there, virtual objects, and the end. Instructions in no list are not looked at: passes
//! leave dead ones in the table.

mod ownership;

use std::fmt;

use crate::entity::{SnapshotId, ValueId};
use crate::ops::{ImmKind, Op, Ownership};
use crate::trace::{End, Imm, Slot, Trace, Virtual, VirtualKind};
use crate::types::Ty;

/// What is wrong with a trace, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("trace {trace}, {place}: {message}")]
pub struct VerifyError {
    /// The trace, as printed: `t1`.
    pub trace: String,
    /// The instruction's line of the text form, or the part of the trace.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

type Result = std::result::Result<(), VerifyError>;

/// Where a check is made.
#[derive(Clone, Copy)]
enum Site {
    /// At an instruction.
    Inst(ValueId),
    /// In one of the other parts, named as people call it.
    Part(&'static str),
    /// In a virtual object.
    Virtual(usize),
    /// In a pool entry, by its prefix.
    Pool(&'static str, usize),
}

/// How far the schedule has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defined {
    /// Not yet, or never.
    No,
    /// A constant or parameter.
    Anywhere,
    /// By an instruction of the preheader.
    Preheader,
    /// By an instruction of the body.
    Body,
}

impl Trace {
    /// Checks that the trace is well formed.
    ///
    /// # Errors
    /// The first rule that is broken, with the instruction.
    pub fn verify(&self) -> std::result::Result<(), VerifyError> {
        let mut verifier = Verifier { trace: self, defined: vec![Defined::No; self.insts.len()] };
        verifier.pool()?;
        verifier.params()?;
        verifier.virtuals()?;
        verifier.schedule()?;
        verifier.end()?;
        verifier.held()
    }

    /// Checks that the end of this trace fits the parameters of the trace it jumps to.
    ///
    /// # Errors
    /// When this trace does not jump to `target`, or number or types differ.
    pub fn verify_link(&self, target: &Trace) -> std::result::Result<(), VerifyError> {
        let site = Site::Part("end");
        match &self.end {
            End::Jump(id, args) if *id == target.id => check_end_args(self, target, args),
            _ => self.error(site, format!("does not jump to {}", target.id)),
        }
    }

    fn error<T>(&self, site: Site, message: impl fmt::Display) -> std::result::Result<T, VerifyError> {
        let place = match site {
            Site::Inst(value) => {
                let part = if self.preheader.contains(&value) { "preheader" } else { "body" };
                let list = if part == "preheader" { &self.preheader } else { &self.body };
                let number = list.iter().position(|&listed| listed == value).map_or(0, |index| index + 1);
                format!("{part} line {number} `{}`", self.display_inst(value))
            }
            Site::Part(part) => part.to_owned(),
            Site::Virtual(index) => format!("v{index}"),
            Site::Pool(prefix, index) => format!("{prefix}{index}"),
        };
        Err(VerifyError { trace: self.id.to_string(), place, message: message.to_string() })
    }
}

fn check_end_args(trace: &Trace, target: &Trace, args: &[ValueId]) -> Result {
    let site = Site::Part("end");
    if args.len() != target.params.len() {
        let counts = format!("{} values for {} parameters", args.len(), target.params.len());
        return trace.error(site, counts);
    }
    for (&arg, &param) in args.iter().zip(&target.params) {
        let (found, expected) = (trace.ty(arg), target.ty(param));
        if found != expected {
            let value = trace.display_value(arg);
            return trace
                .error(site, format!("{value} is {found}, the parameter {param} of {} is {expected}", target.id));
        }
    }
    Ok(())
}

struct Verifier<'a> {
    trace: &'a Trace,
    defined: Vec<Defined>,
}

impl Verifier<'_> {
    fn pool(&self) -> Result {
        for (index, info) in self.trace.pool.helpers.iter().enumerate() {
            let site = Site::Pool("helper", index);
            if info.args.contains(&Ty::Unit) {
                return self.trace.error(site, "an operand of a helper cannot be unit");
            }
            if info.ownership != Ownership::None && info.result != Ty::Ref {
                return self.trace.error(site, format!("a result of type {} has no owner", info.result));
            }
        }
        Ok(())
    }

    fn params(&mut self) -> Result {
        let trace = self.trace;
        let site = Site::Part("params");
        for (value, inst) in trace.insts.iter().enumerate() {
            if inst.op.is_const() {
                self.immediate(Site::Part("constants"), inst.op, inst.imm)?;
                self.defined[value] = Defined::Anywhere;
            }
        }
        if trace.params.len() != trace.param_classes.len() {
            return trace.error(site, "param_classes has another length than params");
        }
        for (index, (&value, class)) in trace.params.iter().zip(&trace.param_classes).enumerate() {
            match trace.insts.get(value.index()) {
                Some(inst) if inst.op.is_param() && inst.imm == Imm::Index(index as u32) => {}
                _ => return trace.error(site, format!("{value} is not the parameter instruction of number {index}")),
            }
            self.defined[value.index()] = Defined::Anywhere;
            if let Some(class) = class {
                if trace.ty(value) != Ty::Ref {
                    return trace.error(site, format!("{value} has a class and is no reference"));
                }
                if class.index() >= trace.pool.classes.len() {
                    return trace.error(site, format!("{class} of {value} is not in the pool"));
                }
            }
        }
        Ok(())
    }

    fn virtuals(&self) -> Result {
        for (index, Virtual { kind, fields }) in self.trace.virtuals.iter().enumerate() {
            let site = Site::Virtual(index);
            let ints: Option<&[bool]> = match kind {
                VirtualKind::RangeIter => Some(&[true; 4]),
                VirtualKind::ListIter
                | VirtualKind::TupleIter
                | VirtualKind::ReversedListIter
                | VirtualKind::ReversedTupleIter => Some(&[false, true]),
                VirtualKind::StrIter => Some(&[false, true, true]),
                VirtualKind::Enumerate
                | VirtualKind::Map
                | VirtualKind::BoundMethod
                | VirtualKind::Handled
                | VirtualKind::Complex => Some(&[false; 2]),
                VirtualKind::Continuation => Some(&[false, false, true]),
                VirtualKind::Feeder => Some(&[true, false, false, false]),
                VirtualKind::Range | VirtualKind::Slice => Some(&[false; 3]),
                VirtualKind::Function => Some(&[false; 5]),
                VirtualKind::Cell | VirtualKind::Text | VirtualKind::Asked => Some(&[false]),
                VirtualKind::Zip
                | VirtualKind::Tuple
                | VirtualKind::Dict
                | VirtualKind::Instance
                | VirtualKind::Exception
                | VirtualKind::Traceback
                | VirtualKind::Generator
                | VirtualKind::Coroutine => None,
            };
            if let Some(ints) = ints.filter(|ints| ints.len() != fields.len()) {
                return self.trace.error(site, format!("has {} fields instead of {}", fields.len(), ints.len()));
            }
            let first_optional = match kind {
                VirtualKind::Generator | VirtualKind::Coroutine => 4,
                VirtualKind::Function => 2,
                VirtualKind::Exception => 1,
                VirtualKind::Cell | VirtualKind::Traceback => 0,
                _ => usize::MAX,
            };
            for (number, &field) in fields.iter().enumerate() {
                let must_be_int = ints.is_some_and(|ints| ints[number]);
                match field {
                    Slot::Empty if number >= first_optional => {}
                    Slot::Kept | Slot::Empty => {
                        return self.trace.error(site, format!("field {number} must be a value or a virtual object"));
                    }
                    Slot::Virtual(inner) if inner.index() >= index => {
                        return self.trace.error(site, format!("field {number}, {inner}, has no lower number"));
                    }
                    Slot::Virtual(inner) if must_be_int => {
                        return self.trace.error(site, format!("field {number} must be an int, not {inner}"));
                    }
                    Slot::Virtual(_) => {}
                    Slot::Value(value) => {
                        if value.index() >= self.trace.insts.len() {
                            return self.trace.error(site, format!("{value} is not in the table"));
                        }
                        if must_be_int && self.trace.ty(value) != Ty::Int {
                            return self.trace.error(site, format!("field {number} must be an int"));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn schedule(&mut self) -> Result {
        let trace = self.trace;
        let preheader = trace.preheader.iter().map(|&value| (value, Defined::Preheader));
        for (value, part) in preheader.chain(trace.body.iter().map(|&value| (value, Defined::Body))) {
            let Some(inst) = trace.insts.get(value.index()) else {
                return trace.error(Site::Part("schedule"), format!("{value} is not in the table"));
            };
            let site = Site::Inst(value);
            if inst.op.is_const() || inst.op.is_param() {
                return trace.error(site, "constants and parameters stand in no list");
            }
            if self.defined[value.index()] != Defined::No {
                return trace.error(site, "stands in the lists twice");
            }
            self.immediate(site, inst.op, inst.imm)?;
            self.operands(value, part)?;
            match (trace.effects(value).exits, inst.snapshot) {
                (true, None) => return trace.error(site, "can leave the trace and has no snapshot"),
                (false, Some(_)) => return trace.error(site, "cannot leave the trace and has a snapshot"),
                (true, Some(snapshot)) => self.snapshot(value, snapshot)?,
                (false, None) => {}
            }
            self.defined[value.index()] = part;
        }
        Ok(())
    }

    fn immediate(&self, site: Site, op: Op, imm: Imm) -> Result {
        let pool = &self.trace.pool;
        let (kind, in_pool) = match imm {
            Imm::None => (ImmKind::None, true),
            Imm::Int(value) => (ImmKind::Int, op != Op::ConstBool || matches!(value, 0 | 1)),
            Imm::Float(_) => (ImmKind::Float, true),
            Imm::Ref(constant) => (ImmKind::Ref, constant.index() < pool.refs.len()),
            Imm::Class(class) => (ImmKind::Class, class.index() < pool.classes.len()),
            Imm::Helper(helper) => (ImmKind::Helper, helper.index() < pool.helpers.len()),
            Imm::Index(_) => (ImmKind::Index, true),
        };
        let expected = op.info().imm;
        if kind != expected {
            return self
                .trace
                .error(site, format!("{} needs an immediate of kind {expected:?}, not {imm:?}", op.name()));
        }
        if !in_pool {
            return self.trace.error(site, format!("the immediate {imm:?} is out of range or not in the pool"));
        }
        Ok(())
    }

    fn operands(&self, value: ValueId, part: Defined) -> Result {
        let trace = self.trace;
        let site = Site::Inst(value);
        let inst = trace.inst(value);
        let types = match inst.imm {
            Imm::Helper(helper) => trace.helper(helper).args.as_slice(),
            _ => inst.op.info().args,
        };
        if types.len() != inst.args.len() {
            return trace.error(site, format!("has {} operands instead of {}", inst.args.len(), types.len()));
        }
        for (&arg, &ty) in inst.args.iter().zip(types) {
            self.available(site, arg)?;
            if trace.ty(arg) != ty {
                let operand = trace.display_value(arg);
                return trace.error(site, format!("the operand {operand} is {} and must be {ty}", trace.ty(arg)));
            }
            if part == Defined::Preheader && trace.inst(arg).op.is_param() && !trace.is_invariant_param(arg) {
                return trace.error(site, format!("in the preheader, but the parameter {arg} changes in the loop"));
            }
        }
        Ok(())
    }

    fn available(&self, site: Site, value: ValueId) -> Result {
        match self.defined.get(value.index()) {
            None => self.trace.error(site, format!("{value} is not in the table")),
            Some(Defined::No) => self.trace.error(site, format!("{value} is not defined before")),
            Some(_) => Ok(()),
        }
    }

    fn slot(&self, site: Site, slot: Slot) -> Result {
        match slot {
            Slot::Kept | Slot::Empty => Ok(()),
            Slot::Value(value) => {
                self.available(site, value)?;
                if self.trace.ty(value) == Ty::Unit {
                    return self.trace.error(site, format!("the snapshot names {value}, which has no value"));
                }
                Ok(())
            }
            Slot::Virtual(object) => match self.trace.virtuals.get(object.index()) {
                None => self.trace.error(site, format!("the snapshot names {object}, which is not in the table")),
                Some(object) => object.fields.iter().try_for_each(|&field| self.slot(site, field)),
            },
        }
    }

    fn snapshot(&self, exit: ValueId, snapshot: SnapshotId) -> Result {
        let trace = self.trace;
        let site = Site::Inst(exit);
        let Some(snapshot) = trace.snapshots.get(snapshot.index()) else {
            return trace.error(site, format!("{snapshot} is not in the table"));
        };
        if snapshot.frames.is_empty() {
            return trace.error(site, "the snapshot has no frame");
        }
        for frame in &snapshot.frames {
            if frame.place.code.index() >= trace.pool.codes.len() {
                return trace.error(site, format!("{} of the snapshot is not in the pool", frame.place.code));
            }
            if let Some(&(name, _)) = frame.names.iter().find(|name| name.0.index() >= trace.pool.refs.len()) {
                return trace.error(site, format!("the name {name} of the snapshot is not in the pool"));
            }
            if let Some(function) = frame.function {
                self.available(site, function)?;
                if trace.ty(function) != Ty::Ref {
                    return trace.error(site, format!("the snapshot's function {function} is no reference"));
                }
            }
        }
        snapshot.slots().try_for_each(|slot| self.slot(site, slot))
    }

    fn end(&self) -> Result {
        let trace = self.trace;
        let is_leave = |value: &ValueId| trace.inst(*value).op == Op::Leave;
        let leaves = trace.schedule().filter(is_leave).count();
        let ends_with_leave = trace.body.last().is_some_and(is_leave);
        let site = Site::Part("end");
        match &trace.end {
            End::Leave if !ends_with_leave => {
                return trace.error(site, "the body must end with `leave`, loop, jump or return");
            }
            End::Leave if leaves > 1 => return trace.error(site, "`leave` stands before the end"),
            End::Loop(_) | End::Jump(..) | End::Return(_) if leaves > 0 => {
                return trace.error(site, "`leave` stands before the end");
            }
            _ => {}
        }
        for &arg in trace.end_args() {
            self.available(site, arg)?;
            if trace.ty(arg) == Ty::Unit {
                return trace.error(site, format!("{arg} has no value"));
            }
        }
        match &trace.end {
            End::Loop(args) => check_end_args(trace, trace, args),
            _ => Ok(()),
        }
    }

    fn held(&self) -> Result {
        let trace = self.trace;
        let mut exits: Vec<_> = trace.held.iter().collect();
        exits.sort_unstable();
        for (&exit, held) in exits {
            let scheduled = matches!(self.defined.get(exit.index()), Some(Defined::Preheader | Defined::Body));
            if !scheduled || trace.inst(exit).snapshot.is_none() {
                return trace.error(Site::Part("held"), format!("{exit} is not an exit of the schedule"));
            }
            for (index, &value) in held.iter().enumerate() {
                self.available(Site::Inst(exit), value)?;
                if trace.ty(value) != Ty::Ref {
                    return trace.error(Site::Inst(exit), format!("holds {value}, which is no reference"));
                }
                if held[..index].contains(&value) {
                    return trace.error(Site::Inst(exit), format!("holds {value} twice"));
                }
            }
        }
        Ok(())
    }
}
