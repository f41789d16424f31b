//! The native functions and methods that run no Python code, as long as their arguments do not make them.
//!
//! A row says what the receiver and the arguments have to be, and what may be changed. Who is called is found by class and
//! name, or by module and name: a class that Python code makes is never one of these.

use rustpython_vm::{
    AsObject, PyObject, VirtualMachine,
    builtins::{PyStr, PyType, descriptor::PyMethodDescriptor},
    types::PyTypeFlags,
};

use crate::objects::Objects;

/// What an operand of a native has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Anything: it is not looked into.
    Nothing,
    /// Of a leaf class.
    Leaf,
    /// Plain, a builtin container of plain objects included. Containers are looked through at each call.
    Plain,
    /// An exact builtin container: iterating over it runs no Python code.
    Iterable,
}

/// What a native may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changes {
    /// Nothing.
    Nothing,
    /// Objects whose contents the trace never looks at itself.
    Other,
    /// Lists and dicts.
    Containers,
}

/// A row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Native {
    /// What the object that it is a method of has to be. For functions and classes, as `args`.
    pub receiver: Needs,
    /// What the other operands have to be.
    pub args: Needs,
    /// What it may change.
    pub changes: Changes,
}

type Row = (&'static str, &'static [&'static str], Needs, Needs, Changes);

/// Methods, by the class that defines them. No names: all.
const METHODS: &[Row] = &[
    ("str", &[], Needs::Leaf, Needs::Plain, Changes::Nothing),
    ("bytes", &[], Needs::Leaf, Needs::Plain, Changes::Nothing),
    ("int", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("float", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("complex", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("range", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("bytearray", &[], Needs::Nothing, Needs::Plain, Changes::Other),
    ("array", &[], Needs::Nothing, Needs::Plain, Changes::Other),
    ("tuple", &["count", "index"], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("list", &["count", "index"], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("list", &["remove", "sort"], Needs::Plain, Needs::Plain, Changes::Containers),
    ("list", &["extend"], Needs::Nothing, Needs::Iterable, Changes::Containers),
    ("deque", &["append", "appendleft", "clear", "pop", "popleft"], Needs::Nothing, Needs::Nothing, Changes::Other),
    ("deque", &["extend", "extendleft"], Needs::Nothing, Needs::Iterable, Changes::Other),
    ("deque", &["copy", "reverse", "rotate"], Needs::Nothing, Needs::Leaf, Changes::Other),
    ("set", &["clear", "pop"], Needs::Nothing, Needs::Nothing, Changes::Other),
    ("set", &["copy"], Needs::Nothing, Needs::Nothing, Changes::Nothing),
    (
        "set",
        &["difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"],
        Needs::Plain,
        Needs::Plain,
        Changes::Nothing,
    ),
    (
        "set",
        &["difference_update", "intersection_update", "symmetric_difference_update", "update"],
        Needs::Plain,
        Needs::Plain,
        Changes::Other,
    ),
    ("frozenset", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("dict", &["clear", "popitem"], Needs::Nothing, Needs::Nothing, Changes::Containers),
    ("dict", &["copy"], Needs::Nothing, Needs::Nothing, Changes::Nothing),
    ("Random", &["getrandbits", "random"], Needs::Nothing, Needs::Leaf, Changes::Other),
    (
        "Pattern",
        &["findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"],
        Needs::Nothing,
        Needs::Leaf,
        Changes::Other,
    ),
    ("Match", &["end", "group", "groups", "span", "start"], Needs::Nothing, Needs::Leaf, Changes::Nothing),
    ("StringIO", &["getvalue", "write"], Needs::Nothing, Needs::Leaf, Changes::Other),
    ("BytesIO", &["getvalue", "write"], Needs::Nothing, Needs::Leaf, Changes::Other),
];

/// Functions, by module.
const FUNCTIONS: &[Row] = &[
    ("builtins", &["all", "any", "max", "min", "repr", "sorted", "sum"], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("builtins", &["id"], Needs::Nothing, Needs::Nothing, Changes::Nothing),
    ("_struct", &["calcsize", "pack", "unpack", "unpack_from"], Needs::Plain, Needs::Plain, Changes::Nothing),
    (
        "_sre",
        &["ascii_iscased", "ascii_tolower", "unicode_iscased", "unicode_tolower"],
        Needs::Leaf,
        Needs::Leaf,
        Changes::Nothing,
    ),
    ("time", &["monotonic", "perf_counter", "time", "time_ns"], Needs::Leaf, Needs::Leaf, Changes::Other),
    ("binascii", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("posix", &["fspath"], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("_thread", &["get_ident"], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("_operator", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("unicodedata", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
];

/// Calls of builtin classes, by name.
const CLASSES: &[Row] = &[
    ("list", &[], Needs::Iterable, Needs::Iterable, Changes::Nothing),
    ("tuple", &[], Needs::Iterable, Needs::Iterable, Changes::Nothing),
    ("set", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("frozenset", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("dict", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("bytes", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("bytearray", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("str", &[], Needs::Plain, Needs::Plain, Changes::Nothing),
    ("complex", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
    ("deque", &[], Needs::Iterable, Needs::Iterable, Changes::Nothing),
    ("chain", &[], Needs::Nothing, Needs::Nothing, Changes::Nothing),
    ("islice", &[], Needs::Iterable, Needs::Leaf, Changes::Nothing),
    ("itemgetter", &[], Needs::Leaf, Needs::Leaf, Changes::Nothing),
];

/// The row of a callable; `None` when nothing is promised of it.
pub fn row(callable: &PyObject, vm: &VirtualMachine) -> Option<Native> {
    let find = |rows: &[Row], owner: &str, name: &str| {
        let found = rows.iter().find(|row| row.0 == owner && (row.1.is_empty() || row.1.contains(&name)));
        found.map(|&(_, _, receiver, args, changes)| Native { receiver, args, changes })
    };
    if let Some(method) = callable.downcast_ref::<PyMethodDescriptor>() {
        let owner = method.common.typ;
        return if is_builtin(owner) { find(METHODS, &owner.name(), method.common.name.as_str()) } else { None };
    }
    if let Some(class) = callable.downcast_ref::<PyType>() {
        return if is_builtin(class) { find(CLASSES, &class.name(), "") } else { None };
    }
    if !callable.class().is(vm.ctx.types.builtin_function_or_method_type) {
        return None;
    }
    let text = |name: &'static str| callable.get_attr(name, vm).ok()?.downcast::<PyStr>().ok();
    // A method of an object that is no module works on that object.
    let owner = callable.get_attr("__self__", vm).ok();
    if owner.is_some_and(|owner| !vm.is_none(&owner) && !owner.class().is(vm.ctx.types.module_type)) {
        return None;
    }
    find(FUNCTIONS, text("__module__")?.as_ref(), text("__name__")?.as_ref())
}

/// The row of a method that is bound to an object which it does not look into, without that object.
pub fn bound_row(callable: &PyObject, vm: &VirtualMachine) -> Option<Native> {
    if !callable.class().is(vm.ctx.types.builtin_function_or_method_type) {
        return None;
    }
    let owner = callable.get_attr("__self__", vm).ok()?;
    let name = callable.get_attr("__name__", vm).ok()?.downcast::<PyStr>().ok()?;
    let method = owner.class().get_attr(vm.ctx.intern_str(name.as_wtf8()))?;
    let row = row(&method, vm)?;
    (row.receiver == Needs::Nothing).then_some(Native { receiver: row.args, ..row })
}

/// Whether a class is one that no Python code has made or can change.
pub fn is_builtin(class: &PyType) -> bool {
    class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE) && !class.slots.flags.has_feature(PyTypeFlags::HEAPTYPE)
}

/// Classes of containers, besides those that have lengths of their own in the trace, whose `len` runs no Python code.
const COUNTED: [&str; 8] =
    ["array", "bytearray", "deque", "dict_items", "dict_keys", "dict_values", "memoryview", "range"];

/// Whether `len` of an object runs no Python code.
pub fn is_counted(object: &PyObject) -> bool {
    is_builtin(object.class()) && COUNTED.contains(&&*object.class().name())
}

/// How an iterator is stepped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Steps {
    /// Without Python code, and it knows how many elements are left.
    Counted,
    /// Without Python code.
    Plain,
    /// It may run Python code.
    Opaque,
    /// It has a frame of its own, or is no builtin iterator.
    Unknown,
}

/// Iterators that run no Python code.
const PLAIN_ITERATORS: [&str; 12] = [
    "_deque_iterator",
    "_deque_reverse_iterator",
    "arrayiterator",
    "bytearray_iterator",
    "combinations",
    "combinations_with_replacement",
    "count",
    "permutations",
    "product",
    "repeat",
    "reversed",
    "str_iterator",
];

/// How an object is stepped as an iterator.
pub fn steps(object: &PyObject, objects: &Objects) -> Steps {
    let class = object.class();
    if objects.plain_iterators.contains(&objects.class(object)) {
        return Steps::Counted;
    }
    let is_native = !class.slots.flags.has_feature(PyTypeFlags::HEAPTYPE);
    if !is_native || class.slots.iternext.load().is_none() {
        return Steps::Unknown;
    }
    let name = class.name();
    if PLAIN_ITERATORS.contains(&&*name) {
        return Steps::Plain;
    }
    let suspends = ["async", "coroutine"].iter().any(|word| name.contains(word));
    if suspends { Steps::Unknown } else { Steps::Opaque }
}

/// Whether an object is a builtin container, besides those that the trace knows, whose iterator runs no Python code.
pub fn is_iterable(object: &PyObject) -> bool {
    is_builtin(object.class()) && ["array", "deque", "memoryview"].contains(&&*object.class().name())
}
