//! Calls on files. They are wasmtime's, on threads that the deadline leaves behind where a disk hangs, with a look at
//! the deadline before and after each one and between the pieces of a large one; a limit on the files that are open at
//! the same time, each of which takes a descriptor of the whole process; and the quotas on what is written.

use std::collections::HashSet;

use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::GuestMemory;

use crate::binding::descriptors;
use crate::guest::disk::{Disk, Exceeded};
use crate::guest::limits::{self, GuestLimits};

use super::{Host, MODULE, abi, passed_on, wasmtime, with_memory};
use abi::Fail;

/// The files and directories that a guest has opened, by their numbers.
pub struct OpenFiles {
    open: HashSet<u32>,
    most: usize,
    disk: Disk,
}

impl OpenFiles {
    pub fn new(limits: &GuestLimits) -> Self {
        OpenFiles { open: HashSet::new(), most: limits.files(), disk: limits.disk().clone() }
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

impl From<Exceeded> for Fail {
    fn from(exceeded: Exceeded) -> Self {
        Fail::Errno(match exceeded {
            Exceeded::FileSize => abi::FBIG,
            Exceeded::Written => abi::DQUOT,
        })
    }
}

/// Takes what a call will write from the quota, and returns it.
type Charge = fn(&mut Host, &[u8], &[i64]) -> abi::Result<u64>;

/// Defines functions that call those of wasmtime.
macro_rules! define {
    ($linker:ident, $host:ident, $charge:expr,
     $($function:ident($($argument:ident: $ty:ty),*);)*) => {$(
        $linker.func_wrap(MODULE, stringify!($function), move |mut caller: Caller<'_, T>, $($argument: $ty),*| {
            with_memory(&mut caller, $host, |host, memory| {
                let charged = charge(host, memory, $charge, &[$(i64::from($argument)),*])?;
                let mut memory = GuestMemory::Unshared(memory);
                let call = wasi::$function(&mut host.wasi, &mut memory, $($argument),*);
                let done = passed_on(host.deadline.limit(call)?);
                if done.is_err() {
                    host.files.disk.give_back(charged);
                }
                done
            })
        })?;
    )*};
}

fn charge(host: &mut Host, memory: &[u8], charge: Charge, arguments: &[i64]) -> abi::Result<u64> {
    if host.files.disk.is_limited() { charge(host, memory, arguments) } else { Ok(0) }
}

fn nothing(_: &mut Host, _: &[u8], _: &[i64]) -> abi::Result<u64> {
    Ok(0)
}

fn new_name(host: &mut Host, _: &[u8], _: &[i64]) -> abi::Result<u64> {
    Ok(host.files.disk.new_name(&host.notes)?)
}

fn new_size(host: &mut Host, _: &[u8], arguments: &[i64]) -> abi::Result<u64> {
    let (fd, size) = (arguments[0] as u32, arguments[1] as u64);
    let more = size.saturating_sub(stat(host, fd)?);
    host.files.disk.write(more, size, &host.notes)?;
    Ok(more)
}

/// Defines the calls that may take long.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, host: fn(&mut T) -> &mut Host) -> wasmtime::Result<()> {
    define! { linker, host, nothing,
        fd_datasync(fd: i32);
        fd_readdir(fd: i32, buffer: i32, length: i32, cookie: i64, used: i32);
        fd_sync(fd: i32);
        path_filestat_get(fd: i32, flags: i32, path: i32, length: i32, stat: i32);
        path_readlink(fd: i32, path: i32, length: i32, buffer: i32, buffer_length: i32, used: i32);
        path_remove_directory(fd: i32, path: i32, length: i32);
        path_rename(fd: i32, old: i32, old_length: i32, to: i32, new: i32, new_length: i32);
        path_unlink_file(fd: i32, path: i32, length: i32);
    }
    define! { linker, host, new_size,
        fd_filestat_set_size(fd: i32, size: i64);
    }
    define! { linker, host, new_name,
        path_create_directory(fd: i32, path: i32, length: i32);
        path_link(fd: i32, flags: i32, old: i32, old_length: i32, to: i32, new: i32, new_length: i32);
        path_symlink(old: i32, old_length: i32, fd: i32, new: i32, new_length: i32);
    }
    linker.func_wrap(
        MODULE,
        "fd_pread",
        move |mut caller: Caller<'_, T>, fd: i32, buffers: i32, count: i32, offset: i64, read: i32| {
            with_memory(&mut caller, host, |host, memory| {
                let a = [fd, buffers, count, read].map(|a| a as u32);
                in_pieces(host, memory, &a, offset as u64, |host, memory, offset| {
                    let mut memory = GuestMemory::Unshared(memory);
                    let call = wasi::fd_pread(&mut host.wasi, &mut memory, fd, buffers, count, offset as i64, read);
                    passed_on(host.deadline.limit(call)?)
                })
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_pwrite",
        move |mut caller: Caller<'_, T>, fd: i32, buffers: i32, count: i32, offset: i64, written: i32| {
            with_memory(&mut caller, host, |host, memory| {
                let a = [fd, buffers, count, written].map(|a| a as u32);
                in_pieces(host, memory, &a, offset as u64, |host, memory, offset| {
                    charged_write(host, memory, &a, Some(offset), |host, memory| {
                        let mut memory = GuestMemory::Unshared(memory);
                        let call =
                            wasi::fd_pwrite(&mut host.wasi, &mut memory, fd, buffers, count, offset as i64, written);
                        passed_on(host.deadline.limit(call)?)
                    })
                })
            })
        },
    )?;
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
                let (open, most) = (host.files.open.len(), host.files.most);
                if open >= most {
                    limits::too_many_files(open, most, &host.notes);
                    return Err(Fail::Errno(abi::MFILE));
                }
                if !descriptors::may_take(&host.notes) {
                    return Err(Fail::Errno(abi::NFILE));
                }
                abi::read_u32(memory, opened as u32)?;
                let exists = exists(host, memory, fd, dirflags, (path as u32, length as u32))?;
                let creates = !exists && oflags & CREATE != 0;
                let charged = if creates { charge(host, memory, new_name, &[])? } else { 0 };
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
                let done = passed_on(host.deadline.limit(call)?);
                if done.is_err() {
                    host.files.disk.give_back(charged);
                }
                done?;
                host.files.open.insert(abi::read_u32(memory, opened as u32)?);
                Ok(())
            })
        },
    )?;
    Ok(())
}

