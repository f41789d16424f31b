//! Twins of helpers that are called where they raise: they return the exception, and ask to leave when it is of another
//! class, or there is none.

use rustpython_vm::{
    AsObject, PyObject, PyResult,
    builtins::{PyBaseException, PyList},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, REDO, call, host, object, owned, redo};
use crate::exits::Activation;
use crate::objects::address;

/// Reads anything, and may ask for a redo.
const FAILS: Effects = Effects { reads: Mem::all(), exits: true, allocates: true, ..Effects::PURE };

helpers! {
    /// Calls a builtin that runs no Python code and raises: callable, the exception's class.
    leaf_0(Ref, Ref) -> Ref, FAILS, Owned;
    /// Calls a builtin that runs no Python code and raises: callable, argument, the exception's class.
    leaf_1(Ref, Ref, Ref) -> Ref, FAILS, Owned;
    /// Calls a builtin that runs no Python code and raises: callable, arguments, the exception's class.
    leaf_2(Ref, Ref, Ref, Ref) -> Ref, FAILS, Owned;
    /// Calls a builtin that runs no Python code and raises: callable, arguments, the exception's class.
    leaf_3(Ref, Ref, Ref, Ref, Ref) -> Ref, FAILS, Owned;
    /// The exception of a class, with or without a traceback, that the call has raised whose exit the trace begins at.
    raised(Ref, Bool) -> Ref, FAILS, Owned;
    /// The traceback of an exception that has one.
    traceback(Ref) -> Ref, Effects { reads: Mem::all(), allocates: true, ..Effects::PURE }, Owned;
    /// The trace begins at the exit of a call that has asked for its instruction to be done again, and does it.
    redone() -> Unit, FAILS, None;
    /// The exception that is being handled where the trace was entered, or None.
    handled() -> Ref, Effects { allocates: true, ..Effects::PURE }, Owned;
    /// Tells the VM what is being handled: an exception, or None.
    tell(Ref) -> Unit, Effects { reads: Mem::all(), writes: Mem::all(), ..Effects::PURE }, None;
    /// Asks to leave when somebody may look at the entered frame after it has returned: an exception that was kept leads there.
    unheld() -> Unit, FAILS, None;
    /// The arguments of an exception.
    arguments(Ref) -> Ref, Effects { reads: Mem::all(), allocates: true, ..Effects::PURE }, Owned;
    /// `list.pop` that raises: list, index, the exception's class.
    list_pop(Ref, Int, Ref) -> Ref, FAILS, Owned;
    /// An item of a str that raises: str, index, the exception's class.
    str_item(Ref, Int, Ref) -> Ref, FAILS, Owned;
    /// A binary operator on objects of leaf classes that raises: a, b, operator, the exception's class.
    binary(Ref, Ref, Int, Ref) -> Ref, FAILS, Owned;
}

/// The twin of the helper at an address, which takes the exception's class besides. Helpers that run Python code have none:
/// it would run again after a redo.
pub fn twin(helper: u64) -> Option<Helper> {
    twins().into_iter().find_map(|(known, twin)| (known.addr == helper).then_some(twin))
}

/// Whether the helper at an address has a twin or is one: when it asks for its instruction to be done again, that raises
/// what was not foreseen, or does not raise.
pub fn may_raise(helper: u64) -> bool {
    twins().iter().any(|(known, twin)| helper == known.addr || helper == twin.addr)
}

fn twins() -> [(Helper, Helper); 7] {
    [
        (super::leaf_0(), leaf_0()),
        (super::leaf_1(), leaf_1()),
        (super::leaf_2(), leaf_2()),
        (super::leaf_3(), leaf_3()),
        (super::binary(), binary()),
        (super::containers::list_pop(), list_pop()),
        (super::text::str_item(), str_item()),
    ]
}

