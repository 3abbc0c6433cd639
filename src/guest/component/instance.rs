//! An instance of a component, and the import by which one of protocol 0 takes its tasks.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{
    self, ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, ResourceTable, TypedFunc,
};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use super::batch;
use super::exports::{BATCH_HANDLER, Protocol, TASK_HANDLER};
use super::files::FileStreams;
use super::outputs::TaskOutputs;
use super::runtime::within;
use super::world::decaton::processor::producer::Message;
use super::world::decaton::processor::types::ProcessError;
use super::{Module, Task};
use crate::binding::component::kept::Tally;
use crate::binding::component::network::{self, Connected, Network, NetworkView};
use crate::binding::error::at_fault;
use crate::binding::mappings;
use crate::binding::net::{Policy, connect_limit};
use crate::binding::stdio::BufferedOutput;
use crate::bridge::error::{Error, Result};
use crate::guest::batch::Ends;
use crate::guest::clock::Deadline;
use crate::guest::limits::{self, Held, Limiter};
use crate::guest::notes::{self, Notes};
use crate::guest::outcome::{Outcome, Verdict};
use crate::guest::stacks::{Code, Linked};
use crate::guest::state::{StateCalls, TaskStores};

/// An instance, ready for a task.
pub struct Instance {
    store: Store<State>,
    entry: Entry,
    /// The stack that it may use.
    pub stack: usize,
}

