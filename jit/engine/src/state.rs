//! Header states: the types and shapes with which a trace is entered at a loop header.
//!
//! ```text
//! frame                         header state                  parameters
//! i   int object 7              i   Int                       %0: int   = 7
//! xs  list object               xs  Ref                       %1: ref
//! y   unbound                   y   Empty
//! stack[0] range iterator       [0] range_iter(Int ×4)        %2..%5: int (index, start, step, length)
//! ```
//!
//! Entering takes references out of the frame: its slots are empty while compiled code runs. Ints, floats and bools are
//! only looked at; the boxes stay where they are, and an exit keeps a box whose value has not changed.
//!
//! An iterator, generator or instance that only slots of the state refer to is *taken apart*: its parts are parameters. A
//! generator's parts are the slots of its frame, which is empty while compiled code runs; an instance's are its attributes.
//! Slots that hold the same object say so.

use rustc_hash::FxHashMap;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyBaseException, PyDict, PyStrInterned},
};
use tjit_ir::{Ty, VirtualKind};
use tjit_vm::frames::Frame;

use crate::attributes::Attributes;
use crate::objects::{Iterator, Objects, Scalar, address};

/// Where a generator's parts are among the fields of its virtual object, and where its slots begin.
pub mod generator {
    /// The generator, or the function that makes it.
    pub const MAKER: usize = 0;
    /// Its code.
    pub const CODE: usize = 1;
    /// Its globals.
    pub const GLOBALS: usize = 2;
    /// The code unit where it goes on.
    pub const UNIT: usize = 3;
    /// Its locals, then its value stack.
    pub const SLOTS: usize = 4;
    /// Unit of one whose frame is among the frames of the trace.
    pub const RUNNING: i64 = -1;
    /// Unit of one that has ended.
    pub const ENDED: i64 = -2;
}

/// Where an instance's parts are among the fields of its virtual object.
pub mod instance {
    /// Its class.
    pub const CLASS: usize = 0;
    /// The instance, if it exists and is apart; otherwise None.
    pub const HOME: usize = 1;
    /// The name of the first attribute. Its value follows, then come the others.
    pub const NAMES: usize = 2;
}

/// The type or shape of one slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SlotState {
    /// Not part of the state: stays in the frame's memory.
    Kept,
    /// Unbound, or null.
    Empty,
    /// An int that fits in 64 bits.
    Int,
    /// An exact float.
    Float,
    /// A bool.
    Bool,
    /// Any object.
    Ref,
    /// Any object, numbers too: a slot whose type changes so often that numbers are boxed for it.
    Boxed,
    /// Any object, or [`nothing`](crate::objects::Objects::nothing) for a local that is not bound: one that is bound on some
    /// of the paths that meet at a join.
    Unsure,
    /// This very object, by its address.
    Object(u64),
    /// This very int.
    Number(i64),
    /// An object that only slots of the state refer to, in its parts.
    Virtual(VirtualKind, Vec<SlotState>),
    /// The object that is taken apart in an earlier slot, by the number of that among those that are.
    Same(usize),
}

impl SlotState {
    /// The type of the parameter that carries the slot, when it is exactly one.
    pub fn ty(&self) -> Option<Ty> {
        match self {
            SlotState::Int => Some(Ty::Int),
            SlotState::Float => Some(Ty::Float),
            SlotState::Bool => Some(Ty::Bool),
            SlotState::Ref | SlotState::Boxed | SlotState::Unsure => Some(Ty::Ref),
            SlotState::Kept
            | SlotState::Empty
            | SlotState::Object(_)
            | SlotState::Number(_)
            | SlotState::Virtual(..)
            | SlotState::Same(_) => None,
        }
    }
}

/// A module-level name that the loop stores.
#[derive(Clone, Debug)]
pub struct NameState {
    /// The name.
    pub name: &'static PyStrInterned,
    /// Its type: int, float or bool; other objects stay in the dict.
    pub state: SlotState,
}

/// The state of a frame at a header.
#[derive(Clone, Debug, Default)]
pub struct HeaderState {
    /// Fast locals.
    pub locals: Vec<SlotState>,
    /// The value stack, bottom first.
    pub stack: Vec<SlotState>,
    /// Names in the globals dict.
    pub names: Vec<NameState>,
    /// Where names are looked up.
    pub scope: Scope,
}

/// Where a frame looks up names. Frames that share their code may have different scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// The globals dict, by its address. (Traces that use it keep it alive.)
    pub globals: u64,
    /// Whether that is where local names are as well: the frame is that of a module.
    is_module: bool,
}

