//! WASI 0.1 for guests that are core modules: wasmtime's functions, and in front of some of them ours. A call that
//! waits ends with the task's deadline; and a module that imports the socket calls of WasmEdge, for which there are
//! libraries in Rust, Go and C, gets them (`docs/network.md`), under the one network policy.
//!
//! wasmtime's table of file descriptors cannot be added to. So sockets have numbers of their own, from
//! [`sockets::FIRST_FD`] on, and every function that takes such a number is put in front of wasmtime's, which it calls
//! for all others.

mod abi;
mod calls;
mod files;
mod names;
mod options;
mod poll;
mod sockets;
mod wait;

use std::sync::Arc;

use wasmtime::{AsContextMut, Caller, Extern, ExternType, FuncType, Linker, Memory, Module, Val, ValType};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wiggle::GuestMemory;

use crate::binding::net::Policy;
use crate::bridge::error::{Error, Result};
use crate::guest::clock::Deadline;
use crate::guest::limits::GuestLimits;
use crate::guest::notes::Notes;
use abi::Fail;
use files::OpenFiles;
use sockets::Sockets;

const MODULE: &str = "wasi_snapshot_preview1";

/// The data that the functions here work on.
pub struct Host {
    pub wasi: WasiP1Ctx,
    /// The guest's memory, once it is instantiated.
    pub memory: Option<Memory>,
    pub deadline: Deadline,
    sockets: Sockets,
    files: OpenFiles,
    notes: Notes,
}

impl Host {
    /// Makes the host of an instance with these limits.
    pub fn new(wasi: WasiP1Ctx, policy: Arc<Policy>, limits: &GuestLimits, notes: Notes) -> Self {
        let files = OpenFiles::new(limits);
        Host { wasi, memory: None, deadline: Deadline::default(), sockets: Sockets::new(policy), files, notes }
    }

    /// Returns whether the guest may have one more socket, and notes it otherwise.
    pub fn may_open_socket(&self) -> bool {
        self.sockets.check_number().is_ok()
    }
}

/// A function with its guest's memory and its parameters, which are all i32. Its result is an errno.
type Function = fn(&mut Host, &mut [u8], &[u32]) -> abi::Result<()>;

/// Defines WASI for that module.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    module: &Module,
    host: fn(&mut T) -> &mut Host,
) -> Result<()> {
    p1::add_to_linker_sync(linker, move |data| &mut host(data).wasi)?;
    linker.allow_shadowing(true);
    files::add_to_linker(linker, host)?;
    for (name, parameters, function) in OWN {
        define(linker, name, *parameters, *function, host)?;
    }
    if calls::wants_sockets(module) {
        for import in module.imports().filter(|import| import.module() == MODULE) {
            let ExternType::Func(ty) = import.ty() else { continue };
            match calls::find(import.name(), ty.params().len()) {
                calls::Found::Function(function) => {
                    define(linker, import.name(), ty.params().len(), function, host)?;
                }
                calls::Found::OtherForm(forms) => {
                    return Err(Error::argument(format!(
                        "it imports the socket call '{}' with {} parameters; the forms that are provided have {forms}. \
                         wasmedge_wasi_socket 0.5.5 in Rust and stealthrocket/net 0.2.1 in Go use those.",
                        import.name(),
                        ty.params().len()
                    )));
                }
                calls::Found::NoSocketCall => {}
            }
        }
    }
    linker.allow_shadowing(false);
    Ok(())
}

/// Functions of wasmtime that may wait or take long, or that also take a socket.
const OWN: &[(&str, usize, Function)] = &[
    ("fd_close", 1, fd_close),
    ("fd_fdstat_get", 2, fd_fdstat_get),
    ("fd_fdstat_set_flags", 2, fd_fdstat_set_flags),
    ("fd_read", 4, fd_read),
    ("fd_renumber", 2, fd_renumber),
    ("fd_write", 4, fd_write),
    ("poll_oneoff", 4, poll::poll_oneoff),
    ("random_get", 2, files::random_get),
];

