//! Step traces: from where a generator is resumed to its next `yield`, or to its end.
//!
//! The generator's frame is the entered one. At the end, what it holds is put into its memory: references that have
//! changed, and numbers, which overwrite the box that is there when nobody else has it. Nothing leaves after the first of
//! these stores.
//!
//! ```text
//! YIELD_VALUE %9:   frame_set_int 0, %4     i
//!                   frame_set %2, 1         xs, which the trace has held
//!                   frame_set %7, 3         the iterator on the value stack
//!                   suspend unit, depth
//!                   return %9
//! ```

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::AsObject;
use tjit_events::Reason;
use tjit_ir::{End, Imm, Op, Ty, VirtualKind};
use tjit_vm::generators::Resumable;

use super::sym::{Operand, Running, Sym};
use super::{Abort, Flow, Recorder, Res, Start};
use crate::decode;
use crate::engine::{Suspends, Suspension};
use crate::helpers;
use crate::state::{SlotState, generator};

impl Recorder {
    /// The recording is that of a step: its only frame is a generator's that is resumed. `is_first`: for the first time, so
    /// that its cells are not there yet.
    pub fn begin_step(&mut self, is_first: bool) {
        self.is_step = true;
        let (none, running) = (self.none(), self.trace.const_int(generator::RUNNING));
        let mut fields = vec![Sym::Val(none); generator::UNIT];
        fields.push(Sym::Val(running));
        if let Sym::Virt(object) = self.new_virtual(VirtualKind::Generator, fields) {
            self.top().generator = Some(Running { object, has_looped: false });
        }
        if is_first {
            self.make_cells();
        }
    }

    /// What the instructions in front of a generator's first RESUME do.
    fn make_cells(&mut self) {
        let code = self.top_ref().code.code.clone();
        let mut locals = std::mem::take(&mut self.top().locals);
        self.wrap_in_cells(&code, &mut locals);
        let own = locals.len() - code.code.freevars.len();
        for (n, local) in locals[own..].iter_mut().enumerate() {
            let number = self.trace.const_int(n as i64);
            *local = Sym::Val(self.call_helper(&helpers::generators::frame_cell(), &[number]));
        }
        self.top().locals = locals;
    }

    /// Whether it is a root trace that is being recorded, by the first of its chain.
    pub fn is_root(&self) -> bool {
        let first = self.waiting.first().map_or(self, |first| first);
        matches!(first.start, Start::Loop { .. })
    }

    /// YIELD_VALUE of the generator whose step it is.
    pub(super) fn yield_from_step(&mut self, op: decode::Op) -> Res<Flow> {
        self.leave_step(op.start, op.end, Suspends::Yielding)
    }

    /// The frame of the step is left at an instruction for what is topmost on its stack, and goes on at another one.
    pub(super) fn leave_step(&mut self, at: u32, unit: u32, how: Suspends) -> Res<Flow> {
        let value = self.peek(0)?;
        self.flush_names()?;
        self.capture(at);
        let result = self.reference(value.sym)?;
        self.pop(1);
        self.suspend_step(Suspension { unit, depth: self.top_ref().stack.len(), how })?;
        self.trace.end = End::Return(result);
        Ok(Flow::Done)
    }

    /// Puts everything back into the frame, which is left.
    fn suspend_step(&mut self, suspension: Suspension) -> Res {
        self.leave_waiting()?;
        let (locals, stack) = (self.top_ref().locals.len(), self.top_ref().stack.len());
        // What has to be made can leave, so it comes first; so can what tells whether locals are bound.
        self.settle_locals(self.frames.len() - 1)?;
        for n in 0..locals + stack {
            let sym = self.step_slot(n);
            if n >= locals && sym != Sym::Empty || matches!(self.resolve(sym), Sym::Virt(_)) {
                let made = self.reference(sym)?;
                self.set_step_slot(n, Sym::Val(made));
            }
        }
        for n in 0..locals + stack {
            self.put_back(n, n >= locals);
        }
        let word = self.trace.const_int(suspension.word());
        self.call_helper(&helpers::generators::suspend(), &[word]);
        Ok(())
    }

