//! Regions: a loop's root trace with the bridges, if any, join traces and inner loops that it leads to, compiled once more as
//! one function when the loop has run long enough to be worth it.
//!
//! Traces are compiled one by one as they are recorded, so that each is of use at once. Where they link, values travel
//! through the calling convention. In the region's function, links are jumps and the register allocator sees all of it.
//! Exits keep their ids and slots, so that bridges which come later are found from there too.
//!
//! How much is compiled follows the time that it can win: a region is only compiled (again) when compiled code that was
//! entered at its root has run, since the last time, for longer than compiling it takes.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};
use tjit_codegen::{CompileError, Compiled, Compiler, Env, Region};
use tjit_events as events;
use tjit_ir::{End, Trace, TraceId};
use tjit_vm::options::{Bridges, JitMode};

use super::compile::Links;
use super::{Engine, span};
use crate::native::{ExitRecord, ExitState, Native};

/// Traces in a region, at most.
const MAX_TRACES: usize = 400;
/// Operations in a region, at most.
const MAX_OPERATIONS: usize = 12_000;
/// Operations of a region from which on it is compiled the fast way: the time for the better one grows faster than it.
const LONG_REGION: usize = 6_000;
/// Operations of a region up to which Cranelift's optimiser is worth its time: it wins a little in loops of numbers.
const SHORT_REGION: usize = 1_000;
/// How much longer than compiling its traces took, which was done the fast way, the region must have run.
const WORTH: u32 = 1;
/// The same while many traces are still being added to it, which would have it compiled again soon, and when few would be new
/// in it.
const WORTH_LATER: u32 = 3;
/// Which part of its traces is many: one in so many.
const MANY: usize = 8;
/// How much less that is where the program does not wait for the code.
const WORTH_BESIDE: u32 = 3;
/// Running time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What code is to be generated for: nothing of it belongs to the engine's thread.
pub(super) struct Job {
    traces: Vec<(Arc<Trace>, Arc<Compiled>)>,
    /// The bridges at the exits of each trace.
    bridges: FxHashMap<TraceId, Vec<Option<TraceId>>>,
    links: Links,
    effort: Effort,
    stress: bool,
}

/// How much is done for the code of a region.
#[derive(Clone, Copy)]
enum Effort {
    /// As for single traces.
    Fast,
    /// Registers are allocated with care.
    Careful,
    /// Cranelift's optimiser runs, too.
    Full,
}

/// Compilers for each effort.
pub(super) type Compilers = [Compiler; 3];

/// What has come of it, and how long it took.
pub(super) type Generated = (Result<Region, CompileError>, Duration);

/// A region for which code is being generated.
pub(super) struct Awaited {
    root: Rc<Native>,
    members: Vec<TraceId>,
}

/// Generates the code of a region.
pub(super) fn generate(compilers: &mut Compilers, job: &Job) -> Generated {
    let began = Instant::now();
    let parts: Vec<(&Trace, &Compiled)> = job.traces.iter().map(|(trace, compiled)| (&**trace, &**compiled)).collect();
    let bridges = |id: TraceId, exit: usize| job.bridges.get(&id)?.get(exit).copied().flatten();
    let env = Env {
        target: &|id| job.links.get(&id)?.0,
        hoisted: &|id| job.links.get(&id)?.1.clone(),
        first_exit: 0,
        by_exit: None,
        stress: job.stress,
        dump: false,
        limits: Default::default(),
    };
    let compiler = &mut compilers[job.effort as usize];
    (compiler.compile_region(&parts, &bridges, &env), began.elapsed())
}

impl Engine {
    /// Compiled code that was entered at a root has run for a time.
    pub(super) fn ran(&mut self, root: &Rc<Native>, elapsed: Duration) {
        root.spent.set(root.spent.get() + elapsed);
        self.collect();
        self.collect_region();
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
        let few = traces.len() / MANY;
        let grows = traces.len() - region.seen.replace(traces.len()).min(traces.len()) > few;
        let later = grows || traces.len() - region.traces.get() <= few;
        let beside = if self.region_generator.is_apart() { WORTH_BESIDE } else { 1 };
        let wanted = cost * if later { WORTH_LATER } else { WORTH } / beside;
        if region.time.get() < wanted && !stress {
            region.look_at.set(region.time.get() + cost.max(LOOK_EVERY));
            return;
        }
        if self.region_generator.under_way() > 0 {
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
        let mut links = Links::default();
        for native in traces {
            let End::Jump(id, _) = native.trace.end else { continue };
            let Some(target) = self.traces.get(id.index()).and_then(Option::as_ref) else { continue };
            links.insert(id, self.link_to(target));
        }
        let bridge = |record: &ExitRecord| match record.state.get() {
            ExitState::Bridged(bridge) => Some(bridge),
            _ => None,
        };
        let bridges = traces.iter().map(|native| (native.id, native.exits.iter().map(bridge).collect()));
        let operations: usize = traces.iter().map(|native| native.trace.schedule().count()).sum();
        let job = Job {
            traces: traces.iter().map(|native| (native.trace.clone(), native.compiled.clone())).collect(),
            bridges: bridges.collect(),
            links,
            effort: match operations {
                ..=SHORT_REGION => Effort::Full,
                ..=LONG_REGION => Effort::Careful,
                _ => Effort::Fast,
            },
            stress: self.options.jit == JitMode::Stress,
        };
        let members = traces.iter().map(|native| native.id).collect();
        self.region = Some(Awaited { root: root.clone(), members });
        if let Some(generated) = self.region_generator.give(job) {
            self.connect_region(generated);
        }
    }

    /// Enters a region whose code has been generated meanwhile.
    pub(super) fn collect_region(&mut self) {
        if let Some(generated) = self.region_generator.take() {
            self.connect_region(generated);
        }
    }

    pub(super) fn connect_region(&mut self, (compiled, took): Generated) {
        self.times.add_generating(took, self.region_generator.is_apart());
        let (Ok(region), Some(Awaited { root, members })) = (compiled, self.region.take()) else { return };
        self.code_bytes += region.code_size() as u64;
        let log = self.log;
        let place = span(&root.root.0, root.root.0.site(root.root.1).map_or(root.root.1, |info| info.after));
        let (joins, versions) = self.joins.among(&members);
        let is_root = |id: &&TraceId| self.traces[id.index()].as_ref().is_some_and(|native| native.state.is_some());
        let roots = members.iter().filter(is_root).count();
        log.emit(|| events::RegionCompiled {
            at_micros: log.now_micros(),
            trace: root.id.0,
            place,
            traces: region.traces() as u32,
            members: members.iter().map(|id| id.0).collect(),
            bridges: (members.len() - roots - versions) as u32,
            joins: joins as u32,
            versions: versions as u32,
            selects: region.selects() as u32,
            blocks: region.blocks() as u32,
            code_bytes: region.code_size() as u64,
            codegen_micros: took.as_micros() as u64,
        });
        // SAFETY: the root is the region's first trace; all traces live as long as the engine.
        unsafe { root.compiled.enter_region(region) };
        self.world.functions.set_word(root.id, root.compiled.address());
    }
}
