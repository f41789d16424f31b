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
//!
//! # Exceptions that are raised again
//! An instruction that raises an exception again (`raise` alone, the end of `finally`) adds nothing to the traceback. With
//! events on it does: the VM looks at the opcode that is in the code, and finds the one that fires the event. So RAISE
//! events are asked for as well: one that comes from such an instruction announces an entry that must go, and with the
//! next event of any kind, the frame's leaving included, it is there and is taken out. A subscription that is stopped by the
//! callback for such an instruction lasts until then.
//!
//! # Signal handlers and finalisers
//! They run between the moment when the VM has read an instruction and the one when it executes it. If that is one which fires
//! events, the VM then looks up what it stands for, which it has forgotten if events have been switched off meanwhile. So
//! nobody may stop a subscription while a watched frame is [interrupted](Monitor::interrupted).

use std::{
    cell::{Cell, RefCell},
    sync::atomic::Ordering::{AcqRel, Acquire, Release},
};

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseException, PyBaseExceptionRef, PyCode, PyTraceback},
};

use crate::frames::Frame;
use crate::layout::FrameLayout;
use crate::site::opcode_at;

/// PEP 669's tool number for optimizers.
const OPTIMIZER_ID: u32 = 5;

thread_local! {
    /// An exception that is being raised again, with the traceback that it keeps.
    static RAISED_AGAIN: RefCell<Option<(PyBaseExceptionRef, Option<PyRef<PyTraceback>>)>> = const { RefCell::new(None) };
    /// Whether the running callback was called for an instruction that raises an exception again.
    static RAISES_AGAIN: Cell<bool> = const { Cell::new(false) };
    /// A subscription that its owner has stopped, and that lasts until the exception has been raised again.
    static STOPPED: RefCell<Option<Monitor>> = const { RefCell::new(None) };
}

/// A running subscription. [`Monitor::stop`] ends it.
pub struct Monitor {
    set_local_events: PyObjectRef,
    free_tool_id: PyObjectRef,
    instruction: PyObjectRef,
    watched: Vec<PyRef<PyCode>>,
    layout: FrameLayout,
}

