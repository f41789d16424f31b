//! Attributes of classes that a program keeps changing: counters, next numbers, switches.
//!
//! ```python
//! class Account:
//!     opened = 0
//!     def __init__(self):
//!         Account.opened += 1
//! ```
//!
//! The VM takes a class's version away whenever one of its attributes is set, and clears what it has cached for that version
//! from a table of some thousand entries. What relies on versions never gets going. So when a number, a text or None has
//! taken the place of another one twice, the attribute is a *tally* from then on: the class still gets another version when
//! it is set, but a word tells which one that is (its [cell](cell)). Compiled code that finds both the same knows that
//! nothing of the class but tallies has changed; and it does not take their values for constant.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustc_hash::FxHashMap;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyStr, PyStrInterned, PyType},
    function::PySetterValue,
};

use crate::instrument::patch;

type SetAttr = fn(&PyObject, &Py<PyStr>, PySetterValue, &VirtualMachine) -> PyResult<()>;

/// What sets attributes of classes in the VM.
static ORIGINAL: OnceLock<SetAttr> = OnceLock::new();

/// Whether there are tallies at all.
static ARE_SOME: AtomicBool = AtomicBool::new(false);

/// A word with the version that a class has if nothing but tallies was changed since the cell was made.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Where that version is. Cells live as long as the process: compiled code reads them.
    now: &'static AtomicU32,
    /// The version that the class had when the cell was made: no class has had it before, or will have it again.
    first: u32,
}

#[derive(Default)]
struct State {
    /// Names of tallies, by address. False: it was set once.
    names: FxHashMap<usize, bool>,
    cell: Option<Cell>,
}

thread_local! {
    /// By the address of the class. (Where a class has died, another one may be: it takes a little more care than it needs.)
    static STATES: RefCell<FxHashMap<usize, State>> = RefCell::default();
}

/// Sees to it that tallies are noticed.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    let root = vm.ctx.types.type_type;
    let Some(original) = root.slots.setattro.load() else {
        return Err(vm.new_runtime_error("the JIT does not know this VM: attributes of classes cannot be set"));
    };
    let original = *ORIGINAL.get_or_init(|| original);
    // What is set by `super().__setattr__` in a metaclass has to go the same way, or the VM takes the metaclass for one that
    // has another way to set attributes.
    for name in ["__setattr__", "__delattr__"] {
        patch::slot_wrapper(vm, root, name, original as usize, set as SetAttr as usize)?;
    }
    // Metaclasses that exist have inherited it.
    let mut metaclasses = vec![root.to_owned()];
    while let Some(metaclass) = metaclasses.pop() {
        if metaclass.slots.setattro.load().is_some_and(|own| own as usize == original as usize) {
            metaclass.slots.setattro.store(Some(set));
        }
        metaclasses.extend(subclasses(&metaclass));
    }
    Ok(())
}

/// Whether setting attributes of a class's objects, which are classes, goes by tallies.
#[must_use]
pub fn are_noticed(metaclass: &Py<PyType>) -> bool {
    metaclass.slots.setattro.load().is_some_and(|own| own as usize == set as SetAttr as usize)
}

/// Whether an attribute in the dict of a class itself is a tally.
#[must_use]
pub fn is_tally(class: &Py<PyType>, name: &'static PyStrInterned) -> bool {
    STATES.with_borrow(|states| {
        let state = states.get(&class.as_object().get_id());
        state.is_some_and(|state| state.names.get(&name.as_object().get_id()) == Some(&true))
    })
}

/// The class that an attribute is found in, if it is a tally there.
#[must_use]
pub fn owner(class: &Py<PyType>, name: &'static PyStrInterned) -> Option<PyRef<PyType>> {
    let mro = class.mro.read();
    let found = mro.iter().find(|base| base.get_direct_attr(name).is_some())?;
    is_tally(found, name).then(|| found.clone())
}

/// The version that a class had before tallies of it or its bases were set: it tells of all other changes.
#[must_use]
#[inline]
pub fn version(class: &Py<PyType>) -> u32 {
    let now = class.tp_version_tag.load(Ordering::Acquire);
    if ARE_SOME.load(Ordering::Relaxed) { version_besides(class, now) } else { now }
}

fn version_besides(class: &Py<PyType>, now: u32) -> u32 {
    let cell = STATES.with_borrow(|states| states.get(&class.as_object().get_id())?.cell);
    match cell {
        Some(cell) if now != 0 && cell.now.load(Ordering::Relaxed) == now => cell.first,
        _ => now,
    }
}

/// The address of the word that has the version of a class as long as nothing but tallies changes. `None`: it has none, nor
/// have its bases. The class has a version.
#[must_use]
pub fn cell(class: &Py<PyType>) -> Option<u64> {
    let now = class.tp_version_tag.load(Ordering::Acquire);
    let has_tallies = || class.mro.read().iter().any(|base| has_tally(base));
    if now == 0 || !ARE_SOME.load(Ordering::Relaxed) || !has_tallies() {
        return None;
    }
    STATES.with_borrow_mut(|states| {
        let state = states.entry(class.as_object().get_id()).or_default();
        let cell = match state.cell {
            Some(cell) if cell.now.load(Ordering::Relaxed) == now => cell,
            // What relies on an older one relies on what is no more.
            _ => *state.cell.insert(Cell { now: Box::leak(Box::new(AtomicU32::new(now))), first: now }),
        };
        Some(std::ptr::from_ref(cell.now) as u64)
    })
}

