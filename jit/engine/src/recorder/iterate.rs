//! Iteration: GET_ITER, FOR_ITER, and the builtins that make iterators.
//!
//! An iterator that the trace makes, or that was taken apart when it was entered, is virtual: its parts are values, and
//! stepping it is arithmetic on them. The interpreter steps the real one at the same time. Whether that finds another
//! element is read off the real iterator *before* it is stepped: of a `zip`, that also tells which of its iterators ends.
//!
//! ```text
//! for i, (a, c) in enumerate(zip(xs, "text")):
//!
//!     enumerate(zip(list_iter(xs, %p), str_iter("text", %q, %o)), %i)      outcomes: [xs has more, "text" has more]
//!     guard %p < len(xs); guard %o < bytes; a, c = xs[%p], char at %o; %p + 1, %q + 1, %o + width; %i + 1
//! ```

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::PyRange};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::calls::Called;
use super::emit::Num;
use super::exceptions::raises;
use super::sym::{Operand, Sym};
use super::{Abort, Pending, Recorder, Res};
use crate::decode;
use crate::helpers::{
    self,
    steps::{self, Entries},
};
use crate::natives::{self, Steps};
use crate::objects::Iterator;

impl Recorder {
    /// GET_ITER.
    pub(super) fn get_iter(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        if let Some(iterator) = self.iterate(operand, vm)? {
            self.replace(1, iterator);
            return Ok(());
        }
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = self.world.objects.class(object);
        if natives::steps(object, &self.world.objects) != Steps::Unknown {
            let iterator = self.reference(operand.sym)?;
            self.guard_class(iterator, object);
            return Ok(());
        }
        if !self.world.objects.plain_iterables.contains(&class) && !natives::is_iterable(object) {
            if let Some(generator) = self.asks_generator(operand, "__iter__", CodeFlags::GENERATOR, vm)? {
                self.replace(1, generator);
                return Ok(());
            }
            if self.ask_iter(op, operand, "__iter__", 1, vm)? {
                return Ok(());
            }
            self.go_opaque(op)?;
            let iterable = self.reference(operand.sym)?;
            let iterator = self.call_helper(&helpers::generators::iterate(), &[iterable]);
            self.replace(1, Sym::Val(iterator));
            return Ok(());
        }
        let container = self.reference(operand.sym)?;
        self.guard_class(container, object);
        let iterator = self.call_helper(&helpers::dicts::iterator(), &[container]);
        self.replace(1, Sym::Val(iterator));
        Ok(())
    }

    /// A virtual iterator over an operand. `None` when it is of another class than those that can be taken apart.
    pub(super) fn iterate(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if let Some(range) = self.range_of(operand)? {
            return self.range_iter(range, object).map(Some);
        }
        let is_tuple = match self.as_virtual(operand.sym) {
            Some((_, VirtualKind::Tuple)) => true,
            Some((
                _,
                VirtualKind::Slice
                | VirtualKind::Text
                | VirtualKind::Complex
                | VirtualKind::Dict
                | VirtualKind::BoundMethod
                | VirtualKind::Instance
                | VirtualKind::Exception
                | VirtualKind::Map,
            )) => return Ok(None),
            // An iterator is its own iterator.
            Some(_) => return Ok(Some(operand.sym)),
            None => false,
        };
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        let kind = if self.is_list_by(object, "__iter__", vm) {
            VirtualKind::ListIter
        } else if class == classes.tuple || is_tuple {
            VirtualKind::TupleIter
        } else if class == classes.str {
            VirtualKind::StrIter
        } else {
            return Ok(None);
        };
        let Some(sequence) = self.container(operand, vm)? else { return Ok(None) };
        let zero = Sym::Val(self.trace.const_int(0));
        let mut fields = vec![Sym::Val(sequence), zero];
        if kind == VirtualKind::StrIter {
            fields.push(zero);
        }
        Ok(Some(self.new_virtual(kind, fields)))
    }

