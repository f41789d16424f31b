//! Calls of compiled functions: results, depth, fuel, and leaving from the depth of several calls.

mod support;

use std::cell::Cell;

use support::harness::{CHECKED, Harness};
use tjit_codegen::{Compiled, DESCENTS, Env, Options, RETURNED};
use tjit_ir::eval::{Heap, Value};
use tjit_ir::testing::Inputs;
use tjit_ir::{Trace, TraceId};

/// The general case of the Fibonacci numbers; another trace does what is below 2.
const FIB: &str = r#"
trace t1
codes code0 "fib"
helpers helper0 "fib"(int) -> int opaque calls t1
params %n: int
body:
  %small = lt_int %n, 2
  guard_false %small -> s0
  %before = sub_ovf %n, 1 -> s0
  descend 1 -> s0
  %a = call helper0(%before) -> [code0+4 locals(%n)]
  %two = sub_ovf %n, 2 -> s1
  descend 1 -> s1
  %b = call helper0(%two) -> [code0+8 locals(%n) stack(%a)]
  %sum = add_ovf %a, %b -> s1
  return(%sum)
s0 = [code0+2 locals(%n)]
s1 = [code0+6 locals(%n) stack(%a)]
"#;
const BASE: &str = "trace t2\ncodes code0 \"fib\"\nparams %n: int\nbody:\n  return(%n)\n";
/// Exits of `FIB`, in order.
const SMALL: u64 = 1;
const DESCEND: u64 = 3;
const CALL: u64 = 4;

fn parse(text: &str) -> Trace {
    let trace = Trace::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.verify().unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace
}

fn harness(args: &[Value], options: Options) -> Harness {
    let (objects, frame, watched) = (Vec::new(), Vec::new(), Vec::new());
    let mut harness =
        Harness::new(&Inputs { heap: Heap::new(), objects, args: args.to_vec(), frame, watched }, options, true);
    harness.ctx.depth = 1_000;
    harness
}

/// Compiles a trace whose calls go through the word.
fn compile(harness: &mut Harness, text: &str, word: &Cell<usize>, env: &Env<'_>) -> Compiled {
    let mut trace = parse(text);
    for helper in &mut trace.pool.helpers {
        helper.addr = word.as_ptr() as u64;
    }
    harness.compiler.compile(&trace, env).unwrap_or_else(|error| panic!("{error}\n{trace}"))
}

/// The Fibonacci numbers, compiled, ready for `n`; the exit for small arguments has its bridge or not.
struct Fib {
    harness: Harness,
    root: Compiled,
    base: Compiled,
    word: Box<Cell<usize>>,
}

fn fib(n: i64, bridged: bool, env: &Env<'_>) -> Fib {
    let (mut harness, word) = (harness(&[Value::Int(n)], CHECKED), Box::new(Cell::new(0)));
    let root = compile(&mut harness, FIB, &word, env);
    let base = compile(&mut harness, BASE, &word, &Env { by_exit: Some(&[]), ..Env::new(100) });
    word.set(root.address());
    if bridged {
        // SAFETY: the exit's one value is the bridge's parameter.
        unsafe { root.attach(0, Some(base.address())) };
    }
    Fib { harness, root, base, word }
}

#[test]
fn a_function_calls_itself_and_returns() {
    let mut fib = fib(15, true, &Env::new(SMALL));
    assert_eq!(fib.harness.enter(&fib.root, 10_000), RETURNED);
    assert_eq!((fib.harness.ctx.result, fib.harness.ctx.depth), (610, 1_000));
    assert_eq!(fib.harness.heap.log, Vec::<String>::new());
    // One for each call.
    assert_eq!(fib.harness.ctx.fuel, 10_000 - (2 * 987 - 2));
}

#[test]
fn when_a_callee_leaves_so_do_its_callers() {
    let mut fib = fib(4, false, &Env::new(SMALL));
    // fib(1) has no code.
    assert_eq!(fib.harness.enter(&fib.root, 1_000), CALL);
    let left = |exit, value| format!("left by exit {exit}, first value {value}");
    assert_eq!(fib.harness.heap.log, [left(SMALL, 1), left(CALL, 2), left(CALL, 3)]);
    assert_eq!((fib.harness.ctx.values[0], fib.harness.ctx.depth), (4, 1_000));
}

