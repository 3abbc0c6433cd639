//! The two engines of guests.

use once_cell::sync::OnceCell;
use wasmtime::{Config, Engine, WasmBacktraceDetails};

use crate::binding::engine;
use crate::bridge::error::Result;
use crate::bridge::stack::{DEFAULT_MAX_WASM_STACK, FIBER_STACK};
use crate::guest::clock;

/// Components up to this size, which is also the most that their data can have, are for [`small`].
const SMALL_BYTES: usize = 1024 * 1024;

/// Returns the engine of core modules and of large components. Data is mapped: instances share what they do not change.
pub fn standard() -> Result<&'static Engine> {
    static ENGINE: OnceCell<Engine> = OnceCell::new();
    ENGINE.get_or_try_init(|| new_engine(|_| {}, clock::count))
}

/// Returns the engine of small components, of which there may be thousands of instances. Data is copied into each; to
/// map it takes two areas of the address space more, of which a process has 65,530 by default on Linux.
pub fn small() -> Result<&'static Engine> {
    static ENGINE: OnceCell<Engine> = OnceCell::new();
    let adjust = |config: &mut Config| {
        config.memory_init_cow(false);
    };
    ENGINE.get_or_try_init(|| new_engine(adjust, || {}))
}

/// Returns the engine for a component of that size.
pub fn for_component(bytes: usize) -> Result<&'static Engine> {
    if bytes <= SMALL_BYTES { small() } else { standard() }
}

fn new_engine(adjust: impl FnOnce(&mut Config), each_tick: fn()) -> Result<Engine> {
    let mut config = engine::config(DEFAULT_MAX_WASM_STACK);
    config.epoch_interruption(true);
    config.async_stack_size(FIBER_STACK);
    // Where a guest was built with debug information, its failures name source lines.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    adjust(&mut config);
    let engine = Engine::new(&config)?;
    clock::drive(engine.clone(), each_tick)?;
    Ok(engine)
}
