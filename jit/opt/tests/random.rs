//! Random traces: what a pass makes of a trace behaves as the trace does.
//!
//! "Behaves as" allows what the contract of passes allows. An optimised trace may leave earlier, by an instruction that
//! the original has as well, if the original is in the same state there; and it may go on where the original leaves by a
//! check of a result that nobody uses.
//!
//! `TJIT_SEEDS=20000` in the environment tries so many seeds for each shape of trace and pass.

use std::fmt::Write as _;

use tjit_ir::eval::{Config, Outcome};
use tjit_ir::testing::{self, Inputs, Report, Rng, random_inputs, random_trace, run};
use tjit_ir::{End, Imm, Inst, Op, Slot, Trace, Ty, ValueId, Virtual, VirtualKind};
use tjit_opt::Options;

const CONFIG: Config = Config { fuel: 20, steps: 20_000, counting: false };

/// How often runs were equal, left earlier, or went on.
#[derive(Default)]
struct Tally {
    equal: usize,
    earlier: usize,
    later: usize,
}

struct Case<'a> {
    what: String,
    original: &'a Trace,
    optimised: &'a Trace,
    inputs: Inputs,
}

impl Case<'_> {
    fn run(&self, trace: &Trace, config: Config) -> Report {
        run(trace, &self.inputs, config).unwrap_or_else(|error| self.fail(&error.to_string()))
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{}: {why}\n--- original\n{}\n--- optimised\n{}", self.what, self.original, self.optimised)
    }

    fn check(&self, counting: bool, tally: &mut Tally) {
        let expected = self.run(self.original, CONFIG);
        let found = self.run(self.optimised, Config { counting, ..CONFIG });
        if expected.text == found.text {
            tally.equal += 1;
            return;
        }
        if let Outcome::Exit(exit) = &found.run.outcome
            && let Some(stopped) = self.stopped_at(exit.at, found.run.iterations)
            && stopped.text == found.text
        {
            tally.earlier += 1;
            return;
        }
        if let Outcome::Exit(exit) = &expected.run.outcome {
            // `fold` may have made one of the first kind of the last two.
            let is_check = matches!(
                self.original.inst(exit.at).op,
                Op::AddOvf
                    | Op::SubOvf
                    | Op::MulOvf
                    | Op::NegOvf
                    | Op::AbsOvf
                    | Op::UnboxInt
                    | Op::ShlOvf
                    | Op::FloorDivOvf
            );
            if is_check && self.optimised.schedule().all(|value| value != exit.at) {
                tally.later += 1;
                return;
            }
        }
        self.fail(&format!("expected {}\nfound {}", expected.text, found.text));
    }

    /// Runs the original up to an exit of the optimised trace, after so many iterations, and leaves there.
    fn stopped_at(&self, exit: ValueId, iterations: u64) -> Option<Report> {
        let mut probe = self.original.clone();
        // The preheader's instructions, also when the optimised trace is no loop any more, are those before the poll.
        let before_poll = |value: &ValueId| self.optimised.inst(*value).op != Op::Poll;
        let starts_with_poll = probe.inst(probe.body[0]).op == Op::Poll;
        let fuel = if starts_with_poll && self.optimised.schedule().take_while(before_poll).any(|value| value == exit) {
            0
        } else {
            let at = probe.body.iter().position(|&value| value == exit)?;
            let snapshot = probe.inst(exit).snapshot;
            let poll = probe.define(Inst { op: Op::Poll, args: Default::default(), imm: Imm::None, snapshot });
            probe.body.insert(at, poll);
            if starts_with_poll && at > 0 {
                probe.body.remove(0);
            }
            iterations
        };
        Some(self.run(&probe, Config { fuel, ..CONFIG }))
    }
}

fn shapes() -> Vec<testing::Options> {
    let usual = testing::Options::default();
    vec![
        testing::Options { only_loops: true, ..usual },
        usual,
        testing::Options { preheader: true, only_loops: true, ..usual },
        testing::Options { size: 15, only_loops: true, ..testing::Options::scalars() },
        testing::Options { size: 150, params: 10, only_loops: true, ..usual },
    ]
}

/// Makes the counter of a random loop the position of a range iterator whose length is a new parameter: the loop's start
/// says so in its snapshot, and the loop's bound is that length.
fn over_range(mut trace: Trace, seed: u64) -> Trace {
    let counter = trace.params[0];
    let length = trace.add_param(Ty::Int, None);
    let End::Loop(next) = &mut trace.end else { return trace };
    next.push(length);
    let zero = trace.const_int(seed as i64 % 3);
    let iterator = [counter, zero, trace.const_int(1), length].map(Slot::Value).to_vec();
    let iterator = trace.add_virtual(Virtual { kind: VirtualKind::RangeIter, fields: iterator });
    let poll = trace.inst(trace.body[0]).snapshot.expect("a loop begins with poll");
    let header = &mut trace.snapshots[poll.index()].frames[0];
    header.locals.push(Slot::Value(length));
    header.stack.push(Slot::Virtual(iterator));
    let bound = trace.body[1];
    trace.insts[bound.index()].args[1] = length;
    trace
}