    /// The virtual range that an operand is; a real range of small ints is taken apart.
    pub(super) fn range_of(&mut self, operand: Operand) -> Res<Option<usize>> {
        if let Some((index, kind)) = self.as_virtual(operand.sym) {
            return Ok((kind == VirtualKind::Range).then_some(index));
        }
        let Some(object) = operand.object() else { return Ok(None) };
        if self.world.objects.class(object) != self.world.objects.classes.range {
            return Ok(None);
        }
        let Some(range) = object.downcast_ref::<PyRange>() else { return Ok(None) };
        if [&range.start, &range.stop, &range.step].iter().any(|part| i64::try_from(part.as_bigint()).is_err()) {
            return Ok(None);
        }
        let value = self.reference(operand.sym)?;
        self.guard_class(value, object);
        let mut fields = Vec::with_capacity(3);
        for part in 0..3 {
            let number = self.trace.const_int(part);
            fields.push(Sym::Val(self.call_helper(&helpers::range_part(), &[value, number])));
        }
        // A name for its parts only: the object itself exists.
        match self.new_virtual(VirtualKind::Range, fields) {
            Sym::Virt(index) => Ok(Some(index)),
            _ => Ok(None),
        }
    }

    /// Start, step and length of a virtual range. `object` is the real one, which decides the sign of the step.
    pub(super) fn range_shape(&mut self, range: usize, object: &PyObject) -> Res<[ValueId; 3]> {
        let (start, stop, step) =
            (self.field_value(range, 0)?, self.field_value(range, 1)?, self.field_value(range, 2)?);
        let (zero, one) = (self.trace.const_int(0), self.trace.const_int(1));
        let steps = if self.trace.as_int(step) == Some(1) {
            self.op(Op::SubOvf, &[stop, start])
        } else {
            let upward = match self.trace.as_int(step) {
                Some(constant) => constant > 0,
                None => {
                    let Some(range) = object.downcast_ref::<PyRange>() else {
                        return Err(Abort::with(Reason::LostPosition, "a range is no range"));
                    };
                    let upward = i64::try_from(range.step.as_bigint()).is_ok_and(|step| step > 0);
                    let sign = self.op(if upward { Op::GtInt } else { Op::LtInt }, &[step, zero]);
                    self.guard_bool(sign, true);
                    upward
                }
            };
            let (from, to, by) = if upward {
                (start, stop, step)
            } else {
                let by = self.op(Op::NegOvf, &[step]);
                (stop, start, by)
            };
            let distance = self.op(Op::SubOvf, &[to, from]);
            let last = self.op(Op::SubOvf, &[distance, one]);
            let whole = self.op(Op::FloorDivOvf, &[last, by]);
            self.op(Op::AddOvf, &[whole, one])
        };
        Ok([start, step, self.op(Op::MaxInt, &[steps, zero])])
    }

    /// The iterator of a virtual range: index, start, step, length.
    fn range_iter(&mut self, range: usize, object: &PyObject) -> Res<Sym> {
        let [start, step, length] = self.range_shape(range, object)?;
        // One step from the start has to fit, or the VM's iterator would be one of large ints.
        if self.trace.as_int(start).is_none() || self.trace.as_int(step) != Some(1) {
            self.op(Op::AddOvf, &[start, step]);
        }
        let zero = self.trace.const_int(0);
        let fields = [zero, start, step, length].map(Sym::Val).to_vec();
        Ok(self.new_virtual(VirtualKind::RangeIter, fields))
    }

    /// `range(…)`.
    pub(super) fn range(&mut self, args: &[Operand]) -> Res<Option<Sym>> {
        let mut parts = Vec::with_capacity(3);
        for arg in args {
            match self.num(*arg)? {
                Some(Num::Int(value, is)) => parts.push((value, is)),
                _ => return Ok(None),
            }
        }
        let (zero, one) = (self.trace.const_int(0), self.trace.const_int(1));
        let (start, stop, step) = match parts[..] {
            [stop] => ((zero, 0), stop, (one, 1)),
            [start, stop] => (start, stop, (one, 1)),
            [start, stop, step] => (start, stop, step),
            _ => return Ok(None),
        };
        if step.1 == 0 {
            return Err(Abort::with(Reason::ExceptionInRecording, "range() with step 0"));
        }
        if self.trace.as_int(step.0).is_none() {
            let op = if step.1 > 0 { Op::GtInt } else { Op::LtInt };
            let sign = self.op(op, &[step.0, zero]);
            self.guard_bool(sign, true);
        }
        Ok(Some(self.new_virtual(VirtualKind::Range, [start.0, stop.0, step.0].map(Sym::Val).to_vec())))
    }

