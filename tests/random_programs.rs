//! Random programs do the same with the JIT off, on and under stress.
//!
//! The generator and its driver are Python scripts (`tests/fuzz`), and `tjit` itself runs them, so no python3 is needed.
//! The number is fixed, and so are the seeds; `TJIT_RANDOM_PROGRAMS=10000 cargo test --test random_programs` runs more.

#[path = "support/process.rs"]
mod process;

use std::path::Path;
use std::time::Duration;

/// How many programs there are without the variable: fewer in a debug build, whose interpreter is many times slower.
const PROGRAMS: u32 = if cfg!(debug_assertions) { 40 } else { 300 };

#[test]
fn random_programs_agree() {
    let count = std::env::var("TJIT_RANDOM_PROGRAMS").map_or(PROGRAMS, |text| {
        text.parse().unwrap_or_else(|_| panic!("TJIT_RANDOM_PROGRAMS={text}: expected the number of programs"))
    });
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/run.py");
    let driver = driver.to_str().expect("the path of the repository is UTF-8");
    let count_text = count.to_string();
    let mut arguments =
        vec!["run", "--jit=off", driver, "--tjit", process::TJIT, "--seed", "1", "--count", &count_text];
    // A difference is reduced here and now, which takes time; the second one can wait.
    arguments.extend(["--failures", "1", "--reduce-seconds", "200"]);
    let limit = Duration::from_secs(600 + u64::from(count));
    let outcome = process::tjit(arguments, limit).unwrap_or_else(|error| panic!("{error}"));
    let found = format!("\n{}\n{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.status, 0, "a difference, or a driver that failed; tests/README.md says what to do:{found}");
    assert!(outcome.stdout.contains(&format!("{count} programs, 0 differences")), "{found}");
}
