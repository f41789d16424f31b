//! `tjit report FILE`: the summary of a saved event log, as text or as JSON.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tjit_events::{Look, Sources, Summary, read_log};

/// What `tjit report` accepts.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The event log, as written by `tjit run --log FILE`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Print the summary as JSON, with nothing left out.
    #[arg(long)]
    pub json: bool,
}

/// Prints the summary on standard output. The status is 1 when the log cannot be read or the output cannot be written.
pub fn run(args: &Args) -> ExitCode {
    match summary(args).and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nobody is left to tell when stderr is closed too.
            let _ = writeln!(io::stderr(), "tjit report: {message}");
            ExitCode::FAILURE
        }
    }
}

fn summary(args: &Args) -> Result<String, String> {
    let log = read_log(&args.file).map_err(|error| error.to_string())?;
    let summary = Summary { notes: log.notes, ..Summary::from_events(&log.events) };
    if args.json {
        summary.to_json().map(|json| json + "\n").map_err(|error| error.to_string())
    } else {
        Ok(summary.render(Look::for_stdout(), &mut Sources::new()))
    }
}

/// A reader that closes the pipe early (`| head`) has seen what it wanted.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write the report: {error}")),
        _ => Ok(()),
    }
}
