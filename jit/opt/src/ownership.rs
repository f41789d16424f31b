//! Reference counts made explicit: the last pass, always run.
//!
//! Who holds a count, and how long:
//!
//! * Owned results and reference parameters have one count from where they are defined. A borrowed result gets one by
//!   `inc_ref`, right after its definition, when it is needed beyond an operation that releases.
//! * A count is given away at the last mention when that is an operand which the operation takes, or an operand of the
//!   end; otherwise `dec_ref` follows the last mention. Mentions in snapshots count: an exit there needs the value.
//! * Before giving away what is needed further on, or what has no count (a borrowed value, a constant, `True`), comes
//!   `inc_ref`.
//! * Immortal constants are not counted, nor is what a `guard_is` has shown to be one, from there on.
//! * In a loop, what the preheader defines and the body mentions, and what the end hands on unchanged, is held all the
//!   time: the body neither drops nor gives away its count.
//! * [`Trace::held`] lists for every exit what has a count there, just before the instruction.
//!
//! ```text
//!   %3 = list_get %1, %2                 %3 = list_get %1, %2
//!   list_set %1, %2, %0                  inc_ref %3
//!   loop(%3, %1, %2)                     list_set %1, %2, %0        (takes %0's count)
//!                                        loop(%3, %1, %2)           (gives %3's count to %0)
//! ```
//!
//! Dropping a value releases, so whether a borrowed value needs a count depends on where others are dropped; counts are
//! added until none is missing.

use rustc_hash::FxHashMap;
use tjit_ir::{ClassId, End, Imm, Op, Ownership, Trace, Ty, ValueId};

use crate::Pass;
use crate::rewrite::plain;

/// The name of the pass, which cannot be switched off.
pub(crate) const NAME: &str = "ownership";

/// The pass.
pub(crate) struct OwnershipPass;

impl Pass for OwnershipPass {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "inserts reference counting; always runs"
    }

    fn run(&self, trace: Trace) -> Trace {
        let lives = Lives::of(&trace);
        Emit::new(trace, lives).run()
    }
}

/// Positions on a line: instruction `n` of the schedule is at `2n + 2`, the drops after it at `2n + 3`; the end is where
/// the instruction after the last one would be. The drops at the body's start are where those after the preheader's
/// last instruction are.
type Point = usize;

fn point(index: usize) -> Point {
    2 * index + 2
}

/// Where values are defined and mentioned for the last time, and which of them have a count of their own.
struct Lives {
    /// Length of the preheader, in instructions of the schedule.
    split: usize,
    /// By value: where it is defined. Parameters are at 0.
    defined: Vec<Point>,
    /// By value: its last mention, or its definition when there is none.
    last: Vec<Point>,
    /// By value: whether the trace holds a count of it.
    owned: Vec<bool>,
    /// By value: whether it lives through all iterations of a loop.
    persistent: Vec<bool>,
    /// By value: whether dropping it can free nothing but itself.
    leaf: Vec<bool>,
}

impl Lives {
    fn of(trace: &Trace) -> Lives {
        let size = trace.insts.len();
        let split = trace.preheader.len();
        let is_loop = matches!(trace.end, End::Loop(_));
        let mut lives = Lives {
            split,
            defined: vec![0; size],
            last: vec![0; size],
            owned: vec![false; size],
            persistent: vec![false; size],
            leaf: vec![false; size],
        };
        let is_leaf = |class: ClassId| trace.pool.classes[class.index()].leaf;
        for (&param, class) in trace.params.iter().zip(&trace.param_classes) {
            lives.leaf[param.index()] = class.is_some_and(is_leaf);
        }
        for &param in &trace.params {
            lives.owned[param.index()] = trace.ty(param) == Ty::Ref;
            lives.persistent[param.index()] = trace.is_invariant_param(param);
        }
        let mut borrowed = Vec::new();
        for (index, value) in trace.schedule().enumerate() {
            let here = point(index);
            lives.defined[value.index()] = here;
            lives.last[value.index()] = here;
            match trace.ownership(value) {
                Ownership::Owned => lives.owned[value.index()] = true,
                Ownership::Borrowed => borrowed.push(value),
                Ownership::None => {}
            }
            let inst = trace.inst(value);
            match (inst.op, inst.imm) {
                (Op::BoxInt | Op::BoxFloat, _) => lives.leaf[value.index()] = true,
                (Op::GuardClass, Imm::Class(class)) => lives.leaf[inst.args[0].index()] |= is_leaf(class),
                (Op::GuardIs | Op::AssumeIs, _) => {
                    // Dropped before, it would be there; from here on, it is not dropped.
                    if let Some(immortal) = trace.shown_immortal(inst) {
                        lives.leaf[immortal.index()] = true;
                    }
                }
                _ => {}
            }
            inst.args.iter().for_each(|arg| lives.last[arg.index()] = here);
            if let Some(snapshot) = inst.snapshot {
                trace.snapshot_values(snapshot).iter().for_each(|value| lives.last[value.index()] = here);
            }
        }
        let end = point(trace.preheader.len() + trace.body.len());
        trace.end_args().iter().for_each(|arg| lives.last[arg.index()] = end);
        for &param in &trace.params {
            // A parameter stands for each iteration's value, so it lives into the body.
            let last = &mut lives.last[param.index()];
            *last = (*last).max(point(split) - 1);
        }
        if is_loop {
            for &value in &trace.preheader {
                lives.persistent[value.index()] = lives.last[value.index()] >= point(split);
            }
        }
        lives.count_borrowed(trace, borrowed);
        lives
    }

