//! The clock of guests: it ticks every [`TICK`]. At each tick running guests look whether their time is up, and
//! deadlines are counted in ticks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use wasmtime::{Engine, Trap};

use crate::bridge::error::{Error, Result};

/// The time between two ticks.
pub const TICK: Duration = Duration::from_millis(10);

/// The number of ticks so far. Reading this costs a task less than a clock does.
static TICKS: AtomicU64 = AtomicU64::new(0);

/// The engines that this clock drives.
static DRIVEN: Mutex<Vec<Engine>> = Mutex::new(Vec::new());

/// Advances the engine's epoch at each tick, for ever. The first engine starts the clock, on a thread of its own.
pub fn drive(engine: Engine) -> Result<()> {
    let mut driven = DRIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if driven.is_empty() {
        std::thread::Builder::new()
            .name("wasmton-epoch".to_owned())
            .spawn(run)
            .map_err(|e| Error::no_thread("the deadlines of guests", &e))?;
    }
    driven.push(engine);
    Ok(())
}

fn run() {
    loop {
        std::thread::sleep(TICK);
        DRIVEN.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Engine::increment_epoch);
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns the number of ticks that give a guest that time at least. The tick that is running counts for nothing.
pub fn ticks(time: Duration) -> u64 {
    time.as_millis().div_ceil(TICK.as_millis()) as u64 + 1
}

/// The tick at which a task must be done. In steps of [`TICK`].
#[derive(Clone, Copy, Default)]
pub struct Deadline(u64);

impl Deadline {
    #[inline]
    pub fn in_ticks(ticks: u64) -> Self {
        Deadline(TICKS.load(Ordering::Relaxed) + ticks)
    }

    /// Returns whether the task must have been done.
    #[inline]
    pub fn has_passed(&self) -> bool {
        TICKS.load(Ordering::Relaxed) >= self.0
    }

    /// Returns the trap of a guest that did not return in time, if the deadline has passed.
    pub fn check(&self) -> wasmtime::Result<()> {
        if self.has_passed() { Err(Trap::Interrupt.into()) } else { Ok(()) }
    }

    pub fn left(&self) -> Duration {
        let left = self.0.saturating_sub(TICKS.load(Ordering::Relaxed));
        TICK.saturating_mul(u32::try_from(left).unwrap_or(u32::MAX))
    }
}
