//! Looking into objects from Rust, by the offsets that `tjit_vm::layout` has found.

use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

use rustpython_vm::{
    AsObject, Py, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyComplex, PyType, descriptor::PyMethodDescriptor},
    function::PyMethodDef,
    types::PyTypeFlags,
};
use tjit_ir::VirtualKind;
use tjit_vm::frames::Frame;
use tjit_vm::layout::{
    ArrayLayout, CacheLayout, ChainLayout, DequeLayout, GetterLayout, Layout, RandomLayout, SliceLayout, ZipLayout,
};

use crate::attributes::SlotTables;
use crate::hashed::Hashed;
use crate::hashes::Hashes;
use crate::helpers::steps::Entries;
use crate::seen::Seen;
use tjit_vm::generators::Resumable;

/// The largest of the ints that the VM makes once, so that they live for ever (256), or more.
pub const LARGEST_IMMORTAL: i64 = 1 << 10;

/// An object whose value travels unboxed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar {
    /// An exact int that fits in 64 bits.
    Int(i64),
    /// An exact float.
    Float(f64),
    /// A bool.
    Bool(bool),
}

/// Addresses of the classes that the JIT treats by themselves.
#[derive(Clone, Debug)]
pub struct Classes {
    /// `int`.
    pub int: u64,
    /// `float`.
    pub float: u64,
    /// `bool`.
    pub bool: u64,
    /// `NoneType`.
    pub none: u64,
    /// `str`.
    pub str: u64,
    /// `bytes`.
    pub bytes: u64,
    /// `complex`.
    pub complex: u64,
    /// `list`.
    pub list: u64,
    /// `tuple`.
    pub tuple: u64,
    /// `dict`.
    pub dict: u64,
    /// `set`.
    pub set: u64,
    /// `frozenset`.
    pub frozenset: u64,
    /// `bytearray`.
    pub bytearray: u64,
    /// The views of dicts.
    pub dict_views: [u64; 3],
    /// `slice`.
    pub slice: u64,
    /// `method`: a bound Python function.
    pub method: u64,
    /// `range`.
    pub range: u64,
    /// Iterator of `range`.
    pub range_iter: u64,
    /// Iterator of `list`.
    pub list_iter: u64,
    /// Iterator of `tuple`.
    pub tuple_iter: u64,
    /// Iterator of a reversed list.
    pub reversed_list_iter: u64,
    /// Iterator of other reversed sequences.
    pub reversed_iter: u64,
    /// Iterator of `str`.
    pub str_iter: u64,
    /// `enumerate`.
    pub enumerate: u64,
    /// `zip`.
    pub zip: u64,
    /// `map`.
    pub map: u64,
    /// `function`.
    pub function: u64,
    /// `builtin_function_or_method`.
    pub builtin: u64,
    /// `method_descriptor`: a method of a builtin class.
    pub method_descriptor: u64,
    /// `module`.
    pub module: u64,
    /// `type`.
    pub type_: u64,
    /// `cell`.
    pub cell: u64,
    /// `generator`.
    pub generator: u64,
    pub coroutine: u64,
}

/// Iterators in one `zip` that is taken apart, at most.
const MAX_ZIP: usize = 8;

