//! Helpers for methods of exact strings that search them, change their case, strip them or take them to pieces.
//!
//! The encoding is such that a character never begins inside another, so bytes can be searched for bytes. What depends on
//! what kind of characters there are is done for ASCII here, for others by the VM's methods.

use memchr::memmem;
use rustpython_vm::{PyObjectRef, VirtualMachine, builtins::PyStr, function::IntoFuncArgs};
use tjit_codegen::Context;
use tjit_ir::{Effects, Ownership, Ty};

use super::text::{new_text, text};
use super::{CHECKED, Helper, host, object, or_redo, owned, payload, redo, tracked};
use crate::exits::Activation;

const MAKES: Effects = Effects { allocates: true, ..CHECKED };

/// Methods that strip, by the sides that they work on.
const STRIPS: [&str; 3] = ["lstrip", "rstrip", "strip"];
/// For a greater width, there may not be the memory.
const MOST: i64 = 1 << 20;

helpers! {
    /// `a.startswith(b)`.
    str_starts(Ref, Ref) -> Bool, Effects::PURE, None;
    /// `a.endswith(b)`.
    str_ends(Ref, Ref) -> Bool, Effects::PURE, None;
    /// `a.find(b)`.
    str_find(Ref, Ref) -> Int, Effects::PURE, None;
    /// `a.rfind(b)`.
    str_rfind(Ref, Ref) -> Int, Effects::PURE, None;
    /// `a.count(b)`.
    str_count(Ref, Ref) -> Int, Effects::PURE, None;
    /// `a.lower()` (0), `a.upper()` (1).
    str_case(Ref, Int) -> Ref, MAKES, Owned;
    /// Without space on the left (1), on the right (2) or on both sides (3).
    str_strip(Ref, Int) -> Ref, MAKES, Owned;
    /// `a.strip(c)`, without any of the characters of another str on these sides.
    str_strip_of(Ref, Ref, Int) -> Ref, MAKES, Owned;
    /// `a.ljust(b, c)` (0), `a.rjust(b, c)` (1), `a.center(b, c)` (2).
    str_pad(Ref, Int, Ref, Int) -> Ref, MAKES, Owned;
    /// `a.zfill(b)`.
    str_zfill(Ref, Int) -> Ref, MAKES, Owned;
    /// `a.removeprefix(b)` (0), `a.removesuffix(b)` (1).
    str_remove(Ref, Ref, Int) -> Ref, MAKES, Owned;
    /// `a.startswith(b)` (0), `a.endswith(b)` (1) of an exact tuple of strs.
    str_meets(Ref, Ref, Int) -> Bool, CHECKED, None;
    /// `a.split(b, c)`; c is negative when there is no limit.
    str_split(Ref, Ref, Int) -> Ref, MAKES, Owned;
    /// `a.split()`.
    str_words(Ref) -> Ref, MAKES, Owned;
    /// `a.replace(b, c)`.
    str_replace(Ref, Ref, Ref) -> Ref, MAKES, Owned;
}

fn is_ascii(address: u64) -> bool {
    payload::<PyStr>(address).is_some_and(|text| text.kind().is_ascii())
}

/// Whether a character is space for Python.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | 0x1c..=0x1f | b' ')
}

/// The number of a character, by where it begins.
fn number(string: u64, position: Option<usize>) -> i64 {
    match position {
        None => -1,
        Some(at) if is_ascii(string) => at as i64,
        Some(at) => text(string)[..at].iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as i64,
    }
}

/// The parts of a str, each as a str in a list.
fn list_of<'a>(ctx: *mut Context, parts: impl Iterator<Item = &'a [u8]>) -> u64 {
    let activation = Activation::of(ctx);
    let parts: Vec<PyObjectRef> = parts.map(|part| new_text(ctx, part.to_vec(), part.is_ascii())).collect();
    let addresses: Vec<u64> = parts.iter().map(|part| crate::objects::address(part)).collect();
    tracked(ctx, activation.objects.new_list(addresses.into_iter(), activation.vm))
}

