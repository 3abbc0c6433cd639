//! Sums of what the host keeps for a component: connections, and what streams of WASI 0.3 hold open after the component
//! has dropped the resource that they came from.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A sum. Clones share it.
#[derive(Clone, Default)]
pub struct Tally(Arc<AtomicUsize>);

impl Tally {
    /// Adds an amount until the result is dropped.
    pub fn add(&self, amount: usize) -> Counted {
        self.0.fetch_add(amount, Relaxed);
        Counted { tally: self.clone(), amount }
    }

    pub fn sum(&self) -> usize {
        self.0.load(Relaxed)
    }
}

/// An amount that counts until it is dropped.
pub struct Counted {
    tally: Tally,
    amount: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.tally.0.fetch_sub(self.amount, Relaxed);
    }
}

/// The sums for streams and running calls of WASI 0.3. All are 0 for a component of 0.2.
#[derive(Default)]
pub struct Kept {
    /// Sockets that the component has dropped, and that a stream keeps open.
    pub sockets: Tally,
    /// Bytes of the host's memory.
    pub bytes: Tally,
}
