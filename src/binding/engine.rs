//! `Engine`: the compiler's settings, and what Modules and Stores have in common.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jni::Env;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::jlong;
use once_cell::sync::OnceCell;
use wasmtime::Config;

use crate::binding::config::EngineSettings;
use crate::binding::mappings::{self, with_room};
use crate::binding::module;
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{natives, strings};
use crate::bridge::stack::DEFAULT_MAX_WASM_STACK;

pub static ENGINES: Shared<Engine> = Shared::new("Engine");

/// wasmtime's engine, and what of it is looked at here.
#[derive(Clone)]
pub struct Engine {
    pub engine: wasmtime::Engine,
    pub max_wasm_stack: usize,
    pub epoch_interruption: bool,
    /// True if the epoch advances by itself.
    pub ticking: bool,
    /// wasmtime's epoch, which cannot be read, or one more.
    pub epoch: Arc<AtomicU64>,
}

natives! {
    METHODS:
    { fn create(settings: JString[]) -> jlong }
    { fn precompile_module(engine: jlong, wasm: jbyte[]) -> jbyte[] }
    { fn compatibility(engine: jlong) -> JString }
    { fn increment_epoch(engine: jlong) -> void }
    { fn destroy(engine: jlong) -> void }
}

/// The settings that all engines of this library share.
pub fn config(max_wasm_stack: usize) -> Config {
    EngineSettings::new(max_wasm_stack).config
}

/// The engine of a Store that was made without one.
pub fn default_engine() -> Result<Engine> {
    static DEFAULT: OnceCell<Engine> = OnceCell::new();
    DEFAULT.get_or_try_init(|| Engine::new(&EngineSettings::new(DEFAULT_MAX_WASM_STACK))).cloned()
}

impl Engine {
    fn new(settings: &EngineSettings) -> Result<Self> {
        let engine = Engine {
            engine: with_room(mappings::ENGINE, || Ok(wasmtime::Engine::new(&settings.config)?))?,
            max_wasm_stack: settings.max_wasm_stack,
            epoch_interruption: settings.epoch_interruption,
            ticking: settings.tick.is_some(),
            epoch: Arc::default(),
        };
        if let Some(tick) = settings.tick {
            engine.start_ticking(tick)?;
        }
        Ok(engine)
    }

    fn increment_epoch(epoch: &AtomicU64, engine: &wasmtime::Engine) {
        epoch.fetch_add(1, Ordering::Relaxed);
        engine.increment_epoch();
    }

    /// Until nothing has the engine any more.
    fn start_ticking(&self, tick: Duration) -> Result<()> {
        let (engine, epoch) = (self.engine.weak(), self.epoch.clone());
        std::thread::Builder::new()
            .name("wasmtime-epoch".to_owned())
            .spawn(move || {
                loop {
                    std::thread::sleep(tick);
                    let Some(engine) = engine.upgrade() else { break };
                    Engine::increment_epoch(&epoch, &engine);
                }
            })
            .map_err(|e| Error::no_thread("the epoch of an engine", &e))?;
        Ok(())
    }
}

fn create<'l>(env: &mut Env<'l>, _: JClass<'l>, settings: JObjectArray<'l, JString<'l>>) -> Result<jlong> {
    let settings = EngineSettings::read(&strings(env, &settings)?)?;
    Ok(ENGINES.insert(Engine::new(&settings)?))
}

/// Stands for all that decides over the code of a module besides its wasm: wasmtime's version, the settings, the CPU.
pub fn compatibility_hash(engine: &wasmtime::Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn compatibility<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong) -> Result<JString<'l>> {
    let engine = ENGINES.get(engine)?.engine.clone();
    Ok(JString::from_str(env, compatibility_hash(&engine))?)
}

fn increment_epoch(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<()> {
    let engine = ENGINES.get(engine)?;
    Engine::increment_epoch(&engine.epoch, &engine.engine);
    Ok(())
}

/// Takes the binary and the text format.
fn precompile_module<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    engine: jlong,
    wasm: JByteArray<'l>,
) -> Result<JByteArray<'l>> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let wasm = env.convert_byte_array(&wasm)?;
    let code = module::on_compiler_threads(wasm.len(), || engine.precompile_module(&wasm))?;
    Ok(env.byte_array_from_slice(&code)?)
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<()> {
    ENGINES.close(engine);
    Ok(())
}
