//! Header states: the types and shapes with which a trace is entered at a loop header.
//!
//! ```text
//! frame                         header state                  parameters
//! i   int object 7              i   Int                       %0: int   = 7
//! xs  list object               xs  Ref                       %1: ref
//! y   unbound                   y   Empty
//! stack[0] range iterator       [0] range_iter(Int ×4)        %2..%5: int (index, start, step, length)
//! ```
//!
//! Entering takes references out of the frame: its slots are empty while compiled code runs. Ints, floats and bools are
//! only looked at; the boxes stay where they are, and an exit keeps a box whose value has not changed.

use rustpython_vm::{AsObject, Py, PyObject, PyObjectRef, VirtualMachine, builtins::PyDict, builtins::PyStrInterned};
use tjit_ir::{Ty, VirtualKind};
use tjit_vm::frames::Frame;

use crate::objects::{Objects, Scalar};

/// The type or shape of one slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SlotState {
    /// Not part of the state: stays in the frame's memory.
    Kept,
    /// Unbound, or null.
    Empty,
    /// An int that fits in 64 bits.
    Int,
    /// An exact float.
    Float,
    /// A bool.
    Bool,
    /// Any object.
    Ref,
    /// Any object, numbers too: a slot whose type changes so often that numbers are boxed for it.
    Boxed,
    /// An iterator that only this slot refers to, in its parts.
    Virtual(VirtualKind, Vec<SlotState>),
}

impl SlotState {
    /// The type of the parameter that carries the slot, when it is exactly one.
    pub fn ty(&self) -> Option<Ty> {
        match self {
            SlotState::Int => Some(Ty::Int),
            SlotState::Float => Some(Ty::Float),
            SlotState::Bool => Some(Ty::Bool),
            SlotState::Ref | SlotState::Boxed => Some(Ty::Ref),
            SlotState::Kept | SlotState::Empty | SlotState::Virtual(..) => None,
        }
    }
}

/// A module-level name that the loop stores.
#[derive(Clone, Debug)]
pub struct NameState {
    /// The name.
    pub name: &'static PyStrInterned,
    /// Its type: int, float or bool; other objects stay in the dict.
    pub state: SlotState,
}

/// The state of a frame at a header.
#[derive(Clone, Debug, Default)]
pub struct HeaderState {
    /// Fast locals.
    pub locals: Vec<SlotState>,
    /// The value stack, bottom first.
    pub stack: Vec<SlotState>,
    /// Names in the globals dict.
    pub names: Vec<NameState>,
}

impl HeaderState {
    /// A short description for the log: `Int Int Ref | range_iter`.
    pub fn describe(&self) -> String {
        fn one(slot: &SlotState) -> String {
            match slot {
                SlotState::Kept => "_".to_owned(),
                SlotState::Empty => "unbound".to_owned(),
                SlotState::Int => "int".to_owned(),
                SlotState::Float => "float".to_owned(),
                SlotState::Bool => "bool".to_owned(),
                SlotState::Ref | SlotState::Boxed => "object".to_owned(),
                SlotState::Virtual(kind, _) => crate::pool::kind_name(*kind).to_owned(),
            }
        }
        let list = |slots: &[SlotState]| slots.iter().map(one).collect::<Vec<_>>().join(" ");
        let names: Vec<String> = self.names.iter().map(|name| format!("{}: {}", name.name, one(&name.state))).collect();
        format!("locals({}) stack({}) names({})", list(&self.locals), list(&self.stack), names.join(" "))
    }

