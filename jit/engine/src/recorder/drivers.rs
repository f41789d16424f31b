//! Builtins that step a generator to its end: `sum`, `any`, `all`, `list`, `set`, `sorted`, `str.join` and the like, of a
//! generator expression.
//!
//! The builtin has no frame: in the frame chain, the generator's frame is called by the frame of the call. So the trace
//! goes from the call into the generator and round its loop, doing at each `yield` what the builtin does. What the
//! builtin has gathered so far, if anything, is the second part of a virtual *continuation*, which is in the place of the
//! builtin on the stack. An exit makes it an object that goes on from there when it is called with the generator. Its third
//! part is how many pairs a dict has got so: the text of an error can tell which one was none. For `sum` it tells whether other
//! things than numbers were added: by whatever adds them, while the generator waits.
//!
//! ```text
//! sum(x * x for x in xs)      stack: continuation(sum, %7), null, generator(…)
//!
//!     YIELD_VALUE %9:  %10 = add_ovf %7, %9        an exit stands before the YIELD_VALUE: the real `sum` adds
//! ```
//!
//! `dict` and `set` fill what they give, and methods like `list.extend` their receivers. Others than these and `sum`, `any`
//! and `all` gather a list, and the builtin is called with that at the end. Where it would have
//! looked at the elements before, they have to be of classes for which nobody can tell the difference.

