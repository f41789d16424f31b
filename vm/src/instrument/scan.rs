//! Reads a code object's units: where its jumps are, where its loops begin, where its body begins.
//!
//! A *header* is the target of a `JUMP_BACKWARD`. The compiler moves exception handlers behind the code they belong to
//! and jumps back with `JUMP_BACKWARD_NO_INTERRUPT`, which is no loop; nor is the one of `await` and `yield from`, that
//! goes back to a `SEND`. Such a target counts only if the jump closes a cycle that passes no header.
//!
//! Bytecode may come from anywhere (`types.CodeType` takes any bytes), so nothing is trusted: code that has targets in
//! the middle of instructions, jumps out of itself, or has opcodes that the VM put there for monitoring is left as it is.

use rustpython_compiler_core::bytecode::{CodeUnit, ExceptionTableEntry, Instruction, OpArgByte, Opcode};
use std::sync::LazyLock;

/// An instruction that holds a distance: a jump, or `END_ASYNC_FOR`, which names its `SEND` that way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    /// First unit of the instruction, an `EXTENDED_ARG` if it has one.
    pub start: u32,
    /// Unit of the opcode.
    pub opcode: u32,
    /// First unit after the instruction and its caches, from which the distance counts.
    pub end: u32,
    /// Unit that the distance leads to.
    pub target: u32,
    pub kind: JumpKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JumpKind {
    /// Goes on at the target, and only there.
    Forward,
    /// Goes on at the target or at the next instruction.
    Branch,
    /// `JUMP_BACKWARD`
    Back,
    /// `JUMP_BACKWARD_NO_INTERRUPT`
    QuietBack,
    /// A backward distance that is not jumped.
    Reference,
}

impl JumpKind {
    pub fn is_backward(self) -> bool {
        matches!(self, Self::Back | Self::QuietBack | Self::Reference)
    }
}

/// What there is to know about a code object before sites are put into it.
#[derive(Debug)]
pub(super) struct Scan {
    /// The units as a compiler would have made them: nothing specialised, caches empty.
    pub units: Box<[CodeUnit]>,
    pub jumps: Vec<Jump>,
    /// First units of the loops, ascending.
    pub headers: Vec<u32>,
    /// The unit after the `RESUME` with which execution starts.
    pub body: Option<u32>,
}

/// What the scan does about an opcode.
#[derive(Clone, Copy)]
struct Operation {
    /// The opcode that a compiler writes for it.
    plain: Instruction,
    caches: u8,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Pass,
    Prefix,
    Jump(JumpKind),
    Resume,
    /// No opcode, one that never stands where an instruction does, or one for which monitoring keeps the real one.
    Unknown,
}

/// The operation of each byte.
static OPERATIONS: LazyLock<[Operation; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let op = Instruction::try_from(byte as u8).unwrap_or(Instruction::Cache);
        let plain = op.to_base().unwrap_or(op).deoptimize();
        let step = match plain.as_opcode() {
            Opcode::Cache => Step::Unknown,
            _ if plain.is_instrumented() => Step::Unknown,
            Opcode::ExtendedArg => Step::Prefix,
            Opcode::JumpForward => Step::Jump(JumpKind::Forward),
            Opcode::PopJumpIfFalse
            | Opcode::PopJumpIfTrue
            | Opcode::PopJumpIfNone
            | Opcode::PopJumpIfNotNone
            | Opcode::ForIter
            | Opcode::Send => Step::Jump(JumpKind::Branch),
            Opcode::JumpBackward => Step::Jump(JumpKind::Back),
            Opcode::JumpBackwardNoInterrupt => Step::Jump(JumpKind::QuietBack),
            Opcode::EndAsyncFor => Step::Jump(JumpKind::Reference),
            Opcode::Resume => Step::Resume,
            _ => Step::Pass,
        };
        Operation { plain, caches: plain.cache_entries() as u8, step }
    })
});

