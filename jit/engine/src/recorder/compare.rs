//! Comparisons, identity and truth.

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::vm::thread::with_current_vm;
use rustpython_vm::{PyObject, VirtualMachine, types::PyTypeFlags};
use tjit_events::Reason;
use tjit_ir::{Op, Ty, ValueId, VirtualKind};

use super::arith::EXACT;
use super::emit::Num;
use super::protocols::Compared;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers;

impl Recorder {
    /// COMPARE_OP.
    pub(super) fn compare_op(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operator = ComparisonOperator::try_from(op.arg)
            .map_err(|_| Abort::with(Reason::UnsupportedOpcode, "COMPARE_OP with an unknown operator"))?;
        let (a, b) = (self.peek(1)?, self.peek(0)?);
        if let Some(result) = self.compare_sets(number_of(operator), a, b)? {
            self.replace(2, Sym::Val(result));
            return Ok(());
        }
        match self.compare_protocol(op, operator, a, b, vm)? {
            Some(Compared::Asked) => return Ok(()),
            Some(Compared::Is(result)) => {
                self.replace(2, Sym::Val(result));
                return Ok(());
            }
            None => {}
        }
        let result = self.compare(operator, a, b, vm)?;
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    fn compare(&mut self, operator: ComparisonOperator, a: Operand, b: Operand, vm: &VirtualMachine) -> Res<ValueId> {
        if let (Some(x), Some(y)) = (self.compared_num(a, vm)?, self.compared_num(b, vm)?) {
            return self.compare_nums(operator, x, y);
        }
        if let Some(result) = self.compare_complex(operator, a, b)? {
            return Ok(result);
        }
        if let Some(result) = self.compare_strs(operator, a, b)? {
            return Ok(result);
        }
        if let Some(result) = self.compare_tuples(operator, a, b, vm)? {
            return Ok(result);
        }
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        if self.is_dict(x)
            && self.is_dict(y)
            && matches!(operator, ComparisonOperator::Equal | ComparisonOperator::NotEqual)
        {
            let (left, right) = (self.of_class(a)?, self.of_class(b)?);
            let equal = self.call_helper(&helpers::equality::dict_equal(), &[left, right]);
            return Ok(if operator == ComparisonOperator::Equal { equal } else { self.not(equal) });
        }
        let deep = self.is_sequence(x) || self.is_sequence(y);
        let plain = if deep {
            self.world.objects.is_plain(x) && self.world.objects.is_plain(y)
        } else {
            self.is_leaf(x) && self.is_leaf(y)
        };
        if !plain {
            let detail = format!("a comparison of {} and {}", x.class().name(), y.class().name());
            return Err(Abort::with(Reason::UnsupportedType, detail));
        }
        let (left, right) = (self.reference(a.sym)?, self.reference(b.sym)?);
        self.guard_class(left, x);
        self.guard_class(right, y);
        let number = self.trace.const_int(number_of(operator));
        let helper = if deep { helpers::containers::compare_deep() } else { helpers::compare() };
        Ok(self.call_helper(&helper, &[left, right, number]))
    }

    /// What an operand compares as: a number, or an instance of a class that is derived from `int`.
    pub(super) fn compared_num(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<Num>> {
        if let Some(num) = self.num(operand)? {
            return Ok(Some(num));
        }
        let Some(object) = operand.object() else { return Ok(None) };
        let Some(is) = self.world.objects.derived_int(object, vm) else { return Ok(None) };
        if self.as_virtual(operand.sym).is_some() || !self.guard_instance(operand, object, object.class(), vm)? {
            return Ok(None);
        }
        let value = self.reference(operand.sym)?;
        let value = match self.trace.as_ref(value) {
            Some(_) => self.trace.const_int(is),
            None => self.op(Op::UnboxInt, &[value]),
        };
        Ok(Some(Num::Int(value, is)))
    }

    /// Compares two numbers, exactly: an int is only converted to float where that does not round.
    pub(super) fn compare_nums(&mut self, operator: ComparisonOperator, a: Num, b: Num) -> Res<ValueId> {
        let (int, float) = match operator {
            ComparisonOperator::Less => (Op::LtInt, Op::LtFloat),
            ComparisonOperator::LessOrEqual => (Op::LeInt, Op::LeFloat),
            ComparisonOperator::Equal => (Op::EqInt, Op::EqFloat),
            ComparisonOperator::NotEqual => (Op::NeInt, Op::NeFloat),
            ComparisonOperator::Greater => (Op::GtInt, Op::GtFloat),
            ComparisonOperator::GreaterOrEqual => (Op::GeInt, Op::GeFloat),
        };
        if let (Some((x, _)), Some((y, _))) = (self.int_of(a), self.int_of(b)) {
            return Ok(self.op(int, &[x, y]));
        }
        for num in [a, b] {
            if let Some((value, is)) = self.int_of(num) {
                if is.unsigned_abs() > EXACT as u64 {
                    return Err(Abort::with(Reason::UnsupportedType, "a float compared with an int beyond 2**53"));
                }
                self.guard_exact(value);
            }
        }
        let ((x, _), (y, _)) = (self.float_of(a), self.float_of(b));
        Ok(self.op(float, &[x, y]))
    }

    /// IS_OP.
    pub(super) fn is_op(&mut self, invert: bool) -> Res {
        let (a, b) = (self.peek(1)?, self.peek(0)?);
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        let result = match (self.resolve(a.sym), self.resolve(b.sym)) {
            (Sym::Val(left), Sym::Val(right)) if left == right => self.trace.const_bool(true),
            (Sym::Val(left), Sym::Val(right)) => match (self.trace.ty(left), self.trace.ty(right)) {
                (Ty::Ref, Ty::Ref) => self.op(Op::SameRef, &[left, right]),
                (Ty::Bool, Ty::Bool) => {
                    let differ = self.op(Op::XorBool, &[left, right]);
                    self.op(Op::NotBool, &[differ])
                }
                // An unboxed value is never None, nor an object of another class.
                (Ty::Bool, Ty::Ref) | (Ty::Ref, Ty::Bool) => {
                    let (left, right) = (self.reference(a.sym)?, self.reference(b.sym)?);
                    self.op(Op::SameRef, &[left, right])
                }
                (Ty::Int, Ty::Int) if [left, right].iter().any(|&side| self.is_cached(side)) => {
                    self.op(Op::EqInt, &[left, right])
                }
                // One object stands for all such ints.
                (Ty::Ref, Ty::Int) if self.is_cached(right) => {
                    let right = self.constant(y);
                    self.op(Op::SameRef, &[left, right])
                }
                (Ty::Int, Ty::Ref) if self.is_cached(left) => {
                    let left = self.constant(x);
                    self.op(Op::SameRef, &[left, right])
                }
                (Ty::Ref, _) if self.trace.as_ref(left).is_some() && self.scalar_class_differs(x, y) => {
                    self.trace.const_bool(false)
                }
                (_, Ty::Ref) if self.trace.as_ref(right).is_some() && self.scalar_class_differs(x, y) => {
                    self.trace.const_bool(false)
                }
                (Ty::Ref, _) if self.scalar_class_differs(x, y) => {
                    self.guard_class(left, x);
                    self.trace.const_bool(false)
                }
                (_, Ty::Ref) if self.scalar_class_differs(x, y) => {
                    self.guard_class(right, y);
                    self.trace.const_bool(false)
                }
                _ => self.same_int(a, b)?,
            },
            (Sym::Virt(left), Sym::Virt(right)) => self.trace.const_bool(left == right),
            (Sym::Virt(_), Sym::Val(other)) | (Sym::Val(other), Sym::Virt(_)) if self.trace.ty(other) != Ty::Ref => {
                self.trace.const_bool(false)
            }
            (Sym::Virt(_), Sym::Val(other)) | (Sym::Val(other), Sym::Virt(_)) if self.trace.as_ref(other).is_some() => {
                self.trace.const_bool(false)
            }
            _ => return Err(Abort::with(Reason::UnsupportedType, "identity of an object that is not made")),
        };
        let result = if invert { self.not(result) } else { result };
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    /// `a is b` of ints one of which is small: the VM has one object for all ints of its value.
    fn same_int(&mut self, a: Operand, b: Operand) -> Res<ValueId> {
        let range = rustpython_vm::Context::INT_CACHE_POOL_RANGE;
        let unknown = || Abort::with(Reason::UnsupportedType, "identity of numbers");
        let (Some(Num::Int(left, x)), Some(Num::Int(right, y))) = (self.num(a)?, self.num(b)?) else {
            return Err(unknown());
        };
        let is_small = |value: i64| i32::try_from(value).is_ok_and(|value| range.contains(&value));
        let small = match (is_small(x), is_small(y)) {
            (_, true) => right,
            (true, false) => left,
            (false, false) => return Err(unknown()),
        };
        let [first, last] = [*range.start(), *range.end()].map(|bound| self.trace.const_int(bound.into()));
        let (above, below) = (self.op(Op::GeInt, &[small, first]), self.op(Op::LeInt, &[small, last]));
        self.guard_bool(above, true);
        self.guard_bool(below, true);
        Ok(self.op(Op::EqInt, &[left, right]))
    }

    /// Whether a value is a constant that the VM has one object for, which every equal int is.
    fn is_cached(&self, value: ValueId) -> bool {
        let range = rustpython_vm::Context::INT_CACHE_POOL_RANGE;
        self.trace.as_int(value).and_then(|is| i32::try_from(is).ok()).is_some_and(|is| range.contains(&is))
    }

    fn scalar_class_differs(&self, x: &PyObject, y: &PyObject) -> bool {
        self.world.objects.class(x) != self.world.objects.class(y)
    }

    pub(super) fn not(&mut self, value: ValueId) -> ValueId {
        match self.trace.as_bool(value) {
            Some(constant) => self.trace.const_bool(!constant),
            None => self.op(Op::NotBool, &[value]),
        }
    }

    /// The truth of an operand, as a value.
    pub(super) fn truth(&mut self, operand: Operand) -> Res<ValueId> {
        if let Some(num) = self.num(operand)? {
            return Ok(match num {
                Num::Bool(value, _) => value,
                Num::Int(value, _) => {
                    let zero = self.trace.const_int(0);
                    self.op(Op::NeInt, &[value, zero])
                }
                Num::Float(value, _) => {
                    let zero = self.trace.const_float(0.0);
                    self.op(Op::NeFloat, &[value, zero])
                }
            });
        }
        if let Some((index, VirtualKind::Tuple | VirtualKind::Dict)) = self.as_virtual(operand.sym) {
            let some = !self.virtuals[index].fields.is_empty();
            return Ok(self.trace.const_bool(some));
        }
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = self.world.objects.class(object);
        // (Of the builtin containers, some have a `__bool__`, which asks for the length.)
        let asks_length = |vm: &VirtualMachine| {
            crate::natives::is_builtin(object.class())
                || object.class().get_attr(vm.ctx.intern_str("__bool__")).is_none()
        };
        if let Some(length) = with_current_vm(|vm| if asks_length(vm) { self.len(operand, vm) } else { Ok(None) })? {
            let zero = self.trace.const_int(0);
            return Ok(self.op(Op::NeInt, &[length, zero]));
        }
        if self.is_always_true(operand, object)? {
            return Ok(self.trace.const_bool(true));
        }
        let value = self.reference(operand.sym)?;
        if class == self.world.objects.classes.none {
            self.guard_is(value, object);
            return Ok(self.trace.const_bool(false));
        }
        if self.is_leaf(object) {
            self.guard_class(value, object);
            return Ok(self.call_helper(&helpers::truth(), &[value]));
        }
        Err(Abort::with(Reason::UnsupportedType, format!("the truth of {}", object.class().name())))
    }

    /// Whether an object is an instance of a Python class that does not say when it is true; if so, guards that.
    fn is_always_true(&mut self, operand: Operand, object: &PyObject) -> Res<bool> {
        let class = object.class();
        if class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) {
            return Ok(false);
        }
        with_current_vm(|vm| {
            let says = |name: &'static str| class.get_attr(vm.ctx.intern_str(name)).is_some();
            if says("__bool__") || says("__len__") {
                Ok(false)
            } else {
                self.guard_instance(operand, object, class, vm)
            }
        })
    }
}

/// The number of a comparison for helpers.
fn number_of(operator: ComparisonOperator) -> i64 {
    match operator {
        ComparisonOperator::Less => 0,
        ComparisonOperator::LessOrEqual => 1,
        ComparisonOperator::Equal => 2,
        ComparisonOperator::NotEqual => 3,
        ComparisonOperator::Greater => 4,
        ComparisonOperator::GreaterOrEqual => 5,
    }
}
