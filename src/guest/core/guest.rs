//! One thread's guest, which has an instance most of the time.

use std::sync::Arc;

use super::{Instance, Module};
use crate::bridge::error::Result;
use crate::bridge::java::JavaBytes;
use crate::bridge::stack::{self, DEFAULT_MAX_WASM_STACK};
use crate::guest::notes::{Notes, TakenNotes};
use crate::guest::outcome::Outcome;

/// One processor, used by one thread at a time.
pub struct Guest {
    module: Arc<Module>,
    notes: Notes,
    /// None after a failure, until the next task: an instance that failed is not used again.
    instance: Option<Instance>,
}

impl Guest {
    pub fn new(module: Arc<Module>, instance: Instance, notes: Notes) -> Self {
        Guest { module, notes, instance: Some(instance) }
    }

    /// Hands one task over and waits for its outcome. After an error the next task meets a fresh instance.
    #[inline]
    pub fn process(&mut self, task: JavaBytes) -> Result<Outcome> {
        stack::check(DEFAULT_MAX_WASM_STACK)?;
        let instance = match &mut self.instance {
            Some(instance) => instance,
            none => none.insert(self.module.start(&self.notes)?),
        };
        let outcome = instance.process(task, self.module.ticks);
        if outcome.is_err() {
            self.instance = None;
        }
        outcome
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
