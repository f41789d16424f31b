//! Calls of Python functions that native code makes: a sort's keys, comparisons and hashes, what `map` applies, properties
//! that the VM reads. The interpreter's own calls do not come this way.

use std::sync::OnceLock;

use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine, function::FuncArgs};

/// Runs a call of a function with these arguments, or gives them back.
pub type Run = fn(&PyObject, Vec<PyObjectRef>, &VirtualMachine) -> Result<PyResult, Vec<PyObjectRef>>;

type Call = fn(&PyObject, FuncArgs, &VirtualMachine) -> PyResult;
type VectorCall = fn(&PyObject, Vec<PyObjectRef>, usize, Option<&[PyObjectRef]>, &VirtualMachine) -> PyResult;

struct Slots {
    run: Run,
    call: Call,
    vector_call: VectorCall,
}

static SLOTS: OnceLock<Slots> = OnceLock::new();

/// Has `run` asked before the VM calls a function.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine, run: Run) -> PyResult<()> {
    let slots = &vm.ctx.types.function_type.slots;
    let (Some(call), Some(vector_call)) = (slots.call.load(), slots.vectorcall.load()) else {
        return Err(vm.new_runtime_error("the JIT does not know this VM: functions are called in another way"));
    };
    SLOTS.get_or_init(|| Slots { run, call, vector_call });
    slots.call.store(Some(|function, args, vm| {
        let slots = slots_of_functions();
        if !args.kwargs.is_empty() {
            return (slots.call)(function, args, vm);
        }
        (slots.run)(function, args.args, vm).unwrap_or_else(|args| (slots.call)(function, FuncArgs::from(args), vm))
    }));
    slots.vectorcall.store(Some(|function, mut args, count, names, vm| {
        let slots = slots_of_functions();
        if names.is_some_and(|names| !names.is_empty()) {
            return (slots.vector_call)(function, args, count, names, vm);
        }
        args.truncate(count);
        (slots.run)(function, args, vm).unwrap_or_else(|args| (slots.vector_call)(function, args, count, None, vm))
    }));
    Ok(())
}

fn slots_of_functions() -> &'static Slots {
    SLOTS.get().expect("the slots are kept before they are replaced")
}
