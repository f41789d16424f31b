//! Runs a trace compiled and evaluated, from the same inputs, and compares everything that can be seen.
//!
//! What the compiled run left behind is copied to a heap of the evaluator, which then executes a trace that has nothing but
//! the exit: it makes the frames from the exit's values, and with counting it finds leaks and double drops.

use std::ffi::c_void;

use rustc_hash::FxHashMap;
use tjit_codegen::{Compiled, Compiler, Context, Env, Options, Target};
use tjit_ir::eval::{Config, Obj, Outcome, Value};
use tjit_ir::testing::{Inputs, Report, run};
use tjit_ir::{Args, End, FrameState, Imm, Inst, Op, Place, Slot, Snapshot, Trace, TraceId, Ty, ValueId};

use super::native::{NativeHeap, Object, class_address, helper_address, layout};

/// Settings of the tests: the defaults, but with Cranelift's verifier also in release builds.
pub const CHECKED: Options =
    Options { optimize: false, fast_regalloc: false, count_exits: false, watch: None, verify: true };

/// A compiler with a heap, a context, and inputs that were copied to native memory.
pub struct Harness {
    pub heap: Box<NativeHeap>,
    pub compiler: Compiler,
    pub ctx: Box<Context>,
    objects: Vec<*mut Object>,
    watched: Vec<*mut Object>,
    frame: Vec<*mut Object>,
    args: Vec<u64>,
    counting: bool,
}

impl Harness {
    /// Copies the inputs. With counting, counts are as in the inputs; without, nothing dies.
    pub fn new(inputs: &Inputs, options: Options, counting: bool) -> Self {
        let mut heap = NativeHeap::new(counting);
        let compiler = Compiler::new(layout(&heap), options).expect("this machine will do");
        let mut known = FxHashMap::default();
        let mut import = |object: Obj| heap.import(&inputs.heap, object, &mut known);
        let objects = inputs.objects.iter().map(|&object| import(object)).collect();
        let watched = inputs.watched.iter().map(|&object| import(object)).collect();
        let frame = inputs.frame.iter().map(|local| local.map_or(std::ptr::null_mut(), &mut import)).collect();
        let args = inputs.args.iter().map(|&arg| match arg {
            Value::Int(value) => value as u64,
            Value::Float(value) => value.to_bits(),
            // The upper bytes are garbage on purpose: only the lowest counts.
            Value::Bool(value) => 0xff00 | u64::from(value),
            Value::Ref(object) => import(object) as u64,
            Value::Unit => panic!("unit is no argument"),
        });
        let args = args.collect();
        let mut ctx = Context::new();
        ctx.host = (&raw mut *heap).cast::<c_void>();
        let mut harness = Harness { heap, compiler, ctx, objects, watched, frame, args, counting };
        harness.ctx.frame_slots = harness.frame.as_mut_ptr().cast::<u64>();
        harness
    }

    /// The trace with the addresses of this heap's objects, of classes and of helpers.
    pub fn bind(&self, trace: &Trace) -> Trace {
        let mut trace = trace.clone();
        for (info, &object) in trace.pool.refs.iter_mut().zip(&self.objects) {
            info.addr = object as u64;
        }
        for info in &mut trace.pool.classes {
            info.addr = class_address(&info.name);
        }
        for info in &mut trace.pool.helpers {
            info.addr = helper_address(&info.name);
        }
        trace
    }

    /// Compiles a trace after binding it.
    pub fn compile(&mut self, trace: &Trace, env: &Env<'_>) -> Compiled {
        let trace = self.bind(trace);
        self.compiler.compile(&trace, env).unwrap_or_else(|error| panic!("{error}\n{trace}"))
    }

    /// Enters a compiled trace with the inputs' arguments; gives the exit's id.
    pub fn enter(&mut self, compiled: &Compiled, fuel: u64) -> u64 {
        self.enter_with(compiled, fuel as i64)
    }

    /// The same with fuel that may have been used up before.
    pub fn enter_with(&mut self, compiled: &Compiled, fuel: i64) -> u64 {
        self.ctx.fuel = fuel;
        self.ctx.values[..self.args.len()].copy_from_slice(&self.args);
        // SAFETY: the inputs fit the trace, and the harness owns everything that native code touches.
        unsafe { compiled.enter(&raw mut *self.ctx) }
    }

    /// What the evaluator makes of a compiled run that left by an exit of the trace: the same text as that of an evaluated
    /// one. With counting, every count is checked.
    pub fn observe(&mut self, trace: &Trace, exit: &tjit_codegen::Exit) -> String {
        for &index in &*exit.borrowed {
            let object = self.ctx.values[index] as *mut Object;
            self.heap.inc(object);
        }
        let values = exit.values.to_vec();
        let mut end = trace.clone();
        end.preheader.clear();
        end.body =
            vec![end.define(Inst { op: Op::Leave, args: Args::new(), imm: Imm::None, snapshot: Some(exit.snapshot) })];
        end.end = End::Leave;
        self.finish(end, &values)
    }

