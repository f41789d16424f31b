//! Inside a dict: where its entries are, and the stamp of its keys.
//!
//! ```text
//! dict     ┌ head ┬ … ┬ entries { capacity, data, length } ┬ … ┬ stamp:u32 ┐
//!                              │
//!                              └► entry 0: hash, key, index, value (in some order), entry 1, …
//! ```
//!
//! A key stays in its entry until keys are removed or the table grows, so an index into the entries is good as long as
//! the key is found there. The *stamp* is not 0 when the VM has given the present set of keys a number, which no other
//! set of keys ever has; adding or removing a key makes it 0, changing a value does not. So an unchanged stamp tells
//! that a name that was not there is still not there. The VM gives stamps out when it specialises a load of a global
//! name; [`DictLayout::stamped`] has it do that.

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyRef, VirtualMachine,
    builtins::{PyCode, PyDict},
    object::SIZEOF_PYOBJECT_HEAD,
};

use super::{Result, WORD, address, fail, item, only_word, python, run, words};

/// Byte offsets in an exact dict, and in one of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DictLayout {
    /// Pointer to the entries.
    pub entries: usize,
    /// Number of entries, those of removed keys included.
    pub len: usize,
    /// Stamp of the key set (u32), 0 while it has none.
    pub stamp: usize,
    /// Size of an entry.
    pub entry_size: usize,
    /// In an entry: pointer to the key.
    pub key: usize,
    /// In an entry: pointer to the value. Key or value is null when the key was removed.
    pub value: usize,
    /// In an entry: the hash of its key.
    pub hash: usize,
    /// Pointer to the table of indices into the entries.
    pub table: usize,
    /// Number of places in the table, a power of two.
    pub places: usize,
}

/// What a search for a key has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The key is that of this entry.
    At(usize),
    /// The key is not there.
    Absent,
    /// There is a key with the same hash of which only a comparison would tell.
    Unsure,
}

/// A place in the table that was never used.
pub(super) const FREE: i64 = -1;

/// Calls of a function after which the VM has long specialised its only load.
const CALLS: usize = 64;

/// The offset of the dict in its views.
pub(super) fn view_field(vm: &VirtualMachine, head: usize) -> Result<usize> {
    let mut samples = Vec::new();
    for view in ["keys", "values", "items"] {
        let dict: PyObjectRef = vm.ctx.new_dict().into();
        let view = python(vm.call_method(&dict, view, ()), "a view of a dict")?;
        // SAFETY: the payload of a view is this reference.
        samples.push((unsafe { words(&view, head + 1) }, address(&dict)));
    }
    only_word("the dict of a view", &samples, head..head + 1)
}

