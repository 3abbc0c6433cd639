//! The network policy at the doors of WASI 0.2: what `wasi:sockets` asks before it uses an address, and what it does
//! not ask. How many sockets there may be is seen to here, in front of wasmtime's own functions, and names in
//! [`lookup`].

use std::net::SocketAddr;
use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily, Network};
use wasmtime_wasi::p2::bindings::sockets::tcp::HostTcpSocket;
use wasmtime_wasi::p2::bindings::sockets::udp_create_socket::Host as _;
use wasmtime_wasi::p2::bindings::sockets::{network, tcp_create_socket};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, IoError, SocketError, SocketResult, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::{SocketAddrUse, WasiSocketsCtxView};
use wasmtime_wasi::{ResourceTable, WasiCtxBuilder};

use super::connecting::{self, Connecting, TCP, answer};
use super::instance::State;
use super::lookup;
use super::waits::Waits;
use crate::guest::net::{MAX_SOCKETS, Policy};

const UDP_CREATE: &str = "wasi:sockets/udp-create-socket@0.2.12";

/// After so much silence the other side is asked whether it is still there.
const KEEP_ALIVE_NANOS: u64 = 60_000_000_000;

/// Has wasmtime ask the policy about addresses.
pub fn apply(wasi: &mut WasiCtxBuilder, policy: Arc<Policy>) {
    wasi.allow_tcp(true).allow_udp(true).allow_ip_name_lookup(true);
    wasi.socket_addr_check(move |address, reason| {
        let allowed = check(&policy, address, reason);
        Box::pin(std::future::ready(allowed))
    });
}

fn check(policy: &Policy, address: SocketAddr, reason: SocketAddrUse) -> bool {
    match reason {
        SocketAddrUse::TcpConnect | SocketAddrUse::UdpSend => policy.may_connect(address),
        SocketAddrUse::UdpReceive => policy.may_receive(address),
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => policy.may_bind(address),
        SocketAddrUse::TcpListen => policy.may_listen(address),
        SocketAddrUse::TcpAccept => policy.may_accept(),
    }
}

/// Puts these functions in front of wasmtime's.
pub fn add_to_linker(linker: &mut Linker<State>, waits: Waits) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    lookup::add_to_linker(linker)?;
    tcp_create_socket::add_to_linker::<State, Guarded>(linker, guard)?;
    waits.define(&mut linker.instance(UDP_CREATE)?, "create-udp-socket", |store, parameters| {
        Box::new(create_udp_socket(store, parameters))
    })?;
    connecting::add_to_linker(linker, waits)?;
    linker.instance(TCP)?.func_wrap("[method]tcp-socket.accept", accept)?;
    linker.allow_shadowing(false);
    Ok(())
}

type Accepted = (Resource<TcpSocket>, Resource<DynInputStream>, Resource<DynOutputStream>);

/// wasmtime's function, behind the limit of sockets.
fn accept(
    mut store: StoreContextMut<'_, State>,
    (listener,): (Resource<TcpSocket>,),
) -> wasmtime::Result<(Result<Accepted, ErrorCode>,)> {
    let mut guard = guard(store.data_mut());
    let accepted = guard.one_more_socket().and_then(|()| guard.sockets.accept(listener));
    answer(&mut guard.sockets, accepted)
}

struct Guarded;

impl HasData for Guarded {
    type Data<'a> = Guard<'a>;
}

pub struct Guard<'a> {
    sockets: WasiSocketsCtxView<'a>,
    policy: Arc<Policy>,
    connecting: &'a mut Connecting,
    /// Connections that HTTP requests hold.
    http: usize,
}

fn guard(state: &mut State) -> Guard<'_> {
    let policy = state.policy.clone();
    Guard {
        sockets: WasiSocketsCtxView { ctx: state.wasi.sockets(), table: &mut state.table },
        policy,
        connecting: &mut state.connecting,
        http: state.http.connections(),
    }
}

/// Error codes, which the other interfaces need to answer with errors.
impl network::Host for Guard<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets.convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets.network_error_code(error)
    }
}

impl network::HostNetwork for Guard<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets, network)
    }
}

impl Guard<'_> {
    fn one_more_socket(&mut self) -> SocketResult<()> {
        let open = open_sockets(self.sockets.table) + self.http;
        if open >= MAX_SOCKETS {
            self.policy.too_many_sockets();
            return Err(ErrorCode::NewSocketLimit.into());
        }
        if self.policy.may_take_descriptor() { Ok(()) } else { Err(ErrorCode::NewSocketLimit.into()) }
    }
}

pub fn open_sockets(table: &mut ResourceTable) -> usize {
    table.iter_mut().filter(|entry| entry.is::<TcpSocket>() || entry.is::<UdpSocket>()).count()
}

impl tcp_create_socket::Host for Guard<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        self.one_more_socket()?;
        let socket = self.sockets.create_tcp_socket(family)?;
        self.connecting.begin(&socket);
        // Connections outlive tasks. One whose other side went away without a word must not be found out by a task.
        self.sockets.set_keep_alive_enabled(Resource::new_borrow(socket.rep()), true)?;
        self.sockets.set_keep_alive_idle_time(Resource::new_borrow(socket.rep()), KEEP_ALIVE_NANOS)?;
        Ok(socket)
    }
}

/// wasmtime's function, behind the limit of sockets.
async fn create_udp_socket(
    mut store: StoreContextMut<'_, State>,
    (family,): (IpAddressFamily,),
) -> wasmtime::Result<(Result<Resource<UdpSocket>, ErrorCode>,)> {
    let mut guard = guard(store.data_mut());
    let created = match guard.one_more_socket() {
        Ok(()) => guard.sockets.create_udp_socket(family).await,
        Err(e) => Err(e),
    };
    answer(&mut guard.sockets, created)
}
