//! WASI 0.3, with its network under the policy and the limits of 0.2. wasmtime's functions do the work. Those of the
//! network that take memory or descriptors of the host stand behind checks here.

mod http;
mod network;
mod relay;

use wasmtime::component::Linker;
use wasmtime_wasi::p3::{cli, clocks, filesystem, random};

use crate::binding::component::network::Connected;
pub use http::TYPES as HTTP_TYPES;
pub use network::Ties;
pub use relay::keep;

/// Defines WASI 0.3 with the client of `wasi:http`. Files are wasmtime's own.
pub fn add_to_linker<D: Connected>(linker: &mut Linker<D>) -> wasmtime::Result<()> {
    cli::add_to_linker(linker)?;
    clocks::add_to_linker(linker)?;
    filesystem::add_to_linker(linker)?;
    random::add_to_linker(linker)?;
    linker.allow_shadowing(true);
    network::add_to_linker(linker)?;
    http::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
