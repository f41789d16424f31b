//! `min`, `max`, `sorted` and `list.sort` with a Python function of keys, and builtins that take all that a `map` of a Python
//! function gives.
//!
//! The builtin has no frame: in the frame chain, the function's frame is called by the frame of the call. The trace asks the
//! function for the key of one element after the other, in a loop of its own whose header is the function's start, and
//! gathers the keys in a list; then it does what the builtin does with them.
//!
//! ```text
//! max(xs, key=f)      stack: max, null, %xs, feeder(1, f, %keys), ("key",)
//!
//!     RETURN_VALUE %9 of f:  list_append(%keys, %9)      an exit stands before the RETURN_VALUE
//!                            guard len(%keys) < len(%xs)  an exit stands at the call, where there are more keys now
//!                            f's frame begins anew with %xs[len(%keys)]
//! ```
//!
//! A virtual *feeder* is in the function's place on the stack. An exit makes it an object that gives the keys that there are
//! before it asks the function, so that the interpreter does the call again without doing anything twice. A recording has
//! one, too: it tells which element comes next. In `list(map(f, xs))`, the feeder is in the place of `map`'s function.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyRef, VirtualMachine,
    builtins::{PyCode, PyList},
};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};
use tjit_vm::feeder::Feeder;
use tjit_vm::ordering::Order;

use super::functions::code_of;
use super::protocols::method_of;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::decode::{self, CodeKey};
use crate::helpers::{self, gathering};
use crate::known::Builtin;

/// Elements for which a recording follows the function without a loop, at most.
const MAX_UNROLLED: u32 = 8;

/// The parts of a virtual feeder.
const ORDER: usize = 0;
const FUNCTION: usize = 1;
const KEYS: usize = 2;
const ELEMENTS: usize = 3;

/// In place of an order: the keys are the elements of a `map`, and a list of them is what is wanted.
const AS_LIST: i64 = -1;
/// A tuple of them is.
const AS_TUPLE: i64 = -2;
/// The builtin is called with a list of them.
const AS_GIVEN: i64 = -3;

impl Recorder {
    /// A call of one of the builtins, with the values of its keywords behind its other arguments. False: it is a call like any
    /// other.
    pub(super) fn feed(
        &mut self,
        op: decode::Op,
        (callable, function): (Operand, &PyObject),
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(builtin) = self.world.known.lookup(function, vm) else { return Ok(false) };
        let Some(key_at) = names.iter().position(|name| name == "key") else { return Ok(false) };
        if op.opcode != Opcode::CallKw || args.len() != names.len() + 1 {
            return Ok(false);
        }
        let key = args[1 + key_at];
        if let Some(order) = self.order(builtin, args, names)
            && let Some(result) = self.order_by_native(builtin, order, (callable, function), key, args[0], vm)?
        {
            self.replace(op.call_entries(), result);
            return Ok(true);
        }
        if !self.world.merges || self.caught.is_some() {
            return Ok(false);
        }
        if let (Some((index, VirtualKind::Feeder)), Some(feeder)) = (self.as_virtual(key.sym), key.object()) {
            let Some(feeder) = Feeder::of(feeder) else { return Err(Abort::new(Reason::LostPosition)) };
            self.feed_on(op, index, feeder, vm)?;
            return Ok(true);
        }
        let (Some(order), Some(asked)) = (self.order(builtin, args, names), key.object()) else { return Ok(false) };
        let Some(code) = asked_code(asked, vm).filter(|code| self.may_be_fed(CodeKey::of(code))) else {
            return Ok(false);
        };
        if self.calls_rather(&code) {
            return Ok(false);
        }
        let place = self.top_ref().stack.len() - op.call_entries();
        let sorts = builtin == Builtin::Sort;
        if sorts == (self.top_ref().stack[place + 1] == Sym::Empty) {
            return Ok(false);
        }
        let Some((elements, list)) = self.elements_of(builtin, args[0], vm)? else { return Ok(false) };
        let Some((entry, gathered)) = self.ask_first((callable, function), key, (elements, &list), vm)? else {
            return Ok(false);
        };
        let taken = if sorts { self.call_helper(&helpers::ordering::take_elements(), &[elements]) } else { elements };
        let order = self.trace.const_int(order as i64);
        let parts = [order, gathered, taken].map(Sym::Val);
        let feeder = self.new_virtual(VirtualKind::Feeder, vec![parts[0], key.sym, parts[1], parts[2]]);
        let frame = self.top_ref().frame;
        let object = Feeder::object(asked.to_owned(), vm.ctx.new_list(Vec::new()).into(), list.clone(), &vm.ctx);
        // (What was there is kept: the function by the feeder, the elements by their list.)
        if sorts {
            self.top().stack[place + 2 + key_at] = feeder;
            drop(frame.replace_stack(place + 2 + key_at, object));
        } else {
            self.top().stack[place + 2] = Sym::Val(elements);
            self.top().stack[place + 3 + key_at] = feeder;
            drop(frame.replace_stack(place + 2, list));
            drop(frame.replace_stack(place + 3 + key_at, object));
        }
        self.enter_fed(op, entry, vm)?;
        Ok(true)
    }

