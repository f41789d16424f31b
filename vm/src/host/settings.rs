//! The flags that `python3` has and its `PYTHON…` variables, as settings of the VM.

use std::env;
use std::fmt::Display;
use std::str::FromStr;

use rustpython_vm::Settings;
use rustpython_vm::vm::CheckHashPycsMode;

use super::{Program, RunArgs};

/// Flags of `python3`, before variables are looked at.
#[derive(Clone, Debug, Default)]
pub struct PythonFlags {
    /// `-b`: warn about bytes that become text; twice: fail.
    pub bytes_warning: u8,
    /// `-B`: write no `.pyc` files.
    pub dont_write_bytecode: bool,
    /// `-d`: debug the parser.
    pub debug: u8,
    /// `-E`: ignore the `PYTHON…` variables.
    pub ignore_environment: bool,
    /// `-i`: prompt after the program.
    pub inspect: bool,
    /// `-I`: no variables, no user's packages, no folder of the script.
    pub isolated: bool,
    /// `-O`: without assertions; twice: without docstrings.
    pub optimize: u8,
    /// `-P`: no folder of the script in `sys.path`.
    pub safe_path: bool,
    /// `-q`: no banner.
    pub quiet: bool,
    /// `-R`: random hashes, whatever PYTHONHASHSEED says.
    pub random_hashes: bool,
    /// `-s`: no packages of the user's.
    pub no_user_site: bool,
    /// `-S`: no `site`.
    pub no_site: bool,
    /// `-u`: unbuffered output.
    pub unbuffered: bool,
    /// `-v`: tell about imports.
    pub verbose: u8,
    /// `-W`: warning filters.
    pub warnings: Vec<String>,
    /// `-x`: skip the first line of the script.
    pub skip_first_line: bool,
    /// `-X`: options of the implementation.
    pub options: Vec<String>,
    /// `--check-hash-based-pycs`.
    pub hash_pycs: HashPycs,
}

/// Whether `.pyc` files that go by the source's hash are checked against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashPycs {
    /// As each file says.
    #[default]
    Default,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The variables, unless the flags say to ignore them. Empty ones do not count.
struct Environment {
    ignored: bool,
}

impl Environment {
    fn text(&self, name: &str) -> Option<String> {
        if self.ignored {
            return None;
        }
        env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn is_set(&self, name: &str) -> bool {
        !self.ignored && env::var_os(name).is_some_and(|value| !value.is_empty())
    }

    /// A level such as PYTHONOPTIMIZE: a number, or anything else for 1.
    fn level(&self, name: &str) -> u8 {
        self.text(name).map_or(0, |value| value.parse().unwrap_or(1))
    }

    /// The value of an `-X` option, or of the variable that stands for it. `Some(None)` is an option without a value.
    fn option(&self, flags: &PythonFlags, option: &str, variable: &str) -> Option<Given> {
        let by_flag = flags.options.iter().rev().find_map(|text| {
            let (name, value) = split_option(text);
            (name == option).then(|| Given { by: format!("-X {option}"), value: value.map(str::to_owned) })
        });
        by_flag.or_else(|| self.text(variable).map(|value| Given { by: variable.to_owned(), value: Some(value) }))
    }
}

/// Where a value comes from, for messages, and the value.
struct Given {
    by: String,
    value: Option<String>,
}

impl Given {
    /// The value as a number that `accept` accepts; `what` says for a message which do.
    fn number<T: FromStr + Copy>(&self, what: impl Display, accept: impl Fn(T) -> bool) -> Result<T, String> {
        let number = self.value.as_deref().and_then(|value| value.parse().ok()).filter(|number| accept(*number));
        number.ok_or_else(|| format!("{}: expected {what}, not '{}'", self.by, self.value.as_deref().unwrap_or("")))
    }

    /// The value as a switch: 0 or 1.
    fn switch(&self) -> Result<bool, String> {
        self.number::<u8>("0 or 1", |value| value <= 1).map(|value| value == 1)
    }
}

fn split_option(text: &str) -> (&str, Option<&str>) {
    text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)))
}

