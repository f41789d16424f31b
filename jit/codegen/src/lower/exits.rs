//! Exits: the cold code between a condition that fails and the bridge or the interpreter.
//!
//! ```text
//!  guard ──► stub (per exit): notes its number ──► handover (per set of values): spill all
//!        ──► tail (per trace): slot set? ── yes ─► tail call of the bridge, which finds its parameters there
//!                                  no ─► return the exit's id
//! ```
//!
//! Guards of one bytecode instruction mostly hand over the same values, so that most stubs share their handover. References
//! that the trace has only borrowed are counted by whoever takes over: the bridge does it at its start, the host before
//! anything else. There are so many exits, and so few of them are taken, that their code must be small.

use std::sync::Arc;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Value};
use rustc_hash::FxHashMap;
use tjit_ir::{Trace, Ty, ValueId};

use super::{CompileError, Exit, Lowering, context_offset};
use crate::compiled::ExitCell;
use crate::context::MAX_VALUES;
use crate::passing::{Passing, store_value};

/// The values of an exit.
type Handover = Vec<Value>;

/// An exit whose code is still to be made.
pub(super) struct Pending {
    stub: Block,
    pub(super) values: Handover,
}

/// The values of an exit that are references without a count of their own, by position.
fn borrowed(trace: &Trace, inst: ValueId, values: &[ValueId]) -> Arc<[usize]> {
    let held = trace.held.get(&inst).map_or(&[][..], Vec::as_slice);
    let is_borrowed =
        |&value: &ValueId| trace.ty(value) == Ty::Ref && !held.contains(&value) && !trace.is_immortal(value);
    (0..values.len()).filter(|&index| is_borrowed(&values[index])).collect()
}

impl Lowering<'_, '_> {
    /// Registers the exit of an instruction, with the values as they are before it.
    pub(super) fn start_exit(&mut self, inst: ValueId) -> Result<(), CompileError> {
        let trace = self.trace;
        let snapshot = trace.inst(inst).snapshot.expect("the caller has seen the snapshot");
        let values = trace.exit_values(inst);
        if values.len() > MAX_VALUES {
            return Err(CompileError::TooManyValues { count: values.len() });
        }
        let tys = values.iter().map(|&value| trace.ty(value)).collect();
        let borrowed = borrowed(trace, inst, &values);
        let handover = values.iter().map(|&value| self.value(value)).collect::<Result<_, _>>()?;
        let bridge = self.bridge(self.exits.len());
        let stub = if bridge.is_some() { self.builder.create_block() } else { self.cold_block() };
        self.stub = Some(stub);
        self.pending.push(Pending { stub, values: handover });
        let id = self.first_exit + self.exits.len() as u64;
        self.exits.push(Exit { id, inst, snapshot, values: values.into(), tys, borrowed });
        Ok(())
    }

    /// Before a call that may look at frames: spills the values of the instruction's exit and tells which exit it is, so
    /// that the helper can write the frame as the exit would.
    pub(super) fn spill_for_sync(&mut self) {
        let (Some(_), Some(pending), Some(exit)) = (self.stub, self.pending.last(), self.exits.last()) else { return };
        let (id, frames) = (exit.id, self.trace.snapshot(exit.snapshot).frames.len());
        for (index, &value) in pending.values.iter().enumerate() {
            store_value(&mut self.builder, self.ctx, index, value);
        }
        let id = self.address(id);
        self.store(id, self.ctx, context_offset!(sync_exit));
        let frames = self.builder.ins().iconst(I64, frames as i64);
        self.store(frames, self.ctx, context_offset!(sync_frames));
    }

    /// Where the current instruction leaves to.
    pub(super) fn stub(&self) -> Result<Block, CompileError> {
        match (self.stub, self.current) {
            (Some(stub), _) => Ok(stub),
            (None, Some(inst)) => Err(self.malformed(inst, "an exiting instruction without a snapshot")),
            (None, None) => Err(CompileError::Empty),
        }
    }

    /// Leaves by the current instruction's snapshot if the condition is `when`.
    pub(super) fn leave_if(&mut self, condition: Value, when: bool) -> Result<(), CompileError> {
        let stub = self.stub()?;
        let go_on = self.builder.create_block();
        let (then, otherwise) = if when { (stub, go_on) } else { (go_on, stub) };
        self.builder.ins().brif(condition, then, &[], otherwise, &[]);
        self.builder.switch_to_block(go_on);
        Ok(())
    }

