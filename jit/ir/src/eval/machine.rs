//! The machine that executes a trace: states of values, one step an instruction, and the way out.

use super::{
    Config, EvalError, Exit, Fault, FrameValue, Obj, Object, Outcome, Raised, Run, Scalar, SlotValue, Value, World,
    fold,
};
use crate::entity::ValueId;
use crate::ops::Op;
use crate::trace::{End, Imm, Slot, Trace, VirtualKind};
use crate::types::{Effects, Ty};

/// A value's state.
#[derive(Clone, Copy)]
enum State {
    Known(Value),
    /// The result of this instruction is garbage.
    Undefined(ValueId),
}

enum Flow {
    Next,
    Leave(Option<Raised>),
}

struct Machine<'a, 'w> {
    trace: &'a Trace,
    world: &'a mut World<'w>,
    config: Config,
    fuel: u64,
    steps: u64,
    iterations: u64,
    states: Vec<State>,
}

impl Trace {
    /// Executes the trace, which must pass [`Trace::verify`], from its entry. Reference arguments come with one count each.
    ///
    /// # Errors
    /// A fault of the trace, or arguments that do not fit.
    pub fn evaluate(&self, args: &[Value], world: &mut World<'_>, config: Config) -> Result<Run, EvalError> {
        let counting_before = world.heap.set_counting(config.counting);
        let states = vec![State::Known(Value::Unit); self.insts.len()];
        let mut machine = Machine { trace: self, world, config, fuel: config.fuel, steps: 0, iterations: 0, states };
        let outcome = machine.run(args);
        let (iterations, steps) = (machine.iterations, machine.steps);
        world.heap.set_counting(counting_before);
        Ok(Run { outcome: outcome?, iterations, steps })
    }
}

fn type_of(value: Value) -> Ty {
    match value {
        Value::Int(_) => Ty::Int,
        Value::Float(_) => Ty::Float,
        Value::Bool(_) => Ty::Bool,
        Value::Ref(_) => Ty::Ref,
        Value::Unit => Ty::Unit,
    }
}

impl Machine<'_, '_> {
    fn run(&mut self, args: &[Value]) -> Result<Outcome, EvalError> {
        let trace = self.trace;
        let located = |part: &str, fault| EvalError { trace: trace.id, place: part.to_owned(), fault };
        self.enter(args).map_err(|fault| located("entry", fault))?;
        if let Some(outcome) = self.list(&trace.preheader)? {
            return Ok(outcome);
        }
        loop {
            if let Some(outcome) = self.list(&trace.body)? {
                return Ok(outcome);
            }
            match &trace.end {
                End::Loop(args) => {
                    let next: Vec<State> = args.iter().map(|arg| self.states[arg.index()]).collect();
                    for (param, state) in trace.params.iter().zip(next) {
                        self.states[param.index()] = state;
                    }
                    self.iterations += 1;
                }
                End::Jump(target, args) => {
                    let args = args.iter().map(|&arg| self.value(arg)).collect::<Result<_, _>>();
                    return Ok(Outcome::Jump(*target, args.map_err(|fault| located("end", fault))?));
                }
                &End::Return(value) => {
                    let value = self.value(value).map_err(|fault| located("end", fault))?;
                    return Ok(Outcome::Return(value));
                }
                End::Leave => unreachable!("a verified trace without loop or jump ends with `leave`"),
            }
        }
    }

    fn enter(&mut self, args: &[Value]) -> Result<(), Fault> {
        let trace = self.trace;
        for (index, inst) in trace.insts.iter().enumerate() {
            self.states[index] = State::Known(match (inst.op, inst.imm) {
                (Op::ConstBool, Imm::Int(value)) => Value::Bool(value != 0),
                (Op::ConstInt, Imm::Int(value)) => Value::Int(value),
                (Op::ConstFloat, Imm::Float(bits)) => Value::Float(f64::from_bits(bits)),
                (Op::ConstRef, Imm::Ref(constant)) => Value::Ref(self.world.objects[constant.index()]),
                _ => continue,
            });
        }
        if args.len() != trace.params.len() {
            return Err(Fault::WrongArguments(args.len(), trace.params.len()));
        }
        for (&param, &arg) in trace.params.iter().zip(args) {
            if type_of(arg) != trace.ty(param) {
                return Err(Fault::WrongType(format!("{arg:?} for {param}"), trace.ty(param)));
            }
            self.states[param.index()] = State::Known(arg);
        }
        Ok(())
    }

