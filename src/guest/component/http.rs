//! Outgoing HTTP (`wasi:http`) behind the same policy as sockets. wasmtime brings the interface; how a request is sent
//! is seen to here, as its own way asks nobody. A name is looked up once and the connection goes to an address of that
//! look-up which was granted, so that there is no second look-up to lie. Redirects are not followed: the guest sees
//! them, and what it then requests is checked as well. One connection serves one request, and is closed with the
//! response or with the instance.

mod connect;
mod trust;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName};
use hyper::{Method, Request, Response, Uri};
use tokio::time::{Sleep, sleep, timeout};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, OutgoingRequest};
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttp, WasiHttpCtx,
    WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::held;
use super::instance::State;
use super::network::open_sockets;
use crate::guest::net::{MAX_SOCKETS, Policy, connect_limit};
use connect::{Door, Target};
pub use trust::Trust;

pub const TYPES: &str = "wasi:http/types@0.2.12";
const OUTGOING_HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

/// The most bytes of the headers of one request. The host holds them, for each handle of the guest's.
const MAX_FIELD_BYTES: usize = 16 * 1024;

/// The most bytes of a request's body that wait to be sent, and of a response that wait to be read.
pub const BODY_CHUNK: usize = 64 * 1024;
pub const CONNECTION_BUFFER: usize = 64 * 1024;

/// Headers that are about the connection, which is the host's, besides those that wasmtime forbids.
const FORBIDDEN: [HeaderName; 3] = [header::TE, header::TRAILER, header::EXPECT];

/// The HTTP side of one instance.
pub struct Http {
    context: WasiHttpCtx,
    hooks: Hooks,
}

impl Http {
    pub fn new(policy: Arc<Policy>, trust: Arc<Trust>, deadline: Duration) -> Self {
        let hooks = Hooks { door: Arc::new(Door { policy, trust }), deadline, connections: Connections::default() };
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(MAX_FIELD_BYTES);
        Http { context, hooks }
    }

    /// Returns the number of connections that are open for requests.
    pub fn connections(&self) -> usize {
        self.hooks.connections.0.load(Ordering::Relaxed)
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Http { context, hooks } = &mut self.http;
        WasiHttpCtxView { hooks, table: &mut self.table, ctx: context }
    }
}

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    types::add_to_linker::<State, WasiHttp>(linker, &LinkOptions::default().into(), State::http)?;
    linker.allow_shadowing(true);
    linker.instance(TYPES)?.func_wrap("http-error-code", error_code)?;
    held::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    linker.instance(OUTGOING_HANDLER)?.func_wrap("handle", handle)
}

/// Returns the code of an error of a body. wasmtime's own function does not know the errors of these bodies.
fn error_code(
    mut store: StoreContextMut<'_, State>,
    (error,): (Resource<wasmtime::Error>,),
) -> wasmtime::Result<(Option<ErrorCode>,)> {
    let State { table, http, .. } = store.data_mut();
    let error = table.get(&error)?;
    let code = match error.downcast_ref() {
        Some(Error::ConnectionReadTimeout) => Some(ErrorCode::ConnectionReadTimeout),
        Some(Error::Hyper(error)) => Some(http.hooks.p2_error_from_hyper(error)),
        Some(error) => Some(ErrorCode::InternalError(Some(error.to_string()))),
        None => error.downcast_ref().cloned(),
    };
    Ok((code,))
}

type Handled = std::result::Result<Resource<HostFutureIncomingResponse>, ErrorCode>;

/// wasmtime's function, behind the limit of sockets.
fn handle(
    mut store: StoreContextMut<'_, State>,
    (request, options): (Resource<OutgoingRequest>, Option<Resource<RequestOptions>>),
) -> wasmtime::Result<(Handled,)> {
    let state = store.data_mut();
    let open = state.http.connections() + open_sockets(&mut state.table);
    let owned = options.as_ref().map(Resource::rep);
    state.hold(held::REQUEST)?;
    let handled = if open < MAX_SOCKETS && state.policy.may_take_descriptor() {
        let mut view = state.http();
        let handled = outgoing_handler::Host::handle(&mut view, request, options);
        handled.map_or_else(|e| types::Host::convert_error_code(&mut view, e).map(Err), |response| Ok(Ok(response)))?
    } else {
        if open >= MAX_SOCKETS {
            state.policy.too_many_sockets();
        }
        state.table.delete(request)?;
        Err(ErrorCode::ConnectionLimitReached)
    };
    // The guest gave them away, and wasmtime would keep them for as long as the instance lives.
    if let Some(options) = owned {
        state.table.delete(Resource::<RequestOptions>::new_own(options))?;
    }
    Ok((handled,))
}

/// The number of connections that a guest's requests hold.
#[derive(Clone, Default)]
struct Connections(Arc<AtomicUsize>);

impl Connections {
    fn one_more(&self) -> Connection {
        self.0.fetch_add(1, Ordering::Relaxed);
        Connection(self.0.clone())
    }
}

/// Counts as open until it is dropped.
struct Connection(Arc<AtomicUsize>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Hooks {
    door: Arc<Door>,
    deadline: Duration,
    connections: Connections,
}

type Ending = Box<dyn Future<Output = Result<()>> + Send>;

impl WasiHttpHooks for Hooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| DEFAULT_FORBIDDEN_HEADERS.contains(name) || FORBIDDEN.contains(name))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Ending,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Ending)>> + Send> {
        let options = options.unwrap_or_default();
        let or_deadline = |limit: Option<Duration>| limit.unwrap_or(self.deadline).min(self.deadline);
        let timeouts = Timeouts {
            // Looking the name up and the TLS handshake included.
            connect: options.connect_timeout.unwrap_or(connect_limit(self.deadline)).min(self.deadline),
            first_byte: or_deadline(options.first_byte_timeout),
            between_bytes: or_deadline(options.between_bytes_timeout),
        };
        Box::new(send(self.door.clone(), self.connections.one_more(), request, timeouts))
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        let io = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
        if error.is_incomplete_message() || io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            ErrorCode::HttpResponseIncomplete
        } else if error.is_closed() || error.is_canceled() || io.is_some() {
            ErrorCode::ConnectionTerminated
        } else {
            ErrorCode::HttpProtocolError
        }
    }
}

struct Timeouts {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

async fn send(
    door: Arc<Door>,
    connection: Connection,
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
        let _connection = connection;
        work.await
    });
    // What stands in the request's first line: without scheme and host, as for any server that is no proxy.
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| Error::HttpRequestUriInvalid)?;
    let response = timeout(timeouts.first_byte, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)??;
    let response = response.map(|body| Timed { body, limit: timeouts.between_bytes, waiting: None }.boxed_unsync());
    Ok((response, Box::new(async move { Ok(work.await?) })))
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
