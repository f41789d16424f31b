//! Short arms without a branch: in a region, when both ways from a guard are a few pure operations and end in the same join
//! trace, both are computed, and conditional moves choose what arrives there. A branch that follows the data costs more
//! than that each time it is predicted wrong.
//!
//! ```text
//!   guard_true %c ──► bridge: %9 = neg_float %8         %9 = neg_float %8
//!   jump J(%8)                jump J(%9)                jump J(%c ? %8 : %9)
//! ```

use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value};
use tjit_ir::{Effects, End, Mem, Op, Trace, Ty, ValueId};

use super::{CompileError, Lowering};

/// Operations in an arm, at most.
const MAX_OPERATIONS: usize = 6;

impl Lowering<'_, '_> {
    /// Lowers the guard `value` and the `rest` of its trace without a branch, if that can be done. Otherwise nothing has
    /// been lowered.
    pub(super) fn choose_arm(&mut self, value: ValueId, rest: &[ValueId]) -> Result<bool, CompileError> {
        let trace = self.trace;
        let inst = trace.inst(value);
        if !matches!(inst.op, Op::GuardTrue | Op::GuardFalse | Op::GuardIs | Op::GuardIsNot) || self.env.stress {
            return Ok(false);
        }
        let number = self.exits.len();
        let bridge = self.bridges.get(number).copied().flatten().and_then(|id| self.entries.get(&id));
        let Some(&(_, bridge)) = bridge else { return Ok(false) };
        let (End::Jump(target, args), End::Jump(other, bridge_args)) = (&trace.end, &bridge.end) else {
            return Ok(false);
        };
        let Some(&(join, _)) = self.entries.get(target) else { return Ok(false) };
        let same = target == other && (self.env.hoisted)(*target).is_none();
        if !same || !bridge.preheader.is_empty() || !is_pure(trace, rest) || !is_pure(bridge, &bridge.body) {
            return Ok(false);
        }
        let held = trace.held.get(&value).map_or(&[][..], Vec::as_slice);
        let handed = trace.exit_values(value);
        let is_counted =
            |&value: &ValueId| trace.ty(value) != Ty::Ref || held.contains(&value) || trace.is_immortal(value);
        if !handed.iter().all(is_counted) {
            return Ok(false);
        }

        let (condition, leaves_when) = self.guard_condition(value, inst)?;
        let given = handed.iter().map(|&value| self.value(value)).collect::<Result<Vec<_>, _>>()?;
        // The exit keeps its number: those behind it must not move.
        self.start_exit(value)?;
        let own = self.arm(rest, args)?;
        let values = std::mem::take(&mut self.values);
        self.trace = bridge;
        self.values.resize(bridge.insts.len(), None);
        for (&param, value) in bridge.params.iter().zip(given) {
            self.values[param.index()] = Some(value);
        }
        let bridged = self.arm(&bridge.body, bridge_args);
        self.trace = trace;
        self.values = values;
        let args: Vec<BlockArg> = own
            .into_iter()
            .zip(bridged?)
            .map(|(own, other)| BlockArg::Value(self.select(condition, leaves_when, other, own)))
            .collect();
        self.builder.ins().jump(join, &args);
        self.selects += 1;
        Ok(true)
    }

    fn arm(&mut self, body: &[ValueId], args: &[ValueId]) -> Result<Vec<Value>, CompileError> {
        for &value in body {
            self.inst(value)?;
        }
        args.iter().map(|&arg| self.value(arg)).collect()
    }

    /// `condition == when ? a : b`. Floats too go through integer registers, where there are conditional moves.
    fn select(&mut self, condition: Value, when: bool, a: Value, b: Value) -> Value {
        if a == b {
            return a;
        }
        let (a, b) = if when { (a, b) } else { (b, a) };
        if self.builder.func.dfg.value_type(a) != F64 {
            return self.builder.ins().select(condition, a, b);
        }
        let [a, b] = [a, b].map(|value| self.builder.ins().bitcast(I64, MemFlagsData::new(), value));
        let chosen = self.builder.ins().select(condition, a, b);
        self.builder.ins().bitcast(F64, MemFlagsData::new(), chosen)
    }
}

/// Whether instructions only compute, from values and not from memory, and are few.
fn is_pure(trace: &Trace, body: &[ValueId]) -> bool {
    let computes = |&value: &ValueId| {
        let inst = trace.inst(value);
        let Effects { reads, writes, .. } = trace.effects(value);
        let plain = Effects { reads: Mem::empty(), writes: Mem::empty(), ..trace.effects(value) } == Effects::PURE;
        let marks = matches!(inst.op, Op::KeepAlive | Op::AssumeIs | Op::Rely);
        marks || plain && inst.op != Op::Call && (reads | writes).is_empty() && trace.ty(value) != Ty::Ref
    };
    body.len() <= MAX_OPERATIONS && body.iter().all(computes)
}
