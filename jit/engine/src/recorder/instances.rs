//! Instances: the classes that are guarded, new ones that are virtual, and what is in those.

use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyStrInterned, PyTuple, PyType},
    types::PyTypeFlags,
};
use tjit_ir::{Op, ValueId, VirtualKind};
use tjit_vm::tallies;

use super::calls::Called;
use super::sym::{Operand, Sym, SymVirtual};
use super::thrown::{is_plain_exception, is_simple, part};
use super::{Recorder, Res};
use crate::attributes::{has_plain_attributes, is_named, is_python_only, leaves_to, version_of};
use crate::decode;
use crate::helpers;
use crate::state::instance;

impl Recorder {
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
        let wanted = match tallies::cell(class) {
            Some(cell) => {
                let cell = self.trace.const_int(cell as i64);
                self.op(Op::VersionCell, &[cell])
            }
            None => self.trace.const_int(i64::from(version)),
        };
        let same = self.op(Op::EqInt, &[is, wanted]);
        self.guard_bool(same, true);
        true
    }

    /// Whether a symbol is an instance that has not been made, whose attributes are symbols.
    fn has_virtual_attributes(&self, sym: Sym) -> bool {
        matches!(self.as_virtual(sym), Some((_, VirtualKind::Instance | VirtualKind::Exception)))
    }

    /// The index of the field that has an attribute of a virtual instance.
    pub(super) fn field_of_instance(&self, index: usize, name: &'static PyStrInterned) -> Option<usize> {
        let SymVirtual { kind, fields, .. } = &self.virtuals[index];
        let first = if *kind == VirtualKind::Exception { part::NAMES } else { instance::NAMES };
        let is_name = |sym: &Sym| match *sym {
            Sym::Val(value) => {
                let named = self.trace.as_ref(value).map(|id| self.trace.pool.refs[id.index()].addr);
                named.is_some_and(|key| is_named(crate::helpers::object(key), name.as_object()))
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
        let new = class.get_attr(vm.ctx.intern_str("__new__"));
        let (Some(new), Sym::Val(value)) = (new, self.resolve(callable.sym)) else { return Ok(None) };
        let is_initialised = !leaves_to(class, vm.ctx.types.object_type, "__init__", vm);
        if is_initialised || !calls_plainly(class, vm) || !new.class().is(vm.ctx.types.staticmethod_type) {
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
        let plain = makes_plainly(class, vm)
            && has_plain_attributes(class, vm)
            && leaves_to(class, object_type, "__new__", vm)
            && is_python_only(class, vm);
        if let Some(called) = self.call_new(op, callable, class, args, keywords, pops, vm)? {
            return Ok(called);
        }
        let is_exception = is_plain_exception(class, vm) || is_simple(class, args.len(), vm);
        let is_container = is_container(class, args.is_empty(), vm);
        if !is_exception && !is_container && !plain {
            return Ok(Called::Not);
        }
        let init = match class.get_attr(vm.ctx.intern_str("__init__")) {
            Some(init) if init.class().is(vm.ctx.types.function_type) => Some(init),
            Some(_) if is_exception && keywords.is_none() => None,
            Some(_) if is_container || leaves_to(class, object_type, "__init__", vm) && args.is_empty() => None,
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
            None if is_container => Sym::Val(self.call_helper(&helpers::instances::container(), &[constant])),
            None => {
                let home = Sym::Val(self.none());
                self.new_virtual(VirtualKind::Instance, vec![Sym::Val(constant), home])
            }
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

/// Whether a class is derived from a builtin container, makes its instances as that does, and fills them in Python, or not at
/// all.
fn is_container(class: &Py<PyType>, is_empty: bool, vm: &VirtualMachine) -> bool {
    let types = &vm.ctx.types;
    let init = class.get_attr(vm.ctx.intern_str("__init__"));
    let is_filled_in_python = init.is_some_and(|init| init.class().is(types.function_type));
    let makes_as = |base: &Py<PyType>| {
        class.fast_issubclass(base)
            && leaves_to(class, base, "__new__", vm)
            && (is_filled_in_python || is_empty && leaves_to(class, base, "__init__", vm))
    };
    class.heaptype_ext.is_some()
        && [types.dict_type, types.list_type, types.set_type].into_iter().any(makes_as)
        && makes_plainly(class, vm)
}

/// Whether a class of Python code can be called for an instance, which nobody is told of when it dies.
fn makes_plainly(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let abstracts = class.get_attr(vm.ctx.intern_str("__abstractmethods__"));
    calls_plainly(class, vm)
        && !class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE)
        && class.slots.del.load().is_none()
        && !abstracts.is_some_and(|names| names.is_true(vm).unwrap_or(true))
}

/// Whether a class makes its instances as `type` does: its metaclass is that, or one that does not say otherwise.
fn calls_plainly(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let call = |class: &Py<PyType>| class.slots.call.load().map(|call| call as usize);
    call(class.class()) == call(vm.ctx.types.type_type)
}
