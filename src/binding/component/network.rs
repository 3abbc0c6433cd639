//! The network policy at the doors of WASI 0.2: what `wasi:sockets` asks before it uses an address, and what it does
//! not ask. How many sockets there may be is seen to here, in front of wasmtime's own functions, names in [`lookup`],
//! and the time to connect in [`connecting`].

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::StoreContextMut;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddressFamily};
use wasmtime_wasi::p2::bindings::sockets::tcp::HostTcpSocket;
use wasmtime_wasi::p2::bindings::sockets::tcp_create_socket;
use wasmtime_wasi::p2::bindings::sockets::udp_create_socket::Host as _;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, IoError, SocketError, SocketResult, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::{self, SocketAddrUse, WasiSocketsCtxView};
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::binding::component::connecting::{self, Connecting, TCP, answer};
use crate::binding::component::http::Http;
use crate::binding::component::kept::Kept;
use crate::binding::component::lookup;
use crate::binding::component::waits::{Waiting, Waits};
#[cfg(feature = "component-async")]
use crate::binding::component::wasi3::Ties;
use crate::binding::http::Trust;
use crate::binding::net::{MAX_SOCKETS, Policy};

const UDP_CREATE: &str = "wasi:sockets/udp-create-socket@0.2.12";

/// After so much silence the other side is asked whether it is still there.
pub const KEEP_ALIVE_NANOS: u64 = 60_000_000_000;

/// The data of a Store whose components reach the network.
pub trait Connected: Waiting + WasiHttpView {
    fn network(&mut self) -> NetworkView<'_>;

    /// Charges the component for memory of the host. The error ends it.
    fn hold(&mut self, bytes: usize) -> wasmtime::Result<()>;
}

/// The network side of one Store.
pub struct Network {
    pub policy: Arc<Policy>,
    pub connecting: Connecting,
    pub http: Http,
    pub kept: Kept,
    #[cfg(feature = "component-async")]
    pub ties: Ties,
}

impl Network {
    /// `connect` is the time that a connection may take to come about, where the component sets no less; `longest` is
    /// the longest that an HTTP request waits for anything.
    pub fn new(policy: Arc<Policy>, trust: Arc<Trust>, connect: Duration, longest: Duration) -> Self {
        let http = Http::new(policy.clone(), trust, connect, longest);
        Network {
            policy,
            connecting: Connecting::new(connect),
            http,
            kept: Kept::default(),
            #[cfg(feature = "component-async")]
            ties: Ties::default(),
        }
    }
}

/// The network side of a Store, with what wasmtime keeps.
pub struct NetworkView<'a> {
    pub ctx: &'a mut WasiCtx,
    pub table: &'a mut ResourceTable,
    pub network: &'a mut Network,
}

impl<'a> NetworkView<'a> {
    pub fn sockets(&mut self) -> WasiSocketsCtxView<'_> {
        WasiSocketsCtxView { ctx: self.ctx.sockets(), table: self.table }
    }

    pub fn http(self) -> WasiHttpCtxView<'a> {
        self.network.http.view(self.table)
    }

    /// Returns the number of sockets that are open, with those that only streams of WASI 0.3 keep open, and the
    /// connections that HTTP requests hold.
    pub fn open_sockets(&mut self) -> usize {
        let is_socket = |entry: &dyn Any| {
            // Each version of WASI has its own types.
            let wasi3 = entry.is::<sockets::TcpSocket>() || entry.is::<sockets::UdpSocket>();
            wasi3 || entry.is::<TcpSocket>() || entry.is::<UdpSocket>()
        };
        let sockets = self.table.iter_mut().filter(|entry| is_socket(&**entry)).count();
        sockets + self.network.kept.sockets.sum() + self.network.http.connections()
    }

    /// Decides whether there may be one more socket, and tells the policy's sink otherwise.
    pub fn may_open_socket(&mut self) -> bool {
        let policy = self.network.policy.clone();
        if self.open_sockets() >= MAX_SOCKETS {
            policy.too_many_sockets();
            return false;
        }
        policy.may_take_descriptor()
    }

    fn one_more_socket(&mut self) -> SocketResult<()> {
        if self.may_open_socket() { Ok(()) } else { Err(ErrorCode::NewSocketLimit.into()) }
    }
}

/// Has wasmtime ask the policy about addresses.
pub fn apply(wasi: &mut WasiCtxBuilder, policy: Arc<Policy>) {
    // Names are looked up by [`lookup`] alone.
    wasi.allow_tcp(true).allow_udp(true).allow_ip_name_lookup(false);
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
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>, waits: Waits) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    lookup::add_to_linker(linker)?;
    tcp_create_socket::add_to_linker::<D, Guarded>(linker, D::network)?;
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
fn accept<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (listener,): (Resource<TcpSocket>,),
) -> wasmtime::Result<(Result<Accepted, ErrorCode>,)> {
    let mut view = store.data_mut().network();
    let accepted = view.one_more_socket().and_then(|()| view.sockets().accept(listener));
    answer(&mut view.sockets(), accepted)
}

struct Guarded;

impl HasData for Guarded {
    type Data<'a> = NetworkView<'a>;
}

/// Error codes, which the other interfaces need to answer with errors.
impl network::Host for NetworkView<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets().convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets().network_error_code(error)
    }
}

impl network::HostNetwork for NetworkView<'_> {
    fn drop(&mut self, network: Resource<network::Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets(), network)
    }
}

impl tcp_create_socket::Host for NetworkView<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        self.one_more_socket()?;
        let socket = self.sockets().create_tcp_socket(family)?;
        self.network.connecting.begin(&socket);
        // Connections are kept. One whose other side went away without a word must not be found out by its next use.
        self.sockets().set_keep_alive_enabled(Resource::new_borrow(socket.rep()), true)?;
        self.sockets().set_keep_alive_idle_time(Resource::new_borrow(socket.rep()), KEEP_ALIVE_NANOS)?;
        Ok(socket)
    }
}

/// wasmtime's function, behind the limit of sockets.
async fn create_udp_socket<D: Connected>(
    mut store: StoreContextMut<'_, D>,
    (family,): (IpAddressFamily,),
) -> wasmtime::Result<(Result<Resource<UdpSocket>, ErrorCode>,)> {
    let mut view = store.data_mut().network();
    let created = match view.one_more_socket() {
        Ok(()) => view.sockets().create_udp_socket(family).await,
        Err(e) => Err(e),
    };
    answer(&mut view.sockets(), created)
}
