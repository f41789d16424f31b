//! Virtual exceptions as objects: made, initialised, looked at, and what leads from them to their tracebacks.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyBaseException, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{ValueId, VirtualKind};

use super::calls::Called;
use super::exceptions::raises;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::attributes::leaves_to;
use crate::{decode, helpers};

/// Parts of a virtual exception. The class comes first.
pub(crate) mod part {
    /// The arguments: a virtual tuple, or the exception itself when it exists; empty: not known.
    pub const ARGUMENTS: usize = 1;
    /// The last entry of its traceback; empty: it has not been raised.
    pub const TRACEBACK: usize = 2;
    /// The first name of an attribute; its value follows.
    pub const NAMES: usize = 3;
}

/// Parts of an entry of a traceback.
pub(crate) mod traceback {
    /// The next entry; empty: there is none.
    pub const NEXT: usize = 0;
    /// The code unit of the instruction that raised or called.
    pub const UNIT: usize = 1;
    /// The code object.
    pub const CODE: usize = 2;
    /// The frame: its depth in the trace, or its function when it has been left.
    pub const FRAME: usize = 3;
    /// The first local of a frame that has been left.
    pub const LOCALS: usize = 4;
}

impl Recorder {
    /// What `raise` raises, when that is a virtual exception.
    pub(super) fn exception_of(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        if let Some((_, VirtualKind::Exception)) = self.as_virtual(operand.sym) {
            return Ok(Some(operand.sym));
        }
        let Some(class) = operand.object().and_then(|object| object.downcast_ref::<PyType>()) else { return Ok(None) };
        let Sym::Val(value) = self.resolve(operand.sym) else { return Ok(None) };
        let is_native = |init: &PyObject| !init.class().is(vm.ctx.types.function_type);
        if !is_plain_exception(class, vm) && !is_simple(class, 0, vm)
            || !class.get_attr(vm.ctx.intern_str("__init__")).is_some_and(|i| is_native(&i))
        {
            return Ok(None);
        }
        let constant = self.guard_is(value, class.as_object());
        if !self.guard_version(class, constant, vm) {
            return Ok(None);
        }
        let nothing = self.new_virtual(VirtualKind::Tuple, Vec::new());
        Ok(Some(self.new_virtual(VirtualKind::Exception, vec![Sym::Val(constant), nothing, Sym::Empty])))
    }

