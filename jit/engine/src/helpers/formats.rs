//! Formats of ints, floats and strings: `format(a, b)` and `a % b`, as far as they are plain; others are the VM's.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyStr, PyTuple},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::math::scaled;
use super::text::{new_text, text};
use super::{CHECKED, Helper, host, object, or_redo, owned, payload, redo};
use crate::exits::Activation;
use crate::objects::{Objects, Scalar, address};

helpers! {
    /// `format(a, b)` of an object of a leaf class.
    format(Ref, Ref) -> Ref, Effects { allocates: true, ..CHECKED }, Owned;
    /// `a % b` of an exact str.
    percent(Ref, Ref) -> Ref, Effects { reads: Mem::all(), allocates: true, ..CHECKED }, Owned;
}

/// Nobody pads to more than this; if somebody does, the VM does it.
const MAX_WIDTH: usize = 1 << 12;

/// How a value is written.
#[derive(Clone, Copy, Default)]
struct Spec {
    fill: u8,
    /// `<`, `>`, `^`, or 0.
    align: u8,
    /// With zeros behind the sign.
    zeros: bool,
    width: usize,
    precision: Option<usize>,
    /// 0 where it is not said.
    kind: u8,
}

/// Takes a number from the front.
fn digits(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        number = number * 10 + usize::from(digit - b'0');
        if number > MAX_WIDTH {
            return None;
        }
        *rest = more;
    }
    Some(number)
}

/// Takes width, precision and kind from the front.
fn rest_of(mut spec: Spec, rest: &mut &[u8]) -> Option<Spec> {
    spec.width = digits(rest)?;
    if let [b'.', more @ ..] = rest {
        *rest = more;
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        spec.precision = Some(digits(rest)?);
    }
    if let [kind, more @ ..] = rest {
        spec.kind = *kind;
        *rest = more;
    }
    Some(spec)
}

/// What a format says, if it is plain.
fn parse(mut rest: &[u8]) -> Option<Spec> {
    let mut spec = Spec { fill: b' ', ..Spec::default() };
    match rest {
        [fill, align @ (b'<' | b'>' | b'^'), more @ ..] if fill.is_ascii() && *fill != b'{' => {
            (spec.fill, spec.align, rest) = (*fill, *align, more);
        }
        [align @ (b'<' | b'>' | b'^'), more @ ..] => (spec.align, rest) = (*align, more),
        _ => {}
    }
    if let [b'0', more @ ..] = rest {
        if spec.align != 0 {
            return None;
        }
        spec.zeros = true;
        rest = more;
    }
    let spec = rest_of(spec, &mut rest)?;
    rest.is_empty().then_some(spec)
}

/// The digits of a number, and whether it is negative.
fn number(scalar: Scalar, spec: Spec) -> Option<(Vec<u8>, bool)> {
    let int = |is: i64| {
        let size = is.unsigned_abs();
        let digits = match spec.kind {
            0 | b'd' => size.to_string(),
            b'x' => format!("{size:x}"),
            b'X' => format!("{size:X}"),
            b'o' => format!("{size:o}"),
            b'b' => format!("{size:b}"),
            _ => return None,
        };
        Some((digits.into_bytes(), is < 0))
    };
    match scalar {
        Scalar::Int(is) if spec.precision.is_none() && spec.kind != b'f' => int(is),
        Scalar::Int(is) if spec.kind == b'f' && is.unsigned_abs() < 1 << 53 => fixed(is as f64, spec),
        Scalar::Float(is) if spec.kind == b'f' => fixed(is, spec),
        _ => None,
    }
}

/// The digits of a float with so many behind the point.
fn fixed(is: f64, spec: Spec) -> Option<(Vec<u8>, bool)> {
    let precision = spec.precision.unwrap_or(6);
    let whole = scaled(is, precision)?;
    // What becomes of a negative zero the VM knows.
    if whole == 0 && is.is_sign_negative() {
        return None;
    }
    let mut digits = format!("{whole:0>width$}", width = precision + 1).into_bytes();
    if precision > 0 {
        digits.insert(digits.len() - precision, b'.');
    }
    Some((digits, is < 0.0))
}

/// Writes something with what fills it up. `align`: where it goes unless it is said.
fn pad(out: &mut Vec<u8>, body: &[u8], length: usize, spec: Spec, align: u8) {
    let missing = spec.width.saturating_sub(length);
    let before = match if spec.align == 0 { align } else { spec.align } {
        b'<' => 0,
        b'^' => missing / 2,
        _ => missing,
    };
    out.extend(std::iter::repeat_n(spec.fill, before));
    out.extend_from_slice(body);
    out.extend(std::iter::repeat_n(spec.fill, missing - before));
}

