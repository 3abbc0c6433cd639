//! The engines of guests. Their settings differ in three things: how data comes into instances, whether functions of
//! components can be async, and the stack that a guest may use, which wasmtime takes from the engine. Compiled code is
//! the same for every stack.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use wasmtime::{Engine, WasmBacktraceDetails};

use crate::binding::config::set_async;
use crate::binding::engine;
use crate::bridge::error::Result;
use crate::bridge::stack::FIBER_RESERVE;
use crate::guest::clock;

/// Components up to this size, which is also the most that their data can have, are for [`small`].
const SMALL_BYTES: usize = 1024 * 1024;

/// The kind of guests that an engine is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    small: bool,
    is_async: bool,
    stack: usize,
}

/// The engines so far. They stay for ever.
static ENGINES: LazyLock<Mutex<HashMap<Kind, Engine>>> = LazyLock::new(Mutex::default);

/// Returns the engine of core modules and of large components. Data is mapped: instances share what they do not change.
pub fn standard(stack: usize) -> Result<Engine> {
    find(Kind { small: false, is_async: false, stack })
}

/// Returns the engine of small components, of which there may be thousands of instances. Data is copied into each; to
/// map it takes two areas of the address space more, of which a process has 65,530 by default on Linux.
pub fn small(stack: usize) -> Result<Engine> {
    find(Kind { small: true, is_async: false, stack })
}

/// Returns the engine for a component of that size.
pub fn for_component(bytes: usize, stack: usize) -> Result<Engine> {
    find(Kind { small: bytes <= SMALL_BYTES, is_async: false, stack })
}

/// Returns the engine for an async component of that size. Others have engines without async: there wasmtime need not
/// be ready for it in each call, and its code for it cannot be attacked.
pub fn for_async_component(bytes: usize, stack: usize) -> Result<Engine> {
    find(Kind { small: bytes <= SMALL_BYTES, is_async: true, stack })
}

/// Returns whether that engine is for async components.
pub fn is_async(engine: &Engine) -> bool {
    let engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    engines.iter().any(|(kind, other)| kind.is_async && Engine::same(engine, other))
}

fn find(kind: Kind) -> Result<Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = engines.get(&kind) {
        return Ok(engine.clone());
    }
    let engine = new_engine(kind)?;
    engines.insert(kind, engine.clone());
    Ok(engine)
}

fn new_engine(Kind { small, is_async, stack }: Kind) -> Result<Engine> {
    let mut config = engine::config(stack);
    config.epoch_interruption(true);
    if is_async {
        set_async(&mut config, true);
    }
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
