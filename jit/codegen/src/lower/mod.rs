//! From a trace, or the traces of a region, to one Cranelift function.
//!
//! A trace is a straight line, so its values map to Cranelift's one to one and need no variables: a value that is used
//! again is defined in a block that dominates its uses. Only the loop's changing parameters become block parameters.
//! Operations that need a diamond (counts, small ints) end in a new block of the line. In a region, each trace begins with
//! a block whose parameters are the trace's, and exits with a bridge in the region and ends in a trace of it are jumps.

mod arms;
mod attributes;
mod calls;
mod exits;
mod floats;
mod ints;
mod names;
mod objects;

use std::sync::atomic::AtomicU64;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Imm64;
use cranelift_codegen::ir::types::{self, F64, I8, I32, I64};
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, Type, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilder;
use rustc_hash::FxHashMap;
use tjit_ir::{End, Imm, Inst, Op, Trace, TraceId, Ty, ValueId};

use crate::compiled::{Exit, ExitCell, NameCell};
use crate::compiler::{CompileError, Env, Options, Target};
use crate::layout::Layout;
use crate::passing::{MEM, Passing, load_value};
use exits::Pending;

macro_rules! context_offset {
    ($field:ident) => {
        std::mem::offset_of!(crate::context::Context, $field) as i32
    };
}
use context_offset;

/// What a value of the IR is for Cranelift.
///
/// # Panics
/// For [`Ty::Unit`], of which there are no values.
pub(crate) fn native_type(ty: Ty) -> Type {
    match ty {
        Ty::Int | Ty::Ref => types::I64,
        Ty::Float => types::F64,
        Ty::Bool => types::I8,
        Ty::Unit => panic!("unit has no values"),
    }
}

/// The types of what a trace is entered with: its parameters and, when its body can be entered directly, whether that is
/// meant and the preheader's results.
pub(crate) fn param_types(trace: &Trace) -> Vec<Type> {
    let mut tys: Vec<Type> = trace.params.iter().map(|&param| native_type(trace.ty(param))).collect();
    if trace.direct {
        tys.push(I8);
        tys.extend(trace.hoisted().map(|value| native_type(trace.ty(value))));
    }
    tys
}

/// A trace that is to be lowered, with what its code will use from outside.
pub(crate) struct Member<'a> {
    pub(crate) trace: &'a Trace,
    /// One for each exiting instruction; they stay where they are for as long as the code.
    pub(crate) cells: &'a [ExitCell],
    /// One for each operation on a name; likewise.
    pub(crate) names: &'a [NameCell],
    /// Id of its first exit; the others count up from it.
    pub(crate) first_exit: u64,
    /// For each exit, the trace in the same function that takes over there.
    pub(crate) bridges: &'a [Option<TraceId>],
    /// Counts its entries, when it is watched.
    pub(crate) entries: &'a AtomicU64,
}

/// What is known of traces that were lowered.
pub(crate) struct Lowered {
    /// The exits of the last.
    pub(crate) exits: Vec<Exit>,
    /// Guards that became conditional moves.
    pub(crate) selects: usize,
}

