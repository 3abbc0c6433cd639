//! A component that obeys its tasks: a word and its arguments. It logs results, and refuses failed tasks with `skip`
//! and the kind of the error.

mod hold;
mod http;

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

wit_bindgen::generate!({ path: "../../../wit/processor", world: "processor" });

use decaton::processor::configuration;
use decaton::processor::log::{self, Level};
use decaton::processor::metrics;
use decaton::processor::producer::{self, Message};
use decaton::processor::types::{Header, ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;

struct Probe;

export!(Probe);

thread_local! {
    static TASKS: Cell<u32> = const { Cell::new(0) };
    /// A connection that lives longer than a task.
    static KEPT: RefCell<Option<TcpStream>> = const { RefCell::new(None) };
}

impl Guest for Probe {
    fn process(task: Task) -> Result<(), ProcessError> {
        TASKS.set(TASKS.get() + 1);
        let value = task.value.clone().unwrap_or_default();
        let text = String::from_utf8_lossy(&value).into_owned();
        let words: Vec<&str> = text.split(' ').collect();
        match words.as_slice() {
            ["retry"] => Err(ProcessError::Retry("later".to_owned())),
            ["dead-letter"] => Err(ProcessError::DeadLetter("broken".to_owned())),
            ["refuse", bytes] => Err(ProcessError::Skip("x".repeat(bytes.parse().unwrap()))),
            ["fatal"] => Err(ProcessError::Fatal("never".to_owned())),
            // Produces, and then fails in some way.
            ["produce-and-retry", topic, value] => {
                produce(topic, value).unwrap();
                Err(ProcessError::Retry("later".to_owned()))
            }
            ["record"] | [""] => Ok(tell(&format!("{task:?}"))),
            words => run(words).map_err(|e| ProcessError::Skip(format!("{:?}: {e}", e.kind()))),
        }
    }
}

fn tell(line: &str) {
    log::write(Level::Info, line);
}

/// Reads a request's options from its words.
fn extras<'a>(words: &[&'a str]) -> http::Extras<'a> {
    let limit = |millis: &str| Some(Duration::from_millis(millis.parse().unwrap()));
    match *words {
        [] => http::Extras::default(),
        ["method", method] => http::Extras { method: Some(method), ..Default::default() },
        ["header", name, value] => http::Extras { header: Some((name, value)), ..Default::default() },
        ["body", body] => http::Extras { body: Some(body), ..Default::default() },
        ["connect", millis] => http::Extras { connect: limit(millis), ..Default::default() },
        ["first-byte", millis] => http::Extras { first_byte: limit(millis), ..Default::default() },
        ["between-bytes", millis] => http::Extras { between_bytes: limit(millis), ..Default::default() },
        _ => panic!("no such extras: {words:?}"),
    }
}

fn produce(topic: &str, value: &str) -> io::Result<()> {
    let (topic, value) = (topic.to_owned(), Some(value.as_bytes().to_vec()));
    send(Message { topic, partition: None, timestamp: None, key: None, value, headers: Vec::new() })
}

fn send(message: Message) -> io::Result<()> {
    producer::produce(&message).map_err(|e| io::Error::other(format!("{e:?}")))
}

