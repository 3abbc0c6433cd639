//! `ArrayRef`: arrays of wasm's garbage collector.

use jni::Env;
use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray};
use jni::sys::{jchar, jlong};
use wasmtime::{ArrayRef, ArrayRefPre, ArrayType, AsContextMut, RootScope, Rooted, StoreContextMut, Val, ValType};

use crate::binding::gc_ref;
use crate::binding::native_type;
use crate::binding::store::{self, Data};
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn create(store: jlong, array_type: jlong, length: jlong, numbers: jlong[], objects: JObject[]) -> jlong }
    { fn create_fixed(store: jlong, array_type: jlong, numbers: jlong[], objects: JObject[]) -> jlong }
    { fn create_bytes(store: jlong, array_type: jlong, bytes: jbyte[]) -> jlong }
    { fn array_type(store: jlong, reference: jlong) -> jlong }
    { fn length(store: jlong, reference: jlong) -> jlong }
    { fn get(store: jlong, reference: jlong, index: jlong, numbers: jlong[], objects: JObject[]) -> jchar }
    { fn set(store: jlong, reference: jlong, index: jlong, numbers: jlong[], objects: JObject[]) -> void }
    { fn elements(store: jlong, reference: jlong, numbers: jlong[], objects: JObject[]) -> jchar }
    { fn bytes(store: jlong, reference: jlong) -> jbyte[] }
}

fn element_type(ty: &ArrayType) -> ValType {
    ty.element_type().unpack().clone()
}

/// Makes an array of a type of Java's, of the values that `values` reads.
fn make(
    store: jlong,
    array_type: jlong,
    values: impl FnOnce(&mut StoreContextMut<'_, Data>, ValType) -> Result<Vec<Val>>,
    new: impl Fn(&mut StoreContextMut<'_, Data>, &ArrayRefPre, &[Val]) -> wasmtime::Result<Rooted<ArrayRef>>,
) -> Result<jlong> {
    store::with(store, |store| {
        let ty = native_type::get_array(store.engine(), array_type)?;
        let mut scope = RootScope::new(store);
        let values = values(&mut scope.as_context_mut(), element_type(&ty))?;
        let made = ArrayRefPre::new(&mut scope, ty);
        let reference = gc_ref::allocate(scope.as_context_mut(), |store| new(store, &made, &values))?;
        gc_ref::add(&mut scope, reference.to_anyref())
    })
}

/// Makes an array that has the same element that many times.
fn create<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    array_type: jlong,
    length: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jlong> {
    let length =
        u32::try_from(length).map_err(|_| Error::argument(format!("an array cannot have {length} elements")))?;
    let arrays = Arrays { numbers: &numbers, objects: &objects };
    make(
        store,
        array_type,
        |store, element| value::read(env, store, [element].into_iter(), &arrays),
        |store, made, values| ArrayRef::new(store, made, &values[0], length),
    )
}

fn create_fixed<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    array_type: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jlong> {
    let length = objects.len(env)?;
    let arrays = Arrays { numbers: &numbers, objects: &objects };
    make(
        store,
        array_type,
        |store, element| value::read(env, store, vec![element; length].into_iter(), &arrays),
        |store, made, values| ArrayRef::new_fixed(store, made, values),
    )
}

fn create_bytes<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    array_type: jlong,
    bytes: JByteArray<'l>,
) -> Result<jlong> {
    let bytes = env.convert_byte_array(&bytes)?;
    make(store, array_type, |_, _| Ok(Vec::new()), |store, made, _| ArrayRef::new_from_i8_slice(store, made, &bytes))
}

fn find(mut scope: impl AsContextMut<Data = Data>, reference: jlong) -> Result<Rooted<ArrayRef>> {
    let reference = gc_ref::get(&mut scope, reference)?;
    reference.as_array(&scope)?.ok_or_else(|| Error::argument("not an array"))
}

fn array_type(_: &mut Env<'_>, _: JClass<'_>, store: jlong, reference: jlong) -> Result<jlong> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let ty = find(&mut scope, reference)?.ty(&scope)?;
        Ok(native_type::add_heap(ty.into()))
    })
}

fn length(_: &mut Env<'_>, _: JClass<'_>, store: jlong, reference: jlong) -> Result<jlong> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        Ok(find(&mut scope, reference)?.len(&scope)?.into())
    })
}

/// Finds an element: its array, its index and its type.
fn find_element(
    mut scope: impl AsContextMut<Data = Data>,
    reference: jlong,
    index: jlong,
) -> Result<(Rooted<ArrayRef>, u32, ValType)> {
    let array = find(&mut scope, reference)?;
    let length = array.len(&scope)?;
    let found = u32::try_from(index)
        .ok()
        .filter(|index| *index < length)
        .ok_or_else(|| Error::out_of_bounds(format!("element {index} of an array of {length}")))?;
    Ok((array, found, element_type(&array.ty(&scope)?)))
}

/// Returns the letter of the value that it wrote.
fn get<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    reference: jlong,
    index: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jchar> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let (array, index, element) = find_element(&mut scope, reference, index)?;
        let value = array.get(&mut scope, index)?;
        value::write(env, &mut scope, &[value], &Arrays { numbers: &numbers, objects: &objects })?;
        Ok(types::letter(&element) as jchar)
    })
}

fn set<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    reference: jlong,
    index: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let (array, index, element) = find_element(&mut scope, reference, index)?;
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let value = value::read(env, &mut scope.as_context_mut(), [element].into_iter(), &arrays)?.remove(0);
        Ok(array.set(&mut scope, index, value)?)
    })
}

/// Returns the letter of the values that it wrote.
fn elements<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    reference: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jchar> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let reference = find(&mut scope, reference)?;
        let element = element_type(&reference.ty(&scope)?);
        let values = reference.elems(scope.as_context_mut())?.collect::<Vec<_>>();
        value::write(env, &mut scope, &values, &Arrays { numbers: &numbers, objects: &objects })?;
        Ok(types::letter(&element) as jchar)
    })
}

fn bytes<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, reference: jlong) -> Result<JByteArray<'l>> {
    let bytes = store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let reference = find(&mut scope, reference)?;
        let mut bytes = vec![0; reference.len(&scope)? as usize];
        reference.copy_to_i8_slice(&mut scope, &mut bytes)?;
        Ok(bytes)
    })?;
    Ok(env.byte_array_from_slice(&bytes)?)
}
