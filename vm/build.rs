//! Packs the sources of the standard library, so that the binary can show them wherever it runs.
//!
//! The code of the library comes frozen with `rustpython-pylib`; what is packed here is what tracebacks, `inspect` and
//! `importlib.resources` ask for. Written to `OUT_DIR`:
//!
//! ```text
//! library.bin        the files, each compressed by itself, one after the other
//! library_index.rs   [("abc.py", start, end), …] in `library.bin`, sorted by name
//! ```

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    // Frozen by a macro, whose reads cargo does not see.
    println!("cargo:rerun-if-changed=src/host/resources.py");
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

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
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
