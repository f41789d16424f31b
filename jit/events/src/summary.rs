//! The summary of a run, computed from its events.
//!
//! [`Summary::from_events`] joins what the log tells in pieces: a recording with its outcome, a bridge with the loop that
//! it belongs to, an exit with its bridge. It is data, for tests and for JSON; `render` makes the text.
//!
//! Without `totals` (the program was killed), times and entries are unknown, and exits are those that became hot, with
//! the counts that they had then.

mod regions;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::{
    Blacklisted, Event, ExitHot, ExitRef, LoopRefused, NotInlined, Reason, RegionCompiled, Run, SourceSpan, Times,
    Totals, TraceAborted, TraceCompiled, TraceKind, TraceStarted,
};

pub use regions::{BlockRow, GuardRow, RegionRow};

/// How many of what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// Recordings begun.
    pub recordings: u64,
    /// Recordings aborted.
    pub aborts: u64,
    /// Root traces of loops compiled.
    pub loops: u64,
    /// Root traces of functions compiled.
    #[serde(default)]
    pub functions: u64,
    /// Bridges compiled.
    pub bridges: u64,
    /// Traces compiled that begin where paths meet.
    pub joins: u64,
    /// Regions compiled.
    pub regions: u64,
    /// Jumps from one trace into another.
    pub links: u64,
    /// Size of the native code, in bytes.
    pub code_bytes: u64,
    /// How often the interpreter entered compiled code; none without totals.
    pub entries: Option<u64>,
}

/// A compiled bridge.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BridgeRow {
    /// Its trace.
    pub trace: u32,
    /// The exit at which it begins, when the log tells.
    pub from: Option<ExitRef>,
    /// Why that exit is taken.
    pub kind: Option<Reason>,
    /// The exit's place.
    pub place: SourceSpan,
    /// Operations, as compiled.
    pub ops: u32,
    /// Guards.
    pub guards: u32,
    /// Size of its code, in bytes.
    pub code_bytes: u64,
    /// How often it was entered; none without totals.
    pub entries: Option<u64>,
}

/// A compiled loop: a root trace with its bridges.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LoopRow {
    /// The root trace.
    pub trace: u32,
    /// The loop's header.
    pub place: SourceSpan,
    /// The header state, for people.
    pub state: Option<String>,
    /// Operations of the root trace as recorded.
    pub ops_before: u32,
    /// Operations of the root trace as compiled.
    pub ops: u32,
    /// Guards of the root trace.
    pub guards: u32,
    /// Operations of the root trace's body that may allocate.
    pub allocations: u32,
    /// Size of the code, bridges included, in bytes.
    pub code_bytes: u64,
    /// How often the root trace was entered; none without totals.
    pub entries: Option<u64>,
    /// Time in compiled code; none when it was not measured.
    pub compiled_micros: Option<u64>,
    /// That time as a share of the run.
    pub share: Option<f64>,
    /// Time to record, optimise and compile it and its bridges.
    pub warm_up_micros: u64,
    /// Its bridges, most entered first.
    pub bridges: Vec<BridgeRow>,
}

/// Recordings that were aborted at one place for one reason.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Stopped {
    /// Why.
    pub reason: Reason,
    /// What varies within the reason.
    pub detail: Option<String>,
    /// The bytecode instruction.
    pub bytecode: Option<String>,
    /// Where.
    pub place: SourceSpan,
    /// What was being recorded.
    pub kind: TraceKind,
    /// The loop's header or the exit's place; the place itself when the log does not tell.
    pub header: SourceSpan,
    /// How often.
    pub times: u64,
    /// Time spent on these recordings.
    pub recording_micros: u64,
    /// Whether another recording of the same header or exit was compiled, so that the loop runs compiled after all.
    pub compiled_in_the_end: bool,
}

/// A header or exit that was blacklisted and not compiled.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GivenUp {
    /// The header, or the exit's place.
    pub place: SourceSpan,
    /// The exit, when it is one.
    pub from: Option<ExitRef>,
    /// Why its last recording was aborted.
    pub reason: Reason,
    /// How often recording it was tried.
    pub times: u32,
    /// Whether it will not be tried again.
    pub for_good: bool,
}

/// What was refused, or not inlined, at one place for one reason.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Missed {
    /// Why.
    pub reason: Reason,
    /// The callee, or what varies within the reason.
    pub detail: Option<String>,
    /// Where.
    pub place: SourceSpan,
    /// How often.
    pub times: u64,
}