    /// `reversed(…)` of a list, tuple or range.
    pub(super) fn reversed(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let one = self.trace.const_int(1);
        if let Some(range) = self.range_of(operand)? {
            let [start, step, length] = self.range_shape(range, object)?;
            let before = self.op(Op::SubOvf, &[start, step]);
            let distance = self.op(Op::MulOvf, &[length, step]);
            let last = self.op(Op::AddOvf, &[before, distance]);
            let down = self.op(Op::NegOvf, &[step]);
            let zero = self.trace.const_int(0);
            let fields = [zero, last, down, length].map(Sym::Val).to_vec();
            return Ok(Some(self.new_virtual(VirtualKind::RangeIter, fields)));
        }
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        let (kind, len) = if self.is_list_by(object, "__reversed__", vm) {
            (VirtualKind::ReversedListIter, Op::ListLen)
        } else if class == classes.tuple {
            (VirtualKind::ReversedTupleIter, Op::TupleLen)
        } else {
            return Ok(None);
        };
        let Some(sequence) = self.container(operand, vm)? else { return Ok(None) };
        let length = self.op(len, &[sequence]);
        let last = self.op(Op::SubOvf, &[length, one]);
        Ok(Some(self.new_virtual(kind, vec![Sym::Val(sequence), Sym::Val(last)])))
    }

    /// FOR_ITER, before the interpreter executes it.
    pub(super) fn for_iter(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operand = self.peek(0)?;
        if let Some((index, VirtualKind::Generator)) = self.as_virtual(operand.sym)
            && self.generator_unit(index) >= 0
        {
            return if self.resume(op, index, None, vm)? { Ok(()) } else { self.step_opaque(op, operand) };
        }
        if let Some(index) = self.generator_below(operand.sym)
            && self.resume(op, index, None, vm)?
        {
            return Ok(());
        }
        if self.step_map(op, operand, vm)? {
            return Ok(());
        }
        // The iterator stays on the stack.
        if self.ask_iter(op, operand, "__next__", 0, vm)? { Ok(()) } else { self.step_iter(op, operand) }
    }

    /// A `map` over one list, tuple or range whose function is inlined, as a `__next__` is. It is stepped when nothing can
    /// leave any more before the function runs. False, with nothing emitted but guards: another iterator, or it is at its end.
    fn step_map(&mut self, op: decode::Op, operand: Operand, vm: &VirtualMachine) -> Res<bool> {
        let (Sym::Val(_), Some(object)) = (self.resolve(operand.sym), operand.object()) else { return Ok(false) };
        let world = self.world.clone();
        let Some((function, &[inner])) = world.objects.map_parts(object) else { return Ok(false) };
        if !function.class().is(vm.ctx.types.function_type) {
            return Ok(false);
        }
        let Some(element) = world.objects.peek_plain(inner, vm) else { return Ok(false) };
        let map = self.reference(operand.sym)?;
        self.guard_class(map, object);
        let more = self.call_helper(&steps::map_more(), &[map]);
        self.guard_bool(more, true);
        let callable = Sym::Val(self.call_helper(&steps::map_function(), &[map]));
        let argument = Sym::Val(self.call_helper(&steps::map_peek(), &[map]));
        let (callable, argument) = (Operand::new(callable, Some(function)), Operand::new(argument, Some(&element)));
        if !matches!(self.inline(op, callable, function, &[argument], 0, None, vm)?, Called::Inlined) {
            return Ok(false);
        }
        self.call_helper(&steps::map_advance(), &[map]);
        Ok(true)
    }

    /// The generator that a virtual iterator steps first.
    fn generator_below(&self, sym: Sym) -> Option<usize> {
        match self.as_virtual(sym)? {
            (index, VirtualKind::Enumerate | VirtualKind::Zip) => match self.field(index, 0) {
                inner @ Sym::Virt(below) if self.virtuals[below].kind == VirtualKind::Generator => {
                    let (below, _) = self.as_virtual(inner)?;
                    (self.generator_unit(below) >= 0).then_some(below)
                }
                inner => self.generator_below(inner),
            },
            _ => None,
        }
    }

