//! The instructions of `match`: whether a subject is a sequence, a mapping or an instance, and what is in it.
//!
//! What a class is does not change, so that most of them are guards of the subject's class; the attributes and values that a
//! pattern takes out are a virtual tuple, which the next instruction unpacks.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyStr, PyStrInterned, PyTuple, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, VirtualKind};
use tjit_vm::tallies;

use super::attributes::Own;
use super::dicts::Key;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::attributes::is_named;
use crate::decode;
use crate::helpers::{containers, dicts};

fn unsupported(what: &str, subject: &PyObject) -> Abort {
    Abort::with(Reason::UnsupportedType, format!("{what} of {}", subject.class().name()))
}

impl Recorder {
    /// MATCH_SEQUENCE and MATCH_MAPPING: the subject stays on the stack.
    pub(super) fn match_kind(&mut self, op: decode::Op) -> Res {
        let subject = self.peek(0)?;
        let Some(object) = subject.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let flag = if op.opcode == Opcode::MatchSequence { PyTypeFlags::SEQUENCE } else { PyTypeFlags::MAPPING };
        let is = if crate::natives::is_builtin(object.class()) {
            self.know_class(subject, object);
            self.trace.const_bool(object.class().has_patma_collection_flag(flag))
        } else {
            // `register` of an abstract class may still make it one.
            let value = self.reference(subject.sym)?;
            let flag = self.trace.const_int(i64::from(op.opcode == Opcode::MatchSequence));
            self.call_helper(&containers::is_collection(), &[value, flag])
        };
        self.push(Sym::Val(is));
        Ok(())
    }

    /// Guards the class of what has one that can differ.
    fn know_class(&mut self, subject: Operand, object: &PyObject) {
        if let Sym::Val(value) = self.resolve(subject.sym)
            && self.trace.ty(value) == tjit_ir::Ty::Ref
        {
            self.guard_class(value, object);
        }
    }

    /// GET_LEN: the subject stays on the stack.
    pub(super) fn get_len(&mut self, vm: &VirtualMachine) -> Res {
        let subject = self.peek(0)?;
        let length = match self.as_virtual(subject.sym) {
            Some((index, VirtualKind::Tuple)) => self.trace.const_int(self.virtuals[index].fields.len() as i64),
            _ => match self.len(subject, vm)? {
                Some(length) => length,
                None => return Err(Abort::with(Reason::UnsupportedOpcode, "GET_LEN of an instance")),
            },
        };
        self.push(Sym::Val(length));
        Ok(())
    }

