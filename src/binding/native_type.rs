//! `NativeType`: reference types that no letter names, such as those to the struct and array types of a module, or of
//! Java's making.

use jni::Env;
use jni::objects::{JClass, JString};
use jni::sys::{jboolean, jlong};
use wasmtime::{ArrayType, Engine, FieldType, Finality, HeapType, Mutability, RefType, StorageType, StructType};

use crate::binding::engine::ENGINES;
use crate::binding::types;
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::natives;
use crate::bridge::letters;

/// The types that Java holds. That of a `StructType` or an `ArrayType` is the type of references to it that are not
/// null.
static TYPES: Shared<RefType> = Shared::new("type");

natives! {
    METHODS:
    { fn create_struct(engine: jlong, fields: JString, supertype: jlong, is_final: jboolean) -> jlong }
    { fn create_array(engine: jlong, element: JString, supertype: jlong, is_final: jboolean) -> jlong }
    { fn reference(native_type: jlong, nullable: jboolean) -> jlong }
    { fn fields(native_type: jlong) -> JString }
    { fn supertype(native_type: jlong) -> jlong }
    { fn is_final(native_type: jlong) -> jboolean }
    { fn same(one: jlong, other: jlong) -> jboolean }
    { fn matches(one: jlong, other: jlong) -> jboolean }
    { fn text(native_type: jlong) -> JString }
    { fn destroy(native_type: jlong) -> void }
}

/// The depth of nested types in a text.
const DEPTH: usize = 2;

/// Makes a type Java's, which has to destroy it.
pub fn add(ty: RefType) -> jlong {
    TYPES.insert(ty)
}

/// Makes a struct or array type Java's.
pub fn add_heap(ty: HeapType) -> jlong {
    add(RefType::new(false, ty))
}

/// Returns a type for use with that engine.
pub fn get(engine: &Engine, handle: jlong) -> Result<RefType> {
    let ty = TYPES.get(handle)?.clone();
    match engine_of(&ty) {
        Some(owner) if !Engine::same(owner, engine) => Err(Error::argument("the type belongs to another Engine")),
        _ => Ok(ty),
    }
}

/// Returns a struct type for use with that engine.
pub fn get_struct(engine: &Engine, handle: jlong) -> Result<StructType> {
    let ty = get(engine, handle)?;
    ty.heap_type().as_concrete_struct().cloned().ok_or_else(|| Error::argument("not a struct type"))
}

/// Returns an array type for use with that engine.
pub fn get_array(engine: &Engine, handle: jlong) -> Result<ArrayType> {
    let ty = get(engine, handle)?;
    ty.heap_type().as_concrete_array().cloned().ok_or_else(|| Error::argument("not an array type"))
}

/// Returns the engine that knows the type. None for a type that all engines have.
fn engine_of(ty: &RefType) -> Option<&Engine> {
    match ty.heap_type() {
        HeapType::ConcreteFunc(ty) => Some(ty.engine()),
        HeapType::ConcreteArray(ty) => Some(ty.engine()),
        HeapType::ConcreteStruct(ty) => Some(ty.engine()),
        HeapType::ConcreteCont(ty) => Some(ty.engine()),
        HeapType::ConcreteExn(ty) => Some(ty.engine()),
        _ => None,
    }
}

/// Returns whether wasmtime can compare the two: it panics over types of different engines.
fn comparable(one: &RefType, other: &RefType) -> bool {
    engine_of(one).zip(engine_of(other)).is_none_or(|(one, other)| Engine::same(one, other))
}

/// Returns whether the two are the same type.
pub fn same_type(one: &RefType, other: &RefType) -> bool {
    comparable(one, other) && RefType::eq(one, other)
}

fn create_struct<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    engine: jlong,
    fields: JString<'l>,
    supertype: jlong,
    is_final: jboolean,
) -> Result<jlong> {
    let text = fields.try_to_string(env)?;
    let owner = ENGINES.get(engine)?;
    let engine = &owner.engine;
    let supertype = if supertype == 0 { None } else { Some(get_struct(engine, supertype)?) };
    let fields = parse_fields(engine, &text)?;
    let ty = StructType::with_finality_and_supertype(engine, finality(is_final), supertype.as_ref(), fields)?;
    Ok(add_heap(ty.into()))
}

fn create_array<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    engine: jlong,
    element: JString<'l>,
    supertype: jlong,
    is_final: jboolean,
) -> Result<jlong> {
    let text = element.try_to_string(env)?;
    let owner = ENGINES.get(engine)?;
    let engine = &owner.engine;
    let supertype = if supertype == 0 { None } else { Some(get_array(engine, supertype)?) };
    let fields = parse_fields(engine, &text)?;
    let [element] = &fields[..] else { return Err(Error::argument("an array has one type of elements")) };
    let ty = ArrayType::with_finality_and_supertype(engine, finality(is_final), supertype.as_ref(), element.clone())?;
    Ok(add_heap(ty.into()))
}

fn finality(is_final: bool) -> Finality {
    if is_final { Finality::Final } else { Finality::NonFinal }
}

