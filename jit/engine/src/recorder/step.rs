//! One step of a recording: where the interpreter is, and whose frame that is.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{AsObject, VirtualMachine};
use tjit_events::Reason;
use tjit_vm::frames::Frame;

use super::{Abort, Arrival, Flow, Headers, Pending, Recorder, Res, Start, translate};
use crate::decode;

impl Recorder {
    /// One event: the interpreter is about to execute the instruction at `unit` of the current frame.
    ///
    /// # Errors
    /// The reason for which the recording is given up.
    pub fn step(&mut self, frame: Frame, unit: u32, headers: &dyn Headers, vm: &VirtualMachine) -> Res<Flow> {
        let flow = self.step_on(frame, unit, headers, vm);
        self.settle_flow(flow)
    }

    fn step_on(&mut self, frame: Frame, unit: u32, headers: &dyn Headers, vm: &VirtualMachine) -> Res<Flow> {
        if frame != self.top_ref().frame || self.reaches(self.top_ref().next, unit).is_none() {
            match self.raised_unforeseen(frame, unit, vm)? {
                Some(Flow::Continue) | None => {}
                Some(flow) => return Ok(flow),
            }
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Raising(raised) => self.catch(raised, frame, vm)?,
            pending => self.pending = pending,
        }
        if !self.find_frame(frame, vm)? {
            self.repair_events(frame, unit, vm)?;
            return Ok(Flow::Continue);
        }
        if self.top_ref().code.site_around(unit) == Some(self.top_ref().next) {
            // Still in the units of the site where the recording began, or of one that has been dealt with.
            return Ok(Flow::Continue);
        }
        if self.top_ref().is_before_start(unit) {
            return Ok(Flow::Continue);
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Called(call) if self.reaches(self.top_ref().next, unit).is_some() => {
                self.finish_called(call, frame, vm)?;
            }
            Pending::Step(outcomes) => {
                let more = self.is_stepped(unit)?;
                self.finish_step(more, outcomes)?;
            }
            Pending::Asked(answer) => {
                if self.settle_asked(answer, unit)? {
                    return Ok(Flow::Continue);
                }
            }
            Pending::StepOpaque(found) => {
                let more = self.is_stepped(unit)?;
                self.settle_step(more, found, false)?;
            }
            _ => {}
        }
        let Some(header) = self.reaches(self.top_ref().next, unit) else {
            let reason =
                if vm.current_exception().is_some() { Reason::ExceptionInRecording } else { Reason::LostPosition };
            return Err(Abort::with(reason, format!("expected code unit {}, not {unit}", self.top_ref().next)));
        };
        self.settle_caught()?;
        if let Some(header) = header {
            if self.caught.is_some() {
                return Err(Abort::with(Reason::ExceptionInRecording, "a loop in a handler"));
            }
            self.top().next = header;
            match self.arrive(header, headers, vm)? {
                Some(flow) => return Ok(flow),
                None => {
                    let code = self.top_ref().code.code.clone();
                    self.watch(&code, vm)?;
                }
            }
        }
        let site = self.top_ref().code.site_around(unit);
        if let Some(after) = site {
            self.top().next = after;
            return Ok(Flow::Continue);
        }
        if self.frames.len() == 1 && self.left_the_loop(&self.top_ref().code, unit) {
            return Err(Abort::new(Reason::LeftTheLoop));
        }
        let depth = frame.stack_depth();
        if self.top_ref().stack.len() != depth {
            let detail = format!("stack has {depth} entries, expected {}", self.top_ref().stack.len());
            return Err(Abort::with(Reason::LostPosition, detail));
        }
        let Some(op) = self.top_ref().code.op(unit) else { return Err(Abort::new(Reason::LostPosition)) };
        if self.trace.insts.len() > self.world.trace_limit {
            return self.split(op);
        }
        if self.must_not_end(op) {
            return Err(Abort::with(Reason::ExceptionInRecording, "a return while an exception is handled"));
        }
        if self.begins_loop(op.start)? {
            return Ok(Flow::Join(Arrival { unit: op.start, op: Some(op), loops: true }));
        }
        if self.world.merges && self.caught.is_none() && self.is_at_join(op.start) {
            if !matches!(self.start, Start::Loop { .. }) {
                return Ok(Flow::Join(Arrival { unit: op.start, op: Some(op), loops: false }));
            }
            let place = self.join_place(op.start);
            if let Some(state) = self.join_state(None) {
                self.joins_passed.push((place, state));
            }
        }
        self.record(op, vm)
    }

