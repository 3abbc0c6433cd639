//! Sending HTTP requests behind the same policy as sockets, for `wasi:http` and for protocol 1. A name is looked up
//! once and the connection goes to a granted address of that look-up, so no second look-up can give another answer.
//! Redirects are not followed: the guest sees them, and what it then requests is checked as well. One connection
//! serves one request, and is closed with the response or with the instance.

mod connect;
mod trust;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName};
use hyper::{Method, Request, Response, Uri};
use tokio::time::{Sleep, sleep, timeout};
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, Result, WasiBody};

pub use connect::Door;
use connect::Target;
pub use trust::Trust;

/// The most bytes of the headers of one request.
pub const MAX_FIELD_BYTES: usize = 16 * 1024;

/// The bytes of a connection's buffer, which also bounds the head of a response.
pub const CONNECTION_BUFFER: usize = 64 * 1024;

/// Headers that are about the connection, which is the host's, besides those that wasmtime forbids.
const FORBIDDEN: [HeaderName; 3] = [header::TE, header::TRAILER, header::EXPECT];

/// Returns whether a guest must not set a header.
pub fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name) || FORBIDDEN.contains(name)
}

/// The limits of one request.
pub struct Timeouts {
    /// Looking the name up and the TLS handshake included.
    pub connect: Duration,
    pub first_byte: Duration,
    pub between_bytes: Duration,
}

/// A connection. It is closed when this is dropped.
pub type Ending = Box<dyn Future<Output = Result<()>> + Send>;

/// Sends a request, and returns the response as soon as its head is there. `kept` is dropped with the connection.
pub async fn send(
    door: Arc<Door>,
    kept: impl Send + 'static,
    mut request: Request<WasiBody>,
    timeouts: Timeouts,
) -> Result<(Response<WasiBody>, Ending)> {
    // It would make a tunnel of the connection, which is for requests.
    if request.method() == Method::CONNECT {
        return Err(Error::HttpRequestMethodInvalid);
    }
    let target = Target::of(request.uri())?;
    let stream = door.connect(&target, timeouts.connect).await?;
    let (mut sender, work) =
        http1::Builder::new().max_buf_size(CONNECTION_BUFFER).handshake(TokioIo::new(stream)).await?;
    // Ends when it is dropped, which is with the response or with the instance.
    let work = spawn(async move {
        let _kept = kept;
        work.await
    });
    // The request's first line has neither scheme nor host, as for any server that is not a proxy.
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| Error::HttpRequestUriInvalid)?;
    let response = timeout(timeouts.first_byte, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)??;
    let response = response.map(|body| Timed { body, limit: timeouts.between_bytes, waiting: None }.boxed_unsync());
    Ok((response, Box::new(async move { Ok(work.await?) })))
}

/// The reason why an exchange broke off.
pub enum Broken {
    /// The response ended too early.
    Incomplete,
    /// The connection ended.
    Terminated,
    /// The server sent something that is no HTTP.
    Malformed,
}

impl Broken {
    pub fn by(error: &hyper::Error) -> Self {
        let io = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
        if error.is_incomplete_message() || io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            Broken::Incomplete
        } else if error.is_closed() || error.is_canceled() || io.is_some() {
            Broken::Terminated
        } else {
            Broken::Malformed
        }
    }
}

/// A response's body that fails if the next piece of it takes too long.
struct Timed {
    body: Incoming,
    limit: Duration,
    /// While the next piece is awaited.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::from)));
        }
        let limit = this.limit;
        ready!(this.waiting.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
