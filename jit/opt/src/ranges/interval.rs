//! Intervals of 64-bit ints, and what operations make of them.

use tjit_ir::Op;

use crate::fold::unchecked;

/// The ints from `lo` to `hi`, both included. Never empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Interval {
    pub(crate) lo: i64,
    pub(crate) hi: i64,
}

/// Lengths of sequences are below this: objects are at least 8 bytes, in an address space of 51 bits at most.
pub(crate) const MAX_LEN: i64 = 1 << 48;

impl Interval {
    /// Every int.
    pub(crate) const FULL: Interval = Interval { lo: i64::MIN, hi: i64::MAX };
    /// What the length of a sequence can be.
    pub(crate) const LENGTH: Interval = Interval { lo: 0, hi: MAX_LEN - 1 };
    /// What a bool is as an int.
    const BIT: Interval = Interval { lo: 0, hi: 1 };

    /// Just one int.
    pub(crate) fn only(value: i64) -> Interval {
        Interval { lo: value, hi: value }
    }

    /// The int, when there is only one.
    pub(crate) fn single(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    pub(crate) fn contains(self, value: i64) -> bool {
        (self.lo..=self.hi).contains(&value)
    }

    /// What both contain; None when that is nothing.
    pub(crate) fn meet(self, other: Interval) -> Option<Interval> {
        let (lo, hi) = (self.lo.max(other.lo), self.hi.min(other.hi));
        (lo <= hi).then_some(Interval { lo, hi })
    }

    /// The smallest interval around both.
    pub(crate) fn join(self, other: Interval) -> Interval {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The interval around some exact results.
    fn around(results: &[i128]) -> Wide {
        Wide {
            lo: results.iter().copied().min().unwrap_or(i128::MIN),
            hi: results.iter().copied().max().unwrap_or(i128::MAX),
        }
    }

    fn is_non_negative(self) -> bool {
        self.lo >= 0
    }
}

/// Exact results, before they have to fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wide {
    lo: i128,
    hi: i128,
}

impl Wide {
    /// Whether every result fits in 64 bits.
    pub(crate) fn fits(self) -> bool {
        self.lo >= i128::from(i64::MIN) && self.hi <= i128::from(i64::MAX)
    }

