//! Helpers that step native iterators.
//!
//! A step is two calls: the first steps the iterator and says whether there is an element, the second gives it. Nothing
//! that leaves is in between but the guard that the first one's answer decides.

use std::cell::Cell;

use rustpython_vm::{
    PyObject, PyObjectRef, PyResult,
    builtins::PyTuple,
    protocol::{PyIter, PyIterReturn},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, host, object, owned, raise, redo, visible};
use crate::exits::Activation;
use tjit_vm::generators::Resumable;

const STEPS: Effects = Effects { reads: Mem::all(), writes: Mem::OTHER, releases: true, exits: true, ..Effects::PURE };
const TAKES: Effects = Effects { reads: Mem::OTHER, writes: Mem::OTHER, allocates: true, ..Effects::PURE };

const LOOKS: Effects = Effects::read(Mem::OTHER.union(Mem::LIST));

thread_local! {
    /// The element that the last step has found, or what the iterator has returned.
    static FOUND: Cell<Option<PyObjectRef>> = const { Cell::new(None) };
    /// The value of the item whose key that is.
    static VALUE: Cell<Option<PyObjectRef>> = const { Cell::new(None) };
}

helpers! {
    /// Steps an iterator that runs no Python code. Whether there is an element.
    step(Ref) -> Bool, STEPS, None;
    /// Steps any iterator. Whether there is an element.
    opaque_step(Ref) -> Bool, Effects::OPAQUE, None;
    /// Asks an object for its length, as `list` does before it iterates over it.
    size(Ref) -> Unit, Effects::OPAQUE, None;
    /// The element that the last step has found, or what the iterator has returned at its end.
    stepped() -> Ref, TAKES, Owned;
    /// Steps an iterator of a dict, of one of its views or of a set: iterator, one of [`Entries`]. Whether there is an element.
    step_entries(Ref, Int) -> Bool, STEPS, None;
    /// The value of the item that the last step has found; its key is the element.
    stepped_value() -> Ref, TAKES, Owned;
    /// Whether a `map` over one list, tuple or range has another element to call its function with.
    map_more(Ref) -> Bool, LOOKS, None;
    /// The function of a `map`.
    map_function(Ref) -> Ref, LOOKS, Owned;
    /// The element with which a `map` calls its function next.
    map_peek(Ref) -> Ref, Effects { allocates: true, ..LOOKS }, Owned;
    /// Steps the iterator of a `map` that has another element.
    map_advance(Ref) -> Unit, Effects { writes: Mem::OTHER, ..LOOKS }, None;
}

/// What an iterator over the entries of a table gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entries {
    /// The keys of a dict.
    Keys,
    /// The values of a dict.
    Values,
    /// Both, as a tuple.
    Items,
    /// The elements of a set.
    Elements,
}

impl Entries {
    /// All of them, in the order of the classes of their iterators in `Objects::plain_iterators`.
    pub const ALL: [Entries; 4] = [Entries::Keys, Entries::Values, Entries::Items, Entries::Elements];
}

/// The function of a `map` over one iterator, and that. The recorder has looked at the class.
fn mapped<'a>(ctx: *mut Context, map: u64) -> Option<(&'a PyObject, &'a PyObject)> {
    match Activation::of(ctx).objects.map_parts(object(map))? {
        (function, &[iterator]) => Some((function, iterator)),
        _ => None,
    }
}

/// Steps an iterator of any kind from compiled code.
pub(super) fn next_of(ctx: *mut Context, iterator: u64) -> Option<PyIterReturn> {
    let resumable = Resumable::of(object(iterator));
    match resumable.and_then(|resumable| crate::engine::resume_from(resumable, ctx, host(ctx))) {
        Some(Ok(next)) => Some(next.into()),
        Some(Err(exception)) => {
            raise(ctx, exception);
            None
        }
        None => {
            let mut next = None;
            let step = || match resumable {
                Some(resumable) => resumable.send(host(ctx).ctx.none(), host(ctx)),
                None => PyIter::new(object(iterator)).next(host(ctx)),
            };
            let mut run = || next = visible(ctx, step);
            if let Err(exception) = crate::engine::in_sight(ctx, host(ctx), &mut run) {
                raise(ctx, exception);
            }
            next
        }
    }
}

