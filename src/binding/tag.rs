//! `Tag`: what tells wasm exceptions apart, and the types of what they carry.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};
use wasmtime::{Tag, TagType};

use crate::binding::{items, store, types};
use crate::bridge::error::Result;
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn create(store: jlong, tag_type: JString) -> jint }
}

fn create<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, tag_type: JString<'l>) -> Result<jint> {
    let tag_type = tag_type.try_to_string(env)?;
    store::with(store, |mut store| {
        let ty = TagType::new(types::parse_payload(store.engine(), &tag_type)?);
        let tag = Tag::new(&mut store, &ty)?;
        Ok(items::add(&mut store, tag.into()) as jint)
    })
}