/// An exit that was taken.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ExitRow {
    /// The exit.
    pub from: ExitRef,
    /// Why it is taken.
    pub kind: Reason,
    /// Where the interpreter goes on.
    pub place: SourceSpan,
    /// The header of the loop that it leaves, when the log tells.
    pub leaves: Option<SourceSpan>,
    /// How often it was taken to the interpreter.
    pub count: u64,
    /// The bridge attached to it.
    pub bridge: Option<u32>,
    /// How often it was taken to the bridge.
    pub bridged: u64,
}

/// A stretch of the run in which the JIT was off.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct JitOffSpell {
    /// Why.
    pub reason: Reason,
    /// What varies within the reason.
    pub detail: Option<String>,
    /// Its begin, in microseconds since the log's.
    pub from_micros: u64,
    /// Its end; none when the JIT stayed off.
    pub until_micros: Option<u64>,
}

/// What a run came to. See the module's description.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Summary {
    /// The header of the log.
    pub run: Option<Run>,
    /// Where the time went; none without totals.
    pub times: Option<Times>,
    /// How many of what.
    pub counts: Counts,
    /// The compiled loops: most time first, then most entries, then in order of compilation.
    pub loops: Vec<LoopRow>,
    /// The regions, those of most traces first.
    pub regions: Vec<RegionRow>,
    /// The compiled traces in which time was spent, most of it first.
    pub blocks: Vec<BlockRow>,
    /// The guards that have bridges, those of most bridges first.
    pub guards: Vec<GuardRow>,
    /// The aborted recordings: those that left something in the interpreter first, then the most frequent.
    pub stopped: Vec<Stopped>,
    /// What was blacklisted.
    pub given_up: Vec<GivenUp>,
    /// What was refused or not inlined, most frequent first.
    pub missed: Vec<Missed>,
    /// The exits, most taken first.
    pub exits: Vec<ExitRow>,
    /// When the JIT was off.
    pub off: Vec<JitOffSpell>,
    /// What the reader should know about the log itself.
    pub notes: Vec<String>,
}

/// What is gathered on the first way through the events.
#[derive(Default)]
struct Gathered<'a> {
    started: HashMap<u32, &'a TraceStarted>,
    compiled: Vec<&'a TraceCompiled>,
    regions: Vec<&'a RegionCompiled>,
    compiled_at: HashSet<(TraceKind, &'a SourceSpan)>,
    aborted: Vec<&'a TraceAborted>,
    attached: HashMap<ExitRef, u32>,
    hot: BTreeMap<ExitRef, &'a ExitHot>,
    blacklisted: Vec<&'a Blacklisted>,
    refused: Vec<&'a LoopRefused>,
    not_inlined: Vec<&'a NotInlined>,
    totals: Option<&'a Totals>,
    entries: HashMap<u32, u64>,
    measured: HashMap<u32, u64>,
}

impl Summary {
    /// Computes the summary of the events of one run.
    pub fn from_events(events: &[Event]) -> Self {
        let mut summary = Self::default();
        let mut gathered = Gathered::default();
        for event in events {
            match event {
                Event::Run(run) => summary.run = Some(run.clone()),
                Event::TraceStarted(event) => drop(gathered.started.insert(event.trace, event)),
                Event::TraceCompiled(event) => {
                    gathered.compiled.push(event);
                    gathered.compiled_at.insert((event.kind, &event.place));
                }
                Event::TraceAborted(event) => gathered.aborted.push(event),
                Event::NotInlined(event) => gathered.not_inlined.push(event),
                Event::ExitHot(event) => drop(gathered.hot.insert(event.from, event)),
                Event::BridgeAttached(event) => drop(gathered.attached.insert(event.from, event.to)),
                Event::Link(_) => summary.counts.links += 1,
                Event::RegionCompiled(event) => gathered.regions.push(event),
                Event::Blacklisted(event) => gathered.blacklisted.push(event),
                Event::LoopRefused(event) => gathered.refused.push(event),
                Event::JitOff(event) => summary.off.push(JitOffSpell {
                    reason: event.reason,
                    detail: event.detail.clone(),
                    from_micros: event.at_micros,
                    until_micros: None,
                }),
                Event::JitOn(event) => {
                    let open = summary.off.iter_mut().filter(|spell| spell.until_micros.is_none());
                    open.for_each(|spell| spell.until_micros = Some(event.at_micros));
                }
                Event::Totals(totals) => gathered.totals = Some(totals),
            }
        }
        if let Some(totals) = gathered.totals {
            summary.times = Some(totals.times);
            gathered.entries = totals.per_trace.iter().map(|trace| (trace.trace, trace.entries)).collect();
            let measured = totals.per_trace.iter().filter_map(|trace| Some((trace.trace, trace.compiled_micros?)));
            gathered.measured = measured.collect();
        }
        summary.counts = gathered.counts(summary.counts.links);
        summary.loops = gathered.loops();
        summary.regions = gathered.regions();
        summary.blocks = gathered.blocks();
        summary.guards = gathered.guards();
        summary.stopped = gathered.stopped();
        summary.given_up = gathered.given_up();
        summary.missed = gathered.missed();
        summary.exits = gathered.exits();
        summary
    }

