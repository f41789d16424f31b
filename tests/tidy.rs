//! What is true of every source file: what it is for is written at its top, it is not too long, and `unsafe` is only where
//! ARCHITECTURE.md says so, with the reason why it is sound. Needs no VM.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file, at most.
const LONGEST: usize = 700;

#[test]
fn files_say_what_they_are_for_and_are_short() {
    check(|_, text| {
        let mut found = Vec::new();
        if !text.starts_with("//!") {
            found.push("1: does not begin with a `//!` that says what the file is for".to_owned());
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            found.push(format!("{lines}: is longer than {LONGEST} lines: split it by topic"));
        }
        found
    });
}

#[test]
fn unsafe_code_is_where_it_may_be_and_says_why() {
    let rooms = rooms();
    check(|file, text| {
        // Below it writes about unsafe code.
        if file == "tests/tidy.rs" {
            return Vec::new();
        }
        let room = rooms.iter().find(|(room, _)| file.starts_with(room));
        let may = room.is_some_and(|&(_, may)| may);
        let lines: Vec<&str> = text.lines().collect();
        let mut found = Vec::new();
        for number in (0..lines.len()).filter(|&number| is_unsafe(lines[number])) {
            if !may {
                found.push(format!("{}: `unsafe` in a room that must do without", number + 1));
            } else if !says_why(&lines[..=number]) {
                found.push(format!("{}: `unsafe` without a `// SAFETY:` comment above", number + 1));
            }
        }
        found
    });
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms in the table of ARCHITECTURE.md, and whether there may be unsafe code.
fn rooms() -> Vec<(String, bool)> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let room = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        match *cells.get(4)? {
            "yes" => Some((format!("{}/", room.trim_end_matches('/')), true)),
            "no" => Some((format!("{}/", room.trim_end_matches('/')), false)),
            _ => None,
        }
    });
    let rooms: Vec<_> = rows.collect();
    assert!(rooms.len() > 5, "the table of rooms in ARCHITECTURE.md cannot be read: {rooms:?}");
    rooms
}

/// Runs `find` on all sources; fails with what it found.
fn check(find: impl Fn(&str, &str) -> Vec<String>) {
    let mut files = Vec::new();
    collect(root(), &mut files);
    assert!(files.len() > 50, "only {} sources", files.len());
    let mut message = String::new();
    for file in &files {
        let name = file.strip_prefix(root()).expect("it was found there").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        for problem in find(&name, &text) {
            let _ = writeln!(message, "{name}:{problem}");
        }
    }
    assert!(message.is_empty(), "\n{message}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "target" && !name.to_string_lossy().starts_with('.') {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Whether an unsafe block or implementation begins in the line.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["unsafe {", "unsafe impl"].iter().any(|form| {
        code.match_indices(form)
            .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_`\"".contains(c)))
    })
}

/// Whether a comment with the reason stands before the last of these lines: above it, above the statement that it is part
/// of, or above an unsafe statement right before it, for which the same holds.
fn says_why(lines: &[&str]) -> bool {
    for (back, line) in lines.iter().rev().enumerate() {
        let line = line.trim();
        if line.contains("SAFETY:") {
            return true;
        }
        let is_comment = line.starts_with("//") || line.starts_with("#[");
        let ends = line.is_empty() || line.ends_with([';', '}']);
        if back > 0 && ends && !is_comment && !is_unsafe(line) {
            return false;
        }
    }
    false
}

#[test]
fn reasons_are_found() {
    for (text, expected) in [
        ("// SAFETY: so.\nunsafe { f() }", true),
        ("// SAFETY: so\n// and so.\nlet x =\n    unsafe { f() };", true),
        ("// SAFETY: so.\nunsafe { f() };\nunsafe { g() };", true),
        ("// SAFETY: so.\nlet y = 1;\nunsafe { g() };", false),
        ("// SAFETY: so.\n\nunsafe { g() };", false),
        ("unsafe impl Sync for X {}", false),
    ] {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(says_why(&lines), expected, "{text}");
    }
    assert!(is_unsafe("let x = unsafe { f() };") && is_unsafe("unsafe impl Send for X {}"));
    assert!(!is_unsafe("// unsafe { f() }") && !is_unsafe("pub unsafe fn f()"));
}
