//! Which hot loops are worth a recording.
//!
//! A header that has been passed as often as the threshold says is hot, but what it costs to record and to compile a loop
//! is worth thousands of its passes. In most programs, some loop or other of the library comes that far while modules are
//! imported, and not much further. So a hot loop is looked at for a while, at intervals that double, until
//!
//! * it has run for [`WORTH`], and a hundredth of the program's time, at a stretch in one and the same frame, or
//! * it has been passed twice as often as makes it hot.
//!
//! Loops with long bodies are through after a few passes, those that run for long after a millisecond. Whoever sets a
//! threshold below the default does not want any of this.

use std::time::Duration;

use tjit_vm::frames::Frame;
use tjit_vm::options::JitOptions;

/// How long a loop must have run since it is hot.
const WORTH: Duration = Duration::from_millis(1);
/// One part in so many of the program's time that it must have run for, too.
const WORTH_SHARE: u32 = 100;
/// The threshold is so many times an interval between two looks that is long enough without that.
const LONG_SHARE: u32 = 2;

/// How far a header has got.
pub(super) struct Patience<F = Frame> {
    /// Passes from one look to the next.
    interval: u32,
    /// The frame that was running the loop when it was last looked at, and since when, in this thread's time.
    stretch: Option<(F, Duration)>,
    is_over: bool,
}

impl<F> Default for Patience<F> {
    fn default() -> Self {
        Self { interval: 0, stretch: None, is_over: false }
    }
}

impl<F: PartialEq> Patience<F> {
    /// A look at a header that is hot, which `frame` is running, in a program of some age: the number of passes until the
    /// next look, or `None` when the loop is to be recorded.
    pub fn look(&mut self, frame: F, age: Duration, options: &JitOptions) -> Option<u32> {
        if self.is_over || !options.is_patient() {
            return None;
        }
        let now = running_time();
        let since = match &self.stretch {
            Some((known, since)) if *known == frame => *since,
            _ => now,
        };
        self.stretch = Some((frame, since));
        self.is_over = now.saturating_sub(since) >= WORTH.max(age / WORTH_SHARE)
            || self.interval >= options.threshold_loop / LONG_SHARE;
        self.interval = (self.interval * 2).max(1);
        (!self.is_over).then_some(self.interval)
    }

    /// The loop is to be recorded the next time.
    pub fn end(&mut self) {
        self.is_over = true;
    }
}

/// For how long this thread has been running. (What other processes do meanwhile makes no loop hotter.)
fn running_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a time that is written.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    debug_assert_eq!(result, 0, "every thread has this clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_in_many_frames_must_be_many() {
        let (mut patience, options) = (Patience::default(), JitOptions::default());
        let intervals: Vec<u32> = (0..).map_while(|frame| patience.look(frame, Duration::ZERO, &options)).collect();
        assert_eq!(intervals[..4], [1, 2, 4, 8]);
        assert!(intervals.iter().sum::<u32>() > options.threshold_loop, "{intervals:?}");
        assert_eq!(patience.look(0, Duration::ZERO, &options), None);
    }

    #[test]
    fn a_long_stretch_is_enough() {
        let (mut patience, options) = (Patience::default(), JitOptions::default());
        assert_eq!(patience.look(7, Duration::ZERO, &options), Some(1));
        let since = running_time();
        while running_time() < since + WORTH {}
        assert_eq!(patience.look(7, Duration::ZERO, &options), None);
    }

    #[test]
    fn nobody_waits_who_does_not_want_to() {
        let options = JitOptions { threshold_loop: 30, ..JitOptions::default() };
        assert_eq!(Patience::default().look(1, Duration::ZERO, &options), None);
        let options = JitOptions { jit: tjit_vm::options::JitMode::Stress, ..JitOptions::default() };
        assert_eq!(Patience::default().look(1, Duration::ZERO, &options), None);
        let mut patience = Patience::default();
        patience.end();
        assert_eq!(patience.look(1, Duration::ZERO, &JitOptions::default()), None);
    }
}
