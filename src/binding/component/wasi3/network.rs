//! Sockets and look-ups of WASI 0.3. wasmtime asks the policy about addresses, as for 0.2 (`network::apply`). This file
//! sees to the number of sockets, what their streams keep open, the time to connect, and names.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use tokio::time::timeout;
use wasmtime::component::{Access, Accessor, FutureReader, Linker, Resource, ResourceType, StreamReader};
use wasmtime::{AsContextMut, StoreContextMut};
use wasmtime_wasi::p3::bindings::sockets::ip_name_lookup::ErrorCode as LookUpError;
use wasmtime_wasi::p3::bindings::sockets::types::{
    ErrorCode, HostTcpSocket, HostTcpSocketWithStore, HostUdpSocket, HostUdpSocketWithStore, IpAddress,
    IpAddressFamily, IpSocketAddress,
};
use wasmtime_wasi::p3::sockets::{self, SocketResult};
use wasmtime_wasi::sockets::{TcpSocket, UdpSocket, WasiSockets, WasiSocketsView};

use super::relay::keep;
use crate::binding::component::kept::{Counted, Tally};
use crate::binding::component::network::{Connected, KEEP_ALIVE_NANOS, NetworkView};

const TYPES: &str = "wasi:sockets/types@0.3.0";
const LOOK_UP: &str = "wasi:sockets/ip-name-lookup@0.3.0";

/// The memory that a datagram takes which is awaited or sent.
const DATAGRAM: usize = 64 * 1024;

/// The sockets of which there are streams, by their numbers.
#[derive(Default)]
pub struct Ties(HashMap<u32, Arc<Tether>>);

/// Belongs to the streams of a socket, and to the socket until the component drops it. From then on the streams keep
/// the socket open, and it counts with them.
#[derive(Default)]
struct Tether(OnceLock<Counted>);

impl Ties {
    fn tie(&mut self, socket: &Resource<TcpSocket>) -> Arc<Tether> {
        self.0.entry(socket.rep()).or_default().clone()
    }

    fn dropped(&mut self, socket: u32, kept: &Tally) {
        if let Some(tether) = self.0.remove(&socket) {
            // It is set here only, once: a socket is dropped once.
            let _ = tether.0.set(kept.add(1));
        }
    }
}

/// Defines both interfaces. The linker must allow that functions take the place of wasmtime's.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    sockets::add_to_linker(linker)?;
    let mut types = linker.instance(TYPES)?;
    types.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |mut store, rep| {
        let mut view = store.data_mut().network();
        view.network.ties.dropped(rep, &view.network.kept.sockets);
        HostTcpSocket::drop(&mut view.sockets(), Resource::new_own(rep))
    })?;
    types.func_wrap("[static]tcp-socket.create", create_tcp::<D>)?;
    types.func_wrap_concurrent("[method]tcp-socket.connect", |store, arguments| Box::pin(connect(store, arguments)))?;
    types.func_wrap("[method]tcp-socket.listen", listen::<D>)?;
    types.func_wrap("[method]tcp-socket.send", send::<D>)?;
    types.func_wrap("[method]tcp-socket.receive", receive::<D>)?;
    types.func_wrap_async("[static]udp-socket.create", |store, arguments| Box::new(create_udp(store, arguments)))?;
    types.func_wrap_concurrent("[method]udp-socket.send", |store, arguments| {
        Box::pin(send_datagram(store, arguments))
    })?;
    types.func_wrap_concurrent("[method]udp-socket.receive", |store, arguments| {
        Box::pin(receive_datagram(store, arguments))
    })?;
    linker
        .instance(LOOK_UP)?
        .func_wrap_concurrent("resolve-addresses", |store, arguments| Box::pin(resolve_addresses(store, arguments)))
}

type Answer<R> = (Result<R, ErrorCode>,);

/// Makes a result the component's answer. An error that has no code for the component ends it.
fn answer<R>(result: SocketResult<R>) -> wasmtime::Result<Answer<R>> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(e) => Err(e.downcast()?),
    },))
}

/// Returns the error of a socket too many. WASI 0.3 has no code for it.
fn too_many() -> ErrorCode {
    ErrorCode::Other(Some("there may be no more sockets".to_owned()))
}

fn create_tcp<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (family,): (IpAddressFamily,),
) -> wasmtime::Result<Answer<Resource<TcpSocket>>> {
    let mut view = store.data_mut().network();
    if !view.may_open_socket() {
        return Ok((Err(too_many()),));
    }
    let mut sockets = view.sockets();
    let created = HostTcpSocket::create(&mut sockets, family).and_then(|socket| {
        // As for 0.2: connections outlive tasks.
        sockets.set_keep_alive_enabled(Resource::new_borrow(socket.rep()), true)?;
        sockets.set_keep_alive_idle_time(Resource::new_borrow(socket.rep()), KEEP_ALIVE_NANOS)?;
        Ok(socket)
    });
    answer(created)
}

