//! The engine: what a site asks, and what becomes of headers, traces and exits.
//!
//! ```text
//! header:  counting ──hot──► recording ──closed──► compiled ──► entered at every pass
//!             ▲                  │                    │
//!             └──── back-off ◄───┘ aborted            └─ other state ─► another version, at most a few
//!                      │
//!                      └─ too often ─► blacklisted (the site is switched off)
//!
//! exit:    counting ──hot──► bridge recorded ──► attached
//!             ▲                   │ aborted
//!             └───── back-off ◄───┘ ─ too often ─► dead
//! ```
//!
//! One thread has an engine: the one that installed it. While other threads run Python code, or a tracer is active, sites
//! answer no, and compiled code leaves at its next poll.

mod compile;
mod functions;
mod joins;
mod patience;
mod regions;
mod steps;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyCode, PyStrInterned},
};
use tjit_codegen::{Compiler, Context, RETURNED};
use tjit_events::{self as events, ExitRef, Log, Reason, SourceSpan, TraceKind};
use tjit_ir::{SnapshotId, Trace, TraceId, Ty, ValueId};
use tjit_vm::frames::Frame;
use tjit_vm::instrument;
use tjit_vm::monitor::Monitor;
use tjit_vm::options::{Bridges, JitMode, JitOptions};
use tjit_vm::resume;
use tjit_vm::site::{Site, SiteHook, SiteKind};

pub(crate) use functions::has_room;
pub(crate) use steps::{Suspension, send};

use crate::decode::{CodeKey, Decoded};
use crate::exits::{self, Activation, Leaving, Level};
use crate::native::{ExitState, Native};
use crate::objects::Objects;
use crate::recorder::{Abort, Flow, Headers, Recorder, Start, World};
use crate::state::{HeaderState, SlotState};

/// Compiled versions of one header, at most.
const MAX_VERSIONS: usize = 4;
/// Aborted recordings of a header before it is blacklisted.
const MAX_ABORTS: u32 = 6;
/// Times that a recording around an inner loop is ended so that the inner one can be compiled first.
const MAX_PUT_FIRST: u32 = 4;
/// Aborted recordings from an exit before it gets no bridge.
const MAX_EXIT_ABORTS: u32 = 3;
/// Making so many callers' frames takes as long as leaving does.
const CALLERS_PER_EXIT: u64 = 4;
/// One part in so many of the running time may go into recording and compiling before what is hot has to be hotter.
const BUDGET_SHARE: u32 = 8;
/// The same while a module is imported, whose code is mostly run once.
const BUDGET_SHARE_IMPORTING: u32 = 40;
/// What it costs the interpreter that a recording's events are switched on and off.
const WATCHING: Duration = Duration::from_micros(30);
/// What may go into it at once.
const BUDGET_FREE: Duration = Duration::from_millis(3);
/// How much hotter.
const DEFERRED_FACTOR: u32 = 6;
/// Times that this is asked of a header.
const MAX_DEFERRED: u32 = 2;
/// Entries of a trace after which it is judged, and again.
const JUDGED_AFTER: u64 = 1000;
/// Back edges per entry that make entering worth it.
const MIN_BACK_EDGES: u64 = 4;
/// Passes of the header of a loop that mostly runs a few iterations, between two at which its code may be entered.
const SHORT_STRIDE: u32 = 64;
/// Parameters of a trace, at most.
const MAX_PARAMS: usize = 120;

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
    static DECODED: RefCell<FxHashMap<CodeKey, Rc<Decoded>>> = RefCell::default();
}

/// What a header has come to.
struct Header {
    site: PyRef<Site>,
    code: Rc<Decoded>,
    versions: Vec<(Rc<Native>, Rc<HeaderState>)>,
    aborts: u32,
    blacklisted: bool,
    /// Recordings that ended because the state had changed.
    changes: u32,
    /// Slots, counted over locals then stack, that travel as objects.
    boxed: Vec<usize>,
    /// Passes at which no version fitted.
    misses: u32,
    /// There are versions, and there will be no more.
    is_complete: bool,
    /// Of a function: times that it has waited for loops that may inline it.
    waited: u32,
    /// Times that its recording was put off because of the budget.
    deferred: u32,
    /// The loop has mostly run a few iterations only.
    is_short: bool,
    patience: patience::Patience,
    /// Times that a recording of something around it was ended for it to come first.
    put_first: u32,
}

impl Header {
    fn new(site: PyRef<Site>, code: Rc<Decoded>) -> Self {
        Self {
            site,
            code,
            versions: Vec::new(),
            aborts: 0,
            blacklisted: false,
            changes: 0,
            boxed: Vec::new(),
            misses: 0,
            is_complete: false,
            waited: 0,
            deferred: 0,
            is_short: false,
            patience: patience::Patience::default(),
            put_first: 0,
        }
    }
}

#[derive(Default)]
struct Times {
    recording: Duration,
    compiling: Duration,
    compiled: Duration,
    /// Of that, what was in compiled code entered while other compiled code was running: in there, not out here.
    nested: Duration,
}

struct Engine {
    options: JitOptions,
    passes: tjit_opt::Options,
    world: Rc<World>,
    /// For traces: fast, as most are not run for long.
    compiler: Compiler,
    /// For regions, which are worth more time.
    region_compiler: Compiler,
    log: &'static Log,
    headers: HeaderTable,
    traces: Vec<Option<Rc<Native>>>,
    /// First exit id of each compiled trace, ascending, with the trace.
    exit_ids: Vec<(u64, TraceId)>,
    next_exit: u64,
    recorder: Option<Box<Recorder>>,
    joins: joins::JoinTable,
    steps: steps::Steps,
    /// A frame, and the first unit after the site in it where the last event came while a recording ended.
    ended_in_site: Option<(Frame, u32)>,
    contexts: Vec<Box<Context>>,
    off: Option<Reason>,
    ended: bool,
    began: Instant,
    times: Times,
    forced: u64,
    code_bytes: u64,
    bridges: u32,
}

