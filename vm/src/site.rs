//! A *site*: the object in a code object's constants through which the interpreter reaches the JIT.
//!
//! The code that `instrument` makes asks the site for its truth value at every loop header, and, once the site has been
//! switched on, at a function's entry. The answer is false as long as the site is cold, and a cold site only counts.
//! When the count reaches the limit, the [`SiteHook`] is asked.
//!
//! # What the hook may do
//! While it is asked, the value stack is what it is at the instruction behind the site. `Ok(false)` lets the interpreter
//! go on there. To go on elsewhere the hook changes the frame's locals and stack, stores `unit - 1` as the frame's
//! `lasti`, and answers `Ok(true)`; but only if [`Site::can_redirect`] says so. An `Err` is raised as if the instruction
//! behind the site had raised it.
//!
//! # Switching
//! A site is off while its switch, the first of its units, is a `JUMP_FORWARD`; then it costs one instruction. Headers start
//! on, entries off: those of functions that may call themselves are woken, others wanted for single passes. See
//! `instrument/rewrite.rs` for the units.
//!
//! # Life
//! The interpreter counts a reference to the site and uncounts it at every pass, which atomically is most of what a cold
//! site costs. So sites in the code of modules are immortal, with their data: see [`Lifetime`].

use crate::instrument::{SiteMap, site_map};
use rustpython_compiler_core::bytecode::{Instruction, Opcode};
use rustpython_vm::{
    Py, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::PyCode,
    class::PyClassImpl,
    frame,
    protocol::{PyNumber, PyNumberMethods},
    pyclass,
    types::AsNumber,
};
use std::{
    any::Any,
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
};

/// What a site stands in front of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// The first instruction of a loop.
    Header,
    /// The first instruction of a function's body.
    Entry,
    /// Where a generator goes on when it is resumed. Such a site is in no code: who resumes the generator asks.
    Resume,
}

/// How long a site lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// As long as the process: cheaper to pass, for code that is made once.
    Process,
    /// As long as its code.
    Code,
}

/// The engine, as sites see it.
pub trait SiteHook: Send + Sync {
    /// Asked when `site` has been passed as often as its limit says. It decides what becomes of the count and the limit;
    /// while the count is not below the limit, every pass asks. For the answer see the module's documentation.
    ///
    /// # Errors
    /// Raised in the Python code, with the position of the instruction behind the site.
    fn on_site(&self, site: &Py<Site>, vm: &VirtualMachine) -> PyResult<bool>;
}

static HOOK: OnceLock<Box<dyn SiteHook>> = OnceLock::new();

/// Sets the hook of all sites in the process. False if there was one already, which then stays.
pub(crate) fn set_hook(hook: Box<dyn SiteHook>) -> bool {
    HOOK.set(hook).is_ok()
}

/// See the module's documentation.
#[pyclass(module = "tjit", name = "site")]
#[derive(Debug, PyPayload)]
pub struct Site {
    count: AtomicU32,
    limit: AtomicU32,
    kind: SiteKind,
    unit: u32,
    after: u32,
    dormant: AtomicBool,
    map: Arc<SiteMap>,
    data: OnceLock<Arc<dyn Any + Send + Sync>>,
}

#[pyclass(with(AsNumber), flags(DISALLOW_INSTANTIATION))]
impl Site {}

impl AsNumber for Site {
    fn as_number() -> &'static PyNumberMethods {
        static METHODS: PyNumberMethods = PyNumberMethods { boolean: Some(pass), ..PyNumberMethods::NOT_IMPLEMENTED };
        &METHODS
    }
}

/// The interpreter passes a site. Nothing here may be slow while the site is cold: no thread-local, no lock, no atomic
/// read-modify-write (a count that two threads race for loses a pass, which is no harm).
fn pass(number: PyNumber<'_>, vm: &VirtualMachine) -> PyResult<bool> {
    // SAFETY: this is the slot of `Site`'s own type, which can be neither subclassed nor instantiated by Python code.
    let site: &Py<Site> = unsafe { number.obj.downcast_unchecked_ref() };
    let count = site.count.load(Relaxed).wrapping_add(1);
    site.count.store(count, Relaxed);
    if count < site.limit.load(Relaxed) { Ok(false) } else { hot(site, vm) }
}

