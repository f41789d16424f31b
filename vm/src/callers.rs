//! Frames of inlined calls, for whoever looks at them.
//!
//! While compiled code calls something from an inlined function, the inlined frames do not exist: the frame that entered
//! compiled code is the caller's. Hardly anything looks. What does, `sys._getframe`, `f_back` and the like, first has
//! them made, by a function that the engine provides, and linked between the callee's frame and the entered one. They
//! show what the frames would, until the call returns.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem::size_of;
use std::sync::{Arc, Mutex, OnceLock};

use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyCode, PyDict},
    frame::{FrameObject, InterpreterFrame},
    function::{Callee, FuncArgs, KwArgs},
};

use crate::frames::Frame;
use crate::generators::Resumable;
use crate::instrument::patch::{self, Native, Wrapper};
use crate::layout::FrameLayout;
use crate::resume::call_with_fillers;

/// Functions of which copies are kept, at most.
const MAX_TWINS: usize = 200;

/// Makes the frames that are missing.
type Reveal = fn(&VirtualMachine);

static REVEAL: OnceLock<Reveal> = OnceLock::new();

thread_local! {
    /// Where in the VM the depth of recursion is.
    static DEPTH: Cell<Option<usize>> = const { Cell::new(None) };
    /// Addresses of frames of whose variables the program has been given views. Other frames may be there by now.
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    static LAYOUT: Cell<Option<FrameLayout>> = const { Cell::new(None) };
    /// Code of functions, by address, with copies that make generators.
    static CODES: RefCell<HashMap<usize, (PyRef<PyCode>, PyObjectRef)>> = RefCell::default();
    /// Functions, by their addresses and that of their code, with copies that make generators.
    static TWINS: RefCell<HashMap<(usize, usize), (PyObjectRef, PyObjectRef)>> = RefCell::default();
}

/// Has `reveal` called before anything looks at the callers of a frame.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine, reveal: Reveal, layout: FrameLayout) -> PyResult<()> {
    LAYOUT.set(Some(layout));
    REVEAL.get_or_init(|| reveal);
    let looks: &[(&str, Wrapper)] = &[("_getframe", look), ("_getframemodulename", look), ("_current_frames", look)];
    patch::functions(vm, &*vm.import("sys", 0)?, looks)?;
    patch::functions(vm, &*vm.import("_warnings", 0)?, &[("warn", look)])?;
    let frame = vm.ctx.types.frame_type;
    for name in ["f_back", "f_lasti", "f_lineno"] {
        patch::attribute(vm, frame, name, |original, frame, vm| {
            reveal_all(vm);
            patch::read(original, &frame, vm)
        })?;
    }
    patch::attribute(vm, frame, "f_locals", |original, frame, vm| {
        reveal_all(vm);
        let locals = patch::read(original, &frame, vm)?;
        // A view may be looked at whenever its owner likes.
        if locals.downcast_ref::<PyDict>().is_none()
            && let (Some(frame), Some(layout)) = (frame.downcast_ref::<FrameObject>(), LAYOUT.get())
        {
            hold(&frame.f_code(), layout);
        }
        Ok(locals)
    })?;
    find_depth(vm)
}

fn look(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    reveal_all(vm);
    native(vm, args, callee)
}

fn reveal_all(vm: &VirtualMachine) {
    if let Some(reveal) = REVEAL.get() {
        reveal(vm);
    }
}

/// The frames that run this code are held from now on.
fn hold(code: &Py<PyCode>, layout: FrameLayout) {
    let running = std::iter::successors(Frame::current(layout), |frame| frame.caller());
    let frames = running.filter(|frame| frame.code().is(code)).map(|frame| frame.address());
    HELD.with_borrow_mut(|held| {
        for frame in frames {
            if !held.contains(&frame) {
                held.push(frame);
            }
        }
    });
}

/// Whether the program may have a view of a frame's variables, which has to be true at any time.
pub fn is_viewed(frame: Frame) -> bool {
    HELD.with_borrow(|held| held.contains(&frame.address()))
}

/// Whether the program may have a frame, by a traceback say, or a view of its variables: either may be looked at after the frame
/// has returned. Before, a look at the frame itself is noticed.
pub fn is_held(frame: Frame) -> bool {
    frame.is_shared() || is_viewed(frame)
}

