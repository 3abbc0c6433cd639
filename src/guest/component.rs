//! Processors that are components (WASI 0.2). They run on wasmtime's asynchronous path: a guest that waits, for a
//! connection or a timer, leaves its fiber, and one timer ends whatever it does when the task's deadline has come, an
//! endless loop included (the epoch makes that yield). The thread that brought the task waits for its end in
//! [`block_on`]; or, so that many tasks can wait without a thread each, it goes on and the runtime of [`pool`] runs
//! them.
//!
//! A host function must not call into Java from a fiber: HotSpot takes the fiber for a stack overflow. So the task is
//! copied before the fiber is entered, and the lines for the log wait in [`Notes`] until it was left.

mod connecting;
mod http;
mod network;
mod outputs;
pub mod pool;
mod world;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jni::Env;
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable, TypedFunc};
use wasmtime::{Engine, Store, StoreContextMut, Trap};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::binding::stdio::Held;
use crate::binding::wasi::Description;
use crate::bridge::error::{Error, Result};
use crate::bridge::stack;
use crate::guest::limits::{self, Limiter, Limits};
use crate::guest::net::{self, Grants, Policy};
use crate::guest::notes::{self, Level, Notes};

pub use http::Trust;
pub use outputs::OutputGrants;
pub use world::decaton::processor::types::{Header, ProcessError, Task};
use world::{Processor, ProcessorPre};

/// How a component begins: the magic number, version 13, layer 1.
pub const HEADER: [u8; 8] = [0, b'a', b's', b'm', 13, 0, 1, 0];

const PROTOCOL_0: &str = "decaton:protocol0/tasks@0.1.0";
const TASK_HANDLER: &str = "decaton:processor/task-handler@0.1.0";

/// Sockets, timers and file operations of all guests. Guests themselves run on the threads that bring tasks.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        // For files and name look-ups, which block; more than this at once wait for each other.
        .max_blocking_threads(64)
        .thread_name("wasmton-io")
        .enable_io()
        .enable_time()
        .build()
        .expect("two more threads")
});

/// What the host grants and sets, the same for all guests of a component.
pub struct Settings {
    pub wasi: Description,
    pub network: Arc<Grants>,
    pub trust: Arc<Trust>,
    pub outputs: OutputGrants,
    pub configuration: Vec<(String, String)>,
    /// Lines below this level go nowhere.
    pub log_level: Level,
    pub deadline: Duration,
    pub start_deadline: Duration,
    pub limits: Limits,
}

/// A processor that is a component, ready to be instantiated.
pub struct GuestComponent {
    linked: Linked,
    settings: Settings,
}

enum Linked {
    Protocol0 { linked: InstancePre<State>, status: bool },
    World(ProcessorPre<State>),
}

/// One instance, used by one thread at a time.
pub struct Guest {
    component: Arc<GuestComponent>,
    notes: Notes,
    /// None while a task is under way elsewhere, and after a failure until the next task.
    live: Option<Live>,
    /// What the guest wrote to Java streams.
    held: Vec<Held>,
    /// What the guest said of the task that it refused.
    refusal: String,
    /// What the last task produced, if it succeeded, until Java takes it.
    produced: Vec<u8>,
    /// The task that is under way elsewhere.
    flight: Option<AbortHandle>,
    /// What came of that, until it is asked for.
    landed: Option<Result<Outcome>>,
}

struct Live {
    store: Store<State>,
    entry: Entry,
}

enum Entry {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), (i32,)>),
    World(Processor),
}

pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    policy: Arc<Policy>,
    lookups: network::Lookups,
    connecting: connecting::Connecting,
    http: http::Http,
    notes: Notes,
    limiter: Limiter,
    outputs: outputs::Outputs,
    component: Arc<GuestComponent>,
    /// Protocol 0: the task, until the guest takes it.
    task: Option<Vec<u8>>,
    /// Protocol 0: the largest buffer that was offered while the task waited.
    offered: u32,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// What came of a task.
pub enum Outcome {
    /// What `run` returned; 0 for done.
    Status(i32),
    /// The guest offered no buffer that holds the task; the largest that it did offer.
    NotTaken(u32),
    Refused(Refusal),
}

#[derive(Clone, Copy)]
pub enum Refusal {
    Retry,
    Skip,
    Fatal,
    DeadLetter,
}

impl GuestComponent {
    /// Links a component.
    pub fn new(component: &Component, settings: Settings) -> Result<Self> {
        settings.wasi.check_for_fiber()?;
        let engine = component.engine();
        let linker = linker(engine)?;
        let exports: Vec<_> =
            component.component_type().exports(engine).map(|(name, item)| (name.to_owned(), item.ty)).collect();
        let link = || {
            linker.instantiate_pre(component).map_err(|e| {
                Error::argument(format!(
                    "{e:#}. A processor may import {PROTOCOL_0}, what the world decaton:processor@0.1.0 imports, and \
                     WASI 0.2 with outgoing HTTP."
                ))
            })
        };
        let linked = if exports.iter().any(|(name, _)| name == TASK_HANDLER) {
            let linked = ProcessorPre::new(link()?);
            Linked::World(linked.map_err(|e| Error::argument(format!("{e:#}. See wit/processor/processor.wit.")))?)
        } else {
            let status = check_run(&exports)?;
            Linked::Protocol0 { linked: link()?, status }
        };
        Ok(GuestComponent { linked, settings })
    }

