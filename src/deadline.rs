//! When a call into a Store ends before it is through: at an epoch, at a time, or when its thread is interrupted.
//!
//! wasmtime calls [`on_epoch`] when the Store's deadline is reached, in ticks of its engine's epoch. While a time or an
//! interruption is watched for, that is each tick.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Instant;

use jni::objects::JThread;
use jni::sys::jlong;
use jni::{Env, jni_sig, jni_str};
use wasmtime::{AsContextMut, StoreContextMut, Trap, UpdateDeadline};

use crate::error::{Error, Result};
use crate::java::host_call;
use crate::store::Data;

/// More ticks than there will ever be, and few enough to be added to.
const NEVER: u64 = u64::MAX / 2;

/// Times count from here, in nanoseconds.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn now() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A Store's deadlines.
#[derive(Default)]
pub struct Deadlines {
    /// In ticks since the engine was made.
    epoch: Option<u64>,
    /// In nanoseconds.
    time: Option<u64>,
    interruptible: bool,
}

/// A Store of an engine with epoch interruption starts without a deadline.
pub fn install(store: &mut wasmtime::Store<Data>) {
    store.epoch_deadline_callback(on_epoch);
    store.set_epoch_deadline(NEVER);
}

fn on_epoch(store: StoreContextMut<'_, Data>) -> wasmtime::Result<UpdateDeadline> {
    let Data { engine, deadlines, .. } = store.data();
    if deadlines.epoch.is_some_and(|epoch| engine.epoch.load(Ordering::Relaxed) >= epoch) {
        return Ok(UpdateDeadline::Interrupt);
    }
    if deadlines.time.is_some_and(|time| now() >= time) {
        return Err(wasmtime::Error::from(Trap::Interrupt).context("the call took longer than it was given"));
    }
    if deadlines.interruptible && host_call(is_interrupted)? {
        return Err(wasmtime::Error::from(Trap::Interrupt).context("the thread was interrupted"));
    }
    Ok(UpdateDeadline::Continue(ticks(store.data())))
}

fn is_interrupted(env: &mut Env<'_>) -> Result<bool> {
    let thread = JThread::current_thread(env)?;
    Ok(env.call_method(&thread, jni_str!("isInterrupted"), jni_sig!("()Z"), &[])?.z()?)
}

/// How many ticks until the next look.
fn ticks(data: &Data) -> u64 {
    let Data { engine, deadlines, .. } = data;
    if deadlines.time.is_some() || deadlines.interruptible {
        1
    } else {
        deadlines.epoch.map_or(NEVER, |epoch| epoch.saturating_sub(engine.epoch.load(Ordering::Relaxed)).max(1))
    }
}

fn change(mut store: StoreContextMut<'_, Data>, change: impl FnOnce(&mut Deadlines)) {
    change(&mut store.data_mut().deadlines);
    let ticks = ticks(store.data());
    store.as_context_mut().set_epoch_deadline(ticks);
}

/// So many ticks from now; negative for never.
pub fn set_epoch(store: StoreContextMut<'_, Data>, ticks: jlong) -> Result<()> {
    if !store.data().engine.epoch_interruption {
        return Err(Error::State("the Store's Engine has no epochs; give its Config epochInterruption(true)".into()));
    }
    let now = store.data().engine.epoch.load(Ordering::Relaxed);
    change(store, |deadlines| deadlines.epoch = u64::try_from(ticks).ok().map(|ticks| now.saturating_add(ticks)));
    Ok(())
}

/// So many nanoseconds from now, unless there is an earlier time already. Returns that, 0 for none.
pub fn set_time(store: StoreContextMut<'_, Data>, nanos: jlong) -> Result<jlong> {
    needs_ticks(&store)?;
    let before = store.data().deadlines.time;
    let time = now().saturating_add(u64::try_from(nanos).unwrap_or(0)).max(1);
    change(store, |deadlines| deadlines.time = Some(before.map_or(time, |before| before.min(time))));
    Ok(before.unwrap_or(0) as jlong)
}

/// Sets what [`set_time`] returned.
pub fn restore_time(store: StoreContextMut<'_, Data>, time: jlong) {
    change(store, |deadlines| deadlines.time = u64::try_from(time).ok().filter(|time| *time != 0));
}

pub fn set_interruptible(store: StoreContextMut<'_, Data>, interruptible: bool) -> Result<()> {
    needs_ticks(&store)?;
    change(store, |deadlines| deadlines.interruptible = interruptible);
    Ok(())
}

fn needs_ticks(store: &StoreContextMut<'_, Data>) -> Result<()> {
    if store.data().engine.ticking {
        Ok(())
    } else {
        Err(Error::State("the Store's Engine does not tick; give its Config an epochTick".into()))
    }
}
