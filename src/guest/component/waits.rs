//! Host functions that wait: see [`waits`](crate::binding::component::waits). A guest on a runtime's fiber leaves it
//! while they do, and one timer ends the task. A guest on the thread that brought its task blocks that thread, until
//! the task's deadline at most, files included.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::component::{LinkerInstance, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{Advice, HostDescriptor, NewTimestamp, PathFlags};

use super::files;
use super::instance::State;
use crate::binding::component::waits::{Limit, Waiting, Waits};
use crate::guest::clock::Deadline;

impl Waiting for State {
    type Limit = Deadline;

    fn limit(&self) -> Deadline {
        self.deadline
    }
}

impl Limit for Deadline {
    fn block<T>(&self, work: impl Future<Output = T>) -> wasmtime::Result<T> {
        let mut work = pin!(work);
        // Most work is done at once, which spares it the runtime's `block_on` and a timer.
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Ok(done),
            Poll::Pending => self.limit(work),
        }
    }
}

/// Defines functions of files that call wasmtime's own.
macro_rules! define {
    ($linker:ident, $($name:literal => $method:ident($($argument:ident: $type:ty),*);)+) => {
        $(Waits::Block.define($linker, $name, |mut store, ($($argument,)*): ($($type,)*)| {
            Box::new(async move {
                let state = store.data_mut();
                let done = HostDescriptor::$method(&mut state.filesystem(), $($argument),*).await;
                files::answer(state, done)
            })
        })?;)+
    };
}

/// Defines the functions of files and directories that [`files`] does not have itself.
pub fn add_files(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    type File = Resource<Descriptor>;
    define! { linker,
        "[method]descriptor.advise" => advise(fd: File, offset: u64, length: u64, advice: Advice);
        "[method]descriptor.get-flags" => get_flags(fd: File);
        "[method]descriptor.get-type" => get_type(fd: File);
        "[method]descriptor.metadata-hash" => metadata_hash(fd: File);
        "[method]descriptor.metadata-hash-at" => metadata_hash_at(fd: File, flags: PathFlags, path: String);
        "[method]descriptor.read" => read(fd: File, length: u64, offset: u64);
        "[method]descriptor.readlink-at" => readlink_at(fd: File, path: String);
        "[method]descriptor.remove-directory-at" => remove_directory_at(fd: File, path: String);
        "[method]descriptor.rename-at" => rename_at(fd: File, old: String, to: File, new: String);
        "[method]descriptor.set-times" => set_times(fd: File, access: NewTimestamp, change: NewTimestamp);
        "[method]descriptor.set-times-at" =>
            set_times_at(fd: File, flags: PathFlags, path: String, access: NewTimestamp, change: NewTimestamp);
        "[method]descriptor.stat" => stat(fd: File);
        "[method]descriptor.stat-at" => stat_at(fd: File, flags: PathFlags, path: String);
        "[method]descriptor.sync" => sync(fd: File);
        "[method]descriptor.sync-data" => sync_data(fd: File);
        "[method]descriptor.unlink-file-at" => unlink_file_at(fd: File, path: String);
    }
    Waits::Block.define(linker, "[method]descriptor.is-same-object", |mut store, (one, other): (File, File)| {
        Box::new(async move {
            let mut files = store.data_mut().filesystem();
            Ok((HostDescriptor::is_same_object(&mut files, one, other).await?,))
        })
    })
}
