//! Guards that earlier guards made superfluous, and comparisons that they decided.
//!
//! Each guard that stays teaches a fact that holds from there on: the truth of a condition, how two numbers compare, the
//! class of an object, or which object it is. Comparisons keep, for a pair of values, the set of outcomes among *less*,
//! *equal*, *greater* and (floats) *unordered* that are still possible; a guard shrinks the set, and a comparison whose
//! outcome is the same for all of it is a constant.
//!
//! ```text
//!   guard_true %3              guard_true %3         (%3 = lt_int %1, %2)
//!   %5 = eq_int %2, %1   ──►
//!   guard_false %5
//! ```

use rustc_hash::{FxHashMap, FxHashSet};
use tjit_ir::{ClassId, Imm, Op, RefId, Trace, Ty, ValueId};

use crate::Pass;
use crate::fold::{same_object, simplify};
use crate::rewrite::{Forward, Step, forward};

/// The pass.
pub(crate) struct GuardsPass;

impl Pass for GuardsPass {
    fn name(&self) -> &'static str {
        "guards"
    }

    fn doc(&self) -> &'static str {
        "removes guards and comparisons that earlier guards decide"
    }

    fn run(&self, trace: Trace) -> Trace {
        let classes =
            trace.params.iter().zip(&trace.param_classes).filter_map(|(&param, class)| Some((param, (*class)?)));
        let facts = Facts { classes: classes.collect(), ..Facts::default() };
        forward(trace, &mut Walk { facts })
    }
}

const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;
const UNORDERED: u8 = 8;

/// The outcomes for which a comparison holds, and all outcomes of its type.
fn outcomes(op: Op) -> Option<(u8, u8)> {
    const INT: u8 = LESS | EQUAL | GREATER;
    const FLOAT: u8 = INT | UNORDERED;
    Some(match op {
        Op::EqInt => (EQUAL, INT),
        Op::NeInt => (LESS | GREATER, INT),
        Op::LtInt => (LESS, INT),
        Op::LeInt => (LESS | EQUAL, INT),
        Op::GtInt => (GREATER, INT),
        Op::GeInt => (GREATER | EQUAL, INT),
        Op::EqFloat => (EQUAL, FLOAT),
        Op::NeFloat => (LESS | GREATER | UNORDERED, FLOAT),
        Op::LtFloat => (LESS, FLOAT),
        Op::LeFloat => (LESS | EQUAL, FLOAT),
        Op::GtFloat => (GREATER, FLOAT),
        Op::GeFloat => (GREATER | EQUAL, FLOAT),
        _ => return None,
    })
}

/// The outcomes seen from the other operand.
fn mirrored(set: u8) -> u8 {
    let swapped = (if set & LESS != 0 { GREATER } else { 0 }) | (if set & GREATER != 0 { LESS } else { 0 });
    set & (EQUAL | UNORDERED) | swapped
}

/// What is known at a point of the trace.
#[derive(Default)]
struct Facts {
    truths: FxHashMap<ValueId, bool>,
    outcomes: FxHashMap<(ValueId, ValueId), u8>,
    classes: FxHashMap<ValueId, ClassId>,
    objects: FxHashMap<ValueId, RefId>,
    other_than: FxHashSet<(ValueId, RefId)>,
}

impl Facts {
    fn possible(&self, a: ValueId, b: ValueId, all: u8) -> u8 {
        if a <= b {
            self.outcomes.get(&(a, b)).copied().unwrap_or(all)
        } else {
            self.outcomes.get(&(b, a)).map_or(all, |&set| mirrored(set))
        }
    }

    fn narrow(&mut self, a: ValueId, b: ValueId, set: u8) {
        let (key, set) = if a <= b { ((a, b), set) } else { ((b, a), mirrored(set)) };
        *self.outcomes.entry(key).or_insert(set) &= set;
    }

    /// Whether a condition is decided.
    fn decide(&self, trace: &Trace, condition: ValueId) -> Option<bool> {
        if let Some(&known) = self.truths.get(&condition) {
            return Some(known);
        }
        let inst = trace.inst(condition);
        match inst.op {
            Op::ConstBool => trace.as_bool(condition),
            Op::NotBool => Some(!self.decide(trace, inst.args[0])?),
            Op::InBounds => {
                let possible = self.possible(inst.args[0], inst.args[1], LESS | EQUAL | GREATER);
                (possible & LESS == 0).then_some(false)
            }
            Op::SameRef => {
                let object = |value: ValueId| trace.as_ref(value).or_else(|| self.objects.get(&value).copied());
                match (object(inst.args[0]), object(inst.args[1])) {
                    (Some(a), Some(b)) => same_object(trace, a, b),
                    (Some(known), None) => self.other_than.contains(&(inst.args[1], known)).then_some(false),
                    (None, Some(known)) => self.other_than.contains(&(inst.args[0], known)).then_some(false),
                    (None, None) => None,
                }
            }
            op => {
                let (holds, all) = outcomes(op)?;
                let possible = self.possible(inst.args[0], inst.args[1], all);
                if possible & !holds == 0 { Some(true) } else { (possible & holds == 0).then_some(false) }
            }
        }
    }

