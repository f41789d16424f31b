//! Dicts: operations whose keys are plain run no Python code, so that no frame has to be written for them.

use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyDict, PyType, descriptor::PyMethodDescriptor},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, ValueId, VirtualKind};
use tjit_vm::layout::Found;

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers::{containers, dicts, pairs, sets};
use crate::objects::Scalar;

/// What is done with a dict.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// `a[b]`
    Get,
    /// `a[b] = c`
    Set,
    /// `b in a`
    Contains,
}

/// A key that is looked for in a dict or set.
#[derive(Clone, Copy)]
pub(super) enum Key {
    /// A reference of a guarded class.
    Object(ValueId),
    /// A tuple of two ints, which is not made.
    Pair([ValueId; 2]),
}

impl Recorder {
    /// A key that is hashed and compared without running Python code, as a reference of a guarded class.
    pub(super) fn plain_key(&mut self, key: Operand) -> Res<Option<ValueId>> {
        let Some(object) = key.object() else { return Ok(None) };
        if !self.world.objects.is_known_key(object) {
            return Ok(None);
        }
        let value = self.reference(key.sym)?;
        self.guard_class(value, object);
        Ok(Some(value))
    }

    /// The reference that a container is, of the class that it has this time, which has not been changed.
    pub(super) fn container(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let value = self.reference(operand.sym)?;
        if crate::natives::is_builtin(object.class()) {
            self.guard_class(value, object);
        } else if !self.guard_instance(operand, object, object.class(), vm)? {
            return Ok(None);
        }
        Ok(Some(value))
    }

    /// Where a plain key is in a dict now.
    pub(super) fn look_up(&self, dict: &PyObject, key: &PyObject, vm: &VirtualMachine) -> Found {
        let dict = dict.downcast_ref::<PyDict>();
        dict.map_or(Found::Unsure, |dict| dicts::search(&self.world.objects, dict, key, vm))
    }

    /// A key that is looked for. `None`: it is not plain.
    pub(super) fn sought_key(&mut self, key: Operand) -> Res<Option<Key>> {
        match self.pair_of_ints(key)? {
            Some(pair) => Ok(Some(Key::Pair(pair))),
            None => Ok(self.plain_key(key)?.map(Key::Object)),
        }
    }

    /// A tuple of two ints that is not made.
    fn pair_of_ints(&mut self, key: Operand) -> Res<Option<[ValueId; 2]>> {
        let (Some((index, VirtualKind::Tuple)), Some(tuple)) = (self.as_virtual(key.sym), key.object()) else {
            return Ok(None);
        };
        let &[first, second] = &self.virtuals[index].fields[..] else { return Ok(None) };
        let objects = &self.world.objects;
        let elements = [first, second].into_iter().enumerate();
        let operands: Vec<_> = elements.map(|(n, sym)| Operand::new(sym, objects.element(tuple, n))).collect();
        let is_int = |operand: &Operand| {
            operand.object().is_some_and(|object| matches!(objects.scalar(object), Some(Scalar::Int(_))))
        };
        if !operands.iter().all(is_int) {
            return Ok(None);
        }
        match (self.num(operands[0])?, self.num(operands[1])?) {
            (Some(Num::Int(first, _)), Some(Num::Int(second, _))) => Ok(Some([first, second])),
            _ => Ok(None),
        }
    }

    /// The entry of a key, and whether there is one.
    pub(super) fn find_key(&mut self, dict: ValueId, key: Key) -> (ValueId, ValueId) {
        let entry = match key {
            Key::Object(key) => self.call_helper(&dicts::dict_find(), &[dict, key]),
            Key::Pair([a, b]) => self.call_helper(&pairs::dict_find_pair(), &[dict, a, b]),
        };
        let zero = self.trace.const_int(0);
        (entry, self.op(Op::GeInt, &[entry, zero]))
    }

    /// The value of a key that was found.
    pub(super) fn found_value(&mut self, dict: ValueId, key: Key, entry: ValueId) -> ValueId {
        match key {
            Key::Object(key) => self.call_helper(&dicts::dict_value(), &[dict, key, entry]),
            Key::Pair([a, b]) => self.call_helper(&pairs::dict_value_pair(), &[dict, a, b, entry]),
        }
    }

