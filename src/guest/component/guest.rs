//! One guest, which has an instance most of the time. A task that is begun takes the instance along and brings it back
//! with its end.

use std::sync::Arc;

use jni::Env;
use jni::sys::jlong;
use tokio::task::AbortHandle;

use super::instance::Answer;
use super::runtime::{self, block_on};
use super::state::{Requests, block_on_serving};
use super::{Instance, Module, Task};
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::guest::notes::{Notes, TakenNotes};
use crate::guest::outcome::Outcome;
use crate::guest::state::StateCalls;

/// One processor, used by one thread at a time.
pub struct Guest {
    module: Arc<Module>,
    notes: Notes,
    requests: Requests,
    /// None while a task runs elsewhere, and after a failure until the next task: an instance that failed is not used
    /// again.
    instance: Option<Instance>,
    /// Output for Java streams.
    buffered: Vec<BufferedOutput>,
    /// The reason that the guest gave for refusing the last task.
    refusal: String,
    /// The records that the last task produced, if it succeeded, until Java takes them.
    produced: Vec<u8>,
    /// The task that runs elsewhere.
    running: Option<AbortHandle>,
    /// The result of that task, until it is taken.
    result: Option<Result<Outcome>>,
}

/// The end of a task, with everything that goes back to its guest.
pub struct Ended {
    /// The instance, unless the task failed: it is dropped then, with everything it had open.
    instance: Option<Instance>,
    /// The buffers of an instance that was made for this task.
    buffered: Option<Vec<BufferedOutput>>,
    result: Result<Answer>,
}

impl Ended {
    /// Returns the end of a task that is lost with its instance.
    pub fn failed(e: Error) -> Self {
        Ended { instance: None, buffered: None, result: Err(e) }
    }
}

impl Guest {
    pub fn new(module: Arc<Module>) -> Self {
        Guest {
            notes: Notes::new(&module.settings().limits),
            module,
            requests: Requests::default(),
            instance: None,
            buffered: Vec::new(),
            refusal: String::new(),
            produced: Vec::new(),
            running: None,
            result: None,
        }
    }

    /// Makes the instance, before the first task.
    pub fn start(&mut self) -> Result<()> {
        let started = block_on(self.module.start(&self.notes, &self.requests))?;
        let (instance, buffered) = started.map_err(|e| self.notes.explain(e))?;
        self.instance = Some(instance);
        self.buffered = buffered;
        Ok(())
    }

    /// Hands one task over and waits for its outcome. After an error the next task meets a fresh instance.
    pub fn process(&mut self, task: Task) -> Result<Outcome> {
        self.check_free()?;
        let ended = block_on(self.run(task))?;
        self.take_back(ended)
    }

    /// Does the same with a task that brings its stores.
    pub fn process_with_state(&mut self, task: Task, calls: StateCalls) -> Result<Outcome> {
        self.check_free()?;
        let work = self.run(task);
        let ended = block_on_serving(work, &self.requests, calls, self.module.settings(), &self.notes)?;
        self.take_back(ended)
    }

    fn run(&mut self, task: Task) -> impl Future<Output = Ended> + use<> {
        run(self.module.clone(), self.notes.clone(), self.requests.clone(), self.instance.take(), task)
    }

    /// Starts one task on the pools' runtime and returns at once. The runtime calls `then` with the task's end, which
    /// is for [`complete`](Self::complete), or drops it if there is none.
    pub fn begin(&mut self, task: Task, then: impl FnOnce(Ended) + Send + 'static) -> Result<()> {
        self.check_free()?;
        let runtime = runtime::guests()?;
        let work = self.run(task);
        let running = runtime.spawn(async move { then(work.await) });
        self.running = Some(running.abort_handle());
        Ok(())
    }

    /// Takes the end of the task that was begun, and returns its encoded outcome. None where Java has to call
    /// [`take_result`](Self::take_result): for an error, and for output to deliver.
    pub fn complete(&mut self, ended: Ended) -> Option<jlong> {
        self.running = None;
        match self.take_back(ended) {
            Ok(outcome) if !self.buffered.iter().any(BufferedOutput::is_waiting) => Some(self.encode(outcome)),
            result => {
                self.result = Some(result);
                None
            }
        }
    }

    /// Takes the result of the task that was begun, once it is complete.
    pub fn take_result(&mut self) -> Result<Outcome> {
        self.result.take().unwrap_or_else(|| Err(Error::state("the Guest has no task behind it")))
    }

    fn check_free(&self) -> Result<()> {
        if self.running.is_some() { Err(Error::busy("Guest")) } else { Ok(()) }
    }

    fn take_back(&mut self, ended: Ended) -> Result<Outcome> {
        self.instance = ended.instance;
        if let Some(buffered) = ended.buffered {
            self.buffered = buffered;
        }
        let Answer { outcome, refusal, produced } = ended.result?;
        self.refusal = refusal;
        self.produced = produced;
        Ok(outcome)
    }

    /// Hands the guest's output over to Java's streams. An exception that one throws is the error.
    pub fn deliver_output(&self, env: &mut Env<'_>) -> Result<()> {
        self.buffered.iter().try_for_each(|output| output.deliver(env))
    }

    /// Encodes an outcome of this guest.
    pub fn encode(&self, outcome: Outcome) -> jlong {
        outcome.encode(!self.notes.is_empty(), !self.produced.is_empty())
    }

    /// Takes the reason why the last task was refused.
    pub fn take_refusal(&mut self) -> String {
        std::mem::take(&mut self.refusal)
    }

    /// Takes the lines for the log, and what else there is to say of the last task.
    pub fn take_notes(&mut self) -> TakenNotes {
        self.notes.take()
    }

    /// Takes the records that the last task produced, packed as [`record`](crate::guest::record); none if it failed.
    pub fn take_outputs(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.produced)
    }
}

/// A guest that is closed ends its task, and drops the instance.
impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// Runs one task in that instance, or in a fresh one.
async fn run(module: Arc<Module>, notes: Notes, requests: Requests, instance: Option<Instance>, task: Task) -> Ended {
    let (mut instance, buffered) = match instance {
        Some(instance) => (instance, None),
        None => match module.start(&notes, &requests).await {
            Ok((instance, buffered)) => (instance, Some(buffered)),
            Err(e) => return Ended::failed(e),
        },
    };
    let result = instance.process(task).await;
    Ended { instance: result.is_ok().then_some(instance), buffered, result }
}
