//! Sites change nothing that a program can see, and reach the hook.
//!
//! Most of what is checked is written in Python, in `tests/instrument/`; the functions that those files use and Python
//! does not have are below. `check` compares code with sites to the same code without, unit by unit.

use rustpython::InterpreterBuilderExt;
use rustpython_compiler_core::{
    bytecode::{ExceptionTableEntry, Instruction, Opcode, build_no_location_mask, find_exception_handler},
    marshal::linetable_to_locations,
};
use rustpython_vm::{
    AsObject, Interpreter, InterpreterBuilder, Py, PyObjectRef, PyRef, PyResult, VirtualMachine,
    builtins::{PyCode, PyUtf8StrRef},
    compiler::Mode,
    frame,
    scope::Scope,
};
use std::{
    cell::RefCell,
    sync::{Arc, Mutex, Once, PoisonError, atomic::Ordering::Relaxed},
};
use tjit_vm::{
    instrument::{self, Options, SiteMap, site_map, sites},
    site::{Site, SiteHook, SiteKind},
};

type OnSite = Box<dyn FnMut(&Py<Site>, &VirtualMachine) -> PyResult<bool>>;

thread_local! {
    static ON_SITE: RefCell<Option<OnSite>> = const { RefCell::new(None) };
}

/// Does what the test on this thread wants.
struct Router;

impl SiteHook for Router {
    fn on_site(&self, site: &Py<Site>, vm: &VirtualMachine) -> PyResult<bool> {
        ON_SITE.with_borrow_mut(|on_site| match on_site {
            Some(on_site) => on_site(site, vm),
            None => Ok(false),
        })
    }
}

const OPTIONS: Options = Options { loop_limit: u32::MAX, entry_limit: u32::MAX, entries: true, all_entries: true };

fn interpreter() -> Interpreter {
    instrument::prepare(InterpreterBuilder::new().init_stdlib(), OPTIONS).build()
}

/// Makes an interpreter with sites and runs `test` in it; an exception fails the test.
fn run(test: impl FnOnce(&VirtualMachine) -> PyResult<()>) {
    static HOOK: Once = Once::new();
    // Interpreters that start and stop threads at the same time wait for each other.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    interpreter().enter(|vm| {
        let result = instrument::attach(vm, OPTIONS).and_then(|()| {
            let mut installed = Ok(());
            HOOK.call_once(|| installed = instrument::install(vm, Box::new(Router), OPTIONS));
            installed?;
            test(vm)
        });
        if let Err(error) = result {
            let mut text = String::new();
            vm.write_exception(&mut text, &error).expect("a string can be written to");
            panic!("{text}");
        }
    });
}

/// Runs one of the Python files.
fn run_file(name: &str, text: &str) {
    run(|vm| {
        let scope = scope(vm)?;
        exec(vm, &scope, "support.py", include_str!("instrument/support.py"))?;
        exec(vm, &scope, name, text)
    });
}

fn exec(vm: &VirtualMachine, scope: &Scope, name: &str, text: &str) -> PyResult<()> {
    vm.run_code_obj(plain(vm, text, name)?, scope.clone()).map(drop)
}

fn plain(vm: &VirtualMachine, text: &str, name: &str) -> PyResult<PyRef<PyCode>> {
    vm.compile(text, Mode::Exec, name).map_err(|error| error.into_pyexception(vm, Some(text)))
}

