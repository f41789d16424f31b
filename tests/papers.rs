//! What papers say is what their commands print: tables and figures are those of the saved results, and the command that
//! measures works. It runs under tjit itself.

use std::fs;
use std::path::Path;
use std::process::Command;

const PAPER: &str = "papers/merging-bridges";

/// Runs the paper's command; fails with what it said.
fn make(arguments: &[&str]) {
    let tjit = env!("CARGO_BIN_EXE_tjit");
    let mut command = Command::new(tjit);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("run").arg(format!("{PAPER}/make")).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn tables_and_figures_are_those_of_the_results() {
    let folder = tempfile::tempdir().unwrap();
    make(&["--from", &format!("{PAPER}/results.json"), "--into", folder.path().to_str().unwrap()]);
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAPER);
    assert_eq!(read(&folder.path().join("README.md")), read(&paper.join("README.md")), "run: {PAPER}/make --from …");
    for figure in fs::read_dir(paper.join("figures")).unwrap() {
        let name = figure.unwrap().file_name();
        assert_eq!(read(&folder.path().join("figures").join(&name)), read(&paper.join("figures").join(&name)));
    }
}

#[test]
fn what_is_measured_is_found_and_agrees() {
    let folder = tempfile::tempdir().unwrap();
    make(&["--quick", "--tjit", env!("CARGO_BIN_EXE_tjit"), "--into", folder.path().to_str().unwrap()]);
    let results: serde_json::Value = serde_json::from_str(&read(&folder.path().join("results.json"))).unwrap();
    let cases = results["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 4);
    for case in cases {
        for mode in ["merge", "classic"] {
            let found = &case["found"][mode];
            assert!(found["steady"].as_f64().is_some_and(|seconds| seconds > 0.0), "{mode}: {case}");
            assert!(found["roots"].as_u64().is_some_and(|roots| roots > 0), "{mode}: {case}");
        }
    }
    assert!(folder.path().join("figures/defaults-bridges.svg").exists());
}
