//! Making the objects that compiled code has not made.

use rustc_hash::FxHashMap;
use rustpython_compiler_core::bytecode::CodeFlags;
use rustpython_vm::{
    AsObject, Py, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyCode, PyFunction, PyStr, PyTuple, PyType},
    function::{FuncArgs, KwArgs},
    types::PyTypeFlags,
};
use tjit_ir::{Slot, Trace, Ty, ValueId, VirtualId, VirtualKind};
use tjit_vm::feeder::Feeder;
use tjit_vm::resume::Continuation;

use super::Level;
use super::raised::{Entry, exception, traceback};
use crate::objects::{Objects, Scalar};
use crate::state::{self, generator};
use tjit_vm::generators::Resumable;

/// Makes objects of an exit's values.
pub(super) struct Maker<'a> {
    trace: &'a Trace,
    ids: &'a [ValueId],
    values: &'a [u64],
    boxes: FxHashMap<ValueId, PyObjectRef>,
    virtuals: FxHashMap<VirtualId, PyObjectRef>,
    /// Entries of tracebacks that have been made, and the depths of the frames to which they will lead.
    pub(super) entries: Vec<Entry>,
    /// What the handlers of the frame that is made handle, innermost last.
    pub(super) handled: Vec<PyBaseExceptionRef>,
    objects: &'a Objects,
    vm: &'a VirtualMachine,
}

