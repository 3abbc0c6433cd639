//! Limits on the files of a guest, in front of wasmtime's functions, and the quotas on what is written. Each file,
//! directory and stream of one takes a descriptor of the whole process. A FIFO is not opened: that would wait for the
//! other side, on a thread that the files of all guests share.

use std::collections::HashSet;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, Host, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::pipe::ClosedOutputStream;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::instance::State;
use super::listing::{self, Listing};
use super::waits;
use super::writer::Writer;
use crate::binding::component::waits::Waits;
use crate::binding::descriptors;
use crate::guest::disk::{Disk, Exceeded};
use crate::guest::limits;

pub const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// The streams of files, by their numbers. One that was dropped is there until the files are counted.
#[derive(Default)]
pub struct FileStreams(HashSet<u32>);

impl FileStreams {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The most bytes that a stream takes at once, or reads ahead.
pub const PIECE: usize = 64 * 1024;

/// Defines the functions. The linker must allow that they take the place of wasmtime's.
pub fn add_to_linker(linker: &mut Linker<State>, waits: Waits) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    if waits == Waits::Block {
        waits::add_files(&mut types)?;
    }
    waits.define(&mut types, "[method]descriptor.open-at", |store, arguments| Box::new(open_at(store, arguments)))?;
    listing::add_to_linker(&mut types, waits)?;
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd, offset): (Resource<Descriptor>, u64)| {
            stream(store.data_mut(), |state| HostDescriptor::read_via_stream(&mut state.filesystem(), fd, offset))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd, offset): (Resource<Descriptor>, u64)| {
            stream(store.data_mut(), |state| {
                let borrowed = Resource::new_borrow(fd.rep());
                let stream = HostDescriptor::write_via_stream(&mut state.filesystem(), borrowed, offset)?;
                guard(state, &fd, &stream, Some(offset))?;
                Ok(stream)
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store: StoreContextMut<'_, State>, (fd,): (Resource<Descriptor>,)| {
            stream(store.data_mut(), |state| {
                let borrowed = Resource::new_borrow(fd.rep());
                let stream = HostDescriptor::append_via_stream(&mut state.filesystem(), borrowed)?;
                guard(state, &fd, &stream, None)?;
                Ok(stream)
            })
        },
    )?;
    waits.define(&mut types, "[method]descriptor.write", |store, arguments| Box::new(write(store, arguments)))?;
    waits.define(&mut types, "[method]descriptor.set-size", |store, arguments| Box::new(set_size(store, arguments)))?;
    waits.define(&mut types, "[method]descriptor.create-directory-at", |store, arguments| {
        Box::new(create_directory_at(store, arguments))
    })?;
    waits.define(&mut types, "[method]descriptor.link-at", |store, arguments| Box::new(link_at(store, arguments)))?;
    waits.define(&mut types, "[method]descriptor.symlink-at", |store, arguments| {
        Box::new(symlink_at(store, arguments))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

impl State {
    /// Counts the files, directories and streams that are open, and notes that there can be no more if that is so.
    pub fn may_open(&mut self) -> bool {
        let most = self.module.settings.limits.files();
        let is_stream = |entry: &dyn std::any::Any| entry.is::<DynInputStream>() || entry.is::<DynOutputStream>();
        let State { table, file_streams, kept_files, .. } = self;
        file_streams.0.retain(|rep| table.get_any_mut(*rep).is_ok_and(|entry| is_stream(entry)));
        let open = table.iter_mut().filter(|entry| entry.is::<Descriptor>() || entry.is::<Listing>()).count();
        let open = open + file_streams.0.len() + kept_files.sum();
        if open >= most {
            limits::too_many_files(open, most, &self.notes);
        }
        open < most && descriptors::may_take(&self.notes)
    }

    pub fn disk(&self) -> &Disk {
        self.module.settings.limits.disk()
    }
}

impl From<Exceeded> for FsError {
    fn from(exceeded: Exceeded) -> Self {
        match exceeded {
            Exceeded::FileSize => ErrorCode::FileTooLarge,
            Exceeded::Written => ErrorCode::Quota,
        }
        .into()
    }
}

/// Puts the quotas in front of a stream that writes from that position on; None is the end of the file.
pub fn guard(
    state: &mut State,
    fd: &Resource<Descriptor>,
    stream: &Resource<DynOutputStream>,
    position: Option<u64>,
) -> FsResult<()> {
    let Descriptor::File(file) = state.table.get(fd)? else { return Ok(()) };
    let file = file.file.clone();
    let (disk, notes) = (state.disk().clone(), state.notes.clone());
    let stream = state.table.get_mut(stream)?;
    let inner = std::mem::replace(stream, Box::new(ClosedOutputStream));
    *stream = Box::new(Writer { inner, file, position, disk, notes });
    Ok(())
}

/// Makes a result the guest's answer. An error that has no code for the guest ends it.
pub fn answer<T>(state: &mut State, result: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(Host::convert_error_code(&mut state.filesystem(), e)?),
    },))
}

