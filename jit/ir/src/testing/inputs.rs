//! Inputs for random traces, the helpers that they call, and a run that reports everything observable.

use std::cell::RefCell;
use std::rc::Rc;

use super::Rng;
use crate::eval::{
    Config, EvalError, Fault, Heap, Host, Obj, Object, Observer, Outcome, Raised, Run, TableHost, Value, World,
};
use crate::trace::Trace;
use crate::types::Ty;

/// What a trace is entered with. Every reference has the count that belongs to its holder.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The objects.
    pub heap: Heap,
    /// The objects of the pool's refs.
    pub objects: Vec<Obj>,
    /// The arguments.
    pub args: Vec<Value>,
    /// Locals in the entered frame's memory.
    pub frame: Vec<Option<Obj>>,
    /// One more count of each reference argument, so that it can be looked at afterwards.
    pub watched: Vec<Obj>,
}

/// What a run did.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// How it ended.
    pub run: Run,
    /// Everything that a program could see: the outcome, the arguments' contents afterwards, frame memory, and what the
    /// helpers were called with. Equal texts are equal behaviour.
    pub text: String,
}

/// The value that a seed gives to an unboxed parameter.
pub(super) fn scalar_input(seed: u64, index: usize, ty: Ty) -> Option<Value> {
    let mut rng = Rng::new(seed ^ 0x5eed_0000 ^ (index as u64) << 40);
    Some(match ty {
        Ty::Int if index == 0 => Value::Int(rng.below(8) as i64),
        Ty::Int => Value::Int(rng.int()),
        Ty::Float => Value::Float(rng.float()),
        Ty::Bool => Value::Bool(rng.percent(50)),
        Ty::Ref | Ty::Unit => return None,
    })
}

/// An object of a class.
fn object(rng: &mut Rng, heap: &mut Heap, class: &str, depth: usize) -> Obj {
    match class {
        "int" if rng.percent(3) => heap.make(Object::Int(1 << 80)),
        "int" => {
            let value = rng.int();
            heap.int(value)
        }
        "float" => {
            let value = rng.float();
            heap.float(value)
        }
        "bool" => heap.bool(rng.percent(50)),
        "str" => heap.make(Object::Str(format!("text{}", rng.below(10)))),
        "cell" if rng.percent(10) => heap.make(Object::Cell(None)),
        "cell" => {
            let contents = object(rng, heap, "int", depth);
            heap.make(Object::Cell(Some(contents)))
        }
        "list" | "tuple" => {
            let length = if rng.percent(5) { 0 } else { 2 + rng.below(5) };
            let usual = rng.pick(&["int", "float"]);
            let mut elements = Vec::new();
            for _ in 0..length {
                let class = if rng.percent(5) && depth > 0 { rng.pick(&["str", "list", "bool"]) } else { usual };
                elements.push(object(rng, heap, class, depth.saturating_sub(1)));
            }
            if class == "list" { heap.list(elements) } else { heap.tuple(elements) }
        }
        _ => heap.none(),
    }
}

/// Inputs for a trace: unboxed values of all kinds, and objects of the parameters' classes, of which some are the same
/// object.
pub fn random_inputs(seed: u64, trace: &Trace) -> Inputs {
    let mut rng = Rng::new(seed ^ 0x1ee7);
    let mut heap = Heap::new();
    let mut objects = Vec::new();
    for info in &trace.pool.refs {
        objects.push(match info.label.as_str() {
            "None" => heap.none(),
            "True" => heap.bool(true),
            "False" => heap.bool(false),
            label => heap.make(Object::Opaque("function".to_owned(), label.to_owned())),
        });
    }
    let mut args: Vec<Value> = Vec::new();
    let mut watched = Vec::new();
    for (index, &param) in trace.params.iter().enumerate() {
        if let Some(value) = scalar_input(seed, index, trace.ty(param)) {
            args.push(value);
            continue;
        }
        let class = match trace.param_classes[index] {
            Some(class) => trace.pool.classes[class.index()].name.as_str(),
            None => rng.pick(&["int", "float", "bool", "str", "list", "tuple", "None"]),
        };
        let same = watched.iter().copied().find(|&object| heap.class(object) == Ok(class));
        let object = match same.filter(|_| rng.percent(30)) {
            Some(object) => object,
            None => {
                let object = object(&mut rng, &mut heap, class, 2);
                watched.push(object);
                object
            }
        };
        // Making it gave the count to `watched`; this one is the argument's.
        heap.inc(object).expect("inputs are alive");
        args.push(Value::Ref(object));
    }
    let frame = (0..4).map(|_| (!rng.percent(10)).then(|| object(&mut rng, &mut heap, "int", 0))).collect();
    Inputs { heap, objects, args, frame, watched }
}

