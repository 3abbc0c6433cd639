//! WASI 0.3 under the grants and limits of 0.2. The network is in [`wasi3`]; here are the files, and what wasmtime's
//! functions keep.

mod calls;
mod files;
mod streams;

use std::any::Any;

use wasmtime::Store;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p3;

use super::held::{self, size_of_fields};
use super::instance::State;
use crate::binding::component::wasi3;
pub use calls::Turn;

/// The most tasks, threads, streams, futures and sets of them that an instance may have at a time, and the most handles
/// of them. Each takes memory of the host. A task that waits has a fiber too, and is three of these.
const MOST: usize = 4_096;

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasi3::add_to_linker(linker)?;
    held::add_wasi3_to_linker(linker)?;
    files::add_to_linker(linker)
}

/// Bounds what wasmtime keeps for the async functions of an instance.
pub fn limit(store: &mut Store<State>) {
    // There is a table in the engines of async components only.
    if let Some(table) = store.concurrent_resource_table() {
        table.set_max_capacity(MOST);
        store.set_max_component_handles(MOST);
    }
}

/// Returns the host's memory for a handle, if it is one of WASI 0.3 alone.
pub fn size_of_entry(entry: &dyn Any) -> Option<usize> {
    if let Some(request) = entry.downcast_ref::<p3::Request>() {
        let path = request.path_with_query.as_ref().map_or(0, |path| path.as_str().len());
        let authority = request.authority.as_ref().map_or(0, |authority| authority.as_str().len());
        Some(size_of_fields(&request.headers) + request.method.as_str().len() + authority + path)
    } else {
        entry.downcast_ref::<p3::Response>().map(|response| size_of_fields(&response.headers))
    }
}
