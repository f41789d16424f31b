//! What all recordings share.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};
use rustpython_vm::{PyObjectRef, VirtualMachine};

use crate::decode::CodeKey;
use crate::functions::Functions;
use crate::known::Known;
use crate::objects::Objects;

/// What does not change while the process runs.
pub struct World {
    /// Offsets and classes.
    pub objects: Objects,
    /// The functions that have traces.
    pub functions: Functions,
    /// The builtin functions that have translations.
    pub known: Known,
    /// Operations in one recording, at most.
    pub trace_limit: usize,
    /// Depth of inlining, at most.
    pub inline_depth: usize,
    /// Dicts that those of new instances are copied from, by their keys.
    pub templates: RefCell<FxHashMap<Vec<u64>, PyObjectRef>>,
    /// Pairs of code and globals, by their addresses: what functions are made from that do not exist.
    pub bodies: RefCell<FxHashMap<(u64, u64), PyObjectRef>>,
    /// Where slots of instances are, by class, name and version of the class.
    pub slots: RefCell<FxHashMap<(usize, usize, u32), Option<u32>>>,
    /// The versions of classes that recordings have seen last, and how often they were others before.
    pub versions: RefCell<FxHashMap<usize, (u32, u32)>>,
    /// The function of each code that was called first where it could have been another; null when others were.
    pub makers: RefCell<FxHashMap<CodeKey, usize>>,
    /// Functions that ask for the frames of their callers.
    pub lookers: RefCell<FxHashSet<CodeKey>>,
    /// Instructions that raise what their handlers cannot handle in a trace, by code and unit.
    pub leaves: RefCell<FxHashSet<(CodeKey, u32)>>,
    /// Loops in which the types of operands multiply the paths, by code and header.
    pub multiplying: RefCell<FxHashSet<(CodeKey, u32)>>,
    /// The code of functions of keys that builtins are to ask by themselves.
    pub unfed: RefCell<FxHashSet<CodeKey>>,
    /// Whether recordings from exits end at joins.
    pub merges: bool,
    /// Whether guards leave that have not failed.
    pub stress: bool,
}

/// Versions of a class that recordings rely on, at most. A class that changes more often is one that the program keeps
/// its state in.
const MAX_CLASS_VERSIONS: u32 = 12;

impl World {
    /// Whether a class, given by its address, has changed so often that no trace should rely on its version.
    pub(super) fn is_volatile(&self, class: usize, version: u32) -> bool {
        let mut versions = self.versions.borrow_mut();
        let (seen, changes) = versions.entry(class).or_insert((version, 0));
        if *seen != version {
            (*seen, *changes) = (version, *changes + 1);
        }
        *changes >= MAX_CLASS_VERSIONS
    }

    /// The pair of a code object and globals, given by their addresses. The same for the same.
    pub(super) fn body(&self, code: u64, globals: u64, vm: &VirtualMachine) -> PyObjectRef {
        let mut bodies = self.bodies.borrow_mut();
        let body = bodies.entry((code, globals)).or_insert_with(|| {
            // SAFETY: the pool of the trace keeps both alive.
            let parts = [code, globals].map(|part| unsafe { self.objects.clone_ref(part) });
            vm.ctx.new_tuple(parts.to_vec()).into()
        });
        body.clone()
    }

    /// A dict with these keys, each bound to None: what the dicts of new instances are copied from. Keys are given by
    /// address, and are interned.
    pub(super) fn template(&self, names: &[u64]) -> PyObjectRef {
        let mut templates = self.templates.borrow_mut();
        let template = templates.entry(names.to_vec()).or_insert_with(|| {
            rustpython_vm::vm::thread::with_current_vm(|vm| {
                let dict = vm.ctx.new_dict();
                for &name in names {
                    // SAFETY: the pool of the trace keeps the name alive.
                    let name = unsafe { self.objects.clone_ref(name) };
                    let _ = dict.set_item(&*name, vm.ctx.none(), vm);
                }
                dict.into()
            })
        });
        template.clone()
    }
}
