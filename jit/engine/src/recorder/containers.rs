//! Operators on builtin containers that the trace knows nothing of inside, and items of bytes, arrays and deques.

use rustpython_vm::vm::thread::with_current_vm;
use rustpython_vm::{AsObject, PyObject, VirtualMachine, builtins::descriptor::PyMethodDescriptor};
use tjit_ir::ValueId;
use tjit_vm::layout::Element;

use super::emit::Num;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers::{arrays, containers as helpers, deques, formats};
use crate::{natives, operators};

/// The plain operators of sets, by number: `&`, `|`, `-`, `^`.
const OF_SETS: [u32; 4] = [1, 7, 10, 12];
/// `+`
const ADD: u32 = 0;
/// `*`
const REPEAT: u32 = 5;
/// `%`
const FORMAT: u32 = 6;
/// `|`
const JOIN: u32 = 7;

impl Recorder {
    /// An operator on sets, dicts, bytearrays or a format. `None`: others, or they may run Python code.
    pub(super) fn container_operator(
        &mut self,
        operator: u32,
        a: Operand,
        b: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let (Some(x), Some(y)) = (a.object(), b.object()) else { return Ok(None) };
        let (world, plain) = (self.world.clone(), operators::plain(operator));
        let objects = &world.objects;
        let (left, right, classes) = (objects.class(x), objects.class(y), &objects.classes);
        let sets = [classes.set, classes.frozenset];
        if sets.contains(&left) && sets.contains(&right) && (operator == plain || left == classes.frozenset) {
            return self.new_set_by(plain, a, b);
        }
        if left == classes.set && sets.contains(&right) && plain == JOIN && self.unite(a, b)? {
            return Ok(Some(a.sym));
        }
        let fits = if sets.contains(&left) && sets.contains(&right) {
            OF_SETS.contains(&plain)
        } else if left == classes.dict && right == classes.dict {
            plain == JOIN
        } else if left == classes.str || left == classes.bytes {
            plain == FORMAT
        } else if left == classes.bytearray {
            plain == ADD && [classes.bytes, classes.bytearray].contains(&right)
                || plain == REPEAT && right == classes.int
        } else if left == classes.list && operator >= operators::IN_PLACE {
            plain == ADD && !self.is_sequence(y) && self.is_plain_iterable(y) || plain == REPEAT && right == classes.int
        } else {
            false
        };
        if !fits || !objects.is_plain_inside(x, vm) || !objects.is_plain_inside(y, vm) {
            return Ok(None);
        }
        let is_text = left == classes.str;
        let (left, right) = (self.of_class(a)?, self.of_class(b)?);
        if is_text {
            return Ok(Some(Sym::Val(self.call_helper(&formats::percent(), &[left, right]))));
        }
        let number = self.trace.const_int(i64::from(operator));
        Ok(Some(Sym::Val(self.call_helper(&helpers::binary_inside(), &[left, right, number]))))
    }

    fn index(&mut self, key: Operand) -> Res<Option<ValueId>> {
        Ok(match self.num(key)? {
            Some(num @ (Num::Int(..) | Num::Bool(..))) => self.int_of(num).map(|(index, _)| index),
            _ => None,
        })
    }

    /// Whether items of an object are found by number, without Python code.
    fn has_items(&self, object: &PyObject) -> bool {
        natives::is_builtin(object.class()) && ["array", "deque"].contains(&&*object.class().name())
    }

    /// What the elements of an array of numbers are.
    fn element_of_array(&self, object: &PyObject) -> Option<Element> {
        with_current_vm(|vm| self.world.objects.array(object, vm)?.element(object))
    }

    /// `a[b]` of bytes, bytearrays, arrays and deques. `None`: another container, or b is no small int.
    pub(super) fn byte_or_item(&mut self, container: Operand, key: Operand) -> Res<Option<Sym>> {
        let Some(object) = container.object() else { return Ok(None) };
        let (class, classes) = (self.world.objects.class(object), &self.world.objects.classes);
        let is_bytes = [classes.bytes, classes.bytearray].contains(&class);
        if !is_bytes && !self.has_items(object) {
            return Ok(None);
        }
        let Some(index) = self.index(key)? else { return Ok(None) };
        let is_deque = with_current_vm(|vm| self.world.objects.deque(object, vm).is_some());
        let element = self.element_of_array(object);
        let container = self.of_class(container)?;
        let helper = match element {
            _ if is_bytes => helpers::byte(),
            _ if is_deque => deques::deque_item(),
            Some(Element::Float(_)) => arrays::array_float(),
            Some(Element::Signed(_) | Element::Unsigned(_)) => arrays::array_int(),
            None => helpers::item(),
        };
        Ok(Some(Sym::Val(self.call_helper(&helper, &[container, index]))))
    }

    /// A method of an exact deque that adds or takes an element. `None`: another, or it has a limit.
    pub(super) fn deque_method(
        &mut self,
        function: &PyObject,
        receiver: Operand,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Res<Option<Sym>> {
        let Some(object) = receiver.object() else { return Ok(None) };
        let Some(layout) = self.world.objects.deque(object, vm) else { return Ok(None) };
        let (empty, limited) = (layout.len(object) == 0, layout.is_limited(object));
        let Some(method) = function.downcast_ref::<PyMethodDescriptor>() else { return Ok(None) };
        if !method.common.typ.is(object.class()) {
            return Ok(None);
        }
        let (pushes, end) = match (method.common.name.as_str(), args) {
            ("appendleft", [_]) if !limited => (true, 0),
            ("append", [_]) if !limited => (true, 1),
            ("popleft", []) if !empty => (false, 0),
            ("pop", []) if !empty => (false, 1),
            _ => return Ok(None),
        };
        let deque = self.of_class(receiver)?;
        let end = self.trace.const_int(end);
        if !pushes {
            return Ok(Some(Sym::Val(self.call_helper(&deques::deque_pop(), &[deque, end]))));
        }
        let element = self.reference(args[0].sym)?;
        self.call_helper(&deques::deque_push(), &[deque, element, end]);
        Ok(Some(Sym::Val(self.none())))
    }

    /// `a[b] = c` of bytearrays, arrays and deques. False: as above.
    pub(super) fn set_byte_or_item(&mut self, value: Operand, container: Operand, key: Operand) -> Res<bool> {
        let (Some(object), Some(new)) = (container.object(), value.object()) else { return Ok(false) };
        let is_bytes = self.world.objects.class(object) == self.world.objects.classes.bytearray;
        if !(is_bytes || self.has_items(object) && self.is_leaf(new)) {
            return Ok(false);
        }
        let Some(index) = self.index(key)? else { return Ok(false) };
        if is_bytes {
            let Some(value) = self.index(value)? else { return Ok(false) };
            let container = self.of_class(container)?;
            self.call_helper(&helpers::set_byte(), &[container, index, value]);
        } else if let Some(element) = self.element_of_array(object) {
            let Some(num) = self.num(value)? else { return Ok(false) };
            if matches!(element, Element::Float(_)) {
                let (value, _) = self.float_of(num);
                let container = self.of_class(container)?;
                self.call_helper(&arrays::array_set_float(), &[container, index, value]);
            } else {
                let Some((value, _)) = self.int_of(num) else { return Ok(false) };
                let container = self.of_class(container)?;
                self.call_helper(&arrays::array_set_int(), &[container, index, value]);
            }
        } else {
            let (container, value) = (self.of_class(container)?, self.of_class(value)?);
            self.call_helper(&helpers::set_item(), &[container, index, value]);
            self.may_finalise(Some(object));
        }
        Ok(true)
    }
}
