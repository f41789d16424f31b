//! Slices: made, read, stored and deleted; and unpacking with a star.

use rustpython_vm::{PyObject, VirtualMachine, builtins::PySlice};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers::slices as helpers;
use crate::objects::Scalar;

impl Recorder {
    /// BUILD_SLICE.
    pub(super) fn build_slice(&mut self, count: usize) -> Res {
        let stack = &self.top_ref().stack;
        let mut parts = stack[stack.len() - count..].to_vec();
        if count == 2 {
            parts.push(Sym::Val(self.none()));
        }
        let slice = self.new_virtual(VirtualKind::Slice, parts);
        self.replace(count, slice);
        Ok(())
    }

    fn is_bound(&self, object: &PyObject) -> bool {
        let classes = &self.world.objects.classes;
        [classes.int, classes.bool, classes.none].contains(&self.world.objects.class(object))
    }

    /// Runs with start, stop and step of a slice that the trace has made, or that is a constant. `None`: it is no slice of ints
    /// and None.
    fn with_parts<T>(
        &mut self,
        slice: Operand,
        run: impl FnOnce(&mut Recorder, [Operand; 3]) -> Res<T>,
    ) -> Res<Option<T>> {
        let Some(object) = slice.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let index = match (self.as_virtual(slice.sym), self.resolve(slice.sym)) {
            (Some((index, VirtualKind::Slice)), _) => Some(index),
            // In the constants of a code.
            (None, Sym::Val(value)) if self.trace.as_ref(value).is_some() => None,
            _ => return Ok(None),
        };
        let Some(slice) = object.downcast_ref::<PySlice>() else { return Ok(None) };
        // SAFETY: None lives for ever.
        let none = unsafe { self.world.objects.clone_ref(self.world.objects.none) };
        let objects = [slice.start.as_ref(), Some(&slice.stop), slice.step.as_ref()].map(|part| part.unwrap_or(&none));
        if !objects.iter().all(|part| self.is_bound(part)) {
            return Ok(None);
        }
        // The slice on the interpreter's stack keeps its parts alive.
        let parts = [0, 1, 2].map(|n| {
            let sym = match index {
                Some(index) => self.field(index, n),
                None => self.constant_sym(objects[n]),
            };
            Operand::new(sym, Some(&**objects[n]))
        });
        run(self, parts).map(Some)
    }

    fn references(&mut self, parts: [Operand; 3]) -> Res<[ValueId; 3]> {
        let [start, stop, step] = parts;
        Ok([self.of_class(start)?, self.of_class(stop)?, self.of_class(step)?])
    }

    /// Whether the slices of an object are made without running Python code.
    fn has_slices(&self, object: &PyObject) -> bool {
        self.is_sliceable(object) || self.world.objects.class(object) == self.world.objects.classes.bytearray
    }

    /// `a[b:c:d]` with a slice that the trace has made. `None`: another container.
    pub(super) fn slice_item(&mut self, container: Operand, slice: Operand) -> Res<Option<Sym>> {
        let Some(object) = container.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.has_slices(object) {
            return Ok(None);
        }
        let is_sliceable = self.is_sliceable(object);
        self.with_parts(slice, |recorder, parts| {
            if is_sliceable && let Some(part) = recorder.slice_by(container, parts)? {
                return Ok(part);
            }
            let container = recorder.of_class(container)?;
            let [start, stop, step] = recorder.references(parts)?;
            Ok(Sym::Val(recorder.call_helper(&helpers::slice_get(), &[container, start, stop, step])))
        })
    }

    /// A slice of a list, tuple, str or bytes by small ints. `None`: by others, or the step is 0.
    fn slice_by(&mut self, container: Operand, parts: [Operand; 3]) -> Res<Option<Sym>> {
        let [start, stop, step] = parts;
        let step_is = match step.object().map(|step| self.world.objects.scalar(step)) {
            Some(None) => 1,
            Some(Some(Scalar::Int(step))) if step != 0 => step,
            _ => return Ok(None),
        };
        let Some(step) = self.bound(step, 1)? else { return Ok(None) };
        let backwards = step_is < 0;
        if self.trace.as_int(step).is_none() {
            let zero = self.trace.const_int(0);
            let sign = self.op(if backwards { Op::LtInt } else { Op::GtInt }, &[step, zero]);
            self.guard_bool(sign, true);
        }
        let (first, last) = if backwards { (i64::MAX, i64::MIN) } else { (0, i64::MAX) };
        let (Some(start), Some(stop)) = (self.bound(start, first)?, self.bound(stop, last)?) else { return Ok(None) };
        let container = self.of_class(container)?;
        Ok(Some(Sym::Val(if step_is == 1 && self.trace.as_int(step) == Some(1) {
            self.call_helper(&helpers::slice_between(), &[container, start, stop])
        } else {
            self.call_helper(&helpers::slice_by(), &[container, start, stop, step])
        })))
    }

