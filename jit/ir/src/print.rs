//! The text form of traces, printed. The inverse is in `parse.rs`, where the grammar is.
//!
//! `{}` prints everything. `{:#}` leaves out the addresses of pool entries, so that dumps of two runs can be compared.
//!
//! ```text
//! trace t1
//! refs @0 "abs" = 0x55d0
//! classes class0 "int" leaf, class1 "list"
//! codes code0 "f"
//! helpers helper0 "pow_float"(float, float) -> float exits
//! params %0: int, %1: float, %2: ref class1
//! preheader:
//!   %3 = list_len %2
//! body:
//!   %4 = lt_int %0, %3
//!   guard_true %4 -> s0 held(%2)
//!   %6 = add_ovf %0, 1 -> s0 held(%2)
//!   %7 = call helper0(%1, 0.5) -> s0 held(%2)
//!   loop(%6, %7, %2)
//! s0 = [code0+12 locals(%0, v0, _, kept)] [code1+3 fn(@0) stack(%1)]
//! v0 = range_iter(%0, 0, 1, 100)
//! ```

use std::fmt::{self, Display, Formatter, Write};

use crate::entity::ValueId;
use crate::ops::{Op, Ownership};
use crate::trace::{End, FrameState, HelperInfo, Imm, Inst, Slot, Snapshot, Trace, VIRTUAL_KINDS};
use crate::types::{Effects, Mem, Ty};

/// Prints a closure's output.
struct Fmt<F: Fn(&mut Formatter<'_>) -> fmt::Result>(F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Display for Fmt<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

fn commas<T: Display>(f: &mut Formatter<'_>, items: impl IntoIterator<Item = T>) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

/// A string in double quotes, escaped as the parser reads it.
fn quoted(text: &str) -> impl Display + '_ {
    Fmt(move |f| {
        f.write_char('"')?;
        for c in text.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ => f.write_char(c)?,
            }
        }
        f.write_char('"')
    })
}

/// A float such that the parser gets the same bits.
pub(crate) fn float(bits: u64) -> impl Display {
    Fmt(move |f| {
        let value = f64::from_bits(bits);
        if bits == f64::NAN.to_bits() {
            f.write_str("nan")
        } else if value.is_nan() {
            write!(f, "nan({bits:#x})")
        } else {
            write!(f, "{value:?}")
        }
    })
}

fn address(addr: u64) -> impl Display {
    Fmt(move |f| if addr == 0 || f.alternate() { Ok(()) } else { write!(f, " = {addr:#x}") })
}

fn mem(mem: Mem) -> impl Display {
    Fmt(move |f| {
        if mem == Mem::all() {
            return f.write_str("all");
        }
        for (index, (name, _)) in mem.iter_names().enumerate() {
            if index > 0 {
                f.write_char('|')?;
            }
            f.write_str(name)?;
        }
        Ok(())
    })
}

impl Display for Effects {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if *self == Effects::PURE {
            return f.write_str("pure");
        }
        if *self == Effects::OPAQUE {
            return f.write_str("opaque");
        }
        let mut words = Vec::new();
        if !self.reads.is_empty() {
            words.push(format!("read {}", mem(self.reads)));
        }
        if !self.writes.is_empty() {
            words.push(format!("write {}", mem(self.writes)));
        }
        let flags = [
            (self.releases, "releases"),
            (self.exits, "exits"),
            (self.opaque, "python"),
            (self.allocates, "allocates"),
        ];
        words.extend(flags.into_iter().filter(|flag| flag.0).map(|flag| flag.1.to_owned()));
        f.write_str(&words.join(" "))
    }
}

