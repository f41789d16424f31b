//! Whether there is garbage in cycles at all.
//!
//! Mostly there is none: then all that a collection does is to move objects to the next generation. The VM's own takes some
//! hundred nanoseconds for each object, as it must be able to do more: it holds every survivor, takes it out of its list by
//! itself, and keeps tables. Here objects are numbered, their references among each other are written down as numbers, and
//! the rest is done in arrays. Garbage that dies silently (functions and their cells, containers, instances without
//! finalisers, none of them weakly referred to) is taken to pieces here. Where there is other garbage, nothing has been changed,
//! and the VM collects it.
//!
//! And who looks at all objects there are: [`install`].

use std::ptr::NonNull;
use std::sync::OnceLock;

use rustpython_vm::common::refcount::with_deferred_drops;
use rustpython_vm::gc_state::{current_owner, gc_state};
use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, PyResult, VirtualMachine,
    function::{Callee, FuncArgs},
};

use crate::instrument::patch::{self, Native, Wrapper};
use crate::layout::{GENERATIONS, GenerationsLayout};

/// What is done before a program looks at all objects there are.
static BEFORE: OnceLock<fn()> = OnceLock::new();

/// Has `before` called whenever a program looks at all objects there are, or has all of them collected: it is to let go of
/// objects that the program does not know of.
///
/// # Errors
/// `RuntimeError` if the VM is not the one that the JIT knows.
pub fn install(vm: &VirtualMachine, before: fn()) -> PyResult<()> {
    BEFORE.get_or_init(|| before);
    let looks: &[(&str, Wrapper)] = &[("get_objects", look), ("get_referrers", look), ("collect", look)];
    patch::functions(vm, &*vm.import("gc", 0)?, looks)
}

fn look(original: Native, vm: &VirtualMachine, args: FuncArgs, callee: Callee) -> PyResult {
    if let Some(before) = BEFORE.get() {
        before();
    }
    original(vm, args, callee)
}

/// Whether nobody notices when an object dies.
fn dies_silently(object: &PyObject, vm: &VirtualMachine) -> bool {
    let (class, types) = (object.class(), &vm.ctx.types);
    let is_builtin = || {
        let known = [
            types.dict_type,
            types.cell_type,
            types.function_type,
            types.tuple_type,
            types.list_type,
            types.set_type,
            types.bound_method_type,
        ];
        known.iter().any(|known| class.is(*known))
    };
    let is_instance =
        || class.heaptype_ext.is_some() && class.slots.del.load().is_none() && !class.fast_issubclass(types.type_type);
    (is_builtin() || is_instance()) && object.weak_count().unwrap_or(0) == 0
}

/// Lets garbage die: takes it from the collector, then takes out of each object what it refers to. What dies with it may run
/// Python code.
///
/// # Safety
/// Nobody else refers to these objects, but they to each other.
pub unsafe fn take_to_pieces(garbage: Vec<PyObjectRef>) {
    for object in &garbage {
        // SAFETY: the object is in one of the collector's lists.
        unsafe { gc_state().untrack_object(NonNull::from(&**object)) };
    }
    // (Many may die by one another: not on the native stack.)
    with_deferred_drops(|| {
        // SAFETY: by the caller's promise.
        let pieces: Vec<Vec<PyObjectRef>> = garbage.iter().map(|object| unsafe { object.gc_clear() }).collect();
        drop(garbage);
        drop(pieces);
    });
}

/// Memory that is used again.
#[derive(Default)]
pub struct Survey {
    objects: Vec<NonNull<PyObject>>,
    /// The end of each generation in `objects`.
    ends: Vec<usize>,
    /// For each object: references to it that are not known to come from the others. Not 0: it is known to be in use.
    outside: Vec<u32>,
    /// What the objects refer to among each other: numbers, each object's end at `edges_end`.
    edges: Vec<u32>,
    edges_end: Vec<u32>,
    /// What one object refers to.
    referents: Vec<NonNull<PyObject>>,
    /// Objects whose references are still to be followed.
    pending: Vec<u32>,
}

