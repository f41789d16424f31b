//! The standard library inside the binary: code by module name, files by path. Knows no VM.
//!
//! The library has a path, though no such folder exists: the binary's own path with `Lib` below it. Nobody can put a
//! file there, so a name below it always means the file that came with the binary.
//!
//! ```text
//! /usr/local/bin/tjit/Lib/json/__init__.py
//! └───── binary ─────┘    └─ file "json/__init__.py", module "json"
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use rustpython_vm::frozen::FrozenModule;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
static INDEX: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/library_index.rs"));

/// Modules that the VM imports while it starts, before there is any way to say where from.
const STARTUP: &[&str] = &[
    "codecs",
    "encodings",
    "encodings.aliases",
    "encodings.ascii",
    "encodings.latin_1",
    "encodings.utf_8",
    "zipimport",
];

fn modules() -> &'static HashMap<&'static str, FrozenModule> {
    static MODULES: OnceLock<HashMap<&str, FrozenModule>> = OnceLock::new();
    MODULES.get_or_init(|| rustpython_pylib::FROZEN_STDLIB.decode().collect())
}

/// The compiled module of this dotted name.
pub(super) fn module(name: &str) -> Option<FrozenModule> {
    modules().get(name).copied()
}

/// Every module, by its dotted name.
pub(super) fn all_modules() -> impl Iterator<Item = (&'static str, FrozenModule)> {
    modules().iter().map(|(name, module)| (*name, *module))
}

/// The modules that the VM imports while it starts.
pub(super) fn startup_modules() -> impl Iterator<Item = (&'static str, FrozenModule)> {
    STARTUP.iter().filter_map(|name| Some((*name, module(name)?)))
}

/// The file of a module, relative to the library.
pub(super) fn file_of(name: &str, package: bool) -> String {
    let base = name.replace('.', "/");
    if package { format!("{base}/__init__.py") } else { format!("{base}.py") }
}

/// The contents of a file, by its path relative to the library.
pub(super) fn read(file: &str) -> Option<Vec<u8>> {
    let at = INDEX.binary_search_by_key(&file, |entry| entry.0).ok()?;
    let (_, start, end) = INDEX[at];
    lz4_flex::decompress_size_prepended(&PACKED[start..end]).ok()
}

/// Whether this is a folder of the library; the empty path is the library itself.
pub(super) fn is_folder(folder: &str) -> bool {
    folder.is_empty() || below(folder).next().is_some()
}

/// Names of what a folder of the library contains; `true` for the folders among them.
pub(super) fn list(folder: &str) -> BTreeMap<&'static str, bool> {
    below(folder)
        .map(|path| match path.split_once('/') {
            Some((name, _)) => (name, true),
            None => (path, false),
        })
        .collect()
}

/// The files in a folder and all folders below it, relative to the folder.
fn below(folder: &str) -> impl Iterator<Item = &'static str> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let start = INDEX.partition_point(|entry| entry.0 < prefix.as_str());
    INDEX[start..].iter().map_while(move |entry| entry.0.strip_prefix(prefix.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_its_source() {
        for (name, module) in modules() {
            let file = file_of(name, module.package);
            assert!(read(&file).is_some(), "{name}: no {file}");
        }
    }

    #[test]
    fn folders_list_their_own_entries() {
        let names = list("json");
        assert_eq!(names.get("decoder.py"), Some(&false));
        assert!(list("").get("json") == Some(&true) && !list("").contains_key("decoder.py"));
        assert!(is_folder("json") && is_folder("") && !is_folder("jso") && !is_folder("abc.py"));
    }

    #[test]
    fn startup_modules_exist() {
        assert_eq!(startup_modules().count(), STARTUP.len());
    }
}
