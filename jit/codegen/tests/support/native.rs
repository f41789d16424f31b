//! Objects in native memory, and the helpers that native code calls.
//!
//! Nothing is ever given back before the heap goes, so that a use after free is seen and not undefined.

use std::ffi::c_void;
use std::mem::offset_of;

use rustc_hash::FxHashMap;
use tjit_codegen::{
    AttributeLayout, Context, DictLayout, Helpers, IntLayout, Layout, ObjectLayout, SequenceLayout, SmallInts,
};
use tjit_ir::eval::{Heap, Obj, Object as Model, Observer, Value};
use tjit_ir::testing::{note, scalar_helper};

pub const IMMORTAL: u64 = 1 << 60;
const COUNT_MASK: u64 = IMMORTAL - 1;
const SMALL_TAG: u64 = 1 << 63;
const SMALL_MIN: i64 = -5;
const SMALL_MAX: i64 = 256;

/// What an object is, besides what native code sees of it.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    None,
    Bool(bool),
    Int,
    BigInt(i128),
    Float,
    Str(String),
    List,
    Tuple,
    Cell,
    Opaque(String, String),
    Freed,
}

/// An object. The words are: int: tag, magnitude, sign; float: bits; list: length, data; tuple: data, length; cell:
/// contents.
#[repr(C)]
pub struct Object {
    pub count: u64,
    pub class: u64,
    pub words: [u64; 3],
    pub kind: Kind,
    pub elements: Vec<*mut Object>,
}

/// An entry of a dict, whose words are: entries, length, stamp.
#[repr(C)]
pub struct Entry {
    pub hash: u64,
    pub key: *mut Object,
    pub value: *mut Object,
}

/// Address that stands for a class.
pub fn class_address(name: &str) -> u64 {
    let names = ["NoneType", "bool", "int", "float", "str", "list", "tuple", "cell", "function"];
    0x1_0000_0000 + names.iter().position(|known| *known == name).map_or(0x100, |index| index as u64)
}

impl Object {
    /// The object's own parts.
    fn parts(&self) -> Vec<*mut Object> {
        match self.kind {
            Kind::List | Kind::Tuple => self.elements.clone(),
            Kind::Cell if self.words[0] != 0 => vec![self.words[0] as *mut Object],
            _ => Vec::new(),
        }
    }

    /// Lets native code see the elements.
    fn publish(&mut self) {
        let (len, data) = (self.elements.len() as u64, self.elements.as_mut_ptr() as u64);
        match self.kind {
            Kind::List => (self.words[0], self.words[1]) = (len, data),
            Kind::Tuple => (self.words[0], self.words[1]) = (data, len),
            _ => {}
        }
    }
}

/// All objects of a test.
pub struct NativeHeap {
    pub objects: Vec<*mut Object>,
    small: Vec<*mut Object>,
    /// Lines that helpers wrote.
    pub log: Vec<String>,
    /// Set when native code misused an object.
    pub fault: Option<String>,
    /// Added to every count, so that nothing dies.
    base: u64,
}

/// The layout of all heaps. Only the helpers and constants of one heap are its own.
pub fn layout(heap: &NativeHeap) -> Layout {
    let word = |index: usize| (offset_of!(Object, words) + 8 * index) as i32;
    Layout {
        object: ObjectLayout {
            count: offset_of!(Object, count) as i32,
            class: offset_of!(Object, class) as i32,
            immortal: IMMORTAL,
            count_mask: COUNT_MASK,
        },
        int: IntLayout { tag: word(0), small_tag: SMALL_TAG, magnitude: word(1), sign: word(2) },
        float_value: word(0),
        float_class: class_address("float"),
        list: SequenceLayout { len: word(0), data: word(1) },
        tuple: SequenceLayout { len: word(1), data: word(0) },
        dict: Some(DictLayout {
            entries: word(0),
            len: word(1),
            stamp: word(2),
            entry_size: size_of::<Entry>() as i64,
            key: offset_of!(Entry, key) as i32,
            value: offset_of!(Entry, value) as i32,
        }),
        attributes: Some(AttributeLayout { instance_dict: -8, class_version: word(0), function_version: word(0) + 4 }),
        cell_contents: word(0),
        true_object: heap.objects[2] as u64,
        false_object: heap.objects[1] as u64,
        small_ints: Some(SmallInts { min: SMALL_MIN, max: SMALL_MAX, table: heap.small.as_ptr() as u64 }),
        helpers: Helpers {
            release: release as *const () as u64,
            box_int: box_int as *const () as u64,
            box_float: box_float as *const () as u64,
            // No trace of these tests has names.
            name_is: 0,
            name_get: 0,
            name_set: 0,
            unwound: unwound as *const () as u64,
        },
    }
}

