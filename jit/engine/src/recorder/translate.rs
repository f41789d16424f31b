//! From a bytecode instruction to operations: stack, locals, cells, jumps, sequences and iteration.

use rustpython_compiler_core::bytecode::{Opcode, oparg};
use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyCode, PyType},
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, Ty, ValueId, VirtualKind};

use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res};
use crate::decode;

/// Whether the interpreter may pass an instruction without an event: the VM reports none for these, or steps over them.
pub(super) fn may_be_silent(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::Resume | Opcode::EndFor | Opcode::Nop | Opcode::NotTaken | Opcode::Cache)
}

/// Whether an instruction can never leave the trace, so that it needs no snapshot.
fn is_plain(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::LoadFast
            | Opcode::LoadFastBorrow
            | Opcode::LoadFastLoadFast
            | Opcode::LoadFastBorrowLoadFastBorrow
            | Opcode::LoadConst
            | Opcode::LoadSmallInt
            | Opcode::PushNull
            | Opcode::PopTop
            | Opcode::PopIter
            | Opcode::Copy
            | Opcode::Swap
            | Opcode::Nop
            | Opcode::NotTaken
            | Opcode::Resume
            | Opcode::JumpForward
            | Opcode::JumpBackward
            | Opcode::BuildTuple
            | Opcode::ReturnValue
            | Opcode::YieldValue
    )
}

