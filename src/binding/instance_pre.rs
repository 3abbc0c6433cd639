//! `InstancePre`: a module whose imports are found and checked already.

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jint, jlong};
use wasmtime::InstancePre;

use crate::binding::items;
use crate::binding::store::{self, Data};
use crate::bridge::error::Result;
use crate::bridge::handle::Shared;
use crate::bridge::java::{Jvm, natives};

pub static INSTANCE_PRES: Shared<InstancePre<Data>> = Shared::new("InstancePre");

natives! {
    METHODS:
    { fn instantiate(instance_pre: jlong, store: jlong) -> jint }
    { fn destroy(instance_pre: jlong) -> void }
}

/// Java hands over the Store that the imports were found in.
fn instantiate(env: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong, store: jlong) -> Result<jint> {
    let linked = INSTANCE_PRES.get(instance_pre)?.clone();
    store::run(store, Jvm::of(env), |store| items::add_instance(store, &linked))
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong) -> Result<()> {
    INSTANCE_PRES.close(instance_pre);
    Ok(())
}
