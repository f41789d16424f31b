//! Inside a generator of random numbers: the words that there are, and which one is next.
//!
//! ```text
//! generator  ┌ head ┬ lock ┬ words: u32 × 624 ┬ next ┐   (in some order)
//! ```
//!
//! The VM makes new words when all have been used; what is given out is a word whose bits were mixed once more.

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine, builtins::PyFloat, object::SIZEOF_PYOBJECT_HEAD};

use super::{Result, WORD, fail, python, words};

/// How many words there are.
const WORDS: usize = 624;

/// Byte offsets in a generator, also of a derived class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomLayout {
    words: usize,
    next: usize,
}

impl RandomLayout {
    /// Finds every offset in generators of this class, which has to be the builtin one, and checks it.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<RandomLayout> {
        let call = |generator: &PyObject, name: &'static str| {
            python(vm.call_method(generator, name, ()), "a method of a generator of random numbers")
        };
        let made = |seed: u32, used: usize| -> Result<PyObjectRef> {
            let generator = python(class.call((), vm), "making a generator of random numbers")?;
            python(vm.call_method(&generator, "seed", (seed,)), "seeding a generator")?;
            (0..used).try_for_each(|_| call(&generator, "random").map(drop))?;
            Ok(generator)
        };
        let mut found = Vec::new();
        for (seed, used) in [(1_u32, 3), (77, 40)] {
            let generator = made(seed, used)?;
            let state: Vec<u32> = python(call(&generator, "getstate")?.try_to_value(vm), "a generator's state")?;
            let Some((&next, state)) = state.split_last() else { return fail("a generator has no state") };
            let length = generator.class().slots.basicsize / WORD;
            let head = SIZEOF_PYOBJECT_HEAD / WORD;
            // SAFETY: an object of this class takes as much.
            let halves: Vec<u32> = unsafe { words(&generator, length) }
                .into_iter()
                .flat_map(|word| [word as u32, (word >> 32) as u32])
                .collect();
            let mut starts = (2 * head..halves.len()).filter(|&at| halves[at..].starts_with(state));
            let (Some(start), None, true) = (starts.next(), starts.next(), state.len() == WORDS) else {
                return fail("the words of a generator of random numbers are not found");
            };
            let is_next = |&at: &usize| {
                halves[at..].starts_with(&[next, 0]) && !(start..start + WORDS).contains(&at) && at.is_multiple_of(2)
            };
            let nexts: Vec<usize> = (2 * head..halves.len()).filter(is_next).collect();
            let [next] = nexts[..] else { return fail("which word of a generator is next is not found") };
            let layout = RandomLayout { words: start * WORD / 2, next: next * WORD / 2 };
            let other = made(seed, used)?;
            layout.check(&generator, &other, vm)?;
            found.push(layout);
        }
        if found[0] == found[1] { Ok(found[0]) } else { fail("two generators of random numbers differ") }
    }

    /// Of two generators in the same state, one that the VM steps and one that is stepped here give the same, also when there are
    /// new words.
    fn check(&self, own: &PyObject, other: &PyObject, vm: &VirtualMachine) -> Result<()> {
        for _ in 0..WORDS / 2 + 1 {
            let step = |of: &PyObject| {
                let number = python(vm.call_method(of, "random", ()), "a random number")?;
                Ok(number.downcast_ref::<PyFloat>().map_or(f64::NAN, |number| number.to_f64()))
            };
            let numbers = [step(other)?, self.float(own).map_or_else(|| step(own), Ok)?];
            if numbers[0].to_bits() != numbers[1].to_bits() {
                return fail("random numbers are others than the VM's");
            }
        }
        Ok(())
    }

    /// The next words. `None`, and none was used: the VM has to make new ones.
    fn take<const COUNT: usize>(&self, generator: &PyObject) -> Option<[u32; COUNT]> {
        let object = std::ptr::from_ref(generator).cast::<u8>().cast_mut();
        // SAFETY: callers pass generators, in which the offsets were found; nobody else uses one while this thread does. There
        // are so many words.
        unsafe {
            let place = object.add(self.next).cast::<usize>();
            let next = place.read();
            if next > WORDS - COUNT {
                return None;
            }
            place.write(next + COUNT);
            let words = object.add(self.words).cast::<u32>().add(next);
            Some(std::array::from_fn(|n| mixed(words.add(n).read())))
        }
    }

    /// A float from 0 up to 1. `None`, and nothing was done: the VM has to do it.
    #[must_use]
    pub fn float(&self, generator: &PyObject) -> Option<f64> {
        let [high, low] = self.take(generator)?;
        let bits = u64::from(high >> 5) << 26 | u64::from(low >> 6);
        // (It has 53 bits.)
        Some(bits as f64 / (1_u64 << 53) as f64)
    }

    /// An int of so many bits, 1 to 32. `None`, and nothing was done: the VM has to do it.
    #[must_use]
    pub fn bits(&self, generator: &PyObject, count: u32) -> Option<u32> {
        let [word] = self.take(generator)?;
        Some(word >> 32_u32.checked_sub(count)?)
    }
}

/// What the generator (MT19937) gives for a word of its state.
fn mixed(word: u32) -> u32 {
    let word = word ^ word >> 11;
    let word = word ^ word << 7 & 0x9d2c_5680;
    let word = word ^ word << 15 & 0xefc6_0000;
    word ^ word >> 18
}
