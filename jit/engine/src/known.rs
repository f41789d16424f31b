//! The builtin callables that have translations of their own.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine, builtins::PyStr};
use tjit_vm::bases::Bases;

use crate::objects::address;

/// What a builtin callable is to the recorder.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Builtin {
    /// `abs`
    Abs,
    /// `complex`
    Complex,
    /// `all`
    All,
    /// `any`
    Any,
    /// `bool`
    Bool,
    /// `dict`
    Dict,
    /// `dict.update`
    DictUpdate,
    /// `collections._count_elements`.
    CountElements,
    Map,
    /// `divmod`
    Divmod,
    /// `enumerate`
    Enumerate,
    /// `list.extend`
    Extend,
    /// `float`
    Float,
    /// `hash`
    Hash,
    /// `frozenset`
    FrozenSet,
    /// `int`
    Int,
    /// `isinstance`
    IsInstance,
    /// `issubclass`
    IsSubclass,
    /// `str.join`
    Join,
    /// `iter`
    Iter,
    /// `len`
    Len,
    /// `list`
    List,
    /// `max`
    Max,
    /// `min`
    Min,
    /// `next`
    Next,
    /// `generator.send`
    Send,
    /// `getattr`
    GetAttr,
    /// `hasattr`
    HasAttr,
    /// `setattr`
    SetAttr,
    /// `range`
    Range,
    /// `repr`
    Repr,
    /// `reversed`
    Reversed,
    /// `round`
    Round,
    /// `chr`
    Chr,
    /// `ord`
    Ord,
    /// `str`
    Str,
    /// `type`
    Type,
    /// `set`
    Set,
    /// `set.update`
    SetUpdate,
    /// `sorted`
    Sorted,
    /// `list.sort`
    Sort,
    /// `sum`
    Sum,
    /// `tuple`
    Tuple,
    /// `zip`
    Zip,
    /// `math.ceil`
    Ceil,
    /// `math.fabs`
    Fabs,
    /// `math.floor`
    Floor,
    /// `math.gcd`
    Gcd,
    /// `math.isqrt`
    Isqrt,
    /// `math.sqrt`
    Sqrt,
    /// `math.trunc`
    Trunc,
    /// `math.degrees`
    Degrees,
    /// `math.radians`
    Radians,
    /// `math.isnan`
    IsNan,
    /// `math.isinf`
    IsInf,
    /// `math.isfinite`
    IsFinite,
    /// Another function of `math` that has helpers: see [`crate::helpers::math`].
    Math(&'static str),
    /// Without a translation, but runs no Python code when all arguments are of leaf classes.
    Leaf,
}

/// A function that keeps a list in order by comparing a few elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ordered {
    /// `heapq.heappush`
    HeapPush,
    /// `heapq.heappop`
    HeapPop,
    /// `heapq.heapreplace`
    HeapReplace,
    /// `heapq.heappushpop`
    HeapPushPop,
    /// `bisect.bisect_left`
    BisectLeft,
    /// `bisect.bisect_right`
    BisectRight,
    /// `bisect.insort_left`
    InsortLeft,
    /// `bisect.insort_right`
    InsortRight,
}

impl Ordered {
    const NAMES: [(&'static str, &'static str, Ordered); 8] = [
        ("_heapq", "heappush", Ordered::HeapPush),
        ("_heapq", "heappop", Ordered::HeapPop),
        ("_heapq", "heapreplace", Ordered::HeapReplace),
        ("_heapq", "heappushpop", Ordered::HeapPushPop),
        ("_bisect", "bisect_left", Ordered::BisectLeft),
        ("_bisect", "bisect_right", Ordered::BisectRight),
        ("_bisect", "insort_left", Ordered::InsortLeft),
        ("_bisect", "insort_right", Ordered::InsortRight),
    ];

    /// Number of arguments that it is translated with.
    pub fn arity(self) -> usize {
        if self == Ordered::HeapPop { 1 } else { 2 }
    }

