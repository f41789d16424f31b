//! Steps of generators: what happens when a native resumes one.
//!
//! ```text
//! list(g) ─► slot of the class ─► step trace for g's code and the unit where it goes on? ── none: the VM resumes it
//!                                     │ parameters from g's frame
//!                                     ▼
//!                     compiled code ──┬─ yields or returns: what has changed is in the frame again
//!                                     └─ exit: the frame is written, and the VM resumes it in mid body
//! ```
//!
//! A step trace begins where a generator is resumed and ends at its next `yield`. Its header has a site of its own that is
//! in no code. The frame is the one that runs meanwhile, as if the interpreter had resumed it.

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseException, PyCode, PyGenerator},
    protocol::PyIterReturn,
};
use tjit_codegen::{Context, RETURNED};
use tjit_events::{self as events, Reason};
use tjit_vm::frames::Frame;
use tjit_vm::generators::{Running, in_frame, resume_interpreted};
use tjit_vm::options::JitMode;
use tjit_vm::site::{Site, SiteKind};

use super::{Engine, Header, decode, functions, level, span};
use crate::decode::CodeKey;
use crate::exits::{self, Activation, Level};
use crate::native::Native;

use super::ENGINE;

/// Resumptions that compiled code serves between two that are left to the interpreter, which looks for signals.
const FUEL: u32 = 1 << 10;
/// Of so many entries, one is timed.
const TIMED_EVERY: u64 = 16;
/// Entries of a step trace after which it is judged, and again.
const JUDGED_AFTER: u64 = 2000;

/// What is known of generators that were resumed.
#[derive(Default)]
pub(super) struct Steps {
    /// How often generators were resumed that have no header yet, by the address of their code and the unit.
    cold: FxHashMap<(usize, u32), u32>,
    fuel: u32,
}

/// What is done about a generator that is resumed.
enum Action {
    /// It is entered, with these parameters.
    Enter(std::rc::Rc<Native>, Box<Context>, Frame),
    /// The interpreter resumes it, and is watched.
    Record,
}

/// A native resumes a generator. `None`: the VM is to do it.
pub(super) fn resume(generator: &Py<PyGenerator>, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let action = ENGINE.with(|engine| {
        let mut engine = engine.try_borrow_mut().ok()?;
        engine.as_mut()?.on_resume(generator, vm)
    })?;
    match action {
        Action::Record => {
            let resumed = resume_interpreted(generator, vm);
            ENGINE.with(|engine| {
                if let Ok(mut engine) = engine.try_borrow_mut()
                    && let Some(engine) = engine.as_mut()
                {
                    engine.end_step_recording(vm);
                }
            });
            Some(resumed)
        }
        Action::Enter(native, context, frame) => Some(enter(native, context, generator, frame, vm)),
    }
}

/// How compiled code that was entered for a step has ended.
enum Ended {
    Yielded(PyObjectRef),
    Returned(PyObjectRef),
    /// The interpreter has to go on.
    Left,
}