impl Scope {
    /// The scope of a frame.
    pub fn of(frame: Frame) -> Scope {
        Scope { globals: address(frame.globals().as_object()), is_module: frame.locals_are_globals() }
    }
}

impl HeaderState {
    /// A short description for the log: `Int Int Ref | range_iter`.
    pub fn describe(&self) -> String {
        fn one(slot: &SlotState) -> String {
            match slot {
                SlotState::Kept => "_".to_owned(),
                SlotState::Empty => "unbound".to_owned(),
                SlotState::Int => "int".to_owned(),
                SlotState::Float => "float".to_owned(),
                SlotState::Bool => "bool".to_owned(),
                SlotState::Ref | SlotState::Boxed | SlotState::Object(_) => "object".to_owned(),
                SlotState::Unsure => "object?".to_owned(),
                SlotState::Number(number) => number.to_string(),
                SlotState::Same(number) => format!("same as {number}"),
                SlotState::Virtual(kind, _) => crate::pool::kind_name(*kind).to_owned(),
            }
        }
        let list = |slots: &[SlotState]| slots.iter().map(one).collect::<Vec<_>>().join(" ");
        let names: Vec<String> = self.names.iter().map(|name| format!("{}: {}", name.name, one(&name.state))).collect();
        format!("locals({}) stack({}) names({})", list(&self.locals), list(&self.stack), names.join(" "))
    }

