//! Inside an `operator.itemgetter`: what it asks for.
//!
//! ```text
//! getter  ┌ head ┬ items { capacity, data, length } ┐   (in some order)
//! ```

use rustpython_vm::{PyObject, PyObjectRef, VirtualMachine, object::SIZEOF_PYOBJECT_HEAD};

use super::table::vector_parts;
use super::{Result, WORD, address, fail, python, words};

/// Byte offsets in a getter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetterLayout {
    data: usize,
    len: usize,
}

impl GetterLayout {
    /// Finds every offset in getters of this class, which has to be the VM's, and checks it.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<GetterLayout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let [capacity, data, len] = vector_parts()?;
        for count in [1, 5] {
            let items: Vec<PyObjectRef> = (0..count).map(|n| vm.ctx.new_float(f64::from(n)).into()).collect();
            let getter = python(class.call(items.clone(), vm), "making a getter")?;
            // (Its class does not say how large it is. The items are all that such an object has.)
            // SAFETY: a vector is three words, in which nothing is looked at but whether it is this one.
            let found = unsafe { words(&getter, head + 3) };
            let has = |part: usize, wanted: usize| found[head + part] == wanted as u64;
            let fits = has(len, items.len()) && found[head + capacity] >= items.len() as u64;
            if !fits || found[head + data] < 0x10000 || !found[head + data].is_multiple_of(WORD as u64) {
                return fail("a getter has no vector");
            }
            let layout = GetterLayout { data: (head + data) * WORD, len: (head + len) * WORD };
            if !layout.items(&getter).iter().copied().eq(items.iter().map(|item| address(item))) {
                return fail("a getter asks for something else");
            }
        }
        Ok(GetterLayout { data: (head + data) * WORD, len: (head + len) * WORD })
    }

    /// What a getter asks for, as addresses. It never changes.
    #[must_use]
    pub fn items<'a>(&self, getter: &'a PyObject) -> &'a [u64] {
        let object = std::ptr::from_ref(getter).cast::<u8>();
        // SAFETY: callers pass getters, in which the offsets were found; references are words.
        unsafe {
            let word = |offset: usize| object.add(offset).cast::<u64>().read();
            std::slice::from_raw_parts(word(self.data) as *const u64, word(self.len) as usize)
        }
    }
}
