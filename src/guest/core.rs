//! Processors that are core modules, and the task fast path: the host side of protocol 0, in Rust. One module is
//! compiled, checked and linked once; each thread has an instance. A task crosses JNI once and is copied once, from the
//! Java array into the guest's buffer, when the guest asks for it by `decaton.poll_task`. Java is not called back.

mod exports;
pub mod wasi1;

use std::sync::Arc;
use std::time::Duration;

use jni::sys::jlong;
use wasmtime::{Caller, Extern, InstancePre, Linker, Module, Store, TypedFunc, UnknownImportError};

use self::wasi1::{Deadline, Host, TICK};
use super::ENGINE;
use super::limits::{self, Limiter, Limits};
use crate::binding::wasi::Description;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::JavaBytes;
use crate::bridge::stack::{self, DEFAULT_MAX_WASM_STACK};
use crate::guest::net::{Grants, Policy};
use crate::guest::notes::Notes;

/// What `process` and `process_record` return: this bit, with what `run` returned below it (0 for a task that was
/// processed); or the other bit, with the largest buffer that was offered below it, for a task that the guest did not
/// take. Never 0: that is what a native method returns which could not even throw, and it must not pass for success.
pub const RETURNED: jlong = 1 << 33;
pub const NOT_TAKEN: jlong = 1 << 32;

/// There is something for `take_notes`.
pub const NOTES: jlong = 1 << 34;

/// A processor that is a core module, ready to be instantiated.
pub struct CoreModule {
    linked: InstancePre<State>,
    settings: Settings,
    /// A task's deadline in ticks of the epoch.
    pub ticks: u64,
    start_ticks: u64,
}

/// What the host grants and sets, the same for all guests of a module.
pub struct Settings {
    pub wasi: Description,
    pub network: Arc<Grants>,
    pub limits: Limits,
    pub deadline: Duration,
    pub start_deadline: Duration,
}

/// One thread's processor.
pub struct CoreGuest {
    pub module: Arc<CoreModule>,
    /// None after a failure, until the next task: an instance that failed is not used again.
    pub live: Option<Live>,
    pub notes: Notes,
}

pub struct Live {
    store: Store<State>,
    run: Run,
}

#[derive(Clone)]
enum Run {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), i32>),
}

struct State {
    host: Host,
    limiter: Limiter,
    notes: Notes,
    task: JavaBytes,
    /// Whether the guest still has to take its task.
    waiting: bool,
    /// The largest buffer that the guest offered while its task waited.
    offered: u32,
}

fn link(module: &Module) -> Result<InstancePre<State>> {
    let mut linker = Linker::new(&ENGINE);
    wasi1::add_to_linker(&mut linker, module, |state: &mut State| &mut state.host)?;
    linker.func_wrap("decaton", "poll_task", poll_task)?;
    linker.instantiate_pre(module).map_err(|e| match e.downcast_ref::<UnknownImportError>() {
        Some(import) => Error::argument(format!(
            "it imports '{}' from '{}', which nothing here provides. A processor may import poll_task from 'decaton' \
             and WASI preview 1 (wasi_snapshot_preview1); build for wasm32-wasip1 or its like.",
            import.name(),
            import.module()
        )),
        None => Error::argument(format!("{e:#}. poll_task takes an i64 and an i32 and returns an i32.")),
    })
}

/// `poll_task(address, length) -> length of the task, or -1`: no task waits, it does not fit, or there is no such
/// buffer. A task that was not taken waits on for the rest of the `run`.
fn poll_task(mut caller: Caller<'_, State>, address: i64, length: i32) -> i32 {
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

impl CoreModule {
    /// Checks and links a compiled module.
    pub fn new(module: &Module, settings: Settings) -> Result<Self> {
        exports::check(module)?;
        // The tick that is under way counts for nothing.
        let ticks = |deadline: Duration| deadline.as_millis().div_ceil(TICK.as_millis()) as u64 + 1;
        let (ticks, start_ticks) = (ticks(settings.deadline), ticks(settings.start_deadline));
        Ok(CoreModule { linked: link(module)?, settings, ticks, start_ticks })
    }

    /// Its compiled code.
    pub fn compiled(&self) -> &Module {
        self.linked.module()
    }

    /// How much linear memory its instances have together, in bytes.
    pub fn memory_in_use(&self) -> usize {
        self.settings.limits.memory_in_use()
    }

    /// Makes an instance. What it has to tell goes to the notes.
    pub fn start(&self, notes: &Notes) -> Result<Live> {
        let millis = self.settings.start_deadline.as_millis();
        self.instantiate(notes).map_err(|e| limits::starting(e, millis, notes))
    }

    fn instantiate(&self, notes: &Notes) -> Result<Live> {
        stack::check(DEFAULT_MAX_WASM_STACK)?;
        let policy = Arc::new(Policy::new(self.settings.network.clone(), notes.clone()));
        let mut host = Host::new(self.settings.wasi.build_for_guest(notes)?, policy);
        host.deadline = Deadline::in_ticks(self.start_ticks);
        let limiter = Limiter::new(self.settings.limits.clone(), notes.clone());
        let state = State { host, limiter, notes: notes.clone(), task: JavaBytes::none(), waiting: false, offered: 0 };
        let mut store = Store::new(&ENGINE, state);
        store.limiter(|state| &mut state.limiter);
        store.set_epoch_deadline(self.start_ticks);
        let instance = self.linked.instantiate(&mut store)?;
        store.data_mut().host.memory = instance.get_memory(&mut store, "memory");
        if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
            initialize.typed::<(), ()>(&store)?.call(&mut store, ())?;
        }
        let run = instance.get_export(&mut store, "run").and_then(Extern::into_func).expect("checked when compiled");
        let run = match run.typed(&store) {
            Ok(run) => Run::Plain(run),
            Err(_) => Run::Status(run.typed(&store)?),
        };
        Ok(Live { store, run })
    }
}

impl Live {
    #[inline]
    pub fn process(&mut self, task: JavaBytes, ticks: u64) -> Result<jlong> {
        self.store.set_epoch_deadline(ticks);
        let state = self.store.data_mut();
        state.host.deadline = Deadline::in_ticks(ticks);
        state.task = task;
        state.waiting = true;
        state.offered = 0;
        let status = match &self.run {
            Run::Plain(run) => run.call(&mut self.store, ()).map(|()| 0),
            Run::Status(run) => run.call(&mut self.store, ()),
        }?;
        let state = self.store.data();
        let notes = if state.notes.is_empty() { 0 } else { NOTES };
        Ok(notes
            | match status {
                0 if state.waiting => NOT_TAKEN | jlong::from(state.offered),
                status => RETURNED | jlong::from(status as u32),
            })
    }
}
