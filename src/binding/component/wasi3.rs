//! The network of WASI 0.3 under the policy and the limits of 0.2. wasmtime's functions do the work. Those that take
//! memory or descriptors of the host stand behind checks here.

mod http;
mod network;
mod relay;

use wasmtime::component::Linker;

use crate::binding::component::network::Connected;
pub use http::TYPES as HTTP_TYPES;
pub use network::Ties;
pub use relay::keep;

/// Defines `wasi:sockets` and the client of `wasi:http`, also in the place of wasmtime's.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    network::add_to_linker(linker)?;
    http::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
