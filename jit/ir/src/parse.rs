//! The text form of traces, parsed. `print.rs` has a complete example and prints what this reads.
//!
//! ```text
//! trace    = "trace" tN NL pool* "params" (%x ":" type [classN]),* NL  ["preheader:" NL inst*] ["body:" NL] inst*
//!            [end] (snapshot | virtual)*
//! pool     = "refs" (@N "label" addr),*       | "classes" (classN "name" ["leaf"] addr),*
//!          | "codes" (codeN "label"),*        | "helpers" (helperN "name" "(" type,* ")" "->" type word* addr),*
//! addr     = ["=" 0x…]
//! word     = "owned" | "borrowed" | "pure" | "opaque" | "read" mem | "write" mem | "releases" | "exits" | "python"
//!          | "allocates"                                 -- `opaque` is everything at once
//! mem      = "all" | (LIST | DICT | CELL | OBJECT | FRAME | OTHER)|*
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

use rustc_hash::FxHashMap;

use crate::entity::{ClassId, CodeId, HelperId, RefId, SnapshotId, TraceId, ValueId, VirtualId};
use crate::lex::{Position, Token, lex};
use crate::ops::{ImmKind, Op, Ownership};
use crate::trace::{
    Args, ClassInfo, End, FrameState, HelperInfo, Imm, Inst, Place, RefInfo, Slot, Snapshot, Trace, VIRTUAL_KINDS,
    Virtual, VirtualKind,
};
use crate::types::{Effects, Mem, Ty};

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

    fn pool_line(&mut self) -> Result<bool> {
        let item = match self.peek() {
            Token::Word(word) if word == "refs" => Self::ref_entry,
            Token::Word(word) if word == "classes" => Self::class_entry,
            Token::Word(word) if word == "codes" => Self::code_entry,
            Token::Word(word) if word == "helpers" => Self::helper_entry,
            _ => return Ok(false),
        };
        self.next();
        self.list(item)?;
        self.end_of_line()?;
        Ok(true)
    }

    fn address(&mut self) -> Result<u64> {
        if self.eat_punct('=') { self.int("an address") } else { Ok(0) }
    }

    fn ref_entry(&mut self) -> Result<()> {
        self.declare("@", self.trace.pool.refs.len())?;
        let info = RefInfo { label: self.string()?, addr: self.address()? };
        self.trace.pool.refs.push(info);
        Ok(())
    }

    fn class_entry(&mut self) -> Result<()> {
        self.declare("class", self.trace.pool.classes.len())?;
        let name = self.string()?;
        let leaf = self.eat_word("leaf");
        let addr = self.address()?;
        self.trace.pool.classes.push(ClassInfo { name, addr, leaf });
        Ok(())
    }

    fn code_entry(&mut self) -> Result<()> {
        self.declare("code", self.trace.pool.codes.len())?;
        let label = self.string()?;
        self.trace.pool.codes.push(label);
        Ok(())
    }

    fn helper_entry(&mut self) -> Result<()> {
        self.declare("helper", self.trace.pool.helpers.len())?;
        let name = self.string()?;
        let args = self.parens(Self::ty)?;
        if !self.eat(&Token::Arrow) {
            return self.error("`->` and the type of the result");
        }
        let result = self.ty()?;
        let (mut effects, mut ownership) = (Effects::PURE, Ownership::None);
        while let Token::Word(word) = self.peek() {
            let word = word.clone();
            match word.as_str() {
                "pure" => {}
                "opaque" => effects = Effects::OPAQUE,
                "releases" => effects.releases = true,
                "exits" => effects.exits = true,
                "python" => effects.opaque = true,
                "allocates" => effects.allocates = true,
                "owned" => ownership = Ownership::Owned,
                "borrowed" => ownership = Ownership::Borrowed,
                "read" | "write" => {
                    self.next();
                    let mem = self.mem()?;
                    *(if word == "read" { &mut effects.reads } else { &mut effects.writes }) |= mem;
                    continue;
                }
                _ => {
                    return self.error(
                        "pure, opaque, read, write, releases, exits, python, allocates, owned, borrowed, `=`, `,` or the \
                         end of the line",
                    );
                }
            }
            self.next();
        }
        let addr = self.address()?;
        self.trace.pool.helpers.push(HelperInfo { name, addr, args, result, effects, ownership });
        Ok(())
    }

    fn mem(&mut self) -> Result<Mem> {
        let mut all = Mem::empty();
        loop {
            let mem = match self.peek() {
                Token::Word(word) if word == "all" => Some(Mem::all()),
                Token::Word(word) => Mem::from_name(&word.to_ascii_uppercase()),
                _ => None,
            };
            let Some(mem) = mem else {
                return self.error("memory: LIST, DICT, CELL, OBJECT, FRAME, OTHER or all");
            };
            self.next();
            all |= mem;
            if !self.eat_punct('|') {
                return Ok(all);
            }
        }
    }

    fn param(&mut self) -> Result<()> {
        let name = self.new_value()?;
        self.punct(':')?;
        let ty = self.ty()?;
        if ty == Ty::Unit {
            self.at -= 1;
            return self.error("a type that a value can have: int, float, bool or ref");
        }
        let class = match self.peek_name("class") {
            Some(_) => Some(ClassId(self.declared("class", "a class")?)),
            None => None,
        };
        let imm = Imm::Index(self.trace.params.len() as u32);
        let value = self.place(Some(name), Inst { op: Op::param(ty), args: Args::new(), imm, snapshot: None });
        self.trace.params.push(value);
        self.trace.param_classes.push(class);
        Ok(())
    }

    // Values and instructions.

    fn new_value(&mut self) -> Result<String> {
        let Token::Value(name) = self.peek() else { return self.error("a value, such as `%1`") };
        let name = name.clone();
        if self.values.contains_key(&name) {
            return self.error("a value that is not defined yet");
        }
        self.next();
        Ok(name)
    }

    /// Puts an instruction into the table: at its number if it has one, else where there is room.
    fn place(&mut self, name: Option<String>, inst: Inst) -> ValueId {
        let number = name.as_ref().and_then(|name| name.parse().ok()).map(ValueId);
        let value = match number.or_else(|| self.holes.pop()) {
            Some(value) => {
                self.trace.insts[value.index()] = inst;
                value
            }
            None => self.trace.define(inst),
        };
        if let Some(name) = name {
            self.values.insert(name, value);
        }
        value
    }

    fn operand(&mut self) -> Result<ValueId> {
        let value = match self.peek().clone() {
            Token::Value(name) => match self.values.get(&name) {
                Some(&value) => value,
                None => return self.error("a value that is defined above"),
            },
            Token::Int(_) => {
                let constant = self.int("an int of 64 bits")?;
                return Ok(self.trace.const_int(constant));
            }
            Token::Float(_) => {
                let bits = self.float_bits()?;
                return Ok(self.trace.const_float(f64::from_bits(bits)));
            }
            Token::Word(word) if word == "true" || word == "false" => self.trace.const_bool(word == "true"),
            Token::Ref(_) => {
                let constant = RefId(self.declared("@", "a constant object")?);
                return Ok(self.trace.const_ref(constant));
            }
            _ => return self.error("an operand: a value, a number, true, false, or a constant object"),
        };
        self.next();
        Ok(value)
    }

    /// A float; other bit patterns of nan are written `nan(0xfff8…)`.
    fn float_bits(&mut self) -> Result<u64> {
        let Token::Float(bits) = *self.peek() else { return self.error("a float, such as `1.5`") };
        self.next();
        if f64::from_bits(bits).is_nan() && self.eat_punct('(') {
            let bits = self.int("the bits of a nan")?;
            if !f64::from_bits(bits).is_nan() {
                self.at -= 1;
                return self.error("the bits of a nan");
            }
            self.punct(')')?;
            return Ok(bits);
        }
        Ok(bits)
    }

    fn imm(&mut self, op: Op) -> Result<Imm> {
        Ok(match op.info().imm {
            ImmKind::None => Imm::None,
            ImmKind::Int if op == Op::ConstBool => {
                let constant = self.eat_word("true");
                if !constant && !self.eat_word("false") {
                    return self.error("true or false");
                }
                Imm::Int(i64::from(constant))
            }
            ImmKind::Int => Imm::Int(self.int("an int of 64 bits")?),
            ImmKind::Float => Imm::Float(self.float_bits()?),
            ImmKind::Ref => Imm::Ref(RefId(self.declared("@", "a constant object")?)),
            ImmKind::Class => Imm::Class(ClassId(self.declared("class", "a class")?)),
            ImmKind::Helper => Imm::Helper(HelperId(self.declared("helper", "a helper")?)),
            ImmKind::Index => Imm::Index(self.int("an index")?),
        })
    }

    /// One line. None when it only gives a constant a name.
    fn inst(&mut self) -> Result<Option<ValueId>> {
        let start = self.at;
        let name = if let Token::Value(_) = self.peek() {
            let name = self.new_value()?;
            self.punct('=')?;
            Some(name)
        } else {
            None
        };
        let op = if let Token::Word(word) = self.peek() { Op::parse(word) } else { None };
        let Some(op) = op.filter(|op| !op.is_param()) else {
            return self.error(if name.is_some() { "an operation" } else { "an instruction" });
        };
        self.next();
        let (args, imm) = if op == Op::Call {
            let imm = self.imm(op)?;
            (self.parens(Self::operand)?, imm)
        } else {
            let mut args = Vec::new();
            for index in 0..op.info().args.len() {
                if index > 0 {
                    self.punct(',')?;
                }
                args.push(self.operand()?);
            }
            if !args.is_empty() && op.info().imm != ImmKind::None {
                self.punct(',')?;
            }
            (args, self.imm(op)?)
        };
        let mut inst = Inst { op, args: args.into(), imm, snapshot: None };
        if op.is_const() {
            let value = match inst.imm {
                Imm::Int(constant) if op == Op::ConstBool => self.trace.const_bool(constant != 0),
                Imm::Int(constant) => self.trace.const_int(constant),
                Imm::Float(bits) => self.trace.const_float(f64::from_bits(bits)),
                Imm::Ref(constant) => self.trace.const_ref(constant),
                _ => return self.error("a constant"),
            };
            if let Some(name) = name {
                self.values.insert(name, value);
            }
            self.end_of_line()?;
            return Ok(None);
        }
        inst.snapshot = self.exit(&inst)?;
        let held = if self.eat_word("held") { Some(self.parens(Self::operand)?) } else { None };
        let value = self.place(name.clone(), inst);
        if name.is_some() && self.trace.ty(value) == Ty::Unit {
            self.at = start;
            return self.error(format!("no name, because `{}` has no result", op.name()));
        }
        if let Some(held) = held {
            self.trace.held.insert(value, held);
        }
        self.end_of_line()?;
        Ok(Some(value))
    }

    fn exit(&mut self, inst: &Inst) -> Result<Option<SnapshotId>> {
        if self.eat(&Token::Arrow) {
            if *self.peek() == Token::Punct('[') {
                let snapshot = self.snapshot()?;
                return Ok(Some(self.append_snapshot(snapshot)));
            }
            return Ok(Some(SnapshotId(self.declared("s", "a snapshot")?)));
        }
        if !self.trace.inst_effects(inst).exits {
            return Ok(None);
        }
        if self.default_snapshot.is_none() {
            if self.trace.pool.codes.is_empty() {
                self.trace.pool.codes.push("code".to_owned());
                self.names.insert("code0".to_owned(), 0);
            }
            let frame = FrameState {
                place: Place { code: CodeId(0), unit: 0 },
                function: None,
                locals: Vec::new(),
                stack: Vec::new(),
                names: Vec::new(),
            };
            self.default_snapshot = Some(self.append_snapshot(Snapshot { frames: vec![frame] }));
        }
        Ok(self.default_snapshot)
    }

    /// Adds a snapshot that has no name, after all that have one.
    fn append_snapshot(&mut self, snapshot: Snapshot) -> SnapshotId {
        self.trace.snapshots.push(snapshot);
        SnapshotId::from_index(self.trace.snapshots.len() - 1)
    }

    fn end(&mut self) -> Result<bool> {
        let target = if self.eat_word("loop") {
            None
        } else if self.eat_word("jump") {
            Some(self.trace_id()?)
        } else {
            return Ok(false);
        };
        let args = self.parens(Self::operand)?;
        self.trace.end = match target {
            Some(target) => End::Jump(target, args),
            None => End::Loop(args),
        };
        self.end_of_line()?;
        Ok(true)
    }

    // Side tables.

    fn snapshot(&mut self) -> Result<Snapshot> {
        let mut frames = vec![self.frame()?];
        while *self.peek() == Token::Punct('[') {
            frames.push(self.frame()?);
        }
        Ok(Snapshot { frames })
    }

    fn frame(&mut self) -> Result<FrameState> {
        self.punct('[')?;
        let code = CodeId(self.declared("code", "a code object")?);
        self.punct('+')?;
        let place = Place { code, unit: self.int("the index of a code unit")? };
        let mut frame = FrameState { place, function: None, locals: Vec::new(), stack: Vec::new(), names: Vec::new() };
        while !self.eat_punct(']') {
            if self.eat_word("fn") {
                self.punct('(')?;
                frame.function = Some(self.operand()?);
                self.punct(')')?;
            } else if self.eat_word("locals") {
                frame.locals = self.parens(Self::slot)?;
            } else if self.eat_word("stack") {
                frame.stack = self.parens(Self::slot)?;
            } else if self.eat_word("names") {
                frame.names = self.parens(|parser| {
                    let name = RefId(parser.declared("@", "a constant object")?);
                    parser.punct(':')?;
                    Ok((name, parser.slot()?))
                })?;
            } else {
                return self.error("fn, locals, stack, names or `]`");
            }
        }
        Ok(frame)
    }

    fn slot(&mut self) -> Result<Slot> {
        if self.eat_word("_") {
            return Ok(Slot::Empty);
        }
        if self.eat_word("kept") {
            return Ok(Slot::Kept);
        }
        if self.peek_name("v").is_some() {
            return Ok(Slot::Virtual(VirtualId(self.declared("v", "a virtual object")?)));
        }
        Ok(Slot::Value(self.operand()?))
    }

    fn virtual_object(&mut self) -> Result<Virtual> {
        let kind = if let Token::Word(word) = self.peek() { virtual_kind(word) } else { None };
        let Some(kind) = kind else {
            let names: Vec<&str> = VIRTUAL_KINDS.iter().map(|kind| kind.1).collect();
            return self.error(format!("a kind of virtual object: {}", names.join(", ")));
        };
        self.next();
        Ok(Virtual { kind, fields: self.parens(Self::slot)? })
    }
}

fn virtual_kind(name: &str) -> Option<VirtualKind> {
    VIRTUAL_KINDS.iter().find(|kind| kind.1 == name).map(|kind| kind.0)
}
