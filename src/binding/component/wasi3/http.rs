//! Outgoing HTTP of WASI 0.3. A request goes the way of one of 0.2: `send_request` of the hooks sends both.

use wasmtime::StoreContextMut;
use wasmtime::component::{Access, Accessor, FutureReader, Linker, Resource, StreamReader};
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::http::client::HostWithStore;
use wasmtime_wasi_http::p3::bindings::http::types::{
    ErrorCode, Fields, HostRequestWithStore, Request, RequestOptions, Response, Trailers,
};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

use super::relay::relay;
use crate::binding::component::http::REQUEST;
use crate::binding::component::network::Connected;

pub const TYPES: &str = "wasi:http/types@0.3.0";
const CLIENT: &str = "wasi:http/client@0.3.0";

/// Defines the interfaces. The linker must allow that functions take the place of wasmtime's.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    p3::add_to_linker(linker)?;
    let mut types = linker.instance(TYPES)?;
    types.func_wrap("[static]request.new", new_request)?;
    types.func_wrap("[static]request.consume-body", |_, _: (Resource<Request>, Ending)| not_a_server::<Consumed>())?;
    types.func_wrap("[static]response.new", |_, _: (Resource<Fields>, Contents, Trailing)| not_a_server::<Made>())?;
    linker.instance(CLIENT)?.func_wrap_concurrent("send", |store, (request,)| Box::pin(send(store, request)))
}

type Contents = Option<StreamReader<u8>>;
type Trailing = FutureReader<Result<Option<Resource<Trailers>>, ErrorCode>>;
type Ending = FutureReader<Result<(), ErrorCode>>;
type Consumed = (StreamReader<u8>, Trailing);
type Made = (Resource<Response>, Ending);

/// Refuses functions that only servers need: wasmtime would keep the errors that they are given, of any length.
fn not_a_server<R>() -> wasmtime::Result<(R,)> {
    Err(wasmtime::Error::msg("the host serves no HTTP: a component cannot take a request apart, nor make a response"))
}

type NewRequest = (Resource<Fields>, Contents, Trailing, Option<Resource<RequestOptions>>);

/// wasmtime's function. It keeps the end of a body until the request is sent, so a long error is cut.
fn new_request<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (headers, contents, trailers, options): NewRequest,
) -> wasmtime::Result<((Resource<Request>, Ending),)> {
    let trailers = relay(&mut store, trailers, |end| end.map_err(|code| if is_short(&code) { code } else { LONG }))?;
    let access = Access::<_, WasiHttp>::new(store, <D as WasiHttpView>::http);
    Ok((<WasiHttp as HostRequestWithStore<D>>::new(access, headers, contents, trailers, options)?,))
}

/// The code in place of one with a long text.
const LONG: ErrorCode = ErrorCode::InternalError(None);

fn is_short(code: &ErrorCode) -> bool {
    let text = match code {
        ErrorCode::DnsError(error) => &error.rcode,
        ErrorCode::TlsAlertReceived(alert) => &alert.alert_message,
        ErrorCode::HttpRequestHeaderSize(Some(field)) => &field.field_name,
        ErrorCode::HttpRequestTrailerSize(field)
        | ErrorCode::HttpResponseHeaderSize(field)
        | ErrorCode::HttpResponseTrailerSize(field) => &field.field_name,
        ErrorCode::HttpResponseTransferCoding(text)
        | ErrorCode::HttpResponseContentCoding(text)
        | ErrorCode::InternalError(text) => text,
        _ => &None,
    };
    text.as_ref().is_none_or(|text| text.len() <= MAX_TEXT)
}

/// The longest text of an error that the host keeps for a guest.
const MAX_TEXT: usize = 1_024;

type Sent = Result<Resource<Response>, ErrorCode>;

/// wasmtime's function, behind the limit of sockets.
async fn send<D: Connected>(store: &Accessor<D>, request: Resource<Request>) -> wasmtime::Result<(Sent,)> {
    let http = store.with_getter::<WasiHttp>(<D as WasiHttpView>::http);
    let may = store.with(|mut access| {
        let data = access.data_mut();
        data.hold(REQUEST)?;
        wasmtime::error::Ok(data.network().may_open_socket())
    })?;
    if !may {
        http.with(|access| <WasiHttp as HostRequestWithStore<D>>::drop(access, request))?;
        return Ok((Err(ErrorCode::ConnectionLimitReached),));
    }
    Ok((match <WasiHttp as HostWithStore<D>>::send(&http, request).await {
        Ok(response) => Ok(response),
        Err(e) => Err(e.downcast()?),
    },))
}
