//! How long compiled code runs: without the calls that it makes of what may run any code, in which the interpreter runs, and
//! perhaps compiled code that was entered anew, which counts by itself.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    /// What all compiled code has run for.
    static COMPILED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// What the compiled code that was entered last has spent in such calls.
    static AWAY: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// Whether these calls are timed. That takes about as long as a short one, so it is only done when somebody wants to know.
    static IS_EXACT: Cell<bool> = const { Cell::new(false) };
}

/// From now on, calls that compiled code makes are timed; until then, they count as compiled code.
pub fn time_calls() {
    IS_EXACT.set(true);
}

/// A run of compiled code, from entering to leaving it.
pub struct Run {
    began: Instant,
    /// What the compiled code around it has spent in calls before.
    away: Duration,
}

impl Run {
    /// Compiled code is about to be entered.
    pub fn begin() -> Run {
        Run { began: Instant::now(), away: AWAY.take() }
    }

    /// When it was entered.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// It was left: for how long it ran, with its calls and without.
    pub fn end(self) -> (Duration, Duration) {
        let elapsed = self.began.elapsed();
        let own = elapsed.saturating_sub(AWAY.replace(self.away));
        COMPILED.set(COMPILED.get() + own);
        (elapsed, own)
    }
}

/// Runs what compiled code calls, and what is not compiled code.
pub fn away<T>(run: impl FnOnce() -> T) -> T {
    if !IS_EXACT.get() {
        return run();
    }
    let (before, began) = (AWAY.get(), Instant::now());
    let result = run();
    AWAY.set(before + began.elapsed());
    result
}

/// Compiled code has run for a time that was measured otherwise; perhaps other compiled code has called it.
pub fn count(time: Duration) {
    COMPILED.set(COMPILED.get() + time);
    AWAY.set(AWAY.get() + time);
}

/// What all compiled code has run for so far.
pub fn compiled() -> Duration {
    COMPILED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(5);

    #[test]
    fn calls_count_for_those_who_are_called() {
        time_calls();
        let outer = Run::begin();
        let inner = away(|| {
            std::thread::sleep(PAUSE);
            let inner = Run::begin();
            std::thread::sleep(PAUSE);
            inner.end().1
        });
        let (elapsed, own) = outer.end();
        assert!(inner >= PAUSE && elapsed >= 2 * PAUSE, "{inner:?} {elapsed:?}");
        assert!(own <= elapsed - 2 * PAUSE, "{own:?} of {elapsed:?}");
        assert_eq!(compiled(), inner + own);
    }
}
