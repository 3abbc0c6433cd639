//! The guest ask as an async processor of WASI 0.3: a task is the address of a server (IPv4), which is sent a line and
//! answers with one. While it waits, it has no stack. Benchmarks keep many of these in flight.

use std::net::SocketAddrV4;

wit_bindgen::generate!({ path: "../async-component/wit", world: "async-ask", generate_all });

use decaton::processor::types::{ProcessError, Task};
use exports::decaton::processor::task_handler::Guest;
use wasi::sockets::types::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket};

struct Ask;

export!(Ask);

impl Guest for Ask {
    async fn process(task: Task) -> Result<(), ProcessError> {
        let server = String::from_utf8(task.value.unwrap_or_default()).unwrap();
        ask(&server).await.map_err(|e| ProcessError::Retry(format!("{server}: {e:?}")))
    }
}

async fn ask(server: &str) -> Result<(), ErrorCode> {
    let address: SocketAddrV4 = server.parse().unwrap();
    let [a, b, c, d] = address.ip().octets();
    let socket = TcpSocket::create(IpAddressFamily::Ipv4)?;
    socket.connect(IpSocketAddress::Ipv4(Ipv4SocketAddress { port: address.port(), address: (a, b, c, d) })).await?;
    let (mut writer, line) = wit_stream::new::<u8>();
    let _sent = socket.send(line);
    writer.write_all(b"hello\n".to_vec()).await;
    let (mut answer, received) = socket.receive();
    while let Some(byte) = answer.next().await {
        if byte == b'\n' {
            return Ok(());
        }
    }
    received.await?;
    Err(ErrorCode::ConnectionBroken)
}
