//! Operations, snapshots, boxing and unboxing.

use rustc_hash::FxHashMap;
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef,
    builtins::{PyFunction, PyStr, PyTuple, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{
    Args, FrameState, Imm, Inst, Op, Place, Slot, Snapshot, Ty, VIRTUAL_KINDS, ValueId, Virtual, VirtualId, VirtualKind,
};

use super::sym::{Operand, Sym, SymVirtual};
use super::{Abort, Recorder, Res};
use crate::helpers::{self, Helper};
use crate::objects::Scalar;
use crate::state::instance;

/// Attributes of an instance that is made by one call, at most.
const MAX_INSTANCE: usize = 6;

/// An operand as a number: its value in the trace, and what it is this time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Num {
    Int(ValueId, i64),
    Float(ValueId, f64),
    Bool(ValueId, bool),
}

impl Recorder {
    /// Takes the snapshot that the instruction's exits share. Has to come before the shadow frames change.
    pub(super) fn capture(&mut self, unit: u32) {
        self.captured.clear();
        let last = self.frames.len() - 1;
        let mut frames = Vec::with_capacity(self.frames.len());
        for n in 0..self.frames.len() {
            let (locals, stack) = (self.frames[n].locals.clone(), self.frames[n].stack.clone());
            let names = if n == 0 { self.name_slots() } else { Vec::new() };
            let locals = locals.into_iter().map(|sym| self.slot(sym)).collect();
            let stack = stack.into_iter().map(|sym| self.slot(sym)).collect();
            let shadow = &self.frames[n];
            let place = Place { code: shadow.id, unit: if n == last { unit } else { shadow.call } };
            frames.push(FrameState { place, function: shadow.function, locals, stack, names });
        }
        self.pre = Some(self.trace.add_snapshot(Snapshot { frames }));
    }

    fn name_slots(&mut self) -> Vec<(tjit_ir::RefId, Slot)> {
        let held: Vec<_> = self.names.iter().filter(|name| name.sym != Sym::Kept).map(|n| (n.name, n.sym)).collect();
        held.into_iter()
            .map(|(name, sym)| {
                let id = self.pool.reference(&mut self.trace.pool, name.as_object(), || name.to_string());
                self.interned.insert(crate::objects::address(name.as_object()), name);
                (id, self.slot(sym))
            })
            .collect()
    }

    fn slot(&mut self, sym: Sym) -> Slot {
        match sym {
            Sym::Kept => Slot::Kept,
            Sym::Empty => Slot::Empty,
            Sym::Val(value) => Slot::Value(value),
            Sym::Virt(index) => match self.virtuals[index].made {
                Some(value) => Slot::Value(value),
                None => Slot::Virtual(self.virtual_slot(index)),
            },
        }
    }

    fn virtual_slot(&mut self, index: usize) -> VirtualId {
        if let Some(&id) = self.captured.get(&index) {
            return id;
        }
        let id = self.virtual_id(index);
        self.captured.insert(index, id);
        id
    }

    fn virtual_id(&mut self, index: usize) -> VirtualId {
        let SymVirtual { kind, fields, .. } = self.virtuals[index].clone();
        let fields = fields.into_iter().map(|field| self.slot(field)).collect();
        let object = Virtual { kind, fields };
        // Two objects of equal parts stay two objects: only iterators and ranges may not be confused, and no exit can
        // tell tuples or slices of equal parts apart but by identity. So the index takes part in the key.
        if let Some(&id) = self.virtual_ids.get(&(index, object.clone())) {
            return id;
        }
        let id = self.trace.add_virtual(object.clone());
        self.virtual_ids.insert((index, object), id);
        id
    }

    /// Emits an instruction. One that can leave gets the snapshot of the current bytecode instruction.
    pub(super) fn emit(&mut self, op: Op, args: &[ValueId], imm: Imm) -> ValueId {
        let inst = Inst { op, args: Args::from_slice(args), imm, snapshot: None };
        let effects = self.trace.inst_effects(&inst);
        self.note_effects(&effects);
        let snapshot = if effects.exits {
            Some(self.pre.expect("an instruction that can leave comes after its snapshot"))
        } else {
            None
        };
        self.trace.push(Inst { snapshot, ..inst })
    }

