//! `await` and `async for`: what is awaited, in coroutines and asynchronous generators.
//!
//! A coroutine that the trace makes is virtual, as a generator is, and awaiting it makes its frame one of the trace's. So
//! awaiting a function that waits for nothing costs nothing. When it waits, all the frames that are resumed together are
//! written, and the next step begins in the innermost one (see `recorder/steps.rs`).
//!
//! An asynchronous generator is stepped by its own step traces. What `__anext__` gives is virtual: a helper asks the
//! generator itself, and says whether there is a value, or none any more, or whether it waits for something. Only then
//! the object that is awaited has to be there.
//!
//! ```text
//! GET_ANEXT                 asked(%1)
//! SEND       %7 = call_int ask(%1)
//!            %8 = call_ref stepped()        the value
//!            guard_more %7 != END           → behind the loop
//!            guard_more %7 != WAITS         → YIELD_VALUE of what it waits for
//! ```

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode, oparg::IntrinsicFunction1};
use rustpython_vm::VirtualMachine;
use tjit_events::Reason;
use tjit_ir::{Imm, Op, ValueId, VirtualKind};
use tjit_vm::generators::Resumable;

use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::decode;
use crate::engine::Suspends;
use crate::helpers::awaiting::{self as helpers, END, VALUE, WAITS};
use crate::helpers::steps;

impl Recorder {
    /// GET_AWAITABLE.
    pub(super) fn get_awaitable(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        let is_taken = self.as_virtual(operand.sym).is_some_and(|(index, kind)| match kind {
            VirtualKind::Coroutine => self.generator_unit(index) == 0,
            VirtualKind::Generator => {
                let code = self.generator_code(index);
                code.is_some_and(|code| code.code.flags.contains(CodeFlags::ITERABLE_COROUTINE))
            }
            _ => false,
        });
        if is_taken {
            return Ok(());
        }
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if let Some(Resumable::Coroutine(_) | Resumable::Generator(_)) = Resumable::of(object) {
            let awaited = self.reference(operand.sym)?;
            self.guard_class(awaited, object);
            let is_awaitable = self.call_helper(&helpers::is_awaitable(), &[awaited]);
            self.guard_bool(is_awaitable, true);
            return Ok(());
        }
        if let Some(generator) = self.asks_generator(operand, "__await__", CodeFlags::GENERATOR, vm)? {
            self.replace(1, generator);
            return Ok(());
        }
        if self.ask_iter(op, operand, "__await__", 1, vm)? {
            return Ok(());
        }
        self.go_opaque(op)?;
        let awaited = self.reference(operand.sym)?;
        let iterator = self.call_helper(&helpers::awaitable(), &[awaited]);
        self.replace(1, Sym::Val(iterator));
        Ok(())
    }

    /// GET_AITER.
    pub(super) fn get_async_iter(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if let Some(Resumable::Async(_)) = Resumable::of(object) {
            let generator = self.reference(operand.sym)?;
            self.guard_class(generator, object);
            return Ok(());
        }
        if self.ask_iter(op, operand, "__aiter__", 1, vm)? {
            return Ok(());
        }
        Err(Abort::with(Reason::UnsupportedIterator, format!("an asynchronous one of {}", object.class().name())))
    }

    /// What an `__aiter__` is about to return: an asynchronous iterator.
    pub(super) fn guard_async_iterator(&mut self, answer: Operand, vm: &VirtualMachine) -> Res {
        let Some(object) = answer.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let is_known = match Resumable::of(object) {
            Some(Resumable::Async(_)) => {
                let generator = self.reference(answer.sym)?;
                self.guard_class(generator, object);
                true
            }
            _ => {
                method_of(object, "__anext__", vm).is_some()
                    && self.guard_instance(answer, object, object.class(), vm)?
            }
        };
        if is_known { Ok(()) } else { Err(Abort::with(Reason::UnsupportedIterator, "what an __aiter__ returns")) }
    }

    /// GET_ANEXT.
    pub(super) fn get_async_next(&mut self, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if let Some(Resumable::Async(_)) = Resumable::of(object) {
            let generator = self.reference(operand.sym)?;
            self.guard_class(generator, object);
            let asked = self.new_virtual(VirtualKind::Asked, vec![Sym::Val(generator)]);
            self.push(asked);
            return Ok(());
        }
        let Some(coroutine) = self.asks_generator(operand, "__anext__", CodeFlags::COROUTINE, vm)? else {
            let what = format!("an asynchronous one of {}", object.class().name());
            return Err(Abort::with(Reason::UnsupportedIterator, what));
        };
        self.push(coroutine);
        Ok(())
    }

