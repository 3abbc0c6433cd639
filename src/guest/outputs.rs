//! Records that a guest produces. They wait until their task is over. Java takes them in one piece if the task
//! succeeded; they are gone if it failed.

use std::collections::HashSet;

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

/// The records of the task in progress, packed as [`record`](crate::guest::record) says.
#[derive(Default)]
pub struct Outputs {
    packed: Vec<u8>,
    records: usize,
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
        if !self.packed.is_empty() {
            self.take();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// Returns the bytes that the records take.
    pub fn bytes(&self) -> usize {
        self.packed.len()
    }

    /// Takes the records that the task produced.
    pub fn take(&mut self) -> Vec<u8> {
        self.records = 0;
        let packed = std::mem::take(&mut self.packed);
        self.give_back(packed.len());
        packed
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
        if self.records == MAX_RECORDS || self.packed.len() + offer.packed > granted.max_task_bytes {
            return Err(Refusal::QueueFull);
        }
        if !self.hold(offer.packed, notes) {
            return Err(Refusal::QueueFull);
        }
        self.records += 1;
        put(&mut self.packed);
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