    /// Chooses the state for a frame as it is now.
    ///
    /// `wanted(n)` says whether local `n` belongs to the state; `boxed(slot)` whether a slot, counted over locals then
    /// stack, changes its type so often that it should travel as an object; `whole(maker)` whether generators with a code,
    /// or instances of a class, are to stay whole; `parts` whether anything is taken apart at all.
    pub fn of_frame(
        frame: Frame,
        names: &[&'static PyStrInterned],
        wanted: impl Fn(usize) -> bool,
        boxed: impl Fn(usize) -> bool,
        whole: impl Fn(&PyObject) -> bool,
        parts: bool,
        objects: &Objects,
        vm: &VirtualMachine,
    ) -> HeaderState {
        let count = frame.local_count();
        let mut parting = Parting {
            objects,
            whole: &whole,
            refused: Vec::new(),
            holders: FxHashMap::default(),
            apart: Vec::new(),
            parts,
            depth: 0,
            around: Vec::new(),
            fields: 0,
            vm,
        };
        let (locals, stack) = loop {
            parting.holders.clear();
            parting.fields = 0;
            parting.apart.clear();
            for n in (0..count).filter(|&n| parts && wanted(n) && !boxed(n)) {
                frame.local(n).into_iter().for_each(|object| parting.count(object));
            }
            for n in (0..frame.stack_depth()).filter(|&n| parts && !boxed(count + n) && frame.owns_stack(n)) {
                frame.stack(n).into_iter().for_each(|object| parting.count(object));
            }
            let refused = parting.refused.len();
            let mut slot = |object: Option<&PyObject>, boxed: bool| match object {
                None => SlotState::Empty,
                Some(_) if boxed => SlotState::Boxed,
                Some(object) => parting.slot(object),
            };
            let locals: Vec<SlotState> =
                (0..count).map(|n| if wanted(n) { slot(frame.local(n), boxed(n)) } else { SlotState::Kept }).collect();
            let stack = (0..frame.stack_depth()).map(|n| slot(frame.stack(n), boxed(count + n))).collect();
            // What stays whole holds its parts, so they stay whole as well.
            if parting.refused.len() == refused {
                break (locals, stack);
            }
        };
        HeaderState {
            locals,
            stack,
            names: names
                .iter()
                .filter_map(|&name| {
                    let value = global(frame.globals(), name, vm)?;
                    Some(NameState { name, state: scalar_state(objects.scalar(&value)?) })
                })
                .collect(),
            scope: Scope::of(frame),
        }
    }

    /// Reads the parameters out of a frame, without changing it. `None` when the frame is in another state.
    pub fn read(&self, frame: Frame, objects: &Objects, vm: &VirtualMachine, out: &mut Vec<u64>) -> Option<()> {
        out.clear();
        if frame.stack_depth() != self.stack.len()
            || frame.local_count() != self.locals.len()
            || Scope::of(frame) != self.scope
        {
            return None;
        }
        let mut reading = Reading { objects, out, apart: Vec::new() };
        for (n, slot) in self.locals.iter().enumerate() {
            reading.slot(slot, frame.local(n))?;
        }
        for (n, slot) in self.stack.iter().enumerate() {
            reading.slot(slot, frame.stack(n))?;
        }
        // Nobody else may hold what is taken apart.
        if reading.apart.iter().any(|&(object, holders)| objects.count(object) != holders) {
            return None;
        }
        for name in &self.names {
            let value = global(frame.globals(), name.name, vm)?;
            reading.slot(&name.state, Some(&value))?;
        }
        Some(())
    }

    /// Reads the parameters out of the arguments of a call, and the cells of the function's closure, for a frame that will
    /// not be made. `None` when they are in another state.
    pub fn read_call(
        &self,
        arguments: &[PyObjectRef],
        cells: &[PyObjectRef],
        objects: &Objects,
        out: &mut Vec<u64>,
    ) -> Option<()> {
        out.clear();
        let mut reading = Reading { objects, out, apart: Vec::new() };
        let first_cell = self.locals.len().checked_sub(cells.len())?;
        for (n, slot) in self.locals.iter().enumerate() {
            if matches!(slot, SlotState::Virtual(..) | SlotState::Same(_) | SlotState::Kept) {
                return None;
            }
            let cell = n.checked_sub(first_cell).map(|n| &cells[n]);
            reading.slot(slot, arguments.get(n).or(cell).map(|object| &**object))?;
        }
        Some(())
    }

    /// Moves the references that [`HeaderState::read_call`] has read out of the arguments, and copies those to cells.
    pub fn take_call(&self, arguments: Vec<PyObjectRef>, cells: &[PyObjectRef]) {
        let takes = |slot: &SlotState| matches!(slot, SlotState::Ref | SlotState::Boxed);
        let first_cell = self.locals.len() - cells.len();
        let copies = cells.iter().cloned().zip(&self.locals[first_cell..]);
        for (object, slot) in arguments.into_iter().zip(&self.locals).chain(copies) {
            // A parameter owns this reference now; it holds the same pointer.
            if takes(slot) { std::mem::forget(object) } else { drop(object) }
        }
    }

    /// Moves the references that [`HeaderState::read`] has read out of the frame: from now on the parameters own them.
    /// Returns what must be dropped afterwards (iterators that were taken apart).
    pub fn take(&self, frame: Frame, objects: &Objects) -> Vec<PyObjectRef> {
        let mut dropped = Vec::new();
        take_slots(&self.locals, &self.stack, frame, true, objects, &mut dropped);
        dropped
    }
}

/// Moves references out of a frame. What the entered frame has in its locals and no parameter owns stays there.
fn take_slots(
    locals: &[SlotState],
    stack: &[SlotState],
    frame: Frame,
    entered: bool,
    objects: &Objects,
    dropped: &mut Vec<PyObjectRef>,
) {
    for (n, slot) in locals.iter().enumerate() {
        if matches!(slot, SlotState::Ref | SlotState::Boxed | SlotState::Virtual(..) | SlotState::Same(_)) || !entered {
            take_slot(slot, frame.take_local(n), objects, dropped);
        }
    }
    for (n, slot) in stack.iter().enumerate() {
        take_slot(slot, frame.take_stack(n), objects, dropped);
    }
    frame.clear_stack();
}

fn take_slot(slot: &SlotState, object: Option<PyObjectRef>, objects: &Objects, dropped: &mut Vec<PyObjectRef>) {
    let Some(object) = object else { return };
    match slot {
        // The parameter owns this reference now; it holds the same pointer.
        SlotState::Ref | SlotState::Boxed => std::mem::forget(object),
        SlotState::Virtual(VirtualKind::Generator, fields) => {
            if let Some(frame) = objects.generator_frame(&object) {
                let (locals, stack) = fields[generator::SLOTS..].split_at(frame.local_count());
                take_slots(locals, stack, frame, false, objects, dropped);
            }
            std::mem::forget(object);
        }
        SlotState::Virtual(VirtualKind::Instance, fields) => {
            for (index, field) in fields[instance::NAMES..].chunks_exact(2).enumerate() {
                if let [SlotState::Object(name), value] = field
                    && !matches!(value.ty(), Some(Ty::Int | Ty::Float | Ty::Bool))
                {
                    take_slot(value, objects.take_attribute(&object, index, *name), objects, dropped);
                }
            }
            std::mem::forget(object);
        }
        SlotState::Virtual(..) => {
            take_parts(slot, &object, objects, dropped);
            dropped.push(object);
        }
        _ => dropped.push(object),
    }
}

/// Gives the references among an iterator's parts a count of their own, as the iterator will be dropped.
fn take_parts(slot: &SlotState, object: &PyObject, objects: &Objects, dropped: &mut Vec<PyObjectRef>) {
    let SlotState::Virtual(kind, fields) = slot else { return };
    if *kind == VirtualKind::Generator {
        return take_slot(slot, Some(object.to_owned()), objects, dropped);
    }
    match objects.iterator(object) {
        // The count is the parameter's.
        Some(Iterator::Sequence(_, sequence) | Iterator::Str(sequence)) => std::mem::forget(sequence.to_owned()),
        Some(Iterator::Enumerate(inner)) => take_parts(&fields[0], inner, objects, dropped),
        Some(Iterator::Zip(inner)) => {
            fields.iter().zip(inner).for_each(|(field, inner)| take_parts(field, inner, objects, dropped));
        }
        Some(Iterator::Range) | None => {}
    }
}

/// Chooses what is taken apart: objects all of whose references are in slots of the state.
struct Parting<'a> {
    objects: &'a Objects,
    whole: &'a dyn Fn(&PyObject) -> bool,
    /// Objects that cannot be taken apart.
    refused: Vec<u64>,
    /// For each object that might be taken apart: how many slots hold it.
    holders: FxHashMap<u64, u64>,
    /// Those that are, in the order of the slots.
    apart: Vec<u64>,
    /// Whether anything is taken apart.
    parts: bool,
    /// Generators and instances around the object that is being looked at.
    depth: usize,
    /// The classes of those instances.
    around: Vec<u64>,
    /// Attributes of instances that are taken apart.
    fields: usize,
    vm: &'a VirtualMachine,
}

