//! Guests that are core modules, and the task fast path: the host side of protocol 0, in Rust. One module is compiled,
//! checked and linked once; each thread has an instance. A task crosses JNI once and is copied once, from the Java
//! array into the guest's buffer, when the guest asks for it by `decaton.poll_task`. Java is not called back.

mod exports;
mod guest;
mod instance;
mod wasi1;

use std::sync::Arc;

use wasmtime::{InstancePre, Linker, UnknownImportError};

use crate::bridge::error::{Error, Result};
use crate::guest::clock;
use crate::guest::engines::STANDARD;
use crate::guest::limits;
use crate::guest::notes::Notes;
use crate::guest::settings::Settings;
pub use guest::Guest;
use instance::{Instance, State, poll_task};

/// A core module, ready to be instantiated.
pub struct Module {
    linked: InstancePre<State>,
    settings: Settings,
    /// The deadlines of a task and of a start in ticks.
    ticks: u64,
    start_ticks: u64,
}

impl Module {
    /// Checks and links a compiled module.
    pub fn new(compiled: &wasmtime::Module, settings: Settings) -> Result<Self> {
        exports::check(compiled)?;
        let (ticks, start_ticks) = (clock::ticks(settings.time.deadline), clock::ticks(settings.time.start_deadline));
        Ok(Module { linked: link(compiled)?, settings, ticks, start_ticks })
    }

    /// Makes a guest with an instance.
    pub fn instantiate(self: &Arc<Self>) -> Result<Guest> {
        let notes = Notes::default();
        let instance = self.start(&notes).map_err(|e| notes.explain(e))?;
        Ok(Guest::new(self.clone(), instance, notes))
    }

    /// Makes an instance. What it has to say goes to the notes.
    fn start(&self, notes: &Notes) -> Result<Instance> {
        let millis = self.settings.time.start_deadline.as_millis();
        Instance::new(self, notes).map_err(|e| limits::starting(e, millis, notes))
    }

    /// Returns the compiled code.
    pub fn compiled(&self) -> &wasmtime::Module {
        self.linked.module()
    }

    /// Returns the bytes of linear memory that all instances have together.
    pub fn memory_in_use(&self) -> usize {
        self.settings.limits.memory_in_use()
    }
}

fn link(compiled: &wasmtime::Module) -> Result<InstancePre<State>> {
    let mut linker = Linker::new(&STANDARD);
    wasi1::add_to_linker(&mut linker, compiled, |state: &mut State| &mut state.host)?;
    linker.func_wrap("decaton", "poll_task", poll_task)?;
    linker.instantiate_pre(compiled).map_err(|e| match e.downcast_ref::<UnknownImportError>() {
        Some(import) => Error::argument(format!(
            "it imports '{}' from '{}', which nothing here provides. A processor may import poll_task from 'decaton' \
             and WASI preview 1 (wasi_snapshot_preview1); build for wasm32-wasip1 or its like.",
            import.name().escape_debug(),
            import.module().escape_debug()
        )),
        None => Error::argument(format!("{e:#}. poll_task takes an i64 and an i32 and returns an i32.")),
    })
}