#[test]
fn without_frames_left_it_leaves_before_the_call() {
    let mut fib = fib(9, true, &Env::new(SMALL));
    fib.harness.ctx.depth = 3;
    assert_eq!(fib.harness.enter(&fib.root, 1_000), CALL);
    let left = |exit, value| format!("left by exit {exit}, first value {value}");
    assert_eq!(fib.harness.heap.log, [left(DESCEND, 6), left(CALL, 7), left(CALL, 8)]);
    assert_eq!(fib.harness.ctx.depth, 3);
    // As deep as that, it can.
    fib.harness.heap.log.clear();
    fib.harness.ctx.depth = 8;
    assert_eq!((fib.harness.enter(&fib.root, 1_000), fib.harness.ctx.result), (RETURNED, 34));
}

#[test]
fn long_without_fuel_it_leaves_before_the_call() {
    let mut fib = fib(9, true, &Env::new(SMALL));
    assert_eq!((fib.harness.enter(&fib.root, 2), fib.harness.ctx.result), (RETURNED, 34));
    fib.harness.heap.log.clear();
    assert_eq!(fib.harness.enter_with(&fib.root, 2 - DESCENTS), CALL);
    assert_eq!(fib.harness.heap.log[0], format!("left by exit {DESCEND}, first value 7"));
    assert_eq!(fib.harness.ctx.depth, 1_000);
}

#[test]
fn a_region_calls_and_returns_too() {
    let mut fib = fib(12, true, &Env::new(SMALL));
    let (mut root, base) = (parse(FIB), parse(BASE));
    root.pool.helpers[0].addr = fib.word.as_ptr() as u64;
    let attached = |id, exit| (id == TraceId(1) && exit == 0).then_some(TraceId(2));
    let traces = [(&root, &fib.root), (&base, &fib.base)];
    let region = fib.harness.compiler.compile_region(&traces, &attached, &Env::new(0)).expect("compiles");
    // SAFETY: the root is the region's first trace, and both live as long as it.
    unsafe { fib.root.enter_region(region) };
    assert_eq!((fib.harness.enter(&fib.root, 10_000), fib.harness.ctx.result), (RETURNED, 144));
    // Calls still go to what the word says.
    fib.word.set(fib.root.address());
    assert_eq!((fib.harness.enter(&fib.root, 10_000), fib.harness.ctx.result), (RETURNED, 144));
}

#[test]
fn results_and_arguments_of_every_form() {
    // More arguments than there are registers.
    let names: Vec<String> = (0..12).map(|index| format!("%p{index}: int")).collect();
    let sum: String = (1..12).map(|index| format!("%s{index} = add %s{}, %p{index}\n", index - 1)).collect();
    let params = names.join(", ");
    let cases = [
        ("float", "%r = int_to_float %s11\nreturn(%r)", 78.0_f64.to_bits()),
        ("bool", "%r = gt_int %s11, 77\nreturn(%r)", 1),
        ("bool", "%r = gt_int %s11, 78\nreturn(%r)", 0),
        ("int", "return(%s11)", 78),
    ];
    for (ty, end, expected) in cases {
        let (mut harness, word) = (harness(&[Value::Int(1)], CHECKED), Cell::new(0));
        let callee = format!("trace t2\nparams {params}\nbody:\n%s0 = add %p0, 0\n{sum}{end}\n");
        let callee = compile(&mut harness, &callee, &word, &Env::new(100));
        word.set(callee.address());
        let (tys, args) =
            (vec!["int"; 12].join(", "), (2..13).map(|arg| arg.to_string()).collect::<Vec<_>>().join(", "));
        let caller = format!(
            "trace t1\ncodes code0 \"f\"\nhelpers helper0 \"g\"({tys}) -> {ty} opaque calls t2\n\
             params %one: int\nbody:\n%r = call helper0(%one, {args}) -> [code0+2]\nreturn(%r)\n"
        );
        let caller = compile(&mut harness, &caller, &word, &Env::new(1));
        assert_eq!((harness.enter(&caller, 10), harness.ctx.result), (RETURNED, expected), "{ty}");
    }
}

