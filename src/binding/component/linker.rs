//! `ComponentLinker`: instances of components, with functions of Java's and of WASI.
//!
//! Definitions are kept in Java and made here when a component is instantiated, because wasmtime makes a host function
//! for a number of core values, which the component's types tell.

use jni::Env;
use jni::objects::{JClass, JObjectArray, JString};
use jni::refs::Reference;
use jni::sys::{jboolean, jint, jlong};
use wasmtime::StoreContextMut;
use wasmtime::component::types::{self, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance};

use crate::binding::component::COMPONENTS;
#[cfg(feature = "component-async")]
use crate::binding::component::NO_ASYNC;
use crate::binding::component::host::{HostItem, JComponentHost};
use crate::binding::component::waits::Waits;
use crate::binding::component::{fiber, http, network};
use crate::binding::mappings::{self, with_room};
use crate::binding::store::{self, Data};
use crate::binding::wasi;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{Jvm, natives, strings};

natives! {
    METHODS:
    { fn instantiate(store: jlong, component: jlong, host: JComponentHost, names: JString[], wasi: jboolean) -> jint,
      type_map = { JComponentHost => io.github.wasmton.wasmtime.internal.ComponentHost } }
}

/// `names` has interface and name of each import that Java defines, one after the other; its position is its number in
/// the host.
fn instantiate<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    component: jlong,
    host: JComponentHost<'l>,
    names: JObjectArray<'l, JString<'l>>,
    wasi: jboolean,
) -> Result<jint> {
    let component = COMPONENTS.get(component)?.clone();
    let names = strings(env, &names)?;
    if host.is_null() {
        return Err(jni::errors::Error::NullPtr("the host").into());
    }
    let host = env.new_global_ref(<_ as AsRef<jni::objects::JObject<'_>>>::as_ref(&host))?;
    store::run(store, Jvm::of(env), |mut store| {
        if !wasmtime::Engine::same(store.engine(), component.engine()) {
            return Err(Error::argument("the Component was compiled by another Engine than that of the Store"));
        }
        let on_fiber = needs_fibers(&mut store, &component)?;
        let mut linker = Linker::new(store.engine());
        if wasi {
            add_wasi(&mut linker, on_fiber)?;
            // What Java defines takes the place of WASI's.
            linker.allow_shadowing(true);
        }
        let host = store.data_mut().held.add_function(host);
        let definitions = Definitions { component: &component, ty: component.component_type(), host, on_fiber };
        for (number, name) in names.chunks_exact(2).enumerate() {
            definitions.define(&mut linker, &name[0], &name[1], number as jint)?;
        }
        let linked = linker.instantiate_pre(&component).map_err(|e| explain(e, &component, &names, wasi))?;
        if on_fiber && !store.data().components.fibers.needed {
            wasi::use_fibers(&mut store)?;
            store.data_mut().components.fibers.needed = true;
        }
        store::limited(store, |store| {
            let instance = with_room(mappings::INSTANCE, || {
                if on_fiber {
                    fiber::run(store, async |store| linked.instantiate_async(store).await)
                } else {
                    Ok(linked.instantiate(&mut *store)?)
                }
            })?;
            Ok(store.data_mut().components.add_instance(instance))
        })
    })
}

/// Decides whether a component runs on fibers, which is one decision for a whole Store: wasmtime lets nothing run on
/// the thread in a Store in which something needs fibers.
fn needs_fibers(store: &mut StoreContextMut<'_, Data>, component: &Component) -> Result<bool> {
    let components = &store.data().components;
    if components.fibers.needed || !fiber::are_needed(component) {
        return Ok(components.fibers.needed);
    }
    if !components.is_empty() {
        return Err(Error::state(
            "the component has async functions, and the Store has components already that run without those. Give it a \
             Store of its own, or instantiate it first",
        ));
    }
    #[cfg(feature = "component-async")]
    if store.concurrent_resource_table().is_none() {
        return Err(Error::argument(format!("the component is of WASI 0.3, {NO_ASYNC}")));
    }
    Ok(true)
}

fn add_wasi(linker: &mut Linker<Data>, on_fiber: bool) -> wasmtime::Result<()> {
    let waits = if on_fiber { Waits::LeaveFiber } else { Waits::Block };
    waits.add_wasi_to_linker(linker)?;
    network::add_to_linker(linker, waits)?;
    http::add_to_linker(linker)?;
    #[cfg(feature = "component-async")]
    if on_fiber {
        wasmtime_wasi::p3::add_to_linker(linker)?;
    }
    Ok(())
}

/// What Java defines for a component.
struct Definitions<'a> {
    component: &'a Component,
    ty: types::Component,
    host: usize,
    on_fiber: bool,
}

