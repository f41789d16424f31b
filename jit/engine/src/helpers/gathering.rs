//! Containers of what iterators give that nobody has stepped: `list(zip(a, b))`, `dict(enumerate(a))`, `list(reversed(a))`.

use rustpython_vm::{
    PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, PyRange, PyStr},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty, VirtualKind};
use tjit_vm::layout::{Found, Pair};

use super::{Helper, at, call_with, character, dicts, found_or_redo, host, object, tracked};
use crate::engine::iterators;
use crate::exits::Activation;
use crate::objects::{Iterator, Objects, Scalar, address};

const GATHERS: Effects = Effects { reads: Mem::all(), exits: true, allocates: true, ..Effects::PURE };

helpers! {
    /// `list(zip(…))`, `tuple(zip(…))` or `dict(zip(…))` (0, 1, 2) of sequences, which are in a tuple.
    gather_zip(Int, Ref) -> Ref, GATHERS, Owned;
    /// The same of `enumerate(…)` with a start.
    gather_enumerate(Int, Ref, Int) -> Ref, GATHERS, Owned;
    /// `list(map(…))` of a function that runs no Python code, over a sequence; whether it is `len`.
    gather_map(Ref, Bool, Ref) -> Ref, GATHERS, Owned;
    /// `list(map(itemgetter(…), b))` of a list of lists, tuples and dicts: getter, list.
    gather_items(Ref, Ref) -> Ref, GATHERS, Owned;
    /// `list(map(a.get, b))` of a dict and a list of plain keys; all values are of leaf classes.
    gather_values(Ref, Ref) -> Ref, GATHERS, Owned;
    /// The elements of a str, a range, a dict, a view of one, or a set.
    gather_plain(Ref) -> Ref, GATHERS, Owned;
    /// `list(reversed(…))` or `tuple(reversed(…))` (0, 1) of a list or tuple.
    gather_reversed(Int, Ref) -> Ref, GATHERS, Owned;
}

/// A list is made.
pub const LIST: i64 = 0;
/// A tuple is made.
pub const TUPLE: i64 = 1;
/// A dict of pairs is made.
pub const DICT: i64 = 2;

/// What gives elements.
enum Source<'a> {
    /// A list or tuple.
    Objects(&'a [u64]),
    /// A str.
    Characters(Vec<PyObjectRef>),
    /// A range of small ints.
    Numbers { start: i64, step: i64, length: usize },
}

impl Source<'_> {
    /// At most `limit` of a sequence's elements. `None`: of another kind.
    fn of<'a>(sequence: &'a PyObject, limit: usize, objects: &Objects, vm: &VirtualMachine) -> Option<Source<'a>> {
        let (class, classes) = (objects.class(sequence), &objects.classes);
        if objects.has_list_layout(sequence) || class == classes.tuple {
            let elements = objects.addresses(sequence);
            // SAFETY: nobody changes the sequence while its elements are gathered, which runs no Python code.
            return Some(Source::Objects(unsafe { std::slice::from_raw_parts(elements.as_ptr(), elements.len()) }));
        }
        if class == classes.str {
            let points = sequence.downcast_ref::<PyStr>()?.as_wtf8().code_points();
            return Some(Source::Characters(points.take(limit).map(|point| character(point, vm)).collect()));
        }
        let range = sequence.downcast_ref::<PyRange>().filter(|_| class == classes.range)?;
        let number = |part: &rustpython_vm::builtins::PyIntRef| i64::try_from(part.as_bigint()).ok();
        let (start, stop, step) = (number(&range.start)?, number(&range.stop)?, number(&range.step)?);
        let distance = if step > 0 { stop.checked_sub(start)? } else { start.checked_sub(stop)? }.max(0) as u64;
        let length = distance.div_ceil(step.unsigned_abs()) as usize;
        Some(Source::Numbers { start, step, length })
    }

    fn len(&self) -> usize {
        match self {
            Source::Objects(elements) => elements.len(),
            Source::Characters(characters) => characters.len(),
            Source::Numbers { length, .. } => *length,
        }
    }

    fn get(&self, index: usize, objects: &Objects, vm: &VirtualMachine) -> PyObjectRef {
        match self {
            // SAFETY: the sequence owns its elements.
            Source::Objects(elements) => unsafe { objects.clone_ref(elements[index]) },
            Source::Characters(characters) => characters[index].clone(),
            // It is less than the length of a range of small ints.
            Source::Numbers { start, step, .. } => objects.new_int(start + step * index as i64, vm),
        }
    }
}

/// Whether a native function that runs no Python code for plain objects runs none for this one. `sizes`: it is `len`.
pub fn is_mapped(sizes: bool, element: &PyObject, objects: &Objects) -> bool {
    let (class, classes) = (objects.class(element), &objects.classes);
    classes.is_leaf(class) || sizes && [classes.list, classes.tuple, classes.dict, classes.set].contains(&class)
}

