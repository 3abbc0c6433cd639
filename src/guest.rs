//! `GuestModule` and `Guest`: the native methods, and which way a guest goes. Core modules take the fast path,
//! [`core`]; components take the other, [`crate::guest::component`].

mod code;
pub mod component;
pub mod core;
pub mod limits;
pub mod net;
pub mod notes;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::refs::IntoAuto;
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

use self::code::Code;
use self::component::{GuestComponent, Outcome, OutputGrants, Refusal, Settings, Trust};
use self::core::wasi1::{self, TICK};
use self::core::{CoreGuest, CoreModule, NOT_TAKEN, NOTES, RETURNED};
use self::limits::Limits;
use crate::binding::wasi::{Description, JWasiDescription};
use crate::binding::{engine, module};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::{Exclusive, Shared};
use crate::bridge::java::{JavaBytes, fast, natives, string_array, strings};
use crate::bridge::stack::{self, DEFAULT_MAX_WASM_STACK, FIBER_STACK};
use crate::guest::net::Grants;
use crate::guest::notes::{Level, Notes};

static MODULES: Shared<Loaded> = Shared::new("GuestModule");
static GUESTS: Exclusive<Guest> = Exclusive::new("Guest");

/// What a `GuestModule` in Java is.
enum Loaded {
    Core(Arc<CoreModule>),
    Component(Arc<GuestComponent>),
}

/// What a `Guest` in Java is.
enum Guest {
    Core(CoreGuest),
    Component(component::Guest),
}

/// The engine of guests.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| new_engine(|_| {}, wasi1::tick));

/// The engine of guests that are small components, of which there may be thousands of instances. Their data is copied
/// into each; to map it takes two areas of the address space more, of which a process has 65,530 by default on Linux.
/// Large ones are better mapped: then instances share what they do not change.
static SMALL: LazyLock<Engine> = LazyLock::new(|| {
    let adjust = |config: &mut Config| {
        config.memory_init_cow(false);
    };
    new_engine(adjust, || {})
});

fn new_engine(adjust: impl FnOnce(&mut Config), each_tick: fn()) -> Engine {
    let mut config = engine::config(DEFAULT_MAX_WASM_STACK);
    config.epoch_interruption(true);
    config.async_stack_size(FIBER_STACK);
    // Where a guest was built with debug information, its failures name source lines.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    adjust(&mut config);
    let engine = Engine::new(&config).expect("these settings go together");
    let ticking = engine.clone();
    // Lets the epoch go on.
    std::thread::Builder::new()
        .name("wasmton-epoch".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(TICK);
                ticking.increment_epoch();
                each_tick();
            }
        })
        .expect("one more thread");
    engine
}

pub mod modules {
    //! The native methods of `GuestModule`.
    use super::{
        JWasiDescription, check_network, compatibility, compile, destroy_module, instantiate, is_component,
        memory_in_use, save,
    };
    use crate::bridge::java::natives;

    natives! {
        {
            fn compile(
                wasm: jbyte[],
                code: JString,
                wasi: JWasiDescription,
                connect: JString[],
                listen: JString[],
                ca_file: JString,
                output_topics: JString[],
                max_record_bytes: jint,
                max_task_bytes: jint,
                configuration: JString[],
                log_level: jint,
                limits: jlong[],
            ) -> jlong,
            type_map = { JWasiDescription => io.github.wasmton.wasmtime.internal.WasiDescription }
        }
        { fn check_network(connect: JString[], listen: JString[], ca_file: JString) -> void }
        { fn save(module: jlong, path: JString) -> void }
        { fn compatibility() -> JString }
        { fn is_component(module: jlong) -> jboolean }
        { fn memory_in_use(module: jlong) -> jlong }
        { fn instantiate(module: jlong) -> jlong }
        { fn destroy_module(module: jlong) -> void }
    }
}

natives! {
    {
        fn process_record(
            guest: jlong,
            topic: JString,
            partition: jint,
            offset: jlong,
            timestamp: jlong,
            key: jbyte[],
            value: jbyte[],
            header_names: JString[],
            header_values: jbyte[][],
            attempt: jint,
        ) -> jlong
    }
    { fn landed(guest: jlong) -> jlong }
    { fn take_notes(guest: jlong) -> JString[] }
    { fn take_outputs(guest: jlong) -> jbyte[] }
    { fn destroy(guest: jlong) -> void }
    raw { fn process(guest: jlong, task: jbyte[], length: jint) -> jlong }
}

/// The guest refused the task: a `Refusal`, counted from 1, in three bits.
const REFUSED_SHIFT: u32 = 35;

/// There is something for `take_outputs`.
const OUTPUTS: jlong = 1 << 38;

