//! A guest's standard streams: files, the JVM's own, bytes, or Java streams.
//!
//! A Java stream is called while the guest waits in its WASI call, on the thread that entered wasm: wasmtime-wasi's
//! synchronous functions block on that thread for what they do, and nothing here hands anything to another.

use std::fs::{File, OpenOptions};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use jni::errors::Error as JniError;
use jni::objects::{JByteArray, JObject, JString};
use jni::refs::{Global, IntoAuto, LoaderContext, Reference};
use jni::strings::JNIString;
use jni::sys::jlong;
use jni::{Env, bind_java_type, jni_str};
use tokio::io::AsyncWrite;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::{InputFile, IsTerminal, OutputFile, StdinStream, StdoutStream};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use crate::binding::host_calls::Lent;
use crate::binding::log::{Log, LogOutput, StdStream};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{host_call, signed, signed_mut};

/// Most bytes that one call of a Java stream reads or writes, and the size of the array that it gets at most.
const CHUNK: usize = 64 * 1024;

/// Most bytes that are buffered for a Java stream; a guest that writes more in one task gets an error.
const MAX_BUFFERED: usize = 16 * 1024 * 1024;

/// Prefix of a file's path, and the name of the log, in the strings that cross. Any other string stands for the JVM's
/// own stream.
const FILE: &str = "file:";
const LOG: &str = "log";

bind_java_type! {
    pub JInputStream => java.io.InputStream,
    methods { fn read { name = "read", sig = (bytes: jbyte[], offset: jint, length: jint) -> jint } },
}

bind_java_type! {
    pub JOutputStream => java.io.OutputStream,
    methods {
        fn write { name = "write", sig = (bytes: jbyte[]) -> void },
        fn flush() -> void,
    },
}

/// Looks up Java's streams. These classes are the JVM's own, so holding on to them holds on to nothing.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    JInputStreamAPI::get(env, loader)?;
    JOutputStreamAPI::get(env, loader)?;
    Ok(())
}

/// Source of a guest's input.
pub enum Input {
    Empty,
    Inherit,
    File(String),
    Bytes(Bytes),
    Java(Arc<Global<JInputStream<'static>>>),
}

/// Destination of a guest's output.
pub enum Output {
    Discard,
    Inherit,
    File(String),
    /// The [`Log`] that the guest's host brings.
    Log,
    Java(Arc<Global<JOutputStream<'static>>>),
}

impl Input {
    /// Reads null, a string, a byte array or a stream.
    pub fn read(env: &mut Env<'_>, input: JObject<'_>) -> Result<Self> {
        if input.is_null() {
            return Ok(Input::Empty);
        }
        if let Some(name) = string(env, &input)? {
            return Ok(name.strip_prefix(FILE).map_or(Input::Inherit, |path| Input::File(path.to_owned())));
        }
        if let Ok(bytes) = env.as_cast::<JByteArray>(&input) {
            return Ok(Input::Bytes(env.convert_byte_array(&bytes)?.into()));
        }
        let stream = env.cast_local::<JInputStream>(input)?;
        Ok(Input::Java(Arc::new(env.new_global_ref(&stream)?)))
    }

    pub fn open(&self, builder: &mut WasiCtxBuilder, store: jlong) -> Result<()> {
        match self {
            Input::Empty => builder.stdin(std::io::empty()),
            Input::Inherit => builder.stdin(std::io::stdin()),
            Input::File(path) => {
                let file = File::open(path).map_err(|e| cannot_open(path, "stdin", e))?;
                builder.stdin(InputFile::new(file))
            }
            Input::Bytes(bytes) => builder.stdin(MemoryInputPipe::new(bytes.clone())),
            Input::Java(stream) => builder.stdin(JavaInput { stream: stream.clone(), store }),
        };
        Ok(())
    }
}

impl Output {
    /// Reads null, a string or a stream.
    pub fn read(env: &mut Env<'_>, output: JObject<'_>) -> Result<Self> {
        if output.is_null() {
            return Ok(Output::Discard);
        }
        if let Some(name) = string(env, &output)? {
            return Ok(match name.strip_prefix(FILE) {
                Some(path) => Output::File(path.to_owned()),
                None if name == LOG => Output::Log,
                None => Output::Inherit,
            });
        }
        let stream = env.cast_local::<JOutputStream>(output)?;
        Ok(Output::Java(Arc::new(env.new_global_ref(&stream)?)))
    }

    pub fn open(&self, stream: StdStream, store: jlong, log: &Log) -> Result<Box<dyn StdoutStream + Sync>> {
        let what = if stream == StdStream::Err { "stderr" } else { "stdout" };
        Ok(match self {
            Output::Discard => Box::new(std::io::empty()),
            Output::Log => Box::new(LogOutput::new(stream, log.clone())),
            Output::Inherit if stream == StdStream::Err => Box::new(std::io::stderr()),
            Output::Inherit => Box::new(std::io::stdout()),
            Output::File(path) => {
                let file = OpenOptions::new().create(true).append(true).open(path);
                Box::new(OutputFile::new(file.map_err(|e| cannot_open(path, what, e))?))
            }
            Output::Java(stream) => Box::new(JavaOutput { stream: stream.clone(), store }),
        })
    }

