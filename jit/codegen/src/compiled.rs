//! A compiled trace: its code, its exits and their slots.

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tjit_ir::{SnapshotId, TraceId, Ty, ValueId};

use crate::context::Context;
use crate::memory::CodeMemory;

/// A way out of a compiled trace.
#[derive(Clone, Debug)]
pub struct Exit {
    /// What the native code returns when it leaves here and no bridge is attached.
    pub id: u64,
    /// The instruction that leaves.
    pub inst: ValueId,
    /// What the interpreter goes on from.
    pub snapshot: SnapshotId,
    /// The values in the order of `Context::values`, and of a bridge's parameters. References carry one count each, but for
    /// the borrowed ones.
    pub values: Arc<[ValueId]>,
    /// Their types.
    pub tys: Arc<[Ty]>,
    /// Positions of the references among them that carry none: somebody else keeps the objects alive, but only until
    /// something else runs. Whoever takes over counts them first.
    pub borrowed: Arc<[usize]>,
}

/// What compiled code reads and writes of an exit. Baked into the code: the size is a power of two, offsets are below.
#[repr(C)]
#[derive(Default)]
pub(crate) struct ExitCell {
    /// Address of the bridge, or 0.
    bridge: AtomicUsize,
    /// Times passed, when counting was asked for.
    passes: AtomicU64,
}

impl ExitCell {
    pub(crate) const SIZE_LOG2: i64 = 4;
    pub(crate) const BRIDGE: i32 = mem::offset_of!(ExitCell, bridge) as i32;
    pub(crate) const PASSES: i32 = mem::offset_of!(ExitCell, passes) as i32;
}

const _: () = assert!(size_of::<ExitCell>() == 1 << ExitCell::SIZE_LOG2);

/// Where a name was found last: one for each operation on a name, written by the helpers, read by compiled code, which
/// checks what it says. So code that was compiled once stays fast after the dict has changed.
#[repr(C)]
#[derive(Debug)]
pub struct NameCell {
    /// Index of the entry in the dict that has the name.
    index: AtomicU64,
    /// Stamp of the keys of the first dict, in which the name was not found.
    stamp: AtomicU64,
    /// Times that it was written.
    writes: AtomicU64,
}

impl Default for NameCell {
    fn default() -> Self {
        // No dict has so many entries, nor such a stamp.
        NameCell { index: AtomicU64::new(u64::MAX), stamp: AtomicU64::new(u64::MAX), writes: AtomicU64::new(0) }
    }
}

impl NameCell {
    pub(crate) const INDEX: i32 = mem::offset_of!(NameCell, index) as i32;
    pub(crate) const STAMP: i32 = mem::offset_of!(NameCell, stamp) as i32;
    /// After so many writes, the dict changes too often for remembering to be worth it.
    const MAX_WRITES: u64 = 100;

    /// Whether it is worth finding out what [`NameCell::set`] wants to know.
    pub fn is_worth_setting(&self) -> bool {
        self.writes.load(Ordering::Relaxed) < Self::MAX_WRITES
    }

