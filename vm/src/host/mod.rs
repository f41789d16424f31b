//! Runs Python programs as `python3` does, on the embedded VM.
//!
//! ```text
//! run ─► settings ──► library, tls ──► importer ──► program ──────────────► status
//!        flags and    the interpreter  sys.path's   script, -c, -m, stdin,  SystemExit, uncaught exceptions,
//!        PYTHON…      is made          library      archive, prompt         interrupts; atexit, flushing
//! ```
//!
//! A JIT takes part by implementing [`Jit`]. Whatever code the host itself makes (the program's, and that of library
//! modules) passes through [`new_code`], where the JIT may rewrite it.

mod importer;
mod library;
mod patterns;
mod program;
mod prompt;
mod settings;
mod status;
mod tls;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use rustpython_vm::builtins::{PyCode, PyStrInterned};
use rustpython_vm::common::rc::PyRc;
use rustpython_vm::{Interpreter, InterpreterBuilder, PyRef, PyResult, VirtualMachine, py_freeze, version};

pub use settings::{HashPycs, PythonFlags};

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A file with source or compiled code; a folder or an archive with a `__main__` module.
    File(String),
    /// The code after `-c`.
    Command(String),
    /// The module after `-m`.
    Module(String),
    /// What comes from the standard input, interactively when that is a terminal.
    Input {
        /// Whether the command line says `-`, which `sys.argv` then tells.
        dash: bool,
    },
}

/// A program, its arguments, and the interpreter flags to run it with.
#[derive(Clone, Debug)]
pub struct RunArgs {
    /// The program.
    pub program: Program,
    /// What follows the program on the command line: `sys.argv[1:]`.
    pub arguments: Vec<String>,
    /// The flags that `python3` has, too.
    pub flags: PythonFlags,
}

/// A JIT's part in running a program. All methods but the last run on the main thread or hold a VM.
pub trait Jit: Send + Sync {
    /// The interpreter is ready; of the library, only what it needs to start has run. Nothing of the program has.
    ///
    /// # Errors
    /// An exception ends the program before it begins.
    fn attach(&self, vm: &VirtualMachine) -> PyResult<()>;

    /// The host is about to run this code, or to hand it out. Returns what to use instead, often the same.
    fn rewrite(&self, vm: &VirtualMachine, code: PyRef<PyCode>) -> PyRef<PyCode>;

    /// The host is about to import this module of the library. Returns its code, which is to name the file `path`; `None`
    /// if the JIT has no code of its own for it.
    fn library(&self, vm: &VirtualMachine, module: &str, path: &'static PyStrInterned) -> Option<PyRef<PyCode>>;

    /// The main program is over. Threads that are no daemons, `atexit` functions and finalisers still follow.
    fn detach(&self, vm: &VirtualMachine);

    /// No Python code runs any more. The process is about to exit with this status (130: by an interrupt).
    fn finish(&self, status: u32);
}

static JIT: OnceLock<Arc<dyn Jit>> = OnceLock::new();

/// The one place through which code objects go that the host makes.
pub(crate) fn new_code(vm: &VirtualMachine, code: PyRef<PyCode>) -> PyRef<PyCode> {
    match JIT.get() {
        Some(jit) => jit.rewrite(vm, code),
        None => code,
    }
}

/// The JIT's code of a module of the library.
pub(crate) fn library_code(vm: &VirtualMachine, module: &str, path: &'static PyStrInterned) -> Option<PyRef<PyCode>> {
    JIT.get().and_then(|jit| jit.library(vm, module, path))
}

/// What `-V` says: the version of the language in the form that programs look for, then ours.
pub fn version() -> String {
    let (major, minor, micro) = (version::MAJOR, version::MINOR, version::MICRO);
    format!("Python {major}.{minor}.{micro} ({})", implementation())
}

/// Our version and the VM's.
fn implementation() -> String {
    let (major, minor, micro) = (version::MAJOR_IMPL, version::MINOR_IMPL, version::MICRO_IMPL);
    format!("tjit {} on RustPython {major}.{minor}.{micro}", env!("CARGO_PKG_VERSION"))
}

/// Runs a program to its end.
///
/// Returns the status for the process to exit with, except when the program ends by an interrupt that it does not catch:
/// then the process ends by that signal, as under `python3`.
///
/// # Errors
/// When flags or `PYTHON…` variables make no sense; says which, and what is accepted.
///
/// # Panics
/// When called twice in a process with a JIT.
pub fn run(args: &RunArgs, jit: Option<Arc<dyn Jit>>) -> Result<ExitCode, String> {
    let interpreter = interpreter(args)?;
    if let Some(jit) = jit {
        assert!(JIT.set(jit).is_ok(), "a process has one JIT");
    }
    let ended = interpreter.enter(|vm| {
        let result = JIT
            .get()
            .map_or(Ok(()), |jit| jit.attach(vm))
            .and_then(|()| program::run(vm, &args.program, args.flags.skip_first_line));
        if let Some(jit) = JIT.get() {
            jit.detach(vm);
        }
        status::of_result(vm, result)
    });
    Ok(status::exit(interpreter, ended, |status| {
        if let Some(jit) = JIT.get() {
            jit.finish(status);
        }
    }))
}

/// An interpreter with the whole library, for a program that has not begun.
fn interpreter(args: &RunArgs) -> Result<Interpreter, String> {
    let settings = settings::of(args)?;
    let binary = std::env::current_exe().map_err(|error| format!("cannot find out where the binary is: {error}"))?;
    let library = format!("{}/Lib", binary.display());
    let path_list = settings.path_list.clone();

    crate::stack::enlarge();
    let builder = InterpreterBuilder::new().settings(settings);
    let mut modules = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    modules.push(importer::module_def(&builder.ctx));
    let interpreter = builder
        .add_native_modules(&modules)
        .add_frozen_modules(library::all_modules())
        .add_frozen_modules(py_freeze!(file = "resources.py", module_name = "_tjit_resources"))
        .init_hook(move |vm| {
            tls::install_provider();
            let state = PyRc::get_mut(&mut vm.state).expect("the state is not shared before the interpreter is made");
            let paths = &mut state.config.paths;
            paths.module_search_paths = path_list;
            paths.module_search_paths.push(library.clone());
            paths.stdlib_dir = Some(library);
        })
        .build();
    interpreter.enter(|vm| {
        importer::install(vm).and_then(|()| patterns::install(vm)).map_err(|exception| {
            vm.print_exception(&exception);
            "the library cannot be installed".to_owned()
        })
    })?;
    Ok(interpreter)
}
