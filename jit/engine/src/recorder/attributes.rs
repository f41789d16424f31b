//! Attributes: of instances, classes and modules.
//!
//! What an attribute means depends on the instance's class, whose version tells whether it and its bases are as they were,
//! and on the keys of the instance's dict, its *shape*. Both are guarded once for an object; then an attribute is one load.
//!
//! | the class has | the instance's dict has | `a.x` is |
//! |---|---|---|
//! | a slot | | what the slot holds |
//! | a property | | a call of its getter |
//! | anything, or nothing | the name | the value there |
//! | a function | not | a bound method, or for a call the function and the instance |
//! | a plain value | not | that value |

use rustpython_compiler_core::bytecode::oparg;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, VirtualMachine,
    builtins::{PyDict, PyStr, PyStrInterned, PyTuple, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, ValueId, VirtualKind};

use super::calls::Called;
use super::thrown::{is_plain_exception, part};
use super::sym::{Operand, Sym, SymVirtual};
use super::{Abort, Flow, Recorder, Res};
use crate::decode;
use crate::helpers;

/// Keys of a dict that are guarded one by one, at most.
const MAX_KEYS: usize = 24;

impl Recorder {
    /// LOAD_ATTR.
    pub(super) fn load_attr(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        let arg = oparg::LoadAttr::from_u32(op.arg);
        let name = self.name(arg.name_idx());
        let operand = self.with_attributes(self.peek(0)?, name)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let objects = &self.world.objects;
        let class = objects.class(object);
        if class == objects.classes.module {
            self.load_module_attr(object, name, arg.is_method(), vm)?;
            return Ok(Flow::Continue);
        }
        // Instances of these have no attributes of their own.
        let simple = crate::natives::is_builtin(object.class())
            && !object.class().slots.flags.has_feature(PyTypeFlags::HAS_DICT)
            && has_plain_attributes(object.class(), vm);
        let method = object.class().get_attr(name);
        let method = method.filter(|method| method.class().is(vm.ctx.types.method_descriptor_type));
        if let (true, Some(method)) = (simple, method) {
            let receiver = self.reference(operand.sym)?;
            self.guard_class(receiver, object);
            let method = Sym::Val(self.constant(&method));
            if arg.is_method() {
                self.replace(1, method);
                self.push(Sym::Val(receiver));
            } else {
                let bound = self.new_virtual(VirtualKind::BoundMethod, vec![method, Sym::Val(receiver)]);
                self.replace(1, bound);
            }
            return Ok(Flow::Continue);
        }
        if let Some(class) = object.downcast_ref::<PyType>() {
            if let Some(flow) = self.load_class_attr(operand, class, name, arg.is_method(), vm)? {
                return Ok(flow);
            }
        } else if let Some(flow) = self.load_instance_attr(op, operand, object, name, arg.is_method(), vm)? {
            return Ok(flow);
        }
        self.opaque_attr(op, operand, name, arg.is_method(), vm)
    }

