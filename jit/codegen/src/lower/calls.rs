//! Calls between compiled functions, and returns.
//!
//! ```text
//!  descend ── no frames left, or long no fuel ──► exit before the call
//!     │
//!  call through the word with the callee's address ─► (exit id, result)
//!     │                         exit id set: the callee has left; `unwound` puts its values by, and the
//!     ▼                         caller leaves as well, with the call under way, and so on outwards
//!  result, by its bits
//! ```
//!
//! While the call is under way, a record of it is on the caller's native stack: the exit that would be taken, with its
//! values. That is all that is needed to make the frames which do not exist, should anybody look for them.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Value};
use tjit_ir::{HelperInfo, Imm, Inst, ValueId};

use super::{CompileError, Lowering, context_offset, native_type};
use crate::context::{CallRecord, DESCENTS, RETURNED};
use crate::passing::Passing;

impl Lowering<'_, '_> {
    /// `descend`: takes fuel, and leaves unless little more was taken than there was, and there is room for the frames.
    pub(super) fn descend(&mut self, value: ValueId, inst: &Inst) -> Result<(), CompileError> {
        let Imm::Index(frames) = inst.imm else {
            return Err(self.malformed(value, "the immediate is not of the operation's kind"));
        };
        let fuel = self.load(self.ctx, context_offset!(fuel));
        let fuel = self.builder.ins().iadd_imm_s(fuel, -1);
        self.store(fuel, self.ctx, context_offset!(fuel));
        let depth = self.load(self.ctx, context_offset!(depth));
        let depth = self.builder.ins().iadd_imm_s(depth, -i64::from(frames));
        // Either is negative.
        let more = self.builder.ins().iadd_imm_s(fuel, DESCENTS);
        let both = self.builder.ins().bor(more, depth);
        let short = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, both, 0);
        self.leave_if(short, true)
    }

    fn add_depth(&mut self, frames: i64) {
        let depth = self.load(self.ctx, context_offset!(depth));
        let depth = self.builder.ins().iadd_imm_s(depth, frames);
        self.store(depth, self.ctx, context_offset!(depth));
    }

    /// Writes down the call that is about to be made, so that its frames can be made if somebody looks for them. Gives the
    /// record of the call further out.
    fn record_call(&mut self) -> Value {
        let outer = self.load(self.ctx, context_offset!(calls));
        let (Some(pending), Some(exit)) = (self.pending.last(), self.exits.last()) else { return outer };
        let first = size_of::<CallRecord>();
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, (first + 8 * pending.values.len()) as u32, 3);
        let slot = self.builder.create_sized_stack_slot(slot);
        for (index, &value) in pending.values.iter().enumerate() {
            let narrow = self.builder.func.dfg.value_type(value) == I8;
            let word = if narrow { self.builder.ins().uextend(I64, value) } else { value };
            self.builder.ins().stack_store(I64, word, slot, (first + 8 * index) as i32);
        }
        let id = exit.id;
        let id = self.address(id);
        self.builder.ins().stack_store(I64, outer, slot, offset_of!(CallRecord, outer) as i32);
        self.builder.ins().stack_store(I64, id, slot, offset_of!(CallRecord, exit) as i32);
        let record = self.builder.ins().stack_addr(I64, slot, 0);
        self.store(record, self.ctx, context_offset!(calls));
        outer
    }

    /// A call of a compiled function.
    pub(super) fn call_compiled(
        &mut self,
        value: ValueId,
        inst: &Inst,
        callee: &HelperInfo,
    ) -> Result<Value, CompileError> {
        let Some(snapshot) = inst.snapshot else {
            return Err(self.malformed(value, "a call of a compiled function without a snapshot"));
        };
        if callee.args.len() != inst.args.len() {
            return Err(self.malformed(value, "wrong number of operands"));
        }
        let args = (0..inst.args.len()).map(|index| self.arg(inst, index)).collect::<Result<Vec<Value>, _>>()?;
        let frames = self.trace.snapshot(snapshot).frames.len() as i64;
        self.add_depth(-frames);
        let outer = self.record_call();
        let passing = Passing::of(&self.builder, &args);
        passing.store(&mut self.builder, self.ctx, &args);
        let word = self.address(callee.addr);
        let target = self.load(word, 0);
        let signature = self.builder.import_signature(passing.signature());
        let args = passing.args(self.ctx, &args);
        let call = self.builder.ins().call_indirect(signature, target, &args);
        let &[exit, bits] = self.builder.inst_results(call) else { unreachable!("every trace has two results") };
        self.store(outer, self.ctx, context_offset!(calls));
        self.add_depth(frames);

        let [left, returned] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(left);
        let has_returned = self.builder.ins().icmp_imm_s(IntCC::Equal, exit, RETURNED as i64);
        self.builder.ins().brif(has_returned, returned, &[], left, &[]);
        self.builder.switch_to_block(left);
        self.call_native(self.layout.helpers.unwound, &[(exit, I64)], None);
        let stub = self.stub()?;
        self.builder.ins().jump(stub, &[]);
        self.builder.switch_to_block(returned);
        self.tell_trace();
        Ok(match native_type(callee.result) {
            F64 => self.builder.ins().bitcast(F64, MemFlagsData::new(), bits),
            I8 => self.builder.ins().ireduce(I8, bits),
            _ => bits,
        })
    }

    /// The end of a trace whose function returns.
    pub(super) fn return_result(&mut self, result: ValueId) -> Result<(), CompileError> {
        let result = self.value(result)?;
        let bits = match self.builder.func.dfg.value_type(result) {
            F64 => self.builder.ins().bitcast(I64, MemFlagsData::new(), result),
            I8 => self.builder.ins().uextend(I64, result),
            _ => result,
        };
        let returned = self.address(RETURNED);
        self.builder.ins().return_(&[returned, bits]);
        Ok(())
    }
}
