//! Functions of WASI that wait. They stand in front of wasmtime's, which they call, and end with the Store's deadlines
//! as wasm itself does.

use wasmtime::{AsContextMut, Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1};
use wiggle::GuestMemory;

use crate::binding::component::waits::Limit;
use crate::binding::deadline::StoreLimit;
use crate::binding::store::Data;

const MODULE: &str = "wasi_snapshot_preview1";

/// Makes a host function of an asynchronous one of wasmtime's. All that wait have four parameters.
macro_rules! waiting {
    ($function:ident) => {
        |mut caller: Caller<'_, Data>, a: i32, b: i32, c: i32, d: i32| -> wasmtime::Result<i32> {
            let fuel = caller.as_context_mut().hostcall_fuel();
            let memory = caller.get_export("memory");
            let (mut memory, data) = match &memory {
                Some(Extern::Memory(memory)) => {
                    let (bytes, data) = memory.data_and_store_mut(&mut caller);
                    (GuestMemory::Unshared(bytes), data)
                }
                Some(Extern::SharedMemory(memory)) => (GuestMemory::Shared(memory.data()), caller.data_mut()),
                _ => return Err(wasmtime::Error::msg("missing required memory export")),
            };
            let limit = StoreLimit::of(data);
            let wasi = data.wasi().modules();
            wasi.set_hostcall_fuel(fuel);
            limit.block(wasi::$function(wasi, &mut memory, a, b, c, d))?
        }
    };
}

/// Defines them. The Linker must allow that they take the place of others.
pub fn add_to_linker(linker: &mut Linker<Data>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "fd_read", waiting!(fd_read))?;
    linker.func_wrap(MODULE, "poll_oneoff", waiting!(poll_oneoff))?;
    Ok(())
}
