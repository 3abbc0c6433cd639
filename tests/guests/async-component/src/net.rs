//! Connections, datagrams and look-ups by wasi:sockets of WASI 0.3.

use std::io::{self, ErrorKind};
use std::net::IpAddr;

use crate::wasi::sockets::ip_name_lookup::{ErrorCode as LookUpError, resolve_addresses};
use crate::wasi::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, TcpSocket, UdpSocket,
};
use crate::wit_stream;

fn error(code: ErrorCode) -> io::Error {
    let kind = match code {
        ErrorCode::AccessDenied => ErrorKind::PermissionDenied,
        ErrorCode::ConnectionRefused => ErrorKind::ConnectionRefused,
        ErrorCode::ConnectionReset => ErrorKind::ConnectionReset,
        ErrorCode::NotSupported => ErrorKind::Unsupported,
        ErrorCode::Timeout => ErrorKind::TimedOut,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, format!("{code:?}"))
}

fn address(ip: IpAddr, port: u16) -> IpSocketAddress {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) })
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h] = ip.segments();
            let address = (a, b, c, d, e, f, g, h);
            IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 })
        }
    }
}

fn family(address: &IpSocketAddress) -> IpAddressFamily {
    match address {
        IpSocketAddress::Ipv4(_) => IpAddressFamily::Ipv4,
        IpSocketAddress::Ipv6(_) => IpAddressFamily::Ipv6,
    }
}

/// Returns the addresses of a name.
pub async fn look_up(name: &str) -> io::Result<Vec<IpAddr>> {
    let found = resolve_addresses(name.to_owned()).await.map_err(|e| match e {
        LookUpError::AccessDenied => io::Error::new(ErrorKind::PermissionDenied, "the look-up was denied"),
        e => io::Error::other(format!("{e:?}")),
    })?;
    Ok(found
        .into_iter()
        .map(|address| match address {
            IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
            IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
        })
        .collect())
}

/// Returns what HOST:PORT stands for.
async fn addresses(text: &str) -> io::Result<Vec<IpSocketAddress>> {
    let (host, port) = text.rsplit_once(':').unwrap();
    let port = port.parse().unwrap();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found = match host.parse() {
        Ok(ip) => vec![ip],
        Err(_) => look_up(host).await?,
    };
    Ok(found.into_iter().map(|ip| address(ip, port)).collect())
}

/// Connects to the first address that answers.
pub async fn connect(text: &str) -> io::Result<TcpSocket> {
    let mut last = io::Error::other("no address");
    for address in addresses(text).await? {
        let socket = TcpSocket::create(family(&address)).map_err(error)?;
        match socket.connect(address).await {
            Ok(()) => return Ok(socket),
            Err(e) => last = error(e),
        }
    }
    Err(last)
}

/// Sends a line and reads until the other side closes.
pub async fn exchange(address: &str, line: &str) -> io::Result<String> {
    let socket = connect(address).await?;
    let (mut writer, line_of) = wit_stream::new::<u8>();
    let sent = socket.send(line_of);
    let (answer, received) = socket.receive();
    writer.write_all(format!("{line}\n").into_bytes()).await;
    let answer = answer.collect().await;
    drop(writer);
    sent.await.map_err(error)?;
    received.await.map_err(error)?;
    Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
}

pub async fn write_for_ever(address: &str) -> io::Result<()> {
    let socket = connect(address).await?;
    let (mut writer, bytes) = wit_stream::new::<u8>();
    let sent = socket.send(bytes);
    while writer.write_all(vec![0; 65536]).await.is_empty() {}
    sent.await.map_err(error)
}

pub async fn listen(text: &str) -> io::Result<()> {
    let address = addresses(text).await?.remove(0);
    let socket = TcpSocket::create(family(&address)).map_err(error)?;
    socket.bind(address).map_err(error)?;
    socket.listen().map(drop).map_err(error)
}

pub async fn send(text: &str) -> io::Result<()> {
    let address = addresses(text).await?.remove(0);
    let socket = UdpSocket::create(family(&address)).map_err(error)?;
    socket.send(b"hello".to_vec(), Some(address)).await.map_err(error)
}

/// Connects, and keeps only the stream of what is received.
pub async fn receiving(address: &str) -> io::Result<()> {
    let socket = connect(address).await?;
    std::mem::forget(socket.receive());
    Ok(())
}

/// Returns a socket that can receive datagrams.
pub fn datagrams() -> io::Result<UdpSocket> {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4).map_err(error)?;
    socket.bind(address(IpAddr::from([0, 0, 0, 0]), 0)).map_err(error)?;
    Ok(socket)
}
