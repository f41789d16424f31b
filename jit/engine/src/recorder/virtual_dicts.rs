//! Dicts that are not made: those of keywords, and those that are written with texts as keys. What is looked for in them by a
//! constant text is a value of the trace.
//!
//! An empty dict that is written so is mostly filled by a loop, and is made at once.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{Py, PyRef, builtins::PyStr};
use tjit_ir::{ValueId, VirtualKind};

use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::decode::Op;
use crate::helpers::dicts;

/// Entries of a dict that is written and not made, at most.
const MAX_ENTRIES: usize = 8;

impl Recorder {
    /// Makes a dict.
    pub(super) fn make_dict(&mut self, entries: Vec<Sym>) -> Res<ValueId> {
        let dict = self.call_helper(&dicts::dict_new(), &[]);
        for entry in entries.chunks_exact(2) {
            let (key, value) = (self.reference(entry[0])?, self.reference(entry[1])?);
            // A new dict has no keys that could not be compared, so that this never leaves.
            self.call_helper(&dicts::dict_set(), &[dict, key, value]);
        }
        Ok(dict)
    }

    /// Where a virtual dict has a key, a constant text: the dict, and the field of the value if the key is there. `None`: one of
    /// them is something else.
    pub(super) fn virtual_entry(&self, dict: Operand, key: Operand) -> Option<(usize, Option<usize>)> {
        let (index, VirtualKind::Dict) = self.as_virtual(dict.sym)? else { return None };
        let wanted = self.constant_text(key.sym)?;
        let mut keys = self.virtuals[index].fields.iter().step_by(2);
        let entry = keys.position(|&key| self.is_text(key, &wanted));
        Some((index, entry.map(|entry| 2 * entry + 1)))
    }

    /// `a[b] = c` of a virtual dict. False: it is none, and nothing was done.
    pub(super) fn set_virtual_item(&mut self, dict: Operand, key: Operand, value: Operand) -> Res<bool> {
        let Some((index, entry)) = self.virtual_entry(dict, key) else { return Ok(false) };
        if self.reaches_virtual(value.sym, index) {
            return Ok(false);
        }
        self.set_entry(index, entry, key.sym, value.sym)?;
        Ok(true)
    }

    /// Takes an entry out of a virtual dict: the field of its value. Gives the value.
    pub(super) fn take_entry(&mut self, index: usize, entry: usize) -> Sym {
        let value = self.field(index, entry);
        self.virtuals[index].fields.drain(entry - 1..=entry);
        value
    }

    /// Adds the entries of one virtual dict to another, which is new. False: one of them is none, or a key that is there is to
    /// raise; nothing was done.
    pub(super) fn add_entries(&mut self, dict: Operand, other: Operand, merges: bool) -> Res<bool> {
        let (Some((_, VirtualKind::Dict)), Some((more, VirtualKind::Dict))) =
            (self.as_virtual(dict.sym), self.as_virtual(other.sym))
        else {
            return Ok(false);
        };
        let entries = self.virtuals[more].fields.clone();
        let keys = entries.iter().step_by(2);
        if merges
            && keys
                .clone()
                .any(|&key| self.virtual_entry(dict, Operand::new(key, None)).is_none_or(|at| at.1.is_some()))
        {
            return Ok(false);
        }
        for pair in entries.chunks_exact(2) {
            if let Some((index, entry)) = self.virtual_entry(dict, Operand::new(pair[0], None)) {
                self.set_entry(index, entry, pair[0], pair[1])?;
            }
        }
        Ok(true)
    }

    fn set_entry(&mut self, index: usize, entry: Option<usize>, key: Sym, value: Sym) -> Res {
        match entry {
            Some(entry) => {
                let old = self.field(index, entry);
                self.set_field(index, entry, value);
                self.give_up(old)?;
            }
            None => self.virtuals[index].fields.extend([key, value]),
        }
        Ok(())
    }

    /// The entries of a dict that is written, BUILD_MAP, if it is not made. (Keys and values are on the stack.)
    pub(super) fn virtual_entries(&mut self, op: Op) -> Res<Option<Vec<Sym>>> {
        let count = op.arg as usize;
        if count > MAX_ENTRIES || count == 0 && !self.is_spread_next(op) {
            return Ok(None);
        }
        let mut entries = Vec::with_capacity(2 * count);
        for n in (0..count).rev() {
            let (key, value) = (self.peek(2 * n + 1)?.sym, self.peek(2 * n)?.sym);
            let Some(text) = self.constant_text(key) else { return Ok(None) };
            if entries.iter().step_by(2).any(|&known| self.is_text(known, &text)) {
                return Ok(None);
            }
            entries.extend([key, value]);
        }
        Ok(Some(entries))
    }

    /// Whether the entries of another mapping are added next: `{**a}`, or `f(**a)`.
    fn is_spread_next(&self, op: Op) -> bool {
        let code = &self.top_ref().code;
        let next = code.instruction_at(op.end).and_then(|load| code.instruction_at(load.end));
        next.is_some_and(|next| matches!(next.opcode, Opcode::DictMerge | Opcode::DictUpdate))
    }

    /// The text that a symbol stands for, if it is a constant.
    fn constant_text(&self, sym: Sym) -> Option<PyRef<PyStr>> {
        let object = self.constant_object(self.resolve(sym))?;
        if self.is_str(&object) { object.downcast().ok() } else { None }
    }

    fn is_text(&self, sym: Sym, wanted: &Py<PyStr>) -> bool {
        self.constant_text(sym).is_some_and(|text| text.as_wtf8() == wanted.as_wtf8())
    }
}
