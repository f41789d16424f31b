//! Pages of machine code: written once, then executable, never both at once; unmapped on drop.

use cranelift_jit::{BranchProtection, JITMemoryKind, JITMemoryProvider, SystemMemoryProvider};

use crate::compiler::CompileError;

/// Executable memory with one piece of code in it.
pub(crate) struct CodeMemory {
    pages: SystemMemoryProvider,
    address: usize,
}

// SAFETY: once `new` has returned, nothing reads or changes the pages' bookkeeping but `drop`, which has exclusive access;
// the code itself is read-only.
unsafe impl Sync for CodeMemory {}

impl CodeMemory {
    /// Copies position-independent code to fresh pages and makes them executable.
    pub(crate) fn new(code: &[u8], align: u64) -> Result<Self, CompileError> {
        let mut pages = SystemMemoryProvider::new();
        let start = pages.allocate(code.len(), align, JITMemoryKind::Executable)?;
        // SAFETY: `allocate` returned at least `code.len()` writable bytes that nobody else knows of.
        unsafe { start.copy_from_nonoverlapping(code.as_ptr(), code.len()) };
        let mut memory = CodeMemory { address: start as usize, pages };
        memory
            .pages
            .finalize(BranchProtection::None)
            .map_err(|error| CompileError::Memory(std::io::Error::other(error.to_string())))?;
        Ok(memory)
    }

    /// Where the code starts.
    pub(crate) fn address(&self) -> usize {
        self.address
    }
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        // SAFETY: the owner of a `CodeMemory` (a trace or trampoline) promises that nothing runs or enters its code any more.
        unsafe { self.pages.free_memory() };
    }
}
