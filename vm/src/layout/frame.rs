//! Inside an interpreter frame.

use std::cell::RefCell;
use std::mem::offset_of;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    compiler::Mode,
    frame::{FrameObject, InterpreterFrame, current_thread_iframe},
};

use super::{FrameLayout, Result, STACK_TAG, WORD, address, fail, python};

/// Looks at two running frames, one on the thread's data stack and one on the heap (a generator's), while each has
/// known locals and known entries on its value stack.
pub(super) fn fields(vm: &VirtualMachine) -> Result<FrameLayout> {
    thread_local! {
        static FOUND: RefCell<Vec<Result<FrameLayout>>> = const { RefCell::new(Vec::new()) };
    }
    FOUND.with_borrow_mut(Vec::clear);
    let probe = vm.new_function("probe", |a: PyObjectRef, b: PyObjectRef, vm: &VirtualMachine| -> usize {
        // SAFETY: a native function is called by a frame of this thread, which is live until it returns.
        let found = unsafe { look_at_frame(current_thread_iframe(), &a, &b, vm) };
        FOUND.with_borrow_mut(|list| list.push(found));
        0
    });
    let code = vm
        .compile(
            "def f(a, b, probe):\n    return [b, a, probe(a, b)]\n\
             def g(a, b, probe):\n    yield [b, a, probe(a, b)]\n\
             f(1.5, 2.5, probe)\nlist(g(3.5, 4.5, probe))\n",
            Mode::Exec,
            "<tjit layout>".to_owned(),
        )
        .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
    let scope = vm.new_scope_with_builtins();
    python(scope.globals.set_item("probe", probe.into(), vm), "a probe's argument")?;
    python(vm.run_code_obj(code, scope), "a probe")?;
    let found = FOUND.with_borrow_mut(std::mem::take);
    match &found[..] {
        [Ok(stack), Ok(heap)] if stack == heap => {
            Ok(FrameLayout { own_references: own_references(stack.object, vm)?, ..*stack })
        }
        [Err(error), _] | [_, Err(error)] => Err(error.clone()),
        _ => fail("frames on the data stack and on the heap differ"),
    }
}

/// Calls of all kinds, as they are before the VM has specialised them.
const CALLS: &str = "
def f(*a, **k): return count()
def g(x, y=1): return count()
class C:
    def __init__(self): count()
    def m(self): return count()
    def __add__(self, other): return count()
    def __getitem__(self, key): return count()
    p = property(lambda self: count())
g(1)
g(1, y=2)
f(1)
f(*[1])
f(**{'a': 1})
C().m()
C.m(C())
C() + 1
C()[0]
C().p
list(map(g, [1, 2]))
list(map(g, [1], [2]))
sorted([1], key=g)
(lambda: count())()
";

/// How many references the VM has to the object of a frame while that runs, for functions that natives call. `object` is
/// where a frame has the pointer to it.
fn own_references(object: usize, vm: &VirtualMachine) -> Result<usize> {
    thread_local! {
        static COUNTS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }
    COUNTS.with_borrow_mut(Vec::clear);
    let count = vm.new_function("count", move || -> usize {
        let frame = current_thread_iframe();
        // SAFETY: a native function is called by a frame of this thread, which is live until it returns. The word is null
        // or the address of an object that the frame keeps.
        let count = unsafe {
            let object = frame.cast::<u8>().add(object).cast::<*const PyObject>().read().as_ref();
            object.filter(|object| is_inside(frame, object)).map_or(0, PyObject::strong_count)
        };
        COUNTS.with_borrow_mut(|list| list.push(count));
        0
    });
    let scope = vm.new_scope_with_builtins();
    python(scope.globals.set_item("count", count.into(), vm), "a probe's argument")?;
    let code = vm
        .compile(CALLS, Mode::Exec, "<tjit layout>".to_owned())
        .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
    python(vm.run_code_obj(code, scope), "a probe")?;
    // Most frames are no part of an object. Of those that are, every one has to be kept in the same way.
    let mut counts = COUNTS.with_borrow_mut(std::mem::take);
    counts.retain(|&count| count > 0);
    match counts[..] {
        [] => Ok(0),
        [first, ref others @ ..] if others.iter().all(|&other| other == first) => Ok(first),
        _ => fail("the VM keeps frames that are a part of their objects in several ways"),
    }
}

/// Whether a frame is a part of its object.
pub(crate) fn is_inside(frame: *const InterpreterFrame, object: &PyObject) -> bool {
    (frame as usize).wrapping_sub(std::ptr::from_ref(object) as usize) < size_of::<Py<FrameObject>>()
}

/// # Safety
/// `frame` is live and belongs to this thread. Its first two locals are `a` and `b`, and `b`, `a` are on its stack.
unsafe fn look_at_frame(
    frame: *const InterpreterFrame,
    a: &PyObject,
    b: &PyObject,
    vm: &VirtualMachine,
) -> Result<FrameLayout> {
    let end = offset_of!(InterpreterFrame, locals);
    let first = 4 * WORD;
    if frame.is_null() || end <= first || end % WORD != 0 {
        return fail("a frame has no room between its builtins and its locals");
    }
    // SAFETY: the frame is live; every word is inside it.
    let word = |offset: usize| unsafe { frame.cast::<u8>().add(offset).cast::<u64>().read() };
    // SAFETY: as above; the frame's code is alive while it runs.
    let code = unsafe { (*frame).code() };
    if word(0) != address(code.as_object()) {
        return fail("a frame does not begin with its code");
    }
    // The frame object, which is made now if there was none.
    let Some(made) = vm.current_frame() else { return fail("a running frame has no frame object") };
    let is_object = |offset: &usize| word(*offset) == address(made.as_object());
    let objects: Vec<usize> = (0..size_of::<InterpreterFrame>()).step_by(WORD).filter(is_object).collect();
    let [object] = objects[..] else { return fail("a frame's object is in no one place") };
    let locals = code.localspluskinds.len() as u64;
    let depth = u64::from(code.max_stackdepth);
    let mut found = Vec::new();
    for data in (first..end).step_by(WORD) {
        let pointer = word(data);
        if pointer < 0x10000 || pointer % WORD as u64 != 0 {
            continue;
        }
        // SAFETY: of the words here, tag, capacity and the two counts are small; what is left is the data pointer, and
        // a frame's data holds at least its locals and stack.
        let slot = |n: u64| unsafe { (pointer as *const u64).add(n as usize).read() };
        if slot(0) != address(a) || slot(1) != address(b) {
            continue;
        }
        for counts in (first..end).step_by(WORD) {
            let (low, high) = (word(counts) & 0xffff_ffff, word(counts) >> 32);
            if low == locals
                && (2..=depth).contains(&high)
                && slot(locals) & !STACK_TAG == address(b)
                && slot(locals + 1) & !STACK_TAG == address(a)
            {
                found.push(FrameLayout { data, locals: counts, stack_top: counts + 4, object, own_references: 0 });
            }
        }
    }
    match found[..] {
        [layout] => Ok(layout),
        [] => fail("a frame's locals and value stack are nowhere"),
        _ => fail("a frame's locals could be in several places"),
    }
}