    /// The same for a run that jumped to another trace, which left at once with its parameters.
    pub fn observe_jump(&mut self, target: TraceId, tys: &[Ty]) -> String {
        let mut end = Trace::new(TraceId(1));
        let params: Vec<ValueId> = tys.iter().map(|&ty| end.add_param(ty, None)).collect();
        end.end = End::Jump(target, params.clone());
        self.finish(end, &params)
    }

    /// Makes the values parameters of a trace that has nothing but an end, and evaluates that.
    fn finish(&mut self, mut end: Trace, values: &[ValueId]) -> String {
        if let Some(fault) = &self.heap.fault {
            panic!("{fault}");
        }
        let (heap, known) = self.heap.export();
        let mut args = Vec::new();
        for (index, &value) in values.iter().enumerate() {
            let (ty, word) = (end.ty(value), self.ctx.values[index]);
            args.push(match ty {
                Ty::Int => Value::Int(word as i64),
                Ty::Float => Value::Float(f64::from_bits(word)),
                Ty::Bool => {
                    assert!(word < 2, "a bool of {word:#x}");
                    Value::Bool(word == 1)
                }
                Ty::Ref => Value::Ref(known[&(word as *mut Object)]),
                Ty::Unit => panic!("unit is no value"),
            });
            end.insts[value.index()] =
                Inst { op: Op::param(ty), args: Args::new(), imm: Imm::Index(index as u32), snapshot: None };
        }
        end.params = values.to_vec();
        end.param_classes = vec![None; values.len()];
        end.held.clear();
        if let Some(&leave) = end.body.first() {
            let refs = values.iter().copied().filter(|&value| end.ty(value) == Ty::Ref).collect();
            end.held.insert(leave, refs);
        }
        let object = |pointer: &*mut Object| known[pointer];
        let inputs = Inputs {
            objects: self.objects.iter().chain(self.heap.small_ints()).map(object).collect(),
            args,
            frame: self.frame.iter().map(|local| (!local.is_null()).then(|| known[local])).collect(),
            watched: self.watched.iter().map(object).collect(),
            heap,
        };
        let config = Config { counting: self.counting, ..Config::default() };
        let Report { mut text, .. } = run(&end, &inputs, config).unwrap_or_else(|error| panic!("{error}"));
        let exception = std::mem::replace(&mut self.ctx.exception, std::ptr::null_mut()).cast::<String>();
        if !exception.is_null() {
            // SAFETY: the helpers leave a boxed string there.
            let raised = unsafe { Box::from_raw(exception) };
            text = text.replacen("exit", &format!("exit raised {raised}"), 1);
        }
        for line in &self.heap.log {
            text = format!("{text}\n{line}");
        }
        text
    }
}

/// A trace that leaves at once with its parameters.
pub fn landing(id: TraceId, tys: &[Ty]) -> Trace {
    let mut trace = Trace::new(id);
    trace.pool.codes.push("landing".to_owned());
    let locals = tys.iter().map(|&ty| Slot::Value(trace.add_param(ty, None))).collect();
    let place = Place { code: tjit_ir::CodeId(0), unit: 0 };
    let frame = FrameState { place, function: None, locals, stack: Vec::new(), names: Vec::new() };
    let snapshot = trace.add_snapshot(Snapshot { frames: vec![frame] });
    let leave = trace.push(Inst { op: Op::Leave, args: Args::new(), imm: Imm::None, snapshot: Some(snapshot) });
    trace.held.insert(leave, trace.params.iter().copied().filter(|&param| trace.ty(param) == Ty::Ref).collect());
    trace
}

/// Runs a trace both ways. Gives the text of what could be seen, which was the same.
pub fn compare(what: &str, trace: &Trace, inputs: &Inputs, options: Options, config: Config) -> String {
    let expected = run(trace, inputs, config).unwrap_or_else(|error| panic!("{what}: {error}\n{trace}"));
    let mut harness = Harness::new(inputs, options, config.counting);
    let jump = match &trace.end {
        End::Jump(target, args) => {
            let tys: Vec<Ty> = args.iter().map(|&arg| trace.ty(arg)).collect();
            let compiled = harness.compile(&landing(*target, &tys), &Env::new(1_000_000));
            Some((*target, tys, compiled))
        }
        _ => None,
    };
    let target = |id| jump.as_ref().filter(|jump| jump.0 == id).map(|jump| Target::Code(jump.2.address()));
    let compiled = harness.compile(trace, &Env { target: &target, ..Env::new(100) });
    let id = harness.enter(&compiled, config.fuel);
    let text = match &jump {
        Some((target, tys, _)) if id == 1_000_000 => harness.observe_jump(*target, tys),
        _ => {
            let exit = &compiled.exits()[(id - 100) as usize];
            assert_eq!(exit.id, id);
            if let Outcome::Exit(expected) = &expected.run.outcome {
                assert_eq!(exit.inst, expected.at, "{what}: left elsewhere\n{trace}");
            }
            harness.observe(trace, exit)
        }
    };
    if text != expected.text {
        let dumped = harness.compile(trace, &Env { target: &target, dump: true, ..Env::new(100) });
        eprintln!("{}\n{}", dumped.clif().unwrap_or_default(), dumped.asm().unwrap_or_default());
    }
    assert_eq!(text, expected.text, "{what}\n{trace}");
    text
}
