//! Recordings: when one begins, at a header or at an exit, what comes of each instruction, and of one that is aborted.

use std::rc::Rc;
use std::time::Duration;

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, VirtualMachine,
    builtins::{PyCode, PyStrInterned, PyType},
};
use tjit_events::{self as events, ExitRef, Reason, TraceKind};
use tjit_ir::ValueId;
use tjit_vm::frames::Frame;
use tjit_vm::instrument;
use tjit_vm::monitor::Monitor;
use tjit_vm::options::JitMode;
use tjit_vm::site::SiteKind;

use super::headers::Header;
use super::log::log_blacklisted;
use super::{ENGINE, Engine, decode, functions, megamorphic, span};
use crate::native::{ExitState, Native, Redo};
use crate::objects;
use crate::recorder::{Abort, CallEnd, Flow, Recorder, Start};
use crate::state::{HeaderState, SlotState};

/// Aborted recordings from an exit before it gets no bridge.
const MAX_EXIT_ABORTS: u32 = 3;
/// Ends of traces that leave which one bridge after the other goes on from, at most: what leaves again and again in a loop, as
/// it raises something, would get a copy of the loop each time.
const MAX_LEAVES: u32 = 2;
/// One part in so many of the running time may go into recording and compiling before what is hot has to be hotter.
const BUDGET_SHARE: u32 = 4;
/// The same while a module is imported, whose code is mostly run once.
const BUDGET_SHARE_IMPORTING: u32 = 100;
/// Time on another thread counts as one part in so many of time that the program waits.
const BESIDE: u32 = 4;
/// What it costs the interpreter that a recording's events are switched on and off.
const WATCHING: Duration = Duration::from_micros(30);
/// What may go into it at once.
const BUDGET_FREE: Duration = Duration::from_millis(3);
/// The same while a module is imported.
const BUDGET_FREE_IMPORTING: Duration = Duration::from_millis(1);
/// How much hotter.
pub(super) const DEFERRED_FACTOR: u32 = 6;
/// Times that this is asked of a header.
const MAX_DEFERRED: u32 = 2;
/// Times that a function waits in the same way, until it has been called as often again.
const MAX_DEFERRED_FUNCTION: u32 = 10;
/// Parameters of a trace, at most.
const MAX_PARAMS: usize = 120;

