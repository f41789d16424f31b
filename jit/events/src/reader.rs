//! Reading a saved event log.
//!
//! A log that ends in the middle of a line (the process was killed, the disk was full) is read up to there, with a note.
//! Anything else that is wrong is an error that names the line.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::{Event, VERSION};

/// A log as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedLog {
    /// The events; the first is `run`.
    pub events: Vec<Event>,
    /// What the reader of a report should know about the log: that its last line is cut off, or that it has no end.
    pub notes: Vec<String>,
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be opened or read.
    #[error("cannot read the event log {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{path} is empty: an event log begins with a `run` line. Was the program run with --log?")]
    Empty {
        /// The file.
        path: String,
    },
    /// The first line is not a header.
    #[error("{path} is not an event log of tjit: its first line should be a `run` event, but {problem}")]
    NotALog {
        /// The file.
        path: String,
        /// What the line is instead.
        problem: String,
    },
    /// Another version of the format.
    #[error(
        "{path} has version {found} of the event log, but this tjit reads version {VERSION}: read it with the tjit that wrote it{by}"
    )]
    Version {
        /// The file.
        path: String,
        /// Its version.
        found: u64,
        /// The tjit that wrote it, as text for the message.
        by: String,
    },
    /// A line that is not an event.
    #[error("{path}, line {line}: {problem}")]
    Line {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// What all versions of the first line have in common.
#[derive(Deserialize)]
struct Header {
    event: String,
    version: u64,
    #[serde(default)]
    tjit: Option<String>,
}

/// Reads a saved log.
///
/// # Errors
/// When the file cannot be read, is not an event log, has another version, or has a line that is not an event.
pub fn read_log(path: &Path) -> Result<SavedLog, LogError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => parse_log(&name, BufReader::new(file)),
        Err(source) => Err(LogError::Io { path: name, source }),
    }
}

/// Reads a log from `reader`; messages call it `name`.
///
/// # Errors
/// As [`read_log`].
pub fn parse_log(name: &str, mut reader: impl BufRead) -> Result<SavedLog, LogError> {
    let mut log = SavedLog { events: Vec::new(), notes: Vec::new() };
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        let read = reader.read_until(b'\n', &mut bytes);
        if read.map_err(|source| LogError::Io { path: name.into(), source })? == 0 {
            break;
        }
        line += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if log.events.is_empty() {
            check_header(name, &bytes)?;
        }
        match serde_json::from_slice(&bytes) {
            Ok(event) => log.events.push(event),
            // A cut line lacks its newline, and as a rule its end.
            Err(_) if !bytes.ends_with(b"\n") && !log.events.is_empty() => {
                log.notes.push(format!("Line {line} is cut off: the log ends there."));
            }
            Err(error) => {
                let problem = without_position(&error);
                return Err(LogError::Line { path: name.into(), line, problem });
            }
        }
    }
    if log.events.is_empty() {
        return Err(LogError::Empty { path: name.into() });
    }
    if !matches!(log.events.last(), Some(Event::Totals(_))) {
        log.notes.push("The log has no totals: the program was killed, or it has not ended yet.".into());
    }
    Ok(log)
}

fn check_header(name: &str, bytes: &[u8]) -> Result<(), LogError> {
    let path = name.to_owned();
    match serde_json::from_slice::<Header>(bytes) {
        Err(error) => Err(LogError::NotALog { path, problem: without_position(&error) }),
        Ok(header) if header.event != "run" => {
            Err(LogError::NotALog { path, problem: format!("it is `{}`", header.event) })
        }
        Ok(header) if header.version != u64::from(VERSION) => {
            let by = header.tjit.map(|tjit| format!(", {tjit}")).unwrap_or_default();
            Err(LogError::Version { path, found: header.version, by })
        }
        Ok(_) => Ok(()),
    }
}

/// The message of a JSON error, with its column only: within a log, its line is always 1.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&position) {
        Some(message) if error.column() > 0 => format!("{message} (column {})", error.column()),
        Some(message) => message.into(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JitOn, Run, Totals};

    fn read(text: &str) -> Result<SavedLog, String> {
        parse_log("x.log", text.as_bytes()).map_err(|error| error.to_string())
    }

    fn header() -> String {
        let run = Run { version: VERSION, tjit: "0.1.0".into(), ..Run::default() };
        serde_json::to_string(&Event::from(run)).unwrap()
    }

    #[test]
    fn reads_what_was_written() {
        let totals = serde_json::to_string(&Event::from(Totals::default())).unwrap();
        let log = read(&format!("{}\n{{\"event\":\"jit-on\",\"at_micros\":5}}\n\n{totals}\n", header())).unwrap();
        assert_eq!(log.events.len(), 3);
        assert_eq!(log.events[1], JitOn { at_micros: 5 }.into());
        assert!(log.notes.is_empty());
    }

    #[test]
    fn a_cut_last_line_is_noted() {
        let log = read(&format!("{}\n{{\"event\":\"jit-o", header())).unwrap();
        assert_eq!(log.events.len(), 1);
        assert_eq!(log.notes[0], "Line 2 is cut off: the log ends there.");
        assert_eq!(log.notes[1], "The log has no totals: the program was killed, or it has not ended yet.");
    }

    #[test]
    fn other_errors_name_the_line() {
        let error = read(&format!("{}\n{{\"event\":\"jit-o\n", header())).unwrap_err();
        assert!(error.starts_with("x.log, line 2: "), "{error}");
        let error = read(&format!("{}\n\n{{\"event\":\"nap\"}}\n", header())).unwrap_err();
        assert!(error.starts_with("x.log, line 3: unknown variant `nap`"), "{error}");
        let off = r#"{"event":"jit-off","at_micros":1,"reason":"too-tired"}"#;
        let error = read(&format!("{}\n{off}\n", header())).unwrap_err();
        assert!(error.contains("line 2: unknown reason `too-tired`"), "{error}");
    }

    #[test]
    fn says_when_it_is_no_log_or_another_version() {
        assert_eq!(
            read("").unwrap_err(),
            "x.log is empty: an event log begins with a `run` line. Was the program run with --log?"
        );
        assert!(read("import math\n").unwrap_err().starts_with("x.log is not an event log of tjit"));
        assert!(read("{\"event\":\"jit-on\",\"version\":1}\n").unwrap_err().ends_with("but it is `jit-on`"));
        assert_eq!(
            read("{\"event\":\"run\",\"version\":2,\"tjit\":\"9.0\",\"new\":true}\n").unwrap_err(),
            "x.log has version 2 of the event log, but this tjit reads version 1: read it with the tjit that wrote it, 9.0"
        );
        assert!(read_log(Path::new("/nowhere/x.log")).unwrap_err().to_string().contains("/nowhere/x.log"));
    }
}
