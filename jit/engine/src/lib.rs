//! The JIT engine: records hot loops, has them optimised and compiled, enters and leaves compiled code.
//!
//! | file | what |
//! |---|---|
//! | `engine/` | headers, traces, exits: what a site is told to do, and what becomes of recordings |
//! | `recorder/` | bytecode to IR, by watching the interpreter |
//! | `state` | header states: how a frame becomes parameters |
//! | `host` | what `tjit run` calls |
//! | `functions` | what is known of compiled functions |
//! | `exits` | how an exit's values become frames again |
//! | `helpers`, `operators` | native functions that compiled code calls |
//! | `elements`, `husks` | counts, lists and tuples as memory; those that are used again |
//! | `clock` | for how long compiled code runs |
//! | `hashes`, `hashed` | hashes of tuples; objects that are hashed as an attribute |
//! | `names` | where names are in dicts |
//! | `attributes` | instances that are taken apart |
//! | `bodies` | functions that are told by their code |
//! | `quiet` | what runs no Python code when it dies, is compared or is hashed |
//! | `caches` | those of `functools.lru_cache` |
//! | `foresight` | what iterators will give |
//! | `decode`, `flow`, `known`, `natives`, `objects`, `pool`, `native`, `seen` | what the others look things up in |

mod attributes;
mod bodies;
mod caches;
mod clock;
mod decode;
mod elements;
mod engine;
mod exits;
mod flow;
mod foresight;
mod functions;
mod hashed;
mod hashes;
mod helpers;
mod host;
mod husks;
mod known;
mod names;
mod native;
mod natives;
mod objects;
mod operators;
mod pool;
mod quiet;
mod recorder;
mod seen;
mod state;

pub use host::jit;

use rustpython_vm::{AsObject, VirtualMachine};
use tjit_vm::layout::Layout;
use tjit_vm::options::JitOptions;

/// The VM's layout as the code generator wants it.
fn native_layout(layout: &Layout, vm: &VirtualMachine) -> tjit_codegen::Layout {
    let offset = |offset: usize| i32::try_from(offset).expect("an offset inside an object is small");
    tjit_codegen::Layout {
        object: tjit_codegen::ObjectLayout {
            count: offset(layout.count),
            class: offset(layout.class),
            immortal: layout.immortal_bit,
            count_mask: layout.count_mask,
        },
        int: tjit_codegen::IntLayout {
            tag: offset(layout.int_tag),
            small_tag: layout.int_small,
            magnitude: offset(layout.int_limb),
            sign: offset(layout.int_sign),
        },
        float_value: offset(layout.float_value),
        float_class: objects::address(vm.ctx.types.float_type.as_object()),
        list: tjit_codegen::SequenceLayout { len: offset(layout.list_len), data: offset(layout.list_data) },
        tuple: tjit_codegen::SequenceLayout { len: offset(layout.tuple_len), data: offset(layout.tuple_data) },
        dict: Some(tjit_codegen::DictLayout {
            entries: offset(layout.dict.entries),
            len: offset(layout.dict.len),
            stamp: offset(layout.dict.stamp),
            entry_size: layout.dict.entry_size as i64,
            key: offset(layout.dict.key),
            value: offset(layout.dict.value),
        }),
        attributes: Some(tjit_codegen::AttributeLayout {
            instance_dict: layout.instance.dict as i32,
            class_version: offset(layout.instance.class_version),
            function_version: offset(layout.instance.function_version),
        }),
        cell_contents: offset(layout.cell_contents),
        true_object: objects::address(vm.ctx.true_value.as_object()),
        false_object: objects::address(vm.ctx.false_value.as_object()),
        small_ints: Some(small_ints(vm)),
        helpers: helpers::for_codegen(),
    }
}

/// The ints that the VM has once for ever, as a table. It is made once in a process and stays.
fn small_ints(vm: &VirtualMachine) -> tjit_codegen::SmallInts {
    let range = rustpython_vm::Context::INT_CACHE_POOL_RANGE;
    let (min, max) = (i64::from(*range.start()), i64::from(*range.end()));
    let table: Vec<u64> = (min..=max).map(|int| objects::address(vm.ctx.new_int(int).as_object())).collect();
    tjit_codegen::SmallInts { min, max, table: table.leak().as_ptr() as u64 }
}

/// The passes that the options leave on.
fn pass_options(options: &JitOptions) -> Result<tjit_opt::Options, String> {
    let text: Vec<String> =
        options.passes.iter().map(|switch| format!("{}{}", if switch.on { '+' } else { '-' }, switch.pass)).collect();
    tjit_opt::Options::parse(&text.join(",")).map_err(|error| error.to_string())
}

/// A pass's report as the log has it.
fn pass_report(report: &tjit_opt::PassReport) -> tjit_events::PassReport {
    tjit_events::PassReport {
        pass: report.name.to_owned(),
        ops_before: report.ops_before as u32,
        ops_after: report.ops_after as u32,
        micros: 0,
        counts: Default::default(),
    }
}