    /// What a virtual iterator, the operand of a FOR_ITER, makes of the value that the generator at its bottom yields.
    /// `None`: another of its iterators is at its end.
    pub(super) fn element_of(&mut self, iterator: Sym, object: Option<&PyObject>, value: Sym) -> Res<Option<Sym>> {
        let world = self.world.clone();
        let inside = object.and_then(|object| world.objects.iterator(object));
        match (self.as_virtual(iterator), inside) {
            (Some((_, VirtualKind::Generator)), _) => Ok(Some(value)),
            (Some((index, VirtualKind::Enumerate)), Some(Iterator::Enumerate(inside))) => {
                let (inner, count) = (self.field(index, 0), self.field_value(index, 1)?);
                let Some(value) = self.element_of(inner, Some(inside), value)? else { return Ok(None) };
                self.advance(index, 1, Op::AddOvf)?;
                Ok(Some(self.new_virtual(VirtualKind::Tuple, vec![Sym::Val(count), value])))
            }
            (Some((index, VirtualKind::Zip)), Some(Iterator::Zip(inside))) => {
                let inner = self.virtuals[index].fields.clone();
                let Some(first) = self.element_of(inner[0], inside.first().copied(), value)? else { return Ok(None) };
                let Some(outcomes) = world.objects.foresee_rest(inside) else {
                    return Err(Abort::with(Reason::UnsupportedIterator, "zip() of several generators"));
                };
                let mut outcomes = outcomes.into_iter();
                let mut values = vec![first];
                for iterator in inner.into_iter().skip(1) {
                    match self.step_iterator(iterator, &mut outcomes)? {
                        Some(value) => values.push(value),
                        None => return Ok(None),
                    }
                }
                Ok(Some(self.new_virtual(VirtualKind::Tuple, values)))
            }
            _ => Err(Abort::with(Reason::LostPosition, "an iterator is not what it was")),
        }
    }

    /// FOR_ITER or SEND, before the interpreter executes it, with an iterator that is no generator which can be followed.
    pub(super) fn step_iter(&mut self, op: decode::Op, operand: Operand) -> Res {
        self.top().call = op.start;
        if let (Sym::Val(_), Some(object)) = (self.resolve(operand.sym), operand.object())
            && let how @ (Steps::Counted | Steps::Plain | Steps::Opaque) = natives::steps(object, &self.world.objects)
        {
            let iterator = self.reference(operand.sym)?;
            self.guard_class(iterator, object);
            if how == Steps::Opaque {
                self.go_opaque(op)?;
            }
            self.pending = Pending::Step(Vec::new());
            return Ok(());
        }
        let foreseen = match self.as_virtual(operand.sym) {
            Some((_, VirtualKind::Generator)) => Some(Vec::new()),
            Some(_) => operand.object().and_then(|object| self.world.objects.foresee(object)),
            None => None,
        };
        match foreseen {
            // Where the interpreter goes on will tell whether there was another element.
            Some(outcomes) => self.pending = Pending::Step(outcomes),
            None => self.step_opaque(op, operand)?,
        }
        Ok(())
    }

    /// Guards that a step has found an element (`found`), or none, as it has this time. Otherwise the interpreter goes on
    /// behind the loop, or with the element: the iterator has been asked.
    /// `is_item`: the element is a tuple of a key and a value, in two parts.
    pub(super) fn settle_step(&mut self, more: bool, found: ValueId, is_item: bool) -> Res {
        let op = self.stepped()?;
        let (on, end) = (op.end, self.exhausted(op));
        let wanted = if more { found } else { self.not(found) };
        if op.opcode == Opcode::Send {
            // What is yielded and what is returned comes in the same place.
            let answer = self.call_helper(&helpers::steps::stepped(), &[]);
            self.replace(1, Sym::Val(answer));
            self.capture(if more { end } else { on });
            self.emit_unit(Op::GuardMore, &[wanted], tjit_ir::Imm::None);
        } else if more {
            self.capture(end);
            self.emit_unit(Op::GuardMore, &[wanted], tjit_ir::Imm::None);
            let element = self.element_found(is_item);
            self.push(element);
        } else {
            let element = self.element_found(is_item);
            self.push(element);
            self.capture(on);
            self.pop(1);
            self.emit_unit(Op::GuardMore, &[wanted], tjit_ir::Imm::None);
        }
        if !more {
            self.top().next = end;
        }
        Ok(())
    }

