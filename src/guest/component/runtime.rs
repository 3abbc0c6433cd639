//! Waiting for a guest, on the thread that brought a task and beside it.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use wasmtime::Trap;

use crate::bridge::error::{Error, Result};
use crate::bridge::stack;

/// The runtime of sockets, timers and file operations of all guests. Guests themselves run on the threads that bring
/// tasks.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        // For files and name look-ups, which block; more than this at once wait for each other.
        .max_blocking_threads(64)
        .thread_name("wasmton-io")
        .enable_io()
        .enable_time()
        .build()
        .expect("two more threads")
});

/// Runs work on this thread and the runtime, until it is done.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    // A guest has a stack of its own; what is needed here is for what runs beside it.
    stack::check(0)?;
    Ok(RUNTIME.block_on(work))
}

/// Does the work until its time is up. What was cut off leaves its Store as it happened to be: that must be dropped.
pub async fn within<T>(deadline: Duration, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result.map_err(Error::from),
        Err(_) => Err(wasmtime::Error::from(Trap::Interrupt).into()),
    }
}
