//! The summary and its text, from the events of runs that never were.

use tjit_events::{
    Blacklisted, BridgeAttached, Event, ExitHot, ExitRef, ExitTotals, JitOff, JitOn, Link, Look, LoopRefused, Machine,
    NotInlined, Reason, RegionCompiled, Run, SourceSpan, Sources, Summary, Times, Totals, TraceAborted, TraceCompiled,
    TraceKind, TraceStarted, TraceTotals, VERSION,
};

const PROGRAM: &str = "\
def pi(tol):
    k, total, term = 0, 0.0, 1.0
    while abs(term) > tol:
        if k % 2 == 0:
            total += term
        k += 1
    return 4 * total

def rows(table):
    for row in table:
        d = {**row}
        log(d)
";

fn at(function: &str, line: u32, column: u32, end_column: u32) -> SourceSpan {
    SourceSpan { file: "demo.py".into(), function: function.into(), line, column, end_line: line, end_column }
}

fn pi_loop() -> SourceSpan {
    at("pi", 3, 5, 27)
}

fn rows_loop() -> SourceSpan {
    at("rows", 10, 5, 22)
}

fn even() -> SourceSpan {
    at("pi", 4, 12, 22)
}

const EVEN: ExitRef = ExitRef { trace: 1, exit: 3 };

fn started(trace: u32, place: SourceSpan, from: Option<ExitRef>) -> Event {
    let kind = if from.is_some() { TraceKind::Bridge } else { TraceKind::Loop };
    TraceStarted { at_micros: 10, trace, kind, place, from }.into()
}

fn compiled(trace: u32, kind: TraceKind, place: SourceSpan) -> Event {
    TraceCompiled {
        at_micros: 20,
        trace,
        kind,
        place,
        state: None,
        ops_before: 40,
        ops_after: 19,
        allocations: 1,
        guards: 4,
        code_bytes: 400,
        recording_micros: 300,
        optimising_micros: 100,
        codegen_micros: 1000,
        passes: Vec::new(),
    }
    .into()
}

fn aborted(trace: u32, reason: Reason, detail: Option<&str>, place: SourceSpan) -> Event {
    let (detail, bytecode) = (detail.map(str::to_owned), None);
    TraceAborted { at_micros: 30, trace, reason, detail, place, bytecode, recording_micros: 80 }.into()
}

fn run() -> Event {
    let machine = Machine { os: "linux".into(), arch: "x86_64".into(), cpu: None, cores: 2 };
    let options = [("jit".to_owned(), "on".to_owned())].into();
    let argv = vec!["demo.py".into(), "7".into()];
    Run { version: VERSION, tjit: "0.1.0".into(), argv, directory: None, options, machine, unix_millis: 0 }.into()
}

fn totals() -> Totals {
    let exit = |exit, kind, place, count| ExitTotals { from: ExitRef { trace: 1, exit }, kind, place, count };
    Totals {
        times: Times {
            interpreter_micros: 5_000,
            recording_micros: 1_000,
            compiling_micros: 4_000,
            compiled_micros: 90_000,
            beside_micros: 0,
        },
        traces: 1,
        bridges: 1,
        code_bytes: 800,
        entries: 203,
        per_trace: vec![
            TraceTotals { trace: 1, entries: 2_500_203, compiled_micros: Some(90_000), own_micros: Some(60_000) },
            TraceTotals { trace: 2, entries: 2_500_000, compiled_micros: None, own_micros: Some(30_000) },
        ],
        exits: vec![
            exit(4, Reason::GuardTrue, at("pi", 3, 11, 26), 1),
            exit(5, Reason::Overflow, at("pi", 6, 9, 15), 150),
            exit(3, Reason::GuardTrue, even(), 200),
            exit(0, Reason::Fuel, pi_loop(), 250),
        ],
    }
}

fn busy() -> Vec<Event> {
    let dict = || at("rows", 11, 13, 20);
    vec![
        run(),
        started(1, pi_loop(), None),
        compiled(1, TraceKind::Loop, pi_loop()),
        ExitHot { at_micros: 25, from: EVEN, kind: Reason::GuardTrue, place: even(), count: 200 }.into(),
        started(2, even(), Some(EVEN)),
        compiled(2, TraceKind::Bridge, even()),
        BridgeAttached { at_micros: 27, from: EVEN, to: 2 }.into(),
        Link { at_micros: 27, from: 2, to: 1, place: pi_loop() }.into(),
        started(3, rows_loop(), None),
        aborted(3, Reason::UnsupportedOpcode, Some("DICT_UPDATE"), dict()),
        started(4, rows_loop(), None),
        aborted(4, Reason::UnsupportedOpcode, Some("DICT_UPDATE"), dict()),
        Blacklisted {
            at_micros: 31,
            place: rows_loop(),
            from: None,
            reason: Reason::UnsupportedOpcode,
            times: 2,
            retry_after: None,
        }
        .into(),
        NotInlined {
            at_micros: 9,
            trace: 4,
            reason: Reason::NativeCallee,
            callee: "log".into(),
            place: at("rows", 12, 9, 15),
        }
        .into(),
        totals().into(),
    ]
}

