//! What a program could see of an outcome, as text in which two evaluations can be compared.
//!
//! Ints, floats, strings and tuples print by value, so that it does not matter when and how often they were boxed. Objects
//! with an identity that can matter (lists, cells, anything opaque) print with a number in the order of first mention, the
//! second time only with it. Numbers are the observer's, so everything that belongs to one run goes through one observer.

use rustc_hash::FxHashMap;

use super::{FrameValue, Heap, Obj, Object, Outcome, SlotValue, Value};
use crate::trace::{Trace, VIRTUAL_KINDS};

/// Prints values and outcomes of one run.
pub struct Observer<'a> {
    heap: &'a Heap,
    seen: FxHashMap<Obj, usize>,
}

impl<'a> Observer<'a> {
    /// An observer that has not seen anything.
    pub fn new(heap: &'a Heap) -> Self {
        Observer { heap, seen: FxHashMap::default() }
    }

    /// A value.
    pub fn value(&mut self, value: Value) -> String {
        match value {
            Value::Int(value) => value.to_string(),
            Value::Float(value) if value.is_nan() => "nan".to_owned(),
            Value::Float(value) => format!("{value:?}"),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Ref(object) => self.object(object),
            Value::Unit => "()".to_owned(),
        }
    }

    /// An object.
    pub fn object(&mut self, object: Obj) -> String {
        let contents = match self.heap.get(object) {
            Ok(contents) => contents,
            Err(error) => return format!("<{error}>"),
        };
        match contents {
            Object::None => "None".to_owned(),
            Object::Bool(value) => self.value(Value::Bool(*value)),
            Object::Int(value) => value.to_string(),
            Object::Float(value) => self.value(Value::Float(*value)),
            Object::Str(text) => format!("{text:?}"),
            Object::Tuple(parts) => format!("({})", self.objects(parts)),
            Object::Made(kind, parts) => {
                let name = VIRTUAL_KINDS.iter().find(|row| row.0 == *kind).map_or("?", |row| row.1);
                format!("{name}({})", self.objects(parts))
            }
            Object::List(parts) => match self.number(object) {
                (number, true) => format!("list#{number}[{}]", self.objects(parts)),
                (number, false) => format!("list#{number}"),
            },
            Object::Cell(part) => match self.number(object) {
                (number, true) => format!("cell#{number}[{}]", self.objects(part.as_slice())),
                (number, false) => format!("cell#{number}"),
            },
            Object::Opaque(_, label) => format!("<{label}#{}>", self.number(object).0),
            Object::Freed => "<dead>".to_owned(),
        }
    }

    fn objects(&mut self, objects: &[Obj]) -> String {
        objects.iter().map(|&object| self.object(object)).collect::<Vec<_>>().join(", ")
    }

    /// An object's number, and whether it is new.
    fn number(&mut self, object: Obj) -> (usize, bool) {
        let next = self.seen.len();
        let number = *self.seen.entry(object).or_insert(next);
        (number, number == next)
    }

    fn slots(&mut self, slots: &[SlotValue]) -> String {
        let show = |slot: &SlotValue| match *slot {
            SlotValue::Kept => "kept".to_owned(),
            SlotValue::Empty => "_".to_owned(),
            SlotValue::Object(object) => self.object(object),
        };
        slots.iter().map(show).collect::<Vec<_>>().join(", ")
    }

    /// A frame, in the form of a snapshot's.
    pub fn frame(&mut self, frame: &FrameValue) -> String {
        let function = frame.function.map_or_else(String::new, |function| format!(" fn({})", self.object(function)));
        let mut text = format!("[{}+{}{function}", frame.place.code, frame.place.unit);
        for (word, slots) in [("locals", &frame.locals), ("stack", &frame.stack)] {
            if !slots.is_empty() {
                text += &format!(" {word}({})", self.slots(slots));
            }
        }
        for &(name, slot) in &frame.names {
            text += &format!(" {name}: {}", self.slots(&[slot]));
        }
        text + "]"
    }

    /// An outcome of that trace. Instructions and snapshots are not named, because passes renumber them; places are.
    pub fn outcome(&mut self, trace: &Trace, outcome: &Outcome) -> String {
        match outcome {
            Outcome::OutOfSteps => format!("{}: out of steps", trace.id),
            Outcome::Jump(target, args) => {
                let args: Vec<String> = args.iter().map(|&arg| self.value(arg)).collect();
                format!("jump {target}({})", args.join(", "))
            }
            Outcome::Return(value) => format!("return {}", self.value(*value)),
            Outcome::Exit(exit) => {
                let frames: Vec<String> = exit.frames.iter().map(|frame| self.frame(frame)).collect();
                let raised = exit.raised.as_ref().map_or_else(String::new, |raised| format!(" raised {}", raised.0));
                format!("exit{raised} {}", frames.join(" "))
            }
        }
    }
}
