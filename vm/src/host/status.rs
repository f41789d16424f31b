//! How a program ends: what its last exception says, what the interpreter still has to do, and the exit status.
//!
//! The VM would do all this in its finalisation, but there an interrupt kills the process before `atexit` functions have
//! run and files are flushed. So the exception is dealt with first, the interpreter finalised without one, and the signal
//! comes last.

use std::process::ExitCode;

use rustpython_vm::builtins::PyDictRef;
use rustpython_vm::host_env::{os, signal};
use rustpython_vm::{AsObject, Interpreter, PyResult, VirtualMachine};

/// The status of a process that an interrupt ended.
const INTERRUPTED: u32 = 130;

/// How the main program ended.
pub(super) struct Ended {
    status: u32,
    by_interrupt: bool,
}

/// Reports the exception that ended the program, if one did.
pub(super) fn of_result(vm: &VirtualMachine, result: PyResult<()>) -> Ended {
    flush_output(vm);
    let ended = match result {
        Ok(()) => Ended { status: 0, by_interrupt: false },
        Err(exception) if exception.fast_isinstance(vm.ctx.exceptions.keyboard_interrupt) => {
            vm.print_exception(&exception);
            Ended { status: INTERRUPTED, by_interrupt: true }
        }
        Err(exception) => Ended { status: vm.handle_exit_exception(exception), by_interrupt: false },
    };
    spare_threading(vm);
    ended
}

/// Finalises the interpreter; then ends the process if it is to die by a signal, else returns the status for it.
pub(super) fn exit(interpreter: Interpreter, ended: Ended, finish: impl FnOnce(u32)) -> ExitCode {
    let finalised = interpreter.finalize(None);
    let status = if ended.status == 0 { finalised } else { ended.status };
    finish(status);
    if ended.by_interrupt && signal::set_sigint_default_onstack().is_ok() {
        // Does not return, unless the signal is blocked; then the status tells.
        let _ = signal::send_sigint_to_self();
    }
    os::exit_code(status)
}

/// Flushes the output so that it comes before a traceback. Errors are found again, and reported, by the finalisation.
pub(super) fn flush_output(vm: &VirtualMachine) {
    for name in ["stdout", "stderr"] {
        if let Ok(stream) = vm.sys_module.get_attr(name, vm) {
            let _ = vm.call_method(&stream, "flush", ());
        }
    }
}

/// Keeps the finalisation from importing `threading`, unless the program did: it would find a module of that name beside
/// the script, and a program without threads has none to wait for. The first `atexit` function makes it importable again.
fn spare_threading(vm: &VirtualMachine) {
    let spare = || -> PyResult<()> {
        let modules: PyDictRef = vm.sys_module.get_attr("modules", vm)?.try_into_value(vm)?;
        if !modules.contains_key("threading", vm) {
            let register = vm.import("atexit", 0)?.get_attr("register", vm)?;
            let forget = modules.as_object().get_attr("pop", vm)?;
            register.call((forget, "threading", vm.ctx.none()), vm)?;
            modules.set_item("threading", vm.ctx.none(), vm)?;
        }
        Ok(())
    };
    // When the program left no sys.modules to work with, there is nothing to spare.
    let _ = spare();
}
