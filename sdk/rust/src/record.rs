//! Records, and their layout in docs/protocol-1.md.

/// A header of a record. Names may repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, if there is one.
    pub value: Option<&'a [u8]>,
}

/// One Kafka record to process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task<'a> {
    /// The topic that it was read from.
    pub topic: &'a str,
    /// The partition of that topic.
    pub partition: i32,
    /// Its offset in that partition.
    pub offset: i64,
    /// Milliseconds since 1970-01-01T00:00Z, if it has a timestamp.
    pub timestamp: Option<i64>,
    /// Its key, if there is one.
    pub key: Option<&'a [u8]>,
    /// Its value; none for a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers in their order.
    pub headers: Vec<Header<'a>>,
    /// 1 when the task is handed over for the first time.
    pub attempt: u32,
}

/// A Kafka record to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The topic to write it to.
    pub topic: &'a str,
    /// None lets Kafka's partitioner choose, by the key if there is one.
    pub partition: Option<i32>,
    /// Milliseconds since 1970-01-01T00:00Z; none for the time at which it is sent.
    pub timestamp: Option<i64>,
    /// Its key, if it is to have one.
    pub key: Option<&'a [u8]>,
    /// Its value; none for a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers in their order.
    pub headers: Vec<Header<'a>>,
}

impl<'a> Record<'a> {
    /// Makes an empty record for a topic.
    pub fn new(topic: &'a str) -> Self {
        Record { topic, partition: None, timestamp: None, key: None, value: None, headers: Vec::new() }
    }

    /// Sets the key.
    pub fn key(mut self, key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.key = Some(key.as_ref());
        self
    }

    /// Sets the value.
    pub fn value(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.value = Some(value.as_ref());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'a str, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.headers.push(Header { name, value: Some(value.as_ref()) });
        self
    }

    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(256 + self.value.map_or(0, <[u8]>::len));
        packed.extend(self.partition.unwrap_or(-1).to_le_bytes());
        packed.extend(0_i32.to_le_bytes());
        packed.extend((-1_i64).to_le_bytes());
        packed.extend(self.timestamp.unwrap_or(-1).to_le_bytes());
        packed.extend((self.topic.len() as i32).to_le_bytes());
        packed.extend(length(self.key));
        packed.extend(length(self.value));
        packed.extend((self.headers.len() as i32).to_le_bytes());
        packed.extend(self.topic.as_bytes());
        packed.extend(self.key.unwrap_or_default());
        packed.extend(self.value.unwrap_or_default());
        for header in &self.headers {
            packed.extend((header.name.len() as i32).to_le_bytes());
            packed.extend(length(header.value));
            packed.extend(header.name.as_bytes());
            packed.extend(header.value.unwrap_or_default());
        }
        packed
    }
}

fn length(bytes: Option<&[u8]>) -> [u8; 4] {
    bytes.map_or(-1, |bytes| bytes.len() as i32).to_le_bytes()
}

impl<'a> Task<'a> {
    /// Makes a record for another topic, with the key, value, headers and timestamp of this task.
    pub fn to(&self, topic: &'a str) -> Record<'a> {
        Record {
            topic,
            partition: None,
            timestamp: self.timestamp,
            key: self.key,
            value: self.value,
            headers: self.headers.clone(),
        }
    }

    /// Unpacks the tasks of a batch, each behind its size.
    pub(crate) fn unpack_all(packed: &'a [u8]) -> Vec<Self> {
        let mut rest = Reader(packed);
        let mut tasks = Vec::new();
        while !rest.0.is_empty() {
            let size = rest.int();
            tasks.push(Task::unpack(rest.bytes(size).unwrap_or_default()));
        }
        tasks
    }

    pub(crate) fn unpack(packed: &'a [u8]) -> Self {
        let mut rest = Reader(packed);
        let (partition, attempt) = (rest.int(), rest.int() as u32);
        let (offset, timestamp) = (rest.long(), rest.long());
        let [topic, key, value, headers] = [rest.int(), rest.int(), rest.int(), rest.int()];
        Task {
            topic: rest.text(topic),
            partition,
            offset,
            timestamp: (timestamp >= 0).then_some(timestamp),
            key: rest.bytes(key),
            value: rest.bytes(value),
            headers: (0..headers)
                .map(|_| {
                    let (name, value) = (rest.int(), rest.int());
                    Header { name: rest.text(name), value: rest.bytes(value) }
                })
                .collect(),
            attempt,
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn int(&mut self) -> i32 {
        let (bytes, rest) = self.0.split_first_chunk().expect("the host keeps to the layout");
        self.0 = rest;
        i32::from_le_bytes(*bytes)
    }

    fn long(&mut self) -> i64 {
        let (bytes, rest) = self.0.split_first_chunk().expect("the host keeps to the layout");
        self.0 = rest;
        i64::from_le_bytes(*bytes)
    }

    fn bytes(&mut self, length: i32) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at(usize::try_from(length).ok()?);
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self, length: i32) -> &'a str {
        str::from_utf8(self.bytes(length).unwrap_or_default()).expect("the host writes UTF-8")
    }
}
