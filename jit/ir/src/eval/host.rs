//! What the evaluator asks of the world outside a trace: helpers, and locals in the entered frame's memory.

use rustc_hash::FxHashMap;

use super::{Heap, Obj, Value};
use crate::trace::HelperInfo;

/// An exception that a helper reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised(pub String);

/// The world outside a trace.
pub trait Host {
    /// Calls a helper. It borrows its operands; an owned result comes with a count.
    ///
    /// # Errors
    /// The exception that it raises.
    fn call(&mut self, heap: &mut Heap, helper: &HelperInfo, args: &[Value]) -> Result<Value, Raised>;

    /// A local of the entered frame's memory; none when it is unbound.
    fn frame_get(&mut self, local: u32) -> Option<Obj>;

    /// Sets a local of the entered frame's memory; its count moves there. Yields the old value, with its count.
    fn frame_set(&mut self, local: u32, value: Obj) -> Option<Obj>;
}

/// A helper of a [`TableHost`].
pub type HostHelper = Box<dyn FnMut(&mut Heap, &[Value]) -> Result<Value, Raised>>;

/// A host with a table of helpers by name, and frame memory that is a plain list.
#[derive(Default)]
pub struct TableHost {
    /// Helpers by name.
    pub helpers: FxHashMap<String, HostHelper>,
    /// The frame's memory, by number of the local. Those beyond its end are unbound.
    pub frame: Vec<Option<Obj>>,
}

impl TableHost {
    /// A host that knows no helper and has no locals.
    pub fn new() -> Self {
        TableHost::default()
    }

    /// Adds a helper.
    pub fn helper(
        mut self,
        name: &str,
        helper: impl FnMut(&mut Heap, &[Value]) -> Result<Value, Raised> + 'static,
    ) -> Self {
        self.helpers.insert(name.to_owned(), Box::new(helper));
        self
    }
}

impl Host for TableHost {
    /// # Panics
    /// When the table has no helper of that name.
    fn call(&mut self, heap: &mut Heap, helper: &HelperInfo, args: &[Value]) -> Result<Value, Raised> {
        match self.helpers.get_mut(&helper.name) {
            Some(call) => call(heap, args),
            None => panic!("the table has no helper {:?}: add it with TableHost::helper", helper.name),
        }
    }

    fn frame_get(&mut self, local: u32) -> Option<Obj> {
        self.frame.get(local as usize).copied().flatten()
    }

    fn frame_set(&mut self, local: u32, value: Obj) -> Option<Obj> {
        let index = local as usize;
        if index >= self.frame.len() {
            self.frame.resize(index + 1, None);
        }
        self.frame[index].replace(value)
    }
}