/// `process` of the world.
type Process<'a> = TypedFunc<(Task<'a>,), (std::result::Result<(), ProcessError>,)>;
/// `process-batch` of the world of batches.
type ProcessBatch<'a> = TypedFunc<(&'a [Task<'a>],), (Vec<std::result::Result<Vec<Message>, ProcessError>>,)>;

enum Entry {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), (i32,)>),
    World(Process<'static>),
    Batches(ProcessBatch<'static>),
}

impl Entry {
    fn find(protocol: Protocol, instance: &component::Instance, store: &mut Store<State>) -> wasmtime::Result<Self> {
        Ok(match protocol {
            Protocol::Zero { status: true } => Entry::Status(instance.get_typed_func(store, "run")?),
            Protocol::Zero { status: false } => Entry::Plain(instance.get_typed_func(store, "run")?),
            Protocol::World => {
                let process = function(instance, store, TASK_HANDLER, "process")?;
                Entry::World(instance.get_typed_func(store, process)?)
            }
            Protocol::Batches => {
                let process = function(instance, store, BATCH_HANDLER, "process-batch")?;
                Entry::Batches(instance.get_typed_func(store, process)?)
            }
        })
    }
}

fn function(
    instance: &component::Instance,
    store: &mut Store<State>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<ComponentExportIndex> {
    let interface = instance.get_export_index(&mut *store, None, interface);
    let function = interface.and_then(|it| instance.get_export_index(&mut *store, Some(&it), name));
    function.ok_or_else(|| wasmtime::Error::msg(format!("it exports no function {name}")))
}

/// The place where a guest runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The stack of the thread that brings its task. Host functions block that thread, and the epoch ends the guest at
    /// its deadline.
    Thread,
    /// A fiber on that thread, which has too little stack. The fiber is not left before the guest returns.
    ThreadOnFiber,
    /// A fiber on a runtime. What waits leaves it, and so does a guest that computes, at each tick. For an async
    /// component the thread that brings its task can be that of the runtime.
    Pool,
}

impl Place {
    pub fn is_pool(self) -> bool {
        self == Place::Pool
    }

    /// Does the work until its time is up.
    async fn within<T>(
        self,
        time: Duration,
        deadline: Deadline,
        work: impl Future<Output = wasmtime::Result<T>>,
    ) -> Result<T> {
        if self.is_pool() {
            return within(time, work).await;
        }
        let done = work.await?;
        // The guest may have passed it in a host call, after which it did not look at the epoch any more.
        deadline.check()?;
        Ok(done)
    }
}

/// The most handles of one instance: files, sockets, streams, pollables, HTTP requests and what belongs to them. Each
/// holds memory of the host, which the limit of linear memory does not see.
const MAX_HANDLES: usize = 4_096;

/// The data of an instance's Store.
pub struct State {
    pub wasi: WasiCtx,
    pub table: ResourceTable,
    pub network: Network,
    pub file_streams: FileStreams,
    /// Streams of files of WASI 0.3.
    pub kept_files: Tally,
    /// The turn of its calls of WASI 0.3 that wait for files.
    #[cfg(feature = "component-async")]
    pub turn: super::wasi3::Turn,
    pub held: Held,
    pub notes: Notes,
    pub outputs: TaskOutputs,
    pub stores: TaskStores,
    pub module: Arc<Module>,
    /// The end of the task, for functions that block. A guest of a pool has a timer.
    pub deadline: Deadline,
    limiter: Limiter,
    /// Protocol 0: the task, until the guest takes it.
    task: Option<Vec<u8>>,
    /// Protocol 0: the largest buffer that was offered while the task waited.
    offered: u32,
}

impl State {
    fn new(module: &Arc<Module>, notes: &Notes, start: Deadline) -> Result<(Self, Vec<BufferedOutput>)> {
        let settings = &module.settings;
        let policy = Arc::new(Policy::new(settings.wasi.network.clone(), notes.clone()));
        settings.check_descriptors()?;
        let (mut wasi, buffered) = settings.wasi.builder_on_fiber(&notes.sink())?;
        network::apply(&mut wasi, policy.clone());
        let deadline = settings.time.deadline;
        // It is counted in ticks and so a little longer, and ends a wait for HTTP before this does.
        let longest = deadline.saturating_add(Duration::from_secs(1));
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        let state = State {
            wasi: wasi.build(),
            table,
            network: Network::new(policy, settings.wasi.trust.clone(), connect_limit(deadline), longest),
            file_streams: FileStreams::default(),
            kept_files: Tally::default(),
            #[cfg(feature = "component-async")]
            turn: Default::default(),
            held: Held::new(&settings.limits),
            notes: notes.clone(),
            outputs: TaskOutputs::default(),
            stores: TaskStores::NONE,
            module: module.clone(),
            deadline: start,
            limiter: Limiter::new(settings.limits.clone(), notes.clone()),
            task: None,
            offered: 0,
        };
        Ok((state, buffered))
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.network().http()
    }
}

impl Connected for State {
    fn network(&mut self) -> NetworkView<'_> {
        NetworkView { ctx: &mut self.wasi, table: &mut self.table, network: &mut self.network }
    }

    fn hold(&mut self, bytes: usize) -> wasmtime::Result<()> {
        State::hold(self, bytes)
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
    pub async fn new(
        module: &Arc<Module>,
        linked: &Linked<InstancePre<State>>,
        place: Place,
        notes: &Notes,
    ) -> Result<(Self, Vec<BufferedOutput>)> {
        let initial = limits::initial_memory(linked.code.required());
        let deadline = Deadline::in_ticks(module.start_ticks);
        if place.is_pool() {
            // On a runtime's thread, which cannot call Java. A call takes a fiber besides.
            mappings::check_room(mappings::INSTANCE)?;
        } else {
            mappings::await_room(mappings::INSTANCE)?;
            linked.await_total(deadline)?;
        }
        let (state, buffered) = State::new(module, notes, deadline)?;
        let mut store = Store::new(linked.code.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(module.settings.limits.hostcall_fuel());
        #[cfg(feature = "component-async")]
        super::wasi3::limit(&mut store);
        if place.is_pool() {
            // The guest yields at each tick, so that the timer can end it.
            store.set_epoch_deadline(1);
            store.epoch_deadline_async_yield_and_update(1);
        } else {
            store.set_epoch_deadline(module.start_ticks);
        }
        let start = async {
            while place.is_pool() && !limits::total_has_room(initial) {
                tokio::time::sleep(limits::TOTAL_POLL).await;
            }
            let instance = match place {
                Place::Thread => linked.code.instantiate(&mut store)?,
                Place::ThreadOnFiber | Place::Pool => linked.code.instantiate_async(&mut store).await?,
            };
            Entry::find(module.protocol, &instance, &mut store)
        };
        let entry = place.within(module.settings.time.start_deadline, deadline, start).await.map_err(|e| {
            if !place.is_pool() || limits::total_has_room(initial) {
                e
            } else {
                Error::limit(limits::total_reached(initial))
            }
        })?;
        Ok((Instance { store, entry, stack: linked.stack }, buffered))
    }

    /// Hands one task over and waits for its outcome.
    pub async fn process(&mut self, task: Task<'_>, stores: StateCalls, place: Place) -> Result<Answer> {
        let (time, deadline) = self.begin_task(stores, place);
        let work = async { self.call(task, place).await.map_err(at_fault) };
        let (outcome, refusal) = place.within(time, deadline, work).await?;
        Ok(self.answer(outcome, refusal))
    }

    /// Hands one task of the world over, on the stack of this thread. It is [`process`](Self::process) without its
    /// future, which is large, since it can wait, and whose moves take a tenth of an empty task. Returns the task where
    /// the guest has another entry.
    pub fn process_on_thread<'a>(
        &mut self,
        task: Task<'a>,
        stores: StateCalls,
    ) -> std::result::Result<Result<Answer>, Task<'a>> {
        let Entry::World(process) = &self.entry else { return Err(task) };
        // SAFETY: only the lifetime differs from that of the checked type.
        let process = unsafe { Process::new_unchecked(*process.func()) };
        let (_, deadline) = self.begin_task(stores, Place::Thread);
        let done = process.call(&mut self.store, (task,)).map_err(at_fault).map_err(Error::from);
        Ok(done.and_then(|(result,)| {
            deadline.check()?;
            let (outcome, refusal) = outcome(result);
            Ok(self.answer(outcome, refusal))
        }))
    }

    /// Prepares for a task, and returns its deadline as a duration and as a time.
    fn begin_task(&mut self, stores: StateCalls, place: Place) -> (Duration, Deadline) {
        let state = self.store.data_mut();
        state.outputs.begin();
        state.stores.begin(stores);
        self.begin(place)
    }

    /// Returns the answer of a guest that did not fail.
    fn answer(&mut self, outcome: Outcome, refusal: String) -> Answer {
        let state = self.store.data_mut();
        let produced = state.outputs.take();
        state.settle();
        let produced = if matches!(outcome, Outcome::Status(0)) { produced } else { Vec::new() };
        Answer { outcome, refusal, produced }
    }

    /// Hands a batch over and waits for the ends of its tasks.
    pub async fn process_batch(&mut self, tasks: &[Task<'_>], place: Place) -> Result<Ends> {
        let (time, deadline) = self.begin(place);
        let Instance { store, entry, .. } = self;
        let Entry::Batches(process) = entry else { return Err(Error::argument("the guest takes no batches")) };
        store.data().notes.about(None);
        let work = async {
            // SAFETY: only the lifetime differs from that of the checked type.
            let process = unsafe { ProcessBatch::new_unchecked(*process.func()) };
            let results = call(store, &process, (tasks,), place).await.map_err(at_fault)?.0;
            batch::ends(store.data_mut(), results, tasks.len())
        };
        let ends = place.within(time, deadline, work).await?;
        self.store.data_mut().settle();
        Ok(ends)
    }

    /// Sets the deadline of a task or a batch, and returns it as a duration and as a time.
    fn begin(&mut self, place: Place) -> (Duration, Deadline) {
        let state = self.store.data_mut();
        let (time, ticks) = (state.module.settings.time.deadline, state.module.ticks);
        let deadline = Deadline::in_ticks(ticks);
        state.deadline = deadline;
        if !place.is_pool() {
            self.store.set_epoch_deadline(ticks);
        }
        (time, deadline)
    }

    async fn call(&mut self, task: Task<'_>, place: Place) -> wasmtime::Result<(Outcome, String)> {
        let store = &mut self.store;
        let status = match &self.entry {
            Entry::World(process) => {
                // SAFETY: only the lifetime differs from that of the checked type.
                let process = unsafe { Process::new_unchecked(*process.func()) };
                return Ok(outcome(call(store, &process, (task,), place).await?.0));
            }
            Entry::Batches(_) => return Err(Error::argument("the guest takes batches only").into_wasmtime()),
            Entry::Plain(run) => {
                hand_over(store, &task);
                call(store, run, (), place).await?;
                0
            }
            Entry::Status(run) => {
                hand_over(store, &task);
                call(store, run, (), place).await?.0
            }
        };
        let state = store.data_mut();
        Ok(match status {
            0 if state.task.take().is_some() => (Outcome::NotTaken(state.offered), String::new()),
            status => (Outcome::Status(status), String::new()),
        })
    }
}

async fn call<P, R>(
    store: &mut Store<State>,
    function: &TypedFunc<P, R>,
    parameters: P,
    place: Place,
) -> wasmtime::Result<R>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift + 'static,
{
    match place {
        Place::Thread => function.call(store, parameters),
        Place::ThreadOnFiber | Place::Pool => function.call_async(store, parameters).await,
    }
}

/// Returns the outcome of a task, and the reason of a guest that refused it.
fn outcome(result: std::result::Result<(), ProcessError>) -> (Outcome, String) {
    match result {
        Ok(()) => (Outcome::Status(0), String::new()),
        Err(error) => {
            let (verdict, reason) = verdict(&error);
            (Outcome::Refused(verdict), reason)
        }
    }
}

/// Returns the verdict of a guest that refused a task, and its reason.
pub fn verdict(error: &ProcessError) -> (Verdict, String) {
    let (verdict, why) = match error {
        ProcessError::Retry(why) => (Verdict::Retry, why),
        ProcessError::DeadLetter(why) => (Verdict::DeadLetter, why),
        ProcessError::Skip(why) => (Verdict::Skip, why),
        ProcessError::Fatal(why) => (Verdict::Fatal, why),
    };
    (verdict, notes::cut(why.as_bytes()))
}

fn hand_over(store: &mut Store<State>, task: &Task<'_>) {
    let state = store.data_mut();
    // A tombstone is a task of length 0.
    state.task = Some(task.value.unwrap_or_default().to_vec());
    state.offered = 0;
}
