//! The embedded VM: everything that knows RustPython.

pub mod host;
pub mod options;
