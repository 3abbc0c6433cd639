//! `directory-entry-stream`. wasmtime reads a directory at once, so an open one is a list in the host's memory, as long
//! as the directory is. Here it counts as such.

use std::vec;

use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DirectoryEntry, ErrorCode, HostDescriptor};

use super::files::{Opened, answer};
use super::instance::State;
use crate::binding::component::waits::Waits;

/// The host's memory for an entry besides its name.
pub const ENTRY: usize = 64;

/// A directory that was read.
pub struct Listing {
    entries: vec::IntoIter<FsResult<DirectoryEntry>>,
    /// The host's memory for it.
    pub bytes: usize,
}

/// Defines the resource and its functions. The linker must allow that they take the place of wasmtime's.
pub fn add_to_linker(types: &mut LinkerInstance<'_, State>, waits: Waits) -> wasmtime::Result<()> {
    types.resource("directory-entry-stream", ResourceType::host::<Listing>(), |mut store, rep| {
        store.data_mut().table.delete(Resource::<Listing>::new_own(rep))?;
        Ok(())
    })?;
    waits.define(types, "[method]descriptor.read-directory", |store, arguments| Box::new(read(store, arguments)))?;
    types.func_wrap("[method]directory-entry-stream.read-directory-entry", next)
}

async fn read(
    mut store: StoreContextMut<'_, State>,
    (fd,): (Resource<Descriptor>,),
) -> wasmtime::Result<Opened<Listing>> {
    let state = store.data_mut();
    if !state.may_open() {
        return Ok((Err(ErrorCode::Quota),));
    }
    let stream = match state.filesystem().read_directory(fd).await {
        Ok(stream) => stream,
        Err(e) => return answer(state, Err(e)),
    };
    let entries: Vec<_> = state.table.delete(stream)?.into_iter().collect();
    let names = entries.iter().map(|entry| entry.as_ref().map_or(0, |entry| entry.name.len()));
    let bytes = names.map(|length| ENTRY + length).sum();
    state.hold(bytes)?;
    let listing = Listing { entries: entries.into_iter(), bytes };
    Ok((Ok(state.table.push(listing)?),))
}

type Next = (Result<Option<DirectoryEntry>, ErrorCode>,);

fn next(mut store: StoreContextMut<'_, State>, (listing,): (Resource<Listing>,)) -> wasmtime::Result<Next> {
    let state = store.data_mut();
    let entry = state.table.get_mut(&listing)?.entries.next().transpose();
    answer(state, entry)
}
