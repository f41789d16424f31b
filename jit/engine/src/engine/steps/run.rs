//! Running a step trace, and what it says about the frame that it leaves.

use std::cell::RefCell;
use std::time::Instant;

use rustpython_vm::{PyObjectRef, PyResult, VirtualMachine};
use tjit_codegen::{Context, RETURNED};
use tjit_vm::generators::Running;

use super::chain::{Chain, Hidden};
use super::{Calls, ENGINE, Entry, TIMED_EVERY};
use crate::engine::entering::{self, levels};
use crate::exits::{self, Activation};
use crate::recorder::World;

/// How compiled code that was entered for a step has ended.
pub(super) enum Ended {
    Yielded(PyObjectRef),
    /// An asynchronous generator has given a value.
    Gave(PyObjectRef),
    Returned(PyObjectRef),
    /// It steps another generator in its place from now on.
    Delegates,
    /// The interpreter has to go on.
    Left,
}

/// Runs a step trace of the last generator of a chain.
#[inline]
pub(super) fn enter(entry: &mut Entry, chain: &Chain, vm: &VirtualMachine) -> PyResult<Ended> {
    let layout = &entry.world.objects.layout;
    let running = Running::mark(chain.current, layout);
    let waiting = if entry.calls == Calls::Nothing { &[][..] } else { &chain.parents[..] };
    let waiting = waiting.iter().map(|waiting| Running::mark(waiting.generator, layout));
    let waiting: Vec<Running<'_>> = waiting.collect();
    let ended = match entry.calls {
        Calls::Nothing => run(entry, None, vm),
        Calls::Generators => run(entry, Some(Hidden::new(chain)), vm),
        Calls::Anything => {
            let mut ended = None;
            chain.in_frames(0, vm, &mut || ended = Some(run(entry, None, vm))).and_then(|()| ended.expect("it has run"))
        }
    };
    drop((running, waiting));
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            engine.steps.depth -= 1;
            engine.contexts.extend(entry.context.take());
            if entry.number.is_multiple_of(TIMED_EVERY) {
                engine.note_step(entry);
            }
        }
    });
    ended
}

#[inline]
fn run(entry: &mut Entry, hidden: Option<Hidden>, vm: &VirtualMachine) -> PyResult<Ended> {
    let Entry { native, world, context, frame, number, .. } = entry;
    let (frame, objects) = (*frame, &world.objects);
    let context = context.as_mut().expect("the step has not been run");
    let (depth, unwound) = (context.depth, RefCell::default());
    let activation = Activation { vm, frame, function: None, objects, depth, hidden, unwound };
    context.frame_slots = frame.locals();
    context.host = std::ptr::from_ref(&activation).cast_mut().cast();
    context.suspended = 0;
    let context_pointer: *mut Context = &raw mut **context;
    let began = number.is_multiple_of(TIMED_EVERY).then(Instant::now);
    // SAFETY: the context is valid and holds the parameters, read from this very frame; the layout was checked at
    // start-up; only this thread runs Python code.
    let id = unsafe { native.compiled.enter(context_pointer) };
    if let Some(began) = began {
        native.running.set(native.running.get() + began.elapsed() * TIMED_EVERY as u32);
    }
    if id == RETURNED {
        native.returns.set(native.returns.get() + 1);
        // SAFETY: the end of a step trace hands over one reference.
        let value = unsafe { objects.own_ref(context.result) };
        return Ok(match Suspension::of(context.suspended) {
            Some(Suspension { unit, depth, how }) => {
                frame.set_stack_depth(depth);
                frame.set_next_unit(unit);
                match how {
                    Suspends::Yielding => Ended::Yielded(value),
                    Suspends::Giving => Ended::Gave(value),
                    Suspends::Delegating => Ended::Delegates,
                }
            }
            None => Ended::Returned(value),
        });
    }
    leave(id, &activation, context, world)
}

/// A step trace has been left by an exit: the frame is made to go on from there when the VM resumes it.
#[cold]
fn leave(id: u64, activation: &Activation<'_>, context: &mut Context, world: &World) -> PyResult<Ended> {
    let (raised, frame) = (exits::take_exception(context), activation.frame);
    let exits = levels(id, activation, context);
    entering::leave(exits, raised, (frame, Some(frame)), true, world, activation.vm).map(|_| Ended::Left)
}

/// How a step trace has left its frame.
pub struct Suspension {
    /// Where the generator goes on.
    pub unit: u32,
    /// Entries of its value stack.
    pub depth: usize,
    /// What for.
    pub how: Suspends,
}

/// What a step trace has left its frame for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Suspends {
    /// The generator yields.
    Yielding,
    /// The generator is asynchronous, and gives a value.
    Giving,
    /// The topmost entry of its stack is a generator that is to be stepped in its place.
    Delegating,
}

impl Suspension {
    const HOW: [Suspends; 3] = [Suspends::Yielding, Suspends::Giving, Suspends::Delegating];
    /// Bits of a word above which it says what for.
    const BELOW: u32 = 60;

    /// From what compiled code says. `None`: the generator has ended.
    fn of(word: u64) -> Option<Suspension> {
        let (unit, depth) = ((word & 0xffff_ffff) as u32, (word >> 32) as usize & 0xfff_ffff);
        let how = Self::HOW.get((word >> Self::BELOW) as usize)?;
        (unit > 0).then_some(Suspension { unit, depth, how: *how })
    }

    /// As compiled code says it.
    pub fn word(&self) -> i64 {
        i64::from(self.unit) | (self.depth as i64) << 32 | (self.how as i64) << Self::BELOW
    }
}
