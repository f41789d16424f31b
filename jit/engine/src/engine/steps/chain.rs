//! Resuming a generator: the chain of those that wait for one another, and what is done one step after the other until there
//! is something to give.

use std::cell::Cell;

use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine};
use tjit_codegen::Context;
use tjit_vm::frames::Frame;
use tjit_vm::generators::{Resumable, Resumed, in_frame};
use tjit_vm::resume::Install;

use super::run::{Ended, enter};
use super::{Action, Calls, ENGINE, Engine};
use crate::exits::{self, Activation};

/// A native resumes a generator. `None`: the VM is to do it. (This runs at every step: nothing is moved that need not be.)
///
/// A generator that waits in a `yield from` of another is not entered: the innermost one is, and what it yields goes straight
/// to who has asked. When it returns, the one around it goes on behind its SEND.
pub(in crate::engine) fn resume(
    root: Resumable<'_>,
    sent: Option<PyObjectRef>,
    vm: &VirtualMachine,
) -> Option<PyResult<Resumed>> {
    resume_with(root, sent, None, vm)
}

/// The same from compiled code with this context. The calls under way are only noted down when there is something that may
/// look at them.
pub(crate) fn resume_from(
    root: Resumable<'_>,
    context: *mut Context,
    vm: &VirtualMachine,
) -> Option<PyResult<Resumed>> {
    resume_with(root, None, Some(context), vm)
}

/// `generator.send(value)`.
///
/// # Errors
/// What the generator raises.
pub(crate) fn send(generator: Resumable<'_>, value: &PyObject, vm: &VirtualMachine) -> PyResult<Resumed> {
    let sent = (!vm.is_none(value)).then(|| value.to_owned());
    let resumed = resume_with(generator, sent, None, vm);
    resumed.unwrap_or_else(|| by_vm(generator, value.to_owned(), vm))
}

#[inline]
fn resume_with(
    root: Resumable<'_>,
    sent: Option<PyObjectRef>,
    from: Option<*mut Context>,
    vm: &VirtualMachine,
) -> Option<PyResult<Resumed>> {
    // SAFETY: whoever resumes it keeps it alive until it is done.
    let current = unsafe { root.detach() };
    let mut chain =
        Chain { parents: Vec::new(), current, sent, behind: None, context: from, is_synced: Cell::new(false) };
    let resumed = resume_chain(&mut chain, root, vm);
    if chain.is_synced.get() {
        from.into_iter().for_each(exits::unsync);
    }
    if chain.parents.capacity() > 0 {
        chain.parents.clear();
        PARENTS.set(chain.parents);
    }
    resumed
}

thread_local! {
    /// Room for [`Chain::parents`].
    static PARENTS: Cell<Vec<Waiting>> = const { Cell::new(Vec::new()) };
}

/// A step under way whose frames are not on the chain of frames: nothing has been about to look at them so far.
#[derive(Clone, Copy)]
pub struct Hidden(*const Chain);

impl Hidden {
    pub(super) fn new(chain: &Chain) -> Hidden {
        Hidden(chain)
    }
}

/// Does something that may look at frames, called by compiled code with this context: the frames of the steps that it is
/// called from are on the chain of frames meanwhile.
///
/// # Errors
/// When there is no room for these frames. `run` has not been called then.
pub(crate) fn in_sight(context: *mut Context, vm: &VirtualMachine, run: &mut dyn FnMut()) -> PyResult<()> {
    let Some(Hidden(chain)) = Activation::of(context).hidden else {
        run();
        return Ok(());
    };
    // SAFETY: the step is under way, and its chain is on the native stack below.
    let chain = unsafe { &*chain };
    let mut seen = Ok(());
    chain.in_sight(vm, &mut || seen = chain.in_frames(0, vm, run))?;
    seen
}

#[inline]
fn resume_chain(chain: &mut Chain, root: Resumable<'_>, vm: &VirtualMachine) -> Option<PyResult<Resumed>> {
    let mut has_begun = false;
    loop {
        let mut entry = None;
        let action = ENGINE.with(|engine| match engine.try_borrow_mut() {
            Ok(mut engine) => {
                engine.as_mut().map_or(Action::Interpret, |engine| engine.on_resume(chain, vm, &mut entry))
            }
            // The engine is at work further out: a finaliser runs while it drops something.
            Err(_) => Action::Interpret,
        });
        let (Action::Enter, Some(mut entry)) = (action, entry) else {
            if action != Action::Record && !has_begun {
                return None;
            }
            let (sent, behind) = (chain.sent.take(), chain.behind.take());
            return Some(interpret(chain, root, vm, || match action {
                Action::Record => record(sent, behind, root, vm),
                _ => go_on_interpreted(sent, behind, root, None, vm),
            }));
        };
        has_begun = true;
        chain.behind = None;
        let ended = if entry.calls == Calls::Anything {
            let mut ended = None;
            let frames = chain.in_sight(vm, &mut || ended = Some(enter(&mut entry, chain, vm)));
            frames.and_then(|()| ended.expect("it has been called"))
        } else {
            enter(&mut entry, chain, vm)
        };
        match ended {
            Ok(Ended::Yielded(value)) => return Some(Ok(Resumed::Yields(value))),
            Ok(Ended::Gave(value)) => return Some(Ok(Resumed::Gives(value))),
            Ok(Ended::Delegates) => {}
            Ok(Ended::Left) => return Some(interpret(chain, root, vm, || by_vm(root, vm.ctx.none(), vm))),
            Ok(Ended::Returned(value)) => {
                chain.current.set_closed(true);
                if chain.parents.is_empty() {
                    return Some(Ok(Resumed::Ends((!vm.is_none(&value)).then_some(value))));
                }
                chain.go_out(value, vm);
            }
            Err(exception) => {
                // As when the interpreter finds no room for the frame.
                chain.current.set_closed(true);
                return Some(Err(exception));
            }
        }
    }
}

