//! A guest's sockets. Underneath they never block: whoever has to wait does so until the task's deadline at most. They
//! are closed with the instance.

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustix::fd::{AsFd, BorrowedFd};
use rustix::io::Errno;
use socket2::{Domain, MaybeUninitSlice, Socket as System, Type};

use super::abi::{self, Fail, Result};
use super::wait::PollFlags;
use crate::binding::net::{IDLE_LIMIT, MAX_SOCKETS, Policy, connect_limit};
use crate::guest::clock::Deadline;

/// The number of the first socket; far from those of files, of which the lowest is free first.
pub const FIRST_FD: u32 = 0x1_0000;

/// The flag of a descriptor whose calls do not wait.
pub const NONBLOCK: u32 = 4;

/// Most bytes of one call.
const CHUNK: usize = 64 * 1024;

/// Flags of a receiver.
pub const PEEK: u32 = 1;
const WAITALL: u32 = 2;

/// The system shall not raise a signal where a connection is gone. socket2 tells macOS so when it makes a socket, and
/// Windows has no such signal.
const NO_SIGNAL: i32 = if cfg!(target_os = "linux") { 0x4000 } else { 0 };
const SYSTEM_PEEK: i32 = 2;

/// The system's answer to a `connect` that goes on.
const CONNECTING: Errno = if cfg!(windows) { Errno::WOULDBLOCK } else { Errno::INPROGRESS };

pub struct Socket {
    pub system: System,
    pub stream: bool,
    pub listening: bool,
    v6: bool,
    /// True if the guest made it so; underneath it always is.
    nonblocking: bool,
    pub receive_limit: Option<Duration>,
    pub send_limit: Option<Duration>,
}

pub struct Sockets {
    open: BTreeMap<u32, Socket>,
    pub policy: Arc<Policy>,
}

/// The result of receiving.
pub struct Received {
    pub length: u32,
    pub truncated: bool,
    pub from: Option<SocketAddr>,
}

impl Sockets {
    pub fn new(policy: Arc<Policy>) -> Self {
        Sockets { open: BTreeMap::new(), policy }
    }

    /// Returns whether the number is one that sockets have, or had.
    pub fn has(&self, fd: u32) -> bool {
        // As a file's number can be no larger, one that was closed is a bad socket and no file.
        fd >= FIRST_FD && fd <= i32::MAX as u32
    }

    pub fn get(&self, fd: u32) -> Result<&Socket> {
        self.open.get(&fd).ok_or(Fail::Errno(abi::BADF))
    }

    pub fn get_mut(&mut self, fd: u32) -> Result<&mut Socket> {
        self.open.get_mut(&fd).ok_or(Fail::Errno(abi::BADF))
    }

    fn add(&mut self, socket: Socket) -> u32 {
        let mut free = FIRST_FD;
        while self.open.contains_key(&free) {
            free += 1;
        }
        self.open.insert(free, socket);
        free
    }

    pub fn check_number(&self) -> Result<()> {
        if self.open.len() >= MAX_SOCKETS {
            self.policy.too_many_sockets();
            return Err(Fail::Errno(abi::MFILE));
        }
        if self.policy.may_take_descriptor() { Ok(()) } else { Err(Fail::Errno(abi::NFILE)) }
    }

    pub fn open(&mut self, family: u32, kind: u32) -> Result<u32> {
        self.check_number()?;
        let domain = match family {
            abi::INET => Domain::IPV4,
            abi::INET6 => Domain::IPV6,
            _ => return Err(Fail::Errno(abi::AFNOSUPPORT)),
        };
        let ty = match kind {
            abi::STREAM => Type::STREAM,
            abi::DGRAM => Type::DGRAM,
            _ => return Err(Fail::Errno(abi::PROTOTYPE)),
        };
        let system = System::new(domain, ty, None)?;
        Ok(self.add(Socket::new(system, ty == Type::STREAM, family == abi::INET6)?))
    }

    pub fn close(&mut self, fd: u32) -> Result<()> {
        self.open.remove(&fd).map(drop).ok_or(Fail::Errno(abi::BADF))
    }

