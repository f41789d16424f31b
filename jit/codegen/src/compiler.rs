//! The compiler: settings, scratch memory that is used again, and the way from a trace to executable pages.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{AbiParam, Function, InstBuilder, Signature, UserFuncName, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use rustc_hash::FxHashMap;
use tjit_ir::{Op, Trace, TraceId, Ty, ValueId};

use crate::compiled::{Compiled, ExitCell, NameCell, Region, Trampoline};
use crate::context::{Context, MAX_VALUES};
use crate::layout::{Layout, ObjectLayout};
use crate::lower::{self, Lowered, Member};
use crate::memory::{CodeArena, CodeMemory};
use crate::passing::{MEM, Passing, load_value};

/// What holds for everything that a [`Compiler`] compiles.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// Run Cranelift's own optimiser. Mostly not worth its time after ours: compiling takes half as long again, and what
    /// only exits need is computed anew in each of them, which makes the code of long traces larger.
    pub optimize: bool,
    /// Allocate registers in one pass: compiles faster, runs slower.
    pub fast_regalloc: bool,
    /// Count every pass through an exit, with a bridge or without ([`Compiled::passes`]).
    pub count_exits: bool,
    /// Where code tells while it runs which trace it is in: the number of the trace plus one, 0 outside. It counts its
    /// entries then, too ([`Compiled::entries`]).
    pub watch: Option<&'static AtomicU32>,
    /// Check Cranelift's input before it is compiled. Debug builds always do.
    pub verify: bool,
}

/// How large compiled traces may get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions of the trace.
    pub instructions: usize,
    /// Bytes of machine code.
    pub code_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { instructions: 20_000, code_bytes: 1 << 20 }
    }
}

/// Where the code of another trace is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// At this address.
    Code(usize),
    /// At the address that will be in the word at this one, before the code is run.
    At(usize),
}

/// What the compilation of one trace depends on besides the trace.
pub struct Env<'a> {
    /// The code of a trace that this one may end in.
    pub target: &'a dyn Fn(TraceId) -> Option<Target>,
    /// The types of the values that a trace's body can be entered with besides its parameters
    /// ([`Trace::hoisted`](tjit_ir::Trace::hoisted)); `None` for traces that are only entered at their start.
    pub hoisted: &'a dyn Fn(TraceId) -> Option<Vec<Ty>>,
    /// Id of the first exit; the others count up from it.
    pub first_exit: u64,
    /// Only exits lead to the trace ([`Compiled::attach`]), which have borrowed these of its parameters ([`Exit::borrowed`](crate::Exit)).
    pub by_exit: Option<&'a [usize]>,
    /// Let guards count down [`Context::forced`](crate::Context).
    pub stress: bool,
    /// Keep the text of Cranelift's input and of the machine code.
    pub dump: bool,
    /// Limits.
    pub limits: Limits,
}

impl Env<'_> {
    /// Plain code with exits from `first_exit`, for a trace that ends in no other one.
    pub fn new(first_exit: u64) -> Self {
        Env {
            target: &|_| None,
            hoisted: &|_| None,
            first_exit,
            by_exit: None,
            stress: false,
            dump: false,
            limits: Limits::default(),
        }
    }
}