    /// Whether an object is a dict, or of a class derived from dict that does this as dict does.
    pub(super) fn is_dict_by(&self, object: &PyObject, what: By, vm: &VirtualMachine) -> bool {
        let dict = vm.ctx.types.dict_type;
        if object.class().is(dict) || !object.class().fast_issubclass(dict) {
            return object.class().is(dict);
        }
        let (name, slot): (_, fn(&PyType) -> Option<usize>) = match what {
            By::Get => ("__getitem__", |class| class.slots.as_mapping.subscript.load().map(|slot| slot as usize)),
            By::Set => ("__setitem__", |class| class.slots.as_mapping.ass_subscript.load().map(|slot| slot as usize)),
            By::Contains => ("__contains__", |class| class.slots.as_sequence.contains.load().map(|slot| slot as usize)),
        };
        // A native class may have a slot of its own behind the same name, a Python class a method of its own.
        let method = |class: &Py<PyType>| class.get_attr(vm.ctx.intern_str(name));
        let native = object.class().mro.read().iter().find(|class| crate::natives::is_builtin(class)).map(|c| slot(c));
        let same = matches!((method(object.class()), method(dict)), (Some(a), Some(b)) if a.is(&b));
        native == Some(slot(dict)) && (same || crate::natives::is_builtin(object.class()))
    }

    /// `a[b]` of a dict that does not have the key: raises. False, with nothing emitted: it has, or something else happens.
    pub(super) fn missing_key(
        &mut self,
        op: decode::Op,
        dict: Operand,
        key: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let (Some(object), Some(key_is)) = (dict.object(), key.object()) else { return Ok(false) };
        let is_absent = self.look_up(object, key_is, vm) == Found::Absent;
        if !is_absent || object.class().get_attr(vm.ctx.intern_str("__missing__")).is_some() {
            return Ok(false);
        }
        let Some(found) = self.has_key(dict, key, vm)? else { return Ok(false) };
        self.guard_bool(found, false);
        let arguments = self.new_virtual(tjit_ir::VirtualKind::Tuple, vec![key.sym]);
        self.raises_new(op, vm.ctx.exceptions.key_error, arguments, vm)?;
        Ok(true)
    }

    /// `a[b]` of a dict that does not have the key, but whose class has `__missing__`. False: it is left to the VM.
    pub(super) fn missing_item(
        &mut self,
        op: decode::Op,
        dict: Operand,
        key: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let (Some(object), Some(key_is)) = (dict.object(), key.object()) else { return Ok(false) };
        let Some(method) = object.class().get_attr(vm.ctx.intern_str("__missing__")) else { return Ok(false) };
        if self.look_up(object, key_is, vm) != Found::Absent {
            return Ok(false);
        }
        let is_default = method.downcast_ref::<PyMethodDescriptor>().is_some_and(|method| {
            &*method.common.typ.name() == "defaultdict" && crate::natives::is_builtin(method.common.typ)
        });
        let is_function = method.class().is(vm.ctx.types.function_type);
        if !is_default && !is_function {
            return Ok(false);
        }
        let Some(found) = self.has_key(dict, key, vm)? else { return Ok(false) };
        self.guard_bool(found, false);
        if is_function {
            return self.ask(op, &method, dict, &[dict, key], vm);
        }
        let Ok(factory) = object.get_attr("default_factory", vm) else { return Ok(false) };
        let types = &vm.ctx.types;
        let known =
            [types.int_type, types.list_type, types.dict_type, types.set_type, types.float_type, types.str_type];
        if !known.iter().any(|known| factory.is(*known)) || !self.is_dict_by(object, By::Set, vm) {
            return Err(Abort::with(Reason::UnsupportedType, "a default_factory that is no builtin class"));
        }
        let Some(container) = self.container(dict, vm)? else { return Ok(false) };
        let calls = self.call_helper(&dicts::default_factory(), &[container]);
        self.guard_is(calls, &factory);
        let value = if factory.is(types.list_type) {
            self.call_helper(&containers::list_0(), &[])
        } else if factory.is(types.dict_type) {
            self.call_helper(&dicts::dict_new(), &[])
        } else if factory.is(types.set_type) {
            let nothing = self.make_tuple(Vec::new())?;
            let thawed = self.trace.const_int(0);
            self.call_helper(&sets::set_of_sequence(), &[nothing, thawed])
        } else if factory.is(types.int_type) {
            let zero = self.trace.const_int(0);
            self.reference(Sym::Val(zero))?
        } else if factory.is(types.float_type) {
            let zero = self.trace.const_float(0.0);
            self.reference(Sym::Val(zero))?
        } else {
            self.constant(vm.ctx.empty_str.as_object())
        };
        let key = self.of_class(key)?;
        self.call_helper(&dicts::dict_set(), &[container, key, value]);
        self.replace(2, Sym::Val(value));
        Ok(true)
    }

