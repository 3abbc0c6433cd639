//! Functions of WASI 0.2 that wait. They stand in front of wasmtime's, which they call, and end with the Store's
//! deadlines as wasm itself does. See [`waits`](crate::binding::waits) for those of modules.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll::{Host, HostPollable};
use wasmtime_wasi::{WasiCtxBuilder, WasiView};

use crate::binding::store::Data;

/// With the version that wasmtime defines.
const POLL: &str = "wasi:io/poll@0.2.12";

/// Defines them. The Linker must allow that they take the place of others.
pub fn add_to_linker(linker: &mut Linker<Data>) -> wasmtime::Result<()> {
    let mut poll = linker.instance(POLL)?;
    poll.func_wrap("poll", |mut store: StoreContextMut<'_, Data>, (pollables,): (Vec<Resource<DynPollable>>,)| {
        let handle = store.data().handle();
        let Data { engine, deadlines, wasi, .. } = store.data_mut();
        let table = wasi.get_or_insert_with(|| WasiCtxBuilder::new().build_p1()).ctx().table;
        Ok((deadlines.limit(engine, handle, Host::poll(table, pollables))??,))
    })?;
    poll.func_wrap(
        "[method]pollable.block",
        |mut store: StoreContextMut<'_, Data>, (pollable,): (Resource<DynPollable>,)| {
            let handle = store.data().handle();
            let Data { engine, deadlines, wasi, .. } = store.data_mut();
            let table = wasi.get_or_insert_with(|| WasiCtxBuilder::new().build_p1()).ctx().table;
            deadlines.limit(engine, handle, HostPollable::block(table, pollable))?
        },
    )
}
