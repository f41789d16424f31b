//! The command as programs and people call it: what it runs, what it prints, how it exits.
//!
//! Every test runs the binary in a folder of its own, without `PYTHON…` and `TJIT_…` variables from outside.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

const TJIT: &str = env!("CARGO_BIN_EXE_tjit");

/// A folder for the files of one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(fs::canonicalize(path).unwrap())
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> &Folder {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
        self
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(TJIT);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("PYTHON") || name.starts_with("TJIT_")) {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(&self.0).env("NO_COLOR", "1");
        // What is compiled may not depend on how busy the machine is.
        command.env("TJIT_COMPILE_THREADS", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        outcome(&mut self.command(arguments))
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Outcome::new(output.status, &output.stdout, &output.stderr)
    }
}

/// What a run has left.
#[derive(Debug)]
struct Outcome {
    out: String,
    err: String,
    status: ExitStatus,
}

impl Outcome {
    fn new(status: ExitStatus, out: &[u8], err: &[u8]) -> Outcome {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Outcome { out: text(out), err: text(err), status }
    }

    /// Checks the standard output, and that all went well.
    fn prints(&self, out: &str) {
        assert_eq!((self.out.as_str(), self.err.as_str(), self.status.code()), (out, "", Some(0)));
    }

    /// Checks the standard error's last line and the status.
    fn fails(&self, last_line: &str, status: i32) {
        assert_eq!((self.err.lines().last(), self.status.code()), (Some(last_line), Some(status)), "{self:?}");
    }
}

fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome::new(output.status, &output.stdout, &output.stderr)
}

#[test]
fn a_script_has_its_arguments_path_and_name() {
    let folder = Folder::new("script");
    folder.write(
        "sub/s.py",
        "import sys\nprint(sys.argv, sys.path[0])\nprint(__name__, __file__, __spec__, __package__)\nprint(__loader__.path)",
    );
    let (sub, script) = (folder.path("sub"), folder.path("sub/s.py"));
    let relative = format!("['sub/s.py', '-c', '--jit=off'] {sub}\n__main__ {script} None None\n{script}\n");
    folder.run(&["run", "sub/s.py", "-c", "--jit=off"]).prints(&relative);
    folder.run(&["sub/s.py", "-c", "--jit=off"]).prints(&relative);
    folder.run(&["run", "--jit=off", "--", "sub/s.py", "-c", "--jit=off"]).prints(&relative);
    let missing = folder.run(&["run", "no.py"]);
    missing
        .fails(&format!("{TJIT}: can't open file '{}': [Errno 2] No such file or directory", folder.path("no.py")), 2);
}

#[test]
fn code_on_the_command_line() {
    let folder = Folder::new("command");
    let code = "import sys; print(sys.argv, repr(sys.path[0]), __name__)";
    folder.run(&["run", "-c", code, "-x", "--", "y"]).prints("['-c', '-x', '--', 'y'] '' __main__\n");
    folder.run(&["-c", code]).prints("['-c'] '' __main__\n");
    folder.run(&["run", "-uc", "\n    x = 1\n    if x:\n        print('dedented')"]).prints("dedented\n");
    assert_eq!(folder.run(&["run", "-c"]).status.code(), Some(2));
}

#[test]
fn a_module() {
    let folder = Folder::new("module");
    folder.write("m.py", "import sys; print(sys.argv, __name__, __spec__.name)");
    let path = folder.path("m.py");
    folder.run(&["run", "-m", "m", "-v"]).prints(&format!("['{path}', '-v'] __main__ m\n"));
    folder.run_with_input(&["-m", "json.tool", "--compact"], "{\"a\": [1, 2]}").prints("{\"a\":[1,2]}\n");
    folder.run(&["run", "-m", "nothing"]).fails(&format!("{TJIT}: No module named nothing"), 1);
}

#[test]
fn standard_input() {
    let folder = Folder::new("stdin");
    let program = "import sys\nif 1:\n  print(sys.argv, __name__)\nprint(2)";
    folder.run_with_input(&["run", "-", "a"], program).prints("['-', 'a'] __main__\n2\n");
    folder.run_with_input(&["run"], program).prints("[''] __main__\n2\n");
    let failing = folder.run_with_input(&["run"], "print(1)\n1 / 0\nprint(2)");
    assert_eq!(failing.out, "1\n");
    failing.fails("ZeroDivisionError: division by zero", 1);
    assert!(failing.err.contains("  File \"<stdin>\", line 2, in <module>\n    1 / 0\n"), "{}", failing.err);
}

