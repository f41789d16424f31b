//! Inside a deque: a ring of elements, its limit, and how often it was changed.
//!
//! ```text
//! deque  ┌ head ┬ lock ┬ ring { capacity, data, first, length } ┬ limit: there is one, how many ┬ changes ┐   (in some order)
//! ```

use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine, object::SIZEOF_PYOBJECT_HEAD};

use super::{Result, WORD, address, fail, flag_of_limit, only_word, python, words};

/// Byte offsets in an exact deque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DequeLayout {
    capacity: usize,
    data: usize,
    first: usize,
    len: usize,
    changes: usize,
    /// 0 in a deque without a limit.
    limit: usize,
}

/// At which end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// In front.
    Left,
    /// Behind.
    Right,
}

impl DequeLayout {
    /// Finds every offset in deques of this class, which has to be the builtin one, and checks it. Runs no Python code.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<DequeLayout> {
        let made = |limit: Option<PyObjectRef>, appended: usize, taken: usize| -> Result<PyObjectRef> {
            let none: PyObjectRef = vm.ctx.new_tuple(Vec::new()).into();
            let deque = match limit {
                Some(limit) => class.call((none, limit), vm),
                None => class.call((), vm),
            };
            let deque = python(deque, "making a deque")?;
            for n in 0..appended {
                let element: PyObjectRef = vm.ctx.new_float(n as f64).into();
                python(vm.call_method(&deque, "append", (element,)), "a method of a deque")?;
            }
            for _ in 0..taken {
                python(vm.call_method(&deque, "popleft", ()), "a method of a deque")?;
            }
            Ok(deque)
        };
        let (a, b, c) = (made(None, 4, 2)?, made(Some(vm.ctx.new_int(77).into()), 0, 0)?, made(None, 23, 9)?);
        let length = a.class().slots.basicsize / WORD;
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        // SAFETY: an object of this class takes as much.
        let look = |object: &PyObject| unsafe { words(object, length) };
        let (of_a, of_c) = (look(&a), look(&c));
        let len = only_word("a deque's length", &[(of_a.clone(), 2), (of_c.clone(), 14), (look(&b), 0)], head..length);
        let changes = only_word("a deque's changes", &[(of_a.clone(), 6), (of_c.clone(), 32)], head..length)?;
        let first = only_word("where a deque begins", &[(of_a.clone(), 2), (of_c.clone(), 9)], head..length);
        let (len, first) = (len?, first?);
        let without = [of_a.clone(), of_c.clone()];
        let limit = flag_of_limit("a deque", (&look(&b), 77), &without, head..length)?;
        let capacities: Vec<usize> = (head..length).filter(|&at| of_a[at] == 4 && of_c[at] == 32).collect();
        let [capacity] = capacities[..] else { return fail("a deque's capacity is not found") };
        let element = item_at(&c, 0, vm)?;
        let wanted = address(&element);
        let is_data = |&at: &usize| {
            let word = of_c[at];
            let pointer = (0x10000..=u64::MAX >> 16).contains(&word) && word.is_multiple_of(8) && word as u32 != 0;
            // SAFETY: what looks like a pointer in a deque without a limit or a dict of its own is that of its ring, which has
            // 32 places.
            pointer && at.abs_diff(capacity) <= 3 && unsafe { (word as *const u64).add(9).read_volatile() } == wanted
        };
        let data: Vec<usize> = (head..length).filter(is_data).collect();
        let [data] = data[..] else { return fail("a deque's ring is not found") };
        let layout = DequeLayout { capacity: capacity * WORD, data: data * WORD, first, len, changes, limit };
        layout.check(&c, vm)?;
        Ok(layout)
    }

    /// Adds and takes elements by turns with the VM.
    fn check(&self, deque: &PyObject, vm: &VirtualMachine) -> Result<()> {
        let call = |name: &str, arg: Option<PyObjectRef>| {
            let name = vm.ctx.intern_str(name);
            let done = match arg {
                Some(arg) => vm.call_method(deque, name.as_str(), (arg,)),
                None => vm.call_method(deque, name.as_str(), ()),
            };
            python(done, "a method of a deque")
        };
        for n in 0..40_i64 {
            let element: PyObjectRef = vm.ctx.new_float(n as f64).into();
            let (end, index) = if n % 3 == 0 { (End::Left, 0) } else { (End::Right, -1) };
            let raw = element.clone().into_raw().as_ptr() as u64;
            if !self.push(deque, end, raw) {
                // SAFETY: the reference that was not taken.
                drop(unsafe { PyObjectRef::from_raw(std::ptr::NonNull::new_unchecked(raw as *mut PyObject)) });
                call(if end == End::Left { "appendleft" } else { "append" }, Some(element.clone()))?;
            }
            if !item_at(deque, index, vm)?.is(&element) {
                return fail("a deque does not have what was put into it");
            }
            let taken = if n % 4 == 0 { call("popleft", None)? } else { vm.ctx.none() };
            if n % 5 == 0 {
                let first = item_at(deque, 0, vm)?;
                let popped = self.pop(deque, End::Left);
                if popped != Some(address(&first)) || first.is(&taken) {
                    return fail("a deque begins with something else");
                }
                // SAFETY: the deque's reference.
                drop(unsafe {
                    PyObjectRef::from_raw(std::ptr::NonNull::new_unchecked(address(&first) as *mut PyObject))
                });
            }
        }
        match deque.length(vm) {
            Ok(length) if length == self.len(deque) => Ok(()),
            _ => fail("a deque has another length"),
        }
    }

    fn field(deque: &PyObject, offset: usize) -> *mut u64 {
        std::ptr::from_ref(deque).cast_mut().cast::<u8>().wrapping_add(offset).cast()
    }

    fn get(deque: &PyObject, offset: usize) -> u64 {
        // SAFETY: the offset was found inside deques at start-up; only this thread changes the field.
        unsafe { Self::field(deque, offset).read() }
    }

    fn set(deque: &PyObject, offset: usize, value: u64) {
        // SAFETY: as above.
        unsafe { Self::field(deque, offset).write(value) }
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self, deque: &PyObject) -> usize {
        Self::get(deque, self.len) as usize
    }

    /// The place of an element in memory, counted from the first, or one behind the last.
    fn place(&self, deque: &PyObject, index: usize) -> *mut u64 {
        let capacity = Self::get(deque, self.capacity) as usize;
        let at = Self::get(deque, self.first) as usize + index;
        let at = if at >= capacity { at - capacity } else { at };
        (Self::get(deque, self.data) as *mut u64).wrapping_add(at)
    }

    /// An element, borrowed.
    #[must_use]
    pub fn element(&self, deque: &PyObject, index: usize) -> Option<u64> {
        // SAFETY: the element exists.
        (index < self.len(deque)).then(|| unsafe { self.place(deque, index).read() })
    }

    /// Whether there is a limit to how many elements it may have.
    #[must_use]
    pub fn is_limited(&self, deque: &PyObject) -> bool {
        Self::get(deque, self.limit) != 0
    }

    fn count_change(&self, deque: &PyObject) {
        Self::set(deque, self.changes, Self::get(deque, self.changes).wrapping_add(1));
    }

    /// Adds an element, whose reference it takes. False, and nothing was done: there is no room, or a limit.
    #[must_use]
    pub fn push(&self, deque: &PyObject, end: End, element: u64) -> bool {
        let (len, capacity) = (self.len(deque), Self::get(deque, self.capacity) as usize);
        if len == capacity || self.is_limited(deque) {
            return false;
        }
        if end == End::Left {
            let first = Self::get(deque, self.first) as usize;
            Self::set(deque, self.first, if first == 0 { capacity - 1 } else { first - 1 } as u64);
        }
        let index = if end == End::Left { 0 } else { len };
        // SAFETY: there is room for one more in the ring.
        unsafe { self.place(deque, index).write(element) };
        Self::set(deque, self.len, len as u64 + 1);
        self.count_change(deque);
        true
    }

    /// Takes an element out, with its reference. `None`: there is none.
    #[must_use]
    pub fn pop(&self, deque: &PyObject, end: End) -> Option<u64> {
        let len = self.len(deque);
        let element = self.element(deque, if end == End::Left { 0 } else { len.checked_sub(1)? })?;
        if end == End::Left {
            let (first, capacity) = (Self::get(deque, self.first) + 1, Self::get(deque, self.capacity));
            Self::set(deque, self.first, if first >= capacity { first - capacity } else { first });
        }
        Self::set(deque, self.len, len as u64 - 1);
        self.count_change(deque);
        Some(element)
    }
}

/// An item at one of the ends, by its index.
fn item_at(deque: &PyObject, index: i64, vm: &VirtualMachine) -> Result<PyObjectRef> {
    let index: PyObjectRef = vm.ctx.new_int(index).into();
    python(deque.get_item(&*index, vm), "an item of a deque")
}