impl NativeHeap {
    /// A heap with `None`, `False`, `True` and the small ints. Without counting, nothing dies in it.
    pub fn new(counting: bool) -> Box<Self> {
        let base = if counting { 0 } else { 1 << 40 };
        let mut heap =
            Box::new(NativeHeap { objects: Vec::new(), small: Vec::new(), log: Vec::new(), fault: None, base });
        for kind in [Kind::None, Kind::Bool(false), Kind::Bool(true)] {
            let class = if kind == Kind::None { "NoneType" } else { "bool" };
            let object = heap.make(kind, class, [0; 3], Vec::new());
            // SAFETY: just made.
            unsafe { (*object).count = IMMORTAL | 77 };
        }
        heap.small = (SMALL_MIN..=SMALL_MAX).map(|value| heap.new_int(value)).collect();
        heap
    }

    pub fn make(&mut self, kind: Kind, class: &str, words: [u64; 3], elements: Vec<*mut Object>) -> *mut Object {
        let mut object = Box::new(Object { count: 1 + self.base, class: class_address(class), words, kind, elements });
        object.publish();
        let object = Box::into_raw(object);
        self.objects.push(object);
        object
    }

    pub fn new_int(&mut self, value: i64) -> *mut Object {
        // The bytes above the sign are garbage on purpose.
        let sign = 0xabcd_ef00 | u64::from(value >= 0);
        self.make(Kind::Int, "int", [SMALL_TAG, value.unsigned_abs(), sign], Vec::new())
    }

    pub fn new_float(&mut self, value: f64) -> *mut Object {
        self.make(Kind::Float, "float", [value.to_bits(), 0, 0], Vec::new())
    }

    pub fn inc(&mut self, object: *mut Object) {
        // SAFETY: objects live as long as the heap.
        let object = unsafe { &mut *object };
        if object.count & IMMORTAL == 0 {
            object.count += 1;
        }
    }

    /// Drops a reference.
    pub fn dec(&mut self, object: *mut Object) {
        let mut pending = vec![object];
        while let Some(object) = pending.pop() {
            // SAFETY: objects live as long as the heap.
            let object = unsafe { &mut *object };
            if object.kind == Kind::Freed {
                self.fault = Some("a dead object was released".to_owned());
            } else if object.count & IMMORTAL == 0 {
                object.count -= 1;
                if object.count & COUNT_MASK == 0 {
                    pending.extend(object.parts());
                    *object = Object {
                        count: 0,
                        class: 0xdead,
                        words: [0xdead_0000; 3],
                        kind: Kind::Freed,
                        elements: Vec::new(),
                    };
                }
            }
        }
    }

    /// Copies an object and everything it reaches from the evaluator's heap, with the counts.
    pub fn import(&mut self, heap: &Heap, object: Obj, known: &mut FxHashMap<Obj, *mut Object>) -> *mut Object {
        if let Some(&native) = known.get(&object) {
            return native;
        }
        let model = heap.get(object).expect("inputs are alive").clone();
        let class = heap.class(object).expect("inputs are alive").to_owned();
        let mut parts = |parts: &[Obj]| parts.iter().map(|&part| self.import(heap, part, known)).collect::<Vec<_>>();
        let native = match model {
            Model::None => self.objects[0],
            Model::Bool(value) => self.objects[1 + usize::from(value)],
            Model::Int(value) => match u64::try_from(value.unsigned_abs()) {
                Ok(magnitude) => {
                    self.make(Kind::Int, &class, [SMALL_TAG, magnitude, u64::from(value >= 0)], Vec::new())
                }
                Err(_) => self.make(Kind::BigInt(value), &class, [7, 0, 1], Vec::new()),
            },
            Model::Float(value) => self.new_float(value),
            Model::Str(text) => self.make(Kind::Str(text), &class, [0; 3], Vec::new()),
            Model::List(elements) => {
                let elements = parts(&elements);
                self.make(Kind::List, &class, [0; 3], elements)
            }
            Model::Tuple(elements) => {
                let elements = parts(&elements);
                self.make(Kind::Tuple, &class, [0; 3], elements)
            }
            Model::Cell(contents) => {
                let contents = parts(contents.as_slice()).first().map_or(0, |&part| part as u64);
                self.make(Kind::Cell, &class, [contents, 0, 0], Vec::new())
            }
            Model::Opaque(class, label) => self.make(Kind::Opaque(class.clone(), label), &class, [0; 3], Vec::new()),
            other => panic!("{other:?} is no input"),
        };
        // SAFETY: objects live as long as the heap.
        let count = unsafe { &mut (*native).count };
        if *count & IMMORTAL == 0 {
            *count = self.base + u64::from(heap.count(object));
        }
        known.insert(object, native);
        native
    }