#[test]
fn folders_and_archives() {
    let folder = Folder::new("archive");
    folder.write("d/__main__.py", "import sys, helper; print(sys.argv[1:], sys.path[0], __package__ == '', helper.x)");
    folder.write("d/helper.py", "x = 'helped'");
    folder.run(&["run", "d", "a"]).prints(&format!("['a'] {} True helped\n", folder.path("d")));
    folder.run(&["run", "-m", "zipfile", "-c", "z.pyz", "d/__main__.py", "d/helper.py"]).prints("");
    folder.run(&["run", "z.pyz", "a"]).prints(&format!("['a'] {} True helped\n", folder.path("z.pyz")));
    fs::create_dir(folder.0.join("empty")).unwrap();
    folder
        .run(&["run", "empty"])
        .fails(&format!("{TJIT}: can't find '__main__' module in '{}'", folder.path("empty")), 1);
}

#[test]
fn exit_statuses() {
    let folder = Folder::new("exit");
    let status = |code: &str| folder.run(&["run", "-c", code]).status.code();
    assert_eq!(status("raise SystemExit"), Some(0));
    assert_eq!(status("raise SystemExit(None)"), Some(0));
    assert_eq!(status("raise SystemExit(3)"), Some(3));
    assert_eq!(status("raise SystemExit(-1)"), Some(255));
    assert_eq!(status("raise SystemExit(256 + 7)"), Some(7));
    assert_eq!(status("import os; os._exit(5)"), Some(5));
    folder.run(&["run", "-c", "raise SystemExit('message')"]).fails("message", 1);
    folder.run(&["run", "-c", "raise SystemExit([1])"]).fails("[1]", 1);
    folder.run(&["run", "-c", "raise ValueError('bad')"]).fails("ValueError: bad", 1);
}

#[test]
fn what_happens_at_exit() {
    let folder = Folder::new("at_exit");
    let code = "
        import atexit, threading, time
        class Finalised:
            def __del__(self): print('finalised')
        kept = Finalised()
        atexit.register(print, 'atexit')
        threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()
        print('main', end=' ')";
    folder.run(&["run", "-c", code]).prints("main thread\natexit\nfinalised\n");
    let code = "import atexit; atexit.register(lambda: print(__import__('threading').active_count()))";
    folder.run(&["run", "-c", code]).prints("1\n");
    // The interpreter looks for threads of the library's `threading` only.
    folder.write("threading.py", "print('imported')").write("s.py", "print('script')");
    folder.run(&["run", "s.py"]).prints("script\n");
}

#[test]
fn interpreter_flags() {
    let folder = Folder::new("flags");
    let prints = |arguments: &[&str], out: &str| folder.run(arguments).prints(out);
    let flags =
        "import sys; f = sys.flags; print(f.optimize, f.bytes_warning, f.dont_write_bytecode, f.quiet, f.no_site)";
    prints(&["run", "-OOBbbqS", "-c", flags], "2 2 1 1 1\n");
    prints(&["run", "-O", "-c", "assert False; print(__debug__)"], "False\n");
    prints(&["run", "-OO", "-c", "def f(): 'doc'\nprint(f.__doc__)"], "None\n");
    prints(&["run", "-I", "-c", "import sys; print(sys.flags.isolated, '' in sys.path)"], "1 False\n");
    prints(
        &["run", "-X", "dev", "-X", "mine=1", "-c", "import sys; print(sys._xoptions)"],
        "{'dev': True, 'mine': '1'}\n",
    );
    prints(&["run", "-Wignore", "-W", "error", "-c", "import sys; print(sys.warnoptions)"], "['ignore', 'error']\n");
    prints(&["run", "-u", "-c", "import sys; print(sys.stdout.write_through)"], "True\n");
    folder.run(&["run", "-Werror", "-c", "import warnings; warnings.warn('w')"]).fails("UserWarning: w", 1);
    folder.write("x.py", "not Python\nprint('second line')");
    prints(&["run", "-x", "x.py"], "second line\n");
    let version = folder.run(&["-V"]);
    assert!(version.out.starts_with("Python 3.14."), "{version:?}");
    let inspected = folder.run_with_input(&["run", "-i", "-c", "x = 5; 1 / 0"], "print(x + 1)\n");
    assert!(inspected.out == "6\n" && inspected.err.contains("ZeroDivisionError"), "{inspected:?}");
}

