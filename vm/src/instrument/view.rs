//! What users see of code with sites: the original.
//!
//! | seen through | is |
//! |---|---|
//! | `co_code`, `co_consts`, `co_stacksize`, `co_linetable`, `co_exceptiontable`, `_co_code_adaptive` | the original's |
//! | `co_lines()`, `co_positions()`, `co_branches()` | the original's |
//! | `==`, `hash()` | the originals' |
//! | `code.replace(…)`, `types.CodeType(…)` | made from the original, then given sites |
//! | `marshal.dumps`, `marshal.dump` | the original, nested code too (`strip`) |
//! | `frame.f_lasti`, `traceback.tb_lasti`, `types.TracebackType(…)` | offsets in the original |
//!
//! A nested function's code among `co_consts` is the object that runs: `f.__code__ in outer.co_consts`, as ever.
//!
//! The types of the VM are shared by all interpreters of the process, so this is done once.

use super::{
    map::SiteMap,
    patch::{self, Native, Wrapper},
    site_map,
    sources::instrumented,
};
use rustpython_vm::{
    Py, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyCode, PyInt, PyTraceback, PyTypeRef},
    common::hash::PyHash,
    frame::FrameObject,
    function::{Callee, Either, FuncArgs, PyComparisonValue},
    types::PyComparisonOp,
};
use std::sync::{Arc, OnceLock};

type Compare =
    fn(&PyObject, &PyObject, PyComparisonOp, &VirtualMachine) -> PyResult<Either<PyObjectRef, PyComparisonValue>>;
type Hash = fn(&PyObject, &VirtualMachine) -> PyResult<PyHash>;
type New = fn(PyTypeRef, FuncArgs, &VirtualMachine) -> PyResult;

/// Slots of the VM's types as they were.
struct Slots {
    code_new: New,
    code_hash: Hash,
    code_compare: Compare,
    traceback_new: New,
}

static SLOTS: OnceLock<Slots> = OnceLock::new();

fn slots() -> &'static Slots {
    SLOTS.get().expect("our slots are in place because the VM's have been kept")
}

/// Makes the types of code, frames and tracebacks show the original.
pub(super) fn install(vm: &VirtualMachine) -> PyResult<()> {
    if SLOTS.get().is_some() {
        return Ok(());
    }
    let types = &vm.ctx.types;
    let (code, traceback) = (types.code_type, types.traceback_type);
    let kept =
        (code.slots.new.load(), code.slots.hash.load(), code.slots.richcompare.load(), traceback.slots.new.load());
    let (Some(code_new), Some(code_hash), Some(code_compare), Some(traceback_new)) = kept else {
        return Err(vm.new_runtime_error("the JIT does not know this VM: code objects lack slots"));
    };
    if SLOTS.set(Slots { code_new, code_hash, code_compare, traceback_new }).is_err() {
        return Ok(());
    }
    code.slots.new.store(Some(new_code));
    code.slots.hash.store(Some(hash_code));
    code.slots.richcompare.store(Some(compare_code));
    traceback.slots.new.store(Some(new_traceback));

    for name in ["co_code", "co_consts", "co_stacksize", "co_linetable", "co_exceptiontable"] {
        patch::attribute(vm, code, name, of_original)?;
    }
    patch::attribute(vm, code, "_co_code_adaptive", adaptive)?;
    patch::attribute(vm, types.frame_type, "f_lasti", frame_offset)?;
    patch::attribute(vm, traceback, "tb_lasti", traceback_offset)?;
    let methods: &[(&str, Wrapper)] = &[
        ("co_lines", call_original),
        ("co_positions", call_original),
        ("co_branches", call_original),
        ("replace", replace),
        ("__replace__", replace),
    ];
    patch::methods(vm, code, methods)
}

/// The original of `code`; `code` itself if it has no sites.
fn original(code: &Py<PyCode>, vm: &VirtualMachine) -> PyRef<PyCode> {
    match site_map(code) {
        Some(map) => map.original(code, vm),
        None => code.to_owned(),
    }
}

