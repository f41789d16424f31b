//! Joins: where the paths of a loop meet again, a recording ends and the code that is there already goes on.
//!
//! With classic bridges, each combination of the outcomes of `n` independent branches gets a copy of the rest of the loop.
//! Here a recording that began at an exit ends at the first join, a place where paths of the bytecode meet, that has
//! branches behind it, by a jump to the *join trace* for that place and state. If there is none, the recording is cut in
//! two: what it has so far is the bridge, and it goes on as a new join trace, which is cut at the next join in its turn.
//!
//! ```text
//!  root ──guard 1──guard 2──guard 3──► header          each arm is recorded once for the root,
//!          │   ▲     │        │                        and once for the join traces
//!        arm 1 ╵   arm 2    arm 3
//!          └─► J1 ──┴─► J2 ───┴─► J3 ──► header        J: join traces
//! ```
//!
//! The header of a loop in an inlined function is such a place too. There a root trace is cut as well, and the join trace
//! that comes back to where it began is a loop of its own, with a preheader, which only compiled code enters.
//!
//! Types of operands are branches, too, where they turn out to multiply the paths of a loop: from then on, paths meet behind
//! each instruction that guards a type.
//!
//! A join's *state* says for each slot of all frames in what form it arrives. Another form can be made to fit: a number is
//! boxed, a box of the right class opened. A place has at most a few versions; then new arrivals are made to fit.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine, builtins::PyStrInterned};
use tjit_events::Reason;
use tjit_ir::{End, Imm, Op, TraceId, Ty, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

use super::sym::{Operand, Sym};
use super::{Abort, Arrival, Flow, NameSym, Recorder, Res, Start, thrown};
use crate::decode::{self, CodeKey, Decoded};
use crate::objects::Scalar;
use crate::state::{NameState, Scope, SlotState, generator, instance, scalar_state};

/// Versions of the code at one join, at most.
const MAX_JOIN_VERSIONS: usize = 4;
/// Versions from which on a local that is a number on some paths and unbound on others is boxed.
const MANY_JOIN_VERSIONS: usize = 2;
/// Recordings that one is cut into because it is too long, at most.
const MAX_PIECES: usize = 4;
/// What boxing a number costs, in units of opening a box.
const BOXING: u32 = 10;
/// The same for a local that may be unbound: without that, there would be code for each combination of those that are bound.
const UNSURE_BOXING: u32 = 1;

/// A place in all frames: for the outer ones the call, for the innermost the instruction that is about to be executed. In
/// traces of a function, what comes first names its generation.
pub type JoinPlace = Vec<(CodeKey, u32)>;

/// One frame of a join's state.
#[derive(Clone, Debug)]
struct JoinFrame {
    locals: Vec<SlotState>,
    stack: Vec<SlotState>,
    /// Address of the function object, for an inlined frame.
    function: Option<u64>,
}

/// In what form everything arrives at a join.
#[derive(Clone, Debug)]
pub struct JoinState {
    frames: Vec<JoinFrame>,
    names: Vec<NameState>,
    /// The outermost frame's scope; those of inlined frames are their functions'.
    scope: Scope,
}

/// What the engine knows of a place where a recording has arrived.
pub struct Known<'a> {
    /// The join traces of the place.
    pub versions: &'a [(TraceId, Rc<JoinState>)],
    /// The form in which another trace has passed it, if one has.
    pub passed: Option<&'a JoinState>,
}

/// How a recording goes on from a join.
pub enum Joined {
    /// It has ended in a jump to a join trace.
    Linked,
    /// It is to be cut: a join trace with this state begins.
    Cut(Rc<JoinState>),
    /// Neither: what it holds cannot be handed over.
    Not,
}

impl Recorder {
    /// Whether the instruction at `unit`, which is about to be translated, is a join where a recording ends if it may.
    pub(super) fn is_at_join(&self, unit: u32) -> bool {
        let top = self.top_ref();
        let meets = top.code.flow().is_join(unit) || self.join_next;
        meets && self.steps > 0 && (self.parts_after(unit) || self.join_next && self.is_multiplied())
    }