#[derive(Default)]
struct HeaderTable {
    by_site: FxHashMap<usize, Header>,
    by_place: FxHashMap<(CodeKey, u32), usize>,
}

impl HeaderTable {
    fn add(&mut self, header: Header, unit: u32) -> &mut Header {
        let key = header.site.as_object().get_id();
        self.by_place.insert((header.code.key(), unit), key);
        self.by_site.entry(key).or_insert(header)
    }
}

impl Headers for HeaderTable {
    fn versions(&self, code: CodeKey, header: u32) -> Vec<(TraceId, Rc<HeaderState>)> {
        let header = self.by_place.get(&(code, header)).and_then(|site| self.by_site.get(site));
        header.map_or_else(Vec::new, |h| h.versions.iter().map(|(native, state)| (native.id, state.clone())).collect())
    }

    fn wants_recording(&self, code: CodeKey, header: u32) -> bool {
        match self.by_place.get(&(code, header)).and_then(|site| self.by_site.get(site)) {
            Some(header) => {
                !header.blacklisted
                    && header.versions.is_empty()
                    && header.aborts < 2
                    && header.put_first < MAX_PUT_FIRST
            }
            None => true,
        }
    }
}

/// What a site is to do.
enum Action {
    Continue,
    Enter(Rc<Native>, Box<Context>),
}

/// The decoded form of a code object.
fn decode(code: &Py<PyCode>) -> Rc<Decoded> {
    DECODED
        .with_borrow_mut(|table| table.entry(CodeKey::of(code)).or_insert_with(|| Rc::new(Decoded::new(code))).clone())
}

/// Switches the entry site of a function's code on or off.
pub(crate) fn switch_entry(code: &Py<PyCode>, on: bool) {
    instrument::switch_entry(code, on);
}

/// The unit of the RESUME in front of the entry site in a function's code.
pub(crate) fn first_resume(code: &Py<PyCode>) -> Option<u32> {
    decode(code).first(Opcode::Resume)
}

/// The trace that an exit belongs to, and the exit's index in it.
pub(crate) fn exit_owner(id: u64) -> Option<(Rc<Native>, usize)> {
    ENGINE.with_borrow(|engine| engine.as_ref()?.exit_owner(id))
}

/// Whether compiled code has to give way to the interpreter: threads run, or somebody traces.
pub(crate) fn must_leave(vm: &VirtualMachine) -> bool {
    vm.state.thread_count.load() > 0 || instrument::tracing_active(vm)
}

/// Switches the JIT on for this thread, if the options want it; tells whether it is on. Call it once, after the
/// interpreter is initialised.
///
/// # Errors
/// Why the JIT stays off; the program can run without.
pub fn install(vm: &VirtualMachine, options: &JitOptions, log: &'static Log) -> Result<bool, String> {
    if options.jit == JitMode::Off {
        return Ok(false);
    }
    let off = |reason: Reason, detail: String| {
        log.emit(|| events::JitOff { at_micros: log.now_micros(), reason, detail: Some(detail.clone()) });
        detail
    };
    let layout =
        tjit_vm::layout::Layout::discover(vm).map_err(|error| off(Reason::LayoutMismatch, error.to_string()))?;
    let codegen_layout = crate::native_layout(&layout, vm);
    let compiler = |fast_regalloc: bool, optimize: bool| {
        Compiler::new(codegen_layout, tjit_codegen::Options { fast_regalloc, optimize, ..Default::default() })
            .map_err(|error| off(Reason::UnsupportedArchitecture, error.to_string()))
    };
    let (compiler, region_compiler) = (compiler(true, false)?, compiler(false, true)?);
    let passes = crate::pass_options(options)?;
    resume::init();
    if let Err(error) = tjit_vm::callers::install(vm, exits::reveal, layout.frame) {
        let text = error.as_object().str(vm).map_or_else(|_| String::new(), |text| text.to_string());
        return Err(off(Reason::LayoutMismatch, text));
    }
    let world = World {
        objects: Objects::new(layout, vm),
        functions: crate::functions::Functions::default(),
        known: crate::known::Known::new(vm),
        trace_limit: options.trace_limit as usize,
        inline_depth: options.inline_depth as usize,
        slots: RefCell::default(),
        templates: RefCell::default(),
        leaves: RefCell::default(),
        lookers: RefCell::default(),
        versions: RefCell::default(),
        bodies: RefCell::default(),
        merges: options.bridges == Bridges::Merge,
        stress: options.jit == JitMode::Stress,
    };
    ENGINE.set(Some(Engine {
        options: options.clone(),
        passes,
        world: Rc::new(world),
        compiler,
        region_compiler,
        log,
        headers: HeaderTable::default(),
        traces: Vec::new(),
        exit_ids: Vec::new(),
        // No exit has the id of a return.
        next_exit: RETURNED + 1,
        recorder: None,
        joins: joins::JoinTable::default(),
        steps: steps::Steps::default(),
        ended_in_site: None,
        contexts: Vec::new(),
        off: None,
        ended: false,
        began: Instant::now(),
        times: Times::default(),
        forced: options.stress_seed,
        code_bytes: 0,
        bridges: 0,
    }));
    if !tjit_vm::generators::install(vm, steps::resume) {
        return Err(off(Reason::LayoutMismatch, "generators cannot be resumed in another way".to_owned()));
    }
    let stress = options.jit == JitMode::Stress;
    let sites = instrument::Options {
        loop_limit: if stress { 2 } else { options.threshold_loop },
        entry_limit: if stress { 2 } else { options.threshold_function },
        entries: true,
        all_entries: true,
    };
    instrument::install(vm, Box::new(Hook), sites)
        .map(|()| true)
        .map_err(|_| "the interpreter's modules are not as expected".to_owned())
}

