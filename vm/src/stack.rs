//! The native stack of this thread: how large it is, and how much of it is left.

/// What the VM keeps free, and what native code that is not Python's may need on top: at least so much, and an eighth of
/// the stack.
const RESERVE: usize = 512 << 10;
/// Size of the main thread's stack, in bytes. Only what has been used takes memory. Less than the smallest gap that Linux
/// leaves below the stack (128 MiB), so that nothing is in its way.
const MAIN: u64 = 96 << 20;

/// Bytes of the native stack that calls may still use. 0 where that cannot be found out.
#[must_use]
pub fn remaining() -> usize {
    let here = 0u8;
    let here = std::hint::black_box(&raw const here) as usize;
    bounds().map_or(0, |(lowest, size)| here.saturating_sub(lowest + RESERVE.max(size / 8)))
}

/// Lets the main thread's stack become larger than the usual 8 MiB, so that programs that recur deeply under a raised
/// recursion limit can run compiled, and natives that recur can go deeper. To be called before the VM measures the stack.
/// Where the system does not allow it, the stack stays as it is.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn enlarge() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only use the variable of ours.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) == 0 && limit.rlim_cur < MAIN {
            limit.rlim_cur = MAIN.min(limit.rlim_max);
            libc::setrlimit(libc::RLIMIT_STACK, &raw const limit);
        }
    }
}

/// The stack stays as large as the system made it.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn enlarge() {}

/// The lowest address of this thread's stack, and its size in bytes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn bounds() -> Option<(usize, usize)> {
    thread_local! {
        static BOUNDS: Option<(usize, usize)> = measure();
    }
    fn measure() -> Option<(usize, usize)> {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
        let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: the attributes are filled by the first call before the second and third use them, which write to
        // variables of ours.
        unsafe {
            if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
                return None;
            }
            let found = libc::pthread_attr_getstack(attributes.as_ptr(), &mut lowest, &mut size) == 0;
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            found.then_some((lowest as usize, size))
        }
    }
    BOUNDS.with(|bounds| *bounds)
}

/// Not known.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bounds() -> Option<(usize, usize)> {
    None
}
