//! WASI 0.3 under the grants and limits of 0.2: the parts that reach no more than the context of the guest has. Files,
//! sockets and HTTP of 0.3 are not here, so a guest that imports them is refused: their streams would keep descriptors
//! and memory of the host that nothing counts. An async guest has those of 0.2.

use wasmtime::Store;
use wasmtime::component::Linker;
use wasmtime_wasi::p3::{cli, clocks, random};

use super::instance::State;

/// The most tasks, threads, streams, futures and sets of them that an instance may have at a time, and the most handles
/// of them. Each takes memory of the host. A task that waits has a fiber too, and is three of these.
const MOST: usize = 4_096;

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    cli::add_to_linker(linker)?;
    clocks::add_to_linker(linker)?;
    random::add_to_linker(linker)
}

/// Bounds what wasmtime keeps for the async functions of an instance.
pub fn limit(store: &mut Store<State>) {
    // There is a table in the engines of async components only.
    if let Some(table) = store.concurrent_resource_table() {
        table.set_max_capacity(MOST);
        store.set_max_component_handles(MOST);
    }
}
