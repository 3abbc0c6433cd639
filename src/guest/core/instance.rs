//! An instance of a core module, and the import by which one of protocol 0 takes its tasks.

use std::sync::Arc;

use wasmtime::{Caller, Extern, Store, Trap, TypedFunc};
use wasmtime_wasi::I32Exit;

use super::Module;
use super::http::Http;
use super::protocol1::SeenMemory;
use super::tasks::Tasks;
use super::wasi1::Host;
use crate::binding::error::at_fault;
use crate::binding::mappings;
use crate::binding::net::Policy;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::JavaBytes;
use crate::guest::clock::Deadline;
use crate::guest::limits::{Held, Limiter};
use crate::guest::notes::Notes;
use crate::guest::outcome::Outcome;
use crate::guest::packed::PackedTasks;
use crate::guest::settings::Settings;
use crate::guest::state::{StateCalls, TaskStores};

/// An instance, ready for a task.
pub struct Instance {
    store: Store<State>,
    run: Run,
    /// The stack that it may use.
    pub stack: usize,
}

#[derive(Clone)]
enum Run {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), i32>),
}

/// The data of an instance's Store.
pub struct State {
    pub host: Host,
    pub notes: Notes,
    pub settings: Arc<Settings>,
    /// The deadline of a task.
    pub ticks: u64,
    limiter: Limiter,
    /// Protocol 1: the tasks, the stores and HTTP requests of a task, and the memory to copy it to.
    pub tasks: Tasks,
    pub stores: TaskStores,
    pub http: Http,
    pub seen: SeenMemory,
    /// Protocol 0: the task.
    task: JavaBytes,
    /// Protocol 0: true until the guest takes its task.
    waiting: bool,
    /// Protocol 0: the largest buffer that the guest offered while its task waited.
    offered: u32,
}

/// `poll_task(address, length) -> length of the task, or -1`: no task waits, it does not fit, or there is no such
/// buffer. A task that was not taken waits on for the rest of the `run`.
pub fn poll_task(mut caller: Caller<'_, State>, address: i64, length: i32) -> i32 {
    let Some(memory) = caller.data().host.memory else { return -1 };
    let (memory, state) = memory.data_and_store_mut(&mut caller);
    let buffer = usize::try_from(address).ok().zip(usize::try_from(length).ok()).and_then(|(address, length)| {
        let end = address.checked_add(length)?;
        memory.get_mut(address..end)
    });
    let Some(buffer) = buffer else { return -1 };
    if !state.waiting {
        return -1;
    }
    if buffer.len() < state.task.len() {
        state.offered = state.offered.max(length as u32);
        return -1;
    }
    state.task.copy_to(buffer);
    state.waiting = false;
    state.task.len() as i32
}

impl Instance {
    /// Instantiates a module.
    pub fn new(module: &Module, notes: &Notes) -> Result<Self> {
        let linked = module.stacks.for_this_thread()?;
        mappings::await_room(mappings::INSTANCE)?;
        linked.await_total(Deadline::in_ticks(module.start_ticks))?;
        let settings = &module.settings;
        let policy = Arc::new(Policy::new(settings.wasi.network.clone(), notes.clone()));
        settings.check_descriptors()?;
        let wasi = settings.wasi.build_with_log(&notes.sink())?;
        let http = Http::new(policy.clone(), settings.wasi.trust.clone());
        let mut host = Host::new(wasi, policy, &settings.limits, notes.clone());
        host.deadline = Deadline::in_ticks(module.start_ticks);
        let limiter = Limiter::new(settings.limits.clone(), notes.clone());
        let state = State {
            host,
            notes: notes.clone(),
            settings: settings.clone(),
            ticks: module.ticks,
            limiter,
            tasks: Tasks::new(Held::new(&settings.limits)),
            stores: TaskStores::NONE,
            http,
            seen: SeenMemory::none(),
            task: JavaBytes::none(),
            waiting: false,
            offered: 0,
        };
        let mut store = Store::new(linked.code.module().engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_epoch_deadline(module.start_ticks);
        let instance = linked.code.instantiate(&mut store)?;
        store.data_mut().host.memory = instance.get_memory(&mut store, "memory");
        if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
            initialize.typed::<(), ()>(&store)?.call(&mut store, ())?;
        } else if let Some(start) = instance.get_func(&mut store, "_start") {
            // A command that also exports `run`: its runtime, and its main function, are set up and run by `_start`.
            exited_well(start.typed::<(), ()>(&store)?.call(&mut store, ()))?;
        }
        store.data().host.deadline.check()?;
        let run = instance.get_export(&mut store, "run").and_then(Extern::into_func).expect("checked when compiled");
        let run = match run.typed(&store) {
            Ok(run) => Run::Plain(run),
            Err(_) => Run::Status(run.typed(&store)?),
        };
        Ok(Instance { store, run, stack: linked.stack })
    }

