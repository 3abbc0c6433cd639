//! Outgoing HTTP (`wasi:http`). wasmtime brings the interface;
//! [`http`](crate::binding::http) sends the requests, as wasmtime's own way asks no policy.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Request, Response};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::ResourceTable;
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, OutgoingRequest};
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;
#[cfg(feature = "component-async")]
use wasmtime_wasi_http::p3::bindings::http::types as p3;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks,
};

use crate::binding::component::kept::Tally;
use crate::binding::component::network::Connected;
use crate::binding::http::{self, Broken, CONNECTION_BUFFER, Door, Ending, MAX_FIELD_BYTES, Timeouts, Trust};
use crate::binding::net::Policy;

pub const TYPES: &str = "wasi:http/types@0.2.12";
const OUTGOING_HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

/// The most bytes of a request's body that wait to be sent, and of a response that wait to be read.
const BODY_CHUNK: usize = 64 * 1024;

/// A body: a chunk that waits, and one that is being made.
pub const BODY: usize = 2 * BODY_CHUNK;

/// The memory that a request in progress takes with its trailers, in bytes.
pub const REQUEST: usize = CONNECTION_BUFFER + BODY + MAX_FIELD_BYTES;

/// The HTTP side of one Store.
pub struct Http {
    context: WasiHttpCtx,
    hooks: Hooks,
}

impl Http {
    /// See [`Network::new`](super::network::Network::new).
    pub fn new(policy: Arc<Policy>, trust: Arc<Trust>, connect: Duration, longest: Duration) -> Self {
        let door = Arc::new(Door { policy, trust });
        let hooks = Hooks { door, connect, longest, connections: Tally::default() };
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(MAX_FIELD_BYTES);
        Http { context, hooks }
    }

    /// Returns the number of connections that are open for requests.
    pub fn connections(&self) -> usize {
        self.hooks.connections.sum()
    }

    pub fn view<'a>(&'a mut self, table: &'a mut ResourceTable) -> WasiHttpCtxView<'a> {
        WasiHttpCtxView { hooks: &mut self.hooks, table, ctx: &mut self.context }
    }
}

pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    types::add_to_linker::<D, WasiHttp>(linker, &LinkOptions::default().into(), D::http)?;
    linker.allow_shadowing(true);
    linker.instance(TYPES)?.func_wrap("http-error-code", error_code)?;
    linker.allow_shadowing(false);
    linker.instance(OUTGOING_HANDLER)?.func_wrap("handle", handle)
}

/// Returns the code of an error of a body. wasmtime's own function does not know the errors of these bodies.
fn error_code<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (error,): (Resource<wasmtime::Error>,),
) -> wasmtime::Result<(Option<ErrorCode>,)> {
    let WasiHttpCtxView { table, hooks, .. } = store.data_mut().http();
    let error = table.get(&error)?;
    let code = match error.downcast_ref() {
        Some(Error::ConnectionReadTimeout) => Some(ErrorCode::ConnectionReadTimeout),
        Some(Error::Hyper(error)) => Some(hooks.p2_error_from_hyper(error)),
        Some(error) => Some(ErrorCode::InternalError(Some(error.to_string()))),
        None => error.downcast_ref().cloned(),
    };
    Ok((code,))
}

type Handled = std::result::Result<Resource<HostFutureIncomingResponse>, ErrorCode>;

/// wasmtime's function, behind the limit of sockets.
fn handle<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (request, options): (Resource<OutgoingRequest>, Option<Resource<RequestOptions>>),
) -> wasmtime::Result<(Handled,)> {
    let state = store.data_mut();
    let owned = options.as_ref().map(Resource::rep);
    state.hold(REQUEST)?;
    let handled = if state.network().may_open_socket() {
        let mut view = state.http();
        let handled = outgoing_handler::Host::handle(&mut view, request, options);
        handled.map_or_else(|e| types::Host::convert_error_code(&mut view, e).map(Err), |response| Ok(Ok(response)))?
    } else {
        state.network().table.delete(request)?;
        Err(ErrorCode::ConnectionLimitReached)
    };
    // The component gave them away, and wasmtime would keep them for as long as the Store lives.
    if let Some(options) = owned {
        state.network().table.delete(Resource::<RequestOptions>::new_own(options))?;
    }
    Ok((handled,))
}

struct Hooks {
    door: Arc<Door>,
    connect: Duration,
    longest: Duration,
    connections: Tally,
}

impl WasiHttpHooks for Hooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(http::is_forbidden)
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
        let limited = |limit: Option<Duration>| limit.unwrap_or(self.longest).min(self.longest);
        let timeouts = Timeouts {
            connect: limited(Some(options.connect_timeout.unwrap_or(self.connect))),
            first_byte: limited(options.first_byte_timeout),
            between_bytes: limited(options.between_bytes_timeout),
        };
        Box::new(http::send(self.door.clone(), self.connections.add(1), request, timeouts))
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        match Broken::by(error) {
            Broken::Incomplete => ErrorCode::HttpResponseIncomplete,
            Broken::Terminated => ErrorCode::ConnectionTerminated,
            Broken::Malformed => ErrorCode::HttpProtocolError,
        }
    }

    #[cfg(feature = "component-async")]
    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    #[cfg(feature = "component-async")]
    fn p3_error_from_hyper(&mut self, error: &hyper::Error) -> p3::ErrorCode {
        match Broken::by(error) {
            Broken::Incomplete => p3::ErrorCode::HttpResponseIncomplete,
            Broken::Terminated => p3::ErrorCode::ConnectionTerminated,
            Broken::Malformed => p3::ErrorCode::HttpProtocolError,
        }
    }
}
