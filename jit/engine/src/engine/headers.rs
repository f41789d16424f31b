//! What headers have come to: their versions, and how it goes on with them when a recording was of no use or their code is
//! not worth entering.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_vm::{AsObject, PyRef};
use tjit_events::{Reason, SourceSpan};
use tjit_ir::TraceId;
use tjit_vm::instrument;
use tjit_vm::options::JitMode;
use tjit_vm::site::{Site, SiteKind};

use super::log::log_blacklisted;
use super::patience::Patience;
use super::{Engine, functions, span};
use crate::decode::{CodeKey, Decoded};
use crate::native::Native;
use crate::recorder::{Abort, Headers, Recorder, Start};
use crate::state::{HeaderState, SlotState};

/// Aborted recordings of a header before it is blacklisted.
const MAX_ABORTS: u32 = 6;
/// Times that a recording around an inner loop is ended so that the inner one can be compiled first.
const MAX_PUT_FIRST: u32 = 4;
/// Entries of a trace after which it is judged, and again.
const JUDGED_AFTER: u64 = 1000;
/// Times that judging is put off because traces are still being added.
const MAX_UNSETTLED: u32 = 5;
/// Back edges per entry that make entering worth it.
const MIN_BACK_EDGES: u64 = 4;
/// Passes of the header of a loop that mostly runs a few iterations, between two at which its code may be entered.
const SHORT_STRIDE: u32 = 64;

/// Passes at which no version fits, between two looks at which of them are still entered.
const MISSES_BEFORE_ROOM: u32 = 64;
/// Versions that make room for others, at most: their code, and the classes in it, are kept.
const MOST_REPLACED: u32 = 100;

/// What a header has come to.
pub(super) struct Header {
    pub(super) site: PyRef<Site>,
    pub(super) code: Rc<Decoded>,
    pub(super) versions: Vec<(Rc<Native>, Rc<HeaderState>)>,
    pub(super) aborts: u32,
    pub(super) blacklisted: bool,
    /// Recordings that ended because the state had changed.
    pub(super) changes: u32,
    /// Slots, counted over locals then stack, that travel as objects.
    pub(super) boxed: Vec<usize>,
    /// Classes whose instances are not taken apart, as the loop needs them.
    pub(super) whole: Vec<u64>,
    /// Passes at which no version fitted.
    pub(super) misses: u32,
    /// How often each version had been entered when there were as many as there may be and no one fitted.
    entered: Vec<u64>,
    /// How many versions have made room for others.
    replaced: u32,
    /// There are versions, and there will be no more.
    pub(super) is_complete: bool,
    /// Of a function: times that it has waited for loops that may inline it.
    pub(super) waited: u32,
    /// Times that its recording was put off because of the budget.
    pub(super) deferred: u32,
    /// The loop has mostly run a few iterations only.
    pub(super) is_short: bool,
    /// How many traces there were in the process when it was last looked at.
    traces: usize,
    /// How often there have been more than before, lately.
    unsettled: u32,
    pub(super) patience: Patience,
    /// Times that a recording of something around it was ended for it to come first.
    pub(super) put_first: u32,
}

impl Header {
    pub(super) fn new(site: PyRef<Site>, code: Rc<Decoded>) -> Self {
        Self {
            site,
            code,
            versions: Vec::new(),
            aborts: 0,
            blacklisted: false,
            changes: 0,
            boxed: Vec::new(),
            whole: Vec::new(),
            misses: 0,
            entered: Vec::new(),
            replaced: 0,
            is_complete: false,
            waited: 0,
            deferred: 0,
            is_short: false,
            traces: 0,
            unsettled: 0,
            patience: Patience::default(),
            put_first: 0,
        }
    }

    /// What is compiled for it is not entered any more. It is recorded anew after so many passes.
    pub(super) fn begin_again(&mut self, passes: u32) {
        self.versions.clear();
        self.entered.clear();
        self.is_complete = false;
        self.misses = 0;
        self.site.set_count(self.site.limit().saturating_sub(passes));
    }

    /// No version fits, and there are as many as there may be: one that has not been entered lately makes room. False: all were,
    /// or compiled code may call them.
    pub(super) fn make_room(&mut self) -> bool {
        if self.site.kind() == SiteKind::Entry
            || self.replaced == MOST_REPLACED
            || !self.misses.is_multiple_of(MISSES_BEFORE_ROOM)
        {
            return false;
        }
        let entered: Vec<u64> = self.versions.iter().map(|(native, _)| native.entries.get()).collect();
        let before = std::mem::replace(&mut self.entered, entered);
        let unused = self.entered.iter().zip(before).position(|(now, before)| *now == before);
        if let Some(unused) = unused {
            self.versions.remove(unused);
            self.entered.clear();
            self.replaced += 1;
        }
        unused.is_some()
    }