/// Reads fields: each is `m` (mutable) or `c` (constant), then the type of what it stores.
fn parse_fields(engine: &Engine, mut text: &str) -> Result<Vec<FieldType>> {
    let mut fields = Vec::new();
    while !text.is_empty() {
        let (mutability, stored) = match (text.strip_prefix('m'), text.strip_prefix('c')) {
            (Some(stored), _) => (Mutability::Var, stored),
            (_, Some(stored)) => (Mutability::Const, stored),
            _ => return Err(Error::argument(format!("not the description of a field: '{text}'"))),
        };
        let (stored, rest) = if let Some(rest) = stored.strip_prefix(letters::I8) {
            (StorageType::I8, rest)
        } else if let Some(rest) = stored.strip_prefix(letters::I16) {
            (StorageType::I16, rest)
        } else {
            let (ty, rest) = types::parse_first(engine, stored)?;
            (StorageType::ValType(ty), rest)
        };
        fields.push(FieldType::new(mutability, stored));
        text = rest;
    }
    Ok(fields)
}

fn describe_field(field: &FieldType) -> String {
    let mutability = if field.mutability().is_var() { 'm' } else { 'c' };
    let stored = match field.element_type() {
        StorageType::I8 => letters::I8.to_string(),
        StorageType::I16 => letters::I16.to_string(),
        StorageType::ValType(ty) => types::describe_value(ty),
    };
    format!("{mutability}{stored}")
}

/// The fields of a struct type, or the elements of an array type.
fn fields_of(ty: &RefType) -> Result<Vec<FieldType>> {
    match ty.heap_type() {
        HeapType::ConcreteStruct(ty) => Ok(ty.fields().collect()),
        HeapType::ConcreteArray(ty) => Ok(vec![ty.field_type()]),
        _ => Err(Error::argument("the type has no fields")),
    }
}

/// A type of references to the same.
fn reference(_: &mut Env<'_>, _: JClass<'_>, native_type: jlong, nullable: jboolean) -> Result<jlong> {
    let heap = TYPES.get(native_type)?.heap_type().clone();
    Ok(add(RefType::new(nullable, heap)))
}

fn fields<'l>(env: &mut Env<'l>, _: JClass<'l>, native_type: jlong) -> Result<JString<'l>> {
    let text: String = fields_of(&*TYPES.get(native_type)?)?.iter().map(describe_field).collect();
    Ok(JString::from_str(env, text)?)
}

/// The type that a struct or array type was declared a subtype of; 0 where there is none.
fn supertype(_: &mut Env<'_>, _: JClass<'_>, native_type: jlong) -> Result<jlong> {
    let supertype = match TYPES.get(native_type)?.heap_type() {
        HeapType::ConcreteStruct(ty) => ty.supertype().map(HeapType::from),
        HeapType::ConcreteArray(ty) => ty.supertype().map(HeapType::from),
        _ => None,
    };
    Ok(supertype.map_or(0, add_heap))
}

fn is_final(_: &mut Env<'_>, _: JClass<'_>, native_type: jlong) -> Result<jboolean> {
    Ok(match TYPES.get(native_type)?.heap_type() {
        HeapType::ConcreteStruct(ty) => ty.finality().is_final(),
        HeapType::ConcreteArray(ty) => ty.finality().is_final(),
        _ => true,
    })
}

fn same(_: &mut Env<'_>, _: JClass<'_>, one: jlong, other: jlong) -> Result<jboolean> {
    Ok(same_type(&*TYPES.get(one)?, &*TYPES.get(other)?))
}

/// Returns whether values of the one type are values of the other.
fn matches(_: &mut Env<'_>, _: JClass<'_>, one: jlong, other: jlong) -> Result<jboolean> {
    let (one, other) = (TYPES.get(one)?, TYPES.get(other)?);
    Ok(comparable(&one, &other) && one.matches(&other))
}

fn text<'l>(env: &mut Env<'l>, _: JClass<'l>, native_type: jlong) -> Result<JString<'l>> {
    let text = reference_text(&*TYPES.get(native_type)?, DEPTH);
    Ok(JString::from_str(env, text)?)
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, native_type: jlong) -> Result<()> {
    TYPES.close(native_type);
    Ok(())
}

fn reference_text(ty: &RefType, depth: usize) -> String {
    let null = if ty.is_nullable() { "null " } else { "" };
    let heap = match ty.heap_type() {
        HeapType::ConcreteStruct(_) if depth == 0 => "(struct ...)".to_owned(),
        HeapType::ConcreteArray(_) if depth == 0 => "(array ...)".to_owned(),
        HeapType::ConcreteStruct(ty) => {
            let fields: String = ty.fields().map(|field| format!(" (field {})", field_text(&field, depth))).collect();
            format!("(struct{fields})")
        }
        HeapType::ConcreteArray(ty) => format!("(array {})", field_text(&ty.field_type(), depth)),
        HeapType::ConcreteFunc(_) => "(func ...)".to_owned(),
        other => other.to_string(),
    };
    format!("(ref {null}{heap})")
}

fn field_text(field: &FieldType, depth: usize) -> String {
    let stored = match field.element_type() {
        StorageType::ValType(wasmtime::ValType::Ref(ty)) => reference_text(ty, depth - 1),
        other => other.to_string(),
    };
    if field.mutability().is_var() { format!("(mut {stored})") } else { stored }
}
