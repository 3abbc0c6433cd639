//! Records in packed bytes: tasks on their way in, and records that a guest produced on their way out. `PackedRecord`
//! in Java draws the layout, and docs/protocol-1.md does for guests. Numbers are little-endian, as in WebAssembly's
//! memory.

use crate::guest::component::{Message, Task, TaskHeader};

/// The bytes of a record before its topic.
const FIXED: usize = 40;

/// The bytes of a header before its name.
const FIXED_OF_HEADER: usize = 8;

/// Reads a task where it lies; None if the bytes are not one.
pub fn read_task(packed: &[u8]) -> Option<Task<'_>> {
    let mut headers = Vec::new();
    let Record { partition, attempt, offset, timestamp, topic, key, value } =
        read(packed, |name, value| headers.push(TaskHeader { name, value }))?;
    Some(Task { topic, partition, offset, timestamp, key, value, headers, attempt })
}

/// Returns the topic of a packed record, and the bytes of its key, value and headers; None if it is not one.
pub fn check(packed: &[u8]) -> Option<(&str, usize)> {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let mut headers = 0;
    let record = read(packed, |name, value| headers += name.len() + length(value))?;
    Some((record.topic, length(record.key) + length(record.value) + headers))
}

/// A packed record but for its headers, read where it lies.
struct Record<'a> {
    partition: i32,
    attempt: u32,
    offset: i64,
    timestamp: i64,
    topic: &'a str,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
}

fn read<'a>(packed: &'a [u8], mut header: impl FnMut(&'a str, Option<&'a [u8]>)) -> Option<Record<'a>> {
    let mut rest = Reader::new(packed);
    let partition = rest.int()?;
    let attempt = u32::try_from(rest.int()?).ok()?;
    let (offset, timestamp) = (rest.long()?, rest.long()?);
    let [topic, key, value, headers] = [rest.int()?, rest.int()?, rest.int()?, rest.int()?];
    let topic = rest.text(topic)?;
    let (key, value) = (rest.bytes(key)?, rest.bytes(value)?);
    for _ in 0..u32::try_from(headers).ok()? {
        let (name, value) = (rest.int()?, rest.int()?);
        header(rest.text(name)?, rest.bytes(value)?);
    }
    rest.is_empty().then_some(Record { partition, attempt, offset, timestamp, topic, key, value })
}

/// Reads packed bytes in turn.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(packed: &'a [u8]) -> Self {
        Reader(packed)
    }

    /// Returns whether all of it was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn int(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_le_bytes(*bytes))
    }

    fn long(&mut self) -> Option<i64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i64::from_le_bytes(*bytes))
    }

    /// Reads that many bytes, or none at all for -1.
    #[expect(clippy::option_option, reason = "the outer one is for bytes that end too early")]
    pub fn bytes(&mut self, length: i32) -> Option<Option<&'a [u8]>> {
        if length == -1 {
            return Some(None);
        }
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(Some(bytes))
    }

    fn text(&mut self, length: i32) -> Option<&'a str> {
        str::from_utf8(self.bytes(length)??).ok()
    }
}

/// Returns the bytes that a message takes when it is packed.
pub fn packed_size(message: &Message) -> usize {
    FIXED + message.topic.len() + content_size(message) + FIXED_OF_HEADER * message.headers.len()
}

/// Returns the bytes of a message's key, value and headers.
pub fn content_size(message: &Message) -> usize {
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    let headers: usize = message.headers.iter().map(|header| header.name.len() + length(&header.value)).sum();
    length(&message.key) + length(&message.value) + headers
}

/// Packs a message behind what is there. It must be shorter than 2 GiB.
pub fn put(packed: &mut Vec<u8>, message: &Message) {
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i32);
    // What is beyond Kafka's numbers becomes the last of them, which Kafka refuses.
    let partition = message.partition.map_or(-1, |partition| i32::try_from(partition).unwrap_or(i32::MAX));
    let timestamp = message.timestamp.map_or(-1, |time| i64::try_from(time).unwrap_or(i64::MAX));
    let (attempt, offset) = (0_i32, -1_i64);
    packed.extend(partition.to_le_bytes());
    packed.extend(attempt.to_le_bytes());
    packed.extend(offset.to_le_bytes());
    packed.extend(timestamp.to_le_bytes());
    packed.extend((message.topic.len() as i32).to_le_bytes());
    packed.extend(length(&message.key).to_le_bytes());
    packed.extend(length(&message.value).to_le_bytes());
    packed.extend((message.headers.len() as i32).to_le_bytes());
    packed.extend_from_slice(message.topic.as_bytes());
    packed.extend_from_slice(message.key.as_deref().unwrap_or_default());
    packed.extend_from_slice(message.value.as_deref().unwrap_or_default());
    for header in &message.headers {
        packed.extend((header.name.len() as i32).to_le_bytes());
        packed.extend(length(&header.value).to_le_bytes());
        packed.extend_from_slice(header.name.as_bytes());
        packed.extend_from_slice(header.value.as_deref().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::component::Header;

    fn message() -> Message {
        Message {
            topic: "orders".to_owned(),
            partition: Some(7),
            timestamp: None,
            key: None,
            value: Some(b"value".to_vec()),
            headers: vec![
                Header { name: "a".to_owned(), value: None },
                Header { name: String::new(), value: Some(vec![0, 255]) },
            ],
        }
    }

    /// A produced record has the layout of a task but for the attempt, which is 0.
    #[test]
    fn a_packed_message_reads_as_a_task() {
        let mut packed = Vec::new();
        put(&mut packed, &message());
        assert_eq!(packed_size(&message()), packed.len());
        let task = read_task(&packed).expect("a task");
        assert_eq!(("orders", 7, -1, -1, 0), (task.topic, task.partition, task.offset, task.timestamp, task.attempt));
        assert_eq!((None, Some(&b"value"[..])), (task.key, task.value));
        assert_eq!((2, "a", None), (task.headers.len(), task.headers[0].name, task.headers[0].value));
        assert_eq!(("", Some(&[0_u8, 255][..])), (task.headers[1].name, task.headers[1].value));
    }

    #[test]
    fn bytes_that_end_early_or_late_are_no_task() {
        let mut packed = Vec::new();
        put(&mut packed, &message());
        for end in 0..packed.len() {
            assert!(read_task(&packed[..end]).is_none(), "{end} bytes");
            assert!(check(&packed[..end]).is_none(), "{end} bytes");
        }
        packed.push(0);
        assert!(read_task(&packed).is_none());
    }

    #[test]
    fn check_counts_the_content_and_refuses_negative_lengths() {
        let mut packed = Vec::new();
        put(&mut packed, &message());
        assert_eq!(Some(("orders", content_size(&message()))), check(&packed));
        for field in [24, 28, 32, 36] {
            let mut wrong = packed.clone();
            wrong[field..field + 4].copy_from_slice(&(-2_i32).to_le_bytes());
            assert_eq!(None, check(&wrong), "the length at {field}");
        }
    }
}
