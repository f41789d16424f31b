//! Loops, fuel, exits, bridges, jumps between traces, stress, limits, and the life of code memory.

mod support;

use std::sync::atomic::{AtomicU32, Ordering};

use support::harness::{CHECKED, Harness, compare};
use tjit_codegen::{CompileError, Compiled, Env, Limits, MAX_VALUES, Options, Target};
use tjit_ir::eval::{Config, Heap, Value};
use tjit_ir::testing::{self, Inputs, random_inputs, random_trace, run};
use tjit_ir::{End, Inst, Op, Trace, TraceId, Ty};

fn parse(text: &str) -> Trace {
    let trace = Trace::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.verify().unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace
}

fn scalars(args: &[Value]) -> Inputs {
    let (objects, frame, watched) = (Vec::new(), Vec::new(), Vec::new());
    Inputs { heap: Heap::new(), objects, args: args.to_vec(), frame, watched }
}

fn harness(args: &[Value], options: Options) -> Harness {
    Harness::new(&scalars(args), options, true)
}

/// Counts up to a bound and sums, with another path for multiples of 3.
const SUM: &str = r#"
trace t1
codes code0 "f"
params %n: int, %i: int, %sum: float
body:
  poll -> s0
  %more = lt_int %i, %n
  guard_true %more -> s0
  %rest = mod_ovf %i, 3 -> s0
  %zero = eq_int %rest, 0
  guard_false %zero -> s0
  %f = int_to_float %i
  %next = add_float %sum, %f
  %i2 = add_ovf %i, 1 -> s0
  loop(%n, %i2, %next)
s0 = [code0+10 locals(%n, %i, %sum)]
"#;

/// What the root leaves to when `i` is a multiple of 3: skips it.
const SKIP: &str = r#"
trace t2
codes code0 "f"
params %n: int, %i: int, %sum: float
body:
  %i2 = add_ovf %i, 1 -> [code0+10 locals(%n, %i, %sum)]
  jump t1(%n, %i2, %sum)
"#;

fn floats(compiled: &Harness, index: usize) -> f64 {
    f64::from_bits(compiled.ctx.values[index])
}

#[test]
fn a_loop_leaves_where_the_evaluator_does() {
    let trace = parse(SUM);
    for (n, i, fuel) in [(10, 1, 100), (10, 10, 100), (100, 4, 1), (100, 4, 0), (0, 0, 5), (2, 1, 9)] {
        let args = [Value::Int(n), Value::Int(i), Value::Float(0.5)];
        let config = Config { fuel, ..Config::default() };
        compare(&format!("{n} {i} {fuel}"), &trace, &scalars(&args), CHECKED, config);
    }
}

#[test]
fn a_bridge_is_attached_to_an_exit() {
    let mut harness =
        harness(&[Value::Int(1_000), Value::Int(1), Value::Float(0.0)], Options { count_exits: true, ..CHECKED });
    let root = harness.compile(&parse(SUM), &Env::new(7));
    let at_guard = 3;
    assert_eq!(harness.enter(&root, 1 << 40), 7 + at_guard);
    assert_eq!((harness.ctx.values[1], floats(&harness, 2)), (3, 3.0));
    assert_eq!(root.bridge(at_guard as usize), None);

    let target = |id| (id == TraceId(1)).then(|| Target::Code(root.address()));
    let bridge = harness.compile(&parse(SKIP), &Env { target: &target, by_exit: Some(&[]), ..Env::new(100) });
    // SAFETY: the bridge has the exit's values as parameters, and lives as long as the root here.
    unsafe { root.attach(at_guard as usize, Some(bridge.address())) };
    assert_eq!(root.bridge(at_guard as usize), Some(bridge.address()));
    let expected: i64 = (0..1_000).filter(|i| i % 3 != 0).sum();
    assert_eq!(harness.enter(&root, 1 << 40), 7 + 1, "leaves at the end of the loop");
    assert_eq!((harness.ctx.values[1], floats(&harness, 2)), (1_000, expected as f64));
    assert_eq!(root.passes(at_guard as usize), 1 + 333);
    assert_eq!(root.passes(1), 1);

    // Fuel holds across traces.
    assert_eq!(harness.enter(&root, 500), 7);
    assert_eq!(harness.ctx.values[1], 501);

    // SAFETY: nothing leads there any more.
    unsafe { root.attach(at_guard as usize, None) };
    assert_eq!(harness.enter(&root, 1 << 40), 7 + at_guard);
}

