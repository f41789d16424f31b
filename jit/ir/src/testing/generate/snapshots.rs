//! The generator's part for snapshots and virtual objects.

use super::Generator;
use crate::entity::{CodeId, RefId, SnapshotId};
use crate::trace::{FrameState, Place, Slot, Snapshot, Virtual, VirtualKind};

impl Generator {
    pub(super) fn frame(&self, code: CodeId, unit: u32, locals: Vec<Slot>) -> FrameState {
        FrameState { place: Place { code, unit }, function: None, locals, stack: Vec::new(), names: Vec::new() }
    }

    pub(super) fn place_snapshot(&mut self, frames: Vec<FrameState>) -> SnapshotId {
        let snapshot = self.trace.add_snapshot(Snapshot { frames });
        self.shared = Some(snapshot);
        snapshot
    }

    pub(super) fn snapshot(&mut self) -> SnapshotId {
        if let Some(header) = self.header {
            return header;
        }
        if let Some(shared) = self.shared.filter(|_| self.rng.percent(30)) {
            return shared;
        }
        self.unit += 2;
        let mut locals = self.slots(6);
        if self.rng.percent(20) {
            locals.extend(self.trace.params.iter().map(|&param| Slot::Value(param)));
        }
        let mut outer = self.frame(CodeId(0), self.unit, locals);
        outer.stack = self.slots(3);
        if self.rng.percent(15) {
            outer.names = vec![(RefId(2), self.slot())];
        }
        let mut frames = vec![outer];
        if self.options.rich_snapshots && self.rng.percent(15) {
            let locals = self.slots(4);
            let mut inner = self.frame(CodeId(1), self.unit, locals);
            inner.function = Some(self.trace.const_ref(RefId(3)));
            frames.push(inner);
        }
        self.place_snapshot(frames)
    }

    fn slots(&mut self, most: usize) -> Vec<Slot> {
        (0..self.rng.below(most + 1)).map(|_| self.slot()).collect()
    }

    fn slot(&mut self) -> Slot {
        match self.rng.below(20) {
            0 | 1 => Slot::Kept,
            2 | 3 => Slot::Empty,
            4 | 5 if self.options.rich_snapshots => self.virtual_object(),
            _ => self.field(),
        }
    }

    fn field(&mut self) -> Slot {
        match self.rng.below(10) {
            0 => Slot::Value(self.int()),
            1 => Slot::Value(self.float()),
            _ if self.values.is_empty() => Slot::Value(self.int()),
            _ => Slot::Value(self.rng.pick(&self.values)),
        }
    }

    fn virtual_object(&mut self) -> Slot {
        let (kind, fields) = match self.rng.below(4) {
            0 => (VirtualKind::RangeIter, (0..4).map(|_| Slot::Value(self.int())).collect()),
            1 => (VirtualKind::Range, (0..3).map(|_| self.field()).collect()),
            _ => {
                let mut fields: Vec<Slot> = (0..self.rng.below(4)).map(|_| self.field()).collect();
                if self.rng.percent(20) {
                    fields.push(self.virtual_object());
                }
                (VirtualKind::Tuple, fields)
            }
        };
        Slot::Virtual(self.trace.add_virtual(Virtual { kind, fields }))
    }
}
