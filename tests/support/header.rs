//! The header of a test program: comments that say how to run it and what comes out.
//!
//! ```text
//! # options: --threshold-loop 20        command line of tjit, instead of the runner's own low thresholds
//! # modes: off on stress                the values of --jit that it runs with (this is what it is without the line)
//! # expect-status: 1                    exit status, 128 + n for signal n (without the line: 0)
//! # expect-stderr: KeyError: ...        pattern for the last line on stderr (without the line: stderr is not looked at)
//! # stderr-varies: REASON               stderr may differ between the modes (without the line: not by a byte)
//! # expect-event: ...                   pattern for a line of the event log in mode `on`; several are looked for in order
//! # expect-no-event: ...                pattern that no line of the event log may match in mode `on`
//! # expect-stdout:                      all of standard output: the lines that follow, each indented by three spaces
//! #   first line
//! ```

/// What the header of one program says.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// Options for `tjit run`; `None` when the program leaves them to the runner.
    pub options: Option<Vec<String>>,
    /// Values of `--jit`, in the order they are to be run in.
    pub modes: Vec<String>,
    pub status: i32,
    pub stdout: String,
    pub stderr: Option<String>,
    /// Why stderr is not the same in every run, if it is not.
    pub stderr_varies: Option<String>,
    pub events: Vec<String>,
    pub no_events: Vec<String>,
}

impl Header {
    /// Reads the header out of a program's source. The error says which line is wrong and what it should be.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut header = Header {
            options: None,
            modes: ["off", "on", "stress"].map(String::from).to_vec(),
            status: 0,
            stdout: String::new(),
            stderr: None,
            stderr_varies: None,
            events: Vec::new(),
            no_events: Vec::new(),
        };
        let mut has_stdout = false;
        let mut lines = source.lines().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let Some((key, value)) = line.strip_prefix("# ").and_then(|line| line.split_once(':')) else { continue };
            let value = value.trim();
            match key {
                "options" => header.options = Some(words(value)),
                "modes" => header.modes = words(value),
                "expect-status" => {
                    header.status =
                        value.parse().map_err(|_| format!("line {}: `{value}` is no exit status", number + 1))?;
                }
                "expect-stderr" => header.stderr = Some(value.to_owned()),
                "stderr-varies" => header.stderr_varies = Some(value.to_owned()),
                "expect-event" => header.events.push(value.to_owned()),
                "expect-no-event" => header.no_events.push(value.to_owned()),
                "expect-stdout" => {
                    has_stdout = true;
                    while let Some((_, line)) = lines.peek() {
                        let Some(text) = line.strip_prefix("#   ").or((*line == "#").then_some("")) else { break };
                        header.stdout.push_str(text);
                        header.stdout.push('\n');
                        lines.next();
                    }
                }
                _ if key.starts_with("expect") => {
                    return Err(format!(
                        "line {}: there is no `{key}`; see tests/README.md for what there is",
                        number + 1
                    ));
                }
                _ => {}
            }
        }
        if header.modes.is_empty() {
            return Err("`# modes:` names no mode; leave the line out for off, on and stress".to_owned());
        }
        if !has_stdout {
            return Err("no `# expect-stdout:`; tests/update_expectations writes it".to_owned());
        }
        Ok(header)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}
