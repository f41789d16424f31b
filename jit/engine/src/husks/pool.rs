//! How many husks of a kind are kept: a few, and as many more as would have been of use.

use rustpython_vm::PyObjectRef;

/// Of each kind, at least.
const ALWAYS: usize = 64;

/// Husks of one kind, `MOST` at most.
///
/// A husk that there is no room for dies, and with it what only it refers to. When later there is none to be used, it was
/// missed, and there is twice as much room from then on. So a program that lets go of a large structure and builds it again
/// does so from what it has let go.
pub(super) struct Pool<const MOST: usize> {
    kept: Vec<PyObjectRef>,
    /// Room beyond what is always there.
    more: usize,
    /// How many have died since the collector ran, and were not missed yet.
    died: usize,
}

impl<const MOST: usize> Pool<MOST> {
    /// Nothing is kept.
    pub(super) const EMPTY: Self = Pool { kept: Vec::new(), more: 0, died: 0 };

    /// Whether one more would be kept. (If not, it is noted that it dies.)
    #[inline]
    pub(super) fn has_room(&mut self) -> bool {
        let has_room = self.kept.len() < ALWAYS + self.more;
        self.died += usize::from(!has_room);
        has_room
    }

    /// Keeps a husk, or gives it back if there is no room.
    #[inline]
    pub(super) fn put(&mut self, husk: PyObjectRef) -> Option<PyObjectRef> {
        if !self.has_room() {
            return Some(husk);
        }
        self.kept.push(husk);
        None
    }

    /// Takes a husk.
    #[inline]
    pub(super) fn take(&mut self) -> Option<PyObjectRef> {
        let husk = self.kept.pop();
        if husk.is_none() && self.died > 0 {
            self.died -= 1;
            self.more = (2 * self.more).clamp(ALWAYS, MOST - ALWAYS);
        }
        husk
    }

    /// Takes all husks.
    pub(super) fn empty(&mut self) -> impl Iterator<Item = PyObjectRef> + use<MOST> {
        // What is thrown away was kept in vain.
        self.more -= self.kept.len().min(self.more);
        if !self.kept.is_empty() {
            self.died = 0;
        }
        std::mem::take(&mut self.kept).into_iter()
    }
}

impl<const MOST: usize> Default for Pool<MOST> {
    fn default() -> Self {
        Self::EMPTY
    }
}