    /// What the last step of a native iterator has found.
    fn element_found(&mut self, is_item: bool) -> Sym {
        let element = Sym::Val(self.call_helper(&helpers::steps::stepped(), &[]));
        if !is_item {
            return element;
        }
        let value = Sym::Val(self.call_helper(&helpers::steps::stepped_value(), &[]));
        self.new_virtual(VirtualKind::Tuple, vec![element, value])
    }

    /// The instruction that has stepped an iterator.
    fn stepped(&self) -> Res<decode::Op> {
        let top = self.top_ref();
        top.code.instruction_at(top.call).ok_or_else(|| Abort::new(Reason::LostPosition))
    }

    /// What an iterator has given goes on the stack.
    pub(super) fn push_element(&mut self, element: Sym) -> Res {
        match self.stepped()?.opcode {
            Opcode::Send => self.replace(1, element),
            _ => self.push(element),
        }
        Ok(())
    }

    /// An iterator is at its end.
    fn end_iteration(&mut self) -> Res {
        let op = self.stepped()?;
        self.top().next = self.exhausted(op);
        if op.opcode == Opcode::Send {
            let none = self.none();
            self.replace(1, Sym::Val(none));
        }
        Ok(())
    }

    /// Whether the interpreter, which is at `unit` now, has got an element from the iterator that it has stepped; false:
    /// the iterator is at its end.
    ///
    /// # Errors
    /// When it is at neither place: stepping has raised an exception, which this frame handles.
    pub(super) fn is_stepped(&self, unit: u32) -> Res<bool> {
        let more = self.reaches(self.top_ref().next, unit).is_some();
        if !more && self.reaches(self.exhausted(self.stepped()?), unit).is_none() {
            return Err(raises("an iterator that raises"));
        }
        Ok(more)
    }

    /// The other half of FOR_ITER and SEND: the interpreter has stepped the iterator.
    pub(super) fn finish_step(&mut self, more: bool, outcomes: Vec<bool>) -> Res {
        let depth = usize::from(self.stepped()?.opcode == Opcode::Send);
        let Some(&iterator) = self.top_ref().stack.iter().nth_back(depth) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if let Sym::Val(iterator) = self.resolve(iterator) {
            // A real iterator: it is stepped, or seen to be at its end.
            let object = self.peek(depth)?.object();
            let how = object.map_or(Steps::Unknown, |object| natives::steps(object, &self.world.objects));
            if more || how != Steps::Counted {
                let opaque = how == Steps::Opaque;
                if depth == 0
                    && let Some(entries) = object.and_then(|object| self.world.objects.entries_of(object))
                {
                    let which = self.trace.const_int(entries as i64);
                    let found = self.call_helper(&helpers::steps::step_entries(), &[iterator, which]);
                    return self.settle_step(more, found, entries == Entries::Items);
                }
                let helper = if opaque { helpers::steps::opaque_step() } else { helpers::steps::step() };
                let found = self.call_helper(&helper, &[iterator]);
                return self.settle_step(more, found, false);
            }
            let ended = self.call_helper(&helpers::dicts::at_end(), &[iterator]);
            self.guard_bool(ended, true);
            return self.end_iteration();
        }
        let mut outcomes = outcomes.into_iter();
        let element = self.step_iterator(iterator, &mut outcomes)?;
        if element.is_some() != more || outcomes.next().is_some() {
            return Err(Abort::with(Reason::LostPosition, "an iterator did not do what it was about to do"));
        }
        match element {
            Some(value) => self.push_element(value),
            None => self.end_iteration(),
        }
    }