    /// Chooses the state for a frame as it is now.
    ///
    /// `wanted(n)` says whether local `n` belongs to the state; `boxed(slot)` whether a slot, counted over locals then
    /// stack, changes its type so often that it should travel as an object.
    pub fn of_frame(
        frame: Frame,
        names: &[&'static PyStrInterned],
        wanted: impl Fn(usize) -> bool,
        boxed: impl Fn(usize) -> bool,
        objects: &Objects,
        vm: &VirtualMachine,
    ) -> HeaderState {
        let count = frame.local_count();
        let local = |n: usize| match frame.local(n) {
            _ if !wanted(n) => SlotState::Kept,
            None => SlotState::Empty,
            Some(_) if boxed(n) => SlotState::Boxed,
            Some(object) => objects.scalar(object).map_or(SlotState::Ref, |scalar| scalar_state(scalar)),
        };
        let stack = |n: usize| match frame.stack(n) {
            None => SlotState::Empty,
            Some(_) if boxed(count + n) => SlotState::Boxed,
            Some(object) => match objects.scalar(object) {
                Some(scalar) => scalar_state(scalar),
                None => objects.virtual_state(object).unwrap_or(SlotState::Ref),
            },
        };
        HeaderState {
            locals: (0..count).map(local).collect(),
            stack: (0..frame.stack_depth()).map(stack).collect(),
            names: names
                .iter()
                .filter_map(|&name| {
                    let value = global(frame.globals(), name, vm)?;
                    Some(NameState { name, state: scalar_state(objects.scalar(&value)?) })
                })
                .collect(),
        }
    }

    /// Reads the parameters out of a frame, without changing it. `None` when the frame is in another state.
    pub fn read(&self, frame: Frame, objects: &Objects, vm: &VirtualMachine, out: &mut Vec<u64>) -> Option<()> {
        out.clear();
        if frame.stack_depth() != self.stack.len() || frame.local_count() != self.locals.len() {
            return None;
        }
        for (n, slot) in self.locals.iter().enumerate() {
            read_slot(slot, frame.local(n), objects, out)?;
        }
        for (n, slot) in self.stack.iter().enumerate() {
            read_slot(slot, frame.stack(n), objects, out)?;
        }
        for name in &self.names {
            let value = global(frame.globals(), name.name, vm)?;
            read_slot(&name.state, Some(&value), objects, out)?;
        }
        Some(())
    }

    /// Moves the references that [`HeaderState::read`] has read out of the frame: from now on the parameters own them.
    /// Returns what must be dropped afterwards (iterators that were taken apart).
    pub fn take(&self, frame: Frame, objects: &Objects) -> Vec<PyObjectRef> {
        let mut dropped = Vec::new();
        for (n, slot) in self.locals.iter().enumerate() {
            if matches!(slot, SlotState::Ref | SlotState::Boxed)
                && let Some(object) = frame.take_local(n)
            {
                // The parameter owns this reference now; it holds the same pointer.
                std::mem::forget(object);
            }
        }
        for (n, slot) in self.stack.iter().enumerate() {
            match (slot, frame.take_stack(n)) {
                (SlotState::Ref | SlotState::Boxed, Some(object)) => std::mem::forget(object),
                (SlotState::Virtual(..), Some(object)) => {
                    objects.take_parts(&object);
                    dropped.push(object);
                }
                (_, Some(object)) => dropped.push(object),
                (_, None) => {}
            }
        }
        frame.clear_stack();
        dropped
    }
}

/// The state of a slot that holds a scalar.
pub fn scalar_state(scalar: Scalar) -> SlotState {
    match scalar {
        Scalar::Int(_) => SlotState::Int,
        Scalar::Float(_) => SlotState::Float,
        Scalar::Bool(_) => SlotState::Bool,
    }
}

fn read_slot(slot: &SlotState, object: Option<&PyObject>, objects: &Objects, out: &mut Vec<u64>) -> Option<()> {
    match (slot, object) {
        (SlotState::Kept, _) | (SlotState::Empty, None) => {}
        (SlotState::Empty, Some(_)) | (_, None) => return None,
        (SlotState::Ref | SlotState::Boxed, Some(object)) => out.push(std::ptr::from_ref(object) as u64),
        (SlotState::Int, Some(object)) => match objects.scalar(object)? {
            Scalar::Int(value) => out.push(value as u64),
            _ => return None,
        },
        (SlotState::Float, Some(object)) => match objects.scalar(object)? {
            Scalar::Float(value) => out.push(value.to_bits()),
            _ => return None,
        },
        (SlotState::Bool, Some(object)) => match objects.scalar(object)? {
            Scalar::Bool(value) => out.push(u64::from(value)),
            _ => return None,
        },
        (SlotState::Virtual(kind, fields), Some(object)) => objects.read_parts(*kind, fields, object, out)?,
    }
    Some(())
}

/// The value of a global name that is in the globals dict itself.
pub fn global(globals: &Py<PyDict>, name: &'static PyStrInterned, vm: &VirtualMachine) -> Option<PyObjectRef> {
    globals.get_item_opt(name.as_object(), vm).ok().flatten()
}
