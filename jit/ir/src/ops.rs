//! The table of operations: the one place where an operation is added.
//!
//! The enum, its names in the text form, its operand and result types and its effects all derive from the table.
//! Conventions:
//!
//! * An operation whose effects say `exits` carries a snapshot; when its condition fails, the trace is left in the state
//!   of that snapshot, *before* the bytecode instruction that it belongs to, which the interpreter then does again.
//! * `_ovf` operations leave the trace when the exact result does not fit in 64 bits.
//! * A `Ref` result is *owned* (a new reference, which somebody must drop) or *borrowed* (valid until the next operation
//!   whose effects say `releases`). Operands are borrowed by the operation, except those that the table marks as taken.
//!   The ownership pass makes the counts explicit with `inc_ref` and `dec_ref`.

use crate::types::{Effects, Mem, Ty};

/// What kind of immediate an operation carries besides its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImmKind {
    /// None.
    None,
    /// A 64-bit integer.
    Int,
    /// A float, by its bits.
    Float,
    /// A constant object of the pool.
    Ref,
    /// A class of the pool.
    Class,
    /// A helper of the pool.
    Helper,
    /// An index: tuple element, or the number of a local.
    Index,
}

/// Who owns the reference that an operation yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ownership {
    /// Not a reference, or one that the pool keeps alive.
    None,
    /// A new reference: somebody has to drop it.
    Owned,
    /// Kept alive by something else until the next operation that releases.
    Borrowed,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// Name in the text form.
    pub name: &'static str,
    /// Types of the operands; empty for operations with any number of operands (`variadic`).
    pub args: &'static [Ty],
    /// Whether the operands are listed by a helper's signature instead of `args`.
    pub variadic: bool,
    /// Type of the result. For `call` it is the helper's.
    pub result: Ty,
    /// Effects. For `call` they are the helper's.
    pub effects: Effects,
    /// The immediate.
    pub imm: ImmKind,
    /// Ownership of the result. For `call` it is the helper's.
    pub ownership: Ownership,
    /// Bit `n` is set when operand `n` is taken: the operation consumes one reference to it.
    pub takes: u8,
}

