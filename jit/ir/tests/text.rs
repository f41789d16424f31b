//! The text form: print and parse are inverses, and errors say where and what.

use tjit_ir::Trace;

const SAMPLE: &str = r#"trace t1
refs @0 "abs" = 0x55d0, @1 "a \"name\"\n"
classes class0 "int" leaf = 0x10, class1 "list"
codes code0 "f", code1 "g"
helpers helper0 "pow_float"(float, float) -> float exits = 0xffffffffffffffff
helpers helper1 "sort"(ref) -> unit opaque
helpers helper2 "make"() -> ref owned read LIST|DICT write all releases allocates
helpers helper3 "gcd"(int, int) -> int pure
helpers helper4 "fib"(int, ref) -> ref owned read LIST write all releases exits calls t2
params %0: int, %1: float, %2: ref class1, %3: bool
preheader:
  %4 = list_len %2
body:
  %5 = lt_int %0, %4
  guard_true %5 -> s0 held(%2)
  %7 = add_ovf %0, 1 -> s1 held(%2)
  %8 = call helper0(%1, -0.0) -> s1 held()
  %9 = call helper2()
  call helper1(%2) -> s1
  %11 = mul_float nan, nan(0xfff8000000000000)
  %12 = mul_float inf, -inf
  %13 = mul_float 1e300, 5e-324
  %14 = and -9223372036854775808, 9223372036854775807
  %15 = or_bool true, %3
  guard_class %2, class1 -> s1
  guard_is_not %2, @1 -> s1
  %18 = frame_get 3 -> s1
  frame_set @0, 4
  poll -> s0
  descend 2 -> s0
  %22 = call helper4(%7, %18) -> s0
  guard_more %3 -> s0
  %24 = slot_get %22, 16 -> s0
  slot_set %22, %24, 24
  slot_set_float %22, 1.5, 32
  loop(%7, %8, %2, %15)
s0 = [code0+12 locals(%0, %1, _, kept) stack(v1) names(@0: %1, @1: _)] [code1+3 fn(%2) locals(true)]
s1 = [code0+0]
v0 = tuple(%0, 1.5)
v1 = range_iter(%0, 0, 1, 100)
v2 = tuple(v0, @0)
"#;

#[test]
fn printing_what_was_parsed_gives_the_text() {
    let trace = Trace::parse(SAMPLE).unwrap();
    trace.verify().unwrap();
    assert_eq!(trace.to_string(), SAMPLE);
    assert_eq!(Trace::parse(&trace.to_string()).unwrap(), trace);
}

#[test]
fn alternate_form_has_no_addresses() {
    let text = format!("{:#}", Trace::parse(SAMPLE).unwrap());
    assert!(!text.contains("0x55d0") && !text.contains("0xffffffffffffffff") && !text.contains("= 0x10"), "{text}");
    Trace::parse(&text).unwrap();
}

#[test]
fn texts_written_by_hand_may_be_shorter() {
    let text = r#"
        ; A loop that adds.
        trace t3
        params %i: int
        params %sum: int
            poll                        ; gets the snapshot [code0+0]
            %step = const_int 2
            %i2 = add_ovf %i, %step
            %next = add_ovf %sum, %i -> [code0+4
                locals(%i2, %sum)]
            loop(%i2,
                 %next)
    "#;
    let expected = "\
trace t3
codes code0 \"code\"
params %0: int, %1: int
body:
  poll -> s0
  %4 = add_ovf %0, 2 -> s0
  %5 = add_ovf %1, %0 -> s1
  loop(%4, %5)
s0 = [code0+0]
s1 = [code0+4 locals(%4, %1)]
";
    let trace = Trace::parse(text).unwrap();
    trace.verify().unwrap();
    assert_eq!(trace.to_string(), expected);
}

#[test]
fn numbers_of_values_are_kept() {
    let text = "trace t1\nparams %3: int\nbody:\n  %40 = neg %3\n  %7 = not %40\n  jump t2(%7, 5)\n";
    let trace = Trace::parse(text).unwrap();
    assert_eq!(trace.to_string(), text);
    assert_eq!(trace.body[0].0, 40);
}

#[test]
fn functions_return() {
    let text = "trace t1\nparams %0: int\nbody:\n  %1 = not %0\n  return(%1)\n";
    let trace = Trace::parse(text).unwrap();
    trace.verify().unwrap();
    assert_eq!((trace.to_string(), trace.end_args()), (text.to_owned(), &[trace.body[0]][..]));
    error("trace t1\n  return()", "line 2, column 11: expected one value, found the end of the line");
    error("trace t1\n  return(1, 2)", "line 2, column 15: expected one value, found the end of the line");
    error(
        "trace t1\nhelpers helper0 \"f\"() -> int pure calls 2",
        "line 2, column 41: expected a trace, such as `t1`, found `2`",
    );
}

