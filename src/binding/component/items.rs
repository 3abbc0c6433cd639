//! What a Store knows of components: instances and functions by number, and the guests' resources that Java has.

use jni::sys::jint;
use wasmtime::component::{Func, Instance};

use crate::binding::component::fiber::Fibers;
use crate::binding::component::packed::SharedResources;
use crate::bridge::error::{Error, Result};

/// The components of one Store.
#[derive(Default)]
pub struct Components {
    instances: Vec<Instance>,
    funcs: Vec<Func>,
    pub resources: SharedResources,
    pub fibers: Fibers,
    /// A result that did not fit into the array that it was to go to, until Java takes it.
    pub overflow: Vec<u8>,
}

fn number(length: usize) -> jint {
    jint::try_from(length).expect("fewer than two thousand million components in a Store")
}

fn find<T: Copy>(list: &[T], number: jint, what: &str) -> Result<T> {
    usize::try_from(number)
        .ok()
        .and_then(|number| list.get(number).copied())
        .ok_or_else(|| Error::argument(format!("the Store has no {what} with the number {number}")))
}

impl Components {
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    pub fn add_instance(&mut self, instance: Instance) -> jint {
        self.instances.push(instance);
        number(self.instances.len() - 1)
    }

    pub fn instance(&self, number: jint) -> Result<Instance> {
        find(&self.instances, number, "ComponentInstance")
    }

    pub fn add_func(&mut self, func: Func) -> jint {
        self.funcs.push(func);
        number(self.funcs.len() - 1)
    }

    #[inline]
    pub fn func(&self, number: jint) -> Result<Func> {
        find(&self.funcs, number, "ComponentFunc")
    }
}
