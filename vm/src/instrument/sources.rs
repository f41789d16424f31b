//! Where code comes from: the functions that make code objects give them sites.
//!
//! | code of | is made by |
//! |---|---|
//! | modules with source, `runpy`, the REPL, `ast` | `builtins.compile` |
//! | strings | `builtins.exec`, `builtins.eval` |
//! | modules with a compiled cache, zip files | `marshal.loads`, `marshal.load` |
//! | frozen modules | `_imp.get_frozen_object` |
//! | code from parts | `types.CodeType`, `code.replace` (see `view`) |
//!
//! The interpreter imports a good part of the standard library while it initialises itself, through
//! `_imp.get_frozen_object`. [`prepare`] puts ours in place before that; then the sites go in while the frozen code is
//! decoded, and no code object is made twice.

use super::{
    CodeObject, Literal, OPTIONS, Options, instrument,
    patch::{self, Native, Wrapper},
    stored, strip, with_sites,
};
use crate::site::{Lifetime, Site};
use malachite_bigint::BigInt;
use rustpython_compiler_core::{
    Mode,
    bytecode::{AsBag, BorrowedConstant, CodeFlags, Constant, ConstantBag},
};
use rustpython_vm::{
    AsObject, Context, InterpreterBuilder, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyCode, PyFrozenSet, PyModuleDef, PyModuleSlots, PyStr, PyStrInterned},
    frame,
    function::{Callee, FuncArgs},
    protocol::{BufferFlags, PyBuffer},
};
use std::sync::Arc;

/// Makes an interpreter that is built from `builder` give sites to what it imports for itself.
#[must_use]
pub fn prepare(builder: InterpreterBuilder, options: Options) -> InterpreterBuilder {
    builder.init_hook(move |vm| {
        OPTIONS.get_or_init(|| options);
        Site::init();
        let Some(state) = Arc::get_mut(&mut vm.state) else { return };
        let Some(imp) = state.module_defs.get_mut("_imp") else { return };
        let methods = imp.methods.iter().map(|method| match method.name {
            "get_frozen_object" => patch::wrapped(method, get_frozen_object).clone(),
            _ => method.clone(),
        });
        let slots = PyModuleSlots { create: imp.slots.create, exec: imp.slots.exec };
        let def = PyModuleDef { name: imp.name, doc: imp.doc, methods: Vec::leak(methods.collect()), slots };
        *imp = Box::leak(Box::new(def));
    })
}

/// Wraps the functions of the modules of an interpreter.
pub(super) fn install(vm: &VirtualMachine) -> PyResult<()> {
    patch::functions(vm, vm.builtins.as_object(), &[("compile", compile), ("exec", exec), ("eval", eval)])?;
    let marshal: &[(&str, Wrapper)] = &[("loads", load), ("load", load), ("dumps", dump), ("dump", dump)];
    patch::functions(vm, &*vm.import("marshal", 0)?, marshal)?;
    patch::functions(vm, &*vm.import("_imp", 0)?, &[("get_frozen_object", get_frozen_object)])
}

/// Gives `result` sites if it is code.
pub(super) fn instrumented(vm: &VirtualMachine, result: PyObjectRef) -> PyObjectRef {
    match result.downcast::<PyCode>() {
        Ok(made) => instrument(vm, made, lifetime()).into(),
        Err(other) => other,
    }
}

/// How long sites live in code that is made now: whether the machinery that imports modules is asking for it.
fn lifetime() -> Lifetime {
    const IMPORTERS: [&str; 4] = [
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        "<frozen zipimport>",
        "<frozen runpy>",
    ];
    match frame::current_code() {
        Some(caller) if IMPORTERS.contains(&caller.source_path().as_str()) => Lifetime::Process,
        _ => Lifetime::Code,
    }
}

fn compile(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    original(vm, args, callee).map(|result| instrumented(vm, result))
}

fn load(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    original(vm, args, callee).map(|result| instrumented(vm, result))
}

fn dump(original: Native, vm: &VirtualMachine, mut args: FuncArgs, callee: Callee) -> PyResult {
    if let Some(value) = args.args.first_mut()
        && let Some(bare) = strip::without_sites(value, vm)?
    {
        *value = bare;
    }
    original(vm, args, callee)
}

fn exec(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    original(vm, compiled(vm, args, Mode::Exec), callee)
}

fn eval(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    original(vm, compiled(vm, args, Mode::Eval), callee)
}

/// The arguments of `exec` or `eval` with code in the place of source text.
///
/// If anything is wrong with them they stay as they are, so that the function itself finds it and complains in its own
/// words, in the order in which it checks its arguments.
fn compiled(vm: &VirtualMachine, mut args: FuncArgs, mode: Mode) -> FuncArgs {
    if let Some(source) = args.args.first()
        && !args.kwargs.contains_key("closure")
        && let Some(made) = compile_string(vm, source, mode)
    {
        args.args[0] = instrument(vm, made, Lifetime::Code).into();
    }
    args
}

