//! Leaving compiled code in the middle of inlined calls: replay objects, and objects that raise.
//!
//! The entered frame is made to stand at its call instruction, with the callable replaced by a [`Replay`]. The
//! interpreter executes the call; the replay object calls the real function with filler arguments after leaving a
//! *pending state*; the function's entry site takes the pending state and installs it, so that the frame, which the
//! interpreter itself has made, goes on in mid body. Deeper frames repeat it.

use std::cell::{Cell, RefCell};
use std::sync::{LazyLock, Mutex};

use rustpython_vm::{
    AsObject, Context, Py, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, atomic_func,
    builtins::{PyBaseExceptionRef, PyCode, PyDict, PyList, PyStr},
    class::PyClassImpl,
    frame::current_thread_iframe,
    function::{Either, FuncArgs, KwArgs, PyComparisonValue, PySetterValue},
    protocol::{PyIterReturn, PyMappingMethods, PyNumber, PyNumberBinaryFunc, PyNumberMethods, PySequenceMethods},
    pyclass,
    types::{
        AsMapping, AsNumber, AsSequence, Callable, Comparable, GetAttr, Hashable, IterNext, Iterable, PyComparisonOp,
        SetAttr,
    },
};

use crate::frames::Frame;
use crate::instrument::patch;

/// What the entry site of a replayed function does to its frame.
pub type Install = Box<dyn FnOnce(Frame, &VirtualMachine)>;

/// A frame that is about to be made, and gets other contents.
struct Pending {
    /// `None`: the frame has it.
    install: Option<Install>,
    code: PyRef<PyCode>,
    /// The frame that calls it. Before the frame comes to its entry site, the interpreter may run others from it: signal
    /// handlers, and finalisers when a collection is due.
    caller: usize,
}

/// A generator's frame that gets other contents when it is resumed.
struct Suspended {
    /// The addresses of the frame and of its code.
    frame: usize,
    code: usize,
    install: Install,
}

thread_local! {
    /// The last stand-in that has been asked and is not needed any more.
    static RETIRED: RefCell<Option<PyObjectRef>> = const { RefCell::new(None) };
    /// Of all such calls under way, innermost last.
    static PENDING: RefCell<Vec<Pending>> = const { RefCell::new(Vec::new()) };
    /// Generators that stand at their entry site.
    static SUSPENDED: RefCell<Vec<Suspended>> = const { RefCell::new(Vec::new()) };
}

/// Puts an object back into the frame that asks its stand-in.
pub type PutBack = Box<dyn FnOnce(&VirtualMachine) -> Option<PyObjectRef>>;

/// The pending state for a frame whose entry site has just been reached, if one is waiting.
pub fn take_pending(frame: Frame) -> Option<Install> {
    let suspended = SUSPENDED.with_borrow_mut(|suspended| {
        let at = suspended.iter().position(|waiting| waiting.frame == frame.address())?;
        Some(suspended.swap_remove(at).install)
    });
    let caller = frame.caller().map(|caller| caller.address());
    let awaited =
        |pending: &mut Vec<Pending>| pending.last_mut().filter(|last| caller == Some(last.caller))?.install.take();
    suspended.or_else(|| PENDING.with_borrow_mut(awaited))
}

/// Whether a function is just being called whose frame gets other contents.
pub fn is_replaying() -> bool {
    PENDING.with_borrow(|pending| pending.last().is_some_and(|last| last.install.is_some()))
}

/// Frames have been linked behind the one at `caller`, of which the innermost is at `innermost`: they call what that called.
pub(crate) fn relink(caller: usize, innermost: usize) {
    PENDING.with_borrow_mut(|pending| {
        pending.iter_mut().filter(|each| each.caller == caller).for_each(|each| each.caller = innermost);
    });
}

/// Whether a frame is waiting to be installed.
pub fn is_pending() -> bool {
    is_replaying() || SUSPENDED.with_borrow(|suspended| !suspended.is_empty())
}

/// Whether a generator with this code stands at its entry site.
pub fn is_suspended_at_entry(code: &Py<PyCode>) -> bool {
    SUSPENDED.with_borrow(|suspended| suspended.iter().any(|waiting| waiting.code == code.as_object().get_id()))
}