impl Recorder {
    /// Translates one instruction that is about to be executed.
    pub(super) fn translate_known(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        if !is_plain(op.opcode) || self.loads_kept(op) {
            self.capture(op.start);
        }
        let arg = op.arg;
        match op.opcode {
            Opcode::Nop | Opcode::NotTaken | Opcode::Resume => {}
            Opcode::LoadFast | Opcode::LoadFastBorrow | Opcode::LoadFastCheck => self.load_fast(arg)?,
            Opcode::LoadFastLoadFast | Opcode::LoadFastBorrowLoadFastBorrow => {
                self.load_fast(arg >> 4)?;
                self.load_fast(arg & 15)?;
            }
            Opcode::LoadFastAndClear => {
                let sym = self.local(arg as usize)?;
                self.push(sym);
                self.set_local(arg as usize, Sym::Empty)?;
            }
            // A comprehension's variable that a function in it shares. (The cells that a call begins with are made by then.)
            Opcode::MakeCell => {
                let contents = self.local(arg as usize)?;
                let cell = self.new_virtual(VirtualKind::Cell, vec![contents]);
                self.set_local(arg as usize, cell)?;
            }
            Opcode::StoreFast => self.store_fast(arg)?,
            Opcode::StoreFastLoadFast
                if arg >> 4 == arg & 15 && self.top_ref().locals.get((arg & 15) as usize) == Some(&Sym::Kept) =>
            {
                // It stays on the stack: the frame has the variable, and shows it as it was before this instruction.
                let sym = self.peek(0)?.sym;
                self.set_local((arg & 15) as usize, sym)?;
            }
            Opcode::StoreFastLoadFast => {
                self.settle_local(self.frames.len() - 1, (arg & 15) as usize)?;
                self.store_fast(arg >> 4)?;
                self.load_fast_opt(arg & 15)?;
            }
            Opcode::StoreFastStoreFast => {
                self.store_fast(arg >> 4)?;
                self.store_fast(arg & 15)?;
            }
            Opcode::DeleteFast => {
                if self.local(arg as usize)? == Sym::Empty {
                    return Err(Abort::new(Reason::UnboundVariable));
                }
                self.set_local(arg as usize, Sym::Empty)?;
            }
            Opcode::LoadConst => {
                let code = self.top_ref().code.clone();
                let constant: rustpython_vm::PyObjectRef =
                    code.code.code.constants[oparg::ConstIdx::from_u32(arg)].clone().into();
                let sym = self.constant_sym(&constant);
                self.push(sym);
            }
            Opcode::LoadSmallInt => {
                let value = self.trace.const_int(i64::from(arg));
                self.push(Sym::Val(value));
            }
            Opcode::LoadCommonConstant => self.load_common_constant(arg, vm)?,
            Opcode::PushNull => self.push(Sym::Empty),
            Opcode::PopTop | Opcode::PopIter => {
                let operand = self.peek(0)?;
                self.pop(1);
                self.give_up(operand.sym)?;
                self.may_finalise(operand.object());
            }
            Opcode::Copy => {
                let sym = self.peek(arg as usize - 1)?.sym;
                self.push(sym);
            }
            Opcode::Swap => {
                let stack = &mut self.top().stack;
                let top = stack.len() - 1;
                stack.swap(top, top + 1 - arg as usize);
            }
            Opcode::LoadDeref => self.load_deref(arg)?,
            Opcode::StoreDeref => self.store_deref(arg)?,
            Opcode::MakeFunction => self.make_function()?,
            Opcode::SetFunctionAttribute => self.set_function_attribute(arg)?,
            Opcode::LoadGlobal => self.load_global(arg, vm)?,
            Opcode::ImportName => self.import_name(op, vm)?,
            Opcode::ImportFrom => self.import_from(op, vm)?,
            Opcode::LoadName => self.load_name(arg, vm)?,
            Opcode::StoreName | Opcode::StoreGlobal => self.store_name(op.opcode, arg, vm)?,
            Opcode::LoadAttr => return self.load_attr(op, vm),
            Opcode::StoreAttr => self.store_attr(op, vm)?,
            Opcode::DeleteAttr => self.delete_attr(op, vm)?,
            Opcode::LoadSuperAttr => self.load_super_attr(op, vm)?,
            Opcode::BinaryOp => self.binary_op(op, vm)?,
            Opcode::BinarySlice => self.binary_slice()?,
            Opcode::StoreSubscr => self.store_subscript(vm)?,
            Opcode::CompareOp => self.compare_op(op, vm)?,
            Opcode::IsOp => self.is_op(arg != 0)?,
            Opcode::ContainsOp => self.contains_op(op, vm)?,
            Opcode::UnaryNegative | Opcode::UnaryInvert => {
                let name = if op.opcode == Opcode::UnaryNegative { "__neg__" } else { "__invert__" };
                let operand = self.peek(0)?;
                if !self.ask_iter(op, operand, name, 1, vm)? {
                    self.unary(op.opcode)?;
                }
            }
            Opcode::UnaryNot => self.unary(op.opcode)?,
            Opcode::ToBool => {
                let operand = self.peek(0)?;
                if self.ask_iter(op, operand, "__bool__", 1, vm)? {
                    return Ok(Flow::Continue);
                }
                let truth = self.truth(operand)?;
                self.replace(1, Sym::Val(truth));
            }
            Opcode::PopJumpIfFalse => self.jump_if(op, false)?,
            Opcode::PopJumpIfTrue => self.jump_if(op, true)?,
            Opcode::PopJumpIfNone => self.jump_if_none(op, true)?,
            Opcode::PopJumpIfNotNone => self.jump_if_none(op, false)?,
            Opcode::JumpForward => self.top().next = op.end + arg,
            Opcode::JumpBackward | Opcode::JumpBackwardNoInterrupt => self.top().next = op.end - arg,
            Opcode::BuildTuple => {
                let count = arg as usize;
                let stack = &self.top_ref().stack;
                let elements = stack[stack.len() - count..].to_vec();
                self.pop(count);
                let tuple = self.new_virtual(VirtualKind::Tuple, elements);
                self.push(tuple);
            }
            Opcode::BuildList => self.build_list(arg as usize)?,
            Opcode::BuildMap => self.build_map(op)?,
            Opcode::BuildSet => self.build_set(arg as usize)?,
            Opcode::BuildSlice => self.build_slice(arg as usize)?,
            Opcode::StoreSlice => self.store_slice()?,
            Opcode::DeleteSubscr => self.delete_subscript(vm)?,
            Opcode::UnpackEx => self.unpack_ex(op)?,
            Opcode::SetAdd => self.set_add(arg as usize)?,
            Opcode::SetUpdate => self.set_update(arg as usize, vm)?,
            Opcode::DictUpdate => self.update_new(arg.max(1) as usize, false)?,
            Opcode::DictMerge => self.update_new(arg.max(1) as usize, true)?,
            Opcode::MapAdd => self.map_add(arg as usize, vm)?,
            Opcode::ListExtend => self.list_extend(arg as usize)?,
            Opcode::FormatSimple => self.format(false, vm)?,
            Opcode::FormatWithSpec => self.format(true, vm)?,
            Opcode::ConvertValue => self.convert_value(arg)?,
            Opcode::BuildString => self.build_string(arg as usize)?,
            Opcode::CallIntrinsic1 if self.wraps(arg) => return self.give_value(op),
            Opcode::CallIntrinsic1 => self.call_intrinsic_1(arg)?,
            Opcode::UnpackSequence => self.unpack(arg as usize, vm)?,
            Opcode::ListAppend => {
                // The list being built is `arg` entries below the value.
                let value = self.peek(0)?;
                let list = self.peek(arg as usize)?;
                self.append(list, value)?;
                self.pop(1);
            }
            Opcode::GetIter => self.get_iter(op, vm)?,
            Opcode::ForIter => self.for_iter(op, vm)?,
            Opcode::Call => return self.call(op, arg as usize, None, vm),
            Opcode::CallKw => {
                let names = self.peek(0)?;
                let names = names.object().map(|names| names.to_owned());
                return self.call(op, arg as usize, names, vm);
            }
            Opcode::CallFunctionEx => return self.call_ex(op, vm),
            Opcode::LoadSpecial => self.load_special(op, vm)?,
            Opcode::WithExceptStart => self.exit_with(op, vm)?,
            Opcode::RaiseVarargs => self.raise(op, vm)?,
            Opcode::PushExcInfo => self.push_exception()?,
            Opcode::MatchSequence | Opcode::MatchMapping => self.match_kind(op)?,
            Opcode::MatchClass => self.match_class(op, vm)?,
            Opcode::MatchKeys => self.match_keys(vm)?,
            Opcode::GetLen => self.get_len(vm)?,
            Opcode::CheckExcMatch => self.match_exception(vm)?,
            Opcode::PopExcept => self.pop_exception()?,
            Opcode::Reraise => self.reraise(op, vm)?,
            Opcode::ReturnValue => return self.return_value(op, vm),
            Opcode::YieldValue => return self.yield_value(op),
            Opcode::GetAiter => self.get_async_iter(op, vm)?,
            Opcode::GetAnext => self.get_async_next(vm)?,
            Opcode::GetAwaitable => self.get_awaitable(op, vm)?,
            Opcode::GetYieldFromIter => self.get_yield_from_iter(op, vm)?,
            Opcode::Send => return self.send(op, vm),
            Opcode::EndSend => {
                let (receiver, value) = (self.peek(1)?, self.peek(0)?);
                self.replace(2, value.sym);
                self.give_up(receiver.sym)?;
                self.may_finalise(receiver.object());
            }
            Opcode::ReturnGenerator => return Err(Abort::with(Reason::GeneratorFrame, "ReturnGenerator")),
            _ => return Err(unsupported(op)),
        }
        Ok(Flow::Continue)
    }

