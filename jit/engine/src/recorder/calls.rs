//! Calls: Python functions are inlined, known builtins become operations, anything else is a residual call.

use std::rc::Rc;

use rustpython_compiler_core::bytecode::{CodeFlags, ComparisonOperator, Opcode};
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyCode, PyDict, PyFunction, PyStr, PyTuple, PyType},
};
use tjit_events::Reason;
use tjit_ir::{Op, Ty, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

use super::dicts::looks_at_caller;
use super::emit::Num;
use super::functions::{self, code_of};
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::decode::{self, CodeKey, Decoded};
use crate::helpers;
use crate::known::Builtin;

/// A call that stays a call in the trace.
pub struct NotInlined {
    /// Why.
    pub reason: Reason,
    /// What is called.
    pub callee: String,
    /// The code that calls it.
    pub code: Rc<Decoded>,
    /// The call instruction.
    pub unit: u32,
}

/// A function that is about to be entered.
pub struct Entry {
    code: Rc<Decoded>,
    locals: Vec<Sym>,
    function: ValueId,
    /// What comes of the call in place of what the function returns, which has to be None.
    result: Option<Sym>,
}

impl Entry {
    /// A call that gives what the function returns.
    pub(super) fn new(code: Rc<Decoded>, locals: Vec<Sym>, function: ValueId) -> Entry {
        Entry { code, locals, function, result: None }
    }
}

/// Whether a call was inlined.
pub(super) enum Called {
    /// It was: the callee's frame, or the result, comes next.
    Inlined,
    /// It was not.
    Not,
}

impl Recorder {
    /// CALL and CALL_KW. Stack: callable, self or null, arguments, and for CALL_KW the tuple of keyword names.
    pub(super) fn call(
        &mut self,
        op: decode::Op,
        argc: usize,
        keywords: Option<PyObjectRef>,
        vm: &VirtualMachine,
    ) -> Res<Flow> {
        let above = argc + usize::from(keywords.is_some());
        let (mut callable, mut receiver) = (self.peek(above + 1)?, self.peek(above)?);
        if let (Some((index, VirtualKind::BoundMethod)), Some(_)) = (self.as_virtual(callable.sym), receiver.object()) {
            // The VM has put its two parts on the stack.
            callable.sym = self.field(index, 0);
            receiver.sym = self.field(index, 1);
        }
        let mut args = Vec::with_capacity(argc + 1);
        if receiver.object().is_some() {
            args.push(receiver);
        }
        for n in (above - argc..above).rev() {
            args.push(self.peek(n)?);
        }
        self.call_with(op, callable, args, keywords.as_deref(), above + 2, vm)
    }

    /// CALL_FUNCTION_EX. Stack: callable, self or null, arguments in a sequence, keywords in a mapping or null.
    pub(super) fn call_ex(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        let (callable, receiver, spread, keywords) = (self.peek(3)?, self.peek(2)?, self.peek(1)?, self.peek(0)?);
        let name = callable.object().map_or_else(String::new, |object| callable_name(object, vm));
        if keywords.object().is_some() {
            return Err(Abort::with(Reason::UnsupportedCall, format!("{name} with keywords in a mapping")));
        }
        let Some(more) = self.spread(spread)? else {
            return Err(Abort::with(Reason::UnsupportedCall, format!("{name} with arguments in an iterable")));
        };
        let mut args = Vec::with_capacity(more.len() + 1);
        if receiver.object().is_some() {
            args.push(receiver);
        }
        args.extend(more);
        self.call_with(op, callable, args, None, 4, vm)
    }

    fn call_with(
        &mut self,
        op: decode::Op,
        mut callable: Operand,
        mut args: Vec<Operand>,
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Flow> {
        let Some(mut function) = callable.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.world.objects.class(function) == self.world.objects.classes.method
            && let Some([unbound, receiver]) = self.unbind(callable, vm)?
        {
            callable = unbound;
            args.insert(0, receiver);
            let Some(unbound) = unbound.object() else { return Err(Abort::new(Reason::LostPosition)) };
            function = unbound;
        }
        // A method of a builtin object, taken from it before.
        let parts = match self.as_virtual(callable.sym) {
            Some((index, VirtualKind::BoundMethod)) => Some([self.field(index, 0), self.field(index, 1)]),
            _ => None,
        };
        let (descriptor, owner);
        if let Some([Sym::Val(method), receiver]) = parts
            && let Some(id) = self.trace.as_ref(method)
            && let Ok(bound_to) = function.get_attr("__self__", vm)
        {
            // SAFETY: the pool keeps its objects alive.
            descriptor = unsafe { self.world.objects.clone_ref(self.trace.pool.refs[id.index()].addr) };
            owner = bound_to;
            callable = Operand::new(Sym::Val(method), Some(&descriptor));
            args.insert(0, Operand::new(receiver, Some(&owner)));
            function = &descriptor;
        }
        // The same of one that the trace has not taken itself.
        let bound;
        if let Sym::Val(value) = self.resolve(callable.sym)
            && self.trace.as_ref(value).is_none()
            && let Some(parts) = helpers::natives::bound_to(function, vm)
        {
            bound = parts;
            let method = self.constant(&bound.1);
            let receiver = self.call_helper(&helpers::natives::receiver(), &[value, method]);
            args.insert(0, Operand::new(Sym::Val(receiver), Some(&bound.0)));
            callable = Operand::new(Sym::Val(method), Some(&bound.1));
            function = &bound.1;
        }
        let names = keyword_names(keywords);
        if function.class().is(vm.ctx.types.function_type) {
            if let Some(generator) = self.call_generator(callable, function, &args, &names, vm)? {
                self.replace(pops, generator);
                return Ok(Flow::Continue);
            }
            if let Called::Inlined = self.inline_named(op, callable, function, &args, &names, pops, None, vm)? {
                return Ok(Flow::Continue);
            }
            return self.opaque(op, callable, &args, keywords, pops, vm);
        }
        if let Some(class) = function.downcast_ref::<PyType>()
            && let Called::Inlined = self.instantiate(op, callable, class, &args, keywords, pops, vm)?
        {
            return Ok(Flow::Continue);
        }
        if function.class().is(vm.ctx.types.wrapper_descriptor_type)
            && names.is_empty()
            && let Sym::Val(value) = self.resolve(callable.sym)
        {
            self.guard_is(value, function);
            if let Some(result) = self.call_init(function, &args, vm)? {
                self.replace(pops, result);
                return Ok(Flow::Continue);
            }
            if self.call_set_attr(op, function, &args, vm)? {
                let none = Sym::Val(self.none());
                self.replace(pops, none);
                return Ok(Flow::Continue);
            }
        }
        if self.call_protocol(op, callable, &args, keywords, pops, vm)? {
            return Ok(Flow::Continue);
        }
        if names.is_empty() {
            let builtin = self.world.known.lookup(function, vm);
            if let Some(builtin @ (Builtin::Next | Builtin::Send)) = builtin
                && self.call_resumes(op, builtin, (callable, function), &args, pops, vm)?
            {
                return Ok(Flow::Continue);
            }
            if let Some(builtin) = builtin
                && self.drive(op, builtin, (callable, function), &args, vm)?
            {
                return Ok(Flow::Continue);
            }
            if let Some(builtin) = builtin
                && let Some(result) = self.builtin(builtin, callable, function, &args, vm)?
            {
                self.replace(pops, result);
                return Ok(Flow::Continue);
            }
            if let Some(result) = self.method(callable, function, &args, vm)? {
                self.replace(pops, result);
                return Ok(Flow::Continue);
            }
            if let Some(result) = self.native(callable, function, &args, vm)? {
                self.replace(pops, result);
                return Ok(Flow::Continue);
            }
        }
        self.opaque(op, callable, &args, keywords, pops, vm)
    }

    /// Inlines a call of a Python function, for an instruction that takes `pops` entries from the stack. `init`: the call
    /// is one of `__init__` for an instance, which is what comes of it, with these keywords.
    pub(super) fn inline(
        &mut self,
        op: decode::Op,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        pops: usize,
        init: Option<(Sym, Option<&PyObject>)>,
        vm: &VirtualMachine,
    ) -> Res<Called> {
        let names = keyword_names(init.and_then(|(_, keywords)| keywords));
        self.inline_named(op, callable, function, args, &names, pops, init.map(|(instance, _)| instance), vm)
    }

    /// Inlines a call of a Python function in place of another call, with these keywords.
    pub(super) fn inline_with(
        &mut self,
        op: decode::Op,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Called> {
        self.inline_named(op, callable, function, args, &keyword_names(keywords), pops, None, vm)
    }

    fn inline_named(
        &mut self,
        op: decode::Op,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        names: &[String],
        pops: usize,
        result: Option<Sym>,
        vm: &VirtualMachine,
    ) -> Res<Called> {
        let code = function.get_attr("__code__", vm).ok().and_then(|code| code.downcast::<PyCode>().ok());
        let key = code.as_deref().map(CodeKey::of);
        let calls = result.is_none() && key.is_some_and(|key| self.calls_rather(key));
        if calls && let Called::Inlined = self.call_compiled(op, callable, function, args, names, pops, vm)? {
            return Ok(Called::Inlined);
        }
        let Some(mut entry) = self.plan_inline(callable, function, args, names, vm)? else { return Ok(Called::Not) };
        entry.result = result;
        let shadow = self.top();
        shadow.call = op.start;
        shadow.pops = pops;
        let code = entry.code.code.clone();
        self.watch(&code, vm)?;
        self.pending = Pending::Enter(entry);
        Ok(Called::Inlined)
    }

    /// A residual call of anything.
    fn opaque(
        &mut self,
        op: decode::Op,
        callable: Operand,
        args: &[Operand],
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Flow> {
        let name = callable.object().map_or_else(String::new, |object| callable_name(object, vm));
        // The names are in their dict then, and whatever is called may change them there.
        let is =
            |test: fn(&PyObject, &VirtualMachine) -> bool| callable.object().is_some_and(|object| test(object, vm));
        let is_python = callable.object().is_some_and(|object| object.downcast_ref::<PyFunction>().is_some());
        if (self.frames.len() > 1 || self.function.is_some()) && (is(looks_at_caller) || self.is_looker(callable, vm)) {
            // The frames that it gives may be kept for longer than the call.
            if is(looks_at_caller) {
                self.world.lookers.borrow_mut().insert(self.top_ref().code.key());
            }
            for shadow in &self.frames[1..] {
                self.world.known.set_no_inline(shadow.code.code.as_object());
            }
            return Err(Abort::with(Reason::OpaqueCallInInlinedFrame, name));
        }
        self.go_opaque(op)?;
        if is(looks_at_caller) {
            self.call_helper(&helpers::containers::looked_at(), &[]);
        }
        let reason = if is_python { Reason::UnknownCallee } else { Reason::NativeCallee };
        let code = self.top_ref().code.clone();
        self.not_inlined.push(NotInlined { reason, callee: name, code, unit: op.start });
        let function = self.reference(callable.sym)?;
        let result = match (keywords, args.len()) {
            (None, 0..=4) => {
                let mut operands = vec![function];
                for arg in args {
                    operands.push(self.reference(arg.sym)?);
                }
                let helper =
                    [helpers::opaque_0, helpers::opaque_1, helpers::opaque_2, helpers::opaque_3, helpers::opaque_4];
                self.call_helper(&helper[args.len()](), &operands)
            }
            _ => {
                let tuple = self.make_tuple(args.iter().map(|arg| arg.sym).collect())?;
                let names = match keywords {
                    Some(names) => self.constant(names),
                    None => self.make_tuple(Vec::new())?,
                };
                self.call_helper(&helpers::containers::opaque_many(), &[function, tuple, names])
            }
        };
        self.replace(pops, Sym::Val(result));
        Ok(Flow::Continue)
    }

    /// Whether a function was seen to ask for the frames of its callers.
    fn is_looker(&self, callable: Operand, vm: &VirtualMachine) -> bool {
        let function = callable.object().filter(|object| object.downcast_ref::<PyFunction>().is_some());
        let code = function.and_then(|function| code_of(function, vm));
        code.is_some_and(|code| self.world.lookers.borrow().contains(&CodeKey::of(&code)))
    }

    /// Decides whether a function can be inlined, and binds its arguments. `None`: make a residual call.
    fn plan_inline(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Entry>> {
        let Some(python) = function.downcast_ref::<PyFunction>() else { return Ok(None) };
        if let Some(index) = self.as_function(callable.sym) {
            return self.plan_new_function(index, function, args, names, vm);
        }
        let Some(code) = code_of(function, vm).filter(|code| self.may_inline(code)) else { return Ok(None) };
        let decoded = self.decoded(&code);
        if self.frames.len() > self.world.inline_depth {
            return Ok(None);
        }
        let Some(locals) = self.bind_arguments(function, None, &code, args, names, vm)? else { return Ok(None) };
        let Some(function) = self.guard_function(callable, python)? else { return Ok(None) };
        Ok(Some(Entry::new(decoded, locals, function)))
    }

    /// Guards that a Python function is this one, with the code and the defaults that it has now.
    fn guard_function(&mut self, callable: Operand, function: &Py<PyFunction>) -> Res<Option<ValueId>> {
        let version = function.get_version_for_current_state();
        if version == 0 {
            return Ok(None);
        }
        let value = self.reference(callable.sym)?;
        let value = self.guard_is(value, function.as_object());
        // The function is the same object; that its code and defaults are the same, its version tells.
        self.guard_function_version(value, version);
        Ok(Some(value))
    }

    /// A call of a generator function: makes a virtual generator. `None`: it is to be an object.
    pub(super) fn call_generator(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(python) = function.downcast_ref::<PyFunction>() else { return Ok(None) };
        let Some(code) = code_of(function, vm) else { return Ok(None) };
        if let Some(index) = self.as_function(callable.sym) {
            return self.call_new_generator(index, function, &code, args, names, vm);
        }
        if !self.is_plain_generator(&code) {
            return Ok(None);
        }
        let Some(locals) = self.bind_arguments(function, None, &code, args, names, vm)? else { return Ok(None) };
        let Some(maker) = self.guard_function(callable, python)? else { return Ok(None) };
        Ok(self.new_generator(maker, function, &code, locals, vm))
    }

    /// Whether a function should be called as compiled code, if it has some, rather than inlined.
    fn calls_rather(&self, code: CodeKey) -> bool {
        let is_running = self.frames.iter().any(|shadow| shadow.code.key() == code);
        is_running || self.frames.len() > self.world.inline_depth || self.world.functions.is_recursive(code)
    }

    /// Guards that a function has its code and defaults of now.
    pub(super) fn guard_function_version(&mut self, function: ValueId, version: u32) {
        let is = self.op(Op::FunctionVersion, &[function]);
        let wanted = self.trace.const_int(i64::from(version));
        let same = self.op(Op::EqInt, &[is, wanted]);
        self.guard_bool(same, true);
    }

    /// The callee's fast locals. `None` when the arguments do not fit or need more than is done here. `made` is the virtual
    /// function, when it is one.
    pub(super) fn bind_arguments(
        &mut self,
        function: &PyObject,
        made: Option<usize>,
        code_object: &PyCode,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Vec<Sym>>> {
        let code = &code_object.code;
        let parts = |recorder: &Recorder, part: usize| {
            let tuple = made.map(|index| recorder.field(index, part));
            match tuple.and_then(|tuple| recorder.as_virtual(tuple)) {
                Some((tuple, VirtualKind::Tuple)) => Some(recorder.virtuals[tuple].fields.clone()),
                _ => None,
            }
        };
        let positional = code.arg_count as usize;
        let keyword_only = code.kwonlyarg_count as usize;
        let given = args.len() - names.len();
        let mut locals = vec![Sym::Empty; code.localspluskinds.len()];
        for (n, arg) in args[..given.min(positional)].iter().enumerate() {
            locals[n] = arg.sym;
        }
        if code.flags.contains(CodeFlags::VARARGS) {
            let rest = args[given.min(positional)..given].iter().map(|arg| arg.sym).collect();
            locals[positional + keyword_only] = self.new_virtual(VirtualKind::Tuple, rest);
        } else if given > positional {
            return Ok(None);
        }
        for (name, arg) in names.iter().zip(&args[given..]) {
            let first = code.posonlyarg_count as usize;
            let found = (first..positional + keyword_only).find(|&n| code.varnames[n].to_string() == *name);
            match found {
                Some(n) if locals[n] == Sym::Empty => locals[n] = arg.sym,
                _ => return Ok(None),
            }
        }
        let missing: Vec<usize> = (0..positional + keyword_only).filter(|&n| locals[n] == Sym::Empty).collect();
        if !missing.is_empty() {
            if made.is_some_and(|index| self.field(index, functions::part::KEYWORD_DEFAULTS) != Sym::Empty) {
                return Ok(None);
            }
            let new = parts(self, functions::part::DEFAULTS);
            let is_constant = made
                .is_none_or(|index| matches!(self.field(index, functions::part::DEFAULTS), Sym::Empty | Sym::Val(_)));
            let defaults = function.get_attr("__defaults__", vm).ok();
            let keyword_defaults = function.get_attr("__kwdefaults__", vm).ok();
            for n in missing {
                if let (Some(new), true) = (&new, n < positional) {
                    let index = (n + new.len()).checked_sub(positional);
                    let Some(&default) = index.and_then(|index| new.get(index)) else { return Ok(None) };
                    locals[n] = default;
                    continue;
                }
                if !is_constant {
                    return Ok(None);
                }
                let default: Option<PyObjectRef> = if n < positional {
                    defaults.as_ref().and_then(|defaults| {
                        let defaults = defaults.downcast_ref::<PyTuple>()?.as_slice();
                        defaults.get((n + defaults.len()).checked_sub(positional)?).cloned()
                    })
                } else {
                    keyword_defaults.as_ref().and_then(|defaults| {
                        let defaults = defaults.downcast_ref::<PyDict>()?;
                        defaults.get_item_opt(code.varnames[n].as_object(), vm).ok().flatten()
                    })
                };
                let Some(default) = default else { return Ok(None) };
                locals[n] = self.constant_sym(&default);
            }
        }
        self.wrap_in_cells(code_object, &mut locals);
        if made.is_some() && !code.freevars.is_empty() {
            let Some(closure) = parts(self, functions::part::CLOSURE) else { return Ok(None) };
            let first = locals.len() - code.freevars.len();
            locals[first..].copy_from_slice(&closure);
        } else if !code.freevars.is_empty() {
            let Some(closure) = function.get_attr("__closure__", vm).ok() else { return Ok(None) };
            let Some(closure) = closure.downcast_ref::<PyTuple>() else { return Ok(None) };
            let first = locals.len() - code.freevars.len();
            for (n, cell) in closure.as_slice().iter().enumerate() {
                locals[first + n] = Sym::Val(self.constant(cell));
            }
        }
        Ok(Some(locals))
    }

    /// The frame of an inlined function has reported for the first time.
    pub(super) fn enter(&mut self, entry: Entry, frame: Frame, _vm: &VirtualMachine) -> Res {
        if !frame.code().is(&entry.code.code) {
            return Err(Abort::with(Reason::LostPosition, "a call entered another function"));
        }
        self.take_operands();
        let caller = self.top();
        let taken = caller.stack.len().saturating_sub(caller.pops);
        if let Some(result) = entry.result {
            caller.stack[taken] = result;
        }
        let first = entry.code.first(Opcode::Resume).unwrap_or(0);
        self.push_frame(entry.code, frame, entry.locals, Vec::new(), first, Some(entry.function));
        Ok(())
    }

    /// What a call takes from the stack is in the callee's locals now. An exit puts fillers there.
    pub(super) fn take_operands(&mut self) {
        let caller = self.top();
        let taken = caller.stack.len().saturating_sub(caller.pops);
        let names = caller.code.instruction_at(caller.call).is_some_and(|op| op.opcode == Opcode::CallKw);
        let end = caller.stack.len() - usize::from(names);
        caller.stack[taken..end].iter_mut().filter(|sym| **sym != Sym::Empty).for_each(|sym| *sym = Sym::Kept);
    }

    /// An inlined function has returned.
    pub(super) fn return_to_caller(&mut self, result: Sym, callee: &Decoded, locals: Vec<Sym>) -> Res {
        self.join_next = callee.flow().has_several_returns();
        let pops = self.top_ref().pops;
        let stack = &self.top_ref().stack;
        let instead = stack.get(stack.len() - pops).copied().filter(|&sym| sym != Sym::Kept);
        let result = match instead {
            Some(instance) => {
                let none = self.none();
                if result != Sym::Val(none) {
                    return Err(Abort::with(Reason::UnsupportedCall, "an __init__ that returns something"));
                }
                instance
            }
            None => result,
        };
        let top = self.top_ref();
        if top.code.instruction_at(top.call).is_some_and(|op| !op.call_gives()) {
            self.pop(pops);
            self.give_up(result)?;
        } else {
            self.replace(pops, result);
        }
        // The callee's locals went with its frame.
        for sym in locals {
            self.give_up(sym)?;
        }
        if std::mem::take(&mut self.finalises) {
            self.emit_unit(Op::Finalised, &[], tjit_ir::Imm::None);
        }
        Ok(())
    }

    /// A builtin with a translation. `None`: this case has none.
    fn builtin(
        &mut self,
        builtin: Builtin,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let result = match (builtin, args) {
            (Builtin::Abs, [a]) => self.num(*a)?.and_then(|num| self.abs(num)),
            (Builtin::Bool, [a]) => Some(self.truth(*a)?),
            (Builtin::Int, [a]) => self.num(*a)?.and_then(|num| self.int_from(num)),
            (Builtin::Float, [a]) => self.num(*a)?.map(|num| self.float_of(num).0),
            (Builtin::Round, [a]) => match self.num(*a)? {
                Some(Num::Float(value, is)) if is.round_ties_even().abs() < 9e18 => {
                    Some(self.call_helper(&helpers::round_float(), &[value]))
                }
                Some(Num::Int(value, _)) => Some(value),
                _ => None,
            },
            (Builtin::Trunc, [a]) => self.num(*a)?.and_then(|num| self.int_from(num)),
            (Builtin::Floor | Builtin::Ceil, [a]) => match self.num(*a)? {
                Some(Num::Float(value, is)) if is.abs() < 9e18 => {
                    let op = if builtin == Builtin::Floor { Op::FloorFloat } else { Op::CeilFloat };
                    let whole = self.op(op, &[value]);
                    Some(self.float_to_int(whole))
                }
                Some(Num::Int(value, _)) => Some(value),
                _ => None,
            },
            (Builtin::Fabs, [a]) => self.num(*a)?.map(|num| {
                let (value, _) = self.float_of(num);
                self.op(Op::AbsFloat, &[value])
            }),
            (Builtin::Sqrt, [a]) => match self.num(*a)? {
                Some(num) => {
                    let (value, is) = self.float_of(num);
                    if is.is_nan() || is < 0.0 {
                        return Ok(None);
                    }
                    let zero = self.trace.const_float(0.0);
                    let inside = self.op(Op::GeFloat, &[value, zero]);
                    self.guard_bool(inside, true);
                    Some(self.op(Op::SqrtFloat, &[value]))
                }
                None => None,
            },
            (Builtin::Isqrt, [a]) => match self.num(*a)? {
                Some(num @ Num::Int(_, 0..)) => {
                    let (value, _) = self.int_of(num).expect("an int");
                    Some(self.call_helper(&helpers::isqrt(), &[value]))
                }
                _ => None,
            },
            (Builtin::Gcd, [a, b]) => match (self.num(*a)?, self.num(*b)?) {
                (Some(a), Some(b)) => match (self.int_of(a), self.int_of(b)) {
                    (Some((a, _)), Some((b, _))) => Some(self.call_helper(&helpers::gcd(), &[a, b])),
                    _ => None,
                },
                _ => None,
            },
            (Builtin::Len, [a]) => self.len(*a)?,
            (Builtin::Chr, [a]) => self.chr(*a)?,
            (Builtin::Ord, [a]) => self.ord(*a)?,
            (Builtin::Str, [a]) => match self.text_of(*a, vm) {
                Some((only, only_is)) => self.as_text(Operand::new(only, Some(&only_is)))?,
                None => self.as_text(*a)?,
            },
            (Builtin::Type, [a]) => return self.class_of(*a),
            (Builtin::IsInstance, [a, class]) => self.is_instance(*a, *class, vm)?,
            (Builtin::Min | Builtin::Max, [first, rest @ ..]) if !rest.is_empty() => {
                return self.extreme(builtin == Builtin::Max, *first, rest);
            }
            (Builtin::Divmod, [a, b]) => return self.divmod(*a, *b),
            (Builtin::Range, args) => return self.range(args),
            (Builtin::Enumerate, [a, rest @ ..]) if rest.len() <= 1 => {
                let start = match rest.first() {
                    Some(start) => match self.num(*start)? {
                        Some(Num::Int(start, _)) => start,
                        _ => return Ok(None),
                    },
                    None => self.trace.const_int(0),
                };
                let Some(inner) = self.iterate(*a)? else { return Ok(None) };
                return Ok(Some(self.new_virtual(VirtualKind::Enumerate, vec![inner, Sym::Val(start)])));
            }
            (Builtin::Zip, args) if !args.is_empty() => {
                let inner = args.iter().map(|arg| self.iterate(*arg)).collect::<Res<Option<Vec<_>>>>()?;
                return Ok(inner.map(|inner| self.new_virtual(VirtualKind::Zip, inner)));
            }
            (Builtin::Reversed, [a]) => return self.reversed(*a),
            _ => None,
        };
        match result {
            Some(value) => Ok(Some(Sym::Val(value))),
            None if builtin == Builtin::Leaf || self.leaf_fallback(builtin) => self.leaf_call(function, args),
            None => Ok(None),
        }
    }

    fn leaf_fallback(&self, builtin: Builtin) -> bool {
        !matches!(
            builtin,
            Builtin::All
                | Builtin::Any
                | Builtin::Enumerate
                | Builtin::FrozenSet
                | Builtin::IsInstance
                | Builtin::Join
                | Builtin::List
                | Builtin::Next
                | Builtin::Range
                | Builtin::Reversed
                | Builtin::Set
                | Builtin::Sorted
                | Builtin::Sum
                | Builtin::Tuple
                | Builtin::Type
                | Builtin::Zip
        )
    }

    /// A call of a builtin that runs no Python code, because all arguments are of leaf classes.
    fn leaf_call(&mut self, function: &PyObject, args: &[Operand]) -> Res<Option<Sym>> {
        let helper = match args.len() {
            0 => helpers::leaf_0(),
            1 => helpers::leaf_1(),
            2 => helpers::leaf_2(),
            3 => helpers::leaf_3(),
            _ => return Ok(None),
        };
        let mut operands = vec![self.constant(function)];
        for arg in args {
            let Some(object) = arg.object() else { return Ok(None) };
            if !self.is_leaf(object) {
                return Ok(None);
            }
            let value = self.reference(arg.sym)?;
            self.guard_class(value, object);
            operands.push(value);
        }
        Ok(Some(Sym::Val(self.call_helper(&helper, &operands))))
    }

    /// Methods of builtin classes: `list.append`, and those of leaf classes.
    fn method(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if !function.class().is(vm.ctx.types.method_descriptor_type) {
            return Ok(None);
        }
        let Sym::Val(value) = self.resolve(callable.sym) else { return Ok(None) };
        let [receiver, rest @ ..] = args else { return Ok(None) };
        let Some(object) = receiver.object() else { return Ok(None) };
        let class = self.world.objects.class(object);
        if class == self.world.objects.classes.list {
            self.guard_is(value, function);
            return self.list_method(function, *receiver, rest, vm);
        }
        if object.class().fast_issubclass(vm.ctx.types.dict_type) {
            self.guard_is(value, function);
            return self.dict_method(function, *receiver, rest, vm);
        }
        if class == self.world.objects.classes.set {
            self.guard_is(value, function);
            return self.set_method(function, *receiver, rest, vm);
        }
        if class == self.world.objects.classes.str {
            self.guard_is(value, function);
            if let Some(answer) = self.str_question(function, *receiver, rest, vm)? {
                return Ok(Some(answer));
            }
            return self.leaf_call(function, args);
        }
        Ok(None)
    }

    fn abs(&mut self, num: Num) -> Option<ValueId> {
        match num {
            Num::Float(value, _) => Some(self.op(Op::AbsFloat, &[value])),
            num => match self.int_of(num)? {
                (_, i64::MIN) => None,
                (value, _) => Some(self.op(Op::AbsOvf, &[value])),
            },
        }
    }

    fn int_from(&mut self, num: Num) -> Option<ValueId> {
        match num {
            Num::Float(value, is) if is.abs() < 9e18 => Some(self.float_to_int(value)),
            Num::Float(..) => None,
            num => self.int_of(num).map(|(value, _)| value),
        }
    }

    pub(super) fn len(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(operand.sym) {
            let len = self.virtuals[index].fields.len() as i64;
            return Ok(Some(self.trace.const_int(len)));
        }
        let Some(object) = operand.object() else { return Ok(None) };
        if let Some(range) = self.range_of(operand)? {
            let [_, _, length] = self.range_shape(range, object)?;
            return Ok(Some(length));
        }
        let class = self.world.objects.class(object);
        let classes = &self.world.objects.classes;
        let (list, tuple) = (classes.list, classes.tuple);
        let counted = [classes.str, classes.bytes, classes.dict, classes.set, classes.frozenset].contains(&class)
            || crate::natives::is_counted(object);
        if class != list && class != tuple && !counted {
            return Ok(None);
        }
        let value = self.reference(operand.sym)?;
        self.guard_class(value, object);
        Ok(Some(if class == list {
            self.op(Op::ListLen, &[value])
        } else if class == tuple {
            self.op(Op::TupleLen, &[value])
        } else if self.is_str(object) {
            self.call_helper(&helpers::text::str_length(), &[value])
        } else {
            self.call_helper(&helpers::length(), &[value])
        }))
    }

    /// `isinstance` with plain classes: the guarded class of the object decides.
    fn is_instance(&mut self, operand: Operand, class: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        let (Some(object), Some(class_object)) = (operand.object(), class.object()) else { return Ok(None) };
        let classes = match class_object.downcast_ref::<PyTuple>() {
            Some(tuple) => tuple.as_slice().to_vec(),
            None => vec![class_object.to_owned()],
        };
        // A class of another metaclass may answer for itself, unless it is the object's very class.
        let is_plain = |class: &PyObjectRef| {
            class.downcast_ref::<PyType>().is_some_and(|of| of.class().is(vm.ctx.types.type_type))
        };
        let exactly = classes.iter().position(|class| class.is(object.class())).unwrap_or(classes.len());
        if !classes[..exactly].iter().all(is_plain) {
            return Ok(None);
        }
        match self.as_virtual(class.sym) {
            Some((index, VirtualKind::Tuple)) => {
                let fields = self.virtuals[index].fields.clone();
                for (field, class) in fields.into_iter().zip(&classes) {
                    let value = self.reference(field)?;
                    self.guard_is(value, class);
                }
            }
            _ => {
                let class_value = self.reference(class.sym)?;
                self.guard_is(class_value, class_object);
            }
        }
        match self.resolve(operand.sym) {
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref => self.guard_class(value, object),
            Sym::Val(_) | Sym::Virt(_) => {}
            Sym::Kept | Sym::Empty => return Ok(None),
        }
        // An instance can claim another class by __class__; an exact builtin cannot.
        let is = exactly < classes.len()
            || classes.iter().filter_map(|class| class.downcast_ref::<PyType>()).any(|of| object.fast_isinstance(of));
        if !is && object.class().slots.flags.has_feature(rustpython_vm::types::PyTypeFlags::HEAPTYPE) {
            return Ok(None);
        }
        Ok(Some(self.trace.const_bool(is)))
    }

    /// `min` and `max` of numbers: the first that none of the later ones beats.
    fn extreme(&mut self, max: bool, first: Operand, rest: &[Operand]) -> Res<Option<Sym>> {
        let Some(mut best) = self.num(first)? else { return Ok(None) };
        let operator = if max { ComparisonOperator::Greater } else { ComparisonOperator::Less };
        for operand in rest {
            let Some(num) = self.num(*operand)? else { return Ok(None) };
            best = match (best, num) {
                (Num::Int(a, a_is), Num::Int(b, b_is)) => {
                    let op = if max { Op::MaxInt } else { Op::MinInt };
                    Num::Int(self.op(op, &[a, b]), if max { a_is.max(b_is) } else { a_is.min(b_is) })
                }
                (Num::Float(a, a_is), Num::Float(b, b_is)) => {
                    let beats = self.compare_nums(operator, num, best)?;
                    let value = self.op(Op::SelectFloat, &[beats, b, a]);
                    let is = if max { b_is > a_is } else { b_is < a_is };
                    Num::Float(value, if is { b_is } else { a_is })
                }
                _ => {
                    // The classes differ, so the class of the result depends on the outcome.
                    let beats = self.compare_nums(operator, num, best)?;
                    let (a, b) = (as_f64(best), as_f64(num));
                    let is = if max { b > a } else { b < a };
                    self.guard_bool(beats, is);
                    if is { num } else { best }
                }
            };
        }
        Ok(Some(Sym::Val(match best {
            Num::Int(value, _) | Num::Float(value, _) | Num::Bool(value, _) => value,
        })))
    }

    fn divmod(&mut self, a: Operand, b: Operand) -> Res<Option<Sym>> {
        let (Some(x), Some(y)) = (self.num(a)?, self.num(b)?) else { return Ok(None) };
        let (Some((x, x_is)), Some((y, y_is))) = (self.int_of(x), self.int_of(y)) else { return Ok(None) };
        if x_is.checked_div(y_is).is_none() {
            return Ok(None);
        }
        let quotient = self.op(Op::FloorDivOvf, &[x, y]);
        let remainder = self.op(Op::ModOvf, &[x, y]);
        Ok(Some(self.new_virtual(VirtualKind::Tuple, vec![Sym::Val(quotient), Sym::Val(remainder)])))
    }
}

fn as_f64(num: Num) -> f64 {
    match num {
        Num::Int(_, is) => is as f64,
        Num::Float(_, is) => is,
        Num::Bool(_, is) => f64::from(u8::from(is)),
    }
}

fn keyword_names(names: Option<&PyObject>) -> Vec<String> {
    let tuple = names.and_then(|names| names.downcast_ref::<PyTuple>());
    let names = tuple.map(|tuple| tuple.as_slice()).unwrap_or_default();
    names.iter().filter_map(|name| name.downcast_ref::<PyStr>()).map(ToString::to_string).collect()
}

fn callable_name(callable: &PyObject, vm: &VirtualMachine) -> String {
    let builtin = callable.class().is(vm.ctx.types.function_type)
        || callable.class().is(vm.ctx.types.builtin_function_or_method_type);
    // Other objects may compute their name by Python code.
    let name = if builtin { callable.get_attr("__qualname__", vm).ok() } else { None };
    match (name.as_ref().and_then(|name| name.downcast_ref::<PyStr>()), callable.downcast_ref::<PyType>()) {
        (Some(name), _) => name.to_string(),
        (None, Some(class)) => format!("class {}", class.name()),
        (None, None) => format!("{} object", callable.class().name()),
    }
}
