//! What happens at a site: whether compiled code is entered there, and what is done when it has been left.

use std::cell::RefCell;
use std::rc::Rc;

use rustpython_vm::{AsObject, Py, PyResult, VirtualMachine, builtins::PyBaseExceptionRef};
use tjit_codegen::{Context, RETURNED};
use tjit_events::Reason;
use tjit_ir::Ty;
use tjit_vm::frames::Frame;
use tjit_vm::instrument;
use tjit_vm::options::JitMode;
use tjit_vm::resume;
use tjit_vm::site::{Site, SiteHook, SiteKind};

use super::headers::Header;
use super::recording::{DEFERRED_FACTOR, is_importing, start_bridge};
use super::{ENGINE, Engine, collector, decode, functions, must_leave};
use crate::clock::Run;
use crate::exits::{self, Activation, Leaving, Level};
use crate::native::{ExitState, Native};
use crate::recorder::{CallEnd, World};

/// Compiled versions of one header, at most.
pub(super) const MAX_VERSIONS: usize = 4;

/// What a site is to do.
enum Action {
    Continue,
    Enter(Rc<Native>, Box<Context>),
}

/// The hook that all sites ask.
pub(super) struct Hook;

impl SiteHook for Hook {
    fn on_site(&self, site: &Py<Site>, vm: &VirtualMachine) -> PyResult<bool> {
        if site.kind() == SiteKind::Entry && resume::is_pending() {
            let installed = install_pending(vm);
            if !resume::is_pending() {
                // It was made to ask, whatever its count.
                let is_compiled = ENGINE.with(|engine| {
                    let engine = engine.try_borrow().ok()?;
                    let header = engine.as_ref()?.headers.by_site.get(&site.as_object().get_id())?;
                    Some(!header.versions.is_empty())
                });
                site.set_count(if is_compiled == Some(true) { site.limit() } else { 0 });
            }
            if installed {
                return Ok(true);
            }
        }
        if crate::names::wait_for_stamps()
            && !must_leave(vm)
            && let Some(layout) =
                ENGINE.with(|engine| Some(engine.try_borrow().ok()?.as_ref()?.world.objects.layout.dict))
        {
            crate::names::give_stamps(layout, vm);
        }
        let action = ENGINE.with(|engine| match engine.try_borrow_mut() {
            Ok(mut engine) => engine.as_mut().map_or(Action::Continue, |engine| engine.on_header(site, vm)),
            // The engine is at work further out: a finaliser runs while it drops something.
            Err(_) => Action::Continue,
        });
        if site.kind() == SiteKind::Entry
            && resume::is_pending()
            && let Some(frame) = frame_layout().and_then(Frame::current)
            && resume::is_suspended_at_entry(frame.code())
        {
            // The site has to ask when that frame comes by, whatever this pass of another one has set its count to.
            instrument::switch_entry(frame.code(), true);
        }
        match action {
            Action::Continue => Ok(false),
            Action::Enter(native, context) => enter(native, context, vm),
        }
    }
}

fn frame_layout() -> Option<tjit_vm::layout::FrameLayout> {
    ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.world.objects.layout.frame))
}

/// An entry site was reached: if a replayed frame waits for it, it is installed.
fn install_pending(vm: &VirtualMachine) -> bool {
    let (Some(layout), true) = (frame_layout(), resume::is_pending()) else { return false };
    let Some(frame) = Frame::current(layout) else { return false };
    let Some(install) = resume::take_pending(frame) else { return false };
    install(frame, vm);
    true
}

