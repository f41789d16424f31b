//! The table of a dict or set, to be gone through and to be added to.
//!
//! ```text
//! table  used, filled, indices { capacity, data, length }, entries { capacity, data, length }   (in some order)
//! entry  hash, key, place in the indices, value   (in some order; sets have no values)
//! ```
//!
//! `filled` counts the places of the indices that are not free, those of removed keys included. When more than two thirds
//! are, the VM makes larger indices, for twice as many keys as there are.

use std::ptr::NonNull;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyDict, PySet},
    object::SIZEOF_PYOBJECT_HEAD,
    scope::Scope,
};

use super::dict::{DictLayout, FREE, Found};
use super::{Result, SetLayout, WORD, fail, item, python, run};

/// Where a table has what changes when a key is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrowthLayout {
    /// Number of keys.
    used: usize,
    /// Number of places of the indices that are not free.
    filled: usize,
    /// How many entries there is room for.
    capacity: usize,
    /// How many indices there are, and there is room for: the same.
    places: [usize; 2],
    /// In an entry: its place in the indices.
    place: usize,
}

/// Where a vector of this build has its parts, as indices of words: capacity, data, length.
pub(super) fn vector_parts() -> Result<[usize; 3]> {
    let sample: Vec<u64> = Vec::with_capacity(77);
    let mut sample = std::mem::ManuallyDrop::new(sample);
    sample.extend([5; 33]);
    let wanted = [sample.capacity() as u64, sample.as_ptr() as u64, sample.len() as u64];
    // SAFETY: a vector is three words.
    let words = unsafe { std::ptr::from_ref(&*sample).cast::<[u64; 3]>().read() };
    drop(std::mem::ManuallyDrop::into_inner(sample));
    let position = |wanted: u64| words.iter().position(|&word| word == wanted);
    match wanted.map(position) {
        [Some(capacity), Some(data), Some(len)] if size_of::<Vec<u64>>() == 3 * WORD => Ok([capacity, data, len]),
        _ => fail("a vector is not three words"),
    }
}

impl GrowthLayout {
    /// In dicts.
    pub(super) fn of_dicts(table: &DictLayout, vm: &VirtualMachine) -> Result<GrowthLayout> {
        let source = "def state(count, removed):\n    d = {('tjit', k): k for k in range(count)}\n\
                      \x20   for k in range(removed):\n        del d['tjit', 3 * k + 1]\n    return d\n\
                      tables = [state(*s) for s in ((90, 20), (41, 7), (70, 1))]\nempty = {}\n";
        let size = SIZEOF_PYOBJECT_HEAD / WORD + size_of::<PyDict>() / WORD;
        let scope = run(vm, source)?;
        let growth = Self::of_probe(table, None, size, &scope, vm)?;
        let empty = item(vm, &scope, "empty")?;
        let Some(dict) = empty.downcast_ref::<PyDict>() else { return fail("a dict is none") };
        let insert = |key: PyObjectRef| dict.set_item(&*key.clone(), key, vm).is_ok();
        check(Table::new(table, &growth, base(&empty, None)), &empty, insert, vm)?;
        Ok(growth)
    }

    /// In sets.
    pub(super) fn of_sets(set: &SetLayout, vm: &VirtualMachine) -> Result<GrowthLayout> {
        let source = "def state(count, removed):\n    d = {('tjit', k) for k in range(count)}\n\
                      \x20   for k in range(removed):\n        d.remove(('tjit', 3 * k + 1))\n    return d\n\
                      tables = [state(*s) for s in ((90, 20), (41, 7), (70, 1))]\nempty = set()\n";
        let (content, table) = set.parts();
        let scope = run(vm, source)?;
        let growth = Self::of_probe(&table, Some(content), 2 + size_of::<PyDict>() / WORD, &scope, vm)?;
        let empty = item(vm, &scope, "empty")?;
        let Some(set) = empty.downcast_ref::<PySet>() else { return fail("a set is none") };
        check(Table::new(&table, &growth, base(&empty, Some(content))), &empty, |key| set.add(key, vm).is_ok(), vm)?;
        Ok(growth)
    }

    fn of_probe(
        table: &DictLayout,
        content: Option<usize>,
        size: usize,
        scope: &Scope,
        vm: &VirtualMachine,
    ) -> Result<GrowthLayout> {
        let tables: Vec<PyObjectRef> = python(item(vm, scope, "tables")?.try_to_value(vm), "a probe's result")?;
        let samples = tables.iter().zip([(70, 90), (34, 41), (69, 70)]);
        let samples: Vec<_> =
            samples.map(|(holder, (used, filled))| (base(holder, content), size, used, filled)).collect();
        Self::discover(table, &samples)
    }

