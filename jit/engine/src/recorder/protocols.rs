//! Operators and calls that a Python class answers itself: inlined as calls of its methods.
//!
//! The frame of the operator stands at its instruction while the method runs. An exit inside the method replaces the left
//! operand by an object that answers the operator, see [`tjit_vm::resume`].

use rustpython_compiler_core::bytecode::{CodeFlags, ComparisonOperator};
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyCode, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Op, Ty, ValueId};

use super::calls::Called;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::attributes::leaves_to;
use crate::decode;
use crate::operators;

/// The methods of the plain binary operators, by number: the left operand's, the right one's, the one in place.
const BINARY: [[&str; 3]; 13] = [
    ["__add__", "__radd__", "__iadd__"],
    ["__and__", "__rand__", "__iand__"],
    ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
    ["__lshift__", "__rlshift__", "__ilshift__"],
    ["__matmul__", "__rmatmul__", "__imatmul__"],
    ["__mul__", "__rmul__", "__imul__"],
    ["__mod__", "__rmod__", "__imod__"],
    ["__or__", "__ror__", "__ior__"],
    ["__pow__", "__rpow__", "__ipow__"],
    ["__rshift__", "__rrshift__", "__irshift__"],
    ["__sub__", "__rsub__", "__isub__"],
    ["__truediv__", "__rtruediv__", "__itruediv__"],
    ["__xor__", "__rxor__", "__ixor__"],
];

impl Recorder {
    /// A binary operator, subscripts included, that a Python class answers. False, with nothing emitted: none does.
    pub(super) fn binary_protocol(&mut self, op: decode::Op, a: Operand, b: Operand, vm: &VirtualMachine) -> Res<bool> {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        if op.arg == operators::SUBSCRIPT {
            let Some(method) = method_of(x, "__getitem__", vm) else { return Ok(false) };
            return self.ask(op, &method, a, &[a, b], vm);
        }
        let [left, right, in_place] = BINARY[operators::plain(op.arg) as usize];
        if op.arg >= operators::IN_PLACE {
            if let Some(method) = method_of(x, in_place, vm) {
                return self.ask(op, &method, a, &[a, b], vm);
            }
            if x.class().get_attr(vm.ctx.intern_str(in_place)).is_some() {
                return Ok(false);
            }
        }
        let overrides = !y.class().is(x.class()) && y.class().fast_issubclass(x.class());
        if let (Some(method), false) = (method_of(x, left, vm), overrides) {
            self.guard_other(b, y)?;
            return self.ask(op, &method, a, &[a, b], vm);
        }
        // The left operand is of a builtin class that knows nothing of the right one's.
        let is_number = self.is_number(x);
        if let (true, Some(method)) = (is_number, method_of(y, right, vm)) {
            self.guard_other(a, x)?;
            return self.ask(op, &method, b, &[b, a], vm);
        }
        Ok(false)
    }

