//! Inside a set: a pointer to a table like that of a dict, whose entries have no values.
//!
//! ```text
//! set      ┌ head ┬ pointer ┐
//!                      └► counts, … entries { capacity, data, length } … table { capacity, data, length } …
//! ```

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, PyPayload, PyRef, VirtualMachine,
    builtins::{PyDict, PySet},
    object::SIZEOF_PYOBJECT_HEAD,
};

use super::dict::Found;
use super::{DictLayout, Result, WORD, address, fail, only_word, python, words};

/// Where a set's table is. Frozen sets have it at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetLayout {
    /// In the set: pointer to what has the table.
    pub(super) content: usize,
    /// The table, relative to that pointer. There are no values and no stamp.
    pub(super) table: DictLayout,
}

impl SetLayout {
    /// Finds every offset and checks it.
    pub(super) fn discover(vm: &VirtualMachine) -> Result<SetLayout> {
        let content = SIZEOF_PYOBJECT_HEAD;
        if size_of::<PySet>() != WORD {
            return fail("a set is more than a pointer");
        }
        let mut found = Vec::new();
        for (count, prefix) in [(300, "tjit_s"), (200, "tjit_t")] {
            let sample = Sample::new(count, prefix, vm)?;
            let layout = SetLayout { content, table: sample.table(content, vm)? };
            sample.check(&layout, vm)?;
            found.push(layout);
        }
        if found[0] != found[1] {
            return fail("two sets differ in where their fields are");
        }
        Ok(found[0])
    }

    /// The offset of the pointer to the table, and the table.
    pub(super) fn parts(&self) -> (usize, DictLayout) {
        (self.content, self.table)
    }

    /// Looks for an element of an exact set or frozenset as the VM does, but compares elements by `same`, which says `None`
    /// when it cannot tell.
    pub fn find(&self, set: &PyObject, hash: i64, same: impl FnMut(&PyObject) -> Option<bool>) -> Found {
        // SAFETY: the offset was found inside sets at start-up; the pointer stays as long as the set.
        let content = unsafe { std::ptr::from_ref(set).cast::<u8>().add(self.content).cast::<*const u8>().read() };
        self.table.find_in(content, hash, same)
    }
}

/// A set whose entries are known.
struct Sample {
    set: PyRef<PySet>,
    /// What each entry has; `None` where the element was removed.
    keys: Vec<Option<PyObjectRef>>,
}

impl Sample {
    fn new(count: usize, prefix: &str, vm: &VirtualMachine) -> Result<Sample> {
        let set = PySet::default().into_ref(&vm.ctx);
        let mut keys = Vec::new();
        for n in 0..count {
            let key: PyObjectRef = vm.ctx.intern_str(format!("{prefix}{n}")).to_owned().into();
            python(set.add(key.clone(), vm), "filling a set")?;
            keys.push(Some(key));
        }
        if let Some(key) = keys[1].take() {
            python(set.discard(key.clone(), vm), "emptying a set")?;
            python(set.add(key.clone(), vm), "filling a set")?;
            keys.push(Some(key));
        }
        Ok(Sample { set, keys })
    }

    fn table(&self, content: usize, vm: &VirtualMachine) -> Result<DictLayout> {
        // SAFETY: a set is a head and a pointer.
        let pointer = unsafe { words(self.set.as_object(), content / WORD + 1) }[content / WORD];
        // Two counts, and what a dict's payload has, which only differs in what its vectors point to.
        let size = 2 + size_of::<PyDict>() / WORD;
        // SAFETY: the pointer leads to that.
        let block: Vec<u64> = (0..size).map(|n| unsafe { (pointer as *const u64).add(n).read_volatile() }).collect();
        let len = only_word("a set's number of entries", &[(block.clone(), self.keys.len() as u64)], 2..size)?;
        let (Some(first), Some(third)) = (&self.keys[0], &self.keys[2]) else { return fail("a set lost an element") };
        let hash = python(first.hash(vm), "hashing")? as u64;
        let mut found = Vec::new();
        let near = (len / WORD).saturating_sub(2)..=(len / WORD + 2).min(size - 1);
        for at in near.filter(|&at| is_pointer(block[at])) {
            // SAFETY: beside a vector's length is a pointer to hundreds of words, be they entries or indices.
            let word = |index: usize| unsafe { (block[at] as *const u64).add(index).read_volatile() };
            for entry in 3..=4 {
                let position = |wanted: u64| (0..entry).find(|&n| word(n) == wanted);
                let (Some(key), Some(hash)) = (position(address(first)), position(hash)) else { continue };
                if word(2 * entry + key) == address(third) {
                    found.push((at * WORD, entry * WORD, key * WORD, hash * WORD));
                }
            }
        }
        let [(entries, entry_size, key, hash)] = found[..] else { return fail("a set's entries are not found") };
        let (table, places) = super::dict::index_table(&block, 2, self.keys.len(), self.keys.iter().flatten().count())?;
        Ok(DictLayout { entries, len, stamp: 0, entry_size, key, value: key, hash, table, places })
    }

    fn check(&self, layout: &SetLayout, vm: &VirtualMachine) -> Result<()> {
        for (n, key) in self.keys.iter().enumerate() {
            let Some(key) = key else { continue };
            let hash = python(key.hash(vm), "hashing")?;
            if layout.find(self.set.as_object(), hash, |other| Some(other.is(key))) != Found::At(n) {
                return fail("an element of a set was not found where it is");
            }
        }
        let absent: PyObjectRef = vm.ctx.intern_str("tjit_absent").to_owned().into();
        let hash = python(absent.hash(vm), "hashing")?;
        match layout.find(self.set.as_object(), hash, |other| Some(other.is(&absent))) {
            Found::Absent => self.check_frozen(layout, vm),
            other => fail(format!("an element that is not in a set was found: {other:?}")),
        }
    }

    fn check_frozen(&self, layout: &SetLayout, vm: &VirtualMachine) -> Result<()> {
        let elements: PyObjectRef = vm.ctx.new_list(self.keys.iter().flatten().cloned().collect()).into();
        let class: &Py<_> = vm.ctx.types.frozenset_type;
        let frozen = python(class.as_object().call((elements,), vm), "making a frozenset")?;
        // SAFETY: a frozenset has at least as many words as a set.
        let pointer = unsafe { words(&frozen, layout.content / WORD + 1) }[layout.content / WORD];
        if !is_pointer(pointer) {
            return fail("a frozenset is no set");
        }
        for key in self.keys.iter().flatten() {
            let hash = python(key.hash(vm), "hashing")?;
            if !matches!(layout.find(&frozen, hash, |other| Some(other.is(key))), Found::At(_)) {
                return fail("an element of a frozenset was not found");
            }
        }
        Ok(())
    }
}

fn is_pointer(word: u64) -> bool {
    (0x10000..=u64::MAX >> 16).contains(&word) && word.is_multiple_of(WORD as u64) && word as u32 != 0
}
