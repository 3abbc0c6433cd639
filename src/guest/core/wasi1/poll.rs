//! `poll_oneoff` for sockets, files and clocks together.
//!
//! Clocks are waited for here. A file is always ready. Of standard streams wasmtime knows; where there are sockets too
//! it is asked in between whether one is ready, by a poll of its own in a memory of its own.

use std::time::{Duration, Instant};

use rustix::event::PollFd;
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::GuestMemory;

use super::abi::{self, Fail, Result};
use super::wait::PollFlags;
use super::{Host, passed_on, wasmtime};

const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;

/// More subscriptions than this in one call are none that mean anything.
const MOST: u32 = 4096;

/// Interval at which wasmtime is asked about the standard streams of a poll that sockets are in too.
const STREAM_POLL: Duration = Duration::from_millis(20);

/// WASI's number for a regular file.
const REGULAR_FILE: u8 = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Subscribed {
    Clock { id: u32, timeout: u64, absolute: bool },
    Read(u32),
    Write(u32),
}

struct Subscription {
    user_data: [u8; 8],
    kind: Subscribed,
}

/// An event as the guest gets it.
struct Event {
    errno: u16,
    hung_up: bool,
}

const READY: Event = Event { errno: 0, hung_up: false };

/// `(*subscriptions, *events, n, *n)`
pub fn poll_oneoff(host: &mut Host, memory: &mut [u8], a: &[u32]) -> Result<()> {
    let (subscriptions, events, count) = (a[0], a[1], a[2]);
    if count == 0 || count > MOST {
        return Err(Fail::Errno(abi::INVAL));
    }
    abi::range(memory, events, (count * EVENT) as usize)?;
    let polled = (0..count)
        .map(|i| Subscription::read(memory, abi::field(subscriptions, i * SUBSCRIPTION)?))
        .collect::<Result<Vec<_>>>()?;
    let sockets = polled.iter().any(|polled| polled.descriptor().is_some_and(|fd| host.sockets.has(fd)));
    let files = polled.iter().any(|polled| polled.descriptor().is_some_and(|fd| !host.sockets.has(fd)));
    if files && !sockets {
        return wasmtime!(poll_oneoff(host, memory, a[0], a[1], a[2], a[3]));
    }
    let (clock, wait) = first_clock(host, &polled)?;
    let ready = wait_for(host, &polled, wait)?;
    let mut told = 0;
    for (i, (polled, event)) in polled.iter().zip(&ready).enumerate() {
        let event = match event {
            Some(event) => event,
            None if clock == Some(i) && ready.iter().all(Option::is_none) => &READY,
            None => continue,
        };
        polled.write(memory, events + told * EVENT, event)?;
        told += 1;
    }
    abi::write_u32(memory, a[3], told)
}

impl Subscription {
    fn read(memory: &[u8], at: u32) -> Result<Self> {
        let user_data = abi::read(memory, at)?;
        let word = abi::read_u32(memory, abi::field(at, 16)?)?;
        let [tag] = abi::read(memory, abi::field(at, 8)?)?;
        let kind = match tag {
            0 => {
                let [flags, _] = abi::read(memory, abi::field(at, 40)?)?;
                let timeout = u64::from_le_bytes(abi::read(memory, abi::field(at, 24)?)?);
                Subscribed::Clock { id: word, timeout, absolute: flags & 1 != 0 }
            }
            1 => Subscribed::Read(word),
            2 => Subscribed::Write(word),
            _ => return Err(Fail::Errno(abi::INVAL)),
        };
        Ok(Subscription { user_data, kind })
    }

    fn descriptor(&self) -> Option<u32> {
        match self.kind {
            Subscribed::Clock { .. } => None,
            Subscribed::Read(fd) | Subscribed::Write(fd) => Some(fd),
        }
    }

    fn write(&self, memory: &mut [u8], at: u32, event: &Event) -> Result<()> {
        let (tag, bytes) = match self.kind {
            Subscribed::Clock { .. } => (0, 0),
            // How many bytes there are is for the read to say.
            Subscribed::Read(_) => (1, u8::from(event.errno == 0)),
            Subscribed::Write(_) => (2, u8::from(event.errno == 0)),
        };
        let mut told = [0; EVENT as usize];
        told[..8].copy_from_slice(&self.user_data);
        told[8..10].copy_from_slice(&event.errno.to_le_bytes());
        told[10] = tag;
        told[16] = bytes;
        told[24] = event.hung_up.into();
        let range = abi::range(memory, at, told.len())?;
        memory[range].copy_from_slice(&told);
        Ok(())
    }
}

/// Finds the clock that comes first, and in what time. Without one there is no end but the deadline.
fn first_clock(host: &mut Host, polled: &[Subscription]) -> Result<(Option<usize>, Duration)> {
    let mut first = (None, Duration::MAX);
    for (i, polled) in polled.iter().enumerate() {
        let Subscribed::Clock { id, timeout, absolute } = polled.kind else { continue };
        if id > 1 {
            return Err(Fail::Errno(abi::INVAL));
        }
        let wait = Duration::from_nanos(if absolute { timeout.saturating_sub(now(host, id)?) } else { timeout });
        if first.0.is_none() || wait < first.1 {
            first = (Some(i), wait);
        }
    }
    Ok(first)
}