    /// Whether a CALL_INTRINSIC_1 wraps what an asynchronous generator gives.
    pub(super) fn wraps(&self, arg: u32) -> bool {
        matches!(IntrinsicFunction1::try_from(arg), Ok(IntrinsicFunction1::AsyncGenWrap))
    }

    /// `yield` in an asynchronous generator: the value is wrapped, and YIELD_VALUE follows.
    pub(super) fn give_value(&mut self, op: decode::Op) -> Res<Flow> {
        let to_yield = self.top_ref().code.instruction_at(op.end).filter(|op| op.opcode == Opcode::YieldValue);
        match to_yield {
            Some(to_yield) if self.is_step && self.frames.len() == 1 => {
                self.leave_step(op.start, to_yield.end, Suspends::Giving)
            }
            _ => {
                self.flush_names()?;
                self.capture(op.start);
                self.end_in_leave()
            }
        }
    }

    /// SEND of None to what an asynchronous generator is asked by, if that is virtual.
    pub(super) fn ask_async(&mut self, op: decode::Op, receiver: Operand) -> Res<bool> {
        let Some((index, VirtualKind::Asked)) = self.as_virtual(receiver.sym) else { return Ok(false) };
        if self.is_handling() {
            return Err(Abort::with(Reason::ExceptionInRecording, "an asynchronous loop in a handler"));
        }
        let generator = self.reference(self.field(index, 0))?;
        // When the generator raises, what it was asked by must not be made: nobody would have awaited it.
        let none = Sym::Val(self.none());
        if let [.., receiver, _] = &mut self.top().stack[..] {
            *receiver = none;
        }
        self.go_opaque(op)?;
        self.top().call = op.start;
        let answer = self.call_helper(&helpers::ask(), &[generator]);
        self.pending = Pending::Asked(answer);
        Ok(true)
    }

    /// The interpreter has asked an asynchronous generator, and goes on at `unit`. Whether the instruction there is dealt
    /// with already.
    pub(super) fn settle_asked(&mut self, answer: ValueId, unit: u32) -> Res<bool> {
        let lost = || Abort::new(Reason::LostPosition);
        let code = self.top_ref().code.clone();
        let send = code.instruction_at(self.top_ref().call).ok_or_else(lost)?;
        let (on, behind) = (send.end, self.exhausted(send));
        let handler = self.handler_of(send.unit).filter(|&(depth, _)| depth + 1 == self.frames.len());
        let handler = handler.and_then(|(_, entry)| code.op(entry.target));
        let last = handler.filter(|op| op.opcode == Opcode::EndAsyncFor).ok_or_else(lost)?;
        let outcome = match unit {
            unit if unit == last.unit => END,
            unit if self.reaches(behind, unit).is_some() => VALUE,
            unit if self.reaches(on, unit).is_some() => WAITS,
            _ => return Err(super::exceptions::raises("an asynchronous generator that raises")),
        };
        let value = Sym::Val(self.call_helper(&steps::stepped(), &[]));
        let waiting = Sym::Val(self.call_helper(&helpers::waiting(), &[]));
        let none = Sym::Val(self.none());
        let mut stack = self.top_ref().stack.clone();
        let iterator = stack.len().checked_sub(3).and_then(|below| stack.get(below)).copied().ok_or_else(lost)?;
        stack.truncate(stack.len() - 3);
        let at = |this: i64| match this {
            END => (last.end, Vec::new()),
            VALUE => (behind, vec![iterator, none, value]),
            _ => (on, vec![iterator, waiting, value]),
        };
        for other in [END, VALUE, WAITS] {
            if other == outcome {
                continue;
            }
            let number = self.trace.const_int(other);
            let wanted = self.op(Op::NeInt, &[answer, number]);
            let (unit, above) = at(other);
            self.top().stack = [&stack[..], &above[..]].concat();
            self.capture(unit);
            self.emit_unit(Op::GuardMore, &[wanted], Imm::None);
        }
        let (unit, above) = at(outcome);
        self.top().stack = [&stack[..], &above[..]].concat();
        self.top().next = unit;
        match outcome {
            END => self.give_up(iterator)?,
            // END_SEND.
            VALUE => {
                self.replace(2, value);
                self.top().next =
                    code.instruction_at(behind).filter(|op| op.opcode == Opcode::EndSend).ok_or_else(lost)?.end;
            }
            _ => {}
        }
        Ok(outcome != WAITS)
    }
}
