//! `decaton:processor/batch-handler`: components that take batches.

use wasmtime::component::Component;

use super::instance::{State, verdict};
use super::world::decaton::processor::producer::Message;
use super::world::decaton::processor::types::ProcessError;
use crate::bridge::error::{Error, Result};
use crate::guest::batch::{End, Ends};
use crate::guest::notes;
use crate::guest::outcome::Verdict;
use crate::guest::outputs::{Records, Refusal};

/// Checks that a component that takes batches imports no stores. It may import all of `producer`, for a type of it, as
/// some tools import whole interfaces. To call `produce` traps, as there is no task.
pub fn check(compiled: &Component) -> Result<()> {
    let imports = compiled.component_type();
    match imports.imports(compiled.engine()).find(|(name, _)| name.starts_with(super::STATE)) {
        None => Ok(()),
        Some((name, _)) => Err(Error::argument(format!(
            "it exports batch-handler and imports {name}. A batch has no stores: what it writes would belong to none \
             of its tasks. Build it for the world batch-processor."
        ))),
    }
}

/// Returns the ends of that many tasks, by the results that the guest returned.
pub fn ends(
    state: &mut State,
    results: Vec<std::result::Result<Vec<Message>, ProcessError>>,
    tasks: usize,
) -> wasmtime::Result<Ends> {
    let found = results.len();
    if found != tasks {
        return Err(Error::argument(format!(
            "process-batch returned {found} results for {tasks} tasks; it returns one for each, in their order"
        ))
        .into_wasmtime());
    }
    state.outputs.begin_batch();
    let ends = Ends(results.into_iter().map(|result| end(state, result)).collect());
    state.outputs.begin_batch();
    Ok(ends)
}

fn end(state: &mut State, result: std::result::Result<Vec<Message>, ProcessError>) -> End {
    let messages = match result {
        Ok(messages) => messages,
        Err(error) => {
            let (verdict, reason) = verdict(&error);
            return End::refused(verdict, reason);
        }
    };
    for message in messages {
        let topic = message.topic.escape_debug().to_string();
        let (verdict, why) = match state.offer(&message) {
            Ok(()) => continue,
            Err(Refusal::TopicDenied) => (Verdict::Fatal, "the topic was not granted".to_owned()),
            Err(Refusal::TooLarge(limit)) => (Verdict::DeadLetter, format!("it has more than {limit} bytes")),
            Err(Refusal::QueueFull) => (Verdict::DeadLetter, "the task has as many as it may have".to_owned()),
        };
        state.outputs.take();
        let reason = format!("a record for the topic '{topic}' was not accepted: {why}");
        return End::refused(verdict, notes::cut(reason.as_bytes()));
    }
    let mut records = Records::default();
    state.outputs.exchange(&mut records);
    End { records, ..End::default() }
}
