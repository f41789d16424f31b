//! A code object's instructions as the recorder needs them: by code unit, original opcodes, whole arguments.
//!
//! The code units in memory change while the program runs (specialised, instrumented), so they are decoded once, before
//! the first recording touches them.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{AsObject, Py, PyObjectRef, PyRef, builtins::PyCode};
use tjit_vm::site::{Site, SiteKind};

use crate::flow::Flow;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// The original opcode: neither specialised nor instrumented.
    pub opcode: Opcode,
    /// The whole argument.
    pub arg: u32,
    /// Its first code unit: that of its first EXTENDED_ARG, when it has one.
    pub start: u32,
    /// Its code unit behind the prefix: where exceptions say that it is.
    pub unit: u32,
    /// The code unit after it and its caches.
    pub end: u32,
}

impl Op {
    /// Whether it calls something, so that a receiver or null comes above what is called.
    pub fn is_call(self) -> bool {
        matches!(self.opcode, Opcode::Call | Opcode::CallKw | Opcode::CallFunctionEx)
    }

    /// How many stack entries are above what a call calls and from there on, that included: callable, self or null,
    /// arguments, keyword names. Of an operator on a container: the container and what is above it.
    pub fn call_entries(self) -> usize {
        match self.opcode {
            Opcode::Call => self.arg as usize + 2,
            Opcode::CallKw => self.arg as usize + 3,
            Opcode::CallFunctionEx => 4,
            Opcode::BinaryOp | Opcode::StoreSubscr | Opcode::CompareOp => 2,
            Opcode::ContainsOp | Opcode::LoadAttr | Opcode::StoreAttr | Opcode::ForIter | Opcode::GetIter => 1,
            Opcode::UnaryNegative | Opcode::UnaryInvert | Opcode::UnaryNot | Opcode::ToBool | Opcode::FormatSimple => 1,
            Opcode::FormatWithSpec | Opcode::DeleteSubscr => 2,
            Opcode::BinarySlice | Opcode::StoreSlice => 3,
            Opcode::WithExceptStart => 5,
            Opcode::Send | Opcode::MapAdd => 2,
            Opcode::ListExtend
            | Opcode::SetUpdate
            | Opcode::SetAdd
            | Opcode::UnpackSequence
            | Opcode::DeleteAttr
            | Opcode::GetYieldFromIter => 1,
            Opcode::BuildMap => 2 * self.arg as usize,
            Opcode::BuildSet => self.arg as usize,
            _ => 0,
        }
    }

    /// How many stack entries what a call gives takes the place of. An iterator stays
    /// where it is, and so does an `__exit__`.
    pub fn call_takes(self) -> usize {
        match self.opcode {
            Opcode::ForIter | Opcode::WithExceptStart => 0,
            Opcode::StoreAttr => 2,
            _ => self.call_entries(),
        }
    }

    /// Whether what a call gives is pushed.
    pub fn call_gives(self) -> bool {
        self.opcode != Opcode::StoreAttr
    }
}

/// A site in the code.
#[derive(Clone)]
pub struct SiteInfo {
    /// The site object.
    pub site: PyRef<Site>,
    /// First code unit after the site.
    pub after: u32,
}

/// A decoded code object.
pub struct Decoded {
    /// The code object, kept alive: its address is used as its identity.
    pub code: PyRef<PyCode>,
    ops: Vec<Option<Op>>,
    sites: FxHashMap<u32, SiteInfo>,
    loops: Vec<LoopText>,
    flow: OnceCell<Flow>,
}

/// The code units that a loop spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopText {
    /// The header.
    pub first: u32,
    /// After the last jump back to the header.
    pub end: u32,
}

