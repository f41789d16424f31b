//! The parser's part for the side tables: snapshots and virtual objects.

use super::{Parser, Result};
use crate::entity::{CodeId, RefId, VirtualId};
use crate::lex::Token;
use crate::trace::{FrameState, Place, Slot, Snapshot, VIRTUAL_KINDS, Virtual, VirtualKind};

impl Parser {
    pub(super) fn snapshot(&mut self) -> Result<Snapshot> {
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

    pub(super) fn virtual_object(&mut self) -> Result<Virtual> {
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
