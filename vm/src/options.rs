//! What a user may say about the JIT, on the command line or as `TJIT_…` variables (the command line wins).
//!
//! Plain data: nothing here knows the VM. The command line, the engine, the event log and the tests share it.
//!
//! ```text
//! tjit run --threshold-loop 200 --jit-opt=-licm,+cse --dump=ir --dump-trace 3 script.py
//! TJIT_THRESHOLD_LOOP=200 TJIT_JIT_OPT=-licm,+cse TJIT_DUMP=ir TJIT_DUMP_TRACE=3 tjit run script.py
//! ```

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::FalseyValueParser;

/// Back edges of a loop before it is recorded.
pub const DEFAULT_THRESHOLD_LOOP: u32 = 200;
/// Calls of a function before it is recorded.
pub const DEFAULT_THRESHOLD_FUNCTION: u32 = 800;
/// Times an exit is taken before a bridge is recorded from it.
pub const DEFAULT_THRESHOLD_EXIT: u32 = 10;
/// Operations in one recording.
pub const DEFAULT_TRACE_LIMIT: u32 = 6000;
/// Python calls that one recording follows into each other.
pub const DEFAULT_INLINE_DEPTH: u32 = 10;
/// Back edges that compiled code takes before it lets the interpreter look around.
pub const DEFAULT_FUEL: u32 = 100_000;

/// Traces in a process.
pub const DEFAULT_MAX_TRACES: u32 = 5000;
/// Memory for compiled code, in MiB.
pub const DEFAULT_CODE_MEMORY: u32 = 64;
/// Time for recording and compiling, in seconds.
pub const DEFAULT_COMPILE_TIME: u32 = 60;

/// The settings of the JIT.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "JIT options (each also as a variable: --trace-limit is TJIT_TRACE_LIMIT)")]
pub struct JitOptions {
    /// Whether to compile: `stress` takes everything as hot at once and makes every guard fail in turn
    #[arg(long, value_enum, value_name = "MODE", env = "TJIT_JIT", hide_env = true, default_value_t = JitMode::On)]
    pub jit: JitMode,

    /// Back edges of a loop before it is recorded
    #[arg(long, value_name = "N", env = "TJIT_THRESHOLD_LOOP", hide_env = true)]
    #[arg(default_value_t = DEFAULT_THRESHOLD_LOOP, value_parser = clap::value_parser!(u32).range(1..))]
    pub threshold_loop: u32,

    /// Calls of a function before it is recorded
    #[arg(long, value_name = "N", env = "TJIT_THRESHOLD_FUNCTION", hide_env = true)]
    #[arg(default_value_t = DEFAULT_THRESHOLD_FUNCTION, value_parser = clap::value_parser!(u32).range(1..))]
    pub threshold_function: u32,

    /// Times an exit is taken before a bridge is recorded from it
    #[arg(long, value_name = "N", env = "TJIT_THRESHOLD_EXIT", hide_env = true)]
    #[arg(default_value_t = DEFAULT_THRESHOLD_EXIT, value_parser = clap::value_parser!(u32).range(1..))]
    pub threshold_exit: u32,

    /// Operations in one recording, at most
    #[arg(long, value_name = "N", env = "TJIT_TRACE_LIMIT", hide_env = true)]
    #[arg(default_value_t = DEFAULT_TRACE_LIMIT, value_parser = clap::value_parser!(u32).range(1..))]
    pub trace_limit: u32,

    /// Python calls that one recording follows into each other, at most
    #[arg(long, value_name = "N", env = "TJIT_INLINE_DEPTH", hide_env = true, default_value_t = DEFAULT_INLINE_DEPTH)]
    pub inline_depth: u32,

    /// Passes to switch off (-name) and on (+name), in this order
    #[arg(long = "jit-opt", value_name = "-PASS,+PASS", env = "TJIT_JIT_OPT", hide_env = true)]
    #[arg(value_delimiter = ',', allow_hyphen_values = true)]
    pub passes: Vec<PassSwitch>,

    /// What becomes of a hot exit: its own copy of the rest of the loop, or code that joins the loop again
    #[arg(long, value_enum, value_name = "MODE", env = "TJIT_BRIDGES", hide_env = true)]
    #[arg(default_value_t = Bridges::Merge)]
    pub bridges: Bridges,

    /// Write the event log to this file
    #[arg(long, value_name = "FILE", env = "TJIT_LOG", hide_env = true)]
    pub log: Option<PathBuf>,

    /// Print a summary on stderr at exit
    #[arg(long, env = "TJIT_REPORT", hide_env = true, value_parser = FalseyValueParser::new())]
    pub report: bool,

    /// Print these stages of traces on stderr
    #[arg(long, value_enum, value_name = "STAGES", env = "TJIT_DUMP", hide_env = true, value_delimiter = ',')]
    pub dump: Vec<DumpStage>,

