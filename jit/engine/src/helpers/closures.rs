//! Helpers that look into functions which are made anew again and again.

use rustpython_vm::builtins::PyTuple;
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, object, owned};
use crate::bodies::Defaults;
use crate::exits::Activation;

const LOOKS: Effects = Effects::read(Mem::all());

helpers! {
    /// Whether an object is a function of this code and with these globals, and has these defaults: object, code,
    /// globals, the defaults' number.
    has_body(Ref, Ref, Ref, Int) -> Bool, LOOKS, None;
    /// The default that a function has at a place: function, place.
    default_at(Ref, Int) -> Ref, LOOKS, Owned;
    /// The default of a function's keyword-only parameter: function, its number among those.
    keyword_default_at(Ref, Int) -> Ref, LOOKS, Owned;
    /// The cell that a function has at a place: function, place.
    cell_at(Ref, Int) -> Ref, LOOKS, Owned;
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn has_body(ctx: *mut Context, function: u64, code: u64, globals: u64, defaults: i64) -> u8 {
        let objects = Activation::of(ctx).objects;
        u8::from(objects.has_body(object(function), code, globals, Defaults::of(defaults)))
    }

    pub extern "C" fn default_at(ctx: *mut Context, function: u64, place: i64) -> u64 {
        let objects = Activation::of(ctx).objects;
        let defaults = objects.defaults(object(function));
        // Their number was asked before.
        let default = defaults.and_then(|tuple| objects.element(tuple, place as usize)).expect("there is a default");
        owned(default.to_owned())
    }

    pub extern "C" fn keyword_default_at(ctx: *mut Context, function: u64, number: i64) -> u64 {
        let default = Activation::of(ctx).objects.keyword_default(object(function), number as usize);
        // Whether there is one was asked before.
        owned(default.expect("there is a default"))
    }

    pub extern "C" fn cell_at(ctx: *mut Context, function: u64, place: i64) -> u64 {
        let (_, _, closure) = Activation::of(ctx).objects.function(object(function));
        let cells = closure.and_then(|closure| closure.downcast_ref::<PyTuple>()).map(|cells| cells.as_slice());
        // Functions of one code have as many cells.
        let cell = cells.and_then(|cells| cells.get(place as usize)).expect("the recorder has seen a cell here");
        owned(cell.clone())
    }
}
