//! The socket calls of WasmEdge, in both versions. Where they differ in their types, that tells which one a module
//! means; one module may mix them. Where implementations disagree beyond that, `docs/network.md` says what is done
//! here.

use std::net::{Shutdown, SocketAddr};

use wasmtime::Module;

use super::abi::{self, Address, Fail, Result};
use super::sockets::Received;
use super::{Function, Host, MODULE, names, options};

/// Calls that WASI 0.1 itself does not have, by which a module is known that wants sockets.
const EXTENSION: [&str; 10] = [
    "sock_open",
    "sock_bind",
    "sock_connect",
    "sock_listen",
    "sock_recv_from",
    "sock_send_to",
    "sock_getlocaladdr",
    "sock_getpeeraddr",
    "sock_getaddrinfo",
    "sock_setsockopt",
];

/// Each form of each call, by its number of parameters: all are i32.
const CALLS: &[(&str, usize, Function)] = &[
    ("sock_open", 3, open),
    ("sock_bind", 3, bind),
    ("sock_connect", 3, connect),
    ("sock_listen", 2, listen),
    ("sock_accept", 2, accept_1),
    ("sock_accept", 3, accept_2),
    ("sock_recv", 6, receive),
    ("sock_send", 5, send),
    ("sock_recv_from", 7, receive_from_1),
    ("sock_recv_from", 8, receive_from_2),
    ("sock_send_to", 7, send_to),
    ("sock_shutdown", 2, shutdown),
    ("sock_getlocaladdr", 4, local_address_1),
    ("sock_getlocaladdr", 3, local_address_2),
    ("sock_getpeeraddr", 4, peer_address_1),
    ("sock_getpeeraddr", 3, peer_address_2),
    ("sock_setsockopt", 5, options::set),
    ("sock_getsockopt", 5, options::get),
    ("sock_getaddrinfo", 8, names::look_up),
];

pub enum Found {
    Function(Function),
    /// The call exists with other parameters; holds the numbers that it can have.
    OtherForm(String),
    NoSocketCall,
}

pub fn wants_sockets(module: &Module) -> bool {
    module.imports().any(|import| import.module() == MODULE && EXTENSION.contains(&plain(import.name())))
}

/// Finds the function for an import. Some guests name version 2 by a suffix.
pub fn find(name: &str, parameters: usize) -> Found {
    let name = plain(name);
    let forms: Vec<_> = CALLS.iter().filter(|(own, ..)| *own == name).collect();
    match forms.iter().find(|(_, own, _)| *own == parameters) {
        Some((.., function)) => Found::Function(*function),
        None if forms.is_empty() => Found::NoSocketCall,
        None => Found::OtherForm(forms.iter().map(|(_, own, _)| own.to_string()).collect::<Vec<_>>().join(" or ")),
    }
}

fn plain(name: &str) -> &str {
    name.strip_suffix("_v2").unwrap_or(name)
}

fn open(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    abi::read_u32(memory, a[2])?;
    let fd = host.sockets.open(a[0], a[1])?;
    abi::write_u32(memory, a[2], fd)
}

/// The address that a guest gives for a socket of its own.
fn address(host: &Host, memory: &[u8], fd: u32, at: u32, port: u32) -> Result<SocketAddr> {
    let ip = Address::at(memory, at)?.read(memory)?;
    let port = u16::try_from(port).map_err(|_| Fail::Errno(abi::INVAL))?;
    Ok(host.sockets.get(fd)?.address(ip, port))
}

fn bind(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = address(host, memory, a[0], a[1], a[2])?;
    host.sockets.bind(a[0], address)
}

fn connect(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = address(host, memory, a[0], a[1], a[2])?;
    host.sockets.connect(a[0], address, &host.deadline)
}

fn listen(host: &mut Host, _: &mut [u8], a: &[u32]) -> Result<()> {
    host.sockets.listen(a[0], a[1])
}

fn accept_1(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    accept_2(host, memory, &[a[0], 0, a[1]])
}

fn accept_2(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    abi::read_u32(memory, a[2])?;
    let fd = host.sockets.accept(a[0], a[1], &host.deadline)?;
    abi::write_u32(memory, a[2], fd)
}

