//! Arriving at loop headers: closing the trace, linking to compiled code, or passing through.

use std::rc::Rc;

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::{End, Imm, Op, TraceId, Ty, ValueId, VirtualKind};

use super::sym::Sym;
use super::{Abort, Arrival, Flow, Recorder, Res, Start};
use crate::decode::{CodeKey, Decoded, LoopText};
use crate::objects::Iterator;
use crate::state::{HeaderState, Scope, SlotState, instance};

/// Iterations of a loop without compiled code that a recording of something around it follows, at most.
const MAX_UNROLLED: u32 = 8;
/// Operations from which on a bridge does not follow another iteration of a loop without code that fits.
const LONG_UNROLLED: usize = 150;

/// What the recorder has to know of headers.
pub trait Headers {
    /// The compiled traces that begin at a header, with their states.
    fn versions(&self, code: CodeKey, header: u32) -> Vec<(TraceId, Rc<HeaderState>)>;
    /// Whether a header without compiled code should be recorded before the loops around it.
    fn wants_recording(&self, code: CodeKey, header: u32) -> bool;
}

impl Recorder {
    /// The watched frame arrives at the site of a header. `None`: the recording goes on behind it.
    pub(super) fn arrive(&mut self, header: u32, headers: &dyn Headers, vm: &VirtualMachine) -> Res<Option<Flow>> {
        let code = self.top_ref().code.clone();
        if let Some(generator) = &mut self.top().generator
            && !std::mem::replace(&mut generator.has_looped, true)
        {
            self.pre = None;
            return Ok(None);
        }
        let times = self.passed.entry((code.key(), header)).or_default();
        *times += 1;
        let passed = *times;
        let is_loop = matches!(self.start, Start::Loop { header, .. } if self.frames[0].code.header(header).is_some());
        if passed > MAX_UNROLLED {
            if !is_loop && self.frames.len() == 1 && self.function.is_none() {
                // A recording that need not come back to where it began: the loop becomes hot by itself.
                return self.leave_at(header);
            }
            return Err(Abort::with(Reason::InnerLoopNotCompiled, format!("{MAX_UNROLLED} iterations were unrolled")));
        }
        if self.frames.len() > 1 || self.function.is_some() {
            // Only the outermost frame can be entered in mid function by the interpreter, and those of a function that
            // compiled code calls not even that: their loops are entered from compiled code, like joins.
            let unit = code.header(header).map_or(header, |info| info.after);
            return Ok(self.world.merges.then_some(Flow::Join(Arrival { unit, op: None, loops: true })));
        }
        self.capture(code.header(header).map_or(header, |info| info.after));
        self.settle_locals(0)?;
        let mut differing = None;
        if let Start::Loop { header: own, state } = &self.start
            && *own == header
        {
            let state = state.clone();
            let found = self.differences(&state, vm)?;
            if found.is_empty() {
                let args = self.bind(&state, vm)?;
                self.trace.end = End::Loop(args);
                return Ok(Some(Flow::Done));
            }
            self.whole = self.whole_in(&state);
            differing = Some(found);
        }
        let mut versions = headers.versions(code.key(), header);
        if let Some(first) = self.waiting.first()
            && let Start::Loop { header: own, state } = &first.start
            && *own == header
        {
            versions.push((first.trace.id, Rc::new(state.clone())));
        }
        let mut near = Vec::new();
        for (target, state) in &versions {
            if state.scope != Scope::of(self.frames[0].frame) {
                continue;
            }
            let found = self.differences(state, vm)?;
            if found.is_empty() {
                return self.jump_to(*target, state, vm);
            }
            near.push((*target, state, found));
        }
        // (The first iteration, before all variables are bound, may lead to the code for the others.)
        if let Some(differing) = differing {
            return Ok(Some(Flow::StateChanged(differing)));
        }
        match &self.start {
            Start::Loop { .. } if headers.wants_recording(code.key(), header) => {
                Ok(Some(Flow::InnerFirst(code, header)))
            }
            Start::Bridge { root, .. } | Start::Join { root, .. } if root.1 == header && Rc::ptr_eq(&root.0, &code) => {
                // Numbers are boxed for slots that take any object: leaving would box them as well.
                for (target, state, found) in near {
                    if found.iter().all(|&slot| self.is_boxable(state, slot)) {
                        return self.jump_to(target, state, vm);
                    }
                }
                // The loop goes on in a state for which there is no code yet. The site will see to it.
                self.whole = versions.iter().flat_map(|(_, state)| self.whole_in(state)).collect();
                self.leave_at(header)
            }
            Start::Bridge { .. } | Start::Join { .. } if passed > 1 && self.trace.body.len() > LONG_UNROLLED => {
                // The loop becomes hot by itself.
                self.leave_at(header)
            }
            _ => {
                self.pre = None;
                Ok(None)
            }
        }
    }

