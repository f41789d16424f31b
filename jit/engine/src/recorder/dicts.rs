//! Dicts: operations whose keys are plain run no Python code, so that no frame has to be written for them.

use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::PyDict, builtins::PyType, types::PyTypeFlags};
use tjit_events::Reason;
use tjit_ir::ValueId;

use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::helpers::dicts;

impl Recorder {
    /// A key that is hashed and compared without running Python code, as a reference of a guarded class.
    fn plain_key(&mut self, key: Operand) -> Res<Option<ValueId>> {
        let Some(object) = key.object() else { return Ok(None) };
        let world = self.world.clone();
        let leaf = world.objects.classes.is_leaf(world.objects.class(object));
        let is_tuple = world.objects.class(object) == world.objects.classes.tuple;
        if !leaf && !(is_tuple && world.objects.is_plain(object)) {
            return Ok(None);
        }
        let value = self.reference(key.sym)?;
        self.guard_class(value, object);
        Ok(Some(value))
    }

    fn container(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let value = self.reference(operand.sym)?;
        self.guard_class(value, object);
        Ok(Some(value))
    }

    /// `a[b]` of an exact dict. `None`: the key is not plain.
    pub(super) fn dict_item(&mut self, dict: Operand, key: Operand) -> Res<Option<Sym>> {
        let Some(key) = self.plain_key(key)? else { return Ok(None) };
        let Some(dict) = self.container(dict)? else { return Ok(None) };
        Ok(Some(Sym::Val(self.call_helper(&dicts::dict_get(), &[dict, key]))))
    }

    /// `a[b] = c` of an exact dict. False: the key is not plain.
    pub(super) fn set_dict_item(
        &mut self,
        dict: Operand,
        key: Operand,
        value: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = dict.object() else { return Ok(false) };
        let Some(key_value) = self.plain_key(key)? else { return Ok(false) };
        let Some(container) = self.container(dict)? else { return Ok(false) };
        let value = self.reference(value.sym)?;
        self.call_helper(&dicts::dict_set(), &[container, key_value, value]);
        let old = match (object.downcast_ref::<PyDict>(), key.object()) {
            (Some(dict), Some(key)) => dict.get_item_opt(key, vm).ok().flatten(),
            _ => None,
        };
        self.may_finalise(old.as_deref());
        Ok(true)
    }

    /// BUILD_MAP.
    pub(super) fn build_map(&mut self, count: usize) -> Res {
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
    pub(super) fn has_key(&mut self, container: Operand, key: Operand) -> Res<Option<ValueId>> {
        let Some(key) = self.plain_key(key)? else { return Ok(None) };
        let Some(container) = self.container(container)? else { return Ok(None) };
        Ok(Some(self.call_helper(&dicts::has_key(), &[container, key])))
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
        let classes = &self.world.objects.classes;
        let is_dict = self.world.objects.class(object) == classes.dict;
        let name = function.get_attr("__name__", vm).ok().and_then(|name| name.str(vm).ok());
        let name = name.as_ref().map(|name| name.as_wtf8().to_string()).unwrap_or_default();
        match (name.as_str(), args) {
            ("get", [key, default @ ..]) if is_dict && default.len() <= 1 => {
                let Some(key) = self.plain_key(*key)? else { return Ok(None) };
                let Some(dict) = self.container(receiver)? else { return Ok(None) };
                let default = match default.first() {
                    Some(default) => self.reference(default.sym)?,
                    None => self.none(),
                };
                Ok(Some(Sym::Val(self.call_helper(&dicts::dict_get_or(), &[dict, key, default]))))
            }
            ("items" | "keys" | "values", []) if is_dict => {
                let Some(dict) = self.container(receiver)? else { return Ok(None) };
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

/// Whether a callable is native and does not look at the frame that calls it.
pub(super) fn is_blind(callable: &PyObject, vm: &VirtualMachine) -> bool {
    let types = &vm.ctx.types;
    let class = callable.class();
    if let Some(called) = callable.downcast_ref::<PyType>() {
        // A new exception does not know where it is made.
        return called.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE)
            && called.fast_issubclass(vm.ctx.exceptions.base_exception_type);
    }
    let native =
        [types.builtin_function_or_method_type, types.method_descriptor_type].iter().any(|known| class.is(*known));
    let name = callable.get_attr("__name__", vm).ok().and_then(|name| name.str(vm).ok());
    let name = name.as_ref().map(|name| name.as_wtf8().to_string()).unwrap_or_default();
    native && !LOOKS_AT_FRAMES.contains(&name.as_str())
}
