//! How values get into a trace: the first few in registers, the others in the context's spill area.
//!
//! One rule for what goes from code to code by entry, call or jump: of the parameters in order, the first
//! [`INT_REGISTERS`] ints, bools and references and the first [`FLOAT_REGISTERS`] floats are arguments of the native
//! function; parameter `n` of the others is entry `n` of `Context::values`. So no call has arguments on the stack, and
//! whoever enters from outside can put every parameter into the spill area.
//!
//! A trace that only exits lead to has all of them there: an exit cannot know whether a bridge or the host comes next, and
//! there are so many exits that they are most of the code.

use cranelift_codegen::ir::types::{F64, I8, I64};
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, Type, Value};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;

use crate::context::Context;

/// As many as the x86-64 tail-call convention has, less the context. Others have more.
const INT_REGISTERS: usize = 5;
const FLOAT_REGISTERS: usize = 8;

/// Every access is to memory that is known to be there and aligned.
pub(crate) const MEM: MemFlagsData = MemFlagsData::trusted();

/// Where the parameters of one list of types travel: position and type of each that has a register.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Passing(Vec<(usize, Type)>);

impl Passing {
    /// For parameters of these types.
    pub(crate) fn new(tys: impl Iterator<Item = Type>) -> Self {
        let (mut ints, mut floats) = (INT_REGISTERS, FLOAT_REGISTERS);
        Passing(
            tys.enumerate()
                .filter(|&(_, ty)| {
                    let free = if ty == F64 { &mut floats } else { &mut ints };
                    let fits = *free > 0;
                    *free -= usize::from(fits);
                    fits
                })
                .collect(),
        )
    }

    /// For parameters that all travel in the spill area.
    pub(crate) fn in_memory() -> Self {
        Passing(Vec::new())
    }

    /// For these values.
    pub(crate) fn of(builder: &FunctionBuilder<'_>, values: &[Value]) -> Self {
        Passing::new(values.iter().map(|&value| builder.func.dfg.value_type(value)))
    }

    /// The parameters that travel in registers, in order.
    pub(crate) fn registers(&self) -> impl Iterator<Item = (usize, Type)> + '_ {
        self.0.iter().copied()
    }

    /// Whether a parameter travels in a register.
    pub(crate) fn in_register(&self, index: usize) -> bool {
        self.0.binary_search_by_key(&index, |entry| entry.0).is_ok()
    }

    /// Signature of a trace with these parameters: the context, then those in registers. The exit id comes back or, when the
    /// function has returned, [`RETURNED`](crate::context::RETURNED) with the bits of the result.
    pub(crate) fn signature(&self) -> Signature {
        let mut signature = Signature::new(CallConv::Tail);
        signature.params.push(AbiParam::new(I64));
        signature.params.extend(self.registers().map(|(_, ty)| AbiParam::new(ty)));
        signature.returns.extend([AbiParam::new(I64), AbiParam::new(I64)]);
        signature
    }

    /// Stores the parameters that travel in the spill area.
    pub(crate) fn store(&self, builder: &mut FunctionBuilder<'_>, ctx: Value, values: &[Value]) {
        for (index, &value) in values.iter().enumerate() {
            if !self.in_register(index) {
                store_value(builder, ctx, index, value);
            }
        }
    }

    /// The arguments of a call with these values: the context and what travels in registers.
    pub(crate) fn args(&self, ctx: Value, values: &[Value]) -> Vec<Value> {
        std::iter::once(ctx).chain(self.registers().map(|(index, _)| values[index])).collect()
    }
}

/// Offset of an entry of the context's spill area.
fn value_offset(index: usize) -> i32 {
    (std::mem::offset_of!(Context, values) + 8 * index) as i32
}

/// Loads an entry of the spill area.
pub(crate) fn load_value(builder: &mut FunctionBuilder<'_>, ctx: Value, index: usize, ty: Type) -> Value {
    if ty == I8 {
        let word = builder.ins().load(I64, MEM, ctx, value_offset(index));
        builder.ins().ireduce(I8, word)
    } else {
        builder.ins().load(ty, MEM, ctx, value_offset(index))
    }
}

/// Stores an entry of the spill area.
pub(crate) fn store_value(builder: &mut FunctionBuilder<'_>, ctx: Value, index: usize, value: Value) {
    let word = if builder.func.dfg.value_type(value) == I8 { builder.ins().uextend(I64, value) } else { value };
    builder.ins().store(MEM, word, ctx, value_offset(index));
}