/// An iterator, seen as what it iterates over.
pub enum Iterator<'a> {
    /// Of a range.
    Range,
    /// Of a list or tuple, forwards or backwards.
    Sequence(VirtualKind, &'a PyObject),
    /// Of a string.
    Str(&'a PyObject),
    /// `enumerate` with a count that fits in 64 bits.
    Enumerate(&'a PyObject),
    /// `zip` that is not strict.
    Zip(&'a [&'a PyObject]),
}

/// Offsets and classes together.
#[derive(Clone, Debug)]
pub struct Objects {
    /// The offsets.
    pub layout: Layout,
    /// The classes.
    pub classes: Classes,
    /// Address of `True`.
    pub true_: u64,
    /// Address of `False`.
    pub false_: u64,
    /// Address of `None`.
    pub none: u64,
    /// Address of the dict of `builtins`: the VM notes when it gets a name more.
    pub builtins: u64,
    /// What is known of deques.
    pub deques: Seen<DequeLayout>,
    /// What is known of `itertools.chain`.
    pub chains: Seen<ChainLayout>,
    /// What is known of `itertools.islice`.
    pub slices: Seen<SliceLayout>,
    /// What is known of `operator.itemgetter`.
    pub getters: Seen<GetterLayout>,
    /// What is known of generators of random numbers.
    pub randoms: Seen<RandomLayout>,
    /// What is known of arrays.
    pub arrays: Seen<ArrayLayout>,
    /// What is known of caches of `functools.lru_cache`.
    pub caches: Seen<CacheLayout>,
    /// How tuples are hashed and compared.
    tuple_equality: Equality,
    /// How objects are that are equal to themselves only.
    object_equality: Equality,
    int_equality: Equality,
    /// Stands for nothing among the parts of an object: nobody else ever sees it.
    pub nothing: PyObjectRef,
    /// `sys.exception`: what is being handled.
    pub exception: PyObjectRef,
    /// Where slots of instances are.
    pub slot_tables: SlotTables,
    /// The version of the class that was last found to be derived from a builtin one, and that one's address.
    derived: Cell<(u32, u64)>,
    /// Hashes of tuples.
    pub hashes: Rc<Hashes>,
    /// What is known of classes that hash their instances as an attribute.
    pub hashed: Rc<Hashed>,
    /// Classes of containers whose iterators run no Python code, and are made without.
    pub plain_iterables: Vec<u64>,
    /// The classes of those iterators; first those of [`Entries`].
    pub plain_iterators: Vec<u64>,
}

/// Tuples inside of each other, at most, whose hash is asked for without looking how deep they are.
pub const KEY_DEPTH: usize = 8;

/// The native functions by which a class hashes and compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Equality {
    hash: Option<usize>,
    compare: Option<usize>,
}

impl Equality {
    fn of(class: &Py<PyType>) -> Equality {
        let slots = &class.slots;
        Equality {
            hash: slots.hash.load().map(|hash| hash as usize),
            compare: slots.richcompare.load().map(|compare| compare as usize),
        }
    }
}

/// The address of an object.
pub fn address(object: &PyObject) -> u64 {
    std::ptr::from_ref(object) as u64
}

impl Objects {
    /// Takes the addresses from a VM.
    pub fn new(layout: Layout, vm: &VirtualMachine) -> Objects {
        let types = &vm.ctx.types;
        let class = |class: &rustpython_vm::Py<rustpython_vm::builtins::PyType>| address(class.as_object());
        let nothing = vm.ctx.new_base_object(types.object_type.to_owned(), None);
        nothing.make_immortal();
        Objects {
            deques: Seen::new("deque", DequeLayout::discover),
            chains: Seen::new("chain", ChainLayout::discover),
            slices: Seen::new("islice", SliceLayout::discover),
            getters: Seen::new("itemgetter", GetterLayout::discover),
            randoms: Seen::new("Random", RandomLayout::discover),
            arrays: Seen::new("array", ArrayLayout::discover),
            caches: Seen::new("_lru_cache_wrapper", CacheLayout::discover),
            tuple_equality: Equality::of(types.tuple_type),
            object_equality: Equality::of(types.object_type),
            int_equality: Equality::of(types.int_type),
            slot_tables: SlotTables::default(),
            derived: Cell::default(),
            hashes: Rc::default(),
            hashed: Rc::default(),
            builtins: address(vm.builtins.dict().as_object()),
            exception: vm.sys_module.get_attr("exception", vm).unwrap_or_else(|_| vm.ctx.none()),
            nothing,
            plain_iterables: [
                types.dict_type,
                types.dict_keys_type,
                types.dict_values_type,
                types.dict_items_type,
                types.set_type,
                types.frozenset_type,
                types.bytes_type,
                types.bytearray_type,
            ]
            .map(class)
            .to_vec(),
            plain_iterators: [
                types.dict_keyiterator_type,
                types.dict_valueiterator_type,
                types.dict_itemiterator_type,
                types.set_iterator_type,
                types.bytes_iterator_type,
                types.bytearray_iterator_type,
                types.list_iterator_type,
                types.tuple_iterator_type,
                types.range_iterator_type,
            ]
            .map(class)
            .to_vec(),
            layout,
            classes: Classes {
                int: class(types.int_type),
                float: class(types.float_type),
                bool: class(types.bool_type),
                none: class(types.none_type),
                str: class(types.str_type),
                bytes: class(types.bytes_type),
                complex: class(types.complex_type),
                list: class(types.list_type),
                tuple: class(types.tuple_type),
                dict: class(types.dict_type),
                set: class(types.set_type),
                frozenset: class(types.frozenset_type),
                bytearray: class(types.bytearray_type),
                dict_views: [types.dict_keys_type, types.dict_values_type, types.dict_items_type].map(class),
                slice: class(types.slice_type),
                method: class(types.bound_method_type),
                range: class(types.range_type),
                range_iter: class(types.range_iterator_type),
                list_iter: class(types.list_iterator_type),
                tuple_iter: class(types.tuple_iterator_type),
                reversed_list_iter: class(types.list_reverseiterator_type),
                reversed_iter: class(types.reverse_iter_type),
                str_iter: class(types.str_iterator_type),
                enumerate: class(types.enumerate_type),
                zip: class(types.zip_type),
                map: class(types.map_type),
                function: class(types.function_type),
                builtin: class(types.builtin_function_or_method_type),
                method_descriptor: class(types.method_descriptor_type),
                module: class(types.module_type),
                type_: class(types.type_type),
                cell: class(types.cell_type),
                generator: class(types.generator_type),
                coroutine: class(types.coroutine_type),
            },
            true_: address(vm.ctx.true_value.as_object()),
            false_: address(vm.ctx.false_value.as_object()),
            none: address(&vm.ctx.none()),
        }
    }

