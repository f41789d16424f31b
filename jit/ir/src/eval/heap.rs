//! The evaluator's heap: a few kinds of objects with reference counts.
//!
//! An object is made with one count, which belongs to whoever asked for it; the counts of its parts move into it. Objects
//! die at zero and drop their parts; an access to a dead one is an error. `None`, `True` and `False` are immortal.
//! [`Heap::check`] compares every count with the references that there really are.

use std::fmt;

use crate::trace::{VIRTUAL_KINDS, VirtualKind};

/// A value of the evaluator. Equality is that of bits, but every nan equals every other.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// An unboxed int.
    Int(i64),
    /// An unboxed float.
    Float(f64),
    /// An unboxed bool.
    Bool(bool),
    /// An object.
    Ref(Obj),
    /// What a helper without a result yields.
    Unit,
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (*self, *other) {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Ref(a), Value::Ref(b)) => a == b,
            (Value::Unit, Value::Unit) => true,
            _ => false,
        }
    }
}

/// An object of a [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Obj(pub u32);

/// The contents of an object.
#[derive(Clone, PartialEq, Debug)]
pub enum Object {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An int; those beyond 64 bits are what operations on unboxed ints leave the trace for.
    Int(i128),
    /// A float.
    Float(f64),
    /// A string.
    Str(String),
    /// A list.
    List(Vec<Obj>),
    /// A tuple.
    Tuple(Vec<Obj>),
    /// A closure cell.
    Cell(Option<Obj>),
    /// Anything else: its class and a label for printing.
    Opaque(String, String),
    /// What an exit made of a virtual object that has no kind of its own here.
    Made(VirtualKind, Vec<Obj>),
    /// It has died.
    Freed,
}

impl Object {
    fn parts(&self) -> &[Obj] {
        match self {
            Object::List(parts) | Object::Tuple(parts) | Object::Made(_, parts) => parts,
            Object::Cell(Some(part)) => std::slice::from_ref(part),
            _ => &[],
        }
    }
}

/// A misuse of the heap, which means that the trace is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeapError {
    /// An object was used after its last reference had been dropped.
    #[error("use of {0}, which is dead")]
    UseAfterFree(Obj),
    /// A count is not the number of references.
    #[error("{object} ({contents}) has {count} counts and {references} references")]
    WrongCount {
        /// The object.
        object: Obj,
        /// What it is.
        contents: String,
        /// Its count.
        count: u32,
        /// References that there are.
        references: u32,
    },
}

impl fmt::Display for Obj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "object {}", self.0)
    }
}

/// The objects.
#[derive(Clone, Debug)]
pub struct Heap {
    objects: Vec<(Object, u32)>,
    counting: bool,
}

const NONE: Obj = Obj(0);
const FALSE: Obj = Obj(1);
const TRUE: Obj = Obj(2);
const IMMORTALS: usize = 3;

impl Default for Heap {
    fn default() -> Self {
        let immortals = [Object::None, Object::Bool(false), Object::Bool(true)];
        Heap { objects: immortals.map(|object| (object, 1)).into(), counting: true }
    }
}

impl Heap {
    /// A heap with only the immortals.
    pub fn new() -> Self {
        Heap::default()
    }

    /// Switches counting on or off and yields what it was. While it is off, `inc` and `dec` do nothing and nothing dies.
    pub fn set_counting(&mut self, counting: bool) -> bool {
        std::mem::replace(&mut self.counting, counting)
    }

    /// Makes an object with one count. The immortals are only found.
    pub fn make(&mut self, object: Object) -> Obj {
        match object {
            Object::None => NONE,
            Object::Bool(false) => FALSE,
            Object::Bool(true) => TRUE,
            object => {
                self.objects.push((object, 1));
                Obj(self.objects.len() as u32 - 1)
            }
        }
    }

    /// `None`.
    pub fn none(&self) -> Obj {
        NONE
    }

    /// `True` or `False`.
    pub fn bool(&self, value: bool) -> Obj {
        if value { TRUE } else { FALSE }
    }

    /// A new int.
    pub fn int(&mut self, value: i64) -> Obj {
        self.make(Object::Int(i128::from(value)))
    }

    /// A new float.
    pub fn float(&mut self, value: f64) -> Obj {
        self.make(Object::Float(value))
    }

