//! A header state of a generator's frame in the form in which it is read fastest: at each step.

use rustpython_vm::{AsObject, PyObject, PyObjectRef};
use tjit_vm::frames::Frame;
use tjit_vm::layout::STACK_TAG;

use crate::objects::{Objects, Scalar, address};
use crate::state::{HeaderState, SlotState};

/// What has to be in one slot, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Int,
    Float,
    Bool,
    Ref,
}

/// What is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    None,
    /// Anything but None, as an object.
    Any,
}

/// See the module's documentation.
pub(super) struct Plan {
    /// Locals, then the stack without what is sent.
    slots: Box<[Kind]>,
    depth: usize,
    globals: u64,
    sent: Wanted,
    /// Words of the value stack's memory.
    room: usize,
}

impl Plan {
    /// `None` when there is more to it than a plan can say. `is_sent`: the topmost entry of the stack is what is sent.
    pub(super) fn of(state: &HeaderState, frame: Frame, is_sent: bool, none: u64) -> Option<Plan> {
        let (stack, sent) = match &state.stack[..] {
            [stack @ .., SlotState::Object(sent)] if is_sent && *sent == none => (stack, Wanted::None),
            [stack @ .., SlotState::Boxed] if is_sent => (stack, Wanted::Any),
            _ if is_sent => return None,
            stack => (stack, Wanted::None),
        };
        let kind = |slot: &SlotState| {
            Some(match slot {
                SlotState::Empty => Kind::Empty,
                SlotState::Int => Kind::Int,
                SlotState::Float => Kind::Float,
                SlotState::Bool => Kind::Bool,
                SlotState::Ref | SlotState::Boxed => Kind::Ref,
                _ => return None,
            })
        };
        if !state.names.is_empty() || stack.iter().any(|slot| !matches!(slot, SlotState::Empty | SlotState::Ref)) {
            return None;
        }
        let slots = state.locals.iter().chain(stack).map(kind).collect::<Option<_>>()?;
        Some(Plan {
            slots,
            depth: stack.len(),
            globals: state.scope.globals,
            sent,
            room: frame.code().max_stackdepth as usize,
        })
    }

    /// Reads the parameters, and moves the references among them out of the frame, whose stack is empty then. `false`: the
    /// frame, which has not been sent anything yet, is in another state.
    pub(super) fn take(
        &self,
        frame: Frame,
        sent: &mut Option<PyObjectRef>,
        objects: &Objects,
        out: &mut [u64],
    ) -> bool {
        let globals = address(frame.globals().as_object());
        if globals != self.globals || frame.stack_depth() != self.depth || sent.is_some() != (self.sent == Wanted::Any)
        {
            return false;
        }
        let memory = frame.locals();
        let mut next = 0;
        for (n, &kind) in self.slots.iter().enumerate() {
            // SAFETY: the frame has as many locals and, checked above, entries on its stack.
            let word = unsafe { memory.add(n).read() };
            // SAFETY: a slot is null or keeps its object alive.
            let object = unsafe { ((word & !STACK_TAG) as *const PyObject).as_ref() };
            out[next] = match (kind, object) {
                (Kind::Empty, None) => continue,
                (Kind::Ref, Some(_)) if word & STACK_TAG == 0 => word,
                (Kind::Int | Kind::Float | Kind::Bool, Some(object)) => match (kind, objects.scalar(object)) {
                    (Kind::Int, Some(Scalar::Int(value))) => value as u64,
                    (Kind::Float, Some(Scalar::Float(value))) => value.to_bits(),
                    (Kind::Bool, Some(Scalar::Bool(value))) => u64::from(value),
                    _ => return false,
                },
                _ => return false,
            };
            next += 1;
        }
        if let Some(sent) = sent.take() {
            out[next] = sent.into_raw().as_ptr() as u64;
            next += 1;
        }
        out[next] = 0;
        let locals = self.slots.len() - self.depth;
        for (n, &kind) in self.slots[..locals].iter().enumerate() {
            if kind == Kind::Ref {
                // SAFETY: as above; the parameter owns the reference now.
                unsafe { memory.add(n).write(0) };
            }
        }
        // SAFETY: the frame's data has room for the code's maximal stack; what was there the parameters own.
        unsafe { memory.add(locals).write_bytes(0, self.room) };
        frame.clear_stack();
        true
    }
}
