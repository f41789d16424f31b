//! Regions: a loop's root trace with the bridges, if any, join traces and inner loops that it leads to, compiled once more as one
//! function when the loop has run long enough to be worth it.
//!
//! Traces are compiled one by one as they are recorded, so that each is of use at once. Where they link, values travel
//! through the calling convention. In the region's function, links are jumps and the register allocator sees all of it.
//! Exits keep their ids and slots, so that bridges which come later are found from there too.
//!
//! How much is compiled follows the time that it can win: a region is only compiled (again) when compiled code that was
//! entered at its root has run, since the last time, for longer than compiling it takes.

use std::rc::Rc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;
use tjit_codegen::{Compiled, Env, Target};
use tjit_events as events;
use tjit_ir::{End, Trace, TraceId};
use tjit_vm::options::{Bridges, JitMode};

use super::{Engine, span};
use crate::native::{ExitState, Native};

/// Traces in a region, at most.
const MAX_TRACES: usize = 400;
/// Operations in a region, at most.
const MAX_OPERATIONS: usize = 12_000;
/// Operations of a region from which on it is compiled the fast way: the time for the better one grows faster than it.
const LONG_REGION: usize = 6_000;
/// How much longer than compiling its traces took, which was done the fast way, the region must have run.
const WORTH: u32 = 3;
/// The same while traces are still being added to it, which would have it compiled again soon.
const WORTH_GROWING: u32 = 8;
/// Running time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(1);

impl Engine {
    /// Compiled code that was entered at a root has run for a time.
    pub(super) fn ran(&mut self, root: &Rc<Native>, elapsed: Duration) {
        root.spent.set(root.spent.get() + elapsed);
        let region = &root.region;
        region.time.set(region.time.get() + elapsed);
        if region.time.get() < region.look_at.get() || self.options.bridges == Bridges::Classic {
            return;
        }
        let traces = self.reachable(root);
        region.look_at.set(region.time.get() + LOOK_EVERY);
        if traces.len() <= region.traces.get() {
            return;
        }
        // Under stress running time does not count; so that not every bridge has all compiled again:
        let stress = self.options.jit == JitMode::Stress;
        if stress && traces.len() < region.traces.get() * 3 / 2 {
            return;
        }
        let cost: Duration = traces.iter().map(|native| native.compiling).sum();
        let grows = region.seen.replace(traces.len()) != traces.len();
        let wanted = cost * if grows { WORTH_GROWING } else { WORTH };
        if region.time.get() < wanted && !stress {
            region.look_at.set(region.time.get() + cost.max(LOOK_EVERY));
            return;
        }
        self.compile_region(root, &traces);
        region.time.set(Duration::ZERO);
        region.look_at.set(LOOK_EVERY);
        region.traces.set(traces.len());
    }

    /// The traces that can be reached from a root without leaving compiled code, nearest first.
    pub(super) fn reachable(&self, root: &Rc<Native>) -> Vec<Rc<Native>> {
        let mut found = vec![root.clone()];
        let mut seen = FxHashSet::from_iter([root.id]);
        let mut operations = 0;
        let mut next = 0;
        while let Some(native) = found.get(next).cloned() {
            next += 1;
            operations += native.trace.schedule().count();
            if found.len() >= MAX_TRACES || operations >= MAX_OPERATIONS {
                break;
            }
            let bridges = native.exits.iter().filter_map(|record| match record.state.get() {
                ExitState::Bridged(id) => Some(id),
                _ => None,
            });
            let end = match native.trace.end {
                End::Jump(id, _) => Some(id),
                End::Loop(_) | End::Return(_) | End::Leave => None,
            };
            let more = bridges.chain(end).filter(|&id| seen.insert(id)).collect::<Vec<_>>();
            found.extend(more.into_iter().filter_map(|id| self.traces[id.index()].clone()));
        }
        found
    }

    fn compile_region(&mut self, root: &Rc<Native>, traces: &[Rc<Native>]) {
        let began = Instant::now();
        let parts: Vec<(&Trace, &Compiled)> = traces.iter().map(|native| (&native.trace, &native.compiled)).collect();
        let table = &self.traces;
        let bridges = |id: TraceId, exit: usize| match table[id.index()].as_ref()?.exits[exit].state.get() {
            ExitState::Bridged(bridge) => Some(bridge),
            _ => None,
        };
        let target = |id: TraceId| Some(Target::Code(table.get(id.index())?.as_ref()?.compiled.address()));
        let hoisted = |id: TraceId| super::hoisted(table, id);
        let env = Env {
            target: &target,
            hoisted: &hoisted,
            first_exit: 0,
            stress: self.options.jit == JitMode::Stress,
            dump: false,
            limits: Default::default(),
        };
        let operations: usize = traces.iter().map(|native| native.trace.schedule().count()).sum();
        let compiler = if operations > LONG_REGION { &mut self.compiler } else { &mut self.region_compiler };
        let compiled = compiler.compile_region(&parts, &bridges, &env);
        let elapsed = began.elapsed();
        self.times.compiling += elapsed;
        let Ok(region) = compiled else { return };
        self.code_bytes += region.code_size() as u64;
        let log = self.log;
        let place = span(&root.root.0, root.root.0.site(root.root.1).map_or(root.root.1, |info| info.after));
        log.emit(|| events::RegionCompiled {
            at_micros: log.now_micros(),
            trace: root.id.0,
            place,
            traces: region.traces() as u32,
            code_bytes: region.code_size() as u64,
            codegen_micros: elapsed.as_micros() as u64,
        });
        // SAFETY: the root is the region's first trace; all traces live as long as the engine.
        unsafe { root.compiled.enter_region(region) };
        self.world.functions.set_word(root.id, root.compiled.address());
    }
}
