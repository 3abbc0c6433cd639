//! `Linker`: names for what modules import.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};

use crate::error::Result;
use crate::handle::Exclusive;
use crate::java::{Jvm, natives};
use crate::module::MODULES;
use crate::store::{self, Data};
use crate::wasi;

pub static LINKERS: Exclusive<wasmtime::Linker<Data>> = Exclusive::new("Linker");

natives! {
    { fn create(store: jlong) -> jlong }
    { fn define(linker: jlong, store: jlong, module: JString, name: JString, item: jint) -> void }
    { fn module(linker: jlong, store: jlong, name: JString, compiled: jlong) -> void }
    { fn instantiate(linker: jlong, store: jlong, module: jlong) -> jint }
    { fn get(linker: jlong, store: jlong, module: JString, name: JString) -> jlong }
    { fn names(linker: jlong, store: jlong) -> JString }
    { fn destroy(linker: jlong) -> void }
}

fn create(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    store::with(store, |store| Ok(LINKERS.insert(wasmtime::Linker::new(store.engine()))))
}

fn define<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    store: jlong,
    module: JString<'l>,
    name: JString<'l>,
    item: jint,
) -> Result<()> {
    let (module, name) = (module.try_to_string(env)?, name.try_to_string(env)?);
    store::with(store, |store| {
        let item = store.data().to_extern(item)?;
        LINKERS.enter(linker)?.define(&store, &module, &name, item)?;
        Ok(())
    })
}

fn module<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    store: jlong,
    name: JString<'l>,
    module: jlong,
) -> Result<()> {
    let name = name.try_to_string(env)?;
    let module = MODULES.get(module)?.clone();
    store::run(store, Jvm::of(env), |mut store| {
        LINKERS.enter(linker)?.module(&mut store, &name, &module).map_err(wasi::explain)?;
        Ok(())
    })
}

fn instantiate(env: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong, module: jlong) -> Result<jint> {
    let module = MODULES.get(module)?.clone();
    store::run(store, Jvm::of(env), |mut store| {
        // The Linker is free again while the module's start function runs.
        let linked = LINKERS.enter(linker)?.instantiate_pre(&module).map_err(wasi::explain)?;
        let instance = linked.instantiate(&mut store)?;
        Ok(store.data_mut().add_instance(instance))
    })
}

/// The number of a definition, -1 where there is none of that name.
fn get<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    store: jlong,
    module: JString<'l>,
    name: JString<'l>,
) -> Result<jlong> {
    let (module, name) = (module.try_to_string(env)?, name.try_to_string(env)?);
    store::with(store, |mut store| {
        let item = LINKERS.enter(linker)?.get(&mut store, &module, &name);
        Ok(item.map_or(-1, |item| store::add(&mut store, item)))
    })
}

/// For messages: all names in sorted order, with commas between them.
fn names<'l>(env: &mut Env<'l>, _: JClass<'l>, linker: jlong, store: jlong) -> Result<JString<'l>> {
    let names = store::with(store, |mut store| {
        let linker = LINKERS.enter(linker)?;
        let mut names: Vec<_> = linker.iter(&mut store).map(|(module, name, _)| format!("{module}::{name}")).collect();
        names.sort();
        Ok(names.join(", "))
    })?;
    Ok(JString::from_str(env, names)?)
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, linker: jlong) -> Result<()> {
    LINKERS.close(linker);
    Ok(())
}
