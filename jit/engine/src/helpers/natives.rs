//! Helpers that call natives which run no Python code, with operands that do not make them.

use rustpython_vm::{
    AsObject, PyObject, PyObjectRef, VirtualMachine,
    builtins::{PyStr, descriptor::PyMethodDescriptor},
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};

use super::{Helper, LEAF, call, host, object, or_redo, redo};
use crate::exits::Activation;
use crate::natives::Changes;
use crate::objects::Objects;

/// Operands of a native, the receiver included, at most.
pub const MAX_ARGS: usize = 4;

const OTHER: Effects = Effects { writes: Mem::OTHER, releases: true, ..LEAF };
const CONTAINERS: Effects = Effects {
    writes: Mem::LIST.union(Mem::DICT).union(Mem::OBJECT).union(Mem::SHAPE).union(Mem::KEYS).union(Mem::OTHER),
    releases: true,
    ..LEAF
};

/// The helper that calls a native with so many operands. Its arguments: the native, a set of bits that tells which
/// operands are containers that have to be looked through, the operands.
pub fn native(count: usize, changes: Changes) -> Helper {
    const TYPES: [Ty; MAX_ARGS + 2] = [Ty::Ref, Ty::Int, Ty::Ref, Ty::Ref, Ty::Ref, Ty::Ref];
    const NAMES: [[&str; 3]; MAX_ARGS + 1] = [
        ["native_0", "native_0_other", "native_0_containers"],
        ["native_1", "native_1_other", "native_1_containers"],
        ["native_2", "native_2_other", "native_2_containers"],
        ["native_3", "native_3_other", "native_3_containers"],
        ["native_4", "native_4_other", "native_4_containers"],
    ];
    let addr = match count {
        0 => native_0 as *const () as u64,
        1 => native_1 as *const () as u64,
        2 => native_2 as *const () as u64,
        3 => native_3 as *const () as u64,
        _ => native_4 as *const () as u64,
    };
    let (column, effects) = match changes {
        Changes::Nothing => (0, LEAF),
        Changes::Other => (1, OTHER),
        Changes::Containers => (2, CONTAINERS),
    };
    Helper {
        name: NAMES[count][column],
        addr,
        args: &TYPES[..count + 2],
        result: Ty::Ref,
        effects,
        ownership: Ownership::Owned,
    }
}

/// The receiver of a native that is bound to one; leaves unless it is bound as the constant descriptor binds. What a native
/// is bound to never changes.
pub fn receiver() -> Helper {
    Helper {
        name: "native_receiver",
        addr: native_receiver as *const () as u64,
        args: &[Ty::Ref, Ty::Ref],
        result: Ty::Ref,
        effects: super::CHECKED,
        ownership: Ownership::Owned,
    }
}

extern "C" fn native_receiver(ctx: *mut Context, function: u64, descriptor: u64) -> u64 {
    let (function, objects) = (object(function), Activation::of(ctx).objects);
    if objects.class(function) == objects.classes.builtin
        && let Some(descriptor) = super::payload::<PyMethodDescriptor>(descriptor)
        && let Some(receiver) = objects.bound_by(function, std::ptr::from_ref(descriptor.method) as u64)
    {
        objects.share(receiver);
        return receiver;
    }
    redo(ctx);
    0
}

/// The receiver of a native that is bound to an object of a builtin class, and the method of the class.
pub fn bound_to(function: &PyObject, vm: &VirtualMachine) -> Option<(PyObjectRef, PyObjectRef)> {
    bound(function, vm).filter(|(owner, _)| crate::natives::is_builtin(owner.class()))
}

/// The receiver of a native that is bound to an object, and the method of its class.
pub fn bound(function: &PyObject, vm: &VirtualMachine) -> Option<(PyObjectRef, PyObjectRef)> {
    if !function.class().is(vm.ctx.types.builtin_function_or_method_type) {
        return None;
    }
    let owner = function.get_attr("__self__", vm).ok()?;
    let name = function.get_attr("__name__", vm).ok()?.downcast::<PyStr>().ok()?;
    if vm.is_none(&owner) || owner.class().is(vm.ctx.types.module_type) {
        return None;
    }
    let method = owner.class().get_attr(vm.ctx.intern_str(name.as_wtf8()))?;
    method.class().is(vm.ctx.types.method_descriptor_type).then_some((owner, method))
}

fn run(ctx: *mut Context, function: u64, checked: i64, args: &[u64]) -> u64 {
    let (vm, objects) = (host(ctx), Activation::of(ctx).objects);
    let plain = |n: usize, arg: u64| checked >> n & 1 == 0 || objects.is_plain_inside(object(arg), vm);
    if !args.iter().enumerate().all(|(n, &arg)| plain(n, arg)) {
        redo(ctx);
        return 0;
    }
    or_redo(ctx, call(ctx, function, args))
}

extern "C" fn native_0(ctx: *mut Context, function: u64, checked: i64) -> u64 {
    run(ctx, function, checked, &[])
}

extern "C" fn native_1(ctx: *mut Context, function: u64, checked: i64, a: u64) -> u64 {
    run(ctx, function, checked, &[a])
}

extern "C" fn native_2(ctx: *mut Context, function: u64, checked: i64, a: u64, b: u64) -> u64 {
    run(ctx, function, checked, &[a, b])
}

extern "C" fn native_3(ctx: *mut Context, function: u64, checked: i64, a: u64, b: u64, c: u64) -> u64 {
    run(ctx, function, checked, &[a, b, c])
}

extern "C" fn native_4(ctx: *mut Context, function: u64, checked: i64, a: u64, b: u64, c: u64, d: u64) -> u64 {
    run(ctx, function, checked, &[a, b, c, d])
}

impl Objects {
    /// Whether an object is plain, or a builtin container that has only plain objects in it.
    pub fn is_plain_inside(&self, object: &PyObject, vm: &VirtualMachine) -> bool {
        if self.is_plain(object) {
            return true;
        }
        let (class, classes) = (self.class(object), &self.classes);
        if let Some(table) = self.table_of(object) {
            table.pairs().all(|pair| self.is_plain(pair.key) && self.is_plain(pair.value))
        } else if class == classes.bytearray {
            true
        } else if classes.dict_views.contains(&class) {
            let list = vm.ctx.types.list_type.as_object().call((object.to_owned(),), vm);
            list.is_ok_and(|list| self.is_plain(&list))
        } else {
            false
        }
    }
}
