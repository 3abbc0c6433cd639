//! A task processor that keeps a connection: it sets a key in Redis for each task, {"key": "greeting", "value":
//! "Hello"}, with the ordinary `redis` crate.
//!
//! It is written to protocol 0, as the sample `messages` is; .cargo/config.toml makes it a component, which has
//! sockets. The connection is kept between tasks and made anew when the server has closed it.

use std::cell::RefCell;

use redis::{Client, Commands, Connection, RedisResult};
use serde::Deserialize;

/// The value of a task.
#[derive(Deserialize)]
struct Task {
    key: String,
    value: String,
}

/// A result of `run`: the task is done.
const DONE: i32 = 0;
/// A result of `run`: the task may work later.
const RETRY: i32 = 1;
/// A result of `run`: the task is malformed and never will work.
const DEAD_LETTER: i32 = 2;

/// The longest task. The host does not hand over a longer one.
const BUFFER_SIZE: usize = 1024 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_SIZE]);
    /// Outlives a task, until one traps or exceeds its deadline: the next one gets a fresh instance.
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    /// Copies the task into the buffer and returns its length; -1 if it does not fit, or there is none.
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

/// Processes one task. The host calls it once for each attempt.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let task: Task = match BUFFER.with_borrow_mut(|buffer| serde_json::from_slice(poll(buffer))) {
        Ok(task) => task,
        Err(e) => {
            eprintln!("not JSON with the strings `key` and `value`: {e}");
            return DEAD_LETTER;
        }
    };
    // A task can come again. Setting a key twice does no harm; appending to a list would.
    match on_connection(|connection| connection.set(&task.key, &task.value)) {
        Ok(()) => DONE,
        Err(e) => {
            eprintln!("SET {}: {e}", task.key);
            RETRY
        }
    }
}

fn poll(buffer: &mut [u8]) -> &[u8] {
    // SAFETY: the host writes at most `buffer.len()` bytes from the start of the buffer, which is borrowed mutably.
    let length = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
    &buffer[..usize::try_from(length).unwrap_or(0)]
}

/// Runs a command on the kept connection, or on a new one if there is none or it is broken.
fn on_connection(command: impl Fn(&mut Connection) -> RedisResult<()>) -> RedisResult<()> {
    CONNECTION.with_borrow_mut(|kept| {
        if let Some(connection) = kept {
            match command(connection) {
                Err(e) if e.is_io_error() => *kept = None,
                answer => return answer,
            }
        }
        // `--env REDIS=HOST:PORT` names another server.
        let server = std::env::var("REDIS").unwrap_or_else(|_| "127.0.0.1:6379".to_owned());
        // It needs no time-out: the host ends a task at its deadline, wherever it waits.
        let connection = Client::open(format!("redis://{server}/"))?.get_connection()?;
        command(kept.insert(connection))
    })
}
