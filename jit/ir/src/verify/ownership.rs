//! The check of reference counts: every reference that the trace owns is dropped or handed over once, on every way out.
//!
//! Counts are simulated along the schedule:
//!
//! | event | count |
//! |---|---|
//! | entry | each reference parameter 1 |
//! | owned result | +1 |
//! | `inc_ref`, `dec_ref` | +1, -1 |
//! | operand that the table marks as taken | -1 |
//! | end argument | -1 |
//!
//! At an exit, `held` must be exactly what has a count, and each count must be 1. After the end's arguments nothing may be
//! left, except what the preheader of a loop owns, which stays. Immortals need no counts: what `box_bool` yields, constants
//! that are, and what a `guard_is` shows to be one.
//!
//! A borrowed reference may be used until something releases, which is then said in the message. Not everything that may
//! release does: a `dec_ref` that leaves a count, or of a constant or of a leaf class, frees nothing else; and an element
//! of a tuple lives as long as the tuple. An exit of a releasing call leaves after the call, so its snapshot may not name
//! references that are only borrowed; nor may an operand of a call that runs Python code be only borrowed.

use super::{Result, Site, VerifyError};
use crate::entity::{ClassId, ValueId};
use crate::ops::{Op, Ownership};
use crate::trace::{End, Imm, Trace};
use crate::types::Ty;

/// Who keeps a reference alive besides the trace's own counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lender {
    /// Nobody.
    Nobody,
    /// The pool, or the object is immortal.
    Forever,
    /// Something on the heap, until the next release.
    Heap,
    /// The tuple of which it is an element.
    Tuple(ValueId),
    /// Something that this instruction may have dropped.
    Gone(ValueId),
}

#[derive(Clone, Copy)]
struct Life {
    count: u32,
    lender: Lender,
}

struct Simulation<'a> {
    trace: &'a Trace,
    lives: Vec<Life>,
    /// Classes that guards and parameters have established.
    classes: Vec<Option<ClassId>>,
    /// What is immortal, so that it does not matter whether anybody counts it.
    uncounted: Vec<bool>,
}

impl Trace {
    /// Checks the counts that the ownership pass made explicit. Expects a trace that [`Trace::verify`] accepts.
    ///
    /// # Errors
    /// The first leak, double drop, use of a reference that may be dangling, or wrong `held`.
    pub fn verify_ownership(&self) -> std::result::Result<(), VerifyError> {
        let none = Life { count: 0, lender: Lender::Nobody };
        let size = self.insts.len();
        let mut simulation = Simulation {
            trace: self,
            lives: vec![none; size],
            classes: vec![None; size],
            uncounted: vec![false; size],
        };
        for (index, inst) in self.insts.iter().enumerate() {
            if inst.op == Op::ConstRef {
                simulation.lives[index].lender = Lender::Forever;
            }
            simulation.uncounted[index] = inst.op == Op::BoxBool || self.is_immortal(ValueId::from_index(index));
        }
        for (&param, &class) in self.params.iter().zip(&self.param_classes) {
            if self.ty(param) == Ty::Ref {
                simulation.lives[param.index()].count = 1;
                simulation.classes[param.index()] = class;
            }
        }
        self.preheader.iter().try_for_each(|&value| simulation.step(value))?;
        if let Some(&param) = self.params.iter().find(|param| simulation.count(**param) > 1) {
            return self.error(Site::Part("preheader"), format!("leaves {param} with more than one reference"));
        }
        if let Some(&param) =
            self.params.iter().find(|&&param| self.ty(param) == Ty::Ref && simulation.count(param) == 0)
        {
            return self.error(Site::Part("preheader"), format!("drops the parameter {param}, which the body needs"));
        }
        let entry: Vec<u32> = simulation.lives.iter().map(|life| life.count).collect();
        // What the preheader borrowed must still be good in the second iteration.
        for _ in 0..if matches!(self.end, End::Loop(_)) { 2 } else { 1 } {
            self.body.iter().try_for_each(|&value| simulation.step(value))?;
            simulation.end(&entry)?;
        }
        Ok(())
    }
}

