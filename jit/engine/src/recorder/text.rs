//! Exact strings: comparison, indexing, joining, and questions about characters, without a call of the VM.

use rustpython_compiler_core::bytecode::{ComparisonOperator, Opcode};
use rustpython_vm::{
    AsObject, PyObject, PyRef, VirtualMachine,
    builtins::{PyStr, descriptor::PyMethodDescriptor},
    common::wtf8::Wtf8Buf,
    vm::thread::with_current_vm,
};
use tjit_ir::{Op, Ownership, ValueId, VirtualKind};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::decode;
use crate::helpers::{text as helpers, words};
use crate::objects::address;
use crate::operators;

/// Texts that are put together while recording are no longer, in bytes.
const MAX_KNOWN: usize = 256;

impl Recorder {
    /// Whether an object is an exact str.
    pub(super) fn is_str(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.str
    }

    /// `int(a)` or `int(a, b)` of an exact str of digits. `None`: of something else.
    pub(super) fn int_in(&mut self, operand: Operand, base: Option<Operand>) -> Res<Option<ValueId>> {
        let Some(object) = operand.object().filter(|object| self.is_str(object)) else { return Ok(None) };
        let (base, is) = match base {
            None => (self.trace.const_int(10), 10),
            Some(base) => match self.num(base)? {
                Some(Num::Int(value, is)) => (value, is),
                _ => return Ok(None),
            },
        };
        if helpers::small_int(helpers::text(address(object)), is).is_none() {
            return Ok(None);
        }
        let text = self.of_class(operand)?;
        Ok(Some(self.call_helper(&helpers::int_of_str(), &[text, base])))
    }

    /// `float(a)` of an exact str of digits. `None`: of something else.
    pub(super) fn float_in(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        let Some(object) = operand.object().filter(|object| self.is_str(object)) else { return Ok(None) };
        if helpers::float_in(helpers::text(address(object))).is_none() {
            return Ok(None);
        }
        let text = self.of_class(operand)?;
        Ok(Some(self.call_helper(&helpers::float_of_str(), &[text])))
    }

    fn are_strs(&self, operands: [Operand; 2]) -> bool {
        operands.iter().all(|operand| operand.object().is_some_and(|object| self.is_str(object)))
    }

    /// What a str is whose text is the same each time.
    pub(super) fn known_text(&self, sym: Sym) -> Option<PyRef<PyStr>> {
        let constant = match self.as_virtual(sym) {
            Some((index, VirtualKind::Text)) => self.field(index, 0),
            _ => self.resolve(sym),
        };
        let text = self.constant_object(constant)?.downcast::<PyStr>().ok()?;
        self.is_str(text.as_object()).then_some(text)
    }

    /// Texts that are the same each time, one behind the other: a virtual str, as it is a new object each time.
    pub(super) fn known_join(&mut self, parts: &[Sym]) -> Option<Sym> {
        let mut text = Wtf8Buf::new();
        for &part in parts {
            text.push_wtf8(self.known_text(part)?.as_wtf8());
        }
        // (Shorter ones are the VM's own.)
        if !(2..=MAX_KNOWN).contains(&text.len()) {
            return None;
        }
        let text = with_current_vm(|vm| vm.ctx.new_str(text));
        let text = self.constant(text.as_object());
        Some(self.new_virtual(VirtualKind::Text, vec![Sym::Val(text)]))
    }

    /// A comparison of two exact strs. `None`: they are others.
    pub(super) fn compare_strs(
        &mut self,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
    ) -> Res<Option<ValueId>> {
        if !self.are_strs([a, b]) {
            return Ok(None);
        }
        if let (Some(a), Some(b)) = (self.known_text(a.sym), self.known_text(b.sym)) {
            use ComparisonOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
            let order = a.as_wtf8().cmp(b.as_wtf8());
            let holds = match operator {
                Equal => order.is_eq(),
                NotEqual => order.is_ne(),
                Less => order.is_lt(),
                LessOrEqual => order.is_le(),
                Greater => order.is_gt(),
                GreaterOrEqual => order.is_ge(),
            };
            return Ok(Some(self.trace.const_bool(holds)));
        }
        let (a, b) = (self.of_class(a)?, self.of_class(b)?);
        let compare = match operator {
            ComparisonOperator::Equal | ComparisonOperator::NotEqual => {
                let equal = self.call_helper(&helpers::str_equal(), &[a, b]);
                return Ok(Some(if operator == ComparisonOperator::Equal { equal } else { self.not(equal) }));
            }
            ComparisonOperator::Less => Op::LtInt,
            ComparisonOperator::LessOrEqual => Op::LeInt,
            ComparisonOperator::Greater => Op::GtInt,
            ComparisonOperator::GreaterOrEqual => Op::GeInt,
        };
        let order = self.call_helper(&helpers::str_order(), &[a, b]);
        let zero = self.trace.const_int(0);
        Ok(Some(self.op(compare, &[order, zero])))
    }

