//! Runs the main program: finds out what it is, sets `sys.path[0]` and `__main__` up for it, compiles and runs it.
//!
//! | program | `sys.path[0]` | runs in |
//! |---|---|---|
//! | script | its folder, symbolic links followed | `__main__`, with `__file__` and `__loader__` |
//! | folder or archive | itself | `__main__`, by `runpy` |
//! | `-c`, standard input, prompt | `''` | `__main__` |
//! | `-m` | the working directory | `__main__`, by `runpy` |

use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::path::{MAIN_SEPARATOR, Path};
use std::{env, fs, io};

use rustpython_vm::builtins::{PyBaseExceptionRef, PyCode, PyDictRef};
use rustpython_vm::scope::Scope;
use rustpython_vm::version::PYC_MAGIC_NUMBER_BYTES;
use rustpython_vm::{AsObject, PyObjectRef, PyRef, PyResult, VirtualMachine};

use super::status::flush_output;
use super::{Program, new_code, prompt};

/// `Py_file_input` of the C API: what `compile` calls "exec".
const FILE_INPUT: i32 = 257;
/// An archive ends with a record of this much at least, behind it a comment of any length up to 64k.
const ARCHIVE_RECORD: &[u8] = b"PK\x05\x06";
const ARCHIVE_TAIL: u64 = 22 + 0xffff;

/// Runs the program in a new `__main__` module, then gives a prompt if `-i` or the program asks for it.
///
/// # Errors
/// The exception that ended it; `SystemExit` among them.
pub(super) fn run(vm: &VirtualMachine, program: &Program, skip_first_line: bool) -> PyResult<()> {
    let settings = &vm.state.config.settings;
    let main = vm.new_scope_with_main()?;
    if !settings.warnoptions.is_empty() {
        vm.import("warnings", 0)?;
    }
    if settings.import_site {
        vm.import("site", 0)?;
    }
    if settings.faulthandler {
        let faulthandler = vm.import("faulthandler", 0)?;
        vm.call_method(&faulthandler, "enable", ())?;
    }

    let terminal = io::stdin().is_terminal();
    let interactive = matches!(program, Program::Input { .. }) && (terminal || settings.interactive);
    if interactive {
        let console = prompt::prepare(vm, terminal)?;
        first_in_path(vm, String::new())?;
        return prompt::run(vm, &console, main, true);
    }
    let result = match program {
        Program::Command(code) => run_command(vm, main.clone(), code),
        Program::Module(module) => run_module(vm, module),
        Program::File(path) => run_file(vm, &main, path, skip_first_line),
        Program::Input { .. } => run_input(vm, main.clone()),
    };
    // The variable, which the program may have set, asks for a prompt in a terminal only; `-i` wants one in any case.
    let by_variable = || terminal && env::var_os("PYTHONINSPECT").is_some_and(|value| !value.is_empty());
    let inspect = settings.interactive || (settings.inspect && terminal) || by_variable();
    if !inspect {
        return result;
    }
    // `SystemExit`, too, leads to the prompt.
    if let Err(exception) = result {
        vm.print_exception(&exception);
    }
    let console = prompt::prepare(vm, terminal)?;
    prompt::run(vm, &console, main, false)
}

/// The code of a whole program.
///
/// # Errors
/// `SyntaxError`, and warnings that the filters make errors.
pub(super) fn compile(vm: &VirtualMachine, source: &[u8], path: &str) -> PyResult<PyRef<PyCode>> {
    if let Some(at) = source.iter().position(|byte| *byte == 0) {
        return Err(null_byte(vm, &source[..at], path)?);
    }
    let code = vm.compile_string_object_with_flags(source, path, FILE_INPUT, 0, -1, -1)?;
    Ok(new_code(vm, code.try_into_value(vm)?))
}

