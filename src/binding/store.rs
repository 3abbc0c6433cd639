//! `Store`: what instances live in, used by one thread at a time. A host function that uses its own Store borrows the
//! `Caller` that wasmtime gave it, so two `&mut` to one Store never exist.

use jni::objects::{JClass, JString};
use jni::refs::Weak;
use jni::sys::{jboolean, jlong};
use jni::{Env, bind_java_type};
use wasmtime::{AsContextMut, StoreContextMut, ThrownException, WasmCoreDump};

#[cfg(feature = "component-async")]
use crate::binding::component::driver::{self, is_driven};
use crate::binding::component::items::Components;
use crate::binding::deadline::{self, Deadlines};
use crate::binding::engine::{self, ENGINES, Engine};
use crate::binding::error::CoreDump;
use crate::binding::held::Held;
use crate::binding::host_calls;
use crate::binding::items::Items;
use crate::binding::limits::{self, StoreLimits};
use crate::binding::thrown::{self, Thrown};
use crate::binding::wasi::Description;
use crate::binding::wasi::context::Context;
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::{Exclusive, Refused};
use crate::bridge::java::{Jvm, natives};
use crate::bridge::stack;

pub static STORES: Exclusive<wasmtime::Store<Data>> = Exclusive::new("Store");

/// The data that a Store carries for us.
pub struct Data {
    /// This Store's own handle.
    handle: jlong,
    /// The object itself, which must not be kept by what it keeps.
    pub java: Option<Weak<JStore<'static>>>,
    pub engine: Engine,
    /// The environment of the thread that is in wasm; set at each entry.
    pub jvm: Jvm,
    /// None until it is needed, if Java has made none.
    pub wasi: Option<Context>,
    /// The description of it.
    pub wasi_description: Option<Description>,
    pub held: Held,
    pub deadlines: Deadlines,
    limits: StoreLimits,
    /// An exception, until the call ends in which it was thrown.
    pub thrown: Option<Thrown>,
    pub items: Items,
    pub components: Components,
}

natives! {
    METHODS:
    { fn create(engine: jlong) -> jlong }
    { fn introduce(store: jlong, object: JStore) -> void,
      type_map = { JStore => io.github.wasmton.wasmtime.Store } }
    { fn engine(store: jlong) -> jlong }
    { fn limit(store: jlong, memory_size: jlong, table_elements: jlong, instances: jlong, tables: jlong,
      memories: jlong, trap_on_grow_failure: jboolean) -> void }
    { fn last_refusal(store: jlong) -> JString }
    { fn get_fuel(store: jlong) -> jlong }
    { fn set_fuel(store: jlong, fuel: jlong) -> void }
    { fn set_epoch_deadline(store: jlong, ticks: jlong) -> void }
    { fn check_ticking(store: jlong) -> void }
    { fn set_interruptible(store: jlong, interruptible: jboolean) -> void }
    { fn gc(store: jlong) -> void }
    { fn unpin(store: jlong) -> void }
    { fn destroy(store: jlong) -> void }
}

bind_java_type! { pub JStore => io.github.wasmton.wasmtime.Store }

/// `engine` 0 stands for the default one.
fn create(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<jlong> {
    let engine = if engine == 0 { engine::default_engine()? } else { ENGINES.get(engine)?.clone() };
    let wasmtime_engine = engine.engine.clone();
    let epochs = engine.epoch_interruption;
    let data = Data {
        handle: 0,
        java: None,
        engine,
        jvm: Jvm::none(),
        wasi: None,
        wasi_description: None,
        held: Held::default(),
        deadlines: Deadlines::default(),
        limits: StoreLimits::default(),
        thrown: None,
        items: Items::default(),
        components: Components::default(),
    };
    let mut store = wasmtime::Store::new(&wasmtime_engine, data);
    if epochs {
        deadline::install(&mut store);
    }
    let handle = STORES.insert(store);
    STORES.enter(handle)?.data_mut().handle = handle;
    Ok(handle)
}

/// The object that the handle is in, which there is only when it has one.
fn introduce<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, object: JStore<'l>) -> Result<()> {
    let object = env.new_weak_ref(&object)?;
    with(store, |mut store| {
        store.data_mut().java = Some(object);
        Ok(())
    })
}

fn engine(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    with(store, |store| Ok(ENGINES.insert(store.data().engine.clone())))
}

/// Negative for no limit.
#[expect(clippy::too_many_arguments, reason = "one parameter for each limit")]
fn limit(
    _: &mut Env<'_>,
    _: JClass<'_>,
    store: jlong,
    memory_size: jlong,
    table_elements: jlong,
    instances: jlong,
    tables: jlong,
    memories: jlong,
    trap_on_grow_failure: jboolean,
) -> Result<()> {
    let or = |limit: jlong, otherwise| usize::try_from(limit).unwrap_or(otherwise);
    let default = StoreLimits::default();
    // The Store itself, which a host function does not have: the limiter is part of it.
    let mut store = STORES.enter(store)?;
    store.data_mut().limits = StoreLimits {
        memory_size: or(memory_size, default.memory_size),
        table_elements: or(table_elements, default.table_elements),
        instances: or(instances, default.instances),
        tables: or(tables, default.tables),
        memories: or(memories, default.memories),
        trap_on_grow_failure,
        refused: None,
    };
    store.limiter(|data| &mut data.limits);
    Ok(())
}

