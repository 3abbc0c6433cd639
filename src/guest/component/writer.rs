//! A stream into a file, behind the quotas. wasmtime's own takes what it is given, however much that is, and keeps it
//! until it is written.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::files::PIECE;
use crate::guest::disk::{Disk, Exceeded};
use crate::guest::notes::Notes;

pub struct Writer {
    pub inner: DynOutputStream,
    pub file: Arc<File>,
    /// The position of the next write. None is the end of the file.
    pub position: Option<u64>,
    pub disk: Disk,
    pub notes: Notes,
}

impl Writer {
    /// Takes that many bytes from the quotas.
    fn take(&mut self, bytes: usize) -> StreamResult<()> {
        if bytes > PIECE {
            return Err(StreamError::trap(&format!("wrote {bytes} bytes where check-write allows {PIECE}")));
        }
        let bytes = bytes as u64;
        if self.disk.is_limited() {
            let start = match self.position {
                Some(position) => position,
                None => self.file.metadata().map_err(failed)?.len(),
            };
            self.disk
                .write(bytes, start.saturating_add(bytes), &self.notes)
                .map_err(|exceeded| failed(error(&exceeded)))?;
        }
        if let Some(position) = &mut self.position {
            *position = position.saturating_add(bytes);
        }
        Ok(())
    }
}

/// Returns the error by which the guest knows the quota: wasmtime goes by the system's number.
#[cfg(unix)]
fn error(exceeded: &Exceeded) -> std::io::Error {
    match exceeded {
        Exceeded::FileSize => rustix::io::Errno::FBIG,
        Exceeded::Written => rustix::io::Errno::DQUOT,
    }
    .into()
}

#[cfg(not(unix))]
fn error(exceeded: &Exceeded) -> std::io::Error {
    match exceeded {
        Exceeded::FileSize => std::io::ErrorKind::FileTooLarge,
        Exceeded::Written => std::io::ErrorKind::QuotaExceeded,
    }
    .into()
}

fn failed(e: std::io::Error) -> StreamError {
    StreamError::LastOperationFailed(e.into())
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(bytes.len())?;
        self.inner.write(bytes)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(bytes.len())?;
        self.inner.blocking_write_and_flush(bytes).await
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}
