//! Boxes of numbers that have died in compiled code, to be filled again.
//!
//! A box of an int is kept if it is one of a positive number of one word: then nothing but that word has to be written.

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use rustpython_vm::{PyObjectRef, VirtualMachine};

use super::MANY;
use super::pool::Pool;
use crate::objects::{LARGEST_IMMORTAL, Objects};

struct Numbers {
    ints: Pool<MANY>,
    floats: Pool<MANY>,
}

thread_local! {
    /// Not dropped with the thread: the VM may have gone before.
    static NUMBERS: RefCell<ManuallyDrop<Numbers>> =
        const { RefCell::new(ManuallyDrop::new(Numbers { ints: Pool::EMPTY, floats: Pool::EMPTY })) };
}

impl Objects {
    /// A number, the last reference to which is dropped. Gives back anything else.
    #[inline]
    pub(super) fn release_number(&self, object: PyObjectRef) -> Option<PyObjectRef> {
        let class = self.class(&object);
        let is_int = class == self.classes.int;
        if !is_int && class != self.classes.float {
            return Some(object);
        }
        let is_kept = self.is_unshared(&object) && (!is_int || self.is_one_word(&object));
        let _surplus = if is_kept {
            NUMBERS.with_borrow_mut(|numbers| {
                let kept = if is_int { &mut numbers.ints } else { &mut numbers.floats };
                kept.put(object)
            })
        } else {
            Some(object)
        };
        None
    }

    /// An int.
    #[inline]
    pub fn new_int(&self, value: i64, vm: &VirtualMachine) -> PyObjectRef {
        if value > LARGEST_IMMORTAL
            && let Some(int) = NUMBERS.with_borrow_mut(|numbers| numbers.ints.take())
        {
            self.set_word(&int, self.layout.int_limb, value as u64);
            return int;
        }
        vm.ctx.new_int(value).into()
    }

    /// A float.
    #[inline]
    pub fn new_float(&self, value: f64, vm: &VirtualMachine) -> PyObjectRef {
        let Some(float) = NUMBERS.with_borrow_mut(|numbers| numbers.floats.take()) else {
            return vm.ctx.new_float(value).into();
        };
        self.set_word(&float, self.layout.float_value, value.to_bits());
        float
    }
}
