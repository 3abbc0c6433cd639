//! The memory of the host that a guest makes it hold besides linear memory: header tables, requests, bodies, handles,
//! produced records. What a call adds is charged before; a sum that is too large is replaced by a measurement, since
//! the guest may have dropped things.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::p2::TcpSocket;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, Host, HostFields, HostOutgoingRequest as Requests, Method, Scheme,
};
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};

use super::files::PIECE;
use super::instance::State;
use super::listing::Listing;
use crate::binding::component::http::{BODY, REQUEST, TYPES};
use crate::binding::http::CONNECTION_BUFFER;
use crate::guest::limits;

/// The host's memory for a handle, and for a header besides name and value.
const HANDLE: usize = 256;
const HEADER: usize = 64;

/// Has calls that add to what the host holds charge for it, in front of wasmtime's.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut http = linker.instance(TYPES)?;
    http.func_wrap(
        "[static]fields.from-list",
        |mut store: StoreContextMut<'_, State>, (list,): (Vec<(String, Vec<u8>)>,)| {
            let state = store.data_mut();
            state.hold(HANDLE + list.iter().map(|(name, value)| HEADER + name.len() + value.len()).sum::<usize>())?;
            let made = state.http().from_list(list);
            header_answer(state, made)
        },
    )?;
    http.func_wrap(
        "[method]fields.append",
        |mut store: StoreContextMut<'_, State>, (fields, name, value): (Resource<FieldMap>, String, Vec<u8>)| {
            let state = store.data_mut();
            state.hold(HEADER + name.len() + value.len())?;
            let done = state.http().append(fields, name, value);
            header_answer(state, done)
        },
    )?;
    http.func_wrap(
        "[method]fields.set",
        |mut store: StoreContextMut<'_, State>, (fields, name, values): (Resource<FieldMap>, String, Vec<Vec<u8>>)| {
            let state = store.data_mut();
            state.hold(name.len() + values.iter().map(|value| HEADER + value.len()).sum::<usize>())?;
            let done = state.http().set(fields, name, values);
            header_answer(state, done)
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
        "[method]outgoing-request.set-method",
        |mut store: StoreContextMut<'_, State>, (request, method): (Resource<HostOutgoingRequest>, Method)| {
            let state = store.data_mut();
            state.hold(if let Method::Other(name) = &method { name.len() } else { 0 })?;
            Ok((Requests::set_method(&mut state.http(), request, method)?,))
        },
    )?;
    http.func_wrap(
        "[method]outgoing-request.set-scheme",
        |mut store: StoreContextMut<'_, State>, (request, scheme): (Resource<HostOutgoingRequest>, Option<Scheme>)| {
            let state = store.data_mut();
            state.hold(if let Some(Scheme::Other(name)) = &scheme { name.len() } else { 0 })?;
            Ok((Requests::set_scheme(&mut state.http(), request, scheme)?,))
        },
    )?;
    http.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: StoreContextMut<'_, State>, (request, name): (Resource<HostOutgoingRequest>, Option<String>)| {
            let state = store.data_mut();
            state.hold(name.as_ref().map_or(0, String::len))?;
            Ok((Requests::set_authority(&mut state.http(), request, name)?,))
        },
    )?;
    http.func_wrap(
        "[method]outgoing-request.set-path-with-query",
        |mut store: StoreContextMut<'_, State>, (request, path): (Resource<HostOutgoingRequest>, Option<String>)| {
            let state = store.data_mut();
            state.hold(path.as_ref().map_or(0, String::len))?;
            Ok((Requests::set_path_with_query(&mut state.http(), request, path)?,))
        },
    )?;
    http.func_wrap(
        "[method]outgoing-request.body",
        |mut store: StoreContextMut<'_, State>, (request,): (Resource<HostOutgoingRequest>,)| {
            let state = store.data_mut();
            state.hold(BODY)?;
            Ok((Requests::body(&mut state.http(), request)?,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Makes a result the guest's answer. An error that has no code for the guest ends it.
fn header_answer<T>(state: &mut State, result: HeaderResult<T>) -> wasmtime::Result<(Result<T, types::HeaderError>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(Host::convert_header_error(&mut state.http(), e)?),
    },))
}

fn size_of_fields(fields: &FieldMap) -> usize {
    HANDLE + fields.iter().map(|(name, value)| HEADER + name.as_str().len() + value.len()).sum::<usize>()
}

fn size_of_entry(entry: &dyn std::any::Any) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    if let Some(fields) = entry.downcast_ref::<FieldMap>() {
        size_of_fields(fields)
    } else if let Some(request) = entry.downcast_ref::<HostOutgoingRequest>() {
        let body = if request.body.is_some() { BODY } else { 0 };
        size_of_fields(&request.headers) + text(&request.authority) + text(&request.path_with_query) + body
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
        entries + self.outputs.held() + self.network.http.connections() * REQUEST + self.file_streams.len() * PIECE
    }
}
