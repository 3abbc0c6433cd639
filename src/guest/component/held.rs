//! The memory of the host that a guest makes it hold besides linear memory: header tables, requests, bodies, handles,
//! produced records. What a call adds is charged before; a sum that is too large is replaced by a measurement, since
//! the guest may have dropped things.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::p2::TcpSocket;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types::{HostOutgoingRequest, Method, Scheme};
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest as OutgoingRequest,
};

use super::files::PIECE;
use super::instance::State;
use super::listing::Listing;
#[cfg(feature = "component-async")]
use super::wasi3;
use crate::binding::component::http::{BODY, REQUEST, TYPES};
#[cfg(feature = "component-async")]
use crate::binding::component::wasi3::HTTP_TYPES;
use crate::binding::http::CONNECTION_BUFFER;
use crate::guest::limits;

/// The host's memory for a handle, and for a header besides name and value.
const HANDLE: usize = 256;
const HEADER: usize = 64;

/// Defines functions of fields and requests, which charge for what they add. In the versions of WASI they differ by
/// names and types only.
macro_rules! charge {
    ($linker:ident, $interface:expr, $version:ident, $request:literal, $requests:ident, $resource:ty) => {{
        use wasmtime_wasi_http::$version::bindings::http::types::{Host, HostFields, Method, Scheme, $requests};
        let mut http = $linker.instance($interface)?;
        http.func_wrap(
            "[static]fields.from-list",
            |mut store: StoreContextMut<'_, State>, (list,): (Vec<(String, Vec<u8>)>,)| {
                let state = store.data_mut();
                state
                    .hold(HANDLE + list.iter().map(|(name, value)| HEADER + name.len() + value.len()).sum::<usize>())?;
                Ok((match state.http().from_list(list) {
                    Ok(fields) => Ok(fields),
                    Err(e) => Err(Host::convert_header_error(&mut state.http(), e)?),
                },))
            },
        )?;
        http.func_wrap(
            "[method]fields.append",
            |mut store: StoreContextMut<'_, State>, (fields, name, value): (Resource<FieldMap>, String, Vec<u8>)| {
                let state = store.data_mut();
                state.hold(HEADER + name.len() + value.len())?;
                Ok((match HostFields::append(&mut state.http(), fields, name, value) {
                    Ok(()) => Ok(()),
                    Err(e) => Err(Host::convert_header_error(&mut state.http(), e)?),
                },))
            },
        )?;
        http.func_wrap(
            "[method]fields.set",
            |mut store: StoreContextMut<'_, State>,
             (fields, name, values): (Resource<FieldMap>, String, Vec<Vec<u8>>)| {
                let state = store.data_mut();
                state.hold(name.len() + values.iter().map(|value| HEADER + value.len()).sum::<usize>())?;
                Ok((match HostFields::set(&mut state.http(), fields, name, values) {
                    Ok(()) => Ok(()),
                    Err(e) => Err(Host::convert_header_error(&mut state.http(), e)?),
                },))
            },
        )?;
        http.func_wrap(
            "[method]fields.clone",
            |mut store: StoreContextMut<'_, State>, (fields,): (Resource<FieldMap>,)| {
                let state = store.data_mut();
                let size = size_of_fields(state.table.get(&fields)?);
                state.hold(size)?;
                Ok((HostFields::clone(&mut state.http(), fields)?,))
            },
        )?;
        http.func_wrap(
            concat!("[method]", $request, ".set-method"),
            |mut store: StoreContextMut<'_, State>, (request, method): (Resource<$resource>, Method)| {
                let state = store.data_mut();
                state.hold(if let Method::Other(name) = &method { name.len() } else { 0 })?;
                Ok(($requests::set_method(&mut state.http(), request, method)?,))
            },
        )?;
        http.func_wrap(
            concat!("[method]", $request, ".set-scheme"),
            |mut store: StoreContextMut<'_, State>, (request, scheme): (Resource<$resource>, Option<Scheme>)| {
                let state = store.data_mut();
                state.hold(if let Some(Scheme::Other(name)) = &scheme { name.len() } else { 0 })?;
                Ok(($requests::set_scheme(&mut state.http(), request, scheme)?,))
            },
        )?;
        http.func_wrap(
            concat!("[method]", $request, ".set-authority"),
            |mut store: StoreContextMut<'_, State>, (request, name): (Resource<$resource>, Option<String>)| {
                let state = store.data_mut();
                state.hold(name.as_ref().map_or(0, String::len))?;
                Ok(($requests::set_authority(&mut state.http(), request, name)?,))
            },
        )?;
        http.func_wrap(
            concat!("[method]", $request, ".set-path-with-query"),
            |mut store: StoreContextMut<'_, State>, (request, path): (Resource<$resource>, Option<String>)| {
                let state = store.data_mut();
                state.hold(path.as_ref().map_or(0, String::len))?;
                Ok(($requests::set_path_with_query(&mut state.http(), request, path)?,))
            },
        )?;
    }};
}

