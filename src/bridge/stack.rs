//! The native stack that a thread has left.
//!
//! wasmtime stops a guest that has used `max_wasm_stack`, but does not look whether the thread has that much. On a Java
//! thread what lies beyond are HotSpot's guard pages, and running into them from native code ends the process.

use crate::bridge::error::{Cause, Result};

/// The stack that a guest may use by default. HotSpot's threads have 1 MiB by default, which leaves room for Java
/// below.
pub const DEFAULT_MAX_WASM_STACK: usize = 256 * 1024;

/// The stack of host functions on top of a guest that has used up its share: WASI and its file operations, JNI,
/// upcalls.
const HOST_FUNCTIONS: usize = 128 * 1024;

/// The stack of a fiber beyond what wasm may use of it, for the host functions on top. Running over its end ends the
/// process. Only what is touched of it takes memory.
pub const FIBER_RESERVE: usize = 768 * 1024;

/// HotSpot's yellow, red, reserved and shadow zones at the end of each Java thread's stack, with its default flags.
/// Each is a whole number of pages, which have up to 64 KiB on ARM.
const GUARD_ZONES: usize = if cfg!(target_arch = "aarch64") { 320 * 1024 } else { 96 * 1024 };

/// Returns whether the thread has enough stack left to give a guest `max_wasm_stack` bytes.
pub fn has_room(max_wasm_stack: usize) -> bool {
    check(max_wasm_stack).is_ok()
}

/// Fails where the thread has too little stack left to give a guest `max_wasm_stack` bytes.
#[inline]
pub fn check(max_wasm_stack: usize) -> Result<()> {
    let needed = max_wasm_stack.saturating_add(HOST_FUNCTIONS + GUARD_ZONES);
    match stacker::remaining_stack() {
        Some(left) if left < needed => Err(Cause::Stack { left, needed }.into()),
        // None: a platform on which the limits are unknown.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_thread_is_told_from_a_large_one() {
        let check_on = |stack: usize| {
            std::thread::Builder::new()
                .stack_size(stack)
                .spawn(|| check(DEFAULT_MAX_WASM_STACK).is_ok())
                .expect("a thread")
                .join()
                .expect("no panic")
        };
        assert!(check_on(1024 * 1024));
        assert!(!check_on(400 * 1024));
    }
}