    /// Hands tasks over to a guest of protocol 1 until one of them is not simply done, and returns the outcome of the
    /// last one that it took. Calls into stores belong to one task.
    #[inline]
    pub fn process_tasks(&mut self, tasks: PackedTasks, calls: StateCalls, ticks: u64) -> Result<Outcome> {
        let Run::Plain(run) = &self.run else { return Err(Error::argument("protocol 1 has no status")) };
        let state = self.store.data_mut();
        state.tasks.begin(tasks);
        state.stores.begin(calls);
        loop {
            self.store.set_epoch_deadline(ticks);
            let state = self.store.data_mut();
            state.host.deadline = Deadline::in_ticks(ticks);
            state.tasks.enter();
            run.call(&mut self.store, ()).map_err(at_fault)?;
            let state = self.store.data_mut();
            state.host.deadline.check()?;
            if let Some(outcome) = state.tasks.returned(&state.notes) {
                return Ok(outcome);
            }
        }
    }

    /// Hands a batch over to a guest of protocol 1 and waits until it returns. The ends of the tasks are then those of
    /// [`tasks`](Self::tasks).
    pub fn process_batch(&mut self, batch: PackedTasks, ticks: u64) -> Result<Outcome> {
        let Run::Plain(run) = &self.run else { return Err(Error::argument("protocol 1 has no status")) };
        self.store.set_epoch_deadline(ticks);
        let state = self.store.data_mut();
        state.host.deadline = Deadline::in_ticks(ticks);
        state.tasks.begin_batch(batch);
        state.notes.about(None);
        run.call(&mut self.store, ()).map_err(at_fault)?;
        let state = self.store.data_mut();
        state.host.deadline.check()?;
        Ok(state.tasks.batch_returned(&state.notes))
    }

    /// Returns the tasks of protocol 1.
    #[inline]
    pub fn tasks(&mut self) -> &mut Tasks {
        &mut self.store.data_mut().tasks
    }

    /// Hands one task over to a guest of protocol 0 and waits for its outcome.
    #[inline]
    pub fn process(&mut self, task: JavaBytes, ticks: u64) -> Result<Outcome> {
        self.store.set_epoch_deadline(ticks);
        let state = self.store.data_mut();
        state.host.deadline = Deadline::in_ticks(ticks);
        state.task = task;
        state.waiting = true;
        state.offered = 0;
        let status = match &self.run {
            Run::Plain(run) => run.call(&mut self.store, ()).map(|()| 0),
            Run::Status(run) => run.call(&mut self.store, ()),
        }
        .map_err(at_fault)?;
        let state = self.store.data();
        // The guest may have passed it in a host call, after which it did not look at the epoch any more.
        if state.host.deadline.has_passed() {
            return Err(wasmtime::Error::from(Trap::Interrupt).into());
        }
        Ok(match status {
            0 if state.waiting => Outcome::NotTaken(state.offered),
            status => Outcome::Status(status),
        })
    }
}

/// Takes an exit with status 0 for a return: a command may end so.
fn exited_well(result: wasmtime::Result<()>) -> wasmtime::Result<()> {
    result.or_else(|e| if matches!(e.downcast_ref(), Some(I32Exit(0))) { Ok(()) } else { Err(e) })
}
