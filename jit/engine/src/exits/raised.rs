//! Exceptions that have been raised in compiled code, made at an exit: with the traceback that the interpreter would have
//! given them, whose entries lead to frames that stand again, or to those that have been left.

use std::cell::RefCell;
use std::rc::Rc;

use rustpython_vm::{
    AsObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyCode, PyTraceback, PyTuple, PyType},
    frame::FrameObject,
    function::FuncArgs,
};
use tjit_vm::callers::Missing;

use super::make::function_from;
use crate::objects::{Objects, Scalar};
use crate::recorder::thrown::{part, traceback};

/// The frame of an entry of a traceback.
enum Place {
    /// One that stands, by its depth in the trace.
    Standing(usize),
    /// One that was left.
    Left(PyRef<FrameObject>),
}

struct Entry {
    place: Place,
    code: PyRef<PyCode>,
    unit: u32,
}

/// An exception whose traceback has to be made.
pub struct Raised {
    exception: PyBaseExceptionRef,
    /// The entries, outermost first.
    entries: Vec<Entry>,
}

impl Raised {
    /// `last` is the outermost entry of its traceback. `None` for an exception that has not been raised.
    pub fn new(
        exception: PyBaseExceptionRef,
        last: &PyObjectRef,
        objects: &Objects,
        vm: &VirtualMachine,
    ) -> PyResult<Option<Raised>> {
        let mut entries = Vec::new();
        let mut at = last.clone();
        while let Some(parts) = at.downcast_ref::<PyTuple>().map(|parts| parts.as_slice()) {
            let unknown = || vm.new_system_error("an entry of a traceback without a place");
            let code = parts[traceback::CODE].clone().downcast::<PyCode>().map_err(|_| unknown())?;
            let Some(Scalar::Int(unit)) = objects.scalar(&parts[traceback::UNIT]) else { return Err(unknown()) };
            let unit = unit as u32;
            let place = match objects.scalar(&parts[traceback::FRAME]) {
                Some(Scalar::Int(depth)) => Place::Standing(depth as usize),
                _ => {
                    let local = |local: &PyObjectRef| (!local.is(&objects.nothing)).then(|| local.clone());
                    let locals: Vec<_> = parts[traceback::LOCALS..].iter().map(local).collect();
                    let function = parts[traceback::FRAME].clone();
                    let function = function_from(function, |index| locals.get(index).cloned().flatten(), vm)?;
                    let missing = Missing { function, code: code.clone(), unit: unit + 1, locals };
                    Place::Left(tjit_vm::callers::frame_object(missing, objects.layout.frame, vm)?)
                }
            };
            entries.push(Entry { place, code, unit });
            at = parts[traceback::NEXT].clone();
        }
        Ok((!entries.is_empty()).then_some(Raised { exception, entries }))
    }

    /// The innermost frame of those that have to stand.
    pub fn depth(&self) -> Option<usize> {
        let depths = self.entries.iter().filter_map(|entry| match entry.place {
            Place::Standing(depth) => Some(depth),
            Place::Left(_) => None,
        });
        depths.max()
    }

    /// Gives the exception its traceback. The frame that runs now is the one at `depth`.
    pub fn complete(self, depth: usize, vm: &VirtualMachine) -> PyResult<()> {
        let mut next = self.exception.__traceback__();
        for Entry { place, code, unit } in self.entries.into_iter().rev() {
            let frame = match place {
                Place::Left(frame) => frame,
                Place::Standing(at) => {
                    let above = depth.saturating_sub(at);
                    let frame = vm.import("sys", 0)?.get_attr("_getframe", vm)?.call((above,), vm)?;
                    frame.downcast().map_err(|_| vm.new_system_error("a frame is no frame"))?
                }
            };
            let Some((location, _)) = code.code.locations.get(unit as usize) else { continue };
            next = Some(PyTraceback::new(next, frame, unit as i32 * 2, location.line).into_ref(&vm.ctx));
        }
        self.exception.set_traceback(next);
        Ok(())
    }
}

/// Exceptions whose tracebacks wait for frames to stand.
pub type Pending = Rc<RefCell<Vec<Raised>>>;

/// The frame at `depth` stands, and runs: tracebacks that have waited for it are made, and the VM is told what is handled.
pub fn stands(raised: &Pending, depth: usize, handled: Option<PyBaseExceptionRef>, vm: &VirtualMachine) {
    let ready = |raised: &mut Raised| raised.depth().is_none_or(|at| at >= depth);
    let ready: Vec<Raised> = raised.borrow_mut().extract_if(.., ready).collect();
    for raised in ready {
        // What cannot be made for want of memory is missing in the traceback.
        let _ = raised.complete(depth, vm);
    }
    if handled.is_some() {
        vm.set_exception(handled);
    }
}

/// Makes an exception from its parts, but for its traceback. One that has been raised gets what is being handled as its
/// context, unless it has another.
pub(super) fn exception(parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let incomplete = || vm.new_system_error("an exception without a class or arguments");
    let Some(class) = parts[0].downcast_ref::<PyType>() else { return Err(incomplete()) };
    let arguments = &parts[part::ARGUMENTS];
    let is_raised = !parts[part::TRACEBACK].is(&objects.nothing);
    let made = match arguments.downcast_ref::<PyTuple>() {
        Some(arguments) => {
            let new = class.as_object().get_attr("__new__", vm)?;
            new.call(FuncArgs::from([&[class.to_owned().into()], arguments.as_slice()].concat()), vm)?
        }
        None => arguments.clone(),
    };
    let Ok(exception) = made.clone().downcast::<rustpython_vm::builtins::PyBaseException>() else {
        return Err(incomplete());
    };
    // One that a callee has raised had its context then.
    if is_raised && exception.__traceback__().is_none() {
        let handled = vm.import("sys", 0)?.get_attr("exception", vm)?.call((), vm)?;
        exception.set_context(handled.downcast().ok());
    }
    let set = vm.ctx.types.object_type.as_object().get_attr("__setattr__", vm)?;
    for pair in parts[part::NAMES..].chunks_exact(2) {
        set.call((made.clone(), pair[0].clone(), pair[1].clone()), vm)?;
    }
    Ok(made)
}