async fn create_udp<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (family,): (IpAddressFamily,),
) -> wasmtime::Result<Answer<Resource<UdpSocket>>> {
    let mut view = store.data_mut().network();
    if !view.may_open_socket() {
        return Ok((Err(too_many()),));
    }
    answer(HostUdpSocket::create(&mut view.sockets(), family).await)
}

async fn connect<D: Connected>(
    store: &Accessor<D>,
    (socket, address): (Resource<TcpSocket>, IpSocketAddress),
) -> wasmtime::Result<Answer<()>> {
    let sockets = store.with_getter::<WasiSockets>(<D as WasiSocketsView>::sockets);
    let (address, limit) = store.with(|mut access| {
        let NetworkView { network, .. } = access.data_mut().network();
        (network.policy.redirect(SocketAddr::from(address)), network.connecting.limit())
    });
    let work = <WasiSockets as HostTcpSocketWithStore<D>>::connect(&sockets, socket, address.into());
    match timeout(limit, work).await {
        Ok(connected) => answer(connected),
        Err(_) => Ok((Err(ErrorCode::Timeout),)),
    }
}

type Listening = StreamReader<Resource<TcpSocket>>;

/// Refuses to listen: wasmtime's stream accepts without a limit.
fn listen<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    _: (Resource<TcpSocket>,),
) -> wasmtime::Result<Answer<Listening>> {
    store.data_mut().network().network.policy.no_listening();
    Ok((Err(ErrorCode::NotSupported),))
}

type Ending = FutureReader<Result<(), ErrorCode>>;

fn send<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (socket, bytes): (Resource<TcpSocket>, StreamReader<u8>),
) -> wasmtime::Result<(Ending,)> {
    let tether = store.data_mut().network().network.ties.tie(&socket);
    let access = Access::<_, WasiSockets>::new(store.as_context_mut(), <D as WasiSocketsView>::sockets);
    let sent = <WasiSockets as HostTcpSocketWithStore<D>>::send(access, socket, bytes)?;
    Ok((keep(store, sent, tether)?,))
}

fn receive<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (socket,): (Resource<TcpSocket>,),
) -> wasmtime::Result<((StreamReader<u8>, Ending),)> {
    let tether = store.data_mut().network().network.ties.tie(&socket);
    let access = Access::<_, WasiSockets>::new(store.as_context_mut(), <D as WasiSocketsView>::sockets);
    let (bytes, received) = <WasiSockets as HostTcpSocketWithStore<D>>::receive(access, socket)?;
    Ok(((bytes, keep(store, received, tether)?),))
}

/// Charges for a datagram until the result is dropped.
fn hold_datagram<D: Connected>(store: &Accessor<D>) -> wasmtime::Result<Counted> {
    store.with(|mut access| {
        let data = access.data_mut();
        data.hold(DATAGRAM)?;
        Ok(data.network().network.kept.bytes.add(DATAGRAM))
    })
}

async fn send_datagram<D: Connected>(
    store: &Accessor<D>,
    (socket, bytes, address): (Resource<UdpSocket>, Vec<u8>, Option<IpSocketAddress>),
) -> wasmtime::Result<Answer<()>> {
    let _held = hold_datagram(store)?;
    let sockets = store.with_getter::<WasiSockets>(<D as WasiSocketsView>::sockets);
    answer(<WasiSockets as HostUdpSocketWithStore<D>>::send(&sockets, socket, bytes, address).await)
}

async fn receive_datagram<D: Connected>(
    store: &Accessor<D>,
    (socket,): (Resource<UdpSocket>,),
) -> wasmtime::Result<Answer<(Vec<u8>, IpSocketAddress)>> {
    let _held = hold_datagram(store)?;
    let sockets = store.with_getter::<WasiSockets>(<D as WasiSocketsView>::sockets);
    answer(<WasiSockets as HostUdpSocketWithStore<D>>::receive(&sockets, socket).await)
}

type Resolved = Result<Vec<IpAddress>, LookUpError>;

/// Looks a name up as for 0.2: wasmtime's own look-ups share their threads with the files of all guests.
async fn resolve_addresses<D: Connected>(store: &Accessor<D>, (name,): (String,)) -> wasmtime::Result<(Resolved,)> {
    let policy = store.with(|mut access| access.data_mut().network().network.policy.clone());
    if !policy.may_look_up(&name) {
        return Ok((Err(LookUpError::AccessDenied),));
    }
    let host = name.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&name);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok((Ok(vec![address.into()]),));
    }
    let Some(found) = policy.look_up(&name) else {
        return Ok((Err(LookUpError::TemporaryResolverFailure),));
    };
    let Ok(Ok(found)) = found.await else {
        return Ok((Err(LookUpError::NameUnresolvable),));
    };
    found.iter().for_each(|address| policy.looked_up(&name, *address));
    Ok((Ok(found.into_iter().map(IpAddress::from).collect()),))
}