    fn list(&mut self, list: &[ValueId]) -> Result<Option<Outcome>, EvalError> {
        let trace = self.trace;
        for &value in list {
            if self.steps == self.config.steps {
                return Ok(Some(Outcome::OutOfSteps));
            }
            self.steps += 1;
            let located =
                |fault| EvalError { trace: trace.id, place: format!("`{}`", trace.display_inst(value)), fault };
            if let Flow::Leave(raised) = self.step(value).map_err(located)? {
                return Ok(Some(Outcome::Exit(self.leave(value, raised).map_err(located)?)));
            }
        }
        Ok(None)
    }

    fn value(&self, value: ValueId) -> Result<Value, Fault> {
        match self.states[value.index()] {
            State::Known(known) => Ok(known),
            State::Undefined(origin) => Err(Fault::Undefined(self.trace.display_inst(origin).to_string())),
        }
    }

    fn step(&mut self, value: ValueId) -> Result<Flow, Fault> {
        let trace = self.trace;
        let inst = trace.inst(value);
        let mut args = Vec::with_capacity(inst.args.len());
        for &arg in &inst.args {
            match self.states[arg.index()] {
                State::Known(known) => args.push(known),
                State::Undefined(_) if matches!(inst.op, Op::SelectInt | Op::SelectFloat) && !args.is_empty() => {
                    // Only the arm that is chosen counts.
                    let chosen = if args[0] == Value::Bool(true) { 1 } else { 2 };
                    self.states[value.index()] = self.states[inst.args[chosen].index()];
                    return Ok(Flow::Next);
                }
                garbage if may_see_garbage(inst.op, &trace.effects(value)) => {
                    self.states[value.index()] = garbage;
                    return Ok(Flow::Next);
                }
                State::Undefined(_) => return self.value(arg).map(|_| Flow::Next),
            }
        }
        let result = match fold(inst.op, &args) {
            Some(Scalar::Value(result)) => result,
            Some(Scalar::Leaves) => return Ok(Flow::Leave(None)),
            Some(Scalar::Undefined) => {
                self.states[value.index()] = State::Undefined(value);
                return Ok(Flow::Next);
            }
            Some(Scalar::Traps) => return Err(Fault::Traps(format!("{args:?}"))),
            None if inst.op == Op::Call => match self.call(value, &args)? {
                Ok(result) => result,
                Err(raised) => return Ok(Flow::Leave(Some(raised))),
            },
            None => match self.execute(inst.op, inst.imm, &args)? {
                Some(result) => result,
                None => return Ok(Flow::Leave(None)),
            },
        };
        self.states[value.index()] = State::Known(result);
        Ok(Flow::Next)
    }

    fn call(&mut self, value: ValueId, args: &[Value]) -> Result<Result<Value, Raised>, Fault> {
        let Imm::Helper(helper) = self.trace.inst(value).imm else { unreachable!("a verified call has a helper") };
        let info = self.trace.helper(helper);
        for arg in args {
            if let Value::Ref(object) = arg {
                self.world.heap.get(*object)?;
            }
        }
        match self.world.host.call(self.world.heap, info, args) {
            Ok(result) if type_of(result) != info.result => Err(Fault::WrongType(format!("{result:?}"), info.result)),
            Err(Raised(exception)) if !info.effects.exits => Err(Fault::NoExit(exception)),
            answer => Ok(answer),
        }
    }

    /// An operation of objects, memory or control. None when it leaves.
    fn execute(&mut self, op: Op, imm: Imm, args: &[Value]) -> Result<Option<Value>, Fault> {
        Ok(Some(match (op, args) {
            (Op::GuardTrue | Op::GuardMore, &[Value::Bool(cond)]) => return Ok(cond.then_some(Value::Unit)),
            (Op::GuardFalse, &[Value::Bool(cond)]) => return Ok((!cond).then_some(Value::Unit)),
            (Op::Leave, []) => return Ok(None),
            (Op::Finalised, []) | (Op::Rely, &[Value::Int(_)]) => Value::Unit,
            (Op::Poll | Op::Descend, []) => {
                let rest = self.fuel.checked_sub(1);
                self.fuel = rest.unwrap_or(0);
                return Ok(rest.map(|_| Value::Unit));
            }
            (Op::BoxInt | Op::BoxFloat | Op::BoxBool, &[unboxed]) => Value::Ref(self.world.heap.boxed(unboxed)),
            (Op::SameRef, &[Value::Ref(a), Value::Ref(b)]) => {
                self.world.heap.get(a)?;
                self.world.heap.get(b)?;
                Value::Bool(a == b)
            }
            (Op::FrameGet, []) => {
                let Imm::Index(local) = imm else { unreachable!("verified") };
                return Ok(self.world.host.frame_get(local).map(Value::Ref));
            }
            (_, &[Value::Ref(object), ref rest @ ..]) => return self.object(op, imm, object, rest),
            _ => unreachable!("{} with operands {args:?} does not pass the verifier", op.name()),
        }))
    }

