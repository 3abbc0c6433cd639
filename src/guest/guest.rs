//! `Guest`: one processor, used by one thread at a time. Core modules take the fast path, [`core`]; components take the
//! other, [`component`].

use jni::objects::{JByteArray, JByteBuffer, JClass, JObjectArray, JString};
use jni::sys::{jint, jlong};
use jni::{Env, EnvUnowned};

use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Exclusive;
use crate::bridge::java::{DirectBytes, JavaBytes, fast, host_call, natives, string_array};
use crate::guest::batch::Ends;
use crate::guest::state::{JStateCalls, StateCalls};
use crate::guest::{component, core, outcome};

static GUESTS: Exclusive<AnyGuest> = Exclusive::new("Guest");

/// A guest of either kind.
pub enum AnyGuest {
    Core(core::Guest),
    Component(component::Guest),
}

natives! {
    METHODS:
    { fn take_result(guest: jlong) -> jlong }
    { fn take_notes(guest: jlong) -> JString[] }
    { fn take_outputs(guest: jlong) -> jbyte[] }
    { fn process_batch(guest: jlong, length: jint) -> jlong }
    { fn take_ends(guest: jlong) -> jbyte[] }
    { fn use_buffer(guest: jlong, buffer: JByteBuffer) -> void }
    { fn done_tasks(guest: jlong) -> jint }
    { fn destroy(guest: jlong) -> void }
    raw { fn process(guest: jlong, task: jbyte[], length: jint) -> jlong }
    raw { fn process_tasks(guest: jlong, length: jint) -> jlong }
    raw { fn process_tasks_with_state(guest: jlong, length: jint, calls: JStateCalls) -> jlong,
          type_map = { JStateCalls => io.github.wasmton.guest.StateCalls } }
}

/// Returns the handle of a new guest.
pub fn insert(guest: AnyGuest) -> jlong {
    GUESTS.insert(guest)
}

/// Uses a guest that is a component.
pub fn with_component<T>(guest: jlong, body: impl FnOnce(&mut component::Guest) -> Result<T>) -> Result<T> {
    match &mut *GUESTS.enter(guest)? {
        AnyGuest::Component(guest) => body(guest),
        AnyGuest::Core(_) => Err(Error::argument("a core module gets its tasks as bytes")),
    }
}

/// Hands a task to a guest of protocol 0 and waits until it is done with it. Returns an encoded outcome, as all of
/// these do.
fn process<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, task: JByteArray<'l>, length: jint) -> jlong {
    fast(&mut env, |jvm| {
        let mut guest = GUESTS.enter(guest)?;
        let AnyGuest::Core(guest) = &mut *guest else {
            return Err(Error::argument("a component gets its tasks as records"));
        };
        // SAFETY: the guest's host functions run on this thread, and only until `process` returns.
        let task = unsafe { JavaBytes::new(jvm, &task, length) };
        let outcome = guest.process(task)?;
        Ok(outcome.encode(guest.has_notes(), false))
    })
}

/// Sets the buffer that tasks lie in, for guests that get whole records: [`record`](crate::guest::record)s, each behind
/// its size.
fn use_buffer<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong, buffer: JByteBuffer<'l>) -> Result<()> {
    let buffer = DirectBytes::new(env, &buffer)?;
    match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => guest.use_buffer(buffer),
        AnyGuest::Component(guest) => guest.use_buffer(buffer),
    }
    Ok(())
}

/// Hands the tasks in the first bytes of the buffer to a guest as one batch, and waits until it is done with them.
fn process_batch<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong, length: jint) -> Result<jlong> {
    match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => {
            let outcome = guest.process_batch(length)?;
            let ends = guest.ends().is_some_and(|ends| ends.any());
            Ok(outcome.encode(guest.has_notes(), ends))
        }
        AnyGuest::Component(guest) => {
            let outcome = guest.process_batch(length);
            guest.deliver_output(env)?;
            Ok(guest.encode(outcome?))
        }
    }
}

