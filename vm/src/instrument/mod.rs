//! Sites in all Python code that the process creates.
//!
//! ```text
//!  compile, exec, eval ──┐
//!  marshal (pyc files) ──┤                          ┌─► units with sites        rewrite
//!  frozen modules ───────┼─► sources ─► code() ─────┼─► line, exception tables  rewrite, linetable
//!  types.CodeType ───────┤                          └─► SiteMap                 map
//!  code.replace ─────────┘
//!                             user ◄── view ◄── the original, by the SiteMap
//! ```
//!
//! Code gets its sites when it is created, so that a code object is one object from then on: what `compile` returned is
//! what runs, what a frame shows and what `sys.monitoring` is told about. Users do not see the difference: the attributes
//! of code objects, offsets in frames and tracebacks, and what `marshal` writes are those of the original (`view`).
//!
//! Sites of modules live as long as the process (`Lifetime`); those of code that a program makes for itself, with `exec`,
//! `compile` and so on, live as long as the code.
//!
//! # What differs all the same
//! * `settrace` with `f_trace_opcodes` gets `opcode` events for the units of a site, with the offset of the instruction
//!   behind it.
//! * `types.CodeType.co_stacksize` and `types.TracebackType.tb_lasti` are getset descriptors instead of members.
//! * The garbage collector's lists show `site` objects; `sys.getsizeof` knows nothing of them.
//! * `marshal.loads` gives code inside a container no sites; code at the top gets them, which is what pyc files are.
//! * Code that ran before [`prepare`] had a say has no sites: `_frozen_importlib`, and everything in subinterpreters.

mod cycles;
mod linetable;
mod map;
mod monitoring;
mod note;
pub(crate) mod patch;
mod rewrite;
mod scan;
mod sited;
mod sources;
mod stored;
mod strip;
mod view;

pub use map::SiteMap;
pub use monitoring::{OPTIMIZER_TOOL, tracing_active};
pub use sources::prepare;
pub use stored::library;

use crate::site::{Lifetime, Site, SiteHook, SiteKind, set_hook};
use cycles::Cycles;
use map::Tables;
use rewrite::{Kind, Locations};
use rustpython_compiler_core::{
    bytecode::{self, AsBag, CodeFlags, CodeUnit, CodeUnits, ConstantBag, Constants, encode_exception_table},
    marshal::linetable_to_locations,
};
use rustpython_vm::{AsObject, Context, Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, builtins::PyCode};
use sited::{Plain, Sited, sited};
use std::sync::{Arc, OnceLock, atomic::Ordering::Relaxed};

/// A constant of a code object: a Python object.
pub(crate) type Literal = <<&'static Context as AsBag>::Bag as ConstantBag>::Constant;
/// The contents of a Python code object.
pub(crate) type CodeObject = bytecode::CodeObject<Literal>;

/// How code is instrumented. The same for the whole process; the first that is given counts.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Passes of a loop header before the hook is asked.
    pub loop_limit: u32,
    /// Passes of a function's entry, while it is switched on, before the hook is asked.
    pub entry_limit: u32,
    /// Whether functions get entry sites. Those of functions that may call themselves start switched on, if they have a
    /// limit.
    pub entries: bool,
    /// Whether all of them do.
    pub all_entries: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { loop_limit: 1000, entry_limit: 0, entries: true, all_entries: false }
    }
}

static OPTIONS: OnceLock<Options> = OnceLock::new();

fn options() -> &'static Options {
    OPTIONS.get_or_init(Options::default)
}

/// Makes the interpreter put sites into all code from now on, and `hook` the one that sites ask.
///
/// Call it once, when the interpreter is initialised and before it runs the program. Without an earlier [`prepare`], the
/// modules that the interpreter imports for itself have no sites.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows, or if there is a hook already.
pub fn install(vm: &VirtualMachine, hook: Box<dyn SiteHook>, options: Options) -> PyResult<()> {
    attach(vm, options)?;
    match set_hook(hook) {
        true => Ok(()),
        false => Err(vm.new_runtime_error("the process has a JIT already: install it once")),
    }
}

/// What [`install`] does, without a hook: for another interpreter of the process.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn attach(vm: &VirtualMachine, options: Options) -> PyResult<()> {
    OPTIONS.get_or_init(|| options);
    Site::init();
    view::install(vm)?;
    monitoring::install(vm)?;
    sources::install(vm)
}

/// The map of `code`, if it has sites.
#[must_use]
pub fn site_map(code: &PyCode) -> Option<&Arc<SiteMap>> {
    last_site(code).map(|site| site.map())
}