/// Everything that lowering one function needs.
pub(crate) struct Lowering<'a, 'f> {
    builder: FunctionBuilder<'f>,
    layout: &'a Layout,
    options: &'a Options,
    env: &'a Env<'a>,
    isa: &'a dyn TargetIsa,
    ctx: Value,
    /// Where the traces of the function begin, when there are several: their parameters are the block's.
    entries: FxHashMap<TraceId, (Block, &'a Trace)>,
    // From here on, what belongs to the trace that is being lowered.
    trace: &'a Trace,
    bridges: &'a [Option<TraceId>],
    first_exit: u64,
    /// Address of the array of exit cells.
    cells: usize,
    /// The name cells that no operation has yet.
    names: std::slice::Iter<'a, NameCell>,
    /// What follows the parameters when the body can be entered directly: whether it is, and the preheader's results.
    extra: Vec<Value>,
    /// The Cranelift value of each parameter and instruction that has been defined.
    values: Vec<Option<Value>>,
    exits: Vec<Exit>,
    selects: usize,
    pending: Vec<Pending>,
    /// The instruction that is being lowered, and where it leaves to.
    current: Option<ValueId>,
    stub: Option<Block>,
}

/// Lowers traces into the builder's function, which is empty but for its signature: that of the first, where the function
/// is entered, with parameters that travel so.
pub(crate) fn lower<'a>(
    mut builder: FunctionBuilder<'_>,
    members: &[Member<'a>],
    passing: &Passing,
    layout: &'a Layout,
    options: &'a Options,
    env: &'a Env<'a>,
    isa: &'a dyn TargetIsa,
) -> Result<Lowered, CompileError> {
    let root = members.first().ok_or(CompileError::Empty)?;
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let args = builder.block_params(entry).to_vec();
    let (&ctx, mut in_registers) = args.split_first().expect("every trace gets the context");
    let tys = param_types(root.trace);
    let mut given = Vec::with_capacity(tys.len());
    for (index, &ty) in tys.iter().enumerate() {
        given.push(match in_registers {
            [first, rest @ ..] if passing.in_register(index) => {
                in_registers = rest;
                *first
            }
            _ => load_value(&mut builder, ctx, index, ty),
        });
    }
    let mut lowering = Lowering {
        builder,
        layout,
        options,
        env,
        isa,
        ctx,
        entries: FxHashMap::default(),
        trace: root.trace,
        bridges: &[],
        first_exit: 0,
        cells: 0,
        names: [].iter(),
        extra: Vec::new(),
        values: Vec::new(),
        exits: Vec::new(),
        selects: 0,
        pending: Vec::new(),
        current: None,
        stub: None,
    };
    for &index in env.by_exit.unwrap_or_default() {
        lowering.inc_ref_cold(given[index]);
    }
    if let [only] = members {
        lowering.member(only, given)?;
    } else {
        for member in members {
            let block = lowering.builder.create_block();
            for ty in param_types(member.trace) {
                lowering.builder.append_block_param(block, ty);
            }
            lowering.entries.insert(member.trace.id, (block, member.trace));
        }
        let given: Vec<BlockArg> = given.into_iter().map(BlockArg::Value).collect();
        lowering.builder.ins().jump(lowering.entries[&root.trace.id].0, &given);
        for member in members {
            let (block, _) = lowering.entries[&member.trace.id];
            lowering.builder.switch_to_block(block);
            let given = lowering.builder.block_params(block).to_vec();
            lowering.member(member, given)?;
        }
    }
    lowering.builder.seal_all_blocks();
    lowering.builder.finalize(isa.frontend_config());
    Ok(Lowered { exits: lowering.exits, selects: lowering.selects })
}

impl<'a> Lowering<'a, '_> {
    /// Lowers one trace, from the current block on, which has its parameters.
    fn member(&mut self, member: &Member<'a>, mut given: Vec<Value>) -> Result<(), CompileError> {
        let trace = member.trace;
        self.trace = trace;
        self.bridges = member.bridges;
        self.first_exit = member.first_exit;
        self.cells = member.cells.as_ptr() as usize;
        self.names = member.names.iter();
        self.extra = given.split_off(trace.params.len());
        self.values.clear();
        self.values.resize(trace.insts.len(), None);
        for (&param, value) in trace.params.iter().zip(given) {
            self.values[param.index()] = Some(value);
        }
        self.exits.clear();
        self.count_entry(member.entries);
        let direct = self.direct_entry();
        for &value in &trace.preheader {
            self.inst(value)?;
        }
        let head = match trace.end {
            End::Loop(_) => Some(self.enter_loop(direct)?),
            End::Jump(..) | End::Return(_) | End::Leave => None,
        };
        let mut chosen = false;
        for (index, &value) in trace.body.iter().enumerate() {
            chosen = self.choose_arm(value, &trace.body[index + 1..])?;
            if chosen {
                break;
            }
            self.inst(value)?;
        }
        if !chosen {
            self.end(head)?;
        }
        self.emit_exits();
        Ok(())
    }

    /// Counts an entry of the trace, and tells that it runs, if somebody watches.
    fn count_entry(&mut self, entries: &AtomicU64) {
        if self.options.watch.is_some() {
            let address = self.address(entries.as_ptr() as u64);
            let count = self.load(address, 0);
            let count = self.builder.ins().iadd_imm_s(count, 1);
            self.store(count, address, 0);
        }
        self.tell_trace();
    }

    /// Tells that the code of this trace runs, if somebody watches.
    fn tell_trace(&mut self) {
        if let Some(watch) = self.options.watch {
            let watch = self.address(watch.as_ptr() as u64);
            let number = self.builder.ins().iconst(I32, i64::from(self.trace.id.0) + 1);
            self.builder.ins().store(MEM, number, watch, 0);
        }
    }

