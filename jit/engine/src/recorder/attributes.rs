//! Attributes: of instances, classes and modules.
//!
//! What an attribute means depends on the instance's class, whose version tells whether it and its bases are as they were,
//! and on the keys of the instance's dict, its *shape*. Both are guarded once for an object; then an attribute is one load.
//!
//! | the class has | the instance's dict has | `a.x` is |
//! |---|---|---|
//! | a slot | | what the slot holds |
//! | a property | | a call of its getter |
//! | a descriptor of a Python class | | a call of its `__get__` |
//! | anything, or nothing | the name | the value there |
//! | a function | not | a bound method, or for a call the function and the instance |
//! | a plain value | not | that value |
//! | `__getattr__` only | not | a call of that |

use rustpython_compiler_core::bytecode::{Opcode, oparg};
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, VirtualMachine,
    builtins::{PyDict, PyStr, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, ValueId, VirtualKind};
use tjit_vm::tallies;

use super::calls::Called;
use super::dicts::Key;
use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Recorder, Res, Shadow};
use crate::attributes::{has_plain_attributes, is_named, loads_function, version_of};
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
        let access = Access { name, is_method: arg.is_method(), pops: 1 };
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.takes_any {
            if access.is_method && self.load_any_method(op, operand, name, vm)? {
                return Ok(Flow::Continue);
            }
            self.note_megamorphic(op);
            return self.opaque_attr(op, operand, access, vm);
        }
        if !access.is_method
            && ["real", "imag"].contains(&name.as_str())
            && let Some((re, im)) = self.complex_parts(operand)?
        {
            return Ok(self.found(access, Sym::Val(if name.as_str() == "real" { re } else { im })));
        }
        let objects = &self.world.objects;
        let class = objects.class(object);
        if class == objects.classes.module {
            let Some(attribute) = self.load_module_attr(operand, object, access, vm)? else {
                let detail = format!("LOAD_ATTR {name} of a module that computes it");
                return Err(Abort::with(Reason::UnsupportedOpcode, detail));
            };
            return Ok(attribute);
        }
        // Instances of these have no attributes of their own.
        let simple = crate::natives::is_builtin(object.class())
            && !object.class().slots.flags.has_feature(PyTypeFlags::HAS_DICT)
            && has_plain_attributes(object.class(), vm);
        let method = object.class().get_attr(name);
        let method = method.filter(|method| method.class().is(vm.ctx.types.method_descriptor_type));
        if let (true, Some(method)) = (simple, method) {
            let receiver = if matches!(self.as_virtual(operand.sym), Some((_, VirtualKind::Dict))) {
                operand.sym
            } else {
                let receiver = self.reference(operand.sym)?;
                self.guard_class(receiver, object);
                Sym::Val(receiver)
            };
            let method = Sym::Val(self.constant(&method));
            if arg.is_method() {
                self.replace(1, method);
                self.push(receiver);
            } else {
                let bound = self.new_virtual(VirtualKind::BoundMethod, vec![method, receiver]);
                self.replace(1, bound);
            }
            return Ok(Flow::Continue);
        }
        if let Some(class) = object.downcast_ref::<PyType>() {
            if let Some(flow) = self.load_class_attr(operand, class, access, vm)? {
                return Ok(flow);
            }
        } else if let Some(flow) = self.load_instance_attr(op, operand, object, access, vm)? {
            return Ok(flow);
        }
        self.opaque_attr(op, operand, access, vm)
    }

    /// An attribute has been found: it takes the place of what the access has on the stack.
    pub(super) fn found(&mut self, access: Access, sym: Sym) -> Flow {
        self.replace(access.pops, sym);
        if access.is_method {
            self.push(Sym::Empty);
        }
        Flow::Continue
    }

    /// An attribute of an instance of a Python class. `None`: it is to be read by the VM.
    pub(super) fn load_instance_attr(
        &mut self,
        op: decode::Op,
        operand: Operand,
        object: &PyObject,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let (name, class) = (access.name, object.class());
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
            if found.class().is(vm.ctx.types.member_descriptor_type) {
                return self.load_slot(operand, object, access, vm);
            }
            if found.class().is(vm.ctx.types.property_type) {
                let getter = found.get_attr("fget", vm).ok();
                let getter = getter.filter(|getter| getter.class().is(vm.ctx.types.function_type));
                let Some(getter) = getter else { return Ok(None) };
                self.guard_instance(operand, object, class, vm)?;
                let fallback = falls_back.then_some(operand.sym);
                return self.compute(op, &getter, &[operand], fallback, access, vm);
            }
            let of_objects = vm.ctx.types.object_type.get_attr(vm.ctx.intern_str("__class__"));
            if of_objects.is_some_and(|getter| getter.is(found)) {
                if !self.guard_instance(operand, object, class, vm)? {
                    return Ok(None);
                }
                let class = self.constant_sym(class.as_object());
                return Ok(Some(self.found(access, class)));
            }
            if let Some(kept) = self.kept_attribute(operand, name, vm) {
                self.guard_instance(operand, object, class, vm)?;
                return Ok(Some(self.found(access, kept)));
            }
            if let Some(flow) = self.load_tuple_field(operand, object, found, access, vm)? {
                return Ok(Some(flow));
            }
            return self.load_from_descriptor(op, operand, object, found, falls_back, access, vm);
        }
        let own = self.attribute_of(operand, object, class, name, vm)?;
        let sym = match (own, found) {
            (Own::Unknown, _) => return Ok(None),
            (Own::Is(sym), _) => sym,
            (Own::Absent, None) if falls_back => {
                let Some(asked) = method_of(object, "__getattr__", vm) else { return Ok(None) };
                let name = Operand::new(Sym::Val(self.constant(name.as_object())), Some(name.as_object()));
                return self.compute(op, &asked, &[operand, name], None, access, vm);
            }
            (Own::Absent, None) if self.is_handled(op) && op.opcode == Opcode::LoadAttr => {
                self.raises_attribute(op, operand, name, vm)?;
                return Ok(Some(Flow::Continue));
            }
            // AttributeError.
            (Own::Absent, None) => return Ok(None),
            (Own::Absent, Some(found)) if !gets => self.in_class(class, name, &found),
            (Own::Absent, Some(found)) => {
                if let Some(flow) = self.load_method(operand, class, &found, access, falls_back, vm)? {
                    return Ok(Some(flow));
                }
                return self.load_from_descriptor(op, operand, object, &found, falls_back, access, vm);
            }
        };
        Ok(Some(self.found(access, sym)))
    }

    /// An attribute that a Python function computes, which is inlined. `fallback`: an object whose `__getattr__` is asked if
    /// the function raises AttributeError; it stays on the stack, so that exits know of it.
    fn compute(
        &mut self,
        op: decode::Op,
        function: &PyObject,
        args: &[Operand],
        fallback: Option<Sym>,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        // A call of what is computed is rare, and the stack is another one then.
        if access.is_method || fallback.is_some() && op.opcode != Opcode::LoadAttr {
            return Ok(None);
        }
        let callable = Operand::new(Sym::Val(self.constant(function)), Some(function));
        let called =
            self.inline(op, callable, function, args, access.pops, fallback.map(|object| (object, None)), vm)?;
        Ok(matches!(called, Called::Inlined).then_some(Flow::Continue))
    }

    /// Whether a frame reads an attribute of an object whose `__getattr__` is asked if the function that it has called raises
    /// AttributeError.
    pub(super) fn falls_back(&self, caller: &Shadow) -> bool {
        let is_read = caller.code.instruction_at(caller.call).is_some_and(|op| op.opcode == Opcode::LoadAttr);
        let operand = caller.stack.len().checked_sub(caller.pops).and_then(|at| caller.stack.get(at));
        is_read && operand.is_some_and(|&operand| operand != Sym::Kept)
    }

    /// An attribute of an instance that a descriptor of a Python class gives, found in the instance's class.
    fn load_from_descriptor(
        &mut self,
        op: decode::Op,
        operand: Operand,
        object: &PyObject,
        descriptor: &PyObject,
        falls_back: bool,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let Some(gets) = method_of(descriptor, "__get__", vm) else { return Ok(None) };
        let class = self.constant(descriptor.class().as_object());
        if !self.guard_instance(operand, object, object.class(), vm)?
            || !self.guard_version(descriptor.class(), class, vm)
        {
            return Ok(None);
        }
        let known = |recorder: &mut Recorder, object: &PyObject| Sym::Val(recorder.constant(object));
        let owner = object.class().as_object();
        let (first, third) = (known(self, descriptor), known(self, owner));
        let args = [Operand::new(first, Some(descriptor)), operand, Operand::new(third, Some(owner))];
        self.compute(op, &gets, &args, falls_back.then_some(operand.sym), access, vm)
    }

    /// A function that was found in the class of an instance.
    fn load_method(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        found: &PyObject,
        access: Access,
        falls_back: bool,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let types = &vm.ctx.types;
        let is_function =
            [types.function_type, types.method_descriptor_type].iter().any(|class| found.class().is(*class));
        let (function, receiver, bound) = if is_function {
            (found.to_owned(), operand.sym, !access.is_method || falls_back)
        } else if found.class().is(types.staticmethod_type) {
            let Ok(function) = found.get_attr("__func__", vm) else { return Ok(None) };
            let sym = self.constant_sym(&function);
            return Ok(Some(self.found(access, sym)));
        } else if found.class().is(types.classmethod_type) {
            let Ok(function) = found.get_attr("__func__", vm) else { return Ok(None) };
            (function, Sym::Val(self.constant(class.as_object())), true)
        } else {
            return Ok(None);
        };
        let function = Sym::Val(self.constant(&function));
        // The same as the VM has on its stack, entry by entry.
        if access.is_method && !bound {
            self.replace(1, function);
            self.push(receiver);
            return Ok(Some(Flow::Continue));
        }
        let method = self.new_virtual(VirtualKind::BoundMethod, vec![function, receiver]);
        Ok(Some(self.found(access, method)))
    }

    /// An attribute of a class.
    pub(super) fn load_class_attr(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let (name, types) = (access.name, &vm.ctx.types);
        if !is_looked_up_plainly(class, name, vm) {
            return Ok(self.load_class_name(operand, class, access, vm));
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
        if !self.guard_class_object(value, class, vm) {
            return Ok(None);
        }
        if gets && !is_function && !is_slot {
            return self.load_method(operand, class, &found, access, false, vm);
        }
        let sym = self.in_class(class, name, &found);
        Ok(Some(self.found(access, sym)))
    }

    /// What was found in a class whose version is guarded: it is the same each time, but for tallies.
    fn in_class(&mut self, class: &Py<PyType>, name: &'static PyStrInterned, found: &PyObject) -> Sym {
        match tallies::owner(class, name) {
            Some(owner) => {
                let (owner, name) = (self.constant(owner.as_object()), self.constant(name.as_object()));
                Sym::Val(self.call_helper(&helpers::classes::tally(), &[owner, name]))
            }
            None => self.constant_sym(found),
        }
    }

    /// `C.__name__`, `C.__qualname__`: setting them changes the version of the class ([`tjit_vm::renames`]).
    fn load_class_name(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        access: Access,
        vm: &VirtualMachine,
    ) -> Option<Flow> {
        let type_type = vm.ctx.types.type_type;
        // (The qualified name of a class that is not in Python is a new str each time.)
        let names = if class.heaptype_ext.is_some() { &tjit_vm::renames::NAMES[..] } else { &["__name__"] };
        let descriptor = class.class().get_attr(access.name)?;
        let is_name = names.contains(&access.name.as_str())
            && gets_attributes_as(class.class(), type_type)
            && type_type.get_direct_attr(access.name).is_some_and(|own| own.is(&descriptor));
        let Sym::Val(value) = self.resolve(operand.sym) else { return None };
        if !is_name {
            return None;
        }
        let text = class.as_object().get_attr(access.name, vm).ok()?;
        if !self.guard_class_object(value, class, vm) {
            return None;
        }
        let text = Sym::Val(self.constant(&text));
        Some(self.found(access, text))
    }

    /// Guards that an object is this class, and that neither it nor its metaclass was changed. False: nothing tells.
    fn guard_class_object(&mut self, value: ValueId, class: &Py<PyType>, vm: &VirtualMachine) -> bool {
        let metaclass = class.class();
        let constant = self.guard_is(value, class.as_object());
        let of = self.constant(metaclass.as_object());
        self.guard_version(class, constant, vm) && self.guard_version(metaclass, of, vm)
    }

    /// Whether a class has an attribute. `None`: that is not known, or what it finds has to be asked.
    pub(super) fn class_has_attr(
        &mut self,
        operand: Operand,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<Option<bool>> {
        let asks = |found: PyObjectRef| found.class().slots.descr_get.load().is_some();
        let (own, of_metaclass) = (class.get_attr(name), class.class().get_attr(name));
        let Sym::Val(value) = self.resolve(operand.sym) else { return Ok(None) };
        let has = own.is_some();
        if !is_looked_up_plainly(class, name, vm)
            || own.is_some_and(asks)
            || !has && of_metaclass.is_some()
            || !self.guard_class_object(value, class, vm)
        {
            return Ok(None);
        }
        Ok(Some(has))
    }

    /// LOAD_ATTR by the VM.
    fn opaque_attr(
        &mut self,
        op: decode::Op,
        operand: Operand,
        Access { name, is_method, .. }: Access,
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
        Ok(self.found(Access { name, is_method, pops: 1 }, Sym::Val(value)))
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
        let is_new = name.as_str() == "__new__";
        let made = object.downcast_ref::<PyType>().filter(|made| is_new && made.fast_issubclass(after));
        let class_of = made.unwrap_or(object.class());
        let found = {
            let mro = class_of.mro.read();
            let behind = mro.iter().skip_while(|base| !base.is(after)).skip(1);
            behind.into_iter().find_map(|base| base.get_direct_attr(name))
        };
        let types = &vm.ctx.types;
        let found = match found {
            // What makes instances is not bound to anything.
            Some(found) if made.is_some() && found.class().is(types.staticmethod_type) => {
                found.get_attr("__func__", vm).map_err(|_| other())?
            }
            Some(found) if made.is_some() && found.class().is(types.builtin_function_or_method_type) => found,
            Some(found)
                if made.is_none()
                    && [types.function_type, types.wrapper_descriptor_type, types.method_descriptor_type]
                        .iter()
                        .any(|class| found.class().is(*class)) =>
            {
                found
            }
            _ => return Err(other()),
        };
        for (operand, object) in [(super_, called), (class, of)] {
            if let Sym::Val(value) = self.resolve(operand.sym) {
                self.guard_is(value, object);
            }
        }
        let is_known = match (made, self.resolve(instance.sym)) {
            (Some(made), Sym::Val(value)) => {
                let constant = self.guard_is(value, object);
                self.guard_version(made, constant, vm)
            }
            (Some(_), _) => false,
            (None, _) => self.guard_instance(instance, object, class_of, vm)?,
        };
        if !is_known {
            return Err(other());
        }
        let function = Sym::Val(self.constant(&found));
        let method = match made {
            Some(_) => function,
            None => self.new_virtual(VirtualKind::BoundMethod, vec![function, instance.sym]),
        };
        self.replace(3, method);
        if arg.is_load_method() {
            self.push(Sym::Empty);
        }
        Ok(())
    }

    /// What an instance's own dict says of a name.
    pub(super) fn attribute_of(
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
        let Some((dict, shape)) = self.shape_of(operand, object, class, vm)? else {
            return self.searched_attribute(operand, object, class, name, vm);
        };
        Ok(match shape.iter().position(|key| is_named(key, name.as_object())) {
            Some(index) => Own::Is(Sym::Val(self.emit(Op::EntryGet, &[dict], Imm::Index(index as u32)))),
            None => Own::Absent,
        })
    }

    /// An attribute in a dict that is searched: that of an instance with many attributes, or some of whose attributes were
    /// deleted.
    fn searched_attribute(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<Own> {
        let Some((dict, has)) = self.searched_dict(operand, object, class, name, vm)? else { return Ok(Own::Unknown) };
        let key = Key::Object(self.constant(name.as_object()));
        let (entry, found) = self.find_key(dict, key);
        self.guard_bool(found, has.is_some());
        Ok(if has.is_some() { Own::Is(Sym::Val(self.found_value(dict, key, entry))) } else { Own::Absent })
    }

    /// Guards the class of an instance, with its version. Gives its dict, which is to be searched for a name, and what is
    /// there. `None`: it has none.
    pub(super) fn searched_dict(
        &mut self,
        operand: Operand,
        object: &PyObject,
        class: &Py<PyType>,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, Option<PyObjectRef>)>> {
        let dict = object.dict().filter(|dict| dict.class().is(vm.ctx.types.dict_type));
        let (true, Some(dict)) = (class.slots.flags.has_feature(PyTypeFlags::HAS_DICT), dict) else {
            return Ok(None);
        };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(None);
        }
        let has = dict.get_item_opt(name.as_object(), vm).ok().flatten();
        let instance = self.reference(operand.sym)?;
        let value = self.op(Op::InstanceDict, &[instance]);
        self.guard_class(value, dict.as_object());
        Ok(Some((value, has)))
    }

    /// Guards the class of an instance, with its version, and the keys of its dict. Gives the dict and the keys.
    pub(super) fn shape_of(
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
        self.guard_keys(value, &keys);
        Ok(Some((value, keys)))
    }

    /// Guards that an exact dict has these keys, in entries without gaps.
    pub(super) fn guard_keys(&mut self, dict: ValueId, keys: &[PyObjectRef]) {
        let length = self.op(Op::DictLen, &[dict]);
        let wanted = self.trace.const_int(keys.len() as i64);
        let same = self.op(Op::EqInt, &[length, wanted]);
        self.guard_bool(same, true);
        for (index, key) in keys.iter().enumerate() {
            let key = self.constant(key);
            self.emit(Op::GuardKey, &[dict, key], Imm::Index(index as u32));
        }
    }

    /// The keys of an instance's dict, if they are few names in entries without gaps.
    pub(super) fn keys_of(&self, dict: &PyRef<PyDict>, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
        let layout = &self.world.objects.layout.dict;
        let keys: Vec<PyObjectRef> = (&**dict).into_iter().map(|(key, _)| key).collect();
        let in_order = |(index, key): (usize, &PyObjectRef)| {
            let is_name = key.downcast_ref_if_exact::<PyStr>(vm).is_some();
            is_name && layout.index_of(dict, key, vm) == Some(index)
        };
        let plain = keys.len() <= MAX_KEYS && layout.count(dict) == keys.len() && keys.iter().enumerate().all(in_order);
        plain.then_some(keys)
    }

    fn load_slot(
        &mut self,
        operand: Operand,
        object: &PyObject,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let (name, class) = (access.name, object.class());
        if matches!(self.as_virtual(operand.sym), Some((_, VirtualKind::Instance))) {
            let Own::Is(sym) = self.attribute_of(operand, object, class, name, vm)? else { return Ok(None) };
            return Ok(Some(self.found(access, sym)));
        }
        let Some(offset) = self.slot_offset(class, name, vm) else { return Ok(None) };
        if !self.guard_instance(operand, object, class, vm)? {
            return Ok(None);
        }
        let instance = self.reference(operand.sym)?;
        let sym = Sym::Val(self.emit(Op::SlotGet, &[instance], Imm::Index(offset)));
        Ok(Some(self.found(access, sym)))
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
}

/// A read of an attribute.
#[derive(Clone, Copy)]
pub(super) struct Access {
    /// Its name.
    pub name: &'static PyStrInterned,
    /// Whether the attribute is called at once: then there is an entry for its receiver, too.
    pub is_method: bool,
    /// Entries that it takes from the stack.
    pub pops: usize,
}

/// What the dict of an instance says of a name.
pub(super) enum Own {
    /// It is this.
    Is(Sym),
    /// It is not there.
    Absent,
    /// Not known.
    Unknown,
}

/// How instances of a class find their attributes.
pub(super) enum Lookup {
    /// As those of `object` do.
    Plain,
    /// In the same way; if there is none, `__getattr__` is asked.
    FallsBack,
    /// In a way of their own.
    Own,
}

pub(super) fn lookup_of(class: &Py<PyType>, vm: &VirtualMachine) -> Lookup {
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

/// Whether the attributes of a class's objects are got in the same way as those of another class's.
fn gets_attributes_as(class: &Py<PyType>, other: &Py<PyType>) -> bool {
    let gets = |class: &Py<PyType>| class.slots.getattro.load().map(|get| get as usize);
    gets(class) == gets(other)
}

/// Whether an attribute of a class is looked for in the class and its bases before its metaclass says anything.
fn is_looked_up_plainly(class: &Py<PyType>, name: &'static PyStrInterned, vm: &VirtualMachine) -> bool {
    let metaclass = class.class();
    gets_attributes_as(metaclass, vm.ctx.types.type_type)
        && metaclass.get_attr(name).is_none_or(|found| found.class().slots.descr_set.load().is_none())
}
