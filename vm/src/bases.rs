//! Abstract base classes: what the caches say in which they keep who is an instance, and how often classes were registered.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyTuple, PyType, PyWeak},
    function::{Callee, FuncArgs},
};

use crate::instrument::patch::{self, Native, Wrapper};

/// How often a class was registered with an abstract base class.
static REGISTERED: AtomicU64 = AtomicU64::new(0);

/// What is needed to ask abstract base classes.
pub struct Bases {
    /// Their metaclass's `__instancecheck__`.
    check: PyObjectRef,
    dump: PyObjectRef,
    token: PyObjectRef,
}

impl Bases {
    /// Finds it, and sees to it that registered classes are counted.
    ///
    /// # Errors
    /// What importing `abc` raises, and `RuntimeError` if the VM is not the one that the JIT knows.
    pub fn install(vm: &VirtualMachine) -> PyResult<Bases> {
        const REGISTER: &str = "_abc_register";
        let (native, public) = (vm.import("_abc", 0)?, vm.import("abc", 0)?);
        patch::functions(vm, &native, &[(REGISTER, register as Wrapper)])?;
        // It has imported the name.
        public.set_attr(vm.ctx.intern_str(REGISTER), native.get_attr(REGISTER, vm)?, vm)?;
        Ok(Bases {
            check: public.get_attr("ABCMeta", vm)?.get_attr("__instancecheck__", vm)?,
            dump: native.get_attr("_get_dump", vm)?,
            token: native.get_attr("get_cache_token", vm)?,
        })
    }

    /// Whether a class keeps who is its instance.
    #[must_use]
    pub fn keeps(&self, class: &Py<PyType>, vm: &VirtualMachine) -> bool {
        class.class().get_attr(vm.ctx.intern_str("__instancecheck__")).is_some_and(|check| check.is(&self.check))
    }

    /// What such a class has kept of instances of another, which have no `__class__` of their own: yes for ever, no until a
    /// class is [registered](registered). Runs no Python code.
    #[must_use]
    pub fn kept(&self, class: &Py<PyType>, of: &Py<PyType>, vm: &VirtualMachine) -> Option<bool> {
        let dump = self.dump.call((class.to_owned(),), vm).ok()?;
        let [registry, yes, no, version] = dump.downcast_ref::<PyTuple>()?.as_slice() else { return None };
        let has = |known: &PyObject| {
            let known: Vec<PyObjectRef> = known.try_to_value(vm).ok()?;
            let mut classes = known.iter().filter_map(|reference| reference.downcast_ref::<PyWeak>()?.upgrade());
            Some(classes.any(|class| class.is(of.as_object())))
        };
        // What was registered itself is found without being kept.
        if has(registry)? || has(yes)? {
            return Some(true);
        }
        let token: u64 = self.token.call((), vm).ok()?.try_to_value(vm).ok()?;
        (has(no)? && version.try_to_value::<u64>(vm).ok()? == token).then_some(false)
    }
}

/// How often a class was registered.
#[must_use]
pub fn registered() -> u64 {
    REGISTERED.load(Relaxed)
}

fn register(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    REGISTERED.fetch_add(1, Relaxed);
    native(vm, args, callee)
}
