//! How long compiling takes, per instruction of the trace; what entering, leaving, bridges and iterations cost.
//!
//! `cargo bench -p tjit-codegen`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tjit_codegen::{
    Compiled, Compiler, Context, Env, Helpers, IntLayout, Layout, ObjectLayout, Options, SequenceLayout,
};
use tjit_ir::{Trace, testing};

/// A layout for traces without objects.
fn layout() -> Layout {
    let sequence = SequenceLayout { len: 16, data: 24 };
    Layout {
        object: ObjectLayout { count: 0, class: 8, immortal: 1 << 60, count_mask: (1 << 60) - 1 },
        int: IntLayout { tag: 16, small_tag: 1 << 63, magnitude: 24, sign: 32 },
        float_value: 16,
        float_class: 0x7000_0000_a000,
        list: sequence,
        tuple: sequence,
        dict: None,
        attributes: None,
        cell_contents: 16,
        true_object: 0x1000,
        false_object: 0x2000,
        small_ints: None,
        helpers: Helpers {
            release: 0x3000,
            box_int: 0x4000,
            box_float: 0x5000,
            name_is: 0x6000,
            name_get: 0x7000,
            name_set: 0x8000,
            unwound: 0,
        },
    }
}

/// The Leibniz series: the trace of its loop after the optimiser.
const PI: &str = r#"
trace t1
codes code0 "pi"
params %k: int, %sum: float, %term: float
body:
  poll -> s0
  %size = abs_float %term
  %more = gt_float %size, 1e-7
  guard_true %more -> s0
  %odd = and %k, 1
  %even = eq_int %odd, 0
  guard_true %even -> s0
  %double = mul_ovf 2, %k -> s0
  %divisor = add_ovf %double, 1 -> s0
  %f = int_to_float %divisor
  %next = div_float 1.0, %f
  %total = add_float %sum, %next
  %k2 = add_ovf %k, 1 -> [code0+30 locals(%k, %total, %next)]
  loop(%k2, %total, %next)
s0 = [code0+12 locals(%k, %sum, %term)]
"#;

/// The other sign: a bridge back to the loop.
const ODD: &str = r#"
trace t2
codes code0 "pi"
params %k: int, %sum: float, %term: float
body:
  %double = mul_ovf 2, %k -> s0
  %divisor = add_ovf %double, 1 -> s0
  %f = int_to_float %divisor
  %next = div_float -1.0, %f
  %total = add_float %sum, %next
  %k2 = add_ovf %k, 1 -> [code0+30 locals(%k, %total, %next)]
  jump t1(%k2, %total, %next)
s0 = [code0+12 locals(%k, %sum, %term)]
"#;

fn parse(text: &str) -> Trace {
    Trace::parse(text).expect("the trace is right")
}

const SETTINGS: [(&str, bool, bool); 4] = [
    ("optimize", true, false),
    ("optimize, fast regalloc", true, true),
    ("plain", false, false),
    ("plain, fast regalloc", false, true),
];

fn compiler(optimize: bool, fast_regalloc: bool) -> Compiler {
    Compiler::new(layout(), Options { optimize, fast_regalloc, ..Options::default() }).expect("this machine will do")
}

fn compile_time(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    for size in [10, 100, 500] {
        let shape = testing::Options { size, preheader: true, only_loops: true, ..testing::Options::scalars() };
        let (trace, _) = tjit_opt::optimize(testing::random_trace(5, &shape), &tjit_opt::Options::default());
        let ops = trace.schedule().count();
        group.throughput(Throughput::Elements(ops as u64));
        for (name, optimize, fast_regalloc) in SETTINGS {
            let mut compiler = compiler(optimize, fast_regalloc);
            group.bench_function(BenchmarkId::new(name, format!("{ops} ops, {} exits", trace.exit_count())), |b| {
                b.iter(|| compiler.compile(black_box(&trace), &Env::new(0)).expect("compiles"));
            });
        }
    }
    group.finish();
}

fn enter(compiled: &Compiled, ctx: &mut Context) -> u64 {
    // SAFETY: the parameters were set, and there are no objects in these traces.
    unsafe { compiled.enter(ctx) }
}

fn enter_and_leave(c: &mut Criterion) {
    let mut group = c.benchmark_group("enter and leave");
    for count in [1, 4, 32] {
        let params: Vec<String> = (0..count).map(|index| format!("%p{index}")).collect();
        let typed: Vec<String> = params.iter().map(|param| format!("{param}: int")).collect();
        let (typed, params) = (typed.join(", "), params.join(", "));
        let text =
            format!("trace t1\ncodes code0 \"f\"\nparams {typed}\nbody:\n  leave -> [code0+1 locals({params})]\n");
        let compiled = compiler(true, false).compile(&parse(&text), &Env::new(0)).expect("compiles");
        let mut ctx = Context::new();
        group.bench_function(BenchmarkId::from_parameter(format!("{count} values")), |b| {
            b.iter(|| enter(black_box(&compiled), &mut ctx));
        });
    }
    group.finish();
}

fn iterations(c: &mut Criterion) {
    let mut group = c.benchmark_group("pi, every second iteration in a bridge");
    group.throughput(Throughput::Elements(2000));
    for (name, optimize, fast_regalloc) in SETTINGS {
        let mut compiler = compiler(optimize, fast_regalloc);
        let root = compiler.compile(&parse(PI), &Env::new(0)).expect("compiles");
        let target = |_| Some(tjit_codegen::Target::Code(root.address()));
        let bridge = compiler
            .compile(&parse(ODD), &Env { target: &target, by_exit: Some(&[]), ..Env::new(100) })
            .expect("compiles");
        // SAFETY: the bridge's parameters are the exit's values.
        unsafe { root.attach(2, Some(bridge.address())) };
        let mut ctx = Context::new();
        group.bench_function(name, |b| {
            b.iter(|| {
                (ctx.values[0], ctx.values[1], ctx.values[2]) = (0, 0f64.to_bits(), 1f64.to_bits());
                ctx.fuel = 2000;
                enter(&root, &mut ctx)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, compile_time, enter_and_leave, iterations);
criterion_main!(benches);
