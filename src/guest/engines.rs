//! The engines of guests. Their settings differ in two things: how data comes into instances, and the stack that a
//! guest may use, which wasmtime takes from the engine. Compiled code is the same for every stack.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use wasmtime::{Engine, WasmBacktraceDetails};

use crate::binding::engine;
use crate::bridge::error::Result;
use crate::bridge::stack::FIBER_RESERVE;
use crate::guest::clock;

/// Components up to this size, which is also the most that their data can have, are for [`small`].
const SMALL_BYTES: usize = 1024 * 1024;

/// The engines so far, by whether they are for small components and by the stack. They stay for ever.
static ENGINES: LazyLock<Mutex<HashMap<(bool, usize), Engine>>> = LazyLock::new(Mutex::default);

/// Returns the engine of core modules and of large components. Data is mapped: instances share what they do not change.
pub fn standard(stack: usize) -> Result<Engine> {
    find(false, stack)
}

/// Returns the engine of small components, of which there may be thousands of instances. Data is copied into each; to
/// map it takes two areas of the address space more, of which a process has 65,530 by default on Linux.
pub fn small(stack: usize) -> Result<Engine> {
    find(true, stack)
}

/// Returns the engine for a component of that size.
pub fn for_component(bytes: usize, stack: usize) -> Result<Engine> {
    find(bytes <= SMALL_BYTES, stack)
}

fn find(small: bool, stack: usize) -> Result<Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = engines.get(&(small, stack)) {
        return Ok(engine.clone());
    }
    let engine = new_engine(small, stack)?;
    engines.insert((small, stack), engine.clone());
    Ok(engine)
}

fn new_engine(small: bool, stack: usize) -> Result<Engine> {
    let mut config = engine::config(stack);
    config.epoch_interruption(true);
    config.async_stack_size(stack + FIBER_RESERVE);
    // Where a guest was built with debug information, its failures name source lines.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    if small {
        config.memory_init_cow(false);
    }
    let engine = Engine::new(&config)?;
    clock::drive(engine.clone())?;
    Ok(engine)
}