impl<'a> Maker<'a> {
    pub(super) fn new(level: &'a Level, objects: &'a Objects, vm: &'a VirtualMachine) -> Maker<'a> {
        Maker {
            trace: &level.native.trace,
            ids: level.ids(),
            values: &level.values,
            boxes: FxHashMap::default(),
            virtuals: FxHashMap::default(),
            entries: Vec::new(),
            handled: Vec::new(),
            objects,
            vm,
        }
    }

    pub(super) fn raw(&self, value: ValueId) -> u64 {
        match self.ids.iter().position(|&id| id == value) {
            Some(index) => self.values[index],
            None => unreachable!("snapshots name constants and exit values only"),
        }
    }

    /// The scalar that a value is, when it travels unboxed.
    pub(super) fn scalar(&self, value: ValueId) -> Option<Scalar> {
        let trace = self.trace;
        Some(match trace.ty(value) {
            Ty::Int => Scalar::Int(trace.as_int(value).unwrap_or_else(|| self.raw(value) as i64)),
            Ty::Float => Scalar::Float(trace.as_float(value).unwrap_or_else(|| f64::from_bits(self.raw(value)))),
            Ty::Bool => Scalar::Bool(trace.as_bool(value).unwrap_or_else(|| self.raw(value) & 1 != 0)),
            Ty::Ref | Ty::Unit => return None,
        })
    }

    pub(super) fn value(&mut self, value: ValueId) -> PyObjectRef {
        if let Some(object) = self.boxes.get(&value) {
            return object.clone();
        }
        let ctx = &self.vm.ctx;
        let object: PyObjectRef = match self.scalar(value) {
            Some(Scalar::Int(int)) => ctx.new_int(int).into(),
            Some(Scalar::Float(float)) => ctx.new_float(float).into(),
            Some(Scalar::Bool(bool)) => ctx.new_bool(bool).into(),
            None => {
                let address = match self.trace.as_ref(value) {
                    Some(constant) => self.trace.pool.refs[constant.index()].addr,
                    None => self.raw(value),
                };
                // SAFETY: the exit's values own a reference each, and the pool keeps constants alive.
                return unsafe { self.objects.clone_ref(address) };
            }
        };
        self.boxes.insert(value, object.clone());
        object
    }

    pub(super) fn slot(&mut self, slot: Slot) -> PyResult<Option<PyObjectRef>> {
        Ok(match slot {
            Slot::Kept | Slot::Empty => None,
            Slot::Value(value) => self.bound(value),
            Slot::Virtual(id) => Some(self.virtual_object(id)?),
        })
    }

    /// The object that a slot holds, if it is bound.
    fn bound(&mut self, value: ValueId) -> Option<PyObjectRef> {
        Some(self.value(value)).filter(|object| !object.is(&self.objects.nothing))
    }

    /// What a frame that is only looked at holds. An object that does not exist yet is left out: nobody can have a
    /// reference to it.
    pub(super) fn shown(&mut self, slot: Slot) -> Option<PyObjectRef> {
        match slot {
            Slot::Kept | Slot::Empty => None,
            Slot::Virtual(id) => self.existing(id),
            Slot::Value(value) => self.bound(value),
        }
    }

    /// A virtual object that exists nevertheless: a generator that was taken apart. It looks as if it ran.
    pub(super) fn existing(&mut self, id: VirtualId) -> Option<PyObjectRef> {
        let object = &self.trace.virtuals[id.index()];
        match (object.kind, object.fields.first()) {
            (kind, Some(&Slot::Value(maker))) if kind.is_resumable() => {
                Some(self.value(maker)).filter(|maker| Resumable::of(maker).is_some())
            }
            _ => None,
        }
    }

    pub(super) fn virtual_object(&mut self, id: VirtualId) -> PyResult {
        if let Some(object) = self.virtuals.get(&id) {
            return Ok(object.clone());
        }
        let object = &self.trace.virtuals[id.index()];
        let kind = object.kind;
        let mut parts = Vec::with_capacity(object.fields.len());
        for &field in &object.fields {
            parts.push(self.slot(field)?.unwrap_or_else(|| self.objects.nothing.clone()));
        }
        let made = match kind {
            VirtualKind::Traceback => {
                let (made, entry) = traceback(parts, self.objects, self.vm)?;
                self.entries.extend(entry);
                made.into()
            }
            VirtualKind::Handled => {
                self.handled.extend(parts[1].clone().downcast());
                parts[0].clone()
            }
            _ => make(kind, parts, self.objects, self.vm)?,
        };
        self.virtuals.insert(id, made.clone());
        Ok(made)
    }
}

/// Makes an object from its parts.
pub fn make(kind: VirtualKind, parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let types = &vm.ctx.types;
    let ints = |n: usize| match objects.scalar(&parts[n]) {
        Some(Scalar::Int(value)) => value,
        _ => 0,
    };
    match kind {
        VirtualKind::RangeIter => {
            // A fresh range iterator, then its four words: cheaper than computing a stop that may not fit.
            let zero: PyObjectRef = vm.ctx.new_int(0).into();
            let iterator: PyObjectRef = types.range_type.as_object().call((zero,), vm)?.get_iter(vm)?.into();
            for (n, offset) in objects.layout.range_iter.into_iter().enumerate() {
                objects.set_word(&iterator, offset, ints(n) as u64);
            }
            Ok(iterator)
        }
        VirtualKind::ListIter | VirtualKind::TupleIter => {
            let position = ints(1);
            // As list and tuple do it: a class derived from list may have its own way, which was not asked.
            let of = if kind == VirtualKind::ListIter { types.list_type } else { types.tuple_type };
            let iterate = of.slots.iter.load().ok_or_else(|| vm.new_system_error("list and tuple have iterators"))?;
            let iterator = iterate(parts[0].clone(), vm)?;
            objects.set_word(&iterator, objects.layout.sequence_iter[1], position as u64);
            Ok(iterator)
        }
        VirtualKind::StrIter => {
            let (position, offset) = (ints(1), ints(2));
            let iterator: PyObjectRef = parts[0].get_iter(vm)?.into();
            objects.set_word(&iterator, objects.layout.str_iter[1], position as u64);
            objects.set_word(&iterator, objects.layout.str_iter[2], offset as u64);
            Ok(iterator)
        }
        VirtualKind::ReversedListIter | VirtualKind::ReversedTupleIter => {
            let position = ints(1);
            let reversed = vm.builtins.get_attr("reversed", vm)?;
            if position < 0 {
                // Behind the last element: as good as the iterator of an empty list.
                return reversed.call((vm.ctx.new_list(Vec::new()),), vm);
            }
            let iterator = match kind {
                VirtualKind::ReversedListIter => {
                    vm.call_method(types.list_type.as_object(), "__reversed__", (parts[0].clone(),))?
                }
                _ => reversed.call((parts[0].clone(),), vm)?,
            };
            objects.set_word(&iterator, objects.layout.sequence_iter[1], position as u64);
            Ok(iterator)
        }
        VirtualKind::Enumerate => types.enumerate_type.as_object().call((parts[0].clone(), parts[1].clone()), vm),
        VirtualKind::Zip => types.zip_type.as_object().call(parts, vm),
        VirtualKind::Map => types.map_type.as_object().call(parts, vm),
        VirtualKind::Range => types.range_type.as_object().call(parts, vm),
        VirtualKind::Tuple => Ok(vm.ctx.new_tuple(parts).into()),
        VirtualKind::Dict => {
            let dict = vm.ctx.new_dict();
            parts.chunks_exact(2).try_for_each(|pair| dict.set_item(&*pair[0], pair[1].clone(), vm))?;
            Ok(dict.into())
        }
        VirtualKind::Complex => types.complex_type.as_object().call(parts, vm),
        VirtualKind::Text => {
            let Some(text) = parts[0].downcast_ref::<PyStr>() else { return Err(vm.new_system_error("a text")) };
            Ok(vm.ctx.new_str(text.as_wtf8().to_owned()).into())
        }
        VirtualKind::BoundMethod => vm.call_method(&parts[0], "__get__", (parts[1].clone(),)),
        VirtualKind::Instance => instance(parts, objects, vm),
        VirtualKind::Exception => exception(parts, objects, vm),
        VirtualKind::Traceback => Ok(traceback(parts, objects, vm)?.0.into()),
        VirtualKind::Handled => Err(vm.new_system_error("what a handler keeps is made by exits only")),
        VirtualKind::Slice => types.slice_type.as_object().call(parts, vm),
        VirtualKind::Function => make_function(parts, objects, vm),
        VirtualKind::Cell => {
            let contents = parts.into_iter().filter(|contents| !contents.is(&objects.nothing)).collect::<Vec<_>>();
            types.cell_type.as_object().call(contents, vm)
        }
        VirtualKind::Asked => vm.call_method(&parts[0], "__anext__", ()),
        VirtualKind::Generator | VirtualKind::Coroutine => make_generator(parts, objects, vm),
        VirtualKind::Continuation => {
            let [function, gathered, count] = &parts[..] else { return Err(vm.new_system_error("a continuation")) };
            Ok(Continuation::object(function.clone(), gathered.clone(), count.try_to_value(vm)?, &vm.ctx))
        }
        VirtualKind::Feeder => {
            let [_, function, keys, elements] = &parts[..] else { return Err(vm.new_system_error("a feeder")) };
            Ok(Feeder::object(function.clone(), keys.clone(), elements.clone(), &vm.ctx))
        }
    }
}

/// Makes an instance, or puts one together that was taken apart. See [`crate::state::instance`].
fn instance(mut parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let mut rest = parts.split_off(state::instance::NAMES).into_iter();
    let attributes = std::iter::from_fn(|| rest.next().zip(rest.next()));
    let home = &parts[state::instance::HOME];
    if !vm.is_none(home) {
        objects.put_together(home, attributes, vm)?;
        return Ok(home.clone());
    }
    let Ok(class) = parts[state::instance::CLASS].clone().downcast::<PyType>() else {
        return Err(vm.new_system_error("an instance without a class"));
    };
    let dict = class.slots.flags.has_feature(PyTypeFlags::HAS_DICT).then(|| vm.ctx.new_dict());
    let made = vm.ctx.new_base_object(class.clone(), dict.clone());
    for (name, value) in attributes {
        let slot = name
            .downcast_ref::<PyStr>()
            .and_then(|name| class.get_attr(vm.ctx.intern_str(name.as_wtf8().as_str().unwrap_or_default())))
            .filter(|found| found.class().is(vm.ctx.types.member_descriptor_type));
        match (slot, &dict) {
            (Some(slot), _) => drop(vm.call_method(&slot, "__set__", (made.clone(), value))?),
            (None, Some(dict)) => dict.set_item(&*name, value, vm)?,
            (None, None) => return Err(vm.new_system_error("an attribute of an instance without a dict")),
        }
    }
    Ok(made)
}

/// Makes a function from its parts.
fn make_function(parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let mut parts = parts.into_iter().map(|part| if part.is(&objects.nothing) { vm.ctx.none() } else { part });
    let (Some(code), Some(globals), Some(defaults), Some(keyword_defaults), Some(closure)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(vm.new_system_error("a function of too few parts"));
    };
    new_function(code, globals, [("argdefs", defaults), ("kwdefaults", keyword_defaults), ("closure", closure)], vm)
}

/// A function whose name is that of its code.
fn new_function<const N: usize>(
    code: PyObjectRef,
    globals: PyObjectRef,
    rest: [(&str, PyObjectRef); N],
    vm: &VirtualMachine,
) -> PyResult {
    // What is None is so anyway. Most have nothing else.
    let rest = rest.into_iter().filter(|(_, part)| !vm.is_none(part));
    let rest: KwArgs = rest.map(|(name, part)| (name.to_owned(), part)).collect();
    let class = vm.ctx.types.function_type;
    let Some(new) = class.slots.new.load() else { return Err(vm.new_system_error("functions cannot be made")) };
    new(class.to_owned(), FuncArgs::new(vec![code, globals], rest), vm)
}

/// The function of a frame: what the trace has for it, or made from a body, a pair of code and globals, and from its cells,
/// which are the last of the frame's locals.
pub(super) fn function_from(
    of: PyObjectRef,
    local: impl Fn(usize) -> Option<PyObjectRef>,
    vm: &VirtualMachine,
) -> PyResult<PyObjectRef> {
    let Some([code, globals]) = of.downcast_ref::<PyTuple>().map(|body| body.as_slice()) else { return Ok(of) };
    let shape = code.downcast_ref::<PyCode>().map_or((0, 0), |code| (code.localspluskinds.len(), code.freevars.len()));
    // The generator may run: then its frame, which is written later, has the cells.
    let cell = |index: usize| match local(index) {
        Some(cell) => Ok(cell),
        None => vm.ctx.types.cell_type.as_object().call((), vm),
    };
    let cells = (shape.0 - shape.1..shape.0).map(cell).collect::<PyResult<Vec<_>>>()?;
    let closure = if cells.is_empty() { vm.ctx.none() } else { vm.ctx.new_tuple(cells).into() };
    new_function(code.clone(), globals.clone(), [("closure", closure)], vm)
}

/// Makes a generator, or writes the frame of one that was taken apart.
fn make_generator(mut parts: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    let slots = parts.split_off(generator::SLOTS);
    let maker = &parts[generator::MAKER];
    let made = if Resumable::of(maker).is_some() {
        maker.clone()
    } else {
        let code = parts[generator::CODE].downcast_ref::<PyCode>();
        if let (Some(code), Some(Scalar::Int(0))) = (code, objects.scalar(&parts[generator::UNIT]))
            && maker.downcast_ref::<PyFunction>().is_some()
            && let Some(count) = plain_arguments(code)
        {
            // As the program does.
            let args = slots[..count].to_vec();
            return maker.vectorcall(args, count, None, vm);
        }
        let locals = code.map_or(0, |code| code.code.localspluskinds.len());
        let local = |index: usize| slots.get(index).filter(|_| index < locals).cloned();
        let function = function_from(maker.clone(), local, vm)?;
        tjit_vm::resume::call_with_fillers(&function, vm)?
    };
    let unit = match objects.scalar(&parts[generator::UNIT]) {
        Some(Scalar::Int(unit)) => unit,
        _ => generator::ENDED,
    };
    if unit == generator::ENDED
        && let Some(ended) = Resumable::of(&made)
    {
        ended.set_closed(true);
    }
    if let (Ok(unit), Some(frame)) = (u32::try_from(unit), objects.generator_frame(&made)) {
        let mut slots = slots.into_iter().map(|slot| (!slot.is(&objects.nothing)).then_some(slot));
        let old: Vec<_> = (0..frame.local_count()).map(|n| frame.replace_local(n, slots.next().flatten())).collect();
        let stack = frame.take_whole_stack();
        frame.set_stack(slots.collect());
        frame.set_next_unit(unit);
        drop((old, stack));
    }
    Ok(made)
}

/// How many arguments the functions of a code take, when they are all that is in a frame of it at its start.
pub fn plain_arguments(code: &Py<PyCode>) -> Option<usize> {
    let code = &code.code;
    let more = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
    let plain = code.kwonlyarg_count == 0 && !code.flags.intersects(more);
    plain.then_some(code.arg_count as usize)
}