impl DictLayout {
    /// Finds every offset and checks it.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<DictLayout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let size = head + size_of::<PyDict>() / WORD;
        let mut found = Vec::new();
        for (count, prefix) in [(5, "tjit_a"), (300, "tjit_b")] {
            let sample = Sample::new(count, prefix, vm)?;
            // SAFETY: a PyDict is a head and a payload of this size.
            let words = unsafe { words(sample.dict.as_object(), size) };
            let len =
                only_word("a dict's number of entries", &[(words.clone(), sample.keys.len() as u64)], head..size)?;
            let (entries, [entry_size, key, value]) = sample.entries(&words, head, len)?;
            let hash = sample.hash_field(&words, entries, entry_size, vm)?;
            let (table, places) = sample.table(&words, head)?;
            let layout = DictLayout { entries, len, stamp: 0, entry_size, key, value, hash, table, places };
            sample.check(&layout, vm)?;
            // (It changes the dict.)
            let stamp = stamp_field(&sample.dict, head * WORD..size * WORD, vm)?;
            found.push(DictLayout { stamp, ..layout });
        }
        if found[0] != found[1] {
            return fail("two dicts differ in where their fields are");
        }
        Ok(found[0])
    }

    fn field<T: Copy>(&self, dict: &Py<PyDict>, offset: usize) -> T {
        // SAFETY: the offset was found inside dicts at start-up; only this thread changes the field.
        unsafe { std::ptr::from_ref(dict.as_object()).cast::<u8>().add(offset).cast::<T>().read() }
    }

    /// The index of the entry whose key is this very object. `None` when there is none, or the dict is of a subclass.
    #[must_use]
    pub fn index_of(&self, dict: &Py<PyDict>, name: &PyObject, vm: &VirtualMachine) -> Option<usize> {
        if !dict.class().is(vm.ctx.types.dict_type) {
            return None;
        }
        let entries: *const u8 = self.field(dict, self.entries);
        let name = address(name);
        (0..self.field::<usize>(dict, self.len)).find(|index| {
            // SAFETY: the entry exists; its key and value are words in it.
            let [key, value] = [self.key, self.value]
                .map(|offset| unsafe { entries.add(index * self.entry_size + offset).cast::<u64>().read() });
            key == name && value != 0
        })
    }

    /// Looks for a key in an exact dict as the VM does, but compares keys by `same`, which says `None` when it cannot tell.
    pub fn find(&self, dict: &Py<PyDict>, hash: i64, same: impl FnMut(&PyObject) -> Option<bool>) -> Found {
        self.find_in(std::ptr::from_ref(dict.as_object()).cast(), hash, same)
    }

    /// The same in the table at these offsets from `base`.
    pub(super) fn find_in(&self, base: *const u8, hash: i64, mut same: impl FnMut(&PyObject) -> Option<bool>) -> Found {
        // SAFETY: the offsets were found inside such objects at start-up; only this thread changes the fields.
        let word = |offset: usize| unsafe { base.add(offset).cast::<u64>().read() };
        let table = word(self.table) as *const i64;
        let entries = word(self.entries) as *const u8;
        let mask = word(self.places).wrapping_sub(1) as i64;
        let (mut at, mut perturb) = (hash.wrapping_abs(), hash.wrapping_abs());
        loop {
            // SAFETY: the mask keeps it inside the table.
            let index = unsafe { table.add((at & mask) as usize).read() };
            at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
            perturb >>= 5;
            if index == FREE {
                return Found::Absent;
            }
            let Ok(index) = usize::try_from(index) else { continue };
            // SAFETY: the table has indices of entries; only this thread uses the dict.
            let entry = unsafe { entries.add(index * self.entry_size) };
            // SAFETY: an entry that the table leads to has a key, and its hash.
            let (key, of_key) = unsafe {
                (entry.add(self.key).cast::<*const PyObject>().read(), entry.add(self.hash).cast::<i64>().read())
            };
            // SAFETY: as above.
            if let (true, Some(key)) = (of_key == hash, unsafe { key.as_ref() }) {
                match same(key) {
                    Some(true) => return Found::At(index),
                    Some(false) => {}
                    None => return Found::Unsure,
                }
            }
        }
    }

    /// The key of an entry; `None` when there is no such entry or its key was removed.
    #[must_use]
    pub fn key_at<'a>(&self, dict: &'a Py<PyDict>, index: usize) -> Option<&'a PyObject> {
        if index >= self.count(dict) {
            return None;
        }
        let entries: *const u8 = self.field(dict, self.entries);
        // SAFETY: the entry exists; its key and value are references that it owns, or one of them is null.
        unsafe {
            let word = |offset: usize| entries.add(index * self.entry_size + offset).cast::<*const PyObject>().read();
            word(self.value).as_ref()?;
            word(self.key).as_ref()
        }
    }

    /// The value of an entry.
    ///
    /// # Panics
    /// When there is no such entry.
    #[must_use]
    pub fn value_at<'a>(&self, dict: &'a Py<PyDict>, index: usize) -> &'a PyObject {
        assert!(index < self.count(dict), "a dict has no entry {index}");
        let entries: *const u8 = self.field(dict, self.entries);
        // SAFETY: the entry exists, and its value is a reference that it owns.
        unsafe {
            let value = entries.add(index * self.entry_size + self.value).cast::<*const PyObject>().read();
            &*value
        }
    }

    /// Puts a value into the entry of an index, which has one. Gives the old one.
    ///
    /// # Panics
    /// When there is no such entry.
    pub fn replace(&self, dict: &Py<PyDict>, index: usize, value: PyObjectRef) -> PyObjectRef {
        assert!(index < self.count(dict), "a dict has no entry {index}");
        let entries: *mut u8 = self.field(dict, self.entries);
        // SAFETY: the entry exists, and its value is an owned reference; only this thread uses the dict.
        unsafe {
            let slot = entries.add(index * self.entry_size + self.value).cast::<*mut PyObject>();
            let old = slot.replace(value.into_raw().as_ptr());
            PyObjectRef::from_raw(std::ptr::NonNull::new_unchecked(old))
        }
    }

    /// How many entries an exact dict has, those of removed keys included.
    #[must_use]
    pub fn count(&self, dict: &Py<PyDict>) -> usize {
        self.field(dict, self.len)
    }

    /// The stamp of a dict's keys; 0 when they have none.
    #[must_use]
    pub fn stamp(&self, dict: &Py<PyDict>) -> u32 {
        self.field(dict, self.stamp)
    }

    /// Has the VM give the keys of a dict a stamp, if it can be had. It runs a Python function that does nothing, so the
    /// frames of the program must be in order.
    pub fn stamped(&self, dict: &Py<PyDict>, vm: &VirtualMachine) -> u32 {
        specialise(dict, vm, || self.stamp(dict) != 0);
        self.stamp(dict)
    }
}

