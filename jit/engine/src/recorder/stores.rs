//! Attributes that are set: of instances, virtual ones too, and through properties.

use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyStr, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, VirtualKind};
use tjit_vm::tallies;

use super::attributes::{Lookup, lookup_of};
use super::calls::Called;
use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::attributes::{is_named, sets_plainly};
use crate::decode;
use crate::helpers;

impl Recorder {
    /// STORE_ATTR: stack is value, object.
    pub(super) fn store_attr(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let name = self.name(op.arg);
        let (value, operand) = (self.peek(1)?, self.with_attributes(self.peek(0)?, name)?);
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.set_tally(operand, object, name, value, vm)? {
            self.pop(2);
            return self.give_up(operand.sym);
        }
        let plain = sets_plainly(object.class(), vm) && !self.takes_any;
        if self.takes_any {
            self.note_megamorphic(op);
        }
        if plain && self.set_property(op, operand, object, name, value, vm)? {
            return Ok(());
        }
        if !plain || !self.set_attr(operand, object, name, value, vm)? {
            self.go_opaque(op)?;
            let (object, value) = (self.reference(operand.sym)?, self.reference(value.sym)?);
            let key = self.constant(name.as_object());
            self.call_helper(&helpers::containers::opaque_set_attr(), &[object, key, value]);
        }
        self.pop(2);
        self.give_up(operand.sym)?;
        Ok(())
    }

    /// An attribute of a class that is set all the time. False, with nothing emitted: it is none.
    fn set_tally(
        &mut self,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(class) = object.downcast_ref::<PyType>() else { return Ok(false) };
        let is_plain = value.object().is_some_and(|value| tallies::is_plain(value, vm));
        if self.takes_any || !is_plain || !tallies::are_noticed(class.class()) || !tallies::is_tally(class, name) {
            return Ok(false);
        }
        let of = self.reference(operand.sym)?;
        let of = self.guard_is(of, object);
        let (name, value) = (self.constant(name.as_object()), self.reference(value.sym)?);
        self.call_helper(&helpers::classes::set_tally(), &[of, name, value]);
        Ok(true)
    }

    /// DELETE_ATTR: stack is the object.
    pub(super) fn delete_attr(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let name = self.name(op.arg);
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = object.class();
        if let Some((index, VirtualKind::Instance)) = self.as_virtual(operand.sym)
            && object.dict().is_some()
            && sets_plainly(object.class(), vm)
            && let Some(field) = self.field_of_instance(index, name)
        {
            self.guard_instance(operand, object, class, vm)?;
            let fields = &mut self.virtuals[index].fields;
            let old = fields.remove(field);
            fields.remove(field - 1);
            self.pop(1);
            return self.give_up(old);
        }
        self.go_opaque(op)?;
        let object = self.reference(operand.sym)?;
        let key = self.constant(name.as_object());
        self.call_helper(&helpers::containers::opaque_delete_attr(), &[object, key]);
        self.pop(1);
        self.give_up(operand.sym)
    }

