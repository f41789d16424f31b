//! Inside an `array.array`: numbers without objects, in a vector whose type the typecode says.
//!
//! ```text
//! array  ┌ head ┬ lock ┬ which type, { capacity, data, length } ┬ exports ┐   (in some order)
//! ```

use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine, builtins::PyTuple, object::SIZEOF_PYOBJECT_HEAD};

use super::{Result, WORD, fail, only_word, python, words};

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Ints of so many bytes.
    Signed(usize),
    /// Ints of so many bytes that are not negative.
    Unsigned(usize),
    /// Floats of so many bytes.
    Float(usize),
}

/// The typecodes of arrays of numbers, with what they mean on this platform.
const TYPECODES: [(&str, Element); 12] = [
    ("b", Element::Signed(size_of::<i8>())),
    ("B", Element::Unsigned(size_of::<u8>())),
    ("h", Element::Signed(size_of::<std::ffi::c_short>())),
    ("H", Element::Unsigned(size_of::<std::ffi::c_ushort>())),
    ("i", Element::Signed(size_of::<std::ffi::c_int>())),
    ("I", Element::Unsigned(size_of::<std::ffi::c_uint>())),
    ("l", Element::Signed(size_of::<std::ffi::c_long>())),
    ("L", Element::Unsigned(size_of::<std::ffi::c_ulong>())),
    ("q", Element::Signed(size_of::<i64>())),
    ("Q", Element::Unsigned(size_of::<u64>())),
    ("f", Element::Float(size_of::<f32>())),
    ("d", Element::Float(size_of::<f64>())),
];

/// Byte offsets in an exact array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayLayout {
    data: usize,
    len: usize,
    /// The byte that says which type the elements have.
    kind: usize,
    /// What it is for each of [`TYPECODES`].
    kinds: [u8; TYPECODES.len()],
}

