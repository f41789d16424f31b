//! Helpers that make instances of Python classes.

use rustpython_vm::{
    Py, PyPayload,
    builtins::{PyDict, PyTuple, PyType},
    function::FuncArgs,
};
use tjit_codegen::Context;
use tjit_ir::{Effects, Ownership, Ty};

use super::{Helper, host, object, owned, payload, tracked};
use crate::exits::Activation;

helpers! {
    /// A bound method: a Python function, the receiver.
    bound_method(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance of a subclass of `tuple`: class, an exact tuple with its elements.
    tuple_of(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance of a class whose instances have no dict, without attributes, or the one that is apart; the class, that
    /// instance or None.
    slotted(Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An empty instance of a class that is derived from `dict`, `list` or `set`.
    container(Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance without attributes: class, a dict with the keys of its attributes; the instance itself if it exists and is
    /// apart, else None.
    instance_0(Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attribute's value.
    instance_1(Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attributes' values.
    instance_2(Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attributes' values.
    instance_3(Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attributes' values.
    instance_4(Ref, Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attributes' values.
    instance_5(Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
    /// An instance: the same, and the attributes' values.
    instance_6(Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref, Ref) -> Ref, Effects::ALLOC, Owned;
}

/// The helper for so many attributes, at most six.
pub fn instance(attributes: usize) -> Helper {
    [instance_0, instance_1, instance_2, instance_3, instance_4, instance_5, instance_6][attributes]()
}

fn make(ctx: *mut Context, class: u64, template: u64, home: u64, values: &[u64]) -> u64 {
    let vm = host(ctx);
    let objects = Activation::of(ctx).objects;
    let layout = &objects.layout.dict;
    let Some(template) = payload::<PyDict>(template) else { unreachable!("the recorder has made the template") };
    if home != objects.none {
        let home = object(home);
        let names = (0..values.len()).filter_map(|index| layout.key_at(template, index));
        let attributes = names.zip(values).map(|(name, &value)| (name.to_owned(), object(value).to_owned()));
        if objects.put_together(home, attributes, vm).is_err() {
            unreachable!("setting names in a dict of names, or slots, runs no Python code")
        }
        return owned(home.to_owned());
    }
    let fill = |dict: &Py<PyDict>| {
        for (index, &value) in values.iter().enumerate() {
            objects.share(value);
            // SAFETY: the value is alive, and this is the reference that was added.
            drop(layout.replace(dict, index, unsafe { objects.own_ref(value) }));
        }
    };
    if let Some((instance, dict)) = objects.instance_husk(class, template) {
        fill(dict);
        return owned(instance);
    }
    objects.expect_instances(class, template);
    let dict = template.copy().into_ref(&vm.ctx);
    fill(&dict);
    tracked(ctx, vm.ctx.new_base_object(class_of(class).to_owned(), Some(dict)))
}

/// The class that the recorder has looked at.
fn class_of<'a>(class: u64) -> &'a Py<PyType> {
    let Some(class) = object(class).downcast_ref::<PyType>() else {
        unreachable!("the recorder has looked at the class")
    };
    class
}

/// The functions themselves. Their signatures are those of the table above.
mod native {
    use super::*;

    of_each_count! {
        instance_0(class, template, home;;) => make;
        instance_1(class, template, home; a;) => make;
        instance_2(class, template, home; a, b;) => make;
        instance_3(class, template, home; a, b, c;) => make;
        instance_4(class, template, home; a, b, c, d;) => make;
        instance_5(class, template, home; a, b, c, d, e;) => make;
        instance_6(class, template, home; a, b, c, d, e, f;) => make;
    }

    pub extern "C" fn bound_method(ctx: *mut Context, function: u64, receiver: u64) -> u64 {
        tracked(ctx, Activation::of(ctx).objects.new_method(function, receiver, host(ctx)))
    }

    pub extern "C" fn tuple_of(ctx: *mut Context, class: u64, elements: u64) -> u64 {
        let vm = host(ctx);
        let Some(elements) = object(elements).downcast_ref::<PyTuple>() else {
            unreachable!("the recorder has looked at it")
        };
        let tuple = PyTuple::new_unchecked(elements.as_slice().to_vec().into_boxed_slice());
        match tuple.into_ref_with_type(vm, class_of(class).to_owned()) {
            Ok(tuple) => tracked(ctx, tuple.into()),
            Err(_) => unreachable!("the recorder has looked at the class"),
        }
    }

    pub extern "C" fn slotted(ctx: *mut Context, class: u64, home: u64) -> u64 {
        if home != Activation::of(ctx).objects.none {
            return owned(object(home).to_owned());
        }
        let class = class_of(class);
        let objects = Activation::of(ctx).objects;
        if let Some(instance) = objects.slotted_husk(class) {
            return owned(instance);
        }
        objects.expect_slotted(class);
        tracked(ctx, host(ctx).ctx.new_base_object(class.to_owned(), None))
    }

    pub extern "C" fn container(ctx: *mut Context, class: u64) -> u64 {
        let class = class_of(class);
        let made = class.slots.new.load().and_then(|new| new(class.to_owned(), FuncArgs::default(), host(ctx)).ok());
        match made {
            Some(instance) => tracked(ctx, instance),
            None => unreachable!("the recorder has looked at the class"),
        }
    }
}
