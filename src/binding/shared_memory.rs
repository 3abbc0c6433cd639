//! `SharedMemory`: a linear memory that several Stores and threads use at a time.
//!
//! Whoever writes to it meanwhile, nothing here is undefined: all access is by atomics, as wasmtime wants it. Those of
//! several bytes are one access where the address is a multiple of their size; where they are not, or where accesses of
//! different sizes meet, each byte is one of those that were written.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use jni::objects::{JByteArray, JClass, JString};
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::{Engine, ExternType, SharedMemory, WaitResult};

use crate::binding::engine::ENGINES;
use crate::binding::mappings::{self, with_room};
use crate::binding::memory::{memory_type, range, too_wide};
use crate::binding::{items, store, types};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::{fast, natives, signed, signed_mut};

pub static SHARED_MEMORIES: Shared<EngineMemory> = Shared::new("SharedMemory");

/// The number of bytes that are copied to or from Java at a time.
const CHUNK: usize = 4096;

/// A memory, and the engine whose Stores can have it.
pub struct EngineMemory {
    memory: SharedMemory,
    engine: Engine,
}

natives! {
    METHODS:
    { fn create(engine: jlong, minimum: jlong, maximum: jlong, is_64: jboolean, page_size: jint) -> jlong }
    { fn of(store: jlong, item: jint) -> jlong }
    { fn add(memory: jlong, store: jlong) -> jint }
    { fn describe(memory: jlong) -> JString }
    { fn grow(memory: jlong, pages: jlong) -> jlong }
    { fn read(memory: jlong, address: jlong, target: jbyte[], offset: jint, length: jint) -> void }
    { fn write(memory: jlong, address: jlong, source: jbyte[], offset: jint, length: jint) -> void }
    { fn notify(memory: jlong, address: jlong, count: jint) -> jint }
    { fn wait(memory: jlong, address: jlong, bytes: jint, expected: jlong, nanos: jlong) -> jint }
    { fn destroy(memory: jlong) -> void }
    raw { fn size(memory: jlong) -> jlong }
    raw { fn data_size(memory: jlong) -> jlong }
    raw { fn load(memory: jlong, address: jlong, bytes: jint) -> jlong }
    raw { fn save(memory: jlong, address: jlong, bytes: jint, value: jlong) -> void }
}

fn create(
    _: &mut Env<'_>,
    _: JClass<'_>,
    engine: jlong,
    minimum: jlong,
    maximum: jlong,
    is_64: jboolean,
    page_size: jint,
) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let ty = memory_type(minimum, maximum, is_64, true, page_size)?;
    let memory = with_room(mappings::INSTANCE, || Ok(SharedMemory::new(&engine, ty.clone())?))?;
    Ok(SHARED_MEMORIES.insert(EngineMemory { memory, engine }))
}

/// One that a Store has.
fn of(_: &mut Env<'_>, _: JClass<'_>, store: jlong, item: jint) -> Result<jlong> {
    store::with(store, |store| {
        let memory = store.data().shared_memory(item)?;
        Ok(SHARED_MEMORIES.insert(EngineMemory { memory, engine: store.engine().clone() }))
    })
}

/// Its number in a Store.
fn add(_: &mut Env<'_>, _: JClass<'_>, memory: jlong, store: jlong) -> Result<jint> {
    let memory = SHARED_MEMORIES.get(memory)?;
    store::with(store, |store| {
        if !Engine::same(store.engine(), &memory.engine) {
            return Err(Error::argument("the SharedMemory was made by another Engine than the Store's"));
        }
        Ok(items::add(store, memory.memory.clone().into()) as jint)
    })
}

fn describe<'l>(env: &mut Env<'l>, _: JClass<'l>, memory: jlong) -> Result<JString<'l>> {
    let ty = ExternType::Memory(SHARED_MEMORIES.get(memory)?.memory.ty());
    Ok(JString::from_str(env, types::describe_extern(&ty))?)
}

fn size<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, memory: jlong) -> jlong {
    fast(&mut env, |_| Ok(SHARED_MEMORIES.get(memory)?.memory.size() as jlong))
}

fn data_size<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, memory: jlong) -> jlong {
    fast(&mut env, |_| Ok(SHARED_MEMORIES.get(memory)?.memory.data_size() as jlong))
}

