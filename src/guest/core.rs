//! Guests that are core modules, and the task fast path: the host side of protocols 0 and 1, in Rust. One module is
//! compiled, checked and linked once; each thread has an instance. A task crosses JNI once and Java is not called back.
//! Rust copies it once: from the Java array into the guest's buffer, when the guest asks for it by `decaton.poll_task`
//! (protocol 0), or from the buffer that Java packs records into, when the guest asks for it by `wasmton_v1.next`
//! (protocol 1), which takes one task after the other from a series; or a whole [`batch`] at once.

mod advice;
mod batch;
mod exports;
mod guest;
mod http;
mod instance;
mod protocol1;
mod state;
mod tasks;
mod wasi1;

use std::sync::Arc;

use wasmtime::{InstancePre, Linker, ResourcesRequired, UnknownImportError};

use crate::bridge::error::{Error, Result};
use crate::guest::clock;
use crate::guest::engines;
use crate::guest::limits;
use crate::guest::notes::Notes;
use crate::guest::settings::Settings;
use crate::guest::stacks::{Code, Stacks};
pub use guest::Guest;
use instance::{Instance, State, poll_task};

/// The way in which a guest takes its tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The value alone, by `decaton.poll_task`; a guest that takes nothing is of this protocol, too.
    Zero,
    /// The whole record, by `wasmton_v1.next`.
    One,
}

impl Protocol {
    /// Tells the protocol by what a module imports.
    fn of(module: &wasmtime::Module) -> Result<Self> {
        let imports = |name: &str| module.imports().any(|import| import.module() == name);
        match (imports(PROTOCOL_0), imports(protocol1::MODULE)) {
            (true, true) => Err(Error::argument(format!(
                "it imports functions from both '{PROTOCOL_0}' (protocol 0) and '{}' (protocol 1). A processor takes \
                 its tasks in one way; remove one of the two.",
                protocol1::MODULE
            ))),
            (_, false) => Ok(Protocol::Zero),
            (false, true) => Ok(Protocol::One),
        }
    }
}

/// The module that protocol 0 imports from.
const PROTOCOL_0: &str = "decaton";

/// A core module, ready to be instantiated.
pub struct Module {
    stacks: Stacks<InstancePre<State>>,
    settings: Arc<Settings>,
    protocol: Protocol,
    takes_batches: bool,
    /// The deadlines of a task and of a start in ticks.
    ticks: u64,
    start_ticks: u64,
}

impl Module {
    /// Checks and links a compiled module.
    pub fn new(compiled: &wasmtime::Module, settings: Settings) -> Result<Self> {
        let protocol = Protocol::of(compiled)?;
        exports::check(compiled, protocol)?;
        if protocol == Protocol::Zero {
            settings.check_for_protocol_0()?;
        }
        let takes_batches = protocol1::takes_batches(compiled);
        if takes_batches {
            batch::check(compiled)?;
            settings.check_for_batches()?;
        }
        let (ticks, start_ticks) = (clock::ticks(settings.time.deadline), clock::ticks(settings.time.start_deadline));
        let stacks = Stacks::new(link(compiled)?, settings.limits.stack());
        Ok(Module { stacks, settings: Arc::new(settings), protocol, takes_batches, ticks, start_ticks })
    }

    /// Makes a guest with an instance.
    pub fn instantiate(self: &Arc<Self>) -> Result<Guest> {
        let notes = Notes::new(&self.settings.limits);
        let instance = self.start(&notes).map_err(|e| notes.explain(e))?;
        Ok(Guest::new(self.clone(), instance, notes))
    }

    /// Makes an instance. What it has to say goes to the notes.
    fn start(&self, notes: &Notes) -> Result<Instance> {
        let millis = self.settings.time.start_deadline.as_millis();
        Instance::new(self, notes).map_err(|e| limits::starting(protocol1::at_start(e), millis, notes))
    }

    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Returns whether its guests take batches.
    pub fn takes_batches(&self) -> bool {
        self.takes_batches
    }

    /// Returns whether it imports functions of stores.
    pub fn imports_state(&self) -> bool {
        let is_of_state = |name: &str| state::FUNCTIONS.contains(&name);
        self.compiled().imports().any(|import| import.module() == protocol1::MODULE && is_of_state(import.name()))
    }

    /// Returns the compiled code.
    pub fn compiled(&self) -> &wasmtime::Module {
        self.stacks.most().code.module()
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
        let code = self.module().serialize()?;
        // SAFETY: wasmtime has just made these bytes of a module.
        link(&unsafe { wasmtime::Module::deserialize(&engines::standard(stack)?, &code)? })
    }

    fn required(&self) -> Option<ResourcesRequired> {
        Some(self.module().resources_required())
    }
}

fn link(compiled: &wasmtime::Module) -> Result<InstancePre<State>> {
    let mut linker = Linker::new(compiled.engine());
    wasi1::add_to_linker(&mut linker, compiled, |state: &mut State| &mut state.host)?;
    linker.func_wrap(PROTOCOL_0, "poll_task", poll_task)?;
    protocol1::add_to_linker(&mut linker)?;
    // Emscripten tells of each growth of the memory. Nothing here keeps addresses of it.
    linker.func_wrap("env", "emscripten_notify_memory_growth", |_: i32| {})?;
    linker.instantiate_pre(compiled).map_err(|e| match e.downcast_ref::<UnknownImportError>() {
        Some(import) if import.module() == protocol1::MODULE => Error::argument(format!(
            "it imports '{}' from '{}', which this version of Wasmton does not provide; it has {}. A guest for a later \
             version needs that version.",
            import.name().escape_debug(),
            protocol1::MODULE,
            protocol1::FUNCTIONS
        )),
        Some(import) => Error::argument(format!(
            "it imports '{}' from '{}', which nothing here provides. {}",
            import.name().escape_debug(),
            import.module().escape_debug(),
            advice::on(import.module(), import.name())
        )),
        None => {
            let error = format!("{e:#}");
            Error::argument(format!("{error}. {}", advice::on_type(&error)))
        }
    })
}
