//! `await`: what is awaited, in coroutines.
//!
//! A coroutine that the trace makes is virtual, as a generator is, and awaiting it makes its frame one of the trace's. So
//! awaiting a function that waits for nothing costs nothing. When it waits, all the frames that are resumed together are
//! written, and the next step begins in the innermost one (see `recorder/steps.rs`).

use rustpython_compiler_core::bytecode::CodeFlags;
use rustpython_vm::VirtualMachine;
use tjit_events::Reason;
use tjit_ir::VirtualKind;
use tjit_vm::generators::Resumable;

use super::sym::Sym;
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers::awaiting as helpers;

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
        if let Some(generator) = self.iter_generator(operand, "__await__", vm)? {
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
}
