//! One guest, which has an instance most of the time. It processes tasks on the thread that brings them; or else it is
//! a pool's, and a task that is begun takes the instance along and brings it back with its end.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use jni::Env;
use jni::sys::jlong;
use tokio::task::AbortHandle;

use super::instance::{Answer, Place};
use super::{Instance, Module, Task, runtime};
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::DirectBytes;
use crate::guest::batch::Ends;
use crate::guest::clock::Deadline;
use crate::guest::notes::{Notes, TakenNotes};
use crate::guest::outcome::Outcome;
use crate::guest::packed::{PackedTasks, SERIES_TICKS};
use crate::guest::state::StateCalls;
use crate::guest::{outputs, record};

/// One processor, used by one thread at a time.
pub struct Guest {
    module: Arc<Module>,
    notes: Notes,
    /// Tasks that are processed on the thread that brings them lie here.
    buffer: Option<DirectBytes>,
    /// The tasks of the last call that are done, before the one that the outcome is about.
    done: usize,
    /// None while a task runs elsewhere, and after a failure until the next task: an instance that failed is not used
    /// again.
    instance: Option<Instance>,
    /// Output for Java streams.
    buffered: Vec<BufferedOutput>,
    /// The reason that the guest gave for refusing the last task.
    refusal: String,
    /// The records that the last task produced, if it succeeded, until Java takes them.
    produced: Vec<u8>,
    /// The ends of the tasks of the last batch, until Java takes them.
    ends: Ends,
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
            buffer: None,
            done: 0,
            instance: None,
            buffered: Vec::new(),
            ends: Ends::default(),
            refusal: String::new(),
            produced: Vec::new(),
            running: None,
            result: None,
        }
    }

    /// Makes the instance, before the first task.
    pub fn start(&mut self) -> Result<()> {
        let _runtime = runtime::enter()?;
        let started = self.start_on_thread();
        started.map_err(|e| self.notes.explain(e))
    }

    fn start_on_thread(&mut self) -> Result<()> {
        let place = self.module.place(0, StateCalls::none())?;
        let (instance, buffered) = drive(place, self.module.start_on_thread(&self.notes))?;
        self.instance = Some(instance);
        self.buffered = buffered;
        Ok(())
    }

    /// Sets the buffer for [`process_tasks`](Self::process_tasks) and [`process_batch`](Self::process_batch).
    pub fn use_buffer(&mut self, buffer: DirectBytes) {
        self.buffer = Some(buffer);
    }

    /// Hands over the packed tasks in the first bytes of the buffer, one after the other on this thread, until one of
    /// them is not simply done. Returns the number of those before it and its outcome. After an error the next task
    /// meets a fresh instance, and [`done`](Self::done) tells the number.
    pub fn process_tasks(&mut self, length: i32, calls: StateCalls) -> Result<(usize, Outcome)> {
        self.done = 0;
        self.check_free()?;
        let mut tasks = self.packed(length)?;
        let until = Deadline::in_ticks(SERIES_TICKS);
        let _runtime = runtime::enter()?;
        loop {
            let task = next(&mut tasks)?;
            let answer = self.process(|instance, place| process(instance, task, calls, place), calls)?;
            let outcome = self.keep(answer);
            if tasks.left() == 0 || !self.is_plain(outcome) || until.has_passed() {
                return Ok((self.done, outcome));
            }
            self.done += 1;
        }
    }

    /// Hands over the packed tasks in the first bytes of the buffer as one batch, whose ends are then
    /// [`ends`](Self::ends). After an error the next batch meets a fresh instance.
    pub fn process_batch(&mut self, length: i32) -> Result<Outcome> {
        self.check_free()?;
        let mut packed = self.packed(length)?;
        let mut tasks = Vec::new();
        while packed.left() > 0 {
            tasks.push(next(&mut packed)?);
        }
        let _runtime = runtime::enter()?;
        let work = |instance: &mut Instance, place| drive(place, instance.process_batch(&tasks, place));
        self.ends = self.process(work, StateCalls::none())?;
        Ok(Outcome::Status(0))
    }

    fn packed(&self, length: i32) -> Result<PackedTasks> {
        let Some(buffer) = &self.buffer else { return Err(Error::state("the Guest has no buffer for tasks")) };
        // SAFETY: the buffer is kept for longer than the call; Java's Guest lets one thread at a time fill it and call.
        unsafe { PackedTasks::new(buffer, length) }
    }

    fn process<T>(&mut self, work: impl FnOnce(&mut Instance, Place) -> Result<T>, calls: StateCalls) -> Result<T> {
        if self.instance.is_none() {
            self.start_on_thread()?;
        }
        let Some(instance) = &mut self.instance else { return Err(Error::state("the Guest has no instance")) };
        let stack = instance.stack;
        let place = self.module.place(stack, calls)?;
        work(instance, place).map_err(|e| {
            self.instance = None;
            self.module.explain(e, stack)
        })
    }

    /// Returns the ends of the tasks of the last batch.
    pub fn ends(&mut self) -> &mut Ends {
        &mut self.ends
    }

    /// Returns whether a task left nothing to settle.
    fn is_plain(&self, outcome: Outcome) -> bool {
        matches!(outcome, Outcome::Status(0)) && self.produced.is_empty() && self.notes.is_empty() && !self.has_output()
    }

    /// Returns the tasks of the last call that are done, before the one that failed.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Starts one task on the pools' runtime and returns at once. The runtime calls `then` with the task's end, which
    /// is for [`complete`](Self::complete), or drops it if there is none.
    pub fn begin(&mut self, task: Vec<u8>, then: impl FnOnce(Ended) + Send + 'static) -> Result<()> {
        self.check_free()?;
        let runtime = runtime::guests()?;
        let work = run(self.module.clone(), self.notes.clone(), self.instance.take(), task);
        let running = runtime.spawn(async move { then(work.await) });
        self.running = Some(running.abort_handle());
        Ok(())
    }

    /// Takes the end of the task that was begun, and returns its encoded outcome. None where Java has to call
    /// [`take_result`](Self::take_result): for an error, and for output to deliver.
    pub fn complete(&mut self, ended: Ended) -> Option<jlong> {
        self.running = None;
        match self.take_back(ended) {
            Ok(outcome) if !self.has_output() => Some(self.encode(outcome)),
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
        let answer = ended.result?;
        Ok(self.keep(answer))
    }

    /// Keeps what Java takes of an answer, and returns the rest.
    fn keep(&mut self, answer: Answer) -> Outcome {
        let Answer { outcome, refusal, produced } = answer;
        self.refusal = refusal;
        self.produced = produced;
        outcome
    }

    /// Returns whether there is output for Java's streams.
    pub fn has_output(&self) -> bool {
        self.buffered.iter().any(BufferedOutput::is_waiting)
    }

    /// Hands the guest's output over to Java's streams. An exception that one throws is the error.
    pub fn deliver_output(&self, env: &mut Env<'_>) -> Result<()> {
        self.buffered.iter().try_for_each(|output| output.deliver(env))
    }

    /// Encodes an outcome of this guest.
    pub fn encode(&self, outcome: Outcome) -> jlong {
        outcome.encode(!self.notes.is_empty(), !self.produced.is_empty() || self.ends.any())
    }

    /// Takes the reason why the last task was refused.
    pub fn take_refusal(&mut self) -> String {
        std::mem::take(&mut self.refusal)
    }

    /// Takes the lines for the log, and what else there is to say of the last task.
    pub fn take_notes(&mut self) -> TakenNotes {
        self.notes.take()
    }

    /// Moves the records that the last task produced to the buffer, as [`outputs::share`] does.
    pub fn share_outputs(&mut self) {
        let Some(buffer) = &self.buffer else { return };
        if !self.produced.is_empty() {
            // SAFETY: the buffer is there as long as this, and Java waits for the native method that calls this.
            unsafe { outputs::share(&mut self.produced, buffer.shared()) };
        }
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

/// Runs one packed task in that instance, or in a fresh one, on a runtime.
async fn run(module: Arc<Module>, notes: Notes, instance: Option<Instance>, task: Vec<u8>) -> Ended {
    let (mut instance, buffered) = match instance {
        Some(instance) => (instance, None),
        None => match module.start_in_pool(&notes).await {
            Ok((instance, buffered)) => (instance, Some(buffered)),
            Err(e) => return Ended::failed(e),
        },
    };
    let result = match record::read_task(&task) {
        Some(task) => instance.process(task, StateCalls::none(), Place::Pool).await,
        None => Err(not_packed()),
    };
    Ended { instance: result.is_ok().then_some(instance), buffered, result }
}

/// Takes the next task of those.
fn next<'a>(tasks: &mut PackedTasks) -> Result<Task<'a>> {
    // SAFETY: Java's buffer is kept for longer than the call, and a task is used in this call only.
    unsafe { tasks.next() }.and_then(record::read_task).ok_or_else(not_packed)
}

fn not_packed() -> Error {
    Error::argument("these bytes are no packed task")
}

/// Hands a task over and waits for its outcome.
fn process(instance: &mut Instance, task: Task<'_>, calls: StateCalls, place: Place) -> Result<Answer> {
    let task = match place {
        Place::Thread => match instance.process_on_thread(task, calls) {
            Ok(answer) => return answer,
            Err(task) => task,
        },
        Place::ThreadOnFiber | Place::Pool => task,
    };
    drive(place, instance.process(task, calls, place))
}

/// Does work of a guest, and waits for its end.
fn drive<T>(place: Place, work: impl Future<Output = Result<T>>) -> Result<T> {
    if place.is_pool() { runtime::guests()?.block_on(work) } else { now(work) }
}

/// Does work of a guest on this thread. It never waits: its functions block.
fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a guest on the thread that brought its task does not leave it"),
    }
}