    /// In a trace whose body can be entered directly: branches on the first extra parameter, goes on in the preheader, and
    /// returns the block of the direct way with the preheader's results as they were handed over.
    fn direct_entry(&mut self) -> Option<(Block, Vec<Value>)> {
        let (&is_direct, results) = self.extra.split_first()?;
        let results = results.to_vec();
        let (direct, preheader) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(is_direct, direct, &[], preheader, &[]);
        self.builder.switch_to_block(preheader);
        Some((direct, results))
    }

    /// Starts the block that the loop comes back to: the changing parameters become its parameters, and the preheader's
    /// results, when there are two ways to have them.
    fn enter_loop(&mut self, direct: Option<(Block, Vec<Value>)>) -> Result<Block, CompileError> {
        let head = self.builder.create_block();
        let mut first = Vec::new();
        for &param in &self.trace.params {
            if self.trace.is_invariant_param(param) {
                continue;
            }
            let slot = &mut self.values[param.index()];
            let value = slot.expect("parameters were defined at the entry");
            first.push(BlockArg::Value(value));
            *slot = Some(self.builder.append_block_param(head, self.builder.func.dfg.value_type(value)));
        }
        let mut handed = first.clone();
        if let Some((_, results)) = &direct {
            handed.extend(results.iter().map(|&value| BlockArg::Value(value)));
            for hoisted in self.trace.hoisted() {
                let value = self.value(hoisted)?;
                first.push(BlockArg::Value(value));
                let ty = self.builder.func.dfg.value_type(value);
                self.values[hoisted.index()] = Some(self.builder.append_block_param(head, ty));
            }
        }
        self.builder.ins().jump(head, &first);
        if let Some((block, _)) = direct {
            self.builder.switch_to_block(block);
            self.builder.ins().jump(head, &handed);
        }
        self.builder.switch_to_block(head);
        Ok(head)
    }

    fn end(&mut self, head: Option<Block>) -> Result<(), CompileError> {
        let trace = self.trace;
        match (&trace.end, head) {
            (End::Loop(args), Some(head)) => {
                let mut next = Vec::new();
                for (&param, &arg) in trace.params.iter().zip(args) {
                    if !trace.is_invariant_param(param) {
                        next.push(BlockArg::Value(self.value(arg)?));
                    }
                }
                for hoisted in trace.hoisted().filter(|_| trace.direct) {
                    next.push(BlockArg::Value(self.value(hoisted)?));
                }
                self.builder.ins().jump(head, &next);
            }
            (End::Jump(target, args), _) => {
                let mut values = args.iter().map(|&arg| self.value(arg)).collect::<Result<Vec<Value>, _>>()?;
                if let Some(hoisted) = (self.env.hoisted)(*target) {
                    self.choose_entry(&hoisted, &mut values);
                }
                if let Some(&(entry, _)) = self.entries.get(target) {
                    let values: Vec<BlockArg> = values.into_iter().map(BlockArg::Value).collect();
                    self.builder.ins().jump(entry, &values);
                    return Ok(());
                }
                let address = (self.env.target)(*target).ok_or(CompileError::UnknownTarget(*target))?;
                let passing = Passing::of(&self.builder, &values);
                passing.store(&mut self.builder, self.ctx, &values);
                let address = match address {
                    Target::Code(address) => self.address(address as u64),
                    Target::At(word) => {
                        let word = self.address(word as u64);
                        self.load(word, 0)
                    }
                };
                self.tail_call(&passing, address, &values);
            }
            (&End::Return(result), _) => self.return_result(result)?,
            (End::Leave, _) | (End::Loop(_), None) => match trace.body.last() {
                Some(&last) if trace.inst(last).op == Op::Leave => {}
                Some(&last) => return Err(self.malformed(last, "the trace ends here, but this is no `leave`")),
                None => return Err(CompileError::Empty),
            },
        }
        Ok(())
    }

    /// Adds what follows the parameters of a trace with two entries: which one is meant, and for the one into the body the
    /// preheader's results, which then are the last of the values.
    fn choose_entry(&mut self, hoisted: &[Ty], values: &mut Vec<Value>) {
        let direct = self.trace.enters_body;
        let at = if direct { values.len() - hoisted.len() } else { values.len() };
        values.insert(at, self.builder.ins().iconst(I8, i64::from(direct)));
        if !direct {
            for &ty in hoisted {
                values.push(match native_type(ty) {
                    F64 => self.builder.ins().f64const(0.0),
                    ty => self.builder.ins().iconst(ty, 0),
                });
            }
        }
    }

