//! `list`, `tuple` and `dict` of iterators that have just been made and that nobody else has: nothing of them is made.
//! What `map` gives of a native function is gathered in a list, for whatever takes all of it at once; so are the elements of
//! containers that are no sequences.

use rustpython_vm::{AsObject, Py, PyObject, PyObjectRef, VirtualMachine, builtins::PyType};
use tjit_ir::{Op, ValueId, VirtualKind};

use super::functions::code_of;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::{dicts, gathering, object};
use crate::known::Builtin;
use crate::natives::{self, Needs};
use crate::objects::Iterator;

impl Recorder {
    /// `None`: it is another call, or of something else.
    pub(super) fn gather_all(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let types = &vm.ctx.types;
        let into = match function {
            _ if function.is(types.list_type.as_object()) => gathering::LIST,
            _ if function.is(types.tuple_type.as_object()) => gathering::TUPLE,
            _ if function.is(types.dict_type.as_object()) => gathering::DICT,
            _ => return Ok(None),
        };
        let &[operand] = args else { return Ok(None) };
        let Some((index, kind)) = self.as_virtual(operand.sym) else { return Ok(None) };
        if self.holders(index) != 1 {
            return Ok(None);
        }
        let (helper, operands) = match kind {
            VirtualKind::Zip => {
                let inner = self.virtuals[index].fields.clone();
                let fits = into != gathering::DICT || inner.len() == 2 && self.gives_keys(operand);
                if !fits || !inner.iter().all(|&each| self.is_unstepped(each)) {
                    return Ok(None);
                }
                let sequences = inner.into_iter().map(|each| self.unstepped(each).map(Sym::Val));
                let sequences = sequences.collect::<Res<Vec<_>>>()?;
                (gathering::gather_zip(), vec![self.make_tuple(sequences)?])
            }
            VirtualKind::Enumerate => {
                let (inner, start) = (self.field(index, 0), self.field_value(index, 1)?);
                if !self.is_unstepped(inner) {
                    return Ok(None);
                }
                (gathering::gather_enumerate(), vec![self.unstepped(inner)?, start])
            }
            VirtualKind::ReversedListIter | VirtualKind::ReversedTupleIter if into != gathering::DICT => {
                let (sequence, at) = (self.field_value(index, 0)?, self.field_value(index, 1)?);
                let len = if kind == VirtualKind::ReversedListIter { Op::ListLen } else { Op::TupleLen };
                let (length, one) = (self.op(len, &[sequence]), self.trace.const_int(1));
                let last = self.op(Op::SubOvf, &[length, one]);
                let is_unstepped = self.op(Op::EqInt, &[at, last]);
                self.guard_bool(is_unstepped, true);
                (gathering::gather_reversed(), vec![sequence])
            }
            _ => return Ok(None),
        };
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let operands: Vec<ValueId> = [self.trace.const_int(into)].into_iter().chain(operands).collect();
        Ok(Some(Sym::Val(self.call_helper(&helper, &operands))))
    }

    /// `map` of a native function over one sequence of elements for which that runs no Python code, or of a Python function of
    /// which a builtin takes all at once. `None`: another.
    pub(super) fn map_plain(&mut self, mapped: Operand, over: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        let (Some(function), Some(sequence)) = (mapped.object(), over.object()) else { return Ok(None) };
        let world = self.world.clone();
        let builtin = world.known.lookup(function, vm);
        let is_plain = match builtin {
            Some(builtin) => is_plain(builtin),
            None => natives::row(function, vm).is_some_and(|row| row.receiver == Needs::Leaf),
        };
        if self.is_map_taken(function, vm)? {
            let inner = self.iterate(over, vm)?.filter(|&inner| self.is_unstepped(inner));
            return Ok(inner.map(|inner| self.new_virtual(VirtualKind::Map, vec![mapped.sym, inner])));
        }
        let sizes = builtin == Some(Builtin::Len);
        let fits = |&element: &u64| gathering::is_mapped(sizes, object(element), &world.objects);
        if !is_plain || self.is_sequence(sequence) && !world.objects.addresses(sequence).iter().all(fits) {
            return Ok(None);
        }
        let Some(inner) = self.iterate(over, vm)? else { return Ok(None) };
        if !self.is_unstepped(inner) {
            return Ok(None);
        }
        let value = self.reference(mapped.sym)?;
        let value = self.guard_is(value, function);
        Ok(Some(self.new_virtual(VirtualKind::Map, vec![Sym::Val(value), inner])))
    }