/// The settings for running a program.
///
/// # Errors
/// Says which flag or variable makes no sense, and what it accepts.
pub(super) fn of(args: &RunArgs) -> Result<Settings, String> {
    let flags = &args.flags;
    let environment = Environment { ignored: flags.isolated || flags.ignore_environment };
    let mut settings = Settings::default();

    settings.argv = vec![match &args.program {
        Program::File(path) => path.clone(),
        Program::Command(_) => "-c".to_owned(),
        Program::Module(_) => "-m".to_owned(),
        Program::Input { dash } => if *dash { "-" } else { "" }.to_owned(),
    }];
    settings.argv.extend(args.arguments.iter().cloned());

    settings.isolated = flags.isolated;
    settings.ignore_environment = environment.ignored;
    settings.import_site = !flags.no_site;
    settings.user_site_directory = !(flags.isolated || flags.no_user_site || environment.is_set("PYTHONNOUSERSITE"));
    settings.safe_path = flags.isolated || flags.safe_path || environment.is_set("PYTHONSAFEPATH");
    settings.path_list = environment.text("PYTHONPATH").map_or_else(Vec::new, |paths| search_paths(&paths));

    settings.optimize = flags.optimize.max(environment.level("PYTHONOPTIMIZE"));
    settings.verbose = flags.verbose.max(environment.level("PYTHONVERBOSE"));
    settings.debug = flags.debug.max(environment.level("PYTHONDEBUG"));
    settings.quiet = flags.quiet;
    settings.inspect = flags.inspect || environment.is_set("PYTHONINSPECT");
    settings.interactive = flags.inspect;
    settings.write_bytecode = !(flags.dont_write_bytecode || environment.is_set("PYTHONDONTWRITEBYTECODE"));
    settings.buffered_stdio = !(flags.unbuffered || environment.is_set("PYTHONUNBUFFERED"));
    settings.check_hash_pycs_mode = match flags.hash_pycs {
        HashPycs::Default => CheckHashPycsMode::Default,
        HashPycs::Always => CheckHashPycsMode::Always,
        HashPycs::Never => CheckHashPycsMode::Never,
    };

    implementation_options(&mut settings, flags, &environment)?;
    encoding(&mut settings, &environment);
    warnings(&mut settings, flags, &environment);
    settings.hash_seed = hash_seed(flags, &environment)?;
    Ok(settings)
}

fn search_paths(paths: &str) -> Vec<String> {
    env::split_paths(paths).map(|path| path.to_string_lossy().into_owned()).collect()
}

/// `-X` options, and the variables that mean the same.
fn implementation_options(
    settings: &mut Settings,
    flags: &PythonFlags,
    environment: &Environment,
) -> Result<(), String> {
    let option = |name, variable| environment.option(flags, name, variable);
    settings.xoptions = flags.options.iter().map(|text| split_option(text)).map(owned).collect();
    settings.dev_mode = option("dev", "PYTHONDEVMODE").is_some();
    settings.faulthandler = settings.dev_mode || option("faulthandler", "PYTHONFAULTHANDLER").is_some();
    settings.warn_default_encoding = option("warn_default_encoding", "PYTHONWARNDEFAULTENCODING").is_some();
    settings.code_debug_ranges = option("no_debug_ranges", "PYTHONNODEBUGRANGES").is_none();
    settings.install_signal_handlers = !flags.options.iter().any(|text| text == "no_sig_int");
    if let Some(given) = option("int_max_str_digits", "PYTHONINTMAXSTRDIGITS") {
        settings.int_max_str_digits = given.number("0, or 640 and more", |digits| digits == 0 || digits >= 640)?;
    }
    if let Some(given) = option("cpu_count", "PYTHON_CPU_COUNT")
        && given.value.as_deref() != Some("default")
    {
        let count = given.number("a number above zero, or 'default'", |count: i32| count > 0)?;
        settings.cpu_count = count.try_into().ok();
    }
    if let Some(given) = option("thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT") {
        settings.thread_inherit_context = given.switch()?;
    }
    if let Some(given) = option("context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS") {
        settings.context_aware_warnings = given.switch()?;
    }
    // UTF-8 whatever the locale says, as the VM's own binary does: it does not know other locales' encodings.
    settings.utf8_mode = match option("utf8", "PYTHONUTF8") {
        Some(given) if given.value.is_some() => given.switch()?.into(),
        _ => 1,
    };
    Ok(())
}