fn helper(info: &HelperInfo) -> impl Display + '_ {
    Fmt(move |f| {
        write!(f, "{}(", quoted(&info.name))?;
        commas(f, &info.args)?;
        write!(f, ") -> {} ", info.result)?;
        match info.ownership {
            Ownership::None => {}
            Ownership::Owned => f.write_str("owned ")?,
            Ownership::Borrowed => f.write_str("borrowed ")?,
        }
        write!(f, "{}", info.effects)?;
        info.trace.map_or(Ok(()), |trace| write!(f, " calls {trace}"))
    })
}

impl Trace {
    /// A value as it is written as an operand: `%3`, or the constant.
    pub fn display_value(&self, value: ValueId) -> impl Display + '_ {
        Fmt(move |f| match self.insts.get(value.index()) {
            Some(&Inst { op: Op::ConstInt, imm: Imm::Int(constant), .. }) => write!(f, "{constant}"),
            Some(&Inst { op: Op::ConstFloat, imm: Imm::Float(bits), .. }) => write!(f, "{}", float(bits)),
            Some(&Inst { op: Op::ConstBool, imm: Imm::Int(constant), .. }) => write!(f, "{}", constant != 0),
            Some(&Inst { op: Op::ConstRef, imm: Imm::Ref(constant), .. }) => write!(f, "{constant}"),
            _ => write!(f, "{value}"),
        })
    }

    /// An instruction as its line of the text form, without indentation.
    pub fn display_inst(&self, value: ValueId) -> impl Display + '_ {
        Fmt(move |f| {
            let inst = self.inst(value);
            if self.ty(value) != Ty::Unit {
                write!(f, "{value} = ")?;
            }
            f.write_str(inst.op.name())?;
            match inst.imm {
                Imm::Helper(helper) => {
                    write!(f, " {helper}(")?;
                    commas(f, inst.args.iter().map(|&arg| self.display_value(arg)))?;
                    f.write_char(')')?;
                }
                imm => {
                    let args = inst.args.iter().map(|&arg| self.display_value(arg).to_string());
                    let imm = match imm {
                        Imm::None | Imm::Helper(_) => None,
                        Imm::Int(constant) if inst.op == Op::ConstBool => Some((constant != 0).to_string()),
                        Imm::Int(constant) => Some(constant.to_string()),
                        Imm::Float(bits) => Some(float(bits).to_string()),
                        Imm::Ref(constant) => Some(constant.to_string()),
                        Imm::Class(class) => Some(class.to_string()),
                        Imm::Index(index) => Some(index.to_string()),
                    };
                    let operands: Vec<String> = args.chain(imm).collect();
                    if !operands.is_empty() {
                        f.write_char(' ')?;
                        commas(f, operands)?;
                    }
                }
            }
            if let Some(snapshot) = inst.snapshot {
                write!(f, " -> {snapshot}")?;
            }
            if let Some(held) = self.held.get(&value) {
                f.write_str(" held(")?;
                commas(f, held.iter().map(|&value| self.display_value(value)))?;
                f.write_char(')')?;
            }
            Ok(())
        })
    }

    /// A snapshot as it is written after `s0 =`.
    pub fn display_snapshot<'a>(&'a self, snapshot: &'a Snapshot) -> impl Display + 'a {
        Fmt(move |f| {
            for (index, frame) in snapshot.frames.iter().enumerate() {
                if index > 0 {
                    f.write_char(' ')?;
                }
                self.write_frame(f, frame)?;
            }
            Ok(())
        })
    }

    fn slot(&self, slot: Slot) -> impl Display + '_ {
        Fmt(move |f| match slot {
            Slot::Kept => f.write_str("kept"),
            Slot::Empty => f.write_str("_"),
            Slot::Value(value) => write!(f, "{}", self.display_value(value)),
            Slot::Virtual(object) => write!(f, "{object}"),
        })
    }

    fn write_frame(&self, f: &mut Formatter<'_>, frame: &FrameState) -> fmt::Result {
        write!(f, "[{}+{}", frame.place.code, frame.place.unit)?;
        if let Some(function) = frame.function {
            write!(f, " fn({})", self.display_value(function))?;
        }
        for (word, slots) in [("locals", &frame.locals), ("stack", &frame.stack)] {
            if !slots.is_empty() {
                write!(f, " {word}(")?;
                commas(f, slots.iter().map(|&slot| self.slot(slot)))?;
                f.write_char(')')?;
            }
        }
        if !frame.names.is_empty() {
            f.write_str(" names(")?;
            commas(f, frame.names.iter().map(|&(name, slot)| Fmt(move |f| write!(f, "{name}: {}", self.slot(slot)))))?;
            f.write_char(')')?;
        }
        f.write_char(']')
    }

    fn write_pool(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bare = f.alternate();
        let addr = |addr: u64| address(if bare { 0 } else { addr });
        let pool = &self.pool;
        if !pool.refs.is_empty() {
            f.write_str("refs ")?;
            let entry = |(index, info): (usize, &crate::trace::RefInfo)| {
                let immortal = if info.immortal { " immortal" } else { "" };
                format!("@{index} {}{immortal}{}", quoted(&info.label), addr(info.addr))
            };
            commas(f, pool.refs.iter().enumerate().map(entry))?;
            f.write_char('\n')?;
        }
        if !pool.classes.is_empty() {
            f.write_str("classes ")?;
            let entry = |(index, info): (usize, &crate::trace::ClassInfo)| {
                let leaf = if info.leaf { " leaf" } else { "" };
                format!("class{index} {}{leaf}{}", quoted(&info.name), addr(info.addr))
            };
            commas(f, pool.classes.iter().enumerate().map(entry))?;
            f.write_char('\n')?;
        }
        if !pool.codes.is_empty() {
            f.write_str("codes ")?;
            commas(f, pool.codes.iter().enumerate().map(|(index, label)| format!("code{index} {}", quoted(label))))?;
            f.write_char('\n')?;
        }
        for (index, info) in pool.helpers.iter().enumerate() {
            writeln!(f, "helpers helper{index} {}{}", helper(info), addr(info.addr))?;
        }
        Ok(())
    }
}

