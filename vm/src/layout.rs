//! Where things are inside the VM's objects and frames. The only file that knows.
//!
//! RustPython promises nothing about the inside of most of its types, so nothing is assumed: at start-up this module
//! looks at objects and frames whose contents it made itself, finds each field, and finds it again in a second object
//! with other contents. When anything is missing, ambiguous or different, [`Layout::discover`] says what, and the JIT
//! stays off.
//!
//! ```text
//! object   ┌ count ┬ vtable ┬ gc … ┬ class ┬ payload …
//! int      payload: magnitude tag, limb (when the tag says small), sign
//! list     payload: lock, { capacity, data, length }, see `layout/list.rs`
//! dict     see `layout/dict.rs`
//! set      see `layout/set.rs`
//! frame    code, function, globals, builtins, localsplus { tag, data, capacity, nlocals:u32 stack_top:u32 }, …
//!          data: fast locals, then the value stack; a stack entry's low bit says that it is borrowed
//! ```

mod array;
mod async_generator;
mod cache;
mod chained;
mod deque;
mod dict;
mod entries;
mod frame;
mod function;
mod generations;
mod generator;
mod getter;
mod list;
mod mark;
mod object;
mod random;
mod set;
mod table;

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyEnumerate, PyFloat, PyInt, PyList, PyMap, PyTuple, PyZip},
    compiler::Mode,
    function::FuncArgs,
    object::SIZEOF_PYOBJECT_HEAD,
};

pub use array::{ArrayLayout, Element};
pub use async_generator::AsyncLayout;
pub use cache::CacheLayout;
pub use chained::{ChainLayout, SliceLayout};
pub use deque::{DequeLayout, End};
pub use dict::{DictLayout, Found};
pub use entries::{EntriesLayout, Entry};
pub(crate) use frame::is_inside;
pub use function::FunctionLayout;
pub use generations::{GENERATIONS, GenerationsLayout};
pub use generator::GeneratorLayout;
pub use getter::GetterLayout;
pub use list::{ListLayout, NativeLayout};
pub use mark::MarkLayout;
pub use object::InstanceLayout;
pub use random::RandomLayout;
pub use set::SetLayout;
pub use table::{GrowthLayout, Pair, Table, Taken};

/// The bits of a value stack entry that are no part of the pointer.
pub const STACK_TAG: u64 = 1;

const WORD: usize = size_of::<u64>();

/// Byte offsets from the start of an object or frame, and the addresses of objects that live for ever.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Reference count word of an object.
    pub count: usize,
    /// In the count word: set when the object lives for ever and is not counted.
    pub immortal_bit: u64,
    /// In the count word: the bits that are the count.
    pub count_mask: u64,
    /// Class pointer of an object.
    pub class: usize,
    /// In an int: the word that tells small from large magnitudes.
    pub int_tag: usize,
    /// The value of that word for a magnitude of one limb.
    pub int_small: u64,
    /// In an int: the limb of a small magnitude.
    pub int_limb: usize,
    /// In an int: the byte that is 1 for values that are not negative, else 0.
    pub int_sign: usize,
    /// In a float: the value.
    pub float_value: usize,
    /// In a list: pointer to the elements.
    pub list_data: usize,
    /// In a list: number of elements.
    pub list_len: usize,
    /// In a list, besides.
    pub list: ListLayout,
    /// In a native function or method.
    pub native: NativeLayout,
    /// In a tuple: pointer to the elements.
    pub tuple_data: usize,
    /// In a tuple: number of elements.
    pub tuple_len: usize,
    /// In a closure cell: the contents, null when empty.
    pub cell_contents: usize,
    /// In a function.
    pub function: FunctionLayout,
    /// In a range iterator: index, start, step, length.
    pub range_iter: [usize; 4],
    /// In list and tuple iterators, and those of `reversed`: the sequence, the position.
    pub sequence_iter: [usize; 2],
    /// In a bound method: the function, the receiver.
    pub bound_method: [usize; 2],
    /// In a view of a dict: the dict.
    pub dict_view: usize,
    /// In a str iterator: the string, the position, the offset of the next character in the encoded string.
    pub str_iter: [usize; 3],
    /// In an `enumerate`.
    pub enumerate: EnumerateLayout,
    /// In a `zip`.
    pub zip: ZipLayout,
    /// In a `map`.
    pub map: MapLayout,
    /// In a dict.
    pub dict: DictLayout,
    /// In a set or frozenset.
    pub set: SetLayout,
    /// In a dict that gets more keys.
    pub dict_growth: GrowthLayout,
    /// In a set or frozenset that gets more elements.
    pub set_growth: GrowthLayout,
    /// In an iterator of a dict or of one of its views.
    pub dict_entries: EntriesLayout,
    /// In an iterator of a set.
    pub set_entries: EntriesLayout,
    /// Around instances, in classes and functions.
    pub instance: InstanceLayout,
    /// Where objects can be marked.
    pub mark: MarkLayout,
    /// The collector's lists.
    pub generations: GenerationsLayout,
    /// In a generator.
    pub generator: GeneratorLayout,
    /// In an asynchronous generator.
    pub async_generator: AsyncLayout,
    /// In an interpreter frame.
    pub frame: FrameLayout,
}