    /// Whether an instruction loads locals, and one of them is in the frame's memory, or may be unbound.
    fn loads_kept(&self, op: decode::Op) -> bool {
        let kept = |n: u32| {
            let local = self.top_ref().locals.get(n as usize);
            local.is_some_and(|&local| local == Sym::Kept || self.is_unsure(local))
        };
        match op.opcode {
            Opcode::LoadFast | Opcode::LoadFastBorrow => kept(op.arg),
            Opcode::LoadFastLoadFast | Opcode::LoadFastBorrowLoadFastBorrow => kept(op.arg >> 4) || kept(op.arg & 15),
            _ => false,
        }
    }

    /// A local, loaded from the frame's memory if that is where it is, and known to be bound or unbound.
    fn local(&mut self, index: usize) -> Res<Sym> {
        self.settle_local(self.frames.len() - 1, index)?;
        let Some(&sym) = self.top_ref().locals.get(index) else { return Err(Abort::new(Reason::LostPosition)) };
        if sym != Sym::Kept {
            return Ok(sym);
        }
        if self.top_ref().frame.local(index).is_none() {
            let local = self.trace.const_int(index as i64);
            let bound = self.call_helper(&crate::helpers::containers::local_bound(), &[local]);
            self.guard_bool(bound, false);
            return Ok(Sym::Empty);
        }
        // Only the entered frame has memory that the trace has not taken over.
        Ok(Sym::Val(self.emit(Op::FrameGet, &[], Imm::Index(index as u32))))
    }

    fn set_local(&mut self, index: usize, sym: Sym) -> Res {
        match self.top_ref().locals.get(index) {
            Some(Sym::Kept) => {
                if sym == Sym::Empty {
                    let local = self.trace.const_int(index as i64);
                    self.call_helper(&crate::helpers::containers::local_clear(), &[local]);
                    self.old_local_may_finalise(index);
                    return Ok(());
                }
                let value = self.reference(sym)?;
                self.emit(Op::FrameSet, &[value], Imm::Index(index as u32));
                self.old_local_may_finalise(index);
            }
            Some(&old) => {
                self.top().locals[index] = sym;
                self.give_up(old)?;
                self.old_local_may_finalise(index);
            }
            None => return Err(Abort::new(Reason::LostPosition)),
        }
        Ok(())
    }