/// Has calls that add to what the host holds charge for it, in front of wasmtime's.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    charge!(linker, TYPES, p2, "outgoing-request", HostOutgoingRequest, OutgoingRequest);
    linker.instance(TYPES)?.func_wrap(
        "[method]outgoing-request.body",
        |mut store: StoreContextMut<'_, State>, (request,): (Resource<OutgoingRequest>,)| {
            let state = store.data_mut();
            state.hold(BODY)?;
            Ok((HostOutgoingRequest::body(&mut state.http(), request)?,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Does the same for WASI 0.3.
#[cfg(feature = "component-async")]
pub fn add_wasi3_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    charge!(linker, HTTP_TYPES, p3, "request", HostRequest, wasmtime_wasi_http::p3::Request);
    linker.allow_shadowing(false);
    Ok(())
}

pub fn size_of_fields(fields: &FieldMap) -> usize {
    HANDLE + fields.iter().map(|(name, value)| HEADER + name.as_str().len() + value.len()).sum::<usize>()
}

fn size_of_entry(entry: &dyn std::any::Any) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    #[cfg(feature = "component-async")]
    if let Some(size) = wasi3::size_of_entry(entry) {
        return size;
    }
    if let Some(fields) = entry.downcast_ref::<FieldMap>() {
        size_of_fields(fields)
    } else if let Some(request) = entry.downcast_ref::<OutgoingRequest>() {
        let body = if request.body.is_some() { BODY } else { 0 };
        let method = if let Method::Other(name) = &request.method { name.len() } else { 0 };
        let scheme = if let Some(Scheme::Other(name)) = &request.scheme { name.len() } else { 0 };
        let names = method + scheme + text(&request.authority) + text(&request.path_with_query);
        size_of_fields(&request.headers) + names + body
    } else if let Some(response) = entry.downcast_ref::<HostIncomingResponse>() {
        size_of_fields(&response.headers)
    } else if entry.is::<HostFutureIncomingResponse>() {
        // The headers of the response, as many as a connection's buffer holds.
        CONNECTION_BUFFER
    } else if entry.is::<HostOutgoingBody>() {
        BODY
    } else if let Some(listing) = entry.downcast_ref::<Listing>() {
        listing.bytes
    } else if entry.is::<TcpSocket>() {
        // What was written, and waits to be sent.
        PIECE
    } else {
        HANDLE
    }
}

impl State {
    /// Charges the guest for memory of the host. The error ends it.
    pub fn hold(&mut self, more: usize) -> wasmtime::Result<()> {
        if self.try_hold(more) {
            return Ok(());
        }
        let text = "the host holds too much memory for the guest".to_owned();
        Err(wasmtime::Error::msg(text))
    }

    /// Charges the guest for memory of the host. Returns whether there was room for it, and notes it otherwise.
    pub fn try_hold(&mut self, more: usize) -> bool {
        // Lines for the log are counted by the notes themselves.
        let most = self.held.most().saturating_sub(self.notes.held());
        let mut sum = self.held.bytes().saturating_add(more);
        let mut fits = sum <= most;
        if !fits {
            sum = self.measure().saturating_add(more);
            fits = sum <= most;
        }
        if fits {
            fits = self.held.set(sum);
            if !fits {
                self.notes.limited(limits::total_reached(more));
            }
        } else {
            let used = (sum - more).saturating_add(self.notes.held());
            self.notes.limited(limits::host_memory_reached(more, used, self.held.most()));
        }
        fits
    }

    /// Forgets what was charged for things that the guest has dropped.
    pub fn settle(&mut self) {
        if self.held.bytes() > 0 {
            let measured = self.measure();
            self.held.set(measured);
        }
    }

    fn measure(&mut self) -> usize {
        let entries: usize = self.table.iter_mut().map(|entry| size_of_entry(entry)).sum();
        let streams = self.file_streams.len() * PIECE + self.network.kept.bytes.sum();
        entries + self.outputs.held() + self.network.http.connections() * REQUEST + streams
    }
}