/// The flag of `path_open` that makes a file where there is none.
const CREATE: i32 = 1;

/// The bytes of a `filestat`, and where its kind and its size are.
const STAT: usize = 64;
const KIND: usize = 16;
const SIZE: u32 = 32;

/// Returns whether there is something of that name. Fails for what is neither a file nor a directory, link or device: a
/// FIFO, which is opened when the other side comes.
fn exists(host: &mut Host, memory: &[u8], fd: i32, flags: i32, (at, length): (u32, u32)) -> abi::Result<bool> {
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
        Ok(()) => Ok(true),
        Err(Fail::Trap(e)) => Err(Fail::Trap(e)),
        Err(Fail::Errno(_)) => Ok(false),
    }
}

/// Returns the size of a file.
fn stat(host: &mut Host, fd: u32) -> abi::Result<u64> {
    let mut scratch = vec![0; STAT];
    wasmtime!(fd_filestat_get(host, &mut scratch, fd, 0))?;
    abi::read(&scratch, SIZE).map(u64::from_le_bytes)
}

/// The most bytes of a file between two looks at the deadline.
const FILE_PIECE: u32 = 1024 * 1024;

/// The same of standard output, whose lines take longer.
const STREAM_PIECE: u32 = 64 * 1024;

/// `fd_read(fd, buffers, count, read)` of a file or of standard input.
pub fn read(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    if !host.files.open.contains(&a[0]) {
        // Standard input may have a piece, and then nothing for long.
        return wasmtime!(fd_read(host, memory, a[0], a[1], a[2], a[3]));
    }
    in_pieces(host, memory, a, 0, |host, memory, _| wasmtime!(fd_read(host, memory, a[0], a[1], a[2], a[3])))
}

/// `fd_write(fd, buffers, count, written)` to a file or to standard output.
pub fn write(host: &mut Host, memory: &mut [u8], a: &[u32]) -> abi::Result<()> {
    in_pieces(host, memory, a, 0, |host, memory, _| {
        charged_write(host, memory, a, None, |host, memory| wasmtime!(fd_write(host, memory, a[0], a[1], a[2], a[3])))
    })
}

