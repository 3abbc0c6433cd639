//! Streams of bytes between Java and components. A stream has one read or write of Java's at a time, so what waits on
//! either side is no more than what they were given.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use jni::sys::jlong;
use wasmtime::component::{Destination, Source, StreamAny, StreamConsumer, StreamProducer, StreamReader, StreamResult};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::binding::component::driver::Driven;
use crate::binding::component::packed::wrong;
use crate::binding::component::values::Result;
use crate::binding::store::Data;
use crate::bridge::error::Error;
use crate::bridge::handle::Shared;

static STREAMS: Shared<Arc<Stream>> = Shared::new("ComponentStream");

/// A stream, of which the component has one end and Java the other.
#[derive(Default)]
pub struct Stream(Mutex<State>);

#[derive(Default)]
struct State {
    /// A read of Java's: its number, and the most bytes that it takes.
    read: Option<(jlong, usize, Arc<Driven>)>,
    /// A write of Java's: its number, and the bytes that the component has not taken.
    write: Option<(jlong, Bytes, Arc<Driven>)>,
    /// True once Java's end is closed.
    is_closed: bool,
    /// True once the component's end is closed.
    is_dropped: bool,
    /// True once a component has its end.
    is_given: bool,
    waker: Option<Waker>,
}

impl Stream {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(mut state: MutexGuard<'_, State>) {
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Begins a read, which ends with bytes, or without any at the end of the stream.
    pub fn read(&self, number: jlong, most: usize, driven: &Arc<Driven>) {
        let mut state = self.lock();
        if state.is_dropped || state.is_closed {
            return driven.end(number, Ok(Vec::new()));
        }
        if state.read.is_some() {
            return driven.end(number, Err(Error::state("another read of the stream has not ended")));
        }
        state.read = Some((number, most, driven.clone()));
        Self::wake(state);
    }

    /// Begins a write, which ends when the component has all bytes. Its result is empty if the component takes no more.
    pub fn write(&self, number: jlong, bytes: Bytes, driven: &Arc<Driven>) {
        let mut state = self.lock();
        if state.is_dropped || state.is_closed {
            return driven.end(number, Ok(Vec::new()));
        }
        if state.write.is_some() {
            return driven.end(number, Err(Error::state("another write of the stream has not ended")));
        }
        state.write = Some((number, bytes, driven.clone()));
        Self::wake(state);
    }

    /// Ends what waits when the component's end is gone.
    fn drop_end(&self) {
        let mut state = self.lock();
        state.is_dropped = true;
        let (read, write) = (state.read.take(), state.write.take());
        drop(state);
        if let Some((number, _, driven)) = read {
            driven.end(number, Ok(Vec::new()));
        }
        if let Some((number, _, driven)) = write {
            driven.end(number, Ok(Vec::new()));
        }
    }
}

/// Makes a stream of Java's, and returns its number.
pub fn create() -> jlong {
    STREAMS.insert(Arc::default())
}

pub fn get(number: jlong) -> crate::bridge::error::Result<Arc<Stream>> {
    Ok(STREAMS.get(number)?.clone())
}

/// Closes Java's end.
pub fn close(number: jlong) {
    if let Ok(stream) = get(number) {
        let mut state = stream.lock();
        state.is_closed = true;
        let read = state.read.take();
        Stream::wake(state);
        if let Some((number, _, driven)) = read {
            driven.end(number, Ok(Vec::new()));
        }
    }
    STREAMS.close(number);
}

/// Connects Java to a component's stream, and returns its number.
pub fn open(store: &mut StoreContextMut<'_, Data>, stream: StreamAny) -> Result<jlong> {
    let reader = StreamReader::<u8>::try_from_stream_any(stream)?;
    let stream = Arc::new(Stream::default());
    stream.lock().is_given = true;
    reader.pipe(&mut *store, Consumer(stream.clone()))?;
    Ok(STREAMS.insert(stream))
}

/// Gives a component the end of a stream of Java's.
pub fn give<T: 'static>(store: impl AsContextMut<Data = T>, number: jlong) -> Result<StreamReader<u8>> {
    let stream = get(number).map_err(|e| e.into_wasmtime())?;
    if std::mem::replace(&mut stream.lock().is_given, true) {
        return Err(wrong());
    }
    StreamReader::new(store, Producer(stream))
}

struct Consumer(Arc<Stream>);

impl StreamConsumer<Data> for Consumer {
    type Item = u8;

    fn poll_consume(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'_, Data>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut state = self.0.lock();
        if state.is_closed {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        let Some((number, most, driven)) = state.read.take() else {
            if finish {
                return Poll::Ready(Ok(StreamResult::Cancelled));
            }
            state.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        let mut source = source.as_direct(store);
        let remaining = source.remaining();
        let bytes = remaining[..remaining.len().min(most)].to_vec();
        if bytes.is_empty() {
            // The component only asks if somebody reads.
            state.read = Some((number, most, driven));
        } else {
            source.mark_read(bytes.len());
            drop(state);
            driven.end(number, Ok(bytes));
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.0.drop_end();
    }
}

struct Producer(Arc<Stream>);

/// The result of a write whose bytes the component has.
const WRITTEN: &[u8] = &[1];

impl<D: 'static> StreamProducer<D> for Producer {
    type Item = u8;
    type Buffer = Bytes;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        destination: Destination<'a, u8, Bytes>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut state = self.0.lock();
        let Some((_, bytes, _)) = &mut state.write else {
            if state.is_closed {
                return Poll::Ready(Ok(StreamResult::Dropped));
            }
            if finish {
                return Poll::Ready(Ok(StreamResult::Cancelled));
            }
            state.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        let mut destination = destination.as_direct(store, bytes.len());
        let room = destination.remaining();
        let taken = bytes.split_to(room.len().min(bytes.len()));
        room[..taken.len()].copy_from_slice(&taken);
        destination.mark_written(taken.len());
        if bytes.is_empty()
            && let Some((number, _, driven)) = state.write.take()
        {
            drop(state);
            driven.end(number, Ok(WRITTEN.to_vec()));
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.0.drop_end();
    }
}
