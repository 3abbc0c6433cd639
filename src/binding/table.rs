//! `Table`: a table of references.

use jni::Env;
use jni::objects::{JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};
use wasmtime::{AsContextMut, Ref, RefType, RootScope, StoreContextMut, Table, TableType};

use crate::binding::items;
use crate::binding::store::{self, Data};
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn create(store: jlong, element: JString, minimum: jlong, maximum: jlong, is_64: jboolean, numbers: jlong[],
      objects: JObject[]) -> jint }
    { fn size(store: jlong, table: jint) -> jlong }
    { fn get(store: jlong, table: jint, index: jlong, numbers: jlong[], objects: JObject[]) -> void }
    { fn set(store: jlong, table: jint, index: jlong, numbers: jlong[], objects: JObject[]) -> void }
    { fn grow(store: jlong, table: jint, by: jlong, numbers: jlong[], objects: JObject[]) -> jlong }
    { fn fill(store: jlong, table: jint, from: jlong, length: jlong, numbers: jlong[], objects: JObject[]) -> void }
    { fn copy(store: jlong, target: jint, target_index: jlong, source: jint, source_index: jlong,
      length: jlong) -> void }
}

fn unsigned(number: jlong, what: &str) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::argument(format!("{what} cannot be negative: {number}")))
}

fn out_of_bounds(at: jlong, length: jlong, size: u64) -> Error {
    Error::out_of_bounds(format!("{length} elements at {at} of a table of {size}"))
}

#[expect(clippy::too_many_arguments, reason = "a type and a value")]
fn create<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    element: JString<'l>,
    minimum: jlong,
    maximum: jlong,
    is_64: jboolean,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jint> {
    let element = element.try_to_string(env)?;
    let minimum = unsigned(minimum, "a table's size")?;
    let maximum = u64::try_from(maximum).ok();
    store::with(store, |store| {
        let element = types::parse_value(store.engine(), &element)?;
        let element = element
            .as_ref()
            .cloned()
            .ok_or_else(|| Error::argument(format!("a table holds references, not {element}")))?;
        let ty = table_type(&element, minimum, maximum, is_64)?;
        let mut scope = RootScope::new(store);
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let value = value::read_ref(env, &mut scope.as_context_mut(), &element, &arrays)?;
        store::limited(scope.as_context_mut(), |store| {
            let table = Table::new(&mut *store, ty, value)?;
            Ok(items::add(store, table.into()) as jint)
        })
    })
}

fn table_type(element: &RefType, minimum: u64, maximum: Option<u64>, is_64: bool) -> Result<TableType> {
    if is_64 {
        return Ok(TableType::new64(element.clone(), minimum, maximum));
    }
    let narrow = |size: u64| {
        u32::try_from(size).map_err(|_| Error::argument(format!("{size} elements are too many for a 32-bit table")))
    };
    Ok(TableType::new(element.clone(), narrow(minimum)?, maximum.map(narrow).transpose()?))
}

fn size(_: &mut Env<'_>, _: JClass<'_>, store: jlong, table: jint) -> Result<jlong> {
    store::with(store, |store| Ok(store.data().table(table)?.size(&store) as jlong))
}

fn get<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    table: jint,
    index: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    store::with(store, |store| {
        let table = store.data().table(table)?;
        let size = table.size(&store);
        let mut scope = RootScope::new(store);
        let element = u64::try_from(index).ok().and_then(|index| table.get(&mut scope, index));
        let element = element.ok_or_else(|| out_of_bounds(index, 1, size))?;
        value::write(env, &mut scope, &[element.into()], &Arrays { numbers: &numbers, objects: &objects })
    })
}

/// Does something with a table and the reference that the arrays hold.
fn with_ref<R>(
    env: &mut Env<'_>,
    store: jlong,
    table: jint,
    arrays: Arrays<'_, '_>,
    body: impl FnOnce(StoreContextMut<'_, Data>, Table, Ref) -> Result<R>,
) -> Result<R> {
    store::with(store, |store| {
        let table = store.data().table(table)?;
        let ty = table.ty(&store).element().clone();
        let mut scope = RootScope::new(store);
        let value = value::read_ref(env, &mut scope.as_context_mut(), &ty, &arrays)?;
        body(scope.as_context_mut(), table, value)
    })
}

fn set<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    table: jint,
    index: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    with_ref(env, store, table, Arrays { numbers: &numbers, objects: &objects }, |mut store, table, value| {
        let size = table.size(&store);
        let at = u64::try_from(index).ok().filter(|at| *at < size).ok_or_else(|| out_of_bounds(index, 1, size))?;
        Ok(table.set(&mut store, at, value)?)
    })
}

/// The size before; -1 where the table cannot grow that much.
fn grow<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    table: jint,
    by: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jlong> {
    let by = unsigned(by, "what a table grows by")?;
    with_ref(env, store, table, Arrays { numbers: &numbers, objects: &objects }, |store, table, value| {
        if !value.matches_ty(&store, table.ty(&store).element())? {
            return Err(Error::argument("the element is of another type than the table's"));
        }
        store::limited(store, |store| match table.grow(&mut *store, by, value) {
            Ok(before) => Ok(before as jlong),
            Err(_) => store::refusal(store).map_or(Ok(-1), Err),
        })
    })
}

#[expect(clippy::too_many_arguments, reason = "a range and a value")]
fn fill<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    table: jint,
    from: jlong,
    length: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    with_ref(env, store, table, Arrays { numbers: &numbers, objects: &objects }, |mut store, table, value| {
        let (at, count) = range(from, length, table.size(&store))?;
        Ok(table.fill(&mut store, at, value, count)?)
    })
}

fn range(at: jlong, length: jlong, size: u64) -> Result<(u64, u64)> {
    let both = u64::try_from(at).ok().zip(u64::try_from(length).ok());
    both.filter(|(at, length)| at.checked_add(*length).is_some_and(|end| end <= size))
        .ok_or_else(|| out_of_bounds(at, length, size))
}

#[expect(clippy::too_many_arguments, reason = "what System.arraycopy takes")]
fn copy(
    _: &mut Env<'_>,
    _: JClass<'_>,
    store: jlong,
    target: jint,
    target_index: jlong,
    source: jint,
    source_index: jlong,
    length: jlong,
) -> Result<()> {
    store::with(store, |mut store| {
        let (target, source) = (store.data().table(target)?, store.data().table(source)?);
        let (to, _) = range(target_index, length, target.size(&store))?;
        let (from, count) = range(source_index, length, source.size(&store))?;
        Ok(Table::copy(&mut store, &target, to, &source, from, count)?)
    })
}