    /// An attribute of an instance of a Python class. `None`: it is to be read by the VM.
    fn load_instance_attr(
        &mut self,
        op: decode::Op,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        is_method: bool,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let class = object.class();
        // Of a class with `__getattr__`, what is there is found as always.
        let falls_back = match lookup_of(class, vm) {
            Lookup::Plain => false,
            Lookup::FallsBack => true,
            Lookup::Own => return Ok(None),
        };
        let found = class.get_attr(name);
        let descriptor = found.as_ref().map(|found| found.class().to_owned());
        let gets = descriptor.as_ref().is_some_and(|class| class.slots.descr_get.load().is_some());
        let is_data = gets && descriptor.as_ref().is_some_and(|class| class.slots.descr_set.load().is_some());
        if let (true, Some(found)) = (is_data, &found) {
            if falls_back {
                // A getter may raise AttributeError, and is asked for an attribute that way.
                return Ok(None);
            }
            if found.class().is(vm.ctx.types.member_descriptor_type) {
                return self.load_slot(operand, object, name, is_method, vm);
            }
            if found.class().is(vm.ctx.types.property_type)
                && !is_method
                && let Ok(getter) = found.get_attr("fget", vm)
                && getter.class().is(vm.ctx.types.function_type)
            {
                self.guard_instance(operand, object, class, vm)?;
                let function = self.constant(&getter);
                let callable = Operand::new(Sym::Val(function), Some(&getter));
                return match self.inline(op, callable, &getter, &[operand], 1, None, vm)? {
                    Called::Inlined => Ok(Some(Flow::Continue)),
                    Called::Not => Ok(None),
                };
            }
            if let (Some(arguments), "args") = (self.arguments_of(operand), name.as_str()) {
                self.guard_instance(operand, object, class, vm)?;
                self.replace(1, arguments);
                if is_method {
                    self.push(Sym::Empty);
                }
                return Ok(Some(Flow::Continue));
            }
            return Ok(None);
        }
        let own = self.attribute_of(operand, object, class, name, vm)?;
        let sym = match (own, found) {
            (Own::Unknown, _) => return Ok(None),
            (Own::Is(sym), _) => sym,
            (Own::Absent, None) if !falls_back && self.is_handled(op) => {
                self.raises_attribute(op, operand, name, vm)?;
                return Ok(Some(Flow::Continue));
            }
            // AttributeError.
            (Own::Absent, None) => return Ok(None),
            (Own::Absent, Some(found)) if !gets => self.constant_sym(&found),
            (Own::Absent, Some(found)) => {
                return self.load_method(operand, class, &found, is_method, falls_back, vm);
            }
        };
        self.replace(1, sym);
        if is_method {
            self.push(Sym::Empty);
        }
        Ok(Some(Flow::Continue))
    }

    /// A function that was found in the class of an instance.
    fn load_method(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        found: &PyObject,
        is_method: bool,
        falls_back: bool,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let types = &vm.ctx.types;
        let is_function =
            [types.function_type, types.method_descriptor_type].iter().any(|class| found.class().is(*class));
        let (function, receiver, bound) = if is_function {
            (found.to_owned(), operand.sym, !is_method || falls_back)
        } else if found.class().is(types.staticmethod_type) {
            let Ok(function) = found.get_attr("__func__", vm) else { return Ok(None) };
            let sym = self.constant_sym(&function);
            self.replace(1, sym);
            if is_method {
                self.push(Sym::Empty);
            }
            return Ok(Some(Flow::Continue));
        } else if found.class().is(types.classmethod_type) {
            let Ok(function) = found.get_attr("__func__", vm) else { return Ok(None) };
            (function, Sym::Val(self.constant(class.as_object())), true)
        } else {
            return Ok(None);
        };
        let function = Sym::Val(self.constant(&function));
        // The same as the VM has on its stack, entry by entry.
        match (is_method, bound) {
            (true, false) => {
                self.replace(1, function);
                self.push(receiver);
            }
            (_, _) => {
                let method = self.new_virtual(VirtualKind::BoundMethod, vec![function, receiver]);
                self.replace(1, method);
                if is_method {
                    self.push(Sym::Empty);
                }
            }
        }
        Ok(Some(Flow::Continue))
    }

    /// An attribute of a class.
    fn load_class_attr(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        is_method: bool,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let types = &vm.ctx.types;
        let of_type = types.type_type.get_attr(name);
        if !class.class().is(types.type_type)
            || of_type.is_some_and(|found| found.class().slots.descr_set.load().is_some())
        {
            return Ok(None);
        }
        let Some(found) = class.get_attr(name) else { return Ok(None) };
        let Sym::Val(value) = self.resolve(operand.sym) else { return Ok(None) };
        let gets = found.class().slots.descr_get.load().is_some();
        let is_function = found.class().is(types.function_type);
        // Such a one is itself when it is taken from a class.
        let is_slot = found.class().is(types.wrapper_descriptor_type) || found.class().is(types.method_descriptor_type);
        if gets
            && !is_function
            && !is_slot
            && !found.class().is(types.staticmethod_type)
            && !found.class().is(types.classmethod_type)
        {
            return Ok(None);
        }
        let constant = self.guard_is(value, class.as_object());
        if !self.guard_version(class, constant, vm) {
            return Ok(None);
        }
        if gets && !is_function && !is_slot {
            return self.load_method(operand, class, &found, is_method, false, vm);
        }
        let sym = self.constant_sym(&found);
        self.replace(1, sym);
        if is_method {
            self.push(Sym::Empty);
        }
        Ok(Some(Flow::Continue))
    }