/// Names for Python files: the corpus, and functions that know about sites.
fn scope(vm: &VirtualMachine) -> PyResult<Scope> {
    let scope = vm.new_scope_with_main()?;
    let set = |name: &str, value: PyObjectRef| scope.globals.set_item(name, value, vm);
    // `asyncio` and others would import it, and it wants a provider of cryptography.
    vm.sys_module.get_attr("modules", vm)?.set_item("ssl", vm.ctx.none(), vm)?;
    vm.sys_module.set_attr("argv", vm.ctx.new_list(vec![vm.ctx.new_str("tests").into()]), vm)?;
    set("corpus_source", vm.ctx.new_str(include_str!("instrument/corpus.py")).into())?;
    let plain = |text: PyUtf8StrRef, file: PyUtf8StrRef, vm: &VirtualMachine| plain(vm, text.as_str(), file.as_str());
    set("plain", vm.new_function("plain", plain).into())?;
    let with_sites = |code: PyRef<PyCode>, vm: &VirtualMachine| instrument::code(vm, code);
    set("instrument", vm.new_function("instrument", with_sites).into())?;
    let has_sites = |code: PyRef<PyCode>| site_map(&code).is_some();
    set("has_sites", vm.new_function("has_sites", has_sites).into())?;
    let sites_of = |code: PyRef<PyCode>| sites(&code).map(|site| site.as_object().to_owned()).collect::<Vec<_>>();
    set("sites_of", vm.new_function("sites_of", sites_of).into())?;
    let counts_of = |code: PyRef<PyCode>, vm: &VirtualMachine| {
        sites(&code).map(|site| vm.ctx.new_int(site.count()).into()).collect::<Vec<PyObjectRef>>()
    };
    set("counts_of", vm.new_function("counts_of", counts_of).into())?;
    let switch_all = |code: PyRef<PyCode>, on: bool| {
        for site in sites(&code) {
            assert!(if on { site.enable(&code) } else { site.disable(&code) });
            assert_eq!(site.is_on(&code), on);
        }
    };
    set("switch_all", vm.new_function("switch_all", switch_all).into())?;
    let check_code = |bare: PyRef<PyCode>, sited: PyRef<PyCode>| check(&bare, &sited);
    set("check_code", vm.new_function("check_code", check_code).into())?;
    Ok(scope)
}

/// Panics unless `sited` is `bare` with sites, in all that is nested in them.
fn check(bare: &Py<PyCode>, sited: &Py<PyCode>) {
    let nested = |code: &Py<PyCode>| {
        let constants = code.code.constants.iter().map(|constant| PyObjectRef::from(constant.clone()));
        constants.filter_map(|constant| constant.downcast::<PyCode>().ok()).collect::<Vec<_>>()
    };
    let (inner_bare, inner_sited) = (nested(bare), nested(sited));
    assert_eq!(inner_bare.len(), inner_sited.len(), "{bare:?}");
    inner_bare.iter().zip(&inner_sited).for_each(|(bare, sited)| check(bare, sited));
    match site_map(sited) {
        Some(map) => check_one(bare, sited, map),
        None => {
            let backward = |code: &Py<PyCode>| code.code.instructions.iter().any(|unit| is_back(unit.op));
            assert!(!backward(bare), "a loop of {} has no site", bare.code.qualname);
        }
    }
}

fn is_back(op: Instruction) -> bool {
    op.deoptimize().as_opcode() == Opcode::JumpBackward
}

/// An instruction: its first unit, the unit of the opcode, the opcode, the argument.
type Read = (u32, u32, Instruction, u32);

fn read(code: &Py<PyCode>) -> Vec<Read> {
    let units = &code.code.instructions;
    let (mut out, mut at, mut start, mut arg) = (Vec::new(), 0, 0, 0u32);
    while at < units.len() {
        let op = units[at].op.deoptimize();
        arg = arg << 8 | u32::from(u8::from(units[at].arg));
        if op.as_opcode() != Opcode::ExtendedArg {
            out.push((start as u32, at as u32, op, arg));
            start = at + 1 + op.cache_entries();
            (at, arg) = (start - 1, 0);
        }
        at += 1;
    }
    out
}

/// Where a jump goes, or what `END_ASYNC_FOR` refers to.
fn target(&(_, unit, op, arg): &Read) -> Option<u32> {
    let end = unit + 1 + op.cache_entries() as u32;
    match op.as_opcode() {
        Opcode::JumpBackward | Opcode::JumpBackwardNoInterrupt | Opcode::EndAsyncFor => Some(end - arg),
        _ if op.has_jump() => Some(end + arg),
        _ => None,
    }
}

