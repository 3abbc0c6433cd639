//! A task processor with network I/O: it requests the path in each task, `{"path": "/README.md"}`, from the HTTP server
//! at 127.0.0.1:8080, with Rust's ordinary TCP type, and prints the response.
//!
//! It implements the world `decaton:processor` (wit/processor/processor.wit): the host calls `process` once for each
//! attempt at a task and passes the whole record; the result says what to do with the task. A `static` or a
//! `thread_local!` keeps its value between tasks, until a task traps or exceeds its deadline: the next one gets a fresh
//! instance.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde::Deserialize;

wit_bindgen::generate!({ path: "../../wit/processor", world: "processor" });

use decaton::processor::configuration;
use decaton::processor::log::{self, Level};
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

/// The value of a task.
#[derive(Deserialize)]
struct Request {
    path: String,
}

struct HttpGet;

export!(HttpGet);

impl Guest for HttpGet {
    fn process(task: Task) -> Result<(), ProcessError> {
        // A malformed task does not improve by a retry.
        let request: Request = serde_json::from_slice(&task.value.unwrap_or_default())
            .map_err(|e| ProcessError::DeadLetter(format!("not JSON with a string `path`: {e}")))?;
        // An unreachable server may come back.
        let server = configuration::get("server").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let (status, body) = get(&server, &request.path)
            .map_err(|e| ProcessError::Retry(format!("GET {} from {server}: {e}", request.path)))?;
        if !status.contains(" 200 ") {
            return Err(ProcessError::DeadLetter(format!(
                "GET {}: {status}",
                request.path
            )));
        }
        log::write(
            Level::Info,
            &format!("GET {}: {} bytes", request.path, body.len()),
        );
        let printed = io::stdout().write_all(&body);
        printed.map_err(|e| ProcessError::Retry(format!("standard output: {e}")))
    }
}

/// Returns the status line and the body of the response. It needs no time-out: the host ends a task at its deadline,
/// wherever it waits.
fn get(server: &str, path: &str) -> io::Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(server)?;
    // One write for the whole request: a server may close the connection as soon as it has seen the first line.
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {server}\r\n\r\n").as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut status = String::new();
    answer.read_line(&mut status)?;
    let mut header = String::new();
    while answer.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut body = Vec::new();
    answer.read_to_end(&mut body)?;
    Ok((status.trim_end().to_owned(), body))
}
