//! The summary as text: what was compiled, what was not and why, where compiled code was left, where the time went.
//!
//! Messages follow rustc: what, where (with the source line when its file can be read), why it costs, what to do. What
//! did not happen is said too. Long lists show the first [`SHOWN`] and say how many there are.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};

use crate::excerpt::Sources;
use crate::summary::{Stopped, Summary};
use crate::text::{clip, micros, number, percent, plural, times};
use crate::{Group, Reason, SourceSpan, TraceKind};

/// How many entries of a list are shown.
const SHOWN: usize = 10;

/// How many exits are explained one by one: those without a bridge that are at least [`NOTABLE`] of all.
const EXPLAINED: usize = 3;

/// The share of all exits to the interpreter from which an exit is explained.
const NOTABLE: f64 = 0.05;

/// How the text is to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    terminal: bool,
    colour: bool,
    stderr: bool,
}

impl Look {
    /// Plain ASCII frames, no colours, no line breaks that depend on a width: for files, pipes and tests.
    pub fn plain() -> Self {
        Self { terminal: false, colour: false, stderr: false }
    }

    /// What suits standard output.
    pub fn for_stdout() -> Self {
        Self::of(std::io::stdout().is_terminal(), false)
    }

    /// What suits standard error.
    pub fn for_stderr() -> Self {
        Self::of(std::io::stderr().is_terminal(), true)
    }

    fn of(terminal: bool, stderr: bool) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { terminal, colour: terminal && !unwanted, stderr }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.into() }
    }

    fn table(self, header: &[(&str, CellAlignment)]) -> Table {
        let mut table = Table::new();
        if self.stderr {
            table.use_stderr();
        }
        if self.terminal {
            table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.load_preset(presets::NOTHING).force_no_tty();
        }
        let bold =
            |name: &str| if self.colour { Cell::new(name).add_attribute(Attribute::Bold) } else { Cell::new(name) };
        table.set_header(header.iter().map(|&(name, _)| bold(name)));
        for (column, &(_, alignment)) in table.column_iter_mut().zip(header) {
            column.set_cell_alignment(alignment);
        }
        table
    }
}

const LEFT: CellAlignment = CellAlignment::Left;
const RIGHT: CellAlignment = CellAlignment::Right;

impl Summary {
    /// The summary as text. Source lines are read through `sources`, relative to the directory of the run.
    pub fn render(&self, look: Look, sources: &mut Sources) -> String {
        if let Some(directory) = self.run.as_ref().and_then(|run| run.directory.as_ref()) {
            sources.set_directory(directory);
        }
        let mut page = Page { out: String::new(), look, sources };
        page.title(self);
        page.headline(self);
        page.off(self);
        page.times(self);
        page.loops(self);
        page.bridges(self);
        page.guards(self);
        page.regions(self);
        page.blocks(self);
        page.stopped(self);
        page.given_up(self);
        page.missed(self);
        page.exits(self);
        page.notes(self);
        page.out
    }
}