/// Makes the frame of a generator go on in mid body when it is resumed: at `start` it comes to its entry site, which has
/// been switched on, and `install` does the rest. Its value stack has to be empty.
pub fn suspend(frame: Frame, start: u32, install: Install) {
    frame.set_next_unit(start);
    SUSPENDED.with_borrow_mut(|suspended| {
        // A generator that was given up before it got there may have had the same address.
        suspended.retain(|waiting| waiting.frame != frame.address());
        suspended.push(Suspended { frame: frame.address(), code: frame.code().as_object().get_id(), install });
    });
}

/// Calls a Python function with something for every argument. For functions whose frames get other contents.
///
/// # Errors
/// What the call raises.
pub fn call_with_fillers(function: &PyObject, vm: &VirtualMachine) -> PyResult {
    let code = code_of(function, vm)?;
    let none = vm.ctx.none();
    let positional = vec![none.clone(); code.arg_count as usize];
    let from = code.arg_count as usize;
    let keywords: KwArgs = code.varnames[from..from + code.kwonlyarg_count as usize]
        .iter()
        .map(|name| (name.to_string(), none.clone()))
        .collect();
    function.call(FuncArgs::new(positional, keywords), vm)
}

/// Calls a Python function such that its frame gets other contents, and goes on in mid body. `prepare(code, on)` switches
/// its entry site.
///
/// # Errors
/// What the function raises.
pub fn replay(function: &PyObject, install: Install, prepare: fn(&Py<PyCode>, bool), vm: &VirtualMachine) -> PyResult {
    let code = code_of(function, vm)?;
    prepare(&code, true);
    let caller = current_thread_iframe() as usize;
    let depth = PENDING.with_borrow_mut(|pending| {
        pending.push(Pending { install: Some(install), code: code.clone(), caller });
        pending.len()
    });
    let result = call_with_fillers(function, vm);
    // The entry site has taken the state; if the call failed before it got there, nobody may find it later.
    let is_awaited = PENDING.with_borrow_mut(|pending| {
        pending.truncate(depth - 1);
        pending.iter().any(|outer| outer.install.is_some() && outer.code.is(&code))
    });
    if !is_awaited {
        prepare(&code, false);
    }
    result
}

fn code_of(function: &PyObject, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
    let code = function.get_attr("__code__", vm)?;
    code.downcast().map_err(|_| vm.new_system_error("a function's code is no code object"))
}

