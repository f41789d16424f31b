//! How often each reason occurs in a list of events; for tests that want to see every reason come up.

use crate::{Event, Group, Reason};

/// Occurrences by reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReasonCounts([u64; Reason::ALL.len()]);

impl Default for ReasonCounts {
    fn default() -> Self {
        Self([0; Reason::ALL.len()])
    }
}

impl ReasonCounts {
    /// Counts the reasons of `events`. An event counts once, and an exit in `totals` as often as it was taken.
    /// `exit-hot` is not counted: those exits are in `totals`.
    pub fn from_events(events: &[Event]) -> Self {
        let mut counts = Self::default();
        for event in events {
            match event {
                Event::ExitHot(_) => {}
                Event::Totals(totals) => totals.exits.iter().for_each(|exit| counts.add(exit.kind, exit.count)),
                _ => event.reason().into_iter().for_each(|reason| counts.add(reason, 1)),
            }
        }
        counts
    }

    /// Adds `times` occurrences.
    pub fn add(&mut self, reason: Reason, times: u64) {
        self.0[reason as usize] += times;
    }

    /// Adds another count to this one.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// How often the reason occurred.
    pub fn of(&self, reason: Reason) -> u64 {
        self.0[reason as usize]
    }

    /// Those that occurred, with their numbers, in the order of the table.
    pub fn seen(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        Reason::ALL.iter().map(|&reason| (reason, self.of(reason))).filter(|&(_, count)| count > 0)
    }

    /// The reasons of a group that never occurred.
    pub fn missing(&self, group: Group) -> impl Iterator<Item = Reason> + '_ {
        Reason::ALL.iter().copied().filter(move |&reason| reason.group() == group && self.of(reason) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExitRef, ExitTotals, JitOff, SourceSpan, Totals};

    #[test]
    fn counts_events_once_and_exits_as_often_as_taken() {
        let off = JitOff { at_micros: 1, reason: Reason::Settrace, detail: None };
        let exit = ExitTotals {
            from: ExitRef { trace: 1, exit: 2 },
            kind: Reason::Overflow,
            place: SourceSpan::default(),
            count: 7,
        };
        let events = [off.clone().into(), off.into(), Totals { exits: vec![exit], ..Totals::default() }.into()];
        let mut counts = ReasonCounts::from_events(&events);
        assert_eq!(counts.seen().collect::<Vec<_>>(), [(Reason::Overflow, 7), (Reason::Settrace, 2)]);
        counts.merge(&counts.clone());
        assert_eq!(counts.of(Reason::Overflow), 14);
        assert!(counts.missing(Group::Off).all(|reason| reason != Reason::Settrace));
    }
}
