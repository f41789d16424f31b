//! Strs that have died in compiled code, empty, to be used again.

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use rustpython_vm::{PyObjectRef, VirtualMachine, builtins::PyStr};

use super::MANY;
use super::pool::Pool;
use crate::objects::Objects;

thread_local! {
    /// Not dropped with the thread: the VM may have gone before.
    static TEXTS: RefCell<ManuallyDrop<Pool<MANY>>> = const { RefCell::new(ManuallyDrop::new(Pool::EMPTY)) };
}

/// Puts other contents into a str that has one reference, which is this one. Gives what was in it.
fn exchange(text: &PyObjectRef, contents: PyStr) -> Option<PyStr> {
    let place = std::ptr::from_ref::<PyStr>(text.downcast_ref::<PyStr>()?).cast_mut();
    // SAFETY: nobody else refers to the str, which is of this thread, so nobody looks at what is inside it.
    Some(unsafe { place.replace(contents) })
}

impl Objects {
    /// An exact str, a reference to which is dropped.
    pub(super) fn release_text(&self, text: PyObjectRef) {
        if self.is_unshared(&text) {
            drop(exchange(&text, PyStr::from("")));
            let _surplus = TEXTS.with_borrow_mut(|texts| texts.put(text));
        }
    }

    /// A new str.
    pub fn new_text(&self, contents: PyStr, vm: &VirtualMachine) -> PyObjectRef {
        match TEXTS.with_borrow_mut(|texts| texts.take()) {
            None => rustpython_vm::PyPayload::into_ref(contents, &vm.ctx).into(),
            Some(text) => {
                exchange(&text, contents);
                text
            }
        }
    }
}
