//! Packs the standard library: its sources, so that the binary can show them wherever it runs, and its code with sites.
//!
//! The code of the library comes frozen with `rustpython-pylib`. The sources are what tracebacks, `inspect` and
//! `importlib.resources` ask for. Code with sites is what is imported while the JIT is on (see `instrument/stored.rs`).
//! Written to `OUT_DIR`:
//!
//! ```text
//! library.bin        the files, each compressed by itself, one after the other
//! library_index.rs   [("abc.py", start, end), …] in `library.bin`, sorted by name
//! sited_code.bin     the modules' code with sites, as `marshal` writes it
//! sited_index.rs     [("abc", start, end), …] in `sited_code.bin`, sorted by name
//! sited_tables.bin   units, line tables and exception tables of the originals
//! ```

#[allow(dead_code, reason = "shared with the program")]
#[path = "src/instrument/linetable.rs"]
mod linetable;
#[path = "src/instrument/note.rs"]
mod note;
#[allow(dead_code, reason = "shared with the program")]
#[path = "src/instrument/rewrite.rs"]
mod rewrite;
#[allow(dead_code, reason = "shared with the program")]
#[path = "src/instrument/scan.rs"]
mod scan;
#[path = "src/instrument/sited.rs"]
mod sited;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use rustpython_compiler_core::bytecode::{
    BasicBag, CodeObject, CodeUnits, ConstantData, encode_exception_table,
};
use rustpython_compiler_core::marshal::serialize_code;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    for shared in ["linetable", "note", "rewrite", "scan", "sited"] {
        println!("cargo:rerun-if-changed=src/instrument/{shared}.rs");
    }
    // Frozen by a macro, whose reads cargo does not see.
    println!("cargo:rerun-if-changed=src/host/resources.py");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    pack_sources(&out)?;
    pack_code(&out)
}

fn pack_sources(out: &Path) -> io::Result<()> {
    let library = Path::new(rustpython_pylib::LIB_PATH);
    let mut files = Vec::new();
    collect(library, &mut files)?;
    files.sort();

    let mut packed = Vec::new();
    let mut index = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(library).expect("a file below the library");
        let start = packed.len();
        packed.extend(lz4_flex::compress_prepend_size(&fs::read(&file)?));
        index += &format!("    ({:?}, {start}, {}),\n", name.to_string_lossy(), packed.len());
    }
    index += "]\n";
    fs::write(out.join("library.bin"), packed)?;
    fs::write(out.join("library_index.rs"), index)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "pyc") {
            files.push(path);
        }
    }
    Ok(())
}

fn pack_code(out: &Path) -> io::Result<()> {
    let mut modules: Vec<_> = rustpython_pylib::FROZEN_STDLIB.decode().collect();
    modules.sort_by_key(|(name, _)| *name);
    let (mut packed, mut tables) = (Vec::new(), Vec::new());
    let mut index = String::from("&[\n");
    for (name, module) in modules {
        let start = packed.len();
        serialize_code(&mut packed, &with_sites(module.code.decode(BasicBag), &mut tables));
        index += &format!("    ({name:?}, {start}, {}),\n", packed.len());
    }
    index += "]\n";
    fs::write(out.join("sited_code.bin"), packed)?;
    fs::write(out.join("sited_index.rs"), index)?;
    fs::write(out.join("sited_tables.bin"), tables)
}

/// `code` and all code in it with room for sites, and the originals' tables.
fn with_sites(mut code: CodeObject, tables: &mut Vec<u8>) -> CodeObject {
    let mut constants: Vec<ConstantData> = code.constants.to_vec();
    for constant in &mut constants {
        if let ConstantData::Code { code } = constant {
            **code = with_sites((**code).clone(), tables);
        }
    }
    let plain = sited::Plain {
        units: Box::from(&*code.instructions),
        flags: code.flags,
        locations: &code.locations,
        line_table: &code.linetable,
        exception_table: &code.exceptiontable,
        constants: constants.len(),
        has_none: constants.iter().any(|constant| matches!(constant, ConstantData::None)),
    };
    if let Some(sited) = sited::sited(plain, true) {
        let units: Vec<u8> = sited.units.iter().flat_map(|unit| [u8::from(unit.op), u8::from(unit.arg)]).collect();
        let parts: [&[u8]; 3] = [&units, &code.linetable, &code.exceptiontable];
        let note = note::Note {
            constants: constants.len() as u32,
            tables: tables.len() as u32,
            lengths: parts.map(|part| part.len() as u32),
            insertions: sited.new.insertions,
        };
        parts.iter().for_each(|part| tables.extend_from_slice(part));
        let room = usize::from(sited.adds_none) + sited.wanted.len() - 1;
        constants.extend(std::iter::repeat_n(ConstantData::None, room));
        constants.push(ConstantData::Bytes { value: note.to_bytes() });
        code.instructions = CodeUnits::from(sited.new.units);
        code.locations = sited.new.locations;
        code.max_stackdepth += 1;
        code.linetable = sited.new.line_table;
        code.exceptiontable = encode_exception_table(&sited.new.handlers);
    }
    code.constants = constants.into_iter().collect();
    code
}
