//! Compiled functions: what is known of each code object whose entry has traces, or might have.
//!
//! The traces that belong to one function agree on the form of its result, which the first recording chooses. When that or
//! the form of its arguments turns out to be wrong, the function is *retired*: what is compiled stays right for those who
//! call it, but nothing new leads there, and a new *generation* is recorded.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tjit_ir::{TraceId, Ty};

use crate::decode::CodeKey;
use crate::state::HeaderState;

/// Recordings of others that wait for a function to be compiled, at most.
const MAX_REQUESTS: u32 = 12;

/// What is known of one function.
#[derive(Default)]
struct Function {
    /// The form of the result, by generation.
    results: Vec<Option<Ty>>,
    /// The traces of the present generation that begin at the entry.
    versions: Vec<(TraceId, Rc<HeaderState>)>,
    requests: u32,
    is_recursive: bool,
    is_refused: bool,
}

/// All functions.
#[derive(Default)]
pub struct Functions {
    table: RefCell<FxHashMap<CodeKey, Function>>,
    /// The words in which compiled code finds the addresses of traces that it calls or jumps to.
    words: RefCell<FxHashMap<TraceId, Box<Cell<usize>>>>,
}

impl Functions {
    fn with<T>(&self, code: CodeKey, run: impl FnOnce(&mut Function) -> T) -> T {
        let mut table = self.table.borrow_mut();
        let function = table.entry(code).or_default();
        if function.results.is_empty() {
            function.results.push(None);
        }
        run(function)
    }

    /// The present generation.
    pub fn generation(&self, code: CodeKey) -> u32 {
        self.with(code, |function| function.results.len() as u32 - 1)
    }

    /// The form in which the traces of a generation return, once it is known.
    pub fn result(&self, code: CodeKey, generation: u32) -> Option<Ty> {
        self.with(code, |function| function.results[generation as usize])
    }

    /// Chooses the form of the present generation's result.
    pub fn set_result(&self, code: CodeKey, ty: Ty) {
        self.with(code, |function| *function.results.last_mut().expect("there is a generation") = Some(ty));
    }

    /// The compiled traces that begin at the function's entry, with their states.
    pub fn versions(&self, code: CodeKey) -> Vec<(TraceId, Rc<HeaderState>)> {
        self.with(code, |function| function.versions.clone())
    }

    /// A trace that begins at the entry was compiled.
    pub fn add(&self, code: CodeKey, id: TraceId, state: Rc<HeaderState>) {
        self.with(code, |function| function.versions.push((id, state)));
    }

    /// Begins a new generation; with `boxed`, one that returns objects. Gives the traces of the old one.
    pub fn retire(&self, code: CodeKey, boxed: bool) -> Vec<TraceId> {
        self.with(code, |function| {
            let was_boxed = function.results.last() == Some(&Some(Ty::Ref));
            function.results.push((boxed || was_boxed).then_some(Ty::Ref));
            std::mem::take(&mut function.versions).into_iter().map(|(id, _)| id).collect()
        })
    }

    /// A recording would wait for the function to be compiled. False when too many have.
    pub fn request(&self, code: CodeKey) -> bool {
        self.with(code, |function| {
            function.requests += 1;
            !function.is_refused && function.requests <= MAX_REQUESTS
        })
    }

    /// Whether a recording has waited for the function.
    pub fn is_wanted(&self, code: CodeKey) -> bool {
        self.with(code, |function| function.requests > 0)
    }

    /// The function will not be compiled (any more).
    pub fn refuse(&self, code: CodeKey) {
        self.with(code, |function| function.is_refused = true);
    }

    /// The function was seen to call itself.
    pub fn set_recursive(&self, code: CodeKey) {
        self.with(code, |function| function.is_recursive = true);
    }

    /// Whether it is better called than inlined.
    pub fn is_recursive(&self, code: CodeKey) -> bool {
        self.with(code, |function| function.is_recursive)
    }

    /// The address of the word that has the address of a trace's code.
    pub fn word(&self, id: TraceId) -> usize {
        self.words.borrow_mut().entry(id).or_default().as_ptr() as usize
    }

    /// The code of a trace is at this address from now on.
    pub fn set_word(&self, id: TraceId, address: usize) {
        self.words.borrow_mut().entry(id).or_default().set(address);
    }
}
