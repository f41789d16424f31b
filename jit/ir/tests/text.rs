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
  loop(%7, %8, %2, %15)
s0 = [code0+12 locals(%0, %1, _, kept) stack(v1) names(@0: %1, @1: _)] [code1+3 fn(%2) locals(true)]
s1 = [code0+0]
v0 = tuple(%0, 1.5)
v1 = range_iter(%0, 0, 1, v0)
"#;

#[test]
fn printing_what_was_parsed_gives_the_text() {
    let trace = Trace::parse(SAMPLE).unwrap();
    assert_eq!(trace.to_string(), SAMPLE);
    assert_eq!(Trace::parse(&trace.to_string()).unwrap(), trace);
}

#[test]
fn alternate_form_has_no_addresses() {
    let text = format!("{:#}", Trace::parse(SAMPLE).unwrap());
    assert!(!text.contains("0x55d0") && !text.contains("0xffffffffffffffff") && !text.contains("= 0x10"), "{text}");
    Trace::parse(&text).unwrap();
}
