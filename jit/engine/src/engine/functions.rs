//! Functions as roots: how deep compiled code may call, what is done about a function that a recording cannot go on
//! without, and which entries are worth asking.

use std::time::Duration;

use rustc_hash::FxHashSet;
use rustpython_vm::{Py, VirtualMachine};
use tjit_events::Reason;
use tjit_ir::TraceId;
use tjit_vm::frames::Frame;
use tjit_vm::instrument;
use tjit_vm::options::JitMode;
use tjit_vm::site::Site;

use super::log::log_blacklisted;
use super::{Engine, decode};
use crate::decode::CodeKey;
use crate::native::Native;
use crate::recorder::{Blame, Recorder, World};

/// Native stack that one more frame of the interpreter takes, at most, when it is made because compiled code was left.
const FRAME_BYTES: usize = 5 << 10;
/// With fewer frames left, functions are not entered: they would be left at once, again and again.
pub(super) const MIN_DEPTH: i64 = 16;
/// Callers among which a function is looked for to find out whether it calls itself.
const NEAR_CALLERS: usize = 12;
/// Times that a function waits for the loops that may inline it.
const MAX_WAITS: u32 = 2;
/// One part in so many of its limit, and a caller is as good as hot.
const WARM_SHARE: u32 = 16;
/// How much hotter it has to be each time.
pub(super) const WAITING_FACTOR: u32 = 3;
/// Entries of a function after which it is judged.
const JUDGED_AFTER: u64 = 2000;
/// Running time for which entering a function from the interpreter is worth it, when it returns.
pub(super) const WORTH: Duration = Duration::from_nanos(400);
/// The same when it is mostly left by an exit.
const WORTH_LEAVING: Duration = Duration::from_micros(1);
/// How many times longer leaving may take than the compiled code itself.
const LEAVING_FACTOR: u32 = 2;

/// How many more frames compiled code may count on that is entered now: so many that it can be left, and that the
/// interpreter raises `RecursionError` where it always does. Negative: none at all.
///
/// Frames that are made because compiled code was left take native stack, which the interpreter's own calls do not. So
/// under a recursion limit for which the stack would not be enough, only half of what is left of it is used: natives need
/// the rest. Under stress, where every frame is left several times, nothing is called then.
pub(super) fn depth_left(world: &World, vm: &VirtualMachine) -> i64 {
    let left = vm.recursion_limit.get() as i64 - vm.current_recursion_depth() as i64 - world.inline_depth as i64;
    let room = (tjit_vm::stack::remaining() / FRAME_BYTES) as i64;
    match left > room {
        _ if world.stress && vm.recursion_limit.get() as i64 > room => 0,
        true => room / 2,
        false => left,
    }
}

/// Whether functions can be called as compiled code.
pub(crate) fn has_room(world: &World, vm: &VirtualMachine) -> bool {
    depth_left(world, vm) >= MIN_DEPTH
}

impl Engine {
    /// Whether a frame that stands at its function's entry can be a root.
    pub(super) fn can_be_root(frame: Frame) -> bool {
        frame.stack_depth() == 0 && (!instrument::suspends(frame.code()) || instrument::is_awaited(frame.code()))
    }

    /// Whether a function that has become hot had better wait: loops and functions that call it inline it, and are hot soon.
    /// What calls itself is not inlined.
    pub(super) fn had_better_wait(&self, waited: u32, frame: Frame) -> bool {
        let code = CodeKey::of(frame.code());
        let callers = || std::iter::successors(frame.caller(), |frame| frame.caller()).take(NEAR_CALLERS);
        self.options.jit != JitMode::Stress
            && waited < MAX_WAITS
            && !self.world.functions.is_wanted(code)
            && !callers().any(|caller| CodeKey::of(caller.code()) == code)
            && self.may_be_inlined(callers())
    }

