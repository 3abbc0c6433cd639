//! Calls on files. They are wasmtime's, with a look at the task's deadline before and after each one, and a limit on
//! the files that are open at the same time: each takes a descriptor of the whole process.

use std::collections::HashSet;

use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::GuestMemory;

use crate::guest::limits;

use super::{Host, MODULE, abi, passed_on, wasmtime, with_memory};
use abi::Fail;

/// The files and directories that a guest has opened, by their numbers.
pub struct OpenFiles {
    open: HashSet<u32>,
    most: usize,
}

impl OpenFiles {
    pub fn new(most: usize) -> Self {
        OpenFiles { open: HashSet::new(), most }
    }

    pub fn closed(&mut self, fd: u32) {
        self.open.remove(&fd);
    }

    /// Moves a file onto the number of another, which is closed by that.
    pub fn renumbered(&mut self, from: u32, to: u32) {
        if self.open.remove(&from) {
            self.open.insert(to);
        }
    }
}

/// Defines functions that call those of wasmtime.
macro_rules! define {
    ($linker:ident, $host:ident, $($function:ident($($argument:ident: $ty:ty),*);)*) => {$(
        $linker.func_wrap(MODULE, stringify!($function), move |mut caller: Caller<'_, T>, $($argument: $ty),*| {
            with_memory(&mut caller, $host, |host, memory| {
                let mut memory = GuestMemory::Unshared(memory);
                let call = wasi::$function(&mut host.wasi, &mut memory, $($argument),*);
                passed_on(host.deadline.limit(call)?)
            })
        })?;
    )*};
}

/// Defines the calls that may take long.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, host: fn(&mut T) -> &mut Host) -> wasmtime::Result<()> {
    define! { linker, host,
        fd_datasync(fd: i32);
        fd_filestat_set_size(fd: i32, size: i64);
        fd_pread(fd: i32, buffers: i32, count: i32, offset: i64, read: i32);
        fd_pwrite(fd: i32, buffers: i32, count: i32, offset: i64, written: i32);
        fd_readdir(fd: i32, buffer: i32, length: i32, cookie: i64, used: i32);
        fd_sync(fd: i32);
        path_create_directory(fd: i32, path: i32, length: i32);
        path_filestat_get(fd: i32, flags: i32, path: i32, length: i32, stat: i32);
        path_link(fd: i32, flags: i32, old: i32, old_length: i32, to: i32, new: i32, new_length: i32);
        path_readlink(fd: i32, path: i32, length: i32, buffer: i32, buffer_length: i32, used: i32);
        path_remove_directory(fd: i32, path: i32, length: i32);
        path_rename(fd: i32, old: i32, old_length: i32, to: i32, new: i32, new_length: i32);
        path_symlink(old: i32, old_length: i32, fd: i32, new: i32, new_length: i32);
        path_unlink_file(fd: i32, path: i32, length: i32);
    }
    linker.func_wrap(
        MODULE,
        "path_open",
        move |mut caller: Caller<'_, T>,
              fd: i32,
              dirflags: i32,
              path: i32,
              length: i32,
              oflags: i32,
              base: i64,
              inheriting: i64,
              fdflags: i32,
              opened: i32| {
            with_memory(&mut caller, host, |host, memory| {
                if host.files.open.len() >= host.files.most {
                    host.too_many_files();
                    return Err(Fail::Errno(abi::MFILE));
                }
                abi::read_u32(memory, opened as u32)?;
                refuse_fifo(host, memory, fd, dirflags, (path as u32, length as u32))?;
                let mut guest = GuestMemory::Unshared(&mut *memory);
                let call = wasi::path_open(
                    &mut host.wasi,
                    &mut guest,
                    fd,
                    dirflags,
                    path,
                    length,
                    oflags,
                    base,
                    inheriting,
                    fdflags,
                    opened,
                );
                passed_on(host.deadline.limit(call)?)?;
                host.files.open.insert(abi::read_u32(memory, opened as u32)?);
                Ok(())
            })
        },
    )?;
    Ok(())
}

/// Fails for what is neither a file nor a directory, link or device: a FIFO, which is opened when the other side comes.
fn refuse_fifo(host: &mut Host, memory: &[u8], fd: i32, flags: i32, (at, length): (u32, u32)) -> abi::Result<()> {
    const STAT: usize = 64;
    const KIND: usize = 16;
    let path = &memory[abi::range(memory, at, length as usize)?];
    // The stat is for us, so in a memory of our own.
    let mut scratch = vec![0; STAT];
    scratch.extend_from_slice(path);
    // Whatever is wrong with the path, the call itself says.
    let known: abi::Result<()> = wasmtime!(path_filestat_get(host, &mut scratch, fd, flags, STAT as u32, length, 0));
    match known {
        Ok(()) if scratch[KIND] == 0 => {
            limits::fifo(&host.notes, &String::from_utf8_lossy(path));
            Err(Fail::Errno(abi::PERM))
        }
        Err(Fail::Trap(e)) => Err(Fail::Trap(e)),
        _ => Ok(()),
    }
}

/// The most random bytes between two looks at the deadline.
const PIECE: u32 = 64 * 1024;

/// `random_get(buffer, length)`, in pieces: the system's generator takes a second for some hundred megabytes.
pub fn random_get(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    let (mut at, mut left) = (a[0], a[1]);
    let end = at.checked_add(left).ok_or(Fail::Errno(abi::FAULT))?;
    if end as usize > memory.len() {
        return Err(Fail::Errno(abi::FAULT));
    }
    while left > 0 {
        host.deadline.check()?;
        let piece = left.min(PIECE);
        let mut guest = GuestMemory::Unshared(&mut *memory);
        passed_on(wasi::random_get(&mut host.wasi, &mut guest, at as i32, piece as i32))?;
        at += piece;
        left -= piece;
    }
    Ok(())
}

/// `fd_close(fd)` of a file.
pub fn close(host: &mut Host, memory: &mut [u8], fd: u32) -> abi::Result<()> {
    wasmtime!(fd_close(host, memory, fd))?;
    host.files.closed(fd);
    Ok(())
}

/// `fd_renumber(from, to)` of files.
pub fn renumber(host: &mut Host, memory: &mut [u8], from: u32, to: u32) -> abi::Result<()> {
    wasmtime!(fd_renumber(host, memory, from, to))?;
    host.files.renumbered(from, to);
    Ok(())
}