    /// `a[b]` of an exact dict. `None`: the key is not plain.
    pub(super) fn dict_item(&mut self, dict: Operand, key: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        if let Some((index, Some(entry))) = self.virtual_entry(dict, key) {
            return Ok(Some(self.field(index, entry)));
        }
        let Some(key) = self.sought_key(key)? else { return Ok(None) };
        let Some(dict) = self.container(dict, vm)? else { return Ok(None) };
        let (entry, there) = self.find_key(dict, key);
        self.guard_bool(there, true);
        Ok(Some(Sym::Val(self.found_value(dict, key, entry))))
    }

    /// `a[b] = c` of an exact dict. False: the key is not plain.
    pub(super) fn set_dict_item(
        &mut self,
        operand: Operand,
        key: Operand,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        if self.set_virtual_item(operand, key, value)? {
            return Ok(true);
        }
        let Some(object) = operand.object() else { return Ok(false) };
        let Some(dict) = object.downcast_ref::<PyDict>() else { return Ok(false) };
        let old = match key.object().map(|key| self.look_up(object, key, vm)) {
            Some(Found::At(entry)) => Some(self.world.objects.layout.dict.value_at(dict, entry).to_owned()),
            _ => None,
        };
        if old.is_none() {
            let (Some(key), Some(dict)) = (self.plain_key(key)?, self.container(operand, vm)?) else {
                return Ok(false);
            };
            let value = self.reference(value.sym)?;
            self.call_helper(&dicts::dict_set(), &[dict, key, value]);
        } else {
            let (Some(key), Some(dict)) = (self.sought_key(key)?, self.container(operand, vm)?) else {
                return Ok(false);
            };
            let value = self.reference(value.sym)?;
            let (entry, there) = self.find_key(dict, key);
            self.guard_bool(there, true);
            match key {
                Key::Object(key) => self.call_helper(&dicts::dict_replace(), &[dict, key, entry, value]),
                Key::Pair([a, b]) => self.call_helper(&pairs::dict_replace_pair(), &[dict, a, b, entry, value]),
            };
        }
        self.may_finalise(old.as_deref());
        Ok(true)
    }

    /// Whether an object is an exact dict.
    pub(super) fn is_dict(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.dict
    }

    /// `del a[b]` of an exact dict.
    pub(super) fn delete_item(&mut self, dict: Operand, key: Operand, vm: &VirtualMachine) -> Res<bool> {
        let (Some(object), Some(key_is)) = (dict.object(), key.object()) else { return Ok(false) };
        if !self.is_dict(object) {
            return Ok(false);
        }
        let old = match (object.downcast_ref::<PyDict>(), self.look_up(object, key_is, vm)) {
            (Some(dict), Found::At(entry)) => self.world.objects.layout.dict.value_at(dict, entry).to_owned(),
            _ => return Ok(false),
        };
        let Some(key) = self.plain_key(key)? else { return Ok(false) };
        let Some(container) = self.container(dict, vm)? else { return Ok(false) };
        self.call_helper(&dicts::dict_del(), &[container, key]);
        self.may_finalise(Some(&old));
        Ok(true)
    }

    /// DICT_UPDATE and DICT_MERGE of an exact dict into the new one that is `depth` entries below it.
    pub(super) fn update_new(&mut self, depth: usize, merges: bool) -> Res {
        let (dict, other) = (self.peek(depth)?, self.peek(0)?);
        if self.add_entries(dict, other, merges)? {
            self.pop(1);
            return Ok(());
        }
        let Some(more) = other.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.is_dict(more) {
            return Err(Abort::with(Reason::UnsupportedType, format!("`**` of {}", more.class().name())));
        }
        let (dict, other) = (self.of_class(dict)?, self.of_class(other)?);
        // Merging raises for a key that is there.
        let update = if merges { dicts::dict_merge() } else { dicts::dict_update() };
        self.call_helper(&update, &[dict, other]);
        self.pop(1);
        Ok(())
    }

