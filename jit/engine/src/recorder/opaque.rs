//! Instructions on operands for which there is no translation: the VM's own operator is called, which may run any code.

use rustpython_compiler_core::bytecode::{ComparisonOperator, Opcode, oparg};
use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::PyStrInterned};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId};

use super::calls::NotInlined;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::attributes::method_function;
use crate::decode;
use crate::helpers::{Helper, containers, opaque};
use crate::natives::{self, Steps};

impl Recorder {
    /// Translates an instruction; if there is no translation for its operands, as a call of the VM's operator.
    pub(super) fn translate(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        let depth = self.top_ref().stack.len();
        if self.takes_any && self.opaque_operator(op)? {
            self.note_megamorphic(op);
            return Ok(Flow::Continue);
        }
        let abort = match self.translate_known(op, vm) {
            Err(abort) if matches!(abort.reason, Reason::UnsupportedType | Reason::Bigint) => abort,
            flow => return flow,
        };
        let is_untouched = self.top_ref().stack.len() == depth && matches!(self.pending, Pending::Nothing);
        if is_untouched && self.opaque_operator(op)? { Ok(Flow::Continue) } else { Err(abort) }
    }

    /// The VM's operator for an instruction. False: it has none that could be called.
    fn opaque_operator(&mut self, op: decode::Op) -> Res<bool> {
        // How many operands, in what order they are handed over, and how many results.
        let (helper, operands, number, results): (Helper, &[usize], Option<i64>, usize) = match op.opcode {
            Opcode::BinaryOp => (opaque::binary(), &[1, 0], Some(op.arg.into()), 1),
            Opcode::CompareOp => (opaque::compare(), &[1, 0], Some(comparison(op.arg)?), 1),
            Opcode::ContainsOp => (opaque::contains(), &[0, 1], Some(i64::from(op.arg != 0)), 1),
            Opcode::StoreSubscr => (opaque::set_item(), &[1, 0, 2], None, 0),
            Opcode::DeleteSubscr => (opaque::delete_item(), &[1, 0], None, 0),
            Opcode::UnaryNegative => (opaque::unary(), &[0], Some(0), 1),
            Opcode::UnaryInvert => (opaque::unary(), &[0], Some(1), 1),
            Opcode::UnaryNot => (opaque::truth(), &[0], Some(0), 1),
            Opcode::ToBool => (opaque::truth(), &[0], Some(1), 1),
            Opcode::FormatSimple => (opaque::format(), &[0, 0], None, 1),
            Opcode::FormatWithSpec => (opaque::format(), &[1, 0], None, 1),
            Opcode::BinarySlice => (opaque::slice(), &[2, 1, 0], None, 1),
            Opcode::StoreSlice => (opaque::set_slice(), &[2, 1, 0, 3], None, 0),
            Opcode::UnpackSequence => return self.unpack_opaque(op),
            Opcode::BuildMap | Opcode::BuildSet => return self.build_opaque(op),
            Opcode::MapAdd | Opcode::SetAdd => return self.add_opaque(op),
            Opcode::ListExtend | Opcode::SetUpdate => return self.extend_opaque(op),
            _ => return Ok(false),
        };
        self.go_opaque(op)?;
        let mut args: Vec<ValueId> = Vec::with_capacity(operands.len() + 1);
        for &depth in operands {
            let operand = self.peek(depth)?;
            args.push(self.reference(operand.sym)?);
        }
        if op.opcode == Opcode::FormatSimple {
            args.truncate(1);
            let empty = rustpython_vm::vm::thread::with_current_vm(|vm| vm.ctx.empty_str.as_object().to_owned());
            args.push(self.constant(&empty));
        }
        args.extend(number.map(|number| self.trace.const_int(number)));
        let result = self.call_helper(&helper, &args);
        let taken = operands.iter().max().map_or(0, |deepest| deepest + 1);
        self.pop(taken);
        if results > 0 {
            self.push(Sym::Val(result));
        }
        Ok(true)
    }

    /// BUILD_MAP and BUILD_SET with keys whose hash or comparison may run Python code.
    fn build_opaque(&mut self, op: decode::Op) -> Res<bool> {
        self.go_opaque(op)?;
        let (count, helper) = match op.opcode {
            Opcode::BuildMap => (2 * op.arg as usize, opaque::build_map()),
            _ => (op.arg as usize, opaque::build_set()),
        };
        let stack = &self.top_ref().stack;
        let operands = stack[stack.len() - count..].to_vec();
        let parts = self.make_tuple(operands)?;
        let made = self.call_helper(&helper, &[parts]);
        self.replace(count, Sym::Val(made));
        Ok(true)
    }

    /// MAP_ADD and SET_ADD with such keys.
    fn add_opaque(&mut self, op: decode::Op) -> Res<bool> {
        self.go_opaque(op)?;
        let count = op.call_entries();
        let container = self.peek(count + op.arg as usize - 1)?;
        let mut args = vec![self.reference(container.sym)?];
        for depth in (0..count).rev() {
            let operand = self.peek(depth)?;
            args.push(self.reference(operand.sym)?);
        }
        let helper = if count == 2 { opaque::set_item() } else { opaque::add() };
        self.call_helper(&helper, &args);
        self.pop(count);
        Ok(true)
    }

