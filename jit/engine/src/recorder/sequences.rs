//! Lists, tuples, slices and `in`: what needs no operation of its own is a helper that runs no Python code.

use rustpython_compiler_core::bytecode::oparg;
use rustpython_vm::{AsObject, Py, PyObject, VirtualMachine, builtins::PyType};
use tjit_events::Reason;
use tjit_ir::{Op, ValueId, VirtualKind};

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers::{containers as helpers, searching};
use crate::known::Builtin;
use crate::natives::is_builtin;

impl Recorder {
    /// Whether an object is an exact list.
    pub(super) fn is_list(&self, object: &PyObject) -> bool {
        self.world.objects.class(object) == self.world.objects.classes.list
    }

    /// Whether an object is a list, or of a class derived from list in Python that leaves what this method does to list.
    pub(super) fn is_list_by(&self, object: &PyObject, method: &'static str, vm: &VirtualMachine) -> bool {
        let list = vm.ctx.types.list_type;
        if self.is_list(object) || !object.class().fast_issubclass(list) {
            return self.is_list(object);
        }
        let own = |class: &Py<PyType>| class.get_attr(vm.ctx.intern_str(method));
        let is_python =
            !object.class().mro.read().iter().take_while(|class| !class.is(list)).any(|class| is_builtin(class));
        is_python && matches!((own(object.class()), own(list)), (Some(a), Some(b)) if a.is(&b))
    }

    /// Whether an object is an exact list or tuple.
    pub(super) fn is_sequence(&self, object: &PyObject) -> bool {
        let class = self.world.objects.class(object);
        [self.world.objects.classes.list, self.world.objects.classes.tuple].contains(&class)
    }

    /// Whether an object is of a builtin class whose slices are of its own class.
    pub(super) fn is_sliceable(&self, object: &PyObject) -> bool {
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        self.is_sequence(object) || [classes.str, classes.bytes].contains(&class)
    }

