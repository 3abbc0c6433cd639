//! `Store`: what instances live in, used by one thread at a time. A host function that uses its own Store borrows the
//! `Caller` that wasmtime gave it, so two `&mut` to one Store never exist.

use std::cell::RefCell;
use std::ptr::NonNull;

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jint, jlong};
use wasmtime::{AsContextMut, Caller, Extern, Func, Instance, Memory, StoreContextMut};
use wasmtime_wasi::p1::WasiP1Ctx;

use crate::engine::{self, ENGINES, Engine};
use crate::error::{Error, Result};
use crate::handle::Exclusive;
use crate::java::{Jvm, natives};
use crate::{stack, value};

pub static STORES: Exclusive<wasmtime::Store<Data>> = Exclusive::new("Store");

/// What a Store carries for us.
pub struct Data {
    /// This Store's own handle.
    handle: jlong,
    engine: Engine,
    /// Of the thread that is in wasm; set at each entry.
    pub jvm: Jvm,
    pub wasi: Option<WasiP1Ctx>,
    /// What Java knows of this Store by number. It only grows; Java keeps each number it was given and does not ask
    /// twice for the same thing.
    items: Vec<Item>,
}

enum Item {
    Func { func: Func, plain: bool },
    Memory(Memory),
    Other(Extern),
    Instance(Instance),
}

natives! {
    { fn create(engine: jlong) -> jlong }
    { fn engine(store: jlong) -> jlong }
    { fn unpin(store: jlong) -> void }
    { fn destroy(store: jlong) -> void }
}

/// `engine` 0 stands for the default one.
fn create(_: &mut Env<'_>, _: JClass<'_>, engine: jlong) -> Result<jlong> {
    let engine = if engine == 0 { engine::default_engine()? } else { ENGINES.get(engine)?.clone() };
    let wasmtime_engine = engine.engine.clone();
    let data = Data { handle: 0, engine, jvm: Jvm::none(), wasi: None, items: Vec::new() };
    let handle = STORES.insert(wasmtime::Store::new(&wasmtime_engine, data));
    STORES.enter(handle)?.data_mut().handle = handle;
    Ok(handle)
}

fn engine(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<jlong> {
    with(store, |store| Ok(ENGINES.insert(store.data().engine.clone())))
}

fn unpin(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    STORES.unpin(store);
    Ok(())
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, store: jlong) -> Result<()> {
    STORES.close(store);
    Ok(())
}

thread_local! {
    /// The host calls that this thread is in, the innermost last.
    static HOST_CALLS: RefCell<Vec<HostCall>> = const { RefCell::new(Vec::new()) };
}

struct HostCall {
    store: jlong,
    /// None where nothing is lent.
    caller: Option<NonNull<Caller<'static, Data>>>,
}

/// Lends a host function's `Caller` to whatever the function does with its own Store, while this value lives.
pub struct Lent(());

impl Lent {
    /// # Safety
    /// `caller` outlives the value and is not touched while it lives.
    pub unsafe fn new(caller: &mut Caller<'_, Data>) -> Self {
        let store = caller.data().handle;
        let caller = Some(NonNull::from(caller).cast());
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller }));
        Lent(())
    }

    /// Lends nothing, for Java that is called back by something other than a host function of ours, such as WASI, which
    /// is using the Store itself. Hides what a host function further down has lent, too.
    pub fn nothing(store: jlong) -> Self {
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller: None }));
        Lent(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        HOST_CALLS.with_borrow_mut(|calls| calls.pop());
    }
}

/// Uses a Store: the whole of it, or from inside a host call what that lends.
#[inline]
pub fn with<R>(store: jlong, body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>) -> Result<R> {
    match STORES.enter(store) {
        Ok(mut store) => body(store.as_context_mut()),
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
        body(store)
    })
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

/// Gives Java a number for something in the Store, with its kind above it.
pub fn add(mut store: impl AsContextMut<Data = Data>, item: Extern) -> jlong {
    let mut store = store.as_context_mut();
    let kind = kind(&item);
    let item = match item {
        Extern::Func(func) => {
            let ty = func.ty(&store);
            let numbers = ty.params().chain(ty.results()).all(|ty| value::is_number(&ty));
            let plain = numbers && ty.params().len() <= PLAIN_PARAMS && ty.results().len() <= 1;
            Item::Func { func, plain }
        }
        Extern::Memory(memory) => Item::Memory(memory),
        other => Item::Other(other),
    };
    kind << 32 | jlong::from(store.data_mut().push(item))
}

impl Data {
    pub fn handle(&self) -> jlong {
        self.handle
    }

    fn push(&mut self, item: Item) -> jint {
        let index = jint::try_from(self.items.len()).expect("fewer than two thousand million items in a Store");
        self.items.push(item);
        index
    }

    pub fn add_instance(&mut self, instance: Instance) -> jint {
        self.push(Item::Instance(instance))
    }

    fn item(&self, index: jint) -> Result<&Item> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.items.get(index))
            .ok_or_else(|| Error::Argument(format!("the Store has nothing with the number {index}")))
    }

    pub fn func(&self, index: jint) -> Result<Func> {
        match self.item(index)? {
            Item::Func { func, .. } => Ok(*func),
            _ => Err(not_a("Func")),
        }
    }

    /// A function of numbers only, with [`PLAIN_PARAMS`] parameters and one result at most.
    #[inline]
    pub fn plain_func(&self, index: jint) -> Result<Func> {
        match self.item(index)? {
            Item::Func { func, plain: true } => Ok(*func),
            _ => Err(not_a("Func of numbers only, with four parameters and one result at most")),
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
            Item::Func { func, .. } => Ok(Extern::Func(*func)),
            Item::Memory(memory) => Ok(Extern::Memory(*memory)),
            Item::Other(item) => Ok(item.clone()),
            Item::Instance(_) => Err(not_a("Extern")),
        }
    }
}

fn not_a(kind: &str) -> Error {
    Error::Argument(format!("not a {kind}"))
}