    pub(crate) fn word(&self, object: &PyObject, offset: usize) -> u64 {
        // SAFETY: callers pass offsets of fields that objects of this class have; the VM changes them only on this
        // thread while the JIT is on.
        unsafe { std::ptr::from_ref(object).cast::<u8>().add(offset).cast::<u64>().read() }
    }

    /// The real and the imaginary part of an exact complex number.
    pub fn complex(&self, object: &PyObject) -> Option<(f64, f64)> {
        let number = object.downcast_ref::<PyComplex>().filter(|_| self.class(object) == self.classes.complex)?;
        let value = number.to_complex();
        Some((value.re, value.im))
    }

    /// Function (0) or receiver (1) of a bound method.
    pub fn bound_part(&self, method: &PyObject, part: usize) -> PyObjectRef {
        // SAFETY: a bound method keeps both alive.
        unsafe { self.clone_ref(self.word(method, self.layout.bound_method[part])) }
    }

    /// Writes a word of an object that the caller has just made, or that nobody else refers to.
    pub fn set_word(&self, object: &PyObject, offset: usize, value: u64) {
        // SAFETY: callers pass offsets of plain integer fields that objects of this class have, and nobody else sees the
        // object.
        unsafe { std::ptr::from_ref(object).cast_mut().cast::<u8>().add(offset).cast::<u64>().write(value) };
    }

    fn byte(&self, object: &PyObject, offset: usize) -> u8 {
        // SAFETY: as in `word`.
        unsafe { std::ptr::from_ref(object).cast::<u8>().add(offset).read() }
    }

