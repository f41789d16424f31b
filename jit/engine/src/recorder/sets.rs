//! Sets: operations whose elements are plain run no Python code.

use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::descriptor::PyMethodDescriptor};
use tjit_events::Reason;
use tjit_ir::ValueId;

use super::dicts::Key;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::helpers::{containers, dicts, natives, pairs, sets};
use crate::natives::Changes;

impl Recorder {
    fn is_set(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.set
    }

    /// BUILD_SET.
    pub(super) fn build_set(&mut self, count: usize) -> Res {
        for n in 0..count {
            let operand = self.peek(n)?;
            if !operand.object().is_some_and(|object| self.world.objects.is_key(object)) {
                return Err(Abort::with(Reason::UnsupportedType, "a set of objects of Python classes"));
            }
        }
        let stack = &self.top_ref().stack;
        let fields = stack[stack.len() - count..].to_vec();
        let elements = self.make_tuple(fields)?;
        let thawed = self.trace.const_int(0);
        let set = self.call_helper(&sets::set_of_sequence(), &[elements, thawed]);
        self.pop(count);
        self.push(Sym::Val(set));
        Ok(())
    }

    /// SET_ADD: the set is `depth` entries below the element.
    pub(super) fn set_add(&mut self, depth: usize) -> Res {
        let (set, element) = (self.peek(depth)?, self.peek(0)?);
        let Some(element) = self.plain_key(element)? else {
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
        if self.unite(set, more)? {
            self.pop(1);
            return Ok(());
        }
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
        let Some(element) = self.sought_key(element)? else { return Ok(None) };
        let set = self.of_class(set)?;
        Ok(Some(match element {
            Key::Object(element) => self.call_helper(&sets::set_has(), &[set, element]),
            Key::Pair([a, b]) => self.call_helper(&pairs::set_has_pair(), &[set, a, b]),
        }))
    }

    /// Whether an object is an exact set or frozenset.
    pub(super) fn is_any_set(&self, object: &PyObject) -> bool {
        let class = self.world.objects.class(object);
        [self.world.objects.classes.set, self.world.objects.classes.frozenset].contains(&class)
    }

    /// Two exact sets or frozensets of plain elements, as references. `None`: they are others.
    fn two_sets(&mut self, a: Operand, b: Operand) -> Res<Option<[ValueId; 2]>> {
        let fits = |operand: Operand| {
            let plain = |object: &PyObject| self.world.objects.has_keys_inside(object);
            operand.object().is_some_and(|object| self.is_any_set(object) && plain(object))
        };
        if !fits(a) || !fits(b) {
            return Ok(None);
        }
        Ok(Some([self.of_class(a)?, self.of_class(b)?]))
    }

    /// `a & b` and its like, which make a new set. `None`: another operator, or other operands.
    pub(super) fn new_set_by(&mut self, operator: u32, a: Operand, b: Operand) -> Res<Option<Sym>> {
        if ![1, 7, 10, 12].contains(&operator) {
            return Ok(None);
        }
        let Some([a, b]) = self.two_sets(a, b)? else { return Ok(None) };
        let operator = self.trace.const_int(i64::from(operator));
        Ok(Some(Sym::Val(self.call_helper(&sets::set_operator(), &[a, b, operator]))))
    }

    /// A comparison of two sets, by the number that [`sets::set_compare`] has for it. `None`: they are others.
    pub(super) fn compare_sets(&mut self, operator: i64, a: Operand, b: Operand) -> Res<Option<ValueId>> {
        let Some([a, b]) = self.two_sets(a, b)? else { return Ok(None) };
        let operator = self.trace.const_int(operator);
        Ok(Some(self.call_helper(&sets::set_compare(), &[a, b, operator])))
    }

    /// Adds what is in another container to an exact set. False: it may run Python code.
    pub(super) fn unite(&mut self, set: Operand, more: Operand) -> Res<bool> {
        let Some(object) = more.object() else { return Ok(false) };
        let known = self.is_any_set(object) || self.is_sequence(object) || self.is_dict(object);
        let objects = &self.world.objects;
        let plain = |object: &PyObject| objects.has_keys_inside(object);
        if !known || !plain(object) || !set.object().is_some_and(|set| self.is_set(set) && plain(set)) {
            return Ok(false);
        }
        let (set, more) = (self.of_class(set)?, self.of_class(more)?);
        self.call_helper(&sets::set_update(), &[set, more]);
        Ok(true)
    }

    /// A method of an exact set or frozenset that takes another. `None`: it is to be called.
    pub(super) fn method_of_sets(
        &mut self,
        function: &PyObject,
        receiver: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(method) = function.downcast_ref::<PyMethodDescriptor>() else { return Ok(None) };
        let types = [vm.ctx.types.set_type, vm.ctx.types.frozenset_type];
        if !types.iter().any(|of| method.common.typ.is(*of)) {
            return Ok(None);
        }
        let &[other] = args else { return Ok(None) };
        let value = match method.common.name.as_str() {
            "issubset" => self.compare_sets(1, receiver, other)?,
            "issuperset" => self.compare_sets(5, receiver, other)?,
            "isdisjoint" => match self.two_sets(receiver, other)? {
                Some([a, b]) => Some(self.call_helper(&sets::set_disjoint(), &[a, b])),
                None => None,
            },
            "intersection" => return self.new_set_by(1, receiver, other),
            "union" => return self.new_set_by(7, receiver, other),
            "difference" => return self.new_set_by(10, receiver, other),
            "symmetric_difference" => return self.new_set_by(12, receiver, other),
            "update" if self.unite(receiver, other)? => Some(self.none()),
            _ => None,
        };
        Ok(value.map(Sym::Val))
    }

    /// A call of `dict`, `set`, `frozenset`, `list` or `tuple` with one exact container. `None`: it is to be called.
    pub(super) fn copy_as(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let (&[operand], types) = (args, &vm.ctx.types) else { return Ok(None) };
        let Some(object) = operand.object() else { return Ok(None) };
        let is = |class: &PyObject| function.is(class);
        let (sequence, list) = (self.is_sequence(object), self.is_list(object));
        let table = self.is_any_set(object) || self.is_dict(object);
        let frozen = is(types.frozenset_type.as_object());
        let mut kind = None;
        let helper = if is(types.dict_type.as_object()) && self.is_dict(object) {
            dicts::dict_copy()
        } else if is(types.set_type.as_object()) && table {
            sets::set_of_table()
        } else if (frozen || is(types.set_type.as_object())) && sequence && self.world.objects.has_keys_inside(object) {
            kind = Some(i64::from(frozen));
            sets::set_of_sequence()
        } else if is(types.list_type.as_object()) && table {
            sets::list_of_table()
        } else if is(types.list_type.as_object()) && sequence {
            if list { containers::list_copy() } else { containers::list_of_tuple() }
        } else if is(types.tuple_type.as_object()) && list {
            containers::tuple_of_list()
        } else {
            return Ok(None);
        };
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let mut operands = vec![self.of_class(operand)?];
        operands.extend(kind.map(|kind| self.trace.const_int(kind)));
        Ok(Some(Sym::Val(self.call_helper(&helper, &operands))))
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
        let Some(element) = self.plain_key(*element)? else { return Ok(None) };
        let set = self.of_class(receiver)?;
        self.call_helper(&helper, &[set, element]);
        Ok(Some(Sym::Val(self.none())))
    }
}