    /// Makes an instance.
    pub fn instantiate(self: &Arc<Self>) -> Result<Guest> {
        let mut guest = self.guest();
        let started = block_on(self.start(&guest.notes))?;
        let (live, held) = started.map_err(|e| guest.notes.explain(e))?;
        guest.live = Some(live);
        guest.held = held;
        Ok(guest)
    }

    /// A guest whose instance is made for its first task.
    pub fn guest(self: &Arc<Self>) -> Guest {
        Guest {
            component: self.clone(),
            notes: Notes::default(),
            live: None,
            held: Vec::new(),
            refusal: String::new(),
            produced: Vec::new(),
            flight: None,
            landed: None,
        }
    }

    async fn start(self: &Arc<Self>, notes: &Notes) -> Result<(Live, Vec<Held>)> {
        let policy = Arc::new(Policy::new(self.settings.network.clone(), notes.clone()));
        let (mut wasi, held) = self.settings.wasi.builder_on_fiber(notes)?;
        network::apply(&mut wasi, policy.clone());
        let state = State {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            http: http::Http::new(policy.clone(), self.settings.trust.clone(), self.settings.deadline),
            policy,
            lookups: network::Lookups::default(),
            connecting: connecting::Connecting::new(net::connect_limit(self.settings.deadline)),
            notes: notes.clone(),
            limiter: Limiter::new(self.settings.limits.clone(), notes.clone()),
            outputs: outputs::Outputs::default(),
            component: self.clone(),
            task: None,
            offered: 0,
        };
        let mut store = Store::new(self.engine(), state);
        store.limiter(|state| &mut state.limiter);
        // At each tick the guest lets the timer have a look.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let entry = within(self.settings.start_deadline, async {
            Ok(match &self.linked {
                Linked::World(linked) => Entry::World(linked.instantiate_async(&mut store).await?),
                Linked::Protocol0 { linked, status } => {
                    let instance = linked.instantiate_async(&mut store).await?;
                    if *status {
                        Entry::Status(instance.get_typed_func(&mut store, "run")?)
                    } else {
                        Entry::Plain(instance.get_typed_func(&mut store, "run")?)
                    }
                }
            })
        })
        .await;
        let millis = self.settings.start_deadline.as_millis();
        let entry = entry.map_err(|e| limits::starting(e, millis, notes))?;
        Ok((Live { store, entry }, held))
    }

    /// One task in that instance, or in a fresh one.
    async fn run(self: Arc<Self>, notes: Notes, live: Option<Live>, task: Task) -> Ended {
        let (mut live, held) = match live {
            Some(live) => (live, None),
            None => match self.start(&notes).await {
                Ok((live, held)) => (live, Some(held)),
                Err(e) => return Ended { live: None, held: None, result: Err(e) },
            },
        };
        let result = within(self.settings.deadline, live.process(task)).await;
        let result = result.map(|(outcome, refusal)| Told { produced: live.produced(&outcome), outcome, refusal });
        Ended { live: result.is_ok().then_some(live), held, result }
    }

    /// How much linear memory its instances have together, in bytes.
    pub fn memory_in_use(&self) -> usize {
        self.settings.limits.memory_in_use()
    }

    fn engine(&self) -> &Engine {
        self.component().engine()
    }

    /// Its compiled code.
    pub fn component(&self) -> &Component {
        match &self.linked {
            Linked::Protocol0 { linked, .. } => linked.component(),
            Linked::World(linked) => linked.instance_pre().component(),
        }
    }
}

/// Whether `run` returns a status.
fn check_run(exports: &[(String, ComponentItem)]) -> Result<bool> {
    let names = || match exports {
        [] => "nothing at all".to_owned(),
        exports => format!("only: {}", exports.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")),
    };
    match exports.iter().find(|(name, _)| name == "run") {
        Some((_, ComponentItem::ComponentFunc(run))) => {
            let results: Vec<_> = run.results().collect();
            match (run.params().len(), results.as_slice()) {
                (0, []) => Ok(false),
                (0, [wasmtime::component::Type::S32]) => Ok(true),
                _ => Err(Error::argument(
                    "its export 'run' does not have the signature of a processor: 'run' takes no parameters and \
                     returns nothing, or an s32 that is 0 for success."
                        .to_owned(),
                )),
            }
        }
        _ if exports.iter().any(|(name, _)| name.starts_with("wasi:cli/run@")) => Err(Error::argument(
            "it is a command, with a main function. Build a library: crate-type cdylib in Rust.".to_owned(),
        )),
        _ => Err(Error::argument(format!(
            "it exports neither {TASK_HANDLER} nor a function 'run', but {}. A component exports the one (see \
             wit/processor) or the other (see wit/protocol0).",
            names()
        ))),
    }
}

fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    network::add_to_linker(&mut linker)?;
    http::add_to_linker(&mut linker)?;
    world::add_to_linker(&mut linker)?;
    linker.instance(PROTOCOL_0)?.func_wrap("poll", poll)?;
    Ok(linker)
}