    /// Where it is.
    pub(super) fn place(&self) -> SourceSpan {
        span(&self.code, self.site.after())
    }
}

#[derive(Default)]
pub(super) struct HeaderTable {
    pub(super) by_site: FxHashMap<usize, Header>,
    pub(super) by_place: FxHashMap<(CodeKey, u32), usize>,
    /// The headers that stand for functions' entries.
    pub(super) entries: FxHashMap<CodeKey, usize>,
}

impl HeaderTable {
    pub(super) fn add(&mut self, header: Header, unit: u32) -> &mut Header {
        let key = header.site.as_object().get_id();
        self.by_place.insert((header.code.key(), unit), key);
        if header.site.kind() == SiteKind::Entry && !instrument::suspends(&header.code.code) {
            self.entries.insert(header.code.key(), key);
        }
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

impl Engine {
    pub(super) fn header_key(&self, code: &Rc<Decoded>, header: u32) -> Option<usize> {
        self.headers.by_place.get(&(code.key(), header)).copied()
    }

    /// The state at a header was another one when it came round: after a few times, the slots that differ are boxed.
    pub(super) fn state_changed(&mut self, recorder: &Recorder, differing: &[usize]) {
        let Start::Loop { header, state } = &recorder.start else { return };
        let Some(key) = self.header_key(&recorder.frames[0].code, *header) else { return };
        let slots = state.locals.len() + state.stack.len();
        let entry = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        if !recorder.whole.is_empty() {
            entry.whole.extend_from_slice(&recorder.whole);
            return;
        }
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

    /// A bridge would have come back to the header with instances that its state takes apart, but that were made meanwhile:
    /// from now on they stay whole, in a new recording.
    pub(super) fn keep_whole(&mut self, recorder: &Recorder) {
        let (code, header) = recorder.start.root(&recorder.frames[0].code);
        let Some(key) = self.header_key(&code, header) else { return };
        let entry = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        let new: Vec<u64> = recorder.whole.iter().copied().filter(|class| !entry.whole.contains(class)).collect();
        if new.is_empty() {
            return;
        }
        entry.whole.extend(new);
        entry.begin_again(0);
    }

    /// Compiled code that is left after a few iterations nearly every time takes longer to enter and leave than the
    /// iterations take in the interpreter. Its header is only asked now and then: a long run of the loop still gets in.
    pub(super) fn judge(&mut self, native: &Native) {
        if native.root.0.header(native.root.1).is_none() {
            return self.judge_function(native);
        }
        let entries = native.entries.get();
        if entries < JUDGED_AFTER || self.options.jit == JitMode::Stress {
            return;
        }
        let Some(key) = self.header_key(&native.root.0, native.root.1) else { return };
        let is_settled = entries.is_multiple_of(JUDGED_AFTER) && self.is_settled(key);
        let Some(header) = self.headers.by_site.get_mut(&key) else { return };
        if entries.is_multiple_of(JUDGED_AFTER) {
            let (spent, leaving, back_edges) = (native.running.take(), native.leaving.take(), native.back_edges.take());
            let is_short = is_settled
                && back_edges < MIN_BACK_EDGES * JUDGED_AFTER
                && !functions::is_worth(spent, leaving, functions::WORTH);
            let before = std::mem::replace(&mut header.is_short, is_short);
            if header.is_short && !before {
                log_blacklisted(self.log, header.place(), None, Reason::ShortLoop, 0, Some(SHORT_STRIDE.into()));
            }
        }
        if header.is_short {
            header.site.set_count(header.site.limit().saturating_sub(SHORT_STRIDE));
        }
    }

    /// Whether what has been entered since the last look tells what a header is worth. While bridges are still being attached,
    /// it is left more often than it will be; but that may go on for ever.
    pub(super) fn is_settled(&mut self, key: usize) -> bool {
        let traces = self.traces.len();
        let Some(header) = self.headers.by_site.get_mut(&key) else { return false };
        let grows = std::mem::replace(&mut header.traces, traces) != traces;
        header.unsettled = if grows { header.unsettled + 1 } else { 0 };
        header.unsettled == 0 || header.unsettled > MAX_UNSETTLED
    }

    /// A recording of a header was aborted: it is tried again later, and some day not any more.
    pub(super) fn give_up_header(&mut self, key: usize, abort: &Abort) {
        let header = self.headers.by_site.get_mut(&key).expect("a recorded header is known");
        header.aborts += 1;
        if abort.reason == Reason::OpaqueCallInInlinedFrame && header.site.kind() == SiteKind::Entry {
            // It may be tried again, but nobody should wait for it.
            self.world.functions.refuse(header.code.key());
        }
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

    pub(super) fn refuse(&mut self, key: usize, reason: Reason) {
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
        log_blacklisted(self.log, header.place(), None, reason, header.aborts, None);
    }
}
