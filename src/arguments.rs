//! Prepares the command line for clap: what `python3` accepts, in the way that clap understands.
//!
//! ```text
//! tjit script.py -v              tjit run -- script.py -v
//! tjit run -uc 'print()' -v      tjit run -u -c 'print()' -- -v
//! tjit run --log f -m json x     tjit run --log f -m json -- x
//! ```

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// Adds the subcommand where there is none, and `--` where the script's part begins.
///
/// # Errors
/// When an argument is not UTF-8, which the VM cannot pass on.
pub fn complete(arguments: Vec<OsString>, cli: &Command) -> Result<Vec<OsString>, String> {
    let mut texts = Vec::new();
    for argument in arguments {
        let text = argument.into_string();
        texts
            .push(text.map_err(|argument| format!("an argument is not UTF-8: {argument:?}; only UTF-8 is supported"))?);
    }
    let binary = texts.first().cloned().unwrap_or_default();
    let mut rest = texts.into_iter().skip(1).collect::<Vec<_>>();
    let first = rest.first().map(String::as_str);
    let names_python = OsStr::new(&binary).to_str().and_then(|path| path.rsplit('/').next()).unwrap_or("");
    let is_subcommand = !names_python.starts_with("python")
        && first.is_some_and(|first| first == "--help" || first == "-h" || cli.find_subcommand(first).is_some());
    if !is_subcommand {
        rest.insert(0, "run".to_owned());
    }
    if rest[0] == "run"
        && let Some(run) = cli.find_subcommand("run")
    {
        rest = split(rest, run);
    }
    Ok(std::iter::once(binary).chain(rest).map(OsString::from).collect())
}

/// Splits the flags for the interpreter from what belongs to the script, by the definition of `tjit run`.
fn split(arguments: Vec<String>, run: &Command) -> Vec<String> {
    let takes_value = |arg: &Arg| arg.get_action().takes_values();
    let mut split = Vec::new();
    let mut rest = arguments.into_iter();
    split.extend(rest.next());
    while let Some(argument) = rest.next() {
        if argument == "-" || !argument.starts_with('-') {
            split.extend(["--".to_owned(), argument]);
            break;
        }
        if argument == "--" {
            split.push(argument);
            break;
        }
        if let Some(long) = argument.strip_prefix("--") {
            let arg = run.get_arguments().find(|arg| arg.get_long() == Some(long));
            split.push(argument);
            if arg.is_some_and(takes_value) {
                split.extend(rest.next());
            }
            continue;
        }
        // Short flags may stand together; the first that takes a value takes the rest, or the next argument.
        let mut ends = false;
        for (at, flag) in argument[1..].char_indices() {
            split.push(format!("-{flag}"));
            if run.get_arguments().find(|arg| arg.get_short() == Some(flag)).is_some_and(takes_value) {
                let attached = &argument[1 + at + flag.len_utf8()..];
                let value = if attached.is_empty() { rest.next() } else { Some(attached.to_owned()) };
                ends = value.is_some() && (flag == 'c' || flag == 'm');
                split.extend(value);
                break;
            }
        }
        if ends {
            split.push("--".to_owned());
            break;
        }
    }
    split.extend(rest);
    split
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn completed(line: &str) -> String {
        let arguments = line.split(' ').map(OsString::from).collect();
        let completed = complete(arguments, &crate::Cli::command()).unwrap();
        completed.iter().map(|argument| argument.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_subcommand_may_be_left_out() {
        assert_eq!(completed("tjit script.py -v"), "tjit run -- script.py -v");
        assert_eq!(completed("tjit run script.py run"), "tjit run -- script.py run");
        assert_eq!(completed("tjit"), "tjit run");
        assert_eq!(completed("tjit --help"), "tjit --help");
        assert_eq!(completed("/venv/bin/python3 run"), "/venv/bin/python3 run -- run");
    }

    #[test]
    fn what_follows_the_program_is_the_programs() {
        assert_eq!(completed("tjit run -c code -v --jit=on"), "tjit run -c code -- -v --jit=on");
        assert_eq!(completed("tjit run -Bccode -v"), "tjit run -B -c code -- -v");
        assert_eq!(completed("tjit run -m module -c x"), "tjit run -m module -- -c x");
        assert_eq!(completed("tjit run - -c x"), "tjit run -- - -c x");
    }

    #[test]
    fn values_of_flags_are_not_the_script() {
        assert_eq!(completed("tjit run --log f -c code"), "tjit run --log f -c code --");
        assert_eq!(completed("tjit run --log=f -Werror -W d s -x"), "tjit run --log=f -W error -W d -- s -x");
        assert_eq!(completed("tjit run --report -X dev s"), "tjit run --report -X dev -- s");
    }
}
