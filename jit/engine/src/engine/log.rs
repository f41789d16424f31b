//! What the log is told: aborts, what is not tried any more, the totals, and where in the source that is.

use std::rc::Rc;
use std::time::Duration;

use tjit_events::{self as events, ExitRef, Log, Reason, SourceSpan};
use tjit_ir::{SnapshotId, Trace, TraceId};

use super::Engine;
use crate::clock;
use crate::decode::Decoded;
use crate::native::Native;
use crate::recorder::{Abort, Recorder};

impl Engine {
    pub(super) fn log_abort(&mut self, recorder: &Recorder, abort: &Abort) {
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

    pub(super) fn exit_span(&self, native: &Native, exit: usize) -> SourceSpan {
        snapshot_span(&native.trace, &native.codes, native.compiled.exits()[exit].snapshot)
    }

    pub(super) fn log_totals(&mut self) {
        let total = self.began.elapsed();
        let spent = self.times.recording + self.times.compiling + clock::compiled();
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
        let seen = self.sampler.as_mut().map(|sampler| sampler.rest().clone()).unwrap_or_default();
        let all_seen: u64 = seen.values().sum();
        let compiled = clock::compiled();
        let own = |id: TraceId| {
            let times = *seen.get(&id.0)?;
            Some(micros(compiled.mul_f64(times as f64 / all_seen as f64)))
        };
        let totals = events::Totals {
            times: events::Times {
                beside_micros: micros(self.times.beside),
                interpreter_micros: micros(total.saturating_sub(spent)),
                recording_micros: micros(self.times.recording),
                compiling_micros: micros(self.times.compiling),
                compiled_micros: micros(clock::compiled()),
            },
            traces: natives().count() as u32,
            bridges: self.bridges,
            code_bytes: self.code_bytes,
            entries: natives().map(|native| native.entries.get() + native.callbacks.entries.get()).sum(),
            per_trace: natives()
                .map(|native| events::TraceTotals {
                    trace: native.id.0,
                    entries: native.compiled.entries(),
                    compiled_micros: native.state.is_some().then(|| micros(native.spent.get())),
                    own_micros: own(native.id),
                })
                .collect(),
            exits,
        };
        self.log.emit(|| totals);
    }
}

/// Logs that something is not recorded, or not entered, any more: a header, or an exit.
pub(super) fn log_blacklisted(
    log: &Log,
    place: SourceSpan,
    from: Option<ExitRef>,
    reason: Reason,
    times: u32,
    retry_after: Option<u64>,
) {
    log.emit(|| events::Blacklisted { at_micros: log.now_micros(), place, from, reason, times, retry_after });
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
