//! Puts sites into code: units, locations, line table and exception table change together.
//!
//! A site is these units in front of an instruction:
//!
//! ```text
//! switch               NOP: the site is on; JUMP_FORWARD behind the site: it is off
//! EXTENDED_ARG…        as many as the index needs
//! LOAD_CONST site
//! POP_JUMP_IF_TRUE +0  calls the site's nb_bool
//! CACHE
//! NOT_TAKEN            the interpreter steps over it without dispatching it
//! ```
//!
//! *The switch* is one opcode, whose argument is the distance behind the site in both of its forms: a thread that is past
//! it finds the rest as it was. `LOAD_CONST` cannot be the switch, though that would save an instruction: it specialises
//! itself when it is executed, and wipes out what `sys.monitoring` has put there to see a line begin.
//!
//! *Whoever jumps to a header jumps to its site*, and an exception table entry that begins or ends at the header begins or
//! ends at the site: an exception from a site has the handlers of the instruction behind it. An entry's site belongs to the
//! `RESUME` before it instead: nothing but the start of the function leads there.
//!
//! *Locations.* The site has the location of its instruction, except for the last unit, which has none. So `settrace`
//! sees a line begin at the switch, where it began at the instruction; and since the target of the site's own jump has no
//! location, `sys.monitoring` does not take it for the start of another line. (For exceptions there is another table, in
//! which all units have a location.) Where a function begins with a loop, its entry's site stands before the loop's, in which
//! the line begins each time round: there none of the entry's units has a location, and for exceptions it has that of the
//! `RESUME`, because the VM also tells by these when a line begins.
//!
//! *Distances* grow with the sites between the ends of a jump. A distance that outgrows its bytes gets another
//! `EXTENDED_ARG`, which makes others grow: repeated until nothing changes, which it must, since they only ever grow.

use super::{
    linetable::{self, Gap},
    scan::{Jump, Scan},
};
use rustpython_compiler_core::{
    SourceLocation,
    bytecode::{CodeUnit, ExceptionTableEntry, OpArgByte, Opcode},
};

pub(super) type Locations = Box<[(SourceLocation, SourceLocation)]>;

/// Units of a site without `EXTENDED_ARG`.
const SITE_LEN: u32 = 5;

/// A site that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The unit in front of which it goes; the start of an instruction.
    pub at: u32,
    /// Its index among the constants.
    pub constant: u32,
    /// An entry is off, a header on.
    pub kind: Kind,
}

/// Units that were put in, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Insertion {
    /// The original unit in front of which they went.
    pub at: u32,
    /// Where the first of them is now.
    pub unit: u32,
    pub len: u32,
    pub kind: Kind,
}

/// What was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A site that only the units before it lead to: jumps to the instruction behind it do not pass it.
    Entry,
    /// A site that is passed on every way to the instruction behind it.
    Header,
    /// More prefixes for a distance.
    Prefix,
}

/// The code with its sites.
pub(super) struct Rewritten {
    pub units: Vec<CodeUnit>,
    pub locations: Locations,
    pub line_table: Box<[u8]>,
    pub handlers: Vec<ExceptionTableEntry>,
    /// In the order of the code. The sites among them are in the order in which they were wanted.
    pub insertions: Box<[Insertion]>,
}

/// Whether the `n`th insertion is the site of an entry right in front of a loop's.
fn is_before_loop(plan: &[Insertion], n: usize) -> bool {
    plan[n].kind == Kind::Entry && plan.get(n + 1).is_some_and(|next| next.at == plan[n].at)
}

/// Puts the sites `wanted`, which are in ascending order of their places, an entry before a header, into the code that `scan` has
/// read.
pub(super) fn rewrite(
    scan: &Scan,
    locations: &[(SourceLocation, SourceLocation)],
    line_table: &[u8],
    handlers: &[ExceptionTableEntry],
    wanted: &[Wanted],
) -> Rewritten {
    let (distances, plan) = settle(scan, wanted);
    let len = scan.units.len() + plan.iter().map(|step| step.len as usize).sum::<usize>();
    let mut out =
        Output { scan, from: locations, units: Vec::with_capacity(len), locations: Vec::with_capacity(len), copied: 0 };
    let mut wanted = wanted.iter();
    let mut jumps = scan.jumps.iter().zip(&distances).filter(|(jump, distance)| jump.arg != **distance).peekable();
    for (n, step) in plan.iter().enumerate() {
        // The distances before the place, then what goes in there.
        while let Some((jump, distance)) = jumps.next_if(|(jump, _)| jump.opcode < step.at) {
            out.jump(jump, *distance, 0);
        }
        if step.kind == Kind::Prefix {
            let (jump, distance) = jumps.next().expect("a jump for each longer distance");
            out.jump(jump, *distance, step.len);
        } else {
            let site = wanted.next().expect("one insertion for each site");
            out.copy(step.at);
            let place = if is_before_loop(&plan, n) { step.at - 1 } else { step.at };
            out.site(locations[place as usize], *site, step.len);
        }
    }
    jumps.for_each(|(jump, distance)| out.jump(jump, *distance, 0));
    out.copy(scan.units.len() as u32);

    let gaps: Vec<Gap> = plan
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let unlocated = match step.kind {
                Kind::Entry if is_before_loop(&plan, n) => step.len,
                Kind::Entry | Kind::Header => 1,
                Kind::Prefix => 0,
            };
            Gap { at: step.at, located: step.len - unlocated, unlocated }
        })
        .collect();
    let handlers = handlers
        .iter()
        .map(|entry| {
            let [start, end, target] = [entry.start, entry.end, entry.target].map(|unit| moved(&plan, unit));
            ExceptionTableEntry::new(start, end, target, entry.depth, entry.push_lasti)
        })
        .collect();
    Rewritten {
        units: out.units,
        locations: out.locations.into_boxed_slice(),
        line_table: linetable::splice(line_table, &gaps),
        handlers,
        insertions: plan.into_boxed_slice(),
    }
}

