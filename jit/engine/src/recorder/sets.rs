//! Sets: operations whose elements are plain run no Python code.

use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::descriptor::PyMethodDescriptor};
use tjit_events::Reason;
use tjit_ir::ValueId;

use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::helpers::{natives, sets};
use crate::natives::Changes;

impl Recorder {
    fn is_set(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.set
    }

    pub(super) fn element(&mut self, element: Operand) -> Res<Option<ValueId>> {
        match element.object() {
            Some(object) if self.is_hashable(object) => Ok(Some(self.of_class(element)?)),
            _ => Ok(None),
        }
    }

    /// Whether an object is plain and has a hash.
    fn is_hashable(&self, object: &PyObject) -> bool {
        self.world.objects.is_plain(object) && !self.is_list(object)
    }

    /// BUILD_SET.
    pub(super) fn build_set(&mut self, count: usize) -> Res {
        for n in 0..count {
            let operand = self.peek(n)?;
            if !operand.object().is_some_and(|object| self.is_hashable(object)) {
                return Err(Abort::with(Reason::UnsupportedType, "a set of objects of Python classes"));
            }
        }
        let stack = &self.top_ref().stack;
        let fields = stack[stack.len() - count..].to_vec();
        let elements = self.make_tuple(fields)?;
        let set = self.call_helper(&sets::set_of_tuple(), &[elements]);
        self.pop(count);
        self.push(Sym::Val(set));
        Ok(())
    }

    /// SET_ADD: the set is `depth` entries below the element.
    pub(super) fn set_add(&mut self, depth: usize) -> Res {
        let (set, element) = (self.peek(depth)?, self.peek(0)?);
        let Some(element) = self.element(element)? else {
            return Err(Abort::with(Reason::UnsupportedType, "a set with an object of a Python class"));
        };
        let set = self.of_class(set)?;
        self.call_helper(&sets::set_add(), &[set, element]);
        self.pop(1);
        Ok(())
    }

    /// SET_UPDATE: the set is `depth` entries below the iterable.
    pub(super) fn set_update(&mut self, depth: usize, vm: &VirtualMachine) -> Res {
        let (set, more) = (self.peek(depth)?, self.peek(0)?);
        let Some(object) = more.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.world.objects.is_plain_inside(object, vm) || !self.is_plain_iterable(object) {
            return Err(Abort::with(Reason::UnsupportedType, format!("a set extended by {}", object.class().name())));
        }
        let Some(update) = vm.ctx.types.set_type.get_attr(vm.ctx.intern_str("update")) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let (set, more) = (self.of_class(set)?, self.of_class(more)?);
        let (function, checked) = (self.constant(&update), self.trace.const_int(0b11));
        self.call_helper(&natives::native(2, Changes::Other), &[function, checked, set, more]);
        self.pop(1);
        Ok(())
    }

    /// `b in a` of an exact set or frozenset. `None`: the element is not plain.
    pub(super) fn set_has(&mut self, set: Operand, element: Operand) -> Res<Option<ValueId>> {
        let Some(element) = self.element(element)? else { return Ok(None) };
        let set = self.of_class(set)?;
        Ok(Some(self.call_helper(&sets::set_has(), &[set, element])))
    }

    /// A method of an exact set that takes one element. `None`: it is to be called.
    pub(super) fn set_method(
        &mut self,
        function: &PyObject,
        receiver: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(method) = function.downcast_ref::<PyMethodDescriptor>() else { return Ok(None) };
        let helper = match method.common.name.as_str() {
            "add" => sets::set_add(),
            "discard" => sets::set_discard(),
            "remove" => sets::set_remove(),
            _ => return Ok(None),
        };
        let ([element], Some(object)) = (args, receiver.object()) else { return Ok(None) };
        if !self.is_set(object) || !method.common.typ.is(vm.ctx.types.set_type) {
            return Ok(None);
        }
        let Some(element) = self.element(*element)? else { return Ok(None) };
        let set = self.of_class(receiver)?;
        self.call_helper(&helper, &[set, element]);
        Ok(Some(Sym::Val(self.none())))
    }
}