/// Generators and instances inside one another that are taken apart, at most.
const MAX_NESTED: usize = 6;
/// Attributes of all instances that are taken apart, at most.
const MAX_FIELDS: usize = 32;

impl Parting<'_> {
    fn generator(&self, object: &PyObject) -> Option<Frame> {
        let frame = self.objects.generator_frame(object)?;
        // The frame of one that handles an exception has that on its stack.
        let handles = || (0..frame.stack_depth()).filter_map(|n| frame.stack(n)).any(is_exception);
        (!self.refused.contains(&address(object))
            && !(self.whole)(frame.code().as_object())
            && !handles()
            && object.weak_count().unwrap_or(0) == 0)
            .then_some(frame)
    }

    fn instance<'b>(&self, object: &'b PyObject) -> Option<Attributes<'b>> {
        let class = object.class();
        if class.heaptype_ext.is_none() || self.refused.contains(&address(object)) || (self.whole)(class.as_object()) {
            return None;
        }
        // Chains and trees of one class are whole but for their first link.
        if self.around.contains(&address(class.as_object())) {
            return None;
        }
        let is_plain = self.objects.is_attributes_only(class, self.vm);
        self.objects.attributes(object).filter(|_| is_plain)
    }

    fn count(&mut self, object: &PyObject) {
        let iterator = self.objects.iterator(object).filter(|_| !self.refused.contains(&address(object)));
        let frame = if iterator.is_none() { self.generator(object) } else { None };
        let attributes = if iterator.is_none() && frame.is_none() { self.instance(object) } else { None };
        if iterator.is_none() && frame.is_none() && attributes.is_none() {
            return;
        }
        if iterator.is_none() && self.depth == MAX_NESTED {
            self.refused.push(address(object));
            return;
        }
        let holders = self.holders.entry(address(object)).or_default();
        *holders += 1;
        if *holders > 1 {
            return;
        }
        match iterator {
            Some(Iterator::Enumerate(inner)) => self.count(inner),
            Some(Iterator::Zip(inner)) => inner.iter().for_each(|inner| self.count(inner)),
            _ => {}
        }
        if let Some(frame) = frame {
            self.depth += 1;
            slots_of(frame).flatten().for_each(|object| self.count(object));
            self.depth -= 1;
        }
        if let Some(attributes) = attributes {
            self.depth += 1;
            self.around.push(address(object.class().as_object()));
            attributes.into_iter().for_each(|(_, value)| self.count(value));
            self.around.pop();
            self.depth -= 1;
        }
    }

    fn slot(&mut self, object: &PyObject) -> SlotState {
        match self.objects.scalar(object) {
            Some(scalar) => scalar_state(scalar),
            None if self.parts && self.objects.class(object) == self.objects.classes.complex => {
                self.apart.push(address(object));
                SlotState::Virtual(VirtualKind::Complex, vec![SlotState::Float; 2])
            }
            None => self.part(object).unwrap_or(SlotState::Ref),
        }
    }

    /// The state of an object that can be taken apart.
    fn part(&mut self, object: &PyObject) -> Option<SlotState> {
        if let Some(number) = self.apart.iter().position(|&other| other == address(object)) {
            return Some(SlotState::Same(number));
        }
        let holders = *self.holders.get(&address(object))?;
        let number = self.apart.len();
        self.apart.push(address(object));
        let state = if holders == self.objects.count(object) { self.parts(object) } else { None };
        if state.is_none() {
            self.apart.truncate(number);
            self.refused.push(address(object));
        }
        state
    }

    fn parts(&mut self, object: &PyObject) -> Option<SlotState> {
        let (kind, fields) = match self.objects.iterator(object) {
            Some(Iterator::Range) => (VirtualKind::RangeIter, vec![SlotState::Int; 4]),
            Some(Iterator::Sequence(kind, _)) => (kind, vec![SlotState::Ref, SlotState::Int]),
            Some(Iterator::Str(_)) => (VirtualKind::StrIter, vec![SlotState::Ref, SlotState::Int, SlotState::Int]),
            Some(Iterator::Enumerate(inner)) => (VirtualKind::Enumerate, vec![self.inner(inner)?, SlotState::Int]),
            Some(Iterator::Zip(inner)) => {
                (VirtualKind::Zip, inner.iter().map(|inner| self.inner(inner)).collect::<Option<_>>()?)
            }
            None if self.objects.class(object) != self.objects.classes.generator => {
                let attributes = self.instance(object)?;
                self.fields += attributes.len();
                if self.fields > MAX_FIELDS {
                    return None;
                }
                let mut fields = vec![SlotState::Object(address(object.class().as_object())), SlotState::Ref];
                for (name, value) in attributes {
                    fields.extend([SlotState::Object(name), self.slot(value)]);
                }
                (VirtualKind::Instance, fields)
            }
            None => {
                let frame = self.generator(object)?;
                let mut fields = vec![
                    SlotState::Ref,
                    SlotState::Object(address(frame.code().as_object())),
                    SlotState::Object(address(frame.globals().as_object())),
                    SlotState::Number(frame.next_unit().into()),
                ];
                for object in slots_of(frame) {
                    fields.push(object.map_or(SlotState::Empty, |object| self.slot(object)));
                }
                (VirtualKind::Generator, fields)
            }
        };
        Some(SlotState::Virtual(kind, fields))
    }

    /// The state of an iterator inside another.
    fn inner(&mut self, object: &PyObject) -> Option<SlotState> {
        // (Those of other kinds are not counted.)
        self.part(object)
    }
}