    /// Remembers where a name is. `absent` is the stamp of the keys of the dict that was searched first, in vain.
    pub fn set(&self, index: usize, absent: Option<u32>) {
        self.index.store(index as u64, Ordering::Relaxed);
        self.stamp.store(absent.map_or(u64::MAX, u64::from), Ordering::Relaxed);
        self.writes.store(self.writes.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// Native code that moves parameters from the context into the registers of one signature, and calls.
pub(crate) struct Trampoline {
    pub(crate) code: CodeMemory,
}

/// The code of several traces in one function.
pub struct Region {
    pub(crate) traces: usize,
    pub(crate) blocks: usize,
    pub(crate) selects: usize,
    pub(crate) code: CodeMemory,
    pub(crate) code_size: usize,
}

impl Region {
    /// How many traces are in it.
    pub fn traces(&self) -> usize {
        self.traces
    }

    /// Basic blocks of its code, those of exits included.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Guards that became conditional moves between both arms.
    pub fn selects(&self) -> usize {
        self.selects
    }

    /// Bytes of machine code.
    pub fn code_size(&self) -> usize {
        self.code_size
    }
}

/// A compiled trace. Its code lives as long as this does: whoever drops it has made sure that no thread is in the code, no
/// exit leads to it, and no other trace ends in it.
pub struct Compiled {
    pub(crate) trace: TraceId,
    /// The trace's own code, which `entry` points to at first.
    pub(crate) _code: CodeMemory,
    pub(crate) code_size: usize,
    /// Address of the code that is entered.
    pub(crate) entry: AtomicUsize,
    /// What `entry` has pointed to since: other code may still jump there.
    pub(crate) regions: Mutex<Vec<Region>>,
    pub(crate) trampoline: Arc<Trampoline>,
    /// Position of the parameter that tells whether the body is entered directly, in a trace that has one.
    pub(crate) direct: Option<usize>,
    pub(crate) first_exit: u64,
    pub(crate) exits: Vec<Exit>,
    pub(crate) cells: Box<[ExitCell]>,
    pub(crate) names: Box<[NameCell]>,
    /// Times entered, when watched.
    pub(crate) entries: Box<AtomicU64>,
    pub(crate) watch: Option<&'static AtomicU32>,
    pub(crate) clif: Option<String>,
    pub(crate) asm: Option<String>,
}

impl Compiled {
    /// The trace that was compiled.
    pub fn trace(&self) -> TraceId {
        self.trace
    }

    /// Address of the code: what other traces jump to, and what is attached to exits.
    pub fn address(&self) -> usize {
        self.entry.load(Ordering::Acquire)
    }

    /// Lets a region be entered from now on where this trace was.
    ///
    /// # Safety
    /// This trace is the region's first, and the traces of the region live as long as this.
    pub unsafe fn enter_region(&self, region: Region) {
        self.entry.store(region.code.address(), Ordering::Release);
        self.regions.lock().unwrap_or_else(PoisonError::into_inner).push(region);
    }

    /// Bytes of machine code, constants included.
    pub fn code_size(&self) -> usize {
        self.code_size
    }

    /// The exits. The first has the id that [`Env::first_exit`](crate::Env) named, the others follow.
    pub fn exits(&self) -> &[Exit] {
        &self.exits
    }

    /// Cranelift's input, when a dump was asked for.
    pub fn clif(&self) -> Option<&str> {
        self.clif.as_deref()
    }

    /// The machine instructions, when a dump was asked for.
    pub fn asm(&self) -> Option<&str> {
        self.asm.as_deref()
    }

    /// Lets an exit lead to a bridge from now on, or with `None` out of compiled code again. One store; nothing is patched.
    ///
    /// # Safety
    /// `bridge` is the [`Compiled::address`] of a trace whose parameters are the exit's values in number, order and type,
    /// that was compiled to be entered by exits that borrow the same of them ([`Env::by_exit`](crate::Env)) and stays alive
    /// for as long as it is attached.
    ///
    /// # Panics
    /// When there is no such exit.
    pub unsafe fn attach(&self, exit: usize, bridge: Option<usize>) {
        self.cells[exit].bridge.store(bridge.unwrap_or(0), Ordering::Release);
    }

    /// Address of the bridge that an exit leads to.
    ///
    /// # Panics
    /// When there is no such exit.
    pub fn bridge(&self, exit: usize) -> Option<usize> {
        Some(self.cells[exit].bridge.load(Ordering::Acquire)).filter(|&address| address != 0)
    }

    /// How often an exit was passed, with a bridge or without. Always 0 unless compiled with
    /// [`Options::count_exits`](crate::Options).
    ///
    /// # Panics
    /// When there is no such exit.
    pub fn passes(&self, exit: usize) -> u64 {
        self.cells[exit].passes.load(Ordering::Relaxed)
    }

    /// How often the code was entered: from outside, by jumps and calls of other traces, through an exit; by its own back
    /// edge does not count. Always 0 unless compiled with [`Options::watch`](crate::Options).
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Runs the code from its start with the parameters in `ctx.values`, whose references it takes over, until an exit; gives
    /// that exit's id, which may be one of another trace that this one led to. The exit's values are in `ctx.values` then, and
    /// the caller owns one count of each reference among them that the exit has not [borrowed](Exit::borrowed).
    ///
    /// # Safety
    /// `ctx` is valid; the parameters have the trace's types and classes; the compiler's [`Layout`](crate::Layout) is true
    /// of all objects they reach; nothing else changes those meanwhile.
    pub unsafe fn enter(&self, ctx: *mut Context) -> u64 {
        if let Some(index) = self.direct {
            // SAFETY: the context is valid, and its spill area has room for all parameters.
            unsafe { (*ctx).values[index] = 0 };
        }
        // SAFETY: the trampoline was compiled with exactly this signature, and the memory lives as long as `self`.
        let enter: unsafe extern "C" fn(*mut Context, usize) -> u64 =
            unsafe { mem::transmute(self.trampoline.code.address()) };
        let outside = self.watch.map(|watch| watch.load(Ordering::Relaxed));
        // SAFETY: the trampoline is the one for this trace's parameters; the rest is the caller's promise.
        let id = unsafe { enter(ctx, self.address()) };
        if let (Some(watch), Some(outside)) = (self.watch, outside) {
            watch.store(outside, Ordering::Relaxed);
        }
        id
    }
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled")
            .field("trace", &self.trace)
            .field("code_size", &self.code_size)
            .field("exits", &self.exits.len())
            .finish_non_exhaustive()
    }
}
