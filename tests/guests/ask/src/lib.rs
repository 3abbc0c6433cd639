//! The smallest processor that waits for an answer: a task is the address of a server, which is sent a line and answers
//! with one. Tests and benchmarks keep many of these in flight.

use std::io::{self, Read, Write};
use std::net::TcpStream;

wit_bindgen::generate!({ path: "../../../wit/processor", world: "processor" });

use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

struct Ask;

export!(Ask);

impl Guest for Ask {
    fn process(task: Task) -> Result<(), ProcessError> {
        let server = String::from_utf8(task.value.unwrap_or_default()).unwrap();
        ask(&server).map_err(|e| ProcessError::Retry(format!("{server}: {e}")))
    }
}

fn ask(server: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(b"hello\n")?;
    let mut answer = [0; 64];
    let mut length = 0;
    while length == 0 || answer[length - 1] != b'\n' {
        match stream.read(&mut answer[length..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => length += read,
        }
    }
    Ok(())
}