/// The main program is over: nothing is recorded any more. What is compiled stays in use.
pub fn detach(vm: &VirtualMachine) {
    ENGINE.with_borrow_mut(|engine| {
        let Some(engine) = engine else { return };
        engine.ended = true;
        if let Some(mut recorder) = engine.recorder.take() {
            recorder.stop(vm);
            engine.log_abort(&recorder, &Abort::new(Reason::ProgramEnded));
            // Its pool holds objects whose finalisers may come back here.
            std::mem::forget(recorder);
        }
    });
}

/// Writes the totals to the log. Call it when no Python code runs any more: objects that the engine holds are given up
/// here, not dropped.
pub fn finish() {
    if let Some(mut engine) = ENGINE.take() {
        engine.log_totals();
        std::mem::forget(engine);
    }
}

/// The hook that all sites ask.
struct Hook;

impl SiteHook for Hook {
    fn on_site(&self, site: &Py<Site>, vm: &VirtualMachine) -> PyResult<bool> {
        if site.kind() == SiteKind::Entry && resume::is_pending() {
            let installed = install_pending(vm);
            if !resume::is_pending() {
                // It was made to ask, whatever its count.
                let is_compiled = ENGINE.with(|engine| {
                    let engine = engine.try_borrow().ok()?;
                    let header = engine.as_ref()?.headers.by_site.get(&site.as_object().get_id())?;
                    Some(!header.versions.is_empty())
                });
                site.set_count(if is_compiled == Some(true) { site.limit() } else { 0 });
            }
            if installed {
                return Ok(true);
            }
        }
        if crate::names::wait_for_stamps()
            && !must_leave(vm)
            && let Some(layout) =
                ENGINE.with(|engine| Some(engine.try_borrow().ok()?.as_ref()?.world.objects.layout.dict))
        {
            crate::names::give_stamps(layout, vm);
        }
        let action = ENGINE.with(|engine| match engine.try_borrow_mut() {
            Ok(mut engine) => engine.as_mut().map_or(Action::Continue, |engine| engine.on_header(site, vm)),
            // The engine is at work further out: a finaliser runs while it drops something.
            Err(_) => Action::Continue,
        });
        match action {
            Action::Continue => Ok(false),
            Action::Enter(native, context) => enter(native, context, vm),
        }
    }
}

fn frame_layout() -> Option<tjit_vm::layout::FrameLayout> {
    ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.world.objects.layout.frame))
}

/// An entry site was reached: if a replayed frame waits for it, it is installed.
fn install_pending(vm: &VirtualMachine) -> bool {
    let (Some(layout), true) = (frame_layout(), resume::is_pending()) else { return false };
    let Some(frame) = Frame::current(layout) else { return false };
    let Some(install) = resume::take_pending(frame) else { return false };
    install(frame, vm);
    true
}

/// Runs compiled code from a header, and leaves it at whatever exit it comes to.
fn enter(native: Rc<Native>, mut context: Box<Context>, vm: &VirtualMachine) -> PyResult<bool> {
    let world = ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.world.clone()));
    let Some(world) = world else { return Ok(false) };
    let Some(frame) = Frame::current(world.objects.layout.frame) else { return Ok(false) };
    let state = native.state.clone().expect("a trace that is entered has a header state");
    let dropped = state.take(frame, &world.objects);
    let (depth, unwound) = (context.depth, RefCell::default());
    let activation = Activation { vm, frame, objects: &world.objects, depth, unwound };
    context.frame_slots = frame.locals();
    context.host = std::ptr::from_ref(&activation).cast_mut().cast();
    let context_pointer: *mut Context = &raw mut *context;
    native.entries.set(native.entries.get() + 1);
    let fuel = context.fuel;
    let nested_before = ENGINE.with_borrow_mut(|engine| {
        engine.as_mut().map_or(Duration::ZERO, |engine| std::mem::take(&mut engine.times.nested))
    });
    let began = Instant::now();
    // Iterators that were taken apart: their parts are the trace's now.
    drop(dropped);
    // SAFETY: the context is valid and holds the parameters that the header state has read from this very frame; the
    // layout was checked at start-up; only this thread runs Python code.
    let id = unsafe { native.compiled.enter(context_pointer) };
    let elapsed = began.elapsed();
    let raised = exits::take_exception(context_pointer);
    native.running.set(native.running.get() + elapsed);
    native.back_edges.set(native.back_edges.get() + fuel.saturating_sub(context.fuel).max(0) as u64);
    let result = if id == RETURNED {
        let code = &native.root.0;
        // What can only be entered from here returns objects.
        let ty = native.function.map_or(Some(Ty::Ref), |generation| world.functions.result(code.key(), generation));
        let ty = ty.expect("a function that has returned has a form for its result");
        native.returns.set(native.returns.get() + 1);
        exits::return_from(frame, code, ty, context.result, &world.objects, vm);
        Ok(())
    } else {
        let mut exits: Vec<Level> =
            activation.unwound.take().into_iter().map(|(id, values)| level(id, values)).collect();
        let count = exit_owner(id).map_or(0, |(native, exit)| native.compiled.exits()[exit].values.len());
        exits.push(level(id, context.values[..count].to_vec()));
        leave(exits, raised, frame, &world, vm, false)
    };
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            engine.times.compiled += elapsed.saturating_sub(engine.times.nested);
            engine.times.nested = nested_before + elapsed;
            engine.contexts.push(context);
            engine.ran(&native, elapsed);
            engine.judge(&native);
        }
    });
    result.map(|()| true)
}

