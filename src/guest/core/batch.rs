//! The functions of protocol 1 for guests that take batches. docs/protocol-1.md is their description for guests.

use wasmtime::{Caller, Linker, Result};

use super::instance::State;
use super::protocol1::{MODULE, memory, misuse, part};
use crate::bridge::error::{Error, Result as Checked};

/// The function by whose import a guest takes batches.
pub const NEXT_BATCH: &str = "next_batch";

pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(MODULE, NEXT_BATCH, next_batch)?;
    linker.func_wrap(MODULE, "select", select)?;
    Ok(())
}

/// Checks that a guest that takes batches imports nothing that belongs to one task at a time.
pub fn check(module: &wasmtime::Module) -> Checked<()> {
    let other = module.imports().find(|import| {
        import.module() == MODULE && (import.name() == "next" || super::state::FUNCTIONS.contains(&import.name()))
    });
    match other {
        None => Ok(()),
        Some(import) => Err(Error::argument(format!(
            "it imports both '{NEXT_BATCH}' and '{}' from '{MODULE}'. A processor takes batches or single tasks, and \
             only single tasks have stores; remove one of the two.",
            import.name()
        ))),
    }
}

/// `next_batch(buffer, capacity) -> size of the batch, or -1`.
fn next_batch(mut caller: Caller<'_, State>, buffer: u32, capacity: u32) -> Result<i32> {
    let (memory, state) = memory(&mut caller)?;
    state.http.clear(&mut state.tasks.outputs);
    // The batch before may have passed its deadline in a host call, after which it did not look at the epoch any more.
    state.host.deadline.check()?;
    let buffer = part(memory, "next_batch's buffer", buffer, capacity)?;
    Ok(state.tasks.next_batch(&state.notes, buffer))
}

/// `select(index)`: makes a task of the batch the current one.
fn select(mut caller: Caller<'_, State>, index: u32) -> Result<()> {
    let (_, state) = memory(&mut caller)?;
    if state.tasks.select(&state.notes, index as usize) {
        return Ok(());
    }
    let count = state.tasks.ends.0.len();
    Err(misuse(format!("select got {index}, and the guest has {count} tasks of a batch, counted from 0")))
}
