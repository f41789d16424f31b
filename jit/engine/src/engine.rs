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
//! | file | what |
//! |---|---|
//! | `entering` | what happens at a site: entering compiled code, and leaving it |
//! | `headers` | headers: their versions, and when they are given up |
//! | `patience` | for how long a hot header is looked at before it is recorded |
//! | `recording` | recordings: when they begin, what comes of each instruction, aborts |
//! | `megamorphic` | when a bridge takes objects of any class |
//! | `joins`, `compile`, `regions` | finished recordings: cut at joins, compiled, compiled together |
//! | `lane`, `beside` | the threads on which code is generated |
//! | `functions` | functions as roots |
//! | `callbacks` | compiled functions that native code calls |
//! | `iterators` | `zip`, `enumerate` and `map` as natives step them |
//! | `log`, `samples` | what the log is told, and how it is known where compiled code spends its time |
//!
//! One thread has an engine: the one that installed it. While other threads run Python code, or a tracer is active, sites
//! answer no, and compiled code leaves at its next poll.

mod beside;
mod callbacks;
mod collector;
mod compile;
mod entering;
mod functions;
mod headers;
pub(crate) mod iterators;
mod joins;
mod lane;
mod log;
mod megamorphic;
mod patience;
mod recording;
mod regions;
mod samples;
mod steps;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{AsObject, Py, VirtualMachine, builtins::PyCode};
use tjit_codegen::{CompileError, Compiler, Context, RETURNED};
use tjit_events::{self as events, Log, Reason};
use tjit_ir::TraceId;
use tjit_vm::feeder;
use tjit_vm::frames::Frame;
use tjit_vm::instrument;
use tjit_vm::options::{Bridges, JitMode, JitOptions};
use tjit_vm::resume;

pub(crate) use collector::is_due;
pub(crate) use functions::has_room;
pub(crate) use log::span;
pub(crate) use steps::{Hidden, Suspends, Suspension, in_sight, resume_from, send};

use crate::clock;
use crate::decode::{CodeKey, Decoded};
use crate::exits;
use crate::native::Native;
use crate::objects::Objects;
use crate::recorder::{Abort, Recorder, World};

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
    static DECODED: RefCell<FxHashMap<CodeKey, Rc<Decoded>>> = RefCell::default();
}

#[derive(Default)]
struct Times {
    recording: Duration,
    /// While the program waited.
    compiling: Duration,
    /// Generating code on other threads, while the program went on.
    beside: Duration,
}

impl Times {
    /// Adds time for generating code, on another thread or on the program's.
    fn add_generating(&mut self, took: Duration, is_apart: bool) {
        *(if is_apart { &mut self.beside } else { &mut self.compiling }) += took;
    }
}

struct Engine {
    options: JitOptions,
    passes: tjit_opt::Options,
    world: Rc<World>,
    /// For traces: fast, as most are not run for long.
    generator: lane::Lane<compile::Job, Result<Vec<compile::Generated>, CompileError>>,
    /// The chains for which it is generating code.
    pending: VecDeque<Vec<compile::Prepared>>,
    /// For regions, which are worth more time.
    region_generator: lane::Lane<regions::Job, regions::Generated>,
    /// The region for which it is generating code.
    region: Option<regions::Awaited>,
    log: &'static Log,
    /// Where there is a log.
    sampler: Option<samples::Sampler>,
    headers: headers::HeaderTable,
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
    /// Calls by native code that were made without a frame.
    callbacks: u32,
    /// Of them, those that have not returned.
    callbacks_under_way: u32,
    /// The parameters of the last of those.
    values: Vec<u64>,
    /// When the older generations are collected.
    collector: collector::Collector,
    off: Option<Reason>,
    ended: bool,
    began: Instant,
    times: Times,
    forced: u64,
    code_bytes: u64,
    bridges: u32,
}

