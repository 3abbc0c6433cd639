//! Functions of files and directories of WASI 0.3 that wait. wasmtime runs each on a thread that the files of all
//! guests share. A guest of 0.2 has one such call at a time, and so has one of 0.3: its calls take turns.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::{Accessor, LinkerInstance, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem as Wasi, WasiFilesystemView};
use wasmtime_wasi::p3::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorType, ErrorCode, HostDescriptorWithStore, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p3::filesystem::{FilesystemError, FilesystemResult};

use crate::guest::component::instance::State;
use crate::guest::disk::{Disk, Exceeded};
use crate::guest::limits;
use crate::guest::notes::Notes;

/// The longest path. A call that waits for its turn keeps it; Linux has no longer ones.
const MAX_PATH: usize = 4_096;

/// The turn of one call at a time.
#[derive(Clone)]
pub struct Turn(Arc<Semaphore>);

impl Default for Turn {
    fn default() -> Self {
        Turn(Arc::new(Semaphore::new(1)))
    }
}

type File = Resource<Descriptor>;
type Answer<R> = (Result<R, ErrorCode>,);

/// An argument of a call.
trait Argument {
    fn is_too_long(&self) -> bool {
        false
    }
}

impl Argument for String {
    fn is_too_long(&self) -> bool {
        self.len() > MAX_PATH
    }
}

impl Argument for u64 {}
impl Argument for Advice {}
impl Argument for DescriptorFlags {}
impl Argument for File {}
impl Argument for NewTimestamp {}
impl Argument for OpenFlags {}
impl Argument for PathFlags {}

/// Makes a result the guest's answer. An error that has no code for the guest ends it.
pub fn answer<R>(result: FilesystemResult<R>) -> wasmtime::Result<Answer<R>> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(e.downcast()?),
    },))
}

/// Waits for the turn of a call.
async fn turn(store: &Accessor<State>, has_long_path: bool) -> FilesystemResult<OwnedSemaphorePermit> {
    if has_long_path {
        return Err(ErrorCode::NameTooLong.into());
    }
    let Turn(turns) = store.with(|mut access| access.data_mut().turn.clone());
    turns.acquire_owned().await.map_err(FilesystemError::trap)
}

/// Does a call without a quota.
async fn free<R>(_: &Accessor<State>, call: impl Future<Output = FilesystemResult<R>>) -> FilesystemResult<R> {
    call.await
}

/// Does a call that makes a name in a directory, within the quotas.
async fn naming<R>(store: &Accessor<State>, call: impl Future<Output = FilesystemResult<R>>) -> FilesystemResult<R> {
    let (disk, notes) = quotas(store);
    let charged = disk.new_name(&notes).map_err(code)?;
    let done = call.await;
    if done.is_err() {
        disk.give_back(charged);
    }
    done
}

fn quotas(store: &Accessor<State>) -> (Disk, Notes) {
    store.with(|mut access| {
        let state = access.data_mut();
        (state.disk().clone(), state.notes.clone())
    })
}

fn code(exceeded: Exceeded) -> ErrorCode {
    match exceeded {
        Exceeded::FileSize => ErrorCode::FileTooLarge,
        Exceeded::Written => ErrorCode::Quota,
    }
}

/// Defines functions that call wasmtime's own when it is their turn.
macro_rules! define {
    ($types:ident, $how:ident, $($name:literal => $method:ident($($argument:ident: $type:ty),*);)+) => {
        $($types.func_wrap_concurrent($name, |store, (file, $($argument,)*): (File, $($type,)*)| Box::pin(async move {
            let files = store.with_getter::<Wasi>(<State as WasiFilesystemView>::filesystem);
            let has_long_path = false $(|| $argument.is_too_long())*;
            answer(match turn(store, has_long_path).await {
                Ok(_turn) => $how(store, Wasi::$method(&files, file, $($argument),*)).await,
                Err(e) => Err(e),
            })
        }))?;)+
    };
}