    /// Finds every offset. `samples` are tables, as where they begin, the number of words to look at from there, the number of
    /// keys that they have and the number of those that were ever put in.
    fn discover(table: &DictLayout, samples: &[(*const u8, usize, u64, u64)]) -> Result<GrowthLayout> {
        let [capacity, data, len] = vector_parts()?;
        let capacity_of = |pointer: usize, length: usize| {
            let start = pointer.checked_sub(data * WORD);
            match start {
                Some(start) if start + len * WORD == length => Ok(start + capacity * WORD),
                _ => fail("a vector of a dict is not as other vectors"),
            }
        };
        let entries_capacity = capacity_of(table.entries, table.len)?;
        // The length of the table was taken for its capacity, or the other way round: they are the same.
        let start = table.table.checked_sub(data * WORD);
        let [places_capacity, places] = [capacity, len].map(|part| start.map(|start| start + part * WORD));
        let (Some(places_capacity), Some(places)) = (places_capacity, places) else {
            return fail("the indices of a dict are no vector");
        };
        if table.places != places && table.places != places_capacity {
            return fail("the number of places of a dict is not in its vector");
        }
        // SAFETY: callers pass tables and how large they are.
        let word = |base: *const u8, at: usize| unsafe { base.add(at * WORD).cast::<u64>().read_volatile() };
        let known = [table.entries, table.len, entries_capacity, table.table, places, places_capacity];
        let only = |what: &str, wanted: fn(&(*const u8, usize, u64, u64)) -> u64| {
            let size = samples.iter().map(|sample| sample.1).min().unwrap_or(0);
            let fits = |at: &usize| samples.iter().all(|sample| word(sample.0, *at) == wanted(sample));
            match (0..size).filter(|at| !known.contains(&(at * WORD))).filter(fits).collect::<Vec<_>>()[..] {
                [at] => Ok(at * WORD),
                ref found => fail(format!("{what} of a dict could be in {} places", found.len())),
            }
        };
        let layout = GrowthLayout {
            used: only("the number of keys", |sample| sample.2)?,
            filled: only("the number of places in use", |sample| sample.3)?,
            capacity: entries_capacity,
            places: [places, places_capacity],
            place: place_field(table, samples)?,
        };
        Ok(layout)
    }
}

/// The offset in an entry of its place in the indices.
fn place_field(table: &DictLayout, samples: &[(*const u8, usize, u64, u64)]) -> Result<usize> {
    let mut fields: Vec<usize> = (0..table.entry_size).step_by(WORD).collect();
    for &(base, ..) in samples {
        // SAFETY: callers pass tables, which have these fields.
        let word = |offset: usize| unsafe { base.add(offset).cast::<u64>().read_volatile() };
        for place in 0..word(table.places) {
            // SAFETY: the table has so many places.
            let index = unsafe { (word(table.table) as *const i64).add(place as usize).read_volatile() };
            let Ok(index) = usize::try_from(index) else { continue };
            // SAFETY: the index is that of an entry.
            let entry = unsafe { (word(table.entries) as *const u8).add(index * table.entry_size) };
            // SAFETY: the fields are inside the entry.
            fields.retain(|&field| unsafe { entry.add(field).cast::<u64>().read_volatile() } == place);
        }
    }
    match fields[..] {
        [field] => Ok(field),
        _ => fail(format!("the place of a dict's entry could be in {} fields", fields.len())),
    }
}

/// An entry of a table that is gone through.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The hash of its key.
    pub hash: i64,
    /// The key.
    pub key: &'a PyObject,
    /// The value. For sets, the key.
    pub value: &'a PyObject,
}

/// What an entry of a table owned.
#[derive(Debug)]
pub struct Taken {
    /// The key.
    pub key: PyObjectRef,
    /// The value. Those of sets are their keys.
    pub value: Option<PyObjectRef>,
}

/// Places of the smallest tables.
pub const SMALLEST: usize = 8;

/// A table whose layout is known.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    layout: &'a DictLayout,
    growth: &'a GrowthLayout,
    base: *const u8,
}