    /// BUILD_MAP.
    pub(super) fn build_map(&mut self, op: decode::Op) -> Res {
        let count = op.arg as usize;
        if let Some(entries) = self.virtual_entries(op)? {
            let dict = self.new_virtual(VirtualKind::Dict, entries);
            self.replace(2 * count, dict);
            return Ok(());
        }
        let mut pairs = Vec::with_capacity(count);
        for n in (0..count).rev() {
            let (key, value) = (self.peek(2 * n + 1)?, self.peek(2 * n)?);
            let Some(key) = self.plain_key(key)? else { return Err(unusual_key()) };
            let value = self.reference(value.sym)?;
            pairs.push((key, value));
        }
        let dict = self.call_helper(&dicts::dict_new(), &[]);
        for (key, value) in pairs {
            // A new dict has no keys that could not be compared, so that this never leaves.
            self.call_helper(&dicts::dict_set(), &[dict, key, value]);
        }
        self.replace(2 * count, Sym::Val(dict));
        Ok(())
    }

    /// MAP_ADD: stack is the dict, so far below, then key and value.
    pub(super) fn map_add(&mut self, depth: usize, vm: &VirtualMachine) -> Res {
        let (dict, key, value) = (self.peek(depth + 1)?, self.peek(1)?, self.peek(0)?);
        if !self.set_dict_item(dict, key, value, vm)? {
            return Err(unusual_key());
        }
        self.pop(2);
        Ok(())
    }

    /// `b in a` of an exact dict. `None`: the key is not plain.
    pub(super) fn has_key(&mut self, container: Operand, key: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        if let Some((_, entry)) = self.virtual_entry(container, key) {
            return Ok(Some(self.trace.const_bool(entry.is_some())));
        }
        let Some(key) = self.sought_key(key)? else { return Ok(None) };
        let Some(container) = self.container(container, vm)? else { return Ok(None) };
        Ok(Some(self.find_key(container, key).1))
    }

