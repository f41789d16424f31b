//! The verifier accepts what is well formed and says what is wrong with the rest.

use tjit_ir::{ClassId, End, Imm, Op, Slot, Trace, Ty, ValueId, Virtual, VirtualKind};

const HEAD: &str = r#"trace t1
refs @0 "None"
classes class0 "int" leaf, class1 "list"
codes code0 "f"
helpers helper0 "pow"(float, float) -> float exits, helper1 "run"(ref) -> ref owned opaque
helpers helper2 "free"(ref) -> unit releases
helpers helper3 "function"(ref) -> ref owned opaque calls t1
"#;

fn parse(rest: &str) -> Trace {
    Trace::parse(&format!("{HEAD}{rest}")).unwrap_or_else(|error| panic!("{error}\n{HEAD}{rest}"))
}

#[track_caller]
fn accepts(rest: &str) {
    parse(rest).verify().unwrap();
}

#[track_caller]
fn rejects(rest: &str, message: &str) {
    assert_eq!(parse(rest).verify().unwrap_err().to_string(), format!("trace t1, {message}"));
}

/// Breaks a good trace by hand, where the text form has no way to say it.
#[track_caller]
fn rejects_changed(rest: &str, change: impl FnOnce(&mut Trace), message: &str) {
    let mut trace = parse(rest);
    trace.verify().unwrap();
    change(&mut trace);
    assert_eq!(trace.verify().unwrap_err().to_string(), format!("trace t1, {message}"));
}

#[test]
fn types_and_arity() {
    accepts("%1 = add 1, 2\njump t2(%1)");
    rejects("%1 = add 1, 2.0\njump t2()", "body line 1 `%1 = add 1, 2.0`: the operand 2.0 is float and must be int");
    rejects("call helper0(1.0)\njump t2()", "body line 1 `%1 = call helper0(1.0) -> s0`: has 1 operands instead of 2");
    rejects(
        "call helper0(1.0, true)\njump t2()",
        "body line 1 `%2 = call helper0(1.0, true) -> s0`: the operand true is bool and must be float",
    );
    rejects_changed(
        "%1 = add 1, 2\njump t2(%1)",
        |trace| trace.insts[1].args.truncate(1),
        "body line 1 `%1 = add 1`: has 1 operands instead of 2",
    );
}

#[test]
fn immediates() {
    let text = "params %0: ref\nguard_class %0, class1\njump t2()";
    fn set(trace: &mut Trace, imm: Imm) {
        let guard = trace.body[0].index();
        trace.insts[guard].imm = imm;
    }
    rejects_changed(
        text,
        |trace| set(trace, Imm::Class(ClassId(2))),
        "body line 1 `guard_class %0, class2 -> s0`: the immediate Class(class2) is out of range or not in the pool",
    );
    rejects_changed(
        text,
        |trace| set(trace, Imm::Int(2)),
        "body line 1 `guard_class %0, 2 -> s0`: guard_class needs an immediate of kind Class, not Int(2)",
    );
    rejects_changed(
        "%1 = not_bool true\njump t2()",
        |trace| {
            let constant = trace.inst(trace.body[0]).args[0].index();
            trace.insts[constant].imm = Imm::Int(2);
        },
        "constants: the immediate Int(2) is out of range or not in the pool",
    );
}

#[test]
fn order_of_definitions() {
    let swap = |trace: &mut Trace| trace.body.reverse();
    rejects_changed(
        "%1 = add 1, 2\n%2 = not %1\njump t2(%2)",
        swap,
        "body line 1 `%2 = not %1`: %1 is not defined before",
    );
    rejects_changed(
        "%1 = add 1, 2\njump t2(%1)",
        |trace| trace.body.push(ValueId(1)),
        "body line 1 `%1 = add 1, 2`: stands in the lists twice",
    );
    rejects_changed(
        "%1 = add 1, 2\njump t2(%1)",
        |trace| trace.body.push(trace.inst(ValueId(1)).args[0]),
        "body line 2 `%2 = const_int 1`: constants and parameters stand in no list",
    );
    rejects_changed(
        "%1 = add 1, 2\njump t2(%1)",
        |trace| trace.body.push(ValueId(77)),
        "schedule: %77 is not in the table",
    );
    rejects_changed("%1 = add 1, 2\njump t2(%1)", |trace| trace.body.clear(), "end: %1 is not defined before");
}