    /// Gives a count to every borrowed value that is needed beyond a release, until none is missing.
    fn count_borrowed(&mut self, trace: &Trace, mut borrowed: Vec<ValueId>) {
        loop {
            let releases = self.releases(trace);
            let before = borrowed.len();
            borrowed.retain(|&value| {
                let count = self.persistent[value.index()] || self.crosses(trace, &releases, value);
                self.owned[value.index()] = count;
                !count
            });
            if borrowed.len() == before {
                return;
            }
        }
    }

    /// Every point at which references to other objects may be dropped, in order.
    fn releases(&self, trace: &Trace) -> Vec<Point> {
        let calls = trace.schedule().enumerate().filter(|&(_, value)| trace.effects(value).releases);
        let mut points: Vec<Point> = calls.map(|(index, _)| point(index)).collect();
        let values = trace.params.iter().copied().chain(trace.schedule());
        points.extend(values.filter(|value| !self.leaf[value.index()]).filter_map(|value| self.drop_point(value)));
        points.sort_unstable();
        points
    }

    /// Where a value is dropped if its last mention does not give it away.
    fn drop_point(&self, value: ValueId) -> Option<Point> {
        let index = value.index();
        (self.owned[index] && !self.persistent[index]).then_some(self.last[index] | 1)
    }

    /// Whether a borrowed value is needed beyond a release.
    fn crosses(&self, trace: &Trace, releases: &[Point], value: ValueId) -> bool {
        let (defined, last) = (self.defined[value.index()], self.last[value.index()]);
        let inst = trace.inst(value);
        if inst.op == Op::TupleGet {
            // An element of a tuple lives as long as the tuple.
            let tuple = inst.args[0].index();
            let outlives = self.persistent[tuple] || self.last[tuple] >= last;
            if trace.inst(inst.args[0]).op.is_const() || self.owned[tuple] && outlives {
                return false;
            }
        }
        let next = releases.partition_point(|&release| release <= defined);
        match releases.get(next) {
            Some(&release) if release < last => true,
            Some(&release) if release == last => {
                // The releasing instruction itself mentions it. A store is done with its container before it drops the
                // old contents; a call may use its operands, and leave by its snapshot, after it has dropped something.
                let user = trace.schedule().nth(last / 2 - 1).map(|user| trace.inst(user));
                user.is_some_and(|inst| {
                    let saved = inst.snapshot.is_some_and(|id| trace.snapshot_values(id).contains(&value));
                    saved || inst.op == Op::Call
                })
            }
            _ => false,
        }
    }
}

/// Builds the new lists.
struct Emit {
    trace: Trace,
    lives: Lives,
    /// What has a count at the current point, in order of definition.
    held: Vec<ValueId>,
    /// What has turned out to be immortal.
    immortal: Vec<ValueId>,
    /// What is dropped at a point.
    drops: FxHashMap<Point, Vec<ValueId>>,
    out: Vec<ValueId>,
}

