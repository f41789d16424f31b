//! What the heap is known to hold at a point of the trace: results of loads, and what was stored.
//!
//! Two locations of different classes never alias. Within a class:
//!
//! * the length of a list changes by calls only: `list_set` replaces an element;
//! * two elements of one list value at indices that differ by a constant are different, and so are two constant cells;
//! * anything else may be the same.

use tjit_ir::{Args, Effects, Imm, Inst, Mem, Op, Trace, ValueId};

use crate::fold::{plus_constant, same_object};

/// A place that a load reads.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Location {
    /// The length of a list.
    Len(ValueId),
    /// An element of a list.
    Item(ValueId, ValueId),
    /// The contents of a cell.
    Cell(ValueId),
    /// A local in the frame's memory.
    Local(u32),
    /// What a name is bound to in a dict.
    Name(ValueId, ValueId),
    /// That a name is bound to a constant.
    NameIs(Args, Imm),
    /// The version of a class or function.
    Version(ValueId),
    /// Which dict an instance has.
    DictOf(ValueId),
    /// The number of entries of an instance's dict.
    Entries(ValueId),
    /// That an entry of an instance's dict is that of a key.
    Key(ValueId, ValueId, u32),
    /// The value of an entry of an instance's dict.
    Entry(ValueId, u32),
    /// A slot of an instance.
    Slot(ValueId, u32),
    /// What a repeatable call computes from its operands and the memory it reads.
    Call(Imm, Args, Mem),
}

impl Location {
    /// What an instruction loads; None when it loads nothing.
    pub(crate) fn read_by(trace: &Trace, inst: &Inst) -> Option<Location> {
        match (inst.op, inst.imm) {
            (Op::ListLen, _) => Some(Location::Len(inst.args[0])),
            (Op::ListGet, _) => Some(Location::Item(inst.args[0], inst.args[1])),
            (Op::CellGet, _) => Some(Location::Cell(inst.args[0])),
            (Op::FrameGet, Imm::Index(local)) => Some(Location::Local(local)),
            (Op::NameGet, _) => Some(Location::Name(inst.args[0], inst.args[1])),
            (Op::GuardName, imm) => Some(Location::NameIs(inst.args.clone(), imm)),
            (Op::ClassVersion | Op::VersionCell | Op::FunctionVersion, _) => Some(Location::Version(inst.args[0])),
            (Op::InstanceDict, _) => Some(Location::DictOf(inst.args[0])),
            (Op::DictLen, _) => Some(Location::Entries(inst.args[0])),
            (Op::GuardKey, Imm::Index(index)) => Some(Location::Key(inst.args[0], inst.args[1], index)),
            (Op::EntryGet, Imm::Index(index)) => Some(Location::Entry(inst.args[0], index)),
            (Op::SlotGet, Imm::Index(slot)) => Some(Location::Slot(inst.args[0], slot)),
            (Op::Call, imm) => {
                let effects = trace.inst_effects(inst);
                let loads = effects.repeatable() && !effects.reads.is_empty();
                loads.then(|| Location::Call(imm, inst.args.clone(), effects.reads))
            }
            _ => None,
        }
    }

    /// What an instruction stores, and where; None for anything but the stores of the table.
    pub(crate) fn stored_by(inst: &Inst) -> Option<(Location, ValueId)> {
        match (inst.op, inst.imm) {
            (Op::ListSet, _) => Some((Location::Item(inst.args[0], inst.args[1]), inst.args[2])),
            (Op::CellSet, _) => Some((Location::Cell(inst.args[0]), inst.args[1])),
            (Op::NameSet, _) => Some((Location::Name(inst.args[0], inst.args[1]), inst.args[2])),
            (Op::FrameSet, Imm::Index(local)) => Some((Location::Local(local), inst.args[0])),
            (Op::EntrySet, Imm::Index(index)) => Some((Location::Entry(inst.args[0], index), inst.args[1])),
            (Op::SlotSet, Imm::Index(slot)) => Some((Location::Slot(inst.args[0], slot), inst.args[1])),
            _ => None,
        }
    }

