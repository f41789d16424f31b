//! The text form of traces, parsed. `print.rs` has a complete example and prints what this reads.
//!
//! ```text
//! trace    = "trace" tN NL pool* "params" (%x ":" type [classN]),* NL  ["preheader:" NL inst*] ["body:" NL] inst*
//!            [end] (snapshot | virtual)*
//! pool     = "refs" (@N "label" ["immortal"] addr),*       | "classes" (classN "name" ["leaf"] addr),*
//!          | "codes" (codeN "label"),*        | "helpers" (helperN "name" "(" type,* ")" "->" type word* addr),*
//! addr     = ["=" 0x…]
//! word     = "owned" | "borrowed" | "pure" | "opaque" | "read" mem | "write" mem | "releases" | "exits" | "python"
//!          | "allocates"                                 -- `opaque` is everything at once
//! mem      = "all" | (LIST | DICT | CELL | OBJECT | FRAME | OTHER | LIFE)|*
//! inst     = [%x "="] op [operand,*] ["," imm] ["->" (sN | snapshot frames)] ["held" "(" operand,* ")"] NL
//!          | [%x "="] "call" helperN "(" operand,* ")" …
//! operand  = %x | 12 | 1.5 | inf | nan | true | @N       -- constants are written where they are used
//! end      = ("loop" | "jump" tN) "(" operand,* ")" NL
//! snapshot = sN "=" frame+ NL
//! frame    = "[" codeN "+" unit ["fn" "(" operand ")"] ["locals" "(" slot,* ")"] ["stack" "(" slot,* ")"]
//!            ["names" "(" (@N ":" slot),* ")"] "]"
//! virtual  = vN "=" kind "(" slot,* ")" NL
//! slot     = "_" | "kept" | vN | operand
//! ```
//!
//! For tests written by hand: values may have names (`%sum`), line breaks inside brackets mean nothing, an exiting
//! instruction without `->` gets the snapshot `[code0+0]`, and a snapshot may stand in place of its name after `->`.
//!
//! A numbered value keeps its number. Pool entries, snapshots and virtual objects are numbered in the order in which they
//! are declared.

mod code;
mod pool;
mod tables;

use rustc_hash::FxHashMap;

use crate::entity::{SnapshotId, TraceId, ValueId};
use crate::lex::{Position, Token, lex};
use crate::ops::Op;
use crate::trace::{Args, Imm, Inst, Snapshot, Trace};
use crate::types::Ty;

/// A value number in a text must be below this, so that a typing error does not make a huge table.
const MAX_VALUE: u32 = 1 << 20;

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}, column {column}: expected {expected}, found {found}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What could have stood there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl ParseError {
    pub(crate) fn at(position: Position, expected: impl Into<String>, found: String) -> Self {
        ParseError { line: position.line, column: position.column, expected: expected.into(), found }
    }
}

type Result<T> = std::result::Result<T, ParseError>;

impl Trace {
    /// Reads the text form.
    ///
    /// # Errors
    /// The first thing that is not in the grammar, or that is used and not declared. Types and arity are
    /// [`Trace::verify`]'s to check.
    pub fn parse(text: &str) -> Result<Trace> {
        let tokens = lex(text)?;
        let mut parser = Parser::new(tokens)?;
        parser.trace()?;
        Ok(parser.trace)
    }
}

struct Parser {
    tokens: Vec<(Token, Position)>,
    at: usize,
    trace: Trace,
    values: FxHashMap<String, ValueId>,
    /// Numbers below the largest one of the text that no value has; taken by instructions without a name.
    holes: Vec<ValueId>,
    /// Declared names of everything but values, such as `s0` and `@1`, with their index.
    names: FxHashMap<String, u32>,
    default_snapshot: Option<SnapshotId>,
}

impl Parser {
    /// Looks ahead for what may be used before it is declared (snapshots and virtual objects), and for value numbers.
    fn new(tokens: Vec<(Token, Position)>) -> Result<Parser> {
        let mut trace = Trace::new(TraceId(0));
        let mut names = FxHashMap::default();
        let mut numbers = Vec::new();
        let (mut snapshots, mut virtuals) = (0, 0);
        for (index, (token, position)) in tokens.iter().enumerate() {
            match token {
                Token::Value(name) if name.starts_with(|c: char| c.is_ascii_digit()) => {
                    let number = name.parse::<u32>().ok().filter(|&number| number < MAX_VALUE);
                    let error = || ParseError::at(*position, format!("a value below %{MAX_VALUE}"), token.to_string());
                    numbers.push(number.ok_or_else(error)?);
                }
                Token::Word(word) if tokens[index + 1].0 == Token::Punct('=') => {
                    let count = match word.as_bytes()[0] {
                        b's' => &mut snapshots,
                        b'v' => &mut virtuals,
                        _ => continue,
                    };
                    if names.insert(word.clone(), *count).is_some() {
                        return Err(ParseError::at(*position, "a new name", format!("{token} again")));
                    }
                    *count += 1;
                }
                _ => {}
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let filler = Inst { op: Op::ConstInt, args: Args::new(), imm: Imm::Int(0), snapshot: None };
        trace.insts = vec![filler; numbers.last().map_or(0, |&last| last as usize + 1)];
        let mut holes = Vec::new();
        let mut used = numbers.into_iter().peekable();
        for number in 0..trace.insts.len() as u32 {
            if used.next_if_eq(&number).is_none() {
                holes.push(ValueId(number));
            }
        }
        holes.reverse();
        trace.snapshots = vec![Snapshot { frames: Vec::new() }; snapshots as usize];
        Ok(Parser { tokens, at: 0, trace, values: FxHashMap::default(), holes, names, default_snapshot: None })
    }

    // Tokens.

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn error<T>(&self, expected: impl Into<String>) -> Result<T> {
        let (token, position) = &self.tokens[self.at];
        Err(ParseError::at(*position, expected, token.to_string()))
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::Eof {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.next();
        }
        found
    }

    fn eat_punct(&mut self, c: char) -> bool {
        self.eat(&Token::Punct(c))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found == word);
        if found {
            self.next();
        }
        found
    }

    fn punct(&mut self, c: char) -> Result<()> {
        if self.eat_punct(c) { Ok(()) } else { self.error(format!("`{c}`")) }
    }

    fn end_of_line(&mut self) -> Result<()> {
        if self.eat(&Token::Newline) || *self.peek() == Token::Eof { Ok(()) } else { self.error("the end of the line") }
    }

    /// Whatever `item` reads, one or more times, between commas.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat_punct(',') {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(`, whatever `item` reads any number of times, `)`.
    fn parens<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.punct('(')?;
        if self.eat_punct(')') {
            return Ok(Vec::new());
        }
        let items = self.list(item)?;
        if self.eat_punct(')') { Ok(items) } else { self.error("`,` or `)`") }
    }

