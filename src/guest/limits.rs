//! `GuestLimits`: the most that an instance of a guest may take, and what is said when that is not enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use jni::jni_str;
use wasmtime::{ResourceLimiter, ResourcesRequired, Trap};

use crate::binding::limits;
use crate::bridge::description::Described;
use crate::bridge::error::{Error, Result};
use crate::guest::disk::Disk;
use crate::guest::notes::{Level, Notes};

/// The limits of each instance of a module.
#[derive(Clone)]
pub struct GuestLimits {
    /// Bytes of all linear memories together.
    memory: usize,
    /// Elements of all tables together.
    table_elements: usize,
    instances: usize,
    tables: usize,
    memories: usize,
    /// Files and directories that are open at the same time.
    files: usize,
    /// Bytes of the native stack.
    stack: usize,
    /// Bytes of the host's memory.
    host_memory: usize,
    disk: Disk,
    /// Bytes of linear memory that all instances have together.
    in_use: InUse,
    /// Bytes of the host's memory that all instances hold together.
    host_in_use: InUse,
}

/// Bytes of linear memory and of the host's that all guests of the process have together, and may have.
static TOTAL: AtomicUsize = AtomicUsize::new(0);
static MOST_TOTAL: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Interval at which an instance that waits for its share of the total looks again.
pub const TOTAL_POLL: Duration = Duration::from_millis(10);

/// Sets the bytes that all guests of the process may have together.
pub fn set_most_total(bytes: usize) {
    MOST_TOTAL.store(bytes, Relaxed);
}

/// Returns the bytes of linear memory and of the host's that all guests of the process have together.
pub fn total() -> usize {
    TOTAL.load(Relaxed)
}

/// Returns whether a further instance fits that begins with that many bytes.
pub fn total_has_room(initial: usize) -> bool {
    total().saturating_add(initial) <= MOST_TOTAL.load(Relaxed)
}

/// Returns the bytes of linear memory that an instance begins with, at least.
pub fn initial_memory(required: Option<ResourcesRequired>) -> usize {
    const PAGE: u64 = 64 * 1024;
    let pages = required.and_then(|required| required.max_initial_memory_size).unwrap_or(0);
    usize::try_from(pages.saturating_mul(PAGE)).unwrap_or(usize::MAX)
}

/// Returns the sentence about a growth that was refused for all guests' sake.
pub fn total_reached(more: usize) -> String {
    let [more, used, most] = [more, total(), MOST_TOTAL.load(Relaxed)].map(bytes);
    format!(
        "the guest asked for {more} of memory, all guests of the process had {used} in use, and may have {most} \
         (GuestModule.maxTotalMemory)"
    )
}

/// Bytes that all instances of a module have together. They count towards the total of the process.
#[derive(Clone, Default)]
struct InUse(Arc<AtomicUsize>);

impl InUse {
    fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Takes bytes, unless that is more than all guests may have.
    fn take(&self, bytes: usize) -> bool {
        if TOTAL.fetch_add(bytes, Relaxed).saturating_add(bytes) > MOST_TOTAL.load(Relaxed) && bytes > 0 {
            TOTAL.fetch_sub(bytes, Relaxed);
            return false;
        }
        self.0.fetch_add(bytes, Relaxed);
        true
    }

    fn give_back(&self, bytes: usize) {
        TOTAL.fetch_sub(bytes, Relaxed);
        self.0.fetch_sub(bytes, Relaxed);
    }
}

/// The host's memory that one instance holds.
pub struct Held {
    bytes: usize,
    most: usize,
    in_use: InUse,
}

