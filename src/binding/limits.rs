//! `StoreLimits`: the most that a Store may take, and what was refused.

use wasmtime::ResourceLimiter;

use crate::bridge::error::{Error, Result};

/// A Store's limits; by default wasmtime's own.
pub struct StoreLimits {
    pub memory_size: usize,
    pub table_elements: usize,
    pub instances: usize,
    pub tables: usize,
    pub memories: usize,
    pub trap_on_grow_failure: bool,
    /// The last refusal.
    pub refused: Option<String>,
}

impl Default for StoreLimits {
    fn default() -> Self {
        let most = wasmtime::DEFAULT_INSTANCE_LIMIT;
        StoreLimits {
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

impl StoreLimits {
    fn grow(&mut self, fits: bool, refusal: impl FnOnce() -> String) -> wasmtime::Result<bool> {
        if fits {
            return Ok(true);
        }
        let refusal = refusal();
        self.refused = Some(refusal.clone());
        if self.trap_on_grow_failure { Err(Error::limit(refusal).into()) } else { Ok(false) }
    }
}

impl ResourceLimiter for StoreLimits {
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

/// Makes the error of an outcome one of a limit, where a limit is to blame. `refused` is what was refused while the
/// outcome came about.
pub fn explain<R>(refused: Option<String>, outcome: Result<R>) -> Result<R> {
    outcome.map_err(|e| match e.as_wasmtime() {
        Some(cause) => refused.or_else(|| exceeded(cause)).map_or(e, Error::limit),
        None => e,
    })
}

/// Returns the message of an error that says that wasmtime ran into a limit on the number of instances, tables or
/// memories. wasmtime has no type for it.
pub fn exceeded(e: &wasmtime::Error) -> Option<String> {
    let text = e.to_string();
    text.starts_with("resource limit exceeded").then_some(text)
}