/// Takes the ends of the tasks of the last batch, packed as [`batch`](crate::guest::batch) says.
fn take_ends<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<JByteArray<'l>> {
    let ends = match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => guest.ends().map(Ends::take).unwrap_or_default(),
        AnyGuest::Component(guest) => guest.ends().take(),
    };
    Ok(env.byte_array_from_slice(&ends)?)
}

/// Hands the tasks in the first bytes of the buffer to a guest that gets whole records.
fn process_tasks<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, length: jint) -> jlong {
    fast(&mut env, |_| process_packed(guest, length, StateCalls::none()))
}

/// Does the same with one task, which brings its stores.
fn process_tasks_with_state<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    guest: jlong,
    length: jint,
    calls: JStateCalls<'l>,
) -> jlong {
    // SAFETY: the guest's host functions run on this thread, and only until `process_packed` returns.
    fast(&mut env, |jvm| process_packed(guest, length, unsafe { StateCalls::new(jvm, &calls) }))
}

#[inline]
fn process_packed(guest: jlong, length: jint, calls: StateCalls) -> Result<jlong> {
    let (done, encoded) = match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => {
            let (done, outcome) = guest.process_tasks(length, calls)?;
            let encoded = outcome.encode(guest.has_notes(), guest.has_outputs());
            guest.share_outputs();
            (done, encoded)
        }
        AnyGuest::Component(guest) => {
            let processed = guest.process_tasks(length, calls);
            if guest.has_output() {
                host_call(|env| guest.deliver_output(env))?;
            }
            let (done, outcome) = processed?;
            let encoded = guest.encode(outcome);
            guest.share_outputs();
            (done, encoded)
        }
    };
    Ok(encoded | outcome::done_before(done))
}

/// Returns the tasks that were done before the one at which [`process_tasks`] failed.
fn done_tasks(_: &mut Env<'_>, _: JClass<'_>, guest: jlong) -> Result<jint> {
    let done = match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => guest.done(),
        AnyGuest::Component(guest) => guest.done(),
    };
    Ok(done as jint)
}

/// Takes the result of a task that a pool ran, where [`take_ended`](crate::guest::pool) did not tell it. Throws the
/// error that the guest failed by, as [`process_tasks`] does.
fn take_result<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<jlong> {
    with_component(guest, |guest| {
        let outcome = guest.take_result();
        guest.deliver_output(env)?;
        Ok(guest.encode(outcome?))
    })
}

/// Takes the reason why the last task was refused, the limit that the guest ran into, and its last words on standard
/// error, each an empty string where there is none; then the lines for the log, each after the name of its level. In
/// place of a level, an empty string is before the index of the task of a batch that the lines behind it are about; an
/// empty index is for the batch as a whole.
fn take_notes<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let (refusal, taken) = match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => (guest.take_refusal(), guest.take_notes()),
        AnyGuest::Component(guest) => (guest.take_refusal(), guest.take_notes()),
    };
    let mut notes = vec![refusal, taken.limit, taken.last_words];
    let mut about = taken.about.into_iter().peekable();
    for (number, (level, line)) in taken.lines.into_iter().enumerate() {
        if let Some((_, task)) = about.next_if(|(at, _)| *at == number) {
            notes.extend([String::new(), task.map_or(String::new(), |task| task.to_string())]);
        }
        notes.extend([level.name().to_owned(), line]);
    }
    string_array(env, &notes)
}

/// Takes the records that the last task produced, packed as [`record`](crate::guest::record) says.
fn take_outputs<'l>(env: &mut Env<'l>, _: JClass<'l>, guest: jlong) -> Result<JByteArray<'l>> {
    let outputs = match &mut *GUESTS.enter(guest)? {
        AnyGuest::Core(guest) => guest.take_outputs(),
        AnyGuest::Component(guest) => guest.take_outputs(),
    };
    Ok(env.byte_array_from_slice(&outputs)?)
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, guest: jlong) -> Result<()> {
    GUESTS.close(guest);
    Ok(())
}
