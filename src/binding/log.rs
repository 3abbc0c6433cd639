//! Output for the log of a guest's host. This room knows no log; whoever has one brings a [`LogSink`].

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Most bytes that one write takes.
const MAX_WRITE: usize = 64 * 1024;

/// The two standard streams that a guest writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StdStream {
    Out,
    Err,
}

/// A sink for output that goes to the log of a guest's host.
pub trait LogSink: Send + Sync {
    /// Takes bytes, which may begin and end anywhere in a line. Never blocks and never calls Java: a fiber may be
    /// calling.
    fn write(&self, stream: StdStream, bytes: &[u8]);
}

/// A sink for what a guest was refused.
pub trait RefusalSink: Send + Sync {
    /// Takes a sentence for people, which may come again and again. Never blocks and never calls Java, as above.
    fn refused(&self, text: String);
}

/// A sink that all streams of one guest share.
pub type Log = Arc<dyn LogSink>;

/// The sink of Stores, which have no log: drops everything.
pub struct NoLog;

impl LogSink for NoLog {
    fn write(&self, _: StdStream, _: &[u8]) {}
}

/// Refusals to a Store's components, each sentence once, until Java asks. Clones share them.
#[derive(Clone, Default)]
pub struct Refusals(Arc<Mutex<Vec<String>>>);

/// The most sentences that are kept.
const MOST_REFUSALS: usize = 100;

impl Refusals {
    pub fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl RefusalSink for Refusals {
    fn refused(&self, text: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_REFUSALS && !all.contains(&text) {
            all.push(text);
        }
    }
}

/// A standard stream that is written to the log.
#[derive(Clone)]
pub struct LogOutput {
    stream: StdStream,
    log: Log,
}

impl LogOutput {
    pub fn new(stream: StdStream, log: Log) -> Self {
        LogOutput { stream, log }
    }
}

impl IsTerminal for LogOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogOutput {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LogOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for LogOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.log.write(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(MAX_WRITE)
    }
}

/// Output of WASI 0.3.
impl AsyncWrite for LogOutput {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let piece = &bytes[..bytes.len().min(MAX_WRITE)];
        self.log.write(self.stream, piece);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
