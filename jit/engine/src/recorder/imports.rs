//! Import statements in functions, of what is there: nearly always, after the first time.

use rustpython_vm::{AsObject, VirtualMachine};
use tjit_events::Reason;
use tjit_vm::imports;

use super::attributes::Access;
use super::sym::Sym;
use super::{Abort, Recorder, Res};
use crate::decode;
use crate::helpers;
use crate::objects::Scalar;

impl Recorder {
    /// IMPORT_NAME: stack is level, names.
    pub(super) fn import_name(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (level, names) = (self.peek(1)?, self.peek(0)?);
        let name = self.name(op.arg);
        let level = level.object().and_then(|level| self.world.objects.scalar(level));
        let is_usual = self.top_ref().frame.builtins().is(&vm.builtins.dict());
        let found = match (level, names.object(), imports::usual_import(vm)) {
            (Some(Scalar::Int(0)), Some(names), Some(import)) if is_usual => {
                imports::imported(name, names, &import, vm).map(|module| (module, import))
            }
            _ => None,
        };
        let Some((module, import)) = found else {
            return Err(Abort::with(Reason::UnsupportedOpcode, format!("import of {name}, which takes Python code")));
        };
        let (name, names) = (self.constant(name.as_object()), self.reference(names.sym)?);
        let import = self.constant(&import);
        let found = self.call_helper(&helpers::imports::imported(), &[name, names, import]);
        let module = self.guard_is(found, &module);
        self.replace(2, Sym::Val(module));
        Ok(())
    }

    /// IMPORT_FROM: the module stays on the stack.
    pub(super) fn import_from(&mut self, op: decode::Op, vm: &VirtualMachine) -> Res {
        let (operand, name) = (self.peek(0)?, self.name(op.arg));
        let access = Access { name, is_method: false, pops: 0 };
        let module = operand.object().map(ToOwned::to_owned);
        let found = match module {
            Some(module) => self.load_module_attr(operand, &module, access, vm)?,
            None => None,
        };
        let unsupported = || Abort::with(Reason::UnsupportedOpcode, format!("import of {name}, which is not there"));
        found.map(drop).ok_or_else(unsupported)
    }
}