/// The exit with an id that compiled code has returned.
fn level(id: u64, values: Vec<u64>) -> Level {
    let (native, exit) = exit_owner(id).expect("compiled code returns ids that it was given");
    Level { native, exit, values }
}

/// Leaves compiled code by the exits that were taken, innermost first. That one counts. `suspends`: see [`Leaving`].
fn leave(
    levels: Vec<Level>,
    raised: Option<PyBaseExceptionRef>,
    frame: Frame,
    world: &World,
    vm: &VirtualMachine,
    suspends: bool,
) -> PyResult<()> {
    let (native, index) = (levels[0].native.clone(), levels[0].exit);
    let record = &native.exits[index];
    record.count.set(record.count.get() + 1);
    record.callers.set(record.callers.get() + levels.len() as u64 - 1);
    let heat = record.count.get() + record.callers.get() / CALLERS_PER_EXIT;
    let is_hot = match record.state.get() {
        ExitState::Counting(threshold) if heat >= threshold => {
            !matches!(native.exit_kind(index), Reason::Fuel | Reason::Raised | Reason::Leave)
                // It waits once; what it has to reach after an abort is more anyway.
                && (heat >= threshold * u64::from(DEFERRED_FACTOR) && !is_importing(frame)
                    || ENGINE.with_borrow(|engine| {
                        engine.as_ref().is_some_and(|engine| {
                            threshold != u64::from(engine.options.threshold_exit) || !engine.is_over_budget(frame)
                        })
                    }))
        }
        _ => false,
    };
    let can_record = is_hot
        && ENGINE.with_borrow(|engine| {
            engine.as_ref().is_some_and(|engine| engine.recorder.is_none() && engine.off.is_none() && !engine.ended)
                && !must_leave(vm)
        });
    let then: Option<resume::Install> =
        if can_record { Some(Box::new(move |frame, vm| start_bridge(native, index, frame, vm))) } else { None };
    exits::leave(Leaving { levels, raised, then, suspends }, frame, &world.objects, vm)
}

/// Begins to record a bridge. The frames of the exit stand as the interpreter needs them; `frame` is the innermost.
fn start_bridge(native: Rc<Native>, exit: usize, frame: Frame, vm: &VirtualMachine) {
    ENGINE.with(|engine| {
        if let Ok(mut engine) = engine.try_borrow_mut()
            && let Some(engine) = engine.as_mut()
        {
            engine.start_bridge(native, exit, frame, vm);
        }
    });
}

/// The monitoring callback.
fn on_instruction(_code: &Py<PyCode>, unit: u32, vm: &VirtualMachine) {
    ENGINE.with(|engine| {
        if let Ok(mut engine) = engine.try_borrow_mut()
            && let Some(engine) = engine.as_mut()
        {
            engine.on_instruction(unit, vm);
        }
    });
}

impl Engine {
    fn exit_owner(&self, id: u64) -> Option<(Rc<Native>, usize)> {
        let at = self.exit_ids.partition_point(|&(first, _)| first <= id).checked_sub(1)?;
        let (first, trace) = self.exit_ids[at];
        Some((self.traces[trace.index()].clone()?, (id - first) as usize))
    }

    fn on_header(&mut self, site: &Py<Site>, vm: &VirtualMachine) -> Action {
        if self.recorder.is_some() || self.ended || !site.can_redirect() {
            return Action::Continue;
        }
        if must_leave(vm) {
            self.switch_off(if vm.state.thread_count.load() > 0 { Reason::Threads } else { Reason::Settrace });
            return Action::Continue;
        }
        self.switch_on();
        let Some(frame) = Frame::current(self.world.objects.layout.frame) else { return Action::Continue };
        if self.ended_in_site == Some((frame, site.after())) {
            // The site's jump was dispatched while it was instrumented, and that form has fixed its target: this pass
            // cannot be redirected, though the code looks as if it could.
            self.ended_in_site = None;
            return Action::Continue;
        }
        let key = site.as_object().get_id();
        if !self.headers.by_site.contains_key(&key) {
            let code = decode(frame.code());
            let Some(info) = code.site(site.unit()).cloned() else { return Action::Continue };
            if site.kind() == SiteKind::Entry && !Engine::can_be_root(frame) {
                if resume::is_pending() {
                    // Another frame of the code, a generator, still has to come by.
                    return Action::Continue;
                }
                site.retire(&code.code);
                self.world.functions.refuse(code.key());
                return Action::Continue;
            }
            self.headers.add(Header::new(info.site, code), site.unit());
        }
        let header = self.headers.by_site.get_mut(&key).expect("just inserted");
        if header.blacklisted {
            return Action::Continue;
        }
        let depth = functions::depth_left(&self.world, vm);
        if depth < if site.kind() == SiteKind::Entry { functions::MIN_DEPTH } else { 0 } {
            if site.kind() == SiteKind::Entry {
                // It would be asked at every call, in vain.
                site.set_count(site.limit() / 2);
            }
            return Action::Continue;
        }
        let mut values = Vec::new();
        for (native, state) in &header.versions {
            if state.read(frame, &self.world.objects, vm, &mut values).is_some() {
                let native = native.clone();
                let mut context = self.contexts.pop().unwrap_or_else(Context::new);
                context.values[..values.len()].copy_from_slice(&values);
                // Not straight into the body: the preheader has not been run.
                context.values[values.len()] = 0;
                context.exception = std::ptr::null_mut();
                context.calls = std::ptr::null();
                context.fuel = i64::from(self.options.fuel);
                context.depth = depth;
                context.forced = self.next_forced();
                return Action::Enter(native, context);
            }
        }
        if !header.versions.is_empty() {
            header.misses += 1;
            if header.is_complete || header.versions.len() >= MAX_VERSIONS || header.misses < 3 {
                return Action::Continue;
            }
            header.misses = 0;
        }
        self.start_loop(key, frame, vm);
        Action::Continue
    }

