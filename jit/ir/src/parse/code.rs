//! The parser's part for values, instructions and the end of a trace.

use super::{Parser, Result};
use crate::entity::{ClassId, CodeId, HelperId, RefId, SnapshotId, ValueId};
use crate::lex::Token;
use crate::ops::{ImmKind, Op};
use crate::trace::{End, FrameState, Imm, Inst, Place, Snapshot};
use crate::types::Ty;

impl Parser {
    pub(super) fn new_value(&mut self) -> Result<String> {
        let Token::Value(name) = self.peek() else { return self.error("a value, such as `%1`") };
        let name = name.clone();
        if self.values.contains_key(&name) {
            return self.error("a value that is not defined yet");
        }
        self.next();
        Ok(name)
    }

    /// Puts an instruction into the table: at its number if it has one, else where there is room.
    pub(super) fn place(&mut self, name: Option<String>, inst: Inst) -> ValueId {
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

    pub(super) fn operand(&mut self) -> Result<ValueId> {
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
    pub(super) fn inst(&mut self) -> Result<Option<ValueId>> {
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

    pub(super) fn end(&mut self) -> Result<bool> {
        if self.eat_word("return") {
            let args = self.parens(Self::operand)?;
            let [value] = args[..] else { return self.error("one value") };
            self.trace.end = End::Return(value);
            self.end_of_line()?;
            return Ok(true);
        }
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
}