    /// Emits an instruction without a result.
    pub(super) fn emit_unit(&mut self, op: Op, args: &[ValueId], imm: Imm) {
        self.emit(op, args, imm);
    }

    /// Emits an operation without immediate.
    pub(super) fn op(&mut self, op: Op, args: &[ValueId]) -> ValueId {
        self.emit(op, args, Imm::None)
    }

    /// Calls a helper.
    pub(super) fn call_helper(&mut self, helper: &Helper, args: &[ValueId]) -> ValueId {
        let id = self.pool.helper(&mut self.trace.pool, helper);
        self.emit(Op::Call, args, Imm::Helper(id))
    }

    /// A constant object.
    pub(super) fn constant(&mut self, object: &PyObject) -> ValueId {
        let id = self.pool.reference(&mut self.trace.pool, object, || label(object));
        self.trace.const_ref(id)
    }

    /// Guards that a reference is this object, and returns the constant.
    pub(super) fn guard_is(&mut self, value: ValueId, object: &PyObject) -> ValueId {
        let constant = self.constant(object);
        if value != constant && self.trace.as_ref(value).is_none() {
            let id = self.trace.as_ref(constant).expect("a constant");
            self.emit(Op::GuardIs, &[value], Imm::Ref(id));
        }
        constant
    }

    /// Guards that a reference is not a constant one.
    pub(super) fn guard_is_not(&mut self, value: ValueId, constant: ValueId) {
        let id = self.trace.as_ref(constant).expect("a constant");
        self.emit_unit(Op::GuardIsNot, &[value], Imm::Ref(id));
    }

    /// Guards that a reference is of the object's class.
    pub(super) fn guard_class(&mut self, value: ValueId, object: &PyObject) {
        if self.trace.as_ref(value).is_none() {
            let class = self.pool.class_of(&mut self.trace.pool, object, &self.world.objects.classes);
            self.emit(Op::GuardClass, &[value], Imm::Class(class));
        }
    }

    /// Guards that an operand is the class, or the tuple of classes, that it is now: these. `None`: they do not fit.
    pub(super) fn guard_classes(
        &mut self,
        operand: Operand,
        fit: impl FnOnce(&[PyObjectRef]) -> bool,
    ) -> Res<Option<Vec<PyObjectRef>>> {
        let Some(object) = operand.object() else { return Err(Abort::new(Reason::LostPosition)) };
        let classes = match object.downcast_ref::<PyTuple>() {
            Some(tuple) => tuple.as_slice().to_vec(),
            None => vec![object.to_owned()],
        };
        if !fit(&classes) {
            return Ok(None);
        }
        match self.as_virtual(operand.sym) {
            Some((index, VirtualKind::Tuple)) => {
                let fields = self.virtuals[index].fields.clone();
                for (field, class) in fields.into_iter().zip(&classes) {
                    let value = self.reference(field)?;
                    self.guard_is(value, class);
                }
            }
            _ => {
                let value = self.reference(operand.sym)?;
                let is_tuple = self.world.objects.class(object) == self.world.objects.classes.tuple;
                if is_tuple && self.trace.as_ref(value).is_none() {
                    // Another tuple of the same classes does as well.
                    self.guard_class(value, object);
                    let (length, wanted) =
                        (self.op(Op::TupleLen, &[value]), self.trace.const_int(classes.len() as i64));
                    let same = self.op(Op::EqInt, &[length, wanted]);
                    self.guard_bool(same, true);
                    for (n, class) in classes.iter().enumerate() {
                        let at = self.trace.const_int(n as i64);
                        let element = self.op(Op::TupleGet, &[value, at]);
                        self.guard_is(element, class);
                    }
                } else {
                    self.guard_is(value, object);
                }
            }
        }
        Ok(Some(classes))
    }

    /// Guards that a condition is what it is this time.
    pub(super) fn guard_bool(&mut self, condition: ValueId, is: bool) {
        if self.trace.as_bool(condition).is_none() {
            self.op(if is { Op::GuardTrue } else { Op::GuardFalse }, &[condition]);
        }
    }

