//! Puts units into a line table (the `co_linetable` of PEP 626 and PEP 657) without touching the rest of it.
//!
//! A table is a row of entries, each a location and the number of units, one to eight, that have it:
//!
//! ```text
//! 1 cccc lll  payload…      cccc: kind of location, lll: units - 1, payload bytes have a clear top bit
//! ```
//!
//! Kinds 0 to 9 are columns on the same line as the entry before, 10 to 12 columns 0 to 2 lines further, 13 a line
//! without columns, 14 everything spelt out, 15 no location at all. Only 10 to 14 move the line. So an entry can be cut:
//! the first piece keeps the bytes, the following pieces say the same with a distance of no lines.

const NO_LOCATION: u8 = 15;

/// Units that are put in front of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// The unit in front of which they go.
    pub at: u32,
    /// How many get the location of that unit.
    pub located: u32,
    /// How many, behind those, get no location.
    pub unlocated: u32,
}

/// `table` with room for `gaps`, which are in ascending order. Gaps behind the end of the table get nothing.
pub(super) fn splice(table: &[u8], gaps: &[Gap]) -> Box<[u8]> {
    let mut out = Vec::with_capacity(table.len() + gaps.len() * 16);
    let mut gaps = gaps.iter().peekable();
    let (mut start, mut copied, mut at) = (0, 0, 0);
    while let (Some(next), Some(&head)) = (gaps.peek(), table.get(at)) {
        if head & 0x80 == 0 {
            break;
        }
        let first = at;
        at += 1;
        while table.get(at).is_some_and(|byte| byte & 0x80 == 0) {
            at += 1;
        }
        let end = start + u32::from(head & 7) + 1;
        if next.at < end {
            out.extend_from_slice(&table[copied..first]);
            copied = at;
            let mut entry = Entry { kind: head >> 3 & 0xf, payload: &table[first + 1..at], moved: false };
            let mut from = start;
            while let Some(gap) = gaps.next_if(|gap| gap.at < end) {
                entry.write(&mut out, gap.at - from + gap.located);
                none(&mut out, gap.unlocated);
                from = gap.at;
            }
            entry.write(&mut out, end - from);
        }
        start = end;
    }
    out.extend_from_slice(&table[copied..]);
    out.into_boxed_slice()
}

/// One entry while it is written in pieces.
struct Entry<'a> {
    kind: u8,
    payload: &'a [u8],
    /// The distance in lines has been written.
    moved: bool,
}

impl Entry<'_> {
    fn write(&mut self, out: &mut Vec<u8>, mut units: u32) {
        while units > 0 {
            let now = units.min(8);
            units -= now;
            let (kind, payload) = if self.moved { self.unmoving() } else { (self.kind, self.payload) };
            out.push(head(kind, now));
            if self.moved && matches!(self.kind, 13 | 14) {
                out.push(0);
            }
            out.extend_from_slice(payload);
            self.moved = true;
        }
    }

    /// Kind and payload of the same place as seen from its own line, without the distance of kinds 13 and 14.
    fn unmoving(&self) -> (u8, &[u8]) {
        match self.kind {
            11 | 12 => (10, self.payload),
            13 | 14 => {
                let distance =
                    self.payload.iter().position(|byte| byte & 0x40 == 0).map_or(self.payload.len(), |last| last + 1);
                (self.kind, &self.payload[distance..])
            }
            kind => (kind, self.payload),
        }
    }
}

fn none(out: &mut Vec<u8>, mut units: u32) {
    while units > 0 {
        let now = units.min(8);
        units -= now;
        out.push(head(NO_LOCATION, now));
    }
}

fn head(kind: u8, units: u32) -> u8 {
    0x80 | kind << 3 | (units - 1) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustpython_compiler_core::{SourceLocation, bytecode::build_no_location_mask, marshal::linetable_to_locations};

    type Place = Option<(SourceLocation, SourceLocation)>;

    fn decode(table: &[u8], units: usize) -> Vec<Place> {
        let locations = linetable_to_locations(table, 10, units);
        let none = build_no_location_mask(table, units);
        locations.iter().zip(none).map(|(&place, none)| (!none).then_some(place)).collect()
    }

    /// Kinds of every sort, 29 units.
    const TABLE: &[u8] = &[
        0x80 | 3 << 3 | 4,
        0x25, // columns only, 5 units
        0x80 | 11 << 3 | 7,
        4,
        9,                  // next line, 8 units
        0x80 | 15 << 3 | 1, // none, 2 units
        0x80 | 14 << 3 | 5,
        0x40 | 12,
        2,
        1,
        3,
        8, // far line, 6 units
        0x80 | 13 << 3 | 2,
        7, // back three lines, 3 units
        0x80 | 12 << 3 | 4,
        0,
        1, // two lines on, 5 units
    ];

    #[test]
    fn every_gap_leaves_the_other_units_where_they_were() {
        let before = decode(TABLE, 29);
        for at in 0..29 {
            for (located, unlocated) in [(0, 1), (1, 0), (4, 1), (17, 9)] {
                let gaps = [Gap { at, located, unlocated }];
                let after = decode(&splice(TABLE, &gaps), 29 + (located + unlocated) as usize);
                let mut expected = before.clone();
                let place = before[at as usize];
                let new = [vec![place; located as usize], vec![None; unlocated as usize]].concat();
                expected.splice(at as usize..at as usize, new);
                assert_eq!(after, expected, "{located} + {unlocated} units at {at}");
            }
        }
    }

    #[test]
    fn several_gaps_in_one_entry_and_at_its_edges() {
        let gaps: Vec<Gap> = [0, 5, 5, 7, 12, 13, 18, 28].map(|at| Gap { at, located: 2, unlocated: 1 }).into();
        let after = decode(&splice(TABLE, &gaps), 29 + 24);
        let mut expected = Vec::new();
        for (unit, &place) in decode(TABLE, 29).iter().enumerate() {
            for _ in gaps.iter().filter(|gap| gap.at as usize == unit) {
                expected.extend([place, place, None]);
            }
            expected.push(place);
        }
        assert_eq!(after, expected);
    }

    #[test]
    fn gaps_behind_the_end_and_empty_tables_change_nothing() {
        let gap = [Gap { at: 40, located: 4, unlocated: 1 }];
        assert_eq!(&*splice(TABLE, &gap), TABLE);
        assert_eq!(&*splice(&[], &gap), &[] as &[u8]);
    }
}