/// The complaint about a null byte that comes after `before`.
fn null_byte(vm: &VirtualMachine, before: &[u8], path: &str) -> PyResult<PyBaseExceptionRef> {
    let class = vm.ctx.exceptions.syntax_error.to_owned();
    let exception = vm.new_exception_msg(class, "source code cannot contain null bytes".into());
    let line = before.split(|byte| *byte == b'\n').count();
    let text = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    exception.as_object().set_attr("filename", vm.ctx.new_str(path), vm)?;
    exception.as_object().set_attr("lineno", vm.ctx.new_int(line), vm)?;
    exception.as_object().set_attr("text", vm.ctx.new_str(String::from_utf8_lossy(text).into_owned()), vm)?;
    Ok(exception)
}

fn run_command(vm: &VirtualMachine, main: Scope, code: &str) -> PyResult<()> {
    run_text(vm, main, dedent(code).as_bytes(), "<string>")
}

fn run_module(vm: &VirtualMachine, module: &str) -> PyResult<()> {
    // Before the working directory, which may have a module of that name, comes into the path.
    let runpy = vm.import("runpy", 0)?;
    if let Ok(folder) = env::current_dir() {
        first_in_path(vm, folder.to_string_lossy().into_owned())?;
    }
    vm.call_method(&runpy, "_run_module_as_main", (module,))?;
    Ok(())
}

fn run_input(vm: &VirtualMachine, main: Scope) -> PyResult<()> {
    let mut source = Vec::new();
    io::stdin().read_to_end(&mut source).map_err(|error| vm.new_os_error(error.to_string()))?;
    run_text(vm, main, &source, "<stdin>")
}

/// Runs a program that is not in a file.
fn run_text(vm: &VirtualMachine, main: Scope, source: &[u8], name: &str) -> PyResult<()> {
    // Before the working directory, which may have a module of that name, comes into the path.
    vm.import("linecache", 0)?;
    first_in_path(vm, String::new())?;
    let code = compile(vm, source, name)?;
    // From there, tracebacks have the text.
    vm.register_code_in_linecache(&code, &String::from_utf8_lossy(source))?;
    vm.run_code_obj(code, main)?;
    Ok(())
}

fn run_file(vm: &VirtualMachine, main: &Scope, argument: &str, skip_first_line: bool) -> PyResult<()> {
    let path = absolute(argument);
    if holds_modules(&path) {
        let runpy = vm.import("runpy", 0)?;
        vm.insert_sys_path(vm.ctx.new_str(path).into())?;
        vm.call_method(&runpy, "_run_module_as_main", ("__main__", false))?;
        return Ok(());
    }
    let contents = match fs::read(&path) {
        Ok(contents) => contents,
        Err(error) => return cannot_open(vm, &path, &error),
    };
    first_in_path(vm, folder_of(argument))?;

    let globals = main.globals.clone();
    globals.set_item("__file__", vm.ctx.new_str(path.as_str()).into(), vm)?;
    globals.set_item("__cached__", vm.ctx.none(), vm)?;
    let result = if path.ends_with(".pyc") || contents.starts_with(&PYC_MAGIC_NUMBER_BYTES) {
        set_loader(vm, &globals, "SourcelessFileLoader", &path)
            .and_then(|loader| vm.call_method(&loader, "get_code", ("__main__",)))
            .and_then(|code| code.try_into_value(vm))
            .map(|code| new_code(vm, code))
    } else {
        let source = if skip_first_line { without_first_line(&contents) } else { &contents };
        set_loader(vm, &globals, "SourceFileLoader", &path).and_then(|_| compile(vm, source, &path))
    };
    let result = result.and_then(|code| vm.run_code_obj(code, main.clone()));

    flush_output(vm);
    for name in ["__file__", "__cached__"] {
        // The program may have done so.
        let _ = globals.del_item(name, vm);
    }
    result.map(drop)
}

fn set_loader(vm: &VirtualMachine, globals: &PyDictRef, class: &'static str, path: &str) -> PyResult {
    let importlib = vm.sys_module.get_attr("modules", vm)?.get_item("_frozen_importlib_external", vm)?;
    let loader = importlib.get_attr(class, vm)?.call(("__main__", path), vm)?;
    globals.set_item("__loader__", loader.clone(), vm)?;
    Ok(loader)
}