    /// Whether code that may still be compiled would inline what the first of `callers` calls: the innermost loop around the
    /// call, or a function on the way to it. Where that loop is compiled already, its code calls the function, or leaves.
    fn may_be_inlined(&self, callers: impl Iterator<Item = Frame>) -> bool {
        for caller in callers {
            let code = decode(caller.code());
            if let Some(text) = code.innermost_loop(caller.next_unit()) {
                let header = self.header_key(&code, text.first).map(|key| &self.headers.by_site[&key]);
                return header.is_none_or(|header| !header.blacklisted && header.versions.is_empty());
            }
            let is_compiled =
                self.entry_key(code.key()).is_some_and(|key| !self.headers.by_site[&key].versions.is_empty());
            let is_warm = |site: &Py<Site>| site.count() >= site.limit() / WARM_SHARE;
            if !is_compiled && instrument::entry_site(caller.code()).is_some_and(is_warm) {
                return true;
            }
        }
        false
    }

    /// The key of the header that stands for a function's entry.
    fn entry_key(&self, code: CodeKey) -> Option<usize> {
        self.headers.entries.get(&code).copied()
    }

    /// Does what a recording has asked for. True if there was something, so that the abort is nobody's fault.
    pub(super) fn settle(&mut self, recorder: &mut Recorder) -> bool {
        match recorder.blame.take() {
            None => return false,
            Some(Blame::First(code)) => {
                if let Some(site) = instrument::entry_site(&code) {
                    site.wake(&code);
                    site.set_count(site.limit());
                }
            }
            Some(Blame::Result(code)) => self.retire(code, true),
            Some(Blame::Arguments(code, slots)) => {
                if let Some(header) = self.entry_key(code).and_then(|key| self.headers.by_site.get_mut(&key)) {
                    header.boxed.extend(slots);
                }
                self.retire(code, false);
            }
        }
        true
    }

    /// A function's traces are not in the right form: they, and what calls them, are not entered any more.
    fn retire(&mut self, code: CodeKey, boxed: bool) {
        let old: FxHashSet<TraceId> = self.world.functions.retire(code, boxed).into_iter().collect();
        if let Some(header) = self.entry_key(code).and_then(|key| self.headers.by_site.get_mut(&key)) {
            header.begin_again(2);
        }
        let mut callers = Vec::new();
        for (&key, header) in &self.headers.by_site {
            for (native, _) in &header.versions {
                if self.reachable(native).iter().any(|trace| calls(trace, &old)) {
                    callers.push((key, native.id));
                }
            }
        }
        for (key, id) in callers {
            let header = self.headers.by_site.get_mut(&key).expect("it was just there");
            header.versions.retain(|(native, _)| native.id != id);
            header.misses = 0;
        }
    }

    /// Entering compiled code that returns at once takes longer than the interpreter takes for the call. Other compiled
    /// code still calls it.
    pub(super) fn judge_function(&mut self, native: &Native) {
        let entries = native.entries.get();
        if entries == 0 || !entries.is_multiple_of(JUDGED_AFTER) || self.options.jit == JitMode::Stress {
            return;
        }
        let (spent, leaving, returns) = (native.running.take(), native.leaving.take(), native.returns.take());
        let worth = if 2 * returns < JUDGED_AFTER { WORTH_LEAVING } else { WORTH };
        let Some(key) = self.header_key(&native.root.0, native.root.1) else { return };
        if !self.is_settled(key) {
            return;
        }
        let header = &self.headers.by_site[&key];
        // (A coroutine's is always left, where it waits or returns; what it awaits is compiled only by way of it.)
        if !is_worth(spent, leaving, worth) && !instrument::is_awaited(&header.code.code) {
            header.site.retire(&header.code.code);
            log_blacklisted(self.log, header.place(), None, Reason::ShortFunction, 0, None);
        }
    }
}

/// Whether what has been entered so often is worth it: `spent` in compiled code, and `leaving` it. Leaving makes what the
/// interpreter goes on with; where that takes much longer than what was done, the interpreter had better do that, too.
pub(super) fn is_worth(spent: Duration, leaving: Duration, worth: Duration) -> bool {
    spent >= worth * JUDGED_AFTER as u32 && spent * LEAVING_FACTOR >= leaving
}

/// Whether a trace calls one of these.
fn calls(native: &Native, callees: &FxHashSet<TraceId>) -> bool {
    native.trace.pool.helpers.iter().any(|helper| helper.trace.is_some_and(|id| callees.contains(&id)))
}
