//! From recordings to compiled traces: optimising, generating code, connecting.
//!
//! A recording that was cut comes as a chain: each ends in a jump to the next. A later one may also jump back to an earlier
//! one, a loop around it, so all are optimised before code is generated for any, and all are connected or none.
//!
//! Code is generated beside the program (see [`lane`](super::lane)). What is recorded meanwhile should be able to go on in it:
//! bridges can, as join traces are known from here on, but roots wait.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use tjit_codegen::{CompileError, Compiled, Compiler, Env, Target};
use tjit_events::{self as events, ExitRef, Reason, TraceKind};
use tjit_ir::{End, Imm, Mem, Op, Trace, TraceId, Ty, ValueId};
use tjit_opt::PassReport;
use tjit_vm::options::{DumpStage, JitMode};

use super::{Engine, span};
use crate::native::{CallbackRecord, ExitRecord, ExitState, Native, RegionRecord};
use crate::recorder::{Abort, Recorder, Start};

/// Chains whose code is being generated, at most, while more is recorded.
const MAX_UNDER_WAY: usize = 4;

/// How much hotter an exit at the end of a trace has to be: what could not go on there may be able to later.
const LEAVE_FACTOR: u64 = 4;

/// A recording whose trace has been optimised.
pub(super) struct Prepared {
    recorder: Box<Recorder>,
    /// The types of what the trace's body can be entered with besides its parameters.
    hoisted: Option<Vec<Ty>>,
    /// The loop whose preheader's results its exits carry.
    carrier: Option<TraceId>,
    ops_before: usize,
    recording: Duration,
    optimising: Duration,
    reports: Vec<PassReport>,
}

/// What code is to be generated for: nothing of it belongs to the engine's thread.
pub(super) struct Job {
    /// The traces of a chain, with the ids of their first exits.
    traces: Vec<(Trace, u64)>,
    /// For a bridge, what its exit has borrowed ([`Exit::borrowed`](tjit_codegen::Exit)).
    by_exit: Option<Arc<[usize]>>,
    links: Links,
    stress: bool,
    dump: bool,
}

/// The traces that others end in: where the address of their code is, as a region may come in its place, and the types of the
/// values that their bodies can be entered with besides their parameters.
pub(super) type Links = FxHashMap<TraceId, Link>;

type Link = (Option<Target>, Option<Vec<Ty>>);

/// What has come of a trace.
pub(super) struct Generated {
    trace: Trace,
    compiled: Compiled,
    first_exit: u64,
    took: Duration,
}

/// Generates code for the traces of a chain, or for none of them.
///
/// # Errors
/// See [`CompileError`].
pub(super) fn generate(compiler: &mut Compiler, job: Job) -> Result<Vec<Generated>, CompileError> {
    let Job { traces, by_exit, links, stress, dump } = job;
    let mut generated = Vec::with_capacity(traces.len());
    for (trace, first_exit) in traces {
        let by_exit = by_exit.as_deref().filter(|_| generated.is_empty());
        let began = Instant::now();
        let env = Env {
            target: &|id| links.get(&id)?.0,
            hoisted: &|id| links.get(&id)?.1.clone(),
            first_exit,
            by_exit,
            stress,
            dump,
            limits: Default::default(),
        };
        let compiled = compiler.compile(&trace, &env)?;
        generated.push(Generated { trace, compiled, first_exit, took: began.elapsed() });
    }
    Ok(generated)
}

impl Prepared {
    /// The recording.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }
}

impl Engine {
    /// How traces end in one that has code.
    pub(super) fn link_to(&self, native: &Native) -> Link {
        (Some(Target::At(self.world.functions.word(native.id))), hoisted_types(&native.trace))
    }

    /// Whether no root can be recorded now: something is, or its code is being generated.
    pub(super) fn is_busy(&self) -> bool {
        self.recorder.is_some() || self.generator.under_way() > 0
    }