#[test]
fn variables_of_the_environment() {
    let folder = Folder::new("environment");
    folder.write("library/local.py", "x = 'local'");
    let code =
        "import sys; print(sys.flags.optimize, sys.warnoptions, sys.stdout.write_through, hash('a') == hash('a'))
try: import local; print(local.x)
except ImportError: print('not found')";
    let run = |flag: &str| {
        let mut command = folder.command(&["run", flag, "-c", code]);
        command.env("PYTHONPATH", folder.path("library")).env("PYTHONOPTIMIZE", "2").env("PYTHONWARNINGS", "ignore");
        outcome(command.env("PYTHONUNBUFFERED", "1"))
    };
    run("-q").prints("2 ['ignore'] True True\nlocal\n");
    run("-E").prints("0 [] False True\nnot found\n");
    let hash = |seed: &str| outcome(folder.command(&["run", "-c", "print(hash('a'))"]).env("PYTHONHASHSEED", seed)).out;
    assert_eq!(hash("1"), hash("1"));
    assert_ne!(hash("1"), hash("2"));
    let wrong = outcome(folder.command(&["run", "-c", "pass"]).env("PYTHONHASHSEED", "x"));
    wrong.fails("tjit: PYTHONHASHSEED: expected 'random' or a number from 0 to 4294967295, not 'x'", 1);
}

#[test]
fn wrong_options_are_answered_with_what_is_accepted() {
    let folder = Folder::new("options");
    let error = |arguments: &[&str]| {
        let outcome = folder.run(arguments);
        assert_eq!(outcome.status.code(), Some(2), "{outcome:?}");
        outcome.err
    };
    assert!(error(&["run", "--jit=maybe", "-c", "pass"]).contains("[possible values: on, off, stress]"));
    assert!(error(&["run", "--dump=ast", "-c", "pass"]).contains("[possible values: ir, opt, clif, asm]"));
    assert!(error(&["run", "--jit-opts=x", "-c", "pass"]).contains("a similar argument exists: '--jit-opt'"));
    let variable = outcome(folder.command(&["run", "-c", "pass"]).env("TJIT_BRIDGES", "many"));
    assert!(variable.err.contains("[possible values: classic, merge]"), "{variable:?}");
}

#[test]
fn modules_beside_the_script_win() {
    let folder = Folder::new("shadowing");
    folder.write("json.py", "x = 'mine'").write("s.py", "import json; print(json.x, json.__file__)");
    folder.run(&["run", "s.py"]).prints(&format!("mine {}\n", folder.path("json.py")));
    folder.run(&["run", "-c", "import json; print(json.x)"]).prints("mine\n");
    folder.run(&["run", "-I", "s.py"]).fails("AttributeError: module 'json' has no attribute 'x'", 1);
    // What the interpreter needs for the command line itself is the library's.
    folder.write("runpy.py", "x").write("linecache.py", "x").write("m.py", "print('m')");
    folder.run(&["run", "-m", "m"]).prints("m\n");
    folder.run(&["run", "-c", "print('c')"]).prints("c\n");
}

#[test]
fn the_library_has_files_and_sources() {
    let folder = Folder::new("library");
    let code = "
        import codecs, inspect, json, linecache, pkgutil, sys
        assert json.__file__ == json.dumps.__code__.co_filename == json.__spec__.origin, json.__file__
        assert json.__file__.endswith('/Lib/json/__init__.py')
        assert sys.path[-1] + '/json/__init__.py' == json.__file__ or 'site-packages' in sys.path[-1]
        print(inspect.getsource(json.dumps).splitlines()[0])
        print(inspect.getsource(codecs.Codec.encode).splitlines()[0].strip())
        print(linecache.getline(json.__file__, 1, vars(json)).strip()[:20])
        print([module.name for module in pkgutil.iter_modules(json.__path__)])
        from importlib import resources
        print(resources.files('json').joinpath('tool.py').read_text()[:3], resources.is_resource('json', 'nothing'))
        with resources.as_file(resources.files('json') / 'tool.py') as path: print(path.name, path.exists())";
    folder.run(&["run", "-c", code]).prints(
        "def dumps(obj, *, skipkeys=False, ensure_ascii=True, check_circular=True,\n\
         def encode(self, input, errors='strict'):\n\
         r\"\"\"JSON (JavaScript\n\
         ['__main__', 'decoder', 'encoder', 'scanner', 'tool']\n\
         \"\"\" False\n\
         tool.py True\n",
    );
}

