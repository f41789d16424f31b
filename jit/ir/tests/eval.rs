//! The evaluator against expectations written by hand.

use tjit_ir::eval::{
    Config, EvalError, Heap, Obj, Object, Observer, Outcome, Raised, Run, Scalar, TableHost, Value, World, fold,
};
use tjit_ir::{Op, Trace};

use Value::{Bool, Float, Int, Ref};

const HEAD: &str = r#"trace t1
refs @0 "None", @1 "name"
classes class0 "int" leaf, class1 "list", class2 "float" leaf
codes code0 "f", code1 "g"
helpers helper0 "inverse"(int) -> int exits, helper1 "pair"(ref) -> ref owned allocates, helper2 "wrong"(int) -> int pure
helpers helper3 "function"(int) -> int write all exits calls t2
"#;

fn parse(rest: &str) -> Trace {
    let trace = Trace::parse(&format!("{HEAD}{rest}")).unwrap_or_else(|error| panic!("{error}\n{rest}"));
    trace.verify().unwrap();
    trace
}

fn host() -> TableHost {
    TableHost::new()
        .helper("inverse", |_, args| match args {
            [Int(0)] => Err(Raised("ZeroDivisionError".to_owned())),
            [Int(value)] => Ok(Int(1000 / value)),
            _ => panic!("inverse takes an int"),
        })
        .helper("pair", |heap, args| {
            let [Ref(object)] = *args else { panic!("pair takes an object") };
            heap.inc(object).and_then(|()| heap.inc(object)).unwrap();
            Ok(Ref(heap.tuple(vec![object, object])))
        })
        .helper("function", |_, args| match args {
            [Int(0)] => Err(Raised("left".to_owned())),
            _ => Ok(Int(10)),
        })
        .helper("wrong", |_, _| Err(Raised("OSError".to_owned())))
}

fn run_in(heap: &mut Heap, rest: &str, args: &[Value], config: Config) -> Result<(Trace, Run), EvalError> {
    let trace = parse(rest);
    let objects = [heap.none(), heap.make(Object::Str("name".to_owned()))];
    let mut host = host();
    let run = trace.evaluate(args, &mut World { heap, host: &mut host, objects: &objects }, config)?;
    if config.counting {
        trace.verify_ownership().unwrap();
        heap.check(run.outcome.roots().into_iter().chain(objects)).unwrap();
    }
    Ok((trace, run))
}

