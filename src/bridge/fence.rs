//! A fence of two sides, of which one costs nothing: for what happens with every task on the one side, and hardly ever
//! on the other.
//!
//! Each side writes something and then reads what the other wrote. With a fence of its own between the two, at least
//! one of them sees the other's write. [`light`] and [`heavy`] make such a pair: where Linux's membarrier(2) is there,
//! the heavy side has every running thread of the process pass a fence, and the light side needs none.

use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// Whether [`heavy`] reaches the other threads. Set before there is anything to be fenced.
static HEAVY_REACHES_ALL: AtomicBool = AtomicBool::new(false);

/// Called once when the library is loaded. Until then, and where the system has no such call, both sides pay.
pub fn prepare() {
    HEAVY_REACHES_ALL.store(membarrier::register(), Ordering::SeqCst);
}

/// The side that is passed with every task.
#[inline]
pub fn light() {
    if HEAVY_REACHES_ALL.load(Ordering::Relaxed) {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// The side that is passed when something is closed while in use. Takes some microseconds.
#[cold]
pub fn heavy() {
    fence(Ordering::SeqCst);
    if HEAVY_REACHES_ALL.load(Ordering::Relaxed) {
        membarrier::pass();
    }
}

#[cfg(target_os = "linux")]
mod membarrier {
    fn call(command: libc::c_int) -> bool {
        // SAFETY: the call takes no pointers.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    pub fn register() -> bool {
        call(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    pub fn pass() {
        let passed = call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        assert!(passed, "membarrier(2) was there when the library was loaded, and is not any more");
    }
}

#[cfg(not(target_os = "linux"))]
mod membarrier {
    pub fn register() -> bool {
        false
    }

    pub fn pass() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;

    /// Both sides write and then read; that neither sees the other must not happen.
    #[test]
    fn one_side_at_least_sees_the_other() {
        const ROUNDS: usize = 20_000;
        prepare();
        let (light_wrote, heavy_wrote) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let together = Barrier::new(2);
        std::thread::scope(|threads| {
            let light_saw = threads.spawn(|| {
                let see = |round| {
                    together.wait();
                    light_wrote.store(round, Ordering::Relaxed);
                    light();
                    heavy_wrote.load(Ordering::Relaxed) == round
                };
                (1..=ROUNDS).map(see).collect::<Vec<_>>()
            });
            let see = |round| {
                together.wait();
                heavy_wrote.store(round, Ordering::Relaxed);
                heavy();
                light_wrote.load(Ordering::Relaxed) == round
            };
            let heavy_saw: Vec<_> = (1..=ROUNDS).map(see).collect();
            let light_saw = light_saw.join().expect("no panic");
            for round in 0..ROUNDS {
                assert!(light_saw[round] || heavy_saw[round], "round {round}");
            }
        });
    }
}
