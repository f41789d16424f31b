//! Inside a cache of `functools.lru_cache`: what it calls, the dict of results, how often it had one and how often not, and
//! whether it has a limit or looks at the classes of arguments. With a limit, results are in objects of a class of their own.
//!
//! ```text
//! cache  ┌ head ┬ function ┬ limit: there is one, how many ┬ typed:u8 ┬ hits ┬ misses ┬ dict ┬ … ┐   (in some order)
//! kept   ┌ head ┬ hash ┬ result ┐                                                                    (in some order)
//! ```

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, PyType},
    object::SIZEOF_PYOBJECT_HEAD,
};

use super::{Result, WORD, address, fail, flag_of_limit, only_word, python, words};

/// Byte offsets in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLayout {
    function: usize,
    dict: usize,
    hits: usize,
    misses: usize,
    /// 0 in a cache without a limit.
    limit: usize,
    /// 0 in a cache that does not look at classes.
    typed: usize,
    /// In what a cache with a limit keeps: the result.
    result: usize,
    /// The class of that.
    kept: u64,
}

/// Pairs of caches that are compared.
const PAIRS: usize = 4;

impl CacheLayout {
    /// Finds every offset in caches of this class, which has to be the VM's, and checks it. Runs no Python code.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<CacheLayout> {
        let function: PyObjectRef = vm.new_function("same", |number: PyObjectRef| number).into();
        let made = |limit: Option<usize>, typed: bool, hits: usize, misses: usize| -> Result<PyObjectRef> {
            let limit = limit.map_or_else(|| vm.ctx.none(), |limit| vm.ctx.new_int(limit).into());
            let cache = python(class.call((function.clone(), limit, typed, vm.ctx.none()), vm), "making a cache")?;
            let call = |n: usize| python(cache.call((vm.ctx.new_int(n),), vm), "calling a cache").map(drop);
            (0..misses).try_for_each(call)?;
            (0..hits).try_for_each(|_| call(0))?;
            Ok(cache)
        };
        let length = class.downcast_ref::<PyType>().map_or(0, |class| class.slots.basicsize) / WORD;
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        // SAFETY: an object of this class takes as much.
        let look = |object: &PyObject| unsafe { words(object, length) };
        let (a, b) = (made(None, false, 70, 20)?, made(None, false, 35, 90)?);
        let samples = |values: [u64; 2]| [(look(&a), values[0]), (look(&b), values[1])];
        let hits = only_word("how often a cache had a result", &samples([70, 35]), head..length)?;
        let misses = only_word("how often a cache had none", &samples([20, 90]), head..length)?;
        let called = address(&function);
        let called = only_word("what a cache calls", &samples([called, called]), head..length)?;
        let (of_a, of_b) = (dict_of(&a, 20, vm)?, dict_of(&b, 90, vm)?);
        let dict = only_word("the dict of a cache", &samples([of_a, of_b]), head..length)?;

        let limited = look(&*made(Some(77), false, 0, 0)?);
        let limit = flag_of_limit("a cache", (&limited, 77), &[look(&a), look(&b)], head..length)?;

        // What is in the padding, or a part of an address, is not always 0 in the one and 1 in the other.
        let bytes = |typed: bool| -> Result<Vec<u8>> {
            let cache = made(None, typed, 0, 0)?;
            Ok(look(&cache).into_iter().flat_map(u64::to_ne_bytes).collect())
        };
        let mut typed: Vec<usize> = (head * WORD..length * WORD).collect();
        for _ in 0..PAIRS {
            let (plain, looking) = (bytes(false)?, bytes(true)?);
            typed.retain(|&at| (plain[at], looking[at]) == (0, 1));
        }
        let [typed] = typed[..] else { return fail("whether a cache looks at classes is not found") };

