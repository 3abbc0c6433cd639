//! `decaton:processor/state`: stores for components, which Java has. Only a guest on the thread that brought its task
//! gets any: Java must not be called from a fiber.

use wasmtime::component::Resource;

use super::instance::State;
use super::world::decaton::processor::state::{self, Bucket, Error as Refused};
use crate::bridge::error::{Error, Result};
use crate::guest::state::{Found, Limits, Refusal, StateCalls, Store};

type Key = Vec<u8>;
type Value = Vec<u8>;

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ReadOnly => Refused::AccessDenied,
            Refusal::TooLarge(why) | Refusal::Limit(why) => Refused::Limit(why),
        }
    }
}

/// A function's result, or the reason for its refusal; the outer error ends the task.
type Refusable<T> = wasmtime::Result<std::result::Result<T, Refused>>;

impl State {
    /// Does an operation of the task.
    fn operate<T>(
        &mut self,
        bucket: &Resource<Bucket>,
        operation: impl FnOnce(StateCalls, Limits<'_>, Store) -> Result<std::result::Result<T, Refusal>>,
    ) -> Refusable<T> {
        let settings = self.module.settings();
        let Some(store) = settings.state.store(bucket.rep()) else {
            wasmtime::bail!("there is no such bucket");
        };
        if !self.outputs.is_open() {
            wasmtime::bail!("a bucket was used while there was no task");
        }
        let (calls, limits) = self.stores.operation(&settings.state, &self.notes);
        Ok(operation(calls, limits, store).map_err(Error::into_wasmtime)?.map_err(Refused::from))
    }
}

impl state::Host for State {
    /// A bucket is represented by the number of its store, so it takes no place in the table of resources.
    fn open(&mut self, name: String) -> std::result::Result<Resource<Bucket>, Refused> {
        match self.module.settings().state.open(name.as_bytes(), &self.notes) {
            Some(store) => Ok(Resource::new_own(store.number())),
            None => Err(Refused::NoSuchStore),
        }
    }
}

impl state::HostBucket for State {
    fn get(&mut self, bucket: Resource<Bucket>, key: Key) -> Refusable<Option<Value>> {
        let found = self.operate(&bucket, |calls, limits, store| calls.get(limits, store, &key))?;
        Ok(found.map(|value| value.as_ref().map(Found::to_vec)))
    }

    fn set(&mut self, bucket: Resource<Bucket>, key: Key, value: Value) -> Refusable<()> {
        self.operate(&bucket, |calls, limits, store| calls.set(limits, store, &key, &value))
    }

    fn delete(&mut self, bucket: Resource<Bucket>, key: Key) -> Refusable<()> {
        self.operate(&bucket, |calls, limits, store| calls.delete(limits, store, &key))
    }

    fn scan(
        &mut self,
        bucket: Resource<Bucket>,
        from: Key,
        to: Option<Key>,
        limit: u32,
    ) -> Refusable<Vec<(Key, Value)>> {
        let found =
            self.operate(&bucket, |calls, limits, store| calls.scan(limits, store, &from, to.as_deref(), limit))?;
        Ok(found.map(|packed| packed.map_or_else(Vec::new, |packed| unpack(&packed.to_vec()))))
    }

    fn drop(&mut self, _: Resource<Bucket>) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// Reads packed entries: for each one the lengths of key and value, then the key and the value.
fn unpack(mut packed: &[u8]) -> Vec<(Key, Value)> {
    fn bytes<'a>(packed: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = packed.split_at_checked(length)?;
        *packed = rest;
        Some(bytes)
    }
    fn length(packed: &mut &[u8]) -> Option<usize> {
        usize::try_from(i32::from_le_bytes(bytes(packed, 4)?.try_into().ok()?)).ok()
    }
    let mut entry = || {
        let (key, value) = (length(&mut packed)?, length(&mut packed)?);
        Some((bytes(&mut packed, key)?.to_vec(), bytes(&mut packed, value)?.to_vec()))
    };
    std::iter::from_fn(&mut entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_entries_are_read_in_their_order() {
        let packed = [&[1_u8, 0, 0, 0, 2, 0, 0, 0][..], b"kvv", &[0, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(vec![(b"k".to_vec(), b"vv".to_vec()), (vec![], vec![])], unpack(&packed));
        assert_eq!(Vec::<(Key, Value)>::new(), unpack(&[]));
    }
}
