//! What the recorder knows of the frames that it watches: for each local and stack entry, the value of the trace that it
//! holds.

use std::rc::Rc;

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::PyObject;
use tjit_ir::{CodeId, ValueId, VirtualKind};
use tjit_vm::frames::Frame;

use crate::decode::Decoded;

/// What a slot holds, in terms of the trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sym {
    /// Whatever is in the frame's memory: the trace has not touched it.
    Kept,
    /// Nothing.
    Empty,
    /// A value, boxed or not.
    Val(ValueId),
    /// An object that has not been made, by its index in the recorder's table.
    Virt(usize),
}

/// An object that has not been made.
#[derive(Clone, Debug)]
pub struct SymVirtual {
    /// What it is.
    pub kind: VirtualKind,
    /// Its parts; iterators change theirs as they are stepped.
    pub fields: Vec<Sym>,
    /// Set when it had to be made after all.
    pub made: Option<ValueId>,
}

/// A frame that the recorder watches.
pub struct Shadow {
    /// Its code.
    pub code: Rc<Decoded>,
    /// Its code in the trace's pool.
    pub id: CodeId,
    /// The real frame.
    pub frame: Frame,
    /// Fast locals.
    pub locals: Vec<Sym>,
    /// The value stack.
    pub stack: Vec<Sym>,
    /// The code unit that is expected to be executed next. While a callee runs: the one after the call.
    pub next: u32,
    /// While a callee runs: the first unit of the call.
    pub call: u32,
    /// While a callee runs: how many stack entries the call takes.
    pub pops: usize,
    /// The function that it is a call of, for inlined calls.
    pub function: Option<ValueId>,
    /// The generator that it is the frame of.
    pub generator: Option<Running>,
}

/// A generator whose frame is being recorded.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// The virtual object.
    pub object: usize,
    /// Whether it has passed the header of a loop of its own since it was resumed, or was resumed before the recording
    /// began. The first such header is only the generator's way back to its `yield`.
    pub has_looped: bool,
}

impl Shadow {
    /// Whether a unit is before the first instruction of a generator that is about to start: the part that makes it.
    pub fn is_before_start(&self, unit: u32) -> bool {
        self.generator.is_some() && unit < self.next && Some(self.next) == self.code.first(Opcode::Resume)
    }
}

/// A stack entry together with the object that the interpreter has there now.
#[derive(Clone, Copy)]
pub struct Operand {
    /// In terms of the trace.
    pub sym: Sym,
    object: *const PyObject,
}

impl Operand {
    /// An operand from a slot of a live frame.
    pub fn new(sym: Sym, object: Option<&PyObject>) -> Operand {
        Operand { sym, object: object.map_or(std::ptr::null(), std::ptr::from_ref) }
    }

    /// The object; `None` for a null entry.
    pub fn object<'a>(self) -> Option<&'a PyObject> {
        // SAFETY: an operand lives during one recording step, before the interpreter executes the instruction; the
        // frame keeps the object alive for that long.
        unsafe { self.object.as_ref() }
    }
}
