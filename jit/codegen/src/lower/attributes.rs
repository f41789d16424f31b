//! Attributes of instances: where they are was found out when the trace was recorded, and guards make sure of it.
//!
//! ```text
//!   instance ──(in front of it)──► dict { entries, len } ──► entry { key, value }, entry { key, value }, …
//! ```

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use tjit_ir::{Imm, Inst, Op, ValueId};

use super::{CompileError, Lowering};
use crate::passing::MEM;

impl Lowering<'_, '_> {
    /// Lowers an operation on attributes. The outer `None`: it is another one.
    pub(super) fn attribute_op(&mut self, value: ValueId, inst: &Inst) -> Result<Option<Option<Value>>, CompileError> {
        let is_one = matches!(
            inst.op,
            Op::ClassVersion
                | Op::VersionCell
                | Op::FunctionVersion
                | Op::InstanceDict
                | Op::DictLen
                | Op::GuardKey
                | Op::EntryGet
                | Op::EntrySet
                | Op::EntrySetFloat
                | Op::SlotGet
                | Op::SlotSet
                | Op::SlotSetFloat
        );
        if !is_one {
            return Ok(None);
        }
        let (Some(layout), Some(dict)) = (self.layout.attributes, self.layout.dict) else {
            return Err(self.malformed(value, "the layout has no attributes"));
        };
        let object = self.arg(inst, 0)?;
        let slot = |inst: &Inst| match inst.imm {
            Imm::Index(bytes) => -(bytes as i32),
            _ => 0,
        };
        let result = match inst.op {
            Op::ClassVersion => Some(self.builder.ins().uload32(MEM, object, layout.class_version)),
            Op::VersionCell => Some(self.builder.ins().uload32(MEM, object, 0)),
            Op::FunctionVersion => Some(self.builder.ins().uload32(MEM, object, layout.function_version)),
            Op::InstanceDict => Some(self.get_or_leave(object, layout.instance_dict)?),
            Op::DictLen => Some(self.load(object, dict.len)),
            Op::GuardKey => {
                let wanted = self.arg(inst, 1)?;
                let (entries, offset) = self.entry(object, inst);
                let key = self.load(entries, offset + dict.key);
                let same = self.builder.ins().icmp(IntCC::Equal, key, wanted);
                self.leave_if(same, false)?;
                None
            }
            Op::EntryGet => {
                let (entries, offset) = self.entry(object, inst);
                Some(self.load(entries, offset + dict.value))
            }
            Op::EntrySet => {
                let new = self.arg(inst, 1)?;
                let (entries, offset) = self.entry(object, inst);
                self.replace(entries, offset + dict.value, new);
                None
            }
            Op::EntrySetFloat => {
                let float = self.arg(inst, 1)?;
                let (entries, offset) = self.entry(object, inst);
                self.set_float(entries, offset + dict.value, float);
                None
            }
            Op::SlotGet => Some(self.get_or_leave(object, slot(inst))?),
            Op::SlotSet => {
                let new = self.arg(inst, 1)?;
                self.replace(object, slot(inst), new);
                None
            }
            _ => {
                let float = self.arg(inst, 1)?;
                let [set, first, done] = std::array::from_fn(|_| self.builder.create_block());
                let old = self.load(object, slot(inst));
                self.builder.ins().brif(old, set, &[], first, &[]);
                self.builder.switch_to_block(first);
                let boxed = self.call_native(self.layout.helpers.box_float, &[(float, F64)], Some(I64));
                self.store(boxed.expect("a result was asked for"), object, slot(inst));
                self.builder.ins().jump(done, &[]);
                self.builder.switch_to_block(set);
                self.set_float(object, slot(inst), float);
                self.builder.ins().jump(done, &[]);
                self.builder.switch_to_block(done);
                None
            }
        };
        Ok(Some(result))
    }

    /// The entries of a dict, and how far into them the entry of an instruction is.
    fn entry(&mut self, object: Value, inst: &Inst) -> (Value, i32) {
        let (entries, size) = self.layout.dict.map_or((0, 0), |dict| (dict.entries, dict.entry_size));
        let index = match inst.imm {
            Imm::Index(index) => index,
            _ => 0,
        };
        (self.load(object, entries), index as i32 * size as i32)
    }
}