/// The length of a str or an exact builtin container.
fn size(object: &PyObject, objects: &Objects) -> Option<usize> {
    if let Some(text) = object.downcast_ref::<PyStr>() {
        return Some(text.char_len());
    }
    let class = objects.class(object);
    match objects.table_of(object) {
        Some(table) => Some(table.used()),
        None => [objects.classes.list, objects.classes.tuple].contains(&class).then(|| objects.length(object)),
    }
}

/// What a function gives for all elements. `None`: it raises, or might run Python code.
fn mapped(
    (function, sizes): (&PyObject, bool),
    source: &Source<'_>,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Vec<PyObjectRef>> {
    let apply = |index| {
        let element = source.get(index, objects, vm);
        if !is_mapped(sizes, &element, objects) {
            return None;
        }
        let size = Some(&element).filter(|_| sizes).and_then(|element| size(element, objects));
        size.map(|size| objects.new_int(size as i64, vm))
            .or_else(|| iterators::convert(function, &element, objects, vm))
            .or_else(|| call_with(function, vec![element], objects, vm).ok())
    };
    (0..source.len()).map(apply).collect()
}

/// What a function gives for all elements of a list.
pub fn mapped_in(
    function: (&PyObject, bool),
    list: &PyObject,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Vec<PyObjectRef>> {
    mapped(function, &Source::of(list, usize::MAX, objects, vm)?, objects, vm)
}

/// What a dict has for the elements of a list, or None. `None`: an element is no plain key, or a value of no leaf class.
pub fn values_of(dict: &PyObject, list: &PyObject, objects: &Objects, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
    let dict = dict.downcast_ref_if_exact::<PyDict>(vm)?;
    let source = Source::of(list, usize::MAX, objects, vm)?;
    let value = |index| {
        let key = source.get(index, objects, vm);
        let value = match dicts::search(objects, dict, &key, vm) {
            Found::At(at) => objects.layout.dict.value_at(dict, at).to_owned(),
            Found::Absent => vm.ctx.none(),
            Found::Unsure => return None,
        };
        objects.classes.is_leaf(objects.class(&value)).then_some(value)
    };
    (0..source.len()).map(value).collect()
}

/// What a getter gives for all elements of a list. `None`: one of them is another kind of container, has no such item, or that is
/// compared by Python code.
pub fn items_of(
    getter: &PyObject,
    list: &PyObject,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Vec<PyObjectRef>> {
    let items = objects.getters.of(getter, vm)?.items(getter);
    let all = |element: &u64| {
        let of = object(*element);
        match items {
            [item] => item_of(of, object(*item), objects, vm).map(|found| found.to_owned()),
            items => {
                let found = items.iter().map(|&item| item_of(of, object(item), objects, vm).map(address));
                Some(objects.new_tuple(&found.collect::<Option<Vec<u64>>>()?, vm))
            }
        }
    };
    objects.addresses(list).iter().map(all).collect()
}

/// An item of a container, if it is of a leaf class.
fn item_of<'a>(of: &'a PyObject, item: &PyObject, objects: &Objects, vm: &VirtualMachine) -> Option<&'a PyObject> {
    let class = objects.class(of);
    let found = if class == objects.classes.dict {
        let dict = of.downcast_ref::<PyDict>()?;
        match dicts::search(objects, dict, item, vm) {
            Found::At(at) => objects.layout.dict.value_at(dict, at),
            Found::Absent | Found::Unsure => return None,
        }
    } else if [objects.classes.list, objects.classes.tuple].contains(&class) {
        let Some(Scalar::Int(index)) = objects.scalar(item) else { return None };
        let all = objects.addresses(of);
        // SAFETY: the container owns its elements.
        unsafe { &*(*all.get(at(index, all.len())?)? as *const PyObject) }
    } else {
        return None;
    };
    objects.classes.is_leaf(objects.class(found)).then_some(found)
}

/// The elements of an exact dict, set or view of an exact dict, in their order. `None`: it is something else.
fn entries_of(container: &PyObject, objects: &Objects, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
    let class = objects.class(container);
    let [_, values, items] = objects.classes.dict_views;
    let is_view = objects.classes.dict_views.contains(&class);
    let over = if is_view { object(objects.word_of(container, objects.layout.dict_view)) } else { container };
    let element = |pair: Pair<'_>| match class {
        _ if class == items => objects.new_tuple(&[address(pair.key), address(pair.value)], vm),
        _ if class == values => pair.value.to_owned(),
        _ => pair.key.to_owned(),
    };
    Some(objects.table_of(over)?.pairs().map(element).collect())
}

