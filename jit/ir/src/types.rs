//! The types of values and the tiny lattice of effects.

use std::fmt;

/// The machine-level type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ty {
    /// A Python int that fits in 64 bits, unboxed.
    Int,
    /// A Python float, unboxed.
    Float,
    /// A Python bool or the result of a comparison, unboxed (0 or 1).
    Bool,
    /// A pointer to a Python object. Never null, unless an operation says so.
    Ref,
    /// No value: guards and stores.
    Unit,
}

impl Ty {
    /// The name used in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Bool => "bool",
            Ty::Ref => "ref",
            Ty::Unit => "unit",
        }
    }

    /// The inverse of [`Ty::name`].
    pub fn parse(name: &str) -> Option<Ty> {
        [Ty::Int, Ty::Float, Ty::Bool, Ty::Ref, Ty::Unit].into_iter().find(|ty| ty.name() == name)
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

bitflags::bitflags! {
    /// Disjoint parts of the heap. Two accesses can only interfere when their classes intersect.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Mem: u16 {
        /// Lengths and elements of lists.
        const LIST = 1;
        /// Dicts, module globals included.
        const DICT = 1 << 1;
        /// Closure cells.
        const CELL = 1 << 2;
        /// Attributes and slots of instances.
        const OBJECT = 1 << 3;
        /// Locals that live in the frame's memory rather than in values of the trace.
        const FRAME = 1 << 4;
        /// Anything else that is mutable (sets, deques, files, the state of C-level objects).
        const OTHER = 1 << 5;
        /// Who is alive: what `keep_alive` orders against finalisers.
        const LIFE = 1 << 6;
        /// The keys of instances' dicts, which dict an instance has, and the versions of classes and functions.
        const SHAPE = 1 << 7;
        /// Which keys dicts have, and in which entries.
        const KEYS = 1 << 8;
    }
}

/// What an operation may do besides computing its result.
///
/// Common subexpression elimination, store removal and hoisting ask this and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effects {
    /// Memory whose contents the result depends on.
    pub reads: Mem,
    /// Memory that may have changed afterwards.
    pub writes: Mem,
    /// References may be dropped by it, so that a borrowed reference loaded before may dangle afterwards.
    pub releases: bool,
    /// Leaves the trace when its condition fails (guards, checked arithmetic, calls that raise).
    pub exits: bool,
    /// May run arbitrary Python code, and may look at frames.
    pub opaque: bool,
    /// Makes a new object, so that two executions are two identities.
    pub allocates: bool,
}

impl Effects {
    /// No effect at all: may be removed, repeated, moved and merged.
    pub const PURE: Effects = Effects {
        reads: Mem::empty(),
        writes: Mem::empty(),
        releases: false,
        exits: false,
        opaque: false,
        allocates: false,
    };
    /// No effect but leaving the trace.
    pub const GUARD: Effects = Effects { exits: true, ..Effects::PURE };
    /// Makes an object.
    pub const ALLOC: Effects = Effects { allocates: true, ..Effects::PURE };
    /// Anything can happen.
    pub const OPAQUE: Effects =
        Effects { reads: Mem::all(), writes: Mem::all(), releases: true, exits: true, opaque: true, allocates: true };

    /// Reads the given memory.
    pub const fn read(mem: Mem) -> Effects {
        Effects { reads: mem, ..Effects::PURE }
    }

    /// Writes the given memory and drops what was there.
    pub const fn write(mem: Mem) -> Effects {
        Effects { writes: mem, releases: true, ..Effects::PURE }
    }

    /// Whether an unused result makes the operation removable.
    pub fn removable(&self) -> bool {
        self.writes.is_empty() && !self.exits && !self.opaque && !self.releases
    }

    /// Whether a second execution with the same operands gives the same value while the memory it reads is unchanged.
    pub fn repeatable(&self) -> bool {
        self.writes.is_empty() && !self.opaque && !self.allocates && !self.releases
    }
}
