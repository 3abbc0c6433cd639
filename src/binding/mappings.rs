//! Room in the address space. Engines, modules and instances map memory, and a process may have a limited number of
//! mappings: 65,530 by default on Linux. At the limit the system cannot even split a mapping to unmap a part of it, and
//! wasmtime's drop panics. Therefore everything that maps memory starts in [`with_room`], which keeps a distance from
//! the limit.
//!
//! Java's collector does not see how heavy a forgotten Store is. Where no room is left, Rust asks for a collection, as
//! the JDK does for direct buffers.

use std::fs::read_to_string;
use std::io::{BufRead, BufReader, ErrorKind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use jni::Env;
use jni::ids::JStaticMethodID;
use jni::refs::LoaderContext;
use jni::signature::{Primitive, ReturnType};
use jni::sys::jvalue;
use jni::{jni_sig, jni_str};

use crate::binding::engine::ENGINES;
use crate::binding::module::MODULES;
use crate::binding::store::STORES;
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::host_call;

/// Mappings of one object, rounded up: an engine's pool, a module's code and data, an instance's memories and tables.
pub const ENGINE: i64 = 64;
pub const MODULE: i64 = 8;
pub const INSTANCE: i64 = 16;

/// The part of the limit that is left to the JVM and to giving memory back.
const RESERVE: i64 = 16;

/// Waits for the collector, in milliseconds as powers of two: half a second in all.
const WAITS: i32 = 9;

/// `NativeObject`, with its method `awaitCollected`.
static NATIVE_OBJECT: JavaClass<JStaticMethodID> =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.NativeObject"));

/// Mappings that may be made before they are counted again. To count takes up to some 20 ms.
static UNCOUNTED: AtomicI64 = AtomicI64::new(0);

/// The time until which a count is good that found no room: thousands of attempts in a row must not count each.
static FULL_UNTIL: Mutex<Option<Instant>> = Mutex::new(None);

/// Looks `NativeObject` up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    NATIVE_OBJECT.find(env, loader, |env, class| {
        env.get_static_method_id(class, jni_str!("awaitCollected"), jni_sig!("(I)V"))
    })?;
    Ok(())
}

/// Makes something that needs up to `mappings` mappings. If there is no room, waits for Java's collector and tries
/// again.
pub fn with_room<T>(mappings: i64, mut make: impl FnMut() -> Result<T>) -> Result<T> {
    let is_full = |e: &Error| e.as_wasmtime().is_some_and(is_out_of_memory);
    let attempt = || if has_room(mappings) { make() } else { Err(out_of_memory().into()) };
    with_collected(WAITS, is_full, attempt).map_err(|e| if is_full(&e) { explain(&e) } else { e })
}

