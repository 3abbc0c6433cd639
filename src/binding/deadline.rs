//! Ends of calls into a Store before they are through: at an epoch, at a time, or when the thread is interrupted.
//!
//! wasmtime calls [`on_epoch`] when the Store's deadline is reached, in ticks of its engine's epoch. Where the epoch
//! goes on by itself that is each tick, and Java is asked: a time limit is a thread's, not the Store's, so that two
//! threads that want the same Store cannot take each other's limit away.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jni::Env;
use jni::ids::JStaticMethodID;
use jni::refs::LoaderContext;
use jni::signature::{Primitive, ReturnType};
use jni::sys::{jlong, jvalue};
use jni::{jni_sig, jni_str};
use tokio::time::timeout;
use wasmtime::{AsContextMut, StoreContextMut, Trap, UpdateDeadline};
use wasmtime_wasi::runtime::in_tokio;

use crate::binding::component::waits::Limit;
use crate::binding::engine::Engine;
use crate::binding::store::Data;
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::host_call;

/// The time between two looks at the deadlines while a call waits.
pub const LOOK: Duration = Duration::from_millis(10);

/// More ticks than there will ever be, and few enough to be added to.
const NEVER: u64 = u64::MAX / 2;

/// `TimeLimit`, with its method `mustEnd`.
static TIME_LIMIT: JavaClass<JStaticMethodID> =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.TimeLimit"));

/// Looks `TimeLimit` up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    TIME_LIMIT
        .find(env, loader, |env, class| env.get_static_method_id(class, jni_str!("mustEnd"), jni_sig!("(JZ)I")))?;
    Ok(())
}

/// A Store's deadlines.
#[derive(Clone, Default)]
pub struct Deadlines {
    /// In ticks since the engine was made.
    epoch: Option<u64>,
    interruptible: bool,
}

/// The end of waits on the thread that is in a Store.
pub struct StoreLimit {
    deadlines: Deadlines,
    engine: Engine,
    store: jlong,
}

impl StoreLimit {
    pub fn of(data: &Data) -> Self {
        StoreLimit { deadlines: data.deadlines.clone(), engine: data.engine.clone(), store: data.handle() }
    }
}

impl Limit for StoreLimit {
    fn block<T>(&self, work: impl Future<Output = T>) -> wasmtime::Result<T> {
        in_tokio(async {
            if !self.engine.epoch_interruption {
                return Ok(work.await);
            }
            let mut work = pin!(work);
            loop {
                if let Ok(done) = timeout(LOOK, &mut work).await {
                    return Ok(done);
                }
                self.deadlines.check(&self.engine, self.store)?;
            }
        })
    }
}

/// Has a new Store look at its deadlines. It starts without one.
pub fn install(store: &mut wasmtime::Store<Data>) {
    store.epoch_deadline_callback(on_epoch);
    let ticks = ticks(store.data());
    store.set_epoch_deadline(ticks);
}

fn on_epoch(store: StoreContextMut<'_, Data>) -> wasmtime::Result<UpdateDeadline> {
    let Data { engine, deadlines, components, .. } = store.data();
    if components.fibers.running {
        // On a fiber, which cannot ask Java: the thread that drives it does, between two turns of the fiber.
        deadlines.check_epoch(engine)?;
        return Ok(UpdateDeadline::Yield(ticks(store.data())));
    }
    deadlines.check(engine, store.data().handle())?;
    Ok(UpdateDeadline::Continue(ticks(store.data())))
}

impl Deadlines {
    /// Returns whether the Store has a deadline in ticks.
    #[cfg(feature = "component-async")]
    pub fn has_epoch(&self) -> bool {
        self.epoch.is_some()
    }

    /// Fails with a trap where the epoch has come.
    pub fn check_epoch(&self, engine: &Engine) -> wasmtime::Result<()> {
        if self.epoch.is_some_and(|epoch| engine.epoch.load(Ordering::Relaxed) >= epoch) {
            return Err(Trap::Interrupt.into());
        }
        Ok(())
    }

    /// Fails with a trap where a call of the Store of that handle must end.
    fn check(&self, engine: &Engine, store: jlong) -> wasmtime::Result<()> {
        self.check_epoch(engine)?;
        if !engine.ticking {
            return Ok(());
        }
        let why = match host_call(|env| must_end(env, store, self.interruptible)).map_err(Error::into_wasmtime)? {
            0 => return Ok(()),
            1 => "the call took longer than it was given",
            _ => "the thread was interrupted",
        };
        Err(wasmtime::Error::from(Trap::Interrupt).context(why))
    }
}

fn must_end(env: &mut Env<'_>, store: jlong, interruptible: bool) -> Result<i32> {
    let (class, method) = (TIME_LIMIT.local(env)?, TIME_LIMIT.members());
    let arguments = [jvalue { j: store }, jvalue { z: interruptible }];
    // SAFETY: the method was looked up in this class, by a signature of a long, a boolean and an int.
    let end =
        unsafe { env.call_static_method_unchecked(&class, method, ReturnType::Primitive(Primitive::Int), &arguments)? };
    Ok(end.i()?)
}

/// Returns the number of ticks until the next look.
fn ticks(data: &Data) -> u64 {
    let Data { engine, deadlines, .. } = data;
    if engine.ticking {
        1
    } else {
        deadlines.epoch.map_or(NEVER, |epoch| epoch.saturating_sub(engine.epoch.load(Ordering::Relaxed)).max(1))
    }
}

/// Sets the deadline to a number of ticks from now; negative for never.
pub fn set_epoch(mut store: StoreContextMut<'_, Data>, ticks_from_now: jlong) -> Result<()> {
    if !store.data().engine.epoch_interruption {
        return Err(Error::state("the Store's Engine has no epochs; give its Config epochInterruption(true)"));
    }
    let now = store.data().engine.epoch.load(Ordering::Relaxed);
    store.data_mut().deadlines.epoch = u64::try_from(ticks_from_now).ok().map(|ticks| now.saturating_add(ticks));
    let ticks = ticks(store.data());
    store.as_context_mut().set_epoch_deadline(ticks);
    Ok(())
}

pub fn set_interruptible(mut store: StoreContextMut<'_, Data>, interruptible: bool) -> Result<()> {
    check_ticking(store.data().engine.ticking)?;
    store.data_mut().deadlines.interruptible = interruptible;
    Ok(())
}

/// Fails where nobody would look at a time limit.
pub fn check_ticking(ticking: bool) -> Result<()> {
    if ticking { Ok(()) } else { Err(Error::state("the Store's Engine does not tick; give its Config an epochTick")) }
}
