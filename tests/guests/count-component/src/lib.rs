//! A component with state. It counts the tasks of each key in the store `counts`, as samples/count does, unless a
//! task's value begins with a word that it obeys, as the guests state-* of protocol 1 do.

wit_bindgen::generate!({ path: "../../../wit/processor", world: "stateful-processor" });

use std::cell::RefCell;
use std::collections::HashMap;

use decaton::processor::producer::{self, Message};
use decaton::processor::state::{self, Bucket, Error};
use decaton::processor::types::{ProcessError, Task};
use decaton::processor::{configuration, log};
use exports::decaton::processor::task_handler::Guest;

struct Counter;

export!(Counter);

thread_local! {
    /// The buckets that were opened, which stay open from task to task.
    static BUCKETS: RefCell<HashMap<String, Bucket>> = RefCell::default();
}

impl Guest for Counter {
    fn process(task: Task) -> Result<(), ProcessError> {
        let text = String::from_utf8_lossy(task.value.as_deref().unwrap_or_default()).into_owned();
        let words: Vec<&str> = text.split(' ').collect();
        obey(&task, &words).map_err(|e| {
            ProcessError::Skip(match e {
                Error::NoSuchStore => "no-such-store".to_owned(),
                Error::AccessDenied => "read-only".to_owned(),
                Error::Limit(which) => format!("limit: {which}"),
            })
        })?;
        match *words.as_slice() {
            ["set-and-retry", ..] => Err(ProcessError::Retry("later".to_owned())),
            ["set-and-trap", ..] => panic!("on purpose"),
            _ => Ok(()),
        }
    }
}

fn obey(task: &Task, words: &[&str]) -> Result<(), Error> {
    match *words {
        ["set" | "set-and-retry" | "set-and-trap", store, key, value] => {
            with(store, |bucket| bucket.set(key.as_bytes(), value.as_bytes()))
        }
        ["set-size", store, key, size] => {
            let value = vec![0; size.parse().expect("a size")];
            with(store, |bucket| bucket.set(key.as_bytes(), &value))
        }
        ["get", store, key] => {
            let value = with(store, |bucket| bucket.get(key.as_bytes()))?;
            tell(&value.map_or("none".to_owned(), |value| shown(&value)));
            Ok(())
        }
        ["get-often", store, key, times] => {
            (0..times.parse().expect("a number")).try_for_each(|_: u32| {
                with(store, |bucket| bucket.get(key.as_bytes()).map(drop))
            })
        }
        ["get-set", store, key] => {
            let value = with(store, |bucket| bucket.get(key.as_bytes()))?;
            with(store, |bucket| bucket.set(key.as_bytes(), &value.unwrap_or_default()))
        }
        ["nothing"] => Ok(()),
        ["delete", store, key] => with(store, |bucket| bucket.delete(key.as_bytes())),
        ["scan", store, from, to, limit] => {
            let to = (to != "-").then_some(to.as_bytes());
            scan(store, from, to, limit.parse().expect("a limit"))
        }
        ["prefix", store, prefix, limit] => {
            let mut to = prefix.as_bytes().to_vec();
            *to.last_mut().expect("a prefix") += 1;
            scan(store, prefix, Some(&to), limit.parse().expect("a limit"))
        }
        _ => count(task),
    }
}

fn scan(store: &str, from: &str, to: Option<&[u8]>, limit: u32) -> Result<(), Error> {
    let entries = with(store, |bucket| bucket.scan(from.as_bytes(), to, limit))?;
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}={}", shown(key), shown(value))).collect();
    tell(&entries.join(" "));
    Ok(())
}

fn count(task: &Task) -> Result<(), Error> {
    let key = task.key.as_deref().unwrap_or_default();
    let before = with("counts", |bucket| bucket.get(key))?;
    let count = before.map_or(0, |text| shown(&text).parse::<u64>().expect("a count")) + 1;
    let count = count.to_string().into_bytes();
    with("counts", |bucket| bucket.set(key, &count))?;
    if let Some(topic) = configuration::get("topic") {
        let (key, value) = (task.key.clone(), Some(count));
        producer::produce(&Message { topic, partition: None, timestamp: None, key, value, headers: vec![] })
            .expect("granted");
    }
    Ok(())
}

fn with<T>(store: &str, body: impl FnOnce(&Bucket) -> Result<T, Error>) -> Result<T, Error> {
    BUCKETS.with_borrow_mut(|buckets| {
        if !buckets.contains_key(store) {
            buckets.insert(store.to_owned(), state::open(store)?);
        }
        body(&buckets[store])
    })
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn tell(line: &str) {
    log::write(log::Level::Info, line);
}
