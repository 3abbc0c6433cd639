//! Limits on the files of a guest, in front of wasmtime's functions. Each file, directory and stream of one takes a
//! descriptor of the whole process. A FIFO is not opened: that would wait for the other side, on a thread that the
//! files of all guests share.

use std::collections::HashSet;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, Host, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsResult, ReaddirIterator};

use super::instance::State;
use crate::guest::limits;

const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// The streams of files, by their numbers. One that was dropped is there until the files are counted.
#[derive(Default)]
pub struct FileStreams(HashSet<u32>);

/// Defines the functions. The linker must allow that they take the place of wasmtime's.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.open-at", |store, arguments| Box::new(open_at(store, arguments)))?;
    types.func_wrap_async("[method]descriptor.read-directory", |store, arguments| {
        Box::new(read_directory(store, arguments))
    })?;
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd, offset): (Resource<Descriptor>, u64)| {
            stream(store.data_mut(), |state| HostDescriptor::read_via_stream(&mut state.filesystem(), fd, offset))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd, offset): (Resource<Descriptor>, u64)| {
            stream(store.data_mut(), |state| HostDescriptor::write_via_stream(&mut state.filesystem(), fd, offset))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd,): (Resource<Descriptor>,)| {
            stream(store.data_mut(), |state| HostDescriptor::append_via_stream(&mut state.filesystem(), fd))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

impl State {
    /// Counts the files, directories and streams that are open, and notes that there can be no more if that is so.
    fn may_open(&mut self) -> bool {
        let most = self.module.settings.limits.files();
        let is_stream = |entry: &dyn std::any::Any| entry.is::<DynInputStream>() || entry.is::<DynOutputStream>();
        let State { table, file_streams, .. } = self;
        file_streams.0.retain(|rep| table.get_any_mut(*rep).is_ok_and(|entry| is_stream(entry)));
        let open = table.iter_mut().filter(|entry| entry.is::<Descriptor>() || entry.is::<ReaddirIterator>()).count();
        let may = open + self.file_streams.0.len() < most;
        if !may {
            limits::too_many_files(&self.notes);
        }
        may
    }
}

/// Makes a result the guest's answer. An error that has no code for the guest ends it.
fn answer<T>(state: &mut State, result: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(Host::convert_error_code(&mut state.filesystem(), e)?),
    },))
}

type Opened<T> = (Result<Resource<T>, ErrorCode>,);

fn stream<T: 'static>(
    state: &mut State,
    open: impl FnOnce(&mut State) -> FsResult<Resource<T>>,
) -> wasmtime::Result<Opened<T>> {
    if !state.may_open() {
        return Ok((Err(ErrorCode::Quota),));
    }
    let opened = open(state);
    if let Ok(stream) = &opened {
        state.file_streams.0.insert(stream.rep());
    }
    answer(state, opened)
}

async fn open_at(
    mut store: StoreContextMut<'_, State>,
    (fd, path_flags, path, flags, descriptor): (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags),
) -> wasmtime::Result<Opened<Descriptor>> {
    let state = store.data_mut();
    if !state.may_open() {
        return Ok((Err(ErrorCode::Quota),));
    }
    let directory = Resource::new_borrow(fd.rep());
    let stat = state.filesystem().stat_at(directory, path_flags, path.clone()).await;
    // wasmtime knows no FIFO from other things that it has no kind for.
    if stat.is_ok_and(|stat| matches!(stat.type_, DescriptorType::Fifo | DescriptorType::Unknown)) {
        limits::fifo(&state.notes, &path);
        return Ok((Err(ErrorCode::NotPermitted),));
    }
    let opened = state.filesystem().open_at(fd, path_flags, path, flags, descriptor).await;
    answer(state, opened)
}

async fn read_directory(
    mut store: StoreContextMut<'_, State>,
    (fd,): (Resource<Descriptor>,),
) -> wasmtime::Result<Opened<ReaddirIterator>> {
    let state = store.data_mut();
    if !state.may_open() {
        return Ok((Err(ErrorCode::Quota),));
    }
    let opened = state.filesystem().read_directory(fd).await;
    answer(state, opened)
}
