//! `InstancePre`: a module whose imports are found and checked already.

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jint, jlong};
use wasmtime::InstancePre;

use crate::binding::items;
use crate::binding::store::{self, Data};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{Jvm, natives};

pub static INSTANCE_PRES: Shared<InstancePre<Data>> = Shared::new("InstancePre");

natives! {
    METHODS:
    { fn instantiate(instance_pre: jlong, store: jlong) -> jint }
    { fn destroy(instance_pre: jlong) -> void }
}

/// Any Store of the engine will do if all imports are functions of WASI or of the Linker. What Java defined, such as a
/// Func, belongs to one Store.
fn instantiate(env: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong, store: jlong) -> Result<jint> {
    let linked = INSTANCE_PRES.get(instance_pre)?.clone();
    store::run(store, Jvm::of(env), |store| {
        items::add_instance(store, &linked).map_err(|e| match e.as_wasmtime() {
            Some(error) if error.to_string().contains("cross-`Store`") => Error::argument(
                "an import of the module was defined by an object of another Store, the one of the Linker. In several \
                 Stores only functions of WASI and unknown imports can be linked once",
            ),
            _ => e,
        })
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong) -> Result<()> {
    INSTANCE_PRES.close(instance_pre);
    Ok(())
}
