//! What sites cost: runs a script with them or without.
//!
//! ```text
//! sites off FILE       the stock VM
//! sites on FILE        sites in all code, none of which ever gets hot
//! sites headers FILE   the same without entries
//! sites dead FILE      every header is switched off when it is first passed
//! ```

use rustpython::InterpreterBuilderExt;
use rustpython_vm::{InterpreterBuilder, Py, PyResult, VirtualMachine, compiler::Mode, frame};
use std::{env, fs, process};
use tjit_vm::{
    instrument::{self, Options},
    site::{Site, SiteHook},
};

/// Switches off whatever asks it.
struct Off;

impl SiteHook for Off {
    fn on_site(&self, site: &Py<Site>, _vm: &VirtualMachine) -> PyResult<bool> {
        if let Some(code) = frame::current_code() {
            site.disable(&code);
        }
        Ok(false)
    }
}

fn main() {
    let [_, mode, file] = env::args().collect::<Vec<_>>().try_into().unwrap_or_else(|_| {
        eprintln!("usage: sites off|on|headers|dead FILE");
        process::exit(2)
    });
    let source = fs::read_to_string(&file).unwrap_or_else(|error| {
        eprintln!("sites: {file}: {error}");
        process::exit(2)
    });
    let loop_limit = if mode == "dead" { 0 } else { u32::MAX };
    let options = Options { loop_limit, entries: mode != "headers", ..Options::default() };
    let mut builder = InterpreterBuilder::new().init_stdlib();
    if mode != "off" {
        builder = instrument::prepare(builder, options);
    }
    let status = builder.build().run(|vm| {
        if mode != "off" {
            instrument::install(vm, Box::new(Off), options)?;
        }
        let code = vm.compile(&source, Mode::Exec, file).map_err(|error| vm.new_runtime_error(error.to_string()))?;
        let code = if mode == "off" { code } else { instrument::code(vm, code) };
        let scope = vm.new_scope_with_main()?;
        vm.run_code_obj(code, scope).map(drop)
    });
    process::exit(status as i32)
}