/// The outcome as the observer prints it.
#[track_caller]
fn shows(heap: &mut Heap, rest: &str, args: &[Value], expected: &str) {
    let (trace, run) = run_in(heap, rest, args, Config::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(Observer::new(heap).outcome(&trace, &run.outcome), expected);
}

#[track_caller]
fn fails(heap: &mut Heap, rest: &str, args: &[Value], expected: &str) {
    let error = run_in(heap, rest, args, Config::default()).unwrap_err().to_string();
    assert_eq!(error, format!("trace t1, {expected}"));
}

#[track_caller]
fn gives(op: Op, args: &[Value], expected: Value) {
    assert_eq!(fold(op, args), Some(Scalar::Value(expected)), "{} {args:?}", op.name());
}

#[track_caller]
fn is(op: Op, args: &[Value], expected: Scalar) {
    assert_eq!(fold(op, args), Some(expected), "{} {args:?}", op.name());
}

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

#[test]
fn checked_int_arithmetic() {
    gives(Op::AddOvf, &[Int(MAX), Int(-1)], Int(MAX - 1));
    is(Op::AddOvf, &[Int(MAX), Int(1)], Scalar::Leaves);
    is(Op::SubOvf, &[Int(MIN), Int(1)], Scalar::Leaves);
    gives(Op::MulOvf, &[Int(1 << 31), Int(1 << 31)], Int(1 << 62));
    is(Op::MulOvf, &[Int(1 << 32), Int(1 << 31)], Scalar::Leaves);
    is(Op::NegOvf, &[Int(MIN)], Scalar::Leaves);
    is(Op::AbsOvf, &[Int(MIN)], Scalar::Leaves);
    gives(Op::AbsOvf, &[Int(-3)], Int(3));
    gives(Op::ShlOvf, &[Int(-1), Int(63)], Int(MIN));
    is(Op::ShlOvf, &[Int(1), Int(63)], Scalar::Leaves);
    is(Op::ShlOvf, &[Int(0), Int(64)], Scalar::Leaves);
    is(Op::ShlOvf, &[Int(0), Int(-1)], Scalar::Leaves);
}

#[test]
fn division_floors() {
    for (a, b, quotient, rest) in [
        (7, 3, 2, 1),
        (-7, 3, -3, 2),
        (7, -3, -3, -2),
        (-7, -3, 2, -1),
        (6, -3, -2, 0),
        (0, -5, 0, 0),
        (MIN, 2, MIN / 2, 0),
    ] {
        for op in [Op::FloorDivOvf, Op::FloorDiv] {
            gives(op, &[Int(a), Int(b)], Int(quotient));
        }
        for op in [Op::ModOvf, Op::Mod] {
            gives(op, &[Int(a), Int(b)], Int(rest));
        }
    }
    gives(Op::FloorDivOvf, &[Int(5), Int(-1)], Int(-5));
    is(Op::FloorDivOvf, &[Int(MIN), Int(-1)], Scalar::Leaves);
    gives(Op::ModOvf, &[Int(MIN), Int(-1)], Int(0));
    is(Op::FloorDivOvf, &[Int(1), Int(0)], Scalar::Leaves);
    is(Op::ModOvf, &[Int(1), Int(0)], Scalar::Leaves);
    gives(Op::ModOvf, &[Int(MAX), Int(MIN)], Int(-1));
    for divisor in [0, -1] {
        is(Op::FloorDiv, &[Int(1), Int(divisor)], Scalar::Traps);
        is(Op::Mod, &[Int(1), Int(divisor)], Scalar::Traps);
    }
}

#[test]
fn unchecked_int_arithmetic() {
    gives(Op::Add, &[Int(2), Int(3)], Int(5));
    is(Op::Add, &[Int(MAX), Int(1)], Scalar::Undefined);
    is(Op::Neg, &[Int(MIN)], Scalar::Undefined);
    is(Op::Shl, &[Int(1), Int(63)], Scalar::Undefined);
    gives(Op::Shl, &[Int(-3), Int(2)], Int(-12));
    gives(Op::Shr, &[Int(-3), Int(1)], Int(-2));
    gives(Op::Shr, &[Int(-3), Int(1000)], Int(-1));
    gives(Op::Shr, &[Int(MAX), Int(64)], Int(0));
    is(Op::Shr, &[Int(1), Int(-1)], Scalar::Undefined);
    gives(Op::Not, &[Int(MIN)], Int(MAX));
    gives(Op::MinInt, &[Int(MIN), Int(1)], Int(MIN));
    gives(Op::MaxInt, &[Int(MIN), Int(1)], Int(1));
    gives(Op::InBounds, &[Int(-1), Int(5)], Bool(false));
    gives(Op::InBounds, &[Int(4), Int(5)], Bool(true));
    gives(Op::InBounds, &[Int(5), Int(5)], Bool(false));
    is(Op::InBounds, &[Int(0), Int(-1)], Scalar::Undefined);
}

#[test]
fn floats() {
    let nan = Float(f64::NAN);
    for op in [Op::EqFloat, Op::LtFloat, Op::LeFloat, Op::GtFloat, Op::GeFloat] {
        gives(op, &[nan, nan], Bool(false));
        gives(op, &[Float(1.0), nan], Bool(false));
    }
    gives(Op::NeFloat, &[nan, nan], Bool(true));
    gives(Op::EqFloat, &[Float(0.0), Float(-0.0)], Bool(true));
    gives(Op::NegFloat, &[Float(0.0)], Float(-0.0));
    gives(Op::AbsFloat, &[Float(-0.0)], Float(0.0));
    gives(Op::AddFloat, &[Float(-0.0), Float(-0.0)], Float(-0.0));
    gives(Op::DivFloat, &[Float(1.0), Float(-0.0)], Float(f64::NEG_INFINITY));
    gives(Op::SubFloat, &[Float(f64::INFINITY), Float(f64::INFINITY)], nan);
    gives(Op::FloorFloat, &[Float(-0.5)], Float(-1.0));
    gives(Op::CeilFloat, &[Float(-0.5)], Float(-0.0));
    gives(Op::TruncFloat, &[Float(-1.5)], Float(-1.0));
    gives(Op::SqrtFloat, &[Float(2.25)], Float(1.5));
    assert_ne!(Float(0.0), Float(-0.0));
}

#[test]
fn conversions() {
    gives(Op::IntToFloat, &[Int((1 << 53) + 1)], Float((1i64 << 53) as f64));
    gives(Op::IntToFloat, &[Int((1 << 53) + 3)], Float(((1i64 << 53) + 4) as f64));
    gives(Op::IntToFloat, &[Int(MAX)], Float(9_223_372_036_854_775_808.0));
    gives(Op::FloatToInt, &[Float(-1.9)], Int(-1));
    gives(Op::FloatToInt, &[Float(-9_223_372_036_854_775_808.0)], Int(MIN));
    gives(Op::FloatToInt, &[Float(9_223_372_036_854_774_784.0)], Int(9_223_372_036_854_774_784));
    for out in [9_223_372_036_854_775_808.0, -9_223_372_036_854_777_856.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        is(Op::FloatToInt, &[Float(out)], Scalar::Leaves);
    }
    gives(Op::BoolToInt, &[Bool(true)], Int(1));
    gives(Op::SelectInt, &[Bool(false), Int(1), Int(2)], Int(2));
    gives(Op::SelectFloat, &[Bool(true), Float(1.0), Float(2.0)], Float(1.0));
    gives(Op::XorBool, &[Bool(true), Bool(true)], Bool(false));
    assert_eq!(fold(Op::GuardTrue, &[Bool(true)]), None);
    assert_eq!(fold(Op::AddOvf, &[Bool(true), Int(1)]), None);
}

#[test]
fn a_loop_runs_until_its_guard_fails() {
    let text = "\
params %i: int, %sum: int, %n: int
body:
  poll -> s0
  %more = lt_int %i, %n
  guard_true %more -> s1
  %sum2 = add_ovf %sum, %i -> s1
  %i2 = add_ovf %i, 1 -> s1
  loop(%i2, %sum2, %n)
s0 = [code0+2 locals(%n, %i, %sum)]
s1 = [code0+8 locals(%n, %i, %sum, _, kept) stack(v1, %more) names(@1: %sum)]
v0 = tuple(%i)
v1 = tuple(v0, 1.5, true)
";
    let heap = &mut Heap::new();
    shows(
        heap,
        text,
        &[Int(0), Int(0), Int(10)],
        "exit [code0+8 locals(10, 10, 45, _, kept) stack(((10), 1.5, True), False) @1: 45]",
    );
    // An overflow leaves before anything has changed.
    shows(
        heap,
        text,
        &[Int(8), Int(MAX - 8), Int(10)],
        "exit [code0+8 locals(10, 9, 9223372036854775807, _, kept) stack(((9), 1.5, True), True) @1: 9223372036854775807]",
    );
    // The fuel is the number of polls that pass.
    let (trace, run) = run_in(heap, text, &[Int(0), Int(0), Int(10)], Config { fuel: 4, ..Config::default() }).unwrap();
    assert_eq!(Observer::new(heap).outcome(&trace, &run.outcome), "exit [code0+2 locals(10, 4, 6)]");
    assert_eq!(run.iterations, 4);
    let (_, run) = run_in(heap, text, &[Int(0), Int(0), Int(10)], Config { steps: 20, ..Config::default() }).unwrap();
    assert_eq!((run.outcome, run.steps), (Outcome::OutOfSteps, 20));
}

#[test]
fn end_arguments_are_assigned_at_once() {
    let text = "params %0: int, %1: int\n%2 = lt_int %0, %1\nguard_true %2 -> [code0+0 locals(%0, %1)]\nloop(%1, %0)";
    shows(&mut Heap::new(), text, &[Int(1), Int(2)], "exit [code0+0 locals(2, 1)]");
}

#[test]
fn jumps_and_the_preheader() {
    let text = "params %0: int, %1: float\n%2 = int_to_float %0\n%3 = mul_float %1, %2\njump t9(%3, 7, true)";
    shows(&mut Heap::new(), text, &[Int(3), Float(0.5)], "jump t9(1.5, 7, True)");
    let text = "\
params %0: int, %1: int
preheader:
  %2 = floordiv_ovf 100, %1 -> [code0+0 locals(%0)]
body:
  %3 = sub_ovf %0, %2 -> [code0+1]
  %4 = ge_int %3, 0
  guard_true %4 -> [code0+2 locals(%0, %2)]
  loop(%3, %1)
";
    shows(&mut Heap::new(), text, &[Int(25), Int(9)], "exit [code0+2 locals(3, 11)]");
    shows(&mut Heap::new(), text, &[Int(25), Int(0)], "exit [code0+0 locals(25)]");
}

#[test]
fn functions_call_each_other_and_return() {
    let text = "\
params %0: int
  %1 = lt_int %0, 2
  guard_more %1 -> [code0+1 locals(%0)]
  descend 1 -> [code0+2 locals(%0)]
  %2 = call helper3(%0) -> [code0+4 locals(%0)]
  return(%2)
";
    shows(&mut Heap::new(), text, &[Int(1)], "return 10");
    shows(&mut Heap::new(), text, &[Int(2)], "exit [code0+1 locals(2)]");
    // The callee left: so does the caller, with the call under way.
    shows(&mut Heap::new(), text, &[Int(0)], "exit raised left [code0+4 locals(0)]");
    let heap = &mut Heap::new();
    let (trace, run) = run_in(heap, text, &[Int(1)], Config { fuel: 0, ..Config::default() }).unwrap();
    assert_eq!(Observer::new(heap).outcome(&trace, &run.outcome), "exit [code0+2 locals(1)]");
}

#[test]
fn frames_of_inlined_calls_and_exceptions() {
    let text = "\
params %0: int
  %1 = call helper0(%0) -> [code0+4 locals(%0) stack(_, %0)] [code1+2 fn(@1) locals(%0)]
  leave -> [code0+6 locals(%1)]
";
    shows(&mut Heap::new(), text, &[Int(8)], "exit [code0+6 locals(125)]");
    shows(
        &mut Heap::new(),
        text,
        &[Int(0)],
        "exit raised ZeroDivisionError [code0+4 locals(0) stack(_, 0)] [code1+2 fn(\"name\") locals(0)]",
    );
    fails(
        &mut Heap::new(),
        "%0 = call helper2(1)\nleave",
        &[],
        "`%0 = call helper2(1)`: the helper raised OSError, but its effects do not say `exits`",
    );
}

fn list(heap: &mut Heap, elements: &[i64]) -> Obj {
    let elements = elements.iter().map(|&element| heap.int(element)).collect();
    heap.list(elements)
}

#[test]
fn guards_of_objects() {
    let heap = &mut Heap::new();
    let objects = [heap.none(), heap.bool(true), heap.int(5), heap.make(Object::Int(1 << 70)), list(heap, &[])];
    let class =
        "params %0: ref\nguard_class %0, class0 -> [code0+1]\n%1 = unbox_int %0 -> [code0+2]\nleave -> [code0+3]";
    for (object, place) in objects.into_iter().zip([1, 1, 3, 2, 1]) {
        shows(heap, class, &[Ref(object)], &format!("exit [code0+{place}]"));
    }
    let is = "params %0: ref\nguard_is_not %0, @0 -> [code0+1]\nguard_is %0, @0 -> [code0+2]\nleave";
    shows(heap, is, &[Ref(objects[0])], "exit [code0+1]");
    shows(heap, is, &[Ref(objects[2])], "exit [code0+2]");
    let same = "params %0: ref, %1: ref\n%2 = same_ref %0, %1\njump t2(%2)";
    shows(heap, same, &[Ref(objects[2]), Ref(objects[2])], "jump t2(True)");
    shows(heap, same, &[Ref(objects[2]), Ref(objects[3])], "jump t2(False)");
}

#[test]
fn lists_tuples_cells_and_frame_memory() {
    let heap = &mut Heap::new();
    let numbers = list(heap, &[1, 2, 3]);
    let text = "\
params %0: ref
  %1 = list_len %0
  %2 = list_get %0, 1
  %3 = box_float 2.5
  list_set %0, 1, %3
  frame_set %2, 2
  %4 = frame_get 2
  %5 = frame_get 1 -> [code0+1 locals(%0, %1, %2, %4, %0)]
  leave
";
    shows(heap, text, &[Ref(numbers)], "exit [code0+1 locals(list#0[1, 2.5, 3], 3, 2, 2, list#0)]");
    let (one, two) = (heap.int(1), heap.float(-0.0));
    let tuple = heap.tuple(vec![one, two]);
    let text = "params %0: ref\n%1 = tuple_len %0\n%2 = tuple_get %0, 1\n%3 = unbox_float %2\njump t2(%1, %3)";
    shows(heap, text, &[Ref(tuple)], "jump t2(2, -0.0)");
    let cell = heap.make(Object::Cell(None));
    let text = "params %0: ref\n%1 = cell_get %0 -> [code0+1]\ncell_set %0, @0\njump t2(%0, %1)";
    shows(heap, text, &[Ref(cell)], "exit [code0+1]");
    let full = heap.make(Object::Cell(Some(one)));
    shows(heap, text, &[Ref(full)], "jump t2(cell#0[None], 1)");
    shows(heap, "%0 = box_bool false\n%1 = unbox_bool %0\njump t2(%0, %1)", &[], "jump t2(False, False)");
}

#[test]
fn faults_of_a_trace() {
    let heap = &mut Heap::new();
    let numbers = list(heap, &[1]);
    fails(
        heap,
        "params %0: ref\n%1 = list_get %0, 1\nleave",
        &[Ref(numbers)],
        "`%1 = list_get %0, 1`: index 1 is not in 0..1",
    );
    fails(
        heap,
        "params %0: ref\n%1 = unbox_float %0\nleave",
        &[Ref(heap.none())],
        "`%1 = unbox_float %0`: needs an object of class float, not None",
    );
    fails(heap, "params %0: int\nleave", &[], "entry: entered with 0 arguments for 1 parameters");
    fails(heap, "params %0: int\nleave", &[Bool(true)], "entry: Bool(true) for %0 is not of type int");
    fails(
        heap,
        "params %0: int\n%1 = mod 5, %0\nleave",
        &[Int(0)],
        "`%1 = mod 5, %0`: traps with operands [Int(5), Int(0)]",
    );
}

#[test]
fn a_proof_that_does_not_hold_matters_when_its_result_is_used() {
    let heap = &mut Heap::new();
    let text = "params %0: int\n%1 = add %0, 1\n%2 = not %1\n%3 = lt_int %0, 10\nguard_true %3 -> [code0+1 locals(%0)]\njump t2(%2)";
    shows(heap, text, &[Int(1)], "jump t2(-3)");
    shows(heap, text, &[Int(MAX)], "exit [code0+1 locals(9223372036854775807)]");
    let text = "params %0: int\n%1 = add %0, 1\n%2 = not %1\n%3 = lt_int %2, 10\nguard_true %3\njump t2()";
    fails(
        heap,
        text,
        &[Int(MAX)],
        "`guard_true %3 -> s0`: uses the result of `%1 = add %0, 1`, whose proof does not hold for its operands",
    );
    let text = "params %0: int, %1: bool\n%2 = neg %0\n%3 = select_int %1, 5, %2\njump t2(%3)";
    shows(heap, text, &[Int(MIN), Bool(true)], "jump t2(5)");
    fails(
        heap,
        text,
        &[Int(MIN), Bool(false)],
        "end: uses the result of `%2 = neg %0`, whose proof does not hold for its operands",
    );
}

#[track_caller]
fn counted(heap: &mut Heap, rest: &str, args: &[Value]) -> String {
    let config = Config { counting: true, ..Config::default() };
    let (trace, run) = run_in(heap, rest, args, config).unwrap_or_else(|error| panic!("{error}"));
    Observer::new(heap).outcome(&trace, &run.outcome)
}

#[test]
fn counts_are_right_on_every_way_out() {
    let text = "\
params %0: ref class1, %1: int
  %2 = list_get %0, 0
  guard_class %2, class0 -> [code0+1 locals(%0, %1, %2, v0)] held(%0)
  %3 = box_int %1
  %4 = call helper1(%3)
  inc_ref %2
  list_set %0, 0, %3
  %5 = lt_int %1, 3
  guard_true %5 -> [code0+2 locals(%2, v1) stack(v1)] held(%0, %2, %4)
  dec_ref %2
  dec_ref %4
  %6 = add_ovf %1, 1 -> [code0+3] held(%0)
  loop(%0, %6)
v0 = tuple(%2, %0)
v1 = tuple(%4)
";
    let mut heap = Heap::new();
    let numbers = list(&mut heap, &[10, 20]);
    assert_eq!(counted(&mut heap, text, &[Ref(numbers), Int(1)]), "exit [code0+2 locals(2, ((3, 3))) stack(((3, 3)))]");
    let mut heap = Heap::new();
    let element = heap.float(0.5);
    let floats = heap.list(vec![element]);
    let seen = counted(&mut heap, text, &[Ref(floats), Int(1)]);
    assert_eq!(seen, "exit [code0+1 locals(list#0[0.5], 1, 0.5, (0.5, list#0))]");
    let mut heap = Heap::new();
    let numbers = list(&mut heap, &[1]);
    let swap = "params %0: ref, %1: int\n%2 = box_int %1\ninc_ref %2\njump t2(%2, %0, %2, @0)";
    let swap = swap.replace("jump", "inc_ref @0\njump");
    assert_eq!(counted(&mut heap, &swap, &[Ref(numbers), Int(4)]), "jump t2(4, list#0[1], 4, None)");
}

#[test]
fn wrong_counts_are_found() {
    let config = Config { counting: true, ..Config::default() };
    let evaluate = |text: &str| {
        let mut heap = Heap::new();
        let numbers = list(&mut heap, &[1, 2]);
        let run = parse(text).evaluate(
            &[Ref(numbers)],
            &mut World { heap: &mut heap, host: &mut host(), objects: &[Obj(0), Obj(0)] },
            config,
        );
        run.map(|run| heap.check(run.outcome.roots()).map_err(|error| error.to_string()))
            .map_err(|error| error.to_string())
    };
    assert_eq!(evaluate("params %0: ref\ndec_ref %0\nleave"), Ok(Ok(())));
    let leak = "object 5 (List([Obj(3), Obj(4)])) has 1 counts and 0 references".to_owned();
    assert_eq!(evaluate("params %0: ref\nleave"), Ok(Err(leak)));
    assert_eq!(
        evaluate("params %0: ref\ndec_ref %0\n%1 = list_len %0\nleave"),
        Err("trace t1, `%1 = list_len %0`: use of object 5, which is dead".to_owned())
    );
    assert_eq!(
        evaluate("params %0: ref\n%1 = list_get %0, 0\ndec_ref %0\nleave -> [code0+0 locals(%1)]"),
        Err("trace t1, `leave -> s0`: use of object 3, which is dead".to_owned())
    );
    let double = "object 5 (List([Obj(3), Obj(4)])) has 1 counts and 2 references".to_owned();
    assert_eq!(evaluate("params %0: ref\njump t2(%0, %0)"), Ok(Err(double)));
}
