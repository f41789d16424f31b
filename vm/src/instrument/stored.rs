//! The library's code with its sites, as the build script has stored it.
//!
//! Most code that a program has, it gets by importing the library. To decode a module and to rewrite it then took a tenth
//! of the time that imports take; so it is rewritten once, when tjit is built. What is left is to make the sites, where the
//! build script has left `None`s among the constants. In the place of the last of a code object's sites is a [`Note`]. The
//! originals' tables stay where they are in the binary until somebody looks at them.

use super::{
    CodeObject, Literal, make_sites,
    map::{SiteMap, Stored},
    note::Note,
    object, options,
    sources::SiteBag,
    wake,
};
use crate::site::Lifetime;
use rustpython_compiler_core::marshal::deserialize_code;
use rustpython_vm::{
    PyRef, VirtualMachine,
    builtins::{PyBytes, PyCode, PyStrInterned},
};
use std::sync::Arc;

/// The modules, one after the other, as `marshal` writes code.
static CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sited_code.bin"));
static TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sited_tables.bin"));
/// Name, start and end in `CODE` of each module, sorted by name.
static INDEX: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/sited_index.rs"));

/// The code of a module of the library with its sites, which says that it comes from `path`. `None` if there is no such
/// module, or if sites are not wanted as the build script has put them in.
#[must_use]
pub fn library(vm: &VirtualMachine, module: &str, path: &'static PyStrInterned) -> Option<PyRef<PyCode>> {
    if !options().entries {
        return None;
    }
    let index = INDEX.binary_search_by_key(&module, |entry| entry.0).ok()?;
    let (_, start, end) = INDEX[index];
    let bag = SiteBag::stored(vm, path);
    let code = deserialize_code(&mut &CODE[start..end], bag).ok()?;
    let code = vm.ctx.new_code(restore(vm, code, path));
    wake(&code);
    Some(code)
}

/// `code` as it was decoded, with sites where the build script has left room for them.
pub(super) fn restore(vm: &VirtualMachine, mut code: CodeObject, path: &'static PyStrInterned) -> CodeObject {
    code.source_path = path;
    let note = code.constants.last().and_then(|last: &Literal| object(last).downcast_ref::<PyBytes>());
    let Some(note) = note.and_then(|bytes| Note::from_bytes(bytes.as_bytes())) else { return code };
    let mut from = note.tables as usize;
    let [units, line_table, exception_table] = note.lengths.map(|length| {
        let start = from;
        from += length as usize;
        &TABLES[start..from]
    });
    let stored = Stored { units, line_table, exception_table };
    let map = SiteMap::stored(stored, code.max_stackdepth - 1, note.constants as usize, note.insertions);
    let map = Arc::new(map);
    for place in map.sites() {
        // The line table has no location for a site's last unit; see `rewrite`.
        let last = (place.unit + place.len) as usize - 1;
        code.locations[last] = code.locations[last - 1];
    }
    let first = code.constants.len() - map.sites().count();
    for (place, site) in code.constants.iter_mut().skip(first).zip(make_sites(vm, &map, Lifetime::Process)) {
        *place = site;
    }
    code
}
