//! The `tjit` command. One file per subcommand.
//!
//! `tjit` also stands in for `python3`: without a subcommand, its arguments are those of `tjit run`. So
//! `sys.executable` can be called as programs call it: `[sys.executable, "script.py"]`, `[sys.executable, "-c", code]`.

mod arguments;
mod report;
mod run;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Python with a tracing JIT that tells what it does
#[derive(Parser)]
#[command(name = "tjit", version, disable_version_flag = true, disable_help_subcommand = true)]
#[command(after_help = "Without a subcommand, the arguments are those of `tjit run`: `tjit script.py`.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Box<run::Run>),
    /// Print the summary of a saved event log
    Report(report::Args),
}

fn main() -> ExitCode {
    let arguments = arguments::complete(std::env::args_os().collect(), &Cli::command());
    let arguments: Vec<OsString> = match arguments {
        Ok(arguments) => arguments,
        Err(message) => return fail(&message),
    };
    let cli = Cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let result = match cli {
        Ok(Cli { command: Command::Run(run) }) => run.run(),
        Ok(Cli { command: Command::Report(args) }) => Ok(report::run(&args)),
        Err(error) => error.exit(),
    };
    result.unwrap_or_else(|message| fail(&message))
}

/// Says what is wrong with the command line.
fn fail(message: &str) -> ExitCode {
    eprintln!("tjit: {message}");
    ExitCode::from(2)
}
