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

mod chain;
mod plan;
mod run;

use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, VirtualMachine,
    builtins::{PyBaseException, PyCode},
};
use tjit_codegen::Context;
use tjit_events::Reason;
use tjit_ir::{Imm, Trace, ValueId};
use tjit_vm::frames::Frame;
use tjit_vm::generators::{Resumable, generalise_for};
use tjit_vm::instrument;
use tjit_vm::options::JitMode;
use tjit_vm::site::{Site, SiteKind};

use super::entering::MAX_VERSIONS;
use super::functions::{self, MIN_DEPTH};
use super::headers::Header;
use super::log::log_blacklisted;
use super::{ENGINE, Engine, World, decode};
use crate::clock;
use crate::decode::CodeKey;
use crate::helpers;
use crate::native::Native;
use chain::Chain;
use plan::Plan;

pub(super) use chain::resume;
pub(crate) use chain::{Hidden, in_sight, resume_from, send};
pub(crate) use run::{Suspends, Suspension};

/// Resumptions that compiled code serves between two that are left to the interpreter, which looks for signals.
const FUEL: u32 = 1 << 10;
/// Of so many entries, one is timed.
const TIMED_EVERY: u64 = 32;
/// Entries of a step trace after which it is judged, and again.
const JUDGED_AFTER: u64 = 2048;
/// Passes of a site that is left to steps, between two looks at who resumes the generator.
const LOOKED_AT_EVERY: u32 = 64;
/// Resumptions by natives that count as so many calls of the function which has called the native.
const CREDITED_EVERY: u32 = 64;
/// A loop with so many passes for each yield is a root.
const RARE: u32 = 8;
/// Places in the table of steps that are found fast.
const FAST: usize = 256;

/// What is known of generators that were resumed.
pub(super) struct Steps {
    /// How often generators were resumed that have no header yet, by the address of their code and the unit.
    cold: FxHashMap<(usize, u32), u32>,
    fuel: u32,
    /// Steps under way.
    depth: u32,
    /// The places where generators are resumed that are or were hot. See [`Fast::behind`].
    places: FxHashMap<(CodeKey, u32), Option<u32>>,
    /// What was entered last, by code and unit. Others of the same hash overwrite it.
    fast: Box<[Option<Fast>]>,
    /// The codes of which a step makes calls.
    calling: FxHashMap<CodeKey, Calls>,
    /// How often generators were resumed, by their code. Others of the same hash overwrite it.
    resumed: Box<[(usize, u32)]>,
    /// What the headers of loops that yield have shown so far, by their sites.
    yielding: FxHashMap<usize, Yielding>,
    /// Room for the parameters of a step.
    values: Vec<u64>,
}

/// What is known of a loop in which a generator yields.
enum Yielding {
    /// How often generators with its code had been resumed when it was last looked at.
    Seen(u32),
    /// It makes many passes between two yields.
    Rarely,
}

impl Default for Steps {
    fn default() -> Self {
        let fast = (0..FAST).map(|_| None).collect();
        let (cold, places, calling) = Default::default();
        let (resumed, yielding) = (vec![(0, 0); FAST].into(), FxHashMap::default());
        Steps { cold, fuel: FUEL, depth: 0, places, fast, calling, resumed, yielding, values: Vec::new() }
    }
}

impl Steps {
    /// How often generators with this code were resumed, as far as is known.
    fn resumed(&mut self, code: CodeKey) -> &mut u32 {
        let known = &mut self.resumed[code.bits() / 64 % FAST];
        if known.0 != code.bits() {
            *known = (code.bits(), 0);
        }
        &mut known.1
    }

    /// A look at a loop that yields, after [`LOOKED_AT_EVERY`] passes in whatever frames: whether it makes many passes
    /// between two yields.
    fn yields_rarely(&mut self, site: usize, code: CodeKey) -> bool {
        let resumed = *self.resumed(code);
        let rarely = match self.yielding.get(&site) {
            Some(Yielding::Rarely) => true,
            Some(&Yielding::Seen(before)) => resumed.wrapping_sub(before) <= LOOKED_AT_EVERY / RARE,
            None => false,
        };
        self.yielding.insert(site, if rarely { Yielding::Rarely } else { Yielding::Seen(resumed) });
        rarely
    }

    /// A step trace, or one that belongs to a step, was compiled.
    pub(super) fn added(&mut self, code: CodeKey, trace: &Trace) {
        let calls = trace.schedule().filter(|&inst| trace.effects(inst).opaque).map(|inst| calls_of(trace, inst));
        if let Some(calls) = calls.max() {
            let known = self.calling.entry(code).or_insert(calls);
            *known = calls.max(*known);
        }
        self.forget(code);
    }

