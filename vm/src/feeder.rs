//! Builtins that call a function for each of their elements, and were left in between.

use std::cell::{Cell, RefCell};

use rustpython_vm::{
    Context, Py, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, builtins::PyList,
    class::PyClassImpl, function::FuncArgs, pyclass, types::Callable,
};

thread_local! {
    /// The feeders whose function is being called, innermost last.
    static ASKED: RefCell<Vec<PyRef<Feeder>>> = const { RefCell::new(Vec::new()) };
}

/// Stands for the function of keys in a call of a builtin: it gives the keys that there are already, in their order, and then
/// asks the function. So a builtin that was left in between goes on when it is called again.
#[pyclass(module = "tjit", name = "feeder")]
#[derive(PyPayload)]
pub struct Feeder {
    function: PyObjectRef,
    /// The list of the keys that there are already.
    keys: PyObjectRef,
    /// How often it has been asked.
    asked: Cell<usize>,
    /// The call of the function that is under way.
    under_way: Cell<Option<PyObjectRef>>,
    /// The list of the elements that the builtin goes through.
    elements: PyObjectRef,
    /// A list that is sorted, and was changed meanwhile: `list.sort` is to find out.
    changed: Cell<Option<PyObjectRef>>,
}

// SAFETY: a feeder is made and called by one thread, during one call in a frame of that thread; nothing else ever sees it.
unsafe impl Send for Feeder {}
// SAFETY: as above.
unsafe impl Sync for Feeder {}

impl std::fmt::Debug for Feeder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Feeder({:?})", self.function)
    }
}

impl Feeder {
    /// A feeder with the keys that are in a list, for the elements that are in another one.
    pub fn object(function: PyObjectRef, keys: PyObjectRef, elements: PyObjectRef, ctx: &Context) -> PyObjectRef {
        let (asked, under_way, changed) = (Cell::new(0), Cell::new(None), Cell::new(None));
        Feeder { function, keys, asked, under_way, elements, changed }.into_ref(ctx).into()
    }

    /// The feeder that an object is.
    #[must_use]
    pub fn of(object: &PyObject) -> Option<&Py<Feeder>> {
        object.downcast_ref::<Feeder>()
    }

    /// The feeder whose function is being called, of the innermost such call.
    #[must_use]
    pub fn innermost() -> Option<PyRef<Feeder>> {
        ASKED.with_borrow(|asked| asked.last().cloned())
    }

    /// A list that is to be sorted, from which the elements were taken, gets them back.
    pub fn put_back(&self, list: &Py<PyList>) {
        let Some(elements) = self.elements.downcast_ref::<PyList>() else { return };
        let before = std::mem::replace(&mut *list.borrow_vec_mut(), elements.borrow_vec().to_vec());
        if before.capacity() > 0 {
            self.changed.set(Some(list.to_owned().into()));
        }
    }

    /// For the first element that has no key, the function's call is under way: this gives what it returns.
    pub fn go_on_with(&self, call: PyObjectRef) {
        self.under_way.set(Some(call));
    }

    /// The function.
    #[must_use]
    pub fn function(&self) -> &PyObject {
        &self.function
    }

    /// What the builtin goes through.
    #[must_use]
    pub fn elements(&self) -> &PyObject {
        &self.elements
    }

    /// How many elements have a key, or are about to get one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.asked.get().max(self.keys.downcast_ref::<PyList>().map_or(0, |keys| keys.borrow_vec().len()))
    }
}

#[pyclass(with(Callable))]
impl Feeder {}

impl Callable for Feeder {
    type Args = FuncArgs;

    fn call(zelf: &Py<Self>, args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        let number = zelf.asked.get();
        zelf.asked.set(number + 1);
        if let Some(list) = zelf.changed.take().as_deref().and_then(|list| list.downcast_ref::<PyList>()) {
            list.borrow_vec_mut().reserve(1);
        }
        if let Some(key) = zelf.keys.downcast_ref::<PyList>().and_then(|keys| keys.borrow_vec().get(number).cloned()) {
            return Ok(key);
        }
        let function = zelf.under_way.take().unwrap_or_else(|| zelf.function.clone());
        ASKED.with_borrow_mut(|asked| asked.push(zelf.to_owned()));
        let key = function.call(args, vm);
        ASKED.with_borrow_mut(Vec::pop);
        key
    }
}

/// Makes the type known to the VM. Call once before it is used.
pub fn init() {
    let _ = Feeder::make_static_type();
}