    /// MATCH_CLASS: stack is subject, class, names of keyword attributes.
    pub(super) fn match_class(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (subject, class, names) = (self.peek(2)?, self.peek(1)?, self.peek(0)?);
        let (Some(object), Some(of), Some(keywords)) = (subject.object(), class.object(), names.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let (Some(of), Some(keywords)) = (of.downcast_ref::<PyType>(), keywords.downcast_ref::<PyTuple>()) else {
            return Err(unsupported("MATCH_CLASS", object));
        };
        let is = match self.is_instance(subject, class, vm)? {
            Some(is) => self.trace.as_bool(is),
            None => None,
        };
        let Some(is) = is else { return Err(unsupported("MATCH_CLASS", object)) };
        if !is {
            return self.no_match(3);
        }
        let mut wanted: Vec<PyObjectRef> = Vec::new();
        let mut found = Vec::new();
        if op.arg > 0 {
            let Sym::Val(value) = self.resolve(class.sym) else { return Err(unsupported("MATCH_CLASS", object)) };
            let constant = self.guard_is(value, of.as_object());
            if !self.guard_version(of, constant, vm) {
                return Err(unsupported("MATCH_CLASS", object));
            }
            let names = of.get_attr(vm.ctx.intern_str("__match_args__"));
            match names.as_ref().map(|names| names.downcast_ref_if_exact::<PyTuple>(vm)) {
                Some(Some(names)) if names.len() >= op.arg as usize => {
                    wanted.extend(names.as_slice()[..op.arg as usize].iter().cloned());
                }
                // `int(n)`: the subject itself.
                None if of.slots.flags.has_feature(PyTypeFlags::_MATCH_SELF) && op.arg == 1 => found.push(subject.sym),
                _ => return Err(unsupported("MATCH_CLASS", object)),
            }
        }
        wanted.extend(keywords.as_slice().iter().cloned());
        for (n, name) in wanted.iter().enumerate() {
            let text = name.downcast_ref::<PyStr>().and_then(|name| name.to_str());
            let Some(text) = text.filter(|_| !wanted[..n].iter().any(|other| is_named(other, name))) else {
                return Err(unsupported("MATCH_CLASS", object));
            };
            match self.matched_attribute(subject, object, vm.ctx.intern_str(text), vm)? {
                Some(value) => found.push(value),
                None => return self.no_match(3),
            }
        }
        let found = self.new_virtual(VirtualKind::Tuple, found);
        self.replace(3, found);
        Ok(())
    }

    /// An attribute of a subject that is there without asking Python code. `None`: it is not there.
    fn matched_attribute(
        &mut self,
        subject: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if self.may_compute(object, name, vm) {
            return Err(unsupported("a computed attribute", object));
        }
        let class = object.class();
        let found = class.get_attr(name);
        let is_slot = found.as_ref().is_some_and(|found| found.class().is(vm.ctx.types.member_descriptor_type));
        if is_slot && !matches!(self.as_virtual(subject.sym), Some((_, VirtualKind::Instance))) {
            let Some(offset) = self.slot_offset(class, name, vm) else { return Err(unsupported("a slot", object)) };
            if object.get_attr(name, vm).is_err() || !self.guard_instance(subject, object, class, vm)? {
                return Err(unsupported("a slot", object));
            }
            let instance = self.reference(subject.sym)?;
            return Ok(Some(Sym::Val(self.emit(Op::SlotGet, &[instance], Imm::Index(offset)))));
        }
        let is_plain = found.as_ref().is_none_or(|found| found.class().slots.descr_get.load().is_none());
        match (self.attribute_of(subject, object, class, name, vm)?, found) {
            (Own::Is(value), _) => Ok(Some(value)),
            (Own::Absent, None) => Ok(None),
            (Own::Absent, Some(found)) if is_plain && tallies::owner(class, name).is_none() => {
                Ok(Some(self.constant_sym(&found)))
            }
            _ => Err(unsupported("an attribute", object)),
        }
    }

    /// MATCH_KEYS: the subject and the keys stay on the stack.
    pub(super) fn match_keys(&mut self, vm: &VirtualMachine) -> Res {
        let (subject, keys) = (self.peek(1)?, self.peek(0)?);
        let (Some(object), Some(wanted)) = (subject.object(), keys.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let Some(wanted) = wanted.downcast_ref::<PyTuple>().filter(|_| self.is_dict(object)) else {
            return Err(unsupported("MATCH_KEYS", object));
        };
        let mut found = Vec::new();
        for (n, key) in wanted.as_slice().iter().enumerate() {
            let sym = match self.as_virtual(keys.sym) {
                Some((index, VirtualKind::Tuple)) => self.field(index, n),
                // (Keys are written in the pattern.)
                _ if matches!(self.resolve(keys.sym), Sym::Val(keys) if self.trace.as_ref(keys).is_some()) => {
                    self.constant_sym(key)
                }
                _ => return Err(unsupported("MATCH_KEYS", object)),
            };
            let operand = Operand::new(sym, Some(key));
            let (Some(value), Some(dict)) = (self.plain_key(operand)?, self.container(subject, vm)?) else {
                return Err(unsupported("MATCH_KEYS", object));
            };
            let (entry, there) = self.find_key(dict, Key::Object(value));
            match self.look_up(object, key, vm) {
                tjit_vm::layout::Found::At(_) => self.guard_bool(there, true),
                tjit_vm::layout::Found::Absent => {
                    self.guard_bool(there, false);
                    return self.no_match(0);
                }
                tjit_vm::layout::Found::Unsure => return Err(unsupported("MATCH_KEYS", object)),
            }
            found.push(Sym::Val(self.call_helper(&dicts::dict_value(), &[dict, value, entry])));
        }
        let found = self.new_virtual(VirtualKind::Tuple, found);
        self.push(found);
        Ok(())
    }

    /// The pattern does not match: None takes the place of so many entries.
    fn no_match(&mut self, entries: usize) -> Res {
        let taken: Vec<Sym> = (0..entries).map(|n| self.peek(n).map(|operand| operand.sym)).collect::<Res<_>>()?;
        let none = Sym::Val(self.none());
        self.pop(entries);
        self.push(none);
        taken.into_iter().try_for_each(|sym| self.give_up(sym))
    }
}