/// What the helpers of random traces that only see unboxed values compute; a code generator's tests call it from
/// native helpers of the same names. None for a helper of another name.
///
/// # Errors
/// The exception that the helper raises.
pub fn scalar_helper(name: &str, args: &[Value]) -> Option<Result<Value, Raised>> {
    Some(Ok(match (name, args) {
        ("mix_int", &[Value::Int(a), Value::Int(b)]) => Value::Int((a.wrapping_mul(31) ^ b) & 0xffff),
        ("mix_float", &[Value::Float(a), Value::Float(b)]) => Value::Float(a * 0.5 - b),
        ("is_odd", &[Value::Int(a)]) => Value::Bool(a & 1 == 1),
        ("check_int", &[Value::Int(a)]) if a.rem_euclid(11) == 3 => {
            return Some(Err(Raised(format!("ValueError({a})"))));
        }
        ("check_int", &[Value::Int(a)]) => Value::Int(a),
        _ => return None,
    }))
}

/// The line that a helper which is seen outside writes to the log.
pub fn note(name: &str, args: &[String]) -> String {
    format!("{name}({})", args.join(", "))
}

fn host(log: &Rc<RefCell<Vec<String>>>) -> TableHost {
    let mut host = TableHost::new();
    for name in ["mix_int", "mix_float", "is_odd", "check_int"] {
        let call = move |_: &mut Heap, args: &[Value]| scalar_helper(name, args).expect("a scalar helper");
        host = host.helper(name, call);
    }
    for name in ["note_int", "note_ref"] {
        let log = Rc::clone(log);
        host = host.helper(name, move |heap, args| {
            let args: Vec<String> = args.iter().map(|&arg| Observer::new(heap).value(arg)).collect();
            log.borrow_mut().push(note(name, &args));
            Ok(Value::Unit)
        });
    }
    let log = Rc::clone(log);
    host.helper("push", |heap, args| {
        let [Value::Ref(list), Value::Ref(new)] = *args else { panic!("push takes a list and an object") };
        heap.inc(new).expect("an operand is alive");
        if let Ok(Object::List(elements)) = heap.get_mut(list) {
            elements.push(new);
        }
        Ok(Value::Unit)
    })
    .helper("pop", |heap, args| {
        let [Value::Ref(list)] = *args else { panic!("pop takes a list") };
        let last = match heap.get_mut(list) {
            Ok(Object::List(elements)) => elements.pop(),
            _ => None,
        };
        if let Some(last) = last {
            heap.dec(last).expect("an element is alive");
        }
        Ok(Value::Unit)
    })
    .helper("make_list", |heap, args| {
        let [Value::Ref(first)] = *args else { panic!("make_list takes an object") };
        heap.inc(first).expect("an operand is alive");
        Ok(Value::Ref(heap.list(vec![first])))
    })
    .helper("scramble", move |heap, args| {
        let [Value::Ref(list), Value::Int(seed)] = *args else { panic!("scramble takes a list and an int") };
        log.borrow_mut().push(note("scramble", &[seed.to_string()]));
        let new = heap.int(seed & 0xff);
        let result = heap.int(seed & 0xf);
        match heap.get_mut(list) {
            Ok(Object::List(elements)) if !elements.is_empty() => {
                let old = std::mem::replace(&mut elements[0], new);
                heap.dec(old).expect("an element is alive");
                Ok(Value::Ref(result))
            }
            _ => {
                heap.dec(new).and_then(|()| heap.dec(result)).expect("both are new");
                Err(Raised("IndexError".to_owned()))
            }
        }
    })
}

/// Evaluates a trace and reports what can be seen. With [`Config::counting`] it also checks every count afterwards.
///
/// # Errors
/// A fault of the trace; with counting, also a leak or a double drop.
pub fn run(trace: &Trace, inputs: &Inputs, config: Config) -> Result<Report, EvalError> {
    let log = Rc::new(RefCell::new(Vec::new()));
    let mut host = host(&log);
    host.frame.clone_from(&inputs.frame);
    let mut heap = inputs.heap.clone();
    let mut world = World { heap: &mut heap, host: &mut host, objects: &inputs.objects };
    let run = trace.evaluate(&inputs.args, &mut world, config)?;
    if config.counting && run.outcome != Outcome::OutOfSteps {
        let frame = host.frame.iter().copied().flatten();
        let known = inputs.objects.iter().chain(&inputs.watched).copied();
        let checked = heap.check(run.outcome.roots().into_iter().chain(known).chain(frame));
        let at = |error| EvalError { trace: trace.id, place: "after the end".to_owned(), fault: Fault::Heap(error) };
        checked.map_err(at)?;
    }
    let mut observer = Observer::new(&heap);
    let mut text = observer.outcome(trace, &run.outcome);
    for &object in &inputs.watched {
        text += &format!("\nwatched {}", observer.object(object));
    }
    for local in 0..inputs.frame.len() as u32 {
        let value = host.frame_get(local).map_or_else(|| "_".to_owned(), |object| observer.object(object));
        text += &format!("\nframe {local}: {value}");
    }
    for line in log.borrow().iter() {
        text += &format!("\n{line}");
    }
    Ok(Report { run, text })
}