#[test]
fn a_frame_more_in_the_snapshot_counts() {
    // An inlined frame calls: two frames are gone while the callee runs.
    let text = FIB
        .replace("%a = call helper0(%before) -> [code0+4 locals(%n)]", "%a = call helper0(%before) -> s2")
        .replacen("descend 1", "descend 2", 1)
        + "s2 = [code0+4 locals(%n)] [code0+5 fn(@0)]\n";
    let text = text.replace("codes code0", "refs @0 \"inner\"\ncodes code0");
    for (depth, expected) in [(4, RETURNED), (3, CALL)] {
        let (mut harness, word) = (harness(&[Value::Int(3)], CHECKED), Cell::new(0));
        let root = compile(&mut harness, &text, &word, &Env::new(SMALL));
        let base = compile(&mut harness, BASE, &word, &Env { by_exit: Some(&[]), ..Env::new(100) });
        word.set(root.address());
        // SAFETY: the exit's one value is the bridge's parameter.
        unsafe { root.attach(0, Some(base.address())) };
        harness.ctx.depth = depth;
        assert_eq!(harness.enter(&root, 1_000), expected, "depth {depth}");
        assert_eq!(harness.ctx.depth, depth);
    }
}

#[test]
fn stress_leaves_before_calls_but_makes_up_no_end() {
    // The guard, the subtraction, `descend`; then not the call but the callee's guard.
    let logs = [Vec::new(), Vec::new(), Vec::new(), vec![format!("left by exit {SMALL}, first value 4")]];
    for (turn, (exit, log)) in [SMALL, SMALL + 1, DESCEND, CALL].into_iter().zip(logs).enumerate() {
        let mut fib = fib(5, false, &Env { stress: true, ..Env::new(SMALL) });
        fib.harness.ctx.forced = turn as i64 + 1;
        assert_eq!(fib.harness.enter(&fib.root, 1_000), exit);
        assert_eq!((&fib.harness.heap.log, fib.harness.ctx.depth), (&log, 1_000));
    }
    let text = "trace t1\ncodes code0 \"f\"\nparams %n: int\nbody:\n%more = gt_int %n, 0\nguard_more %more -> s0\n\
                guard_true %more -> s1\nreturn(%n)\ns0 = [code0+1]\ns1 = [code0+2]\n";
    let (mut harness, word) = (harness(&[Value::Int(1)], CHECKED), Cell::new(0));
    let trace = compile(&mut harness, text, &word, &Env { stress: true, ..Env::new(1) });
    harness.ctx.forced = 1;
    assert_eq!(harness.enter(&trace, 10), 2, "the first that can be forced is the second");
    assert_eq!(harness.enter(&trace, 10), RETURNED);
}

#[test]
fn calls_under_way_are_on_record() {
    let (mut harness, word) = (harness(&[Value::Int(7)], CHECKED), Cell::new(0));
    let callee = "trace t2\ncodes code0 \"g\"\nhelpers helper0 \"calls\"() -> unit opaque\nparams %n: int\nbody:\n\
                  call helper0() -> [code0+2 locals(%n)]\nreturn(%n)\n";
    let mut callee = parse(callee);
    callee.pool.helpers[0].addr = support::native::helper_address("calls");
    let callee = harness.compiler.compile(&callee, &Env::new(100)).expect("compiles");
    word.set(callee.address());
    let text = "trace t1\ncodes code0 \"f\"\nhelpers helper0 \"g\"(int) -> int opaque calls t2\nparams %n: int\n\
                body:\n%m = add %n, 1\n%yes = gt_int %n, 0\n\
                %r = call helper0(%m) -> [code0+2 locals(%n, %yes)]\nreturn(%r)\n";
    let inner = compile(&mut harness, text, &word, &Env::new(10));
    let outer_word = Cell::new(inner.address());
    let outer = compile(&mut harness, text, &outer_word, &Env::new(20));
    assert_eq!((harness.enter(&outer, 10), harness.ctx.result), (RETURNED, 9));
    assert_eq!(harness.heap.log, ["under way: exit 10 with [8, 1], exit 20 with [7, 1]"]);
    assert!(harness.ctx.calls.is_null());
}
