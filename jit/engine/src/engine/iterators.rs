//! `zip`, `enumerate`, `map`, `chain` and `islice` as natives and the interpreter step them: over lists, tuples and ranges without
//! locks and without a call for each.

use std::cell::Cell;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyStr, PyType},
    protocol::{PyIter, PyIterReturn},
};
use tjit_ir::VirtualKind;
use tjit_vm::iterators::{Class, install_one};

use super::callbacks;
use crate::objects::{Iterator, Objects, Scalar};

/// Counts up to here stay small for as long as anybody can count.
const LARGEST_COUNT: u64 = 1 << 62;
/// Digits that an int of one word has in any case.
const SAFE_DIGITS: usize = 18;

thread_local! {
    /// Offsets and classes. They are there once for all time.
    static OBJECTS: Cell<Option<&'static Objects>> = const { Cell::new(None) };
}

/// Has these iterators stepped here, on this thread.
pub(super) fn install(objects: &Objects, vm: &VirtualMachine) {
    OBJECTS.set(Some(Box::leak(Box::new(objects.clone()))));
    tjit_vm::iterators::install(vm, [zip, enumerate, map]);
}

/// A callable is seen. If it makes a `chain` or an `islice`, these are stepped here from now on.
pub(crate) fn see(callable: &PyObject, vm: &VirtualMachine) {
    let Some(objects) = OBJECTS.get() else { return };
    let owner = || Some(callable).filter(|of| of.class().is(vm.ctx.types.builtin_function_or_method_type));
    let of = owner().and_then(|method| method.get_attr("__self__", vm).ok());
    let Some(class) = of.as_deref().unwrap_or(callable).downcast_ref::<PyType>() else { return };
    if objects.chains.seen().is_none() && objects.chains.of_class(class, vm).is_some() {
        install_one(Class::Chain, class, chain);
    }
    if objects.slices.seen().is_none() && objects.slices.of_class(class, vm).is_some() {
        install_one(Class::Slice, class, slice);
    }
}

fn chain(object: &PyObject, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let objects = objects(vm)?;
    let active = objects.word_of(object, objects.chains.seen()?.active);
    if active == 0 {
        return None;
    }
    // SAFETY: the chain keeps its iterator, which is stepped without Python code.
    let active = unsafe { &*(active as *const PyObject) };
    objects.next_plain(active, vm).map(|element| Ok(PyIterReturn::Return(element)))
}

fn slice(object: &PyObject, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let objects = objects(vm)?;
    let layout = objects.slices.seen()?;
    let word = |offset: usize| objects.word_of(object, offset);
    let (iterator, taken, next) = (word(layout.iterator), word(layout.taken), word(layout.next));
    let stop = if word(layout.has_stop) == 0 { u64::MAX } else { word(layout.stop) };
    if iterator == 0 || taken != next || taken >= stop {
        return None;
    }
    let then = next.checked_add(word(layout.step))?.min(stop);
    // SAFETY: as in `chain`.
    let element = objects.next_plain(unsafe { &*(iterator as *const PyObject) }, vm)?;
    objects.set_word(object, layout.taken, taken + 1);
    objects.set_word(object, layout.next, then);
    Some(Ok(PyIterReturn::Return(element)))
}

/// What is needed to look into objects; `None` while other threads may change them.
fn objects(vm: &VirtualMachine) -> Option<&'static Objects> {
    OBJECTS.get().filter(|_| vm.state.thread_count.load() == 0)
}

/// The next element of any iterator.
fn next(iterator: &PyObject, objects: &Objects, vm: &VirtualMachine) -> PyResult<PyIterReturn> {
    match objects.next_plain(iterator, vm) {
        Some(element) => Ok(PyIterReturn::Return(element)),
        None => PyIter::new(iterator).next(vm),
    }
}

fn zip(object: &PyObject, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let objects = objects(vm)?;
    let Iterator::Zip(iterators) = objects.iterator(object)? else { return None };
    Some(gather(iterators, objects, vm).map(|gathered| match gathered {
        Ok(elements) => PyIterReturn::Return(objects.new_tuple_of(elements, vm)),
        Err(end) => end,
    }))
}

/// The next elements of all; `Err`: the first that ends says so.
fn gather(
    iterators: &[&PyObject],
    objects: &Objects,
    vm: &VirtualMachine,
) -> PyResult<Result<Vec<PyObjectRef>, PyIterReturn>> {
    let mut elements = Vec::with_capacity(iterators.len());
    for iterator in iterators {
        match next(iterator, objects, vm)? {
            PyIterReturn::Return(element) => elements.push(element),
            end => return Ok(Err(end)),
        }
    }
    Ok(Ok(elements))
}

fn enumerate(object: &PyObject, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let objects = objects(vm)?;
    let Iterator::Enumerate(inner) = objects.iterator(object)? else { return None };
    if objects.word_of(object, objects.layout.enumerate.count) > LARGEST_COUNT {
        return None;
    }
    Some(match next(inner, objects, vm) {
        // (What is below may have stepped this one, too.)
        Ok(PyIterReturn::Return(element)) => match objects.count_on(object) {
            Some(count) => {
                let count = objects.new_int(count, vm);
                Ok(PyIterReturn::Return(objects.new_tuple_of(vec![count, element], vm)))
            }
            None => Err(vm.new_system_error("an enumerate has become another one while it was stepped")),
        },
        end => end,
    })
}

