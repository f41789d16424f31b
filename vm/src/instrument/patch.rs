//! Puts our functions in the place of the VM's own, such that nothing but what they do shows: name, module, docstring
//! and signature stay.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyModule, PyStr, PyType},
    function::{Callee, FuncArgs, PyMethodDef, PyNativeFn, PySetterValue},
    object::SIZEOF_PYOBJECT_HEAD,
};

/// A native function of the VM.
pub(crate) type Native = &'static dyn PyNativeFn;
/// What is called instead of a native function, which it gets.
pub(crate) type Wrapper = fn(Native, &VirtualMachine, FuncArgs, Callee) -> PyResult;

/// Whether an object is a native function of this name.
pub(crate) fn is_native(object: &PyObject, name: &str, vm: &VirtualMachine) -> bool {
    object.class().is(vm.ctx.types.builtin_function_or_method_type)
        && object
            .get_attr("__name__", vm)
            .is_ok_and(|own| own.downcast_ref::<PyStr>().is_some_and(|own| own.to_str() == Some(name)))
}

/// Wraps functions of a module.
///
/// # Errors
/// `RuntimeError` if the module is not native or lacks one of them.
pub(crate) fn functions(vm: &VirtualMachine, module: &PyObject, wrappers: &[(&str, Wrapper)]) -> PyResult<()> {
    let missing = |what: &str| vm.new_runtime_error(format!("the JIT does not know this VM: {what}"));
    let native: &Py<PyModule> = module.downcast_ref().ok_or_else(|| missing("a module that is none"))?;
    let def = native.def.ok_or_else(|| missing("a module that is not native"))?;
    for &(name, wrapper) in wrappers {
        let original = find(def.methods, name).ok_or_else(|| missing(&format!("{} has no {name}()", def.name)))?;
        let function = wrapped(original, wrapper)
            .to_function()
            .with_module(def.name)
            .with_module_object(module.to_owned())
            .into_ref(&vm.ctx);
        module.set_attr(vm.ctx.intern_str(name), function, vm)?;
    }
    Ok(())
}

/// Wraps methods of a built-in type.
///
/// # Errors
/// `RuntimeError` if the type lacks one of them.
pub(crate) fn methods(vm: &VirtualMachine, class: &'static Py<PyType>, wrappers: &[(&str, Wrapper)]) -> PyResult<()> {
    for &(name, wrapper) in wrappers {
        let original = find(class.slots.methods, name).ok_or_else(|| unknown(vm, class, name))?;
        let method = wrapped(original, wrapper).build_method(&vm.ctx, class);
        class.set_attr(vm.ctx.intern_str(name), method.into());
    }
    Ok(())
}

/// Replaces an attribute of a built-in type. `get` is called with the attribute's original descriptor and the object. What
/// sets it stays.
///
/// # Errors
/// `RuntimeError` if the type has no such attribute.
pub(crate) fn attribute(
    vm: &VirtualMachine,
    class: &'static Py<PyType>,
    name: &'static str,
    get: fn(&PyObject, PyObjectRef, &VirtualMachine) -> PyResult,
) -> PyResult<()> {
    let interned = vm.ctx.intern_str(name);
    let original = class.get_direct_attr(interned).ok_or_else(|| unknown(vm, class, name))?;
    let set = original.class().slots.descr_set.load().filter(|_| SETTABLE.contains(&name));
    let descriptor = original.clone();
    let getter = move |object: PyObjectRef, vm: &VirtualMachine| get(&original, object, vm);
    let attribute = match set {
        Some(set) => {
            let setter = move |object: PyObjectRef, value: PySetterValue, vm: &VirtualMachine| {
                set(&descriptor, object, value, vm)
            };
            vm.ctx.new_getset(name, class, getter, setter)
        }
        None => vm.ctx.new_readonly_getset(name, class, getter),
    };
    class.set_attr(interned, attribute.into());
    Ok(())
}

