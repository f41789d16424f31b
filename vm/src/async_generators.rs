//! Asking asynchronous generators for values: what `async for` and natives do, by way of our function.
//!
//! The VM makes an object for each value that is asked for, an exception that carries it, and wraps it, so that it is told
//! from what is awaited inside. Here the value is given as it is, where nobody sees these.

use std::sync::OnceLock;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyAsyncGen, PyBaseExceptionRef},
    protocol::{PyIter, PyIterReturn},
};

use crate::generators::{Resumable, Resume, Resumed};
use crate::layout::AsyncLayout;

struct Installed {
    original: fn(&PyObject, &VirtualMachine) -> PyResult<PyIterReturn>,
    resume: Resume,
    layout: AsyncLayout,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Has `resume` asked first when what `__anext__` or `asend` gave is awaited.
///
/// # Errors
/// `RuntimeError` if the class is not as expected, or it was done before.
pub fn install(vm: &VirtualMachine, layout: AsyncLayout, resume: Resume) -> PyResult<()> {
    let unknown = || vm.new_runtime_error("the JIT does not know this VM: how asynchronous generators are asked");
    let slot = &vm.ctx.types.async_generator_asend.slots.iternext;
    let original = slot.load().ok_or_else(unknown)?;
    INSTALLED.set(Installed { original, resume, layout }).map_err(|_| unknown())?;
    slot.store(Some(next));
    Ok(())
}

fn installed() -> &'static Installed {
    INSTALLED.get().expect("it has been installed when the engine was made")
}

/// What has come of asking an asynchronous generator for a value.
pub enum Answer {
    /// The value.
    Value(PyObjectRef),
    /// There is none any more.
    End,
    /// It waits for something.
    Waits {
        /// What is to be awaited in place of the generator.
        asked: PyObjectRef,
        /// What it yields, for whoever drives it.
        yielded: PyObjectRef,
    },
}

