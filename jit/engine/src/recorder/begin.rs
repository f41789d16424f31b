//! How a recording begins: at a header or a function's entry, or at an exit.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{Py, PyObjectRef, builtins::PyCode, builtins::PyStrInterned};
use tjit_ir::{Slot, SnapshotId, Trace, TraceId, Ty, ValueId, VirtualId};
use tjit_vm::frames::Frame;
use tjit_vm::monitor::Monitor;

use super::world::World;
use super::{NameSym, Recorder, Start, Sym};
use crate::decode::{self, Decoded};
use crate::objects::address;
use crate::state::{HeaderState, SlotState};

/// What a recording takes over from the trace whose exit it begins at.
struct Import<'a> {
    from: &'a Trace,
    map: FxHashMap<ValueId, ValueId>,
    virtuals: FxHashMap<VirtualId, Sym>,
}

impl Recorder {
    /// Begins at a header or at a function's entry: the frame is in `state` and about to execute the instruction after the
    /// site.
    pub fn at_header(
        id: TraceId,
        frame: Frame,
        code: Rc<Decoded>,
        (site, after): (u32, u32),
        state: HeaderState,
        world: Rc<World>,
        monitor: Monitor,
        decode: fn(&Py<PyCode>) -> Rc<Decoded>,
    ) -> Recorder {
        let start = Start::Loop { header: site, state: state.clone() };
        let mut recorder = Recorder::empty(id, start, world, Some(monitor), decode);
        let mut apart = Vec::new();
        let locals = state.locals.iter().map(|slot| recorder.param_slot(slot, &mut apart)).collect();
        let stack = state.stack.iter().map(|slot| recorder.param_slot(slot, &mut apart)).collect();
        recorder.names = state
            .names
            .iter()
            .map(|name| NameSym { name: name.name, sym: recorder.param_slot(&name.state, &mut apart) })
            .collect::<Vec<_>>();
        if code.header(site).is_none() {
            recorder.function = Some(recorder.world.functions.generation(code.key()));
            recorder.push_frame(code, frame, locals, stack, after, None);
            return recorder;
        }
        recorder.push_frame(code, frame, locals, stack, after, None);
        // The first instruction of every loop: the only place whose snapshot describes the state at the header, which
        // is what hoisted guards leave with.
        recorder.capture(after);
        recorder.emit_unit(tjit_ir::Op::Poll, &[], tjit_ir::Imm::None);
        recorder.pre = None;
        recorder
    }

    /// Begins at an exit, after the interpreter's frames have been rebuilt.
    ///
    /// `exit` is the trace that was left, with the exit's values and snapshot; `frames` are the real frames, outermost
    /// first, with their code. `carries` says whether the exit hands over the trace's carried values; `unsure` are the values
    /// of the trace that may be no object.
    pub fn at_exit(
        id: TraceId,
        start: Start,
        exit: (&Trace, &[ValueId], SnapshotId, ValueId),
        frames: Vec<(Frame, Rc<Decoded>)>,
        carries: bool,
        unsure: &FxHashSet<ValueId>,
        globals_names: impl Fn(u64) -> Option<&'static PyStrInterned>,
        world: Rc<World>,
        monitor: Monitor,
        decode: fn(&Py<PyCode>) -> Rc<Decoded>,
    ) -> Recorder {
        let (from, values, snapshot, guard) = exit;
        let mut recorder = Recorder::empty(id, start, world, Some(monitor), decode);
        let map: FxHashMap<ValueId, ValueId> =
            values.iter().map(|&value| (value, recorder.trace.add_param(from.ty(value), None))).collect();
        recorder.unsure.values =
            map.iter().filter(|(value, _)| unsure.contains(value)).map(|(_, &param)| param).collect();
        if let Start::Bridge { carried, .. } = &mut recorder.start {
            let all = || from.carried.iter().map(|value| map.get(value).copied()).collect::<Option<Vec<_>>>();
            *carried = if carries { all() } else { None };
        }
        let mut import = Import { from, map, virtuals: FxHashMap::default() };
        if !recorder.world.stress {
            recorder.assume_left(from, guard, &mut import);
        }
        let snapshot = from.snapshot(snapshot);
        for (state, (frame, code)) in snapshot.frames.iter().zip(frames) {
            let locals = state.locals.iter().map(|&slot| recorder.import(slot, &mut import)).collect::<Vec<_>>();
            let stack = state.stack.iter().map(|&slot| recorder.import(slot, &mut import)).collect::<Vec<_>>();
            let function = state.function.map(|value| recorder.import_value(value, &mut import));
            for &(name, slot) in &state.names {
                if let Some(name) = globals_names(from.pool.refs[name.index()].addr) {
                    let sym = recorder.import(slot, &mut import);
                    recorder.names.push(NameSym { name, sym });
                }
            }
            let innermost = recorder.frames.len() + 1 == snapshot.frames.len();
            let unit = state.place.unit;
            let next = if innermost { unit } else { code.instruction_at(unit).map_or(unit, |op| op.end) };
            recorder.push_frame(code, frame, locals, stack, next, function);
            if let Some(shadow) = recorder.frames.last_mut() {
                shadow.call = unit;
                shadow.pops = shadow.code.instruction_at(unit).map_or(0, decode::Op::call_takes);
            }
            recorder.find_generator();
        }
        recorder.find_handled();
        recorder
    }

