//! A task processor that keeps a connection: it sets a key in Redis for every task, {"key": "greeting", "value": "Hello"},
//! with the ordinary `redis` crate.
//!
//! It is written to protocol 0, as the sample `messages` is; .cargo/config.toml makes it a component, which has sockets.
//! The connection stays from one task to the next, and is made anew when the server went away in between.

use std::cell::RefCell;

use redis::{Client, Commands, Connection, RedisResult};
use serde::Deserialize;

/// What a task's value looks like.
#[derive(Deserialize)]
struct Task {
    key: String,
    value: String,
}

/// What `run` returns: what became of the task.
const DONE: i32 = 0;
/// It may work later.
const RETRY: i32 = 1;
/// It never will: the task makes no sense.
const DEAD_LETTER: i32 = 2;

/// The longest task. One that is longer is not handed over.
const BUFFER_SIZE: usize = 1024 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_SIZE]);
    /// Longer than a task; until a task traps or runs out of time: the next one starts in a fresh instance.
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    /// Copies the task into the buffer and returns its length; -1 if it does not fit, or there is none.
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

/// Called by the host, once for every task.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let task: Task = match BUFFER.with_borrow_mut(|buffer| serde_json::from_slice(poll(buffer))) {
        Ok(task) => task,
        Err(e) => {
            eprintln!("not JSON with the strings `key` and `value`: {e}");
            return DEAD_LETTER;
        }
    };
    // A task may come twice; setting a key twice does no harm, where adding to a list would.
    match on_connection(|connection| connection.set(&task.key, &task.value)) {
        Ok(()) => DONE,
        Err(e) => {
            eprintln!("SET {}: {e}", task.key);
            RETRY
        }
    }
}

fn poll(buffer: &mut [u8]) -> &[u8] {
    // SAFETY: the host writes into the buffer that it is told of, and no further.
    let length = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
    &buffer[..usize::try_from(length).unwrap_or(0)]
}

/// Runs a command on the connection that is there. If that turns out to be broken, or there is none, on a new one.
fn on_connection(command: impl Fn(&mut Connection) -> RedisResult<()>) -> RedisResult<()> {
    CONNECTION.with_borrow_mut(|kept| {
        if let Some(connection) = kept {
            match command(connection) {
                Err(e) if e.is_io_error() => *kept = None,
                answer => return answer,
            }
        }
        // Where the server is, is an environment variable: `--env REDIS=HOST:PORT`.
        let server = std::env::var("REDIS").unwrap_or_else(|_| "127.0.0.1:6379".to_owned());
        // There are no time-outs here: the host ends a task whose deadline has come, wherever it waits.
        let connection = Client::open(format!("redis://{server}/"))?.get_connection()?;
        command(kept.insert(connection))
    })
}
