//! `decaton:processor/state`: stores for components.
//!
//! Java has the stores, and must not be called from a fiber. So a host function leaves a [`Request`] and leaves the
//! fiber; [`block_on_serving`] finds the request, asks Java on the thread that brought the task, and polls the guest
//! again, which finds the answer. Both sides run on that one thread, so nothing has to be woken.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use wasmtime::component::Resource;

use super::instance::State;
use super::runtime;
use super::world::decaton::processor::state::{self, Bucket, Error as Refused};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::LocalBytes;
use crate::guest::notes::Notes;
use crate::guest::settings::Settings;
use crate::guest::state::{Limits, Refusal, StateCalls, Store, Usage};

type Key = Vec<u8>;
type Value = Vec<u8>;

/// What a guest wants of a store.
pub enum Operation {
    Get(Key),
    Set(Key, Value),
    Delete(Key),
    Scan(Key, Option<Key>, u32),
}

struct Request {
    store: Store,
    operation: Operation,
}

/// The bytes that came of an operation: a value, or packed entries; none where there are none.
type Answer = Result<std::result::Result<Option<Vec<u8>>, Refusal>>;

/// The request of a guest, and its answer. Clones share them.
#[derive(Clone, Default)]
pub struct Requests(Arc<Mutex<Exchange>>);

#[derive(Default)]
struct Exchange {
    /// True while somebody serves requests.
    served: bool,
    request: Option<Request>,
    answer: Option<Answer>,
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to serve requests, until the result is dropped. Forgets what another task left.
    fn serve(&self) -> Served<'_> {
        *self.lock() = Exchange { served: true, request: None, answer: None };
        Served(self)
    }

    /// Leaves a request and waits for its answer.
    async fn ask(&self, request: Request) -> Answer {
        {
            let mut exchange = self.lock();
            if !exchange.served {
                return Err(Error::state(StateCalls::MISSING));
            }
            exchange.request = Some(request);
        }
        std::future::poll_fn(|_| self.lock().answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

/// Requests that somebody serves.
struct Served<'a>(&'a Requests);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        *self.0.lock() = Exchange::default();
    }
}

/// Runs work of a guest on this thread and the runtime, until it is done, and serves its requests for stores.
pub fn block_on_serving<T>(
    work: impl Future<Output = T>,
    requests: &Requests,
    calls: StateCalls,
    settings: &Settings,
    notes: &Notes,
) -> Result<T> {
    let mut usage = Usage::NONE;
    let mut work = pin!(work);
    let _served = requests.serve();
    let served = std::future::poll_fn(|context| {
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            // The guest's fiber was left.
            let Some(Request { store, operation }) = requests.lock().request.take() else { return Poll::Pending };
            let limits = Limits { grants: &settings.state, usage: &mut usage, notes };
            // A store may run another guest, so the runtime is left, too.
            let answer = tokio::task::block_in_place(|| serve(calls, limits, store, &operation));
            requests.lock().answer = Some(answer);
        }
    });
    // Requests in a row are one poll to tokio. Its budget for a poll would keep the deadline's timer from firing.
    runtime::block_on(tokio::task::unconstrained(served))
}

fn serve(calls: StateCalls, limits: Limits<'_>, store: Store, operation: &Operation) -> Answer {
    let bytes = |array: Option<LocalBytes>| array.map(|array| array.to_vec());
    Ok(match operation {
        Operation::Get(key) => calls.get(limits, store, key)?.map(bytes),
        Operation::Set(key, value) => calls.set(limits, store, key, value)?.map(|()| None),
        Operation::Delete(key) => calls.delete(limits, store, key)?.map(|()| None),
        Operation::Scan(from, to, limit) => calls.scan(limits, store, from, to.as_deref(), *limit)?.map(bytes),
    })
}

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
    async fn ask(&mut self, bucket: u32, operation: Operation) -> Refusable<Option<Vec<u8>>> {
        let Some(store) = self.module.settings().state.store(bucket) else {
            wasmtime::bail!("there is no such bucket");
        };
        if !self.outputs.is_open() {
            wasmtime::bail!("a bucket was used while there was no task");
        }
        let answer = self.requests.ask(Request { store, operation }).await;
        Ok(answer.map_err(Error::into_wasmtime)?.map_err(Refused::from))
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
    async fn get(&mut self, bucket: Resource<Bucket>, key: Key) -> Refusable<Option<Value>> {
        self.ask(bucket.rep(), Operation::Get(key)).await
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: Key, value: Value) -> Refusable<()> {
        Ok(self.ask(bucket.rep(), Operation::Set(key, value)).await?.map(drop))
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: Key) -> Refusable<()> {
        Ok(self.ask(bucket.rep(), Operation::Delete(key)).await?.map(drop))
    }

    async fn scan(
        &mut self,
        bucket: Resource<Bucket>,
        from: Key,
        to: Option<Key>,
        limit: u32,
    ) -> Refusable<Vec<(Key, Value)>> {
        let packed = self.ask(bucket.rep(), Operation::Scan(from, to, limit)).await?;
        Ok(packed.map(|packed| unpack(&packed.unwrap_or_default())))
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
