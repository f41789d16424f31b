//! While something is called that may run any code: the entered frame is written, and who looks at frames of inlined calls
//! finds them.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use rustpython_vm::{PyResult, VirtualMachine};
use tjit_codegen::Context;
use tjit_ir::{Slot, Ty};
use tjit_vm::callers::{Missing, Shown};

use super::make::{Maker, function_from};
use super::{Activation, holds};

thread_local! {
    /// Opaque calls under way from inlined frames, outermost first.
    static CALLS: RefCell<Vec<InlinedCall>> = const { RefCell::new(Vec::new()) };
}

/// An opaque call from an inlined frame. The frames between the entered one and what is called do not exist.
struct InlinedCall {
    ctx: *mut Context,
    missing: isize,
    /// The frames, once somebody has looked.
    shown: Option<Vec<Shown>>,
}

/// Makes the frames that do not exist, as somebody is about to look at the callers of a frame.
pub fn reveal(vm: &VirtualMachine) {
    let calls = CALLS.with_borrow(|calls| {
        calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.shown.is_none())
            .map(|(n, call)| (n, call.ctx))
            .collect::<Vec<_>>()
    });
    for (number, ctx) in calls {
        // What cannot be shown stays unseen.
        let shown = show(ctx, vm).unwrap_or_default();
        CALLS.with_borrow_mut(|calls| {
            if let Some(call) = calls.get_mut(number) {
                call.shown = Some(shown);
            }
        });
    }
}

fn show(ctx: *mut Context, vm: &VirtualMachine) -> PyResult<Vec<Shown>> {
    let activation = Activation::of(ctx);
    // SAFETY: the context is that of an activation that is in the middle of a call.
    let (id, values) = unsafe { ((*ctx).sync_exit, &(*ctx).values) };
    let Some((native, index)) = crate::engine::exit_owner(id) else { return Ok(Vec::new()) };
    let objects = activation.objects;
    let exit = &native.compiled.exits()[index];
    let mut maker = Maker {
        trace: &native.trace,
        ids: &exit.values,
        values: &values[..exit.values.len()],
        boxes: FxHashMap::default(),
        virtuals: FxHashMap::default(),
        objects,
        vm,
    };
    let mut missing = Vec::new();
    for state in native.trace.snapshot(exit.snapshot).frames.iter().skip(1) {
        let code = &native.codes[state.place.code.index()];
        let locals: Vec<_> = state.locals.iter().map(|&slot| maker.shown(slot)).collect();
        let function = match state.function {
            Some(function) => function_from(maker.value(function), |index| locals.get(index).cloned().flatten(), vm)?,
            None => activation.frame.function().map_or_else(|| vm.ctx.none(), ToOwned::to_owned),
        };
        let unit = code.instruction_at(state.place.unit).map_or(state.place.unit, |op| op.start + 1);
        missing.push(Missing { function, code: code.code.clone(), unit, locals });
    }
    tjit_vm::callers::link(missing, activation.frame, objects.layout.frame, vm)
}

/// Before an opaque call: writes the entered frame, so that whatever looks at it sees the truth.
pub fn sync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    if !activation.is_in_entered(ctx) {
        return;
    }
    // SAFETY: the context is the running activation's.
    let (id, values) = unsafe { ((*ctx).sync_exit, &(*ctx).values) };
    let Some((native, index)) = crate::engine::exit_owner(id) else { return };
    crate::engine::with_objects(|objects| {
        let exit = &native.compiled.exits()[index];
        let mut maker = Maker {
            trace: &native.trace,
            ids: &exit.values,
            values: &values[..exit.values.len()],
            boxes: FxHashMap::default(),
            virtuals: FxHashMap::default(),
            objects,
            vm: activation.vm,
        };
        let frame = activation.frame;
        let frames = &native.trace.snapshot(exit.snapshot).frames;
        let state = &frames[0];
        if frames.len() > 1 {
            let missing = frames.len() as isize - 1;
            tjit_vm::callers::recurse(activation.vm, missing);
            CALLS.with_borrow_mut(|calls| calls.push(InlinedCall { ctx, missing, shown: None }));
        }
        for (n, &slot) in state.locals.iter().enumerate() {
            match slot {
                Slot::Kept => continue,
                Slot::Value(value) if holds(frame, n, maker.scalar(value), objects) => continue,
                slot => drop(frame.replace_local(n, maker.shown(slot))),
            }
        }
        let code = &native.codes[state.place.code.index()];
        let end = code.instruction_at(state.place.unit).map_or(state.place.unit, |op| op.start + 1);
        frame.set_next_unit(end);
    });
}

/// After an opaque call: takes the references out of the frame again, which the trace owns itself.
pub fn unsync(ctx: *mut Context) {
    let activation = Activation::of(ctx);
    // SAFETY: the context is the running activation's.
    let id = unsafe { (*ctx).sync_exit };
    if activation.is_in_entered(ctx)
        && let Some((native, index)) = crate::engine::exit_owner(id)
    {
        let exit = &native.compiled.exits()[index];
        let frames = &native.trace.snapshot(exit.snapshot).frames;
        if frames.len() > 1
            && let Some(call) = CALLS.with_borrow_mut(Vec::pop)
        {
            tjit_vm::callers::recurse(activation.vm, -call.missing);
            drop(call);
        }
        for (n, &slot) in frames[0].locals.iter().enumerate() {
            let is_owned = match slot {
                Slot::Value(value) => native.trace.ty(value) == Ty::Ref,
                Slot::Virtual(_) => true,
                Slot::Kept | Slot::Empty => false,
            };
            if is_owned {
                drop(activation.frame.take_local(n));
            }
        }
    }
    // Threads or tracers that the call has started are served by leaving at the next poll.
    if crate::engine::must_leave(activation.vm) {
        // SAFETY: as above.
        unsafe { (*ctx).fuel = 0 };
    }
}
