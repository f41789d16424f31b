//! The one list of reasons: why a recording was aborted, an exit taken, a loop refused, a call not inlined, the JIT
//! switched off.
//!
//! To add a reason, add a row to the table below and run
//! `cargo run --ignore-rust-version -p tjit-events --example reasons` (it writes `docs/reasons.md`; a test compares).
//! The enum, its names in logs and messages, the explanations, the hints and the manual all derive from the table.
//!
//! A row is `Variant = "stable-name", "what happened, in one sentence", "what to do in the source";`. The name is the
//! variant in kebab case and never changes once released: saved logs and scripts hold it. What varies from case to case
//! (the opcode, the type, the limit) travels beside the reason as an event's `detail`.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// What a reason is the reason for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Group {
    /// Why a recording gave no trace.
    Abort,
    /// Why compiled code was left: the kind of an exit.
    Exit,
    /// Why a hot loop or exit is not recorded, or not any more.
    Refusal,
    /// Why compiled code calls a function rather than inlining it.
    Call,
    /// Why the JIT is switched off.
    Off,
}

impl Group {
    /// Every group, in the order of the manual.
    pub const ALL: &'static [Self] = &[Self::Abort, Self::Exit, Self::Refusal, Self::Call, Self::Off];

    /// Heading of the group in the manual.
    pub fn title(self) -> &'static str {
        match self {
            Self::Abort => "Why a recording was aborted",
            Self::Exit => "Why compiled code was left",
            Self::Refusal => "Why a hot loop or exit was refused",
            Self::Call => "Why a call was not inlined",
            Self::Off => "Why the JIT was switched off",
        }
    }
}

macro_rules! reasons {
    ($( $group:ident { $( $variant:ident = $name:literal, $explanation:literal, $hint:literal; )* } )*) => {
        /// Why the JIT did not do, or did no longer do, what one might have hoped for.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Reason {
            $( $( #[doc = $explanation] $variant, )* )*
        }

        struct Row {
            group: Group,
            name: &'static str,
            explanation: &'static str,
            hint: &'static str,
        }

        const TABLE: &[Row] = &[
            $( $( Row { group: Group::$group, name: $name, explanation: $explanation, hint: $hint }, )* )*
        ];

        impl Reason {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( $( Self::$variant, )* )* ];
        }
    };
}