    /// BINARY_SLICE: stack is container, start, stop.
    pub(super) fn binary_slice(&mut self) -> Res {
        let [container, start, stop] = [self.peek(2)?, self.peek(1)?, self.peek(0)?];
        let (Some(object), Some(first), Some(last)) = (container.object(), start.object(), stop.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if !self.has_slices(object) || !self.is_bound(first) || !self.is_bound(last) {
            return Err(Abort::with(Reason::UnsupportedType, format!("a slice of {}", object.class().name())));
        }
        let result = match (self.bound(start, 0)?, self.bound(stop, i64::MAX)?) {
            (Some(start), Some(stop)) if self.is_sliceable(object) => {
                let container = self.of_class(container)?;
                self.call_helper(&helpers::slice_between(), &[container, start, stop])
            }
            _ => {
                let args = [self.of_class(container)?, self.of_class(start)?, self.of_class(stop)?, self.none()];
                self.call_helper(&helpers::slice_get(), &args)
            }
        };
        self.replace(3, Sym::Val(result));
        Ok(())
    }

    /// A bound of a slice as an int; `instead` for None. `None`: an int beyond 64 bits.
    fn bound(&mut self, operand: Operand, instead: i64) -> Res<Option<ValueId>> {
        if let Some(object) = operand.object()
            && self.world.objects.class(object) == self.world.objects.classes.none
        {
            let value = self.reference(operand.sym)?;
            self.guard_is(value, object);
            return Ok(Some(self.trace.const_int(instead)));
        }
        Ok(match self.num(operand)? {
            Some(num @ (Num::Int(..) | Num::Bool(..))) => self.int_of(num).map(|(value, _)| value),
            _ => None,
        })
    }

    /// STORE_SLICE: stack is value, container, start, stop.
    pub(super) fn store_slice(&mut self) -> Res {
        let [value, container, start, stop] = [self.peek(3)?, self.peek(2)?, self.peek(1)?, self.peek(0)?];
        let bounds = [start, stop].iter().all(|part| part.object().is_some_and(|object| self.is_bound(object)));
        if !bounds {
            return Err(Abort::with(Reason::UnsupportedType, "a slice with bounds that are no ints"));
        }
        // SAFETY: None lives for ever.
        let none = unsafe { self.world.objects.clone_ref(self.world.objects.none) };
        let step = Sym::Val(self.none());
        self.store_parts(value, container, [start, stop, Operand::new(step, Some(&none))])?;
        self.pop(4);
        Ok(())
    }

    /// `a[b:c:d] = e` with a slice that the trace has made. False: it is none.
    pub(super) fn store_slice_item(&mut self, value: Operand, container: Operand, slice: Operand) -> Res<bool> {
        let stored = self.with_parts(slice, |recorder, parts| recorder.store_parts(value, container, parts))?;
        Ok(stored.is_some())
    }

    /// `list[b:c] = d` of a list or tuple, or of an iterator over one that nobody else has. False: of something else.
    fn put(&mut self, value: Operand, list: Operand, [start, stop, step]: [Operand; 3]) -> Res<bool> {
        let Some(new) = value.object() else { return Ok(false) };
        if step.object().is_none_or(|step| self.world.objects.class(step) != self.world.objects.classes.none) {
            return Ok(false);
        }
        let slots = || self.frames.iter().flat_map(|shadow| shadow.locals.iter().chain(&shadow.stack));
        let only = || slots().filter(|&&sym| sym == value.sym).count() == 1;
        let (source, way, from) = match self.as_virtual(value.sym) {
            Some((index, VirtualKind::ListIter | VirtualKind::TupleIter)) if only() => {
                (self.field_value(index, 0)?, 0, self.field_value(index, 1)?)
            }
            Some((index, VirtualKind::ReversedListIter | VirtualKind::ReversedTupleIter)) if only() => {
                (self.field_value(index, 0)?, 1, self.field_value(index, 1)?)
            }
            _ if self.is_sequence(new) => (self.of_class(value)?, 0, self.trace.const_int(0)),
            _ => return Ok(false),
        };
        self.of_class(step)?;
        let (Some(start), Some(stop)) = (self.bound(start, 0)?, self.bound(stop, i64::MAX)?) else { return Ok(false) };
        let list = self.of_class(list)?;
        let way = self.trace.const_int(way);
        self.call_helper(&helpers::slice_put(), &[list, start, stop, source, way, from]);
        Ok(true)
    }

    fn store_parts(&mut self, value: Operand, container: Operand, parts: [Operand; 3]) -> Res {
        let (Some(object), Some(new)) = (container.object(), value.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        let source = self.world.objects.class(new);
        let reversed = [classes.reversed_list_iter, classes.reversed_iter].contains(&source);
        if class == classes.list && self.put(value, container, parts)? {
            self.may_finalise(Some(object));
            return Ok(());
        }
        let (classes, parts) = (&self.world.objects.classes.clone(), self.references(parts)?);
        // An iterator is used up, so that nothing may go wrong afterwards.
        let plain_step = self.trace.as_ref(parts[2]).is_some();
        let fits = if class == classes.list {
            self.is_plain_iterable(new) || reversed && plain_step
        } else {
            class == classes.bytearray && [classes.bytes, classes.bytearray].contains(&source)
        };
        if !fits {
            let detail = format!("a slice of {} set to {}", object.class().name(), new.class().name());
            return Err(Abort::with(Reason::UnsupportedType, detail));
        }
        let (list, value) = (self.of_class(container)?, self.reference(value.sym)?);
        self.guard_class(value, new);
        let [start, stop, step] = parts;
        let slice = self.call_helper(&helpers::slice_new(), &[start, stop, step]);
        self.call_helper(&helpers::slice_set(), &[list, slice, value]);
        self.may_finalise(Some(object));
        Ok(())
    }

    /// DELETE_SUBSCR: stack is container, key.
    pub(super) fn delete_subscript(&mut self, vm: &VirtualMachine) -> Res {
        let (container, key) = (self.peek(1)?, self.peek(0)?);
        let (Some(object), Some(key_is)) = (container.object(), key.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if self.delete_item(container, key, vm)? {
            self.pop(2);
            return Ok(());
        }
        if !self.is_list(object) {
            return Err(Abort::with(
                Reason::UnsupportedType,
                format!("deletion of an item of {}", object.class().name()),
            ));
        }
        let slice = self.with_parts(key, |recorder, parts| {
            let parts = recorder.references(parts)?;
            Ok(recorder.call_helper(&helpers::slice_new(), &parts))
        })?;
        let key = match slice {
            Some(slice) => slice,
            None if self.is_leaf(key_is) => self.of_class(key)?,
            None => return Err(Abort::with(Reason::UnsupportedType, "an index that is no int")),
        };
        let list = self.of_class(container)?;
        self.call_helper(&helpers::item_delete(), &[list, key]);
        self.may_finalise(Some(object));
        self.pop(2);
        Ok(())
    }

    /// UNPACK_EX: some elements, the rest in a list, some more.
    pub(super) fn unpack_ex(&mut self, op: decode::Op) -> Res {
        let (before, after) = (op.arg as usize & 0xff, op.arg as usize >> 8);
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.is_sequence(object) {
            return Err(Abort::with(Reason::UnsupportedType, format!("unpacking of {}", object.class().name())));
        }
        let count = self.world.objects.length(object);
        if count < before + after {
            return Err(Abort::with(Reason::ExceptionInRecording, "too few values to unpack"));
        }
        let is_list = self.is_list(object);
        let sequence = self.of_class(operand)?;
        let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
        let least = self.trace.const_int((before + after) as i64);
        let enough = self.op(Op::GeInt, &[length, least]);
        self.guard_bool(enough, true);
        let get = if is_list { Op::ListGet } else { Op::TupleGet };
        let mut elements = Vec::with_capacity(before + after + 1);
        for n in 0..before {
            let at = self.trace.const_int(n as i64);
            elements.push(Sym::Val(self.op(get, &[sequence, at])));
        }
        let (start, end) = (self.trace.const_int(before as i64), self.trace.const_int(after as i64));
        let stop = self.op(Op::SubOvf, &[length, end]);
        elements.push(Sym::Val(self.call_helper(&helpers::list_between(), &[sequence, start, stop])));
        for n in (1..=after).rev() {
            let back = self.trace.const_int(n as i64);
            let at = self.op(Op::SubOvf, &[length, back]);
            elements.push(Sym::Val(self.op(get, &[sequence, at])));
        }
        self.pop(1);
        elements.into_iter().rev().for_each(|element| self.push(element));
        Ok(())
    }
}
