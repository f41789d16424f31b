//! Reads a code object's units: where its jumps are, where its loops begin, where its body begins.
//!
//! A *header* is the target of a `JUMP_BACKWARD`. The compiler moves exception handlers behind the code they belong to
//! and jumps back with `JUMP_BACKWARD_NO_INTERRUPT`, which is no loop; nor is the one of `await` and `yield from`, that
//! goes back to a `SEND`. Such a target counts only if the jump closes a cycle that passes no header.
//!
//! Bytecode may come from anywhere (`types.CodeType` takes any bytes), so nothing is trusted: code that has targets in
//! the middle of instructions, jumps out of itself, or has opcodes that no compiler writes is left as it is.

use rustpython_compiler_core::bytecode::{CodeUnit, ExceptionTableEntry, Instruction, Opcode};
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
    /// The distance.
    pub arg: u32,
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
    pub units: Box<[CodeUnit]>,
    pub jumps: Vec<Jump>,
    /// First units of the loops, ascending.
    pub headers: Vec<u32>,
    /// The unit after the `RESUME` with which execution starts.
    pub body: Option<u32>,
}

/// What the scan does about an opcode.
#[derive(Clone, Copy)]
enum Step {
    Pass,
    Prefix,
    Jump(JumpKind),
    Resume,
    /// No opcode, or none that a compiler writes where an instruction begins.
    Unknown,
}

/// What the scan does about each byte, and the caches that follow it.
static STEPS: LazyLock<[(Step, u8); 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let op = Instruction::try_from(byte as u8).unwrap_or(Instruction::Cache);
        let step = match op.as_opcode() {
            Opcode::Cache => Step::Unknown,
            _ if op.is_instrumented() || u8::from(op.deoptimize()) != u8::from(op) => Step::Unknown,
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
        (step, op.cache_entries() as u8)
    })
});

