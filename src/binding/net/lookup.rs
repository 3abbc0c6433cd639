//! Look-ups of names. Each runs on a thread of its own: nothing ends a look-up in the system, and one whose server does
//! not answer must not hold up the files and the names of others. So their number is limited, for a guest and for all
//! guests of a module.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot::{Receiver, channel};

/// Most look-ups of one guest at a time.
pub const MAX_LOOK_UPS: usize = 8;

/// Most look-ups at a time of all guests of a module.
const MAX_OF_MODULE: usize = 64;

/// Counts look-ups that are under way.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicUsize>);

impl Counter {
    fn try_add(&self, most: usize) -> Option<Counted> {
        let added = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < most).then_some(n + 1));
        added.ok().map(|_| Counted(self.clone()))
    }
}

/// Counts until it is dropped.
struct Counted(Counter);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A look-up that may begin.
pub struct Permit {
    _guest: Counted,
    _module: Counted,
}

impl Permit {
    /// None where too many are under way.
    pub fn of(guest: &Counter, module: &Counter) -> Option<Self> {
        Some(Permit { _guest: guest.try_add(MAX_LOOK_UPS)?, _module: module.try_add(MAX_OF_MODULE)? })
    }

    /// Begins to look a name up. Whoever does not want to wait any more drops the receiver; the look-up counts until
    /// the system is done with it.
    pub fn look_up(self, name: &str) -> io::Result<Receiver<io::Result<Vec<IpAddr>>>> {
        let (sender, receiver) = channel();
        let name = name.to_owned();
        std::thread::Builder::new().name("wasmton-look-up".to_owned()).spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            let found = found.map(|found| found.map(|address| address.ip().to_canonical()).collect());
            drop(self);
            // Nobody may wait for it any more.
            let _ = sender.send(found);
        })?;
        Ok(receiver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_and_modules_have_their_limits() {
        let module = Counter::default();
        let guests: Vec<_> = (0..MAX_OF_MODULE / MAX_LOOK_UPS).map(|_| Counter::default()).collect();
        let mut permits = Vec::new();
        for guest in &guests {
            permits.extend((0..MAX_LOOK_UPS).map(|_| Permit::of(guest, &module).expect("within the limits")));
            assert!(Permit::of(guest, &module).is_none(), "one more for a guest");
        }
        assert!(Permit::of(&Counter::default(), &module).is_none(), "one more for the module");
        permits.pop();
        assert!(Permit::of(&guests[0], &module).is_none());
        let permit = Permit::of(&Counter::default(), &module).expect("one has ended");
        let found = permit.look_up("localhost").expect("a thread").blocking_recv().expect("an answer");
        assert!(found.expect("a name of this machine").iter().all(IpAddr::is_loopback));
        assert!(Permit::of(&Counter::default(), &module).is_some());
    }
}