        let mut results = Vec::new();
        let mut kept = Vec::new();
        for number in [4711, 4712] {
            let (cache, result) = (made(Some(77), false, 0, 0)?, vm.ctx.new_int(number));
            let called = python(cache.call((result.clone(),), vm), "calling a cache")?;
            let one = entry_of(&cache, vm)?;
            let class = one.class();
            // SAFETY: an object of its class takes as much.
            let words = unsafe { words(&one, class.slots.basicsize / WORD) };
            results.push((words, address(&called)));
            kept.push(address(class.as_object()));
        }
        let length = results.iter().map(|(words, _)| words.len()).min().unwrap_or(head);
        let result = only_word("the result that a cache keeps", &results, head..length)?;
        let [kept, _] = kept[..] else { return fail("what a cache keeps is not found") };
        Ok(CacheLayout { function: called, dict, hits, misses, limit, typed, result, kept })
    }

    fn word<'a>(&self, cache: &'a PyObject, offset: usize) -> &'a AtomicU64 {
        let place = std::ptr::from_ref(cache).cast::<u8>().wrapping_add(offset);
        // SAFETY: callers pass caches or what they keep, in which the offset was found; the word is aligned.
        unsafe { &*place.cast() }
    }

    fn object<'a>(&self, cache: &'a PyObject, offset: usize) -> &'a PyObject {
        // SAFETY: it owns a reference there.
        unsafe { &*(self.word(cache, offset).load(Relaxed) as *const PyObject) }
    }

    /// Whether a cache does not look at the classes of arguments.
    #[must_use]
    pub fn is_by_value(&self, cache: &PyObject) -> bool {
        let typed = std::ptr::from_ref(cache).cast::<u8>().wrapping_add(self.typed);
        // SAFETY: callers pass caches, in which the byte was found.
        unsafe { typed.read() == 0 }
    }

    /// Whether a cache has a limit.
    #[must_use]
    pub fn is_limited(&self, cache: &PyObject) -> bool {
        self.word(cache, self.limit).load(Relaxed) != 0
    }

    /// The result in what a cache with a limit keeps. `None`: that is something else.
    #[must_use]
    pub fn result<'a>(&self, kept: &'a PyObject) -> Option<&'a PyObject> {
        (address(kept.class().as_object()) == self.kept).then(|| self.object(kept, self.result))
    }

    /// What a cache calls.
    #[must_use]
    pub fn function<'a>(&self, cache: &'a PyObject) -> &'a PyObject {
        self.object(cache, self.function)
    }

    /// The dict of a cache. The cache gets another one, and gives this one up, when it is cleared.
    #[must_use]
    pub fn dict<'a>(&self, cache: &'a PyObject) -> &'a PyObject {
        self.object(cache, self.dict)
    }

    /// Counts a call for which there was a result, or none.
    pub fn count(&self, cache: &PyObject, is_hit: bool) {
        let offset = if is_hit { self.hits } else { self.misses };
        let count = self.word(cache, offset);
        // (No other thread is there.)
        count.store(count.load(Relaxed).wrapping_add(1), Relaxed);
    }
}

/// What a cache that was called once keeps in its dict.
fn entry_of(cache: &PyObject, vm: &VirtualMachine) -> Result<PyObjectRef> {
    let parts = cache.gc_get_referents();
    let mut kept =
        parts.iter().filter_map(|part| part.downcast_ref_if_exact::<PyDict>(vm)).flat_map(|dict| dict.into_iter());
    match (kept.next(), kept.next()) {
        (Some((_, only)), None) => Ok(only),
        _ => fail("what a cache keeps is not found"),
    }
}

/// The address of the dict with so many keys that a cache refers to.
fn dict_of(cache: &PyObject, keys: usize, vm: &VirtualMachine) -> Result<u64> {
    let parts = cache.gc_get_referents();
    let is_it =
        |part: &&PyObjectRef| part.downcast_ref_if_exact::<PyDict>(vm).is_some_and(|dict| dict.__len__() == keys);
    match parts.iter().filter(is_it).collect::<Vec<_>>()[..] {
        [dict] => Ok(address(dict)),
        _ => fail("the dict of a cache is not found"),
    }
}
