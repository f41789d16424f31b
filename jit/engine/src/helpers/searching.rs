//! Helpers that go through the elements of an exact list or tuple: searching, sorting, adding up.
//!
//! Elements are compared as they come; at one that may take Python code to compare, the interpreter does it all.

use std::cmp::Ordering;

use rustpython_vm::builtins::PyStr;
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::sums::Sum;

use super::dicts::same;
use super::text::text;
use super::{Helper, found_or_redo, host, object, owned, payload, redo};
use crate::exits::Activation;
use crate::objects::{Objects, Scalar};

const LOOKS: Effects = Effects { reads: Mem::all(), exits: true, ..Effects::PURE };

helpers! {
    /// `b in a`.
    sequence_has(Ref, Ref) -> Bool, LOOKS, None;
    /// `a.index(b)` of an element that is there.
    sequence_index(Ref, Ref) -> Int, LOOKS, None;
    /// `a.count(b)`.
    sequence_count(Ref, Ref) -> Int, LOOKS, None;
    /// `a.sort()` of ints, of floats or of strs.
    list_sort(Ref) -> Unit, Effects { writes: Mem::LIST, ..LOOKS }, None;
    /// The smallest (0) or largest (1) of a sequence that has some, of ints, of floats or of strs.
    sequence_extreme(Ref, Int) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
    /// `sum(a)` of ints, bools and floats.
    sequence_sum(Ref) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
}