#[cold]
#[inline(never)]
fn hot(site: &Py<Site>, vm: &VirtualMachine) -> PyResult<bool> {
    match HOOK.get() {
        Some(hook) => hook.on_site(site, vm),
        None => {
            // Code that ran before the engine was there: it begins to count when the engine is.
            site.count.store(0, Relaxed);
            Ok(false)
        }
    }
}

impl Site {
    /// The type must exist before code with sites does.
    pub(crate) fn init() {
        let _ = Self::make_static_type();
    }

    /// A site that takes the units `place` of the code whose map is `map`.
    pub(crate) fn new(kind: SiteKind, place: Range<u32>, limit: u32, map: Arc<SiteMap>) -> Self {
        let (count, limit) = (AtomicU32::new(0), AtomicU32::new(limit));
        let dormant = AtomicBool::new(kind == SiteKind::Entry);
        Self { count, limit, dormant, kind, unit: place.start, after: place.end, map, data: OnceLock::new() }
    }

    /// A site that is in no code, for a generator that goes on at `unit`, which executes the instruction at `after` first.
    #[must_use]
    pub fn of_resume(unit: u32, after: u32, limit: u32, vm: &VirtualMachine) -> PyRef<Self> {
        let map = Arc::new(SiteMap::nowhere());
        let mut site = Self::new(SiteKind::Resume, unit..after, limit, map);
        site.dormant = AtomicBool::new(false);
        site.into_ref(&vm.ctx)
    }

    /// What the site stands in front of.
    #[must_use]
    pub fn kind(&self) -> SiteKind {
        self.kind
    }

    /// The first unit of the site.
    #[must_use]
    pub fn unit(&self) -> u32 {
        self.unit
    }

    /// The first unit behind the site. There execution goes on without passing the site.
    #[must_use]
    pub fn after(&self) -> u32 {
        self.after
    }

    /// The units of the code without its sites.
    #[must_use]
    pub fn map(&self) -> &Arc<SiteMap> {
        &self.map
    }