fn run(words: &[&str]) -> io::Result<()> {
    match *words {
        ["nothing"] => {}
        ["count"] => tell(&TASKS.get().to_string()),
        ["count-up", name, amount] => metrics::count(name, amount.parse().unwrap()),
        ["log"] => {
            for level in [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error] {
                log::write(level, &format!("{level:?}"));
            }
        }
        ["enabled"] => tell(&format!("{} {}", log::enabled(Level::Trace), log::enabled(Level::Error))),
        ["flood", lines] => (0..lines.parse().unwrap()).for_each(|i: u32| tell(&i.to_string())),
        ["configuration", name] => tell(&format!("{:?} of {:?}", configuration::get(name), configuration::get_all())),
        ["produce", topic, ref values @ ..] => {
            for value in values {
                produce(topic, value)?;
            }
        }
        ["produce-and-panic", topic, value] => {
            produce(topic, value)?;
            panic!("on purpose");
        }
        ["produce-of-size", topic, count, bytes] => {
            let value = Some(vec![b'x'; bytes.parse().unwrap()]);
            for _ in 0..count.parse().unwrap() {
                let (topic, value) = ((*topic).to_owned(), value.clone());
                send(Message { topic, partition: None, timestamp: None, key: None, value, headers: Vec::new() })?;
            }
        }
        ["produce-whole", topic, partition] => {
            let headers = [("one", Some(b"1".to_vec())), ("one", None), ("\u{e9}", Some(Vec::new()))];
            send(Message {
                topic: (*topic).to_owned(),
                partition: Some(partition.parse().unwrap()),
                timestamp: Some(1_700_000_000_123),
                key: Some(b"key".to_vec()),
                value: None,
                headers: headers.map(|(name, value)| Header { name: name.to_owned(), value }).to_vec(),
            })?;
        }
        ["environment", name] => tell(&format!("{:?}", std::env::var(name).ok())),
        // Sends a line and logs the answer until the other side closes.
        ["exchange", address, line] => {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(format!("{line}\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            tell(answer.trim_end());
        }
        // The same over a kept connection, which is reopened if it is broken.
        ["kept", address, line] => KEPT.with_borrow_mut(|kept| {
            let mut answer =
                kept.as_mut().map(|stream| talk(stream, line)).unwrap_or(Err(io::ErrorKind::NotConnected.into()));
            if answer.is_err() {
                tell("connecting");
                *kept = None;
                let mut stream = TcpStream::connect(address)?;
                answer = talk(&mut stream, line);
                *kept = Some(stream);
            }
            Ok::<_, io::Error>(tell(&answer?))
        })?,
        ["connect", address] => drop(TcpStream::connect(address)?),
        ["connect-within", address, millis] => {
            let address = address.to_socket_addrs()?.next().unwrap();
            drop(TcpStream::connect_timeout(&address, Duration::from_millis(millis.parse().unwrap()))?);
        }
        ["write-for-ever", address] => {
            let mut stream = TcpStream::connect(address)?;
            loop {
                stream.write_all(&[0; 65536])?;
            }
        }
        ["look-up", name] => {
            let mut addresses: Vec<_> = (name, 1).to_socket_addrs()?.map(|a| a.ip().to_string()).collect();
            addresses.sort();
            tell(&addresses.join(" "));
        }
        ["listen", address] => tell(&TcpListener::bind(address)?.local_addr()?.to_string()),
        ["accept", address] => {
            let listener = TcpListener::bind(address)?;
            tell(&format!("{}", listener.accept()?.1.ip()));
        }
        ["send", address] => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"hello", address)?;
        }
        ["sockets", count, address] => {
            let mut open = Vec::new();
            for _ in 0..count.parse().unwrap() {
                open.push(TcpStream::connect(address)?);
            }
        }
        // Leaves its connections open: the host closes them with the instance.
        ["forget", count, address] => {
            for _ in 0..count.parse().unwrap() {
                std::mem::forget(TcpStream::connect(address)?);
            }
        }
        ["shutdown", address] => {
            let stream = TcpStream::connect(address)?;
            stream.shutdown(Shutdown::Both)?;
        }
        // Logs the status and the body.
        ["request", url, ref words @ ..] => {
            let response = http::response(http::begin(url, &extras(words))?)?;
            tell(&format!("{} {}", response.response.status(), response.text()?));
        }
        // Follows redirects as a client does.
        ["follow", url] => {
            let mut url = url.to_owned();
            loop {
                let response = http::response(http::begin(&url, &http::Extras::default())?)?;
                match response.location() {
                    Some(location) => url = location,
                    None => break tell(&response.text()?),
                }
            }
        }
        // Keeps that many responses open at once, without reading them.
        ["requests", count, url] => {
            let mut open = Vec::new();
            for _ in 0..count.parse().unwrap() {
                open.push(http::response(http::begin(url, &http::Extras::default())?)?);
            }
        }
        ["forget-requests", count, url] => {
            for _ in 0..count.parse().unwrap() {
                std::mem::forget(http::response(http::begin(url, &http::Extras::default())?)?);
            }
        }
        // Uses sockets and requests at once.
        ["sockets-and-requests", count, address] => {
            let (mut sockets, mut responses) = (Vec::new(), Vec::new());
            for _ in 0..count.parse().unwrap() {
                sockets.push(TcpStream::connect(address)?);
                responses.push(http::begin(&format!("http://{address}"), &http::Extras::default())?);
            }
        }
        ["hold", ref rest @ ..] => hold::run(rest)?,
        ["sleep", millis] => std::thread::sleep(Duration::from_millis(millis.parse().unwrap())),
        ["loop"] => loop {
            std::hint::black_box(());
        },
        ["recurse"] => drop(std::hint::black_box(recurse(0))),
        ["panic"] => panic!("on purpose"),
        ["exit", status] => std::process::exit(status.parse().unwrap()),
        ["spin", millis] => {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(millis.parse().unwrap()) {}
        }
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, words.join(" "))),
    }
    Ok(())
}

fn talk(stream: &mut TcpStream, line: &str) -> io::Result<String> {
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while answer.last() != Some(&b'\n') {
        if stream.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
}

#[allow(unconditional_recursion)]
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(depth + 1)) + depth
}