impl Definitions<'_> {
    fn define(&self, linker: &mut Linker<Data>, interface: &str, name: &str, number: jint) -> Result<()> {
        let engine = self.component.engine();
        let missing = || Error::argument(format!("the component does not import '{name}' of '{interface}'"));
        if interface.is_empty() {
            let item = self.ty.get_import(engine, name).ok_or_else(missing)?;
            return self.item(&mut linker.root(), name, &item.ty, number);
        }
        match self.ty.get_import(engine, interface).ok_or_else(missing)?.ty {
            ComponentItem::ComponentInstance(instance) => {
                let item = instance.get_export(engine, name).ok_or_else(missing)?;
                self.item(&mut linker.instance(interface)?, name, &item.ty, number)
            }
            _ => Err(missing()),
        }
    }

    fn item(
        &self,
        linker: &mut LinkerInstance<'_, Data>,
        name: &str,
        item: &ComponentItem,
        number: jint,
    ) -> Result<()> {
        let host = HostItem { host: self.host, number };
        match item {
            ComponentItem::ComponentFunc(func) => host.define(linker, name, func, self.on_fiber),
            ComponentItem::Resource(_) => host.define_resource(linker, name, self.on_fiber),
            _ => Err(Error::argument(format!("'{name}' is neither a function nor a resource"))),
        }
    }
}

/// The most names that an error lists.
const MOST_NAMES: usize = 20;

/// Adds how to mend it to the error of a component that misses imports, which names the first one only.
#[cold]
fn explain(e: wasmtime::Error, component: &Component, defined: &[String], wasi: bool) -> wasmtime::Error {
    let defined: Vec<_> = defined.chunks_exact(2).map(|name| (&*name[0], &*name[1])).collect();
    let missing: Vec<_> = imports(component)
        .into_iter()
        .filter(|(interface, name)| !defined.contains(&(&**interface, &**name)))
        .filter(|(interface, _)| !(wasi && interface.starts_with("wasi:")))
        .collect();
    let own: Vec<_> = missing
        .iter()
        .filter(|(interface, _)| !interface.starts_with("wasi:"))
        .map(
            |(interface, name)| {
                if interface.is_empty() { format!("`{name}`") } else { format!("`{interface}#{name}`") }
            },
        )
        .collect();
    if !own.is_empty() {
        let more = if own.len() > MOST_NAMES { format!(" and {} more", own.len() - MOST_NAMES) } else { String::new() };
        let own = own[..own.len().min(MOST_NAMES)].join(", ");
        e.context(format!(
            "the ComponentLinker lacks what the component imports: {own}{more}. Give it functions by define and \
             resources by resource before the component is instantiated"
        ))
    } else if !missing.is_empty() {
        e.context(
            "the component needs an interface of WASI that its ComponentLinker does not have. For WASI 0.2 and 0.3 \
             call new Wasi(store, config).addToLinker(linker) before it is instantiated",
        )
    } else {
        e
    }
}

/// Returns interface and name of each function and resource that a component imports.
fn imports(component: &Component) -> Vec<(String, String)> {
    let engine = component.engine();
    let mut all = Vec::new();
    let mut add = |interface: &str, name: &str, item: &ComponentItem| {
        if matches!(item, ComponentItem::ComponentFunc(_) | ComponentItem::Resource(_)) {
            all.push((interface.to_owned(), name.to_owned()));
        }
    };
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                instance.exports(engine).for_each(|(member, item)| add(name, member, &item.ty));
            }
            item => add("", name, &item),
        }
    }
    all
}
