//! `Component` and what it runs with: one file for each Java class, as in the room above.
//!
//! | Java classes | files |
//! | --- | --- |
//! | `Component` | this one with [`types`] |
//! | `ComponentLinker` | [`linker`] with [`host`] and [`waits`] |
//! | `ComponentInstancePre` | [`instance_pre`] |
//! | `ComponentInstance`, `ComponentFunc`, `ComponentResource` | [`instance`], [`func`], [`resource`] |
//! | `AsyncCalls` | [`events`] with [`driver`] and [`answers`] |
//!
//! [`packed`], [`values`], [`lower`] and [`lift`] are the way of values, [`numbers`] that of a few numbers; [`items`]
//! is what a Store knows of its components.
//!
//! [`network`] has the sockets of components, with [`lookup`] and [`connecting`], and [`http`] their requests; `wasi3`
//! has both of WASI 0.3. Guests share these, and [`waits`].
//!
//! Calls are wasmtime's synchronous ones, on the stack of the Java thread, as those of core modules are: no fiber, so a
//! host function can call Java. [`fiber`] has those of components with async functions, [`driver`] and [`events`] those
//! of them that nobody waits for, [`answers`] what Java answers later, [`futures`] and
//! [`streams`] what else waits.

#[cfg(feature = "component-async")]
pub mod answers;
pub mod connecting;
#[cfg(feature = "component-async")]
pub mod driver;
#[cfg(feature = "component-async")]
pub mod events;
pub mod fiber;
pub mod func;
#[cfg(feature = "component-async")]
pub mod futures;
pub mod host;
pub mod http;
pub mod instance;
pub mod instance_pre;
pub mod items;
pub mod kept;
pub mod lift;
pub mod linker;
pub mod lookup;
pub mod lower;
pub mod network;
pub mod numbers;
pub mod packed;
pub mod resource;
#[cfg(feature = "component-async")]
pub mod streams;
pub mod types;
pub mod values;
pub mod waits;
#[cfg(feature = "component-async")]
pub mod wasi3;

use jni::Env;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jboolean, jlong};
use wasmtime::component::Component;
use wasmtime::{Engine, Precompiled};

use crate::binding::engine::ENGINES;
use crate::binding::mappings::{self, with_room};
use crate::binding::module::{CORE_MODULE, is_text_of, on_compiler_threads};
use crate::bridge::error::Result;
use crate::bridge::handle::Shared;
use crate::bridge::java::{natives, string_array};

pub static COMPONENTS: Shared<Component> = Shared::new("Component");

natives! {
    METHODS:
    { fn compile(engine: jlong, wasm: jbyte[]) -> jlong }
    { fn items(component: jlong, imports: jboolean) -> JString[] }
    { fn serialize(component: jlong) -> jbyte[] }
    { fn deserialize(engine: jlong, code: jbyte[]) -> jlong }
    { fn deserialize_file(engine: jlong, path: JString) -> jlong }
    { fn destroy(component: jlong) -> void }
}

/// Takes the binary and the text format.
fn compile<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let wasm = env.convert_byte_array(&wasm)?;
    if wasm.starts_with(CORE_MODULE) || is_text_of(&wasm, "(module") {
        return Err(wasmtime::format_err!(
            "this is a core module; Module.fromBinary takes it, and `wasm-tools component new` makes a component of it"
        )
        .into());
    }
    let component = with_room(mappings::MODULE, || on_compiler_threads(wasm.len(), || compiled(&engine, &wasm)))?;
    Ok(COMPONENTS.insert(component))
}

/// The end of an error for a component that needs more than its engine has.
const NO_ASYNC: &str =
    "which its Engine does not have: give its Config wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true)";

/// Compiles a component. The error for one that is async says how to turn that on.
fn compiled(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Component> {
    Component::new(engine, wasm).map_err(|e| {
        if cfg!(feature = "component-async") && needs_async_feature(&e) {
            e.context(format!("the component has async functions, {NO_ASYNC}"))
        } else {
            e
        }
    })
}

/// Returns whether a component was refused because it is async.
pub fn needs_async_feature(error: &wasmtime::Error) -> bool {
    format!("{error:#}").contains("component model async feature")
}

/// Interface, name and type of each import or export, one after the other. See [`types::items`].
fn items<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    component: jlong,
    imports: jboolean,
) -> Result<JObjectArray<'l, JString<'l>>> {
    let items = types::items(&*COMPONENTS.get(component)?, imports)?;
    string_array(env, &items)
}

fn serialize<'l>(env: &mut Env<'l>, _: JClass<'l>, component: jlong) -> Result<JByteArray<'l>> {
    Ok(env.byte_array_from_slice(&COMPONENTS.get(component)?.serialize()?)?)
}

fn deserialize<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, code: JByteArray<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let code = env.convert_byte_array(&code)?;
    check_precompiled(Engine::detect_precompiled(&code))?;
    // SAFETY: the caller in Java was told to give code that a Component of this library has serialized, and nothing
    // else; that it is of this version and these settings wasmtime checks.
    let component = with_room(mappings::MODULE, || Ok(unsafe { Component::deserialize(&engine, &code)? }))?;
    Ok(COMPONENTS.insert(component))
}

fn deserialize_file<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, path: JString<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let path = path.try_to_string(env)?;
    check_precompiled(Engine::detect_precompiled_file(&path)?)?;
    // SAFETY: as in `deserialize`; and to leave the file alone while the Component lives, which maps it.
    let component = with_room(mappings::MODULE, || Ok(unsafe { Component::deserialize_file(&engine, &path)? }))?;
    Ok(COMPONENTS.insert(component))
}

/// Checks the first bytes. That keeps accidents away, not attackers.
fn check_precompiled(kind: Option<Precompiled>) -> Result<()> {
    match kind {
        Some(Precompiled::Component) => Ok(()),
        Some(Precompiled::Module) => Err(wasmtime::format_err!("this is a compiled module, not a component").into()),
        None => Err(wasmtime::format_err!(
            "this is not what Component.serialize made; compile it with Component.fromBinary"
        )
        .into()),
    }
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, component: jlong) -> Result<()> {
    COMPONENTS.close(component);
    Ok(())
}
