//! Guests that are components (WASI 0.2). They run on wasmtime's asynchronous path: a guest that waits, for a
//! connection or a timer, leaves its fiber, and one timer ends the guest when the task's deadline has come, even in an
//! endless loop (the epoch makes that yield). The thread that brought the task waits for its end
//! ([`Guest::process`]); or, so that many tasks can wait without a thread each, it goes on and a runtime runs them
//! ([`Guest::begin`]).
//!
//! A host function must not call into Java from a fiber: HotSpot takes the fiber for a stack overflow. So the task is
//! copied before the fiber is entered, and the lines for the log wait in [`Notes`] until it was left. A call into a
//! store leaves the fiber, and the thread that brought the task serves it ([`state`]).

mod connecting;
mod exports;
mod files;
mod guest;
mod held;
mod http;
mod instance;
mod listing;
mod lookup;
mod network;
mod outputs;
mod runtime;
mod state;
mod world;
mod writer;

use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::guest::limits;
use crate::guest::notes::Notes;
use crate::guest::settings::Settings;
use exports::{PROTOCOL_0, Protocol};
pub use guest::{Ended, Guest};
use instance::{Instance, State, poll};
use state::Requests;
use world::StatefulProcessorPre;
pub use world::decaton::processor::producer::Message;
pub use world::decaton::processor::types::{Header, Task};

/// The first bytes of a component: the magic number, version 13, layer 1.
pub const HEADER: [u8; 8] = [0, b'a', b's', b'm', 13, 0, 1, 0];

/// The interface of stores, before its version.
const STATE: &str = "decaton:processor/state@";

/// A component, ready to be instantiated.
pub struct Module {
    linked: Linked,
    settings: Settings,
}

enum Linked {
    Protocol0 { linked: InstancePre<State>, status: bool },
    World(StatefulProcessorPre<State>),
}

impl Module {
    /// Checks and links a compiled component.
    pub fn new(compiled: &Component, settings: Settings) -> Result<Self> {
        settings.wasi.check_for_fiber()?;
        let linker = linker(compiled.engine())?;
        let link = || {
            linker.instantiate_pre(compiled).map_err(|e| {
                Error::argument(format!(
                    "{e:#}. A processor may import {PROTOCOL_0}, what the world decaton:processor@0.1.0 imports, and \
                     WASI 0.2 with outgoing HTTP."
                ))
            })
        };
        let linked = match exports::check(compiled)? {
            Protocol::World => {
                let linked = StatefulProcessorPre::new(link()?);
                Linked::World(linked.map_err(|e| Error::argument(format!("{e:#}. See wit/processor/processor.wit.")))?)
            }
            Protocol::Zero { status } => {
                settings.check_for_protocol_0()?;
                Linked::Protocol0 { linked: link()?, status }
            }
        };
        Ok(Module { linked, settings })
    }

    /// Returns whether it is of the world, and not of protocol 0.
    pub fn is_of_world(&self) -> bool {
        matches!(self.linked, Linked::World(_))
    }

    /// Returns whether it imports stores.
    pub fn imports_state(&self) -> bool {
        let compiled = self.compiled();
        compiled.component_type().imports(compiled.engine()).any(|(name, _)| name.starts_with(STATE))
    }

    /// Makes a guest with an instance.
    pub fn instantiate(self: &Arc<Self>) -> Result<Guest> {
        let mut guest = self.guest();
        guest.start()?;
        Ok(guest)
    }

    /// Makes a guest whose instance is made for its first task.
    pub fn guest(self: &Arc<Self>) -> Guest {
        Guest::new(self.clone())
    }

    /// Makes an instance, with the buffers of its output. What it has to say goes to the notes.
    async fn start(self: &Arc<Self>, notes: &Notes, requests: &Requests) -> Result<(Instance, Vec<BufferedOutput>)> {
        let millis = self.settings.time.start_deadline.as_millis();
        Instance::new(self, notes, requests).await.map_err(|e| limits::starting(e, millis, notes))
    }

    /// Returns the compiled code.
    pub fn compiled(&self) -> &Component {
        match &self.linked {
            Linked::Protocol0 { linked, .. } => linked.component(),
            Linked::World(linked) => linked.instance_pre().component(),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the bytes of linear memory that all instances have together.
    pub fn memory_in_use(&self) -> usize {
        self.settings.limits.memory_in_use()
    }

    fn engine(&self) -> &Engine {
        self.compiled().engine()
    }
}

fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    network::add_to_linker(&mut linker)?;
    http::add_to_linker(&mut linker)?;
    files::add_to_linker(&mut linker)?;
    world::add_to_linker(&mut linker)?;
    linker.instance(PROTOCOL_0)?.func_wrap("poll", poll)?;
    Ok(linker)
}