/// What is in the locals and on the stack of a frame.
pub fn slots_of<'a>(frame: Frame) -> impl std::iter::Iterator<Item = Option<&'a PyObject>> {
    let (locals, depth) = (frame.local_count(), frame.stack_depth());
    let get = move |n: usize| {
        let object = if n < locals { frame.local(n) } else { frame.stack(n - locals) };
        // SAFETY: the frame keeps the object alive as long as nobody runs it, which callers do not while they look.
        object.map(|object| unsafe { &*std::ptr::from_ref(object) })
    };
    (0..locals + depth).map(get)
}

fn is_exception(object: &PyObject) -> bool {
    object.downcast_ref::<PyBaseException>().is_some()
}

/// Reads parameters.
struct Reading<'a> {
    objects: &'a Objects,
    out: &'a mut Vec<u64>,
    /// What is taken apart, and in how many slots it was found.
    apart: Vec<(&'a PyObject, u64)>,
}

impl<'a> Reading<'a> {
    fn slot(&mut self, slot: &SlotState, object: Option<&PyObject>) -> Option<()> {
        // SAFETY: the frame that is being read keeps the object alive, and is not changed meanwhile.
        let object: Option<&'a PyObject> = object.map(|object| unsafe { &*std::ptr::from_ref(object) });
        match (slot, object) {
            (SlotState::Kept, _) | (SlotState::Empty, None) => {}
            (SlotState::Empty, Some(_)) | (_, None) => return None,
            (SlotState::Ref | SlotState::Boxed, Some(object)) => self.out.push(address(object)),
            (SlotState::Object(wanted), Some(object)) => return (address(object) == *wanted).then_some(()),
            (SlotState::Number(wanted), Some(object)) => {
                return (self.objects.scalar(object)? == Scalar::Int(*wanted)).then_some(());
            }
            (SlotState::Same(number), Some(object)) => {
                let (same, holders) = self.apart.get_mut(*number)?;
                *holders += 1;
                return object.is(*same).then_some(());
            }
            (SlotState::Virtual(VirtualKind::Generator, fields), Some(object)) => {
                return self.generator(fields, object);
            }
            (SlotState::Virtual(VirtualKind::Instance, fields), Some(object)) => return self.instance(fields, object),
            (SlotState::Virtual(VirtualKind::Complex, _), Some(object)) => {
                let (re, im) = self.objects.complex(object)?;
                // (Who else holds it is no matter: it does not change.)
                self.apart.push((object, self.objects.count(object)));
                self.out.extend([re.to_bits(), im.to_bits()]);
            }
            (SlotState::Virtual(kind, fields), Some(object)) => return self.iterator(*kind, fields, object),
            (scalar, Some(object)) => match (scalar, self.objects.scalar(object)?) {
                (SlotState::Int, Scalar::Int(value)) => self.out.push(value as u64),
                (SlotState::Float, Scalar::Float(value)) => self.out.push(value.to_bits()),
                (SlotState::Bool, Scalar::Bool(value)) => self.out.push(u64::from(value)),
                _ => return None,
            },
        }
        Some(())
    }

