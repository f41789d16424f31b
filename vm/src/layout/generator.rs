//! Inside a generator.

use std::cell::RefCell;

use rustpython_vm::{PyObjectRef, VirtualMachine, builtins::PyGenerator, compiler::Mode};

use super::{Result, WORD, fail, python, words};

/// Offset of the byte that is 1 while a generator runs: the only one of the payload that is so in each of several
/// generators, and 0 before and afterwards.
pub(super) fn running(vm: &VirtualMachine, head: usize) -> Result<usize> {
    thread_local! {
        static SEEN: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }
    SEEN.with_borrow_mut(Vec::clear);
    let size = head + size_of::<PyGenerator>() / WORD;
    let look = vm.new_function("look", move |generator: PyObjectRef| -> usize {
        if generator.downcast_ref::<PyGenerator>().is_some() {
            // SAFETY: a PyGenerator is a head and a payload of this size.
            let words = unsafe { words(&generator, size) };
            let bytes = words[head..].iter().flat_map(|word| word.to_ne_bytes()).collect();
            SEEN.with_borrow_mut(|seen| seen.push(bytes));
        }
        0
    });
    let code = vm
        .compile(
            "def g(look, itself):\n    while True:\n        yield look(itself[0])\n\
             for n in range(3):\n    itself = []\n    made = g(look, itself)\n    itself.append(made)\n\
             \x20   for m in range(2):\n        look(made)\n        next(made)\n    look(made)\n    made.close()\n",
            Mode::Exec,
            "<tjit layout>".to_owned(),
        )
        .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
    let scope = vm.new_scope_with_builtins();
    python(scope.globals.set_item("look", look.into(), vm), "a probe's argument")?;
    python(vm.run_code_obj(code, scope), "a probe")?;
    let seen = SEEN.with_borrow_mut(std::mem::take);
    let is_running = |at: usize| at % 5 % 2 == 1;
    let found: Vec<usize> = (0..(size - head) * WORD)
        .filter(|&byte| seen.iter().enumerate().all(|(at, bytes)| bytes[byte] == u8::from(is_running(at))))
        .collect();
    match found[..] {
        [byte] if seen.len() == 15 => Ok(head * WORD + byte),
        _ => fail(format!("whether a generator runs could be in {} places", found.len())),
    }
}