fn text(events: &[Event]) -> String {
    let mut sources = Sources::new();
    sources.insert("demo.py", PROGRAM);
    Summary::from_events(events).render(Look::plain(), &mut sources)
}

#[test]
fn a_busy_run() {
    let expected = include_str!("busy.txt");
    let text = text(&busy());
    assert_eq!(text, expected, "the text now:\n{text}");
}

#[test]
fn joins_what_the_log_tells_in_pieces() {
    let summary = Summary::from_events(&busy());
    let [pi] = &summary.loops[..] else { panic!("{:?}", summary.loops) };
    assert_eq!((pi.code_bytes, pi.share, pi.warm_up_micros), (800, Some(0.9), 2_800));
    let [bridge] = &pi.bridges[..] else { panic!("{:?}", pi.bridges) };
    assert_eq!((bridge.from, bridge.kind, bridge.entries), (Some(EVEN), Some(Reason::GuardTrue), Some(2_500_000)));

    let [stopped] = &summary.stopped[..] else { panic!("{:?}", summary.stopped) };
    assert_eq!((stopped.times, stopped.recording_micros, stopped.compiled_in_the_end), (2, 160, false));
    assert_eq!(stopped.header, rows_loop());

    assert_eq!((summary.exits[0].from, summary.exits[0].bridged), (EVEN, 2_500_000));
    assert_eq!(summary.exits[1].leaves, Some(pi_loop()));
    assert!(summary.given_up[0].for_good);
    assert!(summary.to_json().unwrap().contains("\"reason\": \"unsupported-opcode\""));
}

#[test]
fn a_recording_that_succeeded_later_is_told_apart() {
    let events = [
        run(),
        started(1, pi_loop(), None),
        aborted(1, Reason::HeaderStateChanged, None, pi_loop()),
        Blacklisted {
            at_micros: 1,
            place: pi_loop(),
            from: None,
            reason: Reason::HeaderStateChanged,
            times: 1,
            retry_after: Some(100),
        }
        .into(),
        started(2, pi_loop(), None),
        compiled(2, TraceKind::Loop, pi_loop()),
    ];
    let summary = Summary::from_events(&events);
    assert!(summary.stopped[0].compiled_in_the_end);
    assert!(summary.given_up.is_empty());
    assert!(text(&events).contains("the loop at demo.py:3:5 in pi was compiled by another recording"));
}

