//! Which functions may call themselves, directly or through others: their entries are counted from the start.
//!
//! All that is known is names. A function mentions those that it calls, as globals, attributes or variables of functions
//! around it; so the functions of a module are the nodes of a graph, one for each name, and who is on a cycle may be
//! recursive. That a method mentions its own special name says nothing: mostly it means that of a base class.

use super::CodeObject;
use rustpython_vm::builtins::PyCode;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A name, by the address of its interned string.
type Name = usize;
type Map<T> = HashMap<Name, T, BuildHasherDefault<Spread>>;

/// Hashes addresses.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, address: usize) {
        // Fibonacci hashing: the low bits of addresses are all alike.
        self.0 = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

/// The names of the functions in a code object that may call themselves.
#[derive(Default)]
pub(super) struct Cycles(HashSet<Name, BuildHasherDefault<Spread>>);

impl Cycles {
    /// Looks at all functions that are nested in `code`, and at itself.
    pub(super) fn of(code: &CodeObject) -> Cycles {
        let mut graph = Graph::default();
        graph.add(code);
        graph.cycles()
    }

    /// Whether a function is one of them.
    pub(super) fn contain(&self, code: &CodeObject) -> bool {
        self.0.contains(&address(code.obj_name))
    }
}

fn address<T: ?Sized>(name: &'static T) -> Name {
    std::ptr::from_ref(name).cast::<u8>() as usize
}

/// The names that functions mention, by their own.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    by_name: Map<usize>,
}

#[derive(Default)]
struct Node {
    name: Name,
    mentions: Vec<Name>,
    /// Position in the order of the visit, from 1.
    order: usize,
    /// The earliest on the path that can be reached from here.
    low: usize,
    on_path: bool,
}

impl Graph {
    fn add(&mut self, code: &CodeObject) {
        let name = address(code.obj_name);
        let next = self.nodes.len();
        let node = *self.by_name.entry(name).or_insert(next);
        if node == next {
            self.nodes.push(Node { name, ..Node::default() });
        }
        let is_special = code.obj_name.as_str().starts_with("__");
        let names = code.names.iter().chain(code.freevars.iter()).map(|&name| address(name));
        self.nodes[node].mentions.extend(names.filter(|&mentioned| !is_special || mentioned != name));
        for constant in code.constants.iter() {
            if let Some(inner) = super::object(constant).downcast_ref::<PyCode>() {
                self.add(&inner.code);
            }
        }
    }

    /// Tarjan's strongly connected components, without recursion.
    fn cycles(mut self) -> Cycles {
        let mut cycles = Cycles::default();
        let (mut count, mut path) = (0, Vec::new());
        for root in 0..self.nodes.len() {
            if self.nodes[root].order > 0 {
                continue;
            }
            let mut work = vec![(root, 0)];
            while let Some((at, next)) = work.pop() {
                if next == 0 {
                    count += 1;
                    let node = &mut self.nodes[at];
                    (node.order, node.low, node.on_path) = (count, count, true);
                    path.push(at);
                }
                let Some(&mentioned) = self.nodes[at].mentions.get(next) else {
                    self.close(at, &mut path, &mut cycles);
                    if let Some(&(caller, _)) = work.last() {
                        self.nodes[caller].low = self.nodes[caller].low.min(self.nodes[at].low);
                    }
                    continue;
                };
                work.push((at, next + 1));
                let Some(&callee) = self.by_name.get(&mentioned) else { continue };
                if callee == at {
                    cycles.0.insert(self.nodes[at].name);
                } else if self.nodes[callee].order == 0 {
                    work.push((callee, 0));
                } else if self.nodes[callee].on_path {
                    self.nodes[at].low = self.nodes[at].low.min(self.nodes[callee].order);
                }
            }
        }
        cycles
    }

    /// All that a node mentions has been visited: if it was the first of its component, that is complete.
    fn close(&mut self, at: usize, path: &mut Vec<usize>, cycles: &mut Cycles) {
        if self.nodes[at].low != self.nodes[at].order {
            return;
        }
        let is_cycle = path.last() != Some(&at);
        while let Some(member) = path.pop() {
            self.nodes[member].on_path = false;
            if is_cycle {
                cycles.0.insert(self.nodes[member].name);
            }
            if member == at {
                return;
            }
        }
    }
}
