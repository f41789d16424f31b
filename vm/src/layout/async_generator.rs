//! Inside an asynchronous generator, and inside what it is asked by.

use std::cell::RefCell;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyAsyncGen, PyType},
    compiler::Mode,
    protocol::PyIterReturn,
};

use super::{Result, WORD, address, fail, only_word, python, words};

/// Byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsyncLayout {
    /// In an asynchronous generator: the byte that is 1 when the hooks have been told that it is iterated over.
    pub hooked: usize,
    /// In an asynchronous generator: the byte that is 1 from where it is asked for a value until it has given one.
    pub running: usize,
    /// In an asynchronous generator: the byte that is 1 when it has ended or is being closed.
    pub closed: usize,
    /// In what `__anext__` and `asend` give: the generator.
    pub generator: usize,
    /// In what `__anext__` and `asend` give: what is sent.
    pub sent: usize,
    /// In what `__anext__` and `asend` give: the byte that is one of [`ASKED`](Self::ASKED) and the following.
    pub state: usize,
    /// In what a `yield` in an asynchronous generator makes of its value: the value.
    pub value: usize,
}

/// What there is to be seen at some moment.
struct Seen {
    generator: Vec<u64>,
    asked: Option<Vec<u64>>,
}

impl AsyncLayout {
    /// State of what has not been awaited yet.
    pub const ASKED: u8 = 0;
    /// State of what is being awaited.
    pub const AWAITED: u8 = 1;
    /// State of what has been awaited.
    pub const ANSWERED: u8 = 2;

    /// Looks at two asynchronous generators during their lives.
    pub(super) fn discover(vm: &VirtualMachine, head: usize) -> Result<AsyncLayout> {
        thread_local! {
            static SEEN: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
            static ASKED: RefCell<Vec<(Vec<u64>, u64)>> = const { RefCell::new(Vec::new()) };
        }
        let size = head + size_of::<PyAsyncGen>() / WORD;
        let size_of_asked = basic_size(vm.ctx.types.async_generator_asend);
        if size_of_asked < head + 3 {
            return fail("what an asynchronous generator is asked by is too small");
        }
        let look = vm.new_function("look", move |generator: PyObjectRef, asked: PyObjectRef, vm: &VirtualMachine| {
            if generator.downcast_ref::<PyAsyncGen>().is_some() {
                // SAFETY: an object of this class takes as much.
                let seen = unsafe { words(&generator, size) };
                let asked = asked.class().is(vm.ctx.types.async_generator_asend).then(|| {
                    // SAFETY: as above.
                    let asked = unsafe { words(&asked, size_of_asked) };
                    ASKED.with_borrow_mut(|all| all.push((asked.clone(), address(&generator))));
                    asked
                });
                SEEN.with_borrow_mut(|all| all.push(Seen { generator: seen, asked }));
            }
        });
        let probe = "class Wait:\n    def __await__(self):\n        yield\n\
             async def g():\n    try:\n        await Wait()\n        yield 1\n    except GeneratorExit:\n        await Wait()\n\
             def answer(asked):\n    try:\n        asked.send(None)\n    except (StopIteration, StopAsyncIteration):\n        pass\n\
             a = g()\nlook(a, None)\n\
             asked = a.__anext__()\nlook(a, asked)\n\
             asked.send(None)\nlook(a, asked)\n\
             answer(asked)\nlook(a, asked)\n\
             answer(a.__anext__())\nlook(a, None)\n\
             b = g()\nasked = b.__anext__()\nasked.send(None)\nanswer(asked)\n\
             closing = b.aclose()\nclosing.send(None)\nlook(b, None)\nanswer(closing)\n\
             c = g()\nasked = c.asend(look)\nlook(c, asked)\nasked.close()\n";
        let code = vm
            .compile(probe, Mode::Exec, "<tjit layout>".to_owned())
            .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
        let scope = vm.new_scope_with_builtins();
        let looked: PyObjectRef = look.into();
        python(scope.globals.set_item("look", looked.clone(), vm), "a probe's argument")?;
        python(vm.run_code_obj(code, scope), "a probe")?;
        let (seen, asked) = (SEEN.take(), ASKED.take());
        if (seen.len(), asked.len()) != (7, 4) {
            return fail("asynchronous generators behave in another way");
        }
        // (Of the last one only what is sent is looked at.)
        let byte = |what: &str, values: [u8; 6]| {
            let generators: Vec<&[u64]> = seen[..6].iter().map(|seen| &seen.generator[..]).collect();
            only_byte(what, &generators, &values, head)
        };
        let hooked = byte("whether hooks know of an asynchronous generator", [0, 1, 1, 1, 1, 1])?;
        let running = byte("whether an asynchronous generator is asked", [0, 0, 1, 0, 0, 1])?;
        let closed = byte("whether an asynchronous generator has ended", [0, 0, 0, 0, 1, 1])?;
        let states: Vec<&[u64]> = seen[1..4].iter().filter_map(|seen| seen.asked.as_deref()).collect();
        let state = only_byte("how far an answer is", &states, &[Self::ASKED, Self::AWAITED, Self::ANSWERED], head)?;
        let generator = only_word("who is asked", &asked, head..size_of_asked)?;
        let none = address(&vm.ctx.none());
        let sent: Vec<_> = asked
            .iter()
            .enumerate()
            .map(|(n, (words, _))| (words.clone(), if n == 3 { address(&looked) } else { none }))
            .collect();
        let sent = only_word("what is sent", &sent, head..size_of_asked)?;
        Ok(AsyncLayout { hooked, running, closed, generator, sent, state, value: value_offset(vm, head)? })
    }
}

