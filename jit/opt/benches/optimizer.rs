//! How long the optimiser takes: all passes together, and each by itself, for traces as the recorder makes them.
//!
//! `cargo bench -p tjit-opt`. The traces in `benches/traces` are from `tjit run --dump=ir` of programs in
//! `benchmarks/programs`: `leibniz_pi`, `word_count`, `vectors` and `nbody_lists`.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tjit_ir::Trace;
use tjit_opt::{Options, all_passes, optimize};

const TRACES: [(&str, &str); 4] = [
    ("pi", include_str!("traces/pi.txt")),
    ("words", include_str!("traces/words.txt")),
    ("vectors", include_str!("traces/vectors.txt")),
    ("nbody", include_str!("traces/nbody.txt")),
];

fn parse(text: &str) -> Trace {
    Trace::parse(text).expect("the trace is right")
}

fn pipeline(c: &mut Criterion) {
    let mut group = c.benchmark_group("optimize");
    for (name, text) in TRACES {
        let trace = parse(text);
        let ops = trace.schedule().count();
        group.throughput(Throughput::Elements(ops as u64));
        group.bench_function(BenchmarkId::new(name, format!("{ops} ops")), |b| {
            b.iter_batched(
                || trace.clone(),
                |trace| optimize(black_box(trace), &Options::default()),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn passes(c: &mut Criterion) {
    let mut group = c.benchmark_group("pass");
    let mut trace = parse(TRACES[3].1);
    for pass in all_passes() {
        group.bench_function(pass.name(), |b| {
            b.iter_batched(|| trace.clone(), |trace| pass.run(black_box(trace)), BatchSize::SmallInput);
        });
        // The next one gets what this one leaves.
        trace = pass.run(trace);
    }
    group.finish();
}

criterion_group!(benches, pipeline, passes);
criterion_main!(benches);