    /// What a builtin is to take, as a list, see [`Recorder::gather_map`] and [`Recorder::gather_plain`].
    pub(super) fn gather_arg(
        &mut self,
        builtin: Builtin,
        operand: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, PyObjectRef)>> {
        match self.gather_map(operand, vm)? {
            None => self.gather_plain(builtin, operand, vm),
            gathered => Ok(gathered),
        }
    }

    /// What a virtual `map` gives that nobody else has, as a new list; and that list for this time. `None`: something else.
    pub(super) fn gather_map(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<(ValueId, PyObjectRef)>> {
        let Some((index, VirtualKind::Map)) = self.as_virtual(operand.sym) else { return Ok(None) };
        let world = self.world.clone();
        let parts = operand.object().and_then(|map| world.objects.map_parts(map));
        let Some((mapped, &[over])) = parts else { return Ok(None) };
        let inner = self.field(index, 1);
        // (A Python function is not called by helpers.)
        if code_of(mapped, vm).is_some() || self.holders(index) != 1 || !self.is_unstepped(inner) {
            return Ok(None);
        }
        let function = self.field_value(index, 0)?;
        let sizes = world.known.lookup(mapped, vm) == Some(Builtin::Len);
        let Some(elements) = gathering::mapped_now((mapped, sizes), over, &world.objects, vm) else { return Ok(None) };
        let (sizes, sequence) = (self.trace.const_bool(sizes), self.unstepped(inner)?);
        let list = self.call_helper(&gathering::gather_map(), &[function, sizes, sequence]);
        Ok(Some((list, vm.ctx.new_list(elements).into())))
    }

    /// The elements of a container or range that a builtin is to take, as a new list; and that list for this time. `None`:
    /// something else, or the builtin has a better way.
    pub(super) fn gather_plain(
        &mut self,
        builtin: Builtin,
        operand: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, PyObjectRef)>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let (class, types) = (object.class(), &vm.ctx.types);
        let is_one_of = |classes: &[&'static Py<PyType>]| classes.iter().any(|of| class.is(*of));
        let makes = matches!(builtin, Builtin::List | Builtin::Set | Builtin::Sorted | Builtin::Tuple);
        let fits = is_one_of(&[types.dict_keys_type, types.dict_values_type, types.dict_items_type])
            || is_one_of(&[types.str_type])
            || is_one_of(&[types.range_type]) && makes
            || is_one_of(&[types.dict_type, types.set_type, types.frozenset_type])
                && !matches!(builtin, Builtin::List | Builtin::Set);
        let Some(elements) =
            Some(object).filter(|_| fits).and_then(|all| all.try_to_value::<Vec<PyObjectRef>>(vm).ok())
        else {
            return Ok(None);
        };
        // Python code that compares, adds or hashes elements could change the container, which notices that.
        let asks = matches!(builtin, Builtin::Max | Builtin::Min | Builtin::Set | Builtin::Sum);
        if asks && !elements.iter().all(|element| self.is_leaf(element)) {
            return Ok(None);
        }
        let all = match self.as_virtual(operand.sym) {
            Some(_) => self.reference(operand.sym)?,
            None => self.of_class(operand)?,
        };
        let list = self.call_helper(&gathering::gather_plain(), &[all]);
        Ok(Some((list, vm.ctx.new_list(elements).into())))
    }

    /// `dict` with keywords only. `None`: another call.
    pub(super) fn dict_of_names(
        &mut self,
        callable: Operand,
        function: &PyObject,
        (args, names): (&[Operand], &[PyObjectRef]),
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if !function.is(vm.ctx.types.dict_type.as_object()) || args.len() != names.len() {
            return Ok(None);
        }
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let dict = self.call_helper(&dicts::dict_new(), &[]);
        for (name, arg) in names.iter().zip(args) {
            let (name, value) = (self.constant(name), self.reference(arg.sym)?);
            self.call_helper(&dicts::dict_set(), &[dict, name, value]);
        }
        Ok(Some(Sym::Val(dict)))
    }

    /// Whether the first of two things that are zipped gives keys that are hashed and compared without Python code.
    fn gives_keys(&self, zip: Operand) -> bool {
        let objects = &self.world.objects;
        let Some(Iterator::Zip(inside)) = zip.object().and_then(|zip| objects.iterator(zip)) else { return false };
        match inside.first().and_then(|first| objects.iterator(first)) {
            Some(Iterator::Sequence(_, sequence)) => objects.has_keys_inside(sequence),
            Some(Iterator::Str(_) | Iterator::Range) => true,
            _ => false,
        }
    }

    /// Whether something is a virtual iterator that stands at the beginning, and that only one other thing has.
    fn is_unstepped(&self, iterator: Sym) -> bool {
        let Some((index, kind)) = self.as_virtual(iterator).filter(|&(index, _)| self.holders(index) <= 1) else {
            return false;
        };
        let is_zero = |field: usize| match self.field(index, field) {
            Sym::Val(value) => self.trace.as_int(value) == Some(0),
            _ => false,
        };
        match kind {
            VirtualKind::ListIter | VirtualKind::TupleIter | VirtualKind::StrIter => is_zero(1),
            VirtualKind::RangeIter => is_zero(0),
            _ => false,
        }
    }

    /// What an iterator goes over that stands at the beginning, and that nobody else has; and that for this time.
    pub(super) fn gone_over(&mut self, iterator: Operand, vm: &VirtualMachine) -> Res<Option<(ValueId, PyObjectRef)>> {
        let world = self.world.clone();
        let Some(object) = iterator.object().filter(|_| self.is_unstepped(iterator.sym)) else { return Ok(None) };
        let over = match world.objects.iterator(object) {
            // (One of a derived class might be asked for its length.)
            Some(Iterator::Sequence(_, over) | Iterator::Str(over)) if natives::is_builtin(over.class()) => {
                over.to_owned()
            }
            Some(Iterator::Range) => {
                let mut parts = Vec::new();
                if world.objects.read_parts(VirtualKind::RangeIter, object, &mut parts).is_none() {
                    return Ok(None);
                }
                let [_, start, step, length] = parts[..] else { return Ok(None) };
                let (start, step, length) = (start as i64, step as i64, length as i64);
                let Some(stop) = step.checked_mul(length).and_then(|distance| start.checked_add(distance)) else {
                    return Ok(None);
                };
                let Ok(range) = vm.ctx.types.range_type.as_object().call((start, stop, step), vm) else {
                    return Ok(None);
                };
                range
            }
            _ => return Ok(None),
        };
        Ok(Some((self.unstepped(iterator.sym)?, over)))
    }

    /// What such an iterator goes over.
    fn unstepped(&mut self, iterator: Sym) -> Res<ValueId> {
        let Some((index, kind)) = self.as_virtual(iterator) else { return self.reference(iterator) };
        if kind != VirtualKind::RangeIter {
            return self.field_value(index, 0);
        }
        let (start, step, length) =
            (self.field_value(index, 1)?, self.field_value(index, 2)?, self.field_value(index, 3)?);
        let distance = self.op(Op::MulOvf, &[step, length]);
        let stop = self.op(Op::AddOvf, &[start, distance]);
        let range = self.new_virtual(VirtualKind::Range, [start, stop, step].map(Sym::Val).to_vec());
        self.reference(range)
    }
}

/// Whether a builtin with so many arguments takes all elements of the last of them at once.
pub(super) fn takes_all(builtin: Builtin, arguments: usize) -> bool {
    match builtin {
        Builtin::Join => arguments == 2,
        Builtin::List
        | Builtin::Max
        | Builtin::Min
        | Builtin::Set
        | Builtin::Sorted
        | Builtin::Sum
        | Builtin::Tuple => arguments == 1,
        _ => false,
    }
}

/// Whether a builtin, called with a plain object, runs no Python code.
pub(super) fn is_plain(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Abs
            | Builtin::Bool
            | Builtin::Chr
            | Builtin::Float
            | Builtin::Hash
            | Builtin::Int
            | Builtin::Leaf
            | Builtin::Len
            | Builtin::Ord
            | Builtin::Repr
            | Builtin::Str
    )
}
