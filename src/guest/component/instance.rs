//! An instance of a component, and the import by which one of protocol 0 takes its tasks.

use std::sync::Arc;

use wasmtime::component::{ResourceTable, TypedFunc};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::connecting::Connecting;
use super::files::FileStreams;
use super::http::Http;
use super::network;
use super::outputs::TaskOutputs;
use super::runtime::within;
use super::state::Requests;
use super::world::StatefulProcessor;
use super::world::decaton::processor::types::ProcessError;
use super::{Linked, Module, Task};
use crate::binding::error::at_fault;
use crate::binding::mappings;
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::guest::limits::{self, Held, Limiter};
use crate::guest::net::{self, Policy};
use crate::guest::notes::{self, Notes};
use crate::guest::outcome::{Outcome, Verdict};

/// An instance, ready for a task.
pub struct Instance {
    store: Store<State>,
    entry: Entry,
}

enum Entry {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), (i32,)>),
    World(StatefulProcessor),
}

/// The most handles of one instance: files, sockets, streams, pollables, HTTP requests and what belongs to them. Each
/// holds memory of the host, which the limit of linear memory does not see.
const MAX_HANDLES: usize = 4_096;

/// The data of an instance's Store.
pub struct State {
    pub wasi: WasiCtx,
    pub table: ResourceTable,
    pub policy: Arc<Policy>,
    pub file_streams: FileStreams,
    pub held: Held,
    pub connecting: Connecting,
    pub http: Http,
    pub notes: Notes,
    pub outputs: TaskOutputs,
    pub requests: Requests,
    pub module: Arc<Module>,
    limiter: Limiter,
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

/// `poll(capacity) -> the task`, none if it does not fit: the adapter has the list put straight into the guest's
/// buffer, so it must never be longer than that. A task that was not taken waits on for the rest of the `run`.
pub fn poll(mut store: StoreContextMut<'_, State>, (capacity,): (u32,)) -> wasmtime::Result<(Option<Vec<u8>>,)> {
    let state = store.data_mut();
    let fits = state.task.as_ref().is_some_and(|task| task.len() <= capacity as usize);
    if state.task.is_some() && !fits {
        state.offered = state.offered.max(capacity);
    }
    Ok((if fits { state.task.take() } else { None },))
}

/// The answer of a guest that did not fail.
pub struct Answer {
    pub outcome: Outcome,
    /// The reason that the guest gave for refusing the task.
    pub refusal: String,
    /// The records that it produced, encoded; none unless the task is done.
    pub produced: Vec<u8>,
}

impl Instance {
    /// Instantiates a component. Its output for Java streams waits in the buffers, which outlive it.
    pub async fn new(module: &Arc<Module>, notes: &Notes, requests: &Requests) -> Result<(Self, Vec<BufferedOutput>)> {
        // On a runtime's thread, which cannot call Java. A call takes a fiber besides.
        mappings::check_room(mappings::INSTANCE)?;
        let settings = &module.settings;
        let policy = Arc::new(Policy::new(settings.network.clone(), notes.clone()));
        settings.check_descriptors()?;
        let (mut wasi, buffered) = settings.wasi.builder_on_fiber(&notes.sink())?;
        network::apply(&mut wasi, policy.clone());
        let deadline = settings.time.deadline;
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        let state = State {
            wasi: wasi.build(),
            table,
            http: Http::new(policy.clone(), settings.trust.clone(), deadline),
            policy,
            file_streams: FileStreams::default(),
            held: Held::new(&settings.limits),
            connecting: Connecting::new(net::connect_limit(deadline)),
            notes: notes.clone(),
            outputs: TaskOutputs::default(),
            requests: requests.clone(),
            module: module.clone(),
            limiter: Limiter::new(settings.limits.clone(), notes.clone()),
            task: None,
            offered: 0,
        };
        let mut store = Store::new(module.engine(), state);
        store.limiter(|state| &mut state.limiter);
        // At each tick the guest lets the timer have a look.
        store.set_hostcall_fuel(settings.limits.hostcall_fuel());
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let initial = limits::initial_memory(module.compiled().resources_required());
        let entry = within(settings.time.start_deadline, async {
            while !limits::total_has_room(initial) {
                tokio::time::sleep(limits::TOTAL_POLL).await;
            }
            Ok(match &module.linked {
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
        });
        let entry = entry.await.map_err(|e| {
            if limits::total_has_room(initial) { e } else { Error::limit(limits::total_reached(initial)) }
        })?;
        Ok((Instance { store, entry }, buffered))
    }

    /// Hands one task over and waits for its outcome.
    pub async fn process(&mut self, task: Task) -> Result<Answer> {
        let deadline = self.store.data().module.settings.time.deadline;
        let (outcome, refusal) = within(deadline, async { self.call(task).await.map_err(at_fault) }).await?;
        let state = self.store.data_mut();
        let produced = state.outputs.take();
        state.settle();
        let produced = if matches!(outcome, Outcome::Status(0)) { produced } else { Vec::new() };
        Ok(Answer { outcome, refusal, produced })
    }

    async fn call(&mut self, task: Task) -> wasmtime::Result<(Outcome, String)> {
        let store = &mut self.store;
        let status = match &self.entry {
            Entry::World(world) => {
                store.data_mut().outputs.begin();
                let result = world.decaton_processor_task_handler().call_process(store, &task).await?;
                return Ok(match result {
                    Ok(()) => (Outcome::Status(0), String::new()),
                    Err(ProcessError::Retry(why)) => refused(Verdict::Retry, &why),
                    Err(ProcessError::DeadLetter(why)) => refused(Verdict::DeadLetter, &why),
                    Err(ProcessError::Skip(why)) => refused(Verdict::Skip, &why),
                    Err(ProcessError::Fatal(why)) => refused(Verdict::Fatal, &why),
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

fn refused(verdict: Verdict, why: &str) -> (Outcome, String) {
    (Outcome::Refused(verdict), notes::cut(why.as_bytes()))
}

fn hand_over(store: &mut Store<State>, task: Task) {
    let state = store.data_mut();
    // A tombstone is a task of length 0.
    state.task = Some(task.value.unwrap_or_default());
    state.offered = 0;
}
