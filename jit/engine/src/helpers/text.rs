//! Helpers for exact strings.

use rustpython_vm::{
    AsObject, PyObjectRef,
    builtins::PyStr,
    common::wtf8::{CodePoint, Wtf8Buf},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{CHECKED, Helper, code_point, found_or_redo, host, object, owned, payload, redo};
use crate::exits::Activation;

const CHECKED_ALLOC: Effects = Effects { allocates: true, ..CHECKED };

helpers! {
    /// `a == b`.
    str_equal(Ref, Ref) -> Bool, Effects::PURE, None;
    /// Less than 0, 0 or more than 0, as `a` is less than, equal to or greater than `b`.
    str_order(Ref, Ref) -> Int, Effects::PURE, None;
    /// `len(a)`.
    str_length(Ref) -> Int, Effects::PURE, None;
    /// `a[b]`.
    str_item(Ref, Int) -> Ref, CHECKED_ALLOC, Owned;
    /// `a + b`.
    str_join(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// `a + b`, where the trace needs a no more: if nobody else does, b is put behind it in its own memory.
    str_append(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// A new str that is equal to one.
    str_copy(Ref) -> Ref, Effects::ALLOC, Owned;
    /// `a.join(b)` of an exact list or tuple.
    str_join_all(Ref, Ref) -> Ref, Effects { reads: Mem::LIST, ..CHECKED_ALLOC }, Owned;
    /// `b in a`: container, needle.
    str_has(Ref, Ref) -> Bool, Effects::PURE, None;
    /// `ord(a)`.
    str_ord(Ref) -> Int, CHECKED, None;
    /// `chr(a)`.
    str_chr(Int) -> Ref, CHECKED_ALLOC, Owned;
    /// `str(a)` of an int.
    str_of_int(Int) -> Ref, Effects::ALLOC, Owned;
    /// `int(a, b)` of a str with a base; the result fits.
    int_of_str(Ref, Int) -> Int, CHECKED, None;
    /// `float(a)` of a str.
    float_of_str(Ref) -> Float, CHECKED, None;
    /// One of the questions of `QUESTIONS`, by its index.
    str_is(Ref, Int) -> Bool, CHECKED, None;
}

/// Methods of str that ask for the kind of its characters.
pub const QUESTIONS: [&str; 6] = ["isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower"];

/// The encoding of an exact str.
pub fn text<'a>(address: u64) -> &'a [u8] {
    payload::<PyStr>(address).map_or(&[], |text| text.as_wtf8().as_bytes())
}

/// Without the commonest white space around it; other may be there still.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| b" \t\r\n".contains(byte);
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// The int that a str of digits names, with a sign perhaps. `None`: it does not fit, or is written in another way, or not one.
pub fn small_int(text: &[u8], base: i64) -> Option<i64> {
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base))?;
    i64::from_str_radix(std::str::from_utf8(trimmed(text)).ok()?, base).ok()
}

/// The float that a str of digits names, with sign, point and exponent perhaps. `None`: it is written in another way, or not one.
pub fn float_in(text: &[u8]) -> Option<f64> {
    let text = trimmed(text);
    let is_plain = |byte: &u8| byte.is_ascii_digit() || b".+-eE".contains(byte);
    if !text.iter().all(is_plain) {
        return None;
    }
    // (Both round to the nearest.)
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A str with these bytes in its encoding.
pub fn new_text(ctx: *mut Context, bytes: Vec<u8>, is_ascii: bool) -> PyObjectRef {
    let Activation { objects, vm, .. } = Activation::of(ctx);
    let context = &vm.ctx;
    match bytes[..] {
        [] => context.empty_str.to_owned().into(),
        [byte] if is_ascii => context.latin1_char(byte).into(),
        // SAFETY: callers have looked.
        _ if is_ascii => objects.new_text(unsafe { PyStr::new_ascii_unchecked(bytes) }, vm),
        // SAFETY: callers put whole strs together.
        _ => context.new_str(unsafe { Wtf8Buf::from_bytes_unchecked(bytes) }).into(),
    }
}

/// The digits of an int, behind a sign if it is negative.
fn decimal(value: i64) -> Vec<u8> {
    let mut digits = [0; 20];
    let mut begin = digits.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 || begin == digits.len() {
        begin -= 1;
        digits[begin] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if value < 0 {
        begin -= 1;
        digits[begin] = b'-';
    }
    digits[begin..].to_vec()
}

/// The text of `a` as a new str.
pub fn copy(ctx: *mut Context, a: u64) -> PyObjectRef {
    let is_ascii = payload::<PyStr>(a).is_some_and(|text| text.kind().is_ascii());
    new_text(ctx, text(a).to_vec(), is_ascii)
}

/// The parts as one str, with at most one separator between them. Asks for a redo when one is no exact str.
pub fn join(ctx: *mut Context, separator: &[u64], parts: &[u64]) -> u64 {
    let objects = Activation::of(ctx).objects;
    let mut room = 0;
    let mut is_ascii = true;
    let between = parts.len().saturating_sub(1);
    for (n, &part) in separator.iter().chain(parts).enumerate() {
        let times = if n < separator.len() { between } else { 1 };
        match payload::<PyStr>(part).filter(|part| objects.class(part.as_object()) == objects.classes.str) {
            Some(part) => {
                room += part.byte_len() * times;
                is_ascii &= times == 0 || part.kind().is_ascii();
            }
            None => {
                redo(ctx);
                return 0;
            }
        }
    }
    // What one str is joined to is that str itself.
    if let [part] = parts {
        return owned(object(*part).to_owned());
    }
    let mut bytes = Vec::with_capacity(room);
    for (n, &part) in parts.iter().enumerate() {
        if n > 0 {
            separator.iter().for_each(|&separator| bytes.extend_from_slice(text(separator)));
        }
        bytes.extend_from_slice(text(part));
    }
    // Two halves of a surrogate pair that meet are one character: that the VM sees.
    if !is_ascii && parts.iter().any(|&part| std::str::from_utf8(text(part)).is_err()) {
        redo(ctx);
        return 0;
    }
    owned(new_text(ctx, bytes, is_ascii))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn str_equal(_ctx: *mut Context, a: u64, b: u64) -> u8 {
        u8::from(a == b || text(a) == text(b))
    }

    pub extern "C" fn str_order(_ctx: *mut Context, a: u64, b: u64) -> i64 {
        // The encoding keeps the order of the characters.
        text(a).cmp(text(b)) as i64
    }

    pub extern "C" fn str_length(_ctx: *mut Context, a: u64) -> i64 {
        payload::<PyStr>(a).map_or(0, |text| text.char_len() as i64)
    }

    pub extern "C" fn str_item(ctx: *mut Context, a: u64, index: i64) -> u64 {
        let Some(string) = payload::<PyStr>(a) else {
            redo(ctx);
            return 0;
        };
        let count = string.char_len() as i64;
        let at = if index < 0 { index.saturating_add(count) } else { index };
        if !(0..count).contains(&at) {
            redo(ctx);
            return 0;
        }
        let vm = host(ctx);
        if string.byte_len() as i64 == count {
            return owned(vm.ctx.latin1_char(text(a)[at as usize]).into());
        }
        let at: PyObjectRef = vm.ctx.new_int(at).into();
        match object(a).get_item(&*at, vm) {
            Ok(item) => owned(item),
            Err(_) => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn str_join(ctx: *mut Context, a: u64, b: u64) -> u64 {
        let (Some(first), Some(second)) = (payload::<PyStr>(a), payload::<PyStr>(b)) else {
            return owned(host(ctx).ctx.none());
        };
        // Of one of them and nothing, that one is what comes out.
        for (empty, other) in [(first, b), (second, a)] {
            if empty.byte_len() == 0 {
                return owned(object(other).to_owned());
            }
        }
        let is_ascii = first.kind().is_ascii() && second.kind().is_ascii();
        owned(new_text(ctx, [text(a), text(b)].concat(), is_ascii))
    }

    pub extern "C" fn str_copy(ctx: *mut Context, a: u64) -> u64 {
        owned(copy(ctx, a))
    }

    pub extern "C" fn str_append(ctx: *mut Context, a: u64, b: u64) -> u64 {
        let objects = Activation::of(ctx).objects;
        let (Some(first), Some(second)) = (payload::<PyStr>(a), payload::<PyStr>(b)) else {
            return owned(host(ctx).ctx.none());
        };
        let is_ascii = first.kind().is_ascii() && second.kind().is_ascii();
        if !is_ascii || a == b || first.byte_len() == 0 || second.byte_len() == 0 || !objects.is_alone(object(a)) {
            return str_join(ctx, a, b);
        }
        let memory = std::ptr::slice_from_raw_parts_mut(text(a).as_ptr().cast_mut(), first.byte_len());
        let place = std::ptr::from_ref::<PyStr>(first).cast_mut();
        // SAFETY: a str owns its bytes as a box. The one reference to this one is the trace's, whose thread is here, so that
        // nobody else looks at it. The old payload is overwritten without being dropped; of ASCII it has nothing but the bytes.
        unsafe {
            let mut bytes = Box::from_raw(memory).into_vec();
            // (The allocator has room behind most blocks, so that this mostly copies nothing.)
            bytes.reserve_exact(second.byte_len());
            bytes.extend_from_slice(text(b));
            place.write(PyStr::new_ascii_unchecked(bytes));
        }
        objects.share(a);
        a
    }

    pub extern "C" fn str_join_all(ctx: *mut Context, separator: u64, parts: u64) -> u64 {
        let parts = Activation::of(ctx).objects.addresses(object(parts));
        join(ctx, &[separator], parts)
    }

    pub extern "C" fn str_has(_ctx: *mut Context, container: u64, needle: u64) -> u8 {
        let (container, needle) = (text(container), text(needle));
        u8::from(match needle {
            [] => true,
            [byte] => container.contains(byte),
            _ => match (std::str::from_utf8(container), std::str::from_utf8(needle)) {
                (Ok(container), Ok(needle)) => container.contains(needle),
                _ => container.windows(needle.len()).any(|part| part == needle),
            },
        })
    }

    pub extern "C" fn str_ord(ctx: *mut Context, a: u64) -> i64 {
        match code_point(a, 0) {
            Some(point) if point.len_wtf8() == text(a).len() => i64::from(point.to_u32()),
            _ => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn str_chr(ctx: *mut Context, value: i64) -> u64 {
        let context = &host(ctx).ctx;
        let object: PyObjectRef = match (u8::try_from(value), u32::try_from(value).ok().and_then(CodePoint::from_u32)) {
            (Ok(byte), _) => context.latin1_char(byte).into(),
            (_, Some(point)) => context.new_str(point).into(),
            _ => {
                redo(ctx);
                return 0;
            }
        };
        owned(object)
    }

    pub extern "C" fn str_of_int(ctx: *mut Context, value: i64) -> u64 {
        let context = &host(ctx).ctx;
        match u8::try_from(value) {
            Ok(digit @ 0..=9) => owned(context.latin1_char(b'0' + digit).into()),
            _ => owned(new_text(ctx, decimal(value), true)),
        }
    }

    pub extern "C" fn int_of_str(ctx: *mut Context, a: u64, base: i64) -> i64 {
        found_or_redo(ctx, small_int(text(a), base))
    }

    pub extern "C" fn float_of_str(ctx: *mut Context, a: u64) -> f64 {
        found_or_redo(ctx, float_in(text(a)))
    }

    pub extern "C" fn str_is(ctx: *mut Context, a: u64, question: i64) -> u8 {
        let bytes = text(a);
        if bytes.is_ascii() && !bytes.is_empty() {
            let all = |is: fn(&u8) -> bool| u8::from(bytes.iter().all(is));
            let space = |byte: &u8| matches!(byte, b'\t'..=b'\r' | 0x1c..=0x1f | b' ');
            let cased = bytes.iter().any(u8::is_ascii_alphabetic);
            return match question {
                0 => all(u8::is_ascii_digit),
                1 => all(u8::is_ascii_alphabetic),
                2 => all(u8::is_ascii_alphanumeric),
                3 => all(space),
                4 => u8::from(cased && !bytes.iter().any(u8::is_ascii_lowercase)),
                _ => u8::from(cased && !bytes.iter().any(u8::is_ascii_uppercase)),
            };
        }
        let vm = host(ctx);
        let answer = QUESTIONS.get(question as usize).and_then(|name| {
            let method: PyObjectRef = object(a).get_attr(vm.ctx.intern_str(*name), vm).ok()?;
            let answer = method.call((), vm).ok()?;
            Some(u8::from(answer.is(&vm.ctx.true_value)))
        });
        answer.unwrap_or_else(|| {
            redo(ctx);
            0
        })
    }
}