reasons! {
    Abort {
        UnsupportedOpcode = "unsupported-opcode",
            "The loop executes a bytecode instruction that the recorder cannot translate.",
            "Move the construct out of the loop, or write it with plain arithmetic, comparisons, indexing and calls.";
        UnsupportedType = "unsupported-type",
            "An operation met a value whose type the recorder has no translation for.",
            "Convert the value to int, float, list or tuple before the loop.";
        UnsupportedCall = "unsupported-call",
            "The loop calls something, or passes arguments in a way, that the recorder can neither inline nor call.",
            "Call a plain function with plain arguments inside the loop, or make the call outside it.";
        UnsupportedIterator = "unsupported-iterator",
            "The loop steps an iterator that the recorder cannot take apart.",
            "Loop over a container, range, enumerate, zip or one generator directly, not over an iterator kept elsewhere.";
        OpaqueCallInInlinedFrame = "opaque-call-in-inlined-frame",
            "A native that looks at its caller's frame (locals, super, vars …) is called where that frame does not exist.",
            "Make that call from the loop itself, or pass its result to the function as an argument.";
        TraceTooLong = "trace-too-long",
            "One iteration takes more instructions than a trace may have.",
            "Split the loop body, or move an inner loop into a function; the option --trace-limit raises the limit.";
        InlineTooDeep = "inline-too-deep",
            "Calls in the loop nest deeper than the recorder inlines.",
            "Flatten the chain of calls; the option --inline-depth raises the limit.";
        Recursion = "recursion",
            "A function called in the loop calls itself.",
            "Write the recursion as a loop with its own stack.";
        ExceptionInRecording = "exception-in-recording",
            "An exception was raised while the iteration was recorded.",
            "Test for the condition instead of catching the exception, when the exception comes often.";
        GeneratorFrame = "generator-frame",
            "A generator or coroutine cannot be followed here: values are sent through `yield from`, or what is awaited waits.",
            "Nothing for what waits: it gets steps of its own. Else use a generator that is only iterated over.";
        LeftTheLoop = "left-the-loop",
            "The recorded iteration was the loop's last: it left by break, return or the end of the iteration.",
            "Nothing, when it is rare. A loop that runs one iteration at a time has its hot loop around it.";
        InnerLoopNotCompiled = "inner-loop-not-compiled",
            "The recording came to the header of an inner loop that has no compiled code to link to.",
            "See why the inner loop was not compiled; the outer one follows when it is.";
        HeaderStateChanged = "header-state-changed",
            "The types at the loop's header kept changing from one iteration to the next.",
            "Let each variable keep one type: begin a float sum with 0.0, not 0, and do not start from None.";
        FunctionNotCompiled = "function-not-compiled",
            "The recording came to a call of a recursive or deep function that has no compiled code yet.",
            "See why the function was not compiled; the caller follows when it is.";
        ArgumentsChanged = "arguments-changed",
            "A recursive function calls itself with arguments of other types than it was entered with.",
            "Let each parameter keep one type: pass 0.0, not 0, where floats follow.";
        ResultChanged = "result-changed",
            "A function returned something of another type than the first time.",
            "Let a function return one type: 0.0, not 0, where floats follow, and not None here and an int there.";
        TooManyValues = "too-many-values",
            "The loop keeps more variables or stack entries alive than a trace can carry.",
            "Move part of the loop into a function, or keep related values in one list or tuple.";
        Bigint = "bigint",
            "An int does not fit in 64 bits.",
            "Keep values below 2**63, for example by reducing modulo a constant in every step.";
        UnboundVariable = "unbound-variable",
            "The loop reads or deletes a variable that may be unbound.",
            "Give the variable a value before the loop, and do not use del inside it.";
        NamesChanged = "names-changed",
            "A global or builtin name that the loop reads was bound anew while it was recorded.",
            "Pass the value as a local, or keep what changes in a list or an object.";
        FrameEscaped = "frame-escaped",
            "Something took hold of a frame of the loop: sys._getframe, locals(), inspect or a traceback.",
            "Keep introspection out of hot loops.";
        LostPosition = "lost-position",
            "The interpreter went on without telling the recorder every instruction.",
            "Nothing in the source; if it comes back on every recording of a loop, please report it.";
        UserTracingActive = "user-tracing-active",
            "A tracer, profiler or monitoring tool became active during the recording.",
            "Measure without the tool: with it, the loop runs in the interpreter.";
        SeveralThreads = "several-threads",
            "Another thread was started during the recording.",
            "Run the hot loop before starting threads, or in a process of its own.";
        RecorderBusy = "recorder-busy",
            "The header became hot while another recording was under way.",
            "Nothing: the header is tried again.";
        ProgramEnded = "program-ended",
            "The program ended during the recording.",
            "Nothing, unless the loop should have been hot earlier: the option --threshold-loop sets when.";
        InvalidTrace = "invalid-trace",
            "The verifier rejected the trace: an error in tjit.",
            "Please report it with the log; the program is right, as it runs in the interpreter.";
        CompileFailed = "compile-failed",
            "The code generator could not compile the trace.",
            "Please report it with the log; the program is right, as it runs in the interpreter.";
    }
    Exit {
        GuardTrue = "guard-true",
            "A condition that was true when the loop was recorded was false.",
            "Nothing, when it is rare. A branch taken often both ways costs a bridge: compute both arms, or use min and max.";
        GuardFalse = "guard-false",
            "A condition that was false when the loop was recorded was true.",
            "Nothing, when it is rare. A branch taken often both ways costs a bridge: compute both arms, or use min and max.";
        GuardClass = "guard-class",
            "A value had another type than when the loop was recorded.",
            "Let the variable keep one type: do not mix int and float, or None and numbers.";
        GuardIdentity = "guard-identity",
            "An object was not the one that the loop was recorded with: a function, a global, a constant.",
            "Do not bind functions and globals anew while the loop runs; choose between functions outside it.";
        Overflow = "overflow",
            "The result of an int operation does not fit in 64 bits.",
            "Keep values below 2**63, for example by reducing modulo a constant in every step.";
        NotASmallInt = "not-a-small-int",
            "An int that was read does not fit in 64 bits.",
            "Keep values below 2**63, or keep the large ones out of the hot loop.";
        NotAnInt64 = "not-an-int64",
            "A float that was converted to int is too large for 64 bits, infinite or not a number.",
            "Test the range of the float before converting it.";
        IndexBounds = "index-bounds",
            "An index was outside the list, tuple or str.",
            "Test the index, or loop over the sequence itself.";
        DivisionByZero = "division-by-zero",
            "The divisor was zero.",
            "Test the divisor before dividing, when zero comes often.";
        MathDomain = "math-domain",
            "A math function got an argument outside its domain.",
            "Test the argument before the call.";
        Unbound = "unbound",
            "A variable or closure cell was empty.",
            "Give the variable a value before the loop.";
        IteratorExhausted = "iterator-exhausted",
            "The loop's iterator had no more elements: the regular end of the loop.",
            "Nothing. When it is taken very often, the loop is short and the loop around it is the hot one.";
        Fuel = "fuel",
            "The loop let the interpreter look after signals, threads and the collector.",
            "Nothing: it is rare by construction, or the loop keeps what it makes, and the collector looks through that.";
        Raised = "raised",
            "A call or operation raised an exception.",
            "Test for the condition instead of catching the exception, when the exception comes often.";
        Leave = "leave",
            "The trace ends here and leaves the rest to the interpreter.",
            "See the recordings that were aborted at this place.";
        Forced = "forced",
            "Stress mode made the guard fail.",
            "Nothing: it is a test mode.";
    }
    Refusal {
        TooManyAborts = "too-many-aborts",
            "Recording failed too often, so the header or exit is blacklisted.",
            "Look at the reasons of the aborts: the last one is in the log line.";
        HeaderBlacklisted = "header-blacklisted",
            "The recording came to a header that is blacklisted.",
            "See why the inner loop was blacklisted; the outer one follows when it compiles.";
        ShortFunction = "short-function",
            "Entering the function's compiled code from the interpreter takes about as long as interpreting the call.",
            "Nothing to do where loops or other compiled functions call it: they do so without the interpreter.";
        ShortLoop = "short-loop",
            "The loop leaves its compiled code after a few iterations nearly every time, so it is entered now and then only.",
            "Nothing, when the loop around it compiles. Else see why that was aborted, or work on more items at a time.";
        TooManyVersions = "too-many-versions",
            "The header was compiled for as many combinations of types as one header may have.",
            "Let each variable keep one type across calls of the function.";
        TooManyBridges = "too-many-bridges",
            "The loop has as many bridges as one loop may have.",
            "Reduce the branches that depend on data: compute both arms, use min and max, or sort the data by case.";
        TooManyClasses = "too-many-classes",
            "The instruction has met as many classes as one may have bridges for, and cannot be left to the VM.",
            "Make classes once, outside of functions that are called often; have fewer classes meet at one place.";
        LimitTraces = "limit-traces",
            "The process has as many traces as it may have.",
            "The option --max-traces raises the limit.";
        LimitCodeMemory = "limit-code-memory",
            "The compiled code takes as much memory as it may.",
            "The option --code-memory raises the limit.";
        LimitCompileTime = "limit-compile-time",
            "Recording and compiling took as much time as they may.",
            "The option --compile-time raises the limit.";
        NoSite = "no-site",
            "The code object could not be given a site for the loop.",
            "Nothing in the source: please report it with the file, if the loop is hot.";
    }
    Call {
        NativeCallee = "native-callee",
            "The function is native code, so compiled code calls it and must assume that it may do anything.",
            "Use an operation that tjit compiles (arithmetic, abs, min, max, len, math functions), or call it outside the loop.";
        GeneratorCallee = "generator-callee",
            "The function is a generator or coroutine.",
            "Return a list, or write the generator's loop in place.";
        RecursiveCallee = "recursive-callee",
            "The function is already being inlined: it calls itself.",
            "Write the recursion as a loop with its own stack.";
        DeepCallee = "deep-callee",
            "The call is nested deeper than calls are inlined.",
            "Flatten the chain of calls; the option --inline-depth raises the limit.";
        LargeCallee = "large-callee",
            "The function is too large to inline.",
            "Split off the part that the loop needs.";
        LoopingCallee = "looping-callee",
            "The function has a loop of its own that is compiled by itself.",
            "Nothing: the inner loop runs compiled.";
        UnknownCallee = "unknown-callee",
            "The object called is neither a plain function nor a method that the recorder knows.",
            "Call the function itself rather than a wrapper, a partial or an object with __call__.";
        Megamorphic = "megamorphic",
            "The instruction has met so many classes, or classes that were made anew, that compiled code asks the VM each time.",
            "Make classes once, outside of functions that are called often; have fewer classes meet at one place.";
        UnsupportedArguments = "unsupported-arguments",
            "The arguments are passed in a way that the recorder does not match to parameters.",
            "Pass positional or keyword arguments without * and **.";
    }
    Off {
        Option = "option",
            "The JIT was switched off by an option or an environment variable.",
            "Run with --jit=on.";
        LayoutMismatch = "layout-mismatch",
            "The interpreter's memory layout is not the one that tjit knows.",
            "Use a binary built with the VM version that Cargo.lock pins.";
        UnsupportedArchitecture = "unsupported-architecture",
            "There is no code generator for this processor or operating system.",
            "Use x86-64 or AArch64.";
        NoExecutableMemory = "no-executable-memory",
            "The operating system gives the process no executable memory.",
            "Allow it for this process: the JIT never has pages that are writable and executable at once.";
        Settrace = "settrace",
            "A debugger, tracer or profiler is active (sys.settrace or sys.setprofile).",
            "Run without it for full speed: the JIT comes back when it is taken off.";
        MonitoringTool = "monitoring-tool",
            "A tool watches execution through sys.monitoring.",
            "Run without it for full speed: the JIT comes back when it is taken off.";
        Threads = "threads",
            "More than one thread runs Python code.",
            "Use processes for parallel work; the JIT comes back when one thread is left.";
        InternalError = "internal-error",
            "The JIT failed an internal check.",
            "Please report it with the log; the program goes on in the interpreter.";
    }
}

