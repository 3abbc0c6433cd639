//! The import `wasmton_v1`: the host side of protocol 1. docs/protocol-1.md is its description for guests, and
//! sdk/c/wasmton.h its declaration; a function that is added here belongs into both.

use std::ptr::NonNull;

use wasmtime::{AsContextMut, Caller, Error, Extern, Linker, Result, Trap};

use super::instance::State;
use super::tasks::NO_TASK;
use super::{batch, http, state};
use crate::bridge::error::Error as Argument;
use crate::guest::clock::Deadline;
use crate::guest::notes::{self, Level};
use crate::guest::outcome::Verdict;
use crate::guest::outputs::{Offer, Refusal};
use crate::guest::record;

/// The module that a guest imports these from. A later version gets another name beside it.
pub const MODULE: &str = "wasmton_v1";

/// The functions, for an error message.
pub const FUNCTIONS: &str = "next, finish, produce, log, log_enabled, count, setting, setting_name, next_batch, \
     select, state_open, state_get, state_set, state_delete, state_scan, http_send and http_read";

const NO_TASK_TO_FINISH: &str = "finish was called while there was no task to finish; in a batch, select comes first";
const NO_TASK_TO_PRODUCE_FOR: &str =
    "produce was called while there was no task to produce for; in a batch, select comes first";

/// Returns whether a guest takes batches, by what it imports.
pub fn takes_batches(module: &wasmtime::Module) -> bool {
    module.imports().any(|import| import.module() == MODULE && import.name() == batch::NEXT_BATCH)
}

pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(MODULE, "next", next)?;
    linker.func_wrap(MODULE, "finish", finish)?;
    linker.func_wrap(MODULE, "produce", produce)?;
    linker.func_wrap(MODULE, "log", log)?;
    linker.func_wrap(MODULE, "log_enabled", log_enabled)?;
    linker.func_wrap(MODULE, "count", count)?;
    linker.func_wrap(MODULE, "setting", setting)?;
    linker.func_wrap(MODULE, "setting_name", setting_name)?;
    batch::add_to_linker(linker)?;
    state::add_to_linker(linker)?;
    http::add_to_linker(linker)
}

/// `next(buffer, capacity) -> size of the next task, or -1`.
fn next(mut caller: Caller<'_, State>, buffer: u32, capacity: u32) -> Result<i32> {
    let state = caller.data_mut();
    // The task before may have passed its deadline in a host call, after which it did not look at the epoch any more.
    state.host.deadline.check()?;
    state.http.clear(&mut state.tasks.outputs);
    if !state.tasks.goes_on(&state.notes) {
        return Ok(NO_TASK); // nearly each call of `run` ends here, so the buffer is not looked up
    }
    // SAFETY: it is the memory of this Store, and nothing else refers to it while the guest calls.
    let seen = unsafe { state.seen.part(buffer, capacity) };
    let (state, buffer) = match seen {
        Some(buffer) => (caller.data_mut(), buffer),
        None => {
            let (memory, state) = memory(&mut caller)?;
            state.seen = SeenMemory::of(memory);
            (state, part(memory, "next's buffer", buffer, capacity)?)
        }
    };
    let size = state.tasks.next(buffer);
    if state.tasks.is_open() {
        let ticks = state.ticks;
        state.host.deadline = Deadline::in_ticks(ticks);
        caller.as_context_mut().set_epoch_deadline(ticks);
    }
    Ok(size)
}

/// `finish(verdict, reason, length)`: gives the verdict on the current task.
fn finish(mut caller: Caller<'_, State>, verdict: u32, reason: u32, length: u32) -> Result<()> {
    let (memory, state) = memory(&mut caller)?;
    let verdict = match verdict {
        0 => None,
        1 => Some(Verdict::Retry),
        2 => Some(Verdict::DeadLetter),
        3 => Some(Verdict::Skip),
        4 => Some(Verdict::Fatal),
        other => {
            return Err(misuse(format!(
                "finish got the verdict {other}; it takes 0 (done), 1 (retry), 2 (dead letter), 3 (skip) or 4 (stop)"
            )));
        }
    };
    let reason = part(memory, "finish's reason", reason, length)?;
    if !state.tasks.is_open() {
        return Err(misuse(NO_TASK_TO_FINISH));
    }
    state.tasks.finish(verdict, notes::cut(reason));
    Ok(())
}

/// `produce(record, length) -> 0, or the number of a refusal`: adds a packed record to the output of the current task.
fn produce(mut caller: Caller<'_, State>, packed: u32, length: u32) -> Result<u32> {
    let (memory, state) = memory(&mut caller)?;
    let packed = part(memory, "produce's record", packed, length)?;
    if !state.tasks.is_open() {
        return Err(misuse(NO_TASK_TO_PRODUCE_FOR));
    }
    let Some((topic, content)) = record::check(packed) else {
        return Err(misuse(format!("produce got {length} bytes that are no packed record; see docs/protocol-1.md")));
    };
    let offer = Offer { topic, content, packed: packed.len() };
    let added =
        state.tasks.outputs.add(&offer, &state.settings.outputs, &state.notes, |all| all.extend_from_slice(packed));
    Ok(match added {
        Ok(()) => 0,
        Err(Refusal::TopicDenied) => 1,
        Err(Refusal::TooLarge(_)) => 2,
        Err(Refusal::QueueFull) => 3,
    })
}