    /// Records the instruction that is about to be executed.
    ///
    /// # Errors
    /// As [`Recorder::step`].
    pub fn record(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res<Flow> {
        self.pre = None;
        self.join_next = false;
        self.last = Some((op, self.trace.body.len()));
        self.top().next = op.end;
        let flow = match self.ended.take() {
            Some(end) => self.begin_after_call(end, op, vm),
            None => self.translate(op, vm),
        };
        self.takes_any = false;
        // A bridge for another type of an operand: behind the instruction, the type does not matter any more.
        let is_plain = matches!(self.pending, Pending::Nothing);
        let for_type = self.steps == 0 && matches!(self.start, Start::Bridge { for_type: true, .. });
        self.join_next |= is_plain && (for_type || self.world.merges && self.has_parted_by_type());
        self.steps += 1;
        flow
    }

    /// Brings the shadow frames in line with the frame that reports. False when it is none of ours.
    fn find_frame(&mut self, frame: Frame, vm: &VirtualMachine) -> Res<bool> {
        if frame == self.top_ref().frame {
            return match self.pending {
                Pending::Enter(_) => Err(Abort::with(Reason::LostPosition, "a call did not enter its function")),
                // What a builtin has stepped once is given up with the call, which closes it.
                Pending::Yield(_) | Pending::Found(_) if self.is_stepped_by_call() => Ok(false),
                Pending::Return(_) | Pending::Yield(_) | Pending::End(_) | Pending::Found(_) | Pending::Stop => {
                    Err(Abort::with(Reason::LostPosition, "a return did not leave its frame"))
                }
                Pending::Resume(..) => Err(Abort::with(Reason::LostPosition, "a generator was not resumed")),
                _ => Ok(true),
            };
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Enter(entry) if frame.caller() == Some(self.top_ref().frame) => {
                self.enter(entry, frame, vm)?;
                Ok(true)
            }
            Pending::Return(result) if self.is_caller(frame) => {
                self.leave_entries(self.frames.len() - 1)?;
                if let Some(callee) = self.frames.pop() {
                    self.return_to_caller(result, &callee.code, callee.locals)?;
                }
                Ok(true)
            }
            // The object that makes the generator, or whose `__iter__` is called, is asked for its length.
            Pending::Enter(entry) if self.is_sized && !frame.code().is(entry.code()) => {
                self.pending = Pending::Enter(entry);
                Ok(false)
            }
            Pending::Resume(generator, sent) if self.is_sized && self.is_another(generator, frame) => {
                self.pending = Pending::Resume(generator, sent);
                Ok(false)
            }
            Pending::Resume(generator, sent) if frame.caller() == Some(self.top_ref().frame) => {
                self.enter_generator(generator, sent, frame)?;
                Ok(true)
            }
            pending @ (Pending::Yield(_) | Pending::End(_) | Pending::Found(_) | Pending::Stop)
                if self.is_caller(frame) =>
            {
                if self.is_handling() {
                    let what = "a generator is left while an exception is handled";
                    return Err(Abort::with(Reason::ExceptionInRecording, what));
                }
                self.leave_generator(pending, frame, vm)?;
                Ok(true)
            }
            _ if self.frames.iter().any(|shadow| shadow.frame == frame) => {
                Err(Abort::with(Reason::ExceptionInRecording, "an exception left a frame"))
            }
            pending @ (Pending::Residual | Pending::Step(_) | Pending::StepOpaque(_) | Pending::Asked(_)) => {
                self.pending = pending;
                Ok(false)
            }
            Pending::Called(mut call) => {
                call.count()?;
                self.pending = Pending::Called(call);
                Ok(false)
            }
            // A generator that the program has given up: it is closed where it dies in the trace, too.
            pending if self.is_closed_here(frame, vm) => {
                self.pending = pending;
                Ok(false)
            }
            // The generators that wait for the one whose step is about to begin.
            Pending::Nothing if self.is_step && self.last.is_none() => Ok(false),
            _ => Err(Abort::with(Reason::LostPosition, "another frame reported")),
        }
    }

    /// A frame that is none of ours has reported: a call under way runs code that we watch (recursion by way of a native).
    /// Instructions that the VM specialises there lose their events. So when such a frame is about to return to ours, the
    /// code is watched anew.
    fn repair_events(&mut self, frame: Frame, unit: u32, vm: &VirtualMachine) -> Res {
        let known = self.frames.iter().find(|shadow| shadow.code.code.is(frame.code()));
        let op = known.and_then(|shadow| shadow.code.op(unit));
        let returns = op.is_some_and(|op| matches!(op.opcode, Opcode::ReturnValue | Opcode::YieldValue));
        if returns && frame.caller() == Some(self.top_ref().frame) {
            self.watch_all(vm)?;
        }
        Ok(())
    }

    /// Whether a frame is that of a generator which the innermost frame's instruction closes.
    fn is_closed_here(&self, frame: Frame, vm: &VirtualMachine) -> bool {
        let exit = vm.ctx.exceptions.generator_exit;
        let mut stack = (0..frame.stack_depth()).filter_map(|n| frame.stack(n));
        frame.caller() == Some(self.top_ref().frame)
            && tjit_vm::instrument::suspends(frame.code())
            && stack.any(|object| object.class().is(exit))
    }

    /// Whether the innermost frame is that of a generator that a builtin steps.
    pub(super) fn is_stepped_by_call(&self) -> bool {
        let [.., outer, _] = &self.frames[..] else { return false };
        outer.code.instruction_at(outer.call).is_some_and(|op| op.opcode == Opcode::Call)
    }

    /// Whether a frame is the one around the innermost.
    fn is_caller(&self, frame: Frame) -> bool {
        self.frames.len() > 1 && frame == self.frames[self.frames.len() - 2].frame
    }

    /// Whether the interpreter comes from `from` to `unit` without an event in between; if so, whether it passes the site
    /// of a loop header.
    pub(super) fn reaches(&self, from: u32, unit: u32) -> Option<Option<u32>> {
        let code = &self.top_ref().code;
        let mut at = from;
        let mut header = None;
        loop {
            if let Some(info) = code.site(at) {
                if code.header(at).is_some() {
                    header = Some(at);
                }
                if (at..info.after).contains(&unit) {
                    return Some(header);
                }
                at = info.after;
                continue;
            }
            match code.instruction_at(at) {
                Some(op) if (op.start..op.end).contains(&unit) => return Some(header),
                Some(op) if translate::may_be_silent(op.opcode) => at = op.end,
                _ => return None,
            }
        }
    }
}
