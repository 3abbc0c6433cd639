//! A limit for connections that are coming about. wasmtime leaves that to the system, which takes minutes where nobody
//! answers. So what connects is remembered with its end: then a wait for it is over, and it is found to have timed out.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::io::poll::{Host, HostPollable};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpSocketAddress, Network};
use wasmtime_wasi::p2::bindings::sockets::tcp::HostTcpSocket;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, SocketResult, TcpSocket};
use wasmtime_wasi::sockets::WasiSocketsCtxView;

use crate::binding::component::network::{Connected, NetworkView};
use crate::binding::component::waits::Waits;

pub const TCP: &str = "wasi:sockets/tcp@0.2.12";
const POLL: &str = "wasi:io/poll@0.2.12";

type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);

/// The connections of one Store that are coming about.
pub struct Connecting {
    limit: Duration,
    /// By socket. What one leaves behind that was closed is there until its number is given away again.
    ends: HashMap<u32, Instant>,
    /// The socket of each pollable that is one's.
    pollables: HashMap<u32, u32>,
}

impl Connecting {
    pub fn new(limit: Duration) -> Self {
        Connecting { limit, ends: HashMap::new(), pollables: HashMap::new() }
    }

    /// Returns the time that a connection may take to come about.
    #[cfg(feature = "component-async")]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// Starts a new socket, which connects to nobody, even if an earlier one with its number did.
    pub fn begin(&mut self, socket: &Resource<TcpSocket>) {
        self.ends.remove(&socket.rep());
    }

    /// Returns when a wait for that is over in any case.
    fn end(&self, pollable: &Resource<DynPollable>) -> Option<Instant> {
        self.pollables.get(&pollable.rep()).and_then(|socket| self.ends.get(socket)).copied()
    }
}

/// Puts these functions in front of wasmtime's.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>, waits: Waits) -> wasmtime::Result<()> {
    let mut polls = linker.instance(POLL)?;
    waits.define(&mut polls, "poll", |store, parameters| Box::new(poll(store, parameters)))?;
    waits.define(&mut polls, "[method]pollable.block", |store, parameters| Box::new(block(store, parameters)))?;
    waits.define(&mut polls, "[method]pollable.ready", |store, parameters| Box::new(ready(store, parameters)))?;
    polls.resource("pollable", ResourceType::host::<DynPollable>(), |mut store, rep| {
        let NetworkView { table, network, .. } = store.data_mut().network();
        network.connecting.pollables.remove(&rep);
        HostPollable::drop(table, Resource::new_own(rep))
    })?;
    let mut tcp = linker.instance(TCP)?;
    tcp.func_wrap("[method]tcp-socket.start-connect", start_connect)?;
    tcp.func_wrap("[method]tcp-socket.finish-connect", finish_connect)?;
    tcp.func_wrap("[method]tcp-socket.subscribe", subscribe)
}

/// Makes a result the component's answer. An error that has no code for the component ends it.
pub fn answer<T>(
    view: &mut WasiSocketsCtxView<'_>,
    result: SocketResult<T>,
) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(network::Host::convert_error_code(view, e)?),
    },))
}

fn start_connect<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (socket, network, address): (Resource<TcpSocket>, Resource<Network>, IpSocketAddress),
) -> wasmtime::Result<(Result<(), ErrorCode>,)> {
    let rep = socket.rep();
    let mut view = store.data_mut().network();
    let address = view.network.policy.redirect(address.into()).into();
    let result = view.sockets().start_connect(socket, network, address);
    let answer = answer(&mut view.sockets(), result)?;
    if answer.0.is_ok() {
        let connecting = &mut view.network.connecting;
        connecting.ends.insert(rep, Instant::now() + connecting.limit);
    }
    Ok(answer)
}

fn finish_connect<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (socket,): (Resource<TcpSocket>,),
) -> wasmtime::Result<(Result<Streams, ErrorCode>,)> {
    let rep = socket.rep();
    let mut view = store.data_mut().network();
    let result = view.sockets().finish_connect(socket);
    let answer = answer(&mut view.sockets(), result)?;
    let ends = &mut view.network.connecting.ends;
    if !matches!(answer.0, Err(ErrorCode::WouldBlock)) {
        ends.remove(&rep);
    } else if ends.get(&rep).is_some_and(|end| *end <= Instant::now()) {
        return Ok((Err(ErrorCode::Timeout),));
    }
    Ok(answer)
}

fn subscribe<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (socket,): (Resource<TcpSocket>,),
) -> wasmtime::Result<(Resource<DynPollable>,)> {
    let rep = socket.rep();
    let mut view = store.data_mut().network();
    let pollable = HostTcpSocket::subscribe(&mut view.sockets(), socket)?;
    view.network.connecting.pollables.insert(pollable.rep(), rep);
    Ok((pollable,))
}

async fn poll<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (pollables,): (Vec<Resource<DynPollable>>,),
) -> wasmtime::Result<(Vec<u32>,)> {
    let NetworkView { table, network, .. } = store.data_mut().network();
    let ends: Vec<_> = pollables.iter().map(|pollable| network.connecting.end(pollable)).collect();
    let ready = table.poll(pollables);
    let Some(first) = ends.iter().flatten().min() else {
        return Ok((ready.await?,));
    };
    Ok((match timeout_at(*first, ready).await {
        Ok(ready) => ready?,
        Err(_) => (0..).zip(&ends).filter(|(_, end)| end.as_ref() == Some(first)).map(|(i, _)| i).collect(),
    },))
}

async fn block<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (pollable,): (Resource<DynPollable>,),
) -> wasmtime::Result<()> {
    let NetworkView { table, network, .. } = store.data_mut().network();
    let end = network.connecting.end(&pollable);
    let ready = table.block(pollable);
    match end {
        Some(end) => timeout_at(end, ready).await.unwrap_or(Ok(())),
        None => ready.await,
    }
}

async fn ready<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (pollable,): (Resource<DynPollable>,),
) -> wasmtime::Result<(bool,)> {
    let NetworkView { table, network, .. } = store.data_mut().network();
    let over = network.connecting.end(&pollable).is_some_and(|end| end <= Instant::now());
    Ok((table.ready(pollable).await? || over,))
}
