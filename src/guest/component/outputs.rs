//! Records that a guest produces. They wait until their task is over. Java takes them in one piece if the task
//! succeeded; they are gone if it failed.

use std::collections::HashSet;

use super::instance::State;
use super::world::decaton::processor::producer::{self, Message, ProduceError};
use crate::guest::notes::Level;

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

/// The records of the task under way, as `Output.java` reads them: each is topic, partition, timestamp, key, value, the
/// number of headers, and each header's name and value. Numbers are big-endian; -1 stands for none; before bytes stands
/// their length.
#[derive(Default)]
pub struct Outputs {
    encoded: Vec<u8>,
    records: usize,
    /// True while there is a task to produce for.
    open: bool,
}

impl Outputs {
    /// Begins with a task, and forgets what another one left.
    pub fn begin(&mut self) {
        self.encoded.clear();
        self.records = 0;
        self.open = true;
    }

    /// Takes the records that the task produced.
    pub fn take(&mut self) -> Vec<u8> {
        self.open = false;
        std::mem::take(&mut self.encoded)
    }

    fn add(&mut self, message: &Message, limits: &OutputGrants) -> Result<(), ProduceError> {
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        let headers: usize = message.headers.iter().map(|header| header.name.len() + length(&header.value)).sum();
        let content = length(&message.key) + length(&message.value) + headers;
        if content > limits.max_record_bytes {
            return Err(ProduceError::TooLarge(limits.max_record_bytes as u64));
        }
        // The numbers and lengths around it: 28 bytes, and 8 for each header.
        let size = 28 + message.topic.len() + content + 8 * message.headers.len();
        if self.records == MAX_RECORDS || self.encoded.len() + size > limits.max_task_bytes {
            return Err(ProduceError::QueueFull);
        }
        self.records += 1;
        self.put_bytes(Some(message.topic.as_bytes()));
        // What is beyond Kafka's numbers becomes the last of them, which Kafka refuses.
        self.put_number(message.partition.map(|partition| i32::try_from(partition).unwrap_or(i32::MAX)));
        let timestamp = message.timestamp.map_or(-1, |time| i64::try_from(time).unwrap_or(i64::MAX));
        self.encoded.extend(timestamp.to_be_bytes());
        self.put_bytes(message.key.as_deref());
        self.put_bytes(message.value.as_deref());
        self.put_number(i32::try_from(message.headers.len()).ok());
        for header in &message.headers {
            self.put_bytes(Some(header.name.as_bytes()));
            self.put_bytes(header.value.as_deref());
        }
        Ok(())
    }

    fn put_number(&mut self, number: Option<i32>) {
        self.encoded.extend(number.unwrap_or(-1).to_be_bytes());
    }

    fn put_bytes(&mut self, bytes: Option<&[u8]>) {
        // All of it is shorter than `max_task_bytes`, which is an int in Java.
        self.put_number(bytes.and_then(|bytes| i32::try_from(bytes.len()).ok()));
        self.encoded.extend_from_slice(bytes.unwrap_or_default());
    }
}

impl producer::Host for State {
    fn produce(&mut self, message: Message) -> wasmtime::Result<Result<(), ProduceError>> {
        if !self.outputs.open {
            wasmtime::bail!("produce was called while there was no task to produce for");
        }
        let granted = &self.module.settings.outputs;
        if !granted.topics.contains(&message.topic) {
            let topic = message.topic.escape_debug();
            let line = format!("a record for the topic '{topic}' was denied; --output-topic {topic} would allow it");
            self.notes.add_once(Level::Warn, line);
            return Ok(Err(ProduceError::TopicDenied));
        }
        Ok(self.outputs.add(&message, granted))
    }
}
