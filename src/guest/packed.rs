//! Tasks that Java packs into a direct buffer for one call: [`record`]s, each behind its size, an i32.
//!
//! [`record`]: crate::guest::record

use crate::bridge::error::{Error, Result};
use crate::bridge::java::DirectBytes;

/// The ticks after which a batch gets no further task, so that its thread soon looks after other things.
pub const BATCH_TICKS: u64 = 5;

/// Packed tasks in Java's buffer, each behind its size, an i32. They are valid until the call from Java returns.
pub struct PackedTasks {
    at: *const u8,
    left: usize,
}

// SAFETY: they lie in the data of a Store, which moves between threads; each call from Java sets them anew, on the
// thread that reads them.
unsafe impl Send for PackedTasks {}

/// The bytes of a size.
const SIZE: usize = size_of::<i32>();

impl PackedTasks {
    /// No tasks.
    pub const NONE: PackedTasks = PackedTasks { at: std::ptr::null(), left: 0 };

    /// Reads that many bytes from the start of the buffer.
    ///
    /// # Safety
    /// The value is used only while the buffer is there and Java does not write to it.
    pub unsafe fn new(buffer: &DirectBytes, length: i32) -> Result<Self> {
        match usize::try_from(length) {
            Ok(left) if left <= buffer.capacity() => Ok(PackedTasks { at: buffer.start(), left }),
            _ => Err(Error::argument(format!("{length} bytes of tasks do not lie in the buffer"))),
        }
    }

    /// Returns the size of the first one; None if there is none.
    pub fn size(&self) -> Option<usize> {
        if self.left < SIZE {
            return None;
        }
        // SAFETY: `new`'s promise; these bytes are left.
        let size = i32::from_le_bytes(unsafe { self.at.cast::<[u8; SIZE]>().read() });
        usize::try_from(size).ok().filter(|size| *size <= self.left - SIZE)
    }

    /// Copies the first one, of that size, to the start of `target`, which is as long at least, and drops it.
    pub fn take(&mut self, size: usize, target: &mut [u8]) {
        let target = &mut target[..size];
        // SAFETY: `size` returned it, so these bytes are left; Java's buffer is no memory of a guest's.
        unsafe {
            std::ptr::copy_nonoverlapping(self.at.add(SIZE), target.as_mut_ptr(), size);
            self.at = self.at.add(SIZE + size);
        }
        self.left -= SIZE + size;
    }

    /// Returns the first one where it lies, and drops it; None if there is none.
    ///
    /// # Safety
    /// `new`'s promise holds for as long as the bytes are used.
    pub unsafe fn next<'a>(&mut self) -> Option<&'a [u8]> {
        let size = self.size()?;
        // SAFETY: `size` returned it, so these bytes are left; the caller's promise is about their life.
        let task = unsafe { std::slice::from_raw_parts(self.at.add(SIZE), size) };
        // SAFETY: as above.
        self.at = unsafe { self.at.add(SIZE + size) };
        self.left -= SIZE + size;
        Some(task)
    }

    /// Returns the bytes of all of them, with their sizes.
    pub fn left(&self) -> usize {
        self.left
    }
}