/// Runs a step trace.
fn enter(
    native: std::rc::Rc<Native>,
    mut context: Box<Context>,
    generator: &Py<PyGenerator>,
    frame: Frame,
    vm: &VirtualMachine,
) -> PyResult<PyIterReturn> {
    let world = ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.world.clone()));
    let Some(world) = world else { return resume_interpreted(generator, vm) };
    let objects = &world.objects;
    let mut entered = false;
    let ended = in_frame(generator, vm, || {
        entered = true;
        let running = Running::mark(generator, &objects.layout);
        let state = native.state.clone().expect("a trace that is entered has a header state");
        let dropped = state.take(frame, objects);
        frame.clear_stack_memory();
        let activation = Activation { vm, frame, objects, depth: context.depth, unwound: Default::default() };
        context.frame_slots = frame.locals();
        context.host = std::ptr::from_ref(&activation).cast_mut().cast();
        context.suspended = 0;
        let context_pointer: *mut Context = &raw mut *context;
        let entries = native.entries.get() + 1;
        native.entries.set(entries);
        let began = entries.is_multiple_of(TIMED_EVERY).then(Instant::now);
        drop(dropped);
        // SAFETY: the context is valid and holds the parameters that the header state has read from this very frame; the
        // layout was checked at start-up; only this thread runs Python code.
        let id = unsafe { native.compiled.enter(context_pointer) };
        let elapsed = began.map_or(Duration::ZERO, |began| began.elapsed() * TIMED_EVERY as u32);
        let raised = exits::take_exception(context_pointer);
        let result = if id == RETURNED {
            native.returns.set(native.returns.get() + 1);
            // SAFETY: the end of a step trace hands over one reference.
            let value = unsafe { objects.own_ref(context.result) };
            Ok(match Suspension::of(context.suspended) {
                Some(Suspension { unit, depth }) => {
                    frame.set_stack_depth(depth);
                    frame.set_next_unit(unit);
                    Ended::Yielded(value)
                }
                None => Ended::Returned(value),
            })
        } else {
            let mut exits: Vec<Level> =
                activation.unwound.take().into_iter().map(|(id, values)| level(id, values)).collect();
            let count = super::exit_owner(id).map_or(0, |(native, exit)| native.compiled.exits()[exit].values.len());
            exits.push(level(id, context.values[..count].to_vec()));
            super::leave(exits, raised, frame, &world, vm, true).map(|()| Ended::Left)
        };
        drop(running);
        if !elapsed.is_zero() {
            native.running.set(native.running.get() + elapsed);
            ENGINE.with_borrow_mut(|engine| {
                if let Some(engine) = engine {
                    engine.times.compiled += elapsed.saturating_sub(engine.times.nested);
                    engine.times.nested += elapsed;
                    engine.ran(&native, elapsed);
                    engine.judge_step(&native);
                }
            });
        }
        result
    });
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            engine.contexts.push(context);
        }
    });
    if !entered {
        // No room for the frame: the VM says so.
        drop_sent(frame);
        return resume_interpreted(generator, vm);
    }
    match ended? {
        Ended::Yielded(value) => Ok(PyIterReturn::Return(value)),
        Ended::Returned(value) => {
            generator.as_coro().closed.store(true);
            Ok(PyIterReturn::StopIteration((!vm.is_none(&value)).then_some(value)))
        }
        Ended::Left => resume_interpreted(generator, vm),
    }
}

/// How a step trace has left its frame.
pub struct Suspension {
    /// Where the generator goes on.
    pub unit: u32,
    /// Entries of its value stack.
    pub depth: usize,
}

impl Suspension {
    /// From what compiled code says. `None`: the generator has ended.
    fn of(word: u64) -> Option<Suspension> {
        let (unit, depth) = ((word & 0xffff_ffff) as u32, (word >> 32) as usize);
        (unit > 0).then_some(Suspension { unit, depth })
    }

    /// As compiled code says it.
    pub fn word(&self) -> i64 {
        i64::from(self.unit) | (self.depth as i64) << 32
    }
}

/// Puts what a generator is sent on its stack.
fn send(frame: Frame, vm: &VirtualMachine) {
    if frame.next_unit() > 0 {
        frame.push_stack(vm.ctx.none());
    }
}

/// Takes it off again.
fn drop_sent(frame: Frame) {
    if frame.next_unit() > 0 {
        drop(frame.pop_stack());
    }
}

impl Engine {
    fn on_resume(&mut self, generator: &Py<PyGenerator>, vm: &VirtualMachine) -> Option<Action> {
        if self.recorder.is_some() || self.ended || super::must_leave(vm) {
            return None;
        }
        let frame = Frame::of_generator(generator, self.world.objects.layout.frame)?;
        let unit = frame.next_unit();
        let place = (CodeKey::of(frame.code()), unit);
        let Some(&key) = self.headers.by_place.get(&place) else {
            self.count_cold(frame, unit, vm);
            return None;
        };
        let header = self.headers.by_site.get_mut(&key)?;
        if header.blacklisted || header.site.kind() != SiteKind::Resume {
            return None;
        }
        let count = header.site.count().saturating_add(1);
        header.site.set_count(count);
        if count < header.site.limit() {
            return None;
        }
        self.steps.fuel = self.steps.fuel.wrapping_sub(1);
        if self.steps.fuel % FUEL == 0 {
            return None;
        }
        let depth = functions::depth_left(&self.world, vm);
        if depth < functions::MIN_DEPTH {
            return None;
        }
        send(frame, vm);
        let action = self.find_step(key, frame, depth, vm);
        if !matches!(action, Some(Action::Enter(..))) {
            drop_sent(frame);
        }
        action
    }

