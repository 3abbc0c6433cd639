//! `Store`: what instances live in, used by one thread at a time. A host function that uses its own Store borrows the
//! `Caller` that wasmtime gave it, so two `&mut` to one Store never exist.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr::NonNull;

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jboolean, jint, jlong};
use wasmtime::{
    AsContext, AsContextMut, Caller, Extern, Func, Global, Instance, InstancePre, Memory, SharedMemory,
    StoreContextMut, Table, Tag, WasmCoreDump,
};
use wasmtime_wasi::p1::WasiP1Ctx;

use crate::deadline::{self, Deadlines};
use crate::engine::{self, ENGINES, Engine};
use crate::error::{CoreDump, Error, Result};
use crate::handle::Exclusive;
use crate::held::Held;
use crate::java::{Jvm, natives};
use crate::limits::{self, Limits};
use crate::{stack, value};

pub static STORES: Exclusive<wasmtime::Store<Data>> = Exclusive::new("Store");

/// What a Store carries for us.
pub struct Data {
    /// This Store's own handle.
    handle: jlong,
    pub engine: Engine,
    /// Of the thread that is in wasm; set at each entry.
    pub jvm: Jvm,
    pub wasi: Option<WasiP1Ctx>,
    pub held: Held,
    pub deadlines: Deadlines,
    limits: Limits,
    /// What Java knows of this Store by number. A number is for good, so each thing is given one only.
    items: Vec<Item>,
    numbers: HashMap<Identity, jint>,
}

enum Item {
    Func { func: Func, shape: Shape },
    Global(Global),
    Table(Table),
    Memory(Memory),
    SharedMemory(SharedMemory),
    Tag(Tag),
    Instance(Instance),
}

/// How a function's values can cross.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Numbers, [`PLAIN_PARAMS`] parameters and one result at most: as they are.
    Plain,
    /// Numbers, so many parameters or results at most: in an array.
    Numbers(usize),
    /// Anything.
    Any,
}

/// What tells two things in a Store apart.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Func(usize),
    /// wasmtime shows no other identity of these than their debug form, which has all that they consist of.
    Other(String),
}

natives! {
    { fn create(engine: jlong) -> jlong }
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

/// `engine` 0 stands for the default one.
fn create(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<jlong> {
    let engine = if engine == 0 { engine::default_engine()? } else { ENGINES.get(engine)?.clone() };
    let wasmtime_engine = engine.engine.clone();
    let epochs = engine.epoch_interruption;
    let data = Data {
        handle: 0,
        engine,
        jvm: Jvm::none(),
        wasi: None,
        held: Held::default(),
        deadlines: Deadlines::default(),
        limits: Limits::default(),
        items: Vec::new(),
        numbers: HashMap::new(),
    };
    let mut store = wasmtime::Store::new(&wasmtime_engine, data);
    if epochs {
        deadline::install(&mut store);
    }
    let handle = STORES.insert(store);
    STORES.enter(handle)?.data_mut().handle = handle;
    Ok(handle)
}

fn engine(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    with(store, |store| Ok(ENGINES.insert(store.data().engine.clone())))
}

/// Negative for no limit.
#[expect(clippy::too_many_arguments, reason = "so many things can be limited")]
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
    let default = Limits::default();
    // The Store itself, which a host function does not have: the limiter is part of it.
    let mut store = STORES.enter(store)?;
    store.data_mut().limits = Limits {
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

/// Does something that a limit may forbid, and tells when it was that.
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

/// Whether a limit has refused something since [`limited`] began.
pub fn refusal(store: &StoreContextMut<'_, Data>) -> Option<Error> {
    store.data().limits.refused.clone().map(Error::Limit)
}

fn get_fuel(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    with(store, |store| Ok(store.get_fuel().map_err(no_fuel)?.min(jlong::MAX as u64) as jlong))
}

fn set_fuel(_: &mut Env<'_>, _: JClass<'_>, store: jlong, fuel: jlong) -> Result<()> {
    let fuel = u64::try_from(fuel).map_err(|_| Error::Argument(format!("fuel cannot be negative: {fuel}")))?;
    with(store, |mut store| store.set_fuel(fuel).map_err(no_fuel))
}

fn no_fuel(_: wasmtime::Error) -> Error {
    Error::State("the Store's Engine counts no fuel; give its Config consumeFuel(true)".to_owned())
}

fn set_epoch_deadline(_: &mut Env<'_>, _: JClass<'_>, store: jlong, ticks: jlong) -> Result<()> {
    with(store, |store| deadline::set_epoch(store, ticks))
}

fn check_ticking(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    with(store, |store| deadline::check_ticking(&store))
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

/// What Java objects it holds go at once, or when the call that it is in is over.
fn destroy(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    match STORES.enter(store) {
        Ok(mut entered) => {
            STORES.close(store);
            entered.data_mut().let_go();
        }
        Err(_) => STORES.close(store),
    }
    Ok(())
}

thread_local! {
    /// The host calls that this thread is in, the innermost last.
    static HOST_CALLS: RefCell<Vec<HostCall>> = const { RefCell::new(Vec::new()) };
    /// So many host calls were numbered on this thread.
    static NUMBERED: Cell<jlong> = const { Cell::new(0) };
}

struct HostCall {
    store: jlong,
    /// None where nothing is lent.
    caller: Option<NonNull<Caller<'static, Data>>>,
    /// 0 until Java asks.
    number: jlong,
}

/// Lends a host function's `Caller` to whatever the function does with its own Store, while this value lives.
pub struct Lent(());

impl Lent {
    /// # Safety
    /// `caller` outlives the value and is not touched while it lives.
    pub unsafe fn new(caller: &mut Caller<'_, Data>) -> Self {
        let store = caller.data().handle;
        let caller = Some(NonNull::from(caller).cast());
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller, number: 0 }));
        Lent(())
    }

    /// Lends nothing, for Java that is called back by something other than a host function of ours, such as WASI, which
    /// is using the Store itself. Hides what a host function further down has lent, too.
    pub fn nothing(store: jlong) -> Self {
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller: None, number: 0 }));
        Lent(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        HOST_CALLS.with_borrow_mut(|calls| calls.pop());
    }
}

