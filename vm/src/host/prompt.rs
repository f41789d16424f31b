//! The interactive prompt, made of the library's own parts: `_pyrepl` on a terminal that it can use, else
//! `code.InteractiveConsole`, with prompts on the standard error as `python3` has them.

use std::env;
use std::sync::{Mutex, PoisonError};

use rustpython_vm::builtins::PyStrRef;
use rustpython_vm::readline::{Readline, ReadlineResult};
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, PyObjectRef, PyResult, VirtualMachine};

use super::program;

/// The part of the library that reads and runs statements.
pub(super) enum Console {
    /// The module `_pyrepl.main`.
    Terminal(PyObjectRef),
    /// The module `code`.
    Plain(PyObjectRef),
}

/// Imports what the prompt needs, before the working directory comes into `sys.path` with modules of the same names.
///
/// # Errors
/// Exceptions while importing.
pub(super) fn prepare(vm: &VirtualMachine, terminal: bool) -> PyResult<Console> {
    if terminal && env::var_os("PYTHON_BASIC_REPL").is_none_or(|value| value.is_empty()) {
        vm.import("_pyrepl.main", 0)?;
        let main = vm.sys_module.get_attr("modules", vm)?.get_item("_pyrepl.main", vm)?;
        if main.get_attr("CAN_USE_PYREPL", vm)?.try_to_bool(vm)? {
            return Ok(Console::Terminal(main));
        }
    }
    vm.import("codeop", 0)?;
    Ok(Console::Plain(vm.import("code", 0)?))
}

/// Reads and runs statements in `main` until the input ends. With `first`, there was no program before.
///
/// # Errors
/// `SystemExit` only; other exceptions are printed.
pub(super) fn run(vm: &VirtualMachine, console: &Console, main: Scope, first: bool) -> PyResult<()> {
    let settings = &vm.state.config.settings;
    if first && !settings.quiet {
        eprintln!("{}", banner(vm));
    }
    if first && !settings.ignore_environment {
        run_startup_file(vm, main.clone())?;
    }
    match console {
        Console::Terminal(pyrepl) => {
            let main = vm.ensure_main_module()?;
            vm.call_method(pyrepl, "interactive_console", (main,))?;
        }
        Console::Plain(code) => {
            let console = code.get_attr("InteractiveConsole", vm)?.call((main.globals, "<stdin>"), vm)?;
            console.set_attr("raw_input", line_reader(vm), vm)?;
            vm.call_method(&console, "interact", ("", ""))?;
        }
    }
    Ok(())
}

/// What `InteractiveConsole` calls with a prompt to get a line.
fn line_reader(vm: &VirtualMachine) -> PyObjectRef {
    let editor = Mutex::new(Readline::new(()));
    let read = vm.new_function("raw_input", move |prompt: PyStrRef, vm: &VirtualMachine| {
        let mut editor = editor.lock().unwrap_or_else(PoisonError::into_inner);
        let exception = match editor.readline(&prompt.to_string_lossy()) {
            ReadlineResult::Line(line) => return Ok(vm.ctx.new_str(line)),
            ReadlineResult::Eof => vm.ctx.exceptions.eof_error,
            ReadlineResult::Interrupt => vm.ctx.exceptions.keyboard_interrupt,
            ReadlineResult::Io(error) => return Err(vm.new_os_error(error.to_string())),
            ReadlineResult::OsError(error) => return Err(vm.new_os_error(error)),
            ReadlineResult::Other(error) => return Err(vm.new_os_error(error.to_string())),
        };
        Err(vm.new_exception_empty(exception.to_owned()))
    });
    read.into()
}

fn banner(vm: &VirtualMachine) -> String {
    let platform = vm.sys_module.get_attr("platform", vm).and_then(|name| name.str(vm));
    let platform = platform.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let version = super::version();
    format!("{version} on {platform}\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.")
}

/// Runs the file that PYTHONSTARTUP names. What goes wrong in it is printed.
fn run_startup_file(vm: &VirtualMachine, main: Scope) -> PyResult<()> {
    let Some(path) = env::var("PYTHONSTARTUP").ok().filter(|path| !path.is_empty()) else { return Ok(()) };
    let result = match std::fs::read(&path) {
        Ok(source) => program::compile(vm, &source, &path).and_then(|code| vm.run_code_obj(code, main)),
        Err(error) => {
            eprintln!("Could not open PYTHONSTARTUP '{path}': {error}");
            return Ok(());
        }
    };
    match result {
        Err(exception) if !exception.fast_isinstance(vm.ctx.exceptions.system_exit) => {
            vm.print_exception(&exception);
            Ok(())
        }
        other => other.map(drop),
    }
}