    /// Adds an object that is not made.
    pub(super) fn new_virtual(&mut self, kind: VirtualKind, fields: Vec<Sym>) -> Sym {
        self.virtuals.push(SymVirtual { kind, fields, made: None });
        Sym::Virt(self.virtuals.len() - 1)
    }

    /// The virtual object that a symbol is, unless it had to be made.
    pub(super) fn as_virtual(&self, sym: Sym) -> Option<(usize, VirtualKind)> {
        match sym {
            Sym::Virt(index) if self.virtuals[index].made.is_none() => Some((index, self.virtuals[index].kind)),
            _ => None,
        }
    }

    /// A part of a virtual object.
    pub(super) fn field(&self, index: usize, field: usize) -> Sym {
        self.virtuals[index].fields[field]
    }

    /// A part of a virtual object that is a value of the trace.
    pub(super) fn field_value(&self, index: usize, field: usize) -> Res<ValueId> {
        match self.field(index, field) {
            Sym::Val(value) => Ok(value),
            _ => Err(Abort::with(Reason::UnsupportedIterator, "an iterator over an iterator")),
        }
    }

    /// Changes a part of a virtual object.
    pub(super) fn set_field(&mut self, index: usize, field: usize, sym: Sym) {
        self.virtuals[index].fields[field] = sym;
    }

    /// The symbol with a virtual that was made replaced by its value.
    pub(super) fn resolve(&self, sym: Sym) -> Sym {
        match sym {
            Sym::Virt(index) => self.virtuals[index].made.map_or(sym, Sym::Val),
            _ => sym,
        }
    }

    /// The symbol as a reference: boxed or made if it has to be.
    pub(super) fn reference(&mut self, sym: Sym) -> Res<ValueId> {
        match self.resolve(sym) {
            Sym::Val(value) => {
                let op = match self.trace.ty(value) {
                    Ty::Int => Op::BoxInt,
                    Ty::Float => Op::BoxFloat,
                    Ty::Bool => return Ok(self.op(Op::BoxBool, &[value])),
                    Ty::Ref | Ty::Unit => return Ok(value),
                };
                let boxed = self.op(op, &[value]);
                self.is_now(value, boxed);
                Ok(boxed)
            }
            Sym::Virt(index) => self.make(index),
            Sym::Empty => Err(Abort::new(Reason::UnboundVariable)),
            Sym::Kept => Err(Abort::with(Reason::LostPosition, "a value was left in memory")),
        }
    }

    /// A number has been boxed: from here on, the box is what every slot holds, so that it stays one object.
    fn is_now(&mut self, value: ValueId, boxed: ValueId) {
        let slots = self.frames.iter_mut().flat_map(|shadow| shadow.locals.iter_mut().chain(&mut shadow.stack));
        let holders =
            self.virtuals.iter_mut().filter(|object| matches!(object.kind, VirtualKind::Tuple | VirtualKind::Dict));
        for slot in slots.chain(holders.flat_map(|object| &mut object.fields)) {
            if *slot == Sym::Val(value) {
                *slot = Sym::Val(boxed);
            }
        }
    }

