//! Attributes in compiled code: slots in front of an instance, its dict, entries, versions. The evaluator has none of them,
//! so what comes out is looked at here, counts included.

mod support;

use support::harness::{CHECKED, Harness};
use support::native::{Entry, Kind, NativeHeap, Object};
use tjit_codegen::{Env, RETURNED};
use tjit_ir::Trace;
use tjit_ir::eval::Heap;
use tjit_ir::testing::Inputs;

/// An instance with two slots and a dict in front of it.
#[repr(C)]
struct Instance {
    /// Objects are aligned to 16 bytes.
    _room: u64,
    /// At 24 and 16 bytes in front of the object.
    slots: [*mut Object; 2],
    dict: *mut Object,
    object: Object,
}

const NOTHING: *mut Object = std::ptr::null_mut();

fn instance(slots: [*mut Object; 2], dict: *mut Object) -> Box<Instance> {
    let object = Object { count: 1, class: 0, words: [0; 3], kind: Kind::None, elements: Vec::new() };
    Box::new(Instance { _room: 0, slots, dict, object })
}

fn harness() -> Harness {
    let inputs =
        Inputs { heap: Heap::new(), objects: Vec::new(), args: Vec::new(), frame: Vec::new(), watched: Vec::new() };
    Harness::new(&inputs, CHECKED, true)
}

const _: () = assert!(std::mem::offset_of!(Instance, object) == std::mem::offset_of!(Instance, dict) + 8);

fn make(heap: &mut NativeHeap, value: i64) -> *mut Object {
    heap.make(Kind::BigInt(value.into()), "int", [0; 3], Vec::new())
}

fn count(object: *mut Object) -> u64 {
    // SAFETY: objects of the tests live as long as their heap.
    unsafe { (*object).count }
}

fn float(object: *mut Object) -> f64 {
    // SAFETY: as above.
    f64::from_bits(unsafe { (*object).words[0] })
}