    /// LIST_EXTEND and SET_UPDATE by an iterable of any kind.
    fn extend_opaque(&mut self, op: decode::Op) -> Res<bool> {
        self.go_opaque(op)?;
        let helper = if op.opcode == Opcode::ListExtend { opaque::extend() } else { opaque::update() };
        let (container, iterable) = (self.peek(op.arg as usize)?, self.peek(0)?);
        let args = [self.reference(container.sym)?, self.reference(iterable.sym)?];
        self.call_helper(&helper, &args);
        self.pop(1);
        Ok(true)
    }

    /// UNPACK_SEQUENCE of a builtin container or text: as a tuple first.
    fn unpack_opaque(&mut self, op: decode::Op) -> Res<bool> {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Ok(false) };
        let (class, objects) = (self.world.objects.class(object), &self.world.objects);
        let is_plain =
            class == objects.classes.str || class == objects.classes.range || objects.plain_iterables.contains(&class);
        let is_stepped = natives::steps(object, objects) == Steps::Opaque;
        if !is_plain && !is_stepped {
            return Ok(false);
        }
        if is_stepped {
            self.go_opaque(op)?;
        }
        let iterable = self.reference(operand.sym)?;
        self.guard_class(iterable, object);
        let count = self.trace.const_int(op.arg.into());
        let helper = if is_stepped { opaque::unpack_any() } else { opaque::unpack() };
        let tuple = self.call_helper(&helper, &[iterable, count]);
        self.pop(1);
        for n in (0..i64::from(op.arg)).rev() {
            let at = self.trace.const_int(n);
            let element = self.op(Op::TupleGet, &[tuple, at]);
            self.push(Sym::Val(element));
        }
        Ok(true)
    }

    /// An instruction takes objects of any class here: the log says so.
    pub(super) fn note_megamorphic(&mut self, op: decode::Op) {
        let (callee, code) = (format!("{:?}", op.opcode), self.top_ref().code.clone());
        self.not_inlined.push(NotInlined { reason: Reason::Megamorphic, callee, code, unit: op.start });
    }

    /// A method of an object of any class, as function and receiver in place of the object. False, with nothing emitted: it is
    /// looked up in another way, or is the object's own.
    pub(super) fn load_any_method(
        &mut self,
        op: decode::Op,
        operand: Operand,
        name: &'static PyStrInterned,
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if method_function(object, name, vm).is_none() {
            return Ok(false);
        }
        self.note_megamorphic(op);
        let (receiver, name) = (self.reference(operand.sym)?, self.constant(name.as_object()));
        let function = self.call_helper(&containers::method_function(), &[receiver, name]);
        self.replace(1, Sym::Val(function));
        self.push(Sym::Val(receiver));
        Ok(true)
    }

    /// LOAD_SPECIAL: a method of a `with` statement, and its receiver.
    pub(super) fn load_special(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let name = match oparg::SpecialMethod::try_from(op.arg) {
            Ok(oparg::SpecialMethod::Enter) => "__enter__",
            Ok(oparg::SpecialMethod::Exit) => "__exit__",
            Ok(oparg::SpecialMethod::AEnter) => "__aenter__",
            Ok(oparg::SpecialMethod::AExit) => "__aexit__",
            Err(_) => return Err(Abort::with(Reason::UnsupportedOpcode, "LOAD_SPECIAL of an unknown method")),
        };
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = object.class();
        let types = &vm.ctx.types;
        let is_method =
            |found: &PyObject| found.class().is(types.function_type) || found.class().is(types.method_descriptor_type);
        let method = class.get_attr(vm.ctx.intern_str(name)).filter(|found| is_method(found));
        let Some(method) = method else {
            return Err(Abort::with(Reason::UnsupportedType, format!("`with` on {}", class.name())));
        };
        if self.takes_any && self.load_any_method(op, operand, vm.ctx.intern_str(name), vm)? {
            return Ok(());
        }
        if !self.guard_instance(operand, object, class, vm)? {
            return Err(Abort::with(Reason::UnsupportedType, format!("`with` on {}", class.name())));
        }
        let method = self.constant(&method);
        self.replace(1, Sym::Val(method));
        self.push(operand.sym);
        Ok(())
    }
}

fn comparison(arg: u32) -> Res<i64> {
    Ok(match ComparisonOperator::try_from(arg) {
        Ok(ComparisonOperator::Less) => 0,
        Ok(ComparisonOperator::LessOrEqual) => 1,
        Ok(ComparisonOperator::Equal) => 2,
        Ok(ComparisonOperator::NotEqual) => 3,
        Ok(ComparisonOperator::Greater) => 4,
        Ok(ComparisonOperator::GreaterOrEqual) => 5,
        Err(_) => return Err(Abort::with(Reason::UnsupportedOpcode, "COMPARE_OP with an unknown operator")),
    })
}
