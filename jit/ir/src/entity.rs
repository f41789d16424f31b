//! Index newtypes. Each prints as it is stored: `%12` in a dump is `ValueId(12)` in memory.

macro_rules! entity {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// Wraps a table index.
            ///
            /// # Panics
            /// When the index exceeds `u32`; tables of a trace are bounded far below that.
            pub fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("entity index exceeds u32"))
            }

            /// The index into the table that this names.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

entity!(
    /// A value of a trace: a parameter or the result of an instruction.
    ValueId, "%"
);
entity!(
    /// A snapshot in a trace's side table.
    SnapshotId, "s"
);
entity!(
    /// A virtual object in a trace's side table.
    VirtualId, "v"
);
entity!(
    /// A constant object in a trace's pool.
    RefId, "@"
);
entity!(
    /// A class in a trace's pool.
    ClassId, "class"
);
entity!(
    /// A code object in a trace's pool.
    CodeId, "code"
);
entity!(
    /// A native helper in a trace's pool.
    HelperId, "helper"
);
entity!(
    /// A trace, unique in the process.
    TraceId, "t"
);
