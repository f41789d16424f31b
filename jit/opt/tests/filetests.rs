//! Tests of passes in text. A file of `tests/filetests` begins with `; passes: fold,dce` (or `all`) and has cases:
//!
//! ```text
//! === name of the case
//! trace t1 …            (what goes in)
//! ---
//! trace t1 …            (what comes out)
//! ```
//!
//! With `TJIT_BLESS=1` in the environment, what comes out is written to the files.

use std::fmt::Write as _;
use std::path::Path;

use similar::TextDiff;
use tjit_ir::Trace;
use tjit_opt::{Options, all_passes};

/// What comes out of a case, and what should.
fn run_case(passes: &str, input: &str) -> String {
    let mut trace = Trace::parse(input).unwrap_or_else(|error| panic!("{error}\n{input}"));
    trace.verify().unwrap_or_else(|error| panic!("{error}\n{input}"));
    if passes.trim() == "all" {
        trace = tjit_opt::optimize(trace, &Options::default()).0;
    }
    for name in passes.split(',').map(str::trim).filter(|&name| name != "all") {
        let pass = all_passes().into_iter().find(|pass| pass.name() == name);
        trace = pass.unwrap_or_else(|| panic!("there is no pass '{name}'")).run(trace);
        trace.verify().unwrap_or_else(|error| panic!("after '{name}': {error}\n{trace}"));
        if name == "ownership" {
            trace.verify_ownership().unwrap_or_else(|error| panic!("after '{name}': {error}\n{trace}"));
        }
    }
    let body = |text: &str| text.lines().skip_while(|line| !line.starts_with("params")).collect::<Vec<_>>().join("\n");
    body(&format!("{trace:#}"))
}

fn run_file(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let passes = text.lines().next().and_then(|line| line.strip_prefix("; passes:"));
    let passes = passes.ok_or("the first line is not '; passes: …'")?;
    let (head, cases) = text.split_once("\n=== ").ok_or("there is no case")?;
    let mut blessed = head.to_owned();
    let mut failures = String::new();
    for case in cases.split("\n=== ") {
        let (name, case) = case.split_once('\n').ok_or("a case has a name and a trace")?;
        let (input, expected) = case.split_once("\n---\n").unwrap_or((case, ""));
        let found = run_case(passes, input);
        if found.trim() != expected.trim() {
            let diff = TextDiff::from_lines(expected.trim(), found.trim());
            let _ = writeln!(failures, "{name}:\n{}", diff.unified_diff().header("expected", "found"));
        }
        let _ = write!(blessed, "\n=== {name}\n{}\n---\n{}\n", input.trim_end(), found.trim());
    }
    if std::env::var_os("TJIT_BLESS").is_some() {
        return std::fs::write(path, blessed).map_err(|error| error.to_string());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

#[test]
fn filetests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/filetests");
    let mut files: Vec<_> = std::fs::read_dir(&folder).expect("the folder of tests").flatten().collect();
    files.sort_by_key(|file| file.path());
    let failures: Vec<String> = files
        .iter()
        .filter_map(|file| run_file(&file.path()).err().map(|error| format!("{}\n{error}", file.path().display())))
        .collect();
    assert!(failures.is_empty(), "{}\nTJIT_BLESS=1 accepts what was found", failures.join("\n"));
}
