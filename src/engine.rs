//! `Engine`: the compiler's settings, and what Modules and Stores have in common.

use std::sync::OnceLock;

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use wasmtime::Config;

use crate::error::{Error, Result};
use crate::handle::Shared;
use crate::java::natives;
use crate::stack::DEFAULT_MAX_WASM_STACK;

pub static ENGINES: Shared<Engine> = Shared::new("Engine");

/// wasmtime's engine, and the one setting of it that is looked at here.
#[derive(Clone)]
pub struct Engine {
    pub engine: wasmtime::Engine,
    pub max_wasm_stack: usize,
}

natives! {
    { fn create(max_wasm_stack: jlong, signals_based_traps: jboolean) -> jlong }
    { fn destroy(engine: jlong) -> void }
}

/// The settings that all engines of this library share.
pub fn config(max_wasm_stack: usize) -> Config {
    let mut config = Config::new();
    config.max_wasm_stack(max_wasm_stack);
    // wasmtime wants the stacks of its fibers to be as large, although none are made here.
    config.async_stack_size(max_wasm_stack);
    // Java may keep a ByteBuffer of a linear memory for ever, so a memory stays where it is: it grows within the
    // address space reserved for it, and not beyond.
    config.memory_may_move(false);
    config
}

/// The engine of a Store that was made without one.
pub fn default_engine() -> Result<Engine> {
    static DEFAULT: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = DEFAULT.get() {
        return Ok(engine.clone());
    }
    let engine = wasmtime::Engine::new(&config(DEFAULT_MAX_WASM_STACK))?;
    Ok(DEFAULT.get_or_init(|| Engine { engine, max_wasm_stack: DEFAULT_MAX_WASM_STACK }).clone())
}

fn create(_: &mut Env<'_>, _: JClass<'_>, max_wasm_stack: jlong, signals_based_traps: jboolean) -> Result<jlong> {
    let max_wasm_stack = usize::try_from(max_wasm_stack)
        .ok()
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| Error::Argument(format!("maxWasmStack must be positive: {max_wasm_stack}")))?;
    let mut config = config(max_wasm_stack);
    config.signals_based_traps(signals_based_traps);
    Ok(ENGINES.insert(Engine { engine: wasmtime::Engine::new(&config)?, max_wasm_stack }))
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<()> {
    ENGINES.close(engine);
    Ok(())
}