    /// The steps of a code are looked up again before they are entered.
    fn forget(&mut self, code: CodeKey) {
        for fast in &mut self.fast {
            fast.take_if(|fast| fast.place.0 == code);
        }
    }
}

/// What is known of a place where a generator is resumed.
struct Fast {
    place: (CodeKey, u32),
    /// Where a `yield from` waits: the unit behind its SEND.
    behind: Option<u32>,
    /// For each state in which a generator was there.
    steps: Vec<FastStep>,
}

/// A step trace that was entered before.
struct FastStep {
    native: Rc<Native>,
    plan: Plan,
    calls: Calls,
}

/// What a step calls, as far as that may run any code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Calls {
    Nothing,
    /// It resumes generators: whoever does more there first has the frame put on the chain of frames.
    Generators,
    /// Whatever may look for the frame, which has to be there.
    Anything,
}

fn calls_of(trace: &Trace, inst: ValueId) -> Calls {
    match trace.inst(inst).imm {
        Imm::Helper(helper) if helpers::steps::resumes_generators(trace.pool.helpers[helper.index()].addr) => {
            Calls::Generators
        }
        _ => Calls::Anything,
    }
}

fn fast_index((code, unit): (CodeKey, u32)) -> usize {
    (code.bits() ^ unit as usize) % FAST
}

/// What is done about a generator that is resumed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    /// The VM resumes it.
    Interpret,
    /// It is entered.
    Enter,
    /// The VM resumes it, and is watched.
    Record,
}

/// A step that is entered. The context holds the parameters, which have been moved out of the frame.
struct Entry {
    native: Rc<Native>,
    world: Rc<World>,
    /// Until it goes back to the engine.
    context: Option<Box<Context>>,
    frame: Frame,
    calls: Calls,
    /// How many entries of the trace there were with this one.
    number: u64,
    /// Another step has not ended.
    is_nested: bool,
}

impl Engine {
    fn on_resume(&mut self, chain: &mut Chain, vm: &VirtualMachine, entry: &mut Option<Entry>) -> Action {
        if self.recorder.is_some() || self.ended || super::must_leave(vm) {
            return Action::Interpret;
        }
        self.steps.fuel -= 1;
        if self.steps.fuel == 0 {
            self.steps.fuel = FUEL;
            return Action::Interpret;
        }
        if self.steps.fuel.is_multiple_of(CREDITED_EVERY) && chain.context.is_none() {
            self.credit_caller();
        }
        loop {
            let Some(frame) = Frame::of_generator(chain.current, &self.world.objects.layout) else {
                return Action::Interpret;
            };
            *self.steps.resumed(CodeKey::of(frame.code())) += 1;
            let place = (CodeKey::of(frame.code()), frame.next_unit());
            let index = fast_index(place);
            if !self.steps.fast[index].as_ref().is_some_and(|fast| fast.place == place) {
                let Some(&behind) = self.steps.places.get(&place) else {
                    self.count_cold(frame, place, vm);
                    return Action::Interpret;
                };
                self.steps.fast[index] = Some(Fast { place, behind, steps: Vec::new() });
            }
            let Some(fast) = &self.steps.fast[index] else { return Action::Interpret };
            if let Some(unit) = fast.behind
                && let Some(inner) = delegate_of(frame)
            {
                chain.go_in(inner, frame, unit);
                continue;
            }
            for step in &fast.steps {
                let mut context = self.contexts.pop().unwrap_or_else(Context::new);
                let calls = step.calls;
                if (calls == Calls::Nothing || depth_left(&self.world, chain.context, vm) >= MIN_DEPTH)
                    && step.plan.take(frame, &mut chain.sent, &self.world.objects, &mut context.values)
                {
                    let native = step.native.clone();
                    *entry = Some(self.entry(native, context, frame, calls, chain.context, vm));
                    return Action::Enter;
                }
                self.contexts.push(context);
            }
            return self.look_up(place, frame, chain, vm, entry);
        }
    }

    /// An interpreted function has a native step a generator for long: were it compiled, that would be a loop of it. So it
    /// becomes hot as if it had been called as often.
    fn credit_caller(&self) {
        let caller = Frame::current(self.world.objects.layout.frame).filter(|frame| !frame.locals_are_globals());
        let site = caller.as_ref().and_then(|frame| instrument::entry_site(frame.code()));
        if let Some(site) = site.filter(|site| !site.is_dormant() && site.count() < site.limit()) {
            site.set_count((site.count() + CREDITED_EVERY).min(site.limit() - 1));
        }
    }

