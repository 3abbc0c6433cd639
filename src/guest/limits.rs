//! `GuestLimits`: the most that an instance of a guest may take, and what is said when that is not enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use jni::jni_str;
use wasmtime::{ResourceLimiter, Trap};

use crate::binding::limits;
use crate::bridge::description::Described;
use crate::bridge::error::{Error, Result};
use crate::guest::notes::Notes;

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
    /// Bytes of linear memory that all instances have together.
    in_use: Arc<AtomicUsize>,
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
            in_use: Arc::default(),
        })
    }

    /// Returns the most files and directories that an instance may have open.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Returns the bytes of linear memory that all instances have together.
    pub fn memory_in_use(&self) -> usize {
        self.in_use.load(Relaxed)
    }
}

/// Notes that a guest could not open a file.
pub fn too_many_files(notes: &Notes) {
    notes.limited("the guest has as many files and directories open as it may (GuestLimits.files)".to_owned());
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
        self.limits.in_use.fetch_sub(memory, Relaxed);
        self.table_elements -= table_elements;
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        self.granted = (0, 0);
        let fits = self.memory.checked_add(more).is_some_and(|sum| sum <= self.limits.memory);
        if fits {
            self.memory += more;
            self.limits.in_use.fetch_add(more, Relaxed);
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
        self.limits.in_use.fetch_sub(self.memory, Relaxed);
    }
}

/// Writes a number of bytes as the options do, such as `64KiB`; with one decimal where it is no whole number of units.
fn bytes(bytes: usize) -> String {
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
            in_use: Arc::default(),
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