/// Reads the guest's own clock, in nanoseconds.
fn now(host: &mut Host, clock: u32) -> Result<u64> {
    let mut scratch = [0; 16];
    let mut memory = GuestMemory::Unshared(&mut scratch);
    passed_on(wasi::clock_time_get(&mut host.wasi, &mut memory, clock as i32, 1, 8))?;
    Ok(u64::from_le_bytes(abi::read(&scratch, 8)?))
}

/// Waits for that long at most, and tells what is ready.
fn wait_for(host: &mut Host, polled: &[Subscription], wait: Duration) -> Result<Vec<Option<Event>>> {
    let end = Instant::now() + wait.min(Duration::from_secs(366 * 24 * 3600));
    loop {
        let (mut ready, ask_again) = ask_wasmtime(host, polled)?;
        let found = ready.iter().any(Option::is_some);
        let mut fds = Vec::new();
        let mut positions = Vec::new();
        let mut bad = false;
        for (i, polled) in polled.iter().enumerate() {
            let Some(fd) = polled.descriptor().filter(|fd| host.sockets.has(*fd)) else { continue };
            match host.sockets.get(fd) {
                Ok(socket) => {
                    let events =
                        if matches!(polled.kind, Subscribed::Read(_)) { PollFlags::IN } else { PollFlags::OUT };
                    fds.push(PollFd::from_borrowed_fd(socket.fd(), events));
                    positions.push(i);
                }
                Err(_) => {
                    ready[i] = Some(Event { errno: abi::BADF, hung_up: false });
                    bad = true;
                }
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        let wait = match (found || bad, ask_again) {
            (true, _) => Duration::ZERO,
            (false, true) => left.min(STREAM_POLL),
            (false, false) => left,
        };
        if host.deadline.wait_for_any(&mut fds, wait)? {
            for (fd, i) in fds.iter().zip(positions) {
                let events = fd.revents();
                if !events.is_empty() {
                    ready[i] = Some(Event { errno: 0, hung_up: events.contains(PollFlags::HUP) });
                }
            }
        }
        if wait == left || ready.iter().any(Option::is_some) {
            return Ok(ready);
        }
    }
}

/// Finds the files and standard streams that are ready now, and whether it is worth asking again.
fn ask_wasmtime(host: &mut Host, polled: &[Subscription]) -> Result<(Vec<Option<Event>>, bool)> {
    let mut ready: Vec<_> = polled.iter().map(|_| None).collect();
    let mut streams = Vec::new();
    for (i, polled) in polled.iter().enumerate() {
        let Some(fd) = polled.descriptor().filter(|fd| !host.sockets.has(*fd)) else { continue };
        if is_file(host, fd)? {
            ready[i] = Some(READY);
        } else {
            streams.push((i, fd));
        }
    }
    if streams.is_empty() {
        return Ok((ready, false));
    }
    // The subscriptions, a clock that is through at once, the events and their number.
    let count = streams.len() as u32 + 1;
    let (events, number) = (count * SUBSCRIPTION, count * (SUBSCRIPTION + EVENT));
    let mut scratch = vec![0; number as usize + 8];
    for (n, (i, fd)) in streams.iter().enumerate() {
        let at = n * SUBSCRIPTION as usize;
        scratch[at..at + 8].copy_from_slice(&(*i as u64).to_le_bytes());
        scratch[at + 8] = if matches!(polled[*i].kind, Subscribed::Read(_)) { 1 } else { 2 };
        abi::write_u32(&mut scratch, at as u32 + 16, *fd)?;
    }
    let clock = streams.len() * SUBSCRIPTION as usize;
    scratch[clock..clock + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    abi::write_u32(&mut scratch, clock as u32 + 16, 1)?;
    wasmtime!(poll_oneoff(host, &mut scratch, 0, events, count, number))?;
    for n in 0..abi::read_u32(&scratch, number)? {
        let at = events + n * EVENT;
        let i = u64::from_le_bytes(abi::read(&scratch, at)?);
        // The clock has a number that none of them has.
        if let Some(ready) = usize::try_from(i).ok().and_then(|i| ready.get_mut(i)) {
            let errno = u16::from_le_bytes(abi::read(&scratch, at + 8)?);
            *ready = Some(Event { errno, hung_up: false });
        }
    }
    Ok((ready, true))
}

/// Returns whether that descriptor is open and a file's. A file is always ready: wasmtime reads it ahead, and needs a
/// moment for that.
fn is_file(host: &mut Host, fd: u32) -> Result<bool> {
    let mut fdstat = [0; 24];
    match wasmtime!(fd_fdstat_get(host, &mut fdstat, fd, 0)) {
        Ok(()) => Ok(fdstat[0] == REGULAR_FILE),
        Err(Fail::Errno(_)) => Ok(false),
        Err(e) => Err(e),
    }
}