/// What a frame that is missing would hold.
pub struct Missing {
    /// The function that it is a call of.
    pub function: PyObjectRef,
    /// Its code.
    pub code: PyRef<PyCode>,
    /// The unit behind the start of its call.
    pub unit: u32,
    /// Its fast locals.
    pub locals: Vec<Option<PyObjectRef>>,
}

/// A frame that was made because somebody looked. It is unlinked when this is dropped.
pub struct Shown {
    object: PyRef<FrameObject>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        // SAFETY: `previous` is where `link` found it.
        unsafe { set_previous(self.object.iframe(), 0) };
    }
}

/// Makes frames, outermost first.
///
/// # Errors
/// What making them raises.
pub fn show(missing: Vec<Missing>, layout: FrameLayout, vm: &VirtualMachine) -> PyResult<Vec<Shown>> {
    missing.into_iter().map(|missing| Ok(Shown { object: frame_object(missing, layout, vm)? })).collect()
}

/// Links frames that were made, outermost first, between `entered` and the frame that was called from there.
pub fn link(shown: &[Shown], entered: Frame, layout: FrameLayout) {
    let Some(mut callee) = Frame::current(layout) else { return };
    while let Some(caller) = callee.caller().filter(|&caller| caller != entered) {
        callee = caller;
    }
    if callee == entered || callee.caller().is_none() {
        return;
    }
    // SAFETY: the callee's frame is on the chain of running frames.
    let outer = unsafe { &*(callee.address() as *const InterpreterFrame) };
    let is_linked = shown.iter().any(|frame| std::ptr::eq(frame.object.iframe(), outer));
    if is_linked || find_previous(outer).is_none() {
        return;
    }
    let mut below = entered.address();
    for frame in shown {
        let frame = frame.object.iframe();
        // SAFETY: both frames live until the call that is under way returns, which unlinks them.
        unsafe { set_previous(frame, below) };
        below = std::ptr::from_ref(frame) as usize;
    }
    // SAFETY: as above.
    unsafe { set_previous(outer, below) };
    crate::resume::relink(entered.address(), below);
}

/// A frame object that is not linked to others: of a frame that has been left.
///
/// # Errors
/// What making it raises.
pub fn frame_object(missing: Missing, layout: FrameLayout, vm: &VirtualMachine) -> PyResult<PyRef<FrameObject>> {
    // It comes from a generator, whose code is a copy of the function's; then it gets the function's own code.
    let types = &vm.ctx.types;
    let known = (missing.function.get_id(), missing.code.as_object().get_id());
    let function = match TWINS.with_borrow(|twins| twins.get(&known).map(|(_, twin)| twin.clone())) {
        Some(function) => function,
        None => {
            let attribute = |name: &'static str| missing.function.get_attr(name, vm);
            let (name, closure) = (attribute("__name__")?, attribute("__closure__")?);
            let is_lasting = vm.is_none(&closure);
            let code = generator_code(&missing.code, vm)?;
            let parts = (code, attribute("__globals__")?, name, vm.ctx.none(), closure);
            let twin = types.function_type.as_object().call(parts, vm)?;
            TWINS.with_borrow_mut(|twins| {
                if is_lasting && twins.len() < MAX_TWINS {
                    twins.insert(known, (missing.function.clone(), twin.clone()));
                }
            });
            twin
        }
    };
    let generator = call_with_fillers(&function, vm)?;
    let no_frame = || vm.new_system_error("a generator without a frame");
    let generator = Resumable::of(&generator).ok_or_else(no_frame)?;
    let object = generator.frame();
    let frame = Frame::of_object(&object, layout);
    // It must not be closed, which would empty the frame.
    generator.set_closed(true);
    for (index, local) in missing.locals.into_iter().enumerate().take(frame.local_count()) {
        drop(frame.replace_local(index, local));
    }
    frame.set_next_unit(missing.unit);
    // SAFETY: the structure begins with the pointer to the code (it is `repr(C)`); the code is given up for good, so it
    // outlives every frame.
    unsafe {
        let code = PyObjectRef::from(missing.code).into_raw().as_ptr() as usize;
        (frame.address() as *mut usize).write(code);
    }
    Ok(object)
}

