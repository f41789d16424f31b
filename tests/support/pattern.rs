//! Patterns with wildcards, for lines that are not known to the letter.
//!
//! `...` stands for any text, also none. A pattern is for the whole line: `...compiled...` finds a word in the middle.

/// Whether `text` is what `pattern` describes.
///
/// ```text
/// matches("a...c", "abc")      matches("...", "")      !matches("a...", "ba")
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split("...");
    // `split` gives at least one part; the first one has to be where the text begins.
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The first of `patterns` that finds no line when they are looked for in this order, other lines between them allowed.
pub fn first_missing<'p>(patterns: &'p [String], text: &str) -> Option<&'p str> {
    let mut lines = text.lines();
    patterns.iter().find(|pattern| !lines.any(|line| matches(pattern, line))).map(String::as_str)
}