fn map(object: &PyObject, vm: &VirtualMachine) -> Option<PyResult<PyIterReturn>> {
    let objects = objects(vm)?;
    let (function, iterators) = objects.map_parts(object)?;
    Some(gather(iterators, objects, vm).and_then(|gathered| match gathered {
        Ok(arguments) => PyIterReturn::from_pyresult(call(function, arguments, objects, vm), vm),
        Err(end) => Ok(end),
    }))
}

fn call(function: &PyObject, arguments: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyResult {
    if let [argument] = &arguments[..]
        && let Some(converted) = convert(function, argument, objects, vm)
    {
        return Ok(converted);
    }
    let count = arguments.len();
    if !function.class().is(vm.ctx.types.function_type) {
        return function.vectorcall(arguments, count, None, vm);
    }
    callbacks::run(function, arguments, vm).unwrap_or_else(|arguments| function.vectorcall(arguments, count, None, vm))
}

/// `str(…)` and `int(…)` of exact ints and strings. `None`: another call.
pub(crate) fn convert(
    function: &PyObject,
    argument: &PyObject,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<PyObjectRef> {
    let (class, classes) = (objects.class(argument), &objects.classes);
    if !function.is(vm.ctx.types.str_type) && !function.is(vm.ctx.types.int_type) {
        return None;
    }
    let to_str = function.is(vm.ctx.types.str_type);
    if class == if to_str { classes.str } else { classes.int } {
        return Some(argument.to_owned());
    }
    if to_str {
        let Some(Scalar::Int(value)) = objects.scalar(argument).filter(|_| class == classes.int) else { return None };
        return Some(vm.ctx.new_str(value.to_string()).into());
    }
    let text = argument.downcast_ref::<PyStr>().filter(|_| class == classes.str)?;
    let digits = text.as_wtf8().as_str().ok()?;
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let is_plain = (1..=SAFE_DIGITS).contains(&unsigned.len()) && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    let value: i64 = if is_plain { digits.parse().ok()? } else { return None };
    Some(objects.new_int(value, vm))
}

impl Objects {
    /// The next element of an iterator over a list, a tuple or a range, if there is one. `None`: it is at its end, or is
    /// another iterator.
    pub fn next_plain(&self, iterator: &PyObject, vm: &VirtualMachine) -> Option<PyObjectRef> {
        let element = self.peek_plain(iterator, vm)?;
        self.advance_plain(iterator);
        Some(element)
    }

    /// Steps an iterator that [`Objects::peek_plain`] has found an element of.
    pub fn advance_plain(&self, iterator: &PyObject) {
        let is_range = self.class(iterator) == self.classes.range_iter;
        let offset = if is_range { self.layout.range_iter[0] } else { self.layout.sequence_iter[1] };
        self.set_word(iterator, offset, self.word_of(iterator, offset) + 1);
    }

    /// What [`Objects::next_plain`] would give. The iterator is not stepped.
    pub fn peek_plain(&self, iterator: &PyObject, vm: &VirtualMachine) -> Option<PyObjectRef> {
        let (class, classes) = (self.class(iterator), &self.classes);
        if class == classes.range_iter {
            let [at, start, step, length] = self.layout.range_iter.map(|offset| self.word_of(iterator, offset) as i64);
            if at >= length {
                return None;
            }
            let value = start.checked_add(at.checked_mul(step)?)?;
            return Some(self.new_int(value, vm));
        }
        if class != classes.list_iter && class != classes.tuple_iter {
            return None;
        }
        let Iterator::Sequence(VirtualKind::ListIter | VirtualKind::TupleIter, sequence) = self.iterator(iterator)?
        else {
            return None;
        };
        let at = self.word_of(iterator, self.layout.sequence_iter[1]);
        let &element = self.addresses(sequence).get(at as usize)?;
        // SAFETY: the sequence keeps its element alive.
        Some(unsafe { self.clone_ref(element) })
    }

    /// The next count of an `enumerate`, which is stepped. `None`: it is not small.
    fn count_on(&self, enumerate: &PyObject) -> Option<i64> {
        let Iterator::Enumerate(_) = self.iterator(enumerate)? else { return None };
        let count = self.word_of(enumerate, self.layout.enumerate.count) as i64;
        self.set_word(enumerate, self.layout.enumerate.count, count.checked_add(1)? as u64);
        Some(count)
    }

    /// What an exact `map` calls, and its iterators, if it is not strict.
    pub fn map_parts<'a>(&self, map: &'a PyObject) -> Option<(&'a PyObject, &'a [&'a PyObject])> {
        if self.class(map) != self.classes.map {
            return None;
        }
        let iterators = self.zipped(map, &self.layout.map.zip)?;
        // SAFETY: a map keeps what it calls.
        let function = unsafe { &*(self.word_of(map, self.layout.map.function) as *const PyObject) };
        Some((function, iterators))
    }
}
