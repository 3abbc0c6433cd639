//! A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same.

use std::cell::Cell;
use std::time::Duration;

use wasmton::{
    Error, Header, HttpFailure, ProduceError, Record, Request, Response, Result, Task, debug, error, info, produce,
    trace, warn,
};

wasmton::processor!(process);

thread_local! {
    static TASKS: Cell<u32> = const { Cell::new(0) };
}

fn process(task: &Task) -> Result {
    TASKS.set(TASKS.get() + 1);
    let text = String::from_utf8_lossy(task.value.unwrap_or_default());
    let words: Vec<&str> = text.split(' ').collect();
    match *words.as_slice() {
        [""] | ["record"] => info!("{}", describe(task)),
        ["nothing"] => {}
        ["retry"] => Err(std::io::Error::other("later"))?,
        ["dead-letter"] => return Err(Error::dead_letter("broken: ü")),
        ["skip"] => return Err(Error::skip("not ours")),
        ["stop"] => return Err(Error::stop("never")),
        ["count"] => info!("{}", TASKS.get()),
        ["log"] => {
            trace!("trace ü");
            debug!("debug ü");
            info!("info ü");
            warn!("warn ü");
            error!("error ü");
        }
        ["setting", name] => info!("{}", wasmton::setting(name).as_deref().unwrap_or("none")),
        ["settings"] => {
            let names: Vec<_> = wasmton::settings().into_iter().map(|(name, _)| name).collect();
            info!("{}", names.join(" "));
        }
        ["produce", topic, ref values @ ..] => produce_each(topic, values)?,
        ["produce-and-retry", topic, value] => {
            produce_each(topic, &[value])?;
            return Err(Error::retry("later"));
        }
        ["produce-and-trap", topic, value] => {
            produce_each(topic, &[value])?;
            panic!("on purpose");
        }
        ["produce-size", topic, count, size] => {
            let value = vec![0; size.parse()?];
            for _ in 0..count.parse()? {
                produce(&Record::new(topic).value(&value)).map_err(refused)?;
            }
        }
        ["produce-whole", topic, partition] => {
            let mut record = Record::new(topic).key("key").header("one", "1");
            record.partition = Some(partition.parse()?);
            record.timestamp = Some(1_700_000_000_123);
            record.headers.push(Header { name: "one", value: None });
            produce(&record.header("é", "")).map_err(refused)?;
        }
        ["forward", topic] => produce(&task.to(topic)).map_err(refused)?,
        ["count-up", name, amount] => wasmton::count(name, amount.parse()?),
        ["http", method, url, timeout, body, ref headers @ ..] => {
            let mut request = Request::new(method, url);
            request.timeout = timeout.parse().ok().map(Duration::from_millis);
            request.body = (body != "-").then_some(body.as_bytes());
            request.headers = headers.chunks(2).map(|header| (header[0], header[1].as_bytes())).collect();
            tell_response(&request.send().map_err(|e| Error::skip(format_args!("http {}: {e}", number(e.failure))))?);
        }
        ["print"] => {
            println!("out");
            eprintln!("err");
        }
        ["trap"] => panic!("on purpose"),
        ["exit", status] => std::process::exit(status.parse()?),
        ["loop"] => loop {
            std::hint::spin_loop();
        },
        _ => return Err(Error::skip(format_args!("no such word: {}", words[0]))),
    }
    Ok(())
}

fn number(failure: HttpFailure) -> i32 {
    match failure {
        HttpFailure::Denied => -1,
        HttpFailure::Invalid => -2,
        HttpFailure::NoName => -3,
        HttpFailure::Connection => -4,
        HttpFailure::Tls => -5,
        HttpFailure::Timeout => -6,
        HttpFailure::TooLarge => -7,
        HttpFailure::Malformed => -8,
        HttpFailure::Limit => -9,
    }
}

fn tell_response(response: &Response) {
    let mut line = match response.body.len() {
        0..=100 => format!("{} {}", response.status, String::from_utf8_lossy(&response.body)),
        size => format!("{} {size} bytes", response.status),
    };
    for (name, value) in response.headers.iter().filter(|(name, _)| name.starts_with("x-")) {
        line += &format!(" {name}={}", String::from_utf8_lossy(value));
    }
    info!("{line}");
}

fn produce_each(topic: &str, values: &[&str]) -> Result {
    values.iter().try_for_each(|value| produce(&Record::new(topic).value(*value)).map_err(refused))
}

fn refused(error: ProduceError) -> Error {
    Error::skip(match error {
        ProduceError::TopicDenied => "topic-denied",
        ProduceError::TooLarge => "too-large",
        ProduceError::QueueFull => "queue-full",
    })
}

fn describe(task: &Task) -> String {
    let (topic, partition, offset, timestamp) = (task.topic, task.partition, task.offset, task.timestamp.unwrap_or(-1));
    let mut line = format!("{topic} {partition} {offset} {timestamp} {}", task.attempt);
    line += &format!(" key={} value={}", digits(task.key), digits(task.value));
    for header in &task.headers {
        line += &format!(" {}={}", header.name, digits(header.value));
    }
    line
}

/// Returns hexadecimal digits; a hyphen for none at all.
fn digits(bytes: Option<&[u8]>) -> String {
    bytes.map_or("-".to_owned(), |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