/// Asks an asynchronous generator for its next value, as `async for` does, and awaits it. `None`: the VM is to do it, see
/// [`ask_by_vm`]. The error is what the generator raises.
pub fn ask(
    generator: &Py<PyAsyncGen>,
    resume: impl FnOnce(Resumable<'_>) -> Option<PyResult<Resumed>>,
    vm: &VirtualMachine,
) -> Option<PyResult<Answer>> {
    let layout = &installed().layout;
    let object = generator.as_object();
    if flag(object, layout.hooked) == 0 || flag(object, layout.running) == 1 || generator.as_coro().closed() {
        return None;
    }
    set_flag(object, layout.running, 1);
    let resumed = resume(Resumable::Async(generator));
    if resumed.is_none() {
        set_flag(object, layout.running, 0);
    }
    resumed.map(|resumed| settle(generator, resumed, vm))
}

/// Asks an asynchronous generator for its next value, and awaits it once, as the VM does.
///
/// # Errors
/// What the generator raises.
pub fn ask_by_vm(generator: &Py<PyAsyncGen>, vm: &VirtualMachine) -> PyResult<Answer> {
    let asked = vm.call_method(generator.as_object(), "__anext__", ())?;
    match PyIter::new(&*asked).next(vm) {
        Ok(PyIterReturn::Return(yielded)) => Ok(Answer::Waits { asked, yielded }),
        Ok(PyIterReturn::StopIteration(value)) => Ok(Answer::Value(vm.unwrap_or_none(value))),
        Err(exception) if exception.fast_isinstance(vm.ctx.exceptions.stop_async_iteration) => Ok(Answer::End),
        Err(exception) => Err(exception),
    }
}

fn settle(generator: &Py<PyAsyncGen>, resumed: PyResult<Resumed>, vm: &VirtualMachine) -> PyResult<Answer> {
    match resumed {
        Ok(Resumed::Gives(value)) => {
            set_flag(generator.as_object(), installed().layout.running, 0);
            Ok(Answer::Value(value))
        }
        Ok(Resumed::Yields(yielded)) => {
            let asked = vm.call_method(generator.as_object(), "__anext__", ())?;
            set_flag(&asked, installed().layout.state, AsyncLayout::AWAITED);
            Ok(Answer::Waits { asked, yielded })
        }
        Ok(Resumed::Ends(_)) => {
            end(generator);
            Ok(Answer::End)
        }
        Err(exception) => Err(fail(generator, exception, vm)),
    }
}

/// It has come to its end.
fn end(generator: &Py<PyAsyncGen>) {
    let Installed { layout, .. } = installed();
    Resumable::Async(generator).set_closed(true);
    set_flag(generator.as_object(), layout.closed, 1);
    set_flag(generator.as_object(), layout.running, 0);
}

/// It has raised an exception.
fn fail(generator: &Py<PyAsyncGen>, exception: PyBaseExceptionRef, vm: &VirtualMachine) -> PyBaseExceptionRef {
    let exceptions = &vm.ctx.exceptions;
    if exception.fast_isinstance(exceptions.generator_exit) {
        end(generator);
    } else if exception.fast_isinstance(exceptions.stop_async_iteration) {
        set_flag(generator.as_object(), installed().layout.closed, 1);
    }
    set_flag(generator.as_object(), installed().layout.running, 0);
    exception
}

/// The function in the slot: `next` of what `__anext__` or `asend` gave.
fn next(asked: &PyObject, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    let Installed { original, resume, layout } = installed();
    let state = flag(asked, layout.state);
    let Some(generator) = reference(asked, layout.generator).downcast_ref::<PyAsyncGen>() else {
        return original(asked, vm);
    };
    let object = generator.as_object();
    let begins = state == AsyncLayout::ASKED && flag(object, layout.running) == 0;
    if generator.as_coro().closed() || !begins && state != AsyncLayout::AWAITED {
        return original(asked, vm);
    }
    let mut sent = None;
    if begins {
        let value = reference(asked, layout.sent);
        sent = (!vm.is_none(value)).then(|| value.to_owned());
        set_flag(object, layout.running, 1);
        set_flag(asked, layout.state, AsyncLayout::AWAITED);
    }
    let generator = generator.to_owned();
    let Some(resumed) = resume(Resumable::Async(&generator), sent, vm) else {
        if begins {
            set_flag(object, layout.running, 0);
            set_flag(asked, layout.state, state);
        }
        return original(asked, vm);
    };
    if let Ok(Resumed::Yields(yielded)) = resumed {
        return Ok(PyIterReturn::Return(yielded));
    }
    set_flag(asked, layout.state, AsyncLayout::ANSWERED);
    match resumed {
        Ok(Resumed::Gives(value)) => {
            set_flag(generator.as_object(), layout.running, 0);
            Ok(PyIterReturn::StopIteration(Some(value)))
        }
        Ok(_) => {
            end(&generator);
            Err(vm.new_exception_empty(vm.ctx.exceptions.stop_async_iteration.to_owned()))
        }
        Err(exception) => Err(fail(&generator, exception, vm)),
    }
}

/// What a generator or coroutine has yielded, told from the value of an asynchronous generator.
pub(crate) fn unwrapped(yielded: PyObjectRef, vm: &VirtualMachine) -> Resumed {
    if !yielded.class().is(vm.ctx.types.async_generator_wrapped_value) {
        return Resumed::Yields(yielded);
    }
    Resumed::Gives(reference(&yielded, installed().layout.value).to_owned())
}

fn flag(object: &PyObject, offset: usize) -> u8 {
    // SAFETY: the offset was found at start-up, in objects of this class.
    unsafe { std::ptr::from_ref(object).cast::<u8>().add(offset).read_volatile() }
}

fn set_flag(object: &PyObject, offset: usize, value: u8) {
    // SAFETY: as above. The byte is one that the VM sets to these very values; only this thread runs Python code, so that
    // nobody else looks at it meanwhile.
    unsafe { std::ptr::from_ref(object).cast::<u8>().cast_mut().add(offset).write_volatile(value) }
}

fn reference(object: &PyObject, offset: usize) -> &PyObject {
    // SAFETY: the offset was found at start-up, in objects of this class, which own a reference there and never change it.
    unsafe { &*std::ptr::from_ref(object).cast::<u8>().add(offset).cast::<*const PyObject>().read() }
}