/// Lets the VM go on with a chain of generators.
#[cold]
fn interpret(
    chain: &Chain,
    root: Resumable<'_>,
    vm: &VirtualMachine,
    run: impl FnOnce() -> PyResult<Resumed>,
) -> PyResult<Resumed> {
    let (mut run, mut resumed) = (Some(run), None);
    let seen = chain.in_sight(vm, &mut || resumed = run.take().map(|run| run()));
    if seen.is_err() {
        // As when the interpreter finds no room for the frame.
        root.set_closed(true);
    }
    seen?;
    resumed.expect("it has been called")
}

/// A generator that waits in a `yield from`.
pub(super) struct Waiting {
    pub(super) generator: Resumable<'static>,
    pub(super) frame: Frame,
    /// The unit behind the SEND.
    pub(super) behind: u32,
}

/// Generators each of which waits in a `yield from` of the next.
pub(super) struct Chain {
    /// All but the last. Each keeps the next one alive, and the caller the first.
    pub(super) parents: Vec<Waiting>,
    /// The last.
    pub(super) current: Resumable<'static>,
    /// What the current one is sent, if it is not None.
    pub(super) sent: Option<PyObjectRef>,
    /// The frame of the current one, if it stands behind a SEND that has given what is sent.
    pub(super) behind: Option<Frame>,
    /// That of the compiled code that resumes them.
    pub(super) context: Option<*mut Context>,
    /// The calls of that code have been noted down.
    is_synced: Cell<bool>,
}

impl Chain {
    /// The current generator waits for another one, which is the current one now.
    pub(super) fn go_in(&mut self, inner: Resumable<'static>, frame: Frame, behind: u32) {
        if self.parents.capacity() == 0 {
            self.parents = PARENTS.take();
        }
        self.parents.push(Waiting { generator: self.current, frame, behind });
        self.current = inner;
    }

    /// Does something that may look at frames: those of the compiled code that resumes the chain are to be seen meanwhile.
    fn in_sight(&self, vm: &VirtualMachine, run: &mut dyn FnMut()) -> PyResult<()> {
        let Some(context) = self.context else {
            run();
            return Ok(());
        };
        in_sight(context, vm, &mut || {
            if !self.is_synced.replace(true) {
                exits::sync(context);
            }
            run();
        })
    }

    /// Does something with the frames of the generators, from one on, on the chain of frames.
    pub(super) fn in_frames(&self, from: usize, vm: &VirtualMachine, run: &mut dyn FnMut()) -> PyResult<()> {
        let Some(waiting) = self.parents.get(from) else {
            return in_frame(self.current, vm, || {
                run();
                Ok(())
            });
        };
        in_frame(waiting.generator, vm, || self.in_frames(from + 1, vm, run))
    }

    /// The current generator has ended: the one around it goes on behind its SEND,
    /// with what that has returned.
    fn go_out(&mut self, value: PyObjectRef, vm: &VirtualMachine) {
        let Some(parent) = self.parents.pop() else { return };
        self.current = parent.generator;
        parent.frame.set_next_unit(parent.behind);
        // (None is what the interpreter sends, too.)
        self.sent = (!vm.is_none(&value)).then_some(value);
        self.behind = Some(parent.frame);
    }
}

/// The VM resumes a generator.
fn by_vm(generator: Resumable<'_>, value: PyObjectRef, vm: &VirtualMachine) -> PyResult<Resumed> {
    generator.send(value, vm).map(|answer| Resumed::of(answer, vm))
}

/// The VM goes on with a chain of generators. `then` is called when the frame of the innermost one stands.
fn go_on_interpreted(
    sent: Option<PyObjectRef>,
    behind: Option<Frame>,
    root: Resumable<'_>,
    then: Option<Install>,
    vm: &VirtualMachine,
) -> PyResult<Resumed> {
    let is_watched = then.is_some();
    let value = sent.unwrap_or_else(|| vm.ctx.none());
    match behind {
        // (None is what the interpreter sends, too. But a recording begins at the frame's first instruction.)
        Some(frame) if is_watched || !vm.is_none(&value) => exits::suspend_with(frame, value, then),
        Some(_) => {}
        None => return by_vm(root, value, vm),
    }
    by_vm(root, vm.ctx.none(), vm)
}

/// The VM resumes a chain of generators, and the innermost one is watched.
fn record(
    sent: Option<PyObjectRef>,
    behind: Option<Frame>,
    root: Resumable<'_>,
    vm: &VirtualMachine,
) -> PyResult<Resumed> {
    let is_behind = behind.is_some();
    let then: Install = Box::new(|frame, vm| with_engine(|engine| engine.record_step(frame, vm)));
    let resumed = go_on_interpreted(sent, behind, root, is_behind.then_some(then), vm);
    with_engine(|engine| engine.end_step_recording(vm));
    resumed
}

fn with_engine(run: impl FnOnce(&mut Engine)) {
    ENGINE.with(|engine| {
        if let Ok(mut engine) = engine.try_borrow_mut()
            && let Some(engine) = engine.as_mut()
        {
            run(engine);
        }
    });
}
