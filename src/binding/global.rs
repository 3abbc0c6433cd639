//! `Global`: a global variable.

use jni::Env;
use jni::objects::{JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};
use wasmtime::{AsContextMut, Global, GlobalType, Mutability, RootScope};

use crate::binding::items;
use crate::binding::store;
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::Result;
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn create(store: jlong, value_type: JString, mutable: jboolean, numbers: jlong[], objects: JObject[]) -> jint }
    { fn get(store: jlong, global: jint, numbers: jlong[], objects: JObject[]) -> void }
    { fn set(store: jlong, global: jint, numbers: jlong[], objects: JObject[]) -> void }
}

fn create<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    value_type: JString<'l>,
    mutable: jboolean,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jint> {
    let value_type = value_type.try_to_string(env)?;
    store::with(store, |store| {
        let ty = types::parse_value(store.engine(), &value_type)?;
        let mut scope = RootScope::new(store);
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let value = value::read(env, &mut scope.as_context_mut(), [ty.clone()].into_iter(), &arrays)?.remove(0);
        let mutability = if mutable { Mutability::Var } else { Mutability::Const };
        let global = Global::new(&mut scope, GlobalType::new(ty, mutability), value)?;
        Ok(items::add(&mut scope, global.into()) as jint)
    })
}

fn get<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    global: jint,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    store::with(store, |store| {
        let global = store.data().global(global)?;
        let mut scope = RootScope::new(store);
        let value = global.get(&mut scope);
        value::write(env, &mut scope, &[value], &Arrays { numbers: &numbers, objects: &objects })
    })
}

fn set<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    global: jint,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    store::with(store, |store| {
        let global = store.data().global(global)?;
        let ty = global.ty(&store).content().clone();
        let mut scope = RootScope::new(store);
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let value = value::read(env, &mut scope.as_context_mut(), [ty].into_iter(), &arrays)?.remove(0);
        Ok(global.set(&mut scope, value)?)
    })
}
