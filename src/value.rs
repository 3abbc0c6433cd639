//! Wasm types and values <-> Java. A value crosses as a long with its bits in the lower end, a function type as the
//! letters of its parameters, a colon, and the letters of its results: `li:i` takes an i64 and an i32 and returns an
//! i32.

use wasmtime::{Engine, FuncType, ValType};

use crate::error::{Error, Result};

fn letter(ty: &ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'l',
        ValType::F32 => 'f',
        ValType::F64 => 'd',
        ValType::V128 => 'v',
        ValType::Ref(_) => 'r',
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

pub fn parse(engine: &Engine, description: &str) -> Result<FuncType> {
    let types = |letters: &str| -> Result<Vec<ValType>> {
        letters
            .chars()
            .map(|letter| match letter {
                'i' => Ok(ValType::I32),
                'l' => Ok(ValType::I64),
                'f' => Ok(ValType::F32),
                'd' => Ok(ValType::F64),
                other => Err(Error::Argument(format!("no wasm type has the letter '{other}'"))),
            })
            .collect()
    };
    let (params, results) = description
        .split_once(':')
        .ok_or_else(|| Error::Argument(format!("not the description of a function type: '{description}'")))?;
    Ok(FuncType::new(engine, types(params)?, types(results)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_type_survives_the_way_there_and_back() {
        let engine = Engine::default();
        for description in [":", "li:i", "ilfd:d"] {
            assert_eq!(description, describe(&parse(&engine, description).unwrap_or_else(|_| panic!("{description}"))));
        }
        assert!(parse(&engine, "i").is_err());
        assert!(parse(&engine, "x:").is_err());
    }
}
