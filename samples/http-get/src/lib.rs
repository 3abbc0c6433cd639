//! A task processor with network I/O: it gets the path in every task, `{"path": "/README.md"}`, from the HTTP server at
//! 127.0.0.1:8080, with Rust's ordinary TCP type, and prints what the server answers.
//!
//! It implements the world `decaton:processor` (wit/processor/processor.wit): `process` is called once for each task,
//! gets the whole record, and says by its result what became of it. What is in a `static` or a `thread_local!` stays
//! from one task to the next, until a task traps or runs out of time: the next one starts in a fresh instance.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde::Deserialize;

wit_bindgen::generate!({ path: "../../wit/processor", world: "processor" });

use decaton::processor::configuration;
use decaton::processor::log::{self, Level};
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

/// What a task's value looks like.
#[derive(Deserialize)]
struct Request {
    path: String,
}

struct HttpGet;

export!(HttpGet);

impl Guest for HttpGet {
    fn process(task: Task) -> Result<(), ProcessError> {
        // A task that makes no sense will make none the next time.
        let request: Request = serde_json::from_slice(&task.value.unwrap_or_default())
            .map_err(|e| ProcessError::DeadLetter(format!("not JSON with a string `path`: {e}")))?;
        // A server that is away may come back.
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

/// The status line and the body of an answer. There is no time-out here: the host ends a task whose deadline has come,
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
