//! `Linker`: names for what modules import.

use std::ops::{Deref, DerefMut};

use jni::Env;
use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};
use wasmtime::{AsContextMut, Extern, ExternType, StoreContextMut};

use crate::binding::held::LinkedFunctions;
use crate::binding::instance_pre::{INSTANCE_PRES, Linked};
use crate::binding::items;
use crate::binding::mappings::{self, with_room};
use crate::binding::module::MODULES;
use crate::binding::store::{self, Data};
use crate::binding::wasi;
use crate::bridge::error::Result;
use crate::bridge::handle::Exclusive;
use crate::bridge::java::{Jvm, natives, string_array};

pub static LINKERS: Exclusive<Linker> = Exclusive::new("Linker");

pub struct Linker {
    linker: wasmtime::Linker<Data>,
    /// The last value of `allow_shadowing`: wasmtime's own cannot be asked.
    shadowing: bool,
    /// Java's functions that belong to no Store.
    pub functions: LinkedFunctions,
}

impl Deref for Linker {
    type Target = wasmtime::Linker<Data>;

    fn deref(&self) -> &Self::Target {
        &self.linker
    }
}

impl DerefMut for Linker {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.linker
    }
}

impl Linker {
    /// Finds and checks a module's imports. A definition remembers the size that a memory or a table had when it was
    /// made; if it was too small for the import, it is made again.
    fn link(&mut self, store: StoreContextMut<'_, Data>, module: &wasmtime::Module) -> Result<Linked> {
        let linked = self
            .linker
            .instantiate_pre(module)
            .or_else(|e| if self.refresh(store, module)? { self.linker.instantiate_pre(module) } else { Err(e) });
        Ok(Linked { instance: linked.map_err(wasi::explain)?, functions: self.functions.clone() })
    }

    /// Defines grown memories and tables again. Returns whether there are any.
    #[cold]
    fn refresh(&mut self, mut store: StoreContextMut<'_, Data>, module: &wasmtime::Module) -> wasmtime::Result<bool> {
        let mut grown = Vec::new();
        for import in
            module.imports().filter(|import| matches!(import.ty(), ExternType::Memory(_) | ExternType::Table(_)))
        {
            if let Some(item @ (Extern::Memory(_) | Extern::SharedMemory(_) | Extern::Table(_))) =
                self.linker.get_by_import(&mut store, &import)
            {
                grown.push((import.module().to_owned(), import.name().to_owned(), item));
            }
        }
        self.replace(|linker| {
            for (module, name, item) in &grown {
                linker.define(&store, module, name, item.clone())?;
            }
            Ok(())
        })?;
        Ok(!grown.is_empty())
    }

    /// Gives a Store the functions that it may get from here.
    fn lend_functions(&self, store: &mut StoreContextMut<'_, Data>) {
        store.data_mut().held.add_linked(&self.functions);
    }

    /// Makes definitions that may take the place of others.
    pub fn replace(
        &mut self,
        define: impl FnOnce(&mut wasmtime::Linker<Data>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<()> {
        self.linker.allow_shadowing(true);
        let defined = define(&mut self.linker);
        self.linker.allow_shadowing(self.shadowing);
        defined
    }
}

natives! {
    METHODS:
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
    store::with(store, |store| {
        Ok(LINKERS.insert(Linker {
            linker: wasmtime::Linker::new(store.engine()),
            shadowing: false,
            functions: LinkedFunctions::default(),
        }))
    })
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
        let mut linker = LINKERS.enter(linker)?;
        same_engine(linker.engine(), module.engine())?;
        linker.lend_functions(&mut store);
        store::limited(store, |store| {
            with_room(mappings::INSTANCE, || {
                linker.module(&mut *store, &name, &module).map_err(wasi::explain)?;
                Ok(())
            })
        })
    })
}

fn instantiate(env: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong, module: jlong) -> Result<jint> {
    let module = MODULES.get(module)?.clone();
    store::run(store, Jvm::of(env), |mut store| {
        // The Linker is free again while the module's start function runs.
        let linked = LINKERS.enter(linker)?.link(store.as_context_mut(), &module)?;
        linked.instantiate(store)
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
        let linker = LINKERS.enter(linker)?;
        linker.lend_functions(&mut store);
        let item = linker.get(&mut store, &module, &name);
        Ok(item.map_or(-1, |item| items::add(&mut store, item)))
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
    let mut linker = LINKERS.enter(linker)?;
    linker.shadowing = allow;
    linker.allow_shadowing(allow);
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

/// Fails where wasmtime would mix up types, or panic.
fn same_engine(linker: &wasmtime::Engine, module: &wasmtime::Engine) -> Result<()> {
    if wasmtime::Engine::same(linker, module) {
        Ok(())
    } else {
        Err(wasmtime::format_err!("the Module was compiled by another Engine than this Linker's Store has").into())
    }
}

fn instantiate_pre(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong, module: jlong) -> Result<jlong> {
    let module = MODULES.get(module)?.clone();
    store::with(store, |store| Ok(INSTANCE_PRES.insert(LINKERS.enter(linker)?.link(store, &module)?)))
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, linker: jlong) -> Result<()> {
    LINKERS.close(linker);
    Ok(())
}
