//! Functions that the trace makes, and the cells that they share variables with.
//!
//! Both are virtual: a call of a new function is inlined as that of any other, and a new cell is a variable of the trace.
//! What names such a function in a frame, or a generator that it makes, is its *body*: a constant pair of code and
//! globals. With the cells, which are among the frame's locals, an exit makes the function from it.

use rustpython_compiler_core::bytecode::{CO_FAST_CELL, MakeFunctionFlag};
use rustpython_vm::{
    AsObject, Py, PyObject, PyRef, VirtualMachine,
    builtins::{PyCode, PyFunction},
};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};
use tjit_vm::instrument;
use tjit_vm::site::SiteKind;

use super::calls::Entry;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode::CodeKey;
use crate::helpers::closures;
use crate::objects::address;

/// Where a function's parts are among the fields of its virtual object.
pub(super) mod part {
    /// Its code.
    pub const CODE: usize = 0;
    /// Its globals.
    pub const GLOBALS: usize = 1;
    /// Tuple of its defaults.
    pub const DEFAULTS: usize = 2;
    /// Dict of the defaults of keyword-only parameters.
    pub const KEYWORD_DEFAULTS: usize = 3;
    /// Tuple of its cells.
    pub const CLOSURE: usize = 4;
    /// Number of parts.
    pub const COUNT: usize = 5;
}

impl Recorder {
    /// MAKE_FUNCTION.
    pub(super) fn make_function(&mut self) -> Res {
        let code = self.peek(0)?;
        let (Some(object), Sym::Val(_)) = (code.object(), code.sym) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if object.downcast_ref::<PyCode>().is_none() {
            return Err(Abort::new(Reason::LostPosition));
        }
        let frame = self.top_ref().frame;
        let code = self.constant(object);
        let globals = self.constant(frame.globals().as_object());
        let mut fields = vec![Sym::Empty; part::COUNT];
        fields[part::CODE] = Sym::Val(code);
        fields[part::GLOBALS] = Sym::Val(globals);
        let function = self.new_virtual(VirtualKind::Function, fields);
        self.replace(1, function);
        Ok(())
    }

    /// SET_FUNCTION_ATTRIBUTE. Stack: value, function.
    pub(super) fn set_function_attribute(&mut self, arg: u32) -> Res {
        let (value, function) = (self.peek(1)?, self.peek(0)?);
        let part = match MakeFunctionFlag::try_from(arg) {
            Ok(MakeFunctionFlag::Defaults) => part::DEFAULTS,
            Ok(MakeFunctionFlag::KwOnlyDefaults) => part::KEYWORD_DEFAULTS,
            Ok(MakeFunctionFlag::Closure) => part::CLOSURE,
            _ => return Err(Abort::with(Reason::UnsupportedOpcode, "a function with annotations is made")),
        };
        let Some((index, VirtualKind::Function)) = self.as_virtual(function.sym) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        self.set_field(index, part, value.sym);
        self.replace(2, function.sym);
        Ok(())
    }

    /// The virtual function that a symbol is.
    pub(super) fn as_function(&self, sym: Sym) -> Option<usize> {
        match self.as_virtual(sym) {
            Some((index, VirtualKind::Function)) => Some(index),
            _ => None,
        }
    }

    /// What stands for a virtual function: the pair of its code and globals.
    fn body(&mut self, index: usize, vm: &VirtualMachine) -> Option<ValueId> {
        let address = |recorder: &Recorder, part| match recorder.field(index, part) {
            Sym::Val(value) => Some(recorder.trace.pool.refs[recorder.trace.as_ref(value)?.index()].addr),
            _ => None,
        };
        let body = self.world.body(address(self, part::CODE)?, address(self, part::GLOBALS)?, vm);
        Some(self.constant(&body))
    }

