//! A core module that uses the network by the socket calls of WasmEdge. It obeys its tasks: a word and its arguments.
//! It prints results. After a failure it prints the kind of the error and asks to skip the task.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::time::Duration;

use wasmedge_wasi_socket::{Shutdown, TcpListener, TcpStream, UdpSocket, nslookup};

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

const SKIP: i32 = 3;

thread_local! {
    /// A connection that lives longer than a task.
    static KEPT: RefCell<Option<TcpStream>> = const { RefCell::new(None) };
}

#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let mut buffer = vec![0; 4096];
    // SAFETY: the host writes at most `buffer.len()` bytes from the start of the buffer, which nobody else uses.
    let length = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
    let task = String::from_utf8_lossy(&buffer[..length as usize]).into_owned();
    match obey(&task.split(' ').collect::<Vec<_>>()) {
        Ok(()) => 0,
        Err(e) => {
            println!("{:?}", e.kind());
            SKIP
        }
    }
}

fn obey(words: &[&str]) -> io::Result<()> {
    match *words {
        // An HTTP request, and the body of its answer.
        ["get", address, path] => {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            println!("{}", answer.split_once("\r\n\r\n").map_or("no head", |(_, body)| body));
        }
        ["exchange", address, line] => {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(format!("{line}\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            println!("{}", answer.trim_end());
        }
        ["kept", address, line] => KEPT.with_borrow_mut(|kept| {
            let mut stream = match kept.take() {
                Some(stream) => stream,
                None => TcpStream::connect(address)?,
            };
            stream.write_all(format!("{line}\n").as_bytes())?;
            let mut answer = vec![0; line.len() + 1];
            stream.read_exact(&mut answer)?;
            println!("{}", String::from_utf8_lossy(&answer).trim_end());
            *kept = Some(stream);
            Ok::<_, io::Error>(())
        })?,
        ["connect", address] => drop(TcpStream::connect(address)?),
        ["read-within", address, millis] => {
            let mut stream = TcpStream::connect(address)?;
            stream.as_ref().set_recv_timeout(Some(Duration::from_millis(millis.parse().unwrap())))?;
            stream.read(&mut [0; 10])?;
        }
        ["write-for-ever", address] => {
            let mut stream = TcpStream::connect(address)?;
            loop {
                stream.write_all(&[0; 65536])?;
            }
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
        ["look-up", name] => {
            for address in nslookup(name, "80")? {
                println!("{address}");
            }
        }
        ["listen", address] => drop(TcpListener::bind(address, false)?),
        ["accept", address] => drop(TcpListener::bind(address, false)?.accept(false)?),
        // Serves one line to whoever connects.
        ["serve", address] => {
            let (mut stream, _) = TcpListener::bind(address, false)?.accept(false)?;
            stream.write_all(b"served\n")?;
            stream.shutdown(Shutdown::Both)?;
        }
        ["send", address] => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"hello", address)?;
        }
        // Sends a datagram and waits for the answer.
        ["echo", address] => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"hello", address)?;
            let mut answer = [0; 64];
            let (length, from) = socket.recv_from(&mut answer)?;
            println!("{} from {from}", String::from_utf8_lossy(&answer[..length]));
        }
        ["peer", address] => {
            let stream = TcpStream::connect(address)?;
            println!("{}", stream.peer_addr()?);
        }
        ["number", address] => println!("{:#x}", TcpStream::connect(address)?.as_raw_fd()),
        ["panic"] => panic!("on purpose"),
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, words.join(" "))),
    }
    Ok(())
}