/// How many words objects of a class take.
fn basic_size(class: &PyType) -> usize {
    class.slots.basicsize / WORD
}

/// Offset of the only byte that has the value in each sample.
fn only_byte(what: &str, samples: &[&[u64]], values: &[u8], head: usize) -> Result<usize> {
    let byte = |words: &[u64], n: usize| words[n / WORD].to_ne_bytes()[n % WORD];
    let length = samples.iter().map(|words| words.len()).min().unwrap_or(0) * WORD;
    let found: Vec<usize> = (head * WORD..length)
        .filter(|&n| {
            samples.len() == values.len() && samples.iter().zip(values).all(|(words, &value)| byte(words, n) == value)
        })
        .collect();
    match found[..] {
        [n] => Ok(n),
        _ => fail(format!("{what} could be in {} places", found.len())),
    }
}

/// Where the value is in what a `yield` makes of it.
fn value_offset(vm: &VirtualMachine, head: usize) -> Result<usize> {
    let code = vm
        .compile("async def g(value):\n    yield value\n", Mode::Exec, "<tjit layout>".to_owned())
        .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
    let scope = vm.new_scope_with_builtins();
    python(vm.run_code_obj(code, scope.clone()), "a probe")?;
    let function = python(scope.globals.get_item("g", vm), "a probe's function")?;
    let class = vm.ctx.types.async_generator_wrapped_value;
    let mut samples = Vec::new();
    for value in [1.5, 2.5] {
        let value: PyObjectRef = vm.ctx.new_float(value).into();
        let generator = python(function.call((value.clone(),), vm), "an asynchronous generator")?;
        let Some(generator) = generator.downcast_ref::<PyAsyncGen>() else { return fail("it is none") };
        let yielded = generator.as_coro().send(generator.as_object(), vm.ctx.none(), vm);
        match python(yielded, "an asynchronous generator")? {
            PyIterReturn::Return(wrapped) if wrapped.class().is(class) => {
                let wrapped: &PyObject = &wrapped;
                // SAFETY: an object of this class takes as much.
                samples.push((unsafe { words(wrapped, basic_size(class)) }, address(&value)));
            }
            _ => return fail("an asynchronous generator yields something else"),
        }
    }
    only_word("the value that an asynchronous generator yields", &samples, head..basic_size(class))
}