/// Calls a function whose globals are this dict until `done`.
fn specialise(dict: &Py<PyDict>, vm: &VirtualMachine, done: impl Fn() -> bool) {
    if done() {
        return;
    }
    // A new function each time: it counts its calls from the beginning.
    let Ok(code) = probe(vm) else { return };
    let globals: PyObjectRef = dict.to_owned().into();
    let Ok(function) = vm.ctx.types.function_type.as_object().call((code, globals), vm) else { return };
    for _ in 0..CALLS {
        // That the name is not bound is no matter: the load was specialised before it was looked up.
        let _ = function.call((), vm);
        if done() {
            return;
        }
    }
}

/// The code of a function that loads a builtin name.
fn probe(vm: &VirtualMachine) -> Result<PyRef<PyCode>> {
    let scope = run(vm, "def f():\n    return len\n")?;
    let code = python(item(vm, &scope, "f")?.get_attr("__code__", vm), "reading __code__")?;
    code.downcast::<PyCode>().or_else(|_| fail("__code__ is no code object"))
}

/// A dict whose entries are known.
struct Sample {
    dict: PyRef<PyDict>,
    /// What each entry has: the key and the value; `None` where the key was removed.
    keys: Vec<Option<(PyObjectRef, PyObjectRef)>>,
}

impl Sample {
    /// Inserts `count` keys, removes the second, and inserts another: so there is one entry more than there are keys.
    fn new(count: usize, prefix: &str, vm: &VirtualMachine) -> Result<Sample> {
        let dict = vm.ctx.new_dict();
        let mut keys = Vec::new();
        let insert = |n: usize| -> Result<(PyObjectRef, PyObjectRef)> {
            let key: PyObjectRef = vm.ctx.intern_str(format!("{prefix}{n}")).to_owned().into();
            let value: PyObjectRef = vm.ctx.new_float(n as f64 + 0.5).into();
            python(dict.set_item(&*key, value.clone(), vm), "filling a dict")?;
            Ok((key, value))
        };
        for n in 0..count {
            keys.push(Some(insert(n)?));
        }
        if let Some((key, _)) = keys[1].take() {
            python(dict.del_item(&*key, vm), "emptying a dict")?;
        }
        keys.push(Some(insert(1)?));
        Ok(Sample { dict, keys })
    }

    /// The offset in an entry of its key's hash.
    fn hash_field(&self, words: &[u64], entries: usize, size: usize, vm: &VirtualMachine) -> Result<usize> {
        let first = words[entries / WORD] as *const u64;
        let mut known: Option<Vec<usize>> = None;
        for (n, entry) in self.keys.iter().enumerate() {
            let Some((key, _)) = entry else { continue };
            let hash = python(key.hash(vm), "hashing")? as u64;
            // SAFETY: the entry is inside the vector of entries.
            let word = |index: usize| unsafe { first.add(n * size / WORD + index).read_volatile() };
            let here = (0..size / WORD).filter(|&index| word(index) == hash);
            known = Some(match known {
                None => here.collect(),
                Some(known) => here.filter(|index| known.contains(index)).collect(),
            });
        }
        match known.as_deref() {
            Some(&[index]) => Ok(index * WORD),
            other => fail(format!("the hash in an entry of a dict is at {other:?}")),
        }
    }

    /// The offsets of the pointer to the table of indices and of its length.
    fn table(&self, words: &[u64], head: usize) -> Result<(usize, usize)> {
        index_table(words, head, self.keys.len(), self.keys.iter().flatten().count())
    }

    /// Looks every key up.
    fn check(&self, layout: &DictLayout, vm: &VirtualMachine) -> Result<()> {
        for (n, entry) in self.keys.iter().enumerate() {
            let Some((key, _)) = entry else { continue };
            let hash = python(key.hash(vm), "hashing")?;
            if layout.find(&self.dict, hash, |other| Some(other.is(key))) != Found::At(n) {
                return fail("a key of a dict was not found where it is");
            }
        }
        let absent: PyObjectRef = vm.ctx.intern_str("tjit_absent").to_owned().into();
        let hash = python(absent.hash(vm), "hashing")?;
        match layout.find(&self.dict, hash, |other| Some(other.is(&absent))) {
            Found::Absent => Ok(()),
            other => fail(format!("a key that is not in a dict was found: {other:?}")),
        }
    }

