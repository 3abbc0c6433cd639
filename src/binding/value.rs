//! Wasm values <-> Java.
//!
//! A number crosses as a long with its bits in the lower end. Where there are other values too, each takes two longs,
//! of which a V128 uses both, a funcref the first for the Func's number in its Store or -1 for null; an externref is
//! the Java object itself, in an array of its own. See [`Shape`](crate::binding::shape::Shape) for which way a
//! function's values go.

use jni::Env;
use jni::objects::{JLongArray, JObject, JObjectArray};
use jni::sys::{jint, jlong};
use wasmtime::{AsContextMut, ExternRef, HeapType, Ref, RefType, StoreContextMut, Val, ValType};

use crate::binding::held::HeldObject;
use crate::binding::items;
use crate::binding::store::Data;
use crate::binding::types::letter;
use crate::bridge::error::{Error, Result};
use crate::bridge::letters;

/// The longs and the objects of some values.
pub struct Arrays<'a, 'l> {
    pub numbers: &'a JLongArray<'l>,
    pub objects: &'a JObjectArray<'l>,
}

/// Reads values of those types from the arrays.
pub fn read(
    env: &mut Env<'_>,
    store: &mut StoreContextMut<'_, Data>,
    types: impl ExactSizeIterator<Item = ValType>,
    arrays: &Arrays<'_, '_>,
) -> Result<Vec<Val>> {
    let mut numbers = vec![0; 2 * types.len()];
    arrays.numbers.get_region(env, 0, &mut numbers)?;
    let mut values = Vec::with_capacity(types.len());
    for (i, ty) in types.enumerate() {
        let (low, high) = (numbers[2 * i], numbers[2 * i + 1]);
        values.push(match letter(&ty) {
            letters::I32 => Val::I32(low as i32),
            letters::I64 => Val::I64(low),
            letters::F32 => Val::F32(low as u32),
            letters::F64 => Val::F64(low as u64),
            letters::V128 => Val::V128((u128::from(high as u64) << 64 | u128::from(low as u64)).into()),
            letters::FUNCREF if low < 0 => Val::FuncRef(None),
            letters::FUNCREF => Val::FuncRef(Some(store.data().func(low as jint)?)),
            letters::EXTERNREF => {
                let object = arrays.objects.get_element(env, i)?;
                if object.is_null() {
                    Val::ExternRef(None)
                } else {
                    let object = store.data().held.add_object(env.new_global_ref(&object)?);
                    Val::ExternRef(Some(ExternRef::new(&mut *store, object)?))
                }
            }
            // Of these Java has null alone.
            _ => Val::null_ref(ty.unwrap_ref().heap_type()),
        });
    }
    Ok(values)
}

/// Writes the values into the arrays.
pub fn write(
    env: &mut Env<'_>,
    mut store: impl AsContextMut<Data = Data>,
    values: &[Val],
    arrays: &Arrays<'_, '_>,
) -> Result<()> {
    let mut numbers = vec![0; 2 * values.len()];
    for (i, value) in values.iter().enumerate() {
        numbers[2 * i] = match value {
            Val::I32(value) => jlong::from(*value),
            Val::I64(value) => *value,
            Val::F32(bits) => jlong::from(*bits),
            Val::F64(bits) => *bits as jlong,
            Val::V128(value) => {
                let bits = value.as_u128();
                numbers[2 * i + 1] = (bits >> 64) as jlong;
                bits as jlong
            }
            Val::FuncRef(None) => -1,
            Val::FuncRef(Some(func)) => items::add(&mut store, (*func).into()) & 0xFFFF_FFFF,
            Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) | Val::ContRef(None) => {
                arrays.objects.set_element(env, i, JObject::null())?;
                0
            }
            Val::ExternRef(Some(reference)) => {
                let object = reference.data(store.as_context_mut())?.and_then(|data| data.downcast_ref());
                let Some(object) = object.and_then(HeldObject::get) else {
                    return Err(Error::argument("an externref that is not of Java's making"));
                };
                arrays.objects.set_element(env, i, &**object)?;
                0
            }
            other => {
                let ty = other.ty(store.as_context_mut())?;
                return Err(no_values(ty.as_ref()));
            }
        };
    }
    Ok(arrays.numbers.set_region(env, 0, &numbers)?)
}

/// Makes the error for a type whose values cannot cross. Types that a module defines have no name but a number inside
/// wasmtime.
fn no_values(ty: Option<&RefType>) -> Error {
    let text = match ty.map(RefType::heap_type) {
        Some(HeapType::ConcreteStruct(_)) => "a struct type of the module".to_owned(),
        Some(HeapType::ConcreteArray(_)) => "an array type of the module".to_owned(),
        Some(heap) if heap.is_concrete() => "a type that the module defines".to_owned(),
        Some(_) => ty.map(ToString::to_string).unwrap_or_default(),
        None => "of a vector".to_owned(),
    };
    Error::argument(format!(
        "Java has no values of the wasm type: {text}. Give such values away as externref or by memory"
    ))
}

/// Reads the one reference that the arrays hold.
pub fn read_ref(
    env: &mut Env<'_>,
    store: &mut StoreContextMut<'_, Data>,
    ty: &RefType,
    arrays: &Arrays<'_, '_>,
) -> Result<Ref> {
    let value = read(env, store, [ValType::Ref(ty.clone())].into_iter(), arrays)?.remove(0);
    value.ref_().ok_or_else(|| no_values(Some(ty)))
}