    fn int<T: TryFrom<i128>>(&mut self, what: &str) -> Result<T> {
        let Token::Int(value) = *self.peek() else { return self.error(what) };
        let Ok(value) = T::try_from(value) else { return self.error(format!("{what} that is not so large")) };
        self.next();
        Ok(value)
    }

    fn string(&mut self) -> Result<String> {
        let Token::Str(text) = self.peek() else { return self.error("a string in double quotes") };
        let text = text.clone();
        self.next();
        Ok(text)
    }

    fn ty(&mut self) -> Result<Ty> {
        let ty = if let Token::Word(word) = self.peek() { Ty::parse(word) } else { None };
        let Some(ty) = ty else { return self.error("a type: int, float, bool, ref or unit") };
        self.next();
        Ok(ty)
    }

    fn trace_id(&mut self) -> Result<TraceId> {
        let id = match self.peek() {
            Token::Word(word) => word.strip_prefix('t').and_then(|number| number.parse().ok()),
            _ => None,
        };
        let Some(id) = id else { return self.error("a trace, such as `t1`") };
        self.next();
        Ok(TraceId(id))
    }

    /// The text of a name with this prefix and a number, such as `s0`, if one comes.
    fn peek_name(&self, prefix: &str) -> Option<String> {
        let numbered = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        match self.peek() {
            Token::Ref(name) if prefix == "@" && numbered(name) => Some(format!("@{name}")),
            Token::Word(word) if word.strip_prefix(prefix).is_some_and(numbered) => Some(word.clone()),
            _ => None,
        }
    }

    fn declare(&mut self, prefix: &str, index: usize) -> Result<()> {
        let Some(name) = self.peek_name(prefix) else { return self.error(format!("a name such as `{prefix}0`")) };
        if self.names.contains_key(&name) {
            return self.error(format!("a name that is not declared yet, such as `{prefix}{index}`"));
        }
        self.names.insert(name, index as u32);
        self.next();
        Ok(())
    }

    fn declared(&mut self, prefix: &str, what: &str) -> Result<u32> {
        let Some(name) = self.peek_name(prefix) else {
            return self.error(format!("{what}, such as `{prefix}0`"));
        };
        let Some(&index) = self.names.get(&name) else { return self.error(format!("{what} that is declared")) };
        self.next();
        Ok(index)
    }

    // The parts of a trace, in order.

    fn trace(&mut self) -> Result<()> {
        if !self.eat_word("trace") {
            return self.error("`trace`");
        }
        self.trace.id = self.trace_id()?;
        self.end_of_line()?;
        while self.pool_line()? {}
        while self.eat_word("params") {
            self.list(Self::param)?;
            self.end_of_line()?;
        }
        if self.eat_word("preheader") {
            self.punct(':')?;
            self.end_of_line()?;
            while !matches!(self.peek(), Token::Word(word) if word == "body") {
                let value = self.inst()?;
                self.trace.preheader.extend(value);
            }
        }
        if self.eat_word("body") {
            self.punct(':')?;
            self.end_of_line()?;
        }
        while !self.at_table() && !self.end()? {
            let value = self.inst()?;
            self.trace.body.extend(value);
        }
        while *self.peek() != Token::Eof {
            if !self.at_table() {
                return self.error("a snapshot `s0 = …`, a virtual object `v0 = …`, or the end of the text");
            }
            let Token::Word(name) = self.next() else { return self.error("a name") };
            self.punct('=')?;
            if name.starts_with('s') {
                let index = self.names[&name] as usize;
                self.trace.snapshots[index] = self.snapshot()?;
            } else {
                let object = self.virtual_object()?;
                self.trace.add_virtual(object);
            }
            self.end_of_line()?;
        }
        Ok(())
    }

    fn at_table(&self) -> bool {
        *self.peek() == Token::Eof
            || (self.peek_name("s").or_else(|| self.peek_name("v")).is_some()
                && self.tokens[self.at + 1].0 == Token::Punct('='))
    }
}