/// Has `after` called whenever an attribute of objects of a built-in type has been set, with the object.
///
/// # Errors
/// `RuntimeError` if the type has no such attribute.
pub(crate) fn setter(
    vm: &VirtualMachine,
    class: &'static Py<PyType>,
    name: &'static str,
    after: fn(&PyObject),
) -> PyResult<()> {
    let interned = vm.ctx.intern_str(name);
    let original = class.get_direct_attr(interned).ok_or_else(|| unknown(vm, class, name))?;
    let set = original.class().slots.descr_set.load().ok_or_else(|| unknown(vm, class, name))?;
    let descriptor = original.clone();
    let getter = move |object: PyObjectRef, vm: &VirtualMachine| read(&original, &object, vm);
    let setter = move |object: PyObjectRef, value: PySetterValue, vm: &VirtualMachine| {
        let done = set(&descriptor, object.clone(), value, vm);
        after(&object);
        done
    };
    class.set_attr(interned, vm.ctx.new_getset(name, class, getter, setter).into());
    Ok(())
}

/// Has the descriptor that calls a slot of a built-in type call another function.
///
/// # Errors
/// `RuntimeError` if the type has no such descriptor.
pub(crate) fn slot_wrapper(
    vm: &VirtualMachine,
    class: &'static Py<PyType>,
    name: &'static str,
    original: usize,
    function: usize,
) -> PyResult<()> {
    /// Words that a descriptor has behind its head at least: its type, its name, the function with its kind, its docstring.
    const WORDS: usize = 6;
    let descriptor = class.get_direct_attr(vm.ctx.intern_str(name));
    let descriptor = descriptor.filter(|found| found.class().is(vm.ctx.types.wrapper_descriptor_type));
    let descriptor = descriptor.ok_or_else(|| unknown(vm, class, name))?;
    let start = std::ptr::from_ref::<PyObject>(&descriptor).cast_mut().cast::<u8>();
    // SAFETY: the payload of such a descriptor is a struct of so many words or more, in memory that was allocated for it.
    let words = unsafe { start.add(SIZEOF_PYOBJECT_HEAD).cast::<usize>() };
    // SAFETY: as above; no other thread runs yet.
    let mut found = (0..WORDS).filter(|&n| unsafe { words.add(n).read() } == original);
    match (found.next(), found.next()) {
        (Some(n), None) => {
            // SAFETY: the word is the pointer to a function of the same type as the new one.
            unsafe { words.add(n).write(function) };
            Ok(())
        }
        _ => Err(unknown(vm, class, name)),
    }
}

/// Attributes that can be set. (Every descriptor of a built-in attribute has a function for it, which may only raise.)
const SETTABLE: [&str; 1] = ["f_lineno"];

/// What `descriptor` says about `object`.
pub(crate) fn read(descriptor: &PyObject, object: &PyObject, vm: &VirtualMachine) -> PyResult {
    match descriptor.class().slots.descr_get.load() {
        Some(get) => get(descriptor, Some(object), Some(object.class().as_object()), vm),
        None => Err(vm.new_runtime_error("the JIT has replaced an attribute that cannot be read")),
    }
}

fn unknown(vm: &VirtualMachine, class: &Py<PyType>, name: &str) -> rustpython_vm::builtins::PyBaseExceptionRef {
    vm.new_runtime_error(format!("the JIT does not know this VM: {} objects have no {name}", class.name()))
}

pub(crate) fn find(methods: &'static [PyMethodDef], name: &str) -> Option<&'static PyMethodDef> {
    methods.iter().find(|method| method.name == name)
}

/// A copy of `original` that calls `wrapper`. It is never freed: the VM wants method definitions to be static, and there
/// are a handful of them.
pub(crate) fn wrapped(original: &'static PyMethodDef, wrapper: Wrapper) -> &'static PyMethodDef {
    let native = original.func;
    let mut def = original.clone();
    def.func = Box::leak(Box::new(move |vm: &VirtualMachine, args: FuncArgs, callee: Callee| {
        wrapper(native, vm, args, callee)
    }));
    Box::leak(Box::new(def))
}
