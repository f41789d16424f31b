//! Calls: Python functions are inlined, known builtins become operations, anything else is a residual call.

use std::rc::Rc;

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyCode, PyFunction, PyStr, PyTuple, PyType},
};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

use super::arguments::keyword_names;
use super::dicts::looks_at_caller;
use super::functions::code_of;
use super::gathering::takes_all;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::caches;
use crate::decode::{self, CodeKey, Decoded};
use crate::engine::iterators;
use crate::helpers;
use crate::known::Builtin;

/// Branches with which a function is called rather than inlined: each copy would need bridges of its own.
const MANY_BRANCHES: usize = 16;

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
    /// A builtin calls it, whose operands stay on the stack.
    is_fed: bool,
}

impl Entry {
    /// A call that gives what the function returns.
    pub(super) fn new(code: Rc<Decoded>, locals: Vec<Sym>, function: ValueId) -> Entry {
        Entry { code, locals, function, result: None, is_fed: false }
    }

    /// The code that is entered.
    pub(super) fn code(&self) -> &Py<PyCode> {
        &self.code.code
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
        let named = match keywords.object() {
            None => None,
            Some(_) => match self.spread_keywords(keywords, vm)? {
                Some(named) => Some(named),
                None => return Err(Abort::with(Reason::UnsupportedCall, format!("{name} with keywords in a mapping"))),
            },
        };
        let Some(more) = self.spread(spread)? else {
            if named.is_none() && self.call_iterated(op, callable, receiver, spread, vm)? {
                return Ok(Flow::Continue);
            }
            return Err(Abort::with(Reason::UnsupportedCall, format!("{name} with arguments in an iterable")));
        };
        let mut args = Vec::with_capacity(more.len() + 1);
        if receiver.object().is_some() {
            args.push(receiver);
        }
        args.extend(more);
        let Some((names, values)) = named else { return self.call_with(op, callable, args, None, 4, vm) };
        args.extend(values);
        let names = Some(&*names).filter(|_| !keyword_names(Some(&names)).is_empty());
        self.call_with(op, callable, args, names, 4, vm)
    }

