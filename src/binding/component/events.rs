//! `AsyncCalls`: what Stores that a [`driver`](super::driver) drives need Java for, in one queue for all of them. A
//! thread of Java's waits for it and has a pool do it, one event a task.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jni::Env;
use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JThrowable};
use jni::sys::{jint, jlong};
use tokio::time::Instant;

use crate::binding::component::driver::{self, Call, Work};
use crate::binding::component::{answers, fiber, streams};
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Cause, Error, Result};
use crate::bridge::java::{host_call, natives};

natives! {
    METHODS:
    { fn begin(store: jlong, func: jint, values: jbyte[], call: jlong, nanos: jlong) -> void }
    { fn await_events() -> jint }
    { fn next(calls: jlong[][]) -> jbyte[] }
    { fn answer(number: jlong, values: jbyte[]) -> void }
    { fn fail(number: jlong, exception: JThrowable) -> void }
    { fn promise(numbers: jlong[]) -> void }
    { fn forget(promise: jlong) -> void }
    { fn create_stream() -> jlong }
    { fn read(store: jlong, stream: jlong, most: jint, call: jlong) -> void }
    { fn write(store: jlong, stream: jlong, bytes: jbyte[], call: jlong) -> void }
    { fn close_stream(stream: jlong) -> void }
}

/// Something that a thread of Java's does.
pub enum Event {
    Work(fiber::Work),
    /// The end of calls, by Java's numbers. More than one end by the same error.
    Ended {
        calls: Vec<jlong>,
        outcome: Result<Vec<u8>>,
        output: Output,
    },
}

/// Output that Java streams get before a call ends. One thread at a time writes to them.
#[derive(Clone, Default)]
pub struct Output(pub Vec<BufferedOutput>, pub Arc<Mutex<()>>);

#[derive(Default)]
struct Events {
    queue: VecDeque<Event>,
    /// The number of events that Java knows of.
    announced: usize,
}

static EVENTS: Mutex<Events> = Mutex::new(Events { queue: VecDeque::new(), announced: 0 });
static CHANGED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, Events> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn push(event: Event) {
    lock().queue.push_back(event);
    CHANGED.notify_one();
}

/// The time after which Java is asked whether anything can still come.
const LOOK: Duration = Duration::from_millis(200);

/// Waits a while for events that Java does not know of, and returns their number.
fn await_events(_: &mut Env<'_>, _: JClass<'_>) -> Result<jint> {
    let none = |events: &mut Events| events.queue.len() <= events.announced;
    let waited = CHANGED.wait_timeout_while(lock(), LOOK, none);
    let (mut events, _) = waited.unwrap_or_else(PoisonError::into_inner);
    let count = events.queue.len() - events.announced;
    events.announced = events.queue.len();
    Ok(jint::try_from(count).unwrap_or(jint::MAX))
}

/// Does the next event. If that is the end of calls, puts their numbers into `calls` and returns the result or throws
/// the error.
fn next<'l>(env: &mut Env<'l>, _: JClass<'l>, calls: JObjectArray<'l, JLongArray<'l>>) -> Result<JByteArray<'l>> {
    let event = {
        let mut events = lock();
        events.announced = events.announced.saturating_sub(1);
        events.queue.pop_front()
    };
    match event {
        None => {}
        Some(Event::Work(work)) => work(),
        Some(Event::Ended { calls: ended, outcome, output }) => {
            if let Err(e) = name_calls(env, &calls, &ended) {
                // For lack of memory. Another thread does it.
                lock().queue.push_front(Event::Ended { calls: ended, outcome, output });
                CHANGED.notify_one();
                return Err(e);
            }
            output.deliver()?;
            return Ok(env.byte_array_from_slice(&outcome?)?);
        }
    }
    Ok(JByteArray::null())
}

fn name_calls(env: &mut Env<'_>, calls: &JObjectArray<'_, JLongArray<'_>>, ended: &[jlong]) -> Result<()> {
    let numbers = env.new_long_array(ended.len())?;
    numbers.set_region(env, 0, ended)?;
    Ok(calls.set_element(env, 0, &numbers)?)
}

impl Output {
    fn deliver(&self) -> Result<()> {
        let Output(output, delivering) = self;
        if output.is_empty() {
            return Ok(());
        }
        let _one = delivering.lock().unwrap_or_else(PoisonError::into_inner);
        output.iter().try_for_each(|output| host_call(|env| output.deliver(env)))
    }
}

/// Begins a call that nobody waits for. `nanos` is the time that it has, negative for no limit.
fn begin<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    values: JByteArray<'l>,
    call: jlong,
    nanos: jlong,
) -> Result<()> {
    let values = env.convert_byte_array(&values)?;
    let end = u64::try_from(nanos).ok().map(|nanos| Instant::now() + Duration::from_nanos(nanos));
    driver::begin(store, Call { number: call, work: Work::Func { func, values }, end })
}

/// Promises an answer to components. Returns the numbers of the promise and of the answer in an array.
fn promise<'l>(env: &mut Env<'l>, _: JClass<'l>, numbers: JLongArray<'l>) -> Result<()> {
    let (promise, answer) = answers::promise();
    Ok(numbers.set_region(env, 0, &[promise, answer])?)
}

fn forget(_: &mut Env<'_>, _: JClass<'_>, promise: jlong) -> Result<()> {
    answers::forget(promise);
    Ok(())
}

fn create_stream(_: &mut Env<'_>, _: JClass<'_>) -> Result<jlong> {
    Ok(streams::create())
}

/// Begins a read of that many bytes at most.
fn read(_: &mut Env<'_>, _: JClass<'_>, store: jlong, stream: jlong, most: jint, call: jlong) -> Result<()> {
    let work = Work::Read { stream: streams::get(stream)?, most: usize::try_from(most).unwrap_or(1).max(1) };
    driver::begin(store, Call { number: call, work, end: None })
}

fn write<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    stream: jlong,
    bytes: JByteArray<'l>,
    call: jlong,
) -> Result<()> {
    let work = Work::Write { stream: streams::get(stream)?, bytes: env.convert_byte_array(&bytes)?.into() };
    driver::begin(store, Call { number: call, work, end: None })
}

fn close_stream(_: &mut Env<'_>, _: JClass<'_>, stream: jlong) -> Result<()> {
    streams::close(stream);
    Ok(())
}

/// Gives a component the result of an async function.
fn answer<'l>(env: &mut Env<'l>, _: JClass<'l>, number: jlong, values: JByteArray<'l>) -> Result<()> {
    answers::give(number, Ok(env.convert_byte_array(&values)?));
    Ok(())
}

/// Ends the calls of a component by the exception of an async function.
fn fail<'l>(env: &mut Env<'l>, _: JClass<'l>, number: jlong, exception: JThrowable<'l>) -> Result<()> {
    let exception = env.new_global_ref(&exception)?;
    answers::give(number, Err(Error::from(Cause::Exception(exception)).into_wasmtime()));
    Ok(())
}