#[test]
fn who_watches_sees_which_trace_runs_and_how_often_each_was_entered() {
    let watch: &'static AtomicU32 = Box::leak(Box::default());
    watch.store(77, Ordering::Relaxed);
    let inputs = [Value::Int(1_000), Value::Int(1), Value::Float(0.0)];
    let mut harness = harness(&inputs, Options { watch: Some(watch), ..CHECKED });
    let (sum, skip) = (parse(SUM), parse(SKIP));
    let root = harness.compile(&sum, &Env::new(7));
    let target = |id| (id == TraceId(1)).then(|| Target::Code(root.address()));
    let bridge = harness.compile(&skip, &Env { target: &target, by_exit: Some(&[]), ..Env::new(100) });
    // SAFETY: the bridge's parameters are the exit's values, and it lives as long as the root.
    unsafe { root.attach(3, Some(bridge.address())) };
    harness.enter(&root, 1 << 40);
    let (entered, bridged) = (root.entries(), bridge.entries());
    assert_eq!((entered, bridged), (1 + 333, 333), "the back edge does not count");
    assert_eq!(watch.load(Ordering::Relaxed), 77, "as before it was entered");

    let attached = |id, exit| (id == TraceId(1) && exit == 3).then_some(TraceId(2));
    let env = Env { target: &target, ..Env::new(0) };
    let region =
        harness.compiler.compile_region(&[(&sum, &root), (&skip, &bridge)], &attached, &env).expect("compiles");
    assert!(region.blocks() > 4, "{}", region.blocks());
    // SAFETY: the root is the region's first trace, and both live as long as the root.
    unsafe { root.enter_region(region) };
    harness.enter(&root, 1 << 40);
    assert_eq!((root.entries(), bridge.entries()), (2 * entered, 2 * bridged), "the region counts for its traces");
}

#[test]
fn a_region_does_what_its_traces_do() {
    let mut harness = harness(&[Value::Int(1_000), Value::Int(1), Value::Float(0.0)], CHECKED);
    let (sum, skip) = (parse(SUM), parse(SKIP));
    let root = harness.compile(&sum, &Env::new(7));
    let target = |id| (id == TraceId(1)).then(|| Target::Code(root.address()));
    let bridge = harness.compile(&skip, &Env { target: &target, ..Env::new(100) });
    let attached = |id, exit| (id == TraceId(1) && exit == 3).then_some(TraceId(2));
    let env = Env { target: &target, ..Env::new(0) };
    let region =
        harness.compiler.compile_region(&[(&sum, &root), (&skip, &bridge)], &attached, &env).expect("compiles");
    assert_eq!(region.traces(), 2);
    let alone = root.address();
    // SAFETY: the root is the region's first trace, and both live as long as the root.
    unsafe { root.enter_region(region) };
    assert_ne!(root.address(), alone);
    let expected: i64 = (0..1_000).filter(|i| i % 3 != 0).sum();
    assert_eq!(harness.enter(&root, 1 << 40), 7 + 1, "leaves at the end of the loop, without the slot being set");
    assert_eq!((harness.ctx.values[1], floats(&harness, 2)), (1_000, expected as f64));
    assert_eq!(harness.enter(&root, 500), 7, "fuel counts in the region too");
    assert_eq!(harness.ctx.values[1], 501);
}

/// Adds 1 or 2.5, as the parameter says, and goes on with it in another trace.
const ARM: &str = r#"
trace t1
codes code0 "f"
params %n: int, %x: float
body:
  %small = lt_int %n, 10
  guard_true %small -> [code0+10 locals(%n, %x) stack(%small)]
  %y = add_float %x, 1.0
  jump t3(%n, %y)
"#;

#[test]
fn a_region_chooses_between_short_arms() {
    let other = parse(
        r#"
trace t2
codes code0 "f"
params %n: int, %x: float, %small: bool
body:
  %y = add_float %x, 2.5
  jump t3(7, %y)
"#,
    );
    let join = parse(
        r#"
trace t3
codes code0 "f"
params %n: int, %y: float
body:
  leave -> [code0+20 locals(%n, %y)]
"#,
    );
    for (n, expected) in [(3, (3, 1.5)), (30, (7, 3.0))] {
        let mut harness = harness(&[Value::Int(n), Value::Float(0.5)], Options { optimize: true, ..CHECKED });
        let trace = parse(ARM);
        let joined = harness.compile(&join, &Env::new(20));
        let target = |_| Some(Target::Code(joined.address()));
        let root = harness.compile(&trace, &Env { target: &target, ..Env::new(0) });
        let bridge = harness.compile(&other, &Env { target: &target, ..Env::new(10) });
        let attached = |id, _| (id == TraceId(1)).then_some(TraceId(2));
        let traces = [(&trace, &root), (&other, &bridge), (&join, &joined)];
        let region = harness.compiler.compile_region(&traces, &attached, &Env::new(0)).expect("compiles");
        assert_eq!(region.selects(), 1);
        // SAFETY: the root is the region's first trace, and all live as long as it.
        unsafe { root.enter_region(region) };
        assert_eq!(harness.enter(&root, 100), 20);
        assert_eq!((harness.ctx.values[0] as i64, floats(&harness, 1)), expected);
    }
}