use rustpython_compiler_core::bytecode::{BinaryOperator, CodeFlags, Opcode};
use rustpython_vm::{AsObject, PyObject, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::{Op, Ty, ValueId, VirtualKind};

use super::calls::Called;
use super::emit::Num;
use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::attributes::leaves_to;
use crate::decode;
use crate::helpers;
use crate::known::Builtin;
use crate::state::generator;

impl Recorder {
    /// A call of a builtin that will step a virtual generator to its end. False: it is a call like any other.
    pub(super) fn drive(
        &mut self,
        op: decode::Op,
        builtin: Builtin,
        (callable, function): (Operand, &PyObject),
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let (generator, start) = match (builtin, args) {
            (Builtin::Sum, [generator, start]) => (*generator, Some(*start)),
            (builtin, [_, generator]) if has_receiver(builtin) => (*generator, None),
            (Builtin::CountElements, [_, generator]) => (*generator, None),
            (Builtin::Any | Builtin::All | Builtin::Sum, [generator]) => (*generator, None),
            (builtin, [generator]) if gathers(builtin) && !has_receiver(builtin) => (*generator, None),
            _ => return Ok(false),
        };
        let Some((index, VirtualKind::Generator)) = self.as_virtual(generator.sym) else {
            let is_plain = op.opcode == Opcode::Call && args.len() == 1 && op.arg == 1;
            return Ok(is_plain && self.iterates(op, builtin, (callable, function), generator, vm)?);
        };
        let place = self.top_ref().stack.len() - op.call_entries();
        let given = op.arg as usize + usize::from(has_receiver(builtin));
        if op.opcode != Opcode::Call || args.len() != given || self.generator_unit(index) < 0 {
            return Ok(false);
        }
        if has_receiver(builtin) && (self.top_ref().stack[place + 1] == Sym::Empty || !self.is_exact(builtin, args[0]))
        {
            return Ok(false);
        }
        if builtin == Builtin::CountElements && !self.counts_plainly(args[0], vm)? {
            return Ok(false);
        }
        if fills(builtin) {
            self.of_class(args[0])?;
        }
        let gathered = match (builtin, start) {
            (Builtin::Sum, Some(start)) => match self.num(start)? {
                Some(Num::Int(value, _) | Num::Float(value, _)) => Some(value),
                _ => return Ok(false),
            },
            (Builtin::Sum, None) => Some(self.trace.const_int(0)),
            (Builtin::Dict, _) => Some(self.call_helper(&helpers::dicts::dict_new(), &[])),
            (Builtin::Set, _) => {
                let nothing = self.make_tuple(Vec::new())?;
                let is_frozen = self.trace.const_int(0);
                Some(self.call_helper(&helpers::sets::set_of_sequence(), &[nothing, is_frozen]))
            }
            (builtin, _) if gathers(builtin) => Some(self.call_helper(&helpers::containers::list_0(), &[])),
            _ => None,
        };
        let value = self.reference(callable.sym)?;
        let value = self.guard_is(value, function);
        if !self.resume(op, index, None, vm)? {
            return Ok(false);
        }
        self.put_continuation(op, value, gathered);
        Ok(true)
    }

    /// The argument of a builtin is an object with an `__iter__` in Python. If that is a generator function, the generator that
    /// it makes is the argument from now on; otherwise it is inlined, and what it returns will be. `list` and `sorted` ask for
    /// the object's length first. False: it is another object.
    fn iterates(
        &mut self,
        op: decode::Op,
        builtin: Builtin,
        (callable, function): (Operand, &PyObject),
        operand: Operand,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let takes = gathers(builtin) && builtin != Builtin::Dict || adds(builtin);
        let Some(object) = operand.object().filter(|_| takes) else { return Ok(false) };
        let Some(method) = method_of(object, "__iter__", vm) else { return Ok(false) };
        let value = self.reference(callable.sym)?;
        let value = self.guard_is(value, function);
        let generator = match self.asks_generator(operand, "__iter__", CodeFlags::GENERATOR, vm)? {
            Some(generator) => match self.as_virtual(generator) {
                Some((index, _)) if self.may_resume(index) => Some((generator, index)),
                _ => return Ok(false),
            },
            None if self.may_inline_method(&method, vm) => None,
            None => return Ok(false),
        };
        let sizes = |name: &'static str| object.class().get_attr(vm.ctx.intern_str(name)).is_some();
        if matches!(builtin, Builtin::List | Builtin::Sorted) && (sizes("__len__") || sizes("__length_hint__")) {
            if !self.guard_instance(operand, object, object.class(), vm)? {
                return Ok(false);
            }
            self.go_opaque(op)?;
            let value = self.reference(operand.sym)?;
            self.call_helper(&helpers::steps::size(), &[value]);
            self.is_sized = true;
        }
        if let Some((generator, index)) = generator {
            return self.step_argument(op, builtin, (value, function), generator, index, vm).map(|()| true);
        }
        if !self.guard_instance(operand, object, object.class(), vm)? {
            return Err(Abort::with(Reason::UnsupportedCall, "an object that cannot be told from others"));
        }
        let continuation = self.new_continuation(value, None);
        let asked = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        match self.inline(op, asked, &method, &[operand], op.call_entries(), Some((continuation, None)), vm)? {
            Called::Inlined => Ok(true),
            Called::Not => Err(Abort::with(Reason::UnsupportedCall, "an __iter__ that is not inlined")),
        }
    }

    /// A virtual generator is the only argument of a builtin from now on, which steps it to its end.
    fn step_argument(
        &mut self,
        op: decode::Op,
        builtin: Builtin,
        (value, function): (ValueId, &PyObject),
        generator: Sym,
        index: usize,
        vm: &VirtualMachine,
    ) -> Res {
        if let Some(argument) = self.top().stack.last_mut() {
            *argument = generator;
        }
        self.capture(op.start);
        let callable = Operand::new(Sym::Val(value), Some(function));
        let is_driven = self.may_resume(index)
            && self.drive(op, builtin, (callable, function), &[Operand::new(generator, None)], vm)?;
        if is_driven { Ok(()) } else { Err(Abort::with(Reason::GeneratorFrame, "one that an __iter__ has made")) }
    }

    /// Whether the innermost frame is that of an `__iter__` which a builtin has asked.
    pub(super) fn is_iterated(&self) -> bool {
        let [.., outer, inner] = &self.frames[..] else { return false };
        let op = outer.code.instruction_at(outer.call).filter(|op| op.opcode == Opcode::Call);
        let place = op.and_then(|op| outer.stack.len().checked_sub(op.call_entries()));
        inner.generator.is_none()
            && place.is_some_and(|place| {
                matches!(self.as_virtual(outer.stack[place]), Some((_, VirtualKind::Continuation)))
            })
    }

    /// RETURN_VALUE of such an `__iter__`: the builtin goes through what that returns.
    pub(super) fn return_iterator(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        let lost = || Abort::new(Reason::LostPosition);
        let answer = self.peek(0)?;
        let Some(object) = answer.object().map(ToOwned::to_owned) else { return Err(lost()) };
        self.capture(op.start);
        self.guard_iterator(answer)?;
        self.note_finalises();
        self.leave_entries(self.frames.len() - 1)?;
        let Some(callee) = self.frames.pop() else { return Err(lost()) };
        let Some(call) = self.top_ref().code.instruction_at(self.top_ref().call) else { return Err(lost()) };
        let place = self.top_ref().stack.len() - call.call_entries();
        let Some((continuation, _)) = self.as_virtual(self.top_ref().stack[place]) else { return Err(lost()) };
        let Sym::Val(value) = self.field(continuation, 0) else { return Err(lost()) };
        let Some(function) = self.constant_object(Sym::Val(value)) else { return Err(lost()) };
        let Some(builtin) = self.world.known.lookup(&function, vm) else { return Err(lost()) };
        let top = self.top();
        top.stack[place] = Sym::Val(value);
        top.stack[place + 1] = Sym::Empty;
        top.stack[place + 2] = answer.sym;
        top.next = call.end;
        self.capture(call.start);
        for sym in callee.locals {
            self.give_up(sym)?;
        }
        if std::mem::take(&mut self.finalises) {
            self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
        }
        self.last = Some((call, self.trace.body.len()));
        if let Some((index, VirtualKind::Generator)) = self.as_virtual(answer.sym) {
            self.step_argument(call, builtin, (value, &function), answer.sym, index, vm)?;
            return Ok(Flow::Continue);
        }
        let callable = Operand::new(Sym::Val(value), Some(&function));
        let over = self.gone_over(Operand::new(answer.sym, Some(&object)), vm)?;
        let argument = match &over {
            // The builtin may as well take that itself.
            Some((value, over)) => {
                self.top().stack[place + 2] = Sym::Val(*value);
                self.capture(call.start);
                Operand::new(Sym::Val(*value), Some(over))
            }
            None => Operand::new(answer.sym, Some(&object)),
        };
        let args = vec![argument];
        self.call_with(call, callable, args, None, call.call_entries(), vm)
    }

    /// Puts what tells which builtin steps a generator in its place on the stack.
    pub(super) fn put_continuation(&mut self, op: decode::Op, function: ValueId, gathered: Option<ValueId>) {
        let place = self.top_ref().stack.len() - op.call_entries();
        self.top().stack[place] = self.new_continuation(function, gathered);
    }

    /// What goes on with a builtin that has gathered something, or nothing.
    fn new_continuation(&mut self, function: ValueId, gathered: Option<ValueId>) -> Sym {
        let gathered = gathered.unwrap_or_else(|| self.none());
        let fields = vec![Sym::Val(function), Sym::Val(gathered), Sym::Val(self.trace.const_int(0))];
        self.new_virtual(VirtualKind::Continuation, fields)
    }

    /// The builtin that steps the innermost frame's generator, and its continuation.
    pub(super) fn driver(&self) -> Option<(Builtin, usize)> {
        let [.., outer, inner] = &self.frames[..] else { return None };
        inner.generator?;
        let op = outer.code.instruction_at(outer.call).filter(|op| op.opcode == Opcode::Call)?;
        let place = outer.stack.len().checked_sub(op.call_entries())?;
        let Some((continuation, VirtualKind::Continuation)) = self.as_virtual(outer.stack[place]) else { return None };
        let Sym::Val(function) = self.field(continuation, 0) else { return None };
        let function = self.trace.as_ref(function)?;
        Some((self.world.known.at(self.trace.pool.refs[function.index()].addr)?, continuation))
    }

    /// YIELD_VALUE in a generator that a builtin steps. False: it is stepped by something else.
    pub(super) fn yield_to_driver(&mut self, op: decode::Op, value: Operand) -> Res<bool> {
        let Some((builtin, continuation)) = self.driver() else {
            return if self.is_stepped_by_call() { Err(Abort::new(Reason::LostPosition)) } else { Ok(false) };
        };
        if matches!(builtin, Builtin::Next | Builtin::Send) {
            return Ok(false);
        }
        self.capture(op.start);
        let found = match builtin {
            Builtin::Any | Builtin::All => {
                let Some(is) = self.known_truth(value) else {
                    return Err(Abort::with(Reason::UnsupportedType, "the truth of what a generator yields"));
                };
                let truth = self.truth(value)?;
                self.guard_bool(truth, is);
                (is == (builtin == Builtin::Any)).then_some(is)
            }
            builtin if fills(builtin) => {
                let receiver = self.driven_receiver(builtin)?;
                let receiver = self.reference(receiver)?;
                self.gather(builtin, receiver, value)?;
                if builtin == Builtin::DictUpdate {
                    self.count_pair(continuation)?;
                }
                None
            }
            _ => {
                let Sym::Val(gathered) = self.field(continuation, 1) else {
                    return Err(Abort::new(Reason::LostPosition));
                };
                if builtin == Builtin::Sum {
                    let sum = match self.num(value)? {
                        Some(number) if self.trace.ty(gathered) != Ty::Ref => self.add_to(gathered, number)?,
                        _ => {
                            self.pop(1);
                            let sum = self.add_any(op, gathered, value.sym)?;
                            self.push(value.sym);
                            let one = self.trace.const_int(1);
                            self.set_field(continuation, 2, Sym::Val(one));
                            sum
                        }
                    };
                    self.set_field(continuation, 1, Sym::Val(sum));
                } else if matches!(builtin, Builtin::Dict | Builtin::Set) {
                    self.gather(builtin, gathered, value)?;
                    if builtin == Builtin::Dict {
                        self.count_pair(continuation)?;
                    }
                } else {
                    if !matches!(builtin, Builtin::List | Builtin::Tuple | Builtin::Sorted) {
                        self.guard_plain(value.sym, value.object())?;
                    }
                    let value = self.reference(value.sym)?;
                    self.call_helper(&helpers::list_append(), &[gathered, value]);
                }
                None
            }
        };
        self.pop(1);
        match found {
            Some(is) => {
                self.suspend_generator(op)?;
                let is = self.trace.const_bool(is);
                self.pending = Pending::Found(Sym::Val(is));
            }
            None => {
                // It goes on at once.
                let none = self.none();
                self.push(Sym::Val(none));
            }
        }
        Ok(true)
    }

    /// Whether what elements are counted in is a dict whose class leaves it to `dict` to get and set items. Its class is
    /// guarded, then.
    fn counts_plainly(&mut self, counts: Operand, vm: &VirtualMachine) -> Res<bool> {
        let Some(object) = counts.object() else { return Ok(false) };
        let (class, dict) = (object.class(), vm.ctx.types.dict_type);
        let leaves = |name: &'static str| leaves_to(class, dict, name, vm);
        if !class.fast_issubclass(dict) || !leaves("get") || !leaves("__setitem__") {
            return Ok(false);
        }
        self.guard_instance(counts, object, class, vm)
    }

    /// Whether the receiver of a builtin is of the very class that the builtin is a method of.
    fn is_exact(&self, builtin: Builtin, receiver: Operand) -> bool {
        let Some(object) = receiver.object() else { return false };
        let classes = &self.world.objects.classes;
        let wanted = match builtin {
            Builtin::DictUpdate => classes.dict,
            Builtin::Extend => classes.list,
            Builtin::SetUpdate => classes.set,
            _ => classes.str,
        };
        self.world.objects.class(object) == wanted
    }

    /// The receiver of the method, or the first argument of the function, that steps the innermost frame's generator. Its class
    /// was guarded when that began.
    fn driven_receiver(&self, builtin: Builtin) -> Res<Sym> {
        let lost = || Abort::new(Reason::LostPosition);
        let [.., outer, _] = &self.frames[..] else { return Err(lost()) };
        let entries = outer.code.instruction_at(outer.call).ok_or_else(lost)?.call_entries();
        let before = if builtin == Builtin::CountElements { 2 } else { 1 };
        let place = (outer.stack.len() + before).checked_sub(entries).ok_or_else(lost)?;
        Ok(outer.stack[place])
    }

    /// A dict has got another pair.
    fn count_pair(&mut self, continuation: usize) -> Res {
        let Sym::Val(count) = self.field(continuation, 2) else { return Err(Abort::new(Reason::LostPosition)) };
        let one = self.trace.const_int(1);
        let count = self.op(Op::AddOvf, &[count, one]);
        self.set_field(continuation, 2, Sym::Val(count));
        Ok(())
    }

    /// What a builtin that fills a container does with an element.
    fn gather(&mut self, builtin: Builtin, container: ValueId, value: Operand) -> Res {
        let unusual =
            || Abort::with(Reason::UnsupportedType, "an element that a builtin compares while a generator runs");
        match builtin {
            Builtin::Dict | Builtin::DictUpdate => {
                let Some([key, value]) = self.pair(value)? else { return Err(unusual()) };
                let Some(key) = self.plain_key(key)? else { return Err(unusual()) };
                let is_noisy = value.object().is_none_or(|object| self.world.objects.is_noisy(object));
                let value = self.reference(value.sym)?;
                self.call_helper(&helpers::dicts::dict_set(), &[container, key, value]);
                if is_noisy {
                    // The key may have had another such value.
                    self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
                }
            }
            Builtin::CountElements => {
                let Some(element) = self.plain_key(value)? else { return Err(unusual()) };
                self.call_helper(&helpers::dicts::dict_count(), &[container, element]);
            }
            Builtin::Set | Builtin::SetUpdate => {
                let Some(element) = self.plain_key(value)? else { return Err(unusual()) };
                self.call_helper(&helpers::sets::set_add(), &[container, element]);
            }
            _ => {
                let value = self.reference(value.sym)?;
                self.call_helper(&helpers::list_append(), &[container, value]);
            }
        }
        Ok(())
    }

    /// The two parts of an exact tuple or list.
    fn pair(&mut self, tuple: Operand) -> Res<Option<[Operand; 2]>> {
        let Some(object) = tuple.object() else { return Ok(None) };
        let world = self.world.clone();
        let objects = &world.objects;
        let is_list = objects.class(object) == objects.classes.list;
        if !(is_list || objects.class(object) == objects.classes.tuple) || objects.length(object) != 2 {
            return Ok(None);
        }
        let parts = [0, 1].map(|n| objects.element(object, n));
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(tuple.sym) {
            let [first, second] = self.virtuals[index].fields[..] else { return Ok(None) };
            return Ok(Some([Operand::new(first, parts[0]), Operand::new(second, parts[1])]));
        }
        let value = self.of_class(tuple)?;
        let (len, get) = if is_list { (Op::ListLen, Op::ListGet) } else { (Op::TupleLen, Op::TupleGet) };
        let (length, two) = (self.op(len, &[value]), self.trace.const_int(2));
        let is_pair = self.op(Op::EqInt, &[length, two]);
        self.guard_bool(is_pair, true);
        let part = |recorder: &mut Recorder, n: usize| {
            let number = recorder.trace.const_int(n as i64);
            Operand::new(Sym::Val(recorder.op(get, &[value, number])), parts[n])
        };
        Ok(Some([part(self, 0), part(self, 1)]))
    }

    fn known_truth(&self, operand: Operand) -> Option<bool> {
        use crate::objects::Scalar;
        let object = operand.object()?;
        match self.world.objects.scalar(object) {
            Some(Scalar::Bool(is)) => Some(is),
            Some(Scalar::Int(is)) => Some(is != 0),
            Some(Scalar::Float(is)) => Some(is != 0.0),
            None if object.get_id() as u64 == self.world.objects.none => Some(false),
            None => None,
        }
    }

    /// `sum + value` of numbers.
    fn add_to(&mut self, sum: ValueId, value: Num) -> Res<ValueId> {
        match (self.trace.ty(sum), value) {
            (Ty::Float, value) => {
                let (value, _) = self.float_of(value);
                Ok(self.op(Op::AddFloat, &[sum, value]))
            }
            (_, Num::Float(value, _)) => {
                let sum = self.op(Op::IntToFloat, &[sum]);
                Ok(self.op(Op::AddFloat, &[sum, value]))
            }
            (_, value) => match self.int_of(value) {
                Some((value, _)) => Ok(self.op(Op::AddOvf, &[sum, value])),
                None => Err(Abort::new(Reason::UnsupportedType)),
            },
        }
    }

    /// `sum + value` of anything, while the generator that `sum` steps waits behind its `yield`, at `op`.
    fn add_any(&mut self, op: decode::Op, sum: ValueId, value: Sym) -> Res<ValueId> {
        let Some(running) = self.top_ref().generator else { return Err(Abort::new(Reason::LostPosition)) };
        let (sum, value) = (self.reference(Sym::Val(sum))?, self.reference(value)?);
        self.suspend_generator(op)?;
        let result = self.at_driver(|recorder| {
            recorder.tell_handled()?;
            let operator = recorder.trace.const_int(BinaryOperator::Add as i64);
            Ok(recorder.call_helper(&helpers::opaque::binary(), &[sum, value, operator]))
        })?;
        self.set_generator(running.object, generator::RUNNING, Vec::new());
        self.pending = Pending::Residual;
        Ok(result)
    }

    /// Emits what the builtin does that steps the innermost frame's generator: an exit stands at its call, and the generator's
    /// frame is not there.
    fn at_driver<T>(&mut self, emit: impl FnOnce(&mut Recorder) -> Res<T>) -> Res<T> {
        let inner = self.frames.pop().expect("the generator's frame");
        let call = self.top_ref().call;
        let captured = self.flush_names().map(|()| self.capture(call));
        let result = captured.and_then(|()| emit(self));
        self.frames.push(inner);
        self.pre = None;
        result
    }

    /// Guards that an element is of a class whose instances can be hashed and compared without running Python code.
    pub(super) fn guard_plain(&mut self, sym: Sym, object: Option<&PyObject>) -> Res {
        match (self.as_virtual(sym), self.resolve(sym), object) {
            (Some((index, VirtualKind::Tuple)), ..) => {
                for (n, field) in self.virtuals[index].fields.clone().into_iter().enumerate() {
                    let world = self.world.clone();
                    self.guard_plain(field, object.and_then(|object| world.objects.element(object, n)))?;
                }
                Ok(())
            }
            (_, Sym::Val(value), _) if self.trace.ty(value) != Ty::Ref => Ok(()),
            (_, Sym::Val(value), Some(object)) if self.is_leaf(object) => {
                self.guard_class(value, object);
                Ok(())
            }
            _ => Err(Abort::with(Reason::UnsupportedType, "an element that a builtin compares while a generator runs")),
        }
    }

    /// What a builtin gives when its generator has ended. `None`: it is no builtin that steps a generator to its end.
    pub(super) fn driven_result(&mut self) -> Res<Option<Sym>> {
        let Some((builtin, continuation)) = self.driver() else { return Ok(None) };
        Ok(match (builtin, self.field(continuation, 1)) {
            (Builtin::Next | Builtin::Send, _) => None,
            (Builtin::Any, _) => Some(Sym::Val(self.trace.const_bool(false))),
            (Builtin::All, _) => Some(Sym::Val(self.trace.const_bool(true))),
            (Builtin::Tuple, Sym::Val(list)) => {
                Some(Sym::Val(self.call_helper(&helpers::containers::tuple_of_list(), &[list])))
            }
            (Builtin::Dict | Builtin::List | Builtin::Set | Builtin::Sum, gathered) => Some(gathered),
            (builtin, _) if fills(builtin) => Some(Sym::Val(self.none())),
            (_, Sym::Val(list)) => Some(Sym::Val(self.call_with_gathered(continuation, list)?)),
            _ => return Err(Abort::new(Reason::LostPosition)),
        })
    }

    /// Calls the builtin with what was gathered. An exit stands at the call, where the generator has ended.
    fn call_with_gathered(&mut self, continuation: usize, list: ValueId) -> Res<ValueId> {
        let Sym::Val(function) = self.field(continuation, 0) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        self.at_driver(|recorder| {
            let stack = &recorder.top_ref().stack;
            let receiver = stack[stack.len() - 2];
            Ok(match recorder.resolve(receiver) {
                Sym::Empty => recorder.call_helper(&helpers::opaque_1(), &[function, list]),
                receiver => {
                    let receiver = recorder.reference(receiver)?;
                    recorder.call_helper(&helpers::opaque_2(), &[function, receiver, list])
                }
            })
        })
    }
}

/// Whether a builtin is a method of an object that is there already.
fn has_receiver(builtin: Builtin) -> bool {
    builtin == Builtin::Join || fills(builtin) && builtin != Builtin::CountElements
}

/// Whether a builtin puts each element into its receiver at once. Where it is left, it is called again for the rest.
fn fills(builtin: Builtin) -> bool {
    matches!(builtin, Builtin::CountElements | Builtin::DictUpdate | Builtin::Extend | Builtin::SetUpdate)
}

/// Whether a builtin looks at each element at once, and gathers none.
fn adds(builtin: Builtin) -> bool {
    matches!(builtin, Builtin::All | Builtin::Any | Builtin::Sum)
}

/// Whether a builtin gathers what the generator yields, in a new container.
fn gathers(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Dict
            | Builtin::FrozenSet
            | Builtin::Join
            | Builtin::List
            | Builtin::Max
            | Builtin::Min
            | Builtin::Set
            | Builtin::Sorted
            | Builtin::Tuple
    )
}