    /// What is known because a guard has failed. (Under stress, guards leave that have not failed.)
    fn assume_left(&mut self, from: &Trace, guard: ValueId, import: &mut Import<'_>) {
        let inst = from.inst(guard);
        let Some(&param) = inst.args.first().and_then(|arg| import.map.get(arg)) else { return };
        let known = match (inst.op, inst.imm) {
            (tjit_ir::Op::GuardTrue, _) => self.trace.const_bool(false),
            (tjit_ir::Op::GuardFalse, _) => self.trace.const_bool(true),
            (tjit_ir::Op::GuardIsNot, tjit_ir::Imm::Ref(object)) if from.pool.refs[object.index()].immortal => {
                let info = &from.pool.refs[object.index()];
                // SAFETY: the object is immortal.
                let object = unsafe { self.world.objects.clone_ref(info.addr) };
                let constant = self.constant(&object);
                let id = self.trace.as_ref(constant).expect("a constant");
                self.emit_unit(tjit_ir::Op::AssumeIs, &[param], tjit_ir::Imm::Ref(id));
                constant
            }
            (tjit_ir::Op::GuardIs, tjit_ir::Imm::Ref(object)) => {
                self.not_that = Some((param, from.pool.refs[object.index()].addr));
                return;
            }
            _ => return,
        };
        import.map.insert(inst.args[0], known);
    }

    /// What a slot holds at the beginning, by a state. `apart` collects what is taken apart.
    pub(super) fn param_slot(&mut self, slot: &SlotState, apart: &mut Vec<Sym>) -> Sym {
        match slot {
            SlotState::Kept => Sym::Kept,
            SlotState::Empty => Sym::Empty,
            SlotState::Int => Sym::Val(self.trace.add_param(Ty::Int, None)),
            SlotState::Float => Sym::Val(self.trace.add_param(Ty::Float, None)),
            SlotState::Bool => Sym::Val(self.trace.add_param(Ty::Bool, None)),
            SlotState::Ref | SlotState::Boxed => Sym::Val(self.trace.add_param(Ty::Ref, None)),
            SlotState::Unsure => {
                let value = self.trace.add_param(Ty::Ref, None);
                self.unsure.values.insert(value);
                Sym::Val(value)
            }
            SlotState::Object(address) => {
                // SAFETY: who chose the state has seen to it that the object lives as long as the state.
                let object = unsafe { self.world.objects.clone_ref(*address) };
                Sym::Val(self.constant(&object))
            }
            SlotState::Number(number) => Sym::Val(self.trace.const_int(*number)),
            SlotState::Virtual(kind, fields) => {
                let object = self.new_virtual(*kind, Vec::new());
                apart.push(object);
                let fields = fields.iter().map(|field| self.param_slot(field, apart)).collect();
                if let Sym::Virt(index) = object {
                    self.virtuals[index].fields = fields;
                }
                object
            }
            SlotState::Same(number) => apart[*number],
        }
    }

    fn import(&mut self, slot: Slot, import: &mut Import<'_>) -> Sym {
        match slot {
            Slot::Kept => Sym::Kept,
            Slot::Empty => Sym::Empty,
            Slot::Value(value) => {
                let value = self.import_value(value, import);
                let nothing = &self.world.objects.nothing;
                if self.is_object(value, address(nothing)) { Sym::Empty } else { Sym::Val(value) }
            }
            Slot::Virtual(id) => {
                if let Some(&sym) = import.virtuals.get(&id) {
                    return sym;
                }
                let object = &import.from.virtuals[id.index()];
                let (kind, fields) = (object.kind, object.fields.clone());
                let fields = fields.into_iter().map(|field| self.import(field, import)).collect();
                let sym = self.new_virtual(kind, fields);
                import.virtuals.insert(id, sym);
                sym
            }
        }
    }

    fn import_value(&mut self, value: ValueId, import: &mut Import<'_>) -> ValueId {
        if let Some(&mapped) = import.map.get(&value) {
            return mapped;
        }
        let from = import.from;
        if let Some(constant) = from.as_int(value) {
            self.trace.const_int(constant)
        } else if let Some(constant) = from.as_float(value) {
            self.trace.const_float(constant)
        } else if let Some(constant) = from.as_bool(value) {
            self.trace.const_bool(constant)
        } else {
            let constant = from.as_ref(value).expect("an exit's value is a parameter of its bridge or a constant");
            let info = &from.pool.refs[constant.index()];
            // SAFETY: the trace that was left keeps the objects of its pool alive, and it is alive.
            let object: PyObjectRef = unsafe { self.world.objects.clone_ref(info.addr) };
            let label = info.label.clone();
            let id = self.pool.reference(&mut self.trace.pool, &object, || label);
            self.trace.const_ref(id)
        }
    }
}
