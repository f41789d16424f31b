//! Runs a `tjit` command to its end, with a time limit, and keeps everything it printed.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt;

/// The binary under test.
pub const TJIT: &str = env!("CARGO_BIN_EXE_tjit");

/// What a process left behind. Invalid UTF-8 is replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit status, 128 + n when signal n ended the process, as a shell tells it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `tjit` with these arguments; an error when it cannot be started or takes longer than `limit`.
///
/// No PYTHON… or TJIT_… variable of the caller reaches it, and string hashes are fixed, so that every run is the same.
pub fn tjit<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(args: I, limit: Duration) -> Result<Outcome, String> {
    let mut command = Command::new(TJIT);
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("PYTHON") || name_text.starts_with("TJIT_") {
            command.env_remove(&name);
        }
    }
    command.env("PYTHONHASHSEED", "0");
    run(command, limit).map_err(|error| format!("{TJIT}: {error}"))
}

fn run(mut command: Command, limit: Duration) -> Result<Outcome, String> {
    // Files and not pipes: a process that prints much never waits for us, whatever it does and however it ends.
    let text = |error: std::io::Error| error.to_string();
    let mut stdout = tempfile::tempfile().map_err(text)?;
    let mut stderr = tempfile::tempfile().map_err(text)?;
    command.stdout(stdout.try_clone().map_err(text)?).stderr(stderr.try_clone().map_err(text)?);
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let Some(status) = child.wait_timeout(limit).map_err(text)? else {
        child.kill().map_err(text)?;
        child.wait().map_err(text)?;
        return Err(format!(
            "took longer than {} s and was ended; it had printed:\n{}",
            limit.as_secs(),
            all(&mut stdout)?
        ));
    };
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    Ok(Outcome { status: code.unwrap_or(-1), stdout: all(&mut stdout)?, stderr: all(&mut stderr)? })
}

fn all(file: &mut File) -> Result<String, String> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