/// A copy of a function's code that makes a generator. Kept, as frames are made of the same code again.
fn generator_code(code: &Py<PyCode>, vm: &VirtualMachine) -> PyResult {
    let key = code.as_object().get_id();
    if let Some(twin) = CODES.with_borrow(|codes| codes.get(&key).map(|(_, twin)| twin.clone())) {
        return Ok(twin);
    }
    let generator_flag = rustpython_compiler_core::bytecode::CodeFlags::GENERATOR.bits();
    let flags = vm.ctx.new_int(code.code.flags.bits() | generator_flag);
    let replace = code.as_object().get_attr("replace", vm)?;
    let flags: KwArgs = [("co_flags".to_owned(), PyObjectRef::from(flags))].into_iter().collect();
    let twin = replace.call(FuncArgs::new(Vec::new(), flags), vm)?;
    CODES.with_borrow_mut(|codes| codes.insert(key, (code.to_owned(), twin.clone())));
    Ok(twin)
}

/// Where the pointer to the frame below is in a frame, in words. Found once, on a frame that has one.
static PREVIOUS: OnceLock<Option<usize>> = OnceLock::new();

fn find_previous(frame: &InterpreterFrame) -> Option<usize> {
    *PREVIOUS.get_or_init(|| {
        let words = std::ptr::from_ref(frame).cast::<usize>();
        let is = frame.previous() as usize;
        // SAFETY: inside the structure.
        let same = |&word: &usize| unsafe { words.add(word).read_volatile() } == is;
        let mut matching = (0..size_of::<InterpreterFrame>() / size_of::<usize>()).filter(same);
        matching.next().filter(|_| is != 0 && matching.next().is_none())
    })
}

/// # Safety
/// `previous` is null or a frame that lives as long as this one is linked.
unsafe fn set_previous(frame: &InterpreterFrame, previous: usize) {
    if let Some(Some(word)) = PREVIOUS.get() {
        // SAFETY: the word of `previous`, which is an atomic integer.
        unsafe { std::ptr::from_ref(frame).cast::<usize>().cast_mut().add(*word).write(previous) };
    }
}

/// Finds the depth of recursion among the words of the VM: it says one more inside a call.
fn find_depth(vm: &VirtualMachine) -> PyResult<()> {
    let unknown = || vm.new_runtime_error("the JIT does not know this VM: the depth of recursion is not found");
    let start = std::ptr::from_ref(vm) as usize;
    let words = move || {
        let start = start as *const usize;
        // SAFETY: the words of a live structure; those that are padding are never taken for the depth, as they do not
        // change with it.
        (0..size_of::<VirtualMachine>() / size_of::<usize>())
            .map(move |word| unsafe { start.add(word).read_volatile() })
    };
    let matching = move |depth: usize, among: &[usize]| -> Vec<usize> {
        words().enumerate().filter(|&(word, is)| is == depth && among.contains(&word)).map(|(word, _)| word).collect()
    };
    let all: Vec<usize> = (0..size_of::<VirtualMachine>() / size_of::<usize>()).collect();
    let found = Arc::new(Mutex::new(matching(vm.current_recursion_depth(), &all)));
    let shared = found.clone();
    let look = vm.new_function("look", move |vm: &VirtualMachine| {
        if let Ok(mut found) = shared.lock() {
            *found = matching(vm.current_recursion_depth(), &found);
        }
    });
    let scope = vm.new_scope_with_builtins();
    scope.globals.set_item("look", look.into(), vm)?;
    let source = "def down(n):\n    look()\n    n and down(n - 1)\ndown(3)\n";
    let code = vm.compile(source, rustpython_vm::compiler::Mode::Exec, "<tjit>".to_owned());
    vm.run_code_obj(code.map_err(|_| unknown())?, scope)?;
    let found = found.lock().map_err(|_| unknown())?;
    match found[..] {
        [word] => {
            DEPTH.set(Some(word));
            Ok(())
        }
        _ => Err(unknown()),
    }
}

/// Counts frames that are missing as recursion (or no longer, when negative), so that RecursionError comes where it does
/// in the interpreter.
pub fn recurse(vm: &VirtualMachine, frames: isize) {
    if let Some(word) = DEPTH.get() {
        // SAFETY: `find_depth` has found a `Cell<usize>` there, which only this thread uses.
        unsafe {
            let depth = std::ptr::from_ref(vm).cast::<usize>().cast_mut().add(word);
            depth.write(depth.read().wrapping_add_signed(frames));
        }
    }
}
