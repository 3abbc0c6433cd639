//! `Memory`: a linear memory.

use jni::objects::{JByteArray, JByteBuffer, JClass};
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::{AsContext, AsContextMut, Memory, MemoryType};

use crate::binding::items;
use crate::binding::mappings::{self, with_room};
use crate::binding::store::{self, STORES};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{fast, natives, signed, signed_mut};

natives! {
    METHODS:
    { fn create(store: jlong, minimum: jlong, maximum: jlong, is_64: jboolean, page_size: jint) -> jint }
    { fn grow(store: jlong, memory: jint, pages: jlong) -> jlong }
    { fn map(store: jlong, memory: jint) -> JByteBuffer }
    { fn read(store: jlong, memory: jint, address: jlong, target: jbyte[], offset: jint, length: jint) -> void }
    { fn write(store: jlong, memory: jint, address: jlong, source: jbyte[], offset: jint, length: jint) -> void }
    raw { fn size(store: jlong, memory: jint) -> jlong }
    raw { fn data_size(store: jlong, memory: jint) -> jlong }
    raw { fn load(store: jlong, memory: jint, address: jlong, bytes: jint) -> jlong }
    raw { fn save(store: jlong, memory: jint, address: jlong, bytes: jint, value: jlong) -> void }
}

fn create(
    _: &mut Env<'_>,
    _: JClass<'_>,
    store: jlong,
    minimum: jlong,
    maximum: jlong,
    is_64: jboolean,
    page_size: jint,
) -> Result<jint> {
    let ty = memory_type(minimum, maximum, is_64, false, page_size)?;
    store::with(store, |store| {
        store::limited(store, |store| {
            let memory = with_room(mappings::INSTANCE, || Ok(Memory::new(&mut *store, ty.clone())?))?;
            Ok(items::add(store, memory.into()) as jint)
        })
    })
}

/// Pages; no maximum where it is negative.
pub fn memory_type(
    minimum: jlong,
    maximum: jlong,
    is_64: bool,
    is_shared: bool,
    page_size: jint,
) -> Result<MemoryType> {
    let minimum = u64::try_from(minimum)
        .map_err(|_| Error::argument(format!("a memory's size cannot be negative: {minimum}")))?;
    let mut ty = MemoryType::builder();
    ty.min(minimum)
        .max(u64::try_from(maximum).ok())
        .memory64(is_64)
        .shared(is_shared)
        .page_size_log2(page_size.checked_ilog2().unwrap_or(u32::MAX) as u8);
    ty.build().map_err(|e| Error::argument(format!("{e:#}")))
}

fn size<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, store: jlong, memory: jint) -> jlong {
    fast(&mut env, |_| store::with(store, |store| Ok(store.data().memory(memory)?.size(&store) as jlong)))
}

fn data_size<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, store: jlong, memory: jint) -> jlong {
    fast(&mut env, |_| store::with(store, |store| Ok(store.data().memory(memory)?.data_size(&store) as jlong)))
}

/// Up to eight bytes, little-endian.
fn load<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, store: jlong, memory: jint, address: jlong, length: jint) -> jlong {
    fast(&mut env, |_| {
        store::with(store, |store| {
            let memory = store.data().memory(memory)?.data(store.as_context());
            let bytes = &memory[range(address, length, memory.len())?];
            let mut value = [0; 8];
            value.get_mut(..bytes.len()).ok_or_else(too_wide)?.copy_from_slice(bytes);
            Ok(jlong::from_le_bytes(value))
        })
    })
}

fn save<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    store: jlong,
    memory: jint,
    address: jlong,
    length: jint,
    value: jlong,
) {
    fast(&mut env, |_| {
        store::with(store, |mut store| {
            let memory = store.data().memory(memory)?.data_mut(store.as_context_mut());
            let range = range(address, length, memory.len())?;
            let bytes = value.to_le_bytes();
            memory[range.clone()].copy_from_slice(bytes.get(..range.len()).ok_or_else(too_wide)?);
            Ok(())
        })
    })
}

#[cold]
pub fn too_wide() -> Error {
    Error::argument("eight bytes at most")
}

/// The size before, in pages; -1 where the memory cannot grow that much.
fn grow(_: &mut Env<'_>, _: JClass<'_>, store: jlong, memory: jint, pages: jlong) -> Result<jlong> {
    store::with(store, |store| {
        let memory = store.data().memory(memory)?;
        let pages =
            u64::try_from(pages).map_err(|_| Error::argument(format!("a memory cannot shrink: {pages} pages")))?;
        store::limited(store, |store| match memory.grow(&mut *store, pages) {
            Ok(before) => Ok(before as jlong),
            Err(_) => store::refusal(store).map_or(Ok(-1), Err),
        })
    })
}

/// A direct buffer over the whole memory, and a pin on the Store for `Store.unpin` to take back when no buffer of it
/// can be reached any more. Memories stay where they are (see `engine::config`) and never shrink, so with the Store
/// pinned the buffer's memory is there.
fn map<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, memory: jint) -> Result<JByteBuffer<'l>> {
    let (start, length) = store::with(store, |store| {
        let memory = store.data().memory(memory)?;
        STORES.pin(store.data().handle())?;
        Ok((memory.data_ptr(&store), memory.data_size(&store)))
    })?;
    let buffer = if length > jint::MAX as usize {
        Err(Error::argument(format!(
            "a ByteBuffer holds 2 GiB at most, the memory has {length} bytes: use read and write"
        )))
    } else {
        // SAFETY: `length` bytes from `start` stay mapped while the Store is pinned, and the pin outlives the buffer.
        unsafe { env.new_direct_byte_buffer(start, length) }.map_err(Error::from)
    };
    if buffer.is_err() {
        STORES.unpin(store);
    }
    buffer
}

pub fn range(address: jlong, length: jint, size: usize) -> Result<std::ops::Range<usize>> {
    let out_of_bounds = || Error::out_of_bounds(format!("{length} bytes at {address} of a memory of {size} bytes"));
    let start = usize::try_from(address).map_err(|_| out_of_bounds())?;
    let length = usize::try_from(length).map_err(|_| out_of_bounds())?;
    let end = start.checked_add(length).filter(|end| *end <= size).ok_or_else(out_of_bounds)?;
    Ok(start..end)
}

#[expect(clippy::too_many_arguments, reason = "what System.arraycopy takes, and the memory")]
fn read<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    memory: jint,
    address: jlong,
    target: JByteArray<'l>,
    offset: jint,
    length: jint,
) -> Result<()> {
    store::with(store, |store| {
        let bytes = store.data().memory(memory)?.data(store.as_context());
        let range = range(address, length, bytes.len())?;
        Ok(target.set_region(env, offset, signed(&bytes[range]))?)
    })
}

#[expect(clippy::too_many_arguments, reason = "what System.arraycopy takes, and the memory")]
fn write<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    memory: jint,
    address: jlong,
    source: JByteArray<'l>,
    offset: jint,
    length: jint,
) -> Result<()> {
    store::with(store, |mut store| {
        let bytes = store.data().memory(memory)?.data_mut(store.as_context_mut());
        let range = range(address, length, bytes.len())?;
        Ok(source.get_region(env, offset, signed_mut(&mut bytes[range]))?)
    })
}
