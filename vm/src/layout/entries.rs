//! Inside the iterators of dicts, of their views and of sets: what they go through, where they are in it, and what it was like
//! when they were made.
//!
//! ```text
//! iterator  ┌ head ┬ counts of the table when it was made ┬ flags ┬ lock ┬ container ┬ position ┐   (in some order)
//! ```
//!
//! An iterator refuses to go on when the counts of its container's table are others than when it was made. There are four; a
//! word of the iterator that has in all samples been equal to a word of the table is one of them. When the VM has found them to
//! differ, it sets a flag, and never looks again. Between two steps nobody holds the lock.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::PyDict,
    object::SIZEOF_PYOBJECT_HEAD,
    protocol::{PyIter, PyIterReturn},
};

use super::table::base;
use super::{DictLayout, Result, SetLayout, WORD, address, fail, item, only_word, python, run, words};

/// Counts that an iterator remembers: places in the table of indices, entries, entries that are used, places that are.
const COUNTS: usize = 4;
/// Most pairs of a count and a word of the table that is equal to it.
const MOST: usize = 8;

/// Byte offsets in an iterator over the entries of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntriesLayout {
    container: usize,
    position: usize,
    /// The byte that is 1 once the container was found to have changed.
    changed: usize,
    /// A count, and the same in the table. The pairs that are not needed are those before them again.
    counts: [(usize, usize); MOST],
    table: DictLayout,
    /// In a container that only points to its table: that pointer.
    content: Option<usize>,
}

/// An entry that an iterator has come to: the addresses of its key and its value, borrowed from the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key. For sets, the element.
    pub key: u64,
    /// The value. For sets, the element.
    pub value: u64,
}

impl EntriesLayout {
    /// Those of a dict and its views. (The samples have indices and entries that there is another number of room for.)
    pub(super) fn of_dicts(table: DictLayout, vm: &VirtualMachine) -> Result<EntriesLayout> {
        let source = "def state(n):\n    d = {}\n    for k in range((60, 30, 45)[n]):\n        d['tjit', n, k] = k\n\
                      \x20   for k in range(24, (24, 27, 33)[n]):\n        del d['tjit', n, k]\n\
                      \x20   for k in range((0, 0, 7)[n]):\n        d.popitem()\n    return d\n\
                      tables = [state(n) for n in range(3)]\n\
                      other = state(1)\n\
                      iterators = [[f(d) for d in tables + [other]] for f in (iter, lambda d: iter(d.values()), \
                      lambda d: iter(d.items()))]\nother['tjit'] = 1\n";
        let size = SIZEOF_PYOBJECT_HEAD / WORD + size_of::<PyDict>() / WORD;
        Self::discover(source, table, None, size, vm)
    }

    /// Those of sets.
    pub(super) fn of_sets(set: SetLayout, vm: &VirtualMachine) -> Result<EntriesLayout> {
        let source = "def state(n):\n    d = {('tjit', n, k) for k in range((60, 30, 45)[n])}\n\
                      \x20   for k in range(24, (24, 27, 33)[n]):\n        d.remove(('tjit', n, k))\n\
                      \x20   for k in range((0, 0, 7)[n]):\n        d.pop()\n    return d\n\
                      tables = [state(n) for n in range(3)]\n\
                      other = state(1)\n\
                      iterators = [[iter(d) for d in tables + [other]]]\nother.add('tjit')\n";
        let (content, table) = set.parts();
        Self::discover(source, table, Some(content), 2 + size_of::<PyDict>() / WORD, vm)
    }

