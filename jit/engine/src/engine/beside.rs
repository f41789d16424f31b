//! Threads beside the program: they get none of its signals, and when one has ended, nobody sees that it was there.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Stack of a thread, in bytes: the code generator recurses with the depth of what it compiles.
const STACK: usize = 32 << 20;
/// The system has long forgotten a thread that was joined before so much time.
const LONG_ENOUGH: Duration = Duration::from_millis(100);

/// A thread.
pub(super) struct Beside<T> {
    handle: JoinHandle<T>,
    /// What the system calls it, once it runs.
    id: Arc<AtomicI32>,
}

impl<T: Send + 'static> Beside<T> {
    /// Starts one. `None`: the system has no thread for us.
    pub fn start(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Option<Self> {
        let id = Arc::new(AtomicI32::new(0));
        let own_id = Arc::clone(&id);
        let work = move || {
            own_id.store(thread_id(), Ordering::Release);
            work()
        };
        let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let handle = without_signals(|| thread.spawn(work)).ok()?;
        Some(Self { handle, id })
    }

    /// Waits until it has ended, and until the system does not count it any more: Python's `fork` warns when a process has several.
    /// What the work has given; `None`: it has panicked.
    pub fn join(self) -> Option<T> {
        let result = self.handle.join().ok();
        let id = self.id.load(Ordering::Acquire);
        let since = Instant::now();
        while cfg!(target_os = "linux")
            && since.elapsed() < LONG_ENOUGH
            && fs::exists(format!("/proc/self/task/{id}")).unwrap_or(false)
        {
            thread::yield_now();
        }
        result
    }
}

/// What the system calls this thread.
fn thread_id() -> i32 {
    #[cfg(target_os = "linux")]
    // SAFETY: it has no conditions.
    return unsafe { libc::gettid() };
    #[cfg(not(target_os = "linux"))]
    0
}

/// Does something with all signals blocked, which a thread that is started inherits: they are for the program's own.
fn without_signals<T>(action: impl FnOnce() -> T) -> T {
    // SAFETY: the sets are plain memory, filled in before they are read.
    unsafe {
        let mut all = std::mem::zeroed();
        let mut before = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let result = action();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_joined_is_gone() {
        let thread = Beside::start("test", thread_id).expect("a thread");
        let id = thread.join().expect("its result");
        assert_ne!(id, 0);
        assert!(!fs::exists(format!("/proc/self/task/{id}")).expect("the system tells"));
    }

    #[test]
    fn a_panic_gives_nothing() {
        let thread = Beside::start("test", || panic!("on purpose")).expect("a thread");
        assert_eq!(thread.join(), None::<()>);
    }
}
