//! Exceptions that are raised and caught in the trace.
//!
//! What is raised is a virtual object; when nobody keeps it, it is never made, and raising and catching it is a jump. From
//! the instruction that raises until the exception is gone, nothing in the VM says that an exception is being handled, and
//! its traceback is missing. So an exit on this stretch goes back to *before* the instruction that raises, and the
//! interpreter raises once more: that is right as long as the stretch has changed nothing. What cannot be done in this way
//! ends the recording, and from then on traces leave at the instruction that raises.
//!
//! ```text
//!   raise ──► frames are left, stack cut ──► handler: match, body ──► exception gone ──► as usual
//!     ▲                                          │
//!     └───────────── exits ◄─────────────────────┘   (none after the first change of the heap)
//! ```
//!
//! Attributes that a handler sets wait until the exception is gone, and are found here when they are read.

use rustpython_compiler_core::bytecode::{ExceptionTableEntry, Opcode, find_exception_handler};
use rustpython_vm::{
    AsObject, Py, PyObject, VirtualMachine,
    builtins::{PyBaseException, PyStrInterned, PyType},
    types::PyTypeFlags,
};
use tjit_events::Reason;
use tjit_ir::{Effects, Imm, Mem, Op, SnapshotId, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

use super::sym::{Operand, Sym};
use super::{Abort, Flow, Pending, Recorder, Res, Start};
use crate::decode::{self, CodeKey};
use crate::helpers;

/// Parts of a virtual exception: its class, then its arguments as a tuple (empty: not known), then names and values.
pub(super) mod part {
    /// The arguments.
    pub const ARGUMENTS: usize = 1;
    /// The first name.
    pub const NAMES: usize = 2;
}

/// The stretch of a trace from an instruction that raises until its exception is gone.
pub(super) struct Caught {
    /// Before the instruction that raises.
    snapshot: SnapshotId,
    /// The instruction that raises.
    place: (CodeKey, u32),
    /// What was raised: virtual objects.
    raised: Vec<usize>,
    /// What the handlers that have been entered handle, outermost first.
    handled: Vec<Sym>,
    /// The locals of frames that were left: they live as long as the exception.
    left: Vec<Sym>,
    /// The attributes that have been set, in order.
    waiting: Vec<Set>,
    /// Something was changed, so that there is no way back.
    is_changed: bool,
    /// Why this cannot be recorded.
    failed: Option<&'static str>,
}

/// An attribute that is set when the exception is gone.
pub(super) struct Set {
    /// The instance.
    pub instance: ValueId,
    /// The name.
    pub name: &'static PyStrInterned,
    /// What to store.
    pub value: Sym,
    /// The store: its operation, what it is done to, and where in that.
    pub store: (Op, ValueId, u32),
}

/// What is known of an attribute while an exception is handled.
pub(super) enum Waiting {
    /// Nothing: it is where it always is.
    No,
    /// It has been set to this.
    Is(Sym),
}

/// What an exception on its way to a handler is.
#[derive(Clone, Copy)]
pub(super) struct Raised {
    exception: Sym,
    /// The instruction that raises.
    unit: u32,
}

impl Recorder {
    /// RAISE_VARARGS.
    pub(super) fn raise(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        if self.raise_stop(op, vm)? {
            return Ok(());
        }
        let exception = match op.arg {
            // See `raises_again_next`.
            0 => None,
            1 => self.exception_of(self.peek(0)?, vm)?,
            _ => {
                // The cause is a part of an exception that nobody looks at.
                let cause = self.peek(0)?;
                let is_known = self.is_raised(cause.sym) || cause.object().is_some_and(|cause| vm.is_none(cause));
                if is_known { self.exception_of(self.peek(1)?, vm)? } else { None }
            }
        };
        let Some(exception) = exception else { return Err(raises("raise")) };
        self.start_raising(exception, op)
    }

    /// What `raise` raises, when that is a virtual exception.
    fn exception_of(&mut self, operand: Operand, vm: &VirtualMachine) -> Res<Option<Sym>> {
        if let Some((_, VirtualKind::Exception)) = self.as_virtual(operand.sym) {
            return Ok(Some(operand.sym));
        }
        let Some(class) = operand.object().and_then(|object| object.downcast_ref::<PyType>()) else { return Ok(None) };
        let Sym::Val(value) = self.resolve(operand.sym) else { return Ok(None) };
        let is_native = |init: &PyObject| !init.class().is(vm.ctx.types.function_type);
        if !is_plain_exception(class, vm)
            || !class.get_attr(vm.ctx.intern_str("__init__")).is_some_and(|i| is_native(&i))
        {
            return Ok(None);
        }
        let constant = self.guard_is(value, class.as_object());
        if !self.guard_version(class, constant, vm) {
            return Ok(None);
        }
        let nothing = self.new_virtual(VirtualKind::Tuple, Vec::new());
        Ok(Some(self.new_virtual(VirtualKind::Exception, vec![Sym::Val(constant), nothing])))
    }

    /// The same for the instruction that is being recorded.
    pub(super) fn raises_here(&mut self, class: &Py<PyType>) -> Res {
        let Some((op, _)) = self.last else { return Err(Abort::new(Reason::LostPosition)) };
        self.raises_new(op, class)
    }

    /// The instruction raises a new exception of this class, as it does each time that the guards hold which were emitted.
    pub(super) fn raises_new(&mut self, op: decode::Op, class: &Py<PyType>) -> Res {
        let class = self.constant(class.as_object());
        let exception = self.new_virtual(VirtualKind::Exception, vec![Sym::Val(class), Sym::Empty]);
        self.start_raising(exception, op)
    }

    fn start_raising(&mut self, exception: Sym, op: decode::Op) -> Res {
        let Sym::Virt(index) = exception else { return Err(Abort::new(Reason::LostPosition)) };
        let key = self.top_ref().code.key();
        let unit = op.unit;
        let Some((depth, entry)) = self.handler_of(unit) else { return Err(raises("raise out of the trace's frames")) };
        let is_left = self.caught.is_none() && self.world.leaves.borrow().contains(&(key, op.start));
        if is_left || self.frames[depth + 1..].iter().any(|shadow| shadow.generator.is_some()) {
            return Err(raises("an exception that its handler looks at"));
        }
        // What finalisers see has to come at the interpreter's time.
        for n in depth..self.frames.len() {
            let shadow = &self.frames[n];
            let locals = if n == depth { 0 } else { shadow.frame.local_count() };
            let from = if n == depth { entry.depth.into() } else { 0 };
            let locals = (0..locals).filter_map(|local| shadow.frame.local(local));
            let stack = (from..shadow.frame.stack_depth()).filter_map(|at| shadow.frame.stack(at));
            let is_own = |object: &&PyObject| object.downcast_ref::<PyBaseException>().is_none();
            if locals.chain(stack).filter(is_own).any(|object| self.world.objects.is_noisy(object)) {
                return Err(raises("an exception that finalises"));
            }
            if n > depth && shadow.locals.iter().any(|&local| self.reaches_virtual(local, index)) {
                return Err(raises("an exception that a variable of a frame holds that it leaves"));
            }
        }
        if self.caught.is_none() {
            let Some(snapshot) = self.pre else { return Err(Abort::new(Reason::LostPosition)) };
            let place = (key, op.start);
            let (raised, handled, left, waiting) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            self.caught =
                Some(Caught { snapshot, place, raised, handled, left, waiting, is_changed: false, failed: None });
        }
        if let Some(caught) = &mut self.caught
            && !caught.raised.contains(&index)
        {
            caught.raised.push(index);
        }
        self.pending = Pending::Raising(Raised { exception, unit });
        Ok(())
    }

    /// The frame and the handler that an exception comes to which the innermost frame raises.
    fn handler_of(&self, unit: u32) -> Option<(usize, ExceptionTableEntry)> {
        self.frames.iter().enumerate().rev().find_map(|(depth, shadow)| {
            let innermost = depth + 1 == self.frames.len();
            let call = || shadow.code.instruction_at(shadow.call).map_or(shadow.call, |op| op.unit);
            let at = if innermost { unit } else { call() };
            Some((depth, find_exception_handler(&shadow.code.code.exceptiontable, at)?))
        })
    }

    /// Whether an exception that the instruction raises is handled in the trace's frames.
    pub(super) fn is_handled(&self, op: decode::Op) -> bool {
        self.handler_of(op.unit).is_some()
    }

    /// An exception has come to its handler, whose first instruction is about to be executed.
    pub(super) fn catch(&mut self, raised: Raised, frame: Frame) -> Res {
        let Some((depth, entry)) = self.handler_of(raised.unit) else { return Err(Abort::new(Reason::LostPosition)) };
        if frame != self.frames[depth].frame {
            return Err(Abort::with(Reason::LostPosition, "an exception came to another handler"));
        }
        let mut lasti = raised.unit;
        while self.frames.len() > depth + 1 {
            let Some(left) = self.frames.pop() else { break };
            for sym in left.stack {
                self.give_up(sym)?;
            }
            if let Some(caught) = &mut self.caught {
                caught.left.extend(left.locals);
            }
            let top = self.top_ref();
            lasti = top.code.instruction_at(top.call).map_or(top.call, |op| op.unit);
        }
        let shadow = self.top();
        let cut = shadow.stack.split_off(usize::from(entry.depth).min(shadow.stack.len()));
        shadow.next = entry.target;
        for sym in cut.into_iter().filter(|&sym| sym != raised.exception && sym != Sym::Kept) {
            self.give_up(sym)?;
        }
        if entry.push_lasti {
            let lasti = self.trace.const_int(lasti.into());
            self.push(Sym::Val(lasti));
        }
        self.push(raised.exception);
        Ok(())
    }

    /// PUSH_EXC_INFO.
    pub(super) fn push_exception(&mut self) -> Res {
        let exception = self.peek(0)?.sym;
        let none = self.none();
        let Some(caught) = &mut self.caught else { return Err(raises("a handler")) };
        let before = caught.handled.last().copied().unwrap_or(Sym::Val(none));
        caught.handled.push(exception);
        self.replace(1, before);
        self.push(exception);
        Ok(())
    }

    /// CHECK_EXC_MATCH: stack is exception, class or tuple of classes.
    pub(super) fn match_exception(&mut self, vm: &VirtualMachine) -> Res {
        let (exception, wanted) = (self.peek(1)?, self.peek(0)?);
        let Some(object) = exception.object() else { return Err(Abort::new(Reason::LostPosition)) };
        if !self.is_raised(exception.sym) {
            return Err(raises("a handler"));
        }
        let is_plain = |class: &PyObject| {
            class.downcast_ref::<PyType>().is_some_and(|of| {
                of.class().is(vm.ctx.types.type_type) && of.fast_issubclass(vm.ctx.exceptions.base_exception_type)
            })
        };
        let Some(classes) = self.guard_classes(wanted, |classes| classes.iter().all(|class| is_plain(class)))? else {
            return Err(raises("a handler of what is no plain class"));
        };
        let of = object.class().to_owned();
        let constant = self.constant(of.as_object());
        if !self.guard_version(&of, constant, vm) {
            return Err(raises("a handler of a class without a version"));
        }
        let matches = classes.iter().filter_map(|class| class.downcast_ref::<PyType>());
        let matches = matches.into_iter().any(|class| of.fast_issubclass(class));
        let matches = self.trace.const_bool(matches);
        self.replace(1, Sym::Val(matches));
        Ok(())
    }

    /// POP_EXCEPT.
    pub(super) fn pop_exception(&mut self) -> Res {
        if self.caught.as_mut().and_then(|caught| caught.handled.pop()).is_none() {
            return Err(raises("the end of a handler"));
        }
        self.pop(1);
        Ok(())
    }

    /// Whether the next instruction raises an exception again. The interpreter does not know it for one while events are on,
    /// and would add to the traceback: nothing is recorded then.
    pub(super) fn raises_again_next(&self) -> Res {
        let goes_on = match (&self.pending, &self.frames[..]) {
            (Pending::Nothing | Pending::Residual, [.., top]) => top,
            (Pending::Return(_), [.., caller, _]) => caller,
            _ => return Ok(()),
        };
        let mut next = goes_on.code.instruction_at(goes_on.next);
        while let Some(op) = next.filter(|op| super::translate::may_be_silent(op.opcode)) {
            next = goes_on.code.instruction_at(op.end);
        }
        match next {
            Some(op) if op.opcode == Opcode::Reraise || op.opcode == Opcode::RaiseVarargs && op.arg == 0 => {
                Err(raises("an exception goes on"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a symbol is an exception on its way, or in a handler.
    fn is_raised(&self, sym: Sym) -> bool {
        let Some((index, VirtualKind::Exception)) = self.as_virtual(sym) else { return false };
        self.caught.as_ref().is_some_and(|caught| caught.raised.contains(&index))
    }

    /// Before the next instruction: whether all exceptions are gone. If so, exits are what they are elsewhere again.
    pub(super) fn settle_caught(&mut self) -> Res {
        let Some(caught) = &self.caught else { return Ok(()) };
        if !caught.handled.is_empty() || caught.raised.iter().any(|&exception| self.is_held(exception)) {
            return Ok(());
        }
        let Some(caught) = self.caught.take() else { return Ok(()) };
        for Set { value, store: (op, into, at), .. } in caught.waiting {
            let value = self.reference(value)?;
            self.emit_unit(op, &[into, value], Imm::Index(at));
        }
        for sym in caught.left.into_iter().chain(caught.raised.into_iter().map(Sym::Virt)) {
            self.give_up(sym)?;
        }
        Ok(())
    }

    /// An instruction is being emitted: whether that may be, while an exception is handled.
    pub(super) fn note_effects(&mut self, op: Op, effects: &Effects) {
        let Some(caught) = &mut self.caught else { return };
        let looks = [Op::EntryGet, Op::SlotGet, Op::EntrySet, Op::SlotSet];
        if !caught.waiting.is_empty() && !looks.contains(&op) && effects.reads.contains(Mem::OBJECT) {
            caught.failed.get_or_insert("a handler that looks at what it has changed");
        }
        let changes = effects.opaque || !effects.writes.difference(Mem::LIFE).is_empty();
        // What asks to have its instruction done again has not done anything.
        if effects.exits && (caught.is_changed || effects.opaque) {
            caught.failed.get_or_insert("a handler that changes something before it is certain");
        }
        caught.is_changed |= changes;
    }

    /// Sets an attribute of an instance: now, or when the exception is gone that is handled.
    pub(super) fn set_or_wait(&mut self, set: Set, old: Option<&PyObject>) -> Res {
        let waits = match &mut self.caught {
            Some(caught) if !caught.is_changed && !old.is_some_and(|old| self.world.objects.is_noisy(old)) => caught,
            _ => {
                let (op, into, at) = set.store;
                let value = self.reference(set.value)?;
                self.emit_unit(op, &[into, value], Imm::Index(at));
                self.may_finalise(old);
                return Ok(());
            }
        };
        waits.waiting.push(set);
        Ok(())
    }

    /// What has been set for an attribute while an exception is handled.
    pub(super) fn waiting(&mut self, operand: Operand, name: &'static PyStrInterned) -> Waiting {
        let instance = self.resolve(operand.sym);
        let Some(caught) = &mut self.caught else { return Waiting::No };
        let mut found = Waiting::No;
        for set in caught.waiting.iter().filter(|set| std::ptr::eq(set.name, name)) {
            if instance == Sym::Val(set.instance) {
                found = Waiting::Is(set.value);
            } else {
                // Two values may be one object.
                caught.failed.get_or_insert("a handler that sets an attribute of two objects");
            }
        }
        found
    }

    /// A virtual exception has to be made.
    pub(super) fn note_made(&mut self, index: usize) -> Res {
        match &self.caught {
            Some(caught) if caught.raised.contains(&index) => Err(raises("an exception that its handler keeps")),
            _ if self.field(index, part::ARGUMENTS) == Sym::Empty => Err(raises("an exception that is looked at")),
            _ => Ok(()),
        }
    }

    /// Where exits go while an exception is handled.
    pub(super) fn way_back(&self) -> Option<SnapshotId> {
        self.caught.as_ref().map(|caught| caught.snapshot)
    }

    /// The same, when an object in that snapshot has been made.
    pub(super) fn amend_way_back(&mut self, snapshot: SnapshotId) {
        if let Some(caught) = &mut self.caught {
            caught.snapshot = snapshot;
        }
    }

    /// What becomes of a translation: one that cannot be while an exception is handled makes traces leave where that is
    /// raised, and a bridge ends where something is raised that it cannot follow.
    pub(super) fn settle_flow(&mut self, flow: Res<Flow>) -> Res<Flow> {
        let flow = match (flow, self.caught.as_ref().and_then(|caught| caught.failed)) {
            (Ok(_), Some(failed)) => Err(raises(failed)),
            (flow, _) => flow,
        };
        let Err(abort) = flow else { return flow };
        if let Some(caught) = &self.caught {
            let place = caught.place;
            self.is_again |= self.world.leaves.borrow_mut().insert(place);
            let detail = format!("{}: {}", abort.reason.name(), abort.detail.unwrap_or_default());
            return Err(Abort::with(Reason::ExceptionInRecording, detail));
        }
        let is_bridge = !matches!(self.start, Start::Loop { .. });
        if abort.reason != Reason::ExceptionInRecording || !is_bridge || self.pre.is_none() {
            return Err(abort);
        }
        Ok(self.end_in_leave())
    }

    /// The interpreter has gone elsewhere than foreseen, with an exception. False: it is not in a handler of the instruction.
    pub(super) fn raised_unforeseen(&mut self, frame: Frame, unit: u32) -> Res<Option<Flow>> {
        let Some((op, before)) = self.last else { return Ok(None) };
        if self.trace.body.len() <= before {
            return Ok(None);
        }
        let plain = matches!(self.pending, Pending::Nothing | Pending::Residual | Pending::StepOpaque(_));
        let Some((depth, entry)) = self.handler_of(op.unit) else { return Ok(None) };
        if !plain || self.frames[depth].frame != frame || entry.target != unit {
            return Ok(None);
        }
        let Some(&call) = self.trace.body.last() else { return Ok(None) };
        let (Op::Call, Imm::Helper(id), Some(snapshot)) =
            (self.trace.inst(call).op, self.trace.inst(call).imm, self.trace.inst(call).snapshot)
        else {
            return Ok(None);
        };
        let is_translated = frame.stack_depth().checked_sub(1).and_then(|top| frame.stack(top));
        let class = is_translated.filter(|object| object.downcast_ref::<PyBaseException>().is_some());
        let Some(class) = class.map(|object| object.class().to_owned()) else { return Ok(None) };
        let args = self.trace.inst(call).args.clone();
        let twin = helpers::failing::twin(self.trace.pool.helpers[id.index()].addr);
        self.pending = Pending::Nothing;
        self.pre = Some(snapshot);
        match twin.filter(|_| crate::natives::is_builtin(&class)) {
            Some(twin) => {
                self.trace.body.pop();
                self.top().stack.iter_mut().filter(|sym| **sym == Sym::Val(call)).for_each(|sym| *sym = Sym::Kept);
                let mut args = args.to_vec();
                args.push(self.constant(class.as_object()));
                self.call_helper(&twin, &args);
                self.raises_new(op, &class)?;
                Ok(Some(Flow::Continue))
            }
            None if self.caught.is_none() && !matches!(self.start, Start::Loop { .. }) => {
                self.trace.body.pop();
                Ok(Some(self.end_in_leave()))
            }
            None => Ok(None),
        }
    }

    /// A call of `BaseException.__init__` for a virtual exception, or of `object.__init__` without arguments. `None`: another.
    pub(super) fn call_init(&mut self, function: &PyObject, args: &[Operand], vm: &VirtualMachine) -> Res<Option<Sym>> {
        let init = vm.ctx.intern_str("__init__");
        let is = |class: &Py<PyType>| class.get_attr(init).is_some_and(|found| found.is(function));
        let [receiver, rest @ ..] = args else { return Ok(None) };
        match self.as_virtual(receiver.sym) {
            Some((index, VirtualKind::Exception)) if is(vm.ctx.exceptions.base_exception_type) => {
                let arguments = rest.iter().map(|arg| arg.sym).collect();
                let tuple = self.new_virtual(VirtualKind::Tuple, arguments);
                self.set_field(index, part::ARGUMENTS, tuple);
            }
            _ if is(vm.ctx.types.object_type) && rest.is_empty() => {
                if !matches!(self.as_virtual(receiver.sym), Some((_, VirtualKind::Instance))) {
                    self.reference(receiver.sym)?;
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(Sym::Val(self.none())))
    }

    /// A new exception, with its arguments. `None`: its class does something of its own.
    pub(super) fn new_exception(
        &mut self,
        class: &Py<PyType>,
        constant: ValueId,
        args: &[Operand],
        vm: &VirtualMachine,
    ) -> Option<Sym> {
        if !is_plain_exception(class, vm) {
            return None;
        }
        let arguments = args.iter().map(|arg| arg.sym).collect();
        let tuple = self.new_virtual(VirtualKind::Tuple, arguments);
        Some(self.new_virtual(VirtualKind::Exception, vec![Sym::Val(constant), tuple]))
    }

    /// The arguments of a virtual exception, `e.args`.
    pub(super) fn arguments_of(&self, operand: Operand) -> Option<Sym> {
        match self.as_virtual(operand.sym) {
            Some((index, VirtualKind::Exception)) => {
                Some(self.field(index, part::ARGUMENTS)).filter(|&sym| sym != Sym::Empty)
            }
            _ => None,
        }
    }

    /// The only argument of a virtual exception whose text that is, as `str(e)`.
    pub(super) fn text_of(&self, operand: Operand, vm: &VirtualMachine) -> Option<(Sym, rustpython_vm::PyObjectRef)> {
        let Some(Sym::Virt(tuple)) = self.arguments_of(operand) else { return None };
        let object = operand.object()?;
        let text = vm.ctx.intern_str("__str__");
        let theirs = vm.ctx.exceptions.base_exception_type.get_attr(text);
        let same = matches!((object.class().get_attr(text), theirs), (Some(own), Some(theirs)) if own.is(&theirs));
        let [only] = self.virtuals[tuple].fields[..] else { return None };
        let only_is = object.downcast_ref::<PyBaseException>()?.get_arg(0)?;
        same.then_some((only, only_is))
    }

    /// Whether the trace may end here: not while an exception is handled.
    pub(super) fn must_not_end(&self, op: decode::Op) -> bool {
        self.caught.is_some() && op.opcode == Opcode::ReturnValue && self.frames.len() == 1
    }
}

fn raises(what: &'static str) -> Abort {
    Abort::with(Reason::ExceptionInRecording, what)
}

/// Whether exceptions of a class are made and initialised as `BaseException` does it, as far as natives are concerned, and
/// can die unseen.
pub(super) fn is_plain_exception(class: &Py<PyType>, vm: &VirtualMachine) -> bool {
    let base = vm.ctx.exceptions.base_exception_type;
    if !class.fast_issubclass(base) || !class.class().is(vm.ctx.types.type_type) || class.slots.del.load().is_some() {
        return false;
    }
    let is_native = |class: &Py<PyType>| class.slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE);
    let native = class.mro.read().iter().find(|class| is_native(class)).map(|class| class.to_owned());
    let Some(native) = native.filter(|native| native.fast_issubclass(base)) else { return false };
    let same = |class: &Py<PyType>, other: &Py<PyType>, name: &'static str| {
        let name = vm.ctx.intern_str(name);
        matches!((class.get_attr(name), other.get_attr(name)), (Some(a), Some(b)) if a.is(&b))
    };
    let all_plain =
        class.mro.read().iter().all(|of| !is_native(of) || of.is(vm.ctx.types.object_type) || of.fast_issubclass(base));
    all_plain && same(&native, base, "__init__") && same(class, &native, "__new__")
}