    /// A call of `BaseException.__init__` for a virtual exception, or of `object.__init__` without arguments. `None`: another.
    pub(super) fn call_init(&mut self, function: &PyObject, args: &[Operand], vm: &VirtualMachine) -> Res<Option<Sym>> {
        let init = vm.ctx.intern_str("__init__");
        let is = |class: &Py<PyType>| class.get_attr(init).is_some_and(|found| found.is(function));
        let [receiver, rest @ ..] = args else { return Ok(None) };
        match self.as_virtual(receiver.sym) {
            Some((index, VirtualKind::Exception)) if is(vm.ctx.exceptions.base_exception_type) => {
                let arguments = rest.iter().map(|arg| arg.sym).collect();
                let tuple = self.new_virtual(VirtualKind::Tuple, arguments);
                self.set_field(index, part::ARGUMENTS, tuple);
            }
            _ if is(vm.ctx.types.object_type) && rest.is_empty() => {
                if !matches!(self.as_virtual(receiver.sym), Some((_, VirtualKind::Instance))) {
                    self.reference(receiver.sym)?;
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(Sym::Val(self.none())))
    }

    /// A new exception, with its arguments. `None`: its class does something of its own.
    pub(super) fn new_exception(
        &mut self,
        class: &Py<PyType>,
        constant: ValueId,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Option<Sym> {
        if !is_plain_exception(class, vm) && !is_simple(class, args.len(), vm) {
            return None;
        }
        let arguments = args.iter().map(|arg| arg.sym).collect();
        let tuple = self.new_virtual(VirtualKind::Tuple, arguments);
        Some(self.new_virtual(VirtualKind::Exception, vec![Sym::Val(constant), tuple, Sym::Empty]))
    }

    /// The arguments of a virtual exception, `e.args`.
    pub(super) fn arguments_of(&mut self, operand: Operand) -> Option<Sym> {
        let Some((index, VirtualKind::Exception)) = self.as_virtual(operand.sym) else { return None };
        match self.field(index, part::ARGUMENTS) {
            Sym::Val(exception) => Some(Sym::Val(self.call_helper(&helpers::failing::arguments(), &[exception]))),
            arguments => Some(arguments).filter(|&arguments| arguments != Sym::Empty),
        }
    }

    /// An operand whose attribute is read or set: an exception that a builtin has raised has them itself, but for what the VM
    /// has not told it yet.
    pub(super) fn with_attributes(&self, operand: Operand, name: &PyStrInterned) -> Res<Operand> {
        let Some((index, VirtualKind::Exception)) = self.as_virtual(operand.sym) else { return Ok(operand) };
        match self.field(index, part::ARGUMENTS) {
            Sym::Val(_) if name.as_str().starts_with("__") => Err(raises("an exception that is looked at")),
            Sym::Val(exception) if name.as_str() != "args" => Ok(Operand::new(Sym::Val(exception), operand.object())),
            _ => Ok(operand),
        }
    }

    /// An attribute of a virtual exception that the VM keeps for it: `args`, `__cause__`, `__context__`, the value of a
    /// StopIteration. `None`: it is another, or not known.
    pub(super) fn kept_attribute(
        &mut self,
        operand: Operand,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Option<Sym> {
        let (index, VirtualKind::Exception) = self.as_virtual(operand.sym)? else { return None };
        match name.as_str() {
            "args" => self.arguments_of(operand),
            "__cause__" | "__context__" => Some(self.field(index, self.field_of_instance(index, name)?)),
            "value" if operand.object()?.class().is(vm.ctx.exceptions.stop_iteration) => {
                let Sym::Virt(arguments) = self.field(index, part::ARGUMENTS) else { return None };
                let first = self.virtuals[arguments].fields.first().copied();
                Some(first.unwrap_or_else(|| Sym::Val(self.none())))
            }
            _ => None,
        }
    }

    /// What `str(e)` of an exception is: the text of its only argument, or of the exception as it was raised by a builtin.
    pub(super) fn text_of(&self, operand: Operand, vm: &VirtualMachine) -> Option<(Sym, PyObjectRef)> {
        let Some((index, VirtualKind::Exception)) = self.as_virtual(operand.sym) else { return None };
        let object = operand.object()?;
        let same = leaves_to(object.class(), vm.ctx.exceptions.base_exception_type, "__str__", vm);
        let Sym::Virt(tuple) = self.field(index, part::ARGUMENTS) else { return None };
        let [only] = self.virtuals[tuple].fields[..] else { return None };
        let only_is = object.downcast_ref::<PyBaseException>()?.get_arg(0)?;
        // An OSError says more only when it has more arguments.
        let is_os_error = || object.class().fast_issubclass(vm.ctx.exceptions.os_error);
        (same || crate::natives::is_builtin(object.class()) && is_os_error()).then_some((only, only_is))
    }

    /// The exception that a builtin has raised, when an operand is that.
    pub(super) fn as_raised_object(&self, operand: Operand) -> Option<ValueId> {
        let (index, VirtualKind::Exception) = self.as_virtual(operand.sym)? else { return None };
        match self.field(index, part::ARGUMENTS) {
            Sym::Val(exception) => Some(exception),
            _ => None,
        }
    }

    /// `str(e)` of such an exception, of a builtin class.
    pub(super) fn text_of_raised(&mut self, operand: Operand, vm: &VirtualMachine) -> Option<ValueId> {
        let exception = self.as_raised_object(operand)?;
        let class = operand.object()?.class();
        let text = self.constant(vm.ctx.types.str_type.as_object());
        crate::natives::is_builtin(class).then(|| self.call_helper(&helpers::leaf_1(), &[text, exception]))
    }

    /// Sets an attribute of a virtual exception that the VM sets, such as `__context__`.
    pub(super) fn set_part(&mut self, index: usize, name: &'static str, value: Sym, vm: &VirtualMachine) {
        let name = vm.ctx.intern_str(name);
        match self.field_of_instance(index, name) {
            Some(field) => self.set_field(index, field, value),
            None => {
                let name = Sym::Val(self.constant(name.as_object()));
                self.virtuals[index].fields.extend([name, value]);
            }
        }
    }

    /// What a builtin says when it raises is always the same where its arguments are not known: it is read from the
    /// exception that was raised this time.
    pub(super) fn fill_arguments(&mut self, index: usize, object: &Py<PyBaseException>, vm: &VirtualMachine) -> Res {
        if self.field(index, part::ARGUMENTS) != Sym::Empty {
            return Ok(());
        }
        let mut arguments = Vec::new();
        for argument in object.args().as_slice() {
            if !argument.class().is(vm.ctx.types.str_type) {
                return Err(raises("an exception whose arguments are not known"));
            }
            arguments.push(Sym::Val(self.constant(argument)));
        }
        let tuple = self.new_virtual(VirtualKind::Tuple, arguments);
        self.set_field(index, part::ARGUMENTS, tuple);
        Ok(())
    }

    /// WITH_EXCEPT_START: an `__exit__` in Python is called with the exception that is handled.
    pub(super) fn exit_with(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (callable, receiver, exception) = (self.peek(4)?, self.peek(3)?, self.peek(0)?);
        let (Some(function), Some(object)) = (callable.object(), exception.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let Some((index, VirtualKind::Exception)) = self.as_virtual(exception.sym) else {
            return Err(raises("a with"));
        };
        if !self.is_raised(exception.sym) || !function.class().is(vm.ctx.types.function_type) {
            return Err(raises("a with whose end is no Python function"));
        }
        let class = object.class().to_owned();
        let traceback_is = object.downcast_ref::<PyBaseException>().and_then(|object| object.__traceback__());
        let class_is = Operand::new(Sym::Val(self.constant(class.as_object())), Some(class.as_object()));
        let traceback = self.field(index, part::TRACEBACK);
        let traceback = Operand::new(traceback, traceback_is.as_ref().map(|traceback| traceback.as_object()));
        let mut args = vec![receiver, class_is, exception, traceback];
        if receiver.sym == Sym::Empty {
            args.remove(0);
        }
        match self.inline(op, callable, function, &args, 0, None, vm)? {
            Called::Inlined => Ok(()),
            Called::Not => Err(raises("a with whose end is not inlined")),
        }
    }

    /// LOAD_ATTR of what an object does not have.
    pub(super) fn raises_attribute(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res {
        let class = self.constant(vm.ctx.exceptions.attribute_error.as_object());
        let exception = self.new_virtual(VirtualKind::Exception, vec![Sym::Val(class), Sym::Empty, Sym::Empty]);
        let Sym::Virt(index) = exception else { return Ok(()) };
        let name = self.constant(name.as_object());
        self.set_part(index, "name", Sym::Val(name), vm);
        self.set_part(index, "obj", operand.sym, vm);
        self.start_raising(exception, op, false, vm)
    }

    /// An exception has come through the innermost frame, raised by the instruction at `unit`.
    pub(super) fn add_entry(&mut self, index: usize, unit: u32) {
        let next = self.field(index, part::TRACEBACK);
        let depth = self.frames.len() - 1;
        let code = self.top_ref().code.code.clone();
        let code = Sym::Val(self.constant(code.as_object()));
        let [unit, depth] = [i64::from(unit), depth as i64].map(|number| Sym::Val(self.trace.const_int(number)));
        let entry = self.new_virtual(VirtualKind::Traceback, vec![next, unit, code, depth]);
        self.set_field(index, part::TRACEBACK, entry);
    }
}

/// Whether exceptions of a builtin class, with so many arguments, are what their class makes of these, so that exits can
/// call it. (With more, a class may give an exception of another one.)
pub(super) fn is_simple(class: &Py<PyType>, arguments: usize, vm: &VirtualMachine) -> bool {
    let exceptions = &vm.ctx.exceptions;
    let is_other = |other: &Py<PyType>| class.fast_issubclass(other);
    arguments <= 1
        && crate::natives::is_builtin(class)
        && is_other(exceptions.base_exception_type)
        && !is_other(exceptions.unicode_error)
        && !is_other(exceptions.base_exception_group)
}

/// Whether exceptions of a class are made and initialised as `BaseException` does it, as far as natives are concerned, and
/// can die unseen.
pub(super) fn is_plain_exception(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let base = vm.ctx.exceptions.base_exception_type;
    if !class.fast_issubclass(base) || !class.class().is(vm.ctx.types.type_type) || class.slots.del.load().is_some() {
        return false;
    }
    let is_native = |class: &Py<PyType>| class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE);
    let native = class.mro.read().iter().find(|class| is_native(class)).map(|class| class.to_owned());
    let Some(native) = native.filter(|native| native.fast_issubclass(base)) else { return false };
    let same = |class: &Py<PyType>, other: &Py<PyType>, name: &'static str| {
        let name = vm.ctx.intern_str(name);
        matches!((class.get_attr(name), other.get_attr(name)), (Some(a), Some(b)) if a.is(&b))
    };
    let all_plain =
        class.mro.read().iter().all(|of| !is_native(of) || of.is(vm.ctx.types.object_type) || of.fast_issubclass(base));
    all_plain && same(&native, base, "__init__") && same(class, &native, "__new__")
}
