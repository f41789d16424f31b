//! Operators, comparisons and truth.

use rustpython_vm::{PyObject, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, ValueId};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers;
use crate::operators;

/// Ints up to this magnitude are floats exactly.
pub(super) const EXACT: i64 = 1 << 53;

impl Num {
    /// The class's name, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Num::Int(..) => "int",
            Num::Float(..) => "float",
            Num::Bool(..) => "bool",
        }
    }
}

impl Recorder {
    /// The number as an int value with what it is this time; `None` for floats.
    pub(super) fn int_of(&mut self, num: Num) -> Option<(ValueId, i64)> {
        match num {
            Num::Int(value, is) => Some((value, is)),
            Num::Bool(value, is) => {
                let int = match self.trace.as_bool(value) {
                    Some(constant) => self.trace.const_int(i64::from(constant)),
                    None => self.op(Op::BoolToInt, &[value]),
                };
                Some((int, i64::from(is)))
            }
            Num::Float(..) => None,
        }
    }

    /// The number as a float value with what it is this time.
    pub(super) fn float_of(&mut self, num: Num) -> (ValueId, f64) {
        match num {
            Num::Float(value, is) => (value, is),
            Num::Int(..) | Num::Bool(..) => {
                let (value, is) = self.int_of(num).expect("not a float");
                let float = match self.trace.as_int(value) {
                    Some(constant) => self.trace.const_float(constant as f64),
                    None => self.op(Op::IntToFloat, &[value]),
                };
                (float, is as f64)
            }
        }
    }

    /// BINARY_OP.
    pub(super) fn binary_op(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operator = op.arg;
        let (a, b) = (self.peek(1)?, self.peek(0)?);
        let is_number = |operand: Operand| operand.object().is_some_and(|object| self.is_number(object));
        if !(is_number(a) && is_number(b)) && self.binary_protocol(op, a, b, vm)? {
            return Ok(());
        }
        if operator == operators::SUBSCRIPT {
            return self.subscript(op, a, b, vm);
        }
        if operator >= operators::IN_PLACE
            && a.object().is_some_and(|object| self.is_list(object))
            && (operators::plain(operator) != 0 || b.object().is_some_and(|object| self.is_sequence(object)))
        {
            if operators::plain(operator) == 0 {
                return self.extend_in_place(a, b);
            }
            return Err(Abort::with(Reason::UnsupportedType, "an operator that changes a list"));
        }
        let plain = operators::plain(operator);
        if let Some(result) = self.complex_operator(plain, a, b)? {
            self.replace(2, result);
            return Ok(());
        }
        if let Some(result) = self.container_operator(operator, a, b, vm)? {
            self.replace(2, result);
            return Ok(());
        }
        if let Some(result) = self.str_operator(op, plain, a, b)? {
            self.replace(2, result);
            return Ok(());
        }
        if let (Some(x), Some(y)) = (self.num(a)?, self.num(b)?)
            && let Some(result) = self.arithmetic(plain, x, y)?
        {
            self.replace(2, Sym::Val(result));
            return Ok(());
        }
        self.leaf_binary(plain, a, b)
    }

