//! Leaving compiled code in the middle of inlined calls: replay objects, and objects that raise.
//!
//! The entered frame is made to stand at its call instruction, with the callable replaced by a [`Replay`]. The
//! interpreter executes the call; the replay object calls the real function with filler arguments after leaving a
//! *pending state*; the function's entry site takes the pending state and installs it, so that the frame, which the
//! interpreter itself has made, goes on in mid body. Deeper frames repeat it.

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;

use rustpython_vm::{
    Context, Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, atomic_func,
    builtins::{PyBaseExceptionRef, PyCode},
    class::PyClassImpl,
    function::{FuncArgs, KwArgs},
    protocol::{PyMappingMethods, PySequenceMethods},
    pyclass,
    types::{AsMapping, AsSequence, Callable},
};

use crate::frames::Frame;

/// What the entry site of a replayed function does to its frame.
pub type Install = Box<dyn FnOnce(Frame, &VirtualMachine)>;

thread_local! {
    static PENDING: RefCell<Option<Install>> = const { RefCell::new(None) };
}

/// The pending state for the frame whose entry site has just been reached, if one is waiting.
pub fn take_pending() -> Option<Install> {
    PENDING.with_borrow_mut(Option::take)
}

/// Whether a frame is waiting to be installed.
pub fn is_pending() -> bool {
    PENDING.with_borrow(Option::is_some)
}

/// A callable that stands in for a function and makes its frame continue in mid body. Can be called once.
#[pyclass(module = "tjit", name = "replay")]
#[derive(PyPayload)]
pub struct Replay {
    function: PyObjectRef,
    install: Cell<Option<Install>>,
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
    /// A replay object for a Python function. `prepare(code, on)` switches its entry site.
    pub fn new(function: PyObjectRef, install: Install, prepare: fn(&Py<PyCode>, bool), ctx: &Context) -> PyObjectRef {
        Replay { function, install: Cell::new(Some(install)), prepare }.into_ref(ctx).into()
    }
}

#[pyclass(with(Callable))]
impl Replay {}

impl Callable for Replay {
    type Args = FuncArgs;

    fn call(zelf: &Py<Self>, _args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        let Some(install) = zelf.install.take() else {
            return Err(vm.new_system_error("a replay object was called twice"));
        };
        let code: PyRef<PyCode> = zelf
            .function
            .get_attr("__code__", vm)?
            .downcast()
            .map_err(|_| vm.new_system_error("a function's code is no code object"))?;
        let none = vm.ctx.none();
        let positional = vec![none.clone(); code.arg_count as usize];
        let from = code.arg_count as usize;
        let keywords: KwArgs = code.varnames[from..from + code.kwonlyarg_count as usize]
            .iter()
            .map(|name| (name.to_string(), none.clone()))
            .collect();
        (zelf.prepare)(&code, true);
        PENDING.set(Some(install));
        let result = zelf.function.call(FuncArgs::new(positional, keywords), vm);
        // The entry site has taken the state; if the call failed before it got there, nobody may find it later.
        PENDING.take();
        (zelf.prepare)(&code, false);
        result
    }
}

/// Raises an exception which a helper has returned when it is called, indexed, assigned to, or looked through with `in`,
/// so that the interpreter raises it at that instruction.
#[pyclass(module = "tjit", name = "raiser")]
#[derive(Debug, PyPayload)]
pub struct Raiser {
    exception: PyBaseExceptionRef,
}

impl Raiser {
    /// An object that raises the exception.
    pub fn new(exception: PyBaseExceptionRef, ctx: &Context) -> PyObjectRef {
        Raiser { exception }.into_ref(ctx).into()
    }
}

#[pyclass(with(Callable, AsMapping, AsSequence))]
impl Raiser {}

impl AsMapping for Raiser {
    fn as_mapping() -> &'static PyMappingMethods {
        static METHODS: LazyLock<PyMappingMethods> = LazyLock::new(|| PyMappingMethods {
            subscript: atomic_func!(|mapping, _key, _vm| Err(Raiser::mapping_downcast(mapping).exception.clone())),
            ass_subscript: atomic_func!(|mapping, _key, _value, _vm| {
                Err(Raiser::mapping_downcast(mapping).exception.clone())
            }),
            ..PyMappingMethods::NOT_IMPLEMENTED
        });
        &METHODS
    }
}

impl AsSequence for Raiser {
    fn as_sequence() -> &'static PySequenceMethods {
        static METHODS: LazyLock<PySequenceMethods> = LazyLock::new(|| PySequenceMethods {
            contains: atomic_func!(|sequence, _needle, _vm| {
                Err(Raiser::sequence_downcast(sequence).exception.clone())
            }),
            ..PySequenceMethods::NOT_IMPLEMENTED
        });
        &METHODS
    }
}

impl Callable for Raiser {
    type Args = FuncArgs;

    fn call(zelf: &Py<Self>, _args: FuncArgs, _vm: &VirtualMachine) -> PyResult {
        Err(zelf.exception.clone())
    }
}

/// Makes the types of this module known to the VM. Call once before any of them is used.
pub fn init() {
    let _ = Replay::make_static_type();
    let _ = Raiser::make_static_type();
}
