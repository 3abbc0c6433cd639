//! Waiting, at most until the task's deadline.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use wasmtime::Trap;
use wasmtime_wasi::runtime::in_tokio;

use super::abi;
use crate::guest::clock::Deadline;

pub use rustix::event::PollFlags;

impl Deadline {
    /// Does the work; the trap of a guest that did not return, if it is not done in time.
    pub fn limit<T>(&self, work: impl Future<Output = T>) -> wasmtime::Result<T> {
        in_tokio(async { tokio::time::timeout(self.left(), work).await }).map_err(|_| Trap::Interrupt.into())
    }

    /// Waits until a descriptor is ready for one of these events, for that long at most, and returns whether it is. The
    /// trap at the deadline.
    pub fn wait(&self, fd: BorrowedFd<'_>, events: PollFlags, most: Duration) -> abi::Result<bool> {
        self.wait_for_any(&mut [PollFd::from_borrowed_fd(fd, events)], most)
    }

    /// Waits for any of several descriptors, like [`wait`](Self::wait). Each then shows the events that it is ready
    /// for.
    pub fn wait_for_any(&self, fds: &mut [PollFd<'_>], most: Duration) -> abi::Result<bool> {
        // Java can make the deadline up to a year, and the guest ask for half a millennium.
        let end = Instant::now() + most.min(Duration::from_secs(366 * 24 * 3600));
        loop {
            let wait = end.saturating_duration_since(Instant::now());
            let left = self.left();
            let time = Timespec::try_from(wait.min(left)).map_err(|_| abi::Fail::Errno(abi::INVAL))?;
            match poll(fds, Some(&time)) {
                Ok(0) if left <= wait && self.left().is_zero() => return Err(Trap::Interrupt.into()),
                Ok(0) if Instant::now() >= end => return Ok(false),
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(true),
                Err(e) => return Err(abi::errno(&e.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_wait_is_told_from_the_deadline() {
        let (one, _other) = std::net::UdpSocket::bind("127.0.0.1:0")
            .and_then(|one| Ok((one, std::net::UdpSocket::bind("127.0.0.1:0")?)))
            .expect("sockets");
        let fd = rustix::fd::AsFd::as_fd(&one);
        let far = Deadline::in_ticks(1_000_000);
        assert!(matches!(far.wait(fd, PollFlags::IN, Duration::from_millis(5)), Ok(false)));
        assert!(matches!(far.wait(fd, PollFlags::OUT, Duration::from_secs(60)), Ok(true)));
        let now = Deadline::default();
        assert!(matches!(now.wait(fd, PollFlags::IN, Duration::from_secs(60)), Err(abi::Fail::Trap(_))));
        assert_eq!(Some(7), far.limit(async { 7 }).ok());
        assert!(now.limit(std::future::pending::<()>()).is_err());
    }
}
