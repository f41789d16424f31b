//! Around an instance, and the versions that the VM keeps of classes and functions.
//!
//! ```text
//! instance of a Python class   [ slots … ] [ dict, … ] ◄─ object ┌ head ┐
//! ```
//!
//! A version is a number that the VM gives a class or function when it specialises something for it, and takes away when
//! it is changed. No number is given twice.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyFunction, PyStrInterned, PyType},
    object::SIZEOF_PYOBJECT_HEAD,
};

use super::{Result, WORD, address, fail, item, python, run};

/// Byte offsets around instances, in classes and in functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceLayout {
    /// From an instance, the pointer to its dict; negative.
    pub dict: isize,
    /// In a class, its version (u32).
    pub class_version: usize,
    /// In a Python function, its version (u32).
    pub function_version: usize,
}

/// Words in front of an object that are looked at.
const BEFORE: isize = 2;

impl InstanceLayout {
    /// Finds every offset and checks it.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<InstanceLayout> {
        let scope = run(
            vm,
            "class A: pass\nclass B(A): pass\na = A()\nb = B()\nc = A()\na.x = 1\nb.y = 2\n\
             def f(x): return x\ndef g(x, y=2): return y\n",
        )?;
        let mut dict = None;
        for name in ["a", "b", "c"] {
            let object = item(vm, &scope, name)?;
            let of_it = python(object.get_attr("__dict__", vm), "reading __dict__")?;
            let wanted = address(&of_it);
            // SAFETY: in front of an instance with a dict are at least these words.
            let at = |n: isize| unsafe { std::ptr::from_ref::<PyObject>(&object).cast::<u64>().offset(-n).read() };
            let found: Vec<isize> = (1..=BEFORE).filter(|&n| at(n) == wanted).collect();
            match (found[..].first(), found.len(), dict) {
                (Some(&n), 1, None) => dict = Some(n),
                (Some(&n), 1, Some(known)) if n == known => {}
                _ => return fail("the dict of an instance is not where it was expected"),
            }
        }
        let class = item(vm, &scope, "A")?;
        let Some(class) = class.downcast_ref::<PyType>() else { return fail("a class is no type") };
        let class_version = std::ptr::from_ref(&class.tp_version_tag) as usize - address(class.as_object()) as usize;
        let Some(dict) = dict else { return fail("no instance with a dict was found") };
        Ok(InstanceLayout {
            dict: -dict * WORD as isize,
            class_version,
            function_version: function_version(vm, &[item(vm, &scope, "f")?, item(vm, &scope, "g")?])?,
        })
    }

    /// Where a slot of a class is: how many bytes in front of an instance. `None` when that cannot be found out.
    ///
    /// It is tried out on an instance that nobody else sees.
    #[must_use]
    pub fn slot(&self, class: &Py<PyType>, name: &'static PyStrInterned, vm: &VirtualMachine) -> Option<u32> {
        let slots = &class.slots;
        // What runs Python code when it dies is not tried out, nor what is made by another builtin class. (`object.__new__`
        // does not ask a `__new__` in Python.)
        let object_type = vm.ctx.types.object_type;
        let made = |class: &Py<PyType>| class.slots.new.load().map(|new| new as usize);
        let is_python = |base: &Py<PyType>| base.is(object_type) || base.heaptype_ext.is_some();
        let plain = (made(class) == made(object_type) || class.mro.read().iter().all(|base| is_python(base)))
            && slots.del.load().is_none();
        if !plain {
            return None;
        }
        let instance = vm.call_method(object_type.as_object(), "__new__", (class.to_owned(),)).ok()?;
        let mark: PyObjectRef = vm.ctx.new_list(Vec::new()).into();
        let descriptor = class.get_attr(name)?;
        vm.call_method(&descriptor, "__set__", (instance.clone(), mark.clone())).ok()?;
        // SAFETY: the class has this slot, so that the words in front of its instances reach at least to it; the search
        // ends there.
        let at = |n: isize| unsafe { std::ptr::from_ref::<PyObject>(&instance).cast::<u64>().offset(-n).read() };
        let found = (1..=64).find(|&n| at(n) == address(&mark))?;
        Some(found as u32 * WORD as u32)
    }
}

fn function_version(vm: &VirtualMachine, functions: &[PyObjectRef]) -> Result<usize> {
    let mut found: Option<Vec<usize>> = None;
    for function in functions {
        let Some(python) = function.downcast_ref::<PyFunction>() else { return fail("a function is no function") };
        let version = python.get_version_for_current_state();
        let size = SIZEOF_PYOBJECT_HEAD + size_of::<PyFunction>();
        let start = std::ptr::from_ref::<PyObject>(function).cast::<u8>();
        // SAFETY: a PyFunction is a head and a payload of this size.
        let at = |offset: usize| unsafe { start.add(offset).cast::<u32>().read_volatile() };
        let here = (SIZEOF_PYOBJECT_HEAD..size).step_by(4).filter(|&offset| version != 0 && at(offset) == version);
        found = Some(match found {
            None => here.collect(),
            Some(known) => here.filter(|offset| known.contains(offset)).collect(),
        });
    }
    let _ = vm;
    match found.as_deref() {
        Some(&[offset]) => Ok(offset),
        other => fail(format!("the version of a function is at {other:?}")),
    }
}