    fn discover(
        source: &str,
        table: DictLayout,
        content: Option<usize>,
        size: usize,
        vm: &VirtualMachine,
    ) -> Result<EntriesLayout> {
        let scope = run(vm, source)?;
        let list = |object: PyObjectRef| -> Result<Vec<PyObjectRef>> {
            python(object.try_to_value(vm), "a probe's result is no list")
        };
        let tables = list(item(vm, &scope, "tables")?)?;
        let mut found: Option<EntriesLayout> = None;
        for iterators in list(item(vm, &scope, "iterators")?)? {
            let iterators = list(iterators)?;
            let Some((refuses, iterators)) = iterators.split_last() else { return fail("a probe has no iterators") };
            let changed = changed_flag(refuses, vm)?;
            let layout = Self::of_samples(iterators, &tables, changed, table, content, size, vm)?;
            if found.is_some_and(|found| found != layout) {
                return fail("two iterators of dicts or sets differ in where their fields are");
            }
            found = Some(layout);
        }
        found.map_or_else(|| fail("there are no iterators of dicts or sets"), Ok)
    }

    fn of_samples(
        iterators: &[PyObjectRef],
        tables: &[PyObjectRef],
        changed: usize,
        table: DictLayout,
        content: Option<usize>,
        size: usize,
        vm: &VirtualMachine,
    ) -> Result<EntriesLayout> {
        let (mut containers, mut positions, mut of_tables) = (Vec::new(), Vec::new(), Vec::new());
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let length = iterators[0].class().slots.basicsize / WORD;
        for (n, (iterator, container)) in iterators.iter().zip(tables).enumerate() {
            let steps = 11 + 3 * n;
            for _ in 0..steps {
                python(PyIter::new(&**iterator).next(vm), "stepping an iterator")?;
            }
            // SAFETY: an object of this class takes as much.
            let own = unsafe { words(iterator, length) };
            containers.push((own.clone(), address(container)));
            // (Sets have their elements in the order in which they were put in; one may have been removed.)
            positions.push((own, steps as u64));
            let base = base(container, content);
            // SAFETY: callers pass the size of what the table is in.
            of_tables
                .push((0..size).map(|at| unsafe { base.cast::<u64>().add(at).read_volatile() }).collect::<Vec<_>>());
        }
        let container = only_word("what an iterator goes through", &containers, head..length)?;
        let position = only_word("the position of an iterator", &positions, head..length)?;
        let mut counts = Vec::new();
        let mut known = 0;
        // (None of them is 0 in the samples; what is in between the fields may be.)
        let may_count = |at: &usize| {
            ![container, position].contains(&(at * WORD)) && containers.iter().all(|(own, _)| own[*at] != 0)
        };
        for at in (head..length).filter(may_count) {
            let same =
                |place: &usize| containers.iter().zip(&of_tables).all(|((own, _), table)| own[at] == table[*place]);
            let places: Vec<usize> = (0..size).filter(same).collect();
            known += usize::from(!places.is_empty());
            counts.extend(places.into_iter().map(|place| (at * WORD, place * WORD)));
        }
        if known != COUNTS || counts.len() > MOST {
            return fail(format!("an iterator of a dict or set remembers {known} counts"));
        }
        let layout = EntriesLayout {
            container,
            position,
            changed,
            counts: std::array::from_fn(|n| counts[n.min(counts.len() - 1)]),
            table,
            content,
        };
        iterators.iter().try_for_each(|iterator| layout.check(iterator, vm))?;
        Ok(layout)
    }

    /// Steps an iterator by turns with the VM, to its end.
    fn check(&self, iterator: &PyObject, vm: &VirtualMachine) -> Result<()> {
        loop {
            let foreseen = self.peek(iterator).map(|(_, entry)| entry);
            let next = python(PyIter::new(iterator).next(vm), "stepping an iterator")?;
            match (foreseen, next) {
                (Some(entry), PyIterReturn::Return(found)) => {
                    let pair = found.downcast_ref::<rustpython_vm::builtins::PyTuple>();
                    let is_pair = pair.is_some_and(|pair| {
                        matches!(&*pair.as_slice(), [key, value] if [address(key), address(value)] == [entry.key, entry.value])
                    });
                    if !is_pair && ![entry.key, entry.value].contains(&address(&found)) {
                        return fail("an iterator of a dict or set has come to another entry");
                    }
                }
                (None, PyIterReturn::StopIteration(_)) => return Ok(()),
                _ => return fail("an iterator of a dict or set has another number of entries"),
            }
            self.next(iterator);
        }
    }