    /// Whether the recording belongs to a loop in which the types of operands multiply the paths: a copy of the rest of the
    /// loop that was made for another type has got such a copy itself. Then instructions that guard types are branches.
    fn is_multiplied(&self) -> bool {
        let (code, header) = self.start.root(&self.frames[0].code);
        self.world.multiplying.borrow().contains(&(code.key(), header))
    }

    /// Whether the instruction that was translated last guards a type, in a loop where that is a branch.
    pub(super) fn has_parted_by_type(&self) -> bool {
        let first = self.last.map_or(0, |(_, first)| first);
        let guards = |&value: &ValueId| matches!(self.trace.inst(value).op, Op::GuardClass);
        self.trace.body.get(first..).is_some_and(|body| body.iter().any(guards)) && self.is_multiplied()
    }

    /// The recording is too long: it is cut in front of `op` as at a join. What has been cut often enough leaves here, so
    /// that what there is so far can be of use.
    ///
    /// # Errors
    /// When it cannot end here.
    pub(super) fn split(&mut self, op: decode::Op) -> Res<Flow> {
        let (length, limit) = (self.trace.insts.len(), self.world.trace_limit);
        let too_long = || Abort::with(Reason::TraceTooLong, format!("{length} operations"));
        if self.is_handling() || length > limit + limit / 4 {
            return Err(too_long());
        }
        if self.world.merges && self.waiting.len() < MAX_PIECES {
            return Ok(Flow::Join(Arrival { unit: op.start, op: Some(op), loops: false }));
        }
        self.capture(op.start);
        self.end_in_leave()
    }

    /// Whether there are branches between here and the loop's end.
    fn parts_after(&self, unit: u32) -> bool {
        let last = self.frames.len() - 1;
        self.frames.iter().enumerate().any(|(n, shadow)| {
            let from = if n == last { unit } else { shadow.next };
            shadow.code.flow().parts_after(from)
        })
    }

    /// The place of the instruction at `unit` of the innermost frame.
    pub fn join_place(&self, unit: u32) -> JoinPlace {
        let last = self.frames.len() - 1;
        let unit_of = |n: usize| if n == last { unit } else { self.frames[n].call };
        let frames = self.frames.iter().enumerate().map(|(n, shadow)| (shadow.code.key(), unit_of(n)));
        // Traces of functions are by themselves: their outermost frame need not exist.
        let generation = self.function.map(|generation| (self.frames[0].code.key(), u32::MAX - generation));
        generation.into_iter().chain(frames).collect()
    }

    /// The form in which everything is now. `None` when something is in no form that can be handed over.
    ///
    /// `passed` is the form in which another trace has passed the place: a constant number that is an object there
    /// becomes one, which costs nothing. `others` are the forms for which there is code at the place.
    fn state_among(&self, passed: Option<&JoinState>, others: &[&JoinState]) -> Option<JoinState> {
        let mut state = self.join_state(passed)?;
        for (n, frame) in state.frames.iter_mut().enumerate() {
            for (index, slot) in frame.locals.iter_mut().enumerate() {
                let arrived = others.iter().map(|other| &other.frames[n].locals[index]);
                *slot = slot.among(arrived, others.len() >= MANY_JOIN_VERSIONS);
            }
        }
        Some(state)
    }

    /// The form in which everything is now, without a thought to other ones.
    pub fn join_state(&self, passed: Option<&JoinState>) -> Option<JoinState> {
        let mut apart = Vec::new();
        let mut frames = Vec::with_capacity(self.frames.len());
        for (n, shadow) in self.frames.iter().enumerate() {
            let other = passed.and_then(|state| state.frames.get(n));
            let mut slots = |syms: &[Sym], other: Option<&Vec<SlotState>>| {
                let slot = |(n, &sym)| self.join_slot(sym, other.and_then(|slots| slots.get(n)), &mut apart);
                syms.iter().enumerate().map(slot).collect::<Option<Vec<_>>>()
            };
            let function = match shadow.function {
                Some(value) => Some(self.trace.pool.refs[self.trace.as_ref(value)?.index()].addr),
                None => None,
            };
            let locals = slots(&shadow.locals, other.map(|frame| &frame.locals))?;
            let mut stack = slots(&shadow.stack, other.map(|frame| &frame.stack))?;
            // What a call in progress does with the result can depend on what was called.
            if n + 1 < self.frames.len()
                && let Some(called) = shadow.stack.len().checked_sub(shadow.pops).filter(|&at| at < stack.len())
                && let Some(constant @ SlotState::Object(_)) = self.fixed(shadow.stack[called])
            {
                stack[called] = constant;
            }
            frames.push(JoinFrame { locals, stack, function });
        }
        let held = self.names.iter().filter(|name| name.sym != Sym::Kept);
        let names = held
            .map(|held| Some(NameState { name: held.name, state: self.join_slot(held.sym, None, &mut apart)? }))
            .collect::<Option<_>>()?;
        Some(JoinState { frames, names, scope: Scope::of(self.frames[0].frame) })
    }

