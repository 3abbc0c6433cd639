//! A reserve of file descriptors. All of them together are the process's: Kafka's clients, the metrics port and the JVM
//! fail where guests have the last ones.
//!
//! The system gives the lowest free number. So as long as guests take no number from [`first_kept`] on, those are for
//! everybody else, whatever the guests do below.

use crate::binding::log::RefusalSink;

/// The most descriptors that are kept from guests; a quarter of all where that is less.
const MOST_KEPT: u64 = 1024;

/// Returns the first number that is kept, of that many numbers.
const fn first_kept(all: u64) -> u64 {
    let quarter = all / 4;
    all - if quarter < MOST_KEPT { quarter } else { MOST_KEPT }
}

/// Returns whether a guest may take one more descriptor, and tells the sink otherwise.
pub fn may_take(sink: &dyn RefusalSink) -> bool {
    match check(1) {
        Ok(()) => true,
        Err(text) => {
            sink.refused(text);
            false
        }
    }
}

/// Fails with a sentence where there is no descriptor for the directories of one more instance. Those may take half of
/// what is kept, so that a guest that has all others does not keep its neighbours from starting.
pub fn check_start() -> Result<(), String> {
    check(2)
}

/// Fails with a sentence where the next descriptor is one of those that are kept, divided by that.
fn check(divisor: u64) -> Result<(), String> {
    let Some(all) = system::limit() else { return Ok(()) };
    let kept = (all - first_kept(all)) / divisor;
    if system::next().is_some_and(|next| next < all - kept) {
        return Ok(());
    }
    Err(format!(
        "no file or connection was opened for the guest: the process may have {all} file descriptors (ulimit -n), and \
         the last {kept} are not for this"
    ))
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::os::fd::AsRawFd;

    use once_cell::sync::OnceCell;
    use rustix::process::{Resource, getrlimit};

    /// Returns the descriptors that the process may have; None for any number.
    pub fn limit() -> Option<u64> {
        // The JVM raises it when it starts, and others may later.
        getrlimit(Resource::Nofile).current
    }

    /// Returns the number of the next descriptor; None where there is none.
    pub fn next() -> Option<u64> {
        static SAMPLE: OnceCell<File> = OnceCell::new();
        let next = SAMPLE.get_or_try_init(|| File::open("/dev/null")).and_then(File::try_clone).ok()?;
        u64::try_from(next.as_raw_fd()).ok()
    }
}

#[cfg(not(unix))]
mod system {
    pub fn limit() -> Option<u64> {
        None
    }

    pub fn next() -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_kept_but_no_more_than_needed() {
        assert_eq!([300, 768, 3072, 1_047_552], [400, 1024, 4096, 1_048_576].map(first_kept));
        assert_eq!(Ok(()), check_start());
    }
}