    fn class(&self) -> Mem {
        match self {
            Location::Len(_) | Location::Item(..) => Mem::LIST,
            Location::Cell(_) => Mem::CELL,
            Location::Local(_) => Mem::FRAME,
            Location::Name(..) | Location::NameIs(..) => Mem::DICT,
            Location::Version(_) | Location::DictOf(_) | Location::Entries(_) | Location::Key(..) => Mem::SHAPE,
            Location::Entry(..) | Location::Slot(..) => Mem::OBJECT,
            Location::Call(_, _, reads) => *reads,
        }
    }

    /// Whether a store to `self` may change what `other` holds.
    fn may_alias(&self, other: &Location, trace: &Trace) -> bool {
        match (self, other) {
            (Location::Item(list, index), Location::Item(other_list, other_index)) => {
                list != other_list || !differ(trace, *index, *other_index)
            }
            (Location::Cell(cell), Location::Cell(other)) => match (trace.as_ref(*cell), trace.as_ref(*other)) {
                (Some(cell), Some(other)) => same_object(trace, cell, other) != Some(false),
                _ => true,
            },
            (Location::Local(local), Location::Local(other)) => local == other,
            (Location::Name(_, name), Location::Name(_, other)) => !different_names(trace, *name, *other),
            (Location::Name(_, name), Location::NameIs(args, _)) => !different_names(trace, *name, args[2]),
            (Location::Item(..), Location::Len(_)) => false,
            (Location::Entry(_, index), Location::Entry(_, other)) => index == other,
            (Location::Slot(_, slot), Location::Slot(_, other)) => slot == other,
            (Location::Entry(..), Location::Slot(..)) | (Location::Slot(..), Location::Entry(..)) => false,
            _ => self.class().intersects(other.class()),
        }
    }
}

/// Whether two names are known to be different strings. Names are interned: different objects are different strings.
fn different_names(trace: &Trace, a: ValueId, b: ValueId) -> bool {
    match (trace.as_ref(a), trace.as_ref(b)) {
        (Some(a), Some(b)) => same_object(trace, a, b) == Some(false),
        _ => false,
    }
}

/// Whether two indices are known to differ.
fn differ(trace: &Trace, a: ValueId, b: ValueId) -> bool {
    let parts = |value: ValueId| match trace.as_int(value) {
        Some(constant) => (None, constant),
        None => match plus_constant(trace, value) {
            Some((base, offset)) => (Some(base), offset),
            None => (Some(value), 0),
        },
    };
    let ((base_a, offset_a), (base_b, offset_b)) = (parts(a), parts(b));
    base_a == base_b && offset_a != offset_b
}

/// Known contents.
#[derive(Default)]
pub(crate) struct Memory {
    known: Vec<(Location, ValueId)>,
}

impl Memory {
    /// The value that a location is known to hold.
    pub(crate) fn get(&self, location: &Location) -> Option<ValueId> {
        self.known.iter().find(|(known, _)| known == location).map(|&(_, value)| value)
    }

    /// Notes that a location, about which nothing is known, holds a value.
    pub(crate) fn set(&mut self, location: Location, value: ValueId) {
        self.known.push((location, value));
    }

    /// Forgets what an instruction may change. A store's own location is forgotten too.
    pub(crate) fn clobber(&mut self, trace: &Trace, inst: &Inst) {
        if let Some((stored, _)) = Location::stored_by(inst) {
            self.known.retain(|(known, _)| !stored.may_alias(known, trace));
        } else {
            let Effects { writes, opaque, .. } = trace.inst_effects(inst);
            let changed = if opaque { Mem::all() } else { writes };
            self.known.retain(|(known, _)| !known.class().intersects(changed));
        }
    }

    /// Whether an instruction may change what a location holds.
    pub(crate) fn changes(trace: &Trace, inst: &Inst, location: &Location) -> bool {
        let mut one = Memory { known: vec![(location.clone(), ValueId(0))] };
        one.clobber(trace, inst);
        one.known.is_empty()
    }
}
