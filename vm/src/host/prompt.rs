//! The interactive prompt: the library's `code.InteractiveConsole`, with our line editor and `python3`'s files and hooks.

use std::env;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rustpython_vm::builtins::PyStrRef;
use rustpython_vm::readline::{Readline, ReadlineResult};
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, PyObjectRef, PyResult, VirtualMachine};

/// Imports what the prompt needs, before the working directory comes into `sys.path` with modules of the same names.
///
/// # Errors
/// Exceptions while importing.
pub(super) fn prepare(vm: &VirtualMachine) -> PyResult {
    vm.import("codeop", 0)?;
    vm.import("code", 0)
}

/// Reads and runs statements in `main` until the input ends. With `first`, there was no program before.
///
/// # Errors
/// `SystemExit` only; other exceptions are printed.
pub(super) fn run(vm: &VirtualMachine, code: &PyObjectRef, main: Scope, first: bool) -> PyResult<()> {
    let settings = &vm.state.config.settings;
    let console = code.get_attr("InteractiveConsole", vm)?.call((main.globals.clone(), "<stdin>"), vm)?;
    if first && !settings.ignore_environment {
        run_startup_file(vm, main)?;
    }

    let history = history_file();
    let mut editor = Readline::new(());
    if let Some(path) = &history {
        // There is none the first time.
        let _ = editor.load_history(path);
    }
    let editor = Mutex::new(editor);
    let read = vm.new_function("raw_input", move |prompt: PyStrRef, vm: &VirtualMachine| {
        let mut editor = editor.lock().unwrap_or_else(PoisonError::into_inner);
        let line = editor.readline(&prompt.to_string_lossy());
        let exception = match line {
            ReadlineResult::Line(line) => {
                let _ = editor.add_history_entry(line.trim_end());
                if let Some(path) = &history {
                    // A history that cannot be kept is no reason to disturb.
                    let _ = editor.save_history(path);
                }
                return Ok(vm.ctx.new_str(line));
            }
            ReadlineResult::Eof => vm.ctx.exceptions.eof_error,
            ReadlineResult::Interrupt => vm.ctx.exceptions.keyboard_interrupt,
            ReadlineResult::Io(error) => return Err(vm.new_os_error(error.to_string())),
            ReadlineResult::OsError(error) => return Err(vm.new_os_error(error)),
            ReadlineResult::Other(error) => return Err(vm.new_os_error(error.to_string())),
        };
        Err(vm.new_exception_empty(exception.to_owned()))
    });
    console.set_attr("raw_input", read, vm)?;
    let banner = if first && !settings.quiet { banner(vm) } else { String::new() };
    vm.call_method(&console, "interact", (banner, ""))?;
    Ok(())
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
        Ok(source) => super::program::compile(vm, &source, &path).and_then(|code| vm.run_code_obj(code, main)),
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

fn history_file() -> Option<PathBuf> {
    Some(PathBuf::from(env::var_os("HOME")?).join(".tjit_history"))
}