/// Byte offsets in an `enumerate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumerateLayout {
    /// The iterator below.
    pub inner: usize,
    /// The next count, when it is small.
    pub count: usize,
    /// The word that tells small from large counts.
    pub tag: usize,
    /// The value of that word for a small count.
    pub small: u64,
}

/// Byte offsets in a `zip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipLayout {
    /// Pointer to the iterators.
    pub data: usize,
    /// Number of iterators.
    pub len: usize,
    /// The byte that is 1 when the iterators must end together.
    pub strict: usize,
}

/// Byte offsets in a `map`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapLayout {
    /// What is called.
    pub function: usize,
    /// The rest, which is as in a `zip`.
    pub zip: ZipLayout,
}

/// Byte offsets in an interpreter frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLayout {
    /// Pointer to the fast locals, which the value stack follows.
    pub data: usize,
    /// Number of fast locals (u32).
    pub locals: usize,
    /// Depth of the value stack (u32).
    pub stack_top: usize,
    /// Pointer to the frame object, null when there is none.
    pub object: usize,
    /// How many references to its object the VM has itself while a frame runs that is a part of the object: that of a
    /// function which a native has called.
    pub own_references: usize,
}

/// What did not agree.
#[derive(Debug, Clone)]
pub struct LayoutError(pub String);

impl std::fmt::Display for LayoutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the VM's data layout is not the one that this build knows: {}", self.0)
    }
}

impl std::error::Error for LayoutError {}

type Result<T> = std::result::Result<T, LayoutError>;

fn fail<T>(what: impl Into<String>) -> Result<T> {
    Err(LayoutError(what.into()))
}

fn address(object: &PyObject) -> u64 {
    std::ptr::from_ref(object) as u64
}

/// The first `words` words of an object.
///
/// # Safety
/// The object is at least that large.
unsafe fn words(object: &PyObject, words: usize) -> Vec<u64> {
    // SAFETY: by the caller's promise the memory belongs to the object; it is read as plain words, without claiming
    // anything about what is in it. Volatile, because parts of it change under locks that are not taken here.
    (0..words).map(|n| unsafe { std::ptr::from_ref(object).cast::<u64>().add(n).read_volatile() }).collect()
}

/// Offset of the only word in `range` that has the value in every sample.
fn only_word(what: &str, samples: &[(Vec<u64>, u64)], range: std::ops::Range<usize>) -> Result<usize> {
    let found: Vec<usize> = range.filter(|&n| samples.iter().all(|(words, value)| words[n] == *value)).collect();
    match found[..] {
        [n] => Ok(n * WORD),
        [] => fail(format!("{what} is nowhere")),
        _ => fail(format!("{what} could be in {} places", found.len())),
    }
}

/// Offset of the word beside an optional limit that says whether there is one: 1 in the object with a limit, whose words are
/// given with it, and 0 in those without.
fn flag_of_limit(
    what: &str,
    (limited, limit): (&[u64], u64),
    without: &[Vec<u64>],
    range: std::ops::Range<usize>,
) -> Result<usize> {
    let limits: Vec<usize> = range.clone().filter(|&at| limited[at] == limit).collect();
    let [most] = limits[..] else { return fail(format!("the limit of {what} is not found")) };
    let is_flag =
        |&at: &usize| limited[at] == 1 && without.iter().all(|words| words[at] == 0) && at.abs_diff(most) == 1;
    match range.filter(is_flag).collect::<Vec<_>>()[..] {
        [flag] => Ok(flag * WORD),
        _ => fail(format!("whether {what} has a limit is not found")),
    }
}

