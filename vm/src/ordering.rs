//! `sorted`, `list.sort`, `min` and `max`: what is ordered by numbers, strs or tuples of those is compared by value, without a
//! call of the VM for each comparison.

use std::cmp::Ordering;
use std::sync::Mutex;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyList, PyStr, PyTuple},
    function::{Callee, FuncArgs, KwArgs},
};

use crate::instrument::patch::{self, Native, Wrapper};
use crate::sums::Number;

/// Puts them in the place of the VM's.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    let functions: &[(&str, Wrapper)] = &[("sorted", sorted), ("min", min), ("max", max)];
    patch::functions(vm, vm.builtins.as_object(), functions)?;
    patch::methods(vm, vm.ctx.types.list_type, &[("sort", sort as Wrapper)])
}

/// What one key, or one place of a tuple that is a key, is ordered by.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Value<'a> {
    /// An int or a bool.
    Int(i64),
    /// A float that is no nan.
    Float(f64),
    /// An exact str.
    Text(&'a [u8]),
}

impl<'a> Value<'a> {
    fn of(object: &'a PyObject, vm: &VirtualMachine) -> Option<Value<'a>> {
        if let Some(text) = object.downcast_ref_if_exact::<PyStr>(vm) {
            return Some(Value::Text(text.as_wtf8().as_bytes()));
        }
        match Number::of(object, vm)? {
            Number::Int(int) => Some(Value::Int(int)),
            Number::Float(float) => (!float.is_nan()).then_some(Value::Float(float)),
        }
    }

    fn as_int(self) -> Option<i64> {
        if let Value::Int(int) = self { Some(int) } else { None }
    }

    fn as_float(self) -> Option<f64> {
        match self {
            Value::Int(int) => Number::Int(int).exact_float(),
            Value::Float(float) => Some(float),
            Value::Text(_) => None,
        }
    }

    fn as_text(self) -> Option<&'a [u8]> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }
}

/// Keys that are all of one kind.
pub enum Keys<'a> {
    /// Ints and bools.
    Ints(Vec<i64>),
    /// Floats, and ints that are floats without being rounded.
    Floats(Vec<f64>),
    /// Strs.
    Texts(Vec<&'a [u8]>),
    /// Tuples of so many, with values of one kind in each place: one tuple behind the other.
    Rows(Vec<Value<'a>>, usize),
}

impl<'a> Keys<'a> {
    /// Keys, as they are. `None`: there are none, or the VM has to compare them.
    #[must_use]
    pub fn of(keys: impl Iterator<Item = &'a PyObject> + Clone, vm: &VirtualMachine) -> Option<Keys<'a>> {
        let first = keys.clone().next()?;
        if let Some(tuple) = first.downcast_ref_if_exact::<PyTuple>(vm) {
            return Keys::of_rows(keys, tuple.as_slice().len(), vm);
        }
        let mut values = keys.map(|key| Value::of(key, vm));
        Keys::of_values(Value::of(first, vm)?, &mut values)
    }

    /// `values` are clones of each other: they are gone through twice when floats come behind ints.
    fn of_values(first: Value<'a>, values: &mut (impl Iterator<Item = Option<Value<'a>>> + Clone)) -> Option<Keys<'a>> {
        match first {
            Value::Text(_) => values.map(|value| value?.as_text()).collect::<Option<_>>().map(Keys::Texts),
            Value::Float(_) => values.map(|value| value?.as_float()).collect::<Option<_>>().map(Keys::Floats),
            Value::Int(_) => match values.clone().map(|value| value?.as_int()).collect() {
                Some(ints) => Some(Keys::Ints(ints)),
                None => values.map(|value| value?.as_float()).collect::<Option<_>>().map(Keys::Floats),
            },
        }
    }

    fn of_rows(keys: impl Iterator<Item = &'a PyObject>, width: usize, vm: &VirtualMachine) -> Option<Keys<'a>> {
        let mut values = Vec::new();
        for key in keys {
            let row = key.downcast_ref_if_exact::<PyTuple>(vm)?.as_slice();
            if row.len() != width || width == 0 {
                return None;
            }
            for element in row {
                values.push(Value::of(element, vm)?);
            }
        }
        for place in 0..width {
            let mut here = values.iter().skip(place).step_by(width).map(|&value| Some(value));
            if let Keys::Floats(floats) = Keys::of_values(values[place], &mut here)? {
                let here = values.iter_mut().skip(place).step_by(width);
                here.zip(floats).for_each(|(value, float)| *value = Value::Float(float));
            }
        }
        Some(Keys::Rows(values, width))
    }

    /// For each place the number of the key that belongs there. Equal keys stay in their order.
    #[must_use]
    pub fn order(&self, is_reversed: bool) -> Vec<usize> {
        match self {
            Keys::Ints(keys) => sorted_by(keys.iter().copied(), Ord::cmp, is_reversed),
            Keys::Floats(keys) => sorted_by(keys.iter().copied(), by_value, is_reversed),
            Keys::Texts(keys) => sorted_by(keys.iter().copied(), Ord::cmp, is_reversed),
            Keys::Rows(values, width) => sorted_by(values.chunks_exact(*width), by_value, is_reversed),
        }
    }

    /// The number of the first of the smallest keys (`Less`), or of the largest (`Greater`).
    #[must_use]
    pub fn extreme(&self, is: Ordering) -> usize {
        match self {
            Keys::Ints(keys) => extreme_by(keys.iter().copied(), Ord::cmp, is),
            Keys::Floats(keys) => extreme_by(keys.iter().copied(), by_value, is),
            Keys::Texts(keys) => extreme_by(keys.iter().copied(), Ord::cmp, is),
            Keys::Rows(values, width) => extreme_by(values.chunks_exact(*width), by_value, is),
        }
    }
}

/// Of values that can be ordered.
fn by_value<T: PartialOrd + ?Sized>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

fn sorted_by<T>(keys: impl Iterator<Item = T>, compare: fn(&T, &T) -> Ordering, is_reversed: bool) -> Vec<usize> {
    let mut numbered: Vec<(T, usize)> = keys.zip(0..).collect();
    if is_reversed {
        numbered.sort_by(|a, b| compare(&b.0, &a.0));
    } else {
        numbered.sort_by(|a, b| compare(&a.0, &b.0));
    }
    numbered.into_iter().map(|(_, number)| number).collect()
}

fn extreme_by<T>(keys: impl Iterator<Item = T>, compare: fn(&T, &T) -> Ordering, is: Ordering) -> usize {
    let better = |best: (usize, T), next: (usize, T)| if compare(&next.1, &best.1) == is { next } else { best };
    keys.enumerate().reduce(better).map_or(0, |(number, _)| number)
}

/// Puts items in an order.
fn permute<T>(items: &mut [T], mut order: Vec<usize>) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

fn min(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    extreme(native, vm, args, callee, Ordering::Less)
}

fn max(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    extreme(native, vm, args, callee, Ordering::Greater)
}

/// `min` and `max` of a list or tuple, as its iterator goes through it: a function of keys may change a list.
fn extreme(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee, is: Ordering) -> PyResult {
    let ([sequence], Some((key, _))) = (&args.args[..], options(&args, &["key"], vm)) else {
        return native(vm, args, callee);
    };
    let item = |index: usize| look_into(sequence, vm, |items| items.get(index).cloned()).flatten();
    let best = |keys: &[PyObjectRef]| Keys::of(keys.iter().map(|key| &**key), vm).map(|keys| keys.extreme(is));
    match key {
        Some(key) if item(0).is_some() => {
            let (mut found, mut keys) = (Vec::new(), Vec::new());
            while let Some(item) = item(found.len()) {
                keys.push(ask(&key, item.clone(), vm)?);
                found.push(item);
            }
            match best(&keys) {
                Some(best) => Ok(found.swap_remove(best)),
                None => native(vm, with_keys(vm.ctx.new_list(found).into(), Some(keys), None, vm), callee),
            }
        }
        Some(_) => native(vm, args, callee),
        None => match look_into(sequence, vm, best).flatten().and_then(item) {
            Some(best) => Ok(best),
            None => native(vm, args, callee),
        },
    }
}

/// What is found out from the items of an exact list or tuple, without Python code. `None`: it is something else.
fn look_into<R>(sequence: &PyObject, vm: &VirtualMachine, look: impl FnOnce(&[PyObjectRef]) -> R) -> Option<R> {
    match sequence.downcast_ref_if_exact::<PyList>(vm) {
        Some(list) => Some(look(&list.borrow_vec())),
        None => sequence.downcast_ref_if_exact::<PyTuple>(vm).map(|tuple| look(tuple.as_slice())),
    }
}

/// The options of a call: the function of keys, if there is one, and whether it is reversed. `None`: the VM is to look at them.
fn options(args: &FuncArgs, names: &[&str], vm: &VirtualMachine) -> Option<(Option<PyObjectRef>, bool)> {
    let (mut key, mut is_reversed) = (None, false);
    for (name, value) in &args.kwargs {
        match name.as_str().ok().filter(|name| names.contains(name))? {
            "key" => key = Some(value.clone()).filter(|key| !vm.is_none(key)),
            _ if value.class().is(vm.ctx.types.bool_type) => is_reversed = value.is(&vm.ctx.true_value),
            _ => return None,
        }
    }
    Some((key, is_reversed))
}

fn sorted(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    let ([iterable], Some((key, is_reversed))) = (&args.args[..], options(&args, &["key", "reverse"], vm)) else {
        return native(vm, args, callee);
    };
    let list = vm.ctx.types.list_type.as_object().call((iterable.clone(),), vm)?;
    match sort_list(&list, key.as_deref(), is_reversed, vm)? {
        Ok(()) => Ok(list),
        Err(keys) => native(vm, with_keys(list, keys, Some(is_reversed), vm), callee),
    }
}

fn sort(native: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    match (&args.args[..], options(&args, &["key", "reverse"], vm)) {
        ([list], Some((key, is_reversed))) if list.class().is(vm.ctx.types.list_type) => {
            match sort_list(list, key.as_deref(), is_reversed, vm)? {
                Ok(()) => Ok(vm.ctx.none()),
                Err(keys) => native(vm, with_keys(list.clone(), keys, Some(is_reversed), vm), callee),
            }
        }
        _ => native(vm, args, callee),
    }
}

/// What a function of keys says of an item.
fn ask(key: &PyObject, item: PyObjectRef, vm: &VirtualMachine) -> PyResult {
    key.vectorcall(vec![item], 1, None, vm)
}

/// Sorts an exact list. `Err`: the VM has to, by these keys, or by the elements themselves.
fn sort_list(
    list: &PyObject,
    key: Option<&PyObject>,
    is_reversed: bool,
    vm: &VirtualMachine,
) -> PyResult<Result<(), Option<Vec<PyObjectRef>>>> {
    let Some(list) = list.downcast_ref::<PyList>() else { return Ok(Err(None)) };
    let order = |keys: &[PyObjectRef]| Keys::of(keys.iter().map(|key| &**key), vm).map(|keys| keys.order(is_reversed));
    let Some(key) = key else {
        let mut items = list.borrow_vec_mut();
        return Ok(order(&items).map(|order| permute(&mut items, order)).ok_or(None));
    };
    // As in the VM, the list is empty while keys are asked for.
    let mut items = std::mem::take(&mut *list.borrow_vec_mut());
    let keys: PyResult<Vec<_>> = items.iter().map(|item| ask(key, item.clone(), vm)).collect();
    let order = keys.as_ref().ok().and_then(|keys| order(keys));
    let is_sorted = order.map(|order| permute(&mut items, order)).is_some();
    let meanwhile = std::mem::replace(&mut *list.borrow_vec_mut(), items);
    let keys = keys?;
    // (What has been taken out again has left its memory.)
    if meanwhile.capacity() > 0 {
        return Err(vm.new_value_error("list modified during sort"));
    }
    Ok(if is_sorted { Ok(()) } else { Err(Some(keys)) })
}

/// What one of these builtins makes of elements by keys that it would ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// `min`: the element with the least key.
    Least,
    /// `max`: the element with the greatest key.
    Greatest,
    /// `sorted`: a new list.
    Ascending,
    /// `sorted` with `reverse=True`.
    Descending,
}

impl Order {
    /// The builtin that makes it.
    fn builtin(self) -> &'static str {
        match self {
            Order::Least => "min",
            Order::Greatest => "max",
            Order::Ascending | Order::Descending => "sorted",
        }
    }
}

