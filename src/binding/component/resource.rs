//! `ComponentResource`: a resource of a component that Java owns or has borrowed.

use jni::Env;
use jni::objects::JClass;
use jni::sys::jlong;

use crate::binding::store;
use crate::bridge::error::Result;
use crate::bridge::java::{Jvm, natives};

natives! {
    METHODS:
    { fn drop_resource(store: jlong, resource: jlong) -> void }
}

/// Runs the component's destructor, if Java owns the resource.
fn drop_resource(env: &mut Env<'_>, _: JClass<'_>, store: jlong, resource: jlong) -> Result<()> {
    store::run(store, Jvm::of(env), |store| {
        let resource = store.data().components.resources.remove(resource)?;
        Ok(resource.resource_drop(store)?)
    })
}