    /// Which trace to dump: its number, or all
    #[arg(long, value_name = "N|all", env = "TJIT_DUMP_TRACE", hide_env = true, default_value_t = DumpTrace::All)]
    pub dump_trace: DumpTrace,

    /// Tell `perf` the names of traces, in /tmp/perf-PID.map
    #[arg(long, env = "TJIT_PERF_MAP", hide_env = true, value_parser = FalseyValueParser::new())]
    pub perf_map: bool,

    /// Where the stress mode's choices begin
    #[arg(long, value_name = "N", env = "TJIT_STRESS_SEED", hide_env = true, default_value_t = 0)]
    pub stress_seed: u64,

    /// Back edges that compiled code takes before it lets the interpreter look around
    #[arg(long, value_name = "N", env = "TJIT_FUEL", hide_env = true)]
    #[arg(default_value_t = DEFAULT_FUEL, value_parser = clap::value_parser!(u32).range(1..))]
    pub fuel: u32,

    /// Traces in the process, at most
    #[arg(long, value_name = "N", env = "TJIT_MAX_TRACES", hide_env = true, default_value_t = DEFAULT_MAX_TRACES)]
    pub max_traces: u32,

    /// Memory for compiled code, at most, in MiB
    #[arg(long, value_name = "MIB", env = "TJIT_CODE_MEMORY", hide_env = true, default_value_t = DEFAULT_CODE_MEMORY)]
    pub code_memory: u32,

    /// Time for recording and compiling, at most, in seconds
    #[arg(long, value_name = "SECONDS", env = "TJIT_COMPILE_TIME", hide_env = true)]
    #[arg(default_value_t = DEFAULT_COMPILE_TIME)]
    pub compile_time: u32,

    /// Threads that generate code while the program goes on; with 0 it waits, and what is compiled when does not depend on
    /// the machine [default: 1 if there are several processors]
    #[arg(long, value_name = "N", env = "TJIT_COMPILE_THREADS", hide_env = true, hide_default_value = true)]
    #[arg(default_value_t = default_compile_threads(), value_parser = clap::value_parser!(u32).range(..2))]
    pub compile_threads: u32,
}

/// One, where it would have a processor of its own.
fn default_compile_threads() -> u32 {
    u32::from(std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1))
}

impl Default for JitOptions {
    fn default() -> Self {
        Self {
            jit: JitMode::On,
            threshold_loop: DEFAULT_THRESHOLD_LOOP,
            threshold_function: DEFAULT_THRESHOLD_FUNCTION,
            threshold_exit: DEFAULT_THRESHOLD_EXIT,
            trace_limit: DEFAULT_TRACE_LIMIT,
            inline_depth: DEFAULT_INLINE_DEPTH,
            passes: Vec::new(),
            bridges: Bridges::Merge,
            log: None,
            report: false,
            dump: Vec::new(),
            dump_trace: DumpTrace::All,
            perf_map: false,
            stress_seed: 0,
            fuel: DEFAULT_FUEL,
            max_traces: DEFAULT_MAX_TRACES,
            code_memory: DEFAULT_CODE_MEMORY,
            compile_time: DEFAULT_COMPILE_TIME,
            compile_threads: default_compile_threads(),
        }
    }
}

impl JitOptions {
    /// Whether what is hot for the first time is looked at for a while before it is recorded. Lower thresholds than the
    /// default are for tests and for those who study the JIT, who want no such wait.
    pub fn is_patient(&self) -> bool {
        self.jit == JitMode::On && self.threshold_loop >= DEFAULT_THRESHOLD_LOOP
    }

    /// Which of `known` passes are to run: all of them, except for what `--jit-opt` switches off.
    ///
    /// # Errors
    /// When a switch names no pass of `known`; says which names are accepted.
    pub fn enabled_passes<'a>(&self, known: &[&'a str]) -> Result<Vec<&'a str>, String> {
        let mut enabled = vec![true; known.len()];
        for switch in &self.passes {
            let Some(index) = known.iter().position(|name| *name == switch.pass) else {
                let names = known.join(", ");
                return Err(format!("--jit-opt: there is no pass named '{}'; the passes are: {names}", switch.pass));
            };
            enabled[index] = switch.on;
        }
        Ok(known.iter().zip(enabled).filter(|(_, on)| *on).map(|(name, _)| *name).collect())
    }

    /// Whether `stage` of trace number `trace` is to be dumped.
    pub fn dumps(&self, stage: DumpStage, trace: u32) -> bool {
        self.dump.contains(&stage)
            && match self.dump_trace {
                DumpTrace::All => true,
                DumpTrace::One(number) => number == trace,
            }
    }
}