    /// In stress mode, after how many guards the next activation is made to leave.
    fn next_forced(&mut self) -> i64 {
        if self.options.jit != JitMode::Stress {
            return 0;
        }
        // A linear congruential step (Knuth's MMIX constants), of which the high bits are used.
        self.forced = self.forced.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + ((self.forced >> 33) % 60) as i64
    }

    fn switch_off(&mut self, reason: Reason) {
        if self.off.is_none() {
            self.off = Some(reason);
            self.log.emit(|| events::JitOff { at_micros: self.log.now_micros(), reason, detail: None });
        }
    }

    fn switch_on(&mut self) {
        if self.off.take().is_some() {
            self.log.emit(|| events::JitOn { at_micros: self.log.now_micros() });
        }
    }

    fn next_trace(&mut self) -> TraceId {
        self.traces.push(None);
        TraceId::from_index(self.traces.len() - 1)
    }

    /// The limit of the process that has been reached, if any.
    fn limit(&self) -> Option<Reason> {
        let spent = self.times.recording + self.times.compiling;
        if self.traces.len() > self.options.max_traces as usize {
            Some(Reason::LimitTraces)
        } else if self.code_bytes >> 20 >= u64::from(self.options.code_memory) {
            Some(Reason::LimitCodeMemory)
        } else if spent > Duration::from_secs(self.options.compile_time.into()) {
            Some(Reason::LimitCompileTime)
        } else {
            None
        }
    }

    /// Whether recording and compiling have taken more than their share of the time so far. What is only just hot in
    /// `frame` waits then, so that programs in which little is hot for long do not pay for it.
    fn is_over_budget(&self, frame: Frame) -> bool {
        if self.options.jit != JitMode::On {
            return false;
        }
        let recordings = self.traces.len() as u32;
        let spent = self.times.recording + self.times.compiling + WATCHING * recordings;
        let age = self.began.elapsed();
        spent > age / BUDGET_SHARE_IMPORTING + BUDGET_FREE
            && (spent > age / BUDGET_SHARE + BUDGET_FREE || is_importing(frame))
    }

    fn start_loop(&mut self, key: usize, frame: Frame, vm: &VirtualMachine) {
        if let Some(reason) = self.limit() {
            return self.refuse(key, reason);
        }
        let over_budget = self.is_over_budget(frame);
        let header = &self.headers.by_site[&key];
        let waits = header.site.kind() == SiteKind::Entry
            && header.versions.is_empty()
            && self.had_better_wait(header.waited, frame);
        let header = self.headers.by_site.get_mut(&key).expect("the header was asked");
        if waits {
            header.waited += 1;
            header.site.set_count(0);
            header.site.set_limit(header.site.limit().saturating_mul(functions::WAITING_FACTOR).min(1 << 24));
            return;
        }
        if header.site.kind() == SiteKind::Header
            && let Some(passes) = header.patience.look(frame, self.began.elapsed(), &self.options)
        {
            header.site.set_count(header.site.limit().saturating_sub(passes));
            return;
        }
        // There are many more functions than loops.
        let imports = over_budget && is_importing(frame);
        if imports && !header.versions.is_empty() {
            // There is code for other states. For this one it waits until it is missed again.
            return;
        }
        let may_wait = header.deferred < MAX_DEFERRED || header.site.kind() != SiteKind::Header || imports;
        if over_budget && may_wait && header.versions.is_empty() {
            header.deferred += 1;
            header.site.set_count(0);
            if header.site.kind() == SiteKind::Header {
                header.site.set_limit(header.site.limit().saturating_mul(DEFERRED_FACTOR).min(1 << 24));
            }
            return;
        }
        let header = &self.headers.by_site[&key];
        let code = header.code.clone();
        let unit = header.site.unit();
        let after = header.site.after();
        let is_step = header.site.kind() == SiteKind::Resume;
        let is_function = header.site.kind() != SiteKind::Header;
        let module = frame.locals_are_globals();
        let mut wanted = vec![is_function; frame.local_count()];
        let mut names: Vec<&'static PyStrInterned> = Vec::new();
        let text = code.outermost_loop(unit).filter(|_| !is_function);
        let handlers = text.map(|text| code.handlers_of(text)).unwrap_or_default();
        let handlers = handlers.into_iter().filter_map(|unit| code.instruction_at(unit));
        for op in text.into_iter().flat_map(|text| code.ops_in(text)).chain(handlers) {
            for local in locals_of(op.opcode, op.arg) {
                wanted[local] = true;
            }
            let stores = op.opcode == Opcode::StoreGlobal || (module && op.opcode == Opcode::StoreName);
            if stores {
                let name = code.code.code.names[op.arg as usize];
                if !names.iter().any(|known| std::ptr::eq(*known, name)) {
                    names.push(name);
                }
            }
        }
        let boxed = &header.boxed;
        let known = &self.world.known;
        let mut state = HeaderState::of_frame(
            frame,
            &names,
            |n| wanted[n],
            |slot| boxed.contains(&slot),
            |code| known.is_no_inline(code.as_object()),
            !is_step,
            &self.world.objects,
            vm,
        );
        if is_step && unit > 0 && let Some(slot) = state.stack.last_mut() {
            // What is sent: None, nearly always.
            let sent = frame.stack(frame.stack_depth() - 1);
            let is_none = sent.is_some_and(|sent| vm.is_none(sent));
            *slot = if is_none { SlotState::Object(self.world.objects.none) } else { SlotState::Boxed };
        }
        let id = self.next_trace();
        let place = span(&code, after);
        let log = self.log;
        log.emit(|| events::TraceStarted {
            at_micros: log.now_micros(),
            trace: id.0,
            kind: if is_function { TraceKind::Function } else { TraceKind::Loop },
            place: place.clone(),
            from: None,
        });
        let monitor = match Monitor::start(on_instruction, vm) {
            Ok(monitor) => monitor,
            Err(_) => return self.give_up_header(key, &Abort::new(Reason::UserTracingActive)),
        };
        let mut recorder =
            Recorder::at_header(id, frame, code, (unit, after), state, self.world.clone(), monitor, decode);
        if recorder.trace.params.len() > MAX_PARAMS {
            recorder.stop(vm);
            return self.give_up_header(key, &Abort::new(Reason::TooManyValues));
        }
        if is_step {
            recorder.begin_step();
        }
        match recorder.watch_all(vm) {
            Ok(()) => self.recorder = Some(Box::new(recorder)),
            Err(abort) => {
                recorder.stop(vm);
                self.give_up_header(key, &abort);
            }
        }
    }