fn sweep(seeds: u64, counting: bool, name: &str, optimise: impl Fn(Trace) -> Trace) -> Tally {
    let seeds = std::env::var("TJIT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(seeds);
    let mut tally = Tally::default();
    for shape in shapes() {
        for seed in 0..seeds {
            let mut original = random_trace(seed, &shape);
            if seed % 2 == 1 {
                original = over_range(original, seed);
            }
            let optimised = optimise(original.clone());
            for input in [seed, seed + 1] {
                let inputs = random_inputs(input, &original);
                let what = format!("{name}, seed {seed}, inputs {input}, {shape:?}");
                Case { what, original: &original, optimised: &optimised, inputs }.check(counting, &mut tally);
            }
        }
    }
    tally
}

/// With counts checked by the verifier and by the evaluator.
#[test]
fn all_passes() {
    let mut options = Options::default();
    options.verify = true;
    let tally = sweep(400, true, "all passes", |trace| tjit_opt::optimize(trace, &options).0);
    let total = tally.equal + tally.earlier + tally.later;
    println!("{} equal, {} earlier, {} later", tally.equal, tally.earlier, tally.later);
    assert!(tally.equal * 10 > total * 6, "{} of {total} runs were equal", tally.equal);
}

#[test]
fn each_pass_alone() {
    for pass in tjit_opt::optional_passes() {
        let tally = sweep(100, false, pass.name(), |trace| {
            let optimised = pass.run(trace);
            optimised.verify().unwrap_or_else(|error| panic!("{}: {error}\n{optimised}", pass.name()));
            optimised
        });
        println!("{}: {} equal, {} earlier, {} later", pass.name(), tally.equal, tally.earlier, tally.later);
    }
}

/// What is switched off must not be needed by what is on.
#[test]
fn each_pass_left_out() {
    for pass in tjit_opt::optional_passes() {
        let mut options = Options::parse(&format!("-{}", pass.name())).expect("the name of a pass");
        options.verify = true;
        sweep(20, true, &format!("all but {}", pass.name()), |trace| tjit_opt::optimize(trace, &options).0);
    }
}

/// A loop over a range that reads, and sometimes writes, a list around its counter.
fn stencil(seed: u64) -> Trace {
    let mut rng = Rng::new(seed);
    let mut text = String::from(
        "trace t1\nrefs @0 \"None\"\nclasses class0 \"list\"\ncodes code0 \"main\"\n\
         params %pos: int, %len: int, %list: ref class0\n\
         poll -> s0\n%more = lt_int %pos, %len\nguard_true %more -> s1\n",
    );
    writeln!(text, "%i = add_ovf %pos, {} -> s1", rng.below(4) as i64 - 1).unwrap();
    let mut seen = String::from("%i");
    for access in 0..2 + rng.below(5) {
        let exit = format!("[code0+{} locals(%pos, %len, %list, {seen})]", 4 + access);
        let offset = rng.below(5) as i64 - 2;
        writeln!(text, "%x{access} = add_ovf %i, {offset} -> {exit}\n%n{access} = list_len %list").unwrap();
        writeln!(text, "%b{access} = in_bounds %x{access}, %n{access}\nguard_true %b{access} -> {exit}").unwrap();
        if rng.percent(25) {
            writeln!(text, "list_set %list, %x{access}, @0").unwrap();
        } else {
            writeln!(text, "%e{access} = list_get %list, %x{access}").unwrap();
            seen += &format!(", %e{access}");
        }
    }
    text += "%next = add_ovf %pos, 1 -> s1\nloop(%next, %len, %list)\n\
             s0 = [code0+0 locals(%pos, %len, %list) stack(v0)]\ns1 = [code0+1 locals(%pos, %len, %list) stack(v0)]\n\
             v0 = range_iter(%pos, 0, 1, %len)\n";
    Trace::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn bounds_checks_around_a_counter() {
    let mut options = Options::default();
    options.verify = true;
    let mut tally = Tally::default();
    let (mut before, mut after) = (0, 0);
    for seed in 0..300 {
        let original = stencil(seed);
        let optimised = tjit_opt::optimize(original.clone(), &options).0;
        before += original.exit_count();
        after += optimised.body.iter().filter(|&&value| optimised.inst(value).snapshot.is_some()).count();
        for input in seed..seed + 4 {
            let inputs = random_inputs(input, &original);
            let what = format!("stencil {seed}, inputs {input}");
            Case { what, original: &original, optimised: &optimised, inputs }.check(true, &mut tally);
        }
    }
    println!("{} equal, {} earlier, {} later; {before} exits, then {after}", tally.equal, tally.earlier, tally.later);
    assert!(after * 2 < before, "{before} exits became {after}");
}