/// What an object that stands in for another does, whatever the instruction wants of it.
trait StandIn: PyPayload {
    /// Does it. Can be called once.
    fn answer(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult;

    /// Does it for an instruction that reads an attribute.
    fn attribute(zelf: &Py<Self>, _name: &Py<PyStr>, vm: &VirtualMachine) -> PyResult {
        Self::answer(zelf, vm)
    }
}

/// The answer of the first operand; the interpreter asks it first.
fn answer<T: StandIn>(object: &PyObject, vm: &VirtualMachine) -> PyResult {
    match object.downcast_ref::<T>() {
        Some(zelf) => T::answer(zelf, vm),
        None => Err(vm.new_system_error("a stand-in was asked as another operand")),
    }
}

/// Every slot that an instruction may ask, answered in the same way.
macro_rules! stand_in {
    ($name:ident) => {
        #[pyclass(with(
            Callable, AsNumber, AsMapping, AsSequence, Comparable, GetAttr, Hashable, IterNext, Iterable, SetAttr
        ))]
        impl $name {
            #[pymethod]
            fn __format__(zelf: PyRef<Self>, _spec: PyObjectRef, vm: &VirtualMachine) -> PyResult {
                Self::answer(&zelf, vm)
            }
        }

        impl Callable for $name {
            type Args = FuncArgs;

            fn call(zelf: &Py<Self>, _args: FuncArgs, vm: &VirtualMachine) -> PyResult {
                Self::answer(zelf, vm)
            }
        }

        impl Iterable for $name {
            fn iter(zelf: PyRef<Self>, vm: &VirtualMachine) -> PyResult {
                Self::answer(&zelf, vm)
            }
        }

        impl IterNext for $name {
            fn next(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
                match Self::answer(zelf, vm) {
                    Ok(element) => Ok(PyIterReturn::Return(element)),
                    Err(end) if end.fast_isinstance(vm.ctx.exceptions.stop_iteration) => {
                        Ok(PyIterReturn::StopIteration(end.get_arg(0)))
                    }
                    Err(exception) => Err(exception),
                }
            }
        }

        impl AsNumber for $name {
            fn as_number() -> &'static PyNumberMethods {
                const fn binary() -> Option<PyNumberBinaryFunc> {
                    Some(|a, _, vm| answer::<$name>(a, vm))
                }
                const fn unary() -> Option<fn(PyNumber<'_>, &VirtualMachine) -> PyResult> {
                    Some(|number, vm| answer::<$name>(number.obj, vm))
                }
                static METHODS: PyNumberMethods = PyNumberMethods {
                    add: binary(),
                    subtract: binary(),
                    multiply: binary(),
                    remainder: binary(),
                    power: Some(|a, _, _, vm| answer::<$name>(a, vm)),
                    boolean: Some(|number, vm| answer::<$name>(number.obj, vm)?.try_to_bool(vm)),
                    negative: unary(),
                    positive: unary(),
                    invert: unary(),
                    lshift: binary(),
                    rshift: binary(),
                    and: binary(),
                    xor: binary(),
                    or: binary(),
                    floor_divide: binary(),
                    true_divide: binary(),
                    matrix_multiply: binary(),
                    ..PyNumberMethods::NOT_IMPLEMENTED
                };
                &METHODS
            }
        }

        impl AsMapping for $name {
            fn as_mapping() -> &'static PyMappingMethods {
                static METHODS: LazyLock<PyMappingMethods> = LazyLock::new(|| PyMappingMethods {
                    subscript: atomic_func!(|mapping, _key, vm| {
                        $name::answer($name::mapping_downcast(mapping), vm)
                    }),
                    ass_subscript: atomic_func!(|mapping, _key, _value, vm| {
                        $name::answer($name::mapping_downcast(mapping), vm).map(drop)
                    }),
                    ..PyMappingMethods::NOT_IMPLEMENTED
                });
                &METHODS
            }
        }

        impl AsSequence for $name {
            fn as_sequence() -> &'static PySequenceMethods {
                static METHODS: LazyLock<PySequenceMethods> = LazyLock::new(|| PySequenceMethods {
                    contains: atomic_func!(|sequence, _needle, vm| {
                        $name::answer($name::sequence_downcast(sequence), vm)?.try_to_bool(vm)
                    }),
                    ..PySequenceMethods::NOT_IMPLEMENTED
                });
                &METHODS
            }
        }

        impl Comparable for $name {
            fn slot_richcompare(
                zelf: &PyObject,
                _other: &PyObject,
                _op: PyComparisonOp,
                vm: &VirtualMachine,
            ) -> PyResult<Either<PyObjectRef, PyComparisonValue>> {
                answer::<$name>(zelf, vm).map(Either::A)
            }

            fn cmp(
                zelf: &Py<Self>,
                _other: &PyObject,
                _op: PyComparisonOp,
                vm: &VirtualMachine,
            ) -> PyResult<PyComparisonValue> {
                Ok(PyComparisonValue::Implemented(Self::answer(zelf, vm)?.try_to_bool(vm)?))
            }
        }

        impl Hashable for $name {
            fn hash(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult<rustpython_vm::common::hash::PyHash> {
                Self::answer(zelf, vm)?.hash(vm)
            }
        }

        impl GetAttr for $name {
            fn getattro(zelf: &Py<Self>, name: &Py<PyStr>, vm: &VirtualMachine) -> PyResult {
                Self::attribute(zelf, name, vm)
            }
        }

        impl SetAttr for $name {
            fn setattro(
                zelf: &Py<Self>,
                _name: &Py<PyStr>,
                _value: PySetterValue,
                vm: &VirtualMachine,
            ) -> PyResult<()> {
                Self::answer(zelf, vm).map(drop)
            }
        }
    };
}

/// Stands in for a function, or for an operand whose class has one for the instruction, and makes the function's frame
/// continue in mid body. Can be asked once.
#[pyclass(module = "tjit", name = "replay")]
#[derive(PyPayload)]
pub struct Replay {
    function: PyObjectRef,
    install: Cell<Option<Install>>,
    /// Puts what it stands in for back into the frame that asks, and gives what was there.
    put_back: Cell<Option<PutBack>>,
    /// What it gives when the function has returned, or the builtin that decides, or what goes on with the iterator that is
    /// returned; else what is returned. For a function that computes an attribute: the object whose `__getattr__` is asked if
    /// there is none.
    result: Option<PyObjectRef>,
    /// Switches the function's entry site on before the call and off after it.
    prepare: fn(&Py<PyCode>, bool),
}

