//! Stores that no thread of Java's drives: those with calls whose callers do not wait. While a Store has such calls, a
//! task of wasmtime-wasi's runtime has the Store to itself. It starts the calls, which run concurrently, and leaves the
//! Store when the last one has ended.
//!
//! A thread of the runtime never calls Java and is not attached to the JVM. What needs Java is an [`Event`], for a
//! thread of Java's. So neither a slow host function nor a slow receiver of a result holds up other Stores.

use std::collections::{BTreeSet, HashMap};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;
use jni::sys::{jint, jlong};
use tokio::time::{Instant, sleep_until};
use wasmtime::component::{Accessor, AccessorTask};
use wasmtime::{AsContextMut, Trap};
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

use crate::binding::component::events::{self, Event, Output};
use crate::binding::component::streams::Stream;
use crate::binding::component::{func, futures};
use crate::binding::deadline::LOOK;
use crate::binding::store::{self, Data, STORES};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::{ExclusiveRef, Refused};
use crate::bridge::java::Jvm;

type Store = ExclusiveRef<'static, wasmtime::Store<Data>>;

/// The Stores with such calls, by handle.
static DRIVEN: LazyLock<Mutex<HashMap<jlong, Arc<Driven>>>> = LazyLock::new(Mutex::default);

fn all() -> MutexGuard<'static, HashMap<jlong, Arc<Driven>>> {
    DRIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that nobody waits for, or a use of a stream.
pub struct Call {
    /// Java's number for it.
    pub number: jlong,
    pub work: Work,
    pub end: Option<Instant>,
}

pub enum Work {
    Func { func: jint, values: Vec<u8> },
    Read { stream: Arc<Stream>, most: usize },
    Write { stream: Arc<Stream>, bytes: Bytes },
}

/// The calls of one Store. The value of a component's future is one, too.
pub struct Driven {
    calls: Mutex<Calls>,
    /// True if the Store's engine ticks.
    ticking: bool,
}

/// Returns a number for the value of a component's future. Java's own are positive.
pub fn value_number() -> jlong {
    static LAST: AtomicI64 = AtomicI64::new(0);
    LAST.fetch_sub(1, Ordering::Relaxed) - 1
}

#[derive(Default)]
struct Calls {
    /// Calls that have not been started.
    begun: Vec<Call>,
    /// Calls that run, with their deadlines.
    running: HashMap<jlong, Option<Instant>>,
    ends: BTreeSet<(Instant, jlong)>,
    ended: Vec<(jlong, Result<Vec<u8>>)>,
    is_closed: bool,
    waker: Option<Waker>,
}

/// Begins a call. Returns at once; [`Event::Ended`] tells its end.
pub fn begin(store: jlong, call: Call) -> Result<()> {
    let mut all = all();
    if let Some(driven) = all.get(&store) {
        if let Err(closed @ Refused::Closed) = STORES.try_enter(store) {
            return Err(STORES.error(closed));
        }
        let waker = {
            let mut calls = driven.lock();
            calls.begun.push(call);
            calls.waker.take()
        };
        drop(all);
        waker.into_iter().for_each(Waker::wake);
        return Ok(());
    }
    let entered = STORES.enter(store)?;
    let components = &entered.data().components;
    if !components.fibers.needed {
        return Err(Error::state(
            "the Store has no component with async functions, so its functions cannot be called by callAsync. Use call",
        ));
    }
    components.fibers.check()?;
    let driven = Arc::new(Driven { calls: Mutex::default(), ticking: entered.data().engine.ticking });
    driven.lock().begun.push(call);
    all.insert(store, driven.clone());
    drop(all);
    with_ambient_tokio_runtime(|| drop(tokio::task::spawn(drive(Guard { driven, store }, entered))));
    Ok(())
}