/// Runs compiled code from a header, and leaves it at whatever exit it comes to.
fn enter(native: Rc<Native>, mut context: Box<Context>, vm: &VirtualMachine) -> PyResult<bool> {
    let world = ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.world.clone()));
    let Some(world) = world else { return Ok(false) };
    let Some(frame) = Frame::current(world.objects.layout.frame) else { return Ok(false) };
    let state = native.state.clone().expect("a trace that is entered has a header state");
    let dropped = state.take(frame, &world.objects);
    let (depth, unwound) = (context.depth, RefCell::default());
    let activation = Activation { vm, frame, function: None, objects: &world.objects, depth, hidden: None, unwound };
    context.frame_slots = frame.locals();
    context.host = std::ptr::from_ref(&activation).cast_mut().cast();
    let context_pointer: *mut Context = &raw mut *context;
    native.entries.set(native.entries.get() + 1);
    let fuel = context.fuel;
    let run = Run::begin();
    let began = run.began();
    // Iterators that were taken apart: their parts are the trace's now.
    drop(dropped);
    // SAFETY: the context is valid and holds the parameters that the header state has read from this very frame; the
    // layout was checked at start-up; only this thread runs Python code.
    let id = unsafe { native.compiled.enter(context_pointer) };
    let (elapsed, own) = run.end();
    let raised = exits::take_exception(context_pointer);
    native.running.set(native.running.get() + elapsed);
    native.back_edges.set(native.back_edges.get() + context.used(fuel));
    let result = if id == RETURNED {
        let code = &native.root.0;
        // What can only be entered from here returns objects.
        let ty = native.function.map_or(Some(Ty::Ref), |generation| world.functions.result(code.key(), generation));
        let ty = ty.expect("a function that has returned has a form for its result");
        native.returns.set(native.returns.get() + 1);
        exits::return_from(frame, code, exits::returned(ty, context.result, &world.objects, vm));
        Ok(())
    } else {
        leave(levels(id, &activation, &context), raised, (frame, Some(frame)), false, &world, vm).map(drop)
    };
    native.leaving.set(native.leaving.get() + began.elapsed().saturating_sub(elapsed));
    let collects = context.unused > 0;
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            engine.contexts.push(context);
            engine.ran(&native, own);
            engine.judge(&native);
        }
    });
    result?;
    if collects {
        collector::collect(vm);
    }
    Ok(true)
}

/// The exits by which compiled code was left, innermost first: the last one has this id.
pub(super) fn levels(id: u64, activation: &Activation<'_>, context: &Context) -> Vec<Level> {
    let mut exits = activation.unwound.take();
    exits.push(Level::taken(id, context));
    exits
}

/// Leaves compiled code by the exits that were taken, innermost first. That one counts. `near` is the innermost frame that
/// there is, `entered` the one that has entered: see [`exits::leave`]; for `suspends`, [`Leaving`].
pub(super) fn leave(
    levels: Vec<Level>,
    raised: Option<PyBaseExceptionRef>,
    (near, entered): (Frame, Option<Frame>),
    suspends: bool,
    world: &World,
    vm: &VirtualMachine,
) -> PyResult<Option<resume::Install>> {
    let (native, index) = (levels[0].native.clone(), levels[0].exit);
    let record = &native.exits[index];
    record.count.set(record.count.get() + 1);
    record.callers.set(record.callers.get() + levels.len() as u64 - 1);
    let heat = record.heat();
    let is_hot = match record.state.get() {
        ExitState::Counting(threshold) if heat >= threshold => {
            let kind = native.exit_kind(index);
            kind != Reason::Fuel
                && (kind == Reason::Raised) == (raised.is_some() || native.redo(index).is_some())
                // It waits once; what it has to reach after an abort is more anyway.
                && (heat >= threshold * u64::from(DEFERRED_FACTOR) && !is_importing(near)
                    || ENGINE.with_borrow(|engine| {
                        engine.as_ref().is_some_and(|engine| {
                            threshold != u64::from(engine.options.threshold_exit) || !engine.is_over_budget(near)
                        })
                    }))
        }
        _ => false,
    };
    let can_record = is_hot
        && ENGINE.with_borrow_mut(|engine| {
            engine.as_mut().is_some_and(|engine| !engine.is_full() && engine.off.is_none() && !engine.ended)
                && !must_leave(vm)
        });
    let then: Option<resume::Install> = if can_record {
        // A call that has raised may go on in a handler; one that asks for its instruction to be done again goes on with that.
        let end = match &raised {
            Some(raised) => Some(CallEnd::Raised(raised.class().to_owned(), raised.__traceback__().is_some())),
            None => native.redo(index).map(CallEnd::Redo),
        };
        Some(Box::new(move |frame, vm| start_bridge(native, index, end, frame, vm)))
    } else {
        None
    };
    exits::leave(Leaving { levels, raised, then, suspends }, entered, &world.objects, vm)
}

