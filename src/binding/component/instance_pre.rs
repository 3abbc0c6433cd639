//! `ComponentInstancePre`: a component whose imports are found and checked already.
//!
//! Its Java functions are those of a `ComponentHost`, and each instance brings its own, which knows that instance.
//! wasmtime does not tell a host function which instance calls it. So a Store has the `ComponentHost`s of its instances
//! by the number of the linking, and one linking serves one instance in each Store; a second one is linked anew.

use std::sync::Arc;

use jni::Env;
use jni::objects::JClass;
use jni::refs::Reference;
use jni::sys::{jint, jlong};
use wasmtime::StoreContextMut;
use wasmtime::component::{Component, InstancePre};

#[cfg(feature = "component-async")]
use crate::binding::component::NO_ASYNC;
use crate::binding::component::fiber;
use crate::binding::component::host::JComponentHost;
use crate::binding::component::linker::Definitions;
use crate::binding::mappings::{self, with_room};
use crate::binding::store::{self, Data};
use crate::binding::wasi;
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{Jvm, natives};

pub static INSTANCE_PRES: Shared<Arc<Linked>> = Shared::new("ComponentInstancePre");

/// A linked component, and what it takes to link it again.
pub struct Linked {
    definitions: Definitions,
    instance: InstancePre<Data>,
    /// The number of this linking. No other one of this process has it.
    number: u64,
    on_fiber: bool,
    needs_wasi: bool,
}

natives! {
    METHODS:
    { fn instantiate(instance_pre: jlong, store: jlong, host: JComponentHost) -> jint,
      type_map = { JComponentHost => io.github.wasmton.wasmtime.internal.ComponentHost } }
    { fn destroy(instance_pre: jlong) -> void }
}

impl Linked {
    pub fn new(definitions: Definitions) -> Result<Self> {
        let on_fiber = fiber::are_needed(&definitions.component);
        let (number, instance) = definitions.link(on_fiber)?;
        let needs_wasi = definitions.needs_wasi();
        Ok(Linked { definitions, instance, number, on_fiber, needs_wasi })
    }

    /// Returns the linking for a new instance in a Store: this one, or another one made for that Store.
    fn for_store(&self, store: &StoreContextMut<'_, Data>, on_fiber: bool) -> Result<(u64, InstancePre<Data>)> {
        if on_fiber == self.on_fiber && !store.data().held.has_component_host(self.number) {
            Ok((self.number, self.instance.clone()))
        } else {
            self.definitions.link(on_fiber)
        }
    }
}

/// `host` is the new instance's own.
fn instantiate<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    instance_pre: jlong,
    store: jlong,
    host: JComponentHost<'l>,
) -> Result<jint> {
    let linked = INSTANCE_PRES.get(instance_pre)?.clone();
    if host.is_null() {
        return Err(jni::errors::Error::NullPtr("the host").into());
    }
    let host = env.new_global_ref(<_ as AsRef<jni::objects::JObject<'_>>>::as_ref(&host))?;
    store::run(store, Jvm::of(env), |mut store| {
        let component = &linked.definitions.component;
        if !wasmtime::Engine::same(store.engine(), component.engine()) {
            return Err(Error::argument("the Component was compiled by another Engine than that of the Store"));
        }
        if store.data().wasi.is_none() && linked.needs_wasi {
            return Err(Error::state(
                "the component uses WASI, and the Store has none: call new Wasi(store, config) before the component is \
                 instantiated in it",
            ));
        }
        let on_fiber = needs_fibers(&mut store, component)?;
        let (number, instance) = linked.for_store(&store, on_fiber)?;
        store.data_mut().held.add_component_host(number, host);
        if on_fiber && !store.data().components.fibers.needed {
            wasi::use_fibers(&mut store)?;
            store.data_mut().components.fibers.needed = true;
        }
        store::limited(store, |store| {
            let instance = with_room(mappings::INSTANCE, || {
                if on_fiber {
                    fiber::run(store, async |store| instance.instantiate_async(store).await)
                } else {
                    Ok(instance.instantiate(&mut *store)?)
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

fn destroy(_: &mut Env<'_>, _: JClass<'_>, instance_pre: jlong) -> Result<()> {
    INSTANCE_PRES.close(instance_pre);
    Ok(())
}
