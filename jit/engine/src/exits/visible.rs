//! While something is called that may run any code: the entered frame is written, and who looks at frames of inlined calls
//! finds them.

use std::cell::{Cell, RefCell};

use rustpython_vm::{PyObjectRef, PyResult, VirtualMachine};
use tjit_codegen::Context;
use tjit_ir::{FrameState, Slot, Ty};
use tjit_vm::callers::{Missing, Shown};

use super::make::{Maker, function_from};
use super::{Activation, Level, holds};
use crate::decode::Op;

thread_local! {
    /// Opaque calls under way, outermost first.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    /// What is called next is a native that looks at the frame that calls it.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// An opaque call that compiled code makes.
struct Call {
    ctx: *mut Context,
    /// How many frames do not exist between the entered one and what is called.
    missing: isize,
    /// Those frames, once somebody has looked.
    shown: Option<Vec<Shown>>,
    /// Whether the entered frame has been written.
    is_written: bool,
}

/// Makes the frames that do not exist, and writes those that have entered compiled code, as somebody is about to look.
pub fn reveal(vm: &VirtualMachine) {
    let calls = CALLS.with_borrow(|calls| {
        calls.iter().enumerate().map(|(number, call)| (number, call.ctx, call.shown.is_some())).collect::<Vec<_>>()
    });
    // Innermost first: what was entered without a frame finds its caller's only then.
    for (number, ctx, is_known) in calls.into_iter().rev() {
        if !is_known {
            // What cannot be shown stays unseen.
            let shown = show(ctx, vm).unwrap_or_default();
            write_entered(number, ctx);
            CALLS.with_borrow_mut(|calls| {
                if let Some(call) = calls.get_mut(number) {
                    call.shown = Some(shown);
                }
            });
        }
        let activation = Activation::of(ctx);
        CALLS.with_borrow(|calls| {
            let shown = calls.get(number).and_then(|call| call.shown.as_deref()).filter(|shown| !shown.is_empty());
            if let Some(shown) = shown {
                tjit_vm::callers::link(shown, activation.frame, activation.objects.layout.frame);
            }
        });
    }
}

/// The unit behind the start of a frame's call: what makes its line that of the call.
fn call_unit(level: &Level, state: &FrameState) -> u32 {
    level.code(state).instruction_at(state.place.unit).map_or(state.place.unit, |op| op.start + 1)
}

/// Where compiled code stands that is in the middle of an opaque call: that of the entered frame, then of each compiled
/// function, the one that makes the call last.
fn stands(ctx: *mut Context) -> Vec<Level> {
    // SAFETY: the context is that of an activation that is in the middle of a call.
    let (id, values, mut record) = unsafe { ((*ctx).sync_exit, &(*ctx).values, (*ctx).calls) };
    let mut found = Vec::from_iter(Level::new(id, |count| &values[..count]));
    // SAFETY: the records are on the native stack below this call.
    while let Some(call) = unsafe { record.as_ref() } {
        // SAFETY: the exit is the call's own.
        found.extend(Level::new(call.exit, |count| unsafe { call.values(count) }));
        record = call.outer;
    }
    found.reverse();
    found
}

fn show(ctx: *mut Context, vm: &VirtualMachine) -> PyResult<Vec<Shown>> {
    let activation = Activation::of(ctx);
    let objects = activation.objects;
    let mut missing = Vec::new();
    // The function of a call that compiled code makes.
    let mut callee: Option<PyObjectRef> = activation.function.map(ToOwned::to_owned);
    for (number, stand) in stands(ctx).iter().enumerate() {
        let mut maker = Maker::new(stand, objects, vm);
        for (depth, state) in stand.frames().iter().enumerate() {
            if number == 0 && depth == 0 && activation.function.is_none() {
                continue;
            }
            let locals: Vec<_> = state.locals.iter().map(|&slot| maker.shown(slot)).collect();
            let function = match (state.function, depth) {
                (Some(function), _) => {
                    function_from(maker.value(function), |index| locals.get(index).cloned().flatten(), vm)?
                }
                (None, 0) => callee.take().unwrap_or_else(|| vm.ctx.none()),
                (None, _) => activation.frame.function().map_or_else(|| vm.ctx.none(), ToOwned::to_owned),
            };
            let code = stand.code(state).code.clone();
            missing.push(Missing { function, code, unit: call_unit(stand, state), locals });
        }
        if let Some(state) = stand.frames().last() {
            let entries = stand.code(state).instruction_at(state.place.unit).map_or(0, Op::call_entries);
            let called = state.stack.len().checked_sub(entries).and_then(|at| state.stack.get(at));
            callee = called.and_then(|&slot| maker.shown(slot));
        }
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    tjit_vm::callers::show(missing, objects.layout.frame, vm)
}

/// Writes the entered frame of a call, so that whatever looks at it sees the truth.
fn write_entered(number: usize, ctx: *mut Context) {
    if Activation::of(ctx).function.is_some() {
        return;
    }
    let known = CALLS.with_borrow_mut(|calls| {
        calls.get_mut(number).is_none_or(|call| std::mem::replace(&mut call.is_written, true))
    });
    let stands = stands(ctx);
    let (false, Some(stand)) = (known, stands.first()) else { return };
    let activation = Activation::of(ctx);
    let mut maker = Maker::new(stand, activation.objects, activation.vm);
    let frame = activation.frame;
    let state = &stand.frames()[0];
    for (n, &slot) in state.locals.iter().enumerate() {
        match slot {
            Slot::Kept => continue,
            Slot::Value(value) if holds(frame, n, maker.scalar(value), activation.objects) => continue,
            slot => drop(frame.replace_local(n, maker.shown(slot))),
        }
    }
    frame.set_next_unit(call_unit(stand, state));
}

/// Takes the references out of the entered frame again, which the trace owns itself.
fn clear_entered(activation: &Activation<'_>, stand: &Level) {
    for (n, &slot) in stand.frames()[0].locals.iter().enumerate() {
        let is_owned = match slot {
            Slot::Value(value) => stand.native.trace.ty(value) == Ty::Ref,
            Slot::Virtual(_) => true,
            Slot::Kept | Slot::Empty => false,
        };
        if is_owned {
            drop(activation.frame.take_local(n));
        }
    }
}

/// The next opaque call is one of a native that looks at the entered frame.
pub fn expect_look() {
    EXPECTED.set(true);
}

/// Before an opaque call. Frames are made, and the entered one is written, when somebody looks.
pub fn sync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    // SAFETY: the context is the running activation's.
    let (frames, depth) = unsafe { ((*ctx).sync_frames, (*ctx).depth) };
    let missing = (activation.depth - depth + frames - 1) as isize;
    if missing > 0 {
        tjit_vm::callers::recurse(activation.vm, missing);
    }
    CALLS.with_borrow_mut(|calls| calls.push(Call { ctx, missing, shown: None, is_written: false }));
    if EXPECTED.take() || activation.function.is_none() && tjit_vm::callers::is_viewed(activation.frame) {
        write_entered(CALLS.with_borrow(Vec::len) - 1, ctx);
    }
}

/// After an opaque call.
pub fn unsync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    if let Some(call) = CALLS.with_borrow_mut(Vec::pop) {
        if call.missing > 0 {
            tjit_vm::callers::recurse(activation.vm, -call.missing);
        }
        if call.is_written
            && let Some(outermost) = stands(ctx).first()
        {
            clear_entered(activation, outermost);
        }
    }
    // Threads or tracers that the call has started are served by leaving at the next poll.
    if crate::engine::must_leave(activation.vm) {
        // SAFETY: as above.
        unsafe { (*ctx).leave_at_once() };
    }
}
