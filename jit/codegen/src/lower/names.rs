//! Names in dicts: a few loads where the dict is as a helper has found it last, a call of the helper where it is not.
//!
//! ```text
//! cell { index, stamp } ──► entries[index].key is the name?  ── yes ─► entries[index].value
//!                           (two dicts: first.stamp == stamp?)  no ──► helper, which looks the name up and sets the cell
//! ```

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value};
use tjit_ir::{Imm, Inst, Op, ValueId};

use super::{CompileError, Lowering};
use crate::compiled::NameCell;
use crate::layout::DictLayout;

impl Lowering<'_, '_> {
    /// Lowers an operation on a name.
    pub(super) fn name_op(&mut self, value: ValueId, inst: &Inst) -> Result<Option<Value>, CompileError> {
        let Some(cell) = self.names.next() else { return Err(self.malformed(value, "it is in the trace twice")) };
        let cell = self.address(std::ptr::from_ref(cell) as u64);
        let helpers = self.layout.helpers;
        let [slow, done] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(slow);
        let dict = self.arg(inst, 0)?;
        match (inst.op, inst.imm) {
            (Op::GuardName, Imm::Ref(object)) => {
                let (second, name) = (self.arg(inst, 1)?, self.arg(inst, 2)?);
                let wanted = self.address(self.trace.pool.refs[object.index()].addr);
                if inst.args[0] != inst.args[1] {
                    self.same_keys(dict, cell, slow);
                }
                if let Some((layout, entry)) = self.name_entry(second, name, cell, slow) {
                    let found = self.load(entry, layout.value);
                    let is = self.builder.ins().icmp(IntCC::Equal, found, wanted);
                    self.builder.ins().brif(is, done, &[], slow, &[]);
                }
                self.builder.switch_to_block(slow);
                let args = [dict, second, name, wanted, cell].map(|value| (value, I64));
                let is = self.call_native(helpers.name_is, &args, Some(I8)).expect("the helper has a result");
                self.leave_if(is, false)?;
                self.builder.ins().jump(done, &[]);
                self.builder.switch_to_block(done);
                Ok(None)
            }
            (Op::NameGet, _) => {
                let name = self.arg(inst, 1)?;
                let result = self.builder.append_block_param(done, I64);
                if let Some((layout, entry)) = self.name_entry(dict, name, cell, slow) {
                    let found = self.load(entry, layout.value);
                    self.builder.ins().brif(found, done, &[BlockArg::Value(found)], slow, &[]);
                }
                self.builder.switch_to_block(slow);
                let args = [dict, name, cell].map(|value| (value, I64));
                let object = self.call_native(helpers.name_get, &args, Some(I64)).expect("the helper has a result");
                self.leave_if(object, false)?;
                self.builder.ins().jump(done, &[BlockArg::Value(object)]);
                self.builder.switch_to_block(done);
                Ok(Some(result))
            }
            (Op::NameSet, _) => {
                let (name, new) = (self.arg(inst, 1)?, self.arg(inst, 2)?);
                if let Some((layout, entry)) = self.name_entry(dict, name, cell, slow) {
                    let set = self.builder.create_block();
                    let old = self.load(entry, layout.value);
                    self.builder.ins().brif(old, set, &[], slow, &[]);
                    self.builder.switch_to_block(set);
                    self.store(new, entry, layout.value);
                    self.dec_ref(old);
                    self.builder.ins().jump(done, &[]);
                }
                self.builder.switch_to_block(slow);
                let args = [dict, name, new, cell].map(|value| (value, I64));
                self.call_native(helpers.name_set, &args, None);
                self.builder.ins().jump(done, &[]);
                self.builder.switch_to_block(done);
                Ok(None)
            }
            _ => Err(self.malformed(value, "the immediate is not of the operation's kind")),
        }
    }

    /// Goes to `slow` unless the keys of a dict are those of which the cell says that the name is not among them.
    fn same_keys(&mut self, dict: Value, cell: Value, slow: Block) {
        let Some(layout) = self.layout.dict else { return };
        let known = self.load(cell, NameCell::STAMP);
        let stamp = self.builder.ins().uload32(crate::passing::MEM, dict, layout.stamp);
        let same = self.builder.ins().icmp(IntCC::Equal, known, stamp);
        self.or_slow(same, slow);
    }

    /// The address of the entry that the cell says has the name; goes to `slow` when it has not. `None`, after going there
    /// anyway, when the layout of dicts is not known.
    fn name_entry(&mut self, dict: Value, name: Value, cell: Value, slow: Block) -> Option<(DictLayout, Value)> {
        let Some(layout) = self.layout.dict else {
            self.builder.ins().jump(slow, &[]);
            return None;
        };
        let index = self.load(cell, NameCell::INDEX);
        let len = self.load(dict, layout.len);
        let inside = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, len);
        self.or_slow(inside, slow);
        let entries = self.load(dict, layout.entries);
        let offset = self.builder.ins().imul_imm_s(index, layout.entry_size);
        let entry = self.builder.ins().iadd(entries, offset);
        let key = self.load(entry, layout.key);
        let same = self.builder.ins().icmp(IntCC::Equal, key, name);
        self.or_slow(same, slow);
        Some((layout, entry))
    }

    fn or_slow(&mut self, condition: Value, slow: Block) {
        let go_on = self.builder.create_block();
        self.builder.ins().brif(condition, go_on, &[], slow, &[]);
        self.builder.switch_to_block(go_on);
    }
}
