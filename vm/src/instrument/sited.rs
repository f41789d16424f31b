//! What code is with sites, while the sites are no objects yet. Knows no VM: the build script puts the sites into the
//! library with this (see `stored`).

use super::rewrite::{self, Kind, Locations, Rewritten, Wanted};
use super::scan::{self, Scan};
use rustpython_compiler_core::bytecode::{CodeFlags, CodeUnit, decode_exception_table};

/// A code object, as far as sites are concerned.
pub(super) struct Plain<'a> {
    /// Not specialised.
    pub units: Box<[CodeUnit]>,
    pub flags: CodeFlags,
    pub locations: &'a Locations,
    pub line_table: &'a [u8],
    pub exception_table: &'a [u8],
    /// The number of its constants.
    pub constants: usize,
    pub has_none: bool,
}

/// The same with sites.
pub(super) struct Sited {
    /// The units as they were.
    pub units: Box<[CodeUnit]>,
    pub new: Rewritten,
    /// The sites, in the order of the units and of the constants.
    pub wanted: Vec<Wanted>,
    /// None is to be added to the constants, before the sites. The VM looks for None among the constants when it checks a
    /// script for another interpreter, and could make nothing of a site: it stops at None.
    pub adds_none: bool,
}

/// Finds the places for sites in `plain` and puts them in; `None` if there are none. Functions get a site at their entry if
/// `entries` says so.
pub(super) fn sited(plain: Plain<'_>, entries: bool) -> Option<Sited> {
    let handlers = decode_exception_table(plain.exception_table);
    let scan = scan::scan(plain.units, &handlers)?;
    let is_function = plain.flags.contains(CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS);
    // In front of a loop, an entry's site is where the RESUME is: there, the loop's line must not have begun yet.
    let line = |unit: u32| plain.locations.get(unit as usize).map(|(begin, _)| begin.line);
    let can_begin = |unit: &u32| scan.headers.first() != Some(unit) || *unit > 0 && line(*unit - 1) != line(*unit);
    let entry = scan.body.filter(|unit| entries && is_function && can_begin(unit));
    if entry.is_none() && scan.headers.is_empty() {
        return None;
    }
    let adds_none = !plain.has_none;
    let first = plain.constants as u32 + u32::from(adds_none);
    let places = entry.map(|unit| (unit, Kind::Entry)).into_iter();
    let places = places.chain(scan.headers.iter().map(|&unit| (unit, Kind::Header)));
    let wanted: Vec<Wanted> =
        (first..).zip(places).map(|(constant, (at, kind))| Wanted { at, constant, kind }).collect();
    let new = rewrite::rewrite(&scan, plain.locations, plain.line_table, &handlers, &wanted);
    let Scan { units, .. } = scan;
    Some(Sited { units, new, wanted, adds_none })
}