    /// `poll`: counts down the fuel and leaves when there was none left.
    pub(super) fn poll(&mut self) -> Result<(), CompileError> {
        let fuel = self.load(self.ctx, context_offset!(fuel));
        let fuel = self.builder.ins().iadd_imm_s(fuel, -1);
        self.store(fuel, self.ctx, context_offset!(fuel));
        let empty = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, fuel, 0);
        self.leave_if(empty, true)
    }

    /// Stress: leaves although the guard may hold, when its turn has come.
    pub(super) fn count_forced(&mut self) -> Result<(), CompileError> {
        let forced = self.load(self.ctx, context_offset!(forced));
        let forced = self.builder.ins().iadd_imm_s(forced, -1);
        self.store(forced, self.ctx, context_offset!(forced));
        let now = self.builder.ins().icmp_imm_s(IntCC::Equal, forced, 0);
        self.leave_if(now, true)
    }

    /// Makes the code of all exits.
    pub(super) fn emit_exits(&mut self) {
        let mut groups: Vec<(Handover, Vec<(usize, Block)>)> = Vec::new();
        let mut known: FxHashMap<Handover, usize> = FxHashMap::default();
        for (number, Pending { stub, values }) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            if let Some(bridge) = self.bridge(number) {
                self.builder.switch_to_block(stub);
                for &index in &*Arc::clone(&self.exits[number].borrowed) {
                    self.inc_ref_cold(values[index]);
                }
                let values: Vec<BlockArg> = values.into_iter().map(BlockArg::Value).collect();
                self.builder.ins().jump(bridge, &values);
                continue;
            }
            let group = *known.entry(values.clone()).or_insert_with(|| {
                groups.push((values, Vec::new()));
                groups.len() - 1
            });
            groups[group].1.push((number, stub));
        }
        if groups.is_empty() {
            return;
        }
        let tail = self.cold_block();
        for (values, exits) in groups {
            let shared = if exits.len() > 1 { Some(self.cold_block()) } else { None };
            for (number, stub) in exits {
                self.builder.switch_to_block(stub);
                let number = self.builder.ins().iconst(I64, number as i64);
                self.store(number, self.ctx, context_offset!(number));
                if let Some(shared) = shared {
                    self.builder.ins().jump(shared, &[]);
                }
            }
            // If nobody shares it, the stub hands over.
            if let Some(shared) = shared {
                self.builder.switch_to_block(shared);
            }
            for (index, &value) in values.iter().enumerate() {
                store_value(&mut self.builder, self.ctx, index, value);
            }
            self.builder.ins().jump(tail, &[]);
        }
        self.emit_tail(tail);
    }

    /// The block of the trace in this function that takes over at an exit.
    fn bridge(&self, exit: usize) -> Option<Block> {
        let trace = self.bridges.get(exit).copied().flatten()?;
        self.entries.get(&trace).map(|&(block, _)| block)
    }

    fn cold_block(&mut self) -> Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// The code that leaves by the exit whose number has been noted, when its values are in the spill area.
    fn emit_tail(&mut self, tail: Block) {
        let [bridge, leave] = std::array::from_fn(|_| self.cold_block());
        self.builder.switch_to_block(tail);
        let number = self.load(self.ctx, context_offset!(number));
        let cells = self.address(self.cells as u64);
        let offset = self.builder.ins().ishl_imm_u(number, ExitCell::SIZE_LOG2);
        let cell = self.builder.ins().iadd(cells, offset);
        if self.options.count_exits {
            let passes = self.load(cell, ExitCell::PASSES);
            let passes = self.builder.ins().iadd_imm_s(passes, 1);
            self.store(passes, cell, ExitCell::PASSES);
        }
        let target = self.load(cell, ExitCell::BRIDGE);
        self.builder.ins().brif(target, bridge, &[], leave, &[]);

        self.builder.switch_to_block(bridge);
        self.tail_call(&Passing::in_memory(), target, &[]);

        self.builder.switch_to_block(leave);
        let id = self.builder.ins().iadd_imm_s(number, self.first_exit as i64);
        let nothing = self.address(0);
        self.builder.ins().return_(&[id, nothing]);
    }
}