impl Decoded {
    /// Decodes a code object that nobody monitors at the moment.
    pub fn new(code: &Py<PyCode>) -> Decoded {
        let units = &code.code.instructions;
        let mut ops = vec![None; units.len()];
        let (mut unit, mut start, mut arg) = (0, None, 0u32);
        while unit < units.len() {
            let code_unit = units.read_unit(unit);
            let opcode = code_unit.op.deoptimize().as_opcode();
            arg = (arg << 8) | u32::from(u8::from(code_unit.arg));
            if opcode == Opcode::ExtendedArg {
                start.get_or_insert(unit as u32);
                unit += 1;
                continue;
            }
            let end = unit + 1 + opcode.cache_entries();
            ops[unit] = Some(Op {
                opcode,
                arg,
                start: start.take().unwrap_or(unit as u32),
                unit: unit as u32,
                end: end as u32,
            });
            arg = 0;
            unit = end;
        }
        let mut sites = FxHashMap::default();
        for constant in code.code.constants.iter() {
            let object: PyObjectRef = constant.clone().into();
            if let Ok(site) = object.downcast::<Site>() {
                let after = site.after();
                sites.insert(site.unit(), SiteInfo { site, after });
            }
        }
        let mut decoded = Decoded { code: code.to_owned(), ops, sites, loops: Vec::new(), flow: OnceCell::new() };
        decoded.loops = decoded.find_loops();
        decoded
    }

    fn find_loops(&self) -> Vec<LoopText> {
        let mut loops: Vec<LoopText> = Vec::new();
        for op in self.ops.iter().flatten() {
            if op.opcode == Opcode::JumpBackward {
                let first = op.end - op.arg;
                match loops.iter_mut().find(|text| text.first == first) {
                    Some(text) => text.end = text.end.max(op.end),
                    None => loops.push(LoopText { first, end: op.end }),
                }
            }
        }
        // The compiler may put an outer loop's jump back in front of the body of an inner loop: a loop that begins inside
        // another one ends inside it.
        loop {
            let mut changed = false;
            for outer in 0..loops.len() {
                for inner in 0..loops.len() {
                    let (a, b) = (loops[outer], loops[inner]);
                    if a.first < b.first && b.first < a.end && b.end > a.end {
                        loops[outer].end = b.end;
                        changed = true;
                    }
                }
            }
            if !changed {
                return loops;
            }
        }
    }

    /// The instruction at a code unit (not at its EXTENDED_ARG prefix, nor in its caches).
    pub fn op(&self, unit: u32) -> Option<Op> {
        self.ops.get(unit as usize).copied().flatten()
    }

    /// The instruction that begins at a code unit, with its EXTENDED_ARG prefix if it has one.
    pub fn instruction_at(&self, start: u32) -> Option<Op> {
        self.ops.get(start as usize..)?.iter().take(4).flatten().next().copied().filter(|op| op.start == start)
    }

    /// The end of the site that a code unit belongs to, if any.
    pub fn site_around(&self, unit: u32) -> Option<u32> {
        self.sites.iter().find(|(first, info)| (**first..info.after).contains(&unit)).map(|(_, info)| info.after)
    }

