//! The settings of a guest: what the host grants it and sets for it, the same for all instances of a module.

use std::time::Duration;

use jni::sys::jlong;
use jni::{Env, bind_java_type, jni_sig, jni_str};

use crate::binding::descriptors;
use crate::binding::wasi::{Description, JWasiDescription};
use crate::bridge::description::Described;
use crate::bridge::error::{Error, Result};
use crate::guest::counts::Counts;
use crate::guest::limits::GuestLimits;
use crate::guest::notes::Level;
use crate::guest::outputs::OutputGrants;
use crate::guest::state::{self, StateGrants};

/// All settings. Some are for components alone.
pub struct Settings {
    pub wasi: Description,
    pub time: TimeLimits,
    pub limits: GuestLimits,
    /// Topics that records may be produced to; not for protocol 0, nor are the next three.
    pub outputs: OutputGrants,
    /// Stores.
    pub state: StateGrants,
    /// Names and values that the guest can ask for.
    pub configuration: Vec<(String, String)>,
    /// The counters of all instances.
    pub counts: Counts,
    /// Lines below this level go nowhere.
    pub log_level: Level,
}

/// The time that a guest has for a task, and for its start.
#[derive(Clone, Copy)]
pub struct TimeLimits {
    pub deadline: Duration,
    pub start_deadline: Duration,
}

bind_java_type! { pub JGuestDescription => io.github.wasmton.guest.GuestDescription }

impl Settings {
    /// Checks that nothing is granted that a guest of protocol 0 cannot use.
    pub fn check_for_protocol_0(&self) -> Result<()> {
        let mut topics: Vec<_> = self.outputs.topics.iter().map(String::as_str).collect();
        topics.sort_unstable();
        let stores: Vec<_> = self.state.names().map(String::as_str).collect();
        let (cannot, grant, names) = match (topics.is_empty(), stores.is_empty()) {
            (false, _) => ("produce records", "OutputAccess.topics", topics),
            (true, false) => ("use stores", "StateAccess.stores", stores),
            (true, true) => return Ok(()),
        };
        Err(Error::argument(format!(
            "it is of protocol 0, which cannot {cannot}, but {grant} grants {}. Leave the grant out, or write the \
             guest for protocol 1 (docs/protocol-1.md) or as a component (docs/world.md).",
            names.join(", ")
        )))
    }

    /// Checks that nothing is granted that a guest that takes batches cannot use.
    pub fn check_for_batches(&self) -> Result<()> {
        let stores: Vec<_> = self.state.names().map(String::as_str).collect();
        if stores.is_empty() {
            return Ok(());
        }
        Err(Error::argument(format!(
            "it takes batches, and what a batch writes to a store belongs to none of its tasks, but StateAccess.stores \
             grants {}. Leave the grant out, or write the guest for one task at a time (docs/writing.md).",
            stores.join(", ")
        )))
    }

    /// Checks that an instance may open its directories.
    pub fn check_descriptors(&self) -> Result<()> {
        if self.wasi.has_dirs() { descriptors::check_start().map_err(Error::limit) } else { Ok(()) }
    }

    /// Reads `GuestDescription`, which states them in Java.
    pub fn read(env: &mut Env<'_>, description: &JGuestDescription<'_>) -> Result<Self> {
        let mut guest = Described::new(env, description.as_ref());
        let wasi =
            guest.object(jni_str!("wasi"), jni_sig!("()Lio/github/wasmton/wasmtime/internal/WasiDescription;"))?;
        let wasi = guest.env().cast_local::<JWasiDescription<'_>>(wasi)?;
        Ok(Settings {
            wasi: Description::read(guest.env(), &wasi)?,
            time: TimeLimits {
                deadline: millis(guest.long(jni_str!("deadline"))?),
                start_deadline: millis(guest.long(jni_str!("startDeadline"))?),
            },
            outputs: OutputGrants {
                topics: guest.strings(jni_str!("outputTopics"))?.into_iter().collect(),
                max_record_bytes: guest.size(jni_str!("maxRecordBytes"))?,
                max_task_bytes: guest.size(jni_str!("maxTaskBytes"))?,
            },
            state: state_grants(&mut guest)?,
            counts: Counts::default(),
            configuration: guest.pairs(jni_str!("configuration"))?,
            log_level: Level::from_number(guest.long(jni_str!("logLevel"))?),
            limits: GuestLimits::read(&mut guest)?,
        })
    }
}

fn state_grants(guest: &mut Described<'_, '_, '_>) -> Result<StateGrants> {
    let grants = StateGrants {
        stores: guest.strings(jni_str!("stateStores"))?,
        tables: guest.strings(jni_str!("stateTables"))?,
        task_operations: guest.size(jni_str!("stateOperations"))?,
        task_bytes: guest.size(jni_str!("stateBytes"))?,
    };
    if !grants.is_empty() {
        state::find(guest.env())?;
    }
    Ok(grants)
}

fn millis(millis: jlong) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