    /// A function's code and globals, by their addresses, and the cells of its closure.
    pub fn function<'a>(&self, function: &'a PyObject) -> (u64, u64, Option<&'a PyObject>) {
        let layout = &self.layout.function;
        let closure = self.word(function, layout.closure) as *const PyObject;
        // SAFETY: the word is null or the address of a tuple that the function holds.
        let closure = unsafe { closure.as_ref() };
        (self.word(function, layout.code), self.word(function, layout.globals), closure)
    }

    /// Address of an object's class.
    pub fn class(&self, object: &PyObject) -> u64 {
        self.word(object, self.layout.class)
    }

    /// The value of an exact int that fits in 64 bits, an exact float or a bool.
    pub fn scalar(&self, object: &PyObject) -> Option<Scalar> {
        let class = self.class(object);
        if class == self.classes.int {
            self.int(object).map(Scalar::Int)
        } else if class == self.classes.float {
            Some(Scalar::Float(f64::from_bits(self.word(object, self.layout.float_value))))
        } else if class == self.classes.bool {
            Some(Scalar::Bool(address(object) == self.true_))
        } else {
            None
        }
    }

    /// The value of an exact int, when it fits in 64 bits.
    fn int(&self, object: &PyObject) -> Option<i64> {
        if self.word(object, self.layout.int_tag) != self.layout.int_small {
            return None;
        }
        let magnitude = self.word(object, self.layout.int_limb);
        match self.byte(object, self.layout.int_sign) {
            0 if magnitude <= 1 << 63 => Some((magnitude as i64).wrapping_neg()),
            0 => None,
            _ => i64::try_from(magnitude).ok(),
        }
    }

    /// The value of an instance of a class that is derived from `int` and compares as ints do, when it fits in 64 bits.
    pub fn derived_int(&self, object: &PyObject, vm: &VirtualMachine) -> Option<i64> {
        let class = object.class();
        let is_derived = class.fast_issubclass(vm.ctx.types.int_type)
            && Equality::of(class).compare == self.int_equality.compare
            && ![self.classes.int, self.classes.bool].contains(&address(class.as_object()));
        is_derived.then(|| self.int(object)).flatten()
    }

    /// The address of the object that a native function is bound to, if it was bound by this definition.
    pub fn bound_by(&self, function: &PyObject, definition: u64) -> Option<u64> {
        let native = self.layout.native;
        let receiver = self.word(function, native.receiver);
        (self.word(function, native.definition) == definition && receiver != 0).then_some(receiver)
    }

    /// How a native is defined that takes its arguments as they are, the receiver first, and whether it has one. `None`:
    /// it is something else, or the call concerns somebody who traces.
    pub fn definition(
        &self,
        callable: &PyObject,
        first: Option<&PyObject>,
        vm: &VirtualMachine,
    ) -> Option<(&'static PyMethodDef, bool)> {
        let class = self.class(callable);
        if vm.use_tracing.get() {
            return None;
        }
        if class == self.classes.method_descriptor {
            let method = callable.downcast_ref::<PyMethodDescriptor>()?;
            return self.is_instance(first?, method.common.typ).then_some((method.method, true));
        }
        let native = self.layout.native;
        if class != self.classes.builtin || self.word(callable, native.receiver) != 0 {
            return None;
        }
        // SAFETY: a native function has a definition, which lives as long as the program.
        let definition = unsafe { &*(self.word(callable, native.definition) as *const PyMethodDef) };
        Some((definition, false))
    }

    /// Whether an object is an instance of a builtin class or of one derived from it.
    fn is_instance(&self, object: &PyObject, builtin: &'static Py<PyType>) -> bool {
        let wanted = address(builtin.as_object());
        if self.class(object) == wanted {
            return true;
        }
        // (Versions are of one class each, and a class that has one does not change.)
        let version = tjit_vm::tallies::version(object.class());
        if version != 0 && self.derived.get() == (version, wanted) {
            return true;
        }
        let is_derived = object.class().fast_issubclass(builtin);
        if is_derived {
            self.derived.set((version, wanted));
        }
        is_derived
    }

    /// What an object gives that is an iterator of a dict, of one of its views or of a set.
    pub fn entries_of(&self, iterator: &PyObject) -> Option<Entries> {
        let class = self.class(iterator);
        let position = self.plain_iterators.iter().take(Entries::ALL.len()).position(|known| *known == class)?;
        Some(Entries::ALL[position])
    }

    /// Number of references to an object.
    pub fn count(&self, object: &PyObject) -> u64 {
        self.word(object, self.layout.count) & self.layout.count_mask
    }

    /// Makes an int another one, if only one slot refers to it, so that nobody can tell. False: it is left as it is.
    pub fn overwrite_int(&self, object: &PyObject, value: i64) -> bool {
        let layout = &self.layout;
        // (Of zero and negative numbers more would have to be written; small numbers are objects that live for ever.)
        let fits = value > LARGEST_IMMORTAL && self.class(object) == self.classes.int && self.is_one_word(object);
        if fits {
            self.set_word(object, layout.int_limb, value as u64);
        }
        fits
    }

    /// Whether an int that only one slot refers to is a positive number of one word.
    #[inline]
    pub fn is_one_word(&self, int: &PyObject) -> bool {
        let layout = &self.layout;
        self.is_alone(int)
            && self.word(int, layout.int_tag) == layout.int_small
            && self.byte(int, layout.int_sign) == 1
            && self.word(int, layout.int_limb) != 0
    }

    /// The same for a float.
    pub fn overwrite_float(&self, object: &PyObject, value: f64) -> bool {
        let fits = self.class(object) == self.classes.float && self.is_alone(object);
        if fits {
            self.set_word(object, self.layout.float_value, value.to_bits());
        }
        fits
    }

    /// Whether there is one reference to a mortal object.
    pub fn is_alone(&self, object: &PyObject) -> bool {
        self.count(object) == 1 && self.word(object, self.layout.count) & self.layout.immortal_bit == 0
    }

    /// The object that a field of a live object refers to; `None` when the field is null.
    pub(crate) fn referent<'a>(&self, object: &'a PyObject, offset: usize) -> Option<&'a PyObject> {
        // SAFETY: callers pass offsets of fields that hold a reference or null.
        unsafe { (self.word(object, offset) as *const PyObject).as_ref() }
    }

    /// An iterator in its parts, if it is of a class that can be taken apart and has not given its sequence up.
    pub fn iterator<'a>(&self, object: &'a PyObject) -> Option<Iterator<'a>> {
        let (class, classes) = (self.class(object), &self.classes);
        let sequence = || self.referent(object, self.layout.sequence_iter[0]);
        let over_list =
            |kind| sequence().filter(|list| self.has_list_layout(list)).map(|list| Iterator::Sequence(kind, list));
        let over_tuple = |kind| {
            let tuple = sequence().filter(|tuple| self.class(tuple) == classes.tuple);
            tuple.map(|tuple| Iterator::Sequence(kind, tuple))
        };
        if class == classes.range_iter {
            Some(Iterator::Range)
        } else if class == classes.list_iter {
            over_list(VirtualKind::ListIter)
        } else if class == classes.tuple_iter {
            over_tuple(VirtualKind::TupleIter)
        } else if class == classes.reversed_list_iter {
            over_list(VirtualKind::ReversedListIter)
        } else if class == classes.reversed_iter {
            over_tuple(VirtualKind::ReversedTupleIter)
        } else if class == classes.str_iter {
            let string = self.referent(object, self.layout.str_iter[0])?;
            // An iterator that was set to a position does not know the offset before its next step.
            let knows = self.word(object, self.layout.str_iter[2]) <= i64::MAX as u64;
            (self.class(string) == classes.str && knows).then_some(Iterator::Str(string))
        } else if class == classes.enumerate {
            let layout = &self.layout.enumerate;
            let small =
                self.word(object, layout.tag) == layout.small && self.word(object, layout.count) <= i64::MAX as u64;
            if small { Some(Iterator::Enumerate(self.referent(object, layout.inner)?)) } else { None }
        } else if class == classes.zip {
            self.zipped(object, &self.layout.zip).map(Iterator::Zip)
        } else {
            None
        }
    }

    /// The iterators of a `zip` that is not strict, or of what has the same in it.
    pub fn zipped<'a>(&self, object: &'a PyObject, layout: &ZipLayout) -> Option<&'a [&'a PyObject]> {
        let len = self.word(object, layout.len) as usize;
        if self.byte(object, layout.strict) != 0 || len == 0 || len > MAX_ZIP {
            return None;
        }
        // SAFETY: the object owns this many iterators there, and never changes them.
        Some(unsafe { std::slice::from_raw_parts(self.word(object, layout.data) as *const &PyObject, len) })
    }

    /// A word of an object. Callers pass offsets of fields that objects of its class have.
    pub fn word_of(&self, object: &PyObject, offset: usize) -> u64 {
        self.word(object, offset)
    }

    /// The frame of a generator that could be resumed, and that only the generator refers to.
    pub fn generator_frame(&self, object: &PyObject) -> Option<Frame> {
        Frame::of_generator(Resumable::of(object)?, &self.layout)
    }

    /// The parts of an iterator over a range or sequence, as parameters. References are borrowed. `None` when it is of
    /// another kind.
    pub fn read_parts(&self, kind: VirtualKind, object: &PyObject, out: &mut Vec<u64>) -> Option<()> {
        let offsets: &[usize] = match (kind, self.iterator(object)?) {
            (VirtualKind::RangeIter, Iterator::Range) => &self.layout.range_iter,
            (kind, Iterator::Sequence(is, _)) if is == kind => &self.layout.sequence_iter,
            (VirtualKind::StrIter, Iterator::Str(_)) => &self.layout.str_iter,
            _ => return None,
        };
        out.extend(offsets.iter().map(|&offset| self.word(object, offset)));
        Some(())
    }

    /// The next count of an `enumerate` that can be taken apart.
    pub fn count_of(&self, object: &PyObject) -> u64 {
        self.word(object, self.layout.enumerate.count)
    }

    /// A new reference to the object at an address.
    ///
    /// # Safety
    /// The object is alive.
    pub unsafe fn clone_ref(&self, address: u64) -> PyObjectRef {
        // SAFETY: by the caller's promise.
        unsafe { (*(address as *const PyObject)).to_owned() }
    }

    /// The reference that an address stands for, taken over.
    ///
    /// # Safety
    /// The object is alive and one reference to it is given up to the result.
    pub unsafe fn own_ref(&self, address: u64) -> PyObjectRef {
        // SAFETY: by the caller's promise; an address of an object is not null.
        unsafe { PyObjectRef::from_raw(NonNull::new_unchecked(address as *mut PyObject)) }
    }

    /// Whether an object, and what is inside of it, can be hashed and compared for equality without running Python code, as
    /// classes are now: of a leaf class, equal to itself only, or a tuple of such that is hashed and compared as tuples are,
    /// a few levels deep.
    pub fn is_key(&self, object: &PyObject) -> bool {
        self.is_key_to(object, KEY_DEPTH, &|_| false)
    }

    /// Whether an object is such a key, or hashed as an attribute of it.
    pub fn is_known_key(&self, object: &PyObject) -> bool {
        self.is_key_to(object, KEY_DEPTH, &|object| self.hashes_by_attribute(object.class()))
    }

    fn is_key_to(&self, object: &PyObject, depth: usize, is_other: &dyn Fn(&PyObject) -> bool) -> bool {
        if self.classes.is_leaf(self.class(object)) {
            return true;
        }
        if !self.is_tuple_by_value(object) {
            return self.is_equal_to_itself_only(object) || is_other(object);
        }
        depth > 0 && self.tuple_elements(object).all(|element| self.is_key_to(element, depth - 1, is_other))
    }

    /// Whether all that is inside of an exact list or tuple is such; of another container: its keys.
    pub fn has_keys_inside(&self, container: &PyObject) -> bool {
        match self.table_of(container) {
            Some(table) => table.pairs().all(|pair| self.is_key(pair.key)),
            None => self.addresses(container).iter().all(|&element| self.is_key(crate::helpers::object(element))),
        }
    }

    /// Whether an object is a tuple, or of a class derived from tuple in Python that leaves hashing and comparing to tuple.
    pub fn is_tuple_by_value(&self, object: &PyObject) -> bool {
        let slots = &object.class().slots;
        self.class(object) == self.classes.tuple
            || Equality::of(object.class()) == self.tuple_equality
                && !slots.flags.has_feature(PyTypeFlags::IMMUTABLETYPE)
                && slots.del.load().is_none()
    }

    /// Whether an object is hashed and compared as `object` does it.
    pub fn is_equal_to_itself_only(&self, object: &PyObject) -> bool {
        Equality::of(object.class()) == self.object_equality
    }

    /// Whether an object is a list, or of a class derived from list, and so has its elements where a list has them.
    pub fn has_list_layout(&self, object: &PyObject) -> bool {
        let class = self.class(object);
        class == self.classes.list
            || class != self.classes.tuple
                && object.class().fast_issubclass(rustpython_vm::Context::genesis().types.list_type)
    }

    /// Where an object with the layout of a list or tuple has the address and the number of its elements.
    pub fn elements_at(&self, sequence: &PyObject) -> (usize, usize) {
        if self.has_list_layout(sequence) {
            (self.layout.list_data, self.layout.list_len)
        } else {
            (self.layout.tuple_data, self.layout.tuple_len)
        }
    }

    /// Elements of an object with the layout of a list or tuple, borrowed.
    pub fn element(&self, sequence: &PyObject, index: usize) -> Option<&PyObject> {
        let (data, len) = self.elements_at(sequence);
        if index as u64 >= self.word(sequence, len) {
            return None;
        }
        // SAFETY: the element exists; the sequence owns a reference to it.
        unsafe { (*(self.word(sequence, data) as *const *const PyObject).add(index)).as_ref() }
    }

    /// Length of an object with the layout of a list or tuple.
    pub fn length(&self, sequence: &PyObject) -> usize {
        self.word(sequence, self.elements_at(sequence).1) as usize
    }
}
