//! Work that does not need the engine, on a thread of its own while the program goes on: generating code.
//!
//! A *lane* does one job after another, in the order in which they are given. Where there is nobody to share the work with (one
//! processor, `--compile-threads 0`, stress) whoever gives a job waits for it, so that what the JIT does depends on the program
//! alone.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tjit_vm::options::{JitMode, JitOptions};

use super::beside::Beside;

/// Does jobs, here or elsewhere.
pub(super) struct Lane<J, R> {
    name: &'static str,
    worker: Worker<J, R>,
    is_apart: bool,
    here: Option<Work<J, R>>,
    there: Option<Thread<J, R>>,
    /// Jobs that were given and have not come back.
    under_way: usize,
}

/// What does jobs, with the memory that it uses again and again.
pub(super) type Work<J, R> = Box<dyn FnMut(J) -> R>;

/// Makes one, on the thread that it is for.
pub(super) type Worker<J, R> = Arc<dyn Fn() -> Work<J, R> + Send + Sync>;

struct Thread<J, R> {
    jobs: Sender<J>,
    /// What has panicked there goes on here.
    results: Receiver<thread::Result<R>>,
    handle: Beside<()>,
}

impl<J: Send + 'static, R: Send + 'static> Lane<J, R> {
    /// A lane that nobody has used.
    pub fn new(name: &'static str, worker: Worker<J, R>, options: &JitOptions) -> Self {
        let is_apart = options.jit == JitMode::On && options.compile_threads > 0;
        Self { name, worker, is_apart, here: None, there: None, under_way: 0 }
    }

    /// How many jobs are under way.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Whether jobs cost the program no time.
    pub fn is_apart(&self) -> bool {
        self.is_apart
    }

    /// Gives a job. What comes of it, if that is known at once.
    pub fn give(&mut self, job: J) -> Option<R> {
        let job = match self.thread() {
            Some(thread) => match thread.jobs.send(job) {
                Ok(()) => {
                    self.under_way += 1;
                    return None;
                }
                Err(unsent) => unsent.0,
            },
            None => job,
        };
        let work = self.here.get_or_insert_with(|| (self.worker)());
        Some(work(job))
    }

    /// What has come of the job that was given first, if it is done.
    pub fn take(&mut self) -> Option<R> {
        let result = self.there.as_ref().filter(|_| self.under_way > 0)?.results.try_recv().ok()?;
        self.under_way -= 1;
        Some(result.unwrap_or_else(|panic| resume_unwind(panic)))
    }

    /// Waits for what is under way, and ends the thread: the next job has a new one.
    pub fn rest(&mut self) -> Vec<R> {
        let Some(Thread { jobs, results, handle }) = self.there.take() else { return Vec::new() };
        let found: Vec<_> = (0..std::mem::take(&mut self.under_way)).filter_map(|_| results.recv().ok()).collect();
        drop(jobs);
        // It has nothing to say any more.
        let _ = handle.join();
        found.into_iter().map(|result| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    }

    fn thread(&mut self) -> Option<&Thread<J, R>> {
        if self.is_apart && self.there.is_none() {
            self.there = self.start();
            // The system has no thread for us: then not.
            self.is_apart = self.there.is_some();
        }
        self.there.as_ref()
    }

    fn start(&self) -> Option<Thread<J, R>> {
        let (jobs, to_do) = channel::<J>();
        let (done, results) = channel::<thread::Result<R>>();
        let worker = self.worker.clone();
        let work = move || {
            let mut work = worker();
            while let Ok(job) = to_do.recv() {
                let result = catch_unwind(AssertUnwindSafe(|| work(job)));
                if done.send(result).is_err() {
                    break;
                }
            }
        };
        let handle = Beside::start(self.name, work)?;
        Some(Thread { jobs, results, handle })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(compile_threads: u32) -> Lane<u64, u64> {
        let options = JitOptions { compile_threads, ..JitOptions::default() };
        Lane::new("test", Arc::new(|| Box::new(|job| job * 2)), &options)
    }

    #[test]
    fn here_the_result_is_known_at_once() {
        let mut lane = lane(0);
        assert_eq!(lane.give(4), Some(8));
        assert_eq!(lane.under_way(), 0);
        assert_eq!(lane.take(), None);
    }

    #[test]
    fn elsewhere_it_comes_later() {
        let mut lane = lane(1);
        for job in 0..3 {
            assert_eq!(lane.give(job), None);
            assert_eq!(lane.under_way(), 1);
            let result = loop {
                if let Some(result) = lane.take() {
                    break result;
                }
                thread::yield_now();
            };
            assert_eq!(result, job * 2);
            assert_eq!(lane.under_way(), 0);
        }
    }

    #[test]
    fn resting_waits_for_the_job() {
        let mut lane = lane(1);
        assert!(lane.rest().is_empty());
        assert_eq!(lane.give(21), None);
        assert_eq!(lane.give(22), None);
        assert_eq!(lane.rest(), [42, 44]);
        assert_eq!(lane.give(1), None);
        assert_eq!(lane.rest(), [2]);
    }
}