    /// Whether no bridge can be recorded now.
    pub(super) fn is_full(&self) -> bool {
        self.recorder.is_some() || self.generator.under_way() >= MAX_UNDER_WAY
    }

    /// A recording is complete, and with it those that were cut and lead to it.
    pub(super) fn complete(&mut self, mut recorder: Box<Recorder>) {
        let mut chain = std::mem::take(&mut recorder.waiting);
        chain.push(recorder);
        let mut prepared: Vec<Prepared> = Vec::with_capacity(chain.len());
        let mut traces = Vec::with_capacity(chain.len());
        let mut chain = chain.into_iter();
        while let Some(recorder) = chain.next() {
            match self.prepare(recorder, prepared.is_empty()) {
                Ok((one, trace)) => {
                    let first_exit = self.next_exit;
                    self.next_exit += trace.exit_count() as u64;
                    traces.push((trace, first_exit));
                    prepared.push(one);
                }
                Err((recorder, abort)) => {
                    let others = prepared.into_iter().map(|prepared| prepared.recorder);
                    return self.abort_chain(others.chain([recorder]).chain(chain).collect(), &abort);
                }
            }
        }
        let of_chain = |id: TraceId| traces.iter().map(|(trace, _)| trace).find(|trace| trace.id == id);
        let mut links = Links::default();
        for (trace, _) in &traces {
            let End::Jump(id, _) = trace.end else { continue };
            let there = || Some(Target::At(self.world.functions.word(id)));
            let link = if let Some(trace) = of_chain(id) {
                (there(), hoisted_types(trace))
            } else if let Some(native) = self.traces.get(id.index()).and_then(Option::as_ref) {
                self.link_to(native)
            } else {
                // It will be there before this, or this will not be either.
                let pending = self.pending.iter().flatten().find(|pending| pending.recorder.trace.id == id);
                pending.map_or((None, None), |pending| (there(), pending.hoisted.clone()))
            };
            links.insert(id, link);
        }
        let dumps = |(trace, _): &(Trace, u64)| {
            self.options.dumps(DumpStage::Clif, trace.id.0) || self.options.dumps(DumpStage::Asm, trace.id.0)
        };
        let by_exit = prepared.first().and_then(|first| match first.recorder.start {
            Start::Bridge { from: (from, exit), .. } => {
                let source = self.traces[from.index()].as_ref().expect("a trace that was left has code");
                Some(source.compiled.exits()[exit].borrowed.clone())
            }
            _ => None,
        });
        let (dump, stress) = (traces.iter().any(dumps), self.options.jit == JitMode::Stress);
        for prepared in &prepared {
            match &prepared.recorder.start {
                Start::Join { place, state, .. } => {
                    self.joins.add(place.clone(), prepared.recorder.trace.id, state.clone());
                }
                Start::Bridge { from: (from, exit), .. } => {
                    if let Some(source) = &self.traces[from.index()] {
                        source.exits[*exit].state.set(ExitState::Promised);
                    }
                }
                Start::Loop { .. } => {}
            }
        }
        self.pending.push_back(prepared);
        if let Some(result) = self.generator.give(Job { traces, by_exit, links, stress, dump }) {
            self.connect_all(result);
        }
    }

    /// Connects what has been generated meanwhile.
    pub(super) fn collect(&mut self) {
        while let Some(result) = self.generator.take() {
            self.connect_all(result);
        }
    }