    /// As JSON, for other programs.
    ///
    /// # Errors
    /// None that this data can cause; serde's interface has one.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

impl Gathered<'_> {
    fn counts(&self, links: u64) -> Counts {
        let count = |kind| self.compiled.iter().filter(|trace| trace.kind == kind).count() as u64;
        Counts {
            recordings: self.started.len() as u64,
            aborts: self.aborted.len() as u64,
            loops: count(TraceKind::Loop),
            functions: count(TraceKind::Function),
            bridges: count(TraceKind::Bridge),
            joins: count(TraceKind::Join),
            links,
            regions: self.regions.len() as u64,
            code_bytes: self.compiled.iter().map(|trace| trace.code_bytes).sum::<u64>()
                + self.regions.iter().map(|region| region.code_bytes).sum::<u64>(),
            entries: self.totals.map(|totals| totals.entries),
        }
    }

    fn entries(&self, trace: u32) -> Option<u64> {
        self.totals.map(|_| self.entries.get(&trace).copied().unwrap_or(0))
    }

    /// The exit at which a bridge begins.
    fn from(&self, bridge: u32) -> Option<ExitRef> {
        self.started.get(&bridge).and_then(|started| started.from)
    }

    /// The root trace of a trace's region. Each step goes to a trace with a smaller number, so it ends.
    fn root(&self, mut trace: u32) -> u32 {
        while let Some(from) = self.from(trace).filter(|from| from.trace < trace) {
            trace = from.trace;
        }
        trace
    }

    fn loops(&self) -> Vec<LoopRow> {
        let run_micros = self.totals.map_or(0, |totals| totals.times.total_micros());
        let share = |micros: u64| if run_micros > 0 { Some(micros as f64 / run_micros as f64) } else { None };
        let warm_up = |trace: &TraceCompiled| trace.recording_micros + trace.optimising_micros + trace.codegen_micros;
        let mut rows = Vec::new();
        let mut row_of = HashMap::new();
        for trace in self.compiled.iter().filter(|trace| trace.kind.is_root()) {
            let measured = self.measured.get(&trace.trace).copied();
            row_of.insert(trace.trace, rows.len());
            rows.push(LoopRow {
                trace: trace.trace,
                place: trace.place.clone(),
                state: trace.state.clone(),
                ops_before: trace.ops_before,
                ops: trace.ops_after,
                guards: trace.guards,
                allocations: trace.allocations,
                code_bytes: trace.code_bytes,
                entries: self.entries(trace.trace),
                compiled_micros: measured,
                share: measured.and_then(share),
                warm_up_micros: warm_up(trace),
                bridges: Vec::new(),
            });
        }
        let kinds = self.kinds();
        for trace in self.compiled.iter().filter(|trace| !trace.kind.is_root()) {
            let Some(&row) = row_of.get(&self.root(trace.trace)) else { continue };
            let row: &mut LoopRow = &mut rows[row];
            let from = self.from(trace.trace);
            row.code_bytes += trace.code_bytes;
            row.warm_up_micros += warm_up(trace);
            if trace.kind == TraceKind::Join {
                continue;
            }
            row.bridges.push(BridgeRow {
                trace: trace.trace,
                from,
                kind: from.and_then(|from| kinds.get(&from).copied()),
                place: trace.place.clone(),
                ops: trace.ops_after,
                guards: trace.guards,
                code_bytes: trace.code_bytes,
                entries: self.entries(trace.trace),
            });
        }
        rows.iter_mut().for_each(|row| row.bridges.sort_by_key(|bridge| std::cmp::Reverse(bridge.entries)));
        rows.sort_by_key(|row| std::cmp::Reverse((row.compiled_micros, row.entries)));
        rows
    }