    /// An operation whose first operand is an object. None when it leaves.
    fn object(&mut self, op: Op, imm: Imm, object: Obj, rest: &[Value]) -> Result<Option<Value>, Fault> {
        let heap = &mut *self.world.heap;
        let contents = heap.get(object)?;
        let wrong = |expected| Err(Fault::WrongClass { expected, found: format!("{contents:?}") });
        Ok(Some(match (op, rest) {
            (Op::GuardClass, []) => {
                let Imm::Class(class) = imm else { unreachable!("verified") };
                let same = self.trace.pool.classes[class.index()].name == heap.class(object)?;
                return Ok(same.then_some(Value::Unit));
            }
            (Op::GuardIs | Op::GuardIsNot, []) => {
                let Imm::Ref(constant) = imm else { unreachable!("verified") };
                let same = self.world.objects[constant.index()] == object;
                return Ok((same == (op == Op::GuardIs)).then_some(Value::Unit));
            }
            (Op::AssumeIs, []) => {
                let Imm::Ref(constant) = imm else { unreachable!("verified") };
                if self.world.objects[constant.index()] != object {
                    return wrong("the constant that it is assumed to be");
                }
                Value::Unit
            }
            (Op::UnboxInt, []) => match contents {
                Object::Int(value) => return Ok(i64::try_from(*value).ok().map(Value::Int)),
                _ => return wrong("int"),
            },
            (Op::UnboxFloat, []) => match contents {
                Object::Float(value) => Value::Float(*value),
                _ => return wrong("float"),
            },
            (Op::UnboxBool, []) => match contents {
                Object::Bool(value) => Value::Bool(*value),
                _ => return wrong("bool"),
            },
            (Op::ListLen, []) => match contents {
                Object::List(elements) => Value::Int(elements.len() as i64),
                _ => return wrong("list"),
            },
            (Op::TupleLen, []) => match contents {
                Object::Tuple(elements) => Value::Int(elements.len() as i64),
                _ => return wrong("tuple"),
            },
            (Op::ListGet, &[Value::Int(index)]) => match contents {
                Object::List(elements) => Value::Ref(elements[in_range(index, elements.len())?]),
                _ => return wrong("list"),
            },
            (Op::TupleGet, &[Value::Int(index)]) => match contents {
                Object::Tuple(elements) => Value::Ref(elements[in_range(index, elements.len())?]),
                _ => return wrong("tuple"),
            },
            (Op::ListSet, &[Value::Int(index), Value::Ref(new)]) => {
                heap.get(new)?;
                match heap.get_mut(object)? {
                    Object::List(elements) => {
                        let index = in_range(index, elements.len())?;
                        let old = std::mem::replace(&mut elements[index], new);
                        heap.dec(old)?;
                        Value::Unit
                    }
                    other => return Err(Fault::WrongClass { expected: "list", found: format!("{other:?}") }),
                }
            }
            (Op::ListSetFloat, &[Value::Int(index), Value::Float(float)]) => {
                let new = heap.boxed(Value::Float(float));
                match heap.get_mut(object)? {
                    Object::List(elements) => {
                        let index = in_range(index, elements.len())?;
                        let old = std::mem::replace(&mut elements[index], new);
                        heap.dec(old)?;
                        Value::Unit
                    }
                    other => return Err(Fault::WrongClass { expected: "list", found: format!("{other:?}") }),
                }
            }
            (Op::CellGet, []) => match contents {
                Object::Cell(contents) => return Ok(contents.map(Value::Ref)),
                _ => return wrong("cell"),
            },
            (Op::CellSet, &[Value::Ref(new)]) => {
                heap.get(new)?;
                match heap.get_mut(object)? {
                    Object::Cell(contents) => {
                        if let Some(old) = contents.replace(new) {
                            heap.dec(old)?;
                        }
                        Value::Unit
                    }
                    other => return Err(Fault::WrongClass { expected: "cell", found: format!("{other:?}") }),
                }
            }
            (Op::FrameSet, []) => {
                let Imm::Index(local) = imm else { unreachable!("verified") };
                if let Some(old) = self.world.host.frame_set(local, object) {
                    self.world.heap.dec(old)?;
                }
                Value::Unit
            }
            (Op::KeepAlive, []) => Value::Unit,
            (Op::IncRef, []) => {
                self.world.heap.inc(object)?;
                Value::Unit
            }
            (Op::DecRef, []) => {
                self.world.heap.dec(object)?;
                Value::Unit
            }
            (
                Op::ClassVersion
                | Op::VersionCell
                | Op::FunctionVersion
                | Op::InstanceDict
                | Op::DictLen
                | Op::GuardKey
                | Op::EntryGet
                | Op::EntrySet
                | Op::EntrySetFloat
                | Op::SlotGet
                | Op::SlotSet
                | Op::SlotSetFloat,
                _,
            ) => return Err(Fault::NeedsVm(op)),
            _ => unreachable!("{} with operands {rest:?} does not pass the verifier", op.name()),
        }))
    }