/// `poll(capacity) -> the task`, none if it does not fit: the adapter has the list put straight into the guest's
/// buffer, so it must never be longer than that. A task that was not taken waits on for the rest of the `run`.
fn poll(mut store: StoreContextMut<'_, State>, (capacity,): (u32,)) -> wasmtime::Result<(Option<Vec<u8>>,)> {
    let state = store.data_mut();
    let fits = state.task.as_ref().is_some_and(|task| task.len() <= capacity as usize);
    if state.task.is_some() && !fits {
        state.offered = state.offered.max(capacity);
    }
    Ok((if fits { state.task.take() } else { None },))
}

/// What a task leaves behind.
pub struct Ended {
    /// The instance, unless the task failed: it is dropped then, with everything it had open.
    live: Option<Live>,
    /// What an instance that was made for this task writes to Java streams.
    held: Option<Vec<Held>>,
    result: Result<Told>,
}

/// What a guest that did not fail had to say.
struct Told {
    outcome: Outcome,
    refusal: String,
    produced: Vec<u8>,
}

/// The work until its time is up. What was cut off leaves its Store as it happened to be: that must be dropped.
async fn within<T>(deadline: Duration, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result.map_err(Error::from),
        Err(_) => Err(wasmtime::Error::from(Trap::Interrupt).into()),
    }
}

/// Runs work on this thread and the runtime, until it is done.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    // A guest has a stack of its own; what is needed here is for what runs beside it.
    stack::check(0)?;
    Ok(RUNTIME.block_on(work))
}

impl Guest {
    /// Hands one task over and waits for what comes of it. After an error the next task meets a fresh instance.
    pub fn process(&mut self, task: Task) -> Result<Outcome> {
        self.check_free()?;
        let component = self.component.clone();
        let ended = block_on(component.run(self.notes.clone(), self.live.take(), task))?;
        self.take_back(ended)
    }

    fn check_free(&self) -> Result<()> {
        if self.flight.is_some() { Err(Error::busy("Guest")) } else { Ok(()) }
    }

    fn take_back(&mut self, ended: Ended) -> Result<Outcome> {
        self.live = ended.live;
        if let Some(held) = ended.held {
            self.held = held;
        }
        let Told { outcome, refusal, produced } = ended.result?;
        self.refusal = refusal;
        self.produced = produced;
        Ok(outcome)
    }

    /// Hands what the guest wrote over to Java's streams. An exception that one throws is the error.
    pub fn deliver_output(&self, env: &mut Env<'_>) -> Result<()> {
        self.held.iter().try_for_each(|held| held.deliver(env))
    }

    fn has_output(&self) -> bool {
        self.held.iter().any(Held::is_waiting)
    }

    /// What waits to be told: why the last task was refused, and the notes.
    pub fn take_notes(&mut self) -> (String, notes::Told) {
        (std::mem::take(&mut self.refusal), self.notes.take())
    }

    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// The records that the last task produced, as [`outputs`] encodes them; empty if it failed.
    pub fn take_outputs(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.produced)
    }

    pub fn has_outputs(&self) -> bool {
        !self.produced.is_empty()
    }
}

impl Live {
    /// What a task with that outcome produced: nothing, unless it is done.
    fn produced(&mut self, outcome: &Outcome) -> Vec<u8> {
        let produced = self.store.data_mut().outputs.take();
        if matches!(outcome, Outcome::Status(0)) { produced } else { Vec::new() }
    }

    async fn process(&mut self, task: Task) -> wasmtime::Result<(Outcome, String)> {
        let store = &mut self.store;
        let status = match &self.entry {
            Entry::World(world) => {
                store.data_mut().outputs.begin();
                let result = world.decaton_processor_task_handler().call_process(store, &task).await?;
                return Ok(match result {
                    Ok(()) => (Outcome::Status(0), String::new()),
                    Err(ProcessError::Retry(why)) => (Outcome::Refused(Refusal::Retry), why),
                    Err(ProcessError::DeadLetter(why)) => (Outcome::Refused(Refusal::DeadLetter), why),
                    Err(ProcessError::Skip(why)) => (Outcome::Refused(Refusal::Skip), why),
                    Err(ProcessError::Fatal(why)) => (Outcome::Refused(Refusal::Fatal), why),
                });
            }
            Entry::Plain(run) => {
                hand_over(store, task);
                run.call_async(&mut *store, ()).await?;
                0
            }
            Entry::Status(run) => {
                hand_over(store, task);
                run.call_async(&mut *store, ()).await?.0
            }
        };
        let state = store.data_mut();
        Ok(match status {
            0 if state.task.take().is_some() => (Outcome::NotTaken(state.offered), String::new()),
            status => (Outcome::Status(status), String::new()),
        })
    }
}

fn hand_over(store: &mut Store<State>, task: Task) {
    let state = store.data_mut();
    // A tombstone is a task of length 0.
    state.task = Some(task.value.unwrap_or_default());
    state.offered = 0;
}
