//! What a code object was before it got sites, and which unit is which.
//!
//! Users see the original: `co_code`, offsets in tracebacks, what `marshal` writes (see `view`). The event log speaks of
//! original units too. The engine and the interpreter work with the units as they are.
//!
//! ```text
//! original   0 RESUME           1 LOAD_FAST …
//! now        0 RESUME  1 site…  6 LOAD_FAST …
//! ```
//!
//! `original_unit` takes 0 to 0, 1 to 5 and 6 to 1; `unit` takes 1 to 6.

use super::{
    Body, CodeObject, Literal, head,
    rewrite::{Insertion, Kind, moved},
};
use rustpython_compiler_core::{
    bytecode::{CodeUnit, CodeUnits, Constants, Opcode},
    marshal::linetable_to_locations,
};
use rustpython_vm::{Py, PyRef, VirtualMachine, builtins::PyCode};
use std::sync::OnceLock;

/// The original of a code object with sites; all its sites share it.
#[derive(Debug)]
pub struct SiteMap {
    tables: OnceLock<Tables>,
    /// The tables of library code, until somebody looks.
    stored: Stored,
    pub(super) max_stackdepth: u32,
    /// How many of the constants were there before; the others follow.
    pub(super) constants: usize,
    pub(super) insertions: Box<[Insertion]>,
    /// The original as a code object, made when somebody looks.
    pub(super) original: OnceLock<PyRef<PyCode>>,
}

/// What an original has in the place of the units and tables with sites.
#[derive(Debug)]
pub(super) struct Tables {
    pub units: Box<[CodeUnit]>,
    pub line_table: Box<[u8]>,
    pub exception_table: Box<[u8]>,
}

/// The same, as bytes of the binary.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub units: &'static [u8],
    pub line_table: &'static [u8],
    pub exception_table: &'static [u8],
}

impl Stored {
    fn read(&self) -> Tables {
        let units = CodeUnits::try_from(self.units).expect("the build script has written units");
        Tables {
            units: Box::from(&*units),
            line_table: self.line_table.into(),
            exception_table: self.exception_table.into(),
        }
    }
}

impl SiteMap {
    pub(super) fn new(tables: Tables, max_stackdepth: u32, constants: usize, insertions: Box<[Insertion]>) -> Self {
        let map = Self::stored(Stored::default(), max_stackdepth, constants, insertions);
        Self { tables: tables.into(), ..map }
    }

    pub(super) fn stored(stored: Stored, max_stackdepth: u32, constants: usize, insertions: Box<[Insertion]>) -> Self {
        Self { tables: OnceLock::new(), stored, max_stackdepth, constants, insertions, original: OnceLock::new() }
    }

    /// The map of no code.
    pub(crate) fn nowhere() -> Self {
        Self::stored(Stored::default(), 0, 0, Box::default())
    }

    /// What was put in for sites, in the order of the code.
    pub(super) fn sites(&self) -> impl Iterator<Item = &Insertion> {
        self.insertions.iter().filter(|insertion| insertion.kind != Kind::Prefix)
    }

    /// The units and tables of the original.
    pub(super) fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| self.stored.read())
    }

    /// The original unit that `unit` was. For a unit of a site, or of a distance that got longer, the first unit of the
    /// instruction behind it.
    #[must_use]
    pub fn original_unit(&self, unit: u32) -> u32 {
        match self.before(unit) {
            None => unit,
            Some(step) if unit < step.unit + step.len => step.at,
            Some(step) => step.at + (unit - step.unit - step.len),
        }
    }

    /// As `original_unit`, but for all but the first unit of what was put in the unit of the opcode, behind its prefixes:
    /// what users see as the interpreter's position. (A line begins at the first prefix, everything else at the opcode.)
    #[must_use]
    pub fn original_opcode(&self, unit: u32) -> u32 {
        let mut original = self.original_unit(unit);
        if self.before(unit).is_some_and(|step| step.unit < unit && unit < step.unit + step.len) {
            let units = &self.tables().units;
            while units[original as usize].op.as_opcode() == Opcode::ExtendedArg {
                original += 1;
            }
        }
        original
    }

    /// The unit that `original` is now. For the first unit of an instruction, where that instruction begins, behind its
    /// site: there execution may go on without passing the site.
    #[must_use]
    pub fn unit(&self, original: u32) -> u32 {
        let first = self.insertions.partition_point(|step| step.at < original);
        let here = self.insertions[first..].iter().take_while(|step| step.at == original);
        let header = here.filter(|step| step.kind == Kind::Header).map(|step| step.len).sum::<u32>();
        moved(&self.insertions, original) + header
    }

    /// The unit that has the opcode, prefix or cache which `original` had.
    #[must_use]
    pub(super) fn same_unit(&self, original: u32) -> u32 {
        let behind = self.insertions.partition_point(|step| step.at <= original);
        self.insertions[..behind].last().map_or(original, |step| original + step.unit + step.len - step.at)
    }

    /// Whether `unit` belongs to a site.
    #[must_use]
    pub fn is_site(&self, unit: u32) -> bool {
        self.before(unit).is_some_and(|step| step.kind != Kind::Prefix && unit < step.unit + step.len)
    }

    /// The last insertion that begins at or before `unit`.
    fn before(&self, unit: u32) -> Option<&Insertion> {
        let behind = self.insertions.partition_point(|step| step.unit <= unit);
        self.insertions[..behind].last()
    }

    /// The original of `code`, whose map this is, with the constants as they are: a nested function's code is the very
    /// object that runs.
    pub(super) fn original(&self, code: &Py<PyCode>, vm: &VirtualMachine) -> PyRef<PyCode> {
        let original = self.original.get_or_init(|| {
            let constants = code.code.constants.iter().take(self.constants).cloned().collect();
            vm.ctx.new_code(self.original_with(code, constants))
        });
        // `_imp._fix_co_filename` may change it at any time.
        original.set_source_path(code.source_path());
        original.clone()
    }

    /// The original of `code`, whose map this is, with other constants.
    pub(super) fn original_with(&self, code: &Py<PyCode>, constants: Constants<Literal>) -> CodeObject {
        let first_line = code.code.first_line_number.map_or(-1, |line| line.get() as i32);
        let Tables { units, line_table, exception_table } = self.tables();
        Body {
            instructions: CodeUnits::from(units.to_vec()),
            locations: linetable_to_locations(line_table, first_line, units.len()),
            max_stackdepth: self.max_stackdepth,
            constants,
            linetable: line_table.clone(),
            exceptiontable: exception_table.clone(),
        }
        .in_place_of(head(code))
    }
}
