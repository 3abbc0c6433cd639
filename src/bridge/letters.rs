//! Letters for the types of wasm values, where a type crosses as text. Java reads them in `ValType`.
//!
//! A function type is the letters of its parameters, a colon, and the letters of its results: `li:i` takes an i64 and
//! an i32 and returns an i32.

use crate::bridge::error::{Error, Result};

pub const I32: char = 'i';
pub const I64: char = 'l';
pub const F32: char = 'f';
pub const F64: char = 'd';
pub const V128: char = 'v';
pub const FUNCREF: char = 'F';
pub const EXTERNREF: char = 'E';

/// Any reference that is of no use outside of wasm.
pub const OPAQUE: char = 'o';

/// Writes a function type.
pub fn join(params: impl Iterator<Item = char>, results: impl Iterator<Item = char>) -> String {
    params.chain([':']).chain(results).collect()
}

/// Splits a function type into the letters of its parameters and those of its results.
pub fn split(description: &str) -> Result<(&str, &str)> {
    description
        .split_once(':')
        .ok_or_else(|| Error::argument(format!("not the description of a function type: '{description}'")))
}