fn check_one(bare: &Py<PyCode>, sited: &Py<PyCode>, map: &Arc<SiteMap>) {
    let name = bare.code.qualname;
    let (old, new) = (read(bare), read(sited));
    let own: Vec<_> = new.iter().filter(|(_, unit, ..)| !map.is_site(*unit)).collect();
    assert_eq!(old.len(), own.len(), "{name}");
    for (old, new) in old.iter().zip(own) {
        assert_eq!((map.original_unit(new.1), map.unit(old.0)), (old.1, new.0), "{name}: {old:?} {new:?}");
        assert_eq!(old.2.as_opcode(), new.2.as_opcode(), "{name}");
        match (target(old), target(new)) {
            (None, None) => assert_eq!(old.3, new.3, "{name}"),
            (Some(was), Some(is)) => {
                assert_eq!(map.original_unit(is), was, "{name}: {old:?} {new:?}");
                if let Some(header) =
                    sites(sited).find(|site| site.kind() == SiteKind::Header && map.original_unit(site.unit()) == was)
                {
                    assert_eq!(is, header.unit(), "{name}: {new:?} misses a site");
                } else {
                    assert!(!is_back(new.2), "{name}: no header at {is}");
                    assert_eq!(is, map.unit(was), "{name}: {new:?}");
                }
            }
            other => panic!("{name}: {other:?}"),
        }
    }

    // Where the tables say that a unit is: one place for the interpreter, one, if any, for users.
    let places = |code: &Py<PyCode>| {
        let (table, units) = (&code.code.linetable, code.code.instructions.len());
        let first = code.code.first_line_number.map_or(-1, |line| line.get() as i32);
        let none = build_no_location_mask(table, units);
        let shown = linetable_to_locations(table, first, units);
        let shown = shown.iter().zip(none).map(|(place, none)| (!none).then_some(*place));
        code.code.locations.iter().copied().zip(shown).collect::<Vec<_>>()
    };
    let (was, is) = (places(bare), places(sited));
    assert_eq!(sited.code.locations.len(), sited.code.instructions.len(), "{name}");
    for unit in 0..sited.code.instructions.len() as u32 {
        let original = map.original_unit(unit);
        let is_last = sites(sited).any(|site| site.after() == unit + 1);
        let (mut location, mut shown) = was[original as usize];
        if is_last {
            shown = None;
        }
        let mut entries = sites(sited).filter(|site| site.kind() == SiteKind::Entry);
        let entry = entries.find(|site| (site.unit()..site.after()).contains(&unit));
        if entry.is_some_and(|entry| sites(sited).any(|header| header.unit() == entry.after())) {
            // In front of a loop, an entry's site is where the RESUME is.
            (location, shown) = (was[original as usize - 1].0, None);
        }
        assert_eq!(is[unit as usize], (location, shown), "{name}: unit {unit} was {original}");
        let handler = |code: &Py<PyCode>, unit| find_exception_handler(&code.code.exceptiontable, unit);
        let seen = |found: Option<_>| found.map(|entry: ExceptionTableEntry| (entry.depth, entry.push_lasti));
        let in_entry =
            sites(sited).any(|site| site.kind() == SiteKind::Entry && (site.unit()..site.after()).contains(&unit));
        let (was, is) = (handler(bare, original - u32::from(in_entry)), handler(sited, unit));
        assert_eq!(seen(was), seen(is), "{name}: handlers of unit {unit}, which was {original}");
        assert_eq!(was.map(|entry| entry.target), is.map(|entry| map.original_unit(entry.target)), "{name}");
    }

    let mut last = 0;
    for site in sites(sited) {
        assert!(site.unit() >= last && site.unit() < site.after(), "{name}");
        // (Entries are on where a function may call itself.)
        assert!(site.is_on(sited) || site.kind() == SiteKind::Entry, "{name}");
        assert!(Arc::ptr_eq(site.map(), map), "{name}");
        last = site.after();
    }
    assert_eq!(sited.code.max_stackdepth, bare.code.max_stackdepth + 1, "{name}");
}

#[test]
fn the_whole_library() {
    run(|vm| {
        let get_frozen_object = vm.import("_imp", 0)?.get_attr("get_frozen_object", vm)?;
        let mut modules: Vec<_> = vm.state.frozen.iter().collect();
        modules.sort_unstable_by_key(|(name, _)| **name);
        let mut headers = 0;
        for (name, module) in modules {
            let bare = PyCode::new_ref_from_frozen(vm, module.code);
            let sited = instrument::code(vm, PyCode::new_ref_from_frozen(vm, module.code));
            check(&bare, &sited);
            let frozen = get_frozen_object.call((*name,), vm)?.downcast::<PyCode>().expect("frozen modules are code");
            check(&bare, &frozen);
            assert_eq!(frozen.source_path().as_str(), bare.source_path().as_str());
            headers += sites(&frozen).count();
        }
        assert!(headers > 100, "{headers} loops in the library's modules");
        Ok(())
    });
}