    /// What has come of the chain that has been pending for longest.
    pub(super) fn connect_all(&mut self, result: Result<Vec<Generated>, CompileError>) {
        let prepared = self.pending.pop_front().unwrap_or_default();
        let of_chain = |id: TraceId| prepared.iter().any(|prepared| prepared.recorder.trace.id == id);
        let is_there = |id: TraceId| of_chain(id) || self.traces[id.index()].is_some();
        let links = |generated: &Generated| match generated.trace.end {
            End::Jump(id, _) => is_there(id),
            _ => true,
        };
        let generated = match result {
            Ok(generated) if generated.iter().all(links) => generated,
            failed => {
                let detail = failed.map_or_else(|error| error.to_string(), |_| "what it goes on in was not".to_owned());
                let abort = Abort::with(Reason::CompileFailed, detail);
                for prepared in &prepared {
                    if let Start::Join { place, .. } = &prepared.recorder.start {
                        self.joins.remove(place, prepared.recorder.trace.id);
                    }
                }
                return self.abort_chain(prepared.into_iter().map(|prepared| prepared.recorder).collect(), &abort);
            }
        };
        // From the last, so that what is entered or attached leads only to what is there.
        for (prepared, generated) in prepared.into_iter().zip(generated).rev() {
            self.connect(prepared, generated);
        }
    }

    #[allow(clippy::vec_box, reason = "recorders wait in boxes")]
    fn abort_chain(&mut self, chain: Vec<Box<Recorder>>, abort: &Abort) {
        for recorder in chain {
            self.abort(recorder, &Abort { reason: abort.reason, detail: abort.detail.clone() });
        }
    }

    /// Optimises a trace, which may be the first of its chain.
    fn prepare(
        &mut self,
        mut recorder: Box<Recorder>,
        is_first: bool,
    ) -> Result<(Prepared, Trace), (Box<Recorder>, Abort)> {
        let recording = recorder.began.elapsed();
        let began = Instant::now();
        let id = recorder.trace.id;
        if self.options.dumps(DumpStage::Ir, id.0) {
            eprintln!("; recorded\n{}", recorder.trace);
        }
        if let Err(error) = recorder.trace.verify() {
            let abort = Abort::with(Reason::InvalidTrace, error.to_string());
            return Err((recorder, abort));
        }
        let ops_before = recorder.trace.schedule().count();
        let mut recorded = std::mem::replace(&mut recorder.trace, Trace::new(id));
        let carried = if is_first { self.link_to_body(&recorder.start, &mut recorded) } else { None };
        let (mut trace, reports) = tjit_opt::optimize(recorded, &self.passes);
        let carrier = match (&trace.end, carried) {
            (End::Loop(_), _) => {
                trace.carried = carried_by_loop(&trace);
                trace.direct = !trace.preheader.is_empty();
                trace.direct.then_some(id)
            }
            (_, Some((carrier, params))) => {
                trace.carried = params.into_iter().map(|param| trace.params[param]).collect();
                Some(carrier)
            }
            (_, None) => None,
        };
        let optimising = began.elapsed();
        self.times.compiling += optimising;
        if self.options.dumps(DumpStage::Opt, id.0) {
            eprintln!("; optimised\n{trace}");
        }
        let hoisted = hoisted_types(&trace);
        Ok((Prepared { recorder, hoisted, carrier, ops_before, recording, optimising, reports }, trace))
    }

