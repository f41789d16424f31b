//! A stretch of Python source.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stretch of source, as Python's position table gives it for an instruction.
///
/// Lines and columns begin at 1, columns count characters, and 0 means unknown. `end_column` is the first column after
/// the stretch.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct SourceSpan {
    /// The file as the code object names it; `<string>` and the like when there is none.
    pub file: String,
    /// Qualified name of the function; `<module>` at module level.
    pub function: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// First column after the stretch, on `end_line`.
    pub end_column: u32,
}

impl SourceSpan {
    /// A span of which only the line is known.
    pub fn at_line(file: impl Into<String>, function: impl Into<String>, line: u32) -> Self {
        Self { file: file.into(), function: function.into(), line, end_line: line, ..Self::default() }
    }
}

/// `file:line:column in function`; what is unknown is left out.
impl fmt::Display for SourceSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.file.is_empty() { "<unknown>" } else { &self.file })?;
        if self.line != 0 {
            write!(f, ":{}", self.line)?;
            if self.column != 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        if self.function.is_empty() { Ok(()) } else { write!(f, " in {}", self.function) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_is_known() {
        let span =
            SourceSpan { file: "pi.py".into(), function: "pi".into(), line: 4, column: 9, end_line: 4, end_column: 12 };
        assert_eq!(span.to_string(), "pi.py:4:9 in pi");
        assert_eq!(SourceSpan::at_line("pi.py", "", 4).to_string(), "pi.py:4");
        assert_eq!(SourceSpan::default().to_string(), "<unknown>");
    }
}