#[test]
fn parameters() {
    rejects("params %0: int class0\njump t2()", "params: %0 has a class and is no reference");
    let text = "params %0: int, %1: ref class1\njump t2()";
    rejects_changed(text, |trace| trace.params.reverse(), "params: %1 is not the parameter instruction of number 0");
    rejects_changed(
        text,
        |trace| trace.param_classes.truncate(1),
        "params: param_classes has another length than params",
    );
    rejects_changed(text, |trace| trace.param_classes[1] = Some(ClassId(9)), "params: class9 of %1 is not in the pool");
}

#[test]
fn snapshots_where_the_effects_say_exits() {
    rejects(
        "%1 = add 1, 2 -> s0\njump t2()\ns0 = [code0+0]",
        "body line 1 `%1 = add 1, 2 -> s0`: cannot leave the trace and has a snapshot",
    );
    rejects_changed(
        "poll\njump t2()",
        |trace| trace.insts[trace.body[0].index()].snapshot = None,
        "body line 1 `poll`: can leave the trace and has no snapshot",
    );
    rejects_changed(
        "poll\njump t2()",
        |trace| trace.snapshots.clear(),
        "body line 1 `poll -> s0`: s0 is not in the table",
    );
    rejects_changed(
        "poll\njump t2()",
        |trace| trace.snapshots[0].frames.clear(),
        "body line 1 `poll -> s0`: the snapshot has no frame",
    );
    rejects(
        "poll -> s0\n%1 = add 1, 2\njump t2()\ns0 = [code0+0 locals(%1)]",
        "body line 1 `poll -> s0`: %1 is not defined before",
    );
    rejects(
        "poll -> s0\n%1 = add 1, 2\njump t2()\ns0 = [code0+0 locals(v0)]\nv0 = tuple(1, %1)",
        "body line 1 `poll -> s0`: %1 is not defined before",
    );
    // Its own result does not exist at an exit either.
    rejects(
        "%1 = add_ovf 1, 2 -> s0\njump t2()\ns0 = [code0+0 stack(%1)]",
        "body line 1 `%1 = add_ovf 1, 2 -> s0`: %1 is not defined before",
    );
    rejects(
        "params %0: int\npoll -> s0\njump t2()\ns0 = [code0+0 fn(%0)]",
        "body line 1 `poll -> s0`: the snapshot's function %0 is no reference",
    );
    // A snapshot that nobody uses may be stale.
    accepts("%1 = add 1, 2\njump t2()\ns0 = [code0+0 locals(%1)]");
}

#[test]
fn virtual_objects() {
    let text = |object: &str| format!("poll -> s0\njump t2()\ns0 = [code0+0 locals(v0)]\n{object}");
    accepts(&text("v0 = range_iter(0, 1, 2, 3)\nv1 = tuple(v0, 1.5, @0)"));
    rejects(&text("v0 = range_iter(0, 1)"), "v0: has 2 fields instead of 4");
    rejects(&text("v0 = range_iter(0, 1, 2, 3.0)"), "v0: field 3 must be an int");
    rejects(&text("v0 = tuple(v1)\nv1 = tuple()"), "v0: field 0, v1, has no lower number");
    rejects(&text("v0 = tuple(1, _)"), "v0: field 1 must be a value or a virtual object");
    rejects(&text("v0 = tuple()\nv1 = list_iter(@0, v0)"), "v1: field 1 must be an int, not v0");
    rejects_changed(
        &text("v0 = tuple()"),
        |trace| {
            trace.add_virtual(Virtual { kind: VirtualKind::Tuple, fields: vec![Slot::Value(ValueId(99))] });
        },
        "v1: %99 is not in the table",
    );
}