impl<'a> Table<'a> {
    pub(super) fn new(layout: &'a DictLayout, growth: &'a GrowthLayout, base: *const u8) -> Table<'a> {
        Table { layout, growth, base }
    }

    fn field(self, offset: usize) -> *mut u64 {
        self.base.wrapping_add(offset).cast_mut().cast()
    }

    fn get(self, offset: usize) -> u64 {
        // SAFETY: the offsets were found inside such tables at start-up; only this thread changes the fields.
        unsafe { self.field(offset).read() }
    }

    fn set(self, offset: usize, value: u64) {
        // SAFETY: as in `get`.
        unsafe { self.field(offset).write(value) }
    }

    /// How many keys it has.
    #[must_use]
    pub fn used(self) -> usize {
        self.get(self.growth.used) as usize
    }

    /// Where it is: two tables of the same place are one.
    #[must_use]
    pub fn place(self) -> *const u8 {
        self.base
    }

    /// Looks for a key; `same` as in [`DictLayout::find`].
    pub fn find(self, hash: i64, same: impl FnMut(&PyObject) -> Option<bool>) -> Found {
        self.layout.find_in(self.base, hash, same)
    }

    fn entry(self, index: usize) -> *mut u8 {
        (self.get(self.layout.entries) as *mut u8).wrapping_add(index * self.layout.entry_size)
    }

    /// The entries that are not of removed keys. The table may not be changed while they are gone through.
    pub fn pairs(self) -> impl Iterator<Item = Pair<'a>> {
        let layout = self.layout;
        (0..self.get(layout.len) as usize).filter_map(move |index| {
            let entry = self.entry(index);
            // SAFETY: there are so many entries; key or value is null in those that were removed.
            unsafe {
                let word = |offset: usize| entry.add(offset).cast::<*const PyObject>().read();
                let (key, value) = (word(layout.key).as_ref()?, word(layout.value).as_ref()?);
                Some(Pair { hash: entry.add(layout.hash).cast::<i64>().read(), key, value })
            }
        })
    }

    /// Adds a key that is not there, and its value, whose references it takes; a set's key is its own value. False, and nothing
    /// was done: the VM has to make room.
    #[must_use]
    pub fn add(self, hash: i64, key: u64, value: u64) -> bool {
        let (layout, growth) = (self.layout, self.growth);
        let index = self.get(layout.len) as usize;
        let (used, filled) = (self.get(growth.used), self.get(growth.filled));
        let (place, was_free) = self.free_place(hash);
        let full = was_free && (filled + 1) * 3 > self.get(layout.places) * 2;
        if full || index as u64 == self.get(growth.capacity) {
            if !full && self.holes() > used as usize {
                self.close_holes();
                return self.add(hash, key, value);
            }
            // Only a table without removed keys is made larger here.
            if index as u64 != used || !self.grow(full) {
                return false;
            }
            return self.add(hash, key, value);
        }
        let entry = self.entry(index);
        // SAFETY: there is room for one more entry, and the place is one of the table.
        unsafe {
            let put = |offset: usize, word: u64| entry.add(offset).cast::<u64>().write(word);
            put(layout.hash, hash as u64);
            put(layout.key, key);
            if layout.value != layout.key {
                put(layout.value, value);
            }
            put(growth.place, place as u64);
            (self.get(layout.table) as *mut i64).add(place).write(index as i64);
        }
        self.set(layout.len, index as u64 + 1);
        self.set(growth.used, used + 1);
        self.set(growth.filled, filled + u64::from(was_free));
        self.forget_stamp();
        true
    }

    /// Whether it has no keys, and had none since it was made or emptied.
    #[must_use]
    pub fn is_unused(self) -> bool {
        self.get(self.growth.filled) == 0 && self.get(self.layout.len) == 0
    }

    /// Takes all keys and values out of a small table, which keeps its memory. `None`: it is not one of the smallest.
    #[must_use]
    pub fn take_all(self) -> Option<[Option<Taken>; SMALLEST]> {
        let (layout, growth) = (self.layout, self.growth);
        let count = self.get(layout.len) as usize;
        if self.get(layout.places) != SMALLEST as u64 || count > SMALLEST {
            return None;
        }
        let indices = self.get(layout.table) as *mut i64;
        let taken = std::array::from_fn(|index| {
            let entry = (index < count).then(|| self.entry(index))?;
            // SAFETY: there are so many entries; those of removed keys own nothing. What the others own is the caller's: the
            // table forgets it below, before anybody can look at it.
            unsafe {
                let word = |offset: usize| entry.add(offset).cast::<*mut PyObject>().read();
                let (key, value) = (NonNull::new(word(layout.key))?, NonNull::new(word(layout.value))?);
                let value = (layout.value != layout.key).then(|| PyObjectRef::from_raw(value));
                Some(Taken { key: PyObjectRef::from_raw(key), value })
            }
        });
        // SAFETY: so many places has it.
        unsafe { std::slice::from_raw_parts_mut(indices, SMALLEST) }.fill(FREE);
        for field in [layout.len, growth.used, growth.filled] {
            self.set(field, 0);
        }
        self.forget_stamp();
        Some(taken)
    }

    /// The keys are others than the stamp stands for.
    fn forget_stamp(self) {
        if self.layout.stamp != 0 {
            // SAFETY: as in `get`.
            unsafe { self.field(self.layout.stamp).cast::<u32>().write(0) };
        }
    }

    /// How many entries are of removed keys.
    #[must_use]
    pub fn holes(self) -> usize {
        self.get(self.layout.len) as usize - self.used()
    }

    /// Moves the entries of keys together, in their order.
    ///
    /// The VM does that when it makes new indices, for which it waits until many of their places are in use. Keys that are
    /// removed and come back use the same places: then entries only become more, and the first key is behind all holes.
    pub fn close_holes(self) {
        let (layout, growth) = (self.layout, self.growth);
        let indices = self.get(layout.table) as *mut i64;
        let mut end = 0;
        for index in 0..self.get(layout.len) as usize {
            let entry = self.entry(index);
            // SAFETY: there are so many entries; those of removed keys own nothing. A place is one of the indices.
            unsafe {
                let field = |offset: usize| entry.add(offset).cast::<u64>().read();
                if field(layout.key) == 0 || field(layout.value) == 0 {
                    continue;
                }
                indices.add(field(growth.place) as usize).write(end as i64);
                std::ptr::copy(entry, self.entry(end), layout.entry_size);
            }
            end += 1;
        }
        self.set(layout.len, end as u64);
        // An iterator that has been made before may not find the counts that it knows.
        self.set(growth.filled, self.get(growth.filled) + 1);
        self.forget_stamp();
    }

    /// Makes the key of an entry the last one. False, and nothing was done: entries are of a size that is not known.
    #[must_use]
    pub fn move_to_end(self, index: usize) -> bool {
        let (layout, growth) = (self.layout, self.growth);
        if index + 1 == self.get(layout.len) as usize {
            return true;
        }
        // SAFETY: callers have found the entry, which has a place in the indices.
        let place = unsafe { self.entry(index).add(growth.place).cast::<u64>().read() } as usize;
        let indices = self.get(layout.table) as *mut i64;
        if self.get(layout.len) == self.get(growth.capacity) {
            if self.holes() > self.used() {
                self.close_holes();
            } else if !self.make_room() {
                return false;
            }
        }
        // SAFETY: the place is that of the entry, wherever it has been moved. There is room for one more entry behind the last.
        // Its key and value are that entry's then: the old one is that of a removed key, which owns nothing.
        unsafe {
            let entry = self.entry(indices.add(place).read() as usize);
            let last = self.get(layout.len);
            std::ptr::copy_nonoverlapping(entry, self.entry(last as usize), layout.entry_size);
            for field in [layout.key, layout.value] {
                entry.add(field).cast::<u64>().write(0);
            }
            indices.add(place).write(last as i64);
            self.set(layout.len, last + 1);
        }
        self.forget_stamp();
        true
    }

    /// The first place on the way of a hash that has no key, and whether it was never used.
    fn free_place(self, hash: i64) -> (usize, bool) {
        let table = self.get(self.layout.table) as *const i64;
        let mask = self.get(self.layout.places).wrapping_sub(1) as i64;
        let (mut at, mut perturb) = (hash.wrapping_abs(), hash.wrapping_abs());
        loop {
            let place = (at & mask) as usize;
            // SAFETY: the mask keeps it inside the table.
            let index = unsafe { table.add(place).read() };
            if index < 0 {
                return (place, index == FREE);
            }
            at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
            perturb >>= 5;
        }
    }

    /// Makes room in a table without removed keys: in the indices, if these are `full`, or for more entries. False: entries are
    /// of a size that is not known.
    fn grow(self, full: bool) -> bool {
        let (layout, growth) = (self.layout, self.growth);
        if !full {
            return self.make_room();
        }
        let used = self.get(growth.used) as usize;
        let places = ((used + 1) * 2).next_power_of_two().max(8);
        let mut table = vec![FREE; places];
        let mask = places as i64 - 1;
        for index in 0..used {
            // SAFETY: the entry exists, and is of a key.
            let hash = unsafe { self.entry(index).add(layout.hash).cast::<i64>().read() };
            let (mut at, mut perturb) = (hash.wrapping_abs(), hash.wrapping_abs());
            while table[(at & mask) as usize] != FREE {
                at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
                perturb >>= 5;
            }
            let place = (at & mask) as usize;
            table[place] = index as i64;
            // SAFETY: as above.
            unsafe { self.entry(index).add(growth.place).cast::<u64>().write(place as u64) };
        }
        if table.capacity() != places {
            return false;
        }
        let (data, len, _) = parts(table);
        let [old, old_len, old_capacity] = [layout.table, growth.places[0], growth.places[1]].map(|at| self.get(at));
        self.set(layout.table, data);
        growth.places.iter().for_each(|&offset| self.set(offset, len));
        self.set(growth.filled, used as u64);
        // SAFETY: the parts of the vector that the table had, which nobody has any more.
        drop(unsafe { Vec::from_raw_parts(old as *mut i64, old_len as usize, old_capacity as usize) });
        true
    }

    /// Makes room for more entries. False: they are of a size that is not known.
    fn make_room(self) -> bool {
        match self.layout.entry_size / WORD {
            3 => self.reserve::<[u64; 3]>(),
            4 => self.reserve::<[u64; 4]>(),
            _ => false,
        }
    }

    fn reserve<E>(self) -> bool {
        let (layout, growth) = (self.layout, self.growth);
        let [data, len, capacity] = [layout.entries, layout.len, growth.capacity].map(|offset| self.get(offset));
        // SAFETY: the parts of the table's vector, whose elements are as large and aligned as these; it gets them back below.
        let mut entries: Vec<E> = unsafe { Vec::from_raw_parts(data as *mut E, len as usize, capacity as usize) };
        entries.reserve(1);
        let (data, _, capacity) = parts(entries);
        self.set(layout.entries, data);
        self.set(growth.capacity, capacity);
        true
    }
}