    /// What is done about a frame that is resumed at a place which is known.
    fn look_up(
        &mut self,
        place: (CodeKey, u32),
        frame: Frame,
        chain: &mut Chain,
        vm: &VirtualMachine,
        entry: &mut Option<Entry>,
    ) -> Action {
        let Some(&key) = self.headers.by_place.get(&place) else { return Action::Interpret };
        let Some(header) = self.headers.by_site.get_mut(&key) else { return Action::Interpret };
        if header.blacklisted || header.site.kind() != SiteKind::Resume {
            return Action::Interpret;
        }
        let count = header.site.count().saturating_add(1);
        header.site.set_count(count);
        if count < header.site.limit() || depth_left(&self.world, chain.context, vm) < MIN_DEPTH {
            return Action::Interpret;
        }
        // What is sent belongs to the state.
        let is_sent = place.1 > 0;
        if !is_sent && chain.sent.is_some() {
            return Action::Interpret;
        }
        if is_sent {
            frame.push_stack(chain.sent.clone().unwrap_or_else(|| vm.ctx.none()));
        }
        let action = self.find_step(key, place, frame, chain, vm, entry);
        if is_sent && action != Action::Enter {
            drop(frame.pop_stack());
        }
        if action == Action::Enter {
            chain.sent = None;
        }
        action
    }

    /// A recording begins at a frame that stands behind a SEND, with what that gives on its stack.
    fn record_step(&mut self, frame: Frame, vm: &VirtualMachine) {
        let place = (CodeKey::of(frame.code()), frame.next_unit() + 1);
        if let Some(&key) = self.headers.by_place.get(&place)
            && self.recorder.is_none()
        {
            self.start_loop(key, frame, vm);
        }
    }

    /// The entry of a step whose parameters are in the context.
    #[inline]
    fn entry(
        &mut self,
        native: Rc<Native>,
        mut context: Box<Context>,
        frame: Frame,
        calls: Calls,
        caller: Option<*mut Context>,
        vm: &VirtualMachine,
    ) -> Entry {
        context.exception = std::ptr::null_mut();
        context.calls = std::ptr::null();
        context.refuel(self.options.fuel);
        context.depth = if calls == Calls::Nothing { 0 } else { depth_left(&self.world, caller, vm) };
        context.forced = self.next_forced();
        let number = native.entries.get() + 1;
        native.entries.set(number);
        self.steps.depth += 1;
        let is_nested = self.steps.depth > 1;
        Entry { native, world: self.world.clone(), context: Some(context), frame, calls, number, is_nested }
    }

    /// Whether a site is at the start of a generator (not of a coroutine, which interpreted code resumes itself), or at the header of a loop in which a generator yields. Neither is a
    /// root: what resumes the generator enters step traces, also a `for` in interpreted code, which is told to.
    pub(super) fn is_left_to_steps(&mut self, site: &Py<Site>, frame: Frame) -> bool {
        if !instrument::suspends(frame.code()) || !self.world.merges {
            return false;
        }
        let code = decode(frame.code());
        let text = code.loop_at(site.unit());
        let mut ops = text.into_iter().flat_map(|text| code.ops_in(text));
        let is_left = site.kind() == SiteKind::Entry && !instrument::is_awaited(frame.code())
            || ops.any(|op| op.opcode == Opcode::YieldValue)
                && !self.steps.yields_rarely(site.as_object().get_id(), CodeKey::of(frame.code()));
        if is_left {
            if let Some(caller) = frame.caller() {
                generalise_for(caller);
            }
            site.set_count(site.limit().saturating_sub(LOOKED_AT_EVERY));
        }
        is_left
    }

    /// A generator was resumed at a place that is not known. It is when it is hot.
    fn count_cold(&mut self, frame: Frame, place: (CodeKey, u32), vm: &VirtualMachine) {
        let limit = if self.options.jit == JitMode::Stress { 2 } else { self.options.threshold_function };
        let code: &Py<PyCode> = frame.code();
        let unit = place.1;
        let count = self.steps.cold.entry((code.as_object().get_id(), unit)).or_default();
        *count += 1;
        if *count < limit {
            return;
        }
        *count = 0;
        let code = decode(code);
        // (Where the frame of one that handles an exception goes on, it always does.)
        let handles = (0..frame.stack_depth())
            .filter_map(|n| frame.stack(n))
            .any(|object| object.downcast_ref::<PyBaseException>().is_some());
        let first = if unit == 0 { code.first(Opcode::Resume) } else { Some(unit) };
        let (Some(first), Some(_)) = (first, code.kind_site(SiteKind::Entry)) else { return };
        // One that stands at its first RESUME has been left in mid body, and its entry site knows how.
        let is_left = code.first(Opcode::Resume) == Some(unit);
        if handles || is_left {
            return;
        }
        let behind = code.behind_send(unit);
        self.steps.places.insert(place, behind);
        for (unit, first) in [(unit, first)].into_iter().chain(behind.map(|unit| (unit, unit))) {
            let site = Site::of_resume(unit, first, limit, vm);
            site.set_count(limit);
            self.steps.places.entry((place.0, unit)).or_insert(None);
            if !self.headers.by_place.contains_key(&(place.0, unit)) {
                self.headers.add(Header::new(site, code.clone()), unit);
            }
        }
    }