    /// LOAD_ATTR by the VM.
    fn opaque_attr(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static PyStrInterned,
        is_method: bool,
        vm: &VirtualMachine,
    ) -> Res<Flow> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if is_method && loads_function(object, name, vm) {
            // The interpreter has a function and its receiver on its stack then, not what the VM's operator gives.
            let detail = format!("a call of {name} of {}", object.class().name());
            return Err(Abort::with(Reason::UnsupportedOpcode, detail));
        }
        self.go_opaque(op)?;
        let object = self.reference(operand.sym)?;
        let key = self.constant(name.as_object());
        let value = self.call_helper(&helpers::containers::opaque_get_attr(), &[object, key]);
        self.replace(1, Sym::Val(value));
        if is_method {
            self.push(Sym::Empty);
        }
        Ok(Flow::Continue)
    }

    /// LOAD_SUPER_ATTR: stack is `super`, class, instance.
    pub(super) fn load_super_attr(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let arg = oparg::LoadSuperAttr::from_u32(op.arg);
        let name = self.name(arg.name_idx());
        let (super_, class, instance) = (self.peek(2)?, self.peek(1)?, self.peek(0)?);
        let (Some(called), Some(of), Some(object)) = (super_.object(), class.object(), instance.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let other = || Abort::with(Reason::UnsupportedOpcode, format!("super().{name}"));
        let (Some(after), true) = (of.downcast_ref::<PyType>(), called.is(vm.ctx.types.super_type)) else {
            return Err(other());
        };
        let class_of = object.class();
        let found = {
            let mro = class_of.mro.read();
            let behind = mro.iter().skip_while(|base| !base.is(after)).skip(1);
            behind.into_iter().find_map(|base| base.get_direct_attr(name))
        };
        let types = &vm.ctx.types;
        let bound = [types.function_type, types.wrapper_descriptor_type, types.method_descriptor_type];
        let Some(found) = found.filter(|found| bound.iter().any(|class| found.class().is(*class))) else {
            return Err(other());
        };
        for (operand, object) in [(super_, called), (class, of)] {
            if let Sym::Val(value) = self.resolve(operand.sym) {
                self.guard_is(value, object);
            }
        }
        if !self.guard_instance(instance, object, class_of, vm)? {
            return Err(other());
        }
        let function = Sym::Val(self.constant(&found));
        let method = self.new_virtual(VirtualKind::BoundMethod, vec![function, instance.sym]);
        self.replace(3, method);
        if arg.is_load_method() {
            self.push(Sym::Empty);
        }
        Ok(())
    }

    /// STORE_ATTR: stack is value, object.
    pub(super) fn store_attr(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let name = self.name(op.arg);
        let (value, operand) = (self.peek(1)?, self.with_attributes(self.peek(0)?, name)?);
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = object.class();
        let object_type = vm.ctx.types.object_type;
        let plain = class.slots.setattro.load().map(|set| set as usize)
            == object_type.slots.setattro.load().map(|set| set as usize);
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

    /// A property that is set by a Python function, which is inlined. False, with nothing emitted but guards: it is not.
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
        let found = class.get_attr(name).filter(|found| found.class().is(vm.ctx.types.property_type));
        let setter = found.and_then(|found| found.get_attr("fset", vm).ok());
        let Some(setter) = setter.filter(|setter| setter.class().is(vm.ctx.types.function_type)) else {
            return Ok(false);
        };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(false);
        }
        let function = self.constant(&setter);
        let callable = Operand::new(Sym::Val(function), Some(&setter));
        let called = self.inline(op, callable, &setter, &[operand, value], op.call_takes(), None, vm)?;
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
    fn set_attr(
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
        let Some((dict, shape)) = self.shape_of(operand, object, class, vm)? else { return Ok(false) };
        match shape.iter().position(|key| key.is(name.as_object())) {
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

    /// What an instance's own dict says of a name.
    fn attribute_of(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<Own> {
        if let Some((index, VirtualKind::Instance | VirtualKind::Exception)) = self.as_virtual(operand.sym) {
            if !self.guard_instance(operand, object, class, vm)? {
                return Ok(Own::Unknown);
            }
            return Ok(self
                .field_of_instance(index, name)
                .map_or(Own::Absent, |field| Own::Is(self.field(index, field))));
        }
        if !class.slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            let known = self.guard_instance(operand, object, class, vm)?;
            return Ok(if known { Own::Absent } else { Own::Unknown });
        }
        let Some((dict, shape)) = self.shape_of(operand, object, class, vm)? else { return Ok(Own::Unknown) };
        Ok(match shape.iter().position(|key| key.is(name.as_object())) {
            Some(index) => Own::Is(Sym::Val(self.emit(Op::EntryGet, &[dict], Imm::Index(index as u32)))),
            None => Own::Absent,
        })
    }

    /// Guards the class of an instance, with its version, and the keys of its dict. Gives the dict and the keys.
    fn shape_of(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, Vec<PyObjectRef>)>> {
        if !class.slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            return Ok(None);
        }
        let Some(dict) = object.dict() else { return Ok(None) };
        let Some(keys) = self.keys_of(&dict, vm) else { return Ok(None) };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(None);
        }
        let instance = self.reference(operand.sym)?;
        let value = self.op(Op::InstanceDict, &[instance]);
        let length = self.op(Op::DictLen, &[value]);
        let wanted = self.trace.const_int(keys.len() as i64);
        let same = self.op(Op::EqInt, &[length, wanted]);
        self.guard_bool(same, true);
        for (index, key) in keys.iter().enumerate() {
            let key = self.constant(key);
            self.emit(Op::GuardKey, &[value, key], Imm::Index(index as u32));
        }
        Ok(Some((value, keys)))
    }

    /// The keys of an instance's dict, if they are few names in entries without gaps.
    fn keys_of(&self, dict: &PyRef<PyDict>, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
        let layout = &self.world.objects.layout.dict;
        let keys: Vec<PyObjectRef> = (&**dict).into_iter().map(|(key, _)| key).collect();
        let in_order = |(index, key): (usize, &PyObjectRef)| {
            let is_name = key.downcast_ref_if_exact::<PyStr>(vm).is_some();
            is_name && layout.index_of(dict, key, vm) == Some(index)
        };
        let plain = keys.len() <= MAX_KEYS && layout.count(dict) == keys.len() && keys.iter().enumerate().all(in_order);
        plain.then_some(keys)
    }

    /// Guards the class of an instance and its version. False, with nothing emitted: the class has no version.
    pub(super) fn guard_instance(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let version = version_of(class, vm);
        if version == 0 || self.world.is_volatile(class.as_object().get_id(), version) {
            return Ok(false);
        }
        if !self.has_virtual_attributes(operand.sym) {
            let instance = self.reference(operand.sym)?;
            self.guard_class(instance, object);
        }
        let constant = self.constant(class.as_object());
        Ok(self.guard_version(class, constant, vm))
    }

    /// Guards that a class, which `constant` is, has not been changed.
    pub(super) fn guard_version(&mut self, class: &Py<PyType>, constant: ValueId, vm: &VirtualMachine) -> bool {
        let version = version_of(class, vm);
        if version == 0 {
            return false;
        }
        if class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) {
            return true;
        }
        if self.world.is_volatile(class.as_object().get_id(), version) {
            return false;
        }
        let is = self.op(Op::ClassVersion, &[constant]);
        let wanted = self.trace.const_int(i64::from(version));
        let same = self.op(Op::EqInt, &[is, wanted]);
        self.guard_bool(same, true);
        true
    }

    /// Whether a symbol is an instance that has not been made, whose attributes are symbols.
    pub(super) fn has_virtual_attributes(&self, sym: Sym) -> bool {
        matches!(self.as_virtual(sym), Some((_, VirtualKind::Instance | VirtualKind::Exception)))
    }

    fn load_slot(
        &mut self,
        operand: Operand,
        object: &PyObject,
        name: &'static PyStrInterned,
        is_method: bool,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let class = object.class();
        if matches!(self.as_virtual(operand.sym), Some((_, VirtualKind::Instance))) {
            let Own::Is(sym) = self.attribute_of(operand, object, class, name, vm)? else { return Ok(None) };
            self.replace(1, sym);
        } else {
            let Some(offset) = self.slot_offset(class, name, vm) else { return Ok(None) };
            if !self.guard_instance(operand, object, class, vm)? {
                return Ok(None);
            }
            let instance = self.reference(operand.sym)?;
            let sym = Sym::Val(self.emit(Op::SlotGet, &[instance], Imm::Index(offset)));
            self.replace(1, sym);
        }
        if is_method {
            self.push(Sym::Empty);
        }
        Ok(Some(Flow::Continue))
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
        if matches!(self.as_virtual(operand.sym), Some((_, VirtualKind::Instance))) {
            return self.store_in_instance(operand, object, class, name, value, vm);
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

    pub(super) fn slot_offset(
        &self,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Option<u32> {
        let key = (class.as_object().get_id(), name.as_object().get_id(), version_of(class, vm));
        if let Some(&known) = self.world.slots.borrow().get(&key) {
            return known;
        }
        let found = self.world.objects.layout.instance.slot(class, name, vm);
        self.world.slots.borrow_mut().insert(key, found);
        found
    }

    /// The index of the field that has an attribute of a virtual instance.
    pub(super) fn field_of_instance(&self, index: usize, name: &'static PyStrInterned) -> Option<usize> {
        let SymVirtual { kind, fields, .. } = &self.virtuals[index];
        let first = if *kind == VirtualKind::Exception { part::NAMES } else { 1 };
        let is_name = |sym: &Sym| match *sym {
            Sym::Val(value) => {
                let named = self.trace.as_ref(value).map(|id| self.trace.pool.refs[id.index()].addr);
                named == Some(crate::objects::address(name.as_object()))
            }
            _ => false,
        };
        (first..fields.len()).step_by(2).find(|&n| is_name(&fields[n])).map(|n| n + 1)
    }

    /// Whether a virtual object is a part of what a symbol stands for, or that itself.
    pub(super) fn reaches_virtual(&self, sym: Sym, index: usize) -> bool {
        match self.as_virtual(sym) {
            Some((other, _)) => {
                other == index || self.virtuals[other].fields.iter().any(|&field| self.reaches_virtual(field, index))
            }
            None => false,
        }
    }

    /// A class that is called and has a `__new__` in Python, but no `__init__` of its own: what `__new__` returns. `None`,
    /// with nothing emitted but guards: another.
    fn call_new(
        &mut self,
        op: decode::Op,
        callable: Operand,
        class: &Py<PyType>,
        args: &[Operand],
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Option<Called>> {
        let own = |name: &'static str| class.get_attr(vm.ctx.intern_str(name));
        let init = vm.ctx.types.object_type.get_attr(vm.ctx.intern_str("__init__"));
        let (Some(new), Sym::Val(value)) = (own("__new__"), self.resolve(callable.sym)) else { return Ok(None) };
        let is_initialised = !matches!((own("__init__"), init), (Some(own), Some(theirs)) if own.is(&theirs));
        if is_initialised
            || !class.class().is(vm.ctx.types.type_type)
            || !new.class().is(vm.ctx.types.staticmethod_type)
        {
            return Ok(None);
        }
        let function = new.get_attr("__func__", vm).ok();
        let Some(function) = function.filter(|function| function.class().is(vm.ctx.types.function_type)) else {
            return Ok(None);
        };
        let constant = self.guard_is(value, class.as_object());
        if !self.guard_version(class, constant, vm) {
            return Ok(None);
        }
        let new = Operand::new(Sym::Val(self.constant(&function)), Some(&function));
        let mut all = vec![callable];
        all.extend_from_slice(args);
        let called = self.inline_with(op, new, &function, &all, keywords, pops, vm)?;
        Ok(matches!(called, Called::Inlined).then_some(called))
    }

    /// A class that is called: its instance is virtual, and `__init__` is inlined. `Called::Not`, with nothing emitted but
    /// guards: it is to be called.
    pub(super) fn instantiate(
        &mut self,
        op: decode::Op,
        callable: Operand,
        class: &Py<PyType>,
        args: &[Operand],
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Called> {
        let object_type = vm.ctx.types.object_type;
        let own = |name: &'static str| class.get_attr(vm.ctx.intern_str(name));
        let same = |name: &'static str| {
            let theirs = object_type.get_attr(vm.ctx.intern_str(name));
            matches!((own(name), theirs), (Some(own), Some(theirs)) if own.is(&theirs))
        };
        let plain = class.class().is(vm.ctx.types.type_type)
            && !class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE)
            && has_plain_attributes(class, vm)
            && same("__new__")
            && class.slots.del.load().is_none()
            && own("__abstractmethods__").is_none();
        // Whether all bases are Python classes: the instance has nothing but attributes.
        let is_plain_base =
            |base: &Py<PyType>| base.is(object_type) || !base.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE);
        if let Some(called) = self.call_new(op, callable, class, args, keywords, pops, vm)? {
            return Ok(called);
        }
        let is_exception = is_plain_exception(class, vm);
        if !is_exception && (!plain || !class.mro.read().iter().all(|base| is_plain_base(base))) {
            return Ok(Called::Not);
        }
        let init = own("__init__");
        let init = match init {
            Some(init) if init.class().is(vm.ctx.types.function_type) => Some(init),
            Some(_) if is_exception && keywords.is_none() => None,
            Some(_) if same("__init__") && args.is_empty() => None,
            _ => return Ok(Called::Not),
        };
        let Sym::Val(value) = self.resolve(callable.sym) else { return Ok(Called::Not) };
        let constant = self.guard_is(value, class.as_object());
        if !self.guard_version(class, constant, vm) {
            return Ok(Called::Not);
        }
        let given =
            args.len() - keywords.and_then(|names| names.downcast_ref::<PyTuple>()).map_or(0, |names| names.len());
        let instance = match self.new_exception(class, constant, &args[..given], vm) {
            Some(exception) => exception,
            None => self.new_virtual(VirtualKind::Instance, vec![Sym::Val(constant)]),
        };
        let Some(init) = init else {
            self.replace(pops, instance);
            return Ok(Called::Inlined);
        };
        let function = self.constant(&init);
        let callable = Operand::new(Sym::Val(function), Some(&init));
        let mut all = vec![Operand::new(instance, None)];
        all.extend_from_slice(args);
        self.inline(op, callable, &init, &all, pops, Some((instance, keywords)), vm)
    }
}

/// What the dict of an instance says of a name.
enum Own {
    /// It is this.
    Is(Sym),
    /// It is not there.
    Absent,
    /// Not known.
    Unknown,
}

/// How instances of a class find their attributes.
enum Lookup {
    /// As those of `object` do.
    Plain,
    /// In the same way; if there is none, `__getattr__` is asked.
    FallsBack,
    /// In a way of their own.
    Own,
}

fn lookup_of(class: &Py<PyType>, vm: &VirtualMachine) -> Lookup {
    if has_plain_attributes(class, vm) {
        return Lookup::Plain;
    }
    let of = |class: &Py<PyType>, name: &'static str| class.get_attr(vm.ctx.intern_str(name));
    let looks_up = of(class, "__getattribute__");
    let is_default = match (looks_up, of(vm.ctx.types.object_type, "__getattribute__")) {
        (Some(theirs), Some(default)) => theirs.is(&default),
        _ => false,
    };
    if is_default && of(class, "__getattr__").is_some() { Lookup::FallsBack } else { Lookup::Own }
}

/// Whether instances of a class find their attributes the default way.
fn has_plain_attributes(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let get = |class: &Py<PyType>| class.slots.getattro.load().map(|get| get as usize);
    get(class) == get(vm.ctx.types.object_type)
}

/// The version of a class, which the VM may have to give first. 0: it has none.
fn version_of(class: &Py<PyType>, vm: &VirtualMachine) -> u32 {
    use std::sync::atomic::Ordering::Acquire;
    if class.tp_version_tag.load(Acquire) == 0 {
        // A look-up has it given.
        let _ = class.get_attr(vm.ctx.intern_str("__class__"));
    }
    class.tp_version_tag.load(Acquire)
}

/// Whether loading a method leaves a function and its receiver on the interpreter's stack, rather than one object and null.
fn loads_function(object: &PyObject, name: &'static PyStrInterned, vm: &VirtualMachine) -> bool {
    let class = object.class();
    let is_plain = class.slots.getattro.load().map(|get| get as usize)
        == vm.ctx.types.object_type.slots.getattro.load().map(|get| get as usize);
    is_plain
        && class
            .get_attr(name)
            .is_some_and(|found| found.class().slots.flags.has_feature(PyTypeFlags::METHOD_DESCRIPTOR))
}
