//! `Linker`: names for what modules import.

use jni::Env;
use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::error::Result;
use crate::handle::Exclusive;
use crate::instance_pre::INSTANCE_PRES;
use crate::java::{Jvm, natives, string_array};
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
    { fn names(linker: jlong, store: jlong) -> JString[] }
    { fn instance(linker: jlong, store: jlong, name: JString, item: jint) -> void }
    { fn alias(linker: jlong, module: JString, name: JString, as_module: JString, as_name: JString) -> void }
    { fn alias_module(linker: jlong, module: JString, as_module: JString) -> void }
    { fn allow_shadowing(linker: jlong, allow: jboolean) -> void }
    { fn define_unknown_imports_as_traps(linker: jlong, module: jlong) -> void }
    { fn define_unknown_imports_as_default_values(linker: jlong, store: jlong, module: jlong) -> void }
    { fn instantiate_pre(linker: jlong, store: jlong, module: jlong) -> jlong }
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
    store::run(store, Jvm::of(env), |store| {
        let mut linker = LINKERS.enter(linker)?;
        same_engine(linker.engine(), module.engine())?;
        store::limited(store, |store| {
            linker.module(store, &name, &module).map_err(wasi::explain)?;
            Ok(())
        })
    })
}

fn instantiate(env: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong, module: jlong) -> Result<jint> {
    let module = MODULES.get(module)?.clone();
    store::run(store, Jvm::of(env), |store| {
        // The Linker is free again while the module's start function runs.
        let linked = LINKERS.enter(linker)?.instantiate_pre(&module).map_err(wasi::explain)?;
        store::add_instance(store, &linked)
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

/// Module and name of each definition, one after the other.
fn names<'l>(env: &mut Env<'l>, _: JClass<'l>, linker: jlong, store: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let mut names = store::with(store, |mut store| {
        let linker = LINKERS.enter(linker)?;
        Ok(linker.iter(&mut store).map(|(module, name, _)| [module.to_owned(), name.to_owned()]).collect::<Vec<_>>())
    })?;
    names.sort();
    string_array(env, names.as_flattened())
}

fn instance<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    store: jlong,
    name: JString<'l>,
    item: jint,
) -> Result<()> {
    let name = name.try_to_string(env)?;
    store::with(store, |mut store| {
        let instance = store.data().instance(item)?;
        LINKERS.enter(linker)?.instance(&mut store, &name, instance)?;
        Ok(())
    })
}

fn alias<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    module: JString<'l>,
    name: JString<'l>,
    as_module: JString<'l>,
    as_name: JString<'l>,
) -> Result<()> {
    let (module, name) = (module.try_to_string(env)?, name.try_to_string(env)?);
    let (as_module, as_name) = (as_module.try_to_string(env)?, as_name.try_to_string(env)?);
    LINKERS.enter(linker)?.alias(&module, &name, &as_module, &as_name)?;
    Ok(())
}

fn alias_module<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    module: JString<'l>,
    as_module: JString<'l>,
) -> Result<()> {
    let (module, as_module) = (module.try_to_string(env)?, as_module.try_to_string(env)?);
    Ok(LINKERS.enter(linker)?.alias_module(&module, &as_module)?)
}

fn allow_shadowing(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, allow: jboolean) -> Result<()> {
    LINKERS.enter(linker)?.allow_shadowing(allow);
    Ok(())
}

fn define_unknown_imports_as_traps(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, module: jlong) -> Result<()> {
    let module = MODULES.get(module)?.clone();
    let mut linker = LINKERS.enter(linker)?;
    same_engine(linker.engine(), module.engine())?;
    Ok(linker.define_unknown_imports_as_traps(&module)?)
}

fn define_unknown_imports_as_default_values(
    _: &mut Env<'_>,
    _: JClass<'_>,
    linker: jlong,
    store: jlong,
    module: jlong,
) -> Result<()> {
    let module = MODULES.get(module)?.clone();
    store::with(store, |mut store| {
        let mut linker = LINKERS.enter(linker)?;
        same_engine(linker.engine(), module.engine())?;
        Ok(linker.define_unknown_imports_as_default_values(&mut store, &module)?)
    })
}

/// Where wasmtime would mix up types, or panic.
fn same_engine(linker: &wasmtime::Engine, module: &wasmtime::Engine) -> Result<()> {
    if wasmtime::Engine::same(linker, module) {
        Ok(())
    } else {
        Err(wasmtime::format_err!("the Module was compiled by another Engine than this Linker's Store has").into())
    }
}

fn instantiate_pre(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong, module: jlong) -> Result<jlong> {
    let module = MODULES.get(module)?.clone();
    store::with(store, |_| {
        let linked = LINKERS.enter(linker)?.instantiate_pre(&module).map_err(wasi::explain)?;
        Ok(INSTANCE_PRES.insert(linked))
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, linker: jlong) -> Result<()> {
    LINKERS.close(linker);
    Ok(())
}
