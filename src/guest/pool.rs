//! `GuestPool`: many tasks at once without a thread each. A task comes in by one call, runs on a runtime with as many
//! threads as there are processors, and its end waits in a [`Queue`] until Java takes all that are there by one call.
//! Java is never called: not from a fiber, and not from a thread of the runtime.
//!
//! Each task has a guest to itself, which lends its instance to the runtime and gets it back with the end. Java decides
//! which guests there are. A guest that is closed ends its task and drops the instance.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jni::Env;
use jni::objects::{JByteArray, JClass, JLongArray};
use jni::sys::{jint, jlong};

use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::natives;
use crate::guest::component::Ended;
use crate::guest::guest::with_component;
use crate::guest::module;

static POOLS: Shared<Arc<Queue>> = Shared::new("GuestPool");

natives! {
    METHODS:
    { fn create() -> jlong }
    { fn create_guest(module: jlong) -> jlong }
    { fn begin(pool: jlong, slot: jint, guest: jlong, task: jbyte[]) -> void }
    { fn take_ended(pool: jlong, ended: jlong[], millis: jlong) -> jint }
    { fn wake(pool: jlong) -> void }
    { fn destroy(pool: jlong) -> void }
}

/// The completed tasks that Java did not take yet.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    completed: VecDeque<Completed>,
    /// True if whoever waits is to return with nothing.
    woken: bool,
}

/// A task that has ended.
struct Completed {
    slot: jint,
    guest: jlong,
    ended: Ended,
}

/// A task that runs. Reports its end when dropped, however it ended.
struct Pending {
    queue: Arc<Queue>,
    slot: jint,
    guest: jlong,
    ended: Option<Ended>,
}

impl Pending {
    fn end(mut self, ended: Ended) {
        self.ended = Some(ended);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let ended = self.ended.take().unwrap_or_else(|| {
            // Its guest was closed, which nobody waits for any more; or else:
            Ended::failed(Error::panic("a task ended without a result".to_owned()))
        });
        let mut waiting = self.queue.lock();
        waiting.completed.push_back(Completed { slot: self.slot, guest: self.guest, ended });
        // One thread waits, and where more do any will do.
        self.queue.changed.notify_one();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something, and takes that many at most.
    fn take(&self, most: usize, limit: Duration) -> Vec<Completed> {
        let nothing = |waiting: &mut Waiting| waiting.completed.is_empty() && !waiting.woken;
        let waited = self.changed.wait_timeout_while(self.lock(), limit, nothing);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.woken = false;
        let count = most.min(waiting.completed.len());
        waiting.completed.drain(..count).collect()
    }

    fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }
}

fn create(_: &mut Env<'_>, _: JClass<'_>) -> Result<jlong> {
    Ok(POOLS.insert(Arc::default()))
}

fn create_guest(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jlong> {
    module::create_pooled(module)
}

/// Starts a task, a packed record, and returns at once.
fn begin<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    pool: jlong,
    slot: jint,
    guest: jlong,
    task: JByteArray<'l>,
) -> Result<()> {
    let queue = POOLS.get(pool)?.clone();
    let task = env.convert_byte_array(&task)?;
    with_component(guest, |entered| {
        let pending = Pending { queue, slot, guest, ended: None };
        entered.begin(task, |ended| pending.end(ended))
    })
}

/// The result that tells Java to call `Guest.takeResult`, which returns the outcome or throws the error.
const ASK: jlong = -1;

/// Waits until tasks have ended, for that many milliseconds at most. Fills the array with their slots and results in
/// turn and returns how many they are.
fn take_ended<'l>(env: &mut Env<'l>, _: JClass<'l>, pool: jlong, ended: JLongArray<'l>, millis: jlong) -> Result<jint> {
    let queue = POOLS.get(pool)?.clone();
    let most = ended.len(env)? / 2;
    let completed = queue.take(most, Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
    let mut results = Vec::with_capacity(2 * completed.len());
    for Completed { slot, guest, ended } in completed {
        // Nobody wants to know of a guest that was closed.
        results.extend([jlong::from(slot), complete(guest, ended).unwrap_or(ASK)]);
    }
    ended.set_region(env, 0, &results)?;
    Ok((results.len() / 2) as jint)
}

/// Gives a guest the end of its task.
fn complete(guest: jlong, ended: Ended) -> Result<jlong> {
    let mut ended = Some(ended);
    loop {
        let result = with_component(guest, |entered| Ok(ended.take().and_then(|ended| entered.complete(ended))));
        match result {
            // The thread that brought the task has not even left `begin`.
            Err(e) if e.is_busy() => std::thread::yield_now(),
            result => return Ok(result?.unwrap_or(ASK)),
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