    /// A method of an exact dict, which is `function`. `None`: it is to be called.
    pub(super) fn dict_method(
        &mut self,
        function: &PyObject,
        receiver: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(object) = receiver.object() else { return Ok(None) };
        let exact = self.world.objects.class(object) == self.world.objects.classes.dict;
        let is_dict = object.class().fast_issubclass(vm.ctx.types.dict_type)
            && function
                .downcast_ref::<PyMethodDescriptor>()
                .is_some_and(|method| method.common.typ.is(vm.ctx.types.dict_type));
        let name = function.get_attr("__name__", vm).ok().and_then(|name| name.str(vm).ok());
        let name = name.as_ref().map(|name| name.as_wtf8().to_string()).unwrap_or_default();
        match (name.as_str(), args) {
            ("get", [key, default @ ..]) if is_dict && default.len() <= 1 => {
                let is_there = match key.object().map(|key| self.look_up(object, key, vm)) {
                    Some(Found::At(_)) => true,
                    Some(Found::Absent) => false,
                    Some(Found::Unsure) | None => return Ok(None),
                };
                if let Some((index, entry)) = self.virtual_entry(receiver, *key) {
                    return Ok(Some(match (entry, default.first()) {
                        (Some(entry), _) => self.field(index, entry),
                        (None, Some(default)) => default.sym,
                        (None, None) => Sym::Val(self.none()),
                    }));
                }
                let Some(key) = self.sought_key(*key)? else { return Ok(None) };
                let Some(dict) = self.container(receiver, vm)? else { return Ok(None) };
                let (entry, there) = self.find_key(dict, key);
                self.guard_bool(there, is_there);
                Ok(Some(match default.first() {
                    _ if is_there => Sym::Val(self.found_value(dict, key, entry)),
                    Some(default) => default.sym,
                    None => Sym::Val(self.none()),
                }))
            }
            ("pop", [key, default @ ..]) if is_dict && default.len() <= 1 => {
                match (self.virtual_entry(receiver, *key), default.first()) {
                    (Some((index, Some(entry))), _) => return Ok(Some(self.take_entry(index, entry))),
                    (Some((_, None)), Some(default)) => return Ok(Some(default.sym)),
                    _ => {}
                }
                let Some(key_value) = self.plain_key(*key)? else { return Ok(None) };
                let Some(dict) = self.container(receiver, vm)? else { return Ok(None) };
                let value = match default.first() {
                    Some(default) => {
                        let default = self.reference(default.sym)?;
                        self.call_helper(&dicts::dict_pop_or(), &[dict, key_value, default])
                    }
                    None => self.call_helper(&dicts::dict_pop(), &[dict, key_value]),
                };
                Ok(Some(Sym::Val(value)))
            }
            ("setdefault", [key, default @ ..]) if exact && default.len() <= 1 => {
                let Some(key) = self.plain_key(*key)? else { return Ok(None) };
                let Some(dict) = self.container(receiver, vm)? else { return Ok(None) };
                let default = match default.first() {
                    Some(default) => self.reference(default.sym)?,
                    None => self.none(),
                };
                Ok(Some(Sym::Val(self.call_helper(&dicts::dict_set_default(), &[dict, key, default]))))
            }
            ("update", [other]) if exact && other.object().is_some_and(|other| self.is_dict(other)) => {
                let Some(dict) = self.container(receiver, vm)? else { return Ok(None) };
                let other = self.of_class(*other)?;
                self.call_helper(&dicts::dict_update(), &[dict, other]);
                self.emit_unit(Op::Finalised, &[], Imm::None);
                Ok(Some(Sym::Val(self.none())))
            }
            ("copy", []) if exact => {
                let dict = self.of_class(receiver)?;
                Ok(Some(Sym::Val(self.call_helper(&dicts::dict_copy(), &[dict]))))
            }
            ("items" | "keys" | "values", []) if exact => {
                let Some(dict) = self.container(receiver, vm)? else { return Ok(None) };
                let function = self.constant(function);
                Ok(Some(Sym::Val(self.call_helper(&crate::helpers::leaf_1(), &[function, dict]))))
            }
            _ => Ok(None),
        }
    }
}

fn unusual_key() -> Abort {
    Abort::with(Reason::UnsupportedType, "a new dict with a key of a Python class")
}

/// Natives that look at the frame that calls them, by name: their result depends on it, or they call something that does.
const LOOKS_AT_FRAMES: [&str; 24] = [
    "__build_class__",
    "__import__",
    "_current_frames",
    "_getframe",
    "_getframemodulename",
    "breakpoint",
    "call_tracing",
    "currentframe",
    "dir",
    "eval",
    "exec",
    "getallocatedblocks",
    "globals",
    "input",
    "locals",
    "setprofile",
    "settrace",
    "super",
    "vars",
    "warn",
    "warn_explicit",
    "exc_info",
    "exception",
    "getrefcount",
];

/// Whether a callable is native and looks at the frame that calls it, which must exist then. Python functions that look
/// at their callers find them, see [`tjit_vm::callers`].
pub(super) fn looks_at_caller(callable: &PyObject, vm: &VirtualMachine) -> bool {
    if let Some(class) = callable.downcast_ref::<PyType>() {
        // `super` finds its arguments in the frame.
        return class.is(vm.ctx.types.super_type);
    }
    let name = if is_native(callable, vm) { callable.get_attr("__name__", vm).ok() } else { None };
    let name = name.and_then(|name| name.str(vm).ok());
    name.is_some_and(|name| LOOKS_AT_FRAMES.contains(&name.as_wtf8().to_string().as_str()))
}

/// Whether a callable is a function or method of the VM, or makes an exception: it does not run Python code that looks at
/// its callers, unless it is given such code.
fn is_native(callable: &PyObject, vm: &VirtualMachine) -> bool {
    let types = &vm.ctx.types;
    match callable.downcast_ref::<PyType>() {
        Some(class) => {
            class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE)
                && class.fast_issubclass(vm.ctx.exceptions.base_exception_type)
        }
        None => [types.builtin_function_or_method_type, types.method_descriptor_type]
            .iter()
            .any(|known| callable.class().is(*known)),
    }
}
