//! Operators, comparisons and truth.

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::vm::thread::with_current_vm;
use rustpython_vm::{PyObject, VirtualMachine, types::PyTypeFlags};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, Ty, ValueId, VirtualKind};

use super::dicts::By;
use super::emit::Num;
use super::protocols::Compared;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers;
use crate::objects::Scalar;
use crate::operators;

/// Ints up to this magnitude are floats exactly.
const EXACT: i64 = 1 << 53;

impl Num {
    /// The class's name, for messages.
    fn name(self) -> &'static str {
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
        if let Some(result) = self.container_operator(operator, a, b, vm)? {
            self.replace(2, result);
            return Ok(());
        }
        if let Some(result) = self.str_operator(plain, a, b)? {
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
    fn leaf_binary(&mut self, operator: u32, a: Operand, b: Operand) -> Res {
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
    fn compare_guard(&mut self, op: Op, value: ValueId, constant: i64) {
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

    /// `a[b]`.
    fn subscript(&mut self, op: decode::Op, a: Operand, b: Operand, vm: &VirtualMachine) -> Res {
        let (Some(container), Some(key)) = (a.object(), b.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(a.sym)
            && let Some(Num::Int(value, is)) = self.num(b)?
        {
            // Which element of a virtual tuple is meant has to be the same every time.
            if self.trace.as_int(value).is_none() {
                let constant = self.trace.const_int(is);
                let same = self.op(Op::EqInt, &[value, constant]);
                self.guard_bool(same, true);
            }
            let len = self.virtuals[index].fields.len() as i64;
            let at = if is < 0 { is + len } else { is };
            if !(0..len).contains(&at) {
                return Err(Abort::with(Reason::ExceptionInRecording, "tuple index out of range"));
            }
            let element = self.field(index, at as usize);
            self.replace(2, element);
            return Ok(());
        }
        let class = self.world.objects.class(container);
        let classes = &self.world.objects.classes;
        let is_list = class == classes.list;
        if container.class().fast_issubclass(vm.ctx.types.dict_type) && self.is_dict_by(container, By::Get, vm) {
            if self.missing_item(op, a, b, vm)? {
                return Ok(());
            }
            if self.missing_key(op, a, b, vm)? {
                return Ok(());
            }
            if let Some(found) = self.dict_item(a, b, vm)? {
                self.replace(2, found);
                return Ok(());
            }
            return self.opaque_item(op, a, b);
        }
        if let Some(item) = self.byte_or_item(a, b)? {
            self.replace(2, item);
            return Ok(());
        }
        if let Some(part) = self.slice_item(a, b)? {
            self.replace(2, part);
            return Ok(());
        }
        let (class, classes) = (self.world.objects.class(container), &self.world.objects.classes);
        // A slice in the constants of a code has constant bounds.
        let constant = matches!(self.resolve(b.sym), Sym::Val(value) if self.trace.as_ref(value).is_some());
        if self.world.objects.class(key) == classes.slice && constant && self.is_sliceable(container) {
            let (container, key) = (self.of_class(a)?, self.reference(b.sym)?);
            let number = self.trace.const_int(i64::from(operators::SUBSCRIPT));
            let result = self.call_helper(&helpers::binary(), &[container, key, number]);
            self.replace(2, Sym::Val(result));
            return Ok(());
        }
        if is_list || class == classes.tuple {
            let Some(num) = self.num(b)? else {
                return Err(Abort::with(Reason::UnsupportedType, format!("an index of type {}", key.class().name())));
            };
            let Some((value, is)) = self.int_of(num) else {
                return Err(Abort::with(Reason::UnsupportedType, format!("an index of type {}", num.name())));
            };
            let sequence = self.reference(a.sym)?;
            self.guard_class(sequence, container);
            if self.missing_index(op, (sequence, container), (value, is), vm)? {
                return Ok(());
            }
            let at = self.checked_index(sequence, container, value, is)?;
            let get = if is_list { Op::ListGet } else { Op::TupleGet };
            let element = self.op(get, &[sequence, at]);
            self.replace(2, Sym::Val(element));
            return Ok(());
        }
        if let Some(item) = self.str_operator(operators::SUBSCRIPT, a, b)? {
            self.replace(2, item);
            return Ok(());
        }
        let (class, classes) = (self.world.objects.class(container), &self.world.objects.classes);
        if (class == classes.str || class == classes.bytes) && self.is_number(key) {
            return self.leaf_binary(operators::SUBSCRIPT, a, b);
        }
        Err(Abort::with(Reason::UnsupportedType, format!("indexing of {}", container.class().name())))
    }

    /// An index that is not inside a list or tuple: raises. False, with nothing emitted: it is.
    fn missing_index(
        &mut self,
        op: decode::Op,
        (sequence, object): (ValueId, &PyObject),
        (index, is): (ValueId, i64),
        vm: &VirtualMachine,
    ) -> Res<bool> {
        let length_is = self.world.objects.length(object) as i64;
        if (-length_is..length_is).contains(&is) {
            return Ok(false);
        }
        let is_list = self.world.objects.class(object) == self.world.objects.classes.list;
        let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
        let is_outside = if is < 0 {
            let at = self.op(Op::AddOvf, &[index, length]);
            let zero = self.trace.const_int(0);
            self.op(Op::LtInt, &[at, zero])
        } else {
            self.op(Op::GeInt, &[index, length])
        };
        self.guard_bool(is_outside, true);
        self.raises_new(op, vm.ctx.exceptions.index_error, Sym::Empty, vm)?;
        Ok(true)
    }

    /// Guards that an index is inside a list or tuple, and returns it counted from the front.
    fn checked_index(&mut self, sequence: ValueId, object: &PyObject, index: ValueId, is: i64) -> Res<ValueId> {
        let length_is = self.world.objects.length(object) as i64;
        let at_is = if is < 0 { is + length_is } else { is };
        if !(0..length_is).contains(&at_is) {
            return Err(Abort::with(Reason::ExceptionInRecording, "index out of range"));
        }
        let is_list = self.world.objects.class(object) == self.world.objects.classes.list;
        let length = self.op(if is_list { Op::ListLen } else { Op::TupleLen }, &[sequence]);
        let at = if is < 0 {
            self.compare_guard(Op::LtInt, index, 0);
            self.op(Op::AddOvf, &[index, length])
        } else {
            index
        };
        let inside = self.op(Op::InBounds, &[at, length]);
        self.guard_bool(inside, true);
        Ok(at)
    }

    /// STORE_SUBSCR: stack is value, container, key.
    pub(super) fn store_subscript(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (value, container, key) = (self.peek(2)?, self.peek(1)?, self.peek(0)?);
        let Some(object) = container.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if self.store_slice_item(value, container, key)? {
            self.pop(3);
            return Ok(());
        }
        if self.set_byte_or_item(value, container, key)? {
            self.pop(3);
            return Ok(());
        }
        if self.is_dict_by(object, By::Set, vm) {
            if self.set_dict_item(container, key, value, vm)? {
                self.pop(3);
                return Ok(());
            }
            return self.opaque_set_item(op, container, key, value);
        }
        if !self.is_list(object) {
            let detail = format!("item assignment to {}", object.class().name());
            return Err(Abort::with(Reason::UnsupportedType, detail));
        }
        let Some(num) = self.num(key)? else {
            return Err(Abort::with(Reason::UnsupportedType, "an index that is no int"));
        };
        let Some((index, is)) = self.int_of(num) else {
            return Err(Abort::with(Reason::UnsupportedType, "an index that is no int"));
        };
        let list = self.reference(container.sym)?;
        self.guard_class(list, object);
        let at = self.checked_index(list, object, index, is)?;
        let stored = self.reference(value.sym)?;
        self.op(Op::ListSet, &[list, at, stored]);
        let count = self.world.objects.length(object) as i64;
        let position = usize::try_from(if is < 0 { is + count } else { is }).unwrap_or_default();
        let world = self.world.clone();
        self.may_finalise(world.objects.element(object, position));
        self.pop(3);
        Ok(())
    }

    /// COMPARE_OP.
    pub(super) fn compare_op(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let operator = ComparisonOperator::try_from(op.arg)
            .map_err(|_| Abort::with(Reason::UnsupportedOpcode, "COMPARE_OP with an unknown operator"))?;
        let (a, b) = (self.peek(1)?, self.peek(0)?);
        match self.compare_protocol(op, operator, a, b, vm)? {
            Some(Compared::Asked) => return Ok(()),
            Some(Compared::Is(result)) => {
                self.replace(2, Sym::Val(result));
                return Ok(());
            }
            None => {}
        }
        let result = self.compare(operator, a, b)?;
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    fn compare(&mut self, operator: ComparisonOperator, a: Operand, b: Operand) -> Res<ValueId> {
        if let (Some(x), Some(y)) = (self.num(a)?, self.num(b)?) {
            return self.compare_nums(operator, x, y);
        }
        if let Some(result) = self.compare_strs(operator, a, b)? {
            return Ok(result);
        }
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
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
        let number = self.trace.const_int(match operator {
            ComparisonOperator::Less => 0,
            ComparisonOperator::LessOrEqual => 1,
            ComparisonOperator::Equal => 2,
            ComparisonOperator::NotEqual => 3,
            ComparisonOperator::Greater => 4,
            ComparisonOperator::GreaterOrEqual => 5,
        });
        let helper = if deep { helpers::containers::compare_deep() } else { helpers::compare() };
        Ok(self.call_helper(&helper, &[left, right, number]))
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
                _ => return Err(Abort::with(Reason::UnsupportedType, "identity of numbers")),
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
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(operand.sym) {
            let some = !self.virtuals[index].fields.is_empty();
            return Ok(self.trace.const_bool(some));
        }
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let class = self.world.objects.class(object);
        if let Some(length) = self.len(operand)? {
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

    /// CONTAINS_OP: stack is needle, container.
    pub(super) fn contains_op(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (needle, container) = (self.peek(1)?, self.peek(0)?);
        let Some(object) = container.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let found = match self.contains_number(needle, container)? {
            Some(found) => found,
            None => match self.builtin_contains(needle, container, vm)? {
                Some(found) => found,
                None if self.is_hashed(object, vm) => self.opaque_contains(op, needle, container)?,
                None => {
                    let detail = format!("`in` on {}", object.class().name());
                    return Err(Abort::with(Reason::UnsupportedType, detail));
                }
            },
        };
        let result = if op.arg != 0 { self.not(found) } else { found };
        self.replace(2, Sym::Val(result));
        Ok(())
    }

    /// `in` that runs no Python code. `None`: it may.
    fn builtin_contains(&mut self, needle: Operand, container: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        if let Some(found) = self.str_has(needle, container)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.plain_contains(needle, container)? {
            return Ok(Some(found));
        }
        match container.object() {
            Some(object) if self.is_dict_by(object, By::Contains, vm) => self.has_key(container, needle, vm),
            Some(object) if self.is_hashed(object, vm) => self.set_has(container, needle),
            _ => Ok(None),
        }
    }

    /// Whether an object is a dict or an exact set.
    fn is_hashed(&self, object: &PyObject, vm: &VirtualMachine) -> bool {
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        [classes.set, classes.frozenset].contains(&class) || self.is_dict_by(object, By::Contains, vm)
    }

    /// A small number in a constant tuple of small numbers: each is compared. `None`: something else.
    fn contains_number(&mut self, needle: Operand, container: Operand) -> Res<Option<ValueId>> {
        let Some(object) = container.object() else { return Ok(None) };
        let constant = matches!(self.resolve(container.sym), Sym::Val(value) if self.trace.as_ref(value).is_some());
        let is_tuple = self.world.objects.class(object) == self.world.objects.classes.tuple;
        if !constant || !is_tuple {
            return Ok(None);
        }
        let scalars: Option<Vec<Scalar>> = (0..self.world.objects.length(object))
            .map(|n| self.world.objects.element(object, n).and_then(|element| self.world.objects.scalar(element)))
            .collect();
        let Some(scalars) = scalars.filter(|scalars| scalars.len() <= 8) else { return Ok(None) };
        let Some(num) = self.num(needle)? else { return Ok(None) };
        let mut found = self.trace.const_bool(false);
        for scalar in scalars {
            let element = match scalar {
                Scalar::Int(is) => Num::Int(self.trace.const_int(is), is),
                Scalar::Float(is) => Num::Float(self.trace.const_float(is), is),
                Scalar::Bool(is) => Num::Bool(self.trace.const_bool(is), is),
            };
            let equal = self.compare_nums(ComparisonOperator::Equal, num, element)?;
            found = self.op(Op::OrBool, &[found, equal]);
        }
        Ok(Some(found))
    }

    /// A float as an int, towards zero; leaves when it does not fit.
    pub(super) fn float_to_int(&mut self, value: ValueId) -> ValueId {
        self.emit(Op::FloatToInt, &[value], Imm::None)
    }
}
