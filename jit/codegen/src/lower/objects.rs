//! Everything that touches objects: guards, boxes, sequences, cells, frame memory, calls, counts.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I64};
use cranelift_codegen::ir::{AbiParam, BlockArg, InstBuilder, Signature, Type, Value};
use tjit_ir::{Imm, Inst, Op, Ty, ValueId};

use super::{CompileError, Lowering, context_offset, native_type};
use crate::layout::{SequenceLayout, SmallInts};

impl Lowering<'_, '_> {
    /// Lowers an operation on objects, or a guard.
    pub(super) fn object_op(&mut self, value: ValueId, inst: &Inst) -> Result<Option<Value>, CompileError> {
        let layout = self.layout;
        let pool = &self.trace.pool;
        match (inst.op, inst.imm) {
            (Op::GuardClass, Imm::Class(class)) => {
                let object = self.arg(inst, 0)?;
                let found = self.load(object, layout.object.class);
                let same = self.equals(found, pool.classes[class.index()].addr);
                self.leave_if(same, false)?;
            }
            (Op::GuardTrue | Op::GuardFalse | Op::GuardIs | Op::GuardIsNot, _) => {
                let (condition, when) = self.guard_condition(value, inst)?;
                self.leave_if(condition, when)?;
            }
            (Op::GuardMore, _) => {
                let condition = self.arg(inst, 0)?;
                self.leave_if(condition, false)?;
            }
            (Op::UnboxInt, _) => return self.unbox_int(inst).map(Some),
            (Op::UnboxFloat, _) => {
                let object = self.arg(inst, 0)?;
                return Ok(Some(self.load_float(object, layout.float_value)));
            }
            (Op::UnboxBool, _) => {
                let object = self.arg(inst, 0)?;
                return Ok(Some(self.equals(object, layout.true_object)));
            }
            (Op::BoxInt, _) => return self.box_int(inst).map(Some),
            (Op::BoxFloat, _) => {
                let float = self.arg(inst, 0)?;
                return Ok(self.call_native(layout.helpers.box_float, &[(float, F64)], Some(I64)));
            }
            (Op::BoxBool, _) => {
                let condition = self.arg(inst, 0)?;
                let (yes, no) = (self.address(layout.true_object), self.address(layout.false_object));
                return Ok(Some(self.builder.ins().select(condition, yes, no)));
            }
            (Op::ListLen, _) => return self.len(inst, layout.list).map(Some),
            (Op::TupleLen, _) => return self.len(inst, layout.tuple).map(Some),
            (Op::ListGet | Op::TupleGet, _) => {
                let sequence = if inst.op == Op::ListGet { layout.list } else { layout.tuple };
                let element = self.element(inst, sequence)?;
                return Ok(Some(self.load(element, 0)));
            }
            (Op::ListSet, _) => {
                let element = self.element(inst, layout.list)?;
                let new = self.arg(inst, 2)?;
                let old = self.load(element, 0);
                self.store(new, element, 0);
                self.dec_ref(old);
            }
            (Op::ListSetFloat, _) => self.list_set_float(inst)?,
            (Op::CellGet, _) => {
                let cell = self.arg(inst, 0)?;
                return self.get_or_leave(cell, layout.cell_contents).map(Some);
            }
            (Op::CellSet, _) => {
                let (cell, new) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
                self.replace(cell, layout.cell_contents, new);
            }
            (Op::FrameGet, Imm::Index(local)) => {
                let slots = self.load(self.ctx, context_offset!(frame_slots));
                return self.get_or_leave(slots, slot_offset(local)).map(Some);
            }
            (Op::FrameSet, Imm::Index(local)) => {
                let new = self.arg(inst, 0)?;
                let slots = self.load(self.ctx, context_offset!(frame_slots));
                self.replace(slots, slot_offset(local), new);
            }
            // Its meaning is where it stands: the counts around it are explicit by now.
            (Op::KeepAlive | Op::AssumeIs, _) => {}
            (Op::IncRef, _) => {
                let object = self.arg(inst, 0)?;
                self.inc_ref(object);
            }
            (Op::DecRef, _) => {
                let object = self.arg(inst, 0)?;
                self.dec_ref(object);
            }
            _ => return Err(self.malformed(value, "the immediate is not of the operation's kind")),
        }
        Ok(None)
    }

    /// The condition that a guard looks at, and whether it leaves when that is true or when it is false. Nothing is loaded
    /// for it.
    pub(super) fn guard_condition(&mut self, value: ValueId, inst: &Inst) -> Result<(Value, bool), CompileError> {
        if let (Op::GuardIs | Op::GuardIsNot, Imm::Ref(constant)) = (inst.op, inst.imm) {
            let object = self.arg(inst, 0)?;
            let same = self.equals(object, self.trace.pool.refs[constant.index()].addr);
            return Ok((same, inst.op == Op::GuardIsNot));
        }
        if !matches!(inst.op, Op::GuardTrue | Op::GuardFalse) {
            return Err(self.malformed(value, "the immediate is not of the operation's kind"));
        }
        let mut wanted = inst.op == Op::GuardTrue;
        let mut condition = inst.args[0];
        while self.trace.inst(condition).op == Op::NotBool {
            condition = self.trace.inst(condition).args[0];
            wanted = !wanted;
        }
        Ok((self.value(condition)?, !wanted))
    }

