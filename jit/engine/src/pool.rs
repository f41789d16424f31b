//! Building a trace's pool: constant objects, classes, code objects and helpers, each once.

use rustc_hash::FxHashMap;
use rustpython_vm::{AsObject, PyObject, PyObjectRef};
use tjit_ir::{ClassId, ClassInfo, CodeId, HelperId, HelperInfo, Pool, RefId, RefInfo, VIRTUAL_KINDS, VirtualKind};

use crate::helpers::Helper;
use crate::objects::{Classes, address};

/// Finds what is already in the pool, and keeps alive what the pool names.
#[derive(Default)]
pub struct PoolBuilder {
    refs: FxHashMap<u64, RefId>,
    classes: FxHashMap<u64, ClassId>,
    helpers: FxHashMap<(u64, &'static str), HelperId>,
    /// The objects and classes that the pool names by address.
    pub keep: Vec<PyObjectRef>,
}

impl PoolBuilder {
    /// The entry of a constant object.
    pub fn reference(&mut self, pool: &mut Pool, object: &PyObject, label: impl FnOnce() -> String) -> RefId {
        let addr = address(object);
        *self.refs.entry(addr).or_insert_with(|| {
            self.keep.push(object.to_owned());
            pool.refs.push(RefInfo { label: label(), addr, immortal: object.is_immortal() });
            RefId::from_index(pool.refs.len() - 1)
        })
    }

    /// The entry of the class of an object.
    pub fn class_of(&mut self, pool: &mut Pool, object: &PyObject, classes: &Classes) -> ClassId {
        let class = object.class();
        let addr = address(class.as_object());
        *self.classes.entry(addr).or_insert_with(|| {
            self.keep.push(class.as_object().to_owned());
            pool.classes.push(ClassInfo { name: class.name().to_string(), addr, leaf: classes.is_leaf(addr) });
            ClassId::from_index(pool.classes.len() - 1)
        })
    }

    /// The entry of a helper.
    pub fn helper(&mut self, pool: &mut Pool, helper: &Helper) -> HelperId {
        *self.helpers.entry((helper.addr, helper.name)).or_insert_with(|| {
            pool.helpers.push(helper.info());
            HelperId::from_index(pool.helpers.len() - 1)
        })
    }
}

impl PoolBuilder {
    /// The entry of a compiled function, by the word with its address.
    pub fn function(&mut self, pool: &mut Pool, info: HelperInfo) -> HelperId {
        *self.helpers.entry((info.addr, "compiled function")).or_insert_with(|| {
            pool.helpers.push(info);
            HelperId::from_index(pool.helpers.len() - 1)
        })
    }
}

/// Adds a code object's label to a pool.
pub fn add_code(pool: &mut Pool, label: String) -> CodeId {
    pool.codes.push(label);
    CodeId::from_index(pool.codes.len() - 1)
}

/// Name of a virtual kind.
pub fn kind_name(kind: VirtualKind) -> &'static str {
    VIRTUAL_KINDS.iter().find(|(known, _)| *known == kind).map_or("virtual", |(_, name)| name)
}

impl Classes {
    /// Whether exact instances die without anybody noticing.
    pub fn is_leaf(&self, class: u64) -> bool {
        [self.int, self.float, self.bool, self.none, self.str, self.bytes, self.complex, self.range, self.range_iter]
            .contains(&class)
    }
}