    /// The trace ends in a jump to another that begins here, whose state fits.
    fn jump_to(&mut self, target: TraceId, state: &HeaderState, vm: &VirtualMachine) -> Res<Option<Flow>> {
        let args = self.bind(state, vm)?;
        self.trace.end = End::Jump(target, args);
        Ok(Some(Flow::Done))
    }

    /// The trace ends in front of the site of a header of the entered frame.
    fn leave_at(&mut self, header: u32) -> Res<Option<Flow>> {
        self.capture(header);
        self.end_in_leave().map(Some)
    }

    /// The trace ends: it leaves by the snapshot that was taken last.
    ///
    /// # Errors
    /// When that would be all that the trace does.
    pub(super) fn end_in_leave(&mut self) -> Res<Flow> {
        if matches!(self.start, Start::Bridge { .. }) && self.trace.body.is_empty() {
            return Err(Abort::with(Reason::Leave, "there is nothing that it could do"));
        }
        self.emit_unit(Op::Leave, &[], Imm::None);
        self.trace.end = End::Leave;
        Ok(Flow::Done)
    }

    /// Goes on behind the site of a header, at `unit`.
    pub fn pass_header(&mut self, unit: u32, vm: &VirtualMachine) -> Res<Flow> {
        self.pre = None;
        self.top().next = unit;
        let code = self.top_ref().code.code.clone();
        self.watch(&code, vm)?;
        Ok(Flow::Continue)
    }

    /// The slots, counted over locals, stack and names, in which the shadow frame does not fit a state.
    fn differences(&mut self, state: &HeaderState, vm: &VirtualMachine) -> Res<Vec<usize>> {
        let frame = self.frames[0].frame;
        let (locals, stack) = (self.frames[0].locals.clone(), self.frames[0].stack.clone());
        if locals.len() != state.locals.len() || stack.len() != state.stack.len() {
            return Err(Abort::with(Reason::HeaderStateChanged, "the value stack has another depth"));
        }
        let mut differing = Vec::new();
        let mut apart = Vec::new();
        for (n, (slot, sym)) in state.locals.iter().zip(&locals).enumerate() {
            if !self.fits(slot, *sym, frame.local(n)) || !self.alone(slot, *sym, &mut apart) {
                differing.push(n);
            }
        }
        for (n, (slot, sym)) in state.stack.iter().zip(&stack).enumerate() {
            if !self.fits(slot, *sym, frame.stack(n)) || !self.alone(slot, *sym, &mut apart) {
                differing.push(locals.len() + n);
            }
        }
        for (n, name) in state.names.iter().enumerate() {
            let held = self.names.iter().find(|held| std::ptr::eq(held.name, name.name)).map(|held| held.sym);
            let object = crate::state::global(frame.globals(), name.name, vm);
            let fits = match held {
                Some(Sym::Kept) | None => object
                    .as_deref()
                    .and_then(|object| self.world.objects.scalar(object))
                    .is_some_and(|scalar| crate::state::scalar_state(scalar) == name.state),
                Some(sym) => self.fits(&name.state, sym, object.as_deref()),
            };
            if !fits {
                differing.push(locals.len() + stack.len() + n);
            }
        }
        Ok(differing)
    }

    /// Whether a slot, counted over locals and stack, takes any object and has a number for it.
    fn is_boxable(&self, state: &HeaderState, slot: usize) -> bool {
        let frame = &self.frames[0];
        let wanted = state.locals.iter().chain(&state.stack).nth(slot);
        let sym = frame.locals.iter().chain(&frame.stack).nth(slot).map(|&sym| self.resolve(sym));
        matches!(wanted, Some(SlotState::Ref))
            && matches!(sym, Some(Sym::Val(value)) if self.trace.ty(value) != Ty::Ref)
    }