    /// Passes since the count was last set.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count.load(Relaxed)
    }

    /// Sets the number of passes.
    pub fn set_count(&self, count: u32) {
        self.count.store(count, Relaxed);
    }

    /// The count with which the hook is asked. Zero: always.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.load(Relaxed)
    }

    /// Sets the limit. `u32::MAX` all but switches the site off; [`Site::disable`] is cheaper to pass.
    pub fn set_limit(&self, limit: u32) {
        self.limit.store(limit, Relaxed);
    }

    /// Whether the site is switched on for single passes only: an entry that nobody wants to count.
    #[must_use]
    pub fn is_dormant(&self) -> bool {
        self.dormant.load(Relaxed)
    }

    /// Switches a dormant site in `code` on.
    pub fn wake(&self, code: &Py<PyCode>) {
        self.dormant.store(false, Relaxed);
        self.enable(code);
    }

    /// Switches the site in `code` off, but for single passes.
    pub fn retire(&self, code: &Py<PyCode>) {
        self.dormant.store(true, Relaxed);
        self.disable(code);
    }

    /// What the engine keeps here, if it is a `T`.
    #[must_use]
    pub fn data<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.data.get()?.downcast_ref()
    }

    /// Keeps `data` for the engine, for as long as the site lives. False if there was something already, which stays.
    pub fn set_data(&self, data: Arc<dyn Any + Send + Sync>) -> bool {
        self.data.set(data).is_ok()
    }

    /// Whether the hook that is being asked may send the frame elsewhere by answering true. It may not while the site's
    /// own jump is instrumented for `sys.monitoring`: that form fixes its target before it asks.
    ///
    /// This looks at the jump as it is now. If monitoring has been switched off in the event for this very jump, the
    /// form that runs is still the other one: whoever does that must remember it for one pass.
    ///
    /// # Panics
    /// If no Python code runs on this thread.
    #[must_use]
    pub fn can_redirect(&self) -> bool {
        // SAFETY: the innermost frame of this thread lives while this thread is in something that it called.
        let frame = unsafe { frame::current_thread_iframe().as_ref() }.expect("a site is asked by a running frame");
        // `lasti` is behind the jump that asks; in front of a `CACHE` and the site's last unit.
        let lasti = frame.get_lasti();
        lasti + 2 == self.after
            && frame.code().code.instructions.read_op(lasti as usize - 1).as_opcode() == Opcode::PopJumpIfTrue
    }

    /// Whether passing the site in `code` asks it. False if it does not belong to `code`.
    #[must_use]
    pub fn is_on(&self, code: &Py<PyCode>) -> bool {
        if !self.belongs_to(code) {
            return false;
        }
        opcode_at(code, self.unit as usize) != Some(Opcode::JumpForward)
    }

    /// Switches the site in `code` on. False if it does not belong to `code`.
    pub fn enable(&self, code: &Py<PyCode>) -> bool {
        self.switch(code, Opcode::Nop)
    }

    /// Switches the site in `code` off. False if it does not belong to `code`.
    pub fn disable(&self, code: &Py<PyCode>) -> bool {
        self.switch(code, Opcode::JumpForward)
    }

    /// Makes `opcode` the switch. `sys.monitoring` may have put another opcode there and keep ours in a side table; it
    /// holds the table's lock whenever it moves opcodes, and so do we.
    fn switch(&self, code: &Py<PyCode>, opcode: Opcode) -> bool {
        if !self.belongs_to(code) {
            return false;
        }
        let unit = self.unit as usize;
        let mut monitoring = code.monitoring_data.lock();
        let now = code.code.instructions.read_op(unit);
        let hidden = monitoring.as_mut().and_then(|data| {
            hiding_place((&mut data.line_opcodes[unit], &mut data.per_instruction_opcodes[unit]), now)
        });
        match hidden {
            Some(hidden) => *hidden = opcode.as_instruction().into(),
            // SAFETY: the unit is within `code`, whose site this is. Its argument is right for JUMP_FORWARD, whatever
            // form of it is there, and NOP has none.
            None => unsafe { code.code.instructions.replace_op(unit, opcode.as_instruction()) },
        }
        true
    }

    fn belongs_to(&self, code: &Py<PyCode>) -> bool {
        site_map(code).is_some_and(|map| Arc::ptr_eq(map, &self.map))
    }
}

/// The opcode of a code unit as it would be if nobody monitored the code. `None` beyond the code's end.
pub(crate) fn opcode_at(code: &Py<PyCode>, unit: usize) -> Option<Opcode> {
    if unit >= code.code.instructions.len() {
        return None;
    }
    let mut monitoring = code.monitoring_data.lock();
    let op = code.code.instructions.read_op(unit);
    let hidden = monitoring.as_mut().and_then(|data| {
        let tables = (&mut data.line_opcodes[unit], &mut data.per_instruction_opcodes[unit]);
        hiding_place(tables, op).and_then(|byte| Instruction::try_from(*byte).ok())
    });
    let op = hidden.unwrap_or(op);
    Some(op.to_base().unwrap_or(op).as_opcode())
}

/// Where `sys.monitoring` keeps the opcode of a unit at which it has put `op`: the unit's places in its tables for lines
/// and for instructions are `(line, instruction)`.
fn hiding_place<'a>((line, instruction): (&'a mut u8, &'a mut u8), op: Instruction) -> Option<&'a mut u8> {
    match op.as_opcode() {
        Opcode::InstrumentedLine if *line != u8::from(Opcode::InstrumentedInstruction.as_instruction()) => Some(line),
        Opcode::InstrumentedLine | Opcode::InstrumentedInstruction => Some(instruction),
        _ => None,
    }
}