/// The first index from one on where an element equals another. `Err`: that may take Python code to find out.
fn find(ctx: *mut Context, elements: &[u64], needle: u64, from: usize) -> Result<Option<usize>, ()> {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    let number = match objects.scalar(object(needle)) {
        Some(Scalar::Int(number)) => Some(number),
        _ => None,
    };
    for (index, &element) in elements.iter().enumerate().skip(from) {
        let equal = match (number, objects.scalar(object(element))) {
            _ if element == needle => true,
            (Some(number), Some(Scalar::Int(other))) => number == other,
            _ => same(objects, object(needle), object(element), vm).ok_or(())?,
        };
        if equal {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The elements of a sequence that are all of one kind, with what they are ordered by.
pub enum Keyed<'a> {
    /// Ints.
    Ints(Vec<(i64, u64)>),
    /// Floats, none of them a nan.
    Floats(Vec<(f64, u64)>),
    /// Strs.
    Texts(Vec<(&'a [u8], u64)>),
    /// Tuples, in each place ints, floats that are no nan, or strs.
    Rows(Vec<u64>),
}

/// What is in one place of tuples that can be ordered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
    Text,
}

impl Objects {
    /// The elements with their keys. `None`: they are of several kinds, or of another.
    pub fn keyed<'a>(&self, elements: &'a [u64]) -> Option<Keyed<'a>> {
        let first = object(*elements.first()?);
        if self.class(first) == self.classes.str {
            let text = |&element: &u64| {
                let is_str = self.class(object(element)) == self.classes.str;
                let text = payload::<PyStr>(element).filter(|_| is_str)?;
                Some((text.as_wtf8().as_bytes(), element))
            };
            return elements.iter().map(text).collect::<Option<_>>().map(Keyed::Texts);
        }
        if self.class(first) == self.classes.tuple {
            let mut kinds = Vec::new();
            return elements.iter().all(|&row| self.fits_row(row, &mut kinds)).then(|| Keyed::Rows(elements.to_vec()));
        }
        match self.scalar(first)? {
            Scalar::Int(_) => {
                let int = |&element: &u64| match self.scalar(object(element))? {
                    Scalar::Int(key) => Some((key, element)),
                    _ => None,
                };
                elements.iter().map(int).collect::<Option<_>>().map(Keyed::Ints)
            }
            Scalar::Float(_) => {
                let float = |&element: &u64| match self.scalar(object(element))? {
                    Scalar::Float(key) if !key.is_nan() => Some((key, element)),
                    _ => None,
                };
                elements.iter().map(float).collect::<Option<_>>().map(Keyed::Floats)
            }
            Scalar::Bool(_) => None,
        }
    }
}

impl Objects {
    fn kind(&self, element: &rustpython_vm::PyObject) -> Option<Kind> {
        if self.class(element) == self.classes.str {
            return Some(Kind::Text);
        }
        match self.scalar(element)? {
            Scalar::Int(_) => Some(Kind::Int),
            Scalar::Float(is) if !is.is_nan() => Some(Kind::Float),
            _ => None,
        }
    }

    /// Whether something is an exact tuple that has in each place what those before it have there.
    fn fits_row(&self, row: u64, kinds: &mut Vec<Kind>) -> bool {
        if self.class(object(row)) != self.classes.tuple {
            return false;
        }
        self.addresses(object(row)).iter().enumerate().all(|(n, &element)| match self.kind(object(element)) {
            Some(kind) if n == kinds.len() => {
                kinds.push(kind);
                true
            }
            kind => kind.is_some() && kind == kinds.get(n).copied(),
        })
    }

    /// The order of two such tuples.
    fn order_rows(&self, a: u64, b: u64) -> Ordering {
        let (a, b) = (self.addresses(object(a)), self.addresses(object(b)));
        for (&x, &y) in a.iter().zip(b) {
            let order = match (self.scalar(object(x)), self.scalar(object(y))) {
                _ if x == y => Ordering::Equal,
                (Some(Scalar::Int(x)), Some(Scalar::Int(y))) => x.cmp(&y),
                (Some(Scalar::Float(x)), Some(Scalar::Float(y))) => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
                _ => text(x).cmp(text(y)),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        a.len().cmp(&b.len())
    }
}

/// The first that none of the others beats.
fn first_best<K: PartialOrd>(keyed: &[(K, u64)], largest: bool) -> Option<u64> {
    let mut best = keyed.first()?;
    for other in &keyed[1..] {
        if if largest { other.0 > best.0 } else { other.0 < best.0 } {
            best = other;
        }
    }
    Some(best.1)
}

fn ordered<K: PartialOrd>(mut keyed: Vec<(K, u64)>) -> Vec<u64> {
    keyed.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    keyed.into_iter().map(|(_, element)| element).collect()
}

fn total(objects: &Objects, elements: &[u64]) -> Option<Sum> {
    elements.iter().try_fold(Sum::ZERO, |sum, &element| match objects.scalar(object(element))? {
        Scalar::Int(int) => sum.plus_int(int),
        Scalar::Float(float) => sum.plus_float(float),
        Scalar::Bool(bool) => sum.plus_int(bool.into()),
    })
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    fn elements<'a>(ctx: *mut Context, sequence: u64) -> &'a [u64] {
        Activation::of(ctx).objects.addresses(object(sequence))
    }

    pub extern "C" fn sequence_has(ctx: *mut Context, sequence: u64, needle: u64) -> u8 {
        let found = find(ctx, elements(ctx, sequence), needle, 0).ok();
        found_or_redo(ctx, found.map(|found| u8::from(found.is_some())))
    }

    pub extern "C" fn sequence_index(ctx: *mut Context, sequence: u64, needle: u64) -> i64 {
        let found = find(ctx, elements(ctx, sequence), needle, 0).ok().flatten();
        found_or_redo(ctx, found.map(|index| index as i64))
    }

    pub extern "C" fn sequence_count(ctx: *mut Context, sequence: u64, needle: u64) -> i64 {
        let elements = elements(ctx, sequence);
        let (mut count, mut from) = (0, 0);
        loop {
            match find(ctx, elements, needle, from) {
                Ok(Some(index)) => (count, from) = (count + 1, index + 1),
                Ok(None) => return count,
                Err(()) => {
                    redo(ctx);
                    return 0;
                }
            }
        }
    }

    pub extern "C" fn list_sort(ctx: *mut Context, list: u64) {
        let objects = Activation::of(ctx).objects;
        let elements = elements(ctx, list);
        if elements.is_empty() {
            return;
        }
        let sorted = match objects.keyed(elements) {
            Some(Keyed::Ints(keyed)) => ordered(keyed),
            Some(Keyed::Floats(keyed)) => ordered(keyed),
            Some(Keyed::Texts(keyed)) => ordered(keyed),
            Some(Keyed::Rows(mut rows)) => {
                rows.sort_by(|&a, &b| objects.order_rows(a, b));
                rows
            }
            None => return redo(ctx),
        };
        objects.memory(object(list)).permute(&sorted);
    }

    pub extern "C" fn sequence_extreme(ctx: *mut Context, sequence: u64, largest: i64) -> u64 {
        let (objects, largest) = (Activation::of(ctx).objects, largest != 0);
        let best = match objects.keyed(elements(ctx, sequence)) {
            Some(Keyed::Ints(keyed)) => first_best(&keyed, largest),
            Some(Keyed::Floats(keyed)) => first_best(&keyed, largest),
            Some(Keyed::Texts(keyed)) => first_best(&keyed, largest),
            Some(Keyed::Rows(rows)) => {
                let wanted = if largest { Ordering::Greater } else { Ordering::Less };
                let better = |best: u64, row: u64| if objects.order_rows(row, best) == wanted { row } else { best };
                rows.into_iter().reduce(better)
            }
            None => None,
        };
        match best {
            Some(best) => {
                objects.share(best);
                best
            }
            None => {
                redo(ctx);
                0
            }
        }
    }

    pub extern "C" fn sequence_sum(ctx: *mut Context, sequence: u64) -> u64 {
        let sum = total(Activation::of(ctx).objects, elements(ctx, sequence));
        found_or_redo(ctx, sum.map(|sum| owned(sum.object(host(ctx)))))
    }
}
