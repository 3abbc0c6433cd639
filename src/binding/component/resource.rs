//! `ComponentResource`: a resource of a component that Java owns or has borrowed.

use jni::Env;
use jni::objects::JClass;
use jni::sys::jlong;

use crate::binding::component::fiber;
use crate::binding::store;
use crate::bridge::error::Result;
use crate::bridge::java::{Jvm, natives};

natives! {
    METHODS:
    { fn drop_resource(store: jlong, resource: jlong) -> void }
}

/// Runs the component's destructor, if Java owns the resource.
fn drop_resource(env: &mut Env<'_>, _: JClass<'_>, store: jlong, resource: jlong) -> Result<()> {
    store::run(store, Jvm::of(env), |mut store| {
        let resource = store.data().components.resources.remove(resource)?;
        if store.data().components.fibers.needed {
            return fiber::run(&mut store, async |store| resource.resource_drop_async(store).await);
        }
        Ok(resource.resource_drop(store)?)
    })
}
