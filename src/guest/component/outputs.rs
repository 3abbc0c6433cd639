//! `decaton:processor/producer`: the records that a component produces.

use super::instance::State;
use super::world::decaton::processor::producer::{self, Message, ProduceError};
use crate::guest::outputs::{Offer, Outputs, Records, Refusal};
use crate::guest::record;

/// The outputs of an instance: [`Outputs`], which are open while there is a task to produce for.
#[derive(Default)]
pub struct TaskOutputs {
    outputs: Outputs,
    open: bool,
}

impl TaskOutputs {
    /// Begins with a task, and forgets what another one left.
    pub fn begin(&mut self) {
        self.outputs.clear();
        self.open = true;
    }

    /// Begins with the records of the tasks of a batch, or forgets them.
    pub fn begin_batch(&mut self) {
        self.outputs.begin_batch();
    }

    /// Puts the records of the current task there.
    pub fn exchange(&mut self, records: &mut Records) {
        self.outputs.exchange(records);
    }

    /// Takes the records that the task produced.
    pub fn take(&mut self) -> Vec<u8> {
        self.open = false;
        self.outputs.take()
    }

    /// Returns whether there is a task.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Returns the bytes of the host's memory that the records take.
    pub fn held(&self) -> usize {
        self.outputs.bytes()
    }
}

impl producer::Host for State {
    fn produce(&mut self, message: Message) -> wasmtime::Result<Result<(), ProduceError>> {
        if !self.outputs.open {
            wasmtime::bail!("produce was called while there was no task to produce for");
        }
        Ok(self.offer(&message).map_err(|refusal| match refusal {
            Refusal::TopicDenied => ProduceError::TopicDenied,
            Refusal::TooLarge(limit) => ProduceError::TooLarge(limit as u64),
            Refusal::QueueFull => ProduceError::QueueFull,
        }))
    }
}

impl State {
    /// Adds a record to the output of the current task, if it may have it.
    pub fn offer(&mut self, message: &Message) -> Result<(), Refusal> {
        let offer = Offer {
            topic: &message.topic,
            content: record::content_size(message),
            packed: record::packed_size(message),
        };
        if !self.try_hold(offer.packed) {
            return Err(Refusal::QueueFull);
        }
        let granted = &self.module.settings.outputs;
        self.outputs.outputs.add(&offer, granted, &self.notes, |packed| record::put(packed, message))
    }
}