    /// Whether what a slot holds can be handed over as a state wants it. `object` is what the interpreter has there.
    pub(super) fn fits(&self, slot: &SlotState, sym: Sym, object: Option<&PyObject>) -> bool {
        let sym = self.resolve(sym);
        match (slot, sym) {
            (SlotState::Kept, _) | (SlotState::Empty, Sym::Empty) => true,
            (SlotState::Boxed, Sym::Val(_)) => true,
            (SlotState::Boxed | SlotState::Ref, Sym::Virt(_)) => {
                // It will be made.
                !matches!(self.as_virtual(sym), Some((_, VirtualKind::Slice)))
            }
            (SlotState::Ref, Sym::Val(value)) => self.trace.ty(value) == Ty::Ref,
            (SlotState::Virtual(kind, fields), Sym::Virt(_)) => match self.as_virtual(sym) {
                Some((index, is)) if is == *kind => {
                    let parts = &self.virtuals[index].fields;
                    let live = self.live_parts(*kind, object);
                    parts.len() == fields.len()
                        && (fields.iter().zip(parts).enumerate())
                            .all(|(n, (slot, &part))| self.fits(slot, part, live.get(n).copied().flatten()))
                }
                _ => false,
            },
            // Which one, `alone` looks at.
            (SlotState::Same(_), Sym::Virt(_)) => true,
            (SlotState::Object(object), Sym::Val(value)) => self.is_object(value, *object),
            (SlotState::Number(number), Sym::Val(value)) => self.trace.as_int(value) == Some(*number),
            (slot, Sym::Val(value)) => match (slot.ty(), self.trace.ty(value)) {
                (Some(wanted), is) if wanted == is => true,
                // Boxed, but of the right class this time.
                (Some(_), Ty::Ref) => object
                    .and_then(|object| self.world.objects.scalar(object))
                    .is_some_and(|scalar| crate::state::scalar_state(scalar) == *slot),
                _ => false,
            },
            _ => false,
        }
    }

    /// The classes of instances that a state takes apart, but that have been made meanwhile.
    fn whole_in(&self, state: &HeaderState) -> Vec<u64> {
        let frame = &self.frames[0];
        let slots = state.locals.iter().zip(&frame.locals).chain(state.stack.iter().zip(&frame.stack));
        let mut whole = Vec::new();
        slots.for_each(|(slot, &sym)| self.note_whole(slot, sym, &mut whole));
        whole
    }

    /// Notes the classes of instances that a slot takes apart, but that have been made meanwhile.
    fn note_whole(&self, slot: &SlotState, sym: Sym, whole: &mut Vec<u64>) {
        let SlotState::Virtual(kind, fields) = slot else { return };
        match (self.as_virtual(sym), &fields[0]) {
            (Some((index, is)), _) if is == *kind && self.virtuals[index].fields.len() == fields.len() => {
                for (n, field) in fields.iter().enumerate() {
                    self.note_whole(field, self.virtuals[index].fields[n], whole);
                }
            }
            (None, SlotState::Object(class)) if *kind == VirtualKind::Instance => whole.push(*class),
            _ => {}
        }
    }

    /// Whether a value is this object, a constant.
    pub(super) fn is_object(&self, value: ValueId, object: u64) -> bool {
        self.trace.as_ref(value).is_some_and(|id| self.trace.pool.refs[id.index()].addr == object)
    }

