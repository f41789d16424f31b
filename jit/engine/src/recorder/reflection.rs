//! Builtins that look something up in an object or its class: `getattr`, `hasattr`, `setattr` with a name that is known or
//! guarded, and `abs`, `len`, `str` and the like of what a Python class answers.
//!
//! A method that a builtin asks for is inlined in place of the call. Where the builtin looks at what the method returns,
//! it stays in the place of the callable on the stack: an exit inside the method makes an object that calls the method and
//! checks like the builtin, see [`tjit_vm::resume`].

use rustpython_vm::{
    AsObject, PyObject, VirtualMachine,
    builtins::{PyStr, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Op, Ty};

use super::attributes::{Access, Lookup, Own, lookup_of};
use super::calls::Called;
use super::emit::Num;
use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res, Shadow};
use crate::attributes::sets_plainly;
use crate::decode;
use crate::helpers;
use crate::known::Builtin;

impl Recorder {
    /// A call of a builtin that looks something up. False, with nothing emitted but guards: it is a call like any other.
    pub(super) fn reflect(
        &mut self,
        op: decode::Op,
        builtin: Builtin,
        callable: Operand,
        args: &[Operand],
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        self.capture(op.start);
        match (builtin, args) {
            (Builtin::GetAttr, [operand, name, default @ ..]) if default.len() <= 1 => {
                let Some(name) = self.known_name(*name, vm)? else { return Ok(false) };
                self.get_attr(op, *operand, name, default.first().copied(), pops, vm)
            }
            (Builtin::HasAttr, [operand, name]) => {
                let Some(name) = self.known_name(*name, vm)? else { return Ok(false) };
                let Some(has) = self.has_attr(*operand, name, vm)? else { return Ok(false) };
                let has = Sym::Val(self.trace.const_bool(has));
                self.replace(pops, has);
                Ok(true)
            }
            (Builtin::SetAttr, [operand, name, value]) => {
                let Some(name) = self.known_name(*name, vm)? else { return Ok(false) };
                let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
                if !sets_plainly(object.class(), vm) || !self.set_attr(*operand, object, name, *value, vm)? {
                    return Ok(false);
                }
                let none = Sym::Val(self.none());
                self.replace(pops, none);
                Ok(true)
            }
            (Builtin::Abs, [operand]) => self.ask_class(op, *operand, "__abs__", None, pops, vm),
            (Builtin::Round, [operand]) => self.ask_class(op, *operand, "__round__", None, pops, vm),
            (Builtin::Next, [operand]) => self.ask_class(op, *operand, "__next__", None, pops, vm),
            (Builtin::Len, [operand]) => self.ask_class(op, *operand, "__len__", Some(callable), pops, vm),
            (Builtin::Str, [operand]) => {
                let Some(object) = operand.object() else { return Ok(false) };
                let name = if method_of(object, "__str__", vm).is_some() { "__str__" } else { "__repr__" };
                self.ask_class(op, *operand, name, Some(callable), pops, vm)
            }
            (Builtin::Repr, [operand]) => self.ask_class(op, *operand, "__repr__", Some(callable), pops, vm),
            _ => Ok(false),
        }
    }