/// Whether a helper, by its address, only resumes what it is given: see [`next_of`].
pub(crate) fn resumes_generators(helper: u64) -> bool {
    let helpers = [opaque_step(), super::generators::next(), super::generators::next_or(), super::awaiting::ask()];
    helpers.iter().any(|known| known.addr == helper)
}

/// Sets what [`stepped`] takes.
pub(super) fn set_found(element: Option<PyObjectRef>) {
    FOUND.set(element);
}

fn found(next: PyIterReturn) -> u8 {
    match next {
        PyIterReturn::Return(element) => {
            FOUND.set(Some(element));
            1
        }
        PyIterReturn::StopIteration(value) => {
            FOUND.set(value);
            0
        }
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn map_more(ctx: *mut Context, map: u64) -> u8 {
        let objects = Activation::of(ctx).objects;
        u8::from(mapped(ctx, map).is_some_and(|(_, iterator)| objects.peek_plain(iterator, host(ctx)).is_some()))
    }

    pub extern "C" fn map_function(ctx: *mut Context, map: u64) -> u64 {
        let (function, _) = mapped(ctx, map).expect("it has been asked for more");
        owned(function.to_owned())
    }

    pub extern "C" fn map_peek(ctx: *mut Context, map: u64) -> u64 {
        let found = mapped(ctx, map)
            .and_then(|(_, iterator)| Activation::of(ctx).objects.peek_plain(iterator, host(ctx)))
            .expect("it has been asked for more");
        owned(found)
    }

    pub extern "C" fn map_advance(ctx: *mut Context, map: u64) {
        if let Some((_, iterator)) = mapped(ctx, map) {
            Activation::of(ctx).objects.advance_plain(iterator);
        }
    }

    pub extern "C" fn step(ctx: *mut Context, iterator: u64) -> u8 {
        let next: PyResult<PyIterReturn> = PyIter::new(object(iterator)).next(host(ctx));
        // What it raises it raises again.
        next.map_or_else(
            |_| {
                redo(ctx);
                0
            },
            found,
        )
    }

    pub extern "C" fn step_entries(ctx: *mut Context, iterator: u64, which: i64) -> u8 {
        let which = Entries::ALL[which as usize];
        let objects = Activation::of(ctx).objects;
        let layout = &objects.layout;
        let entries = if which == Entries::Elements { &layout.set_entries } else { &layout.dict_entries };
        let Some(entry) = entries.next(object(iterator)) else {
            // (The VM makes a tuple of an item.)
            let more = step(ctx, iterator);
            if more != 0 && which == Entries::Items {
                let item = FOUND.take();
                let parts = item.as_ref().and_then(|item| item.downcast_ref::<PyTuple>()).map(|item| item.as_slice());
                if let Some([key, value]) = parts {
                    FOUND.set(Some(key.clone()));
                    VALUE.set(Some(value.clone()));
                }
            }
            return more;
        };
        let taken = |address: u64| {
            objects.share(address);
            // SAFETY: the reference that was just added.
            Some(unsafe { objects.own_ref(address) })
        };
        if which == Entries::Items {
            VALUE.set(taken(entry.value));
        }
        FOUND.set(taken(if which == Entries::Values { entry.value } else { entry.key }));
        1
    }

    pub extern "C" fn stepped_value(ctx: *mut Context) -> u64 {
        owned(VALUE.take().unwrap_or_else(|| host(ctx).ctx.none()))
    }

    pub extern "C" fn opaque_step(ctx: *mut Context, iterator: u64) -> u8 {
        next_of(ctx, iterator).map_or(0, found)
    }

    pub extern "C" fn size(ctx: *mut Context, iterable: u64) {
        let vm = host(ctx);
        // What comes of it is only a hint.
        let _ = visible(ctx, || vm.length_hint_opt(object(iterable).to_owned()));
    }

    pub extern "C" fn stepped(ctx: *mut Context) -> u64 {
        owned(FOUND.take().unwrap_or_else(|| host(ctx).ctx.none()))
    }
}
