//! `ComponentInstance`: the functions that a component exports.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::binding::store;
use crate::bridge::error::Result;
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn func(store: jlong, instance: jint, interface: JString, name: JString) -> jint }
    { fn runs_on_fibers(store: jlong) -> jboolean }
}

/// The number of a function, -1 where there is none of that name. `interface` is empty for a function of the component
/// itself.
fn func<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    instance: jint,
    interface: JString<'l>,
    name: JString<'l>,
) -> Result<jint> {
    let (interface, name) = (interface.try_to_string(env)?, name.try_to_string(env)?);
    store::with(store, |mut store| {
        let instance = store.data().components.instance(instance)?;
        let outer = if interface.is_empty() {
            None
        } else {
            match instance.get_export_index(&mut store, None, &interface) {
                None => return Ok(-1),
                found => found,
            }
        };
        let func = instance
            .get_export_index(&mut store, outer.as_ref(), &name)
            .and_then(|index| instance.get_func(&mut store, index));
        Ok(func.map_or(-1, |func| store.data_mut().components.add_func(func)))
    })
}

/// Returns whether the functions of the Store's components run on fibers.
fn runs_on_fibers(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jboolean> {
    store::with(store, |store| Ok(store.data().components.fibers.needed))
}
