//! Where functions have what a call of them depends on.

use rustpython_vm::{AsObject, PyObjectRef, VirtualMachine, builtins::PyFunction};

use super::{Result, WORD, address, item, only_word, python, run, words};

/// Offsets of references. The last three are null in functions that have no such thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionLayout {
    /// The code.
    pub code: usize,
    /// The dict of the globals.
    pub globals: usize,
    /// The tuple of the cells.
    pub closure: usize,
    /// The tuple of the defaults.
    pub defaults: usize,
    /// The dict of the defaults of keyword-only parameters.
    pub keyword_defaults: usize,
}

impl FunctionLayout {
    /// Finds every offset, by functions that have these parts and functions that do not.
    pub(super) fn discover(vm: &VirtualMachine, head: usize) -> Result<FunctionLayout> {
        let source = "def make(a, b):\n    def f(x, y=(1, 2), *, z=3): return a, b, x, y, z\n    def g(): return b\n\
                      \x20   return f, g\ndef h(x): return x\nfs = [*make(1, 2), h, type(h)(h.__code__, {})]\n\
                      parts = [(f, f.__code__, f.__globals__, f.__closure__, f.__defaults__, f.__kwdefaults__) for f in fs]\n";
        let scope = run(vm, source)?;
        let parts: Vec<PyObjectRef> = python(item(vm, &scope, "parts")?.try_to_value(vm), "a probe's result")?;
        let size = head + size_of::<PyFunction>() / WORD;
        let mut samples = [const { Vec::new() }; 5];
        for parts in parts {
            let parts: Vec<PyObjectRef> = python(parts.try_to_value(vm), "a probe's result")?;
            let Some((function, parts)) = parts.split_first() else { continue };
            // SAFETY: a function is a head and a payload of this size.
            let words = unsafe { words(function, size) };
            for (samples, part) in samples.iter_mut().zip(parts) {
                samples.push((words.clone(), if vm.is_none(part) { 0 } else { address(part.as_object()) }));
            }
        }
        let [code, globals, closure, defaults, keyword_defaults] = samples;
        Ok(FunctionLayout {
            code: only_word("the code of a function", &code, head..size)?,
            globals: only_word("the globals of a function", &globals, head..size)?,
            closure: only_word("the closure of a function", &closure, head..size)?,
            defaults: only_word("the defaults of a function", &defaults, head..size)?,
            keyword_defaults: only_word("the keyword defaults of a function", &keyword_defaults, head..size)?,
        })
    }
}
