//! The documents in `docs/` say what the code does: the manual of reasons is the table's, and each example of a log line
//! parses and is written again as it stands there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use tjit_events::{Event, parse_log, reasons_manual};

fn doc(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines in JSON blocks, each with the heading above it.
fn examples(text: &str) -> Vec<(String, String)> {
    let (mut heading, mut in_block, mut found) = (String::new(), false, Vec::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title.trim_matches('`').to_owned();
        } else if line.starts_with("```") {
            in_block = line == "```json";
        } else if in_block {
            found.push((heading.clone(), line.to_owned()));
        }
    }
    found
}

fn field_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                // These hold names of the user's making.
                if name != "options" && name != "counts" {
                    field_names(value, names);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| field_names(value, names)),
        _ => {}
    }
}

#[test]
fn the_manual_of_reasons_is_current() {
    assert_eq!(
        doc("reasons.md"),
        reasons_manual(),
        "run: cargo run --ignore-rust-version -p tjit-events --example reasons"
    );
}

#[test]
fn every_example_is_read_and_written_as_it_stands() {
    for (heading, line) in examples(&doc("event-log.md")) {
        let event: Event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{heading}: {error}\n{line}"));
        assert_eq!(event.name(), heading);
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
    }
}

#[test]
fn every_event_has_an_example_in_the_order_of_the_code() {
    let mut headings: Vec<String> = examples(&doc("event-log.md")).into_iter().map(|(heading, _)| heading).collect();
    headings.dedup();
    assert_eq!(headings, Event::NAMES);
}

#[test]
fn the_examples_together_are_a_log() {
    let lines: Vec<String> = examples(&doc("event-log.md")).into_iter().map(|(_, line)| line).collect();
    let log = parse_log("docs/event-log.md", lines.join("\n").as_bytes()).unwrap();
    assert_eq!(log.events.len(), lines.len());
    assert_eq!(log.notes, [] as [String; 0]);
}

/// The structs' fields as the source has them all occur in some example, so that none is undocumented.
#[test]
fn every_field_occurs_in_an_example() {
    let mut shown = BTreeSet::new();
    for (_, line) in examples(&doc("event-log.md")) {
        field_names(&serde_json::from_str(&line).unwrap(), &mut shown);
    }
    let source = include_str!("../src/event.rs");
    let fields = source.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    let fields: Vec<&str> = fields.map(|(name, _)| name).filter(|name| !name.contains(' ')).collect();
    assert!(fields.len() > 50, "found {fields:?}");
    for field in fields {
        assert!(shown.contains(field), "no example has the field {field}");
    }
}
