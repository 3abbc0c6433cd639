//! Records that a guest produces. They wait until their task is over. Java takes them in one piece if the task
//! succeeded; they are gone if it failed.

use std::collections::HashSet;

use crate::bridge::java::SharedBytes;
use crate::guest::limits::{self, Held};
use crate::guest::notes::{Level, Notes};

/// More records than this are not held for one task.
const MAX_RECORDS: usize = 10_000;

/// The topics that a guest may produce to, and limits on that.
#[derive(Debug, Default)]
pub struct OutputGrants {
    pub topics: HashSet<String>,
    /// Most bytes that key, value and headers of one record may have together.
    pub max_record_bytes: usize,
    /// Most bytes that are held for one task.
    pub max_task_bytes: usize,
}

/// The reason why a record was not accepted.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    TopicDenied,
    /// The record has more content than this limit.
    TooLarge(usize),
    QueueFull,
}

/// A record that a guest offers, as the limits see it.
pub struct Offer<'a> {
    pub topic: &'a str,
    /// The bytes of its key, value and headers.
    pub content: usize,
    /// The bytes that it takes when it is packed.
    pub packed: usize,
}

/// The records of one task, packed as [`record`](crate::guest::record) says.
#[derive(Default)]
pub struct Records {
    packed: Vec<u8>,
    count: usize,
}

impl Records {
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.packed
    }
}

/// Moves packed records to the start of that memory, behind their length, an i32. If they do not fit, that is -1, they
/// stay, and the result is false.
///
/// # Safety
/// As for [`SharedBytes::put`].
pub unsafe fn share(packed: &mut Vec<u8>, memory: SharedBytes) -> bool {
    let length = packed.len() as i32;
    // SAFETY: the caller's promise.
    let fits = unsafe { memory.put(&[&length.to_le_bytes(), packed]) };
    if fits {
        packed.clear(); // it keeps its memory, which is no more than that of a buffer for tasks
    } else {
        // SAFETY: the caller's promise.
        unsafe { memory.put(&[&(-1_i32).to_le_bytes()]) };
    }
    fits
}

/// The records of the task in progress.
#[derive(Default)]
pub struct Outputs {
    records: Records,
    /// Bytes of the records of the other tasks of a batch.
    elsewhere: usize,
    /// The memory of the records. None where somebody else counts it.
    held: Option<Held>,
}

impl Outputs {
    /// Makes outputs whose records count as memory of the host that the guest holds.
    pub fn counted(held: Held) -> Self {
        Outputs { held: Some(held), ..Outputs::default() }
    }

    /// Forgets what another task left.
    #[inline]
    pub fn clear(&mut self) {
        if !self.records.is_empty() {
            self.take();
        }
    }

    /// Begins with a batch, and forgets what other tasks left.
    pub fn begin_batch(&mut self) {
        self.give_back(self.elsewhere);
        self.elsewhere = 0;
        self.take();
    }

    /// Goes over to another task of the batch: puts its records in place of the current one's, which it leaves there.
    pub fn exchange(&mut self, other: &mut Records) {
        std::mem::swap(&mut self.records, other);
        self.elsewhere = self.elsewhere + other.packed.len() - self.records.packed.len();
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the bytes that the records take, with those of other tasks of the batch.
    pub fn bytes(&self) -> usize {
        self.elsewhere + self.records.packed.len()
    }

    /// Takes the records that the task produced.
    pub fn take(&mut self) -> Vec<u8> {
        let packed = std::mem::take(&mut self.records).packed;
        self.give_back(packed.len());
        packed
    }

    /// Moves the records to that memory, as [`share`] does.
    ///
    /// # Safety
    /// As for [`SharedBytes::put`].
    #[inline]
    pub unsafe fn share(&mut self, memory: SharedBytes) {
        let length = self.records.packed.len();
        // SAFETY: the caller's promise.
        if length > 0 && unsafe { share(&mut self.records.packed, memory) } {
            self.records.count = 0;
            self.give_back(length);
        }
    }

    /// Adds the record that `put` packs, if the grants allow it. A topic that is not granted is also noted.
    pub fn add(
        &mut self,
        offer: &Offer<'_>,
        granted: &OutputGrants,
        notes: &Notes,
        put: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Refusal> {
        if !granted.topics.contains(offer.topic) {
            // The names of Kafka's topics are no longer; escaping a long one takes seconds.
            let topic: String = offer.topic.chars().take(249).flat_map(char::escape_debug).collect();
            let line = format!(
                "a record for the topic '{topic}' was denied; \"{topic}\" in OutputAccess.topics would allow it"
            );
            notes.add_once(Level::Warn, line);
            return Err(Refusal::TopicDenied);
        }
        if offer.content > granted.max_record_bytes {
            return Err(Refusal::TooLarge(granted.max_record_bytes));
        }
        // The most for a task is an int in Java, so no length is more than that either.
        let records = &self.records;
        if records.count == MAX_RECORDS || records.packed.len() + offer.packed > granted.max_task_bytes {
            return Err(Refusal::QueueFull);
        }
        if !self.hold(offer.packed, notes) {
            return Err(Refusal::QueueFull);
        }
        self.records.count += 1;
        put(&mut self.records.packed);
        Ok(())
    }

    /// Charges the guest for memory of the host: for a record, or for something else that its task has the host hold.
    /// Returns whether there was room for it, and notes it otherwise.
    pub fn hold(&mut self, more: usize, notes: &Notes) -> bool {
        let Some(held) = &mut self.held else { return true };
        let (used, most) = (held.bytes() + notes.held(), held.most());
        if used.saturating_add(more) > most {
            notes.limited(limits::host_memory_reached(more, used, most));
            return false;
        }
        let fits = held.set(held.bytes() + more);
        if !fits {
            notes.limited(limits::total_reached(more));
        }
        fits
    }

    /// Takes back a charge of [`hold`](Self::hold).
    pub fn give_back(&mut self, bytes: usize) {
        if let Some(held) = &mut self.held {
            held.set(held.bytes() - bytes);
        }
    }
}
