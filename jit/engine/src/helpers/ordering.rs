//! What `min`, `max` and `sorted` make of keys.

use rustpython_vm::{AsObject, VirtualMachine, builtins::PyList};
use tjit_codegen::Context;
use tjit_ir::{Effects, Mem, Ownership, Ty};
use tjit_vm::ordering::{self, Order};

use super::{Helper, found_or_redo, host, object, owned, redo, tracked};

const ORDERS: Effects = Effects { reads: Mem::all(), writes: Mem::LIST, exits: true, allocates: true, ..Effects::PURE };

helpers! {
    /// The element of a list with the least (0) or greatest (1) key, or the list itself in the order of the keys (2) or the
    /// reverse (3). Keys are in another list.
    order_by_keys(Int, Ref, Ref) -> Ref, ORDERS, Owned;
    /// A new list with the elements of one that is to be sorted, which has none meanwhile.
    take_elements(Ref) -> Ref, TAKES, Owned;
    /// Elements of which a list has none meanwhile come back in the order of their keys (2) or the reverse (3).
    sort_by_keys(Int, Ref, Ref, Ref) -> Unit, ORDERS, None;
    /// Puts the elements of a list in the order of keys (2), which are in another list, or the reverse (3).
    sort_at_once(Int, Ref, Ref) -> Unit, ORDERS, None;
}

const TAKES: Effects = Effects { reads: Mem::LIST, writes: Mem::LIST, allocates: true, ..Effects::PURE };

fn order(number: i64, vm: &VirtualMachine) -> rustpython_vm::PyResult<Order> {
    let orders = [Order::Least, Order::Greatest, Order::Ascending, Order::Descending];
    let order = orders.into_iter().find(|&order| order as i64 == number);
    order.ok_or_else(|| vm.new_system_error("an order that is none"))
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    pub extern "C" fn order_by_keys(ctx: *mut Context, number: i64, elements: u64, keys: u64) -> u64 {
        let vm = host(ctx);
        let ordered = order(number, vm).and_then(|order| ordering::by_keys(order, object(elements), object(keys), vm));
        found_or_redo(ctx, ordered.ok().map(owned))
    }

    pub extern "C" fn take_elements(ctx: *mut Context, list: u64) -> u64 {
        let elements = object(list).downcast_ref::<PyList>().map(|list| std::mem::take(&mut *list.borrow_vec_mut()));
        tracked(ctx, host(ctx).ctx.new_list(elements.unwrap_or_default()).into())
    }

    pub extern "C" fn sort_at_once(ctx: *mut Context, number: i64, list: u64, keys: u64) {
        let vm = host(ctx);
        let Some(list) = object(list).downcast_ref::<PyList>() else { return redo(ctx) };
        let copy = vm.ctx.new_list(list.borrow_vec().to_vec());
        let order = order(number, vm).ok();
        if order.and_then(|order| ordering::by_keys(order, copy.as_object(), object(keys), vm).ok()).is_none() {
            return redo(ctx);
        }
        std::mem::swap(&mut *list.borrow_vec_mut(), &mut *copy.borrow_vec_mut());
    }

    pub extern "C" fn sort_by_keys(ctx: *mut Context, number: i64, elements: u64, keys: u64, list: u64) {
        let vm = host(ctx);
        let (Some(list), Some(taken)) =
            (object(list).downcast_ref::<PyList>(), object(elements).downcast_ref::<PyList>())
        else {
            return redo(ctx);
        };
        let is_changed = list.borrow_vec_mut().capacity() > 0;
        let order = order(number, vm).ok().filter(|_| !is_changed);
        if order.and_then(|order| ordering::by_keys(order, taken.as_object(), object(keys), vm).ok()).is_none() {
            return redo(ctx);
        }
        std::mem::swap(&mut *list.borrow_vec_mut(), &mut *taken.borrow_vec_mut());
    }
}
