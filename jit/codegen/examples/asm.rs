//! Compiles a trace in text form and prints Cranelift's input, the machine code and its size.
//!
//! `cargo run -p tjit-codegen --example asm -- FILE`; the layout is made up, so the code is for looking at only.

use std::error::Error;
use std::time::Instant;

use tjit_codegen::{Compiler, Env, Helpers, IntLayout, Layout, ObjectLayout, Options, SequenceLayout, SmallInts};
use tjit_ir::Trace;

fn layout() -> Layout {
    Layout {
        object: ObjectLayout { count: 0, class: 8, immortal: 1 << 60, count_mask: (1 << 60) - 1 },
        int: IntLayout { tag: 16, small_tag: 1 << 63, magnitude: 24, sign: 40 },
        float_value: 16,
        float_class: 0x7000_0000_a000,
        list: SequenceLayout { len: 32, data: 24 },
        dict: None,
        attributes: None,
        tuple: SequenceLayout { len: 24, data: 16 },
        cell_contents: 16,
        true_object: 0x7000_0000_1000,
        false_object: 0x7000_0000_2000,
        small_ints: Some(SmallInts { min: -5, max: 256, table: 0x7000_0000_3000 }),
        helpers: Helpers {
            release: 0x7000_0000_4000,
            box_int: 0x7000_0000_5000,
            box_float: 0x7000_0000_6000,
            name_is: 0x7000_0000_7000,
            name_get: 0x7000_0000_8000,
            name_set: 0x7000_0000_9000,
            unwound: 0,
        },
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: asm FILE")?;
    let trace = Trace::parse(&std::fs::read_to_string(path)?)?;
    let mut compiler = Compiler::new(layout(), Options::default())?;
    let env = Env { dump: true, target: &|_| Some(tjit_codegen::Target::Code(0x7000_0000_7000)), ..Env::new(0) };
    let start = Instant::now();
    let compiled = compiler.compile(&trace, &env)?;
    let first = start.elapsed();
    println!("{}", compiled.clif().unwrap_or_default());
    println!("{}", compiled.asm().unwrap_or_default());
    let plain = Env { dump: false, ..env };
    for (optimize, fast_regalloc) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut compiler = Compiler::new(layout(), Options { optimize, fast_regalloc, ..Options::default() })?;
        let bytes = compiler.compile(&trace, &plain)?.code_size();
        let start = Instant::now();
        for _ in 0..1000 {
            compiler.compile(&trace, &plain)?;
        }
        let steady = start.elapsed() / 1000;
        println!("optimize {optimize}, fast_regalloc {fast_regalloc}: {bytes} bytes, {steady:?} in steady state");
    }
    let (bytes, exits) = (compiled.code_size(), compiled.exits().len());
    println!("{bytes} bytes, {exits} exits; compiled in {first:?} with dumps");
    Ok(())
}
