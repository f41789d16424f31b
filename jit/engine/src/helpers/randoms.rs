//! Helpers for generators of random numbers, which the trace knows inside once it has seen one.

use rustpython_vm::{
    PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyFloat, descriptor::PyMethodDescriptor},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::layout::RandomLayout;

use super::{Helper, found_or_redo, host, object};
use crate::exits::Activation;
use crate::objects::Objects;

const CHANGES: Effects = Effects { reads: Mem::OTHER, writes: Mem::OTHER, exits: true, ..Effects::PURE };

helpers! {
    /// `a.random()`; b is the method.
    random_float(Ref, Ref) -> Float, CHANGES, None;
    /// `a.getrandbits(c)`; b is the method, c is 1 to 32.
    random_bits(Ref, Ref, Int) -> Int, CHANGES, None;
}

impl Objects {
    /// What is known of generators of random numbers, if a method is theirs and an object is one.
    pub fn random(&self, method: &PyObject, object: &PyObject, vm: &VirtualMachine) -> Option<&RandomLayout> {
        let class = method.downcast_ref::<PyMethodDescriptor>()?.common.typ;
        let layout = self.randoms.of_class(class, vm)?;
        object.class().fast_issubclass(class).then_some(layout)
    }
}

/// What the VM's method gives, which makes new words first.
fn call(ctx: *mut Context, generator: u64, method: u64, count: Option<i64>) -> Option<PyObjectRef> {
    let vm = host(ctx);
    let count = count.map(|count| vm.ctx.new_int(count).into());
    let args: Vec<PyObjectRef> = [object(generator).to_owned()].into_iter().chain(count).collect();
    object(method).call(args, vm).ok()
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn random_float(ctx: *mut Context, generator: u64, method: u64) -> f64 {
        let layout = Activation::of(ctx).objects.randoms.seen();
        let float = layout.and_then(|layout| layout.float(object(generator)));
        found_or_redo(
            ctx,
            float.or_else(|| Some(call(ctx, generator, method, None)?.downcast_ref::<PyFloat>()?.to_f64())),
        )
    }

    pub extern "C" fn random_bits(ctx: *mut Context, generator: u64, method: u64, count: i64) -> i64 {
        let layout = Activation::of(ctx).objects.randoms.seen();
        let Some(wanted) = u32::try_from(count).ok().filter(|count| (1..=32).contains(count)) else {
            return found_or_redo(ctx, None);
        };
        let bits = layout.and_then(|layout| layout.bits(object(generator), wanted)).map(i64::from);
        found_or_redo(ctx, bits.or_else(|| call(ctx, generator, method, Some(count))?.try_to_value(host(ctx)).ok()))
    }
}
