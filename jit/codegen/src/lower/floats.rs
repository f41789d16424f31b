//! Floats: IEEE arithmetic, comparisons, rounding, conversions.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use tjit_ir::{Inst, Op};

use super::{CompileError, Lowering};

/// 2 to the 63: the first float above the ints; its negation is the smallest of them.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

impl Lowering<'_, '_> {
    /// Lowers an operation on floats; `None` when it is none.
    pub(super) fn float_op(&mut self, inst: &Inst) -> Result<Option<Value>, CompileError> {
        let compare = match inst.op {
            Op::EqFloat => Some(FloatCC::Equal),
            Op::NeFloat => Some(FloatCC::NotEqual),
            Op::LtFloat => Some(FloatCC::LessThan),
            Op::LeFloat => Some(FloatCC::LessThanOrEqual),
            Op::GtFloat => Some(FloatCC::GreaterThan),
            Op::GeFloat => Some(FloatCC::GreaterThanOrEqual),
            _ => None,
        };
        if let Some(code) = compare {
            let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
            return Ok(Some(self.builder.ins().fcmp(code, a, b)));
        }
        Ok(Some(match inst.op {
            Op::AddFloat | Op::SubFloat | Op::MulFloat | Op::DivFloat => {
                let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
                let ins = self.builder.ins();
                match inst.op {
                    Op::AddFloat => ins.fadd(a, b),
                    Op::SubFloat => ins.fsub(a, b),
                    Op::MulFloat => ins.fmul(a, b),
                    _ => ins.fdiv(a, b),
                }
            }
            Op::NegFloat
            | Op::AbsFloat
            | Op::SqrtFloat
            | Op::FloorFloat
            | Op::CeilFloat
            | Op::TruncFloat
            | Op::IntToFloat => {
                let a = self.arg(inst, 0)?;
                let ins = self.builder.ins();
                match inst.op {
                    Op::NegFloat => ins.fneg(a),
                    Op::AbsFloat => ins.fabs(a),
                    Op::SqrtFloat => ins.sqrt(a),
                    Op::FloorFloat => ins.floor(a),
                    Op::CeilFloat => ins.ceil(a),
                    Op::TruncFloat => ins.trunc(a),
                    _ => ins.fcvt_from_sint(F64, a),
                }
            }
            Op::FloatToInt => {
                let a = self.arg(inst, 0)?;
                let (low, high) = (self.builder.ins().f64const(-TWO_63), self.builder.ins().f64const(TWO_63));
                for (code, bound) in [(FloatCC::GreaterThanOrEqual, low), (FloatCC::LessThan, high)] {
                    let inside = self.builder.ins().fcmp(code, a, bound);
                    self.leave_if(inside, false)?;
                }
                self.builder.ins().fcvt_to_sint(I64, a)
            }
            Op::SelectFloat => {
                let (condition, a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?, self.arg(inst, 2)?);
                self.builder.ins().select(condition, a, b)
            }
            _ => return Ok(None),
        }))
    }
}
