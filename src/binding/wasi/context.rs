//! The WASI of a Store, for its modules and its components.

use std::sync::Arc;
use std::time::Duration;

use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::binding::component::network::{self, Connected, Network, NetworkView};
use crate::binding::component::waits::Waiting;
use crate::binding::deadline::StoreLimit;
use crate::binding::http::Trust;
use crate::binding::log::Refusals;
use crate::binding::net::{CONNECT_LIMIT, Grants, Policy};
use crate::binding::store::Data;

/// The longest that an HTTP request waits for anything where no deadline ends it before. It is wasmtime's default.
const LONGEST_REQUEST: Duration = Duration::from_secs(600);

/// The WASI of a Store.
pub struct Context {
    modules: WasiP1Ctx,
    network: Network,
    refusals: Refusals,
}

impl Context {
    pub fn new(mut builder: WasiCtxBuilder, grants: Arc<Grants>, trust: Arc<Trust>) -> Self {
        let refusals = Refusals::default();
        let policy = Arc::new(Policy::new(grants, refusals.clone()));
        network::apply(&mut builder, policy.clone());
        let network = Network::new(policy, trust, CONNECT_LIMIT, LONGEST_REQUEST);
        Context { modules: builder.build_p1(), network, refusals }
    }

    /// Returns the part of modules, of WASI 0.1.
    pub fn modules(&mut self) -> &mut WasiP1Ctx {
        &mut self.modules
    }

    /// Returns what the network policy refused, each sentence once.
    pub fn refusals(&self) -> Vec<String> {
        self.refusals.list()
    }
}

impl Data {
    /// Returns the Store's WASI: one that grants nothing, where Java has given it none.
    pub fn wasi(&mut self) -> &mut Context {
        self.wasi.get_or_insert_with(|| Context::new(WasiCtxBuilder::new(), Arc::default(), Arc::default()))
    }
}

impl WasiView for Data {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().modules.ctx()
    }
}

impl WasiHttpView for Data {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.network().http()
    }
}

impl Waiting for Data {
    type Limit = StoreLimit;

    fn limit(&self) -> StoreLimit {
        StoreLimit::of(self)
    }
}

impl Connected for Data {
    fn network(&mut self) -> NetworkView<'_> {
        let Context { modules, network, .. } = self.wasi();
        let WasiCtxView { ctx, table } = modules.ctx();
        NetworkView { ctx, table, network }
    }

    /// A Store has no limit of this memory.
    fn hold(&mut self, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
