//! Helpers for exact `array.array`s, which the trace knows inside once it has seen one.

use rustpython_vm::{PyObject, VirtualMachine};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::layout::ArrayLayout;

use super::{Helper, at, found_or_redo, object};
use crate::exits::Activation;
use crate::objects::Objects;

const READS: Effects = Effects { exits: true, ..Effects::read(Mem::OTHER) };
const WRITES: Effects = Effects { exits: true, ..Effects::write(Mem::OTHER) };

helpers! {
    /// `a[b]` of an array of ints.
    array_int(Ref, Int) -> Int, READS, None;
    /// `a[b]` of an array of floats.
    array_float(Ref, Int) -> Float, READS, None;
    /// `a[b] = c` of an array of ints: array, index, value.
    array_set_int(Ref, Int, Int) -> Unit, WRITES, None;
    /// `a[b] = c` of an array of floats: array, index, value.
    array_set_float(Ref, Int, Float) -> Unit, WRITES, None;
    /// `len(a)`.
    array_length(Ref) -> Int, READS, None;
}

impl Objects {
    /// What is known of arrays, if an object is one.
    pub fn array(&self, object: &PyObject, vm: &VirtualMachine) -> Option<&ArrayLayout> {
        self.arrays.of(object, vm)
    }
}

fn layout<'a>(ctx: *mut Context) -> Option<&'a ArrayLayout> {
    Activation::of(ctx).objects.arrays.seen()
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn array_int(ctx: *mut Context, array: u64, index: i64) -> i64 {
        let array = object(array);
        found_or_redo(ctx, layout(ctx).and_then(|layout| layout.int(array, at(index, layout.len(array))?)))
    }

    pub extern "C" fn array_float(ctx: *mut Context, array: u64, index: i64) -> f64 {
        let array = object(array);
        found_or_redo(ctx, layout(ctx).and_then(|layout| layout.float(array, at(index, layout.len(array))?)))
    }

    pub extern "C" fn array_set_int(ctx: *mut Context, array: u64, index: i64, value: i64) {
        let array = object(array);
        found_or_redo(ctx, layout(ctx).and_then(|layout| layout.set_int(array, at(index, layout.len(array))?, value)))
    }

    pub extern "C" fn array_set_float(ctx: *mut Context, array: u64, index: i64, value: f64) {
        let array = object(array);
        found_or_redo(ctx, layout(ctx).and_then(|layout| layout.set_float(array, at(index, layout.len(array))?, value)))
    }

    pub extern "C" fn array_length(ctx: *mut Context, array: u64) -> i64 {
        found_or_redo(ctx, layout(ctx).map(|layout| layout.len(object(array)) as i64))
    }
}
