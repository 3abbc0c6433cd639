//! `Instance`: what its module exports.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};

use crate::binding::items;
use crate::binding::store;
use crate::bridge::error::Result;
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn export(store: jlong, instance: jint, name: JString) -> jlong }
    { fn export_names(store: jlong, instance: jint) -> JString }
}

/// The number of an export, -1 where there is none of that name.
fn export<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, instance: jint, name: JString<'l>) -> Result<jlong> {
    let name = name.try_to_string(env)?;
    store::with(store, |mut store| {
        let instance = store.data().instance(instance)?;
        Ok(instance.get_export(&mut store, &name).map_or(-1, |export| items::add(&mut store, export)))
    })
}

/// Returns all names, with commas between them, for messages.
fn export_names<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, instance: jint) -> Result<JString<'l>> {
    let names = store::with(store, |mut store| {
        let instance = store.data().instance(instance)?;
        Ok(instance.exports(&mut store).map(|export| export.name().to_owned()).collect::<Vec<_>>().join(", "))
    })?;
    Ok(JString::from_str(env, names)?)
}
