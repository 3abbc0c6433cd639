//! `GuestModule`: a compiled guest, shared by all threads. It is a core module or a component.

use std::sync::Arc;

use jni::Env;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jint, jlong};

use crate::binding::{engine, module};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{natives, string_array};
use crate::bridge::stack::DEFAULT_MAX_WASM_STACK;
use crate::guest::code::Code;
use crate::guest::component;
use crate::guest::core::Protocol;
use crate::guest::guest::{self, AnyGuest};
use crate::guest::limits;
use crate::guest::settings::{JGuestDescription, Settings};
use crate::guest::{core, engines};

static MODULES: Shared<AnyModule> = Shared::new("GuestModule");

/// A compiled guest of either kind.
enum AnyModule {
    Core(Arc<core::Module>),
    Component(Arc<component::Module>),
}

natives! {
    METHODS:
    { fn compile(wasm: jbyte[], code: JString, guest: JGuestDescription) -> jlong,
      type_map = { JGuestDescription => io.github.wasmton.guest.GuestDescription } }
    { fn save(module: jlong, path: JString) -> void }
    { fn compatibility() -> JString }
    { fn kind(module: jlong) -> jint }
    { fn memory_in_use(module: jlong) -> jlong }
    { fn host_memory_in_use(module: jlong) -> jlong }
    { fn counts(module: jlong) -> JString[] }
    { fn set_most_total_memory(bytes: jlong) -> void }
    { fn total_memory() -> jlong }
    { fn instantiate(module: jlong) -> jlong }
    { fn destroy_module(module: jlong) -> void }
}

/// Compiles wasm, or takes the code that [`save`] wrote.
fn compile<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    wasm: JByteArray<'l>,
    code: JString<'l>,
    guest: JGuestDescription<'l>,
) -> Result<jlong> {
    let settings = Settings::read(env, &guest)?;
    let stack = settings.limits.stack();
    let code = if code.is_null() { None } else { Some(code.try_to_string(env)?) };
    // What was compiled before needs no wasm.
    let wasm = if code.is_none() { env.convert_byte_array(&wasm)? } else { Vec::new() };
    let module = module::on_compiler_threads(wasm.len(), move || {
        let code = match code {
            Some(path) => Code::load(&path, stack)?,
            None => Code::compile(&wasm, stack)?,
        };
        Ok::<_, Error>(match code {
            Code::Module(code) => AnyModule::Core(Arc::new(core::Module::new(&code, settings)?)),
            Code::Component(code) => AnyModule::Component(Arc::new(component::Module::new(&code, settings)?)),
        })
    })?;
    Ok(MODULES.insert(module))
}

/// Writes the compiled code to a file, from which [`compile`] takes it the next time.
fn save<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong, path: JString<'l>) -> Result<()> {
    let path = path.try_to_string(env)?;
    let code = match &*MODULES.get(module)? {
        AnyModule::Core(module) => Code::Module(module.compiled().clone()),
        AnyModule::Component(module) => Code::Component(module.compiled().clone()),
    };
    code.save(&path)
}

/// Returns a hash of everything but the wasm that decides over compiled code. One hash covers all engines, as a
/// component's size decides which of them it is for, and the stack makes no difference.
fn compatibility<'l>(env: &mut Env<'l>, _: JClass<'l>) -> Result<JString<'l>> {
    Ok(JString::from_str(env, engine::compatibility_hash(&engines::standard(DEFAULT_MAX_WASM_STACK)?))?)
}

/// The number of kinds in Java's `GuestModule.KINDS`.
const KINDS: jint = 6;

/// Returns the kind by its position in Java's `GuestModule.KINDS`, plus their number for a guest that imports functions
/// of stores.
fn kind(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jint> {
    let (kind, state) = match &*MODULES.get(module)? {
        AnyModule::Core(module) => {
            let kind = match (module.protocol(), module.takes_batches()) {
                (Protocol::Zero, _) => 0,
                (Protocol::One, false) => 1,
                (Protocol::One, true) => 4,
            };
            (kind, module.imports_state())
        }
        AnyModule::Component(module) => {
            let kind = match (module.is_of_world(), module.takes_batches()) {
                (true, false) => 2,
                (false, _) => 3,
                (true, true) => 5,
            };
            (kind, module.imports_state())
        }
    };
    Ok(if state { kind + KINDS } else { kind })
}

/// Returns the bytes of linear memory that all instances have together.
fn memory_in_use<'l>(_: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<jlong> {
    let bytes = match &*MODULES.get(module)? {
        AnyModule::Core(module) => module.memory_in_use(),
        AnyModule::Component(module) => module.memory_in_use(),
    };
    Ok(jlong::try_from(bytes).unwrap_or(jlong::MAX))
}

/// Returns the bytes of the host's memory that all instances hold together.
fn host_memory_in_use<'l>(_: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<jlong> {
    let bytes = match &*MODULES.get(module)? {
        AnyModule::Core(module) => module.settings().limits.host_memory_in_use(),
        AnyModule::Component(module) => module.settings().limits.host_memory_in_use(),
    };
    Ok(jlong::try_from(bytes).unwrap_or(jlong::MAX))
}

/// Returns the guest's own counters: each name, and behind it its sum.
fn counts<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let counts = match &*MODULES.get(module)? {
        AnyModule::Core(module) => module.settings().counts.sums(),
        AnyModule::Component(module) => module.settings().counts.sums(),
    };
    let texts: Vec<_> = counts.into_iter().flat_map(|(name, sum)| [name, sum.to_string()]).collect();
    string_array(env, &texts)
}

fn set_most_total_memory(_: &mut Env<'_>, _: JClass<'_>, bytes: jlong) -> Result<()> {
    limits::set_most_total(usize::try_from(bytes).unwrap_or(0));
    Ok(())
}

fn total_memory(_: &mut Env<'_>, _: JClass<'_>) -> Result<jlong> {
    Ok(jlong::try_from(limits::total()).unwrap_or(jlong::MAX))
}

fn instantiate(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jlong> {
    Ok(guest::insert(match &*MODULES.get(module)? {
        AnyModule::Core(module) => AnyGuest::Core(module.instantiate()?),
        AnyModule::Component(module) => AnyGuest::Component(module.instantiate()?),
    }))
}

/// Returns the handle of a guest for a [`pool`](crate::guest::pool), whose instance is made for its first task.
pub fn create_pooled(module: jlong) -> Result<jlong> {
    match &*MODULES.get(module)? {
        AnyModule::Component(module) => Ok(guest::insert(AnyGuest::Component(module.guest()))),
        AnyModule::Core(_) => Err(Error::argument("a core module occupies the thread that brings a task")),
    }
}

fn destroy_module(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<()> {
    MODULES.close(module);
    Ok(())
}
