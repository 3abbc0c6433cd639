//! Functions of WASI 0.2 that wait. On a fiber they leave it while they do, and whoever drives the fiber ends them. On
//! the thread that called the component they block it, until a deadline of the Store at most, and then trap as wasm
//! itself does. See [`waits`](crate::binding::waits) for those of modules.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::io::streams::{Host, HostInputStream, HostOutputStream, StreamError};
use wasmtime_wasi::p2::{self, DynInputStream, DynOutputStream, StreamResult};
use wasmtime_wasi::{ResourceTable, WasiView};

/// The interface of streams, with the version that wasmtime defines.
const STREAMS: &str = "wasi:io/streams@0.2.12";

/// The way in which host functions wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// On the thread that called the component.
    Block,
    /// Beside the fiber.
    LeaveFiber,
}

/// The data of a Store whose functions wait.
pub trait Waiting: WasiView + Sized + 'static {
    type Limit: Limit;

    /// Returns the end of waits on the thread.
    fn limit(&self) -> Self::Limit;
}

/// The end of waits on a thread.
pub trait Limit {
    /// Blocks the thread until the work is done. Returns the trap of a passed deadline if that is not in time.
    fn block<T>(&self, work: impl Future<Output = T>) -> wasmtime::Result<T>;
}

/// The work of a function that waits.
pub type Work<'a, R> = Box<dyn Future<Output = wasmtime::Result<R>> + Send + 'a>;

impl Waits {
    /// Defines what WASI 0.2 has. Calls on files that block the thread are not ended by a deadline.
    pub fn add_wasi_to_linker<D: Waiting>(self, linker: &mut Linker<D>) -> wasmtime::Result<()> {
        match self {
            Waits::LeaveFiber => p2::add_to_linker_async(linker),
            Waits::Block => {
                p2::add_to_linker_sync(linker)?;
                linker.allow_shadowing(true);
                add_streams(&mut linker.instance(STREAMS)?)?;
                linker.allow_shadowing(false);
                Ok(())
            }
        }
    }

    /// Defines a function that waits.
    pub fn define<D, P, R>(
        self,
        linker: &mut LinkerInstance<'_, D>,
        name: &str,
        function: impl for<'a> Fn(StoreContextMut<'a, D>, P) -> Work<'a, R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        D: Waiting,
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        match self {
            Waits::LeaveFiber => linker.func_wrap_async(name, function),
            Waits::Block => linker.func_wrap(name, move |store: StoreContextMut<'_, D>, parameters: P| {
                let limit = store.data().limit();
                limit.block(Box::into_pin(function(store, parameters)))?
            }),
        }
    }
}

/// Makes a result the component's answer. An error that has no code for the component ends it.
fn answer<T>(table: &mut ResourceTable, result: StreamResult<T>) -> wasmtime::Result<(Result<T, StreamError>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(table.convert_stream_error(e)?),
    },))
}

/// Defines functions of streams that call wasmtime's own.
macro_rules! define {
    ($linker:ident, $trait:ident, $($name:literal => $method:ident($($argument:ident: $type:ty),*);)+) => {
        $(Waits::Block.define($linker, $name, |mut store, ($($argument,)*): ($($type,)*)| {
            Box::new(async move {
                let table = store.data_mut().ctx().table;
                let done = $trait::$method(table, $($argument),*).await;
                answer(table, done)
            })
        })?;)+
    };
}

fn add_streams<D: Waiting>(linker: &mut LinkerInstance<'_, D>) -> wasmtime::Result<()> {
    type Input = Resource<DynInputStream>;
    type Output = Resource<DynOutputStream>;
    // Dropping a stream ends its operation, and waits for that end.
    linker.resource("input-stream", ResourceType::host::<DynInputStream>(), |mut store, rep| {
        let limit = store.data().limit();
        limit.block(HostInputStream::drop(store.data_mut().ctx().table, Resource::new_own(rep)))?
    })?;
    linker.resource("output-stream", ResourceType::host::<DynOutputStream>(), |mut store, rep| {
        let limit = store.data().limit();
        limit.block(HostOutputStream::drop(store.data_mut().ctx().table, Resource::new_own(rep)))?
    })?;
    define! { linker, HostInputStream,
        "[method]input-stream.blocking-read" => blocking_read(stream: Input, length: u64);
        "[method]input-stream.blocking-skip" => blocking_skip(stream: Input, length: u64);
    }
    define! { linker, HostOutputStream,
        "[method]output-stream.blocking-flush" => blocking_flush(stream: Output);
        "[method]output-stream.blocking-write-and-flush" => blocking_write_and_flush(stream: Output, bytes: Vec<u8>);
        "[method]output-stream.blocking-write-zeroes-and-flush" =>
            blocking_write_zeroes_and_flush(stream: Output, length: u64);
        "[method]output-stream.blocking-splice" => blocking_splice(stream: Output, from: Input, length: u64);
    }
    Ok(())
}
