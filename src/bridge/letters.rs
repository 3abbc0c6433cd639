//! Letters for the types of wasm values, where a type crosses as text. Java reads them in `ValType`.
//!
//! A function type is the letters of its parameters, a colon, and the letters of its results: `li:i` takes an i64 and
//! an i32 and returns an i32. A letter names a nullable reference to anything of its kind. For any other reference type
//! the handle of the exact type stands behind the letter: `s@17;`.

use crate::bridge::error::{Error, Result};

pub const I32: char = 'i';
pub const I64: char = 'l';
pub const F32: char = 'f';
pub const F64: char = 'd';
pub const V128: char = 'v';
pub const FUNCREF: char = 'F';
pub const EXTERNREF: char = 'E';

pub const ANYREF: char = 'a';
pub const EQREF: char = 'q';
pub const I31REF: char = 'j';
pub const STRUCTREF: char = 's';
pub const ARRAYREF: char = 'r';

/// Any reference that is of no use outside of wasm.
pub const OPAQUE: char = 'o';

/// Integers that fields of structs and elements of arrays can be, too.
pub const I8: char = 'b';
pub const I16: char = 'h';

/// Stands behind the letter of a reference of a more exact type, then its handle and [`END`].
pub const EXACT: char = '@';
pub const END: char = ';';

/// Writes a function type.
pub fn join(params: impl Iterator<Item = String>, results: impl Iterator<Item = String>) -> String {
    params.chain([":".to_owned()]).chain(results).collect()
}

/// Splits a function type into the letters of its parameters and those of its results.
pub fn split(description: &str) -> Result<(&str, &str)> {
    description
        .split_once(':')
        .ok_or_else(|| Error::argument(format!("not the description of a function type: '{description}'")))
}