/// The sites of `code`, in the order of their units.
pub fn sites(code: &PyCode) -> impl Iterator<Item = &Py<Site>> {
    let added = site_map(code).map_or(code.code.constants.len(), |map| map.constants);
    code.code.constants.iter().skip(added).filter_map(as_site)
}

/// The site at the entry of `code`, if it is a function's.
#[must_use]
pub fn entry_site(code: &PyCode) -> Option<&Py<Site>> {
    sites(code).find(|site| site.kind() == SiteKind::Entry)
}

/// Lets the entry site of `code`, if there is one, ask the hook at its next pass, or (with `on` false) rest again.
pub fn switch_entry(code: &Py<PyCode>, on: bool) {
    let Some(site) = entry_site(code) else { return };
    if on {
        site.enable(code);
        // More than any limit, and far from coming round to 0.
        site.set_count(1 << 31);
    } else if site.is_dormant() {
        site.disable(code);
    }
}

/// Whether a frame of this code can be suspended: that of a generator or coroutine.
pub fn suspends(code: &PyCode) -> bool {
    let suspends = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
    code.code.flags.intersects(suspends)
}

/// Whether frames of this code are those of coroutines.
pub fn is_awaited(code: &PyCode) -> bool {
    code.code.flags.contains(CodeFlags::COROUTINE)
}

/// Wakes the entry sites in `code`, and in what is nested in it: of all functions, or of those that may call themselves.
fn wake_entries(code: &Py<PyCode>, cycles: Option<&Cycles>) {
    // The entries of asynchronous generators are for those that were left in mid body.
    if let Some(site) = entry_site(code)
        && !code.code.flags.contains(CodeFlags::ASYNC_GENERATOR)
        && cycles.is_none_or(|cycles| cycles.contain(&code.code))
    {
        site.wake(code);
    }
    for constant in code.code.constants.iter() {
        if let Some(inner) = object(constant).downcast_ref::<PyCode>() {
            wake_entries(inner, cycles);
        }
    }
}

fn last_site(code: &PyCode) -> Option<&Py<Site>> {
    code.code.constants.last().and_then(as_site)
}

fn as_site(constant: &Literal) -> Option<&Py<Site>> {
    object(constant).downcast_ref()
}

fn object(constant: &Literal) -> &rustpython_vm::PyObject {
    std::borrow::Borrow::borrow(constant)
}

/// `code` with sites, in all that is nested in it too. The same object if there is no place for any, if it has them
/// already, or if it is being monitored.
///
/// For the code of programs and modules: their sites are never freed.
#[must_use]
pub fn code(vm: &VirtualMachine, code: PyRef<PyCode>) -> PyRef<PyCode> {
    instrument(vm, code, Lifetime::Process)
}

/// See [`code`].
fn instrument(vm: &VirtualMachine, code: PyRef<PyCode>, lifetime: Lifetime) -> PyRef<PyCode> {
    let made = instrument_nested(vm, code.clone(), lifetime);
    if !made.is(&code) {
        wake(&made);
    }
    made
}

/// Wakes those entry sites in `code`, which was just made, that the options say.
fn wake(code: &Py<PyCode>) {
    let options = options();
    if options.entry_limit > 0 {
        let cycles = (!options.all_entries).then(|| Cycles::of(&code.code));
        wake_entries(code, cycles.as_ref());
    }
}

/// `code` with sites, in what is nested in it too.
fn instrument_nested(vm: &VirtualMachine, code: PyRef<PyCode>, lifetime: Lifetime) -> PyRef<PyCode> {
    if last_site(&code).is_some() || code.monitoring_data.lock().is_some() {
        return code;
    }
    let mut nested = false;
    let constants: Vec<Literal> = code
        .code
        .constants
        .iter()
        .map(|constant| match object(constant).downcast_ref::<PyCode>() {
            Some(inner) => {
                let new = instrument_nested(vm, inner.to_owned(), lifetime);
                nested |= !new.is(inner);
                PyObjectRef::from(new).into()
            }
            None => constant.clone(),
        })
        .collect();
    let units: Option<Box<[CodeUnit]>> = if code.quickened.load(Relaxed) {
        // It has run: the opcodes before they were specialised.
        CodeUnits::try_from(&*code.code.instructions.original_bytes()).ok().map(|units| Box::from(&*units))
    } else {
        Some(Box::from(&*code.code.instructions))
    };
    let body = units.and_then(|units| with_sites(vm, &code.code, units, &constants, lifetime));
    match body.or_else(|| nested.then(|| Body::of(&code.code, constants.into_iter().collect()))) {
        Some(body) => vm.ctx.new_code(body.in_place_of(head(&code))),
        None => code,
    }
}