/// Calls a method of the VM.
fn call(ctx: *mut Context, string: u64, name: &'static str, args: impl IntoFuncArgs) -> u64 {
    let vm: &VirtualMachine = host(ctx);
    or_redo(ctx, vm.call_method(object(string), name, args))
}

/// A str of ASCII characters without some of them on the left (1), on the right (2) or on both sides (3).
fn strip(ctx: *mut Context, a: u64, sides: i64, goes: impl Fn(u8) -> bool) -> u64 {
    let whole = text(a);
    let mut rest = whole;
    while let [first, others @ ..] = rest
        && sides & 1 != 0
        && goes(*first)
    {
        rest = others;
    }
    while let [others @ .., last] = rest
        && sides & 2 != 0
        && goes(*last)
    {
        rest = others;
    }
    if rest.len() == whole.len() {
        Activation::of(ctx).objects.share(a);
        return a;
    }
    owned(new_text(ctx, rest.to_vec(), true))
}

/// Text with other text in some places, where there were so many bytes each.
fn replaced(whole: &[u8], places: impl Iterator<Item = usize>, length: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(whole.len());
    let mut copied = 0;
    for at in places {
        bytes.extend_from_slice(&whole[copied..at]);
        bytes.extend_from_slice(new);
        copied = at + length;
    }
    bytes.extend_from_slice(&whole[copied..]);
    bytes
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn str_starts(_ctx: *mut Context, a: u64, b: u64) -> u8 {
        u8::from(text(a).starts_with(text(b)))
    }

    pub extern "C" fn str_ends(_ctx: *mut Context, a: u64, b: u64) -> u8 {
        u8::from(text(a).ends_with(text(b)))
    }

    pub extern "C" fn str_find(_ctx: *mut Context, a: u64, b: u64) -> i64 {
        number(a, memmem::find(text(a), text(b)))
    }

    pub extern "C" fn str_rfind(_ctx: *mut Context, a: u64, b: u64) -> i64 {
        number(a, memmem::rfind(text(a), text(b)))
    }

    pub extern "C" fn str_count(_ctx: *mut Context, a: u64, b: u64) -> i64 {
        match text(b) {
            // Between all characters, of which some are several bytes.
            [] => payload::<PyStr>(a).map_or(0, |text| text.char_len() as i64 + 1),
            needle => memmem::find_iter(text(a), needle).count() as i64,
        }
    }

    pub extern "C" fn str_case(ctx: *mut Context, a: u64, upper: i64) -> u64 {
        if !is_ascii(a) {
            return call(ctx, a, if upper == 0 { "lower" } else { "upper" }, ());
        }
        let bytes = if upper == 0 { text(a).to_ascii_lowercase() } else { text(a).to_ascii_uppercase() };
        owned(new_text(ctx, bytes, true))
    }

    pub extern "C" fn str_strip(ctx: *mut Context, a: u64, sides: i64) -> u64 {
        if !is_ascii(a) {
            return call(ctx, a, STRIPS[sides as usize - 1], ());
        }
        strip(ctx, a, sides, is_space)
    }

    pub extern "C" fn str_strip_of(ctx: *mut Context, a: u64, chars: u64, sides: i64) -> u64 {
        if !is_ascii(a) || !is_ascii(chars) {
            return call(ctx, a, STRIPS[sides as usize - 1], (object(chars).to_owned(),));
        }
        let chars = text(chars);
        strip(ctx, a, sides, |byte| chars.contains(&byte))
    }

    pub extern "C" fn str_pad(ctx: *mut Context, a: u64, width: i64, fill: u64, how: i64) -> u64 {
        let whole = text(a);
        let (&[fill_byte], true) = (text(fill), is_ascii(a) && width <= MOST) else {
            return call(ctx, a, ["ljust", "rjust", "center"][how as usize], (width, object(fill).to_owned()));
        };
        let width = usize::try_from(width).unwrap_or(0).max(whole.len());
        let missing = width - whole.len();
        let left = match how {
            0 => 0,
            1 => missing,
            // (The odd one is on the left where the width is odd, too.)
            _ => missing / 2 + (missing & width & 1),
        };
        let mut bytes = vec![fill_byte; width];
        bytes[left..left + whole.len()].copy_from_slice(whole);
        owned(new_text(ctx, bytes, true))
    }

    pub extern "C" fn str_zfill(ctx: *mut Context, a: u64, width: i64) -> u64 {
        if !is_ascii(a) || width > MOST {
            return call(ctx, a, "zfill", (width,));
        }
        let whole = text(a);
        let width = usize::try_from(width).unwrap_or(0).max(whole.len());
        let digits = whole.strip_prefix(b"+").or(whole.strip_prefix(b"-")).unwrap_or(whole);
        let mut bytes = vec![b'0'; width];
        bytes[..whole.len() - digits.len()].copy_from_slice(&whole[..whole.len() - digits.len()]);
        bytes[width - digits.len()..].copy_from_slice(digits);
        owned(new_text(ctx, bytes, true))
    }

    pub extern "C" fn str_remove(ctx: *mut Context, a: u64, affix: u64, behind: i64) -> u64 {
        let whole = text(a);
        let rest = if behind == 0 { whole.strip_prefix(text(affix)) } else { whole.strip_suffix(text(affix)) };
        let rest = rest.unwrap_or(whole);
        owned(new_text(ctx, rest.to_vec(), is_ascii(a) || rest.is_ascii()))
    }

    pub extern "C" fn str_meets(ctx: *mut Context, a: u64, affixes: u64, behind: i64) -> u8 {
        let objects = Activation::of(ctx).objects;
        let whole = text(a);
        for &affix in objects.addresses(object(affixes)) {
            if objects.class(object(affix)) != objects.classes.str {
                redo(ctx);
                return 0;
            }
            let affix = text(affix);
            if if behind == 0 { whole.starts_with(affix) } else { whole.ends_with(affix) } {
                return 1;
            }
        }
        0
    }

    pub extern "C" fn str_split(ctx: *mut Context, a: u64, b: u64, most: i64) -> u64 {
        let separator = text(b);
        if separator.is_empty() {
            redo(ctx);
            return 0;
        }
        let whole = text(a);
        let limit = usize::try_from(most).unwrap_or(usize::MAX);
        let ends = memmem::find_iter(whole, separator).take(limit).chain([whole.len()]);
        let mut begin = 0;
        let parts = ends.map(|end| &whole[std::mem::replace(&mut begin, end + separator.len())..end]);
        list_of(ctx, parts)
    }

    pub extern "C" fn str_words(ctx: *mut Context, a: u64) -> u64 {
        if !is_ascii(a) {
            return call(ctx, a, "split", ());
        }
        list_of(ctx, text(a).split(|&byte| is_space(byte)).filter(|word| !word.is_empty()))
    }

    pub extern "C" fn str_replace(ctx: *mut Context, a: u64, b: u64, c: u64) -> u64 {
        let (whole, old, new) = (text(a), text(b), text(c));
        if old.len() > whole.len() || old == new {
            Activation::of(ctx).objects.share(a);
            return a;
        }
        // (Halves of surrogate pairs may come together; between all characters there is nothing to search for.)
        if old.is_empty() || [a, b, c].iter().any(|&part| !is_ascii(part) && std::str::from_utf8(text(part)).is_err()) {
            redo(ctx);
            return 0;
        }
        let bytes = match (old, new) {
            (&[old], &[new]) => whole.iter().map(|&byte| if byte == old { new } else { byte }).collect(),
            (&[old], _) => replaced(whole, memchr::memchr_iter(old, whole), 1, new),
            _ => replaced(whole, memmem::find_iter(whole, old), old.len(), new),
        };
        let ascii = is_ascii(a) && is_ascii(c) || bytes.is_ascii();
        owned(new_text(ctx, bytes, ascii))
    }
}