/// What a function gives for all that an iterator goes over.
pub fn mapped_now(
    function: (&PyObject, bool),
    iterator: &PyObject,
    objects: &Objects,
    vm: &VirtualMachine,
) -> Option<Vec<PyObjectRef>> {
    let source = match objects.iterator(iterator)? {
        Iterator::Sequence(_, sequence) | Iterator::Str(sequence) => Source::of(sequence, usize::MAX, objects, vm)?,
        Iterator::Range => {
            let mut parts = Vec::new();
            objects.read_parts(VirtualKind::RangeIter, iterator, &mut parts)?;
            let [_, start, step, length] = parts[..] else { return None };
            Source::Numbers { start: start as i64, step: step as i64, length: length as usize }
        }
        Iterator::Enumerate(_) | Iterator::Zip(_) => return None,
    };
    mapped(function, &source, objects, vm)
}

/// Gathers rows. `None`: one of them is to be done by the VM.
fn gather(
    ctx: *mut Context,
    into: i64,
    length: usize,
    width: usize,
    element: impl Fn(usize, usize) -> PyObjectRef,
) -> Option<PyObjectRef> {
    let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
    if into == DICT {
        let dict = objects.new_dict(vm);
        let put = |row| {
            let (key, value) = (element(row, 0), element(row, 1));
            dicts::put(ctx, &dict, address(&key), address(&value))
        };
        return (width == 2 && (0..length).all(put)).then(|| dict.into());
    }
    let row = |row| objects.new_tuple_of((0..width).map(|column| element(row, column)).collect(), vm);
    Some(made(into, (0..length).map(row).collect(), objects, vm))
}

fn made(into: i64, elements: Vec<PyObjectRef>, objects: &Objects, vm: &VirtualMachine) -> PyObjectRef {
    if into == LIST {
        objects.new_list(elements.iter().map(|element| address(element)), vm)
    } else {
        vm.ctx.new_tuple(elements).into()
    }
}

fn found(ctx: *mut Context, gathered: Option<PyObjectRef>) -> u64 {
    found_or_redo(ctx, gathered.map(|gathered| tracked(ctx, gathered)))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn gather_zip(ctx: *mut Context, into: i64, sequences: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let mut sources = Vec::new();
        for &sequence in objects.addresses(object(sequences)) {
            let limit = sources.iter().map(Source::len).min().unwrap_or(usize::MAX);
            match Source::of(object(sequence), limit, objects, vm) {
                Some(source) => sources.push(source),
                None => return found(ctx, None),
            }
        }
        let length = sources.iter().map(Source::len).min().unwrap_or(0);
        let element = |row: usize, column: usize| sources[column].get(row, objects, vm);
        found(ctx, gather(ctx, into, length, sources.len(), element))
    }

    pub extern "C" fn gather_enumerate(ctx: *mut Context, into: i64, sequence: u64, start: i64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let source = Source::of(object(sequence), usize::MAX, objects, vm);
        let Some(source) = source.filter(|source| start.checked_add(source.len() as i64).is_some()) else {
            return found(ctx, None);
        };
        let element = |row: usize, column: usize| match column {
            0 => objects.new_int(start + row as i64, vm),
            _ => source.get(row, objects, vm),
        };
        found(ctx, gather(ctx, into, source.len(), 2, element))
    }

    pub extern "C" fn gather_reversed(ctx: *mut Context, into: i64, sequence: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        // SAFETY: the sequence owns its elements.
        let elements = objects.addresses(object(sequence)).iter().rev().map(|&each| unsafe { objects.clone_ref(each) });
        tracked(ctx, made(into, elements.collect(), objects, vm))
    }

    pub extern "C" fn gather_map(ctx: *mut Context, function: u64, sizes: u8, sequence: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let source = Source::of(object(sequence), usize::MAX, objects, vm);
        let elements = source.and_then(|source| mapped((object(function), sizes != 0), &source, objects, vm));
        found(ctx, elements.map(|elements| made(LIST, elements, objects, vm)))
    }

    pub extern "C" fn gather_items(ctx: *mut Context, getter: u64, list: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let keys = items_of(object(getter), object(list), objects, vm);
        found(ctx, keys.map(|keys| made(LIST, keys, objects, vm)))
    }

    pub extern "C" fn gather_values(ctx: *mut Context, dict: u64, keys: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let values = values_of(object(dict), object(keys), objects, vm);
        found(ctx, values.map(|values| made(LIST, values, objects, vm)))
    }

    pub extern "C" fn gather_plain(ctx: *mut Context, iterable: u64) -> u64 {
        let (objects, vm) = (Activation::of(ctx).objects, host(ctx));
        let elements = match Source::of(object(iterable), usize::MAX, objects, vm) {
            Some(Source::Characters(characters)) => Some(characters),
            Some(Source::Objects(elements)) => {
                return tracked(ctx, objects.new_list(elements.iter().copied(), vm));
            }
            Some(source) => Some((0..source.len()).map(|index| source.get(index, objects, vm)).collect()),
            None => entries_of(object(iterable), objects, vm)
                .or_else(|| object(iterable).try_to_value::<Vec<PyObjectRef>>(vm).ok()),
        };
        found(ctx, elements.map(|elements| made(LIST, elements, objects, vm)))
    }
}