#[test]
fn what_users_see_of_code() {
    run_file("view.py", include_str!("instrument/view.py"));
}

#[test]
fn what_tracers_see() {
    run_file("tracing.py", include_str!("instrument/tracing.py"));
}

#[test]
fn where_code_comes_from() {
    run_file("sources.py", include_str!("instrument/sources.py"));
}

#[test]
fn long_distances() {
    run_file("long.py", include_str!("instrument/long.py"));
}

/// Runs `text` with sites that ask `on_site` from their `limit` on, in a scope that the result is read from.
fn with_hook(
    limit: u32,
    text: &str,
    on_site: impl FnMut(&Py<Site>, &VirtualMachine) -> PyResult<bool> + 'static,
    check: &str,
) {
    run(|vm| {
        let scope = scope(vm)?;
        let code = instrument::code(vm, plain(vm, text, "hooked.py")?);
        set_limits(&code, limit);
        ON_SITE.set(Some(Box::new(on_site)));
        let result = vm.run_code_obj(code, scope.clone());
        ON_SITE.set(None);
        result?;
        exec(vm, &scope, "check.py", check)
    });
}

fn set_limits(code: &Py<PyCode>, limit: u32) {
    sites(code).for_each(|site| site.set_limit(limit));
    for constant in code.code.constants.iter() {
        if let Ok(inner) = PyObjectRef::from(constant.clone()).downcast::<PyCode>() {
            set_limits(&inner, limit);
        }
    }
}

#[test]
fn the_hook_is_asked_from_the_limit_on() {
    let asked = std::rc::Rc::new(RefCell::new(Vec::new()));
    let log = asked.clone();
    with_hook(
        3,
        "def f(n):\n    for i in range(n):\n        pass\nf(5)\nf(1)\nwhile False: pass\nfor j in 'ab': pass\n",
        move |site, _| {
            log.borrow_mut().push((site.kind(), site.count()));
            Ok(false)
        },
        "assert j == 'b'",
    );
    // f passes 6 and 2 times, the module's loop 3 times.
    let passes = [3, 4, 5, 6, 7, 8, 3].map(|count| (SiteKind::Header, count));
    assert_eq!(*asked.borrow(), passes);
}

#[test]
fn the_hook_can_send_the_frame_elsewhere() {
    let text = "def f(n):\n    while n:\n        n -= 1\n        if n < 50:\n            raise ValueError\n    return n\nout = f(100)\n";
    with_hook(
        10,
        text,
        |site, vm| {
            assert!(site.can_redirect());
            let code = frame::current_code().expect("a frame is running");
            let map = site_map(&code).expect("its code has a site");
            let names = vm.ctx.new_str("return");
            drop(names);
            // The last instructions are `return n`.
            let load = map.unit(original_return(&code));
            // SAFETY: the frame of this thread that asks.
            let frame = unsafe { &*frame::current_thread_iframe() };
            frame.lasti.store(load - 1, Relaxed);
            Ok(true)
        },
        "assert out == 91, out",
    );
}

/// The original unit at which `return n` begins: what the loop's condition jumps to.
fn original_return(code: &Py<PyCode>) -> u32 {
    let map = site_map(code).expect("it has sites");
    let jump =
        read(code).into_iter().find(|(_, unit, op, _)| !map.is_site(*unit) && op.as_opcode() == Opcode::PopJumpIfFalse);
    map.original_unit(target(&jump.expect("the loop has a condition")).expect("a jump has a target"))
}

#[test]
fn an_exception_from_the_hook_is_raised_at_the_header() {
    let text = r#"
import sys, traceback
def f():
    out = []
    try:
        for i in range(10):
            out.append(i)
    except KeyError as error:
        tb = error.__traceback__
        return out, tb.tb_lineno, tb.tb_lasti, traceback.format_tb(tb)
def g():
    for i in range(10):
        yield i
result = f()
seen = []
try:
    for x in g():
        seen.append(x)
except KeyError as error:
    seen.append(error.__traceback__.tb_next.tb_lineno)
"#;
    with_hook(
        4,
        text,
        |site, vm| {
            let code = frame::current_code().expect("a frame is running");
            if ["f", "g"].contains(&code.code.obj_name.as_str()) {
                site.set_limit(u32::MAX);
                return Err(vm.new_key_error(vm.ctx.none()));
            }
            Ok(false)
        },
        "assert result[:2] == ([0, 1, 2], 6), result\nimport dis\n\
         assert [i.opname for i in dis.get_instructions(f) if i.offset == result[2]] == ['FOR_ITER'], result\n\
         assert seen == [0, 1, 2, 12], seen",
    );
}

