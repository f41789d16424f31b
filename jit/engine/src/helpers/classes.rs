//! Helpers for attributes of classes that change all the time.

use rustpython_vm::{
    Py,
    builtins::{PyStrInterned, PyType},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::tallies;

use super::{CHECKED, Helper, found_or_redo, host, object, owned};

helpers! {
    /// What a tally of a class is: the class that has it, its name.
    tally(Ref, Ref) -> Ref, Effects { reads: Mem::SHAPE, allocates: true, ..CHECKED }, Owned;
    /// Sets a tally of a class: class, name, a plain value. Asks for a redo when the VM has to do it.
    set_tally(Ref, Ref, Ref) -> Unit, Effects { writes: Mem::SHAPE, ..CHECKED }, None;
}

/// A class and the name of one of its attributes, as the recorder passes them: a constant class, an interned name.
fn parts<'a>(class: u64, name: u64) -> Option<(&'a Py<PyType>, &'static PyStrInterned)> {
    // SAFETY: the name is one of the code's, which are interned: such a str is of this type, and lives for ever.
    let name = unsafe { &*(name as *const PyStrInterned) };
    Some((object(class).downcast_ref::<PyType>()?, name))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn tally(ctx: *mut Context, class: u64, name: u64) -> u64 {
        let value = parts(class, name).and_then(|(class, name)| class.get_direct_attr(name));
        found_or_redo(ctx, value.map(owned))
    }

    pub extern "C" fn set_tally(ctx: *mut Context, class: u64, name: u64, value: u64) {
        let is_set =
            parts(class, name).is_some_and(|(class, name)| tallies::set_tally(class, name, object(value), host(ctx)));
        found_or_redo(ctx, is_set.then_some(()))
    }
}