/// The distance of each jump, and what is put in, for each other's sake.
fn settle(scan: &Scan, wanted: &[Wanted]) -> (Vec<u32>, Vec<Insertion>) {
    let mut widths: Vec<u32> = scan.jumps.iter().map(|jump| jump.opcode - jump.start).collect();
    loop {
        let plan = plan(scan, wanted, &widths);
        let mut grown = false;
        let distances = scan
            .jumps
            .iter()
            .zip(&mut widths)
            .map(|(jump, width)| {
                let distance = moved(&plan, jump.end).abs_diff(moved(&plan, jump.target));
                if prefixes(distance) > *width {
                    *width = prefixes(distance);
                    grown = true;
                }
                distance
            })
            .collect();
        if !grown {
            return (distances, plan);
        }
    }
}

/// What is put in when the distances have `widths` prefixes.
fn plan(scan: &Scan, wanted: &[Wanted], widths: &[u32]) -> Vec<Insertion> {
    let mut plan = Vec::with_capacity(wanted.len());
    let mut wanted = wanted.iter().peekable();
    let mut shift = 0;
    let mut put = |at: u32, len: u32, kind: Kind| {
        plan.push(Insertion { at, unit: at + shift, len, kind });
        shift += len;
    };
    for (jump, &width) in scan.jumps.iter().zip(widths) {
        let more = width - (jump.opcode - jump.start);
        if more > 0 {
            while let Some(site) = wanted.next_if(|site| site.at <= jump.start) {
                put(site.at, SITE_LEN + prefixes(site.constant), site.kind);
            }
            put(jump.start, more, Kind::Prefix);
        }
    }
    for site in wanted {
        put(site.at, SITE_LEN + prefixes(site.constant), site.kind);
    }
    plan
}

/// Where original unit `unit` is after `insertions`: at the first of the units that were put in front of it, but behind an
/// entry's site. That is where jumps to it go, and where the units before it end.
pub(super) fn moved(insertions: &[Insertion], unit: u32) -> u32 {
    match insertions
        .get(insertions.partition_point(|step| step.at < unit || (step.at == unit && step.kind == Kind::Entry)))
    {
        Some(next) => unit + next.unit - next.at,
        None => unit + insertions.last().map_or(0, |last| last.unit + last.len - last.at),
    }
}

/// `EXTENDED_ARG`s that `arg` needs.
fn prefixes(arg: u32) -> u32 {
    match arg {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xff_ffff => 2,
        _ => 3,
    }
}

struct Output<'a> {
    scan: &'a Scan,
    from: &'a [(SourceLocation, SourceLocation)],
    units: Vec<CodeUnit>,
    locations: Vec<(SourceLocation, SourceLocation)>,
    /// Original units up to here are in.
    copied: u32,
}

impl Output<'_> {
    /// Copies up to `to`.
    fn copy(&mut self, to: u32) {
        let range = self.copied as usize..to as usize;
        self.units.extend_from_slice(&self.scan.units[range.clone()]);
        self.locations.extend_from_slice(&self.from[range]);
        self.copied = to;
    }

    /// Copies up to and including a jump with a new distance and `more` prefixes.
    fn jump(&mut self, jump: &Jump, distance: u32, more: u32) {
        self.copy(jump.start);
        for _ in 0..more {
            self.put(Opcode::ExtendedArg, 0, self.from[jump.start as usize]);
        }
        self.copy(jump.opcode + 1);
        let mut rest = distance;
        for unit in self.units.iter_mut().rev().take((jump.opcode - jump.start + more) as usize + 1) {
            unit.arg = OpArgByte::from(rest as u8);
            rest >>= 8;
        }
    }

    fn site(&mut self, location: (SourceLocation, SourceLocation), site: Wanted, len: u32) {
        let switch = if site.kind == Kind::Entry { Opcode::JumpForward } else { Opcode::Nop };
        self.put(switch, (len - 1) as u8, location);
        for byte in (1..=prefixes(site.constant)).rev() {
            self.put(Opcode::ExtendedArg, (site.constant >> (8 * byte)) as u8, location);
        }
        self.put(Opcode::LoadConst, site.constant as u8, location);
        self.put(Opcode::PopJumpIfTrue, 0, location);
        self.put(Opcode::Cache, 0, location);
        self.put(Opcode::NotTaken, 0, location);
    }

    fn put(&mut self, op: Opcode, arg: u8, location: (SourceLocation, SourceLocation)) {
        self.units.push(CodeUnit::new(op.as_instruction(), OpArgByte::from(arg)));
        self.locations.push(location);
    }
}
