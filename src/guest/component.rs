//! Guests that are components (WASI 0.2 and 0.3). A guest runs on the stack of the thread that brings its task, as a
//! core module does: its functions that wait block the thread, and the epoch ends it when the task's deadline has come.
//!
//! A pool runs many tasks on a runtime ([`Guest::begin`]), so that they can wait without a thread each. There a guest
//! has a fiber, and leaves it when it waits; one timer ends it, even in an endless loop, since the epoch makes that
//! yield. A host function must not call into Java from a fiber: HotSpot takes the fiber for a stack overflow. So the
//! lines for the log, and output for Java streams, wait until the task has ended, and tasks of a pool have no stores.
//!
//! A component with async functions, or of WASI 0.3, has a fiber in any case, as wasmtime demands it. Outside of a pool
//! the thread that brings its task waits for it.

mod batch;
mod exports;
mod files;
mod guest;
mod held;
mod instance;
mod listing;
mod outputs;
mod runtime;
mod state;
mod task;
mod waits;
#[cfg(feature = "component-async")]
mod wasi3;
mod world;
mod writer;

use std::sync::Arc;

use once_cell::sync::OnceCell;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, ResourcesRequired};

use crate::binding::component::waits::Waits;
use crate::binding::component::{http, network};
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::bridge::stack;
use crate::guest::notes::Notes;
use crate::guest::settings::Settings;
use crate::guest::stacks::{Code, Linked, Stacks};
use crate::guest::state::StateCalls;
use crate::guest::{clock, engines, limits};
use exports::{PROTOCOL_0, Protocol};
pub use guest::{Ended, Guest};
use instance::{Instance, Place, State, poll};
pub use task::{Task, TaskHeader};
use world::StatefulProcessorPre;
use world::batch::BatchProcessorPre;
pub use world::decaton::processor::producer::Message;
#[cfg(test)]
pub use world::decaton::processor::types::Header;

/// The first bytes of a component: the magic number, version 13, layer 1.
pub const HEADER: [u8; 8] = [0, b'a', b's', b'm', 13, 0, 1, 0];

/// The interface of stores, before its version.
const STATE: &str = "decaton:processor/state@";

/// A component, ready to be instantiated.
pub struct Module {
    /// The code for the threads that bring tasks.
    stacks: Stacks<InstancePre<State>>,
    /// The code for pools, once there is one.
    pooled: OnceCell<Linked<InstancePre<State>>>,
    protocol: Protocol,
    imports_state: bool,
    /// True if it runs on fibers only, as async functions do.
    is_async: bool,
    settings: Settings,
    /// The deadlines of a task and of a start in ticks.
    ticks: u64,
    start_ticks: u64,
}

impl Module {
    /// Checks and links a compiled component.
    pub fn new(compiled: &Component, settings: Settings) -> Result<Self> {
        settings.wasi.check_for_fiber()?;
        let protocol = exports::check(compiled)?;
        let is_async = engines::is_async(compiled.engine());
        let mut code = link(compiled, if is_async { Waits::LeaveFiber } else { Waits::Block })?;
        match protocol {
            Protocol::World => {
                code = StatefulProcessorPre::new(code).map_err(not_of_world)?.instance_pre().clone();
            }
            Protocol::Batches => {
                batch::check(compiled)?;
                settings.check_for_batches()?;
                code = BatchProcessorPre::new(code).map_err(not_of_world)?.instance_pre().clone();
            }
            Protocol::Zero { .. } => settings.check_for_protocol_0()?,
        }
        let ty = compiled.component_type();
        let state = ty.imports(compiled.engine()).find(|(name, _)| name.starts_with(STATE));
        if let Some((name, _)) = state.as_ref().filter(|_| is_async) {
            return Err(Error::argument(format!(
                "it has async functions and imports {name}. Java has the stores, and cannot be called while other \
                 functions of the processor wait. Build it without async functions and WASI 0.3."
            )));
        }
        let imports_state = state.is_some();
        let (ticks, start_ticks) = (clock::ticks(settings.time.deadline), clock::ticks(settings.time.start_deadline));
        let stacks = Stacks::new(code, settings.limits.stack());
        let pooled = OnceCell::new();
        Ok(Module { stacks, pooled, protocol, imports_state, is_async, settings, ticks, start_ticks })
    }

    /// Returns whether it is of the world, and not of protocol 0.
    pub fn is_of_world(&self) -> bool {
        matches!(self.protocol, Protocol::World | Protocol::Batches)
    }

    /// Returns whether its guests take batches.
    pub fn takes_batches(&self) -> bool {
        matches!(self.protocol, Protocol::Batches)
    }