macro_rules! ops {
    (@bool) => { false };
    ($(
        $(#[$doc:meta])*
        $variant:ident = $name:literal ($($arg:ident),*) -> $result:ident, $effects:expr $(, imm $imm:ident)? $(, owned $own:ident)? $(, takes $takes:literal)? $(, variadic $variadic:literal)?;
    )*) => {
        /// An operation of the IR.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Op {
            $( $(#[$doc])* $variant, )*
        }

        const TABLE: &[OpInfo] = &[
            $( OpInfo {
                name: $name,
                args: &[$(Ty::$arg),*],
                variadic: false $(|| $variadic)?,
                result: Ty::$result,
                effects: $effects,
                imm: { #[allow(unused_mut, unused_assignments)] let mut imm = ImmKind::None; $( imm = ImmKind::$imm; )? imm },
                ownership: { #[allow(unused_mut, unused_assignments)] let mut own = Ownership::None; $( own = Ownership::$own; )? own },
                takes: 0 $(| $takes)?,
            }, )*
        ];

        /// Every operation, in the order of the table.
        pub const ALL_OPS: &[Op] = &[$(Op::$variant),*];
    };
}

/// All that Python code can change without looking at frames.
const HEAP: Mem =
    Mem::LIST.union(Mem::DICT).union(Mem::CELL).union(Mem::OBJECT).union(Mem::OTHER).union(Mem::SHAPE).union(Mem::KEYS);
const EXACT: Effects = Effects::GUARD;
const LIST_READ: Effects = Effects::read(Mem::LIST);
const LIST_WRITE: Effects = Effects::write(Mem::LIST);

ops! {
    // Constants.
    /// An int constant.
    ConstInt = "const_int"() -> Int, Effects::PURE, imm Int;
    /// A float constant, by bits: `-0.0` and every nan are themselves.
    ConstFloat = "const_float"() -> Float, Effects::PURE, imm Float;
    /// A bool constant (immediate 0 or 1).
    ConstBool = "const_bool"() -> Bool, Effects::PURE, imm Int;
    /// A constant object, kept alive by the trace's pool.
    ConstRef = "const_ref"() -> Ref, Effects::PURE, imm Ref;

    // Parameters. The immediate is the parameter's position.
    /// An int parameter.
    ParamInt = "param_int"() -> Int, Effects::PURE, imm Index;
    /// A float parameter.
    ParamFloat = "param_float"() -> Float, Effects::PURE, imm Index;
    /// A bool parameter.
    ParamBool = "param_bool"() -> Bool, Effects::PURE, imm Index;
    /// A reference parameter. The trace owns it.
    ParamRef = "param_ref"() -> Ref, Effects::PURE, imm Index, owned Owned;

    // Checked int arithmetic.
    /// `a + b`, exact.
    AddOvf = "add_ovf"(Int, Int) -> Int, EXACT;
    /// `a - b`, exact.
    SubOvf = "sub_ovf"(Int, Int) -> Int, EXACT;
    /// `a * b`, exact.
    MulOvf = "mul_ovf"(Int, Int) -> Int, EXACT;
    /// `-a`, exact.
    NegOvf = "neg_ovf"(Int) -> Int, EXACT;
    /// `abs(a)`, exact.
    AbsOvf = "abs_ovf"(Int) -> Int, EXACT;
    /// `a << b`, exact; leaves when `b` is not in 0..64 or a bit is lost.
    ShlOvf = "shl_ovf"(Int, Int) -> Int, EXACT;
    /// Python's `a // b`; leaves when `b` is 0 or the result does not fit.
    FloorDivOvf = "floordiv_ovf"(Int, Int) -> Int, EXACT;
    /// Python's `a % b` (sign of the divisor); leaves when `b` is 0.
    ModOvf = "mod_ovf"(Int, Int) -> Int, EXACT;

    // Unchecked int arithmetic: wraps. Emitted where a pass has proved that the result fits.
    /// `a + b`, known to fit.
    Add = "add"(Int, Int) -> Int, Effects::PURE;
    /// `a - b`, known to fit.
    Sub = "sub"(Int, Int) -> Int, Effects::PURE;
    /// `a * b`, known to fit.
    Mul = "mul"(Int, Int) -> Int, Effects::PURE;
    /// `-a`, known to fit.
    Neg = "neg"(Int) -> Int, Effects::PURE;
    /// `abs(a)`, known to fit.
    Abs = "abs"(Int) -> Int, Effects::PURE;
    /// Python's `a // b` where `b` is known to be neither 0 nor -1.
    FloorDiv = "floordiv"(Int, Int) -> Int, Effects::PURE;
    /// Python's `a % b` where `b` is known to be neither 0 nor -1.
    Mod = "mod"(Int, Int) -> Int, Effects::PURE;
    /// `a & b`.
    And = "and"(Int, Int) -> Int, Effects::PURE;
    /// `a | b`.
    Or = "or"(Int, Int) -> Int, Effects::PURE;
    /// `a ^ b`.
    Xor = "xor"(Int, Int) -> Int, Effects::PURE;
    /// `~a`.
    Not = "not"(Int) -> Int, Effects::PURE;
    /// `a << b` where 0 <= b < 64 and no bit is lost.
    Shl = "shl"(Int, Int) -> Int, Effects::PURE;
    /// `a >> min(b, 63)` for b >= 0: arithmetic shift.
    Shr = "shr"(Int, Int) -> Int, Effects::PURE;
    /// The smaller of two.
    MinInt = "min_int"(Int, Int) -> Int, Effects::PURE;
    /// The larger of two.
    MaxInt = "max_int"(Int, Int) -> Int, Effects::PURE;

    // Comparisons.
    /// `a == b` of ints.
    EqInt = "eq_int"(Int, Int) -> Bool, Effects::PURE;
    /// `a != b` of ints.
    NeInt = "ne_int"(Int, Int) -> Bool, Effects::PURE;
    /// `a < b` of ints.
    LtInt = "lt_int"(Int, Int) -> Bool, Effects::PURE;
    /// `a <= b` of ints.
    LeInt = "le_int"(Int, Int) -> Bool, Effects::PURE;
    /// `a > b` of ints.
    GtInt = "gt_int"(Int, Int) -> Bool, Effects::PURE;
    /// `a >= b` of ints.
    GeInt = "ge_int"(Int, Int) -> Bool, Effects::PURE;
    /// `0 <= a < b`, as one unsigned comparison; `b` is known not to be negative.
    InBounds = "in_bounds"(Int, Int) -> Bool, Effects::PURE;
    /// `a == b` of floats: false for nan.
    EqFloat = "eq_float"(Float, Float) -> Bool, Effects::PURE;
    /// `a != b` of floats: true for nan.
    NeFloat = "ne_float"(Float, Float) -> Bool, Effects::PURE;
    /// `a < b` of floats.
    LtFloat = "lt_float"(Float, Float) -> Bool, Effects::PURE;
    /// `a <= b` of floats.
    LeFloat = "le_float"(Float, Float) -> Bool, Effects::PURE;
    /// `a > b` of floats.
    GtFloat = "gt_float"(Float, Float) -> Bool, Effects::PURE;
    /// `a >= b` of floats.
    GeFloat = "ge_float"(Float, Float) -> Bool, Effects::PURE;
    /// `not a`.
    NotBool = "not_bool"(Bool) -> Bool, Effects::PURE;
    /// `a and b`, both already evaluated.
    AndBool = "and_bool"(Bool, Bool) -> Bool, Effects::PURE;
    /// `a or b`, both already evaluated.
    OrBool = "or_bool"(Bool, Bool) -> Bool, Effects::PURE;
    /// `a != b` of bools.
    XorBool = "xor_bool"(Bool, Bool) -> Bool, Effects::PURE;
    /// Identity of two objects: `a is b`.
    SameRef = "same_ref"(Ref, Ref) -> Bool, Effects::PURE;

    // Floats.
    /// `a + b`.
    AddFloat = "add_float"(Float, Float) -> Float, Effects::PURE;
    /// `a - b`.
    SubFloat = "sub_float"(Float, Float) -> Float, Effects::PURE;
    /// `a * b`.
    MulFloat = "mul_float"(Float, Float) -> Float, Effects::PURE;
    /// `a / b` by IEEE rules; a guard before it has excluded `b == 0`.
    DivFloat = "div_float"(Float, Float) -> Float, Effects::PURE;
    /// `-a`.
    NegFloat = "neg_float"(Float) -> Float, Effects::PURE;
    /// `abs(a)`.
    AbsFloat = "abs_float"(Float) -> Float, Effects::PURE;
    /// The square root; a guard before it has excluded `a < 0`.
    SqrtFloat = "sqrt_float"(Float) -> Float, Effects::PURE;
    /// Largest integral float not above.
    FloorFloat = "floor_float"(Float) -> Float, Effects::PURE;
    /// Smallest integral float not below.
    CeilFloat = "ceil_float"(Float) -> Float, Effects::PURE;
    /// Integral float towards zero.
    TruncFloat = "trunc_float"(Float) -> Float, Effects::PURE;

    // Conversions.
    /// The nearest float, ties to even: `float(a)`.
    IntToFloat = "int_to_float"(Int) -> Float, Effects::PURE;
    /// `int(a)`, towards zero; leaves when the result does not fit in 64 bits, or for nan and infinities.
    FloatToInt = "float_to_int"(Float) -> Int, EXACT;
    /// `int(a)` of a bool.
    BoolToInt = "bool_to_int"(Bool) -> Int, Effects::PURE;
    /// `cond ? a : b` of ints.
    SelectInt = "select_int"(Bool, Int, Int) -> Int, Effects::PURE;
    /// `cond ? a : b` of floats.
    SelectFloat = "select_float"(Bool, Float, Float) -> Float, Effects::PURE;

    // Guards.
    /// Leaves unless the condition is true.
    GuardTrue = "guard_true"(Bool) -> Unit, Effects::GUARD;
    /// Leaves unless the condition is false.
    GuardFalse = "guard_false"(Bool) -> Unit, Effects::GUARD;
    /// Leaves unless the object's class is exactly the immediate.
    GuardClass = "guard_class"(Ref) -> Unit, Effects::GUARD, imm Class;
    /// Leaves unless the object is the constant.
    GuardIs = "guard_is"(Ref) -> Unit, Effects::GUARD, imm Ref;
    /// Leaves unless the condition is true, for a reason that must not be made up: something was done before that the
    /// snapshot has behind it only if the condition is false.
    GuardMore = "guard_more"(Bool) -> Unit, Effects::GUARD;
    /// Leaves if the object is the constant.
    GuardIsNot = "guard_is_not"(Ref) -> Unit, Effects::GUARD, imm Ref;
    /// The object is the constant: whoever entered the trace has made sure of it.
    AssumeIs = "assume_is"(Ref) -> Unit, Effects { writes: Mem::LIFE, ..Effects::PURE }, imm Ref;
    /// Takes one from the fuel, and leaves when there was none left, so that the interpreter can serve signals and the
    /// collector.
    Poll = "poll"() -> Unit, Effects::GUARD;
    /// Before a call of a compiled function: leaves when as many more frames (immediate: those of the call's snapshot) would
    /// be too many, or when the fuel, of which it takes one, was used up long ago.
    Descend = "descend"() -> Unit, Effects { writes: Mem::LIFE, ..Effects::GUARD }, imm Index;
    /// Leaves always. Ends a trace whose continuation is left to the interpreter.
    Leave = "leave"() -> Unit, Effects::GUARD;

    // Boxes.
    /// The value of an exact int; leaves when it does not fit in 64 bits. The class was guarded before.
    UnboxInt = "unbox_int"(Ref) -> Int, Effects::GUARD;
    /// The value of an exact float. The class was guarded before.
    UnboxFloat = "unbox_float"(Ref) -> Float, Effects::PURE;
    /// The value of a bool. The class was guarded before.
    UnboxBool = "unbox_bool"(Ref) -> Bool, Effects::PURE;
    /// A Python int.
    BoxInt = "box_int"(Int) -> Ref, Effects::ALLOC, owned Owned;
    /// A Python float.
    BoxFloat = "box_float"(Float) -> Ref, Effects::ALLOC, owned Owned;
    /// `True` or `False`; immortal, so nobody owns it.
    BoxBool = "box_bool"(Bool) -> Ref, Effects::PURE;

    // Sequences. Classes and bounds were guarded before.
    /// Length of an exact list.
    ListLen = "list_len"(Ref) -> Int, LIST_READ;
    /// Element of an exact list.
    ListGet = "list_get"(Ref, Int) -> Ref, LIST_READ, owned Borrowed;
    /// Replaces an element of an exact list and drops the old one.
    ListSet = "list_set"(Ref, Int, Ref) -> Unit, LIST_WRITE, takes 0b100;
    /// Replaces an element of an exact list by a Python float of this value, and drops the old one. A float that only the
    /// list refers to is overwritten instead: nobody can tell.
    ListSetFloat = "list_set_float"(Ref, Int, Float) -> Unit, LIST_WRITE;
    /// Length of an exact tuple.
    TupleLen = "tuple_len"(Ref) -> Int, Effects::PURE;
    /// Element of an exact tuple.
    TupleGet = "tuple_get"(Ref, Int) -> Ref, Effects::PURE, owned Borrowed;

    // Cells and frame memory.
    /// The contents of a closure cell; leaves when it is empty.
    CellGet = "cell_get"(Ref) -> Ref, Effects { exits: true, ..Effects::read(Mem::CELL) }, owned Borrowed;
    /// Sets the contents of a closure cell and drops the old ones.
    CellSet = "cell_set"(Ref, Ref) -> Unit, Effects::write(Mem::CELL), takes 0b10;
    /// A local that lives in the entered frame's memory (immediate: its number); leaves when it is unbound.
    FrameGet = "frame_get"() -> Ref, Effects { exits: true, ..Effects::read(Mem::FRAME) }, imm Index, owned Borrowed;
    /// Sets a local that lives in the entered frame's memory, and drops the old value.
    FrameSet = "frame_set"(Ref) -> Unit, Effects::write(Mem::FRAME), imm Index, takes 0b1;

    // Names in dicts whose keys are constant strings: globals, builtins, the names of modules.
    /// Leaves unless a name is bound to the constant: in the first dict or, if it is not there at all, in the second.
    GuardName = "guard_name"(Ref, Ref, Ref) -> Unit, Effects { exits: true, ..Effects::read(Mem::DICT) }, imm Ref;
    /// What a name is bound to in a dict; leaves when it is not bound.
    NameGet = "name_get"(Ref, Ref) -> Ref, Effects { exits: true, ..Effects::read(Mem::DICT) }, owned Borrowed;
    /// Binds a name in a dict, and drops what it was bound to.
    NameSet = "name_set"(Ref, Ref, Ref) -> Unit, Effects::write(Mem::DICT.union(Mem::KEYS)), takes 0b100;

    // Attributes.
    /// The version of a class; 0 once it or a base was changed. No version ever comes again.
    ClassVersion = "class_version"(Ref) -> Int, Effects::read(Mem::SHAPE);
    /// A word, given by its address, with the version that a class has if nothing but tallies was set.
    VersionCell = "version_cell"(Int) -> Int, Effects::read(Mem::SHAPE);
    /// The version of a Python function; 0 once its code or defaults were changed.
    FunctionVersion = "function_version"(Ref) -> Int, Effects::read(Mem::SHAPE);
    /// The dict of an instance of a class that gives its instances one; leaves when it has none.
    InstanceDict = "instance_dict"(Ref) -> Ref, Effects { exits: true, ..Effects::read(Mem::SHAPE) }, owned Borrowed;
    /// How many entries an exact dict has, those of removed keys included.
    DictLen = "dict_len"(Ref) -> Int, Effects::read(Mem::SHAPE);
    /// Leaves unless an entry of an exact dict that has so many (immediate: its number) is that of a key.
    GuardKey = "guard_key"(Ref, Ref) -> Unit, Effects { exits: true, ..Effects::read(Mem::SHAPE) }, imm Index;
    /// The value of an entry of an exact dict whose key was guarded.
    EntryGet = "entry_get"(Ref) -> Ref, Effects::read(Mem::OBJECT), imm Index, owned Borrowed;
    /// Replaces the value of an entry of an exact dict whose key was guarded, and drops the old one.
    EntrySet = "entry_set"(Ref, Ref) -> Unit, Effects::write(Mem::OBJECT), imm Index, takes 0b10;
    /// The same with a Python float of this value; one that only the dict refers to is overwritten instead.
    EntrySetFloat = "entry_set_float"(Ref, Float) -> Unit, Effects::write(Mem::OBJECT), imm Index;
    /// What a slot of an instance holds (immediate: how many bytes in front of the object it is); leaves when nothing.
    SlotGet = "slot_get"(Ref) -> Ref, Effects { exits: true, ..Effects::read(Mem::OBJECT) }, imm Index, owned Borrowed;
    /// Sets a slot of an instance, and drops what it held.
    SlotSet = "slot_set"(Ref, Ref) -> Unit, Effects::write(Mem::OBJECT), imm Index, takes 0b10;
    /// The same with a Python float of this value; one that only the slot refers to is overwritten instead.
    SlotSetFloat = "slot_set_float"(Ref, Float) -> Unit, Effects::write(Mem::OBJECT), imm Index;

    // Calls.
    /// Calls a native helper. Signature, effects and ownership are the helper's; with effects that exit, an exception
    /// that the helper reports leaves the trace by its snapshot and is raised there.
    Call = "call"() -> Unit, Effects::OPAQUE, imm Helper, variadic true;

    // Counts, made explicit by the ownership pass.
    /// The program holds the reference until here, where it gives it up: it must not be dropped earlier.
    KeepAlive = "keep_alive"(Ref) -> Unit, Effects { writes: Mem::LIFE, ..Effects::PURE };
    /// Something was decided from the value being one of 64 bits: the check that makes it one must stay.
    Rely = "rely"(Int) -> Unit, Effects { writes: Mem::LIFE, ..Effects::PURE };
    /// Finalisers may have run here, because of what was dropped: Python code that may have changed anything but the
    /// program's variables.
    Finalised = "finalised"() -> Unit, Effects { writes: HEAP, ..Effects::PURE };
    /// Adds a reference.
    IncRef = "inc_ref"(Ref) -> Unit, Effects { writes: Mem::OTHER, ..Effects::PURE };
    /// Drops a reference; the object dies with the last one. Class facts tell when that cannot run Python code.
    DecRef = "dec_ref"(Ref) -> Unit, Effects { releases: true, ..Effects::PURE };
}

impl Op {
    /// The row of the table.
    pub fn info(self) -> &'static OpInfo {
        &TABLE[self as usize]
    }

    /// Name in the text form.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The inverse of [`Op::name`].
    pub fn parse(name: &str) -> Option<Op> {
        ALL_OPS.iter().copied().find(|op| op.name() == name)
    }

    /// Whether this is a constant.
    pub fn is_const(self) -> bool {
        matches!(self, Op::ConstInt | Op::ConstFloat | Op::ConstBool | Op::ConstRef)
    }

    /// Whether this is a parameter.
    pub fn is_param(self) -> bool {
        matches!(self, Op::ParamInt | Op::ParamFloat | Op::ParamBool | Op::ParamRef)
    }

    /// The parameter operation for a type.
    ///
    /// # Panics
    /// For [`Ty::Unit`], which no parameter has.
    pub fn param(ty: Ty) -> Op {
        match ty {
            Ty::Int => Op::ParamInt,
            Ty::Float => Op::ParamFloat,
            Ty::Bool => Op::ParamBool,
            Ty::Ref => Op::ParamRef,
            Ty::Unit => panic!("a parameter has a value"),
        }
    }
}
