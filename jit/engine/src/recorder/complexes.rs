//! Complex numbers: virtual, a pair of floats.
//!
//! As with floats, what is computed has no identity until somebody asks for an object.

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::PyObject;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::complexes as helpers;

/// What an operand of an operator on complex numbers is.
#[derive(Clone, Copy)]
enum Part {
    Complex(ValueId, ValueId),
    Real(ValueId),
}

impl Recorder {
    /// Whether an object is an exact complex number.
    pub(super) fn is_complex(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.complex
    }

    /// The real and the imaginary part of an exact complex number. `None`: it is something else.
    pub(super) fn complex_parts(&mut self, operand: Operand) -> Res<Option<(ValueId, ValueId)>> {
        let Some(object) = operand.object().filter(|object| self.is_complex(object)) else { return Ok(None) };
        if let Some((index, VirtualKind::Complex)) = self.as_virtual(operand.sym) {
            return Ok(Some((self.field_value(index, 0)?, self.field_value(index, 1)?)));
        }
        let parts = self.world.objects.complex(object);
        let value = self.of_class(operand)?;
        if self.trace.as_ref(value).is_some() {
            return Ok(parts.map(|(re, im)| (self.trace.const_float(re), self.trace.const_float(im))));
        }
        let [re, im] = [0, 1].map(|part| {
            let part = self.trace.const_int(part);
            self.call_helper(&helpers::complex_part(), &[value, part])
        });
        Ok(Some((re, im)))
    }

    pub(super) fn new_complex(&mut self, re: ValueId, im: ValueId) -> Sym {
        self.new_virtual(VirtualKind::Complex, vec![Sym::Val(re), Sym::Val(im)])
    }

    fn part(&mut self, operand: Operand) -> Res<Option<Part>> {
        if let Some((re, im)) = self.complex_parts(operand)? {
            return Ok(Some(Part::Complex(re, im)));
        }
        Ok(self.num(operand)?.map(|num| Part::Real(self.float_of(num).0)))
    }

    /// `a + b`, `a - b` and `a * b`, one of which is an exact complex number, and the other one or a float or int. `None`: they
    /// are something else.
    pub(super) fn complex_operator(&mut self, operator: u32, a: Operand, b: Operand) -> Res<Option<Sym>> {
        const ADD: u32 = 0;
        const MULTIPLY: u32 = 5;
        const SUBTRACT: u32 = 10;
        let is = |operand: Operand| operand.object().is_some_and(|object| self.is_complex(object));
        if ![ADD, MULTIPLY, SUBTRACT].contains(&operator) || !(is(a) || is(b)) {
            return Ok(None);
        }
        let (Some(a), Some(b)) = (self.part(a)?, self.part(b)?) else { return Ok(None) };
        let mut op = |op: Op, x: ValueId, y: ValueId| self.op(op, &[x, y]);
        use Op::{AddFloat as Add, MulFloat as Mul, SubFloat as Sub};
        let (re, im) = match (operator, a, b) {
            (ADD, Part::Complex(re, im), Part::Complex(x, y)) => (op(Add, re, x), op(Add, im, y)),
            (ADD, Part::Complex(re, im), Part::Real(x)) => (op(Add, re, x), im),
            (ADD, Part::Real(x), Part::Complex(re, im)) => (op(Add, x, re), im),
            (SUBTRACT, Part::Complex(re, im), Part::Complex(x, y)) => (op(Sub, re, x), op(Sub, im, y)),
            (SUBTRACT, Part::Complex(re, im), Part::Real(x)) => (op(Sub, re, x), im),
            (SUBTRACT, Part::Real(x), Part::Complex(re, im)) => (op(Sub, x, re), self.op(Op::NegFloat, &[im])),
            (MULTIPLY, Part::Complex(re, im), Part::Real(x)) => (op(Mul, re, x), op(Mul, im, x)),
            (MULTIPLY, Part::Real(x), Part::Complex(re, im)) => (op(Mul, x, re), op(Mul, x, im)),
            (MULTIPLY, Part::Complex(a, b), Part::Complex(x, y)) => {
                let (first, second) = (op(Mul, a, x), op(Mul, b, y));
                let re = op(Sub, first, second);
                let (first, second) = (op(Mul, a, y), op(Mul, b, x));
                let im = op(Add, first, second);
                // Infinities that have come to nothing are looked at again by the VM.
                let is_nan = op(Op::NeFloat, re, re);
                self.guard_bool(is_nan, false);
                (re, im)
            }
            _ => return Ok(None),
        };
        Ok(Some(self.new_complex(re, im)))
    }

    /// `-a` of an exact complex number. `None`: it is something else.
    pub(super) fn complex_negative(&mut self, operand: Operand) -> Res<Option<Sym>> {
        let Some((re, im)) = self.complex_parts(operand)? else { return Ok(None) };
        let (re, im) = (self.op(Op::NegFloat, &[re]), self.op(Op::NegFloat, &[im]));
        Ok(Some(self.new_complex(re, im)))
    }

    /// `abs(a)` of an exact complex number. `None`: it is something else.
    pub(super) fn complex_abs(&mut self, operand: Operand) -> Res<Option<ValueId>> {
        let Some((re, im)) = self.complex_parts(operand)? else { return Ok(None) };
        Ok(Some(self.call_helper(&helpers::complex_abs(), &[re, im])))
    }

    /// `a == b` and `a != b` of exact complex numbers. `None`: they are something else.
    pub(super) fn compare_complex(
        &mut self,
        operator: ComparisonOperator,
        a: Operand,
        b: Operand,
    ) -> Res<Option<ValueId>> {
        let is = |operand: Operand| operand.object().is_some_and(|object| self.is_complex(object));
        let is_equality = matches!(operator, ComparisonOperator::Equal | ComparisonOperator::NotEqual);
        if !is_equality || !is(a) || !is(b) {
            return Ok(None);
        }
        let (Some((re, im)), Some((x, y))) = (self.complex_parts(a)?, self.complex_parts(b)?) else { return Ok(None) };
        let (re, im) = (self.op(Op::EqFloat, &[re, x]), self.op(Op::EqFloat, &[im, y]));
        let equal = self.op(Op::AndBool, &[re, im]);
        Ok(Some(if operator == ComparisonOperator::Equal { equal } else { self.not(equal) }))
    }

    /// `complex(a)` and `complex(a, b)` of floats and ints. `None`: of something else.
    pub(super) fn complex_of(&mut self, args: &[Operand]) -> Res<Option<Sym>> {
        let mut parts = [self.trace.const_float(0.0); 2];
        for (part, &arg) in parts.iter_mut().zip(args) {
            let Some(num @ (Num::Float(..) | Num::Int(..))) = self.num(arg)? else { return Ok(None) };
            *part = self.float_of(num).0;
        }
        Ok((args.len() <= 2).then(|| self.new_complex(parts[0], parts[1])))
    }
}