/// Ends the calls of a Store that was closed.
pub fn close(store: jlong) {
    let driven = all().get(&store).cloned();
    if let Some(driven) = driven {
        let waker = {
            let mut calls = driven.lock();
            calls.is_closed = true;
            calls.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Returns whether the engine of a Store with such calls ticks; none for a Store without.
pub fn is_ticking(store: jlong) -> Option<bool> {
    Some(all().get(&store)?.ticking)
}

/// Returns whether a Store has calls that nobody waits for.
pub fn is_driven(store: jlong) -> bool {
    all().contains_key(&store)
}

impl Driven {
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts what has begun, and reports what has ended unless it is the last. Returns whether nothing runs.
    fn turn(self: &Arc<Self>, accessor: &Accessor<Data>) -> bool {
        let begun = {
            let mut calls = self.lock();
            let begun = std::mem::take(&mut calls.begun);
            for call in &begun {
                calls.running.insert(call.number, call.end);
                calls.ends.extend(call.end.map(|end| (end, call.number)));
            }
            begun
        };
        for Call { number, work, .. } in begun {
            match work {
                Work::Func { func, values } => {
                    let task = Task { driven: self.clone(), number, func, values };
                    if let Err(e) = accessor.spawn(task) {
                        self.end(number, Err(e.into()));
                    }
                }
                Work::Read { stream, most } => stream.read(number, most, self),
                Work::Write { stream, bytes } => stream.write(number, bytes, self),
            }
        }
        let mut calls = self.lock();
        if calls.running.is_empty() && calls.begun.is_empty() {
            return true;
        }
        let ended = std::mem::take(&mut calls.ended);
        drop(calls);
        if !ended.is_empty() {
            let mut output = accessor.with(|mut access| access.data_mut().components.fibers.waiting_output());
            report(ended, &mut output);
        }
        false
    }

    /// Counts something as a call until its end.
    pub fn expect(&self, number: jlong) {
        self.lock().running.insert(number, None);
    }

    /// Ends a call, and has the Store's task take a turn to report it.
    pub fn end(&self, number: jlong, outcome: Result<Vec<u8>>) {
        let mut calls = self.lock();
        if let Some(Some(end)) = calls.running.remove(&number) {
            calls.ends.remove(&(end, number));
        }
        calls.ended.push((number, outcome));
        let waker = calls.waker.take();
        drop(calls);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Takes all calls that have not ended.
    fn take_running(&self) -> Vec<jlong> {
        let mut calls = self.lock();
        let begun = std::mem::take(&mut calls.begun);
        calls.ends.clear();
        std::mem::take(&mut calls.running).into_keys().chain(begun.into_iter().map(|call| call.number)).collect()
    }
}

/// Reports the ends of calls. The first one comes with the output.
fn report(ended: Vec<(jlong, Result<Vec<u8>>)>, output: &mut Output) {
    for (number, outcome) in ended {
        events::push(Event::Ended { calls: vec![number], outcome, output: std::mem::take(output) });
    }
}

/// The drive of a Store. Its end ends the calls, also that by a panic.
struct Guard {
    driven: Arc<Driven>,
    store: jlong,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let calls = self.driven.take_running();
        if !calls.is_empty() {
            all().remove(&self.store);
            let outcome = Err(Error::panic("the calls of a Store ended without a result".to_owned()));
            events::push(Event::Ended { calls, outcome, output: Output::default() });
        }
    }
}

async fn drive(guard: Guard, mut store: Store) {
    let driven = &guard.driven;
    loop {
        store.data_mut().jvm = Jvm::none();
        store.data_mut().components.fibers.running = true;
        store.data_mut().components.fibers.driven = Some(driven.clone());
        let done = run(&mut store, driven).await;
        let fibers = &mut store.data_mut().components.fibers;
        fibers.running = false;
        fibers.driven = None;
        let failure = match done {
            Ok(()) => None,
            Err(e) => {
                fibers.fail();
                Some(store::explain(store.as_context_mut(), e.into()))
            }
        };
        let mut all = all();
        let mut calls = driven.lock();
        if failure.is_none() && !calls.begun.is_empty() {
            continue;
        }
        let ended = std::mem::take(&mut calls.ended);
        drop(calls);
        // First: to drop the Store ends what waits in it, which nobody would report any more.
        let running = driven.take_running();
        // A call that begins from here on enters the Store by itself.
        all.remove(&guard.store);
        let mut output = store.data_mut().components.fibers.waiting_output();
        if store.is_closed() {
            drop(all);
            // It releases objects of Java's.
            events::push(Event::Work(Box::new(move || {
                store.data_mut().let_go();
                drop(store);
            })));
        } else {
            // First, so that who gets the last result finds the Store free.
            drop(store);
            drop(all);
        }
        report(ended, &mut output);
        if let Some(e) = failure
            && !running.is_empty()
        {
            events::push(Event::Ended { calls: running, outcome: Err(e), output });
        }
        return;
    }
}

/// Runs calls until none is left, or until one fails in a way that is the end of all.
async fn run(store: &mut Store, driven: &Arc<Driven>) -> wasmtime::Result<()> {
    let Data { engine, deadlines, components, .. } = store.data();
    let (engine, deadlines, java) = (engine.clone(), deadlines.clone(), components.fibers.java.clone());
    let looks = engine.epoch_interruption && deadlines.has_epoch();
    let mut work = pin!(store.run_concurrent(async |accessor| {
        poll_fn(|_| if driven.turn(accessor) { Poll::Ready(()) } else { Poll::Pending }).await;
    }));
    let mut sleep = pin!(sleep_until(Instant::now()));
    let done = poll_fn(|context| {
        {
            let mut calls = driven.lock();
            if calls.is_closed {
                return Poll::Ready(Err(Error::closed("Store").into_wasmtime()));
            }
            calls.waker = Some(context.waker().clone());
        }
        let polled = work.as_mut().poll(context);
        java.hand_over();
        if polled.is_ready() {
            return polled;
        }
        loop {
            let (now, end) = (Instant::now(), driven.lock().ends.first().map(|(end, _)| *end));
            if end.is_some_and(|end| end <= now) {
                let why = "the call took longer than it was given";
                return Poll::Ready(Err(wasmtime::Error::from(Trap::Interrupt).context(why)));
            }
            if let Err(e) = deadlines.check_epoch(&engine) {
                return Poll::Ready(Err(e));
            }
            let look = looks.then(|| now + LOOK);
            let Some(next) = end.into_iter().chain(look).min() else { return Poll::Pending };
            // Not put off by each turn.
            if sleep.is_elapsed() || next < sleep.deadline() {
                sleep.as_mut().reset(next);
            }
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
    java.clear();
    done
}

/// A call that runs.
struct Task {
    driven: Arc<Driven>,
    number: jlong,
    func: jint,
    values: Vec<u8>,
}

impl AccessorTask<Data> for Task {
    async fn run(self, accessor: &Accessor<Data>) -> wasmtime::Result<()> {
        let Task { driven, number, func, values } = self;
        let outcome = run_call(accessor, func, values).await;
        driven.end(number, outcome);
        Ok(())
    }
}

async fn run_call(accessor: &Accessor<Data>, func: jint, values: Vec<u8>) -> Result<Vec<u8>> {
    let (func, resources) = accessor.with(|mut access| {
        let components = &access.data_mut().components;
        Ok::<_, Error>((components.func(func)?, components.resources.clone()))
    })?;
    let mut packed = func::call_concurrent(accessor, func, values, resources).await?;
    accessor.with(|mut access| futures::cross(&mut packed, &mut access.as_context_mut()))?;
    Ok(packed.bytes)
}