    /// The value of an int with one word of magnitude `m`: `m` or `-m`, if that has the right sign.
    fn unbox_int(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let layout = self.layout.int;
        let object = self.arg(inst, 0)?;
        let tag = self.load(object, layout.tag);
        let small = self.equals(tag, layout.small_tag);
        self.leave_if(small, false)?;
        let magnitude = self.load(object, layout.magnitude);
        let sign = self.builder.ins().uload8(I64, crate::passing::MEM, object, layout.sign);
        // 0 for non-negative, all ones for negative.
        let flip = self.builder.ins().iadd_imm_s(sign, -1);
        let flipped = self.builder.ins().bxor(magnitude, flip);
        let int = self.builder.ins().isub(flipped, flip);
        let differ = self.builder.ins().bxor(int, flip);
        let outside = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, differ, 0);
        self.leave_if(outside, true)?;
        Ok(int)
    }

    fn box_int(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let int = self.arg(inst, 0)?;
        let helper = self.layout.helpers.box_int;
        let Some(SmallInts { min, max, table }) = self.layout.small_ints else {
            return Ok(self.call_native(helper, &[(int, I64)], Some(I64)).expect("a result was asked for"));
        };
        let [known, new, done] = std::array::from_fn(|_| self.builder.create_block());
        let result = self.builder.append_block_param(done, I64);
        let index = self.builder.ins().iadd_imm_s(int, min.wrapping_neg());
        let inside = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThanOrEqual, index, max - min);
        self.builder.ins().brif(inside, known, &[], new, &[]);

        self.builder.switch_to_block(known);
        let table = self.address(table);
        let offset = self.builder.ins().ishl_imm_u(index, 3);
        let entry = self.builder.ins().iadd(table, offset);
        let object = self.load(entry, 0);
        self.inc_ref(object);
        self.builder.ins().jump(done, &[BlockArg::Value(object)]);

        self.builder.switch_to_block(new);
        let object = self.call_native(helper, &[(int, I64)], Some(I64)).expect("a result was asked for");
        self.builder.ins().jump(done, &[BlockArg::Value(object)]);
        self.builder.switch_to_block(done);
        Ok(result)
    }

    /// `list_set_float`: overwrites the element when it is a float with the list's reference and no other, which its count
    /// word of exactly 1 tells (an immortal or otherwise special object has flags there).
    fn list_set_float(&mut self, inst: &Inst) -> Result<(), CompileError> {
        let element = self.element(inst, self.layout.list)?;
        let float = self.arg(inst, 2)?;
        self.set_float(element, 0, float);
        Ok(())
    }

    /// Makes the reference at `base + offset`, which is not null, one to a float of this value.
    pub(super) fn set_float(&mut self, base: Value, offset: i32, float: Value) {
        let layout = *self.layout;
        let old = self.load(base, offset);
        let class = self.load(old, layout.object.class);
        let is_float = self.equals(class, layout.float_class);
        let count = self.load(old, layout.object.count);
        let alone = self.builder.ins().icmp_imm_s(IntCC::Equal, count, 1);
        let in_place = self.builder.ins().band(is_float, alone);
        let [reuse, replace, done] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().brif(in_place, reuse, &[], replace, &[]);

        self.builder.switch_to_block(reuse);
        self.builder.ins().store(crate::passing::MEM, float, old, layout.float_value);
        self.builder.ins().jump(done, &[]);

        self.builder.switch_to_block(replace);
        let new =
            self.call_native(layout.helpers.box_float, &[(float, F64)], Some(I64)).expect("a result was asked for");
        self.store(new, base, offset);
        self.dec_ref(old);
        self.builder.ins().jump(done, &[]);
        self.builder.switch_to_block(done);
    }

    fn len(&mut self, inst: &Inst, layout: SequenceLayout) -> Result<Value, CompileError> {
        let sequence = self.arg(inst, 0)?;
        Ok(self.load(sequence, layout.len))
    }

    /// Address of an element.
    fn element(&mut self, inst: &Inst, layout: SequenceLayout) -> Result<Value, CompileError> {
        let (sequence, index) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
        let data = self.load(sequence, layout.data);
        let offset = self.builder.ins().ishl_imm_u(index, 3);
        Ok(self.builder.ins().iadd(data, offset))
    }

    /// Loads a nullable reference, and leaves when it is null.
    pub(super) fn get_or_leave(&mut self, base: Value, offset: i32) -> Result<Value, CompileError> {
        let object = self.load(base, offset);
        self.leave_if(object, false)?;
        Ok(object)
    }

    /// Stores a reference and drops what was there, if anything.
    pub(super) fn replace(&mut self, base: Value, offset: i32, new: Value) {
        let old = self.load(base, offset);
        self.store(new, base, offset);
        let [drop, done] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().brif(old, drop, &[], done, &[]);
        self.builder.switch_to_block(drop);
        self.dec_ref(old);
        self.builder.ins().jump(done, &[]);
        self.builder.switch_to_block(done);
    }

    /// `call`: the helper's result, after the test for an exception.
    pub(super) fn call(&mut self, value: ValueId, inst: &Inst) -> Result<Option<Value>, CompileError> {
        let Imm::Helper(helper) = inst.imm else { return Err(self.malformed(value, "a call names a helper")) };
        let helper = self.trace.helper(helper);
        if helper.trace.is_some() {
            return self.call_compiled(value, inst, helper).map(Some);
        }
        if helper.args.len() != inst.args.len() {
            return Err(self.malformed(value, "wrong number of operands"));
        }
        let mut args = Vec::with_capacity(inst.args.len());
        for (index, &ty) in helper.args.iter().enumerate() {
            args.push((self.arg(inst, index)?, native_type(ty)));
        }
        if helper.effects.opaque {
            self.spill_for_sync();
        }
        let result = (helper.result != Ty::Unit).then(|| native_type(helper.result));
        let result = self.call_native(helper.addr, &args, result);
        if helper.effects.exits {
            let exception = self.load(self.ctx, context_offset!(exception));
            self.leave_if(exception, true)?;
        }
        Ok(result)
    }

    /// Calls a native function with the context and these arguments.
    pub(super) fn call_native(&mut self, address: u64, args: &[(Value, Type)], result: Option<Type>) -> Option<Value> {
        let abi = |ty: Type| if ty == I8 { AbiParam::new(ty).uext() } else { AbiParam::new(ty) };
        let mut signature = Signature::new(self.isa.default_call_conv());
        signature.params.push(AbiParam::new(I64));
        signature.params.extend(args.iter().map(|&(_, ty)| abi(ty)));
        signature.returns.extend(result.map(abi));
        let signature = self.builder.import_signature(signature);
        let target = self.address(address);
        let values: Vec<Value> = std::iter::once(self.ctx).chain(args.iter().map(|&(value, _)| value)).collect();
        let call = self.builder.ins().call_indirect(signature, target, &values);
        self.builder.inst_results(call).first().copied()
    }

    /// The count word with the bits above the immortal bit shifted out: negative for immortals, otherwise the count times
    /// a power of two.
    fn count_shift(&self) -> i64 {
        i64::from(self.layout.object.immortal.leading_zeros())
    }

    /// Adds a reference. The branch keeps immortals, which everything shares, from being written.
    fn inc_ref(&mut self, object: Value) {
        let offset = self.layout.object.count;
        let count = self.load(object, offset);
        let shift = self.count_shift();
        let shifted = self.builder.ins().ishl_imm_u(count, shift);
        let immortal = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, shifted, 0);
        let [add, done] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().brif(immortal, done, &[], add, &[]);
        self.builder.switch_to_block(add);
        let more = self.builder.ins().iadd_imm_s(count, 1);
        self.store(more, object, offset);
        self.builder.ins().jump(done, &[]);
        self.builder.switch_to_block(done);
    }

    /// Adds a reference without a branch: less code, for exits.
    pub(super) fn inc_ref_cold(&mut self, object: Value) {
        let offset = self.layout.object.count;
        let count = self.load(object, offset);
        let shift = self.count_shift();
        let shifted = self.builder.ins().ishl_imm_u(count, shift);
        let mortal = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, shifted, 0);
        let one = self.builder.ins().uextend(I64, mortal);
        let more = self.builder.ins().iadd(count, one);
        self.store(more, object, offset);
    }

    /// Drops a reference: counts down where others are left; the helper does the last one.
    pub(super) fn dec_ref(&mut self, object: Value) {
        let offset = self.layout.object.count;
        let shift = self.count_shift();
        let [less, rare, last, done] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(rare);
        self.builder.set_cold_block(last);
        let count = self.load(object, offset);
        let shifted = self.builder.ins().ishl_imm_u(count, shift);
        let shared = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, shifted, 2 << shift);
        self.builder.ins().brif(shared, less, &[], rare, &[]);

        self.builder.switch_to_block(less);
        let fewer = self.builder.ins().iadd_imm_s(count, -1);
        self.store(fewer, object, offset);
        self.builder.ins().jump(done, &[]);

        self.builder.switch_to_block(rare);
        let immortal = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, shifted, 0);
        self.builder.ins().brif(immortal, done, &[], last, &[]);

        self.builder.switch_to_block(last);
        self.call_native(self.layout.helpers.release, &[(object, I64)], None);
        self.builder.ins().jump(done, &[]);
        self.builder.switch_to_block(done);
    }
}

/// Offset of a fast local in the entered frame's memory.
fn slot_offset(local: u32) -> i32 {
    8 * local as i32
}
