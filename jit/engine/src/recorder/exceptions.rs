//! Exceptions that are raised and caught in the trace.
//!
//! What is raised is a virtual object, and so are its traceback and what a handler keeps on the stack of the exceptions that
//! are being handled; when nobody keeps the exception, none of it is ever made, and raising and catching it is a jump. An
//! exit in a handler makes all of it, and tells the VM what is being handled ([`crate::exits`]).
//!
//! ```text
//!   raise ──► frames are left, stack cut ──► handler: match, body ──► exception gone ──► as usual
//!                                               └── exits: exception, traceback, context are made
//! ```
//!
//! Meanwhile the VM is not told that an exception is being handled. So what could ask it, any call that may run Python code
//! which is not in the trace, is not recorded on this *stretch*: the recording ends, and from then on traces leave at the
//! instruction that raises.

use rustpython_compiler_core::bytecode::{ExceptionTableEntry, Opcode, find_exception_handler};
use rustpython_vm::{
    AsObject, Py, PyObject, PyRef, VirtualMachine,
    builtins::{PyBaseException, PyType},
};
use tjit_events::Reason;
use tjit_ir::{Effects, Imm, Mem, Op, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

pub(super) use super::thrown::part;
use super::thrown::traceback;

use super::sym::Sym;
use super::{Abort, Flow, Pending, Recorder, Res, Start};
use crate::decode::{self, CodeKey};
use crate::helpers;
use crate::native::Redo;

/// The stretch of a trace from an instruction that raises until its exception is gone.
pub(super) struct Caught {
    /// The instruction that raises, when it is in this trace.
    place: Option<(CodeKey, u32)>,
    /// What was raised: virtual objects.
    raised: Vec<usize>,
    /// What the handlers that have been entered keep: the depth of their frame and a virtual object, outermost first.
    handled: Vec<(usize, usize)>,
    /// How many handlers the VM has been told of: none, or the only one.
    told: usize,
    /// Why this cannot be recorded.
    failed: Option<&'static str>,
}

/// How a call of compiled code has ended that has not returned.
pub enum CallEnd {
    /// It has raised an exception of this class, with or without a traceback of its own.
    Raised(PyRef<PyType>, bool),
    /// It has asked for its instruction to be done again, as it does what was not foreseen.
    Redo(Redo),
}

/// What an exception on its way to a handler is.
#[derive(Clone)]
pub(super) struct Raised {
    exception: Sym,
    /// The instruction whose handler is looked for.
    unit: u32,
    /// The instruction that the handler is told of.
    raised_at: u32,
    /// It has been raised before in this frame, which adds nothing to its traceback.
    again: bool,
}

impl Recorder {
    /// RAISE_VARARGS.
    pub(super) fn raise(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        if self.raise_stop(op, vm)? {
            return Ok(());
        }
        match op.arg {
            0 => {
                let Some(exception) = self.handled() else { return Err(raises("raise")) };
                self.start_raising(exception, op, false, vm)?;
                self.raises_again(exception);
                Ok(())
            }
            1 => {
                let Some(exception) = self.exception_of(self.peek(0)?, vm)? else { return Err(raises("raise")) };
                self.start_raising(exception, op, true, vm)
            }
            _ => {
                let (exception, cause) = (self.exception_of(self.peek(1)?, vm)?, self.peek(0)?);
                let is_none = cause.object().is_some_and(|cause| vm.is_none(cause));
                let cause = if is_none { Some(cause.sym) } else { self.exception_of(cause, vm)? };
                let (Some(Sym::Virt(index)), Some(cause)) = (exception, cause) else { return Err(raises("raise")) };
                if self.reaches_virtual(cause, index) {
                    return Err(raises("an exception that is its own cause"));
                }
                self.set_part(index, "__cause__", cause, vm);
                self.start_raising(Sym::Virt(index), op, true, vm)
            }
        }
    }

    /// The same for the instruction that is being recorded.
    pub(super) fn raises_here(&mut self, class: &Py<PyType>, vm: &VirtualMachine) -> Res {
        let Some((op, _)) = self.last else { return Err(Abort::new(Reason::LostPosition)) };
        self.raises_new(op, class, Sym::Empty, vm)
    }

    /// The instruction raises a new exception of this class, as it does each time that the guards hold which were emitted.
    /// Its arguments are a virtual tuple, or the exception itself, or nothing when they are always the same.
    pub(super) fn raises_new(
        &mut self,
        op: decode::Op,
        class: &Py<PyType>,
        arguments: Sym,
        vm: &VirtualMachine,
    ) -> Res {
        let class = self.constant(class.as_object());
        let exception = self.new_virtual(VirtualKind::Exception, vec![Sym::Val(class), arguments, Sym::Empty]);
        self.start_raising(exception, op, false, vm)
    }

    /// An exception is raised; by `raise` when it `is_explicit`.
    pub(super) fn start_raising(
        &mut self,
        exception: Sym,
        op: decode::Op,
        is_explicit: bool,
        vm: &VirtualMachine,
    ) -> Res {
        let Sym::Virt(index) = exception else { return Err(Abort::new(Reason::LostPosition)) };
        let key = self.top_ref().code.key();
        let unit = op.unit;
        let Some((depth, entry)) = self.handler_of(unit) else { return Err(raises("raise out of the trace's frames")) };
        let is_left = self.caught.is_none() && self.world.leaves.borrow().contains(&(key, op.start));
        if is_left || self.frames[depth + 1..].iter().any(|shadow| shadow.generator.is_some()) {
            return Err(raises("an exception that its handler looks at"));
        }
        // What finalisers see has to come at the interpreter's time.
        for n in depth..self.frames.len() {
            let shadow = &self.frames[n];
            let locals = if n == depth { 0 } else { shadow.frame.local_count() };
            let from = if n == depth { entry.depth.into() } else { 0 };
            let locals = (0..locals).filter_map(|local| shadow.frame.local(local));
            let stack = (from..shadow.frame.stack_depth()).filter_map(|at| shadow.frame.stack(at));
            let is_own = |object: &&PyObject| object.downcast_ref::<PyBaseException>().is_none();
            if locals.chain(stack).filter(is_own).any(|object| self.world.objects.is_noisy(object)) {
                return Err(raises("an exception that finalises"));
            }
        }
        let is_new = self.field(index, part::TRACEBACK) == Sym::Empty;
        if let Some(Sym::Virt(context)) = self.handled()
            && (is_new || is_explicit)
            && context != index
        {
            if !is_new || self.reaches_virtual(Sym::Virt(context), index) {
                return Err(raises("an exception that is raised again while another one is handled"));
            }
            self.set_part(index, "__context__", Sym::Virt(context), vm);
        }
        let place = Some((key, op.start));
        let caught =
            self.caught.get_or_insert(Caught { place, raised: Vec::new(), handled: Vec::new(), told: 0, failed: None });
        if !caught.raised.contains(&index) {
            caught.raised.push(index);
        }
        self.pending = Pending::Raising(Raised { exception, unit, raised_at: unit, again: false });
        Ok(())
    }

    /// The exception that is being raised has been raised in this frame before.
    fn raises_again(&mut self, exception: Sym) {
        let is_known = matches!(exception, Sym::Virt(index) if self.field(index, part::TRACEBACK) != Sym::Empty);
        if let Pending::Raising(raised) = &mut self.pending {
            raised.again = is_known;
        }
    }

    /// The exception that is being handled in the trace.
    fn handled(&self) -> Option<Sym> {
        let &(_, handled) = self.caught.as_ref()?.handled.last()?;
        Some(self.field(handled, 1))
    }

    /// The frame and the handler that an exception comes to which the innermost frame raises.
    pub(super) fn handler_of(&self, unit: u32) -> Option<(usize, ExceptionTableEntry)> {
        self.handler_from(self.frames.len() - 1, unit)
    }

    /// The same for what the frame at `from` raises.
    fn handler_from(&self, from: usize, unit: u32) -> Option<(usize, ExceptionTableEntry)> {
        let mut at = unit;
        for (depth, shadow) in self.frames[..=from].iter().enumerate().rev() {
            if depth < from {
                if self.falls_back(shadow) {
                    // It may not get any further.
                    return None;
                }
                at = shadow.code.instruction_at(shadow.call).map_or(shadow.call, |op| op.unit);
            }
            if let Some(entry) = find_exception_handler(&shadow.code.code.exceptiontable, at) {
                return Some((depth, entry));
            }
        }
        None
    }

    /// Whether an exception that the instruction raises is handled in the trace's frames.
    pub(super) fn is_handled(&self, op: decode::Op) -> bool {
        self.handler_of(op.unit).is_some()
    }

    /// An exception has come to its handler, whose first instruction is about to be executed.
    pub(super) fn catch(&mut self, raised: Raised, frame: Frame, vm: &VirtualMachine) -> Res {
        let Some((depth, entry)) = self.handler_of(raised.unit) else { return Err(Abort::new(Reason::LostPosition)) };
        if frame != self.frames[depth].frame {
            return Err(Abort::with(Reason::LostPosition, "an exception came to another handler"));
        }
        let Sym::Virt(index) = raised.exception else { return Err(Abort::new(Reason::LostPosition)) };
        let top = frame.stack_depth().checked_sub(1).and_then(|top| frame.stack(top));
        let Some(object) = top.and_then(|object| object.downcast_ref::<PyBaseException>()) else {
            return Err(Abort::with(Reason::LostPosition, "a handler without an exception"));
        };
        self.fill_arguments(index, object, vm)?;
        let mut lasti = raised.raised_at;
        let mut unit = raised.unit;
        let mut is_again = raised.again;
        loop {
            let last = self.frames.len() - 1;
            if !std::mem::take(&mut is_again) {
                self.add_entry(index, unit);
            }
            if last == depth {
                break;
            }
            self.leave_entries(last)?;
            let Some(left) = self.frames.pop() else { break };
            for sym in left.stack.into_iter().filter(|&sym| sym != raised.exception) {
                self.give_up(sym)?;
            }
            let top = self.top_ref();
            unit = top.code.instruction_at(top.call).map_or(top.call, |op| op.unit);
            lasti = unit;
        }
        let shadow = self.top();
        let cut = shadow.stack.split_off(usize::from(entry.depth).min(shadow.stack.len()));
        shadow.next = entry.target;
        for sym in cut.into_iter().filter(|&sym| sym != raised.exception && sym != Sym::Kept) {
            self.give_up(sym)?;
        }
        if entry.push_lasti {
            let lasti = self.trace.const_int(lasti.into());
            self.push(Sym::Val(lasti));
        }
        self.push(raised.exception);
        Ok(())
    }

    /// PUSH_EXC_INFO.
    pub(super) fn push_exception(&mut self) -> Res {
        let exception = self.peek(0)?.sym;
        if !self.is_raised(exception) {
            return Err(raises("a handler"));
        }
        let depth = self.frames.len() - 1;
        // A generator has exceptions of its own that it handles.
        let generator = self.frames.iter().rposition(|shadow| shadow.generator.is_some());
        let outer = self.caught.as_ref().and_then(|caught| caught.handled.last().copied());
        let before = match (outer.filter(|&(at, _)| at >= generator.unwrap_or(0)), generator) {
            (Some((_, outer)), _) => self.field(outer, 1),
            (None, Some(at)) if at > 0 => Sym::Val(self.none()),
            (None, _) => Sym::Val(self.call_helper(&helpers::failing::handled(), &[])),
        };
        let handled = self.new_virtual(VirtualKind::Handled, vec![before, exception]);
        if let (Some(caught), Sym::Virt(index)) = (&mut self.caught, handled) {
            caught.handled.push((depth, index));
        }
        self.replace(1, handled);
        self.push(exception);
        Ok(())
    }

    /// CHECK_EXC_MATCH: stack is exception, class or tuple of classes.
    pub(super) fn match_exception(&mut self, vm: &VirtualMachine) -> Res {
        let (exception, wanted) = (self.peek(1)?, self.peek(0)?);
        let Some(object) = exception.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.is_raised(exception.sym) {
            return Err(raises("a handler"));
        }
        let is_plain = |class: &PyObject| {
            class.downcast_ref::<PyType>().is_some_and(|of| {
                of.class().is(vm.ctx.types.type_type) && of.fast_issubclass(vm.ctx.exceptions.base_exception_type)
            })
        };
        let Some(classes) = self.guard_classes(wanted, |classes| classes.iter().all(|class| is_plain(class)))? else {
            return Err(raises("a handler of what is no plain class"));
        };
        let of = object.class().to_owned();
        let constant = self.constant(of.as_object());
        if !self.guard_version(&of, constant, vm) {
            return Err(raises("a handler of a class without a version"));
        }
        let matches = classes.iter().filter_map(|class| class.downcast_ref::<PyType>());
        let matches = matches.into_iter().any(|class| of.fast_issubclass(class));
        let matches = self.trace.const_bool(matches);
        self.replace(1, Sym::Val(matches));
        Ok(())
    }

    /// POP_EXCEPT.
    pub(super) fn pop_exception(&mut self) -> Res {
        let kept = self.peek(0)?.sym;
        match self.caught.as_mut().and_then(|caught| caught.handled.pop()) {
            Some((_, handled)) if kept == Sym::Virt(handled) => {
                self.pop(1);
                if self.caught.as_mut().is_some_and(|caught| std::mem::take(&mut caught.told) > 0) {
                    let before = self.reference(self.field(handled, 0))?;
                    self.call_helper(&helpers::failing::tell(), &[before]);
                }
                Ok(())
            }
            _ => Err(raises("the end of a handler")),
        }
    }

    /// RERAISE.
    pub(super) fn reraise(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        if !self.is_raised(operand.sym) {
            return Err(raises("an exception goes on"));
        }
        self.start_raising(operand.sym, op, false, vm)?;
        self.raises_again(operand.sym);
        let stack = &self.top_ref().stack;
        let told = (stack.len() - 1).checked_sub(op.arg as usize).map(|at| stack[at]);
        let told = match told {
            Some(Sym::Val(value)) if op.arg > 0 => self.trace.as_int(value),
            _ => None,
        };
        if let (Pending::Raising(raised), Some(told)) = (&mut self.pending, told) {
            raised.raised_at = told as u32;
        }
        Ok(())
    }

    /// Whether a symbol is an exception on its way, or in a handler.
    pub(super) fn is_raised(&self, sym: Sym) -> bool {
        let Some((index, VirtualKind::Exception)) = self.as_virtual(sym) else { return false };
        self.caught.as_ref().is_some_and(|caught| caught.raised.contains(&index))
    }

    /// Before the next instruction: whether all exceptions are gone.
    pub(super) fn settle_caught(&mut self) -> Res {
        let Some(caught) = &self.caught else { return Ok(()) };
        if !caught.handled.is_empty() || caught.raised.iter().any(|&exception| self.is_held(exception)) {
            return Ok(());
        }
        let Some(caught) = self.caught.take() else { return Ok(()) };
        for exception in caught.raised {
            self.give_up(Sym::Virt(exception))?;
        }
        Ok(())
    }

    /// An instruction is being emitted: whether that may be, while an exception is handled.
    pub(super) fn note_effects(&mut self, effects: &Effects) {
        if let Some(caught) = &mut self.caught
            && effects.opaque
            && caught.handled.len() > caught.told
        {
            caught.failed.get_or_insert("a handler that calls what may look");
        }
    }

    /// Before a call that may run Python code: the VM is told what is being handled. What cannot be told is noticed when the
    /// call is emitted.
    pub(super) fn tell_handled(&mut self) -> Res {
        let Some(&Caught { ref handled, told: 0, .. }) = self.caught.as_ref() else { return Ok(()) };
        let &[(0, handled)] = &handled[..] else { return Ok(()) };
        let Sym::Virt(exception) = self.field(handled, 1) else { return Ok(()) };
        if self.virtuals[exception].made.is_none() && !self.can_make_raised(exception) {
            return Ok(());
        }
        let exception = self.reference(Sym::Virt(exception))?;
        self.call_helper(&helpers::failing::tell(), &[exception]);
        if let Some(caught) = &mut self.caught {
            caught.told = 1;
        }
        Ok(())
    }

    /// Whether an exception that was raised can be made in the trace: when the only frame of its traceback that has not been
    /// left is the entered one, which exists.
    fn can_make_raised(&self, index: usize) -> bool {
        let mut next = self.field(index, part::TRACEBACK);
        while let Some((entry, VirtualKind::Traceback)) = self.as_virtual(next) {
            if let Sym::Val(at) = self.field(entry, traceback::FRAME)
                && self.trace.as_int(at).is_some_and(|at| at > 0)
            {
                return false;
            }
            next = self.field(entry, traceback::NEXT);
        }
        self.function.is_none() && self.frames[0].generator.is_none()
    }

    /// A virtual exception has to be made.
    pub(super) fn note_made(&mut self, index: usize) -> Res {
        match &self.caught {
            Some(caught) if caught.raised.contains(&index) && !self.can_make_raised(index) => {
                Err(raises("an exception that its handler keeps"))
            }
            _ if self.field(index, part::ARGUMENTS) == Sym::Empty => Err(raises("an exception that is looked at")),
            _ => Ok(()),
        }
    }

    /// Whether an exception is handled.
    pub(super) fn is_handling(&self) -> bool {
        self.caught.is_some()
    }

    /// A frame is about to return: entries of tracebacks that lead to it get its variables.
    pub(super) fn leave_entries(&mut self, depth: usize) -> Res {
        let Some(caught) = &self.caught else { return Ok(()) };
        let mut entries = Vec::new();
        for &exception in &caught.raised {
            let mut next = self.field(exception, part::TRACEBACK);
            while let Sym::Virt(entry) = next {
                if matches!(self.field(entry, traceback::FRAME), Sym::Val(at) if self.trace.as_int(at) == Some(depth as i64))
                {
                    entries.push((exception, entry));
                }
                next = self.field(entry, traceback::NEXT);
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        let shadow = &self.frames[depth];
        let (locals, function) = (shadow.locals.clone(), shadow.function);
        let Some(function) = function else { return Err(raises("an exception that leaves a generator")) };
        for &(exception, entry) in &entries {
            if locals.iter().any(|&local| self.reaches_virtual(local, exception)) {
                return Err(raises("an exception that a variable of a frame holds that it leaves"));
            }
            self.virtuals[entry].fields[traceback::FRAME] = Sym::Val(function);
            self.virtuals[entry].fields.extend(&locals);
        }
        Ok(())
    }

    /// What a recording from an exit in a handler has to know of what is handled there.
    pub(super) fn find_handled(&mut self) {
        let mut handled = Vec::new();
        for (depth, shadow) in self.frames.iter().enumerate() {
            for &sym in &shadow.stack {
                if let Some((index, VirtualKind::Handled)) = self.as_virtual(sym) {
                    handled.push((depth, index));
                }
            }
        }
        let is_raised = |object: &super::SymVirtual| {
            object.kind == VirtualKind::Exception && object.fields[part::TRACEBACK] != Sym::Empty
        };
        let raised: Vec<usize> = (0..self.virtuals.len()).filter(|&n| is_raised(&self.virtuals[n])).collect();
        if !raised.is_empty() {
            self.caught = Some(Caught { place: None, raised, handled, told: 0, failed: None });
        }
    }

    /// What becomes of a translation: one that cannot be while an exception is handled makes traces leave where that is
    /// raised, and a bridge ends where something is raised that it cannot follow.
    pub(super) fn settle_flow(&mut self, flow: Res<Flow>) -> Res<Flow> {
        let flow = match (flow, self.caught.as_ref().and_then(|caught| caught.failed)) {
            (Ok(_), Some(failed)) => Err(raises(failed)),
            (flow, _) => flow,
        };
        let Err(abort) = flow else { return flow };
        if let Some(Caught { place: Some(place), .. }) = &self.caught {
            self.is_again |= self.world.leaves.borrow_mut().insert(*place);
            let detail = format!("{}: {}", abort.reason.name(), abort.detail.unwrap_or_default());
            return Err(Abort::with(Reason::ExceptionInRecording, detail));
        }
        let is_bridge = !matches!(self.start, Start::Loop { .. });
        let may_end = abort.reason == Reason::ExceptionInRecording || self.caught.is_some();
        let Some((_, length)) = self.last.filter(|_| may_end && is_bridge && self.pre.is_some()) else {
            return Err(abort);
        };
        // What it has emitted for the instruction must not have done anything yet.
        let is_done = |&value: &ValueId| {
            let effects = self.trace.inst_effects(self.trace.inst(value));
            effects.opaque || !effects.writes.difference(Mem::LIFE).is_empty()
        };
        if self.trace.body[length..].iter().any(is_done) {
            return Err(abort);
        }
        self.end_in_leave()
    }

    /// The interpreter has gone elsewhere than foreseen, with an exception. False: it is not in a handler of the instruction.
    pub(super) fn raised_unforeseen(&mut self, frame: Frame, unit: u32, vm: &VirtualMachine) -> Res<Option<Flow>> {
        let Some((op, before)) = self.last else { return Ok(None) };
        if self.trace.body.len() <= before {
            return Ok(None);
        }
        let plain = matches!(self.pending, Pending::Nothing | Pending::Residual | Pending::StepOpaque(_));
        let Some((depth, entry)) = self.handler_of(op.unit) else { return Ok(None) };
        if !plain || self.frames[depth].frame != frame || entry.target != unit {
            return Ok(None);
        }
        let Some(&call) = self.trace.body.last() else { return Ok(None) };
        let (Op::Call, Imm::Helper(id), Some(snapshot)) =
            (self.trace.inst(call).op, self.trace.inst(call).imm, self.trace.inst(call).snapshot)
        else {
            return Ok(None);
        };
        let is_translated = frame.stack_depth().checked_sub(1).and_then(|top| frame.stack(top));
        let class = is_translated.filter(|object| object.downcast_ref::<PyBaseException>().is_some());
        let Some(class) = class.map(|object| object.class().to_owned()) else { return Ok(None) };
        let args = self.trace.inst(call).args.clone();
        let twin = helpers::failing::twin(self.trace.pool.helpers[id.index()].addr);
        let is_residual = matches!(std::mem::replace(&mut self.pending, Pending::Nothing), Pending::Residual);
        self.pre = Some(snapshot);
        match twin.filter(|_| crate::natives::is_builtin(&class)) {
            Some(twin) => {
                self.trace.body.pop();
                self.top().stack.iter_mut().filter(|sym| **sym == Sym::Val(call)).for_each(|sym| *sym = Sym::Kept);
                let mut args = args.to_vec();
                args.push(self.constant(class.as_object()));
                let exception = self.call_helper(&twin, &args);
                self.raises_new(op, &class, Sym::Val(exception), vm)?;
                Ok(Some(Flow::Continue))
            }
            None if self.caught.is_none() && !matches!(self.start, Start::Loop { .. }) => {
                if self.trace.pool.helpers[id.index()].effects.opaque && is_residual {
                    // Its exit is where the exception goes on.
                    let next = self.top_ref().next;
                    self.capture(next);
                } else {
                    self.trace.body.pop();
                }
                self.end_in_leave().map(Some)
            }
            None => Ok(None),
        }
    }

    /// The recording begins where a call of the trace that was left has not returned, at `op`.
    ///
    /// # Errors
    /// When it cannot be followed.
    pub(super) fn begin_after_call(&mut self, end: CallEnd, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        self.capture(op.start);
        match end {
            CallEnd::Raised(class, has_traceback) => {
                if self.handler_of(op.unit).is_none() {
                    self.pre = None;
                    return Err(raises("raise out of the trace's frames"));
                }
                let constant = self.constant(class.as_object());
                let has = self.trace.const_bool(has_traceback);
                let exception = self.call_helper(&helpers::failing::raised(), &[constant, has]);
                let mut before = Sym::Empty;
                if has_traceback {
                    before = Sym::Val(self.call_helper(&helpers::failing::traceback(), &[exception]));
                }
                let parts = vec![Sym::Val(constant), Sym::Val(exception), before];
                let exception = self.new_virtual(VirtualKind::Exception, parts);
                // The exception is taken, and cannot be put back.
                self.start_raising(exception, op, false, vm).inspect_err(|_| self.pre = None)?;
                Ok(Flow::Continue)
            }
            CallEnd::Redo(_) => {
                self.call_helper(&helpers::failing::redone(), &[]);
                self.translate(op, vm)
            }
        }
    }

    /// Whether the trace may end here: not while an exception is handled.
    pub(super) fn must_not_end(&self, op: decode::Op) -> bool {
        let ends =
            op.opcode == Opcode::ReturnValue || self.is_step && matches!(op.opcode, Opcode::YieldValue | Opcode::Send);
        self.caught.is_some() && ends && self.frames.len() == 1
    }
}

pub(super) fn raises(what: &'static str) -> Abort {
    Abort::with(Reason::ExceptionInRecording, what)
}
