//! Inside iterators of `itertools` over other iterators: `chain` and `islice`.
//!
//! ```text
//! chain   ┌ head ┬ what gives the iterables ┬ iterator under way ┐                                        (in some order)
//! islice  ┌ head ┬ iterator ┬ taken ┬ next to be given ┬ stop: there is one, which ┬ step ┐              (in some order)
//! ```
//!
//! An iterator is a null pointer where there is none any more. It is behind a lock, which nobody holds between two steps.

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine, object::SIZEOF_PYOBJECT_HEAD};

use super::{Result, WORD, address, fail, flag_of_limit, only_word, python, words};

/// Byte offsets in a `chain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainLayout {
    /// The iterator under way.
    pub active: usize,
}

/// Byte offsets in an `islice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceLayout {
    /// The iterator.
    pub iterator: usize,
    /// How many elements were taken from it.
    pub taken: usize,
    /// The number of the element to be given next.
    pub next: usize,
    /// 0 when there is no stop.
    pub has_stop: usize,
    /// The number of the element at which it ends.
    pub stop: usize,
    /// How many elements it goes on by.
    pub step: usize,
}

/// An iterator over a new list of so many elements.
fn over(count: usize, vm: &VirtualMachine) -> Result<PyObjectRef> {
    let list = vm.ctx.new_list((0..count).map(|n| vm.ctx.new_int(n).into()).collect());
    python(PyObjectRef::from(list).get_iter(vm), "an iterator").map(|iterator| iterator.into())
}

fn step(iterator: &PyObject, vm: &VirtualMachine) -> Result<()> {
    let call = vm.builtins.get_attr("next", vm).and_then(|next| next.call((iterator.to_owned(), vm.ctx.none()), vm));
    python(call, "a step of an iterator").map(drop)
}

fn look(iterator: &PyObject, class: &PyObject) -> Result<Vec<u64>> {
    let size = class.downcast_ref::<rustpython_vm::builtins::PyType>().map_or(0, |class| class.slots.basicsize);
    if size < SIZEOF_PYOBJECT_HEAD {
        return fail("the size of an iterator is not known");
    }
    // SAFETY: an object of this class takes as much.
    Ok(unsafe { words(iterator, size / WORD) })
}

impl ChainLayout {
    /// Finds the offset in chains of this class, which has to be the VM's. Runs no Python code.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<ChainLayout> {
        let (mut under_way, mut ended) = (Vec::new(), Vec::new());
        for count in [2, 3] {
            let inner = over(count, vm)?;
            let chain = python(class.call((inner.clone(),), vm), "making a chain")?;
            step(&chain, vm)?;
            under_way.push((look(&chain, class)?, address(&inner)));
            (0..count).try_for_each(|_| step(&chain, vm))?;
            ended.push((look(&chain, class)?, 0));
        }
        let all = SIZEOF_PYOBJECT_HEAD / WORD..under_way[0].0.len();
        let active = only_word("the iterator under way of a chain", &under_way, all)?;
        if ended.iter().any(|(words, _)| words[active / WORD] != 0) {
            return fail("a chain that has ended has an iterator");
        }
        Ok(ChainLayout { active })
    }
}

impl SliceLayout {
    /// Finds every offset in slices of this class, which has to be the VM's. Runs no Python code.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<SliceLayout> {
        let mut samples: [Vec<(Vec<u64>, u64)>; 5] = Default::default();
        let mut without = Vec::new();
        for (begin, stop, by, steps) in [(3, 77, 5, 1), (10, 99, 7, 2)] {
            let inner = over(60, vm)?;
            let slice = python(class.call((inner.clone(), begin, stop, by), vm), "making a slice")?;
            (0..steps).try_for_each(|_| step(&slice, vm))?;
            let (next, found) = (begin + steps * by, look(&slice, class)?);
            let facts = [address(&inner), (next - by + 1) as u64, next as u64, stop as u64, by as u64];
            samples.iter_mut().zip(facts).for_each(|(samples, fact)| samples.push((found.clone(), fact)));
            let endless = python(class.call((inner, begin, vm.ctx.none(), by), vm), "making a slice")?;
            without.push(look(&endless, class)?);
        }
        let all = || SIZEOF_PYOBJECT_HEAD / WORD..without[0].len();
        let only = |what: &str, number: usize| only_word(what, &samples[number], all());
        let has_stop = flag_of_limit("a slice", (&samples[3][0].0, 77), &without, all())?;
        Ok(SliceLayout {
            iterator: only("the iterator of a slice", 0)?,
            taken: only("how many elements a slice has taken", 1)?,
            next: only("which element a slice gives next", 2)?,
            has_stop,
            stop: only("where a slice stops", 3)?,
            step: only("what a slice goes on by", 4)?,
        })
    }
}
