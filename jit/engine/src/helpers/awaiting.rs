//! Helpers for `await` and `async for`.

use std::cell::Cell;

use rustpython_compiler_core::bytecode::CodeFlags;
use rustpython_vm::{AsObject, PyObject, PyObjectRef, builtins::PyAsyncGen, protocol::PyIter};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::async_generators::{self, Answer};
use tjit_vm::frames::Frame;
use tjit_vm::generators::Resumable;

use super::steps::set_found as found;
use super::{Helper, host, object, owned, payload, raise, redo, visible};
use crate::exits::Activation;

/// An asynchronous generator has come to its end.
pub const END: i64 = 0;
/// It has given a value.
pub const VALUE: i64 = 1;
/// It waits for something.
pub const WAITS: i64 = 2;

const TAKES: Effects = Effects { reads: Mem::OTHER, writes: Mem::OTHER, allocates: true, ..Effects::PURE };

thread_local! {
    /// What is to be awaited in place of the asynchronous generator that was asked last.
    static WAITING: Cell<Option<PyObjectRef>> = const { Cell::new(None) };
}

helpers! {
    /// Whether `await` takes a coroutine or generator as it is: it does so with a coroutine that has not begun.
    is_awaitable(Ref) -> Bool, Effects::read(Mem::OTHER), None;
    /// What an object gives to be awaited by, which is no coroutine itself.
    awaitable(Ref) -> Ref, Effects::OPAQUE, Owned;
    /// Asks an asynchronous generator for its next value: [`END`], [`VALUE`] or [`WAITS`]. The value, or what it yields, is
    /// the element that the last step has found.
    ask(Ref) -> Int, Effects::OPAQUE, None;
    /// What is to be awaited in place of the asynchronous generator that was asked and waits; None otherwise.
    waiting() -> Ref, TAKES, Owned;
}

/// Whether `await` takes an object as it is.
fn is_awaited_itself(object: &PyObject) -> bool {
    match Resumable::of(object) {
        Some(Resumable::Generator(generator)) => {
            generator.as_coro().code().code.flags.contains(CodeFlags::ITERABLE_COROUTINE)
        }
        Some(Resumable::Coroutine(_)) => true,
        _ => false,
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn is_awaitable(ctx: *mut Context, awaited: u64) -> u8 {
        let awaited = object(awaited);
        let is_taken = match Resumable::of(awaited) {
            Some(coroutine @ Resumable::Coroutine(_)) => {
                let frame = Frame::of_generator(coroutine, &Activation::of(ctx).objects.layout);
                frame.is_some_and(|frame| frame.next_unit() == 0)
            }
            _ => is_awaited_itself(awaited),
        };
        u8::from(is_taken)
    }

    pub extern "C" fn ask(ctx: *mut Context, generator: u64) -> i64 {
        let Some(generator) = payload::<PyAsyncGen>(generator) else {
            redo(ctx);
            return END;
        };
        let vm = host(ctx);
        let resume = |generator: Resumable<'_>| crate::engine::resume_from(generator, ctx, vm);
        let answer = match async_generators::ask(generator, resume, vm) {
            Some(Err(exception)) => {
                raise(ctx, exception);
                None
            }
            Some(Ok(answer)) => Some(answer),
            None => {
                let mut answer = None;
                let mut run = || answer = visible(ctx, || async_generators::ask_by_vm(generator, vm));
                if let Err(exception) = crate::engine::in_sight(ctx, vm, &mut run) {
                    raise(ctx, exception);
                }
                answer
            }
        };
        match answer {
            Some(Answer::Value(value)) => {
                found(Some(value));
                VALUE
            }
            Some(Answer::Waits { asked, yielded }) => {
                found(Some(yielded));
                WAITING.set(Some(asked));
                WAITS
            }
            Some(Answer::End) | None => {
                found(None);
                END
            }
        }
    }

    pub extern "C" fn waiting(ctx: *mut Context) -> u64 {
        owned(WAITING.take().unwrap_or_else(|| host(ctx).ctx.none()))
    }

    pub extern "C" fn awaitable(ctx: *mut Context, awaited: u64) -> u64 {
        let (awaited, vm) = (object(awaited), host(ctx));
        let name = vm.ctx.intern_str("__await__");
        // (The VM's own words for what goes wrong.)
        if is_awaited_itself(awaited) || awaited.class().get_attr(name).is_none() {
            redo(ctx);
            return 0;
        }
        let ask = || {
            let iterator = vm.call_special_method(awaited, name, ())?;
            if is_awaited_itself(&iterator) {
                return Err(vm.new_type_error("__await__() returned a coroutine"));
            }
            if !PyIter::check(&iterator) {
                let class = iterator.class().name();
                return Err(vm.new_type_error(format!("__await__() returned non-iterator of type '{class}'")));
            }
            Ok(iterator)
        };
        visible(ctx, ask).map_or(0, owned)
    }
}