/// Adds twice the bound for each `i` that is no multiple of 3; the product is loop-invariant.
const HOISTED: &str = r#"
trace t1
codes code0 "f"
params %n: int, %i: int, %sum: int
preheader:
  %half = int_to_float %n
  %twice = add %n, %n
body:
  poll -> s0
  %more = lt_int %i, %n
  guard_true %more -> s0
  %rest = mod_ovf %i, 3 -> s0
  %zero = eq_int %rest, 0
  guard_false %zero -> s0
  %next = add_ovf %sum, %twice -> s0
  %f = float_to_int %half -> s0
  %i2 = add_ovf %i, 1 -> s0
  loop(%n, %i2, %next)
s0 = [code0+10 locals(%n, %i, %sum)]
"#;

#[test]
fn a_loop_is_entered_at_its_start_or_in_its_body() {
    let mut root = parse(HOISTED);
    root.carried = root.preheader.clone();
    root.direct = true;
    let mut harness = harness(&[Value::Int(9), Value::Int(1), Value::Int(0)], CHECKED);
    // What is left in the spill area must not matter to those who enter at the start.
    harness.ctx.values[3..].fill(u64::MAX);
    let compiled = harness.compile(&root, &Env::new(0));
    assert_eq!(harness.enter(&compiled, 100), 3);
    assert_eq!(harness.ctx.values[..3], [9, 3, 36]);

    // The bridge skips an iteration, and hands over another product if it enters the body.
    for enters_body in [false, true] {
        let mut bridge = Trace::new(TraceId(2));
        bridge.pool.codes.push("f".to_owned());
        let exit = &compiled.exits()[3];
        let params: Vec<_> = exit.tys.iter().map(|&ty| bridge.add_param(ty, None)).collect();
        let one = bridge.const_int(1);
        let args = [params[1], one].as_slice().into();
        let next = bridge.push(Inst { op: Op::Add, args, imm: tjit_ir::Imm::None, snapshot: None });
        let mut end = vec![params[0], next, params[2]];
        if enters_body {
            end.extend([bridge.const_float(5.0), bridge.const_int(1_000)]);
        }
        bridge.enters_body = enters_body;
        bridge.end = End::Jump(TraceId(1), end);
        let target = |_| Some(Target::Code(compiled.address()));
        let hoisted = |_| Some(root.hoisted().map(|value| root.ty(value)).collect());
        let attached =
            harness.compile(&bridge, &Env { target: &target, hoisted: &hoisted, by_exit: Some(&[]), ..Env::new(50) });
        // SAFETY: the bridge's parameters are the exit's values.
        unsafe { compiled.attach(3, Some(attached.address())) };
        assert_eq!(harness.enter(&compiled, 100), 1);
        let after_first = if enters_body { 1_000 } else { 18 };
        assert_eq!(harness.ctx.values[..3], [9, 9, 2 * 18 + 4 * after_first]);
        // SAFETY: detached before it goes.
        unsafe { compiled.attach(3, None) };
    }
}

#[test]
fn many_values_travel_to_bridges_and_through_jumps() {
    // More of each kind than there are registers, so that some travel in memory; the next trace has more again.
    for count in [1, 5, 20, 150] {
        let tys: Vec<Ty> = (0..count).map(|index| [Ty::Int, Ty::Float, Ty::Bool][index % 3]).collect();
        let more: Vec<Ty> = tys.iter().chain(&tys).copied().collect();
        let args = tys.iter().enumerate().map(|(index, &ty)| match ty {
            Ty::Int => Value::Int(index as i64 * 1_000_003 - 77),
            Ty::Float => Value::Float(index as f64 / 7.0),
            _ => Value::Bool(index % 2 == 0),
        });
        let args = args.collect::<Vec<_>>();
        let mut harness = harness(&args, CHECKED);
        let words = |harness: &Harness, n: usize| harness.ctx.values[..n].to_vec();

        let last = harness.compile(&support::harness::landing(TraceId(3), &more), &Env::new(30));
        let mut twice = support::harness::landing(TraceId(2), &tys);
        twice.body.clear();
        twice.end = End::Jump(TraceId(3), [&twice.params[..], &twice.params[..]].concat());
        let target = |_| Some(Target::Code(last.address()));
        let twice = harness.compile(&twice, &Env { target: &target, by_exit: Some(&[]), ..Env::new(20) });
        let first = harness.compile(&support::harness::landing(TraceId(1), &tys), &Env::new(10));

        assert_eq!(harness.enter(&first, 0), 10);
        let single = words(&harness, count);
        let expected = args.iter().map(|&arg| match arg {
            Value::Int(value) => value as u64,
            Value::Float(value) => value.to_bits(),
            value => u64::from(value == Value::Bool(true)),
        });
        assert_eq!(single, expected.collect::<Vec<_>>());
        // SAFETY: the landing's values are its parameters.
        unsafe { first.attach(0, Some(twice.address())) };
        assert_eq!(harness.enter(&first, 0), 30);
        assert_eq!(words(&harness, 2 * count), [&single[..], &single[..]].concat());
    }
}