    /// The step trace for a frame, which has what is sent on its stack, or the beginning of a recording.
    fn find_step(
        &mut self,
        key: usize,
        place: (CodeKey, u32),
        frame: Frame,
        chain: &Chain,
        vm: &VirtualMachine,
        entry: &mut Option<Entry>,
    ) -> Action {
        let Some(header) = self.headers.by_site.get_mut(&key) else { return Action::Interpret };
        let objects = &self.world.objects;
        let mut values = std::mem::take(&mut self.steps.values);
        let mut found = header.versions.iter();
        let found = found.find(|(_, state)| state.read(frame, objects, vm, &mut values).is_some()).cloned();
        let Some((native, state)) = found else {
            self.steps.values = values;
            if !header.versions.is_empty() {
                header.misses += 1;
                if header.is_complete || header.versions.len() >= MAX_VERSIONS || header.misses < 3 {
                    return Action::Interpret;
                }
                header.misses = 0;
            }
            if chain.behind.is_some() {
                // It begins when the interpreter has come there.
                return Action::Record;
            }
            self.start_loop(key, frame, vm);
            return if self.recorder.is_some() { Action::Record } else { Action::Interpret };
        };
        let calls = self.steps.calling.get(&place.0).copied().unwrap_or(Calls::Nothing);
        if let Some(plan) = Plan::of(&state, frame, place.1 > 0, objects.none) {
            let behind = self.steps.places.get(&place).copied().flatten();
            let known =
                self.steps.fast[fast_index(place)].get_or_insert_with(|| Fast { place, behind, steps: Vec::new() });
            if known.place != place {
                *known = Fast { place, behind, steps: Vec::new() };
            }
            if known.steps.len() < MAX_VERSIONS {
                known.steps.push(FastStep { native: native.clone(), plan, calls });
            }
        }
        let mut context = self.contexts.pop().unwrap_or_else(Context::new);
        context.values[..values.len()].copy_from_slice(&values);
        context.values[values.len()] = 0;
        self.steps.values = values;
        // (Nothing is taken apart, so that numbers are all that is dropped.)
        drop(state.take(frame, objects));
        frame.clear_stack_memory();
        *entry = Some(self.entry(native, context, frame, calls, chain.context, vm));
        Action::Enter
    }

    /// Takes a step into account, and those since the last one that was.
    fn note_step(&mut self, entry: &Entry) {
        let native = &entry.native;
        let elapsed = native.running.take();
        if !entry.is_nested {
            clock::count(elapsed);
        }
        self.ran(native, elapsed);
        if entry.number.is_multiple_of(JUDGED_AFTER) {
            self.judge_step(native);
        }
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
        let returns = native.returns.take();
        if self.options.jit == JitMode::Stress {
            return;
        }
        let Some(key) = self.header_key(&native.root.0, native.root.1) else { return };
        let is_settled = self.is_settled(key);
        let Some(header) = self.headers.by_site.get_mut(&key) else { return };
        if is_settled && 2 * returns < JUDGED_AFTER && header.versions.len() == 1 {
            header.blacklisted = true;
            log_blacklisted(self.log, header.place(), None, Reason::ShortFunction, 0, None);
            let code = header.code.key();
            self.steps.forget(code);
        }
    }
}

/// The generator that a frame which waits in a `yield from` steps.
fn delegate_of(frame: Frame) -> Option<Resumable<'static>> {
    let top = frame.stack(frame.stack_depth().checked_sub(1)?)?;
    // SAFETY: the frame keeps it alive for as long as it waits for it, and the chain that it becomes a part of is no longer.
    let delegate = unsafe { Resumable::of(top)?.detach() };
    // (What one waits for by `async for` is not the asynchronous generator itself.)
    (!matches!(delegate, Resumable::Async(_))).then_some(delegate)
}

/// How many more frames a step may count on that compiled code with this context calls, or native code.
fn depth_left(world: &World, caller: Option<*mut Context>, vm: &VirtualMachine) -> i64 {
    // SAFETY: the context is that of an activation that is in the middle of a call.
    let left = caller.map(|context| unsafe { (*context).depth - (*context).sync_frames });
    left.unwrap_or_else(|| functions::depth_left(world, vm))
}