    /// All instructions in a span of code units.
    pub fn ops_in(&self, text: LoopText) -> impl Iterator<Item = Op> + '_ {
        self.ops[text.first as usize..text.end as usize].iter().copied().flatten()
    }

    /// The handlers of a loop: the code that only exceptions in the loop lead to, as units at which its instructions begin.
    pub fn handlers_of(&self, text: LoopText) -> FxHashSet<u32> {
        let normal = self.reached_from([0], &FxHashSet::default());
        let entries: Vec<_> =
            rustpython_compiler_core::bytecode::decode_exception_table(&self.code.code.exceptiontable);
        let mut found = FxHashSet::default();
        loop {
            let covers = |from: u32, to: u32| {
                text.first < to && from < text.end || found.iter().any(|&unit| (from..to).contains(&unit))
            };
            let targets: Vec<u32> = entries
                .iter()
                .filter(|entry| covers(entry.start, entry.end) && !found.contains(&entry.target))
                .map(|entry| entry.target)
                .filter(|target| !normal.contains(target))
                .collect();
            if targets.is_empty() {
                return found;
            }
            found.extend(self.reached_from(targets, &normal));
        }
    }

    /// The units at which instructions begin that are reached without exceptions, `but` those.
    fn reached_from(&self, starts: impl IntoIterator<Item = u32>, but: &FxHashSet<u32>) -> FxHashSet<u32> {
        let mut left: Vec<u32> = starts.into_iter().collect();
        let mut reached = FxHashSet::default();
        while let Some(unit) = left.pop() {
            let at = self.behind_sites(unit);
            let Some(op) = self.instruction_at(at) else { continue };
            if but.contains(&unit) || !reached.insert(unit) {
                continue;
            }
            reached.insert(at);
            left.extend(crate::flow::successors(op));
        }
        reached
    }

    /// The site that begins at a code unit.
    pub fn site(&self, unit: u32) -> Option<&SiteInfo> {
        self.sites.get(&unit)
    }

    /// The first code unit behind the sites that begin at one. (A function that begins with a loop has two there.)
    fn behind_sites(&self, unit: u32) -> u32 {
        std::iter::successors(Some(unit), |&unit| Some(self.site(unit)?.after)).last().unwrap_or(unit)
    }

    /// The header site that begins at a code unit.
    pub fn header(&self, unit: u32) -> Option<&SiteInfo> {
        self.site(unit).filter(|info| info.site.kind() == SiteKind::Header)
    }

    /// The site of a kind, for kinds of which there is one.
    pub fn kind_site(&self, kind: SiteKind) -> Option<&SiteInfo> {
        self.sites.values().find(|info| info.site.kind() == kind)
    }

    /// The first code unit of the first instruction with an opcode.
    pub fn first(&self, opcode: Opcode) -> Option<u32> {
        self.ops.iter().flatten().find(|op| op.opcode == opcode).map(|op| op.start)
    }

    /// The unit behind the SEND of a `yield from` in which a generator waits that goes on at a unit.
    pub fn behind_send(&self, unit: u32) -> Option<u32> {
        let to_yield = self.instruction_at(unit.checked_sub(1)?).filter(|op| op.opcode == Opcode::YieldValue)?;
        let send = self.ops.iter().flatten().find(|op| op.opcode == Opcode::Send && op.end == to_yield.start)?;
        Some(send.end + send.arg)
    }

    /// The loop whose header is at a code unit.
    pub fn loop_at(&self, header: u32) -> Option<LoopText> {
        self.loops.iter().copied().find(|text| text.first == header)
    }

    /// Whether there is any loop.
    pub fn has_loops(&self) -> bool {
        !self.loops.is_empty()
    }

    /// The outermost loop around a code unit.
    pub fn outermost_loop(&self, unit: u32) -> Option<LoopText> {
        self.loops_around(unit).max_by_key(|text| text.end - text.first)
    }

    /// The innermost loop around a code unit.
    pub fn innermost_loop(&self, unit: u32) -> Option<LoopText> {
        self.loops_around(unit).min_by_key(|text| text.end - text.first)
    }

    fn loops_around(&self, unit: u32) -> impl Iterator<Item = LoopText> + '_ {
        self.loops.iter().copied().filter(move |text| (text.first..text.end).contains(&unit))
    }

    /// Whether an exception at a code unit is handled by code of the program: not only by what turns StopIteration into
    /// RuntimeError in a generator.
    pub fn is_guarded(&self, unit: u32) -> bool {
        let handlers = rustpython_compiler_core::bytecode::decode_exception_table(&self.code.code.exceptiontable);
        let handler = handlers.iter().find(|entry| (entry.start..entry.end).contains(&unit));
        handler.is_some_and(|entry| self.op(entry.target).is_none_or(|op| op.opcode != Opcode::CallIntrinsic1))
    }

    /// How control flows through the code.
    pub fn flow(&self) -> &Flow {
        self.flow.get_or_init(|| {
            let ops: Vec<&Op> = self.ops.iter().flatten().filter(|op| self.site_around(op.start).is_none()).collect();
            Flow::of(ops.into_iter(), |unit| self.behind_sites(unit))
        })
    }

    /// The identity of the code object.
    pub fn key(&self) -> CodeKey {
        CodeKey::of(&self.code)
    }
}

/// The identity of a code object that something keeps alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CodeKey(usize);

impl CodeKey {
    /// The key of the code object at an address.
    pub fn at(address: u64) -> CodeKey {
        CodeKey(address as usize)
    }

    /// The key of a code object.
    pub fn of(code: &Py<PyCode>) -> CodeKey {
        CodeKey(code.as_object().get_id())
    }

    /// Something to make a hash of.
    pub fn bits(self) -> usize {
        self.0 >> 4
    }
}
