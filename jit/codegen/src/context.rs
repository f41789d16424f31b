//! The native context: the memory that compiled code and its host share. Each activation of compiled code has its own.
//!
//! Hot fields come first so that their offsets are short. The spill area is used on the way in (parameters), on the way out
//! (an exit's values), between traces (parameters that have no register), and during calls that may look at frames (the
//! values of the call's exit).

use std::ffi::c_void;
use std::ptr;

/// Most values that a trace can be entered with, or that an exit can hand over.
pub const MAX_VALUES: usize = 512;

/// What compiled code returns in place of an exit's id when its function has returned. No exit has this id.
pub const RETURNED: u64 = 0;

/// A call of a compiled function that is under way, on the native stack of the caller.
#[repr(C)]
pub struct CallRecord {
    /// The call further out.
    pub outer: *const CallRecord,
    /// The id of the call's exit. Its values follow the record, by their bits as in [`Context::values`].
    pub exit: u64,
}

impl CallRecord {
    /// The values of the call's exit, of which there are so many.
    ///
    /// # Safety
    /// The record is that of a call that is under way, and its exit has so many values.
    #[must_use]
    pub unsafe fn values(&self, count: usize) -> &[u64] {
        // SAFETY: compiled code has stored them behind the record.
        unsafe { std::slice::from_raw_parts(ptr::from_ref(self).add(1).cast(), count) }
    }
}

/// What compiled code gets as its first argument.
#[repr(C)]
pub struct Context {
    /// Back edges left to take; a `poll` that finds it used up leaves, a `descend` that finds more than [`DESCENTS`] used
    /// besides. Set by the host before entering.
    pub fuel: i64,
    /// Fuel that was taken away unused, by [`Context::leave_at_poll`].
    pub unused: i64,
    /// An exception that a helper raised; null when there is none. Compiled code only tests it.
    pub exception: *mut c_void,
    /// Fast locals of the entered frame: one owned, nullable reference each. Used by `frame_get` and `frame_set`.
    pub frame_slots: *mut u64,
    /// Stress: every guard counts it down and leaves when it gets to 0, though it holds. 0 or less switches that off. Only
    /// code that was compiled for stress looks at it.
    pub forced: i64,
    /// How many more Python frames compiled code may count on: calls of compiled functions take from it while they last.
    pub depth: i64,
    /// What the entered function has returned, by its bits as in `values`.
    pub result: u64,
    /// On the way out: which of its trace's exits is taken.
    pub number: u64,
    /// For helpers; compiled code does not look at it.
    pub host: *mut c_void,
    /// During a call that may look at frames: the id of the call's exit, whose values are in `values`.
    pub sync_exit: u64,
    /// During such a call: how many Python frames the code that makes it stands for.
    pub sync_frames: i64,
    /// The innermost call of a compiled function that is under way; null when there is none.
    pub calls: *const CallRecord,
    /// How the entered generator's frame was left when it has yielded; the host's words. Compiled code does not look at it.
    pub suspended: u64,
    /// Parameters on the way in, an exit's values on the way out. Ints and references as they are, floats by their bits,
    /// bools as 0 or 1.
    pub values: [u64; MAX_VALUES],
}

/// Calls of compiled functions that go on without fuel: leaving one takes its callers along, and what they have in common is
/// seldom worth that.
pub const DESCENTS: i64 = 20_000;

impl Context {
    /// Gives it fuel.
    pub fn refuel(&mut self, fuel: u32) {
        self.fuel = fuel.into();
        self.unused = 0;
    }

    /// Back edges and calls since it was given so much fuel.
    #[must_use]
    pub fn used(&self, fuel: i64) -> u64 {
        (fuel - self.fuel.max(0) - self.unused).max(0) as u64
    }

    /// Lets compiled code leave at the next back edge: the collector is due.
    pub fn leave_at_poll(&mut self) {
        if self.fuel > 0 {
            self.unused += std::mem::take(&mut self.fuel);
        }
    }

    /// Lets compiled code leave at the next back edge or call: it may not go on.
    pub fn leave_at_once(&mut self) {
        self.leave_at_poll();
        self.fuel = -DESCENTS - 1;
    }

    /// A context with no fuel, no exception, no frame and no host.
    pub fn new() -> Box<Self> {
        Box::new(Context {
            fuel: 0,
            unused: 0,
            exception: ptr::null_mut(),
            frame_slots: ptr::null_mut(),
            forced: 0,
            depth: 0,
            result: 0,
            number: 0,
            host: ptr::null_mut(),
            sync_exit: 0,
            sync_frames: 0,
            calls: ptr::null(),
            suspended: 0,
            values: [0; MAX_VALUES],
        })
    }
}