#[test]
fn sites_are_switched_in_monitored_code_too() {
    let text = r#"
import sys
def f(n):
    total = 0
    for i in range(n):
        total += i
    return total
code = f.__code__
sys.monitoring.use_tool_id(2, "t")
log = []
E = sys.monitoring.events
for events in (0, E.LINE, E.INSTRUCTION, E.LINE | E.INSTRUCTION, E.JUMP, E.BRANCH_LEFT | E.JUMP):
    for event in (E.LINE, E.INSTRUCTION, E.JUMP, E.BRANCH_LEFT):
        sys.monitoring.register_callback(2, event, lambda *args: log.append(args) if events & E.LINE else None)
    for on in (True, False, True):
        sys.monitoring.set_local_events(2, code, events)
        assert f(5) == 10
        switch_all(code, on)
        before = counts_of(code)
        assert f(5) == 10
        moved = [now != then for now, then in zip(counts_of(code), before)]
        assert moved == [on, on], (events, on, moved)
        sys.monitoring.set_local_events(2, code, 0)
        assert f(5) == 10
        assert [now != then for now, then in zip(counts_of(code), before)] == [on, on]
sys.monitoring.free_tool_id(2)
assert {args[1] for args in log if isinstance(args[1], int)} and f(5) == 10
"#;
    with_hook(u32::MAX, text, |_, _| Ok(false), "");
}

#[test]
fn the_user_s_tracers_are_noticed() {
    run(|vm| {
        let scope = scope(vm)?;
        let active = |vm: &VirtualMachine| instrument::tracing_active(vm);
        scope.globals.set_item("active", vm.new_function("active", active).into(), vm)?;
        exec(
            vm,
            &scope,
            "check.py",
            r#"
import sys
assert not active()
sys.settrace(lambda *args: None)
assert active()
sys.settrace(None)
assert not active()
sys.setprofile(lambda *args: None)
assert active()
sys.setprofile(None)
for tool, expected in (1, True), (5, False):
    sys.monitoring.use_tool_id(tool, "t")
    assert not active()
    sys.monitoring.set_events(tool, sys.monitoring.events.PY_START)
    assert active() == expected
    sys.monitoring.set_events(tool, 0)
    assert not active()
    sys.monitoring.set_local_events(tool, active.__class__ and (lambda: 0).__code__, sys.monitoring.events.LINE)
    assert active() == expected
    sys.monitoring.free_tool_id(tool)
assert not active()
"#,
        )
    });
}

#[test]
fn data_stays_with_its_site() {
    run(|vm| {
        let code = instrument::code(vm, plain(vm, "for x in y: pass", "d.py")?);
        let site = sites(&code).next().expect("a loop has a site");
        assert!(site.data::<String>().is_none());
        assert!(site.set_data(Arc::new("mine".to_owned())) && !site.set_data(Arc::new(1)));
        assert_eq!(site.data::<String>().map(String::as_str), Some("mine"));
        assert!(site.data::<i32>().is_none());
        let other = plain(vm, "for x in y: pass", "d.py")?;
        assert!(!site.enable(&other) && !site.is_on(&other));
        Ok(())
    });
}

#[test]
fn threads_pass_sites_that_are_being_switched() {
    let text = r#"
import threading
def work(n):
    total = 0
    for i in range(n):
        j = i & 3
        while j:
            j -= 1
            total += j
    return total
expected = work(4000)
results = []
threads = [threading.Thread(target=lambda: results.append([work(4000) for _ in range(5)])) for _ in range(3)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    switch_all(work.__code__, False)
    switch_all(work.__code__, True)
for thread in threads:
    thread.join()
assert results == [[expected] * 5] * 3
"#;
    with_hook(u32::MAX, text, |_, _| Ok(false), "");
}
