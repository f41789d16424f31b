//! Arguments of inlined calls: what the callee's locals are, and what becomes of the operands.

use rustpython_compiler_core::bytecode::{CodeFlags, Opcode};
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyCode, PyDict, PyStr, PyTuple},
};
use tjit_ir::{Imm, Op, VirtualKind};

use super::functions;
use super::sym::{Operand, Sym};
use super::{Recorder, Res};
use crate::helpers;

impl Recorder {
    /// The callee's fast locals, before its own cells are made. `None` when the arguments do not fit or need more than is done
    /// here. `made` is the virtual function, when it is one.
    pub(super) fn bind_arguments(
        &mut self,
        function: &PyObject,
        made: Option<usize>,
        code_object: &PyCode,
        args: &[Operand],
        names: &[String],
        vm: &VirtualMachine,
    ) -> Res<Option<Vec<Sym>>> {
        let code = &code_object.code;
        let parts = |recorder: &Recorder, part: usize| {
            let tuple = made.map(|index| recorder.field(index, part));
            match tuple.and_then(|tuple| recorder.as_virtual(tuple)) {
                Some((tuple, VirtualKind::Tuple)) => Some(recorder.virtuals[tuple].fields.clone()),
                _ => None,
            }
        };
        let positional = code.arg_count as usize;
        let keyword_only = code.kwonlyarg_count as usize;
        let given = args.len() - names.len();
        let mut locals = vec![Sym::Empty; code.localspluskinds.len()];
        for (n, arg) in args[..given.min(positional)].iter().enumerate() {
            locals[n] = arg.sym;
        }
        if code.flags.contains(CodeFlags::VARARGS) {
            let rest = args[given.min(positional)..given].iter().map(|arg| arg.sym).collect();
            locals[positional + keyword_only] = self.new_virtual(VirtualKind::Tuple, rest);
        } else if given > positional {
            return Ok(None);
        }
        let takes_more = code.flags.contains(CodeFlags::VARKEYWORDS);
        let mut more = Vec::new();
        for (name, arg) in names.iter().zip(&args[given..]) {
            let first = code.posonlyarg_count as usize;
            let found = (first..positional + keyword_only).find(|&n| code.varnames[n].to_string() == *name);
            match found {
                Some(n) if locals[n] == Sym::Empty => locals[n] = arg.sym,
                None if takes_more => more.push((name, arg.sym)),
                _ => return Ok(None),
            }
        }
        let missing: Vec<usize> = (0..positional + keyword_only).filter(|&n| locals[n] == Sym::Empty).collect();
        if !missing.is_empty() {
            let new = parts(self, functions::part::DEFAULTS);
            let new_keyword_only = parts(self, functions::part::KEYWORD_DEFAULTS);
            let has_other = |index| self.field(index, functions::part::KEYWORD_DEFAULTS) != Sym::Empty;
            if new_keyword_only.is_none() && made.is_some_and(has_other) {
                return Ok(None);
            }
            let is_constant = made
                .is_none_or(|index| matches!(self.field(index, functions::part::DEFAULTS), Sym::Empty | Sym::Val(_)));
            let defaults = function.get_attr("__defaults__", vm).ok();
            let keyword_defaults = function.get_attr("__kwdefaults__", vm).ok();
            for n in missing {
                if let (Some(new), true) = (&new, n < positional) {
                    let index = (n + new.len()).checked_sub(positional);
                    let Some(&default) = index.and_then(|index| new.get(index)) else { return Ok(None) };
                    locals[n] = default;
                    continue;
                }
                if let (Some(new), true) = (&new_keyword_only, n >= positional) {
                    let Some(&default) = new.get(n - positional).filter(|&&default| default != Sym::Empty) else {
                        return Ok(None);
                    };
                    locals[n] = default;
                    continue;
                }
                if !is_constant {
                    return Ok(None);
                }
                let default: Option<PyObjectRef> = if n < positional {
                    defaults.as_ref().and_then(|defaults| {
                        let defaults = defaults.downcast_ref::<PyTuple>()?.as_slice();
                        defaults.get((n + defaults.len()).checked_sub(positional)?).cloned()
                    })
                } else {
                    keyword_defaults.as_ref().and_then(|defaults| {
                        let defaults = defaults.downcast_ref::<PyDict>()?;
                        defaults.get_item_opt(code.varnames[n].as_object(), vm).ok().flatten()
                    })
                };
                let Some(default) = default else { return Ok(None) };
                locals[n] = self.constant_sym(&default);
            }
        }
        if takes_more {
            let place = positional + keyword_only + usize::from(code.flags.contains(CodeFlags::VARARGS));
            let mut entries = Vec::with_capacity(2 * more.len());
            for (name, sym) in more {
                entries.extend([Sym::Val(self.constant(vm.ctx.intern_str(name.as_str()).as_object())), sym]);
            }
            locals[place] = self.new_virtual(VirtualKind::Dict, entries);
        }
        if made.is_some() && !code.freevars.is_empty() {
            let Some(closure) = parts(self, functions::part::CLOSURE) else { return Ok(None) };
            let first = locals.len() - code.freevars.len();
            locals[first..].copy_from_slice(&closure);
        } else if !code.freevars.is_empty() {
            let Some(closure) = function.get_attr("__closure__", vm).ok() else { return Ok(None) };
            let Some(closure) = closure.downcast_ref::<PyTuple>() else { return Ok(None) };
            let first = locals.len() - code.freevars.len();
            for (n, cell) in closure.as_slice().iter().enumerate() {
                locals[first + n] = Sym::Val(self.constant(cell));
            }
        }
        Ok(Some(locals))
    }