    /// Whether a builtin takes all that a `map` of this Python function gives as soon as it has been made, which is now.
    pub(super) fn is_map_taken(&self, function: &PyObject, vm: &VirtualMachine) -> Res<bool> {
        let Some(code) = code_of(function, vm).filter(|code| self.may_be_fed(CodeKey::of(code))) else {
            return Ok(false);
        };
        let Some((op, _)) = self.last.filter(|(op, _)| op.opcode == Opcode::Call) else { return Ok(false) };
        let next = self.top_ref().code.instruction_at(op.end);
        if !self.world.merges || self.caught.is_some() || self.calls_rather(&code) {
            return Ok(false);
        }
        if !next.is_some_and(|next| next.opcode == Opcode::Call && next.arg == 1) {
            return Ok(false);
        }
        let taker = self.peek(op.call_entries() + 1)?;
        let method = match self.as_virtual(taker.sym) {
            Some((index, VirtualKind::BoundMethod)) => self.constant_object(self.field(index, 0)),
            _ => self.constant_object(self.resolve(taker.sym)),
        };
        let builtin = method.as_deref().or(taker.object()).and_then(|taker| self.world.known.lookup(taker, vm));
        Ok(builtin.and_then(use_of).is_some())
    }

    /// A call of a builtin that takes all that a `map` of a Python function gives, which has just been made: what the function
    /// returns are its keys. False: it is a call like any other.
    pub(super) fn feed_map(
        &mut self,
        op: decode::Op,
        (callable, function): (Operand, &PyObject),
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let &[.., operand] = args else { return Ok(false) };
        let (Some((map, VirtualKind::Map)), Some(object)) = (self.as_virtual(operand.sym), operand.object()) else {
            return Ok(false);
        };
        let world = self.world.clone();
        let Some(wanted) = world.known.lookup(function, vm).and_then(use_of) else { return Ok(false) };
        let Some((asked, &[iterator])) = world.objects.map_parts(object) else { return Ok(false) };
        if op.opcode != Opcode::Call || op.arg != 1 || !self.world.merges || self.caught.is_some() {
            return Ok(false);
        }
        let mapped = self.field(map, 0);
        if let (Some((index, VirtualKind::Feeder)), Some(feeder)) = (self.as_virtual(mapped), Feeder::of(asked)) {
            self.feed_on(op, index, feeder, vm)?;
            return Ok(true);
        }
        let code = code_of(asked, vm).filter(|code| self.may_be_fed(CodeKey::of(code)) && !self.calls_rather(code));
        if code.is_none() || self.holders(map) != 1 {
            return Ok(false);
        }
        let iterator = Operand::new(self.field(map, 1), Some(iterator));
        let Some((over, object)) = self.gone_over(iterator, vm)? else { return Ok(false) };
        let over = Operand::new(Sym::Val(over), Some(&object));
        let Some((elements, list)) = self.elements_of(Builtin::Max, over, vm)? else { return Ok(false) };
        let mapped = Operand::new(mapped, Some(asked));
        let Some((entry, gathered)) = self.ask_first((callable, function), mapped, (elements, &list), vm)? else {
            return Ok(false);
        };
        let zero = self.trace.const_int(0);
        let wanted = self.trace.const_int(wanted);
        let [wanted, keys, all, zero] = [wanted, gathered, elements, zero].map(Sym::Val);
        let feeder = self.new_virtual(VirtualKind::Feeder, vec![wanted, mapped.sym, keys, all]);
        let iterator = self.new_virtual(VirtualKind::ListIter, vec![all, zero]);
        let map = self.new_virtual(VirtualKind::Map, vec![feeder, iterator]);
        let object = Feeder::object(asked.to_owned(), vm.ctx.new_list(Vec::new()).into(), list.clone(), &vm.ctx);
        let Ok(object) = vm.ctx.types.map_type.as_object().call((object, list), vm) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let place = self.top_ref().stack.len() - op.call_entries() + 2;
        let frame = self.top_ref().frame;
        self.top().stack[place] = map;
        // (The feeder keeps the function, and the list what the elements were in.)
        drop(frame.replace_stack(place, object));
        self.enter_fed(op, entry, vm)?;
        Ok(true)
    }

