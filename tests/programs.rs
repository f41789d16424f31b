//! Runs every program of `tests/programs` with the JIT off, on and under stress.
//!
//! Each program × mode is a test of its own, called `mode::program` (`cargo test --test programs on::int_` runs a few).
//! What a program has to print stands in its header (`support/header.rs`). On top of that a run with the JIT on, or under
//! stress, must not differ in a single byte from the run with the JIT off: stdout, stderr and exit status.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use support::header::Header;
use support::pattern;
use support::process::{self, Outcome};

/// What a program runs with that has no `# options:`. Low, so that short programs get hot and their exits too.
const LOW_THRESHOLDS: [&str; 6] = ["--threshold-loop", "30", "--threshold-function", "20", "--threshold-exit", "8"];
/// A program is ended after this time; the slowest take a few seconds under stress in a debug build.
const LIMIT: Duration = Duration::from_secs(240);

struct Program {
    path: PathBuf,
    header: Header,
    /// The run with the JIT off, made once and compared with by the other modes.
    off: OnceLock<Result<Outcome, String>>,
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("support::header", || {
            header_is_read();
            Ok(())
        }),
        Trial::test("support::pattern", || {
            patterns_match();
            Ok(())
        }),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    for path in programs(&folder) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        match Header::parse(&source) {
            Ok(header) => {
                let modes = header.modes.clone();
                let program = Arc::new(Program { path, header, off: OnceLock::new() });
                for mode in modes {
                    let program = program.clone();
                    trials.push(Trial::test(format!("{mode}::{name}"), move || {
                        check(&program, &mode).map_err(Failed::from)
                    }));
                }
            }
            Err(error) => {
                let message = format!("{}: {error}", path.display());
                trials.push(Trial::test(format!("header::{name}"), move || Err(Failed::from(message))));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// All programs, by name.
fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no programs", folder.display());
    paths
}

/// Runs the program in one mode and compares with its header and with the run that had the JIT off.
fn check(program: &Program, mode: &str) -> Result<(), String> {
    let log = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let wants_events = mode == "on" && !(program.header.events.is_empty() && program.header.no_events.is_empty());
    let outcome = if mode == "off" {
        program.off.get_or_init(|| run(program, "off", None)).as_ref()?
    } else {
        &run(program, mode, wants_events.then_some(log.path()))?
    };
    compare("stdout", &program.header.stdout, &outcome.stdout, outcome)?;
    if program.header.status != outcome.status {
        return Err(format!("exit status {}, expected {}\n{}", outcome.status, program.header.status, outcome.stderr));
    }
    if let Some(expected) = &program.header.stderr {
        let last = outcome.stderr.lines().last().unwrap_or_default();
        if !pattern::matches(expected, last) {
            return Err(format!("the last line on stderr is\n  {last}\nexpected\n  {expected}"));
        }
    }
    if mode != "off" {
        let off = program.off.get_or_init(|| run(program, "off", None)).as_ref()?;
        compare("stdout with --jit=off", &off.stdout, &outcome.stdout, outcome)?;
        if program.header.stderr_varies.is_none() {
            compare("stderr with --jit=off", &off.stderr, &outcome.stderr, outcome)?;
        }
    }
    if wants_events {
        let events = fs::read_to_string(log.path()).map_err(|error| format!("{}: {error}", log.path().display()))?;
        events_match(&program.header, &events)?;
    }
    Ok(())
}

fn run(program: &Program, mode: &str, log: Option<&Path>) -> Result<Outcome, String> {
    let mut arguments = vec!["run".to_owned(), format!("--jit={mode}")];
    match &program.header.options {
        Some(options) => arguments.extend(options.iter().cloned()),
        None => arguments.extend(LOW_THRESHOLDS.map(String::from)),
    }
    // What is compiled may not depend on how busy the machine is.
    arguments.push("--compile-threads=0".to_owned());
    if let Some(log) = log {
        arguments.extend(["--log".to_owned(), log.display().to_string()]);
    }
    arguments.push(program.path.display().to_string());
    process::tjit(arguments, LIMIT)
}

/// An error that shows the first line that differs.
fn compare(what: &str, expected: &str, got: &str, outcome: &Outcome) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let mut expected_lines = expected.lines();
    let mut got_lines = got.lines();
    let mut number = 0;
    loop {
        number += 1;
        let (left, right) = (expected_lines.next(), got_lines.next());
        if left != right || (left, right) == (None, None) {
            let show = |line: Option<&str>| line.map_or("nothing more".to_owned(), |line| format!("`{line}`"));
            return Err(format!(
                "{what}: line {number} is {}, expected {}\nexit status {}, stderr:\n{}",
                show(right),
                show(left),
                outcome.status,
                outcome.stderr
            ));
        }
    }
}

/// Compares an event log with the patterns of a header.
fn events_match(header: &Header, events: &str) -> Result<(), String> {
    if let Some(missing) = pattern::first_missing(&header.events, events) {
        return Err(format!("no event (after those for the patterns before it) matches\n  {missing}\nin\n{events}"));
    }
    for unwanted in &header.no_events {
        if let Some(line) = events.lines().find(|line| pattern::matches(unwanted, line)) {
            return Err(format!("an event matches\n  {unwanted}\nwhich must not be:\n  {line}"));
        }
    }
    Ok(())
}

fn header_is_read() {
    let source = "\"\"\"Doc.\"\"\"\n\n# options: --a 1\n# modes: on\n# expect-status: 3\n# expect-event: ...x...\n\
                  # expect-stdout:\n#   one\n#\n#     two\n# a comment: not ours\nprint()\n";
    let header = Header::parse(source).expect("a correct header");
    assert_eq!(header.options, Some(vec!["--a".to_owned(), "1".to_owned()]));
    assert_eq!(header.modes, ["on"]);
    assert_eq!(header.status, 3);
    assert_eq!(header.stdout, "one\n\n  two\n");
    assert_eq!(header.events, ["...x..."]);
    assert!(events_match(&header, "axb\n").is_ok() && events_match(&header, "ab\n").is_err());
    for wrong in
        ["# expect-status: x\n# expect-stdout:\n", "# expect-out: x\n", "print()\n", "# modes:\n# expect-stdout:\n"]
    {
        assert!(Header::parse(wrong).is_err(), "{wrong:?}");
    }
}

fn patterns_match() {
    for (pattern, text) in
        [("abc", "abc"), ("a...c", "abbc"), ("...", ""), ("...b...", "abc"), ("a...b...c", "a-b-b-c")]
    {
        assert!(pattern::matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("abc", "abcd"), ("a...", "ba"), ("a...a", "a"), ("...b...", "ac"), ("...ab", "abc")] {
        assert!(!pattern::matches(pattern, text), "{pattern} {text}");
    }
    let patterns = ["...b...".to_owned(), "c".to_owned()];
    assert_eq!(pattern::first_missing(&patterns, "a\nb\nx\nc\n"), None);
    assert_eq!(pattern::first_missing(&patterns, "c\nb\n"), Some("c"));
}