    /// A name that is the same each time, or is guarded to be.
    fn known_name(&mut self, name: Operand, vm: &VirtualMachine) -> Res<Option<&'static PyStrInterned>> {
        let Some(object) = name.object() else { return Ok(None) };
        let text = object.downcast_ref_if_exact::<PyStr>(vm).and_then(|text| text.to_str());
        let Some(text) = text else { return Ok(None) };
        let interned = vm.ctx.intern_str(text);
        if self.known_text(name.sym).is_none() {
            let value = self.of_class(name)?;
            let wanted = self.constant(interned.as_object());
            let same = self.call_helper(&helpers::text::str_equal(), &[value, wanted]);
            self.guard_bool(same, true);
        }
        Ok(Some(interned))
    }

    fn get_attr(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static PyStrInterned,
        default: Option<Operand>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = object.downcast_ref::<PyType>();
        if default.is_some() && class.is_none() && self.may_compute(object, name, vm) {
            // What is computed may raise AttributeError, and then it is the default.
            return Ok(false);
        }
        let access = Access { name, is_method: false, pops };
        let flow = if self.world.objects.class(object) == self.world.objects.classes.module {
            self.load_module_attr(operand, object, access, vm)?
        } else if let Some(class) = class {
            self.load_class_attr(operand, class, access, vm)?
        } else {
            self.load_instance_attr(op, operand, object, access, vm)?
        };
        match (flow, default) {
            (Some(_), _) => Ok(true),
            (None, Some(default)) if self.has_attr(operand, name, vm)? == Some(false) => {
                self.replace(pops, default.sym);
                Ok(true)
            }
            (None, _) => Ok(false),
        }
    }

    /// Whether an instance or a class has an attribute. `None`: that is not known, or Python code has to be asked.
    fn has_attr(&mut self, operand: Operand, name: &'static PyStrInterned, vm: &VirtualMachine) -> Res<Option<bool>> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if let Some(class) = object.downcast_ref::<PyType>() {
            return self.class_has_attr(operand, class, name, vm);
        }
        let class = object.class();
        let is_instance = !class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE);
        if !is_instance || self.may_compute(object, name, vm) {
            return Ok(None);
        }
        let found = class.get_attr(name);
        if found.as_ref().is_some_and(|found| found.class().is(vm.ctx.types.member_descriptor_type)) {
            return Ok(None);
        }
        Ok(match self.attribute_of(operand, object, class, name, vm)? {
            Own::Is(_) => Some(true),
            Own::Absent => Some(found.is_some()),
            Own::Unknown => None,
        })
    }

    /// Whether Python code may run when an attribute is read.
    pub(super) fn may_compute(&self, object: &PyObject, name: &'static PyStrInterned, vm: &VirtualMachine) -> bool {
        let class = object.class();
        let types = &vm.ctx.types;
        let plain = [
            types.function_type,
            types.method_descriptor_type,
            types.member_descriptor_type,
            types.staticmethod_type,
            types.classmethod_type,
        ];
        let found = class.get_attr(name).filter(|found| found.class().slots.descr_get.load().is_some());
        let has = || {
            object.dict().is_some_and(|dict| dict.get_item_opt(name.as_object(), vm).is_ok_and(|found| found.is_some()))
        };
        let asks = match lookup_of(class, vm) {
            Lookup::Plain => false,
            Lookup::FallsBack => !has(),
            Lookup::Own => true,
        };
        asks || found.is_some_and(|found| !plain.iter().any(|class| found.class().is(*class)))
    }

    /// Inlines a method of the class of a builtin's argument. `checks`: the builtin, if it looks at what is returned.
    fn ask_class(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static str,
        checks: Option<Operand>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = operand.object() else { return Ok(false) };
        let Some(method) = method_of(object, name, vm) else { return Ok(false) };
        let builtin = match checks {
            Some(builtin) => match (self.resolve(builtin.sym), builtin.object()) {
                (Sym::Val(value), Some(object)) => Some((Sym::Val(self.guard_is(value, object)), None)),
                _ => return Ok(false),
            },
            None => None,
        };
        if !self.guard_instance(operand, object, object.class(), vm)? {
            return Ok(false);
        }
        let function = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        Ok(matches!(self.inline(op, function, &method, &[operand], pops, builtin, vm)?, Called::Inlined))
    }

    /// The builtin that looks at what a method returns which a frame calls, if there is one.
    pub(super) fn checked_by(&self, caller: &Shadow) -> Option<Builtin> {
        let Sym::Val(callable) = *caller.stack.get(caller.stack.len().checked_sub(caller.pops)?)? else { return None };
        let callable = self.trace.as_ref(callable)?;
        let builtin = self.world.known.at(self.trace.pool.refs[callable.index()].addr);
        builtin.filter(|builtin| matches!(builtin, Builtin::Len | Builtin::Str | Builtin::Repr))
    }

    /// What a method that a builtin has asked for is about to return: what the builtin accepts as it is.
    pub(super) fn guard_checked(&mut self, builtin: Builtin, answer: Operand) -> Res<Sym> {
        let Some(object) = answer.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if builtin == Builtin::Len {
            return match self.num(answer)? {
                Some(Num::Int(value, 0..)) => {
                    let zero = self.trace.const_int(0);
                    let is_length = self.op(Op::GeInt, &[value, zero]);
                    self.guard_bool(is_length, true);
                    Ok(Sym::Val(value))
                }
                _ => Err(Abort::with(Reason::UnsupportedType, "a length that is no small int")),
            };
        }
        if self.world.objects.class(object) != self.world.objects.classes.str {
            return Err(Abort::with(Reason::UnsupportedType, "a text that is no str"));
        }
        if let Sym::Val(value) = self.resolve(answer.sym)
            && self.trace.ty(value) == Ty::Ref
        {
            self.guard_class(value, object);
        }
        Ok(answer.sym)
    }
}
