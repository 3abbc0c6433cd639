//! A task processor: it passes large orders on to the topic large-orders.

use std::error::Error;

use serde::{Deserialize, Serialize};
use wstd::http::{Client, Request};
use wstd::runtime::block_on;

wit_bindgen::generate!({ path: "wit", world: "processor" });

use decaton::processor::configuration;
use decaton::processor::log::{self, Level};
use decaton::processor::producer::{self, Message};
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

#[derive(Deserialize, Serialize)]
struct Order {
    id: String,
    amount: u64,
}

struct Processor;

export!(Processor);

impl Guest for Processor {
    /// Processes one record. Wasmton calls it once for each attempt.
    fn process(task: Task) -> Result<(), ProcessError> {
        // A retry does not help a malformed order: somebody has to look at it.
        let order = parse(&task.value.unwrap_or_default())
            .map_err(|e| ProcessError::DeadLetter(format!("not an order: {e}")))?;
        log::write(Level::Info, &format!("order {}: {}", order.id, order.amount));
        if order.amount < minimum()? {
            return Ok(());
        }
        let json = serde_json::to_string(&order).expect("an order is JSON");
        if let Some(url) = configuration::get("check-url") {
            block_on(check(&url, &json))?;
        }
        // Wasmton sends it when `process` has returned Ok; then the task is done.
        producer::produce(&Message {
            topic: "large-orders".to_owned(),
            partition: None,
            timestamp: None,
            key: Some(order.id.into_bytes()),
            value: Some(json.into_bytes()),
            headers: task.headers,
        })
        .map_err(|e| ProcessError::Fatal(format!("large-orders: {e:?}")))
    }
}

/// Parses an order. Text takes a sixth less time than bytes, of which serde_json checks each string to be UTF-8.
fn parse(value: &[u8]) -> Result<Order, Box<dyn Error>> {
    Ok(serde_json::from_str(str::from_utf8(value)?)?)
}

/// Returns the setting `minimum`. Without a valid one no task can be processed.
fn minimum() -> Result<u64, ProcessError> {
    let text = configuration::get("minimum").unwrap_or_else(|| "100".to_owned());
    text.parse().map_err(|_| ProcessError::Fatal(format!("the setting minimum is not a number: {text}")))
}

/// Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by.
async fn check(url: &str, order: &str) -> Result<(), ProcessError> {
    let token = configuration::get("check-token").unwrap_or_default();
    let request = Request::post(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(order.to_owned())
        .map_err(|e| ProcessError::Fatal(format!("the setting check-url: {e}")))?;
    // An unreachable service may come back. It needs no time-out: Wasmton ends a task at its deadline.
    let answer = Client::new().send(request).await.map_err(|e| ProcessError::Retry(format!("check: {e:#}")))?;
    match answer.status().as_u16() {
        200..300 => Ok(()),
        status @ 400..500 => Err(ProcessError::DeadLetter(format!("check: refused with {status}"))),
        status => Err(ProcessError::Retry(format!("check: answered {status}"))),
    }
}