/// Why a trace was not compiled. The trace can be left to the interpreter; the compiler stays usable.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The machine, or Cranelift's idea of it, will not do.
    #[error("no native code on this machine: {0}; run with the JIT off")]
    Host(String),
    /// More instructions than the limit allows.
    #[error("the trace has {count} instructions, more than the limit of {limit}")]
    TooManyInstructions {
        /// How many it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
    /// More parameters, or values of one exit, than the context holds.
    #[error("{count} values are to be handed over at once, more than the context's {MAX_VALUES}")]
    TooManyValues {
        /// How many there are.
        count: usize,
    },
    /// More code than the limit allows.
    #[error("the trace compiled to {bytes} bytes, more than the limit of {limit}")]
    CodeTooLarge {
        /// Size of the code.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The trace ends in one that has no code.
    #[error("the trace ends in {0}, which has no native code")]
    UnknownTarget(TraceId),
    /// The trace breaks a rule of the IR; its verifier tells more.
    #[error("malformed trace: {value} ({}): {problem}", op.name())]
    Malformed {
        /// The instruction.
        value: ValueId,
        /// Its operation.
        op: Op,
        /// What is wrong.
        problem: &'static str,
    },
    /// The trace's body is empty and it is no loop.
    #[error("malformed trace: there is nothing in it")]
    Empty,
    /// Cranelift refused its input.
    #[error("Cranelift: {0}")]
    Cranelift(String),
    /// No executable memory.
    #[error("no memory for code: {0}")]
    Memory(#[from] io::Error),
}

/// Compiles traces. Keeps scratch memory and trampolines between them.
pub struct Compiler {
    layout: Layout,
    options: Options,
    isa: OwnedTargetIsa,
    context: cranelift_codegen::Context,
    builder: FunctionBuilderContext,
    control: ControlPlane,
    trampolines: FxHashMap<Passing, Arc<Trampoline>>,
    arena: CodeArena,
}

impl Compiler {
    /// A compiler for this machine.
    ///
    /// # Errors
    /// [`CompileError::Host`] when Cranelift cannot make the code that we need here.
    pub fn new(layout: Layout, options: Options) -> Result<Self, CompileError> {
        let ObjectLayout { immortal, count_mask, .. } = layout.object;
        if !immortal.is_power_of_two() || immortal != count_mask.wrapping_add(1) {
            let problem = format!("the immortal bit {immortal:#x} is not right above the count's {count_mask:#x}");
            return Err(CompileError::Host(problem));
        }
        let isa = host(&options)?;
        Ok(Compiler {
            layout,
            options,
            isa,
            context: cranelift_codegen::Context::new(),
            builder: FunctionBuilderContext::new(),
            control: ControlPlane::default(),
            trampolines: FxHashMap::default(),
            arena: CodeArena::default(),
        })
    }

    /// Compiles a trace. References and classes of its pool are used by address: they outlive the code.
    ///
    /// # Errors
    /// See [`CompileError`].
    pub fn compile(&mut self, trace: &Trace, env: &Env<'_>) -> Result<Compiled, CompileError> {
        let count = trace.preheader.len() + trace.body.len();
        if count > env.limits.instructions {
            return Err(CompileError::TooManyInstructions { count, limit: env.limits.instructions });
        }
        let tys = lower::param_types(trace);
        let count = tys.len();
        if count > MAX_VALUES {
            return Err(CompileError::TooManyValues { count });
        }
        let passing = if env.by_exit.is_some() { Passing::in_memory() } else { Passing::new(tys.into_iter()) };
        let signature = passing.signature();
        let trampoline = self.trampoline(passing.clone())?;
        let cells: Box<[ExitCell]> = (0..trace.exit_count()).map(|_| ExitCell::default()).collect();

        let is_name = |value: &ValueId| matches!(trace.inst(*value).op, Op::GuardName | Op::NameGet | Op::NameSet);
        let names = trace.preheader.iter().chain(&trace.body).filter(|value| is_name(value)).count();
        let names: Box<[NameCell]> = (0..names).map(|_| NameCell::default()).collect();

        self.context.clear();
        self.context.func = Function::with_name_signature(UserFuncName::user(0, trace.id.0), signature);
        let entries = Box::<AtomicU64>::default();
        let (first_exit, bridges) = (env.first_exit, &[][..]);
        let member = Member { trace, cells: &cells, names: &names, entries: &entries, first_exit, bridges };
        let exits = self.lower(&[member], &passing, env)?.exits;
        let clif = env.dump.then(|| self.context.func.display().to_string());
        let (code, code_size, asm) = self.emit(env.dump, env.limits.code_bytes)?;
        let direct = trace.direct.then_some(trace.params.len());
        let entry = AtomicUsize::new(code.address());
        let regions = Mutex::default();
        Ok(Compiled {
            trace: trace.id,
            direct,
            _code: code,
            code_size,
            entry,
            regions,
            trampoline,
            first_exit,
            exits,
            cells,
            names,
            entries,
            watch: self.options.watch,
            clif,
            asm,
        })
    }

    /// Compiles traces that are compiled already into one function more, where their links are jumps and values stay in
    /// registers across them. It is entered as the first of them is, and has the same exits: their ids and slots.
    ///
    /// `bridges` gives for a trace and the index of one of its exits the trace among them that is attached there.
    ///
    /// # Errors
    /// See [`CompileError`].
    pub fn compile_region(
        &mut self,
        traces: &[(&Trace, &Compiled)],
        bridges: &dyn Fn(TraceId, usize) -> Option<TraceId>,
        env: &Env<'_>,
    ) -> Result<Region, CompileError> {
        let (root, _) = traces.first().ok_or(CompileError::Empty)?;
        let count = traces.iter().map(|(trace, _)| trace.preheader.len() + trace.body.len()).sum();
        if count > env.limits.instructions {
            return Err(CompileError::TooManyInstructions { count, limit: env.limits.instructions });
        }
        let bridges: Vec<Vec<Option<TraceId>>> = traces
            .iter()
            .map(|(trace, compiled)| (0..compiled.exits.len()).map(|exit| bridges(trace.id, exit)).collect())
            .collect();
        let members: Vec<Member<'_>> = traces
            .iter()
            .zip(&bridges)
            .map(|(&(trace, compiled), bridges)| Member {
                trace,
                cells: &compiled.cells,
                names: &compiled.names,
                entries: &compiled.entries,
                first_exit: compiled.first_exit,
                bridges,
            })
            .collect();
        self.context.clear();
        let passing = Passing::new(lower::param_types(root).into_iter());
        self.context.func = Function::with_name_signature(UserFuncName::user(2, root.id.0), passing.signature());
        let selects = self.lower(&members, &passing, env)?.selects;
        let (code, code_size, _) = self.emit(false, env.limits.code_bytes)?;
        let blocks = self.context.func.layout.blocks().count();
        Ok(Region { traces: traces.len(), blocks, selects, code, code_size })
    }

    /// Lowers traces into the scratch context's function.
    fn lower(&mut self, members: &[Member<'_>], passing: &Passing, env: &Env<'_>) -> Result<Lowered, CompileError> {
        let builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder);
        let lowered = lower::lower(builder, members, passing, &self.layout, &self.options, env, self.isa.as_ref());
        if lowered.is_err() {
            // A builder that was not finished leaves its scratch memory dirty.
            self.builder = FunctionBuilderContext::new();
        }
        lowered
    }

    /// The entry code of one signature, compiled when first needed.
    fn trampoline(&mut self, passing: Passing) -> Result<Arc<Trampoline>, CompileError> {
        if let Some(trampoline) = self.trampolines.get(&passing) {
            return Ok(Arc::clone(trampoline));
        }
        self.context.clear();
        let mut outer = Signature::new(self.isa.default_call_conv());
        outer.params.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]);
        outer.returns.push(AbiParam::new(types::I64));
        self.context.func = Function::with_name_signature(UserFuncName::user(1, 0), outer);
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let &[ctx, target] = builder.block_params(entry) else { unreachable!("two parameters were declared") };
        let mut args = vec![ctx];
        for (index, ty) in passing.registers() {
            args.push(load_value(&mut builder, ctx, index, ty));
        }
        let inner = builder.import_signature(passing.signature());
        let call = builder.ins().call_indirect(inner, target, &args);
        let &[id, result] = builder.inst_results(call) else { unreachable!("every trace has two results") };
        builder.ins().store(MEM, result, ctx, std::mem::offset_of!(Context, result) as i32);
        builder.ins().return_(&[id]);
        builder.seal_all_blocks();
        builder.finalize(self.isa.frontend_config());
        let (code, _, _) = self.emit(false, usize::MAX)?;
        let trampoline = Arc::new(Trampoline { code });
        self.trampolines.insert(passing, Arc::clone(&trampoline));
        Ok(trampoline)
    }

    /// Compiles the function in the scratch context to executable memory.
    fn emit(&mut self, dump: bool, limit: usize) -> Result<(CodeMemory, usize, Option<String>), CompileError> {
        self.context.set_disasm(dump);
        let code = self
            .context
            .compile(self.isa.as_ref(), &mut self.control)
            .map_err(|error| CompileError::Cranelift(format!("{:?}", error.inner)))?;
        if let Some(relocation) = code.buffer.relocs().first() {
            return Err(CompileError::Cranelift(format!("code that is not self-contained: {relocation:?}")));
        }
        let bytes = code.code_buffer();
        if bytes.len() > limit {
            return Err(CompileError::CodeTooLarge { bytes: bytes.len(), limit });
        }
        let memory = self.arena.place(bytes, self.isa.function_alignment().preferred as usize)?;
        Ok((memory, bytes.len(), code.vcode.clone()))
    }
}