impl Layout {
    /// Finds every offset and checks it.
    ///
    /// # Errors
    /// [`LayoutError`] naming the first thing that is not where it was looked for.
    pub fn discover(vm: &VirtualMachine) -> Result<Layout> {
        let head = SIZEOF_PYOBJECT_HEAD / WORD;
        let class = class_offset(vm, head)?;
        let (immortal_bit, count_mask) = count_word(vm)?;
        let (int_tag, int_small, int_limb, int_sign) = int_fields(vm, head)?;
        let (list_data, list_len) = list_fields(vm, head)?;
        let (tuple_data, tuple_len) = tuple_fields(vm, head)?;
        let (dict, set) = (DictLayout::discover(vm)?, SetLayout::discover(vm)?);
        let mark = MarkLayout::discover(vm)?;
        Ok(Layout {
            count: 0,
            immortal_bit,
            count_mask,
            class,
            int_tag,
            int_small,
            int_limb,
            int_sign,
            float_value: float_field(vm, head)?,
            list_data,
            list_len,
            list: ListLayout::discover(vm)?,
            native: NativeLayout::discover(vm)?,
            tuple_data,
            tuple_len,
            cell_contents: cell_field(vm, head)?,
            range_iter: range_iter_fields(vm, head)?,
            sequence_iter: sequence_iter_fields(vm, head)?,
            bound_method: bound_method_fields(vm, head)?,
            dict_view: dict::view_field(vm, head)?,
            str_iter: str_iter_fields(vm, head)?,
            enumerate: enumerate_fields(vm, head)?,
            zip: zip_fields(vm, "zip(", head + size_of::<PyZip>() / WORD, head)?.0,
            map: map_fields(vm, head)?,
            dict,
            set,
            dict_growth: GrowthLayout::of_dicts(&dict, vm)?,
            set_growth: GrowthLayout::of_sets(&set, vm)?,
            dict_entries: EntriesLayout::of_dicts(dict, vm)?,
            set_entries: EntriesLayout::of_sets(set, vm)?,
            function: FunctionLayout::discover(vm, head)?,
            instance: InstanceLayout::discover(vm)?,
            mark,
            generations: GenerationsLayout::discover(mark, vm)?,
            generator: GeneratorLayout::discover(vm, head)?,
            async_generator: AsyncLayout::discover(vm, head)?,
            frame: frame::fields(vm)?,
        })
    }
}

fn class_offset(vm: &VirtualMachine, head: usize) -> Result<usize> {
    let objects: [PyObjectRef; 4] = [
        vm.ctx.new_int(123_456).into(),
        vm.ctx.new_float(1.5).into(),
        vm.ctx.new_list(vec![]).into(),
        vm.ctx.new_str("layout").into(),
    ];
    let samples: Vec<_> = objects
        .iter()
        // SAFETY: every object has a whole head.
        .map(|object| (unsafe { words(object, head) }, address(object.class().as_object())))
        .collect();
    only_word("the class of an object", &samples, 0..head)
}

/// The count is the first word; clones and drops must move it by one. Returns the immortal bit and the count's mask.
fn count_word(vm: &VirtualMachine) -> Result<(u64, u64)> {
    const COUNT_MASK: u64 = (1 << 60) - 1;
    let object: PyObjectRef = vm.ctx.new_float(2.5).into();
    // SAFETY: the first word of an object is there.
    let count = || unsafe { words(&object, 1) }[0];
    let one = count();
    let second = object.clone();
    let two = count();
    let third = second.clone();
    let three = count();
    drop((second, third));
    if (one, two, three, count()) != (1, 2, 3, 1) {
        return fail("the first word of an object is not its count");
    }
    // The counts of objects that live for ever have one flag in common, which a mortal's has not, and do not move.
    let immortals: [PyObjectRef; 5] = [
        vm.ctx.none(),
        vm.ctx.true_value.clone().into(),
        vm.ctx.false_value.clone().into(),
        vm.ctx.new_int(7).into(),
        vm.ctx.types.int_type.to_owned().into(),
    ];
    let mut flags = !COUNT_MASK;
    for immortal in &immortals {
        // SAFETY: as above.
        let before = unsafe { words(immortal, 1) }[0];
        let clone = immortal.clone();
        // SAFETY: as above.
        let after = unsafe { words(immortal, 1) }[0];
        drop(clone);
        if before != after {
            return fail("the count of an object that lives for ever moves");
        }
        flags &= before;
    }
    if flags.count_ones() != 1 {
        return fail(format!("no one flag ({flags:#x}) tells objects that live for ever from mortal ones"));
    }
    Ok((flags, COUNT_MASK))
}