#[test]
fn tail_calls_do_not_grow_the_stack() {
    // A frame of 16 bytes for each of these iterations would not fit.
    let mut harness = harness(&[Value::Int(5_000_000), Value::Int(1), Value::Float(0.0)], CHECKED);
    let root = harness.compile(&parse(SUM), &Env::new(0));
    let target = |_| Some(Target::Code(root.address()));
    let bridge = harness.compile(&parse(SKIP), &Env { target: &target, by_exit: Some(&[]), ..Env::new(100) });
    // SAFETY: the bridge has the exit's values as parameters.
    unsafe { root.attach(3, Some(bridge.address())) };
    assert_eq!(harness.enter(&root, 1 << 40), 1);
}

/// The instructions that stress can make leave, in order.
fn forcible(trace: &Trace) -> Vec<usize> {
    let exits = trace.schedule().filter(|&value| trace.inst(value).snapshot.is_some());
    let forcible = |op| !matches!(op, Op::Call | Op::Poll | Op::Leave);
    exits.enumerate().filter(|&(_, value)| forcible(trace.inst(value).op)).map(|(index, _)| index).collect()
}

#[test]
fn stress_takes_every_exit_in_turn() {
    let mut forced = 0;
    for seed in 0..60 {
        let shape = testing::Options { only_loops: true, preheader: seed % 2 == 0, ..testing::Options::default() };
        let trace = random_trace(seed, &shape);
        let inputs = random_inputs(seed, &trace);
        for (turn, &exit) in forcible(&trace).iter().enumerate() {
            let mut harness = Harness::new(&inputs, CHECKED, false);
            let compiled = harness.compile(&trace, &Env { stress: true, ..Env::new(0) });
            harness.ctx.forced = turn as i64 + 1;
            let id = harness.enter(&compiled, 50) as usize;
            if id != exit {
                // Left before its turn came.
                continue;
            }
            forced += 1;
            // The evaluator leaves at that instruction when the trace ends there.
            let exit = &compiled.exits()[exit];
            let mut cut = trace.clone();
            if let Some(at) = cut.preheader.iter().position(|&value| value == exit.inst) {
                cut.preheader.truncate(at);
                cut.body.clear();
            } else {
                let at = cut.body.iter().position(|&value| value == exit.inst);
                cut.body.truncate(at.expect("the exit is in one of the lists"));
            }
            let leave =
                cut.push(Inst { op: Op::Leave, snapshot: Some(exit.snapshot), ..trace.inst(exit.inst).clone() });
            cut.insts[leave.index()].args.clear();
            cut.insts[leave.index()].imm = tjit_ir::Imm::None;
            cut.end = End::Leave;
            let config = Config { fuel: 50, steps: 5_000, counting: false };
            let expected = run(&cut, &inputs, config).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{cut}"));
            assert_eq!(harness.observe(&trace, exit), expected.text, "seed {seed}, exit {}\n{trace}", exit.inst);
        }
    }
    assert!(forced > 300, "only {forced} exits were forced");
}

#[test]
fn code_that_is_not_for_stress_ignores_forced() {
    let mut harness = harness(&[Value::Int(3), Value::Int(1), Value::Float(0.0)], CHECKED);
    let compiled = harness.compile(&parse(SUM), &Env::new(0));
    harness.ctx.forced = 1;
    assert_eq!(harness.enter(&compiled, 10), 1);
    assert_eq!(harness.ctx.forced, 1);
}