impl Monitor {
    /// Claims the optimizer tool and registers the callback: it gets the code object and the index of the code unit
    /// that is about to be executed by the current frame.
    ///
    /// # Errors
    /// When somebody else is using the optimizer tool, as the exception that `sys.monitoring` raises.
    pub fn start(
        callback: fn(&Py<PyCode>, u32, &VirtualMachine),
        layout: FrameLayout,
        vm: &VirtualMachine,
    ) -> PyResult<Monitor> {
        end_stopped(vm);
        let monitoring = vm.sys_module.get_attr("monitoring", vm)?;
        monitoring.get_attr("use_tool_id", vm)?.call((OPTIMIZER_ID, vm.ctx.new_str("tjit")), vm)?;
        let events = monitoring.get_attr("events", vm)?;
        let instruction = events.get_attr("INSTRUCTION", vm)?;
        let raise = events.get_attr("RAISE", vm)?;
        let unwind = events.get_attr("PY_UNWIND", vm)?;
        let on_instruction = vm.new_function(
            "on_instruction",
            move |code: PyObjectRef, offset: u32, vm: &VirtualMachine| -> PyResult<()> {
                settle_traceback();
                if !end_stopped(vm)
                    && let Some(code) = code.downcast_ref::<PyCode>()
                {
                    RAISES_AGAIN.set(raises_again(code, offset));
                    callback(code, offset / 2, vm);
                    RAISES_AGAIN.set(false);
                }
                Ok(())
            },
        );
        let on_raise = vm.new_function(
            "on_raise",
            |code: PyObjectRef, offset: u32, exception: PyObjectRef, _vm: &VirtualMachine| -> PyResult<()> {
                settle_traceback();
                if code.downcast_ref::<PyCode>().is_some_and(|code| raises_again(code, offset))
                    && let Ok(exception) = exception.downcast::<PyBaseException>()
                {
                    let before = exception.__traceback__();
                    RAISED_AGAIN.set(Some((exception, before)));
                }
                Ok(())
            },
        );
        let on_unwind = vm.new_function(
            "on_unwind",
            |_code: PyObjectRef, _offset: u32, _exception: PyObjectRef, vm: &VirtualMachine| -> PyResult<()> {
                settle_traceback();
                end_stopped(vm);
                Ok(())
            },
        );
        let monitor = Monitor {
            set_local_events: monitoring.get_attr("set_local_events", vm)?,
            free_tool_id: monitoring.get_attr("free_tool_id", vm)?,
            instruction: instruction.clone(),
            watched: Vec::new(),
            layout,
        };
        let register = monitoring.get_attr("register_callback", vm)?;
        for (event, function) in [(&instruction, on_instruction), (&raise, on_raise), (&unwind, on_unwind)] {
            register.call((OPTIMIZER_ID, event.clone(), PyObjectRef::from(function)), vm)?;
        }
        let set_events = monitoring.get_attr("set_events", vm)?;
        let everywhere = vm._or(&raise, &unwind)?;
        monitor.change(vm, || set_events.call((OPTIMIZER_ID, everywhere), vm))?;
        Ok(monitor)
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

    /// The innermost watched frame around the current one, which may have interrupted it.
    pub fn interrupted(&self) -> Option<Frame> {
        Frame::running(self.layout).skip(1).find(|frame| self.watched.iter().any(|watched| watched.is(frame.code())))
    }

    /// Whether a subscription that has been stopped still lasts, so that none can start.
    pub fn lasts(vm: &VirtualMachine) -> bool {
        end_stopped(vm);
        STOPPED.with_borrow(Option::is_some)
    }

    /// Switches all events off and gives the tool back.
    ///
    /// # Errors
    /// What `sys.monitoring` raises; the subscription is over in any case.
    pub fn stop(self, vm: &VirtualMachine) -> PyResult<()> {
        if RAISES_AGAIN.get() {
            STOPPED.set(Some(self));
            return Ok(());
        }
        settle_traceback();
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

/// Ends the subscription that has been stopped but for an exception, unless a watched frame is interrupted. Whether it has.
fn end_stopped(vm: &VirtualMachine) -> bool {
    let can_end = |monitor: &mut Monitor| monitor.interrupted().is_none();
    let stopped = STOPPED.with_borrow_mut(|stopped| stopped.take_if(can_end));
    // An error can only mean that the program has taken the tool over, which ends the events as well.
    stopped.map(|monitor| monitor.stop(vm)).is_some()
}

/// Whether the instruction at the offset raises an exception that has been raised before.
fn raises_again(code: &Py<PyCode>, offset: u32) -> bool {
    let unit = offset as usize / 2;
    match opcode_at(code, unit) {
        Some(Opcode::Reraise | Opcode::EndAsyncFor | Opcode::CleanupThrow) => true,
        Some(Opcode::RaiseVarargs) => u8::from(code.code.instructions.read_unit(unit).arg) == 0,
        _ => false,
    }
}

/// Takes the entry out that an exception has got as it was raised again.
fn settle_traceback() {
    let Some((exception, before)) = RAISED_AGAIN.take() else { return };
    let is_before = |entry: Option<&PyRef<PyTraceback>>| {
        entry.map(|entry| entry.get_id()) == before.as_ref().map(|entry| entry.get_id())
    };
    let mut outer: Option<PyRef<PyTraceback>> = None;
    let mut at = exception.__traceback__();
    while let Some(entry) = at {
        let next = entry.next.lock().clone();
        if is_before(next.as_ref()) {
            match outer {
                Some(outer) => *outer.next.lock() = next,
                None => exception.set_traceback(next),
            }
            return;
        }
        outer = Some(entry);
        at = next;
    }
}
