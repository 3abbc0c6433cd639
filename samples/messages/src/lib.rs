//! A task processor that appends each task's message to the file `/messages`.
//!
//! The contract between the host (Wasmton) and a processor:
//!
//! 1. The processor exports `run`. The host calls it once for each attempt at a task.
//! 2. In `run` the processor calls `poll_task`, which copies the task, the value of one Kafka record, into a buffer.
//! 3. When `run` returns, the task is done, and Kafka does not deliver it again.
//! 4. When `run` panics, exits or takes too long, the attempt has failed. The host retries the task; it is not lost.
//!
//! The host runs several instances of this module at the same time, each with its own memory, and each on one thread. A
//! `static` or a `thread_local!` keeps its value between tasks, until an attempt fails: the next one gets a fresh
//! instance.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::Write;

use serde::Deserialize;

/// A task: `{"message": "Hello"}`.
#[derive(Deserialize)]
struct Task {
    message: String,
}

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    /// Copies the task to `buf_addr` and returns its length in bytes. Returns -1 and copies nothing when the task is
    /// longer than `buf_len`; it can then be polled again with a larger buffer. After the task was copied, -1 means
    /// that there is no further task in this call of `run`.
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

/// The longest task: more than a broker's default (1 MiB), and small enough to fail with a readable message.
const MAX_LEN: usize = 64 * 1024 * 1024;

thread_local! {
    /// One buffer for all tasks. It lives on the heap: the stack of a WebAssembly module is usually 1 MiB, and an array
    /// of that size on it traps.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Processes one task. The host calls it once for each attempt.
#[unsafe(no_mangle)]
pub extern "C" fn run() {
    BUFFER.with_borrow_mut(|buffer| {
        let task = poll(buffer);
        // A panic fails this attempt. Its text goes to standard error, which Wasmton logs.
        let task: Task = serde_json::from_slice(task).expect("not JSON with a string `message`");
        // The directory `/` is there because the host was started with `--dir SOME_DIRECTORY::/`.
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open("/messages")
            .expect("cannot open /messages; was the directory / granted?");
        // One write for the whole line: other instances append to the same file.
        file.write_all(format!("{}\n", task.message).as_bytes())
            .expect("cannot write to /messages");
    });
}

/// Returns the task, in the buffer, which grows until the task fits.
fn poll(buffer: &mut Vec<u8>) -> &[u8] {
    loop {
        // SAFETY: the host writes at most `buffer.len()` bytes from the start of the buffer, which is borrowed mutably.
        let len = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
        if let Ok(len) = usize::try_from(len) {
            return &buffer[..len];
        }
        assert!(buffer.len() < MAX_LEN, "a task over {MAX_LEN} bytes");
        buffer.resize(buffer.len() * 2, 0);
    }
}