    /// Goes on in other code, with those of the values that travel in registers.
    fn tail_call(&mut self, passing: &Passing, address: Value, values: &[Value]) {
        let signature = self.builder.import_signature(passing.signature());
        let args = passing.args(self.ctx, values);
        self.builder.ins().return_call_indirect(signature, address, &args);
    }

    fn inst(&mut self, value: ValueId) -> Result<(), CompileError> {
        let trace = self.trace;
        let inst = trace.inst(value);
        self.current = Some(value);
        self.stub = None;
        if inst.snapshot.is_some() {
            self.start_exit(value)?;
            if self.env.stress && !matches!(inst.op, Op::Call | Op::GuardMore | Op::Poll | Op::Leave) {
                self.count_forced()?;
            }
        }
        let result = match inst.op {
            Op::Poll => {
                self.poll()?;
                None
            }
            Op::Descend => {
                self.descend(value, inst)?;
                None
            }
            Op::Leave => {
                let stub = self.stub()?;
                self.builder.ins().jump(stub, &[]);
                None
            }
            // Their meaning is where they stand.
            Op::Finalised | Op::Rely => None,
            Op::Call => self.call(value, inst)?,
            op if op.is_const() || op.is_param() => {
                return Err(self.malformed(value, "constants and parameters are in no list"));
            }
            _ => self.operation(value, inst)?,
        };
        self.values[value.index()] = result;
        Ok(())
    }

    /// Lowers an operation that has its operands in the table.
    fn operation(&mut self, value: ValueId, inst: &Inst) -> Result<Option<Value>, CompileError> {
        if inst.args.len() != inst.op.info().args.len() {
            return Err(self.malformed(value, "wrong number of operands"));
        }
        if let Some(result) = self.int_op(inst)? {
            return Ok(Some(result));
        }
        if let Some(result) = self.float_op(inst)? {
            return Ok(Some(result));
        }
        if let Op::GuardName | Op::NameGet | Op::NameSet = inst.op {
            return self.name_op(value, inst);
        }
        if let Some(result) = self.attribute_op(value, inst)? {
            return Ok(result);
        }
        self.object_op(value, inst)
    }

    /// The Cranelift value of an operand. Constants are made anew at each use: most become immediates, and none should
    /// occupy a register all through a loop.
    fn value(&mut self, value: ValueId) -> Result<Value, CompileError> {
        if let Some(known) = self.values[value.index()] {
            return Ok(known);
        }
        let inst = self.trace.inst(value);
        Ok(match (inst.op, inst.imm) {
            (Op::ConstInt, Imm::Int(int)) => self.builder.ins().iconst(I64, int),
            (Op::ConstFloat, Imm::Float(bits)) => self.builder.ins().f64const(f64::from_bits(bits)),
            (Op::ConstBool, Imm::Int(bit)) => self.builder.ins().iconst(I8, i64::from(bit != 0)),
            (Op::ConstRef, Imm::Ref(object)) => self.address(self.trace.pool.refs[object.index()].addr),
            _ => return Err(self.malformed(value, "used before it is defined")),
        })
    }

    /// The Cranelift value of an instruction's operand.
    fn arg(&mut self, inst: &Inst, index: usize) -> Result<Value, CompileError> {
        self.value(inst.args[index])
    }

    fn malformed(&self, value: ValueId, problem: &'static str) -> CompileError {
        CompileError::Malformed { value, op: self.trace.inst(value).op, problem }
    }

    /// An absolute address, or any other 64-bit pattern.
    fn address(&mut self, address: u64) -> Value {
        self.builder.ins().iconst(I64, Imm64::new(address as i64))
    }

    fn load(&mut self, base: Value, offset: i32) -> Value {
        self.builder.ins().load(I64, MEM, base, offset)
    }

    fn store(&mut self, value: Value, base: Value, offset: i32) {
        self.builder.ins().store(MEM, value, base, offset);
    }

    fn load_float(&mut self, base: Value, offset: i32) -> Value {
        self.builder.ins().load(F64, MEM, base, offset)
    }

    fn equals(&mut self, value: Value, pattern: u64) -> Value {
        let pattern = self.address(pattern);
        self.builder.ins().icmp(IntCC::Equal, value, pattern)
    }
}
