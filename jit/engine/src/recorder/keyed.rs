//! `min`, `max`, `sorted` and `list.sort` with a native function of keys: `max(words, key=len)`, `sorted(words, key=str.lower)`,
//! `max(counts, key=counts.get)`, `sorted(rows, key=itemgetter(1))`.
//!
//! A function that runs no Python code for elements of leaf classes is asked by a helper for all keys at once, and another one
//! orders by them. Elements of other classes are looked for at each call, as in `list(map(f, a))`; where there are some, nothing
//! has been done yet, and the call is the interpreter's.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, descriptor::PyMethodDescriptor},
};
use tjit_ir::{ValueId, VirtualKind};
use tjit_vm::ordering::{self, Order};

use super::gathering::is_plain;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::{gathering, natives as helpers, ordering as orders};
use crate::known::Builtin;
use crate::natives::{self, Needs};

impl Recorder {
    /// The result of such a call. `None`: it is another.
    pub(super) fn order_by_native(
        &mut self,
        builtin: Builtin,
        order: Order,
        (callable, function): (Operand, &PyObject),
        key: Operand,
        over: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if !self.asks_native(key, vm) {
            return Ok(None);
        }
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let Some((elements, list)) = self.elements_of(builtin, over, vm)? else { return Ok(None) };
        let Some((keys, are)) = self.native_keys(key, (elements, &list), vm)? else { return Ok(None) };
        let copy = list.try_to_value::<Vec<PyObjectRef>>(vm).map(|elements| vm.ctx.new_list(elements));
        if copy.is_err() || ordering::by_keys(order, copy.as_ref().expect("looked at").as_ref(), &are, vm).is_err() {
            return Ok(None);
        }
        let order = self.trace.const_int(order as i64);
        if builtin == Builtin::Sort {
            self.call_helper(&orders::sort_at_once(), &[order, elements, keys]);
            return Ok(Some(Sym::Val(self.none())));
        }
        Ok(Some(Sym::Val(self.call_helper(&orders::order_by_keys(), &[order, elements, keys]))))
    }

    /// Whether a function of keys is native and runs no Python code, as far as can be told without guards.
    fn asks_native(&self, key: Operand, vm: &VirtualMachine) -> bool {
        let Some(function) = key.object() else { return false };
        match self.world.known.lookup(function, vm) {
            _ if self.is_getter(function, vm) => true,
            Some(builtin) => is_plain(builtin),
            None if natives::row(function, vm).is_some_and(|row| row.receiver == Needs::Leaf) => true,
            None => helpers::bound_to(function, vm).is_some_and(|(receiver, method)| self.gets(&receiver, &method, vm)),
        }
    }

    /// Whether an object is an `operator.itemgetter`, which does what it always does.
    fn is_getter(&self, object: &PyObject, vm: &VirtualMachine) -> bool {
        let call = || object.class().get_attr(vm.ctx.intern_str("__call__"));
        self.world.objects.getters.of(object, vm).is_some()
            && call().is_some_and(|call| call.class().is(vm.ctx.types.wrapper_descriptor_type))
    }

    /// Whether a method is `get` of an exact dict.
    fn gets(&self, receiver: &PyObject, method: &PyObject, vm: &VirtualMachine) -> bool {
        let method = method.downcast_ref::<PyMethodDescriptor>();
        let is_get = |method: &&Py<PyMethodDescriptor>| {
            method.common.typ.is(vm.ctx.types.dict_type) && method.common.name.as_str() == "get"
        };
        receiver.downcast_ref_if_exact::<PyDict>(vm).is_some() && method.filter(is_get).is_some()
    }

    /// A list of the keys of the elements of a list, and that of this time. `None`: the function may run Python code.
    fn native_keys(
        &mut self,
        key: Operand,
        (elements, list): (ValueId, &PyObject),
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, PyObjectRef)>> {
        let world = self.world.clone();
        let Some(function) = key.object() else { return Ok(None) };
        if self.is_getter(function, vm) {
            let Some(keys) = gathering::items_of(function, list, &world.objects, vm) else { return Ok(None) };
            if !self.guard_instance(key, function, function.class(), vm)? {
                return Ok(None);
            }
            let getter = self.reference(key.sym)?;
            let keys_value = self.call_helper(&gathering::gather_items(), &[getter, elements]);
            return Ok(Some((keys_value, vm.ctx.new_list(keys).into())));
        }
        let Some((receiver, method)) = helpers::bound_to(function, vm) else {
            let sizes = world.known.lookup(function, vm) == Some(Builtin::Len);
            let Some(keys) = gathering::mapped_in((function, sizes), list, &world.objects, vm) else { return Ok(None) };
            let value = self.reference(key.sym)?;
            let (value, sizes) = (self.guard_is(value, function), self.trace.const_bool(sizes));
            let keys_value = self.call_helper(&gathering::gather_map(), &[value, sizes, elements]);
            return Ok(Some((keys_value, vm.ctx.new_list(keys).into())));
        };
        let Some(keys) = gathering::values_of(&receiver, list, &world.objects, vm) else { return Ok(None) };
        let dict = match self.as_virtual(key.sym) {
            Some((index, VirtualKind::BoundMethod)) => {
                let descriptor = self.field_value(index, 0)?;
                self.guard_is(descriptor, &method);
                let receiver = Operand::new(self.field(index, 1), Some(&receiver));
                self.of_class(receiver)?
            }
            _ => {
                let (value, method) = (self.reference(key.sym)?, self.constant(&method));
                let dict = self.call_helper(&helpers::receiver(), &[value, method]);
                self.of_class(Operand::new(Sym::Val(dict), Some(&receiver)))?
            }
        };
        let keys_value = self.call_helper(&gathering::gather_values(), &[dict, elements]);
        Ok(Some((keys_value, vm.ctx.new_list(keys).into())))
    }
}