    fn word(&self, iterator: &PyObject, offset: usize) -> u64 {
        // SAFETY: the offset was found inside such iterators at start-up; only this thread changes the field.
        unsafe { std::ptr::from_ref(iterator).cast::<u8>().add(offset).cast::<u64>().read() }
    }

    /// The table that an iterator goes through, if it can go on.
    fn active(&self, iterator: &PyObject) -> Option<*const u8> {
        // SAFETY: as in `word`.
        if unsafe { std::ptr::from_ref(iterator).cast::<u8>().add(self.changed).read() } != 0 {
            return None;
        }
        // SAFETY: the word is null or the address of the container, which the iterator holds.
        let container = unsafe { (self.word(iterator, self.container) as *const PyObject).as_ref() }?;
        let base = base(container, self.content);
        // SAFETY: the offsets were found inside such tables at start-up.
        let same = |&(own, place): &(usize, usize)| unsafe {
            self.word(iterator, own) == base.add(place).cast::<u64>().read()
        };
        self.counts.iter().all(same).then_some(base)
    }

    /// The next entry, and the position behind it.
    fn peek(&self, iterator: &PyObject) -> Option<(usize, Entry)> {
        let base = self.active(iterator)?;
        let table = &self.table;
        // SAFETY: the offsets were found inside such tables at start-up.
        let word = |offset: usize| unsafe { base.add(offset).cast::<u64>().read() };
        let (entries, count) = (word(table.entries) as *const u8, word(table.len) as usize);
        for at in self.word(iterator, self.position) as usize..count {
            // SAFETY: there are so many entries; key or value is null in those that were removed.
            let [key, value] = [table.key, table.value]
                .map(|offset| unsafe { entries.add(at * table.entry_size + offset).cast::<u64>().read() });
            if key != 0 && value != 0 {
                return Some((at + 1, Entry { key, value }));
            }
        }
        None
    }

    /// Whether an iterator is at its end. `None`: the VM knows.
    pub fn is_at_end(&self, iterator: &PyObject) -> Option<bool> {
        self.active(iterator)?;
        Some(self.peek(iterator).is_none())
    }

    /// Steps an iterator. `None`, and nothing was done: it is at its end, or the VM has something to say about it.
    pub fn next(&self, iterator: &PyObject) -> Option<Entry> {
        let (position, entry) = self.peek(iterator)?;
        // SAFETY: as in `word`; nobody holds the lock.
        unsafe {
            std::ptr::from_ref(iterator).cast_mut().cast::<u8>().add(self.position).cast::<usize>().write(position)
        };
        Some(entry)
    }
}

/// The byte of an iterator that the VM sets when it finds its container changed, as that of this one is.
fn changed_flag(iterator: &PyObject, vm: &VirtualMachine) -> Result<usize> {
    let (head, length) = (SIZEOF_PYOBJECT_HEAD, iterator.class().slots.basicsize);
    // SAFETY: an object of this class takes as much. Volatile, because the VM changes it in between.
    let look = || (head..length).map(|at| unsafe { std::ptr::from_ref(iterator).cast::<u8>().add(at).read_volatile() });
    let before: Vec<u8> = look().collect();
    if PyIter::new(iterator).next(vm).is_ok() {
        return fail("an iterator goes on after its container has changed");
    }
    let flips: Vec<usize> = look().enumerate().filter(|&(n, byte)| byte != before[n]).map(|(n, _)| n).collect();
    match flips[..] {
        [at] if before[at] == 0 => Ok(head + at),
        _ => fail(format!("{} bytes of an iterator change with its container", flips.len())),
    }
}