    /// The call of a function of keys for the first of the elements, of which there have to be some, and a list for the keys.
    /// `None`: there are none, or the function is not inlined.
    fn ask_first(
        &mut self,
        (callable, builtin): (Operand, &PyObject),
        function: Operand,
        (elements, list): (ValueId, &PyObject),
        vm: &VirtualMachine,
    ) -> Res<Option<(super::calls::Entry, ValueId)>> {
        let Some(first) = element(list, 0) else { return Ok(None) };
        let value = self.reference(callable.sym)?;
        self.guard_is(value, builtin);
        let (zero, length) = (self.trace.const_int(0), self.op(Op::ListLen, &[elements]));
        let is_any = self.op(Op::LtInt, &[zero, length]);
        self.guard_bool(is_any, true);
        let item = self.op(Op::ListGet, &[elements, zero]);
        let item = Operand::new(Sym::Val(item), Some(&first));
        let Some(entry) = self.plan_asked(function, item, vm)? else { return Ok(None) };
        Ok(Some((entry, self.call_helper(&helpers::containers::list_0(), &[]))))
    }

    /// The call of a function of keys, or of an instance with a `__call__`, for an element. `None`: it is not inlined.
    fn plan_asked(
        &mut self,
        function: Operand,
        element: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<super::calls::Entry>> {
        let Some(object) = function.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let Some(method) = method_of(object, "__call__", vm) else { return self.plan_fed(function, &[element], vm) };
        if !self.guard_instance(function, object, object.class(), vm)? {
            return Ok(None);
        }
        let call = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        self.plan_fed(call, &[function, element], vm)
    }

    /// What a builtin makes of the keys. `None`: that is not known, or it is another builtin.
    fn order(&self, builtin: Builtin, args: &[Operand], names: &[String]) -> Option<Order> {
        let mut others = names.iter().zip(&args[1..]).filter(|(name, _)| *name != "key");
        match (builtin, others.next(), others.next()) {
            (Builtin::Min, None, _) => Some(Order::Least),
            (Builtin::Max, None, _) => Some(Order::Greatest),
            (Builtin::Sort | Builtin::Sorted, None, _) => Some(Order::Ascending),
            (Builtin::Sort | Builtin::Sorted, Some((name, is)), None) if name == "reverse" => {
                let Sym::Val(is) = self.resolve(is.sym) else { return None };
                let is = match (self.trace.as_bool(is), self.trace.as_ref(is)) {
                    (Some(is), _) => is,
                    (None, Some(_)) if self.is_object(is, self.world.objects.true_) => true,
                    (None, Some(_)) if self.is_object(is, self.world.objects.false_) => false,
                    _ => return None,
                };
                Some(if is { Order::Descending } else { Order::Ascending })
            }
            _ => None,
        }
    }

    /// What a builtin goes through, as a list, and that list for this time. `min` and `max` go through a list itself, which
    /// may change meanwhile; `list.sort` takes all out of it.
    pub(super) fn elements_of(
        &mut self,
        builtin: Builtin,
        operand: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<(ValueId, PyObjectRef)>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let (class, types) = (object.class(), &vm.ctx.types);
        let is_list = class.is(types.list_type);
        if !is_list && !class.is(types.tuple_type) && builtin != Builtin::Sort {
            return self.gather_arg(Builtin::Sorted, operand, vm);
        }
        let all = match self.as_virtual(operand.sym) {
            Some(_) => self.reference(operand.sym)?,
            None => self.of_class(operand)?,
        };
        if is_list && builtin != Builtin::Sorted {
            let sorts = builtin == Builtin::Sort;
            let copy = |list: &PyObject| {
                vm.ctx.new_list(list.downcast_ref::<PyList>().map_or_else(Vec::new, |list| list.borrow_vec().to_vec()))
            };
            return Ok(Some((all, if sorts { copy(object).into() } else { object.to_owned() })));
        }
        if builtin == Builtin::Sort {
            return Ok(None);
        }
        let Ok(elements) = object.try_to_value::<Vec<PyObjectRef>>(vm) else { return Ok(None) };
        let list = self.call_helper(&gathering::gather_plain(), &[all]);
        Ok(Some((list, vm.ctx.new_list(elements).into())))
    }

    /// The next key is asked for, or the builtin has all of them. `asked` is the feeder of this time.
    fn feed_on(&mut self, op: decode::Op, feeder: usize, asked: &Feeder, vm: &VirtualMachine) -> Res {
        self.last = Some((op, self.trace.body.len()));
        self.capture(op.start);
        let (keys, all) = (self.field_value(feeder, KEYS)?, self.field_value(feeder, ELEMENTS)?);
        let (at, length) = (self.op(Op::ListLen, &[keys]), self.op(Op::ListLen, &[all]));
        let is_more = self.op(Op::LtInt, &[at, length]);
        let next = element(asked.elements(), asked.count());
        self.guard_bool(is_more, next.is_some());
        let Some(next) = next else {
            let order = self.field_value(feeder, ORDER)?;
            let place = self.top_ref().stack.len() - op.call_entries();
            let result = match self.top_ref().stack[place + 1] {
                _ if self.order_of(feeder) == AS_LIST => keys,
                _ if self.order_of(feeder) < 0 => {
                    let builtin = self.reference(self.top_ref().stack[place])?;
                    match self.top_ref().stack[place + 1] {
                        Sym::Empty => self.call_helper(&helpers::leaf_1(), &[builtin, keys]),
                        text => {
                            let text = self.reference(text)?;
                            self.call_helper(&helpers::leaf_2(), &[builtin, text, keys])
                        }
                    }
                }
                Sym::Empty => self.call_helper(&helpers::ordering::order_by_keys(), &[order, all, keys]),
                list => {
                    let list = self.reference(list)?;
                    self.call_helper(&helpers::ordering::sort_by_keys(), &[order, all, keys, list]);
                    self.none()
                }
            };
            self.replace(op.call_entries(), Sym::Val(result));
            self.top().next = op.end;
            return Ok(());
        };
        let item = self.op(Op::ListGet, &[all, at]);
        let item = Operand::new(Sym::Val(item), Some(&next));
        let function = asked.function();
        let callable = Operand::new(self.field(feeder, FUNCTION), Some(function));
        match self.plan_asked(callable, item, vm)? {
            Some(entry) => self.enter_fed(op, entry, vm),
            None => Err(self.not_fed(function, "a function of keys that is not inlined", vm)),
        }
    }

    /// The order of a feeder, or what is in its place.
    fn order_of(&self, feeder: usize) -> i64 {
        let Sym::Val(order) = self.field(feeder, ORDER) else { return 0 };
        self.trace.as_int(order).unwrap_or(0)
    }

    fn enter_fed(&mut self, op: decode::Op, entry: super::calls::Entry, vm: &VirtualMachine) -> Res {
        let top = self.top();
        top.call = op.start;
        top.pops = op.call_takes();
        top.next = op.end;
        self.watch(entry.code(), vm)?;
        self.pending = Pending::Enter(entry);
        Ok(())
    }

    /// The feeder whose function's frame is the innermost one.
    pub(super) fn feeder(&self) -> Option<usize> {
        let [.., outer, _] = &self.frames[..] else { return None };
        let calls = |op: &decode::Op| matches!(op.opcode, Opcode::Call | Opcode::CallKw);
        let op = outer.code.instruction_at(outer.call).filter(calls)?;
        let operands = &outer.stack[outer.stack.len().checked_sub(op.call_entries())?..];
        let feeder = |sym| match self.as_virtual(sym) {
            Some((index, VirtualKind::Feeder)) => Some(index),
            _ => None,
        };
        operands.iter().find_map(|&sym| match self.as_virtual(sym) {
            Some((index, VirtualKind::Map)) => feeder(self.field(index, 0)),
            _ => feeder(sym),
        })
    }

    /// RETURN_VALUE of a function of keys.
    pub(super) fn return_key(&mut self, op: decode::Op, feeder: usize, vm: &VirtualMachine) -> Res<Flow> {
        let key = self.peek(0)?;
        let Some(asked) = Feeder::innermost() else { return Err(Abort::new(Reason::LostPosition)) };
        self.capture(op.start);
        // (Who makes a list or tuple looks at nothing that it gets.)
        if !matches!(self.order_of(feeder), AS_LIST | AS_TUPLE)
            && let Err(abort) = self.guard_plain(key.sym, key.object())
        {
            return Err(self.not_fed(asked.function(), abort.detail.as_deref().unwrap_or_default(), vm));
        }
        let (keys, key) = (self.field_value(feeder, KEYS)?, self.reference(key.sym)?);
        self.call_helper(&helpers::list_append(), &[keys, key]);
        self.note_finalises();
        self.leave_entries(self.frames.len() - 1)?;
        let Some(callee) = self.frames.pop() else { return Err(Abort::new(Reason::LostPosition)) };
        let Some(call) = self.top_ref().code.instruction_at(self.top_ref().call) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        self.capture(call.start);
        for sym in callee.locals {
            self.give_up(sym)?;
        }
        if std::mem::take(&mut self.finalises) {
            self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
        }
        self.feed_on(call, feeder, &asked, vm)?;
        Ok(Flow::Continue)
    }

    /// A function of keys has begun. True: its start is the header of the loop.
    pub(super) fn begins_loop(&mut self, unit: u32) -> Res<bool> {
        if !std::mem::take(&mut self.is_fed) || !self.world.merges || self.caught.is_some() {
            return Ok(false);
        }
        let times = self.passed.entry((self.top_ref().code.key(), unit)).or_default();
        *times += 1;
        if *times > MAX_UNROLLED {
            let key = self.top_ref().code.key();
            self.world.unfed.borrow_mut().insert(key);
            let detail = format!("{MAX_UNROLLED} keys were asked for");
            return Err(Abort::with(Reason::InnerLoopNotCompiled, detail));
        }
        Ok(true)
    }

    fn may_be_fed(&self, code: CodeKey) -> bool {
        !self.world.unfed.borrow().contains(&code)
    }

    /// The builtins that ask this function are called as they are from now on.
    fn not_fed(&self, function: &PyObject, why: &str, vm: &VirtualMachine) -> Abort {
        if let Some(code) = asked_code(function, vm) {
            self.world.unfed.borrow_mut().insert(CodeKey::of(&code));
        }
        Abort::with(Reason::UnsupportedCall, why)
    }
}

/// What a builtin makes of what a `map` gives, if it takes all of that and runs no Python code when these are plain values.
fn use_of(builtin: Builtin) -> Option<i64> {
    match builtin {
        Builtin::List => Some(AS_LIST),
        Builtin::Tuple => Some(AS_TUPLE),
        Builtin::Set | Builtin::FrozenSet | Builtin::Sorted | Builtin::Sum => Some(AS_GIVEN),
        Builtin::Min | Builtin::Max | Builtin::Join => Some(AS_GIVEN),
        _ => None,
    }
}

/// The code of a function of keys, or of the `__call__` of an instance.
fn asked_code(asked: &PyObject, vm: &VirtualMachine) -> Option<PyRef<PyCode>> {
    code_of(asked, vm).or_else(|| code_of(&*method_of(asked, "__call__", vm)?, vm))
}

/// An element of a list.
fn element(list: &PyObject, number: usize) -> Option<PyObjectRef> {
    list.downcast_ref::<PyList>()?.borrow_vec().get(number).cloned()
}
