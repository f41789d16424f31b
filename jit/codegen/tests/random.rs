//! Random traces, compiled and evaluated.

mod support;

use support::compare;
use tjit_codegen::Options;
use tjit_ir::eval::Config;
use tjit_ir::testing::{self, random_inputs, random_trace};

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
    sweep(0..1000, &testing::Options::default(), Options::default());
}

#[test]
fn with_other_settings() {
    for (optimize, fast_regalloc) in [(true, false), (true, true), (false, false), (false, true)] {
        let options = Options { optimize, fast_regalloc, ..Options::default() };
        sweep(1000..1100, &testing::Options::default(), options);
    }
}

#[test]
fn of_other_shapes() {
    sweep(0..200, &testing::Options::scalars(), Options::default());
    let hoisted = testing::Options { preheader: true, only_loops: true, ..testing::Options::default() };
    sweep(0..200, &hoisted, Options::default());
    sweep(0..20, &testing::Options { size: 300, params: 20, ..testing::Options::default() }, Options::default());
}