impl ArrayLayout {
    /// Finds every offset in arrays of this class, which has to be the builtin one, and checks it. Runs no Python code.
    ///
    /// # Errors
    /// [`super::LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(class: &PyObject, vm: &VirtualMachine) -> Result<ArrayLayout> {
        let made = |typecode: &str, count: i64| -> Result<PyObjectRef> {
            let numbers: Vec<PyObjectRef> = (0..count).map(|n| vm.ctx.new_int(n + 3).into()).collect();
            let numbers: PyObjectRef = vm.ctx.new_list(numbers).into();
            let typecode: PyObjectRef = vm.ctx.new_str(typecode).into();
            python(class.call((typecode, numbers), vm), "making an array")
        };
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let (mut data, mut len, mut arrays) = (Vec::new(), Vec::new(), Vec::new());
        let mut size = 0;
        for (typecode, _) in TYPECODES {
            for count in [41, 107] {
                let array = made(typecode, count)?;
                size = array.class().slots.basicsize / WORD;
                // SAFETY: an object of this class takes as much.
                let words = unsafe { words(&array, size) };
                let info = python(vm.call_method(&array, "buffer_info", ()), "asking where an array is")?;
                let parts = info.downcast_ref::<PyTuple>().map(|info| info.as_slice().to_vec()).unwrap_or_default();
                let Some(at) = parts.first().and_then(|at| at.clone().try_into_value::<usize>(vm).ok()) else {
                    return fail("an array does not say where it is");
                };
                data.push((words.clone(), at as u64));
                len.push((words, count as u64));
                arrays.push(array);
            }
        }
        let bytes = |n: usize| -> Vec<u8> { data[n].0.iter().flat_map(|word| word.to_le_bytes()).collect() };
        let all: Vec<Vec<u8>> = (0..data.len()).map(bytes).collect();
        let tells = |&at: &usize| {
            let pairs = all.chunks(2).map(|pair| (pair[0][at], pair[1][at]));
            let mut seen: Vec<u8> = pairs.clone().map(|(one, _)| one).collect();
            seen.sort_unstable();
            seen.dedup();
            pairs.clone().all(|(one, other)| one == other) && seen.len() == TYPECODES.len()
        };
        let found: Vec<usize> = (head * WORD..size * WORD).filter(tells).collect();
        let [kind] = found[..] else { return fail(format!("the type of an array's elements could be at {found:?}")) };
        let mut kinds = [0; TYPECODES.len()];
        kinds.iter_mut().zip(all.chunks(2)).for_each(|(is, pair)| *is = pair[0][kind]);
        let layout = ArrayLayout {
            data: only_word("an array's data", &data, head..size)?,
            len: only_word("an array's length", &len, head..size)?,
            kind,
            kinds,
        };
        arrays.iter().try_for_each(|array| layout.check(array, vm)).map(|()| layout)
    }

    /// Reads and writes an element by turns with the VM.
    fn check(&self, array: &PyObject, vm: &VirtualMachine) -> Result<()> {
        let different = || fail("an array does not have what was put into it");
        let Some(element) = self.element(array) else { return fail("an array of numbers says that it is of others") };
        let (first, last) = (0, self.len(array) - 1);
        let index = |n: usize| -> PyObjectRef { vm.ctx.new_int(n).into() };
        if python(array.length(vm), "the length of an array")? != last + 1 {
            return fail("an array has another length");
        }
        let float = matches!(element, Element::Float(_));
        let new: PyObjectRef = if float { vm.ctx.new_float(2.5).into() } else { vm.ctx.new_int(77).into() };
        python(array.set_item(&*index(first), new, vm), "setting an item of an array")?;
        let read = match float {
            true => self.float(array, first) == Some(2.5) && self.float(array, last) == Some((last + 3) as f64),
            false => self.int(array, first) == Some(77) && self.int(array, last) == Some(last as i64 + 3),
        };
        let written = if float { self.set_float(array, last, 3.5) } else { self.set_int(array, last, 78) };
        let item = python(array.get_item(&*index(last), vm), "an item of an array")?;
        let is = match float {
            true => item.try_into_value::<f64>(vm).is_ok_and(|item| item == 3.5),
            false => item.try_into_value::<i64>(vm).is_ok_and(|item| item == 78),
        };
        if read && written.is_some() && is && self.place(array, last + 1, 1).is_none() { Ok(()) } else { different() }
    }

    fn word(array: &PyObject, offset: usize) -> u64 {
        // SAFETY: the offset was found inside arrays; only this thread changes the field.
        unsafe { std::ptr::from_ref(array).cast::<u8>().add(offset).cast::<u64>().read() }
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self, array: &PyObject) -> usize {
        Self::word(array, self.len) as usize
    }

    /// What its elements are. `None`: no numbers.
    #[must_use]
    pub fn element(&self, array: &PyObject) -> Option<Element> {
        // SAFETY: as above.
        let kind = unsafe { std::ptr::from_ref(array).cast::<u8>().add(self.kind).read() };
        let at = self.kinds.iter().position(|known| *known == kind)?;
        Some(TYPECODES[at].1)
    }

    /// Where an element of so many bytes is. `None`: there are not so many.
    fn place(&self, array: &PyObject, index: usize, bytes: usize) -> Option<*mut u8> {
        (index < self.len(array)).then(|| (Self::word(array, self.data) as *mut u8).wrapping_add(index * bytes))
    }

    /// An element of an array of ints. `None`: there is none, or it does not fit.
    #[must_use]
    pub fn int(&self, array: &PyObject, index: usize) -> Option<i64> {
        let element = self.element(array)?;
        let (Element::Signed(bytes) | Element::Unsigned(bytes)) = element else { return None };
        let place = self.place(array, index, bytes)?;
        // SAFETY: the element exists and is of this type.
        Some(unsafe {
            match element {
                Element::Signed(1) => place.cast::<i8>().read().into(),
                Element::Signed(2) => place.cast::<i16>().read().into(),
                Element::Signed(4) => place.cast::<i32>().read().into(),
                Element::Signed(8) => place.cast::<i64>().read(),
                Element::Unsigned(1) => place.read().into(),
                Element::Unsigned(2) => place.cast::<u16>().read().into(),
                Element::Unsigned(4) => place.cast::<u32>().read().into(),
                Element::Unsigned(8) => i64::try_from(place.cast::<u64>().read()).ok()?,
                _ => return None,
            }
        })
    }

    /// An element of an array of floats. `None`: there is none.
    #[must_use]
    pub fn float(&self, array: &PyObject, index: usize) -> Option<f64> {
        let Element::Float(bytes) = self.element(array)? else { return None };
        let place = self.place(array, index, bytes)?;
        // SAFETY: the element exists and is of this type.
        Some(unsafe { if bytes == 8 { place.cast::<f64>().read() } else { place.cast::<f32>().read().into() } })
    }

    /// Sets an element of an array of ints. `None`, and nothing was done: there is none, or the number does not fit.
    #[must_use]
    pub fn set_int(&self, array: &PyObject, index: usize, value: i64) -> Option<()> {
        let element = self.element(array)?;
        let (Element::Signed(bytes) | Element::Unsigned(bytes)) = element else { return None };
        let place = self.place(array, index, bytes)?;
        // SAFETY: the element exists and is of this type.
        unsafe {
            match element {
                Element::Signed(1) => place.cast::<i8>().write(value.try_into().ok()?),
                Element::Signed(2) => place.cast::<i16>().write(value.try_into().ok()?),
                Element::Signed(4) => place.cast::<i32>().write(value.try_into().ok()?),
                Element::Signed(8) => place.cast::<i64>().write(value),
                Element::Unsigned(1) => place.write(value.try_into().ok()?),
                Element::Unsigned(2) => place.cast::<u16>().write(value.try_into().ok()?),
                Element::Unsigned(4) => place.cast::<u32>().write(value.try_into().ok()?),
                Element::Unsigned(8) => place.cast::<u64>().write(value.try_into().ok()?),
                _ => return None,
            }
        }
        Some(())
    }

    /// Sets an element of an array of floats. `None`, and nothing was done: there is none.
    #[must_use]
    pub fn set_float(&self, array: &PyObject, index: usize, value: f64) -> Option<()> {
        let Element::Float(bytes) = self.element(array)? else { return None };
        let place = self.place(array, index, bytes)?;
        // SAFETY: the element exists and is of this type.
        unsafe { if bytes == 8 { place.cast::<f64>().write(value) } else { place.cast::<f32>().write(value as f32) } }
        Some(())
    }
}
