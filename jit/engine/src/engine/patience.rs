//! Which hot loops are worth a recording.
//!
//! A header that has been passed as often as the threshold says is hot, but what it costs to record and to compile a loop
//! is worth thousands of its passes. In most programs, some loop or other of the library comes that far while modules are
//! imported, and not much further. So a hot loop is looked at for a while, at intervals that double, until
//!
//! * it has run for [`WORTH`] at a stretch, in one and the same frame, or
//! * it has been passed several times as often as makes it hot.
//!
//! Loops with long bodies are through after a few passes, those that run for long after a millisecond. Whoever sets a
//! threshold below the default does not want any of this.

use std::time::{Duration, Instant};

use tjit_vm::frames::Frame;
use tjit_vm::options::{JitMode, JitOptions};

/// How long a loop must have run since it is hot.
const WORTH: Duration = Duration::from_millis(1);
/// An interval between two looks, in thresholds, that is long enough without that.
const LONG: u32 = 3;

/// How far a header has got.
pub(super) struct Patience<F = Frame> {
    /// Passes from one look to the next.
    interval: u32,
    /// The frame that was running the loop when it was last looked at, and since when.
    stretch: Option<(F, Instant)>,
    is_over: bool,
}

impl<F> Default for Patience<F> {
    fn default() -> Self {
        Self { interval: 0, stretch: None, is_over: false }
    }
}

impl<F: PartialEq> Patience<F> {
    /// A look at a header that is hot, which `frame` is running: the number of passes until the next look, or `None` when
    /// the loop is to be recorded.
    pub fn look(&mut self, frame: F, options: &JitOptions) -> Option<u32> {
        let by_default = options.jit == JitMode::On && options.threshold_loop >= JitOptions::default().threshold_loop;
        if self.is_over || !by_default {
            return None;
        }
        let since = match &self.stretch {
            Some((known, since)) if *known == frame => *since,
            _ => Instant::now(),
        };
        self.stretch = Some((frame, since));
        self.is_over = since.elapsed() >= WORTH || self.interval >= LONG * options.threshold_loop;
        self.interval = (self.interval * 2).max(1);
        (!self.is_over).then_some(self.interval)
    }

    /// The loop is to be recorded the next time.
    pub fn end(&mut self) {
        self.is_over = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_in_many_frames_must_be_many() {
        let (mut patience, options) = (Patience::default(), JitOptions::default());
        let intervals: Vec<u32> = (0..).map_while(|frame| patience.look(frame, &options)).collect();
        assert_eq!(intervals[..4], [1, 2, 4, 8]);
        assert!(intervals.iter().sum::<u32>() > 5 * options.threshold_loop, "{intervals:?}");
        assert_eq!(patience.look(0, &options), None);
    }

    #[test]
    fn a_long_stretch_is_enough() {
        let (mut patience, options) = (Patience::default(), JitOptions::default());
        assert_eq!(patience.look(7, &options), Some(1));
        std::thread::sleep(WORTH);
        assert_eq!(patience.look(7, &options), None);
    }

    #[test]
    fn nobody_waits_who_does_not_want_to() {
        let options = JitOptions { threshold_loop: 30, ..JitOptions::default() };
        assert_eq!(Patience::default().look(1, &options), None);
        let options = JitOptions { jit: JitMode::Stress, ..JitOptions::default() };
        assert_eq!(Patience::default().look(1, &options), None);
        let mut patience = Patience::default();
        patience.end();
        assert_eq!(patience.look(1, &JitOptions::default()), None);
    }
}