#[test]
fn ends_and_floats_and_ints_in_other_notations() {
    let text = "trace t1\n  %1 = add 0x10, -0x8000000000000000\n  %2 = add_float 1_000.5, 1e-3\n  leave";
    let printed = Trace::parse(text).unwrap().to_string();
    assert!(printed.contains("%1 = add 16, -9223372036854775808\n"), "{printed}");
    assert!(printed.contains("%2 = add_float 1000.5, 0.001\n"), "{printed}");
    assert!(printed.contains("leave -> s0\n"), "{printed}");
}

#[track_caller]
fn error(text: &str, expected: &str) {
    assert_eq!(Trace::parse(text).unwrap_err().to_string(), expected);
}

#[test]
fn errors_say_where_and_what() {
    error("", "line 1, column 1: expected `trace`, found the end of the text");
    error("trace 1", "line 1, column 7: expected a trace, such as `t1`, found `1`");
    error("trace t1 t2", "line 1, column 10: expected the end of the line, found `t2`");
    error(
        "trace t1\nparams %0: integer",
        "line 2, column 12: expected a type: int, float, bool, ref or unit, found `integer`",
    );
    error(
        "trace t1\nparams %0: unit",
        "line 2, column 12: expected a type that a value can have: int, float, bool or ref, found `unit`",
    );
    error(
        "trace t1\nparams %0: int, %0: int",
        "line 2, column 17: expected a value that is not defined yet, found `%0`",
    );
    error("trace t1\nbody:\n  %1 = ad 1, 2", "line 3, column 8: expected an operation, found `ad`");
    error("trace t1\nbody:\n  %1 = param_int 0", "line 3, column 8: expected an operation, found `param_int`");
    error("trace t1\nbody:\n  %1 = add 1", "line 3, column 13: expected `,`, found the end of the line");
    error("trace t1\nbody:\n  %1 = add 1, %5", "line 3, column 15: expected a value that is defined above, found `%5`");
    error("trace t1\nbody:\n  %1 = add 1, 2, 3", "line 3, column 16: expected the end of the line, found `,`");
    error(
        "trace t1\nbody:\n  %1 = add 1, 9223372036854775808",
        "line 3, column 15: expected an int of 64 bits that is not so large, found `9223372036854775808`",
    );
    error(
        "trace t1\nbody:\n  %1 = guard_true true",
        "line 3, column 3: expected no name, because `guard_true` has no result, found `%1`",
    );
    error("trace t1\nbody:\n  poll -> s4", "line 3, column 11: expected a snapshot that is declared, found `s4`");
    error("trace t1\nbody:\n  %9999999 = not 1", "line 3, column 3: expected a value below %1048576, found `%9999999`");
    error("trace t1\n  jump t2(1", "line 2, column 12: expected `,` or `)`, found the end of the line");
    error(
        "trace t1\n  jump t2()\n  poll",
        "line 3, column 3: expected a snapshot `s0 = …`, a virtual object `v0 = …`, or the end of the text, found `poll`",
    );
    error("trace t1\ns0 = [code0+0]", "line 2, column 7: expected a code object that is declared, found `code0`");
    error(
        "trace t1\ncodes code0 \"f\"\ns0 = [code0+0]\ns0 = [code0+0]",
        "line 4, column 1: expected a new name, found `s0` again",
    );
    error("trace t1\nrefs @0 \"x", "line 2, column 9: expected a closing `\"`, found the end of the text");
    error("trace t1\nrefs @0 'x'", "line 2, column 9: expected a token of the text form, found `'`");
    error(
        "trace t1\nhelpers helper0 \"f\"() -> int quick",
        "line 2, column 30: expected pure, opaque, read, write, releases, exits, python, allocates, owned, borrowed, calls, `=`, `,` or the end of the line, found `quick`",
    );
    error(
        "trace t1\nv0 = set()",
        "line 2, column 6: expected a kind of virtual object: range_iter, list_iter, tuple_iter, str_iter, reversed_list_iter, reversed_tuple_iter, enumerate, zip, map, range, tuple, dict, complex, text, slice, bound_method, instance, exception, traceback, handled, function, cell, generator, coroutine, asked, continuation, feeder, found `set`",
    );
    error("trace t1\nbody:\n  %1 = not -x", "line 3, column 12: expected a number or `>` after `-`, found `x`");
    error("trace t1\nbody:\n  %1 = not 12q", "line 3, column 12: expected a number, found `12q`");
    error("trace t1\nbody:\n  % = not 1", "line 3, column 3: expected a number or name after `%`, found nothing");
}
