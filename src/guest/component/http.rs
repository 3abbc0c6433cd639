//! Outgoing HTTP (`wasi:http`). wasmtime brings the interface;
//! [`http`](crate::guest::http) sends the requests, as wasmtime's own way asks no policy.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::{Request, Response};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, OutgoingRequest};
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks, WasiHttpView,
};

use super::held;
use super::instance::State;
use super::network::open_sockets;
use crate::guest::http::{self, Broken, Door, Ending, MAX_FIELD_BYTES, Timeouts, Trust};
use crate::guest::net::{MAX_SOCKETS, Policy, connect_limit};

pub const TYPES: &str = "wasi:http/types@0.2.12";
const OUTGOING_HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

/// The most bytes of a request's body that wait to be sent, and of a response that wait to be read.
pub const BODY_CHUNK: usize = 64 * 1024;

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
        // The task's deadline, which is counted in ticks and so a little longer, ends a wait before this does.
        let longest = self.deadline.saturating_add(Duration::from_secs(1));
        let limited = |limit: Option<Duration>| limit.unwrap_or(longest).min(longest);
        let timeouts = Timeouts {
            connect: limited(Some(options.connect_timeout.unwrap_or(connect_limit(self.deadline)))),
            first_byte: limited(options.first_byte_timeout),
            between_bytes: limited(options.between_bytes_timeout),
        };
        Box::new(http::send(self.door.clone(), self.connections.one_more(), request, timeouts))
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        match Broken::by(error) {
            Broken::Incomplete => ErrorCode::HttpResponseIncomplete,
            Broken::Terminated => ErrorCode::ConnectionTerminated,
            Broken::Malformed => ErrorCode::HttpProtocolError,
        }
    }
}