fn expect(ctx: *mut Context, result: PyResult, class: u64) -> u64 {
    match result {
        Err(exception) if address(exception.class().as_object()) == class => owned(exception.into()),
        _ => {
            redo(ctx);
            0
        }
    }
}

/// Calls what is expected to raise an exception of this class.
fn leaf(ctx: *mut Context, function: u64, args: &[u64], class: u64) -> u64 {
    expect(ctx, call(ctx, function, args), class)
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    of_each_count! {
        leaf_0(f;; class) => leaf;
        leaf_1(f; a; class) => leaf;
        leaf_2(f; a, b; class) => leaf;
        leaf_3(f; a, b, c; class) => leaf;
    }

    pub extern "C" fn list_pop(ctx: *mut Context, list: u64, index: i64, class: u64) -> u64 {
        let (vm, list) = (host(ctx), object(list));
        let length = list.downcast_ref::<PyList>().map_or(0, |list| list.borrow_vec().len() as i64);
        if (-length..length).contains(&index) {
            // It would be done twice.
            redo(ctx);
            return 0;
        }
        expect(ctx, vm.call_method(list, "pop", (index,)), class)
    }

    pub extern "C" fn str_item(ctx: *mut Context, string: u64, index: i64, class: u64) -> u64 {
        let vm = host(ctx);
        let index: rustpython_vm::PyObjectRef = vm.ctx.new_int(index).into();
        expect(ctx, object(string).get_item(&*index, vm), class)
    }

    pub extern "C" fn binary(ctx: *mut Context, a: u64, b: u64, operator: i64, class: u64) -> u64 {
        expect(ctx, crate::operators::binary(operator as u32, object(a), object(b), host(ctx)), class)
    }

    pub extern "C" fn raised(ctx: *mut Context, class: u64, has_traceback: u8) -> u64 {
        // SAFETY: the context is the running activation's.
        let exception = unsafe { (*ctx).exception };
        if exception.is_null() {
            redo(ctx);
            return 0;
        }
        let is_expected = |exception: &PyObject| {
            let has = exception.downcast_ref::<PyBaseException>().is_some_and(|of| of.__traceback__().is_some());
            address(exception.class().as_object()) == class && has == (has_traceback & 1 != 0)
        };
        if exception == REDO || !is_expected(object(exception as u64)) {
            // It stays where it is, and the trace leaves as it was left before.
            return 0;
        }
        // SAFETY: as above. What it holds is one owned reference, which is handed on.
        unsafe { (*ctx).exception = std::ptr::null_mut() };
        exception as u64
    }

    pub extern "C" fn redone(ctx: *mut Context) {
        // SAFETY: the context is the running activation's. What is no request stays where it is.
        unsafe {
            if (*ctx).exception == REDO {
                (*ctx).exception = std::ptr::null_mut();
            }
        }
    }

    pub extern "C" fn tell(ctx: *mut Context, exception: u64) {
        host(ctx).set_exception(object(exception).to_owned().downcast().ok());
    }

    pub extern "C" fn unheld(ctx: *mut Context) {
        if tjit_vm::callers::is_held(Activation::of(ctx).frame) {
            redo(ctx);
        }
    }

    pub extern "C" fn handled(ctx: *mut Context) -> u64 {
        let vm = host(ctx);
        owned(vm.current_exception().map_or_else(|| vm.ctx.none(), Into::into))
    }

    pub extern "C" fn traceback(ctx: *mut Context, exception: u64) -> u64 {
        let traceback = object(exception).downcast_ref::<PyBaseException>().and_then(|of| of.__traceback__());
        owned(traceback.map_or_else(|| host(ctx).ctx.none(), Into::into))
    }

    pub extern "C" fn arguments(ctx: *mut Context, exception: u64) -> u64 {
        let arguments = object(exception).downcast_ref::<PyBaseException>().map(|exception| exception.args());
        arguments.map_or_else(|| owned(host(ctx).ctx.empty_tuple.clone().into()), |arguments| owned(arguments.into()))
    }
}