    /// A property or other descriptor that is set by a Python function, which is inlined. False, with nothing emitted but
    /// guards: it is not.
    fn set_property(
        &mut self,
        op: decode::Op,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let class = object.class();
        let Some(found) = class.get_attr(name) else { return Ok(false) };
        let is_property = found.class().is(vm.ctx.types.property_type);
        let setter = if is_property { found.get_attr("fset", vm).ok() } else { method_of(&found, "__set__", vm) };
        let Some(setter) = setter.filter(|setter| setter.class().is(vm.ctx.types.function_type)) else {
            return Ok(false);
        };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(false);
        }
        let mut args = vec![operand, value];
        if !is_property {
            let constant = self.constant(found.class().as_object());
            if !self.guard_version(found.class(), constant, vm) {
                return Ok(false);
            }
            args.insert(0, Operand::new(Sym::Val(self.constant(&found)), Some(&found)));
        }
        let function = self.constant(&setter);
        let callable = Operand::new(Sym::Val(function), Some(&setter));
        let called = self.inline(op, callable, &setter, &args, op.call_takes(), None, vm)?;
        Ok(matches!(called, Called::Inlined))
    }

    /// `object.__setattr__` of an instance of a Python class. False, with nothing emitted: it is to be called.
    pub(super) fn call_set_attr(
        &mut self,
        op: decode::Op,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let theirs = vm.ctx.types.object_type.get_attr(vm.ctx.intern_str("__setattr__"));
        let [operand, name, value] = args else { return Ok(false) };
        let (true, Some(object), Sym::Val(constant)) =
            (theirs.is_some_and(|theirs| theirs.is(function)), operand.object(), self.resolve(name.sym))
        else {
            return Ok(false);
        };
        let name = name.object().and_then(|name| name.downcast_ref::<PyStr>()).and_then(|name| name.to_str());
        let (Some(name), true) = (name, self.trace.as_ref(constant).is_some()) else { return Ok(false) };
        if object.class().slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) {
            return Ok(false);
        }
        self.capture(op.start);
        self.set_attr(*operand, object, vm.ctx.intern_str(name), *value, vm)
    }

    /// Sets an attribute as `object` does. False, with nothing emitted: it is left to the VM.
    pub(super) fn set_attr(
        &mut self,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let class = object.class();
        let plain = !matches!(lookup_of(class, vm), Lookup::Own);
        let found = class.get_attr(name);
        let is_data = found.as_ref().is_some_and(|found| found.class().slots.descr_set.load().is_some());
        Ok(match (plain, is_data, found) {
            (true, true, Some(found)) if found.class().is(vm.ctx.types.member_descriptor_type) => {
                self.store_slot(operand, object, name, value, vm)?
            }
            (true, false, _) => self.store_in_instance(operand, object, class, name, value, vm)?,
            _ => false,
        })
    }

    /// Sets an attribute in the dict of an instance. False: nothing was emitted.
    fn store_in_instance(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        if let Some((index, VirtualKind::Instance | VirtualKind::Exception)) = self.as_virtual(operand.sym) {
            if !self.reaches_virtual(value.sym, index) {
                self.guard_instance(operand, object, class, vm)?;
                match self.field_of_instance(index, name) {
                    Some(field) => {
                        let old = self.field(index, field);
                        self.set_field(index, field, value.sym);
                        self.give_up(old)?;
                    }
                    None => {
                        let name = Sym::Val(self.constant(name.as_object()));
                        self.virtuals[index].fields.extend([name, value.sym]);
                    }
                }
                return Ok(true);
            }
            self.reference(operand.sym)?;
        }
        let Some((dict, shape)) = self.shape_of(operand, object, class, vm)? else {
            let Some((dict, old)) = self.searched_dict(operand, object, class, name, vm)? else { return Ok(false) };
            let (key, value) = (self.constant(name.as_object()), self.reference(value.sym)?);
            self.call_helper(&helpers::dicts::dict_set(), &[dict, key, value]);
            self.may_finalise(old.as_deref());
            return Ok(true);
        };
        match shape.iter().position(|key| is_named(key, name.as_object())) {
            Some(index) => {
                let value = self.reference(value.sym)?;
                self.emit_unit(Op::EntrySet, &[dict, value], Imm::Index(index as u32));
                let old = object.dict().and_then(|dict| dict.get_item_opt(name.as_object(), vm).ok().flatten());
                self.may_finalise(old.as_deref());
            }
            None => {
                let stored = self.reference(value.sym)?;
                let key = self.constant(name.as_object());
                self.call_helper(&helpers::containers::add_attr(), &[dict, key, stored]);
            }
        }
        Ok(true)
    }

    fn store_slot(
        &mut self,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let class = object.class();
        if let Some((index, VirtualKind::Instance)) = self.as_virtual(operand.sym) {
            if !self.reaches_virtual(value.sym, index) {
                return self.store_in_instance(operand, object, class, name, value, vm);
            }
            self.reference(operand.sym)?;
        }
        let Some(offset) = self.slot_offset(class, name, vm) else { return Ok(false) };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(false);
        }
        let instance = self.reference(operand.sym)?;
        let old = object.get_attr(name, vm).ok();
        let value = self.reference(value.sym)?;
        self.emit_unit(Op::SlotSet, &[instance, value], Imm::Index(offset));
        self.may_finalise(old.as_deref());
        Ok(true)
    }
}