impl Display for Trace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "trace {}", self.id)?;
        self.write_pool(f)?;
        if !self.params.is_empty() {
            f.write_str("params ")?;
            let classes = self.param_classes.iter().copied().chain(std::iter::repeat(None));
            let entry = |(&value, class): (&ValueId, Option<crate::entity::ClassId>)| match class {
                Some(class) => format!("{value}: {} {class}", self.ty(value)),
                None => format!("{value}: {}", self.ty(value)),
            };
            commas(f, self.params.iter().zip(classes).map(entry))?;
            f.write_char('\n')?;
        }
        if !self.preheader.is_empty() {
            f.write_str("preheader:\n")?;
        }
        for &value in &self.preheader {
            writeln!(f, "  {}", self.display_inst(value))?;
        }
        f.write_str("body:\n")?;
        for &value in &self.body {
            writeln!(f, "  {}", self.display_inst(value))?;
        }
        match &self.end {
            End::Loop(_) => f.write_str("  loop(")?,
            End::Jump(target, _) => write!(f, "  jump {target}(")?,
            End::Return(_) => f.write_str("  return(")?,
            End::Leave => {}
        }
        if self.end != End::Leave {
            commas(f, self.end_args().iter().map(|&value| self.display_value(value)))?;
            f.write_str(")\n")?;
        }
        for (index, snapshot) in self.snapshots.iter().enumerate() {
            writeln!(f, "s{index} = {}", self.display_snapshot(snapshot))?;
        }
        for (index, object) in self.virtuals.iter().enumerate() {
            let name = VIRTUAL_KINDS.iter().find(|kind| kind.0 == object.kind).map_or("?", |kind| kind.1);
            write!(f, "v{index} = {name}(")?;
            commas(f, object.fields.iter().map(|&slot| self.slot(slot)))?;
            f.write_str(")\n")?;
        }
        Ok(())
    }
}