/// Empty where nothing was refused.
fn last_refusal<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong) -> Result<JString<'l>> {
    let refusal = with(store, |store| Ok(store.data().limits.refused.clone().unwrap_or_default()))?;
    Ok(JString::from_str(env, refusal)?)
}

/// Does something that a limit may forbid. If a limit did, the error says so.
pub fn limited<R>(
    mut store: StoreContextMut<'_, Data>,
    body: impl FnOnce(&mut StoreContextMut<'_, Data>) -> Result<R>,
) -> Result<R> {
    let before = store.data_mut().limits.refused.take();
    let outcome = body(&mut store);
    let refused = store.data().limits.refused.clone();
    if refused.is_none() {
        store.data_mut().limits.refused = before;
    }
    limits::explain(refused, outcome)
}

/// Returns the error for what a limit has refused since [`limited`] began.
pub fn refusal(store: &StoreContextMut<'_, Data>) -> Option<Error> {
    store.data().limits.refused.clone().map(Error::limit)
}

fn get_fuel(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    with(store, |store| Ok(store.get_fuel().map_err(no_fuel)?.min(jlong::MAX as u64) as jlong))
}

fn set_fuel(_: &mut Env<'_>, _: JClass<'_>, store: jlong, fuel: jlong) -> Result<()> {
    let fuel = u64::try_from(fuel).map_err(|_| Error::argument(format!("fuel cannot be negative: {fuel}")))?;
    with(store, |mut store| store.set_fuel(fuel).map_err(no_fuel))
}

fn no_fuel(_: wasmtime::Error) -> Error {
    Error::state("the Store's Engine counts no fuel; give its Config consumeFuel(true)")
}

fn set_epoch_deadline(_: &mut Env<'_>, _: JClass<'_>, store: jlong, ticks: jlong) -> Result<()> {
    with(store, |store| deadline::set_epoch(store, ticks))
}

fn check_ticking(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    let checked = with(store, |store| deadline::check_ticking(store.data().engine.ticking));
    #[cfg(feature = "component-async")]
    if checked.is_err()
        && let Some(ticking) = driver::is_ticking(store)
    {
        return deadline::check_ticking(ticking);
    }
    checked
}

fn set_interruptible(_: &mut Env<'_>, _: JClass<'_>, store: jlong, interruptible: jboolean) -> Result<()> {
    with(store, |store| deadline::set_interruptible(store, interruptible))
}

fn gc(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    with(store, |mut store| Ok(store.gc(None)?))
}

fn unpin(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    STORES.unpin(store);
    Ok(())
}

/// Closes the Store. The Java objects that it holds go at once, or when the call that it is in is over.
fn destroy(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    match STORES.enter(store) {
        Ok(mut entered) => {
            STORES.close(store);
            entered.data_mut().let_go();
        }
        Err(_) => {
            STORES.close(store);
            #[cfg(feature = "component-async")]
            driver::close(store);
        }
    }
    Ok(())
}

/// Uses a Store: the whole of it, or from inside a host call what that lends.
#[inline]
pub fn with<R>(store: jlong, body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>) -> Result<R> {
    match STORES.try_enter(store) {
        Ok(mut store) => {
            let outcome = body(store.as_context_mut());
            if store.is_closed() {
                store.data_mut().let_go();
            }
            outcome
        }
        Err(Refused::Busy) => host_calls::with_lent(store, || busy(store), body),
        Err(closed) => Err(STORES.error(closed)),
    }
}

#[cfg(not(feature = "component-async"))]
fn is_driven(_: jlong) -> bool {
    false
}

#[cold]
fn busy(store: jlong) -> Error {
    if is_driven(store) {
        return Error::state(
            "calls of callAsync run in the Store. Wait for them before you use it in another way, or use callAsync",
        );
    }
    STORES.error(Refused::Busy)
}

/// Uses a Store to run wasm in it: [`with`] on a thread that has enough stack.
#[inline]
pub fn run<R>(store: jlong, jvm: Jvm, body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>) -> Result<R> {
    with(store, |mut store| {
        let data = store.data_mut();
        data.jvm = jvm;
        stack::check(data.engine.max_wasm_stack)?;
        let outcome = body(store.as_context_mut()).map_err(|e| explain(store.as_context_mut(), e));
        if store.data().thrown.is_some() {
            store.data_mut().thrown = None;
        }
        outcome
    })
}

/// Makes an exception of wasm's that of Java's; adds the bytes of a core dump to an error that has one.
#[cold]
pub fn explain(store: StoreContextMut<'_, Data>, e: Error) -> Error {
    match e.try_into_wasmtime() {
        Ok(e) if e.is::<ThrownException>() => thrown::into_java(store, e),
        Ok(e) => match e.downcast_ref::<WasmCoreDump>().map(|dump| dump.serialize(store, "wasm")) {
            Some(bytes) => e.context(CoreDump(bytes)).into(),
            None => e.into(),
        },
        Err(e) => e,
    }
}

impl Data {
    /// Drops what a closed Store need not keep. A ByteBuffer may keep its memory.
    #[cold]
    pub fn let_go(&mut self) {
        self.held.let_go();
        self.wasi = None;
        self.wasi_description = None;
        self.thrown = None;
    }

    pub fn handle(&self) -> jlong {
        self.handle
    }
}
