//! Tokens of the text form. A line break is a token, except inside brackets; `;` begins a comment.

use std::fmt;

use crate::parse::ParseError;

/// One token.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Token {
    /// A word: an operation, a keyword, or an entity such as `s0`.
    Word(String),
    /// `%name`.
    Value(String),
    /// `@name`.
    Ref(String),
    /// An integer, wide enough for addresses.
    Int(i128),
    /// A float, by bits.
    Float(u64),
    /// A quoted string.
    Str(String),
    /// `->`.
    Arrow,
    /// One of `= , : ( ) [ ] + |`.
    Punct(char),
    /// The end of a line that is not empty.
    Newline,
    /// The end of the text.
    Eof,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Word(word) => write!(f, "`{word}`"),
            Token::Value(name) => write!(f, "`%{name}`"),
            Token::Ref(name) => write!(f, "`@{name}`"),
            Token::Int(value) => write!(f, "`{value}`"),
            Token::Float(bits) => write!(f, "`{}`", crate::print::float(*bits)),
            Token::Str(text) => write!(f, "{text:?}"),
            Token::Arrow => f.write_str("`->`"),
            Token::Punct(c) => write!(f, "`{c}`"),
            Token::Newline => f.write_str("the end of the line"),
            Token::Eof => f.write_str("the end of the text"),
        }
    }
}

/// A position in the text, both counted from 1; columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    position: Position,
    depth: u32,
    tokens: Vec<(Token, Position)>,
}

/// Splits a text into tokens, of which the last is `Eof`.
pub(crate) fn lex(text: &str) -> Result<Vec<(Token, Position)>, ParseError> {
    let mut lexer = Lexer {
        rest: text.chars().peekable(),
        position: Position { line: 1, column: 1 },
        depth: 0,
        tokens: Vec::new(),
    };
    lexer.run()?;
    Ok(lexer.tokens)
}

impl Lexer<'_> {
    fn bump(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.position = Position { line: self.position.line + 1, column: 1 };
        } else {
            self.position.column += 1;
        }
        Some(c)
    }

    fn take_while(&mut self, into: &mut String, accept: impl Fn(char) -> bool) {
        while let Some(&c) = self.rest.peek() {
            if !accept(c) {
                break;
            }
            into.push(c);
            self.bump();
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        self.take_while(&mut word, |c| c.is_ascii_alphanumeric() || c == '_');
        word
    }

    fn newline(&mut self, start: Position) {
        if self.depth == 0 && !matches!(self.tokens.last(), None | Some((Token::Newline, _))) {
            self.tokens.push((Token::Newline, start));
        }
    }

    fn run(&mut self) -> Result<(), ParseError> {
        while let Some(&c) = self.rest.peek() {
            let start = self.position;
            match c {
                '\n' => {
                    self.bump();
                    self.newline(start);
                    continue;
                }
                _ if c.is_whitespace() => {
                    self.bump();
                    continue;
                }
                ';' => {
                    while self.rest.peek().is_some_and(|&c| c != '\n') {
                        self.bump();
                    }
                    continue;
                }
                _ => {}
            }
            let token = self.token(c, start)?;
            self.tokens.push((token, start));
        }
        let end = self.position;
        self.depth = 0;
        self.newline(end);
        self.tokens.push((Token::Eof, end));
        Ok(())
    }

    fn token(&mut self, c: char, start: Position) -> Result<Token, ParseError> {
        Ok(match c {
            '%' | '@' => {
                self.bump();
                let name = self.word();
                if name.is_empty() {
                    return Err(ParseError::at(start, format!("a number or name after `{c}`"), "nothing".to_owned()));
                }
                if c == '%' { Token::Value(name) } else { Token::Ref(name) }
            }
            '"' => self.string(start)?,
            '-' => {
                self.bump();
                match self.rest.peek() {
                    Some('>') => {
                        self.bump();
                        Token::Arrow
                    }
                    Some(c) if c.is_ascii_digit() => self.number(true, start)?,
                    _ => match self.word().as_str() {
                        "inf" => Token::Float(f64::NEG_INFINITY.to_bits()),
                        other => {
                            return Err(ParseError::at(start, "a number or `>` after `-`", format!("`{other}`")));
                        }
                    },
                }
            }
            '0'..='9' => self.number(false, start)?,
            '=' | ',' | ':' | '(' | ')' | '[' | ']' | '+' | '|' => {
                self.bump();
                match c {
                    '(' | '[' => self.depth += 1,
                    ')' | ']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                Token::Punct(c)
            }
            _ if c.is_ascii_alphabetic() || c == '_' => match self.word() {
                word if word == "inf" => Token::Float(f64::INFINITY.to_bits()),
                word if word == "nan" => Token::Float(f64::NAN.to_bits()),
                word => Token::Word(word),
            },
            _ => return Err(ParseError::at(start, "a token of the text form", format!("`{c}`"))),
        })
    }

    fn string(&mut self, start: Position) -> Result<Token, ParseError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(ParseError::at(start, "a closing `\"`", "the end of the text".to_owned())),
                Some('"') => return Ok(Token::Str(text)),
                Some('\\') => match self.bump() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some(c @ ('"' | '\\')) => text.push(c),
                    other => {
                        let found = other.map_or("the end of the text".to_owned(), |c| format!("`\\{c}`"));
                        return Err(ParseError::at(start, "one of the escapes \\n \\r \\t \\\" \\\\", found));
                    }
                },
                Some(c) => text.push(c),
            }
        }
    }

    fn number(&mut self, negative: bool, start: Position) -> Result<Token, ParseError> {
        let mut text = String::from(if negative { "-" } else { "" });
        self.take_while(&mut text, |c| c.is_ascii_alphanumeric() || c == '_');
        let hex = text.trim_start_matches('-').strip_prefix("0x").map(str::to_owned);
        let mut is_float = false;
        if hex.is_none() {
            if self.rest.peek() == Some(&'.') {
                text.push('.');
                self.bump();
                self.take_while(&mut text, |c| c.is_ascii_alphanumeric() || c == '_');
                is_float = true;
            }
            if text.ends_with(['e', 'E']) && matches!(self.rest.peek(), Some('-' | '+')) {
                text.extend(self.bump());
                self.take_while(&mut text, |c| c.is_ascii_digit());
            }
            is_float |= text.contains(['e', 'E']);
        }
        let digits = text.replace('_', "");
        let token = match hex {
            Some(hex) => {
                let sign = if negative { -1 } else { 1 };
                i128::from_str_radix(&hex.replace('_', ""), 16).ok().map(|value| Token::Int(sign * value))
            }
            None if is_float => digits.parse::<f64>().ok().map(|value| Token::Float(value.to_bits())),
            None => digits.parse::<i128>().ok().map(Token::Int),
        };
        token.ok_or_else(|| ParseError::at(start, "a number", format!("`{text}`")))
    }
}
