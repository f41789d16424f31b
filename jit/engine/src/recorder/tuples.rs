//! Comparisons of tuples that are not made: element by element.

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::{PyObject, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::arith::EXACT;
use super::emit::Num;
use super::sym::Operand;
use super::{Abort, Recorder, Res};
use crate::objects::Scalar;

/// Elements of tuples that are compared so, at most.
const MAX_ELEMENTS: usize = 8;
/// Tuples in tuples that are compared so, at most.
const MAX_DEPTH: usize = 3;

impl Recorder {
    /// A comparison of two exact tuples of numbers, strs and such tuples, one of which at least is virtual. `None`: they are
    /// others.
    pub(super) fn compare_tuples(
        &mut self,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<ValueId>> {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Ok(None) };
        let is_virtual = [a, b].iter().any(|side| matches!(self.as_virtual(side.sym), Some((_, VirtualKind::Tuple))));
        if !is_virtual || !self.are_comparable(x, y, MAX_DEPTH, vm) {
            return Ok(None);
        }
        self.compare_elements(operator, a, b, vm).map(Some)
    }

    /// Whether two objects are tuples whose elements can be compared here, as far as they stand side by side.
    fn are_comparable(&self, x: &PyObject, y: &PyObject, depth: usize, vm: &VirtualMachine) -> bool {
        let objects = &self.world.objects;
        let is_tuple = |object: &PyObject| objects.class(object) == objects.classes.tuple;
        let short = |object: &PyObject| objects.length(object) <= MAX_ELEMENTS;
        if depth == 0 || !is_tuple(x) || !is_tuple(y) || !short(x) || !short(y) {
            return false;
        }
        let number =
            |object: &PyObject| objects.scalar(object).or_else(|| objects.derived_int(object, vm).map(Scalar::Int));
        let is_small = |scalar: Scalar| !matches!(scalar, Scalar::Int(is) if is.unsigned_abs() > EXACT as u64);
        (0..objects.length(x).min(objects.length(y))).all(|n| match (objects.element(x, n), objects.element(y, n)) {
            (Some(x), Some(y)) => match (number(x), number(y)) {
                (Some(Scalar::Float(is)), _) | (_, Some(Scalar::Float(is))) if is.is_nan() => false,
                (Some(Scalar::Float(_)), Some(other)) | (Some(other), Some(Scalar::Float(_))) => is_small(other),
                (Some(_), Some(_)) => true,
                (None, None) => self.is_str(x) && self.is_str(y) || self.are_comparable(x, y, depth - 1, vm),
                _ => false,
            },
            _ => false,
        })
    }

    /// The comparison of tuples that can be compared here.
    fn compare_elements(
        &mut self,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
        vm: &VirtualMachine,
    ) -> Res<ValueId> {
        let (Some(a), Some(b)) = (self.spread(a)?, self.spread(b)?) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let lengths = a.len().cmp(&b.len());
        let strict = match operator {
            ComparisonOperator::Equal | ComparisonOperator::NotEqual => {
                let mut equal = self.trace.const_bool(lengths.is_eq());
                for (a, b) in a.into_iter().zip(b) {
                    if self.trace.as_bool(equal) != Some(false) {
                        let same = self.compare_element(ComparisonOperator::Equal, a, b, vm)?;
                        equal = self.both(equal, same);
                    }
                }
                return Ok(if operator == ComparisonOperator::Equal { equal } else { self.not(equal) });
            }
            ComparisonOperator::Less | ComparisonOperator::LessOrEqual => ComparisonOperator::Less,
            ComparisonOperator::Greater | ComparisonOperator::GreaterOrEqual => ComparisonOperator::Greater,
        };
        // The first that differ decide, else the lengths do.
        let mut result = self.trace.const_bool(match operator {
            ComparisonOperator::Less => lengths.is_lt(),
            ComparisonOperator::LessOrEqual => lengths.is_le(),
            ComparisonOperator::Greater => lengths.is_gt(),
            _ => lengths.is_ge(),
        });
        let pairs: Vec<_> = a.into_iter().zip(b).collect();
        for (a, b) in pairs.into_iter().rev() {
            let equal = self.compare_element(ComparisonOperator::Equal, a, b, vm)?;
            let rest = self.both(equal, result);
            let decides = self.compare_element(strict, a, b, vm)?;
            result = match (self.trace.as_bool(decides), self.trace.as_bool(rest)) {
                (Some(true), _) | (_, Some(false)) => decides,
                (Some(false), _) | (_, Some(true)) => rest,
                _ => self.op(Op::OrBool, &[decides, rest]),
            };
        }
        Ok(result)
    }

    fn both(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.trace.as_bool(a), self.trace.as_bool(b)) {
            (Some(false), _) | (_, Some(true)) => a,
            (Some(true), _) | (_, Some(false)) => b,
            _ => self.op(Op::AndBool, &[a, b]),
        }
    }

    fn compare_element(
        &mut self,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
        vm: &VirtualMachine,
    ) -> Res<ValueId> {
        if let (Some(x), Some(y)) = (self.compared_num(a, vm)?, self.compared_num(b, vm)?) {
            // A nan is equal to itself here when both are the same object.
            if let Num::Float(value, _) = x {
                let is_number = self.op(Op::EqFloat, &[value, value]);
                self.guard_bool(is_number, true);
            }
            return self.compare_nums(operator, x, y);
        }
        match self.compare_strs(operator, a, b)? {
            Some(result) => Ok(result),
            None => self.compare_elements(operator, a, b, vm),
        }
    }
}