fn has_tally(class: &Py<PyType>) -> bool {
    STATES.with_borrow(|states| {
        states.get(&class.as_object().get_id()).is_some_and(|state| state.names.values().any(|&is_tally| is_tally))
    })
}

/// Sets a tally to a plain value. False, with nothing changed: it is none, or the value is another one, or there are other
/// threads. Runs no Python code.
pub fn set_tally(class: &Py<PyType>, name: &'static PyStrInterned, value: &PyObject, vm: &VirtualMachine) -> bool {
    let is_data = |found: PyObjectRef| found.class().slots.descr_set.load().is_some();
    if !is_tally(class, name)
        || !is_plain(value, vm)
        || vm.state.thread_count.load() > 0
        || !class.get_direct_attr(name).is_some_and(|old| is_plain(&old, vm))
        || class.class().get_attr(name).is_some_and(is_data)
    {
        return false;
    }
    let mut derived = Vec::new();
    let own = take_versions(class, &mut derived);
    // (As the class has no version now, the VM has nothing to clear. Where its table has the old one, nobody finds it.)
    let _old = class.attributes.insert(name, value.to_owned());
    let derived = derived.iter().map(|(class, cell)| (&**class, *cell));
    for (class, cell) in own.map(|cell| (class, cell)).into_iter().chain(derived) {
        // A look-up has a version given.
        let _ = class.get_attr(name);
        cell.store(class.tp_version_tag.load(Ordering::Acquire), Ordering::Relaxed);
    }
    true
}

/// Takes the versions of a class and those derived from it away. Gives the word in the class's cell if that was right, and
/// likewise those of derived classes.
fn take_versions(
    class: &Py<PyType>,
    known: &mut Vec<(PyRef<PyType>, &'static AtomicU32)>,
) -> Option<&'static AtomicU32> {
    let version = class.tp_version_tag.swap(0, Ordering::SeqCst);
    if version == 0 {
        // Then none of those that are derived has one.
        return None;
    }
    for derived in subclasses(class) {
        if let Some(cell) = take_versions(&derived, known) {
            known.push((derived, cell));
        }
    }
    let cell = STATES.with_borrow(|states| states.get(&class.as_object().get_id())?.cell);
    cell.map(|cell| cell.now).filter(|now| now.load(Ordering::Relaxed) == version)
}

fn subclasses(class: &Py<PyType>) -> Vec<PyRef<PyType>> {
    let subclasses = class.subclasses.read();
    subclasses.iter().filter_map(|derived| derived.upgrade()?.downcast().ok()).collect()
}

/// Whether a value is nothing but itself, in a class as elsewhere, and dies without Python code.
#[must_use]
pub fn is_plain(value: &PyObject, vm: &VirtualMachine) -> bool {
    let types = &vm.ctx.types;
    [types.int_type, types.float_type, types.bool_type, types.str_type, types.none_type]
        .iter()
        .any(|class| value.class().is(*class))
}

/// In place of what sets attributes of classes.
fn set(class: &PyObject, name: &Py<PyStr>, value: PySetterValue, vm: &VirtualMachine) -> PyResult<()> {
    let Some(original) = ORIGINAL.get() else {
        return Err(vm.new_runtime_error("the JIT has replaced what it does not know"));
    };
    if let (PySetterValue::Assign(new), Some(of)) = (&value, class.downcast_ref::<PyType>()) {
        let interned = vm.ctx.intern_str(name.as_wtf8());
        if set_tally(of, interned, new, vm) {
            return Ok(());
        }
        note(of, interned, new, vm);
    }
    original(class, name, value, vm)
}

/// An attribute of a class is going to be set, and the VM does it.
fn note(class: &Py<PyType>, name: &'static PyStrInterned, value: &PyObjectRef, vm: &VirtualMachine) {
    let is_special = name.as_str().starts_with("__") && name.as_str().ends_with("__");
    let may_be = !is_special
        && class.heaptype_ext.is_some()
        && is_plain(value, vm)
        && class.get_direct_attr(name).is_some_and(|old| is_plain(&old, vm));
    let name = name.as_object().get_id();
    STATES.with_borrow_mut(|states| {
        let class = class.as_object().get_id();
        if may_be {
            let state = states.entry(class).or_default();
            state.names.entry(name).and_modify(|is_tally| *is_tally = true).or_insert(false);
            if state.names[&name] {
                ARE_SOME.store(true, Ordering::Relaxed);
            }
        } else if let Some(state) = states.get_mut(&class) {
            state.names.remove(&name);
        }
    });
}