    /// A comparison that a Python class answers, or of the identities of instances. `None`, with nothing emitted: neither.
    pub(super) fn compare_protocol(
        &mut self,
        op: decode::Op,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<Compared>> {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        let name = match operator {
            ComparisonOperator::Less => "__lt__",
            ComparisonOperator::LessOrEqual => "__le__",
            ComparisonOperator::Equal => "__eq__",
            ComparisonOperator::NotEqual => "__ne__",
            ComparisonOperator::Greater => "__gt__",
            ComparisonOperator::GreaterOrEqual => "__ge__",
        };
        let overrides = !y.class().is(x.class()) && y.class().fast_issubclass(x.class());
        if let (Some(method), false) = (method_of(x, name, vm), overrides) {
            self.guard_other(b, y)?;
            return Ok(self.ask(op, &method, a, &[a, b], vm)?.then_some(Compared::Asked));
        }
        let equality = matches!(operator, ComparisonOperator::Equal | ComparisonOperator::NotEqual);
        if !equality || !compares_identity(x.class(), vm) || !compares_identity(y.class(), vm) {
            return Ok(None);
        }
        for (operand, object) in [(a, x), (b, y)] {
            if !self.guard_instance(operand, object, object.class(), vm)? {
                return Ok(None);
            }
        }
        let (left, right) = (self.reference(a.sym)?, self.reference(b.sym)?);
        let same = self.op(Op::SameRef, &[left, right]);
        Ok(Some(Compared::Is(if operator == ComparisonOperator::Equal { same } else { self.not(same) })))
    }

    /// A call of an instance. False, with nothing emitted: its class has no `__call__` that could be inlined.
    pub(super) fn call_protocol(
        &mut self,
        op: decode::Op,
        callable: Operand,
        args: &[Operand],
        keywords: Option<&PyObject>,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = callable.object() else { return Ok(false) };
        let Some(method) = method_of(object, "__call__", vm) else { return Ok(false) };
        if keywords.is_some() || !self.guard_instance(callable, object, object.class(), vm)? {
            return Ok(false);
        }
        let mut all = vec![callable];
        all.extend_from_slice(args);
        let function = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        Ok(matches!(self.inline(op, function, &method, &all, pops, None, vm)?, Called::Inlined))
    }

    /// Inlines a method of an operand's class in place of the instruction, which takes two entries from the stack.
    pub(super) fn ask(
        &mut self,
        op: decode::Op,
        method: &PyObject,
        asked: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = asked.object() else { return Ok(false) };
        if !self.guard_instance(asked, object, object.class(), vm)? {
            return Ok(false);
        }
        let function = Operand::new(Sym::Val(self.constant(method)), Some(method));
        Ok(matches!(self.inline(op, function, method, args, 2, None, vm)?, Called::Inlined))
    }

    /// What a `__bool__` is about to return: a bool.
    pub(super) fn guard_truth(&mut self, answer: Operand) -> Res {
        let Some(object) = answer.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.world.objects.class(object) != self.world.objects.classes.bool {
            return Err(Abort::with(Reason::ExceptionInRecording, "__bool__ returns no bool"));
        }
        if let Sym::Val(value) = self.resolve(answer.sym)
            && self.trace.ty(value) == Ty::Ref
        {
            self.guard_class(value, object);
        }
        Ok(())
    }

    /// A method of an operand's class that takes nothing else (`__iter__`, `__next__`, `__neg__` …), inlined for an instruction
    /// that takes so many entries from the stack. False, with nothing emitted: there is none that could be.
    pub(super) fn ask_iter(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static str,
        pops: usize,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = operand.object() else { return Ok(false) };
        let Some(method) = method_of(object, name, vm) else { return Ok(false) };
        if !self.guard_instance(operand, object, object.class(), vm)? {
            return Ok(false);
        }
        let function = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        Ok(matches!(self.inline(op, function, &method, &[operand], pops, None, vm)?, Called::Inlined))
    }

    /// The virtual generator or coroutine that a method of an operand's class (`__iter__`, `__await__`, `__anext__`) makes,
    /// which is a function of this kind. `None`, with nothing emitted but guards: it is another
    /// function.
    pub(super) fn asks_generator(
        &mut self,
        operand: Operand,
        name: &'static str,
        kind: CodeFlags,
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let method = method_of(object, name, vm);
        let is_generator = |method: &PyObjectRef| {
            let code = method.get_attr("__code__", vm).ok().and_then(|code| code.downcast::<PyCode>().ok());
            code.is_some_and(|code| code.code.flags.contains(kind) && self.is_plain_generator(&code))
        };
        let Some(method) = method.filter(is_generator) else { return Ok(None) };
        if !self.guard_instance(operand, object, object.class(), vm)? {
            return Ok(None);
        }
        let function = Operand::new(Sym::Val(self.constant(&method)), Some(&method));
        self.call_generator(function, &method, &[operand], &[], vm)
    }

    /// What an `__iter__` is about to return: an iterator.
    pub(super) fn guard_iterator(&mut self, answer: Operand) -> Res {
        let Some(object) = answer.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if object.class().slots.iternext.load().is_none() {
            return Err(Abort::with(Reason::ExceptionInRecording, "__iter__ returns no iterator"));
        }
        match self.resolve(answer.sym) {
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref => self.guard_class(value, object),
            _ => {}
        }
        Ok(())
    }

    /// Guards the class of the operand that is not asked: it decides whether it is not asked.
    fn guard_other(&mut self, operand: Operand, object: &PyObject) -> Res {
        if let Sym::Val(value) = self.resolve(operand.sym)
            && self.trace.ty(value) == Ty::Ref
        {
            self.guard_class(value, object);
        }
        Ok(())
    }

    /// What a method that was asked is about to return: not NotImplemented.
    pub(super) fn guard_answer(&mut self, answer: Operand, vm: &VirtualMachine) -> Res {
        let not_implemented = vm.ctx.not_implemented();
        if answer.object().is_some_and(|object| object.is(&not_implemented)) {
            return Err(Abort::with(Reason::UnsupportedType, "an operator that its left operand does not implement"));
        }
        if let Sym::Val(value) = self.resolve(answer.sym)
            && self.trace.ty(value) == Ty::Ref
            && self.trace.as_ref(value).is_none()
        {
            let constant = self.constant(&not_implemented);
            self.guard_is_not(value, constant);
        }
        Ok(())
    }
}

/// What has become of a comparison.
pub(super) enum Compared {
    /// A method is being inlined.
    Asked,
    /// It is this.
    Is(ValueId),
}

/// A method of an object's class, if that is a Python class and the method a Python function.
pub(super) fn method_of(object: &PyObject, name: &'static str, vm: &VirtualMachine) -> Option<PyObjectRef> {
    let class = object.class();
    if class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) {
        return None;
    }
    class.get_attr(vm.ctx.intern_str(name)).filter(|found| found.class().is(vm.ctx.types.function_type))
}

/// Whether instances of a Python class are equal when they are the same.
fn compares_identity(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let object_type = vm.ctx.types.object_type;
    let leaves = |name: &'static str| leaves_to(class, object_type, name, vm);
    !class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) && leaves("__eq__") && leaves("__ne__")
}
