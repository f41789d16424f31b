//! Sites and the user's tracers.
//!
//! The callbacks that tools register with `sys.monitoring` get offsets of the original code, and no events for the units
//! of sites. And the JIT can ask whether anybody is watching.

use super::{
    patch::{self, Native},
    site_map,
};
use rustpython_vm::{
    Py, PyObjectRef, PyPayload, PyResult, VirtualMachine,
    builtins::{PyCode, PyInt},
    class::PyClassImpl,
    function::{Callee, FuncArgs},
    pyclass,
    types::Callable,
};

/// The tool with which the JIT itself uses `sys.monitoring`. Its callbacks get offsets as they are.
pub const OPTIMIZER_TOOL: usize = 5;

/// Whether the user traces, profiles or monitors: then the JIT must stay out of the way. Cheap if not.
#[must_use]
pub fn tracing_active(vm: &VirtualMachine) -> bool {
    vm.use_tracing.get() || (vm.state.monitoring_events.load() != 0 && monitored(vm))
}

#[cold]
fn monitored(vm: &VirtualMachine) -> bool {
    let state = vm.state.monitoring.lock();
    let everywhere =
        state.global_events.iter().enumerate().any(|(tool, &events)| tool != OPTIMIZER_TOOL && events != 0);
    everywhere || state.local_events.iter().any(|(&(tool, _), &events)| tool != OPTIMIZER_TOOL && events != 0)
}

/// Wraps what registers callbacks.
pub(super) fn install(vm: &VirtualMachine) -> PyResult<()> {
    let _ = Callback::make_static_type();
    let monitoring = vm.sys_module.get_attr("monitoring", vm)?;
    patch::functions(vm, &monitoring, &[("register_callback", register_callback)])
}

fn register_callback(original: Native, vm: &VirtualMachine, mut args: FuncArgs, callee: Callee) -> PyResult {
    if let [tool, event, function] = args.args.as_mut_slice()
        && number(tool) != Some(OPTIMIZER_TOOL as u64)
        && let Some(event) = number(event)
        && !vm.is_none(function)
    {
        let offsets = offsets(event);
        if offsets > 0 {
            let skips_sites = event & (INSTRUCTION | JUMP | BRANCHES) != 0;
            *function = Callback { function: function.clone(), offsets, skips_sites }.into_ref(&vm.ctx).into();
        }
    }
    let previous = original(vm, args, callee)?;
    Ok(match previous.downcast_ref::<Callback>() {
        Some(callback) => callback.function.clone(),
        None => previous,
    })
}

const LINE: u64 = 1 << 5;
const INSTRUCTION: u64 = 1 << 6;
const JUMP: u64 = 1 << 7;
/// BRANCH_LEFT, BRANCH_RIGHT and BRANCH.
const BRANCHES: u64 = 1 << 8 | 1 << 9 | 1 << 18;

/// How many of an event's arguments behind the code are offsets.
fn offsets(event: u64) -> usize {
    match event {
        LINE => 0,
        _ if event & (JUMP | BRANCHES) != 0 => 2,
        _ => 1,
    }
}

fn number(object: &PyObjectRef) -> Option<u64> {
    u64::try_from(object.downcast_ref::<PyInt>()?.as_bigint()).ok()
}

/// Stands between the interpreter and a tool's callback.
#[pyclass(module = "tjit", name = "callback")]
#[derive(Debug, PyPayload)]
struct Callback {
    function: PyObjectRef,
    offsets: usize,
    /// The event is about the instruction itself: one that is a site's does not exist.
    skips_sites: bool,
}

#[pyclass(with(Callable))]
impl Callback {}

impl Callable for Callback {
    type Args = FuncArgs;

    fn call(zelf: &Py<Self>, mut args: FuncArgs, vm: &VirtualMachine) -> PyResult {
        if let Some((code, rest)) = args.args.split_first_mut()
            && let Some(map) = code.downcast_ref::<PyCode>().and_then(|code| site_map(code))
        {
            for (index, argument) in rest.iter_mut().take(zelf.offsets).enumerate() {
                let Some(offset) = number(argument).and_then(|offset| u32::try_from(offset).ok()) else { continue };
                if index == 0 && zelf.skips_sites && map.is_site(offset / 2) {
                    return Ok(vm.ctx.none());
                }
                let unit = if index == 0 { map.original_opcode(offset / 2) } else { map.original_unit(offset / 2) };
                *argument = vm.ctx.new_int(unit * 2).into();
            }
        }
        zelf.function.call(args, vm)
    }
}
