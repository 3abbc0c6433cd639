//! Wasm types <-> Java: values and functions by [`letters`], everything else that can be imported or exported by words.

use jni::sys::jlong;
use wasmtime::{Engine, ExternType, FuncType, HeapType, Mutability, RefType, ValType};

use crate::binding::native_type;
use crate::bridge::error::{Error, Result};
use crate::bridge::letters;

/// Returns a type's letter.
pub fn letter(ty: &ValType) -> char {
    match ty {
        ValType::I32 => letters::I32,
        ValType::I64 => letters::I64,
        ValType::F32 => letters::F32,
        ValType::F64 => letters::F64,
        ValType::V128 => letters::V128,
        ValType::Ref(ty) => reference_letter(ty),
    }
}

fn reference_letter(ty: &RefType) -> char {
    match ty.heap_type() {
        HeapType::Eq => letters::EQREF,
        HeapType::I31 => letters::I31REF,
        HeapType::Struct | HeapType::ConcreteStruct(_) => letters::STRUCTREF,
        HeapType::Array | HeapType::ConcreteArray(_) => letters::ARRAYREF,
        other => match other.top() {
            HeapType::Func => letters::FUNCREF,
            HeapType::Extern => letters::EXTERNREF,
            HeapType::Any => letters::ANYREF,
            _ => letters::OPAQUE,
        },
    }
}

/// Returns the reference type that a letter alone names.
fn of_letter(letter: char) -> Option<RefType> {
    match letter {
        letters::FUNCREF => Some(RefType::FUNCREF),
        letters::EXTERNREF => Some(RefType::EXTERNREF),
        letters::ANYREF => Some(RefType::ANYREF),
        letters::EQREF => Some(RefType::EQREF),
        letters::I31REF => Some(RefType::I31REF),
        letters::STRUCTREF => Some(RefType::STRUCTREF),
        letters::ARRAYREF => Some(RefType::ARRAYREF),
        _ => None,
    }
}

/// Describes the type of a value: its letter, and the handle of the exact type where the letter does not name it. Java
/// owns that handle.
pub fn describe_value(ty: &ValType) -> String {
    let letter = letter(ty);
    match ty.as_ref() {
        Some(exact) if !of_letter(letter).is_some_and(|ty| native_type::same_type(&ty, exact)) => {
            let handle = native_type::add(exact.clone());
            format!("{letter}{}{handle}{}", letters::EXACT, letters::END)
        }
        _ => letter.to_string(),
    }
}

/// Tells numbers from references and vectors: any 64 bits are a value of such a type, so what Java hands over needs no
/// check.
pub fn is_number(ty: &ValType) -> bool {
    matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
}

/// Describes a function type in letters.
pub fn describe(ty: &FuncType) -> String {
    letters::join(ty.params().map(|ty| describe_value(&ty)), ty.results().map(|ty| describe_value(&ty)))
}

/// Describes a type for `ExternTypes.parse` in Java: a word for the kind, then what that kind consists of.
pub fn describe_extern(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => format!("func {}", describe(ty)),
        ExternType::Global(ty) => {
            format!("global {} {}", describe_value(ty.content()), ty.mutability() == Mutability::Var)
        }
        ExternType::Table(ty) => {
            let maximum = ty.maximum().map_or(-1, |maximum| maximum as jlong);
            let element = describe_value(&ty.element().clone().into());
            format!("table {element} {} {maximum} {}", ty.minimum(), ty.is_64())
        }
        ExternType::Memory(ty) => {
            let maximum = ty.maximum().map_or(-1, |maximum| maximum as jlong);
            format!("memory {} {maximum} {} {} {}", ty.minimum(), ty.is_64(), ty.is_shared(), ty.page_size())
        }
        ExternType::Tag(ty) => format!("tag {}", describe(ty.ty())),
    }
}

fn parse_letter(letter: char) -> Result<ValType> {
    match letter {
        letters::I32 => Ok(ValType::I32),
        letters::I64 => Ok(ValType::I64),
        letters::F32 => Ok(ValType::F32),
        letters::F64 => Ok(ValType::F64),
        letters::V128 => Ok(ValType::V128),
        other => of_letter(other)
            .map(ValType::Ref)
            .ok_or_else(|| Error::argument(format!("Java cannot name the wasm type '{other}'"))),
    }
}

/// Reads the type at the beginning of a text, and returns the rest of it.
pub fn parse_first<'t>(engine: &Engine, text: &'t str) -> Result<(ValType, &'t str)> {
    let wrong = || Error::argument(format!("not the description of a type: '{text}'"));
    let letter = text.chars().next().ok_or_else(wrong)?;
    let rest = &text[letter.len_utf8()..];
    let Some(exact) = rest.strip_prefix(letters::EXACT) else { return Ok((parse_letter(letter)?, rest)) };
    let (handle, rest) = exact.split_once(letters::END).ok_or_else(wrong)?;
    let ty = native_type::get(engine, handle.parse::<jlong>().map_err(|_| wrong())?)?;
    Ok((ty.into(), rest))
}

/// Reads the type of one value.
pub fn parse_value(engine: &Engine, text: &str) -> Result<ValType> {
    match parse_first(engine, text)? {
        (ty, "") => Ok(ty),
        _ => Err(Error::argument(format!("more than one type: '{text}'"))),
    }
}

/// Reads a function type.
pub fn parse(engine: &Engine, description: &str) -> Result<FuncType> {
    let types = |mut text: &str| {
        let mut types = Vec::new();
        while !text.is_empty() {
            let (ty, rest) = parse_first(engine, text)?;
            types.push(ty);
            text = rest;
        }
        Ok::<_, Error>(types)
    };
    let (params, results) = letters::split(description)?;
    Ok(FuncType::new(engine, types(params)?, types(results)?))
}

/// Reads the type of a tag's payload, which has no results.
pub fn parse_payload(engine: &Engine, description: &str) -> Result<FuncType> {
    let ty = parse(engine, description)?;
    if ty.results().len() > 0 {
        return Err(Error::argument("a tag's type has no results"));
    }
    Ok(ty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{MemoryType, StructType, TableType};

    #[test]
    fn a_function_type_survives_the_way_there_and_back() {
        let engine = Engine::default();
        for description in [":", "li:i", "ilfd:d", "vFE:EFvi", "aqjsr:a"] {
            assert_eq!(description, describe(&parse(&engine, description).unwrap_or_else(|_| panic!("{description}"))));
        }
        for wrong in ["i", "x:", "o:", "b:", "s@:", "s@1", "s@1;:", "s@x;:"] {
            assert!(parse(&engine, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn exact_types_cross_by_handle() {
        let engine = Engine::default();
        let other = Engine::default();
        let exact = RefType::new(false, HeapType::Extern);
        let concrete = RefType::new(true, StructType::new(&engine, []).expect("a type").into());
        let ty = FuncType::new(&engine, [exact.into()], [concrete.into()]);
        let description = describe(&ty);
        let parsed = parse(&engine, &description).unwrap_or_else(|_| panic!("{description}"));
        assert!(FuncType::eq(&ty, &parsed), "{description}");
        assert!(parse(&other, &description).is_err(), "a type of another engine");
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