    /// A local is about to be set: what it holds is given up.
    fn old_local_may_finalise(&mut self, index: usize) {
        let frame = self.top_ref().frame;
        self.may_finalise(frame.local(index));
    }

    fn load_fast(&mut self, index: u32) -> Res {
        let sym = self.local(index as usize)?;
        if sym == Sym::Empty {
            return Err(Abort::new(Reason::UnboundVariable));
        }
        self.push(sym);
        Ok(())
    }

    fn load_fast_opt(&mut self, index: u32) -> Res {
        let sym = self.local(index as usize)?;
        self.push(sym);
        Ok(())
    }

    fn store_fast(&mut self, index: u32) -> Res {
        let sym = self.peek(0)?.sym;
        if self.top_ref().locals.get(index as usize) == Some(&Sym::Kept) {
            // Storing may box, and then the entry on the stack is the box.
            self.set_local(index as usize, sym)?;
            self.pop(1);
            return Ok(());
        }
        self.pop(1);
        self.set_local(index as usize, sym)
    }

    /// A constant of the code as a symbol: numbers unboxed.
    pub(super) fn constant_sym(&mut self, object: &PyObject) -> Sym {
        use crate::objects::Scalar;
        Sym::Val(match self.world.objects.scalar(object) {
            Some(Scalar::Int(value)) => self.trace.const_int(value),
            Some(Scalar::Float(value)) => self.trace.const_float(value),
            Some(Scalar::Bool(value)) => self.trace.const_bool(value),
            None => self.constant(object),
        })
    }

    pub(super) fn cell(&mut self, index: u32) -> Res<ValueId> {
        let is_cell = self
            .top_ref()
            .frame
            .local(index as usize)
            .is_some_and(|cell| self.world.objects.class(cell) == self.world.objects.classes.cell);
        match self.local(index as usize)? {
            Sym::Val(value) if is_cell && self.trace.ty(value) == Ty::Ref => Ok(value),
            _ => Err(Abort::with(Reason::UnboundVariable, "a variable of a closure")),
        }
    }

    fn jump_if(&mut self, op: decode::Op, when: bool) -> Res {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let is = if rustpython_vm::AsObject::as_object(object).get_id() as u64 == self.world.objects.true_ {
            true
        } else if object.get_id() as u64 == self.world.objects.false_ {
            false
        } else {
            return Err(Abort::with(Reason::UnsupportedType, "a condition that is no bool"));
        };
        let truth = self.truth(operand)?;
        self.guard_bool(truth, is);
        self.pop(1);
        if is == when {
            self.top().next = op.end + op.arg;
        }
        Ok(())
    }

    fn jump_if_none(&mut self, op: decode::Op, when: bool) -> Res {
        let operand = self.peek(0)?;
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let is = object.get_id() as u64 == self.world.objects.none;
        if let Sym::Val(value) = self.resolve(operand.sym)
            && self.trace.ty(value) == Ty::Ref
            && self.trace.as_ref(value).is_none()
        {
            if is {
                self.guard_is(value, object);
            } else if self.not_that != Some((value, self.world.objects.none)) {
                let none = self.none();
                self.guard_is_not(value, none);
            }
        }
        self.pop(1);
        if is == when {
            self.top().next = op.end + op.arg;
        }
        Ok(())
    }

    /// The constant None.
    pub(super) fn none(&mut self) -> ValueId {
        // SAFETY: None lives for ever.
        let none = unsafe { self.world.objects.clone_ref(self.world.objects.none) };
        self.constant(&none)
    }

