//! Where compiled code spends its time, for the log: a thread looks many times a second at the word in which code tells
//! which trace runs. Without a log there is neither the thread nor that word.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::beside::Beside;

/// Time between two looks.
const EVERY: Duration = Duration::from_micros(200);

/// How often which trace was seen, by its number.
pub(super) type Seen = FxHashMap<u32, u64>;

/// Looks at the word, as long as there is code.
pub(super) struct Sampler {
    watch: &'static AtomicU32,
    thread: Option<(Sender<()>, Beside<Seen>)>,
    seen: Seen,
}

impl Sampler {
    /// One that has seen nothing. What it looks at is 0 or the number of a trace plus one.
    pub fn new(watch: &'static AtomicU32) -> Self {
        Self { watch, thread: None, seen: Seen::default() }
    }

    /// There is something to see from now on.
    pub fn wake(&mut self) {
        if self.thread.is_some() {
            return;
        }
        let (stop, stopped) = channel::<()>();
        let watch = self.watch;
        let look = move || {
            let mut seen = Seen::default();
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                if let Some(trace) = watch.load(Ordering::Relaxed).checked_sub(1) {
                    *seen.entry(trace).or_default() += 1;
                }
            }
            seen
        };
        // The system has no thread for us: then nothing is seen.
        self.thread = Beside::start("tjit samples", look).map(|thread| (stop, thread));
    }

    /// Ends the thread, until it is woken again. What has been seen so far.
    pub fn rest(&mut self) -> &Seen {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            for (trace, times) in thread.join().unwrap_or_default() {
                *self.seen.entry(trace).or_default() += times;
            }
        }
        &self.seen
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_runs_is_seen_and_what_is_outside_is_not() {
        let watch: &'static AtomicU32 = Box::leak(Box::default());
        let mut sampler = Sampler::new(watch);
        assert!(sampler.rest().is_empty());
        for trace in [3, 5] {
            watch.store(trace + 1, Ordering::Relaxed);
            sampler.wake();
            thread::sleep(EVERY * 20);
        }
        watch.store(0, Ordering::Relaxed);
        let seen = sampler.rest().clone();
        assert!(seen.keys().all(|trace| [3, 5].contains(trace)) && !seen.is_empty(), "{seen:?}");
        sampler.wake();
        thread::sleep(EVERY * 20);
        assert_eq!(*sampler.rest(), seen);
    }
}
