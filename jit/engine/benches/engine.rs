//! What recording costs, and what entering and leaving compiled code costs from the interpreter's side.
//!
//! `cargo bench -p tjit-engine`. Runs Python code in this process, with a VM and an engine as `tjit run` has them.
//!
//! * *record*: new code of a loop, run until it is hot, recorded, optimised, compiled, and left.
//! * *enter and leave*: a call of a function with a short loop that is compiled, and the same in the interpreter; what is
//!   added by an iteration is small beside it.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use rustpython::InterpreterBuilderExt;
use rustpython_vm::{
    AsObject, InterpreterBuilder, PyObjectRef, PyRef, VirtualMachine, builtins::PyCode, compiler::Mode,
};
use tjit_engine::jit;
use tjit_vm::instrument;
use tjit_vm::options::JitOptions;

/// Bodies of loops for the recorder.
const BODIES: [(&str, &str); 3] = [
    ("int and float", "x = x * 0.5 + i"),
    ("branches and lists", "j = i % 3\n        x = x + items[j]\n        if j == 1:\n            items[2] = x"),
    ("calls and attributes", "p = Point(i, x)\n        x = p.length() + i"),
];

/// A program whose function `f(n)` has this loop.
fn program(body: &str) -> String {
    format!(
        "class Point:\n    def __init__(self, a, b):\n        self.a = a\n        self.b = b\n    \
         def length(self):\n        return self.a * self.a + self.b\n\n\
         def f(n):\n    items = [1.0, 2.0, 3.0]\n    x = 0.0\n    for i in range(n):\n        {body}\n    return x\n"
    )
}

fn compile(vm: &VirtualMachine, source: &str, sites: bool) -> PyRef<PyCode> {
    let code = vm.compile(source, Mode::Exec, "bench.py").expect("the program is right");
    if sites { instrument::code(vm, code) } else { code }
}

/// The function `f` of new code.
fn function(vm: &VirtualMachine, code: PyRef<PyCode>) -> PyObjectRef {
    let scope = vm.new_scope_with_builtins();
    vm.run_code_obj(code, scope.clone()).expect("the program runs");
    scope.globals.get_item("f", vm).expect("the program has a function f")
}

fn call(vm: &VirtualMachine, function: &PyObjectRef, n: u32) -> PyObjectRef {
    function.as_object().call((n,), vm).expect("f returns")
}

fn benches(c: &mut Criterion) {
    // Hot at once, and as many traces as there are iterations of the benchmark.
    let options = JitOptions {
        threshold_loop: 4,
        max_traces: u32::MAX,
        code_memory: 4096,
        compile_time: u32::MAX,
        compile_threads: 0,
        ..JitOptions::default()
    };
    InterpreterBuilder::new().init_stdlib().build().enter(|vm| {
        let tracing = jit(&options, Vec::new()).expect("the options are right").expect("the JIT is on");
        tracing.attach(vm).expect("nothing has run yet");

        let mut group = c.benchmark_group("record");
        group.sample_size(10);
        for (name, body) in BODIES {
            let source = program(body);
            group.bench_function(name, |b| {
                let new = || function(vm, compile(vm, &source, true));
                b.iter_batched(new, |function| call(vm, black_box(&function), 20), BatchSize::PerIteration);
            });
        }
        group.finish();

        let mut group = c.benchmark_group("enter and leave");
        let source = program(BODIES[0].1);
        for (name, sites) in [("compiled", true), ("interpreter", false)] {
            let function = function(vm, compile(vm, &source, sites));
            for _ in 0..100 {
                call(vm, &function, 100);
            }
            for n in [8, 108] {
                group.bench_function(BenchmarkId::new(name, format!("{n} iterations")), |b| {
                    b.iter(|| call(vm, black_box(&function), n));
                });
            }
        }
        group.finish();
    });
}

criterion_group!(engine, benches);
criterion_main!(engine);