    /// Returns whether it imports stores.
    pub fn imports_state(&self) -> bool {
        self.imports_state
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

    /// Makes an instance on the thread that brings its tasks, with the buffers of its output. What it has to say goes
    /// to the notes.
    async fn start_on_thread(self: &Arc<Self>, notes: &Notes) -> Result<(Instance, Vec<BufferedOutput>)> {
        if self.is_async {
            stack::check(0)?;
            return self.start_in_pool(notes).await;
        }
        let (linked, place) = match self.stacks.for_this_thread() {
            Ok(linked) => (linked, Place::Thread),
            Err(_) => stack::check(0).map(|()| (self.stacks.most(), Place::ThreadOnFiber))?,
        };
        self.start(linked, place, notes).await
    }

    /// Does the same for an instance of a pool.
    async fn start_in_pool(self: &Arc<Self>, notes: &Notes) -> Result<(Instance, Vec<BufferedOutput>)> {
        if self.is_async {
            return self.start(self.stacks.most(), Place::Pool, notes).await;
        }
        let linked = self.pooled.get_or_try_init(|| {
            let code = link(self.compiled(), Waits::LeaveFiber)?;
            Ok::<_, Error>(Linked { code, stack: self.settings.limits.stack() })
        })?;
        self.start(linked, Place::Pool, notes).await
    }

    async fn start(
        self: &Arc<Self>,
        linked: &Linked<InstancePre<State>>,
        place: Place,
        notes: &Notes,
    ) -> Result<(Instance, Vec<BufferedOutput>)> {
        let millis = self.settings.time.start_deadline.as_millis();
        Instance::new(self, linked, place, notes).await.map_err(|e| limits::starting(e, millis, notes))
    }

    /// Returns the place on this thread for an instance with that stack. Java cannot be called from a fiber, so where
    /// there are stores the thread needs the stack.
    fn place(&self, stack: usize, calls: StateCalls) -> Result<Place> {
        match stack::check(stack) {
            _ if self.is_async => stack::check(0).map(|()| Place::Pool),
            Ok(()) => Ok(Place::Thread),
            Err(e) if self.imports_state && !calls.is_none() => Err(e),
            // The fiber has the guest's stack; what is needed here is for what runs beside it.
            Err(_) => stack::check(0).map(|()| Place::ThreadOnFiber),
        }
    }

    /// Adds the size of the stack to the error of a guest that used it up.
    fn explain(&self, error: Error, stack: usize) -> Error {
        self.stacks.explain(error, stack)
    }

    /// Returns the compiled code.
    pub fn compiled(&self) -> &Component {
        self.stacks.most().code.component()
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the bytes of linear memory that all instances have together.
    pub fn memory_in_use(&self) -> usize {
        self.settings.limits.memory_in_use()
    }
}

impl Code for InstancePre<State> {
    fn with_stack(&self, stack: usize) -> Result<Self> {
        let code = self.component().serialize()?;
        // SAFETY: wasmtime has just made these bytes of a component.
        let load = |engine: &Engine| unsafe { Component::deserialize(engine, &code) };
        // One of the two has the settings that it was compiled with; the other refuses it.
        let component = load(&engines::small(stack)?).or_else(|_| load(&engines::standard(stack)?))?;
        link(&component, Waits::Block)
    }

    fn required(&self) -> Option<ResourcesRequired> {
        self.component().resources_required()
    }
}

fn not_of_world(e: wasmtime::Error) -> Error {
    Error::argument(format!("{e:#}. See wit/processor/processor.wit."))
}

fn link(compiled: &Component, waits: Waits) -> Result<InstancePre<State>> {
    linker(compiled.engine(), waits)?.instantiate_pre(compiled).map_err(|e| {
        Error::argument(format!(
            "{e:#}. A processor may import {PROTOCOL_0}, what the world decaton:processor@0.1.0 imports, and WASI \
             0.2 or, if it is async, 0.3, with outgoing HTTP."
        ))
    })
}

fn linker(engine: &Engine, waits: Waits) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    waits.add_wasi_to_linker(&mut linker)?;
    network::add_to_linker(&mut linker, waits)?;
    http::add_to_linker(&mut linker)?;
    held::add_to_linker(&mut linker)?;
    files::add_to_linker(&mut linker, waits)?;
    world::add_to_linker(&mut linker)?;
    linker.instance(PROTOCOL_0)?.func_wrap("poll", poll)?;
    #[cfg(feature = "component-async")]
    if engines::is_async(engine) {
        wasi3::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}