/// Makes something. While an error says that there is no room, waits for Java's collector and tries again, at most that
/// many times.
pub fn with_collected<T>(
    waits: i32,
    is_full: impl Fn(&Error) -> bool,
    mut make: impl FnMut() -> Result<T>,
) -> Result<T> {
    let mut waited = 0;
    loop {
        match make() {
            Err(e) if waited < waits && is_full(&e) => {
                host_call(|env| await_collected(env, waited))?;
                waited += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Waits until there is room for up to `mappings` mappings more.
pub fn await_room(mappings: i64) -> Result<()> {
    if has_room(mappings) { Ok(()) } else { with_room(mappings, || Ok(())) }
}

/// Fails where there is no room for up to `mappings` mappings more. For threads that cannot call Java.
pub fn check_room(mappings: i64) -> Result<()> {
    if has_room(mappings) { Ok(()) } else { Err(explain(&out_of_memory().into())) }
}

/// Returns whether memfd_create(2) works; some sandboxes deny it. wasmtime falls back by itself only where the system
/// has no such call.
pub fn has_memfd() -> bool {
    static WORKS: LazyLock<bool> = LazyLock::new(try_memfd);
    *WORKS
}

#[cfg(target_os = "linux")]
fn try_memfd() -> bool {
    use rustix::fs::{MemfdFlags, memfd_create};
    memfd_create(c"wasmtime", MemfdFlags::CLOEXEC).is_ok()
}

/// Elsewhere wasmtime does not ask for one: it maps files of compiled code where the system can, and copies otherwise.
#[cfg(not(target_os = "linux"))]
fn try_memfd() -> bool {
    true
}

fn has_room(mappings: i64) -> bool {
    if UNCOUNTED.fetch_sub(mappings, Ordering::Relaxed) >= mappings {
        return true;
    }
    let mut full_until = FULL_UNTIL.lock().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have counted meanwhile.
    if UNCOUNTED.load(Ordering::Relaxed) >= mappings && UNCOUNTED.fetch_sub(mappings, Ordering::Relaxed) >= mappings {
        return true;
    }
    let start = Instant::now();
    if full_until.is_some_and(|until| start < until) {
        return false;
    }
    let Some((used, limit)) = used_and_limit() else {
        UNCOUNTED.store(i64::MAX, Ordering::Relaxed);
        return true;
    };
    let room = limit - limit / RESERVE - used;
    // The other half is for what else maps memory in this process.
    UNCOUNTED.store(room / 2 - mappings, Ordering::Relaxed);
    if room < mappings {
        *full_until = Some(Instant::now() + 4 * start.elapsed());
    }
    room >= mappings
}

/// Counts the process's mappings. None where the system has no limit that can be read.
fn used_and_limit() -> Option<(i64, i64)> {
    let limit = read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()?;
    let mut maps = BufReader::with_capacity(1 << 16, std::fs::File::open("/proc/self/maps").ok()?);
    let mut used = 0;
    loop {
        let bytes = maps.fill_buf().ok()?;
        if bytes.is_empty() {
            return Some((used, limit));
        }
        used += bytes.iter().filter(|byte| **byte == b'\n').count() as i64;
        let length = bytes.len();
        maps.consume(length);
    }
}

fn is_out_of_memory(e: &wasmtime::Error) -> bool {
    let kind = |e: &std::io::Error| e.kind() == ErrorKind::OutOfMemory;
    e.chain().any(|cause| {
        cause.downcast_ref::<rustix::io::Errno>().is_some_and(|e| kind(&(*e).into()))
            || cause.downcast_ref::<std::io::Error>().is_some_and(kind)
    })
}

/// The system's error where there is no room.
fn out_of_memory() -> wasmtime::Error {
    #[cfg(unix)]
    return rustix::io::Errno::NOMEM.into();
    #[cfg(not(unix))]
    return std::io::Error::from(ErrorKind::OutOfMemory).into();
}

/// Collects at the first wait.
fn await_collected(env: &mut Env<'_>, waited: i32) -> Result<()> {
    let (class, method) = (NATIVE_OBJECT.local(env)?, NATIVE_OBJECT.members());
    // SAFETY: the method was looked up in this class, by a signature of an int and no result.
    unsafe {
        env.call_static_method_unchecked(
            &class,
            method,
            ReturnType::Primitive(Primitive::Void),
            &[jvalue { i: waited }],
        )?
    };
    Ok(())
}

fn explain(e: &Error) -> Error {
    let used = used_and_limit().map_or_else(String::new, |(used, limit)| {
        format!(
            " The process has {used} memory mappings of at most {limit} (vm.max_map_count), of which a part is kept \
             free."
        )
    });
    Error::limit(format!(
        "there is no room left in the address space: {e}.{used} There are {} Engines, {} Modules and {} Stores that \
         are not closed or that something still uses. Each instance of a guest takes some, too. Close what is not \
         needed, run fewer tasks at a time, or raise the limit (vm.max_map_count, ulimit -v)",
        ENGINES.count(),
        MODULES.count(),
        STORES.count()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn mappings_are_counted() {
        let (used, limit) = used_and_limit().expect("Linux");
        assert!(used > 10 && used < limit, "{used} of {limit}");
        assert!(has_room(1));
        assert!(!has_room(limit));
        let start = Instant::now();
        while !has_room(1) {
            assert!(start.elapsed().as_secs() < 60, "no room after a minute");
        }
    }

    #[test]
    fn running_out_of_memory_is_told_from_other_errors() {
        let no_memory = out_of_memory().context("mmap failed");
        assert!(is_out_of_memory(&no_memory));
        #[cfg(unix)]
        assert!(is_out_of_memory(&std::io::Error::from_raw_os_error(12).into()));
        assert!(!is_out_of_memory(&wasmtime::Error::from(rustix::io::Errno::INVAL)));
        assert!(!is_out_of_memory(&wasmtime::Error::msg("no memory")));
    }
}