/// As `original`, for any object.
fn seen(object: &PyObject, vm: &VirtualMachine) -> PyObjectRef {
    match object.downcast_ref::<PyCode>() {
        Some(code) => original(code, vm).into(),
        None => object.to_owned(),
    }
}

fn of_original(descriptor: &PyObject, code: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    patch::read(descriptor, &seen(&code, vm), vm)
}

fn call_original(native: Native, vm: &VirtualMachine, mut args: FuncArgs, callee: Callee) -> PyResult {
    if let Some(code) = args.args.first_mut() {
        *code = seen(code, vm);
    }
    native(vm, args, callee)
}

fn replace(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    call_original(native, vm, args, callee).map(|made| instrumented(vm, made))
}

fn new_code(class: PyTypeRef, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
    (slots().code_new)(class, args, vm).map(|made| instrumented(vm, made))
}

fn hash_code(code: &PyObject, vm: &VirtualMachine) -> PyResult<PyHash> {
    (slots().code_hash)(&seen(code, vm), vm)
}

fn compare_code(
    a: &PyObject,
    b: &PyObject,
    op: PyComparisonOp,
    vm: &VirtualMachine,
) -> PyResult<Either<PyObjectRef, PyComparisonValue>> {
    (slots().code_compare)(&seen(a, vm), &seen(b, vm), op, vm)
}

/// The original's bytes, with the opcodes that the interpreter has put in their place.
fn adaptive(descriptor: &PyObject, object: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    let Some(code) = object.downcast_ref::<PyCode>() else { return patch::read(descriptor, &object, vm) };
    let Some(map) = site_map(code) else { return patch::read(descriptor, &object, vm) };
    let units = &map.tables().units;
    let mut bytes: Vec<u8> = Vec::with_capacity(units.len() * 2);
    for (unit, original) in units.iter().enumerate() {
        let now = code.code.instructions.read_op(map.same_unit(unit as u32) as usize);
        bytes.extend([u8::from(now), u8::from(original.arg)]);
    }
    Ok(vm.ctx.new_bytes(bytes).into())
}

fn frame_offset(descriptor: &PyObject, frame: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    let offset = patch::read(descriptor, &frame, vm)?;
    Ok(match frame.downcast_ref::<FrameObject>() {
        Some(frame) => original_offset(frame, offset, vm),
        None => offset,
    })
}

fn traceback_offset(descriptor: &PyObject, traceback: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    let offset = patch::read(descriptor, &traceback, vm)?;
    Ok(match traceback.downcast_ref::<PyTraceback>() {
        Some(traceback) => original_offset(&traceback.frame, offset, vm),
        None => offset,
    })
}

fn original_offset(frame: &Py<FrameObject>, offset: PyObjectRef, vm: &VirtualMachine) -> PyObjectRef {
    match (map_of(frame), unit(&offset)) {
        (Some(map), Some(unit)) => vm.ctx.new_int(map.original_opcode(unit) * 2).into(),
        _ => offset,
    }
}

/// Tracebacks that users make come with an offset that they have read from a frame or another traceback.
fn new_traceback(class: PyTypeRef, mut args: FuncArgs, vm: &VirtualMachine) -> PyResult {
    if let [_, frame, offset, _] = args.args.as_mut_slice()
        && let Some(map) = frame.downcast_ref::<FrameObject>().and_then(map_of)
        && let Some(unit) = unit(offset)
    {
        *offset = vm.ctx.new_int(map.same_unit(unit) * 2).into();
    }
    (slots().traceback_new)(class, args, vm)
}

fn map_of(frame: &Py<FrameObject>) -> Option<Arc<SiteMap>> {
    site_map(&frame.f_code()).cloned()
}

/// The unit at a byte offset; none at a negative one.
fn unit(offset: &PyObject) -> Option<u32> {
    u32::try_from(offset.downcast_ref::<PyInt>()?.as_bigint()).ok().map(|offset| offset / 2)
}