impl Survey {
    /// Moves all objects of the generations up to `last` to the next one. Says how many they are, and which of them are
    /// garbage: that is to be [taken to pieces](take_to_pieces). `None`: there is garbage that does not die silently, or nothing is
    /// known; then nothing has been done. The oldest generation cannot be `last`.
    ///
    /// # Safety
    /// No other thread makes, changes or lets go of Python objects meanwhile, and none is being made, changed or let go of.
    pub unsafe fn promote(
        &mut self,
        last: usize,
        layout: &GenerationsLayout,
        vm: &VirtualMachine,
    ) -> Option<(usize, Vec<PyObjectRef>)> {
        assert!(last + 1 < GENERATIONS, "the oldest generation has no next one");
        // SAFETY: by the caller's promise the lists stay as they are, and with them their objects.
        let known = unsafe { self.number(last, layout).and_then(|()| self.subtract(last, layout)) };
        let garbage = known.and_then(|()| {
            let in_use = self.follow();
            self.garbage(self.objects.len() - in_use, vm)
        });
        let count = self.objects.len();
        if garbage.is_some() {
            // SAFETY: as above; these are the lists' objects in their order.
            unsafe { layout.promote(last, &self.objects, &self.ends) };
        }
        self.clear();
        Some((count, garbage?))
    }

    /// What is not in use, so many objects. `None`: some of it does not die silently.
    fn garbage(&self, count: usize, vm: &VirtualMachine) -> Option<Vec<PyObjectRef>> {
        let mut garbage = Vec::with_capacity(count);
        if count == 0 {
            return Some(garbage);
        }
        for (object, _) in self.objects.iter().zip(&self.outside).filter(|&(_, &outside)| outside == 0) {
            // SAFETY: what is in the lists is alive.
            let object = unsafe { object.as_ref() };
            if !dies_silently(object, vm) {
                return None;
            }
            garbage.push(object.to_owned());
        }
        Some(garbage)
    }

    /// Numbers the objects and notes how many references each has.
    ///
    /// # Safety
    /// As for [`Survey::promote`].
    unsafe fn number(&mut self, last: usize, layout: &GenerationsLayout) -> Option<()> {
        let owner = current_owner();
        for generation in 0..=last {
            let mut next = layout.first(generation);
            while let Some(at) = next {
                // SAFETY: what is in the list is alive.
                let object = unsafe { at.as_ref() };
                if usize::from(layout.generation(object)) != generation || !layout.is_ours(object, owner) {
                    return None;
                }
                layout.set_scratch(object, u32::try_from(self.objects.len()).ok()?);
                self.objects.push(at);
                self.outside.push(object.strong_count().min(u32::MAX as usize) as u32);
                next = layout.next(object);
            }
            self.ends.push(self.objects.len());
        }
        Some(())
    }

    /// Writes down the references that the objects have to each other, and takes them off.
    ///
    /// # Safety
    /// As for [`Survey::promote`].
    unsafe fn subtract(&mut self, last: usize, layout: &GenerationsLayout) -> Option<()> {
        for object in &self.objects {
            // SAFETY: the object is alive, and nobody changes it.
            unsafe { object.as_ref().gc_extend_referent_ptrs(&mut self.referents) };
            for referent in self.referents.drain(..) {
                // SAFETY: a live object refers to it.
                let target = unsafe { referent.as_ref() };
                if usize::from(layout.generation(target)) <= last {
                    let number = layout.scratch(target);
                    if self.objects.get(number as usize) != Some(&referent) {
                        return None;
                    }
                    let outside = &mut self.outside[number as usize];
                    *outside = outside.checked_sub(1)?;
                    self.edges.push(number);
                }
            }
            self.edges_end.push(u32::try_from(self.edges.len()).ok()?);
        }
        Some(())
    }

    /// Follows the references of objects in use. Returns how many are.
    fn follow(&mut self) -> usize {
        let mut in_use = 0;
        for number in 0..self.outside.len() as u32 {
            if self.outside[number as usize] > 0 {
                in_use += 1;
                self.pending.push(number);
            }
        }
        while let Some(number) = self.pending.pop() {
            let number = number as usize;
            let start = if number == 0 { 0 } else { self.edges_end[number - 1] };
            for edge in start..self.edges_end[number] {
                let target = self.edges[edge as usize];
                if self.outside[target as usize] == 0 {
                    self.outside[target as usize] = 1;
                    in_use += 1;
                    self.pending.push(target);
                }
            }
        }
        in_use
    }

    fn clear(&mut self) {
        // Memory for more objects than are mostly looked at is given back.
        const KEPT: usize = 20_000;
        if self.objects.len() > KEPT {
            *self = Survey::default();
            return;
        }
        self.objects.clear();
        self.ends.clear();
        self.outside.clear();
        self.edges.clear();
        self.edges_end.clear();
        self.referents.clear();
        self.pending.clear();
    }
}