struct Page<'a> {
    out: String,
    look: Look,
    sources: &'a mut Sources,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn heading(&mut self, text: &str) {
        let painted = self.look.paint(Style::new().bold(), text);
        self.line(&format!("\n{painted}"));
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str(&table.trim_fmt());
        self.out.push('\n');
    }

    fn more(&mut self, all: usize) {
        if all > SHOWN {
            self.line(&format!(" and {} more: `tjit report --json` has all", all - SHOWN));
        }
    }

    fn title(&mut self, summary: &Summary) {
        let Some(run) = &summary.run else { return };
        let program = if run.argv.is_empty() { "<no program>".into() } else { run.argv.join(" ") };
        let title = self.look.paint(Style::new().bold(), &format!("tjit report: {program}"));
        self.line(&title);
        let machine = &run.machine;
        let cpu = machine.cpu.as_deref().map(|cpu| format!(", {cpu}")).unwrap_or_default();
        let cores = plural(u64::from(machine.cores), "core");
        self.line(&format!("tjit {} on {} {}{cpu}, {cores}", run.tjit, machine.os, machine.arch));
        if !run.options.is_empty() {
            let options: Vec<String> = run.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
            self.line(&format!("options: {}", options.join(" ")));
        }
        self.line("");
    }

    fn headline(&mut self, summary: &Summary) {
        let counts = &summary.counts;
        let refused = summary.missed.iter().any(|missed| missed.reason.group() == Group::Refusal);
        let off_throughout = counts.recordings == 0 && summary.off.iter().any(|spell| spell.until_micros.is_none());
        let text = if counts.loops + counts.functions > 0 {
            let aborted = match counts.aborts {
                0 => "no recording was aborted".into(),
                1 => "1 recording was aborted".into(),
                n => format!("{} recordings were aborted", number(n)),
            };
            let (mut loops, bridges) = (plural(counts.loops, "loop"), plural(counts.bridges, "bridge"));
            if counts.functions > 0 {
                loops = format!("{loops}, {}", plural(counts.functions, "function"));
            }
            let compiled = match counts.joins {
                0 => format!("{loops} and {bridges}"),
                joins => format!("{loops}, {bridges} and {}", plural(joins, "join trace")),
            };
            format!("{compiled} compiled ({} bytes of code); {aborted}.", number(counts.code_bytes))
        } else if off_throughout {
            "Nothing was compiled: the JIT was off.".into()
        } else if counts.recordings > 0 {
            match (counts.recordings, counts.aborts) {
                (1, 1) => "No loop was compiled: the only recording was aborted.".into(),
                (all, aborted) if aborted == all => {
                    format!("No loop was compiled: all {} recordings were aborted.", number(all))
                }
                // The log lacks its end, or the program ended within a recording.
                (all, aborted) => {
                    let begun = plural(all, "recording");
                    format!("No loop was compiled: of {begun}, {} aborted, the rest unfinished.", number(aborted))
                }
            }
        } else if refused {
            "No loop was compiled: every hot loop was refused.".into()
        } else {
            "Nothing was hot: no loop ran often enough to be recorded. The program ran in the interpreter throughout."
                .into()
        };
        self.line(&text);
    }

    fn off(&mut self, summary: &Summary) {
        for spell in &summary.off {
            let detail = in_brackets(spell.detail.as_deref());
            let when = match spell.until_micros {
                Some(until) => format!("for {}", micros(until.saturating_sub(spell.from_micros))),
                None => "to the end".into(),
            };
            let from = micros(spell.from_micros);
            self.message("the JIT was off", &format!("{}{detail}, from {from} on, {when}", spell.reason));
            self.fact("why", spell.reason.explanation(), 2);
            self.fact("help", spell.reason.hint(), 2);
        }
    }

    fn times(&mut self, summary: &Summary) {
        let Some(run) = summary.times else { return };
        let total = run.total_micros();
        self.heading(&format!("Time: {}", micros(total)));
        let mut table = self.look.table(&[("in", LEFT), ("time", RIGHT), ("share", RIGHT)]);
        for (name, part) in [
            ("interpreter", run.interpreter_micros),
            ("recording", run.recording_micros),
            ("compiling", run.compiling_micros),
            ("compiled code", run.compiled_micros),
        ] {
            let share = if total > 0 { Some(part as f64 / total as f64) } else { None };
            table.add_row([name.to_owned(), micros(part), percent(share)]);
        }
        if run.beside_micros > 0 {
            table.add_row(["compiling, on other threads".to_owned(), micros(run.beside_micros), "beside".to_owned()]);
        }
        self.table(&table);
    }

    fn loops(&mut self, summary: &Summary) {
        if summary.loops.is_empty() {
            return;
        }
        self.heading("Loops compiled");
        let mut table = self.look.table(&[
            ("loop", LEFT),
            ("trace", LEFT),
            ("ops", RIGHT),
            ("guards", RIGHT),
            ("allocs", RIGHT),
            ("bridges", RIGHT),
            ("bytes", RIGHT),
            ("warm-up", RIGHT),
            ("entries", RIGHT),
            ("share", RIGHT),
            ("source", LEFT),
        ]);
        for row in summary.loops.iter().take(SHOWN) {
            table.add_row([
                row.place.to_string(),
                format!("t{}", row.trace),
                number(u64::from(row.ops)),
                number(u64::from(row.guards)),
                number(u64::from(row.allocations)),
                number(row.bridges.len() as u64),
                number(row.code_bytes),
                micros(row.warm_up_micros),
                optional(row.entries),
                percent(row.share),
                self.source(&row.place),
            ]);
        }
        self.table(&table);
        self.more(summary.loops.len());
    }

    fn bridges(&mut self, summary: &Summary) {
        let mut bridges: Vec<_> = summary.loops.iter().flat_map(|row| &row.bridges).collect();
        if bridges.is_empty() {
            return;
        }
        bridges.sort_by_key(|bridge| std::cmp::Reverse(bridge.entries));
        self.heading("Bridges");
        let mut table = self.look.table(&[
            ("from", LEFT),
            ("trace", LEFT),
            ("exit", LEFT),
            ("kind", LEFT),
            ("ops", RIGHT),
            ("entries", RIGHT),
            ("source", LEFT),
        ]);
        for bridge in bridges.iter().take(SHOWN) {
            table.add_row([
                bridge.place.to_string(),
                format!("t{}", bridge.trace),
                bridge.from.map_or_else(|| "-".into(), |from| from.to_string()),
                bridge.kind.map_or_else(|| "-".into(), |kind| kind.to_string()),
                number(u64::from(bridge.ops)),
                optional(bridge.entries),
                self.source(&bridge.place),
            ]);
        }
        self.table(&table);
        self.more(bridges.len());
    }

    fn guards(&mut self, summary: &Summary) {
        // A guard with one bridge is in the table above.
        let guards: Vec<_> = summary.guards.iter().filter(|row| row.bridges > 1).collect();
        if guards.is_empty() {
            return;
        }
        self.heading("Guards with most bridges below them");
        let mut table = self.look.table(&[
            ("place", LEFT),
            ("exit", LEFT),
            ("kind", LEFT),
            ("bridges", RIGHT),
            ("joins", RIGHT),
            ("ops", RIGHT),
            ("bytes", RIGHT),
            ("source", LEFT),
        ]);
        for row in guards.iter().take(SHOWN) {
            table.add_row([
                row.place.to_string(),
                row.from.to_string(),
                row.kind.map_or_else(|| "-".into(), |kind| kind.to_string()),
                number(row.bridges),
                number(row.joins),
                number(row.ops),
                number(row.code_bytes),
                self.source(&row.place),
            ]);
        }
        self.table(&table);
        self.more(guards.len());
    }

    fn regions(&mut self, summary: &Summary) {
        if summary.regions.is_empty() {
            return;
        }
        self.heading("Regions");
        let mut table = self.look.table(&[
            ("loop", LEFT),
            ("trace", LEFT),
            ("compiled", RIGHT),
            ("traces", RIGHT),
            ("bridges", RIGHT),
            ("joins", RIGHT),
            ("versions", RIGHT),
            ("selects", RIGHT),
            ("blocks", RIGHT),
            ("bytes", RIGHT),
            ("compile time", RIGHT),
        ]);
        for row in summary.regions.iter().take(SHOWN) {
            table.add_row([
                row.place.to_string(),
                format!("t{}", row.trace),
                times(row.times),
                number(u64::from(row.traces)),
                number(u64::from(row.bridges)),
                number(u64::from(row.joins)),
                number(u64::from(row.versions)),
                number(u64::from(row.selects)),
                number(u64::from(row.blocks)),
                number(row.code_bytes),
                micros(row.codegen_micros),
            ]);
        }
        self.table(&table);
        self.more(summary.regions.len());
    }

    fn blocks(&mut self, summary: &Summary) {
        if summary.blocks.is_empty() {
            return;
        }
        self.heading("Time in compiled code, by trace");
        let mut table = self.look.table(&[
            ("from", LEFT),
            ("trace", LEFT),
            ("kind", LEFT),
            ("loop", LEFT),
            ("ops", RIGHT),
            ("entries", RIGHT),
            ("time", RIGHT),
            ("share", RIGHT),
            ("source", LEFT),
        ]);
        for row in summary.blocks.iter().take(SHOWN) {
            table.add_row([
                row.place.to_string(),
                format!("t{}", row.trace),
                row.kind.to_string(),
                format!("t{}", row.root),
                number(u64::from(row.ops)),
                optional(row.entries),
                micros(row.own_micros),
                percent(Some(row.share)),
                self.source(&row.place),
            ]);
        }
        self.table(&table);
        self.more(summary.blocks.len());
    }

    fn stopped(&mut self, summary: &Summary) {
        if summary.stopped.is_empty() {
            return;
        }
        self.heading("Recordings aborted");
        for row in summary.stopped.iter().take(SHOWN) {
            let detail = in_brackets(row.detail.as_deref().or(row.bytecode.as_deref()));
            self.message("aborted", &format!("{}{detail}, {}", row.reason, times(row.times)));
            self.explain(&row.place, row.reason, &cost_of_abort(row));
        }
        self.more(summary.stopped.len());
    }

    fn given_up(&mut self, summary: &Summary) {
        if summary.given_up.is_empty() {
            return;
        }
        self.heading("Blacklisted");
        for row in summary.given_up.iter().take(SHOWN) {
            let what = row.from.map_or_else(|| "the loop".into(), |from| format!("the exit {from}"));
            let again = if row.for_good { "it is not tried again" } else { "it will be tried again later" };
            let tried = times(u64::from(row.times));
            self.line(&format!(" {what} at {}: recorded {tried}, last abort {}; {again}", row.place, row.reason));
        }
        self.more(summary.given_up.len());
    }

    fn missed(&mut self, summary: &Summary) {
        if summary.missed.is_empty() {
            return;
        }
        self.heading("Refused, or not inlined");
        for row in summary.missed.iter().take(SHOWN) {
            let (label, cost) = match row.reason.group() {
                Group::Call => ("not inlined", "compiled code makes the call, and forgets what it knew about objects"),
                _ => ("refused", "what begins here runs in the interpreter"),
            };
            let detail = in_brackets(row.detail.as_deref());
            self.message(label, &format!("{}{detail}, {}", row.reason, times(row.times)));
            self.explain(&row.place, row.reason, cost);
        }
        self.more(summary.missed.len());
    }

    fn exits(&mut self, summary: &Summary) {
        if summary.exits.is_empty() {
            return;
        }
        self.heading("Exits most taken");
        let mut table = self.look.table(&[
            ("place", LEFT),
            ("exit", LEFT),
            ("kind", LEFT),
            ("to interpreter", RIGHT),
            ("to bridge", RIGHT),
            ("source", LEFT),
        ]);
        for row in summary.exits.iter().take(SHOWN) {
            table.add_row([
                row.place.to_string(),
                row.from.to_string(),
                row.kind.to_string(),
                number(row.count),
                row.bridge.map_or_else(|| "-".into(), |_| number(row.bridged)),
                self.source(&row.place),
            ]);
        }
        self.table(&table);
        self.more(summary.exits.len());

        let all: u64 = summary.exits.iter().map(|row| row.count).sum();
        let mut costly: Vec<_> =
            summary.exits.iter().filter(|row| row.bridge.is_none() && !is_regular(row.kind)).collect();
        costly.sort_by_key(|row| std::cmp::Reverse(row.count));
        for row in costly.into_iter().filter(|row| row.count > 1).take(EXPLAINED) {
            let share = row.count as f64 / all as f64;
            if share < NOTABLE {
                break;
            }
            self.message("left", &format!("{} at exit {}, {}", row.kind, row.from, times(row.count)));
            let of = percent(Some(share));
            let leaves =
                row.leaves.as_ref().map(|place| format!("; it leaves the loop at {place}")).unwrap_or_default();
            let cost = format!("{of} of all exits to the interpreter{leaves}");
            self.explain(&row.place, row.kind, &cost);
        }
    }

    fn notes(&mut self, summary: &Summary) {
        if !summary.notes.is_empty() {
            self.line("");
        }
        for note in &summary.notes {
            self.line(&format!("note: {note}"));
        }
    }

    /// `label: text`, after an empty line.
    fn message(&mut self, label: &str, text: &str) {
        let label = self.look.paint(AnsiColor::Yellow.on_default().bold(), label);
        self.line(&format!("\n{label}: {text}"));
    }

    /// Where, with the source; why, what it costs, what to do.
    fn explain(&mut self, place: &SourceSpan, reason: Reason, cost: &str) {
        let gutter = place.line.to_string().len().max(2);
        let arrow = self.look.paint(AnsiColor::Blue.on_default().bold(), "-->");
        self.line(&format!("{:gutter$}{arrow} {place}", ""));
        if let Some(excerpt) = self.sources.excerpt(place, gutter) {
            self.out.push_str(&excerpt);
            self.line(&format!("{:gutter$} |", ""));
        }
        self.fact("why", reason.explanation(), gutter);
        self.fact("cost", cost, gutter);
        self.fact("help", reason.hint(), gutter);
    }

    fn fact(&mut self, label: &str, text: &str, gutter: usize) {
        let label = self.look.paint(Style::new().bold(), label);
        self.line(&format!("{:gutter$} = {label}: {text}", ""));
    }

    /// The source line of a place, short enough for a table; empty when it cannot be read.
    fn source(&mut self, place: &SourceSpan) -> String {
        self.sources.line(&place.file, place.line).map(|line| clip(line.trim(), 40)).unwrap_or_default()
    }
}

