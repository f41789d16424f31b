//! Watching the interpreter execute: `sys.monitoring` INSTRUCTION events for chosen code objects.
//!
//! The JIT is the tool that PEP 669 reserves for optimizers, and only while it records. Nested events are suppressed by
//! the VM while a callback runs, so a callback never enters compiled code.
//!
//! # One code object at a time
//! The VM numbers the states of `sys.monitoring`. A change counts the number up; code that runs with an older one, which is
//! then all code, is gone through to be instrumented anew. For a change that concerns a few code objects that would cost a
//! program more than the recording. So a change of ours leaves the number as it was (it is lowered before, and the VM
//! raises it), and only the watched code objects are made to look out of date: see [`Monitor::change`].

use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

use rustpython_vm::{AsObject, Py, PyObjectRef, PyRef, PyResult, VirtualMachine, builtins::PyCode};

/// PEP 669's tool number for optimizers.
const OPTIMIZER_ID: u32 = 5;

/// A running subscription. [`Monitor::stop`] ends it.
pub struct Monitor {
    set_local_events: PyObjectRef,
    free_tool_id: PyObjectRef,
    instruction: PyObjectRef,
    watched: Vec<PyRef<PyCode>>,
}

impl Monitor {
    /// Claims the optimizer tool and registers the callback: it gets the code object and the index of the code unit
    /// that is about to be executed by the current frame.
    ///
    /// # Errors
    /// When somebody else is using the optimizer tool, as the exception that `sys.monitoring` raises.
    pub fn start(callback: fn(&Py<PyCode>, u32, &VirtualMachine), vm: &VirtualMachine) -> PyResult<Monitor> {
        let monitoring = vm.import("sys", 0)?.get_attr("monitoring", vm)?;
        monitoring.get_attr("use_tool_id", vm)?.call((OPTIMIZER_ID, vm.ctx.new_str("tjit")), vm)?;
        let instruction = monitoring.get_attr("events", vm)?.get_attr("INSTRUCTION", vm)?;
        let native = vm.new_function(
            "on_instruction",
            move |code: PyObjectRef, offset: u32, vm: &VirtualMachine| -> PyResult<()> {
                if let Some(code) = code.downcast_ref::<PyCode>() {
                    callback(code, offset / 2, vm);
                }
                Ok(())
            },
        );
        let register = monitoring.get_attr("register_callback", vm)?;
        register.call((OPTIMIZER_ID, instruction.clone(), PyObjectRef::from(native)), vm)?;
        Ok(Monitor {
            set_local_events: monitoring.get_attr("set_local_events", vm)?,
            free_tool_id: monitoring.get_attr("free_tool_id", vm)?,
            instruction,
            watched: Vec::new(),
        })
    }

    /// Switches events on for a code object, or on again: executing an instruction may have specialised it, which
    /// silences it. Frames that are running the code are covered.
    ///
    /// # Errors
    /// What `sys.monitoring.set_local_events` raises.
    pub fn watch(&mut self, code: &Py<PyCode>, vm: &VirtualMachine) -> PyResult<()> {
        if !self.watched.iter().any(|watched| watched.is(code)) {
            self.watched.push(code.to_owned());
        }
        let code: PyObjectRef = code.as_object().to_owned();
        self.change(vm, || self.set_local_events.call((OPTIMIZER_ID, code, self.instruction.clone()), vm))
    }

    /// Switches all events off and gives the tool back.
    ///
    /// # Errors
    /// What `sys.monitoring` raises; the subscription is over in any case.
    pub fn stop(self, vm: &VirtualMachine) -> PyResult<()> {
        // This switches the tool's events off for every code object at once.
        self.change(vm, || self.free_tool_id.call((OPTIMIZER_ID,), vm))
    }

    /// Makes a change of events that concerns the watched code only. The code of running frames is instrumented at once,
    /// other code when it is next called or resumed.
    fn change(&self, vm: &VirtualMachine, change: impl FnOnce() -> PyResult) -> PyResult<()> {
        let version = &vm.state.instrumentation_version;
        let before = version.load(Acquire);
        if before == 0 {
            // Nobody has changed anything yet, and there is no number below: the first change is like any other.
            return change().map(drop);
        }
        for code in &self.watched {
            code.instrumentation_version.store(0, Release);
        }
        version.fetch_sub(1, AcqRel);
        let result = change();
        // What fails has changed nothing, and not counted.
        if result.is_err() {
            version.fetch_add(1, AcqRel);
        }
        result.map(drop)
    }
}
