//! Native objects that stand for something else: `functools.partial`, and the fields and the making of named tuples.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyTuple, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Op, VirtualKind};

use super::attributes::Access;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Recorder, Res};
use crate::attributes::is_named;
use crate::helpers;

/// A call in place of another.
pub(super) struct Instead {
    pub function: PyObjectRef,
    pub args: Vec<Operand>,
    pub names: PyObjectRef,
}

impl Recorder {
    /// The call that a call of a `functools.partial` is. `None`, with nothing emitted but guards: it is no such call.
    pub(super) fn call_partial(
        &mut self,
        callable: Operand,
        args: &[Operand],
        keywords: Option<&PyObject>,
        vm: &VirtualMachine,
    ) -> Res<Option<Instead>> {
        let Some(object) = callable.object().filter(|object| is_native(object, "partial")) else { return Ok(None) };
        let part = |name: &'static str| object.get_attr(name, vm).ok();
        let (Some(function), Some(bound), Some(named)) = (part("func"), part("args"), part("keywords")) else {
            return Ok(None);
        };
        let (Sym::Val(value), Some(bound)) = (self.resolve(callable.sym), bound.downcast_ref::<PyTuple>()) else {
            return Ok(None);
        };
        // Its parts cannot be replaced; only the dict can change.
        self.guard_is(value, object);
        let native = self.constant(object.class().as_object());
        if !self.guard_version(object.class(), native, vm) {
            return Ok(None);
        }
        let named = Operand::new(Sym::Val(self.constant(&named)), Some(&named));
        let Some((more, values)) = self.spread_keywords(named, vm)? else { return Ok(None) };
        let names = |names: Option<&PyObject>| -> Vec<PyObjectRef> {
            names.and_then(|names| names.downcast_ref::<PyTuple>()).map_or_else(Vec::new, |names| names.to_vec())
        };
        let (mut more, given) = (names(Some(&more)), names(keywords));
        if given.iter().any(|name| more.iter().any(|other| is_named(other, name))) {
            // What the call gives goes first.
            return Ok(None);
        }
        let positional = args.len() - given.len();
        let mut all = Vec::with_capacity(bound.len() + args.len() + values.len());
        for argument in bound.as_slice() {
            // The tuple, which the partial keeps, has it.
            all.push(Operand::new(self.constant_sym(argument), Some(argument)));
        }
        all.extend_from_slice(&args[..positional]);
        all.extend(values);
        all.extend_from_slice(&args[positional..]);
        more.extend(given);
        Ok(Some(Instead { function, args: all, names: vm.ctx.new_tuple(more).into() }))
    }

    /// A field of a named tuple, whose class has this descriptor for it. `None`: it is another descriptor.
    pub(super) fn load_tuple_field(
        &mut self,
        operand: Operand,
        object: &PyObject,
        descriptor: &PyObject,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let Some(tuple) = object.downcast_ref::<PyTuple>().filter(|_| is_native(descriptor, "_tuplegetter")) else {
            return Ok(None);
        };
        let Some(index) = field_index(descriptor, vm).filter(|&index| index < tuple.len()) else { return Ok(None) };
        let native = self.constant(descriptor.class().as_object());
        if !self.guard_version(descriptor.class(), native, vm)
            || !self.guard_instance(operand, object, object.class(), vm)?
        {
            return Ok(None);
        }
        let value = self.reference(operand.sym)?;
        let index = self.trace.const_int(index as i64);
        let length = self.op(Op::TupleLen, &[value]);
        let inside = self.op(Op::LtInt, &[index, length]);
        self.guard_bool(inside, true);
        let field = self.op(Op::TupleGet, &[value, index]);
        Ok(Some(self.found(access, Sym::Val(field))))
    }

    /// `tuple.__new__` of a subclass, from an exact tuple. `None`: another call.
    pub(super) fn new_tuple_of(
        &mut self,
        function: &PyObject,
        callable: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let [class, elements] = args else { return Ok(None) };
        let (Some(owner), Some(from)) = (class.object(), elements.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let Some(owner) = owner.downcast_ref::<PyType>().filter(|owner| is_plain_tuple_class(owner, vm)) else {
            return Ok(None);
        };
        let is_new = is_new_of(function, vm.ctx.types.tuple_type, vm);
        let is_tuple = self.world.objects.class(from) == self.world.objects.classes.tuple;
        let (true, Sym::Val(value), Sym::Val(of)) =
            (is_new && is_tuple, self.resolve(callable.sym), self.resolve(class.sym))
        else {
            return Ok(None);
        };
        self.guard_is(value, function);
        let of = self.guard_is(of, owner.as_object());
        let elements = self.of_class(*elements)?;
        Ok(Some(Sym::Val(self.call_helper(&helpers::instances::tuple_of(), &[of, elements]))))
    }

    /// `object.__new__(cls)`: a virtual instance. `None`, with nothing emitted but guards: another call.
    pub(super) fn new_instance_of(
        &mut self,
        function: &PyObject,
        callable: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let [class] = args else { return Ok(None) };
        let owner = class.object().and_then(|class| class.downcast_ref::<PyType>());
        let Some(owner) = owner.filter(|owner| {
            let abstract_names = owner.get_attr(vm.ctx.intern_str("__abstractmethods__"));
            is_new_of(function, vm.ctx.types.object_type, vm)
                && self.world.objects.is_attributes_only(owner, vm)
                && !abstract_names.is_some_and(|names| names.is_true(vm).unwrap_or(true))
        }) else {
            return Ok(None);
        };
        let (Sym::Val(value), Sym::Val(of)) = (self.resolve(callable.sym), self.resolve(class.sym)) else {
            return Ok(None);
        };
        self.guard_is(value, function);
        let of = self.guard_is(of, owner.as_object());
        if !self.guard_version(owner, of, vm) {
            return Ok(None);
        }
        let home = Sym::Val(self.none());
        Ok(Some(self.new_virtual(VirtualKind::Instance, vec![Sym::Val(of), home])))
    }
}

/// Whether a callable is the `__new__` of a builtin class.
fn is_new_of(function: &PyObject, class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    is_native(function, "builtin_function_or_method")
        && function.get_attr("__self__", vm).is_ok_and(|of| of.is(class))
        && function
            .get_attr("__name__", vm)
            .is_ok_and(|name| name.str(vm).is_ok_and(|name| name.to_string() == "__new__"))
}

/// Whether an object is of a native class with this name. (Its attributes may be set all the same.)
fn is_native(object: &PyObject, name: &str) -> bool {
    !object.class().slots.flags.has_feature(PyTypeFlags::HEAPTYPE) && *object.class().name() == *name
}

fn field_index(descriptor: &PyObject, vm: &VirtualMachine) -> Option<usize> {
    let reduced = vm.call_method(descriptor, "__reduce__", ()).ok()?;
    let index = reduced.downcast_ref::<PyTuple>()?.get(1)?.downcast_ref::<PyTuple>()?.first()?.clone();
    index.try_index(vm).ok()?.as_bigint().try_into().ok()
}

/// Whether instances of a class are tuples without anything else.
fn is_plain_tuple_class(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    class.fast_issubclass(vm.ctx.types.tuple_type)
        && !class.slots.flags.has_feature(PyTypeFlags::HAS_DICT)
        && class.slots.del.load().is_none()
}
