//! Files and directories of WASI 0.3, behind the limit of open files and the quotas on what is written. A stream counts
//! as an open file until it ends, as one of 0.2 does.

use tokio::sync::oneshot;
use wasmtime::component::{Access, FutureReader, Linker, Resource, StreamReader};
use wasmtime::{AsContextMut, StoreContextMut};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{self as p2, HostDescriptor};
use wasmtime_wasi::p2::{DynOutputStream, FsError, FsResult};
use wasmtime_wasi::p3::bindings::filesystem::types::{
    DescriptorType, DirectoryEntry, ErrorCode, HostDescriptorWithStore,
};

use super::calls;
use super::streams::{Entries, FileWriter};
use crate::binding::component::wasi3::keep;
use crate::guest::component::files::{PIECE, guard};
use crate::guest::component::instance::State;
use crate::guest::component::listing::ENTRY;

const TYPES: &str = "wasi:filesystem/types@0.3.0";

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap("[method]descriptor.read-via-stream", read_via_stream)?;
    types.func_wrap("[method]descriptor.write-via-stream", write_via_stream)?;
    types.func_wrap("[method]descriptor.append-via-stream", append_via_stream)?;
    types.func_wrap_async("[method]descriptor.read-directory", |store, arguments| {
        Box::new(read_directory(store, arguments))
    })?;
    calls::add_to_linker(&mut types)?;
    linker.allow_shadowing(false);
    Ok(())
}

type Ending = FutureReader<Result<(), ErrorCode>>;

fn ended(store: impl AsContextMut, result: Result<(), ErrorCode>) -> wasmtime::Result<Ending> {
    FutureReader::new(store, async move { wasmtime::error::Ok(result) })
}

/// wasmtime's stream, which counts.
fn read_via_stream(
    mut store: StoreContextMut<'_, State>,
    (file, offset): (Resource<Descriptor>, u64),
) -> wasmtime::Result<((StreamReader<u8>, Ending),)> {
    let state = store.data_mut();
    if !state.may_open() {
        let nothing = StreamReader::new(&mut store, Vec::new())?;
        return Ok(((nothing, ended(store, Err(ErrorCode::Quota))?),));
    }
    state.hold(PIECE)?;
    let kept = [state.kept_files.add(1), state.network.kept.bytes.add(PIECE)];
    let access = Access::<_, WasiFilesystem>::new(store.as_context_mut(), <State as WasiFilesystemView>::filesystem);
    let (bytes, read) = <WasiFilesystem as HostDescriptorWithStore<State>>::read_via_stream(access, file, offset)?;
    Ok(((bytes, keep(store, read, kept)?),))
}

fn write_via_stream(
    store: StoreContextMut<'_, State>,
    (file, bytes, offset): (Resource<Descriptor>, StreamReader<u8>, u64),
) -> wasmtime::Result<(Ending,)> {
    write(store, bytes, |state| {
        let borrowed = Resource::new_borrow(file.rep());
        let stream = HostDescriptor::write_via_stream(&mut state.filesystem(), borrowed, offset)?;
        guard(state, &file, &stream, Some(offset))?;
        Ok(stream)
    })
}

fn append_via_stream(
    store: StoreContextMut<'_, State>,
    (file, bytes): (Resource<Descriptor>, StreamReader<u8>),
) -> wasmtime::Result<(Ending,)> {
    write(store, bytes, |state| {
        let borrowed = Resource::new_borrow(file.rep());
        let stream = HostDescriptor::append_via_stream(&mut state.filesystem(), borrowed)?;
        guard(state, &file, &stream, None)?;
        Ok(stream)
    })
}