fn owned((name, value): (&str, Option<&str>)) -> (String, Option<String>) {
    (name.to_owned(), value.map(str::to_owned))
}

/// PYTHONIOENCODING: encoding, `:`, error handler; either may be missing.
fn encoding(settings: &mut Settings, environment: &Environment) {
    if let Some(text) = environment.text("PYTHONIOENCODING") {
        let (encoding, errors) = text.split_once(':').unwrap_or((&text, ""));
        settings.stdio_encoding = Some(encoding.to_owned()).filter(|name| !name.is_empty());
        settings.stdio_errors = Some(errors.to_owned()).filter(|name| !name.is_empty());
    }
}

/// Filters for warnings; later ones win, so the most specific come last.
fn warnings(settings: &mut Settings, flags: &PythonFlags, environment: &Environment) {
    settings.bytes_warning = flags.bytes_warning.into();
    if settings.dev_mode {
        settings.warnoptions.push("default".to_owned());
    }
    if let Some(filters) = environment.text("PYTHONWARNINGS") {
        let filters = filters.split(',').map(str::trim).filter(|filter| !filter.is_empty());
        settings.warnoptions.extend(filters.map(str::to_owned));
    }
    settings.warnoptions.extend(flags.warnings.iter().cloned());
    match flags.bytes_warning {
        0 => {}
        1 => settings.warnoptions.push("default::BytesWarning".to_owned()),
        _ => settings.warnoptions.push("error::BytesWarning".to_owned()),
    }
}

fn hash_seed(flags: &PythonFlags, environment: &Environment) -> Result<Option<u32>, String> {
    match environment.text("PYTHONHASHSEED").filter(|_| !flags.random_hashes) {
        None => Ok(None),
        Some(text) if text == "random" => Ok(None),
        Some(text) => {
            let given = Given { by: "PYTHONHASHSEED".to_owned(), value: Some(text) };
            given.number("'random' or a number from 0 to 4294967295", |_| true).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(flags: PythonFlags) -> RunArgs {
        let arguments = vec!["x".to_owned()];
        RunArgs { program: Program::Command("pass".to_owned()), arguments, flags }
    }

    #[test]
    fn flags_become_settings() {
        let flags = PythonFlags { isolated: true, optimize: 2, unbuffered: true, ..PythonFlags::default() };
        let settings = of(&args(flags)).unwrap();
        assert!(settings.isolated && settings.safe_path && settings.ignore_environment);
        assert!(!settings.user_site_directory && !settings.buffered_stdio);
        assert_eq!((settings.optimize, settings.argv), (2, vec!["-c".to_owned(), "x".to_owned()]));
    }

    #[test]
    fn options_are_read_and_checked() {
        let options = |options: &[&str]| {
            let options = options.iter().map(|text| (*text).to_owned()).collect();
            of(&args(PythonFlags { isolated: true, options, ..PythonFlags::default() }))
        };
        let settings = options(&["dev", "int_max_str_digits=700", "mine=1", "cpu_count=default"]).unwrap();
        assert!(settings.dev_mode && settings.faulthandler);
        assert_eq!(settings.int_max_str_digits, 700);
        assert_eq!(settings.xoptions[2], ("mine".to_owned(), Some("1".to_owned())));
        let error = options(&["int_max_str_digits=7"]).err().unwrap();
        assert_eq!(error, "-X int_max_str_digits: expected 0, or 640 and more, not '7'");
        assert!(options(&["cpu_count"]).err().unwrap().contains("a number above zero"));
        assert!(options(&["utf8=2"]).err().unwrap().contains("expected 0 or 1"));
    }

    #[test]
    fn warning_filters_are_in_order() {
        let warnings = vec!["error".to_owned()];
        let flags = PythonFlags { isolated: true, bytes_warning: 2, warnings, ..PythonFlags::default() };
        assert_eq!(of(&args(flags)).unwrap().warnoptions, ["error", "error::BytesWarning"]);
    }
}
