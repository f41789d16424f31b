//! `tjit run`: runs a Python program.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tjit_vm::host::{self, HashPycs, Program, PythonFlags, RunArgs};
use tjit_vm::options::JitOptions;

/// Run a Python program: a script, -c CODE, -m MODULE, or - for the standard input
#[derive(Args)]
#[command(disable_help_flag = true)]
#[command(override_usage = "tjit run [OPTIONS] [SCRIPT | -c CODE | -m MODULE | -] [ARGS]...")]
pub struct Run {
    #[command(flatten)]
    jit: JitOptions,

    /// Warn about bytes that are made or compared as text; twice: make it an error
    #[arg(short = 'b', action = clap::ArgAction::Count)]
    bytes_warning: u8,
    /// Write no .pyc files; also PYTHONDONTWRITEBYTECODE
    #[arg(short = 'B')]
    dont_write_bytecode: bool,
    /// Run this code
    #[arg(short = 'c', value_name = "CODE", allow_hyphen_values = true, conflicts_with = "module")]
    command: Option<String>,
    /// Debug the parser; also PYTHONDEBUG
    #[arg(short = 'd', action = clap::ArgAction::Count)]
    debug: u8,
    /// Ignore PYTHON… variables
    #[arg(short = 'E')]
    ignore_environment: bool,
    /// Print help
    #[arg(short = 'h', short_alias = '?', long = "help", action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Give a prompt after the program; also PYTHONINSPECT
    #[arg(short = 'i')]
    inspect: bool,
    /// Isolate from the user's environment: -E, -P and -s
    #[arg(short = 'I')]
    isolated: bool,
    /// Run this module of the library or of a package
    #[arg(short = 'm', value_name = "MODULE", allow_hyphen_values = true)]
    module: Option<String>,
    /// Remove assertions; twice: docstrings, too; also PYTHONOPTIMIZE
    #[arg(short = 'O', action = clap::ArgAction::Count)]
    optimize: u8,
    /// Put no folder of the program's into sys.path; also PYTHONSAFEPATH
    #[arg(short = 'P')]
    safe_path: bool,
    /// Print no banner
    #[arg(short = 'q')]
    quiet: bool,
    /// Ignore PYTHONHASHSEED
    #[arg(short = 'R')]
    random_hashes: bool,
    /// Without the user's site packages; also PYTHONNOUSERSITE
    #[arg(short = 's')]
    no_user_site: bool,
    /// Without importing site
    #[arg(short = 'S')]
    no_site: bool,
    /// Write standard output and error at once; also PYTHONUNBUFFERED
    #[arg(short = 'u')]
    unbuffered: bool,
    /// Tell about imports; also PYTHONVERBOSE
    #[arg(short = 'v', action = clap::ArgAction::Count)]
    verbose: u8,
    /// Print the version
    #[arg(short = 'V', long = "version", action = clap::ArgAction::Count)]
    version: u8,
    /// Filter for warnings: action:message:category:module:line; also PYTHONWARNINGS
    #[arg(short = 'W', value_name = "FILTER", allow_hyphen_values = true)]
    warnings: Vec<String>,
    /// Skip the first line of the script
    #[arg(short = 'x')]
    skip_first_line: bool,
    /// Option of the implementation
    #[arg(short = 'X', value_name = "OPTION", allow_hyphen_values = true)]
    options: Vec<String>,
    /// Whether .pyc files that go by the source's hash are checked
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = CheckHashPycs::Default)]
    check_hash_based_pycs: CheckHashPycs,

    /// A script, or a folder or archive with __main__.py, and its arguments
    #[arg(value_name = "SCRIPT [ARGS]", trailing_var_arg = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum CheckHashPycs {
    Default,
    Always,
    Never,
}

impl Run {
    /// Runs the program.
    ///
    /// # Errors
    /// Says what is wrong with flags or variables.
    pub fn run(self) -> Result<ExitCode, String> {
        if self.version > 0 {
            println!("{}", host::version());
            return Ok(ExitCode::SUCCESS);
        }
        let mut rest = self.rest.into_iter();
        let program = match (self.command, self.module) {
            (Some(code), _) => Program::Command(code),
            (None, Some(module)) => Program::Module(module),
            (None, None) => match rest.next() {
                Some(script) if script != "-" => Program::File(script),
                dash => Program::Input { dash: dash.is_some() },
            },
        };
        let flags = PythonFlags {
            bytes_warning: self.bytes_warning,
            dont_write_bytecode: self.dont_write_bytecode,
            debug: self.debug,
            ignore_environment: self.ignore_environment,
            inspect: self.inspect,
            isolated: self.isolated,
            optimize: self.optimize,
            safe_path: self.safe_path,
            quiet: self.quiet,
            random_hashes: self.random_hashes,
            no_user_site: self.no_user_site,
            no_site: self.no_site,
            unbuffered: self.unbuffered,
            verbose: self.verbose,
            warnings: self.warnings,
            skip_first_line: self.skip_first_line,
            options: self.options,
            hash_pycs: match self.check_hash_based_pycs {
                CheckHashPycs::Default => HashPycs::Default,
                CheckHashPycs::Always => HashPycs::Always,
                CheckHashPycs::Never => HashPycs::Never,
            },
        };
        let arguments: Vec<String> = rest.collect();
        let name = match &program {
            Program::File(name) | Program::Module(name) => name,
            Program::Command(_) => "-c",
            Program::Input { dash: true } => "-",
            Program::Input { dash: false } => "",
        };
        let argv = std::iter::once(name.to_owned()).chain(arguments.iter().cloned()).collect();
        let jit = tjit_engine::jit(&self.jit, argv)?;
        host::run(&RunArgs { program, arguments, flags }, jit)
    }
}
