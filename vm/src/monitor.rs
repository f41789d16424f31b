//! Watching the interpreter execute: `sys.monitoring` INSTRUCTION events for chosen code objects.
//!
//! The JIT is the tool that PEP 669 reserves for optimizers, and only while it records. Nested events are suppressed by
//! the VM while a callback runs, so a callback never enters compiled code.

use rustpython_vm::{AsObject, Py, PyObjectRef, PyResult, VirtualMachine, builtins::PyCode};

/// PEP 669's tool number for optimizers.
const OPTIMIZER_ID: u32 = 5;

/// A running subscription. [`Monitor::stop`] ends it.
pub struct Monitor {
    set_local_events: PyObjectRef,
    free_tool_id: PyObjectRef,
    instruction: PyObjectRef,
    watched: Vec<PyObjectRef>,
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
        let code: PyObjectRef = code.as_object().to_owned();
        self.set_local_events.call((OPTIMIZER_ID, code.clone(), self.instruction.clone()), vm)?;
        if !self.watched.iter().any(|watched| watched.is(&code)) {
            self.watched.push(code);
        }
        Ok(())
    }

    /// Switches all events off and gives the tool back.
    ///
    /// # Errors
    /// What `sys.monitoring` raises; the subscription is over in any case.
    pub fn stop(self, vm: &VirtualMachine) -> PyResult<()> {
        // This switches the tool's events off for every code object. (Each change of events makes the VM look at all code
        // that runs anew, so it is done once.)
        self.free_tool_id.call((OPTIMIZER_ID,), vm).map(drop)
    }
}