    fn learn(&mut self, trace: &Trace, condition: ValueId, truth: bool) {
        self.truths.insert(condition, truth);
        let inst = trace.inst(condition);
        match (inst.op, truth) {
            (Op::NotBool, _) => self.learn(trace, inst.args[0], !truth),
            (Op::AndBool, true) | (Op::OrBool, false) => {
                self.learn(trace, inst.args[0], truth);
                self.learn(trace, inst.args[1], truth);
            }
            (Op::InBounds, true) => self.narrow(inst.args[0], inst.args[1], LESS),
            (Op::SameRef, _) => {
                for (value, other) in [(inst.args[0], inst.args[1]), (inst.args[1], inst.args[0])] {
                    match trace.as_ref(other) {
                        Some(object) if truth => drop(self.objects.insert(value, object)),
                        Some(object) => drop(self.other_than.insert((value, object))),
                        None => {}
                    }
                }
            }
            (op, _) => {
                if let Some((holds, all)) = outcomes(op) {
                    self.narrow(inst.args[0], inst.args[1], if truth { holds } else { all & !holds });
                }
            }
        }
    }
}

struct Walk {
    facts: Facts,
}

impl Forward for Walk {
    fn enter_body(&mut self, trace: &Trace) {
        if trace.body.iter().any(|&value| trace.effects(value).opaque) {
            self.forget_changeable_classes(trace);
        }
    }

    fn visit(&mut self, trace: &mut Trace, value: ValueId, _out: &mut Vec<ValueId>) -> Step {
        let inst = trace.inst(value).clone();
        match (inst.op, inst.imm) {
            (Op::GuardTrue | Op::GuardFalse, _) => {
                let wanted = inst.op == Op::GuardTrue;
                match self.facts.decide(trace, inst.args[0]) {
                    Some(known) if known == wanted => return Step::Remove,
                    Some(_) => return Step::Leave,
                    None => self.facts.learn(trace, inst.args[0], wanted),
                }
            }
            (Op::GuardClass, Imm::Class(class)) => match self.facts.classes.get(&inst.args[0]) {
                Some(&known) if known == class => return Step::Remove,
                Some(&known) if distinct_classes(trace, known, class) => return Step::Leave,
                _ => drop(self.facts.classes.insert(inst.args[0], class)),
            },
            (Op::GuardIs, Imm::Ref(object)) => match self.facts.objects.get(&inst.args[0]) {
                Some(&known) if same_object(trace, known, object) == Some(true) => return Step::Remove,
                Some(&known) if same_object(trace, known, object) == Some(false) => return Step::Leave,
                None if self.facts.other_than.contains(&(inst.args[0], object)) => return Step::Leave,
                _ => drop(self.facts.objects.insert(inst.args[0], object)),
            },
            (Op::GuardIsNot, Imm::Ref(object)) => match self.facts.objects.get(&inst.args[0]) {
                Some(&known) if same_object(trace, known, object) == Some(false) => return Step::Remove,
                Some(&known) if same_object(trace, known, object) == Some(true) => return Step::Leave,
                _ => {
                    if !self.facts.other_than.insert((inst.args[0], object)) {
                        return Step::Remove;
                    }
                }
            },
            (Op::AssumeIs, Imm::Ref(object)) => drop(self.facts.objects.insert(inst.args[0], object)),
            _ => return self.visit_other(trace, value),
        }
        Step::Keep
    }
}

impl Walk {
    fn visit_other(&mut self, trace: &mut Trace, value: ValueId) -> Step {
        if let Some(known) = self.facts.decide(trace, value) {
            return Step::Replace(trace.const_bool(known));
        }
        if self.use_known_bools(trace, value)
            && let Step::Replace(by) = simplify(trace, value)
        {
            return Step::Replace(by);
        }
        if trace.effects(value).opaque {
            self.forget_changeable_classes(trace);
        }
        Step::Keep
    }

    /// Assigning `__class__` changes the class of an instance of a Python class, never of a leaf.
    fn forget_changeable_classes(&mut self, trace: &Trace) {
        self.facts.classes.retain(|_, class| trace.pool.classes[class.index()].leaf);
    }

    /// Puts constants for operands that guards have decided. Snapshots keep the value: there it costs nothing.
    fn use_known_bools(&self, trace: &mut Trace, value: ValueId) -> bool {
        let mut changed = false;
        for index in 0..trace.inst(value).args.len() {
            let arg = trace.inst(value).args[index];
            if trace.ty(arg) != Ty::Bool || trace.inst(arg).op.is_const() {
                continue;
            }
            if let Some(&known) = self.facts.truths.get(&arg) {
                let constant = trace.const_bool(known);
                trace.insts[value.index()].args[index] = constant;
                changed = true;
            }
        }
        changed
    }
}

/// Whether two classes of the pool are certainly different objects.
fn distinct_classes(trace: &Trace, a: ClassId, b: ClassId) -> bool {
    trace.pool.classes[a.index()].addr != trace.pool.classes[b.index()].addr
}
