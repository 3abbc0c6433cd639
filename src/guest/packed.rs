//! Tasks that Java packs into a direct buffer for one call: [`record`]s, each behind its size, an i32. A guest of
//! protocol 1 reads them as they are.
//!
//! [`record`]: crate::guest::record

use crate::bridge::error::{Error, Result};
use crate::bridge::java::DirectBytes;

/// The ticks after which a series gets no further task, so that its thread soon looks after other things.
pub const SERIES_TICKS: u64 = 5;

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
    #[inline]
    pub fn size(&self) -> Option<usize> {
        if self.left < SIZE {
            return None;
        }
        // SAFETY: `new`'s promise; these bytes are left.
        let size = i32::from_le_bytes(unsafe { self.at.cast::<[u8; SIZE]>().read() });
        usize::try_from(size).ok().filter(|size| *size <= self.left - SIZE)
    }

    /// Copies the first one, of that size, to the start of `target`, which is as long at least, and drops it.
    #[inline]
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

    /// Copies all of them, with their sizes, to the start of `target`, which is as long at least, and drops them.
    pub fn take_all(&mut self, target: &mut [u8]) {
        let target = &mut target[..self.left];
        // SAFETY: `new`'s promise; these bytes are left, and Java's buffer is no memory of a guest's.
        unsafe { std::ptr::copy_nonoverlapping(self.at, target.as_mut_ptr(), self.left) };
        *self = PackedTasks::NONE;
    }
}

/// Returns the number of packed tasks, each behind its size.
pub fn count(packed: &[u8]) -> usize {
    let mut count = 0;
    each(packed, |_| count += 1);
    count
}

/// Hands over each task. Returns whether nothing is left behind them.
fn each(mut packed: &[u8], mut then: impl FnMut(&[u8])) -> bool {
    while let Some((size, rest)) = packed.split_first_chunk::<SIZE>() {
        let Some((task, rest)) =
            usize::try_from(i32::from_le_bytes(*size)).ok().and_then(|size| rest.split_at_checked(size))
        else {
            return false;
        };
        then(task);
        packed = rest;
    }
    packed.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_tasks_and_finds_what_is_none() {
        let two = [&[1_u8, 0, 0, 0][..], b"a", &[0, 0, 0, 0]].concat();
        assert_eq!(2, count(&two));
        assert!(each(&two, |_| ()));
        assert!(!each(&two[..7], |_| ()), "it ends within a size");
        assert!(!each(&[9, 0, 0, 0, 1], |_| ()), "it ends within a task");
        assert!(!each(&[255, 255, 255, 255], |_| ()), "a size below zero");
    }
}