/// What `code`, which is `units`, is with sites of its own and `constants` for its constants; `None` if there is no place
/// for a site.
fn with_sites(
    vm: &VirtualMachine,
    code: &CodeObject,
    units: Box<[CodeUnit]>,
    constants: &[Literal],
    lifetime: Lifetime,
) -> Option<Body> {
    let regained: Locations;
    let locations = if code.locations.len() == units.len() {
        &code.locations
    } else {
        // `code.replace(co_code=…)` leaves the old ones.
        let first_line = code.first_line_number.map_or(-1, |line| line.get() as i32);
        regained = linetable_to_locations(&code.linetable, first_line, units.len());
        &regained
    };
    let plain = Plain {
        units,
        flags: code.flags,
        locations,
        line_table: &code.linetable,
        exception_table: &code.exceptiontable,
        constants: constants.len(),
        has_none: constants.iter().any(|constant| vm.is_none(object(constant))),
    };
    let Sited { units, new, wanted, adds_none } = sited(plain, options().entries)?;

    let mut new_constants = Vec::with_capacity(constants.len() + wanted.len() + 1);
    new_constants.extend_from_slice(constants);
    if adds_none {
        new_constants.push(vm.ctx.none().into());
    }
    let tables = Tables { units, line_table: code.linetable.clone(), exception_table: code.exceptiontable.clone() };
    let map = Arc::new(SiteMap::new(tables, code.max_stackdepth, constants.len(), new.insertions));
    new_constants.extend(make_sites(vm, &map, lifetime));
    Some(Body {
        instructions: CodeUnits::from(new.units),
        locations: new.locations,
        max_stackdepth: code.max_stackdepth + 1,
        constants: new_constants.into_iter().collect(),
        linetable: new.line_table,
        exceptiontable: encode_exception_table(&new.handlers),
    })
}

/// The sites of a code object with this map, in the order of its units.
fn make_sites(vm: &VirtualMachine, map: &Arc<SiteMap>, lifetime: Lifetime) -> impl Iterator<Item = Literal> {
    let options = options();
    map.sites().map(move |place| {
        let (kind, limit) = match place.kind {
            Kind::Entry => (SiteKind::Entry, options.entry_limit),
            _ => (SiteKind::Header, options.loop_limit),
        };
        let site = Site::new(kind, place.unit..place.unit + place.len, limit, map.clone());
        let site: PyObjectRef = site.into_ref(&vm.ctx).into();
        if lifetime == Lifetime::Process {
            site.make_immortal();
        }
        site.into()
    })
}

/// What sites change in a code object.
struct Body {
    instructions: CodeUnits,
    locations: Locations,
    max_stackdepth: u32,
    constants: Constants<Literal>,
    linetable: Box<[u8]>,
    exceptiontable: Box<[u8]>,
}

impl Body {
    /// That of `code`, with other constants.
    fn of(code: &CodeObject, constants: Constants<Literal>) -> Self {
        Self {
            instructions: code.instructions.clone(),
            locations: code.locations.clone(),
            max_stackdepth: code.max_stackdepth,
            constants,
            linetable: code.linetable.clone(),
            exceptiontable: code.exceptiontable.clone(),
        }
    }

    /// The code object that differs from `code` only in this.
    fn in_place_of(self, code: CodeObject) -> CodeObject {
        CodeObject {
            instructions: self.instructions,
            locations: self.locations,
            max_stackdepth: self.max_stackdepth,
            constants: self.constants,
            linetable: self.linetable,
            exceptiontable: self.exceptiontable,
            ..code
        }
    }
}

/// `code` but for its [`Body`].
fn head(code: &PyCode) -> CodeObject {
    let old = &code.code;
    CodeObject {
        instructions: CodeUnits::from(Vec::new()),
        locations: Box::default(),
        max_stackdepth: 0,
        constants: std::iter::empty().collect(),
        linetable: Box::default(),
        exceptiontable: Box::default(),
        // `_imp._fix_co_filename` may have changed it.
        source_path: code.source_path(),
        flags: old.flags,
        posonlyarg_count: old.posonlyarg_count,
        arg_count: old.arg_count,
        kwonlyarg_count: old.kwonlyarg_count,
        first_line_number: old.first_line_number,
        obj_name: old.obj_name,
        qualname: old.qualname,
        names: old.names.clone(),
        varnames: old.varnames.clone(),
        cellvars: old.cellvars.clone(),
        freevars: old.freevars.clone(),
        localspluskinds: old.localspluskinds.clone(),
    }
}
