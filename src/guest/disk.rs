//! Quotas on what guests write into directories that they were granted. Without one, nothing is looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::guest::limits::bytes;
use crate::guest::notes::Notes;

/// The bytes that a new name in a directory counts for: the system keeps a block for it.
const NAME: u64 = 4096;

/// The value of a limit that there is not: Java's largest.
const NONE: u64 = i64::MAX as u64;

/// The quotas of a module. Clones share what was written.
#[derive(Clone)]
pub struct Disk {
    /// The largest size of a file that a guest makes larger.
    file_size: u64,
    /// Bytes that all instances may write together.
    most_written: u64,
    written: Arc<AtomicU64>,
}

/// The quota that a write would exceed.
#[derive(Debug, PartialEq, Eq)]
pub enum Exceeded {
    FileSize,
    Written,
}

impl Disk {
    pub fn new(file_size: u64, most_written: u64) -> Self {
        Disk { file_size, most_written, written: Arc::default() }
    }

    /// Returns whether there is a quota at all.
    pub fn is_limited(&self) -> bool {
        self.file_size < NONE || self.most_written < NONE
    }

    /// Takes bytes for a write after which the file has that size at least.
    pub fn write(&self, bytes: u64, size: u64, notes: &Notes) -> Result<(), Exceeded> {
        if bytes > 0 && size > self.file_size {
            let [size, most] = [size, self.file_size].map(text);
            notes.limited(format!(
                "the guest wanted to make a file {size} large, and one may have {most} (GuestLimits.fileSize)"
            ));
            return Err(Exceeded::FileSize);
        }
        self.take(bytes, notes)
    }

    /// Takes what a new file, directory or link counts for, and returns it.
    pub fn new_name(&self, notes: &Notes) -> Result<u64, Exceeded> {
        self.take(NAME, notes).map(|()| NAME)
    }

    fn take(&self, more: u64, notes: &Notes) -> Result<(), Exceeded> {
        let fits = |written: u64| written.checked_add(more).filter(|sum| *sum <= self.most_written);
        match self.written.fetch_update(Relaxed, Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(written) => {
                let [more, written, most] = [more, written, self.most_written].map(text);
                notes.limited(format!(
                    "the guest wanted to write {more} to files, all its instances have written {written}, and may \
                     write {most} (GuestLimits.written)"
                ));
                Err(Exceeded::Written)
            }
        }
    }

    /// Gives back bytes that were not written.
    pub fn give_back(&self, bytes: u64) {
        self.written.fetch_sub(bytes, Relaxed);
    }
}

fn text(number: u64) -> String {
    bytes(usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quota_is_refused_and_told() {
        let notes = Notes::default();
        let disk = Disk::new(100, 9000);
        assert!(disk.is_limited() && !Disk::new(NONE, NONE).is_limited());
        assert_eq!(Ok(()), disk.write(100, 100, &notes));
        assert_eq!(Err(Exceeded::FileSize), disk.write(1, 101, &notes));
        assert_eq!(
            "the guest wanted to make a file 101 bytes large, and one may have 100 bytes (GuestLimits.fileSize)",
            notes.take().limit
        );
        let other = disk.clone();
        assert_eq!(Ok(NAME), other.new_name(&notes));
        assert_eq!(Ok(NAME), other.new_name(&notes));
        assert_eq!(Err(Exceeded::Written), disk.new_name(&notes));
        assert_eq!(Err(Exceeded::Written), disk.write(u64::MAX, 5, &notes));
        assert!(notes.take().limit.contains("have written 8.1KiB, and may write 8.8KiB (GuestLimits.written)"));
        disk.give_back(NAME);
        assert_eq!(Ok(NAME), disk.new_name(&notes));
        // Nothing is no write.
        assert_eq!(Ok(()), disk.write(0, 101, &notes));
    }
}