fn cannot_open(vm: &VirtualMachine, path: &str, error: &io::Error) -> PyResult<()> {
    let program = &vm.state.config.paths.executable;
    let path = vm.ctx.new_str(path).as_object().repr(vm)?;
    let number = error.raw_os_error().unwrap_or_default();
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    eprintln!("{program}: can't open file {path}: [Errno {number}] {text}");
    let status: PyObjectRef = vm.ctx.new_int(2).into();
    Err(vm.new_system_exit(vec![status].into()))
}

/// Whether modules can be imported from here: a folder, or a file that ends as zip archives do.
fn holds_modules(path: &str) -> bool {
    if Path::new(path).is_dir() {
        return true;
    }
    let tail = || -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        let mut tail = Vec::new();
        // A pipe can be read only once, and is no archive.
        if metadata.is_file() {
            file.seek(SeekFrom::Start(metadata.len().saturating_sub(ARCHIVE_TAIL)))?;
            file.read_to_end(&mut tail)?;
        }
        Ok(tail)
    };
    // A file that cannot be read is reported when it is read as a script.
    tail().is_ok_and(|tail| tail.windows(ARCHIVE_RECORD.len()).any(|window| window == ARCHIVE_RECORD))
}

/// Puts the program's own folder in front of `sys.path`, unless `-P` or `-I` forbid it.
fn first_in_path(vm: &VirtualMachine, folder: String) -> PyResult<()> {
    if vm.state.config.settings.safe_path {
        return Ok(());
    }
    vm.insert_sys_path(vm.ctx.new_str(folder).into())
}

/// The path from the root, as `python3` shows it in `__file__` and tracebacks: joined, not normalised.
fn absolute(path: &str) -> String {
    match env::current_dir() {
        Ok(_) if Path::new(path).is_absolute() => path.to_owned(),
        Ok(folder) if path == "." => folder.to_string_lossy().into_owned(),
        Ok(folder) => format!("{}{MAIN_SEPARATOR}{path}", folder.display()),
        Err(_) => path.to_owned(),
    }
}

/// The folder that a script is in, symbolic links followed.
fn folder_of(script: &str) -> String {
    let real = fs::canonicalize(script).unwrap_or_else(|_| script.into());
    real.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Cuts the first line, but not its end, so that lines keep their numbers.
fn without_first_line(source: &[u8]) -> &[u8] {
    let end = source.iter().position(|byte| *byte == b'\n').unwrap_or(source.len());
    &source[end..]
}

/// Takes the indentation away that all lines share; lines of white space do not count, and become empty.
fn dedent(source: &str) -> String {
    let is_blank = |line: &&str| line.trim_matches([' ', '\t']).is_empty();
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut lines = source.lines().filter(|line| !is_blank(line));
    let Some(first) = lines.next() else { return source.to_owned() };
    let mut shared = &first[..indentation(first)];
    for line in lines {
        let same = shared.bytes().zip(line.bytes()).take_while(|(one, other)| one == other).count();
        shared = &shared[..same];
    }
    if shared.is_empty() {
        return source.to_owned();
    }
    let stripped = source.lines().map(|line| if is_blank(&line) { "" } else { &line[shared.len()..] });
    stripped.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_that_all_lines_share_goes() {
        assert_eq!(dedent("  if x:\n      y\n\n  z"), "if x:\n    y\n\nz");
        assert_eq!(dedent("\n    a\n   \n    b"), "\na\n\nb");
        assert_eq!(dedent("a\n  b"), "a\n  b");
        assert_eq!(dedent("\ta\n  b"), "\ta\n  b");
        assert_eq!(dedent("  \n"), "  \n");
    }

    #[test]
    fn lines_keep_their_numbers_without_the_first() {
        assert_eq!(without_first_line(b"#!x\nprint()"), b"\nprint()");
        assert_eq!(without_first_line(b"#!x"), b"");
    }
}
