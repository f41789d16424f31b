//! Generators and coroutines that have ended and died in compiled code, with their frames, to be used again by the same function.
//!
//! A husk says that it has ended, and its locals are empty. One is kept only if there is nothing about it, its frame and
//! its function that a new one would not have: see [`Fresh`]. The function is one that the trace has as a constant.

use rustpython_vm::{AsObject, Py, PyObjectRef, builtins::PyFunction};
use tjit_vm::frames::Frame;
use tjit_vm::generators::{Fresh, Resumable};
use tjit_vm::layout::Layout;

use super::{FEW, HUSKS, Pool, keep, take};
use crate::objects::{Objects, address};

/// Functions whose generators are kept, at most; a power of two.
const FUNCTIONS: usize = 64;

/// Generators of one function.
pub(super) struct Generators {
    function: u64,
    fresh: Fresh,
    pub(super) kept: Pool<FEW>,
}

impl Objects {
    /// A generator, the last reference to which is dropped.
    pub(super) fn release_generator(&self, object: PyObjectRef) {
        let Some(generator) = Resumable::of(&object) else { return };
        let Some((mut place, is_sure)) = self.restore(generator) else { return };
        if !is_sure {
            // What has died may have found the generator among all objects there are.
            match self.restore(generator) {
                Some((again, true)) => place = again,
                _ => return,
            }
        }
        if self.is_unshared(&object) {
            keep(|husks| match husks.generators.get_mut(place) {
                Some(Some(known)) => known.kept.put(object),
                _ => Some(object),
            });
        }
    }

    /// Empties a generator that has ended. Gives the place where it may be kept, and whether nothing has died meanwhile that
    /// could have found it.
    fn restore(&self, generator: Resumable<'_>) -> Option<(usize, bool)> {
        let (frame, place) = HUSKS.with_borrow_mut(|husks| {
            let function = function_of(generator, &self.layout)?;
            let place = place(function);
            let known = husks.generators.get_mut(place)?.as_mut()?;
            if known.function != function || !known.kept.has_room() {
                return None;
            }
            Some((known.fresh.restore(generator, &self.layout)?, place))
        })?;
        let mut is_sure = true;
        for local in (0..frame.local_count()).filter_map(|n| frame.take_local(n)) {
            is_sure &= !self.is_unshared(&local) || self.classes.is_leaf(self.class(&local));
            drop(local);
        }
        Some((place, is_sure))
    }

    /// A generator of this function with these arguments, which are all that is in its frame. `None`: there is none to be
    /// used again.
    pub fn generator_husk(&self, function: &Py<PyFunction>, arguments: &[u64]) -> Option<PyObjectRef> {
        let husk = take(|husks| {
            let known = husks.generators.get_mut(place(address(function.as_object())))?.as_mut()?;
            (known.function == address(function.as_object()) && known.fresh.is_of(function))
                .then(|| known.kept.take())?
        })?;
        let generator = Resumable::of(&husk).filter(|_| self.is_unshared(&husk))?;
        let frame = Frame::of_ended(generator, &self.layout)?;
        for (n, &argument) in arguments.iter().enumerate() {
            // SAFETY: the caller's arguments are alive. (Nothing dies: the locals of a husk are empty.)
            drop(frame.replace_local(n, Some(unsafe { self.clone_ref(argument) })));
        }
        generator.set_closed(false);
        Some(husk)
    }

    /// A function has made a generator: others are worth keeping.
    pub fn expect_generators(&self, function: &Py<PyFunction>, made: &PyObjectRef) {
        let key = address(function.as_object());
        let Some(generator) = Resumable::of(made) else { return };
        let is_known = HUSKS.with_borrow_mut(|husks| {
            let known = husks.generators.get_mut(place(key)).and_then(Option::as_mut);
            let known = known.filter(|known| known.function == key && known.fresh.is_of(function));
            known.map(|known| known.fresh.refine(generator, &self.layout)).is_some()
        });
        // (A closure's frame has cells, too.)
        if is_known || !generator.code().code.freevars.is_empty() {
            return;
        }
        let Some(fresh) = Fresh::of(generator, function, &self.layout) else { return };
        let _surplus = HUSKS.with_borrow_mut(|husks| {
            husks.generators.resize_with(FUNCTIONS, || None);
            husks.generators[place(key)].replace(Generators { function: key, fresh, kept: Pool::EMPTY })
        });
    }
}

/// The address of the function that has made a generator which has ended.
fn function_of(generator: Resumable<'_>, layout: &Layout) -> Option<u64> {
    Frame::of_ended(generator, layout)?.function().map(address)
}

/// Where the generators of a function are.
fn place(function: u64) -> usize {
    (function >> 6) as usize % FUNCTIONS
}