    fn iterator(&mut self, kind: VirtualKind, fields: &[SlotState], object: &'a PyObject) -> Option<()> {
        self.apart.push((object, 1));
        match (kind, self.objects.iterator(object)?) {
            (VirtualKind::Enumerate, Iterator::Enumerate(inner)) => {
                self.slot(&fields[0], Some(inner))?;
                self.out.push(self.objects.count_of(object));
                Some(())
            }
            (VirtualKind::Zip, Iterator::Zip(inner)) if inner.len() == fields.len() => {
                fields.iter().zip(inner).try_for_each(|(field, inner)| self.slot(field, Some(inner)))
            }
            _ => self.objects.read_parts(kind, object, self.out),
        }
    }

    fn instance(&mut self, fields: &[SlotState], object: &'a PyObject) -> Option<()> {
        if fields[instance::CLASS] != SlotState::Object(self.objects.class(object)) {
            return None;
        }
        let attributes = self.objects.attributes(object)?;
        let fields = fields[instance::NAMES..].chunks_exact(2);
        if fields.len() != attributes.len() {
            return None;
        }
        self.apart.push((object, 1));
        self.out.push(address(object));
        for (field, (name, value)) in fields.zip(attributes) {
            let is_same = matches!(field[0], SlotState::Object(known) if known == name);
            self.slot(&field[1], Some(value).filter(|_| is_same))?;
        }
        Some(())
    }

    fn generator(&mut self, fields: &[SlotState], object: &'a PyObject) -> Option<()> {
        let frame = self.objects.generator_frame(object)?;
        let is = |field: usize, object: &PyObject| fields[field] == SlotState::Object(address(object));
        let same = is(generator::CODE, frame.code().as_object())
            && is(generator::GLOBALS, frame.globals().as_object())
            && fields[generator::UNIT] == SlotState::Number(frame.next_unit().into())
            && fields.len() == generator::SLOTS + frame.local_count() + frame.stack_depth()
            && object.weak_count().unwrap_or(0) == 0;
        if !same {
            return None;
        }
        self.apart.push((object, 1));
        self.out.push(address(object));
        for (n, (slot, object)) in fields[generator::SLOTS..].iter().zip(slots_of(frame)).enumerate() {
            if n >= frame.local_count() && object.is_some_and(is_exception) {
                return None;
            }
            self.slot(slot, object)?;
        }
        Some(())
    }
}

/// The state of a slot that holds a scalar.
pub fn scalar_state(scalar: Scalar) -> SlotState {
    match scalar {
        Scalar::Int(_) => SlotState::Int,
        Scalar::Float(_) => SlotState::Float,
        Scalar::Bool(_) => SlotState::Bool,
    }
}

/// The value of a global name that is in the globals dict itself.
pub fn global(globals: &Py<PyDict>, name: &'static PyStrInterned, vm: &VirtualMachine) -> Option<PyObjectRef> {
    globals.get_item_opt(name.as_object(), vm).ok().flatten()
}
