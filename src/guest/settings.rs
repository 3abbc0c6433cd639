//! The settings of a guest: what the host grants it and sets for it, the same for all instances of a module.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jni::Env;
use jni::objects::{JLongArray, JObjectArray, JString};

use crate::binding::wasi::Description;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::strings;
use crate::guest::component::{OutputGrants, Trust};
use crate::guest::limits::GuestLimits;
use crate::guest::net::Grants;
use crate::guest::notes::Level;

/// All settings. Some are for components alone.
pub struct Settings {
    pub wasi: Description,
    pub network: Arc<Grants>,
    pub time: TimeLimits,
    pub limits: GuestLimits,
    /// Components: authorities for outgoing HTTP.
    pub trust: Arc<Trust>,
    /// Components: topics that records may be produced to.
    pub outputs: OutputGrants,
    /// Components: names and values that the guest can ask for.
    pub configuration: Vec<(String, String)>,
    /// Components: lines below this level go nowhere.
    pub log_level: Level,
}

/// The time that a guest has for a task, and for its start.
#[derive(Clone, Copy)]
pub struct TimeLimits {
    pub deadline: Duration,
    pub start_deadline: Duration,
}

/// Reads the rules of the network.
pub fn read_network<'l>(
    env: &mut Env<'l>,
    connect: &JObjectArray<'l, JString<'l>>,
    listen: &JObjectArray<'l, JString<'l>>,
) -> Result<Grants> {
    Grants::parse(&strings(env, connect)?, &strings(env, listen)?).map_err(Error::argument)
}

/// Reads a file of certificates, if there is one.
pub fn read_trust(env: &mut Env<'_>, ca_file: &JString<'_>) -> Result<Trust> {
    let file = if ca_file.is_null() { None } else { Some(PathBuf::from(ca_file.try_to_string(env)?)) };
    Trust::read(file.as_deref()).map_err(Error::argument)
}

/// Reads names and values in turn.
pub fn read_pairs(env: &mut Env<'_>, pairs: &JObjectArray<'_, JString<'_>>) -> Result<Vec<(String, String)>> {
    let pairs = strings(env, pairs)?;
    Ok(pairs.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
}

/// Reads the numbers of `GuestLimits.numbers` in Java: the two deadlines in milliseconds, then the limits.
pub fn read_limits(env: &mut Env<'_>, numbers: &JLongArray<'_>) -> Result<(TimeLimits, GuestLimits)> {
    let mut read = [0; 7];
    numbers.get_region(env, 0, &mut read)?;
    let [deadline, start_deadline, limits @ ..] = &read;
    let [deadline, start_deadline] =
        [deadline, start_deadline].map(|millis| Duration::from_millis(u64::try_from(*millis).unwrap_or(0)));
    Ok((TimeLimits { deadline, start_deadline }, GuestLimits::read(limits)))
}
