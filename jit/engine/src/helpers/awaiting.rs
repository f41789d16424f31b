//! Helpers for `await`.

use rustpython_compiler_core::bytecode::CodeFlags;
use rustpython_vm::{AsObject, PyObject, protocol::PyIter};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::frames::Frame;
use tjit_vm::generators::Resumable;

use super::{Helper, host, object, owned, redo, visible};
use crate::exits::Activation;

helpers! {
    /// Whether `await` takes a coroutine or generator as it is: it does so with a coroutine that has not begun.
    is_awaitable(Ref) -> Bool, Effects::read(Mem::OTHER), None;
    /// What an object gives to be awaited by, which is no coroutine itself.
    awaitable(Ref) -> Ref, Effects::OPAQUE, Owned;
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