    /// Why each exit is taken.
    fn kinds(&self) -> HashMap<ExitRef, Reason> {
        let hot = self.hot.values().map(|exit| (exit.from, exit.kind));
        let taken = self.totals.into_iter().flat_map(|totals| &totals.exits).map(|exit| (exit.from, exit.kind));
        hot.chain(taken).collect()
    }

    /// Whether the header or exit was compiled by some recording.
    fn is_compiled(&self, kind: TraceKind, place: &SourceSpan, from: Option<ExitRef>) -> bool {
        match (kind, from) {
            (TraceKind::Bridge | TraceKind::Join, Some(from)) => self.attached.contains_key(&from),
            _ => self.compiled_at.contains(&(kind, place)),
        }
    }

    fn stopped(&self) -> Vec<Stopped> {
        let mut rows: Vec<Stopped> = Vec::new();
        let mut row_of = HashMap::new();
        for event in &self.aborted {
            let started = self.started.get(&event.trace);
            let kind = started.map_or(TraceKind::Loop, |started| started.kind);
            let header = started.map_or(&event.place, |started| &started.place);
            let compiled = self.is_compiled(kind, header, started.and_then(|started| started.from));
            let key = (event.reason, &event.detail, &event.place, kind, header, compiled);
            let row = *row_of.entry(key).or_insert(rows.len());
            if let Some(row) = rows.get_mut(row) {
                row.times += 1;
                row.recording_micros += event.recording_micros;
                continue;
            }
            rows.push(Stopped {
                reason: event.reason,
                detail: event.detail.clone(),
                bytecode: event.bytecode.clone(),
                place: event.place.clone(),
                kind,
                header: header.clone(),
                times: 1,
                recording_micros: event.recording_micros,
                compiled_in_the_end: compiled,
            });
        }
        rows.sort_by_key(|row| (row.compiled_in_the_end, std::cmp::Reverse(row.times)));
        rows
    }

    fn given_up(&self) -> Vec<GivenUp> {
        let mut rows: Vec<GivenUp> = Vec::new();
        for event in &self.blacklisted {
            let kind = if event.from.is_some() { TraceKind::Bridge } else { TraceKind::Loop };
            if self.is_compiled(kind, &event.place, event.from) {
                continue;
            }
            let row = GivenUp {
                place: event.place.clone(),
                from: event.from,
                reason: event.reason,
                times: event.times,
                for_good: event.retry_after.is_none(),
            };
            // A header comes here again after every back-off; the last word counts.
            match rows.iter_mut().find(|earlier| earlier.place == row.place && earlier.from == row.from) {
                Some(earlier) => *earlier = row,
                None => rows.push(row),
            }
        }
        rows
    }

    fn missed(&self) -> Vec<Missed> {
        let refused = self.refused.iter().map(|event| (event.reason, event.detail.as_ref(), &event.place));
        let calls = self.not_inlined.iter().map(|event| (event.reason, Some(&event.callee), &event.place));
        let mut rows: Vec<Missed> = Vec::new();
        for (reason, detail, place) in refused.chain(calls) {
            let same = |row: &&mut Missed| row.reason == reason && row.detail.as_ref() == detail && row.place == *place;
            match rows.iter_mut().find(same) {
                Some(row) => row.times += 1,
                None => rows.push(Missed { reason, detail: detail.cloned(), place: place.clone(), times: 1 }),
            }
        }
        rows.sort_by_key(|row| (row.reason.group(), std::cmp::Reverse(row.times)));
        rows
    }

    fn exits(&self) -> Vec<ExitRow> {
        let headers: HashMap<u32, &SourceSpan> =
            self.compiled.iter().map(|trace| (trace.trace, &trace.place)).collect();
        let row = |from: ExitRef, kind: Reason, place: &SourceSpan, count: u64| {
            let bridge = self.attached.get(&from).copied();
            ExitRow {
                from,
                kind,
                place: place.clone(),
                leaves: headers.get(&self.root(from.trace)).map(|&header| header.clone()),
                count,
                bridge,
                bridged: bridge.and_then(|bridge| self.entries(bridge)).unwrap_or(0),
            }
        };
        let mut rows: Vec<ExitRow> = match self.totals {
            Some(totals) => totals.exits.iter().map(|e| row(e.from, e.kind, &e.place, e.count)).collect(),
            None => self.hot.values().map(|e| row(e.from, e.kind, &e.place, e.count)).collect(),
        };
        rows.sort_by_key(|row| (std::cmp::Reverse(row.count + row.bridged), row.from));
        rows
    }
}
