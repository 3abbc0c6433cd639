//! A component that takes batches and obeys the value of each task: the first word says what to do. `probe-batch` does
//! the same.

use std::time::Duration;

wit_bindgen::generate!({ path: "../../../wit/processor", world: "batch-processor" });

use decaton::processor::log::{self, Level};
use decaton::processor::producer::Message;
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::batch_handler::Guest;

struct Processor;

export!(Processor);

type Outcome = Result<Vec<Message>, ProcessError>;

impl Guest for Processor {
    fn process_batch(batch: Vec<Task>) -> Vec<Outcome> {
        let values: Vec<_> =
            batch.into_iter().map(|task| String::from_utf8(task.value.unwrap_or_default()).expect("text")).collect();
        log::write(Level::Info, &format!("batch: {}", values.join(", ")));
        if values.iter().any(|value| value == "all later") {
            return values.iter().map(|_| Err(ProcessError::Retry("all later".to_owned()))).collect();
        }
        let results = values.iter().map(|value| obey(value));
        if values.iter().any(|value| value == "short") { results.skip(1).collect() } else { results.collect() }
    }
}

fn obey(value: &str) -> Outcome {
    let (command, rest) = value.split_once(' ').unwrap_or((value, ""));
    let reason = rest.to_owned();
    match command {
        "panic" => panic!("as it was told"),
        "exit" => std::process::exit(3),
        "sleep" => std::thread::sleep(Duration::from_millis(rest.parse().expect("milliseconds"))),
        "log" => log::write(Level::Info, rest),
        "retry" => return Err(ProcessError::Retry(reason)),
        "dead-letter" => return Err(ProcessError::DeadLetter(reason)),
        "skip" => return Err(ProcessError::Skip(reason)),
        "fatal" => return Err(ProcessError::Fatal(reason)),
        "produce" => {
            let (topic, text) = rest.split_once(' ').expect("a topic and a text");
            return Ok(vec![message(topic, text)]);
        }
        "flood" => {
            let count = rest.parse().expect("a number");
            return Ok((0..count).map(|_| message("a", "x")).collect());
        }
        _ => {}
    }
    Ok(Vec::new())
}

fn message(topic: &str, text: &str) -> Message {
    let value = Some(text.as_bytes().to_vec());
    Message { topic: topic.to_owned(), partition: None, timestamp: None, key: None, value, headers: Vec::new() }
}
