//! A guest's own counters. All instances of a module count together, at once and however their task ends, and Java
//! reads the sums when its metrics are read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::guest::notes::{Level, Notes};

/// Most counters of one module: each is a time series for whoever keeps metrics.
const MOST: usize = 100;

/// Most bytes of a counter's name.
const MOST_BYTES: usize = 100;

/// The counters of a module, by name.
#[derive(Default)]
pub struct Counts(Mutex<BTreeMap<String, u64>>);

impl Counts {
    /// Adds to a counter. One that is refused is noted.
    pub fn add(&self, name: &[u8], amount: u32, notes: &Notes) {
        let Some(name) = valid(name) else {
            let name = String::from_utf8_lossy(&name[..name.len().min(MOST_BYTES)]).escape_debug().to_string();
            notes.add_once(
                Level::Warn,
                format!(
                    "nothing was counted as '{name}': the name of a counter has letters, digits, '_', '-' and '.', up \
                     to {MOST_BYTES}"
                ),
            );
            return;
        };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sum) = counts.get_mut(name) {
            *sum = sum.saturating_add(amount.into());
        } else if counts.len() < MOST {
            counts.insert(name.to_owned(), amount.into());
        } else {
            drop(counts);
            let line = format!("nothing was counted as '{name}': the guest has {MOST} counters and may have no more");
            notes.add_once(Level::Warn, line);
        }
    }

    /// Returns the names and the sums, in the order of the names.
    pub fn sums(&self) -> Vec<(String, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(name, sum)| (name.clone(), *sum)).collect()
    }
}

fn valid(name: &[u8]) -> Option<&str> {
    let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let fits = (1..=MOST_BYTES).contains(&name.len()) && name.iter().all(is_valid);
    if fits { str::from_utf8(name).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_and_have_their_limits() {
        let (counts, notes) = (Counts::default(), Notes::default());
        counts.add(b"b", 2, &notes);
        counts.add(b"a.x-1_", u32::MAX, &notes);
        counts.add(b"b", 3, &notes);
        for name in ["", "a b", "\u{e9}", "a\n", "x".repeat(MOST_BYTES + 1).as_str()] {
            counts.add(name.as_bytes(), 1, &notes);
        }
        counts.add(b"\xff", 1, &notes);
        let sums = vec![("a.x-1_".to_owned(), u64::from(u32::MAX)), ("b".to_owned(), 5)];
        assert_eq!(sums, counts.sums());
        for i in 0..MOST {
            counts.add(i.to_string().as_bytes(), 1, &notes);
        }
        counts.add(b"b", 1, &notes);
        assert_eq!((MOST, Some(6)), (counts.sums().len(), counts.sums().last().map(|(_, sum)| *sum)));
    }
}