    /// Both are open; the second is closed, and its number becomes the first's.
    pub fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(to)?;
        let socket = self.open.remove(&from).ok_or(Fail::Errno(abi::BADF))?;
        self.open.insert(to, socket);
        Ok(())
    }

    pub fn write_fdstat(&self, memory: &mut [u8], fd: u32, at: u32) -> Result<()> {
        let socket = self.get(fd)?;
        let flags: u16 = if socket.nonblocking { NONBLOCK as u16 } else { 0 };
        let mut stat = [0; 24];
        stat[0] = if socket.stream { 6 } else { 5 };
        stat[2..4].copy_from_slice(&flags.to_le_bytes());
        stat[8..].fill(0xff); // all rights
        let range = abi::range(memory, at, stat.len())?;
        memory[range].copy_from_slice(&stat);
        Ok(())
    }

    pub fn set_flags(&mut self, fd: u32, flags: u32) -> Result<()> {
        self.get_mut(fd)?.nonblocking = flags & NONBLOCK != 0;
        Ok(())
    }

    pub fn bind(&mut self, fd: u32, address: SocketAddr) -> Result<()> {
        let socket = self.get(fd)?;
        if !self.policy.may_bind(address) {
            return Err(Fail::Errno(abi::ACCES));
        }
        Ok(socket.system.bind(&address.into())?)
    }

    pub fn listen(&mut self, fd: u32, backlog: u32) -> Result<()> {
        let socket = self.get(fd)?;
        let address = socket.local_address()?;
        if !self.policy.may_listen(address) {
            return Err(Fail::Errno(abi::ACCES));
        }
        socket.system.listen(backlog.clamp(1, 4096) as i32)?;
        self.get_mut(fd)?.listening = true;
        Ok(())
    }

    pub fn accept(&mut self, fd: u32, flags: u32, deadline: &Deadline) -> Result<u32> {
        self.check_number()?;
        if !self.policy.may_accept() {
            return Err(Fail::Errno(abi::ACCES));
        }
        let socket = self.get(fd)?;
        let (system, _) =
            socket.wait_until(deadline, PollFlags::IN, socket.receive_limit, || socket.system.accept())?;
        let mut accepted = Socket::new(system, true, socket.v6)?;
        accepted.nonblocking = flags & NONBLOCK != 0;
        Ok(self.add(accepted))
    }

    pub fn connect(&mut self, fd: u32, address: SocketAddr, deadline: &Deadline) -> Result<()> {
        let socket = self.get(fd)?;
        let address = self.policy.redirect(address);
        if !self.policy.may_connect(address) {
            return Err(Fail::Errno(abi::ACCES));
        }
        match socket.system.connect(&address.into()) {
            Err(e) if e.raw_os_error() == Some(CONNECTING.raw_os_error()) => {}
            result => return Ok(result?),
        }
        if socket.nonblocking {
            return Err(Fail::Errno(abi::INPROGRESS));
        }
        let most = connect_limit(deadline.left());
        let limit = socket.send_limit.map_or(most, |limit| limit.min(most));
        if !deadline.wait(socket.system.as_fd(), PollFlags::OUT, limit)? {
            return Err(Fail::Errno(abi::TIMEDOUT));
        }
        match socket.system.take_error()? {
            Some(e) => Err(e.into()),
            None => Ok(()),
        }
    }

    /// Receives into iovecs.
    pub fn receive(
        &self,
        memory: &mut [u8],
        fd: u32,
        iovecs: (u32, u32),
        flags: u32,
        deadline: &Deadline,
    ) -> Result<Received> {
        let socket = self.get(fd)?;
        let (ranges, length) = abi::iovecs(memory, iovecs)?;
        let mut buffer = vec![0; length.min(CHUNK)];
        let mut received = self.receive_once(socket, &mut buffer, flags, deadline)?;
        let mut filled = received.length as usize;
        while socket.stream && flags & WAITALL != 0 && flags & PEEK == 0 && filled > 0 && filled < buffer.len() {
            match self.receive_once(socket, &mut buffer[filled..], flags, deadline) {
                Ok(Received { length: 0, .. }) | Err(Fail::Errno(_)) => break,
                Ok(more) => filled += more.length as usize,
                Err(e) => return Err(e),
            }
        }
        received.length = filled as u32;
        let mut rest = &buffer[..filled];
        for range in ranges {
            let (piece, more) = rest.split_at(range.len().min(rest.len()));
            memory[range][..piece.len()].copy_from_slice(piece);
            rest = more;
        }
        Ok(received)
    }

    fn receive_once(&self, socket: &Socket, buffer: &mut [u8], flags: u32, deadline: &Deadline) -> Result<Received> {
        let system_flags = if flags & PEEK != 0 { SYSTEM_PEEK } else { 0 };
        loop {
            let (length, flags, from) = socket.wait_until(deadline, PollFlags::IN, socket.receive_limit, || {
                let mut slices = [MaybeUninitSlice::new(uninitialized(buffer))];
                socket.system.recv_from_vectored_with_flags(&mut slices, system_flags)
            })?;
            let from = from.as_socket();
            // Anybody can send a datagram; only those whom the guest may talk to are heard.
            match from {
                Some(from) if !socket.stream && !self.policy.may_receive(from) => {}
                from => return Ok(Received { length: length as u32, truncated: flags.is_truncated(), from }),
            }
        }
    }

    /// Sends what lies in iovecs, or the first of it, to that address or to whom the socket is connected.
    pub fn send(
        &self,
        memory: &[u8],
        fd: u32,
        iovecs: (u32, u32),
        to: Option<SocketAddr>,
        deadline: &Deadline,
    ) -> Result<u32> {
        let socket = self.get(fd)?;
        if let Some(to) = to
            && !self.policy.may_connect(to)
        {
            return Err(Fail::Errno(abi::ACCES));
        }
        let (ranges, _) = abi::iovecs(memory, iovecs)?;
        let mut bytes = Vec::new();
        for range in ranges {
            let fits = range.len().min(CHUNK - bytes.len());
            bytes.extend_from_slice(&memory[range][..fits]);
        }
        let sent = socket.wait_until(deadline, PollFlags::OUT, socket.send_limit, || match to {
            Some(to) if !socket.stream => socket.system.send_to_with_flags(&bytes, &to.into(), NO_SIGNAL),
            _ => socket.system.send_with_flags(&bytes, NO_SIGNAL),
        })?;
        Ok(sent as u32)
    }
}