    /// What the interpreter has for the parts of a virtual object, as far as it can be looked at.
    fn live_parts<'a>(&self, kind: VirtualKind, object: Option<&'a PyObject>) -> Vec<Option<&'a PyObject>> {
        let Some(object) = object else { return Vec::new() };
        let objects = &self.world.objects;
        match (kind, objects.generator_frame(object), objects.iterator(object)) {
            (VirtualKind::Generator | VirtualKind::Coroutine, Some(frame), _) => {
                let mut parts = vec![None; crate::state::generator::SLOTS];
                parts.extend(crate::state::slots_of(frame));
                parts
            }
            (VirtualKind::Instance, ..) => {
                let mut parts = vec![None; instance::NAMES];
                for (_, value) in objects.attributes(object).unwrap_or_default() {
                    parts.extend([None, Some(value)]);
                }
                parts
            }
            (VirtualKind::Enumerate, _, Some(Iterator::Enumerate(inner))) => vec![Some(inner)],
            (VirtualKind::Zip, _, Some(Iterator::Zip(inner))) => inner.iter().map(|&inner| Some(inner)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether what a state takes apart is in the same places of it. `apart` collects what was seen, in order.
    fn alone(&self, slot: &SlotState, sym: Sym, apart: &mut Vec<usize>) -> bool {
        match (slot, self.as_virtual(sym)) {
            (SlotState::Virtual(_, fields), Some((index, _))) => {
                let first = !apart.contains(&index) || self.virtuals[index].kind == VirtualKind::Complex;
                apart.push(index);
                let parts = &self.virtuals[index].fields;
                first && fields.iter().zip(parts).all(|(slot, &part)| self.alone(slot, part, apart))
            }
            (SlotState::Same(number), Some((index, _))) => apart.get(*number) == Some(&index),
            (SlotState::Same(_), None) => false,
            // What another place takes apart cannot be made as well.
            (SlotState::Ref | SlotState::Boxed, Some((index, kind))) => {
                kind == VirtualKind::Complex || !apart.contains(&index)
            }
            _ => true,
        }
    }

    /// The values for the parameters of a state that the shadow frame fits.
    fn bind(&mut self, state: &HeaderState, vm: &VirtualMachine) -> Res<Vec<ValueId>> {
        let frame = self.frames[0].frame;
        let mut args = Vec::new();
        for n in 0..state.locals.len() {
            let (slot, sym) = (&state.locals[n], self.frames[0].locals[n]);
            if *slot == SlotState::Kept && sym != Sym::Kept {
                // The other trace expects the local in memory.
                match self.resolve(sym) {
                    Sym::Empty => {
                        let local = self.trace.const_int(n as i64);
                        self.call_helper(&crate::helpers::containers::local_clear(), &[local]);
                    }
                    sym => {
                        let value = self.reference(sym)?;
                        self.emit(Op::FrameSet, &[value], Imm::Index(n as u32));
                    }
                }
                continue;
            }
            let object = frame.local(n).map(|object| object.to_owned());
            self.bind_slot(slot, sym, object.as_deref(), &mut args)?;
        }
        for n in 0..state.stack.len() {
            let object = frame.stack(n).map(|object| object.to_owned());
            self.bind_slot(&state.stack[n], self.frames[0].stack[n], object.as_deref(), &mut args)?;
        }
        // Names that only this trace holds go to the dict.
        for index in 0..self.names.len() {
            let wanted = state.names.iter().any(|name| std::ptr::eq(name.name, self.names[index].name));
            if !wanted {
                self.flush_name(index)?;
            }
        }
        for name in &state.names {
            let index = self.names.iter().position(|held| std::ptr::eq(held.name, name.name));
            let index = match index {
                Some(index) => index,
                None => {
                    self.names.push(super::NameSym { name: name.name, sym: Sym::Kept });
                    self.names.len() - 1
                }
            };
            let (sym, object): (Sym, Option<PyObjectRef>) = match self.names[index].sym {
                Sym::Kept => {
                    let (sym, object) = self.reload_name(index, vm)?;
                    (sym, Some(object))
                }
                sym => (sym, None),
            };
            self.bind_slot(&name.state, sym, object.as_deref(), &mut args)?;
        }
        Ok(args)
    }

    fn bind_slot(&mut self, slot: &SlotState, sym: Sym, object: Option<&PyObject>, args: &mut Vec<ValueId>) -> Res {
        let sym = self.resolve(sym);
        match (slot, sym) {
            (
                SlotState::Kept | SlotState::Empty | SlotState::Object(_) | SlotState::Number(_) | SlotState::Same(_),
                _,
            ) => {}
            (SlotState::Ref | SlotState::Boxed, sym) => {
                let value = self.reference(sym)?;
                args.push(value);
            }
            (SlotState::Virtual(kind, fields), Sym::Virt(index)) => {
                let parts = self.virtuals[index].fields.clone();
                let live: Vec<Option<PyObjectRef>> =
                    self.live_parts(*kind, object).into_iter().map(|part| part.map(|part| part.to_owned())).collect();
                for (n, (slot, part)) in fields.iter().zip(parts).enumerate() {
                    self.bind_slot(slot, part, live.get(n).and_then(|part| part.as_deref()), args)?;
                }
            }
            (_, Sym::Val(value)) => {
                let scalar = object.and_then(|object| self.world.objects.scalar(object));
                let value = match (self.trace.ty(value), object, scalar) {
                    (Ty::Ref, Some(object), Some(scalar)) => self.unbox(value, object, scalar),
                    (Ty::Ref, ..) => return Err(Abort::new(Reason::HeaderStateChanged)),
                    _ => value,
                };
                args.push(value);
            }
            _ => return Err(Abort::new(Reason::HeaderStateChanged)),
        }
        Ok(())
    }

    /// Whether a code unit is inside the loop that is being recorded.
    pub(super) fn left_the_loop(&self, code: &Decoded, unit: u32) -> bool {
        match &self.start {
            Start::Loop { header, .. } => {
                let is_outside =
                    |text: LoopText| !(text.first..text.end).contains(&unit) && !code.handlers_of(text).contains(&unit);
                code.loop_at(*header).is_some_and(is_outside)
            }
            Start::Bridge { .. } | Start::Join { .. } => false,
        }
    }
}