#[test]
fn the_library_is_whole() {
    let folder = Folder::new("whole");
    let code = "
        import asyncio, concurrent.futures, ctypes, decimal, multiprocessing, queue, sqlite3, ssl, threading, zlib
        print(type(ssl.create_default_context()).__name__)
        print(sqlite3.connect(':memory:').execute('select 1 + 1').fetchall(), zlib.decompress(zlib.compress(b'z')))
        print(ctypes.CDLL(None).abs(-3), decimal.Decimal('0.1') * 3)
        async def main(): return await asyncio.sleep(0, 'slept')
        print(asyncio.run(main()), flush=True)
        from concurrent import interpreters
        interpreters.create().exec('import logging, json; print(json.dumps([1]), flush=True)')
        sys = __import__('sys'); sys.path.clear(); import colorsys";
    folder.run(&["run", "-c", code]).prints("SSLContext\n[(2,)] b'z'\n3 0.3\nslept\n[1]\n");
}

#[test]
fn programs_start_others_by_sys_executable() {
    let folder = Folder::new("executable");
    let code = "
        import subprocess, sys
        print(subprocess.check_output([sys.executable, '-c', 'import sys; print(sys.argv)', '-v'], text=True), end='')";
    folder.run(&["run", "-c", code]).prints("['-c', '-v']\n");
    let script = "import multiprocessing\ndef double(x): return 2 * x\nif __name__ == '__main__':
    for method in 'fork', 'spawn':
        with multiprocessing.get_context(method).Pool(2) as pool: print(pool.map(double, [1, 2]))";
    folder.write("pool.py", script);
    folder.run(&["run", "pool.py"]).prints("[2, 4]\n[2, 4]\n");
}

#[test]
fn tracebacks_show_sources() {
    let folder = Folder::new("traceback");
    folder.write("s.py", "import json\ndef f():\n    json.loads('{')\nf()\n");
    let failed = folder.run(&["run", "s.py"]);
    let script = folder.path("s.py");
    let start = format!(
        "Traceback (most recent call last):\n  File \"{script}\", line 4, in <module>\n    f()\n    ~^^\n  \
         File \"{script}\", line 3, in f\n    json.loads('{{')\n    ~~~~~~~~~~^^^^^\n  File \"{TJIT}/Lib/json/__init__.py\", line "
    );
    assert!(failed.err.starts_with(&start), "{}", failed.err);
    assert!(failed.err.contains(", in loads\n    return _default_decoder.decode(s)\n"), "{}", failed.err);

    folder.write("syntax.py", "x = (\n");
    folder.run(&["run", "syntax.py"]).fails("SyntaxError: '(' was never closed", 1);
    folder
        .write("null.py", "x\0\n")
        .run(&["run", "null.py"])
        .fails("SyntaxError: source code cannot contain null bytes", 1);
    let encoded = [b"# coding: latin-1\nprint('".as_slice(), b"\xe9", b"')\n"].concat();
    folder.write("latin.py", encoded).run(&["run", "latin.py"]).prints("é\n");
}