    /// A generator without a header was resumed. It gets one when it is hot.
    fn count_cold(&mut self, frame: Frame, unit: u32, vm: &VirtualMachine) {
        let limit = if self.options.jit == JitMode::Stress { 2 } else { self.options.threshold_function };
        let code: &Py<PyCode> = frame.code();
        let count = self.steps.cold.entry((code.as_object().get_id(), unit)).or_default();
        *count += 1;
        if *count < limit {
            return;
        }
        *count = 0;
        let other = CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        let code = decode(code);
        let first = if unit == 0 { code.first(Opcode::Resume) } else { Some(unit) };
        // (Where the frame of one that handles an exception goes on, it always does.)
        let handles = (0..frame.stack_depth())
            .filter_map(|n| frame.stack(n))
            .any(|object| object.downcast_ref::<PyBaseException>().is_some());
        let (Some(first), Some(_)) = (first, code.kind_site(SiteKind::Entry)) else { return };
        if handles || code.code.code.flags.intersects(other) {
            return;
        }
        let site = Site::of_resume(unit, first, limit, vm);
        site.set_count(limit);
        self.headers.add(Header::new(site, code), unit);
    }

    /// The step trace for a frame, which has what is sent on its stack, or the beginning of a recording.
    fn find_step(&mut self, key: usize, frame: Frame, depth: i64, vm: &VirtualMachine) -> Option<Action> {
        let header = self.headers.by_site.get_mut(&key)?;
        let mut context = self.contexts.pop().unwrap_or_else(Context::new);
        let mut values = std::mem::take(&mut self.step_values);
        let found = header
            .versions
            .iter()
            .find(|(_, state)| state.read(frame, &self.world.objects, vm, &mut values).is_some())
            .map(|(native, _)| native.clone());
        let Some(native) = found else {
            self.step_values = values;
            self.contexts.push(context);
            if !header.versions.is_empty() {
                header.misses += 1;
                if header.is_complete || header.versions.len() >= super::MAX_VERSIONS || header.misses < 3 {
                    return None;
                }
                header.misses = 0;
            }
            self.start_loop(key, frame, vm);
            return self.recorder.is_some().then_some(Action::Record);
        };
        context.values[..values.len()].copy_from_slice(&values);
        context.values[values.len()] = 0;
        self.step_values = values;
        context.exception = std::ptr::null_mut();
        context.calls = std::ptr::null();
        context.fuel = i64::from(self.options.fuel);
        context.depth = depth;
        context.forced = self.next_forced();
        Some(Action::Enter(native, context, frame))
    }

    /// The step that was to be recorded is over. If the recording is not, an exception has ended the generator.
    fn end_step_recording(&mut self, vm: &VirtualMachine) {
        if let Some(mut recorder) = self.recorder.take_if(|recorder| recorder.is_step && recorder.is_root()) {
            recorder.stop(vm);
            self.times.recording += recorder.began.elapsed();
            self.abort(recorder, &crate::recorder::Abort::new(Reason::ExceptionInRecording));
        }
    }

    /// A step trace that is mostly left by exits costs more than it wins.
    fn judge_step(&mut self, native: &Native) {
        let entries = native.entries.get();
        if !entries.is_multiple_of(JUDGED_AFTER) || self.options.jit == JitMode::Stress {
            return;
        }
        let returns = native.returns.take();
        let Some(key) = self.header_key(&native.root.0, native.root.1) else { return };
        let Some(header) = self.headers.by_site.get_mut(&key) else { return };
        if 2 * returns < JUDGED_AFTER && header.versions.len() == 1 {
            header.blacklisted = true;
            let log = self.log;
            let place = span(&header.code, header.site.after());
            log.emit(|| events::Blacklisted {
                at_micros: log.now_micros(),
                place,
                from: None,
                reason: Reason::ShortFunction,
                times: 0,
                retry_after: None,
            });
        }
    }
}