/// Data, length and capacity of a vector that is not to be dropped.
fn parts<E>(vector: Vec<E>) -> (u64, u64, u64) {
    let mut vector = std::mem::ManuallyDrop::new(vector);
    (vector.as_mut_ptr() as u64, vector.len() as u64, vector.capacity() as u64)
}

/// Fills a table by turns with the VM and looks everything up.
fn check(table: Table<'_>, holder: &PyObject, insert: impl Fn(PyObjectRef) -> bool, vm: &VirtualMachine) -> Result<()> {
    let key = |n: i32| -> PyObjectRef { vm.ctx.intern_str(format!("tjit_grown{n}")).to_owned().into() };
    for n in 0..60 {
        let key = key(n);
        let Ok(hash) = key.hash(vm) else { return fail("a str has no hash") };
        let put = if n % 3 == 0 {
            insert(key)
        } else {
            let value = key.clone();
            let is_set = table.layout.value == table.layout.key;
            let key = key.into_raw().as_ptr() as u64;
            let value = if is_set { key } else { value.into_raw().as_ptr() as u64 };
            table.add(hash, key, value)
        };
        if !put {
            return fail("a dict could not be filled");
        }
    }
    for n in 0..60 {
        let key = key(n);
        match vm._contains(holder, &key) {
            Ok(true) => {}
            _ => return fail("a dict does not have what was put into it"),
        }
    }
    if table.used() != 60 || table.pairs().count() != 60 || !matches!(holder.length(vm), Ok(60)) {
        return fail("a dict has not as many keys as were put into it");
    }
    Ok(())
}

/// Where the table of a container is; `content`: in a container that only points to it, that pointer.
pub(super) fn base(container: &PyObject, content: Option<usize>) -> *const u8 {
    let object = std::ptr::from_ref(container).cast::<u8>();
    match content {
        // SAFETY: the offset was found inside sets at start-up; the pointer stays as long as the set.
        Some(content) => unsafe { object.add(content).cast::<*const u8>().read() },
        None => object,
    }
}

impl SetLayout {
    /// The table of an exact set or frozenset.
    #[must_use]
    pub fn table<'a>(&'a self, growth: &'a GrowthLayout, set: &PyObject) -> Table<'a> {
        Table::new(&self.table, growth, base(set, Some(self.content)))
    }
}

impl DictLayout {
    /// The table of an exact dict.
    #[must_use]
    pub fn table<'a>(&'a self, growth: &'a GrowthLayout, dict: &Py<PyDict>) -> Table<'a> {
        Table::new(self, growth, std::ptr::from_ref(dict.as_object()).cast())
    }
}