    /// Steps a virtual iterator: guards that it has more elements or none, as it has this time.
    fn step_iterator(&mut self, iterator: Sym, outcomes: &mut std::vec::IntoIter<bool>) -> Res<Option<Sym>> {
        let Some((index, kind)) = self.as_virtual(iterator) else {
            return Err(Abort::new(Reason::UnsupportedIterator));
        };
        match kind {
            VirtualKind::RangeIter => {
                let (at, length) = (self.field_value(index, 0)?, self.field_value(index, 3)?);
                if !self.guard_more(Op::LtInt, at, length, outcomes)? {
                    return Ok(None);
                }
                let (start, step) = (self.field_value(index, 1)?, self.field_value(index, 2)?);
                let offset = if self.trace.as_int(step) == Some(1) { at } else { self.op(Op::MulOvf, &[at, step]) };
                let value =
                    if self.trace.as_int(start) == Some(0) { offset } else { self.op(Op::AddOvf, &[start, offset]) };
                self.advance(index, 0, Op::AddOvf)?;
                Ok(Some(Sym::Val(value)))
            }
            VirtualKind::ListIter
            | VirtualKind::TupleIter
            | VirtualKind::ReversedListIter
            | VirtualKind::ReversedTupleIter => {
                let (sequence, at) = (self.field_value(index, 0)?, self.field_value(index, 1)?);
                let list = matches!(kind, VirtualKind::ListIter | VirtualKind::ReversedListIter);
                let length = self.op(if list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
                // Backwards, the position is the index of the next element, and -1 behind the last.
                if !self.guard_more(Op::InBounds, at, length, outcomes)? {
                    return Ok(None);
                }
                let value = self.op(if list { Op::ListGet } else { Op::TupleGet }, &[sequence, at]);
                let forwards = matches!(kind, VirtualKind::ListIter | VirtualKind::TupleIter);
                self.advance(index, 1, if forwards { Op::AddOvf } else { Op::SubOvf })?;
                Ok(Some(Sym::Val(value)))
            }
            VirtualKind::StrIter => {
                let (string, offset) = (self.field_value(index, 0)?, self.field_value(index, 2)?);
                let length = self.call_helper(&helpers::str_bytes(), &[string]);
                if !self.guard_more(Op::InBounds, offset, length, outcomes)? {
                    return Ok(None);
                }
                let value = self.call_helper(&helpers::str_char(), &[string, offset]);
                let width = self.call_helper(&helpers::str_width(), &[string, offset]);
                let next = self.op(Op::AddOvf, &[offset, width]);
                self.set_field(index, 2, Sym::Val(next));
                self.advance(index, 1, Op::AddOvf)?;
                Ok(Some(Sym::Val(value)))
            }
            VirtualKind::Enumerate => {
                let (inner, count) = (self.field(index, 0), self.field_value(index, 1)?);
                let Some(value) = self.step_iterator(inner, outcomes)? else { return Ok(None) };
                self.advance(index, 1, Op::AddOvf)?;
                Ok(Some(self.new_virtual(VirtualKind::Tuple, vec![Sym::Val(count), value])))
            }
            VirtualKind::Zip => {
                let inner = self.virtuals[index].fields.clone();
                let mut values = Vec::with_capacity(inner.len());
                for iterator in inner {
                    // The first that ends decides; those before it have been stepped.
                    match self.step_iterator(iterator, outcomes)? {
                        Some(value) => values.push(value),
                        None => return Ok(None),
                    }
                }
                Ok(Some(self.new_virtual(VirtualKind::Tuple, values)))
            }
            // One that has ended.
            VirtualKind::Generator => Ok(None),
            _ => Err(Abort::new(Reason::UnsupportedIterator)),
        }
    }

    fn guard_more(
        &mut self,
        op: Op,
        at: ValueId,
        length: ValueId,
        outcomes: &mut std::vec::IntoIter<bool>,
    ) -> Res<bool> {
        let Some(more) = outcomes.next() else { return Err(Abort::new(Reason::LostPosition)) };
        let inside = self.op(op, &[at, length]);
        self.guard_bool(inside, more);
        Ok(more)
    }

    /// Moves a position or count by one.
    fn advance(&mut self, index: usize, field: usize, op: Op) -> Res {
        let (at, one) = (self.field_value(index, field)?, self.trace.const_int(1));
        let next = self.op(op, &[at, one]);
        self.set_field(index, field, Sym::Val(next));
        Ok(())
    }
}