    /// The names and values of a dict of keywords, which are guarded to be these names. `None`: it is no such dict.
    pub(super) fn spread_keywords(
        &mut self,
        mapping: Operand,
        vm: &VirtualMachine,
    ) -> Res<Option<(PyObjectRef, Vec<Operand>)>> {
        let Some(object) = mapping.object() else { return Ok(None) };
        let exact = self.world.objects.class(object) == self.world.objects.classes.dict;
        let Some(dict) = object.downcast_ref::<PyDict>().filter(|_| exact) else { return Ok(None) };
        let dict = dict.to_owned();
        let Some(keys) = self.keys_of(&dict, vm) else { return Ok(None) };
        let names: PyObjectRef = vm.ctx.new_tuple(keys.clone()).into();
        if let Some((index, VirtualKind::Dict)) = self.as_virtual(mapping.sym) {
            let syms = self.virtuals[index].fields.clone().into_iter().skip(1).step_by(2);
            let objects = keys.iter().map(|key| dict.get_item_opt(&**key, vm).ok().flatten());
            let operands = syms.zip(objects).map(|(sym, object)| Operand::new(sym, object.as_deref())).collect();
            return Ok(Some((names, operands)));
        }
        let value = self.of_class(mapping)?;
        // The VM makes the names in a dict of keywords anew at each call: they are compared.
        let wanted = self.constant(&names);
        let same = self.call_helper(&helpers::dicts::has_names(), &[value, wanted]);
        self.guard_bool(same, true);
        let mut values = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let Ok(Some(object)) = dict.get_item_opt(&**key, vm) else { return Ok(None) };
            let value = self.emit(Op::EntryGet, &[value], Imm::Index(index as u32));
            // The dict is on the interpreter's stack and keeps its values.
            values.push(Operand::new(Sym::Val(value), Some(&object)));
        }
        Ok(Some((names, values)))
    }

    /// What a call takes from the stack is in the callee's locals now. An exit puts fillers there.
    pub(super) fn take_operands(&mut self) {
        let caller = self.top();
        let taken = caller.stack.len().saturating_sub(caller.pops);
        let names = caller.code.instruction_at(caller.call).is_some_and(|op| op.opcode == Opcode::CallKw);
        let end = caller.stack.len() - usize::from(names);
        caller.stack[taken..end].iter_mut().filter(|sym| **sym != Sym::Empty).for_each(|sym| *sym = Sym::Kept);
    }
}

pub(super) fn keyword_names(names: Option<&PyObject>) -> Vec<String> {
    let tuple = names.and_then(|names| names.downcast_ref::<PyTuple>());
    let names = tuple.map(|tuple| tuple.as_slice()).unwrap_or_default();
    names.iter().filter_map(|name| name.downcast_ref::<PyStr>()).map(ToString::to_string).collect()
}
