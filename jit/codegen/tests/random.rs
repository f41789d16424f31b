//! Random traces, compiled and evaluated.

mod support;

use support::harness::{CHECKED, compare};
use tjit_codegen::Options;
use tjit_ir::eval::Config;
use tjit_ir::testing::{self, random_inputs, random_trace};
use tjit_opt::optimize;

fn sweep(seeds: std::ops::Range<u64>, shape: &testing::Options, options: Options) {
    for seed in seeds {
        let trace = random_trace(seed, shape);
        for other in [seed, seed + 1] {
            let inputs = random_inputs(other, &trace);
            let config = Config { fuel: 50, steps: 5_000, counting: false };
            compare(&format!("seed {seed}, inputs {other}"), &trace, &inputs, options, config);
        }
    }
}

#[test]
fn a_thousand_random_traces() {
    sweep(0..1000, &testing::Options::default(), CHECKED);
}

#[test]
fn with_other_settings() {
    for (optimize, fast_regalloc) in [(true, false), (true, true), (false, false), (false, true)] {
        let options = Options { optimize, fast_regalloc, ..CHECKED };
        sweep(1000..1100, &testing::Options::default(), options);
    }
}

#[test]
fn of_other_shapes() {
    sweep(0..200, &testing::Options::scalars(), CHECKED);
    let hoisted = testing::Options { preheader: true, only_loops: true, ..testing::Options::default() };
    sweep(0..200, &hoisted, CHECKED);
    sweep(0..20, &testing::Options { size: 300, params: 20, ..testing::Options::default() }, CHECKED);
}

/// After the ownership pass, counts must come out right on every way out. Nothing is freed too early or too late.
fn sweep_counting(seeds: std::ops::Range<u64>, passes: &str) {
    let passes = tjit_opt::Options::parse(passes).expect("passes");
    for seed in seeds {
        let shape = testing::Options { preheader: seed % 2 == 0, ..testing::Options::default() };
        let (trace, _) = optimize(random_trace(seed, &shape), &passes);
        for other in [seed, seed + 1, seed + 2] {
            let inputs = random_inputs(other, &trace);
            let config = Config { fuel: 50, steps: 5_000, counting: true };
            compare(&format!("seed {seed}, inputs {other}"), &trace, &inputs, CHECKED, config);
        }
    }
}

#[test]
fn counts_of_traces_as_recorded() {
    sweep_counting(0..400, "none");
}

#[test]
fn counts_of_optimised_traces() {
    sweep_counting(0..400, "all");
}
