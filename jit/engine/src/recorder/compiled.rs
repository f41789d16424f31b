//! Compiled functions: calls of them, and how their own traces end.
//!
//! A function whose entry is hot is recorded from there until it returns. Compiled code calls it directly, with the
//! arguments in the form of its header state, and gets the result unboxed where its type is known; no frame is made. While
//! such a call is recorded, the interpreter executes it; only then is the form of the result known.
//!
//! When the callee leaves compiled code, so do all its callers: each by the exit of its call, whose snapshot is that of the
//! call under way, with the callee's function where the callable was. The interpreter makes all the frames.

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::{
    PyObject, PyRef, VirtualMachine,
    builtins::{PyCode, PyFunction},
};
use tjit_events::Reason;
use tjit_ir::{Effects, End, HelperInfo, Imm, Op, Ownership, SnapshotId, TraceId, Ty, ValueId, VirtualKind};
use tjit_vm::frames::Frame;
use tjit_vm::instrument;

use super::calls::Called;
use super::emit::Num;
use super::functions::code_of;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res, Start};
use crate::decode::{self, CodeKey};
use crate::objects::{Scalar, address};
use crate::state::{HeaderState, SlotState, scalar_state};

/// Instructions of functions that are called that a recording waits for, at most: each is an event.
const MAX_WAITING: u32 = 20_000;
/// What boxing an argument costs, in units of opening a box.
const BOXING: u32 = 10;

/// Why a recording cannot go on before something is done about a function.
#[derive(Debug)]
pub enum Blame {
    /// It has to be compiled first.
    First(PyRef<PyCode>),
    /// Its result is not of the form that was chosen.
    Result(CodeKey),
    /// Its arguments (slots of its state) are not of the form that was chosen.
    Arguments(CodeKey, Vec<usize>),
}

/// A call of a compiled function that the interpreter is executing.
pub struct Waiting {
    code: CodeKey,
    name: String,
    trace: TraceId,
    args: Vec<ValueId>,
    snapshot: SnapshotId,
    events: u32,
}

impl Waiting {
    /// One more event from a frame that the call has made.
    pub(super) fn count(&mut self) -> Res {
        self.events += 1;
        if self.events > MAX_WAITING {
            return Err(Abort::with(Reason::TraceTooLong, format!("a call of {} takes too long", self.name)));
        }
        Ok(())
    }
}