impl Simulation<'_> {
    fn count(&self, value: ValueId) -> u32 {
        self.lives[value.index()].count
    }

    fn is_ref(&self, value: ValueId) -> bool {
        self.trace.ty(value) == Ty::Ref
    }

    /// Whether the object exists for sure; else the instruction that may have freed it, if it was not the trace itself.
    fn alive(&self, value: ValueId) -> std::result::Result<(), Option<ValueId>> {
        let life = self.lives[value.index()];
        match life.lender {
            _ if life.count > 0 || self.is_uncounted(value) => Ok(()),
            Lender::Forever | Lender::Heap => Ok(()),
            Lender::Tuple(tuple) => self.alive(tuple),
            Lender::Nobody => Err(None),
            Lender::Gone(culprit) => Err(Some(culprit)),
        }
    }

    fn check_alive(&self, site: Site, value: ValueId, how: &str) -> Result {
        let trace = self.trace;
        match self.alive(value) {
            Ok(()) => Ok(()),
            Err(None) => trace.error(site, format!("{how} {value}, whose last reference the trace has given away")),
            Err(Some(culprit)) => {
                let culprit = trace.display_inst(culprit);
                trace.error(site, format!("{how} {value}, which is only borrowed and which `{culprit}` may have freed"))
            }
        }
    }

    fn drop_count(&mut self, site: Site, value: ValueId, how: &str) -> Result {
        if self.is_uncounted(value) {
            return Ok(());
        }
        if self.count(value) == 0 {
            let operand = self.trace.display_value(value);
            return self.trace.error(site, format!("{how} {operand}, to which the trace owns no reference"));
        }
        self.lives[value.index()].count -= 1;
        Ok(())
    }

    fn is_uncounted(&self, value: ValueId) -> bool {
        self.uncounted[value.index()]
    }

    fn release(&mut self, culprit: ValueId) {
        for life in &mut self.lives {
            if life.lender == Lender::Heap {
                life.lender = Lender::Gone(culprit);
            }
        }
    }

    /// Whether dropping an instance can only free the instance itself.
    fn is_leaf(&self, value: ValueId) -> bool {
        matches!(self.trace.inst(value).op, Op::BoxInt | Op::BoxFloat)
            || self.classes[value.index()].is_some_and(|class| self.trace.pool.classes[class.index()].leaf)
    }

    fn exit(&self, exit: ValueId, dangling: &str) -> Result {
        let trace = self.trace;
        let site = Site::Inst(exit);
        let held = trace.held.get(&exit).map_or(&[][..], Vec::as_slice);
        for (index, life) in self.lives.iter().enumerate() {
            let value = ValueId::from_index(index);
            let shown = trace.display_value(value);
            match (life.count, held.contains(&value)) {
                (0, false) | (1, true) => {}
                _ if self.is_uncounted(value) => {}
                (0, true) => return trace.error(site, format!("holds {shown}, which the trace does not own there")),
                (1, false) => return trace.error(site, format!("leaks {shown}: it is owned there and not held")),
                (count, _) => {
                    return trace.error(
                        site,
                        format!("{count} references to {shown} are owned there, only one can be handed over"),
                    );
                }
            }
        }
        let snapshot = trace.inst(exit).snapshot.into_iter();
        let values = snapshot.flat_map(|snapshot| trace.snapshot_values(snapshot));
        for value in values.filter(|&value| self.is_ref(value)) {
            self.check_alive(site, value, dangling)?;
        }
        Ok(())
    }

    fn step(&mut self, value: ValueId) -> Result {
        let trace = self.trace;
        let inst = trace.inst(value);
        let effects = trace.effects(value);
        let site = Site::Inst(value);
        for &arg in inst.args.iter().filter(|&&arg| self.is_ref(arg)) {
            self.check_alive(site, arg, "uses")?;
        }
        // A call of a compiled function leaves with the call under way: its operands are taken by then.
        let is_under_way = matches!(inst.imm, Imm::Helper(helper) if trace.helper(helper).trace.is_some());
        if effects.exits && !is_under_way {
            self.exit(value, "the snapshot names")?;
        }
        match inst.op {
            Op::IncRef if self.is_uncounted(inst.args[0]) => {}
            Op::IncRef => self.lives[inst.args[0].index()].count += 1,
            Op::DecRef => {
                let arg = inst.args[0];
                self.drop_count(site, arg, "drops")?;
                if self.alive(arg).is_err() && !self.is_leaf(arg) {
                    self.release(value);
                }
            }
            _ => {
                for (index, &arg) in inst.args.iter().enumerate() {
                    if self.is_ref(arg) && trace.takes(inst, index) {
                        self.drop_count(site, arg, "takes")?;
                        // Its new owner keeps it.
                        if self.lives[arg.index()].lender == Lender::Nobody {
                            self.lives[arg.index()].lender = Lender::Heap;
                        }
                    }
                }
                if effects.releases {
                    self.release(value);
                }
                if effects.releases && effects.exits {
                    self.exit(value, "leaves after it ran, and the snapshot names")?;
                }
                // (A compiled function owns its operands.)
                if effects.opaque && !is_under_way {
                    for &arg in inst.args.iter().filter(|&&arg| self.is_ref(arg)) {
                        self.check_alive(site, arg, "runs Python code with the operand")?;
                    }
                }
            }
        }
        if let (Op::GuardClass, Imm::Class(class)) = (inst.op, inst.imm) {
            self.classes[inst.args[0].index()] = Some(class);
        }
        if let Some(immortal) = trace.shown_immortal(inst) {
            self.uncounted[immortal.index()] = true;
        }
        if self.is_ref(value) {
            self.lives[value.index()] = match trace.ownership(value) {
                Ownership::Owned => Life { count: self.count(value) + 1, lender: Lender::Nobody },
                Ownership::None => Life { count: self.count(value), lender: Lender::Forever },
                Ownership::Borrowed if inst.op == Op::TupleGet => {
                    Life { count: self.count(value), lender: Lender::Tuple(inst.args[0]) }
                }
                Ownership::Borrowed => Life { count: self.count(value), lender: Lender::Heap },
            };
        }
        Ok(())
    }

    /// The end: hands over its arguments, then compares with the counts at the body's start and begins again.
    fn end(&mut self, entry: &[u32]) -> Result {
        let trace = self.trace;
        let site = Site::Part("end");
        if trace.end == End::Leave {
            return Ok(());
        }
        for &arg in trace.end_args().iter().filter(|&&arg| trace.ty(arg) == Ty::Ref) {
            self.drop_count(site, arg, "hands over")?;
        }
        let is_loop = matches!(trace.end, End::Loop(_));
        for (index, life) in self.lives.iter_mut().enumerate() {
            let value = ValueId::from_index(index);
            let is_param = trace.insts[index].op == Op::ParamRef;
            let stays = if is_loop && !is_param { entry[index] } else { 0 };
            let shown = trace.display_value(value);
            if self.uncounted[index] {
                // Nothing to compare.
            } else if life.count > stays {
                return trace.error(site, format!("leaks {shown}: {} references are left", life.count - stays));
            }
            if life.count < stays && !self.uncounted[index] {
                return trace.error(site, format!("{shown} is owned by the preheader and given away in the body"));
            }
            if is_param {
                *life = Life { count: entry[index], lender: Lender::Nobody };
                self.uncounted[index] = false;
            }
        }
        Ok(())
    }
}