/// The size before, in pages; -1 where the memory cannot grow that much.
fn grow(_: &mut Env<'_>, _: JClass<'_>, memory: jlong, pages: jlong) -> Result<jlong> {
    let pages = u64::try_from(pages).map_err(|_| Error::argument(format!("a memory cannot shrink: {pages} pages")))?;
    Ok(SHARED_MEMORIES.get(memory)?.memory.grow(pages).map_or(-1, |before| before as jlong))
}

/// Up to eight bytes, little-endian.
fn load<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, memory: jlong, address: jlong, length: jint) -> jlong {
    fast(&mut env, |_| {
        let memory = SHARED_MEMORIES.get(memory)?;
        let bytes = part(&memory, address, length)?;
        if bytes.len() > 8 { Err(too_wide()) } else { Ok(load_number(bytes) as jlong) }
    })
}

fn save<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, memory: jlong, address: jlong, length: jint, value: jlong) {
    fast(&mut env, |_| {
        let memory = SHARED_MEMORIES.get(memory)?;
        let bytes = part(&memory, address, length)?;
        if bytes.len() > 8 {
            return Err(too_wide());
        }
        save_number(bytes, value as u64);
        Ok(())
    })
}

fn part(memory: &EngineMemory, address: jlong, length: jint) -> Result<&[UnsafeCell<u8>]> {
    let data = memory.memory.data();
    Ok(&data[range(address, length, data.len())?])
}

/// The bytes as one atomic number of that type, where they are aligned like one.
macro_rules! atomic {
    ($bytes:expr, $atomic:ty) => {{
        let address = $bytes.as_ptr().cast_mut();
        if $bytes.len() == size_of::<$atomic>() && address.addr().is_multiple_of(align_of::<$atomic>()) {
            // SAFETY: as many bytes are there, aligned like that, as long as `$bytes`; all others that use them do so
            // by atomics.
            Some(unsafe { <$atomic>::from_ptr(address.cast()) })
        } else {
            None
        }
    }};
}

fn load_number(bytes: &[UnsafeCell<u8>]) -> u64 {
    if let Some(number) = atomic!(bytes, AtomicU64) {
        u64::from_le(number.load(Ordering::SeqCst))
    } else if let Some(number) = atomic!(bytes, AtomicU32) {
        u32::from_le(number.load(Ordering::SeqCst)).into()
    } else if let Some(number) = atomic!(bytes, AtomicU16) {
        u16::from_le(number.load(Ordering::SeqCst)).into()
    } else {
        let mut number = [0; 8];
        load_bytes(bytes, &mut number[..bytes.len()]);
        u64::from_le_bytes(number)
    }
}

fn save_number(bytes: &[UnsafeCell<u8>], value: u64) {
    if let Some(number) = atomic!(bytes, AtomicU64) {
        number.store(value.to_le(), Ordering::SeqCst);
    } else if let Some(number) = atomic!(bytes, AtomicU32) {
        number.store((value as u32).to_le(), Ordering::SeqCst);
    } else if let Some(number) = atomic!(bytes, AtomicU16) {
        number.store((value as u16).to_le(), Ordering::SeqCst);
    } else {
        save_bytes(bytes, &value.to_le_bytes()[..bytes.len()]);
    }
}

fn byte(cell: &UnsafeCell<u8>) -> &AtomicU8 {
    // SAFETY: the byte is there as long as the reference, and all others that use it do so by atomics.
    unsafe { AtomicU8::from_ptr(cell.get()) }
}

/// Copies out of a memory, eight bytes at a time where it can.
fn load_bytes(source: &[UnsafeCell<u8>], target: &mut [u8]) {
    for (source, target) in source.chunks(8).zip(target.chunks_mut(8)) {
        if let Some(word) = atomic!(source, AtomicU64) {
            target.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        } else {
            for (source, target) in source.iter().zip(target) {
                *target = byte(source).load(Ordering::SeqCst);
            }
        }
    }
}

/// Copies into a memory, like [`load_bytes`].
fn save_bytes(target: &[UnsafeCell<u8>], source: &[u8]) {
    for (target, source) in target.chunks(8).zip(source.chunks(8)) {
        if let (Some(word), Ok(source)) = (atomic!(target, AtomicU64), source.try_into()) {
            word.store(u64::from_ne_bytes(source), Ordering::Relaxed);
        } else {
            for (target, source) in target.iter().zip(source) {
                byte(target).store(*source, Ordering::SeqCst);
            }
        }
    }
}