fn compile_string(vm: &VirtualMachine, source: &PyObject, mode: Mode) -> Option<PyRef<PyCode>> {
    if source.downcast_ref::<PyCode>().is_some() {
        return None;
    }
    let Some(text) = source.downcast_ref::<PyStr>() else {
        return compile_bytes(vm, source, mode);
    };
    let mut text = text.to_str()?;
    if text.contains('\0') {
        return None;
    }
    if matches!(mode, Mode::Eval) {
        text = text.trim_start_matches([' ', '\t']);
    }
    let mut options = vm.compile_opts();
    if let Some(caller) = frame::current_code() {
        options.future_features = caller.flags & CodeFlags::FUTURE_MASK;
    }
    let made = vm.compile_with_opts(text, mode, "<string>", options).ok()?;
    vm.audit("compile", || (vm.ctx.new_bytes(text.as_bytes().to_vec()), vm.ctx.new_str("<string>"))).ok()?;
    Some(made)
}

/// Source in a buffer says itself how it is encoded; `compile` knows about that.
fn compile_bytes(vm: &VirtualMachine, source: &PyObject, mode: Mode) -> Option<PyRef<PyCode>> {
    if PyBuffer::from_object(vm, source, BufferFlags::SIMPLE).is_err() {
        return None;
    }
    let def = patch::find(vm.builtins.def?.methods, "compile")?;
    let mode = if matches!(mode, Mode::Eval) { "eval" } else { "exec" };
    let args = [source.to_owned(), vm.ctx.new_str("<string>").into(), vm.ctx.new_str(mode).into()];
    (def.func)(vm, FuncArgs::from(args.to_vec()), Callee::named("compile")).ok()?.downcast().ok()
}

/// Decodes a frozen module with its sites. Its name is enough: the other argument is data to be used in its place, and
/// `_frozen_importlib` gets its file's name changed by the original.
fn get_frozen_object(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    if let [name] | [name, _] = args.args.as_slice()
        && args.args.get(1).is_none_or(|data| vm.is_none(data))
        && args.kwargs.is_empty()
        && let Some(name) = name.downcast_ref::<PyStr>().and_then(|name| name.to_str())
        && !name.starts_with("_frozen_importlib")
        && let Some(module) = vm.state.frozen.get(name)
    {
        let bag = SiteBag { vm, stored: None };
        let made = bag.give_sites(module.code.decode(bag));
        return Ok(vm.ctx.new_code(made).into());
    }
    original(vm, args, callee).map(|result| instrumented(vm, result))
}

/// Makes the constants of frozen code, nested code with its sites.
#[derive(Clone, Copy)]
pub(super) struct SiteBag<'a> {
    vm: &'a VirtualMachine,
    /// The file that code is to name which the build script has rewritten.
    stored: Option<&'static PyStrInterned>,
}

impl<'a> SiteBag<'a> {
    /// For code that the build script has rewritten.
    pub(super) fn stored(vm: &'a VirtualMachine, path: &'static PyStrInterned) -> Self {
        Self { vm, stored: Some(path) }
    }

    fn give_sites(&self, code: CodeObject) -> CodeObject {
        if let Some(path) = self.stored {
            return stored::restore(self.vm, code, path);
        }
        let units = Box::from(&*code.instructions);
        match with_sites(self.vm, &code, units, &code.constants, Lifetime::Process) {
            Some(body) => body.in_place_of(code),
            None => code,
        }
    }

    fn plain(&self) -> <&Context as AsBag>::Bag {
        AsRef::<Context>::as_ref(&self.vm.ctx).as_bag()
    }
}

impl ConstantBag for SiteBag<'_> {
    type Constant = Literal;

    fn make_constant<C: Constant>(&self, constant: BorrowedConstant<'_, C>) -> Literal {
        match constant {
            BorrowedConstant::Code { code } => self.make_code(code.map_clone_bag(self)),
            BorrowedConstant::Tuple { elements } => {
                self.make_tuple(elements.iter().map(|element| self.make_constant(element.borrow_constant())))
            }
            BorrowedConstant::Frozenset { elements } => {
                let elements = elements.iter().map(|element| self.make_constant(element.borrow_constant()).into());
                let set = PyFrozenSet::from_iter(self.vm, elements).expect("constants can be hashed");
                PyObjectRef::from(set.into_ref(&self.vm.ctx)).into()
            }
            other => self.plain().make_constant(other),
        }
    }

    fn make_int(&self, value: BigInt) -> Literal {
        self.plain().make_int(value)
    }

    fn make_tuple(&self, elements: impl Iterator<Item = Literal>) -> Literal {
        self.plain().make_tuple(elements)
    }

    fn make_code(&self, code: CodeObject) -> Literal {
        PyObjectRef::from(self.vm.ctx.new_code(self.give_sites(code))).into()
    }

    fn make_name(&self, name: &str) -> &'static PyStrInterned {
        self.plain().make_name(name)
    }
}
