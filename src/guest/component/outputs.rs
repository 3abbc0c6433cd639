//! Records that a guest produces. They wait until their task is over. Java takes them in one piece if the task
//! succeeded; they are gone if it failed.

use std::collections::HashSet;

use super::instance::State;
use super::world::decaton::processor::producer::{self, Message, ProduceError};
use crate::guest::notes::Level;
use crate::guest::record;

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

/// The records of the task in progress, packed as [`record`] says.
#[derive(Default)]
pub struct Outputs {
    packed: Vec<u8>,
    records: usize,
    /// True while there is a task to produce for.
    open: bool,
}

impl Outputs {
    /// Begins with a task, and forgets what another one left.
    pub fn begin(&mut self) {
        self.packed.clear();
        self.records = 0;
        self.open = true;
    }

    /// Takes the records that the task produced.
    pub fn take(&mut self) -> Vec<u8> {
        self.open = false;
        std::mem::take(&mut self.packed)
    }

    fn add(&mut self, message: &Message, limits: &OutputGrants) -> Result<(), ProduceError> {
        if record::content_size(message) > limits.max_record_bytes {
            return Err(ProduceError::TooLarge(limits.max_record_bytes as u64));
        }
        // The most for a task is an int in Java, so no length is more than that either.
        if self.records == MAX_RECORDS || self.packed.len() + record::packed_size(message) > limits.max_task_bytes {
            return Err(ProduceError::QueueFull);
        }
        self.records += 1;
        record::put(&mut self.packed, message);
        Ok(())
    }
}

impl producer::Host for State {
    fn produce(&mut self, message: Message) -> wasmtime::Result<Result<(), ProduceError>> {
        if !self.outputs.open {
            wasmtime::bail!("produce was called while there was no task to produce for");
        }
        let granted = &self.module.settings.outputs;
        if !granted.topics.contains(&message.topic) {
            // The names of Kafka's topics are no longer; escaping a long one takes seconds.
            let topic: String = message.topic.chars().take(249).flat_map(char::escape_debug).collect();
            let line = format!(
                "a record for the topic '{topic}' was denied; \"{topic}\" in OutputAccess.topics would allow it"
            );
            self.notes.add_once(Level::Warn, line);
            return Ok(Err(ProduceError::TopicDenied));
        }
        Ok(self.outputs.add(&message, granted))
    }
}
