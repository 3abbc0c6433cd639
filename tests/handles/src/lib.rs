//! A model check of the tables of handles. loom runs a scenario in every order in which its threads can meet, and with
//! every value that a thread may read by the rules of the memory model, not only those that this machine's processor
//! shows.
//!
//! The code is the product's own file; [`bridge::sync`] is loom's here. The slots' chunks stay in std's `OnceLock`: the
//! scenarios make them before they start a thread.

#[path = "../../../src/bridge"]
pub mod bridge {
    #[path = "handle.rs"]
    pub mod handle;

    pub mod error {
        pub type Result<T> = std::result::Result<T, Error>;

        /// The two errors that the tables make.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error {
            Closed,
            Busy,
        }

        impl Error {
            pub fn closed(_: &'static str) -> Self {
                Error::Closed
            }

            pub fn busy(_: &'static str) -> Self {
                Error::Busy
            }
        }
    }

    pub mod sync {
        use std::cell::Cell;
        use std::sync::{LockResult, OnceLock};

        pub use loom::cell::UnsafeCell;
        use loom::sync::MutexGuard;
        pub use loom::sync::atomic::{AtomicI64, AtomicU64, fence};
        pub use loom::thread::yield_now;

        /// loom's, made when it is first used: it has no `const fn new`.
        pub struct Mutex<T> {
            value: Cell<Option<T>>,
            mutex: OnceLock<loom::sync::Mutex<T>>,
        }

        // SAFETY: the cell is used within `get_or_init` alone, so by one thread, and never again.
        unsafe impl<T: Send> Sync for Mutex<T> {}

        impl<T> Mutex<T> {
            pub const fn new(value: T) -> Self {
                Mutex { value: Cell::new(Some(value)), mutex: OnceLock::new() }
            }

            pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
                let made = || loom::sync::Mutex::new(self.value.take().expect("it is made once"));
                self.mutex.get_or_init(made).lock()
            }
        }
    }
}

/// Copies of the tables that lack something: see `build.rs`.
macro_rules! mutants {
    ($($name:ident)*) => {
        pub mod mutants {
            $(pub mod $name {
                include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
            })*
        }
    };
}

mutants!(without_fence_at_leaving without_fence_at_emptying without_look_at_leaving without_look_at_emptying
    without_look_after_entering without_generation without_release without_pins);
