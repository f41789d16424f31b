//! Names for `perf`: one line per piece of code in `/tmp/perf-PID.map`.

use std::fs::OpenOptions;
use std::io::{self, Write};

/// Tells `perf` the name of `size` bytes of code at `address`. `perf` reads the file when the process has ended; an address
/// that is used again gets a second line, and the last one counts.
///
/// # Errors
/// When the file cannot be written.
pub fn append_perf_map(name: &str, address: usize, size: usize) -> io::Result<()> {
    let path = format!("/tmp/perf-{}.map", std::process::id());
    let name = name.replace('\n', " ");
    let line = format!("{address:x} {size:x} {name}\n");
    OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
}
