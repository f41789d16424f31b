//! Memory of machine code: written once, then executable, unmapped when nothing that is in it is needed any more.
//!
//! On Linux, code is put into *chunks* that are mapped twice, once to be written and once to be executed, at addresses that
//! have nothing to do with each other. So no page is ever both, and none changes what it is: that would interrupt all
//! processors that run the program (half a millisecond on a virtual machine, as long as generating the code takes). Nothing is
//! written where code has been before, so that no processor can have old instructions. Elsewhere, and where the system refuses,
//! each piece of code has pages of its own, that are first writable and then executable.

use std::io;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use std::sync::Arc;

use cranelift_jit::{BranchProtection, JITMemoryKind, JITMemoryProvider, SystemMemoryProvider};

/// Executable memory with one piece of code in it.
pub(crate) struct CodeMemory {
    address: usize,
    _place: Place,
}

/// What keeps the code.
enum Place {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    Chunk(#[expect(dead_code, reason = "it is kept")] Arc<chunk::Chunk>),
    Pages(#[expect(dead_code, reason = "they are kept")] Pages),
}

impl CodeMemory {
    /// Where the code starts.
    pub(crate) fn address(&self) -> usize {
        self.address
    }
}

/// Where code is put.
#[derive(Default)]
pub(crate) struct CodeArena {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    chunk: chunk::Filling,
}

impl CodeArena {
    /// Makes a copy of position-independent code that can be executed.
    ///
    /// # Errors
    /// The system's, when it has no memory for that.
    pub(crate) fn place(&mut self, code: &[u8], align: usize) -> io::Result<CodeMemory> {
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        if let Some((chunk, address)) = self.chunk.place(code, align) {
            return Ok(CodeMemory { address, _place: Place::Chunk(chunk) });
        }
        let (pages, address) = Pages::new(code, align)?;
        Ok(CodeMemory { address, _place: Place::Pages(pages) })
    }
}

/// Pages of one piece of code.
struct Pages(SystemMemoryProvider);

// SAFETY: once `new` has returned, nothing reads or changes the pages' bookkeeping but `drop`, which has exclusive access;
// the code itself is read-only.
unsafe impl Sync for Pages {}

impl Pages {
    fn new(code: &[u8], align: usize) -> io::Result<(Self, usize)> {
        let mut pages = SystemMemoryProvider::new();
        let start = pages.allocate(code.len(), align as u64, JITMemoryKind::Executable)?;
        // SAFETY: `allocate` returned at least `code.len()` writable bytes that nobody else knows of.
        unsafe { start.copy_from_nonoverlapping(code.as_ptr(), code.len()) };
        let mut pages = Pages(pages);
        pages.0.finalize(BranchProtection::None).map_err(|error| io::Error::other(error.to_string()))?;
        Ok((pages, start as usize))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the owner of a `CodeMemory` (a trace or trampoline) promises that nothing runs or enters its code any more.
        unsafe { self.0.free_memory() };
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod chunk {
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::ptr::NonNull;
    use std::sync::Arc;

    /// Bytes of a chunk, at least. What is larger has one of its own.
    pub(super) const SIZE: usize = 256 << 10;

    /// Memory that is mapped twice.
    pub(super) struct Chunk {
        writable: NonNull<u8>,
        executable: NonNull<u8>,
        pub(super) size: usize,
        /// The process that may write: a child that was forked shares the memory with its parent.
        process: u32,
    }

    // SAFETY: only the one `Filling` that has made a chunk writes to it, each byte once, before anybody knows of it; the rest is
    // read-only.
    unsafe impl Send for Chunk {}
    // SAFETY: as above.
    unsafe impl Sync for Chunk {}

    impl Chunk {
        fn new(size: usize) -> io::Result<Self> {
            // SAFETY: the name is a string that ends with zero.
            let file = unsafe { libc::memfd_create(c"tjit-code".as_ptr(), libc::MFD_CLOEXEC) };
            if file < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the file was just opened, and nobody else knows of it.
            let file = unsafe { OwnedFd::from_raw_fd(file) };
            // SAFETY: plain arguments.
            if unsafe { libc::ftruncate(file.as_raw_fd(), size as libc::off_t) } < 0 {
                return Err(io::Error::last_os_error());
            }
            let writable = map(&file, size, libc::PROT_READ | libc::PROT_WRITE)?;
            let executable = map(&file, size, libc::PROT_READ | libc::PROT_EXEC).inspect_err(|_| {
                // SAFETY: it was mapped just now, and nobody else knows of it.
                unsafe { libc::munmap(writable.as_ptr().cast(), size) };
            })?;
            Ok(Self { writable, executable, size, process: std::process::id() })
        }
    }

    impl Drop for Chunk {
        fn drop(&mut self) {
            for address in [self.writable, self.executable] {
                // SAFETY: both were mapped with this size; whose code it was promises that nothing runs or enters it any more.
                unsafe { libc::munmap(address.as_ptr().cast(), self.size) };
            }
        }
    }

    /// Maps a file, all of it present at once: faults on one page after the other would take longer.
    fn map(file: &OwnedFd, size: usize, protection: i32) -> io::Result<NonNull<u8>> {
        let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
        // SAFETY: a new mapping where the system likes it changes nothing that is there.
        let address = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, flags, file.as_raw_fd(), 0) };
        match NonNull::new(address) {
            Some(mapped) if address != libc::MAP_FAILED => Ok(mapped.cast()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The chunk that is being filled.
    #[derive(Default)]
    pub(super) struct Filling {
        chunk: Option<Arc<Chunk>>,
        used: usize,
        is_refused: bool,
    }

    impl Filling {
        /// Puts code into a chunk. Where it is executed; `None`: the system has no such memory.
        pub fn place(&mut self, code: &[u8], align: usize) -> Option<(Arc<Chunk>, usize)> {
            let start = self.used.next_multiple_of(align);
            let fits = |chunk: &Arc<Chunk>| {
                chunk.process == std::process::id() && code.len() <= chunk.size.saturating_sub(start)
            };
            let (chunk, start) = match self.chunk.clone().filter(fits) {
                Some(chunk) => (chunk, start),
                None => (self.start(code.len())?, 0),
            };
            // SAFETY: the chunk has room for the code there, and nothing has been written or is executed there.
            unsafe { chunk.writable.add(start).copy_from_nonoverlapping(NonNull::from(code).cast(), code.len()) };
            self.used = start + code.len();
            let address = chunk.executable.addr().get() + start;
            Some((chunk, address))
        }

        fn start(&mut self, bytes: usize) -> Option<Arc<Chunk>> {
            if self.is_refused {
                return None;
            }
            let chunk = Chunk::new(bytes.next_multiple_of(SIZE)).ok().map(Arc::new);
            self.is_refused = chunk.is_none();
            self.chunk.clone_from(&chunk);
            chunk
        }
    }
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests {
    use super::chunk::{Filling, SIZE};
    use super::*;

    /// Returns its argument plus one.
    const CODE: [u8; 5] = [0x48, 0x8d, 0x47, 0x01, 0xc3];

    fn run(address: usize) -> u64 {
        // SAFETY: the code that was put there has this signature.
        unsafe { std::mem::transmute::<usize, extern "sysv64" fn(u64) -> u64>(address)(41) }
    }

    #[test]
    fn code_is_executed_where_it_was_put() {
        let mut filling = Filling::default();
        let (chunk, first) = filling.place(&CODE, 32).expect("memory");
        let (same, second) = filling.place(&CODE, 32).expect("memory");
        assert!(Arc::ptr_eq(&chunk, &same));
        assert_eq!((second - first, first % 32), (32, 0));
        assert_eq!((run(first), run(second)), (42, 42));
    }

    #[test]
    fn a_full_chunk_is_followed_by_another() {
        let mut filling = Filling::default();
        let large = [&CODE[..], &vec![0xcc; SIZE]].concat();
        let (small, first) = filling.place(&CODE, 16).expect("memory");
        let (own, second) = filling.place(&large, 16).expect("memory");
        assert!(!Arc::ptr_eq(&small, &own));
        assert_eq!(own.size, 2 * SIZE);
        let (rest, third) = filling.place(&CODE, 16).expect("memory");
        assert!(Arc::ptr_eq(&own, &rest));
        assert_eq!((run(first), run(second), run(third)), (42, 42, 42));
    }

    #[test]
    fn chunks_go_with_the_last_code() {
        let mut filling = Filling::default();
        let (chunk, _) = filling.place(&CODE, 16).expect("memory");
        let known = Arc::downgrade(&chunk);
        filling.place(&vec![0xcc; SIZE], 16).expect("memory");
        assert!(known.upgrade().is_some());
        drop(chunk);
        assert!(known.upgrade().is_none());
    }

    #[test]
    fn code_has_pages_where_there_are_no_chunks() {
        let (_pages, address) = Pages::new(&CODE, 32).expect("memory");
        assert_eq!(run(address), 42);
    }
}
