//! Inside a generator, and where its frame is.

use std::cell::RefCell;

use rustpython_vm::{AsObject, PyObjectRef, VirtualMachine, builtins::PyGenerator, compiler::Mode};

use super::{Result, WORD, address, fail, only_word, python, words};

/// Byte offsets in the part of a generator that coroutines and asynchronous generators have, too, and in the object of its
/// frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratorLayout {
    /// In that part: the byte that is 1 while it runs, else 0.
    pub running: usize,
    /// In that part: pointer to the object of its frame; null when it has ended.
    pub frame: usize,
    /// In the object of a generator's frame: the interpreter's frame.
    pub inside: usize,
}

/// A generator as it was looked at.
struct Seen {
    words: Vec<u64>,
    /// The address of its frame's object.
    frame: u64,
    /// Where in that the interpreter's frame is.
    inside: u64,
    /// Where in the generator the part is that is looked at.
    part: usize,
}

impl GeneratorLayout {
    /// Looks at several generators, each before, while and after it runs.
    pub(super) fn discover(vm: &VirtualMachine, head: usize) -> Result<GeneratorLayout> {
        thread_local! {
            static SEEN: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
        }
        SEEN.with_borrow_mut(Vec::clear);
        let size = head + size_of::<PyGenerator>() / WORD;
        let look = vm.new_function("look", move |generator: PyObjectRef| -> usize {
            if let Some(exact) = generator.downcast_ref::<PyGenerator>() {
                let frame = exact.as_coro().frame();
                let inside = (std::ptr::from_ref(frame.iframe()) as u64).wrapping_sub(address(frame.as_object()));
                let part = (std::ptr::from_ref(exact.as_coro()) as usize).wrapping_sub(address(&generator) as usize);
                // SAFETY: a PyGenerator is a head and a payload of this size.
                let words = unsafe { words(&generator, size) };
                let frame = address(frame.as_object());
                SEEN.with_borrow_mut(|seen| seen.push(Seen { words, frame, inside, part }));
            }
            0
        });
        let code = vm
            .compile(
                "def g(look, itself):\n    while True:\n        yield look(itself[0])\n\
                 kept = []\n\
                 for n in range(3):\n    itself = []\n    made = g(look, itself)\n    itself.append(made)\n\
                 \x20   for m in range(2):\n        look(made)\n        next(made)\n\
                 \x20   look(made)\n    kept.append(made)\n",
                Mode::Exec,
                "<tjit layout>".to_owned(),
            )
            .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
        let scope = vm.new_scope_with_builtins();
        python(scope.globals.set_item("look", look.into(), vm), "a probe's argument")?;
        python(vm.run_code_obj(code, scope), "a probe")?;
        let seen = SEEN.with_borrow_mut(std::mem::take);
        // Of five looks at each, the second and fourth are from within.
        let is_running = |at: usize| at % 5 % 2 == 1;
        let byte = |words: &[u64], n: usize| words[n / WORD].to_ne_bytes()[n % WORD];
        let found: Vec<usize> = (head * WORD..size * WORD)
            .filter(|&n| seen.iter().enumerate().all(|(at, seen)| byte(&seen.words, n) == u8::from(is_running(at))))
            .collect();
        let ([running], 15) = (&found[..], seen.len()) else {
            return fail(format!("whether a generator runs could be in {} places", found.len()));
        };
        let Seen { inside, part, .. } = seen[0];
        if inside > 1 << 12 || seen.iter().any(|seen| seen.inside != inside) {
            return fail("the frame of a generator is not in the object of its frame");
        }
        let beyond = || fail("what is in a generator is not in the part that others have, too");
        let (Some(running), true) = (running.checked_sub(part), seen.iter().all(|seen| seen.part == part)) else {
            return beyond();
        };
        let frames: Vec<_> = seen.into_iter().map(|seen| (seen.words, seen.frame)).collect();
        let frame = only_word("the frame of a generator", &frames, head..size)?;
        let Some(frame) = frame.checked_sub(part) else { return beyond() };
        Ok(GeneratorLayout { running, frame, inside: inside as usize })
    }
}
