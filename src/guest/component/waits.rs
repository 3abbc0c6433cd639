//! Host functions that wait. A guest on a runtime's fiber leaves it while they do, and one timer ends the task. A guest
//! on the thread that brought its task blocks that thread, until the task's deadline at most, and then traps as the
//! epoch does.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{Advice, HostDescriptor, NewTimestamp, PathFlags};
use wasmtime_wasi::p2::bindings::io::streams::{self, Host, HostInputStream, HostOutputStream};
use wasmtime_wasi::p2::{self, DynInputStream, DynOutputStream, StreamResult};

use super::files::{self, TYPES};
use super::instance::State;
use crate::guest::clock::Deadline;

const STREAMS: &str = "wasi:io/streams@0.2.12";

/// The way in which host functions wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// On the thread that brought the task.
    Block,
    /// Beside the fiber.
    LeaveFiber,
}

/// The work of a function that waits.
pub type Work<'a, R> = Box<dyn Future<Output = wasmtime::Result<R>> + Send + 'a>;

impl Waits {
    /// Defines what WASI 0.2 has.
    pub fn add_wasi_to_linker(self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        match self {
            Waits::LeaveFiber => p2::add_to_linker_async(linker),
            Waits::Block => {
                p2::add_to_linker_sync(linker)?;
                linker.allow_shadowing(true);
                add_streams(&mut linker.instance(STREAMS)?)?;
                add_files(&mut linker.instance(TYPES)?)?;
                linker.allow_shadowing(false);
                Ok(())
            }
        }
    }

    /// Defines a function that waits.
    pub fn define<P, R>(
        self,
        linker: &mut LinkerInstance<'_, State>,
        name: &str,
        function: impl for<'a> Fn(StoreContextMut<'a, State>, P) -> Work<'a, R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        match self {
            Waits::LeaveFiber => linker.func_wrap_async(name, function),
            Waits::Block => linker.func_wrap(name, move |store: StoreContextMut<'_, State>, parameters: P| {
                let deadline = store.data().deadline;
                block(deadline, Box::into_pin(function(store, parameters)))?
            }),
        }
    }
}

/// Blocks the thread until the work is done. Returns the trap of a passed deadline if that is not in time.
fn block<T>(deadline: Deadline, work: impl Future<Output = T>) -> wasmtime::Result<T> {
    let mut work = pin!(work);
    // Most work is done at once, which spares it the runtime's `block_on` and a timer.
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => deadline.limit(work),
    }
}

/// Makes a result the guest's answer. An error that has no code for the guest ends it.
fn answer<T>(state: &mut State, result: StreamResult<T>) -> wasmtime::Result<(Result<T, streams::StreamError>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(state.table.convert_stream_error(e)?),
    },))
}

/// Defines functions that call wasmtime's own, through the view of the state that has them.
macro_rules! define {
    ($linker:ident, $trait:ident, |$state:ident| $view:expr, $answer:path,
     $($name:literal => $method:ident($($argument:ident: $type:ty),*);)+) => {
        $(Waits::Block.define($linker, $name, |mut store, ($($argument,)*): ($($type,)*)| {
            Box::new(async move {
                let $state = store.data_mut();
                let done = $trait::$method($view, $($argument),*).await;
                $answer($state, done)
            })
        })?;)+
    };
}

fn add_streams(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    type Input = Resource<DynInputStream>;
    type Output = Resource<DynOutputStream>;
    // Dropping a stream ends its operation, and waits for that end.
    linker.resource("input-stream", ResourceType::host::<DynInputStream>(), |mut store, rep| {
        let state = store.data_mut();
        block(state.deadline, HostInputStream::drop(&mut state.table, Resource::new_own(rep)))?
    })?;
    linker.resource("output-stream", ResourceType::host::<DynOutputStream>(), |mut store, rep| {
        let state = store.data_mut();
        block(state.deadline, HostOutputStream::drop(&mut state.table, Resource::new_own(rep)))?
    })?;
    define! { linker, HostInputStream, |state| &mut state.table, answer,
        "[method]input-stream.blocking-read" => blocking_read(stream: Input, length: u64);
        "[method]input-stream.blocking-skip" => blocking_skip(stream: Input, length: u64);
    }
    define! { linker, HostOutputStream, |state| &mut state.table, answer,
        "[method]output-stream.blocking-flush" => blocking_flush(stream: Output);
        "[method]output-stream.blocking-write-and-flush" => blocking_write_and_flush(stream: Output, bytes: Vec<u8>);
        "[method]output-stream.blocking-write-zeroes-and-flush" =>
            blocking_write_zeroes_and_flush(stream: Output, length: u64);
        "[method]output-stream.blocking-splice" => blocking_splice(stream: Output, from: Input, length: u64);
    }
    Ok(())
}

/// Defines the functions of files and directories that [`files`] does not have itself.
fn add_files(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    type File = Resource<Descriptor>;
    define! { linker, HostDescriptor, |state| &mut state.filesystem(), files::answer,
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