    /// Elements that the list has to have.
    pub fn least(self) -> usize {
        usize::from(matches!(self, Ordered::HeapPop | Ordered::HeapReplace))
    }

    /// Whether the call gives None.
    pub fn gives_none(self) -> bool {
        matches!(self, Ordered::HeapPush | Ordered::InsortLeft | Ordered::InsortRight)
    }
}

/// Functions of `builtins` that run no Python code on leaf arguments.
const LEAVES: &[&str] =
    &["abs", "bin", "chr", "divmod", "hash", "hex", "len", "max", "min", "oct", "ord", "pow", "round"];

/// What is known of callables, by identity.
pub struct Known {
    by_address: FxHashMap<u64, Builtin>,
    math: RefCell<FxHashMap<u64, (PyObjectRef, Option<Builtin>)>>,
    no_inline: RefCell<FxHashSet<usize>>,
    /// The code of coroutines that wait for something, by address.
    waiting: RefCell<FxHashSet<usize>>,
    keep: Vec<PyObjectRef>,
    /// Abstract base classes.
    pub bases: Bases,
}

impl Known {
    /// Looks up the functions of `builtins` as they are at start-up.
    pub fn new(bases: Bases, vm: &VirtualMachine) -> Known {
        let mut by_address = FxHashMap::default();
        let mut keep = Vec::new();
        let mut add = |name: &'static str, builtin: Builtin| {
            if let Ok(object) = vm.builtins.get_attr(name, vm) {
                by_address.insert(address(&object), builtin);
                keep.push(object);
            }
        };
        for &name in LEAVES {
            add(name, Builtin::Leaf);
        }
        for (name, builtin) in [
            ("abs", Builtin::Abs),
            ("all", Builtin::All),
            ("any", Builtin::Any),
            ("bool", Builtin::Bool),
            ("complex", Builtin::Complex),
            ("dict", Builtin::Dict),
            ("divmod", Builtin::Divmod),
            ("enumerate", Builtin::Enumerate),
            ("float", Builtin::Float),
            ("getattr", Builtin::GetAttr),
            ("hasattr", Builtin::HasAttr),
            ("setattr", Builtin::SetAttr),
            ("repr", Builtin::Repr),
            ("frozenset", Builtin::FrozenSet),
            ("hash", Builtin::Hash),
            ("int", Builtin::Int),
            ("isinstance", Builtin::IsInstance),
            ("issubclass", Builtin::IsSubclass),
            ("iter", Builtin::Iter),
            ("len", Builtin::Len),
            ("list", Builtin::List),
            ("map", Builtin::Map),
            ("max", Builtin::Max),
            ("min", Builtin::Min),
            ("next", Builtin::Next),
            ("range", Builtin::Range),
            ("reversed", Builtin::Reversed),
            ("round", Builtin::Round),
            ("chr", Builtin::Chr),
            ("ord", Builtin::Ord),
            ("str", Builtin::Str),
            ("type", Builtin::Type),
            ("set", Builtin::Set),
            ("sorted", Builtin::Sorted),
            ("sum", Builtin::Sum),
            ("tuple", Builtin::Tuple),
            ("zip", Builtin::Zip),
        ] {
            add(name, builtin);
        }
        let types = &vm.ctx.types;
        for (class, name, builtin) in [
            (types.dict_type, "update", Builtin::DictUpdate),
            (types.coroutine_type, "send", Builtin::Send),
            (types.generator_type, "send", Builtin::Send),
            (types.list_type, "extend", Builtin::Extend),
            (types.list_type, "sort", Builtin::Sort),
            (types.set_type, "update", Builtin::SetUpdate),
            (types.str_type, "join", Builtin::Join),
        ] {
            if let Some(method) = class.get_attr(vm.ctx.intern_str(name)) {
                by_address.insert(address(&method), builtin);
                keep.push(method);
            }
        }
        Known {
            by_address,
            math: RefCell::default(),
            no_inline: RefCell::default(),
            waiting: RefCell::default(),
            keep,
            bases,
        }
    }

    /// What a callable is; `None` when nothing is known of it.
    pub fn lookup(&self, callable: &PyObject, vm: &VirtualMachine) -> Option<Builtin> {
        if let Some(&builtin) = self.by_address.get(&address(callable)) {
            return Some(builtin);
        }
        if !callable.class().is(vm.ctx.types.builtin_function_or_method_type) {
            return None;
        }
        let mut math = self.math.borrow_mut();
        let (_, builtin) =
            math.entry(address(callable)).or_insert_with(|| (callable.to_owned(), math_function(callable, vm)));
        *builtin
    }

    /// The function of heapq or bisect that a callable is.
    pub fn ordered(&self, callable: &PyObject, vm: &VirtualMachine) -> Option<Ordered> {
        if !callable.class().is(vm.ctx.types.builtin_function_or_method_type) {
            return None;
        }
        let is = |name: &'static str, wanted: &str| {
            let text = callable.get_attr(name, vm).ok().and_then(|text| text.downcast::<PyStr>().ok());
            text.is_some_and(|text| text.to_string() == wanted)
        };
        let found = Ordered::NAMES.iter().find(|(module, name, _)| is("__name__", name) && is("__module__", module));
        found.map(|&(_, _, ordered)| ordered)
    }

    /// What the function at an address is that has been looked up before.
    pub fn at(&self, address: u64) -> Option<Builtin> {
        let found = || self.math.borrow().get(&address).and_then(|(_, builtin)| *builtin);
        self.by_address.get(&address).copied().or_else(found)
    }

    /// A function of `builtins` as it was at start-up.
    pub fn builtin(&self, builtin: Builtin) -> Option<&PyObject> {
        let is = |object: &&PyObjectRef| self.by_address.get(&address(object)) == Some(&builtin);
        self.keep.iter().find(is).map(|object| &**object)
    }

    /// Whether a function is not to be inlined, because that failed before.
    pub fn is_no_inline(&self, code: &PyObject) -> bool {
        self.no_inline.borrow().contains(&code.get_id())
    }

    /// Remembers that inlining a function failed.
    pub fn set_no_inline(&self, code: &PyObject) {
        self.no_inline.borrow_mut().insert(code.get_id());
    }

    /// Whether generators or coroutines of this code are not followed, because they wait for what their driver gives: each
    /// has its own steps.
    pub fn waits(&self, code: &PyObject) -> bool {
        self.waiting.borrow().contains(&code.get_id())
    }

    /// See [`Known::waits`].
    pub fn set_waits(&self, code: &PyObject) {
        self.waiting.borrow_mut().insert(code.get_id());
    }
}

