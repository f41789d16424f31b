//! Source excerpts: the line of a span with what it spans underlined, as compilers show it.

use std::collections::HashMap;
use std::path::PathBuf;

use unicode_width::UnicodeWidthChar;

use crate::SourceSpan;

/// Lines longer than this are shown around the span only.
const WINDOW: usize = 110;

/// Source files, read when first asked for.
#[derive(Default)]
pub struct Sources {
    /// What relative names refer to; the process's own directory when empty.
    directory: PathBuf,
    files: HashMap<String, Option<Vec<String>>>,
}

impl Sources {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the text of a file that is not on disk, or not as it was.
    pub fn insert(&mut self, file: impl Into<String>, text: &str) {
        self.files.insert(file.into(), Some(text.lines().map(str::to_owned).collect()));
    }

    /// Relative names refer to `directory` from now on.
    pub fn set_directory(&mut self, directory: impl Into<PathBuf>) {
        self.directory = directory.into();
    }

    /// A line of a file, from 1; none when the file cannot be read or has no such line.
    pub fn line(&mut self, file: &str, line: u32) -> Option<&str> {
        let lines = self.files.entry(file.to_owned()).or_insert_with(|| {
            // `<string>` and its like name no file.
            let bytes = if file.starts_with('<') { None } else { std::fs::read(self.directory.join(file)).ok() };
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
        });
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        lines.as_ref()?.get(index).map(String::as_str)
    }

    /// The excerpt of a span, with `gutter` columns for the line number:
    ///
    /// ```text
    ///    |
    ///  4 |     d = {k: 1}
    ///    |         ^^^^^^
    /// ```
    ///
    /// None when the source cannot be read. Without columns, the line is shown and nothing is underlined.
    pub fn excerpt(&mut self, span: &SourceSpan, gutter: usize) -> Option<String> {
        let text = self.line(&span.file, span.line)?.trim_end();
        let chars: Vec<char> = text.chars().collect();
        let known = |column: u32| usize::try_from(column).ok().and_then(|column| column.checked_sub(1));
        let start = known(span.column).filter(|&start| start < chars.len());
        let end = if span.end_line == span.line { known(span.end_column) } else { None };
        let end = end.unwrap_or(chars.len()).min(chars.len());

        let from = if chars.len() > WINDOW { start.unwrap_or(0).saturating_sub(WINDOW / 3) } else { 0 };
        let to = chars.len().min(from + WINDOW);
        let (before, after) = (if from > 0 { "..." } else { "" }, if to < chars.len() { "..." } else { "" });
        let shown: String = chars[from..to].iter().collect();

        let mut out = format!("{:gutter$} |\n", "");
        out.push_str(&format!("{:gutter$} | {before}{shown}{after}\n", span.line));
        if let Some(start) = start {
            let mut under: String = before.chars().map(|_| ' ').collect();
            chars[from..start].iter().for_each(|&c| pad(&mut under, c, ' '));
            chars[start..end.max(start + 1).min(to)].iter().for_each(|&c| pad(&mut under, c, '^'));
            out.push_str(&format!("{:gutter$} | {under}\n", ""));
        }
        Some(out)
    }
}

/// Adds as much of `mark` as `c` is wide; a tab stays one, so that the mark stands under its character.
fn pad(line: &mut String, c: char, mark: char) {
    match (c, mark) {
        ('\t', ' ') => line.push('\t'),
        _ => line.extend(std::iter::repeat_n(mark, c.width().unwrap_or(1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(line: u32, column: u32, end_line: u32, end_column: u32) -> SourceSpan {
        SourceSpan { file: "a.py".into(), function: "f".into(), line, column, end_line, end_column }
    }

    fn sources() -> Sources {
        let mut sources = Sources::new();
        sources.insert("a.py", "def f():\n\td = {k: 1}\n    x = '木木' + g(1,\n        2)\n");
        sources
    }

    #[test]
    fn underlines_the_span() {
        let shown = sources().excerpt(&span(2, 6, 2, 12), 2).unwrap();
        assert_eq!(shown, "   |\n 2 | \td = {k: 1}\n   | \t    ^^^^^^\n");
        let shown = sources().excerpt(&span(3, 9, 3, 13), 1).unwrap();
        assert_eq!(
            shown, "  |\n3 |     x = '木木' + g(1,\n  |         ^^^^^^\n",
            "wide characters are underlined whole"
        );
    }

    #[test]
    fn a_span_of_several_lines_is_underlined_to_the_end_of_the_first() {
        let shown = sources().excerpt(&span(3, 16, 4, 11), 1).unwrap();
        assert!(shown.ends_with("  |                  ^^^^\n"), "{shown}");
    }

    #[test]
    fn unknown_columns_and_files() {
        assert_eq!(sources().excerpt(&span(1, 0, 1, 0), 1).unwrap(), "  |\n1 | def f():\n");
        assert_eq!(sources().excerpt(&span(99, 1, 99, 2), 1), None);
        assert_eq!(sources().excerpt(&span(0, 0, 0, 0), 1), None);
        assert_eq!(Sources::new().excerpt(&SourceSpan::at_line("<string>", "", 1), 1), None);
        let shown = sources().excerpt(&span(1, 70, 1, 90), 1).unwrap();
        assert_eq!(shown, "  |\n1 | def f():\n", "the file was changed since");
    }

    #[test]
    fn relative_names_refer_to_the_directory() {
        let mut sources = Sources::new();
        sources.set_directory(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(sources.line("Cargo.toml", 1), Some("[package]"));
    }

    #[test]
    fn long_lines_are_shown_around_the_span() {
        let mut sources = Sources::new();
        sources.insert("a.py", &"x+".repeat(200));
        let shown = sources.excerpt(&span(1, 301, 1, 302), 1).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1].chars().count(), "1 | ...".len() + WINDOW + "...".len());
        assert!(lines[1].starts_with("1 | ...x+"));
        assert_eq!(lines[2].find('^'), Some(4 + 3 + 36));
    }
}