    /// A call of a virtual function that makes a generator; `maker` is the function itself if it exists. `None`: it is to be an
    /// object.
    pub(super) fn call_new_generator(
        &mut self,
        index: usize,
        maker: Option<ValueId>,
        function: &PyObject,
        code: &Py<PyCode>,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if !self.is_plain_generator(code) {
            return Ok(None);
        }
        let Some(locals) = self.bind_arguments(function, Some(index), code, args, names, vm)? else { return Ok(None) };
        let Some(maker) = maker.or_else(|| self.body(index, vm)) else { return Ok(None) };
        Ok(self.new_generator(maker, function, code, locals, vm))
    }

    /// Whether a function is one of several of the same code that are called in its place: one that another function makes
    /// whenever it is called. Such are told by their code, not by what they are.
    pub(super) fn is_made_anew(&self, callable: Operand, function: &Py<PyFunction>, code: &Py<PyCode>) -> bool {
        const OTHERS: usize = 0;
        if !matches!(self.resolve(callable.sym), Sym::Val(value) if self.trace.as_ref(value).is_none()) {
            return false;
        }
        let id = function.as_object().get_id();
        let mut makers = self.world.makers.borrow_mut();
        let first = makers.entry(CodeKey::of(code)).or_insert(id);
        if *first != id {
            *first = OTHERS;
        }
        *first == OTHERS
    }

    /// The parts of a real function, guarded to have this code and defaults for the same parameters. `None`, with nothing
    /// emitted: it has too many. (Those for keyword-only parameters are a tuple, in the parameters' order, with gaps.)
    pub(super) fn take_apart(
        &mut self,
        callable: Operand,
        function: &Py<PyFunction>,
        code: &Py<PyCode>,
        vm: &VirtualMachine,
    ) -> Res<Option<usize>> {
        let Ok(globals) = function.as_object().get_attr("__globals__", vm) else { return Ok(None) };
        let (code_at, globals_at) = (address(code.as_object()), address(&globals));
        let objects = &self.world.objects;
        let Some(defaults) = objects.function_defaults(function.as_object()) else { return Ok(None) };
        if !objects.has_body(function.as_object(), code_at, globals_at, defaults) {
            return Ok(None);
        }
        let value = self.reference(callable.sym)?;
        let (code_value, globals) = (self.constant(code.as_object()), self.constant(&globals));
        let number = self.trace.const_int(defaults.number());
        let is_same = self.call_helper(&closures::has_body(), &[value, code_value, globals, number]);
        self.guard_bool(is_same, true);
        let mut fields = vec![Sym::Empty; part::COUNT];
        fields[part::CODE] = Sym::Val(code_value);
        fields[part::GLOBALS] = Sym::Val(globals);
        for (part, helper, number) in [
            (part::DEFAULTS, closures::default_at(), defaults.positional as usize),
            (part::CLOSURE, closures::cell_at(), code.code.freevars.len()),
        ] {
            if number > 0 {
                let mut items = Vec::with_capacity(number);
                for place in 0..number {
                    let place = self.trace.const_int(place as i64);
                    items.push(Sym::Val(self.call_helper(&helper, &[value, place])));
                }
                fields[part] = self.new_virtual(VirtualKind::Tuple, items);
            }
        }
        if defaults.keyword_only != 0 {
            let mut items = Vec::new();
            for number in 0..code.code.kwonlyarg_count {
                let place = self.trace.const_int(number.into());
                items.push(match defaults.keyword_only >> number & 1 {
                    0 => Sym::Empty,
                    _ => Sym::Val(self.call_helper(&closures::keyword_default_at(), &[value, place])),
                });
            }
            fields[part::KEYWORD_DEFAULTS] = self.new_virtual(VirtualKind::Tuple, items);
        }
        // A name for its parts only: the function itself exists.
        match self.new_virtual(VirtualKind::Function, fields) {
            Sym::Virt(index) => Ok(Some(index)),
            _ => Ok(None),
        }
    }

