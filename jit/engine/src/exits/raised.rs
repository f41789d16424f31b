//! Exceptions that have been raised in compiled code, made at an exit: with the traceback that the interpreter would have
//! given them, whose entries lead to frames that stand again, or to those that have been left.

use std::cell::RefCell;
use std::rc::Rc;

use rustpython_vm::{
    AsObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseException, PyBaseExceptionRef, PyCode, PyTraceback, PyTuple, PyType},
    frame::FrameObject,
    function::FuncArgs,
};
use tjit_vm::callers::Missing;

use super::make::function_from;
use crate::objects::{Objects, Scalar};
use crate::recorder::thrown::{part, traceback as field};

/// An entry of a traceback that is to lead to the frame at this depth.
pub type Entry = (PyRef<PyTraceback>, usize);

/// Entries that wait for their frames to stand.
pub type Waiting = Rc<RefCell<Vec<Entry>>>;

/// Makes an entry of a traceback from its parts. Until its frame stands, it leads to the one that runs.
pub(super) fn traceback(
    parts: Vec<PyObjectRef>,
    objects: &Objects,
    vm: &VirtualMachine,
) -> PyResult<(PyRef<PyTraceback>, Option<Entry>)> {
    let unknown = || vm.new_system_error("an entry of a traceback without a place");
    let Some(Scalar::Int(unit)) = objects.scalar(&parts[field::UNIT]) else { return Err(unknown()) };
    let code = parts[field::CODE].clone().downcast::<PyCode>().map_err(|_| unknown())?;
    let line = code.code.locations.get(unit as usize).ok_or_else(unknown)?.0.line;
    let mut depth = None;
    let frame: PyRef<FrameObject> = match objects.scalar(&parts[field::FRAME]) {
        Some(Scalar::Int(at)) => {
            depth = Some(at as usize);
            vm.current_frame().ok_or_else(unknown)?
        }
        _ => {
            let local = |local: &PyObjectRef| (!local.is(&objects.nothing)).then(|| local.clone());
            let locals: Vec<_> = parts[field::LOCALS..].iter().map(local).collect();
            let function = parts[field::FRAME].clone();
            let function = function_from(function, |index| locals.get(index).cloned().flatten(), vm)?;
            let missing = Missing { function, code, unit: unit as u32 + 1, locals };
            tjit_vm::callers::frame_object(missing, objects.layout.frame, vm)?
        }
    };
    let next = parts[field::NEXT].clone().downcast().ok();
    let made = PyTraceback::new(next, frame, unit as i32 * 2, line).into_ref(&vm.ctx);
    Ok((made.clone(), depth.map(|depth| (made, depth))))
}

/// The frame at `depth` stands, and runs: entries that wait for it lead to it, and the VM is told what it handles.
pub fn stands(waiting: &Waiting, depth: usize, handled: Option<PyBaseExceptionRef>, vm: &VirtualMachine) {
    let entries: Vec<Entry> = waiting.borrow_mut().extract_if(.., |&mut (_, at)| at == depth).collect();
    for (entry, _) in entries {
        if let Some(frame) = vm.current_frame() {
            let place = std::ptr::from_ref(&entry.frame).cast_mut();
            // SAFETY: the entry was made by this exit, only this thread runs, and nobody holds a reference to the field.
            drop(unsafe { std::ptr::replace(place, frame) });
        }
    }
    if handled.is_some() {
        vm.set_exception(handled);
    }
}

/// Makes an exception from its parts. One that has been raised gets what is being handled as its
/// context, unless it has another.
pub(super) fn exception(parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let incomplete = || vm.new_system_error("an exception without a class or arguments");
    let Some(class) = parts[0].downcast_ref::<PyType>() else { return Err(incomplete()) };
    let arguments = &parts[part::ARGUMENTS];
    let is_raised = !parts[part::TRACEBACK].is(&objects.nothing);
    let made = match arguments.downcast_ref::<PyTuple>() {
        Some(arguments) if crate::natives::is_builtin(class) => {
            class.as_object().call(FuncArgs::from(arguments.as_slice().to_vec()), vm)?
        }
        Some(arguments) => {
            let new = class.as_object().get_attr("__new__", vm)?;
            new.call(FuncArgs::from([&[class.to_owned().into()], arguments.as_slice()].concat()), vm)?
        }
        None => arguments.clone(),
    };
    let Ok(exception) = made.clone().downcast::<PyBaseException>() else {
        return Err(incomplete());
    };
    // One that a callee has raised had its context then.
    if is_raised && exception.__traceback__().is_none() {
        let handled = objects.exception.call((), vm)?;
        exception.set_context(handled.downcast().ok());
    }
    if let Ok(traceback) = parts[part::TRACEBACK].clone().downcast::<PyTraceback>() {
        exception.set_traceback(Some(traceback));
    }
    let attributes = &parts[part::NAMES..];
    if attributes.is_empty() {
        return Ok(made);
    }
    let set = vm.ctx.types.object_type.as_object().get_attr("__setattr__", vm)?;
    for pair in attributes.chunks_exact(2) {
        set.call((made.clone(), pair[0].clone(), pair[1].clone()), vm)?;
    }
    Ok(made)
}