impl Socket {
    fn new(system: System, stream: bool, v6: bool) -> Result<Self> {
        system.set_nonblocking(true)?;
        Ok(Socket { system, stream, listening: false, v6, nonblocking: false, receive_limit: None, send_limit: None })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.system.as_fd()
    }

    pub fn local_address(&self) -> Result<SocketAddr> {
        self.system.local_addr()?.as_socket().ok_or(Fail::Errno(abi::AFNOSUPPORT))
    }

    pub fn peer_address(&self) -> Result<SocketAddr> {
        self.system.peer_addr()?.as_socket().ok_or(Fail::Errno(abi::AFNOSUPPORT))
    }

    /// An address as this socket takes it: IPv4's in IPv6's clothes, where it is of that family.
    pub fn address(&self, ip: IpAddr, port: u16) -> SocketAddr {
        match ip {
            IpAddr::V4(v4) if self.v6 => (v4.to_ipv6_mapped(), port).into(),
            ip => (ip, port).into(),
        }
    }

    /// Tries until the socket is ready for it; once, where the guest does not want to wait. A guest that set no time
    /// for it waits for [`IDLE_LIMIT`] at most.
    fn wait_until<T>(
        &self,
        deadline: &Deadline,
        events: PollFlags,
        limit: Option<Duration>,
        mut work: impl FnMut() -> std::io::Result<T>,
    ) -> Result<T> {
        loop {
            match work() {
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                result => return Ok(result?),
            }
            if self.nonblocking {
                return Err(Fail::Errno(abi::AGAIN));
            }
            if !deadline.wait(self.fd(), events, limit.unwrap_or(IDLE_LIMIT))? {
                return Err(Fail::Errno(if limit.is_some() { abi::AGAIN } else { abi::TIMEDOUT }));
            }
        }
    }
}

/// Bytes as socket2 wants them.
fn uninitialized(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the layouts are the same, and socket2 promises not to write uninitialised bytes to what it receives into.
    unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
}