pub type Opened<T> = (Result<Resource<T>, ErrorCode>,);

fn stream<T: 'static>(
    state: &mut State,
    open: impl FnOnce(&mut State) -> FsResult<Resource<T>>,
) -> wasmtime::Result<Opened<T>> {
    if !state.may_open() {
        return Ok((Err(ErrorCode::Quota),));
    }
    state.hold(PIECE)?;
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
    let exists = stat.is_ok();
    // wasmtime knows no FIFO from other things that it has no kind for.
    if stat.is_ok_and(|stat| matches!(stat.type_, DescriptorType::Fifo | DescriptorType::Unknown)) {
        limits::fifo(&state.notes, &path);
        return Ok((Err(ErrorCode::NotPermitted),));
    }
    let creates = !exists && flags.contains(OpenFlags::CREATE);
    let charged = if creates { state.disk().new_name(&state.notes) } else { Ok(0) };
    let opened = match charged {
        Ok(charged) => {
            let opened = state.filesystem().open_at(fd, path_flags, path, flags, descriptor).await;
            given_back_unless_done(state, charged, opened)
        }
        Err(e) => Err(e.into()),
    };
    answer(state, opened)
}

fn given_back_unless_done<T>(state: &State, charged: u64, done: FsResult<T>) -> FsResult<T> {
    if done.is_err() {
        state.disk().give_back(charged);
    }
    done
}

type Done<T> = (Result<T, ErrorCode>,);

async fn write(
    mut store: StoreContextMut<'_, State>,
    (fd, bytes, offset): (Resource<Descriptor>, Vec<u8>, u64),
) -> wasmtime::Result<Done<u64>> {
    let state = store.data_mut();
    let length = bytes.len() as u64;
    let done = match state.disk().write(length, offset.saturating_add(length), &state.notes) {
        Ok(()) => {
            let done = state.filesystem().write(fd, bytes, offset).await;
            state.disk().give_back(length - done.as_ref().map_or(0, |written| length.min(*written)));
            done
        }
        Err(e) => Err(e.into()),
    };
    answer(state, done)
}

async fn set_size(
    mut store: StoreContextMut<'_, State>,
    (fd, size): (Resource<Descriptor>, u64),
) -> wasmtime::Result<Done<()>> {
    let state = store.data_mut();
    let done = resize(state, fd, size).await;
    answer(state, done)
}

async fn resize(state: &mut State, fd: Resource<Descriptor>, size: u64) -> FsResult<()> {
    if !state.disk().is_limited() {
        return state.filesystem().set_size(fd, size).await;
    }
    let now = state.filesystem().stat(Resource::new_borrow(fd.rep())).await?.size;
    let more = size.saturating_sub(now);
    state.disk().write(more, size, &state.notes)?;
    let done = state.filesystem().set_size(fd, size).await;
    given_back_unless_done(state, more, done)
}

async fn create_directory_at(
    mut store: StoreContextMut<'_, State>,
    (fd, path): (Resource<Descriptor>, String),
) -> wasmtime::Result<Done<()>> {
    let state = store.data_mut();
    let done = match state.disk().new_name(&state.notes) {
        Ok(charged) => {
            let done = state.filesystem().create_directory_at(fd, path).await;
            given_back_unless_done(state, charged, done)
        }
        Err(e) => Err(e.into()),
    };
    answer(state, done)
}

async fn link_at(
    mut store: StoreContextMut<'_, State>,
    (fd, flags, path, to, new): (Resource<Descriptor>, PathFlags, String, Resource<Descriptor>, String),
) -> wasmtime::Result<Done<()>> {
    let state = store.data_mut();
    let done = match state.disk().new_name(&state.notes) {
        Ok(charged) => {
            let done = state.filesystem().link_at(fd, flags, path, to, new).await;
            given_back_unless_done(state, charged, done)
        }
        Err(e) => Err(e.into()),
    };
    answer(state, done)
}

async fn symlink_at(
    mut store: StoreContextMut<'_, State>,
    (fd, target, path): (Resource<Descriptor>, String, String),
) -> wasmtime::Result<Done<()>> {
    let state = store.data_mut();
    let done = match state.disk().new_name(&state.notes) {
        Ok(charged) => {
            let done = state.filesystem().symlink_at(fd, target, path).await;
            given_back_unless_done(state, charged, done)
        }
        Err(e) => Err(e.into()),
    };
    answer(state, done)
}
