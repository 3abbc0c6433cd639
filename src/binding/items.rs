//! The things in a Store that Java knows by number: functions, globals, tables, memories, tags and instances.

use std::collections::HashMap;

use jni::sys::{jint, jlong};
use wasmtime::{
    AsContextMut, Extern, Func, Global, Instance, InstancePre, Memory, SharedMemory, StoreContextMut, Table, Tag,
};

use crate::binding::mappings::{self, with_room};
use crate::binding::shape::Shape;
use crate::binding::store::{self, Data};
use crate::bridge::error::{Error, Result};

/// The numbered things of one Store. A number stays, so each thing is given one only.
#[derive(Default)]
pub struct Items {
    list: Vec<Item>,
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

/// Identity of an item in a Store.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Func(usize),
    /// wasmtime shows no other identity of these than their debug form, which has all that they consist of.
    Other(String),
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

/// Returns Java's number for something in the Store, with its kind above it.
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
    let number = match store.data().items.numbers.get(&identity) {
        Some(number) => *number,
        None => {
            let item = match item {
                Extern::Func(func) => Item::Func { func, shape: Shape::of(&func.ty(&store)) },
                Extern::Global(global) => Item::Global(global),
                Extern::Table(table) => Item::Table(table),
                Extern::Memory(memory) => Item::Memory(memory),
                Extern::SharedMemory(memory) => Item::SharedMemory(memory),
                Extern::Tag(tag) => Item::Tag(tag),
            };
            let data = store.data_mut();
            let number = data.push(item);
            data.items.numbers.insert(identity, number);
            number
        }
    };
    kind << 32 | jlong::from(number)
}

/// Instantiates, and gives Java a number for the instance.
pub fn add_instance(store: StoreContextMut<'_, Data>, linked: &InstancePre<Data>) -> Result<jint> {
    store::limited(store, |store| {
        let instance = with_room(mappings::INSTANCE, || Ok(linked.instantiate(&mut *store)?))?;
        Ok(store.data_mut().push(Item::Instance(instance)))
    })
}

impl Data {
    fn push(&mut self, item: Item) -> jint {
        let index = jint::try_from(self.items.list.len()).expect("fewer than two thousand million items in a Store");
        self.items.list.push(item);
        index
    }

    fn item(&self, index: jint) -> Result<&Item> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.items.list.get(index))
            .ok_or_else(|| Error::argument(format!("the Store has nothing with the number {index}")))
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

    pub fn shared_memory(&self, index: jint) -> Result<SharedMemory> {
        match self.item(index)? {
            Item::SharedMemory(memory) => Ok(memory.clone()),
            _ => Err(not_a("SharedMemory")),
        }
    }

    pub fn tag(&self, index: jint) -> Result<Tag> {
        match self.item(index)? {
            Item::Tag(tag) => Ok(*tag),
            _ => Err(not_a("Tag")),
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
    Error::argument(format!("not a {kind}"))
}
