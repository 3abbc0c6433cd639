//! Stores.

use std::fmt;

use crate::host;

/// A store, in which a processor keeps bytes by key. The operator grants it (`--state`). What a task writes is kept
/// when the task is done, and dropped when it failed. Using a store where there is no task fails by a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store(i32);

/// The reason why a store did not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// There is no store of that name.
    NoSuchStore,
    /// The store is a table, which is only read.
    ReadOnly,
    /// A key has more than 65,536 bytes, or a key and its value more than 1,000,000.
    TooLarge,
    /// The task has used its stores as much as it may. The log says which limit it was.
    Limit,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StateError::NoSuchStore => "there is no such store (--state)",
            StateError::ReadOnly => "the store is a table, which is only read",
            StateError::TooLarge => "the key or the value is too large for a store",
            StateError::Limit => "the task has used its stores as much as it may",
        })
    }
}

impl std::error::Error for StateError {}

fn refused(refusal: i32) -> StateError {
    match refusal {
        1 => StateError::ReadOnly,
        2 => StateError::TooLarge,
        _ => StateError::Limit,
    }
}

fn done(answer: i32) -> Result<(), StateError> {
    if answer == 0 { Ok(()) } else { Err(refused(answer)) }
}

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

impl Store {
    /// Opens the store of that name. It can be kept from task to task.
    pub fn open(name: &str) -> Result<Store, StateError> {
        match host::state_open(name) {
            -1 => Err(StateError::NoSuchStore),
            number => Ok(Store(number)),
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, StateError> {
        match host::state_get(self.0, key.as_ref()) {
            Ok(value) => Ok(Some(value)),
            Err(-1) => Ok(None),
            Err(refusal) => Err(refused(-refusal)),
        }
    }

    /// Sets the value of a key.
    pub fn set(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), StateError> {
        done(host::state_set(self.0, key.as_ref(), value.as_ref()))
    }

    /// Removes a key; one that is not there is no error.
    pub fn delete(&self, key: impl AsRef<[u8]>) -> Result<(), StateError> {
        done(host::state_delete(self.0, key.as_ref()))
    }

    /// Returns the first entries whose keys are at least `from` and below `to`, in the order of their bytes. None is
    /// the end of the store.
    pub fn scan(&self, from: impl AsRef<[u8]>, to: Option<&[u8]>, limit: u32) -> Result<Vec<Entry>, StateError> {
        host::state_scan(self.0, from.as_ref(), to, limit, unpack).map_err(|refusal| refused(-refusal))
    }

    /// Returns the first entries whose keys begin with a prefix, in the order of their bytes.
    pub fn scan_prefix(&self, prefix: impl AsRef<[u8]>, limit: u32) -> Result<Vec<Entry>, StateError> {
        let prefix = prefix.as_ref();
        self.scan(prefix, prefix_end(prefix).as_deref(), limit)
    }
}

/// Returns the first key behind all that begin with a prefix, if there is one.
fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < 255)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

/// Reads entries: for each one the sizes of key and value, then the key and the value.
fn unpack(mut packed: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((sizes, rest)) = packed.split_first_chunk::<8>() {
        let size = |at: usize| u32::from_le_bytes([sizes[at], sizes[at + 1], sizes[at + 2], sizes[at + 3]]) as usize;
        let (key, rest) = rest.split_at(size(0));
        let (value, rest) = rest.split_at(size(4));
        entries.push((key.to_vec(), value.to_vec()));
        packed = rest;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_behind_all_of_its_keys() {
        assert_eq!(Some(b"ac".to_vec()), prefix_end(b"ab"));
        assert_eq!(Some(vec![2]), prefix_end(&[1, 255, 255]));
        assert_eq!(None, prefix_end(&[255]));
        assert_eq!(None, prefix_end(&[]));
    }

    #[test]
    fn packed_entries_are_read_in_their_order() {
        let packed = [&[1_u8, 0, 0, 0, 2, 0, 0, 0][..], b"kvv", &[0; 8]].concat();
        assert_eq!(vec![(b"k".to_vec(), b"vv".to_vec()), (vec![], vec![])], unpack(&packed));
    }
}