    fn join_slot(&self, sym: Sym, other: Option<&SlotState>, apart: &mut Vec<usize>) -> Option<SlotState> {
        Some(match self.resolve(sym) {
            Sym::Kept => SlotState::Kept,
            Sym::Empty => SlotState::Empty,
            sym @ Sym::Val(_) if self.is_unsure(sym) => SlotState::Unsure,
            Sym::Val(value) => {
                let own = match self.trace.ty(value) {
                    Ty::Int => SlotState::Int,
                    Ty::Float => SlotState::Float,
                    Ty::Bool => SlotState::Bool,
                    Ty::Ref => SlotState::Ref,
                    Ty::Unit => return None,
                };
                match other {
                    Some(other) if own.ty() != other.ty() && self.constant_scalar(value).is_some() => SlotState::Ref,
                    _ => own,
                }
            }
            Sym::Virt(index) => {
                if let Some(number) = apart.iter().position(|&other| other == index) {
                    return Some(SlotState::Same(number));
                }
                apart.push(index);
                let object = &self.virtuals[index];
                // Generators of one function are made by calling it; new instances do not exist; a method stays known.
                let often = match object.kind {
                    VirtualKind::Generator | VirtualKind::Coroutine => Some(generator::MAKER),
                    VirtualKind::Instance => Some(instance::HOME),
                    VirtualKind::BoundMethod => Some(0),
                    _ => None,
                };
                let fields = object.fields.iter().enumerate().map(|(n, &field)| {
                    if let Some(constant) = self.fixed(field).filter(|_| often == Some(n)) {
                        return Some(constant);
                    }
                    if is_fixed(object.kind, n) { self.fixed(field) } else { self.join_slot(field, None, apart) }
                });
                SlotState::Virtual(object.kind, fields.collect::<Option<_>>()?)
            }
        })
    }

    /// The state of a part that is the same for all objects of a state: a constant.
    fn fixed(&self, sym: Sym) -> Option<SlotState> {
        let Sym::Val(value) = self.resolve(sym) else { return None };
        match self.trace.as_ref(value) {
            Some(id) => Some(SlotState::Object(self.trace.pool.refs[id.index()].addr)),
            None => self.trace.as_int(value).map(SlotState::Number),
        }
    }

    /// The number that a value is, if it is a constant one.
    fn constant_scalar(&self, value: ValueId) -> Option<Scalar> {
        let trace = &self.trace;
        let int = trace.as_int(value).map(Scalar::Int);
        int.or_else(|| trace.as_float(value).map(Scalar::Float)).or_else(|| trace.as_bool(value).map(Scalar::Bool))
    }