// SAFETY: a replay object is made and called by one thread, between two instructions of a frame of that thread; nothing
// else ever sees it.
unsafe impl Send for Replay {}
// SAFETY: as above.
unsafe impl Sync for Replay {}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay({:?})", self.function)
    }
}

impl Replay {
    /// A replay object for a Python function. `result` is what comes of the call in place of what the function returns, or
    /// the builtin that decides what does.
    /// `prepare(code, on)` switches its entry site.
    pub fn object(
        function: PyObjectRef,
        result: Option<PyObjectRef>,
        install: Install,
        prepare: fn(&Py<PyCode>, bool),
        ctx: &Context,
    ) -> PyObjectRef {
        Replay { function, install: Cell::new(Some(install)), put_back: Cell::new(None), result, prepare }
            .into_ref(ctx)
            .into()
    }

    /// A replay object for the `__next__` of an iterator, which `put_back` puts back when it is asked: the frame that asks
    /// keeps it for the next time.
    pub fn iterator_object(
        function: PyObjectRef,
        put_back: PutBack,
        install: Install,
        prepare: fn(&Py<PyCode>, bool),
        ctx: &Context,
    ) -> PyObjectRef {
        let (install, put_back) = (Cell::new(Some(install)), Cell::new(Some(put_back)));
        Replay { function, install, put_back, result: None, prepare }.into_ref(ctx).into()
    }

    /// What the function returns.
    fn returned(&self, vm: &VirtualMachine) -> PyResult {
        let Some(install) = self.install.take() else {
            return Err(vm.new_system_error("a replay object was called twice"));
        };
        if let Some(put_back) = self.put_back.take() {
            let before = put_back(vm);
            // Usually this very object, which has to live until it has answered.
            RETIRED.with_borrow_mut(|retired| std::mem::replace(retired, before));
        }
        replay(&self.function, install, self.prepare, vm)
    }
}

stand_in!(Replay);

impl StandIn for Replay {
    fn answer(zelf: &Py<Self>, vm: &VirtualMachine) -> PyResult {
        let returned = zelf.returned(vm)?;
        match &zelf.result {
            None => Ok(returned),
            Some(continuation) if continuation.downcast_ref::<Continuation>().is_some() => {
                if returned.class().slots.iternext.load().is_none() {
                    let class = returned.class().name().to_string();
                    return Err(vm.new_type_error(format!("iter() returned non-iterator of type '{class}'")));
                }
                continuation.call((returned,), vm)
            }
            Some(builtin) if is_builtin(builtin, vm) => check(builtin, returned, vm),
            Some(result) if vm.is_none(&returned) => Ok(result.clone()),
            Some(_) => {
                let class = returned.class().name().to_string();
                Err(vm.new_type_error(format!("__init__() should return None, not '{class}'")))
            }
        }
    }

    fn attribute(zelf: &Py<Self>, name: &Py<PyStr>, vm: &VirtualMachine) -> PyResult {
        match (zelf.returned(vm), &zelf.result) {
            (Err(error), Some(object)) if error.fast_isinstance(vm.ctx.exceptions.attribute_error) => {
                vm.call_special_method(object, vm.ctx.intern_str("__getattr__"), (name.to_owned(),))
            }
            (returned, _) => returned,
        }
    }
}

/// Whether what a call gives is decided by a builtin that has asked for what the function returns.
fn is_builtin(object: &PyObject, vm: &VirtualMachine) -> bool {
    object.class().is(vm.ctx.types.builtin_function_or_method_type) || object.is(vm.ctx.types.str_type)
}

/// What a builtin gives for an object whose special methods return this.
fn check(builtin: &PyObject, returned: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    let returned = Mutex::new(Some(returned));
    let answer = vm.new_function("answer", move |_: FuncArgs, vm: &VirtualMachine| {
        let returned = returned.lock().ok().and_then(|mut returned| returned.take());
        returned.unwrap_or_else(|| vm.ctx.none())
    });
    let names = vm.ctx.new_dict();
    for name in ["__len__", "__str__", "__repr__"] {
        names.set_item(name, answer.clone().into(), vm)?;
    }
    let class = vm.ctx.types.type_type.as_object().call(("answer", vm.ctx.empty_tuple.clone(), names), vm)?;
    builtin.call((class.call((), vm)?,), vm)
}

