//! Every operation on unboxed values against its definition, on edge values, with operands in registers and as constants.

mod support;

use support::harness::{CHECKED, Harness};
use tjit_codegen::{Compiled, Env, Options};
use tjit_ir::eval::{Heap, Scalar, Value, fold};
use tjit_ir::testing::Inputs;
use tjit_ir::{
    ALL_OPS, Args, CodeId, End, FrameState, Imm, Inst, Op, Place, Slot, Snapshot, Trace, TraceId, Ty, ValueId,
};

const INTS: &[i64] = &[
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    -7,
    10,
    62,
    63,
    64,
    65,
    -64,
    100,
    1 << 31,
    -(1 << 31),
    (1 << 32) + 1,
    3_037_000_500,
    1 << 53,
    (1 << 53) + 1,
    1 << 62,
    -(1 << 62),
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    1e-7,
    1e300,
    -1e300,
    5e-324,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    9_223_372_036_854_774_784.0,
    -9_223_372_036_854_777_856.0,
    4_503_599_627_370_497.5,
];

fn edges(ty: Ty) -> Vec<Value> {
    match ty {
        Ty::Int => INTS.iter().copied().map(Value::Int).collect(),
        Ty::Float => FLOATS.iter().copied().map(Value::Float).collect(),
        Ty::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Ty::Ref | Ty::Unit => panic!("no scalar"),
    }
}

/// The operations that the evaluator folds.
fn scalar_ops() -> Vec<Op> {
    let scalar = |op: &&Op| {
        let args: Vec<Value> = match op.info().args {
            [] => return false,
            args if args.contains(&Ty::Ref) => return false,
            args => args.iter().map(|&ty| edges(ty)[1]).collect(),
        };
        fold(**op, &args).is_some()
    };
    ALL_OPS.iter().filter(scalar).copied().collect()
}

fn snapshot(trace: &mut Trace, locals: Vec<Slot>) -> tjit_ir::SnapshotId {
    let place = Place { code: CodeId(0), unit: 0 };
    let frame = FrameState { place, function: None, locals, stack: Vec::new(), names: Vec::new() };
    trace.add_snapshot(Snapshot { frames: vec![frame] })
}

fn constant(trace: &mut Trace, value: Value) -> ValueId {
    match value {
        Value::Int(value) => trace.const_int(value),
        Value::Float(value) => trace.const_float(value),
        Value::Bool(value) => trace.const_bool(value),
        Value::Ref(_) | Value::Unit => panic!("no scalar"),
    }
}

/// A trace that executes one operation and leaves with the result. Operands are parameters, or constants where given.
fn one_op(op: Op, constants: &[Option<Value>]) -> Trace {
    let mut trace = Trace::new(TraceId(1));
    trace.pool.codes.push("f".to_owned());
    let mut args = Args::new();
    for (&ty, &known) in op.info().args.iter().zip(constants) {
        args.push(match known {
            Some(value) => constant(&mut trace, value),
            None => trace.add_param(ty, None),
        });
    }
    let before = snapshot(&mut trace, Vec::new());
    let result = trace.push(Inst { op, args, imm: Imm::None, snapshot: op.info().effects.exits.then_some(before) });
    let after = snapshot(&mut trace, vec![Slot::Value(result)]);
    trace.push(Inst { op: Op::Leave, args: Args::new(), imm: Imm::None, snapshot: Some(after) });
    trace.end = End::Leave;
    trace
}

fn harness(options: Options) -> Harness {
    let inputs =
        Inputs { heap: Heap::new(), objects: Vec::new(), args: Vec::new(), frame: Vec::new(), watched: Vec::new() };
    Harness::new(&inputs, options, true)
}

fn word(value: Value) -> u64 {
    match value {
        Value::Int(value) => value as u64,
        Value::Float(value) => value.to_bits(),
        Value::Bool(value) => u64::from(value),
        Value::Ref(_) | Value::Unit => panic!("no scalar"),
    }
}

