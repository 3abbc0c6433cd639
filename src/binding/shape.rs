//! The ways in which a function's values can cross.

use wasmtime::FuncType;

use crate::binding::types;

/// Most parameters of a function whose values cross as they are and few: most functions have no more. Java knows the
/// number by the methods `callPlain` and `HostFunction.call`.
pub const PLAIN_PARAMS: usize = 4;

/// Most parameters of a function whose values cross as they are at all. Java knows the number by the methods `callMany`
/// and `HostManyFunction.call`.
pub const MANY_PARAMS: usize = 16;

/// The cheapest way in which a function's values can cross.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Numbers, [`PLAIN_PARAMS`] parameters and one result at most: as they are.
    Plain,
    /// Numbers, [`MANY_PARAMS`] parameters and one result at most: as they are, too.
    Many,
    /// Anything: in arrays.
    Any,
}

impl Shape {
    /// Returns the shape of functions of that type.
    pub fn of(ty: &FuncType) -> Self {
        let (params, results) = (ty.params().len(), ty.results().len());
        if results > 1 || !ty.params().chain(ty.results()).all(|ty| types::is_number(&ty)) {
            Shape::Any
        } else if params <= PLAIN_PARAMS {
            Shape::Plain
        } else if params <= MANY_PARAMS {
            Shape::Many
        } else {
            Shape::Any
        }
    }

    /// Returns whether the values can cross as that many longs and a long back.
    #[inline]
    pub const fn fits(self, params: usize) -> bool {
        match self {
            Shape::Plain => params >= PLAIN_PARAMS,
            Shape::Many => params >= MANY_PARAMS,
            Shape::Any => false,
        }
    }
}