/// What tells the host call that this thread is in from all others of this thread.
pub fn host_call_number() -> Result<jlong> {
    HOST_CALLS.with_borrow_mut(|calls| {
        let call = calls.last_mut().filter(|call| call.caller.is_some()).ok_or_else(expired)?;
        if call.number == 0 {
            NUMBERED.set(NUMBERED.get() + 1);
            call.number = NUMBERED.get();
        }
        Ok(call.number)
    })
}

/// Uses the `Caller` of a host call, which has to be the one that this thread is in.
pub fn with_caller<R>(number: jlong, body: impl FnOnce(&mut Caller<'_, Data>) -> Result<R>) -> Result<R> {
    let caller = HOST_CALLS.with_borrow(|calls| calls.last().filter(|call| call.number == number)?.caller);
    // SAFETY: as in `with`.
    caller.map_or_else(|| Err(expired()), |mut caller| body(unsafe { caller.as_mut() }))
}

fn expired() -> Error {
    Error::State("a Caller is of use during its host call, on that call's thread, and not in calls inside of it".into())
}

/// Uses a Store: the whole of it, or from inside a host call what that lends.
#[inline]
pub fn with<R>(store: jlong, body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>) -> Result<R> {
    match STORES.enter(store) {
        Ok(mut store) => {
            let outcome = body(store.as_context_mut());
            if store.is_closed() {
                store.data_mut().let_go();
            }
            outcome
        }
        Err(busy @ Error::Busy(_)) => {
            let innermost = |calls: &Vec<HostCall>| calls.iter().rfind(|call| call.store == store)?.caller;
            let lent = HOST_CALLS.with_borrow(innermost);
            // SAFETY: `Lent::new` had it promised that the Caller lives and is left alone; it was put there by a host
            // function further down this very stack, which waits for us; and what uses it now uses it to the end,
            // since whatever runs on top of that which could use it again is given a Caller of its own, or nothing.
            lent.map_or(Err(busy), |mut caller| body(unsafe { caller.as_mut() }.as_context_mut()))
        }
        Err(e) => Err(e),
    }
}

/// Uses a Store to run wasm in it: [`with`] on a thread that has enough stack.
#[inline]
pub fn run<R>(store: jlong, jvm: Jvm, body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>) -> Result<R> {
    with(store, |mut store| {
        let data = store.data_mut();
        data.jvm = jvm;
        stack::check(data.engine.max_wasm_stack)?;
        body(store.as_context_mut()).map_err(|e| write_core_dump(store, e))
    })
}

/// Adds the bytes of a core dump to an error that has one.
#[cold]
fn write_core_dump(store: StoreContextMut<'_, Data>, e: Error) -> Error {
    match e {
        Error::Wasm(e) => match e.downcast_ref::<WasmCoreDump>().map(|dump| dump.serialize(store, "wasm")) {
            Some(bytes) => Error::Wasm(e.context(CoreDump(bytes))),
            None => Error::Wasm(e),
        },
        e => e,
    }
}

/// The position of an item's kind in Java's enum `Extern.Kind`.
fn kind(item: &Extern) -> jlong {
    match item {
        Extern::Func(_) => 0,
        Extern::Global(_) => 1,
        Extern::Table(_) => 2,
        Extern::Memory(_) => 3,
        Extern::SharedMemory(_) => 4,
        Extern::Tag(_) => 5,
    }
}

/// Most parameters of a function that is called without an array.
pub const PLAIN_PARAMS: usize = 4;

/// Java's number for something in the Store, with its kind above it.
pub fn add(mut store: impl AsContextMut<Data = Data>, item: Extern) -> jlong {
    let mut store = store.as_context_mut();
    let identity = match &item {
        Extern::Func(func) => Identity::Func(func.to_raw(&mut store).addr()),
        Extern::Global(global) => Identity::Other(format!("{global:?}")),
        Extern::Table(table) => Identity::Other(format!("{table:?}")),
        Extern::Memory(memory) => Identity::Other(format!("{memory:?}")),
        Extern::SharedMemory(memory) => Identity::Other(format!("shared {:p}", memory.data().as_ptr())),
        Extern::Tag(tag) => Identity::Other(format!("{tag:?}")),
    };
    let kind = kind(&item);
    let number = match store.data().numbers.get(&identity) {
        Some(number) => *number,
        None => {
            let item = match item {
                Extern::Func(func) => Item::Func { func, shape: shape(&func, &store) },
                Extern::Global(global) => Item::Global(global),
                Extern::Table(table) => Item::Table(table),
                Extern::Memory(memory) => Item::Memory(memory),
                Extern::SharedMemory(memory) => Item::SharedMemory(memory),
                Extern::Tag(tag) => Item::Tag(tag),
            };
            let data = store.data_mut();
            let number = data.push(item);
            data.numbers.insert(identity, number);
            number
        }
    };
    kind << 32 | jlong::from(number)
}

/// Instantiates, and gives Java a number for the instance.
pub fn add_instance(store: StoreContextMut<'_, Data>, linked: &InstancePre<Data>) -> Result<jint> {
    limited(store, |store| {
        let instance = linked.instantiate(&mut *store)?;
        Ok(store.data_mut().push(Item::Instance(instance)))
    })
}

fn shape(func: &Func, store: impl AsContext) -> Shape {
    let ty = func.ty(store);
    let (params, results) = (ty.params().len(), ty.results().len());
    if !ty.params().chain(ty.results()).all(|ty| value::is_number(&ty)) {
        Shape::Any
    } else if params <= PLAIN_PARAMS && results <= 1 {
        Shape::Plain
    } else {
        Shape::Numbers(params.max(results))
    }
}

impl Data {
    /// Of a closed Store, whose memory a ByteBuffer may keep.
    #[cold]
    fn let_go(&mut self) {
        self.held.let_go();
        self.wasi = None;
    }

    pub fn handle(&self) -> jlong {
        self.handle
    }

    fn push(&mut self, item: Item) -> jint {
        let index = jint::try_from(self.items.len()).expect("fewer than two thousand million items in a Store");
        self.items.push(item);
        index
    }

    fn item(&self, index: jint) -> Result<&Item> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.items.get(index))
            .ok_or_else(|| Error::Argument(format!("the Store has nothing with the number {index}")))
    }

    pub fn func(&self, index: jint) -> Result<Func> {
        self.func_and_shape(index).map(|(func, _)| func)
    }

    #[inline]
    pub fn func_and_shape(&self, index: jint) -> Result<(Func, Shape)> {
        match self.item(index)? {
            Item::Func { func, shape } => Ok((*func, *shape)),
            _ => Err(not_a("Func")),
        }
    }

    pub fn global(&self, index: jint) -> Result<Global> {
        match self.item(index)? {
            Item::Global(global) => Ok(*global),
            _ => Err(not_a("Global")),
        }
    }

    pub fn table(&self, index: jint) -> Result<Table> {
        match self.item(index)? {
            Item::Table(table) => Ok(*table),
            _ => Err(not_a("Table")),
        }
    }

    pub fn memory(&self, index: jint) -> Result<Memory> {
        match self.item(index)? {
            Item::Memory(memory) => Ok(*memory),
            _ => Err(not_a("Memory")),
        }
    }

    pub fn instance(&self, index: jint) -> Result<Instance> {
        match self.item(index)? {
            Item::Instance(instance) => Ok(*instance),
            _ => Err(not_a("Instance")),
        }
    }

    pub fn to_extern(&self, index: jint) -> Result<Extern> {
        match self.item(index)? {
            Item::Func { func, .. } => Ok((*func).into()),
            Item::Global(global) => Ok((*global).into()),
            Item::Table(table) => Ok((*table).into()),
            Item::Memory(memory) => Ok((*memory).into()),
            Item::SharedMemory(memory) => Ok(memory.clone().into()),
            Item::Tag(tag) => Ok((*tag).into()),
            Item::Instance(_) => Err(not_a("Extern")),
        }
    }
}

#[cold]
fn not_a(kind: &str) -> Error {
    Error::Argument(format!("not a {kind}"))
}
