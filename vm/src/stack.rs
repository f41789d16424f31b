//! The native stack of this thread: how much of it is left.

/// What the VM keeps free, and what native code that is not Python's may need on top.
const RESERVE: usize = 512 << 10;

/// Bytes of the native stack that calls may still use. 0 where that cannot be found out.
#[must_use]
pub fn remaining() -> usize {
    let here = 0u8;
    let here = std::hint::black_box(&raw const here) as usize;
    lowest().map_or(0, |lowest| here.saturating_sub(lowest + RESERVE))
}

/// The lowest address of this thread's stack.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn lowest() -> Option<usize> {
    thread_local! {
        static LOWEST: Option<usize> = measure();
    }
    fn measure() -> Option<usize> {
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
            found.then_some(lowest as usize)
        }
    }
    LOWEST.with(|lowest| *lowest)
}

/// The lowest address of this thread's stack.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn lowest() -> Option<usize> {
    None
}
