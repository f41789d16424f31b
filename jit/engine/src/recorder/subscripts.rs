//! `a[b]`, `a[b] = c` and `b in a`: which translation is for the container.

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::{PyObject, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::dicts::By;
use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers;
use crate::objects::Scalar;
use crate::operators;

impl Recorder {
    /// `a[b]`.
    pub(super) fn subscript(&mut self, op: decode::Op, a: Operand, b: Operand, vm: &VirtualMachine) -> Res {
        let (Some(container), Some(key)) = (a.object(), b.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(a.sym)
            && let Some(Num::Int(value, is)) = self.num(b)?
        {
            // Which element of a virtual tuple is meant has to be the same every time.
            if self.trace.as_int(value).is_none() {
                let constant = self.trace.const_int(is);
                let same = self.op(Op::EqInt, &[value, constant]);
                self.guard_bool(same, true);
            }
            let len = self.virtuals[index].fields.len() as i64;
            let at = if is < 0 { is + len } else { is };
            if !(0..len).contains(&at) {
                return Err(Abort::with(Reason::ExceptionInRecording, "tuple index out of range"));
            }
            let element = self.field(index, at as usize);
            self.replace(2, element);
            return Ok(());
        }
        let is_list = self.is_list_by(container, "__getitem__", vm);
        if container.class().fast_issubclass(vm.ctx.types.dict_type) && self.is_dict_by(container, By::Get, vm) {
            if self.missing_item(op, a, b, vm)? {
                return Ok(());
            }
            if self.missing_key(op, a, b, vm)? {
                return Ok(());
            }
            if let Some(found) = self.dict_item(a, b, vm)? {
                self.replace(2, found);
                return Ok(());
            }
            self.of_class(a)?;
            return Err(Abort::with(Reason::UnsupportedType, "a key whose hash or comparison may run Python code"));
        }
        if let Some(item) = self.byte_or_item(a, b)? {
            self.replace(2, item);
            return Ok(());
        }
        if let Some(part) = self.slice_item(a, b)? {
            self.replace(2, part);
            return Ok(());
        }
        let (class, classes) = (self.world.objects.class(container), &self.world.objects.classes);
        // A slice in the constants of a code has constant bounds.
        let constant = matches!(self.resolve(b.sym), Sym::Val(value) if self.trace.as_ref(value).is_some());
        if self.world.objects.class(key) == classes.slice && constant && self.is_sliceable(container) {
            let (container, key) = (self.of_class(a)?, self.reference(b.sym)?);
            let number = self.trace.const_int(i64::from(operators::SUBSCRIPT));
            let result = self.call_helper(&helpers::binary(), &[container, key, number]);
            self.replace(2, Sym::Val(result));
            return Ok(());
        }
        if is_list || class == classes.tuple {
            let Some(num) = self.num(b)? else {
                return Err(Abort::with(Reason::UnsupportedType, format!("an index of type {}", key.class().name())));
            };
            let Some((value, is)) = self.int_of(num) else {
                return Err(Abort::with(Reason::UnsupportedType, format!("an index of type {}", num.name())));
            };
            let Some(sequence) = self.container(a, vm)? else {
                return Err(Abort::with(Reason::UnsupportedType, format!("indexing of {}", container.class().name())));
            };
            if self.missing_index(op, (sequence, container), (value, is), vm)? {
                return Ok(());
            }
            let at = self.checked_index(sequence, container, value, is)?;
            let get = if is_list { Op::ListGet } else { Op::TupleGet };
            let element = self.op(get, &[sequence, at]);
            self.replace(2, Sym::Val(element));
            return Ok(());
        }
        if let Some(item) = self.str_operator(op, operators::SUBSCRIPT, a, b)? {
            self.replace(2, item);
            return Ok(());
        }
        let (class, classes) = (self.world.objects.class(container), &self.world.objects.classes);
        if (class == classes.str || class == classes.bytes) && self.is_number(key) {
            return self.leaf_binary(operators::SUBSCRIPT, a, b);
        }
        Err(Abort::with(Reason::UnsupportedType, format!("indexing of {}", container.class().name())))
    }

    /// An index that is not inside a list or tuple: raises. False, with nothing emitted: it is.
    fn missing_index(
        &mut self,
        op: decode::Op,
        (sequence, object): (ValueId, &PyObject),
        (index, is): (ValueId, i64),
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let length_is = self.world.objects.length(object) as i64;
        if (-length_is..length_is).contains(&is) {
            return Ok(false);
        }
        let is_list = self.world.objects.has_list_layout(object);
        let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
        let is_outside = if is < 0 {
            let at = self.op(Op::AddOvf, &[index, length]);
            let zero = self.trace.const_int(0);
            self.op(Op::LtInt, &[at, zero])
        } else {
            self.op(Op::GeInt, &[index, length])
        };
        self.guard_bool(is_outside, true);
        self.raises_new(op, vm.ctx.exceptions.index_error, Sym::Empty, vm)?;
        Ok(true)
    }

    /// Guards that an index is inside a list or tuple, and returns it counted from the front.
    fn checked_index(&mut self, sequence: ValueId, object: &PyObject, index: ValueId, is: i64) -> Res<ValueId> {
        let length_is = self.world.objects.length(object) as i64;
        let at_is = if is < 0 { is + length_is } else { is };
        if !(0..length_is).contains(&at_is) {
            return Err(Abort::with(Reason::ExceptionInRecording, "index out of range"));
        }
        let is_list = self.world.objects.has_list_layout(object);
        let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
        let at = if is < 0 {
            self.compare_guard(Op::LtInt, index, 0);
            self.op(Op::AddOvf, &[index, length])
        } else {
            index
        };
        let inside = self.op(Op::InBounds, &[at, length]);
        self.guard_bool(inside, true);
        Ok(at)
    }

    /// STORE_SUBSCR: stack is value, container, key.
    pub(super) fn store_subscript(&mut self, vm: &VirtualMachine) -> Res {
        let (value, container, key) = (self.peek(2)?, self.peek(1)?, self.peek(0)?);
        let Some(object) = container.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.store_slice_item(value, container, key)? {
            self.pop(3);
            return Ok(());
        }
        if self.set_byte_or_item(value, container, key)? {
            self.pop(3);
            return Ok(());
        }
        if self.is_dict_by(object, By::Set, vm) {
            if self.set_dict_item(container, key, value, vm)? {
                self.pop(3);
                return Ok(());
            }
            self.of_class(container)?;
            return Err(Abort::with(Reason::UnsupportedType, "a key whose hash or comparison may run Python code"));
        }
        if !self.is_list_by(object, "__setitem__", vm) {
            let detail = format!("item assignment to {}", object.class().name());
            return Err(Abort::with(Reason::UnsupportedType, detail));
        }
        let Some(num) = self.num(key)? else {
            return Err(Abort::with(Reason::UnsupportedType, "an index that is no int"));
        };
        let Some((index, is)) = self.int_of(num) else {
            return Err(Abort::with(Reason::UnsupportedType, "an index that is no int"));
        };
        let Some(list) = self.container(container, vm)? else {
            return Err(Abort::with(Reason::UnsupportedType, format!("item assignment to {}", object.class().name())));
        };
        let at = self.checked_index(list, object, index, is)?;
        let stored = self.reference(value.sym)?;
        self.op(Op::ListSet, &[list, at, stored]);
        let count = self.world.objects.length(object) as i64;
        let position = usize::try_from(if is < 0 { is + count } else { is }).unwrap_or_default();
        let world = self.world.clone();
        self.may_finalise(world.objects.element(object, position));
        self.pop(3);
        Ok(())
    }

    /// CONTAINS_OP: stack is needle, container.
    pub(super) fn contains_op(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (needle, container) = (self.peek(1)?, self.peek(0)?);
        let Some(object) = container.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let found = match self.contains_number(needle, container)? {
            Some(found) => found,
            None => match self.builtin_contains(needle, container, vm)? {
                Some(found) => found,
                None => {
                    if self.is_hashed(object, vm) {
                        self.of_class(container)?;
                    }
                    let detail = format!("`in` on {}", object.class().name());
                    return Err(Abort::with(Reason::UnsupportedType, detail));
                }
            },
        };
        let result = if op.arg != 0 { self.not(found) } else { found };
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    /// `in` that runs no Python code. `None`: it may.
    fn builtin_contains(&mut self, needle: Operand, container: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        if let Some(found) = self.str_has(needle, container)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.plain_contains(needle, container)? {
            return Ok(Some(found));
        }
        match container.object() {
            Some(object) if self.is_dict_by(object, By::Contains, vm) => self.has_key(container, needle, vm),
            Some(object) if self.is_hashed(object, vm) => self.set_has(container, needle),
            _ => Ok(None),
        }
    }

    /// Whether an object is a dict or an exact set.
    fn is_hashed(&self, object: &PyObject, vm: &VirtualMachine) -> bool {
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        [classes.set, classes.frozenset].contains(&class) || self.is_dict_by(object, By::Contains, vm)
    }

    /// A small number in a constant tuple of small numbers: each is compared. `None`: something else.
    fn contains_number(&mut self, needle: Operand, container: Operand) -> Res<Option<ValueId>> {
        let Some(object) = container.object() else { return Ok(None) };
        let constant = matches!(self.resolve(container.sym), Sym::Val(value) if self.trace.as_ref(value).is_some());
        let is_tuple = self.world.objects.class(object) == self.world.objects.classes.tuple;
        if !constant || !is_tuple {
            return Ok(None);
        }
        let scalars: Option<Vec<Scalar>> = (0..self.world.objects.length(object))
            .map(|n| self.world.objects.element(object, n).and_then(|element| self.world.objects.scalar(element)))
            .collect();
        let Some(scalars) = scalars.filter(|scalars| scalars.len() <= 8) else { return Ok(None) };
        let Some(num) = self.num(needle)? else { return Ok(None) };
        let mut found = self.trace.const_bool(false);
        for scalar in scalars {
            let element = match scalar {
                Scalar::Int(is) => Num::Int(self.trace.const_int(is), is),
                Scalar::Float(is) => Num::Float(self.trace.const_float(is), is),
                Scalar::Bool(is) => Num::Bool(self.trace.const_bool(is), is),
            };
            let equal = self.compare_nums(ComparisonOperator::Equal, num, element)?;
            found = self.op(Op::OrBool, &[found, equal]);
        }
        Ok(Some(found))
    }
}