#[expect(clippy::too_many_arguments, reason = "plain values cross the boundary, not objects")]
fn compile<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    wasm: JByteArray<'l>,
    code: JString<'l>,
    wasi: JWasiDescription<'l>,
    connect: JObjectArray<'l, JString<'l>>,
    listen: JObjectArray<'l, JString<'l>>,
    ca_file: JString<'l>,
    output_topics: JObjectArray<'l, JString<'l>>,
    max_record_bytes: jint,
    max_task_bytes: jint,
    configuration: JObjectArray<'l, JString<'l>>,
    log_level: jint,
    limits: JLongArray<'l>,
) -> Result<jlong> {
    let wasi = Description::read(env, &wasi)?;
    let network = Arc::new(read_network(env, &connect, &listen)?);
    let trust = Arc::new(read_trust(env, &ca_file)?);
    let size = |bytes: jint| usize::try_from(bytes).unwrap_or(0);
    let outputs = OutputGrants {
        topics: strings(env, &output_topics)?.into_iter().collect(),
        max_record_bytes: size(max_record_bytes),
        max_task_bytes: size(max_task_bytes),
    };
    let configuration = strings(env, &configuration)?;
    let configuration = configuration.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let code = if code.is_null() { None } else { Some(code.try_to_string(env)?) };
    // What was compiled before needs no wasm.
    let wasm = if code.is_none() { env.convert_byte_array(&wasm)? } else { Vec::new() };
    // The deadlines of a task and of a start in milliseconds, and what `Limits` reads.
    let mut numbers = [0; 7];
    limits.get_region(env, 0, &mut numbers)?;
    let [deadline, start_deadline, limits @ ..] = &numbers;
    let [deadline, start_deadline] =
        [deadline, start_deadline].map(|millis| Duration::from_millis(u64::try_from(*millis).unwrap_or(0)));
    let limits = Limits::read(limits);
    let loaded = module::on_compiler_stack(move || {
        let code = match code {
            Some(path) => Code::load(&path)?,
            None => Code::compile(&wasm)?,
        };
        Ok::<_, Error>(match code {
            Code::Module(module) => {
                let settings = core::Settings { wasi, network, limits, deadline, start_deadline };
                Loaded::Core(Arc::new(CoreModule::new(&module, settings)?))
            }
            Code::Component(component) => {
                let log_level = Level::from_number(log_level);
                let settings = Settings {
                    wasi,
                    network,
                    trust,
                    outputs,
                    configuration,
                    log_level,
                    deadline,
                    start_deadline,
                    limits,
                };
                Loaded::Component(Arc::new(GuestComponent::new(&component, settings)?))
            }
        })
    })?;
    Ok(MODULES.insert(loaded))
}

/// Writes the compiled code to a file, from which `compile` takes it the next time.
fn save<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong, path: JString<'l>) -> Result<()> {
    let path = path.try_to_string(env)?;
    let code = match &*MODULES.get(module)? {
        Loaded::Core(module) => Code::Module(module.compiled().clone()),
        Loaded::Component(component) => Code::Component(component.component().clone()),
    };
    code.save(&path)
}

/// In bytes.
fn memory_in_use<'l>(_: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<jlong> {
    let bytes = match &*MODULES.get(module)? {
        Loaded::Core(module) => module.memory_in_use(),
        Loaded::Component(component) => component.memory_in_use(),
    };
    Ok(jlong::try_from(bytes).unwrap_or(jlong::MAX))
}

/// Which of the two engines a component is for, its size decides.
fn compatibility<'l>(env: &mut Env<'l>, _: JClass<'l>) -> Result<JString<'l>> {
    Ok(JString::from_str(env, engine::compatibility_hash(&ENGINE))?)
}

fn read_network<'l>(
    env: &mut Env<'l>,
    connect: &JObjectArray<'l, JString<'l>>,
    listen: &JObjectArray<'l, JString<'l>>,
) -> Result<Grants> {
    Grants::parse(&strings(env, connect)?, &strings(env, listen)?).map_err(Error::argument)
}

/// Throws where a rule cannot be understood.
fn check_network<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    connect: JObjectArray<'l, JString<'l>>,
    listen: JObjectArray<'l, JString<'l>>,
    ca_file: JString<'l>,
) -> Result<()> {
    read_network(env, &connect, &listen)?;
    read_trust(env, &ca_file)?;
    Ok(())
}

fn read_trust(env: &mut Env<'_>, ca_file: &JString<'_>) -> Result<Trust> {
    let file = if ca_file.is_null() { None } else { Some(PathBuf::from(ca_file.try_to_string(env)?)) };
    Trust::read(file.as_deref()).map_err(Error::argument)
}

