//! `StructRef`: structs of wasm's garbage collector.

use jni::Env;
use jni::objects::{JClass, JLongArray, JObjectArray};
use jni::sys::{jchar, jint, jlong};
use wasmtime::{AsContextMut, RootScope, Rooted, StructRef, StructRefPre, ValType};

use crate::binding::gc_ref;
use crate::binding::native_type;
use crate::binding::store::{self, Data};
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::{Error, Result};
use crate::bridge::java::natives;

natives! {
    METHODS:
    { fn create(store: jlong, struct_type: jlong, numbers: jlong[], objects: JObject[]) -> jlong }
    { fn struct_type(store: jlong, reference: jlong) -> jlong }
    { fn field(store: jlong, reference: jlong, index: jint, numbers: jlong[], objects: JObject[]) -> jchar }
    { fn set_field(store: jlong, reference: jlong, index: jint, numbers: jlong[], objects: JObject[]) -> void }
}

fn create<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    struct_type: jlong,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jlong> {
    store::with(store, |store| {
        let ty = native_type::get_struct(store.engine(), struct_type)?;
        let types = ty.fields().map(|field| field.element_type().unpack().clone()).collect::<Vec<_>>();
        let mut scope = RootScope::new(store);
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let fields = value::read(env, &mut scope.as_context_mut(), types.into_iter(), &arrays)?;
        let made = StructRefPre::new(&mut scope, ty);
        let reference = gc_ref::allocate(scope.as_context_mut(), |store| StructRef::new(store, &made, &fields))?;
        gc_ref::add(&mut scope, reference.to_anyref())
    })
}

fn get(mut scope: impl AsContextMut<Data = Data>, reference: jlong) -> Result<Rooted<StructRef>> {
    let reference = gc_ref::get(&mut scope, reference)?;
    reference.as_struct(&scope)?.ok_or_else(|| Error::argument("not a struct"))
}

fn struct_type(_: &mut Env<'_>, _: JClass<'_>, store: jlong, reference: jlong) -> Result<jlong> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let ty = get(&mut scope, reference)?.ty(&scope)?;
        Ok(native_type::add_heap(ty.into()))
    })
}

/// Finds a field: its struct, its index and its type.
fn find_field(
    mut scope: impl AsContextMut<Data = Data>,
    reference: jlong,
    index: jint,
) -> Result<(Rooted<StructRef>, usize, ValType)> {
    let found = get(&mut scope, reference)?;
    let ty = found.ty(&scope)?;
    let field = usize::try_from(index).ok().and_then(|at| Some((at, ty.field(at)?)));
    let (at, field) = field
        .ok_or_else(|| Error::out_of_bounds(format!("field {index} of a struct with {} fields", ty.fields().len())))?;
    Ok((found, at, field.element_type().unpack().clone()))
}

/// Returns the letter of the value that it wrote.
fn field<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    reference: jlong,
    index: jint,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<jchar> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let (reference, at, stored) = find_field(&mut scope, reference, index)?;
        let value = reference.field(&mut scope, at)?;
        value::write(env, &mut scope, &[value], &Arrays { numbers: &numbers, objects: &objects })?;
        Ok(types::letter(&stored) as jchar)
    })
}

fn set_field<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    reference: jlong,
    index: jint,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let (reference, at, stored) = find_field(&mut scope, reference, index)?;
        let arrays = Arrays { numbers: &numbers, objects: &objects };
        let value = value::read(env, &mut scope.as_context_mut(), [stored].into_iter(), &arrays)?.remove(0);
        Ok(reference.set_field(&mut scope, at, value)?)
    })
}