/// Checks an operation on all combinations of operands; those at constant places come first in `fixed`.
fn check(harness: &mut Harness, compiled: &Compiled, op: Op, fixed: &[Option<Value>]) {
    let mut combinations = vec![Vec::new()];
    for (&ty, &known) in op.info().args.iter().zip(fixed) {
        let choices = known.map_or_else(|| edges(ty), |value| vec![value]);
        let extend = |start: Vec<Value>| choices.iter().map(move |&value| [&start[..], &[value]].concat());
        combinations = combinations.into_iter().flat_map(extend).collect();
    }
    for args in combinations {
        let expected = fold(op, &args).expect("a scalar operation");
        if matches!(expected, Scalar::Undefined | Scalar::Traps) {
            continue;
        }
        let free = args.iter().zip(fixed).filter(|pair| pair.1.is_none());
        for (index, (&arg, _)) in free.enumerate() {
            harness.ctx.values[index] = word(arg);
        }
        // SAFETY: the trace's parameters are the free operands, and no objects are involved.
        let id = unsafe { compiled.enter(&raw mut *harness.ctx) };
        let left = id + 1 < compiled.exits().len() as u64;
        let found = if left {
            Scalar::Leaves
        } else {
            let word = harness.ctx.values[0];
            Scalar::Value(match compiled.exits()[id as usize].tys[0] {
                Ty::Int => Value::Int(word as i64),
                Ty::Float => Value::Float(f64::from_bits(word)),
                _ => Value::Bool(word == 1),
            })
        };
        assert_eq!(found, expected, "{} {args:?}, constants {fixed:?}\n{}", op.name(), compiled.asm().unwrap_or(""));
    }
}

fn check_all(options: Options) {
    let mut harness = harness(options);
    let ops = scalar_ops();
    assert!(ops.len() > 50, "only {} operations found", ops.len());
    for op in ops {
        let mut choices = vec![vec![None; op.info().args.len()]];
        for (index, &ty) in op.info().args.iter().enumerate() {
            for value in edges(ty) {
                let mut fixed = vec![None; op.info().args.len()];
                fixed[index] = Some(value);
                choices.push(fixed);
            }
        }
        for fixed in choices {
            // A constant divisor that is not allowed would be a trap in code that is never reached.
            let unreachable =
                matches!(op, Op::FloorDiv | Op::Mod) && matches!(fixed.last(), Some(Some(Value::Int(0 | -1))));
            if !unreachable {
                let compiled = harness.compile(&one_op(op, &fixed), &Env::new(0));
                check(&mut harness, &compiled, op, &fixed);
            }
        }
    }
}

#[test]
fn plain() {
    check_all(CHECKED);
}

#[test]
fn optimized_by_cranelift() {
    check_all(Options { optimize: true, ..CHECKED });
}

#[test]
fn guards_branch_on_comparisons() {
    let mut harness = harness(CHECKED);
    for (guard, wanted) in [(Op::GuardTrue, true), (Op::GuardFalse, false)] {
        for negations in 0..3 {
            for compare in [Op::LtInt, Op::EqInt, Op::InBounds, Op::LtFloat, Op::GeFloat, Op::EqFloat, Op::NeFloat] {
                let mut trace = Trace::new(TraceId(1));
                trace.pool.codes.push("f".to_owned());
                let ty = compare.info().args[0];
                let params = [trace.add_param(ty, None), trace.add_param(ty, None)];
                let plain = |op, args: &[ValueId], snapshot| Inst { op, args: args.into(), imm: Imm::None, snapshot };
                let mut condition = trace.push(plain(compare, &params, None));
                for _ in 0..negations {
                    condition = trace.push(plain(Op::NotBool, &[condition], None));
                }
                let before = snapshot(&mut trace, Vec::new());
                trace.push(plain(guard, &[condition], Some(before)));
                trace.push(plain(Op::Leave, &[], Some(before)));
                let compiled = harness.compile(&trace, &Env::new(0));
                for a in edges(ty) {
                    for b in edges(ty) {
                        let Some(Scalar::Value(Value::Bool(holds))) = fold(compare, &[a, b]) else { continue };
                        (harness.ctx.values[0], harness.ctx.values[1]) = (word(a), word(b));
                        // SAFETY: two parameters of that type.
                        let id = unsafe { compiled.enter(&raw mut *harness.ctx) };
                        let stays = (holds ^ (negations % 2 == 1)) == wanted;
                        assert_eq!(id == 1, stays, "{} {a:?} {b:?}", compare.name());
                    }
                }
            }
        }
    }
}