    /// Copies everything to a heap of the evaluator, with the counts. Dead objects stay dead.
    pub fn export(&self) -> (Heap, FxHashMap<*mut Object, Obj>) {
        let mut heap = Heap::new();
        let mut known = FxHashMap::default();
        // SAFETY: objects live as long as the heap.
        let natives: Vec<(*mut Object, &Object)> = self.objects.iter().map(|&p| (p, unsafe { &*p })).collect();
        for &(pointer, native) in &natives {
            let object = heap.make(match &native.kind {
                Kind::None => Model::None,
                Kind::Bool(value) => Model::Bool(*value),
                Kind::Int => {
                    let magnitude = i128::from(native.words[1]);
                    Model::Int(if native.words[2] & 0xff == 1 { magnitude } else { -magnitude })
                }
                Kind::BigInt(value) => Model::Int(*value),
                Kind::Float => Model::Float(f64::from_bits(native.words[0])),
                Kind::Str(text) => Model::Str(text.clone()),
                Kind::List => Model::List(Vec::new()),
                Kind::Tuple => Model::Tuple(Vec::new()),
                Kind::Cell => Model::Cell(None),
                Kind::Opaque(class, label) => Model::Opaque(class.clone(), label.clone()),
                Kind::Freed => Model::Str(String::new()),
            });
            known.insert(pointer, object);
        }
        for &(pointer, native) in &natives {
            let object = known[&pointer];
            let parts: Vec<Obj> = native.parts().iter().map(|part| known[part]).collect();
            if native.count & IMMORTAL == 0 {
                for _ in 1..native.count.saturating_sub(self.base) {
                    heap.inc(object).expect("just made");
                }
            }
            let model = heap.get_mut(object).expect("just made");
            match model {
                Model::List(elements) | Model::Tuple(elements) => *elements = parts,
                Model::Cell(contents) => *contents = parts.first().copied(),
                _ => {}
            }
            if native.kind == Kind::Freed {
                heap.dec(object).expect("just made");
            }
        }
        (heap, known)
    }

    /// The small ints, each of which the heap owns a reference to.
    pub fn small_ints(&self) -> &[*mut Object] {
        &self.small
    }

    fn describe(&self, object: *mut Object) -> String {
        let (heap, known) = self.export();
        Observer::new(&heap).value(Value::Ref(known[&object]))
    }
}

impl Drop for NativeHeap {
    fn drop(&mut self) {
        for object in self.objects.drain(..) {
            // SAFETY: made by `Box::into_raw`, and freed nowhere else.
            drop(unsafe { Box::from_raw(object) });
        }
    }
}

/// The heap that a context belongs to.
fn heap<'a>(ctx: *mut Context) -> &'a mut NativeHeap {
    // SAFETY: the tests put a pointer to a live heap there, and native code is not running.
    unsafe { &mut *(*ctx).host.cast::<NativeHeap>() }
}

fn raise(ctx: *mut Context, text: String) {
    // SAFETY: native code passes its context. The harness takes the string back.
    unsafe { (*ctx).exception = Box::into_raw(Box::new(text)).cast::<c_void>() };
}

extern "C" fn release(ctx: *mut Context, object: *mut Object) {
    // SAFETY: native code passes objects.
    let count = unsafe { (*object).count };
    if count & (IMMORTAL | COUNT_MASK) != 1 {
        heap(ctx).fault = Some(format!("released with a count word of {count:#x}"));
    }
    heap(ctx).dec(object);
}

extern "C" fn box_int(ctx: *mut Context, value: i64) -> *mut Object {
    if (SMALL_MIN..=SMALL_MAX).contains(&value) {
        heap(ctx).fault = Some(format!("{value} exists already"));
    }
    heap(ctx).new_int(value)
}

extern "C" fn box_float(ctx: *mut Context, value: f64) -> *mut Object {
    heap(ctx).new_float(value)
}

fn scalar(ctx: *mut Context, name: &str, args: &[Value]) -> Value {
    match scalar_helper(name, args).expect("a scalar helper") {
        Ok(value) => value,
        Err(raised) => {
            raise(ctx, raised.0);
            Value::Int(0)
        }
    }
}

