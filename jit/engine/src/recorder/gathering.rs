//! `list`, `tuple` and `dict` of iterators that have just been made and that nobody else has: nothing of them is made.

use rustpython_vm::{AsObject, PyObject, VirtualMachine};
use tjit_ir::{Op, ValueId, VirtualKind};

use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::gathering;
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

    /// Whether something is a virtual iterator that stands at the beginning.
    fn is_unstepped(&self, iterator: Sym) -> bool {
        let Some((index, kind)) = self.as_virtual(iterator) else { return false };
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

    /// What such an iterator goes over.
    fn unstepped(&mut self, iterator: Sym) -> Res<ValueId> {
        let Some((index, kind)) = self.as_virtual(iterator) else { return self.reference(iterator) };
        if kind != VirtualKind::RangeIter {
            return self.field_value(index, 0);
        }
        let (start, step, length) = (self.field_value(index, 1)?, self.field_value(index, 2)?, self.field_value(index, 3)?);
        let distance = self.op(Op::MulOvf, &[step, length]);
        let stop = self.op(Op::AddOvf, &[start, distance]);
        let range = self.new_virtual(VirtualKind::Range, [start, stop, step].map(Sym::Val).to_vec());
        self.reference(range)
    }
}
