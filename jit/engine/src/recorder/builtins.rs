//! Calls of builtin functions and methods that become operations, or that run no Python code.

use std::f64::consts::PI;

use rustpython_compiler_core::bytecode::ComparisonOperator;
use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine, builtins::PyType};
use tjit_ir::{Op, Ty, ValueId, VirtualKind};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::attributes::{has_plain_attributes, leaves_to};
use crate::helpers::{self, math};
use crate::known::Builtin;
use crate::objects::Scalar;

/// What a class says of an object.
#[derive(Clone, Copy)]
enum Answer {
    /// It is the object's own.
    Exactly,
    /// Whether it is above the object's own.
    Plain(bool),
    /// What an abstract base class has kept.
    Kept(bool),
}

impl Answer {
    fn is_yes(&self) -> bool {
        matches!(self, Answer::Exactly | Answer::Plain(true) | Answer::Kept(true))
    }
}

impl Recorder {
    /// A builtin with a translation. `None`: this case has none.
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let value = self.reference(callable.sym)?;
        self.guard_is(value, function);
        let result = match (builtin, args) {
            (Builtin::Abs, [a]) => match self.num(*a)? {
                Some(num) => self.abs(num),
                None => self.complex_abs(*a)?,
            },
            (Builtin::Complex, args) => return self.complex_of(args),
            (Builtin::Bool, [a]) => Some(self.truth(*a)?),
            (Builtin::Int, [a]) => match self.num(*a)? {
                Some(num) => self.int_from(num),
                None => self.int_in(*a, None)?,
            },
            (Builtin::Int, [a, base]) => self.int_in(*a, Some(*base))?,
            (Builtin::Float, [a]) => match self.num(*a)? {
                Some(num) => Some(self.float_of(num).0),
                None => self.float_in(*a)?,
            },
            (Builtin::Round, [a]) => match self.num(*a)? {
                Some(Num::Float(value, is)) if is.round_ties_even().abs() < 9e18 => {
                    Some(self.call_helper(&helpers::round_float(), &[value]))
                }
                Some(Num::Int(value, _)) => Some(value),
                _ => None,
            },
            (Builtin::Round, [a, _]) if matches!(self.num(*a)?, Some(Num::Float(..))) => self.math("round", args)?,
            (Builtin::Math(name), args) => self.math(name, args)?,
            (Builtin::Degrees | Builtin::Radians, [a]) => self.num(*a)?.map(|num| {
                let (value, _) = self.float_of(num);
                let factor = if builtin == Builtin::Degrees { 180.0 / PI } else { PI / 180.0 };
                let factor = self.trace.const_float(factor);
                self.op(Op::MulFloat, &[value, factor])
            }),
            (Builtin::IsNan | Builtin::IsInf | Builtin::IsFinite, [a]) => self.num(*a)?.map(|num| {
                let (value, _) = self.float_of(num);
                if builtin == Builtin::IsNan {
                    return self.op(Op::NeFloat, &[value, value]);
                }
                let size = self.op(Op::AbsFloat, &[value]);
                let infinity = self.trace.const_float(f64::INFINITY);
                self.op(if builtin == Builtin::IsInf { Op::EqFloat } else { Op::LtFloat }, &[size, infinity])
            }),
            (Builtin::Trunc, [a]) => self.num(*a)?.and_then(|num| self.int_from(num)),
            (Builtin::Floor | Builtin::Ceil, [a]) => match self.num(*a)? {
                Some(Num::Float(value, is)) if is.abs() < 9e18 => {
                    let op = if builtin == Builtin::Floor { Op::FloorFloat } else { Op::CeilFloat };
                    let whole = self.op(op, &[value]);
                    Some(self.float_to_int(whole))
                }
                Some(Num::Int(value, _)) => Some(value),
                _ => None,
            },
            (Builtin::Fabs, [a]) => self.num(*a)?.map(|num| {
                let (value, _) = self.float_of(num);
                self.op(Op::AbsFloat, &[value])
            }),
            (Builtin::Sqrt, [a]) => match self.num(*a)? {
                Some(num) => {
                    let (value, is) = self.float_of(num);
                    if is.is_nan() || is < 0.0 {
                        return Ok(None);
                    }
                    let zero = self.trace.const_float(0.0);
                    let inside = self.op(Op::GeFloat, &[value, zero]);
                    self.guard_bool(inside, true);
                    Some(self.op(Op::SqrtFloat, &[value]))
                }
                None => None,
            },
            (Builtin::Isqrt, [a]) => match self.num(*a)? {
                Some(num @ Num::Int(_, 0..)) => {
                    let (value, _) = self.int_of(num).expect("an int");
                    Some(self.call_helper(&helpers::isqrt(), &[value]))
                }
                _ => None,
            },
            (Builtin::Gcd, [a, b]) => match (self.num(*a)?, self.num(*b)?) {
                (Some(a), Some(b)) => match (self.int_of(a), self.int_of(b)) {
                    (Some((a, _)), Some((b, _))) => Some(self.call_helper(&helpers::gcd(), &[a, b])),
                    _ => None,
                },
                _ => None,
            },
            (Builtin::Len, [a]) => self.len(*a, vm)?,
            (Builtin::Hash, [a]) => self.hash(*a, vm)?,
            (Builtin::Chr, [a]) => self.chr(*a)?,
            (Builtin::Ord, [a]) => self.ord(*a)?,
            (Builtin::Str, [a]) => match self.text_of(*a, vm) {
                _ if self.as_raised_object(*a).is_some() => self.text_of_raised(*a, vm),
                Some((only, only_is)) => self.as_text(Operand::new(only, Some(&only_is)))?,
                None => self.as_text(*a)?,
            },
            (Builtin::Type, [a]) => return self.class_of(*a),
            (Builtin::IsSubclass, [a, class]) => self.is_subclass(*a, *class, vm)?,
            (Builtin::IsInstance, [a, class]) => self.is_instance(*a, *class, vm)?,
            (Builtin::Min | Builtin::Max, [first, rest @ ..]) if !rest.is_empty() => {
                return self.extreme(builtin == Builtin::Max, *first, rest);
            }
            (Builtin::Divmod, [a, b]) => return self.divmod(*a, *b),
            (Builtin::Range, args) => return self.range(args),
            (Builtin::Enumerate, [a, rest @ ..]) if rest.len() <= 1 => {
                let start = match rest.first() {
                    Some(start) => match self.num(*start)? {
                        Some(Num::Int(start, _)) => start,
                        _ => return Ok(None),
                    },
                    None => self.trace.const_int(0),
                };
                let Some(inner) = self.iterate(*a, vm)? else { return Ok(None) };
                return Ok(Some(self.new_virtual(VirtualKind::Enumerate, vec![inner, Sym::Val(start)])));
            }
            (Builtin::Zip, args) if !args.is_empty() => {
                let inner = args.iter().map(|arg| self.iterate(*arg, vm)).collect::<Res<Option<Vec<_>>>>()?;
                return Ok(inner.map(|inner| self.new_virtual(VirtualKind::Zip, inner)));
            }
            (Builtin::Map, [f, a]) => return self.map_plain(*f, *a, vm),
            (Builtin::Reversed, [a]) => return self.reversed(*a, vm),
            (Builtin::Iter, [a]) => return self.iterate(*a, vm),
            _ => None,
        };
        match result {
            Some(value) => Ok(Some(Sym::Val(value))),
            None if builtin == Builtin::Leaf || self.leaf_fallback(builtin) => self.leaf_call(function, args),
            None => Ok(None),
        }
    }

    /// A function of [`math`]. `None`: one of other numbers, or it has no result for these.
    fn math(&mut self, name: &str, args: &[Operand]) -> Res<Option<ValueId>> {
        let Some(function) = math::function(name, args.len()) else { return Ok(None) };
        let (mut values, mut scalars) = (Vec::new(), Vec::new());
        for (arg, ty) in args.iter().zip(function.takes) {
            let Some(num) = self.num(*arg)? else { return Ok(None) };
            let (value, scalar) = match ty {
                Ty::Float => {
                    let (value, is) = self.float_of(num);
                    (value, Scalar::Float(is))
                }
                _ => match self.int_of(num) {
                    Some((value, is)) => (value, Scalar::Int(is)),
                    None => return Ok(None),
                },
            };
            values.push(value);
            scalars.push(scalar);
        }
        if !(function.has_result)(&scalars) {
            return Ok(None);
        }
        Ok(Some(self.call_helper(&(function.helper)(), &values)))
    }

    fn leaf_fallback(&self, builtin: Builtin) -> bool {
        !matches!(
            builtin,
            Builtin::All
                | Builtin::Any
                | Builtin::CountElements
                | Builtin::Dict
                | Builtin::DictUpdate
                | Builtin::Enumerate
                | Builtin::Extend
                | Builtin::FrozenSet
                | Builtin::GetAttr
                | Builtin::HasAttr
                | Builtin::SetAttr
                | Builtin::Repr
                | Builtin::IsInstance
                | Builtin::IsSubclass
                | Builtin::Iter
                | Builtin::Join
                | Builtin::List
                | Builtin::Map
                | Builtin::Next
                | Builtin::Range
                | Builtin::Reversed
                | Builtin::Set
                | Builtin::SetUpdate
                | Builtin::Sorted
                | Builtin::Sum
                | Builtin::Tuple
                | Builtin::Type
                | Builtin::Zip
        )
    }

    /// A call of a builtin that runs no Python code, because all arguments are of leaf classes.
    fn leaf_call(&mut self, function: &PyObject, args: &[Operand]) -> Res<Option<Sym>> {
        let helper = match args.len() {
            0 => helpers::leaf_0(),
            1 => helpers::leaf_1(),
            2 => helpers::leaf_2(),
            3 => helpers::leaf_3(),
            _ => return Ok(None),
        };
        let mut operands = vec![self.constant(function)];
        for arg in args {
            let Some(object) = arg.object() else { return Ok(None) };
            if !self.is_leaf(object) {
                return Ok(None);
            }
            let value = self.reference(arg.sym)?;
            self.guard_class(value, object);
            operands.push(value);
        }
        Ok(Some(Sym::Val(self.call_helper(&helper, &operands))))
    }

    /// Methods of builtin classes: `list.append`, and those of leaf classes.
    pub(super) fn method(
        &mut self,
        callable: Operand,
        function: &PyObject,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        if !function.class().is(vm.ctx.types.method_descriptor_type) {
            return Ok(None);
        }
        let Sym::Val(value) = self.resolve(callable.sym) else { return Ok(None) };
        let [receiver, rest @ ..] = args else { return Ok(None) };
        let Some(object) = receiver.object() else { return Ok(None) };
        let class = self.world.objects.class(object);
        if self.world.objects.has_list_layout(object) {
            self.guard_is(value, function);
            return self.list_method(function, *receiver, rest, vm);
        }
        if object.class().fast_issubclass(vm.ctx.types.dict_type) {
            self.guard_is(value, function);
            return self.dict_method(function, *receiver, rest, vm);
        }
        if self.is_any_set(object) {
            self.guard_is(value, function);
            if let Some(result) = self.method_of_sets(function, *receiver, rest, vm)? {
                return Ok(Some(result));
            }
            return self.set_method(function, *receiver, rest, vm);
        }
        if self.world.objects.deque(object, vm).is_some() {
            self.guard_is(value, function);
            return self.deque_method(function, *receiver, rest, vm);
        }
        if class == self.world.objects.classes.str {
            self.guard_is(value, function);
            if let Some(answer) = self.str_question(function, *receiver, rest, vm)? {
                return Ok(Some(answer));
            }
            return self.leaf_call(function, args);
        }
        Ok(None)
    }

    pub(super) fn abs(&mut self, num: Num) -> Option<ValueId> {
        match num {
            Num::Float(value, _) => Some(self.op(Op::AbsFloat, &[value])),
            num => match self.int_of(num)? {
                (_, i64::MIN) => None,
                (value, _) => Some(self.op(Op::AbsOvf, &[value])),
            },
        }
    }

    /// `hash(a)` of what is hashed without Python code. `None`: of something else.
    fn hash(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        let world = self.world.clone();
        if operand.object().and_then(|object| helpers::dicts::hash(&world.objects, object, vm)).is_none() {
            return Ok(None);
        }
        let value = self.reference(operand.sym)?;
        Ok(Some(self.call_helper(&helpers::dicts::hash_of(), &[value])))
    }

    fn int_from(&mut self, num: Num) -> Option<ValueId> {
        match num {
            Num::Float(value, is) if is.abs() < 9e18 => Some(self.float_to_int(value)),
            Num::Float(..) => None,
            num => self.int_of(num).map(|(value, _)| value),
        }
    }

    pub(super) fn len(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        if let Some((index, VirtualKind::Tuple)) = self.as_virtual(operand.sym) {
            let len = self.virtuals[index].fields.len() as i64;
            return Ok(Some(self.trace.const_int(len)));
        }
        if let Some((index, VirtualKind::Dict)) = self.as_virtual(operand.sym) {
            let len = self.virtuals[index].fields.len() as i64 / 2;
            return Ok(Some(self.trace.const_int(len)));
        }
        let Some(object) = operand.object() else { return Ok(None) };
        if let Some(range) = self.range_of(operand)? {
            let [_, _, length] = self.range_shape(range, object)?;
            return Ok(Some(length));
        }
        let class = self.world.objects.class(object);
        let classes = &self.world.objects.classes;
        let (is_list, tuple) = (self.is_list_by(object, "__len__", vm), classes.tuple);
        let counted = [classes.str, classes.bytes, classes.dict, classes.set, classes.frozenset].contains(&class)
            || crate::natives::is_counted(object);
        if !is_list && class != tuple && !counted {
            return Ok(None);
        }
        let Some(value) = self.container(operand, vm)? else { return Ok(None) };
        Ok(Some(if is_list {
            self.op(Op::ListLen, &[value])
        } else if class == tuple {
            self.op(Op::TupleLen, &[value])
        } else if self.is_str(object) {
            self.call_helper(&helpers::text::str_length(), &[value])
        } else if self.is_any_set(object) {
            self.call_helper(&helpers::sets::set_length(), &[value])
        } else if self.is_dict(object) {
            self.call_helper(&helpers::dicts::dict_length(), &[value])
        } else if self.world.objects.deque(object, vm).is_some() {
            self.call_helper(&helpers::deques::deque_length(), &[value])
        } else if self.world.objects.array(object, vm).is_some() {
            self.call_helper(&helpers::arrays::array_length(), &[value])
        } else {
            self.call_helper(&helpers::length(), &[value])
        }))
    }

    /// `isinstance` with plain classes: the guarded class of the object decides.
    pub(super) fn is_instance(
        &mut self,
        operand: Operand,
        class: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<ValueId>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let own = object.class();
        let world = self.world.clone();
        let bases = &world.known.bases;
        // A class of another metaclass may answer for itself, unless it is the object's very class.
        let answer = |class: &PyObjectRef| {
            let of = class.downcast_ref::<PyType>()?;
            match of {
                _ if of.is(own) => Some(Answer::Exactly),
                _ if of.class().is(vm.ctx.types.type_type) => Some(Answer::Plain(object.fast_isinstance(of))),
                _ if bases.keeps(of, vm) => bases.kept(of, own, vm).map(Answer::Kept),
                _ => None,
            }
        };
        let mut answers = Vec::new();
        let decides = |classes: &[PyObjectRef]| {
            for class in classes {
                let Some(answer) = answer(class) else { return false };
                answers.push(answer);
                if answer.is_yes() {
                    break;
                }
            }
            true
        };
        let Some(classes) = self.guard_classes(class, decides)? else { return Ok(None) };
        match self.resolve(operand.sym) {
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref => self.guard_class(value, object),
            Sym::Val(_) | Sym::Virt(_) => {}
            Sym::Kept | Sym::Empty => return Ok(None),
        }
        let is = answers.last().is_some_and(Answer::is_yes);
        let asked = answers.iter().any(|answer| matches!(answer, Answer::Kept(_) | Answer::Plain(false)));
        if asked && own.slots.flags.has_feature(rustpython_vm::types::PyTypeFlags::HEAPTYPE) {
            // An instance can claim another class by `__class__`, if its own class says so.
            let plain = has_plain_attributes(own, vm) && leaves_to(own, vm.ctx.types.object_type, "__class__", vm);
            if !plain || !self.guard_instance(operand, object, own, vm)? {
                return Ok(None);
            }
        }
        for (class, answer) in classes.iter().zip(&answers) {
            let Answer::Kept(is) = *answer else { continue };
            let metaclass = self.constant(class.class().as_object());
            if !self.guard_version(class.class(), metaclass, vm) {
                return Ok(None);
            }
            if !is {
                let known = self.trace.const_int(tjit_vm::bases::registered() as i64);
                let now = self.call_helper(&helpers::containers::classes_registered(), &[]);
                let same = self.op(Op::EqInt, &[now, known]);
                self.guard_bool(same, true);
            }
        }
        Ok(Some(self.trace.const_bool(is)))
    }

    /// `issubclass` of plain classes: what it is this time, as long as the class does not change.
    fn is_subclass(&mut self, operand: Operand, class: Operand, vm: &VirtualMachine) -> Res<Option<ValueId>> {
        let plain = |class: &PyObject| class.class().is(vm.ctx.types.type_type);
        let Some(of) = operand.object().filter(|of| plain(of)).and_then(|of| of.downcast_ref::<PyType>()) else {
            return Ok(None);
        };
        let all_plain = |classes: &[PyObjectRef]| classes.iter().all(|class| plain(class));
        let Some(classes) = self.guard_classes(class, all_plain)? else { return Ok(None) };
        let value = self.reference(operand.sym)?;
        let constant = self.guard_is(value, of.as_object());
        if !self.guard_version(of, constant, vm) {
            return Ok(None);
        }
        let is =
            classes.iter().filter_map(|class| class.downcast_ref::<PyType>()).any(|class| of.fast_issubclass(class));
        Ok(Some(self.trace.const_bool(is)))
    }

    /// `min` and `max` of numbers: the first that none of the later ones beats.
    fn extreme(&mut self, max: bool, first: Operand, rest: &[Operand]) -> Res<Option<Sym>> {
        let Some(mut best) = self.num(first)? else { return Ok(None) };
        let operator = if max { ComparisonOperator::Greater } else { ComparisonOperator::Less };
        for operand in rest {
            let Some(num) = self.num(*operand)? else { return Ok(None) };
            best = match (best, num) {
                (Num::Int(a, a_is), Num::Int(b, b_is)) => {
                    let op = if max { Op::MaxInt } else { Op::MinInt };
                    Num::Int(self.op(op, &[a, b]), if max { a_is.max(b_is) } else { a_is.min(b_is) })
                }
                (Num::Float(a, a_is), Num::Float(b, b_is)) => {
                    let beats = self.compare_nums(operator, num, best)?;
                    let value = self.op(Op::SelectFloat, &[beats, b, a]);
                    let is = if max { b_is > a_is } else { b_is < a_is };
                    Num::Float(value, if is { b_is } else { a_is })
                }
                _ => {
                    // The classes differ, so the class of the result depends on the outcome.
                    let beats = self.compare_nums(operator, num, best)?;
                    let (a, b) = (as_f64(best), as_f64(num));
                    let is = if max { b > a } else { b < a };
                    self.guard_bool(beats, is);
                    if is { num } else { best }
                }
            };
        }
        Ok(Some(Sym::Val(match best {
            Num::Int(value, _) | Num::Float(value, _) | Num::Bool(value, _) => value,
        })))
    }

    pub(super) fn divmod(&mut self, a: Operand, b: Operand) -> Res<Option<Sym>> {
        let (Some(x), Some(y)) = (self.num(a)?, self.num(b)?) else { return Ok(None) };
        let (Some((x, x_is)), Some((y, y_is))) = (self.int_of(x), self.int_of(y)) else { return Ok(None) };
        if x_is.checked_div(y_is).is_none() {
            return Ok(None);
        }
        let quotient = self.op(Op::FloorDivOvf, &[x, y]);
        let remainder = self.op(Op::ModOvf, &[x, y]);
        Ok(Some(self.new_virtual(VirtualKind::Tuple, vec![Sym::Val(quotient), Sym::Val(remainder)])))
    }
}

fn as_f64(num: Num) -> f64 {
    match num {
        Num::Int(_, is) => is as f64,
        Num::Float(_, is) => is,
        Num::Bool(_, is) => f64::from(u8::from(is)),
    }
}