    /// An operator of the VM on objects that cannot run Python code.
    pub(super) fn leaf_binary(&mut self, operator: u32, a: Operand, b: Operand) -> Res {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        // Formatting with % may call __str__ of anything.
        let formats = operator == 6 && !self.is_number(x);
        if !self.joins(operator, x, y) && (formats || !self.is_leaf(x) || !self.is_leaf(y)) {
            let classes = format!("{} and {}", x.class().name(), y.class().name());
            return Err(Abort::with(Reason::UnsupportedType, format!("an operator on {classes}")));
        }
        if let Some(list) = self.new_list_by(operator, a, b)? {
            self.replace(2, list);
            return Ok(());
        }
        let (left, right) = (self.reference(a.sym)?, self.reference(b.sym)?);
        self.guard_class(left, x);
        self.guard_class(right, y);
        let number = self.trace.const_int(i64::from(operator));
        let result = self.call_helper(&helpers::binary(), &[left, right, number]);
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    /// Whether an operator joins two exact lists or tuples, or repeats one.
    fn joins(&self, operator: u32, x: &PyObject, y: &PyObject) -> bool {
        let objects = &self.world.objects;
        match operator {
            0 => self.is_sequence(x) && objects.class(x) == objects.class(y),
            5 => {
                let repeats = |x, y| {
                    self.is_sequence(x) && [objects.classes.int, objects.classes.bool].contains(&objects.class(y))
                };
                repeats(x, y) || repeats(y, x)
            }
            _ => false,
        }
    }

    /// Whether operators on an object can neither run Python code nor change anything.
    pub(super) fn is_leaf(&self, object: &PyObject) -> bool {
        self.world.objects.classes.is_leaf(self.world.objects.class(object))
    }

    pub(super) fn is_number(&self, object: &PyObject) -> bool {
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        [classes.int, classes.float, classes.bool, classes.complex].contains(&class)
    }

    /// An operator on numbers, as operations on unboxed values. `None` when this case is left to the VM's operator.
    fn arithmetic(&mut self, operator: u32, a: Num, b: Num) -> Res<Option<ValueId>> {
        if let (Num::Bool(x, _), Num::Bool(y, _)) = (a, b) {
            let op = match operator {
                1 => Some(Op::AndBool),
                7 => Some(Op::OrBool),
                12 => Some(Op::XorBool),
                _ => None,
            };
            if let Some(op) = op {
                return Ok(Some(self.op(op, &[x, y])));
            }
        }
        match (self.int_of(a), self.int_of(b)) {
            (Some((x, x_is)), Some((y, y_is))) => self.int_arithmetic(operator, (x, x_is), (y, y_is)),
            _ => self.float_arithmetic(operator, a, b),
        }
    }

    fn int_arithmetic(
        &mut self,
        operator: u32,
        (x, x_is): (ValueId, i64),
        (y, y_is): (ValueId, i64),
    ) -> Res<Option<ValueId>> {
        // The case that is about to happen decides: when the result does not fit, the VM's operator makes a large int.
        let fits = match operator {
            0 => x_is.checked_add(y_is).is_some(),
            2 => x_is.checked_div(y_is).is_some(),
            3 => (0..63).contains(&y_is) && (x_is << y_is) >> y_is == x_is,
            5 => x_is.checked_mul(y_is).is_some(),
            6 => y_is != 0,
            8 => u32::try_from(y_is).ok().and_then(|y| x_is.checked_pow(y)).is_some(),
            9 => y_is >= 0,
            10 => x_is.checked_sub(y_is).is_some(),
            11 => y_is != 0,
            1 | 7 | 12 => true,
            _ => false,
        };
        if !fits {
            return Ok(None);
        }
        Ok(Some(match operator {
            0 => self.op(Op::AddOvf, &[x, y]),
            1 => self.op(Op::And, &[x, y]),
            2 => self.op(Op::FloorDivOvf, &[x, y]),
            3 => self.op(Op::ShlOvf, &[x, y]),
            5 => self.op(Op::MulOvf, &[x, y]),
            6 => self.op(Op::ModOvf, &[x, y]),
            7 => self.op(Op::Or, &[x, y]),
            8 if self.trace.as_int(y) == Some(2) => self.op(Op::MulOvf, &[x, x]),
            8 => {
                self.compare_guard(Op::GeInt, y, 0);
                self.call_helper(&helpers::pow_int(), &[x, y])
            }
            9 => {
                self.compare_guard(Op::GeInt, y, 0);
                self.op(Op::Shr, &[x, y])
            }
            10 => self.op(Op::SubOvf, &[x, y]),
            11 => {
                self.compare_guard(Op::NeInt, y, 0);
                if x_is.unsigned_abs() <= EXACT as u64 && y_is.unsigned_abs() <= EXACT as u64 {
                    self.guard_exact(x);
                    self.guard_exact(y);
                    let (x, _) = self.float_of(Num::Int(x, x_is));
                    let never_minus_zero =
                        self.trace.as_float(x).is_some_and(|x| x != 0.0) || self.trace.as_int(y).is_some_and(|y| y > 0);
                    let (y, _) = self.float_of(Num::Int(y, y_is));
                    let quotient = self.op(Op::DivFloat, &[x, y]);
                    if never_minus_zero {
                        return Ok(Some(quotient));
                    }
                    // The VM divides 0 by a negative int to 0.0. Adding 0.0 changes nothing but -0.0.
                    let zero = self.trace.const_float(0.0);
                    self.op(Op::AddFloat, &[quotient, zero])
                } else {
                    self.call_helper(&helpers::truediv_int(), &[x, y])
                }
            }
            12 => self.op(Op::Xor, &[x, y]),
            _ => return Ok(None),
        }))
    }

    /// Guards that an int compares with a constant as it does this time.
    pub(super) fn compare_guard(&mut self, op: Op, value: ValueId, constant: i64) {
        if self.trace.as_int(value).is_none() {
            let constant = self.trace.const_int(constant);
            let condition = self.op(op, &[value, constant]);
            self.guard_bool(condition, true);
        }
    }

    /// Guards that an int converts to float without rounding.
    pub(super) fn guard_exact(&mut self, value: ValueId) {
        self.compare_guard(Op::LeInt, value, EXACT);
        self.compare_guard(Op::GeInt, value, -EXACT);
    }

    fn float_arithmetic(&mut self, operator: u32, a: Num, b: Num) -> Res<Option<ValueId>> {
        let (x, _) = self.float_of(a);
        let (y, y_is) = self.float_of(b);
        Ok(Some(match operator {
            0 => self.op(Op::AddFloat, &[x, y]),
            5 => self.op(Op::MulFloat, &[x, y]),
            10 => self.op(Op::SubFloat, &[x, y]),
            2 | 6 | 11 => {
                if y_is == 0.0 {
                    // The VM's operator raises.
                    return Ok(None);
                }
                if self.trace.as_float(y).is_none() {
                    let zero = self.trace.const_float(0.0);
                    let condition = self.op(Op::NeFloat, &[y, zero]);
                    self.guard_bool(condition, true);
                }
                match operator {
                    2 => self.call_helper(&helpers::floordiv_float(), &[x, y]),
                    6 => self.call_helper(&helpers::mod_float(), &[x, y]),
                    _ => self.op(Op::DivFloat, &[x, y]),
                }
            }
            8 if self.trace.as_float(y) == Some(2.0) => {
                // The VM's power of two is exact for squares that are finite; others leave.
                self.call_helper(&helpers::pow_float(), &[x, y])
            }
            8 => self.call_helper(&helpers::pow_float(), &[x, y]),
            _ => return Ok(None),
        }))
    }

    /// UNARY_NEGATIVE, UNARY_INVERT and UNARY_NOT.
    pub(super) fn unary(&mut self, opcode: rustpython_compiler_core::bytecode::Opcode) -> Res {
        use rustpython_compiler_core::bytecode::Opcode;
        let operand = self.peek(0)?;
        if opcode == Opcode::UnaryNot {
            let truth = self.truth(operand)?;
            let result = self.not(truth);
            self.replace(1, Sym::Val(result));
            return Ok(());
        }
        if opcode == Opcode::UnaryNegative
            && let Some(result) = self.complex_negative(operand)?
        {
            self.replace(1, result);
            return Ok(());
        }
        let is_large = |object: &PyObject| opcode == Opcode::UnaryNegative && self.is_number(object);
        if operand.object().is_some_and(|object| is_large(object) && self.world.objects.scalar(object).is_none()) {
            let value = self.of_class(operand)?;
            let result = self.call_helper(&helpers::containers::negative(), &[value]);
            self.replace(1, Sym::Val(result));
            return Ok(());
        }
        let Some(num) = self.num(operand)? else {
            let name = operand.object().map_or_else(String::new, |object| object.class().name().to_string());
            return Err(Abort::with(Reason::UnsupportedType, format!("a sign or inversion of {name}")));
        };
        let result = match (opcode, num) {
            (Opcode::UnaryNegative, Num::Float(value, _)) => self.op(Op::NegFloat, &[value]),
            (Opcode::UnaryNegative, num) => {
                let (value, is) = self.int_of(num).expect("not a float");
                if is == i64::MIN {
                    return Err(Abort::new(Reason::Bigint));
                }
                self.op(Op::NegOvf, &[value])
            }
            (Opcode::UnaryInvert, Num::Int(value, _)) => self.op(Op::Not, &[value]),
            // Inverting a bool warns.
            _ => return Err(Abort::with(Reason::UnsupportedType, format!("an inversion of {}", num.name()))),
        };
        self.replace(1, Sym::Val(result));
        Ok(())
    }

    /// A float as an int, towards zero; leaves when it does not fit.
    pub(super) fn float_to_int(&mut self, value: ValueId) -> ValueId {
        self.emit(Op::FloatToInt, &[value], Imm::None)
    }
}