    /// A coroutine or asynchronous generator waits, and so does what it awaits and the trace has followed. To make objects of
    /// these each time costs more than steps of their own, so they are not followed any more.
    fn leave_waiting(&self) -> Res {
        let waiting = CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        let top = self.top_ref();
        if !self.is_root() || !top.code.code.code.flags.intersects(waiting) {
            return Ok(());
        }
        let mut awaited = top.stack.last().copied();
        let mut waits = false;
        while let Some((index, kind)) = awaited.and_then(|sym| self.as_virtual(sym))
            && kind.is_resumable()
            && self.generator_unit(index) > 0
            && let Some(code) = self.generator_code(index)
        {
            self.world.known.set_waits(code.as_object());
            waits = true;
            awaited = self.virtuals[index].fields.last().copied();
        }
        if waits { Err(Abort::with(Reason::GeneratorFrame, "what is awaited waits")) } else { Ok(()) }
    }

    /// SEND of None to a generator, in the generator whose step it is: from now on the other one is stepped in its place,
    /// until that ends. So the trace ends as if that had yielded, and whoever has entered it goes on with that. False: it is
    /// another iterator, or another frame.
    pub(super) fn delegate(&mut self, op: decode::Op, receiver: Operand) -> Res<bool> {
        let to_yield = self.top_ref().code.instruction_at(op.end).filter(|op| op.opcode == Opcode::YieldValue);
        let (true, 1, Some(to_yield)) = (self.is_step, self.frames.len(), to_yield) else { return Ok(false) };
        let Some(object) = receiver.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !matches!(Resumable::of(object), Some(Resumable::Generator(_) | Resumable::Coroutine(_))) {
            return Ok(false);
        }
        self.flush_names()?;
        self.capture(op.start);
        if let Sym::Val(receiver) = self.resolve(receiver.sym) {
            self.guard_class(receiver, object);
        }
        self.pop(1);
        let depth = self.top_ref().stack.len();
        self.suspend_step(Suspension { unit: to_yield.end, depth, how: Suspends::Delegating })?;
        self.trace.end = End::Return(self.none());
        Ok(true)
    }

    /// RETURN_VALUE of the generator whose step it is.
    pub(super) fn return_from_step(&mut self, op: decode::Op) -> Res<Flow> {
        let value = self.peek(0)?;
        self.flush_names()?;
        self.capture(op.start);
        let result = self.reference(value.sym)?;
        for sym in self.top_ref().locals.clone() {
            self.give_up(sym)?;
        }
        self.trace.end = End::Return(result);
        Ok(Flow::Done)
    }

    fn step_slot(&self, n: usize) -> Sym {
        let top = self.top_ref();
        top.locals.iter().chain(&top.stack).nth(n).copied().unwrap_or(Sym::Empty)
    }

    fn set_step_slot(&mut self, n: usize, sym: Sym) {
        let top = self.top();
        if let Some(slot) = top.locals.iter_mut().chain(&mut top.stack).nth(n) {
            *slot = sym;
        }
    }

    /// Puts what a slot holds into the frame's memory.
    fn put_back(&mut self, n: usize, is_stack: bool) {
        let number = self.trace.const_int(n as i64);
        match self.resolve(self.step_slot(n)) {
            // (The value stack's memory is empty.)
            Sym::Empty if !is_stack && self.may_hold_number(n) => {
                self.call_helper(&helpers::generators::frame_clear(), &[number]);
            }
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref => {
                self.emit_unit(Op::FrameSet, &[value], Imm::Index(n as u32));
            }
            Sym::Val(value) if !self.is_as_entered(n, value) => {
                let helper = match self.trace.ty(value) {
                    Ty::Float => helpers::generators::frame_set_float(),
                    Ty::Bool => helpers::generators::frame_set_bool(),
                    _ => helpers::generators::frame_set_int(),
                };
                self.call_helper(&helper, &[number, value]);
            }
            _ => {}
        }
    }

    /// Whether the memory of a local, which no parameter has emptied, may hold something.
    fn may_hold_number(&self, n: usize) -> bool {
        match &self.start {
            Start::Loop { state, .. } => {
                state.locals.get(n).is_some_and(|slot| slot.ty().is_some_and(|ty| ty != Ty::Ref))
            }
            Start::Bridge { .. } | Start::Join { .. } => true,
        }
    }

    /// Whether a local still holds the number that it was entered with.
    fn is_as_entered(&self, n: usize, value: tjit_ir::ValueId) -> bool {
        let Start::Loop { state, .. } = &self.start else { return false };
        if state.locals.get(n).and_then(SlotState::ty) != Some(self.trace.ty(value)) {
            return false;
        }
        let before = state.locals[..n].iter().filter(|slot| slot.ty().is_some()).count();
        self.trace.params.get(before) == Some(&value)
    }
}