extern "C" fn mix_int(ctx: *mut Context, a: i64, b: i64) -> i64 {
    let Value::Int(result) = scalar(ctx, "mix_int", &[Value::Int(a), Value::Int(b)]) else { panic!("an int") };
    result
}

extern "C" fn mix_float(ctx: *mut Context, a: f64, b: f64) -> f64 {
    let args = [Value::Float(a), Value::Float(b)];
    let Value::Float(result) = scalar(ctx, "mix_float", &args) else { panic!("a float") };
    result
}

extern "C" fn is_odd(ctx: *mut Context, a: i64) -> u8 {
    let Value::Bool(result) = scalar(ctx, "is_odd", &[Value::Int(a)]) else { panic!("a bool") };
    u8::from(result)
}

extern "C" fn not(_: *mut Context, a: u8) -> u8 {
    assert!(a < 2);
    1 - a
}

extern "C" fn check_int(ctx: *mut Context, a: i64) -> i64 {
    let Value::Int(result) = scalar(ctx, "check_int", &[Value::Int(a)]) else { panic!("an int") };
    result
}

extern "C" fn note_int(ctx: *mut Context, a: i64) {
    heap(ctx).log.push(note("note_int", &[a.to_string()]));
}

extern "C" fn note_ref(ctx: *mut Context, a: *mut Object) {
    let line = note("note_ref", &[heap(ctx).describe(a)]);
    heap(ctx).log.push(line);
}

extern "C" fn push(ctx: *mut Context, list: *mut Object, new: *mut Object) {
    heap(ctx).inc(new);
    // SAFETY: native code passes objects.
    let list = unsafe { &mut *list };
    list.elements.push(new);
    list.publish();
}

extern "C" fn pop(ctx: *mut Context, list: *mut Object) {
    // SAFETY: native code passes objects.
    let list = unsafe { &mut *list };
    let last = list.elements.pop();
    list.publish();
    if let Some(last) = last {
        heap(ctx).dec(last);
    }
}

extern "C" fn make_list(ctx: *mut Context, first: *mut Object) -> *mut Object {
    heap(ctx).inc(first);
    heap(ctx).make(Kind::List, "list", [0; 3], vec![first])
}

extern "C" fn scramble(ctx: *mut Context, list: *mut Object, seed: i64) -> *mut Object {
    heap(ctx).log.push(note("scramble", &[seed.to_string()]));
    // SAFETY: native code passes objects.
    let list = unsafe { &mut *list };
    if list.elements.is_empty() {
        raise(ctx, "IndexError".to_owned());
        return std::ptr::null_mut();
    }
    let new = heap(ctx).new_int(seed & 0xff);
    let old = std::mem::replace(&mut list.elements[0], new);
    heap(ctx).dec(old);
    heap(ctx).new_int(seed & 0xf)
}

extern "C" fn unwound(ctx: *mut Context, exit: u64) {
    // SAFETY: native code passes its context.
    let first = unsafe { (&(*ctx).values)[0] };
    heap(ctx).log.push(format!("left by exit {exit}, first value {first}"));
}

extern "C" fn look(ctx: *mut Context) {
    // SAFETY: native code passes its context.
    let (exit, values) = unsafe { ((*ctx).sync_exit, &(&(*ctx).values)[..3]) };
    heap(ctx).log.push(format!("exit {exit}, values {values:?}"));
}

/// What is on record of calls under way, innermost first; each has two values.
extern "C" fn calls(ctx: *mut Context) {
    let mut found = Vec::new();
    // SAFETY: native code passes its context, and its records are those of calls that are under way.
    unsafe {
        let mut call = (*ctx).calls;
        while let Some(record) = call.as_ref() {
            found.push(format!("exit {} with {:?}", record.exit, record.values(2)));
            call = record.outer;
        }
    }
    heap(ctx).log.push(format!("under way: {}", found.join(", ")));
}

/// Address of a helper.
pub fn helper_address(name: &str) -> u64 {
    (match name {
        "mix_int" => mix_int as *const (),
        "mix_float" => mix_float as *const (),
        "is_odd" => is_odd as *const (),
        "not" => not as *const (),
        "check_int" => check_int as *const (),
        "note_int" => note_int as *const (),
        "note_ref" => note_ref as *const (),
        "push" => push as *const (),
        "pop" => pop as *const (),
        "make_list" => make_list as *const (),
        "look" => look as *const (),
        "calls" => calls as *const (),
        "scramble" => scramble as *const (),
        _ => panic!("no native helper {name:?}"),
    }) as u64
}