/// Defines the functions. The linker must allow that they take the place of wasmtime's.
pub fn add_to_linker(types: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    define! { types, free,
        "[method]descriptor.advise" => advise(offset: u64, length: u64, advice: Advice);
        "[method]descriptor.get-flags" => get_flags();
        "[method]descriptor.get-type" => get_type();
        "[method]descriptor.metadata-hash" => metadata_hash();
        "[method]descriptor.metadata-hash-at" => metadata_hash_at(flags: PathFlags, path: String);
        "[method]descriptor.readlink-at" => readlink_at(path: String);
        "[method]descriptor.remove-directory-at" => remove_directory_at(path: String);
        "[method]descriptor.rename-at" => rename_at(old: String, to: File, new: String);
        "[method]descriptor.set-times" => set_times(access: NewTimestamp, change: NewTimestamp);
        "[method]descriptor.set-times-at" =>
            set_times_at(flags: PathFlags, path: String, access: NewTimestamp, change: NewTimestamp);
        "[method]descriptor.stat" => stat();
        "[method]descriptor.stat-at" => stat_at(flags: PathFlags, path: String);
        "[method]descriptor.sync" => sync();
        "[method]descriptor.sync-data" => sync_data();
        "[method]descriptor.unlink-file-at" => unlink_file_at(path: String);
    }
    define! { types, naming,
        "[method]descriptor.create-directory-at" => create_directory_at(path: String);
        "[method]descriptor.link-at" => link_at(flags: PathFlags, path: String, to: File, new: String);
        "[method]descriptor.symlink-at" => symlink_at(target: String, path: String);
    }
    types
        .func_wrap_concurrent("[method]descriptor.set-size", |store, arguments| Box::pin(set_size(store, arguments)))?;
    types.func_wrap_concurrent("[method]descriptor.open-at", |store, arguments| Box::pin(open_at(store, arguments)))
}

async fn set_size(store: &Accessor<State>, (file, size): (File, u64)) -> wasmtime::Result<Answer<()>> {
    answer(resize(store, file, size).await)
}

async fn resize(store: &Accessor<State>, file: File, size: u64) -> FilesystemResult<()> {
    let files = store.with_getter::<Wasi>(<State as WasiFilesystemView>::filesystem);
    let _turn = turn(store, false).await?;
    let (disk, notes) = quotas(store);
    if !disk.is_limited() {
        return Wasi::set_size(&files, file, size).await;
    }
    let now = Wasi::stat(&files, Resource::new_borrow(file.rep())).await?.size;
    let more = size.saturating_sub(now);
    disk.write(more, size, &notes).map_err(code)?;
    let done = Wasi::set_size(&files, file, size).await;
    if done.is_err() {
        disk.give_back(more);
    }
    done
}

type Opening = (File, PathFlags, String, OpenFlags, DescriptorFlags);

async fn open_at(store: &Accessor<State>, arguments: Opening) -> wasmtime::Result<Answer<File>> {
    answer(open(store, arguments).await)
}

async fn open(store: &Accessor<State>, (directory, path_flags, path, flags, mode): Opening) -> FilesystemResult<File> {
    let files = store.with_getter::<Wasi>(<State as WasiFilesystemView>::filesystem);
    let _turn = turn(store, path.is_too_long()).await?;
    if !store.with(|mut access| access.data_mut().may_open()) {
        return Err(ErrorCode::Quota.into());
    }
    let stat = Wasi::stat_at(&files, Resource::new_borrow(directory.rep()), path_flags, path.clone()).await;
    let exists = stat.is_ok();
    // wasmtime knows no FIFO from other things that it has no kind for.
    if stat.is_ok_and(|stat| matches!(stat.type_, DescriptorType::Fifo | DescriptorType::Other(_))) {
        store.with(|mut access| limits::fifo(&access.data_mut().notes, &path));
        return Err(ErrorCode::NotPermitted.into());
    }
    let opened = Wasi::open_at(&files, directory, path_flags, path, flags, mode);
    if !exists && flags.contains(OpenFlags::CREATE) { naming(store, opened).await } else { opened.await }
}
