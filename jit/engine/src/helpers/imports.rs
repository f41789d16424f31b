//! The helper of import statements.

use rustpython_vm::builtins::PyStr;
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, host, object, owned, payload, redo};

helpers! {
    /// The module that an import of a name gives, with these names from it (a tuple, or `None`), as long as `__import__` is
    /// the third.
    imported(Ref, Ref, Ref) -> Ref, Effects { exits: true, ..Effects::read(Mem::all()) }, Owned;
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn imported(ctx: *mut Context, name: u64, names: u64, import: u64) -> u64 {
        let vm = host(ctx);
        let look = |name| tjit_vm::imports::imported(name, object(names), object(import), vm);
        match payload::<PyStr>(name).and_then(look) {
            Some(module) => owned(module),
            None => {
                redo(ctx);
                0
            }
        }
    }
}
