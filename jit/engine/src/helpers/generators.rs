//! Helpers for generators, and for iterators of any kind.

use rustpython_vm::{
    PyObjectRef,
    builtins::{PyFunction, PyTuple},
    protocol::{PyIter, PyIterReturn},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::steps::next_of;
use super::{Helper, LEAF, call, host, object, or_raise, owned, payload, raise, redo, visible};
use crate::exits::Activation;
use tjit_vm::generators::Resumable;

/// Changes the entered frame's memory, where numbers are dropped at most.
const FRAME: Effects = Effects { writes: Mem::FRAME, ..Effects::PURE };

helpers! {
    /// A generator that was taken apart has ended, or is given up: it must not run its code when it dies. Does nothing to
    /// a function, which stands for a generator that was never made.
    close(Ref) -> Unit, Effects::write(Mem::OTHER), None;
    /// A generator: its function, which has no arguments.
    generator_0(Ref) -> Ref, LEAF, Owned;
    /// A generator: its function, the argument.
    generator_1(Ref, Ref) -> Ref, LEAF, Owned;
    /// A generator: its function, the arguments.
    generator_2(Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// A generator: its function, the arguments.
    generator_3(Ref, Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// A generator: its function, the arguments.
    generator_4(Ref, Ref, Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// A generator: its function, the arguments.
    generator_5(Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, LEAF, Owned;
    /// `iter(a)` of anything.
    iterate(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `next(a)` of a native iterator.
    next(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `next(a, b)` of a native iterator.
    next_or(Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `a(*b, *c)`, where c is a native iterator.
    call_iterated(Ref, Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// `a.send(b)` of a generator.
    send(Ref, Ref) -> Ref, Effects::OPAQUE, Owned;
    /// The entered frame, a generator's, is left by a `yield`: see [`Suspension::word`](crate::engine::Suspension::word).
    suspend(Int) -> Unit, FRAME, None;
    /// Sets a local of the entered frame to an int.
    frame_set_int(Int, Int) -> Unit, FRAME, None;
    /// Sets a local of the entered frame to a float.
    frame_set_float(Int, Float) -> Unit, FRAME, None;
    /// Sets a local of the entered frame to a bool.
    frame_set_bool(Int, Bool) -> Unit, FRAME, None;
    /// A cell of the closure of the function whose frame is the entered one.
    frame_cell(Int) -> Ref, Effects { allocates: true, ..Effects::PURE }, Owned;
    /// Unbinds a local of the entered frame that may hold a number.
    frame_clear(Int) -> Unit, FRAME, None;
}

/// The helper that makes a generator of a function with so many arguments.
pub fn generator(arguments: usize) -> Option<Helper> {
    let helpers = [generator_0, generator_1, generator_2, generator_3, generator_4, generator_5];
    helpers.get(arguments).map(|helper| helper())
}

/// Makes a generator by calling its function, unless there is one to be used again.
fn make(ctx: *mut Context, function: u64, arguments: &[u64]) -> u64 {
    let objects = Activation::of(ctx).objects;
    let exact = payload::<PyFunction>(function);
    if let Some(husk) = exact.and_then(|exact| objects.generator_husk(exact, arguments)) {
        return owned(husk);
    }
    let made = call(ctx, function, arguments);
    if let (Some(exact), Ok(made)) = (exact, &made) {
        objects.expect_generators(exact, made);
    }
    or_raise(ctx, made)
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    of_each_count! {
        generator_0(f;;) => make;
        generator_1(f; a;) => make;
        generator_2(f; a, b;) => make;
        generator_3(f; a, b, c;) => make;
        generator_4(f; a, b, c, d;) => make;
        generator_5(f; a, b, c, d, e;) => make;
    }

    pub extern "C" fn close(_ctx: *mut Context, maker: u64) {
        if let Some(generator) = Resumable::of(object(maker)) {
            generator.set_closed(true);
        }
    }

    pub extern "C" fn suspend(ctx: *mut Context, word: i64) {
        // SAFETY: every helper is called with the context of the running activation.
        unsafe { (*ctx).suspended = word as u64 };
    }

    pub extern "C" fn frame_set_int(ctx: *mut Context, local: i64, value: i64) {
        let activation = Activation::of(ctx);
        let frame = activation.frame;
        let is_overwritten =
            frame.local(local as usize).is_some_and(|object| activation.objects.overwrite_int(object, value));
        if !is_overwritten {
            let number: PyObjectRef = activation.vm.ctx.new_int(value).into();
            drop(frame.replace_local(local as usize, Some(number)));
        }
    }

    pub extern "C" fn frame_set_float(ctx: *mut Context, local: i64, value: f64) {
        let activation = Activation::of(ctx);
        let frame = activation.frame;
        let is_overwritten =
            frame.local(local as usize).is_some_and(|object| activation.objects.overwrite_float(object, value));
        if !is_overwritten {
            let number: PyObjectRef = activation.vm.ctx.new_float(value).into();
            drop(frame.replace_local(local as usize, Some(number)));
        }
    }

    pub extern "C" fn frame_set_bool(ctx: *mut Context, local: i64, value: u8) {
        let activation = Activation::of(ctx);
        let value: PyObjectRef = activation.vm.ctx.new_bool(value & 1 != 0).into();
        drop(activation.frame.replace_local(local as usize, Some(value)));
    }

    pub extern "C" fn frame_cell(ctx: *mut Context, cell: i64) -> u64 {
        let Activation { frame, objects, .. } = Activation::of(ctx);
        let closure = frame.function().and_then(|function| objects.function(function).2);
        match closure.and_then(|closure| objects.element(closure, cell as usize)) {
            Some(cell) => owned(cell.to_owned()),
            // (The VM itself takes it for granted that the frame has a function with so many cells.)
            None => owned(host(ctx).ctx.none()),
        }
    }

    pub extern "C" fn frame_clear(ctx: *mut Context, local: i64) {
        drop(Activation::of(ctx).frame.take_local(local as usize));
    }

    pub extern "C" fn next(ctx: *mut Context, iterator: u64) -> u64 {
        answer(ctx, next_of(ctx, iterator))
    }

    pub extern "C" fn next_or(ctx: *mut Context, iterator: u64, default: u64) -> u64 {
        match next_of(ctx, iterator) {
            Some(PyIterReturn::StopIteration(_)) => owned(object(default).to_owned()),
            next => answer(ctx, next),
        }
    }

    pub extern "C" fn call_iterated(ctx: *mut Context, callable: u64, first: u64, iterator: u64) -> u64 {
        let call = || {
            let vm = host(ctx);
            let mut args = payload::<PyTuple>(first).map_or_else(Vec::new, |first| first.as_slice().to_vec());
            let iterator = PyIter::new(object(iterator));
            while let PyIterReturn::Return(argument) = iterator.next(vm)? {
                args.push(argument);
            }
            let count = args.len();
            object(callable).vectorcall(args, count, None, vm)
        };
        visible(ctx, call).map_or(0, owned)
    }

    pub extern "C" fn send(ctx: *mut Context, generator: u64, value: u64) -> u64 {
        let Some(generator) = Resumable::of(object(generator)) else {
            redo(ctx);
            return 0;
        };
        answer(ctx, visible(ctx, || crate::engine::send(generator, object(value), host(ctx)).map(PyIterReturn::from)))
    }

    /// What a call gives or raises whose iterator has answered, if it has not raised anything itself.
    fn answer(ctx: *mut Context, next: Option<PyIterReturn>) -> u64 {
        match next {
            Some(PyIterReturn::Return(element)) => owned(element),
            Some(PyIterReturn::StopIteration(value)) => {
                raise(ctx, host(ctx).new_stop_iteration(value));
                0
            }
            None => 0,
        }
    }

    pub extern "C" fn iterate(ctx: *mut Context, iterable: u64) -> u64 {
        let iterator = || object(iterable).to_owned().get_iter(host(ctx));
        visible(ctx, iterator).map_or(0, |iterator| owned(iterator.into()))
    }
}
