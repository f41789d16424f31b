//! What the tests run native code on: objects in memory of their own with a made-up layout, native helpers of the same
//! behaviour as the evaluator's, and a harness that compares a compiled run with an evaluated one.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod harness;
pub mod native;