    fn start_bridge(&mut self, native: Rc<Native>, exit: usize, innermost: Frame, vm: &VirtualMachine) {
        if let Some(reason) = self.limit() {
            native.exits[exit].aborts.set(MAX_EXIT_ABORTS);
            return self.give_up_exit(&native, exit, &Abort::new(reason));
        }
        if native.function.is_some_and(|generation| generation != self.world.functions.generation(native.root.0.key()))
        {
            return native.exits[exit].state.set(ExitState::Dead);
        }
        let snapshot = native.compiled.exits()[exit].snapshot;
        let mut frames = Vec::new();
        let mut at = Some(innermost);
        for state in native.trace.snapshot(snapshot).frames.iter().rev() {
            let Some(frame) = at else { return };
            frames.push((frame, native.codes[state.place.code.index()].clone()));
            at = frame.caller();
        }
        frames.reverse();
        let id = self.next_trace();
        let log = self.log;
        let place = self.exit_span(&native, exit);
        let from = ExitRef { trace: native.id.0, exit: exit as u32 };
        log.emit(|| events::ExitHot {
            at_micros: log.now_micros(),
            from,
            kind: native.exit_kind(exit),
            place: place.clone(),
            count: native.exits[exit].count.get(),
        });
        log.emit(|| events::TraceStarted {
            at_micros: log.now_micros(),
            trace: id.0,
            kind: TraceKind::Bridge,
            place,
            from: Some(from),
        });
        let Ok(monitor) = Monitor::start(on_instruction, vm) else { return };
        let for_type = matches!(native.exit_kind(exit), Reason::GuardClass | Reason::NotASmallInt | Reason::Overflow);
        let start = Start::Bridge { from: (native.id, exit), root: native.root.clone(), carried: None, for_type };
        let values: Vec<ValueId> = native.compiled.exits()[exit].values.to_vec();
        let mut recorder = Recorder::at_exit(
            id,
            start,
            (&native.trace, &values, snapshot, native.compiled.exits()[exit].inst),
            frames,
            native.carrier.is_some() && !native.trace.is_in_preheader(native.compiled.exits()[exit].inst),
            |address| native.names.get(&address).copied(),
            self.world.clone(),
            monitor,
            decode,
        );
        recorder.function = native.function;
        recorder.is_step = native.is_step;
        match recorder.watch_all(vm) {
            Ok(()) => self.recorder = Some(Box::new(recorder)),
            Err(abort) => {
                recorder.stop(vm);
                self.give_up_exit(&native, exit, &abort);
            }
        }
    }

    fn on_instruction(&mut self, unit: u32, vm: &VirtualMachine) {
        let (Some(mut recorder), Some(frame)) = (self.recorder.take(), Frame::current(self.world.objects.layout.frame))
        else {
            return;
        };
        let flow = if must_leave_recording(vm) {
            let threads = vm.state.thread_count.load() > 0;
            Err(Abort::new(if threads { Reason::SeveralThreads } else { Reason::UserTracingActive }))
        } else {
            recorder.step(frame, unit, &self.headers, vm)
        };
        let flow = match flow {
            Ok(Flow::Join(arrival)) => {
                let (joined, flow) = self.join(recorder, arrival, vm);
                recorder = joined;
                flow
            }
            flow => flow,
        };
        if !matches!(flow, Ok(Flow::Continue)) {
            self.ended_in_site = decode(frame.code()).site_around(unit).map(|after| (frame, after));
        }
        match flow {
            Ok(Flow::Continue | Flow::Join(_)) => self.recorder = Some(recorder),
            Ok(Flow::Done) => {
                recorder.stop(vm);
                self.times.recording += recorder.began.elapsed();
                self.complete(recorder);
            }
            Ok(Flow::InnerFirst(code, header)) => {
                recorder.stop(vm);
                let abort = Abort::new(Reason::InnerLoopNotCompiled);
                self.log_abort(&recorder, &abort);
                if let Some(info) = code.header(header).cloned() {
                    info.site.set_count(info.site.limit());
                    let inner = self.headers.add(Header::new(info.site, code), header);
                    inner.patience.end();
                    inner.put_first += 1;
                }
                // The outer header gets its turn when the inner one has had time to be compiled.
                if let Start::Loop { header, .. } = recorder.start
                    && let Some(key) = self.header_key(&recorder.frames[0].code, header)
                {
                    let header = &self.headers.by_site[&key];
                    header.site.set_count(header.site.limit().saturating_sub(3));
                }
            }
            Ok(Flow::StateChanged(differing)) => {
                recorder.stop(vm);
                let abort = Abort::with(Reason::HeaderStateChanged, format!("slots {differing:?}"));
                self.log_abort(&recorder, &abort);
                self.state_changed(&recorder, &differing);
            }
            Err(abort) => {
                recorder.stop(vm);
                self.times.recording += recorder.began.elapsed();
                self.abort(recorder, &abort);
            }
        }
    }

