//! The task fast path: the host side of protocol 0, in Rust. One module is compiled, checked and linked once; each
//! thread has an instance. A task crosses JNI once and is copied once, from the Java array into the guest's buffer,
//! when the guest asks for it by `decaton.poll_task`. Java is not called back.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};
use wasmtime::{
    Caller, Engine, Extern, ExternType, FuncType, InstancePre, Linker, Memory, Module, Store, TypedFunc,
    UnknownImportError, WasmBacktraceDetails,
};
use wasmtime_wasi::p1::{self, WasiP1Ctx};

use crate::error::{Error, Result};
use crate::handle::{Exclusive, Shared};
use crate::java::{JavaBytes, fast, natives};
use crate::stack::{self, DEFAULT_MAX_WASM_STACK};
use crate::wasi::{Description, JWasiDescription};
use crate::{engine, module};

/// How often a running guest looks whether its time is up.
const TICK: Duration = Duration::from_millis(10);

static MODULES: Shared<Arc<GuestModule>> = Shared::new("GuestModule");
static GUESTS: Exclusive<Guest> = Exclusive::new("Guest");

/// The engine of all guests, and the thread that lets its epoch go on.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = engine::config(DEFAULT_MAX_WASM_STACK);
    config.epoch_interruption(true);
    // Where a guest was built with debug information, its failures name source lines.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    let engine = Engine::new(&config).expect("these settings go together");
    let ticking = engine.clone();
    std::thread::Builder::new()
        .name("wasmton-epoch".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(TICK);
                ticking.increment_epoch();
            }
        })
        .expect("one more thread");
    engine
});

/// A processor, ready to be instantiated.
struct GuestModule {
    linked: InstancePre<State>,
    wasi: Description,
    /// The deadline in ticks of the epoch.
    ticks: u64,
}

/// One thread's processor.
struct Guest {
    module: Arc<GuestModule>,
    /// None after a failure, until the next task: an instance that failed is not used again.
    live: Option<Live>,
}

struct Live {
    store: Store<State>,
    run: Run,
}

#[derive(Clone)]
enum Run {
    Plain(TypedFunc<(), ()>),
    Status(TypedFunc<(), i32>),
}

struct State {
    wasi: WasiP1Ctx,
    memory: Option<Memory>,
    task: JavaBytes,
    /// Whether the guest still has to take its task.
    waiting: bool,
    /// The largest buffer that the guest offered while its task waited.
    offered: u32,
}

pub mod modules {
    //! The native methods of `GuestModule`.
    use super::{JWasiDescription, compile, destroy_module, instantiate};
    use crate::java::natives;

    natives! {
        { fn compile(wasm: jbyte[], wasi: JWasiDescription, deadline_millis: jlong) -> jlong,
          type_map = { JWasiDescription => io.github.wasmton.wasmtime.internal.WasiDescription } }
        { fn instantiate(module: jlong) -> jlong }
        { fn destroy_module(module: jlong) -> void }
    }
}

natives! {
    { fn destroy(guest: jlong) -> void }
    raw { fn process(guest: jlong, task: jbyte[]) -> jlong }
}

/// What `process` returns: this bit, with what `run` returned below it (0 for a task that was processed); or the other
/// bit, with the largest buffer that was offered below it, for a task that the guest did not take. Never 0: that is
/// what a native method returns which could not even throw, and it must not pass for success.
const RETURNED: jlong = 1 << 33;
const NOT_TAKEN: jlong = 1 << 32;

fn compile<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    wasm: JByteArray<'l>,
    wasi: JWasiDescription<'l>,
    deadline_millis: jlong,
) -> Result<jlong> {
    let wasi = Description::read(env, &wasi)?;
    let wasm = env.convert_byte_array(&wasm)?;
    let module = module::from_bytes(&ENGINE, &wasm)?;
    check_exports(&module)?;
    let linked = link(&module)?;
    // The tick that is under way counts for nothing.
    let ticks = u64::try_from(deadline_millis).unwrap_or(0).div_ceil(TICK.as_millis() as u64) + 1;
    Ok(MODULES.insert(Arc::new(GuestModule { linked, wasi, ticks })))
}