/// `log(level, text, length)`: adds a line to the log, if the level is enabled.
fn log(mut caller: Caller<'_, State>, number: u32, text: u32, length: u32) -> Result<()> {
    let (memory, state) = memory(&mut caller)?;
    let level = level(number)?;
    let text = part(memory, "log's text", text, length)?;
    if level >= state.settings.log_level {
        state.notes.add(level, notes::cut(text));
    }
    Ok(())
}

/// `log_enabled(level) -> 1 if lines of that level are logged`.
fn log_enabled(caller: Caller<'_, State>, number: u32) -> Result<u32> {
    Ok((level(number)? >= caller.data().settings.log_level).into())
}

/// `count(name, length, amount)`: adds to one of the guest's own counters.
fn count(mut caller: Caller<'_, State>, name: u32, length: u32, amount: u32) -> Result<()> {
    let (memory, state) = memory(&mut caller)?;
    let name = part(memory, "count's name", name, length)?;
    state.settings.counts.add(name, amount, &state.notes);
    Ok(())
}

fn level(number: u32) -> Result<Level> {
    match number {
        0..=4 => Ok(Level::from_number(number.into())),
        _ => Err(misuse(format!(
            "the log has no level {number}; there are 0 (trace), 1 (debug), 2 (info), 3 (warn) and 4 (error)"
        ))),
    }
}

/// `setting(name, name_length, buffer, capacity) -> size of the value, or -1`: copies it if it fits.
fn setting(mut caller: Caller<'_, State>, name: u32, name_length: u32, buffer: u32, capacity: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let name = part(memory, "setting's name", name, name_length)?;
    let found = state.settings.configuration.iter().find(|(own, _)| own.as_bytes() == name);
    copy(memory, "setting's buffer", found.map(|(_, value)| value), buffer, capacity)
}

/// `setting_name(index, buffer, capacity) -> size of the name, or -1`: copies it if it fits.
fn setting_name(mut caller: Caller<'_, State>, index: u32, buffer: u32, capacity: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    let found = state.settings.configuration.get(index as usize);
    copy(memory, "setting_name's buffer", found.map(|(name, _)| name), buffer, capacity)
}

fn copy(memory: &mut [u8], what: &str, text: Option<&String>, buffer: u32, capacity: u32) -> Result<i32> {
    let buffer = part(memory, what, buffer, capacity)?;
    let Some(text) = text else { return Ok(-1) };
    if let Some(buffer) = buffer.get_mut(..text.len()) {
        buffer.copy_from_slice(text.as_bytes());
    }
    Ok(text.len() as i32)
}

/// Returns the guest's memory, and its other data.
#[inline(always)]
pub fn memory<'a>(caller: &'a mut Caller<'_, State>) -> Result<(&'a mut [u8], &'a mut State)> {
    let memory = match caller.data().host.memory {
        Some(memory) => memory,
        // Only while the guest starts.
        None => match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => memory,
            _ => return Err(misuse("the guest exports no memory of the name 'memory'")),
        },
    };
    Ok(memory.data_and_store_mut(caller))
}

/// A guest's memory as it was seen last. It grows, but it never moves (`EngineSettings`), so this much of it stays
/// where it is. Finding it through the Store costs each task seven loads, each of which needs the one before.
pub struct SeenMemory(NonNull<[u8]>);

// SAFETY: the pointer is in the data of the Store that owns the memory, so both move to a thread together.
unsafe impl Send for SeenMemory {}

impl SeenMemory {
    /// Returns an empty memory, for the time before the first one was seen.
    pub fn none() -> Self {
        SeenMemory::of(&mut [])
    }

    fn of(memory: &mut [u8]) -> Self {
        SeenMemory(memory.into())
    }

    /// Returns a part of the memory; None if it is not within the part that was seen.
    ///
    /// # Safety
    /// The Store lives as long as the part is used, and nothing else refers to its memory.
    #[inline]
    unsafe fn part<'a>(&self, at: u32, length: u32) -> Option<&'a mut [u8]> {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0.as_ptr() }.get_mut(at as usize..at as usize + length as usize)
    }
}

/// Returns a part of the memory. One that leads out of it is the guest's trap. Languages have pointers to nothing that
/// lead anywhere, so no bytes at all may lie anywhere.
#[inline]
pub fn part<'a>(memory: &'a mut [u8], what: &str, at: u32, length: u32) -> Result<&'a mut [u8]> {
    let size = memory.len();
    let (start, length) = if length == 0 { (0, 0) } else { (at as usize, length as usize) };
    match start.checked_add(length).and_then(|end| memory.get_mut(start..end)) {
        Some(part) => Ok(part),
        None => Err(outside(what, start, length, size)),
    }
}

#[cold]
fn outside(what: &str, start: usize, length: usize, size: usize) -> Error {
    let message = format!("{what} of {length} bytes at {start} leads out of the memory, which has {size}");
    Error::from(Trap::MemoryOutOfBounds).context(message)
}

/// Makes the error of a guest that broke the protocol while it started one of its start.
#[cold]
pub fn at_start(error: Argument) -> Argument {
    match error.as_wasmtime().and_then(|e| e.downcast_ref::<Argument>()) {
        Some(misuse) => Error::msg(misuse.to_string()).into(),
        None => error,
    }
}

/// Returns the error of a guest that does not keep to the protocol. In Java it is the task's trap.
#[cold]
pub fn misuse(what: impl Into<String>) -> Error {
    Argument::argument(what).into_wasmtime()
}