/// Runs a trace with these words as arguments; gives the exit's id, or that it has returned.
fn run(harness: &mut Harness, text: &str, args: &[u64]) -> u64 {
    let text = format!("trace t1\nrefs @0 \"key\"\ncodes code0 \"f\"\n{text}");
    let mut trace = Trace::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.verify().and_then(|()| trace.verify_ownership()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.pool.refs[0].addr = KEY;
    let compiled = harness.compiler.compile(&trace, &Env::new(1)).unwrap_or_else(|error| panic!("{error}\n{trace}"));
    harness.ctx.values[..args.len()].copy_from_slice(args);
    harness.ctx.fuel = 100;
    // SAFETY: the arguments fit the trace, and the test owns everything that native code touches.
    unsafe { compiled.enter(&raw mut *harness.ctx) }
}

const KEY: u64 = 0x7770;

/// The address of the object in an instance.
fn address(instance: &mut Instance) -> u64 {
    &raw mut instance.object as u64
}

#[test]
fn a_slot_is_read_and_an_empty_one_leaves() {
    let mut harness = harness();
    let held = make(&mut harness.heap, 7);
    let text = "params %o: ref\n%x = slot_get %o, 24 -> [code0+1 locals(%o)] held(%o)\ninc_ref %x\n\
                %y = slot_get %o, 16 -> [code0+2 locals(%x)] held(%o, %x)\ninc_ref %y\n\
                dec_ref %x\ndec_ref %o\nreturn(%y)\n";
    let mut full = instance([held, held], NOTHING);
    full.object.count = 2;
    assert_eq!(run(&mut harness, text, &[address(&mut full)]), RETURNED);
    assert_eq!((harness.ctx.result, count(held), full.object.count), (held as u64, 2, 1));
    let mut half = instance([held, NOTHING], NOTHING);
    assert_eq!(run(&mut harness, text, &[address(&mut half)]), 2);
    assert_eq!((harness.ctx.values[0], count(held), half.object.count), (held as u64, 3, 1));
    assert_eq!(run(&mut harness, text, &[address(&mut instance([NOTHING; 2], NOTHING))]), 1);
}

#[test]
fn a_slot_takes_what_is_stored_and_drops_what_was_there() {
    let mut harness = harness();
    let (old, new) = (make(&mut harness.heap, 1), make(&mut harness.heap, 2));
    let text = "params %o: ref, %x: ref\nslot_set %o, %x, 16\nreturn(%o)\n";
    for was in [NOTHING, old] {
        let mut object = instance([NOTHING, was], NOTHING);
        assert_eq!(run(&mut harness, text, &[address(&mut object), new as u64]), RETURNED);
        assert_eq!((object.slots, count(new)), ([NOTHING, new], 1));
    }
    assert_eq!(count(old), 0, "it died");
}

#[test]
fn floats_in_slots_are_overwritten_when_nobody_can_tell() {
    let mut harness = harness();
    let text = "params %o: ref, %x: float\nslot_set_float %o, %x, 16\nreturn(%o)\n";
    let mut object = instance([NOTHING; 2], NOTHING);
    assert_eq!(run(&mut harness, text, &[address(&mut object), 1.5_f64.to_bits()]), RETURNED);
    let first = object.slots[1];
    assert_eq!((float(first), count(first)), (1.5, 1));
    run(&mut harness, text, &[address(&mut object), 2.5_f64.to_bits()]);
    assert_eq!((object.slots[1], float(first)), (first, 2.5));
    // Somebody else has it as well: it stays what it is.
    // SAFETY: as in `count`.
    unsafe { (*first).count += 1 };
    run(&mut harness, text, &[address(&mut object), 3.5_f64.to_bits()]);
    assert_ne!(object.slots[1], first);
    assert_eq!((float(object.slots[1]), float(first), count(first)), (3.5, 2.5, 1));
    // What is no float is dropped.
    object.slots[1] = make(&mut harness.heap, 9);
    run(&mut harness, text, &[address(&mut object), 4.5_f64.to_bits()]);
    assert_eq!(float(object.slots[1]), 4.5);
}

#[test]
fn entries_of_an_instances_dict() {
    let mut harness = harness();
    let (first, second, new) = (make(&mut harness.heap, 1), make(&mut harness.heap, 2), make(&mut harness.heap, 3));
    let entry = |key: u64, value| Entry { hash: 0, key: key as *mut Object, value };
    let entries = Box::into_raw(Box::new([entry(KEY + 8, first), entry(KEY, second)]));
    let words = [entries as u64, 2, 0];
    let dict = harness.heap.make(Kind::Opaque("dict".to_owned(), "d".to_owned()), "dict", words, Vec::new());
    let text = "params %o: ref, %x: ref\n%d = instance_dict %o -> [code0+1] held(%o, %x)\n%n = dict_len %d\n\
                %two = eq_int %n, 2\nguard_true %two -> [code0+2] held(%o, %x)\n\
                guard_key %d, @0, 1 -> [code0+3] held(%o, %x)\n%old = entry_get %d, 1\ninc_ref %old\n\
                entry_set %d, %x, 1\n\
                %e = instance_dict %o -> [code0+4] held(%o, %old)\nentry_set_float %e, 0.5, 0\ndec_ref %o\nreturn(%old)\n";
    let mut object = instance([NOTHING; 2], dict);
    object.object.count = 2;
    assert_eq!(run(&mut harness, text, &[address(&mut object), new as u64]), RETURNED);
    assert_eq!((harness.ctx.result, count(second), count(first)), (second as u64, 1, 0));
    // SAFETY: made above, and native code is not running.
    let found = unsafe { [(*entries)[0].value, (*entries)[1].value] };
    assert_eq!((found[1], count(new), float(found[0])), (new, 1, 0.5));
    // Another key, another length, no dict.
    // SAFETY: as above.
    unsafe { (*entries)[1].key = (KEY + 8) as *mut Object };
    assert_eq!(run(&mut harness, text, &[address(&mut object), new as u64]), 3);
    // SAFETY: the dict lives as long as the heap.
    unsafe { (*dict).words[1] = 3 };
    assert_eq!(run(&mut harness, text, &[address(&mut object), new as u64]), 2);
    object.dict = NOTHING;
    assert_eq!(run(&mut harness, text, &[address(&mut object), new as u64]), 1);
    // SAFETY: made above, and nobody has them any more.
    drop(unsafe { Box::from_raw(entries) });
}

#[test]
fn versions_are_of_32_bits() {
    let mut harness = harness();
    let text =
        "params %c: ref\n%a = class_version %c\n%b = function_version %c\n%s = sub %a, %b\ndec_ref %c\nreturn(%s)\n";
    let mut class = instance([NOTHING; 2], NOTHING);
    class.object.count = 2;
    class.object.words[0] = 0x0000_0005_ffff_fff0;
    assert_eq!(run(&mut harness, text, &[address(&mut class)]), RETURNED);
    assert_eq!(harness.ctx.result, 0xffff_fff0 - 5);
}