fn write_flags(memory: &mut [u8], at: u32, received: &Received) -> Result<()> {
    abi::write(memory, at, u16::from(received.truncated).to_le_bytes())
}

fn receive(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let received = host.sockets.receive(memory, a[0], (a[1], a[2]), a[3], &host.deadline)?;
    abi::write_u32(memory, a[4], received.length)?;
    write_flags(memory, a[5], &received)
}

fn send(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let sent = host.sockets.send(memory, a[0], (a[1], a[2]), None, &host.deadline)?;
    abi::write_u32(memory, a[4], sent)
}

fn receive_from_1(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    receive_from(host, memory, a, None, (a[5], a[6]))
}

fn receive_from_2(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    receive_from(host, memory, a, Some(a[5]), (a[6], a[7]))
}

fn receive_from(host: &mut Host, memory: &mut [u8], a: &[u32], port: Option<u32>, out: (u32, u32)) -> Result<()> {
    let address = Address::at(memory, a[3])?;
    let received = host.sockets.receive(memory, a[0], (a[1], a[2]), a[4], &host.deadline)?;
    // A stream's sender is known.
    let from = match received.from {
        Some(from) => from,
        None => host.sockets.get(a[0])?.peer_address()?,
    };
    address.write(memory, from.ip())?;
    if let Some(port) = port {
        abi::write_u32(memory, port, from.port().into())?;
    }
    abi::write_u32(memory, out.0, received.length)?;
    write_flags(memory, out.1, &received)
}

fn send_to(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let to = address(host, memory, a[0], a[3], a[4])?;
    let sent = host.sockets.send(memory, a[0], (a[1], a[2]), Some(to), &host.deadline)?;
    abi::write_u32(memory, a[6], sent)
}

fn shutdown(host: &mut Host, _: &mut [u8], a: &[u32]) -> Result<()> {
    let how = match a[1] {
        1 => Shutdown::Read,
        2 => Shutdown::Write,
        3 => Shutdown::Both,
        _ => return Err(Fail::Errno(abi::INVAL)),
    };
    Ok(host.sockets.get(a[0])?.system.shutdown(how)?)
}

fn local_address_1(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = host.sockets.get(a[0])?.local_address()?;
    write_address_1(memory, a, address)
}

fn peer_address_1(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = host.sockets.get(a[0])?.peer_address()?;
    write_address_1(memory, a, address)
}

/// Version 1 tells the kind of the address by the numbers 4 and 6.
fn write_address_1(memory: &mut [u8], a: &[u32], address: SocketAddr) -> Result<()> {
    Address::at(memory, a[1])?.write(memory, address.ip())?;
    abi::write_u32(memory, a[2], if address.is_ipv4() { 4 } else { 6 })?;
    abi::write_u32(memory, a[3], address.port().into())
}

fn local_address_2(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = host.sockets.get(a[0])?.local_address()?;
    write_address_2(memory, a, address)
}

fn peer_address_2(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let address = host.sockets.get(a[0])?.peer_address()?;
    write_address_2(memory, a, address)
}

/// Version 2 tells it with the address.
fn write_address_2(memory: &mut [u8], a: &[u32], address: SocketAddr) -> Result<()> {
    let place = Address::at(memory, a[1])?;
    if !place.is_long() {
        return Err(Fail::Errno(abi::INVAL));
    }
    place.write(memory, address.ip())?;
    abi::write_u32(memory, a[2], address.port().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_tells_the_version() {
        for (name, parameters) in [
            ("sock_accept", 2),
            ("sock_accept", 3),
            ("sock_accept_v2", 3),
            ("sock_recv_from", 7),
            ("sock_recv_from_v2", 8),
            ("sock_getpeeraddr", 4),
            ("sock_getpeeraddr", 3),
        ] {
            assert!(matches!(find(name, parameters), Found::Function(_)), "{name} {parameters}");
        }
        assert!(matches!(find("fd_read", 4), Found::NoSocketCall));
        match find("sock_recv_from", 6) {
            Found::OtherForm(forms) => assert_eq!("7 or 8", forms),
            _ => panic!("there is no such form"),
        }
    }
}