#[test]
fn ends() {
    let params = "params %0: int, %1: float\n";
    accepts(&format!("{params}loop(%0, %1)"));
    rejects(&format!("{params}loop(%0)"), "end: 1 values for 2 parameters");
    rejects(&format!("{params}loop(%0, %0)"), "end: %0 is int, the parameter %1 of t1 is float");
    rejects("poll", "end: the body must end with `leave`, loop, jump or return");
    rejects("leave\nleave", "end: `leave` stands before the end");
    rejects("leave\njump t2()", "end: `leave` stands before the end");
    accepts("%1 = add 1, 2\nreturn(%1)");
    rejects("leave\nreturn(1)", "end: `leave` stands before the end");
    rejects_changed("poll\nreturn(1)", |trace| trace.end = End::Return(trace.body[0]), "end: %0 has no value");
    rejects_changed(
        "poll\njump t2()",
        |trace| trace.end = End::Jump(trace.id, vec![trace.body[0]]),
        "end: %0 has no value",
    );
}

#[test]
fn links() {
    let target = Trace::parse("trace t2\nparams %0: int\nloop(%0)").unwrap();
    parse("jump t2(1)").verify_link(&target).unwrap();
    let error = |text: &str| parse(text).verify_link(&target).unwrap_err().to_string();
    assert_eq!(error("jump t2(1.0)"), "trace t1, end: 1.0 is float, the parameter %0 of t2 is int");
    assert_eq!(error("jump t3(1)"), "trace t1, end: does not jump to t2");
}

#[test]
fn preheader_depends_on_what_does_not_change() {
    let text = |operand: &str| {
        format!(
            "params %0: int, %1: int\npreheader:\n%2 = not 5\n%3 = add %2, {operand}\nbody:\n%4 = not %0\nloop(%4, %1)"
        )
    };
    accepts(&text("%1"));
    rejects(
        &text("%0"),
        "preheader line 2 `%3 = add %2, %0`: in the preheader, but the parameter %0 changes in the loop",
    );
    rejects_changed(
        &text("%1"),
        |trace| {
            let body = trace.body[0];
            trace.preheader.push(body);
        },
        "preheader line 3 `%4 = not %0`: in the preheader, but the parameter %0 changes in the loop",
    );
}

#[test]
fn helpers_and_held() {
    rejects_changed(
        "jump t2()",
        |trace| trace.pool.helpers[0].args[1] = Ty::Unit,
        "helper0: an operand of a helper cannot be unit",
    );
    rejects_changed(
        "jump t2()",
        |trace| trace.pool.helpers[1].result = Ty::Int,
        "helper1: a result of type int has no owner",
    );
    let params = "params %0: ref, %1: int\n";
    rejects(
        &format!("{params}poll held(%1)\njump t2()"),
        "body line 1 `poll -> s0 held(%1)`: holds %1, which is no reference",
    );
    rejects(&format!("{params}poll held(%0, %0)\njump t2()"), "body line 1 `poll -> s0 held(%0, %0)`: holds %0 twice");
    rejects(&format!("{params}%2 = not 1 held(%0)\njump t2()"), "held: %2 is not an exit of the schedule");
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    for &op in tjit_ir::ALL_OPS {
        assert_eq!(Op::parse(op.name()), Some(op));
    }
}

mod ownership {
    use super::parse;

    #[track_caller]
    fn accepts(rest: &str) {
        let trace = parse(rest);
        trace.verify().unwrap();
        trace.verify_ownership().unwrap();
    }

    #[track_caller]
    fn rejects(rest: &str, message: &str) {
        let trace = parse(rest);
        trace.verify().unwrap();
        assert_eq!(trace.verify_ownership().unwrap_err().to_string(), format!("trace t1, {message}"));
    }