fn is_component(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jboolean> {
    Ok(matches!(&*MODULES.get(module)?, Loaded::Component(_)))
}

fn instantiate(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jlong> {
    let guest = match &*MODULES.get(module)? {
        Loaded::Core(module) => {
            let notes = Notes::default();
            let live = module.start(&notes).map_err(|e| notes.explain(e))?;
            Guest::Core(CoreGuest { live: Some(live), module: module.clone(), notes })
        }
        Loaded::Component(component) => Guest::Component(component.instantiate()?),
    };
    Ok(GUESTS.insert(guest))
}

fn process<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, task: JByteArray<'l>, length: jint) -> jlong {
    fast(&mut env, |jvm| {
        let mut guest = GUESTS.enter(guest)?;
        let Guest::Core(CoreGuest { module, live, notes }) = &mut *guest else {
            return Err(Error::argument("a component gets its tasks as records"));
        };
        stack::check(DEFAULT_MAX_WASM_STACK)?;
        let instance = match live {
            Some(live) => live,
            None => live.insert(module.start(notes)?),
        };
        // SAFETY: the guest's host functions run on this thread, and only until `process` returns.
        let task = unsafe { JavaBytes::new(jvm, &task, length) };
        let outcome = instance.process(task, module.ticks);
        if outcome.is_err() {
            *live = None;
        }
        outcome
    })
}

#[expect(clippy::too_many_arguments, reason = "plain values cross the boundary, not objects")]
fn process_record<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    guest: jlong,
    topic: JString<'l>,
    partition: jint,
    offset: jlong,
    timestamp: jlong,
    key: JByteArray<'l>,
    value: JByteArray<'l>,
    header_names: JObjectArray<'l, JString<'l>>,
    header_values: JObjectArray<'l, JByteArray<'l>>,
    attempt: jint,
) -> Result<jlong> {
    let (topic, headers) = (topic.try_to_string(env)?, headers(env, &header_names, &header_values)?);
    let (key, value) = (bytes(env, &key)?, bytes(env, &value)?);
    let attempt = u32::try_from(attempt).unwrap_or(1);
    let task = component::Task { topic, partition, offset, timestamp, key, value, headers, attempt };
    with_guest(guest, |guest| {
        let outcome = guest.process(task);
        guest.deliver_output(env)?;
        Ok(result(&outcome?, guest))
    })
}

/// What came of a task that a pool ran. Like `process_record` it throws what the guest failed by.
fn landed<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<jlong> {
    with_guest(guest, |guest| {
        let outcome = guest.landed();
        guest.deliver_output(env)?;
        Ok(result(&outcome?, guest))
    })
}

/// Uses a guest that is a component.
pub fn with_guest<T>(guest: jlong, body: impl FnOnce(&mut component::Guest) -> Result<T>) -> Result<T> {
    match &mut *GUESTS.enter(guest)? {
        Guest::Component(guest) => body(guest),
        Guest::Core(_) => Err(Error::argument("a core module gets its tasks as bytes")),
    }
}

/// A handle for a guest of that module, which must be a component.
pub fn add_guest(module: jlong) -> Result<jlong> {
    match &*MODULES.get(module)? {
        Loaded::Component(component) => Ok(GUESTS.insert(Guest::Component(component.guest()))),
        Loaded::Core(_) => Err(Error::argument("a core module occupies the thread that brings a task")),
    }
}

pub fn bytes<'l>(env: &mut Env<'l>, array: &JByteArray<'l>) -> Result<Option<Vec<u8>>> {
    if array.is_null() { Ok(None) } else { Ok(Some(env.convert_byte_array(array)?)) }
}

pub fn headers<'l>(
    env: &mut Env<'l>,
    names: &JObjectArray<'l, JString<'l>>,
    values: &JObjectArray<'l, JByteArray<'l>>,
) -> Result<Vec<component::Header>> {
    let names = strings(env, names)?.into_iter().enumerate();
    names
        .map(|(i, name)| {
            let value = values.get_element(env, i)?.auto();
            Ok(component::Header { name, value: bytes(env, &value)? })
        })
        .collect()
}

/// An outcome as it crosses.
pub fn result(outcome: &Outcome, guest: &component::Guest) -> jlong {
    let notes = if guest.has_notes() { NOTES } else { 0 };
    let outputs = if guest.has_outputs() { OUTPUTS } else { 0 };
    notes
        | outputs
        | match outcome {
            Outcome::Status(status) => RETURNED | jlong::from(*status as u32),
            Outcome::NotTaken(offered) => NOT_TAKEN | jlong::from(*offered),
            Outcome::Refused(refusal) => match refusal {
                Refusal::Retry => 1 << REFUSED_SHIFT,
                Refusal::Skip => 2 << REFUSED_SHIFT,
                Refusal::Fatal => 3 << REFUSED_SHIFT,
                Refusal::DeadLetter => 4 << REFUSED_SHIFT,
            },
        }
}

/// Why the last task was refused, which limit it ran into, the last words on standard error, each of them an empty
/// string where there is none; then the lines for the log, each after the name of its level.
fn take_notes<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let (refusal, told) = match &mut *GUESTS.enter(guest)? {
        Guest::Core(guest) => (String::new(), guest.notes.take()),
        Guest::Component(guest) => guest.take_notes(),
    };
    let mut notes = vec![refusal, told.limit, told.last_words];
    notes.extend(told.lines.into_iter().flat_map(|(level, line)| [level.name().to_owned(), line]));
    string_array(env, &notes)
}

/// The records that the last task produced, in the form that `Output.java` reads.
fn take_outputs<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<JByteArray<'l>> {
    let outputs = match &mut *GUESTS.enter(guest)? {
        Guest::Core(_) => Vec::new(),
        Guest::Component(guest) => guest.take_outputs(),
    };
    Ok(env.byte_array_from_slice(&outputs)?)
}

fn destroy_module(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<()> {
    MODULES.close(module);
    Ok(())
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, guest: jlong) -> Result<()> {
    GUESTS.close(guest);
    Ok(())
}
