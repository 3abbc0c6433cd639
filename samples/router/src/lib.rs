//! A task processor that produces records: it sends each task, unchanged, to the topic of its kind. The header `kind`
//! holds the kind; the settings map a kind to its topic (`--guest-config invoice=invoices`).

wit_bindgen::generate!({ path: "../../wit/processor", world: "processor" });

use decaton::processor::configuration;
use decaton::processor::producer::{self, Message, ProduceError};
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

struct Router;

export!(Router);

impl Guest for Router {
    fn process(task: Task) -> Result<(), ProcessError> {
        // Somebody has to look at a task without a kind, and at an unknown kind.
        let kind = kind(&task).ok_or(ProcessError::DeadLetter(
            "there is no header kind".to_owned(),
        ))?;
        let topic = configuration::get(&kind).ok_or_else(|| {
            ProcessError::DeadLetter(format!("there is no topic for the kind {kind}"))
        })?;
        send_on(task, topic)
    }
}

fn kind(task: &Task) -> Option<String> {
    let header = task.headers.iter().find(|header| header.name == "kind")?;
    String::from_utf8(header.value.clone()?).ok()
}

/// Produces the task. Wasmton sends it when `process` has returned `Ok`; it is done when Kafka has acknowledged it.
fn send_on(task: Task, topic: String) -> Result<(), ProcessError> {
    producer::produce(&Message {
        topic: topic.clone(),
        partition: None,
        timestamp: u64::try_from(task.timestamp).ok(),
        key: task.key,
        value: task.value,
        headers: task.headers,
    })
    .map_err(|e| match e {
        ProduceError::TooLarge(limit) => {
            ProcessError::DeadLetter(format!("it has more than {limit} bytes"))
        }
        // The operator did not grant the topic: no task will work.
        ProduceError::TopicDenied => {
            ProcessError::Fatal(format!("the topic {topic} was not granted"))
        }
        ProduceError::QueueFull => ProcessError::Retry("too much was produced".to_owned()),
    })
}
