//! Looking into objects from Rust, by the offsets that `tjit_vm::layout` has found.

use std::ptr::NonNull;

use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine};
use tjit_ir::VirtualKind;
use tjit_vm::layout::Layout;

use crate::state::SlotState;

/// An object whose value travels unboxed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar {
    /// An exact int that fits in 64 bits.
    Int(i64),
    /// An exact float.
    Float(f64),
    /// A bool.
    Bool(bool),
}

/// Addresses of the classes that the JIT treats by themselves.
#[derive(Clone, Debug)]
pub struct Classes {
    /// `int`.
    pub int: u64,
    /// `float`.
    pub float: u64,
    /// `bool`.
    pub bool: u64,
    /// `NoneType`.
    pub none: u64,
    /// `str`.
    pub str: u64,
    /// `bytes`.
    pub bytes: u64,
    /// `complex`.
    pub complex: u64,
    /// `list`.
    pub list: u64,
    /// `tuple`.
    pub tuple: u64,
    /// `range`.
    pub range: u64,
    /// Iterator of `range`.
    pub range_iter: u64,
    /// Iterator of `list`.
    pub list_iter: u64,
    /// Iterator of `tuple`.
    pub tuple_iter: u64,
    /// Iterator of a reversed list.
    pub reversed_list_iter: u64,
    /// `function`.
    pub function: u64,
    /// `builtin_function_or_method`.
    pub builtin: u64,
    /// `module`.
    pub module: u64,
    /// `type`.
    pub type_: u64,
    /// `cell`.
    pub cell: u64,
}

/// Offsets and classes together.
#[derive(Clone, Debug)]
pub struct Objects {
    /// The offsets.
    pub layout: Layout,
    /// The classes.
    pub classes: Classes,
    /// Address of `True`.
    pub true_: u64,
    /// Address of `False`.
    pub false_: u64,
    /// Address of `None`.
    pub none: u64,
}

/// The address of an object.
pub fn address(object: &PyObject) -> u64 {
    std::ptr::from_ref(object) as u64
}

impl Objects {
    /// Takes the addresses from a VM.
    pub fn new(layout: Layout, vm: &VirtualMachine) -> Objects {
        let types = &vm.ctx.types;
        let class = |class: &rustpython_vm::Py<rustpython_vm::builtins::PyType>| address(class.as_object());
        Objects {
            layout,
            classes: Classes {
                int: class(types.int_type),
                float: class(types.float_type),
                bool: class(types.bool_type),
                none: class(types.none_type),
                str: class(types.str_type),
                bytes: class(types.bytes_type),
                complex: class(types.complex_type),
                list: class(types.list_type),
                tuple: class(types.tuple_type),
                range: class(types.range_type),
                range_iter: class(types.range_iterator_type),
                list_iter: class(types.list_iterator_type),
                tuple_iter: class(types.tuple_iterator_type),
                reversed_list_iter: class(types.list_reverseiterator_type),
                function: class(types.function_type),
                builtin: class(types.builtin_function_or_method_type),
                module: class(types.module_type),
                type_: class(types.type_type),
                cell: class(types.cell_type),
            },
            true_: address(vm.ctx.true_value.as_object()),
            false_: address(vm.ctx.false_value.as_object()),
            none: address(&vm.ctx.none()),
        }
    }

    fn word(&self, object: &PyObject, offset: usize) -> u64 {
        // SAFETY: callers pass offsets of fields that objects of this class have; the VM changes them only on this
        // thread while the JIT is on.
        unsafe { std::ptr::from_ref(object).cast::<u8>().add(offset).cast::<u64>().read() }
    }

    /// Writes a word of an object that the caller has just made.
    pub fn set_word(&self, object: &PyObject, offset: usize, value: u64) {
        // SAFETY: callers pass offsets of plain integer fields that objects of this class have, and nobody else has seen
        // the object yet.
        unsafe { std::ptr::from_ref(object).cast_mut().cast::<u8>().add(offset).cast::<u64>().write(value) };
    }

    fn byte(&self, object: &PyObject, offset: usize) -> u8 {
        // SAFETY: as in `word`.
        unsafe { std::ptr::from_ref(object).cast::<u8>().add(offset).read() }
    }

    /// Address of an object's class.
    pub fn class(&self, object: &PyObject) -> u64 {
        self.word(object, self.layout.class)
    }

    /// The value of an exact int that fits in 64 bits, an exact float or a bool.
    pub fn scalar(&self, object: &PyObject) -> Option<Scalar> {
        let class = self.class(object);
        if class == self.classes.int {
            self.int(object).map(Scalar::Int)
        } else if class == self.classes.float {
            Some(Scalar::Float(f64::from_bits(self.word(object, self.layout.float_value))))
        } else if class == self.classes.bool {
            Some(Scalar::Bool(address(object) == self.true_))
        } else {
            None
        }
    }