/// Begins to record a bridge. The frames of the exit stand as the interpreter needs them; `frame` is the innermost. `end` is
/// how the call ended that has left.
pub(super) fn start_bridge(native: Rc<Native>, exit: usize, end: Option<CallEnd>, frame: Frame, vm: &VirtualMachine) {
    ENGINE.with(|engine| {
        if let Ok(mut engine) = engine.try_borrow_mut()
            && let Some(engine) = engine.as_mut()
        {
            engine.start_bridge(native, exit, end, frame, vm);
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
    /// The limit of the process that has been reached, if any.
    pub(super) fn limit(&self) -> Option<Reason> {
        let spent = self.times.recording + self.times.compiling + self.times.beside;
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
    pub(super) fn is_over_budget(&self, frame: Frame) -> bool {
        if self.options.jit != JitMode::On {
            return false;
        }
        let recordings = self.traces.len() as u32;
        let beside = self.times.beside / BESIDE;
        let spent = self.times.recording + self.times.compiling + beside + WATCHING * recordings;
        let age = self.began.elapsed();
        spent > age / BUDGET_SHARE_IMPORTING + BUDGET_FREE_IMPORTING
            && (spent > age / BUDGET_SHARE + BUDGET_FREE || is_importing(frame))
    }

    pub(super) fn start_loop(&mut self, key: usize, frame: Frame, vm: &VirtualMachine) {
        if self.is_busy() || Monitor::lasts(vm) {
            // It asks again the next time.
            return;
        }
        if let Some(reason) = self.limit() {
            return self.refuse(key, reason);
        }
        let header = &self.headers.by_site[&key];
        // A function that recordings wait for is worth more than those that would be aborted meanwhile.
        let over_budget = self.is_over_budget(frame) && !self.world.functions.is_wanted(header.code.key());
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
        // What is hot for the first time while a module is imported had better be much hotter.
        let is_new = header.deferred == 0 && header.versions.is_empty() && self.options.is_patient();
        let imports = (over_budget || is_new) && is_importing(frame);
        if imports && !header.versions.is_empty() {
            // There is code for other states. For this one it waits until it is missed again.
            return;
        }
        let times = if header.site.kind() == SiteKind::Header { MAX_DEFERRED } else { MAX_DEFERRED_FUNCTION };
        let may_wait = header.deferred < times || imports;
        if (over_budget || imports) && may_wait && header.versions.is_empty() {
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
        let (boxed, whole) = (&header.boxed, &header.whole);
        let known = &self.world.known;
        let mut state = HeaderState::of_frame(
            frame,
            &names,
            |n| wanted[n],
            |slot| boxed.contains(&slot),
            |maker| match maker.downcast_ref::<PyType>() {
                // (Whoever calls a function has it handed its arguments as they are.)
                Some(class) => is_function || whole.contains(&objects::address(class.as_object())),
                None => known.is_no_inline(maker),
            },
            !is_step,
            &self.world.objects,
            vm,
        );
        if is_step
            && unit > 0
            && let Some(slot) = state.stack.last_mut()
        {
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
        let monitor = match Monitor::start(on_instruction, self.world.objects.layout.frame, vm) {
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
            recorder.begin_step(unit == 0);
        } else if instrument::suspends(frame.code()) {
            // What suspends is called by nobody, and does not end as its steps do.
            recorder.function = None;
        }
        match recorder.watch_all(vm) {
            Ok(()) => self.recorder = Some(Box::new(recorder)),
            Err(abort) => {
                recorder.stop(vm);
                self.give_up_header(key, &abort);
            }
        }
    }

    pub(super) fn start_bridge(
        &mut self,
        native: Rc<Native>,
        exit: usize,
        end: Option<CallEnd>,
        innermost: Frame,
        vm: &VirtualMachine,
    ) {
        if self.is_full() || Monitor::lasts(vm) {
            // Something else has begun while the frames were made.
            return;
        }
        let leaves = native.leaves + u32::from(native.exit_kind(exit) == Reason::Leave);
        let chain = megamorphic::chain(&native, exit);
        let limit = self.limit().or((leaves > MAX_LEAVES).then_some(Reason::Leave));
        let limit = limit.or(megamorphic::is_endless(chain).then_some(Reason::TooManyClasses));
        if let Some(reason) = limit {
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
        let Ok(monitor) = Monitor::start(on_instruction, self.world.objects.layout.frame, vm) else { return };
        let for_type = matches!(native.exit_kind(exit), Reason::GuardClass | Reason::NotASmallInt | Reason::Overflow);
        if for_type && native.for_type && !self.joins_again(&native) {
            self.world.multiplying.borrow_mut().insert((native.root.0.key(), native.root.1));
        }
        let start = Start::Bridge { from: (native.id, exit), root: native.root.clone(), carried: None, for_type };
        let values: Vec<ValueId> = native.compiled.exits()[exit].values.to_vec();
        let mut recorder = Recorder::at_exit(
            id,
            start,
            (&native.trace, &values, snapshot, native.compiled.exits()[exit].inst),
            frames,
            native.carrier.is_some() && !native.trace.is_in_preheader(native.compiled.exits()[exit].inst),
            &native.unsure,
            |address| native.names.get(&address).copied(),
            self.world.clone(),
            monitor,
            decode,
        );
        recorder.function = native.function;
        recorder.is_step = native.is_step;
        recorder.leaves = leaves;
        recorder.chain = Some(chain);
        recorder.takes_any =
            matches!(end, Some(CallEnd::Redo(Redo::AsAny))) || megamorphic::takes_any(chain, &native, exit, innermost);
        recorder.ended = end;
        match recorder.watch_all(vm) {
            Ok(()) => self.recorder = Some(Box::new(recorder)),
            Err(abort) => {
                recorder.stop(vm);
                self.give_up_exit(&native, exit, &abort);
            }
        }
    }

    pub(super) fn on_instruction(&mut self, unit: u32, vm: &VirtualMachine) {
        let (Some(mut recorder), Some(frame)) = (self.recorder.take(), Frame::current(self.world.objects.layout.frame))
        else {
            return;
        };
        let flow = if let Some((abort, interrupted)) = recorder.given_up.take() {
            if interrupted != frame && interrupted.is_running() {
                recorder.given_up = Some((abort, interrupted));
                self.recorder = Some(recorder);
                return;
            }
            Err(abort)
        } else if must_leave_recording(vm) {
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
            Err(abort) => match recorder.interrupted(frame) {
                Some(interrupted) => {
                    recorder.given_up = Some((abort, interrupted));
                    self.recorder = Some(recorder);
                }
                None => self.give_up_recording(recorder, &abort, vm),
            },
        }
    }

    /// A site has been reached: a recording that was given up need not wait any more for a frame that has been left meanwhile.
    pub(super) fn settle_given_up(&mut self, vm: &VirtualMachine) {
        let is_over = |recorder: &mut Box<Recorder>| {
            recorder.given_up.as_ref().is_some_and(|(_, interrupted)| !interrupted.is_running())
        };
        if let Some(mut recorder) = self.recorder.take_if(is_over)
            && let Some((abort, _)) = recorder.given_up.take()
        {
            self.give_up_recording(recorder, &abort, vm);
        }
    }

    fn give_up_recording(&mut self, mut recorder: Box<Recorder>, abort: &Abort, vm: &VirtualMachine) {
        recorder.stop(vm);
        self.times.recording += recorder.began.elapsed();
        self.abort(recorder, abort);
    }

    pub(super) fn abort(&mut self, mut recorder: Box<Recorder>, abort: &Abort) {
        self.log_abort(&recorder, abort);
        if abort.reason == Reason::Leave && !recorder.whole.is_empty() {
            self.keep_whole(&recorder);
        }
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
        self.give_up_start(&recorder, abort, settled);
        // Without what they jump to, the recordings before it are of no use. That is no fault of the functions in them.
        let abort = Abort::with(abort.reason, "what it goes on with was aborted");
        for waiting in recorder.waiting {
            self.log_abort(&waiting, &abort);
            self.give_up_start(&waiting, &abort, settled);
        }
    }

    /// What a recording began at gets no code this time. `settled`: what was in the way has been dealt with.
    fn give_up_start(&mut self, recorder: &Recorder, abort: &Abort, settled: bool) {
        match &recorder.start {
            Start::Loop { header, .. } => {
                if let Some(key) = self.header_key(&recorder.frames[0].code, *header) {
                    self.give_up_header(key, abort);
                }
            }
            Start::Bridge { from: (trace, exit), .. } => {
                if let Some(native) = self.traces[trace.index()].clone() {
                    let record = &native.exits[*exit];
                    if settled {
                        record.state.set(ExitState::Counting(record.heat() + 2));
                    } else if abort.reason == Reason::Leave {
                        // It leads to where code begins, and there is none for this state yet. When there is, to that.
                        record.state.set(ExitState::Counting(2 * record.heat()));
                    } else {
                        self.give_up_exit(&native, *exit, abort);
                    }
                }
            }
            Start::Join { .. } => {}
        }
    }

    pub(super) fn give_up_exit(&mut self, native: &Native, exit: usize, abort: &Abort) {
        let record = &native.exits[exit];
        record.aborts.set(record.aborts.get() + 1);
        if record.aborts.get() < MAX_EXIT_ABORTS {
            record.state.set(ExitState::Counting(record.heat() + u64::from(self.options.threshold_exit) * 4));
            return;
        }
        record.state.set(ExitState::Dead);
        let from = Some(ExitRef { trace: native.id.0, exit: exit as u32 });
        log_blacklisted(self.log, self.exit_span(native, exit), from, abort.reason, record.aborts.get(), None);
    }
}

/// Whether a module is being imported. What is hot then is not for long.
pub(super) fn is_importing(frame: Frame) -> bool {
    std::iter::successors(Some(frame), |frame| frame.caller())
        .any(|frame| frame.code().source_path().as_str() == "<frozen importlib._bootstrap>")
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
        | Opcode::StoreDeref
        | Opcode::DeleteDeref
        | Opcode::MakeCell => vec![arg as usize],
        Opcode::LoadFastLoadFast
        | Opcode::LoadFastBorrowLoadFastBorrow
        | Opcode::StoreFastLoadFast
        | Opcode::StoreFastStoreFast => vec![(arg >> 4) as usize, (arg & 15) as usize],
        _ => Vec::new(),
    }
}
