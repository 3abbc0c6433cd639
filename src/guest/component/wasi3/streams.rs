//! Streams of files and directories of WASI 0.3. What they hold of the host counts for as long as they live.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use bytes::Bytes;
use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, Source, StreamConsumer, StreamProducer, StreamResult, VecBuffer};
use wasmtime_wasi::p2::{DynOutputStream, StreamError};
use wasmtime_wasi::p3::bindings::filesystem::types::{DirectoryEntry, ErrorCode};

use crate::binding::component::kept::Counted;
use crate::guest::component::files::PIECE;

type Written = (DynOutputStream, Result<(), StreamError>);
type Writing = Pin<Box<dyn Future<Output = Written> + Send>>;

/// Takes what the guest writes into a stream of 0.2 that writes a file, behind the quotas.
pub struct FileWriter {
    /// None while it writes, and after an error.
    stream: Option<DynOutputStream>,
    /// A piece that is being written, and its length.
    work: Option<(Writing, usize)>,
    result: Option<oneshot::Sender<Result<(), ErrorCode>>>,
    _counted: [Counted; 2],
}

impl FileWriter {
    pub fn new(stream: DynOutputStream, result: oneshot::Sender<Result<(), ErrorCode>>, counted: [Counted; 2]) -> Self {
        FileWriter { stream: Some(stream), work: None, result: Some(result), _counted: counted }
    }

    fn close(&mut self, result: Result<(), ErrorCode>) {
        if let Some(sender) = self.result.take() {
            // The guest may have dropped the other end.
            let _ = sender.send(result);
        }
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        self.close(Ok(()));
    }
}

impl<D> StreamConsumer<D> for FileWriter {
    type Item = u8;

    /// Writes a piece to its end even if the guest cancels: nobody could tell how much of it is in the file.
    fn poll_consume(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<D>,
        source: Source<'_, u8>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let this = &mut *self;
        let mut source = source.as_direct(store);
        let (mut work, length) = match this.work.take() {
            Some(work) => work,
            None => {
                let rest = source.remaining();
                let piece = Bytes::copy_from_slice(&rest[..rest.len().min(PIECE)]);
                let Some(mut stream) = this.stream.take() else {
                    return Poll::Ready(Ok(StreamResult::Dropped));
                };
                let length = piece.len();
                let work = async move {
                    let done = stream.blocking_write_and_flush(piece).await;
                    (stream, done)
                };
                (Box::pin(work) as Pin<Box<_>>, length)
            }
        };
        let Poll::Ready((stream, done)) = work.as_mut().poll(context) else {
            this.work = Some((work, length));
            return Poll::Pending;
        };
        Poll::Ready(match done {
            Ok(()) => {
                source.mark_read(length);
                this.stream = Some(stream);
                Ok(StreamResult::Completed)
            }
            Err(StreamError::Trap(e)) => Err(e),
            Err(e) => {
                this.close(Err(code(&e)));
                Ok(StreamResult::Dropped)
            }
        })
    }
}

/// Returns the code of the error of a write.
fn code(error: &StreamError) -> ErrorCode {
    let StreamError::LastOperationFailed(error) = error else { return ErrorCode::Io };
    match error.downcast_ref::<std::io::Error>() {
        Some(error) if error.kind() == std::io::ErrorKind::QuotaExceeded => ErrorCode::Quota,
        Some(error) => ErrorCode::from(error),
        None => ErrorCode::Io,
    }
}

/// The entries of a directory, which was read at once.
pub struct Entries {
    entries: vec::IntoIter<DirectoryEntry>,
    _counted: [Counted; 2],
}

impl Entries {
    pub fn new(entries: Vec<DirectoryEntry>, counted: [Counted; 2]) -> Self {
        Entries { entries: entries.into_iter(), _counted: counted }
    }
}

/// Entries that are handed over at a time where the reader does not say how many.
const ENTRIES: usize = 32;

impl<D: 'static> StreamProducer<D> for Entries {
    type Item = DirectoryEntry;
    type Buffer = VecBuffer<DirectoryEntry>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, DirectoryEntry, Self::Buffer>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let count = destination.remaining(store).unwrap_or(ENTRIES);
        if count > 0 {
            let entries: Vec<_> = self.entries.by_ref().take(count).collect();
            destination.set_buffer(entries.into());
        }
        let result = if self.entries.len() == 0 { StreamResult::Dropped } else { StreamResult::Completed };
        Poll::Ready(Ok(result))
    }
}