/// The decoded form of a code object.
pub(crate) fn decode(code: &Py<PyCode>) -> Rc<Decoded> {
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

/// What the engine knows. `None`: it is off or at work.
pub(crate) fn world() -> Option<Rc<World>> {
    ENGINE.with(|engine| Some(engine.try_borrow().ok()?.as_ref()?.world.clone()))
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
    let watch = log.is_listening().then(|| &*Box::leak(Box::<AtomicU32>::default()));
    let compiler = move |fast_regalloc: bool, optimize: bool| {
        Compiler::new(codegen_layout, tjit_codegen::Options { fast_regalloc, optimize, watch, ..Default::default() })
    };
    // What one of them can do here, the others can.
    compiler(true, false).map_err(|error| off(Reason::UnsupportedArchitecture, error.to_string()))?;
    let for_traces = move || compiler(true, false).expect("there was one");
    let for_regions = move || {
        let careful = |optimize| compiler(false, optimize).expect("there was one");
        [for_traces(), careful(false), careful(true)]
    };
    let generator = lane::Lane::new(
        "tjit traces",
        Arc::new(move || {
            let mut compiler = for_traces();
            Box::new(move |job| compile::generate(&mut compiler, job))
        }),
        options,
    );
    let region_generator = lane::Lane::new(
        "tjit regions",
        Arc::new(move || {
            let mut compilers = for_regions();
            Box::new(move |job| regions::generate(&mut compilers, &job))
        }),
        options,
    );
    let passes = crate::pass_options(options)?;
    resume::init();
    feeder::init();
    let installed = tjit_vm::callers::install(vm, exits::reveal, layout.frame)
        .and_then(|()| tjit_vm::callbacks::install(vm, callbacks::run))
        .and_then(|()| tjit_vm::generators::install(vm, steps::resume))
        .and_then(|()| tjit_vm::async_generators::install(vm, layout.async_generator, steps::resume))
        .and_then(|()| tjit_vm::sums::install(vm))
        .and_then(|()| tjit_vm::ordering::install(vm))
        .and_then(|()| tjit_vm::renames::install(vm))
        .and_then(|()| tjit_vm::tallies::install(vm))
        .and_then(|()| tjit_vm::garbage::install(vm, crate::husks::give_up))
        .and_then(|()| tjit_vm::bases::Bases::install(vm));
    let bases = installed.map_err(|error| {
        let text = error.as_object().str(vm).map_or_else(|_| String::new(), |text| text.to_string());
        off(Reason::LayoutMismatch, text)
    })?;
    let generations = layout.generations;
    let world = World {
        objects: Objects::new(layout, vm),
        functions: crate::functions::Functions::default(),
        known: crate::known::Known::new(bases, vm),
        trace_limit: options.trace_limit as usize,
        inline_depth: options.inline_depth as usize,
        slots: RefCell::default(),
        templates: RefCell::default(),
        leaves: RefCell::default(),
        multiplying: RefCell::default(),
        unfed: RefCell::default(),
        makers: RefCell::default(),
        lookers: RefCell::default(),
        versions: RefCell::default(),
        bodies: RefCell::default(),
        merges: options.bridges == Bridges::Merge,
        stress: options.jit == JitMode::Stress,
    };
    if options.log.is_some() || options.report {
        clock::time_calls();
    }
    ENGINE.set(Some(Engine {
        options: options.clone(),
        passes,
        world: Rc::new(world),
        generator,
        pending: VecDeque::new(),
        region_generator,
        region: None,
        log,
        sampler: watch.map(samples::Sampler::new),
        headers: headers::HeaderTable::default(),
        traces: Vec::new(),
        exit_ids: Vec::new(),
        // No exit has the id of a return.
        next_exit: RETURNED + 1,
        recorder: None,
        joins: joins::JoinTable::default(),
        steps: steps::Steps::default(),
        ended_in_site: None,
        contexts: Vec::new(),
        callbacks: 0,
        callbacks_under_way: 0,
        values: Vec::new(),
        collector: collector::Collector::new(generations),
        off: None,
        ended: false,
        began: Instant::now(),
        times: Times::default(),
        forced: options.stress_seed,
        code_bytes: 0,
        bridges: 0,
    }));
    ENGINE.with_borrow(|engine| {
        if let Some(engine) = engine {
            iterators::install(&engine.world.objects, vm);
        }
    });
    let stress = options.jit == JitMode::Stress;
    let sites = instrument::Options {
        loop_limit: if stress { 2 } else { options.threshold_loop },
        entry_limit: if stress { 2 } else { options.threshold_function },
        entries: true,
        all_entries: true,
    };
    // A process that forks has to be alone with itself.
    let before_fork = vm.new_function("before_fork", || {
        ENGINE.with(|engine| {
            if let Ok(mut engine) = engine.try_borrow_mut()
                && let Some(engine) = engine.as_mut()
            {
                engine.rest();
            }
        });
    });
    vm.state.before_forkers.lock().push(before_fork.into());
    instrument::install(vm, Box::new(entering::Hook), sites)
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
        for prepared in std::mem::take(&mut engine.pending).into_iter().flatten() {
            engine.log_abort(prepared.recorder(), &Abort::new(Reason::ProgramEnded));
            std::mem::forget(prepared);
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

impl Engine {
    fn exit_owner(&self, id: u64) -> Option<(Rc<Native>, usize)> {
        let at = self.exit_ids.partition_point(|&(first, _)| first <= id).checked_sub(1)?;
        let (first, trace) = self.exit_ids[at];
        Some((self.traces[trace.index()].clone()?, (id - first) as usize))
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

    /// Ends the threads on which code is generated, until there is more to do. What they have done is connected.
    fn rest(&mut self) {
        for result in self.generator.rest() {
            self.connect_all(result);
        }
        for generated in self.region_generator.rest() {
            self.connect_region(generated);
        }
        if let Some(sampler) = &mut self.sampler {
            sampler.rest();
        }
    }

    fn next_trace(&mut self) -> TraceId {
        self.traces.push(None);
        TraceId::from_index(self.traces.len() - 1)
    }
}