    /// The reference that an operand is, of the class that it has this time.
    pub(super) fn of_class(&mut self, operand: Operand) -> Res<ValueId> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let value = self.reference(operand.sym)?;
        self.guard_class(value, object);
        Ok(value)
    }

    /// BUILD_LIST.
    pub(super) fn build_list(&mut self, count: usize) -> Res {
        let stack = &self.top_ref().stack;
        let fields = stack[stack.len() - count..].to_vec();
        let list = if count <= 3 {
            let elements = fields.into_iter().map(|field| self.reference(field)).collect::<Res<Vec<_>>>()?;
            let helper = [helpers::list_0, helpers::list_1, helpers::list_2, helpers::list_3][count]();
            self.call_helper(&helper, &elements)
        } else {
            let tuple = self.make_tuple(fields)?;
            self.call_helper(&helpers::list_of_tuple(), &[tuple])
        };
        self.pop(count);
        self.push(Sym::Val(list));
        Ok(())
    }

    /// `a + b` of exact lists, `a * b` of one and a small int. `None`: another operator, or other operands.
    pub(super) fn new_list_by(&mut self, operator: u32, a: Operand, b: Operand) -> Res<Option<Sym>> {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Err(Abort::new(Reason::LostPosition)) };
        let (list, times) = match (operator, self.is_list(x), self.is_list(y)) {
            (0, true, true) => {
                let (a, b) = (self.of_class(a)?, self.of_class(b)?);
                return Ok(Some(Sym::Val(self.call_helper(&helpers::list_join(), &[a, b]))));
            }
            (5, true, false) => (a, b),
            (5, false, true) => (b, a),
            _ => return Ok(None),
        };
        let Some(Num::Int(times, _)) = self.num(times)? else { return Ok(None) };
        let list = self.of_class(list)?;
        Ok(Some(Sym::Val(self.call_helper(&helpers::list_repeat(), &[list, times]))))
    }

    /// LIST_EXTEND: the list is `depth` entries below the iterable.
    pub(super) fn list_extend(&mut self, depth: usize) -> Res {
        let (iterable, list) = (self.peek(0)?, self.peek(depth)?);
        self.extend(list, iterable)?;
        self.pop(1);
        Ok(())
    }

    fn extend(&mut self, list: Operand, iterable: Operand) -> Res {
        match iterable.object() {
            Some(object) if self.is_sequence(object) => {}
            object => {
                let name = object.map_or_else(String::new, |object| object.class().name().to_string());
                return Err(Abort::with(Reason::UnsupportedType, format!("a list extended by {name}")));
            }
        }
        let (list, more) = (self.of_class(list)?, self.of_class(iterable)?);
        self.call_helper(&helpers::list_extend(), &[list, more]);
        Ok(())
    }

    /// `list += …`, in place.
    pub(super) fn extend_in_place(&mut self, list: Operand, iterable: Operand) -> Res {
        self.extend(list, iterable)?;
        let sym = self.peek(1)?.sym;
        self.replace(2, sym);
        Ok(())
    }

    /// Methods of exact lists that compare nothing. `None`: any other.
    pub(super) fn list_method(
        &mut self,
        function: &PyObject,
        list: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        const METHODS: [&str; 11] =
            ["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
        let is = |name: &&&str| {
            vm.ctx.types.list_type.get_attr(vm.ctx.intern_str(**name)).is_some_and(|method| method.is(function))
        };
        let Some(&name) = METHODS.iter().find(is) else { return Ok(None) };
        match (name, args) {
            ("append", [value]) => self.append(list, *value)?,
            ("extend", [more]) if more.object().is_some_and(|object| self.is_sequence(object)) => {
                self.extend(list, *more)?;
            }
            ("count" | "index" | "remove", [needle]) => {
                let (Some(object), Some(needle_is)) = (list.object(), needle.object()) else { return Ok(None) };
                if !self.is_searchable(object, needle_is) {
                    return Ok(None);
                }
                let (list, needle) = (self.of_class(list)?, self.of_class(*needle)?);
                let helper = match name {
                    "count" => searching::sequence_count(),
                    "index" => searching::sequence_index(),
                    _ => {
                        self.call_helper(&searching::list_remove(), &[list, needle]);
                        return Ok(Some(Sym::Val(self.none())));
                    }
                };
                return Ok(Some(Sym::Val(self.call_helper(&helper, &[list, needle]))));
            }
            ("sort", []) => {
                let Some(object) = list.object() else { return Ok(None) };
                if !self.is_ordered_by_value(object, vm) {
                    return Ok(None);
                }
                let list = self.of_class(list)?;
                self.call_helper(&searching::list_sort(), &[list]);
            }
            ("clear", []) => {
                let list = self.of_class(list)?;
                self.call_helper(&helpers::list_clear(), &[list]);
            }
            ("reverse", []) => {
                let list = self.of_class(list)?;
                self.call_helper(&helpers::list_reverse(), &[list]);
            }
            ("insert", [index, value]) => {
                let Some(num) = self.num(*index)? else { return Ok(None) };
                let Some((index, _)) = self.int_of(num) else { return Ok(None) };
                let list = self.of_class(list)?;
                let value = self.reference(value.sym)?;
                self.call_helper(&helpers::list_insert(), &[list, index, value]);
            }
            ("copy", []) => {
                let list = self.of_class(list)?;
                return Ok(Some(Sym::Val(self.call_helper(&helpers::list_copy(), &[list]))));
            }
            ("pop", [] | [_]) => {
                let index = match args.first() {
                    Some(index) => {
                        let Some(num) = self.num(*index)? else { return Ok(None) };
                        let Some((index, _)) = self.int_of(num) else { return Ok(None) };
                        index
                    }
                    None => self.trace.const_int(-1),
                };
                let is_empty = list.object().is_some_and(|object| self.world.objects.length(object) == 0);
                let list = self.of_class(list)?;
                if is_empty {
                    let length = self.op(Op::ListLen, &[list]);
                    let zero = self.trace.const_int(0);
                    let same = self.op(Op::EqInt, &[length, zero]);
                    self.guard_bool(same, true);
                    self.raises_here(vm.ctx.exceptions.index_error, vm)?;
                    return Ok(Some(Sym::Val(self.none())));
                }
                return Ok(Some(Sym::Val(self.call_helper(&helpers::list_pop(), &[list, index]))));
            }
            _ => return Ok(None),
        }
        Ok(Some(Sym::Val(self.none())))
    }

    /// Whether an object is an exact list or tuple, whose elements can be ordered without Python code.
    fn is_ordered_by_value(&self, object: &PyObject, vm: &VirtualMachine) -> bool {
        self.is_sequence(object) && searching::keys(self.world.objects.addresses(object), vm).is_some()
    }

    /// `min`, `max`, `sum` and `sorted` of a list or tuple of numbers or strs. `None`: of something else.
    pub(super) fn over_sequence(
        &mut self,
        builtin: Builtin,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let &[operand] = args else { return Ok(None) };
        let Some(object) = operand.object() else { return Ok(None) };
        let is_number = |n| {
            let element = self.world.objects.element(object, n);
            element.is_none_or(|element| self.world.objects.scalar(element).is_some())
        };
        let fits = match builtin {
            Builtin::Min | Builtin::Max | Builtin::Sorted => self.is_ordered_by_value(object, vm),
            Builtin::Sum => self.is_sequence(object) && (0..self.world.objects.length(object)).all(is_number),
            _ => false,
        };
        if !fits {
            return Ok(None);
        }
        let sequence = self.of_class(operand)?;
        Ok(Some(Sym::Val(match builtin {
            Builtin::Sorted => {
                let is_list = self.is_list(object);
                let copy = if is_list { helpers::list_copy() } else { helpers::list_of_tuple() };
                let list = self.call_helper(&copy, &[sequence]);
                self.call_helper(&searching::list_sort(), &[list]);
                list
            }
            Builtin::Sum => self.call_helper(&searching::sequence_sum(), &[sequence]),
            _ => {
                let largest = self.trace.const_int(i64::from(builtin == Builtin::Max));
                self.call_helper(&searching::sequence_extreme(), &[sequence, largest])
            }
        })))
    }

    /// Whether something can be looked for in an exact list or tuple without running Python code.
    fn is_searchable(&self, sequence: &PyObject, needle: &PyObject) -> bool {
        let objects = &self.world.objects;
        objects.is_plain(sequence) && objects.is_plain(needle)
            || objects.is_key(needle) && objects.has_keys_inside(sequence)
    }

    /// `in` with a container and a needle whose comparisons run no Python code. `None`: they may.
    pub(super) fn plain_contains(&mut self, needle: Operand, container: Operand) -> Res<Option<ValueId>> {
        let (Some(needle_is), Some(object)) = (needle.object(), container.object()) else {
            return Err(Abort::new(Reason::LostPosition));
        };
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        let is_plain = || self.world.objects.is_plain(object) && self.world.objects.is_plain(needle_is);
        let helper = if self.is_sequence(object) && self.is_searchable(object, needle_is) {
            searching::sequence_has()
        } else if [classes.str, classes.bytes, classes.range].contains(&class) && is_plain() {
            helpers::contains()
        } else {
            return Ok(None);
        };
        let (container, needle) = (self.of_class(container)?, self.of_class(needle)?);
        Ok(Some(self.call_helper(&helper, &[container, needle])))
    }

    /// Before an operator or a call that may run Python code: the names are in their dict then.
    pub(super) fn go_opaque(&mut self, op: decode::Op) -> Res {
        self.flush_names()?;
        self.capture(op.start);
        self.tell_handled()?;
        self.pending = super::Pending::Residual;
        Ok(())
    }

    /// CALL_INTRINSIC_1: LIST_TO_TUPLE and unary plus.
    pub(super) fn call_intrinsic_1(&mut self, arg: u32) -> Res {
        let operand = self.peek(0)?;
        match oparg::IntrinsicFunction1::try_from(arg) {
            Ok(oparg::IntrinsicFunction1::ListToTuple) => {
                let list = self.of_class(operand)?;
                let tuple = self.call_helper(&helpers::tuple_of_list(), &[list]);
                self.replace(1, Sym::Val(tuple));
            }
            Ok(oparg::IntrinsicFunction1::UnaryPositive) => {
                let Some(num) = self.num(operand)? else {
                    return Err(Abort::with(Reason::UnsupportedType, "unary plus of no small number"));
                };
                let value = match self.int_of(num) {
                    Some((value, _)) => value,
                    None => self.float_of(num).0,
                };
                self.replace(1, Sym::Val(value));
            }
            _ => return Err(Abort::with(Reason::UnsupportedOpcode, format!("CALL_INTRINSIC_1 {arg}"))),
        }
        Ok(())
    }

    /// LOAD_COMMON_CONSTANT.
    pub(super) fn load_common_constant(&mut self, arg: u32, vm: &VirtualMachine) -> Res {
        use oparg::CommonConstant;
        let world = self.world.clone();
        let object = match CommonConstant::try_from(arg) {
            Ok(CommonConstant::AssertionError) => Some(vm.ctx.exceptions.assertion_error.as_object()),
            Ok(CommonConstant::NotImplementedError) => Some(vm.ctx.exceptions.not_implemented_error.as_object()),
            Ok(CommonConstant::BuiltinTuple) => Some(vm.ctx.types.tuple_type.as_object()),
            Ok(CommonConstant::BuiltinList) => Some(vm.ctx.types.list_type.as_object()),
            Ok(CommonConstant::BuiltinSet) => Some(vm.ctx.types.set_type.as_object()),
            Ok(CommonConstant::BuiltinAll) => world.known.builtin(Builtin::All),
            Ok(CommonConstant::BuiltinAny) => world.known.builtin(Builtin::Any),
            Err(_) => None,
        };
        let Some(object) = object else {
            return Err(Abort::with(Reason::UnsupportedOpcode, format!("LOAD_COMMON_CONSTANT {arg}")));
        };
        let constant = self.constant(object);
        self.push(Sym::Val(constant));
        Ok(())
    }

    /// The elements of an exact list or tuple, as operands. Guards its length.
    pub(super) fn spread(&mut self, operand: Operand) -> Res<Option<Vec<Operand>>> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.is_sequence(object) {
            return Ok(None);
        }
        let count = self.world.objects.length(object);
        let is_list = self.is_list(object);
        let syms: Vec<Sym> = match self.as_virtual(operand.sym) {
            Some((index, VirtualKind::Tuple)) => self.virtuals[index].fields.clone(),
            _ => {
                let sequence = self.of_class(operand)?;
                let (len, get) = if is_list { (Op::ListLen, Op::ListGet) } else { (Op::TupleLen, Op::TupleGet) };
                if self.trace.as_ref(sequence).is_none() || is_list {
                    let length = self.op(len, &[sequence]);
                    let wanted = self.trace.const_int(count as i64);
                    let same = self.op(Op::EqInt, &[length, wanted]);
                    self.guard_bool(same, true);
                }
                (0..count)
                    .map(|n| {
                        let at = self.trace.const_int(n as i64);
                        Sym::Val(self.op(get, &[sequence, at]))
                    })
                    .collect()
            }
        };
        let objects = &self.world.objects;
        Ok(Some(syms.into_iter().enumerate().map(|(n, sym)| Operand::new(sym, objects.element(object, n))).collect()))
    }

    /// Function and receiver of a bound method, as operands.
    pub(super) fn unbind(&mut self, method: Operand, vm: &VirtualMachine) -> Res<Option<[Operand; 2]>> {
        let Some(object) = method.object() else { return Ok(None) };
        let part = |name: &'static str| object.get_attr(name, vm).ok();
        let (Some(function), Some(receiver)) = (part("__func__"), part("__self__")) else { return Ok(None) };
        if let Some((index, VirtualKind::BoundMethod)) = self.as_virtual(method.sym) {
            // The objects outlive this step: the method that the VM has on its stack has them.
            let parts = [(0, &function), (1, &receiver)];
            return Ok(Some(parts.map(|(field, object)| Operand::new(self.field(index, field), Some(object)))));
        }
        let value = self.of_class(method)?;
        let mut parts = [(0, &function), (1, &receiver)].map(|(n, object)| {
            let n = self.trace.const_int(n);
            // The method keeps both alive while it is on the stack.
            Operand::new(Sym::Val(self.call_helper(&helpers::bound_part(), &[value, n])), Some(object))
        });
        let Sym::Val(function_value) = parts[0].sym else { return Ok(None) };
        parts[0].sym = Sym::Val(self.guard_is(function_value, &function));
        Ok(Some(parts))
    }
}