    #[test]
    fn handing_over_and_dropping() {
        accepts("params %0: ref\njump t2(%0)");
        accepts("params %0: ref\ndec_ref %0\njump t2()");
        accepts("params %0: ref\ninc_ref %0\njump t2(%0, %0)");
        accepts("params %0: ref, %1: int\n%2 = box_int %1\ndec_ref %0\nloop(%2, %1)");
        accepts("inc_ref @0\njump t2(@0)");
        accepts("%0 = box_bool true\njump t2(%0)");
        rejects("params %0: ref\njump t2()", "end: leaks %0: 1 references are left");
        rejects("params %0: ref\njump t2(%0, %0)", "end: hands over %0, to which the trace owns no reference");
        rejects("jump t2(@0)", "end: hands over @0, to which the trace owns no reference");
        rejects("params %0: ref\n%1 = box_int 1\nloop(%0)", "end: leaks %1: 1 references are left");
        rejects(
            "params %0: ref\ndec_ref %0\ndec_ref %0\njump t2()",
            "body line 2 `dec_ref %0`: uses %0, whose last reference the trace has given away",
        );
        rejects(
            "params %0: ref class1\n%1 = list_get %0, 0\ndec_ref %1\nloop(%0)",
            "body line 2 `dec_ref %1`: drops %1, to which the trace owns no reference",
        );
    }

    #[test]
    fn held_is_what_is_owned_at_an_exit() {
        accepts("params %0: ref\npoll held(%0)\nloop(%0)");
        accepts("params %0: ref\ndec_ref %0\nleave");
        accepts("params %0: ref\nleave held(%0)");
        rejects("params %0: ref\npoll\nloop(%0)", "body line 1 `poll -> s0`: leaks %0: it is owned there and not held");
        rejects(
            "params %0: ref\n%1 = list_get %0, 0\npoll held(%0, %1)\nloop(%0)",
            "body line 2 `poll -> s0 held(%0, %1)`: holds %1, which the trace does not own there",
        );
        rejects(
            "params %0: ref\ninc_ref %0\npoll held(%0)\ndec_ref %0\nloop(%0)",
            "body line 2 `poll -> s0 held(%0)`: 2 references to %0 are owned there, only one can be handed over",
        );
    }

    #[test]
    fn taken_operands() {
        accepts("params %0: ref, %1: ref\nlist_set %0, 0, %1\ndec_ref %0\njump t2()");
        accepts("params %0: ref\n%1 = list_get %0, 0\ninc_ref %1\nlist_set %0, 1, %1\nloop(%0)");
        rejects(
            "params %0: ref\n%1 = list_get %0, 0\nlist_set %0, 1, %1\nloop(%0)",
            "body line 2 `list_set %0, 1, %1`: takes %1, to which the trace owns no reference",
        );
    }

    #[test]
    fn borrowed_references_end_with_a_release() {
        let get = "params %0: ref\n%1 = list_get %0, 0\n";
        accepts(&format!("{get}guard_is %1, @0 -> [code0+0 stack(%1)] held(%0)\nloop(%0)"));
        rejects(
            &format!("{get}call helper2(%0)\n%2 = same_ref %1, %0\nloop(%0)"),
            "body line 3 `%2 = same_ref %1, %0`: uses %1, which is only borrowed and which `call helper2(%0)` may have freed",
        );
        // Leaves and counts that do not reach zero release nothing.
        accepts(&format!("{get}%2 = box_int 5\ndec_ref %2\n%3 = same_ref %1, %0\nloop(%0)"));
        accepts(&format!("{get}inc_ref %0\ndec_ref %0\n%3 = same_ref %1, %0\nloop(%0)"));
        accepts("params %0: ref, %1: ref class0\n%2 = list_get %0, 0\ndec_ref %1\n%3 = same_ref %2, %0\njump t2(%0)");
        // An element lives as long as its tuple.
        accepts(
            "params %0: ref\n%1 = tuple_get %0, 0\n%2 = tuple_get %1, 0\ncall helper2(%0)\n%3 = same_ref %2, %0\nloop(%0)",
        );
        rejects(
            "params %0: ref\n%1 = tuple_get %0, 0\ndec_ref %0\n%3 = same_ref %1, %1\njump t2()",
            "body line 3 `%3 = same_ref %1, %1`: uses %1, whose last reference the trace has given away",
        );
    }

