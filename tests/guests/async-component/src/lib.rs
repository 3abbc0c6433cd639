//! An async processor of WASI 0.3 that obeys the value of each task: the first word says what to do. Those for the
//! network and for `hold` are the same as of the guest probe, which has WASI 0.2.

mod files;
mod hold;
mod http;
mod net;

use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
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
            "ok" | "nothing" => {}
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
            "connect-0.2" => match TcpStream::connect(rest) {
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
            "file-0.2" => match std::fs::read_to_string(rest) {
                Ok(text) => say(&text),
                Err(e) => say(&format!("refused: {:?}", e.kind())),
            },
            "exit" => std::process::exit(3),
            _ => {
                let words: Vec<&str> = value.split(' ').collect();
                return run(&words).await.map_err(|e| ProcessError::Skip(format!("{:?}: {e}", e.kind())));
            }
        }
        Ok(())
    }
}

async fn run(words: &[&str]) -> io::Result<()> {
    match *words {
        // Sends a line and logs the answer until the other side closes.
        ["exchange", address, line] => say(&net::exchange(address, line).await?),
        ["connect", address] => drop(net::connect(address).await?),
        ["write-for-ever", address] => net::write_for_ever(address).await?,
        ["look-up", name] => {
            let mut addresses: Vec<_> = net::look_up(name).await?.iter().map(ToString::to_string).collect();
            addresses.sort();
            say(&addresses.join(" "));
        }
        ["listen", address] => net::listen(address).await?,
        ["send", address] => net::send(address).await?,
        ["sockets", count, address] => {
            let mut open = Vec::new();
            for _ in 0..count.parse().unwrap() {
                open.push(net::connect(address).await?);
            }
        }
        // Leaves its connections open: the host closes them with the instance.
        ["forget", count, address] => {
            for _ in 0..count.parse().unwrap() {
                std::mem::forget(net::connect(address).await?);
            }
        }
        // Logs the status and the body.
        ["request", url, ref extras @ ..] => {
            let response = http::request(url, extras).await?;
            let status = response.get_status_code();
            say(&format!("{status} {}", http::text(response).await?));
        }
        // Follows redirects as a client does.
        ["follow", url] => {
            let mut url = url.to_owned();
            loop {
                let response = http::request(&url, &[]).await?;
                match http::location(&response) {
                    Some(location) => url = location,
                    None => break say(&http::text(response).await?),
                }
            }
        }
        // Keeps that many responses open at once, without reading them.
        ["requests", count, url] => {
            let mut open = Vec::new();
            for _ in 0..count.parse().unwrap() {
                open.push(http::request(url, &[]).await?);
            }
        }
        ["forget-requests", count, url] => {
            for _ in 0..count.parse().unwrap() {
                std::mem::forget(http::request(url, &[]).await?);
            }
        }
        // Uses sockets and requests at once.
        ["sockets-and-requests", count, address] => {
            let (mut sockets, mut responses) = (Vec::new(), Vec::new());
            for _ in 0..count.parse().unwrap() {
                sockets.push(net::connect(address).await?);
                responses.push(http::request(&format!("http://{address}"), &[]).await?);
            }
        }
        ["read", path] => say(&files::read(path).await.unwrap_or_else(|e| format!("refused: {e}"))),
        ["names", path] => say(&files::names(path).await.map_or_else(|e| format!("refused: {e}"), |it| it.join(" "))),
        ["hold", ref rest @ ..] => hold::run(rest).await,
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, words.join(" "))),
    }
    Ok(())
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    ready(future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())))
}

/// Waits for both, which run at once.
async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        first = first.take().or_else(|| ready(one.as_mut().poll(context)));
        second = second.take().or_else(|| ready(other.as_mut().poll(context)));
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            halves => {
                (first, second) = halves;
                Poll::Pending
            }
        }
    })
    .await
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}
