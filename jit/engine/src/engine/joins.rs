//! The joins of the process: what is compiled where paths meet, and what a recording that arrives there does.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_vm::VirtualMachine;
use tjit_events::{self as events, ExitRef, SourceSpan, TraceKind};
use tjit_ir::{End, TraceId};

use super::{Engine, span};
use crate::decode::Decoded;
use crate::native::Native;
use crate::recorder::{Arrival, Flow, JoinPlace, JoinState, Joined, KnownJoin, Recorder, Res, Start};

/// What is known of a join.
#[derive(Default)]
struct Join {
    versions: Vec<(TraceId, Rc<JoinState>)>,
    passed: Option<JoinState>,
}

/// All joins, by place.
#[derive(Default)]
pub(super) struct JoinTable(FxHashMap<JoinPlace, Join>);

impl JoinTable {
    /// A join trace is there, or will be.
    pub(super) fn add(&mut self, place: JoinPlace, id: TraceId, state: Rc<JoinState>) {
        self.0.entry(place).or_default().versions.push((id, state));
    }

    /// There will be no such join trace.
    pub(super) fn remove(&mut self, place: &JoinPlace, id: TraceId) {
        if let Some(join) = self.0.get_mut(place) {
            join.versions.retain(|&(version, _)| version != id);
        }
    }

    /// A root trace passes a join in this form.
    pub(super) fn passed(&mut self, place: JoinPlace, state: JoinState) {
        self.0.entry(place).or_default().passed.get_or_insert(state);
    }

    /// At how many places the join traces among some traces begin, and how many these are.
    pub(super) fn among(&self, traces: &[TraceId]) -> (usize, usize) {
        let versions = self.0.values().map(|join| join.versions.iter().filter(|(id, _)| traces.contains(id)).count());
        versions.filter(|&versions| versions > 0).fold((0, 0), |(joins, all), versions| (joins + 1, all + versions))
    }

    /// Where a join is in the source.
    pub(super) fn span(&self, place: &JoinPlace, codes: &[Rc<Decoded>]) -> SourceSpan {
        let (key, unit) = *place.last().expect("a place has a frame");
        codes.iter().find(|code| code.key() == key).map_or_else(SourceSpan::default, |code| span(code, unit))
    }
}

impl Engine {
    /// Whether a trace ends in a join trace, and so is no copy of the rest of its loop.
    pub(super) fn joins_again(&self, native: &Native) -> bool {
        matches!(native.trace.end, End::Jump(id, _)
            if self.traces[id.index()].as_ref().is_some_and(|target| target.state.is_none()))
    }

    /// A recording has arrived at a join: it ends there, is cut there, or goes on as if it were none.
    pub(super) fn join(
        &mut self,
        mut recorder: Box<Recorder>,
        arrival: Arrival,
        vm: &VirtualMachine,
    ) -> (Box<Recorder>, Res<Flow>) {
        let place = recorder.join_place(arrival.unit);
        let go_on = |recorder: &mut Recorder| match arrival.op {
            Some(op) => recorder.record(op, vm),
            None => recorder.pass_header(arrival.unit, vm),
        };
        let known = self.joins.0.get(&place);
        let known = KnownJoin {
            versions: known.map_or(&[], |join| join.versions.as_slice()),
            passed: known.and_then(|join| join.passed.as_ref()),
        };
        match recorder.join(arrival.unit, &known, vm) {
            Ok(Joined::Linked) => (recorder, Ok(Flow::Done)),
            Ok(Joined::Cut(state)) => {
                let id = self.next_trace();
                let from = first_exit(&recorder);
                match recorder.cut(arrival, id, &state, vm) {
                    Ok(mut next) => {
                        let log = self.log;
                        log.emit(|| events::TraceStarted {
                            at_micros: log.now_micros(),
                            trace: id.0,
                            kind: TraceKind::Join,
                            place: self.joins.span(&place, &next.codes),
                            from,
                        });
                        let flow = go_on(&mut next);
                        (next, flow)
                    }
                    Err((recorder, abort)) => (recorder, Err(abort)),
                }
            }
            Ok(Joined::Not) => {
                let flow = go_on(&mut recorder);
                (recorder, flow)
            }
            Err(abort) => (recorder, Err(abort)),
        }
    }
}

/// The exit at which a chain of recordings began.
fn first_exit(recorder: &Recorder) -> Option<ExitRef> {
    match recorder.waiting.first().map_or(&recorder.start, |first| &first.start) {
        Start::Bridge { from: (trace, exit), .. } => Some(ExitRef { trace: trace.0, exit: *exit as u32 }),
        _ => None,
    }
}