    /// The program gives up what a slot held: if that is a reference, it lives until here.
    pub(super) fn give_up(&mut self, sym: Sym) -> Res {
        match self.resolve(sym) {
            Sym::Val(value) if self.trace.ty(value) == Ty::Ref && !self.trace.inst(value).op.is_const() => {
                self.op(Op::KeepAlive, &[value]);
            }
            Sym::Virt(index) if self.virtuals[index].kind.is_resumable() => self.give_up_generator(index)?,
            Sym::Virt(index) => {
                for field in self.virtuals[index].fields.clone() {
                    self.give_up(field)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The program gives up an object: when that may run Python code, what was known of the heap is forgotten. What it is
    /// this time is taken for what it is every time.
    pub(super) fn may_finalise(&mut self, object: Option<&PyObject>) {
        if object.is_some_and(|object| self.world.objects.is_noisy(object)) {
            self.emit_unit(Op::Finalised, &[], Imm::None);
        }
    }

    /// Makes a virtual object. From here on, exits of the current instruction have it, too: what is called may keep it and
    /// raise.
    fn make(&mut self, index: usize) -> Res<ValueId> {
        let is_captured = self.is_as_captured(index);
        let SymVirtual { kind, fields, .. } = self.virtuals[index].clone();
        let made = match kind {
            VirtualKind::Tuple => self.make_tuple(fields)?,
            VirtualKind::Dict => self.make_dict(fields)?,
            VirtualKind::Complex => {
                let parts = [self.field_value(index, 0)?, self.field_value(index, 1)?];
                self.call_helper(&helpers::complexes::complex_of(), &parts)
            }
            VirtualKind::Text => {
                let text = self.reference(fields[0])?;
                self.call_helper(&helpers::text::str_copy(), &[text])
            }
            VirtualKind::BoundMethod if self.is_python_function(fields[0]) => {
                let [function, receiver] = [self.reference(fields[0])?, self.reference(fields[1])?];
                self.call_helper(&helpers::instances::bound_method(), &[function, receiver])
            }
            VirtualKind::Instance => match self.make_instance(&fields)? {
                Some(made) => made,
                None => self.make_from_parts(kind, fields)?,
            },
            _ if kind.is_resumable() && self.generator_unit(index) == crate::state::generator::RUNNING => {
                return Err(Abort::with(Reason::UnsupportedType, "a generator that runs is used as an object"));
            }
            VirtualKind::Traceback if self.is_handling() => self.make_from_parts(kind, fields)?,
            VirtualKind::Generator | VirtualKind::Coroutine => match self.make_fresh_generator(index)? {
                Some(made) => made,
                None => self.make_from_parts(kind, fields)?,
            },
            VirtualKind::Traceback | VirtualKind::Handled => {
                return Err(super::exceptions::raises("a traceback that is kept"));
            }
            VirtualKind::Exception => {
                self.note_made(index)?;
                self.make_from_parts(kind, fields)?
            }
            _ => self.make_from_parts(kind, fields)?,
        };
        self.virtuals[index].made = Some(made);
        // (Making its parts may have changed the snapshot before.)
        if let Some(&id) = self.captured.get(&index).filter(|_| is_captured) {
            self.amend_capture(id, made);
        }
        Ok(made)
    }

    /// An object of any kind, made like those of exits.
    fn make_from_parts(&mut self, kind: VirtualKind, fields: Vec<Sym>) -> Res<ValueId> {
        let nothing = self.world.objects.nothing.clone();
        let nothing = Sym::Val(self.constant(&nothing));
        let fields = fields.into_iter().map(|field| if field == Sym::Empty { nothing } else { field }).collect();
        let number = VIRTUAL_KINDS.iter().position(|(known, _)| *known == kind);
        let number = self.trace.const_int(number.map_or(-1, |number| number as i64));
        let parts = self.make_tuple(fields)?;
        Ok(self.call_helper(&helpers::make_virtual(), &[number, parts]))
    }

    /// Whether a virtual object has not changed since the current snapshot was made.
    fn is_as_captured(&self, index: usize) -> bool {
        let Some(&id) = self.captured.get(&index) else { return false };
        let captured = &self.trace.virtuals[id.index()].fields;
        let fields = &self.virtuals[index].fields;
        captured.len() == fields.len()
            && captured.iter().zip(fields).all(|(&slot, &field)| match (slot, self.resolve(field)) {
                (Slot::Value(before), Sym::Val(now)) => before == now,
                (Slot::Virtual(before), Sym::Virt(now)) => {
                    self.captured.get(&now) == Some(&before) && self.is_as_captured(now)
                }
                (Slot::Kept, Sym::Kept) | (Slot::Empty, Sym::Empty) => true,
                _ => false,
            })
    }

    /// Puts an object that has been made in the place of a virtual one in the current snapshot.
    fn amend_capture(&mut self, id: VirtualId, made: ValueId) {
        let Some(pre) = self.pre else { return };
        let mut snapshot = self.trace.snapshot(pre).clone();
        let mut known = FxHashMap::from_iter([(id, Slot::Value(made))]);
        for frame in &mut snapshot.frames {
            let names = frame.names.iter_mut().map(|(_, slot)| slot);
            for slot in frame.locals.iter_mut().chain(&mut frame.stack).chain(names) {
                *slot = self.amend(*slot, &mut known);
            }
        }
        for captured in self.captured.values_mut() {
            if let Some(&Slot::Virtual(now)) = known.get(captured) {
                *captured = now;
            }
        }
        let snapshot = self.trace.add_snapshot(snapshot);
        self.pre = Some(snapshot);
    }

    fn amend(&mut self, slot: Slot, known: &mut FxHashMap<VirtualId, Slot>) -> Slot {
        let Slot::Virtual(id) = slot else { return slot };
        if let Some(&known) = known.get(&id) {
            return known;
        }
        let before = self.trace.virtuals[id.index()].clone();
        let fields = before.fields.iter().map(|&field| self.amend(field, known)).collect();
        let now = Virtual { fields, ..before.clone() };
        let now = if now == before { id } else { self.trace.add_virtual(now) };
        known.insert(id, Slot::Virtual(now));
        Slot::Virtual(now)
    }

    /// An instance: with attributes in a dict, one made from another with the same keys; with attributes in slots, an empty
    /// one that is filled; or the one that is apart, filled. `None` for other instances.
    fn make_instance(&mut self, fields: &[Sym]) -> Res<Option<ValueId>> {
        let named: Option<Vec<_>> =
            fields[instance::NAMES..].iter().step_by(2).map(|&name| self.constant_object(name)).collect();
        let class = self.constant_object(fields[instance::CLASS]).and_then(|class| class.downcast::<PyType>().ok());
        let (Some(names), Some(class)) = (named, class) else { return Ok(None) };
        let values = fields[instance::NAMES..].iter().skip(1).step_by(2);
        if class.slots.flags.has_feature(PyTypeFlags::HAS_DICT) {
            if class.slots.member_count > 0 || names.len() > MAX_INSTANCE {
                return Ok(None);
            }
            let addresses: Vec<u64> = names.iter().map(|name| name.get_id() as u64).collect();
            let template = self.world.template(&addresses);
            let template = self.constant(&template);
            let mut operands =
                vec![self.reference(fields[instance::CLASS])?, template, self.reference(fields[instance::HOME])?];
            for &value in values {
                operands.push(self.reference(value)?);
            }
            return Ok(Some(self.call_helper(&helpers::instance(names.len()), &operands)));
        }
        let offset = |name: &PyObjectRef| {
            let name = name.downcast_ref::<PyStr>()?.to_str()?;
            rustpython_vm::vm::thread::with_current_vm(|vm| self.slot_offset(&class, vm.ctx.intern_str(name), vm))
        };
        let Some(offsets) = names.iter().map(offset).collect::<Option<Vec<_>>>() else { return Ok(None) };
        // What is known of the slots helps to use those again that have died.
        rustpython_vm::vm::thread::with_current_vm(|vm| self.world.objects.is_attributes_only(&class, vm));
        let (class, home) = (self.reference(fields[instance::CLASS])?, self.reference(fields[instance::HOME])?);
        let values = values.map(|&value| self.reference(value)).collect::<Res<Vec<_>>>()?;
        let made = self.call_helper(&helpers::instances::slotted(), &[class, home]);
        for (offset, value) in offsets.into_iter().zip(values) {
            self.emit_unit(Op::SlotSet, &[made, value], Imm::Index(offset));
        }
        Ok(Some(made))
    }

    /// Whether a symbol is a Python function, as a constant.
    fn is_python_function(&self, sym: Sym) -> bool {
        self.constant_object(sym).is_some_and(|object| object.downcast_ref::<PyFunction>().is_some())
    }

    /// The object that a symbol stands for, if it is a constant.
    pub(super) fn constant_object(&self, sym: Sym) -> Option<PyObjectRef> {
        let Sym::Val(value) = sym else { return None };
        let id = self.trace.as_ref(value)?;
        // SAFETY: the pool keeps its objects alive.
        Some(unsafe { self.world.objects.clone_ref(self.trace.pool.refs[id.index()].addr) })
    }

    /// A tuple of any length.
    pub(super) fn make_tuple(&mut self, fields: Vec<Sym>) -> Res<ValueId> {
        let elements = fields.into_iter().map(|field| self.reference(field)).collect::<Res<Vec<_>>>()?;
        let mut whole = None;
        let mut rest = &elements[..];
        while whole.is_none() || !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(8));
            let made = self.call_helper(&helpers::tuple(chunk.len()), chunk);
            whole = Some(match whole {
                Some(whole) => self.call_helper(&helpers::tuple_join(), &[whole, made]),
                None => made,
            });
            rest = after;
        }
        Ok(whole.expect("the loop makes one"))
    }

    /// The operand as a number, if it is one: guards its class and unboxes it if it is boxed. `None` for other objects
    /// and for ints beyond 64 bits.
    pub(super) fn num(&mut self, operand: Operand) -> Res<Option<Num>> {
        let Some(object) = operand.object() else { return Ok(None) };
        let Some(scalar) = self.world.objects.scalar(object) else { return Ok(None) };
        let Sym::Val(value) = self.resolve(operand.sym) else { return Ok(None) };
        let value = match (self.trace.ty(value), scalar) {
            (Ty::Ref, _) => self.unbox(value, object, scalar),
            (Ty::Int, Scalar::Int(_)) | (Ty::Float, Scalar::Float(_)) | (Ty::Bool, Scalar::Bool(_)) => value,
            (ty, scalar) => {
                let detail = format!("a value is {scalar:?}, but was recorded as {ty}");
                return Err(Abort::with(Reason::LostPosition, detail));
            }
        };
        Ok(Some(match scalar {
            Scalar::Int(is) => Num::Int(value, is),
            Scalar::Float(is) => Num::Float(value, is),
            Scalar::Bool(is) => Num::Bool(value, is),
        }))
    }

    /// Guards the class of a reference to a scalar, and unboxes it.
    pub(super) fn unbox(&mut self, value: ValueId, object: &PyObject, scalar: Scalar) -> ValueId {
        if self.trace.as_ref(value).is_some() {
            return match scalar {
                Scalar::Int(is) => self.trace.const_int(is),
                Scalar::Float(is) => self.trace.const_float(is),
                Scalar::Bool(is) => self.trace.const_bool(is),
            };
        }
        self.guard_class(value, object);
        match scalar {
            Scalar::Int(_) => self.op(Op::UnboxInt, &[value]),
            Scalar::Float(_) => self.op(Op::UnboxFloat, &[value]),
            Scalar::Bool(_) => self.op(Op::UnboxBool, &[value]),
        }
    }

    /// The operand `depth` entries below the top of the value stack (0 is the top).
    pub(super) fn peek(&self, depth: usize) -> Res<Operand> {
        let top = self.top_ref();
        let Some(index) = top.stack.len().checked_sub(depth + 1) else {
            return Err(Abort::with(Reason::LostPosition, "value stack underflow"));
        };
        Ok(Operand::new(top.stack[index], top.frame.stack(index)))
    }

    /// Pushes onto the shadow stack.
    pub(super) fn push(&mut self, sym: Sym) {
        self.top().stack.push(sym);
    }

    /// Pops from the shadow stack.
    pub(super) fn pop(&mut self, count: usize) {
        let stack = &mut self.top().stack;
        stack.truncate(stack.len().saturating_sub(count));
    }

    /// Replaces the topmost `count` entries by a value.
    pub(super) fn replace(&mut self, count: usize, sym: Sym) {
        self.pop(count);
        self.push(sym);
    }
}

/// A name for an object in dumps.
fn label(object: &PyObject) -> String {
    if let Some(class) = object.downcast_ref::<rustpython_vm::builtins::PyType>() {
        return format!("class {}", class.name());
    }
    if let Some(text) = object.downcast_ref::<rustpython_vm::builtins::PyStr>() {
        return text.to_string();
    }
    format!("{} object", object.class().name())
}