    /// The offset of the pointer to the entries, and the size of an entry with the offsets of key and value in it.
    fn entries(&self, words: &[u64], head: usize, len: usize) -> Result<(usize, [usize; 3])> {
        let mut found = Vec::new();
        // Pointer, capacity and length of a vector are side by side, in an order that is not known. No heap pointer has a
        // low half that is all zeros, but the word of a stamp that was not given out may: its other half is padding.
        let near = (len / WORD).saturating_sub(2).max(head)..=len / WORD + 2;
        for (n, &pointer) in words.iter().enumerate().filter(|(n, _)| near.contains(n)) {
            let is_pointer = (0x10000..=u64::MAX >> 16).contains(&pointer) && pointer % WORD as u64 == 0;
            if !is_pointer || pointer as u32 == 0 {
                continue;
            }
            // SAFETY: of a dict's words, counts, capacities and the lock are small, and the stamp was excluded; what is left
            // points to the table of indices or to the entries, both of which have at least eight words.
            let first: [u64; 8] = unsafe { (pointer as *const [u64; 8]).read_volatile() };
            let at = |object: &PyObject| first.iter().position(|&word| word == address(object));
            // The second entry is of a removed key: the third tells the size.
            let (Some((key, value)), Some((next, _))) = (&self.keys[0], &self.keys[2]) else { continue };
            let (Some(key), Some(value)) = (at(key), at(value)) else { continue };
            // SAFETY: as soon as the first entry is there, this is the vector of entries, and it has more than five.
            let word = |index: usize| unsafe { (pointer as *const u64).add(index).read_volatile() };
            let Some(size) = (2..=8).find(|size| word(2 * size + key) == address(next)) else { continue };
            let all = self.keys.iter().enumerate().all(|(n, entry)| {
                let (k, v) = (word(n * size + key), word(n * size + value));
                match entry {
                    Some((key, value)) => k == address(key) && v == address(value),
                    None => k == 0 || v == 0,
                }
            });
            if all {
                found.push((n * WORD, [size * WORD, key * WORD, value * WORD]));
            }
        }
        match found[..] {
            [only] => Ok(only),
            [] => fail("a dict's entries are nowhere"),
            _ => fail("a dict's entries could be in several places"),
        }
    }
}

/// The offsets of the pointer to a table of indices and of its length, among the words of what has it.
pub(super) fn index_table(words: &[u64], head: usize, entries: usize, used: usize) -> Result<(usize, usize)> {
    let mut found = Vec::new();
    for places in head..words.len() {
        let length = words[places];
        if !length.is_power_of_two() || length < entries as u64 || length > 4096 {
            continue;
        }
        // The parts of a vector are side by side. The table is as large as its capacity, so either will do.
        let first = places.saturating_sub(1).max(head);
        for (pointer, &address) in words.iter().enumerate().take(places + 2).skip(first) {
            let is_pointer = (0x10000..=u64::MAX >> 16).contains(&address) && address.is_multiple_of(8);
            if !is_pointer || address as u32 == 0 {
                continue;
            }
            // SAFETY: beside a length is a vector's pointer, to so many words at least, as entries are larger.
            let table = unsafe { std::slice::from_raw_parts(address as *const i64, length as usize) };
            let indices = table.iter().filter(|&&index| index >= 0).count();
            if indices == used && table.iter().all(|&index| (-2..entries as i64).contains(&index)) {
                found.push((pointer * WORD, places * WORD));
            }
        }
    }
    match found[..] {
        [(pointer, places)] => Ok((pointer, places)),
        [(pointer, _), (other, places)] if pointer == other => Ok((pointer, places)),
        _ => fail(format!("the table of a dict is at {found:?}")),
    }
}

/// The offset of the stamp: 0 until the VM has specialised a load, kept when a value changes, 0 when a key is new.
fn stamp_field(dict: &Py<PyDict>, range: std::ops::Range<usize>, vm: &VirtualMachine) -> Result<usize> {
    let read = || -> Vec<u32> {
        let word = |offset: usize| {
            // SAFETY: the range is inside the dict.
            unsafe { std::ptr::from_ref(dict.as_object()).cast::<u8>().add(offset).cast::<u32>().read_volatile() }
        };
        range.clone().step_by(4).map(word).collect()
    };
    let set = |key: &str| {
        let key = vm.ctx.new_str(key);
        python(dict.set_item(key.as_object(), vm.ctx.none(), vm), "filling a dict")
    };
    set("tjit_first")?;
    let fresh = read();
    let different = |from: &[u32]| read().iter().zip(from).any(|(now, before)| now != before);
    specialise(dict, vm, || different(&fresh));
    let first = read();
    set("tjit_first")?;
    let same_keys = read();
    set("tjit_second")?;
    let other_keys = read();
    specialise(dict, vm, || different(&other_keys));
    let second = read();
    let found: Vec<usize> = (0..fresh.len())
        .filter(|&n| {
            [fresh[n], other_keys[n]] == [0, 0]
                && first[n] != 0
                && same_keys[n] == first[n]
                && ![0, first[n]].contains(&second[n])
        })
        .collect();
    match found[..] {
        [n] => Ok(range.start + 4 * n),
        [] => fail("the stamp of a dict's keys is nowhere"),
        _ => fail(format!("the stamp of a dict's keys could be in {} places", found.len())),
    }
}
