//! `Extern`: the type of everything that a module can import or export.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};

use crate::binding::{store, types};
use crate::bridge::error::Result;
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn describe(store: jlong, item: jint) -> JString }
}

fn describe<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, item: jint) -> Result<JString<'l>> {
    let description =
        store::with(store, |store| Ok(types::describe_extern(&store.data().to_extern(item)?.ty(&store))))?;
    Ok(JString::from_str(env, description)?)
}