/// Has a stream of 0.2, which keeps the quotas, write what the guest writes.
fn write(
    mut store: StoreContextMut<'_, State>,
    mut bytes: StreamReader<u8>,
    open: impl FnOnce(&mut State) -> FsResult<Resource<DynOutputStream>>,
) -> wasmtime::Result<(Ending,)> {
    let state = store.data_mut();
    let opened = if state.may_open() { open(state) } else { Err(p2::ErrorCode::Quota.into()) };
    let stream = match opened {
        Ok(stream) => state.table.delete(stream)?,
        Err(e) => {
            bytes.close(&mut store)?;
            return Ok((ended(store, Err(code(e)?))?,));
        }
    };
    state.hold(PIECE)?;
    let kept = [state.kept_files.add(1), state.network.kept.bytes.add(PIECE)];
    let (sender, receiver) = oneshot::channel();
    bytes.pipe(&mut store, FileWriter::new(stream, sender, kept))?;
    Ok((FutureReader::new(store, receiver)?,))
}

/// Reads a directory at once, as 0.2 does. wasmtime's stream keeps a thread that the files of all guests share until it
/// is read to its end.
async fn read_directory(
    mut store: StoreContextMut<'_, State>,
    (directory,): (Resource<Descriptor>,),
) -> wasmtime::Result<((StreamReader<DirectoryEntry>, Ending),)> {
    let state = store.data_mut();
    let (entries, result) =
        if state.may_open() { list(state, directory).await? } else { (Vec::new(), Err(ErrorCode::Quota)) };
    let bytes = entries.iter().map(|entry| ENTRY + entry.name.len()).sum();
    state.hold(bytes)?;
    let counted = [state.kept_files.add(1), state.network.kept.bytes.add(bytes)];
    let entries = StreamReader::new(&mut store, Entries::new(entries, counted))?;
    Ok(((entries, ended(store, result)?),))
}

/// Returns the entries of a directory, up to the first that cannot be read.
async fn list(
    state: &mut State,
    directory: Resource<Descriptor>,
) -> wasmtime::Result<(Vec<DirectoryEntry>, Result<(), ErrorCode>)> {
    let stream = match HostDescriptor::read_directory(&mut state.filesystem(), directory).await {
        Ok(stream) => stream,
        Err(e) => return Ok((Vec::new(), Err(code(e)?))),
    };
    let mut entries = Vec::new();
    for entry in state.table.delete(stream)? {
        match entry {
            Ok(entry) => entries.push(DirectoryEntry { type_: kind(entry.type_), name: entry.name }),
            Err(e) => return Ok((entries, Err(code(e)?))),
        }
    }
    Ok((entries, Ok(())))
}

fn kind(kind: p2::DescriptorType) -> DescriptorType {
    match kind {
        p2::DescriptorType::Unknown => DescriptorType::Other(None),
        p2::DescriptorType::BlockDevice => DescriptorType::BlockDevice,
        p2::DescriptorType::CharacterDevice => DescriptorType::CharacterDevice,
        p2::DescriptorType::Directory => DescriptorType::Directory,
        p2::DescriptorType::Fifo => DescriptorType::Fifo,
        p2::DescriptorType::SymbolicLink => DescriptorType::SymbolicLink,
        p2::DescriptorType::RegularFile => DescriptorType::RegularFile,
        p2::DescriptorType::Socket => DescriptorType::Socket,
    }
}

/// Returns the code of 0.3 for an error of 0.2's functions that are used here.
fn code(error: FsError) -> wasmtime::Result<ErrorCode> {
    Ok(match error.downcast()? {
        p2::ErrorCode::Access => ErrorCode::Access,
        p2::ErrorCode::BadDescriptor => ErrorCode::BadDescriptor,
        p2::ErrorCode::IllegalByteSequence => ErrorCode::IllegalByteSequence,
        p2::ErrorCode::IsDirectory => ErrorCode::IsDirectory,
        p2::ErrorCode::NoEntry => ErrorCode::NoEntry,
        p2::ErrorCode::NotDirectory => ErrorCode::NotDirectory,
        p2::ErrorCode::NotPermitted => ErrorCode::NotPermitted,
        p2::ErrorCode::Quota => ErrorCode::Quota,
        _ => ErrorCode::Io,
    })
}