/// What comes of a builtin that has asked for the key of each element of a list, which is not empty. The keys, as many in
/// another list, run no Python code when they are compared. Of `sorted`, the elements' own list is what is given.
///
/// # Errors
/// `TypeError` for keys that cannot be compared: then the elements are as they were.
pub fn by_keys(order: Order, elements: &PyObject, keys: &PyObject, vm: &VirtualMachine) -> PyResult {
    let (Some(list), Some(keys)) = (elements.downcast_ref::<PyList>(), keys.downcast_ref::<PyList>()) else {
        return Err(vm.new_system_error("what is ordered by keys is no list"));
    };
    let is_sorted = matches!(order, Order::Ascending | Order::Descending);
    let is_reversed = order == Order::Descending;
    let extreme = if order == Order::Least { Ordering::Less } else { Ordering::Greater };
    let known = Keys::of(keys.borrow_vec().iter().map(|key| &**key), vm)
        .map(|keys| if is_sorted { keys.order(is_reversed) } else { vec![keys.extreme(extreme)] });
    match known {
        Some(known) if is_sorted => {
            permute(&mut list.borrow_vec_mut(), known);
            Ok(elements.to_owned())
        }
        Some(known) => {
            let element = known.first().and_then(|&number| list.borrow_vec().get(number).cloned());
            element.ok_or_else(|| vm.new_system_error("fewer elements than keys"))
        }
        None => {
            let keys = keys.borrow_vec().to_vec();
            let args = with_keys(elements.to_owned(), Some(keys), is_sorted.then_some(is_reversed), vm);
            let found = vm.builtins.get_attr(order.builtin(), vm)?.call(args, vm)?;
            if let Some(sorted) = found.downcast_ref::<PyList>().filter(|_| is_sorted) {
                std::mem::swap(&mut *list.borrow_vec_mut(), &mut *sorted.borrow_vec_mut());
                return Ok(elements.to_owned());
            }
            Ok(found)
        }
    }
}

/// The arguments with which the VM goes through items by these keys, which it asks for in their order.
fn with_keys(
    items: PyObjectRef,
    keys: Option<Vec<PyObjectRef>>,
    is_reversed: Option<bool>,
    vm: &VirtualMachine,
) -> FuncArgs {
    let reverse = is_reversed.map(|is| ("reverse".to_owned(), vm.ctx.new_bool(is).into()));
    let key = keys.map(|keys| {
        let keys = Mutex::new(keys.into_iter());
        let next = move |_: PyObjectRef, vm: &VirtualMachine| {
            let next = keys.lock().ok().and_then(|mut keys| keys.next());
            next.unwrap_or_else(|| vm.ctx.none())
        };
        ("key".to_owned(), vm.new_function("key", next).into())
    });
    FuncArgs::new(vec![items], reverse.into_iter().chain(key).collect::<KwArgs>())
}
