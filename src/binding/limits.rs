//! `StoreLimits`: how much a Store may take, and what was refused.

use wasmtime::ResourceLimiter;

use crate::bridge::error::{Cause, Error, Result};

/// A Store's limits; by default wasmtime's own.
pub struct Limits {
    pub memory_size: usize,
    pub table_elements: usize,
    pub instances: usize,
    pub tables: usize,
    pub memories: usize,
    pub trap_on_grow_failure: bool,
    /// What was refused last.
    pub refused: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        let most = wasmtime::DEFAULT_INSTANCE_LIMIT;
        Limits {
            memory_size: usize::MAX,
            table_elements: usize::MAX,
            instances: most,
            tables: wasmtime::DEFAULT_TABLE_LIMIT,
            memories: wasmtime::DEFAULT_MEMORY_LIMIT,
            trap_on_grow_failure: false,
            refused: None,
        }
    }
}

impl Limits {
    fn grow(&mut self, fits: bool, refusal: impl FnOnce() -> String) -> wasmtime::Result<bool> {
        if fits {
            return Ok(true);
        }
        let refusal = refusal();
        self.refused = Some(refusal.clone());
        if self.trap_on_grow_failure { Err(Error::limit(refusal).into()) } else { Ok(false) }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let most = self.memory_size;
        self.grow(desired <= most, || format!("a memory of {desired} bytes: the Store's limit is {most}"))
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let most = self.table_elements;
        self.grow(desired <= most, || format!("a table of {desired} elements: the Store's limit is {most}"))
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Tells an outcome that a limit is to blame for from all others. `refused` is what was refused meanwhile.
pub fn explain<R>(refused: Option<String>, outcome: Result<R>) -> Result<R> {
    outcome.map_err(|e| match (e.cause(), refused) {
        (Cause::Wasm(_), Some(refusal)) => Error::limit(refusal),
        // wasmtime has no type for this one.
        (Cause::Wasm(cause), None) if cause.to_string().starts_with("resource limit exceeded") => {
            Error::limit(cause.to_string())
        }
        _ => e,
    })
}
