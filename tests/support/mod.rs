//! What the test binaries of the workspace root share: reading a program's header, running `tjit`, matching patterns.

pub mod header;
pub mod pattern;
pub mod process;