    /// The value of an exact int, when it fits in 64 bits.
    fn int(&self, object: &PyObject) -> Option<i64> {
        if self.word(object, self.layout.int_tag) != self.layout.int_small {
            return None;
        }
        let magnitude = self.word(object, self.layout.int_limb);
        match self.byte(object, self.layout.int_sign) {
            0 if magnitude <= 1 << 63 => Some((magnitude as i64).wrapping_neg()),
            0 => None,
            _ => i64::try_from(magnitude).ok(),
        }
    }

    /// Number of references to an object.
    pub fn count(&self, object: &PyObject) -> u64 {
        self.word(object, self.layout.count) & self.layout.count_mask
    }

    /// The state of an iterator that can be taken apart: one of a known class that only its slot refers to.
    pub fn virtual_state(&self, object: &PyObject) -> Option<SlotState> {
        if self.count(object) != 1 {
            return None;
        }
        let class = self.class(object);
        let classes = &self.classes;
        if class == classes.range_iter {
            return Some(SlotState::Virtual(VirtualKind::RangeIter, vec![SlotState::Int; 4]));
        }
        let kind = if class == classes.list_iter {
            VirtualKind::ListIter
        } else if class == classes.tuple_iter {
            VirtualKind::TupleIter
        } else if class == classes.reversed_list_iter {
            VirtualKind::ReversedListIter
        } else {
            return None;
        };
        // An exhausted iterator has given its sequence up; then the word is no pointer to an object of the right class.
        let sequence = self.word(object, self.layout.sequence_iter[0]);
        let wanted = if kind == VirtualKind::TupleIter { classes.tuple } else { classes.list };
        // SAFETY: the word is null or a pointer to a live sequence.
        let sequence = unsafe { (sequence as *const PyObject).as_ref() }?;
        (self.class(sequence) == wanted).then(|| SlotState::Virtual(kind, vec![SlotState::Ref, SlotState::Int]))
    }

    /// The parts of an iterator whose state is virtual, as parameters. References are borrowed.
    pub fn read_parts(&self, kind: VirtualKind, object: &PyObject, out: &mut Vec<u64>) {
        match kind {
            VirtualKind::RangeIter => out.extend(self.layout.range_iter.map(|offset| self.word(object, offset))),
            _ => out.extend(self.layout.sequence_iter.map(|offset| self.word(object, offset))),
        }
    }

    /// Gives the references among an iterator's parts a count of their own, as the iterator will be dropped.
    pub fn take_parts(&self, state: &SlotState, object: &PyObject) {
        if let SlotState::Virtual(kind, _) = state
            && *kind != VirtualKind::RangeIter
        {
            let sequence = self.word(object, self.layout.sequence_iter[0]);
            // SAFETY: `virtual_state` has checked that it is a live object; the count is the parameter's.
            std::mem::forget(unsafe { self.clone_ref(sequence) });
        }
    }

    /// A new reference to the object at an address.
    ///
    /// # Safety
    /// The object is alive.
    pub unsafe fn clone_ref(&self, address: u64) -> PyObjectRef {
        // SAFETY: by the caller's promise.
        unsafe { (*(address as *const PyObject)).to_owned() }
    }

    /// The reference that an address stands for, taken over.
    ///
    /// # Safety
    /// The object is alive and one reference to it is given up to the result.
    pub unsafe fn own_ref(&self, address: u64) -> PyObjectRef {
        // SAFETY: by the caller's promise; an address of an object is not null.
        unsafe { PyObjectRef::from_raw(NonNull::new_unchecked(address as *mut PyObject)) }
    }

    /// Elements of an exact list or tuple, borrowed.
    pub fn element(&self, sequence: &PyObject, index: usize) -> Option<&PyObject> {
        let (data, len) = if self.class(sequence) == self.classes.list {
            (self.layout.list_data, self.layout.list_len)
        } else {
            (self.layout.tuple_data, self.layout.tuple_len)
        };
        if index as u64 >= self.word(sequence, len) {
            return None;
        }
        // SAFETY: the element exists; the sequence owns a reference to it.
        unsafe { (*(self.word(sequence, data) as *const *const PyObject).add(index)).as_ref() }
    }

    /// Length of an exact list or tuple.
    pub fn length(&self, sequence: &PyObject) -> usize {
        let len =
            if self.class(sequence) == self.classes.list { self.layout.list_len } else { self.layout.tuple_len };
        self.word(sequence, len) as usize
    }
}