    /// The recording has come to a join: links it to a version of the code there, or tells how to cut it.
    ///
    /// # Errors
    /// As translating an instruction.
    pub fn join(&mut self, unit: u32, known: &Known<'_>, vm: &VirtualMachine) -> Res<Joined> {
        let here = self.join_place(unit);
        if let Some(state) = self.start.at(&here)
            && self.cost(state, vm).is_some_and(|cost| cost < BOXING)
        {
            let state = state.clone();
            let args = self.bind_join(&state, unit, vm)?;
            self.trace.end = End::Loop(args);
            return Ok(Joined::Linked);
        }
        let mut waiting = self.waiting.iter().filter_map(|waiting| Some((waiting.trace.id, waiting.start.at(&here)?)));
        let begun = waiting.find(|(_, state)| self.cost(state, vm).is_some_and(|cost| cost < BOXING));
        if let Some((id, state)) = begun.map(|(id, state)| (id, state.clone())) {
            let args = self.bind_join(&state, unit, vm)?;
            self.trace.end = End::Jump(id, args);
            return Ok(Joined::Linked);
        }
        let starts = self.waiting.iter().map(|waiting| &waiting.start).chain([&self.start]);
        let begun = starts.filter_map(|start| start.at(&here));
        let others: Vec<&JoinState> =
            known.versions.iter().map(|(_, state)| state).chain(begun).map(|state| &**state).collect();
        let count = others.len();
        let Some(state) = self.state_among(known.passed, &others) else { return Ok(Joined::Not) };
        let fitting = known.versions.iter().filter_map(|(id, state)| Some((self.cost(state, vm)?, *id, state.clone())));
        let full = count >= MAX_JOIN_VERSIONS;
        match fitting.min_by_key(|(cost, ..)| *cost) {
            Some((cost, id, state)) if cost < BOXING || full => {
                let args = self.bind_join(&state, unit, vm)?;
                self.trace.end = End::Jump(id, args);
                Ok(Joined::Linked)
            }
            _ if count > MAX_JOIN_VERSIONS => Ok(Joined::Not),
            _ => {
                // The last version takes numbers of all kinds, boxed.
                let mut state = if full { state.boxed() } else { state };
                self.box_alike(&mut state);
                Ok(Joined::Cut(Rc::new(state)))
            }
        }
    }

    /// What is boxed for one slot of a state is boxed for all that hold the same number: it stays one object.
    fn box_alike(&self, state: &mut JoinState) {
        let mut boxed = FxHashSet::default();
        for (frame, shadow) in state.frames.iter().zip(&self.frames) {
            let slots = frame.locals.iter().zip(&shadow.locals).chain(frame.stack.iter().zip(&shadow.stack));
            for (slot, &sym) in slots {
                if slot.ty() == Some(Ty::Ref)
                    && let Sym::Val(value) = self.resolve(sym)
                    && self.trace.ty(value) != Ty::Ref
                    && self.constant_scalar(value).is_none()
                {
                    boxed.insert(value);
                }
            }
        }
        if boxed.is_empty() {
            return;
        }
        for (frame, shadow) in state.frames.iter_mut().zip(&self.frames) {
            let slots = frame.locals.iter_mut().zip(&shadow.locals).chain(frame.stack.iter_mut().zip(&shadow.stack));
            slots.for_each(|(slot, &sym)| self.box_those(slot, sym, &boxed));
        }
    }

    fn box_those(&self, slot: &mut SlotState, sym: Sym, boxed: &FxHashSet<ValueId>) {
        match (&mut *slot, self.resolve(sym)) {
            (SlotState::Int | SlotState::Float | SlotState::Bool, Sym::Val(value)) if boxed.contains(&value) => {
                *slot = SlotState::Ref;
            }
            (SlotState::Virtual(VirtualKind::Tuple, fields), Sym::Virt(index)) => {
                let parts = &self.virtuals[index].fields;
                fields.iter_mut().zip(parts).for_each(|(field, &part)| self.box_those(field, part, boxed));
            }
            _ => {}
        }
    }