fn check_exports(module: &Module) -> Result<()> {
    let missing = |what: &str, how: &str| Err(Error::Argument(format!("{what}. {how}")));
    match module.get_export("run") {
        Some(ExternType::Func(ty)) if is_run(&ty) => {}
        Some(ExternType::Func(ty)) => {
            return missing(
                &format!("its export 'run' is {ty}, which is not the signature of a processor"),
                "'run' takes no parameters and returns nothing, or an i32 that is 0 for success.",
            );
        }
        Some(_) => return missing("its export 'run' is not a function", "A processor exports the function run()."),
        None if module.get_export("_start").is_some() => {
            return missing(
                "it is a command: it exports '_start' and no function 'run'",
                "Build a reactor that exports run(): crate-type cdylib in Rust, -buildmode=c-shared in Go, \
                 -mexec-model=reactor in C.",
            );
        }
        None => {
            let exports: Vec<_> = module.exports().map(|export| export.name().to_owned()).collect();
            return missing(
                &match exports.join(", ") {
                    none if none.is_empty() => "it exports nothing at all".to_owned(),
                    names => format!("it exports no function 'run', only: {names}"),
                },
                "A processor exports the function run(), which is called once a task.",
            );
        }
    }
    match module.get_export("memory") {
        Some(ExternType::Memory(_)) => {}
        _ => {
            return missing(
                "it exports no memory of the name 'memory'",
                "Tasks are handed over in it; toolchains export it by default.",
            );
        }
    }
    match module.get_export("_initialize") {
        Some(ExternType::Func(ty)) if ty.params().len() + ty.results().len() == 0 => Ok(()),
        None => Ok(()),
        Some(_) => {
            missing("its export '_initialize' is not a function without parameters and results", "A reactor's is.")
        }
    }
}

fn is_run(ty: &FuncType) -> bool {
    ty.params().len() == 0
        && (ty.results().len() == 0 || ty.results().len() == 1 && matches!(ty.result(0), Some(wasmtime::ValType::I32)))
}

fn link(module: &Module) -> Result<InstancePre<State>> {
    let mut linker = Linker::new(&ENGINE);
    p1::add_to_linker_sync(&mut linker, |state: &mut State| &mut state.wasi)?;
    linker.func_wrap("decaton", "poll_task", poll_task)?;
    linker.instantiate_pre(module).map_err(|e| match e.downcast_ref::<UnknownImportError>() {
        Some(import) => Error::Argument(format!(
            "it imports '{}' from '{}', which nothing here provides. A processor may import poll_task from 'decaton' \
             and WASI preview 1 (wasi_snapshot_preview1); build for wasm32-wasip1 or its like.",
            import.name(),
            import.module()
        )),
        None => Error::Argument(format!("{e:#}. poll_task takes an i64 and an i32 and returns an i32.")),
    })
}

/// `poll_task(address, length) -> length of the task, or -1`: no task waits, it does not fit, or there is no such
/// buffer. A task that was not taken waits on for the rest of the `run`.
fn poll_task(mut caller: Caller<'_, State>, address: i64, length: i32) -> i32 {
    let Some(memory) = caller.data().memory else { return -1 };
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

impl GuestModule {
    fn start(&self) -> Result<Live> {
        stack::check(DEFAULT_MAX_WASM_STACK)?;
        let state =
            State { wasi: self.wasi.build(0)?, memory: None, task: JavaBytes::none(), waiting: false, offered: 0 };
        let mut store = Store::new(&ENGINE, state);
        store.set_epoch_deadline(self.ticks);
        let instance = self.linked.instantiate(&mut store)?;
        store.data_mut().memory = instance.get_memory(&mut store, "memory");
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
    fn process(&mut self, task: JavaBytes, ticks: u64) -> Result<jlong> {
        self.store.set_epoch_deadline(ticks);
        let state = self.store.data_mut();
        state.task = task;
        state.waiting = true;
        state.offered = 0;
        let status = match &self.run {
            Run::Plain(run) => run.call(&mut self.store, ()).map(|()| 0),
            Run::Status(run) => run.call(&mut self.store, ()),
        }?;
        let state = self.store.data();
        Ok(match status {
            0 if state.waiting => NOT_TAKEN | jlong::from(state.offered),
            status => RETURNED | jlong::from(status as u32),
        })
    }
}

fn instantiate(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<jlong> {
    let module = MODULES.get(module)?.clone();
    let live = Some(module.start()?);
    Ok(GUESTS.insert(Guest { module, live }))
}

fn process<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, task: JByteArray<'l>) -> jlong {
    fast(&mut env, |jvm| {
        let mut guest = GUESTS.enter(guest)?;
        stack::check(DEFAULT_MAX_WASM_STACK)?;
        let Guest { module, live } = &mut *guest;
        let instance = match live {
            Some(live) => live,
            None => live.insert(module.start()?),
        };
        // SAFETY: the guest's host functions run on this thread, and only until `process` returns.
        let task = unsafe { JavaBytes::new(jvm, &task) };
        let outcome = instance.process(task, module.ticks);
        if outcome.is_err() {
            *live = None;
        }
        outcome
    })
}

fn destroy_module(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<()> {
    MODULES.close(module);
    Ok(())
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, guest: jlong) -> Result<()> {
    GUESTS.close(guest);
    Ok(())
}
