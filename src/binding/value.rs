//! Wasm values <-> Java.
//!
//! A number crosses as a long with its bits in the lower end. Where there are other values too, each takes two longs,
//! of which a V128 uses both, a funcref the first for the Func's number in its Store or -1 for null; an externref is
//! the Java object itself, in an array of its own. The second long of any other reference says what it is, see
//! [`kind`], since wasm can convert those to externrefs and back. See [`Shape`](crate::binding::shape::Shape) for which
//! way a function's values go.

use jni::Env;
use jni::objects::{JLongArray, JObject, JObjectArray};
use jni::sys::{jint, jlong};
use wasmtime::{AnyRef, AsContextMut, ExternRef, I31, Ref, RefType, Rooted, StoreContextMut, Val, ValType};

use crate::binding::gc_ref;
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

/// The kinds of references, as the second long tells them. `Values` in Java has the same numbers.
mod kind {
    use jni::sys::jlong;

    /// The object in the other array, as an externref; null if there is none.
    pub const OBJECT: jlong = 0;
    /// The integer in the first long.
    pub const I31: jlong = 1;
    /// The struct of the handle in the first long.
    pub const STRUCT: jlong = 2;
    /// The array of the handle in the first long.
    pub const ARRAY: jlong = 3;
    /// The object in the other array, as an anyref.
    pub const HOST: jlong = 4;
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
            letters::EXTERNREF => Val::ExternRef(match high {
                kind::OBJECT | kind::HOST => read_object(env, store, arrays, i)?,
                _ => {
                    let reference = read_internal(store, low, high)?;
                    Some(ExternRef::convert_any(&mut *store, reference)?)
                }
            }),
            // Of these Java has null alone.
            letters::OPAQUE => Val::null_ref(ty.unwrap_ref().heap_type()),
            _ => {
                let reference = match high {
                    kind::OBJECT => None,
                    kind::HOST => match read_object(env, store, arrays, i)? {
                        Some(object) => Some(AnyRef::convert_extern(&mut *store, object)?),
                        None => None,
                    },
                    _ => Some(read_internal(store, low, high)?),
                };
                matching(store, Val::AnyRef(reference), &ty)?
            }
        });
    }
    Ok(values)
}

fn read_object(
    env: &mut Env<'_>,
    store: &mut StoreContextMut<'_, Data>,
    arrays: &Arrays<'_, '_>,
    i: usize,
) -> Result<Option<Rooted<ExternRef>>> {
    let object = arrays.objects.get_element(env, i)?;
    if object.is_null() {
        return Ok(None);
    }
    let object = store.data().held.add_object(env.new_global_ref(&object)?);
    Ok(Some(ExternRef::new(&mut *store, object)?))
}

fn read_internal(store: &mut StoreContextMut<'_, Data>, low: jlong, high: jlong) -> Result<Rooted<AnyRef>> {
    match high {
        kind::I31 => {
            let value = i32::try_from(low).ok().and_then(I31::new_i32);
            let value = value.ok_or_else(|| Error::argument(format!("not an integer of 31 bits: {low}")))?;
            Ok(AnyRef::from_i31(store, value))
        }
        kind::STRUCT | kind::ARRAY => gc_ref::get(store, low),
        other => Err(Error::argument(format!("no kind of reference: {other}"))),
    }
}

/// Checks a reference, where wasmtime would say the same in an error of its own.
fn matching(store: &mut StoreContextMut<'_, Data>, value: Val, ty: &ValType) -> Result<Val> {
    if value.matches_ty(&*store, ty)? {
        Ok(value)
    } else {
        Err(Error::argument(format!("the reference is of the type {}, not {ty}", value.ty(&*store)?)))
    }
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
                if write_object(env, &mut store, reference, arrays, i)? {
                    0
                } else {
                    let reference = AnyRef::convert_extern(&mut store, *reference)?;
                    (numbers[2 * i], numbers[2 * i + 1]) = write_internal(env, &mut store, reference, arrays, i)?;
                    continue;
                }
            }
            Val::AnyRef(Some(reference)) => {
                (numbers[2 * i], numbers[2 * i + 1]) = write_internal(env, &mut store, *reference, arrays, i)?;
                continue;
            }
            Val::ExnRef(Some(_)) | Val::ContRef(Some(_)) => return Err(no_values(&value.ty(&store)?)),
        };
    }
    Ok(arrays.numbers.set_region(env, 0, &numbers)?)
}

/// Writes the Java object of an externref. Returns false for an externref that wasm has converted from something else.
fn write_object(
    env: &mut Env<'_>,
    mut store: impl AsContextMut<Data = Data>,
    reference: &Rooted<ExternRef>,
    arrays: &Arrays<'_, '_>,
    i: usize,
) -> Result<bool> {
    let Some(data) = reference.data(store.as_context_mut())? else { return Ok(false) };
    let Some(object) = data.downcast_ref().and_then(HeldObject::get) else {
        return Err(Error::argument("an externref that is not of Java's making"));
    };
    arrays.objects.set_element(env, i, &**object)?;
    Ok(true)
}

/// Returns the two longs of a reference, and writes its object if it has one.
fn write_internal(
    env: &mut Env<'_>,
    mut store: impl AsContextMut<Data = Data>,
    reference: Rooted<AnyRef>,
    arrays: &Arrays<'_, '_>,
    i: usize,
) -> Result<(jlong, jlong)> {
    if let Some(value) = reference.as_i31(&store)? {
        Ok((value.get_i32().into(), kind::I31))
    } else if reference.is_struct(&store)? {
        Ok((gc_ref::add(&mut store, reference)?, kind::STRUCT))
    } else if reference.is_array(&store)? {
        Ok((gc_ref::add(&mut store, reference)?, kind::ARRAY))
    } else {
        let object = ExternRef::convert_any(&mut store, reference)?;
        if !write_object(env, &mut store, &object, arrays, i)? {
            return Err(Error::argument("an anyref of a kind that is not known"));
        }
        Ok((0, kind::HOST))
    }
}

fn no_values(ty: &ValType) -> Error {
    Error::argument(format!(
        "Java has no values of the wasm type {ty}. Give such values away as externref or by memory"
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
    value.ref_().ok_or_else(|| no_values(&ty.clone().into()))
}
