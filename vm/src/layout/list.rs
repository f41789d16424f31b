//! In a list, besides its elements; and in a native function that is bound to an object.
//!
//! ```text
//! list             lock, { capacity, data, length }, changes:u32
//! native function  definition, receiver, …
//! ```

use rustpython_vm::{
    AsObject, VirtualMachine,
    builtins::{PyList, descriptor::PyMethodDescriptor},
    object::SIZEOF_PYOBJECT_HEAD,
};

use super::{Result, WORD, address, fail, only_word, python, words};

/// Byte offsets in a list, besides those that it has in common with tuples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListLayout {
    /// How many elements there is room for.
    pub capacity: usize,
    /// How often it was borrowed to be changed (u32): sorting looks whether that has moved.
    pub changes: usize,
}

impl ListLayout {
    /// Finds every offset and checks it.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<ListLayout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let size = head + size_of::<PyList>() / WORD;
        let mut capacities = Vec::new();
        let mut changes: Option<Vec<usize>> = None;
        for (capacity, count) in [(37, 5), (1009, 113)] {
            let mut elements = Vec::with_capacity(capacity);
            elements.extend((0..count).map(|_| vm.ctx.none()));
            let capacity = elements.capacity() as u64;
            let list = vm.ctx.new_list(elements);
            // SAFETY: a PyList is a head and a payload of this size.
            let look = || unsafe { words(list.as_object(), size) };
            capacities.push((look(), capacity));
            let mut seen = Vec::new();
            for _ in 0..4 {
                drop(list.borrow_vec_mut());
                seen.push(look());
            }
            let half = |words: &[u64], at: usize| (words[at / WORD] >> (at % WORD * 8)) as u32;
            let counts = |at: &usize| (0..4).all(|n| half(&seen[n], *at) == n as u32 + 1);
            let found = (head * WORD..size * WORD).step_by(4).filter(counts);
            changes = Some(match changes {
                None => found.collect(),
                Some(known) => found.filter(|at| known.contains(at)).collect(),
            });
        }
        let capacity = only_word("a list's capacity", &capacities, head..size)?;
        match changes.as_deref() {
            Some(&[changes]) => Ok(ListLayout { capacity, changes }),
            other => fail(format!("the changes of a list are counted at {other:?}")),
        }
    }
}

/// Byte offsets in a native function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeLayout {
    /// The pointer to its definition, which is that of the descriptor that made it.
    pub definition: usize,
    /// The object that it is bound to, or null.
    pub receiver: usize,
}

impl NativeLayout {
    /// Finds every offset and checks it.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<NativeLayout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let size = head + 2;
        let (mut definitions, mut receivers) = (Vec::new(), Vec::new());
        let list: rustpython_vm::PyObjectRef = vm.ctx.new_list(Vec::new()).into();
        let dict: rustpython_vm::PyObjectRef = vm.ctx.new_dict().into();
        for (object, name) in [(&list, "append"), (&list, "pop"), (&dict, "get")] {
            let name = vm.ctx.intern_str(name);
            let bound = python(object.get_attr(name, vm), "taking a method")?;
            let descriptor = object.class().get_attr(name);
            let Some(descriptor) = descriptor.as_deref().and_then(|found| found.downcast_ref::<PyMethodDescriptor>())
            else {
                return fail("a method of a builtin class has no descriptor");
            };
            if !bound.class().is(vm.ctx.types.builtin_function_or_method_type) {
                return fail("a method of a builtin object is no native function");
            }
            // SAFETY: a native function's payload begins with its definition and its receiver, so has at least two words.
            let words = unsafe { words(&bound, size) };
            definitions.push((words.clone(), std::ptr::from_ref(descriptor.method) as u64));
            receivers.push((words, address(object)));
        }
        Ok(NativeLayout {
            definition: only_word("the definition of a native function", &definitions, head..size)?,
            receiver: only_word("the receiver of a native function", &receivers, head..size)?,
        })
    }
}
