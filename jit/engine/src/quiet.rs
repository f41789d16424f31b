//! Whether Python code may run when an object dies, is compared or is hashed.

use rustpython_vm::{
    PyObject,
    builtins::{PyDict, PyType},
    types::PyTypeFlags,
};

use crate::objects::{Objects, Scalar};
use tjit_vm::generators::Resumable;

impl Objects {
    /// Whether Python code may run when an object dies: it, or something that it refers to, has a finaliser or is watched
    /// by weak references. Looks two levels deep.
    pub fn is_noisy(&self, object: &PyObject) -> bool {
        self.is_noisy_to(object, 2)
    }

    fn is_noisy_to(&self, object: &PyObject, depth: usize) -> bool {
        let class = self.class(object);
        // (Classes refer to themselves: only the collector frees them. All have weak references, from their bases.)
        if self.classes.is_leaf(class) || object.downcast_ref::<PyType>().is_some() {
            return false;
        }
        // A generator that has ended has nothing left to close.
        let has_ended = Resumable::of(object).is_some_and(Resumable::is_closed);
        let finalises = object.class().slots.del.load().is_some() && !has_ended;
        if finalises || object.weak_count().is_some_and(|count| count > 0) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        if class == self.classes.list || class == self.classes.tuple {
            let elements = (0..self.length(object).min(8)).filter_map(|index| self.element(object, index));
            return elements.into_iter().any(|element| self.is_noisy_to(element, depth - 1));
        }
        if class == self.classes.dict {
            let values = object.downcast_ref::<PyDict>().map(|dict| dict.into_iter().take(8).collect::<Vec<_>>());
            return values.is_some_and(|values| values.iter().any(|(_, value)| self.is_noisy_to(value, depth - 1)));
        }
        let is_instance = !object.class().slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE);
        let dict = if is_instance { object.dict() } else { None };
        dict.is_some_and(|dict| (&*dict).into_iter().take(8).any(|(_, value)| self.is_noisy_to(&value, depth - 1)))
    }

    /// Whether an object can be compared and hashed without running Python code: of a leaf class, or an exact list or
    /// tuple of such, a few levels deep.
    pub fn is_plain(&self, object: &PyObject) -> bool {
        self.is_plain_to(object, 3)
    }

    /// Whether an object is plain, or a tuple that is mostly told from others like it by numbers and text in front of what
    /// is not: a priority, a serial number, and anything.
    pub fn is_ordered(&self, object: &PyObject) -> bool {
        const TELLING: usize = 2;
        if self.is_plain(object) {
            return true;
        }
        let tells = |element: &PyObject| {
            self.scalar(element).is_some_and(|scalar| !matches!(scalar, Scalar::Bool(_)))
                || self.class(element) == self.classes.str
        };
        self.class(object) == self.classes.tuple
            && (0..TELLING).all(|index| self.element(object, index).is_some_and(tells))
    }

    fn is_plain_to(&self, object: &PyObject, depth: usize) -> bool {
        let class = self.class(object);
        if class != self.classes.list && class != self.classes.tuple {
            return self.classes.is_leaf(class);
        }
        let mut elements = (0..self.length(object)).filter_map(|index| self.element(object, index));
        depth > 0 && elements.all(|element| self.is_plain_to(element, depth - 1))
    }
}