    pub(super) fn call_with(
        &mut self,
        op: decode::Op,
        mut callable: Operand,
        mut args: Vec<Operand>,
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<Flow> {
        let Some(mut function) = callable.object() else { return Err(Abort::new(Reason::LostPosition)) };
        caches::see(function, &self.world.objects, vm);
        iterators::see(function, vm);
        if self.takes_any {
            self.note_megamorphic(op);
            return self.opaque(op, callable, &args, keywords, pops, vm);
        }
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
        if let Some([method, receiver]) = parts
            && let Some(constant) = self.constant_object(method)
            && let Ok(bound_to) = function.get_attr("__self__", vm)
        {
            (descriptor, owner) = (constant, bound_to);
            callable = Operand::new(method, Some(&descriptor));
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
        // What a dict of a derived class begins with is gathered in a dict, and nothing else of it is made.
        let entries: PyObjectRef = vm.ctx.new_dict().into();
        if names.is_empty()
            && let [_, pairs] = &mut args[..]
            && is_dict_init(function, vm)
        {
            let class = vm.ctx.types.dict_type.as_object();
            let dict = Operand::new(Sym::Val(self.constant(class)), Some(class));
            if let Some(gathered) = self.gather_all(dict, class, &[*pairs], vm)? {
                *pairs = Operand::new(gathered, Some(&entries));
            }
        }
        if self.call_protocol(op, callable, &args, keywords, pops, vm)? {
            return Ok(Flow::Continue);
        }
        if let Some(instead) = self.call_partial(callable, &args, keywords, vm)? {
            let function = Operand::new(Sym::Val(self.constant(&instead.function)), Some(&instead.function));
            let names = Some(&*instead.names).filter(|_| !keyword_names(Some(&instead.names)).is_empty());
            return self.call_with(op, function, instead.args, names, pops, vm);
        }
        if !names.is_empty() && self.feed(op, (callable, function), &args, &names, vm)? {
            return Ok(Flow::Continue);
        }
        if names.is_empty() && self.feed_map(op, (callable, function), &args, vm)? {
            return Ok(Flow::Continue);
        }
        if names.is_empty() {
            let builtin = self.world.known.lookup(function, vm);
            let gathered;
            if let Some(builtin) = builtin
                && takes_all(builtin, args.len())
                && let Some(last) = args.last_mut()
                && let Some((list, elements)) = self.gather_arg(builtin, *last, vm)?
            {
                if builtin == Builtin::List {
                    let value = self.reference(callable.sym)?;
                    self.guard_is(value, function);
                    self.replace(pops, Sym::Val(list));
                    return Ok(Flow::Continue);
                }
                gathered = elements;
                *last = Operand::new(Sym::Val(list), Some(&gathered));
            }
            if let Some(builtin @ (Builtin::Next | Builtin::Send)) = builtin
                && self.call_resumes(op, builtin, (callable, function), &args, pops, vm)?
            {
                return Ok(Flow::Continue);
            }
            if let Some(builtin) = builtin
                && self.reflect(op, builtin, callable, &args, pops, vm)?
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
            if let Some(result) = self.new_tuple_of(function, callable, &args, vm)? {
                self.replace(pops, result);
                return Ok(Flow::Continue);
            }
            if let Some(result) = self.new_instance_of(function, callable, &args, vm)? {
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
        let keys = keywords.and_then(|names| names.downcast_ref::<PyTuple>()).map_or(&[][..], |names| names.as_slice());
        if let Some(dict) = self.dict_of_names(callable, function, (&args, keys), vm)? {
            self.replace(pops, dict);
            return Ok(Flow::Continue);
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
        if op.call_entries() == 0 {
            // An exit inside would have no place for what goes on there.
            return Ok(Called::Not);
        }
        let calls = result.is_none() && code_of(function, vm).is_some_and(|code| self.calls_rather(&code));
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

    /// Whether a callee looks at frames, as far as is known.
    pub(super) fn looks_at_frames(&self, callable: Operand, vm: &VirtualMachine) -> bool {
        callable.object().is_none_or(|object| looks_at_caller(object, vm)) || self.is_looker(callable, vm)
    }

    /// Whether a function was seen to ask for the frames of its callers.
    fn is_looker(&self, callable: Operand, vm: &VirtualMachine) -> bool {
        let function = callable.object().filter(|object| object.downcast_ref::<PyFunction>().is_some());
        let code = function.and_then(|function| code_of(function, vm));
        code.is_some_and(|code| self.world.lookers.borrow().contains(&CodeKey::of(&code)))
    }

    /// As [`Recorder::plan_inline`], of a call that a builtin makes.
    pub(super) fn plan_fed(&mut self, callable: Operand, args: &[Operand], vm: &VirtualMachine) -> Res<Option<Entry>> {
        let Some(function) = callable.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let entry = self.plan_inline(callable, function, args, &[], vm)?;
        Ok(entry.map(|entry| Entry { is_fed: true, ..entry }))
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
        if self.is_made_anew(callable, python, &code)
            && let Some(index) = self.take_apart(callable, python, &code, vm)?
        {
            return self.plan_new_function(index, function, args, names, vm);
        }
        let Some(mut locals) = self.bind_arguments(function, None, &code, args, names, vm)? else { return Ok(None) };
        self.wrap_in_cells(&code, &mut locals);
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
            return self.call_new_generator(index, None, function, &code, args, names, vm);
        }
        if !self.is_plain_generator(&code) {
            return Ok(None);
        }
        if self.is_made_anew(callable, python, &code)
            && let Some(index) = self.take_apart(callable, python, &code, vm)?
        {
            let maker = self.reference(callable.sym)?;
            self.functions.insert(maker);
            return self.call_new_generator(index, Some(maker), function, &code, args, names, vm);
        }
        let Some(locals) = self.bind_arguments(function, None, &code, args, names, vm)? else { return Ok(None) };
        let Some(maker) = self.guard_function(callable, python)? else { return Ok(None) };
        Ok(self.new_generator(maker, function, &code, locals, vm))
    }

    /// Whether a method in Python can be inlined, as far as can be told from its code.
    pub(super) fn may_inline_method(&self, method: &PyObject, vm: &VirtualMachine) -> bool {
        let code = code_of(method, vm).filter(|code| self.may_inline(code) && !self.calls_rather(code));
        code.is_some() && self.frames.len() <= self.world.inline_depth
    }

    /// Whether a function should be called as compiled code, if it has some, rather than inlined.
    pub(super) fn calls_rather(&self, code: &Py<PyCode>) -> bool {
        let key = CodeKey::of(code);
        self.frames.iter().any(|shadow| shadow.code.key() == key)
            || self.frames.len() > self.world.inline_depth
            || self.world.functions.is_recursive(key)
            || self.world.known.is_no_inline(code.as_object())
            || self.decoded(code).flow().branches() >= MANY_BRANCHES
    }

    /// Guards that a function has its code and defaults of now.
    pub(super) fn guard_function_version(&mut self, function: ValueId, version: u32) {
        let is = self.op(Op::FunctionVersion, &[function]);
        let wanted = self.trace.const_int(i64::from(version));
        let same = self.op(Op::EqInt, &[is, wanted]);
        self.guard_bool(same, true);
    }

    /// The frame of an inlined function has reported for the first time.
    pub(super) fn enter(&mut self, entry: Entry, frame: Frame, _vm: &VirtualMachine) -> Res {
        if !frame.code().is(&entry.code.code) {
            return Err(Abort::with(Reason::LostPosition, "a call entered another function"));
        }
        self.is_sized = false;
        if entry.is_fed {
            self.is_fed = true;
        } else {
            self.take_operands();
        }
        let caller = self.top();
        let taken = caller.stack.len().saturating_sub(caller.pops);
        if let Some(result) = entry.result {
            caller.stack[taken] = result;
        }
        let first = entry.code.first(Opcode::Resume).unwrap_or(0);
        let key = entry.code.key();
        if self.frames.iter().all(|outer| outer.code.key() != key) {
            // Another call of it has gone through its loops.
            self.passed.retain(|(code, _), _| *code != key);
        }
        self.push_frame(entry.code, frame, entry.locals, Vec::new(), first, Some(entry.function));
        Ok(())
    }

    /// An inlined function has returned.
    pub(super) fn return_to_caller(&mut self, result: Sym, callee: &Decoded, locals: Vec<Sym>) -> Res {
        self.join_next = callee.flow().has_several_returns();
        let pops = self.top_ref().pops;
        let stack = &self.top_ref().stack;
        let instead = stack.get(stack.len() - pops).copied().filter(|&sym| sym != Sym::Kept);
        let result = match instead {
            Some(_) if self.checked_by(self.top_ref()).is_some() || self.falls_back(self.top_ref()) => result,
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

/// Whether a function is what fills a new dict, whatever class that is of.
fn is_dict_init(function: &PyObject, vm: &VirtualMachine) -> bool {
    function.class().is(vm.ctx.types.wrapper_descriptor_type)
        && vm.ctx.types.dict_type.get_direct_attr(vm.ctx.intern_str("__init__")).is_some_and(|init| init.is(function))
}