fn cost_of_abort(row: &Stopped) -> String {
    let spent = format!("{} of recording", micros(row.recording_micros));
    let what = match row.kind {
        TraceKind::Loop => format!("the loop at {}", row.header),
        TraceKind::Function => format!("the function at {}", row.header),
        TraceKind::Bridge | TraceKind::Join => format!("the exit at {}", row.header),
    };
    match (row.compiled_in_the_end, row.kind) {
        (true, TraceKind::Loop | TraceKind::Function) => format!("{spent}; {what} was compiled by another recording"),
        (true, TraceKind::Bridge | TraceKind::Join) => format!("{spent}; {what} got its bridge by another recording"),
        (false, TraceKind::Loop | TraceKind::Function) => format!("{spent}; {what} runs in the interpreter"),
        (false, TraceKind::Bridge | TraceKind::Join) => format!("{spent}; {what} goes to the interpreter every time"),
    }
}

/// Kinds of exits that belong to the way loops end and tjit works, and need no advice.
fn is_regular(kind: Reason) -> bool {
    matches!(kind, Reason::IteratorExhausted | Reason::Fuel | Reason::Forced)
}

fn in_brackets(detail: Option<&str>) -> String {
    detail.map(|detail| format!(" ({})", clip(detail, 80))).unwrap_or_default()
}

fn optional(n: Option<u64>) -> String {
    n.map_or_else(|| "-".into(), number)
}
