//! What code generation knows of objects: offsets in bytes, bit patterns, addresses, helper functions.
//!
//! Filled by whoever knows the VM and has checked it. A wrong value here is a wrong program: nothing can check it later.

/// The header of every object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ObjectLayout {
    /// Where the 64-bit count word is.
    pub count: i32,
    /// Where the pointer to the class is.
    pub class: i32,
    /// Bit of the count word that says that the count never changes: the one right above `count_mask`.
    pub immortal: u64,
    /// Bits of the count word that hold the count: the low ones.
    pub count_mask: u64,
}

/// A Python int: a sign and either one 64-bit magnitude or something larger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntLayout {
    /// Where the 64-bit word is that tells the two forms apart.
    pub tag: i32,
    /// What that word holds when the magnitude is one word.
    pub small_tag: u64,
    /// Where the magnitude is, then.
    pub magnitude: i32,
    /// Where the sign byte is: 1 for non-negative, 0 for negative.
    pub sign: i32,
}

/// A list or tuple: a length and a pointer to object pointers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SequenceLayout {
    /// Where the 64-bit length is.
    pub len: i32,
    /// Where the pointer to the elements is.
    pub data: i32,
}

/// A dict: an array of entries, some of which may be empty, in the order in which their keys came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DictLayout {
    /// Where the pointer to the entries is.
    pub entries: i32,
    /// Where their 64-bit number is.
    pub len: i32,
    /// Where the 32-bit stamp of the keys is: while it is the same and not 0, the keys are the same.
    pub stamp: i32,
    /// Bytes of an entry.
    pub entry_size: i64,
    /// Where an entry has the pointer to its key.
    pub key: i32,
    /// Where an entry has the pointer to its value. One of the two is null in an empty entry.
    pub value: i32,
}

/// What attributes need, besides dicts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttributeLayout {
    /// Where an instance has the nullable pointer to its dict: in front of it.
    pub instance_dict: i32,
    /// Where a class has its 32-bit version.
    pub class_version: i32,
    /// Where a Python function has its 32-bit version.
    pub function_version: i32,
}

/// Ints that exist already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmallInts {
    /// The smallest.
    pub min: i64,
    /// The largest.
    pub max: i64,
    /// Address of an array of object pointers, from the smallest to the largest.
    pub table: u64,
}

/// Addresses of native functions in the platform's C convention; `ctx` is the [`Context`](crate::Context).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Helpers {
    /// `fn(ctx, object)`: drops one reference, the whole way. Called when it is the last; never for immortals.
    pub release: u64,
    /// `fn(ctx, i64) -> object`: a new int. Cannot fail.
    pub box_int: u64,
    /// `fn(ctx, f64) -> object`: a new float. Cannot fail.
    pub box_float: u64,
    /// `fn(ctx, dict, second dict, name, object, cell) -> bool`: whether the name is bound to the object, see
    /// `guard_name`. `cell` is a [`NameCell`](crate::NameCell) that may be set.
    pub name_is: u64,
    /// `fn(ctx, dict, name, cell) -> object`: borrowed, null when the name is not bound.
    pub name_get: u64,
    /// `fn(ctx, dict, name, object, cell)`: binds the name; takes the reference to the object.
    pub name_set: u64,
    /// `fn(ctx, exit id)`: a function that compiled code has called has left by this exit, whose values are in the
    /// context, and its caller is about to leave too.
    pub unwound: u64,
}

/// Everything that the code generator knows of the VM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Headers.
    pub object: ObjectLayout,
    /// Ints.
    pub int: IntLayout,
    /// Where the 64 bits of a float are.
    pub float_value: i32,
    /// Address of the class of floats.
    pub float_class: u64,
    /// Lists.
    pub list: SequenceLayout,
    /// Tuples.
    pub tuple: SequenceLayout,
    /// Dicts; without it, the helpers do everything.
    pub dict: Option<DictLayout>,
    /// Attributes; without it, there are no operations on them.
    pub attributes: Option<AttributeLayout>,
    /// Where a closure cell has its nullable contents.
    pub cell_contents: i32,
    /// Address of `True`, which is immortal.
    pub true_object: u64,
    /// Address of `False`, which is immortal.
    pub false_object: u64,
    /// Ints that boxing need not make.
    pub small_ints: Option<SmallInts>,
    /// Native functions.
    pub helpers: Helpers,
}
