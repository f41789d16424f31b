//! Globals, builtins, module-level names and attributes.

use rustpython_compiler_core::bytecode::Opcode;
use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, PyModule, PyStrInterned},
};
use tjit_events::Reason;
use tjit_ir::{Imm, Op, Ty, ValueId};

use super::attributes::Access;
use super::sym::{Operand, Sym};
use super::{Abort, Flow, Recorder, Res};
use crate::state;

impl Recorder {
    pub(super) fn name(&self, index: u32) -> &'static PyStrInterned {
        self.top_ref().code.code.code.names[index as usize]
    }

    /// Index of a name among those that the trace holds, when the current frame's globals are the outermost frame's.
    fn held_name(&self, name: &'static PyStrInterned) -> Option<usize> {
        let same = std::ptr::eq(self.top_ref().frame.globals(), self.frames[0].frame.globals());
        if !same {
            return None;
        }
        self.names.iter().position(|held| std::ptr::eq(held.name, name))
    }

    /// LOAD_GLOBAL.
    pub(super) fn load_global(&mut self, arg: u32, vm: &VirtualMachine) -> Res {
        let name = self.name(arg >> 1);
        let sym = self.global(name, vm)?;
        self.push(sym);
        if arg & 1 != 0 {
            self.push(Sym::Empty);
        }
        Ok(())
    }

    /// LOAD_NAME, where the local names are the globals.
    pub(super) fn load_name(&mut self, arg: u32, vm: &VirtualMachine) -> Res {
        if !self.top_ref().frame.locals_are_globals() {
            return Err(Abort::with(Reason::UnsupportedOpcode, "LOAD_NAME in a class body"));
        }
        let sym = self.global(self.name(arg), vm)?;
        self.push(sym);
        Ok(())
    }

    fn global(&mut self, name: &'static PyStrInterned, vm: &VirtualMachine) -> Res<Sym> {
        let held = self.held_name(name);
        if let Some(index) = held
            && self.names[index].sym != Sym::Kept
        {
            return Ok(self.names[index].sym);
        }
        let frame = self.top_ref().frame;
        let globals = frame.globals();
        let builtins = frame.builtins();
        if builtins.downcast_ref::<PyDict>().is_none() {
            return Err(Abort::with(Reason::UnsupportedOpcode, "builtins that are no dict"));
        }
        let found = state::global(globals, name, vm);
        let (object, in_globals) = match found {
            Some(object) => (object, true),
            None => match builtins.downcast_ref::<PyDict>().and_then(|b| b.get_item_opt(name.as_object(), vm).ok()?) {
                Some(object) => (object, false),
                None => return Err(Abort::new(Reason::UnboundVariable)),
            },
        };
        let dict = self.constant(globals.as_object());
        let key = self.constant(name.as_object());
        let sym = if in_globals {
            self.load_name_of(dict, key, &object)
        } else {
            let builtins = self.constant(builtins);
            self.name_is(dict, builtins, key, &object)
        };
        if let Some(index) = held {
            self.names[index].sym = Sym::Kept;
        }
        Ok(sym)
    }

    /// Guards that a name is bound to the object, which stands for it from then on.
    fn name_is(&mut self, dict: ValueId, second: ValueId, name: ValueId, object: &PyObject) -> Sym {
        let constant = self.constant(object);
        let id = self.trace.as_ref(constant).expect("a constant");
        self.emit(Op::GuardName, &[dict, second, name], Imm::Ref(id));
        Sym::Val(constant)
    }

    /// Loads a name from a dict: functions, classes and modules are taken to stay what they are.
    fn load_name_of(&mut self, dict: ValueId, name: ValueId, object: &PyObject) -> Sym {
        let class = self.world.objects.class(object);
        let classes = &self.world.objects.classes;
        let stays = [classes.function, classes.builtin, classes.module, classes.type_].contains(&class);
        if stays { self.name_is(dict, dict, name, object) } else { Sym::Val(self.op(Op::NameGet, &[dict, name])) }
    }

    /// STORE_NAME and STORE_GLOBAL.
    pub(super) fn store_name(&mut self, opcode: Opcode, arg: u32, _vm: &VirtualMachine) -> Res {
        if opcode == Opcode::StoreName && !self.top_ref().frame.locals_are_globals() {
            return Err(Abort::with(Reason::UnsupportedOpcode, "STORE_NAME in a class body"));
        }
        let name = self.name(arg);
        let sym = self.peek(0)?.sym;
        let held = self.held_name(name);
        if let (Some(index), Sym::Val(value)) = (held, self.resolve(sym))
            && self.trace.ty(value) != Ty::Ref
        {
            self.names[index].sym = Sym::Val(value);
            self.pop(1);
            return Ok(());
        }
        let frame = self.top_ref().frame;
        self.store_in_dict(frame.globals(), name, sym)?;
        if let Some(index) = held {
            self.names[index].sym = Sym::Kept;
        }
        self.pop(1);
        Ok(())
    }

    fn store_in_dict(&mut self, globals: &Py<PyDict>, name: &'static PyStrInterned, sym: Sym) -> Res {
        let dict = self.constant(globals.as_object());
        let key = self.constant(name.as_object());
        let value = self.reference(sym)?;
        self.op(Op::NameSet, &[dict, key, value]);
        Ok(())
    }

    /// Writes the names that the trace holds into the globals dict, because something is about to look there.
    pub(super) fn flush_names(&mut self) -> Res {
        (0..self.names.len()).try_for_each(|index| self.flush_name(index))
    }

    /// Writes a name into the dict if the trace holds it. They are all of the entered frame's globals, whichever function's
    /// frame is innermost.
    pub(super) fn flush_name(&mut self, index: usize) -> Res {
        let (name, sym) = (self.names[index].name, self.names[index].sym);
        if sym != Sym::Kept {
            let entered = self.frames[0].frame;
            self.store_in_dict(entered.globals(), name, sym)?;
            self.names[index].sym = Sym::Kept;
        }
        Ok(())
    }

    /// A name that only the dict has, as a symbol.
    pub(super) fn reload_name(&mut self, index: usize, vm: &VirtualMachine) -> Res<(Sym, PyObjectRef)> {
        let name = self.names[index].name;
        let frame = self.frames[0].frame;
        let Some(object) = state::global(frame.globals(), name, vm) else {
            return Err(Abort::new(Reason::UnboundVariable));
        };
        let dict = self.constant(frame.globals().as_object());
        let key = self.constant(name.as_object());
        let value = self.op(Op::NameGet, &[dict, key]);
        Ok((Sym::Val(value), object))
    }

    /// An attribute of a module. `None`: the module computes it, or has none.
    pub(super) fn load_module_attr(
        &mut self,
        operand: Operand,
        object: &PyObject,
        access: Access,
        vm: &VirtualMachine,
    ) -> Res<Option<Flow>> {
        let Sym::Val(module) = self.resolve(operand.sym) else { return Err(Abort::new(Reason::LostPosition)) };
        let dict = object.downcast_ref::<PyModule>().and_then(|_| object.dict());
        let Some(dict) = dict else { return Ok(None) };
        let Ok(Some(attribute)) = dict.get_item_opt(access.name.as_object(), vm) else { return Ok(None) };
        self.guard_is(module, object);
        let (dict, key) = (self.constant(dict.as_object()), self.constant(access.name.as_object()));
        let sym = self.load_name_of(dict, key, &attribute);
        Ok(Some(self.found(access, sym)))
    }
}
