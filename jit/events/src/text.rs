//! Numbers and words as people read them.

/// A time: `640 us`, `12.3 ms`, `1.234 s`.
pub fn micros(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..999_950 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.3} s", micros as f64 / 1e6),
    }
}

/// A number with its thousands apart: `5,000,001`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share of a whole: `81.0 %`; a dash when there is no whole.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.1} %", share * 100.0))
}

/// `1 bridge`, `2 bridges`.
pub fn plural(n: u64, word: &str) -> String {
    format!("{} {word}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `once`, `3 times`.
pub fn times(n: u64) -> String {
    if n == 1 { "once".into() } else { format!("{} times", number(n)) }
}

/// At most `width` characters of `text`, the last three of them dots when something is left out.
pub fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([micros(999), micros(1_000), micros(999_949)], ["999 us", "1.0 ms", "999.9 ms"]);
        assert_eq!([micros(999_950), micros(1_234_000)], ["1.000 s", "1.234 s"]);
        assert_eq!([number(7), number(1_000), number(5_000_001)], ["7", "1,000", "5,000,001"]);
        assert_eq!([percent(Some(0.81)), percent(None)], ["81.0 %", "-"]);
        assert_eq!(
            [plural(1, "loop"), plural(0, "loop"), times(1), times(2)],
            ["1 loop", "0 loops", "once", "2 times"]
        );
        assert_eq!([clip("abcdefgh", 8), clip("abcd efgh", 8)], ["abcdefgh", "abcd..."]);
    }
}