impl Emit {
    fn new(trace: Trace, lives: Lives) -> Emit {
        let mut drops: FxHashMap<Point, Vec<ValueId>> = FxHashMap::default();
        for value in trace.params.iter().copied().chain(trace.schedule()) {
            if let Some(at) = lives.drop_point(value) {
                drops.entry(at).or_default().push(value);
            }
        }
        let held = trace.params.iter().copied().filter(|param| lives.owned[param.index()]).collect();
        Emit { trace, lives, held, immortal: Vec::new(), drops, out: Vec::new() }
    }

    fn run(mut self) -> Trace {
        let preheader = std::mem::take(&mut self.trace.preheader);
        let body = std::mem::take(&mut self.trace.body);
        let split = self.lives.split;
        for (index, &value) in preheader.iter().enumerate() {
            self.instruction(point(index), value);
            let is_last = index + 1 == split;
            self.drop_at(point(index) + 1, |emit, value| !is_last || emit.lives.defined[value.index()] > 0);
        }
        self.trace.preheader = std::mem::take(&mut self.out);
        self.drop_at(point(split) - 1, |_, _| true);
        for (index, &value) in body.iter().enumerate() {
            let here = point(split + index);
            self.instruction(here, value);
            if self.trace.inst(value).op != Op::Leave {
                self.drop_at(here + 1, |_, _| true);
            }
        }
        self.end();
        self.trace.body = self.out;
        self.trace
    }

    fn count(&mut self, op: Op, value: ValueId) {
        if self.trace.is_immortal(value) || self.immortal.contains(&value) {
            return;
        }
        let inst = self.trace.define(plain(op, &[value]));
        self.out.push(inst);
    }

    /// Drops what is still held of the values whose drop is at this point and which the filter lets through.
    fn drop_at(&mut self, at: Point, filter: impl Fn(&Emit, ValueId) -> bool) {
        for value in self.drops.get(&at).cloned().unwrap_or_default() {
            if filter(self, value)
                && let Some(position) = self.held.iter().position(|&held| held == value)
            {
                self.held.remove(position);
                self.count(Op::DecRef, value);
            }
        }
    }

    fn instruction(&mut self, here: Point, value: ValueId) {
        let inst = self.trace.inst(value).clone();
        // What a call of a compiled function takes is gone where it leaves, as it leaves with the call under way.
        let is_under_way = matches!(inst.imm, Imm::Helper(helper) if self.trace.helper(helper).trace.is_some());
        if inst.snapshot.is_some() && !is_under_way {
            self.trace.held.insert(value, self.held.clone());
        }
        for (index, &arg) in inst.args.iter().enumerate() {
            if self.trace.ty(arg) == Ty::Ref && self.trace.takes(&inst, index) {
                let once = inst.args.iter().filter(|&&other| other == arg).count() == 1;
                let saved = is_under_way && self.is_saved(&inst, arg);
                self.give(arg, once && !saved && self.lives.last[arg.index()] == here);
            }
        }
        if is_under_way {
            self.trace.held.insert(value, self.held.clone());
        }
        self.out.push(value);
        if let Some(immortal) = self.trace.shown_immortal(&inst)
            && !self.lives.persistent[immortal.index()]
        {
            self.immortal.push(immortal);
            self.held.retain(|&held| held != immortal);
        }
        if self.lives.owned[value.index()] {
            self.held.push(value);
            if self.trace.ownership(value) == Ownership::Borrowed {
                self.count(Op::IncRef, value);
            }
        }
    }

    /// Whether the snapshot of an instruction mentions a value.
    fn is_saved(&self, inst: &tjit_ir::Inst, value: ValueId) -> bool {
        inst.snapshot.is_some_and(|snapshot| self.trace.snapshot_values(snapshot).contains(&value))
    }

    /// Makes sure that there is a count to give away: the value's own when this is its last use, or a new one.
    fn give(&mut self, value: ValueId, last_use: bool) {
        let index = value.index();
        if last_use
            && !self.lives.persistent[index]
            && let Some(position) = self.held.iter().position(|&held| held == value)
        {
            self.held.remove(position);
        } else {
            self.count(Op::IncRef, value);
        }
    }

    fn end(&mut self) {
        let handed_on = matches!(self.trace.end, End::Loop(_));
        for (index, arg) in self.trace.end_args().to_vec().into_iter().enumerate() {
            let unchanged = handed_on && self.trace.params[index] == arg;
            if self.trace.ty(arg) == Ty::Ref && !unchanged {
                // Given once, a value is no longer held, so that a second mention finds no count and adds one.
                self.give(arg, true);
            }
        }
    }
}