#[test]
fn interrupts_end_the_process_by_the_signal() {
    let folder = Folder::new("interrupt");
    let code = "import atexit, time; atexit.register(print, 'atexit'); print('ready', flush=True); time.sleep(60)";
    let mut child = folder.command(&["run", "-c", code]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let (mut rest, mut err) = (String::new(), String::new());
    out.read_to_string(&mut rest).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(status.signal(), Some(2), "{err}");
    assert_eq!((rest.as_str(), err.lines().last()), ("atexit\n", Some("KeyboardInterrupt")));
}

#[test]
fn closed_pipes_are_reported() {
    let folder = Folder::new("pipe");
    let mut child = folder.command(&["run", "-c", "while True: print('line')"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    let outcome = Outcome::new(output.status, b"", &output.stderr);
    assert_eq!(outcome.status.code(), Some(1));
    assert!(outcome.err.contains("BrokenPipeError: [Errno 32] Broken pipe"), "{outcome:?}");

    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let unwritten = folder.command(&["run", "-c", "print(1)"]).stdout(full).output().unwrap();
    assert_eq!(unwritten.status.code(), Some(120));
}

#[test]
fn a_prompt_without_a_terminal() {
    let folder = Folder::new("prompt");
    let outcome =
        folder.run_with_input(&["run", "-qi"], "x = 20\nfor i in range(2):\n  x += i\n\nx * 2\n1 / 0\nexit(3)\n");
    assert_eq!((outcome.out.as_str(), outcome.status.code()), ("42\n", Some(3)), "{outcome:?}");
    assert!(outcome.err.starts_with(">>> >>> ... ... >>> >>> Traceback"), "{}", outcome.err);
    assert!(outcome.err.contains("ZeroDivisionError: division by zero\n>>> "), "{}", outcome.err);
}

#[test]
fn a_prompt_after_the_program() {
    let folder = Folder::new("inspect");
    for code in ["x = 5", "x = 5; raise SystemExit(3)", "x = 5; 1 / 0"] {
        let outcome = folder.run_with_input(&["run", "-i", "-c", code], "x\n");
        assert_eq!((outcome.out.as_str(), outcome.status.code()), ("5\n", Some(0)), "{code}: {outcome:?}");
        assert_eq!(outcome.err.contains("SystemExit: 3"), code.contains("raise"), "{outcome:?}");
    }
    // The variable asks for it in a terminal only.
    outcome(folder.command(&["run", "-c", "print(1)"]).env("PYTHONINSPECT", "1").stdin(Stdio::null())).prints("1\n");
}

#[test]
fn the_log_knows_the_program_by_its_argv() {
    let folder = Folder::new("log");
    folder.write("s.py", "for i in range(100000): pass");
    for (program, argv) in [(&["s.py"][..], "s.py"), (&["-c", "pass"], "-c"), (&["-m", "s"], "s")] {
        let log = folder.path("log.jsonl");
        let arguments = [&["run", "--log", log.as_str()], program, &["x", "-v"]].concat();
        folder.run(&arguments).prints("");
        let events = fs::read_to_string(&log).unwrap();
        assert!(events.contains(&format!(r#""argv":["{argv}","x","-v"]"#)), "{events}");
        // Of a trace, too, not only of the whole run.
        let compiled = events.matches(r#""compiled_micros":"#).count() > 1;
        assert_eq!(compiled, argv != "-c", "{events}");
    }
}

const THREE_BRANCHES: &str = "\
def f(a=None, b=None, c=None):
    if a is None:
        a = 10
    if b is None:
        b = 20
    if c is None:
        c = 40
    return a + b + c
s = 0
for i in range(400000):
    s += f(i & 1 or None, i & 2 or None, i & 4 or None)
print(s)
";

#[test]
fn the_report_says_what_branches_have_become() {
    let folder = Folder::new("regions");
    folder.write("s.py", THREE_BRANCHES);
    let log = folder.path("log.jsonl");
    folder.run(&["run", "--compile-threads", "0", "--log", &log, "s.py"]).prints("15400000\n");
    let report = folder.run(&["report", &log]);
    for heading in ["Guards with most bridges below them", "Regions", "Time in compiled code, by trace"] {
        assert!(report.out.contains(&format!("\n{heading}\n")), "{heading}: {report:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&folder.run(&["report", "--json", &log]).out).unwrap();
    let number = |value: &serde_json::Value| value.as_u64().unwrap_or_else(|| panic!("{value} in {json}"));
    let region = &json["regions"][0];
    for what in ["bridges", "joins", "versions", "blocks", "code_bytes"] {
        assert!(number(&region[what]) > 0, "{what}: {region}");
    }
    let blocks = json["blocks"].as_array().expect("a list");
    let share: f64 = blocks.iter().filter_map(|block| block["share"].as_f64()).sum();
    assert!((share - 1.0).abs() < 0.01, "{blocks:?}");
    let bridges = json["loops"][0]["bridges"].as_array().expect("a list");
    assert!(bridges.iter().any(|bridge| number(&bridge["entries"]) > 1_000), "{bridges:?}");
}

#[test]
fn cycles_that_lived_long_are_collected_while_the_program_runs() {
    let folder = Folder::new("cycles");
    folder.write(
        "main.py",
        "import gc\n\
         class Node:\n    def __init__(self, parts):\n        self.me, self.parts = self, parts\n\
         def build(depth):\n    return Node((build(depth - 1), build(depth - 1)) if depth else ())\n\
         kept = []\n\
         for _ in range(3000):\n    kept.append(build(6))\n    if len(kept) > 40:\n        kept.pop(0)\n\
         print(len([each for each in gc.get_objects() if isinstance(each, Node)]) < 120_000)\n",
    );
    // The VM alone keeps all that has survived a collection of the youngest: 381,000 nodes.
    folder.run(&["run", "main.py"]).prints("True\n");
}