fn int_fields(vm: &VirtualMachine, head: usize) -> Result<(usize, u64, usize, usize)> {
    let size = head + size_of::<PyInt>() / WORD;
    let sample = |text: &str| -> Result<Vec<u64>> {
        let int_type = vm.ctx.types.int_type.as_object();
        let object = python(int_type.call((vm.ctx.new_str(text),), vm), "making an int")?;
        // SAFETY: a PyInt is a head and a payload of this size.
        Ok(unsafe { words(&object, size) })
    };
    let values: [i64; 6] = [1_000_003, -1_000_003, 77_777_777_777, -77_777_777_777, i64::MAX, i64::MIN];
    let small: Vec<Vec<u64>> = values.iter().map(|value| sample(&value.to_string())).collect::<Result<_>>()?;
    let limbs: Vec<_> = small.iter().zip(values).map(|(words, value)| (words.clone(), value.unsigned_abs())).collect();
    let limb = only_word("the limb of an int", &limbs, head..size)?;
    let large: Vec<Vec<u64>> = [
        "340282366920938463463374607431768211456",
        "-18446744073709551616000000000000000000",
        "18446744073709551616",
        "123456789012345678901234567890",
    ]
    .iter()
    .map(|text| sample(text))
    .collect::<Result<_>>()?;
    // The tag: one value in all small ints, never that value in large ones. It stands where large ones have their
    // capacity, so it is a value that no capacity has; words that small ints leave unset cannot be mistaken for it.
    let tags: Vec<usize> = (head..size)
        .filter(|&n| {
            n * WORD != limb
                && small[0][n] > i64::MAX as u64
                && small.iter().all(|s| s[n] == small[0][n])
                && large.iter().all(|l| l[n] != small[0][n])
        })
        .collect();
    let [tag] = tags[..] else {
        return fail(format!("{} words tell small ints from large ones", tags.len()));
    };
    // The sign: one byte that is 1 for values that are not negative and 0 for the others.
    let byte = |words: &[u64], n: usize| words[n / WORD].to_ne_bytes()[n % WORD];
    let signs: Vec<usize> = (head * WORD..size * WORD)
        .filter(|&n| {
            n / WORD != tag
                && n / WORD * WORD != limb
                && small.iter().zip(values).all(|(s, value)| byte(s, n) == u8::from(value >= 0))
        })
        .collect();
    let [sign] = signs[..] else { return fail("the sign of an int is in no one byte") };
    Ok((tag * WORD, small[0][tag], limb, sign))
}

fn float_field(vm: &VirtualMachine, head: usize) -> Result<usize> {
    let size = head + size_of::<PyFloat>() / WORD;
    let samples: Vec<_> = [1.25f64, -7.5e300, 0.1]
        .iter()
        .map(|&value| {
            let object: PyObjectRef = vm.ctx.new_float(value).into();
            // SAFETY: a PyFloat is a head and a payload of this size.
            (unsafe { words(&object, size) }, value.to_bits())
        })
        .collect();
    only_word("the value of a float", &samples, head..size)
}

fn list_fields(vm: &VirtualMachine, head: usize) -> Result<(usize, usize)> {
    let size = head + size_of::<PyList>() / WORD;
    let mut data = Vec::new();
    let mut len = Vec::new();
    for (capacity, count) in [(37, 5), (1009, 113)] {
        let mut elements = Vec::with_capacity(capacity);
        elements.extend((0..count).map(|_| vm.ctx.none()));
        let list = vm.ctx.new_list(elements);
        // SAFETY: a PyList is a head and a payload of this size.
        let words = unsafe { words(list.as_object(), size) };
        data.push((words.clone(), list.borrow_vec().as_ptr() as u64));
        len.push((words, count as u64));
    }
    Ok((only_word("a list's data", &data, head..size)?, only_word("a list's length", &len, head..size)?))
}

