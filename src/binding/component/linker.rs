//! `ComponentLinker`: components linked with functions of Java's and of WASI.
//!
//! Definitions are kept in Java and made here when a component is linked, because wasmtime makes a host function for a
//! number of core values, which the component's types tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jni::Env;
use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker, LinkerInstance};

use crate::binding::component::COMPONENTS;
#[cfg(feature = "component-async")]
use crate::binding::component::NO_ASYNC;
use crate::binding::component::host::HostItem;
use crate::binding::component::instance_pre::{INSTANCE_PRES, Linked};
use crate::binding::component::waits::Waits;
#[cfg(feature = "component-async")]
use crate::binding::component::wasi3;
use crate::binding::component::{http, network};
use crate::binding::store::Data;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{natives, strings};

natives! {
    METHODS:
    { fn link(component: jlong, names: JString[], wasi: jboolean) -> jlong }
}

/// `names` has interface and name of each import that Java defines, one after the other; its position is its number in
/// the hosts.
fn link<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    component: jlong,
    names: JObjectArray<'l, JString<'l>>,
    wasi: jboolean,
) -> Result<jlong> {
    let component = COMPONENTS.get(component)?.clone();
    let definitions = Definitions { component, names: strings(env, &names)?, wasi };
    Ok(INSTANCE_PRES.insert(Arc::new(Linked::new(definitions)?)))
}

fn add_wasi(linker: &mut Linker<Data>, component: &Component, on_fiber: bool) -> Result<()> {
    let waits = if on_fiber { Waits::LeaveFiber } else { Waits::Block };
    waits.add_wasi_to_linker(linker)?;
    network::add_to_linker(linker, waits)?;
    // Few components import it, and it has many functions to define.
    if component.component_type().imports(component.engine()).any(|(name, _)| name.starts_with("wasi:http/")) {
        http::add_to_linker(linker)?;
    }
    // It fails only for an engine without concurrent functions.
    #[cfg(feature = "component-async")]
    if on_fiber {
        wasi3::add_to_linker(linker)
            .map_err(|_| Error::argument(format!("the component is of WASI 0.3, {NO_ASYNC}")))?;
    }
    // What Java defines takes the place of WASI's.
    linker.allow_shadowing(true);
    Ok(())
}

/// The number of linkings so far.
static LINKINGS: AtomicU64 = AtomicU64::new(0);

/// The definitions for a component.
pub struct Definitions {
    pub component: Component,
    /// Interface and name of each import that Java defines.
    names: Vec<String>,
    wasi: bool,
}

impl Definitions {
    fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.chunks_exact(2).map(|name| (&*name[0], &*name[1]))
    }

    /// Links the component. Returns the number of the linking, by which its functions find their `ComponentHost`.
    pub fn link(&self, on_fiber: bool) -> Result<(u64, InstancePre<Data>)> {
        let mut linker = Linker::new(self.component.engine());
        if self.wasi {
            add_wasi(&mut linker, &self.component, on_fiber)?;
        }
        let linking = LINKINGS.fetch_add(1, Ordering::Relaxed);
        for (number, (interface, name)) in self.names().enumerate() {
            let host = HostItem { linking, number: number as jint };
            self.define(&mut linker, interface, name, host, on_fiber)?;
        }
        let linked = linker.instantiate_pre(&self.component).map_err(|e| explain(e, self))?;
        Ok((linking, linked))
    }

    /// Returns whether the component gets functions of WASI, which need a context in the Store.
    pub fn needs_wasi(&self) -> bool {
        self.wasi && self.missing().iter().any(|(interface, _)| is_wasi(interface))
    }

    /// Returns interface and name of each function and resource that the component imports and Java does not define.
    fn missing(&self) -> Vec<(String, String)> {
        let mut imports = imports(&self.component);
        imports.retain(|(interface, name)| !self.names().any(|defined| defined == (interface, name)));
        imports
    }

    fn define(
        &self,
        linker: &mut Linker<Data>,
        interface: &str,
        name: &str,
        host: HostItem,
        on_fiber: bool,
    ) -> Result<()> {
        let (engine, ty) = (self.component.engine(), self.component.component_type());
        let missing = || Error::argument(format!("the component does not import '{name}' of '{interface}'"));
        if interface.is_empty() {
            let item = ty.get_import(engine, name).ok_or_else(missing)?;
            return define_item(&mut linker.root(), name, &item.ty, host, on_fiber);
        }
        match ty.get_import(engine, interface).ok_or_else(missing)?.ty {
            ComponentItem::ComponentInstance(instance) => {
                let item = instance.get_export(engine, name).ok_or_else(missing)?;
                define_item(&mut linker.instance(interface)?, name, &item.ty, host, on_fiber)
            }
            _ => Err(missing()),
        }
    }
}

fn define_item(
    linker: &mut LinkerInstance<'_, Data>,
    name: &str,
    item: &ComponentItem,
    host: HostItem,
    on_fiber: bool,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(func) => host.define(linker, name, func, on_fiber),
        ComponentItem::Resource(_) => host.define_resource(linker, name, on_fiber),
        _ => Err(Error::argument(format!("'{name}' is neither a function nor a resource"))),
    }
}

fn is_wasi(interface: &str) -> bool {
    interface.starts_with("wasi:")
}

/// The most names that an error lists.
const MOST_NAMES: usize = 20;

/// Adds how to mend it to the error of a component that misses imports, which names the first one only.
#[cold]
fn explain(e: wasmtime::Error, definitions: &Definitions) -> wasmtime::Error {
    let mut missing = definitions.missing();
    missing.retain(|(interface, _)| !(definitions.wasi && is_wasi(interface)));
    let own: Vec<_> = missing
        .iter()
        .filter(|(interface, _)| !is_wasi(interface))
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
             call Wasi.addToLinker(linker) before it is linked, and new Wasi(store, config) for each Store",
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