    /// What it costs to hand everything over in a state. `None`: impossible.
    fn cost(&self, state: &JoinState, vm: &VirtualMachine) -> Option<u32> {
        if state.frames.len() != self.frames.len() || state.scope != Scope::of(self.frames[0].frame) {
            return None;
        }
        let mut total = 0;
        let mut apart = Vec::new();
        for (frame, shadow) in state.frames.iter().zip(&self.frames) {
            if frame.locals.len() != shadow.locals.len() || frame.stack.len() != shadow.stack.len() {
                return None;
            }
            let function = shadow.function.and_then(|value| self.trace.as_ref(value));
            if function.map(|id| self.trace.pool.refs[id.index()].addr) != frame.function {
                return None;
            }
            for (n, (slot, &sym)) in frame.locals.iter().zip(&shadow.locals).enumerate() {
                total += match (slot, shadow.frame.local(n)) {
                    (SlotState::Empty, None) | (SlotState::Ref | SlotState::Boxed, Some(_)) if self.is_unsure(sym) => 1,
                    (slot, local) => self.slot_cost(slot, sym, local, &mut apart)?,
                };
            }
            for (n, (slot, &sym)) in frame.stack.iter().zip(&shadow.stack).enumerate() {
                total += self.slot_cost(slot, sym, stack_object(&shadow.frame, n), &mut apart)?;
            }
        }
        for name in &state.names {
            let held = self.names.iter().find(|held| std::ptr::eq(held.name, name.name));
            total += match held.map(|held| held.sym) {
                Some(Sym::Kept) | None => {
                    let object = crate::state::global(self.frames[0].frame.globals(), name.name, vm)?;
                    let scalar = self.world.objects.scalar(&object)?;
                    (scalar_state(scalar) == name.state).then_some(2)?
                }
                Some(sym) => self.slot_cost(&name.state, sym, None, &mut apart)?,
            };
        }
        Some(total)
    }

