//! What the build script notes about the sites of a code object of the library, among its constants (see `stored`).
//!
//! ```text
//! tjit sites  a mark, which no constant of the library begins with
//! u32         number of constants of the original
//! u32         where its units, line table and exception table begin in `sited_tables.bin`, one after the other
//! u32 × 3     their lengths
//! u32 × 4     for each insertion: at, unit, len, kind
//! ```

use super::rewrite::{Insertion, Kind};

/// What a note begins with.
pub(super) const MARK: &[u8] = b"tjit sites";

/// See the module.
pub(super) struct Note {
    pub constants: u32,
    pub tables: u32,
    pub lengths: [u32; 3],
    pub insertions: Box<[Insertion]>,
}

impl Note {
    /// The note in bytes; what the build script needs.
    #[allow(dead_code, reason = "used by the build script")]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = [self.constants, self.tables].into_iter().chain(self.lengths);
        let places = self.insertions.iter().flat_map(|step| [step.at, step.unit, step.len, number(step.kind)]);
        MARK.iter().copied().chain(head.chain(places).flat_map(u32::to_le_bytes)).collect()
    }

    /// Reads a note; `None` if the bytes are something else. What the program needs.
    #[allow(dead_code, reason = "not used by the build script")]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.strip_prefix(MARK)?.as_chunks::<4>();
        let mut words = words.iter().map(|word| u32::from_le_bytes(*word));
        let mut next = || words.next();
        let (constants, tables, lengths) = (next()?, next()?, [next()?, next()?, next()?]);
        let mut insertions = Vec::new();
        while let Some(at) = next() {
            insertions.push(Insertion { at, unit: next()?, len: next()?, kind: kind(next()?)? });
        }
        Some(Self { constants, tables, lengths, insertions: insertions.into() })
    }
}

const KINDS: [Kind; 3] = [Kind::Entry, Kind::Header, Kind::Prefix];

fn number(kind: Kind) -> u32 {
    KINDS.iter().position(|known| *known == kind).expect("all kinds are listed") as u32
}

fn kind(number: u32) -> Option<Kind> {
    KINDS.get(number as usize).copied()
}
