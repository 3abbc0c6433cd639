//! `GuestPool`: many tasks at once without a thread each. A task comes in by one call, runs on a runtime with as many
//! threads as there are processors, and its end waits in a [`Queue`] until Java takes all that are there by one call.
//! Java is never called: not from a fiber, and not from a thread of the runtime.
//!
//! Each task has a [`Guest`] to itself, which lends its instance to the runtime and gets it back with the end. Which
//! guests there are is Java's business. A guest that is closed meanwhile ends its task and drops the instance.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jni::Env;
use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jint, jlong};
use tokio::runtime::{Builder, Runtime};

use super::{Ended, Guest, Outcome, Task};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::natives;
use crate::guest;

/// How many polls of tasks a thread of the runtime does until it looks at sockets and timers again. Of guests that
/// compute each takes up to a tick of the epoch (10 ms), and others must not wait for long that merely wait.
const POLLS_BETWEEN_EVENTS: u32 = 8;

/// Guests run on these threads and only leave them when they wait.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, usize::from))
        // For files and name look-ups, which block; more than this at once wait for each other.
        .max_blocking_threads(16)
        .event_interval(POLLS_BETWEEN_EVENTS)
        .thread_name("wasmton-guests")
        .enable_io()
        .enable_time()
        .build()
        .expect("a few more threads")
});

static POOLS: Shared<Arc<Queue>> = Shared::new("GuestPool");

natives! {
    { fn create() -> jlong }
    { fn create_guest(module: jlong) -> jlong }
    {
        fn begin(
            pool: jlong,
            slot: jint,
            guest: jlong,
            topic: JString,
            partition: jint,
            offset: jlong,
            timestamp: jlong,
            key: jbyte[],
            value: jbyte[],
            header_names: JString[],
            header_values: jbyte[][],
            attempt: jint,
        ) -> void
    }
    { fn take_ended(pool: jlong, ended: jlong[], millis: jlong) -> jint }
    { fn wake(pool: jlong) -> void }
    { fn destroy(pool: jlong) -> void }
}

/// The ends of tasks that Java did not take yet.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    ended: VecDeque<Landing>,
    /// Whether whoever waits is to return with nothing.
    woken: bool,
}

struct Landing {
    slot: jint,
    guest: jlong,
    ended: Ended,
}

/// What tells the end of a task, whatever that is.
struct Flight {
    queue: Arc<Queue>,
    slot: jint,
    guest: jlong,
    ended: Option<Ended>,
}

impl Flight {
    fn end(mut self, ended: Ended) {
        self.ended = Some(ended);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let ended = self.ended.take().unwrap_or_else(|| {
            // Its guest was closed, which nobody waits for any more; or else:
            let message = "a task ended without a result".to_owned();
            Ended { live: None, held: None, result: Err(Error::panic(message)) }
        });
        let mut waiting = self.queue.lock();
        waiting.ended.push_back(Landing { slot: self.slot, guest: self.guest, ended });
        // One thread waits, and where more do any will do.
        self.queue.changed.notify_one();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something, and takes so many at most.
    fn take(&self, most: usize, limit: Duration) -> Vec<Landing> {
        let nothing = |waiting: &mut Waiting| waiting.ended.is_empty() && !waiting.woken;
        let waited = self.changed.wait_timeout_while(self.lock(), limit, nothing);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.woken = false;
        let count = most.min(waiting.ended.len());
        waiting.ended.drain(..count).collect()
    }

    fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }
}

impl Guest {
    /// Starts a task and returns at once.
    fn begin(&mut self, task: Task, flight: Flight) -> Result<()> {
        self.check_free()?;
        let work = self.component.clone().run(self.notes.clone(), self.live.take(), task);
        let running = RUNTIME.spawn(async move { flight.end(work.await) });
        self.flight = Some(running.abort_handle());
        Ok(())
    }

    /// Has the instance back, and what came of the task. None where Java has to have a closer look.
    fn land(&mut self, ended: Ended) -> Option<jlong> {
        self.flight = None;
        let outcome = self.take_back(ended);
        match outcome {
            Ok(outcome) if !self.has_output() => Some(guest::result(&outcome, self)),
            outcome => {
                self.landed = Some(outcome);
                None
            }
        }
    }

    /// What came of the task that was begun, once Java was told to look.
    pub fn landed(&mut self) -> Result<Outcome> {
        self.landed.take().unwrap_or_else(|| Err(Error::state("the Guest has no task behind it")))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(flight) = &self.flight {
            flight.abort();
        }
    }
}

fn create(_: &mut Env<'_>, _: JClass<'_>) -> Result<jlong> {
    Ok(POOLS.insert(Arc::default()))
}

fn create_guest(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jlong> {
    guest::add_guest(module)
}

#[expect(clippy::too_many_arguments, reason = "plain values cross the boundary, not objects")]
fn begin<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    pool: jlong,
    slot: jint,
    guest: jlong,
    topic: JString<'l>,
    partition: jint,
    offset: jlong,
    timestamp: jlong,
    key: JByteArray<'l>,
    value: JByteArray<'l>,
    header_names: JObjectArray<'l, JString<'l>>,
    header_values: JObjectArray<'l, JByteArray<'l>>,
    attempt: jint,
) -> Result<()> {
    let queue = POOLS.get(pool)?.clone();
    let (topic, headers) = (topic.try_to_string(env)?, guest::headers(env, &header_names, &header_values)?);
    let (key, value) = (guest::bytes(env, &key)?, guest::bytes(env, &value)?);
    let attempt = u32::try_from(attempt).unwrap_or(1);
    let task = Task { topic, partition, offset, timestamp, key, value, headers, attempt };
    guest::with_guest(guest, |entered| entered.begin(task, Flight { queue, slot, guest, ended: None }))
}

/// What stands for an end that Java has to look into: the guest's `landed` tells it, or throws it.
const LOOK: jlong = -1;

/// Waits until tasks have ended, for so many milliseconds at most. Fills the array with their slots and results in turn
/// and returns how many they are.
fn take_ended<'l>(env: &mut Env<'l>, _: JClass<'l>, pool: jlong, ended: JLongArray<'l>, millis: jlong) -> Result<jint> {
    let queue = POOLS.get(pool)?.clone();
    let most = ended.len(env)? / 2;
    let landings = queue.take(most, Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
    let mut told = Vec::with_capacity(2 * landings.len());
    for Landing { slot, guest, ended } in landings {
        // Of a guest that was closed meanwhile nobody wants to know.
        told.extend([jlong::from(slot), land(guest, ended).unwrap_or(LOOK)]);
    }
    ended.set_region(env, 0, &told)?;
    Ok((told.len() / 2) as jint)
}

fn land(guest: jlong, ended: Ended) -> Result<jlong> {
    let mut ended = Some(ended);
    loop {
        let landed = guest::with_guest(guest, |entered| Ok(ended.take().and_then(|ended| entered.land(ended))));
        match landed {
            // The thread that brought the task has not even left `begin`.
            Err(e) if e.is_busy() => std::thread::yield_now(),
            landed => return Ok(landed?.unwrap_or(LOOK)),
        }
    }
}

/// Lets one `take_ended` return.
fn wake(_: &mut Env<'_>, _: JClass<'_>, pool: jlong) -> Result<()> {
    POOLS.get(pool)?.wake();
    Ok(())
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, pool: jlong) -> Result<()> {
    POOLS.close(pool);
    Ok(())
}
