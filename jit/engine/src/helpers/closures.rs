//! Helpers that look into functions which are made anew again and again.

use rustpython_vm::builtins::PyTuple;
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, object, owned};
use crate::exits::Activation;

const LOOKS: Effects = Effects::read(Mem::all());

helpers! {
    /// Whether an object is a function of this code, with these globals and these defaults: object, code, globals, a tuple or
    /// None.
    has_body(Ref, Ref, Ref, Ref) -> Bool, LOOKS, None;
    /// The cell that a function has at a place: function, place.
    cell_at(Ref, Int) -> Ref, LOOKS, Owned;
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn has_body(ctx: *mut Context, function: u64, code: u64, globals: u64, defaults: u64) -> u8 {
        let objects = Activation::of(ctx).objects;
        let defaults = (defaults != objects.none).then(|| object(defaults));
        u8::from(objects.has_body(object(function), code, globals, defaults))
    }

    pub extern "C" fn cell_at(ctx: *mut Context, function: u64, place: i64) -> u64 {
        let (_, _, closure) = Activation::of(ctx).objects.function(object(function));
        let cells = closure.and_then(|closure| closure.downcast_ref::<PyTuple>()).map(|cells| cells.as_slice());
        // Functions of one code have as many cells.
        let cell = cells.and_then(|cells| cells.get(place as usize)).expect("the recorder has seen a cell here");
        owned(cell.clone())
    }
}