    fn leave(&mut self, at: ValueId, raised: Option<Raised>) -> Result<Exit, Fault> {
        let trace = self.trace;
        let snapshot = trace.inst(at).snapshot.expect("a verified exit has a snapshot");
        let values = trace.exit_values(at).into_iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
        let mut made = vec![None; trace.virtuals.len()];
        let mut frames = Vec::new();
        for frame in &trace.snapshot(snapshot).frames {
            let function = match frame.function {
                Some(function) => Some(self.slot_object(function)?),
                None => None,
            };
            let mut names = Vec::new();
            for &(name, slot) in &frame.names {
                names.push((name, self.slot(slot, &mut made)?));
            }
            frames.push(FrameValue {
                place: frame.place,
                function,
                locals: frame.locals.iter().map(|&slot| self.slot(slot, &mut made)).collect::<Result<_, _>>()?,
                stack: frame.stack.iter().map(|&slot| self.slot(slot, &mut made)).collect::<Result<_, _>>()?,
                names,
            });
        }
        for object in made.into_iter().flatten() {
            self.world.heap.dec(object)?;
        }
        for &held in trace.held.get(&at).into_iter().flatten() {
            if let Value::Ref(object) = self.value(held)? {
                self.world.heap.dec(object)?;
            }
        }
        Ok(Exit { at, snapshot, raised, values, frames })
    }

    /// A value as an object, with a count for whoever asked.
    fn slot_object(&mut self, value: ValueId) -> Result<Obj, Fault> {
        match self.value(value)? {
            Value::Ref(object) => {
                self.world.heap.get(object)?;
                self.world.heap.inc(object)?;
                Ok(object)
            }
            unboxed => Ok(self.world.heap.boxed(unboxed)),
        }
    }

    /// A slot, with a count of its own. An object that several slots mention is made once; `made` keeps one count of it.
    fn slot(&mut self, slot: Slot, made: &mut [Option<Obj>]) -> Result<SlotValue, Fault> {
        Ok(SlotValue::Object(match slot {
            Slot::Kept => return Ok(SlotValue::Kept),
            Slot::Empty => return Ok(SlotValue::Empty),
            Slot::Value(value) => self.slot_object(value)?,
            Slot::Virtual(id) => {
                let object = match made[id.index()] {
                    Some(object) => object,
                    None => {
                        let object = &self.trace.virtuals[id.index()];
                        let mut fields = Vec::new();
                        for &field in &object.fields {
                            if let SlotValue::Object(field) = self.slot(field, made)? {
                                fields.push(field);
                            }
                        }
                        let object = match object.kind {
                            VirtualKind::Tuple => Object::Tuple(fields),
                            kind => Object::Made(kind, fields),
                        };
                        *made[id.index()].insert(self.world.heap.make(object))
                    }
                };
                self.world.heap.inc(object)?;
                object
            }
        }))
    }
}

/// Whether an operation may be executed on garbage, because all it does is yield garbage.
fn may_see_garbage(op: Op, effects: &Effects) -> bool {
    *effects == Effects::PURE && !matches!(op, Op::TupleGet | Op::FloorDiv | Op::Mod)
}

fn in_range(index: i64, length: usize) -> Result<usize, Fault> {
    match usize::try_from(index) {
        Ok(index) if index < length => Ok(index),
        _ => Err(Fault::OutOfRange { index, length }),
    }
}