/// Raises an exception which a helper has returned when it is asked for anything, so that the interpreter raises it at
/// that instruction.
#[pyclass(module = "tjit", name = "raiser")]
#[derive(Debug, PyPayload)]
pub struct Raiser {
    exception: PyBaseExceptionRef,
}

impl Raiser {
    /// An object that raises the exception.
    pub fn object(exception: PyBaseExceptionRef, ctx: &Context) -> PyObjectRef {
        Raiser { exception }.into_ref(ctx).into()
    }
}

stand_in!(Raiser);

impl StandIn for Raiser {
    fn answer(zelf: &Py<Self>, _vm: &VirtualMachine) -> PyResult {
        Err(zelf.exception.clone())
    }
}

/// Stands for a builtin that was left while it stepped a generator to its end: called like it, it goes on with what has
/// been gathered.
#[pyclass(module = "tjit", name = "continuation")]
#[derive(Debug, PyPayload)]
pub struct Continuation {
    function: PyObjectRef,
    gathered: PyObjectRef,
    /// Pairs that a dict has got; for `sum`, 1 when what it has added up is no number.
    count: usize,
}

impl Continuation {
    /// What goes on with a builtin. For others than `sum` a list, a dict or a set has been gathered, or nothing, which None
    /// stands for. `count` is how many pairs a dict has got so.
    pub fn object(function: PyObjectRef, gathered: PyObjectRef, count: usize, ctx: &Context) -> PyObjectRef {
        Continuation { function, gathered, count }.into_ref(ctx).into()
    }

    /// What a dict goes on with, after the pairs that it has: the text of an error tells the number of what is no pair. So
    /// there is a pair that it has in the place of each.
    fn counted(&self, dict: &PyObject, pairs: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        let dict = dict.downcast_ref::<PyDict>().filter(|_| self.count > 0);
        let Some((key, value)) = dict.and_then(|dict| dict.into_iter().last()) else { return Ok(pairs) };
        let itertools = vm.import("itertools", 0)?;
        let pair: PyObjectRef = vm.ctx.new_tuple(vec![key, value]).into();
        let before = itertools.get_attr("repeat", vm)?.call((pair, self.count), vm)?;
        itertools.get_attr("chain", vm)?.call((before, pairs), vm)
    }
}

#[pyclass(with(Callable))]
impl Continuation {}

impl Callable for Continuation {
    type Args = FuncArgs;

    fn call(zelf: &Py<Self>, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        let types = &vm.ctx.types;
        let mut args = args;
        if zelf.count > 0
            && patch::is_native(&zelf.function, "sum", vm)
            && let Some(generator) = args.args.first()
        {
            // What has been added up so far may be anything, also a list or None.
            return zelf.function.call((generator.clone(), zelf.gathered.clone()), vm);
        }
        if vm.is_none(&zelf.gathered) {
            if let [receiver, pairs] = &mut args.args[..] {
                *pairs = zelf.counted(receiver, pairs.clone(), vm)?;
            }
            return zelf.function.call(args, vm);
        }
        let gathered = zelf.gathered.class();
        if gathered.is(types.dict_type) || gathered.is(types.set_type) {
            if let [pairs] = &mut args.args[..] {
                *pairs = zelf.counted(&zelf.gathered, pairs.clone(), vm)?;
            }
            vm.call_method(&zelf.gathered, "update", args)?;
            return Ok(zelf.gathered.clone());
        }
        let Some(list) = zelf.gathered.downcast_ref_if_exact::<PyList>(vm) else {
            let Some(generator) = args.args.first() else {
                return Err(vm.new_system_error("a builtin goes on without its generator"));
            };
            return zelf.function.call((generator.clone(), zelf.gathered.clone()), vm);
        };
        // The generator is the last argument; a method has its receiver before it.
        let mut args = args.args;
        let Some(generator) = args.pop() else {
            return Err(vm.new_system_error("a builtin goes on without its generator"));
        };
        vm.call_method(list.as_object(), "extend", (generator,))?;
        if zelf.function.is(types.list_type) {
            return Ok(zelf.gathered.clone());
        }
        args.push(zelf.gathered.clone());
        zelf.function.call(args, vm)
    }
}

/// Makes the types of this module known to the VM. Call once before any of them is used.
pub fn init() {
    let _ = Replay::make_static_type();
    let _ = Raiser::make_static_type();
    let _ = Continuation::make_static_type();
}
