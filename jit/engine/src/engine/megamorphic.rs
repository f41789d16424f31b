//! Instructions that meet ever other classes: after some bridges for one of them, the next takes objects of any class.

use rustpython_vm::{AsObject, Py, PyObject, builtins::PyType};
use tjit_events::Reason;
use tjit_ir::Imm;
use tjit_vm::frames::Frame;

use crate::helpers::object;
use crate::native::{Chain, Native};

/// Bridges for one instruction, each for another class or object, before there is one for all that are left.
const MANY: u32 = 16;
/// The same where a class is made again and again, by a function that has a `class` statement.
const MANY_MADE_ANEW: u32 = 2;
/// Bridges for one instruction that cannot take any object, at most.
const MOST: u32 = 32;

/// What a bridge that is to begin at an exit goes on from.
pub(super) fn chain(native: &Native, exit: usize) -> Chain {
    let place = native.trace.snapshot(native.compiled.exits()[exit].snapshot).place();
    let place = (native.codes[place.code.index()].key(), place.unit);
    let is_for_object = matches!(native.exit_kind(exit), Reason::GuardClass | Reason::GuardIdentity);
    let before = native.chain.filter(|before| is_for_object && before.place == place);
    Chain { place, bridges: before.map_or(0, |before| before.bridges + 1) }
}

/// Whether the bridge from an exit is to take any class at its first instruction, which `frame` is about to execute.
pub(super) fn takes_any(chain: Chain, native: &Native, exit: usize, frame: Frame) -> bool {
    chain.bridges >= MANY || chain.bridges >= MANY_MADE_ANEW && is_made_anew(native, exit, frame)
}

/// Whether there are as many bridges as one instruction may have.
pub(super) fn is_endless(chain: Chain) -> bool {
    chain.bridges > MOST
}

/// Whether what an exit's guard wants is a class, of which another one is on the frame's stack: made by the same statement, as
/// far as its name tells.
fn is_made_anew(native: &Native, exit: usize, frame: Frame) -> bool {
    let pool = &native.trace.pool;
    let wanted = match native.trace.inst(native.compiled.exits()[exit].inst).imm {
        Imm::Class(class) => pool.classes[class.index()].addr,
        Imm::Ref(constant) => pool.refs[constant.index()].addr,
        _ => return false,
    };
    let Some(wanted) = object(wanted).downcast_ref::<PyType>() else { return false };
    let is_another =
        |class: &Py<PyType>| !class.is(wanted) && class.heaptype_ext.is_some() && *class.name() == *wanted.name();
    let is = |found: &PyObject| is_another(found.class()) || found.downcast_ref::<PyType>().is_some_and(is_another);
    (0..frame.stack_depth()).filter_map(|index| frame.stack(index)).any(is)
}
