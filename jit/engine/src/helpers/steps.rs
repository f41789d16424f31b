//! Helpers that step native iterators.
//!
//! A step is two calls: the first steps the iterator and says whether there is an element, the second gives it. Nothing
//! that leaves is in between but the guard that the first one's answer decides.

use std::cell::Cell;

use rustpython_vm::{
    PyObjectRef, PyResult,
    builtins::PyGenerator,
    protocol::{PyIter, PyIterReturn},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, host, object, owned, payload, raise, redo, visible};

const STEPS: Effects = Effects { reads: Mem::all(), writes: Mem::OTHER, releases: true, exits: true, ..Effects::PURE };
const TAKES: Effects = Effects { reads: Mem::OTHER, writes: Mem::OTHER, allocates: true, ..Effects::PURE };

thread_local! {
    /// The element that the last step has found, or what the iterator has returned.
    static FOUND: Cell<Option<PyObjectRef>> = const { Cell::new(None) };
}

helpers! {
    /// Steps an iterator that runs no Python code. Whether there is an element.
    step(Ref) -> Bool, STEPS, None;
    /// Steps any iterator. Whether there is an element.
    opaque_step(Ref) -> Bool, Effects::OPAQUE, None;
    /// The element that the last step has found, or what the iterator has returned at its end.
    stepped() -> Ref, TAKES, Owned;
}

/// Steps an iterator of any kind from compiled code.
pub(super) fn next_of(ctx: *mut Context, iterator: u64) -> Option<PyIterReturn> {
    let resumed =
        payload::<PyGenerator>(iterator).and_then(|generator| crate::engine::resume_from(generator, ctx, host(ctx)));
    match resumed {
        Some(Ok(next)) => Some(next),
        Some(Err(exception)) => {
            raise(ctx, exception);
            None
        }
        None => {
            let mut next = None;
            let mut run = || next = visible(ctx, || PyIter::new(object(iterator)).next(host(ctx)));
            if let Err(exception) = crate::engine::in_sight(ctx, host(ctx), &mut run) {
                raise(ctx, exception);
            }
            next
        }
    }
}

/// Whether a helper, by its address, only resumes what it is given: see [`next_of`].
pub(crate) fn resumes_generators(helper: u64) -> bool {
    let helpers = [opaque_step(), super::generators::next(), super::generators::next_or()];
    helpers.iter().any(|known| known.addr == helper)
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

    pub extern "C" fn opaque_step(ctx: *mut Context, iterator: u64) -> u8 {
        next_of(ctx, iterator).map_or(0, found)
    }

    pub extern "C" fn stepped(ctx: *mut Context) -> u64 {
        owned(FOUND.take().unwrap_or_else(|| host(ctx).ctx.none()))
    }
}