/// Whether the JIT runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum JitMode {
    /// Hot code is compiled.
    On,
    /// Everything is interpreted.
    Off,
    /// Everything is hot at once, and guards are made to fail.
    Stress,
}

/// What becomes of a hot exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bridges {
    /// A bridge goes on to the end of the loop.
    Classic,
    /// A bridge joins the region's code as soon as it can.
    Merge,
}

/// A stage of a trace's life that can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DumpStage {
    /// As recorded.
    Ir,
    /// After the passes.
    Opt,
    /// Cranelift's input.
    Clif,
    /// Machine code.
    Asm,
}

/// Which traces are dumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpTrace {
    /// Every one.
    All,
    /// The one of this number.
    One(u32),
}

impl FromStr for DumpTrace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(DumpTrace::All);
        }
        let number = text.strip_prefix('t').unwrap_or(text).parse();
        number.map(DumpTrace::One).map_err(|_| "expected the number of a trace, or 'all'".to_owned())
    }
}

impl fmt::Display for DumpTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DumpTrace::All => f.write_str("all"),
            DumpTrace::One(number) => write!(f, "{number}"),
        }
    }
}

/// One item of `--jit-opt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassSwitch {
    /// Name of the pass; checked by [`JitOptions::enabled_passes`].
    pub pass: String,
    /// Whether it is to run.
    pub on: bool,
}

impl FromStr for PassSwitch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let switch = text.strip_prefix('-').map(|pass| (pass, false));
        match switch.or_else(|| text.strip_prefix('+').map(|pass| (pass, true))) {
            Some((pass, on)) if !pass.is_empty() => Ok(PassSwitch { pass: pass.to_owned(), on }),
            _ => Err("expected -PASS (off) or +PASS (on)".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        jit: JitOptions,
    }

    fn parse(arguments: &str) -> Result<JitOptions, String> {
        let words = std::iter::once("tjit").chain(arguments.split_whitespace());
        Line::try_parse_from(words).map(|line| line.jit).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_without_options_is_the_default() {
        assert_eq!(parse("").unwrap(), JitOptions::default());
    }

    #[test]
    fn every_option_is_read() {
        let options = parse(
            "--jit=stress --threshold-loop 2 --threshold-function 3 --threshold-exit 4 --trace-limit 5 \
             --inline-depth 6 --jit-opt=-licm,+cse --bridges=classic --log events.jsonl --report --dump=ir,asm \
             --dump-trace 7 --perf-map --stress-seed 8 --fuel 9 --max-traces 10 --code-memory 11 --compile-time 12 \
             --compile-threads 0",
        );
        let switch = |pass: &str, on| PassSwitch { pass: pass.to_owned(), on };
        let expected = JitOptions {
            jit: JitMode::Stress,
            threshold_loop: 2,
            threshold_function: 3,
            threshold_exit: 4,
            trace_limit: 5,
            inline_depth: 6,
            passes: vec![switch("licm", false), switch("cse", true)],
            bridges: Bridges::Classic,
            log: Some(PathBuf::from("events.jsonl")),
            report: true,
            dump: vec![DumpStage::Ir, DumpStage::Asm],
            dump_trace: DumpTrace::One(7),
            perf_map: true,
            stress_seed: 8,
            fuel: 9,
            max_traces: 10,
            code_memory: 11,
            compile_time: 12,
            compile_threads: 0,
        };
        assert_eq!(options.unwrap(), expected);
    }

    #[test]
    fn a_wrong_value_is_answered_with_what_is_accepted() {
        for (arguments, accepted) in [
            ("--jit=maybe", "possible values: on, off, stress"),
            ("--bridges=many", "possible values: classic, merge"),
            ("--dump=ast", "possible values: ir, opt, clif, asm"),
            ("--dump-trace first", "expected the number of a trace, or 'all'"),
            ("--jit-opt=licm", "expected -PASS (off) or +PASS (on)"),
            ("--threshold-loop 0", "0 is not in 1.."),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(accepted), "{arguments}: {error}");
        }
    }

    #[test]
    fn passes_are_switched_in_order_and_checked() {
        let options = parse("--jit-opt -fold,-cse,+fold").unwrap();
        assert_eq!(options.enabled_passes(&["fold", "cse", "dce"]).unwrap(), ["fold", "dce"]);
        let error = options.enabled_passes(&["cse", "dce"]).unwrap_err();
        assert_eq!(error, "--jit-opt: there is no pass named 'fold'; the passes are: cse, dce");
    }

    #[test]
    fn dumps_are_of_the_chosen_stages_and_trace() {
        let options = parse("--dump=opt --dump-trace t2").unwrap();
        assert!(options.dumps(DumpStage::Opt, 2));
        assert!(!options.dumps(DumpStage::Opt, 1));
        assert!(!options.dumps(DumpStage::Ir, 2));
    }
}
