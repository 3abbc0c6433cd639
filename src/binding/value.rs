//! Wasm types and values <-> Java.
//!
//! A number crosses as a long with its bits in the lower end. Where there are other values too, each takes two longs, of
//! which a V128 uses both, a funcref the first for the Func's number in its Store or -1 for null; an externref is the
//! Java object itself, in an array of its own.
//!
//! A function type crosses as the letters of its parameters, a colon, and the letters of its results: `li:i` takes an
//! i64 and an i32 and returns an i32. For the other types see [`describe_extern`].

use jni::Env;
use jni::objects::{JLongArray, JObject, JObjectArray};
use jni::sys::{jint, jlong};
use wasmtime::{
    AsContextMut, Engine, ExternRef, ExternType, FuncType, HeapType, Mutability, Ref, RefType, StoreContextMut, Val,
    ValType,
};

use crate::binding::held::HeldObject;
use crate::binding::items;
use crate::binding::store::Data;
use crate::bridge::error::{Error, Result};

/// The longs and the objects of some values.
pub struct Arrays<'a, 'l> {
    pub numbers: &'a JLongArray<'l>,
    pub objects: &'a JObjectArray<'l>,
}

/// References that are of no use outside of wasm have a letter of their own.
fn letter(ty: &ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'l',
        ValType::F32 => 'f',
        ValType::F64 => 'd',
        ValType::V128 => 'v',
        ValType::Ref(ty) => reference_letter(ty),
    }
}

fn reference_letter(ty: &RefType) -> char {
    match ty.heap_type().top() {
        HeapType::Func => 'F',
        HeapType::Extern => 'E',
        _ => 'o',
    }
}

/// Whether any 64 bits are a value of that type, so that what Java hands over needs no check.
pub fn is_number(ty: &ValType) -> bool {
    matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
}

pub fn describe(ty: &FuncType) -> String {
    let params = ty.params().map(|ty| letter(&ty));
    params.chain([':']).chain(ty.results().map(|ty| letter(&ty))).collect()
}

/// A word for the kind, then what `ExternTypes.parse` in Java reads.
pub fn describe_extern(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => format!("func {}", describe(ty)),
        ExternType::Global(ty) => {
            format!("global {} {}", letter(ty.content()), ty.mutability() == Mutability::Var)
        }
        ExternType::Table(ty) => {
            let maximum = ty.maximum().map_or(-1, |maximum| maximum as jlong);
            format!("table {} {} {maximum} {}", reference_letter(ty.element()), ty.minimum(), ty.is_64())
        }
        ExternType::Memory(ty) => {
            let maximum = ty.maximum().map_or(-1, |maximum| maximum as jlong);
            format!("memory {} {maximum} {} {} {}", ty.minimum(), ty.is_64(), ty.is_shared(), ty.page_size())
        }
        ExternType::Tag(ty) => format!("tag {}", describe(ty.ty())),
    }
}

pub fn parse_value_type(letter: char) -> Result<ValType> {
    match letter {
        'i' => Ok(ValType::I32),
        'l' => Ok(ValType::I64),
        'f' => Ok(ValType::F32),
        'd' => Ok(ValType::F64),
        'v' => Ok(ValType::V128),
        'F' => Ok(ValType::FUNCREF),
        'E' => Ok(ValType::EXTERNREF),
        other => Err(Error::argument(format!("Java cannot name the wasm type '{other}'"))),
    }
}

pub fn parse(engine: &Engine, description: &str) -> Result<FuncType> {
    let types = |letters: &str| letters.chars().map(parse_value_type).collect::<Result<Vec<_>>>();
    let (params, results) = description
        .split_once(':')
        .ok_or_else(|| Error::argument(format!("not the description of a function type: '{description}'")))?;
    Ok(FuncType::new(engine, types(params)?, types(results)?))
}

/// The type of what a tag's exceptions carry, which has no results.
pub fn parse_payload(engine: &Engine, description: &str) -> Result<FuncType> {
    let ty = parse(engine, description)?;
    if ty.results().len() > 0 {
        return Err(Error::argument("a tag's type has no results"));
    }
    Ok(ty)
}

/// The values of those types that the arrays hold.
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
            'i' => Val::I32(low as i32),
            'l' => Val::I64(low),
            'f' => Val::F32(low as u32),
            'd' => Val::F64(low as u64),
            'v' => Val::V128((u128::from(high as u64) << 64 | u128::from(low as u64)).into()),
            'F' if low < 0 => Val::FuncRef(None),
            'F' => Val::FuncRef(Some(store.data().func(low as jint)?)),
            'E' => {
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

/// Puts the values into the arrays.
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
                return Err(Error::argument(format!("Java has no values of the wasm type {ty}")));
            }
        };
    }
    Ok(arrays.numbers.set_region(env, 0, &numbers)?)
}

/// The one reference that the arrays hold.
pub fn read_ref(
    env: &mut Env<'_>,
    store: &mut StoreContextMut<'_, Data>,
    ty: &RefType,
    arrays: &Arrays<'_, '_>,
) -> Result<Ref> {
    let value = read(env, store, [ValType::Ref(ty.clone())].into_iter(), arrays)?.remove(0);
    value.ref_().ok_or_else(|| Error::argument(format!("Java has no values of the wasm type {ty}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{MemoryType, TableType};

    #[test]
    fn a_function_type_survives_the_way_there_and_back() {
        let engine = Engine::default();
        for description in [":", "li:i", "ilfd:d", "vFE:EFvi"] {
            assert_eq!(description, describe(&parse(&engine, description).unwrap_or_else(|_| panic!("{description}"))));
        }
        for wrong in ["i", "x:", "o:"] {
            assert!(parse(&engine, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn types_are_told_in_words_that_java_reads() {
        let memory = MemoryType::builder().min(1).memory64(true).build().expect("a memory");
        assert_eq!("memory 1 -1 true false 65536", describe_extern(&ExternType::Memory(memory)));
        assert_eq!(
            "table F 2 3 false",
            describe_extern(&ExternType::Table(TableType::new(RefType::FUNCREF, 2, Some(3))))
        );
    }
}