impl Reason {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// What it is a reason for.
    pub fn group(self) -> Group {
        self.row().group
    }

    /// The stable kebab-case name, as logs, messages and the manual have it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What happened, in one sentence.
    pub fn explanation(self) -> &'static str {
        self.row().explanation
    }

    /// What to do about it in the source.
    pub fn hint(self) -> &'static str {
        self.row().hint
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no reason's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown reason `{0}`: docs/reasons.md lists those of this version of tjit")]
pub struct UnknownReason(pub String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(name: &str) -> Result<Self, UnknownReason> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name).ok_or_else(|| UnknownReason(name.to_owned()))
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Reason;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a reason")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Reason, E> {
                name.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// The text of `docs/reasons.md`.
pub fn reasons_manual() -> String {
    let mut out = String::from(
        "# Reasons\n\n\
         Made from the table in `jit/events/src/reason.rs` by `cargo run --ignore-rust-version -p tjit-events --example \
         reasons`.\nEvery abort, exit, refusal and call that was not inlined has one of these names in the event log, \
         the report and the\nanalyzer.\n",
    );
    for &group in Group::ALL {
        out.push_str(&format!("\n## {}\n", group.title()));
        for reason in Reason::ALL.iter().filter(|reason| reason.group() == group) {
            out.push_str(&format!(
                "\n### `{}`\n\n{}\n\n*What to do:* {}\n",
                reason.name(),
                reason.explanation(),
                reason.hint()
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kebab(variant: &str) -> String {
        let mut out = String::new();
        for (index, c) in variant.chars().enumerate() {
            if c.is_ascii_uppercase() && index > 0 {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    }

    #[test]
    fn a_name_is_the_variant_in_kebab_case_and_names_one_reason() {
        for &reason in Reason::ALL {
            assert_eq!(reason.name(), kebab(&format!("{reason:?}")));
            assert_eq!(reason.name().parse(), Ok(reason));
        }
    }

    #[test]
    fn explanations_and_hints_are_sentences() {
        for &reason in Reason::ALL {
            for text in [reason.explanation(), reason.hint()] {
                assert!(text.ends_with('.') && text.starts_with(char::is_uppercase), "{reason}: {text}");
            }
            assert_eq!(reason.explanation().matches(". ").count(), 0, "{reason} is explained in one sentence");
        }
    }

    #[test]
    fn an_unknown_name_says_where_the_list_is() {
        let error = "too-tired".parse::<Reason>().unwrap_err().to_string();
        assert_eq!(error, "unknown reason `too-tired`: docs/reasons.md lists those of this version of tjit");
    }
}