fn tuple_fields(vm: &VirtualMachine, head: usize) -> Result<(usize, usize)> {
    let size = head + size_of::<PyTuple>() / WORD;
    let mut data = Vec::new();
    let mut len = Vec::new();
    for count in [5, 113] {
        let tuple = vm.ctx.new_tuple((0..count).map(|_| vm.ctx.none()).collect());
        // SAFETY: a PyTuple is a head and a payload of this size.
        let words = unsafe { words(tuple.as_object(), size) };
        data.push((words.clone(), tuple.as_slice().as_ptr() as u64));
        len.push((words, count as u64));
    }
    Ok((only_word("a tuple's data", &data, head..size)?, only_word("a tuple's length", &len, head..size)?))
}

fn python<T>(result: PyResult<T>, what: &str) -> Result<T> {
    result.or_else(|_| fail(format!("{what} raised")))
}

fn cell_field(vm: &VirtualMachine, head: usize) -> Result<usize> {
    let cell_type = vm.ctx.types.cell_type.as_object();
    let mut samples = Vec::new();
    for value in [1.5, 2.5] {
        let contents: PyObjectRef = vm.ctx.new_float(value).into();
        let cell = python(cell_type.call((contents.clone(),), vm), "making a cell")?;
        // SAFETY: a cell's payload is a lock and an optional reference, so at least one word and at most two.
        samples.push((unsafe { words(&cell, head + 2) }, address(&contents)));
        if value > 2.0 {
            // The lock of a cell at rest is zero; so must the contents be when there are none.
            let empty = python(cell_type.call(FuncArgs::default(), vm), "making an empty cell")?;
            let offset = only_word("the contents of a cell", &samples, head..head + 2)?;
            // SAFETY: as above.
            if unsafe { words(&empty, head + 2) }[offset / WORD] != 0 {
                return fail("an empty cell is not null");
            }
        }
    }
    only_word("the contents of a cell", &samples, head..head + 2)
}

fn run(vm: &VirtualMachine, source: &str) -> Result<rustpython_vm::scope::Scope> {
    let code = vm
        .compile(source, Mode::Exec, "<tjit layout>".to_owned())
        .or_else(|error| fail(format!("a probe did not compile: {error}")))?;
    let scope = vm.new_scope_with_builtins();
    python(vm.run_code_obj(code, scope.clone()), "a probe")?;
    Ok(scope)
}

fn item(vm: &VirtualMachine, scope: &rustpython_vm::scope::Scope, name: &str) -> Result<PyObjectRef> {
    python(scope.globals.get_item(name, vm), "a probe's result")
}

fn range_iter_fields(vm: &VirtualMachine, head: usize) -> Result<[usize; 4]> {
    let scope = run(
        vm,
        "a = iter(range(1000, 5000, 7))\nfor _ in range(13): next(a)\n\
         b = iter(range(90000, 3, -11))\nfor _ in range(29): next(b)\n",
    )?;
    let facts: [(&str, [i64; 4]); 2] = [("a", [13, 1000, 7, 572]), ("b", [29, 90000, -11, 8182])];
    let mut fields = [0; 4];
    let mut samples = Vec::new();
    for (name, values) in facts {
        let iterator = item(vm, &scope, name)?;
        // SAFETY: a range iterator's payload is these four words.
        samples.push((unsafe { words(&iterator, head + 4) }, values));
    }
    for (n, what) in ["index", "start", "step", "length"].iter().enumerate() {
        let one: Vec<_> = samples.iter().map(|(words, values)| (words.clone(), values[n] as u64)).collect();
        fields[n] = only_word(&format!("the {what} of a range iterator"), &one, head..head + 4)?;
    }
    Ok(fields)
}