    /// Opens the output for a guest that may be on a fiber, from which Java cannot be called: output for a Java stream
    /// is buffered, and delivered after the call.
    pub fn open_on_fiber(
        &self,
        stream: StdStream,
        buffered: &mut Vec<BufferedOutput>,
        log: &Log,
    ) -> Result<Box<dyn StdoutStream + Sync>> {
        let Output::Java(java) = self else { return self.open(stream, 0, log) };
        let buffer = OutputBuffer::default();
        buffered.push(BufferedOutput { stream: java.clone(), buffer: buffer.clone() });
        Ok(Box::new(buffer))
    }
}

/// Output of a guest for a Java stream that does not have it yet.
#[derive(Clone)]
pub struct BufferedOutput {
    stream: Arc<Global<JOutputStream<'static>>>,
    buffer: OutputBuffer,
}

impl BufferedOutput {
    pub fn is_waiting(&self) -> bool {
        !self.buffer.lock().is_empty()
    }

    /// Writes the output to the stream, in pieces, and flushes that. An exception loses the rest.
    pub fn deliver(&self, env: &mut Env<'_>) -> Result<()> {
        let written = std::mem::take(&mut *self.buffer.lock());
        if written.is_empty() {
            return Ok(());
        }
        for piece in written.chunks(CHUNK) {
            let array = env.new_byte_array(piece.len())?.auto();
            array.set_region(env, 0, signed(piece))?;
            self.stream.write(env, &array)?;
        }
        Ok(self.stream.flush(env)?)
    }
}

#[derive(Clone, Default)]
struct OutputBuffer(Arc<Mutex<Vec<u8>>>);

impl OutputBuffer {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for OutputBuffer {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for OutputBuffer {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for OutputBuffer {
    async fn ready(&mut self) {}
}

impl OutputStream for OutputBuffer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut written = self.lock();
        if written.len() + bytes.len() > MAX_BUFFERED {
            let message = format!("more than {} MiB of output in one task", MAX_BUFFERED >> 20);
            return Err(StreamError::LastOperationFailed(wasmtime::Error::msg(message)));
        }
        written.extend_from_slice(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

/// Output of WASI 0.3.
impl AsyncWrite for OutputBuffer {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let piece = &bytes[..bytes.len().min(CHUNK)];
        let written = OutputStream::write(&mut *self, Bytes::copy_from_slice(piece));
        Poll::Ready(written.map(|()| piece.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn string(env: &mut Env<'_>, object: &JObject<'_>) -> Result<Option<String>> {
    match env.as_cast::<JString>(object) {
        Ok(string) => Ok(Some(string.try_to_string(env)?)),
        Err(JniError::WrongObjectType) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn cannot_open(path: &str, what: &str, e: std::io::Error) -> Error {
    Error::from(wasmtime::Error::new(e).context(format!("cannot open the file '{path}' as the guest's {what}")))
}

/// Calls Java from inside a WASI call of a guest in that Store. Java may not use the Store then: the call has it. An
/// exception ends the guest's call, and comes out where wasm was entered.
fn call_java<T>(store: jlong, body: impl FnOnce(&mut Env<'_>) -> jni::errors::Result<T>) -> StreamResult<T> {
    let _lent = Lent::nothing(store);
    // WASI calls run inside of tokio's `block_on`. What Java does now may enter another guest, whose WASI calls want a
    // `block_on` of their own: so this steps out of the one we are in, and stays on the thread.
    tokio::task::block_in_place(|| host_call(|env| Ok(body(env)?))).map_err(|e| StreamError::Trap(e.into_wasmtime()))
}

#[derive(Clone)]
struct JavaInput {
    stream: Arc<Global<JInputStream<'static>>>,
    store: jlong,
}

impl IsTerminal for JavaInput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for JavaInput {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncRead + Send + Sync> {
        unreachable!("WASI 0.1 and 0.2 read by p2_stream, and 0.3 reads no Java stream")
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

/// Always ready: whether a read will wait, a Java stream does not say.
#[wasmtime_wasi::async_trait]
impl Pollable for JavaInput {
    async fn ready(&mut self) {}
}

impl InputStream for JavaInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let size = size.min(CHUNK);
        if size == 0 {
            return Ok(Bytes::new());
        }
        let read = call_java(self.store, |env| {
            let array = env.new_byte_array(size)?;
            let read = self.stream.read(env, &array, 0, size as i32)?;
            let Ok(read) = usize::try_from(read) else { return Ok(None) };
            if read > size {
                let message = JNIString::new(format!("the stream says that it read {read} bytes of at most {size}"));
                let thrown = env.throw_new(jni_str!("java/io/IOException"), message);
                return Err(thrown.err().unwrap_or(JniError::JavaException));
            }
            let mut bytes = vec![0; read];
            array.get_region(env, 0, signed_mut(&mut bytes))?;
            Ok(Some(bytes))
        })?;
        read.map(Bytes::from).ok_or(StreamError::Closed)
    }
}

#[derive(Clone)]
struct JavaOutput {
    stream: Arc<Global<JOutputStream<'static>>>,
    store: jlong,
}

impl IsTerminal for JavaOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for JavaOutput {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        unreachable!("WASI 0.1 and 0.2 write by p2_stream, and for 0.3 output is buffered")
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

/// Always ready: as for input.
#[wasmtime_wasi::async_trait]
impl Pollable for JavaOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for JavaOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        call_java(self.store, |env| {
            let array = env.new_byte_array(bytes.len())?.auto();
            array.set_region(env, 0, signed(&bytes))?;
            self.stream.write(env, &array)
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        call_java(self.store, |env| self.stream.flush(env))
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}
