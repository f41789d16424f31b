//! Calls that resume a generator: `next(g)`, `next(g, default)` and `g.send(value)`.
//!
//! A virtual generator becomes a frame of the trace. Another one is resumed by a helper, which enters the generator's own
//! step trace, if it has one.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{PyObject, VirtualMachine};
use tjit_ir::VirtualKind;
use tjit_vm::generators::Resumable;

use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::decode;
use crate::helpers::generators as helpers;
use crate::known::Builtin;
use crate::natives::{self, Steps};

impl Recorder {
    /// A call of `next` or `generator.send`; of the latter, the generator is the first argument. False: it is a call like
    /// any other.
    pub(super) fn call_resumes(
        &mut self,
        op: decode::Op,
        builtin: Builtin,
        (callable, function): (Operand, &PyObject),
        args: &[Operand],
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let ([iterator], rest) = args.split_at(args.len().min(1)) else { return Ok(false) };
        if op.opcode != Opcode::Call || rest.len() > 1 || (builtin == Builtin::Send) != (rest.len() == 1 && op.arg == 1)
        {
            return Ok(false);
        }
        let sent = rest.first().filter(|_| builtin == Builtin::Send).map(|sent| sent.sym);
        if let Some((index, kind)) = self.as_virtual(iterator.sym)
            && (kind == VirtualKind::Generator || kind.is_resumable() && builtin == Builtin::Send)
            && self.takes(index, sent)
            && self.resume(op, index, sent, vm)?
        {
            let value = self.reference(callable.sym)?;
            let value = self.guard_is(value, function);
            self.put_continuation(op, value, None);
            return Ok(true);
        }
        let Some(object) = iterator.object() else { return Ok(false) };
        let is_stepped = match builtin {
            Builtin::Send => matches!(Resumable::of(object), Some(Resumable::Generator(_) | Resumable::Coroutine(_))),
            _ => matches!(natives::steps(object, &self.world.objects), Steps::Opaque),
        };
        if !is_stepped {
            return Ok(false);
        }
        self.go_opaque(op)?;
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let helper = match (builtin, rest.len()) {
            (Builtin::Send, _) => helpers::send(),
            (_, 0) => helpers::next(),
            _ => helpers::next_or(),
        };
        let mut operands = Vec::with_capacity(2);
        for arg in args {
            operands.push(self.reference(arg.sym)?);
        }
        let result = self.call_helper(&helper, &operands);
        self.replace(pops, Sym::Val(result));
        Ok(true)
    }

    /// The default of the call of `next` that steps the innermost frame's generator, if it is one with a default.
    pub(super) fn next_default(&self) -> Option<Sym> {
        let [.., outer, _] = &self.frames[..] else { return None };
        let has_default = outer.code.instruction_at(outer.call).is_some_and(|op| op.arg == 2);
        let (builtin, _) = self.driver()?;
        if builtin == Builtin::Next && has_default { outer.stack.last().copied() } else { None }
    }

    /// A call with arguments that a native iterator gives. False: it is another iterable, or another recording must not go
    /// on with such a call.
    pub(super) fn call_iterated(
        &mut self,
        op: decode::Op,
        callable: Operand,
        receiver: Operand,
        iterator: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = iterator.object() else { return Ok(false) };
        if natives::steps(object, &self.world.objects) == Steps::Unknown || self.looks_at_frames(callable, vm) {
            return Ok(false);
        }
        self.go_opaque(op)?;
        let function = self.reference(callable.sym)?;
        let first = if receiver.object().is_some() { vec![receiver.sym] } else { Vec::new() };
        let first = self.make_tuple(first)?;
        let iterator = self.reference(iterator.sym)?;
        let result = self.call_helper(&helpers::call_iterated(), &[function, first, iterator]);
        self.replace(4, Sym::Val(result));
        Ok(true)
    }

    /// Whether a virtual generator can be resumed with this.
    fn takes(&self, index: usize, sent: Option<Sym>) -> bool {
        let unit = self.generator_unit(index);
        unit > 0 || unit == 0 && sent.is_none_or(|sent| self.is_constant_none(sent))
    }
}
