//! Objects that are equal to themselves only, and hashed as one of their attributes by a `__hash__` in Python that does nothing
//! else: members of enums. What that gives is found without calling it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Context, Py, PyObject, PyObjectRef, PyRef, VirtualMachine,
    builtins::{PyCode, PyDict, PyStrInterned, PyType},
};

use crate::engine::decode;
use crate::names::wants_stamp;
use crate::objects::{Objects, address};

/// What is known of classes, by address.
#[derive(Default, Debug)]
pub struct Hashed {
    known: RefCell<FxHashMap<u64, (u32, Option<Rc<ByAttribute>>)>>,
    /// The function `hash` of `builtins`.
    hash: RefCell<Option<PyObjectRef>>,
    /// Where it was found last.
    at: Cell<usize>,
}

/// `def __hash__(self): return hash(self.name)`.
#[derive(Debug)]
struct ByAttribute {
    function: PyObjectRef,
    /// Address of the function's code.
    code: u64,
    globals: PyRef<PyDict>,
    /// The stamp of the globals' keys when `hash` was not among them.
    stamp: Cell<u32>,
    name: &'static PyStrInterned,
    /// Where the attribute was found last.
    at: Cell<usize>,
}

impl Objects {
    /// The attribute as which an object is hashed, as classes and names are now. `None`: it is hashed in another way, or that
    /// would take Python code.
    pub fn hashed_as(&self, object: &PyObject, vm: &VirtualMachine) -> Option<PyObjectRef> {
        let by = self.by_attribute(object.class())?;
        if self.function(&by.function).0 != by.code || !self.is_hash_itself(&by, vm) {
            return None;
        }
        self.named(&*object.dict()?, by.name, &by.at, vm).map(ToOwned::to_owned)
    }

    /// What a dict has under a name, which may be where it was last.
    fn named<'a>(
        &self,
        dict: &'a Py<PyDict>,
        name: &'static PyStrInterned,
        at: &Cell<usize>,
        vm: &VirtualMachine,
    ) -> Option<&'a PyObject> {
        let layout = &self.layout.dict;
        if !layout.key_at(dict, at.get()).is_some_and(|key| key.is(name.as_object())) {
            at.set(layout.index_of(dict, name.as_object(), vm)?);
        }
        Some(layout.value_at(dict, at.get()))
    }

    /// Whether instances of a class are hashed as one of their attributes.
    pub fn hashes_by_attribute(&self, class: &Py<PyType>) -> bool {
        self.by_attribute(class).is_some()
    }

    fn by_attribute(&self, class: &Py<PyType>) -> Option<Rc<ByAttribute>> {
        let (key, version) = (address(class.as_object()), tjit_vm::tallies::version(class));
        if let Some((known, by)) = self.hashed.known.borrow().get(&key)
            && *known == version
        {
            return by.clone();
        }
        // (A look-up gives it a version, if it has none.)
        let by = self.analyse(class).map(Rc::new);
        let version = tjit_vm::tallies::version(class);
        if version == 0 {
            return None;
        }
        self.hashed.known.borrow_mut().insert(key, (version, by.clone()));
        by
    }

    /// Whether the name `hash` means the builtin function in the `__hash__`.
    fn is_hash_itself(&self, by: &ByAttribute, vm: &VirtualMachine) -> bool {
        let layout = &self.layout.dict;
        let name = vm.ctx.intern_str("hash");
        let builtins = vm.builtins.dict();
        let mut hash = self.hashed.hash.borrow_mut();
        let found = self.named(&builtins, name, &self.hashed.at, vm);
        // (It is asked for the first time before a program can have changed it: classes of enums are made at start-up.)
        let is_builtin = |found: &PyObject| {
            hash.get_or_insert_with(|| found.to_owned()).is(found)
                && found.class().is(vm.ctx.types.builtin_function_or_method_type)
        };
        if !found.is_some_and(is_builtin) {
            return false;
        }
        let stamp = layout.stamp(&by.globals);
        if stamp == 0 {
            wants_stamp(&by.globals);
        } else if stamp == by.stamp.get() {
            return true;
        }
        let is_absent = layout.index_of(&by.globals, name.as_object(), vm).is_none();
        if is_absent {
            by.stamp.set(stamp);
        }
        is_absent
    }

    /// Takes the `__hash__` of a class to pieces. `None`: it is another one, or the class compares its instances.
    fn analyse(&self, class: &Py<PyType>) -> Option<ByAttribute> {
        let (context, slots) = (Context::genesis(), &class.slots);
        let object = &context.types.object_type.slots;
        let compares =
            slots.richcompare.load().map(|slot| slot as usize) != object.richcompare.load().map(|slot| slot as usize);
        let computes =
            slots.getattro.load().map(|slot| slot as usize) != object.getattro.load().map(|slot| slot as usize);
        if compares || computes {
            return None;
        }
        let function = class.get_attr(context.intern_str("__hash__"))?;
        if self.class(&function) != self.classes.function {
            return None;
        }
        let (code, globals, _) = self.function(&function);
        // SAFETY: the function keeps both alive.
        let (body, globals) = unsafe { (self.clone_ref(code), self.clone_ref(globals)) };
        let (body, globals) = (body.downcast::<PyCode>().ok()?, globals.downcast().ok()?);
        let decoded = decode(&body);
        let mut ops = Vec::new();
        let mut unit = 0;
        while let Some(op) = decoded.op(unit) {
            unit = decoded.site_around(op.start).unwrap_or(op.end);
            if unit == op.end && !matches!(op.opcode, Opcode::Resume | Opcode::Nop | Opcode::PushNull) {
                ops.push((op.opcode, op.arg));
            }
        }
        use Opcode::{Call, LoadAttr, LoadFast, LoadFastBorrow, LoadGlobal, ReturnValue};
        let [(LoadGlobal, global), (LoadFast | LoadFastBorrow, 0), (LoadAttr, name), (Call, 1), (ReturnValue, _)] =
            ops[..]
        else {
            return None;
        };
        let named = |index: u32| body.code.names.get(index as usize).copied();
        // The lowest bit asks for a method.
        let name = named(name >> 1).filter(|_| name & 1 == 0)?;
        let fits = named(global >> 1)?.as_str() == "hash" && body.arg_count == 1 && class.get_attr(name).is_none();
        fits.then_some(ByAttribute { function, code, globals, stamp: Cell::new(0), name, at: Cell::new(0) })
    }
}