/// Reads or writes the first buffer that is not empty, as wasmtime does, in pieces if it is a large one.
/// wasmtime finds each piece where the guest has the buffer's address and length, which are the guest's own again at
/// the end.
fn in_pieces(
    host: &mut Host,
    memory: &mut [u8],
    a: &[u32],
    offset: u64,
    call: impl Fn(&mut Host, &mut [u8], u64) -> abi::Result<()>,
) -> abi::Result<()> {
    let [fd, buffers, count, moved] = [a[0], a[1], a[2], a[3]];
    let most = if host.files.open.contains(&fd) { FILE_PIECE } else { STREAM_PIECE };
    let first = first_buffer(memory, buffers, count).filter(|(.., length)| *length > most);
    let Some((buffer, start, length)) = first else {
        return call(host, memory, offset);
    };
    abi::range(memory, start, length as usize)?;
    let mut done = 0;
    let result = loop {
        let piece = most.min(length - done);
        put_buffer(memory, buffer, start + done, piece)?;
        let result = call(host, memory, offset.saturating_add(done.into()));
        if result.is_ok() {
            let now = abi::read_u32(memory, moved)?.min(piece);
            done += now;
            if now == piece && done < length {
                match host.deadline.check() {
                    Ok(()) => continue,
                    Err(e) => break Err(e.into()),
                }
            }
        }
        break result;
    };
    put_buffer(memory, buffer, start, length)?;
    match result {
        // The guest learns of an error when it goes on.
        Ok(()) | Err(Fail::Errno(_)) if done > 0 => abi::write_u32(memory, moved, done),
        result => result,
    }
}

fn put_buffer(memory: &mut [u8], at: u32, start: u32, length: u32) -> abi::Result<()> {
    abi::write_u32(memory, at, start)?;
    abi::write_u32(memory, abi::field(at, 4)?, length)
}

/// Returns where the first buffer that is not empty is described, its address and its length. None where there is none,
/// or the description is no good, which wasmtime says itself.
fn first_buffer(memory: &[u8], buffers: u32, count: u32) -> Option<(u32, u32, u32)> {
    for i in 0..count {
        let at = buffers.checked_add(i.checked_mul(8)?)?;
        let start = abi::read_u32(memory, at).ok()?;
        let length = abi::read_u32(memory, at.checked_add(4)?).ok()?;
        if length > 0 {
            return Some((at, start, length));
        }
    }
    None
}

/// Takes what a call will write from the quota, if it writes to a file; gives back what it did not.
fn charged_write(
    host: &mut Host,
    memory: &mut [u8],
    a: &[u32],
    offset: Option<u64>,
    call: impl FnOnce(&mut Host, &mut [u8]) -> abi::Result<()>,
) -> abi::Result<()> {
    if !host.files.disk.is_limited() || !host.files.open.contains(&a[0]) {
        return call(host, memory);
    }
    let length = first_buffer(memory, a[1], a[2]).map_or(0, |(.., length)| length.into());
    let start = match offset {
        _ if appends(host, a[0])? => stat(host, a[0])?,
        Some(offset) => offset,
        None => {
            let mut scratch = vec![0; 8];
            let mut memory = GuestMemory::Unshared(&mut scratch);
            passed_on(wasi::fd_tell(&mut host.wasi, &mut memory, a[0] as i32, 0))?;
            abi::read(&scratch, 0).map(u64::from_le_bytes)?
        }
    };
    host.files.disk.write(length, start.saturating_add(length), &host.notes)?;
    let done = call(host, memory);
    let written = if done.is_ok() { u64::from(abi::read_u32(memory, a[3])?).min(length) } else { 0 };
    host.files.disk.give_back(length - written);
    done
}

/// Returns whether everything that is written to a file goes to its end.
fn appends(host: &mut Host, fd: u32) -> abi::Result<bool> {
    const FDSTAT: usize = 24;
    const FLAGS: u32 = 2;
    const APPEND: u16 = 1;
    let mut scratch = vec![0; FDSTAT];
    wasmtime!(fd_fdstat_get(host, &mut scratch, fd, 0))?;
    Ok(abi::read(&scratch, FLAGS).map(u16::from_le_bytes)? & APPEND != 0)
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
