//! Helpers for generators, and for iterators of any kind.

use rustpython_vm::{
    builtins::PyGenerator,
    protocol::{PyIter, PyIterReturn},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, host, object, owned, payload, visible};

helpers! {
    /// A generator that was taken apart has ended, or is given up: it must not run its code when it dies. Does nothing to
    /// a function, which stands for a generator that was never made.
    close(Ref) -> Unit, Effects::write(Mem::OTHER), None;
    /// The next element of an iterator of any kind. At its end it raises StopIteration.
    step(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `iter(a)` of anything.
    iterate(Ref) -> Ref, Effects::OPAQUE, Owned;
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn close(_ctx: *mut Context, maker: u64) {
        if let Some(generator) = payload::<PyGenerator>(maker) {
            generator.as_coro().closed.store(true);
        }
    }

    pub extern "C" fn step(ctx: *mut Context, iterator: u64) -> u64 {
        let next = || match PyIter::new(object(iterator)).next(host(ctx))? {
            PyIterReturn::Return(element) => Ok(element),
            PyIterReturn::StopIteration(value) => Err(host(ctx).new_stop_iteration(value)),
        };
        visible(ctx, next).map_or(0, owned)
    }

    pub extern "C" fn iterate(ctx: *mut Context, iterable: u64) -> u64 {
        let iterator = || object(iterable).to_owned().get_iter(host(ctx));
        visible(ctx, iterator).map_or(0, |iterator| owned(iterator.into()))
    }
}