impl Held {
    pub fn new(limits: &GuestLimits) -> Self {
        Held { bytes: 0, most: limits.host_memory, in_use: limits.host_in_use.clone() }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the most bytes that an instance may hold.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Sets the bytes. Returns false, and does not, where that is more than all guests may have.
    pub fn set(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes {
            if !self.in_use.take(bytes - self.bytes) {
                return false;
            }
        } else {
            self.in_use.give_back(self.bytes - bytes);
        }
        self.bytes = bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.in_use.give_back(self.bytes);
    }
}

impl GuestLimits {
    /// Reads the limits among the components of `GuestDescription`.
    pub fn read(guest: &mut Described<'_, '_, '_>) -> Result<Self> {
        Ok(GuestLimits {
            memory: guest.size(jni_str!("memory"))?,
            table_elements: guest.size(jni_str!("tableElements"))?,
            instances: guest.size(jni_str!("instances"))?,
            tables: guest.size(jni_str!("tables"))?,
            memories: guest.size(jni_str!("memories"))?,
            files: guest.size(jni_str!("files"))?,
            stack: guest.size(jni_str!("stack"))?,
            host_memory: guest.size(jni_str!("hostMemory"))?,
            disk: Disk::new(guest.size(jni_str!("fileSize"))? as u64, guest.size(jni_str!("written"))? as u64),
            in_use: InUse::default(),
            host_in_use: InUse::default(),
        })
    }

    /// Returns the most files and directories that an instance may have open.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Returns the bytes of stack that an instance may use, where its thread has room for them.
    pub fn stack(&self) -> usize {
        self.stack
    }

    /// Returns the bytes that one call of a component may have the host copy: no more than it may hold, and no less
    /// than a small call needs.
    pub fn hostcall_fuel(&self) -> usize {
        self.host_memory.max(1024 * 1024)
    }

    /// Returns the quotas on what the instances write to files.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Returns the bytes of linear memory that all instances have together.
    pub fn memory_in_use(&self) -> usize {
        self.in_use.bytes()
    }

    /// Returns the bytes of the host's memory that all instances hold together.
    pub fn host_memory_in_use(&self) -> usize {
        self.host_in_use.bytes()
    }
}

/// Notes that a guest could not open a file.
pub fn too_many_files(open: usize, most: usize, notes: &Notes) {
    notes.limited(format!(
        "the guest wanted to open a file, had {open} files and directories open, and may have {most} \
         (GuestLimits.files)"
    ));
}

/// Returns the sentence about memory of the host that an instance may not hold.
pub fn host_memory_reached(more: usize, used: usize, most: usize) -> String {
    let [more, used, most] = [more, used, most].map(bytes);
    format!(
        "the guest made the host hold {more} more for it (headers, requests, bodies, handles, records), where it held \
         {used}, and it may hold {most} (GuestLimits.hostMemory)"
    )
}

/// Notes that a guest wanted to open a FIFO.
pub fn fifo(notes: &Notes, path: &str) {
    let path: String = path.chars().take(200).flat_map(char::escape_debug).collect();
    let line = format!("the FIFO '{path}' was not opened for the guest, as that would wait for the other side");
    notes.add_once(Level::Warn, line);
}

/// The resources that one instance takes.
pub struct Limiter {
    limits: GuestLimits,
    memory: usize,
    table_elements: usize,
    /// The last growth that was allowed, in case it fails.
    granted: (usize, usize),
    notes: Notes,
}

impl Limiter {
    pub fn new(limits: GuestLimits, notes: Notes) -> Self {
        Limiter { limits, memory: 0, table_elements: 0, granted: (0, 0), notes }
    }

