//! One thread's guest, which has an instance most of the time.

use std::sync::Arc;

use super::{Instance, Module, Protocol};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{DirectBytes, JavaBytes};
use crate::bridge::stack;
use crate::guest::batch::Ends;
use crate::guest::notes::{Notes, TakenNotes};
use crate::guest::outcome::Outcome;
use crate::guest::packed::PackedTasks;
use crate::guest::state::StateCalls;

/// One processor, used by one thread at a time.
pub struct Guest {
    module: Arc<Module>,
    notes: Notes,
    /// None after a failure, until the next task: an instance that failed is not used again.
    instance: Option<Instance>,
    /// Protocol 1: where Java packs tasks.
    buffer: Option<DirectBytes>,
    /// Protocol 1: the tasks of the last call that are done, before the one that the outcome is about.
    done: usize,
}

impl Guest {
    pub fn new(module: Arc<Module>, instance: Instance, notes: Notes) -> Self {
        Guest { module, notes, instance: Some(instance), buffer: None, done: 0 }
    }

    /// Hands one task over to a guest of protocol 0 and waits for its outcome. After an error the next task meets a
    /// fresh instance.
    #[inline]
    pub fn process(&mut self, task: JavaBytes) -> Result<Outcome> {
        let instance = match &mut self.instance {
            Some(instance) => instance,
            none => none.insert(self.module.start(&self.notes)?),
        };
        stack::check(instance.stack)?;
        let stack = instance.stack;
        let outcome = instance.process(task, self.module.ticks);
        if outcome.is_err() {
            self.instance = None;
        }
        outcome.map_err(|e| self.module.stacks.explain(e, stack))
    }

    /// Sets the buffer for [`process_tasks`](Self::process_tasks).
    pub fn use_buffer(&mut self, buffer: DirectBytes) {
        self.buffer = Some(buffer);
    }

    /// Hands over the packed tasks in the first bytes of the buffer, to a guest of protocol 1, until one of them is not
    /// simply done. Returns the number of those before it and its outcome. After an error the next task meets a fresh
    /// instance, and [`done`](Self::done) tells the number.
    #[inline]
    pub fn process_tasks(&mut self, length: i32, calls: StateCalls) -> Result<(usize, Outcome)> {
        self.done = 0;
        let Some(buffer) = &self.buffer else { return Err(Error::state("the Guest has no buffer for tasks")) };
        if self.module.protocol != Protocol::One || self.module.takes_batches() {
            return Err(Error::argument("tasks one after the other are for a guest that takes them by next"));
        }
        // SAFETY: the buffer is kept for longer than the call; Java's Guest lets one thread at a time fill it and call.
        let tasks = unsafe { PackedTasks::new(buffer, length)? };
        // SAFETY: as above; a guest has taken its only task before it may use its stores.
        let calls = unsafe { calls.with_shared(buffer.shared()) };
        let instance = match &mut self.instance {
            Some(instance) => instance,
            none => none.insert(self.module.start(&self.notes)?),
        };
        stack::check(instance.stack)?;
        let stack = instance.stack;
        let outcome = instance.process_tasks(tasks, calls, self.module.ticks);
        self.done = instance.tasks().done();
        if outcome.is_err() {
            self.instance = None;
        }
        Ok((self.done, outcome.map_err(|e| self.module.stacks.explain(e, stack))?))
    }

    /// Hands over the packed tasks in the first bytes of the buffer as one batch, to a guest that takes batches. After
    /// an error the next batch meets a fresh instance.
    pub fn process_batch(&mut self, length: i32) -> Result<Outcome> {
        let Some(buffer) = &self.buffer else { return Err(Error::state("the Guest has no buffer for tasks")) };
        if !self.module.takes_batches() {
            return Err(Error::argument("the guest does not take batches"));
        }
        // SAFETY: the buffer is kept for longer than the call; Java's Guest lets one thread at a time fill it and call.
        let batch = unsafe { PackedTasks::new(buffer, length)? };
        let instance = match &mut self.instance {
            Some(instance) => instance,
            none => none.insert(self.module.start(&self.notes)?),
        };
        stack::check(instance.stack)?;
        let stack = instance.stack;
        let outcome = instance.process_batch(batch, self.module.ticks);
        if outcome.is_err() {
            self.instance = None;
        }
        outcome.map_err(|e| self.module.stacks.explain(e, stack))
    }

    /// Returns the ends of the tasks of the last batch.
    pub fn ends(&mut self) -> Option<&mut Ends> {
        self.instance.as_mut().map(|instance| &mut instance.tasks().ends)
    }

    /// Returns the tasks of the last call that are done, before the one that failed.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Takes the reason of the last verdict.
    pub fn take_refusal(&mut self) -> String {
        self.instance.as_mut().map(|instance| instance.tasks().take_refusal()).unwrap_or_default()
    }

    /// Returns whether the last task produced records.
    #[inline]
    pub fn has_outputs(&mut self) -> bool {
        self.instance.as_mut().is_some_and(|instance| !instance.tasks().outputs.is_empty())
    }

    /// Moves the records that the last task produced to the start of the buffer, behind their length, an i32. If they
    /// do not fit, it is -1, and they are to be taken.
    #[inline]
    pub fn share_outputs(&mut self) {
        let (Some(buffer), Some(instance)) = (&self.buffer, &mut self.instance) else { return };
        // SAFETY: the buffer is there as long as this, and Java waits for the native method that calls this.
        unsafe { instance.tasks().outputs.share(buffer.shared()) };
    }

    /// Takes the records that the last task produced.
    pub fn take_outputs(&mut self) -> Vec<u8> {
        self.instance.as_mut().map(|instance| instance.tasks().outputs.take()).unwrap_or_default()
    }

    /// Takes the lines for the log, and what else there is to say of the last task.
    pub fn take_notes(&mut self) -> TakenNotes {
        self.notes.take()
    }

    #[inline]
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }
}