    fn unpack(&mut self, count: usize, vm: &VirtualMachine) -> Res {
        let mut operand = self.peek(0)?;
        let gathered;
        if let Some((list, elements)) = self.gather_map(operand, vm)? {
            gathered = elements;
            operand = Operand::new(Sym::Val(list), Some(&gathered));
        }
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(operand.sym) {
            let fields = self.virtuals[index].fields.clone();
            if fields.len() != count {
                return Err(Abort::with(Reason::ExceptionInRecording, "unpacking to another number of variables"));
            }
            self.pop(1);
            for &field in fields.iter().rev() {
                self.push(field);
            }
            return Ok(());
        }
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = self.world.objects.class(object);
        let is_list = class == self.world.objects.classes.list;
        let tuple = vm.ctx.types.tuple_type;
        let iterates = |class: &Py<PyType>| class.slots.iter.load().map(|iter| iter as usize);
        // A class derived from tuple, as those of namedtuple are, mostly iterates as tuple does.
        let is_tuple = object.class().fast_issubclass(tuple) && iterates(object.class()) == iterates(tuple);
        if !is_list && !is_tuple {
            return Err(Abort::with(Reason::UnsupportedType, format!("unpacking of {}", object.class().name())));
        }
        if self.world.objects.length(object) != count {
            return Err(Abort::with(Reason::ExceptionInRecording, "unpacking to another number of variables"));
        }
        let sequence = self.reference(operand.sym)?;
        if class == self.world.objects.classes.list || class == self.world.objects.classes.tuple {
            self.guard_class(sequence, object);
        } else if !self.guard_instance(operand, object, object.class(), vm)? {
            return Err(Abort::with(Reason::UnsupportedType, format!("unpacking of {}", object.class().name())));
        }
        if self.trace.as_ref(sequence).is_none() || is_list {
            let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
            let wanted = self.trace.const_int(count as i64);
            let same = self.op(Op::EqInt, &[length, wanted]);
            self.guard_bool(same, true);
        }
        self.pop(1);
        for n in (0..count).rev() {
            let at = self.trace.const_int(n as i64);
            let element = self.op(if is_list { Op::ListGet } else { Op::TupleGet }, &[sequence, at]);
            self.push(Sym::Val(element));
        }
        Ok(())
    }

    /// Appends to a list, through `list.append` or in a comprehension.
    pub(super) fn append(&mut self, list: Operand, value: Operand) -> Res {
        let Some(object) = list.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let reference = self.reference(list.sym)?;
        self.guard_class(reference, object);
        let value = self.reference(value.sym)?;
        self.call_helper(&crate::helpers::list_append(), &[reference, value]);
        Ok(())
    }

    /// Sees whether a local of the innermost frame, which is about to return, may be finalised.
    pub(super) fn note_finalises(&mut self) {
        let frame = self.top_ref().frame;
        let mut locals = (0..frame.local_count()).filter_map(|index| frame.local(index));
        self.finalises = locals.any(|object| self.world.objects.is_noisy(object));
    }

    fn return_value(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        if self.frames.len() == 1 && self.is_step {
            return self.return_from_step(op);
        }
        if self.frames.len() == 1 && self.function.is_some() {
            return self.return_from_function(op);
        }
        if self.frames.len() == 1 {
            return self.return_from_entered(op);
        }
        if let Some(feeder) = self.feeder() {
            return self.return_key(op, feeder, vm);
        }
        if self.is_iterated() {
            return self.return_iterator(op, vm);
        }
        let answer = self.peek(0)?;
        let caller = &self.frames[self.frames.len() - 2];
        let asked = caller.code.instruction_at(caller.call).map(|op| op.opcode);
        if matches!(asked, Some(Opcode::BinaryOp | Opcode::CompareOp)) {
            self.capture(op.start);
            self.guard_answer(answer, vm)?;
        }
        if asked == Some(Opcode::ToBool) {
            self.capture(op.start);
            self.guard_truth(answer)?;
        }
        if matches!(asked, Some(Opcode::GetIter | Opcode::GetYieldFromIter | Opcode::GetAwaitable)) {
            self.capture(op.start);
            self.guard_iterator(answer)?;
        }
        if asked == Some(Opcode::GetAiter) {
            self.capture(op.start);
            self.guard_async_iterator(answer, vm)?;
        }
        let mut result = answer.sym;
        if let Some(builtin) = self.checked_by(&self.frames[self.frames.len() - 2]) {
            self.capture(op.start);
            result = self.guard_checked(builtin, answer)?;
        }
        self.note_finalises();
        match self.top_ref().generator {
            Some(running) => self.end_generator(running)?,
            None => self.pending = Pending::Return(result),
        }
        Ok(Flow::Continue)
    }

    /// A code object, decoded.
    pub(super) fn decoded(&self, code: &rustpython_vm::Py<PyCode>) -> std::rc::Rc<decode::Decoded> {
        (self.decode)(code)
    }
}

fn unsupported(op: decode::Op) -> Abort {
    Abort::with(Reason::UnsupportedOpcode, format!("{:?}", op.opcode))
}