#[test]
fn a_bridge_of_a_bridge_belongs_to_the_loop() {
    let second = ExitRef { trace: 2, exit: 0 };
    let mut events = busy();
    events.insert(8, started(9, even(), Some(second)));
    events.insert(9, compiled(9, TraceKind::Bridge, even()));
    events.insert(10, BridgeAttached { at_micros: 28, from: second, to: 9 }.into());
    let summary = Summary::from_events(&events);
    assert_eq!(summary.loops[0].bridges.iter().map(|bridge| bridge.trace).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(summary.counts.bridges, 2);
}

#[test]
fn a_guard_is_charged_with_all_bridges_below_it() {
    let second = ExitRef { trace: 2, exit: 0 };
    let mut events = busy();
    let join = TraceStarted { at_micros: 10, trace: 10, kind: TraceKind::Join, place: pi_loop(), from: Some(second) };
    let below = [
        started(9, even(), Some(second)),
        compiled(9, TraceKind::Bridge, even()),
        join.into(),
        compiled(10, TraceKind::Join, pi_loop()),
    ];
    events.splice(8..8, below);
    let summary = Summary::from_events(&events);
    let below = |row: &tjit_events::GuardRow| (row.from, row.bridges, row.joins, row.ops, row.code_bytes);
    let rows: Vec<_> = summary.guards.iter().map(below).collect();
    assert_eq!(rows, [(EVEN, 2, 1, 57, 1_200), (second, 1, 1, 38, 800)]);
    assert_eq!(summary.guards[0].kind, Some(Reason::GuardTrue));
    let text = text(&events);
    let table = text.split("Guards with most bridges below them\n").nth(1).expect("there is such a table");
    assert!(table.lines().nth(1).is_some_and(|row| row.contains("t1:3  guard-true        2      1")), "{table}");
    assert!(!table.lines().nth(2).is_some_and(|row| row.contains("t2:0")), "one bridge is no tree: {table}");
}

#[test]
fn regions_are_shown_as_they_were_compiled_last() {
    let region = |traces: u32| RegionCompiled {
        at_micros: 28,
        trace: 1,
        place: pi_loop(),
        traces,
        members: (1..=traces).collect(),
        bridges: 1,
        joins: traces - 2,
        versions: traces - 2,
        selects: 1,
        blocks: 30,
        code_bytes: 1_500,
        codegen_micros: 2_000,
    };
    let mut events = busy();
    events.splice(8..8, [region(2).into(), region(3).into()]);
    let summary = Summary::from_events(&events);
    let [row] = &summary.regions[..] else { panic!("{:?}", summary.regions) };
    assert_eq!((row.times, row.traces, row.versions, row.codegen_micros), (2, 3, 1, 4_000));
    let text = text(&events);
    assert!(text.contains(" demo.py:3:5 in pi  t1      2 times       3        1      1         1        1      30  1,500        4.0 ms"), "{text}");
}

#[test]
fn nothing_hot_is_said_plainly() {
    let events = [run(), Totals::default().into()];
    assert!(text(&events).contains("Nothing was hot: no loop ran often enough to be recorded."));
}

#[test]
fn the_jit_being_off_is_said_with_its_reason() {
    let off = JitOff { at_micros: 5, reason: Reason::LayoutMismatch, detail: Some("float payload".into()) };
    let text_off = text(&[run(), off.clone().into()]);
    assert!(text_off.contains("Nothing was compiled: the JIT was off."), "{text_off}");
    assert!(
        text_off.contains("the JIT was off: layout-mismatch (float payload), from 5 us on, to the end"),
        "{text_off}"
    );

    let text_spell = text(&[run(), off.into(), JitOn { at_micros: 1_005 }.into()]);
    assert!(text_spell.contains("from 5 us on, for 1.0 ms"), "{text_spell}");
    assert!(text_spell.contains("Nothing was hot"), "{text_spell}");
}

#[test]
fn aborts_and_refusals_without_compiled_code() {
    let all_aborted = text(&[run(), started(1, pi_loop(), None), aborted(1, Reason::Bigint, None, pi_loop())]);
    assert!(all_aborted.contains("No loop was compiled: the only recording was aborted."), "{all_aborted}");
    let two =
        [run(), started(1, pi_loop(), None), aborted(1, Reason::Bigint, None, pi_loop()), started(2, even(), None)];
    assert!(text(&two).contains("No loop was compiled: of 2 recordings, 1 aborted, the rest unfinished."));
    let refused = LoopRefused {
        at_micros: 1,
        place: pi_loop(),
        from: None,
        reason: Reason::LimitTraces,
        detail: Some("0 traces".into()),
    };
    let refused = text(&[run(), refused.into()]);
    assert!(refused.contains("No loop was compiled: every hot loop was refused."), "{refused}");
    assert!(refused.contains("refused: limit-traces (0 traces), once\n  --> demo.py:3:5 in pi\n"), "{refused}");
}

#[test]
fn without_totals_exits_have_the_counts_of_when_they_became_hot() {
    let mut events = busy();
    events.pop();
    let summary = Summary::from_events(&events);
    assert_eq!((summary.times, summary.loops[0].entries, summary.loops[0].share), (None, None, None));
    assert_eq!((summary.exits.len(), summary.exits[0].count), (1, 200));
}

#[test]
fn a_log_without_its_end_is_noted() {
    let header = serde_json::to_string(&run()).unwrap();
    let log = tjit_events::parse_log("x.log", format!("{header}\n{{\"eve").as_bytes()).unwrap();
    let summary = Summary { notes: log.notes, ..Summary::from_events(&log.events) };
    let text = summary.render(Look::plain(), &mut Sources::new());
    let notes = "\nnote: Line 2 is cut off: the log ends there.\nnote: The log has no totals: the program was killed, or it \
                 has not ended yet.\n";
    assert!(text.ends_with(notes), "{text}");
}

#[test]
fn no_events_are_no_run() {
    assert!(text(&[]).starts_with("Nothing was hot"));
}
