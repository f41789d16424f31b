//! The parser's part for what stands before the instructions: pool entries and parameters.

use super::{Parser, Result};
use crate::entity::ClassId;
use crate::lex::Token;
use crate::ops::{Op, Ownership};
use crate::trace::{Args, ClassInfo, HelperInfo, Imm, Inst, RefInfo};
use crate::types::{Effects, Mem, Ty};

impl Parser {
    pub(super) fn pool_line(&mut self) -> Result<bool> {
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
        let label = self.string()?;
        let immortal = self.eat_word("immortal");
        let info = RefInfo { label, addr: self.address()?, immortal };
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
        let mut trace = None;
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
                "calls" => {
                    self.next();
                    trace = Some(self.trace_id()?);
                    continue;
                }
                "borrowed" => ownership = Ownership::Borrowed,
                "read" | "write" => {
                    self.next();
                    let mem = self.mem()?;
                    *(if word == "read" { &mut effects.reads } else { &mut effects.writes }) |= mem;
                    continue;
                }
                _ => {
                    return self.error(
                        "pure, opaque, read, write, releases, exits, python, allocates, owned, borrowed, calls, `=`, `,` or the \
                         end of the line",
                    );
                }
            }
            self.next();
        }
        let addr = self.address()?;
        self.trace.pool.helpers.push(HelperInfo { name, addr, args, result, effects, ownership, trace });
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

    pub(super) fn param(&mut self) -> Result<()> {
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
}