/// Reads `units`, which nothing has specialised, and whose exception table says `handlers`. `None` if they are not what a
/// compiler makes.
pub(super) fn scan(units: Box<[CodeUnit]>, handlers: &[ExceptionTableEntry]) -> Option<Scan> {
    let steps = &*STEPS;
    let mut jumps = Vec::new();
    let mut body = None;
    let (mut start, mut at, mut prefixes) = (0, 0, 0u32);
    while let Some(unit) = units.get(at) {
        let (step, caches) = steps[u8::from(unit.op) as usize];
        let end = at + 1 + caches as usize;
        if let Step::Pass = step {
            (start, at, prefixes) = (end, end, 0);
            continue;
        }
        let arg = prefixes << 8 | u32::from(u8::from(unit.arg));
        match step {
            Step::Pass => {}
            Step::Prefix => {
                if arg >> 24 != 0 {
                    return None;
                }
                (at, prefixes) = (end, arg);
                continue;
            }
            Step::Jump(kind) => {
                let (opcode, end) = (at as u32, end as u32);
                let target = if kind.is_backward() { end.checked_sub(arg)? } else { end.checked_add(arg)? };
                jumps.push(Jump { start: start as u32, opcode, end, arg, target, kind });
            }
            Step::Resume => {
                if arg == 0 && body.is_none() {
                    body = Some(end as u32);
                }
            }
            Step::Unknown => return None,
        }
        (start, at, prefixes) = (end, end, 0);
    }
    let begins = |unit: u32| {
        units.get(unit as usize).is_some_and(|at| at.op.as_opcode() != Opcode::Cache)
            && (unit == 0 || units[unit as usize - 1].op.as_opcode() != Opcode::ExtendedArg)
    };
    let whole = start == units.len() && jumps.iter().all(|jump| begins(jump.target)) && body.is_none_or(begins);
    if !whole {
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
                let reached = seen.any(entry.start, entry.end);
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
        let stop = self.headers.get(self.headers.partition_point(|&header| header < unit));
        let stop = stop.map_or(self.units.len(), |&header| header as usize);
        let mut jumps = self.jumps[self.jumps.partition_point(|jump| jump.opcode < unit)..].iter().peekable();
        let mut at = unit as usize;
        while at < stop && !seen.get(at as u32) {
            seen.set(at);
            if let Some(jump) = jumps.next_if(|jump| jump.opcode == at as u32) {
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
            at += 1 + STEPS[u8::from(op) as usize].1 as usize;
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

    /// Whether there is one from `start` to before `end`.
    fn any(&self, start: u32, end: u32) -> bool {
        let words = self.0.iter().enumerate().take(end.div_ceil(64) as usize).skip(start as usize / 64);
        words.into_iter().any(|(index, &word)| {
            let first = index as u32 * 64;
            let from = start.saturating_sub(first);
            let to = (end - first).min(64);
            from < to && word << (64 - to) >> (64 - to + from) != 0
        })
    }

    fn get(&self, unit: u32) -> bool {
        self.0.get(unit as usize / 64).is_some_and(|word| word >> (unit % 64) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(code: &[(Opcode, u8)]) -> Box<[CodeUnit]> {
        let caches = |op: Opcode| std::iter::repeat_n((Opcode::Cache, 0), op.as_instruction().cache_entries());
        let all = code.iter().flat_map(|&(op, arg)| std::iter::once((op, arg)).chain(caches(op)));
        all.map(|(op, arg)| CodeUnit::new(op.as_instruction(), arg.into())).collect()
    }

    #[test]
    fn a_jump_back_to_the_code_behind_a_handler_is_no_loop() {
        use Opcode::*;
        // try: … except: …; the handler is at 5 and goes on at 3.
        let code =
            [(Resume, 0), (Nop, 0), (Nop, 0), (LoadSmallInt, 0), (ReturnValue, 0), (PushExcInfo, 0), (PopExcept, 0)];
        let code = units(&[&code[..], &[(JumpBackwardNoInterrupt, 5)]].concat());
        let handlers = [ExceptionTableEntry::new(1, 3, 5, 0, false)];
        let scan = scan(code, &handlers).expect("a compiler could write this");
        assert_eq!((scan.headers, scan.body), (vec![], Some(1)));
    }

    #[test]
    fn a_loop_may_have_nothing_but_a_quiet_jump() {
        use Opcode::*;
        let code =
            [(Resume, 0), (Nop, 0), (RaiseVarargs, 1), (PushExcInfo, 0), (PopExcept, 0), (JumpBackwardNoInterrupt, 5)];
        let handlers = [ExceptionTableEntry::new(1, 3, 3, 0, false)];
        assert_eq!(scan(units(&code), &handlers).expect("a compiler could write this").headers, [1]);
        // But a SEND that is gone back to awaits something.
        let awaits = [(Resume, 0), (Send, 2), (YieldValue, 1), (JumpBackwardNoInterrupt, 4), (ReturnValue, 0)];
        assert!(scan(units(&awaits), &[]).expect("a compiler could write this").headers.is_empty());
    }

    #[test]
    fn what_no_compiler_writes_is_refused() {
        use Opcode::*;
        for code in [
            &[(JumpForward, 9)][..],
            &[(JumpBackward, 9)],
            &[(ExtendedArg, 1)],
            &[(ExtendedArg, 1), (ExtendedArg, 1), (ExtendedArg, 1), (ExtendedArg, 1), (Nop, 0)],
            &[(Cache, 0)],
            &[(LoadConstMortal, 0)],
            &[(InstrumentedLine, 0)],
            // Into a cache, and behind a prefix.
            &[(JumpForward, 1), (PopJumpIfTrue, 0), (Nop, 0)],
            &[(JumpForward, 1), (ExtendedArg, 0), (Nop, 0)],
        ] {
            assert!(scan(units(code), &[]).is_none(), "{code:?}");
        }
        let cut = units(&[(PopJumpIfTrue, 0)])[..1].into();
        assert!(scan(cut, &[]).is_none());
    }

    #[test]
    fn ranges_of_bits() {
        let mut bits = Bits::new(200);
        bits.set(64);
        bits.set(130);
        for (start, end, expected) in [
            (0, 64, false),
            (0, 65, true),
            (64, 65, true),
            (65, 130, false),
            (65, 131, true),
            (131, 200, false),
            (5, 5, false),
        ] {
            assert_eq!(bits.any(start, end), expected, "{start}..{end}");
        }
    }
}