    /// How to enter a virtual function. `None`: make it and call it.
    pub(super) fn plan_new_function(
        &mut self,
        index: usize,
        function: &PyObject,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Entry>> {
        let Some(code) = code_of(function, vm).filter(|code| self.may_inline(code)) else { return Ok(None) };
        let decoded = self.decoded(&code);
        if self.frames.len() > self.world.inline_depth {
            return Ok(None);
        }
        let Some(mut locals) = self.bind_arguments(function, Some(index), &code, args, names, vm)? else {
            return Ok(None);
        };
        self.wrap_in_cells(&code, &mut locals);
        let Some(body) = self.body(index, vm) else { return Ok(None) };
        Ok(Some(Entry::new(decoded, locals, body)))
    }

    /// Whether calls of a function with this code can be inlined, as far as the code says.
    pub(super) fn may_inline(&self, code: &Py<PyCode>) -> bool {
        if instrument::suspends(code) || self.world.known.is_no_inline(code.as_object()) {
            return false;
        }
        let decoded = self.decoded(code);
        let recursive = self.frames.iter().any(|shadow| shadow.code.code.is(code));
        !recursive && (self.world.merges || !decoded.has_loops()) && decoded.kind_site(SiteKind::Entry).is_some()
    }

    /// Variables that a callee shares with functions that it makes begin in new cells.
    pub(super) fn wrap_in_cells(&mut self, code: &PyCode, locals: &mut [Sym]) {
        let own = locals.len() - code.code.freevars.len();
        for (index, kind) in code.code.localspluskinds.iter().enumerate().take(own) {
            if kind & CO_FAST_CELL != 0 {
                locals[index] = self.new_virtual(VirtualKind::Cell, vec![locals[index]]);
            }
        }
    }

    /// The virtual cell in a local.
    fn virtual_cell(&mut self, local: u32) -> Option<usize> {
        let &sym = self.top_ref().locals.get(local as usize)?;
        match self.as_virtual(sym) {
            Some((index, VirtualKind::Cell)) => Some(index),
            _ => None,
        }
    }

    /// LOAD_DEREF.
    pub(super) fn load_deref(&mut self, local: u32) -> Res {
        if let Some(index) = self.virtual_cell(local) {
            let contents = self.field(index, 0);
            if contents == Sym::Empty {
                return Err(Abort::new(Reason::UnboundVariable));
            }
            self.push(contents);
            return Ok(());
        }
        let cell = self.cell(local)?;
        let value = self.op(Op::CellGet, &[cell]);
        self.push(Sym::Val(value));
        Ok(())
    }

    /// STORE_DEREF.
    pub(super) fn store_deref(&mut self, local: u32) -> Res {
        let sym = self.peek(0)?.sym;
        let cell = match self.virtual_cell(local) {
            Some(index) if !self.leads_to(sym, index) => {
                let old = self.field(index, 0);
                self.set_field(index, 0, sym);
                self.pop(1);
                return self.give_up(old);
            }
            // A function in its own cell: a circle of objects has to be made.
            Some(index) => self.reference(Sym::Virt(index))?,
            None => self.cell(local)?,
        };
        let value = self.reference(sym)?;
        self.op(Op::CellSet, &[cell, value]);
        self.pop(1);
        Ok(())
    }

    /// Whether a virtual object is among the parts of a symbol.
    fn leads_to(&self, sym: Sym, object: usize) -> bool {
        match self.as_virtual(sym) {
            Some((index, _)) => {
                index == object || self.virtuals[index].fields.iter().any(|&field| self.leads_to(field, object))
            }
            None => false,
        }
    }
}

/// The code of a Python function.
pub(super) fn code_of(function: &PyObject, vm: &VirtualMachine) -> Option<PyRef<PyCode>> {
    // (Other objects may run code when they are asked.)
    let function = function.downcast_ref::<PyFunction>()?;
    function.as_object().get_attr("__code__", vm).ok()?.downcast().ok()
}
