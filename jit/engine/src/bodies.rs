//! Functions that are told by their code: which defaults they have.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef,
    builtins::{PyCode, PyDict},
};

use crate::objects::Objects;

/// Which parameters of a function have defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// How many of the positional ones, the last.
    pub positional: u32,
    /// Which of the keyword-only ones: a bit for each.
    pub keyword_only: u32,
}

impl Defaults {
    /// As the number that compiled code passes.
    pub fn number(self) -> i64 {
        i64::from(self.keyword_only) << u32::BITS | i64::from(self.positional)
    }

    /// Of such a number.
    pub fn of(number: i64) -> Self {
        Self { positional: number as u32, keyword_only: (number >> u32::BITS) as u32 }
    }
}

impl Objects {
    /// Whether an object is a function of the code and with the globals at these addresses, and has these defaults.
    pub fn has_body(&self, object: &PyObject, code: u64, globals: u64, defaults: Defaults) -> bool {
        self.class(object) == self.classes.function && {
            let (code_is, globals_is, _) = self.function(object);
            (code_is, globals_is) == (code, globals) && self.function_defaults(object) == Some(defaults)
        }
    }

    /// Which defaults a function has. `None`: too many.
    pub fn function_defaults(&self, function: &PyObject) -> Option<Defaults> {
        let positional = self.defaults(function).map_or(0, |tuple| self.length(tuple));
        let mut keyword_only = 0;
        if self.word(function, self.layout.function.keyword_defaults) != 0 {
            let count = self.code_of_function(function)?.code.kwonlyarg_count;
            if count > u32::BITS {
                return None;
            }
            for n in (0..count).filter(|&n| self.keyword_default(function, n as usize).is_some()) {
                keyword_only |= 1 << n;
            }
        }
        Some(Defaults { positional: u32::try_from(positional).ok()?, keyword_only })
    }

    /// The default of a function's keyword-only parameter with this number, if it has one.
    pub fn keyword_default(&self, function: &PyObject, number: usize) -> Option<PyObjectRef> {
        let defaults = self.referent(function, self.layout.function.keyword_defaults)?.downcast_ref::<PyDict>()?;
        let code = &self.code_of_function(function)?.code;
        let name = code.varnames.get(code.arg_count as usize + number)?;
        // Names are compared without running Python code.
        rustpython_vm::vm::thread::with_current_vm(|vm| defaults.get_item_opt(name.as_object(), vm).ok().flatten())
    }

    fn code_of_function<'a>(&self, function: &'a PyObject) -> Option<&'a Py<PyCode>> {
        self.referent(function, self.layout.function.code)?.downcast_ref()
    }

    /// The tuple of a function's defaults, if it has any.
    pub fn defaults<'a>(&self, function: &'a PyObject) -> Option<&'a PyObject> {
        self.referent(function, self.layout.function.defaults)
    }
}