    fn header_key(&self, code: &Rc<Decoded>, header: u32) -> Option<usize> {
        self.headers.by_place.get(&(code.key(), header)).copied()
    }

    /// The state at a header was another one when it came round: after a few times, the slots that differ are boxed.
    fn state_changed(&mut self, recorder: &Recorder, differing: &[usize]) {
        let Start::Loop { header, state } = &recorder.start else { return };
        let Some(key) = self.header_key(&recorder.frames[0].code, *header) else { return };
        let slots = state.locals.len() + state.stack.len();
        let entry = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        entry.changes += 1;
        if entry.changes > 2 {
            let scalar = |slot: usize| {
                let state = state.locals.iter().chain(&state.stack).nth(slot);
                state.is_some_and(|state| !matches!(state, SlotState::Kept | SlotState::Empty))
            };
            let new: Vec<usize> =
                differing.iter().copied().filter(|&n| n < slots && scalar(n) && !entry.boxed.contains(&n)).collect();
            if new.is_empty() {
                self.give_up_header(key, &Abort::new(Reason::HeaderStateChanged));
            } else {
                entry.boxed.extend(new);
            }
        }
    }

    fn abort(&mut self, mut recorder: Box<Recorder>, abort: &Abort) {
        self.log_abort(&recorder, abort);
        let settled = self.settle(&mut recorder) || recorder.is_again;
        if let [_, .., inner] = &recorder.frames[..]
            && !settled
            && !matches!(
                abort.reason,
                Reason::SeveralThreads
                    | Reason::UserTracingActive
                    | Reason::TraceTooLong
                    | Reason::ExceptionInRecording
            )
        {
            // What could not be recorded was inside an inlined function: next time it is called instead.
            self.world.known.set_no_inline(inner.code.code.as_object());
        }
        match &recorder.start {
            Start::Loop { header, .. } => {
                if let Some(key) = self.header_key(&recorder.frames[0].code, *header) {
                    self.give_up_header(key, abort);
                }
            }
            Start::Bridge { from: (trace, exit), .. } => {
                if let Some(native) = self.traces[trace.index()].clone() {
                    if settled {
                        let record = &native.exits[*exit];
                        record.state.set(ExitState::Counting(record.count.get() + 2));
                    } else {
                        self.give_up_exit(&native, *exit, abort);
                    }
                }
            }
            Start::Join { .. } => {}
        }
        // Without what they jump to, the recordings before it are of no use.
        for waiting in recorder.waiting {
            self.abort(waiting, &Abort::with(abort.reason, "what it goes on with was aborted"));
        }
    }

    fn log_abort(&mut self, recorder: &Recorder, abort: &Abort) {
        let (code, unit) = recorder.place();
        self.log.emit(|| events::TraceAborted {
            at_micros: self.log.now_micros(),
            trace: recorder.trace.id.0,
            reason: abort.reason,
            detail: abort.detail.clone(),
            place: span(&code, unit),
            bytecode: code.instruction_at(unit).map(|op| format!("{:?} {}", op.opcode, op.arg)),
            recording_micros: recorder.began.elapsed().as_micros() as u64,
        });
    }

    /// Compiled code that is left after a few iterations nearly every time takes longer to enter and leave than the
    /// iterations take in the interpreter. Its header is only asked now and then: a long run of the loop still gets in.
    fn judge(&mut self, native: &Native) {
        if native.root.0.header(native.root.1).is_none() {
            return self.judge_function(native);
        }
        let entries = native.entries.get();
        if entries < JUDGED_AFTER || self.options.jit == JitMode::Stress {
            return;
        }
        let Some(key) = self.header_key(&native.root.0, native.root.1) else { return };
        let Some(header) = self.headers.by_site.get_mut(&key) else { return };
        if entries.is_multiple_of(JUDGED_AFTER) {
            let spent = native.running.take();
            let is_short = native.back_edges.take() < MIN_BACK_EDGES * JUDGED_AFTER
                && spent < functions::WORTH * JUDGED_AFTER as u32;
            let before = std::mem::replace(&mut header.is_short, is_short);
            if header.is_short && !before {
                let log = self.log;
                let place = span(&header.code, header.site.after());
                log.emit(|| events::Blacklisted {
                    at_micros: log.now_micros(),
                    place,
                    from: None,
                    reason: Reason::ShortLoop,
                    times: 0,
                    retry_after: Some(SHORT_STRIDE.into()),
                });
            }
        }
        if header.is_short {
            header.site.set_count(header.site.limit().saturating_sub(SHORT_STRIDE));
        }
    }

    /// A recording of a header was aborted: it is tried again later, and some day not any more.
    fn give_up_header(&mut self, key: usize, abort: &Abort) {
        let header = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        header.aborts += 1;
        if !header.versions.is_empty() {
            // There is code for other states, which has to be found at every pass. There will be none for this one.
            header.is_complete |= header.aborts >= MAX_ABORTS / 2;
            return;
        }
        // Leaving the loop is no fault of the loop.
        let mild = matches!(
            abort.reason,
            Reason::LeftTheLoop
                | Reason::ExceptionInRecording
                | Reason::OpaqueCallInInlinedFrame
                | Reason::FunctionNotCompiled
                | Reason::ArgumentsChanged
                | Reason::ResultChanged
        );
        if mild && header.aborts < 4 * MAX_ABORTS {
            let limit = header.site.limit();
            header.site.set_count(limit.saturating_sub(limit / 8 + 1));
            return;
        }
        if header.aborts < MAX_ABORTS {
            header.site.set_count(0);
            header.site.set_limit(header.site.limit().saturating_mul(2).min(1 << 24));
            return;
        }
        self.refuse(key, abort.reason);
    }

