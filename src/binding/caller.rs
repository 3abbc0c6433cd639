//! `Caller`: what a host function may know of the instance that called it.

use jni::objects::{JClass, JString};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};

use crate::binding::host_calls;
use crate::binding::items;
use crate::binding::store::JStore;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{fast, natives};

natives! {
    METHODS:
    { fn export(caller: jlong, name: JString) -> jlong }
    { fn check(caller: jlong) -> void }
    { fn calling_store() -> JStore, type_map = { JStore => io.github.wasmton.wasmtime.Store } }
    raw { fn current() -> jlong }
}

/// The number of the host call that this thread is in.
fn current<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>) -> jlong {
    fast(&mut env, |_| host_calls::host_call_number())
}

/// The Store of the host call that this thread is in.
fn calling_store<'l>(env: &mut Env<'l>, _: JClass<'l>) -> Result<JStore<'l>> {
    host_calls::with_caller(host_calls::host_call_number()?, |caller| {
        // Java keeps the object reachable during a call, so it is there.
        let java = caller.data().java.as_ref().map(|java| java.upgrade_local(env)).transpose()?.flatten();
        java.ok_or_else(|| Error::closed("Store"))
    })
}

/// The number of an export of the calling instance, -1 where there is none of that name.
fn export<'l>(env: &mut Env<'l>, _: JClass<'l>, caller: jlong, name: JString<'l>) -> Result<jlong> {
    let name = name.try_to_string(env)?;
    host_calls::with_caller(caller, |caller| {
        let export = caller.get_export(&name);
        Ok(export.map_or(-1, |export| items::add(caller, export)))
    })
}

/// Fails where this thread is not in that host call.
fn check(_: &mut Env<'_>, _: JClass<'_>, caller: jlong) -> Result<()> {
    host_calls::with_caller(caller, |_| Ok(()))
}
