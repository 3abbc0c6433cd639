//! The functions of protocol 1 for stores. docs/protocol-1.md is their description for guests.

use wasmtime::{Caller, Linker, Result};

use super::instance::State;
use super::protocol1::{MODULE, memory, misuse, part};
use crate::bridge::error::Error;
use crate::guest::state::{Found, Limits, Refusal, StateCalls, Store};

/// The names of the functions.
pub const FUNCTIONS: [&str; 5] = ["state_open", "state_get", "state_set", "state_delete", "state_scan"];

pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(MODULE, "state_open", open)?;
    linker.func_wrap(MODULE, "state_get", get)?;
    linker.func_wrap(MODULE, "state_set", set)?;
    linker.func_wrap(MODULE, "state_delete", delete)?;
    linker.func_wrap(MODULE, "state_scan", scan)?;
    Ok(())
}

/// An answer below zero that is no refusal: there is nothing.
const NONE: i32 = -1;

/// Returns the number of a refusal. Functions that return a size return it below zero, where 1 cannot be meant.
fn number(refusal: &Refusal) -> i32 {
    match refusal {
        Refusal::ReadOnly => 1,
        Refusal::TooLarge(_) => 2,
        Refusal::Limit(_) => 3,
    }
}

/// `state_open(name, length) -> number of the store, or -1`: a guest may ask at any time.
fn open(mut caller: Caller<'_, State>, name: u32, length: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let name = part(memory, "state_open's name", name, length)?;
    let found = state.settings.state.open(name, &state.notes);
    Ok(found.map_or(NONE, |store| store.number() as i32))
}

/// Returns what an operation of a task needs. To use a store without a task, or one that there is not, is a misuse.
fn operation<'a>(state: &'a mut State, what: &str, store: u32) -> Result<(StateCalls, Limits<'a>, Store)> {
    if !state.tasks.is_open() {
        return Err(misuse(format!("{what} was called while there was no task")));
    }
    let grants = &state.settings.state;
    let Some(store) = grants.store(store) else {
        return Err(misuse(format!("{what} got the store {}, which state_open did not return", store as i32)));
    };
    let (calls, limits) = state.stores.operation(grants, &state.notes);
    Ok((calls, limits, store))
}

/// `state_get(store, key, key_length, buffer, capacity) -> size of the value, -1, or a refusal below zero`: copies the
/// value if it fits.
fn get(
    mut caller: Caller<'_, State>,
    store: u32,
    key: u32,
    key_length: u32,
    buffer: u32,
    capacity: u32,
) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let (calls, limits, store) = operation(state, "state_get", store)?;
    part(memory, "state_get's buffer", buffer, capacity)?;
    let key = part(memory, "state_get's key", key, key_length)?;
    match calls.get(limits, store, key).map_err(Error::into_wasmtime)? {
        Ok(value) => copy(memory, "state_get's buffer", value.as_ref(), buffer, capacity),
        Err(refusal) => Ok(-number(&refusal)),
    }
}

fn copy(memory: &mut [u8], what: &str, bytes: Option<&Found>, buffer: u32, capacity: u32) -> Result<i32> {
    let buffer = part(memory, what, buffer, capacity)?;
    let Some(bytes) = bytes else { return Ok(NONE) };
    let length = bytes.len();
    if let Some(buffer) = buffer.get_mut(..length) {
        bytes.copy_to(buffer);
    }
    Ok(length as i32)
}

/// `state_set(store, key, key_length, value, value_length) -> 0, or the number of a refusal`.
fn set(
    mut caller: Caller<'_, State>,
    store: u32,
    key: u32,
    key_length: u32,
    value: u32,
    value_length: u32,
) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let (calls, limits, store) = operation(state, "state_set", store)?;
    part(memory, "state_set's key", key, key_length)?;
    part(memory, "state_set's value", value, value_length)?;
    let (key, value) = (bytes(memory, key, key_length), bytes(memory, value, value_length));
    let done = calls.set(limits, store, key, value).map_err(Error::into_wasmtime)?;
    Ok(done.map_or_else(|refusal| number(&refusal), |()| 0))
}

/// Returns a part of the memory that was looked at by [`part`].
fn bytes(memory: &[u8], at: u32, length: u32) -> &[u8] {
    if length == 0 { &[] } else { &memory[at as usize..at as usize + length as usize] }
}

/// `state_delete(store, key, key_length) -> 0, or the number of a refusal`.
fn delete(mut caller: Caller<'_, State>, store: u32, key: u32, key_length: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let (calls, limits, store) = operation(state, "state_delete", store)?;
    let key = part(memory, "state_delete's key", key, key_length)?;
    let done = calls.delete(limits, store, key).map_err(Error::into_wasmtime)?;
    Ok(done.map_or_else(|refusal| number(&refusal), |()| 0))
}

/// `state_scan(store, from, from_length, to, to_length, limit, buffer, capacity) -> size of the packed entries, or a
/// refusal below zero`: copies them if they fit. A `to_length` of -1 is the end of the store.
#[expect(clippy::too_many_arguments, reason = "they are the guest's")]
fn scan(
    mut caller: Caller<'_, State>,
    store: u32,
    from: u32,
    from_length: u32,
    to: u32,
    to_length: i32,
    limit: u32,
    buffer: u32,
    capacity: u32,
) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let (calls, limits, store) = operation(state, "state_scan", store)?;
    part(memory, "state_scan's buffer", buffer, capacity)?;
    part(memory, "state_scan's start", from, from_length)?;
    let end = if to_length == -1 { None } else { Some(to_length as u32) };
    if let Some(length) = end {
        part(memory, "state_scan's end", to, length)?;
    }
    let end = end.map(|length| bytes(memory, to, length));
    let start = bytes(memory, from, from_length);
    match calls.scan(limits, store, start, end, limit).map_err(Error::into_wasmtime)? {
        Ok(None) => Ok(0),
        Ok(entries) => copy(memory, "state_scan's buffer", entries.as_ref(), buffer, capacity),
        Err(refusal) => Ok(-number(&refusal)),
    }
}