fn write_number(out: &mut Vec<u8>, scalar: Scalar, spec: Spec) -> Option<()> {
    let (digits, negative) = number(scalar, spec)?;
    let length = digits.len() + usize::from(negative);
    if spec.zeros {
        out.extend(negative.then_some(b'-'));
        out.extend(std::iter::repeat_n(b'0', spec.width.saturating_sub(length)));
        out.extend_from_slice(&digits);
        return Some(());
    }
    let body = if negative { [&b"-"[..], &digits].concat() } else { digits };
    pad(out, &body, length, spec, b'>');
    Some(())
}

fn write_text(out: &mut Vec<u8>, string: &PyObject, spec: Spec, align: u8) -> Option<()> {
    let string_ = string.downcast_ref::<PyStr>()?;
    if spec.zeros || std::str::from_utf8(text(address(string))).is_err() {
        return None;
    }
    let mut body = text(address(string));
    let mut length = string_.char_len();
    if let Some(most) = spec.precision.filter(|&most| most < length) {
        if !string_.kind().is_ascii() {
            return None;
        }
        (body, length) = (&body[..most], most);
    }
    pad(out, body, length, spec, align);
    Some(())
}

/// `format(value, spec)`.
fn formatted(objects: &Objects, value: &PyObject, spec: &[u8]) -> Option<Vec<u8>> {
    let spec = parse(spec)?;
    let mut out = Vec::new();
    if objects.class(value) == objects.classes.str {
        if ![0, b's'].contains(&spec.kind) {
            return None;
        }
        write_text(&mut out, value, spec, b'<')?;
    } else {
        let scalar = objects.scalar(value)?;
        // (Of a float without a kind the VM writes as many digits as it has.)
        write_number(&mut out, scalar, spec)?;
    }
    Some(out)
}

/// `format % args`.
fn inserted(objects: &Objects, format: &[u8], args: &PyObject, vm: &VirtualMachine) -> Option<Vec<u8>> {
    let one = [args.to_owned()];
    let args: &[PyObjectRef] = match args.downcast_ref::<PyTuple>() {
        Some(tuple) if objects.class(args) == objects.classes.tuple => tuple.as_slice(),
        _ if objects.class(args) == objects.classes.str || objects.scalar(args).is_some() => &one,
        _ => return None,
    };
    let (mut rest, mut args, mut out) = (format, args.iter(), Vec::with_capacity(format.len() + 16));
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let [b'%', more @ ..] = rest {
            out.push(b'%');
            rest = more;
            continue;
        }
        let mut spec = Spec { fill: b' ', ..Spec::default() };
        while let [flag @ (b'-' | b'0'), more @ ..] = rest {
            if *flag == b'-' {
                spec.align = b'<'
            } else {
                spec.zeros = true
            }
            rest = more;
        }
        let spec = rest_of(spec, &mut rest)?;
        let spec = Spec { zeros: spec.zeros && spec.align == 0, ..spec };
        let arg = args.next()?;
        match (spec.kind, objects.scalar(arg)) {
            (b's' | b'r', _) if !objects.classes.is_leaf(objects.class(arg)) || spec.zeros => return None,
            (b's', _) => write_text(&mut out, arg.str(vm).ok()?.as_object(), spec, b'>')?,
            (b'r', _) => write_text(&mut out, arg.repr(vm).ok()?.as_object(), spec, b'>')?,
            (b'd' | b'i', Some(scalar @ Scalar::Int(_))) => {
                write_number(&mut out, scalar, Spec { kind: b'd', ..spec })?;
            }
            (b'x' | b'X' | b'o', Some(scalar @ Scalar::Int(_))) => write_number(&mut out, scalar, spec)?,
            (b'f', Some(scalar @ (Scalar::Int(_) | Scalar::Float(_)))) => write_number(&mut out, scalar, spec)?,
            _ => return None,
        }
    }
    out.extend_from_slice(rest);
    args.next().is_none().then_some(out)
}

fn made(ctx: *mut Context, bytes: Vec<u8>) -> u64 {
    let ascii = bytes.is_ascii();
    owned(new_text(ctx, bytes, ascii))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn format(ctx: *mut Context, value: u64, spec: u64) -> u64 {
        let vm = host(ctx);
        if let Some(bytes) = formatted(Activation::of(ctx).objects, object(value), text(spec)) {
            return made(ctx, bytes);
        }
        match object(spec).to_owned().downcast::<PyStr>() {
            Ok(spec) => or_redo(ctx, vm.format(object(value), spec).map(Into::into)),
            Err(_) => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn percent(ctx: *mut Context, format: u64, args: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let valid = payload::<PyStr>(format).is_some_and(|text| text.kind().is_ascii());
        let found = if valid { inserted(objects, text(format), object(args), vm) } else { None };
        if let Some(bytes) = found {
            return made(ctx, bytes);
        }
        if !objects.is_plain_inside(object(args), vm) {
            redo(ctx);
            return 0;
        }
        or_redo(ctx, vm._mod(object(format), object(args)))
    }
}