    /// Those results that fit; None when none does.
    pub(crate) fn fitting(self) -> Option<Interval> {
        let (lo, hi) = (self.lo.max(i128::from(i64::MIN)), self.hi.min(i128::from(i64::MAX)));
        (lo <= hi).then_some(Interval { lo: lo as i64, hi: hi as i64 })
    }
}

impl From<Interval> for Wide {
    fn from(interval: Interval) -> Wide {
        Wide { lo: interval.lo.into(), hi: interval.hi.into() }
    }
}

/// The exact results of an operation on ints, checked or not. Full when nothing is known.
pub(crate) fn results(op: Op, args: &[Interval]) -> Wide {
    match *args {
        [a] => unary(op, a),
        [a, b] => binary(op, a, b),
        _ => Interval::FULL.into(),
    }
}

fn unary(op: Op, a: Interval) -> Wide {
    let (lo, hi) = (i128::from(a.lo), i128::from(a.hi));
    match unchecked(op) {
        Op::Neg => Wide { lo: -hi, hi: -lo },
        Op::Abs if a.is_non_negative() => a.into(),
        Op::Abs if hi <= 0 => Wide { lo: -hi, hi: -lo },
        Op::Abs => Wide { lo: 0, hi: hi.max(-lo) },
        Op::Not => Wide { lo: !hi, hi: !lo },
        Op::BoolToInt => Interval::BIT.into(),
        _ => Interval::FULL.into(),
    }
}

fn binary(op: Op, a: Interval, b: Interval) -> Wide {
    let (alo, ahi) = (i128::from(a.lo), i128::from(a.hi));
    let (blo, bhi) = (i128::from(b.lo), i128::from(b.hi));
    match unchecked(op) {
        Op::Add => Wide { lo: alo + blo, hi: ahi + bhi },
        Op::Sub => Wide { lo: alo - bhi, hi: ahi - blo },
        Op::Mul => Interval::around(&[alo * blo, alo * bhi, ahi * blo, ahi * bhi]),
        Op::FloorDiv if blo > 0 || bhi < 0 => {
            Interval::around(&[floor_div(alo, blo), floor_div(alo, bhi), floor_div(ahi, blo), floor_div(ahi, bhi)])
        }
        Op::FloorDiv => {
            let largest = alo.abs().max(ahi.abs());
            Wide { lo: -largest, hi: largest }
        }
        // The result has the divisor's sign, is smaller than it, and not larger than a dividend of the same sign.
        Op::Mod if blo > 0 && alo >= 0 => Wide { lo: 0, hi: ahi.min(bhi - 1) },
        Op::Mod if blo > 0 => Wide { lo: 0, hi: bhi - 1 },
        Op::Mod if bhi < 0 => Wide { lo: blo + 1, hi: 0 },
        Op::Mod => Wide { lo: (blo + 1).min(0), hi: (bhi - 1).max(0) },
        Op::And => match (a.is_non_negative(), b.is_non_negative()) {
            (true, true) => Wide { lo: 0, hi: ahi.min(bhi) },
            (true, false) => Wide { lo: 0, hi: ahi },
            (false, true) => Wide { lo: 0, hi: bhi },
            (false, false) => Interval::FULL.into(),
        },
        Op::Or if a.is_non_negative() && b.is_non_negative() => Wide { lo: alo.max(blo), hi: ones(ahi.max(bhi)) },
        Op::Xor if a.is_non_negative() && b.is_non_negative() => Wide { lo: 0, hi: ones(ahi.max(bhi)) },
        Op::Shl if blo >= 0 && bhi < 64 => Interval::around(&[alo << blo, alo << bhi, ahi << blo, ahi << bhi]),
        Op::Shr if blo >= 0 => {
            let (small, large) = (blo.min(63), bhi.min(63));
            Interval::around(&[alo >> small, alo >> large, ahi >> small, ahi >> large])
        }
        Op::MinInt => Wide { lo: alo.min(blo), hi: ahi.min(bhi) },
        Op::MaxInt => Wide { lo: alo.max(blo), hi: ahi.max(bhi) },
        _ => Interval::FULL.into(),
    }
}

/// The smallest number of the form 2^n - 1 that is not below.
fn ones(value: i128) -> i128 {
    (1 << (128 - value.leading_zeros())) - 1
}

/// The quotient, rounded down; the divisor is not 0.
fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

#[cfg(test)]
mod tests {
    use tjit_ir::Op;
    use tjit_ir::eval::{Scalar, Value, fold};

    use super::{Interval, results};

    /// Every result of small operands lies in the interval computed from the operands' intervals.
    #[test]
    fn intervals_contain_every_result() {
        let intervals: Vec<Interval> = (-4..=4).flat_map(|lo| (lo..=4).map(move |hi| Interval { lo, hi })).collect();
        let ops = [
            Op::AddOvf,
            Op::SubOvf,
            Op::MulOvf,
            Op::ShlOvf,
            Op::FloorDivOvf,
            Op::ModOvf,
            Op::And,
            Op::Or,
            Op::Xor,
            Op::Shr,
            Op::MinInt,
            Op::MaxInt,
        ];
        for op in ops {
            for &a in &intervals {
                for &b in &intervals {
                    let interval = results(op, &[a, b]).fitting();
                    for (x, y) in (a.lo..=a.hi).flat_map(|x| (b.lo..=b.hi).map(move |y| (x, y))) {
                        if let Some(Scalar::Value(Value::Int(result))) = fold(op, &[Value::Int(x), Value::Int(y)]) {
                            assert!(
                                interval.is_some_and(|interval| interval.contains(result)),
                                "{op:?} of {a:?} and {b:?}: {result} is not in {interval:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}
