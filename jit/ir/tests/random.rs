//! Random traces: every one verifies, round-trips and can be evaluated.

use tjit_ir::Trace;
use tjit_ir::eval::{Config, Outcome};
use tjit_ir::testing::{Options, random_inputs, random_trace, run};

fn check(seed: u64, options: &Options) -> [usize; 4] {
    let trace = random_trace(seed, options);
    trace.verify().unwrap_or_else(|error| panic!("seed {seed}: {error}\n{trace}"));
    let text = trace.to_string();
    let parsed = Trace::parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    assert_eq!(parsed.to_string(), text, "seed {seed}");
    parsed.verify().unwrap_or_else(|error| panic!("seed {seed}, parsed: {error}\n{text}"));
    let mut reached = [0; 4];
    for other in [seed, seed + 1, seed + 2] {
        let inputs = random_inputs(other, &trace);
        let report = |trace: &Trace| {
            let result = run(trace, &inputs, Config { fuel: 8, steps: 10_000, counting: false });
            result.unwrap_or_else(|error| panic!("seed {seed}, inputs {other}: {error}\n{trace}"))
        };
        let result = report(&trace);
        assert_eq!(result.text, report(&parsed).text, "seed {seed}, inputs {other}");
        if other == seed {
            reached[0] += usize::from(result.run.iterations > 0);
            reached[1] += usize::from(result.run.iterations > 3);
            reached[2] += usize::from(matches!(result.run.outcome, Outcome::Jump(..)));
            reached[3] += usize::from(matches!(result.run.outcome, Outcome::OutOfSteps));
        }
    }
    reached
}

fn sweep(seeds: std::ops::Range<u64>, options: &Options) -> [usize; 4] {
    let mut total = [0; 4];
    for seed in seeds {
        for (total, reached) in total.iter_mut().zip(check(seed, options)) {
            *total += reached;
        }
    }
    total
}

#[test]
fn a_thousand_random_traces() {
    let [once, more, jumps, endless] = sweep(0..1000, &Options::default());
    // The generator would be of little use if most traces were left at once.
    assert!(once > 300, "only {once} traces got through an iteration");
    assert!(more > 50, "only {more} traces got through several iterations");
    assert!(jumps > 30, "only {jumps} traces reached their jump");
    assert_eq!(endless, 0, "the fuel ends every loop");
}

#[test]
fn random_traces_of_other_shapes() {
    sweep(0..200, &Options::scalars());
    sweep(0..200, &Options { preheader: true, only_loops: true, ..Options::default() });
    sweep(0..50, &Options { size: 300, params: 12, ..Options::default() });
    sweep(0..100, &Options { size: 5, params: 0, rich_snapshots: false, ..Options::default() });
}

#[test]
fn equal_seeds_are_equal_traces() {
    let options = Options::default();
    assert_eq!(random_trace(7, &options), random_trace(7, &options));
    assert_ne!(random_trace(7, &options), random_trace(8, &options));
}