    /// Enters a trace into the tables, and where it is to be reached from.
    fn connect(&mut self, prepared: Prepared, generated: Generated) {
        let Prepared { mut recorder, .. } = prepared;
        let Generated { trace, compiled, first_exit, took: generating } = generated;
        let id = trace.id;
        self.times.add_generating(generating, self.generator.is_apart());
        if self.options.dumps(DumpStage::Clif, id.0) {
            eprintln!("{}", compiled.clif().unwrap_or_default());
        }
        if self.options.dumps(DumpStage::Asm, id.0) {
            eprintln!("{}", compiled.asm().unwrap_or_default());
        }
        self.world.functions.set_word(id, compiled.address());
        let (root, state, kind) = match &recorder.start {
            Start::Loop { header, state } => {
                let is_loop = recorder.frames[0].code.header(*header).is_some();
                let kind = if is_loop { TraceKind::Loop } else { TraceKind::Function };
                ((recorder.frames[0].code.clone(), *header), Some(Rc::new(state.clone())), kind)
            }
            Start::Bridge { root, .. } => (root.clone(), None, TraceKind::Bridge),
            Start::Join { root, .. } => (root.clone(), None, TraceKind::Join),
        };
        if self.options.perf_map {
            let name = format!("tjit {id} {}", span(&root.0, root.1));
            let _ = tjit_codegen::append_perf_map(&name, compiled.address(), compiled.code_size());
        }
        self.code_bytes += compiled.code_size() as u64;
        let threshold = if self.options.jit == JitMode::Stress { 3 } else { u64::from(self.options.threshold_exit) };
        let exits: Vec<ExitRecord> = compiled
            .exits()
            .iter()
            .map(|exit| {
                let leaves = trace.inst(exit.inst).op == Op::Leave;
                let threshold = if leaves { threshold * LEAVE_FACTOR } else { threshold };
                ExitRecord {
                    count: Cell::new(0),
                    callers: Cell::new(0),
                    state: Cell::new(ExitState::Counting(threshold)),
                    aborts: Cell::new(0),
                }
            })
            .collect();
        let log = self.log;
        let place = match &recorder.start {
            Start::Loop { .. } => span(&root.0, root.0.header(root.1).map_or(root.1, |info| info.after)),
            Start::Bridge { from: (from, exit), .. } => match &self.traces[from.index()] {
                Some(native) => self.exit_span(native, *exit),
                None => span(&root.0, root.1),
            },
            Start::Join { place, .. } => self.joins.span(place, &recorder.codes),
        };
        log.emit(|| events::TraceCompiled {
            at_micros: log.now_micros(),
            trace: id.0,
            kind,
            place: place.clone(),
            state: state.as_ref().map(|state| state.describe()),
            ops_before: prepared.ops_before as u32,
            ops_after: trace.schedule().count() as u32,
            guards: trace.exit_count() as u32,
            allocations: trace.body.iter().filter(|&&value| trace.effects(value).allocates).count() as u32,
            code_bytes: compiled.code_size() as u64,
            recording_micros: prepared.recording.as_micros() as u64,
            optimising_micros: prepared.optimising.as_micros() as u64,
            codegen_micros: generating.as_micros() as u64,
            passes: prepared.reports.iter().map(crate::pass_report).collect(),
        });
        for call in &recorder.not_inlined {
            log.emit(|| events::NotInlined {
                at_micros: log.now_micros(),
                trace: id.0,
                reason: call.reason,
                callee: call.callee.clone(),
                place: span(&call.code, call.unit),
            });
        }
        if let End::Jump(target, _) = &trace.end {
            log.emit(|| events::Link { at_micros: log.now_micros(), from: id.0, to: target.0, place: place.clone() });
        }
        if !exits.is_empty() {
            let at = self.exit_ids.partition_point(|&(first, _)| first < first_exit);
            self.exit_ids.insert(at, (first_exit, id));
        }
        let native = Rc::new(Native {
            id,
            trace: Arc::new(trace),
            compiled: Arc::new(compiled),
            codes: recorder.codes.clone(),
            state: state.clone(),
            carrier: prepared.carrier,
            root,
            unsure: std::mem::take(&mut recorder.unsure.values),
            names: std::mem::take(&mut recorder.interned),
            exits,
            entries: Cell::new(0),
            function: recorder.function,
            for_type: matches!(recorder.start, Start::Bridge { for_type: true, .. }),
            is_step: recorder.is_step,
            leaves: recorder.leaves,
            chain: recorder.chain,
            running: Cell::default(),
            leaving: Cell::default(),
            returns: Cell::new(0),
            callbacks: CallbackRecord::default(),
            spent: Cell::default(),
            back_edges: Cell::new(0),
            compiling: prepared.optimising + generating,
            region: RegionRecord::default(),
            _keep: std::mem::take(&mut recorder.pool.keep),
        });
        self.traces[id.index()] = Some(native.clone());
        if let Some(sampler) = &mut self.sampler {
            sampler.wake();
        }
        if native.is_step {
            self.steps.added(native.root.0.key(), &native.trace);
        }
        for (place, state) in std::mem::take(&mut recorder.joins_passed) {
            self.joins.passed(place, state);
        }
        match (&recorder.start, state) {
            (Start::Loop { header, .. }, Some(state)) => {
                if recorder.function.is_some() && !recorder.is_step {
                    self.world.functions.add(native.root.0.key(), id, state.clone());
                }
                if let Some(key) = self.header_key(&recorder.frames[0].code, *header) {
                    self.headers.by_site.get_mut(&key).expect("a recorded header").versions.push((native, state));
                }
            }
            (Start::Bridge { from: (from, exit), .. }, _) => {
                if let Some(source) = &self.traces[from.index()] {
                    // SAFETY: the bridge's parameters are the exit's values, and it stays compiled as long as the engine.
                    unsafe { source.compiled.attach(*exit, Some(native.compiled.address())) };
                    source.exits[*exit].state.set(ExitState::Bridged(id));
                    self.bridges += 1;
                    log.emit(|| events::BridgeAttached {
                        at_micros: log.now_micros(),
                        from: ExitRef { trace: from.0, exit: *exit as u32 },
                        to: id.0,
                    });
                }
            }
            _ => {}
        }
    }

