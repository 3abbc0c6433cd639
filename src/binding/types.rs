//! Wasm types <-> Java: values and functions by [`letters`], everything else that can be imported or exported by words.

use jni::sys::jlong;
use wasmtime::{Engine, ExternType, FuncType, HeapType, Mutability, RefType, ValType};

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
    match ty.heap_type().top() {
        HeapType::Func => letters::FUNCREF,
        HeapType::Extern => letters::EXTERNREF,
        _ => letters::OPAQUE,
    }
}

/// Tells numbers from references and vectors: any 64 bits are a value of such a type, so what Java hands over needs no
/// check.
pub fn is_number(ty: &ValType) -> bool {
    matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
}

/// Describes a function type in letters.
pub fn describe(ty: &FuncType) -> String {
    letters::join(ty.params().map(|ty| letter(&ty)), ty.results().map(|ty| letter(&ty)))
}

/// Describes a type for `ExternTypes.parse` in Java: a word for the kind, then what that kind consists of.
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

/// Reads the type of a value.
pub fn parse_value_type(letter: char) -> Result<ValType> {
    match letter {
        letters::I32 => Ok(ValType::I32),
        letters::I64 => Ok(ValType::I64),
        letters::F32 => Ok(ValType::F32),
        letters::F64 => Ok(ValType::F64),
        letters::V128 => Ok(ValType::V128),
        letters::FUNCREF => Ok(ValType::FUNCREF),
        letters::EXTERNREF => Ok(ValType::EXTERNREF),
        other => Err(Error::argument(format!("Java cannot name the wasm type '{other}'"))),
    }
}

/// Reads a function type.
pub fn parse(engine: &Engine, description: &str) -> Result<FuncType> {
    let types = |letters: &str| letters.chars().map(parse_value_type).collect::<Result<Vec<_>>>();
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