    fn slot_cost(&self, slot: &SlotState, sym: Sym, object: Option<&PyObject>, apart: &mut Vec<usize>) -> Option<u32> {
        match (slot, self.resolve(sym)) {
            (SlotState::Kept, Sym::Kept) | (SlotState::Empty, Sym::Empty) => Some(0),
            (SlotState::Object(object), Sym::Val(value)) => self.is_object(value, *object).then_some(0),
            (SlotState::Number(number), Sym::Val(value)) => (self.trace.as_int(value) == Some(*number)).then_some(0),
            (SlotState::Same(number), Sym::Virt(index)) => (apart.get(*number) == Some(&index)).then_some(0),
            (SlotState::Unsure, Sym::Empty) => Some(0),
            (SlotState::Ref | SlotState::Boxed, sym) if self.is_unsure(sym) => None,
            (SlotState::Ref | SlotState::Boxed | SlotState::Unsure, Sym::Val(value)) => {
                let free = self.trace.ty(value) == Ty::Ref || self.constant_scalar(value).is_some();
                let boxing = if *slot == SlotState::Unsure { UNSURE_BOXING } else { BOXING };
                Some(if free { 0 } else { boxing })
            }
            (SlotState::Ref | SlotState::Boxed | SlotState::Unsure, Sym::Virt(index)) => {
                let kind = self.virtuals[index].kind;
                (kind != VirtualKind::Slice && !apart.contains(&index)).then_some(2 * BOXING)
            }
            (SlotState::Virtual(kind, fields), Sym::Virt(index)) => {
                let parts = &self.virtuals[index];
                if parts.kind != *kind || parts.fields.len() != fields.len() || apart.contains(&index) {
                    return None;
                }
                apart.push(index);
                let costs =
                    fields.iter().zip(&parts.fields).map(|(slot, &part)| self.slot_cost(slot, part, None, apart));
                costs.sum()
            }
            (slot, Sym::Val(value)) => match (slot.ty()?, self.trace.ty(value)) {
                (wanted, is) if wanted == is => Some(0),
                (_, Ty::Ref) => {
                    let scalar = self.world.objects.scalar(object?)?;
                    (scalar_state(scalar) == *slot).then_some(1)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The values for the parameters of a join trace, whose state fits.
    fn bind_join(&mut self, state: &JoinState, unit: u32, vm: &VirtualMachine) -> Res<Vec<ValueId>> {
        // Opening a box may leave, to where this instruction begins.
        self.capture(unit);
        let mut args = Vec::new();
        for (n, frame) in state.frames.iter().enumerate() {
            for (index, slot) in frame.locals.iter().enumerate() {
                if *slot != SlotState::Unsure {
                    self.settle_local(n, index)?;
                }
            }
        }
        for (n, frame) in state.frames.iter().enumerate() {
            let live = self.frames[n].frame;
            for (index, slot) in frame.locals.iter().enumerate() {
                self.join_value(slot, self.frames[n].locals[index], live.local(index), &mut args, vm)?;
            }
            for (index, slot) in frame.stack.iter().enumerate() {
                self.join_value(slot, self.frames[n].stack[index], stack_object(&live, index), &mut args, vm)?;
            }
        }
        for index in 0..self.names.len() {
            let name = self.names[index].name;
            if !state.names.iter().any(|other| std::ptr::eq(other.name, name)) {
                self.flush_name(index)?;
            }
        }
        for name in &state.names {
            let index = self.name_index(name.name);
            let (sym, object): (Sym, Option<PyObjectRef>) = match self.names[index].sym {
                Sym::Kept => {
                    let (sym, object) = self.reload_name(index, vm)?;
                    (sym, Some(object))
                }
                sym => (sym, None),
            };
            self.join_value(&name.state, sym, object.as_deref(), &mut args, vm)?;
        }
        Ok(args)
    }

    /// The index of a name among those that the trace knows.
    fn name_index(&mut self, name: &'static PyStrInterned) -> usize {
        match self.names.iter().position(|held| std::ptr::eq(held.name, name)) {
            Some(index) => index,
            None => {
                self.names.push(NameSym { name, sym: Sym::Kept });
                self.names.len() - 1
            }
        }
    }

    fn join_value(
        &mut self,
        slot: &SlotState,
        sym: Sym,
        object: Option<&PyObject>,
        args: &mut Vec<ValueId>,
        vm: &VirtualMachine,
    ) -> Res {
        match (slot, self.resolve(sym)) {
            (
                SlotState::Kept | SlotState::Empty | SlotState::Object(_) | SlotState::Number(_) | SlotState::Same(_),
                _,
            ) => {}
            (SlotState::Virtual(_, fields), Sym::Virt(index)) => {
                let parts = self.virtuals[index].fields.clone();
                for (slot, part) in fields.iter().zip(parts) {
                    self.join_value(slot, part, None, args, vm)?;
                }
            }
            (SlotState::Unsure, Sym::Empty) => {
                let nothing = self.world.objects.nothing.clone();
                args.push(self.constant(&nothing));
            }
            (SlotState::Ref | SlotState::Boxed | SlotState::Unsure, Sym::Val(value))
                if self.constant_scalar(value).is_some() =>
            {
                let object: PyObjectRef = match self.constant_scalar(value) {
                    Some(Scalar::Int(int)) => vm.ctx.new_int(int).into(),
                    Some(Scalar::Float(float)) => vm.ctx.new_float(float).into(),
                    Some(Scalar::Bool(bool)) => vm.ctx.new_bool(bool).into(),
                    None => return Err(Abort::new(Reason::LostPosition)),
                };
                // So that no paths have to count it.
                object.make_immortal();
                args.push(self.constant(&object));
            }
            (SlotState::Ref | SlotState::Boxed | SlotState::Unsure, sym) => {
                let value = self.reference(sym)?;
                args.push(value);
            }
            (_, Sym::Val(value)) if self.trace.ty(value) == Ty::Ref => {
                let operand = Operand::new(sym, object);
                let (Some(object), Some(scalar)) =
                    (operand.object(), object.and_then(|object| self.world.objects.scalar(object)))
                else {
                    return Err(Abort::with(Reason::LostPosition, format!("what arrives is not known to be {slot:?}")));
                };
                args.push(self.unbox(value, object, scalar));
            }
            (_, Sym::Val(value)) => args.push(value),
            (slot, sym) => return Err(Abort::with(Reason::LostPosition, format!("{sym:?} arrives for {slot:?}"))),
        }
        Ok(())
    }

    /// Ends the recording with a jump to the trace `id`, and goes on recording that one, from where it has arrived.
    ///
    /// # Errors
    /// As translating an instruction.
    pub fn cut(
        mut self: Box<Self>,
        Arrival { unit, loops, .. }: Arrival,
        id: TraceId,
        state: &Rc<JoinState>,
        vm: &VirtualMachine,
    ) -> Result<Box<Recorder>, (Box<Recorder>, Abort)> {
        let args = match self.bind_join(state, unit, vm) {
            Ok(args) => args,
            Err(abort) => return Err((self, abort)),
        };
        self.trace.end = End::Jump(id, args);
        let root = self.start.root(&self.frames[0].code);
        let start = Start::Join { root, place: self.join_place(unit), state: state.clone() };
        let mut next = Box::new(Recorder::empty(id, start, self.world.clone(), self.monitor.take(), self.decode));
        next.passed = std::mem::take(&mut self.passed);
        next.function = self.function;
        next.is_step = self.is_step;
        next.leaves = self.leaves;
        let mut apart = Vec::new();
        for (frame, shadow) in state.frames.iter().zip(&self.frames) {
            let locals = frame.locals.iter().map(|slot| next.param_slot(slot, &mut apart)).collect();
            let stack = frame.stack.iter().map(|slot| next.param_slot(slot, &mut apart)).collect();
            let function = frame.function.map(|address| {
                // SAFETY: the pool of the trace that was cut keeps the function alive.
                let function = unsafe { self.world.objects.clone_ref(address) };
                next.constant(&function)
            });
            next.push_frame(shadow.code.clone(), shadow.frame, locals, stack, shadow.next, function);
            if let Some(new) = next.frames.last_mut() {
                new.call = shadow.call;
                new.pops = shadow.pops;
            }
            next.find_generator();
            if let (Some(new), Some(old)) = (next.top().generator.as_mut(), shadow.generator) {
                new.has_looped = old.has_looped;
            }
        }
        next.top().next = unit;
        let names = state.names.iter().map(|name| (name.name, &name.state));
        next.names = names.map(|(name, state)| NameSym { name, sym: next.param_slot(state, &mut apart) }).collect();
        if loops {
            // As in every loop.
            next.capture(unit);
            next.emit_unit(Op::Poll, &[], Imm::None);
            next.pre = None;
        }
        next.waiting = std::mem::take(&mut self.waiting);
        next.waiting.push(self);
        Ok(next)
    }
}

/// Whether a part of a virtual object is the same for all that a state stands for.
fn is_fixed(kind: VirtualKind, part: usize) -> bool {
    match kind {
        VirtualKind::Generator | VirtualKind::Coroutine => (generator::CODE..=generator::UNIT).contains(&part),
        VirtualKind::Continuation | VirtualKind::Feeder => part == 0,
        VirtualKind::Function => part < 2,
        VirtualKind::Text => true,
        // The keys.
        VirtualKind::Dict => part.is_multiple_of(2),
        // The class and the names.
        VirtualKind::Instance => {
            part == instance::CLASS || part >= instance::NAMES && (part - instance::NAMES).is_multiple_of(2)
        }
        VirtualKind::Exception => part == 0 || part >= thrown::part::NAMES && !part.is_multiple_of(2),
        _ => false,
    }
}

/// What a frame has on its stack; `None` for what a call under way has taken.
fn stack_object(frame: &Frame, index: usize) -> Option<&PyObject> {
    if index < frame.stack_depth() { frame.stack(index) } else { None }
}

impl JoinState {
    /// The same with every number as an object.
    fn boxed(&self) -> JoinState {
        let mut state = self.clone();
        let slots = state.frames.iter_mut().flat_map(|frame| frame.locals.iter_mut().chain(&mut frame.stack));
        for slot in slots {
            if matches!(slot, SlotState::Int | SlotState::Float | SlotState::Bool) {
                *slot = SlotState::Ref;
            }
        }
        state
    }
}

impl Start {
    /// The form in which everything arrives, of a recording that begins at a join: this one.
    fn at(&self, here: &JoinPlace) -> Option<&Rc<JoinState>> {
        match self {
            Start::Join { place, state, .. } if place == here => Some(state),
            _ => None,
        }
    }

    /// The header that the recording belongs to: its code and unit. `outermost` is the code of the outermost frame.
    pub fn root(&self, outermost: &Rc<Decoded>) -> (Rc<Decoded>, u32) {
        match self {
            Start::Loop { header, .. } => (outermost.clone(), *header),
            Start::Bridge { root, .. } | Start::Join { root, .. } => root.clone(),
        }
    }
}