fn sequence_iter_fields(vm: &VirtualMachine, head: usize) -> Result<[usize; 2]> {
    let scope = run(
        vm,
        "x = [0] * 50\na = iter(x)\nfor _ in range(13): next(a)\n\
         y = (0,) * 50\nb = iter(y)\nfor _ in range(29): next(b)\n\
         z = [0] * 50\nc = reversed(z)\nfor _ in range(7): next(c)\n\
         w = (0,) * 50\nd = reversed(w)\nfor _ in range(9): next(d)\n",
    )?;
    let mut sequence = Vec::new();
    let mut position = Vec::new();
    for (iterator, of, at) in [("a", "x", 13), ("b", "y", 29), ("c", "z", 42), ("d", "w", 40)] {
        let iterator = item(vm, &scope, iterator)?;
        // SAFETY: these iterators' payloads are a lock, the sequence and the position.
        let words = unsafe { words(&iterator, head + 3) };
        let sequence_object = item(vm, &scope, of)?;
        sequence.push((words.clone(), address(&sequence_object)));
        position.push((words, at));
    }
    Ok([
        only_word("the sequence of an iterator", &sequence, head..head + 3)?,
        only_word("the position of an iterator", &position, head..head + 3)?,
    ])
}

fn bound_method_fields(vm: &VirtualMachine, head: usize) -> Result<[usize; 2]> {
    let scope = run(
        vm,
        "class C:\n def f(self): pass\n def g(self): pass\nx, y = C(), C()\na, b = x.f, y.g\nf, g = C.f, C.g\n",
    )?;
    let (mut function, mut receiver) = (Vec::new(), Vec::new());
    for (method, of, bound_to) in [("a", "f", "x"), ("b", "g", "y")] {
        let [method, of, bound_to] = [item(vm, &scope, method)?, item(vm, &scope, of)?, item(vm, &scope, bound_to)?];
        // SAFETY: the payload of a bound method is these two references.
        let words = unsafe { words(&method, head + 2) };
        function.push((words.clone(), address(&of)));
        receiver.push((words, address(&bound_to)));
    }
    Ok([
        only_word("the function of a bound method", &function, head..head + 2)?,
        only_word("the receiver of a bound method", &receiver, head..head + 2)?,
    ])
}

fn str_iter_fields(vm: &VirtualMachine, head: usize) -> Result<[usize; 3]> {
    let scope = run(
        vm,
        "x = '\u{e9}' * 50\na = iter(x)\nfor _ in range(13): next(a)\n\
         y = '\u{20ac}' * 50\nb = iter(y)\nfor _ in range(29): next(b)\n",
    )?;
    let mut facts = [Vec::new(), Vec::new(), Vec::new()];
    for (iterator, of, at, offset) in [("a", "x", 13, 26), ("b", "y", 29, 87)] {
        let iterator = item(vm, &scope, iterator)?;
        // SAFETY: a str iterator's payload is a lock, the string, the position and the offset.
        let words = unsafe { words(&iterator, head + 4) };
        let string = item(vm, &scope, of)?;
        for (fact, value) in facts.iter_mut().zip([address(&string), at, offset]) {
            fact.push((words.clone(), value));
        }
    }
    let field = |n: usize, what: &str| only_word(&format!("the {what} of a str iterator"), &facts[n], head..head + 4);
    Ok([field(0, "string")?, field(1, "position")?, field(2, "offset")?])
}

