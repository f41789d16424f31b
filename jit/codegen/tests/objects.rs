//! Ownership in compiled code: what exits hand over, what bridges take, when objects die. Every run is compared with the
//! evaluator's, and every count is checked afterwards.

mod support;

use support::harness::{CHECKED, Harness, compare};
use support::native::{IMMORTAL, Kind};
use tjit_codegen::Env;
use tjit_ir::eval::{Config, Heap, Obj, Object, Value};
use tjit_ir::testing::Inputs;
use tjit_ir::{Trace, TraceId};

fn parse(text: &str) -> Trace {
    let trace = Trace::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.verify().and_then(|()| trace.verify_ownership()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace
}

/// Inputs from a function that makes the arguments; each object among them gets a second count, by which it is watched.
fn inputs(make: impl FnOnce(&mut Heap) -> Vec<Value>) -> Inputs {
    let mut heap = Heap::new();
    let objects = vec![heap.none(), heap.bool(true)];
    let args = make(&mut heap);
    let mut watched: Vec<Obj> = Vec::new();
    for arg in &args {
        if let Value::Ref(object) = arg {
            heap.inc(*object).expect("just made");
            watched.push(*object);
        }
    }
    let local = heap.int(5_000);
    Inputs { heap, objects, args, frame: vec![Some(local), None], watched }
}

fn check(text: &str, inputs: &Inputs) -> String {
    let config = Config { counting: true, ..Config::default() };
    compare("test", &parse(text), inputs, CHECKED, config)
}

const HEADER: &str = r#"
trace t1
refs @0 "None", @1 "True"
classes class0 "list", class1 "cell", class2 "int" leaf
codes code0 "f"
helpers helper0 "make_list"(ref) -> ref owned allocates, helper1 "check_int"(int) -> int exits, helper2 "not"(bool) -> bool pure, helper3 "look"() -> unit opaque
"#;

fn with_header(text: &str) -> String {
    format!("{HEADER}{text}")
}

#[test]
fn an_exit_hands_over_borrowed_references() {
    let text = with_header(
        "params %l: ref class0, %i: int
         body:
         %len = list_len %l
         %in = in_bounds %i, %len
         guard_true %in -> [code0+1 locals(%l, %i)] held(%l)
         %x = list_get %l, %i
         guard_class %x, class2 -> [code0+2 locals(%l, %i) stack(%x, %x)] held(%l)
         leave -> [code0+3 locals(%x)] held(%l)",
    );
    let list = |heap: &mut Heap| {
        let elements = vec![heap.int(1_000), heap.none(), heap.float(1.5), heap.bool(true)];
        Value::Ref(heap.list(elements))
    };
    for index in 0..5 {
        check(&text, &inputs(|heap| vec![list(heap), Value::Int(index)]));
    }
}

#[test]
fn stores_drop_what_was_there() {
    // Whether the old element dies depends on whether the list was its only owner.
    let text = with_header(
        "params %l: ref class0, %c: ref class1, %x: ref, %shared: ref
         body:
         dec_ref %shared
         inc_ref %x
         list_set %l, 0, %x
         inc_ref %x
         cell_set %c, %x
         inc_ref %x
         frame_set %x, 0
         frame_set %x, 1
         %back = frame_get 1 -> [code0+1 locals(%l, %c)] held(%l, %c)
         %in = cell_get %c -> [code0+1 locals(%l, %c)] held(%l, %c)
         leave -> [code0+2 locals(%l, %back) stack(%in)] held(%l, %c)",
    );
    for empty in [false, true] {
        for shared in [false, true] {
            let inputs = inputs(|heap| {
                let old = heap.float(2.5);
                heap.inc(old).expect("just made");
                let nested = heap.list(vec![old]);
                let element = if shared { old } else { nested };
                let list = heap.list(vec![element]);
                let contents = (!empty).then(|| heap.int(77_777));
                let cell = heap.make(Object::Cell(contents));
                let new = heap.make(Object::Str("new".to_owned()));
                let last = if shared { nested } else { old };
                [list, cell, new, last].map(Value::Ref).to_vec()
            });
            check(&text, &inputs);
        }
    }
}

#[test]
fn an_empty_cell_and_an_unbound_local_leave() {
    let text = with_header(
        "params %c: ref class1
         body:
         %a = frame_get 0 -> [code0+1 locals(%c)] held(%c)
         %b = cell_get %c -> [code0+2 locals(%c, %a)] held(%c)
         %d = frame_get 1 -> [code0+3 locals(%c, %a, %b)] held(%c)
         leave -> [code0+4 locals(%d)] held(%c)",
    );
    let empty = check(&text, &inputs(|heap| vec![Value::Ref(heap.make(Object::Cell(None)))]));
    assert!(empty.starts_with("exit [code0+2"), "{empty}");
    let full = check(
        &text,
        &inputs(|heap| {
            let contents = heap.int(3);
            vec![Value::Ref(heap.make(Object::Cell(Some(contents))))]
        }),
    );
    assert!(full.starts_with("exit [code0+3"), "{full}");
}

#[test]
fn boxes_are_made_and_small_ints_found() {
    let text = with_header(
        "params %i: int, %f: float, %b: bool
         body:
         %bi = box_int %i
         %bf = box_float %f
         %bb = box_bool %b
         %list = call helper0(%bi)
         guard_false %b -> [code0+1 locals(%bb) stack(%bi)] held(%bi, %bf, %list)
         dec_ref %bf
         dec_ref %bi
         leave -> [code0+2 locals(%list, %bb)] held(%list)",
    );
    for int in [i64::MIN, -1_000, -6, -5, -1, 0, 1, 255, 256, 257, i64::MAX] {
        for flag in [false, true] {
            check(&text, &inputs(|_| vec![Value::Int(int), Value::Float(-0.0), Value::Bool(flag)]));
        }
    }
}

#[test]
fn unboxing_reads_every_int_that_fits() {
    let text = with_header(
        "params %x: ref class2
         body:
         %i = unbox_int %x -> [code0+1 locals(%x)] held(%x)
         dec_ref %x
         leave -> [code0+2 locals(%i)]",
    );
    let edge = 1i128 << 63;
    for int in
        [0, 1, -1, 300, edge - 1, edge, edge + 1, -edge, -edge - 1, -edge + 1, 2 * edge - 1, 1 - 2 * edge, 1 << 80]
    {
        let text = check(&text, &inputs(|heap| vec![Value::Ref(heap.make(Object::Int(int)))]));
        let fits = i64::try_from(int).is_ok();
        assert!(text.starts_with(&format!("exit [code0+{} locals({int})]", 1 + u8::from(fits))), "{text}");
    }
}

#[test]
fn a_helper_that_raises_leaves_with_everything() {
    let text = with_header(
        "params %x: ref, %i: int
         body:
         %list = call helper0(%x)
         %checked = call helper1(%i) -> [code0+1 locals(%x, %i)] held(%x, %list)
         leave -> [code0+2 locals(%list, %checked)] held(%x, %list)",
    );
    for int in [3, 4] {
        let text = check(&text, &inputs(|heap| vec![Value::Ref(heap.float(1.0)), Value::Int(int)]));
        assert_eq!(text.starts_with("exit raised ValueError(3) [code0+1"), int == 3, "{text}");
    }
}

#[test]
fn bools_travel_to_helpers_and_back() {
    let text = with_header(
        "params %b: bool
         body:
         %n = call helper2(%b)
         leave -> [code0+1 locals(%b, %n)]",
    );
    for flag in [false, true] {
        let mut harness = Harness::new(&inputs(|_| vec![Value::Bool(flag)]), CHECKED, true);
        let compiled = harness.compile(&parse(&text), &Env::new(0));
        assert_eq!(harness.enter(&compiled, 0), 0);
        assert_eq!(harness.ctx.values[..2], [u64::from(flag), u64::from(!flag)]);
    }
}

#[test]
fn immortals_are_not_counted() {
    // Drops more than it adds, which only an immortal survives.
    let text = with_header(
        "params %x: ref
         body:
         inc_ref %x
         dec_ref %x
         dec_ref %x
         dec_ref %x
         %c = same_ref %x, @0
         guard_true %c -> [code0+1 locals(%x)]
         guard_is_not %x, @1 -> [code0+2 locals(%x)]
         guard_is %x, @1 -> [code0+3 locals(%x)]
         leave -> [code0+4]",
    );
    let trace = Trace::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut harness = Harness::new(&inputs(|heap| vec![Value::Ref(heap.none())]), CHECKED, true);
    let compiled = harness.compile(&trace, &Env::new(0));
    for _ in 0..100 {
        assert_eq!(harness.enter(&compiled, 10), 2);
    }
    // SAFETY: the heap owns it.
    let none = unsafe { &*harness.heap.objects[0] };
    assert_eq!((none.count & IMMORTAL, none.count & !IMMORTAL, &none.kind), (IMMORTAL, 77, &Kind::None));
}

#[test]
fn a_bridge_owns_what_it_gets() {
    // The root leaves with a borrowed element, a held list and an unboxed value; the bridge drops and stores them.
    let root = with_header(
        "params %l: ref class0, %i: int
         body:
         %x = list_get %l, %i
         guard_class %x, class2 -> [code0+1 locals(%l, %i, %x)] held(%l)
         leave -> [code0+2 locals(%l)] held(%l)",
    );
    let bridge = with_header(
        "params %l: ref class0, %i: int, %x: ref
         body:
         %new = box_int %i
         list_set %l, 0, %new
         dec_ref %x
         %y = list_get %l, 0
         leave -> [code0+5 locals(%y)] held(%l)",
    )
    .replace("trace t1", "trace t2");
    let inputs = inputs(|heap| {
        let elements = vec![heap.float(1.0), heap.float(2.0)];
        vec![Value::Ref(heap.list(elements)), Value::Int(0)]
    });
    let (root, bridge) = (parse(&root), parse(&bridge));
    let mut harness = Harness::new(&inputs, CHECKED, true);
    let compiled = harness.compile(&root, &Env::new(0));
    let attached = harness.compile(&bridge, &Env { by_exit: Some(&compiled.exits()[0].borrowed), ..Env::new(50) });
    // SAFETY: the bridge's parameters are the exit's values.
    unsafe { compiled.attach(0, Some(attached.address())) };
    assert_eq!(harness.enter(&compiled, 10), 50);
    assert_eq!(attached.trace(), TraceId(2));
    // The float that was stored over is dead: the list and the exit were all that had it.
    let text = harness.observe(&bridge, &attached.exits()[0]);
    assert_eq!(text, "exit [code0+5 locals(0)]\nwatched list#0[0, 2.0]\nframe 0: 5000\nframe 1: _");
    let dead = harness.heap.objects.iter().filter(|&&object| {
        // SAFETY: the heap owns them all.
        unsafe { &*object }.kind == Kind::Freed
    });
    assert_eq!(dead.count(), 1);
}

#[test]
fn a_call_that_may_look_at_frames_finds_the_values_of_its_exit() {
    let text = with_header(
        "params %i: int, %b: bool, %f: float
         body:
         guard_true %b -> [code0+1 locals(%f)]
         call helper3() -> [code0+2 locals(%f, %i, %b)]
         %next = add_ovf %i, 1 -> [code0+3 locals(%i)]
         call helper3() -> [code0+4 locals(%next, 7) stack(%b, %b, %i)]
         leave -> [code0+5 locals(%next)]",
    );
    let inputs = inputs(|_| vec![Value::Int(41), Value::Bool(true), Value::Float(1.0)]);
    let mut harness = Harness::new(&inputs, CHECKED, true);
    let compiled = harness.compile(&parse(&text), &Env::new(1 << 40));
    assert_eq!(harness.enter(&compiled, 0), (1 << 40) + 4);
    let float = 1f64.to_bits();
    let expected = [(1, [float, 41, 1]), (3, [42, 1, 41])];
    let expected = expected.map(|(exit, values)| format!("exit {}, values {values:?}", (1u64 << 40) + exit));
    assert_eq!(harness.heap.log, expected);
}
