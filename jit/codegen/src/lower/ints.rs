//! Ints and bools: exact and wrapping arithmetic, comparisons, selection.
//!
//! Overflow of an addition of a constant shows in one comparison of the result with the operand, which the processor fuses
//! with the branch; other overflows are asked of Cranelift's `*_overflow` instructions.

use cranelift_codegen::ir::condcodes::IntCC::{self, *};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};
use tjit_ir::{Inst, Op};

use super::{CompileError, Lowering};

impl Lowering<'_, '_> {
    /// Lowers an operation on ints or bools; `None` when it is none.
    pub(super) fn int_op(&mut self, inst: &Inst) -> Result<Option<Value>, CompileError> {
        let compare = |op| {
            Some(match op {
                Op::EqInt | Op::SameRef => Equal,
                Op::NeInt | Op::XorBool => NotEqual,
                Op::LtInt => SignedLessThan,
                Op::LeInt => SignedLessThanOrEqual,
                Op::GtInt => SignedGreaterThan,
                Op::GeInt => SignedGreaterThanOrEqual,
                Op::InBounds => UnsignedLessThan,
                _ => return None,
            })
        };
        if let Some(code) = compare(inst.op) {
            let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
            return Ok(Some(self.builder.ins().icmp(code, a, b)));
        }
        Ok(Some(match inst.op {
            Op::AddOvf | Op::SubOvf => self.add_sub_ovf(inst)?,
            Op::MulOvf => {
                for (index, other) in [(1, 0), (0, 1)] {
                    if let Some(factor) = self.constant(inst, index).filter(|&factor| is_power_of_two(factor)) {
                        let a = self.arg(inst, other)?;
                        let bits = self.builder.ins().iconst(I64, i64::from(factor.trailing_zeros()));
                        return self.shift_or_leave(a, bits).map(Some);
                    }
                }
                let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
                let (product, lost) = self.builder.ins().smul_overflow(a, b);
                self.leave_if(lost, true)?;
                product
            }
            Op::NegOvf => {
                let a = self.arg(inst, 0)?;
                let negated = self.builder.ins().ineg(a);
                // Only the smallest int and its wrapped negation are both negative.
                let both = self.builder.ins().band(negated, a);
                self.leave_if_negative(both)?;
                negated
            }
            Op::AbsOvf => {
                let a = self.arg(inst, 0)?;
                let absolute = self.builder.ins().iabs(a);
                self.leave_if_negative(absolute)?;
                absolute
            }
            Op::ShlOvf => self.shl_ovf(inst)?,
            Op::FloorDivOvf => self.floordiv_ovf(inst)?,
            Op::ModOvf => {
                self.leave_if_zero_divisor(inst)?;
                self.floor_mod(inst)?
            }
            Op::FloorDiv => self.floor_div(inst)?,
            Op::Mod => self.floor_mod(inst)?,
            Op::Neg => {
                let a = self.arg(inst, 0)?;
                self.builder.ins().ineg(a)
            }
            Op::Abs => {
                let a = self.arg(inst, 0)?;
                self.builder.ins().iabs(a)
            }
            Op::Not => {
                let a = self.arg(inst, 0)?;
                self.builder.ins().bnot(a)
            }
            Op::NotBool => {
                let a = self.arg(inst, 0)?;
                self.builder.ins().bxor_imm_u(a, 1)
            }
            Op::BoolToInt => {
                let a = self.arg(inst, 0)?;
                self.builder.ins().uextend(I64, a)
            }
            Op::Shr => self.shr(inst)?,
            Op::SelectInt => {
                let (condition, a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?, self.arg(inst, 2)?);
                self.builder.ins().select(condition, a, b)
            }
            Op::Add
            | Op::Sub
            | Op::Mul
            | Op::And
            | Op::Or
            | Op::Xor
            | Op::Shl
            | Op::MinInt
            | Op::MaxInt
            | Op::AndBool
            | Op::OrBool => {
                let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
                let ins = self.builder.ins();
                match inst.op {
                    Op::Add => ins.iadd(a, b),
                    Op::Sub => ins.isub(a, b),
                    Op::Mul => ins.imul(a, b),
                    Op::And | Op::AndBool => ins.band(a, b),
                    Op::Or | Op::OrBool => ins.bor(a, b),
                    Op::Xor => ins.bxor(a, b),
                    Op::Shl => ins.ishl(a, b),
                    Op::MinInt => ins.smin(a, b),
                    _ => ins.smax(a, b),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// The constant that an operand is.
    fn constant(&self, inst: &Inst, index: usize) -> Option<i64> {
        self.trace.as_int(inst.args[index])
    }

    fn leave_if_int(&mut self, code: IntCC, a: Value, b: i64) -> Result<(), CompileError> {
        let condition = self.builder.ins().icmp_imm_s(code, a, b);
        self.leave_if(condition, true)
    }

    fn leave_if_negative(&mut self, a: Value) -> Result<(), CompileError> {
        self.leave_if_int(SignedLessThan, a, 0)
    }

    fn add_sub_ovf(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let add = inst.op == Op::AddOvf;
        let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
        let (operand, constant) = match (self.constant(inst, 0), self.constant(inst, 1)) {
            (_, Some(constant)) => (a, constant),
            (Some(constant), None) if add => (b, constant),
            _ => {
                let (result, lost) =
                    if add { self.builder.ins().sadd_overflow(a, b) } else { self.builder.ins().ssub_overflow(a, b) };
                self.leave_if(lost, true)?;
                return Ok(result);
            }
        };
        let result = if add { self.builder.ins().iadd(a, b) } else { self.builder.ins().isub(a, b) };
        // The result must be on the side of the operand to which the constant moves it.
        let wrong = if (constant >= 0) == add { SignedLessThan } else { SignedGreaterThan };
        let lost = self.builder.ins().icmp(wrong, result, operand);
        self.leave_if(lost, true)?;
        Ok(result)
    }

    fn shl_ovf(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
        if !self.constant(inst, 1).is_some_and(|bits| (0..64).contains(&bits)) {
            self.leave_if_int(UnsignedGreaterThanOrEqual, b, 64)?;
        }
        self.shift_or_leave(a, b)
    }

    /// `a << bits` for 0 <= bits < 64; leaves when shifting back does not give `a`.
    fn shift_or_leave(&mut self, a: Value, bits: Value) -> Result<Value, CompileError> {
        let shifted = self.builder.ins().ishl(a, bits);
        let back = self.builder.ins().sshr(shifted, bits);
        let lost = self.builder.ins().icmp(NotEqual, back, a);
        self.leave_if(lost, true)?;
        Ok(shifted)
    }

    fn shr(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let a = self.arg(inst, 0)?;
        if let Some(bits) = self.constant(inst, 1) {
            return Ok(self.builder.ins().sshr_imm_u(a, bits.clamp(0, 63)));
        }
        let b = self.arg(inst, 1)?;
        let most = self.builder.ins().iconst(I64, 63);
        let bits = self.builder.ins().smin(b, most);
        Ok(self.builder.ins().sshr(a, bits))
    }

    fn leave_if_zero_divisor(&mut self, inst: &Inst) -> Result<(), CompileError> {
        if self.constant(inst, 1).is_none_or(|divisor| divisor == 0) {
            let b = self.arg(inst, 1)?;
            self.leave_if_int(Equal, b, 0)?;
        }
        Ok(())
    }

    fn floordiv_ovf(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        self.leave_if_zero_divisor(inst)?;
        if self.constant(inst, 1).is_none_or(|divisor| divisor == -1) {
            let (a, b) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
            let smallest = self.builder.ins().icmp_imm_s(Equal, a, i64::MIN);
            let minus_one = self.builder.ins().icmp_imm_s(Equal, b, -1);
            let both = self.builder.ins().band(smallest, minus_one);
            self.leave_if(both, true)?;
        }
        self.floor_div(inst)
    }

    /// `a // b`, where neither `b` is 0 nor the result too large.
    fn floor_div(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let a = self.arg(inst, 0)?;
        match self.constant(inst, 1) {
            Some(divisor) if divisor > 0 => Ok(self.floor_div_positive(a, divisor)),
            _ => {
                let b = self.arg(inst, 1)?;
                let quotient = self.builder.ins().sdiv(a, b);
                let product = self.builder.ins().imul(quotient, b);
                let rest = self.builder.ins().isub(a, product);
                let inexact = self.builder.ins().icmp_imm_s(NotEqual, rest, 0);
                let signs = self.builder.ins().bxor(rest, b);
                let differ = self.builder.ins().icmp_imm_s(SignedLessThan, signs, 0);
                let down = self.builder.ins().band(inexact, differ);
                let down = self.builder.ins().uextend(I64, down);
                Ok(self.builder.ins().isub(quotient, down))
            }
        }
    }

    /// `a // divisor` for a positive constant. For negative `a`, `a // d == ~(~a // d)`, so that only numbers below 2^63 are
    /// to be divided: a multiplication and a shift do that.
    fn floor_div_positive(&mut self, a: Value, divisor: i64) -> Value {
        if is_power_of_two(divisor) {
            return self.builder.ins().sshr_imm_u(a, i64::from(divisor.trailing_zeros()));
        }
        let sign = self.builder.ins().sshr_imm_u(a, 63);
        let positive = self.builder.ins().bxor(a, sign);
        let (factor, shift) = reciprocal(divisor);
        let factor = self.address(factor);
        let high = self.builder.ins().umulhi(positive, factor);
        let quotient = self.builder.ins().ushr_imm_u(high, shift);
        self.builder.ins().bxor(quotient, sign)
    }

    /// `a % b`, where `b` is not 0.
    fn floor_mod(&mut self, inst: &Inst) -> Result<Value, CompileError> {
        let a = self.arg(inst, 0)?;
        match self.constant(inst, 1) {
            Some(divisor) if is_power_of_two(divisor) => Ok(self.builder.ins().band_imm_s(a, divisor - 1)),
            Some(divisor) if divisor > 0 => {
                let quotient = self.floor_div_positive(a, divisor);
                let product = self.builder.ins().imul_imm_s(quotient, divisor);
                Ok(self.builder.ins().isub(a, product))
            }
            _ => {
                let b = self.arg(inst, 1)?;
                // Cranelift's remainder by -1 is 0, also that of the smallest int.
                let rest = self.builder.ins().srem(a, b);
                let signs = self.builder.ins().bxor(rest, b);
                let differ = self.builder.ins().icmp_imm_s(SignedLessThan, signs, 0);
                let inexact = self.builder.ins().icmp_imm_s(NotEqual, rest, 0);
                let moved = self.builder.ins().iadd(rest, b);
                let up = self.builder.ins().select(differ, moved, rest);
                Ok(self.builder.ins().select(inexact, up, rest))
            }
        }
    }
}

fn is_power_of_two(int: i64) -> bool {
    int > 0 && int & (int - 1) == 0
}

/// For 1 < `d` < 2^63 that is no power of two, the factor `m` and the shift `s` with `n / d == (n * m >> 64) >> s` for all
/// 0 <= `n` < 2^63.
///
/// With `s + 1` the bits of `d`, `m` is `2^(64 + s) / d` rounded up and lies in 2^63..2^64. It is too large by less than 1,
/// so that `n * m / 2^(64 + s)` is above `n / d` by less than `n / 2^(64 + s) < 1 / 2^(s + 1) < 1 / d`: too little to reach
/// the next integer.
fn reciprocal(d: i64) -> (u64, i64) {
    let shift = 63 - i64::from(d.leading_zeros());
    let factor = (1u128 << (64 + shift)).div_ceil(d as u128);
    (factor as u64, shift)
}

#[cfg(test)]
mod tests {
    use super::reciprocal;

    #[test]
    fn reciprocals_divide() {
        let edges = |d: i64| {
            let top = i64::MAX - i64::MAX % d;
            [0, 1, d - 1, d, d.saturating_add(1), top - 1, top, i64::MAX - 1, i64::MAX]
        };
        let divisors =
            (3..2000).chain([i64::MAX, i64::MAX - 1, (1 << 62) + 1, (1 << 62) - 1, 1_000_000_007, 10i64.pow(18)]);
        for d in divisors.filter(|d| d & (d - 1) != 0) {
            let (factor, shift) = reciprocal(d);
            for n in edges(d).into_iter().filter(|&n| n >= 0) {
                let quotient = ((n as u128 * u128::from(factor)) >> 64 >> shift) as i64;
                assert_eq!(quotient, n / d, "{n} / {d}");
            }
        }
    }
}