fn compile_error(text: &str, env: &Env<'_>) -> CompileError {
    let mut harness = harness(&[], CHECKED);
    let error = harness.compiler.compile(&Trace::parse(text).expect("parses"), env).expect_err("cannot be compiled");
    // The compiler is still good.
    harness.compile(&parse(SUM), &Env::new(0));
    error
}

#[test]
fn what_cannot_be_compiled_is_refused() {
    let env = Env::new(0);
    assert!(matches!(compile_error(SKIP, &env), CompileError::UnknownTarget(TraceId(1))));
    let tight = |limits| Env { limits, ..Env::new(0) };
    let error = compile_error(SUM, &tight(Limits { instructions: 3, ..Limits::default() }));
    assert_eq!(error.to_string(), "the trace has 9 instructions, more than the limit of 3");
    let error = compile_error(SUM, &tight(Limits { code_bytes: 10, ..Limits::default() }));
    assert!(matches!(error, CompileError::CodeTooLarge { limit: 10, .. }), "{error}");
    let params: Vec<String> = (0..=MAX_VALUES).map(|index| format!("%p{index}: int")).collect();
    let wide = format!("trace t1\ncodes code0 \"f\"\nparams {}\nbody:\n  leave\n", params.join(", "));
    assert!(matches!(compile_error(&wide, &env), CompileError::TooManyValues { count: 513 }));

    let mut early = parse(SUM);
    early.body.swap(1, 2);
    let mut harness = harness(&[], CHECKED);
    let error = harness.compiler.compile(&early, &env).expect_err("malformed");
    assert!(error.to_string().contains("(lt_int): used before it is defined"), "{error}");
    let mut bare = parse(SUM);
    let poll = bare.body[0];
    bare.insts[poll.index()].snapshot = None;
    let error = harness.compiler.compile(&bare, &env).expect_err("malformed");
    assert!(error.to_string().contains("without a snapshot"), "{error}");
}

/// The mapping that an address lies in, as the kernel describes it.
#[cfg(target_os = "linux")]
fn mapping(address: usize) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux has it");
    let holds = |line: &&str| {
        let (start, rest) = line.split_once('-')?;
        let end = rest.split_once(' ')?.0;
        let bound = |text| usize::from_str_radix(text, 16).ok();
        Some((bound(start)?..bound(end)?).contains(&address))
    };
    maps.lines().find(|line| holds(line) == Some(true)).map(str::to_owned)
}

#[test]
#[cfg(target_os = "linux")]
fn code_is_executable_but_not_writable_and_goes_with_its_trace() {
    let mut harness = harness(&[Value::Int(3), Value::Int(1), Value::Float(0.0)], CHECKED);
    let mut traces = Vec::new();
    let mut bytes = 0;
    // Enough for several chunks; the first one has the trampoline in it, which stays.
    while bytes < 1 << 20 {
        let compiled: Compiled = harness.compile(&parse(SUM), &Env::new(0));
        let line = mapping(compiled.address()).expect("code is somewhere");
        assert!(line.contains(if cfg!(target_arch = "x86_64") { " r-xs " } else { " r-xp " }), "{line}");
        assert_eq!(harness.enter(&compiled, 10), 1);
        bytes += compiled.code_size();
        traces.push(compiled);
    }
    let addresses: Vec<usize> = traces.iter().map(Compiled::address).collect();
    drop(traces);
    // Another thread of the test may have got the same pages meanwhile.
    let mapped = addresses.iter().filter(|address| mapping(**address).is_some()).count();
    assert!(mapped < addresses.len() / 2, "{mapped} of {} traces were still there", addresses.len());
}

#[test]
fn dumps_are_there_when_asked_for() {
    let mut harness = harness(&[], CHECKED);
    let plain = harness.compile(&parse(SUM), &Env::new(0));
    assert_eq!((plain.clif(), plain.asm()), (None, None));
    let dumped = harness.compile(&parse(SUM), &Env { dump: true, ..Env::new(0) });
    assert!(dumped.clif().is_some_and(|text| text.contains("return_call_indirect")));
    assert!(dumped.asm().is_some_and(|text| text.contains("ret")));
    assert!(dumped.code_size() > 50 && dumped.code_size() == plain.code_size());
    assert_eq!(dumped.trace(), TraceId(1));
}

#[test]
fn perf_map_lines() {
    tjit_codegen::append_perf_map("loop\nat f:3", 0x1000, 0x20).expect("/tmp is writable");
    let path = format!("/tmp/perf-{}.map", std::process::id());
    let text = std::fs::read_to_string(&path).expect("just written");
    std::fs::remove_file(path).expect("just written");
    assert!(text.contains("1000 20 loop at f:3\n"), "{text}");
}