fn define<T: Send + 'static>(
    linker: &mut Linker<T>,
    name: &str,
    parameters: usize,
    function: Function,
    host: fn(&mut T) -> &mut Host,
) -> Result<()> {
    let ty = FuncType::new(linker.engine(), vec![ValType::I32; parameters], [ValType::I32]);
    linker.func_new(MODULE, name, ty, move |mut caller, parameters, results| {
        let mut arguments = [0; 8];
        for (argument, parameter) in arguments.iter_mut().zip(parameters) {
            *argument = parameter.unwrap_i32() as u32;
        }
        let errno = with_memory(&mut caller, host, |host, memory| function(host, memory, &arguments))?;
        results[0] = Val::I32(errno);
        Ok(())
    })?;
    Ok(())
}

fn with_memory<T: 'static>(
    caller: &mut Caller<'_, T>,
    host: fn(&mut T) -> &mut Host,
    function: impl FnOnce(&mut Host, &mut [u8]) -> abi::Result<()>,
) -> wasmtime::Result<i32> {
    let fuel = caller.as_context_mut().hostcall_fuel();
    let memory = match host(caller.data_mut()).memory {
        Some(memory) => memory,
        // Only while the guest starts.
        None => match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => memory,
            _ => return Err(wasmtime::Error::msg("missing required memory export")),
        },
    };
    let (memory, data) = memory.data_and_store_mut(caller);
    let host = host(data);
    host.wasi.set_hostcall_fuel(fuel);
    // Between calls without a loop the guest does not look at the epoch.
    host.deadline.check()?;
    let errno = match function(host, memory) {
        Ok(()) => 0,
        Err(Fail::Errno(errno)) => errno.into(),
        Err(Fail::Trap(e)) => return Err(e),
    };
    host.deadline.check()?;
    Ok(errno)
}

/// Returns the result of wasmtime's function.
fn passed_on(errno: wasmtime::Result<i32>) -> abi::Result<()> {
    match errno? {
        0 => Ok(()),
        errno => Err(Fail::Errno(errno as u16)),
    }
}

/// Calls a function of wasmtime, which is asynchronous, until the deadline.
macro_rules! wasmtime {
    ($function:ident($host:expr, $memory:expr, $($argument:expr),*)) => {{
        let mut memory = GuestMemory::Unshared($memory);
        let call = wasi::$function(&mut $host.wasi, &mut memory, $($argument as i32),*);
        passed_on($host.deadline.limit(call)?)
    }};
}
use wasmtime;

fn fd_read(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if host.sockets.has(a[0]) {
        let received = host.sockets.receive(memory, a[0], (a[1], a[2]), 0, &host.deadline)?;
        return abi::write_u32(memory, a[3], received.length);
    }
    files::read(host, memory, a)
}

fn fd_write(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if host.sockets.has(a[0]) {
        let sent = host.sockets.send(memory, a[0], (a[1], a[2]), None, &host.deadline)?;
        return abi::write_u32(memory, a[3], sent);
    }
    files::write(host, memory, a)
}

fn fd_close(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if host.sockets.has(a[0]) {
        return host.sockets.close(a[0]);
    }
    files::close(host, memory, a[0])
}

fn fd_fdstat_get(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if host.sockets.has(a[0]) {
        return host.sockets.write_fdstat(memory, a[0], a[1]);
    }
    wasmtime!(fd_fdstat_get(host, memory, a[0], a[1]))
}

fn fd_fdstat_set_flags(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if host.sockets.has(a[0]) {
        return host.sockets.set_flags(a[0], a[1]);
    }
    let mut memory = GuestMemory::Unshared(memory);
    passed_on(wasi::fd_fdstat_set_flags(&mut host.wasi, &mut memory, a[0] as i32, a[1] as i32))
}

/// A socket moves onto the number of another; what a file and a socket would have to exchange, they cannot.
fn fd_renumber(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    match (host.sockets.has(a[0]), host.sockets.has(a[1])) {
        (false, false) => files::renumber(host, memory, a[0], a[1]),
        (true, true) => host.sockets.renumber(a[0], a[1]),
        _ => Err(Fail::Errno(abi::NOTSUP)),
    }
}