    /// Whether an operand of a binary operator is in the local which the next instruction stores the result in, and nowhere
    /// else: `a = a + b`.
    fn is_last_use(&self, op: decode::Op, sym: Sym) -> bool {
        let (shadow, Sym::Val(value)) = (self.top_ref(), self.resolve(sym)) else { return false };
        let stored = match shadow.code.instruction_at(op.end).map(|next| (next.opcode, next.arg)) {
            Some((Opcode::StoreFast, local)) => local as usize,
            Some((Opcode::StoreFastLoadFast, locals)) => (locals >> 4) as usize,
            _ => return false,
        };
        // What is borrowed may have no count of its own.
        if !self.trace.inst(value).op.is_param() && self.trace.ownership(value) != Ownership::Owned {
            return false;
        }
        let is = |other: &&Sym| self.resolve(**other) == self.resolve(sym);
        let slots = self.frames.iter().flat_map(|shadow| shadow.locals.iter().chain(&shadow.stack));
        let parts = self.virtuals.iter().flat_map(|object| &object.fields);
        let named = self.names.iter().map(|name| &name.sym);
        shadow.locals.get(stored).is_some_and(|local| is(&local))
            && slots.filter(is).count() == 2
            && parts.chain(named).filter(is).count() == 0
    }

    /// An operator on a str: `a + b`, `a[b]`. `None`: another one, or other operands.
    pub(super) fn str_operator(&mut self, op: decode::Op, operator: u32, a: Operand, b: Operand) -> Res<Option<Sym>> {
        if operator == 0 && self.are_strs([a, b]) {
            if let Some(text) = self.known_join(&[a.sym, b.sym]) {
                return Ok(Some(text));
            }
            let is_last = self.is_last_use(op, a.sym);
            let (a, b) = (self.of_class(a)?, self.of_class(b)?);
            let helper = if is_last && a != b { helpers::str_append() } else { helpers::str_join() };
            return Ok(Some(Sym::Val(self.call_helper(&helper, &[a, b]))));
        }
        let is_str = a.object().is_some_and(|object| self.is_str(object));
        if operator != operators::SUBSCRIPT || !is_str {
            return Ok(None);
        }
        let Some(Num::Int(index, _)) = self.num(b)? else { return Ok(None) };
        let string = self.of_class(a)?;
        Ok(Some(Sym::Val(self.call_helper(&helpers::str_item(), &[string, index]))))
    }

    /// `b in a` of exact strs. `None`: they are others.
    pub(super) fn str_has(&mut self, needle: Operand, container: Operand) -> Res<Option<ValueId>> {
        if !self.are_strs([needle, container]) {
            return Ok(None);
        }
        let (container, needle) = (self.of_class(container)?, self.of_class(needle)?);
        Ok(Some(self.call_helper(&helpers::str_has(), &[container, needle])))
    }

    /// `ord(a)` of a str of one character.
    pub(super) fn ord(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        match operand.object() {
            Some(object) if self.is_str(object) => {
                let string = self.of_class(operand)?;
                Ok(Some(self.call_helper(&helpers::str_ord(), &[string])))
            }
            _ => Ok(None),
        }
    }

    /// `chr(a)`.
    pub(super) fn chr(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        match self.num(operand)? {
            Some(Num::Int(value, _)) => Ok(Some(self.call_helper(&helpers::str_chr(), &[value]))),
            _ => Ok(None),
        }
    }

    /// `str(a)` of a small int or a str.
    pub(super) fn as_text(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        if operand.object().is_some_and(|object| self.is_str(object)) {
            return self.of_class(operand).map(Some);
        }
        match self.num(operand)? {
            Some(Num::Int(value, _)) => Ok(Some(self.call_helper(&helpers::str_of_int(), &[value]))),
            _ => Ok(None),
        }
    }

