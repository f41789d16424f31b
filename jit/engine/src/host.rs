//! The JIT's part in running a program: what the host calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustpython_vm::{PyRef, PyResult, VirtualMachine, builtins::PyCode, builtins::PyStrInterned};
use tjit_events::{Event, Log, Look, Run, Sources, Summary};
use tjit_vm::host::Jit;
use tjit_vm::instrument;
use tjit_vm::options::{JitMode, JitOptions};

static LOG: Log = Log::new();

struct Tracing {
    options: JitOptions,
    /// Whether the JIT could be installed, so that code has sites.
    installed: AtomicBool,
    argv: Vec<String>,
}

/// The JIT for a run with these options of a program with this `sys.argv`; `None` when they switch it off and nobody wants a
/// log.
///
/// # Errors
/// When the log's file cannot be written, or a pass is named that does not exist.
pub fn jit(options: &JitOptions, argv: Vec<String>) -> Result<Option<Arc<dyn Jit>>, String> {
    crate::pass_options(options)?;
    if options.jit == JitMode::Off && options.log.is_none() && !options.report {
        return Ok(None);
    }
    if let Some(path) = &options.log {
        LOG.write_to(path).map_err(|error| format!("cannot write the event log {}: {error}", path.display()))?;
    }
    if options.report {
        LOG.collect();
    }
    Ok(Some(Arc::new(Tracing { options: options.clone(), installed: AtomicBool::new(false), argv })))
}

impl Jit for Tracing {
    fn attach(&self, vm: &VirtualMachine) -> PyResult<()> {
        let mut options = BTreeMap::new();
        options.insert("jit".to_owned(), format!("{:?}", self.options.jit).to_lowercase());
        options.insert("threshold-loop".to_owned(), self.options.threshold_loop.to_string());
        options.insert("threshold-exit".to_owned(), self.options.threshold_exit.to_string());
        options.insert("trace-limit".to_owned(), self.options.trace_limit.to_string());
        options.insert("inline-depth".to_owned(), self.options.inline_depth.to_string());
        let argv = self.argv.clone();
        LOG.emit(|| Event::from(Run::now(env!("CARGO_PKG_VERSION"), argv, options)));
        match crate::engine::install(vm, &self.options, &LOG) {
            Ok(installed) => self.installed.store(installed, Ordering::Relaxed),
            // The program runs all the same; the log has the reason.
            Err(why) => eprintln!("tjit: the JIT stays off: {why}"),
        }
        Ok(())
    }

    fn rewrite(&self, vm: &VirtualMachine, code: PyRef<PyCode>) -> PyRef<PyCode> {
        if self.installed.load(Ordering::Relaxed) { instrument::code(vm, code) } else { code }
    }

    fn library(&self, vm: &VirtualMachine, module: &str, path: &'static PyStrInterned) -> Option<PyRef<PyCode>> {
        self.installed.load(Ordering::Relaxed).then(|| instrument::library(vm, module, path)).flatten()
    }

    fn detach(&self, vm: &VirtualMachine) {
        crate::engine::detach(vm);
    }

    fn finish(&self, _status: u32) {
        crate::engine::finish();
        LOG.finish();
        if self.options.report {
            eprint!("{}", Summary::from_events(&LOG.collected()).render(Look::for_stderr(), &mut Sources::new()));
        }
    }
}
