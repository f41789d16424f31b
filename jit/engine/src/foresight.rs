//! What the next step of an iterator will find, without making it.

use rustpython_vm::{PyObject, builtins::PyStr};

use crate::objects::{Iterator, Objects, address};

impl Objects {
    /// What stepping an iterator will find: for each iterator at the bottom, in the order in which they are stepped,
    /// whether it has another element. `None` when that cannot be told.
    pub fn foresee(&self, object: &PyObject) -> Option<Vec<bool>> {
        let (mut seen, mut outcomes) = (Vec::new(), Vec::new());
        self.foresee_into(object, &mut seen, &mut outcomes)?;
        Some(outcomes)
    }

    /// The same for the iterators of a `zip` behind the first, as long as they are reached.
    pub fn foresee_rest(&self, inner: &[&PyObject]) -> Option<Vec<bool>> {
        let (mut seen, mut outcomes) = (inner.first().map(|first| address(first)).into_iter().collect(), Vec::new());
        for inner in inner.iter().skip(1) {
            if !self.foresee_into(inner, &mut seen, &mut outcomes)? {
                break;
            }
        }
        Some(outcomes)
    }

    fn foresee_into(&self, object: &PyObject, seen: &mut Vec<u64>, outcomes: &mut Vec<bool>) -> Option<bool> {
        // An iterator that is stepped twice has something else to say the second time.
        if seen.contains(&address(object)) {
            return None;
        }
        seen.push(address(object));
        match self.iterator(object) {
            Some(Iterator::Enumerate(inner)) => self.foresee_into(inner, seen, outcomes),
            Some(Iterator::Zip(inner)) => {
                for inner in inner {
                    if !self.foresee_into(inner, seen, outcomes)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            _ => {
                let more = self.has_more(object)?;
                outcomes.push(more);
                Some(more)
            }
        }
    }

    /// Whether an iterator of a range, sequence or str will find another element. `None`: it is another.
    pub fn has_more(&self, object: &PyObject) -> Option<bool> {
        let word = |offset| self.word_of(object, offset);
        match self.iterator(object) {
            Some(Iterator::Range) => Some(word(self.layout.range_iter[0]) < word(self.layout.range_iter[3])),
            Some(Iterator::Sequence(_, sequence)) => {
                Some(word(self.layout.sequence_iter[1]) < self.length(sequence) as u64)
            }
            Some(Iterator::Str(string)) => {
                let length = string.downcast_ref::<PyStr>()?.byte_len();
                Some(word(self.layout.str_iter[2]) < length as u64)
            }
            None if self.is_sequence_iterator(self.class(object)) => Some(false),
            _ => None,
        }
    }

    fn is_sequence_iterator(&self, class: u64) -> bool {
        let classes = &self.classes;
        [classes.list_iter, classes.tuple_iter, classes.reversed_list_iter, classes.reversed_iter].contains(&class)
    }
}