    /// A new list, which takes one count of each element.
    pub fn list(&mut self, elements: Vec<Obj>) -> Obj {
        self.make(Object::List(elements))
    }

    /// A new tuple, which takes one count of each element.
    pub fn tuple(&mut self, elements: Vec<Obj>) -> Obj {
        self.make(Object::Tuple(elements))
    }

    /// A value as an object: a new box for an unboxed one; a reference as it is, with no count added.
    ///
    /// # Panics
    /// For [`Value::Unit`], which is no value of Python.
    pub fn boxed(&mut self, value: Value) -> Obj {
        match value {
            Value::Int(value) => self.int(value),
            Value::Float(value) => self.float(value),
            Value::Bool(value) => self.bool(value),
            Value::Ref(object) => object,
            Value::Unit => panic!("unit cannot be boxed"),
        }
    }

    /// What an object is.
    ///
    /// # Errors
    /// When it has died.
    pub fn get(&self, object: Obj) -> Result<&Object, HeapError> {
        match &self.objects[object.0 as usize].0 {
            Object::Freed => Err(HeapError::UseAfterFree(object)),
            contents => Ok(contents),
        }
    }

    /// What an object is, to be changed. Counts of parts are the caller's to keep right.
    ///
    /// # Errors
    /// When it has died.
    pub fn get_mut(&mut self, object: Obj) -> Result<&mut Object, HeapError> {
        match &mut self.objects[object.0 as usize].0 {
            Object::Freed => Err(HeapError::UseAfterFree(object)),
            contents => Ok(contents),
        }
    }

    /// The name of an object's class.
    ///
    /// # Errors
    /// When it has died.
    pub fn class(&self, object: Obj) -> Result<&str, HeapError> {
        Ok(match self.get(object)? {
            Object::None | Object::Freed => "NoneType",
            Object::Bool(_) => "bool",
            Object::Int(_) => "int",
            Object::Float(_) => "float",
            Object::Str(_) => "str",
            Object::List(_) => "list",
            Object::Tuple(_) => "tuple",
            Object::Cell(_) => "cell",
            Object::Opaque(class, _) => class,
            Object::Made(kind, _) => VIRTUAL_KINDS.iter().find(|row| row.0 == *kind).map_or("?", |row| row.1),
        })
    }

    /// An object's count.
    pub fn count(&self, object: Obj) -> u32 {
        self.objects[object.0 as usize].1
    }

    /// Adds a count.
    ///
    /// # Errors
    /// When the object has died.
    pub fn inc(&mut self, object: Obj) -> Result<(), HeapError> {
        self.get(object)?;
        if self.counting && object.0 as usize >= IMMORTALS {
            self.objects[object.0 as usize].1 += 1;
        }
        Ok(())
    }

    /// Drops a count; the object dies with the last one and drops its parts.
    ///
    /// # Errors
    /// When the object has died before.
    pub fn dec(&mut self, object: Obj) -> Result<(), HeapError> {
        let mut pending = vec![object];
        while let Some(object) = pending.pop() {
            self.get(object)?;
            let index = object.0 as usize;
            if !self.counting || index < IMMORTALS {
                continue;
            }
            self.objects[index].1 -= 1;
            if self.objects[index].1 == 0 {
                let dead = std::mem::replace(&mut self.objects[index].0, Object::Freed);
                pending.extend(dead.parts());
            }
        }
        Ok(())
    }

    /// Checks that every living object has as many counts as there are references to it: those of its containers, and
    /// one for each mention among the roots.
    ///
    /// # Errors
    /// The first object with another count: more counts are a leak, fewer a double drop.
    pub fn check(&self, roots: impl IntoIterator<Item = Obj>) -> Result<(), HeapError> {
        let mut references = vec![0u32; self.objects.len()];
        for root in roots {
            self.get(root)?;
            references[root.0 as usize] += 1;
        }
        for part in self.objects.iter().flat_map(|(object, _)| object.parts()) {
            references[part.0 as usize] += 1;
        }
        for (index, &(ref contents, count)) in self.objects.iter().enumerate().skip(IMMORTALS) {
            if count != references[index] {
                return Err(HeapError::WrongCount {
                    object: Obj(index as u32),
                    contents: format!("{contents:?}"),
                    count,
                    references: references[index],
                });
            }
        }
        Ok(())
    }
}
