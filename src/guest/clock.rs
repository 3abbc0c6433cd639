//! The clock of guests: it ticks every [`TICK`]. At each tick running guests look whether their time is up, and
//! deadlines are counted in ticks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::{Engine, Trap};

use crate::bridge::error::{Error, Result};

/// The time between two ticks.
pub const TICK: Duration = Duration::from_millis(10);

/// The number of ticks so far. Reading this costs a task less than a clock does.
static TICKS: AtomicU64 = AtomicU64::new(0);

/// Counts one more tick.
pub fn count() {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

/// Advances the engine's epoch at each tick, on a thread of its own, and then calls `each_tick`.
pub fn drive(engine: Engine, each_tick: fn()) -> Result<()> {
    std::thread::Builder::new()
        .name("wasmton-epoch".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(TICK);
                engine.increment_epoch();
                each_tick();
            }
        })
        .map_err(|e| Error::no_thread("the deadlines of guests", &e))?;
    Ok(())
}

/// Returns the number of ticks that give a guest that time at least. The tick that is running counts for nothing.
pub fn ticks(time: Duration) -> u64 {
    time.as_millis().div_ceil(TICK.as_millis()) as u64 + 1
}

/// The tick at which a task must be done. In steps of [`TICK`].
#[derive(Default)]
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