    /// A method of an exact str that asks for the kind of its characters, joins a list, fills a template, or does what
    /// `word_method` knows. `None`: another.
    pub(super) fn str_question(
        &mut self,
        function: &PyObject,
        receiver: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let method = function.downcast_ref::<PyMethodDescriptor>();
        let Some(method) = method.filter(|method| method.common.typ.is(vm.ctx.types.str_type)) else { return Ok(None) };
        let name = method.common.name.as_str();
        if let ("join", [parts]) = (name, args)
            && parts.object().is_some_and(|parts| self.is_sequence(parts))
        {
            let (separator, parts) = (self.of_class(receiver)?, self.of_class(*parts)?);
            return Ok(Some(Sym::Val(self.call_helper(&helpers::str_join_all(), &[separator, parts]))));
        }
        if name == "format"
            && let Some(result) = self.str_format(receiver, args, vm)?
        {
            return Ok(Some(result));
        }
        if let Some(result) = self.word_method(name, receiver, args)? {
            return Ok(Some(Sym::Val(result)));
        }
        let question = helpers::QUESTIONS.iter().position(|question| *question == name).filter(|_| args.is_empty());
        let Some(question) = question else { return Ok(None) };
        let string = self.of_class(receiver)?;
        let question = self.trace.const_int(question as i64);
        Ok(Some(Sym::Val(self.call_helper(&helpers::str_is(), &[string, question]))))
    }

    fn is_tuple_of_strs(&self, object: &PyObject) -> bool {
        let objects = &self.world.objects;
        objects.class(object) == objects.classes.tuple
            && objects.tuple_elements(object).all(|element| self.is_str(element))
    }

    /// A method of an exact str that makes it wider. `None`: another.
    fn padded(&mut self, name: &str, receiver: Operand, args: &[Operand]) -> Res<Option<ValueId>> {
        let how = ["ljust", "rjust", "center"].iter().position(|pad| *pad == name);
        let ([width, fill @ ..], true) = (args, how.is_some() || name == "zfill") else { return Ok(None) };
        let Some(Num::Int(width, _)) = self.num(*width)? else { return Ok(None) };
        let fill = match (how, fill) {
            (None, []) => {
                let whole = self.of_class(receiver)?;
                return Ok(Some(self.call_helper(&words::str_zfill(), &[whole, width])));
            }
            (Some(_), []) => {
                let space = with_current_vm(|vm| vm.ctx.latin1_char(b' '));
                self.constant(space.as_object())
            }
            (Some(_), [fill]) if fill.object().is_some_and(|fill| self.is_str(fill)) => self.of_class(*fill)?,
            _ => return Ok(None),
        };
        let (whole, how) = (self.of_class(receiver)?, self.trace.const_int(how.unwrap_or(0) as i64));
        Ok(Some(self.call_helper(&words::str_pad(), &[whole, width, fill, how])))
    }

    /// A method of an exact str that searches it, changes its case, strips it or takes it to pieces. `None`: another.
    fn word_method(&mut self, name: &str, receiver: Operand, args: &[Operand]) -> Res<Option<ValueId>> {
        if let Some(result) = self.padded(name, receiver, args)? {
            return Ok(Some(result));
        }
        if let ("startswith" | "endswith", [affixes]) = (name, args)
            && affixes.object().is_some_and(|affixes| self.is_tuple_of_strs(affixes))
        {
            let behind = self.trace.const_int((name == "endswith").into());
            let (whole, affixes) = (self.of_class(receiver)?, self.of_class(*affixes)?);
            return Ok(Some(self.call_helper(&words::str_meets(), &[whole, affixes, behind])));
        }
        // How often to split.
        let (args, most) = match (name, args) {
            ("split", [separator, most]) => match self.num(*most)? {
                Some(Num::Int(most, _)) => (std::slice::from_ref(separator), Some(most)),
                _ => return Ok(None),
            },
            ("split", [_]) => (args, Some(self.trace.const_int(-1))),
            _ => (args, None),
        };
        let helper = match (name, args.len()) {
            ("startswith", 1) => words::str_starts(),
            ("endswith", 1) => words::str_ends(),
            ("find", 1) => words::str_find(),
            ("rfind", 1) => words::str_rfind(),
            ("count", 1) => words::str_count(),
            ("split", 1) => words::str_split(),
            ("replace", 2) => words::str_replace(),
            ("split", 0) => words::str_words(),
            ("lower" | "upper", 0) => words::str_case(),
            ("lstrip" | "rstrip" | "strip", 0) => words::str_strip(),
            ("lstrip" | "rstrip" | "strip", 1) => words::str_strip_of(),
            ("removeprefix" | "removesuffix", 1) => words::str_remove(),
            _ => return Ok(None),
        };
        if !args.iter().all(|arg| arg.object().is_some_and(|object| self.is_str(object))) {
            return Ok(None);
        }
        let mut operands = vec![self.of_class(receiver)?];
        for arg in args {
            operands.push(self.of_class(*arg)?);
        }
        let how = match name {
            "lower" | "removeprefix" => Some(0),
            "upper" | "lstrip" | "removesuffix" => Some(1),
            "rstrip" => Some(2),
            "strip" => Some(3),
            _ => None,
        };
        operands.extend(how.map(|how| self.trace.const_int(how)));
        operands.extend(most);
        Ok(Some(self.call_helper(&helper, &operands)))
    }
}
