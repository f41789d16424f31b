//! Text made from values: f-strings, and `str.format` of a constant template, which is taken apart as an f-string is.

use rustpython_vm::common::format::{FieldName, FieldType, FormatPart, FormatString, FromTemplate};
use rustpython_vm::common::wtf8::Wtf8Buf;
use rustpython_vm::{AsObject, VirtualMachine, builtins::PyStr};
use tjit_events::Reason;
use tjit_ir::ValueId;

use super::sym::{Operand, Sym};
use super::{Abort, Recorder, Res};
use crate::helpers::{containers, formats};

/// The conversion `!s` or `!r`, by the number that CONVERT_VALUE has for it.
#[derive(Clone, Copy)]
enum Conversion {
    Str = 1,
    Repr = 2,
}

/// A part of a template.
enum Piece {
    Text(Wtf8Buf),
    Field(Operand, Option<Conversion>, Wtf8Buf),
}

impl Recorder {
    /// FORMAT_SIMPLE and FORMAT_WITH_SPEC.
    pub(super) fn format(&mut self, with_spec: bool, vm: &VirtualMachine) -> Res {
        let depth = usize::from(with_spec);
        let value = self.peek(depth)?;
        if !with_spec && self.known_text(value.sym).is_some() {
            // A str is its own text.
            return Ok(());
        }
        self.check_leaf(value, "formatting of")?;
        let spec = if with_spec {
            let spec = self.peek(0)?;
            self.check_leaf(spec, "a format of")?;
            Some(self.of_class(spec)?)
        } else {
            None
        };
        let text = self.formatted(value, spec, vm)?;
        self.replace(depth + 1, Sym::Val(text));
        Ok(())
    }

    /// CONVERT_VALUE: `!s` and `!r`.
    pub(super) fn convert_value(&mut self, kind: u32) -> Res {
        let conversion = match kind {
            1 => Conversion::Str,
            2 => Conversion::Repr,
            _ => return Err(Abort::with(Reason::UnsupportedOpcode, "CONVERT_VALUE to ascii")),
        };
        let value = self.peek(0)?;
        self.check_leaf(value, "conversion of")?;
        let text = self.converted(value, conversion)?;
        self.replace(1, Sym::Val(text));
        Ok(())
    }

    /// BUILD_STRING.
    pub(super) fn build_string(&mut self, count: usize) -> Res {
        let stack = &self.top_ref().stack;
        let fields = stack[stack.len() - count..].to_vec();
        let text = self.joined(fields)?;
        self.pop(count);
        self.push(text);
        Ok(())
    }

    /// `str.format` of a constant template whose fields are arguments by their places. `None`, with nothing emitted: another
    /// template, or values whose formatting may run Python code.
    pub(super) fn str_format(&mut self, receiver: Operand, args: &[Operand], vm: &VirtualMachine) -> Res<Option<Sym>> {
        let Sym::Val(template) = self.resolve(receiver.sym) else { return Ok(None) };
        let (Some(text), true) = (
            receiver.object().and_then(|object| object.downcast_ref::<PyStr>()),
            self.trace.as_ref(template).is_some(),
        ) else {
            return Ok(None);
        };
        let Some(pieces) = self.pieces(text, args) else { return Ok(None) };
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(Sym::Val(match piece {
                Piece::Text(text) => self.constant(vm.ctx.new_str(text).as_object()),
                Piece::Field(value, conversion, spec) => {
                    let spec = (!spec.is_empty()).then(|| self.constant(vm.ctx.new_str(spec).as_object()));
                    match (conversion, spec) {
                        (None, spec) => self.formatted(value, spec, vm)?,
                        (Some(conversion), None) => self.converted(value, conversion)?,
                        (Some(conversion), Some(spec)) => {
                            let text = self.converted(value, conversion)?;
                            self.call_helper(&formats::format(), &[text, spec])
                        }
                    }
                }
            }));
        }
        self.joined(parts).map(Some)
    }

    /// The parts of a template. `None`: it has fields of other kinds, or they are of classes that format themselves.
    fn pieces(&self, template: &PyStr, args: &[Operand]) -> Option<Vec<Piece>> {
        let template = FormatString::from_str(template.as_wtf8()).ok()?;
        let (mut automatic, mut by_place) = (0, false);
        let mut pieces = Vec::with_capacity(template.format_parts.len());
        for part in template.format_parts {
            pieces.push(match part {
                FormatPart::Literal(text) => Piece::Text(text),
                FormatPart::Field { field_name, conversion_spec, format_spec } => {
                    let name = FieldName::parse(&field_name).ok().filter(|name| name.parts.is_empty())?;
                    let place = match name.field_type {
                        FieldType::Auto => {
                            automatic += 1;
                            automatic - 1
                        }
                        FieldType::Index(place) => {
                            by_place = true;
                            place
                        }
                        FieldType::Keyword(_) => return None,
                    };
                    let conversion = match conversion_spec {
                        None => None,
                        Some(kind) if kind == 's' => Some(Conversion::Str),
                        Some(kind) if kind == 'r' => Some(Conversion::Repr),
                        Some(_) => return None,
                    };
                    let value = *args.get(place)?;
                    let nests = format_spec.as_bytes().contains(&b'{');
                    if nests || !self.is_leaf(value.object()?) {
                        return None;
                    }
                    Piece::Field(value, conversion, format_spec)
                }
            });
        }
        // Both kinds in one template are an error.
        (automatic == 0 || !by_place).then_some(pieces)
    }

    /// A value as text. Without a format, small ints and exact strs have it at hand.
    fn formatted(&mut self, value: Operand, spec: Option<ValueId>, vm: &VirtualMachine) -> Res<ValueId> {
        if spec.is_none()
            && let Some(text) = self.as_text(value)?
        {
            return Ok(text);
        }
        let value = self.of_class(value)?;
        let spec = spec.unwrap_or_else(|| self.constant(vm.ctx.empty_str.as_object()));
        Ok(self.call_helper(&formats::format(), &[value, spec]))
    }

    fn converted(&mut self, value: Operand, conversion: Conversion) -> Res<ValueId> {
        let value = self.of_class(value)?;
        let kind = self.trace.const_int(conversion as i64);
        Ok(self.call_helper(&containers::convert(), &[value, kind]))
    }

    fn joined(&mut self, parts: Vec<Sym>) -> Res<Sym> {
        if let Some(text) = self.known_join(&parts) {
            return Ok(text);
        }
        let parts = self.make_tuple(parts)?;
        Ok(Sym::Val(self.call_helper(&containers::join(), &[parts])))
    }

    /// An error unless an operand's class does without Python code.
    fn check_leaf(&self, operand: Operand, what: &str) -> Res {
        match operand.object() {
            Some(object) if self.is_leaf(object) => Ok(()),
            object => {
                let name = object.map_or_else(String::new, |object| object.class().name().to_string());
                Err(Abort::with(Reason::UnsupportedType, format!("{what} {name}")))
            }
        }
    }
}