/// Cranelift set up for this machine.
fn host(options: &Options) -> Result<OwnedTargetIsa, CompileError> {
    let refuse = |problem: &dyn std::fmt::Display| CompileError::Host(problem.to_string());
    if cfg!(not(target_pointer_width = "64")) {
        return Err(refuse(&"pointers are not 64 bits wide"));
    }
    // Without these instructions, Cranelift would want rounding functions from a linker.
    #[cfg(target_arch = "x86_64")]
    if !std::is_x86_feature_detected!("sse4.1") {
        return Err(refuse(&"the processor lacks SSE4.1"));
    }
    let mut flags = settings::builder();
    let flag = |on: bool| if on { "true" } else { "false" };
    for (name, value) in [
        ("opt_level", if options.optimize { "speed" } else { "none" }),
        ("regalloc_algorithm", if options.fast_regalloc { "single_pass" } else { "backtracking" }),
        // Cranelift needs them for tail calls; they also let profilers walk the stack.
        ("preserve_frame_pointers", "true"),
        ("enable_verifier", flag(options.verify || cfg!(debug_assertions))),
        ("unwind_info", "false"),
        ("enable_probestack", "false"),
        ("is_pic", "false"),
    ] {
        flags.set(name, value).map_err(|error| refuse(&error))?;
    }
    let isa = cranelift_native::builder().map_err(|error| refuse(&error))?;
    isa.finish(settings::Flags::new(flags)).map_err(|error| refuse(&error))
}
