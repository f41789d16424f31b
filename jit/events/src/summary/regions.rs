//! Regions, where in compiled code the time goes, and which guards the bridges come from.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Gathered;
use crate::{ExitRef, Reason, SourceSpan, TraceKind};

/// A loop's region, as it was compiled last.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RegionRow {
    /// Its root trace.
    pub trace: u32,
    /// The loop's header.
    pub place: SourceSpan,
    /// How often it was compiled.
    pub times: u64,
    /// Traces in it.
    pub traces: u32,
    /// Bridges among them.
    pub bridges: u32,
    /// Places where paths meet at which some of them begin.
    pub joins: u32,
    /// Join traces among them.
    pub versions: u32,
    /// Guards that became conditional moves.
    pub selects: u32,
    /// Basic blocks of its code.
    pub blocks: u32,
    /// Size of its code, in bytes.
    pub code_bytes: u64,
    /// Time to generate its code, all times together.
    pub codegen_micros: u64,
}

/// A compiled trace, with its part of the time in compiled code.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BlockRow {
    /// The trace.
    pub trace: u32,
    /// What it begins at.
    pub kind: TraceKind,
    /// Where.
    pub place: SourceSpan,
    /// The root trace of the loop that it belongs to.
    pub root: u32,
    /// Operations, as compiled.
    pub ops: u32,
    /// How often it was entered; none without totals.
    pub entries: Option<u64>,
    /// Time in it, by samples.
    pub own_micros: u64,
    /// That time as a share of the time in compiled code.
    pub share: f64,
}

/// A guard with the bridges that would not be there without it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GuardRow {
    /// Its exit.
    pub from: ExitRef,
    /// Why that is taken.
    pub kind: Option<Reason>,
    /// Where.
    pub place: SourceSpan,
    /// Bridges that begin at it, or below.
    pub bridges: u64,
    /// Join traces that were recorded with those bridges.
    pub joins: u64,
    /// Operations of all these traces, as compiled.
    pub ops: u64,
    /// Size of their code, in bytes.
    pub code_bytes: u64,
}

impl Gathered<'_> {
    pub(super) fn regions(&self) -> Vec<RegionRow> {
        let mut rows = BTreeMap::new();
        for event in &self.regions {
            let (times, spent) =
                rows.get(&event.trace).map_or((0, 0), |row: &RegionRow| (row.times, row.codegen_micros));
            rows.insert(
                event.trace,
                RegionRow {
                    trace: event.trace,
                    place: event.place.clone(),
                    times: times + 1,
                    traces: event.traces,
                    bridges: event.bridges,
                    joins: event.joins,
                    versions: event.versions,
                    selects: event.selects,
                    blocks: event.blocks,
                    code_bytes: event.code_bytes,
                    codegen_micros: spent + event.codegen_micros,
                },
            );
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by_key(|row| Reverse(row.traces));
        rows
    }

    pub(super) fn blocks(&self) -> Vec<BlockRow> {
        let Some(totals) = self.totals else { return Vec::new() };
        let own: BTreeMap<u32, u64> =
            totals.per_trace.iter().filter_map(|trace| Some((trace.trace, trace.own_micros?))).collect();
        let all = own.values().sum::<u64>().max(1);
        let row = |trace: &&crate::TraceCompiled| {
            let own_micros = *own.get(&trace.trace)?;
            Some(BlockRow {
                trace: trace.trace,
                kind: trace.kind,
                place: trace.place.clone(),
                root: self.root(trace.trace),
                ops: trace.ops_after,
                entries: self.entries(trace.trace),
                own_micros,
                share: own_micros as f64 / all as f64,
            })
        };
        let mut rows: Vec<_> = self.compiled.iter().filter_map(row).collect();
        rows.sort_by_key(|row| Reverse(row.own_micros));
        rows
    }

    pub(super) fn guards(&self) -> Vec<GuardRow> {
        let kinds = self.kinds();
        let mut rows: BTreeMap<ExitRef, GuardRow> = BTreeMap::new();
        for trace in &self.compiled {
            let mut at = trace.trace;
            // Each step goes to a trace with a smaller number.
            while let Some(from) = self.from(at).filter(|from| from.trace < at) {
                let place = self.started.get(&at).map_or_else(SourceSpan::default, |started| started.place.clone());
                let row = rows.entry(from).or_insert_with(|| GuardRow {
                    from,
                    kind: kinds.get(&from).copied(),
                    place,
                    bridges: 0,
                    joins: 0,
                    ops: 0,
                    code_bytes: 0,
                });
                match trace.kind {
                    TraceKind::Join => row.joins += 1,
                    _ => row.bridges += 1,
                }
                row.ops += u64::from(trace.ops_after);
                row.code_bytes += trace.code_bytes;
                at = from.trace;
            }
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by_key(|row| Reverse((row.bridges, row.code_bytes)));
        rows
    }
}
