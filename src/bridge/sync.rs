//! The means by which the tables of handles synchronise threads. A room of its own, so that the model check in
//! `tests/handles` can put loom's in their place.

pub use std::sync::Mutex;
pub use std::sync::atomic::{AtomicI64, AtomicU64, fence};
pub use std::thread::yield_now;

/// [`std::cell::UnsafeCell`] with loom's methods.
pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    /// Lends the value to be read.
    #[inline(always)]
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Lends the value to be written.
    #[inline(always)]
    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}