fn enumerate_fields(vm: &VirtualMachine, head: usize) -> Result<EnumerateLayout> {
    let size = head + size_of::<PyEnumerate>() / WORD;
    let scope = run(
        vm,
        "i = [iter(()) for _ in range(8)]\n\
         e = [enumerate(j, n) for j, n in zip(i, [0, 77, 1000003, 1 << 62, -5, 1 << 64, 10 ** 30, -(10 ** 30)])]\n",
    )?;
    let (iterators, enumerates) = (item(vm, &scope, "i")?, item(vm, &scope, "e")?);
    let mut inner = Vec::new();
    let mut small = Vec::new();
    let mut large = Vec::new();
    for (n, start) in [0, 77, 1_000_003, 1 << 62].into_iter().map(Some).chain([None; 4]).enumerate() {
        let iterator = python(iterators.get_item(&n, vm), "a probe's iterator")?;
        let object = python(enumerates.get_item(&n, vm), "a probe's enumerate")?;
        // SAFETY: a PyEnumerate is a head and a payload of this size.
        let words = unsafe { words(&object, size) };
        inner.push((words.clone(), address(&iterator)));
        match start {
            Some(start) => small.push((words, start)),
            None => large.push(words),
        }
    }
    let count = only_word("the count of an enumerate", &small, head..size)?;
    // As for ints: the tag stands where a large count has its capacity, so it has a value that no capacity has.
    let tags: Vec<usize> = (head..size)
        .filter(|&n| {
            let tag = small[0].0[n];
            tag > i64::MAX as u64
                && small.iter().all(|(words, _)| words[n] == tag)
                && large.iter().all(|words| words[n] != tag)
        })
        .collect();
    let [tag] = tags[..] else {
        return fail(format!("{} words tell small counts of an enumerate from large ones", tags.len()));
    };
    let inner = only_word("the iterator of an enumerate", &inner, head..size)?;
    Ok(EnumerateLayout { inner, count, tag: tag * WORD, small: small[0].0[tag] })
}

fn map_fields(vm: &VirtualMachine, head: usize) -> Result<MapLayout> {
    let size = head + size_of::<PyMap>() / WORD;
    let (zip, samples) = zip_fields(vm, "map(len, ", size, head)?;
    let len = python(vm.builtins.get_attr("len", vm), "a probe's function")?;
    let samples: Vec<_> = samples.into_iter().map(|words| (words, address(&len))).collect();
    Ok(MapLayout { function: only_word("the function of a map", &samples, head..size)?, zip })
}

/// Of a `zip`, or of what has the same in it and is made by a call that begins like this. Gives the words of those looked
/// at, too.
fn zip_fields(vm: &VirtualMachine, call: &str, size: usize, head: usize) -> Result<(ZipLayout, Vec<Vec<u64>>)> {
    let scope = run(
        vm,
        &format!(
            "i = [[iter(()) for _ in range(n)] for n in (3, 5, 7, 3, 5, 7)]\n\
             z = [{call}*l, strict=n >= 3) for n, l in enumerate(i)]\n"
        ),
    )?;
    let (iterators, zips) = (item(vm, &scope, "i")?, item(vm, &scope, "z")?);
    let mut len = Vec::new();
    let mut samples = Vec::new();
    for (n, count) in [3, 5, 7, 3, 5, 7].into_iter().enumerate() {
        let object = python(zips.get_item(&n, vm), "a probe's zip")?;
        let inner = python(iterators.get_item(&n, vm), "a probe's iterators")?;
        let inner: Vec<u64> = match inner.downcast_ref::<PyList>() {
            Some(list) => list.borrow_vec().iter().map(|iterator| address(iterator)).collect(),
            None => return fail("a probe's iterators are no list"),
        };
        // SAFETY: the object is a head and a payload, which are of this size together.
        let words = unsafe { words(&object, size) };
        len.push((words.clone(), count));
        samples.push((words, inner));
    }
    let len = only_word("the length of a zip", &len, head..size)?;
    let flags: Vec<usize> = (head..size)
        .filter(|&n| {
            let flag = |n: usize, words: &[u64]| words[n].to_ne_bytes()[0];
            samples.iter().enumerate().all(|(at, (words, _))| flag(n, words) == u8::from(at >= 3))
        })
        .collect();
    let [strict] = flags[..] else { return fail("the strictness of a zip is in no one byte") };
    // The vector's pointer: of its three words, the one that is no count.
    let data: Vec<usize> = (head..size)
        .filter(|&n| {
            samples.iter().all(|(words, inner)| {
                let pointer = words[n];
                n != strict && pointer > 0x10000 && pointer.is_multiple_of(WORD as u64) && {
                    // SAFETY: of the vector's words, length and capacity are small, so this one is the pointer.
                    (0..inner.len()).all(|at| inner[at] == unsafe { (pointer as *const u64).add(at).read() })
                }
            })
        })
        .collect();
    let [data] = data[..] else { return fail(format!("the iterators of a zip could be in {} places", data.len())) };
    let looked_at = samples.into_iter().map(|(words, _)| words).collect();
    Ok((ZipLayout { data: data * WORD, len, strict: strict * WORD }, looked_at))
}