    #[test]
    fn calls_that_run_python_code() {
        let get = "params %0: ref\n%1 = list_get %0, 0\n";
        rejects(
            &format!("{get}%2 = call helper1(%0) -> [code0+0 stack(%1)] held(%0)\ndec_ref %2\nloop(%0)"),
            "body line 2 `%2 = call helper1(%0) -> s0 held(%0)`: leaves after it ran, and the snapshot names %1, which is \
             only borrowed and which `%2 = call helper1(%0) -> s0 held(%0)` may have freed",
        );
        rejects(
            &format!("{get}%2 = call helper1(%1) -> [code0+0] held(%0)\ndec_ref %2\nloop(%0)"),
            "body line 2 `%2 = call helper1(%1) -> s0 held(%0)`: runs Python code with the operand %1, which is only \
             borrowed and which `%2 = call helper1(%1) -> s0 held(%0)` may have freed",
        );
        accepts(&format!(
            "{get}inc_ref %1\n%2 = call helper1(%1) -> [code0+0 stack(%1)] held(%0, %1)\ndec_ref %2\ndec_ref %1\nloop(%0)"
        ));
    }

    #[test]
    fn a_function_hands_over_its_result_and_nothing_else() {
        accepts("params %0: ref\nreturn(%0)");
        accepts("params %0: ref, %1: int\ndec_ref %0\nreturn(%1)");
        rejects("params %0: ref\nreturn(1)", "end: leaks %0: 1 references are left");
        rejects("return(@0)", "end: hands over @0, to which the trace owns no reference");
        rejects(
            "params %0: ref\n%1 = list_get %0, 0\ndec_ref %0\nreturn(%1)",
            "end: hands over %1, to which the trace owns no reference",
        );
    }

    #[test]
    fn compiled_functions_take_their_operands() {
        let call = |rest: &str| format!("params %0: ref, %1: ref\n{rest}");
        accepts(&call("%2 = call helper3(%0) -> [code0+2] held(%1)\ndec_ref %1\nreturn(%2)"));
        // What leaves with the call under way is what is left without them.
        rejects(
            &call("%2 = call helper3(%0) -> [code0+2] held(%0, %1)\ndec_ref %1\nreturn(%2)"),
            "body line 1 `%2 = call helper3(%0) -> s0 held(%0, %1)`: holds %0, which the trace does not own there",
        );
        rejects(
            &call("%2 = call helper3(%0) -> [code0+2] held(%1)\ndec_ref %0\ndec_ref %1\nreturn(%2)"),
            "body line 2 `dec_ref %0`: uses %0, which is only borrowed and which \
             `%2 = call helper3(%0) -> s0 held(%1)` may have freed",
        );
        accepts(&call(
            "inc_ref %0\n%2 = call helper3(%0) -> [code0+2 locals(%0)] held(%0, %1)\ndec_ref %0\ndec_ref %1\nreturn(%2)",
        ));
    }

    #[test]
    fn what_the_preheader_owns_stays() {
        let loop_of =
            |preheader: &str, body: &str| format!("params %0: ref\npreheader:\n{preheader}\nbody:\n{body}\nloop(%0)");
        accepts(&loop_of("%1 = box_int 1", "poll held(%0, %1)"));
        rejects(
            &loop_of("%1 = box_int 1", "dec_ref %1"),
            "end: %1 is owned by the preheader and given away in the body",
        );
        rejects(&loop_of("dec_ref %0", "%1 = not 1"), "preheader: drops the parameter %0, which the body needs");
        rejects(&loop_of("inc_ref %0", "dec_ref %0"), "preheader: leaves %0 with more than one reference");
        // In the first iteration the borrowed element is good, in the second it may be gone.
        rejects(
            &loop_of("%1 = list_get %0, 0", "%2 = same_ref %1, %0\ncall helper2(%0)"),
            "body line 1 `%2 = same_ref %1, %0`: uses %1, which is only borrowed and which `call helper2(%0)` may have freed",
        );
    }
}
