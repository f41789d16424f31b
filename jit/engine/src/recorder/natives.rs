//! Calls of native functions that are known to run no Python code: residual, but with every local where it is.

use rustpython_vm::{
    AsObject, PyObject, VirtualMachine,
    builtins::{PyType, descriptor::PyMethodDescriptor},
};
use tjit_ir::{Imm, Op};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::{heap, natives as helpers, randoms};
use crate::natives::{self, Needs};

impl Recorder {
    /// A call of a native with a row in the table. `None`, with nothing emitted but guards: it may run Python code.
    pub(super) fn native(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if let Some(result) = self.ordered(callable, function, args, vm)? {
            return Ok(Some(result));
        }
        if let Some(builtin) = self.world.known.lookup(function, vm)
            && let Some(result) = self.over_sequence(builtin, args, vm)?
        {
            return Ok(Some(result));
        }
        if let Some(result) = self.gather_all(callable, function, args, vm)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.copy_as(callable, function, args, vm)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.random(callable, function, args, vm)? {
            return Ok(Some(result));
        }
        let Some(native) = natives::row(function, vm).or_else(|| natives::bound_row(function, vm)) else {
            return Ok(None);
        };
        if args.len() > helpers::MAX_ARGS {
            return Ok(None);
        }
        let mut checked = 0;
        for (n, arg) in args.iter().enumerate() {
            let Some(object) = arg.object() else { return Ok(None) };
            let fits = match if n == 0 { native.receiver } else { native.args } {
                Needs::Nothing => true,
                Needs::Leaf => self.is_leaf(object),
                Needs::Plain if self.is_leaf(object) => true,
                Needs::Plain => {
                    checked |= 1 << n;
                    self.world.objects.is_plain_inside(object, vm)
                }
                Needs::Iterable => self.is_plain_iterable(object),
            };
            if !fits {
                return Ok(None);
            }
        }
        let value = self.reference(callable.sym)?;
        let mut operands = vec![self.guard_is(value, function), self.trace.const_int(checked)];
        for (n, arg) in args.iter().enumerate() {
            let needs = if n == 0 { native.receiver } else { native.args };
            let value = self.reference(arg.sym)?;
            if let (true, Some(object)) = (needs != Needs::Nothing, arg.object()) {
                self.guard_class(value, object);
            }
            operands.push(value);
        }
        let result = self.call_helper(&helpers::native(args.len(), native.changes), &operands);
        if self.gives_up(function, args, vm) {
            self.emit_unit(Op::Finalised, &[], Imm::None);
        }
        Ok(Some(Sym::Val(result)))
    }

    /// `random` and `getrandbits` of a generator of random numbers, whichever way the method was taken from it.
    fn random(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let world = self.world.clone();
        let bound = helpers::bound(function, vm);
        let is_bound_by = |function: &PyObject, method: &PyObject| {
            let definition = method.downcast_ref::<PyMethodDescriptor>().map(|of| std::ptr::from_ref(of.method) as u64);
            definition.and_then(|definition| world.objects.bound_by(function, definition)).is_some()
        };
        let (method, of, args) = match (&bound, args) {
            (Some((receiver, method)), args) if is_bound_by(function, method) => {
                let receiver_value = Sym::Val(self.constant(receiver));
                (&**method, Operand::new(receiver_value, Some(receiver)), args)
            }
            (None, [receiver, args @ ..]) => (function, *receiver, args),
            _ => return Ok(None),
        };
        if of.object().and_then(|of| world.objects.random(method, of, vm)).is_none() {
            return Ok(None);
        }
        let name = method.downcast_ref::<PyMethodDescriptor>().map_or("", |method| method.common.name.as_str());
        let count = match (name, args) {
            ("random", []) => None,
            ("getrandbits", [count]) => match self.num(*count)? {
                Some(Num::Int(value, 1..=32)) => Some(value),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let (generator, method) = (self.of_class(of)?, self.constant(method));
        Ok(Some(Sym::Val(match count {
            Some(count) => self.call_helper(&randoms::random_bits(), &[generator, method, count]),
            None => self.call_helper(&randoms::random_float(), &[generator, method]),
        })))
    }

    /// Whether a method may drop elements of its receiver that nobody is given.
    fn gives_up(&self, function: &PyObject, args: &[Operand], vm: &VirtualMachine) -> bool {
        let name = function.get_attr("__name__", vm).ok().and_then(|name| name.str(vm).ok());
        let name = name.as_ref().map(|name| name.as_wtf8().to_string()).unwrap_or_default();
        let bounded = || {
            let length = args.first().and_then(|receiver| receiver.object()?.get_attr("maxlen", vm).ok());
            length.is_some_and(|length| !vm.is_none(&length))
        };
        match name.as_str() {
            "clear" => true,
            "append" | "appendleft" | "extend" | "extendleft" => bounded(),
            _ => false,
        }
    }

    /// Whether an object is of an exact builtin class whose elements are there without running Python code.
    pub(super) fn is_plain_iterable(&self, object: &PyObject) -> bool {
        let (class, objects) = (self.world.objects.class(object), &self.world.objects);
        let is = [objects.classes.str, objects.classes.range].contains(&class);
        is || self.is_sequence(object) || objects.plain_iterables.contains(&class)
    }

    /// The functions of heapq and bisect, which compare a few elements of a list.
    fn ordered(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(ordered) = self.world.known.ordered(function, vm) else { return Ok(None) };
        let Some((list, rest)) = args.split_first() else { return Ok(None) };
        let (Some(object), true) = (list.object(), ordered.arity() == args.len()) else { return Ok(None) };
        let plain = |operand: &Operand| operand.object().is_some_and(|object| self.world.objects.is_ordered(object));
        let first =
            |n| self.world.objects.element(object, n).is_none_or(|element| self.world.objects.is_ordered(element));
        if !(0..8).all(first) {
            return Ok(None);
        }
        if !self.is_list(object) || self.world.objects.length(object) < ordered.least() || !rest.iter().all(plain) {
            return Ok(None);
        }
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let mut operands = vec![self.of_class(*list)?];
        for arg in rest {
            operands.push(self.of_class(*arg)?);
        }
        let result = self.call_helper(&heap::ordered(ordered), &operands);
        Ok(Some(if ordered.gives_none() { Sym::Val(self.none()) } else { Sym::Val(result) }))
    }

    /// `type(a)`.
    pub(super) fn class_of(&mut self, operand: Operand) -> Res<Option<Sym>> {
        let Some(object) = operand.object() else { return Ok(None) };
        match self.resolve(operand.sym) {
            Sym::Val(value) if self.trace.ty(value) == tjit_ir::Ty::Ref => self.guard_class(value, object),
            _ => {}
        }
        let class: &rustpython_vm::Py<PyType> = object.class();
        Ok(Some(Sym::Val(self.constant(class.as_object()))))
    }
}