fn math_function(callable: &PyObject, vm: &VirtualMachine) -> Option<Builtin> {
    let text = |name: &str| {
        let value = callable.get_attr(vm.ctx.intern_str(name), vm).ok()?;
        Some(value.downcast_ref::<PyStr>()?.to_string())
    };
    let module = text("__module__")?;
    if module == "_collections" && text("__name__")? == "_count_elements" {
        return Some(Builtin::CountElements);
    }
    if module != "math" {
        return None;
    }
    // A module-level name can be bound to something else; the function itself cannot change.
    Some(match text("__name__")?.as_str() {
        "ceil" => Builtin::Ceil,
        "fabs" => Builtin::Fabs,
        "floor" => Builtin::Floor,
        "gcd" => Builtin::Gcd,
        "isqrt" => Builtin::Isqrt,
        "sqrt" => Builtin::Sqrt,
        "trunc" => Builtin::Trunc,
        "degrees" => Builtin::Degrees,
        "radians" => Builtin::Radians,
        "isnan" => Builtin::IsNan,
        "isinf" => Builtin::IsInf,
        "isfinite" => Builtin::IsFinite,
        // These take iterables.
        "fsum" | "prod" | "sumprod" | "dist" => return None,
        name => crate::helpers::math::known_name(name).map_or(Builtin::Leaf, Builtin::Math),
    })
}