    /// If a bridge brings what its root's preheader computed, and has not made it stale, it goes on in the root's body
    /// rather than at its entry. Returns the root and the indices of the parameters that bring it, when they are good.
    fn link_to_body(&self, start: &Start, trace: &mut Trace) -> Option<(TraceId, Vec<usize>)> {
        let Start::Bridge { from: (from, _), carried: Some(carried), .. } = start else { return None };
        let carrier = self.traces[from.index()].as_ref()?.carrier?;
        let root = self.traces[carrier.index()].as_ref()?;
        let relied_on =
            root.trace.preheader.iter().fold(Mem::empty(), |mem, &inst| mem | root.trace.effects(inst).reads);
        let stale = trace.body.iter().any(|&inst| {
            let effects = trace.effects(inst);
            effects.opaque || effects.writes.intersects(relied_on)
        });
        if stale {
            return None;
        }
        if let End::Jump(target, args) = &mut trace.end
            && *target == carrier
        {
            // The preheader's results are those of the parameters that it was run with.
            let unchanged = root.trace.carried.iter().zip(carried).all(|(&value, brought)| {
                let inst = root.trace.inst(value);
                match inst.imm {
                    Imm::Index(index) if inst.op.is_param() => args[index as usize] == *brought,
                    _ => true,
                }
            });
            if unchanged {
                let of_preheader = root.trace.carried.iter().zip(carried);
                let results = of_preheader.filter(|(value, _)| !root.trace.inst(**value).op.is_param());
                args.extend(results.map(|(_, &brought)| brought));
                trace.enters_body = true;
            }
        }
        let index = |value: &ValueId| trace.params.iter().position(|param| param == value);
        Some((carrier, carried.iter().filter_map(index).collect()))
    }
}

/// The types of what a trace's body can be entered with besides its parameters.
fn hoisted_types(trace: &Trace) -> Option<Vec<Ty>> {
    trace.direct.then(|| trace.hoisted().map(|value| trace.ty(value)).collect())
}

/// What the exits of a loop's body carry for its bridges: the preheader's results that the body uses, and the parameters
/// that the preheader was run with.
fn carried_by_loop(trace: &Trace) -> Vec<ValueId> {
    let mut carried = trace.used_of_preheader();
    for &inst in &trace.preheader {
        let mut mentioned: Vec<ValueId> = trace.inst(inst).args.to_vec();
        mentioned.retain(|&arg| trace.inst(arg).op.is_param() && !carried.contains(&arg));
        carried.extend(mentioned);
    }
    carried.dedup();
    carried
}