    fn refuse(&mut self, key: usize, reason: Reason) {
        let log = self.log;
        let header = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        if !header.versions.is_empty() {
            header.is_complete = true;
            return;
        }
        header.blacklisted = true;
        if header.site.kind() == SiteKind::Entry {
            header.site.retire(&header.code.code);
            self.world.functions.refuse(header.code.key());
        } else {
            header.site.disable(&header.code.code);
        }
        let place = span(&header.code, header.site.after());
        let times = header.aborts;
        log.emit(|| events::Blacklisted {
            at_micros: log.now_micros(),
            place,
            from: None,
            reason,
            times,
            retry_after: None,
        });
    }

    fn give_up_exit(&mut self, native: &Native, exit: usize, abort: &Abort) {
        let record = &native.exits[exit];
        record.aborts.set(record.aborts.get() + 1);
        if record.aborts.get() < MAX_EXIT_ABORTS {
            record.state.set(ExitState::Counting(record.count.get() + u64::from(self.options.threshold_exit) * 4));
            return;
        }
        record.state.set(ExitState::Dead);
        let log = self.log;
        let place = self.exit_span(native, exit);
        log.emit(|| events::Blacklisted {
            at_micros: log.now_micros(),
            place,
            from: Some(ExitRef { trace: native.id.0, exit: exit as u32 }),
            reason: abort.reason,
            times: record.aborts.get(),
            retry_after: None,
        });
    }

    fn exit_span(&self, native: &Native, exit: usize) -> SourceSpan {
        snapshot_span(&native.trace, &native.codes, native.compiled.exits()[exit].snapshot)
    }

    fn log_totals(&mut self) {
        let total = self.began.elapsed();
        let spent = self.times.recording + self.times.compiling + self.times.compiled;
        let micros = |duration: Duration| duration.as_micros() as u64;
        let natives = || self.traces.iter().flatten();
        let mut exits = Vec::new();
        for native in natives() {
            for (n, record) in native.exits.iter().enumerate() {
                if record.count.get() > 0 {
                    exits.push(events::ExitTotals {
                        from: ExitRef { trace: native.id.0, exit: n as u32 },
                        kind: native.exit_kind(n),
                        place: self.exit_span(native, n),
                        count: record.count.get(),
                    });
                }
            }
        }
        let totals = events::Totals {
            times: events::Times {
                interpreter_micros: micros(total.saturating_sub(spent)),
                recording_micros: micros(self.times.recording),
                compiling_micros: micros(self.times.compiling),
                compiled_micros: micros(self.times.compiled),
            },
            traces: natives().count() as u32,
            bridges: self.bridges,
            code_bytes: self.code_bytes,
            entries: natives().map(|native| native.entries.get()).sum(),
            per_trace: natives()
                .map(|native| events::TraceTotals {
                    trace: native.id.0,
                    entries: native.entries.get(),
                    compiled_micros: native.state.is_some().then(|| micros(native.spent.get())),
                })
                .collect(),
            exits,
        };
        self.log.emit(|| totals);
    }
}

/// Whether a module is being imported. What is hot then is not for long.
fn is_importing(frame: Frame) -> bool {
    std::iter::successors(Some(frame), |frame| frame.caller())
        .any(|frame| frame.code().source_path().as_str() == "<frozen importlib._bootstrap>")
}

/// The types of what a trace's body can be entered with besides its parameters.
fn hoisted(traces: &[Option<Rc<Native>>], id: TraceId) -> Option<Vec<Ty>> {
    compile::hoisted_types(&traces.get(id.index())?.as_ref()?.trace)
}

/// Like [`must_leave`], while our own monitoring is on.
fn must_leave_recording(vm: &VirtualMachine) -> bool {
    vm.state.thread_count.load() > 0 || vm.use_tracing.get()
}

/// The fast locals that an instruction mentions.
fn locals_of(opcode: Opcode, arg: u32) -> Vec<usize> {
    match opcode {
        Opcode::LoadFast
        | Opcode::LoadFastBorrow
        | Opcode::LoadFastCheck
        | Opcode::LoadFastAndClear
        | Opcode::StoreFast
        | Opcode::DeleteFast
        | Opcode::LoadDeref
        | Opcode::StoreDeref => vec![arg as usize],
        Opcode::LoadFastLoadFast
        | Opcode::LoadFastBorrowLoadFastBorrow
        | Opcode::StoreFastLoadFast
        | Opcode::StoreFastStoreFast => vec![(arg >> 4) as usize, (arg & 15) as usize],
        _ => Vec::new(),
    }
}

/// The source position of a code unit.
pub(crate) fn span(code: &Decoded, unit: u32) -> SourceSpan {
    let object = &code.code;
    let location = object.code.locations.get(unit as usize);
    let (line, column, end_line, end_column) = location.map_or((0, 0, 0, 0), |(from, to)| {
        (
            from.line.get() as u32,
            from.character_offset.get() as u32,
            to.line.get() as u32,
            to.character_offset.get() as u32,
        )
    });
    SourceSpan {
        file: object.source_path().to_string(),
        function: object.code.qualname.to_string(),
        line,
        column,
        end_line,
        end_column,
    }
}

fn snapshot_span(trace: &Trace, codes: &[Rc<Decoded>], snapshot: SnapshotId) -> SourceSpan {
    let place = trace.snapshot(snapshot).place();
    span(&codes[place.code.index()], place.unit)
}
