//! Twins of helpers that are called where they raise: they ask to leave when it is another exception, or none.

use rustpython_vm::{AsObject, PyResult};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, call, host, object, redo};
use crate::objects::address;

/// Reads anything, and may ask for a redo.
const FAILS: Effects = Effects { exits: true, ..Effects::read(Mem::all()) };

helpers! {
    /// Calls a builtin that runs no Python code and raises: callable, the exception's class.
    leaf_0(Ref, Ref) -> Unit, FAILS, None;
    /// Calls a builtin that runs no Python code and raises: callable, argument, the exception's class.
    leaf_1(Ref, Ref, Ref) -> Unit, FAILS, None;
    /// Calls a builtin that runs no Python code and raises: callable, arguments, the exception's class.
    leaf_2(Ref, Ref, Ref, Ref) -> Unit, FAILS, None;
    /// Calls a builtin that runs no Python code and raises: callable, arguments, the exception's class.
    leaf_3(Ref, Ref, Ref, Ref, Ref) -> Unit, FAILS, None;
    /// A binary operator on objects of leaf classes that raises: a, b, operator, the exception's class.
    binary(Ref, Ref, Int, Ref) -> Unit, FAILS, None;
}

/// The twin of the helper at an address, which takes the exception's class besides. Helpers that run Python code have none:
/// it would run again after a redo.
pub fn twin(helper: u64) -> Option<Helper> {
    let twins = [
        (super::leaf_0(), leaf_0()),
        (super::leaf_1(), leaf_1()),
        (super::leaf_2(), leaf_2()),
        (super::leaf_3(), leaf_3()),
        (super::binary(), binary()),
    ];
    twins.into_iter().find_map(|(known, twin)| (known.addr == helper).then_some(twin))
}

fn expect(ctx: *mut Context, result: PyResult, class: u64) {
    match result {
        Err(exception) if address(exception.class().as_object()) == class => {}
        _ => redo(ctx),
    }
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn leaf_0(ctx: *mut Context, f: u64, class: u64) {
        expect(ctx, call(ctx, f, &[]), class);
    }

    pub extern "C" fn leaf_1(ctx: *mut Context, f: u64, a: u64, class: u64) {
        expect(ctx, call(ctx, f, &[a]), class);
    }

    pub extern "C" fn leaf_2(ctx: *mut Context, f: u64, a: u64, b: u64, class: u64) {
        expect(ctx, call(ctx, f, &[a, b]), class);
    }

    pub extern "C" fn leaf_3(ctx: *mut Context, f: u64, a: u64, b: u64, c: u64, class: u64) {
        expect(ctx, call(ctx, f, &[a, b, c]), class);
    }

    pub extern "C" fn binary(ctx: *mut Context, a: u64, b: u64, operator: i64, class: u64) {
        expect(ctx, crate::operators::binary(operator as u32, object(a), object(b), host(ctx)), class);
    }
}
