//! The threads that components need beside those that bring tasks, and waiting for a component.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};
use wasmtime::Trap;

use crate::bridge::error::{Error, Result, panic_message};

const IO_THREADS: usize = 2;

/// Returns the runtime of sockets, timers and file operations of guests that run on the threads that bring tasks.
fn io() -> Result<&'static Runtime> {
    static RUNTIME: OnceCell<Runtime> = OnceCell::new();
    RUNTIME.get_or_try_init(|| {
        has_threads(IO_THREADS, "the input and output of guests")?;
        Builder::new_multi_thread()
            .worker_threads(IO_THREADS)
            // For files, which block; more than this at once wait for each other.
            .max_blocking_threads(64)
            .thread_name("wasmton-io")
            .enable_io()
            .enable_time()
            .build()
            .map_err(not_built)
    })
}

/// The number of polls of tasks after which a thread of the runtime looks at sockets and timers again. Of guests that
/// compute each takes up to a tick of the epoch (10 ms), and others must not wait for long that merely wait.
const POLLS_BETWEEN_EVENTS: u32 = 8;

/// Returns the runtime that guests of a pool run on. They only leave its threads when they wait.
pub fn guests() -> Result<&'static Runtime> {
    static RUNTIME: OnceCell<Runtime> = OnceCell::new();
    RUNTIME.get_or_try_init(|| {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        has_threads(threads, "guests in a pool")?;
        Builder::new_multi_thread()
            .worker_threads(threads)
            // For files, which block; more than this at once wait for each other.
            .max_blocking_threads(16)
            .event_interval(POLLS_BETWEEN_EVENTS)
            .thread_name("wasmton-guests")
            .enable_io()
            .enable_time()
            .build()
            .map_err(not_built)
    })
}

/// Fails where the system has fewer threads left: tokio would panic.
fn has_threads(count: usize, what: &str) -> Result<()> {
    let gate = Mutex::new(());
    std::thread::scope(|threads| {
        let closed = gate.lock();
        let start = |_| std::thread::Builder::new().spawn_scoped(threads, || drop(gate.lock()));
        let started = (0..count).map(start).collect::<std::io::Result<Vec<_>>>();
        drop(closed);
        // The scope waits until they have done their work; this waits until they are gone.
        for thread in started.map_err(|e| Error::no_thread(what, &e))? {
            thread.join().map_err(|panic| Error::panic(panic_message(&*panic)))?;
        }
        Ok(())
    })
}

fn not_built(e: std::io::Error) -> Error {
    wasmtime::Error::from(e).context("the system has no event queue for guests").into()
}

thread_local! {
    /// True once this thread has entered [`io`] to stay.
    static ENTERED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the runtime run the sockets, timers and file operations that this thread begins, at least until the result is
/// dropped. A thread that is in no runtime enters it once and stays, as each entry takes 15 ns.
pub fn enter() -> Result<Option<EnterGuard<'static>>> {
    if ENTERED.get() {
        return Ok(None);
    }
    let stays = Handle::try_current().is_err();
    let guard = io()?.enter();
    if !stays {
        // What has entered the other runtime leaves it later, and runtimes must be left in turn.
        return Ok(Some(guard));
    }
    std::mem::forget(guard);
    ENTERED.set(true);
    Ok(None)
}

/// Does the work of a guest on a runtime's fiber until its time is up. Work that was cut off leaves its Store
/// in an unknown state, so the Store must be dropped.
pub async fn within<T>(deadline: Duration, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result.map_err(Error::from),
        Err(_) => Err(wasmtime::Error::from(Trap::Interrupt).into()),
    }
}
