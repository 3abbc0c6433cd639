//! `Wasi`: what modules and components of a Store have of WASI, from a plain description.

pub mod context;

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jni::objects::{JClass, JObject, JObjectArray, JString};
use jni::sys::jlong;
use jni::{Env, bind_java_type, jni_sig, jni_str};
use rand_core::TryRng;
use wasmtime::{StoreContextMut, UnknownImportError};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{FsPerms, HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::binding::http::Trust;
use crate::binding::linker::LINKERS;
use crate::binding::log::{Log, NoLog, StdStream};
use crate::binding::net::Grants;
use crate::binding::stdio::{BufferedOutput, Input, Output};
use crate::binding::store::{self, Data};
use crate::binding::waits;
use crate::bridge::description::Described;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{natives, string_array, strings};
use context::Context;

/// The world as a guest sees it: `WasiConfig` as it crosses. Each context that is built of it begins anew: with a fresh
/// clock, the first of the random numbers, and the start of an input.
pub struct Description {
    args: Vec<String>,
    env: Vec<(String, String)>,
    dirs: Vec<Dir>,
    stdin: Input,
    stdout: Output,
    stderr: Output,
    /// Start and step in nanoseconds; None is the machine's time.
    clock: Option<(u64, u64)>,
    seed: Option<u64>,
    /// Addresses that components reach; modules of WASI 0.1 have no sockets here.
    pub network: Arc<Grants>,
    /// Authorities for outgoing HTTP.
    pub trust: Arc<Trust>,
}

/// The most random bytes that a component gets in one call, which nothing ends.
const MAX_RANDOM: u64 = 1024 * 1024;

struct Dir {
    here: String,
    there: String,
    perms: FsPerms,
}

bind_java_type! { pub JWasiDescription => io.github.wasmton.wasmtime.internal.WasiDescription }

natives! {
    METHODS:
    { fn install(store: jlong, wasi: JWasiDescription) -> void,
      type_map = { JWasiDescription => io.github.wasmton.wasmtime.internal.WasiDescription } }
    { fn add_to_linker(linker: jlong, store: jlong) -> void }
    { fn refusals(store: jlong) -> JString[] }
    { fn check_network(connect: JString[], listen: JString[], ca_file: JString) -> void }
}

impl Description {
    /// Reads the record's components.
    pub fn read(env: &mut Env<'_>, description: &JWasiDescription<'_>) -> Result<Self> {
        let mut wasi = Described::new(env, description.as_ref());
        let clock = wasi.longs(jni_str!("clock"))?;
        let seed = wasi.longs(jni_str!("seed"))?;
        let args = wasi.strings(jni_str!("args"))?;
        let variables = wasi.pairs(jni_str!("env"))?;
        let dirs = wasi.strings(jni_str!("dirs"))?;
        let (connect, listen) = (wasi.strings(jni_str!("connect"))?, wasi.strings(jni_str!("listen"))?);
        let network = grants(&connect, &listen)?;
        let trust = trust(wasi.string(jni_str!("caFile"))?)?;
        let stdio = wasi.object(jni_str!("stdio"), jni_sig!("()[Ljava/lang/Object;"))?;
        let stdio = env.cast_local::<JObjectArray<JObject>>(stdio)?;
        let [stdin, stdout, stderr] =
            [stdio.get_element(env, 0)?, stdio.get_element(env, 1)?, stdio.get_element(env, 2)?];
        Ok(Description {
            args,
            env: variables,
            dirs: dirs.chunks_exact(3).map(Dir::of).collect(),
            stdin: Input::read(env, stdin)?,
            stdout: Output::read(env, stdout)?,
            stderr: Output::read(env, stderr)?,
            clock: (clock.len() == 2).then(|| (clock[0] as u64, clock[1] as u64)),
            seed: seed.first().map(|seed| *seed as u64),
            network: Arc::new(network),
            trust: Arc::new(trust),
        })
    }

    /// Builds a context for a Store of that handle.
    fn build(&self, store: jlong, has_deadlines: bool) -> Result<Context> {
        let builder = self.builder(store, !has_deadlines, &(Arc::new(NoLog) as Log))?;
        Ok(Context::new(builder, self.network.clone(), self.trust.clone()))
    }

    /// Builds a context for a Store that Java does not know, with a log. Calls on files wait on other threads, which a
    /// deadline leaves behind.
    pub fn build_with_log(&self, log: &Log) -> Result<WasiP1Ctx> {
        Ok(self.builder(0, false, log)?.build_p1())
    }

    /// Returns whether directories are granted.
    pub fn has_dirs(&self) -> bool {
        !self.dirs.is_empty()
    }

    fn builder(&self, store: jlong, may_block: bool, log: &Log) -> Result<WasiCtxBuilder> {
        let mut builder = WasiCtxBuilder::new();
        // The thread is the caller's to block; files then need no hop to another. But nothing ends what blocks it.
        builder.allow_blocking_current_thread(may_block);
        self.stdin.open(&mut builder, store)?;
        builder.stdout(self.stdout.open(StdStream::Out, store, log)?);
        builder.stderr(self.stderr.open(StdStream::Err, store, log)?);
        self.grant(&mut builder)?;
        Ok(builder)
    }

    /// Begins a context for a guest that may be on a fiber. Output for Java streams waits in the buffers. Waits are a
    /// runtime's, so that a deadline can end them.
    pub fn builder_on_fiber(&self, log: &Log) -> Result<(WasiCtxBuilder, Vec<BufferedOutput>)> {
        let mut builder = WasiCtxBuilder::new();
        builder.max_random_size(MAX_RANDOM);
        let mut buffered = Vec::new();
        self.stdin.open(&mut builder, 0)?;
        builder.stdout(self.stdout.open_on_fiber(StdStream::Out, &mut buffered, log)?);
        builder.stderr(self.stderr.open_on_fiber(StdStream::Err, &mut buffered, log)?);
        self.grant(&mut builder)?;
        Ok((builder, buffered))
    }

    /// Builds a context for a Store whose components run on fibers.
    fn build_on_fiber(&self) -> Result<(Context, Vec<BufferedOutput>)> {
        self.check_for_fiber()?;
        let (builder, output) = self.builder_on_fiber(&(Arc::new(NoLog) as Log))?;
        Ok((Context::new(builder, self.network.clone(), self.trust.clone()), output))
    }

    /// Checks that a guest that may be on a fiber can be given this.
    pub fn check_for_fiber(&self) -> Result<()> {
        match self.stdin {
            Input::Java(_) => Err(Error::argument(
                "a component cannot read a Java stream as its standard input. Give it bytes or a file.".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn grant(&self, builder: &mut WasiCtxBuilder) -> Result<()> {
        builder.args(&self.args).envs(&self.env);
        for Dir { here, there, perms } in &self.dirs {
            builder
                .preopened_dir(here, there, *perms)
                .map_err(|e| Error::from(e.context(format!("cannot open the directory '{here}' for the guest"))))?;
        }
        if let Some((start, step)) = self.clock {
            let clock = FixedClock { now: Arc::new(AtomicU64::new(start)), start, step };
            builder.wall_clock(clock.clone()).monotonic_clock(clock);
        }
        if let Some(seed) = self.seed {
            builder.secure_random(SeededRandom(seed)).insecure_random(SeededRandom(seed));
            builder.insecure_random_seed(seed.into());
        }
        Ok(())
    }
}

/// Parses the rules of the network.
fn grants(connect: &[String], listen: &[String]) -> Result<Grants> {
    Grants::parse(connect, listen).map_err(Error::argument)
}

/// Reads a file of certificates, if there is one.
fn trust(ca_file: Option<String>) -> Result<Trust> {
    Trust::read(ca_file.as_deref().map(Path::new)).map_err(Error::argument)
}

impl Dir {
    /// Reads path here, path there, `r` or `rw`.
    fn of(words: &[String]) -> Self {
        let perms = if words[2] == "rw" { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        Dir { here: words[0].clone(), there: words[1].clone(), perms }
    }
}

/// A clock that goes on by one step at each look, whichever of the two clocks that is at. It never goes back.
#[derive(Clone)]
struct FixedClock {
    now: Arc<AtomicU64>,
    start: u64,
    step: u64,
}

impl FixedClock {
    fn look(&self) -> u64 {
        let step = |now: u64| Some(now.saturating_add(self.step));
        self.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or_else(|now| now)
    }
}

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(self.step.max(1))
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.look())
    }
}

impl HostMonotonicClock for FixedClock {
    fn resolution(&self) -> u64 {
        self.step.max(1)
    }

    fn now(&self) -> u64 {
        self.look() - self.start
    }
}

/// SplitMix64: numbers that look random and that depend on the seed alone, in every version of this library.
struct SeededRandom(u64);

impl TryRng for SeededRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(bits ^ (bits >> 31))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> std::result::Result<(), Infallible> {
        for chunk in target.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Adds how to mend it to an error of a module that misses WASI.
pub fn explain(e: wasmtime::Error) -> wasmtime::Error {
    match e.downcast_ref::<UnknownImportError>().map(UnknownImportError::module) {
        Some("wasi_snapshot_preview1") => e.context(
            "the module needs WASI, which its Linker does not have: call new Wasi(store, config).addToLinker(linker) \
             before it is instantiated",
        ),
        Some("wasi_unstable") => e.context(
            "the module needs the first snapshot of WASI, of 2019, which is not provided: build it for wasm32-wasip1",
        ),
        _ => e,
    }
}

fn install<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, wasi: JWasiDescription<'l>) -> Result<()> {
    let (has_deadlines, on_fiber) = store::with(store, |store| {
        let data = store.data();
        Ok((data.engine.epoch_interruption, data.components.fibers.needed))
    })?;
    let description = Description::read(env, &wasi)?;
    let (wasi, output) =
        if on_fiber { description.build_on_fiber()? } else { (description.build(store, has_deadlines)?, Vec::new()) };
    let replaced = store::with(store, |mut store| {
        let data = store.data_mut();
        let output = std::mem::replace(&mut data.components.fibers.output, output);
        Ok((data.wasi.replace(wasi), data.wasi_description.replace(description), output))
    })?;
    // Here, where the Store is free: what a context lets go of may be the last of a Java object.
    drop(replaced);
    Ok(())
}

/// Makes the context of a Store whose components are to run on fibers from now on.
pub fn use_fibers(store: &mut StoreContextMut<'_, Data>) -> Result<()> {
    let Some(description) = &store.data().wasi_description else { return Ok(()) };
    let (wasi, output) = description.build_on_fiber()?;
    let data = store.data_mut();
    data.wasi = Some(wasi);
    data.components.fibers.output = output;
    Ok(())
}

fn add_to_linker(_: &mut Env<'_>, _: JClass<'_>, linker: jlong, store: jlong) -> Result<()> {
    store::with(store, |_| {
        let mut linker = LINKERS.enter(linker)?;
        // Java adds a Wasi only to a Linker of its own Store, so the context is there. An empty one grants nothing.
        p1::add_to_linker_sync(&mut linker, |data| data.wasi().modules())?;
        Ok(linker.replace(waits::add_to_linker)?)
    })
}

/// Returns what the policy refused, each sentence once.
fn refusals<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let refusals = store::with(store, |mut store| Ok(store.data_mut().wasi().refusals()))?;
    string_array(env, &refusals)
}

/// Throws where a rule cannot be understood, or the file holds no certificates.
fn check_network<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    connect: JObjectArray<'l, JString<'l>>,
    listen: JObjectArray<'l, JString<'l>>,
    ca_file: JString<'l>,
) -> Result<()> {
    grants(&strings(env, &connect)?, &strings(env, &listen)?)?;
    trust(if ca_file.is_null() { None } else { Some(ca_file.try_to_string(env)?) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_takes_a_step_at_each_look_and_stops_at_the_end_of_time() {
        let clock = FixedClock { now: Arc::new(AtomicU64::new(100)), start: 100, step: 7 };
        assert_eq!(0, HostMonotonicClock::now(&clock));
        assert_eq!(Duration::from_nanos(107), HostWallClock::now(&clock));
        assert_eq!(14, HostMonotonicClock::now(&clock.clone()));
        clock.now.store(u64::MAX - 1, Ordering::Relaxed);
        HostWallClock::now(&clock);
        assert_eq!(Duration::from_nanos(u64::MAX), HostWallClock::now(&clock));
        assert_eq!(Duration::from_nanos(u64::MAX), HostWallClock::now(&clock));
    }

    #[test]
    fn random_bytes_follow_from_the_seed() {
        // The first number of SplitMix64 for the seed 0, little end first, and the start of the second.
        let mut bytes = [0; 11];
        SeededRandom(0).try_fill_bytes(&mut bytes).expect("infallible");
        assert_eq!([0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2, 0xf4, 0x65, 0xb9], bytes);
    }
}
