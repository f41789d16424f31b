//! Generators: made, resumed, left.
//!
//! A generator that the trace makes, or that was taken apart when it was entered, is virtual: what is in its frame are
//! values of the trace. Resuming it makes its frame one of the trace's frames, and a `yield` makes it virtual again.
//! Nothing of that costs an operation.
//!
//! ```text
//! for x in evens(n):      consumer ──FOR_ITER──► evens: RESUME … STORE_FAST i … YIELD_VALUE i ──► consumer: STORE_FAST x
//!
//!     generator(maker, code, globals, unit 40, n = %1, i = %2, range_iter(%3 …))
//! ```
//!
//! The header of a generator's own loop is passed once between two yields: that is not an iteration of an inner loop. Only
//! the second time it is.

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyCode, PyFunction},
};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};
use tjit_vm::frames::Frame;
use tjit_vm::site::SiteKind;

use super::sym::{Operand, Running, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::decode::{self, Decoded};
use crate::helpers;
use crate::known::Builtin;
use crate::state::generator::{CODE, ENDED, MAKER, RUNNING, SLOTS, UNIT};

impl Recorder {
    /// A generator that a call of a generator function makes. `maker` is the function in the trace, or its body; `locals`
    /// are its arguments, bound: its cells are made when it begins.
    pub(super) fn new_generator(
        &mut self,
        maker: ValueId,
        function: &PyObject,
        code: &Py<PyCode>,
        locals: Vec<Sym>,
        vm: &VirtualMachine,
    ) -> Option<Sym> {
        let globals = function.get_attr("__globals__", vm).ok()?;
        let code_flags = code.code.flags;
        let (code, globals) = (self.constant(code.as_object()), self.constant(&globals));
        let start = self.trace.const_int(0);
        let mut fields = [maker, code, globals, start].map(Sym::Val).to_vec();
        fields.extend(locals);
        let is_coroutine = code_flags.contains(CodeFlags::COROUTINE);
        let kind = if is_coroutine { VirtualKind::Coroutine } else { VirtualKind::Generator };
        Some(self.new_virtual(kind, fields))
    }

    /// A virtual generator that has not begun is made by calling its function, as the program does. `None`: it takes more
    /// than a few plain arguments.
    pub(super) fn make_fresh_generator(&mut self, index: usize) -> Res<Option<ValueId>> {
        let Some(code) = self.generator_code(index).filter(|_| self.generator_unit(index) == 0) else {
            return Ok(None);
        };
        let (Some(count), Sym::Val(maker)) = (crate::exits::plain_arguments(&code), self.field(index, MAKER)) else {
            return Ok(None);
        };
        let Some(helper) = helpers::generators::generator(count) else { return Ok(None) };
        // (A function that does not exist is named by a pair.)
        let is_constant = self.trace.as_ref(maker).is_some_and(|id| {
            // SAFETY: the pool keeps its objects alive.
            let maker = unsafe { self.world.objects.clone_ref(self.trace.pool.refs[id.index()].addr) };
            maker.downcast_ref::<PyFunction>().is_some()
        });
        let is_function = is_constant || self.functions.contains(&maker);
        let arguments = self.virtuals[index].fields[SLOTS..][..count].to_vec();
        if !is_function || arguments.contains(&Sym::Empty) {
            return Ok(None);
        }
        let mut operands = vec![maker];
        for argument in arguments {
            operands.push(self.reference(argument)?);
        }
        Ok(Some(self.call_helper(&helper, &operands)))
    }

    /// Whether calls of a function with this code make generators or coroutines that the trace can follow.
    pub(super) fn is_plain_generator(&self, code: &Py<PyCode>) -> bool {
        tjit_vm::instrument::suspends(code)
            && !code.code.flags.contains(CodeFlags::ASYNC_GENERATOR)
            && !self.world.known.is_no_inline(code.as_object())
            && self.decoded(code).kind_site(SiteKind::Entry).is_some()
    }

    /// An instruction that steps a virtual generator is about to be executed. False: it has to be stepped as an object.
    pub(super) fn resume(&mut self, op: decode::Op, index: usize, sent: Option<Sym>, vm: &VirtualMachine) -> Res<bool> {
        let Some(code) = self.generator_code(index) else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.may_resume(index) {
            return Ok(false);
        }
        // Before it is watched, which changes it.
        self.decoded(&code);
        self.watch(&code, vm)?;
        let top = self.top();
        top.call = op.start;
        top.pops = 0;
        let sent = sent.unwrap_or(Sym::Val(self.none()));
        self.pending = Pending::Resume(index, sent);
        Ok(true)
    }

    /// Whether a virtual generator can be stepped as a frame of the trace.
    pub(super) fn may_resume(&self, index: usize) -> bool {
        let Some(code) = self.generator_code(index) else { return false };
        self.frames.iter().all(|shadow| !shadow.code.code.is(&code))
            && self.generator_unit(index) != RUNNING
            && !self.world.known.is_no_inline(code.as_object())
            && !self.world.known.waits(code.as_object())
            && self.frames.len() <= self.world.inline_depth
    }

    /// Whether a frame is not that of the generator which is about to be resumed.
    pub(super) fn is_another(&self, index: usize, frame: Frame) -> bool {
        self.generator_code(index).is_none_or(|code| !frame.code().is(&code))
    }

    pub(super) fn generator_code(&self, index: usize) -> Option<rustpython_vm::PyRef<PyCode>> {
        self.constant_object(self.field(index, CODE))?.downcast().ok()
    }

    /// Where a generator goes on, or how it is.
    pub(super) fn generator_unit(&self, index: usize) -> i64 {
        match self.field(index, UNIT) {
            Sym::Val(unit) => self.trace.as_int(unit).unwrap_or(RUNNING),
            _ => RUNNING,
        }
    }

    /// The frame of a generator has reported for the first time since it was resumed.
    pub(super) fn enter_generator(&mut self, index: usize, sent: Sym, frame: Frame) -> Res {
        let code = self.generator_code(index).filter(|code| frame.code().is(code));
        let Some(code) = code else { return Err(Abort::with(Reason::LostPosition, "another generator was resumed")) };
        self.is_sized = false;
        let code = self.decoded(&code);
        let unit = self.generator_unit(index);
        let mut locals = self.virtuals[index].fields[SLOTS..][..frame.local_count()].to_vec();
        let mut stack = self.virtuals[index].fields[SLOTS + locals.len()..].to_vec();
        self.set_generator(index, RUNNING, Vec::new());
        let next = match u32::try_from(unit) {
            Ok(0) => {
                self.wrap_in_cells(&code.code, &mut locals);
                code.first(Opcode::Resume).unwrap_or(0)
            }
            Ok(unit) => {
                stack.push(sent);
                unit
            }
            Err(_) => return Err(Abort::with(Reason::LostPosition, "a generator that cannot be resumed")),
        };
        self.push_frame(code, frame, locals, stack, next, None);
        self.top().generator = Some(Running { object: index, has_looped: false });
        Ok(())
    }

    pub(super) fn set_generator(&mut self, index: usize, unit: i64, slots: Vec<Sym>) {
        let unit = self.trace.const_int(unit);
        let fields = &mut self.virtuals[index].fields;
        fields.truncate(UNIT);
        fields.push(Sym::Val(unit));
        fields.extend(slots);
    }

    /// Finds out whose frame the innermost one is, after frames have been put together from a state.
    pub(super) fn find_generator(&mut self) {
        let [.., outer, inner] = &self.frames[..] else { return };
        if !tjit_vm::instrument::suspends(&inner.code.code) {
            return;
        }
        let object = outer.stack.iter().rev().find_map(|&sym| self.running_in(sym));
        if let Some(object) = object {
            self.top().generator = Some(Running { object, has_looped: true });
        }
    }

    /// The generator that runs among a virtual object and its parts.
    fn running_in(&self, sym: Sym) -> Option<usize> {
        match self.as_virtual(sym)? {
            (index, kind) if kind.is_resumable() => (self.generator_unit(index) == RUNNING).then_some(index),
            (index, _) => self.virtuals[index].fields.iter().find_map(|&field| self.running_in(field)),
        }
    }

    /// YIELD_VALUE.
    pub(super) fn yield_value(&mut self, op: decode::Op) -> Res<Flow> {
        let value = self.peek(0)?;
        if self.yield_to_driver(op, value)? {
            return Ok(Flow::Continue);
        }
        if self.is_step && self.frames.len() == 1 {
            return self.yield_from_step(op);
        }
        let [.., outer, _] = &self.frames[..] else {
            // Who resumes the generator that was entered is not in the trace. It comes back by way of the header.
            self.flush_names()?;
            self.capture(op.start);
            return self.end_in_leave();
        };
        let asked = outer.code.instruction_at(outer.call).map(|op| op.opcode);
        let yielded = match (asked, outer.stack.last()) {
            (Some(Opcode::ForIter), Some(&iterator)) if self.is_wrapped(iterator) => {
                // An exit stands before the YIELD_VALUE, so that what is around the generator steps the others.
                let object = outer.frame.stack(outer.stack.len() - 1).map(|object| object.to_owned());
                self.capture(op.start);
                self.element_of(iterator, object.as_deref(), value.sym)?
            }
            _ => Some(value.sym),
        };
        self.pop(1);
        self.suspend_generator(op)?;
        self.pending = Pending::Yield(yielded);
        Ok(Flow::Continue)
    }

    /// Whether something around a generator is stepped, not the generator itself.
    fn is_wrapped(&self, iterator: Sym) -> bool {
        matches!(self.as_virtual(iterator), Some((_, VirtualKind::Enumerate | VirtualKind::Zip)))
    }

    /// What is in the frame of the innermost generator becomes the virtual generator's, behind a YIELD_VALUE.
    pub(super) fn suspend_generator(&mut self, op: decode::Op) -> Res {
        let top = self.top_ref();
        let Some(running) = top.generator else { return Err(Abort::with(Reason::GeneratorFrame, "YieldValue")) };
        let slots = top.locals.iter().chain(&top.stack).copied().collect();
        self.set_generator(running.object, op.end.into(), slots);
        Ok(())
    }

    /// RETURN_VALUE in a generator.
    pub(super) fn end_generator(&mut self, running: Running) -> Res {
        let value = self.peek(0)?.sym;
        self.set_generator(running.object, ENDED, Vec::new());
        self.pending = Pending::End(value);
        Ok(())
    }

    /// The frame around a generator's goes on: with what that has yielded, or behind its end.
    pub(super) fn leave_generator(&mut self, pending: Pending, frame: Frame, vm: &VirtualMachine) -> Res {
        if matches!(pending, Pending::Stop) {
            return self.stop_iteration();
        }
        let raises = matches!(self.driver(), Some((Builtin::Next | Builtin::Send, _)));
        let driven = match pending {
            Pending::End(_) => self.driven_result()?.or_else(|| self.next_default()),
            _ => None,
        };
        let Some(generator) = self.frames.pop() else { return Err(Abort::new(Reason::LostPosition)) };
        let top = self.top_ref();
        let Some(op) = top.code.instruction_at(top.call) else { return Err(Abort::new(Reason::LostPosition)) };
        match (pending, op.opcode) {
            (Pending::Yield(Some(value)), Opcode::ForIter) => self.push(value),
            (Pending::Yield(None), Opcode::ForIter) => self.top().next = self.exhausted(op),
            (Pending::Yield(Some(value)), Opcode::Send) => self.replace(1, value),
            (Pending::Yield(Some(result)) | Pending::Found(result), Opcode::Call) => {
                self.replace(op.call_entries(), result);
                if let Some(running) = generator.generator {
                    self.give_up_generator(running.object)?;
                }
            }
            (Pending::End(value), Opcode::Call) if driven.is_some() => {
                self.replace(op.call_entries(), driven.unwrap_or(Sym::Empty));
                self.release_frame(generator, value)?;
            }
            (Pending::End(value), Opcode::ForIter) => {
                self.top().next = self.exhausted(op);
                self.release_frame(generator, value)?;
            }
            (Pending::End(value), Opcode::Send) => {
                self.top().next = self.exhausted(op);
                self.replace(1, value);
                self.release_frame(generator, Sym::Empty)?;
            }
            (Pending::End(value), Opcode::Call) if raises && self.is_constant_none(value) => {
                let code = generator.code.clone();
                self.raise_end(op, generator, frame, vm).inspect_err(|_| self.step_as_object(&code))?;
            }
            _ => {
                self.step_as_object(&generator.code);
                return Err(Abort::with(Reason::ExceptionInRecording, "next() of a generator that returns something"));
            }
        }
        Ok(())
    }

    /// `next` or `send`, which is the instruction `op`, raises StopIteration, as the generator that it steps has ended: `frame`
    /// is at its handler.
    fn raise_end(&mut self, op: decode::Op, generator: super::Shadow, frame: Frame, vm: &VirtualMachine) -> Res {
        self.raises_new(op, vm.ctx.exceptions.stop_iteration, Sym::Empty, vm)?;
        let pending = std::mem::replace(&mut self.pending, Pending::Nothing);
        let Pending::Raising(raised) = pending else { return Err(Abort::new(Reason::LostPosition)) };
        self.release_frame(generator, Sym::Empty)?;
        self.catch(raised, frame, vm)
    }

    /// Generators of this code are stepped as objects from now on, and what that raises is an exit of the call.
    fn step_as_object(&self, code: &Decoded) {
        if matches!(self.start, super::Start::Loop { .. }) {
            self.world.known.set_no_inline(code.code.as_object());
        }
    }

    /// RAISE_VARARGS: StopIteration that ends a `__next__` which is inlined for a FOR_ITER. Nobody sees the exception. False:
    /// something else is raised.
    pub(super) fn raise_stop(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<bool> {
        let [.., outer, inner] = &self.frames[..] else { return Ok(false) };
        let asked = outer.code.instruction_at(outer.call).map(|op| op.opcode);
        if asked != Some(Opcode::ForIter) || inner.generator.is_some() || inner.code.is_guarded(op.start) || op.arg != 1
        {
            return Ok(false);
        }
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let stop = vm.ctx.exceptions.stop_iteration;
        if !object.is(stop) && !object.class().is(stop) {
            return Ok(false);
        }
        if self.as_virtual(operand.sym).is_none() {
            let value = self.reference(operand.sym)?;
            if object.is(stop) {
                self.guard_is(value, object);
            } else {
                self.guard_class(value, object);
            }
        }
        self.pending = Pending::Stop;
        Ok(true)
    }

    /// A `__next__` has raised StopIteration.
    fn stop_iteration(&mut self) -> Res {
        let Some(callee) = self.frames.pop() else { return Err(Abort::new(Reason::LostPosition)) };
        let top = self.top_ref();
        let Some(op) = top.code.instruction_at(top.call) else { return Err(Abort::new(Reason::LostPosition)) };
        self.top().next = self.exhausted(op);
        for sym in callee.locals.into_iter().chain(callee.stack) {
            self.give_up(sym)?;
        }
        Ok(())
    }

    /// A generator has ended: what its locals hold is given up, and then what it has returned, if nobody wants that.
    fn release_frame(&mut self, generator: super::Shadow, returned: Sym) -> Res {
        let maker = generator.generator.map(|running| self.field(running.object, MAKER));
        if let Some(Sym::Val(maker)) = maker
            && self.trace.as_ref(maker).is_none()
        {
            self.call_helper(&helpers::generators::close(), &[maker]);
        }
        for sym in generator.locals.into_iter().chain([returned]) {
            self.give_up(sym)?;
        }
        if std::mem::take(&mut self.finalises) {
            self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
        }
        Ok(())
    }

    /// The program gives up a virtual generator, which dies if nothing else refers to it.
    pub(super) fn give_up_generator(&mut self, index: usize) -> Res {
        let Some(code) = self.generator_code(index) else { return Err(Abort::new(Reason::LostPosition)) };
        let code = self.decoded(&code);
        let unit = self.generator_unit(index);
        if unit == RUNNING || self.is_held(index) {
            return Ok(());
        }
        if unit > 0 && matches!(self.pending, Pending::Nothing) {
            // The interpreter closes it now, and its frame reports that.
            self.pending = Pending::Residual;
        }
        let is_unawaited = unit == 0 && self.virtuals[index].kind == VirtualKind::Coroutine;
        if is_unawaited || u32::try_from(unit).is_ok_and(|unit| unit > 0 && code.is_guarded(unit - 1)) {
            // Closing it runs its code, or warns. What gives it up has been done.
            if self.pre.is_none() {
                let next = self.top_ref().next;
                self.capture(next);
            }
            let object = self.reference(Sym::Virt(index))?;
            self.op(Op::KeepAlive, &[object]);
            self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
            return Ok(());
        }
        if let Sym::Val(maker) = self.field(index, MAKER)
            && self.trace.as_ref(maker).is_none()
        {
            self.call_helper(&helpers::generators::close(), &[maker]);
        }
        let slots = self.virtuals[index].fields.get(SLOTS..).unwrap_or_default().to_vec();
        self.set_generator(index, ENDED, Vec::new());
        for slot in slots {
            self.give_up(slot)?;
        }
        Ok(())
    }

    /// Whether a slot of a frame holds this virtual object, or another that does.
    pub(super) fn is_held(&self, index: usize) -> bool {
        self.holders(index) > 0
    }

    /// How many slots of frames, and parts of other virtual objects that are held, hold this one.
    pub(super) fn holders(&self, index: usize) -> usize {
        let mut seen = vec![false; self.virtuals.len()];
        let slots = self.frames.iter().flat_map(|shadow| shadow.locals.iter().chain(&shadow.stack));
        let mut left: Vec<Sym> = slots.copied().collect();
        let mut count = 0;
        while let Some(sym) = left.pop() {
            count += usize::from(sym == Sym::Virt(index));
            if let Some((inner, _)) = self.as_virtual(sym)
                && !std::mem::replace(&mut seen[inner], true)
            {
                left.extend(&self.virtuals[inner].fields);
            }
        }
        count
    }

    /// FOR_ITER or SEND with an iterator of any kind: as a call.
    pub(super) fn step_opaque(&mut self, op: decode::Op, operand: Operand) -> Res {
        self.go_opaque(op)?;
        self.top().call = op.start;
        let iterator = self.reference(operand.sym)?;
        let found = self.call_helper(&helpers::steps::opaque_step(), &[iterator]);
        self.pending = Pending::StepOpaque(found);
        Ok(())
    }

    /// GET_YIELD_FROM_ITER.
    pub(super) fn get_yield_from_iter(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.world.objects.class(object) != self.world.objects.classes.generator {
            return self.get_iter(op, vm);
        }
        if let Sym::Val(value) = self.resolve(operand.sym) {
            self.guard_class(value, object);
        }
        Ok(())
    }

    /// SEND, before the interpreter executes it.
    pub(super) fn send(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        let (receiver, sent) = (self.peek(1)?, self.peek(0)?);
        let is_next = sent.object().is_some_and(|sent| self.world.objects.none == sent.get_id() as u64);
        let is_next = is_next && self.is_constant_none(sent.sym);
        if is_next && self.ask_async(op, receiver)? {
            return Ok(Flow::Continue);
        }
        let virtual_generator = match self.as_virtual(receiver.sym) {
            Some((index, kind)) if kind.is_resumable() && self.generator_unit(index) >= 0 => Some(index),
            _ => None,
        };
        // (A coroutine that has just been made often ends without waiting for anything.)
        let is_followed = virtual_generator
            .is_some_and(|index| self.virtuals[index].kind == VirtualKind::Coroutine && self.may_resume(index));
        if is_next && !is_followed && self.delegate(op, receiver)? {
            return Ok(Flow::Done);
        }
        if let Some(index) = virtual_generator
            && self.resume(op, index, Some(sent.sym), vm)?
        {
            return Ok(Flow::Continue);
        }
        if !is_next {
            return Err(Abort::with(Reason::GeneratorFrame, "send() through `yield from`"));
        }
        if virtual_generator.is_some() {
            self.step_opaque(op, receiver)?
        } else {
            self.step_iter(op, receiver)?
        }
        Ok(Flow::Continue)
    }

    pub(super) fn is_constant_none(&self, sym: Sym) -> bool {
        matches!(sym, Sym::Val(value) if self.is_object(value, self.world.objects.none))
    }

    /// Where a FOR_ITER or SEND goes on when there are no more elements.
    pub(super) fn exhausted(&self, op: decode::Op) -> u32 {
        let target = op.end + op.arg;
        let ends_in_end_for = self.top_ref().code.op(target).is_some_and(|op| op.opcode == Opcode::EndFor);
        if ends_in_end_for { target + 1 } else { target }
    }
}