impl Recorder {
    /// Calls a Python function as compiled code, if it has some.
    pub(super) fn call_compiled(
        &mut self,
        op: decode::Op,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        names: &[String],
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Called> {
        let Some(python) = function.downcast_ref::<PyFunction>() else { return Ok(Called::Not) };
        let (Some(code), Ok(globals)) = (code_of(function, vm), function.get_attr("__globals__", vm)) else {
            return Ok(Called::Not);
        };
        let has_frame = instrument::suspends(&code) || code.code.flags.contains(CodeFlags::VARKEYWORDS);
        let version = python.get_version_for_current_state();
        if has_frame
            || !crate::engine::has_room(&self.world, vm)
            || !op.is_call()
            || version == 0
            || self.as_function(callable.sym).is_some()
        {
            return Ok(Called::Not);
        }
        // (What defaults are, only the function itself tells.)
        let by_body = self.world.objects.defaults(function).is_none() && self.is_made_anew(callable, python, &code);
        let made = if by_body { self.take_apart(callable, python, &code, vm)? } else { None };
        let Some(mut locals) = self.bind_arguments(function, made, &code, args, names, vm)? else {
            return Ok(Called::Not);
        };
        self.wrap_in_cells(&code, &mut locals);
        let key = CodeKey::of(&code);
        let mut versions = self.world.functions.versions(key);
        let root = self.waiting.first().map_or(&*self, |first| first);
        let own = match &root.start {
            Start::Loop { state, .. } if self.function.is_some() && self.frames[0].code.key() == key => Some(state),
            _ => None,
        };
        versions.extend(own.map(|state| (root.trace.id, std::rc::Rc::new(state.clone()))));
        versions.retain(|(_, state)| state.scope.globals == address(&globals));
        let costs = versions.iter().filter_map(|(id, state)| Some((self.call_cost(state, &locals, args)?, *id, state)));
        let Some((_, trace, state)) = costs.min_by_key(|(cost, ..)| *cost) else {
            // What the function that is being recorded calls itself with decides its form: nobody else would compile it.
            let mixed = own.map_or_else(Vec::new, |state| self.mixed_arguments(state, &locals, args));
            if !mixed.is_empty() {
                self.blame = Some(Blame::Arguments(key, mixed));
                return Err(Abort::with(Reason::ArgumentsChanged, code.code.obj_name.to_string()));
            }
            if self.world.functions.request(key) {
                let name = code.code.obj_name.to_string();
                self.blame = Some(Blame::First(code));
                return Err(Abort::with(Reason::FunctionNotCompiled, name));
            }
            if let [.., (_, state)] = &versions[..] {
                let fits = |n: usize| self.argument_cost(&state.locals[n], locals[n], args).is_some();
                let differing = (0..locals.len().min(state.locals.len())).filter(|&n| !fits(n)).collect();
                self.blame = Some(Blame::Arguments(key, differing));
                return Err(Abort::with(Reason::ArgumentsChanged, code.code.obj_name.to_string()));
            }
            return Ok(Called::Not);
        };
        let state = state.clone();
        self.flush_names()?;
        self.capture(op.start);
        let mut value = self.reference(callable.sym)?;
        if made.is_none() {
            value = self.guard_is(value, function);
            self.guard_function_version(value, version);
        }
        let (mut values, mut boxed) = (Vec::new(), Vec::new());
        for (slot, sym) in state.locals.iter().zip(locals) {
            self.bind_argument(slot, sym, args, &mut values, &mut boxed)?;
        }
        self.emit_unit(Op::Descend, &[], Imm::Index(self.frames.len() as u32));
        let shadow = self.top();
        shadow.call = op.start;
        shadow.pops = pops;
        self.take_operands();
        let shadow = self.top();
        let taken = shadow.stack.len() - pops;
        shadow.stack[taken] = Sym::Val(value);
        self.capture(op.start);
        let snapshot = self.pre.take().expect("it has just been taken");
        if self.frames.iter().any(|frame| frame.code.key() == key) {
            self.world.functions.set_recursive(key);
        }
        let name = code.code.obj_name.to_string();
        self.pending = Pending::Called(Waiting { code: key, name, trace, args: values, snapshot, events: 0 });
        Ok(Called::Inlined)
    }

    /// The call has returned: now the form of its result is known.
    pub(super) fn finish_called(&mut self, call: Waiting, frame: Frame, vm: &VirtualMachine) -> Res {
        // What has been executed meanwhile may have been specialised, which loses its events.
        self.watch_all(vm)?;
        let pops = self.top_ref().pops;
        let depth = self.top_ref().stack.len() - pops + 1;
        if frame.stack_depth() != depth {
            return Err(Abort::with(Reason::LostPosition, format!("{} has not returned", call.name)));
        }
        let object = frame.stack(depth - 1);
        let is = object.and_then(|object| self.world.objects.scalar(object)).map_or(Ty::Ref, type_of);
        let functions = &self.world.functions;
        let result = match functions.result(call.code, functions.generation(call.code)) {
            Some(ty) => ty,
            None => {
                functions.set_result(call.code, is);
                is
            }
        };
        if result != Ty::Ref && result != is {
            self.blame = Some(Blame::Result(call.code));
            return Err(Abort::with(Reason::ResultChanged, call.name));
        }
        let info = HelperInfo {
            name: call.name,
            addr: functions.word(call.trace) as u64,
            args: call.args.iter().map(|&arg| self.trace.ty(arg)).collect(),
            result,
            effects: Effects::OPAQUE,
            ownership: if result == Ty::Ref { Ownership::Owned } else { Ownership::None },
            trace: Some(call.trace),
        };
        let callee = self.pool.function(&mut self.trace.pool, info);
        self.pre = Some(call.snapshot);
        let value = self.emit(Op::Call, &call.args, Imm::Helper(callee));
        self.pre = None;
        self.replace(pops, Sym::Val(value));
        Ok(())
    }

    /// The function that the trace belongs to returns.
    pub(super) fn return_from_function(&mut self, op: decode::Op) -> Res<Flow> {
        let answer = self.peek(0)?;
        self.capture(op.start);
        let key = self.frames[0].code.key();
        let generation = self.function.expect("only traces of functions return");
        let is = answer.object().and_then(|object| self.world.objects.scalar(object)).map_or(Ty::Ref, type_of);
        let wanted = match self.world.functions.result(key, generation) {
            Some(ty) => ty,
            None => {
                self.world.functions.set_result(key, is);
                is
            }
        };
        let value = if wanted == Ty::Ref {
            self.reference(answer.sym)?
        } else {
            match self.num(answer)? {
                Some(Num::Int(value, _) | Num::Float(value, _) | Num::Bool(value, _)) if is == wanted => value,
                _ => {
                    self.blame = Some(Blame::Result(key));
                    let detail = self.frames[0].code.code.obj_name.to_string();
                    return Err(Abort::with(Reason::ResultChanged, detail));
                }
            }
        };
        // The locals go with the frame.
        for sym in self.frames[0].locals.clone() {
            self.give_up(sym)?;
        }
        self.trace.end = End::Return(value);
        Ok(Flow::Done)
    }

    /// The entered frame returns. It does so itself: the interpreter goes on with it at an instruction that returns.
    pub(super) fn return_from_entered(&mut self, op: decode::Op) -> Res<Flow> {
        let top = self.top_ref();
        let suspends = instrument::suspends(&top.code.code);
        if matches!(self.start, Start::Loop { .. }) && !suspends {
            return Err(Abort::with(Reason::LeftTheLoop, "return"));
        }
        let frame = top.frame;
        let mut objects = (0..frame.local_count()).filter_map(|index| frame.local(index));
        let leaves = suspends
            || top.code.first(Opcode::ReturnValue).is_none()
            // The order in which they are finalised is the interpreter's.
            || objects.any(|object| self.world.objects.is_noisy(object));
        self.flush_names()?;
        self.capture(op.start);
        if leaves {
            return self.end_in_leave();
        }
        self.call_helper(&crate::helpers::failing::unheld(), &[]);
        let answer = self.peek(0)?;
        let value = self.reference(answer.sym)?;
        for sym in self.frames[0].locals.clone() {
            self.give_up(sym)?;
        }
        self.trace.end = End::Return(value);
        Ok(Flow::Done)
    }

    /// What it costs to call with these locals in a state. `None`: impossible.
    fn call_cost(&self, state: &HeaderState, locals: &[Sym], args: &[Operand]) -> Option<u32> {
        if state.locals.len() != locals.len() {
            return None;
        }
        state.locals.iter().zip(locals).map(|(slot, &sym)| self.argument_cost(slot, sym, args)).sum()
    }

    /// The locals that are numbers in a state and other objects this time, or the other way round.
    fn mixed_arguments(&self, state: &HeaderState, locals: &[Sym], args: &[Operand]) -> Vec<usize> {
        let is_number = |sym: Sym| match self.resolve(sym) {
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref => scalar_of(self, sym, args).is_some(),
            Sym::Val(_) => true,
            _ => false,
        };
        let differs = |n: &usize| match &state.locals[*n] {
            SlotState::Ref => is_number(locals[*n]),
            slot => slot.ty().is_some_and(|ty| ty != Ty::Ref) && !is_number(locals[*n]),
        };
        (0..state.locals.len().min(locals.len())).filter(differs).collect()
    }

    fn argument_cost(&self, slot: &SlotState, sym: Sym, args: &[Operand]) -> Option<u32> {
        let virtual_kind = self.as_virtual(sym).map(|(_, kind)| kind);
        match (slot, self.resolve(sym)) {
            (SlotState::Empty, Sym::Empty) => Some(0),
            (SlotState::Boxed, Sym::Val(value)) => Some(if self.trace.ty(value) == Ty::Ref { 0 } else { BOXING }),
            (SlotState::Ref, Sym::Val(value)) => {
                // A number is an object too, but the traces were recorded with something else.
                let number = self.trace.ty(value) != Ty::Ref || scalar_of(self, sym, args).is_some();
                (!number).then_some(0)
            }
            (SlotState::Ref | SlotState::Boxed, Sym::Virt(_)) => {
                (virtual_kind != Some(VirtualKind::Slice)).then_some(2 * BOXING)
            }
            (slot, Sym::Val(value)) => match (slot.ty()?, self.trace.ty(value)) {
                (wanted, is) if wanted == is => Some(0),
                (_, Ty::Ref) => (scalar_state(scalar_of(self, sym, args)?) == *slot).then_some(1),
                _ => None,
            },
            _ => None,
        }
    }

    fn bind_argument(
        &mut self,
        slot: &SlotState,
        sym: Sym,
        args: &[Operand],
        out: &mut Vec<ValueId>,
        boxed: &mut Vec<(Sym, ValueId)>,
    ) -> Res {
        match (slot, self.resolve(sym)) {
            (SlotState::Empty, _) => {}
            (SlotState::Ref | SlotState::Boxed, sym) => {
                // What is handed over twice stays one object.
                let known = boxed.iter().find(|(other, _)| *other == sym).map(|(_, value)| *value);
                let value = known.map_or_else(|| self.reference(sym), Ok)?;
                boxed.push((sym, value));
                out.push(value);
            }
            (_, Sym::Val(value)) if self.trace.ty(value) == Ty::Ref => {
                let operand = args.iter().find(|arg| arg.sym == sym).copied();
                let object = operand.and_then(Operand::object);
                let scalar = object.and_then(|object| self.world.objects.scalar(object));
                let (Some(object), Some(scalar)) = (object, scalar) else {
                    return Err(Abort::new(Reason::LostPosition));
                };
                out.push(self.unbox(value, object, scalar));
            }
            (_, Sym::Val(value)) => out.push(value),
            _ => return Err(Abort::new(Reason::LostPosition)),
        }
        Ok(())
    }
}

/// The number that an argument is this time, if it is one.
fn scalar_of(recorder: &Recorder, sym: Sym, args: &[Operand]) -> Option<Scalar> {
    let operand = args.iter().find(|arg| arg.sym == sym)?;
    recorder.world.objects.scalar(operand.object()?)
}

fn type_of(scalar: Scalar) -> Ty {
    match scalar {
        Scalar::Int(_) => Ty::Int,
        Scalar::Float(_) => Ty::Float,
        Scalar::Bool(_) => Ty::Bool,
    }
}