    fn undo(&mut self) {
        let (memory, table_elements) = std::mem::take(&mut self.granted);
        self.memory -= memory;
        self.limits.in_use.give_back(memory);
        self.table_elements -= table_elements;
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        self.granted = (0, 0);
        let fits = self.memory.checked_add(more).is_some_and(|sum| sum <= self.limits.memory);
        if fits {
            if !self.limits.in_use.take(more) {
                self.notes.limited(total_reached(more));
                return Ok(false);
            }
            self.memory += more;
            self.granted = (more, 0);
        } else {
            let [more, used, most] = [more, self.memory, self.limits.memory].map(bytes);
            self.notes.limited(format!(
                "the guest asked for {more} of memory, had {used} in use, and may have {most} (GuestLimits.memory)"
            ));
        }
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let most = self.limits.table_elements;
        self.granted = (0, 0);
        let fits = self.table_elements.checked_add(more).is_some_and(|sum| sum <= most);
        if fits {
            self.table_elements += more;
            self.granted = (0, more);
        } else {
            let used = self.table_elements;
            self.notes.limited(format!(
                "the guest asked for {more} more table elements, had {used}, and may have {most} \
                 (GuestLimits.tableElements)"
            ));
        }
        Ok(fits)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.limits.in_use.give_back(self.memory);
    }
}

/// Writes a number of bytes as the options do, such as `64KiB`; with one decimal where it is no whole number of units.
pub fn bytes(bytes: usize) -> String {
    let (unit, name) = match bytes {
        0..1024 => return format!("{bytes} bytes"),
        1024..0x10_0000 => (1024, "KiB"),
        _ => (1024 * 1024, "MiB"),
    };
    if bytes.is_multiple_of(unit) {
        format!("{}{name}", bytes / unit)
    } else {
        format!("{:.1}{name}", bytes as f64 / unit as f64)
    }
}

/// Writes a time as the options do, such as `100ms`, `1m30s`.
fn time(millis: u128) -> String {
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let seconds = match rest {
        0 => String::new(),
        1..1000 => format!("{rest}ms"),
        _ => format!("{}s", rest as f64 / 1000.0),
    };
    if minutes == 0 { seconds } else { format!("{minutes}m{seconds}") }
}

/// Makes an error of a start say so.
pub fn starting(error: Error, millis: u128, notes: &Notes) -> Error {
    let e = match error.try_into_wasmtime() {
        Ok(e) => e,
        Err(e) => return e,
    };
    if e.downcast_ref::<Trap>() == Some(&Trap::Interrupt) {
        return e.context(format!("the guest did not start within {}", time(millis))).into();
    }
    if let Some(text) = limits::exceeded(&e) {
        notes.limited(format!("the guest wants more than it may have: {text}"));
    }
    e.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_the_form_of_options() {
        assert_eq!(
            ["0 bytes", "1023 bytes", "64KiB", "1.5KiB", "12.5MiB", "2048MiB"],
            [0, 1023, 64 << 10, 1536, 25 << 19, 2 << 30].map(bytes).each_ref().map(String::as_str)
        );
        assert_eq!(
            ["1ms", "100ms", "1.5s", "10s", "1m", "1m30s"],
            [1, 100, 1_500, 10_000, 60_000, 90_000].map(time).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn memories_share_one_limit_and_what_did_not_come_about_is_given_back() {
        let notes = Notes::default();
        let limits = GuestLimits {
            memory: 3 << 20,
            table_elements: 10,
            instances: 1,
            tables: 1,
            memories: 2,
            files: 0,
            stack: 0,
            host_memory: 0,
            disk: Disk::new(0, 0),
            in_use: InUse::default(),
            host_in_use: InUse::default(),
        };
        let mut limiter = Limiter::new(limits, notes.clone());
        assert!(limiter.memory_growing(0, 1 << 20, None).expect("no error"));
        assert!(limiter.memory_growing(0, 2 << 20, None).expect("no error"));
        assert!(!limiter.memory_growing(1 << 20, (1 << 20) + 65536, None).expect("no error"));
        assert_eq!(
            "the guest asked for 64KiB of memory, had 3MiB in use, and may have 3MiB (GuestLimits.memory)",
            notes.take().limit
        );
        limiter.memory_grow_failed(wasmtime::Error::msg("not granted, so not taken back")).expect("no error");
        assert!(!limiter.memory_growing(1 << 20, (1 << 20) + 65536, None).expect("no error"));
        assert!(!limiter.memory_growing(0, usize::MAX, None).expect("no error"));

        assert_eq!(3 << 20, limiter.limits.memory_in_use());
        let mut other = Limiter::new(limiter.limits.clone(), notes.clone());
        assert!(other.memory_growing(0, 1 << 20, None).expect("no error"));
        assert_eq!(4 << 20, limiter.limits.memory_in_use());
        drop(other);
        assert_eq!(3 << 20, limiter.limits.memory_in_use());
        let mut other = Limiter::new(limiter.limits.clone(), notes.clone());
        for _ in 0..2 {
            assert!(other.memory_growing(0, 3 << 20, None).expect("no error"));
            other.memory_grow_failed(wasmtime::Error::msg("the system had none")).expect("no error");
            other.memory_grow_failed(wasmtime::Error::msg("twice")).expect("no error");
        }

        assert!(limiter.table_growing(0, 10, None).expect("no error"));
        assert!(!limiter.table_growing(10, 11, None).expect("no error"));
        assert!(notes.take().limit.contains("1 more table elements, had 10, and may have 10"));
    }
}