/// Reads `units`, whose exception table says `handlers`. `None` if they are not what a compiler makes.
pub(super) fn scan(units: &[CodeUnit], handlers: &[ExceptionTableEntry]) -> Option<Scan> {
    let operations = &*OPERATIONS;
    let mut units: Box<[CodeUnit]> = units.into();
    let mut jumps = Vec::new();
    let mut body = None;
    let (mut start, mut at, mut prefixes) = (0, 0, 0u32);
    while at < units.len() {
        let unit = &mut units[at];
        let operation = operations[u8::from(unit.op) as usize];
        unit.op = operation.plain;
        let arg = prefixes << 8 | u32::from(u8::from(unit.arg));
        let opcode = at;
        at += 1;
        for cache in units.get_mut(at..at + operation.caches as usize)? {
            *cache = CodeUnit::new(Instruction::Cache, OpArgByte::from(0));
            at += 1;
        }
        match operation.step {
            Step::Pass => {}
            Step::Prefix => {
                if arg >> 24 != 0 || at == units.len() {
                    return None;
                }
                prefixes = arg;
                continue;
            }
            Step::Jump(kind) => {
                let end = at as u32;
                let target = if kind.is_backward() { end.checked_sub(arg)? } else { end.checked_add(arg)? };
                jumps.push(Jump { start: start as u32, opcode: opcode as u32, end, target, kind });
            }
            Step::Resume => {
                if arg == 0 && body.is_none() {
                    body = Some(at as u32);
                }
            }
            Step::Unknown => return None,
        }
        (start, prefixes) = (at, 0);
    }
    let begins = |unit: u32| {
        units.get(unit as usize).is_some_and(|at| at.op.as_opcode() != Opcode::Cache)
            && (unit == 0 || units[unit as usize - 1].op.as_opcode() != Opcode::ExtendedArg)
    };
    if !(jumps.iter().all(|jump| begins(jump.target)) && body.is_none_or(begins)) {
        return None;
    }
    let headers = headers(&units, &jumps, handlers);
    Some(Scan { units, jumps, headers, body })
}

fn headers(units: &[CodeUnit], jumps: &[Jump], handlers: &[ExceptionTableEntry]) -> Vec<u32> {
    let mut headers: Vec<u32> =
        jumps.iter().filter(|jump| jump.kind == JumpKind::Back).map(|jump| jump.target).collect();
    headers.sort_unstable();
    headers.dedup();
    for jump in jumps.iter().filter(|jump| jump.kind == JumpKind::QuietBack) {
        let Err(place) = headers.binary_search(&jump.target) else { continue };
        if operation(units, jump.target) != Opcode::Send
            && (Walk { units, jumps, handlers, headers: &headers }).returns(jump)
        {
            headers.insert(place, jump.target);
        }
    }
    headers
}

/// The operation of the instruction that starts at `unit`.
fn operation(units: &[CodeUnit], unit: u32) -> Opcode {
    let mut unit = unit as usize;
    while matches!(units[unit].op, Instruction::ExtendedArg) {
        unit += 1;
    }
    units[unit].op.as_opcode()
}

/// Follows control through code.
struct Walk<'a> {
    units: &'a [CodeUnit],
    jumps: &'a [Jump],
    handlers: &'a [ExceptionTableEntry],
    headers: &'a [u32],
}

impl Walk<'_> {
    /// Whether control gets from the target of `back` to `back` itself without meeting a header.
    fn returns(&self, back: &Jump) -> bool {
        let mut seen = Bits::new(self.units.len());
        let mut open = vec![back.target];
        let mut handlers: Vec<&ExceptionTableEntry> = self.handlers.iter().collect();
        loop {
            while let Some(from) = open.pop() {
                self.fall(from, &mut seen, &mut open);
            }
            handlers.retain(|entry| {
                let reached = (entry.start..entry.end).any(|unit| seen.get(unit));
                if reached {
                    open.push(entry.target);
                }
                !reached
            });
            if open.is_empty() {
                return seen.get(back.opcode);
            }
        }
    }

    /// Marks what runs from `unit` on without a jump as seen; what it may jump to goes to `open`.
    fn fall(&self, unit: u32, seen: &mut Bits, open: &mut Vec<u32>) {
        let mut at = unit as usize;
        while at < self.units.len() && !seen.get(at as u32) && self.headers.binary_search(&(at as u32)).is_err() {
            seen.set(at);
            if let Ok(index) = self.jumps.binary_search_by_key(&(at as u32), |jump| jump.opcode) {
                let jump = &self.jumps[index];
                if jump.kind != JumpKind::Reference {
                    open.push(jump.target);
                }
                if !matches!(jump.kind, JumpKind::Branch | JumpKind::Reference) {
                    return;
                }
            }
            let op = self.units[at].op;
            if matches!(op.as_opcode(), Opcode::ReturnValue | Opcode::RaiseVarargs | Opcode::Reraise) {
                return;
            }
            at += 1 + op.cache_entries();
        }
    }
}

/// A set of units.
struct Bits(Vec<u64>);

impl Bits {
    fn new(len: usize) -> Self {
        Self(vec![0; len / 64 + 1])
    }

    fn set(&mut self, unit: usize) {
        self.0[unit / 64] |= 1 << (unit % 64);
    }

    fn get(&self, unit: u32) -> bool {
        self.0.get(unit as usize / 64).is_some_and(|word| word >> (unit % 64) & 1 != 0)
    }
}
