//! An async processor of WASI 0.3 that obeys the value of each task: the first word says what to do.

use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::task::Poll;

wit_bindgen::generate!({ path: "wit", world: "async-processor", generate_all });

use decaton::processor::log::{self, Level};
use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;
use wasi::cli::types::ErrorCode;
use wasi::cli::{environment, stdout};
use wasi::clocks::monotonic_clock;
use wasi::random::random;

struct Processor;

export!(Processor);

fn say(line: &str) {
    log::write(Level::Info, line);
}

impl Guest for Processor {
    async fn process(task: Task) -> Result<(), ProcessError> {
        let value = String::from_utf8(task.value.unwrap_or_default()).expect("text");
        let (command, rest) = value.split_once(' ').unwrap_or((&value, ""));
        match command {
            "ok" => {}
            "say" => say(rest),
            "skip" => return Err(ProcessError::Skip(rest.to_owned())),
            "dead" => return Err(ProcessError::DeadLetter(rest.to_owned())),
            "panic" => panic!("as it was told"),
            "loop" => loop {
                std::hint::spin_loop();
            },
            // So many milliseconds, twice at once.
            "sleep" => {
                let nanos = rest.parse::<u64>().expect("a number") * 1_000_000;
                both(monotonic_clock::wait_for(nanos), monotonic_clock::wait_for(nanos)).await;
            }
            // For something that never comes: its other end is kept.
            "forever" => {
                let (writer, reader) = wit_future::new::<Result<(), ErrorCode>>(|| Ok(()));
                let _ = reader.await;
                drop(writer);
            }
            "environment" => say(&format!("{:?} {}", environment::get_arguments(), random::get_random_u64())),
            "out" => {
                let (mut writer, reader) = wit_stream::new::<u8>();
                let written = stdout::write_via_stream(reader);
                let rest = writer.write_all(format!("{rest}\n").into_bytes()).await;
                drop(writer);
                say(&format!("{} left, {:?}", rest.len(), written.await));
            }
            // As many streams as there can be.
            "streams" => {
                for _ in 0.. {
                    std::mem::forget(wit_stream::new::<u8>());
                }
            }
            // As many waits as there can be.
            "waits" => {
                let waits: Vec<_> = (0..1_000_000)
                    .map(|_| {
                        let mut wait = Box::pin(monotonic_clock::wait_for(3_600_000_000_000));
                        assert!(poll_once(wait.as_mut()).is_none());
                        wait
                    })
                    .collect();
                say(&format!("{} waits", waits.len()));
            }
            // By WASI 0.2, which std has.
            "connect" => match TcpStream::connect(rest) {
                Ok(_) => say("connected"),
                Err(e) => say(&format!("refused: {:?}", e.kind())),
            },
            "ask" => {
                let mut stream = TcpStream::connect(rest).expect("a connection");
                stream.write_all(b"hello").expect("written");
                let mut answer = String::new();
                stream.read_to_string(&mut answer).expect("read");
                say(&answer);
            }
            "file" => match std::fs::read_to_string(rest) {
                Ok(text) => say(&text),
                Err(e) => say(&format!("refused: {:?}", e.kind())),
            },
            "exit" => std::process::exit(3),
            _ => return Err(ProcessError::Fatal(format!("no command {command}"))),
        }
        Ok(())
    }
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

async fn both(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let mut ready = [false; 2];
    poll_fn(|context| {
        ready[0] = ready[0] || one.as_mut().poll(context).is_ready();
        ready[1] = ready[1] || other.as_mut().poll(context).is_ready();
        if ready == [true; 2] { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