impl Engine {
    fn on_header(&mut self, site: &Py<Site>, vm: &VirtualMachine) -> Action {
        self.settle_given_up(vm);
        if self.recorder.is_some() || self.ended || !site.can_redirect() {
            return Action::Continue;
        }
        if must_leave(vm) {
            self.switch_off(if vm.state.thread_count.load() > 0 { Reason::Threads } else { Reason::Settrace });
            return Action::Continue;
        }
        self.switch_on();
        self.collect();
        let Some(frame) = Frame::current(self.world.objects.layout.frame) else { return Action::Continue };
        if self.ended_in_site == Some((frame, site.after())) {
            // The site's jump was dispatched while it was instrumented, and that form has fixed its target: this pass
            // cannot be redirected, though the code looks as if it could.
            self.ended_in_site = None;
            return Action::Continue;
        }
        if self.is_left_to_steps(site, frame) {
            return Action::Continue;
        }
        let key = site.as_object().get_id();
        if !self.headers.by_site.contains_key(&key) {
            let code = decode(frame.code());
            let Some(info) = code.site(site.unit()).cloned() else { return Action::Continue };
            if site.kind() == SiteKind::Entry && !Engine::can_be_root(frame) {
                if resume::is_pending() {
                    // Another frame of the code, a generator, still has to come by.
                    return Action::Continue;
                }
                site.retire(&code.code);
                self.world.functions.refuse(code.key());
                return Action::Continue;
            }
            self.headers.add(Header::new(info.site, code), site.unit());
        }
        let header = self.headers.by_site.get_mut(&key).expect("just inserted");
        if header.blacklisted {
            return Action::Continue;
        }
        let depth = functions::depth_left(&self.world, vm);
        if depth < if site.kind() == SiteKind::Entry { functions::MIN_DEPTH } else { 0 } {
            if site.kind() == SiteKind::Entry {
                // It would be asked at every call, in vain.
                site.set_count(site.limit() / 2);
            }
            return Action::Continue;
        }
        let mut values = Vec::new();
        for (native, state) in &header.versions {
            if state.read(frame, &self.world.objects, vm, &mut values).is_some() {
                let native = native.clone();
                let context = self.context(&values, depth);
                return Action::Enter(native, context);
            }
        }
        if !header.versions.is_empty() {
            header.misses += 1;
            let is_full = header.versions.len() >= MAX_VERSIONS;
            if header.is_complete || header.misses < 3 || is_full && !header.make_room() {
                return Action::Continue;
            }
            header.misses = 0;
        }
        self.start_loop(key, frame, vm);
        Action::Continue
    }

    /// A context for entering compiled code with these parameters.
    pub(super) fn context(&mut self, values: &[u64], depth: i64) -> Box<Context> {
        let mut context = self.contexts.pop().unwrap_or_else(Context::new);
        context.values[..values.len()].copy_from_slice(values);
        // Not straight into the body: the preheader has not been run.
        context.values[values.len()] = 0;
        context.exception = std::ptr::null_mut();
        context.calls = std::ptr::null();
        context.refuel(self.options.fuel);
        context.depth = depth;
        context.forced = self.next_forced();
        context
    }

    /// In stress mode, after how many guards the next activation is made to leave.
    pub(super) fn next_forced(&mut self) -> i64 {
        if self.options.jit != JitMode::Stress {
            return 0;
        }
        // A linear congruential step (Knuth's MMIX constants), of which the high bits are used.
        self.forced = self.forced.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + ((self.forced >> 33) % 60) as i64
    }
}