fn read<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    memory: jlong,
    address: jlong,
    target: JByteArray<'l>,
    offset: jint,
    length: jint,
) -> Result<()> {
    let memory = SHARED_MEMORIES.get(memory)?;
    let mut copied = [0; CHUNK];
    for (i, source) in part(&memory, address, length)?.chunks(CHUNK).enumerate() {
        let copied = &mut copied[..source.len()];
        load_bytes(source, copied);
        target.set_region(env, offset.wrapping_add((i * CHUNK) as jint), signed(copied))?;
    }
    Ok(())
}

fn write<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    memory: jlong,
    address: jlong,
    source: JByteArray<'l>,
    offset: jint,
    length: jint,
) -> Result<()> {
    let memory = SHARED_MEMORIES.get(memory)?;
    let mut copied = [0; CHUNK];
    for (i, target) in part(&memory, address, length)?.chunks(CHUNK).enumerate() {
        let copied = &mut copied[..target.len()];
        source.get_region(env, offset.wrapping_add((i * CHUNK) as jint), signed_mut(copied))?;
        save_bytes(target, copied);
    }
    Ok(())
}

/// An address that can be waited at, for a number of so many bytes.
fn checked(memory: &EngineMemory, address: jlong, bytes: jint) -> Result<u64> {
    part(memory, address, bytes)?;
    if address % jlong::from(bytes) != 0 {
        return Err(Error::argument(format!("the address is not a multiple of {bytes}: {address}")));
    }
    Ok(address as u64)
}

/// Wakes threads, and returns how many.
fn notify(_: &mut Env<'_>, _: JClass<'_>, memory: jlong, address: jlong, count: jint) -> Result<jint> {
    let count = u32::try_from(count).map_err(|_| Error::argument(format!("not a number of threads: {count}")))?;
    let memory = SHARED_MEMORIES.get(memory)?;
    let address = checked(&memory, address, 4)?;
    Ok(memory.memory.atomic_notify(address, count).map_err(wasmtime::Error::from)? as jint)
}

/// The position of what happened in Java's enum `WaitResult`.
fn wait(
    _: &mut Env<'_>,
    _: JClass<'_>,
    memory: jlong,
    address: jlong,
    bytes: jint,
    expected: jlong,
    nanos: jlong,
) -> Result<jint> {
    // The table is not held on to while this thread waits, maybe for long.
    let memory = {
        let memory = SHARED_MEMORIES.get(memory)?;
        checked(&memory, address, if bytes == 8 { 8 } else { 4 })?;
        memory.memory.clone()
    };
    let timeout = Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)));
    let result = if bytes == 8 {
        memory.atomic_wait64(address as u64, expected as u64, timeout)
    } else {
        memory.atomic_wait32(address as u64, expected as u32, timeout)
    };
    Ok(match result.map_err(wasmtime::Error::from)? {
        WaitResult::Ok => 0,
        WaitResult::Mismatch => 1,
        WaitResult::TimedOut => 2,
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, memory: jlong) -> Result<()> {
    SHARED_MEMORIES.close(memory);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight bytes that are aligned, and eight more.
    fn cells() -> [UnsafeCell<u64>; 2] {
        [UnsafeCell::new(0), UnsafeCell::new(0)]
    }

    #[test]
    fn numbers_and_bytes_are_the_same_aligned_or_not() {
        let cells = cells();
        // SAFETY: sixteen bytes of sixteen, which nobody else uses.
        let bytes = unsafe { std::slice::from_raw_parts(cells.as_ptr().cast::<UnsafeCell<u8>>(), 16) };
        for at in 0..8 {
            for length in 1..=8 {
                let part = &bytes[at..at + length];
                let value = 0x8877_6655_4433_2211 & (u64::MAX >> (64 - 8 * length));
                save_number(part, value);
                assert_eq!(value, load_number(part), "{length} bytes at {at}");
                let mut copied = [0; 8];
                load_bytes(part, &mut copied[..length]);
                assert_eq!(value, u64::from_le_bytes(copied), "{length} bytes at {at}");
                save_bytes(part, &[7; 8][..length]);
                assert_eq!(7, load_number(&part[length - 1..]));
            }
        }
    }
}
