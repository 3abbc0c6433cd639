//! `InstancePre`: a module whose imports are found and checked already.

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jint, jlong};
use wasmtime::{InstancePre, StoreContextMut};

use crate::binding::held::LinkedFunctions;
use crate::binding::items;
use crate::binding::store::{self, Data};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{Jvm, natives};

pub static INSTANCE_PRES: Shared<Linked> = Shared::new("InstancePre");

/// A linked module, and the functions of its Linker.
#[derive(Clone)]
pub struct Linked {
    pub instance: InstancePre<Data>,
    pub functions: LinkedFunctions,
}

impl Linked {
    /// Instantiates, and gives Java a number for the instance.
    pub fn instantiate(&self, mut store: StoreContextMut<'_, Data>) -> Result<jint> {
        store.data_mut().held.add_linked(&self.functions);
        items::add_instance(store, &self.instance)
    }
}

natives! {
    METHODS:
    { fn instantiate(instance_pre: jlong, store: jlong) -> jint }
    { fn destroy(instance_pre: jlong) -> void }
}

/// Any Store of the engine will do if all imports are functions of WASI or of the Linker. An item, such as a Func,
/// belongs to one Store.
fn instantiate(env: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong, store: jlong) -> Result<jint> {
    let linked = INSTANCE_PRES.get(instance_pre)?.clone();
    store::run(store, Jvm::of(env), |store| {
        linked.instantiate(store).map_err(|e| match e.as_wasmtime() {
            Some(error) if error.to_string().contains("cross-`Store`") => Error::argument(
                "an import of the module was defined by an object of another Store, the one of the Linker. For several \
                 Stores, define Java's functions as HostFunc; besides these, only WASI and unknown imports can be \
                 linked once",
            ),
            _ => e,
        })
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong) -> Result<()> {
    INSTANCE_PRES.close(instance_pre);
    Ok(())
}
